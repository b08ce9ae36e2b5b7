//! Flags: long, short, joined, with their values, and what was meant where there is none of the name.

use super::super::script::Word;
use super::super::slip::What;
use super::super::table::{Command, Flag, table};
use super::super::value;
use super::{Given, MOST, Reader};

impl Reader<'_> {
    /// Reads a flag, if the word is one.
    pub(super) fn flag_word(&mut self, word: &Word) -> bool {
        let text = word.text.as_str();
        let place = (word.start, word.end);
        if let Some(dash) = text.chars().next().filter(|c| "–—−‒".contains(*c)) {
            let rest = text.trim_start_matches(['–', '—', '−', '‒', '-']);
            let meant = if rest.chars().count() > 1 { "--" } else { "-" };
            self.slip(What::Dash(dash), place);
            self.at += 1;
            self.flag(word, &format!("{meant}{rest}"));
            return true;
        }
        if !text.starts_with('-') || text == "-" || (word.splits && word.unknown) {
            return false;
        }
        self.at += 1;
        if text == "--" {
            self.dashes = true;
        } else {
            self.flag(word, text);
        }
        true
    }

    /// Reads a flag that may be written otherwise than the word that it comes from.
    fn flag(&mut self, word: &Word, text: &str) {
        if self.found.slips.len() >= MOST {
            // Nothing in such a line is a flag by intent.
            self.at = self.words.len();
            return;
        }
        match text.strip_prefix("--") {
            Some(name) => self.long(word, name),
            None => self.letters(word, text.get(1..).unwrap_or_default()),
        }
    }

    fn long(&mut self, word: &Word, text: &str) {
        let place = (word.start, word.end);
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let command = self.found.command;
        if name == "help" {
            self.found.help = true;
            return;
        }
        if let Some(flag) = command.long(name) {
            self.give(command, flag, value, word, word.start);
            return;
        }
        if let Some(owner) = self.above(|command| command.long(name)) {
            self.misplaced(owner, name, value, word);
            return;
        }
        let known = command.flags.iter().map(|flag| flag.long);
        let near = dockerfile::suggest(name, known);
        let letter = name
            .chars()
            .next()
            .filter(|_| name.chars().count() == 1)
            .and_then(|letter| command.short(letter));
        let meant = near.and_then(|near| command.long(near)).or(letter);
        self.slip(
            What::UnknownFlag {
                written: format!("--{name}"),
                command: command.shown(),
                near: match letter {
                    Some(_) => Some(format!("-{name}")),
                    None => near.map(|near| format!("--{near}")),
                },
            },
            place,
        );
        if let Some(flag) = meant {
            self.give(command, flag, value, word, word.start);
        }
    }

    fn letters(&mut self, word: &Word, text: &str) {
        let command = self.found.command;
        let place = (word.start, word.end);
        let (body, body_value) = text
            .split_once('=')
            .map_or((text, None), |(a, b)| (a, Some(b)));
        let whole = command
            .long(body)
            .filter(|flag| flag.long.len() > 1 && body.len() > 1);
        let mut rest = text;
        // Where each letter stands: one dash, then the letters, if the word has no quotes.
        let plain = word.end - word.start == text.len() + 1;
        while let Some(letter) = rest.chars().next() {
            let from = text.len() - rest.len();
            let end = word.start + 1 + from + letter.len_utf8();
            let at = match (plain, from) {
                (true, 0) => (word.start, end),
                (true, _) => (end - letter.len_utf8(), end),
                (false, _) => place,
            };
            rest = &rest[letter.len_utf8()..];
            let Some(flag) = command.short(letter) else {
                self.unknown_letter(word, text, letter, at, whole, body_value);
                return;
            };
            if flag.is_switch() && !rest.starts_with('=') {
                let end = at.1;
                self.push(command, flag, "true".to_owned(), false, (at.0, end));
                continue;
            }
            if let Some(flag) = whole.filter(|_| from == 0 || rest.len() > 1) {
                self.slip(
                    What::LooksLong {
                        group: text.to_owned(),
                        long: flag.long,
                    },
                    place,
                );
            }
            let value = rest.strip_prefix('=').unwrap_or(rest);
            let value = (!rest.is_empty()).then_some(value);
            self.give(
                command,
                flag,
                value,
                word,
                if plain { at.0 } else { word.start },
            );
            return;
        }
    }

    fn unknown_letter(
        &mut self,
        word: &Word,
        text: &str,
        letter: char,
        at: (usize, usize),
        whole: Option<&'static Flag>,
        value: Option<&str>,
    ) {
        let command = self.found.command;
        let place = (word.start, word.end);
        let image = command
            .args
            .first()
            .is_some_and(|slot| slot.name == "IMAGE");
        if image && self.found.args.len() == 1 && is_variety(text) {
            self.found.flags.retain(|given| given.start < word.start);
            self.slip(What::SplitTag(word.text.clone()), place);
            return;
        }
        if text.len() > 1
            && let Some(flag) = whole
        {
            // The letters before were switches of the same word, and were not meant.
            self.found.flags.retain(|given| given.start < word.start);
            self.slip(
                What::SingleDash {
                    group: text.to_owned(),
                    letter,
                    long: flag.long,
                },
                place,
            );
            self.give(command, flag, value, word, word.start);
            return;
        }
        if text.len() == letter.len_utf8()
            && let Some(owner) = self.above(|command| command.short(letter))
            && let Some(flag) = owner.short(letter)
        {
            self.misplaced(owner, flag.long, None, word);
            return;
        }
        let body = text.split('=').next().unwrap_or(text);
        let other = letter
            .is_ascii_uppercase()
            .then(|| letter.to_ascii_lowercase())
            .or(letter
                .is_ascii_lowercase()
                .then(|| letter.to_ascii_uppercase()));
        let near = if body.chars().count() > 2 {
            let known = command.flags.iter().map(|flag| flag.long);
            dockerfile::suggest(body, known).map(|near| format!("--{near}"))
        } else {
            let other = other.filter(|other| command.short(*other).is_some());
            other.map(|other| format!("-{other}"))
        };
        self.slip(
            What::UnknownLetter {
                letter,
                group: text.to_owned(),
                command: command.path,
                near,
            },
            at,
        );
    }

    /// The nearest command above that has a flag.
    fn above(
        &self,
        has: impl Fn(&'static Command) -> Option<&'static Flag>,
    ) -> Option<&'static Command> {
        let path = self.found.command.path;
        let mut owners = Vec::new();
        if path.starts_with("compose ") {
            owners.extend(table().get("compose"));
        }
        if path != "docker" {
            owners.push(table().root());
        }
        owners.into_iter().find(|owner| has(owner).is_some())
    }

    /// A flag of a command above, given behind the command's name.
    fn misplaced(&mut self, owner: &'static Command, name: &str, value: Option<&str>, word: &Word) {
        let Some(flag) = owner.long(name) else { return };
        self.slip(
            What::Misplaced {
                written: word.text.clone(),
                owner: owner.path,
                command: self.found.command.path,
            },
            (word.start, word.end),
        );
        self.give(owner, flag, value, word, word.start);
    }

    /// Takes a flag with its value: behind `=`, joined, or the next word.
    fn give(
        &mut self,
        owner: &'static Command,
        flag: &'static Flag,
        value: Option<&str>,
        word: &Word,
        start: usize,
    ) {
        let (value, unknown, end) = match value {
            Some(value) => (value.to_owned(), word.unknown, word.end),
            None if flag.is_switch() => ("true".to_owned(), false, word.end),
            None => match self.words.get(self.at) {
                Some(next) => {
                    self.at += 1;
                    self.found.splits |= next.splits;
                    (next.text.clone(), next.unknown, next.end)
                }
                None => {
                    self.slip(What::NoValue(flag), (word.start, word.end));
                    return;
                }
            },
        };
        if !unknown && let Some(problem) = value::problem(flag, &value) {
            self.slip(
                What::BadValue {
                    flag,
                    value: value.clone(),
                    problem,
                },
                (start, end),
            );
        }
        self.push(owner, flag, value, unknown, (start, end));
    }

    fn push(
        &mut self,
        owner: &'static Command,
        flag: &'static Flag,
        value: String,
        unknown: bool,
        (start, end): (usize, usize),
    ) {
        self.found.flags.push(Given {
            owner: owner.path,
            flag,
            value,
            unknown,
            start,
            end,
        });
    }
}

/// Whether a word is the end of a tag: `slim` of `python:3.11-slim`.
pub(super) fn is_variety(word: &str) -> bool {
    let first = word.split('-').next().unwrap_or_default();
    matches!(
        first.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'),
        "slim" | "alpine" | "bookworm" | "bullseye" | "buster" | "trixie" | "fpm" | "jdk" | "jre"
    )
}
