//! Files of containers and volumes, by the archive endpoint: nothing is started in them for it.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::io::Read;

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::DownloadFromContainerOptions;
use futures_util::StreamExt;

use super::collect::Source;
use super::{FileKind, FileSeen};
use crate::engine::{Engine, Fault, LABEL};

/// So much of a file is read.
const MOST: usize = 1024 * 1024;

/// So many names of a folder are kept.
const MOST_NAMES: usize = 200;

/// A symbolic link leads to another one at most so often.
const MOST_LINKS: usize = 8;

/// Where a volume is mounted to be read.
const PLACE: &str = "/volume";

/// What lies at a path of a container. Symbolic links are followed inside it.
pub(super) async fn read(engine: &Engine, container: &str, path: &str) -> Result<FileKind, Fault> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(archive) = download(engine, container, &path).await? else {
            return Ok(FileKind::Missing);
        };
        match first_entry(&archive) {
            Entry::Is(kind) => return Ok(kind),
            Entry::Link(target) => path = follow(&path, &target),
        }
    }
    Ok(FileKind::Other)
}

/// What lies at paths of a volume.
pub(super) async fn read_volume(
    source: Source<'_>,
    volume: &str,
    paths: impl Iterator<Item = &str>,
) -> Result<Vec<FileSeen>, Fault> {
    let body = ContainerCreateBody {
        image: Some(source.probe_image.to_owned()),
        labels: Some(HashMap::from([(LABEL.0.to_owned(), LABEL.1.to_owned())])),
        host_config: Some(HostConfig {
            mounts: Some(vec![Mount {
                typ: Some(MountType::VOLUME),
                source: Some(volume.to_owned()),
                target: Some(PLACE.to_owned()),
                read_only: Some(true),
                ..Mount::default()
            }]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let name = source.cleanup.create(source.engine, "volume", body).await?;
    let mut seen = Ok(Vec::new());
    for path in paths {
        let inside = format!("{PLACE}/{}", path.trim_start_matches('/'));
        match (read(source.engine, &name, &inside).await, &mut seen) {
            (Ok(what), Ok(seen)) => seen.push(FileSeen {
                path: path.to_owned(),
                what,
            }),
            (Err(fault), _) => seen = Err(fault),
            _ => {}
        }
    }
    source.cleanup.remove(&name).await;
    seen
}

/// The beginning of the tar archive of a path; `None` where nothing lies there.
async fn download(engine: &Engine, container: &str, path: &str) -> Result<Option<Vec<u8>>, Fault> {
    let options = DownloadFromContainerOptions {
        path: path.to_owned(),
    };
    let reading = async {
        let stream = engine
            .docker
            .download_from_container(container, Some(options));
        futures_util::pin_mut!(stream);
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > MOST + 64 * 1024 {
                break;
            }
        }
        Ok(bytes)
    };
    match engine.call(reading).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Fault::Refused { status: 404, .. }) => Ok(None),
        // A path that goes through a file, as `/etc/passwd/x`.
        Err(Fault::Refused { why, .. }) if why.contains("not a directory") => Ok(None),
        Err(fault) => Err(fault),
    }
}

enum Entry {
    Is(FileKind),
    Link(String),
}

/// Reads an archive that may be cut off at its end.
fn first_entry(archive: &[u8]) -> Entry {
    let mut archive = tar::Archive::new(archive);
    let Ok(mut entries) = archive.entries() else {
        return Entry::Is(FileKind::Other);
    };
    let Some(Ok(mut first)) = entries.next() else {
        return Entry::Is(FileKind::Other);
    };
    let kind = first.header().entry_type();
    if kind.is_symlink() {
        let target = first.link_name_bytes().unwrap_or_default();
        return Entry::Link(String::from_utf8_lossy(&target).into_owned());
    }
    if kind.is_file() || kind.is_hard_link() {
        let mut bytes = vec![0; MOST];
        let mut length = 0;
        // What a cut-off archive does not have any more is left out.
        while let Ok(read @ 1..) = first.read(&mut bytes[length..]) {
            length += read;
        }
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        return Entry::Is(FileKind::File { text });
    }
    if !kind.is_dir() {
        return Entry::Is(FileKind::Other);
    }
    let folder = name_of(&first);
    let mut names = BTreeSet::new();
    for entry in entries {
        let Ok(entry) = entry else { break };
        let name = name_of(&entry);
        let inside = name
            .strip_prefix(folder.as_str())
            .unwrap_or(&name)
            .trim_matches('/')
            .to_owned();
        if !inside.is_empty() && !inside.contains('/') && names.len() < MOST_NAMES {
            names.insert(inside);
        }
    }
    Entry::Is(FileKind::Folder {
        names: names.into_iter().collect(),
    })
}

fn name_of(entry: &tar::Entry<'_, &[u8]>) -> String {
    String::from_utf8_lossy(&entry.path_bytes()).into_owned()
}

/// Where a link leads. The engine resolves `..` inside the container, so it cannot lead out.
fn follow(path: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let folder = path
        .trim_end_matches('/')
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    format!("{folder}/{target}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(fill: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        fill(&mut builder);
        builder.into_inner().unwrap()
    }

    fn add(builder: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() {
            builder.append_link(&mut header, name, "target").unwrap();
        } else {
            builder.append_data(&mut header, name, content).unwrap();
        }
    }

    fn kind(archive: &[u8]) -> FileKind {
        match first_entry(archive) {
            Entry::Is(kind) => kind,
            Entry::Link(target) => panic!("a link to {target}"),
        }
    }

    #[test]
    fn files_folders_and_links_are_told_apart() {
        let file = archive(|b| {
            add(
                b,
                "memo.txt",
                tar::EntryType::Regular,
                "월요일\n".as_bytes(),
            )
        });
        assert_eq!(
            kind(&file),
            FileKind::File {
                text: "월요일\n".into()
            }
        );
        let folder = archive(|b| {
            add(b, "data/", tar::EntryType::Directory, b"");
            add(b, "data/b", tar::EntryType::Regular, b"1");
            add(b, "data/a/", tar::EntryType::Directory, b"");
            add(b, "data/a/deep", tar::EntryType::Regular, b"2");
        });
        assert_eq!(
            kind(&folder),
            FileKind::Folder {
                names: vec!["a".into(), "b".into()]
            }
        );
        let link = archive(|b| add(b, "now", tar::EntryType::Symlink, b""));
        assert!(matches!(first_entry(&link), Entry::Link(target) if target == "target"));
        assert_eq!(follow("/a/now", "target"), "/a/target");
        assert_eq!(follow("/now", "/b"), "/b");
    }

    #[test]
    fn a_cut_off_or_damaged_archive_is_no_panic() {
        let whole = archive(|b| add(b, "big", tar::EntryType::Regular, &vec![b'x'; 5000]));
        assert!(
            matches!(kind(&whole[..1500]), FileKind::File { text } if text.len() == 1500 - 512)
        );
        for bytes in [&b""[..], &[0; 512], &[b'x'; 700]] {
            let _ = first_entry(bytes);
        }
    }
}
