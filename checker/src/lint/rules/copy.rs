//! `COPY` and `ADD`.

use dockerfile::{Body, Instruction, Kind, Span, Word};

use super::metadata::{is_relative, path_of};
use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, say, t};

/// Every `COPY` and `ADD` with at least a source and a destination: index, instruction, sources, destination.
pub(super) fn copies<'a>(file: &File<'a>) -> Vec<(usize, &'a Instruction, &'a [Word], &'a Word)> {
    let instructions = file.tree.instructions.iter().enumerate();
    instructions
        .filter(|(_, instruction)| matches!(instruction.kind, Kind::Copy | Kind::Add))
        .filter_map(|(index, instruction)| {
            let (destination, sources) = instruction.words().split_last()?;
            (!sources.is_empty()).then_some((index, instruction, sources, destination))
        })
        .collect()
}

fn is_heredoc(instruction: &Instruction, word: &Word) -> bool {
    matches!(instruction.body, Body::Words(_))
        && instruction
            .heredocs
            .iter()
            .any(|heredoc| heredoc.span.start == word.span.start)
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "ftp://", "git://", "git@", "ssh://"]
        .iter()
        .any(|start| source.starts_with(start))
        || source.contains(".git#")
}

/// Whether a source with a wildcard stands for several files. `target/*.jar app.jar` means the one that the build left:
/// the destination has the same ending.
fn wildcard_for_many(source: &str, destination: &str) -> bool {
    let ending = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.rsplit_once('.').map(|(_, end)| end.to_owned())
    };
    let one = ending(source)
        .filter(|end| !end.is_empty() && !end.contains(['*', '?', '[', ']']))
        .is_some_and(|end| ending(destination).is_some_and(|other| other == end));
    source.contains(['*', '?']) && !one
}

/// Several sources into what is no folder.
pub(crate) static TRAILING_SLASH: Rule = Rule {
    id: "copy-trailing-slash",
    aliases: &["DL3021"],
    severity: Error,
    on: true,
    mistake: None,
    title: t("여러 파일의 대상 폴더", "Folder for several files"),
    what: t(
        "원본이 여럿인데 대상이 `/`로 끝나지 않는 `COPY`를 찾아요.",
        "Finds a `COPY` of several sources whose destination does not end with `/`.",
    ),
    why: t(
        "여러 파일을 한 이름으로 복사할 수는 없으니 대상은 폴더여야 하고, 폴더라는 표시가 끝의 `/`예요. `.`도 옛 빌더에서는 오류이니 `./`로 써 보세요. 와일드카드(`*`)도 대개 여럿이에요.",
        "Several files cannot become one, so the destination must be a folder, and the `/` at its end says so. Even `.` is an error for the classic builder: write `./`. A wildcard (`*`) usually means several too.",
    ),
    bad: &[
        "FROM alpine:3.22\nWORKDIR /app\nCOPY main.py util.py ⟦/app⟧\n",
        "FROM alpine:3.22\nWORKDIR /app\nCOPY *.py ⟦.⟧\n",
        "FROM alpine:3.22\nCOPY [\"a b\", \"c\", ⟦\"/app\"⟧]\n",
    ],
    good: &[
        "FROM alpine:3.22\nWORKDIR /app\nCOPY main.py util.py /app/\n",
        "FROM alpine:3.22\nWORKDIR /app\nCOPY *.py ./\n",
        "FROM alpine:3.22\nCOPY main.py /app\n",
        "FROM alpine:3.22\nWORKDIR /app\nCOPY target/*.jar app.jar\n",
        "FROM alpine:3.22\nARG D\nCOPY a b $D\n",
    ],
    check: |file, sink| {
        for (index, instruction, sources, destination) in copies(file) {
            let Some(path) = path_of(file, index, destination) else {
                continue;
            };
            let many = sources.len() > 1 || wildcard_for_many(&sources[0].value, &path);
            if !many || path.ends_with(['/', '\\']) {
                continue;
            }
            let target = &destination.value;
            let json = matches!(instruction.body, Body::Exec(_));
            let end = destination.span.end - usize::from(json || target.ends_with(['"', '\'']));
            sink.hit(destination.span, say!(file, "원본이 여럿인데 대상(`{target}`)이 `/`로 끝나지 않아요.", "There are several sources, and the destination `{target}` does not end with `/`."))
                .fix(say!(file, "끝에 `/` 붙이기", "Put a `/` at its end"), Span::new(end, end), "/");
        }
    },
};

