use super::*;
use crate::Status;
use crate::snapshot::{Attachment, ExecSeen, FileKind, FileSeen, Image, Limits, Mount, Port, Seen};

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn web() -> Container {
    Container {
        id: "aaaa".into(),
        name: "web".into(),
        image: "board".into(),
        image_id: "sha256:1".into(),
        state: "running".into(),
        health: Some("healthy".into()),
        restart_policy: "on-failure:3".into(),
        restart_count: 1,
        started_at: "1970-01-01T00:01:00Z".into(),
        command: words("python main.py"),
        env: [("MODE".to_owned(), "study".to_owned())].into(),
        user: "app".into(),
        workdir: "/app".into(),
        labels: [("team".to_owned(), "board".to_owned())].into(),
        ports: vec![Port {
            host_ip: "0.0.0.0".into(),
            host: 8080,
            container: 80,
            protocol: "tcp".into(),
        }],
        mounts: vec![Mount {
            kind: "volume".into(),
            source: "notes".into(),
            target: "/data".into(),
            read_only: false,
        }],
        networks: [("board_front".to_owned(), Attachment::default())].into(),
        limits: Limits {
            memory: 256 << 20,
            nano_cpus: 500_000_000,
            pids: 50,
        },
        seen: Seen {
            logs: Some("start\nready\n".into()),
            processes: Some(vec!["python main.py".into(), "sh".into()]),
            files: vec![FileSeen {
                path: "/memo".into(),
                what: FileKind::File {
                    text: "hi\n".into(),
                },
            }],
            execs: vec![ExecSeen {
                command: words("id -u"),
                exit_code: Some(0),
                output: "1000".into(),
                ..ExecSeen::default()
            }],
            ..Seen::default()
        },
        ..Container::default()
    }
}

fn snapshot() -> EngineSnapshot {
    let old = Container {
        id: "bbbb".into(),
        name: "old".into(),
        image: "board".into(),
        image_id: "sha256:1".into(),
        state: "exited".into(),
        exit_code: 137,
        restart_policy: "no".into(),
        ..Container::default()
    };
    EngineSnapshot {
        taken_at: 90,
        containers: vec![old, web()],
        images: vec![Image {
            id: "sha256:1".into(),
            tags: vec!["board:latest".into()],
            ..Image::default()
        }],
        ..EngineSnapshot::default()
    }
}

fn judge(yaml: &str) -> Verdict {
    let wanted: ContainerState = serde_yaml::from_str(yaml).unwrap();
    assert_eq!(wanted.problems(), Vec::<String>::new(), "{yaml}");
    wanted.judge(&snapshot(), &snapshot(), Lang::En)
}

#[test]
fn what_is_so_passes() {
    for yaml in [
        "{name: web, image: board, state: running, health: healthy, restart: on-failure, restarts: {at-most: 1}}",
        "{name: web, restart: 'on-failure:3', uptime: {at-least: 30, at-most: 30}, since-check: untouched}",
        "{name: web, command: [python, main.py], entrypoint: [], env: {MODE: study}, no-env: [DEBUG], labels: {team: board}}",
        "{name: web, user: app, workdir: /app, memory: 256m, cpus: 0.5, pids: 50}",
        "{name: web, ports: ['8080:80'], mounts: [{type: volume, source: notes, target: /data, read-only: false}]}",
        "{name: web, networks: [front], no-networks: [back], logs: {contains: ready}}",
        "{name: web, files: [{path: /memo, content: {equals: hi}}], processes: {has: [main.py], lacks: [node], count: {exactly: 2}}}",
        "{name: web, exec: [{command: [id, -u], output: {equals: '1000'}}]}",
        "{name: old, state: stopped, exit-code: 137, ports: [], mounts: [], health: none}",
        "{name: gone, exists: false}",
        "{name: web, exists: false, state: exited}",
        "{image: board, count: {exactly: 2}}",
        "{image: board, state: running}",
    ] {
        let verdict = judge(yaml);
        assert_eq!(verdict.status, Status::Pass, "{yaml}: {verdict:?}");
    }
}

