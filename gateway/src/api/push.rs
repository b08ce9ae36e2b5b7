//! `docker push`: the engine exports the image, and its layers go to a registry from here.

use super::build::spool;
use super::{Answer, Ask, images};
use crate::error::Fault;
use crate::ledger::Change;
use crate::names;
use crate::policy::loaded::{self, Loaded};
use crate::policy::reference::Reference;
use crate::policy::saved;
use crate::registry::Target;
use crate::registry::account::Credentials;
use crate::registry::manifest::{self, Blob};
use crate::scope::{Inner, lock};
use crate::upstream::{self, Call};
use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use hyper::{Response, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the engine may take to get an image ready.
const PREPARE: Duration = Duration::from_secs(600);

/// The lines of a push or a pull, on their way to the client.
pub(super) struct Lines(mpsc::Sender<io::Result<Bytes>>);

impl Lines {
    /// Says something; a client that has gone ends the work.
    pub(super) async fn say(&self, line: Value) -> Result<(), Fault> {
        let line = Bytes::from(format!("{line}\r\n"));
        let gone = |_| Fault::internal("the client has gone");
        self.0.send(Ok(line)).await.map_err(gone)
    }

    /// The state of one layer, by its short id.
    pub(super) async fn layer(&self, status: &str, id: &str) -> Result<(), Fault> {
        let id = names::short(id);
        self.say(json!({ "status": status, "progressDetail": {}, "id": id }))
            .await
    }
}

/// An answer whose lines come while the work goes on; what goes wrong is the last of them, as the engine does it.
pub(super) fn streamed<F>(scope: &Arc<Inner>, work: impl FnOnce(Arc<Inner>, Lines) -> F) -> Answer
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(64);
    let work = work(scope.clone(), Lines(sender.clone()));
    let scope = scope.clone();
    tokio::spawn(async move {
        if let Err(fault) = work.await {
            let message = scope.scrub(&fault.message);
            let error = json!({ "errorDetail": { "message": message }, "error": message });
            // The client may have gone, which is what ended the work then.
            let _ = sender.send(Ok(Bytes::from(format!("{error}\r\n")))).await;
        }
    });
    let mut response = Response::new(spool::body_of(receiver));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    Ok(response)
}

pub(crate) async fn push(scope: &Arc<Inner>, ask: Ask, name: &str) -> Answer {
    let params = ask.params(&["tag", "platform"])?;
    let credentials = Credentials::of(&ask.headers)?;
    ask.no_body().await?;
    let tag = params.text("tag").map(str::to_owned);
    let text = match &tag {
        Some(tag) => format!("{name}:{tag}"),
        None => name.to_owned(),
    };
    let Some(Reference::Named { repository, .. }) = Reference::parse(&text) else {
        return Err(Fault::bad("invalid reference format"));
    };
    let images: Vec<(String, String)> = images::view_of(scope)
        .references
        .into_iter()
        .filter_map(|(reference, id)| {
            let (one, at) = reference.rsplit_once(':')?;
            let wanted = one == repository && tag.as_deref().is_none_or(|tag| tag == at);
            wanted.then(|| (at.to_owned(), id))
        })
        .collect();
    if images.is_empty() {
        let what = tag.map_or(repository.clone(), |tag| format!("{repository}:{tag}"));
        return Err(Fault::missing(format!(
            "An image does not exist locally with the tag: {what}"
        )));
    }
    // Before the first line, so that a refusal is an answer of its own, in the audit log too.
    let target = Target::of(scope, &repository, credentials)?;
    streamed(scope, |scope, lines| async move {
        lines
            .say(json!({ "status": format!("The push refers to repository [{repository}]") }))
            .await?;
        let turn = scope.building.clone().acquire_owned().await;
        let _turn = turn.map_err(|_| Fault::internal("shutting down"))?;
        for (tag, id) in images {
            one(&scope, &lines, &target, &repository, &tag, &id).await?;
        }
        Ok(())
    })
}

