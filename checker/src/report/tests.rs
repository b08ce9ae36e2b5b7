//! Every format on the same reports: one that holds all that is hard to write.

use serde_json::Value;

use super::*;

fn position(line: usize, column: usize, offset: usize) -> Position {
    Position {
        line,
        column,
        column_utf16: column,
        offset,
    }
}

fn check(id: &str, status: Status) -> CheckResult {
    CheckResult {
        id: id.to_owned(),
        stage: Stage::Text,
        title: format!("Title of <{id}> & \"more\" # 1"),
        status,
        points: if status == Status::Pass { 2 } else { 0 },
        max_points: 2,
        message: match status {
            Status::Pass => String::new(),
            _ => "=cmd|' /C calc'!A0\nsecond line\u{1b}[31m\0]]>".to_owned(),
        },
        expected: (status == Status::Fail).then(|| "한 줄".to_owned()),
        actual: (status == Status::Fail).then(|| "x".repeat(700)),
        findings: Vec::new(),
        duration_ms: 1234,
    }
}

fn finding() -> Finding {
    Finding {
        rule: "from-space".to_owned(),
        aliases: Vec::new(),
        severity: Severity::Error,
        message: "two words".to_owned(),
        why: "a name is one word".to_owned(),
        mistake: None,
        file: "web app/Dockerfile".to_owned(),
        start: position(3, 5, 20),
        end: position(3, 9, 24),
        fix: Some(Fix {
            title: "Join them.".to_owned(),
            start: position(3, 5, 20),
            end: position(3, 9, 24),
            text: "a:b".to_owned(),
        }),
    }
}

fn report(statuses: &[Status]) -> Report {
    let mut checks: Vec<CheckResult> = statuses
        .iter()
        .enumerate()
        .map(|(at, status)| check(&format!("check-{at}"), *status))
        .collect();
    for check in checks.iter_mut().filter(|c| c.status == Status::Fail) {
        check.findings = vec![finding(), finding()];
    }
    Report {
        version: 1,
        exercise: "topic/name".to_owned(),
        lang: Lang::En,
        passed: checks.iter().all(|c| c.status == Status::Pass),
        points: checks.iter().map(|c| c.points).sum(),
        max_points: checks.iter().map(|c| c.max_points).sum(),
        checks,
        exercise_hash: "e".to_owned(),
        submission_hash: "s".to_owned(),
        images_hash: String::new(),
        checker_version: "0".to_owned(),
    }
}

fn mixed() -> Report {
    report(&[Status::Pass, Status::Fail, Status::Skipped])
}

fn faulty() -> Report {
    report(&[Status::Pass, Status::Error, Status::Skipped])
}

fn list() -> Vec<(SubmissionName, Report)> {
    vec![
        ("a&b".to_owned(), mixed()),
        ("-ben".to_owned(), report(&[Status::Pass])),
        ("faulty".to_owned(), faulty()),
    ]
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn our_own_document_is_read_back() {
    let text = json(&mixed());
    for report in [mixed(), faulty()] {
        crate::schema::tests::holds_for_report(&report);
    }
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), mixed());
    assert!(text.ends_with("}\n"));
}

#[test]
fn exercism_has_three_words_and_short_output() {
    let results = parsed(&exercism(&mixed()));
    assert_eq!(results["version"], 3);
    assert_eq!(results["status"], "fail");
    assert_eq!(results["message"], Value::Null);
    let tests = results["tests"].as_array().unwrap();
    let statuses: Vec<&str> = tests
        .iter()
        .map(|test| test["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["pass", "fail", "fail"]);
    assert_eq!(tests[0]["message"], Value::Null);
    assert_eq!(tests[1]["output"].as_str().unwrap().chars().count(), 500);
    assert_eq!(tests[1]["task_id"], 2);
    let message = tests[1]["message"].as_str().unwrap();
    assert!(
        message.contains("web app/Dockerfile:3:5: from-space: two words"),
        "{message}"
    );
    assert!(tests[1]["test_code"].as_str().unwrap().contains("check-1"));

    assert_eq!(
        parsed(&exercism(&report(&[Status::Pass])))["status"],
        "pass"
    );
    assert_eq!(parsed(&exercism(&faulty()))["status"], "fail");
    assert_eq!(parsed(&exercism(&faulty()))["tests"][2]["status"], "error");
    let nothing = parsed(&exercism(&report(&[Status::Error, Status::Skipped])));
    assert_eq!(nothing["status"], "error");
    assert!(nothing["message"].as_str().unwrap().contains("second line"));
}

#[test]
fn classroom_adds_up() {
    let results = parsed(&classroom(&mixed()));
    assert_eq!(results["version"], 1);
    assert_eq!(results["status"], "fail");
    assert_eq!(results["max_score"], 6);
    let tests = results["tests"].as_array().unwrap();
    let score: u64 = tests.iter().map(|t| t["score"].as_u64().unwrap()).sum();
    assert_eq!(score, 2);
    assert_eq!(tests[0]["line_no"], 0);
    assert_eq!(tests[1]["line_no"], 3);
    assert_eq!(tests[1]["filename"], "web app/Dockerfile");
    assert_eq!(tests[1]["execution_time"], "1.234s");
    assert_eq!(parsed(&classroom(&faulty()))["status"], "error");
    assert_eq!(
        parsed(&classroom(&report(&[Status::Pass])))["status"],
        "pass"
    );
}

/// A reader of the little XML that we write, strict in what it takes: names, attributes in double quotes, references,
/// and characters that XML 1.0 allows. Returns the elements' names with their depth.
fn elements(xml: &str) -> Vec<(usize, String)> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed));
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        for part in [tag, text] {
            for reference in part.split('&').skip(1) {
                let name = reference.split_once(';').unwrap().0;
                assert!(
                    ["amp", "lt", "gt", "quot"].contains(&name) || name.starts_with('#'),
                    "{name}"
                );
            }
        }
        assert!(!text.contains('>'));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name.to_owned()));
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0);
        let name = tag.split([' ', '/']).next().unwrap().to_owned();
        seen.push((open.len(), name.clone()));
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty());
    seen
}

