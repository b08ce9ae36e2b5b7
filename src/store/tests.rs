use checker::{Lang, Report};

use super::*;

fn report(points: u32, passed: bool) -> Report {
    Report {
        version: 1,
        exercise: "topic/name".into(),
        lang: Lang::En,
        passed,
        points,
        max_points: 10,
        checks: Vec::new(),
        exercise_hash: String::new(),
        submission_hash: String::new(),
        images_hash: String::new(),
        checker_version: String::new(),
    }
}

#[tokio::test]
async fn progress_survives_a_reopen_and_keeps_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let learner = store.add_learner("me", "secret").await.unwrap();
    store.show_hint(learner.id, "topic/name", 2).await.unwrap();
    store
        .record_report(learner.id, &report(10, true))
        .await
        .unwrap();
    store
        .record_report(learner.id, &report(4, false))
        .await
        .unwrap();
    store.close().await;

    let store = Store::open(folder.path()).await.unwrap();
    let again = store.learner_by_token("secret").await.unwrap().unwrap();
    assert_eq!(again.id, learner.id);
    let progress = store.progress(learner.id, "topic/name").await.unwrap();
    assert!(progress.passed);
    assert_eq!((progress.points, progress.attempts), (10, 2));
    assert_eq!(progress.report, Some(report(4, false)));
    assert_eq!(
        store
            .attempts(learner.id, "topic/name")
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_fault_of_the_surroundings_is_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let learner = store.add_learner("me", "secret").await.unwrap();
    let mut broken = report(3, false);
    broken.checks.push(checker::CheckResult {
        id: "build".into(),
        stage: checker::Stage::Build,
        title: String::new(),
        status: checker::Status::Error,
        points: 0,
        max_points: 5,
        message: "the engine does not answer".into(),
        expected: None,
        actual: None,
        findings: Vec::new(),
        duration_ms: 1,
    });
    store.record_report(learner.id, &broken).await.unwrap();
    let progress = store.progress(learner.id, "topic/name").await.unwrap();
    assert_eq!((progress.attempts, progress.points), (0, 0));
    assert_eq!(progress.report, Some(broken));
}

#[tokio::test]
async fn hints_are_kept_once_and_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let learner = store.add_learner("me", "secret").await.unwrap();
    for hint in [1, 0, 1] {
        store.show_hint(learner.id, "a/b", hint).await.unwrap();
    }
    assert_eq!(store.shown_hints(learner.id, "a/b").await.unwrap(), [1, 0]);
    assert!(
        store
            .shown_hints(learner.id, "a/c")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn two_learners_never_share_a_scope() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let one = store.add_learner("one", "a").await.unwrap();
    let two = store.add_learner("two", "b").await.unwrap();
    assert_eq!(store.assign_scope(one.id, "k7f3").await.unwrap(), "k7f3");
    assert_eq!(store.assign_scope(one.id, "zzzz").await.unwrap(), "k7f3");
    assert!(store.assign_scope(two.id, "k7f3").await.is_err());
    assert_eq!(
        store.all_scopes().await.unwrap(),
        [(one.id, "k7f3".to_owned())]
    );
}

#[tokio::test]
async fn a_damaged_database_is_named_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::fs::write(
        &path,
        b"this is not a database, and it is long enough to be read as one",
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // Damage in the middle of a real database is seen as well.
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    for number in 0..200 {
        store
            .add_learner("somebody with a name", &number.to_string())
            .await
            .unwrap();
    }
    store.close().await;
    let path = folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[4096 * 2..4096 * 5] {
        *byte = 0xa5;
    }
    std::fs::write(&path, &bytes).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn a_newer_and_a_foreign_database_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'future', 1, x'00', 0)")
        .execute(&store.pool)
        .await
        .unwrap();
    store.close().await;
    let path = folder.path().join(FILE);
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 9999, .. }),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut other = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    sqlx::query("CREATE TABLE bookmarks (id INTEGER)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}
