//! What the book brings beside its chapters: styles, scripts, and the texts of `book/`.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use checker::Lang;

/// Leads to the language that the browser prefers; without scripts both are offered.
pub(super) const INDEX: &str = include_str!("../../book/theme/index.html");

const STYLE: &str = include_str!("../../book/theme/book.css");
const SCRIPT: &str = include_str!("../../book/theme/book.js");
const HEADER: &str = include_str!("../../book/theme/header.hbs");

/// Writes styles, scripts and the theme into a book's source folder.
pub(super) fn write(root: &Path, lang: Lang, reload: bool) -> anyhow::Result<()> {
    let theme = root.join("theme");
    fs::create_dir_all(&theme)?;
    let words = [
        ("LABEL", lang.pick("검색", "Search")),
        ("PLACEHOLDER", lang.pick("책에서 찾기", "Search the book")),
        ("NONE", lang.pick("찾은 것이 없어요.", "Nothing found.")),
        ("OTHER_NAME", lang.pick("English", "한국어")),
        ("OTHER", lang.pick("en", "ko")),
    ];
    let mut header = HEADER.to_owned();
    for (name, word) in words {
        header = header.replace(&format!("@{name}@"), word);
    }
    fs::write(theme.join("header.hbs"), header)?;
    fs::write(root.join("book.css"), STYLE)?;
    let script = if reload {
        format!("{SCRIPT}\nnew EventSource(\"/reload\").onmessage = () => location.reload();\n")
    } else {
        SCRIPT.to_owned()
    };
    fs::write(root.join("book.js"), script)?;
    let mermaid = crate::web::bundled("book/mermaid.min.js").context(
        "this program was built without the page's scripts; run `make front` and build it again",
    )?;
    fs::write(root.join("mermaid.min.js"), &mermaid)?;
    Ok(())
}

/// The words of the course and what they mean, as Markdown.
pub(super) fn glossary(lang: Lang) -> &'static str {
    lang.pick(
        include_str!("../../book/glossary.ko.md"),
        include_str!("../../book/glossary.en.md"),
    )
}

/// How a study group goes through the course, as Markdown.
pub(super) fn groups(lang: Lang) -> &'static str {
    lang.pick(
        include_str!("../../book/groups.ko.md"),
        include_str!("../../book/groups.en.md"),
    )
}

/// What helps who leads a group, as Markdown.
pub(super) fn facilitator(lang: Lang) -> &'static str {
    lang.pick(
        include_str!("../../book/facilitator.ko.md"),
        include_str!("../../book/facilitator.en.md"),
    )
}

/// How a learner's own note is checked, as Markdown.
pub(super) fn own_note(lang: Lang) -> &'static str {
    lang.pick(
        include_str!("../../book/own-note.ko.md"),
        include_str!("../../book/own-note.en.md"),
    )
}

/// What stands above the list of lessons, as Markdown.
pub(super) fn welcome(lang: Lang) -> &'static str {
    lang.pick(
        include_str!("../../book/welcome.ko.md"),
        include_str!("../../book/welcome.en.md"),
    )
}
