//! GitHub's alerts and Obsidian's callouts: a quote whose first line is `[!kind]`, perhaps with `+` or `-` and a title.

use std::ops::Range;

use checker::Lang;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::piece::{Piece, Spanned};

/// Whether a callout can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// Always open.
    Never,
    /// Can be folded, open at first (`+`).
    Open,
    /// Folded at first (`-`).
    Closed,
}

/// The opening of a callout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Callout {
    /// As written, in lower case: letters, digits, `-` and `_`.
    pub(super) name: String,
    pub(super) fold: Fold,
    /// No title of its own: the writer puts the kind's.
    pub(super) untitled: bool,
}

impl Callout {
    /// The kind that the name stands for; the name itself where it is not known.
    pub(super) fn kind(&self) -> &str {
        match self.name.as_str() {
            "summary" | "tldr" => "abstract",
            "hint" => "tip",
            "check" | "done" => "success",
            "help" | "faq" => "question",
            "attention" => "warning",
            "fail" | "missing" => "failure",
            "error" => "danger",
            "cite" => "quote",
            name => name,
        }
    }

    pub(super) fn default_title(&self, lang: Lang) -> String {
        let (ko, en) = match self.kind() {
            "note" => ("참고", "Note"),
            "abstract" => ("요약", "Summary"),
            "info" => ("정보", "Info"),
            "todo" => ("할 일", "To do"),
            "tip" => ("팁", "Tip"),
            "important" => ("중요", "Important"),
            "success" => ("성공", "Success"),
            "question" => ("질문", "Question"),
            "warning" => ("주의", "Warning"),
            "caution" => ("조심", "Caution"),
            "failure" => ("실패", "Failure"),
            "danger" => ("위험", "Danger"),
            "bug" => ("버그", "Bug"),
            "example" => ("예시", "Example"),
            "quote" => ("인용", "Quote"),
            name => {
                let mut letters = name.chars();
                return letters
                    .next()
                    .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                    .unwrap_or_default();
            }
        };
        match lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
        .to_owned()
    }
}

/// Turns quotes that begin with a marker into callouts.
pub(super) fn find<'a>(source: &str, events: Vec<(Event<'a>, Range<usize>)>) -> Vec<Spanned<'a>> {
    let mut out = Vec::with_capacity(events.len());
    let mut quotes = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((event, range)) = events.next() {
        match event {
            Event::Start(Tag::BlockQuote(_)) => {
                let found = match events.peek() {
                    Some((Event::Start(Tag::Paragraph), paragraph)) => marker(source, paragraph),
                    _ => None,
                };
                quotes.push(found.is_some());
                let Some((mut callout, end)) = found else {
                    out.push((Piece::Md(event), range));
                    continue;
                };
                let paragraph = events.next();
                let mut title = Vec::new();
                let more = take_title(&mut events, end, &mut title);
                callout.untitled = title.is_empty();
                out.push((Piece::CalloutStart(callout), range.clone()));
                out.extend(title);
                out.push((Piece::CalloutTitleEnd, range));
                if more && let Some((start, range)) = paragraph {
                    out.push((Piece::Md(start), range));
                }
            }
            Event::End(TagEnd::BlockQuote(_)) if quotes.pop() == Some(true) => {
                out.push((Piece::CalloutEnd, range));
            }
            event => out.push((Piece::Md(event), range)),
        }
    }
    out
}

/// Reads the marker at the start of a paragraph: the callout, and where the marker ends in the source.
fn marker(source: &str, paragraph: &Range<usize>) -> Option<(Callout, usize)> {
    let text = source.get(paragraph.clone())?;
    let trimmed = text.trim_start_matches([' ', '\t']);
    let inner = trimmed.strip_prefix("[!")?;
    let close = inner.find(']')?;
    let name = inner[..close].split('|').next().unwrap_or_default();
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(known) || inner[..close].contains('\n') {
        return None;
    }
    let fold = match inner.as_bytes().get(close + 1) {
        Some(b'+') => Fold::Open,
        Some(b'-') => Fold::Closed,
        // A link whose text looks like a marker.
        Some(b'(' | b'[') => return None,
        _ => Fold::Never,
    };
    let length = "[!".len() + close + 1 + usize::from(fold != Fold::Never);
    let end = paragraph.start + (text.len() - trimmed.len()) + length;
    let callout = Callout {
        name: name.to_ascii_lowercase(),
        fold,
        untitled: false,
    };
    Some((callout, end))
}

