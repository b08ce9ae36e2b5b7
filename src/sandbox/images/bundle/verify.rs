//! Reads what `docker save` wrote, in the engine's older layout and in OCI's, and compares every digest in it.
//!
//! The image's configuration is named by its own digest and lists those of its layers (`rootfs.diff_ids`), so nothing
//! can differ from what was saved without being seen. Source: the Docker Image Specification v1.2 and OCI's
//! image-spec, config.md.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};

/// The largest file of JSON that is read.
const JSON: u64 = 4 << 20;

/// One image of a bundle, its digests compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saved {
    /// As the engine and Go name it: `amd64`.
    pub(super) architecture: String,
    pub(super) tags: Vec<String>,
}

/// An entry of `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    architecture: String,
    rootfs: RootFs,
}

#[derive(Debug, Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

/// What a file of the archive is.
struct Member {
    digest: String,
    /// The text of a small file, which may be JSON.
    text: Vec<u8>,
}

/// Reads the whole archive; the error is a sentence's part that says what is wrong.
pub(super) fn read(archive: impl Read) -> Result<Vec<Saved>, String> {
    let (members, links) = members(archive).map_err(|error| error.to_string())?;
    let find = |name: &str| {
        let name = links.get(name).map_or(name, String::as_str);
        members
            .get(name)
            .ok_or_else(|| format!("`{name}` is missing"))
    };
    let manifests: Vec<Manifest> = serde_json::from_slice(&find("manifest.json")?.text)
        .map_err(|error| format!("`manifest.json` cannot be read: {error}"))?;
    if manifests.is_empty() {
        return Err("there is no image in it".to_owned());
    }
    let mut saved = Vec::new();
    for manifest in manifests {
        let member = find(&manifest.config)?;
        let named = Path::new(&manifest.config).file_stem().unwrap_or_default();
        if named.to_string_lossy() != member.digest {
            return Err(format!("`{}` has another digest", manifest.config));
        }
        let config: Configuration = serde_json::from_slice(&member.text)
            .map_err(|error| format!("`{}` cannot be read: {error}", manifest.config))?;
        if config.rootfs.diff_ids.len() != manifest.layers.len() {
            return Err(format!("`{}` has other layers", manifest.config));
        }
        for (layer, wanted) in manifest.layers.iter().zip(&config.rootfs.diff_ids) {
            if wanted.strip_prefix("sha256:") != Some(find(layer)?.digest.as_str()) {
                return Err(format!("the layer `{layer}` has another digest"));
            }
        }
        saved.push(Saved {
            architecture: config.architecture,
            tags: manifest.repo_tags.unwrap_or_default(),
        });
    }
    Ok(saved)
}

/// Every file by its path, and where links lead.
fn members(archive: impl Read) -> io::Result<(HashMap<String, Member>, HashMap<String, String>)> {
    let (mut members, mut links) = (HashMap::new(), HashMap::new());
    let mut archive = Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        match entry.header().entry_type() {
            EntryType::Regular => {
                let keep = entry.size() <= JSON;
                members.insert(path, member(&mut entry, keep)?);
            }
            // The older layout names a layer that several images have by a link: `../ID/layer.tar`.
            EntryType::Symlink => {
                if let Some(target) = entry.link_name()? {
                    let target = target.to_string_lossy();
                    let target = target.strip_prefix("../").unwrap_or(&target).to_owned();
                    links.insert(path, target);
                }
            }
            _ => {}
        }
    }
    // What follows the last entry belongs to the checksum of the compressed file.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok((members, links))
}

fn member(file: &mut impl Read, keep: bool) -> io::Result<Member> {
    let (mut hash, mut text, mut buffer) = (Sha256::new(), Vec::new(), vec![0; 256 << 10]);
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        hash.update(&buffer[..length]);
        if keep {
            text.extend_from_slice(&buffer[..length]);
        }
    }
    let digest = hash.finalize();
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    // Only what can be JSON is kept in memory.
    let is_json = matches!(text.first(), Some(b'{' | b'['));
    if !is_json {
        text = Vec::new();
    }
    Ok(Member { digest, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(bytes: &[u8]) -> String {
        member(&mut &bytes[..], false).unwrap().digest
    }

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append_data(&mut header, path, *bytes).unwrap();
        }
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "b/layer.tar", "../a/layer.tar")
            .unwrap();
        tar.into_inner().unwrap()
    }

    fn bundle(layer: &[u8], told: &[u8]) -> Vec<u8> {
        let config = format!(
            "{{\"architecture\": \"amd64\", \"rootfs\": {{\"diff_ids\": [\"sha256:{0}\", \"sha256:{0}\"]}}}}",
            digest(told)
        );
        let name = format!("{}.json", digest(config.as_bytes()));
        let manifest = format!(
            "[{{\"Config\": \"{name}\", \"RepoTags\": [\"docktutor/web:1\"], \"Layers\": [\"a/layer.tar\", \"b/layer.tar\"]}}]"
        );
        archive(&[
            ("a/layer.tar", layer),
            (&name, config.as_bytes()),
            ("manifest.json", manifest.as_bytes()),
        ])
    }

    #[test]
    fn a_whole_archive_is_told_with_its_names() {
        let saved = read(&bundle(b"layer", b"layer")[..]).unwrap();
        let wanted = Saved {
            architecture: "amd64".to_owned(),
            tags: vec!["docktutor/web:1".to_owned()],
        };
        assert_eq!(saved, [wanted]);
    }

    #[test]
    fn a_changed_layer_or_configuration_is_seen() {
        let told = read(&bundle(b"layer, changed", b"layer")[..]).unwrap_err();
        assert!(told.contains("a/layer.tar"), "{told}");
        let bytes = bundle(b"layer", b"layer");
        let text = String::from_utf8(bytes).unwrap().replace("amd64", "arm64");
        let told = read(text.as_bytes()).unwrap_err();
        assert!(told.contains("another digest"), "{told}");
    }

    #[test]
    fn what_is_cut_off_or_no_bundle_is_told() {
        let bytes = bundle(b"layer", b"layer");
        for cut in [0, 100, 600, 1500, bytes.len() / 2] {
            assert!(read(&bytes[..cut]).is_err(), "{cut}");
        }
        let told = read(&archive(&[("manifest.json", b"[]")])[..]).unwrap_err();
        assert!(told.contains("no image"), "{told}");
    }
}
