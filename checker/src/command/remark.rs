//! Commands that the CLI takes and that hardly do what was meant: what is told about one command by itself.

use dockerfile::PLATFORM_ARGS;

use super::grammar::{Given, Invocation};
use super::slip::cut;
use super::value::Mount;
use super::{Fact, FactKind};
use crate::Lang;
use crate::lint::image::Image;
use crate::lint::{dotted_users, eol, is_dockerfile, misspelt};

/// Images that a name of one's own would hide. The best known are enough: a beginner's name comes from these.
const OFFICIAL: [&str; 24] = [
    "alpine",
    "busybox",
    "centos",
    "debian",
    "eclipse-temurin",
    "golang",
    "hello-world",
    "httpd",
    "java",
    "mariadb",
    "mongo",
    "mysql",
    "nginx",
    "node",
    "openjdk",
    "php",
    "postgres",
    "python",
    "rabbitmq",
    "redis",
    "registry",
    "ruby",
    "rust",
    "ubuntu",
];

/// What is remarkable in one command.
pub(super) fn remarks(one: &Invocation, lang: Lang) -> Vec<Fact> {
    let mut found = Remarks {
        facts: Vec::new(),
        lang,
    };
    if one.help {
        return found.facts;
    }
    match one.command.path {
        "container run" | "container create" => {
            found.old_image(one);
            found.run(one);
        }
        "image pull" => found.old_image(one),
        "image build" => found.build(one),
        "image tag" => {
            if let Some(name) = one.args.get(1).filter(|arg| !arg.unknown) {
                found.own_image(&name.text, (name.start, name.end));
            }
        }
        "login" => found.login(one),
        _ => {}
    }
    found.facts
}

struct Remarks {
    facts: Vec<Fact>,
    lang: Lang,
}

/// The values that are given to a flag and known.
fn given<'a>(one: &'a Invocation, long: &'a str) -> impl Iterator<Item = &'a Given> {
    one.flags
        .iter()
        .filter(move |given| given.flag.long == long && !given.unknown)
        .take(50)
}

impl Remarks {
    fn say(
        &mut self,
        kind: FactKind,
        id: &'static str,
        (start, end): (usize, usize),
        ko: String,
        en: String,
    ) {
        self.facts.push(Fact {
            kind,
            mistake: Some(id),
            start,
            end,
            message: if self.lang == Lang::Ko { ko } else { en },
        });
    }

    /// An image that nobody mends any more.
    fn old_image(&mut self, one: &Invocation) {
        let Some(arg) = one.args.first().filter(|arg| !arg.unknown) else {
            return;
        };
        let image = Image::new(&arg.text);
        let Some(name) = image.official() else { return };
        let Some(month) = image.tag.and_then(|tag| eol::ended(name, tag)) else {
            return;
        };
        let text = cut(&arg.text);
        self.say(
            FactKind::Note,
            "eol-base",
            (arg.start, arg.end),
            format!("`{text}` 이미지는 {month}에 관리가 끝나서 보안 수정이 더 나오지 않아요. 관리되는 태그를 골라 보세요."),
            format!("`{text}` has not been maintained since {month}: no more security fixes. Choose a maintained tag."),
        );
    }

    fn run(&mut self, one: &Invocation) {
        for volume in given(one, "volume") {
            self.volume(volume);
        }
        for mount in given(one, "mount") {
            if Mount::parse("mount", &mount.value).is_some_and(|mount| mount.kind == "tmfs") {
                self.say(
                    FactKind::Mistake,
                    "tmpfs-typo",
                    (mount.start, mount.end),
                    "`tmfs` 종류의 마운트는 없어요. 메모리에 두는 마운트는 `type=tmpfs`예요.".to_owned(),
                    "There is no kind of mount `tmfs`. The one that lives in memory is `type=tmpfs`.".to_owned(),
                );
            }
        }
        for env in given(one, "env") {
            if let Some((_, user)) = dotted_users(&env.value, 0).first() {
                let (ko, en) = (
                    format!(
                        "주소의 `{}` 부분에 점이 있어요. 사용자와 비밀번호는 쌍점으로 나눠요: `user:pass@`.",
                        cut(user)
                    ),
                    format!(
                        "`{}` in this address has a dot. A user and a password are divided by a colon: `user:pass@`.",
                        cut(user)
                    ),
                );
                self.say(FactKind::Mistake, "db-url", (env.start, env.end), ko, en);
            }
        }
        let published = one
            .flags
            .iter()
            .any(|given| matches!(given.flag.long, "publish" | "publish-all"));
        if let Some(expose) = given(one, "expose").next().filter(|_| !published) {
            self.say(
                FactKind::Note,
                "expose-opens",
                (expose.start, expose.end),
                "`--expose` 플래그는 포트를 적어 둘 뿐 열지 않아요. 호스트에서 닿게 하는 것은 `-p`예요.".to_owned(),
                "`--expose` only writes the port down. What opens it on the host is `-p`.".to_owned(),
            );
        }
        self.postgres(one);
    }

