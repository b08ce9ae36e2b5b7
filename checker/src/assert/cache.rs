//! Which build steps stay in the cache after an edit.

use std::collections::BTreeMap;

use dockerfile::Dockerfile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Verdict, one_line};
use crate::Lang;
use crate::forecast::{self, Builder, Entry, Fate, Files, Forecast, Project, Step};
use crate::submission::inside;

/// Demands on the next build after an edit. It is foreseen, not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cache {
    /// The build context, relative to the submission's folder.
    #[serde(default = "here")]
    pub context: String,
    /// The Dockerfile, relative to the context.
    #[serde(default = "dockerfile_name")]
    pub dockerfile: String,
    /// The stage that is built; without it the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whose rules are followed.
    #[serde(default = "classic")]
    pub builder: BuilderName,
    /// The edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// Build arguments that the next build gets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// Steps that are reused: an instruction's text or a part of it, or a keyword with a number (`RUN 2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cached: Vec<String>,
    /// Steps that are rebuilt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rebuilt: Vec<String>,
    /// How many steps are reused at least; `FROM` does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least_cached: Option<usize>,
}

/// A builder in an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BuilderName {
    /// The engine's own, which `build` uses.
    Classic,
    /// BuildKit.
    Buildkit,
}

/// An edit of one file. With nothing but a file it is some change of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edit {
    /// The file, relative to the context.
    pub file: String,
    /// A text that is put at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub append: Option<String>,
    /// A text in it that is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    /// What stands there instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// Whether it is removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remove: bool,
}

fn here() -> String {
    ".".to_owned()
}

fn dockerfile_name() -> String {
    "Dockerfile".to_owned()
}

fn classic() -> BuilderName {
    BuilderName::Classic
}

impl Cache {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let file = self.edit.as_ref().map(|edit| &edit.file);
        for path in [&self.context, &self.dockerfile].into_iter().chain(file) {
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                problems.push(format!("`{path}` leads out of the exercise's folder"));
            }
        }
        if self.edit.is_none() && self.args.is_empty() {
            problems.push("there is neither an `edit` nor `args`, so all is cached".to_owned());
        }
        if let Some(edit) = &self.edit {
            let ways = [edit.append.is_some(), edit.replace.is_some(), edit.remove];
            if ways.iter().filter(|way| **way).count() > 1 {
                problems.push("an edit is one of `append`, `replace` and `remove`".to_owned());
            }
            if edit.replace.is_some() != edit.with.is_some() {
                problems.push("`replace` and `with` go together".to_owned());
            }
        }
        if self.cached.is_empty() && self.rebuilt.is_empty() && self.at_least_cached.is_none() {
            problems.push("it demands nothing".to_owned());
        }
        if self
            .cached
            .iter()
            .chain(&self.rebuilt)
            .any(|step| step.trim().is_empty())
        {
            problems.push("a step is empty".to_owned());
        }
        problems
    }

    /// The Dockerfile relative to the submission's folder.
    pub fn dockerfile_path(&self) -> String {
        inside(&self.context, &self.dockerfile)
    }

    /// Foresees the next build and judges it. `content` is the edited file as it is now; none where it is not there.
    pub(crate) fn judge(
        &self,
        dockerfile: &[u8],
        files: &Files,
        content: Option<&[u8]>,
        lang: Lang,
    ) -> Verdict {
        let tree = dockerfile::parse(dockerfile);
        let (mut after_tree, mut after) = (tree.clone(), files.clone());
        if let Some(edit) = &self.edit {
            let path = dockerfile::ignore::clean(&edit.file);
            let edited = match edit.apply(content, lang) {
                Ok(edited) => edited,
                Err(verdict) => return *verdict,
            };
            // What `.dockerignore` leaves out is no part of the context, edited or not.
            match &edited {
                None => after.remove(&path),
                Some(bytes) if Some(bytes.as_slice()) != content && files.get(&path).is_some() => {
                    after.insert(path.clone(), Entry::file(0o644, bytes));
                }
                Some(_) => {}
            }
            if path == dockerfile::ignore::clean(&self.dockerfile) {
                after_tree = dockerfile::parse(edited.as_deref().unwrap_or_default());
            }
        }
        let none = BTreeMap::new();
        let project = |tree, files, args| Project {
            dockerfile: tree,
            files,
            args,
            target: self.target.as_deref(),
        };
        let builder = match self.builder {
            BuilderName::Classic => Builder::Classic,
            BuilderName::Buildkit => Builder::Buildkit,
        };
        let foreseen = forecast::forecast(
            &project(&tree, files, &none),
            &project(&after_tree, &after, &self.args),
            builder,
        );
        self.compare(&after_tree, &foreseen, lang)
    }

    fn compare(&self, tree: &Dockerfile, foreseen: &Forecast, lang: Lang) -> Verdict {
        let demands = [
            (
                &self.cached,
                &[Fate::Reused, Fate::Setting][..],
                Fate::Reused,
            ),
            (
                &self.rebuilt,
                &[Fate::Rebuilt, Fate::Depends][..],
                Fate::Rebuilt,
            ),
        ];
        for (selectors, good, wanted) in demands {
            for selector in selectors {
                let expected = format!("{}: {}", one_line(selector), wanted.label(lang));
                let steps = selected(tree, foreseen, selector);
                if steps.is_empty() {
                    let none = lang.pick("그런 단계가 없음", "there is no such step");
                    return Verdict::fail().expected(expected).actual(none);
                }
                if let Some(step) = steps.into_iter().find(|step| !good.contains(&step.fate)) {
                    return Verdict::fail().expected(expected).actual(said(step, lang));
                }
            }
        }
        match self.at_least_cached {
            Some(least) if foreseen.reused() < least => {
                let reused = foreseen.reused();
                let verdict = Verdict::fail().expected(match lang {
                    Lang::Ko => format!("재사용하는 단계 {least}개 이상"),
                    Lang::En => format!("at least {least} reused steps"),
                });
                let first = foreseen
                    .steps
                    .iter()
                    .find(|step| step.fate == Fate::Rebuilt);
                let first =
                    first.map_or_else(String::new, |step| format!("; {}", said(step, lang)));
                verdict.actual(format!("{reused}{first}"))
            }
            _ => Verdict::pass(),
        }
    }
}

