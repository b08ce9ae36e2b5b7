//! A learner's lines as a shell reads them: commands with their words, variables filled in where their value is known.

use std::collections::HashMap;

use dockerfile::Span;

use crate::lint::shell::{self, Join};

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes, variables filled in. `$PWD` and `$HOME` stay and are known names for a folder.
    pub(super) text: String,
    /// Bytes of the typed text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// A part of it is known only when it is run.
    pub(super) unknown: bool,
    /// It may become several words, or none.
    pub(super) splits: bool,
    /// A quote in it is never closed.
    pub(super) open: bool,
}

/// One command of a script.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The program and its arguments; never empty.
    pub(super) words: Vec<Word>,
    /// Its output or input is a file, another command, or it runs in the background.
    pub(super) plumbing: bool,
    /// It stands inside `$(…)`.
    pub(super) inner: bool,
}

impl Step {
    pub(super) fn program(&self) -> &str {
        let text = &self.words[0].text;
        text.rsplit('/').next().unwrap_or(text)
    }

    pub(super) fn is_docker(&self) -> bool {
        matches!(self.program(), "docker" | "docker-compose")
    }

    /// From the first to the last word.
    pub(super) fn range(&self) -> (usize, usize) {
        let last = self.words.last().map_or(0, |word| word.end);
        (self.words[0].start, last)
    }
}

/// What a text says.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// Loops and conditions: where one begins.
    pub(super) control: Option<(usize, usize)>,
    /// Prompts (`$ docker ps`) that were copied along.
    pub(super) prompts: Vec<(usize, usize)>,
    /// Lines that end in the sign by which PowerShell or cmd goes on in the next line.
    pub(super) continued: Vec<(usize, char)>,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Script {
    // Both are two bytes, so that places stay what they are; a backslash at the line's end stays one.
    let mut text = text.replace("\r\n", "\n ");
    let mut script = Script {
        continued: continued(&text),
        ..Script::default()
    };
    for (at, _) in &script.continued {
        text.replace_range(*at..at + 1, "\\");
    }
    let text = text.as_str();
    let mut variables = HashMap::new();
    let mut assignments = assignments(text).into_iter().peekable();
    let mut found = shell::commands(text, &Span::new);
    found.retain(|command| !command.argv().is_empty());
    let inner_of: Vec<bool> = inner(&found);
    let mut seen = 0;
    for (command, inner) in found.iter().zip(inner_of) {
        let mut argv = command.argv();
        let (start, _) = argv[0].at;
        while let Some((_, name, value)) = assignments.next_if(|(at, ..)| *at < start) {
            variables.insert(name, value);
        }
        if script.control.is_none() {
            script.control = control(text, seen.min(start), start).or_else(|| {
                let first = &argv[0];
                matches!(first.text.as_str(), "for" | "case" | "select").then_some(first.at)
            });
        }
        if argv.len() > 1 && argv[0].text == "$" {
            script.prompts.push(argv[0].at);
            argv = &argv[1..];
        }
        let words: Vec<Word> = argv
            .iter()
            .map(|arg| expand(text, arg.at, &variables))
            .collect();
        let last = argv[argv.len() - 1].at.1;
        let plumbing = command.before == Join::Pipe
            || command.after == Join::Pipe
            || redirected(text, &words)
            || ends_in_plumbing(&text[last..]);
        seen = seen.max(last);
        script.steps.push(Step {
            words,
            plumbing,
            inner,
        });
    }
    script
}

/// Commands in `$(…)` come before the command whose word they stand in, and lie inside that word.
fn inner(found: &[shell::Command]) -> Vec<bool> {
    let mut inner = vec![false; found.len()];
    let mut first = usize::MAX;
    for (at, command) in found.iter().enumerate().rev() {
        let start = command.words[0].at.0;
        inner[at] = command.nested && start >= first;
        if !inner[at] {
            first = start;
        }
    }
    inner
}

/// Where a line goes on as PowerShell (a backquote that pairs with none) or cmd (`^`) do it.
fn continued(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut at = 0;
    let lines: Vec<&str> = text.split('\n').collect();
    for line in &lines[..lines.len() - 1] {
        let bare = line.trim_start();
        let sign = line.chars().next_back().filter(|sign| match sign {
            '`' => line.matches('`').count() % 2 == 1,
            '^' => true,
            _ => false,
        });
        // Only where docker's words surely go on: other texts may hold such a line end too.
        let docker = bare.starts_with("docker") || !found.is_empty();
        if let Some(sign) = sign.filter(|_| docker && line.contains(' ')) {
            found.push((at + line.len() - 1, sign));
        }
        at += line.len() + 1;
    }
    found
}

