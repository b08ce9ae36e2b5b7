//! Requests per second of a lesson's page, ours (with its checks of host and cookie) and nginx's with the same bytes.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::home::Home;
use crate::common::server::Server;
use crate::common::{LESSON, until};
use crate::row;

/// Two short turns each, one after the other, so that a change of the machine's mood meets both.
const TURNS: usize = 2;

pub(crate) async fn measure() {
    let home = Home::new();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let path = format!("/en/lessons/{LESSON}");
    let page = learner.get(&path).await;
    assert_eq!(page.status, 200);
    let port = free_port();
    let _nginx = Nginx::start(&home.beside("nginx"), port, &page.body);
    until("nginx", || async {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    })
    .await;
    let (mut ours, mut theirs) = (0.0, 0.0);
    for _ in 0..TURNS {
        ours += per_second(&format!("{}{path}", server.origin()), learner.cookie());
        theirs += per_second(&format!("http://127.0.0.1:{port}/page"), learner.cookie());
    }
    let each = |sum: f64| {
        format!(
            "{:.0}/s",
            sum / f64::from(u32::try_from(TURNS).unwrap_or(1))
        )
    };
    let what = format!(
        "lesson page, {} kB : nginx, same bytes",
        page.body.len() / 1000
    );
    row(
        &what,
        &each(ours),
        &each(theirs),
        &format!("{:.2}", ours / theirs),
        "at least 0.5",
    );
}

/// A bounded load on loopback: 16 connections for 5 seconds.
fn per_second(url: &str, cookie: &str) -> f64 {
    let output = Command::new("wrk")
        .args([
            "--threads",
            "1",
            "--connections",
            "16",
            "--duration",
            "5s",
            "--header",
        ])
        .arg(format!("Cookie: {cookie}"))
        .arg(url)
        .output()
        .expect("wrk is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.contains("Non-2xx"), "{said}");
    said.lines()
        .find_map(|line| {
            line.trim()
                .strip_prefix("Requests/sec:")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or_else(|| panic!("wrk said {said}"))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// nginx in the foreground with a configuration of its own.
struct Nginx(Child);

impl Nginx {
    fn start(folder: &Path, port: u16, page: &[u8]) -> Nginx {
        std::fs::create_dir_all(folder.join("temp")).expect("a folder");
        std::fs::write(folder.join("page"), page).expect("a file");
        let at = folder.display();
        let configuration = format!(
            "daemon off;\nuser root;\nworker_processes auto;\npid {at}/pid;\nerror_log {at}/error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{\n  access_log off;\n  sendfile on;\n  default_type text/html;\n  keepalive_requests 100000000;\n\
             client_body_temp_path {at}/temp; proxy_temp_path {at}/temp; fastcgi_temp_path {at}/temp;\n\
             uwsgi_temp_path {at}/temp; scgi_temp_path {at}/temp;\n\
             server {{ listen 127.0.0.1:{port}; root {at}; }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration).expect("a file");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed");
        Nginx(child)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process};
        // SIGTERM, so that the workers go with their master.
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}
