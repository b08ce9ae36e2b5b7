//! What a Dockerfile's text must say. Everything that is demanded must hold; the first thing that does not is told.

mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ::dockerfile::{Dockerfile, Form, Instruction, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use pattern::Pattern;
use pattern::text_of;

use super::{Verdict, one_line};
use crate::lint::{self, RULES};
use crate::submission::Submission;
use crate::{Finding, Lang, Severity};

/// Demands on one Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DockerfileText {
    /// The file, relative to the submission's folder.
    #[serde(default = "dockerfile")]
    pub file: String,
    /// No rule finds anything that is at least this bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean: Option<Severity>,
    /// These rules (their ids, aliases, or the notes' mistakes) find nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_finding: Vec<String>,
    /// These rules find something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finding: Vec<String>,
    /// The image that the last stage starts from, through other stages too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Instructions that must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<Pattern>,
    /// Instructions that must not be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Pattern>,
    /// Instructions that must stand in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Pattern>,
    /// In which form the last instruction of a keyword is written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<String, CommandForm>,
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}

/// How a command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandForm {
    /// A JSON array.
    Exec,
    /// A text for the shell.
    Shell,
}

impl DockerfileText {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let nothing = self.clean.is_none()
            && self.no_finding.is_empty()
            && self.finding.is_empty()
            && self.base.is_none()
            && self.has.is_empty()
            && self.lacks.is_empty()
            && self.order.is_empty()
            && self.form.is_empty();
        if nothing {
            problems.push("it demands nothing".to_owned());
        }
        if self.order.len() == 1 {
            problems.push("an order needs two instructions".to_owned());
        }
        for name in self.no_finding.iter().chain(&self.finding) {
            let mistakes = mistakes();
            if !mistakes.contains(name) && lint::rule(name).is_none() {
                let known = RULES.iter().map(|rule| rule.id);
                let known = known.chain(mistakes.iter().map(String::as_str));
                let guess = guess(name, known);
                problems.push(format!("there is no rule `{name}`{guess}"));
            }
        }
        let patterns = self.has.iter().chain(&self.lacks).chain(&self.order);
        let keywords = patterns
            .map(|pattern| &pattern.instruction)
            .chain(self.form.keys());
        for keyword in keywords {
            if Kind::of(keyword) == Kind::Unknown {
                let known = Kind::ALL.iter().map(|kind| kind.name());
                let guess = guess(&keyword.to_uppercase(), known);
                problems.push(format!("there is no instruction `{keyword}`{guess}"));
            }
        }
        problems
    }

    pub(crate) fn judge(&self, submission: &Submission, lang: Lang) -> Verdict {
        let bytes = match submission.read(&self.file) {
            Ok(bytes) => bytes,
            Err(problem) => return problem.verdict(&self.file, lang),
        };
        let findings = submission.findings(&self.file);
        let tree = ::dockerfile::parse(bytes);
        self.judge_findings(findings, lang)
            .or_else(|| self.judge_base(&tree, lang))
            .or_else(|| self.judge_instructions(&tree, lang))
            .or_else(|| self.judge_order(&tree, lang))
            .or_else(|| self.judge_form(&tree, lang))
            .unwrap_or_else(|| {
                // What is not wrong enough to fail still helps the learner, as a remark.
                let remarks = if self.clean.is_some() {
                    findings.to_vec()
                } else {
                    Vec::new()
                };
                Verdict::pass().findings(remarks)
            })
    }

    fn judge_findings(&self, findings: &[Finding], lang: Lang) -> Option<Verdict> {
        if let Some(severity) = self.clean {
            let bad = findings.iter().filter(|f| f.severity >= severity).count();
            if bad > 0 {
                let actual = match lang {
                    Lang::Ko => format!("{bad}개"),
                    Lang::En => bad.to_string(),
                };
                return Some(
                    Verdict::fail()
                        .expected(lang.pick("문제 0개", "no problems"))
                        .actual(actual)
                        .findings(findings.to_vec()),
                );
            }
        }
        for rule in &self.no_finding {
            let found: Vec<Finding> = named(findings, rule);
            if !found.is_empty() {
                let actual = found[0].message.clone();
                return Some(Verdict::fail().actual(actual).findings(found));
            }
        }
        let missing = self
            .finding
            .iter()
            .find(|rule| named(findings, rule).is_empty())?;
        Some(Verdict::fail().expected(missing))
    }

    fn judge_base(&self, tree: &Dockerfile, lang: Lang) -> Option<Verdict> {
        let wanted = self.base.as_ref()?;
        let actual = base_of_last_stage(tree);
        if actual
            .as_deref()
            .is_some_and(|actual| same_image(actual, wanted))
        {
            return None;
        }
        let actual = actual.unwrap_or_else(|| lang.pick("FROM이 없음", "no FROM").to_owned());
        Some(
            Verdict::fail()
                .expected(format!("FROM {wanted}"))
                .actual(one_line(&actual)),
        )
    }

    fn judge_instructions(&self, tree: &Dockerfile, lang: Lang) -> Option<Verdict> {
        for pattern in &self.has {
            if !instructions(tree).any(|(_, i)| pattern.holds(i)) {
                let nearest = instructions(tree)
                    .filter(|(_, i)| i.kind == Kind::of(&pattern.instruction))
                    .map(|(_, i)| text_of(i))
                    .last();
                let none = lang.pick("없음", "not there");
                return Some(
                    Verdict::fail()
                        .expected(pattern.wanted())
                        .actual(one_line(nearest.as_deref().unwrap_or(none))),
                );
            }
        }
        for pattern in &self.lacks {
            if let Some((_, there)) = instructions(tree).find(|(_, i)| pattern.holds(i)) {
                let actual = line_and_text(there, lang);
                let expected = match lang {
                    Lang::Ko => format!("{} 없음", pattern.wanted()),
                    Lang::En => format!("no {}", pattern.wanted()),
                };
                return Some(Verdict::fail().expected(expected).actual(actual));
            }
        }
        None
    }

    /// The first instruction of each pattern that stands behind the one found before it is taken.
    fn judge_order(&self, tree: &Dockerfile, lang: Lang) -> Option<Verdict> {
        let mut from = 0;
        for pattern in &self.order {
            let matching = || instructions(tree).filter(|(_, i)| pattern.holds(i));
            match matching().find(|(at, _)| *at >= from) {
                Some((at, _)) => from = at + 1,
                None => {
                    let actual = match matching().next() {
                        Some((_, early)) => line_and_text(early, lang),
                        None => match lang {
                            Lang::Ko => format!("{} 없음", pattern.wanted()),
                            Lang::En => format!("{} is not there", pattern.wanted()),
                        },
                    };
                    let wanted: Vec<String> = self.order.iter().map(Pattern::wanted).collect();
                    return Some(Verdict::fail().expected(wanted.join(" → ")).actual(actual));
                }
            }
        }
        None
    }

    fn judge_form(&self, tree: &Dockerfile, lang: Lang) -> Option<Verdict> {
        for (keyword, wanted) in &self.form {
            let last = instructions(tree)
                .filter(|(_, i)| i.kind == Kind::of(keyword))
                .last();
            let is = last.as_ref().map(|(_, i)| i.form());
            let right = match wanted {
                CommandForm::Exec => is == Some(Form::Exec),
                CommandForm::Shell => is == Some(Form::Shell),
            };
            if !right {
                let name = keyword.to_uppercase();
                let expected = match wanted {
                    CommandForm::Exec => format!("{name} [\"…\", \"…\"]"),
                    CommandForm::Shell => format!("{name} …"),
                };
                let actual = match last {
                    Some((_, there)) => line_and_text(there, lang),
                    None => lang.pick("없음", "not there").to_owned(),
                };
                return Some(Verdict::fail().expected(expected).actual(actual));
            }
        }
        None
    }
}

