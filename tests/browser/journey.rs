//! The whole way, as a learner goes it.

use serde_json::json;

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{EXERCISE, LESSON, until};
use crate::driver::Browser;
use crate::page::{self, EDITOR, TERMINAL};

#[tokio::test]
async fn a_learner_reads_runs_mends_checks_passes_and_finds_progress() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;

    // The printed address leads to the map, the map to the lesson.
    browser.open(&server.url()).await;
    browser.wait_for_text("h1", "Docker").await;
    let address = browser
        .script("return window.location.href", json!([]))
        .await;
    assert!(
        !address.as_str().is_some_and(|url| url.contains("token")),
        "the token is gone from the address: {address}"
    );
    browser.open(&format!("{origin}/?lang=en")).await;
    browser.click(".map-link").await;
    browser
        .find(&format!("body[data-page=lesson][data-lesson=\"{LESSON}\"]"))
        .await;
    let article = browser.text("[data-article]").await.expect("the lesson");
    assert!(
        article.contains("image") && article.contains("container"),
        "{article}"
    );
    browser.find("figure.diagram svg").await;

    // A snippet runs in the terminal by its button.
    page::wait_for_prompt(&browser).await;
    page::run_snippet(&browser, "docker run --rm python:3.11-slim").await;
    browser.wait_for_text(TERMINAL, "Python 3.11").await;
    page::run_snippet(&browser, "docker ps -a").await;
    browser.wait_for_text(TERMINAL, "CONTAINER ID").await;

    // The exercise: the starter's mistake is named under its line.
    let section = format!("[data-exercise=\"{EXERCISE}\"]");
    browser.click(&format!("{section} [data-name=start]")).await;
    browser
        .wait_for_text(EDITOR, "FROM python:3.11 -slim")
        .await;
    browser
        .wait_for_text(".cm-content .finding-below", "3.11")
        .await;
    browser.click(&format!("{section} [data-name=check]")).await;
    browser.find(&format!("{section} .stage-fail")).await;
    browser
        .wait_for_text(&format!("{section} .summary"), "Not yet")
        .await;
    assert_eq!(browser.count(&format!("{section} .stage")).await, 3);
    browser.click(&format!("{section} [data-name=hint]")).await;
    browser.find(&format!("{section} .hint")).await;

    // Mended in the editor, saved by itself, seen by the terminal.
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/exercises/images-and-containers/first-dockerfile/solution/Dockerfile"
    ))
    .expect("the solution");
    page::retype(&browser, &text).await;
    let learner = server.learner().await;
    until("the editor's text on the disk", || async {
        let saved = learner.read_file("first-dockerfile/Dockerfile").await;
        (saved.text.as_deref() == Some(text.as_str())).then_some(())
    })
    .await;
    assert_eq!(browser.count(".cm-content .finding-below").await, 0);

    // The check, watched: three steps, one after the other, then the points.
    browser
        .script(
            "window.seenStages = [];
             const section = document.querySelector(arguments[0]);
             new MutationObserver(() => {
               for (const one of section.querySelectorAll('.stage-running .stage-name'))
                 if (!window.seenStages.includes(one.textContent)) window.seenStages.push(one.textContent);
             }).observe(section, { subtree: true, childList: true, attributes: true });",
            json!([section]),
        )
        .await;
    browser.click(&format!("{section} [data-name=check]")).await;
    browser.find(&format!("{section} .exercise-badge")).await;
    browser
        .wait_for_text(&format!("{section} .summary"), "Passed")
        .await;
    assert_eq!(browser.count(&format!("{section} .stage-pass")).await, 3);
    let seen = browser.script("return window.seenStages", json!([])).await;
    assert_eq!(
        seen,
        json!(["Read the file", "Build the image", "Run the container"])
    );
    assert!(
        browser.count(&format!("{section} .build-step")).await > 3,
        "the build's steps are listed"
    );
    browser
        .click(&format!("{section} [data-name=solution]"))
        .await;
    browser
        .wait_for_text(&format!("{section} .solution"), "FROM python:3.11-slim")
        .await;

    // Everything is there again after a reload, and on the map.
    browser.reload().await;
    browser.find(&format!("{section} .exercise-badge")).await;
    browser
        .wait_for_text(&format!("{section} .summary"), "Passed")
        .await;
    browser.open(&format!("{origin}/?lang=en")).await;
    browser.find(".map-exercises .map-passed").await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn a_reload_keeps_the_shell_and_its_scrollback() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    page::wait_for_prompt(&browser).await;
    page::type_line(&browser, "kept=here-$((1+1)); echo fi''rst").await;
    browser.wait_for_text(TERMINAL, "first").await;
    browser.reload().await;
    browser.wait_for_text(TERMINAL, "first").await;
    page::type_line(&browser, "echo $kept").await;
    browser.wait_for_text(TERMINAL, "here-2").await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn a_change_made_in_the_terminal_shows_in_the_editor() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    page::wait_for_prompt(&browser).await;
    browser
        .click(&format!("[data-exercise=\"{EXERCISE}\"] [data-name=start]"))
        .await;
    browser.wait_for_text(EDITOR, "FROM python").await;
    let learner = server.learner().await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .run("echo '# from the terminal' >> /work/first-dockerfile/Dockerfile")
        .await;
    browser.wait_for_text(EDITOR, "# from the terminal").await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn the_page_outlives_a_restart_of_the_server() {
    let home = Home::new();
    let server = Server::start(&home);
    let address = server.address();
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    page::wait_for_prompt(&browser).await;
    page::type_line(&browser, "kept=here-$((1+1)); echo fi''rst").await;
    browser.wait_for_text(TERMINAL, "first").await;
    server.kill();
    browser.find(".offline").await;
    // The same port again, so that the page finds its server.
    let _server = Server::start_at(&home, address);
    until("the page to be online", || async {
        (browser.count(".offline:not([hidden])").await == 0).then_some(())
    })
    .await;
    page::type_line(&browser, "echo $kept").await;
    browser.wait_for_text(TERMINAL, "here-2").await;
}

#[tokio::test]
async fn without_an_engine_the_page_says_so_and_still_checks_the_text() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    browser.wait_for_text(".notice-card", "DOCKER_HOST").await;
    let section = format!("[data-exercise=\"{EXERCISE}\"]");
    browser.click(&format!("{section} [data-name=start]")).await;
    browser
        .wait_for_text(".cm-content .finding-below", "3.11")
        .await;
    browser.click(&format!("{section} [data-name=check]")).await;
    browser.find(&format!("{section} .stage-fail")).await;
    browser.find(&format!("{section} .summary")).await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn without_a_token_the_page_says_how_to_come_in() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let browser = Browser::start().await;
    browser.open(&format!("{}/", server.origin())).await;
    browser.find("body[data-page=error]").await;
    assert_eq!(browser.count(".pane").await, 0);
}
