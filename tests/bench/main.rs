//! Measures Docktutor beside what it is built on, in one run on one machine, and prints ratios. Nothing is asserted:
//! numbers belong to the machine that they were taken on. `make bench` runs it with an engine of its own.

#[path = "../common/mod.rs"]
mod common;

mod book;
mod compose;
mod echo;
mod haproxy;
mod lint;
mod memory;
mod pages;
mod project;
mod pty;
mod scope;
mod scopes;
mod start;
mod streams;
mod structure;

use std::time::Duration;

use common::engine;

fn main() {
    // `cargo test --benches` and the like only want to know that it can be run.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if scopes::is_holder() {
        return scopes::hold();
    }
    let only: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        row("what", "ours", "theirs", "ours / theirs", "aim");
        if wanted("start") {
            start::measure().await;
        }
        if wanted("book") {
            book::measure();
        }
        if wanted("compose") {
            compose::measure();
        }
        if wanted("lint") {
            lint::measure();
        }
        if wanted("echo") {
            echo::measure().await;
        }
        if wanted("memory") {
            memory::measure().await;
        }
        if wanted("pages") {
            pages::measure().await;
        }
        if wanted("scope") {
            scope::measure();
        }
        if wanted("streams") {
            streams::measure();
        }
        if wanted("scopes") {
            scopes::measure();
        }
        if wanted("project") {
            project::measure();
        }
        if wanted("structure") {
            structure::measure().await;
        }
    });
}

/// One line of the table.
#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn row(what: &str, ours: &str, theirs: &str, ratio: &str, aim: &str) {
    println!("{what:<52} {ours:>12} {theirs:>12} {ratio:>14}   {aim}");
}

/// Two medians and their ratio.
fn compare(what: &str, ours: &mut [Duration], theirs: &mut [Duration], aim: &str) {
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = format!("{:.4}", ours.as_secs_f64() / theirs.as_secs_f64());
    row(
        what,
        &milliseconds(ours),
        &milliseconds(theirs),
        &ratio,
        aim,
    );
}

/// What the first median is above the second one.
fn more(what: &str, ours: &mut [Duration], theirs: &mut [Duration], aim: &str) {
    let more = median(ours).as_secs_f64() - median(theirs).as_secs_f64();
    row(what, &format!("{:.2} ms", more * 1000.0), "", "", aim);
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The reference on the engine of one of the course's images.
fn course_image(name: &str) -> String {
    let images = engine::get("/images/json");
    let tags = images
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|image| image["RepoTags"].as_array());
    let prefix = format!("docktutor/{name}:");
    tags.flatten()
        .filter_map(|tag| tag.as_str())
        .find(|tag| tag.starts_with(&prefix))
        .expect("the course's images")
        .to_owned()
}