async fn one(
    scope: &Arc<Inner>,
    lines: &Lines,
    target: &Target,
    repository: &str,
    tag: &str,
    id: &str,
) -> Result<(), Fault> {
    let (file, image) = export(scope, id).await?;
    let image = Arc::new(image);
    for number in 0..image.layers() {
        lines.layer("Preparing", image.diff_id(number)).await?;
    }
    let mut layers = Vec::new();
    for number in 0..image.layers() {
        layers.push(layer(scope, lines, target, &file, &image, number).await?);
    }
    let config = Blob {
        digest: manifest::digest(image.config()),
        size: image.config().len() as u64,
    };
    if !target.has(&config.digest).await? {
        let mut file = spool::nameless(&scope.shared.folder).map_err(broken)?;
        file.write_all(image.config()).map_err(broken)?;
        target.put(&config.digest, file, config.size).await?;
    }
    let bytes = manifest::write(&config, &layers);
    let (digest, size) = (manifest::digest(&bytes), bytes.len());
    target.tag(tag, bytes).await?;
    let change = Change::Digest {
        reference: format!("{repository}@{digest}"),
        id: id.to_owned(),
    };
    scope.record(vec![change]).await?;
    lines
        .say(json!({ "status": format!("{tag}: digest: {digest} size: {size}") }))
        .await?;
    let aux = json!({ "Tag": tag, "Digest": digest, "Size": size });
    lines.say(json!({ "progressDetail": {}, "aux": aux })).await
}

/// Brings one layer to the registry, unless it is there.
async fn layer(
    scope: &Arc<Inner>,
    lines: &Lines,
    target: &Target,
    file: &File,
    image: &Arc<Loaded>,
    number: usize,
) -> Result<Blob, Fault> {
    let diff_id = image.diff_id(number).to_owned();
    let known = lock(&scope.packed).get(&diff_id).cloned();
    if let Some(known) = known
        && target.has(&known.digest).await?
    {
        lines.layer("Layer already exists", &diff_id).await?;
        return Ok(known);
    }
    lines.layer("Pushing", &diff_id).await?;
    let (mut file, image) = (file.try_clone().map_err(broken)?, image.clone());
    let folder = scope.shared.folder.clone();
    let packing = tokio::task::spawn_blocking(move || {
        let packed = spool::nameless(&folder)?;
        pack(&mut file, packed, &image, number)
    });
    let (packed, blob) = packing
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
        .map_err(broken)?;
    {
        let mut all = lock(&scope.packed);
        if all.len() > 500 {
            all.clear();
        }
        all.insert(diff_id.clone(), blob.clone());
    }
    let status = if target.has(&blob.digest).await? {
        "Layer already exists"
    } else {
        target.put(&blob.digest, packed, blob.size).await?;
        "Pushed"
    };
    lines.layer(status, &diff_id).await?;
    Ok(blob)
}

/// Compresses a layer. Nothing of the day or the place is in it, so the same layer has the same digest every time.
fn pack(tar: &mut File, packed: File, image: &Loaded, number: usize) -> io::Result<(File, Blob)> {
    let out = Hashed {
        file: packed,
        hasher: Sha256::new(),
        length: 0,
    };
    let mut gzip = GzBuilder::new().write(out, Compression::fast());
    image.copy_layer(tar, number, &mut gzip)?;
    let out = gzip.finish()?;
    let hex: String = out
        .hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let blob = Blob {
        digest: format!("sha256:{hex}"),
        size: out.length,
    };
    Ok((out.file, blob))
}

/// The image's archive in a file without a name, read through.
async fn export(scope: &Arc<Inner>, id: &str) -> Result<(File, Loaded), Fault> {
    let call = Call::get(format!("/images/{id}/get")).within(PREPARE);
    let answer = scope.shared.upstream.send(call).await?;
    if !answer.status().is_success() {
        let status = answer.status();
        return Err(upstream::fault(status, &upstream::collect(answer).await?));
    }
    let tar = spool::reader(answer.into_body());
    let (most, folder) = (scope.limits().archive, scope.shared.folder.clone());
    let names = BTreeMap::from([(id.to_owned(), Vec::new())]);
    let reading = tokio::task::spawn_blocking(move || {
        let file = spool::nameless(&folder).map_err(broken)?;
        let mut out = Capped { file, left: most };
        saved::rewrite(
            tar,
            io::BufWriter::with_capacity(256 << 10, &mut out),
            &names,
        )
        .map_err(|error| {
            if error.kind() == io::ErrorKind::FileTooLarge {
                let message = format!(
                    "an image of more than {} MiB cannot be pushed from here",
                    most >> 20
                );
                return Fault::refused(message).by("limit");
            }
            broken(error)
        })?;
        let mut file = out.file;
        file.rewind().map_err(broken)?;
        let mut images = loaded::read(&mut file, most)?;
        match images.pop() {
            Some(image) => Ok((file, image)),
            None => Err(Fault::internal("the engine exported no image")),
        }
    });
    reading
        .await
        .map_err(|error| Fault::internal(error.to_string()))?
}

fn broken(error: io::Error) -> Fault {
    Fault::internal(format!("the image cannot be read: {error}"))
}

struct Hashed {
    file: File,
    hasher: Sha256,
    length: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

struct Capped {
    file: File,
    left: u64,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.left {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.file.write(bytes)?;
        self.left -= count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
