//! Pieces to HTML. One closing tag is remembered for every opening one.

mod blocks;
mod footnotes;
mod links;

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::piece::{Piece, Spanned};
use super::slug::Slugs;
use super::{Heading, Options, Rendered, escape};
use footnotes::Footnotes;

/// Writes a whole text.
pub(super) fn write(source: &str, pieces: Vec<Spanned<'_>>, options: &Options<'_>) -> Rendered {
    Writer::new(source, options, true).run(source, pieces)
}

/// Writes a text that stands in another one: no exercises and no questions in it.
pub(super) fn write_inside(
    source: &str,
    pieces: Vec<Spanned<'_>>,
    options: &Options<'_>,
) -> Rendered {
    Writer::new(source, options, false).run(source, pieces)
}

/// Whether a text begins with two stars that stand there as such.
fn is_stars(source: &str, event: &Event<'_>, range: &Range<usize>) -> bool {
    let text = matches!(event, Event::Text(text) if text.starts_with('*'));
    text && source
        .get(range.start..)
        .is_some_and(|rest| rest.starts_with("**"))
}

struct Writer<'a> {
    options: &'a Options<'a>,
    own_fences: bool,
    /// Where each line of the source ends.
    line_ends: Vec<usize>,
    out: String,
    page: Rendered,
    /// What closes each open element.
    closings: Vec<&'static str>,
    slugs: Slugs,
    /// Columns of the open table, whether its head is open, and the next cell.
    columns: Vec<Alignment>,
    in_head: bool,
    cell: usize,
    heading: Option<OpenHeading>,
    /// Open links: a link in a link is not HTML.
    links: usize,
    /// Open pictures (one may stand in another's description) and the description so far.
    pictures: usize,
    alt: String,
    /// The code block that is open.
    block: Option<(String, String, usize)>,
    /// How many questions there were so far.
    predicts: usize,
    notes: Footnotes,
}

struct OpenHeading {
    /// Where its text begins in `out`.
    at: usize,
    /// Its text so far, without markup.
    plain: String,
    line: usize,
}

impl<'a> Writer<'a> {
    fn new(source: &str, options: &'a Options<'a>, own_fences: bool) -> Self {
        Self {
            options,
            own_fences,
            line_ends: source.match_indices('\n').map(|(at, _)| at).collect(),
            out: String::with_capacity(source.len() * 3 / 2),
            page: Rendered::default(),
            closings: Vec::new(),
            slugs: Slugs::default(),
            columns: Vec::new(),
            in_head: false,
            cell: 0,
            heading: None,
            links: 0,
            pictures: 0,
            alt: String::new(),
            block: None,
            predicts: 0,
            notes: Footnotes::default(),
        }
    }

    fn run(mut self, source: &str, pieces: Vec<Spanned<'_>>) -> Rendered {
        let defined: HashSet<String> = pieces
            .iter()
            .filter_map(|(piece, _)| match piece {
                Piece::Md(Event::Start(Tag::FootnoteDefinition(name))) => Some(name.to_string()),
                _ => None,
            })
            .collect();
        for (piece, range) in pieces {
            match piece {
                Piece::Md(Event::Start(tag)) => self.start(tag, range.start),
                Piece::Md(Event::End(tag)) => self.end(tag),
                Piece::Md(Event::FootnoteReference(name)) => {
                    if defined.contains(&*name) {
                        self.refer(&name);
                    } else {
                        self.text(&format!("[^{name}]"));
                    }
                }
                Piece::Md(event) => {
                    if self.block.is_none() && is_stars(source, &event, &range) {
                        // Often in Korean: `**word(term)**is` does not end the bold text, for a bracket stands before the
                        // stars and a letter behind them.
                        self.refuse(
                            range.start,
                            "`**` stands here as text, not as bold".to_owned(),
                        );
                    }
                    self.leaf(event);
                }
                Piece::CalloutStart(callout) => self.callout(&callout),
                Piece::CalloutTitleEnd | Piece::CalloutEnd => self.close(),
                Piece::MarkStart => self.open("<mark>", "</mark>"),
                Piece::MarkEnd => self.close(),
            }
        }
        self.footnotes();
        self.page.html = self.out;
        self.page
    }

    /// The line of a byte of the source, from 1.
    fn line(&self, at: usize) -> usize {
        self.line_ends.partition_point(|&end| end < at) + 1
    }

    fn open(&mut self, opening: &str, closing: &'static str) {
        self.out.push_str(opening);
        self.closings.push(closing);
    }

