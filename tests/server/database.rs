//! A database that is damaged, or was written by a newer version, is said to be so and stays as it is.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::common::EXERCISE;
use crate::common::home::Home;
use crate::common::server::Server;

/// A home whose server has run once and has something to lose.
async fn home_with_progress() -> Home {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_exercise(EXERCISE).await;
    learner.check(EXERCISE).await;
    assert!(server.stop().success());
    home
}

fn database(home: &Home) -> PathBuf {
    home.data().join("docktutor.sqlite")
}

fn hash(path: &Path) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).expect("the database")).to_vec()
}

/// Exit code 3, one sentence with the file's name, and not one byte changed.
fn assert_refused_untouched(home: &Home, words: &[&str]) {
    let before = hash(&database(home));
    let output = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    for word in words.iter().chain(&["docktutor.sqlite"]) {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
    assert_eq!(hash(&database(home)), before, "the file was touched");
}

#[tokio::test]
async fn progress_is_there_after_a_clean_stop() {
    let home = home_with_progress().await;
    let server = Server::start(&home);
    assert_eq!(server.learner().await.exercise(EXERCISE).await.attempts, 1);
}

#[tokio::test]
async fn progress_is_there_after_kill_9() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_exercise(EXERCISE).await;
    let (_, report) = learner.check(EXERCISE).await;
    learner.save_file("note.txt", "saved").await;
    server.kill();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let state = learner.exercise(EXERCISE).await;
    assert_eq!((state.attempts, state.report), (1, Some(report)));
    assert_eq!(
        learner.read_file("note.txt").await.text.as_deref(),
        Some("saved")
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_untouched() {
    let home = home_with_progress().await;
    std::fs::write(
        database(&home),
        "this is no database, and it is long enough to have a header ".repeat(40),
    )
    .expect("a file");
    assert_refused_untouched(&home, &[]);
}

#[tokio::test]
async fn a_damaged_database_is_refused_untouched() {
    let home = home_with_progress().await;
    let path = database(&home);
    let mut bytes = std::fs::read(&path).expect("the database");
    assert!(
        bytes.starts_with(b"SQLite format 3\0"),
        "the database is where the test thinks it is"
    );
    // All pages but the first lose their content; the header still looks right.
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0x5a;
    }
    std::fs::write(&path, bytes).expect("a file");
    assert_refused_untouched(&home, &[]);
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched() {
    use sqlx::Connection as _;
    let home = home_with_progress().await;
    let path = database(&home);
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Delete);
    let mut connection = sqlx::SqliteConnection::connect_with(&options)
        .await
        .expect("the database");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (999999, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .expect("a row");
    connection.close().await.expect("closed");
    assert_refused_untouched(&home, &["newer"]);
}
