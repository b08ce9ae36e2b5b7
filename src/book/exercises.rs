//! An exercise in the book: the task, hints and solution that unfold, and how to check it without the page.

use checker::Lang;
use checker::spec::{Assertion, Exercise};

use crate::course::markdown::{escape, escape_with_code};
use crate::course::{CourseExercise, CourseFile};

/// The exercise as HTML that stands inside its `<section>`.
pub(super) fn html(exercise: &CourseExercise, lang: Lang) -> String {
    let mut out = String::from("<h3>");
    escape(exercise.spec.title.get(lang), &mut out);
    out.push_str("</h3>\n<p class=\"about\">");
    let minutes = exercise.spec.minutes;
    let points = exercise.spec.max_points();
    out.push_str(&match lang {
        Lang::Ko => format!("연습 문제 · {minutes}분 · {points}점"),
        Lang::En => format!("Exercise · {minutes} min · {points} points"),
    });
    out.push_str("</p>\n");
    out.push_str(exercise.text_html(lang));
    questions(&exercise.spec, lang, &mut out);
    let mut seen = std::collections::BTreeSet::new();
    for hint in exercise.hints_html(lang) {
        // Hints that depend on the learner's state stand here one after the other; the same words need not stand twice.
        if seen.insert(hint) {
            fold("hint", lang.pick("힌트", "Hint"), hint, &mut out);
        }
    }
    let files: String = changed(exercise).map(listing).collect();
    if !files.is_empty() {
        fold("solution", lang.pick("풀이", "Solution"), &files, &mut out);
    }
    out.push_str(&format!(
        "<p class=\"about\">{}</p>\n",
        lang.pick("채점해 보기", "Check yours").to_owned()
            + &format!(": <code>docktutor check {} .</code>", exercise.spec.id)
    ));
    out
}

/// The questions with their options' names, so that they can be answered in a file. What is right is not said here.
fn questions(spec: &Exercise, lang: Lang, out: &mut String) {
    let mut any = false;
    for check in &spec.checks {
        let Assertion::Answer(answer) = &check.assertion else {
            continue;
        };
        any = true;
        out.push_str("<p><strong>");
        out.push_str(&escape_with_code(check.title.get(lang)));
        out.push_str(&format!("</strong> (<code>{}</code>)</p>\n", check.id));
        if answer.options.is_empty() {
            continue;
        }
        out.push_str("<ul>\n");
        for option in &answer.options {
            let text = escape_with_code(lang.pick(&option.ko, &option.en));
            out.push_str(&format!("<li><code>{}</code>: {text}</li>\n", option.id));
        }
        out.push_str("</ul>\n");
    }
    if any {
        out.push_str(lang.pick(
            "<p>답은 <code>answers.yaml</code>에 <code>질문: 답</code> 모양으로 써요. 여럿이면 <code>질문: [하나, 둘]</code>이에요.</p>\n",
            "<p>Answers stand in <code>answers.yaml</code> as <code>question: answer</code>, several as <code>question: [one, two]</code>.</p>\n",
        ));
    }
}

fn fold(class: &str, summary: &str, html: &str, out: &mut String) {
    out.push_str(&format!(
        "<details class=\"{class}\"><summary>{summary}</summary>\n<div>"
    ));
    out.push_str(html);
    out.push_str("</div></details>\n");
}

/// The files of the solution that are not in the starter as they are.
fn changed(exercise: &CourseExercise) -> impl Iterator<Item = &CourseFile> {
    exercise
        .solution
        .iter()
        .filter(|file| !exercise.starter.contains(file))
}

fn listing((path, bytes): &CourseFile) -> String {
    let mut out = String::from("<figure class=\"code\"><figcaption>");
    escape(path, &mut out);
    out.push_str("</figcaption><pre><code>");
    match std::str::from_utf8(bytes) {
        Ok(text) => escape(text, &mut out),
        Err(_) => out.push_str(&format!("({} bytes)", bytes.len())),
    }
    out.push_str("</code></pre></figure>\n");
    out
}
