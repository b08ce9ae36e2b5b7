//! What a learner reads about a step's fate.

use super::{Builder, Fate, Reason, Step};
use crate::Lang;

/// The most files that are named in one sentence.
const NAMED: usize = 3;

impl Fate {
    /// One or two words for a table.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Fate::Reused => lang.pick("재사용", "reused"),
            Fate::Rebuilt => lang.pick("다시 빌드", "rebuilt"),
            Fate::Depends => lang.pick("내용에 따라", "depends"),
            Fate::Setting => lang.pick("설정만", "setting"),
            Fate::NotBuilt => lang.pick("빌드 안 함", "not built"),
            Fate::Fails => lang.pick("실패", "fails"),
            Fate::Unknown => lang.pick("알 수 없음", "unknown"),
        }
    }
}

impl Builder {
    /// The builder's name.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Builder::Classic => lang.pick("클래식 빌더", "the classic builder"),
            Builder::Buildkit => "BuildKit",
        }
    }
}

impl Step {
    /// Why the step has its fate, in one or two sentences.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => korean(self),
            Lang::En => english(self),
        }
    }
}

fn korean(step: &Step) -> String {
    match &step.reason {
        Reason::Same => "이 단계가 보는 것 가운데 바뀐 것이 없어요.".to_owned(),
        Reason::Instruction { before: None } => "전에는 없던 명령이에요.".to_owned(),
        Reason::Instruction { before: Some(text) } => {
            format!(
                "명령이 바뀌었어요. 이 자리에 전에는 `{}`이(가) 있었어요.",
                short(text)
            )
        }
        Reason::Files {
            changed,
            added,
            removed,
        } => {
            let mut parts = Vec::new();
            for (files, what) in [(changed, "바뀜"), (added, "새로 생김"), (removed, "없어짐")]
            {
                if !files.is_empty() {
                    parts.push(format!("{} {what}", list(files, Lang::Ko)));
                }
            }
            let note = if only_dockerfile(changed, added, removed) {
                " Dockerfile도 컨텍스트의 파일이라서 함께 복사돼요. 이미지에 필요 없다면 `.dockerignore`에 적어 보세요."
            } else {
                ""
            };
            format!("복사하는 파일이 달라졌어요: {}.{note}", parts.join(", "))
        }
        Reason::Earlier { step } => {
            format!("앞의 {step}단계를 다시 빌드하므로, 그 위에 쌓이는 이 단계도 다시 빌드해요.")
        }
        Reason::Stage { stage } if step.fate == Fate::Depends => format!(
            "`{stage}` 스테이지를 다시 빌드해요. 거기서 가져오는 파일이 전과 똑같이 나오면 재사용하고, 다르면 다시 빌드해요."
        ),
        Reason::Stage { stage } => format!("바탕이 되는 `{stage}` 스테이지를 다시 빌드해요."),
        Reason::Base {
            before: Some(before),
        } => {
            format!("베이스 이미지가 바뀌었어요(전에는 `{before}`).")
        }
        Reason::Base { before: None } => "새 스테이지예요.".to_owned(),
        Reason::Argument {
            name,
            before,
            after,
        } => format!(
            "이 단계가 쓰는 빌드 인자 `{name}`의 값이 {}에서 {}(으)로 바뀌었어요.",
            value(before.as_deref(), Lang::Ko),
            value(after.as_deref(), Lang::Ko)
        ),
        Reason::Setting { name } => {
            format!("이 명령이 실행될 때의 설정 `{name}`이(가) 바뀌었어요.")
        }
        Reason::OnlySetting => {
            "이미지에 설정만 적어요. 빌더가 보관하거나 다시 실행할 것이 없어요.".to_owned()
        }
        Reason::Unneeded => "빌드하려는 스테이지에 필요 없어서 빌드하지 않아요.".to_owned(),
        Reason::Remote { url } => format!(
            "`{url}`에서 무엇을 받을지 미리 알 수 없어요. 전과 같은 파일을 받으면 재사용해요."
        ),
        Reason::NeedsBuildkit { what } => {
            format!("`{what}`은(는) BuildKit에서만 쓸 수 있어요. 클래식 빌더는 여기서 멈춰요.")
        }
        Reason::Missing { path } => format!(
            "`{path}`에 맞는 파일을 빌드에서 찾을 수 없어요. 컨텍스트에 있는지, `.dockerignore`에 걸리지 않는지 확인해 보세요."
        ),
        Reason::AfterFailure { step } => format!("{step}단계에서 빌드가 멈춰요."),
        Reason::AfterUnknown { step } => {
            format!("{step}단계의 결과를 알 수 없어서 이 단계도 알 수 없어요.")
        }
    }
}

