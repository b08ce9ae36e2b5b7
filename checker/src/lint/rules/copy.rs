//! `COPY` and `ADD`.

use dockerfile::{Body, Instruction, Kind, ProblemKind as K, Span, Word, suggest};

use super::metadata::{is_relative, path_of};
use crate::Severity::{Error, Warning};
use crate::lint::rule::{File, Rule, Sink, say, t};

/// Every `COPY` and `ADD` with at least a source and a destination: index, instruction, sources, destination.
fn copies<'a>(file: &File<'a>) -> Vec<(usize, &'a Instruction, &'a [Word], &'a Word)> {
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
        "여러 파일을 한 이름으로 복사할 수는 없으니 대상은 폴더여야 하고, 폴더라는 표시가 끝의 `/`예요. `.`도 옛 빌더에서는 오류이니 `./`로 써 보세요. 와일드카드(`*`)도 여럿으로 쳐요.",
        "Several files cannot become one, so the destination must be a folder, and the `/` at its end says so. Even `.` is an error for the classic builder: write `./`. A wildcard (`*`) counts as several.",
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
        "FROM alpine:3.22\nARG D\nCOPY a b $D\n",
    ],
    check: |file, sink| {
        for (index, instruction, sources, destination) in copies(file) {
            let many =
                sources.len() > 1 || sources.iter().any(|word| word.value.contains(['*', '?']));
            let Some(path) = path_of(file, index, destination) else {
                continue;
            };
            if !many || path.ends_with(['/', '\\']) {
                continue;
            }
            let target = &destination.value;
            let json = matches!(instruction.body, Body::Exec(_));
            let end = destination.span.end - usize::from(json || target.ends_with(['"', '\'']));
            sink.hit(destination.span, say!(file, "원본이 여럿인데 대상 `{target}`가 `/`로 끝나지 않아요.", "There are several sources, and the destination `{target}` does not end with `/`."))
                .fix(say!(file, "끝에 `/` 붙이기", "Put a `/` at its end"), Span::new(end, end), "/");
        }
    },
};

/// `--from` with a name that no stage before has.
pub(crate) static FROM_UNKNOWN: Rule = Rule {
    id: "copy-from-unknown",
    aliases: &["DL3022"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("모르는 단계의 --from", "--from an unknown stage"),
    what: t(
        "앞에서 만들지 않은 이름을 `COPY --from`에 쓴 곳을 찾아요.",
        "Finds a `COPY --from` with a name that no stage before has.",
    ),
    why: t(
        "앞 단계의 이름이 아니면 그 이름의 이미지를 내려받으려고 해요. 단계를 뜻했다면 `FROM … AS 이름`의 철자를, 이미지를 뜻했다면 태그를 확인해 보세요.",
        "A name that is no stage's is taken for an image to pull. If a stage is meant, compare with `FROM … AS name`; if an image is meant, give its tag.",
    ),
    bad: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=⟦biuld⟧ /app /app\n",
        "FROM alpine:3.22\nCOPY --from=⟦nginx⟧ /etc/nginx /n\n",
    ],
    good: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
        "FROM golang:1.26\nFROM alpine:3.22\nCOPY --from=0 /app /app\n",
        "FROM alpine:3.22\nCOPY --from=nginx:1.29 /etc/nginx /n\n",
    ],
    check: |file, sink| {
        for (stage, value) in froms(file) {
            let name = &value.value;
            let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
            let exists = file.tree.stages.iter().any(|s| {
                s.name
                    .as_ref()
                    .is_some_and(|n| n.value.eq_ignore_ascii_case(name))
            });
            if numeric || exists || name.contains([':', '@', '$', '/']) || name.is_empty() {
                continue;
            }
            let names = file.tree.stages[..stage]
                .iter()
                .filter_map(|stage| stage.name.as_ref())
                .map(|name| name.value.as_str());
            match suggest(name, names) {
                Some(near) => sink
                    .hit(
                        value.span,
                        say!(
                            file,
                            "`{name}`이라는 단계는 앞에 없어요. 혹시 `{near}` 아닌가요?",
                            "No stage before is named `{name}`. Did you mean `{near}`?"
                        ),
                    )
                    .fix(
                        say!(file, "`{near}`로 바꾸기", "Change it to `{near}`"),
                        value.span,
                        near,
                    ),
                None => sink.hit(
                    value.span,
                    say!(
                        file,
                        "`{name}`이라는 단계는 앞에 없어요.",
                        "No stage before is named `{name}`."
                    ),
                ),
            };
        }
    },
};

/// The values of `COPY --from` with the stage they stand in.
fn froms<'a>(file: &File<'a>) -> Vec<(usize, &'a Word)> {
    let copies = file.all(Kind::Copy);
    copies
        .filter_map(|(index, instruction)| {
            Some((
                file.tree.stage_of(index)?,
                instruction.flag("from")?.value.as_ref()?,
            ))
        })
        .collect()
}

