//! Cuts the file into instructions.

use std::collections::HashMap;

use crate::ast::{Body, Comment, Dockerfile, Heredoc, Instruction, Kind, Stage};
use crate::lines::{self, Line, Logical};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::words;
use crate::{directive, heredoc, instruction, validate};

/// Files above this many bytes are not read.
pub const MAX_SIZE: usize = 1 << 20;
/// BuildKit reads no longer physical lines.
pub const MAX_LINE: usize = 65_535;

/// Parses a file. Never fails and never panics; the time is linear in the size.
pub fn parse(bytes: &[u8]) -> Dockerfile {
    if bytes.len() > MAX_SIZE {
        let kind = ProblemKind::TooLarge {
            size: bytes.len(),
            limit: MAX_SIZE,
        };
        let mut file = empty(Source::new(b""));
        file.problems.push(Problem {
            kind,
            span: Span::default(),
            instruction: None,
        });
        return file;
    }
    let source = Source::new(bytes);
    let (directives, escape, found) = directive::read(&source);
    let mut parser = Parser {
        file: Dockerfile {
            directives,
            escape,
            ..empty(source)
        },
        endings: None,
    };
    for (kind, span) in found {
        parser.problem(kind, span, None);
    }
    parser.whole_text();
    parser.instructions();
    let mut file = parser.file;
    validate::file(&mut file);
    file.problems.sort_by_key(|problem| problem.span);
    file
}

fn empty(source: Source) -> Dockerfile {
    Dockerfile {
        source,
        directives: Vec::new(),
        comments: Vec::new(),
        instructions: Vec::new(),
        stages: Vec::new(),
        problems: Vec::new(),
        escape: '\\',
        stage_names: HashMap::new(),
    }
}

struct Parser {
    file: Dockerfile,
    /// To find the end of a heredoc without reading on. Built when needed.
    endings: Option<Endings>,
}

/// For each line's text the lines that have it: as written, and without leading tabs.
struct Endings {
    exact: HashMap<String, Vec<usize>>,
    chomped: HashMap<String, Vec<usize>>,
}

impl Endings {
    fn of(source: &Source) -> Endings {
        let (mut exact, mut chomped) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for number in 1..=source.line_count() {
            let text = source.slice(source.line(number));
            exact.entry(text.to_owned()).or_default().push(number);
            chomped
                .entry(text.trim_start_matches('\t').to_owned())
                .or_default()
                .push(number);
        }
        Endings { exact, chomped }
    }
}

impl Parser {
    fn problem(&mut self, kind: ProblemKind, span: Span, instruction: Option<usize>) {
        self.file.problems.push(Problem {
            kind,
            span,
            instruction,
        });
    }

    /// What can be said of the text before it is cut.
    fn whole_text(&mut self) {
        if let Some(&first) = self.file.source.bad_bytes().first() {
            let bytes = self.file.source.bad_bytes().len();
            self.problem(
                ProblemKind::NotUtf8 { bytes },
                Span::new(first, first + 1),
                None,
            );
        }
        if let Some(at) = self.file.source.text().find('\0') {
            self.problem(ProblemKind::NulByte, Span::new(at, at + 1), None);
        }
        for number in 1..=self.file.source.line_count() {
            let line = self.file.source.line(number);
            let length = line.end - line.start;
            if length > MAX_LINE {
                self.problem(
                    ProblemKind::LineTooLong {
                        length,
                        limit: MAX_LINE,
                    },
                    line,
                    None,
                );
            }
        }
    }

    fn instructions(&mut self) {
        let (mut line, last) = (1, self.file.source.line_count());
        let mut comments = 0;
        while line <= last {
            match self.read(line) {
                Line::Blank => line += 1,
                Line::Comment(hash) => {
                    self.comment(line, hash);
                    line += 1;
                }
                Line::Text { .. } => {
                    let before = (comments, self.file.comments.len());
                    line = self.instruction(line, before);
                    comments = self.file.comments.len();
                }
            }
        }
    }

    fn read(&self, line: usize) -> Line {
        lines::read(
            &self.file.source,
            self.file.source.line(line),
            self.file.escape,
        )
    }

    fn comment(&mut self, line: usize, hash: usize) {
        let span = Span::new(hash, self.file.source.line(line).end);
        let text = self.file.source.slice(span)[1..].trim().to_owned();
        self.file.comments.push(Comment { text, span, line });
    }

