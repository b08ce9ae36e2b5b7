//! Compose files are looked at with the files of their project: the override file and `.env` beside them, and what they
//! include and extend.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checker::compose::project::{self, Files, Loaded, Read, Settings};
use checker::lint::{self, Options};
use checker::{Finding, Lang};

use super::{Content, Looked, ROUNDS, open};

/// The folder of a project on the disk; one file of it may be changed already and not written yet.
struct Disk {
    folder: PathBuf,
    changed: Option<(String, Vec<u8>)>,
}

impl Files for Disk {
    fn read(&self, path: &str) -> Read {
        if let Some((name, bytes)) = &self.changed
            && name == path
        {
            return Read::Bytes(bytes.clone());
        }
        match File::open(self.folder.join(path)) {
            Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => {
                match super::read(file) {
                    Ok(bytes) => Read::Bytes(bytes),
                    Err(error) => Read::Refused(error.to_string()),
                }
            }
            Ok(_) => Read::Refused("not a regular file".to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Read::Missing,
            Err(error) => Read::Refused(error.to_string()),
        }
    }
}

/// Looks at a project, mends the named file where that is wanted, and returns the named file first.
pub(super) fn look(
    path: &Path,
    lang: Lang,
    enable: &[&str],
    disable: &[&str],
    fix: bool,
) -> Result<Vec<Looked>, String> {
    let bytes = open(path)?.map_err(|error| format!("cannot be read: {error}"))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or("has a name that is not UTF-8")?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let shown = |file: &str| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.join(file).display().to_string(),
        _ => file.to_owned(),
    };
    let options = Options {
        lang,
        ignore: None,
        enable,
        disable,
    };
    let named = std::fs::canonicalize(&folder).ok();
    let named = named
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let settings = Settings {
        folder: named.unwrap_or("").to_owned(),
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        ..Settings::default()
    };
    let mut disk = Disk {
        folder,
        changed: Some((name.to_owned(), bytes.clone())),
    };
    let judge = |disk: &Disk| -> (Loaded, Vec<Finding>) {
        let loaded = project::load_file(disk, name, settings.clone());
        let findings = lint::lint_project(&loaded, &options, &shown);
        (loaded, findings)
    };
    let (mut loaded, mut findings) = judge(&disk);
    if fix && bytes.len() <= dockerfile::MAX_SIZE {
        let mut text = bytes.clone();
        let own = shown(name);
        for _ in 0..ROUNDS {
            let mine: Vec<Finding> = findings
                .iter()
                .filter(|finding| finding.file == own)
                .cloned()
                .collect();
            let (mended, count) = lint::apply_fixes(&text, &mine);
            if count == 0 {
                break;
            }
            text = mended;
            disk.changed = Some((name.to_owned(), text.clone()));
            (loaded, findings) = judge(&disk);
        }
        if text != bytes {
            super::files::replace(path, &text)
                .map_err(|error| format!("cannot be written: {error}"))?;
        }
    }
    let loaded = Arc::new(loaded);
    let mut order: Vec<usize> = (0..loaded.files.len()).collect();
    order.sort_by_key(|at| loaded.files[*at].path != name);
    let looked = order.into_iter().map(|at| {
        let path = shown(&loaded.files[at].path);
        Looked {
            findings: findings
                .iter()
                .filter(|finding| finding.file == path)
                .cloned()
                .collect(),
            content: Content::Project(Arc::clone(&loaded), at),
            path,
        }
    });
    Ok(looked.collect())
}
