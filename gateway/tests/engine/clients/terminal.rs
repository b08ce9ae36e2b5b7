//! A client in a terminal: what is typed, what is seen, sizes, keys that detach, and the code in the end.

use super::{Desk, in_world_of};
use crate::side::PATIENCE;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A part of a scene.
enum Step {
    /// This text comes, after what was seen before.
    Sees(&'static str),
    Types(&'static str),
    /// The terminal gets so many rows and columns, and a shell in it says so.
    Is(u16, u16, &'static str),
    /// What is typed again and again until a text comes: nothing says when a new size has arrived.
    Until(&'static str, &'static str),
    /// A command beside it, by bash.
    Meanwhile(&'static str),
}

use Step::{Is, Meanwhile, Sees, Types, Until};

/// A client's command line, what happens then, and the exit code where it is the container's. Others differ between
/// versions of the client, and must be the same on both sides.
type Scene = (&'static str, &'static [Step], Option<i32>);

const INTERRUPT: &str = "\x03";

const SCENES: &[Scene] = &[
    (
        "docker run -it --rm --name $P-sh $IMAGE sh",
        &[
            Sees("# "),
            Until("stty size\r", "24 80"),
            Is(40, 120, "40 120"),
            Types("sleep 600\r"),
            Sees("sleep 600"),
            Until(INTERRUPT, "# "),
            Types("exit 7\r"),
        ],
        Some(7),
    ),
    // Without a terminal of its own, the container gets the signal, and says so itself.
    (
        "docker run --rm --name $P-int $IMAGE sh -c 'trap \"echo caught; exit 3\" INT; echo ready; while :; do sleep 0.05; done'",
        &[Sees("ready"), Types(INTERRUPT), Sees("caught")],
        Some(3),
    ),
    (
        "docker run -it --name $P-d $IMAGE sh",
        &[
            Sees("# "),
            Types("echo a-$((1+1))\r"),
            Sees("a-2"),
            Types("\x10\x11"),
        ],
        None,
    ),
    (
        "docker attach --detach-keys ctrl-x,x $P-d",
        &[
            Until("\r", "# "),
            Types("echo b-$((1+1))\r"),
            Sees("b-2"),
            Types("\x18x"),
        ],
        None,
    ),
    (
        "docker exec -it -e TERM=dumb $P-d sh",
        &[
            Sees("# "),
            Until("stty size\r", "24 80"),
            Is(33, 99, "33 99"),
            Types("exit 4\r"),
        ],
        Some(4),
    ),
    (
        "docker exec -it --detach-keys ctrl-e,e $P-d sh",
        &[Sees("# "), Types("\x05e")],
        None,
    ),
    (
        "docker exec $P-d sh -c 'echo ready; sleep 600'",
        &[Sees("ready"), Types(INTERRUPT)],
        None,
    ),
    (
        "docker attach $P-d",
        &[Until("\r", "# "), Types("exit 5\r")],
        Some(5),
    ),
    (
        "docker start -ai $P-d",
        &[Until("\r", "# "), Types("exit 6\r")],
        Some(6),
    ),
    (
        "docker start $P-d >/dev/null; docker attach $P-d",
        &[Until("\r", "# "), Meanwhile("docker kill $P-d")],
        Some(137),
    ),
    (
        "docker run -d --name $P-n $IMAGE sh -c 'while :; do echo tick; sleep 0.1; done'",
        &[],
        Some(0),
    ),
    (
        "docker logs -f --tail 0 $P-n",
        &[Sees("tick"), Types(INTERRUPT)],
        None,
    ),
    (
        "docker events --since 60s --filter container=$P-n",
        &[
            Meanwhile("docker rm -f $P-n"),
            Sees("container destroy"),
            Types(INTERRUPT),
        ],
        None,
    ),
];

/// A client that runs in a terminal.
struct Terminal {
    child: Child,
    keys: File,
    screen: Arc<Mutex<Vec<u8>>>,
    seen: usize,
}

impl Terminal {
    fn open(desk: &Desk<'_>, line: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it is free");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let path = name.to_str().expect("a path").to_owned();
        let slave = || {
            let file = File::options().read(true).write(true).open(&path);
            Stdio::from(file.expect("the terminal opens"))
        };
        resize(&master, 24, 80);
        let child = Command::new("setsid")
            .args(["--ctty", "bash", "-c", line])
            .env_clear()
            .envs(&desk.variables)
            .env("TERM", "xterm")
            .current_dir(&desk.folder)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("setsid is installed");
        let keys = File::from(master);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, shown) = (keys.try_clone().expect("a handle"), screen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // It ends with an error when the last process of the terminal has ended.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                shown
                    .lock()
                    .expect("a screen")
                    .extend_from_slice(&buffer[..length]);
            }
        });
        Self {
            child,
            keys,
            screen,
            seen: 0,
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("a screen")).into_owned()
    }

    /// The last that was shown, for a message.
    fn end(&self) -> String {
        let text = self.text();
        let from = text.char_indices().rev().nth(300).map_or(0, |(at, _)| at);
        format!("{:?}", &text[from..])
    }

    /// Looks for a text behind what was seen before, for a while.
    fn finds(&mut self, wanted: &str, within: Duration) -> bool {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if let Some(at) = text.get(self.seen..).and_then(|rest| rest.find(wanted)) {
                self.seen += at + wanted.len();
                return true;
            }
            if begun.elapsed() > within {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn types(&mut self, text: &str) {
        self.keys
            .write_all(text.as_bytes())
            .expect("keys are typed");
    }

    fn code(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a status") {
                let signal = || Some(128 + status.signal()?);
                return status.code().or_else(signal);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(terminal: &OwnedFd, rows: u16, columns: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).expect("a size");
}

/// Plays a scene; what went wrong, in words.
fn play(desk: &Desk<'_>, (line, steps, code): &Scene) -> Result<i32, String> {
    let mut terminal = Terminal::open(desk, line);
    let who = format!("{}: {line}", desk.side.name);
    for step in *steps {
        let missing = |terminal: &Terminal, text: &str| {
            Err(format!(
                "{who}: {text:?} is not seen in {:?}",
                terminal.text()
            ))
        };
        match step {
            Sees(text) => {
                let text = text.replace("P-", &format!("{}-", desk.variables["P"]));
                if !terminal.finds(&text, PATIENCE) {
                    return missing(&terminal, &text);
                }
            }
            Types(text) => terminal.types(text),
            Is(rows, columns, text) => {
                let begun = Instant::now();
                // A client that does not listen yet misses the signal of one change.
                let mut odd = 0;
                loop {
                    let master = OwnedFd::from(terminal.keys.try_clone().expect("a handle"));
                    resize(&master, *rows, *columns + odd);
                    odd = 1 - odd;
                    terminal.types("stty size\r");
                    if terminal.finds(text, Duration::from_millis(300)) {
                        break;
                    }
                    if begun.elapsed() > PATIENCE {
                        return missing(&terminal, text);
                    }
                }
            }
            Until(typed, text) => {
                let begun = Instant::now();
                terminal.types(typed);
                while !terminal.finds(text, Duration::from_millis(300)) {
                    if begun.elapsed() > PATIENCE {
                        return missing(&terminal, text);
                    }
                    terminal.types(typed);
                }
            }
            Meanwhile(line) => {
                let status = Command::new("bash")
                    .args(["-c", line])
                    .env_clear()
                    .envs(&desk.variables)
                    .output()
                    .expect("bash is installed");
                if !status.status.success() {
                    return Err(format!("{who}: {line}: {status:?}"));
                }
            }
        }
    }
    match (terminal.code(), code) {
        (Some(found), Some(code)) if found != *code => Err(format!(
            "{who}: it ended with {found} and not with {code}: {}",
            terminal.end()
        )),
        (Some(found), _) => Ok(found),
        (None, _) => Err(format!("{who}: it did not end: {}", terminal.end())),
    }
}

async fn all_scenes(client: Option<&std::path::Path>) {
    in_world_of(client, async |raw, alice| {
        let all = |desk: &Desk<'_>| SCENES.iter().map(|scene| play(desk, scene)).collect();
        let (plain, ours): (Vec<_>, Vec<_>) = std::thread::scope(|threads| {
            let plain = threads.spawn(|| all(raw));
            let ours = threads.spawn(|| all(alice));
            (plain.join().expect("played"), ours.join().expect("played"))
        });
        let mut problems = Vec::new();
        for ((plain, ours), (line, ..)) in plain.into_iter().zip(ours).zip(SCENES) {
            match (plain, ours) {
                (Ok(plain), Ok(ours)) if plain == ours => {}
                (Ok(plain), Ok(ours)) => {
                    problems.push(format!("{line}: it ended with {plain} and with {ours}"));
                }
                (plain, ours) => problems.extend([plain.err(), ours.err()].into_iter().flatten()),
            }
        }
        problems
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_as_on_the_engine_itself() {
    all_scenes(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_of_an_old_command_line_is_so_too() {
    if let Some(client) = super::old_client() {
        all_scenes(Some(&client)).await;
    }
}
