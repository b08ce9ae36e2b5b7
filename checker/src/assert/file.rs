//! A file in an image: whether it is there, and how it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::{Size, human};
use super::{TextMatch, one_line};
use crate::Lang;

/// The most bytes of a file that are read for its content.
pub(crate) const MOST_CONTENT: usize = 1024 * 1024;

/// Demands on one path. A symbolic link is followed, unless a link is what is demanded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileDemand {
    /// The absolute path.
    pub path: String,
    /// Whether something is there.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub exists: bool,
    /// What it is.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<FileKind>,
    /// The content of a regular file; at most 1 MiB is read.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub content: TextMatch,
    /// Permissions in octal digits, `"0755"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `uid:gid` as numbers; `uid` alone leaves the group open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The largest size of a regular file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_size: Option<Size>,
    /// Where a link leads, as written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// What was found at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: FileKind,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) bytes: u64,
    pub(crate) target: Option<String>,
    /// A regular file's content, where it is not too large.
    pub(crate) content: Option<Vec<u8>>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_yes(exists: &bool) -> bool {
    *exists
}

impl FileDemand {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.path.starts_with('/') || self.path.contains('\0') {
            problems.push(format!("`{}` is not an absolute path", self.path));
        }
        if self
            .mode
            .as_deref()
            .is_some_and(|mode| octal(mode).is_none())
        {
            problems.push("`mode` is octal digits such as \"0755\"".to_owned());
        }
        let is_owner = |owner: &str| {
            let mut parts = owner.split(':');
            parts.clone().count() <= 2 && parts.all(|part| part.parse::<u32>().is_ok())
        };
        if self.owner.as_deref().is_some_and(|owner| !is_owner(owner)) {
            problems.push("`owner` is numbers, uid:gid".to_owned());
        }
        let more = self.kind.is_some()
            || !self.content.is_empty()
            || self.mode.is_some()
            || self.owner.is_some()
            || self.max_size.is_some()
            || self.target.is_some();
        if !self.exists && more {
            problems.push(format!(
                "`{}` cannot be absent and have properties",
                self.path
            ));
        }
        problems
    }

    /// Whether a link itself is meant, and not what it leads to.
    pub(crate) fn wants_link(&self) -> bool {
        self.kind == Some(FileKind::Link) || self.target.is_some()
    }

    /// The first thing that is not as it should be: expected and actual.
    pub(crate) fn judge(&self, found: Option<&Found>, lang: Lang) -> Option<(String, String)> {
        let path = &self.path;
        let there = |there| match there {
            true => lang.pick("있음", "there").to_owned(),
            false => lang.pick("없음", "not there").to_owned(),
        };
        let differs = |expected: String, actual: String| {
            (expected != actual)
                .then(|| (format!("{path}: {expected}"), format!("{path}: {actual}")))
        };
        let Some(found) = found.filter(|_| self.exists) else {
            return differs(there(self.exists), there(found.is_some()));
        };
        let kind = self.kind.and_then(|kind| {
            differs(
                kind.label(lang).to_owned(),
                found.kind.label(lang).to_owned(),
            )
        });
        let target = self.target.as_ref().and_then(|target| {
            let actual = found
                .target
                .clone()
                .unwrap_or_else(|| found.kind.label(lang).to_owned());
            differs(format!("-> {target}"), format!("-> {actual}"))
        });
        let mode = self.mode.as_deref().and_then(octal);
        let mode =
            mode.and_then(|mode| differs(format!("{mode:04o}"), format!("{:04o}", found.mode)));
        let owner = self.owner.as_ref().and_then(|owner| {
            let actual = match owner.contains(':') {
                true => format!("{}:{}", found.uid, found.gid),
                false => found.uid.to_string(),
            };
            differs(owner.clone(), actual)
        });
        let size = self
            .max_size
            .filter(|most| found.bytes > most.0)
            .map(|most| {
                let most = match lang {
                    Lang::Ko => format!("{path}: {} 이하", human(most.0)),
                    Lang::En => format!("{path}: at most {}", human(most.0)),
                };
                (most, format!("{path}: {}", human(found.bytes)))
            });
        kind.or(target)
            .or(mode)
            .or(owner)
            .or(size)
            .or_else(|| self.judge_content(found, lang))
    }

    fn judge_content(&self, found: &Found, lang: Lang) -> Option<(String, String)> {
        if self.content.is_empty() {
            return None;
        }
        let actual = match (&found.content, found.kind) {
            (Some(content), _) => {
                let text = String::from_utf8_lossy(content);
                if self.content.holds(&text) {
                    return None;
                }
                format!("\"{}\"", one_line(&text))
            }
            (None, FileKind::File) => human(found.bytes),
            (None, kind) => kind.label(lang).to_owned(),
        };
        let path = &self.path;
        let wanted = self.content.wanted(lang);
        Some((format!("{path}: {wanted}"), format!("{path}: {actual}")))
    }
}

impl FileKind {
    fn label(self, lang: Lang) -> &'static str {
        match self {
            FileKind::File => lang.pick("일반 파일", "a regular file"),
            FileKind::Folder => lang.pick("폴더", "a folder"),
            FileKind::Link => lang.pick("심볼릭 링크", "a symbolic link"),
            FileKind::Other => lang.pick("특수 파일", "a special file"),
        }
    }
}

fn octal(mode: &str) -> Option<u32> {
    u32::from_str_radix(mode, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        Found {
            kind: FileKind::File,
            mode: 0o644,
            uid: 1000,
            gid: 1000,
            bytes: 6,
            target: None,
            content: Some(b"hello\n".to_vec()),
        }
    }

    fn demand(yaml: &str) -> FileDemand {
        let demand: FileDemand = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(demand.problems(), Vec::<String>::new());
        demand
    }

    #[test]
    fn what_is_demanded_is_compared() {
        let good = "{path: /a, type: file, content: {equals: hello}, mode: '0644', owner: '1000:1000', max-size: 1kB}";
        assert_eq!(demand(good).judge(Some(&found()), Lang::En), None);
        assert_eq!(
            demand("{path: /a, exists: false}").judge(None, Lang::En),
            None
        );
        for (yaml, expected, actual) in [
            ("{path: /a, exists: false}", "/a: not there", "/a: there"),
            ("{path: /a, mode: '755'}", "/a: 0755", "/a: 0644"),
            ("{path: /a, owner: '0'}", "/a: 0", "/a: 1000"),
            (
                "{path: /a, type: folder}",
                "/a: a folder",
                "/a: a regular file",
            ),
            ("{path: /a, max-size: 5}", "/a: at most 5B", "/a: 6B"),
            ("{path: /a, target: b}", "/a: -> b", "/a: -> a regular file"),
            (
                "{path: /a, content: {equals: bye}}",
                "/a: \"bye\"",
                "/a: \"hello\"",
            ),
        ] {
            let told = demand(yaml).judge(Some(&found()), Lang::En);
            assert_eq!(
                told,
                Some((expected.to_owned(), actual.to_owned())),
                "{yaml}"
            );
        }
        let missing = demand("{path: /a}").judge(None, Lang::Ko);
        assert_eq!(
            missing,
            Some(("/a: 있음".to_owned(), "/a: 없음".to_owned()))
        );
    }

    #[test]
    fn what_makes_no_sense_is_a_problem() {
        for yaml in [
            "{path: a}",
            "{path: /a, mode: '9'}",
            "{path: /a, owner: root}",
            "{path: /a, exists: false, mode: '0644'}",
        ] {
            let demand: FileDemand = serde_yaml::from_str(yaml).unwrap();
            assert!(!demand.problems().is_empty(), "{yaml}");
        }
    }
}
