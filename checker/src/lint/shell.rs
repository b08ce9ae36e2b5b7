//! Shell scripts as commands: what `RUN` runs, with the place of every word.
//!
//! This is no shell. It finds the simple commands of a script, so that a rule sees `cd`, `sudo` and `apt-get` where they
//! are run, and not where the word happens to stand in a text.

mod reader;

use dockerfile::Span;

pub use reader::commands;

/// One simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's name and its arguments. Never empty.
    pub words: Vec<Arg>,
    /// `NAME=value` before the name.
    pub assignments: Vec<Arg>,
    /// What stands between it and the command before.
    pub before: Join,
    /// What stands between it and the command after.
    pub after: Join,
    /// Whether it stands inside `$(…)`, backquotes or `(…)`.
    pub nested: bool,
}

/// How two commands are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Nothing: the script's start or end.
    Edge,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `;`, a newline, `&`.
    Then,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Without quotes and escapes; `$NAME` stays.
    pub text: String,
    /// Where it stands in the file.
    pub span: Span,
    /// Where it stands in the script.
    pub at: (usize, usize),
}

impl Command {
    /// The words from the program's name on: `sudo`, `env` and the like are passed over. Empty where nothing follows them.
    pub fn argv(&self) -> &[Arg] {
        let mut words = &self.words[..];
        loop {
            match words.first().map(|word| base_name(&word.text)) {
                Some(
                    "sudo" | "env" | "exec" | "command" | "nice" | "nohup" | "time" | "eatmydata"
                    | "gosu",
                ) => {
                    words = &words[1..];
                    while words
                        .first()
                        .is_some_and(|word| word.text.starts_with('-') || word.text.contains('='))
                    {
                        words = &words[1..];
                    }
                }
                _ => return words,
            }
        }
    }

    /// The program's name without its folder; empty where there is none.
    pub fn program(&self) -> &str {
        self.argv().first().map_or("", |word| base_name(&word.text))
    }

    /// The arguments behind the program's name.
    pub fn args(&self) -> &[Arg] {
        self.argv().get(1..).unwrap_or(&[])
    }

    /// The first argument that is no flag: the subcommand of `apt-get`, `pip`, `npm`.
    pub fn subcommand(&self) -> Option<&Arg> {
        self.args().iter().find(|word| !word.text.starts_with('-'))
    }

    /// The script of `sh -c SCRIPT` and its kin.
    pub fn script(&self) -> Option<&Arg> {
        if !matches!(self.program(), "sh" | "bash" | "dash" | "ash") {
            return None;
        }
        let args = self.args();
        let flag = args.iter().position(|arg| {
            arg.text.starts_with('-') && !arg.text.starts_with("--") && arg.text.ends_with('c')
        })?;
        args.get(flag + 1)
    }

    /// Whether one of these flags is given; a one-letter flag also inside a group, such as `-qy`, or with a value.
    pub fn has_flag(&self, names: &[&str]) -> bool {
        self.args().iter().any(|word| {
            let text = word.text.split('=').next().unwrap_or("");
            names.iter().any(
                |name| match name.strip_prefix('-').filter(|rest| rest.len() == 1) {
                    Some(letter) => {
                        text.starts_with('-')
                            && !text.starts_with("--")
                            && text[1..].contains(letter)
                    }
                    None => text == *name,
                },
            )
        })
    }

    /// From the first to the last word.
    pub fn span(&self) -> Span {
        let first = self.words[0].span;
        self.words
            .iter()
            .fold(first, |span, word| span.to(word.span))
    }
}

fn base_name(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(script: &str) -> Vec<String> {
        commands(script, &Span::new)
            .iter()
            .map(|command| {
                command
                    .words
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    #[test]
    fn commands_are_found_where_they_run() {
        assert_eq!(
            cut("apt-get update && apt-get install -y curl"),
            ["apt-get|update", "apt-get|install|-y|curl"]
        );
        assert_eq!(
            cut("echo 'cd /x; sudo y' \"&& z\""),
            ["echo|cd /x; sudo y|&& z"]
        );
        assert_eq!(cut("A=1 B=\"2 3\" make x=1"), ["make|x=1"]);
        assert_eq!(cut("if [ -f x ]; then cd y; fi"), ["[|-f|x|]", "cd|y"]);
        assert_eq!(
            cut("echo $(cat a | grep b) > /dev/null 2>&1"),
            ["cat|a", "grep|b", "echo|$(cat a | grep b)"]
        );
        assert_eq!(cut("(cd x && make) # cd z"), ["cd|x", "make"]);
        assert_eq!(cut("cat <<EOF\nsudo x\nEOF\nls"), ["cat", "ls"]);
        assert_eq!(cut("a \\\n  b\nc"), ["a|b", "c"]);
        assert_eq!(
            cut("echo $((1 + 2)) ${X:-a b} \\\" 한글"),
            ["echo|$((1 + 2))|${X:-a b}|\"|한글"]
        );
    }

    #[test]
    fn scripts_of_shells_and_groups_are_read() {
        assert_eq!(
            cut("bash -ec 'cd /x && sudo make' && ls"),
            ["bash|-ec|cd /x && sudo make", "cd|/x", "sudo|make", "ls"]
        );
        assert_eq!(
            cut("env A=1 sh -c \"apt-get update; ls\""),
            ["env|A=1|sh|-c|apt-get update; ls", "apt-get|update", "ls"]
        );
        // Put together from parts: its places are not known.
        assert_eq!(cut("sh -c 'a '\"b\""), ["sh|-c|a b"]);
        assert_eq!(cut("echo -c 'sudo x'"), ["echo|-c|sudo x"]);
        for script in [
            "for f in a b; do sudo $f; done",
            "while read x; do sudo $x; done < list",
            "case $X in a) sudo ls;; esac",
            "f() { sudo y; }; f",
            "{ sudo y; } > log",
            "! sudo y || true",
            "x=$(sudo cat /x)",
            "x=\"`sudo cat /x`\"",
        ] {
            assert!(
                cut(script).iter().any(|found| found.starts_with("sudo|")),
                "{script}: {:?}",
                cut(script)
            );
        }
        let piped = commands("for f in a; do curl $f; done | tar x", &Span::new);
        let curl = piped.iter().find(|one| one.program() == "curl");
        assert_eq!(curl.map(|one| one.after), Some(Join::Pipe));
    }

    #[test]
    fn joins_and_places_are_known() {
        let found = commands("curl x | sh &&\n ls || true", &Span::new);
        let joins: Vec<_> = found
            .iter()
            .map(|command| (command.before, command.after))
            .collect();
        assert_eq!(
            joins,
            [
                (Join::Edge, Join::Pipe),
                (Join::Pipe, Join::And),
                (Join::And, Join::Or),
                (Join::Or, Join::Edge)
            ]
        );
        assert_eq!(found[1].words[0].span, Span::new(9, 11));
        assert!(found[0].words.len() == 2 && found[0].argv().len() == 2);
    }

    #[test]
    fn wrappers_are_passed_over() {
        let found = commands("sudo -E apt-get -qqy install x", &Span::new);
        assert_eq!(found[0].program(), "apt-get");
        assert!(found[0].has_flag(&["-y", "--yes"]));
        assert_eq!(
            found[0].subcommand().map(|arg| arg.text.as_str()),
            Some("install")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_script_is_read(script in "[a-z$(){}|&;<>'\"`\\\\ \n#한]{0,60}") {
            for command in commands(&script, &Span::new) {
                for word in command.words {
                    proptest::prop_assert!(script.get(word.span.range()).is_some());
                }
            }
        }
    }
}
