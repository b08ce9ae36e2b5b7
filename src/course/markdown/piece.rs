//! What the writer writes: pulldown-cmark's events, and what is found among them.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag};

use super::callout::Callout;

/// One step of the text.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    /// As pulldown-cmark has it.
    Md(Event<'a>),
    /// A callout and its title begin.
    CalloutStart(Callout),
    /// The callout's title ends, its body begins.
    CalloutTitleEnd,
    /// The callout ends.
    CalloutEnd,
    /// `==` that opens.
    MarkStart,
    /// `==` that closes.
    MarkEnd,
}

/// A piece and the bytes of the text that it comes from.
pub(super) type Spanned<'a> = (Piece<'a>, Range<usize>);

/// A `==` in a text piece: which piece, and where in its text.
#[derive(Clone, Copy)]
struct Spot {
    piece: usize,
    at: usize,
}

/// Finds `==highlight==`. Both ends stand in the same parent (in one paragraph, in one emphasis), so that the tags balance.
pub(super) fn mark_highlights<'a>(source: &str, pieces: Vec<Spanned<'a>>) -> Vec<Spanned<'a>> {
    let mut marks = find_marks(source, &pieces);
    if marks.is_empty() {
        return pieces;
    }
    marks.sort_by_key(|(spot, _)| (spot.piece, spot.at));
    let mut marks = marks.into_iter().peekable();
    let mut out = Vec::with_capacity(pieces.len());
    for (index, (piece, range)) in pieces.into_iter().enumerate() {
        let Piece::Md(Event::Text(text)) = &piece else {
            out.push((piece, range));
            continue;
        };
        let mut from = 0;
        let mut cut = false;
        while let Some((spot, opens)) = marks.next_if(|(spot, _)| spot.piece == index) {
            cut = true;
            push_text(&mut out, &text[from..spot.at], &range);
            let mark = if opens {
                Piece::MarkStart
            } else {
                Piece::MarkEnd
            };
            out.push((mark, range.clone()));
            from = spot.at + 2;
        }
        if cut {
            push_text(&mut out, &text[from..], &range);
        } else {
            out.push((piece, range));
        }
    }
    out
}

fn push_text(out: &mut Vec<Spanned<'_>>, text: &str, range: &Range<usize>) {
    if !text.is_empty() {
        let text = CowStr::from(text.to_owned());
        out.push((Piece::Md(Event::Text(text)), range.clone()));
    }
}

fn find_marks(source: &str, pieces: &[Spanned<'_>]) -> Vec<(Spot, bool)> {
    let mut marks = Vec::new();
    // One place for an open mark in each parent that is open now.
    let mut open: Vec<Option<Spot>> = vec![None];
    let mut code = 0_usize;
    for (index, (piece, range)) in pieces.iter().enumerate() {
        match piece {
            Piece::Md(Event::Start(tag)) => {
                code += usize::from(is_verbatim(tag));
                open.push(None);
            }
            Piece::Md(Event::End(tag)) => {
                code -= usize::from(matches!(
                    tag,
                    pulldown_cmark::TagEnd::CodeBlock
                        | pulldown_cmark::TagEnd::HtmlBlock
                        | pulldown_cmark::TagEnd::MetadataBlock(_)
                        | pulldown_cmark::TagEnd::Image
                ));
                open.pop();
            }
            Piece::CalloutStart(_) => open.extend([None, None]),
            Piece::CalloutTitleEnd | Piece::CalloutEnd => {
                open.pop();
            }
            Piece::Md(Event::Text(text)) if code == 0 => {
                let Some(open) = open.last_mut() else {
                    continue;
                };
                let escaped =
                    range.start > 0 && source.as_bytes().get(range.start - 1) == Some(&b'\\');
                for at in doubles(text, escaped) {
                    let spot = Spot { piece: index, at };
                    let before = char_before(pieces, index, text, at);
                    let after = char_after(pieces, index, text, at + 2);
                    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
                    // `uvicorn==0.17.6` is a version, not a mark.
                    if word(before) && word(after) {
                        continue;
                    }
                    match open.take() {
                        Some(start) if !space(before) => {
                            marks.push((start, true));
                            marks.push((spot, false));
                        }
                        Some(start) => *open = Some(start),
                        None if !space(after) => *open = Some(spot),
                        None => {}
                    }
                }
            }
            _ => {}
        }
    }
    marks
}

fn is_verbatim(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_) | Tag::Image { .. }
    )
}

/// Where exactly two `=` stand together; a longer row is a line, not a mark.
fn doubles(text: &str, escaped: bool) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|&&b| b == b'=').count();
        if length == 2 && !(escaped && at == 0) {
            found.push(at);
        }
        at += length.max(1);
    }
    found
}

/// The character before a place in a text piece; something that is not text counts as a letter that is no word.
fn char_before(pieces: &[Spanned<'_>], index: usize, text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back().or_else(|| {
        let (piece, _) = pieces.get(index.checked_sub(1)?)?;
        match piece {
            Piece::Md(Event::Text(text)) => text.chars().next_back(),
            piece => edge(piece),
        }
    })
}

fn char_after(pieces: &[Spanned<'_>], index: usize, text: &str, at: usize) -> Option<char> {
    text[at..].chars().next().or_else(|| {
        let (piece, _) = pieces.get(index + 1)?;
        match piece {
            Piece::Md(Event::Text(text)) => text.chars().next(),
            piece => edge(piece),
        }
    })
}

/// Blocks and breaks are like white space; code, emphasis and links are like a letter.
fn edge(piece: &Piece<'_>) -> Option<char> {
    use pulldown_cmark::TagEnd;
    match piece {
        Piece::Md(
            Event::Code(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Start(
                Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Link { .. }
                | Tag::Image { .. },
            )
            | Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image,
            ),
        ) => Some('\u{fffc}'),
        _ => None,
    }
}
