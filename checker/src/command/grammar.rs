//! The CLI's own grammar: which words are the command, flags, values and arguments.
//!
//! Reading goes on after a slip as the learner most probably meant it, so that one slip is told once.

use super::script::{Step, Word};
use super::slip::{Slip, What};
use super::table::{Command, Flag, table};

mod arguments;
mod flags;

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
}
