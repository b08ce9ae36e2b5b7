//! What the tests stand on: a submission in a folder, an exercise, a real engine.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveImageOptionsBuilder};
use bollard::{API_DEFAULT_VERSION, Docker};
use checker::check::{Endpoint, Job};
use checker::spec::Exercise;
use checker::{CheckResult, Event, Lang, Report};
use futures_util::FutureExt;
use tokio::sync::{Mutex, OnceCell};

/// The engine's socket; without one there is nothing to test against.
pub(crate) fn engine_socket() -> PathBuf {
    std::env::var_os("DOCKTUTOR_TEST_ENGINE")
        .expect("no engine to test with: run `make test`, which starts one")
        .into()
}

/// A Debian image with bash and perl.
pub(crate) fn base_image() -> String {
    std::env::var("DOCKTUTOR_TEST_IMAGE")
        .expect("no image to test with: run `make test`, which makes one")
}

/// An image with curl: the given one, or one that is built once.
pub(crate) async fn probe_image() -> String {
    static PROBE: OnceCell<String> = OnceCell::const_new();
    PROBE
        .get_or_init(|| async {
            if let Ok(given) = std::env::var("DOCKTUTOR_TEST_PROBE") {
                return given;
            }
            let dir = folder(&[(
                "Dockerfile",
                &format!(
                    "FROM {}\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
                    base_image()
                ),
            )]);
            let tag = "docktutor-test/probe:1";
            let exercise = exercise(&format!(
                "  - {}\n    assert: {{build: {{tag: \"{tag}\"}}}}\n",
                head("build")
            ));
            let (report, _) = check(&exercise, dir.path(), Some(engine_socket()), "", 300).await;
            assert!(report.passed, "the probe's image: {report:#?}");
            tag.to_owned()
        })
        .await
        .clone()
}

/// A folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    dir
}

/// The fields that every check has.
pub(crate) fn head(id: &str) -> String {
    format!(
        "id: {id}\n    title: {{ko: 제목, en: Title}}\n    points: 1\n    failure: {{ko: 작성자의 설명, en: the author's words}}"
    )
}

/// An exercise with these checks.
pub(crate) fn exercise(checks: &str) -> Exercise {
    // The image that the tests run on, and the one that the text checks name.
    let mut images =
        vec![std::env::var("DOCKTUTOR_TEST_IMAGE").unwrap_or_else(|_| "base:1".to_owned())];
    if images[0] != "base:1" {
        images.push("base:1".to_owned());
    }
    let yaml = format!(
        "id: test/one\ntitle: {{ko: 시험, en: Test}}\nlesson: 01-test\nkind: files\ndifficulty: 1\nminutes: 1\nimages: {images:?}\nfiles: []\nchecks:\n{checks}"
    );
    Exercise::parse(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

/// Runs a check and keeps its events.
pub(crate) async fn check(
    exercise: &Exercise,
    dir: &Path,
    engine: Option<PathBuf>,
    probe: &str,
    seconds: u64,
) -> (Report, Vec<Event>) {
    let job = Job {
        exercise,
        exercise_hash: "0".repeat(64),
        dir,
        engine: engine.map(Endpoint::Unix),
        probe_image: probe.to_owned(),
        history: None,
        lang: Lang::En,
        deadline: Duration::from_secs(seconds),
    };
    let mut events = Vec::new();
    let report = checker::check::run(job, &mut |event| events.push(event)).await;
    (report, events)
}

/// The result of one check.
pub(crate) fn result<'a>(report: &'a Report, id: &str) -> &'a CheckResult {
    report
        .checks
        .iter()
        .find(|check| check.id == id)
        .expect("a check of that id")
}

/// A check run with the real engine. One after the other, so that each can say that nothing is left behind.
pub(crate) struct Ground {
    pub(crate) docker: Docker,
    pub(crate) tag: String,
    pub(crate) probe: String,
}

impl Ground {
    /// An exercise that builds and then asks or runs.
    pub(crate) fn exercise(&self, assertion: &str) -> Exercise {
        exercise(&format!(
            "  - {}\n    assert: {{build: {{tag: \"{}\"}}}}\n  - {}\n    assert: {{{assertion}}}\n",
            head("build"),
            self.tag,
            head("it")
        ))
    }

    pub(crate) async fn check(
        &self,
        exercise: &Exercise,
        dir: &Path,
        seconds: u64,
    ) -> (Report, Vec<Event>) {
        check(exercise, dir, Some(engine_socket()), &self.probe, seconds).await
    }

    /// The containers of checks of this process.
    pub(crate) async fn left_behind(&self) -> Vec<String> {
        let options = ListContainersOptionsBuilder::new().all(true).build();
        let all = self.docker.list_containers(Some(options)).await;
        let mine = format!("-{:x}-", std::process::id());
        all.expect("a list of containers")
            .into_iter()
            .flat_map(|container| container.names.unwrap_or_default())
            .filter(|name| name.starts_with("/docktutor-check-") && name.contains(&mine))
            .collect()
    }
}

/// Gives a test the engine; removes the image that it built, whatever happened.
pub(crate) async fn with_engine<F: Future<Output = ()>>(test: impl FnOnce(Ground) -> F) {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    let socket = engine_socket();
    let path = socket.to_str().expect("a path in UTF-8");
    let docker = Docker::connect_with_unix(path, 60, API_DEFAULT_VERSION)
        .expect("the engine's socket")
        .negotiate_version()
        .await
        .expect("an engine that answers");
    let tag = format!("docktutor-test/{}:1", std::process::id());
    let ground = || Ground {
        docker: docker.clone(),
        tag: tag.clone(),
        probe: String::new(),
    };
    let probe = probe_image().await;
    let ended = AssertUnwindSafe(test(Ground { probe, ..ground() }))
        .catch_unwind()
        .await;
    let force = RemoveImageOptionsBuilder::new().force(true).build();
    // Not every test has built its image.
    let _ = docker.remove_image(&tag, Some(force), None).await;
    let left = ground().left_behind().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
    assert!(left.is_empty(), "left behind: {left:?}");
}
