//! A bundle of images, written and read on a real engine.

use std::io::{Seek, SeekFrom, Write};

use docktutor::sandbox::engine::{self, Found};
use docktutor::sandbox::images::{Images, imported};

#[tokio::test]
async fn a_bundle_is_read_back_and_a_damaged_one_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let instance = docktutor::data::instance_id(home.path()).expect("an instance");
    let Found::Engine(engine) = engine::find(home.path(), &instance)
        .await
        .expect("an engine")
    else {
        panic!("there is no engine");
    };
    let images = Images::new(*engine, home.path(), &instance).only_for(&["alpine:3.18".to_owned()]);
    let file = home.path().join("workshop.tar.gz");
    let quiet = |_: &str, _, _| {};
    let written = images.export(&file, &quiet).await.expect("a bundle");
    let mut names = written.images.clone();
    names.sort();
    assert_eq!(names, ["alpine", "busybox", "debian", "workbench"]);
    assert!(!home.path().join("workshop.tar.gz.part").exists());

    let mut read = images
        .import(&file, &quiet)
        .await
        .expect("read back")
        .images;
    read.sort();
    assert_eq!(read, names);
    let known = imported(&home.path().join("images"));
    assert!(
        known
            .iter()
            .any(|name| name.starts_with("docktutor/alpine:")),
        "{known:?}"
    );

    // In the middle lies some layer.
    let mut damaged = std::fs::File::options()
        .write(true)
        .open(&file)
        .expect("the file");
    damaged
        .seek(SeekFrom::Start(written.bytes / 2))
        .expect("a place");
    damaged.write_all(b"no layer has this").expect("written");
    drop(damaged);
    let problem = images.import(&file, &quiet).await.expect_err("damaged");
    assert!(
        problem.to_string().contains("is not a whole bundle"),
        "{problem}"
    );
}
