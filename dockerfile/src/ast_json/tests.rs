//! The documented shape, word by word, and the odd files.

use serde_json::{Value, json};

use super::*;
use crate::parse;

fn of(text: &str) -> Value {
    serde_json::to_value(Tree(&parse(text.as_bytes()))).expect("JSON")
}

/// The instruction behind `FROM a`, as keyword, flags, arguments and form.
fn one(line: &str) -> Value {
    let tree = of(&format!("FROM a\n{line}\n"));
    let instruction = &tree["instructions"][1];
    json!([
        instruction["keyword"],
        instruction["flags"],
        instruction["args"],
        instruction["form"]
    ])
}

fn keys(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn every_object_has_its_keys_and_no_others() {
    let tree = of("# syntax=x\nFROM --platform=p a AS b\nRUN <<E\nx\nE\n");
    assert_eq!(keys(&tree), ["directives", "instructions", "stages"]);
    assert_eq!(keys(&tree["directives"][0]), ["name", "value"]);
    assert_eq!(keys(&tree["stages"][0]), ["base", "name", "platform"]);
    let run = &tree["instructions"][1];
    assert_eq!(
        keys(run),
        [
            "args", "flags", "form", "heredocs", "keyword", "lines", "span"
        ]
    );
    assert_eq!(
        keys(&run["heredocs"][0]),
        ["chomp", "content", "expand", "fd", "name"]
    );
}

#[test]
fn directives_and_stages() {
    let text = "# Syntax = docker/dockerfile:1 \n# escape=`\n# check=skip=all\nFROM --platform=linux/amd64 a:1 as B\nfrom b\nFROM\n";
    let tree = of(text);
    assert_eq!(
        tree["directives"],
        json!([
            {"name": "syntax", "value": "docker/dockerfile:1"},
            {"name": "escape", "value": "`"},
            {"name": "check", "value": "skip=all"},
        ])
    );
    assert_eq!(
        tree["stages"],
        json!([
            {"name": "B", "base": "a:1", "platform": "linux/amd64"},
            {"name": null, "base": "b", "platform": null},
            {"name": null, "base": null, "platform": null},
        ])
    );
    // BuildKit looks for `syntax` and `check` behind `#!`, but not for `escape`.
    assert_eq!(
        of("#!/x\n# escape=`\n# check=skip=all\nFROM a\n")["directives"],
        json!([{"name": "check", "value": "skip=all"}])
    );
    // Below a comment it is a comment.
    assert_eq!(of("# hi\n# escape=`\nFROM a\n")["directives"], json!([]));
}

#[test]
fn arguments_are_split_as_buildkit_splits_them() {
    for (line, want) in [
        ("RUN a  b && c", json!(["run", [], ["a  b && c"], "shell"])),
        (
            "rUn --mount=type=cache,target=\"/x y\" --network=none [\"a\", \"b\\u0041\"]",
            json!([
                "run",
                ["--mount=type=cache,target=\"/x y\"", "--network=none"],
                ["a", "bA"],
                "exec"
            ]),
        ),
        ("CMD ['a']", json!(["cmd", [], ["['a']"], "shell"])),
        ("ENTRYPOINT []", json!(["entrypoint", [], [], "exec"])),
        (
            "COPY --from=b --chown=1:1 a  b\tc/",
            json!([
                "copy",
                ["--from=b", "--chown=1:1"],
                ["a", "b", "c/"],
                "words"
            ]),
        ),
        (
            "ADD [\"a b\", \"c\"]",
            json!(["add", [], ["a b", "c"], "exec"]),
        ),
        ("VOLUME /a /b", json!(["volume", [], ["/a", "/b"], "words"])),
        (
            "EXPOSE 80 81/udp",
            json!(["expose", [], ["80", "81/udp"], "words"]),
        ),
        ("WORKDIR /a b", json!(["workdir", [], ["/a b"], "words"])),
        ("USER a:b", json!(["user", [], ["a:b"], "words"])),
        (
            "STOPSIGNAL SIGTERM",
            json!(["stopsignal", [], ["SIGTERM"], "words"]),
        ),
        (
            "MAINTAINER a b <c>",
            json!(["maintainer", [], ["a b <c>"], "words"]),
        ),
        (
            "SHELL [\"a\", \"-c\"]",
            json!(["shell", [], ["a", "-c"], "exec"]),
        ),
        (
            "ENV A=1 B='x y' C=\"$A\" D=e\\ f G=",
            json!([
                "env",
                [],
                [
                    ["A", "1"],
                    ["B", "'x y'"],
                    ["C", "\"$A\""],
                    ["D", "e\\ f"],
                    ["G", ""]
                ],
                "pairs"
            ]),
        ),
        (
            "ENV A  b c=d",
            json!(["env", [], [["A", "b c=d"]], "pairs"]),
        ),
        (
            "LABEL \"a b\"=\"c=d\" e.f=g",
            json!(["label", [], [["\"a b\"", "\"c=d\""], ["e.f", "g"]], "pairs"]),
        ),
        (
            "ARG A B=2 C=",
            json!(["arg", [], [["A", null], ["B", "2"], ["C", ""]], "pairs"]),
        ),
        (
            "HEALTHCHECK NONE",
            json!(["healthcheck", [], ["NONE"], "words"]),
        ),
        (
            "HEALTHCHECK --interval=5s --retries=3 CMD curl -f x || exit 1",
            json!([
                "healthcheck",
                ["--interval=5s", "--retries=3"],
                ["CMD", "curl -f x || exit 1"],
                "shell"
            ]),
        ),
        (
            "HEALTHCHECK CMD [\"a\", \"b\"]",
            json!(["healthcheck", [], ["CMD", "a", "b"], "exec"]),
        ),
        (
            "ONBUILD COPY --from=x a b",
            json!(["onbuild", ["--from=x"], ["COPY", "a", "b"], "words"]),
        ),
        (
            "onbuild run a b",
            json!(["onbuild", [], ["run", "a b"], "shell"]),
        ),
        (
            "ONBUILD ENV A=1",
            json!(["onbuild", [], ["ENV", ["A", "1"]], "pairs"]),
        ),
        ("RNU a b", json!(["rnu", [], ["a", "b"], "words"])),
    ] {
        assert_eq!(one(line), want, "{line}");
    }
}

#[test]
fn several_heredocs_in_one_instruction() {
    let text = "FROM a\nCOPY <<A <<-'B' /x/\n$1\nA\n\ttwo\n\tB\nRUN 3<<C cat\nC\nUSER b\n";
    let tree = of(text);
    let copy = &tree["instructions"][1];
    assert_eq!(copy["args"], json!(["<<A", "<<-'B'", "/x/"]));
    assert_eq!(
        copy["heredocs"],
        json!([
            {"name": "A", "content": "$1\n", "expand": true, "chomp": false, "fd": 0},
            {"name": "B", "content": "\ttwo\n", "expand": false, "chomp": true, "fd": 0},
        ])
    );
    assert_eq!(copy["lines"], json!([2, 6]));
    let end = text.find("\nRUN").unwrap();
    assert_eq!(copy["span"], json!([7, end]));
    assert_eq!(
        tree["instructions"][2]["heredocs"],
        json!([{"name": "C", "content": "", "expand": true, "chomp": false, "fd": 3}])
    );
    assert_eq!(tree["instructions"][3]["lines"], json!([9, 9]));
}

#[test]
fn lines_and_spans_through_continuations_and_comments() {
    let text = "FROM a\n\nRUN x \\\n# why \\\n  y \\\n\n  z\nUSER b";
    let tree = of(text);
    let run = &tree["instructions"][1];
    assert_eq!(run["args"], json!(["x   y   z"]));
    assert_eq!(run["lines"], json!([3, 7]));
    let span = (text.find("RUN").unwrap(), text.find("\nUSER").unwrap());
    assert_eq!(run["span"], json!([span.0, span.1]));
    let user = &tree["instructions"][2];
    assert_eq!(
        (&user["lines"], &user["args"]),
        (&json!([8, 8]), &json!(["b"]))
    );
    assert_eq!(user["span"], json!([text.len() - 6, text.len()]));
}

#[test]
fn an_escape_of_another_character() {
    let tree = of("# escape=`\nFROM a\nCOPY a `\n  c:\\dir\\\nENV A=x` y\n");
    assert_eq!(tree["instructions"][1]["args"], json!(["a", "c:\\dir\\"]));
    assert_eq!(tree["instructions"][1]["lines"], json!([3, 4]));
    assert_eq!(tree["instructions"][2]["args"], json!([["A", "x` y"]]));
}

#[test]
fn a_byte_order_mark_and_line_endings_of_windows() {
    let text =
        "\u{feff}# escape=\\\r\nFROM a\r\nRUN x \\\r\n  y\r\nRUN <<E\r\nz\r\nE\r\nENV A=1\r\n";
    let tree = of(text);
    assert_eq!(
        tree["directives"],
        json!([{"name": "escape", "value": "\\"}])
    );
    let from = text.find("FROM").unwrap();
    assert_eq!(tree["instructions"][0]["span"], json!([from, from + 6]));
    assert_eq!(tree["instructions"][0]["lines"], json!([2, 2]));
    assert_eq!(tree["instructions"][1]["args"], json!(["x   y"]));
    assert_eq!(tree["instructions"][1]["lines"], json!([3, 4]));
    assert_eq!(tree["instructions"][2]["heredocs"][0]["content"], "z\r\n");
    assert_eq!(tree["instructions"][3]["args"], json!([["A", "1"]]));
    // At the very start.
    let first = of("\u{feff}FROM a\n");
    assert_eq!(first["instructions"][0]["span"], json!([3, 9]));
}

#[test]
fn bytes_that_are_no_text_and_files_that_are_too_large() {
    let file = parse(b"FROM a\nENV A=\xff\xfe B=\xed\x95\x9c\n");
    let tree = serde_json::to_value(Tree(&file)).unwrap();
    assert_eq!(
        tree["instructions"][1]["args"],
        json!([["A", "\u{fffd}\u{fffd}"], ["B", "한"]])
    );
    assert_eq!(tree["instructions"][1]["span"], json!([7, 21]));
    let large = format!("FROM a\n{}", "#".repeat(crate::MAX_SIZE));
    assert_eq!(
        of(&large),
        json!({"directives": [], "stages": [], "instructions": []})
    );
    assert_eq!(
        of(""),
        json!({"directives": [], "stages": [], "instructions": []})
    );
}
