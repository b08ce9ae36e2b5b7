//! What is wrong with the file as a file.

use dockerfile::{ProblemKind as K, Span};

use crate::Severity;
use crate::lint::rule::{File, Rule, Sink, say, t};

/// A file without an instruction.
pub(crate) static EMPTY_FILE: Rule = Rule {
    id: "empty-file",
    aliases: &[],
    severity: Severity::Error,
    on: true,
    mistake: None,
    title: t("빈 파일", "Empty file"),
    what: t(
        "지시어가 하나도 없는 파일을 찾아요.",
        "Finds a file that holds no instruction.",
    ),
    why: t(
        "이미지는 어떤 이미지에서 시작할지 알아야 만들 수 있어요. 첫 줄에 `FROM` 지시어로 베이스 이미지를 적어 보세요. 내용을 썼는데 비어 있다면 저장했는지도 확인해 보세요.",
        "A build needs to know which image to start from. Begin with a `FROM` line. If you wrote something and it is not here, look whether it was saved.",
    ),
    bad: &["⟦⟧", "⟦⟧# FROM alpine:3.22\n"],
    good: &["FROM alpine:3.22\n"],
    check: |file, sink| {
        for (_, span) in file
            .problems()
            .filter(|(kind, _)| matches!(kind, K::NoInstructions))
        {
            let comments = !file.tree.comments.is_empty();
            let message = if comments {
                say!(
                    file,
                    "이 파일에는 주석만 있고 지시어가 없어요.",
                    "This file holds comments and no instruction."
                )
            } else {
                say!(file, "이 파일은 비어 있어요.", "This file is empty.")
            };
            sink.hit(span, message);
        }
    },
};

/// A file that is too large to be a Dockerfile.
pub(crate) static TOO_LARGE: Rule = Rule {
    id: "file-too-large",
    aliases: &[],
    severity: Severity::Error,
    on: true,
    mistake: None,
    title: t("너무 큰 파일", "File too large"),
    what: t(
        "1 MiB보다 큰 파일은 읽지 않아요.",
        "A file of more than 1 MiB is not read.",
    ),
    why: t(
        "Dockerfile은 보통 몇십 줄짜리 텍스트예요. 다른 파일(압축 파일, 로그)을 고르지 않았는지 확인해 보세요.",
        "A Dockerfile is a text of some dozen lines. Look whether another file (an archive, a log) was chosen.",
    ),
    bad: &[],
    good: &["FROM alpine:3.22\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if let K::TooLarge { limit, .. } = kind {
                let limit = limit >> 20;
                sink.hit(
                    span,
                    say!(
                        file,
                        "파일이 너무 커요. {limit} MiB까지만 읽어요.",
                        "The file is too large: at most {limit} MiB is read."
                    ),
                );
            }
        }
    },
};

/// Bytes that are no text.
pub(crate) static NOT_TEXT: Rule = Rule {
    id: "not-text",
    aliases: &[],
    severity: Severity::Error,
    on: true,
    mistake: None,
    title: t("텍스트가 아닌 파일", "Not a text file"),
    what: t(
        "NUL 바이트나 UTF-8이 아닌 바이트를 찾아요.",
        "Finds NUL bytes and bytes that are not UTF-8.",
    ),
    why: t(
        "Dockerfile은 UTF-8 텍스트여야 해요. 메모장 같은 편집기에서 UTF-16이나 CP949(EUC-KR)로 저장했을 때 자주 생겨요. 인코딩을 UTF-8로 바꿔 다시 저장해 보세요.",
        "A Dockerfile is UTF-8 text. Editors that save as UTF-16 or in a local encoding cause this. Save it again as UTF-8.",
    ),
    bad: &["FROM alpine:3.22\nRUN echo a⟦\0⟧b\n"],
    good: &["FROM alpine:3.22\nRUN echo 안녕\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::NulByte => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "파일에 NUL 바이트가 있어요.",
                            "The file holds a NUL byte."
                        ),
                    );
                }
                K::NotUtf8 { bytes } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "UTF-8이 아닌 바이트가 {bytes}개 있어요. 여기가 첫 번째예요.",
                            "{bytes} bytes are not UTF-8; this is the first."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// A physical line above BuildKit's limit.
pub(crate) static LINE_TOO_LONG: Rule = Rule {
    id: "line-too-long",
    aliases: &[],
    severity: Severity::Error,
    on: true,
    mistake: None,
    title: t("너무 긴 줄", "Line too long"),
    what: t(
        "65,535바이트보다 긴 줄을 찾아요.",
        "Finds a line of more than 65,535 bytes.",
    ),
    why: t(
        "빌더는 이보다 긴 줄을 읽지 못하고 멈춰요. 긴 데이터는 파일로 두고 `COPY`로 넣어 보세요.",
        "The builder stops at such a line. Keep long data in a file and bring it in with `COPY`.",
    ),
    bad: &[],
    good: &["FROM alpine:3.22\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if let K::LineTooLong { length, limit } = kind {
                sink.hit(
                    span,
                    say!(
                        file,
                        "한 줄이 {length}바이트예요. {limit}바이트까지만 쓸 수 있어요.",
                        "This line has {length} bytes; {limit} is the limit."
                    ),
                );
            }
        }
    },
};

/// A file name that is nearly `Dockerfile`.
pub(crate) static FILE_NAME: Rule = Rule {
    id: "dockerfile-name",
    aliases: &[],
    severity: Severity::Warning,
    on: true,
    mistake: Some("dockerfile-typo"),
    title: t("파일 이름 오타", "Misspelt file name"),
    what: t(
        "`Dockerfile`과 한두 글자만 다른 파일 이름을 찾아요.",
        "Finds a file name that is one or two letters away from `Dockerfile`.",
    ),
    why: t(
        "`docker build`는 `-f`로 알려 주지 않으면 이름이 `Dockerfile`인 파일만 찾아요. 파일 이름을 바꾸거나, `-f`가 무엇을 하는지 찾아보세요.",
        "Without `-f`, `docker build` looks for a file named `Dockerfile` only. Rename the file, or look up what `-f` does.",
    ),
    bad: &[],
    good: &["FROM alpine:3.22\n"],
    check: name_check,
};

fn name_check(file: &File<'_>, sink: &mut Sink<'_>) {
    let Some(meant) = crate::lint::misspelt(file.path) else {
        return;
    };
    let name = file.path.rsplit(['/', '\\']).next().unwrap_or(file.path);
    sink.hit(
        Span::new(0, 0),
        say!(
            file,
            "파일 이름 `{name}`의 글자가 `{meant}`의 글자와 조금 달라요.",
            "The file is named `{name}`, which is nearly `{meant}`."
        ),
    );
}
