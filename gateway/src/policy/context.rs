//! A build context: a tar that is read entry by entry and written anew, with our Dockerfile in it.

use super::pattern::glob;
use crate::error::Fault;
use std::io::{self, Read, Seek, Write};
use tar::{Archive, Builder, Entry, EntryType, Header};

/// The size of an archive's blocks in bytes.
const BLOCK: u64 = 512;
/// The largest Dockerfile or `.dockerignore` that is read.
const LARGEST_TEXT: u64 = 1 << 20;
/// The most files that a context may have.
const MOST_ENTRIES: usize = 100_000;

/// What matters of a context before it is written anew.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The Dockerfile's path in the context, as it was found.
    pub(crate) path: String,
    pub(crate) dockerfile: Vec<u8>,
    ignore: Option<Vec<u8>>,
}

/// Finds the Dockerfile of a context. `asked` is the path that the call names.
pub(crate) fn scan(tar: impl Read, asked: &str) -> Result<Scan, Fault> {
    let wanted = clean(asked.as_bytes())
        .ok_or_else(|| Fault::bad(format!("the Dockerfile's path {asked:?} cannot be used")))?;
    // As the engine does: where the usual name is missing, the same in lower case will do.
    let spare = (wanted == b"Dockerfile").then_some(b"dockerfile".as_slice());
    let (mut found, mut second, mut ignore) = (None, None, None);
    let mut count = 0usize;
    for entry in archive(tar).entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        if count > MOST_ENTRIES {
            return Err(Fault::refused(format!(
                "a build context of more than {MOST_ENTRIES} files"
            )));
        }
        let Some(path) = clean(&entry.path_bytes()) else {
            continue;
        };
        if path == wanted {
            found = Some(text(&mut entry, "the Dockerfile")?);
        } else if Some(path.as_slice()) == spare {
            second = Some(text(&mut entry, "the Dockerfile")?);
        } else if path == b".dockerignore" {
            ignore = Some(text(&mut entry, ".dockerignore")?);
        }
    }
    let (path, dockerfile) = match (found, second) {
        (Some(text), _) => (wanted, text),
        (None, Some(text)) => (b"dockerfile".to_vec(), text),
        (None, None) => {
            return Err(Fault::bad(format!(
                "Cannot locate specified Dockerfile: {asked}"
            )));
        }
    };
    Ok(Scan {
        path: String::from_utf8_lossy(&path).into_owned(),
        dockerfile,
        ignore,
    })
}

/// A context's archive. Where the Dockerfile lies outside of the context, Docker's client adds it last and leaves out
/// what fills its block, and the archive's end.
fn archive<R: Read>(tar: R) -> Archive<impl Read> {
    Archive::new(tar.chain(io::repeat(0).take(3 * BLOCK - 1)))
}

/// Writes the context anew. The builder reads `text` under the name `name` and takes that file away again, because
/// `.dockerignore` says so; the learner's Dockerfile stays what it was, for `COPY . .` to find.
pub(crate) fn rebuild(
    tar: impl Read,
    out: impl Write,
    scan: &Scan,
    name: &str,
    text: &str,
) -> io::Result<()> {
    let mut builder = Builder::new(out);
    let hide_dockerfile = scan
        .ignore
        .as_deref()
        .is_some_and(|patterns| ignored(patterns, &scan.path));
    for entry in archive(tar).entries()? {
        let mut entry = entry?;
        let Some(path) = clean(&entry.path_bytes()) else {
            continue;
        };
        if path == b".dockerignore" || (hide_dockerfile && path == scan.path.as_bytes()) {
            continue;
        }
        copy(&mut builder, &mut entry, &path)?;
    }
    let mut ignore = scan
        .ignore
        .clone()
        .unwrap_or_else(|| b".dockerignore".to_vec());
    ignore.extend_from_slice(format!("\n{name}\n").as_bytes());
    add(&mut builder, ".dockerignore", &ignore)?;
    add(&mut builder, name, text.as_bytes())?;
    builder.into_inner()?.flush()
}

fn copy<R: Read, W: Write>(
    builder: &mut Builder<W>,
    entry: &mut Entry<'_, R>,
    path: &[u8],
) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
    let old = entry.header();
    let mut header = Header::new_gnu();
    header.set_mode(old.mode()? & 0o7777);
    header.set_uid(old.uid().unwrap_or(0));
    header.set_gid(old.gid().unwrap_or(0));
    header.set_mtime(old.mtime().unwrap_or(0));
    let kind = old.entry_type();
    match kind {
        EntryType::Regular | EntryType::Continuous => {
            header.set_entry_type(EntryType::Regular);
            header.set_size(entry.size());
            builder.append_data(&mut header, path, entry)
        }
        EntryType::Directory => {
            header.set_entry_type(kind);
            header.set_size(0);
            builder.append_data(&mut header, path, io::empty())
        }
        EntryType::Symlink | EntryType::Link => {
            header.set_entry_type(kind);
            header.set_size(0);
            let target = entry
                .link_name()?
                .ok_or_else(|| io::Error::other("a link without a target"))?
                .into_owned();
            builder.append_link(&mut header, path, target)
        }
        // Pipes and devices have no place in a build; headers about headers were read already.
        _ => Ok(()),
    }
}

fn add<W: Write>(builder: &mut Builder<W>, name: &str, content: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    builder.append_data(&mut header, name, content)
}

