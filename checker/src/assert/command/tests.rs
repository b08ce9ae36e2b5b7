use super::*;

fn demand(yaml: &str) -> TypedCommand {
    serde_yaml::from_str(yaml).unwrap()
}

#[test]
fn a_command_file_is_judged_by_its_meaning() {
    let check = demand("{file: answer.sh, equals: ['docker run -d -p 8080:80 nginx']}");
    assert_eq!(check.problems(), Vec::<String>::new());
    let judge = |text: &str| check.judge_text(text.as_bytes(), Mistakes::Count, Lang::En);
    let right = "# my answer\ndocker container run --publish=8080:80 \\\n  --detach nginx:latest\n";
    assert_eq!(judge(right).status, Status::Pass);
    let wrong = judge("docker run -d -p 80:80 nginx");
    assert_eq!(wrong.status, Status::Fail);
    assert_eq!(
        wrong.actual.as_deref(),
        Some("The host port is 80, expected 8080.")
    );
    assert_eq!(wrong.findings[0].start.column, 15);
    assert_eq!(
        judge("docker run -d -p $PORT:80 nginx").status,
        Status::Error
    );
    assert_eq!(judge("").status, Status::Fail);
    for bad in [&b"docker run \xff"[..], b"docker\0run"] {
        assert_eq!(
            check.judge_text(bad, Mistakes::Count, Lang::Ko).status,
            Status::Fail
        );
    }
    assert_eq!(
        check
            .judge_text(&vec![b'x'; 2 << 20], Mistakes::Count, Lang::En)
            .status,
        Status::Fail
    );
}

#[test]
fn facts_are_demanded_of_one_command() {
    let check = demand(
        "{file: a.sh, is: run, has: ['--rm', '-p 8080:80', '--name'], lacks: ['-d'], args: [nginx]}",
    );
    assert_eq!(check.problems(), Vec::<String>::new());
    let judge = |text: &str| check.judge_text(text.as_bytes(), Mistakes::Count, Lang::En);
    let right = "docker run --name web -p 8080:80/tcp --rm nginx:latest";
    assert_eq!(judge(right).status, Status::Pass);
    for (wrong, expected) in [
        ("docker run --name web -p 8080:80 nginx", "--rm"),
        ("docker run --rm --name web -p 80:80 nginx", "-p 8080:80"),
        ("docker run --rm -p 8080:80 nginx", "--name"),
        ("docker run -d --rm --name web -p 8080:80 nginx", "no -d"),
        ("docker run --rm --name web -p 8080:80 httpd", "nginx"),
        ("docker ps", "docker run"),
    ] {
        let verdict = judge(wrong);
        assert_eq!(verdict.status, Status::Fail, "{wrong}");
        assert_eq!(verdict.expected.as_deref(), Some(expected), "{wrong}");
    }
    assert_eq!(judge("docker run $OPTS nginx").status, Status::Error);
    let typo = judge("docker run -rm --name web -p 8080:80 nginx");
    assert_eq!(typo.findings[0].mistake.as_deref(), Some("single-dash-rm"));
}

const MOUNTS: &str = "docker run -d --name keys --tmfs /run/keys redis:7
docker run -d --name pg -v pg:/var/lib/postgresql/data postgres
$ docker run -d --name site -v .:/srv:ro httpd:2.4
";

#[test]
fn a_mistake_fails_only_the_checks_about_its_command() {
    let judge = |yaml: &str, text: &str| {
        let check = demand(&format!("{{file: a.sh, is: run, {yaml}}}"));
        assert_eq!(check.problems(), Vec::<String>::new());
        check.judge_text(text.as_bytes(), Mistakes::Count, Lang::En)
    };
    let lines = |verdict: &Verdict| -> Vec<usize> {
        verdict
            .findings
            .iter()
            .map(|found| found.start.line)
            .collect()
    };
    for (yaml, found) in [
        ("has: ['--name keys', '--tmpfs /run/keys']", &[1][..]),
        ("has: ['--name pg'], args: ['postgres:15']", &[2]),
        ("has: ['--name pg'], args: [postgres]", &[2]),
        ("has: ['--name site', '-v $PWD:/srv:ro']", &[3]),
        // Nobody knows which of them is meant; none has this name.
        ("has: ['-d', '--name web']", &[]),
    ] {
        let verdict = judge(yaml, MOUNTS);
        assert_eq!(verdict.status, Status::Fail, "{yaml}");
        assert_eq!(lines(&verdict), found, "{yaml}");
    }
    let mended = MOUNTS.replace("$ docker", "docker");
    let site = judge("has: ['--name site', '-v $PWD:/srv:ro']", &mended);
    assert_eq!((site.status, lines(&site)), (Status::Pass, Vec::new()));
    let web = judge("has: ['-d', '--name web']", MOUNTS);
    assert_eq!(web.expected.as_deref(), Some("--name web"));
    let site = judge("has: ['--name site', '-v $PWD:/srv']", &mended);
    assert_eq!(
        site.actual.as_deref(),
        Some("docker run -d --name site -v .:/srv:ro httpd:2.4")
    );
    // A command that is no command could be the one.
    let typo = format!("{MOUNTS}docker rnu -d --name web nginx\n");
    let web = judge("has: ['-d', '--name web']", &typo);
    assert_eq!((web.status, lines(&web)), (Status::Fail, vec![4]));
    // One right command is enough.
    let twice = "docker run --rm -v d:/var/lib/postgresql/data postgres\ndocker run --rm x\n";
    assert_eq!(judge("has: [--rm]", twice).status, Status::Pass);
    let once = judge("has: [--rm, -v]", twice);
    assert_eq!((once.status, lines(&once)), (Status::Fail, vec![1]));
}

