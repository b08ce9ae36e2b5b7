//! Finds `<<NAME` in an instruction, as BuildKit's shell lexer would.

/// A heredoc's start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) expand: bool,
    pub(crate) chomp: bool,
    pub(crate) fd: u32,
    /// Byte range of `<<NAME` with its number.
    pub(crate) range: (usize, usize),
}

/// All heredocs that a line starts. None where a quote stays open: BuildKit then sees none either.
pub(crate) fn starts(line: &str) -> Vec<Start> {
    words(line)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(from, to)| start(&line[from..to], from))
        .collect()
}

/// The heredoc that one word is, if it is one.
pub(crate) fn start(word: &str, offset: usize) -> Option<Start> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let rest = word[digits..].strip_prefix("<<")?;
    let (chomp, rest) = rest
        .strip_prefix('-')
        .map_or((false, rest), |rest| (true, rest));
    let delimiter = rest.trim_start_matches([' ', '\t', '\r', '\u{c}']);
    if delimiter.is_empty() || delimiter.contains('<') {
        return None;
    }
    let (name, quoted) = unquote(delimiter)?;
    let fd = word[..digits].parse().unwrap_or(0);
    Some(Start {
        name,
        expand: !quoted,
        chomp,
        fd,
        range: (offset, offset + word.len()),
    })
}

/// Takes quotes and escapes off a delimiter. `None` where it is more than one word or a quote stays open.
fn unquote(delimiter: &str) -> Option<(String, bool)> {
    let (mut name, mut quoted, mut quote) = (String::new(), false, None);
    let mut chars = delimiter.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                quoted = true;
            }
            (Some(open), _) if open == c => quote = None,
            (None, '\\') => name.extend(chars.next()),
            (Some('"'), '\\') => match chars.clone().next() {
                Some(next @ ('"' | '$' | '\\')) => {
                    name.push(next);
                    chars.next();
                }
                _ => name.push(c),
            },
            (None, c) if c.is_whitespace() => return None,
            (_, c) => name.push(c),
        }
    }
    (quote.is_none() && !name.is_empty()).then_some((name, quoted))
}

/// Cuts a line at white space outside quotes and braces; blanks after `<<` hold the word together.
fn words(line: &str) -> Option<Vec<(usize, usize)>> {
    let mut words = Vec::new();
    let mut from: Option<usize> = None;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let next = at + c.len_utf8();
        if c.is_whitespace() {
            words.extend(from.take().map(|from| (from, at)));
            at = next;
            continue;
        }
        from.get_or_insert(at);
        at = match c {
            '\'' => next + line[next..].find('\'')? + 1,
            '"' => double_quote_end(line, next)?,
            '\\' => next + line[next..].chars().next().map_or(0, char::len_utf8),
            // BuildKit's lexer forgets the word so far at a substitution with a modifier.
            '$' if line[next..].starts_with('{') => {
                let (end, modified) = substitution_end(line, next + 1)?;
                if modified {
                    from = Some(at);
                }
                end
            }
            '<' if line[next..].starts_with('<') => {
                let after = &line[next + 1..];
                line.len() - after.trim_start_matches([' ', '\t', '\r']).len()
            }
            _ => next,
        };
    }
    words.extend(from.map(|from| (from, line.len())));
    Some(words)
}

/// The end of `${…}` whose content starts at `at`, and whether more than a name stands in it.
fn substitution_end(line: &str, at: usize) -> Option<(usize, bool)> {
    let name = line[at..].find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let close = at + name + line[at + name..].find('}')? + 1;
    Some((close, close > at + name + 1))
}

fn double_quote_end(line: &str, mut at: usize) -> Option<usize> {
    loop {
        match *line.as_bytes().get(at)? {
            b'"' => return Some(at + 1),
            b'\\' if matches!(line.as_bytes().get(at + 1), Some(b'"' | b'$' | b'\\')) => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<(String, bool, bool, u32)> {
        starts(line)
            .into_iter()
            .map(|s| (s.name, s.expand, s.chomp, s.fd))
            .collect()
    }

    #[test]
    fn starts_are_found() {
        let plain = |name: &str| (name.to_owned(), true, false, 0);
        assert_eq!(names("RUN <<EOF"), [plain("EOF")]);
        assert_eq!(names("RUN cat << EOF > x"), [plain("EOF")]);
        assert_eq!(
            names("COPY <<a <<'b' /x/"),
            [plain("a"), ("b".into(), false, false, 0)]
        );
        assert_eq!(names("RUN 3<<-\"E F\" x"), [("E F".into(), false, true, 3)]);
        assert_eq!(starts("RUN cat <<EOF")[0].range, (8, 13));
    }

    #[test]
    fn others_are_not() {
        for line in [
            "RUN echo '<<EOF'",
            "RUN cat <<<x",
            "RUN a<<EOF",
            "RUN <<",
            "RUN <<EOF it's",
            "RUN $((1<<2))",
            "RUN \\<<EOF x",
        ] {
            assert_eq!(names(line), [], "{line}");
        }
    }
}
