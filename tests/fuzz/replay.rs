//! What fuzzing kept, run in the ordinary tests: every parser reads its whole corpus, in time.

mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

/// One file takes milliseconds; the fuzzer's own limit is 10 s.
const MOST: Duration = Duration::from_secs(10);

/// Reads any bytes, and panics where something that must hold does not.
type Target = fn(&[u8]);

/// No folder of the corpus may vanish, or stand there without a target.
const TARGETS: [(&str, Target); 6] = [
    ("command", targets::command),
    ("compose", targets::compose),
    ("dockerfile", targets::dockerfile),
    ("exercise", targets::exercise),
    ("gateway", targets::gateway),
    ("ignore", targets::ignore),
];

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn every_corpus_belongs_to_a_target() {
    assert_eq!(names(corpus()), TARGETS.map(|(name, _)| name));
}

#[test]
fn every_kept_input_is_read_in_time() {
    let mut wrong = Vec::new();
    for (target, run) in TARGETS {
        let folder = corpus().join(target);
        let files = names(&folder);
        assert!(files.len() >= 5, "{target}: {} files", files.len());
        for file in files {
            let bytes = std::fs::read(folder.join(&file)).unwrap();
            let began = Instant::now();
            let ended = std::panic::catch_unwind(|| run(&bytes));
            let took = began.elapsed();
            if ended.is_err() || took > MOST {
                wrong.push(format!("{target}/{file} ({took:?})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
