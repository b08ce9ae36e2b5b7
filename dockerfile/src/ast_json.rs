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
        let own = this.flags.iter();
        // Those of ONBUILD's instruction are told too: they stand in no other place.
        let inner = match &this.body {
            Body::Trigger(trigger) => trigger.flags.as_slice(),
            _ => &[],
        };
        let flags: Vec<_> = own.chain(inner).map(|flag| shown(&flag.text)).collect();
        object.serialize_field("flags", &flags)?;
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
mod tests;
