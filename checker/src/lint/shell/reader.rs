//! Reads a script, sign by sign.

use dockerfile::Span;

use super::{Arg, Command, Join};

/// Cuts a script into commands. `place` says where a byte range of the script stands in the file.
pub fn commands(script: &str, place: &dyn Fn(usize, usize) -> Span) -> Vec<Command> {
    let mut reader = Reader {
        script,
        place,
        at: 0,
        end: script.len(),
        found: Vec::new(),
        depth: 0,
        heredocs: Vec::new(),
    };
    reader.list();
    reader.found
}

/// Scripts inside scripts are followed no deeper.
const MAX_DEPTH: usize = 8;

struct Reader<'a> {
    script: &'a str,
    place: &'a dyn Fn(usize, usize) -> Span,
    at: usize,
    end: usize,
    found: Vec<Command>,
    depth: usize,
    /// Names of heredocs whose content starts at the next line; true where leading tabs are stripped.
    heredocs: Vec<(String, bool)>,
}

/// Words that only shape a script; a command may follow them.
const KEYWORDS: [&str; 14] = [
    "if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "fi", "done", "esac",
    "function",
];

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.script[self.at..self.end]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.end);
    }

    /// Reads commands up to the end.
    fn list(&mut self) {
        let mut before = Join::Edge;
        let (mut words, mut assignments): (Vec<Arg>, Vec<Arg>) = (Vec::new(), Vec::new());
        loop {
            let rest = self.rest();
            let (join, length) = match rest.as_bytes() {
                [] => (Some(Join::Edge), 0),
                [b'&', b'&', ..] => (Some(Join::And), 2),
                [b'|', b'|', ..] => (Some(Join::Or), 2),
                [b'|', b'&', ..] => (Some(Join::Pipe), 2),
                [b'|', ..] => (Some(Join::Pipe), 1),
                [b'&', b'>', ..] => (None, 0),
                [b';' | b'&' | b'\n' | b'(' | b')', ..] => (Some(Join::Then), 1),
                _ => (None, 0),
            };
            if let Some(join) = join {
                let newline = rest.starts_with('\n');
                let (opens, closes) = (rest.starts_with('('), rest.starts_with(')'));
                self.finish(&mut words, &mut assignments, before, join);
                // Several separators in a row are one, and a newline after `&&` or `|` changes nothing.
                if !(newline
                    && matches!(before, Join::And | Join::Or | Join::Pipe)
                    && self.found.last().is_none_or(|last| last.after == before))
                {
                    before = join;
                }
                if length == 0 {
                    return;
                }
                self.skip(length);
                self.depth = match (opens, closes) {
                    (true, _) => self.depth + 1,
                    (_, true) => self.depth.saturating_sub(1),
                    _ => self.depth,
                };
                if newline {
                    self.skip_heredocs();
                }
                continue;
            }
            match self.peek() {
                Some(c) if c.is_whitespace() => self.skip(c.len_utf8()),
                Some('#') => self.skip(self.rest().find('\n').unwrap_or(self.rest().len())),
                Some('\\') if self.rest().starts_with("\\\n") => self.skip(2),
                _ if self.redirection() => {}
                _ => self.argument(&mut words, &mut assignments),
            }
        }
    }

    fn finish(
        &mut self,
        words: &mut Vec<Arg>,
        assignments: &mut Vec<Arg>,
        before: Join,
        after: Join,
    ) {
        let (words, assignments) = (std::mem::take(words), std::mem::take(assignments));
        if words.is_empty() {
            // `done | sort`, `} | sort`: what the last command inside says goes into the pipe.
            if let Some(last) = self.found.last_mut().filter(|_| after == Join::Pipe) {
                last.after = Join::Pipe;
            }
            return;
        }
        let command = Command {
            words,
            assignments,
            before,
            after,
            nested: self.depth > 0,
        };
        let script = command.script().map(|arg| arg.at);
        self.found.push(command);
        if let Some((start, end)) = script {
            let raw = &self.script[start..end];
            // Only one whole quoted word: what is put together from parts has its signs at other places.
            let whole = |quote: char| {
                raw.len() > 1
                    && raw.strip_prefix(quote).and_then(|rest| rest.find(quote))
                        == Some(raw.len() - 2)
            };
            if whole('"') || whole('\'') {
                self.nested(start + 1, end - 1);
            }
        }
    }

    fn argument(&mut self, words: &mut Vec<Arg>, assignments: &mut Vec<Arg>) {
        let start = self.at;
        let text = self.word();
        if self.at == start {
            // A sign that starts nothing; passed over, so that the reader always moves on.
            self.skip(self.peek().map_or(1, char::len_utf8));
            return;
        }
        let raw = &self.script[start..self.at];
        if words.is_empty() && KEYWORDS.contains(&raw) {
            return;
        }
        let arg = Arg {
            text,
            span: (self.place)(start, self.at),
            at: (start, self.at),
        };
        if words.is_empty() && is_assignment(raw) {
            assignments.push(arg);
        } else {
            words.push(arg);
        }
    }

    /// Skips a redirection with its target. False where none stands here.
    fn redirection(&mut self) -> bool {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let operator = [
            "&>>", "&>", "<<<", "<<-", "<<", "<>", ">>", ">&", ">|", "<&", ">", "<",
        ]
        .into_iter()
        .find(|operator| rest[digits..].starts_with(operator));
        let Some(operator) = operator else {
            return false;
        };
        // `<(…)` and `>(…)` name a process and are read as words of it.
        self.skip(digits + operator.len());
        while let Some(c) = self.peek().filter(|c| *c == ' ' || *c == '\t') {
            self.skip(c.len_utf8());
        }
        let name = self.word();
        if operator == "<<" || operator == "<<-" {
            self.heredocs.push((name, operator == "<<-"));
        }
        true
    }

    fn skip_heredocs(&mut self) {
        for (name, chomp) in std::mem::take(&mut self.heredocs) {
            while self.at < self.end {
                let line = self.rest().lines().next().unwrap_or("").to_owned();
                self.skip(line.len());
                self.skip(self.rest().find('\n').map_or(0, |at| at + 1));
                let line = if chomp {
                    line.trim_start_matches('\t')
                } else {
                    &line
                };
                if line == name {
                    break;
                }
            }
        }
    }

    /// Reads one word and returns it without quotes. Commands in `$(…)` are found on the way.
    fn word(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                '\'' => {
                    let inside = &self.rest()[1..];
                    let length = inside.find('\'').unwrap_or(inside.len());
                    text.push_str(&inside[..length]);
                    self.skip(length + 2);
                }
                '"' => self.double(&mut text),
                '`' => self.backquoted(&mut text),
                '$' => self.dollar(&mut text),
                '\\' => {
                    self.skip(1);
                    if let Some(next) = self.peek() {
                        self.skip(next.len_utf8());
                        if next != '\n' {
                            text.push(next);
                        }
                    }
                }
                ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                c if c.is_whitespace() => break,
                c => {
                    text.push(c);
                    self.skip(c.len_utf8());
                }
            }
        }
        text
    }

    fn double(&mut self, text: &mut String) {
        self.skip(1);
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.skip(1);
                    return;
                }
                '\\' => {
                    self.skip(1);
                    if let Some(next) = self.peek() {
                        self.skip(next.len_utf8());
                        text.push(next);
                    }
                }
                '$' => self.dollar(text),
                '`' => self.backquoted(text),
                c => {
                    text.push(c);
                    self.skip(c.len_utf8());
                }
            }
        }
    }

    fn backquoted(&mut self, text: &mut String) {
        let start = self.at;
        let inside = self.rest()[1..].find('`').unwrap_or(self.rest().len() - 1);
        self.nested(start + 1, start + 1 + inside);
        self.skip(inside + 2);
        text.push_str(&self.script[start..self.at]);
    }

    fn dollar(&mut self, text: &mut String) {
        let start = self.at;
        if self.rest().starts_with("$((") {
            self.skip(3);
            let length = self
                .rest()
                .find("))")
                .map_or(self.rest().len(), |at| at + 2);
            self.skip(length);
        } else if self.rest().starts_with("$(") {
            let length = closing(&self.rest()[2..], '(', ')');
            self.nested(start + 2, start + 2 + length);
            self.skip(length + 3);
        } else if self.rest().starts_with("${") {
            let length = closing(&self.rest()[2..], '{', '}');
            self.skip(length + 3);
        } else {
            self.skip(1);
        }
        text.push_str(&self.script[start..self.at]);
    }

    fn nested(&mut self, start: usize, end: usize) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        let mut inner = Reader {
            script: self.script,
            place: self.place,
            at: start.min(self.end),
            end: end.min(self.end),
            found: Vec::new(),
            depth: self.depth + 1,
            heredocs: Vec::new(),
        };
        inner.list();
        self.found.extend(inner.found);
    }
}

/// How many bytes stand before the sign that closes, quotes and pairs passed over; all where none closes.
fn closing(text: &str, open: char, close: char) -> usize {
    let (mut depth, mut quote) = (0usize, None);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some(open_quote) if c == open_quote => quote = None,
            Some('\'') => {}
            _ if c == '\\' => drop(chars.next()),
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == open => depth += 1,
            None if c == close && depth == 0 => return at,
            None if c == close => depth -= 1,
            None => {}
        }
    }
    text.len()
}

fn is_assignment(raw: &str) -> bool {
    let Some((name, _)) = raw.split_once('=') else {
        return false;
    };
    let name = name.trim_end_matches('+');
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
