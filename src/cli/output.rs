//! Where a report goes: the standard output, or a file that is whole or not there.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use checker::report;
use clap::ValueEnum;

/// How a result is written: for people, or as other tools read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, as it happens.
    Text,
    /// The report as one JSON document.
    Json,
    /// Exercism's test runner results, version 3.
    Exercism,
    /// A runner's result for GitHub Classroom, before its Base64 coding.
    Classroom,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0: the findings only.
    Sarif,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// Comma-separated values, one row for each check.
    Csv,
}

impl Format {
    /// The writer; none for people.
    pub(super) fn written(self) -> Option<report::Format> {
        Some(match self {
            Format::Text => return None,
            Format::Json => report::Format::Json,
            Format::Exercism => report::Format::Exercism,
            Format::Classroom => report::Format::Classroom,
            Format::Junit => report::Format::Junit,
            Format::Sarif => report::Format::Sarif,
            Format::Tap => report::Format::Tap,
            Format::Csv => report::Format::Csv,
        })
    }
}

/// Writes a text to the standard output, whose reader may have seen enough, as `head` has, or to a file: aside, synced
/// and renamed, so that nobody reads half of it and a crash leaves the old one.
pub(super) fn write_output(path: Option<&Path>, text: &str) -> io::Result<()> {
    let Some(path) = path else {
        return match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        };
    };
    // A pipe or a device, `/dev/stdout` for one, is written to and not replaced.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return std::fs::write(path, text);
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".docktutor-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::write_output;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        for text in ["first, a long one\n", "second\n"] {
            write_output(Some(&path), text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_output(Some(folder.path()), "text").is_err());
        assert!(write_output(Some(&folder.path().join("no/where")), "text").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
