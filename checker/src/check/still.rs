//! What is in an image, without running anything of it: files out of a container that is made and never started, and the
//! layers out of the stream of `docker save`.

use std::collections::HashMap;
use std::io::{self, Read};

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use super::world::{Connection, World};
use crate::assert::Verdict;
use crate::assert::file::{FileDemand, FileKind, Found, MOST_CONTENT};
use crate::engine::{Engine, Fault, LABEL};
use crate::layers::archive::{self, Archive};

/// The most links that are followed from one path.
const MOST_LINKS: usize = 16;

/// The most bytes of headers before a file's content: long names and attributes have headers of their own.
const MOST_HEADERS: usize = 256 * 1024;

/// How many files are read at once.
const AT_ONCE: usize = 4;

impl World<'_> {
    /// Reads files of an image. All checks of a run share one container for each image.
    pub(super) async fn files(
        &mut self,
        connection: &Connection,
        image: &str,
        demands: &[FileDemand],
    ) -> Result<Vec<Option<Found>>, Verdict> {
        let lang = self.lang;
        let container = match self.stills.get(image) {
            Some(container) => container.clone(),
            None => {
                let made = still(connection, image).await;
                let made = made.map_err(|fault| Verdict::error(fault.message(lang)))?;
                self.stills.insert(image.to_owned(), made.clone());
                made
            }
        };
        let mut found = Vec::new();
        for some in demands.chunks(AT_ONCE) {
            // Each read owns what it needs, so that it can go to another thread.
            let mut reads: Vec<BoxFuture<'static, Result<Option<Found>, Fault>>> = Vec::new();
            for demand in some {
                let (engine, container) = (connection.engine.clone(), container.clone());
                let (path, link) = (demand.path.clone(), demand.wants_link());
                reads.push(Box::pin(async move {
                    read(&engine, &container, &path, link).await
                }));
            }
            for one in futures_util::future::join_all(reads).await {
                found.push(one.map_err(|fault| Verdict::error(fault.message(lang)))?);
            }
        }
        Ok(found)
    }
}

/// A container that is never started.
async fn still(connection: &Connection, image: &str) -> Result<String, Fault> {
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        // An image without a program is refused otherwise; it is not run anyway.
        entrypoint: Some(vec!["/never".to_owned()]),
        labels: Some(HashMap::from([(LABEL.0.to_owned(), LABEL.1.to_owned())])),
        ..ContainerCreateBody::default()
    };
    connection
        .cleanup
        .create(&connection.engine, "still", body)
        .await
}

/// Reads one path; none where nothing is there.
async fn read(
    engine: &Engine,
    container: &str,
    path: &str,
    link: bool,
) -> Result<Option<Found>, Fault> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(found) = fetch(engine, container, &path).await? else {
            return Ok(None);
        };
        match &found.target {
            // The engine follows links in the folders of a path by itself; only the last part is ours.
            Some(target) if !link => {
                let folder = path
                    .trim_end_matches('/')
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder);
                path = if target.starts_with('/') {
                    target.clone()
                } else {
                    format!("{folder}/{target}")
                };
            }
            _ => return Ok(Some(found)),
        }
    }
    // Links in a circle lead nowhere.
    Ok(None)
}

async fn fetch(engine: &Engine, container: &str, path: &str) -> Result<Option<Found>, Fault> {
    let options = DownloadFromContainerOptionsBuilder::new()
        .path(path)
        .build();
    let mut stream = Box::pin(
        engine
            .docker
            .download_from_container(container, Some(options)),
    );
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let next = engine.call(stream.try_next()).await;
        let piece = match next {
            Ok(piece) => piece,
            Err(Fault::Refused { status: 404, .. }) => return Ok(None),
            // Links in a circle lead nowhere.
            Err(Fault::Refused { why, .. }) if why.contains("too many links") => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let ended = piece.is_none();
        bytes.extend_from_slice(&piece.unwrap_or_default());
        // The rest of a large file, or of a whole folder, is not waited for.
        if let Some(found) = first(&bytes) {
            return Ok(Some(found));
        }
        if ended || bytes.len() > MOST_CONTENT + MOST_HEADERS {
            return Err(Fault::Nonsense {
                why: format!("the archive of {path} holds no file"),
            });
        }
    }
}

