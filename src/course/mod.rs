//! Lessons and exercises, from a folder or from the binary.
//!
//! A course is either whole or not there: [`Course::embedded`] and [`Course::load`] give it only when nothing is wrong
//! with it, and otherwise list everything that is wrong, with file and line.

mod coverage;
mod exercise;
mod expectation;
mod files;
pub mod import;
mod lesson;
pub mod markdown;
mod parity;
mod problem;
pub mod proof;
pub mod search;
pub mod skeleton;
pub mod transcript;

#[cfg(test)]
mod tests;

use std::path::Path;

use checker::Lang;
pub use checker::spec::Text;
use checker::spec::{Exercise, Hint};

pub use exercise::Variant;
pub use expectation::Expectation;
pub use files::{Files, TOPS};
pub use lesson::schema as lesson_schema;
pub use markdown::Heading;
pub use problem::{CourseError, Problem};

/// Lessons in their order, and their exercises.
#[derive(Debug)]
pub struct Course {
    lessons: Vec<Lesson>,
    exercises: Vec<CourseExercise>,
    /// What the course must cover: its own list.
    coverage: coverage::Groups,
}

/// One lesson, in both languages.
#[derive(Debug)]
pub struct Lesson {
    /// The name of its folder, such as `01-one-image-many-containers`.
    pub id: String,
    /// Its place in the course, from 1.
    pub order: u32,
    /// The page's heading; the Markdown itself has none of the first level.
    pub title: Text,
    /// One sentence for the map of the course.
    pub summary: Text,
    /// How long it takes.
    pub minutes: u32,
    /// Ids of what it teaches (`lessons/coverage.yaml`).
    pub covers: Vec<String>,
    /// Ids of its exercises, in the order of the text.
    pub exercises: Vec<String>,
    ko: Page,
    en: Page,
}

/// A lesson's text in one language.
#[derive(Debug)]
pub struct Page {
    /// The title as `<h1>`, then the text.
    pub html: String,
    /// For a table of contents; without the title.
    pub headings: Vec<Heading>,
    /// How many words there are to read, code aside.
    pub words: usize,
}

/// A file of a course: its path, with `/` between parts, and its bytes.
pub type CourseFile = (String, Vec<u8>);

/// One exercise with everything that belongs to it.
#[derive(Debug)]
pub struct CourseExercise {
    /// `exercise.yaml`.
    pub spec: Exercise,
    /// SHA-256 (hex) of `exercise.yaml` and the starter: what a result depends on.
    pub hash: String,
    /// What the learner begins with, sorted by path.
    pub starter: Vec<CourseFile>,
    /// Everything as it should be in the end: the starter with the solution's files on it, sorted by path.
    pub solution: Vec<CourseFile>,
    /// Other ways that are right as well; complete, like `solution`.
    pub alternatives: Vec<Variant>,
    /// Ways that are wrong, and how they must fail; complete, like `solution`.
    pub wrong: Vec<(Variant, Expectation)>,
    ko: ExerciseText,
    en: ExerciseText,
}

/// What a learner reads of an exercise in one language.
#[derive(Debug)]
struct ExerciseText {
    html: String,
    hints: Vec<String>,
}

impl Course {
    /// The course that is part of the program.
    pub fn embedded() -> Result<Course, CourseError> {
        Course::from_files(&Files::embedded())
    }

    /// A course from a folder that holds `lessons/` and `exercises/`.
    pub fn load(folder: &Path) -> Result<Course, CourseError> {
        let files = Files::read(folder).map_err(|problem| CourseError {
            problems: vec![problem],
        })?;
        Course::from_files(&files)
    }

    /// A course from its files.
    pub fn from_files(files: &Files) -> Result<Course, CourseError> {
        let (course, problems) = Course::read(files);
        if problems.is_empty() {
            Ok(course)
        } else {
            Err(CourseError { problems })
        }
    }

    /// Everything that is wrong with a course, sorted by file and line.
    #[must_use]
    pub fn problems(files: &Files) -> Vec<Problem> {
        Course::read(files).1
    }

