//! What a tree says, to compare trees of different texts. The fuzz targets use it too.

use dockerfile::{Body, Dockerfile, Instruction, ProblemKind};

/// Whether the tree holds all of the text: nothing was left out as broken, and the file does not end inside a
/// continuation. Printing puts one blank between words, so blanks behind an escape character, of which the first is
/// escaped where words are read as a shell does, would come out otherwise. There is nothing to compare then.
pub(crate) fn is_complete(file: &Dockerfile) -> bool {
    let ends_open =
        |instruction: &Instruction| instruction.logical.text.trim_end().ends_with(file.escape);
    let escapes_blank = |instruction: &Instruction| {
        let mut letters = instruction.logical.text.chars().peekable();
        std::iter::from_fn(move || Some((letters.next()?, letters.peek().copied())))
            .any(|(one, next)| one == file.escape && next.is_some_and(char::is_whitespace))
    };
    let all = file
        .problems
        .iter()
        .all(|problem| keeps_everything(&problem.kind));
    all && !file
        .instructions
        .iter()
        .any(|one| ends_open(one) || escapes_blank(one))
}

/// What a tree says, without places.
pub(crate) fn meaning(file: &Dockerfile) -> Vec<String> {
    file.instructions.iter().map(instruction_meaning).collect()
}

fn instruction_meaning(instruction: &Instruction) -> String {
    let words: Vec<_> = instruction
        .words()
        .iter()
        .map(|word| word.value.as_str())
        .collect();
    let pairs: Vec<_> = instruction
        .pairs()
        .iter()
        .map(|pair| {
            (
                pair.name.value.as_str(),
                pair.value.as_ref().map(|value| value.value.as_str()),
                pair.legacy,
            )
        })
        .collect();
    let flags: Vec<_> = instruction
        .flags
        .iter()
        .map(|flag| (&flag.name, flag.value.as_ref().map(|value| &value.value)))
        .collect();
    let heredocs: Vec<_> = instruction
        .heredocs
        .iter()
        .map(|heredoc| {
            (
                &heredoc.name,
                &heredoc.content,
                heredoc.expand,
                heredoc.chomp,
                heredoc.fd,
            )
        })
        .collect();
    let inner = match &instruction.body {
        Body::Trigger(trigger) => instruction_meaning(trigger),
        Body::Health { mode, .. } => mode.value.clone(),
        _ => String::new(),
    };
    format!(
        "{:?} {} {words:?} {pairs:?} {flags:?} {heredocs:?} {inner}",
        instruction.kind,
        instruction.form().name()
    )
}

/// Whether the tree holds all of the text in spite of a problem.
fn keeps_everything(kind: &ProblemKind) -> bool {
    !matches!(
        kind,
        ProblemKind::NotAStringArray
            | ProblemKind::NoEquals { .. }
            | ProblemKind::UnterminatedHeredoc { .. }
            | ProblemKind::UnterminatedFlagQuote
            | ProblemKind::UnknownInstruction { .. }
            | ProblemKind::OnbuildChain
    )
}
