//! The cache forecast against real builds: what is foreseen is what the builder then says.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use checker::forecast::{Builder, Fate, Project, forecast};
use checker::{Event, Lang};

use crate::ground::{Ground, base_image, exercise, folder, head, with_engine};

/// An edit of a folder, and build arguments that the second build gets.
struct Edit {
    name: &'static str,
    dockerfile: &'static str,
    change: fn(&Path),
    args: &'static str,
    /// Steps that must be reused, so that a forecast of nothing at all would be seen.
    reused: usize,
}

fn write(dir: &Path, file: &str, text: &str) {
    std::fs::write(dir.join(file), text).unwrap();
}

fn swap(dir: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(dir.join("Dockerfile")).unwrap();
    assert!(text.contains(from), "{from}");
    write(dir, "Dockerfile", &text.replace(from, to));
}

const APP: &str = "WORKDIR /app\nCOPY list.txt ./\nRUN echo deps\nCOPY src ./src\nRUN echo build\nENV MODE=a\nCMD [\"sh\"]\n";
const ALL: &str = "COPY . /app\nRUN echo x\n";
const ARGS: &str = "RUN echo first\nARG V=1\nRUN echo second\nLABEL v=$V\n";
const HIDDEN: &str = "ARG V=1\nENV V=x\nRUN echo $V\n";
const STAGES: &str = "COPY list.txt /one\nRUN echo one\nFROM scratch AS two\nCOPY src/main.py /two\nFROM scratch\nCOPY --from=two /two /three\nCOPY list.txt /list\nLABEL a=b\n";
const WILD: &str = "COPY *.txt /texts/\nADD src/main.py /main.py\nLABEL a=\"1\" b=2\nEXPOSE 80\nUSER 1000\nVOLUME /v\n";
const SHELLS: &str = "SHELL [\"/bin/sh\", \"-ec\"]\nRUN echo a\nHEALTHCHECK CMD true\nENTRYPOINT [\"x\"]\nSTOPSIGNAL SIGINT\n";

const EDITS: [Edit; 26] = [
    Edit {
        name: "nothing",
        dockerfile: APP,
        change: |_| {},
        args: "",
        reused: 7,
    },
    Edit {
        name: "source behind the dependencies",
        dockerfile: APP,
        change: |d| write(d, "src/main.py", "new"),
        args: "",
        reused: 3,
    },
    Edit {
        name: "dependencies",
        dockerfile: APP,
        change: |d| write(d, "list.txt", "new"),
        args: "",
        reused: 1,
    },
    Edit {
        name: "an ignored file",
        dockerfile: ALL,
        change: |d| write(d, "note.log", "new"),
        args: "",
        reused: 2,
    },
    Edit {
        name: "a file of COPY .",
        dockerfile: ALL,
        change: |d| write(d, "list.txt", "new"),
        args: "",
        reused: 0,
    },
    Edit {
        name: "a comment of the Dockerfile below COPY .",
        dockerfile: ALL,
        change: |d| swap(d, "RUN echo x", "# why\nRUN echo x"),
        args: "",
        reused: 0,
    },
    Edit {
        name: "a comment and blank lines",
        dockerfile: APP,
        change: |d| swap(d, "RUN echo deps", "\n# why\n\nrun   echo deps"),
        args: "",
        reused: 7,
    },
    Edit {
        name: "white space inside a RUN",
        dockerfile: APP,
        change: |d| swap(d, "echo build", "echo  build"),
        args: "",
        reused: 4,
    },
    Edit {
        name: "a continuation",
        dockerfile: APP,
        change: |d| swap(d, "echo build", "echo \\\n build"),
        args: "",
        reused: 4,
    },
    Edit {
        name: "ENV with quotes",
        dockerfile: APP,
        change: |d| swap(d, "ENV MODE=a", "ENV MODE=\"a\""),
        args: "",
        reused: 7,
    },
    Edit {
        name: "ENV with another value",
        dockerfile: APP,
        change: |d| swap(d, "MODE=a", "MODE=b"),
        args: "",
        reused: 5,
    },
    Edit {
        name: "the exec form of the same RUN",
        dockerfile: APP,
        change: |d| {
            swap(
                d,
                "RUN echo build",
                "RUN [\"/bin/sh\", \"-c\", \"echo build\"]",
            )
        },
        args: "",
        reused: 7,
    },
    Edit {
        name: "permissions",
        dockerfile: APP,
        change: |d| {
            std::fs::set_permissions(d.join("src/main.py"), PermissionsExt::from_mode(0o755))
                .unwrap();
        },
        args: "",
        reused: 3,
    },
    Edit {
        name: "the time of a file",
        dockerfile: APP,
        change: |d| {
            let file = std::fs::File::options()
                .write(true)
                .open(d.join("src/main.py"))
                .unwrap();
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000))
                .unwrap();
        },
        args: "",
        reused: 7,
    },
    Edit {
        name: "another name of the same content",
        dockerfile: APP,
        change: |d| {
            std::fs::rename(d.join("src/main.py"), d.join("src/other.py")).unwrap();
        },
        args: "",
        reused: 3,
    },
    Edit {
        name: "another source of the same content",
        dockerfile: WILD,
        change: |d| {
            write(d, "src/copy.py", "print(1)\n");
            swap(d, "src/main.py", "src/copy.py");
        },
        args: "",
        reused: 1,
    },
    Edit {
        name: "a source written otherwise",
        dockerfile: WILD,
        change: |d| swap(d, "ADD src/main.py", "ADD ./src/main.py"),
        args: "",
        reused: 6,
    },
    Edit {
        name: "a file that a pattern takes",
        dockerfile: WILD,
        change: |d| write(d, "more.txt", "new"),
        args: "",
        reused: 0,
    },
    Edit {
        name: "a file that no pattern takes",
        dockerfile: WILD,
        change: |d| write(d, "more.md", "new"),
        args: "",
        reused: 6,
    },
    Edit {
        name: "LABEL",
        dockerfile: WILD,
        change: |d| swap(d, "b=2", "b=3"),
        args: "",
        reused: 2,
    },
    Edit {
        name: "USER",
        dockerfile: WILD,
        change: |d| swap(d, "USER 1000", "USER 1001"),
        args: "",
        reused: 4,
    },
    Edit {
        name: "an argument that is used",
        dockerfile: ARGS,
        change: |_| {},
        args: "{V: '2'}",
        reused: 2,
    },
    Edit {
        name: "an argument that ENV hides",
        dockerfile: HIDDEN,
        change: |_| {},
        args: "{V: '2'}",
        reused: 3,
    },
    Edit {
        name: "a proxy",
        dockerfile: ARGS,
        change: |_| {},
        args: "{http_proxy: 'http://p'}",
        reused: 0,
    },
    Edit {
        name: "a file of another stage",
        dockerfile: STAGES,
        // That stage has no first step of its own, so an earlier run must not have seen the same file.
        change: |d| {
            write(
                d,
                "src/main.py",
                &format!("{:?}", std::time::SystemTime::now()),
            )
        },
        args: "",
        reused: 2,
    },
    Edit {
        name: "SHELL",
        dockerfile: SHELLS,
        change: |d| swap(d, "-ec", "-c"),
        args: "",
        reused: 0,
    },
];

