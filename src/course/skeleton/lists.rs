//! An exercise's place in a lesson that is there: in the list of `lesson.yaml` and in both texts. What an author has
//! written stays as it is, to the byte.

use super::super::markdown::{Options, render_page};
use super::super::{CourseFile, Files};

/// The headings of a lesson's recall, before which its last exercise stands.
const RECALL: [&str; 2] = ["## Recall without looking", "## 보지 않고 떠올리기"];

/// The lesson's files with the exercise in them. Nothing where they are missing, or written in another way than
/// lessons are.
pub(super) fn with_exercise(course: &Files, lesson: &str, id: &str) -> Option<Vec<CourseFile>> {
    let changed = |name: &str, change: fn(&str, &str) -> Option<String>| {
        let path = format!("lessons/{lesson}/{name}");
        let text = std::str::from_utf8(course.bytes(&path)?).ok()?;
        Some((path.clone(), change(text, id)?.into_bytes()))
    };
    Some(vec![
        changed("lesson.yaml", listed)?,
        changed("ko.md", |text, id| Some(shown(text, id)))?,
        changed("en.md", |text, id| Some(shown(text, id)))?,
    ])
}

/// `lesson.yaml` with one more exercise, last in the list.
fn listed(yaml: &str, id: &str) -> Option<String> {
    let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with("exercises:"))?;
    let (value, remark) = {
        let rest = &lines[at]["exercises:".len()..];
        let cut = rest.find(" #").unwrap_or(rest.len());
        (rest[..cut].trim().to_owned(), rest[cut..].to_owned())
    };
    if value == "[]" {
        lines[at] = format!("exercises:{remark}");
        lines.insert(at + 1, format!("  - {id}"));
    } else if let Some(inside) = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let inside = inside.trim_end().trim_end_matches(',');
        lines[at] = format!("exercises: [{inside}, {id}]{remark}");
    } else if value.is_empty() {
        let item = |line: &String| line.trim_start().starts_with("- ");
        let between = |line: &String| {
            let bare = line.trim_start();
            bare.is_empty() || bare.starts_with('#')
        };
        let end = lines[at + 1..]
            .iter()
            .take_while(|line| item(line) || between(line))
            .count();
        let last = at + lines[at + 1..=at + end].iter().rposition(item)? + 1;
        let indent = lines[last].len() - lines[last].trim_start().len();
        lines.insert(last + 1, format!("{}- {id}", " ".repeat(indent)));
    } else {
        return None;
    }
    Some(lines.join("\n") + "\n")
}

/// A text with one more exercise: before the recall, or at the end where another exercise comes later.
fn shown(text: &str, id: &str) -> String {
    let page = render_page(text, &Options::default());
    let fences = page.fences.iter();
    let last = fences
        .filter(|fence| fence.lang == "exercise")
        .map(|fence| fence.line)
        .max();
    let headings = page.headings.iter().map(|heading| heading.line);
    let recall = headings
        .filter(|line| {
            let line = text.lines().nth(line - 1).unwrap_or_default();
            RECALL.contains(&line.trim_end())
        })
        .find(|line| last.is_none_or(|last| last < *line));
    let fence = format!("```exercise\n{id}\n```\n");
    match recall {
        Some(line) => {
            let lines = text.split_inclusive('\n');
            let before: usize = lines.take(line - 1).map(str::len).sum();
            format!("{}{fence}\n{}", &text[..before], &text[before..])
        }
        None => format!("{}\n\n{fence}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grows_however_it_is_written() {
        for (before, after) in [
            (
                "a: 1\nexercises: [] # none\n",
                "a: 1\nexercises: # none\n  - x/y\n",
            ),
            (
                "exercises: [a/b, c/d,] # two\nminutes: 3\n",
                "exercises: [a/b, c/d, x/y] # two\nminutes: 3\n",
            ),
            (
                "exercises:\n- a/b\n\n# later\n- c/d # last\n\nminutes: 3\n",
                "exercises:\n- a/b\n\n# later\n- c/d # last\n- x/y\n\nminutes: 3\n",
            ),
            (
                "exercises:\n    - a/b",
                "exercises:\n    - a/b\n    - x/y\n",
            ),
        ] {
            assert_eq!(listed(before, "x/y").as_deref(), Some(after));
        }
        for odd in ["minutes: 3\n", "exercises:\n", "exercises: &a\n  - a/b\n"] {
            assert_eq!(listed(odd, "x/y"), None, "{odd}");
        }
    }

    #[test]
    fn an_exercise_stands_before_the_recall_and_behind_the_others() {
        const FENCE: &str = "```exercise\nx/y\n```\n";
        let text = "Words.\n\n```text\n## Recall without looking\n```\n\n## Recall without looking\n\nWhy?\n";
        let (before, after) = text.split_at(text.rfind("##").unwrap_or_default());
        assert_eq!(shown(text, "x/y"), format!("{before}{FENCE}\n{after}"));
        let late = "## Recall without looking\n\n```exercise\na/b\n```\n";
        assert_eq!(shown(late, "x/y"), format!("{late}\n{FENCE}"));
    }
}