#[test]
fn a_hint_fits_a_command_with_a_mistake() {
    let hint = demand("{file: a.sh, is: run, has: ['--name pg'], args: [postgres]}");
    let status = |mistakes| {
        hint.judge_text(MOUNTS.as_bytes(), mistakes, Lang::En)
            .status
    };
    assert_eq!(status(Mistakes::Aside), Status::Pass);
    assert_eq!(status(Mistakes::Count), Status::Fail);
}

#[test]
fn a_mount_without_a_value_stands_for_its_kind() {
    for (flag, given) in [
        ("-v", "-v a:/b"),
        ("-v", "--volume /b"),
        ("--volume", "--mount type=bind,src=/a,dst=/b"),
        ("--tmpfs", "--tmpfs /b"),
        ("--tmpfs", "--mount type=tmpfs,dst=/b"),
        ("--mount", "--tmpfs /b"),
        ("--mount", "-v a:/b"),
    ] {
        for (key, wanted) in [("has", Status::Pass), ("lacks", Status::Fail)] {
            let check = demand(&format!("{{file: a.sh, is: run, {key}: ['{flag}']}}"));
            let typed = format!("docker run {given} x");
            let verdict = check.judge_text(typed.as_bytes(), Mistakes::Count, Lang::En);
            assert_eq!(verdict.status, wanted, "{key} {flag}: {given}");
        }
    }
    for (flag, given) in [
        ("-v", "--tmpfs /b"),
        ("-v", "--mount type=tmpfs,dst=/b"),
        ("--tmpfs", "-v a:/b"),
    ] {
        let check = demand(&format!("{{file: a.sh, is: run, lacks: ['{flag}']}}"));
        let typed = format!("docker run {given} x");
        let verdict = check.judge_text(typed.as_bytes(), Mistakes::Count, Lang::En);
        assert_eq!(verdict.status, Status::Pass, "{flag}: {given}");
    }
}

#[test]
fn facts_about_image_ports_and_mounts_are_demanded_however_they_are_written() {
    let check = demand(
        "{file: a.sh, is: run, image: 'nginx:1.29', publishes: [80, 53/udp], mounts: [/srv]}",
    );
    assert_eq!(check.problems(), Vec::<String>::new());
    let judge = |text: &str| check.judge_text(text.as_bytes(), Mistakes::Count, Lang::En);
    for right in [
        "docker run -p 8080:80 -p 53:53/udp -v ./site:/srv:ro nginx:1.29 nginx -T",
        "docker run --publish 80 -p 1:53/UDP --mount type=bind,src=$PWD,dst=/srv/ docker.io/library/nginx:1.29",
        "docker run -p target=80,published=1 -p 53:53/udp --tmpfs /srv nginx:1.29",
    ] {
        assert_eq!(judge(right).status, Status::Pass, "{right}");
    }
    for (wrong, expected) in [
        (
            "docker run -p 80:80 -p 1:53/udp -v s:/srv nginx",
            "image nginx:1.29",
        ),
        (
            "docker run -p 80:81 -p 1:53/udp -v s:/srv nginx:1.29",
            "container port 80/tcp published",
        ),
        (
            "docker run -p 80:80 -p 1:53 -v s:/srv nginx:1.29",
            "container port 53/udp published",
        ),
        (
            "docker run -p 80:80 -p 1:53/udp -v /srv:/data nginx:1.29",
            "a mount at /srv",
        ),
    ] {
        let verdict = judge(wrong);
        assert_eq!(verdict.status, Status::Fail, "{wrong}");
        assert_eq!(verdict.expected.as_deref(), Some(expected), "{wrong}");
    }
    for (yaml, says) in [
        ("{file: a, is: ps, image: x}", "takes no image"),
        (
            "{file: a, is: run, publishes: ['80:80']}",
            "`80:80` is no port",
        ),
        (
            "{file: a, is: run, mounts: [srv]}",
            "`srv` is no absolute path",
        ),
        ("{file: a, is: rm, mounts: [/srv]}", "mounts nothing"),
    ] {
        let problems = demand(yaml).problems();
        assert!(problems.iter().any(|p| p.contains(says)), "{problems:?}");
    }
}

#[test]
fn a_wrong_demand_is_told_to_the_author() {
    for (yaml, says) in [
        ("{file: a}", "demands nothing"),
        ("{file: a, equals: [docker rnu x]}", "Did you mean `run`?"),
        (
            "{file: a, equals: ['if true; then docker ps; fi']}",
            "condition",
        ),
        ("{file: a, is: rnu}", "no command"),
        ("{file: a, is: run, has: ['--detatch']}", "`--detach`"),
        ("{file: a, has: ['--rm']}", "need `is`"),
    ] {
        let problems = demand(yaml).problems();
        assert!(
            problems.iter().any(|p| p.contains(says)),
            "{yaml}: {problems:?}"
        );
    }
}
