//! Which of our images the engine has.

use std::collections::HashMap;

use bollard::models::ImageSummary;
use bollard::query_parameters::{
    ListImagesOptionsBuilder, RemoveImageOptions, RemoveImageOptionsBuilder,
};
use tokio::time::timeout;

use super::{
    INSTANCE_LABEL, ImageStatus, Images, QUESTION, ReadyImage, STAND_IN_LABEL, engine_problem,
};
use crate::sandbox::engine::Problem;

impl Images {
    /// Every image on the engine that has one of our tags.
    pub(super) async fn present(&self) -> Result<HashMap<String, ReadyImage>, Problem> {
        let filters = HashMap::from([("reference", vec!["docktutor/*"])]);
        let images = self.list(&filters).await?;
        let mut present = HashMap::new();
        for image in images {
            let ready = ReadyImage {
                stand_in: image.labels.contains_key(STAND_IN_LABEL),
                size: u64::try_from(image.size).unwrap_or(0),
                id: image.id,
            };
            for tag in image.repo_tags {
                // Podman puts the registry of local images before the name.
                let tag = tag
                    .strip_prefix("localhost/")
                    .map(str::to_owned)
                    .unwrap_or(tag);
                present.insert(tag, ready.clone());
            }
        }
        Ok(present)
    }

    pub(super) async fn list(
        &self,
        filters: &HashMap<&str, Vec<&str>>,
    ) -> Result<Vec<ImageSummary>, Problem> {
        let options = ListImagesOptionsBuilder::default().filters(filters).build();
        match timeout(QUESTION, self.engine.docker.list_images(Some(options))).await {
            Ok(Ok(images)) => Ok(images),
            Ok(Err(error)) => Err(engine_problem("list its images", &error.to_string())),
            Err(_) => Err(engine_problem("list its images", "it does not answer")),
        }
    }

    /// Takes away a tag. What stands on the image stays.
    pub(super) async fn untag(&self, tag: &str) {
        let options = RemoveImageOptionsBuilder::default().noprune(true).build();
        let removed = timeout(
            QUESTION,
            self.engine.docker.remove_image(tag, Some(options), None),
        )
        .await;
        if !matches!(removed, Ok(Ok(_))) {
            tracing::debug!(tag, "a tag could not be removed");
        }
    }

    /// Removes the images of ours that an older recipe made and nothing uses any more.
    pub(super) async fn forget_old_recipes(&self) {
        let ours = format!("{INSTANCE_LABEL}={}", self.instance);
        let filters = HashMap::from([
            ("label", vec![ours.as_str()]),
            ("reference", vec!["docktutor/*"]),
        ]);
        let current: Vec<String> = self.catalogue.iter().map(|entry| self.tag(entry)).collect();
        for image in self.list(&filters).await.unwrap_or_default() {
            for tag in outdated(&image.repo_tags, &current) {
                // Without force: an image that a container still uses stays, and goes the next time.
                let removed =
                    self.engine
                        .docker
                        .remove_image(tag, None::<RemoveImageOptions>, None);
                if let Ok(Err(error)) = timeout(QUESTION, removed).await {
                    tracing::debug!(tag, %error, "an image of an older recipe stays");
                }
            }
        }
    }
}

/// The names of an image that an older recipe gave it. Learners' names for it are theirs.
fn outdated<'a>(tags: &'a [String], current: &[String]) -> impl Iterator<Item = &'a String> {
    tags.iter()
        .filter(|tag| tag.starts_with("docktutor/") && !current.contains(tag))
}

/// What each image adds to what it stands on, in bytes; 0 for one that is not ready. Their sum is what all take.
pub fn own_sizes(images: &[ImageStatus]) -> Vec<u64> {
    let size = |name: &str| {
        let image = images.iter().find(|image| image.entry.name == name)?;
        Some(image.ready.as_ref()?.size)
    };
    images
        .iter()
        .map(|image| {
            let Some(ready) = &image.ready else { return 0 };
            // A real image does not stand on ours, whatever its stand-in would do.
            let below = match &image.entry.base {
                Some(base) if ready.stand_in || image.entry.pull.is_none() => {
                    size(base).unwrap_or(0)
                }
                _ => 0,
            };
            // One that only takes files out of its base is smaller than that, and shares nothing with it.
            ready.size.checked_sub(below).unwrap_or(ready.size)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::embedded;
    use super::*;

    fn status(name: &str, ready: Option<(u64, bool)>) -> ImageStatus {
        let entry = embedded()
            .into_iter()
            .find(|entry| entry.name == name)
            .unwrap();
        let ready = ready.map(|(size, stand_in)| ReadyImage {
            id: String::new(),
            stand_in,
            size,
        });
        ImageStatus {
            entry,
            tag: String::new(),
            ready,
        }
    }

    #[test]
    fn only_names_of_ours_grow_old() {
        let tags = [
            "docktutor/a:old",
            "docktutor/a:new",
            "docktutor-me/s:1",
            "shop:1",
        ]
        .map(str::to_owned);
        let current = ["docktutor/a:new".to_owned()];
        assert_eq!(
            outdated(&tags, &current).collect::<Vec<_>>(),
            ["docktutor/a:old"]
        );
    }

    #[test]
    fn what_several_stand_on_is_counted_once() {
        let images = [
            status("debian", Some((120, true))),
            status("workbench", Some((266, false))),
            status("python", Some((174, true))),
            status("busybox", Some((2, true))),
            status("alpine", None),
        ];
        // The small one takes its file out of the large one and shares nothing with it.
        assert_eq!(own_sizes(&images), [120, 146, 54, 2, 0]);
    }

    #[test]
    fn a_real_image_stands_on_its_own() {
        let images = [
            status("debian", Some((75, false))),
            status("python", Some((130, false))),
        ];
        assert_eq!(own_sizes(&images), [75, 130]);
        // The workbench is always built, and stands on the real one too.
        let images = [
            status("debian", Some((75, false))),
            status("workbench", Some((220, false))),
        ];
        assert_eq!(own_sizes(&images), [75, 145]);
    }
}