/// A source above the build context.
pub(crate) static OUTSIDE_CONTEXT: Rule = Rule {
    id: "copy-outside-context",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("빌드 컨텍스트 밖의 파일", "File outside the build context"),
    what: t(
        "`../`로 시작하거나 `~`를 쓴 원본을 찾아요.",
        "Finds a source that starts with `../` or `~`.",
    ),
    why: t(
        "빌더는 `docker build`에 준 폴더(빌드 컨텍스트) 안의 파일만 볼 수 있어요. 그 위의 폴더나 홈 폴더는 보이지 않아요. `docker build`의 마지막 인자가 어느 폴더인지 살펴보세요.",
        "The builder sees only the folder given to `docker build` (the build context), nothing above it and no home folder. Which folder is the last argument of your `docker build`?",
    ),
    bad: &[
        "FROM alpine:3.22\nCOPY ⟦../shared⟧ /shared\n",
        "FROM alpine:3.22\nCOPY ⟦~/notes⟧ /notes\n",
    ],
    good: &[
        "FROM alpine:3.22\nCOPY shared /shared\n",
        "FROM alpine:3.22\nCOPY a/../b /b\n",
    ],
    check: |file, sink| {
        for (index, instruction, sources, _) in copies(file) {
            if instruction.flag("from").is_some() {
                continue;
            }
            for word in sources.iter().filter(|word| !is_heredoc(instruction, word)) {
                let Some(path) = path_of(file, index, word) else {
                    continue;
                };
                let clean = dockerfile::ignore::clean(&path);
                if !is_remote(&path)
                    && (clean == ".."
                        || clean.starts_with("../")
                        || clean == "~"
                        || clean.starts_with("~/"))
                {
                    sink.hit(
                        word.span,
                        say!(
                            file,
                            "원본(`{path}`)이 빌드 컨텍스트 밖에 있어요.",
                            "The source `{path}` is outside the build context."
                        ),
                    );
                }
            }
        }
    },
};

/// A relative destination before any `WORKDIR`.
pub(crate) static RELATIVE_DESTINATION: Rule = Rule {
    id: "copy-without-workdir",
    aliases: &["DL3045"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        "WORKDIR 없는 상대 경로",
        "Relative destination without WORKDIR",
    ),
    what: t(
        "`WORKDIR` 없이 상대 경로로 복사하는 `COPY`를 찾아요.",
        "Finds a `COPY` to a relative path with no `WORKDIR` before it.",
    ),
    why: t(
        "`WORKDIR`이 없으면 상대 경로는 베이스 이미지의 작업 디렉터리(보통 `/`)를 뜻해서, 파일이 시스템 폴더와 섞여요. 먼저 `WORKDIR /app`처럼 자리를 정해 보세요.",
        "Without a `WORKDIR` a relative path means the base image's working directory, mostly `/`, and the files mix with the system's. Choose a place first, such as `WORKDIR /app`.",
    ),
    bad: &["FROM python:3.13\nCOPY app.py ⟦.⟧\n"],
    good: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY app.py .\n",
        "FROM python:3.13\nCOPY app.py /app/\n",
        "FROM python:3.13 AS a\nWORKDIR /app\nFROM a\nCOPY app.py .\n",
    ],
    check: |file, sink| {
        let mut set = vec![false; file.tree.stages.len()];
        for (index, instruction) in file.tree.instructions.iter().enumerate() {
            let Some(stage) = file.tree.stage_of(index) else {
                continue;
            };
            match instruction.kind {
                Kind::From => {
                    set[stage] = file.scopes.parent(stage).is_some_and(|parent| set[parent])
                }
                Kind::Workdir => set[stage] = true,
                Kind::Copy if !set[stage] => {
                    let [_, .., word] = instruction.words() else {
                        continue;
                    };
                    if path_of(file, index, word).is_some_and(|path| is_relative(&path)) {
                        let path = &word.value;
                        sink.hit(
                            word.span,
                            say!(
                                file,
                                "`WORKDIR`을 정하지 않고 상대 경로 `{path}`에 복사해요.",
                                "This copies to the relative path `{path}` with no `WORKDIR` set."
                            ),
                        );
                    }
                }
                _ => {}
            }
        }
    },
};

