//! Every mistake of the study notes has its place, and every rule that helps most is there.

use std::collections::BTreeSet;

use super::*;
use crate::command::tests::notes;

/// The mistakes that findings of the rules' own bad examples name.
fn told_by_rules() -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for rule in RULES {
        for bad in rule.bad {
            let (text, _) = unmark(bad);
            told.extend(
                hits(rule, &text, Lang::En)
                    .into_iter()
                    .filter_map(|finding| finding.mistake),
            );
        }
    }
    // This rule looks at the file's name, which an example has not.
    let named = lint_file("Dokcerfile", b"FROM alpine:3.22\n", Lang::En);
    told.extend(named.into_iter().filter_map(|finding| finding.mistake));
    told
}

#[test]
fn every_mistake_is_a_rules_or_a_commands_or_an_idea() {
    let known = notes::known();
    let rules = told_by_rules();
    let rules: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
    for rule in RULES {
        if let Some(mistake) = rule.mistake {
            assert!(known.contains(mistake), "{}: {mistake}", rule.id);
            assert!(rules.contains(mistake), "{} never says it", rule.id);
        }
    }
    let mut wrong = Vec::new();
    for mistake in &known {
        let reason = notes::IDEAS.iter().find(|(id, _)| id == mistake);
        let seen = rules.contains(mistake) || notes::in_commands().contains(mistake);
        match (seen, reason) {
            (true, None) => {}
            (false, Some((_, reason))) if reason.split_whitespace().count() > 4 => {}
            (true, Some(_)) => wrong.push(format!("{mistake}: seen, and yet called an idea")),
            (false, Some(_)) => wrong.push(format!("{mistake}: no reason")),
            (false, None) => wrong.push(format!("{mistake}: nothing tells it")),
        }
    }
    for file in notes::IN_FILES {
        if !rules.contains(file) {
            wrong.push(format!("{file}: no rule tells it"));
        }
    }
    wrong.extend(rules.difference(&known).map(|id| format!("{id}: unknown")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names from BuildKit and hadolint that are on by default.
const ON: &str = "UndefinedVar UndefinedArgInFrom JSONArgsRecommended DL3025 MultipleInstructionsDisallowed DL4003 DL4004
    DL3012 DuplicateStageName DL3024 ReservedStageName DL3063 StageNameCasing FromAsCasing ConsistentInstructionCasing
    CopyIgnoredFile ExposeInvalidFormat ExposeProtoCasing LegacyKeyValueFormat NoEmptyContinuation SecretsUsedInArgOrEnv
    DL3064 WorkdirRelativePath DL3000 MaintainerDeprecated DL4000 InvalidDefaultArgInFrom RedundantTargetPlatform DL3065
    FromPlatformFlagConstDisallowed DL3029 InvalidBaseImagePlatform DL3001 DL3002 DL3003 DL3004 DL3006 DL3007 DL3009
    DL3011 DL3014 DL3015 DL3019 DL3020 DL3021 DL3022 DL3023 DL3027 DL3042 DL3043 DL3044 DL3045 DL3061 DL3066 DL4001
    DL4005 DL4006";

/// Ours, without a namesake.
const OURS: &str = "unknown-instruction missing-argument from-space cache-order build-time-server";

/// Off by default, because projects switch them off as noise. A health check is the platform's elsewhere.
const OFF: &str = "DL3008 DL3013 DL3018 DL3059 DL3057";

#[test]
fn every_rule_that_helps_most_is_there() {
    let mut wrong = Vec::new();
    for (names, on) in [(ON, true), (OURS, true), (OFF, false)] {
        for name in names.split_whitespace() {
            match rule(name) {
                None => wrong.push(format!("there is no {name}")),
                Some(rule) if rule.on != on => wrong.push(format!("{name}: on is {}", rule.on)),
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_finding_is_printed_with_its_documented_keys() {
    let keys = |value: &serde_json::Value| -> BTreeSet<String> {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    let text = b"FROM alpine:3.22\nRUN sudo ls\n";
    let findings = lint_dockerfile("web/Dockerfile", text, &Options::default());
    let sudo = findings
        .iter()
        .find(|one| one.rule == "sudo")
        .expect("sudo");
    let json = serde_json::to_value(sudo).expect("JSON");
    for key in [
        "rule", "aliases", "severity", "message", "file", "start", "end", "fix",
    ] {
        assert!(keys(&json).contains(key), "{key}");
    }
    assert_eq!(json["aliases"], serde_json::json!(["DL3004"]));
    assert_eq!(json["file"], "web/Dockerfile");
    assert!(["error", "warning", "info"].contains(&json["severity"].as_str().expect("a word")));
    let place = |at: &serde_json::Value| {
        (
            at["line"].clone(),
            at["column"].clone(),
            at["offset"].clone(),
        )
    };
    assert_eq!(place(&json["start"]), (2.into(), 5.into(), 21.into()));
    assert_eq!(place(&json["end"]), (2.into(), 9.into(), 25.into()));
    for key in ["title", "start", "end", "text"] {
        assert!(keys(&json["fix"]).contains(key), "{key}");
    }
    // A column counts characters; an offset counts bytes.
    let korean = lint_dockerfile(
        "Dockerfile",
        "FROM alpine:3.22\nRUN echo 한; sudo ls\n".as_bytes(),
        &Options::default(),
    );
    let sudo = korean.iter().find(|one| one.rule == "sudo").expect("sudo");
    assert_eq!((sudo.start.column, sudo.start.offset), (13, 31));
}
