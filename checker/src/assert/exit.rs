//! What a container's exit code says.

use crate::Lang;

/// A few words behind the number, as `exited (137: killed)`; empty where the number says nothing by itself.
pub(crate) fn short(code: i64, out_of_memory: bool, lang: Lang) -> &'static str {
    match code {
        _ if out_of_memory => lang.pick("메모리 초과", "out of memory"),
        125 => lang.pick("Docker가 시작하지 못함", "Docker could not start it"),
        126 => lang.pick("실행할 수 없는 프로그램", "program cannot be run"),
        127 => lang.pick("프로그램을 찾지 못함", "program not found"),
        130 => lang.pick("Ctrl+C로 중단", "interrupted"),
        137 => lang.pick("강제 종료(SIGKILL)", "killed, SIGKILL"),
        139 => lang.pick("잘못된 메모리 접근(SIGSEGV)", "crashed, SIGSEGV"),
        143 => lang.pick("종료 신호(SIGTERM)", "ended by SIGTERM"),
        _ => "",
    }
}

/// What a learner should know of a container that has ended though it should run.
pub(crate) fn explained(name: &str, code: i64, out_of_memory: bool, lang: Lang) -> String {
    let (ko, en) = match code {
        _ if out_of_memory => (
            "메모리 한도를 넘어서 커널이 강제로 종료했어요. 한도는 컨테이너의 모든 프로세스에 함께 적용돼요. `docker stats`로 얼마나 쓰는지 살펴보세요.",
            "the kernel killed it, because its memory was used up. The limit counts for all of its processes together. How much does it use, by `docker stats`?",
        ),
        0 => (
            "주 프로세스가 할 일을 마치고 끝났어요(종료 코드 0). 컨테이너는 주 프로세스가 살아 있는 동안만 실행돼요. 시작 명령이 계속 실행되는 프로그램인지 살펴보세요.",
            "its main process was done and ended (exit code 0). A container runs only as long as its main process. Does the start command run on?",
        ),
        125 => (
            "Docker가 컨테이너를 시작하지 못했어요(종료 코드 125). 프로그램이 아니라 `docker run`의 플래그나 설정이 문제예요. 명령이 남긴 오류 메시지를 다시 읽어 보세요.",
            "Docker could not start it (exit code 125). That is about a flag or a setting of `docker run`, not about the program. What did the command print?",
        ),
        126 => (
            "프로그램은 찾았지만 실행할 수 없었어요(종료 코드 126). 실행 권한이 있는지, 정말 프로그램 파일인지 살펴보세요.",
            "its program was found and cannot be run (exit code 126). May it be executed, and is it a program at all?",
        ),
        127 => (
            "프로그램을 찾지 못했어요(종료 코드 127). 이름과 경로가 맞는지, 이미지 안에 설치되어 있는지 살펴보세요.",
            "its program was not found (exit code 127). Are the name and the path right, and is it installed in the image?",
        ),
        137 => (
            "강제로 종료됐어요(종료 코드 137 = 128 + SIGKILL 9). `docker kill`이나 `docker rm -f`가 보내는 신호예요. `docker stop`도 10초 안에 끝나지 않는 프로그램에는 이 신호를 보내요. 메모리가 모자랄 때도 그래요.",
            "it was killed (exit code 137 = 128 + SIGKILL, 9). `docker kill` sends that signal, and `docker stop` does to a program that has not ended after 10 s; so does a lack of memory.",
        ),
        139 => (
            "프로그램이 잘못된 메모리에 접근해서 멈췄어요(종료 코드 139 = 128 + SIGSEGV 11). 프로그램 자체의 오류인지, 이미지가 이 CPU에 맞는지 살펴보세요.",
            "its program crashed (exit code 139 = 128 + SIGSEGV, 11). Is it a fault of the program, or an image for another kind of CPU?",
        ),
        143 => (
            "종료 신호를 받고 끝났어요(종료 코드 143 = 128 + SIGTERM 15). `docker stop`이 보내는 신호예요. 다시 시작하려면 어떤 명령을 쓸까요?",
            "it ended on request (exit code 143 = 128 + SIGTERM, 15), which is what `docker stop` sends. Which command starts it again?",
        ),
        _ => (
            "주 프로세스가 오류로 끝났어요. `docker logs`에 남은 마지막 줄에서 이유를 찾아보세요.",
            "its main process ended with an error. What do the last lines of `docker logs` say?",
        ),
    };
    match lang {
        Lang::Ko => format!("`{name}` 컨테이너가 실행 중이 아니에요. {ko}"),
        Lang::En => format!("The container `{name}` does not run: {en}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_dockers_has_words_in_both_languages() {
        for code in [0, 1, 125, 126, 127, 130, 137, 139, 143] {
            for lang in [Lang::Ko, Lang::En] {
                let text = explained("web", code, false, lang);
                assert!(text.contains("`web`"));
                assert!(
                    !(125..=127).contains(&code) || text.contains(&code.to_string()),
                    "{text}"
                );
            }
            assert_eq!(short(code, false, Lang::En).is_empty(), code < 2);
        }
        assert!(explained("web", 137, true, Lang::En).contains("memory was used up"));
    }
}
