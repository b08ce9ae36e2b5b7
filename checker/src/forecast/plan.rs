//! The stages of a Dockerfile with the keys of their steps, and which stages are built at all.

use std::fmt;

use super::key::{Key, Pieces, Reader};
use super::state::{self, State};
use super::{Builder, Project};

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// An image; `scratch` is one like others here.
    Image(String),
    /// An earlier stage.
    Stage(usize),
}

impl Base {
    pub(super) fn chain(&self) -> [u8; 32] {
        let mut pieces = Pieces::new();
        pieces.add(b"image");
        pieces.add(self.to_string().as_bytes());
        pieces.end()
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Image(image) => f.write_str(image),
            Base::Stage(stage) => write!(f, "{stage}"),
        }
    }
}

/// A stage.
#[derive(Debug)]
pub(super) struct PlannedStage {
    /// Index of its `FROM`.
    pub(super) from: usize,
    /// Its name or its number.
    pub(super) name: String,
    pub(super) base: Base,
    /// Index of each instruction behind `FROM`, and its key.
    pub(super) keys: Vec<(usize, Key)>,
    pub(super) needed: bool,
}

/// All stages.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) stages: Vec<PlannedStage>,
}

impl Plan {
    pub(super) fn of(project: &Project<'_>, builder: Builder) -> Plan {
        let tree = project.dockerfile;
        let globals = state::globals(project);
        let mut stages: Vec<PlannedStage> = Vec::new();
        let mut states: Vec<State> = Vec::new();
        for (at, stage) in tree.stages.iter().enumerate() {
            let written = stage.base.as_ref().map_or("", |base| base.value.as_str());
            let get = |name: &str| globals.get(name).cloned().flatten();
            let name = state::filled(written, tree.escape, &get).text;
            let base = match tree.stage_named(&name, at) {
                Some(parent) => Base::Stage(parent),
                None => Base::Image(platform(stage, &get, tree.escape) + &name),
            };
            let mut state = match base {
                Base::Stage(parent) => states[parent].child(builder),
                Base::Image(_) => State::default(),
            };
            let mut keys = Vec::new();
            let instructions = tree.stage_instructions(at).iter().enumerate().skip(1);
            for (offset, instruction) in instructions {
                let reader = Reader {
                    project,
                    builder,
                    stage: at,
                    state: &state,
                };
                let key = reader.key(instruction);
                state.apply(instruction, tree.escape, &globals, project);
                keys.push((stage.from + offset, key));
            }
            stages.push(PlannedStage {
                from: stage.from,
                name: match &stage.name {
                    Some(name) => name.value.clone(),
                    None => at.to_string(),
                },
                base,
                keys,
                needed: false,
            });
            states.push(state);
        }
        let mut plan = Plan { stages };
        plan.mark(project, builder);
        plan
    }

    /// The stage that stood for this one before the edit: the one of its name, or of its place.
    pub(super) fn counterpart(&self, stage: &PlannedStage, at: usize) -> Option<&PlannedStage> {
        let named = self.stages.iter().find(|other| other.name == stage.name);
        named.or_else(|| self.stages.get(at))
    }

    fn mark(&mut self, project: &Project<'_>, builder: Builder) {
        let Some(last) = self.stages.len().checked_sub(1) else {
            return;
        };
        let target = project.target.and_then(|target| {
            let number = target.parse().ok().filter(|&number: &usize| number <= last);
            let named = project.dockerfile.stage_named(target, last + 1);
            named.or(number)
        });
        let target = target.unwrap_or(last);
        match builder {
            Builder::Classic => self.stages[..=target]
                .iter_mut()
                .for_each(|stage| stage.needed = true),
            Builder::Buildkit => {
                // A stage only looks back, so one pass from the end finds all.
                self.stages[target].needed = true;
                for at in (0..=target).rev() {
                    if !self.stages[at].needed {
                        continue;
                    }
                    let stage = &self.stages[at];
                    let mut inputs: Vec<usize> = stage
                        .keys
                        .iter()
                        .flat_map(|(_, key)| key.inputs.clone())
                        .collect();
                    if let Base::Stage(parent) = stage.base {
                        inputs.push(parent);
                    }
                    for input in inputs {
                        self.stages[input].needed = true;
                    }
                }
            }
        }
    }
}

fn platform(
    stage: &dockerfile::Stage,
    get: &dyn Fn(&str) -> Option<String>,
    escape: char,
) -> String {
    match &stage.platform {
        Some(platform) => state::filled(&platform.value, escape, get).text + " ",
        None => String::new(),
    }
}
