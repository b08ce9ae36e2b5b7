//! The smaller forms of a container assertion: ports, sizes, mounts, files, processes, commands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::assert::fact::{Count, Fact};
use crate::assert::{TextMatch, one_line};
use crate::snapshot::{FileKind, FileSeen, Mount, Port};

/// What has happened to a container since the check began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Nothing: the same container, in the same run. It must stay so until `within` is over.
    Untouched,
    /// The same container, started again.
    Restarted,
    /// Another container of the same name.
    Recreated,
}

/// A mount as it must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MountPattern {
    /// `volume`, `bind` or `tmpfs`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The volume's name, or the end of the folder's path on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The place in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whether it can only be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

impl MountPattern {
    pub(super) fn fits(&self, mount: &Mount) -> bool {
        let source = self.source.as_deref().is_none_or(|wanted| {
            mount.source == wanted
                || mount
                    .source
                    .strip_suffix(wanted)
                    .is_some_and(|rest| rest.ends_with(['/', '_']) || wanted.starts_with('/'))
        });
        let target =
            |wanted: &str| mount.target.trim_end_matches('/') == wanted.trim_end_matches('/');
        self.kind
            .as_ref()
            .is_none_or(|wanted| *wanted == mount.kind)
            && source
            && self.target.as_deref().is_none_or(target)
            && self
                .read_only
                .is_none_or(|wanted| wanted == mount.read_only)
    }

    pub(super) fn in_words(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "…".to_owned());
        words(
            &part(&self.kind),
            &part(&self.source),
            &part(&self.target),
            self.read_only == Some(true),
        )
    }
}

fn words(kind: &str, source: &str, target: &str, read_only: bool) -> String {
    format!(
        "{kind} {source}:{target}{}",
        if read_only { ":ro" } else { "" }
    )
}

/// A mount as it is, in one line.
pub(super) fn mount_in_words(mount: &Mount) -> String {
    let short = if mount.source.len() == 64 {
        &mount.source[..12]
    } else {
        &mount.source
    };
    words(&mount.kind, short, &mount.target, mount.read_only)
}

/// A file as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileState {
    /// Where it is; in a volume, below the volume's own root.
    pub path: String,
    /// Whether it is there.
    #[serde(default = "yes")]
    pub exists: bool,
    /// Its text.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub content: TextMatch,
}

fn yes() -> bool {
    true
}

impl FileState {
    pub(crate) fn problem(&self) -> Option<String> {
        if self.path.is_empty() {
            Some("a path of `files` is empty".to_owned())
        } else if !self.exists && !self.content.is_empty() {
            Some(format!("`{}` cannot be absent and have content", self.path))
        } else {
            None
        }
    }

    /// Compares it with what was seen.
    pub(crate) fn fact(&self, seen: &[FileSeen], lang: Lang) -> Fact {
        let missing = FileKind::Missing;
        let found = seen
            .iter()
            .find(|file| file.path == self.path)
            .map_or(&missing, |file| &file.what);
        let (holds, actual) = match found {
            FileKind::Missing => (!self.exists, lang.pick("없음", "not there").to_owned()),
            FileKind::File { text } => (
                self.exists && self.content.holds(text),
                format!("\"{}\"", one_line(text)),
            ),
            FileKind::Folder { names } => (
                self.exists && self.content.is_empty(),
                format!("{} [{}]", lang.pick("폴더", "folder"), names.join(", ")),
            ),
            FileKind::Other => (
                self.exists && self.content.is_empty(),
                lang.pick("특수 파일", "no plain file").to_owned(),
            ),
        };
        let wanted = match (self.exists, self.content.is_empty()) {
            (false, _) => lang.pick("없음", "not there").to_owned(),
            (true, true) => lang.pick("있음", "there").to_owned(),
            (true, false) => self.content.wanted(lang),
        };
        Fact::new(&self.path, holds, wanted, actual)
    }
}

/// The processes of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Processes {
    /// Pieces of command lines that must be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// Pieces of command lines that must not be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
}

/// A command that is run in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exec {
    /// Word by word; no shell reads it.
    pub command: Vec<String>,
    /// The user; without it the container's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The exit code.
    #[serde(default)]
    pub exit_code: i64,
    /// What it prints, on both streams.
    #[serde(default, skip_serializing_if = "TextMatch::is_empty")]
    pub output: TextMatch,
}

