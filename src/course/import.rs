//! A study note in Obsidian style becomes the skeleton of a lesson. Nothing of the note's text is lost: headings become
//! sections, fences of commands become transcripts, and everything else stays as it is. What an author needs beside it
//! stands in a list: which commands the note uses and which exercises practise them, and which mistakes our rules see.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use checker::command::{self, FactKind};
use checker::{Finding, Lang, Severity, lint};

use super::Course;
use super::markdown::{Fence, Options, render_page};

/// What a note has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// `lesson.yaml`.
    pub lesson: String,
    /// The text in the note's language.
    pub text: String,
    /// The language that the note is written in.
    pub lang: Lang,
    /// The same headings and code for the other language; its prose is to be written.
    pub other: String,
    /// What was found in the note, for the author, as Markdown.
    pub found: String,
    /// How many commands were found.
    pub commands: usize,
    /// How many mistakes were found.
    pub mistakes: usize,
}

/// One command of a note.
struct Found {
    line: usize,
    text: String,
}

/// Reads a note. `id` is the folder of the lesson to be, such as `15-swarm`; exercises are looked up in `course`.
#[must_use]
pub fn import(note: &str, id: &str, course: &Course) -> Imported {
    let note = note.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let lang = language(&note);
    let page = render_page(
        &note,
        &Options {
            lang,
            ..Options::default()
        },
    );
    let text = sections(&note);
    let title = page
        .headings
        .first()
        .map_or_else(|| id.to_owned(), |heading| heading.text.clone());
    let commands = commands(&note, &page.fences);
    let findings = findings(&page.fences, lang);
    let slips = slips(&commands, lang);
    let ids = covered(&commands, course);
    let mistakes = findings.len() + slips.len();
    Imported {
        lesson: lesson_yaml(id, &title, &ids, &findings, &slips),
        other: skeleton(&text),
        text,
        lang,
        found: report(&commands, course, &findings, &slips, lang),
        commands: commands.len(),
        mistakes,
    }
}

/// Korean where there is a good deal of Hangul.
fn language(note: &str) -> Lang {
    let hangul = note.chars().filter(|c| ('가'..='힣').contains(c)).count();
    if hangul * 10 > note.chars().count() {
        Lang::Ko
    } else {
        Lang::En
    }
}

