//! Image references: `registry/name:tag@digest`.

/// The parts of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Image<'a> {
    /// Registry and repository as written.
    pub(crate) name: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

impl<'a> Image<'a> {
    /// Cuts a reference; nothing is checked.
    pub(crate) fn new(text: &'a str) -> Image<'a> {
        let (rest, digest) = text
            .split_once('@')
            .map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        match rest[last..].find(':') {
            Some(colon) => Image {
                name: &rest[..last + colon],
                tag: Some(&rest[last + colon + 1..]),
                digest,
            },
            None => Image {
                name: rest,
                tag: None,
                digest,
            },
        }
    }

    /// The short name of an official image: `python` of `docker.io/library/python`. `None` for others.
    pub(crate) fn official(&self) -> Option<&'a str> {
        let mut name = self.name;
        for prefix in [
            "docker.io/",
            "index.docker.io/",
            "registry-1.docker.io/",
            "library/",
        ] {
            name = name.strip_prefix(prefix).unwrap_or(name);
        }
        (!name.contains('/')).then_some(name)
    }

    /// Whether Docker takes it.
    pub(super) fn is_valid(&self) -> bool {
        let (domain, path) = match self.name.split_once('/') {
            Some((first, rest))
                if first.contains(['.', ':'])
                    || first == "localhost"
                    || first != first.to_lowercase() =>
            {
                (first, rest)
            }
            _ => ("", self.name),
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let tag = |tag: &str| {
            tag.len() <= 128
                && tag.starts_with(word)
                && tag.chars().all(|c| word(c) || c == '.' || c == '-')
        };
        let digest = |digest: &str| {
            digest.split_once(':').is_some_and(|(algorithm, hex)| {
                !algorithm.is_empty()
                    && hex.len() >= 32
                    && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c))
            && path.split('/').all(component)
            && self.tag.is_none_or(tag)
            && self.digest.is_none_or(digest)
    }
}

fn component(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separated = text
        .split(|c: char| !inner(c))
        .filter(|part| part.is_empty())
        .count();
    text.starts_with(inner)
        && text.ends_with(inner)
        && text.chars().all(|c| inner(c) || "._-".contains(c))
        && !text.contains("..")
        && !text.contains("___")
        // Two different separators do not stand side by side; `--` and `__` may.
        && (separated == 0 || !["._", "_.", ".-", "-.", "_-", "-_"].iter().any(|pair| text.contains(pair)))
}

/// Beginnings of the names of variables that an official image brings along, beside `PATH` and `HOME`.
pub(super) fn inherited_variables(image: &str) -> &'static [&'static str] {
    match Image::new(image).official() {
        Some("python") => &["PYTHON_", "GPG_KEY", "LANG"],
        Some("node") => &["NODE_VERSION", "YARN_VERSION"],
        Some("nginx") => &[
            "NGINX_VERSION",
            "NJS_VERSION",
            "NJS_RELEASE",
            "PKG_RELEASE",
            "DYNPKG_RELEASE",
            "ACME_VERSION",
        ],
        Some("postgres") => &["PG", "LANG", "GOSU_VERSION"],
        Some("redis") => &["REDIS_", "GOSU_VERSION"],
        Some("mysql" | "mariadb") => &["MYSQL_", "MARIADB_", "GOSU_VERSION"],
        Some("golang") => &["GO"],
        Some("rust") => &["RUST", "CARGO_HOME"],
        Some("ruby") => &["RUBY_", "GEM_HOME", "BUNDLE_", "LANG"],
        Some("php") => &["PHP"],
        Some("openjdk" | "eclipse-temurin" | "amazoncorretto" | "maven" | "gradle") => {
            &["JAVA_", "LANG", "LC_ALL", "MAVEN_", "GRADLE_"]
        }
        Some("httpd") => &["HTTPD_"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_cut() {
        let image = Image::new("localhost:5000/a/python:3.11@sha256:00");
        assert_eq!(
            (image.name, image.tag, image.digest),
            ("localhost:5000/a/python", Some("3.11"), Some("sha256:00"))
        );
        assert_eq!(
            Image::new("docker.io/library/python").official(),
            Some("python")
        );
        assert_eq!(Image::new("localhost:5000/python").tag, None);
    }

    #[test]
    fn valid_and_invalid() {
        for good in [
            "python",
            "python:3.11-slim",
            "a/b_c/d--e:1",
            "Registry.io/x",
            "localhost/x",
            "x__y",
            "x.y-z",
        ] {
            assert!(Image::new(good).is_valid(), "{good}");
        }
        for bad in [
            "Python",
            "python:",
            "python:-slim",
            "a//b",
            "",
            "python:3:4",
            "-a",
            "a_",
            "a/B",
            "x___y",
            "python@x",
        ] {
            assert!(!Image::new(bad).is_valid(), "{bad}");
        }
    }
}
