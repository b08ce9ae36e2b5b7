//! The tutor's page, in the words of these tests.

use serde_json::json;

use super::driver::Browser;
use crate::common::{LESSON, until};

/// Enter, as WebDriver writes it.
pub(crate) const ENTER: char = '\u{e007}';
/// Control.
pub(crate) const CONTROL: char = '\u{e009}';
/// Escape.
pub(crate) const ESCAPE: char = '\u{e00c}';

/// What stands on the terminal's screen.
pub(crate) const TERMINAL: &str = ".panels > [role=tabpanel]:not([hidden]) .xterm-rows";
/// Where a click gives the terminal the focus.
pub(crate) const SCREEN: &str = ".panels > [role=tabpanel]:not([hidden]) .xterm-screen";
/// The editor's text.
pub(crate) const EDITOR: &str = ".cm-content";

/// Waits until the sandbox is ready and the shell's prompt is on the screen.
pub(crate) async fn wait_for_prompt(browser: &Browser) {
    browser.find(".status-engine.status-ready").await;
    until("a prompt in the terminal", || async {
        browser
            .text(TERMINAL)
            .await
            .filter(|text| text.trim_end().ends_with('$'))
    })
    .await;
}

/// Types a line into the terminal, and Enter.
pub(crate) async fn type_line(browser: &Browser, line: &str) {
    browser.click(SCREEN).await;
    browser.type_keys(&format!("{line}{ENTER}")).await;
}

/// Runs the lesson's snippet that holds `words`, by its run button.
pub(crate) async fn run_snippet(browser: &Browser, words: &str) {
    let marked = browser
        .script(
            "for (const one of document.querySelectorAll('figure.code[data-run]'))
               if (one.querySelector('code').textContent.includes(arguments[0])) {
                 document.querySelectorAll('[data-test-snippet]').forEach((old) => old.removeAttribute('data-test-snippet'));
                 one.setAttribute('data-test-snippet', '');
                 return true;
               }
             return false;",
            json!([words]),
        )
        .await;
    assert_eq!(marked, true, "the lesson has no snippet with {words:?}");
    browser.click("[data-test-snippet] .code-run").await;
}

/// Replaces the editor's whole text by typing.
pub(crate) async fn retype(browser: &Browser, text: &str) {
    browser.click(EDITOR).await;
    browser.chord(CONTROL, 'a').await;
    // The editor helps with indentation and brackets; text that comes in one piece stays as it is.
    browser
        .devtools("Input.insertText", json!({ "text": text }))
        .await;
}

/// The lesson in one language, by the address that the server has printed.
pub(crate) async fn enter_lesson(browser: &Browser, url: &str, origin: &str, lang: &str) {
    browser.open(url).await;
    browser.find("body[data-page=map]").await;
    browser
        .open(&format!("{origin}/{lang}/lessons/{LESSON}"))
        .await;
    browser.find("body[data-page=lesson]").await;
}

/// Nothing in the console but what is harmless, and no request to anywhere else.
pub(crate) async fn assert_clean(browser: &Browser, origin: &str) {
    let bad: Vec<_> = browser
        .console()
        .await
        .into_iter()
        .filter(|(level, text)| {
            level == "SEVERE" || level == "WARNING" || text.contains("Content Security Policy")
        })
        // Each container brings and takes an interface of this machine; the browser breaks off what it loads then, and
        // the page loads it again.
        .filter(|(_, text)| !text.contains("net::ERR_NETWORK_CHANGED"))
        .collect();
    assert!(bad.is_empty(), "the console says: {bad:#?}");
    let host = origin.trim_start_matches("http://");
    let own = [
        format!("http://{host}/"),
        format!("ws://{host}/"),
        "data:".to_owned(),
        "blob:".to_owned(),
    ];
    let requests = browser.requests().await;
    assert!(
        !requests.is_empty(),
        "the performance log is empty; nothing was watched"
    );
    let foreign: Vec<_> = requests
        .iter()
        .filter(|url| !own.iter().any(|start| url.starts_with(start)))
        .collect();
    assert!(foreign.is_empty(), "the page asked for {foreign:?}");
}
