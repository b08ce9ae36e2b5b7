//! What a stage has set so far: the variables, the arguments and the rest that later instructions see.

use std::collections::BTreeMap;

use dockerfile::{Instruction, Kind, expand};

use super::{Builder, Project};

/// The settings of a stage at one of its instructions.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) env: BTreeMap<String, String>,
    /// `ARG`s of the stage; none where they have no value.
    pub(super) args: BTreeMap<String, Option<String>>,
    pub(super) user: String,
    pub(super) workdir: String,
    pub(super) shell: Vec<String>,
}

impl Default for State {
    fn default() -> State {
        State {
            env: BTreeMap::new(),
            args: BTreeMap::new(),
            user: String::new(),
            workdir: "/".to_owned(),
            shell: vec!["/bin/sh".to_owned(), "-c".to_owned()],
        }
    }
}

/// A text after expansion, with the variables that it named.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) text: String,
    /// Values of the named variables, where they have one.
    pub(super) used: BTreeMap<String, Option<String>>,
}

impl State {
    /// What a stage that starts from this one begins with. Only BuildKit passes arguments on.
    pub(super) fn child(&self, builder: Builder) -> State {
        let mut child = self.clone();
        if builder == Builder::Classic {
            child.args.clear();
        }
        child
    }

    /// The value of a variable: `ENV` wins over `ARG`.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.env
            .get(name)
            .cloned()
            .or_else(|| self.args.get(name).cloned().flatten())
    }

    /// Expands a word. A word that cannot be expanded counts as it is written: the build fails with it anyway.
    pub(super) fn fill(&self, text: &str, escape: char) -> Filled {
        filled(text, escape, &|name| self.value(name))
    }

    /// The arguments that a `RUN` sees: those with a value that no `ENV` hides.
    pub(super) fn run_args(&self) -> BTreeMap<String, Option<String>> {
        self.args
            .iter()
            .filter(|(name, value)| value.is_some() && !self.env.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// An absolute path, seen from the working folder. A slash at the end stays, as it says that a folder is meant.
    pub(super) fn absolute(&self, path: &str) -> String {
        let joined = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.workdir)
        };
        let clean = dockerfile::ignore::clean(&joined);
        let folder = path.ends_with('/') || path == "." || path.ends_with("/.");
        if folder && clean != "/" {
            clean + "/"
        } else {
            clean
        }
    }

    /// Takes over what an instruction sets.
    pub(super) fn apply(
        &mut self,
        instruction: &Instruction,
        escape: char,
        globals: &BTreeMap<String, Option<String>>,
        project: &Project<'_>,
    ) {
        let word = |state: &State| {
            let word = instruction.words().first();
            word.map_or_else(String::new, |word| state.fill(&word.value, escape).text)
        };
        match instruction.kind {
            Kind::Env => {
                // All pairs of one instruction see the values from before it.
                let new: Vec<(String, String)> = instruction
                    .pairs()
                    .iter()
                    .map(|pair| {
                        let value = pair.value.as_ref();
                        let value = value.map_or("", |value| value.value.as_str());
                        (
                            self.fill(&pair.name.value, escape).text,
                            self.fill(value, escape).text,
                        )
                    })
                    .collect();
                self.env.extend(new);
            }
            Kind::Arg => {
                for pair in instruction.pairs() {
                    let name = &pair.name.value;
                    let default = pair.value.as_ref();
                    let default = default.map(|value| self.fill(&value.value, escape).text);
                    let value = project.args.get(name).cloned();
                    let value = value.or(default);
                    let value = value.or_else(|| globals.get(name).cloned().flatten());
                    self.args.insert(name.clone(), value);
                }
            }
            Kind::User => self.user = word(self),
            Kind::Workdir => {
                let path = self.absolute(&word(self));
                self.workdir = match path.trim_end_matches('/') {
                    "" => "/".to_owned(),
                    path => path.to_owned(),
                };
            }
            Kind::Shell => {
                self.shell = instruction
                    .words()
                    .iter()
                    .map(|word| word.value.clone())
                    .collect();
            }
            _ => {}
        }
    }
}

/// The `ARG`s before the first `FROM`, with the command line's values.
pub(super) fn globals(project: &Project<'_>) -> BTreeMap<String, Option<String>> {
    let tree = project.dockerfile;
    let first = tree.stages.first().map_or(usize::MAX, |stage| stage.from);
    let mut globals: BTreeMap<String, Option<String>> = BTreeMap::new();
    let before = tree.instructions.iter().take(first);
    for pair in before
        .filter(|instruction| instruction.kind == Kind::Arg)
        .flat_map(Instruction::pairs)
    {
        let name = &pair.name.value;
        let default = pair.value.as_ref().map(|value| {
            let get = |name: &str| globals.get(name).cloned().flatten();
            filled(&value.value, tree.escape, &get).text
        });
        let value = project.args.get(name).cloned().or(default);
        globals.insert(name.clone(), value);
    }
    globals
}

pub(super) fn filled(text: &str, escape: char, get: &dyn Fn(&str) -> Option<String>) -> Filled {
    match expand(text, escape, &mut |name| get(name)) {
        Ok(expanded) => {
            let used = expanded
                .references
                .into_iter()
                .map(|reference| {
                    let value = get(&reference.name);
                    (reference.name, value)
                })
                .collect();
            Filled {
                text: expanded.value,
                used,
            }
        }
        Err(_) => Filled {
            text: text.to_owned(),
            used: BTreeMap::new(),
        },
    }
}
