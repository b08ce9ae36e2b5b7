//! The commands of the CLI and of Compose as data: names, arguments, flags.
//!
//! `commands.txt` has one block for each command: `command PATH = OTHER NAMES`, then `subcommands`, `args` (`[X]` can be
//! left out, `X...` can be repeated), `stops` where flags end at the first argument, and a line for each flag: letter,
//! name, type, default. `alias --net --network` is a flag that help does not list.

use std::collections::HashMap;
use std::sync::OnceLock;

const TEXT: &str = include_str!("commands.txt");

/// One command.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// The name by which it is compared: `container run`; `docker` for the program itself.
    pub(super) path: &'static str,
    pub(super) subcommands: Vec<&'static str>,
    pub(super) args: Vec<Slot>,
    /// Flags end at the first argument; what follows belongs to the container.
    pub(super) stops: bool,
    pub(super) flags: Vec<Flag>,
    aliases: Vec<(&'static str, &'static str)>,
}

/// A place for arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) name: &'static str,
    pub(super) optional: bool,
    pub(super) many: bool,
}

/// One flag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) short: Option<char>,
    pub(super) long: &'static str,
    /// As help names it: `bool`, `string`, `list` …
    pub(super) kind: &'static str,
    pub(super) default: &'static str,
}

impl Flag {
    pub(super) fn is_switch(&self) -> bool {
        self.kind == "bool"
    }

    /// Whether it may be given several times and all of them count.
    pub(super) fn repeats(&self) -> bool {
        matches!(
            self.kind,
            "list"
                | "map"
                | "stringArray"
                | "strings"
                | "stringToString"
                | "ulimit"
                | "filter"
                | "mount"
                | "network"
                | "scale"
                | "gpu-request"
        )
    }
}

impl Command {
    /// A flag by its name, without dashes.
    pub(super) fn long(&self, name: &str) -> Option<&Flag> {
        let alias = self.aliases.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, name)| name);
        self.flags.iter().find(|flag| flag.long == name)
    }

    /// A flag by its letter.
    pub(super) fn short(&self, letter: char) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.short == Some(letter))
    }

    /// Whether only other commands stand below it.
    pub(super) fn is_group(&self) -> bool {
        !self.subcommands.is_empty()
    }

    /// As learners write it: `docker run`, `docker compose up`.
    pub(super) fn shown(&self) -> String {
        if self.path == "docker" {
            return self.path.to_owned();
        }
        let shortest = table()
            .names
            .iter()
            .filter(|(_, at)| table().commands[**at].path == self.path)
            .map(|(name, _)| *name)
            .min_by_key(|name| (name.matches(' ').count(), name.len()));
        format!("docker {}", shortest.unwrap_or(self.path))
    }

    /// The least and the most arguments; no most where the last one can be repeated.
    pub(super) fn arity(&self) -> (usize, Option<usize>) {
        let least = self.args.iter().filter(|slot| !slot.optional).count();
        let many = self.args.iter().any(|slot| slot.many);
        (least, (!many).then_some(self.args.len()))
    }

    /// The place that an argument fills; the last one takes all the rest.
    pub(super) fn slot(&self, at: usize) -> Option<Slot> {
        self.args.get(at).or(self.args.last()).copied()
    }
}

/// All commands.
pub(super) struct Table {
    commands: Vec<Command>,
    names: HashMap<&'static str, usize>,
}

impl Table {
    /// A command by any of its names, without `docker`.
    pub(super) fn get(&self, name: &str) -> Option<&Command> {
        self.names.get(name).map(|at| &self.commands[*at])
    }

    /// The program itself.
    pub(super) fn root(&self) -> &Command {
        self.get("docker").unwrap_or(&self.commands[0])
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> &[Command] {
        &self.commands
    }
}

/// Reads the data once.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut commands: Vec<Command> = Vec::new();
        let mut names = HashMap::new();
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            if let Some(head) = line.strip_prefix("command ") {
                let (path, others) = head.split_once(" = ").unwrap_or((head, ""));
                let others = others.split(", ").filter(|name| !name.is_empty());
                for name in others.chain([path]) {
                    names.insert(name, commands.len());
                }
                commands.push(Command {
                    path,
                    ..Command::default()
                });
            } else if let Some(command) = commands.last_mut() {
                detail(command, line.trim());
            }
        }
        Table { commands, names }
    })
}

