//! Whole texts: several commands, and what stands between them.

use super::compare::{compare as compare_one, values};
use super::grammar::{Invocation, parse};
use super::script::{self, Script, Step};
use super::slip::{What, cut, shown};
use super::{Fact, FactKind};
use crate::Lang;

/// A longer text is not read.
const MOST_BYTES: usize = dockerfile::MAX_SIZE;

/// More facts than this help nobody.
const MOST_FACTS: usize = 50;

/// Programs that change nothing a command for Docker depends on.
const HARMLESS: [&str; 12] = [
    "echo", "printf", "ls", "cat", "pwd", "clear", "true", "sleep", "date", "whoami", "mkdir",
    "touch",
];

/// How a typed text differs from a reference; nothing where both mean the same.
pub fn compare(reference: &str, typed: &str, lang: Lang) -> Vec<Fact> {
    if let Some(fact) = unreadable(typed, lang) {
        return vec![fact];
    }
    let (wanted, given) = (read(reference), read(typed));
    if let Some(at) = given.control {
        return vec![control(at, lang)];
    }
    let mut facts = prompts(&given, lang);
    facts.extend(others(&wanted, &given, lang));
    let (want, have) = (invocations(&wanted), invocations(&given));
    facts.extend(container_names(&have, lang));
    for (want, have) in align(&want, &have) {
        match (want, have) {
            (Some((want_step, want)), Some((have_step, have))) => {
                if want_step.plumbing == have_step.plumbing {
                    facts.extend(pair(want, have, lang));
                } else {
                    facts.push(plumbing(have_step.range(), lang));
                }
            }
            (Some((_, want)), None) => {
                let name = shown(want.command.path);
                facts.push(different(
                    (typed.len(), typed.len()),
                    match lang {
                        Lang::Ko => format!("`{name}` 명령이 빠져 있어요."),
                        Lang::En => format!("The command `{name}` is missing."),
                    },
                ));
            }
            (None, Some((step, have))) => {
                let name = shown(have.command.path);
                facts.extend(have.slips.iter().map(|slip| slip.fact(lang)));
                facts.push(different(
                    step.range(),
                    match lang {
                        Lang::Ko => format!("`{name}` 명령은 여기에 필요하지 않아요."),
                        Lang::En => format!("The command `{name}` is not expected here."),
                    },
                ));
            }
            (None, None) => {}
        }
    }
    // What is only remarkable is told where it may be the reason for something else.
    if facts.iter().all(|fact| fact.kind == FactKind::Note) {
        facts.clear();
    }
    tidy(facts)
}

/// What is wrong in a text by itself.
pub fn mistakes(typed: &str, lang: Lang) -> Vec<Fact> {
    if let Some(fact) = unreadable(typed, lang) {
        return vec![fact];
    }
    let script = read(typed);
    let mut facts = prompts(&script, lang);
    let found = invocations(&script);
    facts.extend(container_names(&found, lang));
    for step in script.steps.iter().filter(|step| step.is_docker()) {
        facts.extend(parse(step).slips.iter().map(|slip| slip.fact(lang)));
    }
    tidy(facts)
}

/// A text with what the shell would replace by a command's output in one form.
pub(super) fn read(text: &str) -> Script {
    let mut script = script::read(text);
    for step in script.steps.iter_mut().filter(|step| !step.inner) {
        for word in step.words.iter_mut().filter(|word| word.unknown) {
            if let Some(form) = substitution(&word.text) {
                word.text = form;
            }
        }
    }
    script
}

