//! What a learner reads about a container: what was seen, where it comes from, and where to look next.

use super::listeners::Diagnosis;
use crate::assert::Verdict;
use crate::assert::http::Http;
use crate::engine::Exit;
use crate::{Lang, Status};

/// How many of a container's last lines a learner sees.
pub(super) const LAST_LINES: usize = 20;

/// The server's container has ended instead of answering.
pub(super) fn ended(exit: Exit, lang: Lang) -> Verdict {
    let code = exit.code;
    let message = match (cause(exit), lang) {
        (Cause::Memory, Lang::Ko) => "컨테이너가 메모리 한도를 넘어 강제로 종료됐어요. 한도는 컨테이너 안의 모든 프로세스에 함께 적용돼요. 프로그램이 한꺼번에 많은 것을 읽어 들이는지 살펴보세요.".to_owned(),
        (Cause::Memory, Lang::En) => "The container was killed because it used more memory than its limit. The limit counts for all of its processes together. Does the program read a lot at once?".to_owned(),
        (Cause::Ended, Lang::Ko) => "컨테이너가 응답하기 전에 스스로 종료됐어요(종료 코드 0). 컨테이너는 주 프로세스가 끝나면 함께 끝나요. 시작 명령이 계속 실행되는 프로그램인지 살펴보세요.".to_owned(),
        (Cause::Ended, Lang::En) => "The container ended by itself before it answered (exit code 0). A container lives as long as its main process. Does its start command run on, or is it done at once?".to_owned(),
        (Cause::NoProgram, Lang::Ko) => format!("컨테이너를 시작하자마자 종료됐어요(종료 코드 {code}). 이 코드는 시작 명령의 프로그램을 찾지 못했거나 실행할 수 없었다는 뜻이에요. 그 프로그램이 이미지 안에 있는지, 이름과 형식이 맞는지 살펴보세요."),
        (Cause::NoProgram, Lang::En) => format!("The container ended as soon as it started (exit code {code}). That code says that the start command's program was not found or could not be run. Is it in the image, and is it written as its form needs?"),
        (Cause::Crash, Lang::Ko) => format!("컨테이너가 응답하기 전에 오류로 종료됐어요(종료 코드 {code}). 주 프로세스가 끝나면 컨테이너도 끝나요. 컨테이너가 마지막으로 남긴 로그에서 이유를 찾아보세요."),
        (Cause::Crash, Lang::En) => format!("The container ended with an error before it answered (exit code {code}). When the main process ends, the container ends. What do its last lines say?"),
    };
    Verdict::fail_because(message).actual(match lang {
        Lang::Ko => format!("컨테이너 종료, 종료 코드 {code}"),
        Lang::En => format!("the container ended, exit code {code}"),
    })
}

enum Cause {
    Memory,
    Ended,
    NoProgram,
    Crash,
}

fn cause(exit: Exit) -> Cause {
    match exit.code {
        _ if exit.out_of_memory => Cause::Memory,
        0 => Cause::Ended,
        126 | 127 => Cause::NoProgram,
        _ => Cause::Crash,
    }
}

