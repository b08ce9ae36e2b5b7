use super::*;

fn value(text: &str) -> Result<String, &'static str> {
    let mut get = |name: &str| match name {
        "a" => Some("one.two.three".to_owned()),
        "empty" => Some(String::new()),
        _ => None,
    };
    expand(text, '\\', &mut get)
        .map(|expanded| expanded.value)
        .map_err(|error| error.reason)
}

#[test]
fn every_form() {
    for (text, expected) in [
        ("$a/${a}x", "one.two.three/one.two.threex"),
        ("$nope-${nope}", "-"),
        ("${nope:-d}${nope-d}${empty:-d}${empty-d}", "ddd"),
        ("${a:+y}${a+y}${empty:+y}${empty+y}${nope+y}", "yyy"),
        ("${a:?no}", "one.two.three"),
        (
            "${a#*.}|${a##*.}|${a%.*}|${a%%.*}",
            "two.three|three|one.two|one",
        ),
        (
            "${a/./-}|${a//./-}|${a//t*/x}",
            "one-two.three|one-two-three|one.x",
        ),
        ("${nope:-${a}}", "one.two.three"),
        (
            r#"\$a '$a' "$a" "\$a" "\x" a\ b"#,
            r#"$a $a one.two.three $a \x a b"#,
        ),
        ("$ $$ $1", "$  "),
    ] {
        assert_eq!(value(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_expanded() {
    for text in [
        "${a",
        "${",
        "${}",
        "${:x}",
        "${a:-x",
        "${a!x}",
        "${a:#x}",
        "${a/x}",
        "'a",
        "\"a",
        "${nope?x}",
        "${a#\\x}",
    ] {
        assert!(value(text).is_err(), "{text}");
    }
    assert!(value(&"${a:-".repeat(100_000)).is_err());
}

#[test]
fn references_have_their_ranges() {
    let found = expand("x${a:-$b}", '\\', &mut |_| None).unwrap().references;
    let ranges: Vec<_> = found
        .iter()
        .map(|r| (r.name.as_str(), r.start, r.end))
        .collect();
    assert_eq!(ranges, [("b", 6, 8), ("a", 1, 9)]);
    assert_eq!(
        expand("say \"$c\"", '\\', &mut |_| None)
            .unwrap()
            .references[0]
            .start,
        5
    );
    assert_eq!(
        expand_text("it's $d", '\\', &mut |_| None)
            .unwrap()
            .references[0]
            .name,
        "d"
    );
}
