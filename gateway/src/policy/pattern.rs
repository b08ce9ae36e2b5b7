//! Patterns as the engine's filters and ignore files use them.

/// A name filter: plain text anywhere in the name, `^` and `$` at its ends, `.` and `.*` as in a regular expression.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    match pattern.split_first() {
        Some(('^', rest)) => here(rest, &text),
        _ => (0..=text.len()).any(|start| here(&pattern, &text[start..])),
    }
}

fn here(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => true,
        ['$'] => text.is_empty(),
        [any, '*', rest @ ..] => {
            let run = text.iter().take_while(|c| *any == '.' || *c == any).count();
            (0..=run).any(|taken| here(rest, &text[taken..]))
        }
        [first, rest @ ..] => {
            text.first().is_some_and(|c| *first == '.' || c == first) && here(rest, &text[1..])
        }
    }
}

/// A file pattern: `*` and `?` within one part of a path, `**` over several.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    bytes(pattern.as_bytes(), text.as_bytes())
}

fn bytes(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            bytes(rest, text)
                || text
                    .iter()
                    .enumerate()
                    .any(|(at, b)| *b == b'/' && bytes(rest, &text[at + 1..]))
        }
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| bytes(rest, &text[at..])),
        [b'*', rest @ ..] => {
            let run = text.iter().take_while(|byte| **byte != b'/').count();
            (0..=run).any(|at| bytes(rest, &text[at..]))
        }
        [b'?', rest @ ..] => {
            text.first().is_some_and(|byte| *byte != b'/') && bytes(rest, &text[1..])
        }
        [first, rest @ ..] => text.first() == Some(first) && bytes(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_filters_work_as_on_the_engine() {
        assert!(matches("we", "web"));
        assert!(matches("^web$", "web"));
        assert!(matches("^/web$", "/web"));
        assert!(!matches("^eb", "web"));
        assert!(matches("^shop-.*-1$", "shop-web-1"));
        assert!(!matches("b$x", "web"));
        assert!(matches("", "web"));
    }
}
