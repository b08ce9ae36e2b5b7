//! Two command lines: are they equal in meaning, and how do they differ?

use std::collections::{BTreeMap, BTreeSet};

use super::grammar::{Given, Invocation};
use super::script::Word;
use super::slip::{cut, flag_name, shown};
use super::table::{Flag, Slot};
use super::value::{self, Mount, Port};
use super::{Fact, FactKind};
use crate::Lang;
use crate::assert::dockerfile::full_name;

/// What is collected while two commands are compared.
pub(super) struct Differences {
    pub(super) facts: Vec<Fact>,
    lang: Lang,
}

/// Compares two commands without looking at their slips.
pub(super) fn compare(reference: &Invocation, typed: &Invocation, lang: Lang) -> Vec<Fact> {
    let mut found = Differences {
        facts: Vec::new(),
        lang,
    };
    if reference.command.path != typed.command.path {
        found.commands(reference, typed);
        return found.facts;
    }
    if reference.help != typed.help {
        let (ko, en) = if typed.help {
            ("이 줄은 도움말만 보여 줘요.", "This only shows help.")
        } else {
            (
                "도움말을 보여 주는 `--help` 플래그가 없어요.",
                "`--help` is missing: this does something instead of showing help.",
            )
        };
        found.different(typed.range, ko.to_owned(), en.to_owned());
    }
    if reference.help && typed.help {
        return found.facts;
    }
    found.flags(reference, typed);
    found.arguments(reference, typed);
    if typed.splits {
        // What a variable becomes can be flags or arguments: nothing else in the line is certain.
        found.facts.clear();
        if texts(reference) != texts(typed) {
            found.unjudged(typed.range);
        }
    }
    found.facts
}

fn texts(invocation: &Invocation) -> (Vec<&str>, Vec<(&str, &str)>) {
    let args = invocation
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .collect();
    let mut flags: Vec<(&str, &str)> = invocation
        .flags
        .iter()
        .map(|given| (given.flag.long, given.value.as_str()))
        .collect();
    flags.sort_unstable();
    (args, flags)
}

/// One subject's values: what was given, in one form, with its place.
type Values<'a> = Vec<(String, &'a Given)>;

impl Differences {
    fn different(&mut self, at: (usize, usize), ko: String, en: String) {
        self.push(FactKind::Different, None, at, ko, en);
    }

    fn unjudged(&mut self, at: (usize, usize)) {
        self.push(
            FactKind::Unjudged,
            None,
            at,
            "이 값은 실행할 때에야 정해져서 판단할 수 없어요. 값을 그대로 써 보세요.".to_owned(),
            "This is known only when it is run, so it cannot be judged. Write the value itself."
                .to_owned(),
        );
    }

    fn push(
        &mut self,
        kind: FactKind,
        mistake: Option<&'static str>,
        (start, end): (usize, usize),
        ko: String,
        en: String,
    ) {
        self.facts.push(Fact {
            kind,
            mistake,
            start,
            end,
            message: if self.lang == Lang::Ko { ko } else { en },
        });
    }

