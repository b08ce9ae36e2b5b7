//! Answers, right, wrong and hostile.

use super::*;
use crate::Status;

fn demand(yaml: &str) -> Answer {
    let answer: Answer = serde_yaml::from_str(yaml).unwrap();
    assert_eq!(answer.problems(), Vec::<String>::new());
    answer
}

const CHOICE: &str = "
options:
  - {id: one, ko: 하나, en: One, right: true}
  - {id: two, ko: 둘, en: Two, why: {ko: 둘은 아니에요., en: Not two.}}
  - {id: three, ko: 셋, en: Three, right: true}
";

#[test]
fn all_right_options_and_no_others() {
    let choice = demand(CHOICE);
    let judge = |text: &str| choice.judge_text(text.as_bytes(), "q", Lang::En);
    for right in [
        "q: [one, three]",
        "q: [three, one, one]",
        "a: 1\nq:\n- one\n- three\n",
    ] {
        assert_eq!(judge(right).status, Status::Pass, "{right}");
    }
    let wrong = judge("q: [one, two]");
    assert_eq!(wrong.message.as_deref(), Some("Not two."));
    assert_eq!(wrong.actual.as_deref(), Some("One / Two"));
    assert!(judge("q: one").message.unwrap().contains("there is more"));
    for unanswered in ["", "q:", "q: []", "q: ''", "other: one", "# q: one"] {
        let verdict = judge(unanswered);
        assert_eq!(verdict.status, Status::Fail);
        assert!(
            verdict.message.unwrap().contains("Not answered"),
            "{unanswered}"
        );
    }
    let unknown = judge("a: 1\nq: [one, tow]");
    assert!(unknown.message.unwrap().contains("`tow`"));
    assert_eq!(unknown.findings[0].start.line, 2);
}

#[test]
fn what_is_right_is_never_told() {
    let choice = demand(CHOICE);
    for text in ["", "q: two", "q: one", "q: {a: b}", "q: [one, two, three]"] {
        let verdict = choice.judge_text(text.as_bytes(), "q", Lang::Ko);
        assert_eq!(verdict.status, Status::Fail, "{text}");
        assert_eq!(verdict.expected, None);
        assert!(
            !verdict.message.unwrap_or_default().contains("셋"),
            "{text}"
        );
    }
}

#[test]
fn a_free_answer_is_compared_as_a_reader_would() {
    let text = demand("{accept: [docker ps -a, docker container ls --all], ignore-case: true}");
    let judge = |given: &str| text.judge_text(given.as_bytes(), "q", Lang::En).status;
    assert_eq!(judge("q: '  Docker PS -a '"), Status::Pass);
    assert_eq!(judge("q: docker ps"), Status::Fail);
    assert_eq!(judge("q: [docker ps -a, docker ps]"), Status::Fail);
    let number = demand("{accept: ['8080'], number: true}");
    let judge = |given: &str| number.judge_text(given.as_bytes(), "q", Lang::En).status;
    assert_eq!(judge("q: 8080"), Status::Pass);
    assert_eq!(judge("q: 8,080.0"), Status::Pass);
    assert_eq!(judge("q: 80"), Status::Fail);
}

#[test]
fn a_hint_knows_what_was_chosen() {
    let chosen = demand("{question: q, chosen: [two, four]}");
    let judge = |given: &str| chosen.judge_text(given.as_bytes(), "q", Lang::En).status;
    assert_eq!(judge("q: [one, two]"), Status::Pass);
    assert_eq!(judge("q: one"), Status::Fail);
    assert_eq!(judge(""), Status::Fail);
}

#[test]
fn a_hostile_file_is_a_finding_with_its_line() {
    let choice = demand(CHOICE);
    let deep = format!("q: {}", "[".repeat(5000));
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nq: [*e,*e,*e]\n";
    for (text, line) in [
        ("a: 1\nq: one\nq: two\n", 3),
        ("a: 1\nq: [one\n", 0),
        ("a: 1\nq: \"one\n", 0),
        ("- one\n", 1),
        ("a: 1\nq: {one: two}\n", 2),
        ("q: [[one]]\n", 1),
        ("a: 1\nq:\n\tb: two\n", 3),
        ("q: one\0\n", 1),
        (deep.as_str(), 1),
        (bomb, 0),
    ] {
        for lang in [Lang::Ko, Lang::En] {
            let verdict = choice.judge_text(text.as_bytes(), "q", lang);
            assert_eq!(verdict.status, Status::Fail, "{text:?}");
            assert_eq!(verdict.findings.len(), 1, "{text:?}");
            if line > 0 {
                assert_eq!(verdict.findings[0].start.line, line, "{text:?}");
            }
        }
    }
    let large = vec![b'#'; MANY];
    let verdict = choice.judge_text(&large, "q", Lang::En);
    assert!(verdict.message.unwrap().contains("64 KiB"));
    assert_eq!(
        choice.judge_text(b"q: \xff\n", "q", Lang::En).status,
        Status::Fail
    );
}

