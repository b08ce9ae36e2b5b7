//! Scopes on an engine at an address: this machine is not the engine's.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;
use serde_json::Value;

use crate::common::engine;
use crate::common::gateway::Open;
use crate::common::home::Home;
use crate::gateway::{list, text, usage};

/// The tests' engine at an address, as a remote one is; until this is dropped.
struct Address {
    port: u16,
    ended: Arc<AtomicBool>,
}

impl Address {
    fn new() -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let ended = Arc::new(AtomicBool::new(false));
        let address = Address {
            port,
            ended: Arc::clone(&ended),
        };
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let engine = UnixStream::connect(engine::socket()).expect("the engine answers");
                let (up, down) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                std::thread::spawn(move || {
                    // An end of one direction is passed on, and the other goes on.
                    let _ = std::io::copy(&mut &up, &mut &engine);
                    let _ = engine.shutdown(Shutdown::Write);
                });
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut &down, &mut &client);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        address
    }

    fn text(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

#[test]
fn a_scope_on_an_engine_at_an_address_leaves_this_machine_alone() {
    let home = Home::new();
    let work = home.beside("work");
    std::fs::create_dir(&work).expect("a folder");
    let address = Address::new();
    let by_address = || {
        let mut command = home.command(&["gateway"]);
        // A killed process leaves the folder of its socket; the next one would take it away.
        command
            .env("DOCKER_HOST", address.text())
            .env("TMPDIR", &work);
        command
    };
    let open = Open::by(by_address(), "far1", &["--workspace", "work"]);
    assert_eq!(open.ok(&work, "run --rm busybox echo far away"), "far away");
    open.ok(&work, "run -d --name web -p 18088:80 busybox sleep 1000");
    assert_eq!(open.ok(&work, "exec web hostname").len(), 12);
    // Folders and ports here are not that machine's.
    let refused = open.docker_in(&work, "run --rm -v ./sub:/x busybox true");
    assert!(
        text(&refused.stderr).contains("cannot be bound"),
        "{}",
        text(&refused.stderr)
    );
    assert!(!work.join("sub").exists());
    assert!(TcpStream::connect("127.0.0.1:18088").is_err());

    // Killed, it leaves no socket that leads there; the next command finds the way by the address.
    open.signal(Signal::KILL);
    assert_eq!(open.ended(), None);
    assert_eq!(usage(&home, "far1")["running"], 1);
    assert!(home.run(&["gateway", "remove", "far1"]).status.success());
    assert_eq!(list(&home), Value::Array(Vec::new()));
}

#[test]
fn a_remote_engine_that_does_not_answer_is_named() {
    let home = Home::without_engine();
    let output = home
        .command(&["gateway", "--scope", "far2"])
        .env("DOCKER_HOST", "tcp://127.0.0.1:1")
        .output()
        .expect("docktutor can be started");
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(
        said.contains("tcp://127.0.0.1:1") && said.contains("refused"),
        "{said}"
    );
}
