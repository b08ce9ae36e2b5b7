use proptest::prelude::*;

use super::*;
use crate::Lang;

struct Case {
    dockerfile: String,
    files: Files,
    args: BTreeMap<String, String>,
    target: Option<String>,
}

fn case(dockerfile: &str, files: &[(&str, &str)]) -> Case {
    let mut known = Files::default();
    for (path, content) in files {
        let mut folder = *path;
        while let Some((parent, _)) = folder.rsplit_once('/') {
            known.insert(parent, Entry::folder(0o755));
            folder = parent;
        }
        known.insert(*path, Entry::file(0o644, content.as_bytes()));
    }
    Case {
        dockerfile: dockerfile.to_owned(),
        files: known,
        args: BTreeMap::new(),
        target: None,
    }
}

fn run(before: &Case, after: &Case, builder: Builder) -> Forecast {
    let (old, new) = (
        dockerfile::parse(before.dockerfile.as_bytes()),
        dockerfile::parse(after.dockerfile.as_bytes()),
    );
    forecast(&project(&old, before), &project(&new, after), builder)
}

fn project<'a>(tree: &'a Dockerfile, case: &'a Case) -> Project<'a> {
    Project {
        dockerfile: tree,
        files: &case.files,
        args: &case.args,
        target: case.target.as_deref(),
    }
}

