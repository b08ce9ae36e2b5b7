//! Durations and sizes in the one way in which Compose prints them.

/// A duration as Go writes it: `90s` is `1m30s`.
pub(super) fn duration(text: &str) -> Option<String> {
    let (mut rest, mut nanos) = (text, 0f64);
    if rest == "0" {
        return Some("0s".to_owned());
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, after) = rest.split_at(number);
        let (unit, factor) = [
            ("ns", 1.0),
            ("us", 1e3),
            ("µs", 1e3),
            ("ms", 1e6),
            ("s", 1e9),
            ("m", 60e9),
            ("h", 3600e9),
            ("d", 86_400e9),
            ("w", 604_800e9),
        ]
        .into_iter()
        .filter(|(unit, _)| after.starts_with(unit))
        .max_by_key(|(unit, _)| unit.len())?;
        nanos += digits.parse::<f64>().ok()? * factor;
        rest = &after[unit.len()..];
    }
    let whole = |number: f64| -> String {
        let text = format!("{number:.9}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if nanos < 1e9 {
        return Some(match nanos {
            0.0 => "0s".to_owned(),
            n if n < 1e3 => format!("{}ns", whole(n)),
            n if n < 1e6 => format!("{}µs", whole(n / 1e3)),
            n => format!("{}ms", whole(n / 1e6)),
        });
    }
    let seconds = nanos / 1e9;
    let hours = (seconds / 3600.0).floor();
    let minutes = ((seconds - hours * 3600.0) / 60.0).floor();
    let rest = whole(seconds - hours * 3600.0 - minutes * 60.0);
    Some(if hours > 0.0 {
        format!("{hours}h{minutes}m{rest}s")
    } else if minutes > 0.0 {
        format!("{minutes}m{rest}s")
    } else {
        format!("{rest}s")
    })
}

/// A size in bytes: `1.5g`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let number = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(number);
    let unit = unit.trim_start();
    let letter = unit
        .strip_suffix("ib")
        .or_else(|| unit.strip_suffix('b'))
        .unwrap_or(unit);
    let power = match letter {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let size = digits.parse::<f64>().ok()? * 1024f64.powi(power);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is not negative, and one that is too large becomes the largest"
    )]
    Some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_to_write_each() {
        for (text, expected) in [
            ("90s", "1m30s"),
            ("1.5h", "1h30m0s"),
            ("30s", "30s"),
            ("500ms", "500ms"),
            ("1m", "1m0s"),
            ("1500ms", "1.5s"),
            ("0", "0s"),
            ("1d", "24h0m0s"),
        ] {
            assert_eq!(duration(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(duration("30"), None);
        for (text, expected) in [
            ("512m", 536_870_912),
            ("1.5gb", 1_610_612_736),
            ("64MiB", 67_108_864),
            ("7", 7),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        assert_eq!(bytes("lots"), None);
    }
}