    fn volume(&mut self, volume: &Given) {
        let at = (volume.start, volume.end);
        let source = volume.value.split(':').next().unwrap_or_default();
        if source.starts_with('.') {
            let parent = source.starts_with("..");
            let since = if parent { "28.2" } else { "23.0" };
            self.say(
                FactKind::Note,
                "relative-bind",
                at,
                format!("`-v`의 상대 경로는 docker {since} 버전부터 돼요. 그 전에는 `$PWD`처럼 절대 경로만 받아요."),
                format!("`-v` takes this relative path since docker {since}; before that only an absolute one, such as `$PWD`."),
            );
        } else if volume.value.starts_with('/') && !volume.value.contains(':') {
            self.say(
                FactKind::Note,
                "volume-carries-over",
                at,
                "이름이 없는 볼륨이라 컨테이너를 새로 만들 때마다 새 볼륨이 생겨요. 데이터를 이어 쓰려면 `이름:/경로`로 써요.".to_owned(),
                "This volume has no name, so each new container gets a new one. To keep using the data, write `NAME:/path`.".to_owned(),
            );
        }
    }

    /// From version 18 on the data of postgres lie elsewhere.
    fn postgres(&mut self, one: &Invocation) {
        let Some(arg) = one.args.first().filter(|arg| !arg.unknown) else {
            return;
        };
        let image = Image::new(&arg.text);
        let major = |tag: &str| {
            tag.split(|c: char| !c.is_ascii_digit())
                .next()?
                .parse::<u32>()
                .ok()
        };
        let new = image.digest.is_none()
            && image
                .tag
                .is_none_or(|tag| tag == "latest" || major(tag).is_some_and(|n| n >= 18));
        if !new || image.official() != Some("postgres") {
            return;
        }
        for long in ["volume", "mount"] {
            for flag in given(one, long) {
                if Mount::parse(long, &flag.value)
                    .is_some_and(|m| m.target == "/var/lib/postgresql/data")
                {
                    self.say(
                        FactKind::Mistake,
                        "pg18-mount",
                        (flag.start, flag.end),
                        "postgres는 18부터 데이터를 이 폴더에 두지 않아요. `postgres:17`처럼 버전을 정하거나 `/var/lib/postgresql`에 마운트해요.".to_owned(),
                        "From 18 on postgres keeps no data in this folder. Pin the version, as `postgres:17`, or mount `/var/lib/postgresql`.".to_owned(),
                    );
                }
            }
        }
    }

    fn build(&mut self, one: &Invocation) {
        for tag in given(one, "tag") {
            self.own_image(&tag.value, (tag.start, tag.end));
        }
        for file in given(one, "file") {
            if let Some(meant) = misspelt(&file.value) {
                self.say(
                    FactKind::Mistake,
                    "dockerfile-typo",
                    (file.start, file.end),
                    format!(
                        "`{}` 파일 이름이 조금 달라요. 혹시 `{meant}`인가요?",
                        cut(&file.value)
                    ),
                    format!(
                        "`{}` is nearly a name that Docker knows. Did you mean `{meant}`?",
                        cut(&file.value)
                    ),
                );
            }
        }
        for arg in given(one, "build-arg") {
            let name = arg.value.split('=').next().unwrap_or_default();
            let near = PLATFORM_ARGS
                .iter()
                .find(|known| **known != name && dockerfile::distance(name, known, 1).is_some());
            if let Some(known) = near.filter(|_| !PLATFORM_ARGS.contains(&name)) {
                self.say(
                    FactKind::Mistake,
                    "targetarch-typo",
                    (arg.start, arg.end),
                    format!("`{}` 인자는 없어요. 혹시 `{known}`인가요?", cut(name)),
                    format!(
                        "There is no predefined argument `{}`. Did you mean `{known}`?",
                        cut(name)
                    ),
                );
            }
        }
        if let Some(arg) = one
            .args
            .first()
            .filter(|arg| !arg.unknown && is_dockerfile(&arg.text))
        {
            let text = cut(&arg.text);
            self.say(
                FactKind::Mistake,
                "dot-is-context",
                (arg.start, arg.end),
                format!("`{text}` 자리에는 Dockerfile이 아니라 빌드 컨텍스트, 곧 `COPY`로 가져올 파일이 든 폴더를 써요. Dockerfile은 `-f {text}`로 정해요."),
                format!("Not the Dockerfile stands here but the build context, the folder whose files `COPY` can take. A Dockerfile is named by `-f {text}`."),
            );
        }
    }

    fn own_image(&mut self, name: &str, at: (usize, usize)) {
        let short = Image::new(name)
            .official()
            .filter(|short| OFFICIAL.contains(short));
        if let Some(short) = short.map(cut) {
            self.say(
                FactKind::Note,
                "own-image-as-node",
                at,
                format!("`{short}`는 공식 이미지의 이름이라 이 컴퓨터에서 공식 이미지를 가려요. 내 이미지에는 다른 이름을 붙여요."),
                format!("`{short}` is an official image's name, and yours would hide it on this machine. Give yours a name of its own."),
            );
        }
    }

    /// A registry's name has a dot or a port; `nginx` is a repository.
    fn login(&mut self, one: &Invocation) {
        let Some(arg) = one.args.first().filter(|arg| !arg.unknown) else {
            return;
        };
        let host = arg
            .text
            .split_once("://")
            .map_or(arg.text.as_str(), |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        if host == "localhost" || host.contains(['.', ':', '$']) {
            return;
        }
        let text = cut(&arg.text);
        self.say(
            FactKind::Mistake,
            "registry-is-image",
            (arg.start, arg.end),
            format!("`{text}` 이름은 레지스트리가 아니라 저장소예요. `docker login`은 `ghcr.io` 같은 레지스트리를 받고, 없으면 Docker Hub예요."),
            format!("`{text}` names a repository and no registry. `docker login` takes a registry such as `ghcr.io`; without one it is Docker Hub."),
        );
    }
}