    /// Reads what can be read, and says what is wrong, sorted by file and line. With problems, the course is not whole, and
    /// only good for an author.
    #[must_use]
    pub fn read(files: &Files) -> (Course, Vec<Problem>) {
        let mut problems = Vec::new();
        let (coverage, must_cover) = lesson::coverage(files, &mut problems);
        let lessons = lesson::read_all(files, &coverage, &mut problems);
        let mut exercises = exercise::read_all(files, &coverage, &mut problems);
        lesson::check_exercises(&lessons, &exercises, &mut problems);
        exercise::check_lessons(&lessons, &exercises, &mut problems);
        files.check_stray(&lessons, &mut problems);
        problems.sort();
        problems.dedup();
        // In the order in which a learner meets them.
        exercises.sort_by_cached_key(|exercise| {
            let lesson = lessons
                .iter()
                .position(|lesson| lesson.id == exercise.spec.lesson);
            let place = lesson.and_then(|at| {
                let ids = &lessons[at].exercises;
                ids.iter().position(|id| *id == exercise.spec.id)
            });
            (lesson, place, exercise.spec.id.clone())
        });
        let course = Course {
            lessons,
            exercises,
            coverage: must_cover,
        };
        (course, problems)
    }

    /// In the order in which they are taught.
    #[must_use]
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// One lesson.
    #[must_use]
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// In the order in which a learner meets them.
    #[must_use]
    pub fn exercises(&self) -> &[CourseExercise] {
        &self.exercises
    }

    /// One exercise.
    #[must_use]
    pub fn exercise(&self, id: &str) -> Option<&CourseExercise> {
        self.exercises
            .iter()
            .find(|exercise| exercise.spec.id == id)
    }
}

impl Lesson {
    /// The text in one language.
    #[must_use]
    pub fn page(&self, lang: Lang) -> &Page {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }
}

impl Page {
    /// The text with something in the place of each exercise: what `fill` answers to the exercise's id.
    #[must_use]
    pub fn with_exercises(&self, mut fill: impl FnMut(&str) -> String) -> String {
        const PLACE: &str = "<section class=\"exercise\" data-exercise=\"";
        let mut parts = self.html.split(PLACE);
        let mut html = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // An id has no character that would have been escaped: the course was read without problems.
            let (id, rest) = part.split_once("\">").unwrap_or((part, ""));
            html.push_str(PLACE);
            html.push_str(id);
            html.push_str("\">");
            html.push_str(&fill(id));
            html.push_str(rest);
        }
        html
    }
}

impl CourseExercise {
    /// The task in one language, as HTML.
    #[must_use]
    pub fn text_html(&self, lang: Lang) -> &str {
        &self.text(lang).html
    }

    /// The hints in one language, as HTML; the same order as `spec.hints`.
    #[must_use]
    pub fn hints_html(&self, lang: Lang) -> &[String] {
        &self.text(lang).hints
    }

    /// Whether some hint depends on more than the learner's files.
    #[must_use]
    pub fn looks_at_state(&self) -> bool {
        let mut conditions = self.spec.hints.iter().filter_map(|hint| hint.when.as_ref());
        conditions.any(|when| when.stage() != checker::Stage::Text)
    }

    /// The hints that fit the untouched starter.
    #[must_use]
    pub fn starter_hints(&self, lang: Lang) -> Vec<&Hint> {
        match self.starter_folder() {
            Ok(folder) => checker::check::fitting_hints(&self.spec, folder.path(), lang),
            Err(error) => {
                tracing::warn!(%error, "the starter could not be laid out");
                let hints = self.spec.hints.iter();
                hints.filter(|hint| hint.when.is_none()).collect()
            }
        }
    }

    fn starter_folder(&self) -> std::io::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        for (path, bytes) in &self.starter {
            let path = folder.path().join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)?;
        }
        Ok(folder)
    }

    fn text(&self, lang: Lang) -> &ExerciseText {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }
}
