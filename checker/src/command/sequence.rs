//! Several commands in a row: what one of them makes clear about another.

use std::collections::HashSet;

use super::slip::cut;
use super::steps::Located;
use super::{Fact, FactKind};
use crate::Lang;
use crate::lint::image::Image;

/// What is wrong with commands because of those before them.
pub(super) fn sequence(found: &[Located<'_>], lang: Lang) -> Vec<Fact> {
    let mut facts = container_names(found, lang);
    facts.extend(image_names(found, lang));
    facts.extend(old_containers(found, lang));
    facts
}

/// A container that the same text has named is no image.
fn container_names(found: &[Located<'_>], lang: Lang) -> Vec<Fact> {
    let mut names: HashSet<&str> = HashSet::new();
    let mut facts = Vec::new();
    for (_, one) in found {
        let path = one.command.path;
        if matches!(path, "image rm" | "container run") {
            let images = if path == "container run" {
                1
            } else {
                one.args.len()
            };
            for arg in one
                .args
                .iter()
                .take(images)
                .filter(|arg| names.contains(arg.text.as_str()))
            {
                let name = cut(&arg.text);
                let (mistake, message) = match (path, lang) {
                    ("image rm", Lang::Ko) => (
                        "rmi-container-name",
                        format!(
                            "`{name}` 이름은 앞에서 컨테이너에 붙인 이름인데, `docker rmi` 명령은 이미지를 받아요."
                        ),
                    ),
                    ("image rm", Lang::En) => (
                        "rmi-container-name",
                        format!("`{name}` names a container; `docker rmi` takes an image."),
                    ),
                    (_, Lang::Ko) => (
                        "run-container-id",
                        format!(
                            "`{name}` 이름은 앞에서 컨테이너에 붙인 이름인데, `docker run` 명령은 이미지를 받아 새 컨테이너를 만들어요."
                        ),
                    ),
                    (_, Lang::En) => (
                        "run-container-id",
                        format!(
                            "`{name}` names a container; `docker run` takes an image and makes a new container."
                        ),
                    ),
                };
                facts.push(Fact {
                    kind: FactKind::Mistake,
                    mistake: Some(mistake),
                    start: arg.start,
                    end: arg.end,
                    message,
                });
            }
        }
        if matches!(path, "container run" | "container create") {
            // An image of the same name may be there; only a name that differs from the image is sure.
            let image = one.args.first().map(|arg| arg.text.as_str());
            let named = one
                .flags
                .iter()
                .filter(|given| given.flag.long == "name" && !given.unknown);
            names.extend(
                named
                    .map(|given| given.value.as_str())
                    .filter(|name| Some(*name) != image),
            );
        }
        if matches!(path, "image build" | "image tag") {
            let made = one.flags.iter().filter(|given| given.flag.long == "tag");
            let made = made.map(|given| given.value.as_str());
            for name in made.chain(one.args.iter().map(|arg| arg.text.as_str())) {
                names.remove(name);
            }
        }
    }
    facts
}

/// Without `--name` a container's name is made up; it is not the image's.
fn image_names(found: &[Located<'_>], lang: Lang) -> Vec<Fact> {
    let (mut images, mut names) = (HashSet::new(), HashSet::new());
    let mut facts = Vec::new();
    for (_, one) in found {
        let first = one.args.first().filter(|arg| !arg.unknown);
        match one.command.path {
            "container run" | "container create" => {
                let name = one.flags.iter().find(|given| given.flag.long == "name");
                match (name, first) {
                    (Some(name), _) => drop(names.insert(name.value.as_str())),
                    (None, Some(image)) => {
                        images.extend(Image::new(&image.text).name.rsplit('/').next());
                    }
                    (None, None) => {}
                }
            }
            "container rename" => names.extend(one.args.get(1).map(|arg| arg.text.as_str())),
            "container stop" | "container start" | "container rm" | "container logs"
            | "container exec" | "container attach" | "container restart" | "container kill" => {
                let wrong = first.filter(|arg| {
                    images.contains(arg.text.as_str()) && !names.contains(arg.text.as_str())
                });
                facts.extend(wrong.map(|arg| Fact {
                    kind: FactKind::Mistake,
                    mistake: Some("image-is-container-name"),
                    start: arg.start,
                    end: arg.end,
                    message: match lang {
                        Lang::Ko => format!("`{0}`는 이미지 이름이에요. `--name` 없이 실행한 컨테이너의 이름은 Docker가 아무렇게나 지어요. 실행할 때 `--name {0}`처럼 정해 보세요.", cut(&arg.text)),
                        Lang::En => format!("`{0}` is the image's name. Without `--name` Docker makes a name up for the container. Give it one when you run it: `--name {0}`.", cut(&arg.text)),
                    },
                }));
            }
            _ => {}
        }
    }
    facts
}

/// `restart` keeps the container, and so the image that it was made from.
fn old_containers(found: &[Located<'_>], lang: Lang) -> Vec<Fact> {
    let mut built = false;
    let mut facts = Vec::new();
    for (_, one) in found {
        match one.command.path {
            "image build" | "compose build" => built = true,
            "container run" | "container create" | "compose up" | "compose create" => built = false,
            "container restart" | "compose restart" | "compose start" if built => {
                facts.push(Fact {
                    kind: FactKind::Note,
                    mistake: Some("restart-old-image"),
                    start: one.name.0,
                    end: one.name.1,
                    message: lang
                        .pick(
                            "이 명령은 있던 컨테이너를 그대로 다시 시작하므로 새로 빌드한 이미지를 쓰지 않아요. 컨테이너를 새로 만들어야 하고, Compose에서는 `up -d --build`예요.",
                            "This starts the same container again, made from the old image. The new image needs a new container: with Compose, `up -d --build`.",
                        )
                        .to_owned(),
                });
            }
            _ => {}
        }
    }
    facts
}
