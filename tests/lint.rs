//! `docktutor lint` as a process on Compose projects: which files it reads, what it prints in each format, what it
//! changes, and its exit code.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SHOP: &[(&str, &str)] = &[
    (
        "compose.yaml",
        "services:\n  web:\n    image: \"nginx:${VERSION}\"\n    ports: [\"${PORT}:80\"]\n    depends_on:\n      db: {condition: service_healthy}\n  db:\n    image: postgres:17\n    volumes: [\"data:/var/lib/postgresql/data\"]\n    healthcheck: {test: [CMD, pg_isready]}\nvolumes:\n  data:\n",
    ),
    (
        "compose.override.yaml",
        "services:\n  web:\n    volumes: [\"./site:/usr/share/nginx/html\"]\n",
    ),
    (".env", "PORT=8080\nVERSION=1.27\n"),
];

/// The Compose file of a student's notes: no dash, no space after the colon.
const NOTES: &str = "version: \"3.8 \"\nservices:\n   backend:\n      build: ./backend\n      ports: \"8000:8000\"\n      environment:\n         DATABASE_URL=postgresql://user.pass@db:5432/kmap\n      depends_on: db\n   db:\n      image: postgres:15\n      environment:\n         POSTGRES_USER=user\n         POSTGRES_PASSWORD=pass\n      volumes: db_data:/var/lib/postgresql/data\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn lint(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_docktutor"))
        .args(["lint", "--lang", "en"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    Said {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

/// `file rule` of every finding.
fn rules(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().expect("findings");
    let line = |one: &Value| {
        let text = |key: &str| one[key].as_str().expect("text").to_owned();
        format!("{} {}", text("file"), text("rule"))
    };
    findings.iter().map(line).collect()
}

#[test]
fn a_project_is_read_with_its_override_and_variables() {
    let folder = folder(SHOP);
    let said = lint(folder.path(), &["--format", "json", "compose.yaml"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let document = json(&said);
    let mut files: Vec<&str> = document["files"]
        .as_array()
        .expect("files")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(files.remove(0), "compose.yaml");
    files.sort_unstable();
    assert_eq!(files, [".env", "compose.override.yaml"]);
    assert_eq!(document["summary"]["errors"], 0, "{}", said.out);

    std::fs::remove_file(folder.path().join(".env")).expect("removed");
    let without = json(&lint(folder.path(), &["--format", "json", "compose.yaml"]));
    let unset = rules(&without)
        .iter()
        .filter(|one| one.contains("variable"))
        .count();
    assert!(unset >= 2, "{without}");
}

#[test]
fn the_tree_has_the_effective_model_and_the_graph() {
    let folder = folder(SHOP);
    let said = lint(
        folder.path(),
        &["--ast", "--format", "json", "compose.yaml"],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out.lines().count(), 1, "one project, one line");
    let tree = json(&said);
    assert_eq!(tree["file"], "compose.yaml");
    let web = &tree["model"]["services"]["web"];
    assert_eq!(web["image"], "nginx:1.27");
    assert_eq!(web["ports"][0]["published"], "8080");
    assert_eq!(
        web["volumes"][0]["target"], "/usr/share/nginx/html",
        "the override file counts"
    );
    assert_eq!(
        tree["project"]["services"]["web"]["depends_on"]["db"]["condition"],
        "service_healthy"
    );
    assert_eq!(tree["start_order"], serde_json::json!([["db"], ["web"]]));
    let waits = serde_json::json!({
        "from": "web", "to": "db", "kind": "depends-on", "condition": "service_healthy"
    });
    assert!(
        tree["edges"].as_array().expect("edges").contains(&waits),
        "{}",
        tree["edges"]
    );
    // A place leads to the text that was written.
    let written = &tree["files"][0]["tree"]["entries"][0];
    let span =
        |at: usize| usize::try_from(written["span"][at].as_u64().expect("a byte")).expect("small");
    assert_eq!(
        &SHOP[0].1[span(0)..span(1)],
        written["key"].as_str().expect("a key")
    );
}

#[test]
fn a_file_of_notes_has_all_its_mistakes_told_at_once() {
    let folder = folder(&[("docker-compose.yml", NOTES)]);
    let said = lint(folder.path(), &["--format", "json", "docker-compose.yml"]);
    assert_eq!(said.code, 1);
    let document = json(&said);
    let lines: Vec<u64> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|one| one["start"]["line"].as_u64())
        .collect();
    // version, ports, environment, depends_on, environment (two lines), volumes
    for line in [1, 5, 7, 8, 12, 14] {
        assert!(
            lines.contains(&line),
            "nothing in line {line}: {}",
            said.out
        );
    }
}

#[test]
fn fix_mends_the_named_file_and_nothing_else() {
    let over = "version: \"3.8\"\nservices:\n  web:\n    depends_on: db\n";
    let folder = folder(&[
        (
            "compose.yaml",
            "version: \"3.8\"\nservices:\n  web:\n    image: nginx:1.27\n    ports: [22:22]\n  db:\n    image: redis:7\n",
        ),
        ("compose.override.yaml", over),
    ]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("read");
    let before = json(&lint(folder.path(), &["--format", "json", "compose.yaml"]));
    let said = lint(
        folder.path(),
        &["--fix", "--format", "json", "compose.yaml"],
    );
    let after = json(&said);
    assert_eq!(read("compose.override.yaml"), over);
    assert!(
        !read("compose.yaml").contains("version"),
        "{}",
        read("compose.yaml")
    );
    assert!(
        read("compose.yaml").contains("\"22:22\""),
        "{}",
        read("compose.yaml")
    );
    let own = |document: &Value| {
        rules(document)
            .iter()
            .filter(|one| one.starts_with("compose.yaml "))
            .count()
    };
    assert!(own(&after) < own(&before), "{before}\n{after}");
    let mended = read("compose.yaml");
    lint(folder.path(), &["--fix", "compose.yaml"]);
    assert_eq!(
        read("compose.yaml"),
        mended,
        "a second time changes nothing"
    );
}

#[test]
fn includes_are_read_and_what_is_missing_is_told_where_it_is_named() {
    let folder = folder(&[
        (
            "app/compose.yaml",
            "include:\n  - parts/db.yaml\n  - parts/none.yaml\nservices:\n  web:\n    image: nginx:1.27\n    depends_on: [db]\n",
        ),
        (
            "app/parts/db.yaml",
            "services:\n  db:\n    image: postgres:17\n    port: [\"5432:5432\"]\n",
        ),
    ]);
    let said = lint(folder.path(), &["--format", "json", "app/compose.yaml"]);
    assert_eq!(said.code, 1);
    let document = json(&said);
    let found = document["findings"].as_array().expect("findings");
    let at = |file: &str, line: u64| {
        found
            .iter()
            .any(|one| one["file"] == file && one["start"]["line"] == line)
    };
    assert!(at("app/compose.yaml", 3), "the missing file: {}", said.out);
    assert!(
        at("app/parts/db.yaml", 4),
        "the misspelled key: {}",
        said.out
    );
}

#[test]
fn every_format_tells_of_several_files() {
    let folder = folder(&[
        ("one/compose.yaml", "services:\n  web:\n    imag: nginx\n"),
        (
            "two/compose.yaml",
            "services:\n  web:\n    image: nginx:1.27\n    ports: [\"80:99999\"]\n",
        ),
        ("Dockerfile", "FORM debian\n"),
    ]);
    let files = ["one/compose.yaml", "two/compose.yaml", "Dockerfile"];
    let run = |format: &str| lint(folder.path(), &[&["--format", format], &files[..]].concat());
    let (text, github, sarif) = (run("text"), run("github"), run("sarif"));
    for said in [&text, &github, &sarif] {
        assert_eq!((said.code, said.err.as_str()), (1, ""));
    }
    let sarif = json(&sarif);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    for file in files {
        assert!(text.out.contains(file), "{}", text.out);
        assert!(
            github.out.contains(&format!("::error file={file},line=")),
            "{}",
            github.out
        );
        let place = |one: &Value| {
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == file
        };
        assert!(results.iter().any(place), "{sarif}");
    }
    let one = lint(folder.path(), &["--format", "json", files[0], files[1]]);
    assert_eq!(json(&one)["files"], serde_json::json!([files[0], files[1]]));
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_rest_is_still_told() {
    let folder = folder(&[("compose.yaml", "services:\n  web:\n    imag: nginx\n")]);
    let said = lint(folder.path(), &["none.yaml", "compose.yaml"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("none.yaml: cannot be read"),
        "{}",
        said.err
    );
    assert!(said.out.contains("imag"), "{}", said.out);
    // A folder is walked; one without any such file is told.
    let said = lint(folder.path(), &["."]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("imag"), "{}", said.out);
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let said = lint(folder.path(), &["empty"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("empty"), "{}", said.err);
}
