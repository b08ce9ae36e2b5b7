//! Parser directives: `# syntax=`, `# escape=` and `# check=` at the very top.

use crate::ast::{Directive, Word};
use crate::problem::ProblemKind;
use crate::source::{Source, Span};

/// Reads the directives. The second part is the escape character, the third is what is wrong.
pub(crate) fn read(source: &Source) -> (Vec<Directive>, char, Vec<(ProblemKind, Span)>) {
    let (mut found, mut escape, mut problems) = (Vec::<Directive>::new(), '\\', Vec::new());
    // BuildKit looks for `syntax` and `check` behind a `#!` line too, but not for `escape`.
    let shebang = source.slice(source.line(1)).starts_with("#!");
    for number in if shebang { 2 } else { 1 }..=source.line_count() {
        let line = source.line(number);
        let Some(directive) = directive(source, line) else {
            break;
        };
        if found.iter().any(|earlier| earlier.name == directive.name) {
            problems.push((
                ProblemKind::DuplicateDirective {
                    name: directive.name,
                },
                directive.span,
            ));
            continue;
        }
        if directive.name == "escape" {
            if shebang {
                continue;
            }
            match directive.value.value.as_str() {
                "`" => escape = '`',
                "\\" => {}
                other => problems.push((
                    ProblemKind::BadEscape {
                        value: other.to_owned(),
                    },
                    directive.value.span,
                )),
            }
        }
        found.push(directive);
    }
    (found, escape, problems)
}

fn directive(source: &Source, line: Span) -> Option<Directive> {
    let text = source.slice(line);
    let hash = text.trim_start();
    let body = hash.strip_prefix('#')?.trim_start();
    let name_length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, rest) = body.split_at(name_length);
    let name = name.to_ascii_lowercase();
    let value = rest
        .trim_start_matches(is_space)
        .strip_prefix('=')?
        .trim_start_matches(is_space);
    if !matches!(name.as_str(), "syntax" | "escape" | "check") || value.is_empty() {
        return None;
    }
    let start = line.end - value.len();
    let value = value.trim_end_matches(is_space);
    if value.is_empty() {
        return None;
    }
    let value = Word {
        value: value.to_owned(),
        span: Span::new(start, start + value.len()),
        at: 0,
    };
    Some(Directive {
        name,
        span: Span::new(line.end - hash.len(), value.span.end),
        value,
    })
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<String>, char, usize) {
        let (found, escape, problems) = read(&Source::new(text.as_bytes()));
        (
            found
                .into_iter()
                .map(|d| format!("{}={}", d.name, d.value.value))
                .collect(),
            escape,
            problems.len(),
        )
    }

    #[test]
    fn they_count_only_at_the_top() {
        assert_eq!(
            names("# Syntax = docker/dockerfile:1 \n#escape=`\nFROM a").0,
            ["syntax=docker/dockerfile:1", "escape=`"]
        );
        assert_eq!(names("# escape=`\n").1, '`');
        assert_eq!(names("\n# escape=`\n"), (vec![], '\\', 0));
        assert_eq!(names("# hello\n# escape=`\n"), (vec![], '\\', 0));
        assert_eq!(names("# other=1\n# escape=`\n"), (vec![], '\\', 0));
        assert_eq!(names("#!/usr/bin/env docker\n# syntax=a\n").0, ["syntax=a"]);
    }

    #[test]
    fn twice_and_wrong_are_problems() {
        assert_eq!(
            names("# escape=`\n# escape=\\\n"),
            (vec!["escape=`".to_owned()], '`', 1)
        );
        assert_eq!(names("# escape=x\n").2, 1);
    }
}
