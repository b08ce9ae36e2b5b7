//! Reads the files, puts the variables in and lays them over each other.

mod read;

use std::collections::{HashMap, HashSet};

use dockerfile::Span;

use super::env::Env;
use super::files::{self, Files};
use super::issue::{Issue, IssueKind, Role};
use super::{Content, Document, Loaded, Settings, merge, short};
use crate::compose::interpolate::{self, Event};
use crate::compose::model;
use crate::compose::node::{Node, Value};

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
