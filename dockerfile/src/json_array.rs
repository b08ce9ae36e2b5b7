//! JSON arrays of strings, with the span of each. Says of every text what Go's decoder says of it.

/// What a text turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Array {
    /// An array of strings: value, start and end of each, quotes inside.
    Strings(Vec<(String, usize, usize)>),
    /// A JSON array with something else in it, which starts and ends here.
    NotStrings(usize, usize),
    /// No JSON array.
    No,
}

/// How deep Go's decoder goes.
const MAX_DEPTH: usize = 10_000;

/// Reads a whole text.
pub(crate) fn read(text: &str) -> Array {
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: 0,
    };
    scan.blanks();
    if scan.peek() != Some(b'[') {
        return Array::No;
    }
    scan.array().unwrap_or(Array::No)
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    /// `None` where the text is no JSON.
    fn array(&mut self) -> Option<Array> {
        self.eat(b'[')?;
        let (mut strings, mut other) = (Vec::new(), None);
        self.blanks();
        if self.eat(b']').is_none() {
            loop {
                self.blanks();
                let start = self.at;
                if self.peek() == Some(b'"') {
                    let value = self.string()?;
                    strings.push((value, start, self.at));
                } else {
                    self.value()?;
                    other = other.or(Some((start, self.at)));
                }
                self.blanks();
                if self.eat(b',').is_none() {
                    break;
                }
            }
            self.eat(b']')?;
        }
        self.blanks();
        if self.at < self.bytes.len() {
            return None;
        }
        Some(match other {
            Some((start, end)) => Array::NotStrings(start, end),
            None => Array::Strings(strings),
        })
    }

    /// Skips any value without recursion, so that hostile nesting costs no stack.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                opening @ (b'[' | b'{') => {
                    self.at += 1;
                    if open.len() >= MAX_DEPTH {
                        return None;
                    }
                    open.push(opening);
                    self.blanks();
                    let closing = if opening == b'[' { b']' } else { b'}' };
                    if self.eat(closing).is_none() {
                        if opening == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                    open.pop();
                }
                b'"' => drop(self.string()?),
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => self.number()?,
            }
            // A value has ended: close what it ends, or go on behind a comma.
            loop {
                let Some(&innermost) = open.last() else {
                    return Some(());
                };
                self.blanks();
                if self.eat(b',').is_some() {
                    if innermost == b'{' {
                        self.blanks();
                        self.key()?;
                    }
                    break;
                }
                self.eat(if innermost == b'[' { b']' } else { b'}' })?;
                open.pop();
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        self.eat(b':')
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        self.text
            .get(self.at..)?
            .starts_with(word)
            .then(|| self.at += word.len())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut value = String::new();
        loop {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20)
            {
                self.at += 1;
            }
            value.push_str(self.text.get(start..self.at)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(value);
                }
                b'\\' => {
                    self.at += 1;
                    let escape = self.peek()?;
                    self.at += 1;
                    value.push(match escape {
                        b'"' | b'\\' | b'/' => char::from(escape),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => self.unicode()?,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        if self.eat(b'\\').is_some() && self.eat(b'u').is_some() {
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
        }
        self.at = back;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<String> {
        match read(text) {
            Array::Strings(found) => found.into_iter().map(|(value, ..)| value).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn arrays_of_strings() {
        assert_eq!(strings(r#" [ "a" , "b c" ] "#), ["a", "b c"]);
        assert_eq!(strings("[]"), Vec::<String>::new());
        assert_eq!(
            strings(r#"["\u0041\n\ud83d\ude00\ud800"]"#),
            ["A\n😀\u{fffd}"]
        );
        assert_eq!(
            read(r#"["é"]"#),
            Array::Strings(vec![("é".to_owned(), 1, 5)])
        );
    }

    #[test]
    fn other_arrays_and_no_arrays() {
        assert_eq!(read(r#"["a", ["b"]]"#), Array::NotStrings(6, 11));
        assert_eq!(
            read(r#"[{"a": [1, -2.5e3, null]}, true]"#),
            Array::NotStrings(1, 25)
        );
        for text in [
            "['a']",
            "[a]",
            r#"["a",]"#,
            r#"["a"] x"#,
            r#"["a"#,
            r#"["\x"]"#,
            "[\"\t\"]",
            "x",
            "",
            "[01]",
            "[tru]",
        ] {
            assert_eq!(read(text), Array::No, "{text}");
        }
        assert_eq!(read(&"[".repeat(1_000_000)), Array::No);
    }
}
