//! The fields, and what must not be among them.

use super::*;

fn exercise(kind: &str, files: &str, checks: &str) -> Exercise {
    Exercise::parse(&format!(
        "id: t/x\ntitle: {{ko: 가, en: A}}\nlesson: l\nkind: {kind}\ndifficulty: 1\nminutes: 1\nfiles: [{files}]\nchecks:\n{checks}"
    ))
    .unwrap()
}

const QUESTIONS: &str = "
  - id: single
    title: {ko: '`a`는 <무엇>?', en: 'What is `a` & <b>?'}
    points: 1
    failure: {ko: 아님, en: Failure text}
    assert:
      answer:
        options:
          - {id: zebra, ko: 얼룩말, en: 'A `zebra`', why: {ko: 왜요, en: Secret reason}}
          - {id: ant, ko: 개미, en: An ant, right: true, why: {ko: 왜요, en: Secret reason}}
  - id: many
    title: {ko: 모두, en: All}
    points: 1
    failure: {ko: 아님, en: Failure text}
    assert:
      answer:
        options:
          - {id: p, ko: 피, en: P, right: true}
          - {id: q, ko: 큐, en: Q, right: true}
          - {id: r, ko: 알, en: R, why: {ko: 왜요, en: Secret reason}}
  - id: free
    title: {ko: 자유, en: Free}
    points: 1
    failure: {ko: 아님, en: Failure text}
    assert: {answer: {accept: [secret-word]}}
  - id: count
    title: {ko: 수, en: Count}
    points: 1
    failure: {ko: 아님, en: Failure text}
    assert: {answer: {accept: ['4711'], number: true}}
";

#[test]
fn each_question_has_fields_of_its_way_in_the_order_of_the_file() {
    let spec = exercise("quiz", "answers.yaml", QUESTIONS);
    let html = html(&spec, Lang::En);
    assert_eq!(html.matches("<fieldset").count(), 4);
    assert_eq!(html.matches("<legend").count(), 4);
    assert_eq!(
        html.matches("type=\"radio\" name=\"t-x-single\"").count(),
        2
    );
    assert_eq!(
        html.matches("type=\"checkbox\" name=\"t-x-many\"").count(),
        3
    );
    assert_eq!(html.matches("type=\"text\"").count(), 2);
    assert_eq!(html.matches("inputmode=\"decimal\"").count(), 1);
    assert!(html.find("zebra") < html.find("An ant"));
    assert!(
        html.contains("What is <code>a</code> &#38; &#60;b&#62;?")
            || html.contains("What is <code>a</code> &amp; &lt;b&gt;?"),
        "{html}"
    );
    assert!(html.contains("A <code>zebra</code>"));
    assert!(super::html(&spec, Lang::Ko).contains("얼룩말"));
}

#[test]
fn what_is_right_is_not_in_the_page() {
    let spec = exercise("quiz", "answers.yaml", QUESTIONS);
    for lang in [Lang::Ko, Lang::En] {
        let html = html(&spec, lang);
        for secret in [
            "Secret",
            "왜요",
            "secret-word",
            "4711",
            "data-right",
            "right=",
            "Failure",
            "아님",
            "checked",
        ] {
            assert!(!html.contains(secret), "{secret} in {html}");
        }
    }
    // Which options are right makes no difference but for how many can be chosen.
    let swapped = QUESTIONS
        .replace("en: 'A `zebra`',", "en: 'A `zebra`', right: true,")
        .replace("en: An ant, right: true,", "en: An ant,");
    assert_ne!(swapped, QUESTIONS);
    let other = exercise("quiz", "answers.yaml", &swapped);
    assert_eq!(html(&spec, Lang::En), html(&other, Lang::En));
}

#[test]
fn a_command_has_one_line_and_other_kinds_have_none() {
    let check = "
  - id: c
    title: {ko: 명령, en: Command}
    points: 1
    failure: {ko: 아님, en: No}
    assert: {command: {file: answer.sh, equals: [docker ps]}}
";
    let html_of = |kind: &str, files: &str| html(&exercise(kind, files, check), Lang::En);
    let html = html_of("command", "answer.sh");
    assert!(html.contains("data-command=\"answer.sh\""), "{html}");
    assert!(html.contains("<label for=\"t-x-command\">") && !html.contains("docker ps"));
    assert_eq!(html_of("files", "answer.sh"), "");
    assert_eq!(html_of("sandbox", ""), "");
    assert_eq!(html_of("command", "a.sh, b.sh"), "");
}
