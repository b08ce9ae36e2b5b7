//! The sandbox: what it keeps in, what it lets through, and what a reset leaves.

use crate::common::engine;
use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::until;

#[tokio::test]
async fn a_file_goes_both_ways_between_editor_and_terminal() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;

    learner
        .save_file("app/hello.txt", "from the editor\n")
        .await;
    assert_eq!(terminal.run("cat app/hello.txt").await, "from the editor\n");
    terminal
        .run("echo 'from the terminal' > app/hello.txt")
        .await;
    assert_eq!(
        learner.read_file("app/hello.txt").await.text.as_deref(),
        Some("from the terminal\n")
    );
    terminal
        .must("mkdir -p deep/er && touch deep/er/file")
        .await;
    assert!(
        learner
            .files()
            .await
            .iter()
            .any(|entry| entry.path == "deep/er/file")
    );
}

#[tokio::test]
async fn a_change_in_the_terminal_is_announced_to_the_page() {
    use http_body_util::BodyExt as _;
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    learner.save_file("watched.txt", "one\n").await;
    let host = learner.address().to_string();
    let stream = tokio::net::TcpStream::connect(learner.address())
        .await
        .expect("the server listens");
    let headers = [("host", host.as_str()), ("cookie", learner.cookie())];
    let mut events = crate::common::http::begin(stream, "GET", "/api/events", &headers, "")
        .await
        .into_body();
    let mut text = String::new();
    let mut terminal = learner.terminal(1).await;
    // Again and again, because the watching begins a moment after the stream does.
    terminal
        .run("{ while [ ! -e stop ]; do date +%N > watched.txt; sleep 0.2; done & } 2> /dev/null")
        .await;
    // Comments that keep the stream alive come for ever, so the whole wait has one deadline.
    let waited = tokio::time::timeout(crate::common::PATIENCE, async {
        while !(text.contains("file-changed") && text.contains("watched.txt")) {
            let frame = events
                .frame()
                .await
                .expect("the stream goes on")
                .expect("a frame");
            if let Ok(data) = frame.into_data() {
                text.push_str(&String::from_utf8_lossy(&data));
            }
        }
    })
    .await;
    terminal.run("touch stop").await;
    assert!(
        waited.is_ok(),
        "no event about the file: {text} {:?} {:?} {}",
        learner.files().await,
        learner.read_file("watched.txt").await,
        terminal.seen()
    );
    assert!(
        text.contains("event: status"),
        "the stream begins with the status: {text}"
    );
}

#[tokio::test]
async fn a_published_port_is_reached_from_the_terminal() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    let serve = "mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www";
    terminal
        .must(&format!(
            "docker run -d --name web -p 8080:80 busybox sh -c '{serve}'"
        ))
        .await;
    let said = terminal
        .run("curl --silent --retry 20 --retry-connrefused --retry-delay 1 http://localhost:8080/")
        .await;
    assert_eq!(said, "served\n");
    assert!(terminal.run("docker port web").await.contains("8080"));
}

#[tokio::test]
async fn the_workbench_holds_no_power() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let instance = home.instance();
    let workbenches: Vec<_> = engine::containers(&instance)
        .into_iter()
        .filter(|container| container["Labels"]["docktutor.kind"] == "workbench")
        .collect();
    assert!(!workbenches.is_empty());
    for workbench in workbenches {
        let id = workbench["Id"].as_str().expect("an id");
        let container = engine::get(&format!("/containers/{id}/json"));
        let host = &container["HostConfig"];
        assert_eq!(host["Privileged"], false);
        assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]), "{host:#}");
        assert!(host["CapAdd"].as_array().is_none_or(Vec::is_empty));
        assert!(
            host["SecurityOpt"]
                .to_string()
                .contains("no-new-privileges"),
            "{host:#}"
        );
        assert!(host["Memory"].as_i64().is_some_and(|bytes| bytes > 0));
        assert!(host["PidsLimit"].as_i64().is_some_and(|pids| pids > 0));
        let raw = engine::socket();
        for mount in container["Mounts"].as_array().expect("mounts") {
            let source = mount["Source"].as_str().expect("a source");
            assert!(
                source.starts_with(&*home.data().to_string_lossy()),
                "{source} is mounted"
            );
            assert_ne!(source, raw.to_string_lossy());
            assert!(
                !home.data().join("token").starts_with(source),
                "{source} holds the token"
            );
        }
        assert_ne!(host["NetworkMode"], "host");
        assert_eq!(container["HostConfig"]["PidMode"], "");
    }
}

