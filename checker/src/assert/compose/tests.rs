use std::collections::BTreeMap;

use super::ComposeProject;
use crate::compose::project::{Settings, load};
use crate::lint::{Options, lint_project};
use crate::{Lang, Status};

const SHORT: &str = "services:
  web: {image: \"a:1\", ports: [\"8080:80\"], networks: [front, back], depends_on: {db: {condition: service_healthy}}}
  proxy: {image: \"a:1\", networks: [front]}
  db: {image: \"b:1\", networks: {back: {aliases: [database]}}, environment: [\"a.b=x\"]}
networks: {front: , back: }
";

fn judge(files: &[(&str, &str)], demand: &str) -> (Status, Option<String>, Option<String>) {
    let demand: ComposeProject = serde_yaml::from_str(demand).expect("a demand");
    assert_eq!(demand.problems(), Vec::<String>::new());
    let pairs = files.iter();
    let files: BTreeMap<String, Vec<u8>> = pairs
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let loaded = load(&files, &Settings::default());
    let findings = lint_project(&loaded, &Options::default(), &str::to_owned);
    let verdict = demand.judge_project(&loaded, &findings, Lang::En);
    (verdict.status, verdict.expected, verdict.actual)
}

fn passes(demand: &str) -> bool {
    judge(&[("compose.yaml", SHORT)], demand).0 == Status::Pass
}

#[test]
fn values_are_those_of_the_effective_model() {
    for good in [
        "values: [{path: \"services.web.ports[*].published\", equals: 8080}]",
        "values: [{path: \"services.web.ports[0].target\", equals: \"80\", type: number}]",
        "values: [{path: \"services.db.environment.\\\"a.b\\\"\", equals: x, type: text}]",
        "values: [{path: services.web.ports, contains: {target: 80}, type: list}]",
        "values: [{path: services.db.ports, absent: true}]",
        "values: [{path: \"services.web.ports[*]\", contains: 8080:80, written: true}]",
        "values: [{path: services.web, contains: ports}]",
    ] {
        assert!(passes(good), "{good}");
    }
    for bad in [
        "values: [{path: \"services.web.ports[*].published\", equals: 80}]",
        "values: [{path: services.web.ports, absent: true}]",
        "values: [{path: services.gone.image, equals: x}]",
        "values: [{path: services.web.image, type: number}]",
        "values: [{path: \"services.web.ports[1]\"}]",
    ] {
        assert!(!passes(bad), "{bad}");
    }
    let (_, expected, actual) = judge(
        &[("compose.yaml", SHORT)],
        "values: [{path: services.web.image, equals: \"a:2\"}]",
    );
    assert_eq!(expected.as_deref(), Some("services.web.image = \"a:2\""));
    assert_eq!(actual.as_deref(), Some("\"a:1\""));
}

#[test]
fn the_graph_says_who_waits_and_who_reaches() {
    for good in [
        "services: [{name: web, depends-on: {db: service_healthy}, reaches: {db: database}}]",
        "services: [{name: web, depends-on: {db: any}, reaches: {db: db}, networks: [back]}]",
        "services: [{name: proxy, reaches-not: [db], not-networks: [back]}]",
    ] {
        assert!(passes(good), "{good}");
    }
    for bad in [
        "services: [{name: web, depends-on: {db: service_started}}]",
        "services: [{name: web, depends-on: {proxy: any}}]",
        "services: [{name: web, reaches: {db: pg}}]",
        "services: [{name: web, reaches-not: [db]}]",
        "services: [{name: db, networks: [front]}]",
        "services: [{name: web, not-networks: [back]}]",
        "services: [{name: cache}]",
    ] {
        assert!(!passes(bad), "{bad}");
    }
}

#[test]
fn findings_of_all_files_count() {
    let files = [
        (
            "compose.yaml",
            "services: {web: {image: \"a:1\", depends_on: [db]}}\n",
        ),
        (
            "compose.override.yaml",
            "services: {db: {image: \"b:1\", imag: x}}\n",
        ),
    ];
    assert_eq!(judge(&files, "clean: error").0, Status::Fail);
    assert_eq!(
        judge(&files, "no-finding: [undefined-service]").0,
        Status::Pass
    );
    assert_eq!(
        judge(&files, "finding: [compose-unknown-key]").0,
        Status::Pass
    );
    assert_eq!(judge(&files, "finding: [db-url]").0, Status::Fail);
}

#[test]
fn what_is_no_demand_is_told() {
    for bad in [
        "{}",
        "no-finding: [compose-unknown-kee]",
        "values: [{path: \"a..b[\"}]",
        "services: [{name: a, depends-on: {b: healthy}}]",
    ] {
        let demand: ComposeProject = serde_yaml::from_str(bad).expect("a demand");
        assert_eq!(demand.problems().len(), 1, "{bad}");
    }
}
