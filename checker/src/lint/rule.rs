//! What a rule is, and what it sees and says.

use dockerfile::{Dockerfile, Instruction, Kind, ProblemKind, Scopes, Span};

use super::shell::{self, Command};
use crate::compose::Compose;
use crate::compose::project::Loaded;
use crate::{Lang, Severity};

/// A text in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Korean.
    pub ko: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// In one language.
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.ko,
            Lang::En => self.en,
        }
    }
}

/// Both languages of a text.
pub(super) const fn t(ko: &'static str, en: &'static str) -> Text {
    Text { ko, en }
}

/// One rule. Everything that a learner reads about it, in a finding or in the rule reference, comes from here.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case id.
    pub id: &'static str,
    /// The same rule's names elsewhere: BuildKit's check name, hadolint's code.
    pub aliases: &'static [&'static str],
    /// How bad a finding is.
    pub severity: Severity,
    /// Whether it runs without being asked for.
    pub on: bool,
    /// The study notes' mistake that every finding of it is.
    pub mistake: Option<&'static str>,
    /// A few words.
    pub title: Text,
    /// What it looks for.
    pub what: Text,
    /// Why that matters, and what to think about next.
    pub why: Text,
    /// Files in which it finds something: `⟦` and `⟧` stand around exactly what is wrong. The first is the one to show.
    pub bad: &'static [&'static str],
    /// Files in which it finds nothing. The first mends the first bad one.
    pub good: &'static [&'static str],
    /// Looks at a file.
    pub check: fn(&File<'_>, &mut Sink<'_>),
}

/// What rules look at.
#[derive(Debug)]
pub struct File<'a> {
    /// The file's path as the caller names it.
    pub path: &'a str,
    /// The tree.
    pub tree: &'a Dockerfile,
    /// The variables.
    pub scopes: Scopes,
    /// For each instruction the commands of its script; empty for all but `RUN` in a Unix shell.
    pub commands: Vec<Vec<Command>>,
    /// The `.dockerignore` that the build would use.
    pub ignore: Option<&'a dockerfile::ignore::Ignore>,
    /// The Compose file, where it is one; then the tree is empty.
    pub compose: Option<&'a Compose>,
    /// The project to which the file belongs, and which of its files it is.
    pub project: Option<(&'a Loaded, usize)>,
    /// The language of the messages.
    pub lang: Lang,
}

impl<'a> File<'a> {
    /// Prepares a tree for the rules.
    pub fn new(
        path: &'a str,
        tree: &'a Dockerfile,
        ignore: Option<&'a dockerfile::ignore::Ignore>,
        lang: Lang,
    ) -> File<'a> {
        let scopes = dockerfile::scopes(tree);
        let mut commands = Vec::with_capacity(tree.instructions.len());
        let mut foreign_shell = false;
        for instruction in &tree.instructions {
            match instruction.kind {
                Kind::From => foreign_shell = false,
                Kind::Shell => {
                    let shell = instruction
                        .words()
                        .first()
                        .map_or("", |word| &word.value)
                        .to_lowercase();
                    foreign_shell = ["powershell", "pwsh", "cmd"]
                        .iter()
                        .any(|name| shell.contains(name));
                }
                _ => {}
            }
            commands.push(if foreign_shell {
                Vec::new()
            } else {
                run_commands(instruction)
            });
        }
        File {
            path,
            tree,
            scopes,
            commands,
            ignore,
            compose: None,
            project: None,
            lang,
        }
    }

    /// Every instruction of a kind with its index; those inside `ONBUILD` are not among them.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (usize, &'a Instruction)> {
        self.tree
            .instructions
            .iter()
            .enumerate()
            .filter(move |(_, instruction)| instruction.kind == kind)
    }

    /// Every command of every `RUN`, with the index of its instruction.
    pub fn commands(&self) -> impl Iterator<Item = (usize, &Command)> {
        self.commands
            .iter()
            .enumerate()
            .flat_map(|(index, commands)| commands.iter().map(move |command| (index, command)))
    }

    /// The parser's problems.
    pub fn problems(&self) -> impl Iterator<Item = (&'a ProblemKind, Span)> {
        self.tree
            .problems
            .iter()
            .map(|problem| (&problem.kind, problem.span))
    }

    /// What a stage starts from as far as it is known: variables expanded; through stages to the image.
    pub fn image(&self, mut stage: usize) -> Option<String> {
        for _ in 0..100 {
            match self.scopes.parent(stage) {
                Some(parent) => stage = parent,
                None => break,
            }
        }
        let stage = self.tree.stages.get(stage)?;
        let scope = self.scopes.at(self.tree, stage.from);
        scope.known(&stage.base.as_ref()?.value, self.tree.escape)
    }

    /// The stages from which the last one is made, by `FROM` (not by `COPY --from`), the last one first.
    pub fn final_chain(&self) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = self.tree.stages.len().checked_sub(1);
        while let Some(stage) = next.filter(|_| chain.len() < 100) {
            chain.push(stage);
            next = self.scopes.parent(stage);
        }
        chain
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &'a str {
        self.tree.source.slice(span)
    }
}

