//! Which variables an instruction sees: `ARG` before the first `FROM`, `ARG` and `ENV` in a stage, and what a stage
//! inherits from the stage it starts from.

use std::collections::HashMap;

use crate::ast::{Dockerfile, Instruction, Kind};
use crate::expand::{ExpandError, Expanded, expand};
use crate::source::Span;

/// Variables that BuildKit fills in; usable in `FROM`, and in a stage behind `ARG NAME`.
pub const PLATFORM_ARGS: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// Build arguments that `--build-arg` takes and `RUN` sees without an `ARG`.
pub const PREDEFINED_ARGS: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// A chain of stages longer than this is not followed further.
const MAX_CHAIN: usize = 100;
/// Longer values are taken for unknown, so that `ENV A=$A$A` cannot grow without end.
const MAX_VALUE: usize = 4096;

/// Where a variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `ARG` before the first `FROM`.
    Global,
    /// `ARG` in a stage.
    Arg,
    /// `ENV`.
    Env,
    /// BuildKit itself.
    Platform,
}

/// A variable that is defined somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where it comes from.
    pub origin: Origin,
    /// Its value, where the file says one.
    pub value: Option<String>,
    /// Its name where it is defined; empty for what BuildKit fills in.
    pub span: Span,
    /// Index of the instruction that defines it.
    pub instruction: usize,
}

/// All definitions of a file.
#[derive(Debug, Default)]
pub struct Scopes {
    globals: HashMap<String, Variable>,
    stages: Vec<StageScope>,
}

#[derive(Debug, Default)]
struct StageScope {
    parent: Option<usize>,
    args: HashMap<String, Vec<Variable>>,
    envs: HashMap<String, Vec<Variable>>,
}

/// The last definition before an instruction.
fn last<'a>(
    found: &'a HashMap<String, Vec<Variable>>,
    name: &str,
    before: usize,
) -> Option<&'a Variable> {
    let found = found.get(name)?;
    found[..found.partition_point(|variable| variable.instruction < before)].last()
}

/// The variables that one instruction sees.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    scopes: &'a Scopes,
    /// `None` before the first `FROM` and in `FROM` itself.
    stage: Option<usize>,
    instruction: usize,
}

/// Reads all definitions.
pub fn scopes(file: &Dockerfile) -> Scopes {
    let mut scopes = Scopes::default();
    for (index, instruction) in file.instructions.iter().enumerate() {
        match file.stage_of(index) {
            None => {
                if instruction.kind == Kind::Arg {
                    scopes.define_globals(index, instruction, file.escape);
                }
            }
            Some(stage) if instruction.kind == Kind::From => {
                let parent = scopes.base_stage(file, stage);
                scopes.stages.push(StageScope {
                    parent,
                    ..StageScope::default()
                });
            }
            Some(stage) => scopes.define(index, stage, instruction, file.escape),
        }
    }
    scopes
}

impl Scopes {
    /// What the instruction with this index sees.
    pub fn at<'a>(&'a self, file: &Dockerfile, instruction: usize) -> Scope<'a> {
        let is_from = file
            .instructions
            .get(instruction)
            .is_some_and(|this| this.kind == Kind::From);
        let stage = file.stage_of(instruction).filter(|_| !is_from);
        Scope {
            scopes: self,
            stage,
            instruction,
        }
    }

    /// The `ARG`s before the first `FROM`.
    pub fn global(&self, name: &str) -> Option<&Variable> {
        self.globals.get(name)
    }

    /// The names of the `ARG`s before the first `FROM`.
    pub fn global_names(&self) -> impl Iterator<Item = &str> {
        self.globals.keys().map(String::as_str)
    }

    /// The stage that a stage starts from, where it starts from one.
    pub fn parent(&self, stage: usize) -> Option<usize> {
        self.stages.get(stage)?.parent
    }

    fn base_stage(&self, file: &Dockerfile, stage: usize) -> Option<usize> {
        let base = file.stages[stage].base.as_ref()?;
        let scope = Scope {
            scopes: self,
            stage: None,
            instruction: file.stages[stage].from,
        };
        let name = scope.expand(&base.value, file.escape).ok()?.value;
        file.stage_named(&name, stage)
    }

    fn define_globals(&mut self, index: usize, instruction: &Instruction, escape: char) {
        for pair in instruction.pairs() {
            let scope = Scope {
                scopes: self,
                stage: None,
                instruction: index,
            };
            let value = pair
                .value
                .as_ref()
                .and_then(|value| scope.known(&value.value, escape));
            let variable = Variable {
                origin: Origin::Global,
                value,
                span: pair.name.span,
                instruction: index,
            };
            self.globals.insert(pair.name.value.clone(), variable);
        }
    }

    fn define(&mut self, index: usize, stage: usize, instruction: &Instruction, escape: char) {
        let origin = match instruction.kind {
            Kind::Env => Origin::Env,
            Kind::Arg => Origin::Arg,
            _ => return,
        };
        let mut new = Vec::new();
        for pair in instruction.pairs() {
            let scope = Scope {
                scopes: self,
                stage: Some(stage),
                instruction: index,
            };
            let value = match &pair.value {
                Some(value) => scope.known(&value.value, escape),
                None => self
                    .globals
                    .get(&pair.name.value)
                    .and_then(|global| global.value.clone()),
            };
            new.push((
                pair.name.value.clone(),
                Variable {
                    origin,
                    value,
                    span: pair.name.span,
                    instruction: index,
                },
            ));
        }
        let Some(scope) = self.stages.get_mut(stage) else {
            return;
        };
        let definitions = if origin == Origin::Env {
            &mut scope.envs
        } else {
            &mut scope.args
        };
        for (name, variable) in new {
            definitions.entry(name).or_default().push(variable);
        }
    }
}

