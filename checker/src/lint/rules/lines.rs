//! Heredocs, continuations, parser directives, substitutions.

use dockerfile::ProblemKind as K;

use crate::Severity::{Error, Warning};
use crate::lint::rule::{Rule, say, t};

/// A heredoc without its last line.
pub(crate) static HEREDOC: Rule = Rule {
    id: "unterminated-heredoc",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("닫히지 않은 히어독", "Unclosed heredoc"),
    what: t(
        "끝나는 줄이 없는 히어독(heredoc)을 찾아요.",
        "Finds a heredoc without the line that ends it.",
    ),
    why: t(
        "히어독은 시작할 때 적은 이름만 있는 줄에서 끝나요. 그 줄에는 들여쓰기도, 뒤쪽 공백도 없어야 해요(`<<-`는 앞쪽 탭만 괜찮아요).",
        "A heredoc ends at a line that holds its name and nothing else: no indentation, no trailing blank (`<<-` allows leading tabs).",
    ),
    bad: &[
        "FROM alpine:3.22\nRUN ⟦<<EOF⟧\necho hi\n",
        "FROM alpine:3.22\nRUN ⟦<<EOF⟧\necho hi\n  EOF\nRUN ls\n",
    ],
    good: &["FROM alpine:3.22\nRUN <<EOF\nset -e\necho hi\nEOF\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            let K::UnterminatedHeredoc { name, indented_at } = kind else {
                continue;
            };
            let hit = sink.hit(span, match indented_at {
                Some(line) => say!(file, "히어독을 끝내는 `{name}` 줄이 없어요. {line}번째 줄에는 공백이 섞여 있어요.", "No line `{name}` ends this heredoc. Line {line} has blanks around it."),
                None => say!(file, "히어독을 끝내는 `{name}` 줄이 없어요.", "No line `{name}` ends this heredoc."),
            });
            if let Some(line) = indented_at {
                let line = file.tree.source.line(*line);
                hit.fix(
                    say!(
                        file,
                        "`{name}` 줄의 공백 지우기",
                        "Remove the blanks around `{name}`"
                    ),
                    line,
                    name.as_str(),
                );
            }
        }
    },
};

/// An empty line inside a continued instruction.
pub(crate) static EMPTY_CONTINUATION: Rule = Rule {
    id: "empty-continuation",
    aliases: &["NoEmptyContinuation"],
    severity: Warning,
    on: true,
    mistake: None,
    title: t("이어지는 줄 사이의 빈 줄", "Empty line in a continuation"),
    what: t(
        "`\\`로 이어지는 지시어 안의 빈 줄을 찾아요.",
        "Finds an empty line inside an instruction that `\\` continues.",
    ),
    why: t(
        "지금은 경고만 하고 이어 붙이지만, 앞으로는 오류가 될 예정이에요. 빈 줄을 지우거나 그 자리에 주석을 두세요.",
        "Today the builder warns and joins the lines; in a later release it will be an error. Remove the line, or put a comment there.",
    ),
    bad: &["FROM alpine:3.22\nRUN echo a && \\\n⟦\n⟧    echo b\n"],
    good: &[
        "FROM alpine:3.22\nRUN echo a && \\\n    echo b\n",
        "FROM alpine:3.22\nRUN echo a && \\\n# b\n    echo b\n",
    ],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            if matches!(kind, K::EmptyContinuation) {
                sink.hit(
                    span,
                    say!(
                        file,
                        "`\\`로 이어지는 줄 사이에 빈 줄이 있어요.",
                        "An empty line stands between lines that `\\` joins."
                    ),
                )
                .fix(
                    say!(file, "빈 줄 지우기", "Remove the empty line"),
                    span,
                    "",
                );
            }
        }
    },
};

/// Parser directives that contradict.
pub(crate) static DIRECTIVE: Rule = Rule {
    id: "parser-directive",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("파서 지시어", "Parser directive"),
    what: t(
        "두 번 쓴 파서 지시어와 잘못된 `escape` 값을 찾아요.",
        "Finds a parser directive given twice, and a wrong `escape`.",
    ),
    why: t(
        "파서 지시어(`# syntax=`, `# escape=`, `# check=`)는 파일 맨 위에 하나씩만 올 수 있고, `escape`는 `\\`와 `` ` ``만 받아요.",
        "Parser directives (`# syntax=`, `# escape=`, `# check=`) stand once each at the very top; `escape` takes `\\` or `` ` `` only.",
    ),
    bad: &[
        "# escape=⟦^⟧\nFROM alpine:3.22\n",
        "# escape=`\n⟦# escape=`⟧\nFROM alpine:3.22\n",
    ],
    good: &["# escape=`\nFROM alpine:3.22\n"],
    check: |file, sink| {
        for (kind, span) in file.problems() {
            match kind {
                K::DuplicateDirective { name } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "파서 지시어 `{name}`: 한 번만 쓸 수 있는데 두 번 썼어요.",
                            "The parser directive `{name}` is given twice."
                        ),
                    );
                }
                K::BadEscape { value } => {
                    sink.hit(
                        span,
                        say!(
                            file,
                            "`escape` 값으로 쓸 수 없는 글자예요: `{value}`.",
                            "`{value}` cannot be the `escape` character."
                        ),
                    );
                }
                _ => {}
            }
        }
    },
};

/// Variables that cannot be expanded.
pub(crate) static SUBSTITUTION: Rule = Rule {
    id: "bad-substitution",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("잘못된 변수 표현", "Bad substitution"),
    what: t(
        "닫히지 않은 따옴표나 `${`, 모르는 변수 표현을 찾아요.",
        "Finds an unclosed quote or `${`, and unknown forms of a variable.",
    ),
    why: t(
        "Dockerfile의 변수는 `$이름`, `${이름}`, `${이름:-기본값}`처럼 써요. 괄호와 따옴표의 짝을 맞춰 보세요.",
        "Variables are written `$name`, `${name}` or `${name:-default}`. Look for the brace or quote that has no partner.",
    ),
    bad: &[
        "FROM alpine:3.22\nARG DIR=/app\nWORKDIR ⟦${DIR⟧\n",
        "FROM alpine:3.22\nENV TITLE=⟦\"Study board⟧\n",
    ],
    good: &["FROM alpine:3.22\nARG DIR=/app\nWORKDIR ${DIR}\n"],
    check: super::variables::substitution,
};
