//! What BuildKit would refuse, or warn of, while it reads a file.

use std::fmt;

use crate::source::Span;

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// Index of the instruction it belongs to, where it belongs to one.
    pub instruction: Option<usize>,
}

/// What can be wrong. Callers that speak another language match on it; `Display` gives an English sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the sentences below say it, and the fields are what they name"
)]
pub enum ProblemKind {
    TooLarge {
        size: usize,
        limit: usize,
    },
    NotUtf8 {
        bytes: usize,
    },
    NulByte,
    LineTooLong {
        length: usize,
        limit: usize,
    },
    NoInstructions,
    NoStage,
    DuplicateDirective {
        name: String,
    },
    BadEscape {
        value: String,
    },
    UnknownInstruction {
        keyword: String,
        suggestion: Option<&'static str>,
    },
    EmptyContinuation,
    NotAStringArray,
    UnterminatedHeredoc {
        name: String,
        indented_at: Option<usize>,
    },
    HeredocAsDestination,
    UnterminatedFlagQuote,
    NeedsArgument {
        instruction: &'static str,
    },
    NeedsDestination {
        instruction: &'static str,
    },
    FromArguments {
        count: usize,
    },
    BadStageName {
        name: String,
    },
    BeforeFrom {
        instruction: &'static str,
    },
    NoEquals {
        instruction: &'static str,
        word: String,
    },
    NeedsValue {
        instruction: &'static str,
        name: String,
    },
    BlankName {
        instruction: &'static str,
    },
    UnknownFlag {
        instruction: &'static str,
        flag: String,
        suggestion: Option<&'static str>,
    },
    FlagNeedsValue {
        flag: String,
    },
    FlagTwice {
        flag: String,
    },
    FlagNotBoolean {
        flag: String,
        value: String,
    },
    OnbuildChain,
    OnbuildForbids {
        instruction: &'static str,
    },
    HealthcheckType {
        word: String,
    },
    HealthcheckNoneTakesNothing,
    HealthcheckNeedsCommand,
    BadDuration {
        flag: String,
        value: String,
    },
    BadRetries {
        value: String,
    },
    ShellNotJson,
    EmptyVolume,
    BadSubstitution {
        reason: &'static str,
    },
    FromVariable {
        name: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ProblemKind as K;
        match self {
            K::TooLarge { size, limit } => write!(
                f,
                "the file has {size} bytes; more than {limit} are not read"
            ),
            K::NotUtf8 { bytes } => write!(f, "{bytes} bytes of the file are not UTF-8 text"),
            K::NulByte => write!(f, "the file holds a NUL byte, so it is no text"),
            K::LineTooLong { length, limit } => write!(
                f,
                "the line has {length} bytes; at most {limit} are allowed"
            ),
            K::NoInstructions => write!(f, "the file holds no instruction"),
            K::NoStage => write!(f, "there is no FROM, so there is nothing to build"),
            K::DuplicateDirective { name } => {
                write!(f, "the directive `{name}` can stand only once")
            }
            K::BadEscape { value } => {
                write!(f, "the escape character can be \\ or `, not `{value}`")
            }
            K::UnknownInstruction {
                keyword,
                suggestion: Some(name),
            } => {
                write!(
                    f,
                    "there is no instruction `{keyword}`; did you mean {name}?"
                )
            }
            K::UnknownInstruction {
                keyword,
                suggestion: None,
            } => write!(f, "there is no instruction `{keyword}`"),
            K::EmptyContinuation => {
                write!(f, "an empty line stands inside a continued instruction")
            }
            K::NotAStringArray => write!(f, "every item of the JSON array must be a string"),
            K::UnterminatedHeredoc { name, .. } => {
                write!(f, "the heredoc is never closed by a line `{name}`")
            }
            K::HeredocAsDestination => write!(f, "a heredoc cannot be the destination"),
            K::UnterminatedFlagQuote => write!(f, "the quote in this flag is never closed"),
            K::NeedsArgument { instruction } => write!(f, "{instruction} needs an argument"),
            K::NeedsDestination { instruction } => {
                write!(f, "{instruction} needs a source and a destination")
            }
            K::FromArguments { count } => {
                write!(
                    f,
                    "FROM takes an image, or `image AS name`; there are {count} words here"
                )
            }
            K::BadStageName { name } => {
                write!(
                    f,
                    "`{name}` is no stage name: it starts with a letter; letters, digits, `-`, `_` and `.` follow"
                )
            }
            K::BeforeFrom { instruction } => write!(
                f,
                "{instruction} stands before the first FROM; only ARG may"
            ),
            K::NoEquals { instruction, word } => {
                write!(f, "`{word}` has no `=`; {instruction} takes name=value")
            }
            K::NeedsValue { instruction, name } => write!(f, "{instruction} {name} has no value"),
            K::BlankName { instruction } => write!(f, "a name of {instruction} is empty"),
            K::UnknownFlag {
                instruction,
                flag,
                suggestion: Some(name),
            } => {
                write!(
                    f,
                    "{instruction} has no flag --{flag}; did you mean --{name}?"
                )
            }
            K::UnknownFlag {
                instruction,
                flag,
                suggestion: None,
            } => write!(f, "{instruction} has no flag --{flag}"),
            K::FlagNeedsValue { flag } => write!(f, "--{flag} needs a value after ="),
            K::FlagTwice { flag } => write!(f, "--{flag} can stand only once"),
            K::FlagNotBoolean { flag, value } => {
                write!(f, "--{flag} is true or false, not `{value}`")
            }
            K::OnbuildChain => write!(f, "ONBUILD cannot hold another ONBUILD"),
            K::OnbuildForbids { instruction } => write!(f, "ONBUILD cannot hold {instruction}"),
            K::HealthcheckType { word } => write!(f, "HEALTHCHECK takes CMD or NONE, not `{word}`"),
            K::HealthcheckNoneTakesNothing => write!(f, "HEALTHCHECK NONE takes no arguments"),
            K::HealthcheckNeedsCommand => write!(f, "HEALTHCHECK CMD needs a command"),
            K::BadDuration { flag, value } => {
                write!(
                    f,
                    "--{flag} takes a duration such as 30s or 1m30s, not `{value}`"
                )
            }
            K::BadRetries { value } => write!(f, "--retries takes a number from 0, not `{value}`"),
            K::ShellNotJson => write!(f, "SHELL takes a JSON array"),
            K::EmptyVolume => write!(f, "a volume's path is empty"),
            K::BadSubstitution { reason } => write!(f, "the variable cannot be expanded: {reason}"),
            K::FromVariable { name } => write!(f, "--from cannot hold a variable (`${name}`)"),
        }
    }
}