#[tokio::test]
async fn reset_removes_all_that_the_learner_made() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let instance = home.instance();
    let mut terminal = learner.terminal(1).await;
    terminal
        .must("docker run -d --name one -v data:/data busybox sleep 1000; docker network create net; echo x > kept.txt")
        .await;
    terminal
        .must("docker create --name two --network net busybox true; docker tag busybox mine:1")
        .await;
    assert_eq!(engine::learners_containers(&instance).len(), 2);
    assert!(terminal.run("docker images -q mine").await.len() > 5);

    let answer = learner
        .request("POST", "/api/sandbox/reset", r#"{"files":false}"#)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        engine::learners_containers(&instance),
        Vec::<serde_json::Value>::new()
    );
    let left = engine::all_of(&instance);
    assert!(
        !left
            .iter()
            .any(|one| one.starts_with("volume") || one.contains("mine")),
        "{left:?}"
    );
    assert_eq!(
        learner.read_file("kept.txt").await.text.as_deref(),
        Some("x\n"),
        "files are kept"
    );

    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    assert_eq!(
        terminal
            .run("docker ps -aq; docker volume ls -q; docker images -q mine; cat kept.txt")
            .await,
        "x\n"
    );

    let answer = learner
        .request("POST", "/api/sandbox/reset", r#"{"files":true}"#)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(learner.files().await.is_empty());
}

#[tokio::test]
async fn learners_things_are_labelled_and_limited_on_the_engine() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    let mut terminal = learner.terminal(1).await;
    terminal
        .must("docker run -d --name plain busybox sleep 1000")
        .await;
    assert_eq!(
        terminal
            .run("docker ps --format '{{.Names}} {{.Labels}}'")
            .await
            .trim(),
        "plain"
    );
    let own = engine::learners_containers(&home.instance());
    assert_eq!(own.len(), 1, "{own:#?}");
    let id = own[0]["Id"].as_str().expect("an id");
    let container = engine::get(&format!("/containers/{id}/json"));
    let host = &container["HostConfig"];
    assert!(
        host["Memory"].as_i64().is_some_and(|bytes| bytes > 0),
        "{host:#}"
    );
    assert!(
        host["PidsLimit"].as_i64().is_some_and(|pids| pids > 0),
        "{host:#}"
    );
    assert_ne!(host["NetworkMode"], "default");
    assert!(
        host["PortBindings"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    );
}

#[tokio::test]
async fn a_sandbox_that_was_removed_behind_our_back_comes_again() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    learner.start_sandbox().await;
    learner.save_file("file.txt", "kept").await;
    for container in engine::containers(&home.instance()) {
        let id = container["Id"].as_str().expect("an id");
        let (status, said) = engine::request(
            &engine::socket(),
            "DELETE",
            &format!("/containers/{id}?force=1"),
            "",
        );
        assert!(matches!(status, 204 | 404 | 409), "{said}");
    }
    let mut terminal = until("a terminal in a new workbench", || async {
        let answer = learner.request("POST", "/api/sandbox/start", "").await;
        if answer.status != 200 || engine::containers(&home.instance()).is_empty() {
            return None;
        }
        Some(learner.terminal(1).await)
    })
    .await;
    assert_eq!(terminal.run("cat file.txt").await, "kept");
}
