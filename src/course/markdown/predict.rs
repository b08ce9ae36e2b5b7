//! The `predict` fence: a question to answer before a command is run.

use checker::Lang;
use serde::Deserialize;

use super::{Options, escape, render_inside};

/// A question with a few answers, one of which comes true.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// What will happen? Markdown.
    pub question: String,
    /// At least two.
    pub options: Vec<Choice>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The answer. Markdown.
    pub text: String,
    /// What whoever chose it should read now. Markdown.
    pub why: String,
    /// Whether it comes true.
    #[serde(default)]
    pub right: bool,
}

/// No question is longer, in bytes. The YAML reader takes very long over deeply nested text.
const LONGEST: usize = 8 << 10;

/// Reads a fence.
pub(super) fn parse(yaml: &str) -> Result<Predict, String> {
    if yaml.len() > LONGEST {
        return Err("a predict question has at most 8 KiB".to_owned());
    }
    let predict: Predict = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
    let right = predict.options.iter().filter(|option| option.right).count();
    if predict.options.len() < 2 {
        Err("a predict question needs at least two options".to_owned())
    } else if right != 1 {
        Err(format!(
            "exactly one option must say `right: true`, here {right} do"
        ))
    } else {
        Ok(predict)
    }
}

/// Writes the question as a group of radio buttons. Without a script, each answer has its explanation to unfold;
/// with one, choosing unfolds the right one. Returns the number of words.
pub(super) fn write(
    predict: &Predict,
    number: usize,
    options: &Options<'_>,
    out: &mut String,
) -> usize {
    let mut words = 0;
    let mut markdown = |text: &str, out: &mut String| {
        let rendered = render_inside(text, options);
        words += rendered.words;
        out.push_str(&rendered.html);
    };
    let (label, unfold) = match options.lang {
        Lang::Ko => ("먼저 예상해 보세요", "이 답을 골랐다면"),
        Lang::En => ("Predict first", "If you chose this"),
    };
    out.push_str(&format!(
        "<fieldset class=\"predict\" data-predict=\"{number}\"><legend>"
    ));
    escape(label, out);
    out.push_str("</legend>\n<div class=\"predict-question\">");
    markdown(&predict.question, out);
    out.push_str("</div>\n<ol class=\"predict-options\">\n");
    for (index, option) in predict.options.iter().enumerate() {
        let right = if option.right { " data-right" } else { "" };
        out.push_str(&format!(
            "<li class=\"predict-option\"{right}><label><input type=\"radio\" name=\"predict-{number}\" value=\"{}\"> <span class=\"predict-text\">",
            index + 1
        ));
        markdown(&option.text, out);
        out.push_str("</span></label>\n<details class=\"predict-why\"><summary>");
        escape(unfold, out);
        out.push_str("</summary>\n<div>");
        markdown(&option.why, out);
        out.push_str("</div></details></li>\n");
    }
    out.push_str("</ol></fieldset>\n");
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::markdown::render_page;

    const FENCE: &str = "```predict\nquestion: What does `cat` print?\noptions:\n  - text: hello\n    why: No.\n  - text: an error\n    why: Yes, **each** has its own files.\n    right: true\n```\n";

    #[test]
    fn a_question_becomes_radio_buttons() {
        let page = render_page(&format!("{FENCE}\n{FENCE}"), &Options::default());
        assert_eq!(page.html.matches("<fieldset class=\"predict\"").count(), 2);
        assert!(
            page.html.contains(
                "<div class=\"predict-question\">What does <code>cat</code> print?</div>"
            )
        );
        assert!(page.html.contains(
            "<li class=\"predict-option\" data-right><label><input type=\"radio\" name=\"predict-2\" value=\"2\"> <span class=\"predict-text\">an error</span></label>"
        ));
        assert!(
            page.html
                .contains("<div>Yes, <strong>each</strong> has its own files.</div>")
        );
        assert_eq!(
            page.fences[0].predict.as_ref().map(|p| p.options.len()),
            Some(2)
        );
    }

    #[test]
    fn a_fence_that_cannot_be_read_is_shown_and_reported() {
        for yaml in [
            "question: [",
            "question: a\noptions: []",
            "question: a\noptions: [{text: a, why: b}, {text: c, why: d}]",
            "question: a\nanswers: []",
            &"[".repeat(LONGEST),
            &"[".repeat(LONGEST + 1),
        ] {
            let page = render_page(&format!("```predict\n{yaml}\n```"), &Options::default());
            assert!(page.fences[0].problem.is_some(), "{yaml}");
            assert!(page.html.contains("<figure class=\"code\""), "{yaml}");
        }
    }

    #[test]
    fn questions_do_not_nest() {
        let inner = FENCE
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>();
        let text = format!(
            "```predict\nquestion: |\n{}options:\n  - {{text: a, why: b, right: true}}\n  - {{text: c, why: d}}\n```\n",
            inner.replace("```", "~~~")
        );
        let page = render_page(&text, &Options::default());
        assert_eq!(page.html.matches("<fieldset").count(), 1, "{}", page.html);
    }
}
