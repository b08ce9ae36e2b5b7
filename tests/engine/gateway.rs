//! `docktutor gateway`: scopes without the server, used by the real docker command line.

use std::io::Read as _;
use std::net::TcpStream;
use std::process::Command;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::gateway::Open;
use crate::common::home::Home;
use crate::common::{PATIENCE, engine};

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a scope has on the raw engine.
fn on_engine(home: &Home, scope: &str) -> Vec<String> {
    let file = home.data().join("gateways").join(scope).join("instance");
    let instance = std::fs::read_to_string(file).expect("the scope's id");
    engine::all_of(instance.trim())
}

pub(crate) fn list(home: &Home) -> Value {
    let output = home.run(&["gateway", "list", "--format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub(crate) fn usage(home: &Home, scope: &str) -> Value {
    let output = home.run(&["gateway", "usage", scope, "--format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(all[0]["scope"], scope);
    all[0]["usage"].clone()
}

#[test]
fn a_scope_serves_until_it_is_ended_and_goes_on_afterwards() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    let workspace = work.to_str().expect("a path");
    let limits = [
        "--limit",
        "containers=3",
        "--limit",
        "memory=256m",
        "--limit",
        "disk=20m",
        "--workspace",
        workspace,
    ];
    let open = Open::start(&home, "ci01", &limits);
    // A file beside the client is the same file in the container, in both directions.
    std::fs::write(work.join("index.html"), "from outside").expect("a file");
    open.ok(&work, "run --rm -v ./sub:/x busybox touch /x/made");
    assert!(work.join("sub/made").exists());
    let refused = text(
        &open
            .docker_in(&work, "run --rm -v /etc:/x busybox true")
            .stderr,
    );
    assert!(refused.contains(workspace), "{refused}");

    open.ok(&work, "volume create kept");
    open.ok(&work, "run -d --name web busybox sleep 1000");
    let used = usage(&home, "ci01");
    assert_eq!(
        (&used["containers"]["used"], &used["containers"]["limit"]),
        (&1.into(), &3.into())
    );
    assert_eq!(used["memory"]["limit"], 256 << 20);
    assert_eq!(used["disk"]["limit"], 20 << 20);
    assert!(used["disk"]["layers"].is_u64());
    assert!(
        used["disk"]["workspace"].is_null(),
        "the folder is the user's"
    );
    assert_eq!(list(&home)[0]["open"], true);
    let second = home.run(&["gateway", "--scope", "ci01"]);
    assert_eq!(second.status.code(), Some(3));
    assert!(
        text(&second.stderr).contains("open already"),
        "{}",
        text(&second.stderr)
    );
    let kept = home.run(&["gateway", "remove", "ci01"]);
    assert_eq!(
        kept.status.code(),
        Some(2),
        "an open scope is not removed by accident"
    );

    let socket = open.socket.clone();
    open.signal(Signal::TERM);
    assert_eq!(open.ended(), Some(0));
    assert!(!socket.exists());
    assert_eq!(list(&home)[0]["open"], false);
    // What it has is kept and stopped, and its usage is known without a process.
    let left = usage(&home, "ci01");
    assert_eq!(left["running"], 0);
    assert_eq!(left["disk"]["limit"], 20 << 20);
    assert!(left["disk"]["layers"].is_u64());
    assert_eq!(usage(&home, "ci01")["volumes"]["used"], 1);

    let open = Open::start(&home, "ci01", &limits);
    assert_eq!(open.ok(&work, "ps -a --format {{.Names}}"), "web");
    open.ok(&work, "start web");
    assert!(
        home.run(&["gateway", "reset", "ci01"]).status.success(),
        "an open scope is emptied by its process"
    );
    assert_eq!(
        open.ok(&work, "ps -aq") + &open.ok(&work, "volume ls -q"),
        ""
    );
    open.ok(&work, "volume create again");
    assert!(
        home.run(&["gateway", "remove", "--force", "ci01"])
            .status
            .success()
    );
    assert_eq!(open.ended(), Some(0));
    assert_eq!(list(&home), Value::Array(Vec::new()));
    assert!(!home.data().join("gateways").exists());
    assert!(
        work.join("index.html").exists(),
        "the workspace is nobody's to remove"
    );
}

#[test]
fn a_killed_scope_is_found_emptied_and_removed() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    let open = Open::start(&home, "left1", &["--workspace", "work"]);
    let other = Open::start(&home, "left2", &["--workspace", "work"]);
    open.ok(&work, "run -d --name web -v data:/data busybox sleep 1000");
    other.ok(&work, "run -d --name web busybox sleep 1000");
    open.signal(Signal::KILL);
    assert_eq!(open.ended(), None);
    let all = list(&home);
    assert_eq!(
        (&all[0]["scope"], &all[0]["open"]),
        (&"left1".into(), &false.into())
    );
    assert_eq!(
        (&all[1]["scope"], &all[1]["open"]),
        (&"left2".into(), &true.into())
    );
    assert_eq!(usage(&home, "left1")["running"], 1);

    assert!(home.run(&["gateway", "reset", "left1"]).status.success());
    assert_eq!(usage(&home, "left1")["containers"]["used"], 0);
    assert_eq!(
        other.ok(&work, "ps --format {{.Names}}"),
        "web",
        "the other one is left alone"
    );
    let removed = home.run(&["gateway", "remove", "left1", "--format", "json"]);
    assert!(removed.status.success(), "{}", text(&removed.stderr));
    assert_eq!(list(&home).as_array().map(Vec::len), Some(1));
    let unknown = home.run(&["gateway", "remove", "left1"]);
    assert_eq!(unknown.status.code(), Some(2));

    // Uninstalling waits for no one, and takes nothing that is in use.
    let refused = home.run(&["uninstall", "--yes"]);
    assert!(
        text(&refused.stderr).contains("left2"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(
        on_engine(&home, "left2").len(),
        2,
        "a container and the scope's network"
    );
    other.signal(Signal::INT);
    assert_eq!(other.ended(), Some(0));
}

#[test]
fn a_scope_that_shall_leave_nothing_leaves_nothing() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    let socket = home.beside("my.sock");
    let arguments = [
        "--rm",
        "--workspace",
        "work",
        "--socket",
        socket.to_str().expect("a path"),
    ];
    let open = Open::start(&home, "once", &arguments);
    assert_eq!(open.socket, socket);
    open.ok(
        &work,
        "run -d -p 18089:80 --name web busybox httpd -f -h /etc",
    );
    assert_eq!(open.ok(&work, "port web 80"), "0.0.0.0:18089");
    // The engine publishes nothing; the gateway does, beside itself and on this machine only.
    let mut answer = String::new();
    let begun = Instant::now();
    while !answer.contains("root:") && begun.elapsed() < PATIENCE {
        if let Ok(mut stream) = TcpStream::connect("127.0.0.1:18089") {
            answer.clear();
            let _ = std::io::Write::write_all(&mut stream, b"GET /passwd HTTP/1.0\r\n\r\n");
            let _ = stream.read_to_string(&mut answer);
        }
    }
    assert!(answer.contains("root:"), "{answer}");
    let instance = on_engine(&home, "once");
    assert!(!instance.is_empty());
    let file = home.data().join("gateways/once/instance");
    let instance = std::fs::read_to_string(file).expect("the scope's id");
    open.signal(Signal::INT);
    assert_eq!(open.ended(), Some(0));
    assert_eq!(engine::all_of(instance.trim()), Vec::<String>::new());
    assert!(!home.data().join("gateways/once").exists());
}

#[test]
fn the_runtime_is_a_setting() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    let by = |runtime: &str| {
        let mut command = home.command(&["gateway"]);
        command.env("DOCKTUTOR_RUNTIME", runtime);
        command
    };
    // The long name of the usual runtime, which every engine has.
    let long = "io.containerd.runc.v2";
    let open = Open::by(by(long), "runt", &["--rm", "--workspace", "work"]);
    let id = open.ok(&work, "run -d --name web busybox sleep 1000");
    assert_eq!(open.ok(&work, "exec web echo it runs"), "it runs");
    let asked = Command::new("docker")
        .args(["inspect", "--format", "{{.HostConfig.Runtime}}", &id])
        .env(
            "DOCKER_HOST",
            format!("unix://{}", engine::socket().display()),
        )
        .output()
        .expect("the docker command line is installed");
    assert_eq!(text(&asked.stdout).trim(), long);
    open.signal(Signal::INT);
    assert_eq!(open.ended(), Some(0));
    let output = by("nowhere").args(["--scope", "runt"]).output();
    let said = text(&output.expect("docktutor can be started").stderr);
    assert!(
        said.contains("no runtime \"nowhere\"") && said.contains("runc"),
        "{said}"
    );
}

#[test]
fn a_registry_of_ones_own_asks_for_its_password() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    // The hash of "secret", as `htpasswd -B` writes it.
    let users = "me:$2b$04$w.YB2eaxPteymlFB54sFPe8l1cOTnk3zDjirHOFFPJB7ODpppKEC.\n";
    std::fs::write(work.join("users"), users).expect("a file");
    let open = Open::start(&home, "regi", &["--rm", "--workspace", "work"]);
    open.ok(
        &work,
        "run -d --name registry -p 18087:5000 -v ./users:/users:ro -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=r \
         -e REGISTRY_AUTH_HTPASSWD_PATH=/users registry:2",
    );
    open.ok(&work, "tag busybox localhost:18087/mine:1");
    // It listens a moment after its container has started.
    let begun = Instant::now();
    let mut refused = String::new();
    while !refused.contains("401") && begun.elapsed() < PATIENCE {
        refused = text(
            &open
                .docker_in(&work, "login localhost:18087 -u me -p wrong")
                .stderr,
        );
    }
    assert!(
        refused.contains(
            "login attempt to http://localhost:18087/v2/ failed with status: 401 Unauthorized"
        ),
        "{refused}"
    );
    let refused = open.docker_in(&work, "push localhost:18087/mine:1");
    assert!(
        text(&refused.stderr).contains("no basic auth credentials"),
        "{}",
        text(&refused.stderr)
    );
    let said = open.ok(&work, "login localhost:18087 -u me -p secret");
    assert!(said.contains("Login Succeeded"), "{said}");
    open.ok(&work, "push localhost:18087/mine:1");
    open.ok(&work, "rmi localhost:18087/mine:1");
    open.ok(&work, "pull localhost:18087/mine:1");
    open.signal(Signal::INT);
    assert_eq!(open.ended(), Some(0));
}

#[test]
fn what_cannot_be_opened_is_said_before_anything_is_made() {
    let home = Home::without_engine();
    let file = home.beside("file");
    std::fs::write(&file, "mine").expect("a file");
    let taken = file.to_str().expect("a path");
    for (arguments, says) in [
        (vec!["--scope", "../up"], "4 to 16"),
        (vec!["--scope", "ci01", "--limit", "memory=1k"], "16 MiB"),
        (vec!["--scope", "ci01", "--limit", "colour=red"], "no limit"),
        (
            vec!["--scope", "ci01", "--workspace", "nowhere"],
            "no folder",
        ),
        (vec!["--scope", "ci01", "--socket", taken], "no socket"),
        (vec!["remove", "nobody"], "no scope"),
    ] {
        let mut all = vec!["gateway"];
        all.extend(arguments);
        let output = home.run(&all);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{all:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(says),
            "{all:?}: {}",
            text(&output.stderr)
        );
    }
    assert_eq!(std::fs::read(file).expect("it is there"), b"mine");
    assert!(!home.data().exists());
}
