//! Lists of dependencies that are taken for programs.

use dockerfile::Span;

use crate::Severity::Error;
use crate::lint::rule::{Rule, say, t};

/// A list of dependencies that is run as a program.
pub(crate) static RUN_REQUIREMENTS: Rule = Rule {
    id: "run-requirements",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: Some("run-requirements"),
    title: t("목록 파일을 실행하는 RUN", "A list run as a program"),
    what: t(
        "`RUN requirements.txt`처럼 의존성 목록을 실행하려는 곳과, `-r`이 빠진 `pip install requirements.txt`를 찾아요.",
        "Finds a list of dependencies that is run as a program, as in `RUN requirements.txt`, and `pip install requirements.txt` without `-r`.",
    ),
    why: t(
        "`RUN` 뒤에는 셸 명령어가 와요. `requirements.txt`는 명령어가 아니라 설치할 것을 적은 목록이라서, 이 목록을 읽어 설치하는 명령어가 필요해요. 그 전에 이미지 안에 이 파일이 있는지도 살펴보세요.",
        "A shell command follows `RUN`. `requirements.txt` is no command but a list; a command must read it and install. And is the file in the image by then?",
    ),
    bad: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN ⟦requirements.txt⟧\n",
        "FROM python:3.13\nRUN ⟦./requirements.txt⟧\n",
        "FROM python:3.13\nRUN pip install --no-cache-dir ⟦requirements.txt⟧\n",
        "FROM node:22\nRUN ⟦package.json⟧\n",
    ],
    good: &[
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM python:3.13\nRUN pip install --requirement=requirements.txt && pip install -c constraints.txt flask\n",
        "FROM python:3.13\nRUN cat requirements.txt\n",
    ],
    check: |file, sink| {
        for (_, command) in file.commands() {
            let program = command.program();
            let installer = match program {
                "package.json" | "package-lock.json" => Some("npm install"),
                "Pipfile" => Some("pipenv install"),
                "Gemfile" => Some("bundle install"),
                "go.mod" => Some("go mod download"),
                name if is_requirements(name) => Some("pip install -r"),
                _ => None,
            };
            if let Some(installer) = installer {
                let word = &command.argv()[0];
                let hit = sink.hit(
                    word.span,
                    say!(
                        file,
                        "`{program}` 파일은 실행할 수 있는 명령어가 아니에요.",
                        "`{program}` is no command that can be run."
                    ),
                );
                if installer.ends_with("-r") {
                    let text = &word.text;
                    hit.fix(
                        say!(
                            file,
                            "설치하기: `{installer}`",
                            "Install it with `{installer}`"
                        ),
                        word.span,
                        format!("{installer} {text}"),
                    );
                } else {
                    hit.fix(
                        say!(file, "바꾸기: `{installer}`", "Change it to `{installer}`"),
                        word.span,
                        installer,
                    );
                }
                continue;
            }
            if !matches!(program, "pip" | "pip3")
                || command.subcommand().is_none_or(|arg| arg.text != "install")
            {
                continue;
            }
            let args = command.args();
            for (at, arg) in args.iter().enumerate().skip(1) {
                let before = args[at - 1].text.as_str();
                let named = before.starts_with("-r")
                    || before == "--requirement"
                    || before == "-c"
                    || before == "--constraint";
                if is_requirements(&arg.text) && !arg.text.starts_with('-') && !named {
                    let text = &arg.text;
                    sink.hit(arg.span, say!(file, "`pip install {text}`에 `-r`이 없어서, `{text}` 이름의 패키지를 찾아요.", "Without `-r`, pip looks for a package named `{text}`."))
                        .fix(say!(file, "앞에 `-r` 넣기", "Put `-r` before it"), Span::new(arg.span.start, arg.span.start), "-r ");
                }
            }
        }
    },
};

fn is_requirements(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with("requirement") || name.ends_with("requirements.txt"))
        && name.ends_with(".txt")
}
