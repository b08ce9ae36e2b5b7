//! JUnit XML, in the part that the schemas of Jenkins and of Surefire share.

use super::{CheckResult, Report, Status, SubmissionName, detail};

/// One test suite for each submission.
pub fn junit(reports: &[(SubmissionName, Report)]) -> String {
    let all = || reports.iter().flat_map(|(_, report)| &report.checks);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"docktutor\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
        all().count(),
        count(all(), Status::Fail),
        count(all(), Status::Error),
        time(all()),
    ));
    for (name, report) in reports {
        suite(&mut out, name, report);
    }
    out.push_str("</testsuites>\n");
    out
}

fn count<'a>(checks: impl Iterator<Item = &'a CheckResult>, status: Status) -> usize {
    checks.filter(|check| check.status == status).count()
}

fn time<'a>(checks: impl Iterator<Item = &'a CheckResult>) -> String {
    let sum = checks.fold(0u64, |sum, check| sum.saturating_add(check.duration_ms));
    detail::seconds(sum)
}

fn suite(out: &mut String, name: &str, report: &Report) {
    let checks = || report.checks.iter();
    let name = if name.is_empty() {
        &report.exercise
    } else {
        name
    };
    out.push_str(&format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
        escape(name),
        checks().count(),
        count(checks(), Status::Fail),
        count(checks(), Status::Error),
        count(checks(), Status::Skipped),
        time(checks()),
    ));
    let facts = [
        ("exercise", report.exercise.clone()),
        ("points", report.points.to_string()),
        ("max-points", report.max_points.to_string()),
        ("exercise-hash", report.exercise_hash.clone()),
        ("submission-hash", report.submission_hash.clone()),
        ("images-hash", report.images_hash.clone()),
        ("checker-version", report.checker_version.clone()),
    ];
    out.push_str("    <properties>\n");
    for (name, value) in facts {
        let value = escape(&value);
        out.push_str(&format!(
            "      <property name=\"{name}\" value=\"{value}\"/>\n"
        ));
    }
    out.push_str("    </properties>\n");
    for check in &report.checks {
        case(out, check, report);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, check: &CheckResult, report: &Report) {
    // Readers split a class name at its dots to group by package.
    let class = report.exercise.replace('/', ".");
    out.push_str(&format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
        escape(&class),
        escape(&check.title),
        detail::seconds(check.duration_ms),
    ));
    let message = escape(&check.message);
    let text = escape(&detail::text(check, report.lang));
    match check.status {
        Status::Pass => out.push_str("/>\n"),
        Status::Skipped => out.push_str(&format!(
            ">\n      <skipped message=\"{message}\"/>\n    </testcase>\n"
        )),
        Status::Fail | Status::Error => {
            let element = if check.status == Status::Fail {
                "failure"
            } else {
                "error"
            };
            let id = escape(&check.id);
            out.push_str(&format!(
                ">\n      <{element} type=\"{id}\" message=\"{message}\">{text}</{element}>\n    </testcase>\n"
            ));
        }
    }
}

/// A text for an attribute or an element. Line ends are written as references, since an attribute would lose them.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in detail::visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
