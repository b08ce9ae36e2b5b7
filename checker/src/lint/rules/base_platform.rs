//! An image of another platform than the one that is asked for, as far as its name tells.

use crate::Severity::Warning;
use crate::lint::image::Image;
use crate::lint::rule::{Rule, say, t};

/// Docker Hub's namespaces of the official images for one platform each.
const NAMESPACES: &[(&str, &str, &str)] = &[
    ("amd64", "linux", "amd64"),
    ("arm32v5", "linux", "arm"),
    ("arm32v6", "linux", "arm"),
    ("arm32v7", "linux", "arm"),
    ("arm64v8", "linux", "arm64"),
    ("i386", "linux", "386"),
    ("mips64le", "linux", "mips64le"),
    ("ppc64le", "linux", "ppc64le"),
    ("riscv64", "linux", "riscv64"),
    ("s390x", "linux", "s390x"),
    ("winamd64", "windows", "amd64"),
];

/// System and, where the name tells it, processor of an image.
fn of_image(image: &str) -> Option<(&'static str, Option<&'static str>)> {
    let parts = Image::new(image);
    let name = parts.name.strip_prefix("docker.io/").unwrap_or(parts.name);
    if name.starts_with("mcr.microsoft.com/windows") {
        return Some(("windows", None));
    }
    let windows = ["nanoserver", "windowsservercore"];
    let tag = parts.tag.unwrap_or("");
    if windows.iter().any(|word| tag.contains(word)) {
        return Some(("windows", None));
    }
    let (namespace, _) = name.split_once('/')?;
    NAMESPACES
        .iter()
        .find(|(known, ..)| *known == namespace)
        .map(|&(_, system, processor)| (system, Some(processor)))
}

/// System and processor of a platform's text; the variant (`v7`) is left out, as BuildKit does.
fn of_flag(platform: &str) -> Option<(String, Option<String>)> {
    let text = platform.to_ascii_lowercase();
    let mut parts = text.split('/');
    let first = parts.next().filter(|first| !first.is_empty())?;
    let processor = |name: &str| {
        match name {
            "x86_64" | "x86-64" => "amd64",
            "aarch64" => "arm64",
            "armhf" | "armel" => "arm",
            "i386" => "386",
            other => other,
        }
        .to_owned()
    };
    match (first, parts.next()) {
        ("linux" | "windows", second) => Some((first.to_owned(), second.map(processor))),
        // The processor alone: the system is that of the builder.
        (alone, None) => Some(("linux".to_owned(), Some(processor(alone)))),
        _ => None,
    }
}

/// `--platform=linux/arm64 amd64/alpine`.
pub(crate) static BASE_PLATFORM: Rule = Rule {
    id: "base-image-platform",
    aliases: &["InvalidBaseImagePlatform"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        "플랫폼이 다른 베이스 이미지",
        "Base image of another platform",
    ),
    what: t(
        "`--platform`과 다른 플랫폼의 이미지라는 것이 이름에 드러나는 베이스 이미지를 찾아요. 이미지를 받아 보지는 않아요.",
        "Finds a base image whose name tells that it is for another platform than `--platform`. Nothing is pulled.",
    ),
    why: t(
        "`--platform`은 이미지를 바꿔 주지 않고, 여러 플랫폼용 이미지에서 하나를 고르기만 해요. `amd64/`나 `arm32v7/` 같은 이름의 이미지에는 한 가지 플랫폼만 있어서, 다른 CPU에서는 `exec format error`로 멈춰요. 앞의 이름을 떼고 여러 플랫폼용 공식 이미지를 써 보세요.",
        "`--platform` does not convert an image; it only chooses one where there are several. Images under `amd64/`, `arm32v7/` and the like exist for one platform, and on another processor they stop with `exec format error`. Leave that part of the name out, and take the official image for many platforms.",
    ),
    bad: &[
        "FROM --platform=linux/arm64 ⟦amd64/alpine:3.22⟧\n",
        "FROM --platform=linux/amd64 ⟦docker.io/arm32v7/debian:13⟧\n",
        "FROM --platform=linux/amd64 ⟦mcr.microsoft.com/windows/nanoserver:ltsc2022⟧\n",
        "FROM --platform=linux ⟦golang:1.25-nanoserver⟧\n",
        "ARG P=arm64\nFROM --platform=$P ⟦i386/debian:13⟧\n",
    ],
    good: &[
        "FROM --platform=linux/arm64 alpine:3.22\n",
        "FROM --platform=linux/arm64/v8 arm64v8/alpine:3.22\n",
        "FROM --platform=linux/x86_64 amd64/alpine:3.22\n",
        "FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver:ltsc2022\n",
        "FROM --platform=$BUILDPLATFORM amd64/alpine:3.22\n",
        "FROM amd64/alpine:3.22\n",
    ],
    check: |file, sink| {
        for (stage, word, image) in super::base::images(file) {
            let stage = &file.tree.stages[stage];
            let Some(platform) = &stage.platform else {
                continue;
            };
            let scope = file.scopes.at(file.tree, stage.from);
            let asked = scope
                .known(&platform.value, file.tree.escape)
                .and_then(|platform| of_flag(&platform));
            let (Some((system, processor)), Some((own_system, own_processor))) =
                (asked, of_image(&image))
            else {
                continue;
            };

            let processors = processor.as_deref().zip(own_processor);
            if system != own_system || processors.is_some_and(|(asked, own)| asked != own) {
                let own = own_processor.map_or(own_system.to_owned(), |processor| {
                    format!("{own_system}/{processor}")
                });
                let asked = &platform.value;
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{image}`는 {own}용 이미지인데, `--platform`은 `{asked}`예요.",
                        "`{image}` is an image for {own}, but `--platform` says `{asked}`."
                    ),
                );
            }
        }
    },
};
