use super::*;
use std::io::Cursor;

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in files {
        add_bytes(&mut builder, name, content).expect("a file");
    }
    builder.into_inner().expect("a tar")
}

fn layer() -> Vec<u8> {
    tar(&[("etc/hello", b"hello")])
}

fn config(layer: &[u8]) -> Vec<u8> {
    let diff = format!("sha256:{}", hash(layer));
    json!({ "os": "linux", "architecture": "amd64", "config": {}, "rootfs": { "type": "layers", "diff_ids": [diff] } })
        .to_string()
        .into_bytes()
}

fn manifest(tag: &str, layer: &str) -> Vec<u8> {
    json!([{ "Config": "c.json", "RepoTags": [tag], "Layers": [layer] }])
        .to_string()
        .into_bytes()
}

fn judge(files: &[(&str, &[u8])]) -> Result<Vec<Loaded>, String> {
    read(&mut Cursor::new(tar(files)), 1 << 20).map_err(|fault| fault.message)
}

#[test]
fn an_image_comes_in_under_our_tag_with_its_own_id() {
    let layer = layer();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&layer).expect("packed");
    let packed = packed.finish().expect("packed");
    for content in [&layer, &packed] {
        let (config, manifest) = (
            config(&layer),
            manifest("docker.io/library/app:1", "l/layer.tar"),
        );
        let files = [
            ("c.json", config.as_slice()),
            ("l/layer.tar", content),
            ("manifest.json", &manifest),
        ];
        let mut archive = Cursor::new(tar(&files));
        let images = read(&mut archive, 1 << 20).expect("fine");
        assert_eq!(images[0].references, ["app:1"]);
        assert_eq!(images[0].id, format!("sha256:{}", hash(&config)));
        let mut out = Vec::new();
        write(&mut archive, &mut out, &images, &["keep/s:1".to_owned()]).expect("written");
        assert!(!String::from_utf8_lossy(&out).contains("app:1"));
        let again = read(&mut Cursor::new(out), 1 << 20).expect("what we write, we can read");
        assert_eq!(again[0].references, ["keep/s:1"]);
        assert_eq!(again[0].id, images[0].id);
        assert_eq!(again[0].layers[0].hash, hash(&layer));
        assert!(!again[0].layers[0].gzip);
    }
}

#[test]
fn a_layer_that_is_not_there_or_another_one_is_refused() {
    let layer = layer();
    let (config, manifest) = (config(&layer), manifest("app:1", "layer.tar"));
    let without = judge(&[("c.json", &config), ("manifest.json", &manifest)]);
    assert!(
        without
            .expect_err("a layer is missing")
            .contains("no such file")
    );
    let other = tar(&[("etc/hello", b"other")]);
    let wrong = judge(&[
        ("c.json", &config),
        ("layer.tar", &other),
        ("manifest.json", &manifest),
    ]);
    assert!(wrong.expect_err("another layer").contains("hash differs"));
}

#[test]
fn bombs_and_paths_that_lead_out_are_refused() {
    let large = tar(&[("zeros", &vec![0; 2 << 20])]);
    let (config, manifest) = (config(&large), manifest("app:1", "layer.tar"));
    let bomb = judge(&[
        ("c.json", &config),
        ("layer.tar", &large),
        ("manifest.json", &manifest),
    ]);
    assert!(bomb.expect_err("too large").contains("unpack to more"));

    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(0);
    header.as_gnu_mut().expect("a header").name[..7].copy_from_slice(b"../evil");
    header.set_cksum();
    let read_bytes =
        |bytes: Vec<u8>| read(&mut Cursor::new(bytes), 1 << 20).map_err(|fault| fault.message);
    let out = read_bytes([header.as_bytes().as_slice(), &[0; 1024]].concat());
    assert!(out.expect_err("it leads out").contains("leads out"));

    for target in ["/etc/passwd", "../../etc/passwd"] {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "a/layer.tar", target)
            .expect("a link");
        let link = read_bytes(builder.into_inner().expect("a tar"));
        assert!(link.is_err(), "{target}");
    }
    let twice = judge(&[("manifest.json", b"[]"), ("manifest.json", b"[]")]);
    assert!(twice.expect_err("two of one name").contains("two files"));
}

#[test]
fn only_archives_of_images_are_taken() {
    assert!(
        judge(&[("file", b"x")])
            .expect_err("no archive")
            .contains("manifest.json")
    );
    let layer = layer();
    let (config, bad) = (config(&layer), manifest("docktutor-x/Y:1", "layer.tar"));
    let tag = judge(&[
        ("c.json", &config),
        ("layer.tar", &layer),
        ("manifest.json", &bad),
    ]);
    assert!(tag.expect_err("an odd tag").contains("reference"));
    let twice = b"[{\"Config\":\"a\",\"Config\":\"c.json\"}]";
    assert!(judge(&[("manifest.json", twice)]).is_err());
}
