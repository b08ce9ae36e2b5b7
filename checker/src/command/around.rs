//! What stands around the commands of Docker in a text: other programs, pipes, loops, prompts.

use super::script::{Script, Step};
use super::slip::cut;
use super::steps::MOST_FACTS;
use super::{Fact, FactKind};
use crate::Lang;

/// Programs that change nothing a command for Docker depends on.
const HARMLESS: [&str; 12] = [
    "echo", "printf", "ls", "cat", "pwd", "clear", "true", "sleep", "date", "whoami", "mkdir",
    "touch",
];

/// Commands of other programs: what the reference has too is compared as it stands; the rest is not judged.
pub(super) fn others(wanted: &Script, given: &Script, lang: Lang) -> Vec<Fact> {
    let text =
        |step: &Step| -> Vec<String> { step.words.iter().map(|word| word.text.clone()).collect() };
    let of = |script: &'_ Script| -> Vec<Step> {
        let steps = script
            .steps
            .iter()
            .filter(|step| !step.is_docker() && !step.inner);
        steps.cloned().collect()
    };
    let mut facts = Vec::new();
    let (mut wanted, given) = (of(wanted), of(given));
    wanted.retain(|step| step.plumbing || !is_harmless(step));
    let mut next = wanted.iter().peekable();
    for step in &given {
        if next.next_if(|want| text(want) == text(step)).is_some()
            || (is_harmless(step) && !step.plumbing)
        {
            continue;
        }
        let program = cut(step.program());
        let near = dockerfile::distance(&program, "docker", 2).is_some();
        let (start, end) = if near {
            (step.words[0].start, step.words[0].end)
        } else {
            step.range()
        };
        facts.push(Fact {
            kind: if near {
                FactKind::Mistake
            } else {
                FactKind::Unjudged
            },
            mistake: None,
            start,
            end,
            message: match (near, lang) {
                (true, Lang::Ko) => format!("`{program}` 프로그램은 없어요. 혹시 `docker`인가요?"),
                (true, Lang::En) => {
                    format!("There is no program `{program}`. Did you mean `docker`?")
                }
                (false, Lang::Ko) => format!(
                    "`{program}` 명령은 docker 명령이 아니라서 무엇을 바꾸는지 판단할 수 없어요."
                ),
                (false, Lang::En) => {
                    format!("`{program}` is no docker command; what it changes cannot be judged.")
                }
            },
        });
        if facts.len() > MOST_FACTS {
            break;
        }
    }
    if facts.is_empty() {
        let end = given.last().map_or((0, 0), Step::range);
        facts.extend(next.map(|want| {
            let command = cut(&text(want).join(" "));
            different(
                end,
                match lang {
                    Lang::Ko => format!("`{command}` 명령이 빠져 있어요."),
                    Lang::En => format!("The command `{command}` is missing."),
                },
            )
        }));
    }
    facts
}

pub(super) fn different((start, end): (usize, usize), message: String) -> Fact {
    Fact {
        kind: FactKind::Different,
        mistake: None,
        start,
        end,
        message,
    }
}

/// Each prompt that was copied along.
pub(super) fn prompts(script: &Script, lang: Lang) -> Vec<Fact> {
    script
        .prompts
        .iter()
        .map(|(start, end)| Fact {
            kind: FactKind::Mistake,
            mistake: None,
            start: *start,
            end: *end,
            message: lang
                .pick(
                    "`$` 기호는 셸이 보여 주는 프롬프트예요. 명령에는 넣지 않아요.",
                    "`$` is the shell's prompt and no part of the command.",
                )
                .to_owned(),
        })
        .collect()
}

pub(super) fn control((start, end): (usize, usize), lang: Lang) -> Fact {
    Fact {
        kind: FactKind::Unjudged,
        mistake: None,
        start,
        end,
        message: lang
            .pick(
                "반복문이나 조건문은 실행해 보아야 알 수 있어서 판단하지 않았어요. 명령을 한 줄씩 써 보세요.",
                "A loop or condition is known only when it is run, so this is not judged. Write the commands one by one.",
            )
            .to_owned(),
    }
}

pub(super) fn plumbing((start, end): (usize, usize), lang: Lang) -> Fact {
    Fact {
        kind: FactKind::Unjudged,
        mistake: None,
        start,
        end,
        message: lang
            .pick(
                "파이프(`|`), 파일로 보내기(`>`), 백그라운드(`&`)가 무엇을 바꾸는지는 판단할 수 없어요.",
                "What a pipe (`|`), a file (`>`) or the background (`&`) changes here cannot be judged.",
            )
            .to_owned(),
    }
}

fn is_harmless(step: &Step) -> bool {
    // A variable that the CLI itself reads is no longer harmless.
    let plain = |word: &str| {
        word.contains('=') && !word.starts_with("DOCKER") && !word.starts_with("COMPOSE")
    };
    HARMLESS.contains(&step.program())
        || (step.program() == "export" && step.words[1..].iter().all(|word| plain(&word.text)))
}

/// Lines that are continued as PowerShell or cmd do it. They are read as meant.
pub(super) fn continued(script: &Script, lang: Lang) -> Vec<Fact> {
    script
        .continued
        .iter()
        .take(1)
        .map(|(at, sign)| {
            let shell = if *sign == '^' { "cmd" } else { "PowerShell" };
            Fact {
                kind: FactKind::Note,
                mistake: None,
                start: *at,
                end: at + 1,
                message: match lang {
                    Lang::Ko => format!("줄 끝의 `{sign}` 기호는 {shell}에서 다음 줄로 이어 쓰는 방법이에요. 여기 터미널의 셸에서는 역슬래시(`\\`)를 써요."),
                    Lang::En => format!("`{sign}` at the end of a line continues it in {shell}. In this terminal's shell it is a backslash, `\\`."),
                },
            }
        })
        .collect()
}
