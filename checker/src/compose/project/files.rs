//! Where a project's files come from, and which paths lead out of its folder.

use std::collections::BTreeMap;

/// What came of reading a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// There is no such file.
    Missing,
    /// It is there and cannot be read; why, in a few words.
    Refused(String),
    /// Nobody knows whether it is there: only one text is looked at.
    Unknown,
}

/// Gives the files of a project's folder.
pub trait Files {
    /// Reads a file by its path from the folder, with `/`, without `.` and `..`.
    fn read(&self, path: &str) -> Read;
}

/// Files in memory.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Read {
        self.get(path)
            .map_or(Read::Missing, |bytes| Read::Bytes(bytes.clone()))
    }
}

/// One file, of whose surroundings nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Single<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl Files for Single<'_> {
    fn read(&self, path: &str) -> Read {
        if path == self.path {
            Read::Bytes(self.bytes.to_vec())
        } else {
            Read::Unknown
        }
    }
}

/// A path as seen from the project's folder: `web/x`, `.` for the folder itself, `../x` for what is outside; an
/// absolute path, or one from a home folder, stays as it is.
pub(super) fn join(folder: &str, path: &str) -> String {
    if is_absolute(path) {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// Whether a joined path stays in the folder.
pub(super) fn is_inside(path: &str) -> bool {
    !is_absolute(path) && path != ".." && !path.starts_with("../")
}

pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '~', '\\'])
        || path.as_bytes().get(1) == Some(&b':')
            && path.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The folder of a file; `.` for the project's own.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// A path of the host in the effective model: `.`, `./web`, `../x`, `/x`.
pub(super) fn shown(folder: &str, path: &str) -> String {
    let joined = join(folder, path);
    if joined == "." || joined == ".." || joined.starts_with("../") || is_absolute(&joined) {
        joined
    } else {
        format!("./{joined}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_do_not_hide_where_they_lead() {
        assert_eq!(join(".", "./web/../db"), "db");
        assert_eq!(join("sub", "../x"), "x");
        assert_eq!(join("sub", "../../x"), "../x");
        assert_eq!(join("sub", ".."), ".");
        assert_eq!(shown("sub", "web/"), "./sub/web");
        assert_eq!(shown(".", "."), ".");
        for outside in ["../x", "/etc/passwd", "~/x", "a/../../x", "C:\\x"] {
            assert!(!is_inside(&join(".", outside)), "{outside}");
        }
        assert!(is_inside(&join("a", "../..x")));
    }
}
