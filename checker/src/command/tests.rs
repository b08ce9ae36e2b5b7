mod different;
mod equal;
pub(crate) mod notes;
mod slips;

use proptest::prelude::*;

use super::*;
use crate::Lang;

fn facts(reference: &str, typed: &str) -> Vec<String> {
    let facts = compare(reference, typed, Lang::En);
    facts.into_iter().map(|fact| fact.message).collect()
}

#[test]
fn a_command_that_depends_on_the_run_is_not_judged() {
    for (reference, typed) in [
        ("docker run x", "docker run $OPTS x"),
        ("docker rm web", "docker rm $(cat names)"),
        ("docker run --name a x", "docker run --name $NAME x"),
        ("docker rm a", "for c in a; do docker rm $c; done"),
        ("docker rm a", "if true; then docker rm a; fi"),
        ("docker rm a", "docker ps -q | xargs docker rm"),
        ("docker ps", "docker ps > out"),
        ("docker build .", "cd app && docker build ."),
        ("docker run -p 8080:80 x", "docker run -p $P:80 x"),
        ("docker rm a b", "docker rm {a,b}"),
    ] {
        let found = compare(reference, typed, Lang::En);
        assert!(!found.is_empty(), "{typed}");
        assert!(
            found.iter().all(|fact| fact.kind == FactKind::Unjudged),
            "{typed}: {found:?}"
        );
    }
}

#[test]
fn hostile_commands_are_bounded() {
    // A square of this takes minutes in a debug build.
    let big = 150_000;
    for text in [
        "x".repeat(big),
        format!("docker run {}", "-".repeat(big)),
        format!("docker run {}", "--rmm ".repeat(big / 6)),
        format!("docker run {}", "-p 1:2 ".repeat(big / 7)),
        format!("docker run {}", "-e A=1 ".repeat(big / 7)),
        format!("docker rm {}", "a ".repeat(big / 2)),
        "docker ps;".repeat(big / 20),
        "a;".repeat(big / 10),
        "$(".repeat(big / 2),
        format!("docker rm {}", "$(docker ps) ".repeat(big / 13)),
        format!("docker rm {}", "{".repeat(big)),
        format!("docker rm {}", "`".repeat(big)),
        "A=1\n".repeat(big / 4),
        "docker run -\0 x".to_owned(),
        "x".repeat(3 << 20),
    ] {
        let began = std::time::Instant::now();
        let found = compare("docker run -d nginx", &text, Lang::En);
        assert!(!found.is_empty() && found.len() <= 50);
        let _ = explain(&text, Lang::Ko);
        let head: String = text.chars().take(30).collect();
        assert!(
            began.elapsed().as_secs() < 10,
            "{head}: {:?}",
            began.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn any_command_is_read(typed in "(docker|docker compose|docker-compose)?[ a-z$(){}|&;<>'\"`\\\\\n#=:/.,한–-]{0,60}") {
        for fact in compare("docker run -d -p 8080:80 nginx", &typed, Lang::Ko) {
            prop_assert!(typed.get(fact.start..fact.end).is_some());
        }
        for part in explain(&typed, Lang::En).parts {
            prop_assert!(typed.get(part.start..part.end).is_some());
        }
    }

    #[test]
    fn the_order_of_flags_in_a_command_is_free(flags in Just(vec!["-d", "-it", "--rm", "-p 8080:80", "--publish=443:443",
        "--name web", "-eA=1", "-m 1g", "-v data:/d", "-w /app", "--cpus=2"]).prop_shuffle(), kept in 0usize..11) {
        let some = |flags: &[&str]| format!("docker run {} nginx", flags.join(" "));
        let mut sorted = flags[..kept].to_vec();
        sorted.sort_unstable();
        prop_assert_eq!(facts(&some(&sorted), &some(&flags[..kept])), Vec::<String>::new());
        prop_assert!(!facts(&some(&flags), &some(&flags[1..])).is_empty());
    }
}
