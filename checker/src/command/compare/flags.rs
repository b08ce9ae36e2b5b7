//! How the flags of two commands differ.

use std::collections::BTreeSet;

use super::super::grammar::{Given, Invocation};
use super::super::slip::{cut, flag_name};
use super::super::value::{self, Mount, Port};
use super::Differences;
use super::instead;
use super::values::{Values, values};

impl Differences {
    pub(super) fn flags(&mut self, reference: &Invocation, typed: &Invocation) {
        let (wanted, given) = (values(reference), values(typed));
        let keys: BTreeSet<_> = wanted.keys().chain(given.keys()).copied().collect();
        let none = Vec::new();
        for key in keys {
            let wanted = wanted.get(&key).unwrap_or(&none);
            let given = given.get(&key).unwrap_or(&none);
            let ordered = matches!(key.1, "file" | "env-file");
            let (missing, extra): (Values<'_>, Values<'_>) = if ordered {
                let same = wanted.iter().map(|v| &v.0).eq(given.iter().map(|v| &v.0));
                if same {
                    (Vec::new(), Vec::new())
                } else {
                    (wanted.clone(), given.clone())
                }
            } else {
                let in_typed: BTreeSet<&String> = given.iter().map(|v| &v.0).collect();
                let in_reference: BTreeSet<&String> = wanted.iter().map(|v| &v.0).collect();
                (
                    wanted
                        .iter()
                        .filter(|v| !in_typed.contains(&v.0))
                        .cloned()
                        .collect(),
                    given
                        .iter()
                        .filter(|v| !in_reference.contains(&v.0))
                        .cloned()
                        .collect(),
                )
            };
            self.pair(&missing, &extra, typed);
        }
    }

    /// Tells what is missing and what is there instead.
    fn pair(&mut self, missing: &Values<'_>, extra: &Values<'_>, typed: &Invocation) {
        if let Some((_, given)) = extra.iter().find(|(_, given)| given.unknown) {
            self.unjudged((given.start, given.end));
            return;
        }
        let mut extra = extra.iter();
        let mut taken = Vec::new();
        for (_, wanted) in missing {
            // The same variable, or else the next that is left over.
            let own = value::key(wanted.flag, &wanted.value);
            let next = if own.is_some() {
                extra
                    .clone()
                    .find(|(_, given)| value::key(given.flag, &given.value) == own)
            } else {
                extra.next()
            };
            match next {
                Some((_, given)) => {
                    taken.push(given.start);
                    self.instead(wanted, given);
                }
                None => self.missing(wanted, typed),
            }
        }
        let left: Vec<&Given> = extra
            .map(|(_, given)| *given)
            .filter(|given| !taken.contains(&given.start))
            .collect();
        for given in left {
            let name = flag_name(given.flag);
            let text = shown_flag(given);
            self.differs(
                instead::extra(given, typed),
                (given.start, given.end),
                format!("{name} 플래그는 여기에 필요하지 않아요({text})."),
                format!("{name} is not expected here ({text})."),
            );
        }
    }

    fn missing(&mut self, wanted: &Given, typed: &Invocation) {
        let at = typed.name;
        let known = instead::missing(wanted, typed);
        let name = flag_name(wanted.flag);
        if wanted.flag.is_switch() {
            let off = value::switch(&wanted.value) == Some(false);
            let (ko, en) = if off {
                (
                    format!("{name} 플래그를 꺼야 해요."),
                    format!("{name} must be switched off."),
                )
            } else {
                (
                    format!("{name} 플래그가 없어요."),
                    format!("{name} is missing."),
                )
            };
            self.differs(known, at, ko, en);
        } else {
            let value = cut(&wanted.value);
            self.differs(
                known,
                at,
                format!("{name} 플래그가 없어요. `{value}` 값이 필요해요."),
                format!("{name} is missing, expected `{value}`."),
            );
        }
    }

    /// One flag with another value.
    fn instead(&mut self, wanted: &Given, given: &Given) {
        let at = (given.start, given.end);
        if wanted.flag.long == "publish"
            && let (Some(want), Some(have)) =
                (Port::parse(&wanted.value), Port::parse(&given.value))
        {
            self.ports(&want, &have, at);
            return;
        }
        if let (Some(want), Some(have)) = (
            Mount::parse(wanted.flag.long, &wanted.value),
            Mount::parse(given.flag.long, &given.value),
        ) && value::subject(wanted.flag.long, &wanted.value) == "mount"
        {
            self.mounts(&want, &have, at);
            return;
        }
        let name = flag_name(given.flag);
        let (have, want) = (cut(&given.value), cut(&wanted.value));
        self.different(
            at,
            format!("{name} 플래그의 값이 `{have}`인데 `{want}` 값이 필요해요."),
            format!("{name} is `{have}`, expected `{want}`."),
        );
    }

    fn ports(&mut self, want: &Port, have: &Port, at: (usize, usize)) {
        if want.host == have.container && want.container == have.host && want.host != have.host {
            self.different(
                at,
                format!("포트가 뒤바뀌었어요. 호스트 포트가 앞, 컨테이너 포트가 뒤예요. 호스트 포트가 `{}`인데 `{}` 포트가 필요해요.", have.host, want.host),
                format!("The ports are swapped: the host port comes first, then the container port. The host port is {}, expected {}.", have.host, want.host),
            );
            return;
        }
        for (ko, en, have, want) in [
            ("호스트 포트", "host port", &have.host, &want.host),
            (
                "컨테이너 포트",
                "container port",
                &have.container,
                &want.container,
            ),
            ("프로토콜", "protocol", &have.protocol, &want.protocol),
            ("호스트 주소", "host address", &have.ip, &want.ip),
        ] {
            if have != want {
                let say = |text: &String, none: &str| {
                    if text.is_empty() {
                        none.to_owned()
                    } else {
                        text.clone()
                    }
                };
                let (have_ko, want_ko) = (say(have, "정하지 않음"), say(want, "정하지 않음"));
                let (have_en, want_en) = (say(have, "left open"), say(want, "none given"));
                self.different(
                    at,
                    format!("{ko}: `{have_ko}`. 필요한 것: `{want_ko}`."),
                    format!("The {en} is {have_en}, expected {want_en}."),
                );
            }
        }
    }

    fn mounts(&mut self, want: &Mount, have: &Mount, at: (usize, usize)) {
        let access = |mount: &Mount| if mount.read_only { "ro" } else { "rw" }.to_owned();
        let before = self.facts.len();
        for (ko, en, have, want) in [
            (
                "마운트 종류",
                "kind of mount",
                have.kind.clone(),
                want.kind.clone(),
            ),
            (
                "마운트 원본",
                "source of the mount",
                have.source.clone(),
                want.source.clone(),
            ),
            (
                "컨테이너 안의 경로",
                "path in the container",
                have.target.clone(),
                want.target.clone(),
            ),
            ("쓰기 권한", "access", access(have), access(want)),
        ] {
            if have != want {
                let (have, want) = (cut(&have), cut(&want));
                self.different(
                    at,
                    format!("{ko}: `{have}`. 필요한 것: `{want}`."),
                    format!("The {en} is `{have}`, expected `{want}`."),
                );
            }
        }
        if self.facts.len() == before {
            self.different(
                at,
                "마운트의 옵션이 달라요.".to_owned(),
                "The options of the mount differ.".to_owned(),
            );
        }
    }
}

/// `--name=web`, `--rm`.
fn shown_flag(given: &Given) -> String {
    if given.flag.is_switch() {
        format!("--{}", given.flag.long)
    } else {
        cut(&format!("--{}={}", given.flag.long, given.value))
    }
}