/// Builds once, and says which steps came from the cache.
async fn build(ground: &Ground, dir: &Path, args: &str) -> BTreeSet<usize> {
    let args = if args.is_empty() { "{}" } else { args };
    let exercise = exercise(&format!(
        "  - {}\n    assert: {{build: {{tag: \"{}\", args: {args}}}}}\n",
        head("build"),
        ground.tag
    ));
    let (report, events) = ground.check(&exercise, dir, 120).await;
    assert!(report.passed, "{report:#?}");
    let cached = events.iter().filter_map(|event| match event {
        Event::BuildCached { step } => Some(*step as usize),
        _ => None,
    });
    cached.collect()
}

#[tokio::test]
async fn what_is_foreseen_is_what_the_builder_does() {
    with_engine(|ground| async move {
        for (at, edit) in EDITS.iter().enumerate() {
            // A first step of its own keeps the results of other cases and of earlier runs away.
            let own = format!("{:?}-{at}", std::time::SystemTime::now());
            let own: String = own.chars().filter(char::is_ascii_alphanumeric).collect();
            let text = format!(
                "FROM {}\nLABEL case={own}\n{}",
                base_image(),
                edit.dockerfile
            );
            let dir = folder(&[
                ("Dockerfile", &text),
                (".dockerignore", "*.log\n"),
                ("list.txt", "a\n"),
                ("note.log", "a\n"),
                ("src/main.py", "print(1)\n"),
            ]);
            let see = || {
                let tree =
                    dockerfile::parse(&std::fs::read(dir.path().join("Dockerfile")).unwrap());
                let files = checker::check::context_files(dir.path(), "Dockerfile", Lang::En);
                (tree, files.unwrap())
            };
            let (old_tree, old_files) = see();
            build(&ground, dir.path(), "").await;
            (edit.change)(dir.path());
            let (tree, files) = see();
            let none = BTreeMap::new();
            let args: BTreeMap<String, String> = match edit.args {
                "" => BTreeMap::new(),
                args => serde_yaml::from_str(args).unwrap(),
            };
            let before = Project {
                dockerfile: &old_tree,
                files: &old_files,
                args: &none,
                target: None,
            };
            let after = Project {
                dockerfile: &tree,
                files: &files,
                args: &args,
                target: None,
            };
            let foreseen = forecast(&before, &after, Builder::Classic);
            let cached = build(&ground, dir.path(), edit.args).await;
            for step in &foreseen.steps {
                if step.text.to_ascii_uppercase().starts_with("FROM") {
                    continue;
                }
                let was = cached.contains(&step.number);
                let right = match step.fate {
                    Fate::Reused => was,
                    Fate::Rebuilt => !was,
                    Fate::Depends => true,
                    _ => false,
                };
                assert!(right, "{}: cached: {was}, {step:?}", edit.name);
            }
            // The case's own label is reused, too.
            assert_eq!(foreseen.reused(), edit.reused + 1, "{}", edit.name);
        }
    })
    .await;
}
