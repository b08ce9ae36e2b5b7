//! YAML with places: text in, a tree and problems out. What follows a syntax error is missing from the tree.
//!
//! Aliases and merge keys are resolved here, within a budget, so that nobody who walks the tree meets a bomb.

use std::collections::HashMap;

use dockerfile::{Source, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};

mod merge;
mod problem;

use super::node::{Entry, Node, Value};
use merge::merge;
pub use problem::{Problem, ProblemKind};

/// Larger files are not read.
pub const MAX_SIZE: usize = 1 << 20;
/// Deeper files are not read. A Compose file has about ten levels.
const MAX_DEPTH: usize = 64;
/// The most nodes, each alias counted as what it stands for.
const MAX_NODES: usize = 100_000;
/// More problems than this of one file help nobody.
const MAX_PROBLEMS: usize = 200;

/// What has been read.
#[derive(Debug)]
pub struct Yaml {
    /// The first document, as far as it could be read.
    pub root: Option<Node>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Whether the tree ends early.
    pub cut: bool,
    /// Whether there are more documents, which are not in the tree.
    pub more: bool,
}

enum Content {
    List(Vec<Node>),
    Map(Vec<Entry>, HashMap<String, Span>, Option<(String, Span)>),
}

struct Frame {
    start: usize,
    content: Content,
    anchor: usize,
    flow: bool,
    tag: Option<String>,
}

struct Reader<'a> {
    source: &'a Source,
    /// Byte offset of each character, where they differ from the characters' numbers.
    offsets: Option<Vec<usize>>,
    base: usize,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    problems: Vec<Problem>,
    nodes: usize,
}

/// Reads the first document of a file.
pub fn read(source: &Source) -> Yaml {
    let whole = source.text();
    let mut yaml = Yaml {
        root: None,
        problems: Vec::new(),
        cut: true,
        more: false,
    };
    if whole.len() > MAX_SIZE {
        let span = Span::new(0, 0);
        let kind = ProblemKind::TooLarge;
        yaml.problems.push(Problem { kind, span });
        return yaml;
    }
    let base = if whole.starts_with('\u{feff}') { 3 } else { 0 };
    let text = &whole[base..];
    let bad = text.char_indices().find(|(_, c)| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}') || *c == '\u{feff}'
    });
    if let Some(at) = source
        .bad_bytes()
        .first()
        .copied()
        .or(bad.map(|(at, _)| at + base))
    {
        let length = whole[at..].chars().next().map_or(0, char::len_utf8);
        yaml.problems.push(Problem {
            kind: ProblemKind::NotText,
            span: Span::new(at, at + length),
        });
        return yaml;
    }
    let offsets = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
    let mut reader = Reader {
        source,
        offsets,
        base,
        frames: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        problems: Vec::new(),
        nodes: 0,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentStart(_), _)) => {
                documents += 1;
                if documents > 1 {
                    yaml.cut = false;
                    yaml.more = true;
                    break;
                }
            }
            Ok((Event::StreamEnd, _)) => yaml.cut = false,
            Ok((event, span)) => {
                let span = reader.span(span);
                if let Err(problem) = reader.event(event, span) {
                    reader.problems.push(problem);
                    break;
                }
            }
            Err(error) => {
                let at = reader.offset(error.marker().index());
                let problem = problem::of_syntax(source, error.info(), at);
                reader.problems.push(problem);
                break;
            }
        }
    }
    while let Some(frame) = reader.frames.pop() {
        let end = reader.end(&frame);
        // The budget was for the reading; what is open is only closed.
        let _ = reader.close(frame, end);
    }
    yaml.root = reader.root;
    yaml.problems = reader.problems;
    yaml
}

