//! Foresees the next build after an edit, from the submission's files.

use super::context::pack;
use super::world::World;
use crate::assert::Verdict;
use crate::assert::cache::Cache;
use crate::submission::{FileProblem, Submission, inside, read};

impl World<'_> {
    /// Judges which steps stay in the cache. No engine is asked.
    pub(super) async fn cache(&mut self, submission: &Submission, cache: &Cache) -> Verdict {
        let lang = self.lang;
        let path = cache.dockerfile_path();
        let dockerfile = match submission.read(&path) {
            Ok(bytes) => bytes.to_vec(),
            Err(problem) => return problem.verdict(&path, lang),
        };
        let dir = match submission.dir() {
            Ok(dir) => dir,
            Err(error) => return Verdict::error(error.to_string()),
        };
        let cache = cache.clone();
        let judging = tokio::task::spawn_blocking(move || {
            let context = match pack(&dir, &cache.context, &cache.dockerfile) {
                Ok(context) => context,
                Err(problem) => {
                    return match problem.message(&cache.context, lang) {
                        Ok(message) => Verdict::fail_because(message),
                        Err(message) => Verdict::error(message),
                    };
                }
            };
            let edited = cache
                .edit
                .as_ref()
                .map(|edit| inside(&cache.context, &edit.file));
            let content = match edited.map(|file| (read(&dir, &file), file)) {
                None | Some((Err(FileProblem::Missing { .. }), _)) => None,
                Some((Ok(bytes), _)) => Some(bytes),
                Some((Err(problem), file)) => return problem.verdict(&file, lang),
            };
            cache.judge(&dockerfile, &context.files, content.as_deref(), lang)
        });
        judging
            .await
            .unwrap_or_else(|error| Verdict::error(error.to_string()))
    }
}
