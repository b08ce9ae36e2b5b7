//! Where the classic builder could read a Dockerfile in another way than the parser does: there it is refused.

use crate::error::Fault;
use ::dockerfile::{Body, Dockerfile, Form, Instruction, Kind};

/// The escape directive counts for all readers only where it is the first line.
pub(super) fn in_directives(file: &Dockerfile) -> Result<(), Fault> {
    let at = file
        .directives
        .iter()
        .position(|directive| directive.name == "escape");
    let line = at.map(|at| file.source.line_of(file.directives[at].span.start));
    if line.is_some_and(|line| line > 1) {
        return Err(Fault::refused(
            "a # escape directive that is not the first line of the Dockerfile",
        ));
    }
    Ok(())
}

/// What holds for every instruction, and more for those that can name a source.
pub(super) fn in_line(this: &Instruction, escape: char) -> Result<(), Fault> {
    let line = this.logical.text.trim();
    if line.ends_with(escape) {
        return Err(Fault::refused(format!(
            "a Dockerfile instruction that ends in {escape}"
        )));
    }
    if line.contains(['\n', '\0']) {
        return Err(Fault::bad("a line holds a character that no text has"));
    }
    let inner = this.inner();
    if !this.heredocs.is_empty() || !inner.heredocs.is_empty() {
        return Err(heredoc());
    }
    if !matches!(inner.kind, Kind::From | Kind::Copy | Kind::Add) {
        return Ok(());
    }
    // White space that not every reader takes for white space.
    let odd = |c: char| c != '\t' && c != ' ' && (c.is_whitespace() || c.is_control());
    if let Some(c) = line.chars().find(|c| odd(*c)) {
        return Err(Fault::refused(format!(
            "the character U+{:04X} in {}",
            u32::from(c),
            inner.kind.name()
        )));
    }
    for flag in &inner.flags {
        if flag.text.contains(['\\', '`', '"', '\'']) {
            return Err(Fault::refused(format!(
                "quotes and backslashes in the flag {}",
                flag.text
            )));
        }
    }
    // Between keyword, flags and arguments stands nothing but blanks: no lone `--`.
    let before = &this.logical.text[inner.keyword.at + inner.keyword.value.len()..];
    let length = inner
        .arguments_at
        .0
        .saturating_sub(inner.keyword.at + inner.keyword.value.len());
    let before = before.get(..length).unwrap_or("");
    if before
        .split_whitespace()
        .ne(inner.flags.iter().map(|flag| flag.text.as_str()))
    {
        return Err(Fault::refused(format!(
            "a lone -- in {}",
            inner.kind.name()
        )));
    }
    Ok(())
}

/// `COPY`: a list that only some readers take for one is refused.
pub(super) fn copy(this: &Instruction) -> Result<(), Fault> {
    let arguments = this.logical.text.get(this.arguments_at.0..).unwrap_or("");
    if arguments.starts_with('[') && this.form() != Form::Exec {
        return Err(Fault::bad(format!(
            "{}: the list is not JSON",
            this.kind.name()
        )));
    }
    Ok(())
}

/// `ADD`: the builder would fetch an address by itself, from the host's network.
pub(super) fn add(this: &Instruction) -> Result<(), Fault> {
    copy(this)?;
    let (Body::Words(words) | Body::Exec(words)) = &this.body else {
        return Err(Fault::bad("ADD needs a source and a destination"));
    };
    let sources = words.split_last().map_or(&[][..], |(_, sources)| sources);
    for source in sources.iter().map(|source| source.value.as_str()) {
        let lower = source.to_ascii_lowercase();
        if lower.contains("://") || lower.contains("git@") {
            return Err(Fault::refused(format!(
                "ADD {source}: the builder does not fetch from other hosts. Fetch it in a RUN step (curl), or COPY a file"
            )));
        }
        // Both escape letters: a trigger is read again later, with the usual one.
        if source.contains(['$', '"', '\'', '\\', '`']) {
            return Err(Fault::refused(format!(
                "ADD {source}: variables and quotes in a source of ADD; use COPY"
            )));
        }
    }
    Ok(())
}

/// `RUN`: its flags are BuildKit's, and one of them names images.
pub(super) fn run(this: &Instruction) -> Result<(), Fault> {
    match this.flags.first() {
        None => Ok(()),
        Some(flag) => Err(Fault::refused(format!(
            "RUN --{}: it needs BuildKit, which this builder is not",
            flag.name
        ))),
    }
}

/// The classic builder knows no here-documents: it would take their lines for instructions.
pub(super) fn heredoc() -> Fault {
    Fault::refused(
        "here-documents (<<EOF) in a Dockerfile: they need BuildKit, which this builder is not. \
         Join the commands with && and \\",
    )
}
