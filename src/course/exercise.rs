//! Reads exercises.

use std::collections::{BTreeMap, BTreeSet};

use checker::Lang;
use checker::spec::{Check, Exercise, Kind};
use sha2::{Digest, Sha256};

use super::lesson::render;
use super::{
    CourseExercise, CourseFile, ExerciseText, Expectation, Files, Lesson, Problem, parity,
};

/// A submission that the author wrote: everything that would lie in the learner's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its folder below `alternative/` or `wrong/`.
    pub name: String,
    /// Sorted by path.
    pub files: Vec<CourseFile>,
}

/// Reads every exercise that can be read, sorted by id.
pub(super) fn read_all(
    files: &Files,
    coverage: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) -> Vec<CourseExercise> {
    let mut exercises = Vec::new();
    for topic in files.folders("exercises") {
        let folder = format!("exercises/{topic}");
        for name in files.folders(&folder) {
            let id = format!("{topic}/{name}");
            exercises.extend(read(files, &id, coverage, problems));
        }
    }
    let mut workspaces = BTreeMap::new();
    for exercise in &exercises {
        let id = exercise.spec.id.as_str();
        // The last part names the folder in the learner's workspace.
        let name = id.rsplit('/').next().unwrap_or(id);
        if let Some(other) = workspaces.insert(name, id) {
            let message =
                format!("`{other}` has the same last part, which names the learner's folder");
            problems.push(Problem::new(yaml_path(id), message));
        }
    }
    exercises
}

fn yaml_path(id: &str) -> String {
    format!("exercises/{id}/exercise.yaml")
}

fn read(
    files: &Files,
    id: &str,
    coverage: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) -> Option<CourseExercise> {
    let folder = format!("exercises/{id}");
    let path = yaml_path(id);
    let ko = read_text(files, &folder, Lang::Ko, problems);
    let en = read_text(files, &folder, Lang::En, problems);
    if let (Some(ko), Some(en)) = (&ko, &en) {
        parity::check(&folder, ["text.ko.md", "text.en.md"], ko, en, problems);
    }
    let yaml = files.text(&path, problems)?;
    let spec = match Exercise::parse_all(yaml) {
        Ok(spec) => spec,
        Err(errors) => {
            problems.extend(errors.into_iter().map(|error| {
                let guess = error
                    .suggestion
                    .map(|word| format!(" (did you mean `{word}`?)"));
                let message = error.message + guess.as_deref().unwrap_or_default();
                Problem::at(&path, error.line, message)
            }));
            return None;
        }
    };
    if spec.id != id {
        let message = format!("the id is `{}` and the folder `{id}`", spec.id);
        problems.push(Problem {
            line: super::lesson::line_with(yaml, "id:"),
            ..Problem::new(&path, message)
        });
    }
    for covered in spec
        .covers
        .iter()
        .filter(|covered| !coverage.contains(*covered))
    {
        problems.push(Problem {
            line: super::lesson::line_with(yaml, covered),
            ..Problem::new(
                &path,
                format!("`{covered}` is not in lessons/coverage.yaml"),
            )
        });
    }
    let starter = tree(files, &format!("{folder}/starter"));
    let solution = tree(files, &format!("{folder}/solution"));
    let variants = Variants {
        files,
        folder: &folder,
        starter: &starter,
        solution: &solution,
    };
    let exercise = CourseExercise {
        hash: hash(yaml, &starter),
        alternatives: variants.alternatives(),
        wrong: variants.wrong(&spec, problems),
        ko: exercise_text(&spec, ko?.html, Lang::Ko, &path, problems),
        en: exercise_text(&spec, en?.html, Lang::En, &path, problems),
        solution: overlay(&starter, &solution),
        starter: overlay(&starter, &BTreeMap::new()),
        spec,
    };
    check_parts(&exercise, &solution, yaml, problems);
    Some(exercise)
}

