//! What holds before there is an engine, and without one.

use std::time::Duration;

use super::*;
use crate::sandbox::Existing;
use crate::sandbox::ground::Footing;
use crate::web::protocol::{FileSave, SandboxState};

struct Fixture {
    folder: tempfile::TempDir,
    store: Store,
    sandboxes: Sandboxes,
    learner: LearnerId,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let learner = store.add_learner("Min", "token").await.unwrap().id;
    Fixture {
        sandboxes: Sandboxes::new(folder.path().to_owned(), store.clone(), "test".to_owned()),
        folder,
        store,
        learner,
    }
}

impl Fixture {
    fn missing(&self) -> SandboxError {
        let error = SandboxError::new("No engine.", "Install one.");
        self.sandboxes
            .inner
            .shared
            .set_footing(Footing::Missing(error.clone()));
        error
    }
}

#[tokio::test]
async fn files_work_at_once_and_stay_the_same_workspace() {
    let fixture = fixture().await;
    assert_eq!(
        fixture.sandboxes.status(fixture.learner).state,
        SandboxState::Preparing
    );
    let (one, two) = tokio::join!(
        fixture.sandboxes.workspace(fixture.learner),
        fixture.sandboxes.workspace(fixture.learner)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.root(), two.root());
    one.place(
        &[("a/Dockerfile".to_owned(), b"FROM scratch\n".to_vec())],
        Existing::Keep,
    )
    .await
    .unwrap();
    // The next server finds them.
    let next = Sandboxes::new(
        fixture.folder.path().to_owned(),
        fixture.store.clone(),
        "test".to_owned(),
    );
    let read = next
        .workspace(fixture.learner)
        .await
        .unwrap()
        .read("a/Dockerfile")
        .await
        .unwrap();
    assert_eq!(read.text.as_deref(), Some("FROM scratch\n"));
}

#[tokio::test]
async fn learners_have_workspaces_of_their_own() {
    let fixture = fixture().await;
    let other = fixture.store.add_learner("Jun", "other").await.unwrap().id;
    let one = fixture.sandboxes.workspace(fixture.learner).await.unwrap();
    let two = fixture.sandboxes.workspace(other).await.unwrap();
    assert_ne!(one.root(), two.root());
}

#[tokio::test]
async fn without_an_engine_a_start_says_what_is_missing() {
    let fixture = fixture().await;
    let (sandboxes, learner) = (fixture.sandboxes.clone(), fixture.learner);
    let starting = tokio::spawn(async move { sandboxes.start(learner).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(
        !starting.is_finished(),
        "a start waits while the engine is looked for"
    );
    let error = fixture.missing();
    assert_eq!(starting.await.unwrap(), Err(error.clone()));
    let status = fixture.sandboxes.status(fixture.learner);
    assert_eq!(
        (status.state, status.message, status.next),
        (SandboxState::NoEngine, error.message, error.next)
    );
}

#[tokio::test]
async fn without_an_engine_a_reset_can_still_remove_files() {
    let fixture = fixture().await;
    let workspace = fixture.sandboxes.workspace(fixture.learner).await.unwrap();
    let save = FileSave {
        text: "x".to_owned(),
        base: None,
    };
    workspace.save("f", &save).await.unwrap();
    let error = fixture.missing();
    assert_eq!(
        fixture.sandboxes.reset(fixture.learner, false).await,
        Err(error)
    );
    assert_eq!(workspace.list().await.unwrap().len(), 1);
    fixture
        .sandboxes
        .reset(fixture.learner, true)
        .await
        .unwrap();
    assert_eq!(workspace.list().await.unwrap(), []);
}

#[tokio::test]
async fn who_waits_for_the_engine_is_let_go_when_the_server_stops() {
    let fixture = fixture().await;
    let (sandboxes, learner) = (fixture.sandboxes.clone(), fixture.learner);
    let starting = tokio::spawn(async move { sandboxes.start(learner).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(50)).await;
    fixture.sandboxes.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(5), starting)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.unwrap_err().message.contains("being stopped"));
}

#[tokio::test]
async fn a_page_that_came_before_the_sandbox_hears_of_its_files() {
    let fixture = fixture().await;
    let mut events = fixture.sandboxes.watch(fixture.learner);
    let workspace = fixture.sandboxes.workspace(fixture.learner).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    std::fs::write(workspace.root().join("f"), "from the terminal").unwrap();
    let heard = async {
        loop {
            if let ServerEvent::FileChanged { path, .. } = events.recv().await.unwrap() {
                return path;
            }
        }
    };
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(5), heard)
            .await
            .unwrap(),
        "f"
    );
}

#[tokio::test]
async fn a_spare_is_handed_out_once_and_is_a_spare_no_more() {
    let fixture = fixture().await;
    let inner = &fixture.sandboxes.inner;
    let spare = Sandbox::open(&inner.shared, "sparescope").unwrap();
    spare.folders.mark_spare().unwrap();
    assert_eq!(
        crate::sandbox::folders::spares(&inner.shared.data),
        ["sparescope"]
    );
    *inner.spare() = Some(Arc::clone(&spare));
    let other = fixture.store.add_learner("Jun", "other").await.unwrap().id;
    let (one, two) = tokio::join!(
        fixture.sandboxes.workspace(fixture.learner),
        fixture.sandboxes.workspace(other)
    );
    let given = [one.unwrap(), two.unwrap()]
        .into_iter()
        .filter(|workspace| workspace.root() == spare.workspace.root());
    assert_eq!(given.count(), 1);
    assert!(crate::sandbox::folders::spares(&inner.shared.data).is_empty());
    assert!(
        fixture
            .store
            .all_scopes()
            .await
            .unwrap()
            .iter()
            .any(|(_, scope)| scope == "sparescope")
    );
}