/// The commands that a `RUN` runs in a shell.
fn run_commands(instruction: &Instruction) -> Vec<Command> {
    let run = instruction.inner();
    if run.kind != Kind::Run {
        return Vec::new();
    }
    let Some(word) = run.words().first() else {
        return Vec::new();
    };
    match &run.body {
        dockerfile::Body::Shell(_) => {
            let mut found = shell::commands(&word.value, &|start, end| {
                run.logical.span(word.at + start, word.at + end)
            });
            // `RUN <<EOF` runs the document; `RUN sh <<EOF` gives it to a shell. To other programs it is data.
            let into_shell = found.first().is_none_or(|first| {
                matches!(first.program(), "sh" | "bash" | "dash" | "ash")
                    && first.args().iter().all(|arg| arg.text.starts_with('-'))
            });
            if let Some(heredoc) = instruction
                .heredocs
                .first()
                .filter(|heredoc| into_shell && !heredoc.content.starts_with("#!"))
            {
                let start = heredoc.content_span.start;
                found.extend(shell::commands(&heredoc.content, &|from, to| {
                    Span::new(start + from, start + to)
                }));
            }
            found
        }
        dockerfile::Body::Exec(words) if !words.is_empty() => {
            let arg = |word: &dockerfile::Word| shell::Arg {
                text: word.value.clone(),
                span: word.span,
                at: (word.at, word.at),
            };
            let command = Command {
                words: words.iter().map(arg).collect(),
                assignments: Vec::new(),
                before: shell::Join::Edge,
                after: shell::Join::Edge,
                nested: false,
            };
            // `["sh", "-c", "…"]`: places are known where the text has no escapes.
            let inner = command.script().map_or(Vec::new(), |script| {
                let plain = script.span.end - script.span.start == script.text.len() + 2;
                shell::commands(&script.text, &|start, end| {
                    if plain {
                        Span::new(script.span.start + 1 + start, script.span.start + 1 + end)
                    } else {
                        script.span
                    }
                })
            });
            std::iter::once(command).chain(inner).collect()
        }
        _ => Vec::new(),
    }
}

/// One thing that a rule has seen.
#[derive(Debug)]
pub struct Hit {
    /// The rule.
    pub rule: &'static Rule,
    /// Exactly what is wrong.
    pub span: Span,
    /// What was seen.
    pub message: String,
    /// Instead of the rule's own `why`.
    pub why: Option<String>,
    /// The study notes' mistake.
    pub mistake: Option<&'static str>,
    /// Title, place and new text of a safe change.
    pub fix: Option<(String, Span, String)>,
}

impl Hit {
    /// Says why in other words than the rule.
    pub fn why(&mut self, why: impl Into<String>) -> &mut Hit {
        self.why = Some(why.into());
        self
    }

    /// Offers a safe change.
    pub fn fix(
        &mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> &mut Hit {
        self.fix = Some((title.into(), span, text.into()));
        self
    }

    /// Names the study notes' mistake.
    pub fn mistake(&mut self, mistake: &'static str) -> &mut Hit {
        self.mistake = Some(mistake);
        self
    }
}

/// One rule says no more than this of one file: a flood helps nobody, and hostile files stay cheap.
const MAX_HITS: usize = 200;

/// Takes what one rule sees.
#[derive(Debug)]
pub struct Sink<'a> {
    pub(super) rule: &'static Rule,
    pub(super) hits: &'a mut Vec<Hit>,
    pub(super) first: usize,
}

impl Sink<'_> {
    /// Something is wrong at a place.
    pub fn hit(&mut self, span: Span, message: impl Into<String>) -> &mut Hit {
        if self.hits.len() - self.first >= MAX_HITS {
            self.hits.pop();
        }
        let (rule, message) = (self.rule, message.into());
        self.hits.push(Hit {
            rule,
            span,
            message,
            why: None,
            mistake: rule.mistake,
            fix: None,
        });
        let last = self.hits.len() - 1;
        &mut self.hits[last]
    }
}

/// A sentence in the file's language, made when it is needed.
macro_rules! say {
    ($file:expr, $ko:literal, $en:literal) => {
        match $file.lang {
            $crate::Lang::Ko => format!($ko),
            $crate::Lang::En => format!($en),
        }
    };
}
pub(super) use say;
