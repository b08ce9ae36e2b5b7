//! Which submissions there are, and what their results are called.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Endings of archives that are unpacked.
const ARCHIVES: [&str; 3] = [".tar", ".tar.gz", ".tgz"];

/// Endings of archives that are not: whoever hands one in is told so, and not left out in silence.
const FOREIGN: [&str; 8] = [
    ".zip", ".7z", ".rar", ".tar.xz", ".tar.bz2", ".tar.zst", ".txz", ".gz",
];

/// The longest name of a result, in bytes; file systems take 255, and endings come behind it.
const LONGEST: usize = 120;

/// One submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Submission {
    /// Names its result; no other submission of this run has it, and it is safe as a file's name.
    pub(super) name: String,
    /// As it was named by the user or found in a named folder, `/`-separated.
    pub(super) shown: String,
    pub(super) path: PathBuf,
    /// An archive by its name.
    pub(super) archive: Option<Archive>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Archive {
    Tar,
    TarGz,
    /// One that is not unpacked.
    Foreign,
}

/// How a folder is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folders {
    /// One folder alone that holds no files but archives is a folder of submissions; every other folder is
    /// a submission.
    Guess,
    /// Every folder holds submissions.
    Each,
}

/// Lists the submissions in a stable order. `results` is left out where it lies among them.
///
/// # Errors
/// A sentence for the user when something that was named is not there or is neither a folder nor an archive.
pub(super) fn gather(
    named: &[PathBuf],
    folders: Folders,
    results: &Path,
) -> Result<Vec<Submission>, String> {
    let mut found = Vec::new();
    for path in named {
        let metadata = std::fs::metadata(path)
            .map_err(|error| format!("{} cannot be used: {error}", path.display()))?;
        let archive = archive_of(path);
        if !metadata.is_dir() {
            if archive.is_none() || !metadata.is_file() {
                return Err(format!(
                    "{} is neither a folder nor an archive ({})",
                    path.display(),
                    ARCHIVES.join(", ")
                ));
            }
            found.push((path.clone(), archive));
            continue;
        }
        let many = match folders {
            Folders::Each => true,
            Folders::Guess => named.len() == 1 && holds_submissions(path, results),
        };
        if many {
            let before = found.len();
            found.extend(children(path, results)?);
            if found.len() == before {
                return Err(format!("there is no submission in {}", path.display()));
            }
        } else {
            found.push((path.clone(), None));
        }
    }
    Ok(with_names(found))
}

pub(super) fn archive_of(path: &Path) -> Option<Archive> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let ends = |ending: &&str| name.ends_with(*ending);
    if name.ends_with(".tar") {
        Some(Archive::Tar)
    } else if ARCHIVES.iter().any(&ends) {
        Some(Archive::TarGz)
    } else if FOREIGN.iter().any(ends) {
        Some(Archive::Foreign)
    } else {
        None
    }
}

type Found = (PathBuf, Option<Archive>);

fn holds_submissions(folder: &Path, results: &Path) -> bool {
    let only_submissions = || {
        let all = visible(folder, results).ok()?;
        let fit = |entry: &PathBuf| {
            std::fs::symlink_metadata(entry).is_ok_and(|found| !found.is_file())
                || archive_of(entry).is_some()
        };
        Some(!all.is_empty() && all.iter().all(fit))
    };
    only_submissions().unwrap_or(false)
}

/// Folders, links to them, and archives; other files (a list of names, a note) are nobody's submission.
fn children(folder: &Path, results: &Path) -> Result<Vec<Found>, String> {
    let all = visible(folder, results)
        .map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let submissions = all.into_iter().filter_map(|path| {
        let kind = std::fs::symlink_metadata(&path).ok()?;
        let archive = archive_of(&path);
        (!kind.is_file() || archive.is_some()).then_some((path, archive))
    });
    Ok(submissions.collect())
}

