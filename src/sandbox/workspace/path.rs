//! Which paths may be asked for.

use super::WorkspaceError;
use super::tree::TEMPORARY;

/// A path has at most so many parts.
pub(super) const MAX_DEPTH: usize = 32;

/// Folders and name of a path that may be asked for.
pub(super) fn split(path: &str) -> Result<(Vec<&str>, &str), WorkspaceError> {
    let bad = |reason: &str| {
        Err(WorkspaceError::BadPath {
            reason: reason.to_owned(),
        })
    };
    if path.is_empty() {
        return bad("The path is empty.");
    }
    if path.contains('\0') {
        return bad("A path cannot hold a NUL byte.");
    }
    if path.starts_with('/') {
        return bad("The path begins with a slash; paths here begin in the workspace.");
    }
    if path.len() > 1024 {
        return bad("The path is longer than 1,024 bytes.");
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() > MAX_DEPTH {
        return bad("The path has more than 32 folders.");
    }
    for part in &parts {
        match *part {
            "" => return bad("The path has an empty part."),
            "." | ".." => return bad("A path cannot hold the parts \".\" and \"..\"."),
            part if part.len() > 255 => return bad("A name is longer than 255 bytes."),
            part if part.starts_with(TEMPORARY) => {
                return bad("Names that begin so are kept for files that are being saved.");
            }
            _ => {}
        }
    }
    match parts.pop() {
        Some(name) => Ok((parts, name)),
        None => bad("The path is empty."),
    }
}
