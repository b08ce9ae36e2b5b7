//! Things by the names that a learner gives them.

use super::{Container, EngineSnapshot, Image, Network, Volume};

const SERVICE: &str = "com.docker.compose.service";
const PROJECT: &str = "com.docker.compose.project";
const ONE_OFF: &str = "com.docker.compose.oneoff";

impl EngineSnapshot {
    /// The containers of a name: the one that has it, else those of the Compose service of that name (`service` or
    /// `project/service`), else the one whose id begins so.
    pub fn containers_named(&self, name: &str) -> Vec<&Container> {
        let named = |test: &dyn Fn(&Container) -> bool| -> Vec<&Container> {
            self.containers.iter().filter(|c| test(c)).collect()
        };
        let exact = named(&|c| c.name == name);
        if !exact.is_empty() {
            return exact;
        }
        let services = named(&|c| c.is_service(name));
        if !services.is_empty() {
            return services;
        }
        let by_id = named(&|c| is_id(name) && c.id.starts_with(name));
        if by_id.len() == 1 { by_id } else { Vec::new() }
    }

    /// The container of an id, in full or its beginning.
    pub fn container_of_id(&self, id: &str) -> Option<&Container> {
        self.containers
            .iter()
            .find(|c| !id.is_empty() && c.id.starts_with(id))
    }

    /// The volume of a name, which can be the one that a Compose file gives it.
    pub fn volume_named(&self, name: &str) -> Option<&Volume> {
        let label = |v: &&Volume| {
            v.labels
                .get("com.docker.compose.volume")
                .is_some_and(|l| l == name)
        };
        let exact = self.volumes.iter().find(|v| v.name == name);
        exact.or_else(|| self.volumes.iter().find(label))
    }

    /// The network of a name, which can be the one that a Compose file gives it.
    pub fn network_named(&self, name: &str) -> Option<&Network> {
        let label = |n: &&Network| {
            n.labels
                .get("com.docker.compose.network")
                .is_some_and(|l| l == name)
        };
        let exact = self.networks.iter().find(|n| n.name == name);
        exact.or_else(|| self.networks.iter().find(label))
    }

    /// The image of a name; without a tag, `latest`.
    pub fn image_named(&self, name: &str) -> Option<&Image> {
        let name = with_tag(name);
        self.images.iter().find(|image| {
            image.id == name
                || image.tags.iter().any(|tag| with_tag(tag) == name)
                || image.digests.contains(&name)
        })
    }

    /// Whether a container was made from the image of this name, by whichever of its names.
    pub fn is_made_of(&self, container: &Container, image: &str) -> bool {
        with_tag(&container.image) == with_tag(image)
            || self
                .image_named(image)
                .is_some_and(|found| found.id == container.image_id)
    }
}

impl Container {
    /// Whether it belongs to a Compose service, and is not one of `docker compose run`.
    pub fn is_service(&self, name: &str) -> bool {
        let label = |key: &str| self.labels.get(key).map(String::as_str);
        let Some(service) = label(SERVICE) else {
            return false;
        };
        if label(ONE_OFF).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return false;
        }
        service == name
            || name
                .split_once('/')
                .is_some_and(|(project, rest)| rest == service && label(PROJECT) == Some(project))
    }

    /// Whether its main process is alive.
    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused")
    }
}

/// `docker ps` shows twelve digits of an id, and Docker takes any beginning; shorter ones are words more often.
fn is_id(text: &str) -> bool {
    text.len() >= 4
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

/// An image's name without the default registry and with its tag.
pub(crate) fn with_tag(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if name.contains('@') || last.contains(':') {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, id: &str, labels: &[(&str, &str)]) -> Container {
        Container {
            name: name.into(),
            id: id.into(),
            image: "python:3.11-slim".into(),
            image_id: "sha256:1".into(),
            labels: labels
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
            ..Container::default()
        }
    }

    #[test]
    fn a_container_is_found_by_name_service_and_id() {
        let service = [(SERVICE, "web"), (PROJECT, "board")];
        let once = [(SERVICE, "web"), (PROJECT, "board"), (ONE_OFF, "True")];
        let snapshot = EngineSnapshot {
            containers: vec![
                container("board-web-1", "aaaa1", &service),
                container("board-web-2", "bbbb2", &service),
                container("board-web-run-1", "cccc3", &once),
                container("db", "dddd4", &[]),
            ],
            ..EngineSnapshot::default()
        };
        let names = |name: &str| -> Vec<String> {
            snapshot
                .containers_named(name)
                .iter()
                .map(|c| c.name.clone())
                .collect()
        };
        assert_eq!(names("db"), ["db"]);
        assert_eq!(names("web"), ["board-web-1", "board-web-2"]);
        assert_eq!(names("board/web"), ["board-web-1", "board-web-2"]);
        assert!(names("other/web").is_empty());
        assert_eq!(names("dddd"), ["db"]);
        assert!(names("d").is_empty());
    }

    #[test]
    fn an_image_is_the_same_by_any_of_its_names() {
        let snapshot = EngineSnapshot {
            images: vec![Image {
                id: "sha256:1".into(),
                tags: vec!["python:3.11-slim".into(), "mine:latest".into()],
                ..Image::default()
            }],
            ..EngineSnapshot::default()
        };
        let mut made = container("a", "a", &[]);
        assert!(snapshot.is_made_of(&made, "docker.io/library/python:3.11-slim"));
        made.image = "sha256:1".into();
        assert!(snapshot.is_made_of(&made, "mine"));
        assert!(!snapshot.is_made_of(&made, "python"));
    }
}