fn said(step: &Step, lang: Lang) -> String {
    let (text, fate) = (one_line(&step.text), step.fate.label(lang));
    format!("{text}: {fate}. {}", step.message(lang))
}

impl Edit {
    /// The file's content after the edit; none where it is gone.
    fn apply(&self, content: Option<&[u8]>, lang: Lang) -> Result<Option<Vec<u8>>, Box<Verdict>> {
        if self.remove {
            return Ok(None);
        }
        let mut bytes = content.unwrap_or_default().to_vec();
        match (&self.replace, &self.with) {
            (Some(from), Some(to)) => {
                let text = String::from_utf8_lossy(&bytes);
                if !text.contains(from.as_str()) {
                    let message = match lang {
                        Lang::Ko => format!(
                            "`{}` 파일에서 `{}`을(를) 찾을 수 없어요. 이 부분을 고쳤을 때 어떤 단계가 다시 빌드되는지 보려고 해요.",
                            self.file,
                            one_line(from)
                        ),
                        Lang::En => format!(
                            "`{}` has no `{}` in it. The check changes it to see which steps are built again.",
                            self.file,
                            one_line(from)
                        ),
                    };
                    return Err(Box::new(Verdict::fail_because(message)));
                }
                bytes = text.replacen(from.as_str(), to, 1).into_bytes();
            }
            _ => bytes.extend_from_slice(self.append.as_deref().unwrap_or("\n#\n").as_bytes()),
        }
        Ok(Some(bytes))
    }
}