/// `$(docker ps -aq)` in one form for all ways to write it.
fn substitution(text: &str) -> Option<String> {
    let inside = text
        .strip_prefix("$(")
        .and_then(|rest| rest.strip_suffix(')'))
        .or_else(|| {
            text.strip_prefix('`')
                .and_then(|rest| rest.strip_suffix('`'))
        })?;
    let script = script::read(inside);
    let [step] = script.steps.as_slice() else {
        return None;
    };
    if !step.is_docker() || step.plumbing || script.control.is_some() {
        return None;
    }
    let found = parse(step);
    if !found.slips.is_empty() {
        return None;
    }
    let args: Vec<&str> = found.args.iter().map(|arg| arg.text.as_str()).collect();
    let flags: Vec<String> = values(&found)
        .into_iter()
        .flat_map(|((owner, subject), values)| {
            let mut forms: Vec<String> = values.into_iter().map(|(form, _)| form).collect();
            forms.sort();
            forms
                .into_iter()
                .map(move |form| format!("{owner} {subject}={form}"))
        })
        .collect();
    Some(format!(
        "$({} {} {})",
        found.command.path,
        flags.join(" "),
        args.join(" ")
    ))
}

pub(super) fn invocations(script: &Script) -> Vec<(&Step, Invocation)> {
    script
        .steps
        .iter()
        .filter(|step| step.is_docker() && !step.inner)
        .map(|step| (step, parse(step)))
        .collect()
}

type Located<'a> = (&'a Step, Invocation);

/// Which command of the typed text answers which of the reference: by place, or else by name and order.
fn align<'a>(
    want: &'a [Located<'a>],
    have: &'a [Located<'a>],
) -> Vec<(Option<&'a Located<'a>>, Option<&'a Located<'a>>)> {
    if want.len() == have.len() {
        return want
            .iter()
            .zip(have)
            .map(|(a, b)| (Some(a), Some(b)))
            .collect();
    }
    let mut pairs = Vec::new();
    let mut from = 0;
    for one in want {
        let path = one.1.command.path;
        match (from..have.len()).find(|at| have[*at].1.command.path == path) {
            Some(at) => {
                pairs.extend(have[from..at].iter().map(|extra| (None, Some(extra))));
                pairs.push((Some(one), Some(&have[at])));
                from = at + 1;
            }
            None => pairs.push((Some(one), None)),
        }
    }
    pairs.extend(have[from..].iter().map(|extra| (None, Some(extra))));
    pairs
}

/// Two commands, and the slips of the typed one.
fn pair(want: &Invocation, have: &Invocation, lang: Lang) -> Vec<Fact> {
    let lost = |what: &What| matches!(what, What::UnknownCommand { .. } | What::NotCovered(_));
    let explains = |what: &What| {
        matches!(what, What::RunForBuild | What::ExecConfig)
            || matches!(
                what,
                What::UnknownLetter {
                    letter: 'f',
                    command: "container run",
                    ..
                }
            )
    };
    let same = want.command.path == have.command.path;
    let skip = have.slips.iter().any(|slip| lost(&slip.what))
        || (!same && have.slips.iter().any(|slip| explains(&slip.what)));
    let differences = if skip {
        Vec::new()
    } else {
        compare_one(want, have, lang)
    };
    let told = same && !differences.is_empty();
    let slips = have
        .slips
        .iter()
        .filter(|slip| !(told && matches!(slip.what, What::TooFew { .. } | What::TooMany { .. })));
    slips
        .map(|slip| slip.fact(lang))
        .chain(differences)
        .collect()
}

