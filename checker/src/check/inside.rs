//! Judges an image from the outside in: its configuration, its size and layers, its history, its files, its waste. What
//! costs more comes later, and only where it is demanded.

use bollard::models::ImageInspect;

use super::still;
use super::world::{Connection, World};
use crate::assert::image::ImageConfig;
use crate::assert::{Verdict, size::human};
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
        if !wanted.history.is_empty() {
            let steps = engine.call(engine.docker.image_history(&id)).await;
            let steps = steps.map_err(|fault| Verdict::error(fault.message(lang)))?;
            let steps: Vec<String> = steps
                .iter()
                .map(|step| history::instruction(&step.created_by))
                .collect();
            for text in &wanted.history {
                if !steps.iter().any(|step| step.contains(text.as_str())) {
                    let last = steps.first().cloned().unwrap_or_default();
                    return Err(Verdict::fail().expected(text).actual(match lang {
                        Lang::Ko => format!("그런 단계가 없음(마지막 단계: {last})"),
                        Lang::En => format!("no such step (the last one is {last})"),
                    }));
                }
            }
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
