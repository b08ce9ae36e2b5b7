//! What is wrong in a command line by itself, and what a learner reads about it.

use super::table::{Flag, table};
use super::value::Problem;
use super::{Fact, FactKind};
use crate::Lang;

/// One slip.
#[derive(Clone, Debug)]
pub(super) struct Slip {
    pub(super) what: What,
    pub(super) at: (usize, usize),
}

/// The kinds of slips.
#[derive(Clone, Debug)]
pub(super) enum What {
    OpenQuote,
    ComposeV1,
    NotCovered(String),
    UnknownCommand {
        word: String,
        group: &'static str,
        near: Option<String>,
    },
    UnknownFlag {
        written: String,
        command: String,
        near: Option<String>,
    },
    UnknownLetter {
        letter: char,
        group: String,
        command: &'static str,
        near: Option<String>,
    },
    /// The CLI refuses the letters, and together they are a flag's long name.
    SingleDash {
        group: String,
        letter: char,
        long: &'static str,
    },
    /// The CLI takes the letters, and together they are a flag's long name.
    LooksLong {
        group: String,
        long: &'static str,
    },
    Misplaced {
        written: String,
        owner: &'static str,
        command: &'static str,
    },
    Dash(char),
    NoValue(&'static Flag),
    BadValue {
        flag: &'static Flag,
        value: String,
        problem: Problem,
    },
    TooFew {
        command: &'static str,
        least: usize,
        missing: &'static str,
    },
    TooMany {
        command: &'static str,
        most: usize,
    },
    NoImageName(String),
    RunForBuild,
    ExecConfig,
    /// `python:3.11 -slim`: the word behind the image would end its tag.
    SplitTag(String),
    AfterTheImage {
        written: String,
        slot: &'static str,
    },
}

impl Slip {
    pub(super) fn fact(&self, lang: Lang) -> Fact {
        let (kind, mistake) = match &self.what {
            What::NotCovered(_) => (FactKind::Unjudged, None),
            What::AfterTheImage { .. } | What::LooksLong { .. } => (FactKind::Note, None),
            What::ComposeV1 => (FactKind::Mistake, Some("compose-v1")),
            What::SingleDash { long: "rm", .. } => (FactKind::Mistake, Some("single-dash-rm")),
            What::UnknownLetter {
                letter: 'f',
                command: "container run",
                ..
            } => (FactKind::Mistake, Some("run-f")),
            What::RunForBuild => (FactKind::Mistake, Some("run-for-build")),
            What::ExecConfig => (FactKind::Mistake, Some("compose-config")),
            What::SplitTag(_) => (FactKind::Mistake, Some("from-space")),
            What::TooFew {
                command: "image build",
                ..
            } => (FactKind::Mistake, Some("dot-is-context")),
            What::TooMany {
                command: "container attach",
                ..
            } => (FactKind::Mistake, Some("attach-vs-exec")),
            What::UnknownFlag {
                near: Some(near), ..
            } if near == "--tmpfs" => (FactKind::Mistake, Some("tmpfs-typo")),
            _ => (FactKind::Mistake, None),
        };
        Fact {
            kind,
            mistake,
            start: self.at.0,
            end: self.at.1,
            message: self.what.text(lang),
        }
    }
}

/// `docker run` for `container run`.
pub(super) fn shown(path: &str) -> String {
    table()
        .get(path)
        .map_or_else(|| format!("docker {path}"), |command| command.shown())
}

/// `--publish (-p)`.
pub(super) fn flag_name(flag: &Flag) -> String {
    match flag.short {
        Some(short) => format!("`--{}`(`-{short}`)", flag.long),
        None => format!("`--{}`", flag.long),
    }
}

/// A word of the learner's in bearable length and without control characters.
pub(super) fn cut(text: &str) -> String {
    let text = crate::assert::one_line(text);
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn did_you_mean(near: Option<&String>, lang: Lang) -> String {
    near.map_or_else(String::new, |near| match lang {
        Lang::Ko => format!(" 혹시 `{near}`인가요?"),
        Lang::En => format!(" Did you mean `{near}`?"),
    })
}

impl What {
    fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => self.korean(),
            Lang::En => self.english(),
        }
    }

