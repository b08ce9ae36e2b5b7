//! The variables that values can name: the shell's first, then `.env`'s.

use std::collections::{BTreeMap, HashMap};

use dockerfile::{Source, Span};

use super::issue::{IssueKind, Role};
use super::load::Loader;
use crate::compose::dotenv;
use crate::compose::node::{Entry, Node, Value};

/// So many bytes of variables cost as much as one node of a tree.
const BYTES_PER_NODE: usize = 32;

/// A set of variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    values: HashMap<String, String>,
    /// Whether all of them are known: without that nobody can say that one is not set.
    pub(super) known: bool,
}

impl Env {
    pub(super) fn of_shell(variables: &BTreeMap<String, String>) -> Env {
        let pairs = variables.iter();
        Env {
            values: pairs
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            known: true,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    pub(super) fn set_default(&mut self, name: &str, value: &str) {
        if !self.values.contains_key(name) {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Loader<'_> {
    /// Puts the variables of a file in, where they are not set; a missing file is an issue where it must be there.
    pub(super) fn read_env(&mut self, path: &str, must: Option<Span>, env: &mut Env) {
        let Some((at, source)) = self.variables(path, must) else {
            if !self.is_known(path) {
                env.known = false;
            }
            return;
        };
        // Every project that is included reads its `.env` anew, with the variables that it was given.
        let place = must.unwrap_or(Span::new(self.files[at].base, self.files[at].base));
        if !self.spend(source.text().len() / BYTES_PER_NODE, place) {
            env.known = false;
            return;
        }
        let (variables, problems) = dotenv::read(&source, &|name| env.get(name));
        self.dotenv_problems(at, problems);
        // The last one of a name counts.
        for variable in variables.iter().rev() {
            if let Some(value) = &variable.value {
                env.set_default(&variable.name, value);
            }
        }
    }

    fn dotenv_problems(&mut self, at: usize, problems: Vec<dotenv::Problem>) {
        let base = self.files[at].base;
        for problem in problems {
            let span = Span::new(base + problem.span.start, base + problem.span.end);
            self.issue(span, IssueKind::Dotenv(problem.kind));
        }
    }

    /// Brings the variables of a service's `env_file` into its `environment`, which wins over them.
    pub(super) fn resolve_environment(&mut self, service: &mut Node, env: &Env) {
        if let Some(Value::Map(args)) = service
            .get_mut("build")
            .and_then(|build| build.get_mut("args"))
            .map(|args| &mut args.value)
        {
            for arg in args.iter_mut().filter(|arg| arg.value.value == Value::Null) {
                if let Some(value) = env.get(&arg.key) {
                    arg.value = Node::string(arg.span, value);
                }
            }
            args.retain(|arg| arg.value.value != Value::Null);
        }
        let files = service.take("env_file");
        let own = service.take("environment");
        // What the service sets itself is seen by the files, too.
        let outside = |name: &str| {
            let set = own
                .as_ref()
                .and_then(|own| own.get(name))
                .and_then(Node::text);
            set.map(str::to_owned).or_else(|| env.get(name))
        };
        let mut found: Vec<Entry> = Vec::new();
        for item in files.iter().flat_map(Node::items) {
            let Some(path) = item.get("path").and_then(Node::text) else {
                continue;
            };
            let path = path.strip_prefix("./").unwrap_or(path).to_owned();
            let required = item.get("required").and_then(Node::text) != Some("false");
            let place = item.get("path").map_or(item.span, |path| path.span);
            let raw = item.get("format").and_then(Node::text) == Some("raw");
            let Some((at, source)) =
                self.variables_for(&path, required.then_some(place), Role::EnvFile)
            else {
                continue;
            };
            let base = self.files[at].base;
            let entries = if raw {
                raw_entries(&source, base)
            } else {
                let (variables, problems) = dotenv::read(&source, &outside);
                self.dotenv_problems(at, problems);
                let pairs = variables.into_iter().filter_map(|variable| {
                    let span = Span::new(base + variable.span.start, base + variable.span.end);
                    Some(Entry::new(
                        variable.name,
                        Node::string(span, variable.value?),
                    ))
                });
                pairs.collect()
            };
            found.extend(entries);
            if !self.spend(found.len(), item.span) {
                break;
            }
        }
        if files.is_none() && own.is_none() {
            return;
        }
        let span = own
            .as_ref()
            .or(files.as_ref())
            .map_or(service.span, |node| node.span);
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut entries: Vec<Entry> = Vec::new();
        let own = match own.map(|own| own.value) {
            Some(Value::Map(entries)) => entries,
            _ => Vec::new(),
        };
        for mut entry in found.into_iter().chain(own) {
            if entry.value.value == Value::Null
                && let Some(value) = env.get(&entry.key)
            {
                entry.value = Node::string(entry.span, value);
            }
            match at.get(&entry.key) {
                Some(_) if entry.value.value == Value::Null => {}
                Some(&at) => entries[at] = entry,
                None => {
                    at.insert(entry.key.clone(), entries.len());
                    entries.push(entry);
                }
            }
        }
        if !entries.is_empty() {
            service.set("environment", Node::map(span, entries));
        }
    }
}

/// `format: raw`: everything after `=` is the value.
fn raw_entries(source: &Source, base: usize) -> Vec<Entry> {
    let mut at = 0;
    let mut entries = Vec::new();
    for line in source.text().split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        if let Some((name, value)) = text.split_once('=')
            && !text.starts_with('#')
        {
            let span = Span::new(base + at, base + at + name.len());
            entries.push(Entry::new(name.trim(), Node::string(span, value)));
        }
        at += line.len();
    }
    entries
}
