//! Looks at every link of the finished book: it leads to a page and a place in it that are there, and no page loads
//! anything from elsewhere.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Follows all links of all pages below a folder; answers how many there were.
/// The error lists those that lead nowhere, and everything that would be loaded from elsewhere.
pub(super) fn check(site: &Path) -> anyhow::Result<usize> {
    let mut pages = BTreeMap::new();
    read(site, &mut pages)?;
    let anchors: BTreeMap<&PathBuf, HashSet<&str>> = pages
        .iter()
        .map(|(path, html)| (path, attributes(html, "id").map(|(id, _)| id).collect()))
        .collect();
    let mut followed = 0;
    let mut wrong = Vec::new();
    for (path, html) in &pages {
        let shown = path
            .strip_prefix(site)
            .unwrap_or(path)
            .display()
            .to_string();
        for (target, tag) in attributes(html, "href").chain(attributes(html, "src")) {
            followed += 1;
            if let Some(problem) = problem(site, path, target, tag, &anchors) {
                wrong.push(format!("{shown}: {problem}"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    anyhow::ensure!(
        wrong.is_empty(),
        "the book has links that do not work:\n{}",
        wrong.join("\n")
    );
    Ok(followed)
}

fn read(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, pages)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            let html = fs::read_to_string(&path)?;
            pages.insert(path, html);
        }
    }
    Ok(())
}

fn problem(
    site: &Path,
    page: &Path,
    target: &str,
    tag: &str,
    anchors: &BTreeMap<&PathBuf, HashSet<&str>>,
) -> Option<String> {
    let elsewhere = target.contains("://") || target.starts_with("//");
    if elsewhere {
        // A link may lead away; what a page loads may not.
        return (tag != "a").then(|| format!("<{tag}> loads {target}"));
    }
    if target.starts_with("mailto:") || target.starts_with("data:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = file.split('?').next().unwrap_or_default();
    let mut path = match (file, file.strip_prefix('/')) {
        ("", _) => page.to_owned(),
        (_, Some(inside)) => site.join(inside),
        (_, None) => normal(&page.parent().unwrap_or(site).join(file)),
    };
    if path.is_dir() {
        path.push("index.html");
    }
    if !path.starts_with(site) || !path.exists() {
        return Some(format!("{target} leads nowhere"));
    }
    let known = anchors.get(&path);
    let missing =
        !anchor.is_empty() && known.is_some_and(|ids| !ids.contains(decoded(anchor).as_str()));
    missing.then(|| format!("{target}: the page has no such place"))
}

/// Percent escapes undone.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// `a/../b` as `b`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Every value of an attribute, with the name of its tag.
fn attributes<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    html.split('<').filter_map(move |piece| {
        let tag = piece.split([' ', '>', '\n']).next()?;
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let inside = &piece[..end_of_tag(piece)];
        let mut rest = inside;
        while let Some(at) = rest.find(name) {
            let before = rest[..at].chars().next_back();
            let after = rest[at + name.len()..].strip_prefix("=\"");
            if let (Some(c), Some(value)) = (before, after)
                && c.is_whitespace()
            {
                return Some((value.split('"').next()?, tag));
            }
            rest = &rest[at + name.len()..];
        }
        None
    })
}

/// Where the tag's `>` stands, outside of quoted values.
fn end_of_tag(piece: &str) -> usize {
    let mut quoted = false;
    for (at, c) in piece.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    piece.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pages: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, html) in pages {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, html).unwrap();
        }
        folder
    }

    #[test]
    fn links_that_work_are_counted() {
        let folder = site(&[
            (
                "ko/a.html",
                "<a href=\"../en/b.html#%EA%B0%80\">b</a> <a class=\"x\" href=\"https://example.org\">away</a>",
            ),
            ("en/b.html", "<h2 id=\"가\">x</h2><img src=\"../x.svg\">"),
            ("x.svg", ""),
        ]);
        assert_eq!(check(folder.path()).unwrap(), 3);
    }

    #[test]
    fn links_that_lead_nowhere_and_loads_from_elsewhere_are_told() {
        let folder = site(&[(
            "a.html",
            "<a href=\"c.html\">c</a><a href=\"#z\">z</a><script src=\"https://example.org/x.js\"></script><a href=\"../../etc/passwd\">p</a>",
        )]);
        let error = check(folder.path()).unwrap_err().to_string();
        for part in [
            "c.html leads nowhere",
            "#z: the page has no such place",
            "<script> loads",
            "passwd leads nowhere",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }
}
