//! Builds, servers and programs on a real engine.

use std::time::{Duration, Instant};

use checker::{Event, Stage, Status};

use crate::ground::{Ground, base_image, folder, result, with_engine};

/// A small web server in perl. It answers one line and says its address in its log.
fn server(address: &str, port: u16) -> String {
    format!(
        r#"use IO::Socket::INET;
$| = 1;
my $server = IO::Socket::INET->new(LocalAddr => "{address}", LocalPort => {port}, Listen => 5, ReuseAddr => 1) or die $!;
print "listening on {address}:{port}\n";
while (my $client = $server->accept) {{
    my $line = <$client>;
    while (my $head = <$client>) {{ last if $head =~ /^\r?\n$/ }}
    my $status = $line =~ m{{^GET /missing}} ? "404 Not Found" : "200 OK";
    my $body = "hello from the board\n";
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}}
"#
    )
}

fn dockerfile(rest: &str) -> String {
    format!("# A board.\nFROM {}\n{rest}", base_image())
}

const SERVE: &str =
    "WORKDIR /app\nCOPY server.pl .\nENV MODE=study\nEXPOSE 8000\nCMD [\"perl\", \"server.pl\"]\n";
const ASK: &str = "http: {port: 8000, body: {contains: board}, within: 20}";

fn without_durations(mut report: checker::Report) -> checker::Report {
    for check in &mut report.checks {
        check.duration_ms = 0;
    }
    report
}

#[tokio::test]
async fn a_right_submission_passes_and_gives_the_same_report_twice() {
    with_engine(|ground| async move {
        let dir = folder(&[
            ("Dockerfile", &dockerfile(SERVE)),
            ("server.pl", &server("0.0.0.0", 8000)),
        ]);
        let exercise = ground.exercise(ASK);
        let (first, events) = ground.check(&exercise, dir.path(), 120).await;
        assert!(first.passed, "{first:#?}");
        assert_eq!((first.points, first.max_points), (2, 2));
        assert!(!first.images_hash.is_empty());

        let stages: Vec<Stage> = events
            .iter()
            .filter_map(|event| match event {
                Event::Stage { stage } => Some(*stage),
                _ => None,
            })
            .collect();
        assert_eq!(stages, [Stage::Build, Stage::Run]);
        let lines: Vec<Option<usize>> = events
            .iter()
            .filter_map(|event| match event {
                Event::BuildStep { line, of: 6, .. } => Some(*line),
                _ => None,
            })
            .collect();
        assert_eq!(lines, (2..=7).map(Some).collect::<Vec<_>>());
        assert!(matches!(events.last(), Some(Event::Done { report }) if **report == first));

        let (second, events) = ground.check(&exercise, dir.path(), 120).await;
        assert_eq!(without_durations(second), without_durations(first.clone()));
        let cached = |event: &&Event| matches!(event, Event::BuildCached { .. });
        assert_eq!(events.iter().filter(cached).count(), 5);

        std::fs::write(
            dir.path().join("server.pl"),
            server("0.0.0.0", 8000) + "# new\n",
        )
        .unwrap();
        let (third, _) = ground.check(&exercise, dir.path(), 120).await;
        assert!(third.passed);
        assert_ne!(third.submission_hash, first.submission_hash);
        assert_eq!(third.images_hash, first.images_hash);
    })
    .await;
}

#[tokio::test]
async fn several_requests_go_to_one_server() {
    with_engine(|ground| async move {
        let dir = folder(&[
            ("Dockerfile", &dockerfile(SERVE)),
            ("server.pl", &server("0.0.0.0", 8000)),
        ]);
        let mut exercise = ground.exercise(ASK);
        for (id, request) in [
            ("missing", "http: {port: 8000, path: /missing, status: 404}"),
            (
                "header",
                "http: {port: 8000, headers: {content-type: {equals: text/html}}}",
            ),
            ("body", "http: {port: 8000, body: {equals: bye}}"),
        ] {
            let mut more = ground.exercise(request).checks.swap_remove(1);
            more.id = id.to_owned();
            exercise.checks.push(more);
        }
        let (report, _) = ground.check(&exercise, dir.path(), 120).await;
        assert_eq!(result(&report, "it").status, Status::Pass, "{report:#?}");
        assert_eq!(result(&report, "missing").status, Status::Pass);
        let header = result(&report, "header");
        assert_eq!(header.status, Status::Fail);
        assert_eq!(header.message, "the author's words");
        assert_eq!(header.actual.as_deref(), Some("content-type: text/plain"));
        let body = result(&report, "body");
        assert_eq!(
            body.actual.as_deref(),
            Some("HTTP 200, \"hello from the board\"")
        );
    })
    .await;
}

