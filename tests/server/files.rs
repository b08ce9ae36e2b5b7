//! The workspace over HTTP: saved means on the disk, conflicts are told, and no path leads out.

use docktutor::web::protocol::{FileContent, FileKind, FileSave};

use crate::common::home::Home;
use crate::common::server::Server;

#[tokio::test]
async fn a_saved_file_is_on_the_disk_and_a_stale_save_is_refused() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let first = learner.save_file("app/Dockerfile", "FROM scratch\n").await;
    let entries = learner.files().await;
    let kinds: Vec<_> = entries
        .iter()
        .map(|entry| (entry.path.as_str(), entry.kind))
        .collect();
    assert_eq!(
        kinds,
        [("app", FileKind::Dir), ("app/Dockerfile", FileKind::File)]
    );

    let work = find_file(&home.data().join("scopes"), "app/Dockerfile");
    assert_eq!(
        std::fs::read_to_string(&work).expect("the file"),
        "FROM scratch\n"
    );

    // Somebody else writes (a terminal does); a save that knows only the first version loses nothing of it.
    std::fs::write(&work, "FROM busybox\n").expect("a file");
    let stale = FileSave {
        text: "FROM alpine\n".to_owned(),
        base: Some(first.version),
    };
    let body = serde_json::to_string(&stale).expect("JSON");
    let refused = learner
        .request("PUT", "/api/files/app/Dockerfile", &body)
        .await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let present: FileContent = learner.read_file("app/Dockerfile").await;
    assert_eq!(present.text.as_deref(), Some("FROM busybox\n"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_workspace() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.save_file("inside.txt", "x").await;
    let work = find_file(&home.data().join("scopes"), "inside.txt");
    let work = work.parent().expect("a folder");
    std::os::unix::fs::symlink("/etc", work.join("etc")).expect("a link");
    std::os::unix::fs::symlink("/etc/hostname", work.join("link")).expect("a link");
    let save = serde_json::to_string(&FileSave {
        text: "owned".to_owned(),
        base: None,
    })
    .expect("JSON");
    for path in [
        "../token",
        "..%2f..%2f..%2ftoken",
        "%2e%2e/%2e%2e/%2e%2e/token",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "a/../../../token",
        "etc/passwd",
        "etc/docktutor-test",
        "link",
        "a%00b",
    ] {
        let read = learner.get(&format!("/api/files/{path}")).await;
        assert!(
            (400..500).contains(&read.status),
            "GET {path}: {} {}",
            read.status,
            read.text()
        );
        let written = learner
            .request("PUT", &format!("/api/files/{path}"), &save)
            .await;
        assert!(
            (400..500).contains(&written.status),
            "PUT {path}: {} {}",
            written.status,
            written.text()
        );
    }
    assert!(!std::path::Path::new("/etc/docktutor-test").exists());
    let token = std::fs::read_to_string(home.data().join("token")).expect("the token");
    assert_eq!(token.trim(), server.token());
}

/// `SCOPE/work/PATH` below `scopes`, in whichever scope it is.
fn find_file(scopes: &std::path::Path, path: &str) -> std::path::PathBuf {
    std::fs::read_dir(scopes)
        .expect("the scopes")
        .filter_map(|entry| Some(entry.ok()?.path().join("work").join(path)))
        .find(|found| found.exists())
        .unwrap_or_else(|| panic!("{path} is in no workspace"))
}
