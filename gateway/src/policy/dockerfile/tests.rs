use super::*;

fn run(text: &str) -> Result<Rebuilt, Fault> {
    let resolve = |name: &str| match name {
        "python:3" | "docker.io/library/python:3" => Ok("sha256:aa".to_owned()),
        "mine" => Ok("sha256:bb".to_owned()),
        _ => Err(Fault::no_image(name)),
    };
    rebuild(
        text.as_bytes(),
        &[("GIVEN".to_owned(), Some("python:3".to_owned()))].into(),
        &resolve,
    )
}

fn text(text: &str) -> String {
    run(text).expect(text).text
}

#[test]
fn images_become_ids_and_stages_stay() {
    assert_eq!(text("FROM python:3\nRUN a"), "FROM sha256:aa\nRUN a\n");
    assert_eq!(
        text("FROM python:3 AS one\nFROM one\nCOPY --from=one /a /b"),
        "FROM sha256:aa AS one\nFROM one\nCOPY --from=one /a /b\n"
    );
    assert_eq!(
        text("from python:3 as One\nfrom scratch\ncopy --from=0 a b"),
        "from sha256:aa as One\nfrom scratch\ncopy --from=0 a b\n"
    );
    assert_eq!(
        text("FROM scratch\nCOPY --from=mine --chown=1:1 a b"),
        "FROM scratch\nCOPY --from=sha256:bb --chown=1:1 a b\n"
    );
    assert_eq!(
        text("FROM scratch\nONBUILD COPY --from=mine a b"),
        "FROM scratch\nONBUILD COPY --from=sha256:bb a b\n"
    );
}

#[test]
fn arguments_reach_from() {
    assert_eq!(text("ARG V=3\nFROM python:$V"), "ARG V=3\nFROM sha256:aa\n");
    assert_eq!(
        text("ARG GIVEN\nFROM ${GIVEN}"),
        "ARG GIVEN\nFROM sha256:aa\n"
    );
    assert_eq!(text("ARG X\nFROM ${X:-mine}"), "ARG X\nFROM sha256:bb\n");
    assert_eq!(
        text("ARG V=\nARG W=\"${V:-3}\"\nFROM python:${W:+$W}"),
        "ARG V=\nARG W=\"${V:-3}\"\nFROM sha256:aa\n"
    );
    assert_eq!(
        text("ARG A=mine B=x\nFROM $A AS b"),
        "ARG A=mine B=x\nFROM sha256:bb AS b\n"
    );
    assert!(run("ARG B=x\nFROM mine AS $B").is_err());
    assert!(run("FROM $UNSET").is_err());
    assert!(run("FROM python:3\nARG V=3\nFROM other:$V").is_err());
}

#[test]
fn lines_are_joined_as_the_builder_joins_them() {
    assert_eq!(
        text("FROM mine\nRUN a \\\n  # note\n\n  && b\\ \n&& c\n"),
        "FROM sha256:bb\nRUN a   && b&& c\n"
    );
    assert_eq!(
        text("# escape=`\nFROM mine\nRUN a `\n b \\"),
        "# escape=`\nFROM sha256:bb\nRUN a  b \\\n"
    );
    assert_eq!(
        text("\u{feff}# comment\n\nFROM mine\r\nRUN a\r\n"),
        "FROM sha256:bb\nRUN a\n"
    );
    assert_eq!(
        text(
            "# syntax=docker/dockerfile:1\r\nfrom \\\r\n  # note\r\n  mine\r\nrun a \\\r\n  b\r\n"
        ),
        "from   sha256:bb\nrun a   b\n"
    );
    assert_eq!(
        text("FROM mine\nCMD echo \"<<EOF\" \\\n\\\n x"),
        "FROM sha256:bb\nCMD echo \"<<EOF\"  x\n"
    );
    // Not a directive any more: another line came first.
    assert_eq!(
        text("# note\n# escape=`\nFROM mine\nRUN a \\\n b"),
        "FROM sha256:bb\nRUN a  b\n"
    );
}