async fn fails(
    ground: Ground,
    rest: &str,
    files: &[(&str, &str)],
    ask: &str,
) -> checker::CheckResult {
    let dockerfile = dockerfile(rest);
    let mut all = vec![("Dockerfile", dockerfile.as_str())];
    all.extend(files);
    let dir = folder(&all);
    let exercise = ground.exercise(ask);
    let (report, _) = ground.check(&exercise, dir.path(), 120).await;
    assert_eq!(result(&report, "build").status, Status::Pass, "{report:#?}");
    let it = result(&report, "it").clone();
    assert_eq!(it.status, Status::Fail, "{it:#?}");
    assert_eq!(it.points, 0);
    it
}

#[tokio::test]
async fn a_server_on_loopback_is_named_before_the_time_is_over() {
    with_engine(|ground| async move {
        let began = Instant::now();
        let server = server("127.0.0.1", 8000);
        let ask = "http: {port: 8000, within: 60}";
        let it = fails(ground, SERVE, &[("server.pl", &server)], ask).await;
        assert!(it.message.contains("127.0.0.1 only"), "{}", it.message);
        let actual = it.actual.unwrap();
        assert!(
            actual.starts_with("listens on 127.0.0.1:8000 only"),
            "{actual}"
        );
        assert!(actual.contains("listening on 127.0.0.1:8000"), "{actual}");
        assert!(began.elapsed() < Duration::from_secs(40));
    })
    .await;
}

#[tokio::test]
async fn a_server_on_another_port_is_found() {
    with_engine(|ground| async move {
        let server = server("0.0.0.0", 5000);
        let ask = "http: {port: 8000, within: 3}";
        let it = fails(ground, SERVE, &[("server.pl", &server)], ask).await;
        assert!(it.actual.unwrap().starts_with("listens on port 5000"));
    })
    .await;
}

#[tokio::test]
async fn a_server_that_dies_is_not_waited_for() {
    with_engine(|ground| async move {
        let began = Instant::now();
        let rest = "CMD [\"bash\", \"-c\", \"echo no database; exit 3\"]\n";
        let it = fails(ground, rest, &[], "http: {port: 8000, within: 60}").await;
        let actual = it.actual.unwrap();
        assert_eq!(actual, "the container ended, exit code 3\nno database");
        assert!(began.elapsed() < Duration::from_secs(40));
    })
    .await;
}

#[tokio::test]
async fn a_program_that_is_not_in_the_image_is_named() {
    with_engine(|ground| async move {
        let it = fails(ground, "CMD [\"uvicorn\", \"main:app\"]\n", &[], ASK).await;
        assert!(it.actual.unwrap().contains("uvicorn"));
        assert!(it.message.contains("could not start"));
    })
    .await;
}

#[tokio::test]
async fn a_program_is_judged_by_its_output_and_exit_code() {
    with_engine(|ground| async move {
        let dir = folder(&[(
            "Dockerfile",
            &dockerfile("CMD [\"bash\", \"-c\", \"echo $GREETING; exit 4\"]\n"),
        )]);
        let right =
            ground.exercise("run: {env: {GREETING: hello}, exit-code: 4, stdout: {equals: hello}}");
        let (report, _) = ground.check(&right, dir.path(), 120).await;
        assert!(report.passed, "{report:#?}");
        let wrong = ground.exercise("run: {env: {GREETING: bye}, stdout: {equals: hello}}");
        let (report, _) = ground.check(&wrong, dir.path(), 120).await;
        let it = result(&report, "it");
        assert_eq!(it.status, Status::Fail);
        assert_eq!(it.expected.as_deref(), Some("exit code 0, \"hello\""));
        assert_eq!(it.actual.as_deref(), Some("exit code 4, \"bye\"\nbye"));
    })
    .await;
}

#[tokio::test]
async fn a_program_that_never_ends_fails_after_its_time() {
    with_engine(|ground| async move {
        let rest = "CMD [\"sleep\", \"1000\"]\n";
        let it = fails(ground, rest, &[], "run: {within: 1}").await;
        assert!(
            it.message.contains("had not ended after 1 s"),
            "{}",
            it.message
        );
    })
    .await;
}

#[tokio::test]
async fn an_image_is_judged_by_its_configuration() {
    with_engine(|ground| async move {
        let dir = folder(&[
            ("Dockerfile", &dockerfile(SERVE)),
            ("server.pl", &server("0.0.0.0", 8000)),
        ]);
        let right = ground.exercise(
            "image: {env: {MODE: study}, workdir: /app, cmd: [perl, server.pl], exposed-ports: [\"8000\"]}",
        );
        let (report, _) = ground.check(&right, dir.path(), 120).await;
        assert!(report.passed, "{report:#?}");
        let wrong = ground.exercise("image: {user: app}");
        let (report, _) = ground.check(&wrong, dir.path(), 120).await;
        assert_eq!(result(&report, "it").actual.as_deref(), Some("USER not set"));
    })
    .await;
}

