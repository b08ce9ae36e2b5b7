//! Whole texts: several commands, and what stands between them.

use super::about::Answer;
use super::around::{continued, control, different, others, plumbing, prompts};
use super::compare::{compare as compare_one, values};
use super::grammar::{Invocation, parse};
use super::remark::remarks;
use super::script::{self, Script, Step};
use super::sequence::sequence;
use super::slip::{What, shown};
use super::{Fact, FactKind};
use crate::Lang;

/// A longer text is not read.
const MOST_BYTES: usize = dockerfile::MAX_SIZE;

/// More facts than this help nobody.
pub(super) const MOST_FACTS: usize = 50;

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
    facts.truncate(1);
    facts.extend(continued(&given, lang));
    facts.extend(others(&wanted, &given, lang));
    let (want, have) = (invocations(&wanted), invocations(&given));
    facts.extend(sequence(&have, lang));
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
    let (mut prompts, facts) = match all_mistakes(typed, lang) {
        Ok(found) => found,
        Err(fact) => return vec![fact],
    };
    // Who copies one prompt copies them all.
    prompts.truncate(1);
    prompts.extend(facts);
    tidy(prompts)
}

/// The mistakes in what a demand is about; remarks are none. Of several commands that meet it, one without a mistake is enough.
pub(crate) fn mistakes_about(typed: &str, answer: &Answer, lang: Lang) -> Vec<Fact> {
    let (mut all, facts) = match all_mistakes(typed, lang) {
        Ok(found) => found,
        Err(fact) => return vec![fact],
    };
    all.extend(facts);
    all.retain(|fact| fact.kind == FactKind::Mistake);
    all.sort_by_key(|fact| fact.start);
    let mut found = Vec::new();
    for (start, end) in &answer.about {
        let first = all.partition_point(|fact| fact.start < *start);
        let behind = all.partition_point(|fact| fact.start <= *end);
        if answer.missing.is_none() && first == behind {
            return Vec::new();
        }
        found.extend(all[first..behind].iter().take(MOST_FACTS).cloned());
    }
    tidy(found)
}

/// The prompts, and everything else; not sorted.
fn all_mistakes(typed: &str, lang: Lang) -> Result<(Vec<Fact>, Vec<Fact>), Fact> {
    if let Some(fact) = unreadable(typed, lang) {
        return Err(fact);
    }
    let script = read(typed);
    let mut facts = continued(&script, lang);
    let found = invocations(&script);
    facts.extend(sequence(&found, lang));
    for step in script.steps.iter().filter(|step| step.is_docker()) {
        let one = parse(step);
        facts.extend(one.slips.iter().map(|slip| slip.fact(lang)));
        facts.extend(remarks(&one, lang));
    }
    Ok((prompts(&script, lang), facts))
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

pub(super) type Located<'a> = (&'a Step, Invocation);

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
    // What the reference does too is meant so.
    let known: Vec<_> = remarks(want, lang)
        .into_iter()
        .map(|fact| fact.mistake)
        .collect();
    let remarks = remarks(have, lang);
    let remarks = remarks
        .into_iter()
        .filter(|fact| !known.contains(&fact.mistake));
    slips
        .map(|slip| slip.fact(lang))
        .chain(differences)
        .chain(remarks)
        .collect()
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