/// The note with its headings from the second level on: the title comes from `lesson.yaml`.
fn sections(note: &str) -> String {
    let levels = outside_fences(note).filter_map(|(_, line)| level(line));
    let shift = levels
        .min()
        .map_or(0, |least| 2_usize.saturating_sub(least));
    let mut out = String::with_capacity(note.len() + 64);
    let mut fence = None;
    for line in note.lines() {
        let bare = line.trim_start_matches(['>', ' ', '\t']);
        let marks = bare.len() - bare.trim_start_matches('`').len();
        match fence {
            None if marks >= 3 => {
                fence = Some(marks);
                out.push_str(&transcript(line, bare, marks));
            }
            Some(open) if marks >= open && bare[marks..].trim().is_empty() => {
                fence = None;
                out.push_str(line);
            }
            None => match level(line) {
                Some(own) => {
                    let text = line.trim_start_matches('#').trim_start();
                    let _ = write!(out, "{} {text}", "#".repeat((own + shift).min(6)));
                }
                None => out.push_str(line),
            },
            Some(_) => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// A fence of a shell of Windows or of no language is no snippet that the page may run.
fn transcript(line: &str, bare: &str, marks: usize) -> String {
    let info = bare[marks..].trim();
    if ["cmd", "shell", "bash", "sh"].contains(&info) {
        format!("{}console", &line[..line.len() - bare.len() + marks])
    } else {
        line.to_owned()
    }
}

fn level(line: &str) -> Option<usize> {
    let marks = line.len() - line.trim_start_matches('#').len();
    let heading = (1..=6).contains(&marks) && line[marks..].starts_with(' ');
    heading.then_some(marks)
}

/// The lines that are in no fence, with their number from 1.
fn outside_fences(note: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<usize> = None;
    note.lines().enumerate().filter_map(move |(index, line)| {
        let bare = line.trim_start_matches(['>', ' ', '\t']);
        let marks = bare.len() - bare.trim_start_matches('`').len();
        match fence {
            None if marks >= 3 => fence = Some(marks),
            Some(open) if marks >= open && bare[marks..].trim().is_empty() => fence = None,
            None => return Some((index + 1, line)),
            Some(_) => {}
        }
        None
    })
}

/// What both languages have in common: headings, and code as it stands.
fn skeleton(text: &str) -> String {
    let prose: BTreeSet<usize> = outside_fences(text)
        .filter(|(_, line)| level(line).is_none())
        .map(|(number, _)| number)
        .collect();
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        if !prose.contains(&(index + 1)) {
            out.push_str(line);
            out.push('\n');
        } else if !out.ends_with("\n\n") && !out.is_empty() {
            out.push('\n');
        }
    }
    out
}

/// Lines of fences and inline code that begin with `docker`.
fn commands(note: &str, fences: &[Fence]) -> Vec<Found> {
    let mut found = Vec::new();
    for fence in fences {
        let mut joined = String::new();
        let mut first = fence.line + 1;
        for (index, line) in fence.text.lines().enumerate() {
            if joined.is_empty() {
                first = fence.line + 1 + index;
            }
            match line.trim_end().strip_suffix('\\') {
                Some(part) => joined.push_str(part),
                None => {
                    joined.push_str(line);
                    push_command(&joined, first, &mut found);
                    joined.clear();
                }
            }
        }
        push_command(&joined, first, &mut found);
    }
    for (line, text) in outside_fences(note) {
        for code in text.split('`').skip(1).step_by(2) {
            push_command(code, line, &mut found);
        }
        let bare = text.trim_start_matches(['>', ' ', '\t', '-', '*']);
        push_command(bare, line, &mut found);
    }
    found.sort_by_key(|found| found.line);
    found.dedup_by(|a, b| a.line == b.line && a.text == b.text);
    found
}

fn push_command(text: &str, line: usize, found: &mut Vec<Found>) {
    let text = text.trim().trim_start_matches("$ ");
    if text.starts_with("docker ") || text.starts_with("docker-compose ") {
        found.push(Found {
            line,
            text: text.to_owned(),
        });
    }
}

/// The ids of commands (`docker run -p`) whose words all stand in one of the note's commands.
fn covered(commands: &[Found], course: &Course) -> BTreeSet<String> {
    let known = course
        .lessons()
        .iter()
        .flat_map(|lesson| &lesson.covers)
        .chain(course.exercises().iter().flat_map(|it| &it.spec.covers));
    known
        .filter(|id| id.starts_with("docker "))
        .filter(|id| commands.iter().any(|found| uses(&found.text, id)))
        .cloned()
        .collect()
}

fn uses(text: &str, id: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    id.split_whitespace().enumerate().all(|(at, wanted)| {
        if wanted.starts_with('-') {
            words.contains(&wanted)
        } else {
            words.get(at) == Some(&wanted)
        }
    })
}

/// What the rules say of Dockerfiles and Compose files in the note; lines are those of the note.
fn findings(fences: &[Fence], lang: Lang) -> Vec<Finding> {
    let mut all = Vec::new();
    for fence in fences {
        let name = match fence.lang.as_str() {
            "dockerfile" | "docker" => "Dockerfile",
            "yaml" | "yml" if fence.text.contains("services:") => "compose.yaml",
            "" | "text" if looks_like_dockerfile(&fence.text) => "Dockerfile",
            _ => continue,
        };
        for mut finding in lint::lint_file(name, fence.text.as_bytes(), lang) {
            // Matters of taste would drown what is wrong.
            if finding.severity == Severity::Error || finding.mistake.is_some() {
                finding.start.line += fence.line;
                all.push(finding);
            }
        }
    }
    all
}

fn looks_like_dockerfile(text: &str) -> bool {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with("FROM ") || line.starts_with("ARG "))
}

/// What is wrong in the note's commands: line, mistake if it is a known one, what was seen.
fn slips(commands: &[Found], lang: Lang) -> Vec<(usize, Option<&'static str>, String)> {
    let mut all = Vec::new();
    for found in commands {
        // `{name}` and `<name>` in a note stand for something; they are read as a name.
        let text: String = found
            .text
            .chars()
            .map(|c| if "<>{}[]".contains(c) { '_' } else { c })
            .collect();
        for fact in command::mistakes(&text, lang) {
            if fact.kind == FactKind::Mistake {
                all.push((found.line, fact.mistake, fact.message));
            }
        }
    }
    all
}

fn lesson_yaml(
    id: &str,
    title: &str,
    ids: &BTreeSet<String>,
    findings: &[Finding],
    slips: &[(usize, Option<&'static str>, String)],
) -> String {
    let order = id
        .split('-')
        .next()
        .and_then(|number| number.parse::<u32>().ok())
        .unwrap_or(1);
    let quoted = serde_json::to_string(title).unwrap_or_default();
    let mut out = format!(
        "id: {id}\norder: {order}\ntitle:\n  ko: {quoted}\n  en: {quoted}\nsummary:\n  ko: {quoted}\n  en: {quoted}\nminutes: 20\n"
    );
    let mistakes = findings
        .iter()
        .filter_map(|finding| finding.mistake.clone())
        .chain(slips.iter().filter_map(|(_, id, _)| id.map(str::to_owned)));
    let all: BTreeSet<String> = ids.iter().cloned().chain(mistakes).collect();
    if all.is_empty() {
        out.push_str("covers: []\n");
    } else {
        out.push_str("covers:\n");
        for id in all {
            let _ = writeln!(out, "  - {id}");
        }
    }
    out.push_str("exercises: []\n");
    out
}

fn report(
    commands: &[Found],
    course: &Course,
    findings: &[Finding],
    slips: &[(usize, Option<&'static str>, String)],
    lang: Lang,
) -> String {
    let mut out = format!(
        "## {}\n\n",
        lang.pick(
            "명령어와 그것을 연습하는 문제",
            "Commands, and the exercises that practise them"
        )
    );
    for found in commands {
        let practised: Vec<String> = course
            .exercises()
            .iter()
            .filter(|it| {
                it.spec
                    .covers
                    .iter()
                    .any(|id| id.starts_with("docker ") && uses(&found.text, id))
            })
            .map(|it| {
                format!(
                    "[{0}](/{1}/lessons/{2})",
                    it.spec.id,
                    lang.pick("ko", "en"),
                    it.spec.lesson
                )
            })
            .collect();
        let practised = if practised.is_empty() {
            lang.pick("아직 없음", "none yet").to_owned()
        } else {
            practised.join(", ")
        };
        let _ = writeln!(out, "- {}: `{}`: {practised}", found.line, found.text);
    }
    let _ = write!(
        out,
        "\n## {}\n\n",
        lang.pick("규칙이 찾은 실수", "Mistakes that the rules see")
    );
    let mut lines: Vec<(usize, String)> = findings
        .iter()
        .map(|it| {
            (
                it.start.line,
                format!(
                    "`{}`: {}",
                    it.mistake.as_ref().unwrap_or(&it.rule),
                    it.message
                ),
            )
        })
        .collect();
    lines.extend(slips.iter().map(|(line, id, message)| {
        let id = id.map(|id| format!("`{id}`: ")).unwrap_or_default();
        (*line, format!("{id}{message}"))
    }));
    lines.sort();
    for (line, text) in lines {
        let _ = writeln!(out, "- {line}: {}", text.replace('\n', " "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "오늘의 공부\n\n# 도커\n> [!info] 이미지\n> 읽기 전용\n> ```dockerfile\n> FROM python:3.11 -slim\n> ```\n\n## 실행\n```cmd\ndocker run -d -p 8080:80 \\\n  --name web nginx\n```\n`docker rmi -f pg` 그리고 `docker run -rm nginx`를 썼다.\n- docker ps -a\n";

    #[test]
    fn a_note_becomes_sections_and_loses_nothing() {
        let course = Course::embedded().unwrap();
        let made = import(NOTE, "15-from-a-note", &course);
        assert_eq!(made.lang, Lang::Ko);
        assert!(made.text.contains("## 도커\n") && made.text.contains("### 실행\n"));
        assert!(made.text.contains("```console\n"), "{}", made.text);
        let words = |text: &str| -> Vec<String> {
            let kept = text
                .split_whitespace()
                .filter(|word| !word.starts_with('#') && !word.starts_with("```"));
            kept.map(str::to_owned).collect()
        };
        assert_eq!(words(NOTE), words(&made.text));
        assert!(made.other.contains("## 도커") && !made.other.contains("오늘의"));
        assert!(
            made.other
                .contains("docker run -d -p 8080:80 \\\n  --name web nginx\n")
        );
    }

    #[test]
    fn commands_lead_to_exercises_and_mistakes_to_their_line() {
        let course = Course::embedded().unwrap();
        let made = import(NOTE, "15-from-a-note", &course);
        assert_eq!(made.commands, 4, "{}", made.found);
        assert!(made.found.contains("- 7: `from-space`"), "{}", made.found);
        assert!(
            made.found.contains("- 15: `single-dash-rm`"),
            "{}",
            made.found
        );
        assert!(
            made.lesson.contains("  - docker ps -a\n"),
            "{}",
            made.lesson
        );
        assert!(made.lesson.contains("  - from-space\n") && made.lesson.contains("order: 15\n"));
    }
}