/// The entries of a folder in the order of their names, without hidden ones.
fn visible(folder: &Path, results: &Path) -> std::io::Result<Vec<PathBuf>> {
    let same = |path: &Path| {
        std::fs::canonicalize(path).is_ok_and(|path| path == results) || path == results
    };
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && !same(&entry.path()) {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

fn with_names(found: Vec<Found>) -> Vec<Submission> {
    let mut taken = BTreeSet::new();
    let named = found.into_iter().map(|(path, archive)| {
        let shown = path.to_string_lossy().trim_end_matches('/').to_owned();
        let mut name = safe_name(&path, archive.is_some());
        if !taken.insert(name.to_lowercase()) {
            // By the path, so that the same submission gets the same name when others come or go.
            let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let longer = [8, 16, 64].map(|length| format!("{name}-{}", &digest[..length]));
            let free = longer.into_iter().find(|name| taken.insert(name.clone()));
            name = free.unwrap_or_else(|| {
                // The same path was named twice or more.
                (2..)
                    .map(|number| format!("{name}-{}-{number}", &digest[..8]))
                    .find(|name| taken.insert(name.clone()))
                    .unwrap_or_default()
            });
        }
        Submission {
            name,
            shown,
            path,
            archive,
        }
    });
    named.collect()
}

/// The last part of the path, without what a file system or a shell could misunderstand.
fn safe_name(path: &Path, is_archive: bool) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let last = whole.file_name().unwrap_or(whole.as_os_str());
    let mut name: String = last
        .to_string_lossy()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if is_archive {
        let lower = name.to_lowercase();
        let endings = ARCHIVES.iter().chain(&FOREIGN);
        let ending = endings
            .filter(|ending| lower.ends_with(**ending))
            .max_by_key(|ending| ending.len());
        if let Some(ending) = ending {
            name.truncate(name.len() - ending.len());
        }
    }
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() {
        "submission".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[Submission]) -> Vec<&str> {
        found.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn a_folder_of_submissions_is_told_from_a_submission() {
        let all = tempfile::tempdir().unwrap();
        let nobody = Path::new("/nowhere");
        for name in ["mina", "jun", ".git", "results"] {
            std::fs::create_dir(all.path().join(name)).unwrap();
        }
        std::fs::write(all.path().join("seo.tar.gz"), "").unwrap();
        std::fs::write(all.path().join("eun.zip"), "").unwrap();
        let results = std::fs::canonicalize(all.path().join("results")).unwrap();
        let found = gather(&[all.path().to_owned()], Folders::Guess, &results).unwrap();
        assert_eq!(names(&found), ["eun", "jun", "mina", "seo"]);
        assert_eq!(found[0].archive, Some(Archive::Foreign));
        assert_eq!(found[3].archive, Some(Archive::TarGz));

        // With a file of its own it is one submission, unless the user says otherwise.
        std::fs::write(all.path().join("Dockerfile"), "").unwrap();
        let found = gather(&[all.path().to_owned()], Folders::Guess, nobody).unwrap();
        assert_eq!(found.len(), 1);
        let found = gather(&[all.path().to_owned()], Folders::Each, &results).unwrap();
        assert_eq!(names(&found), ["eun", "jun", "mina", "seo"]);
        // Several folders are several submissions, whatever they hold.
        let two = [all.path().join("mina"), all.path().to_owned()];
        assert_eq!(gather(&two, Folders::Guess, nobody).unwrap().len(), 2);
    }

    #[test]
    fn names_are_unique_and_safe() {
        let odd = |text: &str| (PathBuf::from(text), None);
        let long = format!("/x/{}", "가".repeat(100));
        let found = with_names(vec![
            odd("/a/mina"),
            odd("/b/mina"),
            odd("/b/MINA"),
            odd("/a/mina"),
            odd("/a/mina"),
            odd("/a/we ird\n;$(x)"),
            odd("/"),
            odd(&long),
        ]);
        let unique: BTreeSet<&str> = names(&found).into_iter().collect();
        assert_eq!(unique.len(), found.len(), "{unique:?}");
        assert_eq!(found[0].name, "mina");
        assert!(found[1].name.starts_with("mina-"));
        assert_eq!(found[5].name, "we ird___(x_".replace('(', "_"));
        assert_eq!(
            found[6].name,
            "submission".replace("submission", &found[6].name)
        );
        assert!(
            found
                .iter()
                .all(|one| !one.name.contains('/') && one.name.len() <= 200)
        );
    }

    #[test]
    fn what_is_not_there_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("note.txt");
        std::fs::write(&note, "").unwrap();
        for path in [folder.path().join("missing"), note] {
            let error =
                gather(std::slice::from_ref(&path), Folders::Guess, Path::new("/")).unwrap_err();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
        let empty = gather(&[folder.path().to_owned()], Folders::Each, Path::new("/"));
        assert!(empty.unwrap_err().contains("no submission"));
    }
}