/// A container that the same text has named is no image.
fn container_names(found: &[Located<'_>], lang: Lang) -> Vec<Fact> {
    let mut names: std::collections::HashSet<&str> = std::collections::HashSet::new();
    let mut facts = Vec::new();
    for (_, one) in found {
        let path = one.command.path;
        if matches!(path, "image rm" | "container run") {
            let images = if path == "container run" {
                1
            } else {
                one.args.len()
            };
            for arg in one
                .args
                .iter()
                .take(images)
                .filter(|arg| names.contains(arg.text.as_str()))
            {
                let name = cut(&arg.text);
                let (mistake, message) = match (path, lang) {
                    ("image rm", Lang::Ko) => (
                        "rmi-container-name",
                        format!(
                            "`{name}` 이름은 앞에서 컨테이너에 붙인 이름인데, `docker rmi` 명령은 이미지를 받아요."
                        ),
                    ),
                    ("image rm", Lang::En) => (
                        "rmi-container-name",
                        format!("`{name}` names a container; `docker rmi` takes an image."),
                    ),
                    (_, Lang::Ko) => (
                        "run-container-id",
                        format!(
                            "`{name}` 이름은 앞에서 컨테이너에 붙인 이름인데, `docker run` 명령은 이미지를 받아 새 컨테이너를 만들어요."
                        ),
                    ),
                    (_, Lang::En) => (
                        "run-container-id",
                        format!(
                            "`{name}` names a container; `docker run` takes an image and makes a new container."
                        ),
                    ),
                };
                facts.push(Fact {
                    kind: FactKind::Mistake,
                    mistake: Some(mistake),
                    start: arg.start,
                    end: arg.end,
                    message,
                });
            }
        }
        if matches!(path, "container run" | "container create") {
            // An image of the same name may be there; only a name that differs from the image is sure.
            let image = one.args.first().map(|arg| arg.text.as_str());
            let named = one
                .flags
                .iter()
                .filter(|given| given.flag.long == "name" && !given.unknown);
            names.extend(
                named
                    .map(|given| given.value.as_str())
                    .filter(|name| Some(*name) != image),
            );
        }
        if matches!(path, "image build" | "image tag") {
            let made = one.flags.iter().filter(|given| given.flag.long == "tag");
            let made = made.map(|given| given.value.as_str());
            for name in made.chain(one.args.iter().map(|arg| arg.text.as_str())) {
                names.remove(name);
            }
        }
    }
    facts
}

/// Commands of other programs: what the reference has too is compared as it stands; the rest is not judged.
fn others(wanted: &Script, given: &Script, lang: Lang) -> Vec<Fact> {
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
    wanted.retain(|step| step.plumbing || !HARMLESS.contains(&step.program()));
    let mut next = wanted.iter().peekable();
    for step in &given {
        if next.next_if(|want| text(want) == text(step)).is_some()
            || (HARMLESS.contains(&step.program()) && !step.plumbing)
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

fn different((start, end): (usize, usize), message: String) -> Fact {
    Fact {
        kind: FactKind::Different,
        mistake: None,
        start,
        end,
        message,
    }
}

fn prompts(script: &Script, lang: Lang) -> Vec<Fact> {
    script
        .prompts
        .iter()
        .take(1)
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

fn control((start, end): (usize, usize), lang: Lang) -> Fact {
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

fn plumbing((start, end): (usize, usize), lang: Lang) -> Fact {
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

/// A text that is not read at all.
pub(super) fn unreadable(text: &str, lang: Lang) -> Option<Fact> {
    let fact = |start, end, ko: &str, en: &str| Fact {
        kind: FactKind::Mistake,
        mistake: None,
        start,
        end,
        message: lang.pick(ko, en).to_owned(),
    };
    if text.len() > MOST_BYTES {
        return Some(fact(
            0,
            0,
            "글이 1 MiB보다 커서 읽지 않았어요.",
            "The text is larger than 1 MiB and is not read.",
        ));
    }
    let nul = text.find('\0')?;
    Some(fact(
        nul,
        nul + 1,
        "NUL 문자가 들어 있어요. 명령은 글자로만 써요.",
        "There is a NUL character. A command is text only.",
    ))
}

/// In the order of the text, each once; what the same slip causes is told once.
fn tidy(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_by(|a, b| {
        (a.start, a.end, a.kind, &a.message).cmp(&(b.start, b.end, b.kind, &b.message))
    });
    facts.dedup_by(|a, b| {
        (a.start, a.end) == (b.start, b.end)
            && (a.message == b.message || (a.mistake.is_some() && a.mistake == b.mistake))
    });
    facts.truncate(MOST_FACTS);
    facts
}
