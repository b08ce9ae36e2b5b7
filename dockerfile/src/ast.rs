//! The tree.

use std::collections::HashMap;

use crate::lines::Logical;
use crate::problem::Problem;
use crate::source::{Source, Span};

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// The text that the spans point into.
    pub source: Source,
    /// Parser directives at the top, in order.
    pub directives: Vec<Directive>,
    /// Comment lines, in order; those inside a continuation too.
    pub comments: Vec<Comment>,
    /// Every instruction, in order; unknown ones too.
    pub instructions: Vec<Instruction>,
    /// Every `FROM`, in order.
    pub stages: Vec<Stage>,
    /// What BuildKit would refuse or warn of while it reads the file, in the order of the spans.
    pub problems: Vec<Problem>,
    /// The escape character: `\`, or what the `escape` directive says.
    pub escape: char,
    /// The stages of each name, in small letters; so that thousands of stages are not searched again and again.
    pub(crate) stage_names: HashMap<String, Vec<usize>>,
}

impl Dockerfile {
    /// The instructions of a stage, its `FROM` first.
    pub fn stage_instructions(&self, stage: usize) -> &[Instruction] {
        let Some(this) = self.stages.get(stage) else {
            return &[];
        };
        let end = self
            .stages
            .get(stage + 1)
            .map_or(self.instructions.len(), |next| next.from);
        &self.instructions[this.from..end]
    }

    /// The stage that a name or number in `FROM` or `--from` means, among the stages before `before`.
    /// The last one wins where a name is used twice.
    pub fn stage_named(&self, name: &str, before: usize) -> Option<usize> {
        let stages = self.stage_names.get(&name.to_ascii_lowercase())?;
        let earlier = stages.partition_point(|&stage| stage < before);
        earlier.checked_sub(1).map(|last| stages[last])
    }

    /// Every stage of a name, in order.
    pub fn stages_named(&self, name: &str) -> &[usize] {
        self.stage_names
            .get(&name.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// The stage that an instruction belongs to; `None` before the first `FROM`.
    pub fn stage_of(&self, instruction: usize) -> Option<usize> {
        self.stages
            .partition_point(|stage| stage.from <= instruction)
            .checked_sub(1)
    }
}

/// A parser directive, such as `# syntax=docker/dockerfile:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// `syntax`, `escape` or `check`, in lower case.
    pub name: String,
    /// The value as written.
    pub value: Word,
    /// The whole line.
    pub span: Span,
}

/// A comment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What stands after `#`, trimmed.
    pub text: String,
    /// From `#` to the end of the line.
    pub span: Span,
    /// The line, from 1.
    pub line: usize,
}

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text. A JSON string is decoded; everything else is as written, quotes included, without line continuations.
    pub value: String,
    /// Where it stands in the file. A JSON string's quotes are inside.
    pub span: Span,
    /// Where it starts in the instruction's [`Logical`] text.
    pub at: usize,
}

/// A build stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Index of its `FROM` in the instructions.
    pub from: usize,
    /// What stands after `AS`, as written.
    pub name: Option<Word>,
    /// The image or stage it starts from, as written; `None` where `FROM` has no argument.
    pub base: Option<Word>,
    /// The value of `--platform`.
    pub platform: Option<Word>,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the instruction of that name")]
pub enum Kind {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// No instruction that BuildKit knows.
    Unknown,
}

impl Kind {
    /// All that BuildKit knows.
    pub const ALL: [Kind; 18] = [
        Kind::Add,
        Kind::Arg,
        Kind::Cmd,
        Kind::Copy,
        Kind::Entrypoint,
        Kind::Env,
        Kind::Expose,
        Kind::From,
        Kind::Healthcheck,
        Kind::Label,
        Kind::Maintainer,
        Kind::Onbuild,
        Kind::Run,
        Kind::Shell,
        Kind::Stopsignal,
        Kind::User,
        Kind::Volume,
        Kind::Workdir,
    ];

