//! Which files a project has, and what is in them; each is read once, and all together are bounded.

use dockerfile::{Source, Span};

use super::Loader;
use crate::compose::project::env::Env;
use crate::compose::project::files::{self, Read};
use crate::compose::project::issue::{IssueKind, Role};
use crate::compose::project::{Content, DEFAULT_FILES, Document, OVERRIDE_FILES, Settings};
use crate::compose::{Compose, dotenv, yaml};

/// The most files of one project.
const MAX_FILES: usize = 100;
/// The most bytes of all files together.
const MAX_BYTES: usize = 8 << 20;

impl Loader<'_> {
    /// The project's own files: those that are named, those that `COMPOSE_FILE` names, or those with Compose's names.
    pub(super) fn paths(&mut self, settings: &Settings, env: &mut Env) -> Vec<String> {
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
    pub(in crate::compose::project) fn variables(
        &mut self,
        path: &str,
        must: Option<Span>,
    ) -> Option<(usize, Source)> {
        self.variables_for(path, must, Role::EnvFile)
    }

    pub(in crate::compose::project) fn variables_for(
        &mut self,
        path: &str,
        must: Option<Span>,
        role: Role,
    ) -> Option<(usize, Source)> {
        let at = match self.by_path.get(path) {
            Some(Some(at)) => *at,
            _ => {
                let bytes = self.bytes(path, must, role)?;
                let end = bytes.len().min(dotenv::MAX_SIZE + 1);
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
    pub(in crate::compose::project) fn compose(
        &mut self,
        path: &str,
        at: Option<Span>,
        role: Role,
    ) -> Option<usize> {
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
}
