//! Judges an image from the outside in: its configuration, its size and layers, its history, its files, its waste. What
//! costs more comes later, and only where it is demanded.

use bollard::models::ImageInspect;

use super::still;
use super::world::{Connection, World};
use crate::assert::image::ImageConfig;
use crate::assert::{Verdict, one_line, size::human};
use crate::layers::{self, history};
use crate::{Lang, Status};

impl World<'_> {
    pub(super) async fn inside(
        &mut self,
        connection: &Connection,
        wanted: &ImageConfig,
        image: &ImageInspect,
    ) -> Verdict {
        match self.try_inside(connection, wanted, image).await {
            Ok(()) => Verdict::pass(),
            Err(verdict) => verdict,
        }
    }

    async fn try_inside(
        &mut self,
        connection: &Connection,
        wanted: &ImageConfig,
        image: &ImageInspect,
    ) -> Result<(), Verdict> {
        let (engine, lang) = (&connection.engine, self.lang);
        let verdict = wanted.judge(image, lang);
        if verdict.status != Status::Pass {
            return Err(verdict);
        }
        // A name can move to another image meanwhile; the id cannot.
        let id = image.id.clone().unwrap_or_default();
        if !(wanted.history.is_empty() && wanted.history_lacks.is_empty()) {
            let steps = engine.call(engine.docker.image_history(&id)).await;
            let steps = steps.map_err(|fault| Verdict::error(fault.message(lang)))?;
            let steps: Vec<&str> = steps.iter().map(|step| step.created_by.as_str()).collect();
            judge_history(wanted, &steps, lang)?;
        }
        if !wanted.files.is_empty() {
            let found = self.files(connection, &id, &wanted.files).await?;
            let pairs = wanted.files.iter().zip(&found);
            let wrong = pairs
                .into_iter()
                .find_map(|(file, found)| file.judge(found.as_ref(), lang));
            if let Some((expected, actual)) = wrong {
                return Err(Verdict::fail().expected(expected).actual(actual));
            }
        }
        if let Some(most) = wanted.max_wasted {
            let archive = still::layers(engine, &id).await;
            let archive = archive.map_err(|fault| Verdict::error(fault.message(lang)))?;
            let view = layers::view(&archive, None);
            if view.wasted > most.0 {
                return Err(too_much_waste(&view, most.0, lang));
            }
        }
        Ok(())
    }
}

/// Compares the steps, newest first and as the builder wrote them, with what is wanted.
fn judge_history(wanted: &ImageConfig, steps: &[&str], lang: Lang) -> Result<(), Verdict> {
    let shown: Vec<String> = steps
        .iter()
        .map(|step| history::instruction(step))
        .collect();
    let none = |text: &&String| !shown.iter().any(|step| step.contains(text.as_str()));
    if let Some(text) = wanted.history.iter().find(none) {
        let last = shown.first().cloned().unwrap_or_default();
        return Err(Verdict::fail().expected(text).actual(match lang {
            Lang::Ko => format!("그런 단계가 없음(마지막 단계: {last})"),
            Lang::En => format!("no such step (the last one is {last})"),
        }));
    }
    for text in &wanted.history_lacks {
        // In short a step has lost the build arguments that its command has seen.
        let mut forms = steps
            .iter()
            .copied()
            .chain(shown.iter().map(String::as_str));
        if let Some(step) = forms.find(|step| step.contains(text.as_str())) {
            let expected = match lang {
                Lang::Ko => format!("`{text}` 없음"),
                Lang::En => format!("no `{text}`"),
            };
            return Err(Verdict::fail()
                .expected(expected)
                .actual(around(step, text)));
        }
    }
    Ok(())
}

/// A step in one line, from shortly before the text that was found.
fn around(step: &str, text: &str) -> String {
    const BEFORE: usize = 60;
    let at = step.find(text).unwrap_or(0);
    let chars = step[..at].chars().count();
    match step.char_indices().nth(chars.saturating_sub(BEFORE)) {
        Some((start, _)) if start > 0 => one_line(&format!("…{}", &step[start..])),
        _ => one_line(step),
    }
}

fn too_much_waste(view: &layers::View, most: u64, lang: Lang) -> Verdict {
    let worst = view.wasted_files.first();
    let worst = worst.map_or_else(String::new, |file| {
        format!("; /{}: {}", file.path, human(file.bytes))
    });
    Verdict::fail()
        .expected(match lang {
            Lang::Ko => format!("가려진 파일 {} 이하", human(most)),
            Lang::En => format!("at most {} in files that nobody sees", human(most)),
        })
        .actual(format!("{}{worst}", human(view.wasted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_build_argument_is_found_in_the_history() {
        let wanted: ImageConfig = serde_yaml::from_str("{history-lacks: [board-key-]}").unwrap();
        let long = format!(
            "RUN |1 PAD={} KEY=board-key-1 /bin/sh -c ./fetch # buildkit",
            "가".repeat(300)
        );
        for (step, actual) in [
            ("ARG KEY=board-key-1", "ARG KEY=board-key-1"),
            (
                "|1 KEY=board-key-1 /bin/sh -c ./fetch",
                "|1 KEY=board-key-1 /bin/sh -c ./fetch",
            ),
            (
                long.as_str(),
                "KEY=board-key-1 /bin/sh -c ./fetch # buildkit",
            ),
        ] {
            let verdict = judge_history(&wanted, &["CMD [\"sh\"]", step], Lang::En).unwrap_err();
            assert_eq!(verdict.status, Status::Fail);
            assert_eq!(verdict.expected.as_deref(), Some("no `board-key-`"));
            assert!(
                verdict.actual.as_deref().unwrap().ends_with(actual),
                "{verdict:?}"
            );
        }
        assert!(judge_history(&wanted, &["RUN ./fetch", ""], Lang::Ko).is_ok());
        let short: ImageConfig = serde_yaml::from_str("{history-lacks: [RUN rm]}").unwrap();
        let verdict = judge_history(&short, &["/bin/sh -c rm key"], Lang::En).unwrap_err();
        assert_eq!(verdict.actual.as_deref(), Some("RUN rm key"));
    }
}
