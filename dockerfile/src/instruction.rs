//! Reads one logical line: keyword, flags, arguments.

use crate::ast::{Body, Flag, Instruction, Kind, Pair, Word};
use crate::json_array::{self, Array};
use crate::lines::Logical;
use crate::problem::ProblemKind;
use crate::source::Span;
use crate::suggest;
use crate::words::{self, Range};

type Found = Vec<(ProblemKind, Span)>;

/// Reads one logical line: keyword, flags, arguments.
pub(crate) fn read(logical: Logical, escape: char) -> (Instruction, Found) {
    let whole = words::trim(&logical.text, (0, logical.text.len()));
    read_part(&logical, whole, escape, 0)
}

fn read_part(
    logical: &Logical,
    (start, end): Range,
    escape: char,
    depth: usize,
) -> (Instruction, Found) {
    let mut found = Found::new();
    let text = &logical.text;
    let keyword_end = text[start..end]
        .find(words::is_blank)
        .map_or(end, |length| start + length);
    let keyword = word(logical, (start, keyword_end));
    let kind = Kind::of(&keyword.value);
    if kind == Kind::Unknown {
        let suggestion = suggest(&keyword.value, Kind::ALL.iter().map(|kind| kind.name()));
        found.push((
            ProblemKind::UnknownInstruction {
                keyword: keyword.value.clone(),
                suggestion,
            },
            keyword.span,
        ));
    }
    let (raw_flags, rest) = words::flags(text, (keyword_end, end), escape);
    let rest = words::trim(text, rest);
    let mut flags = Vec::new();
    for raw in raw_flags {
        let span = logical.span(raw.range.0, raw.range.1);
        if raw.open_quote {
            found.push((ProblemKind::UnterminatedFlagQuote, span));
        }
        flags.push(flag(logical, raw));
    }
    let body = body(logical, kind, rest, escape, depth, &mut found);
    let instruction = Instruction {
        kind,
        keyword,
        flags,
        body,
        arguments: logical.span(rest.0, rest.1),
        arguments_at: rest,
        heredocs: Vec::new(),
        lines: (0, 0),
        span: logical.span(start, end),
        logical: logical.clone(),
        comments: (0, 0),
    };
    (instruction, found)
}

fn flag(logical: &Logical, raw: words::RawFlag) -> Flag {
    let span = logical.span(raw.range.0, raw.range.1);
    let text = logical.text[raw.range.0..raw.range.1].to_owned();
    let (name, value) = match raw.text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (raw.text.as_str(), None),
    };
    let value = value.map(|value| {
        let at = raw.range.0 + text.find('=').map_or(text.len(), |equals| equals + 1);
        Word {
            value: value.to_owned(),
            span: logical.span(at, raw.range.1),
            at,
        }
    });
    Flag {
        name: name.trim_start_matches("--").to_owned(),
        value,
        text,
        span,
    }
}

fn word(logical: &Logical, (start, end): Range) -> Word {
    Word {
        value: logical.text[start..end].to_owned(),
        span: logical.span(start, end),
        at: start,
    }
}

fn body(
    logical: &Logical,
    kind: Kind,
    rest: Range,
    escape: char,
    depth: usize,
    found: &mut Found,
) -> Body {
    let text = &logical.text;
    if rest.0 == rest.1 {
        return Body::None;
    }
    let cut = |rest| {
        words::whitespace(text, rest)
            .into_iter()
            .map(|range| word(logical, range))
            .collect()
    };
    match kind {
        Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Shell => {
            exec(logical, rest, found).unwrap_or_else(|| Body::Shell(word(logical, rest)))
        }
        Kind::Add | Kind::Copy | Kind::Volume => {
            exec(logical, rest, found).unwrap_or_else(|| Body::Words(cut(rest)))
        }
        Kind::From | Kind::Expose | Kind::Unknown => Body::Words(cut(rest)),
        Kind::Maintainer | Kind::Stopsignal | Kind::User | Kind::Workdir => {
            Body::Words(vec![word(logical, rest)])
        }
        Kind::Env | Kind::Label => pairs(logical, kind, rest, escape, found),
        Kind::Arg => Body::Pairs(
            words::quoted(text, rest, escape)
                .into_iter()
                .map(|at| pair(logical, at))
                .collect(),
        ),
        Kind::Healthcheck => {
            let mode_end = text[rest.0..rest.1]
                .find(words::is_blank)
                .map_or(rest.1, |length| rest.0 + length);
            let test = words::trim_blanks(text, (mode_end, rest.1));
            let test = if test.0 == test.1 {
                Body::None
            } else {
                exec(logical, test, found).unwrap_or_else(|| Body::Shell(word(logical, test)))
            };
            Body::Health {
                mode: word(logical, (rest.0, mode_end)),
                test: Box::new(test),
            }
        }
        // A chain of ONBUILD is refused anyway, so it is not followed.
        Kind::Onbuild if depth > 0 => Body::Words(cut(rest)),
        Kind::Onbuild => {
            let (trigger, inner) = read_part(logical, rest, escape, depth + 1);
            found.extend(inner);
            Body::Trigger(Box::new(trigger))
        }
    }
}

/// The items, where the arguments are a JSON array.
fn exec(logical: &Logical, (start, end): Range, found: &mut Found) -> Option<Body> {
    match json_array::read(&logical.text[start..end]) {
        Array::Strings(items) => Some(Body::Exec(
            items
                .into_iter()
                .map(|(value, from, to)| Word {
                    value,
                    span: logical.span(start + from, start + to),
                    at: start + from,
                })
                .collect(),
        )),
        Array::NotStrings(from, to) => {
            found.push((
                ProblemKind::NotAStringArray,
                logical.span(start + from, start + to),
            ));
            None
        }
        Array::No => None,
    }
}

fn pair(logical: &Logical, (start, end): Range) -> Pair {
    let text = &logical.text[start..end];
    let equals = text.find('=').map(|at| start + at);
    Pair {
        name: word(logical, (start, equals.unwrap_or(end))),
        value: equals.map(|equals| word(logical, (equals + 1, end))),
        legacy: false,
        span: logical.span(start, end),
    }
}

fn pairs(logical: &Logical, kind: Kind, rest: Range, escape: char, found: &mut Found) -> Body {
    let text = &logical.text;
    let cut = words::quoted(text, rest, escape);
    let first = cut.first().copied().unwrap_or(rest);
    if !text[first.0..first.1].contains('=') {
        // The old form: the first word is the name, all the rest is the value.
        let name_end = text[rest.0..rest.1]
            .find(words::is_blank)
            .map_or(rest.1, |length| rest.0 + length);
        let value = words::trim_blanks(text, (name_end, rest.1));
        let name = word(logical, (rest.0, name_end));
        let has_value = value.0 < value.1;
        if !has_value {
            let kind = ProblemKind::NeedsValue {
                instruction: kind.name(),
                name: name.value.clone(),
            };
            found.push((kind, name.span));
        }
        let value = has_value.then(|| word(logical, value));
        return Body::Pairs(vec![Pair {
            name,
            value,
            legacy: has_value,
            span: logical.span(rest.0, rest.1),
        }]);
    }
    let mut pairs = Vec::new();
    for range in cut {
        if !text[range.0..range.1].contains('=') {
            let text = text[range.0..range.1].to_owned();
            let span = logical.span(range.0, range.1);
            found.push((
                ProblemKind::NoEquals {
                    instruction: kind.name(),
                    word: text,
                },
                span,
            ));
            continue;
        }
        pairs.push(pair(logical, range));
    }
    Body::Pairs(pairs)
}
