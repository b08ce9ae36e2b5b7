//! A command written as one text is parted into words as a shell would part them; nothing else of a shell happens.

/// The words of a text. A quote that is never closed reaches to the end.
pub(super) fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut open) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                open = true;
                word.extend(chars.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                open = true;
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' if matches!(chars.peek(), Some('"' | '\\' | '$' | '`')) => {
                            word.extend(chars.next());
                        }
                        c => word.push(c),
                    }
                }
            }
            '\\' => {
                open = true;
                word.extend(chars.next());
            }
            c if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            c => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(
            split("a 'b c' \"d \\\"e\" f\\ g ''"),
            ["a", "b c", "d \"e", "f g", ""]
        );
        assert_eq!(split("  "), Vec::<String>::new());
        assert_eq!(split("sh -c 'open"), ["sh", "-c", "open"]);
    }
}
