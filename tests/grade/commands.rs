//! A sandbox exercise handed in as commands: they find what a learner finds in the page's terminal.

use std::path::Path;

use serde_json::Value;

use crate::common::home::Home;
use crate::left;

/// The course has one lesson and one exercise, which asks for what the commands leave.
const COURSE: [(&str, &str); 14] = [
    (
        "lessons/01-mounts/lesson.yaml",
        "id: 01-mounts\norder: 1\ntitle: {ko: 마운트, en: Mounts}\nsummary: {ko: 폴더 하나., en: One folder.}\nminutes: 5\ncovers: []\nexercises: [mounts/site]\n",
    ),
    (
        "lessons/01-mounts/ko.md",
        "폴더예요.\n\n```exercise\nmounts/site\n```\n",
    ),
    (
        "lessons/01-mounts/en.md",
        "A folder.\n\n```exercise\nmounts/site\n```\n",
    ),
    ("exercises/mounts/site/text.ko.md", "글이에요.\n"),
    ("exercises/mounts/site/text.en.md", "A text.\n"),
    ("exercises/mounts/site/exercise.yaml", EXERCISE),
    (
        "exercises/mounts/site/starter/site/index.html",
        "the board\n",
    ),
    ("exercises/mounts/site/starter/src/main.txt", "main\n"),
    (
        "exercises/mounts/site/starter/compose.yaml",
        "services:\n  app:\n    image: busybox:latest\n    command: sleep infinity\n    init: true\n    volumes: [\"./src:/app\"]\n",
    ),
    ("exercises/mounts/site/solution/commands.sh", COMMANDS),
    ("exercises/mounts/site/wrong/one/commands.sh", "docker ps\n"),
    ("exercises/mounts/site/wrong/one/expect.yaml", EXPECT),
    ("exercises/mounts/site/wrong/two/commands.sh", "ls\n"),
    ("exercises/mounts/site/wrong/two/expect.yaml", EXPECT),
];

const EXPECT: &str = "misunderstanding: m\nfails: [absolute, relative, compose, port, user]\n";

const EXERCISE: &str = "\
id: mounts/site
title: {ko: 사이트, en: A site}
lesson: 01-mounts
covers: []
kind: sandbox
difficulty: 1
minutes: 5
images: [\"busybox:latest\"]
checks:
  - id: absolute
    title: {ko: 하나, en: one}
    points: 1
    failure: {ko: 아니에요., en: No.}
    assert:
      container:
        name: web
        state: running
        mounts: [{type: bind, target: /site, read-only: true}]
        files: [{path: /site/index.html, content: {contains: board}}]
  - id: relative
    title: {ko: 둘, en: two}
    points: 1
    failure: {ko: 아니에요., en: No.}
    assert:
      container: {name: dot, state: exited, exit-code: 0, logs: {contains: index.html}}
  - id: compose
    title: {ko: 셋, en: three}
    points: 1
    failure: {ko: 아니에요., en: No.}
    assert:
      container:
        name: app
        state: running
        exec: [{command: [cat, /app/made-later], output: {contains: later}}]
  - id: port
    title: {ko: 넷, en: four}
    points: 1
    failure: {ko: 아니에요., en: No.}
    assert:
      container: {name: port-answered}
  - id: user
    title: {ko: 다섯, en: five}
    points: 1
    failure: {ko: 아니에요., en: No.}
    assert:
      container: {name: home-learner-a-b}
hints:
  - {ko: 힌트, en: A hint., when: {container: {name: web, exists: false}}}
";

/// What is written for bash and for a home, as a learner may write it, works too.
const COMMANDS: &str = "\
docker run -d --init --name web -p 8080:80 -v /work/site:/site:ro busybox httpd -f -p 80 -h /site
docker run --name dot -v .:/x busybox ls -R /x
docker compose up -d
echo later > src/made-later
curl -sf --retry 20 --retry-connrefused --retry-delay 1 localhost:8080/index.html | grep -q board && docker create --name port-answered busybox
touch \"$HOME/mine\" && docker create --name \"home-$(basename \"$HOME\")$(printf %s -{a,b})\" busybox
";

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

#[test]
fn commands_mount_publish_and_compose_as_in_the_page() {
    let home = Home::new();
    let course = home.beside("course");
    for (path, text) in COURSE {
        write(&course, path, text);
    }
    let handed_in = home.beside("handed-in");
    for (path, text) in COURSE {
        for part in ["starter/", "solution/"] {
            if let Some(file) = path.strip_prefix(&format!("exercises/mounts/site/{part}")) {
                write(&handed_in, file, text);
            }
        }
    }
    let output = home.run(&[
        "check",
        "site",
        &handed_in.to_string_lossy(),
        "--course",
        &course.to_string_lossy(),
        "--format",
        "json",
        "--lang",
        "en",
    ]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["passed"], true, "{report:#}\n{said}");
    assert!(
        !handed_in.join("src/made-later").exists(),
        "the commands work in a copy"
    );
    assert_eq!(left(&home), Vec::<String>::new());
    let copies = home.data().join("check/0/copies");
    assert!(!copies.exists(), "the copy is removed");
}
