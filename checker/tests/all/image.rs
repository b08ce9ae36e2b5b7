//! Demands on a real image: configuration, files, layers, waste, commands.

use checker::{Report, Status};

use crate::ground::{Ground, base_image, folder, result, with_engine};

const REST: &str = r#"LABEL team=board
ENV MODE=study
WORKDIR /app
COPY hello.txt /app/hello.txt
RUN chmod 640 hello.txt && chown 7:8 hello.txt && ln -s hello.txt link && ln -s /app/none broken && ln -s loop loop
RUN head -c 300000 /dev/zero > big
RUN rm big
VOLUME /data
EXPOSE 8000
USER 1000
"#;

async fn judge(ground: &Ground, assertion: &str) -> Report {
    let text = format!("FROM {}\n{REST}", base_image());
    let dir = folder(&[("Dockerfile", &text), ("hello.txt", "hello\n")]);
    ground
        .check(&ground.exercise(assertion), dir.path(), 120)
        .await
        .0
}

#[tokio::test]
async fn an_image_is_looked_at_without_starting_it() {
    with_engine(|ground| async move {
        let good = "image: {env: {MODE: study}, labels: {team: board}, user: '1000', workdir: /app, exposed-ports: ['8000'], volumes: [/data], max-layers: 40, max-size: 5GB, history: [RUN rm big, EXPOSE 8000], max-wasted: 400kB, files: [
            {path: /app/hello.txt, content: {equals: hello}, mode: '0640', owner: '7:8', type: file, max-size: 1kB},
            {path: /app/link, content: {contains: ell}}, {path: /app/link, target: hello.txt}, {path: /app, type: folder},
            {path: /app/big, exists: false}, {path: /app/broken, exists: false}, {path: /app/broken, type: link}, {path: /app/loop, exists: false},
            {path: /bin/sh, type: file}, {path: /etc/passwd, content: {contains: root}}]}";
        let report = judge(&ground, good).await;
        assert!(report.passed, "{report:#?}");
        for (bad, expected) in [
            ("image: {files: [{path: /app/hello.txt}, {path: /app/gone}]}", "/app/gone: there"),
            ("image: {files: [{path: /app/link, mode: '0777'}]}", "/app/link: 0777"),
            ("image: {max-wasted: 200kB}", "at most 200kB in files that nobody sees"),
            ("image: {max-layers: 2}", "layers at most 2"),
            ("image: {history: [RUN never]}", "RUN never"),
            ("image: {history: [RUN rm], history-lacks: [board-key, EXPOSE 80]}", "no `EXPOSE 80`"),
            ("image: {max-size: 1kB}", "size at most 1.00kB"),
            ("run: {commands: [{command: [echo, a], stdout: {equals: a}}, {command: [cat, /none], exit-code: 0}]}", "cat /none: exit code 0"),
        ] {
            let report = judge(&ground, bad).await;
            let it = result(&report, "it");
            assert_eq!(it.status, Status::Fail, "{it:#?}");
            assert_eq!(it.expected.as_deref(), Some(expected), "{it:#?}");
        }
        let report = judge(&ground, "run: {commands: [{command: [cat, hello.txt, /none], exit-code: 1}, {command: [sh, -c, 'echo fine; echo not >&2; exit 2']}]}").await;
        let it = result(&report, "it");
        assert_eq!(it.status, Status::Fail, "{it:#?}");
        assert!(it.actual.as_deref().is_some_and(|actual| actual.ends_with(": exit code 2\nnot")), "{it:#?}");
        let good = "run: {commands: [{command: [sh, -c, 'exit 3'], exit-code: 3}, {command: [cat, hello.txt], exit-code: 1}, {command: [id, -u], stdout: {equals: '1000'}}]}";
        let report = judge(&ground, good).await;
        assert!(report.passed, "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn an_image_of_nothing_but_a_file_can_be_read() {
    with_engine(|ground| async move {
        let dir = folder(&[("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", "1")]);
        let good = "image: {max-layers: 1, max-wasted: 0, files: [{path: /a, content: {equals: '1'}}, {path: /bin/sh, exists: false}]}";
        let report = ground.check(&ground.exercise(good), dir.path(), 60).await.0;
        assert!(report.passed, "{report:#?}");
        let build = format!("build: {{tag: \"{}\", max-size: 1kB, max-layers: 1}}", ground.tag);
        let report = ground.check(&ground.exercise(&build), dir.path(), 60).await.0;
        assert!(report.passed, "{report:#?}");
    })
    .await;
}
