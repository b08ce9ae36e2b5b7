//! The results folder: one report for each submission, on the disk as soon as it is done.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use checker::Report;
use serde::{Deserialize, Serialize};

/// Names that begin so are files on their way.
const TEMPORARY: &str = ".tmp-";

/// A report that is larger is none of ours.
const MOST_BYTES: u64 = 64 << 20;

/// What a result is worth only together with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grading {
    /// The submission, as it was named.
    pub(super) submission: String,
    /// SHA-256 (hex) of all its files.
    pub(super) content_hash: String,
    /// The time that it had, in seconds.
    pub(super) timeout: u64,
    /// The bytes that it could write.
    pub(super) disk: u64,
}

/// A result: the report, and beside its fields how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Graded {
    #[serde(flatten)]
    pub(super) report: Report,
    pub(super) grading: Grading,
}

/// An open results folder; one run at a time uses it.
pub(super) struct Results {
    folder: PathBuf,
    reports: PathBuf,
    _lock: File,
}

impl Results {
    /// Opens the folder, makes it where it is not there, and removes half-written files of a killed run.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn open(folder: &Path) -> Result<Results, String> {
        let reports = folder.join("reports");
        let open = || {
            std::fs::create_dir_all(&reports)?;
            File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(folder.join(".lock"))
        };
        let lock = open().map_err(|error| {
            format!(
                "the results folder {} cannot be used: {error}",
                folder.display()
            )
        })?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "another run writes to {}; wait for it, or name another folder with --out",
                    folder.display()
                ));
            }
            Err(TryLockError::Error(error)) => {
                return Err(format!("{} cannot be locked: {error}", folder.display()));
            }
        }
        for place in [folder, &reports] {
            for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
                let left = entry
                    .file_name()
                    .as_encoded_bytes()
                    .starts_with(TEMPORARY.as_bytes());
                if left && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
        Ok(Results {
            folder: folder.to_owned(),
            reports,
            _lock: lock,
        })
    }

    /// Where a submission's report is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.reports.join(format!("{name}.json"))
    }

    /// The result of an earlier run, if there is a whole one.
    pub(super) fn earlier(&self, name: &str) -> Option<Graded> {
        let file = File::open(self.path(name)).ok()?;
        let mut text = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps a result. It is on the disk when this returns, and whoever looks sees the old one or the new one, whole.
    pub(super) fn keep(&self, name: &str, graded: &Graded) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(graded)?;
        text.push(b'\n');
        replace(&self.path(name), &text)
    }

    /// Writes a file about all submissions.
    pub(super) fn write(&self, file: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(file);
        replace(&path, text.as_bytes())?;
        Ok(path)
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut aside = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    aside.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use checker::Lang;

    fn graded() -> Graded {
        Graded {
            report: Report {
                version: 1,
                exercise: "a/b".into(),
                lang: Lang::En,
                passed: false,
                points: 0,
                max_points: 3,
                checks: Vec::new(),
                exercise_hash: "e".into(),
                submission_hash: "s".into(),
                images_hash: String::new(),
                checker_version: "1".into(),
            },
            grading: Grading {
                submission: "mina".into(),
                content_hash: "c".into(),
                timeout: 300,
                disk: 1 << 30,
            },
        }
    }

    #[test]
    fn a_result_comes_back_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path()).unwrap();
        assert_eq!(results.earlier("mina"), None);
        results.keep("mina", &graded()).unwrap();
        assert_eq!(results.earlier("mina"), Some(graded()));
        // It is a report as well, for whoever reads only that.
        let text = std::fs::read(results.path("mina")).unwrap();
        assert_eq!(
            serde_json::from_slice::<Report>(&text).unwrap(),
            graded().report
        );
        std::fs::write(results.path("mina"), &text[..text.len() / 2]).unwrap();
        assert_eq!(results.earlier("mina"), None);
    }

    #[test]
    fn one_run_at_a_time_and_no_half_written_files() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path()).unwrap();
        let left = folder.path().join("reports/.tmp-x");
        std::fs::write(&left, "half").unwrap();
        assert!(
            Results::open(folder.path())
                .err()
                .unwrap()
                .contains("another run")
        );
        drop(results);
        Results::open(folder.path()).unwrap();
        assert!(!left.exists());
    }
}
