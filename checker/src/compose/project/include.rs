//! `include`: whole projects beside this one, each with its own folder and variables.

use super::env::Env;
use super::files;
use super::issue::{IssueKind, Role};
use super::load::{Context, Loader, MAX_DEPTH};
use crate::compose::node::{Entry, Node, Value};

const SECTIONS: [&str; 5] = ["services", "networks", "volumes", "secrets", "configs"];

impl Loader<'_> {
    /// Brings what a file includes into its tree.
    pub(super) fn include(
        &mut self,
        tree: &mut Node,
        include: &Node,
        context: Context<'_>,
        stack: &mut Vec<String>,
    ) {
        for item in include.items() {
            // What was refused once is not tried thousands of times.
            if !self.spend(1, item.span) {
                break;
            }
            let path = item.get("path").unwrap_or(item);
            let paths: Vec<(&Node, String)> = std::slice::from_ref(path)
                .iter()
                .chain(path.items())
                .filter_map(|node| Some((node, files::join(context.folder, node.text()?))))
                .collect();
            let Some((first, main)) = paths.first() else {
                continue;
            };
            if stack.contains(main) || stack.len() >= MAX_DEPTH {
                let path = main.clone();
                self.issue(first.span, IssueKind::IncludeCycle { path });
                continue;
            }
            let folder = match item.get("project_directory").and_then(Node::text) {
                Some(folder) => files::join(context.folder, folder),
                None => files::folder(main).to_owned(),
            };
            let env = self.included_env(item, &folder, context);
            // Asked for here, so that what is missing is told at the place that names it.
            for (node, path) in &paths {
                self.compose(path, Some(node.span), Role::Include);
            }
            let names: Vec<String> = paths.iter().map(|(_, path)| path.clone()).collect();
            let inner = Context {
                env: &env,
                folder: &folder,
                number: self.files.len() * 1000 + stack.len() + 1,
            };
            let imported = self.merged(&names, inner, stack, Role::Include);
            self.import(tree, imported, item, main);
        }
    }

    fn included_env(&mut self, item: &Node, folder: &str, context: Context<'_>) -> Env {
        let mut env = context.env.clone();
        match item.get("env_file") {
            None => self.read_env(&files::join(folder, ".env"), None, &mut env),
            Some(node) => {
                let own = std::slice::from_ref(node).iter().chain(node.items());
                // A later file wins over an earlier one, and what is set wins over both.
                let mut files: Vec<&Node> = own.filter(|node| node.text().is_some()).collect();
                files.reverse();
                for file in files {
                    let path = file.text().unwrap_or("");
                    if path != "/dev/null" {
                        let path = files::join(context.folder, path);
                        self.read_env(&path, Some(file.span), &mut env);
                    }
                }
            }
        }
        env
    }

    fn import(&mut self, tree: &mut Node, imported: Node, item: &Node, path: &str) {
        let Value::Map(sections) = imported.value else {
            return;
        };
        for entry in sections {
            let Some(section) = SECTIONS.into_iter().find(|name| *name == entry.key) else {
                continue;
            };
            if tree
                .get(section)
                .is_none_or(|node| node.value == Value::Null)
            {
                tree.set(section, Node::map(entry.span, Vec::new()));
            }
            let Value::Map(others) = entry.value.value else {
                continue;
            };
            for other in others {
                let there = tree.get(section).and_then(|node| node.entry(&other.key));
                match there {
                    None => {
                        if let Some(Value::Map(entries)) =
                            tree.get_mut(section).map(|node| &mut node.value)
                        {
                            entries.push(other);
                        }
                    }
                    Some(there) if same(there, &other) => {}
                    Some(there) => {
                        let span = if there.span.start == 0 {
                            item.span
                        } else {
                            there.span
                        };
                        let (name, path) = (other.key, path.to_owned());
                        let kind = IssueKind::Conflict {
                            section,
                            name,
                            path,
                        };
                        self.issue(span, kind);
                    }
                }
            }
        }
    }
}

/// Whether two things are the same but for where they are written.
fn same(a: &Entry, b: &Entry) -> bool {
    same_node(&a.value, &b.value)
}

fn same_node(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_node(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|one| {
                    let other = b.iter().find(|other| other.key == one.key);
                    other.is_some_and(|other| same_node(&one.value, &other.value))
                })
        }
        (a, b) => a == b,
    }
}