    /// Reads the instruction that starts on `first`, and returns the line after it.
    fn instruction(&mut self, first: usize, comments: (usize, usize)) -> usize {
        let mut logical = Logical::default();
        let (mut line, mut empty_line) = (first, None);
        let mut continues = true;
        while continues && line <= self.file.source.line_count() {
            match self.read(line) {
                Line::Text {
                    span,
                    continues: more,
                } => {
                    logical.push(&self.file.source, span);
                    continues = more;
                }
                Line::Comment(hash) => self.comment(line, hash),
                Line::Blank => empty_line = empty_line.or(Some(line)),
            }
            line += 1;
        }
        let index = self.file.instructions.len();
        if let Some(empty) = empty_line {
            // An empty line's span is the line with its ending, so that there is something to show and to remove.
            let span = self.file.source.line(empty);
            let end = self.file.source.line(empty + 1).start.max(span.end);
            self.problem(
                ProblemKind::EmptyContinuation,
                Span::new(span.start, end),
                Some(index),
            );
        }
        let (mut instruction, found) = instruction::read(logical, self.file.escape);
        for (kind, span) in found {
            self.problem(kind, span, Some(index));
        }
        instruction.comments = comments;
        if takes_heredocs(&instruction) && instruction.logical.text.contains("<<") {
            line = self.heredocs(&mut instruction, line);
        }
        instruction.lines = (first, line - 1);
        if instruction.kind == Kind::From {
            let stage = stage(index, &instruction);
            if let Some(name) = &stage.name {
                let stages = self.file.stage_names.entry(name.value.to_ascii_lowercase());
                stages.or_default().push(self.file.stages.len());
            }
            self.file.stages.push(stage);
        }
        self.file.instructions.push(instruction);
        line
    }

    /// Reads the documents that follow on `line`, and returns the line after them.
    fn heredocs(&mut self, instruction: &mut Instruction, mut line: usize) -> usize {
        let logical = &instruction.logical;
        for start in heredoc::starts(&logical.text) {
            let span = logical.span(start.range.0, start.range.1);
            let content_start = self.file.source.line(line).start;
            let terminator = self.terminator(&start.name, start.chomp, line);
            let after = match terminator {
                Some(terminator) => terminator,
                None => {
                    let (after, indented_at) = self.recover(&start.name, line);
                    let kind = ProblemKind::UnterminatedHeredoc {
                        name: start.name.clone(),
                        indented_at,
                    };
                    self.problem(kind, span, Some(self.file.instructions.len()));
                    after
                }
            };
            let content_span = Span::new(content_start, self.file.source.line(after).start);
            instruction.span.end = match terminator {
                Some(terminator) => self.file.source.line(terminator).end,
                None => content_span.end.max(instruction.span.end),
            };
            line = after + usize::from(terminator.is_some());
            instruction.heredocs.push(Heredoc {
                content: self.file.source.slice(content_span).to_owned(),
                name: start.name,
                content_span,
                expand: start.expand,
                chomp: start.chomp,
                fd: start.fd,
                span,
            });
        }
        line
    }

    /// The first line from `from` that ends the heredoc `name`.
    fn terminator(&mut self, name: &str, chomp: bool, from: usize) -> Option<usize> {
        let endings = self
            .endings
            .get_or_insert_with(|| Endings::of(&self.file.source));
        let lines = if chomp {
            endings.chomped.get(name)?
        } else {
            endings.exact.get(name)?
        };
        lines
            .get(lines.partition_point(|&line| line < from))
            .copied()
    }

    /// Where an unclosed heredoc most likely was meant to end: behind a line that is its name but for blanks, or before
    /// the next line that looks like an instruction. Returns the line that goes on, and the line with the name.
    fn recover(&self, name: &str, from: usize) -> (usize, Option<usize>) {
        let source = &self.file.source;
        for number in from..=source.line_count() {
            let text = source.slice(source.line(number));
            if text.trim() == name {
                return (number + 1, Some(number));
            }
            let keyword = text.split(words::is_blank).next().unwrap_or("");
            if keyword.len() < text.len() && Kind::ALL.iter().any(|kind| kind.name() == keyword) {
                return (number, None);
            }
        }
        (source.line_count() + 1, None)
    }
}

fn takes_heredocs(instruction: &Instruction) -> bool {
    let inner = match &instruction.body {
        Body::Trigger(trigger) => trigger,
        _ => instruction,
    };
    matches!(inner.kind, Kind::Add | Kind::Copy | Kind::Run) && !matches!(inner.body, Body::Exec(_))
}

fn stage(index: usize, instruction: &Instruction) -> Stage {
    let words = instruction.words();
    let name = match words {
        [_, keyword, name] if keyword.value.eq_ignore_ascii_case("as") => Some(name.clone()),
        _ => None,
    };
    let platform = instruction
        .flag("platform")
        .and_then(|flag| flag.value.clone());
    Stage {
        from: index,
        name,
        base: words.first().cloned(),
        platform,
    }
}
