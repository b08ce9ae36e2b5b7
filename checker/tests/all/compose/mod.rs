//! The effective model beside what the real Compose prints, over the projects of `projects.txt`.
//!
//! `differences.md` explains what [`plain`] evens out; anything else that differs is a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use checker::compose::model::to_json;
use checker::compose::project::{Files, Read, Settings, load};
use serde_json::Value;

struct Project {
    name: String,
    arguments: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

fn projects() -> Vec<Project> {
    let mut projects: Vec<Project> = Vec::new();
    let mut file = String::new();
    for line in include_str!("projects.txt").lines() {
        if let Some(name) = line.strip_prefix("== ") {
            projects.push(Project {
                name: name.to_owned(),
                arguments: Vec::new(),
                files: BTreeMap::new(),
            });
            continue;
        }
        let project = projects.last_mut().expect("a project first");
        if let Some(arguments) = line.strip_prefix("@ ") {
            project.arguments = arguments.split(' ').map(str::to_owned).collect();
        } else if let Some(name) = line.strip_prefix("-- ") {
            name.clone_into(&mut file);
            project.files.insert(file.clone(), Vec::new());
        } else {
            let text = project.files.get_mut(&file).expect("a file first");
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
    }
    projects
}

/// What Compose prints differs between versions.
const VERSION: &str = "2.40.3";

/// The Compose plugin: where it is named, else where `scripts/setup.sh` puts it or Docker looks for it.
fn plugin() -> PathBuf {
    let named = std::env::var_os("DOCKTUTOR_TEST_COMPOSE").map(PathBuf::from);
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let data = std::env::var_os("DOCKTUTOR_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| home.join(".local/share/docktutor"));
    let folders = [
        data.join("images"),
        home.join(".docker/cli-plugins"),
        "/usr/local/lib/docker/cli-plugins".into(),
        "/usr/local/libexec/docker/cli-plugins".into(),
        "/usr/lib/docker/cli-plugins".into(),
        "/usr/libexec/docker/cli-plugins".into(),
    ];
    let found = folders
        .into_iter()
        .map(|folder| folder.join("docker-compose"));
    let fits = |path: &PathBuf| {
        let output = Command::new(path).args(["version", "--short"]).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == VERSION)
    };
    let mut all = named.into_iter().chain(found);
    all.find(|path| path.is_file() && fits(path))
        .unwrap_or_else(|| {
            panic!(
                "no Compose plugin {VERSION} to compare with: `scripts/setup.sh test` fetches it; \
             DOCKTUTOR_TEST_COMPOSE says where it is"
            )
        })
}

fn theirs(plugin: &Path, project: &Project, folder: &Path) -> Result<Value, String> {
    for (name, bytes) in &project.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    let output = Command::new(plugin)
        .args(&project.arguments)
        .args(["config", "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .env("HOME", "/home/learner")
        .output()
        .expect("the plugin runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn settings(project: &Project) -> Settings {
    let mut settings = Settings {
        folder: "shop".to_owned(),
        ..Settings::default()
    };
    settings
        .variables
        .insert("HOME".to_owned(), "/home/learner".to_owned());
    for pair in project.arguments.chunks(2) {
        match pair[0].as_str() {
            "-f" => settings.files.push(pair[1].clone()),
            "--profile" => settings.profiles.push(pair[1].clone()),
            other => panic!("{other}"),
        }
    }
    settings
}

/// Takes out what says nothing; see `differences.md`.
fn plain(value: &mut Value, folder: &str, key: &str) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| match key.as_str() {
                "privileged" => *value != Value::Bool(false),
                "command" | "entrypoint" => !value.is_null(),
                "ipam" | "placement" | "resources" | "volume" | "bind" | "tmpfs" => {
                    value.as_object().is_none_or(|map| !map.is_empty())
                }
                "exec" => value["command"] != Value::Null,
                "x-own" => false,
                _ => true,
            });
            for (key, value) in map {
                plain(value, folder, key);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plain(item, folder, key)),
        Value::String(text) => {
            let paths = ["context", "source", "file", "path", "x"];
            if paths.contains(&key) {
                if text == folder {
                    ".".clone_into(text);
                } else if let Some(rest) = text.strip_prefix(&format!("{folder}/")) {
                    *text = format!("./{rest}");
                }
                if let Some(rest) = text.strip_prefix("~/") {
                    *text = format!("/home/learner/{rest}");
                }
            }
        }
        _ => {}
    }
}

/// A dollar sign is doubled in what Compose prints.
fn undouble(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(undouble),
        Value::Array(items) => items.iter_mut().for_each(undouble),
        Value::String(text) => *text = text.replace("$$", "$"),
        _ => {}
    }
}

fn differ(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let none = Value::String("(nothing)".to_owned());
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                differ(&format!("{path}.{key}"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}:\n    ours   {a}\n    theirs {b}")),
    }
}

#[test]
fn the_effective_model_is_what_compose_prints() {
    let plugin = plugin();
    let projects = projects();
    assert!(projects.len() >= 40, "{}", projects.len());
    let mut wrong = Vec::new();
    for project in &projects {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("shop");
        std::fs::create_dir(&folder).expect("made");
        let mut theirs = match theirs(&plugin, project, &folder) {
            Ok(theirs) => theirs,
            Err(error) => {
                wrong.push(format!("{}: Compose says {error}", project.name));
                continue;
            }
        };
        let loaded = load(&project.files, &settings(project));
        let mut ours = to_json(&loaded.tree);
        let folder = folder.to_str().expect("text").to_owned();
        undouble(&mut theirs);
        plain(&mut theirs, &folder, "");
        plain(&mut ours, &folder, "");
        let mut found = Vec::new();
        differ("", &ours, &theirs, &mut found);
        wrong.extend(found.iter().map(|one| format!("{}{one}", project.name)));
        wrong.extend(
            loaded
                .issues
                .iter()
                .map(|issue| format!("{}: {issue:?}", project.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Compose refuses is an issue here.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> Read {
        Read::Missing
    }
}

#[test]
fn an_empty_folder_is_an_empty_project() {
    let loaded = load(&Nothing, &Settings::default());
    assert_eq!(loaded.project.services.len(), 0);
    assert!(loaded.files.is_empty());
}
