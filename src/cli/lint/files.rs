//! Which files are meant, and how a mended one is written.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use checker::lint;

/// Folders in which nobody's own files are.
const SKIPPED: [&str; 2] = [".git", "node_modules"];
/// Deeper folders are not looked into.
const MAX_DEPTH: usize = 64;

/// The files that the arguments name: a folder stands for every Dockerfile and Compose file in it and below, in the
/// order of their names. Links to folders are not followed, so that a walk ends. The error is one sentence.
pub(super) fn expand(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.as_os_str() == "-" || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, 0, &mut found).map_err(|error| format!("cannot be read: {error}"))?;
    if found.is_empty() {
        return Err("there is no Dockerfile and no Compose file in this folder".to_owned());
    }
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if depth < MAX_DEPTH && !SKIPPED.contains(&name.as_ref()) {
                walk(&path, depth + 1, found)?;
            }
            continue;
        }
        let wanted = lint::is_dockerfile(&name)
            || lint::misspelt(&name).is_some()
            || lint::is_compose(&name);
        if wanted && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// Replaces what a file holds, all at once, and keeps its mode. What a symbolic link points to is replaced, not the link.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    // A file that may not be written must not be replaced through its folder.
    let mode = File::options()
        .write(true)
        .open(&path)?
        .metadata()?
        .permissions();
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().set_permissions(mode)?;
    aside.as_file().sync_all()?;
    aside.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_folder_stands_for_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for path in [
            "b/Dockerfile",
            "a/web.Dockerfile",
            "a/Containerfile",
            "a/main.py",
            "compose.yaml",
            "values.yaml",
            ".git/Dockerfile",
            "x/node_modules/y/Dockerfile",
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "FROM scratch\n").unwrap();
        }
        symlink(root, root.join("a/loop")).unwrap();
        let short = |path: &PathBuf| path.strip_prefix(root).unwrap().display().to_string();
        let names: Vec<String> = expand(root).unwrap().iter().map(short).collect();
        assert_eq!(
            names,
            [
                "a/Containerfile",
                "a/web.Dockerfile",
                "b/Dockerfile",
                "compose.yaml"
            ]
        );
        assert!(expand(&root.join("x")).is_err());
    }

    #[test]
    fn mode_and_link_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("Dockerfile"), dir.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("Dockerfile", &link).unwrap();
        replace(&link, b"new\r\n").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new\r\n");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
