//! Recipes: folders below `exercises/images`, which are part of the binary.

use std::borrow::Cow;
use std::io::Write;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/exercises/images"]
struct Recipes;

/// One file of a recipe.
pub(super) fn file(recipe: &str, name: &str) -> Option<Cow<'static, [u8]>> {
    Recipes::get(&format!("{recipe}/{name}")).map(|file| file.data)
}

/// The files of a recipe, by their path in its folder, in order.
fn files(recipe: &str) -> Vec<(String, Cow<'static, [u8]>)> {
    let mut files: Vec<_> = Recipes::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(recipe)?.strip_prefix('/')?.to_owned();
            Some((name, Recipes::get(&path)?.data))
        })
        .collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

/// The folders that hold a recipe.
#[cfg(test)]
pub(super) fn folders() -> std::collections::HashSet<String> {
    Recipes::iter()
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .collect()
}

/// Twelve hexadecimal digits that change with any byte of the recipe, and with whatever else goes into the image.
pub(super) fn fingerprint(recipe: &str, more: &[&str]) -> String {
    let files = files(recipe);
    hash(
        files.iter().map(|(name, data)| (name.as_str(), &**data)),
        more,
    )
}

pub(super) fn hash<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>, more: &[&str]) -> String {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // Each part's length goes first, so that no two lists of parts look the same.
        hasher.update(bytes.len().to_be_bytes());
        hasher.update(bytes);
    };
    for (name, data) in files {
        part(name.as_bytes());
        part(data);
    }
    part(b"");
    for text in more {
        part(text.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Writes the recipe's files into a build context, with one Dockerfile under the name `Dockerfile`.
pub(super) fn write_context<W: Write>(
    recipe: &str,
    dockerfile: &[u8],
    archive: &mut tar::Builder<W>,
) -> std::io::Result<()> {
    add(archive, "Dockerfile", dockerfile, 0o644)?;
    for (name, data) in files(recipe) {
        if !name.ends_with("Dockerfile") {
            add(
                archive,
                &name,
                &data,
                if name.ends_with(".sh") { 0o755 } else { 0o644 },
            )?;
        }
    }
    Ok(())
}

/// Adds a file. Its date is fixed: the engine's build cache goes by the archive's headers.
fn add<W: Write>(
    archive: &mut tar::Builder<W>,
    name: &str,
    data: &[u8],
    mode: u32,
) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(data.len() as u64);
    header.set_mode(mode);
    archive.append_data(&mut header, name, data)
}

/// Labels each stage that only the last one copies from, so that it can be found and removed after the build.
pub(super) fn label_stages(dockerfile: &str, labels: &str) -> String {
    let is_from = |line: &str| {
        line.get(..5)
            .is_some_and(|word| word.eq_ignore_ascii_case("FROM "))
    };
    let stages = dockerfile.lines().filter(|line| is_from(line)).count();
    let mut seen = 0;
    let mut text = String::new();
    for line in dockerfile.lines() {
        text.push_str(line);
        text.push('\n');
        if is_from(line) {
            seen += 1;
            if seen < stages {
                text.push_str(&format!("LABEL {labels}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_gives_another_fingerprint() {
        let of = |files: &[(&str, &str)], more: &[&str]| {
            hash(files.iter().map(|(n, d)| (*n, d.as_bytes())), more)
        };
        let all = [
            of(&[("a", "x")], &[]),
            of(&[("a", "y")], &[]),
            of(&[("b", "x")], &[]),
            of(&[("a", "x"), ("b", "")], &[]),
            of(&[("a", "x")], &[""]),
            of(&[("a", "x")], &["b", "c"]),
            of(&[("a", "x")], &["bc", ""]),
            of(&[("ax", "")], &[]),
        ];
        let different: std::collections::HashSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert!(all[0].len() == 12 && all[0].bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(
            all[0],
            of(&[("a", "x")], &[]),
            "and no change gives the same"
        );
    }

    #[test]
    fn the_context_holds_the_chosen_dockerfile_and_the_files() {
        let mut archive = tar::Builder::new(Vec::new());
        write_context("python", b"FROM x\n", &mut archive).unwrap();
        let bytes = archive.into_inner().unwrap();
        let mut names = Vec::new();
        for entry in tar::Archive::new(&*bytes).entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if name == "Dockerfile" {
                let mut text = String::new();
                std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
                assert_eq!(text, "FROM x\n");
            }
            names.push(name);
        }
        assert_eq!(names, ["Dockerfile", "make_wheels.py"]);
    }

    #[test]
    fn only_stages_that_are_left_behind_get_labels() {
        assert_eq!(
            label_stages("ARG B\nFROM $B\nRUN x\n", "a=1"),
            "ARG B\nFROM $B\nRUN x\n"
        );
        assert_eq!(
            label_stages(
                "from b AS one\nRUN x\nFROM scratch\nCOPY --from=one / /\n",
                "a=1"
            ),
            "from b AS one\nLABEL a=1\nRUN x\nFROM scratch\nCOPY --from=one / /\n"
        );
    }
}
