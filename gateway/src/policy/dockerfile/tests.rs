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
