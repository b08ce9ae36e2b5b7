//! A learner's way through the whole course with its solutions: every exercise passed in the page, and the map says so.
//! It takes minutes, and each exercise is proved without a browser, so it runs only when it is asked for: `make test PARTS=walk`.

use checker::spec::Kind;
use docktutor::course::{Course, CourseExercise};
use docktutor::sandbox::script;
use serde_json::json;

use crate::common::home::Home;
use crate::common::learner::Learner;
use crate::common::server::Server;
use crate::common::terminal::Terminal;
use crate::driver::Browser;

/// What an earlier exercise has left.
const CLEAR: &str =
    "docker ps -aq | xargs -r docker rm -f -v; docker volume prune -af; docker network prune -f";

#[tokio::test]
#[ignore = "minutes; `make test PARTS=walk` runs it"]
async fn the_whole_course_is_passed_with_its_solutions() {
    let course = Course::embedded().expect("the course");
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    browser.open(&server.url()).await;
    browser.wait_for_text("h1", "Docker").await;
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    let mut done = 0;
    for (index, lesson) in course.lessons().iter().enumerate() {
        // Every other lesson in the other language, as one who changes it.
        let lang = if index % 2 == 0 { "ko" } else { "en" };
        browser
            .open(&format!("{origin}/{lang}/lessons/{}", lesson.id))
            .await;
        for id in &lesson.exercises {
            let exercise = course.exercise(id).expect("the lesson's exercise");
            let section = format!("[data-exercise=\"{id}\"]");
            hand_in(&browser, &section, &learner, &mut terminal, exercise).await;
            browser.click(&format!("{section} [data-name=check]")).await;
            browser
                .find(&format!("{section} .exercise-badge:not([hidden])"))
                .await;
            done += 1;
            eprintln!("{done} {id}");
        }
    }
    browser.open(&format!("{origin}/?lang=en")).await;
    let all = course.exercises().len();
    browser
        .find(&format!(
            "[data-progress][data-done=\"{all}\"][data-total=\"{all}\"]"
        ))
        .await;
    let passed = browser.count(".map-lesson.map-passed").await;
    assert_eq!(passed, course.lessons().len() as u64);
}

/// Answers in the page where it has a place for it; else the solution's files, and in a sandbox its commands.
async fn hand_in(
    browser: &Browser,
    section: &str,
    learner: &Learner,
    terminal: &mut Terminal,
    exercise: &CourseExercise,
) {
    let id = &exercise.spec.id;
    let file = |name: &str| {
        let found = exercise.solution.iter().find(|(path, _)| path == name);
        found.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
    };
    if matches!(exercise.spec.kind, Kind::Quiz | Kind::Predict) {
        browser.find(&format!("{section} [data-name=check]")).await;
        let answers = file("answers.yaml").expect("answers");
        return answer(browser, section, &answers).await;
    }
    let folder = learner.start_exercise(id).await.folder;
    if exercise.spec.kind == Kind::Files {
        browser.click(&format!("{section} [data-name=start]")).await;
        browser.find(&format!("{section} [data-name=open]")).await;
    } else if exercise.spec.kind == Kind::Sandbox && !exercise.starter.is_empty() {
        browser.click(&format!("{section} [data-name=start]")).await;
    }
    browser.find(&format!("{section} [data-name=check]")).await;
    for (path, bytes) in &exercise.solution {
        learner
            .save_file(&format!("{folder}/{path}"), &String::from_utf8_lossy(bytes))
            .await;
    }
    if exercise.spec.kind == Kind::Sandbox {
        terminal.run(CLEAR).await;
        if file(script::FILE).is_some() {
            let run = format!("cd /work/{folder}; bash {}; cd /work", script::FILE);
            terminal.run(&run).await;
        }
    }
    if exercise.spec.kind == Kind::Command {
        // The line fills itself with what the file has, or says that the editor is the place for several lines.
        browser.reload().await;
        browser.find(&format!("{section} [data-name=check]")).await;
    }
}

/// Chooses and writes what stands in `answers.yaml`.
async fn answer(browser: &Browser, section: &str, yaml: &str) {
    let answers: serde_json::Value = serde_yaml::from_str(yaml).expect("answers");
    browser
        .script(
            "const section = document.querySelector(arguments[0]);
             for (const [id, given] of Object.entries(arguments[1])) {
               const wanted = [given].flat().map(String);
               for (const input of section.querySelectorAll(`[data-question=\"${id}\"] input`)) {
                 if (input.type === 'text') { input.value = wanted[0]; input.dispatchEvent(new Event('input', { bubbles: true })); }
                 else if (wanted.includes(input.value) !== input.checked) input.click();
               }
             }",
            json!([section, answers]),
        )
        .await;
}
