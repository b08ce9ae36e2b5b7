//! How the arguments of two commands differ.

use std::collections::BTreeSet;

use super::super::grammar::Invocation;
use super::super::script::Word;
use super::super::slip::cut;
use super::super::table::Slot;
use super::super::value;
use super::Differences;
use crate::assert::dockerfile::full_name;

impl Differences {
    pub(super) fn arguments(&mut self, reference: &Invocation, typed: &Invocation) {
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
pub(in crate::command) fn slot_name(slot: Option<Slot>) -> (&'static str, &'static str) {
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
