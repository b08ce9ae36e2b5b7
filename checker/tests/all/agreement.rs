//! Our rules beside their namesakes: what hadolint and BuildKit's linter say of a corpus of Dockerfiles is recorded in
//! `tests/agreement/expected` (`scripts/agreement.sh` renews it). A rule with an alias finds something in the lines in
//! which the peer's rule does, or `differences.yaml` says why not; an explanation that explains nothing is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use checker::lint::{self, Options, RULES};
use checker::{Finding, Severity};
use serde::Deserialize;

/// What a peer said, by file.
#[derive(Deserialize)]
struct Table {
    /// Its name and version.
    peer: String,
    files: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
struct Row {
    /// Why it gave up, where it did: then it has not looked at the whole file.
    error: Option<String>,
    /// Name of the rule, and line from 1; 0 where the peer gives none.
    seen: Vec<(String, usize)>,
}

/// Why one of them says something that the other does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// The peer's name of the rule; `error` where the peer refuses the file.
    rule: String,
    /// Who says it.
    only: Side,
    why: String,
    /// The lines of each file, without `.Dockerfile`. Line 0 is the whole file.
    at: BTreeMap<String, Vec<usize>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Side {
    Ours,
    Peer,
}

/// File, line, rule, who says it.
type Said = (String, usize, String, Side);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement")
}

fn table(name: &str) -> Table {
    let text = std::fs::read_to_string(folder().join("expected").join(name)).expect("the table");
    serde_json::from_str(&text).expect("a table")
}

/// Name and bytes of each Dockerfile of the corpus.
fn corpus() -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder().join("corpus"))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "Dockerfile"))
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let bytes = std::fs::read(&path).expect("a file");
            (name.expect("a name in UTF-8").to_owned(), bytes)
        })
        .collect()
}

/// All rules, those that are off by default too.
fn judge(name: &str, bytes: &[u8]) -> Vec<Finding> {
    let own = folder().join("corpus").join(format!("{name}.dockerignore"));
    let ignore = std::fs::read(own).ok();
    let options = Options {
        enable: &["all"],
        ignore: ignore.as_deref(),
        ..Options::default()
    };
    lint::lint_dockerfile(name, bytes, &options)
}

fn is_hadolint(alias: &str) -> bool {
    alias.starts_with("DL") && alias[2..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Every name that one of our rules has from this peer.
fn aliases(hadolint: bool) -> BTreeSet<&'static str> {
    RULES
        .iter()
        .flat_map(|rule| rule.aliases.iter().copied())
        .filter(|alias| is_hadolint(alias) == hadolint)
        .collect()
}

/// The first line of the instruction around a line: where hadolint puts all that it says of a `RUN`.
fn instruction_line(tree: &dockerfile::Dockerfile, line: usize) -> usize {
    tree.instructions
        .iter()
        .find(|instruction| (instruction.lines.0..=instruction.lines.1).contains(&line))
        .map_or(line, |instruction| instruction.lines.0)
}

/// What only one of the two says.
fn compare(table: &Table, hadolint: bool) -> BTreeSet<Said> {
    let known = aliases(hadolint);
    let mut said = BTreeSet::new();
    for (name, bytes) in corpus() {
        let row = &table.files[&name];
        let tree = dockerfile::parse(&bytes);
        let findings = judge(&name, &bytes);
        let place = |line| {
            if hadolint {
                instruction_line(&tree, line)
            } else {
                line
            }
        };
        let ours: BTreeSet<(&str, usize)> = findings
            .iter()
            .flat_map(|finding| {
                let line = place(finding.start.line);
                finding
                    .aliases
                    .iter()
                    .map(move |alias| (alias.as_str(), line))
            })
            .filter(|(alias, _)| known.contains(alias))
            .collect();
        let theirs: BTreeSet<(&str, usize)> = row
            .seen
            .iter()
            .map(|(alias, line)| (alias.as_str(), *line))
            .filter(|(alias, _)| known.contains(alias))
            .collect();
        let gave_up = row.error.is_some() || row.seen.iter().any(|(code, _)| code == "DL1000");
        let mut note = |(alias, line): &(&str, usize), side| {
            said.insert((name.clone(), *line, (*alias).to_owned(), side));
        };
        theirs
            .difference(&ours)
            .for_each(|one| note(one, Side::Peer));
        if gave_up {
            // What hadolint cannot read is often right; what BuildKit cannot read cannot be built.
            let silent = !findings
                .iter()
                .any(|finding| finding.severity == Severity::Error);
            if silent && !hadolint {
                note(&("error", 0), Side::Peer);
            }
        } else {
            ours.difference(&theirs)
                .for_each(|one| note(one, Side::Ours));
        }
    }
    said
}

#[test]
fn rules_fire_where_their_namesakes_fire() {
    let text = std::fs::read_to_string(folder().join("differences.yaml")).expect("the differences");
    let explained: Vec<Difference> = serde_yaml::from_str(&text).expect("a list of differences");
    let mut wrong = Vec::new();
    let mut reasons = BTreeSet::new();
    for one in &explained {
        if one.why.split_whitespace().count() < 4 {
            wrong.push(format!("no reason is given: {one:?}"));
        }
        for (file, lines) in &one.at {
            for &line in lines {
                let file = format!("{file}.Dockerfile");
                if !reasons.insert((file, line, one.rule.clone(), one.only)) {
                    wrong.push(format!("explained twice: {one:?}"));
                }
            }
        }
    }
    for (name, hadolint) in [("hadolint.json", true), ("buildkit.json", false)] {
        let table = table(name);
        let said = compare(&table, hadolint);
        for one in said.difference(&reasons) {
            let (file, line, rule, only) = one;
            wrong.push(format!(
                "{rule} in {file}, line {line}: only {only:?}, not explained ({})",
                table.peer
            ));
        }
        reasons.retain(|reason| !said.contains(reason));
    }
    for reason in reasons {
        wrong.push(format!("there is no such difference: {reason:?}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_alias_has_a_file_in_which_the_peer_fires_and_one_in_which_it_is_silent() {
    // BuildKit compares the image that was pulled; nothing is pulled here.
    let never = ["InvalidBaseImagePlatform"];
    let files = corpus();
    for (name, hadolint) in [("hadolint.json", true), ("buildkit.json", false)] {
        let table = table(name);
        assert_eq!(
            table.files.keys().collect::<Vec<_>>(),
            files.keys().collect::<Vec<_>>(),
            "run scripts/agreement.sh"
        );
        for alias in aliases(hadolint)
            .into_iter()
            .filter(|alias| !never.contains(alias))
        {
            let fires = |row: &Row| row.seen.iter().any(|(seen, _)| seen == alias);
            assert!(table.files.values().any(fires), "{alias} fires nowhere");
            assert!(
                table
                    .files
                    .values()
                    .any(|row| !fires(row) && row.error.is_none()),
                "{alias} fires everywhere"
            );
        }
    }
    assert!(
        files
            .keys()
            .filter(|name| name.starts_with("mixed-"))
            .count()
            >= 20
    );
}