/// `--from` the stage itself, or a later one.
pub(crate) static FROM_SELF: Rule = Rule {
    id: "copy-from-self",
    aliases: &["DL3023"],
    severity: Error,
    on: true,
    mistake: None,
    title: t(
        "앞에 없는 단계의 --from",
        "--from a stage that is not before",
    ),
    what: t(
        "자기 자신이나 뒤에 오는 단계를 가리키는 `COPY --from`을 찾아요.",
        "Finds a `COPY --from` that names its own stage or a later one.",
    ),
    why: t(
        "`--from`은 이미 끝난 앞 단계에서만 가져올 수 있어요. 단계의 번호는 0부터 세요.",
        "`--from` can take only from a stage that is finished: one before. Stages are counted from 0.",
    ),
    bad: &[
        "FROM alpine:3.22 AS app\nCOPY --from=⟦app⟧ /a /b\n",
        "FROM alpine:3.22\nCOPY --from=⟦0⟧ /a /b\n",
        "FROM alpine:3.22\nCOPY --from=⟦late⟧ /a /b\nFROM alpine:3.22 AS late\n",
    ],
    good: &["FROM alpine:3.22 AS build\nFROM alpine:3.22 AS app\nCOPY --from=build /a /b\n"],
    check: |file, sink| {
        for (stage, value) in froms(file) {
            let name = &value.value;
            let number = name.parse::<usize>().ok();
            let named = file.tree.stages.iter().position(|s| {
                s.name
                    .as_ref()
                    .is_some_and(|n| n.value.eq_ignore_ascii_case(name))
            });
            let before = file.tree.stage_named(name, stage).is_some();
            match number.or(named).filter(|_| !before) {
                Some(other) if other == stage => {
                    sink.hit(
                        value.span,
                        say!(
                            file,
                            "`--from={name}`은 지금 만들고 있는 단계 자신을 가리켜요.",
                            "`--from={name}` names the very stage that is being built."
                        ),
                    );
                }
                Some(other) if other > stage => {
                    sink.hit(
                        value.span,
                        say!(
                            file,
                            "`--from={name}`이 가리키는 단계는 앞에 없어요.",
                            "The stage of `--from={name}` is not before this one."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// A variable in `--from`.
pub(crate) static FROM_VARIABLE: Rule = Rule {
    id: "copy-from-variable",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("--from의 변수", "Variable in --from"),
    what: t(
        "`COPY --from=$이름`을 찾아요.",
        "Finds `COPY --from=$name`.",
    ),
    why: t(
        "`--from`에서는 변수가 펼쳐지지 않아요. 변수가 필요하면 `FROM 이미지:$변수 AS 이름`으로 단계를 하나 만들고 그 이름을 쓰세요.",
        "Variables are not expanded in `--from`. Make a stage of it with `FROM image:$variable AS name` and use that name.",
    ),
    bad: &["ARG V=1.29\nFROM alpine:3.22\nCOPY --from=⟦nginx:$V⟧ /etc/nginx /n\n"],
    good: &["ARG V=1.29\nFROM nginx:$V AS web\nFROM alpine:3.22\nCOPY --from=web /etc/nginx /n\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if let K::FromVariable { name } = kind {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`--from`에 변수 `{name}`를 썼어요.",
                        "`--from` holds the variable `{name}`."
                    ),
                );
            }
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
                            "원본 `{path}`는 빌드 컨텍스트 밖이에요.",
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

/// The whole of another stage.
pub(crate) static WHOLE_STAGE: Rule = Rule {
    id: "copy-whole-stage",
    aliases: &["DL3067"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("단계를 통째로 복사", "Copy of a whole stage"),
    what: t(
        "앞 단계의 파일 시스템 전체(`/`)를 복사하는 곳을 찾아요.",
        "Finds a copy of another stage's whole file system (`/`).",
    ),
    why: t(
        "멀티 스테이지의 이점은 필요한 결과만 가져오는 데 있어요. 전체를 복사하면 빌드 도구까지 모두 따라와요.",
        "Several stages pay because only the result is taken along. Copying everything takes the build tools with it.",
    ),
    bad: &["FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build ⟦/⟧ /\n"],
    good: &[
        "FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
        "FROM golang:1.26 AS build\nFROM scratch\nCOPY --from=build / /\n",
    ],
    check: |file, sink| {
        for (index, instruction, sources, _) in copies(file) {
            // Into `scratch` it is the known way to flatten an image.
            let scratch = file
                .tree
                .stage_of(index)
                .and_then(|stage| file.image(stage))
                .as_deref()
                == Some("scratch");
            if let (Some(_), [source]) = (instruction.flag("from"), sources)
                && source.value == "/"
                && !scratch
            {
                sink.hit(
                    source.span,
                    say!(
                        file,
                        "다른 단계의 파일 시스템 전체를 복사해요.",
                        "This copies the whole file system of another stage."
                    ),
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
                    sink.hit(word.span, say!(file, "`{path}`는 `.dockerignore` {line}번째 줄의 `{text}` 때문에 빌드 컨텍스트에 없어요.", "`{path}` is not in the build context, because of `{text}` on line {line} of `.dockerignore`."));
                }
            }
        }
    },
};

/// Everything copied before the dependencies are installed.
pub(crate) static CACHE_ORDER: Rule = Rule {
    id: "cache-order",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("캐시를 못 쓰는 순서", "An order that defeats the cache"),
    what: t(
        "의존성을 설치하기 전에 소스 전체를 복사하는 곳을 찾아요.",
        "Finds a copy of all sources before the dependencies are installed.",
    ),
    why: t(
        "한 단계의 입력이 바뀌면 그 뒤는 모두 다시 빌드돼요. 소스를 먼저 복사하면 코드 한 줄만 고쳐도 의존성을 처음부터 다시 설치해요. 자주 바뀌지 않는 것(의존성 목록)을 먼저 복사하고 설치한 뒤, 소스를 복사해 보세요.",
        "When a step's input changes, every step after it is rebuilt. With the sources copied first, one changed line of code installs all dependencies anew. Copy what seldom changes (the list of dependencies) first, install, then copy the sources.",
    ),
    bad: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY ⟦.⟧ .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM node:22\nWORKDIR /app\nCOPY ⟦./⟧ ./\nRUN npm ci\n",
    ],
    good: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n",
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm run build\n",
        "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nCOPY . .\nRUN npm run build\n",
    ],
    check: cache_order,
};

fn cache_order(file: &File<'_>, sink: &mut Sink<'_>) {
    for stage in &file.tree.stages {
        let mut whole: Option<(&Word, bool)> = None;
        let mut installed = false;
        for (index, instruction) in file
            .tree
            .instructions
            .iter()
            .enumerate()
            .skip(stage.from)
            .skip(1)
        {
            if instruction.kind == Kind::From {
                break;
            }
            match instruction.kind {
                Kind::Copy | Kind::Add if instruction.flag("from").is_none() && whole.is_none() => {
                    let sources = instruction
                        .words()
                        .split_last()
                        .map_or(&[][..], |(_, sources)| sources);
                    whole = sources
                        .iter()
                        .find(|word| matches!(word.value.as_str(), "." | "./" | "/" | "./*" | "*"))
                        .map(|word| (word, installed));
                }
                Kind::Run => {
                    let found = file.commands[index]
                        .iter()
                        .find(|command| installs(command));
                    let cached = instruction
                        .flags
                        .iter()
                        .any(|flag| flag.name == "mount" && flag.text.contains("type=cache"));
                    let Some(command) = found else { continue };
                    if let Some((word, false)) = whole.filter(|_| !cached) {
                        let (text, name, line) =
                            (&word.value, command.program(), instruction.lines.0);
                        sink.hit(word.span, say!(file, "소스 전체(`{text}`)를 복사한 뒤에 {line}번째 줄에서 의존성을 설치해요(`{name}`).", "All sources (`{text}`) are copied before line {line} installs the dependencies (`{name}`)."));
                        break;
                    }
                    installed = true;
                }
                _ => {}
            }
        }
    }
}

/// Whether a command installs what a list in the sources names.
fn installs(command: &crate::lint::shell::Command) -> bool {
    let args: Vec<&str> = command.args().iter().map(|arg| arg.text.as_str()).collect();
    let first = command.subcommand().map_or("", |arg| arg.text.as_str());
    let names_nothing = args.iter().filter(|arg| !arg.starts_with('-')).count() <= 1;
    match command.program() {
        "pip" | "pip3" => {
            first == "install"
                && args
                    .iter()
                    .any(|arg| arg.starts_with("-r") || arg.starts_with("--requirement"))
        }
        "python" | "python3" => {
            args.starts_with(&["-m", "pip", "install"])
                && args.iter().any(|arg| arg.starts_with("-r"))
        }
        "npm" => matches!(first, "ci") || (matches!(first, "install" | "i") && names_nothing),
        "yarn" => first.is_empty() || first == "install",
        "pnpm" | "bun" => matches!(first, "install" | "i"),
        "poetry" | "pipenv" | "bundle" | "composer" => matches!(first, "install" | "sync"),
        "uv" => first == "sync",
        "go" => args.starts_with(&["mod", "download"]),
        _ => false,
    }
}