impl Reader<'_> {
    fn offset(&self, character: usize) -> usize {
        let length = self.source.text().len();
        let at = match &self.offsets {
            Some(offsets) => offsets
                .get(character)
                .copied()
                .unwrap_or(length - self.base),
            None => character,
        };
        (self.base + at).min(length)
    }

    /// Without the blanks and line ends that the parser counts to what stands before them.
    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.offset(span.start.index());
        let end = self.offset(span.end.index()).max(start);
        let text = self.source.text().get(start..end).unwrap_or("");
        Span::new(start, start + text.trim_end().len())
    }

    fn end(&self, frame: &Frame) -> usize {
        match &frame.content {
            Content::List(items) => items.last().map(|item| item.span.end),
            Content::Map(entries, _, _) => {
                let own = entries.iter().filter(|entry| !entry.merged);
                own.map(|entry| entry.value.span.end.max(entry.span.end))
                    .max()
            }
        }
        .unwrap_or(frame.start)
        .max(frame.start)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let null = plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null {
                    Value::Null
                } else {
                    Value::Scalar(text.into_owned(), plain)
                };
                let flow = self.frames.last().is_some_and(|frame| frame.flow);
                let mut node = Node::new(span, value, flow);
                node.tag = tag.map(|tag| tag.suffix.clone());
                self.add(node, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Content::List(Vec::new()), anchor, span, tag.as_deref())
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map(Vec::new(), HashMap::new(), None);
                self.open(content, anchor, span, tag.as_deref())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.frames.pop() else {
                    return Ok(());
                };
                let end = self.end(&frame);
                let bracketed = self.source.text()[frame.start..].starts_with(['[', '{']);
                let end = if bracketed { end.max(span.end) } else { end };
                self.close(frame, end)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let kind = if self.frames.iter().any(|frame| frame.anchor == anchor) {
                        ProblemKind::Endless
                    } else {
                        ProblemKind::UnknownAlias
                    };
                    return Err(Problem { kind, span });
                };
                let size = node.size();
                if self.nodes + size > MAX_NODES {
                    let kind = ProblemKind::TooMany;
                    return Err(Problem { kind, span });
                }
                let node = node.clone();
                self.add(node, 0, size)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        span: Span,
        tag: Option<&saphyr_parser::Tag>,
    ) -> Result<(), Problem> {
        if self.frames.len() >= MAX_DEPTH {
            let kind = ProblemKind::TooDeep;
            return Err(Problem { kind, span });
        }
        let outer = self.frames.last().is_some_and(|frame| frame.flow);
        let flow = outer || self.source.text()[span.start..].starts_with(['[', '{']);
        self.frames.push(Frame {
            start: span.start,
            content,
            anchor,
            flow,
            tag: tag.map(|tag| tag.suffix.clone()),
        });
        Ok(())
    }

    fn close(&mut self, frame: Frame, end: usize) -> Result<(), Problem> {
        let span = Span::new(frame.start, end);
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map(mut entries, mut seen, pending) => {
                // A key whose value was never reached still stands there.
                if let Some((key, at)) = pending {
                    let value = Node::new(Span::new(at.end, at.end), Value::Null, frame.flow);
                    entries.push(Entry {
                        key,
                        span: at,
                        value,
                        merged: false,
                    });
                }
                merge(&mut entries, &mut seen);
                Value::Map(entries)
            }
        };
        let mut node = Node::new(span, value, frame.flow);
        node.tag = frame.tag;
        self.add(node, frame.anchor, 1)
    }

    fn add(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Problem> {
        let span = node.span;
        self.nodes += size;
        if anchor != 0 {
            self.nodes += node.size();
        }
        if self.nodes > MAX_NODES {
            let kind = ProblemKind::TooMany;
            return Err(Problem { kind, span });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, seen, pending)) => match pending.take() {
                Some((key, span)) => entries.push(Entry {
                    key,
                    span,
                    value: node,
                    merged: false,
                }),
                None => {
                    let key = match node.value {
                        Value::Scalar(text, _) => text,
                        Value::Null => String::new(),
                        _ => {
                            let kind = ProblemKind::ComplexKey;
                            return Err(Problem { kind, span });
                        }
                    };
                    let before = seen.get(&key).copied();
                    match before {
                        Some(before) if key != "<<" && self.problems.len() < MAX_PROBLEMS => {
                            let kind = ProblemKind::DuplicateKey {
                                key: key.clone(),
                                before,
                            };
                            self.problems.push(Problem { kind, span });
                        }
                        Some(_) => {}
                        None => {
                            seen.insert(key.clone(), span);
                        }
                    }
                    *pending = Some((key, span));
                }
            },
        }
        Ok(())
    }
}