/// `ADD` for plain files.
pub(crate) static ADD_FOR_FILES: Rule = Rule {
    id: "add-instead-of-copy",
    aliases: &["DL3020"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("ADD 대신 COPY", "COPY instead of ADD"),
    what: t(
        "압축 파일도 URL도 아닌 것을 `ADD`로 복사하는 곳을 찾아요.",
        "Finds an `ADD` of what is neither an archive nor a URL.",
    ),
    why: t(
        "`ADD`는 압축을 풀고 인터넷에서 내려받기도 해서, 그냥 복사할 때는 무슨 일이 일어날지 알기 어려워요. 복사만 한다면 `COPY`가 뜻을 분명히 해요.",
        "`ADD` also unpacks archives and downloads, so a reader cannot tell what it will do. `COPY` says plainly that files are copied.",
    ),
    bad: &["FROM alpine:3.22\n⟦ADD⟧ app.py /app/\n"],
    good: &[
        "FROM alpine:3.22\nCOPY app.py /app/\n",
        "FROM alpine:3.22\nADD rootfs.tar.gz /\n",
        "FROM alpine:3.22\nADD https://example.com/a.txt /a.txt\n",
        "FROM alpine:3.22\nARG SRC\nADD $SRC /a\n",
    ],
    check: |file, sink| {
        for (_, instruction, sources, _) in copies(file) {
            let special = |word: &Word| {
                let name = word.value.trim_matches('"').to_lowercase();
                let archive = [
                    ".tar", ".tar.gz", ".tgz", ".gz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz",
                    ".lzma", ".tlz", ".zst", ".tzst", ".z", ".lz",
                ];
                is_remote(&name)
                    || name.contains('$')
                    || archive.iter().any(|ending| name.ends_with(ending))
            };
            let own_flags = instruction
                .flags
                .iter()
                .any(|flag| matches!(flag.name.as_str(), "checksum" | "keep-git-dir" | "unpack"));
            if instruction.kind == Kind::Add && !own_flags && !sources.iter().any(special) {
                sink.hit(
                    instruction.keyword.span,
                    say!(
                        file,
                        "파일을 복사하기만 하는데 `ADD`를 썼어요.",
                        "This `ADD` only copies files."
                    ),
                )
                .fix(
                    say!(file, "`COPY`로 바꾸기", "Change it to `COPY`"),
                    instruction.keyword.span,
                    if instruction.keyword.value == "add" {
                        "copy"
                    } else {
                        "COPY"
                    },
                );
            }
        }
    },
};

/// What `.dockerignore` keeps out.
pub(crate) static IGNORED: Rule = Rule {
    id: "copy-ignored-file",
    aliases: &["CopyIgnoredFile"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t(
        ".dockerignore에 막힌 파일",
        "File kept out by .dockerignore",
    ),
    what: t(
        "`.dockerignore`가 제외한 파일을 복사하려는 곳을 찾아요.",
        "Finds a copy of a file that `.dockerignore` keeps out.",
    ),
    why: t(
        "`.dockerignore`에 적힌 파일은 빌드 컨텍스트에 들어가지 않아서, 폴더에 있어도 빌더에게는 없는 파일이에요. 그 줄을 지우거나 `!`로 예외를 두어 보세요.",
        "What `.dockerignore` lists does not enter the build context: for the builder the file is not there. Remove that line, or make an exception with `!`.",
    ),
    bad: &[],
    good: &["FROM alpine:3.22\nCOPY app.py /app/\n"],
    check: |file, sink| {
        let Some(ignore) = file.ignore else { return };
        // With exceptions, a folder may be kept out and a file in it not: what is copied cannot be told from the text.
        if ignore.patterns().iter().any(|pattern| pattern.exception) {
            return;
        }
        for (index, instruction, sources, _) in copies(file).into_iter().take(2000) {
            if instruction.flag("from").is_some() {
                continue;
            }
            for word in sources
                .iter()
                .take(50)
                .filter(|word| !is_heredoc(instruction, word))
            {
                let Some(path) = path_of(file, index, word) else {
                    continue;
                };
                let clean = dockerfile::ignore::clean(path.trim_start_matches('/'));
                let whole = clean == ".";
                let all = || {
                    ignore
                        .patterns()
                        .iter()
                        .find(|p| matches!(p.text.as_str(), "*" | "**" | "**/*"))
                };
                let pattern = if whole {
                    all()
                } else {
                    ignore.deciding(&clean)
                };
                if let Some(pattern) = pattern.filter(|_| !is_remote(&path)) {
                    let (text, line) = (&pattern.text, pattern.line);
                    sink.hit(word.span, say!(file, "`{path}` 파일은 `.dockerignore` {line}번째 줄의 `{text}` 때문에 빌드 컨텍스트에 없어요.", "`{path}` is not in the build context, because of `{text}` on line {line} of `.dockerignore`."));
                }
            }
        }
    },
};
