//! Durations, sizes and variables, as Compose reads them.

/// Whether a text is a duration: `30s`, `1m30s`, `1.5h`.
pub fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut parts = 0;
    while !rest.is_empty() {
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at(number);
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"]
            .into_iter()
            .filter(|unit| after.starts_with(unit))
            .max_by_key(|unit| unit.len());
        let right = digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().filter(|byte| *byte == b'.').count() < 2;
        match unit {
            Some(unit) if right => rest = &after[unit.len()..],
            _ => return false,
        }
        parts += 1;
    }
    parts > 0
}

/// Whether a text is a size: `512m`, `1.5gb`, `64 MiB`, `1048576`.
pub fn is_size(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    if text == "-1" {
        return true;
    }
    let number = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(number);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let letter = match unit.strip_suffix('b') {
        Some(letter) => letter.strip_suffix('i').unwrap_or(letter),
        None => unit,
    };
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.parse::<f64>().is_ok()
        && matches!(letter, "" | "k" | "m" | "g" | "t" | "p")
}

/// A text with its variables put in, where all of them have a default (`${TAG:-15}`); `$$` is a `$`.
pub fn known(text: &str) -> Option<String> {
    if !text.contains('$') {
        return Some(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('{')?;
        let end = inner.find('}')?;
        let name = inner[..end]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(end);
        let default = inner[name..end]
            .strip_prefix(":-")
            .or_else(|| inner[name..end].strip_prefix('-'))
            .filter(|default| !default.contains(['$', '{']))?;
        out.push_str(default);
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The first place in a text where a `${` cannot be read as a variable: where, and how long it is. Any other `$` that
/// begins no name is a `$`.
pub fn bad_variable(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$') {
        let start = at + dollar;
        at = start + 1;
        if text[at..].starts_with('$') {
            at += 1;
            continue;
        }
        let Some(inner) = text[at..].strip_prefix('{') else {
            continue;
        };
        let name = inner
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(inner.len());
        let named = name > 0 && !inner.starts_with(|c: char| c.is_ascii_digit());
        let (length, right) = match inner[name..].chars().next() {
            Some('}') => (name + 1, named),
            // A default may hold variables of its own.
            Some(':' | '-' | '?' | '+') => match closing(inner) {
                Some(close) => (close + 1, named),
                None => (inner.len(), false),
            },
            _ => (inner.find('}').map_or(inner.len(), |end| end + 1), false),
        };
        at += 1 + length;
        if !right {
            return Some((start, 2 + length));
        }
    }
    None
}

/// Where the bracket closes that was open before a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for good in ["30s", "1m30s", "1.5h", "0", "500ms", "2d"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["30", "s", "30 s", "1min", "", "1..2s", "5sec"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        for good in ["512m", "1g", "1.5gb", "64MiB", "1048576", "-1", "1 gb"] {
            assert!(is_size(good), "{good}");
        }
        for bad in ["lots", "1gigabyte", "", "m", "1 0m", "-5m", "1i"] {
            assert!(!is_size(bad), "{bad}");
        }
    }

    #[test]
    fn variables() {
        assert_eq!(known("a:${T:-15}-x$$").as_deref(), Some("a:15-x$"));
        assert_eq!(known("a:${T}"), None);
        let good = [
            "$A",
            "${A}",
            "${A:-${B}}",
            "${A?why}",
            "$$1",
            "pa$1x",
            "a$",
            "${A-}b$B",
            "a$한",
        ];
        for good in good {
            assert_eq!(bad_variable(good), None, "{good}");
        }
        assert_eq!(bad_variable("a${B"), Some((1, 3)));
        assert_eq!(bad_variable("${a b}"), Some((0, 6)));
        assert_eq!(bad_variable("${}x"), Some((0, 3)));
        assert_eq!(bad_variable("${A:-b"), Some((0, 6)));
    }
}
