//! A step of an image's history, as the two builders write it, and the instruction of a Dockerfile that it comes from.

use dockerfile::{Dockerfile, Instruction, Kind};

use super::archive::HistoryStep;

/// The instruction of a step in short: `RUN apt-get update`, whatever the builder's spelling.
pub fn instruction(created_by: &str) -> String {
    let text = created_by.trim();
    // The classic builder writes settings as comments of a shell that did nothing.
    if let Some((_, set)) = text.split_once("#(nop)") {
        return set.trim().to_owned();
    }
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let (has_keyword, rest) = match text.strip_prefix("RUN ") {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    };
    // `|2 A=1 B=2 /bin/sh -c …`: two build arguments that the command has seen. Their values can hold spaces, so the
    // shell is looked for.
    let command = if rest.starts_with('|') {
        rest.find(" /").map_or(rest, |at| &rest[at + 1..])
    } else {
        rest
    };
    let shells = ["/bin/sh -c ", "/bin/bash -c ", "/bin/bash -o pipefail -c "];
    let plain = shells.iter().find_map(|shell| command.strip_prefix(shell));
    match (plain, has_keyword) {
        (Some(plain), _) => format!("RUN {}", plain.trim()),
        (None, true) => format!("RUN {command}"),
        // A RUN in exec form of the classic builder has no mark at all.
        (None, false) if kind_of(command) == Kind::Unknown && !command.is_empty() => {
            format!("RUN {command}")
        }
        (None, false) => command.to_owned(),
    }
}

fn kind_of(text: &str) -> Kind {
    Kind::of(text.split_whitespace().next().unwrap_or_default())
}

/// For each step of the history the Dockerfile's line, from 1, where it comes from there. Each instruction of the last
/// stage, and of the stages that it starts from, makes one step; they are compared from the end on.
pub fn lines(tree: &Dockerfile, history: &[HistoryStep]) -> Vec<Option<usize>> {
    let mut lines = vec![None; history.len()];
    let instructions = chain(tree);
    for (step, wanted) in history
        .iter()
        .zip(&mut lines)
        .rev()
        .zip(instructions.iter().rev())
    {
        let ((step, line), instruction) = ((step.0, step.1), wanted);
        let shown = self::instruction(&step.created_by);
        if kind_of(&shown) != instruction.kind || !could_be(&shown, instruction) {
            break;
        }
        *line = Some(instruction.lines.0);
    }
    lines
}

/// The instructions of the last stage behind those of the stages that it starts from.
fn chain(tree: &Dockerfile) -> Vec<&Instruction> {
    let scopes = dockerfile::scopes(tree);
    let mut stages = Vec::new();
    let mut next = tree.stages.len().checked_sub(1);
    while let Some(stage) = next {
        stages.push(stage);
        next = scopes.parent(stage);
    }
    let stages = stages.into_iter().rev();
    stages
        .flat_map(|stage| tree.stage_instructions(stage).iter().skip(1))
        .collect()
}

/// A shell command is kept word for word; of other instructions the keyword has to do, as variables are filled in.
fn could_be(shown: &str, instruction: &Instruction) -> bool {
    if instruction.kind != Kind::Run || !instruction.heredocs.is_empty() {
        return true;
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = instruction.words().iter().map(|word| word.value.as_str());
    let words = squeezed(&words.collect::<Vec<_>>().join(" "));
    squeezed(shown).contains(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        for (written, read) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD [\"sh\"]"),
            (
                "/bin/sh -c #(nop) COPY file:1f in /app/ ",
                "COPY file:1f in /app/",
            ),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("|1 V=a b /bin/sh -c echo $V", "RUN echo $V"),
            (
                "RUN /bin/sh -c apt-get update # buildkit",
                "RUN apt-get update",
            ),
            ("RUN |1 V=1 /bin/sh -c echo $V # buildkit", "RUN echo $V"),
            ("COPY . . # buildkit", "COPY . ."),
            ("ENV A=1", "ENV A=1"),
            ("python -m pip", "RUN python -m pip"),
            ("WORKDIR /app", "WORKDIR /app"),
            ("", ""),
        ] {
            assert_eq!(instruction(written), read);
        }
    }

    #[test]
    fn steps_find_their_lines() {
        let tree = dockerfile::parse(
            b"FROM base AS one\nENV A=1\nFROM one\nRUN echo a \\\n  && echo b\nCOPY x /x\nCMD [\"x\"]\n",
        );
        let history = |steps: &[&str]| -> Vec<HistoryStep> {
            let step = |text: &&str| HistoryStep {
                created_by: (*text).to_owned(),
                empty: false,
            };
            steps.iter().map(step).collect()
        };
        let classic = history(&[
            "base",
            "/bin/sh -c #(nop)  ENV A=1",
            "/bin/sh -c echo a   && echo b",
            "/bin/sh -c #(nop) COPY file:1 in /x ",
            "/bin/sh -c #(nop)  CMD [\"x\"]",
        ]);
        let expected = [None, Some(2), Some(4), Some(6), Some(7)];
        assert_eq!(lines(&tree, &classic), expected);
        let buildkit = history(&[
            "base",
            "ENV A=1",
            "RUN /bin/sh -c echo a   && echo b # buildkit",
            "COPY x /x # buildkit",
            "CMD [\"x\"]",
        ]);
        assert_eq!(lines(&tree, &buildkit), expected);
        let other = history(&["base", "RUN other", "COPY x /x # buildkit", "CMD [\"x\"]"]);
        assert_eq!(lines(&tree, &other), [None, None, Some(6), Some(7)]);
    }
}
