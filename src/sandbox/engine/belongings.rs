//! What an installation has on an engine, and removing it.
//!
//! Containers, networks and volumes are told by their label. Images are not: a label comes down to every image that is
//! built on one which has it, also to images of somebody else. They are told by their names.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::ImageSummary;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptions,
    RemoveVolumeOptions,
};
use tokio::time::timeout;

use super::{Engine, Problem};

/// The label that names the installation which made an object.
const LABEL: &str = "docktutor.instance";

/// The recipe of an image that belongs to the course; its tag repeats it.
const RECIPE_LABEL: &str = "docktutor.recipe";

/// How long one request may take. Removing a container that ends slowly takes a while.
const REQUEST: Duration = Duration::from_secs(60);

/// Everything on an engine that is an installation's own, by id or name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Containers, running or not.
    pub containers: Vec<String>,
    /// Names of images, and ids of those that nothing names.
    pub images: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
}

impl Belongings {
    /// Takes in what another installation's id has.
    pub fn extend(&mut self, other: Belongings) {
        self.containers.extend(other.containers);
        self.images.extend(other.images);
        self.networks.extend(other.networks);
        self.volumes.extend(other.volumes);
    }

    /// Collects them.
    pub async fn of(engine: &Engine, instance: &str) -> Result<Self, Problem> {
        let docker = &engine.docker;
        let filters = HashMap::from([("label", vec![format!("{LABEL}={instance}")])]);
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        let containers = ask("containers", docker.list_containers(Some(options))).await?;
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let mut images = ask("images", docker.list_images(Some(options))).await?;
        // Learners' images, which may stand on another installation's, or on none of ours.
        let learners = HashMap::from([("reference", vec![format!("docktutor-{instance}/*")])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&learners)
            .build();
        images.extend(ask("images", docker.list_images(Some(options))).await?);
        let options = ListNetworksOptionsBuilder::default()
            .filters(&filters)
            .build();
        let networks = ask("networks", docker.list_networks(Some(options))).await?;
        let options = ListVolumesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let volumes = ask("volumes", docker.list_volumes(Some(options))).await?;
        Ok(Self {
            containers: containers
                .into_iter()
                .filter_map(|container| container.id)
                .collect(),
            images: own_images(&images, instance),
            networks: networks
                .into_iter()
                .filter_map(|network| network.id)
                .collect(),
            volumes: volumes
                .volumes
                .into_iter()
                .flatten()
                .map(|volume| volume.name)
                .collect(),
        })
    }

    /// Takes in what came in a bundle: images with these names, whose labels name another installation.
    pub async fn add_imported(&mut self, engine: &Engine, names: &[String]) -> Result<(), Problem> {
        let filters = HashMap::from([("reference", vec!["docktutor/*"])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let images = ask("images", engine.docker.list_images(Some(options))).await?;
        let tags = images.into_iter().flat_map(|image| image.repo_tags);
        self.images.extend(tags.filter(|tag| names.contains(tag)));
        self.images.sort();
        self.images.dedup();
        Ok(())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Removes all of it. What could not be removed is told, and the rest goes on.
    pub async fn remove(&self, engine: &Engine) -> Vec<String> {
        let docker = &engine.docker;
        let mut stayed = Vec::new();
        let mut note = |what: &str, name: &str, result: Result<(), String>| {
            if let Err(why) = result {
                stayed.push(format!("{what} {name}: {why}"));
            }
        };
        for id in &self.containers {
            let options = RemoveContainerOptionsBuilder::default()
                .force(true)
                .v(true)
                .build();
            note(
                "container",
                id,
                done(docker.remove_container(id, Some(options))).await,
            );
        }
        for id in &self.networks {
            note("network", id, done(docker.remove_network(id)).await);
        }
        for name in &self.volumes {
            note(
                "volume",
                name,
                done(docker.remove_volume(name, None::<RemoveVolumeOptions>)).await,
            );
        }
        for (id, why) in remove_images(docker, &self.images).await {
            note("image", &id, Err(why));
        }
        stayed
    }
}

impl std::fmt::Display for Belongings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            (self.containers.len(), "container"),
            (self.images.len(), "image"),
            (self.networks.len(), "network"),
            (self.volumes.len(), "volume"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        f.write_str(&if parts.is_empty() {
            "nothing".to_owned()
        } else {
            parts.join(", ")
        })
    }
}

/// The names that are ours, and the ids of images that carry our label and have no name: what a build left behind.
fn own_images(images: &[ImageSummary], instance: &str) -> Vec<String> {
    let learners = format!("docktutor-{instance}/");
    let mut own = BTreeSet::new();
    for image in images {
        let labelled = image
            .labels
            .get(LABEL)
            .is_some_and(|label| label == instance);
        let recipe = image.labels.get(RECIPE_LABEL);
        let names: Vec<&String> = image
            .repo_tags
            .iter()
            .filter(|name| *name != "<none>:<none>")
            .collect();
        if labelled && names.is_empty() {
            own.insert(image.id.clone());
        }
        own.extend(names.into_iter().filter_map(|name| {
            let of_course = name
                .strip_prefix("docktutor/")
                .and_then(|name| name.split_once(':'));
            let of_course = labelled
                && of_course.is_some_and(|(_, tag)| recipe.is_some_and(|recipe| recipe == tag));
            (of_course || name.starts_with(&learners)).then(|| name.clone())
        }));
    }
    own.into_iter().collect()
}

/// Removes images in rounds: one that another of them stands on goes when that one has gone. Without force: an image
/// that somebody else's container uses stays.
async fn remove_images(docker: &Docker, names: &[String]) -> Vec<(String, String)> {
    let mut left: Vec<(String, String)> = names
        .iter()
        .map(|name| (name.clone(), String::new()))
        .collect();
    loop {
        let before = left.len();
        let mut refused = Vec::new();
        for (name, _) in left {
            let request = async {
                docker
                    .remove_image(&name, None::<RemoveImageOptions>, None)
                    .await
                    .map(drop)
            };
            if let Err(why) = done(request).await {
                refused.push((name, why));
            }
        }
        if refused.is_empty() || refused.len() == before {
            return refused;
        }
        left = refused;
    }
}

/// A removal's result; that it was gone already is as good.
async fn done(request: impl Future<Output = Result<(), Error>>) -> Result<(), String> {
    match timeout(REQUEST, request).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if is_gone(&error) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the engine does not answer".to_owned()),
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(
        error,
        Error::DockerResponseServerError {
            status_code: 404,
            ..
        }
    )
}

async fn ask<T>(
    what: &str,
    question: impl Future<Output = Result<T, Error>>,
) -> Result<T, Problem> {
    let why = match timeout(REQUEST, question).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it does not answer".to_owned(),
    };
    Err(Problem::new(
        format!("The engine could not list its {what}: {why}."),
        "Restart the engine and try again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inherited_label_makes_no_image_ours() {
        let image = |id: &str, instance: &str, recipe: &str, tags: &[&str]| ImageSummary {
            id: id.to_owned(),
            labels: [(LABEL, instance), (RECIPE_LABEL, recipe)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            repo_tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..ImageSummary::default()
        };
        let images = [
            // The course's image, which a learner of another installation has named too.
            image(
                "1",
                "me",
                "aaa",
                &["docktutor/python:aaa", "docktutor-you/s:1"],
            ),
            // Somebody's own image that stands on it.
            image("2", "me", "aaa", &["shop:latest", "docktutor/python:mine"]),
            // A learner's image of ours, on another installation's.
            image("3", "you", "aaa", &["docktutor-me/s:2"]),
            image("4", "me", "aaa", &["<none>:<none>"]),
            image("5", "you", "aaa", &[]),
        ];
        assert_eq!(
            own_images(&images, "me"),
            ["4", "docktutor-me/s:2", "docktutor/python:aaa"]
        );
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(Belongings::default().to_string(), "nothing");
        let some = Belongings {
            containers: vec!["a".to_owned()],
            images: vec!["b".to_owned(), "c".to_owned()],
            ..Belongings::default()
        };
        assert_eq!(some.to_string(), "1 container, 2 images");
        assert!(!some.is_empty());
    }
}
