//! The arrows between the rooms, as `docs/architecture.md` draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each package of the workspace with those of them that it may use. A test's own dependencies count too.
const ARROWS: [(&str, &[&str]); 4] = [
    ("dockerfile", &[]),
    ("checker", &["dockerfile"]),
    ("gateway", &["dockerfile"]),
    ("docktutor", &["checker", "dockerfile", "gateway"]),
];

fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--offline",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().into_iter().flatten()
}

#[test]
fn arrows_point_one_way() {
    let packages = packages();
    let names: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let drawn: BTreeMap<&str, &[&str]> = ARROWS.into();
    assert_eq!(
        names,
        drawn.keys().copied().collect(),
        "a new room needs a place in the picture"
    );
    for package in &packages {
        let name = package["name"].as_str().expect("a name");
        let used: BTreeSet<&str> = dependencies(package)
            .filter_map(|one| one["name"].as_str())
            .filter(|one| names.contains(one))
            .collect();
        let allowed: BTreeSet<&str> = drawn[name].iter().copied().collect();
        assert!(
            used.is_subset(&allowed),
            "{name} uses {used:?}, and may use {allowed:?}"
        );
    }
}

#[test]
fn rooms_keep_to_their_own_business() {
    let forbidden = [
        // The parser is pure; the checker and the gateway know no web framework and no database.
        (
            "dockerfile",
            &["tokio", "hyper", "axum", "sqlx", "bollard", "rustix"][..],
        ),
        ("checker", &["axum", "sqlx", "askama", "tower-http"][..]),
        ("gateway", &["axum", "sqlx", "askama", "tower-http"][..]),
    ];
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let Some((_, never)) = forbidden.iter().find(|(room, _)| *room == name) else {
            continue;
        };
        let used: Vec<&str> = dependencies(&package)
            .filter(|one| one["kind"].is_null())
            .filter_map(|one| one["name"].as_str())
            .filter(|one| never.contains(one))
            .collect();
        assert!(used.is_empty(), "{name} uses {used:?}");
    }
}

#[test]
fn only_the_store_speaks_sql() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut seen = 0;
    let mut folders = vec![std::path::PathBuf::from(source)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with("src/store")
                || path.ends_with("node_modules")
                || path.ends_with("frontend")
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                seen += 1;
                let text = std::fs::read_to_string(&path).expect("a source file");
                for word in [
                    "sqlx::query",
                    "query_as",
                    "query_scalar",
                    "SELECT ",
                    "INSERT INTO",
                ] {
                    assert!(
                        !text.contains(word),
                        "{} has {word:?}; SQL lives in src/store",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(seen > 10, "only {seen} source files were read");
}
