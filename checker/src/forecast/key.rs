//! The key of a step: all that a builder looks at to find the step's result again.

use std::collections::BTreeMap;

use dockerfile::ignore::{Ignore, clean};
use dockerfile::{Body, Instruction, Kind, expand_text};
use sha2::{Digest, Sha256};

use super::sources::has_wildcards;
use super::state::{Filled, State};
use super::{Builder, Project, Reason};

/// What a builder looks at in one step, the step before it aside.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) kind: Kind,
    /// The instruction as written, for people and for the search of a reason.
    pub(super) text: String,
    /// Heredocs, which belong to the text but are not shown.
    pub(super) documents: String,
    pub(super) own: [u8; 32],
    /// Build arguments that it uses.
    pub(super) args: BTreeMap<String, Option<String>>,
    /// Settings that it runs under: `ENV NAME`, `USER`, `WORKDIR`, `SHELL`.
    pub(super) settings: BTreeMap<String, Option<String>>,
    /// Files that it copies from the context.
    pub(super) files: BTreeMap<String, [u8; 32]>,
    /// Stages that it copies from or mounts.
    pub(super) inputs: Vec<usize>,
    /// Whether the builder keeps a result for it.
    pub(super) keeps: bool,
    /// `COPY --link`: its result does not depend on the step before.
    pub(super) free: bool,
    /// Why nothing can be said, or why it fails.
    pub(super) trouble: Option<Reason>,
}

/// What all instructions of a stage share while their keys are made.
pub(super) struct Reader<'a> {
    pub(super) project: &'a Project<'a>,
    pub(super) builder: Builder,
    pub(super) stage: usize,
    pub(super) state: &'a State,
}

/// Hashes pieces with their lengths, so that two pieces never look like two others.
pub(super) struct Pieces(Sha256);

impl Pieces {
    pub(super) fn new() -> Pieces {
        Pieces(Sha256::new())
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        crate::check::hash_piece(&mut self.0, piece);
    }

    pub(super) fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl Reader<'_> {
    /// The key of an instruction; `FROM` has none.
    pub(super) fn key(&self, instruction: &Instruction) -> Key {
        let documents = instruction.heredocs.iter().map(|doc| doc.content.as_str());
        let mut key = Key {
            kind: instruction.kind,
            text: instruction.logical.text.trim().to_owned(),
            documents: documents.collect::<Vec<_>>().join("\0"),
            own: [0; 32],
            args: BTreeMap::new(),
            settings: BTreeMap::new(),
            files: BTreeMap::new(),
            inputs: Vec::new(),
            keeps: self.builder == Builder::Classic || instruction.kind.changes_files(),
            free: false,
            trouble: self.unknown_to_classic(instruction),
        };
        let mut pieces = Pieces::new();
        pieces.add(instruction.kind.name().as_bytes());
        match instruction.kind {
            Kind::Run => self.run(instruction, &mut key, &mut pieces),
            Kind::Copy | Kind::Add => self.copy(instruction, &mut key, &mut pieces),
            _ => self.setting(instruction, &mut key, &mut pieces),
        }
        key.own = pieces.end();
        key
    }

    fn unknown_to_classic(&self, instruction: &Instruction) -> Option<Reason> {
        const FLAGS: [&str; 7] = [
            "mount", "network", "security", "chmod", "link", "parents", "exclude",
        ];
        if self.builder != Builder::Classic {
            return None;
        }
        let flag = instruction.flags.iter().find(|flag| {
            FLAGS.contains(&flag.name.as_str()) && instruction.kind != Kind::Healthcheck
        });
        let what = match flag {
            Some(flag) => format!("--{}", flag.name),
            None if !instruction.heredocs.is_empty() => "<<".to_owned(),
            None => return None,
        };
        Some(Reason::NeedsBuildkit { what })
    }

    /// Expands a word and notes which variables it named.
    fn fill(&self, text: &str, key: &mut Key) -> String {
        let Filled { text, used } = self.state.fill(text, self.project.dockerfile.escape);
        for (name, value) in used {
            if self.state.args.contains_key(&name) && !self.state.env.contains_key(&name) {
                key.args.insert(name, value);
            } else {
                key.settings.insert(format!("ENV {name}"), value);
            }
        }
        text
    }