impl Case {
    fn arg(mut self, name: &str, value: &str) -> Case {
        self.args.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// One letter for each step: `=` reused, `R` rebuilt, `?` depends, `.` setting, `-` not built, `!` fails, `u` unknown.
fn letters(forecast: &Forecast) -> String {
    let letter = |step: &Step| match step.fate {
        Fate::Reused => '=',
        Fate::Rebuilt => 'R',
        Fate::Depends => '?',
        Fate::Setting => '.',
        Fate::NotBuilt => '-',
        Fate::Fails => '!',
        Fate::Unknown => 'u',
    };
    forecast.steps.iter().map(letter).collect()
}

fn both(before: &Case, after: &Case) -> (String, String) {
    (
        letters(&run(before, after, Builder::Classic)),
        letters(&run(before, after, Builder::Buildkit)),
    )
}

fn pair(classic: &str, buildkit: &str) -> (String, String) {
    (classic.to_owned(), buildkit.to_owned())
}

const APP: &str =
    "FROM base\nWORKDIR /app\nCOPY list.txt .\nRUN install\nCOPY . .\nCMD [\"run\"]\n";

#[test]
fn a_source_edit_rebuilds_from_its_copy_on() {
    let files = [("list.txt", "a"), ("src/main.py", "1")];
    let edited = [("list.txt", "a"), ("src/main.py", "2")];
    let (before, after) = (case(APP, &files), case(APP, &edited));
    assert_eq!(both(&before, &after), pair("====RR", "====R."));
    let forecast = run(&before, &after, Builder::Classic);
    assert_eq!(
        forecast.steps[4].reason,
        Reason::Files {
            changed: vec!["src/main.py".to_owned()],
            added: Vec::new(),
            removed: Vec::new()
        }
    );
    assert_eq!(forecast.steps[5].reason, Reason::Earlier { step: 5 });
    assert_eq!(forecast.reused(), 3);

    let edited = [("list.txt", "b"), ("src/main.py", "1")];
    assert_eq!(both(&before, &case(APP, &edited)), pair("==RRRR", "==RRR."));
}

#[test]
fn an_argument_counts_where_it_is_used() {
    let text = "FROM base\nRUN a\nARG V=1\nRUN b\n";
    let before = case(text, &[]);
    let after = case(text, &[]).arg("V", "2");
    assert_eq!(both(&before, &after), pair("===R", "==.R"));
    let forecast = run(&before, &after, Builder::Classic);
    assert_eq!(
        forecast.steps[3].reason,
        Reason::Argument {
            name: "V".to_owned(),
            before: Some("1".to_owned()),
            after: Some("2".to_owned())
        }
    );
    // ENV hides it. That there is a proxy counts for the classic builder only.
    let text = "FROM base\nARG V=1\nENV V=x\nRUN b\n";
    let before = case(text, &[]);
    assert_eq!(
        both(&before, &case(text, &[]).arg("V", "2")),
        pair("====", "=..=")
    );
    let proxy = case(text, &[]).arg("HTTP_PROXY", "http://p");
    assert_eq!(both(&before, &proxy), pair("===R", "=..="));
    // An ARG before FROM counts in FROM, and in a stage that names it.
    let text = "ARG V=1\nFROM base:$V\nRUN b\n";
    let (before, after) = (case(text, &[]), case(text, &[]).arg("V", "2"));
    assert_eq!(both(&before, &after), pair(".RR", ".RR"));
}

#[test]
fn a_label_matters_to_the_classic_builder_only() {
    let before = case("FROM base\nLABEL a=1\nENV B=1\nRUN x\n", &[]);
    let label = case("FROM base\nLABEL a=2\nENV B=1\nRUN x\n", &[]);
    assert_eq!(both(&before, &label), pair("=RRR", "=..="));
    let env = case("FROM base\nLABEL a=1\nENV B=2\nRUN x\n", &[]);
    assert_eq!(both(&before, &env), pair("==RR", "=..R"));
    let forecast = run(&before, &env, Builder::Buildkit);
    assert_eq!(
        forecast.steps[3].reason,
        Reason::Setting {
            name: "ENV B".to_owned()
        }
    );
}

#[test]
fn what_is_set_counts_and_not_how_it_is_written() {
    let before = case("FROM base\nENV A=1\nRUN x\nCOPY a /b\n", &[("a", "1")]);
    let after = case(
        "# new\nfrom base\n\nENV A=\"1\"\n# why\nRUN   x\nCOPY ./a   /b\n",
        &[("a", "1")],
    );
    assert_eq!(both(&before, &after), pair("====", "=.=="));
    let after = case(
        "FROM base\nENV A=1\nRUN x \\\n  y\nCOPY a /b\n",
        &[("a", "1")],
    );
    assert_eq!(both(&before, &after), pair("==RR", "=.RR"));
    let forecast = run(&before, &after, Builder::Classic);
    assert_eq!(
        forecast.steps[2].reason,
        Reason::Instruction {
            before: Some("RUN x".to_owned())
        }
    );
}

const STAGES: &str = "FROM base AS build\nCOPY src /src\nRUN make\nFROM base AS test\nRUN t\nFROM base\nRUN deps\nCOPY --from=build /out /out\nRUN after\n";

#[test]
fn stages_are_followed() {
    let before = case(STAGES, &[("src/a", "1")]);
    let after = case(STAGES, &[("src/a", "2")]);
    assert_eq!(both(&before, &after), pair("=RR====??", "=RR--==??"));
    let forecast = run(&before, &after, Builder::Buildkit);
    assert_eq!(
        forecast.steps[7].reason,
        Reason::Stage {
            stage: "build".to_owned()
        }
    );
    assert_eq!(forecast.steps[3].reason, Reason::Unneeded);
    let mut target = case(STAGES, &[("src/a", "2")]);
    target.target = Some("build".to_owned());
    assert_eq!(both(&before, &target), pair("=RR------", "=RR------"));

    let text = "FROM base AS a\nCOPY x /x\nFROM a\nRUN y\n";
    let (before, after) = (case(text, &[("x", "1")]), case(text, &[("x", "2")]));
    assert_eq!(both(&before, &after), pair("=RRR", "=RRR"));
}

#[test]
fn names_count_differently() {
    let before = case(
        "FROM base\nCOPY one/a /x\n",
        &[("one/a", "1"), ("two/a", "1")],
    );
    let after = case(
        "FROM base\nCOPY two/a /x\n",
        &[("one/a", "1"), ("two/a", "1")],
    );
    assert_eq!(both(&before, &after), pair("=R", "=="));
    let before = case("FROM base\nCOPY *.txt /x/\n", &[("a.txt", "1")]);
    let after = case(
        "FROM base\nCOPY *.txt /x/\n",
        &[("b.txt", "1"), ("c.md", "")],
    );
    assert_eq!(both(&before, &after), pair("=R", "=R"));
}

#[test]
fn buildkit_alone_knows_links_and_heredocs() {
    let text = |word: &str| format!("FROM base\nRUN {word}\nCOPY --link a /a\nRUN last\n");
    let before = case(&text("x"), &[("a", "1")]);
    let after = case(&text("y"), &[("a", "1")]);
    assert_eq!(letters(&run(&before, &after, Builder::Buildkit)), "=R=R");
    assert_eq!(letters(&run(&before, &after, Builder::Classic)), "=R!-");
    let text = |word: &str| format!("FROM base\nCOPY <<EOF /a\n{word}\nEOF\nRUN x\n");
    let (before, after) = (case(&text("1"), &[]), case(&text("2"), &[]));
    assert_eq!(letters(&run(&before, &after, Builder::Buildkit)), "=RR");
    assert_eq!(letters(&run(&before, &before, Builder::Buildkit)), "===");
    assert_eq!(letters(&run(&before, &after, Builder::Classic)), "=!-");
}

#[test]
fn what_cannot_be_known_says_so() {
    let text = "FROM base\nADD https://example.com/a /a\nRUN x\n";
    let before = case(text, &[]);
    assert_eq!(both(&before, &before), pair("=uu", "=uu"));
    let text = "FROM base\nCOPY gone /a\nRUN x\n";
    let before = case(text, &[("gone", "1")]);
    assert_eq!(both(&before, &case(text, &[])), pair("=!-", "=!-"));
}

#[test]
fn every_reason_has_a_sentence_in_both_languages() {
    let reasons = [
        Reason::Same,
        Reason::Instruction { before: None },
        Reason::Files {
            changed: vec!["Dockerfile".to_owned()],
            added: Vec::new(),
            removed: Vec::new(),
        },
        Reason::Earlier { step: 2 },
        Reason::Base { before: None },
        Reason::OnlySetting,
        Reason::Unneeded,
        Reason::AfterFailure { step: 2 },
        Reason::AfterUnknown { step: 2 },
    ];
    for reason in reasons {
        let step = Step {
            number: 1,
            stage: None,
            stage_name: None,
            text: String::new(),
            line: 1,
            fate: Fate::Rebuilt,
            reason,
        };
        assert!(step.message(Lang::En).ends_with('.'), "{step:?}");
        assert!(step.message(Lang::Ko).ends_with("요."), "{step:?}");
    }
}

proptest! {
    #[test]
    fn without_an_edit_all_is_reused(
        lines in prop::collection::vec(
            prop::sample::select(vec![
                "RUN a", "RUN [\"b\"]", "ENV A=$A:x", "ARG V=1", "COPY . .", "COPY *.txt /t/", "WORKDIR sub",
                "LABEL l=$V", "USER 1", "FROM base", "FROM s0", "FROM base AS s0", "COPY --from=0 /a /b",
                "EXPOSE 80", "ADD src /src", "SHELL [\"/bin/bash\", \"-c\"]", "CMD x", "VOLUME /v",
            ]),
            0..20,
        ),
    ) {
        let text = format!("FROM base AS s0\n{}\n", lines.join("\n"));
        let project = case(&text, &[("a.txt", "1"), ("src/b", "2")]);
        for builder in [Builder::Classic, Builder::Buildkit] {
            let forecast = run(&project, &project, builder);
            for step in &forecast.steps {
                prop_assert!(
                    matches!(step.fate, Fate::Reused | Fate::Setting | Fate::NotBuilt),
                    "{step:?}"
                );
            }
        }
    }

    #[test]
    fn any_text_is_survived(old in ".{0,200}", new in "(FROM [a-z$]{0,3}( AS [ab])?|COPY( --from=[ab0-9])? .{0,5} /x|RUN .{0,9}|ARG [A-C]=?\n){0,9}") {
        let (old, new) = (case(&old, &[]), case(&new, &[("a", "1")]));
        for builder in [Builder::Classic, Builder::Buildkit] {
            let forecast = run(&old, &new, builder);
            prop_assert_eq!(forecast.steps.len(), dockerfile::parse(new.dockerfile.as_bytes()).instructions.len());
        }
    }
}
