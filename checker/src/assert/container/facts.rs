//! What one container has, beside what is demanded of it.

use super::forms::{self, Change, mount_in_words, port_in_words, size_in_words};
use super::{ContainerState, one_line};
use crate::Lang;
use crate::assert::fact::Fact;
use crate::assert::{TextMatch, exit};
use crate::snapshot::{Container, EngineSnapshot, seconds_of};

/// `running`, or `exited (137: killed, SIGKILL)`.
pub(super) fn state_in_words(container: &Container, lang: Lang) -> String {
    if !matches!(container.state.as_str(), "exited" | "dead" | "restarting") {
        return container.state.clone();
    }
    let code = container.exit_code;
    match exit::short(code, container.out_of_memory, lang) {
        "" => format!("{} ({code})", container.state),
        words => format!("{} ({code}: {words})", container.state),
    }
}

impl ContainerState {
    /// Everything that is demanded, in the order in which a learner would look at it.
    pub(super) fn facts(
        &self,
        container: &Container,
        now: &EngineSnapshot,
        before: &EngineSnapshot,
        lang: Lang,
    ) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(image) = &self.image {
            facts.push(Fact::new(
                "image",
                now.is_made_of(container, image),
                image,
                &container.image,
            ));
        }
        self.life(container, now, before, lang, &mut facts);
        self.setup(container, lang, &mut facts);
        self.surroundings(container, now, lang, &mut facts);
        self.insides(container, lang, &mut facts);
        facts
    }

    /// Whether it runs, and since when.
    fn life(
        &self,
        container: &Container,
        now: &EngineSnapshot,
        before: &EngineSnapshot,
        lang: Lang,
        facts: &mut Vec<Fact>,
    ) {
        if let Some(wanted) = &self.state {
            let holds = match wanted.as_str() {
                "stopped" => matches!(container.state.as_str(), "created" | "exited" | "dead"),
                wanted => container.state == wanted,
            };
            let why = (!holds && wanted == "running")
                .then(|| not_running(container, lang))
                .flatten();
            facts.push(
                Fact::new("state", holds, wanted, state_in_words(container, lang)).because(why),
            );
        }
        if let Some(wanted) = self.exit_code {
            let actual = match container.state.as_str() {
                "exited" | "dead" => container.exit_code.to_string(),
                _ => lang.pick("아직 끝나지 않음", "has not ended").to_owned(),
            };
            let words = exit::short(container.exit_code, container.out_of_memory, lang);
            let shown = if words.is_empty() {
                actual.clone()
            } else {
                format!("{actual} ({words})")
            };
            let holds = actual == wanted.to_string();
            facts.push(Fact::new(
                lang.pick("종료 코드", "exit code"),
                holds,
                wanted.to_string(),
                shown,
            ));
        }
        if let Some(wanted) = &self.health {
            let actual = container.health.as_deref().unwrap_or("none");
            let why =
                (actual == "none" && wanted != "none").then(|| no_health_check(container, lang));
            let mut shown = actual.to_owned();
            let output = one_line(&container.health_output);
            if actual != "healthy" && !output.is_empty() {
                shown.push_str(&format!(": \"{output}\""));
            }
            if actual != "none" && !container.is_running() {
                shown.push_str(&format!(", {}", state_in_words(container, lang)));
            }
            facts.push(Fact::new("health", actual == wanted, wanted, shown).because(why));
        }
        if let Some(wanted) = &self.restart {
            let actual = &container.restart_policy;
            let holds =
                actual == wanted || (wanted == "on-failure" && actual.starts_with("on-failure:"));
            facts.push(Fact::new("restart", holds, wanted, actual));
        }
        if let Some(wanted) = self.restarts {
            let actual = u64::try_from(container.restart_count).unwrap_or(0);
            facts.push(Fact::new(
                "restarts",
                wanted.holds(actual),
                wanted.wanted(lang),
                actual.to_string(),
            ));
        }
        if let Some(wanted) = self.uptime {
            let since = seconds_of(&container.started_at).filter(|_| container.is_running());
            let seconds = since.map(|since| u64::try_from(now.taken_at - since).unwrap_or(0));
            let actual = seconds.map_or_else(
                || state_in_words(container, lang),
                |seconds| format!("{seconds} s"),
            );
            let holds = seconds.is_some_and(|seconds| wanted.holds(seconds));
            facts.push(Fact::new(
                "uptime",
                holds,
                format!("{} s", wanted.wanted(lang)),
                actual,
            ));
        }
        if let Some(wanted) = self.since_check {
            let word = |change: Change| match change {
                Change::Untouched => lang.pick("그대로", "untouched"),
                Change::Restarted => lang.pick("다시 시작됨", "restarted"),
                Change::Recreated => lang.pick("새로 만들어짐", "recreated"),
            };
            let actual = change(container, before);
            facts.push(Fact::equal(
                lang.pick("채점을 시작한 뒤", "since the check began"),
                word(wanted),
                word(actual),
            ));
        }
    }

    /// What it was created with.
    fn setup(&self, container: &Container, lang: Lang, facts: &mut Vec<Fact>) {
        let none = || lang.pick("없음", "not set").to_owned();
        for (what, wanted, actual) in [
            ("command", &self.command, &container.command),
            ("entrypoint", &self.entrypoint, &container.entrypoint),
        ] {
            if let Some(wanted) = wanted {
                facts.push(Fact::equal(what, json(wanted), json(actual)));
            }
        }
        for (what, wanted, actual) in [
            ("ENV", &self.env, &container.env),
            ("label", &self.labels, &container.labels),
        ] {
            for (name, value) in wanted {
                let actual = actual
                    .get(name)
                    .map_or_else(none, |actual| format!("{name}={actual}"));
                facts.push(Fact::equal(what, format!("{name}={value}"), actual));
            }
        }
        for name in &self.no_env {
            let actual = container
                .env
                .get(name)
                .map_or_else(none, |value| format!("{name}={value}"));
            facts.push(Fact::new(
                "ENV",
                !container.env.contains_key(name),
                format!("{name}: {}", none()),
                actual,
            ));
        }
        for (what, wanted, actual, default) in [
            ("user", &self.user, &container.user, "root"),
            ("workdir", &self.workdir, &container.workdir, "/"),
        ] {
            if let Some(wanted) = wanted {
                let shown = |text: &str| {
                    if text.is_empty() {
                        default.to_owned()
                    } else {
                        text.to_owned()
                    }
                };
                facts.push(Fact::equal(what, shown(wanted), shown(actual)));
            }
        }
        if let Some(wanted) = self.memory.as_deref().and_then(forms::bytes) {
            let actual = size_in_words(container.limits.memory);
            facts.push(Fact::equal("memory", size_in_words(wanted), actual));
        }
        if let Some(wanted) = self.cpus {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a number of processors is small"
            )]
            let actual = container.limits.nano_cpus as f64 / 1e9;
            facts.push(Fact::new(
                "cpus",
                (actual - wanted).abs() < 1e-6,
                wanted.to_string(),
                actual.to_string(),
            ));
        }
        if let Some(wanted) = self.pids {
            facts.push(Fact::equal(
                "pids",
                wanted.to_string(),
                container.limits.pids.to_string(),
            ));
        }
    }

    /// Ports, mounts and networks.
    fn surroundings(
        &self,
        container: &Container,
        now: &EngineSnapshot,
        lang: Lang,
        facts: &mut Vec<Fact>,
    ) {
        let none = || lang.pick("없음", "none").to_owned();
        let listed = |items: Vec<String>| {
            if items.is_empty() {
                none()
            } else {
                items.join(", ")
            }
        };
        if let Some(wanted) = &self.ports {
            let actual = listed(container.ports.iter().map(port_in_words).collect());
            let what = lang.pick("게시한 포트", "published ports");
            if wanted.is_empty() {
                facts.push(Fact::new(what, container.ports.is_empty(), none(), &actual));
            }
            for text in wanted {
                let fits = forms::port(text)
                    .is_some_and(|pattern| container.ports.iter().any(|p| pattern.fits(p)));
                facts.push(Fact::new(what, fits, text, &actual));
            }
        }
        if let Some(wanted) = &self.mounts {
            let actual = listed(container.mounts.iter().map(mount_in_words).collect());
            let what = lang.pick("마운트", "mounts");
            if wanted.is_empty() {
                facts.push(Fact::new(
                    what,
                    container.mounts.is_empty(),
                    none(),
                    &actual,
                ));
            }
            for pattern in wanted {
                let fits = container.mounts.iter().any(|mount| pattern.fits(mount));
                facts.push(Fact::new(what, fits, pattern.in_words(), &actual));
            }
        }
        let actual = listed(container.networks.keys().cloned().collect());
        let on = |wanted: &String| {
            let by_compose = now.network_named(wanted).map(|network| &network.name);
            container.networks.contains_key(wanted)
                || by_compose.is_some_and(|name| container.networks.contains_key(name))
                || container.networks.keys().any(|name| {
                    name.strip_suffix(wanted.as_str())
                        .is_some_and(|p| p.ends_with('_'))
                })
        };
        let what = lang.pick("네트워크", "networks");
        for wanted in &self.networks {
            facts.push(Fact::new(what, on(wanted), wanted, &actual));
        }
        for wanted in &self.no_networks {
            let not = format!("{} {wanted}", lang.pick("제외:", "without"));
            facts.push(Fact::new(what, !on(wanted), not, &actual));
        }
    }

    /// Log, files, processes, commands.
    fn insides(&self, container: &Container, lang: Lang, facts: &mut Vec<Fact>) {
        if !self.logs.is_empty() {
            let log = container.seen.logs.as_deref().unwrap_or_default();
            facts.push(text_fact("log", &self.logs, log, lang));
        }
        facts.extend(
            self.files
                .iter()
                .map(|file| file.fact(&container.seen.files, lang)),
        );
        if let Some(wanted) = &self.processes {
            let lines = container.seen.processes.as_deref().unwrap_or_default();
            let actual = if lines.is_empty() {
                state_in_words(container, lang)
            } else {
                one_line(&lines.join(", "))
            };
            let what = lang.pick("프로세스", "processes");
            for piece in &wanted.has {
                let holds = lines.iter().any(|line| line.contains(piece.as_str()));
                facts.push(Fact::new(what, holds, piece, &actual));
            }
            for piece in &wanted.lacks {
                let holds = !lines.iter().any(|line| line.contains(piece.as_str()));
                facts.push(Fact::new(
                    what,
                    holds,
                    format!("{} {piece}", lang.pick("제외:", "without")),
                    &actual,
                ));
            }
            if let Some(count) = wanted.count {
                let shown = format!("{}: {actual}", lines.len());
                facts.push(Fact::new(
                    what,
                    count.holds(lines.len() as u64),
                    count.wanted(lang),
                    shown,
                ));
            }
        }
        for wanted in &self.exec {
            let what = format!("`{}`", one_line(&wanted.command.join(" ")));
            let code = |code: i64| format!("{} {code}", lang.pick("종료 코드", "exit code"));
            let mut expected = code(wanted.exit_code);
            if !wanted.output.is_empty() {
                expected.push_str(&format!(", {}", wanted.output.wanted(lang)));
            }
            let same = |seen: &&crate::snapshot::ExecSeen| {
                seen.command == wanted.command && seen.user == wanted.user
            };
            let seen = container.seen.execs.iter().find(same);
            let (holds, actual) = match seen.map(|seen| (seen.exit_code, &seen.output)) {
                Some((Some(exit), output)) => (
                    exit == wanted.exit_code && wanted.output.holds(output),
                    format!("{}, \"{}\"", code(exit), one_line(output)),
                ),
                Some((None, output)) if container.state == "running" => (
                    false,
                    format!(
                        "{}, \"{}\"",
                        lang.pick("제때 끝나지 않음", "did not end in time"),
                        one_line(output)
                    ),
                ),
                _ => (false, state_in_words(container, lang)),
            };
            facts.push(Fact::new(&what, holds, expected, actual));
        }
    }
}

