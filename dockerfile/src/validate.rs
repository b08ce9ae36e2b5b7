//! What BuildKit refuses of an instruction that was read: counts of arguments, flags, names.

use crate::ast::{Body, Dockerfile, Flag, Instruction, Kind, Word};
use crate::duration;
use crate::heredoc;
use crate::problem::{Problem, ProblemKind as K};
use crate::source::Span;
use crate::suggest::suggest;

/// Looks at every instruction, and at the file as a whole.
pub(crate) fn file(file: &mut Dockerfile) {
    let mut problems = Vec::new();
    for (index, instruction) in file.instructions.iter().enumerate() {
        let mut found = Vec::new();
        instruction_alone(instruction, &mut found);
        if file.stages.first().is_none_or(|stage| index < stage.from)
            && !matches!(instruction.kind, Kind::Arg | Kind::From | Kind::Unknown)
            && !file.stages.is_empty()
        {
            found.push((
                K::BeforeFrom {
                    instruction: instruction.kind.name(),
                },
                instruction.keyword.span,
            ));
        }
        problems.extend(found.into_iter().map(|(kind, span)| Problem {
            kind,
            span,
            instruction: Some(index),
        }));
    }
    if file.instructions.is_empty() {
        let span = Span::new(0, 0);
        problems.push(Problem {
            kind: K::NoInstructions,
            span,
            instruction: None,
        });
    } else if file.stages.is_empty() {
        // The first thing that would need a stage says best where FROM is missing.
        let index = file
            .instructions
            .iter()
            .position(|i| !matches!(i.kind, Kind::Arg))
            .unwrap_or(0);
        let span = file.instructions[index].keyword.span;
        problems.push(Problem {
            kind: K::NoStage,
            span,
            instruction: Some(index),
        });
    }
    file.problems.extend(problems);
}

type Found = Vec<(K, Span)>;

fn instruction_alone(this: &Instruction, found: &mut Found) {
    let name = this.kind.name();
    flags(this, found);
    match (this.kind, &this.body) {
        (Kind::Unknown, _) => {}
        // An empty command is allowed: `CMD` alone and `ENTRYPOINT []` reset what the base image set.
        (Kind::Run | Kind::Cmd | Kind::Entrypoint, Body::None) if this.kind != Kind::Run => {}
        (_, Body::None) => found.push((K::NeedsArgument { instruction: name }, this.keyword.span)),
        (Kind::From, Body::Words(words)) => from(words, this.arguments, found),
        (Kind::Add | Kind::Copy, Body::Words(words) | Body::Exec(words)) => {
            copy(this, words, found)
        }
        (Kind::Env | Kind::Label | Kind::Arg, Body::Pairs(pairs)) => {
            for pair in pairs.iter().filter(|pair| pair.name.value.is_empty()) {
                found.push((K::BlankName { instruction: name }, pair.span));
            }
        }
        (Kind::Volume, Body::Words(words) | Body::Exec(words)) => {
            if words.is_empty() {
                found.push((K::NeedsArgument { instruction: name }, this.arguments));
            }
            for word in words.iter().filter(|word| word.value.trim().is_empty()) {
                found.push((K::EmptyVolume, word.span));
            }
        }
        (Kind::Shell, Body::Shell(_)) => found.push((K::ShellNotJson, this.arguments)),
        (Kind::Shell, Body::Exec(words)) if words.is_empty() => {
            found.push((K::NeedsArgument { instruction: name }, this.arguments));
        }
        (Kind::Healthcheck, Body::Health { mode, test }) => healthcheck(mode, test, found),
        (Kind::Onbuild, Body::Trigger(trigger)) => match trigger.kind {
            Kind::Onbuild => found.push((K::OnbuildChain, trigger.keyword.span)),
            Kind::From | Kind::Maintainer => {
                found.push((
                    K::OnbuildForbids {
                        instruction: trigger.kind.name(),
                    },
                    trigger.keyword.span,
                ));
            }
            _ => instruction_alone(trigger, found),
        },
        _ => {}
    }
}

