//! What is wrong between the files of a project: missing files, variables without a value, `.env`, `extends`, `include`,
//! profiles.

use crate::Severity::{self, Error, Warning};
use crate::compose::dotenv::ProblemKind;
use crate::compose::interpolate::Event;
use crate::compose::project::{Issue, IssueKind, Role};
use crate::lint::rule::{File, Rule, Sink, Text, say, t};

/// The issues in a file.
fn issues<'a>(file: &File<'a>) -> impl Iterator<Item = &'a Issue> {
    file.project
        .into_iter()
        .flat_map(|(loaded, at)| loaded.issues.iter().filter(move |issue| issue.file == at))
}

const fn rule(
    id: &'static str,
    severity: Severity,
    title: Text,
    what: Text,
    why: Text,
    examples: (&'static [&'static str], &'static [&'static str]),
    check: fn(&File<'_>, &mut Sink<'_>),
) -> Rule {
    Rule {
        id,
        aliases: &[],
        severity,
        on: true,
        mistake: None,
        title,
        what,
        why,
        bad: examples.0,
        good: examples.1,
        check,
    }
}

/// `env_file: app.env`, and no such file.
pub(crate) static MISSING_FILE: Rule = rule(
    "compose-missing-file",
    Error,
    t("없는 파일", "File that is not there"),
    t(
        "`include`, `extends`, `env_file`에 적혀 있지만 읽을 수 없는 파일을 찾아요.",
        "Finds a file that `include`, `extends` or `env_file` names and that cannot be read.",
    ),
    t(
        "경로는 Compose 파일이 있는 폴더에서 시작해요. `ls`로 그 폴더를 보고, 이름을 한 글자씩 비교해 보세요.",
        "A path starts from the folder of the Compose file. Look at that folder with `ls` and compare the names letter by letter.",
    ),
    (
        &[
            "services:\n  web:\n    image: nginx:1.29\n    env_file: ⟦app.env⟧\n# file: web.env\nA=1\n",
            "include:\n  - ⟦db/compose.yaml⟧\n# file: db.yaml\nservices: {}\n",
            "services:\n  web:\n    image: nginx:1.29\n    env_file: ⟦../secret.env⟧\n# file: secret.env\nA=1\n",
        ],
        &[
            "services:\n  web:\n    image: nginx:1.29\n    env_file: app.env\n# file: app.env\nA=1\n",
            "services:\n  web:\n    image: nginx:1.29\n    env_file: [{path: app.env, required: false}]\n# file: x\n",
        ],
    ),
    |file, sink| {
        for issue in issues(file) {
            let message = match &issue.kind {
                // A name from the command line stands in no file.
                IssueKind::Missing {
                    role: Role::Main, ..
                } => continue,
                IssueKind::Missing { path, .. } => say!(
                    file,
                    "`{path}` 파일이 없어요.",
                    "There is no file `{path}`."
                ),
                IssueKind::Outside { path, .. } => say!(
                    file,
                    "`{path}` 경로는 프로젝트 폴더 밖으로 나가서 읽지 않았어요.",
                    "`{path}` leads out of the project's folder and was not read."
                ),
                IssueKind::Unreadable { path, why } => say!(
                    file,
                    "`{path}` 파일을 읽을 수 없어요({why}).",
                    "The file `{path}` cannot be read ({why})."
                ),
                _ => continue,
            };
            sink.hit(issue.span, message);
        }
    },
);

/// `${TAG:?set it}`, and nothing sets it.
pub(crate) static REQUIRED: Rule = rule(
    "compose-required-variable",
    Error,
    t(
        "꼭 필요한데 값이 없는 변수",
        "Required variable without a value",
    ),
    t(
        "`${이름:?설명}`으로 꼭 있어야 한다고 적었지만 셸에도 `.env`에도 값이 없는 변수를 찾아요.",
        "Finds `${NAME:?message}` where neither the shell nor `.env` gives a value.",
    ),
    t(
        "이 변수에 값이 없으면 Compose는 아무것도 시작하지 않고 멈춰요. `.env`에 적거나, 명령 앞에 `이름=값`을 붙여 보세요.",
        "Compose stops before it starts anything. Give the value in `.env`, or write `NAME=value` before the command.",
    ),
    (
        &["services:\n  web:\n    image: ⟦nginx:${TAG:?which version}⟧\n# file: .env\nPORT=80\n"],
        &["services:\n  web:\n    image: nginx:${TAG:?which version}\n# file: .env\nTAG=1.29\n"],
    ),
    |file, sink| {
        for issue in issues(file) {
            if let IssueKind::Variable(Event::Required(name, message)) = &issue.kind {
                sink.hit(
                    issue.span,
                    say!(
                        file,
                        "변수 `{name}`에 값이 없어요: {message}",
                        "The variable `{name}` has no value: {message}"
                    ),
                );
            }
        }
    },
);

