//! A Dockerfile for the classic builder: read by the parser that all of Docktutor uses, judged, and written anew.
//!
//! Every image that it names is replaced by the id of an image that the scope sees. What the builder would fetch from
//! elsewhere is refused. The builder gets one instruction on one line, without comments and continuations.
//!
//! The parser reads as BuildKit does, and the classic builder of an older engine is another reader. So nothing here
//! rests on the two agreeing: what they could read in two ways is refused, and the text that was written is read
//! again before it is sent, and must name nothing but what was judged.

mod differences;

use super::reference::Reference;
use crate::error::Fault;
use ::dockerfile::{Body, Dockerfile, Instruction, Kind, ProblemKind, expand, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A Dockerfile for the engine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rebuilt {
    pub(crate) text: String,
    /// Instructions that were changed: as the builder will print them, and as the learner wrote them.
    pub(crate) changed: Vec<(String, String)>,
}

/// Finds the id of an image by the name that the learner wrote.
pub(crate) type Resolve<'a> = dyn Fn(&str) -> Result<String, Fault> + 'a;

/// A part of an instruction's line and what stands there instead.
type Edit = (Range<usize>, String);

/// Rebuilds a Dockerfile. `arguments` are those of the build call; only `ARG`s before the first `FROM` see them here.
pub(crate) fn rebuild(
    bytes: &[u8],
    arguments: &BTreeMap<String, Option<String>>,
    resolve: &Resolve<'_>,
) -> Result<Rebuilt, Fault> {
    let file = parse(bytes);
    problems(&file)?;
    differences::in_directives(&file)?;
    let mut state = Rebuild {
        escape: file.escape,
        globals: BTreeMap::new(),
        arguments,
        done: BTreeSet::new(),
        open: None,
        stages: 0,
        sources: Vec::new(),
        resolve,
    };
    let (mut text, mut changed) = (String::new(), Vec::new());
    if file.escape == '`' {
        text.push_str("# escape=`\n");
    }
    for instruction in &file.instructions {
        let at = |fault| at_line(instruction.lines.0, fault);
        differences::in_line(instruction, file.escape).map_err(at)?;
        let edits = state.instruction(instruction).map_err(at)?;
        let (line, was) = edit(&instruction.logical.text, edits);
        text.push_str(&line);
        text.push('\n');
        if line != was {
            changed.push((line, was));
        }
    }
    read_again(&text, &file, &state.sources)?;
    Ok(Rebuilt { text, changed })
}

/// What the parser finds wrong ends the build here, in the engine's words where it has some.
fn problems(file: &Dockerfile) -> Result<(), Fault> {
    let wrong = file.problems.iter().find(|problem| {
        // Both builders go on after an empty line, with a warning.
        problem.kind != ProblemKind::EmptyContinuation
    });
    let Some(problem) = wrong else {
        return Ok(());
    };
    let message = match &problem.kind {
        ProblemKind::NoInstructions => {
            return Err(Fault::bad("the Dockerfile (Dockerfile) cannot be empty"));
        }
        ProblemKind::NotUtf8 { .. } => return Err(Fault::bad("the Dockerfile is not UTF-8")),
        ProblemKind::UnterminatedHeredoc { .. } => return Err(differences::heredoc()),
        ProblemKind::NoStage => {
            return Err(Fault::bad("no build stage in current context"));
        }
        ProblemKind::FromArguments { .. } => {
            "FROM requires either one or three arguments".to_owned()
        }
        ProblemKind::UnknownInstruction { keyword, .. } => {
            format!("unknown instruction: {}", keyword.to_uppercase())
        }
        ProblemKind::NeedsArgument { instruction } => {
            let count = match instruction.to_string().as_str() {
                "USER" | "WORKDIR" | "STOPSIGNAL" | "MAINTAINER" => "exactly",
                _ => "at least",
            };
            format!("{instruction} requires {count} one argument")
        }
        ProblemKind::NeedsDestination { instruction } => format!(
            "{instruction} requires at least two arguments, but only one was provided. Destination could not be determined."
        ),
        ProblemKind::OnbuildForbids { instruction } => {
            format!("{instruction} isn't allowed as an ONBUILD trigger")
        }
        ProblemKind::OnbuildChain => {
            "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned()
        }
        ProblemKind::BadStageName { name } => format!(
            "invalid name for build stage: {name:?}, name can't start with a number or contain symbols"
        ),
        other => other.to_string(),
    };
    let line = match problem.instruction {
        Some(index) => file.instructions[index].lines.0,
        None => file.source.line_of(problem.span.start),
    };
    Err(at_line(line, Fault::bad(message)))
}

/// Says on which line a mistake is; what is refused for other reasons keeps its own words.
fn at_line(line: usize, fault: Fault) -> Fault {
    if fault.status == hyper::StatusCode::BAD_REQUEST {
        let message = format!("dockerfile parse error line {line}: {}", fault.message);
        return Fault::new(fault.status, message);
    }
    fault
}

/// Puts edits into a line. Returns the new line and the old one, both without blanks around them.
fn edit(line: &str, mut edits: Vec<Edit>) -> (String, String) {
    let mut new = line.to_owned();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in edits {
        new.replace_range(range, &text);
    }
    (new.trim().to_owned(), line.trim().to_owned())
}

struct Rebuild<'a> {
    escape: char,
    /// `ARG`s before the first `FROM`, which `FROM` lines may use.
    globals: BTreeMap<String, String>,
    arguments: &'a BTreeMap<String, Option<String>>,
    /// Names of the stages that have ended, in small letters. For the classic builder a stage has no name before it
    /// has ended: `COPY --from` with the name of its own stage takes an image of that name.
    done: BTreeSet<String>,
    /// The name of the stage that is open.
    open: Option<String>,
    /// How many stages there are so far, the open one included.
    stages: usize,
    /// Every source that was judged, as it is written.
    sources: Vec<String>,
    resolve: &'a Resolve<'a>,
}

