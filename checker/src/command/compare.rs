//! Two command lines: are they equal in meaning, and how do they differ?

mod arguments;
mod flags;
mod instead;
mod values;

use std::collections::BTreeSet;

use super::grammar::Invocation;
use super::slip::{cut, shown};
use super::{Fact, FactKind};
use crate::Lang;

pub(super) use arguments::slot_name;
pub(super) use values::values;

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

impl Differences {
    fn different(&mut self, at: (usize, usize), ko: String, en: String) {
        self.push(FactKind::Different, None, at, ko, en);
    }

    /// A difference that may be a known mistake.
    fn differs(
        &mut self,
        known: Option<instead::Known>,
        at: (usize, usize),
        ko: String,
        en: String,
    ) {
        let (more_ko, more_en) = known.map_or(("", ""), |known| (known.ko, known.en));
        let id = known.map(|known| known.id);
        self.push(FactKind::Different, id, at, ko + more_ko, en + more_en);
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
        let known = instead::command(reference, typed);
        let (more_ko, more_en) = known.map_or(("", ""), |known| (known.ko, known.en));
        self.push(
            if known.is_some() {
                FactKind::Mistake
            } else {
                FactKind::Different
            },
            known.map(|known| known.id),
            typed.name,
            format!("이 명령은 `{used_name}`인데 `{wanted_name}` 명령이 필요해요.{more_ko}"),
            format!("The command is `{used_name}`, expected `{wanted_name}`.{more_en}"),
        );
    }
}
