//! Versions of official images whose support has ended, with the month in which it did.
//!
//! A table and not a clock: the same file must give the same findings on every day. Sources: the release schedules of
//! the projects themselves.

/// The month (`2025-10`) in which support of an official image's tag ended; `None` where it has not.
pub(crate) fn ended(name: &str, tag: &str) -> Option<&'static str> {
    if name == "openjdk" {
        return Some("2022-07");
    }
    if name == "centos" {
        return Some("2024-06");
    }
    // `3.13-buster`: the Debian below is too old, whatever stands on it.
    let words = || tag.split(['-', '_']);
    let codename = CODENAMES
        .iter()
        .find(|(codename, _)| words().any(|word| word == *codename));
    if let Some(&(_, month)) = codename {
        return Some(month);
    }
    let alpine = words()
        .find_map(|word| version(word.strip_prefix("alpine")?))
        .and_then(|version| look_up("alpine", version));
    alpine.or_else(|| look_up(name, version(tag)?))
}

fn look_up(name: &str, version: (u32, Option<u32>)) -> Option<&'static str> {
    let (_, rows) = IMAGES.iter().find(|(image, _)| *image == name)?;
    rows.iter()
        .find(|row| row.covers(version))
        .map(|row| row.month)
}

/// Major and minor number at a tag's start.
fn version(tag: &str) -> Option<(u32, Option<u32>)> {
    let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let length = number(tag);
    let major = tag[..length].parse().ok()?;
    let rest = tag[length..].strip_prefix('.').unwrap_or("");
    Some((major, rest[..number(rest)].parse().ok()))
}

/// All versions up to one.
struct Row {
    from: (u32, u32),
    to: (u32, u32),
    month: &'static str,
}

impl Row {
    fn covers(&self, (major, minor): (u32, Option<u32>)) -> bool {
        // A tag with the major number alone means that line's newest version.
        let version = (major, minor.unwrap_or(u32::MAX));
        self.from <= (major, minor.unwrap_or(u32::MAX)) && version <= self.to
    }
}

const fn to(major: u32, minor: u32, month: &'static str) -> Row {
    Row {
        from: (0, 0),
        to: (major, minor),
        month,
    }
}

const fn line(major: u32, month: &'static str) -> Row {
    Row {
        from: (major, 0),
        to: (major, u32::MAX),
        month,
    }
}

const fn all(to: u32, month: &'static str) -> Row {
    Row {
        from: (0, 0),
        to: (to, u32::MAX),
        month,
    }
}

const CODENAMES: &[(&str, &str)] = &[
    ("wheezy", "2018-05"),
    ("jessie", "2020-06"),
    ("stretch", "2022-06"),
    ("buster", "2024-06"),
    ("bullseye", "2026-08"),
    ("trusty", "2019-04"),
    ("xenial", "2021-04"),
    ("bionic", "2023-05"),
    ("focal", "2025-05"),
];

const IMAGES: &[(&str, &[Row])] = &[
    (
        "python",
        &[
            to(2, 7, "2020-01"),
            all(2, "2020-01"),
            to(3, 7, "2023-06"),
            to(3, 8, "2024-10"),
            to(3, 9, "2025-10"),
            to(3, 10, "2026-10"),
        ],
    ),
    (
        "node",
        &[
            all(14, "2023-04"),
            all(16, "2023-09"),
            line(17, "2022-06"),
            line(18, "2025-04"),
            line(19, "2023-06"),
            line(20, "2026-04"),
            line(21, "2024-06"),
            line(23, "2025-06"),
            line(25, "2026-06"),
        ],
    ),
    (
        "alpine",
        &[
            all(2, "2018-11"),
            to(3, 17, "2024-11"),
            to(3, 18, "2025-05"),
            to(3, 19, "2025-11"),
            to(3, 20, "2026-04"),
            to(3, 21, "2026-11"),
        ],
    ),
    (
        "debian",
        &[all(9, "2022-06"), all(10, "2024-06"), all(11, "2026-08")],
    ),
    (
        "ubuntu",
        &[
            all(16, "2021-04"),
            all(19, "2023-05"),
            to(20, 4, "2025-05"),
            to(20, 10, "2021-07"),
            line(21, "2022-07"),
            Row {
                from: (22, 10),
                to: (23, 10),
                month: "2024-07",
            },
            Row {
                from: (24, 10),
                to: (24, 10),
                month: "2025-07",
            },
            Row {
                from: (25, 4),
                to: (25, 4),
                month: "2026-01",
            },
        ],
    ),
    (
        "postgres",
        &[all(12, "2024-11"), line(13, "2025-11"), line(14, "2026-11")],
    ),
    ("mysql", &[all(5, "2023-10"), to(8, 0, "2026-04")]),
    ("redis", &[all(5, "2022-04"), to(6, 0, "2022-05")]),
    ("mongo", &[all(5, "2024-10"), line(6, "2025-07")]),
    (
        "php",
        &[all(7, "2022-11"), to(8, 0, "2023-11"), to(8, 1, "2025-12")],
    ),
    (
        "ruby",
        &[
            all(2, "2023-03"),
            to(3, 0, "2024-04"),
            to(3, 1, "2025-03"),
            to(3, 2, "2026-03"),
        ],
    ),
    ("golang", &[to(1, 23, "2025-08")]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notes_images_and_others() {
        for (name, tag) in [
            ("node", "14"),
            ("node", "14.21-alpine"),
            ("openjdk", "17-slim"),
            ("alpine", "3.18"),
            ("python", "3.10-slim"),
            ("python", "2.7"),
            ("node", "22-alpine3.18"),
            ("node", "22-buster"),
            ("ubuntu", "20.04"),
            ("debian", "10-slim"),
            ("mysql", "8.0.33"),
        ] {
            assert!(ended(name, tag).is_some(), "{name}:{tag}");
        }
        for (name, tag) in [
            ("node", "22"),
            ("node", "24-alpine"),
            ("python", "3.11-slim"),
            ("python", "3"),
            ("alpine", "3"),
            ("alpine", "3.22"),
            ("alpine", "edge"),
            ("ubuntu", "22.04"),
            ("ubuntu", "24.04"),
            ("debian", "bookworm-slim"),
            ("mysql", "8"),
            ("mysql", "8.4"),
            ("postgres", "15"),
            ("golang", "1"),
            ("nginx", "1.29"),
            ("redis", "6.2"),
        ] {
            assert_eq!(ended(name, tag), None, "{name}:{tag}");
        }
    }
}