fn english(step: &Step) -> String {
    match &step.reason {
        Reason::Same => "Nothing that this step looks at has changed.".to_owned(),
        Reason::Instruction { before: None } => "This instruction was not there before.".to_owned(),
        Reason::Instruction { before: Some(text) } => {
            format!(
                "The instruction has changed; `{}` stood here before.",
                short(text)
            )
        }
        Reason::Files {
            changed,
            added,
            removed,
        } => {
            let mut parts = Vec::new();
            for (files, what) in [(changed, "changed"), (added, "new"), (removed, "gone")] {
                if !files.is_empty() {
                    parts.push(format!("{} ({what})", list(files, Lang::En)));
                }
            }
            let note = if only_dockerfile(changed, added, removed) {
                " The Dockerfile is a file of the context, too, and is copied with it. If the image does not need it, list it in `.dockerignore`."
            } else {
                ""
            };
            format!(
                "The files that it copies are others: {}.{note}",
                parts.join(", ")
            )
        }
        Reason::Earlier { step } => {
            format!("Step {step} is rebuilt, and this step stands on it.")
        }
        Reason::Stage { stage } if step.fate == Fate::Depends => format!(
            "The stage `{stage}` is rebuilt. If the files that come from there are the same as before, this step is reused, else rebuilt."
        ),
        Reason::Stage { stage } => {
            format!("The stage `{stage}`, on which this one stands, is rebuilt.")
        }
        Reason::Base {
            before: Some(before),
        } => {
            format!("The base image is another one; it was `{before}`.")
        }
        Reason::Base { before: None } => "This stage is new.".to_owned(),
        Reason::Argument {
            name,
            before,
            after,
        } => format!(
            "The build argument `{name}`, which it uses, was {} and is {} now.",
            value(before.as_deref(), Lang::En),
            value(after.as_deref(), Lang::En)
        ),
        Reason::Setting { name } => {
            format!("`{name}`, under which this command runs, has changed.")
        }
        Reason::OnlySetting => {
            "It only writes a setting into the image; there is nothing to keep or to run again."
                .to_owned()
        }
        Reason::Unneeded => "The stage that you build does not need it.".to_owned(),
        Reason::Remote { url } => format!(
            "What `{url}` will answer is not known. If it is the same file as before, the step is reused."
        ),
        Reason::NeedsBuildkit { what } => {
            format!("`{what}` works with BuildKit only; the classic builder stops here.")
        }
        Reason::Missing { path } => format!(
            "The build sees no file for `{path}`. Is it in the context, and does `.dockerignore` leave it in?"
        ),
        Reason::AfterFailure { step } => format!("The build stops at step {step}."),
        Reason::AfterUnknown { step } => {
            format!("Step {step} cannot be foreseen, so neither can this one.")
        }
    }
}

fn only_dockerfile(changed: &[String], added: &[String], removed: &[String]) -> bool {
    let name = |path: &String| {
        path.rsplit('/')
            .next()
            .is_some_and(|name| name == "Dockerfile")
    };
    added.is_empty() && removed.is_empty() && changed.iter().all(name)
}

fn list(files: &[String], lang: Lang) -> String {
    let named: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|file| format!("`{file}`"))
        .collect();
    let rest = files.len().saturating_sub(NAMED);
    match (rest, lang) {
        (0, _) => named.join(", "),
        (rest, Lang::Ko) => format!("{} 외 {rest}개", named.join(", ")),
        (rest, Lang::En) => format!("{} and {rest} more", named.join(", ")),
    }
}

fn value(value: Option<&str>, lang: Lang) -> String {
    match value {
        Some(value) => format!("`{}`", short(value)),
        None => lang.pick("값 없음", "not set").to_owned(),
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