/// `${TAG}`, and nothing sets it.
pub(crate) static UNSET: Rule = rule(
    "compose-unset-variable",
    Warning,
    t("값이 없는 변수", "Variable without a value"),
    t(
        "셸에도 `.env`에도 값이 없고 기본값도 없는 변수를 찾아요.",
        "Finds a variable without a default that neither the shell nor `.env` sets.",
    ),
    t(
        "Compose는 그 자리를 비워 둔 채로 계속해요. 비어 있으면 무슨 일이 생길까요? `.env`에 값을 적거나 `${이름:-기본값}`을 써 보세요. 달러 기호 자체를 쓰려면 `$$`로 적어요.",
        "Compose leaves the place empty and goes on. What happens then? Set it in `.env`, or give a default, `${NAME:-default}`. A dollar sign itself is written `$$`.",
    ),
    (
        &["services:\n  web:\n    image: ⟦nginx:${TAG}⟧\n# file: .env\nTAGS=1.29\n"],
        &["services:\n  web:\n    image: nginx:${TAG}\n# file: .env\nTAG=1.29\n"],
    ),
    |file, sink| {
        for issue in issues(file) {
            if let IssueKind::Variable(Event::Unset(name)) = &issue.kind {
                sink.hit(
                    issue.span,
                    say!(
                        file,
                        "변수 `{name}`에 값이 없어요.",
                        "Nothing sets the variable `{name}`."
                    ),
                );
            }
        }
    },
);

/// A line of `.env` that cannot be read.
pub(crate) static DOTENV: Rule = rule(
    "dotenv-syntax",
    Error,
    t(
        "읽을 수 없는 `.env` 줄",
        "Line of `.env` that cannot be read",
    ),
    t(
        "`이름=값` 모양이 아닌 줄, 닫히지 않은 따옴표, 이름 안의 빈칸을 찾아요.",
        "Finds lines that are not `NAME=value`, quotes that stay open, and blanks in names.",
    ),
    t(
        "한 줄이라도 읽을 수 없으면 Compose는 멈춰요. 한 줄에 `이름=값` 하나씩 적고, 빈칸이 있는 값은 따옴표로 감싸요.",
        "Compose stops at such a line. Write one `NAME=value` on a line, and quotes around a value with blanks.",
    ),
    (
        &[
            "# file: .env\n⟦MY NAME⟧=x\n# file: compose.yaml\nservices: {web: {image: \"a:1\"}}\n",
            "# file: .env\nA=⟦\"open⟧\n# file: compose.yaml\nservices: {web: {image: \"a:1\"}}\n",
        ],
        &[
            "# file: .env\nMY_NAME=x\nA=\"closed\"\n# file: compose.yaml\nservices: {web: {image: \"a:1\"}}\n",
        ],
    ),
    |file, sink| {
        for issue in issues(file) {
            let IssueKind::Dotenv(kind) = &issue.kind else {
                continue;
            };
            let message = match kind {
                ProblemKind::TooLarge => {
                    say!(file, "파일이 너무 커요.", "The file is too large.")
                }
                ProblemKind::NotText => {
                    say!(file, "UTF-8 글자가 아니에요.", "This is not UTF-8 text.")
                }
                ProblemKind::Name => say!(
                    file,
                    "변수 이름에 쓸 수 없는 글자예요.",
                    "No name of a variable looks like this."
                ),
                ProblemKind::Blank => say!(
                    file,
                    "변수 이름 안에는 빈칸을 쓸 수 없어요.",
                    "The name of a variable holds no blank."
                ),
                ProblemKind::OpenQuote => say!(
                    file,
                    "따옴표가 닫히지 않았어요.",
                    "This quote is never closed."
                ),
                ProblemKind::Value(Event::Unset(_)) => continue,
                ProblemKind::Value(Event::Required(name, message)) => say!(
                    file,
                    "변수 `{name}`에 값이 없어요: {message}",
                    "The variable `{name}` has no value: {message}"
                ),
                ProblemKind::Value(_) => say!(
                    file,
                    "변수를 읽을 수 없어요.",
                    "This variable cannot be read."
                ),
            };
            sink.hit(issue.span, message);
        }
    },
);

