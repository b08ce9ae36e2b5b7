//! An image's configuration: what its Dockerfile left in it for every container.

use std::collections::BTreeMap;

use bollard::models::ImageInspect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::FileDemand;
use super::size::{Size, human};
use super::{Verdict, one_line};
use crate::Lang;

/// Demands on an image. Everything that is demanded must hold; the first thing that does not is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImageConfig {
    /// The image; without it the one that the exercise's build check has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Environment variables with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Labels with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The user; an empty text is the default one, root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    /// The entrypoint, word by word; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// The command, word by word; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Vec<String>>,
    /// Ports that are exposed, `8000` or `53/udp`; others may be too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exposed_ports: Vec<String>,
    /// Paths that are volumes; others may be too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    /// The most layers, the base image's too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_layers: Option<usize>,
    /// The largest size, as `docker images` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_size: Option<Size>,
    /// Texts that are somewhere in the history's steps, which read like `RUN apt-get update`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
    /// Texts that no step of the history has, values of build arguments included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history_lacks: Vec<String>,
    /// Files; they are read without starting anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileDemand>,
    /// The most bytes of files that a later layer has replaced or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_wasted: Option<Size>,
}

impl ImageConfig {
    pub(super) fn problems(&self) -> Vec<String> {
        let only_image = ImageConfig {
            image: self.image.clone(),
            ..ImageConfig::default()
        };
        if *self == only_image {
            return vec!["it demands nothing".to_owned()];
        }
        let mut problems: Vec<String> = self.files.iter().flat_map(FileDemand::problems).collect();
        if self
            .history
            .iter()
            .chain(&self.history_lacks)
            .any(String::is_empty)
        {
            problems.push("a text of `history` or `history-lacks` is empty".to_owned());
        }
        problems
    }

    pub(crate) fn judge(&self, image: &ImageInspect, lang: Lang) -> Verdict {
        let config = image.config.clone().unwrap_or_default();
        let none = || lang.pick("없음", "not set").to_owned();
        let mut facts: Vec<(String, String, String)> = Vec::new();

        let env: BTreeMap<String, String> = config
            .env
            .unwrap_or_default()
            .into_iter()
            .filter_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            })
            .collect();
        for (name, wanted) in &self.env {
            let actual = env.get(name).cloned();
            let actual = actual.map_or_else(none, |value| format!("{name}={value}"));
            facts.push(("ENV".to_owned(), format!("{name}={wanted}"), actual));
        }
        let labels = config.labels.unwrap_or_default();
        for (name, wanted) in &self.labels {
            let actual = labels.get(name).cloned();
            let actual = actual.map_or_else(none, |value| format!("{name}={value}"));
            facts.push(("LABEL".to_owned(), format!("{name}={wanted}"), actual));
        }
        let texts = [
            ("USER", &self.user, config.user),
            ("WORKDIR", &self.workdir, config.working_dir),
        ];
        for (what, wanted, actual) in texts {
            if let Some(wanted) = wanted {
                let shown = |text: &str| {
                    if text.is_empty() {
                        none()
                    } else {
                        text.to_owned()
                    }
                };
                let actual = actual.unwrap_or_default();
                facts.push((what.to_owned(), shown(wanted), shown(&actual)));
            }
        }
        let lists = [
            ("ENTRYPOINT", &self.entrypoint, config.entrypoint),
            ("CMD", &self.cmd, config.cmd),
        ];
        for (what, wanted, actual) in lists {
            if let Some(wanted) = wanted {
                facts.push((
                    what.to_owned(),
                    json(wanted),
                    json(&actual.unwrap_or_default()),
                ));
            }
        }
        let mut exposed = config.exposed_ports.unwrap_or_default();
        exposed.sort();
        for wanted in &self.exposed_ports {
            let wanted = with_protocol(wanted);
            let actual = if exposed.contains(&wanted) {
                wanted.clone()
            } else if exposed.is_empty() {
                none()
            } else {
                exposed.join(", ")
            };
            facts.push(("EXPOSE".to_owned(), wanted, actual));
        }
        let mut volumes = config.volumes.unwrap_or_default();
        volumes.sort();
        for wanted in &self.volumes {
            let actual = if volumes.contains(wanted) {
                wanted.clone()
            } else if volumes.is_empty() {
                none()
            } else {
                volumes.join(", ")
            };
            facts.push(("VOLUME".to_owned(), wanted.clone(), actual));
        }
        let layers = image.root_fs.as_ref().and_then(|fs| fs.layers.as_ref());
        let layers = layers.map_or(0, Vec::len);
        if let Some(most) = self.max_layers.filter(|most| layers > *most) {
            let (wanted, actual) = match lang {
                Lang::Ko => (format!("{most}개 이하"), format!("{layers}개")),
                Lang::En => (format!("at most {most}"), layers.to_string()),
            };
            facts.push((lang.pick("레이어", "layers").to_owned(), wanted, actual));
        }
        let size = u64::try_from(image.size.unwrap_or_default()).unwrap_or_default();
        if let Some(most) = self.max_size.filter(|most| size > most.0) {
            let wanted = match lang {
                Lang::Ko => format!("{} 이하", human(most.0)),
                Lang::En => format!("at most {}", human(most.0)),
            };
            facts.push((lang.pick("크기", "size").to_owned(), wanted, human(size)));
        }

        match facts
            .into_iter()
            .find(|(_, wanted, actual)| wanted != actual)
        {
            None => Verdict::pass(),
            Some((what, wanted, actual)) => Verdict::fail()
                .expected(one_line(&format!("{what} {wanted}")))
                .actual(one_line(&format!("{what} {actual}"))),
        }
    }
}

