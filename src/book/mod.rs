//! The book: the same lessons as a static site, in Korean and English, to read without a server and to print.
//!
//! Lessons are rendered as the pages render them; mdBook adds the table of contents, the themes, the navigation and the
//! print page. Nothing in the book is loaded from elsewhere.

mod assets;
mod chapters;
mod exercises;
mod links;
mod page;
mod search;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use checker::Lang;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

use crate::course::Course;
use chapters::Chapter;

/// What a build has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Chapters in each language.
    pub chapters: usize,
    /// Links that were followed, in both languages.
    pub links: usize,
}

/// Writes the book of a course into `out`: `out/ko`, `out/en` and an `index.html` that leads to one of them.
///
/// The book is made aside and takes the folder's place when all of it is there; a folder that holds something else than
/// a book is left alone. `reload` adds the script that asks a local server for changes.
pub fn build(course: &Course, out: &Path, reload: bool) -> anyhow::Result<Built> {
    refuse_foreign(out)?;
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)
        .with_context(|| format!("the folder {} cannot be made", parent.display()))?;
    let aside = tempfile::Builder::new()
        .prefix(".book-")
        .tempdir_in(parent)
        .with_context(|| format!("nothing can be written to {}", parent.display()))?;
    let site = aside.path().join("site");
    let mut chapters = 0;
    for lang in [Lang::Ko, Lang::En] {
        chapters = build_one(course, lang, aside.path(), &site, reload)?;
    }
    fs::write(site.join("index.html"), assets::INDEX)?;
    fs::write(site.join(MARK), "")?;
    let links = links::check(&site)?;
    replace(&site, out)?;
    Ok(Built { chapters, links })
}

/// A file that says that a folder is a book of ours.
const MARK: &str = ".docktutor-book";

fn refuse_foreign(out: &Path) -> anyhow::Result<()> {
    let Ok(mut entries) = fs::read_dir(out) else {
        anyhow::ensure!(
            !out.exists(),
            "{} is there and is no folder; choose another place for the book",
            out.display()
        );
        return Ok(());
    };
    anyhow::ensure!(
        out.join(MARK).exists() || entries.next().is_none(),
        "{} holds something else than a book; choose an empty folder, or one that does not exist",
        out.display()
    );
    Ok(())
}

/// Puts the new book in the place of the old one.
fn replace(site: &Path, out: &Path) -> anyhow::Result<()> {
    let context = || format!("the book cannot be written to {}", out.display());
    if out.exists() {
        let old = site.with_file_name("old");
        fs::rename(out, &old).with_context(context)?;
    }
    fs::rename(site, out).with_context(context)
}

/// One language: chapters as files, then mdBook. Answers how many chapters there are.
fn build_one(
    course: &Course,
    lang: Lang,
    aside: &Path,
    site: &Path,
    reload: bool,
) -> anyhow::Result<usize> {
    let code = lang.pick("ko", "en");
    let root = aside.join(format!("source-{code}"));
    let source = root.join("src");
    fs::create_dir_all(&source)?;
    let chapters = chapters::all(course, lang);
    for chapter in &chapters {
        fs::write(source.join(&chapter.file), &chapter.markdown)?;
    }
    fs::write(source.join("SUMMARY.md"), summary(&chapters, lang))?;
    assets::write(&root, lang, reload)?;
    fs::write(
        root.join("search.js"),
        search::index(chapters.iter().map(|chapter| {
            let page = chapter.file.replace(".md", ".html");
            (page, chapter.title.as_str(), chapter.markdown.as_str())
        })),
    )?;
    let mut config = config(lang)?;
    config.build.build_dir = PathBuf::from(&site).join(code);
    let book = MDBook::load_with_config(&root, config)?;
    book.build()
        .with_context(|| format!("the book ({code}) cannot be built"))?;
    Ok(chapters.len())
}

fn config(lang: Lang) -> anyhow::Result<Config> {
    let title = lang.pick(
        "Docktutor: 손으로 배우는 Docker",
        "Docktutor: Docker by doing",
    );
    let code = lang.pick("ko", "en");
    // Smart punctuation would make one long dash of the two in `--rm`.
    let text = format!(
        "[book]\ntitle = \"{title}\"\nlanguage = \"{code}\"\n\
         [build]\ncreate-missing = false\nuse-default-preprocessors = false\n\
         [output.html]\nsmart-punctuation = false\ndefault-theme = \"light\"\npreferred-dark-theme = \"navy\"\n\
         hash-files = false\nadmonitions = false\nno-section-label = true\n\
         additional-css = [\"book.css\"]\nadditional-js = [\"search.js\", \"book.js\", \"mermaid.min.js\"]\n\
         [output.html.search]\nenable = false\n"
    );
    text.parse()
}

fn summary(chapters: &[Chapter], lang: Lang) -> String {
    let mut text = format!("# {}\n\n", lang.pick("차례", "Summary"));
    let mut numbered = false;
    for chapter in chapters {
        if chapter.numbered != numbered {
            text.push('\n');
            numbered = chapter.numbered;
        }
        let bullet = if numbered { "- " } else { "" };
        let title = chapter.title.replace(['[', ']'], "");
        text.push_str(&format!("{bullet}[{title}]({})\n", chapter.file));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_of_our_course_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("book");
        let course = Course::embedded().unwrap();
        let built = build(&course, &out, false).unwrap();
        assert_eq!(built.chapters, course.lessons().len() + 8);
        assert!(built.links > 50, "{built:?}");
        let lesson = &course.lessons()[0].id;
        let page = fs::read_to_string(out.join(format!("en/{lesson}.html"))).unwrap();
        // Dashes stay as they are, and a command reads as it is typed.
        assert!(page.contains("docker run --rm"), "a command has changed");
        assert!(page.contains("<details class=\"solution\""));
        assert!(page.contains("class=\"mermaid\""));
        // A second build takes the first one's place.
        build(&course, &out, false).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let course = Course::embedded().unwrap();
        let error = build(&course, folder.path(), false).unwrap_err();
        assert!(error.to_string().contains("something else"), "{error}");
        assert!(folder.path().join("thesis.txt").exists());
    }
}
