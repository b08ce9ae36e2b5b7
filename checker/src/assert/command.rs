//! What a command that the learner has typed must mean. The answer lies in a file; nothing is run.

use dockerfile::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Verdict, one_line};
use crate::command::{
    Fact, FactKind, Facts, Flags, command_problem, compare, facts_problem, flags_problem, mistakes,
    mistakes_about, satisfies,
};
use crate::lint::position;
use crate::submission::Submission;
use crate::{Finding, Lang, Severity, Status};

/// Whether a mistake in a command that is otherwise right makes it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistakes {
    Count,
    Aside,
}

/// Demands on the commands in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TypedCommand {
    /// The file, relative to the submission's folder.
    pub file: String,
    /// The file means the same as one of these; several lines are several commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// One of its commands is this one, by any of its names: `run`, `compose up`. The fields below are about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// Flags that are given: `--rm`, `-p 8080:80`, or `--name` with any value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// Flags that are not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// All of its arguments; the image of `run` is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// The image of `run`, `create` or `pull`, whatever stands behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Ports of the container that are published, on whatever port of the host: `80`, `53/udp`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publishes: Vec<String>,
    /// Paths in the container at which something is mounted, by `-v`, `--mount` or `--tmpfs`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<String>,
}

impl TypedCommand {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.equals.is_empty() && self.is.is_none() {
            problems.push("it demands nothing: write `equals` or `is`".to_owned());
        }
        if self.is.is_none()
            && !(self.has.is_empty()
                && self.lacks.is_empty()
                && self.args.is_none()
                && self.image.is_none()
                && self.publishes.is_empty()
                && self.mounts.is_empty())
        {
            problems.push(
                "`has`, `lacks`, `args`, `image`, `publishes` and `mounts` need `is`".to_owned(),
            );
        }
        for reference in &self.equals {
            let found = mistakes(reference, Lang::En);
            if let Some(fact) = found.iter().find(|fact| fact.kind != FactKind::Note) {
                problems.push(format!("`{}`: {}", one_line(reference), fact.message));
            }
            // What is compared with itself and differs can be compared with nothing.
            let itself = compare(reference, reference, Lang::En);
            if let Some(fact) = itself.first().filter(|_| found.is_empty()) {
                problems.push(format!("`{}`: {}", one_line(reference), fact.message));
            }
            if reference.trim().is_empty() {
                problems.push("a command of `equals` is empty".to_owned());
            }
        }
        if let Some(name) = &self.is {
            problems.extend(command_problem(name));
            let flags = self.has.iter().chain(&self.lacks);
            problems.extend(flags.filter_map(|flag| flags_problem(name, flag)));
            problems.extend(facts_problem(name, self.facts()));
        }
        problems
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            image: self.image.as_deref(),
            publishes: &self.publishes,
            mounts: &self.mounts,
        }
    }

    pub(crate) fn judge(&self, submission: &Submission, lang: Lang) -> Verdict {
        match submission.read(&self.file) {
            Ok(bytes) => self.judge_text(bytes, Mistakes::Count, lang),
            Err(problem) => problem.verdict(&self.file, lang),
        }
    }

    /// Whether a command is there, as the condition of a hint. A hint speaks to who has not got it right: a mistake in that
    /// command is no reason to keep silent.
    pub(crate) fn is_there(&self, submission: &Submission, lang: Lang) -> bool {
        submission
            .read(&self.file)
            .is_ok_and(|bytes| self.judge_text(bytes, Mistakes::Aside, lang).status == Status::Pass)
    }

    fn judge_text(&self, bytes: &[u8], mistakes: Mistakes, lang: Lang) -> Verdict {
        if bytes.len() > dockerfile::MAX_SIZE {
            let message = lang.pick(
                "파일이 1 MiB보다 커서 명령으로 읽지 않았어요. 답으로 쓴 명령만 남겨 보세요.",
                "The file is larger than 1 MiB and was not read as a command. Leave only the command in it.",
            );
            return Verdict::fail_because(message);
        }
        let source = Source::new(bytes);
        if let Some(at) = source.bad_bytes().first() {
            let fact = Fact {
                kind: FactKind::Mistake,
                mistake: None,
                start: *at,
                end: *at,
                message: lang
                    .pick(
                        "UTF-8이 아닌 글자가 있어요. 파일을 UTF-8로 저장해 보세요.",
                        "This is not UTF-8. Save the file as UTF-8.",
                    )
                    .to_owned(),
            };
            return self.verdict(&[fact], &source, lang);
        }
        let typed = source.text();
        if !self.equals.is_empty() {
            // Of several references the nearest is the one that the learner is told about.
            let nearest = self
                .equals
                .iter()
                .map(|reference| compare(reference, typed, lang))
                .min_by_key(Vec::len)
                .unwrap_or_default();
            if !nearest.is_empty() {
                return self.verdict(&nearest, &source, lang);
            }
        }
        let Some(name) = &self.is else {
            return Verdict::pass();
        };
        let flags = Flags {
            has: &self.has,
            lacks: &self.lacks,
        };
        let answer = satisfies(typed, name, flags, self.facts(), self.args.as_deref());
        let found = mistakes_about(typed, &answer, lang);
        if mistakes == Mistakes::Count && !found.is_empty() {
            return self.verdict(&found, &source, lang);
        }
        match answer.missing {
            None if answer.uncertain => unjudged(lang),
            None => Verdict::pass(),
            Some(wanted) if answer.uncertain => unjudged(lang).expected(wanted),
            Some(wanted) => {
                let nearest = answer
                    .nearest
                    .and_then(|(start, end)| typed.get(start..end));
                let actual = one_line(nearest.unwrap_or(typed));
                Verdict::fail().expected(wanted).actual(actual)
            }
        }
    }

    fn verdict(&self, facts: &[Fact], source: &Source, lang: Lang) -> Verdict {
        let sure = facts
            .iter()
            .find(|fact| matches!(fact.kind, FactKind::Mistake | FactKind::Different));
        let findings = facts
            .iter()
            .map(|fact| self.finding(fact, source))
            .collect();
        match sure {
            // The first thing is told; all of it stands in the findings.
            Some(first) => Verdict::fail()
                .actual(first.message.clone())
                .findings(findings),
            None => unjudged(lang).findings(findings),
        }
    }

    fn finding(&self, fact: &Fact, source: &Source) -> Finding {
        let (rule, severity) = match fact.kind {
            FactKind::Mistake => ("command-mistake", Severity::Error),
            FactKind::Different => ("command-differs", Severity::Error),
            FactKind::Note => ("command-remark", Severity::Info),
            FactKind::Unjudged => ("command-unjudged", Severity::Info),
        };
        Finding {
            rule: rule.to_owned(),
            aliases: Vec::new(),
            severity,
            message: fact.message.clone(),
            why: String::new(),
            mistake: fact.mistake.map(str::to_owned),
            file: self.file.clone(),
            start: position(source, fact.start),
            end: position(source, fact.end),
            fix: None,
        }
    }
}

/// Nobody's fault: what a variable or another program does is known only when it is run.
fn unjudged(lang: Lang) -> Verdict {
    Verdict::error(lang.pick(
        "실행해 보지 않고는 이 명령을 판단할 수 없었어요. 틀렸다는 뜻은 아니에요. 변수나 다른 프로그램 없이 docker 명령만 그대로 써 보세요.",
        "This command cannot be judged without running it. That does not mean it is wrong. Write the docker command itself, without variables and other programs.",
    ))
}

#[cfg(test)]
mod tests;