fn text_fact(what: &str, wanted: &TextMatch, actual: &str, lang: Lang) -> Fact {
    // The end of a log says what happened last.
    let tail: Vec<&str> = actual.lines().rev().take(5).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    let shown = if actual.trim().is_empty() {
        lang.pick("(비어 있음)", "(empty)").to_owned()
    } else {
        format!("\"{}\"", one_line(&tail.join("\n")))
    };
    Fact::new(what, wanted.holds(actual), wanted.wanted(lang), shown)
}

fn json(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

/// The container of the same name when the check began says what has happened since.
fn change(container: &Container, before: &EngineSnapshot) -> Change {
    match before
        .containers
        .iter()
        .find(|old| old.name == container.name)
    {
        Some(old) if old.id == container.id && old.started_at == container.started_at => {
            Change::Untouched
        }
        Some(old) if old.id == container.id => Change::Restarted,
        _ => Change::Recreated,
    }
}

/// Why a container that should run does not.
fn not_running(container: &Container, lang: Lang) -> Option<String> {
    let name = &container.name;
    if !container.error.is_empty() {
        let why = one_line(&container.error);
        return Some(match lang {
            Lang::Ko => format!(
                "`{name}` 컨테이너를 시작하지 못했어요. Docker는 이유를 이렇게 말해요: {why}"
            ),
            Lang::En => {
                format!("The container `{name}` could not be started. Docker says why: {why}")
            }
        });
    }
    match container.state.as_str() {
        "exited" | "dead" | "restarting" => Some(exit::explained(
            name,
            container.exit_code,
            container.out_of_memory,
            lang,
        )),
        "created" => Some(match lang {
            Lang::Ko => format!(
                "`{name}` 컨테이너는 만들어졌지만 시작한 적이 없어요. `docker run`은 생성과 시작을 함께 해요. 시작만 하는 명령은 무엇일까요?"
            ),
            Lang::En => format!(
                "The container `{name}` was created and never started. `docker run` does both. Which command only starts?"
            ),
        }),
        "paused" => Some(match lang {
            Lang::Ko => format!(
                "`{name}` 컨테이너는 일시 정지되어 있어요. 프로세스가 얼어 있을 뿐 끝나지 않았어요. 어떤 명령으로 이어 갈까요?"
            ),
            Lang::En => format!(
                "The container `{name}` is paused: its processes are frozen and have not ended. Which command lets them go on?"
            ),
        }),
        _ => None,
    }
}

fn no_health_check(container: &Container, lang: Lang) -> String {
    let name = &container.name;
    match lang {
        Lang::Ko => format!(
            "`{name}` 컨테이너에는 상태 확인(health check)이 없어요. 실행 중이라는 것은 주 프로세스가 살아 있다는 뜻일 뿐이에요. 상태 확인은 이미지나 Compose 파일, `docker run`의 플래그로 정해요."
        ),
        Lang::En => format!(
            "The container `{name}` has no health check. That it runs only says that its main process is alive. A health check is set in the image, in the Compose file or by flags of `docker run`."
        ),
    }
}