/// The server runs and does not answer.
pub(super) fn no_answer(http: &Http, curl: u32, seen: &Diagnosis, lang: Lang) -> Verdict {
    let port = http.port;
    let within = http.within;
    let (message, actual) = match (seen, lang) {
        (Diagnosis::LoopbackOnly, Lang::Ko) => (
            format!(
                "서버가 컨테이너 안의 127.0.0.1에서만 {port}번 포트를 듣고 있어요. 127.0.0.1은 그 컨테이너 자신만 가리켜서, 포트를 게시해도 밖에서는 닿을 수 없어요. 서버가 어느 주소에서 들어야 밖의 요청을 받을 수 있을까요?"
            ),
            format!("127.0.0.1:{port}에서만 수신 대기"),
        ),
        (Diagnosis::LoopbackOnly, Lang::En) => (
            format!(
                "The server listens on port {port} of 127.0.0.1 only. In a container, 127.0.0.1 is that container itself: nobody outside reaches it, not even through a published port. On which address must a server listen to be reached from outside?"
            ),
            format!("listens on 127.0.0.1:{port} only"),
        ),
        (Diagnosis::OtherPorts(ports), lang) => {
            let list = ports
                .iter()
                .map(u16::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            match lang {
                Lang::Ko => (
                    format!(
                        "{port}번 포트에서 듣는 프로그램이 없어요. 컨테이너 안의 서버는 다른 포트({list})에서 듣고 있어요. `EXPOSE`는 기록일 뿐이고, 포트는 서버 프로그램이 정해요. 서버의 포트는 어디에서 정해질까요?"
                    ),
                    format!("{list}번 포트에서 수신 대기"),
                ),
                Lang::En => (
                    format!(
                        "Nothing listens on port {port}; the server in the container listens on {list}. `EXPOSE` is a note only, the program chooses its port. Where is the server's port set?"
                    ),
                    format!("listens on port {list}"),
                ),
            }
        }
        (Diagnosis::Nothing, Lang::Ko) => (
            format!(
                "컨테이너는 실행 중인데 {within}초가 지나도 {port}번 포트에서 듣는 프로그램이 없었어요. 시작 명령이 서버를 켜지 않았거나 아직 준비 중일 수 있어요. 컨테이너의 로그에서 서버가 어디까지 갔는지 살펴보세요."
            ),
            format!("{port}번 포트에서 듣는 프로그램 없음"),
        ),
        (Diagnosis::Nothing, Lang::En) => (
            format!(
                "The container runs, and after {within} s nothing listened on port {port}. Either its start command starts no server, or the server is not ready yet. How far did it get, by its log?"
            ),
            format!("nothing listens on port {port}"),
        ),
        (Diagnosis::Open, Lang::Ko) => (
            format!(
                "서버가 {port}번 포트에서 듣고 있지만 {within}초 안에 HTTP로 끝까지 응답하지 않았어요({}). 로그에서 요청을 처리하다가 멈춘 곳을 찾아보세요.",
                curl_says(curl, lang)
            ),
            curl_says(curl, lang).to_owned(),
        ),
        (Diagnosis::Open, Lang::En) => (
            format!(
                "The server listens on port {port}, and did not give a whole HTTP answer within {within} s ({}). Where does its log stop while it works on the request?",
                curl_says(curl, lang)
            ),
            curl_says(curl, lang).to_owned(),
        ),
    };
    Verdict::fail_because(message).actual(actual)
}

/// What curl's exit code means, without its own words: they hold the container's address, which differs every time.
fn curl_says(code: u32, lang: Lang) -> &'static str {
    match (code, lang) {
        (7, Lang::Ko) => "연결이 거부됨",
        (7, Lang::En) => "connection refused",
        (28, Lang::Ko) => "제때 응답하지 않음",
        (28, Lang::En) => "no answer in time",
        (52, Lang::Ko) => "빈 응답",
        (52, Lang::En) => "empty answer",
        (1 | 8, Lang::Ko) => "HTTP가 아닌 응답",
        (1 | 8, Lang::En) => "an answer that is not HTTP",
        (56 | 18, Lang::Ko) => "연결이 중간에 끊김",
        (56 | 18, Lang::En) => "the connection broke off",
        (_, Lang::Ko) => "응답 없음",
        (_, Lang::En) => "no answer",
    }
}

/// A name that curl could not resolve from a container.
pub(super) fn unknown_name(from: &str, name: &str, lang: Lang) -> Verdict {
    Verdict::fail_because(match lang {
        Lang::Ko => format!("`{from}` 컨테이너는 `{name}` 이름을 몰라요. 컨테이너는 직접 만든 같은 네트워크에 있을 때만 서로를 이름으로 찾아요. 두 컨테이너가 어느 네트워크에 있는지 비교해 보세요."),
        Lang::En => format!("The container `{from}` does not know the name `{name}`. Containers find each other by name only on a common network that somebody made. On which networks are the two?"),
    })
    .actual(lang.pick("모르는 이름", "name not known"))
}

/// A running container without an address.
pub(super) fn no_network(name: &str, lang: Lang) -> Verdict {
    Verdict::fail_because(match lang {
        Lang::Ko => format!(
            "`{name}` 컨테이너는 실행 중이지만 어느 네트워크에도 없어서 닿을 수 없어요. `docker inspect`에서 네트워크를 살펴보세요."
        ),
        Lang::En => format!(
            "The container `{name}` runs, and is on no network, so nobody reaches it. Which networks does `docker inspect` show?"
        ),
    })
}

/// A port of the host that leads nowhere.
pub(super) fn nothing_published(port: u16, lang: Lang) -> Verdict {
    Verdict::fail_because(match lang {
        Lang::Ko => format!(
            "호스트의 {port}번 포트로 이어진 실행 중인 컨테이너가 없어요. `EXPOSE`는 이미지에 남기는 메모일 뿐이고 포트를 게시하지 않아요. `docker ps`의 PORTS 열에서 화살표의 왼쪽을 살펴보세요."
        ),
        Lang::En => format!(
            "Port {port} of the host leads to no running container. `EXPOSE` only writes a note in the image and publishes nothing. What stands left of the arrow under PORTS in `docker ps`?"
        ),
    })
}

/// The engine could not start what the image says.
pub(super) fn bad_program(why: &str, lang: Lang) -> Verdict {
    let message = if why.contains("unable to find user") {
        lang.pick(
            "컨테이너를 시작하지 못했어요. 이미지가 쓰려는 사용자가 이미지 안에 없어요. `USER`는 사용자를 만들지 않고 고르기만 해요. 그 사용자를 만드는 단계가 있는지 살펴보세요.",
            "The container could not start: the user that the image wants does not exist in it. `USER` chooses a user and makes none. Is there a step that makes it?",
        )
    } else if why.contains("No command specified") {
        lang.pick(
            "컨테이너를 시작하지 못했어요. 이미지에 시작 명령이 없어요. 컨테이너는 주 프로세스가 있어야 실행돼요. 어느 지시어가 시작 명령을 정하는지 떠올려 보세요.",
            "The container could not start: the image has no start command. A container needs a main process. Which instruction says what to start?",
        )
    } else {
        lang.pick(
            "컨테이너를 시작하지 못했어요. 시작 명령의 프로그램이 이미지 안에 없거나 실행할 수 없어요. exec 형식에서는 첫 단어가 프로그램 이름이에요. 이름과 경로가 맞는지, 설치하는 단계가 있는지 살펴보세요.",
            "The container could not start: the program of its start command is not in the image, or cannot be run. In exec form the first word is the program. Is its name right, and is there a step that installs it?",
        )
    };
    Verdict::fail_because(message).actual(crate::assert::one_line(heart(why)))
}

