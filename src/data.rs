//! The data folder: where it is, whose it is, and whether there is room in it.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The file that holds the random id of this installation.
const INSTANCE_FILE: &str = "instance";

/// How long an instance's id is. Short, because it becomes part of interface and socket names, which have hard limits.
const INSTANCE_LEN: usize = 10;

/// The folder that is used when nobody names one: the user's data folder, by the usual rules of the desktop.
pub fn default_data_dir() -> PathBuf {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("DOCKTUTOR_DATA")
        .or_else(|| absolute("XDG_DATA_HOME").map(|base| base.join("docktutor")))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share/docktutor")))
        .unwrap_or_else(|| PathBuf::from("/var/lib/docktutor"))
}

/// The data folder of a command: the one that its `--data` names, or the usual one. Absolute, since an engine mounts
/// folders of it and knows nothing of our working directory.
pub fn folder(named: Option<PathBuf>) -> PathBuf {
    let folder = named.unwrap_or_else(default_data_dir);
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The id of this installation, which labels everything that it makes on an engine; made on the first call.
pub fn instance_id(data: &Path) -> std::io::Result<String> {
    std::fs::create_dir_all(data)?;
    let path = data.join(INSTANCE_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) if is_instance(text.trim()) => return Ok(text.trim().to_owned()),
        Ok(_) => {
            return Err(std::io::Error::new(
                ErrorKind::InvalidData,
                format!("{} does not hold an instance id", path.display()),
            ));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let id = random_id()?;
    // Written aside and linked into place: of two processes that start at once, one wins and both use its id.
    let aside = data.join(format!("{INSTANCE_FILE}.{id}"));
    std::fs::write(&aside, format!("{id}\n"))?;
    let linked = std::fs::hard_link(&aside, &path);
    std::fs::remove_file(&aside)?;
    match linked {
        Ok(()) => Ok(id),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => instance_id(data),
        Err(error) => Err(error),
    }
}

/// The id that the folder already has, without making one.
pub fn known_instance(data: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data.join(INSTANCE_FILE)).ok()?;
    is_instance(text.trim()).then(|| text.trim().to_owned())
}

fn is_instance(text: &str) -> bool {
    text.len() == INSTANCE_LEN
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

fn random_id() -> std::io::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; INSTANCE_LEN];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

/// How much room a file system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that we may still write.
    pub free: u64,
    /// Bytes altogether.
    pub total: u64,
}

/// The room on the file system of `path`, or of its nearest parent that exists.
pub fn space(path: &Path) -> std::io::Result<Space> {
    let mut at = path;
    while !at.exists() {
        match at.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => at = parent,
            _ => break,
        }
    }
    let stat = rustix::fs::statvfs(at)?;
    Ok(Space {
        free: stat.f_bavail * stat.f_frsize,
        total: stat.f_blocks * stat.f_frsize,
    })
}

/// One clear sentence when the file system of `path` has less than `wanted` bytes free; nothing when there is room.
pub fn too_full(path: &Path, wanted: u64) -> Option<String> {
    let space = space(path).ok()?;
    (space.free < wanted).then(|| {
        format!(
            "The disk that holds {} is almost full: {} free, {} needed.",
            path.display(),
            human_bytes(space.free),
            human_bytes(wanted)
        )
    })
}

/// A number of bytes as people read it: `1.2 GB`. Powers of ten, as the Docker command line prints them.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn human_bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if value < 10.0 && unit != "B" {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_becomes_absolute() {
        assert!(folder(Some("here".into())).is_absolute());
        assert_eq!(folder(Some("/there".into())), Path::new("/there"));
        assert!(folder(None).is_absolute());
    }

    #[test]
    fn an_instance_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        assert_eq!(known_instance(&data), None);
        let first = instance_id(&data).unwrap();
        assert_eq!(instance_id(&data).unwrap(), first);
        assert_eq!(known_instance(&data), Some(first));
        assert_eq!(
            std::fs::read_dir(&data).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_damaged_id_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("instance"), "../../etc").unwrap();
        assert_eq!(
            instance_id(folder.path()).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
        assert_eq!(
            std::fs::read_to_string(folder.path().join("instance")).unwrap(),
            "../../etc"
        );
    }

    #[test]
    fn room_is_measured_where_the_folder_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("not/yet");
        assert_eq!(
            space(&later).unwrap().total,
            space(folder.path()).unwrap().total
        );
        assert_eq!(too_full(&later, 1), None);
        let sentence = too_full(&later, u64::MAX).unwrap();
        assert!(sentence.contains("almost full"), "{sentence}");
    }

    #[test]
    fn bytes_read_well() {
        let shown: Vec<String> = [0, 999, 1000, 1_540_000, 266_000_000, 78_400_000_000]
            .map(human_bytes)
            .into();
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "1.5 MB", "266 MB", "78 GB"]
        );
    }
}
