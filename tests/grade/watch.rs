//! `docktutor watch` in a terminal, and with lines from a pipe.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use checker::Lang;
use checker::check::fitting_hints;
use docktutor::course::{Course, CourseFile};

use crate::common::home::{DOCKTUTOR, Home};
use crate::common::{EXERCISE, PATIENCE};

/// A running command, what is typed into it, and all that it has said.
struct Running {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    said: String,
}

impl Running {
    fn start(command: &mut Command) -> Running {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command can be run");
        let input = child.stdin.take().expect("a pipe");
        let mut stdout = child.stdout.take().expect("a pipe");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stdout.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Running {
            child,
            input,
            output,
            said: String::new(),
        }
    }

    fn type_in(&mut self, text: &str) {
        self.input
            .write_all(text.as_bytes())
            .and_then(|()| self.input.flush())
            .expect("the command reads");
    }

    /// Waits until the output from byte `from` on holds `wanted`; where it ends.
    fn wait_for(&mut self, from: usize, wanted: &str) -> usize {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.said[from..].find(wanted) {
                return from + at + wanted.len();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.said += &String::from_utf8_lossy(&bytes),
                Err(_) => panic!("waited for {wanted:?} in {:?}", &self.said[from..]),
            }
        }
    }

    /// Waits until it has ended by itself.
    fn end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end; it has said {:?}", self.said);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Path, files: &[CourseFile]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
}

#[test]
fn a_save_in_a_terminal_is_checked_and_keys_do_their_work() {
    let home = Home::new();
    let course = Course::embedded().unwrap_or_else(|error| panic!("{error}"));
    let exercise = course.exercise(EXERCISE).expect("the exercise");
    let folder = home.beside("work");
    // The settings of the terminal before, after `q`, and after Ctrl+C; the shell itself survives Ctrl+C.
    let watch = format!(
        "{DOCKTUTOR} watch {EXERCISE} work --lang en --data {}",
        home.data().display()
    );
    let script = format!(
        "trap : INT; stty -g >before; {watch}; stty -g >after-q; echo 'first ''end'; {watch}; stty -g >after-c; echo 'second ''end'"
    );
    let ours = home.command(&[]);
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--flush", "--command", &script, "/dev/null"])
        .current_dir(home.beside(""))
        .env("SHELL", "/bin/sh")
        .stderr(Stdio::null());
    for (name, value) in ours.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let mut terminal = Running::start(&mut terminal);

    let at = terminal.wait_for(0, "Keys: h hint");
    let at = terminal.wait_for(at, "Not yet: ");
    // No Enter: a key is a command.
    let hint = fitting_hints(&exercise.spec, &folder, Lang::En)[0].get(Lang::En);
    terminal.type_in("h");
    let at = terminal.wait_for(at, hint.split(['\r', '\n']).next().expect("a line"));
    write(&folder, &exercise.solution);
    let at = terminal.wait_for(at, "Passed: ");

    terminal.type_in("l");
    let at = terminal.wait_for(at, &format!("({EXERCISE})"));
    terminal.type_in("r");
    let at = terminal.wait_for(at, "[y/N]");
    terminal.type_in("y");
    let at = terminal.wait_for(at, "Your files are in ");
    let aside = home.beside("work.before-1");
    for (path, bytes) in &exercise.solution {
        assert_eq!(
            std::fs::read(aside.join(path)).ok().as_ref(),
            Some(bytes),
            "{path}"
        );
    }
    let at = terminal.wait_for(at, "Not yet: ");

    terminal.type_in("q");
    let at = terminal.wait_for(at, "first end");
    let at = terminal.wait_for(at, "Not yet: ");
    terminal.type_in("\u{3}");
    terminal.wait_for(at, "second end");
    terminal.end();
    let modes = |name: &str| std::fs::read_to_string(home.beside(name)).expect("the settings");
    assert!(!modes("before").is_empty());
    assert_eq!(modes("after-q"), modes("before"));
    assert_eq!(modes("after-c"), modes("before"));
}

#[test]
fn without_a_terminal_and_an_engine_the_text_is_checked_and_lines_are_read() {
    let home = Home::without_engine();
    let mut command = home.command(&["watch", EXERCISE, "work", "--lang", "en"]);
    let mut running = Running::start(command.stderr(Stdio::piped()));
    let at = running.wait_for(0, "A letter and Enter: h hint");
    // The text is checked without an engine too.
    let at = running.wait_for(at, " points\n");
    std::fs::write(home.beside("work/Dockerfile"), "FORM base:1\n").expect("a file");
    let at = running.wait_for(at, "FORM");
    running.type_in("l\n");
    running.wait_for(at, &format!("({EXERCISE})"));
    running.type_in("q\n");
    assert_eq!(running.end(), Some(0), "{}", running.said);
}
