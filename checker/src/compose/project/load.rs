//! Reads the files, puts the variables in and lays them over each other.

use std::collections::{HashMap, HashSet};

use dockerfile::{Source, Span};

use super::env::Env;
use super::files::{self, Files, Read};
use super::issue::{Issue, IssueKind, Role};
use super::{Content, DEFAULT_FILES, Document, Loaded, OVERRIDE_FILES, Settings, merge, short};
use crate::compose::interpolate::{self, Event};
use crate::compose::node::{Node, Value};
use crate::compose::{Compose, model, yaml};

/// The most files of one project.
const MAX_FILES: usize = 100;
/// The most bytes of all files together.
const MAX_BYTES: usize = 8 << 20;
/// The most nodes that all copying and merging may make.
const MAX_NODES: usize = 400_000;
/// How many files may include, or services extend, one another in a row.
pub(super) const MAX_DEPTH: usize = 32;
/// More issues help nobody.
const MAX_ISSUES: usize = 1000;

pub(super) struct Loader<'a> {
    source: &'a dyn Files,
    pub(super) files: Vec<Document>,
    by_path: HashMap<String, Option<usize>>,
    unknown: HashSet<String>,
    issues: Vec<Issue>,
    bytes: usize,
    nodes: usize,
    pub(super) whole: bool,
    /// Services that `extends` has been followed for already.
    pub(super) extended: HashMap<(String, String, usize), Node>,
}

/// Where a file is read: its variables, and the folder from which its paths are written.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) env: &'a Env,
    pub(super) folder: &'a str,
    /// Tells the included projects apart, because their variables differ.
    pub(super) number: usize,
}

pub(super) fn load(source: &dyn Files, settings: &Settings) -> Loaded {
    let mut loader = Loader {
        source,
        files: Vec::new(),
        by_path: HashMap::new(),
        unknown: HashSet::new(),
        issues: Vec::new(),
        bytes: 0,
        nodes: 0,
        whole: true,
        extended: HashMap::new(),
    };
    let mut env = Env::of_shell(&settings.variables);
    let paths = loader.paths(settings, &mut env);
    let folder = paths
        .first()
        .map_or(".", |path| files::folder(path))
        .to_owned();
    loader.read_env(&files::join(&folder, ".env"), None, &mut env);
    let name = project_name(settings, &env);
    if let Some(name) = &name {
        env.set_default("COMPOSE_PROJECT_NAME", name);
    }
    let context = Context {
        env: &env,
        folder: &folder,
        number: 0,
    };
    let mut tree = loader.merged(&paths, context, &mut Vec::new(), Role::Main);
    merge::settle(&mut tree);
    let mut profiles = settings.profiles.clone();
    if let Some(more) = env.get("COMPOSE_PROFILES").filter(|_| profiles.is_empty()) {
        profiles.extend(more.split(',').map(|name| name.trim().to_owned()));
    }
    let folder_name = name.unwrap_or_else(|| {
        let written = tree.get("name").and_then(Node::text).map(str::to_owned);
        written
            .or_else(|| model::project_name(&settings.folder))
            .unwrap_or_else(|| "project".to_owned())
    });
    let declared = tree.clone();
    let chosen = model::normalise(&mut tree, &folder_name, &profiles);
    for (span, kind) in chosen {
        loader.issue(span, kind);
    }
    if let Some(Value::Map(services)) = tree.get_mut("services").map(|node| &mut node.value) {
        for service in services {
            loader.resolve_environment(&mut service.value, &env);
        }
    }
    model::cast(&mut tree);
    let project = model::Project::of(&tree);
    let mut loaded = Loaded {
        files: loader.files,
        declared,
        project,
        tree,
        issues: loader.issues,
        whole: loader.whole,
    };
    for (span, services) in loaded.project.circles(&loaded.tree) {
        let (file, span) = loaded.place(span);
        let kind = IssueKind::Circle { services };
        loaded.issues.push(Issue { file, span, kind });
    }
    loaded
        .issues
        .sort_by_key(|issue| (issue.file, issue.span.start, issue.span.end));
    loaded
}

fn project_name(settings: &Settings, env: &Env) -> Option<String> {
    let named = settings.name.clone();
    let named = named.or_else(|| env.get("COMPOSE_PROJECT_NAME"));
    named.filter(|name| !name.is_empty())
}