impl<'a> Scope<'a> {
    /// The variable of a name. Inside a stage an `ARG` before the first `FROM` is not seen. `ENV` wins over `ARG`.
    pub fn get(&self, name: &str) -> Option<&'a Variable> {
        let Some(stage) = self.stage else {
            return self.scopes.globals.get(name);
        };
        let mut argument = None;
        let mut next = Some(stage);
        for _ in 0..MAX_CHAIN {
            let Some(scope) = next.and_then(|stage| self.scopes.stages.get(stage)) else {
                break;
            };
            if let Some(variable) = last(&scope.envs, name, self.instruction) {
                return Some(variable);
            }
            argument = argument.or_else(|| last(&scope.args, name, self.instruction));
            next = scope.parent;
        }
        argument
    }

    /// All names that are seen.
    pub fn names(&self) -> Vec<&'a str> {
        let Some(stage) = self.stage else {
            return self.scopes.global_names().chain(PLATFORM_ARGS).collect();
        };
        let mut names = Vec::new();
        let mut next = Some(stage);
        for _ in 0..MAX_CHAIN {
            let Some(scope) = next.and_then(|stage| self.scopes.stages.get(stage)) else {
                break;
            };
            let seen = |found: &&Vec<Variable>| {
                found
                    .first()
                    .is_some_and(|first| first.instruction < self.instruction)
            };
            names.extend(
                scope
                    .args
                    .iter()
                    .chain(&scope.envs)
                    .filter(|(_, found)| seen(found))
                    .map(|(name, _)| name.as_str()),
            );
            next = scope.parent;
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Expands a word with what is known; a variable without a known value becomes empty.
    pub fn expand(&self, text: &str, escape: char) -> Result<Expanded, ExpandError> {
        expand(text, escape, &mut |name| {
            self.get(name).and_then(|variable| variable.value.clone())
        })
    }

    /// The value of a word where all of it is known and it is short.
    pub fn known(&self, text: &str, escape: char) -> Option<String> {
        if text.len() > MAX_VALUE {
            return None;
        }
        let mut unknown = false;
        let mut get = |name: &str| {
            let variable = self.get(name);
            unknown |= variable.is_none_or(|variable| variable.value.is_none());
            variable.and_then(|variable| variable.value.clone())
        };
        let value = expand(text, escape, &mut get).ok()?.value;
        (!unknown && value.len() <= MAX_VALUE).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn value(text: &str, name: &str) -> Option<String> {
        let file = parse(text.as_bytes());
        let scopes = scopes(&file);
        let scope = scopes.at(&file, file.instructions.len() - 1);
        scope
            .get(name)
            .map(|variable| variable.value.clone().unwrap_or_else(|| "?".to_owned()))
    }

    #[test]
    fn an_arg_before_from_is_seen_in_from_and_behind_arg() {
        assert_eq!(value("ARG V=1\nFROM a:$V", "V").as_deref(), Some("1"));
        assert_eq!(value("ARG V=1\nFROM a\nRUN x", "V"), None);
        assert_eq!(
            value("ARG V=1\nFROM a\nARG V\nRUN x", "V").as_deref(),
            Some("1")
        );
        assert_eq!(
            value("ARG V\nFROM a\nARG V\nRUN x", "V").as_deref(),
            Some("?")
        );
    }

    #[test]
    fn env_wins_and_uses_the_old_values() {
        assert_eq!(
            value("FROM a\nENV V=1\nARG V=2\nRUN x", "V").as_deref(),
            Some("1")
        );
        assert_eq!(
            value("FROM a\nENV a=hello\nENV a=bye d=$a\nRUN x", "d").as_deref(),
            Some("hello")
        );
        assert_eq!(value("FROM a\nRUN x\nENV V=1", "V"), None);
    }

    #[test]
    fn a_stage_inherits_from_its_base_stage_only() {
        assert_eq!(
            value("FROM a AS b\nENV V=1\nFROM b\nRUN x", "V").as_deref(),
            Some("1")
        );
        assert_eq!(value("FROM a AS b\nENV V=1\nFROM c\nRUN x", "V"), None);
        assert_eq!(
            value("ARG B=b\nFROM a AS b\nENV V=1\nFROM $B\nRUN x", "V").as_deref(),
            Some("1")
        );
    }

    #[test]
    fn values_do_not_grow_without_end() {
        let text = format!("FROM a\nENV A=xxxx\n{}RUN x", "ENV A=$A$A\n".repeat(60));
        assert_eq!(value(&text, "A").as_deref(), Some("?"));
    }
}
