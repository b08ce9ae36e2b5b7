//! A Compose project of three services, with `.env` and an override file, as whole processes: `docktutor lint` and
//! `docker compose config -q`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::compare;

const ROUNDS: usize = 30;

const FILES: &[(&str, &str)] = &[
    (
        "compose.yaml",
        "services:
  web:
    build: ./web
    ports: [\"${PORT}:3000\"]
    depends_on: [api]
  api:
    image: \"python:${PYTHON:-3.13}-slim\"
    environment:
      DATABASE_URL: postgresql://user:${PASSWORD}@db:5432/shop
    depends_on:
      db: {condition: service_healthy}
  db:
    image: postgres:17
    environment: [\"POSTGRES_PASSWORD=${PASSWORD}\"]
    volumes: [\"data:/var/lib/postgresql/data\"]
    healthcheck: {test: [CMD, pg_isready], interval: 5s}
volumes:
  data:
",
    ),
    (
        "compose.override.yaml",
        "services:\n  web:\n    volumes: [\"./web:/app\"]\n",
    ),
    (".env", "PORT=3000\nPASSWORD=secret\n"),
];

pub(crate) fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let time = |program: &str, arguments: &[&str]| -> Duration {
        let began = Instant::now();
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let time = began.elapsed();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        time
    };
    let ours = env!("CARGO_BIN_EXE_docktutor");
    let (mut lint, mut config) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        lint.push(time(ours, &["lint", "compose.yaml"]));
        config.push(match std::env::var("DOCKTUTOR_TEST_COMPOSE") {
            // The plugin alone, without docker's own start.
            Ok(plugin) => time(&plugin, &["config", "-q"]),
            Err(_) => time("docker", &["compose", "config", "-q"]),
        });
    }
    compare(
        "docktutor lint : docker compose config -q, 3 services",
        &mut lint,
        &mut config,
        "at most 0.033",
    );
}
