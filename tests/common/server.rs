//! The real `docktutor serve`, as a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;
use super::home::Home;
use super::learner::Learner;

/// A running server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    output: Arc<Printed>,
    address: SocketAddr,
    token: String,
}

#[derive(Debug, Default)]
struct Printed {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Server {
    /// Starts a server on a free port and waits until it has printed its address.
    pub(crate) fn start(home: &Home) -> Server {
        Server::start_with(home, &[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(home: &Home, arguments: &[&str]) -> Server {
        Server::launch(home, "127.0.0.1:0", arguments)
    }

    /// Where an earlier server was, so that an open page finds it again.
    pub(crate) fn start_at(home: &Home, address: SocketAddr) -> Server {
        Server::launch(home, &address.to_string(), &[])
    }

    fn launch(home: &Home, listen: &str, arguments: &[&str]) -> Server {
        let mut command = home.command(&["serve", "--listen", listen]);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docktutor can be started");
        let output = Arc::new(Printed::default());
        collect(child.stdout.take().expect("a pipe"), &output);
        collect(child.stderr.take().expect("a pipe"), &output);
        let found = output.wait_for_line(parse_address);
        let Some((address, token)) = found else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server has printed no address:\n{}", output.text());
        };
        Server {
            child,
            output,
            address,
            token,
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a person would open in a browser.
    pub(crate) fn url(&self) -> String {
        format!("{}/enter?token={}", self.origin(), self.token)
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The person who started the server.
    pub(crate) async fn learner(&self) -> Learner {
        Learner::enter(self.address, &self.token).await
    }

    /// Somebody else, let in by the command line.
    pub(crate) async fn add_learner(&self, home: &Home, name: &str) -> Learner {
        let output = home.run(&[
            "learner",
            "add",
            name,
            "--listen",
            &self.address.to_string(),
        ]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (address, token) = said.lines().find_map(parse_address).unwrap_or_else(|| {
            panic!(
                "no address in {said:?} {}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        assert_eq!(address, self.address);
        Learner::enter(address, &token).await
    }

    /// All that it has printed, both streams.
    pub(crate) fn printed(&self) -> String {
        self.output.text()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("it can be waited for");
    }

    /// SIGTERM, as Ctrl+C or a service manager does it; the exit status.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.terminate();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "SIGTERM did not end the server:\n{}",
                self.printed()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn terminate(&self) {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        kill_process(pid, Signal::TERM).expect("the server runs");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server has printed:\n{}", self.printed());
        }
    }
}

impl Printed {
    fn text(&self) -> String {
        self.lines
            .lock()
            .map(|lines| lines.join("\n"))
            .unwrap_or_default()
    }

    /// Waits for the first line that `find` accepts; `None` when the time is over or the output has ended.
    fn wait_for_line<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.lines.lock().ok()?;
        loop {
            if let Some(found) = lines.iter().find_map(|line| find(line)) {
                return Some(found);
            }
            if lines.iter().any(|line| line == END) {
                return None;
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            lines = self.more.wait_timeout(lines, left).ok()?.0;
        }
    }
}

/// Stands in the collected lines where a stream has ended.
const END: &str = "(end of output)";

fn collect(stream: impl std::io::Read + Send + 'static, output: &Arc<Printed>) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        for line in lines.chain([END.to_owned()]) {
            if let Ok(mut all) = output.lines.lock() {
                all.push(line);
            }
            output.more.notify_all();
        }
    });
}

/// `http://ADDRESS/enter?token=TOKEN`, anywhere in a line.
fn parse_address(line: &str) -> Option<(SocketAddr, String)> {
    let rest = &line[line.find("http://")? + "http://".len()..];
    let (address, token) = rest.split_once("/enter?token=")?;
    let token = token.split(|c: char| !c.is_ascii_hexdigit()).next()?;
    Some((address.parse().ok()?, token.to_owned()))
}