fn from(words: &[Word], arguments: Span, found: &mut Found) {
    match words {
        [_] => {}
        [_, keyword, name] if keyword.value.eq_ignore_ascii_case("as") => {
            let lower = name.value.to_lowercase();
            let mut chars = lower.chars();
            let good = chars.next().is_some_and(|c| c.is_ascii_lowercase())
                && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
            if !good {
                found.push((
                    K::BadStageName {
                        name: name.value.clone(),
                    },
                    name.span,
                ));
            }
        }
        [_, rest @ ..] => {
            let span = rest
                .iter()
                .fold(rest[0].span, |span, word| span.to(word.span));
            found.push((K::FromArguments { count: words.len() }, span));
        }
        [] => found.push((
            K::NeedsArgument {
                instruction: "FROM",
            },
            arguments,
        )),
    }
}

fn copy(this: &Instruction, words: &[Word], found: &mut Found) {
    if words.len() < 2 {
        found.push((
            K::NeedsDestination {
                instruction: this.kind.name(),
            },
            this.arguments,
        ));
        return;
    }
    let last = &words[words.len() - 1];
    if matches!(this.body, Body::Words(_)) && heredoc::start(&last.value, 0).is_some() {
        found.push((K::HeredocAsDestination, last.span));
    }
    if let Some(value) = this.flag("from").and_then(|flag| flag.value.as_ref())
        && let Some(dollar) = value.value.find('$')
    {
        let name: String = value.value[dollar + 1..].trim_start_matches('{').to_owned();
        let name = name
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or("")
            .to_owned();
        if !name.is_empty() {
            found.push((K::FromVariable { name }, value.span));
        }
    }
}

fn healthcheck(mode: &Word, test: &Body, found: &mut Found) {
    let empty = match test {
        Body::None => true,
        Body::Exec(words) => words.is_empty(),
        _ => false,
    };
    match mode.value.to_ascii_uppercase().as_str() {
        "NONE" if empty => {}
        "NONE" => found.push((K::HealthcheckNoneTakesNothing, mode.span)),
        "CMD" if empty => found.push((K::HealthcheckNeedsCommand, mode.span)),
        "CMD" => {}
        _ => found.push((
            K::HealthcheckType {
                word: mode.value.clone(),
            },
            mode.span,
        )),
    }
}

/// What kind of value a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    Texts,
    Bool,
    Duration,
    Count,
}

fn known_flags(kind: Kind) -> &'static [(&'static str, Takes)] {
    use Takes::{Bool, Count, Duration, Text, Texts};
    match kind {
        Kind::From => &[("platform", Text)],
        Kind::Add => &[
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("keep-git-dir", Bool),
            ("checksum", Text),
            ("unpack", Bool),
            ("exclude", Texts),
        ],
        Kind::Copy => &[
            ("from", Text),
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("exclude", Texts),
            ("parents", Bool),
        ],
        Kind::Run => &[
            ("mount", Texts),
            ("network", Text),
            ("security", Text),
            ("device", Texts),
        ],
        Kind::Healthcheck => &[
            ("interval", Duration),
            ("timeout", Duration),
            ("start-period", Duration),
            ("start-interval", Duration),
            ("retries", Count),
        ],
        _ => &[],
    }
}

fn flags(this: &Instruction, found: &mut Found) {
    let known = known_flags(this.kind);
    for (index, flag) in this.flags.iter().enumerate() {
        let Some(&(_, takes)) = known.iter().find(|(name, _)| *name == flag.name) else {
            if this.kind != Kind::Unknown {
                let suggestion = suggest(&flag.name, known.iter().map(|&(name, _)| name));
                let (instruction, flag_name) = (this.kind.name(), flag.name.clone());
                found.push((
                    K::UnknownFlag {
                        instruction,
                        flag: flag_name,
                        suggestion,
                    },
                    flag.span,
                ));
            }
            continue;
        };
        // Only the latest few are compared, so that thousands of flags cost no square; more than seven are twice anyway.
        let earlier = &this.flags[index.saturating_sub(8)..index];
        if takes != Takes::Texts && earlier.iter().any(|other| other.name == flag.name) {
            found.push((
                K::FlagTwice {
                    flag: flag.name.clone(),
                },
                flag.span,
            ));
        }
        flag_value(flag, takes, found);
    }
}

