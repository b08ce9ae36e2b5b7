//! `docktutor course new`: writes the skeleton of a lesson or of an exercise. Nothing that is there is overwritten; a
//! lesson that gets an exercise keeps every line that it had.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use checker::spec::Kind;
use clap::{Args, Subcommand, ValueEnum};

use super::super::USAGE;
use super::super::output::write_output;
use crate::course::skeleton::{self, Plan};
use crate::course::{Files, TOPS};

/// Arguments of `course new`.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A lesson in both languages.
    Lesson {
        /// Its folder to be, `NN-name`, such as 15-swarm.
        #[arg(value_name = "NN-name")]
        id: String,
        #[command(flatten)]
        place: To,
    },
    /// An exercise with everything that proves it.
    Exercise {
        /// Its id to be; the last part names the learner's folder.
        #[arg(value_name = "TOPIC/NAME")]
        id: String,
        /// What the learner does in it.
        #[arg(long, value_enum)]
        kind: Doing,
        /// The lesson that it belongs to; by default the only one.
        #[arg(long, value_name = "ID")]
        lesson: Option<String>,
        #[command(flatten)]
        place: To,
    },
}

#[derive(Debug, Args)]
struct To {
    /// The course's folder, with `lessons` and `exercises`; they are made where they are missing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
}

/// The kinds of exercises, by the words of `exercise.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Doing {
    /// Writes or mends files.
    Files,
    /// Brings a sandbox into a state.
    Sandbox,
    /// Types a command line.
    Command,
    /// Answers questions.
    Quiz,
    /// Says what will happen.
    Predict,
}

impl From<Doing> for Kind {
    fn from(doing: Doing) -> Kind {
        match doing {
            Doing::Files => Kind::Files,
            Doing::Sandbox => Kind::Sandbox,
            Doing::Command => Kind::Command,
            Doing::Quiz => Kind::Quiz,
            Doing::Predict => Kind::Predict,
        }
    }
}

/// Writes what was asked for, or says why not.
pub(super) fn run(args: &NewArgs) -> anyhow::Result<u8> {
    let (id, to) = match &args.what {
        What::Lesson { id, place } | What::Exercise { id, place, .. } => (id, &place.to),
    };
    let plan = match plan(&args.what, to) {
        Ok(plan) => plan,
        Err(message) => {
            eprintln!("docktutor: {message}; nothing was written");
            return Ok(USAGE);
        }
    };
    write(to, &plan)?;
    write_output(None, &told(to, id, &plan)).context("the answer cannot be written")?;
    Ok(0)
}

/// What would be written. The error is for a person.
fn plan(what: &What, to: &Path) -> Result<Plan, String> {
    let course = Files::read_begun(to)
        .map_err(|problem| format!("{} is no course: {problem}", to.display()))?;
    let plan = match what {
        What::Lesson { id, .. } => skeleton::lesson(&course, id),
        What::Exercise {
            id, kind, lesson, ..
        } => skeleton::exercise(&course, id, (*kind).into(), lesson.as_deref()),
    }?;
    // An empty folder has no files and is there all the same.
    let folder = to.join(&plan.folder);
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(format!("{} is there already", folder.display()));
    }
    Ok(plan)
}

/// The new folder appears with all of its files or not at all; then the lesson's files are replaced, one by one.
fn write(to: &Path, plan: &Plan) -> anyhow::Result<()> {
    let folder = to.join(&plan.folder);
    write_folder(to, &folder, plan)
        .with_context(|| format!("the folder {} cannot be written", folder.display()))?;
    for (path, bytes) in &plan.changes {
        let path = to.join(path);
        let text = std::str::from_utf8(bytes)?;
        write_output(Some(&path), text).with_context(|| {
            format!(
                "{} was written, and {} cannot be changed",
                folder.display(),
                path.display()
            )
        })?;
    }
    Ok(())
}

