//! The classic builder's output, line by line. It comes in pieces that need not end where a line ends.

use std::collections::VecDeque;

use dockerfile::Dockerfile;

use crate::Event;

/// Lines of output that are kept for the failure's message.
const KEPT: usize = 20;

/// The longest line that is passed on.
const LONGEST: usize = 2000;

/// The most lines that are passed on; what comes after is only kept for the message.
const MOST_LINES: usize = 20_000;

/// Reads the stream.
pub(crate) struct BuildLog<'a> {
    tree: &'a Dockerfile,
    rest: String,
    lines: usize,
    step: Option<Step>,
    last: VecDeque<String>,
}

/// The step that the builder is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) number: u32,
    pub(crate) of: u32,
    pub(crate) text: String,
    pub(crate) line: Option<usize>,
    /// Index of the instruction in the tree.
    pub(crate) instruction: Option<usize>,
}

impl<'a> BuildLog<'a> {
    pub(crate) fn new(tree: &'a Dockerfile) -> BuildLog<'a> {
        BuildLog {
            tree,
            rest: String::new(),
            lines: 0,
            step: None,
            last: VecDeque::new(),
        }
    }

    /// Takes a piece; says what it means.
    pub(crate) fn push(&mut self, piece: &str) -> Vec<Event> {
        self.rest.push_str(piece);
        let mut events = Vec::new();
        while let Some(end) = self.rest.find('\n') {
            let line: String = self.rest.drain(..=end).collect();
            self.line(&line, &mut events);
        }
        // A line without an end must not grow for ever.
        if self.rest.len() > 64 * 1024 {
            let line = std::mem::take(&mut self.rest);
            self.line(&line, &mut events);
        }
        events
    }

    /// The last line, where it has no end.
    pub(crate) fn finish(&mut self) -> Vec<Event> {
        let line = std::mem::take(&mut self.rest);
        let mut events = Vec::new();
        self.line(&line, &mut events);
        events
    }

    /// The step that began last.
    pub(crate) fn step(&self) -> Option<&Step> {
        self.step.as_ref()
    }

    /// The last lines of output of the current step.
    pub(crate) fn last_lines(&self) -> String {
        self.last.iter().cloned().collect::<Vec<_>>().join("\n")
    }

    fn line(&mut self, line: &str, events: &mut Vec<Event>) {
        let line = shortened(&super::plain(line));
        if let Some((number, of, text)) = step_of(&line) {
            self.last.clear();
            let instruction = self.instruction(number, &text);
            let step = Step {
                number,
                of,
                line: instruction.map(|at| self.tree.instructions[at].lines.0),
                instruction,
                text,
            };
            events.push(Event::BuildStep {
                step: number,
                of,
                text: step.text.clone(),
                line: step.line,
            });
            self.step = Some(step);
            return;
        }
        if let Some(note) = line.strip_prefix(" ---> ") {
            if note == "Using cache"
                && let Some(step) = &self.step
            {
                events.push(Event::BuildCached { step: step.number });
            }
            return;
        }
        let noise = [
            "Removing intermediate container ",
            "Successfully built ",
            "Successfully tagged ",
        ];
        if line.trim().is_empty() || noise.iter().any(|start| line.starts_with(start)) {
            return;
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
        self.lines += 1;
        if self.lines <= MOST_LINES {
            events.push(Event::BuildOutput { line });
        }
    }

    /// The builder counts every instruction of the file in order. Where the keyword says that it counted otherwise,
    /// the place is not known.
    fn instruction(&self, number: u32, text: &str) -> Option<usize> {
        let at = (number as usize).checked_sub(1)?;
        let keyword = text.split_whitespace().next()?;
        let there = self.tree.instructions.get(at)?;
        there
            .keyword
            .value
            .eq_ignore_ascii_case(keyword)
            .then_some(at)
    }
}

/// `Step 2/5 : RUN …`
fn step_of(line: &str) -> Option<(u32, u32, String)> {
    let (count, text) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, of) = count.split_once('/')?;
    Some((number.parse().ok()?, of.parse().ok()?, text.to_owned()))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_know_their_lines_and_pieces_need_not_be_lines() {
        let tree =
            dockerfile::parse(b"# a board\nARG V=1\nFROM base:$V\n\nRUN echo a \\\n && echo b\n");
        let mut log = BuildLog::new(&tree);
        let mut events = log.push("Step 1/3 : ARG V=1\nStep 2/3 : FR");
        events.extend(log.push("OM base:$V\n ---> abc\nStep 3/3 : RUN echo a  && echo b\n"));
        events.extend(log.push(" ---> Using cache\n"));
        let steps: Vec<(u32, Option<usize>)> = events
            .iter()
            .filter_map(|event| match event {
                Event::BuildStep { step, line, .. } => Some((*step, *line)),
                _ => None,
            })
            .collect();
        assert_eq!(steps, [(1, Some(2)), (2, Some(3)), (3, Some(5))]);
        assert_eq!(events.last(), Some(&Event::BuildCached { step: 3 }));
    }

    #[test]
    fn output_is_passed_on_and_the_last_lines_are_kept() {
        let tree = dockerfile::parse(b"FROM base\nRUN x\n");
        let mut log = BuildLog::new(&tree);
        log.push("Step 2/2 : RUN x\n ---> Running in 0123\n");
        let mut events = Vec::new();
        for number in 0..30 {
            events.extend(log.push(&format!("\u{1b}[31mline {number}\u{1b}[0m\n")));
        }
        events.extend(log.push("no end"));
        events.extend(log.finish());
        assert_eq!(events.len(), 31);
        assert_eq!(
            events[0],
            Event::BuildOutput {
                line: "line 0".to_owned()
            }
        );
        let last = log.last_lines();
        assert_eq!(last.lines().count(), KEPT);
        assert!(last.ends_with("line 29\nno end"));
    }

    #[test]
    fn a_step_that_does_not_fit_the_file_has_no_line() {
        let tree = dockerfile::parse(b"FROM base\n");
        let mut log = BuildLog::new(&tree);
        log.push("Step 1/9 : COPY . .\n");
        assert_eq!(log.step().map(|step| step.line), Some(None));
    }
}
