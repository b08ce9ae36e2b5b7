//! What an installation has on an engine, and removing it. Only what carries its label is ever touched.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptions,
    RemoveVolumeOptions,
};
use tokio::time::timeout;

use super::{Engine, Problem};

/// The label that names the installation which made an object.
const LABEL: &str = "docktutor.instance";

/// How long one request may take. Removing a container that ends slowly takes a while.
const REQUEST: Duration = Duration::from_secs(60);

/// Everything on an engine that carries an installation's label, by id or name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Containers, running or not.
    pub containers: Vec<String>,
    /// Images, with those that nothing names.
    pub images: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
}

impl Belongings {
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
        let images = ask("images", docker.list_images(Some(options))).await?;
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
            images: images.into_iter().map(|image| image.id).collect(),
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

/// Removes images in rounds: one that another of them stands on goes when that one has gone. Without force: an image
/// that somebody else's container uses stays.
async fn remove_images(docker: &Docker, ids: &[String]) -> Vec<(String, String)> {
    let mut left: HashSet<&String> = ids.iter().collect();
    loop {
        let mut refused = Vec::new();
        let before = left.len();
        for id in ids
            .iter()
            .filter(|id| left.contains(*id))
            .collect::<Vec<_>>()
        {
            match remove_image(docker, id).await {
                Ok(()) => {
                    left.remove(id);
                }
                Err(why) => refused.push((id.clone(), why)),
            }
        }
        if left.is_empty() || left.len() == before {
            return refused;
        }
    }
}

/// Removes an image with all its names: by its id alone the engine refuses when it has several.
async fn remove_image(docker: &Docker, id: &str) -> Result<(), String> {
    let image = match timeout(REQUEST, docker.inspect_image(id)).await {
        Ok(Ok(image)) => image,
        Ok(Err(error)) if is_gone(&error) => return Ok(()),
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("the engine does not answer".to_owned()),
    };
    for tag in image.repo_tags.unwrap_or_default() {
        let options = None::<RemoveImageOptions>;
        done(async { docker.remove_image(&tag, options, None).await.map(drop) }).await?;
    }
    done(async {
        docker
            .remove_image(id, None::<RemoveImageOptions>, None)
            .await
            .map(drop)
    })
    .await
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
