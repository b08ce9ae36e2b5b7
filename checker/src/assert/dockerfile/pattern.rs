//! Which instructions of a Dockerfile are meant.

use ::dockerfile::{Instruction, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assert::one_line;

/// Which instructions are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The keyword, in any letter case.
    pub instruction: String,
    /// Its arguments, all of them; for `ENV`, `LABEL` and `ARG` written `name=value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// A piece of its text. Any white space counts as one space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// A flag that it has, `--from=build` or `--from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

impl Pattern {
    pub(super) fn holds(&self, instruction: &Instruction) -> bool {
        instruction.kind == Kind::of(&self.instruction)
            && self
                .args
                .as_ref()
                .is_none_or(|wanted| &arguments(instruction) == wanted)
            && self.contains.as_ref().is_none_or(|wanted| {
                let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
                text_of(instruction).contains(&wanted)
            })
            && self.flag.as_ref().is_none_or(|wanted| {
                instruction
                    .flags
                    .iter()
                    .any(|flag| flag.text == *wanted || format!("--{}", flag.name) == *wanted)
            })
    }

    pub(super) fn wanted(&self) -> String {
        let mut words = vec![self.instruction.to_uppercase()];
        words.extend(self.flag.clone());
        match (&self.args, &self.contains) {
            (Some(args), _) => words.extend(args.iter().cloned()),
            (None, Some(piece)) => words.push(format!("… {piece} …")),
            (None, None) => {}
        }
        one_line(&words.join(" "))
    }
}

/// The arguments as the builder splits them; pairs as `name=value` without quotes.
fn arguments(instruction: &Instruction) -> Vec<String> {
    let pairs = instruction.pairs();
    if pairs.is_empty() {
        return instruction
            .words()
            .iter()
            .map(|w| w.value.clone())
            .collect();
    }
    pairs
        .iter()
        .map(|pair| match &pair.value {
            Some(value) => format!("{}={}", pair.name.value, unquoted(&value.value)),
            None => pair.name.value.clone(),
        })
        .collect()
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

/// The instruction as one line with single spaces.
pub(super) fn text_of(instruction: &Instruction) -> String {
    instruction
        .logical
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
