//! The files of a build context, and which of them a `COPY` or `ADD` takes.

use std::collections::BTreeMap;

use dockerfile::ignore::clean;
use sha2::{Digest, Sha256};

/// The files, folders and links that a build sees, by their paths with slashes; `.dockerignore` is applied already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    entries: BTreeMap<String, Entry>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether it is a folder.
    pub folder: bool,
    /// SHA-256 of its kind, permissions, content and link target. The time of its last change is no part of it, as
    /// no builder looks at it.
    pub digest: [u8; 32],
}

impl Entry {
    /// A regular file.
    pub fn file(mode: u32, content: &[u8]) -> Entry {
        Entry::of(b'f', mode, content)
    }

    /// A folder.
    pub fn folder(mode: u32) -> Entry {
        Entry::of(b'd', mode, b"")
    }

    /// A symbolic link.
    pub fn link(target: &str) -> Entry {
        Entry::of(b'l', 0, target.as_bytes())
    }

    fn of(kind: u8, mode: u32, content: &[u8]) -> Entry {
        let mut hash = Sha256::new();
        hash.update([kind]);
        hash.update(mode.to_be_bytes());
        hash.update(content);
        Entry {
            folder: kind == b'd',
            digest: hash.finalize().into(),
        }
    }
}

impl Files {
    /// Adds or replaces an entry.
    pub fn insert(&mut self, path: impl Into<String>, entry: Entry) {
        self.entries.insert(path.into(), entry);
    }

    /// Takes an entry away, with what is in it.
    pub fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.entries
            .retain(|other, _| other != path && !other.starts_with(&below));
    }

    /// The entry of a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All entries, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(path, entry)| (path.as_str(), entry))
    }

    /// Takes a file for edited: its content is another one now. A file that is not there comes into being.
    pub fn touch(&mut self, path: &str) {
        let now = match self.entries.get(path) {
            Some(entry) => Entry::file(0o644, &entry.digest),
            None => Entry::file(0o644, b"new"),
        };
        self.entries.insert(path.to_owned(), now);
    }

    /// What a source of `COPY` names: the roots, in the order of their paths. Empty where nothing matches.
    pub(super) fn named(&self, source: &str) -> Vec<String> {
        let path = clean(source.trim_start_matches('/'));
        let path = path.trim_start_matches("../").to_owned();
        if path == "." || path == ".." {
            return vec![String::new()];
        }
        if !has_wildcards(source) {
            let there = self.entries.contains_key(&path);
            return if there { vec![path] } else { Vec::new() };
        }
        let pattern: Vec<&str> = path.split('/').collect();
        self.entries
            .keys()
            .filter(|name| {
                let parts: Vec<&str> = name.split('/').collect();
                parts.len() == pattern.len()
                    && parts.iter().zip(&pattern).all(|(name, pattern)| {
                        let (pattern, name) = (chars(pattern), chars(name));
                        matches(&pattern, &name)
                    })
            })
            .cloned()
            .collect()
    }

    /// A root with everything in it; an empty root is the whole context.
    pub(super) fn below<'a>(&'a self, root: &str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let (root, prefix) = (root.to_owned(), format!("{root}/"));
        self.entries
            .iter()
            .filter(move |(path, _)| root.is_empty() || **path == root || path.starts_with(&prefix))
            .map(|(path, entry)| (path.as_str(), entry))
    }
}

/// Whether a source is a pattern, as the builders see it.
pub(super) fn has_wildcards(source: &str) -> bool {
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Go's `filepath.Match` for one part of a path. What stands after a `*` is tried at every place, and only the last
/// star is ever moved, so the work is at most the product of the lengths.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        if p == pattern.len() && n == name.len() {
            return true;
        }
        match name.get(n).and_then(|&c| one(&pattern[p..], c)) {
            Some(length) => {
                p += length;
                n += 1;
            }
            None => match star {
                Some((after, from)) if from < name.len() => {
                    star = Some((after, from + 1));
                    (p, n) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}

/// How long the part of the pattern is that takes this character.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match *pattern.first()? {
        '?' => Some(1),
        '\\' => (*pattern.get(1)? == c).then_some(2),
        '[' => {
            let mut at = 1;
            let negated = pattern.get(at) == Some(&'^');
            at += usize::from(negated);
            let mut within = false;
            let mut first = true;
            loop {
                let low = *pattern.get(at)?;
                if low == ']' && !first {
                    return (within != negated).then_some(at + 1);
                }
                first = false;
                let low = if low == '\\' {
                    at += 1;
                    *pattern.get(at)?
                } else {
                    low
                };
                at += 1;
                let mut high = low;
                if pattern.get(at) == Some(&'-') {
                    high = *pattern.get(at + 1)?;
                    at += 2;
                }
                within |= (low..=high).contains(&c);
            }
        }
        other => (other == c).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "a.md", false),
            ("a*b*c", "aXbXbXc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]*", "bee", true),
            ("[^a-c]*", "bee", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*", "", true),
            ("[a", "a", false),
        ] {
            assert_eq!(
                matches(&chars(pattern), &chars(name)),
                expected,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn a_source_names_files_folders_and_patterns() {
        let mut files = Files::default();
        for path in ["a.txt", "b.txt", "src/c.txt"] {
            files.insert(path, Entry::file(0o644, b"x"));
        }
        files.insert("src", Entry::folder(0o755));
        assert_eq!(files.named("./a.txt"), ["a.txt"]);
        assert_eq!(files.named("/src/"), ["src"]);
        assert_eq!(files.named("*.txt"), ["a.txt", "b.txt"]);
        assert_eq!(files.named("s*/*"), ["src/c.txt"]);
        assert_eq!(files.named("."), [""]);
        assert!(files.named("nowhere").is_empty());
        let below: Vec<&str> = files.below("src").map(|(path, _)| path).collect();
        assert_eq!(below, ["src", "src/c.txt"]);
        assert_eq!(files.below("").count(), 4);
    }
}