const MANY: usize = 3 << 20;

#[test]
fn a_wrong_question_is_told_to_the_author() {
    for (yaml, says) in [
        ("{}", "one of `options`"),
        (
            "{options: [{id: a, ko: 가, en: A, right: true}]}",
            "fewer than two",
        ),
        (
            "{options: [{id: a, ko: 가, en: A, right: true}, {id: a, ko: 나, en: B, why: {ko: 왜, en: why}}]}",
            "twice",
        ),
        (
            "{options: [{id: a, ko: 가, en: A, why: {ko: 왜, en: why}}, {id: b, ko: 나, en: B, why: {ko: 왜, en: why}}]}",
            "no option is `right`",
        ),
        (
            "{options: [{id: a, ko: 가, en: A, right: true}, {id: b, ko: 나, en: B, right: true}]}",
            "every option",
        ),
        (
            "{options: [{id: a, ko: 가, en: A, right: true}, {id: b, ko: 나, en: B}]}",
            "why it is not right",
        ),
        (
            "{options: [{id: A b, ko: 가, en: A, right: true}, {id: b, ko: '', en: B, why: {ko: 왜, en: why}}]}",
            "empty text",
        ),
        ("{accept: ['']}", "empty"),
        ("{accept: [many], number: true}", "no number"),
        ("{chosen: [a]}", "belong together"),
        (
            "{accept: [a], options: [{id: a, ko: 가, en: A}]}",
            "one of `options`",
        ),
    ] {
        let answer: Answer = serde_yaml::from_str(yaml).unwrap();
        let problems = answer.problems();
        assert!(
            problems.iter().any(|p| p.contains(says)),
            "{yaml}: {problems:?}"
        );
    }
}

#[test]
fn an_explanation_is_known_again_in_the_other_language() {
    let choice = demand(CHOICE);
    for text in ["q: two", "q: one", ""] {
        let said = |lang| {
            choice
                .judge_text(text.as_bytes(), "q", lang)
                .message
                .unwrap()
        };
        let (ko, en) = (said(Lang::Ko), said(Lang::En));
        assert_ne!(ko, en);
        assert_eq!(choice.reworded(&ko, Lang::En), Some(en.as_str()));
        assert_eq!(choice.reworded(&en, Lang::Ko), Some(ko.as_str()));
        assert_eq!(choice.reworded(&ko, Lang::Ko), Some(ko.as_str()));
    }
    assert_eq!(choice.reworded("Something else.", Lang::En), None);
}

/// Lines as the page writes them; `frontend/test/answers.test.ts` has the same.
#[test]
fn answers_that_the_page_wrote_are_read_as_they_were_meant() {
    let text = concat!(
        "# comment\n",
        "one: own-layer\n",
        "several: [run-pip, copy-code]\n",
        "word: \"null\"\n",
        "number: \"1000\"\n",
        "colon: \"8080: 80 # no comment\"\n",
        "quotes: \"echo \\\"it's\\\" \\\\n\"\n",
        "hangul: \"이미지\"\n",
        "control: \"a\\u0085b\\tc\"\n",
    );
    for (question, answer) in [
        ("one", vec!["own-layer"]),
        ("several", vec!["run-pip", "copy-code"]),
        ("word", vec!["null"]),
        ("number", vec!["1000"]),
        ("colon", vec!["8080: 80 # no comment"]),
        ("quotes", vec!["echo \"it's\" \\n"]),
        ("hangul", vec!["이미지"]),
        ("control", vec!["a\u{85}b\tc"]),
    ] {
        let given = file::read(text.as_bytes(), question, Lang::En)
            .ok()
            .unwrap();
        assert_eq!(given.texts, answer, "{question}");
    }
}