fn write_folder(to: &Path, folder: &Path, plan: &Plan) -> io::Result<()> {
    for top in TOPS {
        fs::create_dir_all(to.join(top))?;
    }
    // Not below `lessons` or `exercises`: what a crash leaves must not count as a part of the course.
    let aside = tempfile::Builder::new()
        .prefix(".docktutor-")
        .tempdir_in(to)?;
    let whole = aside.path().join("new");
    for (path, bytes) in &plan.files {
        let path = whole.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    // Fails where somebody else was faster; an empty folder of our own is what a rename may replace.
    fs::create_dir(folder)?;
    fs::rename(&whole, folder)
}

/// What was written, and what comes next.
fn told(to: &Path, id: &str, plan: &Plan) -> String {
    let mut lines = vec!["written:".to_owned()];
    let new = plan.files.iter();
    lines.extend(new.map(|(path, _)| format!("  {}/{path}", plan.folder)));
    if !plan.changes.is_empty() {
        lines.push("changed:".to_owned());
        let changed = plan.changes.iter();
        lines.extend(changed.map(|(path, _)| format!("  {path}")));
    }
    if let Some(by_hand) = &plan.by_hand {
        lines.push(format!("\n{by_hand}\n"));
    }
    let course = quoted(&to.display().to_string());
    lines.push(format!(
        "next: put your own words in, then docktutor course check --course {course} --only {id}"
    ));
    lines.join("\n") + "\n"
}

/// A path as a shell reads it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Course;
    use crate::course::Problem;

    fn lesson(id: &str, to: &Path) -> What {
        let place = To { to: to.to_owned() };
        let id = id.to_owned();
        What::Lesson { id, place }
    }

    fn exercise(id: &str, to: &Path) -> What {
        What::Exercise {
            id: id.to_owned(),
            kind: Doing::Quiz,
            lesson: Some("01-first".to_owned()),
            place: To { to: to.to_owned() },
        }
    }

    fn new(what: What) -> u8 {
        run(&NewArgs { what }).expect("the disk works")
    }

    #[test]
    fn a_course_begins_in_an_empty_folder_and_nothing_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let to = home.path().join("a course");
        assert_eq!(new(lesson("01-first", &to)), 0);
        let read = || Files::read(&to).unwrap();
        assert_eq!(Course::problems(&read()), Vec::<Problem>::new());
        assert_eq!(new(exercise("web/ask", &to)), 0);
        assert_eq!(Course::problems(&read()), Vec::<Problem>::new());
        let course = Course::load(&to).unwrap();
        assert_eq!(course.lessons()[0].exercises, ["web/ask"]);

        fs::write(to.join("lessons/01-first/ko.md"), "own words\n").unwrap();
        fs::create_dir_all(to.join("exercises/web/empty")).unwrap();
        let before = read();
        for again in [
            lesson("01-first", &to),
            lesson("01-other", &to),
            lesson("../02-out", &to),
            exercise("web/ask", &to),
            exercise("other/ask", &to),
            exercise("web/empty", &to),
            exercise("web/../out", &to),
        ] {
            assert_eq!(new(again), USAGE);
        }
        assert_eq!(read(), before);
        let mut left: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(
            left,
            TOPS.map(Into::into)
                .into_iter()
                .rev()
                .collect::<Vec<std::ffi::OsString>>()
        );
    }

    #[test]
    fn a_file_where_the_course_should_be_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(
            run(&NewArgs {
                what: lesson("01-first", file.path())
            })
            .is_err()
        );
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("lessons"), "a file").unwrap();
        assert_eq!(new(lesson("01-first", home.path())), USAGE);
    }

    #[test]
    fn what_was_done_and_what_comes_next_is_told() {
        let plan = Plan {
            folder: "exercises/a/b".to_owned(),
            files: vec![("exercise.yaml".to_owned(), Vec::new())],
            changes: vec![("lessons/01-x/ko.md".to_owned(), Vec::new())],
            by_hand: None,
        };
        assert_eq!(
            told(Path::new("my course"), "a/b", &plan),
            "written:\n  exercises/a/b/exercise.yaml\nchanged:\n  lessons/01-x/ko.md\nnext: put your own words in, then docktutor course check --course 'my course' --only a/b\n"
        );
    }
}
