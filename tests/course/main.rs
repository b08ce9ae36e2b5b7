//! The proof of the course on a real engine: every submission of every exercise by `docktutor course check`, one exercise
//! of each kind through the server, and every snippet of every lesson in a learner's terminal.

#[path = "../common/mod.rs"]
mod common;

use checker::spec::Kind;
use checker::{Lang, Report};
use docktutor::course::transcript::{self, Snippet};
use docktutor::course::{Course, CourseExercise, CourseFile, Lesson, markdown, proof};
use docktutor::sandbox::script;
use futures_util::StreamExt as _;
use serde_json::Value;

use common::home::Home;
use common::learner::Learner;
use common::server::Server;
use common::terminal::Terminal;

fn course() -> Course {
    Course::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// Lessons wait for programs as long as a reader would, and hundreds of submissions beside them would be an unusual crowd.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

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
            let run = format!("cd /work/{folder}; bash {file}; cd /work");
            self.terminal.run(&run).await;
        }
    }
}

/// Starters, solutions, alternatives and wrong cases of all exercises, by the author's own command.
#[test]
fn every_submission_ends_as_its_author_says() {
    let _turn = TURN.blocking_lock();
    let home = Home::new();
    let output = home.run(&["course", "check", "--format", "json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let proof: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: exit {:?}\n{said}", output.status.code()));
    let cases = proof["cases"].as_array().expect("a list");
    let wanted: usize = course().exercises().iter().map(cases_of).sum();
    assert_eq!(cases.len(), wanted, "{said}");
    let wrong = |case: &&Value| case["proved"] != true;
    assert_eq!(cases.iter().filter(wrong).count(), 0, "{said}");
    assert_eq!(proof["problems"], serde_json::json!([]));
}

fn cases_of(exercise: &CourseExercise) -> usize {
    proof::cases(exercise).len()
}

#[test]
fn every_id_is_taught_and_practised() {
    let gaps: Vec<String> = course().gaps().iter().map(ToString::to_string).collect();
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
}

/// One exercise of each kind through the server, as the page has it.
#[tokio::test]
async fn a_kind_of_exercise_is_checked_in_the_page_as_in_the_proof() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut submitter = Submitter::new(&server).await;
    let course = course();
    let mut wrong = Vec::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for exercise in course.exercises() {
        if kinds.contains(&exercise.spec.kind) {
            continue;
        }
        kinds.push(exercise.spec.kind);
        let mut first = Vec::new();
        for case in proof::cases(exercise) {
            let kind = std::mem::discriminant(&case.folder);
            if first.contains(&kind) {
                continue;
            }
            first.push(kind);
            let report = submitter.check(exercise, case.files).await;
            let differences = case.differences(&report);
            if !differences.is_empty() {
                wrong.push(format!("{}: {}", case.path(), differences.join("\n  ")));
            }
        }
    }
    assert!(kinds.len() > 2 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a learner must never read after pressing a run button.
const BROKEN: [&str; 8] = [
    "command not found",
    "unknown flag",
    "unknown shorthand",
    "unknown command",
    "is not a docker command",
    "not allowed in this sandbox",
    "syntax error",
    "Usage:",
];

/// How many lessons are read at once.
const READERS: usize = 3;

#[tokio::test]
async fn every_snippet_of_every_lesson_runs_and_prints_what_the_lesson_says() {
    let _turn = TURN.lock().await;
    let home = Home::new();
    let server = Server::start(&home);
    let course = course();
    let lessons = course.lessons().iter();
    let pages = lessons.flat_map(|lesson| [(lesson, Lang::En), (lesson, Lang::Ko)]);
    let read: Vec<(usize, Vec<String>)> = futures_util::stream::iter(pages)
        .map(|(lesson, lang)| run_snippets(&home, &server, &course, lesson, lang))
        .buffer_unordered(READERS)
        .collect()
        .await;
    let seen: usize = read.iter().map(|(seen, _)| seen).sum();
    let wrong: Vec<String> = read.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(seen > 0, "no lesson has a snippet");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// One page's snippets in their order; how many there are, and what is wrong.
async fn run_snippets(
    home: &Home,
    server: &Server,
    course: &Course,
    lesson: &Lesson,
    lang: Lang,
) -> (usize, Vec<String>) {
    // A learner of their own, and the exercises solved, as the text expects at its end.
    let name = format!("{}-{lang:?}", lesson.id);
    let learner = server.add_learner(home, &name).await;
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
    let all = snippets(&lesson.id, lang);
    let mut wrong = Vec::new();
    for snippet in &all {
        let before = terminal.seen_bytes().len();
        terminal.run("true").await;
        terminal.wait_for_prompt(before).await;
        let from = terminal.seen_bytes().len();
        let typed = snippet.text.trim_end();
        if snippet.output.is_some() {
            // Line by line, so that what is typed ahead is not shown among what is printed.
            for line in typed.lines() {
                let sent = terminal.seen_bytes().len();
                terminal.send(format!("{line}\r").as_bytes()).await;
                terminal.wait_for_prompt(sent).await;
            }
        } else {
            // As the run button types it.
            let keys = format!("{}\r", typed.replace('\n', "\r"));
            terminal.send(keys.as_bytes()).await;
            terminal.run("true").await;
        }
        let shown = String::from_utf8_lossy(&terminal.seen_bytes()[from..]).into_owned();
        let place = format!("{name}, line {}: {typed}", snippet.line);
        let printed = transcript::printed(&shown);
        for words in BROKEN.iter().filter(|words| printed.contains(**words)) {
            // A lesson may ask for help, or show an error on purpose; then it says so.
            let asked = *words == "Usage:" && typed.contains("--help");
            let output = snippet.output.as_deref();
            if !asked && !output.is_some_and(|output| output.contains(words)) {
                wrong.push(format!("{place}\nshows {words:?}:\n{printed}"));
            }
        }
        if let Some(output) = &snippet.output
            && let Some(difference) = transcript::difference(output, &printed)
        {
            wrong.push(format!("{place}\n{difference}\nwhat came:\n{printed}"));
        }
    }
    (all.len(), wrong)
}

/// The snippets with a run button, in reading order.
fn snippets(lesson: &str, lang: Lang) -> Vec<Snippet> {
    let file = if lang == Lang::Ko { "ko.md" } else { "en.md" };
    let path = format!("{}/lessons/{lesson}/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let options = markdown::Options {
        lang,
        ..markdown::Options::default()
    };
    transcript::snippets(&markdown::render_page(&text, &options).fences)
}
