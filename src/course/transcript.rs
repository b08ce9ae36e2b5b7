//! What a snippet prints: the fence `output` directly after a shell fence, and how it is compared with a terminal.
//!
//! In the fence, `…` inside a line stands for any text, and a line of only `…` for any number of lines. Blanks at the end
//! of a line and empty lines at the end do not count.

mod screen;

use super::markdown::{Fence, runs};

pub use screen::printed;

/// The fence's language.
pub const OUTPUT: &str = "output";

/// What stands for anything.
const ANY: char = '…';

/// A snippet of a lesson, and what it prints where the lesson says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// As it is typed.
    pub text: String,
    /// The line of its fence, from 1.
    pub line: usize,
    /// What is in the `output` fence behind it.
    pub output: Option<String>,
}

/// The snippets that have a run button, in reading order.
#[must_use]
pub fn snippets(fences: &[Fence]) -> Vec<Snippet> {
    let mut snippets: Vec<Snippet> = Vec::new();
    for (at, fence) in fences.iter().enumerate() {
        if runs(&fence.lang) {
            snippets.push(Snippet {
                text: fence.text.clone(),
                line: fence.line,
                output: None,
            });
        } else if fence.lang == OUTPUT
            && at > 0
            && runs(&fences[at - 1].lang)
            && let Some(snippet) = snippets.last_mut()
        {
            snippet.output = Some(fence.text.clone());
        }
    }
    snippets
}

/// The lines of `output` fences that do not stand directly after a snippet.
pub(super) fn lonely(source: &str, fences: &[Fence]) -> Vec<usize> {
    let lines: Vec<&str> = source.lines().collect();
    let empty = |line: &&str| line.trim_matches(['>', ' ', '\t']).is_empty();
    let directly_after = |before: &Fence, fence: &Fence| {
        // Its own line, its text, and the line that closes it.
        let end = before.line + before.text.lines().count() + 1;
        let between = lines.get(end..fence.line.saturating_sub(1));
        runs(&before.lang) && between.is_some_and(|between| between.iter().all(empty))
    };
    fences
        .iter()
        .enumerate()
        .filter(|(_, fence)| fence.lang == OUTPUT)
        .filter(|(at, fence)| *at == 0 || !directly_after(&fences[at - 1], fence))
        .map(|(_, fence)| fence.line)
        .collect()
}

/// Where what came differs from what a fence says; nothing where it is the same.
#[must_use]
pub fn difference(expected: &str, shown: &str) -> Option<String> {
    let (expected, shown) = (lines(expected), lines(shown));
    let is_any = |line: &&str| line.trim() == "…";
    let met = glob(&expected, &shown, is_any, |wanted, line| fits(wanted, line));
    let Err(at) = met else {
        return None;
    };
    Some(match (expected.get(at), shown.get(at)) {
        _ if expected[..at.min(expected.len())].iter().any(is_any) => {
            "what came is not what the fence says".to_owned()
        }
        (Some(wanted), Some(line)) => format!("line {} is `{line}`, not `{wanted}`", at + 1),
        (Some(wanted), None) => format!("line {} `{wanted}` did not come", at + 1),
        (None, line) => format!("line {} `{}` came as well", at + 1, line.unwrap_or(&"")),
    })
}

/// Whether a line is what a line of the fence says.
fn fits(wanted: &str, line: &str) -> bool {
    let wanted: Vec<char> = wanted.chars().collect();
    let line: Vec<char> = line.chars().collect();
    glob(&wanted, &line, |c| *c == ANY, |wanted, c| wanted == c).is_ok()
}

/// Matches items against a pattern in which some stand for any number of items. Otherwise says how many items of the
/// pattern were met before the first of them that stands for any number, or before the first difference.
fn glob<P, T>(
    pattern: &[P],
    items: &[T],
    is_any: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &T) -> bool,
) -> Result<(), usize> {
    let (mut p, mut t) = (0, 0);
    // Where to go on when it does not fit: behind the last "any", which then takes one item more.
    let mut back: Option<(usize, usize)> = None;
    loop {
        match pattern.get(p) {
            Some(item) if is_any(item) => {
                p += 1;
                back = Some((p, t));
                continue;
            }
            Some(item) if items.get(t).is_some_and(|found| fits(item, found)) => {
                p += 1;
                t += 1;
                continue;
            }
            None if t == items.len() => return Ok(()),
            Some(_) | None => {}
        }
        match &mut back {
            Some((after, from)) if *from < items.len() => {
                *from += 1;
                (p, t) = (*after, *from);
            }
            _ => return Err(p),
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::markdown::{Options, render_page};

    #[test]
    fn the_same_text_has_no_difference() {
        for (expected, shown) in [
            ("", ""),
            ("a\nb\n", "a\nb"),
            ("a  \nb\n\n", "a\nb   \n"),
            ("web …  Up … seconds", "web 1f3c  Up 3 seconds"),
            ("…", ""),
            ("…", "a\nb\n\nc"),
            ("…\nend", "a\nend\nb\nend"),
            ("a\n…\nb\n…\nc", "a\nx\nb\nb\nc"),
            ("Step 1/… : FROM …", "Step 1/9 : FROM busybox"),
            ("이미지 …개", "이미지 3개"),
        ] {
            assert_eq!(difference(expected, shown), None, "{expected:?} {shown:?}");
        }
    }

    #[test]
    fn a_difference_names_its_line() {
        for (expected, shown, says) in [
            ("a\nb", "a\nc", "line 2 is `c`, not `b`"),
            ("a\nb", "a", "line 2 `b` did not come"),
            ("a", "a\nb", "line 2 `b` came as well"),
            ("", "a", "line 1 `a` came as well"),
            ("Up … seconds", "Up 3 minutes", "not `Up … seconds`"),
            ("…\nend", "a\nend\nb", "not what the fence says"),
            ("a…", "ba", "line 1"),
        ] {
            let found = difference(expected, shown).expect("a difference");
            assert!(found.contains(says), "{expected:?} {shown:?}: {found}");
        }
    }

    #[test]
    fn a_long_comparison_ends() {
        let expected = "…a".repeat(2000);
        assert!(difference(&expected, &"a".repeat(1999)).is_some());
        assert_eq!(difference(&expected, &"a".repeat(2000)), None);
    }

    #[test]
    fn an_output_belongs_to_the_snippet_before_it() {
        let text = "```sh\necho a\n```\n\n```output\na\n```\n\n```sh\ntrue\n```\n\nWords.\n\n```output\nb\n```\n\n> [!note]\n> ```sh\n> ls\n> ```\n>\n> ```output\n> c\n> ```\n";
        let fences = render_page(text, &Options::default()).fences;
        assert_eq!(lonely(text, &fences), [15]);
        let found = snippets(&fences);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].output.as_deref(), Some("a\n"));
        assert_eq!(found[2].output.as_deref(), Some("c\n"));
        for lonely_text in [
            "```output\na\n```\n",
            "```text\na\n```\n```output\na\n```\n",
        ] {
            let fences = render_page(lonely_text, &Options::default()).fences;
            assert_eq!(lonely(lonely_text, &fences).len(), 1, "{lonely_text}");
        }
    }
}
