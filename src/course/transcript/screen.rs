//! What programs have left on a terminal's screen, without what was typed.

/// The shell's line editor says so when it begins to read a line and when it has read one. What stands between is the
/// prompt and the echo of what was typed.
const EDITING: &str = "?2004h";
const EDITED: &str = "?2004l";

/// The text that programs printed on a terminal whose bytes these are. They begin while the shell waits for a command;
/// lines that a program has painted over, as a progress bar does, are as they were left.
#[must_use]
pub fn printed(terminal: &str) -> String {
    let mut screen = Screen::default();
    let mut typing = true;
    let mut rest = terminal.chars();
    while let Some(c) = rest.next() {
        if c == '\x1b' {
            let sequence = escape(&mut rest);
            match sequence.as_str() {
                EDITING => typing = true,
                EDITED => {
                    typing = false;
                    // The editor goes to the next line by itself, and says so before and after.
                    screen.column = 0;
                }
                _ if !typing => screen.control(&sequence),
                _ => {}
            }
        } else if !typing {
            screen.put(c);
        }
    }
    let lines = screen.lines.iter().map(|line| {
        let line: String = line.iter().collect();
        line.trim_end().to_owned()
    });
    let mut lines: Vec<String> = lines.collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// The rest of an escape sequence: parameters and final letter of a control sequence; nothing of any other.
fn escape(rest: &mut std::str::Chars<'_>) -> String {
    match rest.next() {
        Some('[') => {
            let mut sequence = String::new();
            for c in rest.by_ref() {
                sequence.push(c);
                if ('\x40'..='\x7e').contains(&c) {
                    break;
                }
            }
            sequence
        }
        // A title or a link, up to a bell or a string terminator.
        Some(']') => {
            while let Some(c) = rest.next() {
                if c == '\x07' || (c == '\x1b' && rest.next().is_some()) {
                    break;
                }
            }
            String::new()
        }
        Some('(' | ')') => {
            rest.next();
            String::new()
        }
        _ => String::new(),
    }
}

#[derive(Default)]
struct Screen {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

/// No line is longer, and no screen has more lines.
const MOST: usize = 10_000;

impl Screen {
    fn line(&mut self) -> &mut Vec<char> {
        if self.lines.len() <= self.row {
            self.lines.resize_with(self.row + 1, Vec::new);
        }
        &mut self.lines[self.row]
    }

    fn put(&mut self, c: char) {
        match c {
            '\r' => self.column = 0,
            '\n' => {
                self.line();
                self.row = (self.row + 1).min(MOST);
                self.column = 0;
            }
            '\x08' => self.column = self.column.saturating_sub(1),
            '\t' => {
                let to = (self.column / 8 + 1) * 8;
                while self.column < to {
                    self.put(' ');
                }
            }
            c if c.is_control() => {}
            c => {
                let column = self.column;
                let line = self.line();
                if line.len() <= column {
                    line.resize(column + 1, ' ');
                }
                line[column] = c;
                self.column = (column + 1).min(MOST);
            }
        }
    }

    fn control(&mut self, sequence: &str) {
        let Some((at, kind)) = sequence.char_indices().next_back() else {
            return;
        };
        let number: usize = sequence[..at].parse().unwrap_or(0);
        let many = number.clamp(1, MOST);
        let column = self.column;
        match kind {
            'A' => self.row = self.row.saturating_sub(many),
            'B' => self.row = (self.row + many).min(MOST),
            'C' => self.column = (column + many).min(MOST),
            'D' => self.column = column.saturating_sub(many),
            'G' => self.column = many - 1,
            'K' if number == 0 => self.line().truncate(column),
            'K' if number == 2 => self.line().clear(),
            'J' if number == 0 => {
                self.line().truncate(column);
                self.lines.truncate(self.row + 1);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As bash and its line editor write it.
    const PROMPT: &str = "\x1b[?2004h\x1b[1;34m/work\x1b[0m $ ";

    #[test]
    fn prompt_and_typed_line_are_left_out() {
        let bytes = format!(
            "echo a\r\n\x1b[?2004l\ra\r\n{PROMPT}printf 'b\r\n\x1b[?2004l\r\x1b[?2004h> c'\r\n\x1b[?2004l\rb\r\nc{PROMPT}"
        );
        assert_eq!(printed(&bytes), "a\nb\nc");
        assert_eq!(printed("true\r\n\x1b[?2004l\r\x1b[?2004h/work $ "), "");
    }

    #[test]
    fn colours_and_titles_are_no_text() {
        let bytes = "x\x1b[?2004l\r\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\\r\n";
        assert_eq!(printed(bytes), "red link");
    }

    #[test]
    fn what_was_painted_over_is_as_it_was_left() {
        let bytes = "x\x1b[?2004l\r10%\r20%\r\n[+] 0/1\r\n web  Creating\r\n\x1b[2A[+] 1/1\x1b[K\r\n web  Created\x1b[0K\r\nend\tx\r\n";
        assert_eq!(printed(bytes), "20%\n[+] 1/1\n web  Created\nend     x");
    }

    #[test]
    fn odd_bytes_do_no_harm() {
        for bytes in [
            "\x1b",
            "\x1b[",
            "\x1b]",
            "\x1b[?2004l\x1b[999999999B\n\x1b[99999999Cx",
            "\x1b[?2004l\x1b[é",
        ] {
            assert!(printed(bytes).len() < 40_000);
        }
    }
}