    /// Another command than the reference's. Where the arguments tell why, that is said.
    fn commands(&mut self, reference: &Invocation, typed: &Invocation) {
        let (wanted, used) = (reference.command.path, typed.command.path);
        let names = |invocation: &Invocation| -> BTreeSet<String> {
            invocation.args.iter().map(|arg| arg.text.clone()).collect()
        };
        let shared = typed
            .args
            .iter()
            .find(|arg| names(reference).contains(&arg.text));
        let container = |invocation: &Invocation| {
            invocation
                .command
                .args
                .first()
                .is_some_and(|slot| slot.name == "CONTAINER")
        };
        if let Some(arg) = shared.filter(|_| container(reference)) {
            let at = (arg.start, arg.end);
            let name = cut(&arg.text);
            if used == "image rm" {
                self.push(
                    FactKind::Mistake,
                    Some("rmi-container-name"),
                    at,
                    format!(
                        "`{name}` 이름은 컨테이너의 것인데, `docker rmi` 명령은 이미지를 받아요."
                    ),
                    format!("`{name}` names a container; `docker rmi` takes an image."),
                );
                return;
            }
            if used == "container run" {
                self.push(
                    FactKind::Mistake,
                    Some("run-container-id"),
                    at,
                    format!("`{name}` 이름은 컨테이너의 것인데, `docker run` 명령은 이미지를 받아 새 컨테이너를 만들어요."),
                    format!("`{name}` names a container; `docker run` takes an image and makes a new container."),
                );
                return;
            }
        }
        let (wanted_name, used_name) = (shown(wanted), shown(used));
        let mistake =
            (wanted == "image build" && used == "container run").then_some("run-for-build");
        self.push(
            if mistake.is_some() {
                FactKind::Mistake
            } else {
                FactKind::Different
            },
            mistake,
            typed.name,
            format!("이 명령은 `{used_name}`인데 `{wanted_name}` 명령이 필요해요."),
            format!("The command is `{used_name}`, expected `{wanted_name}`."),
        );
    }