    fn english(&self) -> String {
        match self {
            What::OpenQuote => "This quote is never closed: the shell waits for the rest.".to_owned(),
            What::ComposeV1 => "`docker-compose` is version 1, which ended in 2023. Today Compose is a subcommand: `docker compose`, with a space.".to_owned(),
            What::NotCovered(path) => format!("`docker {}` is a command of Docker that is not looked at here, so it is not judged.", cut(path)),
            What::UnknownCommand { word, group, near } => {
                let group = if *group == "docker" { String::new() } else { format!(" {group}") };
                format!("`docker{group}` has no command `{}`.{}", cut(word), did_you_mean(near.as_ref(), Lang::En))
            }
            What::UnknownFlag { written, command, near } => format!("`{command}` has no flag `{}`.{}", cut(written), did_you_mean(near.as_ref(), Lang::En)),
            What::UnknownLetter { letter: 'f', command: "container run", .. } => "`docker run` has no flag `-f`. It starts a new container from an image. To remove a container by force, `-f` belongs to `docker rm`.".to_owned(),
            What::UnknownLetter { letter, group, command, near } => {
                let group = if group.chars().count() > 1 { format!(" (in `-{}`: after one dash, each letter is a flag)", cut(group)) } else { String::new() };
                format!("`{}` has no flag `-{letter}`{group}.{}", shown(command), did_you_mean(near.as_ref(), Lang::En))
            }
            What::SingleDash { group, letter, long } => format!("`-{}` is read as the letters {}, and there is no flag `-{letter}`. A long name takes two dashes. Did you mean `--{long}`?", cut(group), letters(group, "and")),
            What::LooksLong { group, long } => format!("`-{}` is read letter by letter, and the rest as a value. A long name takes two dashes: did you mean `--{long}`?", cut(group)),
            What::Misplaced { written, owner, command } => format!("`{}` is a flag of `{}` and stands before the subcommand: `{} {} … {}`.", cut(written), shown(owner), shown(owner), cut(written), last(command)),
            What::Dash(dash) => format!("`{dash}` is a typographic dash, as word processors and notes make it. Flags begin with the hyphen of the keyboard, `-`."),
            What::NoValue(flag) => format!("{} needs a value, and nothing follows.", flag_name(flag)),
            What::BadValue { flag, value, problem } => format!("{} does not take `{}`: {}.", flag_name(flag), cut(value), match problem {
                Problem::Switch => "a switch is `true` or `false`",
                Problem::Number => "it wants a number",
                Problem::Size => "a size is a number with `b`, `k`, `m` or `g`",
                Problem::Port => "ports are `HOST:CONTAINER`, each from 0 to 65535",
                Problem::Env => "a variable is `NAME=value` or `NAME`",
            }),
            What::TooFew { command: "image build", .. } => "`docker build` needs a build context, the folder whose files `COPY` can take: often `.`, this folder. The dot does not name the Dockerfile; `-f` does.".to_owned(),
            What::TooMany { command: "container attach", .. } => "`docker attach` joins the container's main process and takes no command. Another process is started in it by `docker exec`.".to_owned(),
            What::SplitTag(tag) => format!("A space splits the tag: `{}` is no part of the image any more. Join it to the name: `NAME:VERSION{}`.", cut(tag), cut(tag)),
            What::TooFew { command, least, missing } => format!("`{}` needs at least {least} {}: `{missing}` is missing.", shown(command), if *least == 1 { "argument" } else { "arguments" }),
            What::TooMany { command, most: 0 } => format!("`{}` takes no arguments.", shown(command)),
            What::TooMany { command, most } => format!("`{}` takes at most {most} {}; this is one too many.", shown(command), if *most == 1 { "argument" } else { "arguments" }),
            What::NoImageName(name) => format!("`{}` cannot name an image: names are lower case, with a tag behind a colon, `name:tag`.", cut(name)),
            What::RunForBuild => "`docker run` takes an image's name, and this is a folder. An image is built from a folder by `docker build`.".to_owned(),
            What::ExecConfig => "`docker exec config` would run something in a container named `config`. The Compose file is checked and shown by `docker compose config`.".to_owned(),
            What::AfterTheImage { written, slot } => format!("`{}` stands after the {} and so goes to the container as its command. Flags for docker stand before it.", cut(written), slot.to_lowercase()),
        }
    }

