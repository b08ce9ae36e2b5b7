//! Markdown to HTML, safe to put into a page.
//!
//! What study notes use is understood: tables, task lists, footnotes, GitHub alerts and Obsidian callouts,
//! `==highlight==`, mermaid diagrams; and the course's own fences `exercise` and `predict`. Raw HTML is shown as text.
//! Any text can be rendered, and the tags of the result always balance: the writer keeps one closing tag for every
//! opening one, and takes no recursion that the text could drive deep.

mod callout;
mod code;
mod link;
mod piece;
mod predict;
mod slug;
mod writer;

#[cfg(test)]
mod tests;

use checker::Lang;
use pulldown_cmark::{Options as Extensions, Parser};

pub(crate) use code::runs;
pub use predict::{Choice, Predict};

/// What the text is rendered for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The language of the words that the renderer adds, such as a callout's default title.
    pub lang: Lang,
    /// Put before the path of every picture, such as `/assets/lessons/01-first/`; empty leaves the path alone.
    pub image_base: &'a str,
}

/// A heading of a rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The element's id, unique in its page.
    pub id: String,
    /// The text without markup.
    pub text: String,
    /// The line that it stands on, from 1.
    pub line: usize,
}

/// A fenced or indented block of code, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The first word of the info string, in lower case; empty where there is none.
    pub lang: String,
    /// The code.
    pub text: String,
    /// The line of its fence, from 1.
    pub line: usize,
    /// The question, where it is a `predict` fence that could be read.
    pub predict: Option<Predict>,
    /// What is wrong with it, where the course's own fences could not be read.
    pub problem: Option<String>,
}

/// A rendered text and what it is made of.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The page's HTML.
    pub html: String,
    /// In reading order.
    pub headings: Vec<Heading>,
    /// In reading order.
    pub fences: Vec<Fence>,
    /// How many words there are to read, code aside.
    pub words: usize,
    /// Links, pictures and bold text that were not rendered as such, with their line.
    pub refused: Vec<(usize, String)>,
}

/// Renders a text to HTML.
#[must_use]
pub fn render(text: &str, options: &Options<'_>) -> String {
    render_page(text, options).html
}

/// Renders a text, and says what it is made of.
#[must_use]
pub fn render_page(text: &str, options: &Options<'_>) -> Rendered {
    writer::write(text, pieces(text), options)
}

/// Renders the Markdown of one short text inside a larger one. A single paragraph loses its `<p>`; the course's own
/// fences are not looked for, so that they cannot stand in each other without end.
fn render_inside(text: &str, options: &Options<'_>) -> Rendered {
    let mut rendered = writer::write_inside(text, pieces(text), options);
    let inner = rendered.html.trim_end();
    if let Some(inner) = inner
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"))
        && !inner.contains("<p>")
    {
        rendered.html = inner.to_owned();
    }
    rendered
}

fn pieces(text: &str) -> Vec<piece::Spanned<'_>> {
    let extensions = Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_TASKLISTS
        | Extensions::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let events = Parser::new_ext(text, extensions)
        .into_offset_iter()
        .collect();
    piece::mark_highlights(text, callout::find(text, events))
}

/// A text of one line as HTML, with `code` in backticks: how titles of checks and options are written.
pub(crate) fn escape_with_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let parts: Vec<&str> = text.split('`').collect();
    for (index, part) in parts.iter().enumerate() {
        // A backtick that has no partner stands for itself.
        let is_code = index % 2 == 1 && index + 1 < parts.len();
        if index % 2 == 1 && !is_code {
            out.push('`');
        }
        out.push_str(if is_code { "<code>" } else { "" });
        escape(part, &mut out);
        out.push_str(if is_code { "</code>" } else { "" });
    }
    out
}

/// Escapes a text for use between tags and in quoted attributes.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}