    /// The keyword in capital letters; empty for an unknown one.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Add => "ADD",
            Kind::Arg => "ARG",
            Kind::Cmd => "CMD",
            Kind::Copy => "COPY",
            Kind::Entrypoint => "ENTRYPOINT",
            Kind::Env => "ENV",
            Kind::Expose => "EXPOSE",
            Kind::From => "FROM",
            Kind::Healthcheck => "HEALTHCHECK",
            Kind::Label => "LABEL",
            Kind::Maintainer => "MAINTAINER",
            Kind::Onbuild => "ONBUILD",
            Kind::Run => "RUN",
            Kind::Shell => "SHELL",
            Kind::Stopsignal => "STOPSIGNAL",
            Kind::User => "USER",
            Kind::Volume => "VOLUME",
            Kind::Workdir => "WORKDIR",
            Kind::Unknown => "",
        }
    }

    /// The instruction of a keyword, in any letter case.
    pub fn of(keyword: &str) -> Kind {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(keyword))
            .unwrap_or(Kind::Unknown)
    }

    /// Whether it changes the image's files, so that it can make a layer.
    pub fn changes_files(self) -> bool {
        matches!(self, Kind::Add | Kind::Copy | Kind::Run | Kind::Workdir)
    }
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// What it is.
    pub kind: Kind,
    /// The keyword as written.
    pub keyword: Word,
    /// Flags such as `--from=build`, in order.
    pub flags: Vec<Flag>,
    /// The arguments.
    pub body: Body,
    /// Where the arguments stand, flags aside; empty behind the last token where there are none.
    pub arguments: Span,
    /// Where the arguments stand in `logical`.
    pub arguments_at: (usize, usize),
    /// Inline documents, in order.
    pub heredocs: Vec<Heredoc>,
    /// First and last line, from 1.
    pub lines: (usize, usize),
    /// From the keyword to the end of the last argument or heredoc.
    pub span: Span,
    /// The instruction as one line: continuations joined, comments inside dropped.
    pub logical: Logical,
    /// The comments directly before it, as a range of the file's comments.
    pub comments: (usize, usize),
}

impl Instruction {
    /// A flag by its name, without the dashes.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The words of the body, whatever its form; a shell command is one word. Empty for pairs.
    pub fn words(&self) -> &[Word] {
        match &self.body {
            Body::Shell(word) => std::slice::from_ref(word),
            Body::Exec(words) | Body::Words(words) => words,
            Body::Health { test, .. } => match &**test {
                Body::Shell(word) => std::slice::from_ref(word),
                Body::Exec(words) | Body::Words(words) => words,
                _ => &[],
            },
            Body::None | Body::Pairs(_) | Body::Trigger(_) => &[],
        }
    }

    /// The pairs of `ENV`, `LABEL` and `ARG`; empty for others.
    pub fn pairs(&self) -> &[Pair] {
        match &self.body {
            Body::Pairs(pairs) => pairs,
            _ => &[],
        }
    }

    /// The form that the arguments are written in.
    pub fn form(&self) -> Form {
        self.body.form()
    }

    /// The instruction that does the work: for `ONBUILD` its trigger, else itself.
    pub fn inner(&self) -> &Instruction {
        match &self.body {
            Body::Trigger(trigger) => trigger.inner(),
            _ => self,
        }
    }
}

/// The arguments of an instruction.
#[derive(Clone, Debug)]
pub enum Body {
    /// None at all.
    None,
    /// A command for the shell, as one text.
    Shell(Word),
    /// A JSON array of strings.
    Exec(Vec<Word>),
    /// Words between spaces; for `WORKDIR`, `USER`, `STOPSIGNAL` and `MAINTAINER` the whole text as one.
    Words(Vec<Word>),
    /// `name=value` pairs.
    Pairs(Vec<Pair>),
    /// What `ONBUILD` will run.
    Trigger(Box<Instruction>),
    /// `HEALTHCHECK`: `CMD` or `NONE`, and the test.
    Health {
        /// `CMD` or `NONE`, or what stands there instead.
        mode: Word,
        /// `Shell`, `Exec` or `None`.
        test: Box<Body>,
    },
}

impl Body {
    /// The form that the arguments are written in.
    pub fn form(&self) -> Form {
        match self {
            Body::Shell(_) => Form::Shell,
            Body::Exec(_) => Form::Exec,
            Body::Pairs(_) => Form::Pairs,
            Body::None | Body::Words(_) => Form::Words,
            Body::Trigger(trigger) => trigger.form(),
            Body::Health { test, .. } => test.form(),
        }
    }
}

/// How arguments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text that a shell runs.
    Shell,
    /// A JSON array.
    Exec,
    /// Names and values.
    Pairs,
    /// Words between spaces.
    Words,
}

impl Form {
    /// `shell`, `exec`, `pairs` or `words`.
    pub fn name(self) -> &'static str {
        match self {
            Form::Shell => "shell",
            Form::Exec => "exec",
            Form::Pairs => "pairs",
            Form::Words => "words",
        }
    }
}

/// `--name=value` or `--name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Without the dashes.
    pub name: String,
    /// What stands after `=`, quotes taken off; `None` without `=`.
    pub value: Option<Word>,
    /// The flag as written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A name and, mostly, a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name as written.
    pub name: Word,
    /// The value as written, quotes included; `None` for `ARG NAME`.
    pub value: Option<Word>,
    /// Whether name and value stand in the old form with a space, `ENV NAME value`.
    pub legacy: bool,
    /// From the name to the end of the value.
    pub span: Span,
}

/// An inline document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it, quotes taken off.
    pub name: String,
    /// The lines up to the terminator, with their line endings.
    pub content: String,
    /// Where the content stands.
    pub content_span: Span,
    /// Whether variables in it are expanded; no where the name is quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are stripped.
    pub chomp: bool,
    /// The number before `<<`; 0 without one.
    pub fd: u32,
    /// Where `<<NAME` stands.
    pub span: Span,
}
