//! What pages hear of changes in a real folder.

use super::*;
use crate::sandbox::workspace::Owner;
use crate::web::protocol::FileSave;

struct Fixture {
    folder: tempfile::TempDir,
    workspace: Workspace,
    events: broadcast::Sender<ServerEvent>,
    heard: broadcast::Receiver<ServerEvent>,
    _slot: Slot,
}

async fn fixture(files: &[&str]) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "before").unwrap();
    }
    let workspace = Workspace::open(folder.path(), Owner::of_workbench()).unwrap();
    let (events, heard) = broadcast::channel(4096);
    let slot = Slot::default();
    slot.start(&workspace, &events);
    tokio::time::sleep(Duration::from_millis(150)).await;
    Fixture {
        folder,
        workspace,
        events,
        heard,
        _slot: slot,
    }
}

impl Fixture {
    async fn next(&mut self) -> ServerEvent {
        tokio::time::timeout(Duration::from_secs(5), self.heard.recv())
            .await
            .expect("nothing was heard")
            .unwrap()
    }

    async fn silence(&mut self) {
        let heard = tokio::time::timeout(Duration::from_millis(400), self.heard.recv()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_in_the_terminal_is_heard_with_its_version() {
    let mut fixture = fixture(&["app/Dockerfile"]).await;
    let begin = Instant::now();
    std::fs::write(fixture.folder.path().join("app/Dockerfile"), "after").unwrap();
    let heard = fixture.next().await;
    assert!(
        begin.elapsed() < Duration::from_millis(200),
        "{:?}",
        begin.elapsed()
    );
    let version = fixture
        .workspace
        .read("app/Dockerfile")
        .await
        .unwrap()
        .version;
    let expected = ServerEvent::FileChanged {
        path: "app/Dockerfile".to_owned(),
        version: Some(version),
    };
    assert_eq!(heard, expected);
    fixture.silence().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_is_one_change_and_no_new_list() {
    let mut fixture = fixture(&["f"]).await;
    let base = Some(fixture.workspace.read("f").await.unwrap().version);
    let save = FileSave {
        text: "after".to_owned(),
        base,
    };
    let version = fixture.workspace.save("f", &save).await.unwrap().version;
    let expected = ServerEvent::FileChanged {
        path: "f".to_owned(),
        version: Some(version),
    };
    assert_eq!(fixture.next().await, expected);
    fixture.silence().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_and_goes_changes_the_list_also_in_new_folders() {
    let mut fixture = fixture(&[]).await;
    std::fs::create_dir_all(fixture.folder.path().join("a/b")).unwrap();
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
    tokio::time::sleep(Duration::from_millis(300)).await;
    while fixture.heard.try_recv().is_ok() {}
    std::fs::write(fixture.folder.path().join("a/b/f"), "x").unwrap();
    assert!(
        matches!(fixture.next().await, ServerEvent::FileChanged { path, version: Some(_) } if path == "a/b/f")
    );
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
    std::fs::remove_file(fixture.folder.path().join("a/b/f")).unwrap();
    assert!(
        matches!(fixture.next().await, ServerEvent::FileChanged { path, version: None } if path == "a/b/f")
    );
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_was_moved_is_heard_under_its_new_name() {
    let mut fixture = fixture(&["old/f"]).await;
    std::fs::rename(
        fixture.folder.path().join("old"),
        fixture.folder.path().join("new"),
    )
    .unwrap();
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::fs::write(fixture.folder.path().join("new/f"), "after").unwrap();
    assert!(
        matches!(fixture.next().await, ServerEvent::FileChanged { path, .. } if path == "new/f")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_link_points_to_is_not_watched() {
    let outside = tempfile::tempdir().unwrap();
    let mut fixture = fixture(&["f"]).await;
    std::os::unix::fs::symlink(outside.path(), fixture.folder.path().join("link")).unwrap();
    assert!(
        matches!(fixture.next().await, ServerEvent::FileChanged { path, version: None } if path == "link")
    );
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
    std::fs::write(outside.path().join("secret"), "x").unwrap();
    fixture.silence().await;
}

/// Ten thousand files and a writer that never rests: the pages hear of it, and not of each file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_heard_in_few_words() {
    let mut fixture = fixture(&["log"]).await;
    let folder = fixture.folder.path().to_owned();
    let writer = tokio::task::spawn_blocking(move || {
        for number in 0..10_000 {
            std::fs::write(folder.join(format!("{number}")), "x").unwrap();
        }
    });
    writer.await.unwrap();
    let mut words = 0;
    let mut listed = false;
    while let Ok(Ok(event)) =
        tokio::time::timeout(Duration::from_secs(1), fixture.heard.recv()).await
    {
        words += 1;
        listed |= event == ServerEvent::FilesChanged;
    }
    // A slow disk stretches the flood over more pauses, each with its few words.
    assert!(listed && words < 8_000, "{words}");
    // And it still works.
    std::fs::write(fixture.folder.path().join("log"), "after").unwrap();
    assert!(matches!(fixture.next().await, ServerEvent::FileChanged { path, .. } if path == "log"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_inotify_changes_are_found_by_looking() {
    let mut fixture = fixture(&["f"]).await;
    fixture._slot = Slot::default();
    let compared = tokio::spawn(compare(
        fixture.workspace.clone(),
        fixture.events.clone(),
        Running::default(),
    ));
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::fs::write(fixture.folder.path().join("f"), "afterwards").unwrap();
    assert!(matches!(fixture.next().await, ServerEvent::FileChanged { path, .. } if path == "f"));
    assert_eq!(fixture.next().await, ServerEvent::FilesChanged);
    compared.abort();
}