    fn korean(&self) -> String {
        match self {
            What::OpenQuote => "따옴표가 닫히지 않았어요. 셸은 나머지를 계속 기다려요.".to_owned(),
            What::ComposeV1 => "`docker-compose` 명령은 2023년에 지원이 끝난 버전 1이에요. 지금은 하위 명령으로 써요. 붙임표 대신 빈칸을 둔 `docker compose`예요.".to_owned(),
            What::NotCovered(path) => format!("`docker {}` 명령은 Docker에 있지만 여기서 다루지 않아서 판단하지 않았어요.", cut(path)),
            What::UnknownCommand { word, group, near } => {
                let group = if *group == "docker" { String::new() } else { format!(" {group}") };
                format!("`docker{group}` 아래에 `{}` 명령은 없어요.{}", cut(word), did_you_mean(near.as_ref(), Lang::Ko))
            }
            What::UnknownFlag { written, command, near } => format!("`{command}` 명령에 `{}` 플래그는 없어요.{}", cut(written), did_you_mean(near.as_ref(), Lang::Ko)),
            What::UnknownLetter { letter: 'f', command: "container run", .. } => "`docker run` 명령에 `-f` 플래그는 없어요. 이 명령은 이미지로 새 컨테이너를 만들어 시작해요. 컨테이너를 강제로 지우는 `-f`는 `docker rm`의 플래그예요.".to_owned(),
            What::UnknownLetter { letter, group, command, near } => {
                let group = if group.chars().count() > 1 { format!("(`-{}`처럼 붙임표가 하나면 글자 하나하나가 플래그예요)", cut(group)) } else { String::new() };
                format!("`{}` 명령에 `-{letter}` 플래그는 없어요{group}.{}", shown(command), did_you_mean(near.as_ref(), Lang::Ko))
            }
            What::SingleDash { group, letter, long } => format!("`-{}` 플래그는 {}처럼 글자 하나씩 읽히는데, `-{letter}` 플래그는 없어요. 긴 이름에는 붙임표를 두 개 써요. 혹시 `--{long}`인가요?", cut(group), letters(group, ",")),
            What::LooksLong { group, long } => format!("`-{}` 플래그는 한 글자씩 읽히고 나머지는 값이 돼요. 긴 이름에는 붙임표를 두 개 써요. 혹시 `--{long}`인가요?", cut(group)),
            What::Misplaced { written, owner, command } => format!("`{}` 플래그는 `{}`의 것이라 하위 명령 앞에 써요. `{} {} … {}` 순서예요.", cut(written), shown(owner), shown(owner), cut(written), last(command)),
            What::Dash(dash) => format!("`{dash}` 기호는 문서 편집기가 바꿔 놓은 줄표예요. 플래그는 키보드의 붙임표 `-` 기호로 시작해요."),
            What::NoValue(flag) => format!("{} 플래그에는 값이 필요한데 뒤에 아무것도 없어요.", flag_name(flag)),
            What::BadValue { flag, value, problem } => format!("{} 플래그는 `{}` 값을 받지 않아요. {}.", flag_name(flag), cut(value), match problem {
                Problem::Switch => "켜고 끄는 플래그의 값은 `true` 아니면 `false`예요",
                Problem::Number => "숫자를 써야 해요",
                Problem::Size => "크기는 숫자에 `b`, `k`, `m`, `g` 가운데 하나를 붙여 써요",
                Problem::Port => "포트는 `호스트:컨테이너` 순서이고, 각각 0부터 65535까지예요",
                Problem::Env => "환경 변수는 `이름=값` 또는 `이름`으로 써요",
            }),
            What::TooFew { command: "image build", .. } => "`docker build` 명령에는 빌드 컨텍스트, 곧 `COPY`로 가져올 파일이 든 폴더가 필요해요. 지금 폴더라면 `.`이에요. 점은 Dockerfile을 가리키지 않고, 그것은 `-f`로 정해요.".to_owned(),
            What::TooMany { command: "container attach", .. } => "`docker attach` 명령은 컨테이너의 주 프로세스에 이어질 뿐 실행할 명령을 받지 않아요. 안에서 다른 프로세스를 시작하는 명령은 `docker exec`예요.".to_owned(),
            What::SplitTag(tag) => format!("빈칸이 태그를 갈라 놓아서 `{}` 부분은 이미지 이름이 아니게 됐어요. `이름:버전{}`처럼 붙여 써요.", cut(tag), cut(tag)),
            What::TooFew { command, least, missing } => format!("`{}` 명령에는 인자가 {least}개 이상 필요한데 `{missing}` 자리가 비어 있어요.", shown(command)),
            What::TooMany { command, most: 0 } => format!("`{}` 명령은 인자를 받지 않아요.", shown(command)),
            What::TooMany { command, most } => format!("`{}` 명령은 인자를 {most}개까지만 받아요. 여기서부터 남아요.", shown(command)),
            What::NoImageName(name) => format!("`{}` 글자는 이미지 이름이 될 수 없어요. 이름은 소문자이고, 태그는 `이름:태그`처럼 쌍점 뒤에 써요.", cut(name)),
            What::RunForBuild => "`docker run` 명령은 이미지 이름을 받는데 이것은 폴더예요. 폴더로 이미지를 만드는 명령은 `docker build`예요.".to_owned(),
            What::ExecConfig => "`docker exec config` 명령은 `config`라는 컨테이너에서 무언가를 실행하라는 뜻이 돼요. Compose 파일을 검사하고 보여 주는 명령은 `docker compose config`예요.".to_owned(),
            What::AfterTheImage { written, slot } => format!("`{}` 글자는 {} 뒤에 있어서 컨테이너 안에서 실행할 명령으로 넘어가요. docker의 플래그는 그 앞에 써요.", cut(written), if *slot == "IMAGE" { "이미지" } else { "컨테이너 이름" }),
        }
    }
}

/// `-r and -m`.
fn letters(group: &str, and: &str) -> String {
    let group = group.split('=').next().unwrap_or_default();
    let all: Vec<String> = group.chars().take(12).map(|c| format!("`-{c}`")).collect();
    match (all.as_slice(), and) {
        ([first, second], "and") => format!("{first} and {second}"),
        _ => all.join(", "),
    }
}

fn last(path: &str) -> &str {
    path.rsplit(' ').next().unwrap_or(path)
}
