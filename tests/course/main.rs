//! The proof of the course, on a real engine and through the server: every solution and alternative passes, every
//! starter fails, every wrong case fails for its declared reason, and every snippet of every lesson does something.

#[path = "../common/mod.rs"]
mod common;

use checker::spec::Kind;
use checker::{Lang, Report, Status};
use docktutor::course::{Course, CourseExercise, CourseFile, markdown};
use docktutor::sandbox::script;

use common::home::Home;
use common::learner::Learner;
use common::server::Server;
use common::terminal::Terminal;

fn course() -> Course {
    Course::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// A learner whose terminal clears away what an earlier submission has left.
struct Submitter {
    learner: Learner,
    terminal: Terminal,
}

impl Submitter {
    async fn new(server: &Server) -> Submitter {
        let learner = server.learner().await;
        learner.start_sandbox().await;
        let terminal = learner.terminal(1).await;
        Submitter { learner, terminal }
    }

    /// Exactly these files, checked.
    async fn check(&mut self, exercise: &CourseExercise, files: &[CourseFile]) -> Report {
        let id = &exercise.spec.id;
        let folder = self.learner.exercise(id).await.folder;
        self.terminal.run(&format!("rm -rf /work/{folder}")).await;
        for (path, bytes) in files {
            let text =
                std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{id}/{path}: {error}"));
            self.learner
                .save_file(&format!("{folder}/{path}"), text)
                .await;
        }
        if exercise.spec.kind == Kind::Sandbox {
            self.bring_about(&folder, files).await;
        }
        self.learner.check(id).await.1
    }

    /// The untouched sandbox, and then what the commands of a submission make of it.
    async fn bring_about(&mut self, folder: &str, files: &[CourseFile]) {
        self.terminal
            .run("docker ps -aq | xargs -r docker rm -f -v; docker volume prune -af; docker network prune -f")
            .await;
        if files.iter().any(|(path, _)| path == script::FILE) {
            let file = script::FILE;
            let run = format!("cd /work/{folder}; sh {file}; cd /work");
            self.terminal.run(&run).await;
        }
    }
}

fn in_words(report: &Report) -> String {
    let checks = report
        .checks
        .iter()
        .filter(|check| check.status != Status::Pass);
    let words = checks.map(|check| {
        format!(
            "{} {:?}: {} (expected {:?}, actual {:?})",
            check.id, check.status, check.message, check.expected, check.actual
        )
    });
    words.collect::<Vec<_>>().join("\n  ")
}

#[tokio::test]
async fn solutions_and_alternatives_pass() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut submitter = Submitter::new(&server).await;
    let course = course();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for exercise in course.exercises() {
        let alternatives = exercise
            .alternatives
            .iter()
            .map(|one| (one.name.as_str(), &one.files));
        for (name, files) in std::iter::once(("solution", &exercise.solution)).chain(alternatives) {
            let report = submitter.check(exercise, files).await;
            seen += 1;
            if !report.passed || report.points != exercise.spec.max_points() {
                wrong.push(format!(
                    "{} {name} does not pass:\n  {}",
                    exercise.spec.id,
                    in_words(&report)
                ));
            }
        }
    }
    assert!(seen > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn starters_and_wrong_cases_fail_for_their_reason() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut submitter = Submitter::new(&server).await;
    let course = course();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for exercise in course.exercises() {
        let id = &exercise.spec.id;
        let report = submitter.check(exercise, &exercise.starter).await;
        if report.passed
            || report
                .checks
                .iter()
                .any(|check| check.status == Status::Error)
        {
            wrong.push(format!(
                "{id} starter does not fail as a learner's work fails:\n  {}",
                in_words(&report)
            ));
        }
        for (case, expectation) in &exercise.wrong {
            let report = submitter.check(exercise, &case.files).await;
            seen += 1;
            let differences = expectation.differences(&report);
            if report.passed || !differences.is_empty() {
                wrong.push(format!(
                    "{id} wrong/{}: {}\n  {}",
                    case.name,
                    differences.join("; "),
                    in_words(&report)
                ));
            }
        }
    }
    assert!(seen > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a learner must never read after pressing a run button.
const BROKEN: [&str; 8] = [
    "command not found",
    "unknown flag",
    "unknown shorthand",
    "unknown command",
    "is not a docker command",
    "not allowed",
    "syntax error",
    "Usage:",
];

#[tokio::test]
async fn every_snippet_of_every_lesson_runs() {
    let home = Home::new();
    let server = Server::start(&home);
    let course = course();
    let mut seen = 0;
    for lang in [Lang::En, Lang::Ko] {
        for lesson in course.lessons() {
            // A learner of their own, and the exercises solved, as the text expects at its end.
            let name = format!("{}-{lang:?}", lesson.id);
            let learner = server.add_learner(&home, &name).await;
            learner.start_sandbox().await;
            let mut terminal = learner.terminal(1).await;
            for id in &lesson.exercises {
                let exercise = course.exercise(id).expect("the lesson's exercise");
                let folder = learner.start_exercise(id).await.folder;
                for (path, bytes) in &exercise.solution {
                    learner
                        .save_file(&format!("{folder}/{path}"), &String::from_utf8_lossy(bytes))
                        .await;
                }
            }
            for snippet in snippets(&lesson.id, lang) {
                let from = terminal.seen_bytes().len();
                // As the run button types it.
                terminal
                    .send(format!("{}\r", snippet.trim_end().replace('\n', "\r")).as_bytes())
                    .await;
                terminal.run("true").await;
                let shown = String::from_utf8_lossy(&terminal.seen_bytes()[from..]).into_owned();
                seen += 1;
                for words in BROKEN {
                    assert!(
                        !shown.contains(words),
                        "{name}: {snippet}\nshows {words:?}:\n{shown}"
                    );
                }
            }
        }
    }
    assert!(seen > 0, "no lesson has a snippet");
}

/// The snippets with a run button, in reading order.
fn snippets(lesson: &str, lang: Lang) -> Vec<String> {
    let file = if lang == Lang::Ko { "ko.md" } else { "en.md" };
    let path = format!("{}/lessons/{lesson}/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let options = markdown::Options {
        lang,
        ..markdown::Options::default()
    };
    let fences = markdown::render_page(&text, &options).fences;
    fences
        .into_iter()
        .filter(|fence| fence.lang == "sh")
        .map(|fence| fence.text)
        .collect()
}