fn flag_value(flag: &Flag, takes: Takes, found: &mut Found) {
    let name = flag.name.clone();
    let Some(value) = &flag.value else {
        if takes != Takes::Bool {
            found.push((K::FlagNeedsValue { flag: name }, flag.span));
        }
        return;
    };
    let text = value.value.clone();
    match takes {
        Takes::Bool if text.is_empty() => found.push((K::FlagNeedsValue { flag: name }, flag.span)),
        Takes::Bool
            if !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false") =>
        {
            found.push((
                K::FlagNotBoolean {
                    flag: name,
                    value: text,
                },
                value.span,
            ));
        }
        // Zero and an empty text mean the default; below a millisecond is refused.
        Takes::Duration
            if !text.is_empty()
                && !duration::nanoseconds(&text).is_some_and(|n| n == 0.0 || n >= 1e6) =>
        {
            found.push((
                K::BadDuration {
                    flag: name,
                    value: text,
                },
                value.span,
            ));
        }
        Takes::Count if !text.is_empty() && !text.parse::<i32>().is_ok_and(|count| count >= 0) => {
            found.push((K::BadRetries { value: text }, value.span));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    fn problems(text: &str) -> Vec<(String, String)> {
        let file = parse(text.as_bytes());
        file.problems
            .iter()
            .map(|p| (file.source.slice(p.span).to_owned(), p.to_string()))
            .collect()
    }

    #[test]
    fn each_has_its_exact_place() {
        for (line, place, says) in [
            ("FROM python:3.11 -slim", "-slim", "there are 2 words"),
            ("FROM a AS 1x", "1x", "no stage name"),
            ("FROM a\nCOPY a", "a", "needs a source"),
            (
                "FROM a\nCOPY --form=b c d",
                "--form=b",
                "did you mean --from",
            ),
            ("FROM a\nCOPY --from c d", "--from", "needs a value"),
            ("FROM a\nCOPY --link=x c d", "x", "true or false"),
            ("FROM a\nCOPY --from=$B c d", "$B", "cannot hold a variable"),
            ("FROM a\nRUN", "RUN", "needs an argument"),
            ("FROM a\nENV A=1 B", "B", "no `=`"),
            ("FROM a\nENV PATH", "PATH", "no value"),
            ("FROM a\nENV =x", "=x", "is empty"),
            ("FROM a\nSHELL bash", "bash", "JSON"),
            (
                "FROM a\nCMD [\"a\", [\"b\"]]",
                "[\"b\"]",
                "must be a string",
            ),
            ("FROM a\nHEALTHCHECK curl x", "curl", "CMD or NONE"),
            ("FROM a\nHEALTHCHECK --interval=5 CMD x", "5", "duration"),
            (
                "FROM a\nONBUILD ONBUILD RUN x",
                "ONBUILD",
                "another ONBUILD",
            ),
            ("FROM a\nONBUILD FROM b", "FROM", "cannot hold FROM"),
            ("FROM a\nVOLUME [\"\"]", "\"\"", "empty"),
            ("FROM a\nEXPOSER 80", "EXPOSER", "did you mean EXPOSE"),
            ("RUN x\nFROM a", "RUN", "before the first FROM"),
            ("RUN x", "RUN", "no FROM"),
            ("ARG X", "ARG", "no FROM"),
            ("", "", "no instruction"),
            ("FROM a\nRUN <<EOF\nx\n EOF\n", "<<EOF", "never closed"),
            ("FROM a\nRUN x \\\n\n y", "\n", "empty line"),
        ] {
            let found = problems(line);
            assert!(
                found.len() == 1 && found[0].0 == place && found[0].1.contains(says),
                "{line:?}: {found:?}"
            );
        }
    }

    #[test]
    fn what_buildkit_takes_is_no_problem() {
        for line in [
            "FROM a AS Build-1.x",
            "FROM --platform=linux/amd64 scratch",
            "ARG X=1\nFROM a:$X",
            "FROM a\nCMD\nENTRYPOINT []",
            "FROM a\nHEALTHCHECK NONE",
            "FROM a\nHEALTHCHECK --interval=5s --retries=0 CMD [\"x\"]",
            "FROM a\nRUN --mount=type=cache,target=/x --mount=type=bind,target=/y z",
            "FROM a\nONBUILD COPY --from=b x y",
            "FROM a\nCMD ['a']",
            "FROM a\nRUN x \\\n# c \\\n y \\",
            "FROM a\nARG A B=2\nLABEL a=\"b c\" \"d\"=e\nENV a b c",
        ] {
            assert_eq!(problems(line), [], "{line:?}");
        }
    }
}
