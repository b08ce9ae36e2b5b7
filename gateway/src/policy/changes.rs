//! Changes that `commit` and `import` make to an image: instructions of a Dockerfile that only set its configuration.

use super::create::RESERVED;
use crate::error::Fault;
use ::dockerfile::{Kind, ProblemKind, parse};

/// Reads one change and writes it anew, on one line.
pub(crate) fn rebuild(change: &str) -> Result<String, Fault> {
    let invalid = || Fault::bad("a change is one instruction of a Dockerfile on one line");
    if change.contains(['\n', '\r']) || change.len() > 8192 || change.trim_end().ends_with('\\') {
        return Err(invalid());
    }
    let file = parse(format!("FROM scratch\n{change}\n").as_bytes());
    if let Some(problem) = file.problems.first() {
        if let ProblemKind::UnknownInstruction { keyword, .. } = &problem.kind {
            return Err(no_change(keyword));
        }
        return Err(Fault::bad(problem.kind.to_string()));
    }
    let [_, instruction] = file.instructions.as_slice() else {
        return Err(invalid());
    };
    match instruction.kind {
        Kind::Cmd
        | Kind::Entrypoint
        | Kind::Env
        | Kind::Expose
        | Kind::Healthcheck
        | Kind::Label
        | Kind::Stopsignal
        | Kind::User
        | Kind::Volume
        | Kind::Workdir => {}
        Kind::Onbuild => {
            return Err(Fault::refused(
                "ONBUILD as a change: write it in a Dockerfile, where what it names can be checked",
            ));
        }
        _ => {
            let word = change.split_whitespace().next().unwrap_or_default();
            return Err(no_change(word));
        }
    }
    // A name with escapes or variables could become a reserved one.
    let odd = |name: &str| {
        let name = name.trim_matches(['"', '\'']);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
        name.starts_with(RESERVED) || !name.bytes().all(plain)
    };
    if instruction.kind == Kind::Label
        && (instruction.pairs().iter()).any(|pair| odd(&pair.name.value))
    {
        return Err(Fault::refused(format!(
            "labels that begin with {RESERVED} or have other letters than a-z, 0-9, '.', '_', '-' and '/'"
        )));
    }
    Ok(instruction.logical.text.trim().to_owned())
}

fn no_change(word: &str) -> Fault {
    Fault::bad(format!(
        "{} is not a valid change command",
        word.to_lowercase()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_may_be_changed() {
        for change in [
            "CMD [\"nginx\", \"-g\", \"daemon off;\"]",
            "ENV A=1 B=2",
            "LABEL a=b",
            "EXPOSE 80",
            "WORKDIR /app",
            "ENTRYPOINT run me",
        ] {
            assert_eq!(rebuild(change).expect(change), change);
        }
    }

    #[test]
    fn nothing_else_comes_in() {
        for change in [
            "RUN id",
            "FROM victim",
            "COPY --from=victim / /",
            "ADD http://127.0.0.1/ /",
            "ONBUILD COPY --from=victim / /",
            "LABEL docktutor.scope=other",
            "LABEL \"docktutor.scope\"=other",
            "LABEL a=b dock\\tutor.scope=other",
            "ENV A=1\nFROM victim",
            "ENV A=1 \\",
            "# escape=`",
            "",
        ] {
            assert!(rebuild(change).is_err(), "{change}");
        }
    }
}
