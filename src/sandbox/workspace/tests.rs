//! The workspace against learners who plant links, pipes and devices, and against two who save at once.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

mod hostile;

use super::*;

struct Fixture {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("outside")).unwrap();
    std::fs::write(folder.path().join("outside/secret"), "secret").unwrap();
    let workspace = Workspace::open(&folder.path().join("work"), Owner::of_workbench()).unwrap();
    Fixture { folder, workspace }
}

impl Fixture {
    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("work").join(path)
    }
}

fn text(text: &str, base: Option<&str>) -> FileSave {
    FileSave {
        text: text.to_owned(),
        base: base.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_new_file_is_saved_read_and_listed() {
    let fixture = fixture();
    let saved = fixture
        .workspace
        .save("app/Dockerfile", &text("FROM scratch\n", None))
        .await
        .unwrap();
    let read = fixture.workspace.read("app/Dockerfile").await.unwrap();
    assert_eq!(read.text.as_deref(), Some("FROM scratch\n"));
    assert_eq!(read.version, saved.version);
    let paths: Vec<_> = fixture
        .workspace
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|entry| (entry.path, entry.kind, entry.size))
        .collect();
    use crate::web::protocol::FileKind;
    assert_eq!(
        paths,
        [
            ("app".to_owned(), FileKind::Dir, 0),
            ("app/Dockerfile".to_owned(), FileKind::File, 13)
        ]
    );
}

#[tokio::test]
async fn what_is_written_belongs_to_the_workbench_and_keeps_its_mode() {
    let fixture = fixture();
    fixture
        .workspace
        .save("a/run.sh", &text("#!/bin/sh\n", None))
        .await
        .unwrap();
    let owner = Owner::of_workbench();
    for path in ["a", "a/run.sh"] {
        let meta = std::fs::metadata(fixture.at(path)).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (owner.uid, owner.gid), "{path}");
    }
    assert_eq!(
        std::fs::metadata(fixture.at("a/run.sh")).unwrap().mode() & 0o777,
        0o755
    );
    std::fs::set_permissions(
        fixture.at("a/run.sh"),
        std::fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let base = fixture.workspace.read("a/run.sh").await.unwrap().version;
    fixture
        .workspace
        .save("a/run.sh", &text("#!/bin/sh\nls\n", Some(&base)))
        .await
        .unwrap();
    assert_eq!(
        std::fs::metadata(fixture.at("a/run.sh")).unwrap().mode() & 0o7777,
        0o600
    );
}

#[tokio::test]
async fn a_save_over_another_change_is_a_conflict() {
    let fixture = fixture();
    let first = fixture
        .workspace
        .save("f", &text("one", None))
        .await
        .unwrap();
    std::fs::write(fixture.at("f"), "two").unwrap();
    let error = fixture
        .workspace
        .save("f", &text("three", Some(&first.version)))
        .await
        .unwrap_err();
    let WorkspaceError::Conflict {
        version: Some(version),
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(std::fs::read_to_string(fixture.at("f")).unwrap(), "two");
    fixture
        .workspace
        .save("f", &text("three", Some(&version)))
        .await
        .unwrap();
    assert_eq!(std::fs::read_to_string(fixture.at("f")).unwrap(), "three");
    std::fs::remove_file(fixture.at("f")).unwrap();
    let error = fixture
        .workspace
        .save("f", &text("four", Some(&version)))
        .await
        .unwrap_err();
    assert!(
        matches!(error, WorkspaceError::Conflict { version: None, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_save_may_be_asked_for_again() {
    let fixture = fixture();
    let first = fixture
        .workspace
        .save("f", &text("one", None))
        .await
        .unwrap();
    let second = fixture
        .workspace
        .save("f", &text("two", Some(&first.version)))
        .await
        .unwrap();
    let again = fixture
        .workspace
        .save("f", &text("two", Some(&first.version)))
        .await
        .unwrap();
    assert_eq!(second, again);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_saves_at_once_one_wins() {
    let fixture = fixture();
    let base = fixture
        .workspace
        .save("f", &text("start", None))
        .await
        .unwrap()
        .version;
    for round in 0..20 {
        std::fs::write(fixture.at("f"), "start").unwrap();
        let one = text(&format!("one {round}"), Some(&base));
        let two = text(&format!("two {round}"), Some(&base));
        let (one, two) = tokio::join!(
            fixture.workspace.save("f", &one),
            fixture.workspace.save("f", &two)
        );
        assert!(one.is_ok() != two.is_ok());
    }
}

#[tokio::test]
async fn bad_paths_are_refused_with_a_sentence() {
    let fixture = fixture();
    let long = "x".repeat(300);
    let deep = "d/".repeat(40) + "f";
    for path in [
        "",
        "/etc/passwd",
        "..",
        "../outside/secret",
        "a/../../outside/secret",
        "a//b",
        "a/",
        ".",
        "./a",
        "a\0b",
        &long,
        &deep,
        ".docktutor-save-1",
    ] {
        for error in [
            fixture.workspace.read(path).await.unwrap_err(),
            fixture
                .workspace
                .save(path, &text("x", None))
                .await
                .unwrap_err(),
            fixture.workspace.snapshot(path).await.unwrap_err(),
        ] {
            assert!(
                matches!(error, WorkspaceError::BadPath { .. }),
                "{path:?}: {error}"
            );
            assert!(error.to_string().ends_with('.'), "{error}");
        }
    }
}

#[tokio::test]
async fn large_and_binary_files_have_a_version_and_no_text() {
    let fixture = fixture();
    std::fs::write(fixture.at("binary"), [0xff, 0, 1]).unwrap();
    std::fs::write(fixture.at("large"), vec![b'x'; MAX_TEXT as usize + 1]).unwrap();
    std::fs::write(fixture.at("limit"), vec![b'x'; MAX_TEXT as usize]).unwrap();
    for path in ["binary", "large"] {
        let read = fixture.workspace.read(path).await.unwrap();
        assert_eq!(read.text, None, "{path}");
        assert!(!read.version.is_empty());
    }
    assert_eq!(
        fixture
            .workspace
            .read("limit")
            .await
            .unwrap()
            .text
            .unwrap()
            .len() as u64,
        MAX_TEXT
    );
    let before = fixture.workspace.read("large").await.unwrap().version;
    std::fs::write(fixture.at("large"), vec![b'y'; MAX_TEXT as usize + 2]).unwrap();
    assert_ne!(
        fixture.workspace.read("large").await.unwrap().version,
        before
    );
}

#[tokio::test]
async fn a_snapshot_is_a_copy_without_links_and_goes_away() {
    let fixture = fixture();
    fixture
        .workspace
        .save("app/src/run.sh", &text("#!/bin/sh\n", None))
        .await
        .unwrap();
    symlink("/etc/passwd", fixture.at("app/link")).unwrap();
    let copy = fixture.workspace.snapshot("app").await.unwrap();
    let path = copy.path().to_owned();
    assert_eq!(
        std::fs::read_to_string(path.join("src/run.sh")).unwrap(),
        "#!/bin/sh\n"
    );
    assert_eq!(
        std::fs::metadata(path.join("src/run.sh")).unwrap().mode() & 0o777,
        0o755
    );
    assert!(path.join("link").symlink_metadata().is_err());
    drop(copy);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_large_tree_is_listed_up_to_the_limit() {
    let fixture = fixture();
    std::fs::create_dir(fixture.at("many")).unwrap();
    for number in 0..MAX_ENTRIES + 100 {
        std::fs::write(fixture.at(&format!("many/{number}")), "").unwrap();
    }
    fixture
        .workspace
        .save("zzz", &text("near the root", None))
        .await
        .unwrap();
    let list = fixture.workspace.list().await.unwrap();
    assert_eq!(list.len(), MAX_ENTRIES);
    assert!(list.iter().any(|entry| entry.path == "zzz"));
    assert!(matches!(
        fixture.workspace.snapshot("many").await,
        Err(WorkspaceError::TooLarge { .. })
    ));
}
