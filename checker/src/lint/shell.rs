//! Shell scripts as commands: what `RUN` runs, with the place of every word.
//!
//! This is no shell. It finds the simple commands of a script, so that a rule sees `cd`, `sudo` and `apt-get` where they
//! are run, and not where the word happens to stand in a text.

use dockerfile::Span;

/// One simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's name and its arguments. Never empty.
    pub words: Vec<Arg>,
    /// `NAME=value` before the name.
    pub assignments: Vec<Arg>,
    /// What stands between it and the command before.
    pub before: Join,
    /// What stands between it and the command after.
    pub after: Join,
    /// Whether it stands inside `$(…)`, backquotes or `(…)`.
    pub nested: bool,
}

/// How two commands are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Nothing: the script's start or end.
    Edge,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `;`, a newline, `&`.
    Then,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Without quotes and escapes; `$NAME` stays.
    pub text: String,
    /// Where it stands in the file.
    pub span: Span,
    /// Where it stands in the script.
    pub at: (usize, usize),
}

impl Command {
    /// The words from the program's name on: `sudo`, `env` and the like are passed over. Empty where nothing follows them.
    pub fn argv(&self) -> &[Arg] {
        let mut words = &self.words[..];
        loop {
            match words.first().map(|word| base_name(&word.text)) {
                Some(
                    "sudo" | "env" | "exec" | "command" | "nice" | "nohup" | "time" | "eatmydata"
                    | "gosu",
                ) => {
                    words = &words[1..];
                    while words
                        .first()
                        .is_some_and(|word| word.text.starts_with('-') || word.text.contains('='))
                    {
                        words = &words[1..];
                    }
                }
                _ => return words,
            }
        }
    }

    /// The program's name without its folder; empty where there is none.
    pub fn program(&self) -> &str {
        self.argv().first().map_or("", |word| base_name(&word.text))
    }

    /// The arguments behind the program's name.
    pub fn args(&self) -> &[Arg] {
        self.argv().get(1..).unwrap_or(&[])
    }

    /// The first argument that is no flag: the subcommand of `apt-get`, `pip`, `npm`.
    pub fn subcommand(&self) -> Option<&Arg> {
        self.args().iter().find(|word| !word.text.starts_with('-'))
    }

    /// Whether one of these flags is given; a one-letter flag also inside a group, such as `-qy`, or with a value.
    pub fn has_flag(&self, names: &[&str]) -> bool {
        self.args().iter().any(|word| {
            let text = word.text.split('=').next().unwrap_or("");
            names.iter().any(
                |name| match name.strip_prefix('-').filter(|rest| rest.len() == 1) {
                    Some(letter) => {
                        text.starts_with('-')
                            && !text.starts_with("--")
                            && text[1..].contains(letter)
                    }
                    None => text == *name,
                },
            )
        })
    }

    /// From the first to the last word.
    pub fn span(&self) -> Span {
        let first = self.words[0].span;
        self.words
            .iter()
            .fold(first, |span, word| span.to(word.span))
    }
}

fn base_name(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Scripts inside scripts are followed no deeper.
const MAX_DEPTH: usize = 8;

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
        if !words.is_empty() {
            self.found.push(Command {
                words,
                assignments,
                before,
                after,
                nested: self.depth > 0,
            });
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
                '`' => {
                    let inside = self.rest()[1..].find('`').unwrap_or(self.rest().len() - 1);
                    let start = self.at;
                    self.nested(start + 1, start + 1 + inside);
                    self.skip(inside + 2);
                    text.push_str(&self.script[start..self.at]);
                }
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
                c => {
                    text.push(c);
                    self.skip(c.len_utf8());
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(script: &str) -> Vec<String> {
        commands(script, &Span::new)
            .iter()
            .map(|command| {
                command
                    .words
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    #[test]
    fn commands_are_found_where_they_run() {
        assert_eq!(
            cut("apt-get update && apt-get install -y curl"),
            ["apt-get|update", "apt-get|install|-y|curl"]
        );
        assert_eq!(
            cut("echo 'cd /x; sudo y' \"&& z\""),
            ["echo|cd /x; sudo y|&& z"]
        );
        assert_eq!(cut("A=1 B=\"2 3\" make x=1"), ["make|x=1"]);
        assert_eq!(cut("if [ -f x ]; then cd y; fi"), ["[|-f|x|]", "cd|y"]);
        assert_eq!(
            cut("echo $(cat a | grep b) > /dev/null 2>&1"),
            ["cat|a", "grep|b", "echo|$(cat a | grep b)"]
        );
        assert_eq!(cut("(cd x && make) # cd z"), ["cd|x", "make"]);
        assert_eq!(cut("cat <<EOF\nsudo x\nEOF\nls"), ["cat", "ls"]);
        assert_eq!(cut("a \\\n  b\nc"), ["a|b", "c"]);
        assert_eq!(
            cut("echo $((1 + 2)) ${X:-a b} \\\" 한글"),
            ["echo|$((1 + 2))|${X:-a b}|\"|한글"]
        );
    }

    #[test]
    fn joins_and_places_are_known() {
        let found = commands("curl x | sh &&\n ls || true", &Span::new);
        let joins: Vec<_> = found
            .iter()
            .map(|command| (command.before, command.after))
            .collect();
        assert_eq!(
            joins,
            [
                (Join::Edge, Join::Pipe),
                (Join::Pipe, Join::And),
                (Join::And, Join::Or),
                (Join::Or, Join::Edge)
            ]
        );
        assert_eq!(found[1].words[0].span, Span::new(9, 11));
        assert!(found[0].words.len() == 2 && found[0].argv().len() == 2);
    }

    #[test]
    fn wrappers_are_passed_over() {
        let found = commands("sudo -E apt-get -qqy install x", &Span::new);
        assert_eq!(found[0].program(), "apt-get");
        assert!(found[0].has_flag(&["-y", "--yes"]));
        assert_eq!(
            found[0].subcommand().map(|arg| arg.text.as_str()),
            Some("install")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_script_is_read(script in "[a-z$(){}|&;<>'\"`\\\\ \n#한]{0,60}") {
            for command in commands(&script, &Span::new) {
                for word in command.words {
                    proptest::prop_assert!(script.get(word.span.range()).is_some());
                }
            }
        }
    }
}
