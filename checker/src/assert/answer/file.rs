//! `answers.yaml` as the learner left it: read within bounds, wrong ones told with their place.

use dockerfile::{Source, Span};

use super::FILE;
use crate::assert::{Verdict, one_line};
use crate::compose::node::{Node, Value};
use crate::compose::yaml;
use crate::lint::position;
use crate::{Finding, Lang, Position, Severity};

/// Nobody answers with more.
const MOST_BYTES: usize = 64 * 1024;
const MOST_ANSWERS: usize = 50;

/// The answer to one question.
pub(super) struct Given {
    /// One text, or each of a list; none where it is not answered.
    pub(super) texts: Vec<String>,
    start: Position,
    end: Position,
}

impl Given {
    /// The answer cannot be one; where it stands is shown.
    pub(super) fn wrong(&self, message: &str) -> Verdict {
        Verdict::fail_because(message).findings(vec![finding(self.start, self.end, message)])
    }
}

/// Reads the answer to a question. The error is the verdict on a file that cannot be read as answers.
pub(super) fn read(bytes: &[u8], question: &str, lang: Lang) -> Result<Given, Box<Verdict>> {
    if bytes.len() > MOST_BYTES {
        return Err(Box::new(Verdict::fail_because(lang.pick(
            "`answers.yaml`이 64 KiB보다 커서 읽지 않았어요. 답만 남겨 보세요.",
            "`answers.yaml` is larger than 64 KiB and was not read. Leave only the answers in it.",
        ))));
    }
    let source = Source::new(bytes);
    let at = |span: Span, message: &str| {
        finding(
            position(&source, span.start),
            position(&source, span.end),
            message,
        )
    };
    let tree = yaml::read(&source);
    if let Some(problem) = tree.problems.first() {
        let message = unreadable(&problem.kind, lang);
        return Err(Box::new(
            Verdict::fail_because(message.clone()).findings(vec![at(problem.span, &message)]),
        ));
    }
    let root = tree.root.as_ref();
    if let Some(root) = root.filter(|root| !matches!(root.value, Value::Map(_) | Value::Null)) {
        let message = lang.pick(
            "한 줄에 `질문: 답` 모양으로 써야 해요.",
            "Each line must be of the form `question: answer`.",
        );
        return Err(Box::new(
            Verdict::fail_because(message).findings(vec![at(root.span, message)]),
        ));
    }
    let node = root.and_then(|root| root.get(question));
    let span = node.map_or(Span { start: 0, end: 0 }, |node| node.span);
    let given = |texts| Given {
        texts,
        start: position(&source, span.start),
        end: position(&source, span.end),
    };
    match node.map_or(Some(Vec::new()), texts) {
        Some(texts) if texts.len() <= MOST_ANSWERS => Ok(given(texts)),
        _ => Err(Box::new(given(Vec::new()).wrong(lang.pick(
            "답은 낱말 하나이거나 낱말의 목록이어야 해요.",
            "An answer is one word, or a list of words.",
        )))),
    }
}

/// The texts of an answer; nothing for one that cannot be one. An empty text is no answer.
fn texts(node: &Node) -> Option<Vec<String>> {
    let texts: Vec<String> = match &node.value {
        Value::Null => Vec::new(),
        Value::Scalar(text, _) => vec![text.clone()],
        Value::List(items) => items
            .iter()
            .map(|item| item.text().map(str::to_owned))
            .collect::<Option<_>>()?,
        Value::Map(_) => return None,
    };
    Some(texts.into_iter().filter(|t| !t.trim().is_empty()).collect())
}

fn unreadable(kind: &yaml::ProblemKind, lang: Lang) -> String {
    use yaml::ProblemKind as Kind;
    let (ko, en) = match kind {
        Kind::DuplicateKey { key, .. } => {
            let key = one_line(key);
            return match lang {
                Lang::Ko => format!("`{key}`의 답이 두 번 있어요. 하나만 남기세요."),
                Lang::En => format!("`{key}` is answered twice. Leave one of the two."),
            };
        }
        Kind::Tab => (
            "탭 문자가 있어요. YAML에서는 들여쓰기에 공백을 써요.",
            "There is a tab. YAML indents with blanks.",
        ),
        Kind::OpenQuote => ("따옴표가 닫히지 않았어요.", "A quote is never closed."),
        Kind::OpenBracket => ("괄호가 닫히지 않았어요.", "A bracket is never closed."),
        Kind::NotText => (
            "글자가 아닌 것이 들어 있어요. 파일을 UTF-8로 저장해 보세요.",
            "Something here is not text. Save the file as UTF-8.",
        ),
        Kind::TooLarge | Kind::TooDeep | Kind::TooMany | Kind::Endless => (
            "답이 너무 크거나 깊어서 읽지 않았어요. `질문: 답`만 남겨 보세요.",
            "This is too large or too deep to be answers. Leave only lines of `question: answer`.",
        ),
        _ => (
            "YAML로 읽을 수 없어요. 한 줄에 `질문: 답` 모양이고, 콜론 뒤에 공백이 있어요.",
            "This cannot be read as YAML. A line is `question: answer`, with a blank after the colon.",
        ),
    };
    lang.pick(ko, en).to_owned()
}

fn finding(start: Position, end: Position, message: &str) -> Finding {
    Finding {
        rule: "answers-file".to_owned(),
        aliases: Vec::new(),
        severity: Severity::Error,
        message: message.to_owned(),
        why: String::new(),
        mistake: None,
        file: FILE.to_owned(),
        start,
        end,
        fix: None,
    }
}
