//! The image that a stage starts from.

use dockerfile::{Stage, Word};

use crate::Severity::{Error, Warning};
use crate::lint::eol;
use crate::lint::image::Image;
use crate::lint::rule::{File, Rule, Sink, say, t};

/// The stages that start from an image (not from another stage, not from `scratch`): index, base as written, reference.
pub(super) fn images<'a>(file: &File<'a>) -> Vec<(usize, &'a Word, String)> {
    let mut found = Vec::new();
    for (index, Stage { base, from, .. }) in file.tree.stages.iter().enumerate() {
        let Some(base) = base else { continue };
        let Some(image) = file
            .scopes
            .at(file.tree, *from)
            .known(&base.value, file.tree.escape)
        else {
            continue;
        };
        if image != "scratch" && file.tree.stage_named(&image, index).is_none() {
            found.push((index, base, image));
        }
    }
    found
}

/// Whether a split tag makes all else that could be said of this `FROM` moot.
fn is_broken(file: &File<'_>, stage: usize) -> bool {
    let instruction = &file.tree.instructions[file.tree.stages[stage].from];
    !matches!(instruction.words().len(), 1 | 3)
}

/// An image name that Docker does not take.
pub(crate) static IMAGE_REFERENCE: Rule = Rule {
    id: "image-reference",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("이미지 이름의 형식", "Form of an image name"),
    what: t(
        "Docker가 받지 않는 이미지 이름을 찾아요.",
        "Finds an image name that Docker does not take.",
    ),
    why: t(
        "이미지 이름은 소문자로 쓰고, 태그는 `:` 뒤에 하나만 와요. 태그는 글자나 숫자로 시작하고 공백이 없어야 해요.",
        "An image's name is in small letters; one tag follows a `:`. A tag starts with a letter or a digit and holds no blank.",
    ),
    bad: &[
        "FROM ⟦Node:22⟧\n",
        "FROM ⟦python:⟧\n",
        "FROM ⟦python:3.11:slim⟧\n",
    ],
    good: &[
        "FROM node:22\n",
        "FROM python:3.11-slim\n",
        "FROM ghcr.io/study/board:1\n",
    ],
    check: |file, sink| {
        for (stage, word, image) in images(file) {
            let variable = word.value.contains('$');
            if variable || is_broken(file, stage) || Image::new(&image).is_valid() {
                continue;
            }
            let lower = image.to_lowercase();
            if Image::new(&lower).is_valid() {
                sink.hit(word.span, say!(file, "이미지 이름 `{image}`에 대문자가 있어요. 이미지 이름은 모두 소문자예요.", "The image name `{image}` has capital letters. Image names are in small letters."))
                    .fix(say!(file, "소문자로 바꾸기", "Write it in small letters"), word.span, lower);
            } else {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{image}` 같은 이름은 이미지에 쓸 수 없어요.",
                        "`{image}` cannot be the name of an image."
                    ),
                );
            }
        }
    },
};

/// `FROM` that is broken when no `--build-arg` is given.
pub(crate) static DEFAULT_ARG: Rule = Rule {
    id: "invalid-default-arg-in-from",
    aliases: &["InvalidDefaultArgInFrom"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        "기본값이 없는 FROM의 변수",
        "No default for a variable in FROM",
    ),
    what: t(
        "`--build-arg` 없이 빌드하면 이미지 이름이 깨지는 `FROM`을 찾아요.",
        "Finds a `FROM` whose image name is broken unless `--build-arg` is given.",
    ),
    why: t(
        "`ARG`에 기본값이 없으면 변수가 빈 값이 되어 `alpine:`처럼 끊긴 이름이 남아요. `ARG 이름=값`으로 기본값을 적어 두면 그냥 빌드해도 돼요.",
        "Without a default the variable is empty and a name such as `alpine:` is left. With `ARG name=value` a plain build works too.",
    ),
    bad: &[
        "ARG VERSION\nFROM ⟦alpine:${VERSION}⟧\n",
        "ARG IMAGE\nFROM ⟦$IMAGE⟧\n",
    ],
    good: &[
        "ARG VERSION=3.22\nFROM alpine:${VERSION}\n",
        "ARG SUFFIX\nFROM alpine:3.22$SUFFIX\n",
    ],
    check: |file, sink| {
        for stage in &file.tree.stages {
            let Some(base) = stage.base.as_ref().filter(|base| base.value.contains('$')) else {
                continue;
            };
            let Ok(expanded) = file
                .scopes
                .at(file.tree, stage.from)
                .expand(&base.value, file.tree.escape)
            else {
                continue;
            };
            let only_declared = expanded
                .references
                .iter()
                .all(|reference| file.scopes.global(&reference.name).is_some());
            if only_declared && !Image::new(&expanded.value).is_valid() {
                let value = &expanded.value;
                sink.hit(base.span, say!(file, "기본값만으로는 이미지 이름이 `{value}`, 이렇게 되어 빌드할 수 없어요.", "With the defaults alone the image name is `{value}`, which cannot be built from."));
            }
        }
    },
};

/// An image without a tag.
pub(crate) static UNTAGGED: Rule = Rule {
    id: "untagged-base",
    aliases: &["DL3006"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("태그가 없는 베이스 이미지", "Base image without a tag"),
    what: t(
        "태그를 적지 않은 베이스 이미지를 찾아요.",
        "Finds a base image without a tag.",
    ),
    why: t(
        "태그를 적지 않으면 `latest`를 뜻하고, 그것이 가리키는 이미지는 시간이 지나면 바뀌어요. 지금 되는 빌드가 다음 달에는 다른 버전으로 만들어질 수 있으니 버전을 골라 적어 보세요.",
        "No tag means `latest`, and what that points to changes with time: next month the same file can build on another version. Choose a version and write it down.",
    ),
    bad: &["FROM ⟦python⟧\n", "ARG BASE=node\nFROM ⟦$BASE⟧\n"],
    good: &[
        "FROM python:3.13-slim\n",
        "FROM python:3.13 AS base\nFROM base\n",
        "FROM scratch\n",
        "ARG BASE\nFROM $BASE\n",
    ],
    check: |file, sink| {
        for (stage, word, image) in images(file) {
            let parts = Image::new(&image);
            if parts.tag.is_none() && parts.digest.is_none() && !is_broken(file, stage) {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "베이스 이미지 `{image}`에 태그가 없어요.",
                        "The base image `{image}` has no tag."
                    ),
                );
            }
        }
    },
};

/// `latest`.
pub(crate) static LATEST: Rule = Rule {
    id: "latest-tag",
    aliases: &["DL3007"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("latest 태그", "The tag latest"),
    what: t(
        "`latest` 태그를 쓰는 베이스 이미지를 찾아요.",
        "Finds a base image with the tag `latest`.",
    ),
    why: t(
        "`latest`는 ‘가장 새것’이 아니라 태그를 적지 않았을 때의 이름일 뿐이고, 가리키는 이미지가 계속 바뀌어요. 같은 파일이 언제나 같은 결과를 내도록 버전을 적어 보세요.",
        "`latest` does not promise the newest; it is the name for no tag, and what it points to keeps changing. Write a version, so that the same file gives the same result.",
    ),
    bad: &["FROM ⟦python:latest⟧\n"],
    good: &["FROM python:3.13\n"],
    check: |file, sink| {
        for (_, word, image) in images(file) {
            let parts = Image::new(&image);
            if parts.tag == Some("latest") && parts.digest.is_none() {
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "베이스 이미지가 `latest` 태그를 써요.",
                        "The base image has the tag `latest`."
                    ),
                );
            }
        }
    },
};

/// A version that is no longer maintained.
pub(crate) static EOL: Rule = Rule {
    id: "eol-base",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("eol-base"),
    title: t("지원이 끝난 베이스 이미지", "Base image out of support"),
    what: t(
        "보안 업데이트가 끝난 버전의 공식 이미지를 찾아요.",
        "Finds an official image of a version that gets no more security updates.",
    ),
    why: t(
        "지원이 끝난 버전은 새로 알려지는 취약점이 고쳐지지 않고, 패키지 저장소가 사라져 빌드가 실패하기도 해요. 지금 지원되는 버전을 Docker Hub에서 찾아 태그를 바꿔 보세요.",
        "Newly found holes are no longer mended in it, and its package archives may vanish, so that builds fail. Look up a maintained version on Docker Hub and change the tag.",
    ),
    bad: &[
        "FROM ⟦node:14⟧\n",
        "FROM ⟦openjdk:17-slim⟧ AS builder\n",
        "FROM ⟦alpine:3.18⟧\n",
        "FROM ⟦python:3.9-slim⟧\n",
        "FROM ⟦python:3.13-buster⟧\n",
    ],
    good: &[
        "FROM node:24\n",
        "FROM eclipse-temurin:21-jdk AS builder\n",
        "FROM alpine:3.22\n",
        "FROM python:3.13-slim\n",
    ],
    check: eol_check,
};

fn eol_check(file: &File<'_>, sink: &mut Sink<'_>) {
    for (_, word, image) in images(file) {
        let parts = Image::new(&image);
        let (Some(name), Some(tag)) = (parts.official(), parts.tag) else {
            continue;
        };
        let Some(ended) = eol::ended(name, tag) else {
            continue;
        };
        if name == "openjdk" {
            sink.hit(word.span, say!(file, "`openjdk` 이미지는 더 이상 관리되지 않아요({ended}).", "The image `openjdk` is no longer maintained ({ended})."))
                .why(say!(file, "Docker 공식 `openjdk` 이미지는 중단됐어요. 같은 일을 하는 `eclipse-temurin`, `amazoncorretto` 같은 이미지를 찾아보세요.", "Docker's official `openjdk` has been discontinued. Look at `eclipse-temurin` or `amazoncorretto`, which do the same."));
        } else {
            sink.hit(
                word.span,
                say!(
                    file,
                    "`{image}` 이미지는 지원이 끝났어요({ended}).",
                    "`{image}` is out of support ({ended})."
                ),
            );
        }
    }
}