impl Loader<'_> {
    /// The project's own files: those that are named, those that `COMPOSE_FILE` names, or those with Compose's names.
    fn paths(&mut self, settings: &Settings, env: &mut Env) -> Vec<String> {
        if !settings.files.is_empty() {
            return settings
                .files
                .iter()
                .map(|path| files::join(".", path))
                .collect();
        }
        // `.env` may say which files there are.
        let mut early = env.clone();
        let base = settings.base.as_str();
        self.read_env(&files::join(base, ".env"), None, &mut early);
        if let Some(list) = early.get("COMPOSE_FILE").filter(|list| !list.is_empty()) {
            let separator = early.get("COMPOSE_PATH_SEPARATOR");
            let separator = separator
                .filter(|one| !one.is_empty())
                .unwrap_or(":".to_owned());
            let paths = list.split(separator.as_str()).take(MAX_FILES);
            return paths.map(|path| files::join(base, path)).collect();
        }
        let first = |loader: &mut Loader<'_>, names: &[&str]| {
            let mut paths = names.iter().map(|name| files::join(base, name));
            paths.find(|path| loader.exists(path))
        };
        let main = first(self, &DEFAULT_FILES);
        let over = main
            .is_some()
            .then(|| first(self, &OVERRIDE_FILES))
            .flatten();
        main.into_iter().chain(over).collect()
    }

    fn exists(&mut self, path: &str) -> bool {
        match self.source.read(path) {
            Read::Bytes(_) | Read::Refused(_) => true,
            Read::Missing => false,
            Read::Unknown => {
                self.whole = false;
                false
            }
        }
    }

    /// Whether anybody can say what a path holds.
    pub(super) fn is_known(&self, path: &str) -> bool {
        !self.unknown.contains(path)
    }

    /// Says what is wrong at a place among those of all files.
    pub(super) fn issue(&mut self, span: Span, kind: IssueKind) {
        if self.issues.len() >= MAX_ISSUES {
            return;
        }
        let after = self.files.partition_point(|file| file.base <= span.start);
        let file = after.saturating_sub(1);
        let base = self.files.get(file).map_or(0, |file| file.base);
        let span = Span::new(
            span.start - base.min(span.start),
            span.end - base.min(span.end),
        );
        let issue = Issue { file, span, kind };
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }

    /// Takes so many nodes out of what a project may have.
    pub(super) fn spend(&mut self, nodes: usize, at: Span) -> bool {
        let before = self.nodes;
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            self.whole = false;
            if before <= MAX_NODES {
                self.issue(at, IssueKind::TooMuch);
            }
        }
        self.nodes <= MAX_NODES
    }

    /// A file's bytes; why there are none is an issue at the place that names it, if there is one.
    fn bytes(&mut self, path: &str, at: Option<Span>, role: Role) -> Option<Vec<u8>> {
        let place = at.unwrap_or(Span::new(0, 0));
        // Without a file of variables the services, networks and volumes are still all there.
        let parts = role != Role::EnvFile;
        if !files::is_inside(path) {
            self.whole &= !parts;
            self.unknown.insert(path.to_owned());
            if at.is_some() || role == Role::Main {
                let path = path.to_owned();
                self.issue(place, IssueKind::Outside { path, role });
            }
            return None;
        }
        let path_owned = path.to_owned();
        match self.source.read(path) {
            Read::Bytes(bytes) => {
                self.bytes += bytes.len();
                if self.bytes > MAX_BYTES || self.files.len() >= MAX_FILES {
                    self.whole &= !parts;
                    self.issue(place, IssueKind::TooMuch);
                    return None;
                }
                Some(bytes)
            }
            Read::Missing => {
                if at.is_some() || role == Role::Main {
                    self.whole &= !parts;
                    let path = path_owned;
                    self.issue(place, IssueKind::Missing { path, role });
                }
                None
            }
            Read::Refused(why) => {
                self.whole &= !parts;
                self.unknown.insert(path_owned.clone());
                let path = path_owned;
                self.issue(place, IssueKind::Unreadable { path, why });
                None
            }
            Read::Unknown => {
                self.whole &= !parts;
                self.unknown.insert(path_owned);
                None
            }
        }
    }

    fn add(&mut self, path: &str, role: Role, content: Content) -> usize {
        let base = self
            .files
            .last()
            .map_or(0, |last| last.base + last.source().text().len() + 1);
        self.files.push(Document {
            path: path.to_owned(),
            role,
            content,
            base,
        });
        self.files.len() - 1
    }

    /// A file of variables.
    pub(super) fn variables(&mut self, path: &str, must: Option<Span>) -> Option<(usize, Source)> {
        self.variables_for(path, must, Role::EnvFile)
    }

    pub(super) fn variables_for(
        &mut self,
        path: &str,
        must: Option<Span>,
        role: Role,
    ) -> Option<(usize, Source)> {
        let at = match self.by_path.get(path) {
            Some(Some(at)) => *at,
            _ => {
                let bytes = self.bytes(path, must, role)?;
                let end = bytes.len().min(crate::compose::dotenv::MAX_SIZE + 1);
                let at = self.add(path, role, Content::Variables(Source::new(&bytes[..end])));
                self.by_path.insert(path.to_owned(), Some(at));
                at
            }
        };
        match &self.files[at].content {
            Content::Variables(source) => Some((at, source.clone())),
            Content::Compose(_) => None,
        }
    }

    /// A Compose file, read once.
    pub(super) fn compose(&mut self, path: &str, at: Option<Span>, role: Role) -> Option<usize> {
        if let Some(known) = self.by_path.get(path) {
            return known.filter(|at| matches!(self.files[*at].content, Content::Compose(_)));
        }
        let bytes = self.bytes(path, at, role);
        let found = bytes.map(|bytes| {
            let compose = Compose::parse(&bytes[..bytes.len().min(yaml::MAX_SIZE + 1)]);
            let cut = compose
                .problems
                .iter()
                .any(|problem| !matches!(problem.kind, yaml::ProblemKind::DuplicateKey { .. }));
            if cut {
                self.whole = false;
            }
            self.add(path, role, Content::Compose(Box::new(compose)))
        });
        self.by_path.insert(path.to_owned(), found);
        found
    }

    /// A file's tree with its variables put in, its places among those of all files.
    pub(super) fn tree(&mut self, at: usize, env: &Env) -> Option<Node> {
        let base = self.files[at].base;
        let Content::Compose(compose) = &self.files[at].content else {
            return None;
        };
        let mut tree = compose.root.clone()?;
        if !self.spend(tree.size(), Span::new(base, base)) {
            return None;
        }
        let mut seen = Vec::new();
        put_in(&mut tree, base, env, &mut seen);
        for (span, event) in seen {
            let known = env.known || !matches!(event, Event::Unset(_) | Event::Required(..));
            // A default or a message that cannot be read is told by the rule for the written text.
            if known && event != Event::Syntax {
                self.issue(span, IssueKind::Variable(event));
            }
        }
        Some(tree)
    }

    /// Several files, each laid over those before.
    pub(super) fn merged(
        &mut self,
        paths: &[String],
        context: Context<'_>,
        stack: &mut Vec<String>,
        role: Role,
    ) -> Node {
        let mut whole: Option<Node> = None;
        for path in paths {
            let Some(at) = self.compose(path, None, role) else {
                continue;
            };
            let Some(tree) = self.file(at, path, context, stack) else {
                continue;
            };
            whole = Some(match whole {
                None => tree,
                Some(base) => {
                    let mut clashes = Vec::new();
                    let merged = merge::merge(base, tree, &mut Vec::new(), &mut |node, path| {
                        clashes.push((node.span, path.to_vec()));
                    });
                    for (span, path) in clashes {
                        self.issue(span, IssueKind::Kinds { path });
                    }
                    merged
                }
            });
        }
        whole.unwrap_or_else(|| Node::map(Span::new(0, 0), Vec::new()))
    }

    /// One file with what it extends and includes.
    fn file(
        &mut self,
        at: usize,
        path: &str,
        context: Context<'_>,
        stack: &mut Vec<String>,
    ) -> Option<Node> {
        let mut tree = self.tree(at, context.env)?;
        if !matches!(tree.value, Value::Map(_)) {
            return None;
        }
        self.extend_services(&mut tree, path, context);
        for section in ["secrets", "configs"] {
            paths_of(&mut tree, section, context.folder);
        }
        for section in ["networks", "volumes", "secrets", "configs"] {
            if let Some(Value::Map(entries)) = tree.get_mut(section).map(|node| &mut node.value) {
                for entry in entries {
                    if let Some(labels) = entry.value.take("labels") {
                        entry.value.set("labels", short::pairs(labels, Some("")));
                    }
                }
            }
        }
        if let Some(include) = tree.take("include") {
            stack.push(path.to_owned());
            self.include(&mut tree, &include, context, stack);
            stack.pop();
        }
        Some(tree)
    }
}

