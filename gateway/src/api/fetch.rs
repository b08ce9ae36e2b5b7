//! `docker pull` from a registry: manifest and layers are brought together to an archive, which comes in as one of
//! `docker load` does, with the same checks.

use super::build::{self, spool};
use super::load::{adopt, expected, give};
use super::push::{Lines, streamed};
use super::{Answer, images};
use crate::disk;
use crate::error::Fault;
use crate::ledger::Change;
use crate::policy::loaded;
use crate::policy::reference::Reference;
use crate::policy::saved::add_bytes;
use crate::registry::account::Credentials;
use crate::registry::manifest::{self, Blob, Manifest};
use crate::registry::{self, Target};
use crate::scope::Inner;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use tar::{Builder, EntryType, Header};

/// What is pulled: a repository on a registry, and a tag or a digest in it.
struct Wanted {
    repository: String,
    at: String,
    familiar: String,
    is_digest: bool,
}

/// Pulls a reference that begins with a registry's address.
pub(super) fn pull(
    scope: &Arc<Inner>,
    reference: &Reference,
    credentials: Option<Credentials>,
) -> Answer {
    let familiar = reference.familiar();
    let wanted = match reference {
        Reference::Named { repository, tag } => Wanted {
            repository: repository.clone(),
            at: tag.clone(),
            familiar,
            is_digest: false,
        },
        Reference::Digest { repository, digest } => Wanted {
            repository: repository.clone(),
            at: digest.clone(),
            familiar,
            is_digest: true,
        },
        Reference::Id(_) => return Err(Fault::bad("invalid reference format")),
    };
    // The engine says no before its first line where there is nothing to pull.
    let target = Target::of(scope, &wanted.repository, credentials)?;
    streamed(scope, |scope, lines| async move {
        fetch(&scope, &lines, &target, &wanted).await
    })
}

async fn fetch(
    scope: &Arc<Inner>,
    lines: &Lines,
    target: &Target,
    wanted: &Wanted,
) -> Result<(), Fault> {
    let turn = scope.building.clone().acquire_owned().await;
    let _turn = turn.map_err(|_| Fault::internal("shutting down"))?;
    disk::room(scope).await?;
    let bytes = manifest_of(target, wanted, &wanted.at).await?;
    let digest = manifest::digest(&bytes);
    if wanted.is_digest && digest != wanted.at {
        return Err(Fault::bad(format!(
            "manifest verification failed for digest {}",
            wanted.at
        )));
    }
    let path =
        registry::split(&wanted.repository).map_or(wanted.repository.as_str(), |(_, path)| path);
    lines
        .say(json!({ "status": format!("Pulling from {path}"), "id": wanted.at }))
        .await?;
    let architecture = match scope.shared.info["Architecture"].as_str() {
        Some("aarch64") => "arm64",
        _ => "amd64",
    };
    let most = expected(scope).largest;
    let (config, layers) = match manifest::read(&bytes, architecture, most)? {
        Manifest::Image { config, layers } => (config, layers),
        Manifest::List(one) => {
            let bytes = manifest_of(target, wanted, &one).await?;
            match manifest::read(&bytes, architecture, most)? {
                Manifest::Image { config, layers } if manifest::digest(&bytes) == one => {
                    (config, layers)
                }
                _ => return Err(Fault::bad("a manifest list does not lead to an image")),
            }
        }
    };
    let had = match images::find(&images::view_of(scope), &wanted.familiar) {
        Ok((id, _)) => Some(id),
        Err(_) => None,
    };
    let summary = if had.as_ref() == Some(&config.digest) {
        "Image is up to date for"
    } else {
        bring(scope, lines, target, wanted, (&config, &layers), &digest).await?;
        "Downloaded newer image for"
    };
    lines
        .say(json!({ "status": format!("Digest: {digest}") }))
        .await?;
    let familiar = &wanted.familiar;
    lines
        .say(json!({ "status": format!("Status: {summary} {familiar}") }))
        .await
}