/// The runtime's own words, without the names of the layers that passed them on, which differ between versions.
fn heart(why: &str) -> &str {
    let start = ["exec: ", "exec /", "chdir to cwd", "unable to find user"]
        .iter()
        .filter_map(|sign| why.find(sign))
        .min()
        .unwrap_or(0);
    why[start..].trim_end_matches(": unknown")
}

/// A container's image is not there.
pub(super) fn no_image(image: &str, why: &str, lang: Lang) -> Verdict {
    Verdict::error(match lang {
        Lang::Ko => format!(
            "`{image}` 이미지가 엔진에 없어서 채점하지 못했어요({why}). 제출한 파일의 잘못이 아니에요. `docktutor images`로 이미지를 준비해 보세요."
        ),
        Lang::En => format!(
            "The image `{image}` is not on the engine, so this could not be judged ({why}). This says nothing about your work. Prepare the images with `docktutor images`."
        ),
    })
}

/// The container that asks does not work.
pub(super) fn broken_probe(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Ko => format!(
            "요청을 보내는 컨테이너가 제대로 동작하지 않아서 채점하지 못했어요({why}). 제출한 파일의 잘못이 아니에요."
        ),
        Lang::En => format!(
            "The container that sends the request did not work, so this could not be judged ({why}). This says nothing about your work."
        ),
    }
}

/// A program that should have ended.
pub(super) fn never_ends(seconds: u64, lang: Lang) -> Verdict {
    Verdict::fail_because(match lang {
        Lang::Ko => format!("컨테이너가 {seconds}초가 지나도 끝나지 않았어요. 여기서는 일을 마치면 끝나는 프로그램이 필요해요. 무엇을 기다리고 있는지 로그를 살펴보세요."),
        Lang::En => format!("The container had not ended after {seconds} s. Here a program is wanted that ends when its work is done. What does it wait for, by its log?"),
    })
    .actual(lang.pick("계속 실행 중", "still running"))
}

/// A program that ended otherwise than it should: why, where the exit code says it, and its last lines.
pub(super) fn explained(verdict: Verdict, exit: Exit, log: &str, lang: Lang) -> Verdict {
    if verdict.status == Status::Pass {
        return verdict;
    }
    let message = match cause(exit) {
        Cause::Memory | Cause::NoProgram => ended(exit, lang).message,
        Cause::Ended | Cause::Crash => None,
    };
    with_log(Verdict { message, ..verdict }, log, lang)
}

/// Adds a container's last lines to what was there.
pub(super) fn with_log(mut verdict: Verdict, log: &str, lang: Lang) -> Verdict {
    let mut lines: Vec<&str> = log.lines().rev().take(LAST_LINES).collect();
    lines.reverse();
    let actual = verdict.actual.unwrap_or_default();
    verdict.actual = Some(if lines.is_empty() {
        format!(
            "{actual}\n{}",
            lang.pick("(로그 없음)", "(its log is empty)")
        )
    } else {
        format!("{actual}\n{}", lines.join("\n"))
    });
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_address_is_named() {
        let http: Http = serde_yaml::from_str("{port: 8000}").unwrap();
        for lang in [Lang::Ko, Lang::En] {
            let verdict = no_answer(&http, 7, &Diagnosis::LoopbackOnly, lang);
            assert!(verdict.message.unwrap().contains("127.0.0.1"));
        }
        let other = no_answer(&http, 7, &Diagnosis::OtherPorts(vec![5000]), Lang::En);
        assert_eq!(other.actual.as_deref(), Some("listens on port 5000"));
    }

    #[test]
    fn a_missing_program_is_told_in_the_runtimes_own_words() {
        let why = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"uvicorn\": executable file not found in $PATH: unknown";
        let actual = bad_program(why, Lang::En).actual.unwrap();
        assert_eq!(
            actual,
            "exec: \"uvicorn\": executable file not found in $PATH"
        );
        assert_eq!(heart("No command specified"), "No command specified");
    }

    #[test]
    fn the_last_lines_of_the_log_are_shown() {
        let log: String = (0..50).map(|n| format!("line {n}\n")).collect();
        let exit = Exit {
            code: 1,
            out_of_memory: false,
        };
        let actual = with_log(ended(exit, Lang::En), &log, Lang::En)
            .actual
            .unwrap();
        assert!(actual.starts_with("the container ended, exit code 1\nline 30\n"));
        assert!(actual.ends_with("line 49"));
    }
}
