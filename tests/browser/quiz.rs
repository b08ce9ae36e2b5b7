//! A quiz in the page: answered wrong, explained, answered right, and still there after a reload.

use serde_json::json;

use crate::common::home::Home;
use crate::common::server::Server;
use crate::driver::Browser;
use crate::page;

const QUIZ: &str = "[data-exercise=\"images-and-containers/image-or-container-quiz\"]";

/// What explains a wrong option of the first question.
const EXPLANATION: &str = "A running container writes nothing into its image";

#[tokio::test]
async fn a_quiz_is_answered_wrong_then_right_and_keeps_its_answers() {
    // No engine is needed to judge answers.
    let home = Home::without_engine();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    let check = format!("{QUIZ} [data-name=check]");
    browser.wait_for_text(&check, "4 questions left").await;
    let source = browser
        .script("return document.documentElement.outerHTML", json!([]))
        .await;
    assert!(!source.as_str().expect("the page").contains(EXPLANATION));

    // Without answers nothing is checked, and the page says what is missing.
    browser.click(&check).await;
    browser
        .wait_for_text(
            &format!("{QUIZ} .exercise-trouble"),
            "Questions 1, 2, 3 and 4",
        )
        .await;
    for option in ["image-later", "not-running", "run-pip", "copy-code"] {
        choose(&browser, option).await;
    }
    browser.wait_for_text(&check, "1 question left").await;
    // What is not checked yet outlives a reload.
    browser.reload().await;
    browser.wait_for_text(&check, "1 question left").await;
    choose(&browser, "main-process").await;

    browser.click(&check).await;
    let first = format!("{QUIZ} [data-question=lost-file] .question-result");
    browser.wait_for_text(&first, EXPLANATION).await;
    browser.wait_for_text(&first, "not yet").await;
    browser
        .wait_for_text(&format!("{QUIZ} .summary"), "Not yet")
        .await;
    assert_eq!(passed(&browser).await, 3);

    // Another answer takes the old one's result away.
    choose(&browser, "own-layer").await;
    assert_eq!(browser.count(&format!("{first}:not([hidden])")).await, 0);
    browser.click(&check).await;
    browser
        .find(&format!("{QUIZ} .exercise-badge:not([hidden])"))
        .await;
    browser
        .wait_for_text(&format!("{QUIZ} .summary"), "Passed")
        .await;
    assert_eq!(passed(&browser).await, 4);
    let learner = server.learner().await;
    let file = learner
        .read_file("image-or-container-quiz/answers.yaml")
        .await;
    let text = file.text.expect("answers");
    assert!(text.contains("\nlost-file: own-layer\n"), "{text}");
    assert!(
        text.contains("\nbuild-time: [run-pip, copy-code]\n"),
        "{text}"
    );
    assert!(text.starts_with("# "), "the starter's remarks stay: {text}");

    browser.reload().await;
    browser
        .find(&format!("{QUIZ} .exercise-badge:not([hidden])"))
        .await;
    browser
        .find(&format!("{QUIZ} [data-question=ends-at-once] .result-pass"))
        .await;
    assert_eq!(passed(&browser).await, 4);
    let chosen = browser
        .script(
            "return [...document.querySelectorAll(arguments[0] + ' input:checked')].map((one) => one.value)",
            json!([QUIZ]),
        )
        .await;
    assert_eq!(
        chosen,
        json!([
            "own-layer",
            "not-running",
            "run-pip",
            "copy-code",
            "main-process"
        ])
    );
    page::assert_clean(&browser, &origin).await;
}

async fn choose(browser: &Browser, option: &str) {
    browser
        .click(&format!("{QUIZ} input[value={option}]"))
        .await;
}

async fn passed(browser: &Browser) -> u64 {
    browser
        .count(&format!("{QUIZ} .question-result.result-pass"))
        .await
}