#[test]
fn what_differs_is_told_beside_what_was_expected() {
    for (yaml, expected, actual) in [
        (
            "{name: old, state: running}",
            "old: state running",
            "old: state exited (137: killed, SIGKILL)",
        ),
        (
            "{name: web, state: exited}",
            "web: state exited",
            "web: state running",
        ),
        (
            "{name: web, image: python}",
            "web: image python",
            "web: image board",
        ),
        (
            "{name: old, health: healthy}",
            "old: health healthy",
            "old: health none",
        ),
        (
            "{name: web, restart: always}",
            "web: restart always",
            "web: restart on-failure:3",
        ),
        (
            "{name: web, restarts: {at-least: 2}}",
            "web: restarts at least 2",
            "web: restarts 1",
        ),
        (
            "{name: web, exit-code: 0}",
            "web: exit code 0",
            "web: exit code has not ended",
        ),
        (
            "{name: old, exit-code: 0}",
            "old: exit code 0",
            "old: exit code 137 (killed, SIGKILL)",
        ),
        (
            "{name: web, uptime: {at-least: 31}}",
            "web: uptime at least 31 s",
            "web: uptime 30 s",
        ),
        (
            "{name: web, since-check: recreated}",
            "web: since the check began recreated",
            "web: since the check began untouched",
        ),
        (
            "{name: web, command: [node]}",
            "web: command [\"node\"]",
            "web: command [\"python\",\"main.py\"]",
        ),
        (
            "{name: web, env: {MODE: live}}",
            "web: ENV MODE=live",
            "web: ENV MODE=study",
        ),
        (
            "{name: web, no-env: [MODE]}",
            "web: ENV MODE: not set",
            "web: ENV MODE=study",
        ),
        ("{name: web, user: ''}", "web: user root", "web: user app"),
        (
            "{name: web, ports: ['80:80']}",
            "web: published ports 80:80",
            "web: published ports 8080:80",
        ),
        (
            "{name: web, ports: []}",
            "web: published ports none",
            "web: published ports 8080:80",
        ),
        (
            "{name: web, mounts: [{type: bind}]}",
            "web: mounts bind …:…",
            "web: mounts volume notes:/data",
        ),
        (
            "{name: web, networks: [back]}",
            "web: networks back",
            "web: networks board_front",
        ),
        (
            "{name: web, memory: 1g}",
            "web: memory 1g",
            "web: memory 256m",
        ),
        ("{name: web, cpus: 1}", "web: cpus 1", "web: cpus 0.5"),
        ("{name: web, pids: 10}", "web: pids 10", "web: pids 50"),
        (
            "{name: web, logs: {contains: failed}}",
            "web: log …\"failed\"…",
            "web: log \"start⏎ready\"",
        ),
        (
            "{name: web, files: [{path: /x}]}",
            "web: /x there",
            "web: /x not there",
        ),
        (
            "{name: web, processes: {has: [node]}}",
            "web: processes node",
            "web: processes python main.py, sh",
        ),
        (
            "{name: old, processes: {has: [node]}}",
            "old: processes node",
            "old: processes exited (137: killed, SIGKILL)",
        ),
        (
            "{name: web, exec: [{command: [id, -u], exit-code: 1}]}",
            "web: `id -u` exit code 1",
            "web: `id -u` exit code 0, \"1000\"",
        ),
        (
            "{name: old, exists: false}",
            "not there",
            "old: exited (137: killed, SIGKILL)",
        ),
        (
            "{state: running, count: {at-least: 2}}",
            "containers: at least 2",
            "1; old: state exited (137: killed, SIGKILL); web: running",
        ),
        (
            "{state: paused}",
            "containers: at least 1",
            "0; old: state exited (137: killed, SIGKILL); web: state running",
        ),
    ] {
        let verdict = judge(yaml);
        assert_eq!(verdict.status, Status::Fail, "{yaml}");
        assert_eq!(verdict.expected.as_deref(), Some(expected), "{yaml}");
        assert_eq!(verdict.actual.as_deref(), Some(actual), "{yaml}");
    }
}

#[test]
fn what_only_the_state_can_know_is_explained() {
    for (yaml, words) in [
        ("{name: old, state: running}", "137"),
        ("{name: old, health: healthy}", "no health check"),
        ("{name: wbe}", "there is `web`"),
        ("{name: database}", "there are others"),
    ] {
        let message = judge(yaml).message.unwrap();
        assert!(message.contains(words), "{yaml}: {message}");
    }
    let nothing = ContainerState {
        name: Some("web".into()),
        ..ContainerState::default()
    };
    let verdict = nothing.judge(
        &EngineSnapshot::default(),
        &EngineSnapshot::default(),
        Lang::Ko,
    );
    assert_eq!(verdict.actual.as_deref(), Some("컨테이너 없음"));
}

#[test]
fn what_happened_since_the_check_began_is_known() {
    let judge = |before: &Container, wanted: &str| {
        let wanted: ContainerState =
            serde_yaml::from_str(&format!("{{name: web, since-check: {wanted}}}")).unwrap();
        let before = EngineSnapshot {
            containers: vec![before.clone()],
            ..EngineSnapshot::default()
        };
        wanted.judge(&snapshot(), &before, Lang::En).status
    };
    let mut earlier = web();
    assert_eq!(judge(&earlier, "untouched"), Status::Pass);
    earlier.started_at = "1970-01-01T00:00:00Z".into();
    assert_eq!(judge(&earlier, "restarted"), Status::Pass);
    assert_eq!(judge(&earlier, "untouched"), Status::Fail);
    earlier.id = "cccc".into();
    assert_eq!(judge(&earlier, "recreated"), Status::Pass);
}

#[test]
fn every_container_of_a_service_must_be_right() {
    let of = |name: &str, state: &str| Container {
        name: name.into(),
        state: state.into(),
        labels: [("com.docker.compose.service".to_owned(), "web".to_owned())].into(),
        ..Container::default()
    };
    let snapshot = EngineSnapshot {
        containers: vec![of("board-web-1", "running"), of("board-web-2", "created")],
        ..EngineSnapshot::default()
    };
    let judge = |yaml: &str| {
        let wanted: ContainerState = serde_yaml::from_str(yaml).unwrap();
        wanted.judge(&snapshot, &snapshot, Lang::En)
    };
    let verdict = judge("{name: web, state: running}");
    assert_eq!(
        verdict.actual.as_deref(),
        Some("board-web-2: state created")
    );
    assert_eq!(
        judge("{name: web, count: {exactly: 2}}").status,
        Status::Pass
    );
}

#[test]
fn what_cannot_be_is_a_problem_of_the_exercise() {
    for yaml in [
        "{}",
        "{name: web, state: runing}",
        "{name: web, health: well}",
        "{name: web, restart: sometimes}",
        "{name: web, ports: ['http:80']}",
        "{name: web, memory: much}",
        "{name: web, exists: false, count: {exactly: 1}}",
        "{name: web, files: [{path: /a, exists: false, content: {contains: x}}]}",
        "{name: web, exec: [{command: []}]}",
        "{since-check: restarted}",
        "{name: web, within: 0}",
        "{count: {}}",
    ] {
        let wanted: ContainerState = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(
            wanted.problems().len(),
            1,
            "{yaml}: {:?}",
            wanted.problems()
        );
    }
    assert!(serde_yaml::from_str::<ContainerState>("{nmae: web}").is_err());
}
