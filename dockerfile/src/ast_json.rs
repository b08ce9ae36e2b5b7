//! The tree as JSON, in the shape that `docktutor lint --ast` prints.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::ast::{Body, Directive, Dockerfile, Heredoc, Instruction, Stage};
use crate::source::SUBSTITUTE;

/// A file's tree: `directives`, `stages`, `instructions`. Serialize it beside other fields with `#[serde(flatten)]`.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a>(pub &'a Dockerfile);

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(
            "directives",
            &file
                .directives
                .iter()
                .map(DirectiveJson)
                .collect::<Vec<_>>(),
        )?;
        map.serialize_entry(
            "stages",
            &file.stages.iter().map(StageJson).collect::<Vec<_>>(),
        )?;
        map.serialize_entry(
            "instructions",
            &file
                .instructions
                .iter()
                .map(InstructionJson)
                .collect::<Vec<_>>(),
        )?;
        map.end()
    }
}

/// A byte that is not UTF-8 shows as U+FFFD outside.
fn shown(text: &str) -> String {
    text.replace(SUBSTITUTE, "\u{fffd}")
}

struct DirectiveJson<'a>(&'a Directive);

impl Serialize for DirectiveJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Directive", 2)?;
        object.serialize_field("name", &self.0.name)?;
        object.serialize_field("value", &shown(&self.0.value.value))?;
        object.end()
    }
}

struct StageJson<'a>(&'a Stage);

impl Serialize for StageJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Stage", 3)?;
        object.serialize_field("name", &self.0.name.as_ref().map(|word| shown(&word.value)))?;
        object.serialize_field("base", &self.0.base.as_ref().map(|word| shown(&word.value)))?;
        object.serialize_field(
            "platform",
            &self.0.platform.as_ref().map(|word| shown(&word.value)),
        )?;
        object.end()
    }
}

struct InstructionJson<'a>(&'a Instruction);

impl Serialize for InstructionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let this = self.0;
        let mut object = serializer.serialize_struct("Instruction", 7)?;
        object.serialize_field("keyword", &shown(&this.keyword.value.to_lowercase()))?;
        object.serialize_field(
            "flags",
            &this
                .flags
                .iter()
                .map(|flag| shown(&flag.text))
                .collect::<Vec<_>>(),
        )?;
        object.serialize_field("args", &arguments(this))?;
        object.serialize_field("form", this.form().name())?;
        object.serialize_field(
            "heredocs",
            &this.heredocs.iter().map(HeredocJson).collect::<Vec<_>>(),
        )?;
        object.serialize_field("lines", &[this.lines.0, this.lines.1])?;
        object.serialize_field("span", &[this.span.start, this.span.end])?;
        object.end()
    }
}

struct HeredocJson<'a>(&'a Heredoc);

impl Serialize for HeredocJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Heredoc", 5)?;
        object.serialize_field("name", &shown(&self.0.name))?;
        object.serialize_field("content", &shown(&self.0.content))?;
        object.serialize_field("expand", &self.0.expand)?;
        object.serialize_field("chomp", &self.0.chomp)?;
        object.serialize_field("fd", &self.0.fd)?;
        object.end()
    }
}

/// One argument: a word, or a name with its value.
enum Argument {
    Word(String),
    Pair(String, Option<String>),
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Argument::Word(word) => word.serialize(serializer),
            Argument::Pair(name, value) => (name, value).serialize(serializer),
        }
    }
}

/// The arguments as BuildKit's parser lists them: `HEALTHCHECK`'s `CMD` and `ONBUILD`'s instruction come first.
fn arguments(instruction: &Instruction) -> Vec<Argument> {
    if let Body::Pairs(pairs) = &instruction.body {
        return pairs
            .iter()
            .map(|pair| {
                Argument::Pair(
                    shown(&pair.name.value),
                    pair.value.as_ref().map(|value| shown(&value.value)),
                )
            })
            .collect();
    }
    let mut arguments = Vec::new();
    match &instruction.body {
        Body::Trigger(trigger) => {
            arguments.push(Argument::Word(shown(&trigger.keyword.value)));
            arguments.extend(self::arguments(trigger));
        }
        Body::Health { mode, .. } => {
            arguments.push(Argument::Word(shown(&mode.value)));
        }
        _ => {}
    }
    arguments.extend(
        instruction
            .words()
            .iter()
            .map(|word| Argument::Word(shown(&word.value))),
    );
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn the_shape_is_the_documented_one() {
        let text = "# syntax=x\nFROM --platform=p a AS b\nENV A=\"1 2\"\nRUN <<E\nx\nE\nCMD [\"y\"]\nONBUILD ARG Z\n";
        let file = parse(text.as_bytes());
        let json = serde_json::to_value(Tree(&file)).unwrap();
        assert_eq!(
            json["directives"],
            serde_json::json!([{"name": "syntax", "value": "x"}])
        );
        assert_eq!(
            json["stages"],
            serde_json::json!([{"name": "b", "base": "a", "platform": "p"}])
        );
        let instructions = json["instructions"].as_array().unwrap();
        assert_eq!(
            instructions[0],
            serde_json::json!({"keyword": "from", "flags": ["--platform=p"], "args": ["a", "AS", "b"], "form": "words",
                "heredocs": [], "lines": [2, 2], "span": [11, 35]})
        );
        assert_eq!(
            instructions[1]["args"],
            serde_json::json!([["A", "\"1 2\""]])
        );
        assert_eq!(
            instructions[2]["heredocs"],
            serde_json::json!([{"name": "E", "content": "x\n", "expand": true, "chomp": false, "fd": 0}])
        );
        assert_eq!(instructions[2]["lines"], serde_json::json!([4, 6]));
        assert_eq!(instructions[3]["form"], "exec");
        assert_eq!(
            instructions[4]["args"],
            serde_json::json!(["ARG", ["Z", null]])
        );
    }
}
