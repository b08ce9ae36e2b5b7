//! Goes through the steps after an edit and looks each of them up among the results of the build before.

use std::collections::HashMap;

use super::key::{Key, Pieces};
use super::plan::{Base, Plan};
use super::{Builder, Fate, Forecast, Project, Reason, Step};

type Chain = [u8; 32];

/// How a stage stands at one of its steps.
#[derive(Clone, Debug, Default)]
struct Standing {
    /// Stands for all steps so far. Where a step may be reused, it is followed as if it were.
    chain: Chain,
    /// The first step that is surely rebuilt.
    rebuilt: Option<usize>,
    /// The stage on whose files it depends whether the steps so far are reused.
    depends: Option<String>,
    /// The first step of which nothing is known.
    unknown: Option<usize>,
    failed: Option<usize>,
}

/// A result of the build before.
struct Result<'a> {
    key: &'a Key,
    stage: usize,
    chain: Chain,
}

/// The results of the build before.
#[derive(Default)]
struct Cache<'a> {
    by_lookup: HashMap<Chain, usize>,
    /// By what stands before the step.
    by_parent: HashMap<Chain, Vec<usize>>,
    results: Vec<Result<'a>>,
    bases: Vec<&'a Base>,
}

pub(super) fn walk(before: &Project<'_>, after: &Project<'_>, builder: Builder) -> Forecast {
    let earlier = Plan::of(before, builder);
    let plan = Plan::of(after, builder);
    let cache = Cache::of(&earlier);
    let tree = after.dockerfile;
    let mut fates: Vec<(Fate, Reason)> =
        vec![(Fate::Setting, Reason::OnlySetting); tree.instructions.len()];
    let mut standings: Vec<Standing> = Vec::new();
    for (at, stage) in plan.stages.iter().enumerate() {
        if !stage.needed {
            let end = stage.keys.last().map_or(stage.from, |(last, _)| *last);
            fates[stage.from..=end].fill((Fate::NotBuilt, Reason::Unneeded));
            standings.push(Standing::default());
            continue;
        }
        let (mut standing, fate) = begin(&plan, at, &standings, &cache, &earlier);
        fates[stage.from] = fate;
        for (instruction, key) in &stage.keys {
            let number = instruction + 1;
            fates[*instruction] = step(key, number, at, &plan, &standings, &mut standing, &cache);
        }
        standings.push(standing);
    }
    let steps = tree.instructions.iter().zip(fates).enumerate();
    let steps = steps.map(|(at, (instruction, (fate, reason)))| {
        let stage = tree.stage_of(at);
        let name = stage.and_then(|stage| tree.stages[stage].name.as_ref());
        Step {
            number: at + 1,
            stage,
            stage_name: name.map(|name| name.value.clone()),
            text: instruction.logical.text.trim().to_owned(),
            line: instruction.lines.0,
            fate,
            reason,
        }
    });
    Forecast {
        builder,
        steps: steps.collect(),
    }
}

/// What a stage starts from, and the fate of its `FROM`.
fn begin(
    plan: &Plan,
    at: usize,
    standings: &[Standing],
    cache: &Cache<'_>,
    earlier: &Plan,
) -> (Standing, (Fate, Reason)) {
    let stage = &plan.stages[at];
    let number = stage.from + 1;
    if let Base::Stage(parent) = stage.base {
        let name = plan.stages[parent].name.clone();
        let mut standing = standings[parent].clone();
        let fate = if let Some(step) = standing.failed {
            (Fate::NotBuilt, Reason::AfterFailure { step })
        } else if standing.rebuilt.is_some() {
            standing.rebuilt = Some(number);
            (Fate::Rebuilt, Reason::Stage { stage: name })
        } else if let Some(step) = standing.unknown {
            (Fate::Unknown, Reason::AfterUnknown { step })
        } else if standing.depends.is_some() {
            (Fate::Depends, Reason::Stage { stage: name })
        } else {
            (Fate::Reused, Reason::Same)
        };
        return (standing, fate);
    }
    let mut standing = Standing {
        chain: stage.base.chain(),
        ..Standing::default()
    };
    if cache.bases.contains(&&stage.base) {
        return (standing, (Fate::Reused, Reason::Same));
    }
    standing.rebuilt = Some(number);
    let before = earlier.counterpart(stage, at);
    let before = before.map(|stage| stage.base.to_string());
    (standing, (Fate::Rebuilt, Reason::Base { before }))
}