fn json(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

fn with_protocol(port: &str) -> String {
    if port.contains('/') {
        port.to_owned()
    } else {
        format!("{port}/tcp")
    }
}

#[cfg(test)]
mod tests {
    use bollard::models;

    use super::*;
    use crate::Status;

    fn image() -> ImageInspect {
        ImageInspect {
            config: Some(models::ImageConfig {
                env: Some(vec!["PATH=/bin".into(), "MODE=a=b".into()]),
                labels: Some([("team".to_owned(), "board".to_owned())].into()),
                user: Some("app".into()),
                working_dir: Some("/app".into()),
                cmd: Some(vec!["python".into(), "main.py".into()]),
                exposed_ports: Some(vec!["8000/tcp".into()]),
                ..models::ImageConfig::default()
            }),
            ..ImageInspect::default()
        }
    }

    fn judge(yaml: &str) -> Verdict {
        let wanted: ImageConfig = serde_yaml::from_str(yaml).unwrap();
        wanted.judge(&image(), Lang::En)
    }

    #[test]
    fn what_is_set_passes() {
        let all = "{env: {MODE: a=b}, labels: {team: board}, user: app, workdir: /app, entrypoint: [], cmd: [python, main.py], exposed-ports: [8000]}";
        assert_eq!(judge(all).status, Status::Pass);
    }

    #[test]
    fn what_differs_is_shown_beside_what_was_expected() {
        for (yaml, actual) in [
            ("{env: {MODE: x}}", "ENV MODE=a=b"),
            ("{env: {NONE: x}}", "ENV not set"),
            ("{labels: {team: x}}", "LABEL team=board"),
            ("{user: ''}", "USER app"),
            ("{workdir: /}", "WORKDIR /app"),
            ("{cmd: [python]}", "CMD [\"python\",\"main.py\"]"),
            ("{entrypoint: [python]}", "ENTRYPOINT []"),
            ("{exposed-ports: [8000/udp]}", "EXPOSE 8000/tcp"),
        ] {
            let verdict = judge(yaml);
            assert_eq!(verdict.status, Status::Fail, "{yaml}");
            assert_eq!(verdict.actual.as_deref(), Some(actual), "{yaml}");
        }
    }
}
