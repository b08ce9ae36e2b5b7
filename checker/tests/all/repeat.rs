//! The same work, checked again, gives the same report: nothing in it depends on chance, on ids or on the clock.

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder};
use checker::{Report, Status, report};

use crate::ground::{Ground, base_image, exercise, folder, head, with_engine};

const SERVER: &str = r#"use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => 8000, Listen => 5, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
    while (my $head = <$client>) { last if $head =~ /^\r?\n$/ }
    print $client "HTTP/1.1 200 OK\r\nX-Board: one\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    close $client;
}
"#;

/// For each stage, checks that pass and fail, most with several things to tell. A stage is run where the one before
/// passed, so each list is an exercise of its own.
fn stages(tag: &str, name: &str) -> [Vec<(String, Status)>; 3] {
    let fail = |text: String| (text, Status::Fail);
    let build = || (format!("build: {{tag: \"{tag}\"}}"), Status::Pass);
    let text = vec![
        fail("dockerfile: {clean: info}".to_owned()),
        fail("compose: {clean: info}".to_owned()),
        fail("command: {file: commands.sh, equals: [docker ps]}".to_owned()),
    ];
    let built = vec![
        build(),
        fail("image: {env: {MODE: play, ROOM: big, SEAT: last}}".to_owned()),
    ];
    let run = vec![
        build(),
        ("http: {port: 8000, body: {contains: hello}, within: 20}".to_owned(), Status::Pass),
        fail("http: {port: 8000, status: 404, headers: {x-board: {equals: two}, server: {contains: perl}}, within: 20}".to_owned()),
        fail("run: {command: [sh, -c, \"echo out; echo err >&2; exit 3\"], stdout: {equals: in}}".to_owned()),
        (format!("container: {{name: {name}, state: created}}"), Status::Pass),
        fail(format!("container: {{name: {name}, env: {{ONE: x, TWO: y}}, labels: {{a: b, c: d}}, state: running}}")),
        fail(format!("container: {{name: {name}, files: [{{path: /no/such/file}}], networks: [other]}}")),
        fail(format!("volume: {{name: {name}}}")),
    ];
    [text, built, run]
}

/// The report's text without durations, and what is not as it should be.
async fn check(ground: &Ground, assertions: &[(String, Status)]) -> (String, Vec<String>) {
    let checks: Vec<String> = assertions
        .iter()
        .enumerate()
        .map(|(at, (assertion, _))| {
            let id = format!("check-{at}");
            format!("  - {}\n    assert: {{{assertion}}}\n", head(&id))
        })
        .collect();
    // A folder of another name, written anew.
    let dir = folder(&[
        (
            "Dockerfile",
            &format!(
                "FROM {}\nMAINTAINER jun\nENV MODE=study ROOM=small\nADD server.pl /app/\nRUN cd /app\nCMD perl /app/server.pl\n",
                base_image()
            ),
        ),
        ("server.pl", SERVER),
        (
            "compose.yaml",
            "version: '3'\nservices:\n  web:\n    image: nginx\n    depends_on: [db]\n    ports: [80:80]\n",
        ),
        ("commands.sh", "docker run -rm nginx\n"),
    ]);
    let (mut report, _): (Report, _) = ground
        .check(&exercise(&checks.concat()), dir.path(), 200)
        .await;
    let mut differences = Vec::new();
    for (result, (assertion, status)) in report.checks.iter_mut().zip(assertions) {
        if result.status != *status {
            differences.push(format!("{assertion}: {result:#?}"));
        }
        result.duration_ms = 0;
    }
    (report::json(&report), differences)
}

#[tokio::test]
async fn work_that_is_checked_again_gives_the_same_bytes_but_for_durations() {
    with_engine(|ground| async move {
        let name = format!("dt-again-{}", std::process::id());
        let body = ContainerCreateBody {
            image: Some(base_image()),
            cmd: Some(vec!["true".to_owned()]),
            env: Some(vec!["TWO=2".to_owned(), "ONE=1".to_owned()]),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        let made = ground.docker.create_container(Some(options), body).await;
        made.expect("a container");
        let mut all = Vec::new();
        for assertions in stages(&ground.tag, &name) {
            let first = check(&ground, &assertions).await;
            all.push((assertions.len(), first, check(&ground, &assertions).await));
        }
        let force = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let removed = ground.docker.remove_container(&name, Some(force)).await;
        removed.expect("the container is still there");
        for (checks, (first, differences), (second, _)) in all {
            assert!(differences.is_empty(), "{}", differences.join("\n"));
            assert_eq!(first.matches("\"duration_ms\"").count(), checks);
            assert_eq!(first, second);
        }
    })
    .await;
}
