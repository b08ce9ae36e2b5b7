//! The CLI's own grammar: which words are the command, flags, values and arguments.
//!
//! Reading goes on after a slip as the learner most probably meant it, so that one slip is told once.

use super::script::{Step, Word};
use super::slip::{Slip, What};
use super::table::{Command, Flag, table};
use super::value;

/// More slips than this in one command tell nothing new.
const MOST: usize = 20;

/// One command line as the CLI reads it.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) command: &'static Command,
    pub(super) flags: Vec<Given>,
    pub(super) args: Vec<Word>,
    pub(super) slips: Vec<Slip>,
    /// Only help is asked for.
    pub(super) help: bool,
    /// Where the command's name stands: `docker compose up`.
    pub(super) name: (usize, usize),
    pub(super) range: (usize, usize),
    /// Words whose number is known only when it is run.
    pub(super) splits: bool,
}

/// One flag that is given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// The command that owns the flag: `compose` in `docker compose -f x up`.
    pub(super) owner: &'static str,
    pub(super) flag: &'static Flag,
    /// As given; a switch has `true`.
    pub(super) value: String,
    pub(super) unknown: bool,
    /// Bytes from the flag to the end of its value.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reads a step whose program is docker. The step has at least one word.
pub(super) fn parse(step: &Step) -> Invocation {
    let root = table().root();
    let mut reader = Reader {
        words: &step.words,
        at: 1,
        found: Invocation {
            command: root,
            flags: Vec::new(),
            args: Vec::new(),
            slips: Vec::new(),
            help: false,
            name: (step.words[0].start, step.words[0].end),
            range: step.range(),
            splits: false,
        },
        dashes: false,
    };
    for word in &step.words {
        if word.open {
            reader.slip(What::OpenQuote, (word.start, word.end));
        }
    }
    if step.program() == "docker-compose" {
        reader.slip(What::ComposeV1, reader.found.name);
        reader.found.command = table().get("compose").unwrap_or(root);
    }
    reader.command();
    reader.found
}

struct Reader<'a> {
    words: &'a [Word],
    at: usize,
    found: Invocation,
    /// `--` was read: no more flags.
    dashes: bool,
}

impl Reader<'_> {
    fn slip(&mut self, what: What, at: (usize, usize)) {
        if self.found.slips.len() < MOST {
            self.found.slips.push(Slip { what, at });
        }
    }

    /// Goes down from group to group, then reads flags and arguments.
    fn command(&mut self) {
        while self.found.command.is_group() {
            let group = self.found.command;
            let Some(word) = self.words.get(self.at) else {
                let version = self.found.flags.iter().any(|g| g.flag.long == "version");
                self.found.help |= !version;
                return;
            };
            if self.flag_word(word) {
                continue;
            }
            self.at += 1;
            if word.unknown {
                self.found.splits = true;
                return;
            }
            if word.text == "help" {
                self.found.help = true;
                continue;
            }
            let path = match group.path {
                "docker" => word.text.clone(),
                group => format!("{group} {}", word.text),
            };
            match table()
                .get(&path)
                .filter(|command| command.path != "docker")
            {
                Some(command) => self.found.command = command,
                None if group.subcommands.contains(&word.text.as_str()) => {
                    self.slip(What::NotCovered(path), (word.start, word.end));
                    self.at = self.words.len();
                    return;
                }
                None => {
                    let known = group.subcommands.iter().copied();
                    let near = dockerfile::suggest(&word.text, known);
                    let near = near.or_else(|| {
                        group
                            .subcommands
                            .iter()
                            .copied()
                            .find(|name| word.text.len() > 2 && name.starts_with(&word.text))
                    });
                    let what = What::UnknownCommand {
                        word: word.text.clone(),
                        group: group.path,
                        near: near.map(str::to_owned),
                    };
                    self.slip(what, (word.start, word.end));
                    self.at = self.words.len();
                    return;
                }
            }
            self.found.name.1 = word.end;
        }
        while let Some(word) = self.words.get(self.at) {
            let ended = self.dashes || (self.found.command.stops && !self.found.args.is_empty());
            if !ended && self.flag_word(word) {
                continue;
            }
            self.at += 1;
            self.found.splits |= word.splits;
            self.found.args.push(word.clone());
        }
        self.arguments();
    }

    /// Reads a flag, if the word is one.
    fn flag_word(&mut self, word: &Word) -> bool {
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

    /// Too few or too many arguments, and those that cannot be what stands here.
    fn arguments(&mut self) {
        let command = self.found.command;
        let count = self.found.args.len();
        let (least, most) = command.arity();
        let place = self.found.range;
        let cut_off = |slip: &Slip| matches!(slip.what, What::NoValue(_));
        if self.found.help || self.found.splits || self.found.slips.iter().any(cut_off) {
            return;
        }
        let config = command.path == "container exec"
            && self
                .found
                .args
                .first()
                .is_some_and(|arg| arg.text == "config");
        if config && count == 1 {
            self.slip(What::ExecConfig, place);
        } else if count < least {
            let missing = command.args[count.min(command.args.len() - 1)].name;
            self.slip(
                What::TooFew {
                    command: command.path,
                    least,
                    missing,
                },
                place,
            );
        } else if let Some(most) = most.filter(|most| count > *most) {
            let extra = &self.found.args[most];
            let at = (extra.start, extra.end);
            self.slip(
                What::TooMany {
                    command: command.path,
                    most,
                },
                at,
            );
        }
        self.images();
        self.after_the_image();
    }

    /// Names that can be no image.
    fn images(&mut self) {
        let command = self.found.command;
        let run = matches!(command.path, "container run" | "container create");
        let found: Vec<Slip> = self
            .found
            .args
            .iter()
            .enumerate()
            .filter(|(at, arg)| {
                let folder = run && *at == 1 && arg.text == "." && self.found.args.len() == 2;
                folder
                    || !arg.unknown
                        && command
                            .slot(*at)
                            .is_some_and(|slot| slot.name.ends_with("IMAGE"))
            })
            .filter_map(|(_, arg)| {
                let what = if run && matches!(arg.text.as_str(), "." | "./" | "..") {
                    What::RunForBuild
                } else if value::is_image(&arg.text) {
                    return None;
                } else {
                    What::NoImageName(arg.text.clone())
                };
                Some(Slip {
                    what,
                    at: (arg.start, arg.end),
                })
            })
            .take(MOST)
            .collect();
        self.found.slips.extend(found);
    }

    /// `docker run nginx -d`: the flag is the container's command, and hardly meant so.
    fn after_the_image(&mut self) {
        let command = self.found.command;
        if !command.stops || self.found.args.len() < 2 {
            return;
        }
        let arg = &self.found.args[1];
        let text = arg.text.split('=').next().unwrap_or_default();
        let known = match text.strip_prefix("--") {
            Some(name) => command.long(name).is_some(),
            None => text
                .strip_prefix('-')
                .and_then(|letters| letters.chars().next())
                .is_some_and(|letter| command.short(letter).is_some()),
        };
        if known {
            let what = What::AfterTheImage {
                written: arg.text.clone(),
                slot: command.args[0].name,
            };
            let at = (arg.start, arg.end);
            self.slip(what, at);
        }
    }
}