fn detail(command: &mut Command, line: &'static str) {
    let mut words = line.split(' ');
    match words.next() {
        Some("subcommands") => command.subcommands = words.collect(),
        Some("args") => command.args = words.map(slot).collect(),
        Some("stops") => command.stops = true,
        Some("alias") => {
            let name = |word: Option<&'static str>| word.map(|word| word.trim_start_matches('-'));
            if let (Some(alias), Some(name)) = (name(words.next()), name(words.next())) {
                command.aliases.push((alias, name));
            }
        }
        Some(first) => {
            let (short, long) = match first.strip_prefix("--") {
                Some(long) => (None, long),
                None => (
                    first.chars().nth(1),
                    words.next().unwrap_or_default().trim_start_matches('-'),
                ),
            };
            command.flags.push(Flag {
                short,
                long,
                kind: words.next().unwrap_or("string"),
                default: words.next().unwrap_or_default(),
            });
        }
        None => {}
    }
}

fn slot(word: &'static str) -> Slot {
    let name = word.trim_start_matches('[').trim_end_matches(']');
    Slot {
        name: name.trim_end_matches('.'),
        optional: word.starts_with('['),
        many: name.ends_with("..."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_read() {
        for command in table().all() {
            assert!(command.is_group() == command.args.is_empty() || !command.is_group());
            for flag in &command.flags {
                assert!(!flag.long.is_empty(), "{}", command.path);
                assert!(
                    flag.kind
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '-'),
                    "{} --{}",
                    command.path,
                    flag.long
                );
            }
        }
        let run = table().get("run").unwrap();
        assert_eq!(run.path, "container run");
        assert_eq!(run.shown(), "docker run");
        assert_eq!(run.short('p').unwrap().long, "publish");
        assert_eq!(run.long("net").unwrap().long, "network");
        assert_eq!(run.arity(), (1, None));
        assert_eq!(table().get("image tag").unwrap().arity(), (2, Some(2)));
        assert!(table().get("compose").unwrap().is_group());
    }

    /// Commands of engines that learners of this course do not run: they are named, and not judged.
    const LEFT_OUT: [&str; 11] = [
        "checkpoint",
        "compose bridge transformations",
        "config",
        "manifest",
        "node",
        "plugin",
        "secret",
        "service",
        "stack",
        "swarm",
        "trust",
    ];

    /// `help.txt` is what the programs themselves say; see `scripts/command-help.sh`.
    #[test]
    fn every_flag_of_the_programs_help_is_known_as_it_is() {
        let (mut command, mut left_out) = (None, false);
        let (mut commands, mut flags) = (0, 0);
        for line in include_str!("help.txt").lines().skip(1) {
            if let Some(path) = line.strip_prefix("command ") {
                left_out = LEFT_OUT.iter().any(|out| {
                    let rest = path.strip_prefix(out);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
                });
                let name = if path.is_empty() { "docker" } else { path };
                command = table().get(name).filter(|_| !left_out);
                assert!(left_out || command.is_some(), "docker {path} is missing");
                commands += usize::from(!left_out);
                continue;
            }
            if left_out {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let (letter, long, kind) = match words.as_slice() {
                [letter, long, kind] => (letter.chars().nth(1), long, kind),
                [long, kind] => (None, long, kind),
                _ => panic!("{line}"),
            };
            let command = command.unwrap();
            let flag = command.long(long.trim_start_matches('-'));
            let flag = flag.unwrap_or_else(|| panic!("{} {line} is missing", command.path));
            assert_eq!((flag.short, flag.kind), (letter, *kind), "{}", command.path);
            flags += 1;
        }
        assert!(commands > 140 && flags > 900, "{commands} {flags}");
    }
}