#[test]
fn junit_is_well_formed_and_counts() {
    let xml = junit(&list());
    let names = elements(&xml);
    let count = |name: &str| names.iter().filter(|(_, n)| n == name).count();
    assert_eq!(count("testsuite"), 3);
    assert_eq!(count("testcase"), 7);
    assert_eq!(
        (count("failure"), count("error"), count("skipped")),
        (1, 1, 2)
    );
    assert!(
        xml.contains(
            "<testsuites name=\"docktutor\" tests=\"7\" failures=\"1\" errors=\"1\" time=\"8.638\">"
        ),
        "{xml}"
    );
    assert!(
        xml.contains(
            "<testsuite name=\"a&amp;b\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""
        ),
        "{xml}"
    );
    assert!(xml.contains("\\u{1b}[31m\\u{0}]]&gt;"), "{xml}");
    assert!(xml.contains("classname=\"topic.name\""));
    elements(&junit(&[]));
}

#[test]
fn sarif_has_each_finding_once() {
    let log = parsed(&sarif(&list()));
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3);
    let results = runs[0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a&b/web%20app/Dockerfile");
    assert_eq!(place["region"]["startLine"], 3);
    assert!(results[0].get("ruleIndex").is_none_or(Value::is_u64));
    assert_eq!(runs[0]["invocations"][0]["executionSuccessful"], true);
    assert_eq!(runs[2]["invocations"][0]["executionSuccessful"], false);
    let alone = parsed(&sarif_of_findings([finding()].iter(), Lang::Ko));
    let uri = &alone["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        ["uri"];
    assert_eq!(uri, "web%20app/Dockerfile");
}

#[test]
fn tap_keeps_its_plan_and_its_yaml() {
    let text = tap(&[(String::new(), mixed())]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        &lines[..3],
        [
            "TAP version 14",
            "1..3",
            "ok 1 - check-0: Title of <check-0> & \"more\" \\# 1"
        ]
    );
    assert!(lines.contains(&"not ok 2 - check-1: Title of <check-1> & \"more\" \\# 1"));
    assert!(text.contains("ok 3 - check-2: Title of <check-2> & \"more\" \\# 1 # SKIP =cmd"));
    let blocks: Vec<&str> = text
        .split("  ---\n")
        .skip(1)
        .map(|b| b.split_once("  ...\n").unwrap().0)
        .collect();
    assert_eq!(blocks.len(), 3);
    let yaml: Value = serde_yaml::from_str(blocks[1]).unwrap();
    assert_eq!(yaml["message"], check("", Status::Fail).message);
    assert_eq!(yaml["findings"][0]["line"], 3);
    assert_eq!(yaml["expected"], "한 줄");

    let several = tap(&list());
    assert!(several.starts_with("TAP version 14\n1..3\n# Subtest: a&b\n    1..3\n    ok 1 - "));
    assert!(several.contains("\nnot ok 1 - a&b\n# Subtest: -ben\n    1..1\n"));
    assert!(several.contains("\nok 2 - -ben\n"));
}

/// The rows of a CSV text by RFC 4180.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    assert!(!quoted && field.is_empty() && row.is_empty());
    rows
}

#[test]
fn csv_has_one_row_for_each_check() {
    let rows = rows(&csv(&list()));
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().all(|row| row.len() == 13));
    assert_eq!(rows[0][0], "submission");
    assert_eq!(rows[2][5], "fail");
    assert!(rows[2][8].starts_with("'=cmd"));
    assert!(rows[2][11].contains("web app/Dockerfile:3:5"));
    assert_eq!(rows[4][0], "'-ben");
}

#[test]
fn several_reports_are_a_list_where_a_format_knows_one() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
        let text = format.write(&list());
        assert!(text.ends_with('\n'), "{format:?}");
        assert_eq!(text, format.write(&list()), "{format:?}");
    }
    let all = parsed(&Format::Json.write(&list()));
    assert_eq!(all[1]["submission"], "-ben");
    assert_eq!(all[1]["report"]["passed"], true);
    let one = parsed(&Format::Classroom.write(&list()[..1]));
    assert_eq!(one["max_score"], 6);
    assert_eq!(Format::named("xml"), None);
}
