//! Differences that the study notes' mistakes explain.

use super::super::grammar::{Given, Invocation};
use crate::lint::image::Image;

/// A mistake of the notes, and the sentence that explains it; with a space before it, to stand behind another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) id: &'static str,
    pub(super) ko: &'static str,
    pub(super) en: &'static str,
}

/// Why one command was taken for another.
pub(super) fn command(reference: &Invocation, typed: &Invocation) -> Option<Known> {
    let known = |id, ko, en| Some(Known { id, ko, en });
    match (reference.command.path, typed.command.path) {
        ("image build", "container run") => {
            let builds = typed.flags.iter().any(|given| given.flag.long == "tty")
                || typed.args.iter().any(|arg| arg.text.starts_with('.'));
            if builds {
                known(
                    "run-for-build",
                    " `run`은 이미 만든 이미지를 실행해요.",
                    " `run` starts an image that is built already.",
                )
            } else {
                known(
                    "run-builds",
                    " `run`은 아무것도 빌드하지 않고, 없는 이미지는 내려받아 실행해요.",
                    " `run` builds nothing: an image that is missing is pulled, then started.",
                )
            }
        }
        ("image ls", "container ls") => known(
            "ps-after-build",
            " `ps`는 컨테이너 목록이고, 빌드한 이미지는 `images`에 나와요.",
            " `ps` lists containers; a built image is listed by `images`.",
        ),
        ("image pull", "container run") => known(
            "run-as-download",
            " `pull`은 내려받기만 하고, `run`은 없을 때 내려받은 다음 컨테이너까지 만들어 시작해요.",
            " `pull` only downloads; `run` downloads what is missing and then makes and starts a container.",
        ),
        ("container exec", "container attach") => known(
            "attach-vs-exec",
            " `attach`는 주 프로세스에 이어지고, `exec`는 다른 프로세스를 시작해요.",
            " `attach` joins the main process; `exec` starts another one.",
        ),
        ("compose up", "compose restart") => known(
            "restart-old-image",
            " `restart`는 있던 컨테이너를 그대로 다시 시작해서 새 이미지나 설정을 쓰지 않아요.",
            " `restart` starts the same container again, with its old image and settings.",
        ),
        _ => None,
    }
}

/// Why a flag is missing.
pub(super) fn missing(wanted: &Given, typed: &Invocation) -> Option<Known> {
    let known = |id, ko, en| Some(Known { id, ko, en });
    match (typed.command.path, wanted.flag.long) {
        ("compose up", "build") => known(
            "up-rebuilds",
            " `up`은 없는 이미지만 빌드하고, 바뀐 파일을 보고 다시 빌드하지는 않아요.",
            " `up` builds only an image that is missing; it does not rebuild after a change.",
        ),
        ("compose down", "volumes") => known(
            "down-keeps-volumes",
            " 이 플래그가 없으면 `down`은 볼륨을 남겨 둬요.",
            " Without it `down` keeps the volumes.",
        ),
        ("container rm", "volumes") => known(
            "anonymous-lifetime",
            " 이 플래그가 없으면 익명 볼륨은 컨테이너가 없어져도 남아요.",
            " Without it anonymous volumes stay when their container is gone.",
        ),
        ("container run", "name") => {
            let image = typed.args.first()?;
            (Image::new(&image.text).official() == Some(wanted.value.as_str())).then_some(Known {
                id: "image-is-container-name",
                ko: " 이미지 이름이 컨테이너 이름이 되지는 않아요. 정하지 않으면 Docker가 아무 이름이나 지어요.",
                en: " A container does not take its image's name: without one, Docker makes a name up.",
            })
        }
        ("container run", "publish") => {
            let exposed = typed.flags.iter().any(|given| given.flag.long == "expose");
            exposed.then_some(Known {
                id: "expose-opens",
                ko: " `--expose`는 포트를 적어 둘 뿐 열지 않아요.",
                en: " `--expose` only writes a port down and opens nothing.",
            })
        }
        _ => None,
    }
}

/// Why a flag is there that is not expected.
pub(super) fn extra(given: &Given, typed: &Invocation) -> Option<Known> {
    (typed.command.path == "container ls" && given.flag.long == "all").then_some(Known {
        id: "ps-a-running",
        ko: " `ps`만으로 실행 중인 컨테이너가 나오고, `-a`는 멈춘 것까지 보여 줘요.",
        en: " `ps` alone lists the running containers; `-a` adds the stopped ones.",
    })
}
