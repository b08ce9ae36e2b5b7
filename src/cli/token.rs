//! Tokens: 256 random bits that let one learner in.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The file with the local learner's token; whoever can read it can come in.
const FILE: &str = "token";

/// A fresh token: 64 hex digits.
pub(super) fn new_token() -> io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The local learner's token, made on the first call, so that the address stays the same over restarts.
pub(super) fn local_token(data: &Path) -> io::Result<String> {
    let path = data.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) if is_token(text.trim()) => return Ok(text.trim().to_owned()),
        Ok(_) => {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!(
                    "{} does not hold a token; remove it to get a new one",
                    path.display()
                ),
            ));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let token = new_token()?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    writeln!(file, "{token}")?;
    file.sync_all()?;
    Ok(token)
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_local_token_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let token = local_token(folder.path()).unwrap();
        assert!(is_token(&token));
        assert_eq!(local_token(folder.path()).unwrap(), token);
        let mode = std::fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(new_token().unwrap(), token);
    }

    #[test]
    fn an_empty_token_file_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "\n").unwrap();
        assert!(local_token(folder.path()).is_err());
    }
}