/// The notes' mistakes that some rule names. One rule can name several, so its examples tell which.
fn mistakes() -> &'static BTreeSet<String> {
    static MISTAKES: OnceLock<BTreeSet<String>> = OnceLock::new();
    MISTAKES.get_or_init(|| {
        let options = lint::Options::default();
        RULES
            .iter()
            .flat_map(|rule| rule.bad)
            .flat_map(|bad| {
                let text = bad.replace(['⟦', '⟧'], "");
                lint::lint_dockerfile("Dockerfile", text.as_bytes(), &options)
            })
            .filter_map(|finding| finding.mistake)
            .chain(
                RULES
                    .iter()
                    .filter_map(|rule| rule.mistake.map(str::to_owned)),
            )
            .collect()
    })
}

fn guess<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    ::dockerfile::suggest(word, known)
        .map(|name| format!("; did you mean {name}?"))
        .unwrap_or_default()
}

/// The instructions with their places; those inside `ONBUILD` are not the Dockerfile's own.
fn instructions(tree: &Dockerfile) -> impl Iterator<Item = (usize, &Instruction)> {
    tree.instructions.iter().enumerate()
}

fn line_and_text(instruction: &Instruction, lang: Lang) -> String {
    let line = instruction.lines.0;
    let text = one_line(&text_of(instruction));
    match lang {
        Lang::Ko => format!("{line}번째 줄: {text}"),
        Lang::En => format!("line {line}: {text}"),
    }
}

fn named(findings: &[Finding], rule: &str) -> Vec<Finding> {
    findings
        .iter()
        .filter(|f| {
            f.rule == rule
                || f.aliases.iter().any(|alias| alias == rule)
                || f.mistake.as_deref() == Some(rule)
        })
        .cloned()
        .collect()
}

/// The image that the last stage starts from, through stages of the file, with the values of its `ARG`s.
pub(crate) fn base_of_last_stage(tree: &Dockerfile) -> Option<String> {
    base_of_stage(tree, None)
}

/// The image that a stage, by its name or number, starts from in the end; without one the last stage.
pub(crate) fn base_of_stage(tree: &Dockerfile, stage: Option<&str>) -> Option<String> {
    let scopes = ::dockerfile::scopes(tree);
    let last = tree.stages.len().checked_sub(1)?;
    let mut at = match stage {
        Some(name) => {
            let number = name.parse().ok().filter(|&number: &usize| number <= last);
            tree.stage_named(name, last + 1).or(number)?
        }
        None => last,
    };
    while let Some(earlier) = scopes.parent(at) {
        at = earlier;
    }
    let stage = &tree.stages[at];
    let base = &stage.base.as_ref()?.value;
    let words = tree.instructions[stage.from].words();
    let is_named = words
        .get(1)
        .is_some_and(|word| word.value.eq_ignore_ascii_case("as"));
    if words.len() > 1 && !is_named {
        // Words behind the image that make no sense belong to what the learner wrote.
        let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
        return Some(words.join(" "));
    }
    let scope = scopes.at(tree, stage.from);
    Some(
        scope
            .known(base, tree.escape)
            .unwrap_or_else(|| base.clone()),
    )
}

/// `python` is `python:latest`, and `docker.io/library/python:latest`.
fn same_image(a: &str, b: &str) -> bool {
    full_name(a) == full_name(b)
}

/// The name with its tag, and without what stands for the default registry.
pub(crate) fn full_name(image: &str) -> String {
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains(':') || last.contains('@') {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}