/// The steps that a selector means: `RUN 2`, `RUN` for all of them, or a part of an instruction's text.
fn selected<'a>(tree: &Dockerfile, foreseen: &'a Forecast, selector: &str) -> Vec<&'a Step> {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = squeezed(selector);
    let (keyword, rest) = wanted.split_once(' ').unwrap_or((&wanted, ""));
    let kind = dockerfile::Kind::of(keyword);
    let steps = foreseen.steps.iter().zip(&tree.instructions);
    let of_kind: Vec<&Step> = steps
        .filter(|(_, instruction)| instruction.kind == kind && kind != dockerfile::Kind::Unknown)
        .map(|(step, _)| step)
        .collect();
    if kind != dockerfile::Kind::Unknown && rest.is_empty() {
        return of_kind;
    }
    if let Ok(number) = rest.parse::<usize>() {
        return of_kind
            .get(number.wrapping_sub(1))
            .copied()
            .into_iter()
            .collect();
    }
    let has = |step: &&Step| squeezed(&step.text).contains(&wanted);
    foreseen.steps.iter().filter(has).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    const FILE: &[u8] = b"FROM base\nCOPY list.txt .\nRUN install\nCOPY . .\nRUN build\n";

    fn files() -> Files {
        let mut files = Files::default();
        files.insert("list.txt", Entry::file(0o644, b"a"));
        files.insert("main.py", Entry::file(0o644, b"print(1)"));
        files
    }

    fn judge(yaml: &str, dockerfile: &[u8]) -> Verdict {
        let cache: Cache = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(cache.problems(), Vec::<String>::new());
        let edited = cache.edit.as_ref().map(|edit| edit.file.clone());
        let content: &[u8] = match edited.as_deref() {
            Some("Dockerfile") => dockerfile,
            Some("list.txt") => b"a",
            _ => b"print(1)",
        };
        cache.judge(dockerfile, &files(), Some(content), Lang::En)
    }

    #[test]
    fn steps_are_named_by_text_or_number() {
        let good = "{edit: {file: main.py, append: x}, cached: [RUN 1, COPY list.txt], rebuilt: [COPY 2, RUN build], at-least-cached: 2}";
        assert_eq!(judge(good, FILE).status, Status::Pass);
        let bad = b"FROM base\nCOPY . .\nRUN install\nRUN build\n";
        let verdict = judge("{edit: {file: main.py}, cached: [RUN install]}", bad);
        assert_eq!(verdict.status, Status::Fail);
        assert_eq!(verdict.expected.as_deref(), Some("RUN install: reused"));
        let actual = "RUN install: rebuilt. Step 2 is rebuilt, and this step stands on it.";
        assert_eq!(verdict.actual.as_deref(), Some(actual));
        let verdict = judge("{edit: {file: main.py}, cached: [RUN 7]}", bad);
        assert_eq!(verdict.actual.as_deref(), Some("there is no such step"));
        let verdict = judge("{edit: {file: main.py}, at-least-cached: 3}", FILE);
        assert!(verdict.actual.unwrap().starts_with("2; COPY . .: rebuilt."));
    }

    #[test]
    fn edits_are_applied() {
        let same = "{edit: {file: main.py, replace: print, with: print}, cached: [COPY, RUN]}";
        assert_eq!(judge(same, FILE).status, Status::Pass);
        let gone = "{edit: {file: list.txt, remove: true}, rebuilt: [RUN]}";
        assert_eq!(judge(gone, FILE).status, Status::Fail);
        let text = "{edit: {file: Dockerfile, replace: install, with: other}, cached: [COPY 1], rebuilt: [RUN other, RUN build]}";
        assert_eq!(judge(text, FILE).status, Status::Pass);
        let nowhere = judge(
            "{edit: {file: main.py, replace: zzz, with: y}, rebuilt: [RUN]}",
            FILE,
        );
        assert!(nowhere.message.unwrap().contains("has no `zzz`"));
        let args = b"FROM base\nRUN a\nARG V=1\nRUN b\n";
        let good = "{args: {V: '2'}, cached: [RUN 1], rebuilt: [RUN 2]}";
        assert_eq!(judge(good, args).status, Status::Pass);
    }

    #[test]
    fn what_demands_nothing_is_a_problem() {
        for yaml in [
            "{edit: {file: a}}",
            "{cached: [RUN]}",
            "{edit: {file: ../a}, cached: [RUN]}",
            "{edit: {file: a, replace: b}, cached: [RUN]}",
            "{edit: {file: a, append: b, remove: true}, cached: [RUN]}",
        ] {
            let cache: Cache = serde_yaml::from_str(yaml).unwrap();
            assert!(!cache.problems().is_empty(), "{yaml}");
        }
    }
}