impl Rebuild<'_> {
    fn instruction(&mut self, this: &Instruction) -> Result<Vec<Edit>, Fault> {
        match this.kind {
            Kind::From => self.from(this),
            Kind::Arg if self.stages == 0 => self.global(this).map(|()| Vec::new()),
            _ => self.step(this, false),
        }
    }

    /// An instruction inside a stage; `later` is one that a build on top of this image will run.
    fn step(&mut self, this: &Instruction, later: bool) -> Result<Vec<Edit>, Fault> {
        match (this.kind, &this.body) {
            (Kind::Onbuild, Body::Trigger(trigger)) => self.step(trigger, true),
            (Kind::Copy, _) => self.copy(this, later),
            (Kind::Add, _) => differences::add(this).map(|()| Vec::new()),
            (Kind::Run, _) => differences::run(this).map(|()| Vec::new()),
            _ => Ok(Vec::new()),
        }
    }

    fn global(&mut self, this: &Instruction) -> Result<(), Fault> {
        for pair in this.pairs() {
            let name = &pair.name.value;
            let value = match (
                self.arguments.get(name).cloned().flatten(),
                pair.value.as_ref(),
            ) {
                (Some(given), _) => Some(given),
                (None, Some(default)) => Some(self.expand(&default.value)?),
                (None, None) => None,
            };
            if let Some(value) = value {
                self.globals.insert(name.clone(), value);
            }
        }
        Ok(())
    }

    /// `FROM [--platform=…] image [AS name]`
    fn from(&mut self, this: &Instruction) -> Result<Vec<Edit>, Fault> {
        self.done.extend(self.open.take());
        for flag in &this.flags {
            let platform = flag.text.strip_prefix("--platform=").unwrap_or_default();
            if !matches!(
                platform,
                "linux/amd64" | "linux/arm64" | "$BUILDPLATFORM" | "$TARGETPLATFORM" | "linux"
            ) {
                return Err(Fault::refused(format!("FROM {}", flag.text)));
            }
        }
        let (base, name) = match this.words() {
            [base] => (base, None),
            [base, _, name] => (base, Some(name)),
            _ => return Err(Fault::bad("FROM requires either one or three arguments")),
        };
        let expanded = self.expand(&base.value)?;
        if expanded.is_empty() {
            return Err(Fault::bad(format!(
                "base name ({}) should not be blank",
                base.value
            )));
        }
        let own = self.done.contains(&expanded.to_ascii_lowercase()) || expanded == "scratch";
        let target = if own {
            expanded
        } else {
            self.image(&expanded)?
        };
        if let Some(name) = name {
            if !name.value.is_ascii() {
                return Err(Fault::bad(format!(
                    "invalid name for build stage: {:?}, name can't start with a number or contain symbols",
                    name.value
                )));
            }
            self.open = Some(name.value.to_ascii_lowercase());
        }
        self.stages += 1;
        self.sources.push(target.clone());
        Ok(vec![(base.at..base.at + base.value.len(), target)])
    }

    /// `COPY [--from=stage or image] [--chown=…] sources… target`
    fn copy(&mut self, this: &Instruction, later: bool) -> Result<Vec<Edit>, Fault> {
        differences::copy(this)?;
        let Some(flag) = this.flag("from") else {
            return Ok(Vec::new());
        };
        let source = flag
            .value
            .as_ref()
            .filter(|source| !source.value.is_empty())
            .ok_or_else(|| Fault::bad("COPY --from needs the name of a stage or an image"))?;
        let target = self.source(&source.value, later)?;
        self.sources.push(target.clone());
        Ok(vec![(source.at..source.at + source.value.len(), target)])
    }

    fn source(&self, name: &str, later: bool) -> Result<String, Fault> {
        let number = name.bytes().all(|b| b.is_ascii_digit());
        let stage = self.done.contains(&name.to_ascii_lowercase());
        // The stages of a later build are not known here, and a name that is none of them means an image there.
        if later && (number || stage) {
            return Err(Fault::refused(format!(
                "ONBUILD COPY --from={name}: a stage of this build is not there when the trigger runs"
            )));
        }
        if stage {
            return Ok(name.to_owned());
        }
        if number {
            // A number that the builder cannot read would be taken for the name of an image.
            let earlier = name
                .parse::<usize>()
                .is_ok_and(|index| index + 1 < self.stages);
            return if earlier {
                Ok(name.to_owned())
            } else {
                Err(Fault::bad(format!(
                    "invalid from flag value {name}: no earlier stage has this number"
                )))
            };
        }
        self.image(name)
    }

    fn image(&self, name: &str) -> Result<String, Fault> {
        match Reference::parse(name) {
            Some(_) => (self.resolve)(name),
            None => Err(Fault::bad(format!(
                "failed to parse stage name {name:?}: invalid reference format"
            ))),
        }
    }

    /// Puts in the values of global arguments: `$A`, `${A}`, `${A:-default}`, `${A:+other}`.
    fn expand(&self, text: &str) -> Result<String, Fault> {
        let odd = |why: &str| Fault::bad(format!("failed to process {text:?}: {why}"));
        let expanded = expand(text, self.escape, &mut |name| {
            self.globals.get(name).cloned()
        })
        .map_err(|error| odd(error.reason))?;
        for reference in &expanded.references {
            let rest = text[reference.start..reference.end]
                .trim_start_matches("${")
                .strip_prefix(reference.name.as_str())
                .unwrap_or("");
            if text[reference.start..].starts_with("${")
                && !matches!(rest.as_bytes(), [b'}'] | [b':', b'-' | b'+', ..])
            {
                return Err(odd("unsupported modifier in substitution"));
            }
        }
        Ok(expanded.value)
    }
}

/// Reads what was written, and finds in it the judged instructions and sources and nothing else.
fn read_again(text: &str, file: &Dockerfile, sources: &[String]) -> Result<(), Fault> {
    let again = parse(text.as_bytes());
    let kinds = |file: &Dockerfile| -> Vec<(Kind, Kind)> {
        let all = file.instructions.iter();
        all.map(|this| (this.kind, this.inner().kind)).collect()
    };
    let one_line = again.instructions.iter().all(|this| {
        this.lines.0 == this.lines.1 && this.heredocs.is_empty() && this.inner().heredocs.is_empty()
    });
    let found = again.instructions.iter().filter_map(|this| {
        let inner = this.inner();
        match inner.kind {
            Kind::From => inner.words().first().map(|word| word.value.clone()),
            Kind::Copy => Some(inner.flag("from")?.value.as_ref()?.value.clone()),
            _ => None,
        }
    });
    if again.problems.is_empty()
        && again.escape == file.escape
        && kinds(&again) == kinds(file)
        && one_line
        && found.eq(sources.iter().cloned())
    {
        return Ok(());
    }
    Err(Fault::refused(
        "this Dockerfile can be read in more than one way: write one instruction on a line, with plain words",
    ))
}

#[cfg(test)]
mod tests;