/// `NAME=value` as a command of its own, with its place.
fn assignments(text: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (at, piece) in pieces(text) {
        let trimmed = piece.trim_start();
        let trimmed = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        if let Some((name, _)) = trimmed.split_once('=')
            && is_name(name)
        {
            let padded = format!("x {trimmed}");
            let commands = shell::commands(&padded, &Span::new);
            if let [command] = commands.as_slice()
                && let [_, word] = command.words.as_slice()
            {
                let word = expand(&padded, word.at, &HashMap::new());
                if let Some((name, value)) = word.text.split_once('=')
                    && !word.unknown
                {
                    found.push((at, name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    found
}

/// A text cut at newlines, `;` and `&&` outside quotes, with the place of each piece.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut from, mut quote) = (0, None);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            // A newline ends an open quote: one that is never closed must not hide the rest.
            (_, b'\n') => {}
            (Some(open), _) if open == byte => {
                quote = None;
                continue;
            }
            (Some(_), _) => continue,
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                continue;
            }
            (None, b';') => {}
            (None, b'&') if bytes.peek().is_some_and(|(_, next)| *next == b'&') => {
                bytes.next();
                found.push((from, &text[from..at]));
                from = at + 2;
                continue;
            }
            _ => continue,
        }
        quote = None;
        found.push((from, &text[from..at]));
        from = at + 1;
    }
    found.push((from, &text[from..]));
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A word that shapes the script, between two commands.
fn control(text: &str, from: usize, to: usize) -> Option<(usize, usize)> {
    let mut at = from;
    let mut comment = false;
    for piece in text[from..to].split_inclusive(|c: char| c.is_whitespace() || c == ';') {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
        comment |= word.starts_with('#');
        if !comment
            && matches!(
                word,
                "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{" | "function"
            )
        {
            return Some((at, at + word.len()));
        }
        comment &= !piece.ends_with('\n');
        at += piece.len();
    }
    None
}

/// Whether `<` or `>` stands between the words.
fn redirected(text: &str, words: &[Word]) -> bool {
    words.windows(2).any(|pair| {
        text.get(pair[0].end..pair[1].start)
            .is_some_and(|gap| gap.contains(['<', '>']))
    })
}

/// Whether what follows the last word is a redirection, or a single `&`.
fn ends_in_plumbing(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    let sign = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    sign.starts_with(['<', '>']) || (rest.starts_with('&') && !rest.starts_with("&&"))
}

/// Takes off quotes and fills in variables.
fn expand(text: &str, at: (usize, usize), variables: &HashMap<String, String>) -> Word {
    let raw = &text[at.0..at.1];
    let mut word = Word {
        text: String::with_capacity(raw.len()),
        start: at.0,
        end: at.1,
        unknown: false,
        splits: false,
        open: false,
    };
    let mut double = false;
    let braces = raw.contains(',') && raw.contains('}');
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let mut used = c.len_utf8();
        match c {
            '\'' if !double => {
                let inside = &rest[1..];
                let length = inside.find('\'');
                word.open |= length.is_none();
                let length = length.unwrap_or(inside.len());
                word.text.push_str(&inside[..length]);
                used = (length + 2).min(rest.len());
            }
            '"' => double = !double,
            '\\' => {
                let next = rest[1..].chars().next();
                match next {
                    Some('\n') => {}
                    Some(next) if double && !matches!(next, '$' | '`' | '"' | '\\') => {
                        word.text.push('\\');
                        word.text.push(next);
                    }
                    Some(next) => word.text.push(next),
                    None => word.text.push('\\'),
                }
                used += next.map_or(0, char::len_utf8);
            }
            '$' | '`' => used = dollar(rest, double, variables, &mut word),
            '~' if word.text.is_empty() && !double => word.text.push_str("$HOME"),
            // The working folder as cmd writes it.
            '%' if rest
                .get(..4)
                .is_some_and(|name| name.eq_ignore_ascii_case("%cd%")) =>
            {
                word.text.push_str("$PWD");
                used = 4;
            }
            '{' if !double && braces => {
                word.unknown = true;
                word.splits = true;
                word.text.push('{');
            }
            c => word.text.push(c),
        }
        rest = &rest[used..];
    }
    word.open |= double;
    word
}

/// `$…` or a backquote: adds what it stands for and returns how long it is.
fn dollar(rest: &str, double: bool, variables: &HashMap<String, String>, word: &mut Word) -> usize {
    let name_length = |text: &str| {
        text.bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count()
    };
    let plain = name_length(&rest[1..]);
    let (name, used) = if let Some(inside) = rest.strip_prefix('`') {
        let closed = inside.find('`');
        let name = &inside[..closed.unwrap_or(inside.len())];
        (name.trim(), closed.map_or(rest.len(), |at| at + 2))
    } else if rest.starts_with("$(") {
        let length = substitution(rest);
        (rest[2..length].trim_end_matches(')').trim(), length)
    } else if rest.starts_with("${") {
        let length = rest.find('}').map_or(rest.len(), |at| at + 1);
        (rest[2..length].trim_end_matches('}'), length)
    } else if plain > 0 {
        (&rest[1..=plain], plain + 1)
    } else if rest[1..].starts_with(['?', '!', '$', '@', '*', '#', '\'']) {
        ("", 2)
    } else {
        word.text.push('$');
        return 1;
    };
    let command = rest.starts_with('`') || rest.starts_with("$(");
    if (command && name == "pwd") || (!command && name == "PWD") {
        word.text.push_str("$PWD");
    } else if !command && name == "HOME" {
        word.text.push_str("$HOME");
    } else if let Some(value) = variables.get(name).filter(|_| !command) {
        if !double && value.contains(|c: char| c.is_whitespace() || "*?[".contains(c)) {
            word.unknown = true;
            word.splits = true;
        }
        word.text.push_str(value);
    } else {
        word.splits |= !double && word.text.is_empty();
        word.unknown = true;
        word.text.push_str(&rest[..used]);
    }
    used
}

/// How long `$(…)` at the start of a text is.
fn substitution(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut quote = None;
    let mut bytes = rest.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => drop(bytes.next()),
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    rest.len()
}
