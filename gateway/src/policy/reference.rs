//! Image references as learners write them, brought to one spelling.

use crate::error::Fault;
use crate::names;

/// What a learner can mean by an image's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `python:3.11-slim`; the tag is always there.
    Named { repository: String, tag: String },
    /// `python@sha256:…`.
    Digest { repository: String, digest: String },
    /// A full identifier or the beginning of one, without `sha256:`.
    Id(String),
}

impl Reference {
    /// Reads a reference; `None` where the engine would say that it is invalid.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(id) = text.strip_prefix("sha256:") {
            return (names::is_hex(id) && id.len() <= 64).then(|| Self::Id(id.to_owned()));
        }
        if names::is_full_id(text) {
            return Some(Self::Id(text.to_owned()));
        }
        if let Some((name, digest)) = text.split_once('@') {
            let hex = digest.strip_prefix("sha256:")?;
            let repository = split_tag(name).0;
            return (names::is_full_id(hex) && is_repository(repository)).then(|| Self::Digest {
                repository: familiar(repository).to_owned(),
                digest: digest.to_owned(),
            });
        }
        let (repository, tag) = split_tag(text);
        let tag = tag.unwrap_or("latest");
        (is_repository(repository) && is_tag(tag)).then(|| Self::Named {
            repository: familiar(repository).to_owned(),
            tag: tag.to_owned(),
        })
    }

    /// The one spelling, as the catalogue and the ledger write it.
    pub(crate) fn familiar(&self) -> String {
        match self {
            Self::Named { repository, tag } => format!("{repository}:{tag}"),
            Self::Digest { repository, digest } => format!("{repository}@{digest}"),
            Self::Id(id) => id.clone(),
        }
    }
}

/// What the engine says of a text that is no reference.
pub(crate) fn invalid(text: &str) -> Fault {
    match Reference::parse(&text.to_lowercase()) {
        Some(_) => Fault::bad("invalid reference format: repository name must be lowercase"),
        None => Fault::bad("invalid reference format"),
    }
}

fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

/// `docker.io/library/python` is `python`.
fn familiar(repository: &str) -> &str {
    let short = repository
        .strip_prefix("docker.io/")
        .or_else(|| repository.strip_prefix("index.docker.io/"))
        .unwrap_or(repository);
    match short.strip_prefix("library/") {
        Some(name) if !name.contains('/') => name,
        _ => short,
    }
}

fn is_repository(text: &str) -> bool {
    let mut parts = text.split('/').collect::<Vec<_>>();
    if parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost") {
        let host = parts.remove(0);
        let (name, port) = host.split_once(':').unwrap_or((host, "0"));
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
        if name.is_empty()
            || !name.bytes().all(fits)
            || port.is_empty()
            || !port.bytes().all(|b| b.is_ascii_digit())
        {
            return false;
        }
    }
    text.len() <= 255 && parts.iter().all(|part| is_component(part))
}

fn is_component(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    bytes.first().is_some_and(|b| word(*b))
        && bytes.last().is_some_and(|b| word(*b))
        && bytes
            .iter()
            .all(|b| word(*b) || matches!(b, b'.' | b'_' | b'-'))
        && !part.contains("..")
        && !part.contains("___")
}

fn is_tag(tag: &str) -> bool {
    let bytes = tag.as_bytes();
    bytes
        .first()
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        && tag.len() <= 128
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_has_one_spelling() {
        for text in [
            "python",
            "python:latest",
            "docker.io/library/python",
            "library/python:latest",
        ] {
            assert_eq!(
                Reference::parse(text).expect(text).familiar(),
                "python:latest"
            );
        }
        assert_eq!(
            Reference::parse("localhost:5000/a/b")
                .expect("fine")
                .familiar(),
            "localhost:5000/a/b:latest"
        );
        assert_eq!(
            Reference::parse("me/app:1").expect("fine").familiar(),
            "me/app:1"
        );
    }

    #[test]
    fn identifiers_are_told_from_names() {
        assert_eq!(
            Reference::parse("sha256:ab12"),
            Some(Reference::Id("ab12".into()))
        );
        assert!(matches!(
            Reference::parse("ab12"),
            Some(Reference::Named { .. })
        ));
    }

    #[test]
    fn what_the_engine_calls_invalid_is_none() {
        for text in [
            "",
            "Python",
            "a//b",
            "-a",
            "a:b:c",
            "python:3.11 -slim",
            "a@sha256:12",
            "python:",
            ":1",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
