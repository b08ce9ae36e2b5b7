//! Manifests: which configuration and which layers an image has on a registry.

use crate::error::Fault;
use crate::names;
use crate::policy::json as strict;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The largest manifest and the largest configuration that are read, in bytes.
pub(crate) const LARGEST: u64 = 4 << 20;
/// The most layers of an image; the engine has no more.
const MOST_LAYERS: usize = 127;

pub(crate) const KIND: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LISTS: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
];

/// What `GET /v2/…/manifests/…` takes.
pub(crate) const ACCEPT: &str = "application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.index.v1+json";

/// A blob that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    /// `sha256:…`, 64 hex digits.
    pub(crate) digest: String,
    pub(crate) size: u64,
}

/// A manifest, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Manifest {
    /// Of one image.
    Image { config: Blob, layers: Vec<Blob> },
    /// The digest of the manifest for one's own platform, out of a list.
    List(String),
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Whether a text is a digest, and thus nothing that could be taken for a path.
pub(crate) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(names::is_full_id)
}

/// Writes an image's manifest; the same image gives the same bytes.
pub(crate) fn write(config: &Blob, layers: &[Blob]) -> Vec<u8> {
    let blob = |kind: &str, blob: &Blob| json!({ "mediaType": kind, "digest": blob.digest, "size": blob.size });
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| blob("application/vnd.docker.image.rootfs.diff.tar.gzip", layer))
        .collect();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": KIND,
        "config": blob("application/vnd.docker.container.image.v1+json", config), "layers": layers,
    });
    manifest.to_string().into_bytes()
}

/// Reads a manifest that came from a registry. `most` is the most bytes that its blobs may have together.
pub(crate) fn read(bytes: &[u8], architecture: &str, most: u64) -> Result<Manifest, Fault> {
    let manifest = Value::Object(strict::object(bytes)?);
    let kind = manifest["mediaType"].as_str().unwrap_or_default();
    if LISTS.contains(&kind) || manifest["manifests"].is_array() {
        let all = manifest["manifests"].as_array().into_iter().flatten();
        let own = all.filter(|one| {
            one["platform"]["os"] == "linux" && one["platform"]["architecture"] == architecture
        });
        let digest = own
            .filter_map(|one| one["digest"].as_str())
            .find(|digest| is_digest(digest));
        return digest
            .map(|digest| Manifest::List(digest.to_owned()))
            .ok_or_else(|| {
                Fault::missing(format!(
                    "no matching manifest for linux/{architecture} in the manifest list entries"
                ))
            });
    }
    if manifest["schemaVersion"] != 2 {
        return Err(Fault::bad(
            "unsupported manifest format: schema version 2 is understood",
        ));
    }
    let config = blob(&manifest["config"])?;
    let layers = manifest["layers"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if layers.is_empty() || layers.len() > MOST_LAYERS {
        return Err(Fault::bad(
            "invalid manifest: it has no layers, or too many",
        ));
    }
    let layers = layers.iter().map(blob).collect::<Result<Vec<_>, _>>()?;
    let whole = layers
        .iter()
        .try_fold(config.size, |sum, layer| sum.checked_add(layer.size));
    if config.size > LARGEST || whole.is_none_or(|whole| whole > most) {
        return Err(Fault::refused(format!(
            "an image of more than {} MiB: push fewer or smaller layers",
            most >> 20
        ))
        .by("limit"));
    }
    Ok(Manifest::Image { config, layers })
}

fn blob(value: &Value) -> Result<Blob, Fault> {
    let digest = value["digest"].as_str().filter(|digest| is_digest(digest));
    match (digest, value["size"].as_u64()) {
        (Some(digest), Some(size)) => Ok(Blob {
            digest: digest.to_owned(),
            size,
        }),
        _ => Err(Fault::bad(
            "invalid manifest: a blob without digest or size",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(letter: &str, size: u64) -> Blob {
        Blob {
            digest: format!("sha256:{}", letter.repeat(64)),
            size,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (config, layers) = (some("a", 10), [some("b", 20), some("c", 30)]);
        let bytes = write(&config, &layers);
        assert_eq!(bytes, write(&config, &layers));
        let image = Manifest::Image {
            config,
            layers: layers.to_vec(),
        };
        assert_eq!(read(&bytes, "amd64", 60).expect("it fits"), image);
        assert!(read(&bytes, "amd64", 59).is_err(), "too large together");
    }

    #[test]
    fn the_own_platform_is_taken_from_a_list() {
        let list = json!({ "schemaVersion": 2, "mediaType": LISTS[1], "manifests": [
            { "digest": some("a", 0).digest, "platform": { "os": "linux", "architecture": "arm64" } },
            { "digest": some("b", 0).digest, "platform": { "os": "linux", "architecture": "amd64" } },
        ]});
        let list = list.to_string();
        assert_eq!(
            read(list.as_bytes(), "amd64", 1).expect("fine"),
            Manifest::List(some("b", 0).digest)
        );
        assert!(read(list.as_bytes(), "riscv64", 1).is_err());
    }

    #[test]
    fn hostile_manifests_are_refused() {
        let image = |config: Value, layers: Value| {
            json!({ "schemaVersion": 2, "config": config, "layers": layers }).to_string()
        };
        let fine = json!({ "digest": some("a", 0).digest, "size": 1 });
        for text in [
            "[]".to_owned(),
            "{}".to_owned(),
            image(
                json!({ "digest": "sha256:../../../etc/passwd", "size": 1 }),
                json!([fine]),
            ),
            image(json!({ "digest": "../x", "size": 1 }), json!([fine])),
            image(
                json!({ "digest": some("A", 0).digest, "size": 1 }),
                json!([fine]),
            ),
            image(fine.clone(), json!([])),
            image(
                fine.clone(),
                json!([{ "digest": some("b", 0).digest, "size": -1 }]),
            ),
            image(
                fine.clone(),
                json!([{ "digest": some("b", 0).digest, "size": u64::MAX }]),
            ),
            image(fine.clone(), Value::Array(vec![fine.clone(); 128])),
        ] {
            assert!(read(text.as_bytes(), "amd64", 1 << 20).is_err(), "{text}");
        }
    }
}