    fn documents(&self, instruction: &Instruction, key: &mut Key, pieces: &mut Pieces) {
        let escape = self.project.dockerfile.escape;
        for document in &instruction.heredocs {
            // The shell of a RUN expands by itself; what COPY writes is expanded by the builder.
            let content = if document.expand && instruction.kind != Kind::Run {
                let mut named = Vec::new();
                let filled = expand_text(&document.content, escape, &mut |name| {
                    named.push(name.to_owned());
                    self.state.value(name)
                });
                for name in named {
                    self.fill(&format!("${{{name}}}"), key);
                }
                filled.map_or_else(|_| document.content.clone(), |filled| filled.value)
            } else {
                document.content.clone()
            };
            pieces.add(document.name.as_bytes());
            pieces.add(content.as_bytes());
        }
    }

    /// The words that are run: a shell's text goes behind the shell.
    fn command(&self, body: &Body, key: &mut Key) -> Vec<String> {
        match body {
            Body::Shell(text) => {
                let shell = self.state.shell.join(" ");
                key.settings.insert("SHELL".to_owned(), Some(shell));
                let shell = self.state.shell.iter().cloned();
                shell.chain([text.value.clone()]).collect()
            }
            Body::Exec(words) | Body::Words(words) => {
                words.iter().map(|word| word.value.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn run(&self, instruction: &Instruction, key: &mut Key, pieces: &mut Pieces) {
        for word in self.command(&instruction.body, key) {
            pieces.add(word.as_bytes());
        }
        key.args = self.state.run_args();
        for (name, value) in &key.args {
            pieces.add(name.as_bytes());
            pieces.add(value.as_deref().unwrap_or_default().as_bytes());
        }
        if self.builder == Builder::Classic {
            // All settings are steps of their own there, so they count by the step before.
            key.settings.clear();
            // The value of a proxy that no ARG names does not count; that there is one does, as the engine counts the
            // arguments that a command gets.
            for name in dockerfile::PREDEFINED_ARGS {
                let value = self.project.args.get(name);
                if let Some(value) = value
                    && !self.state.env.contains_key(name)
                    && !key.args.contains_key(name)
                {
                    pieces.add(b"proxy");
                    key.args.insert(name.to_owned(), Some(value.clone()));
                }
            }
            return;
        }
        for (name, value) in &self.state.env {
            pieces.add(name.as_bytes());
            pieces.add(value.as_bytes());
            key.settings
                .insert(format!("ENV {name}"), Some(value.clone()));
        }
        for (name, value) in [("USER", &self.state.user), ("WORKDIR", &self.state.workdir)] {
            pieces.add(value.as_bytes());
            key.settings.insert(name.to_owned(), Some(value.clone()));
        }
        for flag in &instruction.flags {
            pieces.add(flag.name.as_bytes());
            let value = flag.value.as_ref().map_or("", |value| value.value.as_str());
            let value = self.fill(value, key);
            pieces.add(value.as_bytes());
            if flag.name == "mount" {
                self.mount(&value, key, pieces);
            }
        }
        self.documents(instruction, key, pieces);
    }

    /// A bind mount shows files of a stage, an image or the context to the command.
    fn mount(&self, value: &str, key: &mut Key, pieces: &mut Pieces) {
        let field = |names: &[&str]| {
            value.split(',').find_map(|field| {
                let (name, value) = field.split_once('=')?;
                names.contains(&name).then_some(value)
            })
        };
        if let Some(from) = field(&["from"]) {
            key.inputs.extend(self.stage_of(from));
        } else if field(&["type"]).is_none_or(|kind| kind == "bind") {
            let source = field(&["source", "src"]).unwrap_or("/");
            self.context_files(source, &[], key, pieces);
        }
    }

    fn stage_of(&self, name: &str) -> Option<usize> {
        let tree = self.project.dockerfile;
        let number = name
            .parse()
            .ok()
            .filter(|&number: &usize| number < self.stage);
        tree.stage_named(name, self.stage).or(number)
    }

    fn copy(&self, instruction: &Instruction, key: &mut Key, pieces: &mut Pieces) {
        let words: Vec<String> = instruction
            .words()
            .iter()
            .map(|word| self.fill(&word.value, key))
            .collect();
        let Some((target, sources)) = words.split_last() else {
            return;
        };
        let mut from = None;
        let mut excluded = Vec::new();
        for flag in &instruction.flags {
            let value = flag.value.as_ref().map_or("", |value| value.value.as_str());
            let value = self.fill(value, key);
            match flag.name.as_str() {
                "from" => from = Some(value),
                "link" => key.free = value != "false",
                name => {
                    pieces.add(name.as_bytes());
                    pieces.add(value.as_bytes());
                    if name == "exclude" {
                        excluded.push(value);
                    }
                }
            }
        }
        match self.builder {
            Builder::Classic => pieces.add(target.as_bytes()),
            // The folder in which a relative target lies is a part of the key itself.
            Builder::Buildkit => pieces.add(self.state.absolute(target).as_bytes()),
        }
        if let Some(from) = from {
            match self.stage_of(&from) {
                Some(stage) => key.inputs.push(stage),
                None => pieces.add(from.as_bytes()),
            }
            sources
                .iter()
                .for_each(|source| pieces.add(source.as_bytes()));
            return;
        }
        for source in sources {
            if source.starts_with("<<") {
                continue;
            }
            let remote = ["http://", "https://", "git@", "git://", "ssh://"];
            if instruction.kind == Kind::Add && remote.iter().any(|start| source.starts_with(start))
            {
                pieces.add(source.as_bytes());
                let url = source.clone();
                key.trouble.get_or_insert(Reason::Remote { url });
                continue;
            }
            self.context_files(source, &excluded, key, pieces);
        }
        self.documents(instruction, key, pieces);
    }

    /// Files of the context: their names and contents, as far as the builder looks at them.
    fn context_files(&self, source: &str, excluded: &[String], key: &mut Key, pieces: &mut Pieces) {
        let files = self.project.files;
        let roots = files.named(source);
        if roots.is_empty() {
            let path = source.to_owned();
            key.trouble.get_or_insert(Reason::Missing { path });
        }
        let excluded =
            (!excluded.is_empty()).then(|| Ignore::parse(excluded.join("\n").as_bytes()));
        if self.builder == Builder::Buildkit {
            pieces.add(last_name(&clean(source)).as_bytes());
        }
        for root in &roots {
            if self.builder == Builder::Buildkit && has_wildcards(source) {
                pieces.add(last_name(root).as_bytes());
            }
            for (path, entry) in files.below(root) {
                let within = path.strip_prefix(root.as_str()).unwrap_or(path);
                let within = within.trim_start_matches('/');
                let out = excluded
                    .as_ref()
                    .is_some_and(|excluded| excluded.excludes(within));
                if out {
                    continue;
                }
                match self.builder {
                    Builder::Classic => pieces.add(path.as_bytes()),
                    Builder::Buildkit => pieces.add(within.as_bytes()),
                }
                pieces.add(&entry.digest);
                key.files.insert(path.to_owned(), entry.digest);
            }
        }
    }

    /// An instruction that sets something. What it sets counts, not how it is written: `ENV A="1"` is `ENV A=1`.
    fn setting(&self, instruction: &Instruction, key: &mut Key, pieces: &mut Pieces) {
        match instruction.kind {
            Kind::Env | Kind::Label | Kind::Arg => {
                for pair in instruction.pairs() {
                    let name = self.fill(&pair.name.value, key);
                    pieces.add(name.as_bytes());
                    if let Some(value) = &pair.value {
                        let value = self.fill(&value.value, key);
                        pieces.add(value.as_bytes());
                    }
                    pieces.add(&[u8::from(pair.value.is_some())]);
                }
            }
            Kind::Cmd | Kind::Entrypoint | Kind::Shell => {
                for word in self.command(&instruction.body, key) {
                    pieces.add(word.as_bytes());
                }
            }
            Kind::Healthcheck => {
                for flag in &instruction.flags {
                    pieces.add(flag.text.as_bytes());
                }
                if let Body::Health { mode, test } = &instruction.body {
                    pieces.add(mode.value.to_ascii_uppercase().as_bytes());
                    for word in self.command(test, key) {
                        pieces.add(word.as_bytes());
                    }
                }
            }
            Kind::Workdir => {
                let path = instruction.words().first();
                let path = path.map_or_else(String::new, |path| self.fill(&path.value, key));
                let path = self.state.absolute(&path);
                pieces.add(path.trim_end_matches('/').as_bytes());
                if self.builder == Builder::Buildkit {
                    pieces.add(self.state.user.as_bytes());
                    let user = self.state.user.clone();
                    key.settings.insert("USER".to_owned(), Some(user));
                }
            }
            Kind::Onbuild | Kind::Unknown => pieces.add(key.text.as_bytes()),
            _ => {
                for word in instruction.words() {
                    let word = self.fill(&word.value, key);
                    pieces.add(word.as_bytes());
                }
            }
        }
    }
}

fn last_name(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path)
}