fn read_text(
    files: &Files,
    folder: &str,
    lang: Lang,
    problems: &mut Vec<Problem>,
) -> Option<super::markdown::Rendered> {
    let path = format!("{folder}/text.{}.md", lang.pick("ko", "en"));
    let rendered = render(files.text(&path, problems)?, lang, &path, problems);
    if rendered.words == 0 {
        problems.push(Problem::new(&path, "the text is empty"));
    }
    for fence in &rendered.fences {
        if fence.lang == "exercise" {
            problems.push(Problem::at(
                &path,
                fence.line,
                "an exercise cannot hold another one",
            ));
        }
    }
    Some(rendered)
}

fn exercise_text(
    spec: &Exercise,
    html: String,
    lang: Lang,
    path: &str,
    problems: &mut Vec<Problem>,
) -> ExerciseText {
    let hints = spec
        .hints
        .iter()
        .map(|hint| render(hint.get(lang), lang, path, problems).html);
    ExerciseText {
        html,
        hints: hints.collect(),
    }
}

/// What an exercise must have so that it teaches and can be proved.
fn check_parts(
    exercise: &CourseExercise,
    solution: &BTreeMap<String, Vec<u8>>,
    yaml: &str,
    problems: &mut Vec<Problem>,
) {
    let spec = &exercise.spec;
    let folder = format!("exercises/{}", spec.id);
    let path = yaml_path(&spec.id);
    if spec.hints.is_empty() {
        problems.push(Problem::new(&path, "there is no hint"));
    } else if spec.hints.iter().all(|hint| hint.when.is_none()) {
        let message = "no hint depends on what the learner did (`when`)";
        problems.push(Problem::new(&path, message));
    }
    if exercise.wrong.len() < 2 {
        let message = "there must be at least two wrong cases, each from a real misunderstanding";
        problems.push(Problem::new(format!("{folder}/wrong"), message));
    }
    if spec.kind == Kind::Files {
        for (part, files) in [
            ("starter", &exercise.starter),
            ("solution", &exercise.solution),
        ] {
            for file in &spec.files {
                if !files.iter().any(|(path, _)| path == file) {
                    let message = format!("the {part} has no file `{file}`");
                    problems.push(Problem {
                        line: super::lesson::line_with(yaml, file),
                        ..Problem::new(&path, message)
                    });
                }
            }
        }
        if solution.is_empty() {
            problems.push(Problem::new(
                format!("{folder}/solution"),
                "there is no solution",
            ));
        }
    }
    if spec.kind == Kind::Sandbox {
        let file = crate::sandbox::script::FILE;
        let has = |files: &[CourseFile]| files.iter().any(|(path, _)| path == file);
        let variants = exercise.wrong.iter().map(|(variant, _)| ("wrong", variant));
        let alternatives = exercise.alternatives.iter().map(|one| ("alternative", one));
        let mut missing: Vec<String> = variants
            .chain(alternatives)
            .filter(|(_, variant)| !has(&variant.files))
            .map(|(parent, variant)| format!("{parent}/{}", variant.name))
            .collect();
        if !has(&exercise.solution) {
            missing.push("solution".to_owned());
        }
        for part in missing {
            let message =
                format!("there is no `{file}`, the commands that bring the sandbox into its state");
            problems.push(Problem::new(format!("{folder}/{part}"), message));
        }
        if has(&exercise.starter) {
            let message = format!("the starter is the untouched sandbox and has no `{file}`");
            problems.push(Problem::new(format!("{folder}/starter"), message));
        }
    }
    for (file, bytes) in solution {
        let unchanged = exercise
            .starter
            .iter()
            .any(|(path, old)| path == file && old == bytes);
        if unchanged {
            let message = "this file is the same as the starter's; leave it out";
            problems.push(Problem::new(format!("{folder}/solution/{file}"), message));
        }
    }
}

