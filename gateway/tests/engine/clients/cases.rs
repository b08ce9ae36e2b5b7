//! Reads files of commands.
//!
//! A line is a command for bash. `$P` in it begins every name, so that it is nobody else's on the raw engine, and
//! `$IMAGE` is an image that both sides have. A line that ends in a backslash goes on. Before a command:
//!
//! - `# …` is a remark;
//! - `~ WHAT: REASON` says that WHAT differs and why: `code`, `out`, `err`, or where both answer in JSON the beginning
//!   of a path such as `0.HostConfig.Memory`; several are separated by commas;
//! - `~~ WHAT: REASON` says so of an old command line only, and there it may be so or not;
//! - `> TEXT` says what the scope answers instead.

/// A command, and what is known of its answers.
#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) line: String,
    pub(super) differs: Vec<Differs>,
    pub(super) says: Vec<String>,
}

/// A difference with a reason.
#[derive(Debug)]
pub(super) struct Differs {
    what: String,
    pub(super) of_old: bool,
    #[expect(dead_code, reason = "it is shown when the difference is gone")]
    reason: String,
}

impl Differs {
    pub(super) fn covers(&self, what: &str) -> bool {
        what.strip_prefix(self.what.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// All cases of a file beside this one.
pub(super) fn read(name: &str) -> Vec<Case> {
    let path = format!(
        "{}/tests/engine/clients/{name}.cases",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = text.replace("\\\n", "");
    let mut all = Vec::new();
    let mut next = Case::default();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let known = line.strip_prefix("~ ").or_else(|| line.strip_prefix("~~ "));
        if let Some(known) = known {
            let (what, reason) = known.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            next.differs.extend(what.split(',').map(|what| Differs {
                what: what.trim().to_owned(),
                of_old: line.starts_with("~~"),
                reason: reason.to_owned(),
            }));
        } else if let Some(text) = line.strip_prefix("> ") {
            next.says.push(text.to_owned());
        } else {
            next.line = line.to_owned();
            all.push(std::mem::take(&mut next));
        }
    }
    all
}
