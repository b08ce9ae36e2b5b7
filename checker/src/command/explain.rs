//! What each part of a command line means.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Serialize;

use super::Fact;
use super::compare::slot_name;
use super::grammar::{Given, Invocation, parse};
use super::slip::cut;
use super::steps::{mistakes, read, unreadable};
use super::value::{Mount, Port};
use crate::Lang;

/// A text that is explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Its parts in the order of the text.
    pub parts: Vec<Part>,
    /// What is wrong with it.
    pub facts: Vec<Fact>,
}

/// One part of a command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where it starts, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// As written.
    pub text: String,
    /// What it means.
    pub meaning: String,
}

/// More parts than this nobody reads.
const MOST_PARTS: usize = 200;

/// Says what each part of a text means, and what is wrong with it.
pub fn explain(text: &str, lang: Lang) -> Explanation {
    let mut parts = Vec::new();
    if unreadable(text, lang).is_none() {
        for step in &read(text).steps {
            if parts.len() >= MOST_PARTS {
                break;
            }
            if step.is_docker() {
                invocation(&parse(step), lang, &mut parts);
            } else {
                let meaning = lang.pick(
                    "docker가 아닌 다른 프로그램. 여기서는 설명하지 않음",
                    "another program than docker; not explained here",
                );
                parts.push((step.range(), meaning.to_owned()));
            }
        }
    }
    parts.sort_by_key(|(range, _)| *range);
    parts.truncate(MOST_PARTS);
    Explanation {
        parts: parts
            .into_iter()
            .map(|((start, end), meaning)| Part {
                start,
                end,
                text: text.get(start..end).map(cut).unwrap_or_default(),
                meaning,
            })
            .collect(),
        facts: mistakes(text, lang),
    }
}

fn invocation(found: &Invocation, lang: Lang, parts: &mut Vec<((usize, usize), String)>) {
    let path = found.command.path;
    let known = meaning(path, lang).map(str::to_owned);
    parts.push((
        found.name,
        known.unwrap_or_else(|| {
            let name = found.command.shown();
            match lang {
                Lang::Ko => format!("`{name}` 명령. 자세한 것은 `{name} --help`"),
                Lang::En => format!("the command `{name}`; see `{name} --help`"),
            }
        }),
    ));
    for given in found.flags.iter().take(MOST_PARTS) {
        parts.push(((given.start, given.end), flag(path, given, lang)));
    }
    let stops = found.command.stops;
    for (at, arg) in found.args.iter().enumerate().take(MOST_PARTS) {
        let (ko, en) = slot_name(found.command.slot(at));
        if stops && at > 0 {
            // All that follows is one command.
            let end = found.range.1;
            parts.push(((arg.start, end), lang.pick(ko, en).to_owned()));
            break;
        }
        let later = if arg.unknown {
            lang.pick(" (실행할 때 정해짐)", " (known when it is run)")
        } else {
            ""
        };
        parts.push(((arg.start, arg.end), lang.pick(ko, en).to_owned() + later));
    }
}

fn flag(path: &str, given: &Given, lang: Lang) -> String {
    let long = given.flag.long;
    let name = format!("`--{long}`");
    let about = meaning(&format!("{} --{long}", given.owner), lang)
        .or_else(|| meaning(&format!("{path} --{long}"), lang))
        .or_else(|| meaning(&format!("--{long}"), lang));
    let mut text = match about {
        Some(about) => format!("{name}: {about}"),
        None => match lang {
            Lang::Ko => format!("{name} 플래그. 자세한 것은 `--help`"),
            Lang::En => format!("the flag {name}; see `--help`"),
        },
    };
    if given.unknown {
        return text;
    }
    if long == "publish"
        && let Some(port) = Port::parse(&given.value)
    {
        let host = if port.host.is_empty() {
            lang.pick("빈 포트", "a free port").to_owned()
        } else {
            port.host
        };
        text += &match lang {
            Lang::Ko => format!(
                " (호스트 {host} → 컨테이너 {}/{})",
                port.container, port.protocol
            ),
            Lang::En => format!(
                " (host {host} → container {}/{})",
                port.container, port.protocol
            ),
        };
    } else if long == "volume"
        && given.flag.repeats()
        && let Some(mount) = Mount::parse(long, &given.value)
    {
        let kind = match (mount.kind.as_str(), mount.source.is_empty()) {
            ("bind", _) => lang.pick("바인드 마운트", "bind mount"),
            (_, true) => lang.pick("익명 볼륨", "anonymous volume"),
            _ => lang.pick("이름 있는 볼륨", "named volume"),
        };
        let access = if mount.read_only {
            lang.pick(", 읽기 전용", ", read-only")
        } else {
            ""
        };
        text += &format!(
            " ({kind}: {} → {}{access})",
            cut(&mount.source),
            cut(&mount.target)
        );
    } else if !given.flag.is_switch() {
        text += &format!(" (`{}`)", cut(&given.value));
    } else if super::value::switch(&given.value) == Some(false) {
        text += lang.pick(" (끔)", " (switched off)");
    }
    text
}

fn meaning(name: &str, lang: Lang) -> Option<&'static str> {
    static ALL: OnceLock<HashMap<&'static str, (&'static str, &'static str)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        include_str!("meanings.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut fields = line.split(" | ");
                Some((fields.next()?, (fields.next()?, fields.next()?)))
            })
            .collect()
    });
    all.get(name).map(|(ko, en)| lang.pick(ko, en))
}

#[cfg(test)]
mod tests {
    use super::super::table::table;
    use super::*;

    #[test]
    fn every_meaning_belongs_to_something() {
        for line in include_str!("meanings.txt").lines().skip(1) {
            let fields: Vec<&str> = line.split(" | ").collect();
            assert_eq!(fields.len(), 3, "{line}");
            let (command, flag) = match fields[0].split_once("--") {
                Some((command, flag)) => (command.trim(), Some(flag)),
                None => (fields[0], None),
            };
            match (command, flag) {
                ("", Some("help")) => {}
                ("", Some(flag)) => {
                    assert!(
                        table().all().iter().any(|c| c.long(flag).is_some()),
                        "{line}"
                    );
                }
                (command, Some(flag)) => {
                    assert!(table().get(command).unwrap().long(flag).is_some(), "{line}");
                }
                (command, None) => assert_eq!(table().get(command).unwrap().path, command),
            }
        }
    }

    #[test]
    fn each_part_is_told_in_both_languages() {
        let text = "docker run -itp 8080:80 -v ./site:/srv:ro nginx nginx -T";
        let found = explain(text, Lang::En);
        let texts: Vec<&str> = found.parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "docker run",
                "-i",
                "t",
                "p 8080:80",
                "-v ./site:/srv:ro",
                "nginx",
                "nginx -T"
            ]
        );
        assert!(
            found.parts[3]
                .meaning
                .contains("host 8080 → container 80/tcp")
        );
        assert!(
            found.parts[4]
                .meaning
                .contains("bind mount: $PWD/site → /srv, read-only")
        );
        assert_eq!(found.parts[6].meaning, "command for the container");
        let mistakes: Vec<_> = found.facts.iter().map(|fact| fact.mistake).collect();
        assert_eq!(mistakes, [Some("relative-bind")]);
        assert!(
            explain(text, Lang::Ko).parts[3]
                .meaning
                .contains("호스트 8080")
        );
    }
}