/// Every exercise belongs to a lesson that lists it.
pub(super) fn check_lessons(
    lessons: &[Lesson],
    exercises: &[CourseExercise],
    problems: &mut Vec<Problem>,
) {
    for exercise in exercises {
        let spec = &exercise.spec;
        if let Some(message) = problem_of_before(exercise, exercises) {
            problems.push(Problem::new(yaml_path(&spec.id), message));
        }
        let message = match lessons.iter().find(|lesson| lesson.id == spec.lesson) {
            None => format!("there is no lesson `{}`", spec.lesson),
            Some(lesson) if !lesson.exercises.contains(&spec.id) => {
                format!("the lesson `{}` does not list this exercise", spec.lesson)
            }
            Some(_) => continue,
        };
        problems.push(Problem::new(yaml_path(&spec.id), message));
    }
}

/// What the page compares must be the same questions.
fn problem_of_before(exercise: &CourseExercise, exercises: &[CourseExercise]) -> Option<String> {
    let before = exercise.spec.before.as_ref()?;
    let Some(earlier) = exercises.iter().find(|one| one.spec.id == *before) else {
        return Some(format!("there is no exercise `{before}` (`before`)"));
    };
    let asks = |check: &Check| earlier.spec.checks.iter().any(|one| one.id == check.id);
    let new = exercise.spec.checks.iter().find(|check| !asks(check))?;
    Some(format!(
        "`{before}` has no check `{}` to compare with",
        new.id
    ))
}

struct Variants<'a> {
    files: &'a Files,
    folder: &'a str,
    starter: &'a BTreeMap<String, Vec<u8>>,
    solution: &'a BTreeMap<String, Vec<u8>>,
}

impl Variants<'_> {
    /// An alternative stands on the starter, as the solution does.
    fn alternatives(&self) -> Vec<Variant> {
        let parent = format!("{}/alternative", self.folder);
        let names = self.files.folders(&parent);
        names
            .into_iter()
            .map(|name| Variant {
                name: name.to_owned(),
                files: overlay(self.starter, &tree(self.files, &format!("{parent}/{name}"))),
            })
            .collect()
    }

    /// A wrong case stands on the solution: it is right but for one misunderstanding.
    fn wrong(&self, spec: &Exercise, problems: &mut Vec<Problem>) -> Vec<(Variant, Expectation)> {
        let parent = format!("{}/wrong", self.folder);
        let mut cases = Vec::new();
        let mut right = self.starter.clone();
        right.extend(self.solution.clone());
        for name in self.files.folders(&parent) {
            let path = format!("{parent}/{name}/expect.yaml");
            let mut changed = tree(self.files, &format!("{parent}/{name}"));
            changed.remove("expect.yaml");
            if changed.is_empty() {
                let message = "the case has no file that differs from the solution";
                problems.push(Problem::new(format!("{parent}/{name}"), message));
            }
            let Some(yaml) = self.files.text(&path, problems) else {
                continue;
            };
            let expected: Expectation = match serde_yaml::from_str(yaml) {
                Ok(expected) => expected,
                Err(error) => {
                    problems.push(Problem::yaml(&path, &error));
                    continue;
                }
            };
            if expected.fails.is_empty() {
                problems.push(Problem::new(&path, "`fails` names no check"));
            }
            for check in &expected.fails {
                if !spec.checks.iter().any(|known| known.id == *check) {
                    problems.push(Problem {
                        line: super::lesson::line_with(yaml, check),
                        ..Problem::new(&path, format!("there is no check `{check}`"))
                    });
                }
            }
            let variant = Variant {
                name: name.to_owned(),
                files: overlay(&right, &changed),
            };
            cases.push((variant, expected));
        }
        cases
    }
}

fn tree(files: &Files, folder: &str) -> BTreeMap<String, Vec<u8>> {
    files
        .below(folder)
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

fn overlay(
    below: &BTreeMap<String, Vec<u8>>,
    above: &BTreeMap<String, Vec<u8>>,
) -> Vec<CourseFile> {
    let mut all = below.clone();
    all.extend(above.clone());
    all.into_iter().collect()
}

/// Each part is preceded by its length, so that no two exercises can run together to the same bytes.
fn hash(yaml: &str, starter: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(yaml.as_bytes());
    for (path, bytes) in starter {
        add(path.as_bytes());
        add(bytes);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
