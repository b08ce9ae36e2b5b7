//! `extends`: a service takes over what another has, of the same file or of another, and lays its own over it.

use std::collections::HashMap;

use super::files;
use super::issue::{IssueKind, Role};
use super::load::{Context, Loader, MAX_DEPTH};
use super::{merge, short};
use crate::compose::node::{Node, Value};

/// A service on the way: its file and its name.
type Step = (String, String);

impl Loader<'_> {
    /// Writes out all services of a file, with what they extend.
    pub(super) fn extend_services(&mut self, tree: &mut Node, path: &str, context: Context<'_>) {
        let Some(Value::Map(entries)) = tree.get_mut("services").map(|node| &mut node.value) else {
            return;
        };
        entries.retain(|entry| !entry.key.starts_with("x-"));
        if entries
            .iter()
            .all(|entry| entry.value.get("extends").is_none())
        {
            for entry in entries {
                let value = std::mem::replace(&mut entry.value, Node::null(entry.span));
                entry.value = short::service(value, context.folder);
            }
            return;
        }
        let written: HashMap<String, Node> = entries
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect();
        for entry in entries {
            let step = (path.to_owned(), entry.key.clone());
            if let Some(service) = self.extended(step, &written, context, &mut Vec::new()) {
                entry.value = service;
            }
        }
    }

    fn extended(
        &mut self,
        step: Step,
        services: &HashMap<String, Node>,
        context: Context<'_>,
        stack: &mut Vec<Step>,
    ) -> Option<Node> {
        let key = (step.0.clone(), step.1.clone(), context.number);
        if let Some(known) = self.extended.get(&key) {
            let size = known.size();
            let known = known.clone();
            return self.spend(size, known.span).then_some(known);
        }
        let mut own = services.get(&step.1)?.clone();
        let extends = own.take("extends");
        let own = short::service(own, context.folder);
        let merged = match extends.filter(|extends| extends.value != Value::Null) {
            None => own,
            Some(extends) => {
                stack.push(step.clone());
                let base = self.base(&extends, &step, services, context, stack);
                stack.pop();
                match base {
                    Some(mut base) => {
                        merge::settle(&mut base);
                        let mut path = vec!["services".to_owned(), step.1.clone()];
                        let mut clashes = Vec::new();
                        let merged = merge::merge(base, own, &mut path, &mut |node, path| {
                            clashes.push((node.span, path.to_vec()));
                        });
                        for (span, path) in clashes {
                            self.issue(span, IssueKind::Kinds { path });
                        }
                        merged
                    }
                    None => own,
                }
            }
        };
        if !self.spend(merged.size(), merged.span) {
            return None;
        }
        self.extended.insert(key, merged.clone());
        Some(merged)
    }

    /// The service that is extended.
    fn base(
        &mut self,
        extends: &Node,
        step: &Step,
        services: &HashMap<String, Node>,
        context: Context<'_>,
        stack: &mut Vec<Step>,
    ) -> Option<Node> {
        let named = extends.get("service").unwrap_or(extends);
        let name = named.text()?;
        let file = extends.get("file").filter(|file| file.text().is_some());
        let path = match file.and_then(Node::text) {
            Some(path) => files::join(context.folder, path),
            None => step.0.clone(),
        };
        let next = (path.clone(), name.to_owned());
        if stack.contains(&next) || stack.len() >= MAX_DEPTH {
            let services = stack.iter().map(|(_, name)| name.clone());
            let services = services.chain([name.to_owned()]).collect();
            self.issue(named.span, IssueKind::ExtendsCycle { services });
            return None;
        }
        let unknown = |services: &HashMap<String, Node>| {
            let mut names: Vec<&str> = services.keys().map(String::as_str).take(200).collect();
            names.sort_unstable();
            IssueKind::ExtendsUnknown {
                service: name.to_owned(),
                path: path.clone(),
                near: dockerfile::suggest(name, names).map(str::to_owned),
            }
        };
        let Some(file) = file.filter(|_| path != step.0) else {
            if !services.contains_key(name) {
                if self.whole {
                    self.issue(named.span, unknown(services));
                }
                return None;
            }
            return self.extended(next, services, context, stack);
        };
        let at = self.compose(&path, Some(file.span), Role::Extends)?;
        let tree = self.tree(at, context.env)?;
        let written = tree.get("services").map_or(&[][..], Node::entries);
        let others: HashMap<String, Node> = written
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect();
        if !others.contains_key(name) {
            self.issue(named.span, unknown(&others));
            return None;
        }
        let folder = files::folder(&path).to_owned();
        let context = Context {
            folder: &folder,
            ..context
        };
        self.extended(next, &others, context, stack)
    }
}