/// A manifest, with the engine's words for one that is not there.
async fn manifest_of(target: &Target, wanted: &Wanted, at: &str) -> Result<Vec<u8>, Fault> {
    target.manifest(at).await.map_err(|fault| match fault.status {
        StatusCode::NOT_FOUND => Fault::missing(format!("manifest for {} not found: {}", wanted.familiar, fault.message)),
        StatusCode::FORBIDDEN => Fault::missing(format!(
            "pull access denied for {}, repository does not exist or may require 'docker login': {}",
            wanted.repository, fault.message
        )),
        _ => fault,
    })
}

/// Brings an image in, and writes it into the books.
async fn bring(
    scope: &Arc<Inner>,
    lines: &Lines,
    target: &Target,
    wanted: &Wanted,
    (config, layers): (&Blob, &[Blob]),
    digest: &str,
) -> Result<(), Fault> {
    for layer in layers {
        lines.layer("Pulling fs layer", &layer.digest).await?;
    }
    let mut parts = Vec::new();
    for layer in layers {
        parts.push((target.blob(&layer.digest, layer.size).await?, layer.size));
        lines.layer("Download complete", &layer.digest).await?;
    }
    let config = (target.blob(&config.digest, config.size).await?, config.size);
    let (folder, most) = (scope.shared.folder.clone(), expected(scope).largest);
    let names: Vec<String> = if wanted.is_digest {
        Vec::new()
    } else {
        vec![wanted.familiar.clone()]
    };
    let tags = names.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let archive = archive(&folder, config, parts, &tags);
        let mut file = archive
            .map_err(|error| Fault::internal(format!("the image cannot be stored: {error}")))?;
        loaded::read(&mut file, most).map(|images| (images, file))
    });
    let (images, mut file) = reading
        .await
        .map_err(|error| Fault::internal(error.to_string()))??;
    let bytes = file.metadata().map_or(0, |data| data.len());
    disk::room_for(scope, "the image", bytes).await?;
    let images = Arc::new(images);
    let Some(image) = images.first() else {
        return Err(Fault::bad("the manifest names no image"));
    };
    let keep = build::reserve(scope).await?;
    let (sent, keeps) = (images.clone(), vec![keep.clone()]);
    let body = spool::send(move |out| loaded::write(&mut file, out, &sent, &keeps));
    let made = async {
        give(scope, body).await?;
        adopt(scope, &keep, &image.id, &names).await
    };
    if let Err(fault) = made.await {
        let unfinished = scope
            .state()
            .images
            .get(&keep)
            .is_some_and(|image| image.id.is_empty());
        if unfinished {
            images::delete_keep(scope, &keep).await?;
        }
        return Err(fault);
    }
    let change = Change::Digest {
        reference: format!("{}@{digest}", wanted.repository),
        id: image.id.clone(),
    };
    scope.record(vec![change]).await?;
    for layer in layers {
        lines.layer("Pull complete", &layer.digest).await?;
    }
    Ok(())
}

/// An archive as `docker save` writes it.
fn archive(
    folder: &std::path::Path,
    (mut config, length): (File, u64),
    parts: Vec<(File, u64)>,
    names: &[String],
) -> io::Result<File> {
    let mut text = Vec::new();
    config.rewind()?;
    config.take(length).read_to_end(&mut text)?;
    let mut builder = Builder::new(spool::nameless(folder)?);
    add_bytes(&mut builder, "config.json", &text)?;
    let mut layers = Vec::new();
    for (number, (mut part, size)) in parts.into_iter().enumerate() {
        part.rewind()?;
        let name = format!("layer{number}.tar");
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(size);
        builder.append_data(&mut header, &name, part.take(size))?;
        layers.push(name);
    }
    let manifest: Value = json!([{ "Config": "config.json", "RepoTags": names, "Layers": layers }]);
    add_bytes(
        &mut builder,
        "manifest.json",
        manifest.to_string().as_bytes(),
    )?;
    let mut file = builder.into_inner()?;
    file.rewind()?;
    Ok(file)
}
