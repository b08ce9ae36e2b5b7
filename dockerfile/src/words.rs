//! How each instruction's arguments are cut into words, exactly as BuildKit's line parsers cut them.

/// A piece of a text by its byte range.
pub(crate) type Range = (usize, usize);

/// The blanks that part an instruction's words. A no-break space is none of them.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Trims white space off both ends of a range.
pub(crate) fn trim(text: &str, (start, end): Range) -> Range {
    let piece = &text[start..end];
    let start = end - piece.trim_start().len();
    (start, start + text[start..end].trim_end().len())
}

/// Takes blanks off the start of a range.
pub(crate) fn trim_blanks(text: &str, (start, end): Range) -> Range {
    (
        end - text[start..end].trim_start_matches(is_blank).len(),
        end,
    )
}

/// Cuts at blanks.
pub(crate) fn whitespace(text: &str, (start, end): Range) -> Vec<Range> {
    let mut words = Vec::new();
    let mut from = None;
    for (at, c) in text[start..end]
        .char_indices()
        .map(|(at, c)| (start + at, c))
    {
        if is_blank(c) {
            words.extend(from.take().map(|from| (from, at)));
        } else if from.is_none() {
            from = Some(at);
        }
    }
    words.extend(from.map(|from| (from, end)));
    words
}

/// Cuts at white space outside quotes; quotes and escapes stay in the words.
pub(crate) fn quoted(text: &str, (start, end): Range, escape: char) -> Vec<Range> {
    let mut words = Vec::new();
    let mut from: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut chars = text[start..end]
        .char_indices()
        .map(|(at, c)| (start + at, c))
        .peekable();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => {
                words.extend(from.take().map(|from| (from, at)));
                continue;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        if c == escape && quote != Some('\'') && at + c.len_utf8() == end {
            // An escape character with nothing behind it is dropped.
            words.extend(from.take().map(|from| (from, at)));
            return words;
        }
        from.get_or_insert(at);
        if c == escape && quote != Some('\'') {
            chars.next();
        }
    }
    words.extend(from.map(|from| (from, end)));
    words
}

/// A flag at the start of the arguments: its range, its text without quotes and escapes, and whether a quote stays open.
pub(crate) struct RawFlag {
    pub(crate) range: Range,
    pub(crate) text: String,
    pub(crate) open_quote: bool,
}

/// Takes flags (`--name=value`) off the start. Returns them and the rest, which starts at its first word.
pub(crate) fn flags(text: &str, (start, end): Range, escape: char) -> (Vec<RawFlag>, Range) {
    let mut found = Vec::new();
    let mut at = start;
    loop {
        at = end - text[at..end].trim_start().len();
        if !text[at..end].starts_with("--") {
            return (found, (at, end));
        }
        let from = at;
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut chars = text[from..end].char_indices().map(|(i, c)| (from + i, c));
        let mut to = end;
        while let Some((i, c)) = chars.next() {
            match quote {
                None if c.is_whitespace() => {
                    to = i;
                    break;
                }
                None if c == '\'' || c == '"' => quote = Some(c),
                Some(open) if c == open => quote = None,
                _ if c == escape => word.extend(chars.next().map(|(_, next)| next)),
                _ => word.push(c),
            }
        }
        at = to;
        if word == "--" {
            return (found, trim(text, (to, end)));
        }
        found.push(RawFlag {
            range: (from, to),
            text: word,
            open_quote: quote.is_some(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, ranges: Vec<Range>) -> Vec<&str> {
        ranges
            .into_iter()
            .map(|(start, end)| &text[start..end])
            .collect()
    }

    #[test]
    fn quotes_and_escapes_hold_words_together() {
        let text = r#"a="b c" d='e\' f\ g="" "x"#;
        assert_eq!(
            cut(text, quoted(text, (0, text.len()), '\\')),
            [r#"a="b c""#, r"d='e\'", r#"f\ g="""#, "\"x"]
        );
        let text = "  a\u{a0}b  c ";
        assert_eq!(
            cut(text, whitespace(text, (0, text.len()))),
            ["a\u{a0}b", "c"]
        );
    }

    #[test]
    fn flags_end_at_the_first_other_word() {
        let text = r#"--from=a --chown="b c" x --y"#;
        let (found, (start, end)) = flags(text, (0, text.len()), '\\');
        assert_eq!(
            found
                .iter()
                .map(|flag| flag.text.as_str())
                .collect::<Vec<_>>(),
            ["--from=a", "--chown=b c"]
        );
        assert_eq!(&text[start..end], "x --y");
        let (found, (start, end)) = flags("-- --x", (0, 6), '\\');
        assert_eq!((found.len(), start, end), (0, 3, 6));
    }
}
