//! What a learner reads about a build that did not end well: which line, which output, and whose fault it is.

use dockerfile::{Dockerfile, Kind};

use super::build::Trouble;
use super::build_log::BuildLog;
use crate::Lang;
use crate::assert::Verdict;
use crate::assert::dockerfile::full_name;
use crate::engine::Fault;

/// The verdict on a build that did not end well.
pub(super) fn explain(
    trouble: Trouble,
    log: &BuildLog<'_>,
    tree: &Dockerfile,
    images: &[String],
    lang: Lang,
) -> Verdict {
    let words = match trouble {
        Trouble::Fault(fault) => return Verdict::error(fault.message(lang)),
        Trouble::Slow { seconds } => return too_slow(log, seconds, lang),
        Trouble::Failed(words) => super::plain(&words),
    };
    if is_engine_trouble(&words) {
        return Verdict::error(
            Fault::Refused {
                status: 500,
                why: words,
            }
            .message(lang),
        );
    }
    if let Some((image, line)) = missing_base(log, tree, &words) {
        return no_base(&image, line, &words, images, lang);
    }
    let Some(step) = log.step() else {
        return Verdict::fail_because(lang.pick(
            "빌드가 시작되지 못했어요. 엔진이 Dockerfile을 읽다가 멈췄어요. 아래 메시지가 가리키는 줄을 살펴보세요.",
            "The build did not begin: the engine stopped while it read the Dockerfile. Look at the line that its message below names.",
        ))
        .actual(words);
    };
    let place = place(step.line, Some((step.number, step.of)), lang);
    let mut actual = log.last_lines();
    if !actual.is_empty() {
        actual.push('\n');
    }
    actual.push_str(&words);
    Verdict::fail_because(match lang {
        Lang::Ko => format!(
            "빌드가 {place}에서 멈췄어요: `{}`. 이 단계의 명령이 실패하면 이미지는 만들어지지 않아요. 마지막 출력을 아래에서 위로 읽으며 무엇이 없거나 틀렸는지 찾아보세요.",
            step.text
        ),
        Lang::En => format!(
            "The build stopped at {place}: `{}`. When a step fails, no image is made. Read its last output from the bottom up: what is missing or wrong?",
            step.text
        ),
    })
    .actual(actual)
}

fn too_slow(log: &BuildLog<'_>, seconds: u64, lang: Lang) -> Verdict {
    let (place, text) = log.step().map_or_else(Default::default, |step| {
        let place = place(step.line, Some((step.number, step.of)), lang);
        (place, step.text.clone())
    });
    Verdict::fail_because(match lang {
        Lang::Ko => format!(
            "{seconds}초가 지나도 빌드가 {place}에서 끝나지 않았어요: `{text}`. 빌드의 각 단계는 끝나야 다음 단계로 넘어가요. 계속 실행되는 서버를 빌드할 때 켜고 있지는 않은지 살펴보세요."
        ),
        Lang::En => format!(
            "After {seconds} s the build had not got past {place}: `{text}`. A step must end before the next one begins. Does it start a server that runs on and on?"
        ),
    })
    .actual(log.last_lines())
}

fn place(line: Option<usize>, step: Option<(u32, u32)>, lang: Lang) -> String {
    match (line, step, lang) {
        (Some(line), Some((step, of)), Lang::Ko) => {
            format!("Dockerfile {line}번째 줄({of}단계 중 {step}단계)")
        }
        (Some(line), Some((step, of)), Lang::En) => {
            format!("line {line} of the Dockerfile (step {step} of {of})")
        }
        (Some(line), None, Lang::Ko) => format!("Dockerfile {line}번째 줄"),
        (Some(line), None, Lang::En) => format!("line {line} of the Dockerfile"),
        (None, Some((step, of)), Lang::Ko) => format!("{of}단계 중 {step}단계"),
        (None, Some((step, of)), Lang::En) => format!("step {step} of {of}"),
        (None, None, lang) => lang.pick("한 단계", "a step").to_owned(),
    }
}

/// The base image that cannot be had, and its line: the one of the `FROM` at which the builder stopped, or, where it did
/// not begin, the one that is named in its words.
fn missing_base(log: &BuildLog<'_>, tree: &Dockerfile, words: &str) -> Option<(String, usize)> {
    let scopes = dockerfile::scopes(tree);
    let image_at = |at: usize| {
        let from = &tree.instructions[at];
        let image = &from.words().first()?.value;
        let known = scopes.at(tree, at).known(image, tree.escape);
        Some((known.unwrap_or_else(|| image.clone()), from.lines.0))
    };
    if let Some(step) = log.step() {
        let at = step.instruction?;
        return (tree.instructions[at].kind == Kind::From)
            .then(|| image_at(at))
            .flatten();
    }
    tree.stages
        .iter()
        .enumerate()
        .filter(|(stage, _)| scopes.parent(*stage).is_none())
        .filter_map(|(_, stage)| image_at(stage.from))
        .find(|(image, _)| words.contains(&full_name(image)))
}

