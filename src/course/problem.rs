//! What is wrong with a course, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file or folder, relative to the course's folder.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Problem {
    /// Something wrong with a file as a whole.
    pub(super) fn new(file: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            file: file.into(),
            line: None,
            message: message.into(),
        }
    }

    /// Something wrong on a line.
    pub(super) fn at(file: impl Into<String>, line: usize, message: impl Into<String>) -> Problem {
        Problem {
            line: Some(line),
            ..Problem::new(file, message)
        }
    }

    /// What the YAML reader says.
    pub(super) fn yaml(file: &str, error: &serde_yaml::Error) -> Problem {
        Problem {
            line: error.location().map(|place| place.line()),
            ..Problem::new(file, error.to_string())
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// A course that is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseError {
    /// Sorted by file and line; never empty.
    pub problems: Vec<Problem>,
}

impl std::error::Error for CourseError {}

impl fmt::Display for CourseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let thing = if count == 1 { "problem" } else { "problems" };
        write!(f, "the course has {count} {thing}:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}