/// Takes the rest of the marker's line. True when the paragraph goes on after it.
fn take_title<'a>(
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    marker_end: usize,
    title: &mut Vec<Spanned<'a>>,
) -> bool {
    let mut depth = 0_usize;
    for (event, range) in events {
        match event {
            Event::SoftBreak | Event::HardBreak if depth == 0 => return true,
            Event::End(TagEnd::Paragraph) => return false,
            // The marker itself, perhaps read as a link to a reference of that name.
            _ if range.end <= marker_end => {}
            Event::Text(text) if title.is_empty() => {
                let skip = marker_end.saturating_sub(range.start);
                let rest = text.get(skip..).unwrap_or(&text).trim_start();
                if !rest.is_empty() {
                    let text = CowStr::from(rest.to_owned());
                    title.push((Piece::Md(Event::Text(text)), range));
                }
            }
            event => {
                match event {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                title.push((Piece::Md(event), range));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::course::markdown::{Options, render};

    fn html(text: &str) -> String {
        render(text, &Options::default())
    }

    #[test]
    fn an_alert_has_the_title_of_its_kind() {
        assert_eq!(
            html("> [!NOTE]\n> Read this."),
            "<aside class=\"callout callout-note\"><p class=\"callout-title\">Note</p>\n<p>Read this.</p>\n</aside>\n"
        );
        let ko = Options {
            lang: checker::Lang::Ko,
            ..Options::default()
        };
        assert!(
            render("> [!warning]\n> 조심", &ko).contains("<p class=\"callout-title\">주의</p>")
        );
    }

    #[test]
    fn a_title_keeps_its_markup_and_the_first_line_only() {
        let got = html("> [!info] An `image` is *read-only*\n> Body.\n> - item");
        assert!(got.contains(
            "<p class=\"callout-title\">An <code>image</code> is <em>read-only</em></p>\n<p>Body.</p>\n<ul>"
        ));
    }

    #[test]
    fn folding_gives_details() {
        let closed = html("> [!faq]- Why?\n> So.");
        assert!(closed.starts_with("<details class=\"callout callout-question callout-faq\"><summary class=\"callout-title\">Why?</summary>"));
        assert!(closed.trim_end().ends_with("</details>"));
        assert!(
            html("> [!faq]+ Why?\n> So.")
                .starts_with("<details class=\"callout callout-question callout-faq\" open>")
        );
    }

    #[test]
    fn callouts_stand_in_each_other() {
        let got = html(
            "> [!info] Image\n> A template\n> > [!abstract] Traits\n> > - read-only\n>\n> after\n\nout",
        );
        let inner = got.find("callout-abstract").expect("the inner one");
        assert!(got.find("callout-info").expect("the outer one") < inner);
        assert!(got[inner..].contains("</aside>\n<p>after</p>\n</aside>\n<p>out</p>"));
    }

    #[test]
    fn what_only_looks_like_a_marker_stays_a_quote() {
        for text in [
            "> [!]\n> x",
            "> text [!info]",
            "> [!<b>] x",
            "> [info] x",
            "> [!info](x) y",
        ] {
            assert!(html(text).starts_with("<blockquote>"), "{text}");
        }
    }

    #[test]
    fn an_unknown_kind_keeps_its_name() {
        assert!(html("> [!recipe]\n> x").contains("<p class=\"callout-title\">Recipe</p>"));
    }

    #[test]
    fn a_reference_named_like_the_marker_changes_nothing() {
        let got = html("> [!info] Title\n> body\n\n[!info]: https://example.org");
        assert!(
            got.contains("<p class=\"callout-title\">Title</p>\n<p>body</p>"),
            "{got}"
        );
    }
}