fn no_base(image: &str, line: usize, words: &str, images: &[String], lang: Lang) -> Verdict {
    let known = |listed: &String| full_name(listed) == full_name(image);
    if images.iter().any(known) {
        return Verdict::error(match lang {
            Lang::Ko => format!(
                "이 연습문제에 필요한 이미지 `{image}`를 엔진에서 쓸 수 없어요({words}). 제출한 파일의 잘못이 아니에요. `docktutor images`로 이미지를 준비한 다음 다시 채점하세요."
            ),
            Lang::En => format!(
                "The image `{image}` that this exercise needs is not on the engine ({words}). This says nothing about your work. Prepare it with `docktutor images` and check again."
            ),
        });
    }
    let place = place(Some(line), None, lang);
    let verdict = Verdict::fail_because(match lang {
        Lang::Ko => format!(
            "{place}: 베이스 이미지 `{image}`를 가져올 수 없어요. 이름이나 태그가 다르면 레지스트리는 다른 이미지로 보거나 없다고 답해요. 이름과 태그를 한 글자씩 확인해 보세요."
        ),
        Lang::En => format!(
            "The base image `{image}` on {place} cannot be had. With another name or tag it is another image, or none at all. Compare name and tag letter by letter."
        ),
    })
    .actual(words);
    if images.is_empty() {
        verdict
    } else {
        verdict.expected(images.join(", "))
    }
}

/// What the engine says when it, and not the Dockerfile, is in trouble.
fn is_engine_trouble(words: &str) -> bool {
    [
        "no space left on device",
        "read-only file system",
        "input/output error",
        "cannot allocate memory",
        "context canceled",
        "layer does not exist",
    ]
    .iter()
    .any(|sign| words.contains(sign))
        // A command of the learner that failed for the same reason has an exit code.
        && !words.contains("returned a non-zero code")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn explained(text: &str, stream: &str, words: &str) -> Verdict {
        let tree = dockerfile::parse(text.as_bytes());
        let mut log = BuildLog::new(&tree);
        log.push(stream);
        let trouble = Trouble::Failed(words.to_owned());
        explain(
            trouble,
            &log,
            &tree,
            &["python:3.11-slim".to_owned()],
            Lang::En,
        )
    }

    #[test]
    fn a_base_image_that_is_refused_before_the_build_begins_is_found_by_its_name() {
        let text = "ARG V=22.04\nFROM python:3.11-slim AS a\nFROM ubuntu:$V\n";
        let verdict = explained(
            text,
            "",
            "pull access denied: the image ubuntu:22.04 is not yours",
        );
        assert_eq!(verdict.status, Status::Fail);
        let message = verdict.message.unwrap();
        assert!(message.contains("`ubuntu:22.04` on line 3"), "{message}");
        let untagged = explained("FROM ubuntu\n", "", "the image ubuntu:latest is not yours");
        assert!(untagged.message.unwrap().contains("line 1"));
    }

    #[test]
    fn a_missing_image_of_the_exercise_is_not_the_learners_fault() {
        let words = "pull access denied: the image python:3.11-slim is not there";
        let verdict = explained("FROM python:3.11-slim\n", "", words);
        assert_eq!(verdict.status, Status::Error);
        let began = explained(
            "FROM python:3.11-slim\n",
            "Step 1/1 : FROM python:3.11-slim\n",
            "i/o timeout",
        );
        assert_eq!(began.status, Status::Error);
    }

    #[test]
    fn a_full_disk_is_the_engines_fault_unless_the_learners_command_says_it() {
        let step = "Step 2/2 : RUN x\n";
        let text = "FROM python:3.11-slim\nRUN x\n";
        let engine = explained(text, step, "write /x: no space left on device");
        assert_eq!(engine.status, Status::Error);
        let command = explained(
            text,
            step,
            "The command '/bin/sh -c echo no space left on device' returned a non-zero code: 1",
        );
        assert_eq!(command.status, Status::Fail);
        assert!(command.message.unwrap().contains("line 2"));
    }
}