/// A published port as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PortPattern {
    pub(crate) ip: Option<String>,
    pub(crate) host: Option<u16>,
    pub(crate) container: u16,
    pub(crate) protocol: String,
}

/// Reads `8080:80`, `127.0.0.1:8080:80/udp`, `80`.
pub(crate) fn port(text: &str) -> Option<PortPattern> {
    let (text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !["tcp", "udp", "sctp"].contains(&protocol) {
        return None;
    }
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let (rest, container) = match text.rsplit_once(':') {
        Some((rest, container)) => (Some(rest), number(container)?),
        None => (None, number(text)?),
    };
    let (ip, host) = match rest.map(|rest| {
        rest.rsplit_once(':')
            .map_or((None, rest), |(ip, host)| (Some(ip), host))
    }) {
        None => (None, None),
        Some((ip, "")) => (ip, None),
        Some((ip, host)) => (ip, Some(number(host)?)),
    };
    Some(PortPattern {
        ip: ip.map(str::to_owned),
        host,
        container,
        protocol: protocol.to_owned(),
    })
}

impl PortPattern {
    pub(super) fn fits(&self, port: &Port) -> bool {
        self.container == port.container
            && self.protocol == port.protocol
            && self.host.is_none_or(|host| host == port.host)
            && self.ip.as_ref().is_none_or(|ip| *ip == port.host_ip)
    }
}

/// A port as it is, as `-p` takes it.
pub(super) fn port_in_words(port: &Port) -> String {
    let ip = if port.host_ip == "0.0.0.0" {
        String::new()
    } else {
        format!("{}:", port.host_ip)
    };
    let protocol = if port.protocol == "tcp" {
        String::new()
    } else {
        format!("/{}", port.protocol)
    };
    format!("{ip}{}:{}{protocol}", port.host, port.container)
}

/// Reads a size as `-m` takes it.
pub(crate) fn bytes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let (number, factor) = match text.char_indices().next_back()? {
        (at, 'k') => (&text[..at], 1 << 10),
        (at, 'm') => (&text[..at], 1 << 20),
        (at, 'g') => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    number
        .parse::<i64>()
        .ok()
        .filter(|number| *number >= 0)?
        .checked_mul(factor)
}

/// A size in the largest unit that it fills.
pub(super) fn size_in_words(bytes: i64) -> String {
    for (unit, factor) in [("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)] {
        if bytes >= factor && bytes % factor == 0 {
            return format!("{}{unit}", bytes / factor);
        }
    }
    bytes.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_as_the_flag_takes_them() {
        let read = |text: &str| port(text).map(|p| (p.ip, p.host, p.container, p.protocol));
        assert_eq!(read("8080:80"), Some((None, Some(8080), 80, "tcp".into())));
        assert_eq!(read("53/udp"), Some((None, None, 53, "udp".into())));
        assert_eq!(
            read("127.0.0.1:8080:80"),
            Some((Some("127.0.0.1".into()), Some(8080), 80, "tcp".into()))
        );
        assert_eq!(
            read("127.0.0.1::80"),
            Some((Some("127.0.0.1".into()), None, 80, "tcp".into()))
        );
        for wrong in ["", "0", "80:", "x:80", "99999", "80/ftp"] {
            assert_eq!(port(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_bind_mount_is_known_by_the_end_of_its_folder() {
        let mount = |kind: &str, source: &str| Mount {
            kind: kind.into(),
            source: source.into(),
            target: "/app".into(),
            read_only: true,
        };
        let pattern: MountPattern =
            serde_yaml::from_str("{type: bind, source: board/src, target: /app/}").unwrap();
        assert!(pattern.fits(&mount("bind", "/home/me/board/src")));
        assert!(!pattern.fits(&mount("bind", "/home/me/clipboard/src")));
        assert!(!pattern.fits(&mount("volume", "board/src")));
        let named: MountPattern = serde_yaml::from_str("{source: notes, read-only: true}").unwrap();
        assert!(named.fits(&mount("volume", "notes")));
        assert!(named.fits(&mount("volume", "board_notes")));
        assert!(!named.fits(&mount("volume", "keynotes")));
    }

    proptest::proptest! {
        #[test]
        fn sizes_come_back_as_they_were(bytes_in in 0i64..i64::MAX / 2) {
            proptest::prop_assert_eq!(bytes(&size_in_words(bytes_in)), Some(bytes_in));
        }

        #[test]
        fn any_text_is_no_panic(text in "\\PC{0,20}") {
            let _ = (port(&text), bytes(&text));
        }
    }
}
