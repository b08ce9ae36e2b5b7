//! Links, pipes and swapped folders, planted by whoever works in the workbench.

use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[tokio::test]
async fn links_are_listed_and_never_followed() {
    let fixture = fixture();
    let outside = fixture.folder.path().join("outside");
    symlink(&outside, fixture.at("folder")).unwrap();
    symlink(outside.join("secret"), fixture.at("file")).unwrap();
    symlink("/nowhere/at/all", fixture.at("dangling")).unwrap();
    for path in ["folder/secret", "file", "folder/new", "dangling"] {
        let read = fixture.workspace.read(path).await.unwrap_err();
        assert!(
            matches!(read, WorkspaceError::BadPath { .. }),
            "{path}: {read}"
        );
        let save = fixture
            .workspace
            .save(path, &text("mine", None))
            .await
            .unwrap_err();
        assert!(
            matches!(save, WorkspaceError::BadPath { .. }),
            "{path}: {save}"
        );
    }
    let kinds: Vec<_> = fixture
        .workspace
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|entry| (entry.path, entry.kind))
        .collect();
    use crate::web::protocol::FileKind::Link;
    assert_eq!(
        kinds,
        [
            ("dangling".to_owned(), Link),
            ("file".to_owned(), Link),
            ("folder".to_owned(), Link)
        ]
    );
    fixture.workspace.clear().await.unwrap();
    assert_eq!(
        std::fs::read_to_string(outside.join("secret")).unwrap(),
        "secret"
    );
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
}

#[tokio::test]
async fn a_starter_replaces_a_link_and_not_what_it_points_to() {
    let fixture = fixture();
    let secret = fixture.folder.path().join("outside/secret");
    symlink(&secret, fixture.at("Dockerfile")).unwrap();
    let files = [("Dockerfile".to_owned(), b"FROM scratch\n".to_vec())];
    fixture
        .workspace
        .place(&files, Existing::Keep)
        .await
        .unwrap();
    assert!(fixture.at("Dockerfile").is_symlink());
    fixture
        .workspace
        .place(&files, Existing::Overwrite)
        .await
        .unwrap();
    assert!(!fixture.at("Dockerfile").is_symlink());
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "secret");
}

#[tokio::test]
async fn pipes_and_sockets_are_not_opened() {
    let fixture = fixture();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        fixture.at("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(fixture.at("socket")).unwrap();
    for path in ["pipe", "socket"] {
        let error = fixture.workspace.read(path).await.unwrap_err();
        assert!(matches!(error, WorkspaceError::BadPath { .. }), "{error}");
    }
    assert_eq!(fixture.workspace.list().await.unwrap(), []);
}

/// A learner swaps a folder for a link to the outside, as fast as possible, while the server reads and writes below it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_becomes_a_link_at_any_moment_leads_nowhere() {
    let fixture = fixture();
    let outside = fixture.folder.path().join("outside");
    std::fs::create_dir(fixture.at("real")).unwrap();
    std::fs::write(fixture.at("real/secret"), "harmless").unwrap();
    symlink(&outside, fixture.at("link")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let swapper = {
        let (stop, real, link) = (Arc::clone(&stop), fixture.at("real"), fixture.at("link"));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let _ = rustix::fs::renameat_with(
                    rustix::fs::CWD,
                    &real,
                    rustix::fs::CWD,
                    &link,
                    rustix::fs::RenameFlags::EXCHANGE,
                );
            }
        })
    };
    let mut reached = 0;
    let mut round = 0;
    // Until something was read; by chance the swapper wins many times in a row.
    while round < 150 || (reached == 0 && round < 20_000) {
        round += 1;
        if let Ok(read) = fixture.workspace.read("real/secret").await {
            assert_eq!(read.text.as_deref(), Some("harmless"));
            reached += 1;
        }
        if round > 150 {
            continue;
        }
        let _ = fixture
            .workspace
            .save(&format!("real/new{round}"), &text("x", None))
            .await;
        if let Ok(copy) = fixture.workspace.snapshot("real").await {
            assert_ne!(
                std::fs::read_to_string(copy.path().join("secret")).unwrap_or_default(),
                "secret"
            );
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    assert!(
        reached > 0,
        "the swapper never let a read through; the test shows nothing"
    );
    let names: Vec<_> = std::fs::read_dir(outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["secret"]);
}