    fn flags(&mut self, reference: &Invocation, typed: &Invocation) {
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
            self.different(
                (given.start, given.end),
                format!("{name} 플래그는 여기에 필요하지 않아요({text})."),
                format!("{name} is not expected here ({text})."),
            );
        }
    }

    fn missing(&mut self, wanted: &Given, typed: &Invocation) {
        let at = typed.name;
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
            self.different(at, ko, en);
        } else {
            let value = cut(&wanted.value);
            self.different(
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

    fn arguments(&mut self, reference: &Invocation, typed: &Invocation) {
        let command = typed.command;
        // Names in a row, as of `docker rm a b`, are a set; a command for the container keeps its order.
        let set = command.args.iter().any(|slot| slot.many) && !command.stops;
        let form = |at: usize, word: &Word| one_form(command.slot(at), &word.text);
        let wanted: Vec<String> = reference
            .args
            .iter()
            .enumerate()
            .map(|(at, w)| form(at, w))
            .collect();
        let given: Vec<String> = typed
            .args
            .iter()
            .enumerate()
            .map(|(at, w)| form(at, w))
            .collect();
        if set {
            let (want, have): (BTreeSet<_>, BTreeSet<_>) =
                (wanted.iter().collect(), given.iter().collect());
            let missing: Vec<_> = reference
                .args
                .iter()
                .zip(&wanted)
                .filter(|(_, f)| !have.contains(f))
                .collect();
            let extra: Vec<_> = typed
                .args
                .iter()
                .zip(&given)
                .filter(|(_, f)| !want.contains(f))
                .collect();
            let mut extra = extra.into_iter();
            let slot = command.args.first().copied();
            if let Some((word, _)) = extra.clone().find(|(word, _)| word.unknown) {
                self.unjudged((word.start, word.end));
                return;
            }
            for (wanted, _) in missing {
                self.argument(
                    slot,
                    Some(&wanted.text),
                    extra.next().map(|(word, _)| word),
                    typed.name,
                );
            }
            for (word, _) in extra {
                self.argument(slot, None, Some(word), typed.name);
            }
            return;
        }
        for at in 0..wanted.len().max(given.len()) {
            let (want, have) = (reference.args.get(at), typed.args.get(at));
            if wanted.get(at) == given.get(at) {
                continue;
            }
            if let Some(word) = have.filter(|word| word.unknown) {
                self.unjudged((word.start, word.end));
                continue;
            }
            let end = typed.range.1;
            self.argument(
                command.slot(at),
                want.map(|word| word.text.as_str()),
                have,
                (end, end),
            );
            if command.stops && at > 0 {
                // One word too many shifts all that follow.
                return;
            }
        }
    }

    fn argument(
        &mut self,
        slot: Option<Slot>,
        want: Option<&str>,
        have: Option<&Word>,
        place: (usize, usize),
    ) {
        let (ko, en) = slot_name(slot);
        match (want, have) {
            (Some(want), Some(have)) => {
                let (have_text, want) = (cut(&have.text), cut(want));
                self.different(
                    (have.start, have.end),
                    format!("{ko}: `{have_text}`. 필요한 것: `{want}`."),
                    format!("The {en} is `{have_text}`, expected `{want}`."),
                );
            }
            (Some(want), None) => {
                let want = cut(want);
                self.different(
                    place,
                    format!("{ko}: 빠져 있어요. 필요한 것: `{want}`."),
                    format!("The {en} is missing, expected `{want}`."),
                );
            }
            (None, Some(have)) => {
                let text = cut(&have.text);
                self.different(
                    (have.start, have.end),
                    format!("{ko}: `{text}` 부분은 여기에 필요하지 않아요."),
                    format!("The {en} `{text}` is not expected here."),
                );
            }
            (None, None) => {}
        }
    }
}

/// An argument in one form.
fn one_form(slot: Option<Slot>, text: &str) -> String {
    match slot.map(|slot| slot.name) {
        Some("IMAGE" | "NEW_IMAGE") => full_name(text),
        Some("PATH") => value::folder(text),
        Some("SOURCE" | "DEST") => match text.strip_prefix("./") {
            Some("") => ".".to_owned(),
            Some(rest) => rest.to_owned(),
            None => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// What an argument is called.
pub(super) fn slot_name(slot: Option<Slot>) -> (&'static str, &'static str) {
    match slot.map_or("", |slot| slot.name) {
        "IMAGE" => ("이미지", "image"),
        "NEW_IMAGE" => ("새 이름", "new name"),
        "CONTAINER" => ("컨테이너", "container"),
        "NEW_NAME" => ("새 이름", "new name"),
        "SERVICE" => ("서비스", "service"),
        "VOLUME" => ("볼륨", "volume"),
        "NETWORK" => ("네트워크", "network"),
        "PATH" => ("빌드 컨텍스트", "build context"),
        "SOURCE" => ("원본 경로", "source path"),
        "DEST" => ("대상 경로", "destination path"),
        "COMMAND" | "ARG" => ("컨테이너 안에서 실행할 명령", "command for the container"),
        "SERVER" => ("레지스트리", "registry"),
        _ => ("인자", "argument"),
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

/// The flags that say something, by owner and subject; what repeats the default says nothing.
pub(super) fn values(
    invocation: &Invocation,
) -> BTreeMap<(&'static str, &'static str), Values<'_>> {
    let mut found: BTreeMap<(&str, &str), Values<'_>> = BTreeMap::new();
    // For a variable that is given twice the last one counts; places by key keep this linear.
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for given in &invocation.flags {
        let subject = value::subject(given.flag.long, &given.value);
        let values = found.entry((given.owner, subject)).or_default();
        if !given.flag.repeats() {
            values.clear();
        }
        let pieces: Vec<&str> = match given.flag.kind {
            "strings" | "stringToString" => given.value.split(',').collect(),
            _ => vec![given.value.as_str()],
        };
        for piece in pieces {
            let form = value::one_form(given.flag, piece);
            if is_default(given.flag, &form) {
                continue;
            }
            match value::key(given.flag, piece) {
                Some(key) => {
                    let place = *places.entry((given.flag.long, key)).or_insert(values.len());
                    match values.get_mut(place) {
                        Some(old) => *old = (form, given),
                        None => values.push((form, given)),
                    }
                }
                None => values.push((form, given)),
            }
        }
    }
    found.retain(|_, values| !values.is_empty());
    found
}

fn is_default(flag: &Flag, form: &str) -> bool {
    match flag.kind {
        "bool" => {
            form == if flag.default == "true" {
                "true"
            } else {
                "false"
            }
        }
        _ => !flag.default.is_empty() && value::one_form(flag, flag.default) == form,
    }
}