/// The paths of `secrets` and `configs` as seen from the project's folder.
fn paths_of(tree: &mut Node, section: &str, folder: &str) {
    if let Some(Value::Map(entries)) = tree.get_mut(section).map(|node| &mut node.value) {
        for entry in entries {
            if let Some(file) = entry.value.get_mut("file")
                && let Some(path) = file.text()
            {
                let path = files::shown(folder, path);
                let tag = file.tag.take();
                *file = Node::string(file.span, path);
                file.tag = tag;
            }
        }
    }
}

/// Puts the variables into all values, and moves the places.
fn put_in(node: &mut Node, base: usize, env: &Env, seen: &mut Vec<(Span, Event)>) {
    node.span = Span::new(node.span.start + base, node.span.end + base);
    match &mut node.value {
        Value::Null => {}
        Value::Scalar(text, plain) => {
            if text.contains('$') {
                let span = node.span;
                *text = interpolate::expand(text, &|name| env.get(name), &mut |event, _, _| {
                    seen.push((span, event));
                });
                // What a variable brings is a text; what wants a number reads one out of it.
                *plain = false;
            }
        }
        Value::List(items) => {
            for item in items {
                put_in(item, base, env, seen);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                entry.span = Span::new(entry.span.start + base, entry.span.end + base);
                put_in(&mut entry.value, base, env, seen);
            }
        }
    }
}