/// Files and services that do not go together.
pub(crate) static PROJECT: Rule = rule(
    "compose-project",
    Error,
    t(
        "서로 맞지 않는 파일과 서비스",
        "Files and services that do not go together",
    ),
    t(
        "없는 서비스를 잇는 `extends`, 돌고 도는 `extends`와 `include`, 꺼진 프로필의 서비스를 기다리는 `depends_on`, 파일마다 다른 정의를 찾아요.",
        "Finds `extends` of a service that is not there, circles of `extends` and `include`, a dependency on a service whose profile is off, and definitions that differ between files.",
    ),
    t(
        "Compose는 모든 파일을 하나로 합친 뒤에 시작해요. 합친 결과는 `docker compose config`로 볼 수 있어요. 어느 파일의 어느 부분이 서로 다른 말을 하고 있을까요?",
        "Compose lays all files over each other before it starts anything; `docker compose config` shows the result. Which two places say different things?",
    ),
    (
        &[
            "services:\n  web:\n    extends: ⟦bse⟧\n  base:\n    image: nginx:1.29\n",
            "services:\n  web:\n    image: nginx:1.29\n    extends: api\n  api:\n    extends: ⟦web⟧\n",
            "services:\n  web:\n    image: nginx:1.29\n    depends_on: [⟦tool⟧]\n  tool:\n    image: busybox:1.37\n    profiles: [dev]\n",
            "include: [db.yaml]\nservices:\n  ⟦db⟧:\n    image: redis:8\n# file: db.yaml\nservices:\n  db:\n    image: postgres:17\n",
        ],
        &[
            "services:\n  web:\n    extends: base\n  base:\n    image: nginx:1.29\n",
            "services:\n  web:\n    image: nginx:1.29\n    depends_on: {tool: {condition: service_started, required: false}}\n  tool:\n    image: busybox:1.37\n    profiles: [dev]\n",
        ],
    ),
    |file, sink| {
        for issue in issues(file) {
            if let Some(message) = message(file, &issue.kind) {
                sink.hit(issue.span, message);
            }
        }
    },
);

fn message(file: &File<'_>, kind: &IssueKind) -> Option<String> {
    Some(match kind {
        IssueKind::ExtendsUnknown {
            service,
            path,
            near,
        } => {
            let guess = near.as_ref().map_or(String::new(), |near| {
                say!(file, " 혹시 `{near}`인가요?", " Did you mean `{near}`?")
            });
            say!(
                file,
                "`{path}` 파일에 `{service}` 서비스가 없어요.",
                "There is no service `{service}` in `{path}`."
            ) + &guess
        }
        IssueKind::ExtendsCycle { services } => {
            let way = services.join(" -> ");
            say!(
                file,
                "`extends`가 제자리로 돌아와요: {way}.",
                "`extends` comes back to where it began: {way}."
            )
        }
        IssueKind::IncludeCycle { path } => say!(
            file,
            "`include`가 `{path}` 파일로 다시 돌아와요.",
            "`include` comes back to `{path}`."
        ),
        IssueKind::Conflict { name, path, .. } => say!(
            file,
            "`{name}`은 `{path}` 파일에서 다르게 정의했어요.",
            "`{path}` defines `{name}` in another way."
        ),
        IssueKind::Inactive {
            service,
            needs,
            profiles,
        } => {
            let profiles = profiles.join(", ");
            say!(
                file,
                "`{service}` 서비스가 기다리는 `{needs}`은 프로필({profiles})이 꺼져 있어서 시작하지 않아요.",
                "`{service}` waits for `{needs}`, which does not start: its profile ({profiles}) is off."
            )
        }
        IssueKind::Kinds { path } => {
            let path = path.join(".");
            say!(
                file,
                "`{path}`이 다른 파일에는 목록이나 매핑으로 적혀 있어서 합칠 수 없어요.",
                "`{path}` is a list or a mapping in another file; the two cannot be merged."
            )
        }
        IssueKind::TooMuch | IssueKind::Variable(Event::TooLong) => say!(
            file,
            "프로젝트가 너무 커서 여기까지만 읽었어요.",
            "The project is too large; nothing further was read."
        ),
        IssueKind::Circle { services } if !in_one_file(file, services) => {
            let way = services.join(" -> ");
            say!(
                file,
                "여러 파일의 서비스들이 서로를 기다려요: {way}.",
                "Services of several files wait for each other: {way}."
            )
        }
        _ => return None,
    })
}

/// Whether one file alone holds the circle, so that the rule for single files tells it.
fn in_one_file(file: &File<'_>, services: &[String]) -> bool {
    let files = file
        .project
        .map_or(&[][..], |(loaded, _)| &loaded.files[..]);
    files.iter().any(|document| {
        let crate::compose::project::Content::Compose(compose) = &document.content else {
            return false;
        };
        services.windows(2).all(|pair| {
            let service = compose.service(&pair[0]);
            service.is_some_and(|one| super::names::edges(one).any(|other| other.text == pair[1]))
        })
    })
}
