//! What the learner types: single keys where a person sits at a terminal, lines otherwise.
//!
//! In a terminal the keys are not shown and need no Enter. Signals and the output stay as they were, and the terminal is
//! put back on every way out: the end, a signal, a panic. Only `kill -9` leaves it so; the shell's `stty sane` helps.

use std::io::{IsTerminal as _, Read as _};
use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How the terminal was before; nothing while it is as it was.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// How commands are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// A key is a command.
    Keys,
    /// A letter and Enter.
    Lines,
}

/// The standard input. Dropping it puts the terminal back.
pub(super) struct Keyboard {
    pub(super) typing: Typing,
    typed: UnboundedReceiver<String>,
}

impl Keyboard {
    /// Begins to read. A thread of its own reads, since such a read cannot be given up.
    pub(super) fn open() -> Keyboard {
        let typing = if single_keys() {
            Typing::Keys
        } else {
            Typing::Lines
        };
        let (sender, typed) = unbounded_channel();
        std::thread::spawn(move || match typing {
            Typing::Keys => read_keys(&sender),
            Typing::Lines => read_lines(&sender),
        });
        Keyboard { typing, typed }
    }

    /// The next command or answer; nothing at the end of the input.
    pub(super) async fn next(&mut self) -> Option<String> {
        self.typed.recv().await
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back as it was before the first key.
pub(in crate::cli) fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}

/// Lets single keys through, if the standard input is a terminal.
fn single_keys() -> bool {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return false;
    }
    let Ok(before) = tcgetattr(&input) else {
        return false;
    };
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            usual(panic);
        }));
    });
    let mut keys = before.clone();
    // Ctrl+C stays a signal.
    keys.local_modes
        .remove(LocalModes::ICANON | LocalModes::ECHO);
    keys.special_codes[SpecialCodeIndex::VMIN] = 1;
    keys.special_codes[SpecialCodeIndex::VTIME] = 0;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    let changed = tcsetattr(&input, OptionalActions::Now, &keys).is_ok();
    if !changed {
        restore();
    }
    changed
}

fn read_keys(sender: &UnboundedSender<String>) {
    let mut input = std::io::stdin().lock();
    let mut bytes = [0; 256];
    loop {
        let read = match input.read(&mut bytes) {
            Ok(0) => return,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        for key in keys(&bytes[..read]) {
            // Ctrl+D ends, as it ends lines.
            if key == '\u{4}' || sender.send(key.to_string()).is_err() {
                return;
            }
        }
    }
}

/// The keys among what a terminal sent at once. Arrows and their like come as one piece that begins with an escape, and
/// are no commands.
fn keys(bytes: &[u8]) -> Vec<char> {
    if bytes.first() == Some(&0x1b) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|key| !key.is_whitespace()).collect()
}

fn read_lines(sender: &UnboundedSender<String>) {
    for line in std::io::stdin().lines() {
        if !line.is_ok_and(|line| sender.send(line).is_ok()) {
            return;
        }
    }
}

/// The command that is meant, in small letters. Where the keyboard is set to Hangul, the same key gives the letter that
/// stands beside the Latin one.
pub(super) fn meant(typed: &str) -> String {
    let typed = typed.trim().to_lowercase();
    let hangul = [
        ("ㅗ", "h"),
        ("ㅊ", "c"),
        ("ㅣ", "l"),
        ("ㄴ", "s"),
        ("ㄱ", "r"),
        ("ㅜ", "n"),
        ("ㅂ", "q"),
        ("ㅛ", "y"),
    ];
    match hangul.iter().find(|(hangul, _)| *hangul == typed) {
        Some((_, latin)) => (*latin).to_owned(),
        None => typed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_letters_of_any_keyboard() {
        assert_eq!(keys("hㅗ\n".as_bytes()), ['h', 'ㅗ']);
        assert!(keys(b"\x1b[A").is_empty());
        let all = ["H", " ㅗ ", "ㅂ", "yes", ""].map(meant);
        assert_eq!(all, ["h", "h", "q", "yes", ""]);
    }
}