/// The first entry of an archive, as soon as enough of it is there.
fn first(bytes: &[u8]) -> Option<Found> {
    let mut archive = tar::Archive::new(bytes);
    let mut entry = archive.entries().ok()?.next()?.ok()?;
    let header = entry.header();
    let kind = match header.entry_type() {
        tar::EntryType::Regular | tar::EntryType::Link => FileKind::File,
        tar::EntryType::Directory => FileKind::Folder,
        tar::EntryType::Symlink => FileKind::Link,
        _ => FileKind::Other,
    };
    let mut found = Found {
        kind,
        mode: header.mode().ok()? & 0o7777,
        uid: header.uid().ok()?,
        gid: header.gid().ok()?,
        bytes: entry.size(),
        target: None,
        content: None,
    };
    if kind == FileKind::Link {
        let target = entry.link_name().ok()??;
        found.target = Some(target.to_string_lossy().into_owned());
    }
    if kind == FileKind::File && found.bytes <= MOST_CONTENT as u64 {
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        if (content.len() as u64) < found.bytes {
            return None;
        }
        found.content = Some(content);
    }
    Some(found)
}

/// Reads an image's layers from the engine, while they come.
pub(super) async fn layers(engine: &Engine, image: &str) -> Result<Archive, Fault> {
    let limit = engine.left();
    let reading = saved(&engine.docker, image);
    match tokio::time::timeout(limit, reading).await {
        Ok(archive) => archive.map_err(|error| Fault::of(&error)),
        Err(_) => Err(Fault::Silent {
            seconds: limit.as_secs().max(1),
        }),
    }
}

/// Reads the layers of an image out of the stream of `docker save`.
///
/// The errors are the engine's own; a stream that is no archive is an `IOError`.
pub async fn saved(
    docker: &bollard::Docker,
    image: &str,
) -> Result<Archive, bollard::errors::Error> {
    let (sender, receiver) = mpsc::channel(16);
    let reading = tokio::task::spawn_blocking(move || {
        archive::read(Pieces {
            receiver,
            piece: Bytes::new(),
        })
    });
    let mut stream = Box::pin(docker.export_image(image));
    while let Some(piece) = stream.next().await {
        // A reader that has gone away has found something wrong, and says it below.
        if sender.send(piece?).await.is_err() {
            break;
        }
    }
    drop(sender);
    let read = reading
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    read.map_err(|err| bollard::errors::Error::IOError { err })
}

/// Pieces of a stream as something to read from.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.piece.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(kind: tar::EntryType, content: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o100_640);
        header.set_uid(7);
        header.set_gid(8);
        header.set_size(content.len() as u64);
        let mut builder = tar::Builder::new(Vec::new());
        if kind == tar::EntryType::Symlink {
            builder.append_link(&mut header, "a", "to/b").unwrap();
        } else {
            builder.append_data(&mut header, "a", content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn the_first_entry_is_read_as_soon_as_it_is_there() {
        let bytes = archive(tar::EntryType::Regular, b"hello");
        assert_eq!(first(&bytes[..100]), None);
        assert_eq!(first(&bytes[..514]), None);
        let found = first(&bytes[..517]).unwrap();
        assert_eq!(
            (found.mode, found.uid, found.gid, found.bytes),
            (0o640, 7, 8, 5)
        );
        assert_eq!(found.content.as_deref(), Some(&b"hello"[..]));
        let link = first(&archive(tar::EntryType::Symlink, b"")).unwrap();
        assert_eq!(link.target.as_deref(), Some("to/b"));
        let folder = first(&archive(tar::EntryType::Directory, b"")[..512]).unwrap();
        assert_eq!(folder.kind, FileKind::Folder);
        assert_eq!(first(b""), None);
    }
}