#[tokio::test]
async fn layers_that_the_file_adds_are_counted() {
    with_engine(|ground| async move {
        let dir = folder(&[(
            "Dockerfile",
            &dockerfile("RUN touch /a\nENV A=1\nRUN touch /b\n"),
        )]);
        for (most, status) in [(2, Status::Pass), (1, Status::Fail)] {
            let exercise = crate::ground::exercise(&format!(
                "  - {}\n    assert: {{build: {{tag: \"{}\", max-layers: {most}}}}}\n",
                crate::ground::head("build"),
                ground.tag
            ));
            let (report, _) = ground.check(&exercise, dir.path(), 120).await;
            assert_eq!(result(&report, "build").status, status, "{report:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_failing_step_is_told_with_its_line_and_output() {
    with_engine(|ground| async move {
        let dir = folder(&[(
            "Dockerfile",
            &dockerfile("\nRUN echo start && \\\n    ls /nowhere\n"),
        )]);
        let (report, _) = ground.check(&ground.exercise(ASK), dir.path(), 120).await;
        let build = result(&report, "build");
        assert_eq!(build.status, Status::Fail);
        assert!(
            build
                .message
                .contains("line 4 of the Dockerfile (step 2 of 2)"),
            "{}",
            build.message
        );
        let actual = build.actual.as_deref().unwrap();
        assert!(actual.starts_with("start\n"), "{actual}");
        assert!(actual.contains("/nowhere"), "{actual}");
        let it = result(&report, "it");
        assert_eq!(it.status, Status::Skipped);
        assert!(it.message.contains("the build"), "{}", it.message);
    })
    .await;
}

#[tokio::test]
async fn a_step_that_never_ends_is_the_submissions_fault_and_leaves_nothing() {
    with_engine(|ground| async move {
        let dir = folder(&[("Dockerfile", &dockerfile("RUN echo on && sleep 1000\n"))]);
        let began = Instant::now();
        let (report, _) = ground.check(&ground.exercise(ASK), dir.path(), 4).await;
        let build = result(&report, "build");
        assert_eq!(build.status, Status::Fail, "{build:#?}");
        assert!(build.message.contains("line 3"), "{}", build.message);
        assert!(began.elapsed() < Duration::from_secs(20));
    })
    .await;
}

#[tokio::test]
async fn an_unknown_base_image_is_the_submissions_fault_and_a_missing_known_one_is_not() {
    with_engine(|ground| async move {
        // The name ends in `.invalid`, so no registry is asked in vain.
        let image = "nowhere.invalid/board:1";
        let dir = folder(&[("Dockerfile", &format!("FROM {image}\n"))]);
        let mut exercise = ground.exercise(ASK);
        let (report, _) = ground.check(&exercise, dir.path(), 60).await;
        let build = result(&report, "build");
        assert_eq!(build.status, Status::Fail, "{build:#?}");
        assert!(build.message.contains(image));
        exercise.images.push(image.to_owned());
        let (report, _) = ground.check(&exercise, dir.path(), 60).await;
        assert_eq!(result(&report, "build").status, Status::Error);
        assert_eq!(result(&report, "it").status, Status::Skipped);
    })
    .await;
}

#[tokio::test]
async fn a_check_that_nobody_waits_for_is_cleaned_up() {
    with_engine(|ground| async move {
        let dir = folder(&[("Dockerfile", &dockerfile("CMD [\"sleep\", \"1000\"]\n"))]);
        let exercise = ground.exercise("run: {within: 60}");
        let watched = async {
            loop {
                if !ground.left_behind().await.is_empty() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = ground.check(&exercise, dir.path(), 120) => panic!("the program never ends"),
            () = watched => {}
        }
        let gone = async {
            while !ground.left_behind().await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), gone)
            .await
            .expect("the container is removed in the background");
    })
    .await;
}

#[tokio::test]
async fn files_that_are_ignored_or_lead_out_do_not_reach_the_image() {
    with_engine(|ground| async move {
        let outside = folder(&[("secret", "do not read me")]);
        let rest = "COPY . /files/\nCMD [\"bash\", \"-c\", \"cd /files && find . -type f | sort | tr '\\\\n' ' '; cat link 2>/dev/null || echo none\"]\n";
        let dir = folder(&[
            ("Dockerfile", &dockerfile(rest)),
            (".dockerignore", "*.log\nnode_modules\n!keep.log\n"),
            ("a.log", "x"),
            ("keep.log", "x"),
            ("node_modules/x/y.js", "x"),
            ("src/main.py", "x"),
        ]);
        std::os::unix::fs::symlink(outside.path().join("secret"), dir.path().join("link")).unwrap();
        let exercise = ground.exercise(
            "run: {stdout: {equals: \"./.dockerignore ./Dockerfile ./keep.log ./src/main.py none\"}}",
        );
        let (report, _) = ground.check(&exercise, dir.path(), 120).await;
        assert!(report.passed, "{report:#?}");
    })
    .await;
}