fn step(
    key: &Key,
    number: usize,
    stage: usize,
    plan: &Plan,
    standings: &[Standing],
    standing: &mut Standing,
    cache: &Cache<'_>,
) -> (Fate, Reason) {
    if let Some(step) = standing.failed {
        return (Fate::NotBuilt, Reason::AfterFailure { step });
    }
    let missing = matches!(
        key.trouble,
        Some(Reason::Missing { .. } | Reason::NeedsBuildkit { .. })
    );
    if let (true, Some(reason)) = (missing, &key.trouble) {
        standing.failed = Some(number);
        return (Fate::Fails, reason.clone());
    }
    if !key.keeps {
        return (Fate::Setting, Reason::OnlySetting);
    }
    let inputs: Vec<&Standing> = key.inputs.iter().map(|&input| &standings[input]).collect();
    if let Some(step) = inputs.iter().find_map(|input| input.failed) {
        standing.failed = Some(step);
        return (Fate::NotBuilt, Reason::AfterFailure { step });
    }
    let chains: Vec<Chain> = inputs.iter().map(|input| input.chain).collect();
    let parent = standing.chain;
    standing.chain = following(parent, key, &chains);
    let name = |at: usize| plan.stages[key.inputs[at]].name.clone();
    if cache.has(parent, key, &chains) {
        // All that it looks at is the same, or may come out the same.
        let of_input = inputs.iter().position(|input| input.depends.is_some());
        let of_input = of_input.map(name);
        let unknown = inputs.iter().find_map(|input| input.unknown);
        let unknown = unknown.or(standing.unknown.filter(|_| !key.free));
        if let Some(reason @ Reason::Remote { .. }) = &key.trouble {
            standing.unknown.get_or_insert(number);
            return (Fate::Unknown, reason.clone());
        }
        if let Some(step) = unknown {
            standing.unknown.get_or_insert(step);
            return (Fate::Unknown, Reason::AfterUnknown { step });
        }
        let depends = of_input.or_else(|| standing.depends.clone().filter(|_| !key.free));
        return match depends {
            Some(stage) => {
                standing.depends.get_or_insert(stage.clone());
                (Fate::Depends, Reason::Stage { stage })
            }
            None => (Fate::Reused, Reason::Same),
        };
    }
    if let Some(step) = standing.rebuilt.filter(|_| !key.free) {
        return (Fate::Rebuilt, Reason::Earlier { step });
    }
    // The same step on the same parent, and only the stages that it copies from were built anew.
    let twin = cache.siblings(parent).find(|result| {
        result.key.own == key.own && result.key.inputs.len() == inputs.len() && !inputs.is_empty()
    });
    if let Some(twin) = twin {
        let at = inputs
            .iter()
            .position(|input| input.rebuilt.is_some() || input.depends.is_some());
        let stage = name(at.unwrap_or(0));
        standing.chain = twin.chain;
        standing.depends.get_or_insert(stage.clone());
        return (Fate::Depends, Reason::Stage { stage });
    }
    standing.rebuilt.get_or_insert(number);
    (Fate::Rebuilt, cache.difference(parent, key, stage))
}

/// What stands for a step and all before it.
fn following(parent: Chain, key: &Key, inputs: &[Chain]) -> Chain {
    let mut pieces = Pieces::new();
    pieces.add(&parent);
    pieces.add(&key.own);
    inputs.iter().for_each(|input| pieces.add(input));
    pieces.end()
}

/// Under which a result is found.
fn lookup(parent: Chain, key: &Key, inputs: &[Chain]) -> Chain {
    following(
        if key.free { Chain::default() } else { parent },
        key,
        inputs,
    )
}

impl<'a> Cache<'a> {
    fn of(plan: &'a Plan) -> Cache<'a> {
        let mut cache = Cache::default();
        let mut ends: Vec<Chain> = Vec::new();
        for (at, stage) in plan.stages.iter().enumerate() {
            let mut chain = match stage.base {
                Base::Stage(parent) => ends[parent],
                ref base => base.chain(),
            };
            if stage.needed {
                cache.bases.push(&stage.base);
                for (_, key) in stage.keys.iter().filter(|(_, key)| key.keeps) {
                    let inputs: Vec<Chain> = key.inputs.iter().map(|&input| ends[input]).collect();
                    let after = following(chain, key, &inputs);
                    let this = cache.results.len();
                    cache.by_lookup.insert(lookup(chain, key, &inputs), this);
                    cache.by_parent.entry(chain).or_default().push(this);
                    cache.results.push(Result {
                        key,
                        stage: at,
                        chain: after,
                    });
                    chain = after;
                }
            }
            ends.push(chain);
        }
        cache
    }

    fn has(&self, parent: Chain, key: &Key, inputs: &[Chain]) -> bool {
        self.by_lookup.contains_key(&lookup(parent, key, inputs))
    }

    fn siblings(&self, parent: Chain) -> impl Iterator<Item = &Result<'a>> {
        let found = self.by_parent.get(&parent).map_or(&[][..], Vec::as_slice);
        found.iter().map(|&at| &self.results[at])
    }

    /// Why a step is not the one that stood at its place before.
    fn difference(&self, parent: Chain, key: &Key, stage: usize) -> Reason {
        let nearness = |result: &&Result<'_>| {
            (
                same_text(result.key, key),
                result.key.kind == key.kind,
                result.stage == stage,
            )
        };
        let Some(before) = self.siblings(parent).max_by_key(nearness) else {
            return Reason::Instruction { before: None };
        };
        let before = before.key;
        if same_text(before, key) {
            let changed = before.args.iter().chain(&key.args).map(|(name, _)| name);
            let argument = changed
                .clone()
                .find(|name| before.args.get(*name) != key.args.get(*name));
            if let Some(name) = argument {
                return Reason::Argument {
                    name: name.clone(),
                    before: before.args.get(name).cloned().flatten(),
                    after: key.args.get(name).cloned().flatten(),
                };
            }
            let names = before.settings.keys().chain(key.settings.keys());
            let setting = names
                .clone()
                .find(|name| before.settings.get(*name) != key.settings.get(*name));
            if let Some(name) = setting {
                return Reason::Setting { name: name.clone() };
            }
            if before.files != key.files {
                return files(before, key);
            }
        }
        Reason::Instruction {
            before: Some(before.text.clone()),
        }
    }
}

fn same_text(a: &Key, b: &Key) -> bool {
    a.kind == b.kind && a.text == b.text && a.documents == b.documents
}

fn files(before: &Key, key: &Key) -> Reason {
    let (old, new) = (&before.files, &key.files);
    let names = |found: &mut dyn Iterator<Item = &String>| found.cloned().collect();
    Reason::Files {
        changed: names(
            &mut new
                .iter()
                .filter(|(path, digest)| old.get(*path).is_some_and(|old| old != *digest))
                .map(|(path, _)| path),
        ),
        added: names(&mut new.keys().filter(|path| !old.contains_key(*path))),
        removed: names(&mut old.keys().filter(|path| !new.contains_key(*path))),
    }
}
