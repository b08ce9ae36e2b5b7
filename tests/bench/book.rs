//! The book of the course, and what mdBook with its own settings makes of the same lessons: both languages, both in this
//! process, from nothing to the last page. Ours also renders exercises, checks links and writes a search index.

use std::path::Path;
use std::time::{Duration, Instant};

use docktutor::book;
use docktutor::course::Course;
use mdbook_driver::MDBook;

use crate::compare;

const ROUNDS: usize = 5;

pub(crate) fn measure() {
    let course = Course::embedded().expect("the course");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|folder| {
            book::build(&course, &folder.join("book"), false).expect("a book");
        }));
        theirs.push(time(|folder| {
            for lang in ["ko", "en"] {
                plain(&course, &folder.join(lang), lang);
            }
        }));
    }
    compare(
        "docktutor book build : mdBook, same Markdown",
        &mut ours,
        &mut theirs,
        "at most 1.5",
    );
}

fn time(work: impl FnOnce(&Path)) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    work(folder.path());
    began.elapsed()
}

fn plain(course: &Course, folder: &Path, lang: &str) {
    let source = folder.join("src");
    std::fs::create_dir_all(&source).expect("a folder");
    let mut summary = "# Summary\n\n".to_owned();
    for lesson in course.lessons() {
        let id = &lesson.id;
        let text = format!("{}/lessons/{id}/{lang}.md", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(text, source.join(format!("{id}.md"))).expect("a lesson");
        summary.push_str(&format!("- [{id}]({id}.md)\n"));
    }
    std::fs::write(source.join("SUMMARY.md"), summary).expect("a summary");
    std::fs::write(folder.join("book.toml"), "[book]\ntitle = \"Lessons\"\n").expect("settings");
    let book = MDBook::load(folder).expect("a book");
    book.build().expect("built");
}
