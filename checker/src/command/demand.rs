//! Facts that an exercise demands of a command: its name, flags and arguments.

use super::compare::{compare as compare_one, values};
use super::grammar::{Invocation, parse};
use super::slip::What;
use super::steps::{invocations, read};
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

/// The first fact that a command does not meet.
fn unmet(one: &Invocation, facts: Facts<'_>) -> Option<String> {
    if let Some(image) = facts.image {
        let used = one.args.first().map(|arg| full_name(&arg.text));
        if used != Some(full_name(image)) {
            return Some(format!("image {image}"));
        }
    }
    let values = |long: &'static str| {
        one.flags
            .iter()
            .filter(move |given| given.flag.long == long)
    };
    for wanted in facts.publishes {
        let wanted = port(wanted)?;
        let there = values("publish")
            .filter_map(|given| Port::parse(&given.value))
            .any(|port| format!("{}/{}", port.container, port.protocol) == wanted);
        if !there {
            return Some(format!("container port {wanted} published"));
        }
    }
    for wanted in facts.mounts {
        let there = ["volume", "mount", "tmpfs"].into_iter().any(|long| {
            values(long)
                .filter_map(|given| value::Mount::parse(long, &given.value))
                .any(|mount| mount.target == value::folder(wanted))
        });
        if !there {
            return Some(format!("a mount at {wanted}"));
        }
    }
    None
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
type Demand = ((&'static str, &'static str), Option<String>);

fn demand(command: &'static Command, text: &str) -> Option<Demand> {
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

/// Whether a command of the text is `name` and has these flags, this image and these arguments. Otherwise the first
/// thing that is missing, as it would be written.
pub(crate) fn satisfies(
    typed: &str,
    name: &str,
    flags: Flags<'_>,
    facts: Facts<'_>,
    args: Option<&[String]>,
) -> Result<(), (String, bool)> {
    let Some(command) = table().get(name.strip_prefix("docker ").unwrap_or(name)) else {
        return Err((name.to_owned(), false));
    };
    let script = read(typed);
    let unknown = script.control.is_some();
    let found = invocations(&script);
    let mut lacking = None;
    for (_, one) in found
        .iter()
        .filter(|(_, one)| one.command.path == command.path)
    {
        match meets(one, command, flags, args).or_else(|| unmet(one, facts)) {
            None => {
                return if unknown {
                    Err((String::new(), true))
                } else {
                    Ok(())
                };
            }
            Some(missing) => lacking = Some((missing, unknown || uncertain(one))),
        }
    }
    Err(lacking.unwrap_or_else(|| (command.shown(), unknown)))
}

fn uncertain(one: &Invocation) -> bool {
    one.splits
        || one.args.iter().any(|arg| arg.unknown)
        || one.flags.iter().any(|given| given.unknown)
}

fn meets(
    one: &Invocation,
    command: &'static Command,
    flags: Flags<'_>,
    args: Option<&[String]>,
) -> Option<String> {
    let values = values(one);
    let given = |text: &String| {
        demand(command, text).is_some_and(|(key, value)| {
            values.get(&key).is_some_and(|values| match &value {
                Some(value) => values.iter().any(|(form, _)| form == value),
                None => true,
            })
        })
    };
    if let Some(missing) = flags.has.iter().find(|text| !given(text)) {
        return Some(missing.clone());
    }
    if let Some(there) = flags.lacks.iter().find(|text| given(text)) {
        return Some(format!("no {there}"));
    }
    let args = args?;
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
