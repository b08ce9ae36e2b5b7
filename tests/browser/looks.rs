//! How it looks: pictures for people, and what can be measured about them.

use std::path::PathBuf;

use serde_json::json;

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{EXERCISE, LESSON, until};
use crate::driver::Browser;
use crate::page::{self, EDITOR, TERMINAL};

const WIDTHS: [(&str, u32, u32); 2] = [("1440", 1440, 900), ("390", 390, 844)];
const THEMES: [&str; 2] = ["light", "dark"];

fn save(name: &str, picture: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("target")
        .join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder");
    assert!(picture.starts_with(b"\x89PNG"));
    std::fs::write(folder.join(format!("{name}.png")), picture).expect("a picture");
}

async fn set_window(browser: &Browser, width: u32, height: u32, theme: &str) {
    let mobile = width < 600;
    browser
        .devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile }),
        )
        .await;
    let features = json!([{ "name": "prefers-color-scheme", "value": theme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
    browser
        .devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
}

/// Nothing may be wider than the window: a page that scrolls sideways cannot be read on a phone.
async fn assert_fits(browser: &Browser, what: &str) {
    let script = "
        const root = document.documentElement;
        const wide = [...document.querySelectorAll('main *')]
            .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
            .filter((one) => {
                for (let up = one.parentElement; up !== null; up = up.parentElement)
                    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(up).overflowX) && up.tagName !== 'MAIN'
                        && up !== document.body && up !== root) return false;
                return true;
            });
        return [root.scrollWidth, root.clientWidth, wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];";
    let measured = browser.script(script, json!([])).await;
    let (inner, outer) = (measured[0].as_u64(), measured[1].as_u64());
    assert!(
        inner <= outer && measured[2] == json!([]),
        "{what} scrolls sideways: {measured:#}"
    );
}

/// Waits until the page has stopped changing: diagrams drawn, fonts there.
async fn settle(browser: &Browser) {
    until("the diagrams", || async {
        let waiting = "return document.querySelectorAll('figure.diagram').length
            - document.querySelectorAll('figure.diagram svg').length + (document.fonts.status === 'loaded' ? 0 : 1)";
        (browser.script(waiting, json!([])).await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn pictures_of_the_page_in_both_languages_themes_and_widths() {
    let home = Home::new();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    let section = format!("[data-exercise=\"{EXERCISE}\"]");
    // Something to look at: a few containers, a checked exercise.
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .run("clear; docker run -d --name monday python:3.11-slim sleep 1000; docker ps")
        .await;
    learner.start_exercise(EXERCISE).await;
    learner.check(EXERCISE).await;
    page::enter_lesson(&browser, &server.url(), &origin, "en").await;

    for lang in ["en", "ko"] {
        for theme in THEMES {
            for (name, width, height) in WIDTHS {
                set_window(&browser, width, height, theme).await;
                let picture = async |what: &str| {
                    save(
                        &format!("{what}-{lang}-{theme}-{name}"),
                        &browser.screenshot().await,
                    );
                };
                browser.open(&format!("{origin}/?lang={lang}")).await;
                browser.find(".map-list").await;
                assert_fits(&browser, &format!("map {lang} {name}")).await;
                picture("map").await;

                browser
                    .script(
                        "localStorage.setItem('docktutor.tab', 'terminal'); sessionStorage.clear()",
                        json!([]),
                    )
                    .await;
                browser
                    .open(&format!("{origin}/{lang}/lessons/{LESSON}"))
                    .await;
                settle(&browser).await;
                assert_fits(&browser, &format!("lesson {lang} {name}")).await;
                if width > 600 {
                    browser.wait_for_text(TERMINAL, "monday").await;
                }
                picture("lesson").await;

                browser.find(&format!("{section} .stage")).await;
                browser
                    .script(
                        "document.querySelector(arguments[0]).scrollIntoView({ block: 'start' })",
                        json!([section]),
                    )
                    .await;
                if width > 600 {
                    browser.click(&format!("{section} [data-name=open]")).await;
                    browser.wait_for_text(EDITOR, "FROM python").await;
                    browser.find(".cm-content .finding-below").await;
                }
                picture("exercise").await;

                if width < 600 {
                    browser.click(".bottom-bar button:nth-child(2)").await;
                    browser.wait_for_text(TERMINAL, "monday").await;
                    picture("terminal").await;
                    browser.click(".bottom-bar button:nth-child(3)").await;
                    browser.find(".cm-content .finding-below").await;
                    picture("files").await;
                }
            }
        }
    }
    page::assert_clean(&browser, &origin).await;
}

#[tokio::test]
async fn everything_can_be_reached_and_has_a_name() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let origin = server.origin();
    let browser = Browser::start().await;
    for lang in ["en", "ko"] {
        page::enter_lesson(&browser, &server.url(), &origin, lang).await;
        settle(&browser).await;
        let nameless = browser
            .script(
                "return [...document.querySelectorAll('button, a[href], input, select, textarea, [role=tab], [tabindex=\"0\"]')]
                   .filter((one) => one.offsetParent !== null)
                   .filter((one) => !(one.innerText.trim() || one.getAttribute('aria-label') || one.title
                     || one.labels?.[0]?.innerText.trim() || one.getAttribute('aria-labelledby')
                     || one.tagName === 'PRE' || one.querySelector('code')))
                   .map((one) => one.outerHTML.slice(0, 150))",
                json!([]),
            )
            .await;
        assert_eq!(nameless, json!([]), "{lang}");
        let doubled = browser
            .script(
                "const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
                 return ids.filter((id, index) => ids.indexOf(id) !== index)",
                json!([]),
            )
            .await;
        assert_eq!(doubled, json!([]), "{lang}: ids that stand twice");
        assert_eq!(browser.count("h1").await, 1, "{lang}");
        let declared = browser
            .script("return document.documentElement.lang", json!([]))
            .await;
        assert_eq!(declared, lang);
    }
}
