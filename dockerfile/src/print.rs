//! The tree as a Dockerfile again.

use std::fmt::Write;

use crate::ast::{Body, Dockerfile, Instruction, Word};

/// Writes a tree as a Dockerfile with one instruction on a line (heredocs follow theirs). Comments and layout are not
/// kept; parsing the result gives the same instructions.
pub fn print(file: &Dockerfile) -> String {
    let mut out = String::new();
    for directive in &file.directives {
        let _ = writeln!(out, "# {}={}", directive.name, directive.value.value);
    }
    for instruction in &file.instructions {
        line(&mut out, instruction);
        out.push('\n');
        for heredoc in &instruction.heredocs {
            out.push_str(&heredoc.content);
            let _ = writeln!(out, "{}", heredoc.name);
        }
    }
    out
}

fn line(out: &mut String, instruction: &Instruction) {
    out.push_str(&instruction.keyword.value);
    for flag in &instruction.flags {
        let _ = write!(out, " {}", flag.text);
    }
    let first = instruction
        .words()
        .first()
        .or(instruction.pairs().first().map(|pair| &pair.name));
    if first.is_some_and(|word| word.value.starts_with("--"))
        && !matches!(instruction.body, Body::Exec(_))
    {
        // Else the first word would be read as a flag.
        out.push_str(" --");
    }
    body(out, &instruction.body);
}

fn body(out: &mut String, body_: &Body) {
    match body_ {
        Body::None => {}
        Body::Shell(word) => {
            let _ = write!(out, " {}", word.value);
        }
        Body::Exec(words) => json(out, words),
        Body::Words(words) => {
            for word in words {
                let _ = write!(out, " {}", word.value);
            }
        }
        Body::Pairs(pairs) => {
            for pair in pairs {
                let equals = if pair.legacy { " " } else { "=" };
                let _ = write!(out, " {}", pair.name.value);
                if let Some(value) = &pair.value {
                    let _ = write!(out, "{equals}{}", value.value);
                }
            }
        }
        Body::Trigger(trigger) => {
            out.push(' ');
            line(out, trigger);
        }
        Body::Health { mode, test } => {
            let _ = write!(out, " {}", mode.value);
            body(out, test);
        }
    }
}

fn json(out: &mut String, words: &[Word]) {
    out.push_str(" [");
    for (index, word) in words.iter().enumerate() {
        out.push_str(if index > 0 { ", \"" } else { "\"" });
        for c in word.value.chars() {
            match c {
                '"' | '\\' => {
                    let _ = write!(out, "\\{c}");
                }
                c if c < ' ' || c.is_whitespace() && c != ' ' => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
    out.push(']');
}
