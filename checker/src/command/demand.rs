//! Facts that an exercise demands of a command: its name, flags and arguments.

use super::compare::{compare as compare_one, values};
use super::grammar::{Invocation, parse};
use super::slip::What;
use super::steps::read;
use super::table::{Command, table};
use super::value::{self, Port};
use crate::Lang;
use crate::assert::dockerfile::full_name;

/// Flags that a check demands, as written in the exercise: `-p 8080:80`, `--rm`, `--name` for any name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags<'a> {
    /// All of these are given.
    pub(crate) has: &'a [String],
    /// None of these is given.
    pub(crate) lacks: &'a [String],
}

/// What a check demands of a command's meaning, however it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// The image.
    pub(crate) image: Option<&'a str>,
    /// Published ports of the container: `80`, `53/udp`.
    pub(crate) publishes: &'a [String],
    /// Paths in the container at which something is mounted.
    pub(crate) mounts: &'a [String],
}

/// A port of a container in one form: `80/tcp`.
fn port(text: &str) -> Option<String> {
    let port = Port::parse(text).filter(|_| !text.contains([':', '=']))?;
    Some(format!("{}/{}", port.container, port.protocol))
}

/// What is wrong with facts in an exercise.
pub(crate) fn facts_problem(name: &str, facts: Facts<'_>) -> Option<String> {
    let command = table().get(name.strip_prefix("docker ").unwrap_or(name))?;
    let shown = command.shown();
    let image = command
        .args
        .first()
        .is_some_and(|slot| slot.name == "IMAGE");
    if facts.image.is_some() && !image {
        return Some(format!("`{shown}` takes no image"));
    }
    if !facts.publishes.is_empty() && command.long("publish").is_none() {
        return Some(format!("`{shown}` publishes nothing"));
    }
    if !facts.mounts.is_empty() && command.long("mount").is_none() {
        return Some(format!("`{shown}` mounts nothing"));
    }
    if let Some(bad) = facts.publishes.iter().find(|text| port(text).is_none()) {
        return Some(format!("`{bad}` is no port of a container"));
    }
    let relative = facts.mounts.iter().find(|path| !path.starts_with('/'));
    relative.map(|path| format!("`{path}` is no absolute path"))
}

/// The facts that a command does not meet.
fn unmet_facts(one: &Invocation, facts: Facts<'_>) -> Vec<String> {
    let mut unmet = Vec::new();
    if let Some(image) = facts.image {
        let used = one.args.first().map(|arg| full_name(&arg.text));
        if used != Some(full_name(image)) {
            unmet.push(format!("image {image}"));
        }
    }
    let values = |long: &'static str| {
        one.flags
            .iter()
            .filter(move |given| given.flag.long == long)
    };
    for wanted in facts.publishes {
        // A port that is none is a problem of the exercise, told to its author.
        let Some(wanted) = port(wanted) else { continue };
        let there = values("publish")
            .filter_map(|given| Port::parse(&given.value))
            .any(|port| format!("{}/{}", port.container, port.protocol) == wanted);
        if !there {
            unmet.push(format!("container port {wanted} published"));
        }
    }
    for wanted in facts.mounts {
        let there = ["volume", "mount", "tmpfs"].into_iter().any(|long| {
            values(long)
                .filter_map(|given| value::Mount::parse(long, &given.value))
                .any(|mount| mount.target == value::folder(wanted))
        });
        if !there {
            unmet.push(format!("a mount at {wanted}"));
        }
    }
    unmet
}

/// What is wrong with a command's name in an exercise.
pub(crate) fn command_problem(name: &str) -> Option<String> {
    let path = name.strip_prefix("docker ").unwrap_or(name);
    match table().get(path) {
        Some(_) => None,
        None => Some(format!("there is no command `docker {path}`")),
    }
}

