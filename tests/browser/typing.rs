//! Korean: composed by an input method in the editor and in the terminal, each syllable exactly once.

use serde_json::json;

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{EXERCISE, until};
use crate::driver::Browser;
use crate::page::{self, EDITOR, TERMINAL};

/// Composes one syllable as an input method does: its parts one after the other, then the whole.
async fn compose(browser: &Browser, parts: &[&str], whole: &str) {
    for part in parts {
        let end = part.encode_utf16().count();
        browser
            .devtools(
                "Input.imeSetComposition",
                json!({ "text": part, "selectionStart": end, "selectionEnd": end }),
            )
            .await;
    }
    browser
        .devtools("Input.insertText", json!({ "text": whole }))
        .await;
}

async fn compose_annyeong(browser: &Browser) {
    compose(browser, &["ㅇ", "아", "안"], "안").await;
    compose(browser, &["ㄴ", "녀", "녕"], "녕").await;
}

#[tokio::test]
async fn korean_is_composed_in_the_terminal() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "ko").await;
    page::wait_for_prompt(&browser).await;
    browser.click(page::SCREEN).await;
    browser.type_keys("echo '").await;
    compose_annyeong(&browser).await;
    browser
        .type_keys("' > greeting; cat greeting; echo wri''tten")
        .await;
    browser.type_keys(&page::ENTER.to_string()).await;
    browser.wait_for_text(TERMINAL, "written").await;
    let saved = server.learner().await.read_file("greeting").await;
    assert_eq!(saved.text.as_deref(), Some("안녕\n"));
    browser.wait_for_text(TERMINAL, "안녕").await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn korean_is_composed_in_the_editor() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "ko").await;
    browser
        .click(&format!("[data-exercise=\"{EXERCISE}\"] [data-name=start]"))
        .await;
    browser.wait_for_text(EDITOR, "FROM python").await;
    page::retype(&browser, "# ").await;
    compose_annyeong(&browser).await;
    browser.wait_for_text(EDITOR, "# 안녕").await;
    let learner = server.learner().await;
    until("the Korean text on the disk", || async {
        let saved = learner.read_file("first-dockerfile/Dockerfile").await;
        (saved.text.as_deref() == Some("# 안녕")).then_some(())
    })
    .await;
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn a_click_in_the_terminal_pastes_nothing_and_control_keys_reach_the_shell() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;
    page::wait_for_prompt(&browser).await;
    browser.click(page::SCREEN).await;
    browser.type_keys("sleep 1000").await;
    browser.type_keys(&page::ENTER.to_string()).await;
    browser.wait_for_text(TERMINAL, "sleep 1000").await;
    browser.chord(page::CONTROL, 'c').await;
    browser.wait_for_text(TERMINAL, "^C").await;
    browser.type_keys("echo ba''ck").await;
    browser.type_keys(&page::ENTER.to_string()).await;
    browser.wait_for_text(TERMINAL, "back").await;
    // Escape twice leaves the terminal, so that the page can be walked by keyboard.
    browser
        .type_keys(&format!("{}{}", page::ESCAPE, page::ESCAPE))
        .await;
    until("the focus to leave the terminal", || async {
        let inside = browser
            .script(
                "return document.activeElement.closest('.terminal-box') !== null",
                json!([]),
            )
            .await;
        (inside == false).then_some(())
    })
    .await;
}
