//! The exercise, graded in the browser's way and on the command line, with the same result.

use checker::{Event, Report, Stage, Status};
use docktutor::course::Course;

use crate::common::EXERCISE;
use crate::common::engine;
use crate::common::home::Home;
use crate::common::learner::Learner;
use crate::common::server::Server;

/// The report without what may differ between two runs.
fn comparable(mut report: Report) -> Report {
    for check in &mut report.checks {
        check.duration_ms = 0;
    }
    report
}

async fn put_solution(learner: &Learner) {
    let course = Course::embedded().unwrap_or_else(|error| panic!("{error}"));
    let exercise = course.exercise(EXERCISE).expect("the exercise");
    let folder = learner.start_exercise(EXERCISE).await.folder;
    for (path, bytes) in &exercise.solution {
        learner
            .save_file(&format!("{folder}/{path}"), &String::from_utf8_lossy(bytes))
            .await;
    }
}

fn by_command_line(home: &Home, dir: &std::path::Path) -> (Option<i32>, Report) {
    let output = home.run(&[
        "check",
        EXERCISE,
        &dir.to_string_lossy(),
        "--format",
        "json",
        "--lang",
        "en",
    ]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = serde_json::from_str(&said).unwrap_or_else(|error| {
        panic!(
            "{error}: {said} {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code(), report)
}

/// The learner's folder of the exercise, as it is on the disk.
fn folder_of(home: &Home) -> std::path::PathBuf {
    std::fs::read_dir(home.data().join("scopes"))
        .expect("the scopes")
        .filter_map(|entry| Some(entry.ok()?.path().join("work/first-dockerfile")))
        .find(|folder| folder.exists())
        .expect("the exercise was started")
}

#[tokio::test]
async fn the_starter_fails_for_its_declared_mistake() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    learner.start_exercise(EXERCISE).await;
    let (events, report) = learner.check(EXERCISE).await;
    assert!(
        !report.passed && report.points < report.max_points,
        "{report:#?}"
    );
    assert_eq!(events.first(), Some(&Event::Stage { stage: Stage::Text }));
    let findings: Vec<_> = report
        .checks
        .iter()
        .flat_map(|check| &check.findings)
        .collect();
    assert!(
        findings
            .iter()
            .any(|finding| finding.message.contains("3.11")),
        "{findings:#?}"
    );
    assert!(
        !report
            .checks
            .iter()
            .any(|check| check.status == Status::Error),
        "{report:#?}"
    );
    let (code, same) = by_command_line(&home, &folder_of(&home));
    assert_eq!(code, Some(1));
    assert_eq!(comparable(same), comparable(report));
}

#[tokio::test]
async fn the_solution_passes_in_three_steps_and_progress_stays() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let closed = learner
        .get(&format!("/api/exercise/solution/{EXERCISE}"))
        .await;
    assert_eq!(closed.status, 403, "{}", closed.text());
    put_solution(&learner).await;

    let (events, report) = learner.check(EXERCISE).await;
    assert!(report.passed, "{report:#?}");
    assert_eq!(report.points, report.max_points);
    let stages: Vec<_> = events
        .iter()
        .filter_map(|event| {
            if let Event::Stage { stage } = event {
                Some(*stage)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(stages, [Stage::Text, Stage::Build, Stage::Run]);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::BuildStep { step: 1, .. })),
        "the build is streamed"
    );
    let checked: Vec<_> = events
        .iter()
        .filter_map(|event| {
            if let Event::Check { result } = event {
                Some((**result).clone())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(checked, report.checks, "every check is told as it ends");

    // The second run takes the same steps from the cache, and says so.
    let (events, again) = learner.check(EXERCISE).await;
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::BuildCached { .. })),
        "{events:#?}"
    );
    assert_eq!(comparable(again), comparable(report.clone()));

    let (code, same) = by_command_line(&home, &folder_of(&home));
    assert_eq!(code, Some(0));
    assert_eq!(comparable(same), comparable(report));

    assert_eq!(
        learner
            .get(&format!("/api/exercise/solution/{EXERCISE}"))
            .await
            .status,
        200
    );
    server.kill();
    let server = Server::start(&home);
    let state = server.learner().await.exercise(EXERCISE).await;
    assert!(
        state.passed && state.points == state.max_points && state.attempts == 2,
        "{state:#?}"
    );
}

#[tokio::test]
async fn a_check_leaves_nothing_in_the_sandbox() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    put_solution(&learner).await;
    let mut terminal = learner.terminal(1).await;
    let list = "docker ps -aq; docker volume ls -q; docker network ls --format '{{.Name}}'; \
                ls -A /work/first-dockerfile | sort; \
                docker images --format '{{.Repository}}' | grep -v ^check/ | sort | uniq -c";
    let before = terminal.run(list).await;
    for _ in 0..2 {
        assert!(learner.check(EXERCISE).await.1.passed);
        assert_eq!(terminal.run(list).await, before);
    }
    // The image itself stays, for the cache of the next check; each check takes the place of the one before.
    let kept = terminal
        .run("docker images -q 'check/*'; docker images -q --filter dangling=true")
        .await;
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert!(engine::learners_containers(&home.instance()).is_empty());
}

#[tokio::test]
async fn giving_up_opens_the_solution_and_reset_brings_the_starter_back() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let starter = learner.start_exercise(EXERCISE).await;
    let path = starter.files.first().expect("a file to edit").clone();
    let original = learner.read_file(&path).await.text;
    learner.save_file(&path, "FROM scratch\n").await;

    let post = async |what: &str| {
        let answer = learner
            .request(
                "POST",
                &format!("/api/exercise/{what}/{EXERCISE}?lang=en"),
                "",
            )
            .await;
        answer.json::<docktutor::web::protocol::ExerciseState>()
    };
    assert!(starter.hints.is_empty() && starter.hints_total > 1);
    for shown in 1..=starter.hints_total {
        assert_eq!(post("hint").await.hints.len(), shown, "one hint at a time");
    }
    assert_eq!(post("hint").await.hints.len(), starter.hints_total);
    assert!(post("give-up").await.solution_open);
    assert_eq!(
        learner
            .get(&format!("/api/exercise/solution/{EXERCISE}"))
            .await
            .status,
        200
    );
    assert!(!post("reset").await.passed);
    assert_eq!(learner.read_file(&path).await.text, original);
}

#[tokio::test]
async fn only_one_check_of_a_learner_runs_at_a_time() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    put_solution(&learner).await;
    let path = format!("/api/exercise/check/{EXERCISE}?lang=en");
    let all =
        futures_util::future::join_all((0..4).map(|_| learner.request("POST", &path, ""))).await;
    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert!(
        statuses.contains(&200) && statuses.iter().all(|status| matches!(status, 200 | 409)),
        "{statuses:?}"
    );
    assert!(statuses.contains(&409), "{statuses:?}");
    assert!(learner.check(EXERCISE).await.1.passed, "the next one runs");
}
