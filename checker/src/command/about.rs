//! Which of several commands a demand is about, so that a mistake in another one is not told for it.

use super::demand::{Facts, Flags, demand, unmet};
use super::grammar::Invocation;
use super::slip::What;
use super::steps::{invocations, read};
use super::table::{Command, table};

/// How a text stands to a demand on one of its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The commands that meet it; where none does, those that come nearest. Bytes of the text, from the end of the command
    /// before it to its own end.
    pub(crate) about: Vec<(usize, usize)>,
    /// The words of the first of those that come nearest.
    pub(crate) nearest: Option<(usize, usize)>,
    /// The first thing that is missing, as it would be written; `None` where a command meets it all.
    pub(crate) missing: Option<String>,
    /// What is missing, or whether the command is run at all, is known only when the text is run.
    pub(crate) uncertain: bool,
}

/// Whether a command of the text is `name` and has these flags, this image and these arguments.
pub(crate) fn satisfies(
    typed: &str,
    name: &str,
    flags: Flags<'_>,
    facts: Facts<'_>,
    args: Option<&[String]>,
) -> Answer {
    let Some(command) = table().get(name.strip_prefix("docker ").unwrap_or(name)) else {
        return Answer {
            about: Vec::new(),
            nearest: None,
            missing: Some(name.to_owned()),
            uncertain: false,
        };
    };
    let script = read(typed);
    let control = script.control.is_some();
    let found = invocations(&script);
    let answer = |about: &[&Candidate<'_>], missing: Option<String>| Answer {
        about: about.iter().map(|one| one.range).collect(),
        nearest: about.first().map(|one| one.one.range),
        uncertain: control || (missing.is_some() && about.iter().any(|one| uncertain(one.one))),
        missing,
    };

    let mut end = 0;
    let mut named = Vec::new();
    let mut misread = Vec::new();
    for (step, one) in &found {
        let range = (end.min(step.range().0), step.range().1);
        end = range.1;
        let unmet = unmet(one, flags, facts, args);
        let candidate = Candidate { one, range, unmet };
        if one.command.path == command.path {
            named.push(candidate);
        } else if could_mean(one, command) {
            misread.push(candidate);
        }
    }
    let right: Vec<_> = named.iter().filter(|one| one.unmet.is_empty()).collect();
    if !right.is_empty() {
        return answer(&right, None);
    }
    // A container of another name is another command's, unless there is but one command.
    let name = flags.has.iter().find_map(|text| {
        let (key, value) = demand(command, text)?;
        (key.1 == "name").then_some((text, value?))
    });
    let of_another = |one: &Invocation| {
        let other = |value: &str| name.as_ref().is_some_and(|(_, wanted)| wanted != value);
        let mut given = one.flags.iter().filter(|given| given.flag.long == "name");
        given.any(|given| !given.unknown && other(&given.value))
    };
    let own = |candidate: &&Candidate<'_>| named.len() == 1 || !of_another(candidate.one);
    let least = named.iter().filter(own).map(|one| one.unmet.len()).min();
    let mut nearest: Vec<_> = named
        .iter()
        .filter(own)
        .filter(|one| Some(one.unmet.len()) == least)
        .collect();
    let missing = match (nearest.first(), &name) {
        (Some(first), _) => first.unmet[0].clone(),
        (None, Some((text, _))) if !named.is_empty() => (*text).clone(),
        (None, _) => command.shown(),
    };
    nearest.extend(&misread);
    answer(&nearest, Some(missing))
}

/// A command that the demand may be about.
struct Candidate<'a> {
    one: &'a Invocation,
    range: (usize, usize),
    unmet: Vec<String>,
}

fn uncertain(one: &Invocation) -> bool {
    one.splits
        || one.args.iter().any(|arg| arg.unknown)
        || one.flags.iter().any(|given| given.unknown)
}

/// A command whose name could not be read, or that is known to be mistaken for the demanded one.
fn could_mean(one: &Invocation, wanted: &Command) -> bool {
    one.slips.iter().any(|slip| match &slip.what {
        What::UnknownCommand { .. } | What::NotCovered(_) => true,
        What::RunForBuild => wanted.path == "image build",
        What::ExecConfig => wanted.path == "compose config",
        What::UnknownLetter {
            letter: 'f',
            command: "container run",
            ..
        } => wanted.path == "container rm",
        _ => false,
    })
}
