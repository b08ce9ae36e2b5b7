//! What holds for every input.

mod meaning;

use dockerfile::{Body, Dockerfile, Instruction, Span, ignore::Ignore, parse, print};
use proptest::prelude::*;

use meaning::{is_complete, meaning};

/// Text that is more like a Dockerfile than noise is.
fn texts() -> impl Strategy<Value = String> {
    let keyword = prop_oneof![
        Just("FROM"),
        Just("RUN"),
        Just("COPY"),
        Just("ADD"),
        Just("CMD"),
        Just("ENV"),
        Just("ARG"),
        Just("LABEL"),
        Just("EXPOSE"),
        Just("HEALTHCHECK CMD"),
        Just("VOLUME"),
        Just("USER"),
        Just("WORKDIR"),
        Just("SHELL"),
        Just("ONBUILD RUN"),
        Just("onbuild copy"),
        Just("# escape=`"),
        Just("# c"),
        Just("EXPOSER"),
        Just(""),
    ];
    let token = prop_oneof![
        Just("a"),
        Just("b=c"),
        Just("\"x y\""),
        Just("'p q'"),
        Just("$V"),
        Just("${V:-d}"),
        Just("\\"),
        Just("`"),
        Just("<<EOF"),
        Just("<<-'E F'"),
        Just("--from=x"),
        Just("--"),
        Just("[\"a\", \"b\"]"),
        Just("['a']"),
        Just("["),
        Just("\"a\\\"b\""),
        Just("한글"),
        Just("😀"),
        Just("\u{a0}"),
        Just("#"),
        Just("="),
        Just("\t"),
        Just("\r"),
        Just("\0"),
    ];
    let end = prop_oneof![
        Just("\n"),
        Just("\n"),
        Just("\r\n"),
        Just(" \\\n"),
        Just("`\n"),
        Just("\n\n"),
        Just(" \\\n# c\n"),
        Just(" \\\n\n"),
        Just("\nEOF\n"),
        Just("\n\tE F\n"),
    ];
    let line = (keyword, proptest::collection::vec(token, 0..5), end)
        .prop_map(|(keyword, tokens, end)| format!("{keyword} {}{end}", tokens.join(" ")));
    (any::<bool>(), proptest::collection::vec(line, 0..10))
        .prop_map(|(bom, lines)| format!("{}{}", if bom { "\u{feff}" } else { "" }, lines.concat()))
}

/// Every span of a tree.
fn spans(file: &Dockerfile) -> Vec<Span> {
    let mut found: Vec<Span> = file.problems.iter().map(|problem| problem.span).collect();
    found.extend(file.comments.iter().map(|comment| comment.span));
    found.extend(
        file.directives
            .iter()
            .flat_map(|directive| [directive.span, directive.value.span]),
    );
    file.instructions
        .iter()
        .for_each(|instruction| instruction_spans(instruction, &mut found));
    found
}

fn instruction_spans(instruction: &Instruction, found: &mut Vec<Span>) {
    found.extend([
        instruction.span,
        instruction.keyword.span,
        instruction.arguments,
    ]);
    for flag in &instruction.flags {
        found.push(flag.span);
        found.extend(flag.value.as_ref().map(|value| value.span));
    }
    found.extend(instruction.words().iter().map(|word| word.span));
    for pair in instruction.pairs() {
        found.extend([pair.span, pair.name.span]);
        found.extend(pair.value.as_ref().map(|value| value.span));
    }
    found.extend(
        instruction
            .heredocs
            .iter()
            .flat_map(|heredoc| [heredoc.span, heredoc.content_span]),
    );
    if let Body::Trigger(trigger) = &instruction.body {
        instruction_spans(trigger, found);
    }
}

fn check_spans(bytes: &[u8]) -> Result<(), TestCaseError> {
    let file = parse(bytes);
    prop_assert_eq!(file.source.text().len(), bytes.len());
    for span in spans(&file) {
        prop_assert!(
            span.start <= span.end && file.source.text().get(span.range()).is_some(),
            "{:?} in {:?}",
            span,
            bytes
        );
        let (start, end) = (file.source.place(span.start), file.source.place(span.end));
        prop_assert!(start.line >= 1 && start.column >= 1 && start.line <= end.line);
    }
    let mut line = 0;
    for instruction in &file.instructions {
        prop_assert!(instruction.lines.0 > line && instruction.lines.0 <= instruction.lines.1);
        line = instruction.lines.1;
        for word in instruction.words() {
            prop_assert!(
                instruction.span.start <= word.span.start && word.span.end <= instruction.span.end
            );
        }
    }
    let scopes = dockerfile::scopes(&file);
    for index in 0..file.instructions.len() {
        let scope = scopes.at(&file, index);
        for name in scope.names() {
            prop_assert!(scope.get(name).is_some() || dockerfile::PLATFORM_ARGS.contains(&name));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_global_rejects: 65_536, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_and_spans_lie_in_the_text(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check_spans(&bytes)?;
    }

    #[test]
    fn anything_like_a_dockerfile_is_read(text in texts()) {
        check_spans(text.as_bytes())?;
    }

    #[test]
    fn bad_bytes_inside_text_are_read(text in texts(), at in any::<prop::sample::Index>(), byte in 0x80u8..) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len() + 1);
        bytes.insert(at, byte);
        check_spans(&bytes)?;
    }

    #[test]
    fn a_printed_tree_is_the_same_tree(text in texts()) {
        let file = parse(text.as_bytes());
        prop_assume!(is_complete(&file));
        let printed = print(&file);
        let again = parse(printed.as_bytes());
        prop_assert_eq!(meaning(&file), meaning(&again), "{}", printed);
    }

    #[test]
    fn any_ignore_file_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..100), path in "[a-z./*]{0,20}") {
        let ignore = Ignore::parse(&bytes);
        let _ = ignore.excludes(&path);
        for pattern in ignore.patterns() {
            prop_assert!(pattern.span.end <= bytes.len());
        }
    }
}

/// The time for twice the text is about twice the time: a square would be seen at once.
#[test]
fn hostile_files_are_read_in_linear_time() {
    let size = 1 << 20;
    let fill = |part: &str| part.repeat(size / part.len());
    let mut numbered = String::from("FROM a\n");
    let mut number = 0;
    while numbered.len() < size - 30 {
        numbered += &format!("RUN <<E{number}\n\tE\n");
        number += 1;
    }
    for text in [
        fill("FROM a AS b\n"),
        fill("FROM b AS b\nENV A=$A$A\n"),
        fill("RUN <<E\n\tE\n"),
        fill("a \\\n"),
        fill("ENV A=\"${B:-"),
        fill("[[["),
        fill("CMD [\"a\",\n"),
        fill("# check=skip=x\n"),
        fill("ARG A=1\n"),
        fill("--a "),
        numbered,
    ] {
        let start = std::time::Instant::now();
        let file = parse(text.as_bytes());
        let _ = dockerfile::scopes(&file);
        assert!(
            start.elapsed().as_secs() < 5,
            "{:?} took {:?}",
            &text[..20],
            start.elapsed()
        );
    }
}
