//! What a report has told already. Two checks can read the same line of a file: the mistake in it is one thing to mend, and
//! stands at the first check that it fails.

use std::collections::HashSet;

use crate::assert::Verdict;
use crate::{Finding, Status};

/// The findings of the checks that have failed so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    failed: HashSet<(String, String, usize, usize, String)>,
}

impl Told {
    /// Takes away what a failed check has told. Remarks on a check that passed do not count: who has to mend something
    /// looks for it at the check that failed.
    pub(super) fn once(&mut self, mut verdict: Verdict) -> Verdict {
        verdict
            .findings
            .retain(|one| !self.failed.contains(&key(one)));
        if verdict.status == Status::Fail {
            self.failed.extend(verdict.findings.iter().map(key));
        }
        verdict
    }
}

fn key(one: &Finding) -> (String, String, usize, usize, String) {
    (
        one.rule.clone(),
        one.file.clone(),
        one.start.offset,
        one.end.offset,
        one.message.clone(),
    )
}
