//! One Compose project of three services, a network and a volume: `up` and `down` through a scope and on the raw engine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::engine;
use crate::common::gateway::Open;
use crate::common::home::Home;
use crate::{compare, course_image};

const ROUNDS: usize = 7;

pub(crate) fn measure() {
    let home = Home::new();
    let image = course_image("busybox");
    let folder = home.beside("project");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("compose.yaml"), file(&image)).expect("a file");
    let scope = Open::start(&home, "bench", &["--image", &image]);
    let ours = Project {
        folder: folder.clone(),
        socket: scope.socket.clone(),
    };
    let raw = Project {
        folder,
        socket: engine::socket(),
    };
    let (mut up, mut down) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for (side, project) in [&ours, &raw].into_iter().enumerate() {
            up[side].push(project.compose(&["up", "-d"]));
            down[side].push(project.compose(&["down", "-v", "-t", "0"]));
        }
    }
    for (what, [mut ours, mut raw]) in [("up -d", up), ("down -v", down)] {
        compare(
            &format!("docker compose {what}, 3 services, scope : raw"),
            &mut ours,
            &mut raw,
            "at most 1.1",
        );
    }
}

fn file(image: &str) -> String {
    format!(
        "name: docktutor-bench
services:
  web:
    image: {image}
    command: sleep 1000
    depends_on: [api]
    ports: [\"8080\"]
  api:
    image: {image}
    command: sleep 1000
    depends_on: [db]
    environment: {{DATABASE: db}}
  db:
    image: {image}
    command: sleep 1000
    volumes: [\"data:/data\"]
volumes:
  data:
"
    )
}

/// The project on one socket; it is taken down when dropped.
struct Project {
    folder: PathBuf,
    socket: PathBuf,
}

impl Project {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match std::env::var("DOCKTUTOR_TEST_COMPOSE") {
            // The plugin alone, without docker's own start.
            Ok(plugin) => Command::new(plugin),
            Err(_) => {
                let mut command = Command::new("docker");
                command.arg("compose");
                command
            }
        };
        command
            .args(arguments)
            .env("DOCKER_HOST", unix(&self.socket))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }

    fn compose(&self, arguments: &[&str]) -> Duration {
        let began = Instant::now();
        let output = self.command(arguments).output().expect("compose runs");
        let time = began.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        time
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // After a failure only: otherwise there is nothing left of it.
        if std::thread::panicking() {
            let _ = self.command(&["down", "-v", "-t", "0"]).output();
        }
    }
}

fn unix(socket: &Path) -> String {
    format!("unix://{}", socket.display())
}
