//! Variables in values: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`, the same three
//! without the colon, and `$$` for a dollar sign.

/// Deeper defaults in defaults are not expanded.
const MAX_DEPTH: usize = 16;
/// The longest text that a value can become.
const MAX_LENGTH: usize = 1 << 20;

/// What was seen while a text was expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A variable without a value and without a default: Compose puts nothing in its place, and warns.
    Unset(String),
    /// `${NAME:?message}` without a value: name and message. Compose stops.
    Required(String, String),
    /// A `${` that cannot be read. Compose stops.
    Syntax,
    /// The result is too long, or defaults stand too deep in each other.
    TooLong,
}

/// Puts the variables into a text. `see` is told what was seen, with the first byte and the length in the text.
pub fn expand(
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
    see: &mut dyn FnMut(Event, usize, usize),
) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    walk(text, 0, 0, value, see, &mut out);
    out
}

fn walk(
    text: &str,
    base: usize,
    depth: usize,
    value: &dyn Fn(&str) -> Option<String>,
    see: &mut dyn FnMut(Event, usize, usize),
    out: &mut String,
) {
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$') {
        out.push_str(&text[at..at + dollar]);
        let start = at + dollar;
        let rest = &text[start + 1..];
        if rest.starts_with('$') {
            out.push('$');
            at = start + 2;
            continue;
        }
        if out.len() > MAX_LENGTH {
            see(Event::TooLong, base + start, 1);
            return;
        }
        let Some(inner) = rest.strip_prefix('{') else {
            let name = name_length(rest);
            if name == 0 {
                out.push('$');
            } else {
                let name = &rest[..name];
                match value(name) {
                    Some(found) => out.push_str(&found),
                    None => see(Event::Unset(name.to_owned()), base + start, 1 + name.len()),
                }
            }
            at = start + 1 + name;
            continue;
        };
        let Some(close) = closing(inner) else {
            see(Event::Syntax, base + start, text.len() - start);
            return;
        };
        let length = close + 3;
        at = start + length;
        let body = &inner[..close];
        let name = name_length(body);
        let (name, operator) = body.split_at(name);
        if name.is_empty() {
            see(Event::Syntax, base + start, length);
            continue;
        }
        let found = value(name);
        if operator.is_empty() {
            match found {
                Some(found) => out.push_str(&found),
                None => see(Event::Unset(name.to_owned()), base + start, length),
            }
            continue;
        }
        let (full, kind) = match operator.strip_prefix(':') {
            // With a colon an empty value counts as none.
            Some(kind) => (found.filter(|found| !found.is_empty()), kind),
            None => (found, operator),
        };
        let Some(word) = kind.get(1..).filter(|_| kind.starts_with(['-', '?', '+'])) else {
            see(Event::Syntax, base + start, length);
            continue;
        };
        if depth >= MAX_DEPTH {
            see(Event::TooLong, base + start, length);
            continue;
        }
        let word_base = base + start + 2 + (body.len() - word.len());
        match (kind.as_bytes()[0], full) {
            (b'+', Some(_)) | (b'-', None) => {
                walk(word, word_base, depth + 1, value, see, out);
            }
            (b'+', None) => {}
            (_, Some(found)) => out.push_str(&found),
            (_, None) => {
                let mut message = String::new();
                walk(word, word_base, depth + 1, value, see, &mut message);
                see(
                    Event::Required(name.to_owned(), message),
                    base + start,
                    length,
                );
            }
        }
    }
    out.push_str(&text[at..]);
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

/// Where the bracket closes that was open before a text; only `${` opens another.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, Vec<(Event, String)>) {
        let value = |name: &str| match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let mut seen = Vec::new();
        let out = expand(text, &value, &mut |event, at, length| {
            seen.push((event, text[at..at + length].to_owned()));
        });
        (out, seen)
    }

    #[test]
    fn every_form() {
        for (text, expected) in [
            ("$A-${A}", "a-a"),
            ("$$A $${A}", "$A ${A}"),
            ("${B:-x} ${B-x} ${A:-x} ${A-x}", "x x a a"),
            ("[${EMPTY:-x}] [${EMPTY-x}]", "[x] []"),
            ("${A:+y}${B:+y}${EMPTY:+y}${EMPTY+y}", "yy"),
            ("${A:?no} ${EMPTY?no}", "a "),
            ("${B:-${C:-${A}}}", "a"),
            ("${B:-한글 $A}", "한글 a"),
            ("100$ $1 a$", "100$ $1 a$"),
        ] {
            assert_eq!(of(text), (expected.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_broken_has_its_place() {
        let seen = |text: &str| of(text).1;
        let unset = |name: &str| Event::Unset(name.to_owned());
        assert_eq!(seen("가 $B!"), [(unset("B"), "$B".to_owned())]);
        assert_eq!(seen("${A}${B}"), [(unset("B"), "${B}".to_owned())]);
        let required = Event::Required("B".to_owned(), "set a".to_owned());
        assert_eq!(
            seen("x${B:?set $A}"),
            [(required, "${B:?set $A}".to_owned())]
        );
        assert_eq!(seen("x${B:-${C}}"), [(unset("C"), "${C}".to_owned())]);
        for broken in ["${", "${A", "${}", "${A!b}", "${A:b}", "${1}", "${ A}"] {
            assert_eq!(seen(broken), [(Event::Syntax, broken.to_owned())]);
        }
    }

    #[test]
    fn a_growing_text_is_cut() {
        let deep = "${B:-".repeat(100_000);
        assert_eq!(of(&deep).1.len(), 1);
        let closed = format!("{}{}", "${B:-".repeat(1000), "}".repeat(1000));
        assert_eq!(of(&closed).1[0].0, Event::TooLong);
    }
}