fn text<R: Read>(entry: &mut Entry<'_, R>, what: &str) -> Result<Vec<u8>, Fault> {
    if !matches!(
        entry.header().entry_type(),
        EntryType::Regular | EntryType::Continuous
    ) {
        return Err(Fault::refused(format!(
            "{what} as a link: it must be a plain file"
        )));
    }
    if entry.size() > LARGEST_TEXT {
        return Err(Fault::refused(format!("{what} of more than 1 MiB")));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

fn broken(error: io::Error) -> Fault {
    Fault::bad(format!("the build context cannot be read: {error}"))
}

/// A path without `.` and empty parts; `None` for the root itself and for paths that lead out.
pub(super) fn clean(path: &[u8]) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = path
        .split(|b| *b == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
        .collect();
    if parts.is_empty() || parts.contains(&b"..".as_slice()) {
        return None;
    }
    Some(parts.join(&b'/'))
}

/// Whether a `.dockerignore` takes a path out; the last pattern that matches decides.
fn ignored(patterns: &[u8], path: &str) -> bool {
    let patterns = String::from_utf8_lossy(patterns);
    let mut out = false;
    for line in patterns
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (pattern, takes_out) = line
            .strip_prefix('!')
            .map_or((line, true), |rest| (rest.trim(), false));
        let pattern = pattern
            .trim_start_matches('/')
            .trim_start_matches("./")
            .trim_end_matches('/');
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        if std::iter::once(path)
            .chain(parents)
            .any(|part| glob(pattern, part))
        {
            out = takes_out;
        }
    }
    out
}

/// Whether the bytes are the beginning of something compressed, which the engine would unpack by itself.
pub(crate) fn is_compressed(start: &[u8]) -> bool {
    const MAGIC: [&[u8]; 4] = [
        &[0x1f, 0x8b],
        b"BZh",
        &[0xfd, b'7', b'z', b'X', b'Z'],
        &[0x28, 0xb5, 0x2f, 0xfd],
    ];
    MAGIC.iter().any(|magic| start.starts_with(magic))
}

/// Goes back to the beginning of a file that is read twice.
pub(crate) fn rewind(file: &mut std::fs::File) -> io::Result<()> {
    file.seek(io::SeekFrom::Start(0)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (name, content) in files {
            add(&mut builder, name, content.as_bytes()).expect("a file");
        }
        builder.into_inner().expect("a tar")
    }

    fn names(tar: &[u8]) -> Vec<String> {
        let mut archive = Archive::new(tar);
        let entries = archive.entries().expect("entries");
        entries
            .map(|entry| {
                String::from_utf8_lossy(&entry.expect("an entry").path_bytes()).into_owned()
            })
            .collect()
    }

    fn again(files: &[(&str, &str)]) -> Vec<String> {
        let first = tar(files);
        let scan = scan(first.as_slice(), "Dockerfile").expect("a Dockerfile");
        let mut out = Vec::new();
        rebuild(first.as_slice(), &mut out, &scan, ".ours", "FROM x").expect("rebuilt");
        names(&out)
    }

    #[test]
    fn the_last_dockerfile_counts() {
        let context = tar(&[
            ("Dockerfile", "FROM a"),
            ("./Dockerfile", "FROM b"),
            ("sub/Dockerfile", "FROM c"),
        ]);
        assert_eq!(
            scan(context.as_slice(), "Dockerfile")
                .expect("found")
                .dockerfile,
            b"FROM b"
        );
        assert_eq!(
            scan(context.as_slice(), "sub/Dockerfile")
                .expect("found")
                .dockerfile,
            b"FROM c"
        );
        assert!(scan(context.as_slice(), "../Dockerfile").is_err());
        assert!(scan(context.as_slice(), "missing").is_err());
        assert_eq!(
            scan(tar(&[("dockerfile", "FROM d")]).as_slice(), "Dockerfile")
                .expect("found")
                .dockerfile,
            b"FROM d"
        );
    }

    #[test]
    fn an_archive_that_ends_with_the_last_files_bytes_is_read() {
        // What `docker build -f elsewhere/Dockerfile .` sends.
        let whole = tar(&[("a", "1"), (".dockerfile.x", "FROM a")]);
        let cut = &whole[..512 + 512 + 512 + "FROM a".len()];
        let found = scan(cut, ".dockerfile.x").expect("found");
        assert_eq!(found.dockerfile, b"FROM a");
        let mut out = Vec::new();
        rebuild(cut, &mut out, &found, ".ours", "FROM x").expect("rebuilt");
        assert_eq!(
            names(&out),
            ["a", ".dockerfile.x", ".dockerignore", ".ours"]
        );
    }

    #[test]
    fn the_context_keeps_its_files_and_gets_ours() {
        assert_eq!(
            again(&[("Dockerfile", "x"), ("a", "1")]),
            ["Dockerfile", "a", ".dockerignore", ".ours"]
        );
        assert_eq!(
            again(&[("Dockerfile", "x"), (".dockerignore", "Docker*")]),
            [".dockerignore", ".ours"]
        );
        assert_eq!(
            again(&[("Dockerfile", "x"), (".dockerignore", "*\n!Dockerfile")]),
            ["Dockerfile", ".dockerignore", ".ours"]
        );
    }

    #[test]
    fn a_dockerfile_that_is_a_link_is_refused() {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "Dockerfile", "/etc/passwd")
            .expect("a link");
        let tar = builder.into_inner().expect("a tar");
        assert!(scan(tar.as_slice(), "Dockerfile").is_err());
    }

    #[test]
    fn ignore_patterns_match_as_the_engine_matches_them() {
        assert!(ignored(b"**/Dockerfile", "sub/Dockerfile"));
        assert!(ignored(b"sub", "sub/Dockerfile"));
        assert!(!ignored(b"Dockerfile", "sub/Dockerfile"));
        assert!(!ignored(b"# Dockerfile", "Dockerfile"));
    }
}