    fn close(&mut self) {
        let closing = self.closings.pop().unwrap_or_default();
        self.out.push_str(closing);
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code, _)) = &mut self.block {
            code.push_str(text);
            return;
        }
        self.page.words += text.split_whitespace().count();
        if let Some(heading) = &mut self.heading {
            heading.plain.push_str(text);
        }
        if self.pictures > 0 {
            self.alt.push_str(text);
        } else {
            escape(text, &mut self.out);
        }
    }

    fn leaf(&mut self, event: Event<'_>) {
        match event {
            Event::Code(code) if self.pictures == 0 => {
                self.out.push_str("<code>");
                escape(&code, &mut self.out);
                self.out.push_str("</code>");
                if let Some(heading) = &mut self.heading {
                    heading.plain.push_str(&code);
                }
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.text(&text),
            Event::SoftBreak | Event::HardBreak if self.pictures > 0 => self.alt.push(' '),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::TaskListMarker(done) => {
                let checked = if done { " checked" } else { "" };
                self.out
                    .push_str(&format!("<input type=\"checkbox\" disabled{checked}> "));
            }
            // These three have been taken before.
            Event::Start(_) | Event::End(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph => self.open("<p>", "</p>\n"),
            Tag::HtmlBlock => self.open("<p class=\"raw\">", "</p>\n"),
            Tag::Heading { .. } => {
                self.heading = Some(OpenHeading {
                    at: self.out.len(),
                    plain: String::new(),
                    line: self.line(at),
                });
            }
            Tag::BlockQuote(_) => self.open("<blockquote>\n", "</blockquote>\n"),
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.block = Some((info, String::new(), self.line(at)));
            }
            Tag::MetadataBlock(_) => {
                self.block = Some(("yaml".to_owned(), String::new(), self.line(at)));
            }
            Tag::List(Some(1)) => self.open("<ol>\n", "</ol>\n"),
            Tag::List(Some(first)) => self.open(&format!("<ol start=\"{first}\">\n"), "</ol>\n"),
            Tag::List(None) => self.open("<ul>\n", "</ul>\n"),
            Tag::Item => self.open("<li>", "</li>\n"),
            Tag::FootnoteDefinition(name) => {
                let outer = std::mem::take(&mut self.out);
                self.notes.outer.push((name.to_string(), outer));
            }
            Tag::Table(columns) => {
                self.columns = columns;
                self.open("<div class=\"table\"><table>\n", "</tbody></table></div>\n");
            }
            Tag::TableHead => {
                (self.in_head, self.cell) = (true, 0);
                self.open("<thead><tr>", "</tr></thead>\n<tbody>\n");
            }
            Tag::TableRow => {
                self.cell = 0;
                self.open("<tr>", "</tr>\n");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.inline("<em>", "</em>"),
            Tag::Strong => self.inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.inline("<del>", "</del>"),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => {
                let url = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                self.link(&url, &title, at);
            }
            Tag::Image {
                dest_url, title, ..
            } => self.picture(&dest_url, &title, at),
            // Extensions that are not switched on.
            Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript => self.open("", ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.end_heading(level as u8),
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.end_block(),
            TagEnd::FootnoteDefinition => {
                if let Some((name, outer)) = self.notes.outer.pop() {
                    let html = std::mem::replace(&mut self.out, outer);
                    self.notes.defined.push((name, html));
                }
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.close();
            }
            TagEnd::Link => {
                self.links -= 1;
                self.close();
            }
            TagEnd::Image => {
                self.pictures -= 1;
                if self.pictures == 0 {
                    let alt = std::mem::take(&mut self.alt);
                    escape(&alt, &mut self.out);
                    self.close();
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough if self.pictures > 0 => {}
            _ => self.close(),
        }
    }

    /// Opens an inline element; in a picture's description only its text counts.
    fn inline(&mut self, opening: &str, closing: &'static str) {
        if self.pictures == 0 {
            self.open(opening, closing);
        }
    }

    fn end_heading(&mut self, level: u8) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let plain = heading.plain.trim().to_owned();
        let id = self.slugs.of(&plain);
        let text = self.out.split_off(heading.at);
        self.out.push_str(&format!("<h{level} id=\""));
        escape(&id, &mut self.out);
        self.out.push_str("\">");
        self.out.push_str(&text);
        self.out.push_str(&format!("</h{level}>\n"));
        self.page.headings.push(Heading {
            level,
            id,
            text: plain,
            line: heading.line,
        });
    }
}