#[test]
fn no_other_image_and_no_address_passes() {
    for bad in [
        "FROM foreign",
        "FROM sha256:cc",
        "FROM python:3.11 -slim",
        "FROM scratch\nCOPY --from=foreign a b",
        "FROM scratch\nCOPY --fr\\om=foreign a b",
        "FROM scratch\nONBUILD COPY --from=foreign a b",
        "FROM scratch\nONBUILD ONBUILD COPY --from=foreign a b",
        "FROM scratch\nADD http://127.0.0.1/ /",
        "FROM scratch\nADD HTTPS://127.0.0.1/ /",
        "FROM scratch\nADD [\"http://127.0.0.1/\", \"/\"]",
        "FROM scratch\nADD [\"\\u0068ttp://127.0.0.1/\", \"/\"]",
        "FROM scratch\nARG U=http://x/\nADD $U /",
        "FROM scratch\nADD ht\"tp\"://x /",
        "FROM scratch\nADD h\\\nttp://x/ /",
        "FROM scratch\nONBUILD ADD http://x/ /",
        "FROM scratch\nRUN cat <<EOF\nFROM foreign\nEOF",
        "FRO\\\nM foreign",
        "FROM --platform=linux/s390x mine",
        "INCLUDE x",
        "",
        "# only a comment",
        // A stage has no name and no number for the builder before it has ended.
        "FROM scratch AS foreign\nCOPY --from=foreign a b",
        "FROM scratch AS foreign\nCOPY --from=0 a b",
        "FROM scratch AS a\nFROM scratch\nCOPY --from=1 a b",
        "FROM foreign AS foreign",
        "FROM scratch\nFROM 0",
        "FROM scratch AS a\nFROM scratch\nCOPY --from=99999999999999999999 a b",
        "FROM scratch AS a\nFROM scratch\nCOPY --from=+0 a b",
        "FROM scratch\nCOPY --from= a b",
        "FROM scratch\nCOPY --from a b",
        // A trigger runs among the stages of another build.
        "FROM scratch AS foreign\nFROM scratch\nONBUILD COPY --from=foreign a b",
        "FROM scratch AS foreign\nFROM scratch\nONBUILD COPY --from=0 a b",
        "FROM scratch\nONBUILD FROM mine",
        "# escape=`\nFROM scratch\nONBUILD ADD h\\ttp://x/ /",
        "# escape=`\nFROM scratch\nADD h`ttp://x/ /",
        "# escape=`\nFROM scratch\nCOPY --fr`om=foreign a b",
        // Flags and lists that readers could see in two ways.
        "FROM scratch\nCOPY --from=mine --from=foreign a b",
        "FROM scratch\nCOPY --from=\"foreign\" a b",
        "FROM scratch\nCOPY --From=foreign a b",
        "FROM scratch\nCOPY -- --from=foreign b",
        "FROM scratch\nCOPY\u{a0}--from=foreign a b",
        "FROM scratch\nCOPY\u{2003}--from=foreign a b",
        "FROM scratch\nCOPY\u{b}--from=foreign a b",
        "FROM scratch\nCOPY --chown=1\u{85}--from=foreign a b",
        "FROM scratch\nADD [\"http://x/\", \"/\"] more",
        "FROM scratch\nADD [\"http://x/\", 1] /",
        "FROM scratch\nRUN --mount=type=bind,from=foreign,target=/x true",
        "FROM scratch\nONBUILD RUN --mount=type=bind,from=foreign,target=/x true",
        "FROM scratch\nCOPY <<a /b\nFROM foreign\na",
        "FROM scratch\nRUN <<EOF\nFROM foreign",
        "FROM scratch\nONBUILD RUN <<EOF\nFROM foreign\nEOF",
        // Continuations that older and newer builders join differently.
        "FROM scratch\nRUN a \\\\\nFROM foreign",
        "FROM \\\nforeign",
        "from \\\n# note\n  foreign",
        "# escape=`\nFROM `\nforeign",
        "# syntax=x\n# escape=`\nFROM mine\nRUN a `\nFROM mine",
        "# escape=`\n# escape=\\\nFROM mine",
        "# escape=x\nFROM mine",
        "FROM mine a\u{17f} b",
        "FROM mine AS \u{212a}x",
        "FROM mine AS 1x",
        "FROM mine AS x y",
        "FRO\u{131}M mine",
        "\u{feff}\u{feff}FROM mine",
        "RUN a",
        "ARG A=foreign\nFROM $A",
        "ARG A=foreign\nFROM ${A:-mine}",
        "ARG A=x\nFROM ${A:+foreign}",
        "ARG A=foreignx\nFROM ${A%x}",
        "ARG A=x\nFROM ${A/x/mine}",
        "FROM ${A-mine}",
        "ARG A=fore\nARG B=${A}ign\nFROM $B",
        "FROM \"foreign\"",
        "FROM fore\\ign",
        "FROM mine\0",
    ] {
        assert!(run(bad).is_err(), "{bad:?} gave {:?}", run(bad));
    }
}

#[test]
fn the_learners_words_are_remembered() {
    let rebuilt = run("FROM python:3 AS x\nRUN a").expect("fine");
    assert_eq!(
        rebuilt.changed,
        [(
            "FROM sha256:aa AS x".to_owned(),
            "FROM python:3 AS x".to_owned()
        )]
    );
}

#[test]
fn mistakes_read_as_the_engines() {
    let message = |text: &str| run(text).expect_err(text).message;
    for (text, says) in [
        (
            "FROM mine\nRUNN x",
            "dockerfile parse error line 2: unknown instruction: RUNN",
        ),
        (
            "# note\nFROM python:3.11 -slim",
            "dockerfile parse error line 2: FROM requires either one or three arguments",
        ),
        (
            "FROM scratch\nONBUILD FROM mine",
            "dockerfile parse error line 2: FROM isn't allowed as an ONBUILD trigger",
        ),
        ("", "the Dockerfile (Dockerfile) cannot be empty"),
    ] {
        assert_eq!(message(text), says);
    }
    assert!(message("FROM mine\nRUN cat <<EOF\nx\nEOF").contains("here-documents"));
    assert!(message("FROM foreign").contains("No such image"));
}

#[test]
fn an_instruction_that_is_not_about_sources_stays_as_it_is() {
    for line in [
        "RUN echo \u{a0} \u{3000}한글 && printf 'a\\nb'",
        "CMD [\"python\", \"app.py\"]",
        "ENV A=1 B=\"two words\"",
        "HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1",
        "LABEL note=\"FROM foreign\"",
        "COPY [\"a b\", \"/x/\"]",
        "ADD --chown=1:1 a.tar.gz /x/",
        "EXPOSE 80/tcp",
        "WORKDIR /app",
        "RUN echo $((1<<2))",
    ] {
        let whole = format!("FROM mine\n{line}\n");
        assert_eq!(text(&whole), format!("FROM sha256:bb\n{line}\n"));
    }
}
