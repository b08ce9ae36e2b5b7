//! Dockerfiles parsed as BuildKit parses them, with exact spans, from broken text too.
//!
//! Parsing never fails: any bytes go in; a tree, and problems with spans, come out. What BuildKit would refuse is a
//! [`Problem`], and the rest of the file still has its tree. All spans are byte ranges of the input.
//!
//! ```
//! let file = dockerfile::parse(b"FROM python:3.11 -slim\nRUN pip install flask\n");
//! assert_eq!(file.instructions.len(), 2);
//! assert_eq!(file.problems[0].to_string(), "FROM takes an image, or `image AS name`; there are 2 words here");
//! ```

mod ast;
#[cfg(feature = "serde")]
mod ast_json;
mod directive;
mod duration;
mod expand;
mod glob;
mod heredoc;
pub mod ignore;
mod instruction;
mod json_array;
mod lines;
mod parser;
mod print;
mod problem;
mod scope;
mod source;
mod suggest;
mod validate;
mod words;

pub use ast::{
    Body, Comment, Directive, Dockerfile, Flag, Form, Heredoc, Instruction, Kind, Pair, Stage, Word,
};
#[cfg(feature = "serde")]
pub use ast_json::Tree;
pub use expand::{ExpandError, Expanded, Reference, expand, expand_text};
pub use lines::Logical;
pub use parser::{MAX_LINE, MAX_SIZE, parse};
pub use print::print;
pub use problem::{Problem, ProblemKind};
pub use scope::{Origin, PLATFORM_ARGS, PREDEFINED_ARGS, Scope, Scopes, Variable, scopes};
pub use source::{Place, Source, Span};
pub use suggest::{distance, suggest};