/// What is wrong with a flag in an exercise.
pub(crate) fn flags_problem(name: &str, flag: &str) -> Option<String> {
    let command = table().get(name.strip_prefix("docker ").unwrap_or(name))?;
    match demand(command, flag) {
        Some(_) => None,
        None => {
            let written = flag.split([' ', '=']).next().unwrap_or_default();
            let known = command.flags.iter().map(|flag| flag.long);
            let near = dockerfile::suggest(written.trim_start_matches('-'), known);
            let near = near.map_or(String::new(), |near| format!("; did you mean `--{near}`?"));
            Some(format!(
                "`{}` has no flag `{written}`, or not with this value{near}",
                command.shown()
            ))
        }
    }
}

/// A demanded flag: its subject, and the value in one form where one is demanded.
pub(super) type Demand = ((&'static str, &'static str), Option<String>);

pub(super) fn demand(command: &'static Command, text: &str) -> Option<Demand> {
    let flag = match text.strip_prefix("--") {
        Some(name) if !name.contains(['=', ' ']) => command.long(name),
        None if text.len() == 2 => command.short(text.chars().nth(1)?),
        _ => None,
    };
    if let Some(flag) = flag {
        let value = flag.is_switch().then(|| "true".to_owned());
        return Some(((command.path, value::subject(flag.long, "")), value));
    }
    let line = format!("docker {} {text}", command.path);
    let script = read(&line);
    let found = parse(script.steps.first()?);
    let bad = |what: &What| !matches!(what, What::TooFew { .. });
    if found.slips.iter().any(|slip| bad(&slip.what)) || !found.args.is_empty() {
        return None;
    }
    let values = values(&found);
    let (key, values) = values.into_iter().next()?;
    Some((key, values.first().map(|(form, _)| form.clone())))
}

/// Whether a flag is given, with the demanded value where there is one. A mount without a value stands for its kind, however
/// it is written: `-v` for volumes and folders of the host, `--tmpfs` for memory, `--mount` for all of them.
fn given(one: &Invocation, text: &str) -> bool {
    let Some((key, value)) = demand(one.command, text) else {
        return false;
    };
    let values = values(one);
    let Some(values) = values.get(&key) else {
        return false;
    };
    let in_memory = |form: &str| form.starts_with("tmpfs|");
    match (value, text) {
        (Some(value), _) => values.iter().any(|(form, _)| *form == value),
        (None, "-v" | "--volume") if key.1 == "mount" => {
            values.iter().any(|(form, _)| !in_memory(form))
        }
        (None, "--tmpfs") if key.1 == "mount" => values.iter().any(|(form, _)| in_memory(form)),
        (None, _) => true,
    }
}

/// Everything that is demanded of a command and that this one does not meet, as it would be written.
pub(super) fn unmet(
    one: &Invocation,
    flags: Flags<'_>,
    facts: Facts<'_>,
    args: Option<&[String]>,
) -> Vec<String> {
    let mut unmet: Vec<String> = flags
        .has
        .iter()
        .filter(|text| !given(one, text))
        .cloned()
        .collect();
    let there = flags.lacks.iter().filter(|text| given(one, text));
    unmet.extend(there.map(|text| format!("no {text}")));
    unmet.extend(args.and_then(|args| other_args(one, args)));
    unmet.extend(unmet_facts(one, facts));
    unmet
}

/// The arguments that are demanded, where the command has others.
fn other_args(one: &Invocation, args: &[String]) -> Option<String> {
    let command = one.command;
    let line = args
        .iter()
        .map(|arg| format!(" '{}'", arg.replace('\'', "'\\''")));
    let line = format!("docker {} --{}", command.path, line.collect::<String>());
    let script = read(&line);
    let wanted = parse(script.steps.first()?);
    let bare = |one: &Invocation| Invocation {
        command: one.command,
        flags: Vec::new(),
        args: one.args.clone(),
        slips: Vec::new(),
        help: false,
        name: one.name,
        range: one.range,
        splits: one.splits,
    };
    let same = compare_one(&bare(&wanted), &bare(one), Lang::En).is_empty();
    (!same).then(|| args.join(" "))
}
