//! The chapters: the lessons, and what is gathered from them and from the checker's rules.

use checker::lint::{RULES, Rule};
use checker::{Lang, Severity};

use super::{assets, exercises, page};
use crate::course::markdown::{self, Options};
use crate::course::{Course, Lesson};

/// One page of the book.
pub(super) struct Chapter {
    /// `NAME.md`; the page is `NAME.html`.
    pub(super) file: String,
    /// In the table of contents.
    pub(super) title: String,
    /// Whether it is one of the numbered lessons.
    pub(super) numbered: bool,
    /// Its text.
    pub(super) markdown: String,
}

/// Everything in reading order.
pub(super) fn all(course: &Course, lang: Lang) -> Vec<Chapter> {
    let mut chapters = vec![welcome(course, lang)];
    chapters.extend(course.lessons().iter().map(|it| lesson(course, it, lang)));
    chapters.push(extra(
        "glossary",
        lang.pick("용어집", "Glossary"),
        || markdown::render(assets::glossary(lang), &options(lang)),
    ));
    chapters.push(extra(
        "mistakes",
        lang.pick("실수 모음", "Glossary of mistakes"),
        || mistakes(lang),
    ));
    chapters.push(extra(
        "cheat-sheets",
        lang.pick("치트 시트 모음", "Cheat sheets"),
        || cheat_sheets(course, lang),
    ));
    chapters.push(extra(
        "rules",
        lang.pick("규칙 목록", "Rule reference"),
        || rules(lang),
    ));
    chapters.push(extra(
        "groups",
        lang.pick("그룹을 위해", "For groups"),
        || markdown::render(assets::groups(lang), &options(lang)),
    ));
    chapters.push(extra(
        "facilitator",
        lang.pick("진행하는 사람에게", "For facilitators"),
        || markdown::render(assets::facilitator(lang), &options(lang)),
    ));
    chapters.push(extra(
        "own-note",
        lang.pick("내 노트 쓰기", "Write your own note"),
        || markdown::render(assets::own_note(lang), &options(lang)),
    ));
    chapters
}

fn options(lang: Lang) -> Options<'static> {
    Options {
        lang,
        ..Options::default()
    }
}

fn extra(name: &str, title: &str, html: impl FnOnce() -> String) -> Chapter {
    Chapter {
        file: format!("{name}.md"),
        title: title.to_owned(),
        numbered: false,
        markdown: format!("# {title}\n\n{}", page::markdown(&html())),
    }
}

fn welcome(course: &Course, lang: Lang) -> Chapter {
    let title = lang.pick("이 책에 대하여", "About this book");
    let mut html = markdown::render(assets::welcome(lang), &options(lang));
    html.push_str("<ol class=\"lessons\">\n");
    for lesson in course.lessons() {
        html.push_str(&format!("<li><a href=\"{}.html\">", lesson.id));
        markdown::escape(lesson.title.get(lang), &mut html);
        html.push_str("</a> <span class=\"about\">");
        html.push_str(&format!("{} {}", lesson.minutes, lang.pick("분", "min")));
        html.push_str("</span><br>");
        markdown::escape(lesson.summary.get(lang), &mut html);
        html.push_str("</li>\n");
    }
    html.push_str("</ol>\n");
    Chapter {
        file: "index.md".to_owned(),
        title: title.to_owned(),
        numbered: false,
        markdown: format!("# {title}\n\n{}", page::markdown(&html)),
    }
}

fn lesson(course: &Course, lesson: &Lesson, lang: Lang) -> Chapter {
    let html = lesson.page(lang).with_exercises(|id| {
        course
            .exercise(id)
            .map(|exercise| exercises::html(exercise, lang))
            .unwrap_or_default()
    });
    Chapter {
        file: format!("{}.md", lesson.id),
        title: lesson.title.get(lang).to_owned(),
        numbered: true,
        // A link to another lesson leads to its page in this book.
        markdown: page::markdown(&html.replace(
            &format!("href=\"/{}/lessons/", lang.pick("ko", "en")),
            "href=\"",
        )),
    }
}

/// The last part of each lesson that has a cheat sheet, found by its English heading; both languages stand in parity.
fn cheat_sheets(course: &Course, lang: Lang) -> String {
    let mut html = String::new();
    for lesson in course.lessons() {
        let english = &lesson.page(Lang::En).headings;
        let Some(at) = english
            .iter()
            .position(|heading| heading.text == "Cheat sheet")
        else {
            continue;
        };
        let Some(heading) = lesson.page(lang).headings.get(at) else {
            continue;
        };
        let start = format!("<h2 id=\"{}\">", heading.id);
        let Some((_, rest)) = lesson.page(lang).html.split_once(&start) else {
            continue;
        };
        let rest = rest.split_once("</h2>").map_or("", |(_, rest)| rest);
        // The table only: what follows it leads on to the next lesson.
        let table = rest.split_once("</table>").map_or(rest, |(table, _)| table);
        html.push_str(&format!("<h2 id=\"{}\"><a href=\"{0}.html\">", lesson.id));
        markdown::escape(lesson.title.get(lang), &mut html);
        html.push_str("</a></h2>\n");
        html.push_str(table);
        html.push_str("</table></div>\n");
    }
    html
}

/// The study notes' mistakes, each with the rule that sees it.
fn mistakes(lang: Lang) -> String {
    let mut html = inline(
        lang.pick(
            "스터디 노트에서 실제로 나온 실수예요. 검사기는 이 실수를 보면 이름을 말하고, 줄을 가리키고, 까닭을 설명해요.",
            "These mistakes come from real study notes. Where the checker sees one, it names it, shows the line, and says why.",
        ),
        lang,
    );
    for rule in RULES {
        let Some(mistake) = rule.mistake else {
            continue;
        };
        html.push_str(&format!(
            "<h2 id=\"{mistake}\">{}</h2>\n",
            heading(rule.title.get(lang))
        ));
        html.push_str(&inline(rule.why.get(lang), lang));
        html.push_str(&sample(
            lang.pick("이렇게 적으면", "Written so"),
            rule.bad.first(),
        ));
        html.push_str(&sample(
            lang.pick("이렇게 고쳐요", "Mended"),
            rule.good.first(),
        ));
        html.push_str(&format!(
            "<p class=\"about\"><a href=\"rules.html#{}\">{}</a></p>\n",
            rule.id, rule.id
        ));
    }
    html
}

fn rules(lang: Lang) -> String {
    let mut html = inline(
        lang.pick(
            "`docktutor lint`가 찾아내는 것 모두예요. 한 줄 위에 `# docktutor ignore=규칙` 주석을 달면 그 줄에서는 쉬어요.",
            "Everything that `docktutor lint` can find. A comment `# docktutor ignore=RULE` above a line switches a rule off there.",
        ),
        lang,
    );
    for rule in RULES {
        html.push_str(&rule_html(rule, lang));
    }
    html
}

fn rule_html(rule: &Rule, lang: Lang) -> String {
    let severity = match rule.severity {
        Severity::Error => lang.pick("오류", "error"),
        Severity::Warning => lang.pick("경고", "warning"),
        Severity::Info => lang.pick("참고", "info"),
    };
    let mut about = vec![severity.to_owned()];
    if !rule.on {
        about.push(lang.pick("처음에는 꺼져 있음", "off by default").to_owned());
    }
    about.extend(rule.aliases.iter().map(|alias| (*alias).to_owned()));
    let mut html = format!(
        "<h2 id=\"{0}\">{0}: {1}</h2>\n",
        rule.id,
        heading(rule.title.get(lang))
    );
    html.push_str(&format!("<p class=\"about\">{}</p>\n", about.join(" · ")));
    html.push_str(&inline(rule.what.get(lang), lang));
    html.push_str(&inline(rule.why.get(lang), lang));
    html.push_str(&sample(lang.pick("나쁜 예", "Bad"), rule.bad.first()));
    html.push_str(&sample(lang.pick("좋은 예", "Good"), rule.good.first()));
    html
}

/// A few words of Markdown as the content of a heading.
fn heading(text: &str) -> String {
    let html = markdown::render(text, &Options::default());
    let html = html.trim();
    html.strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"))
        .unwrap_or(html)
        .replace('\n', " ")
}

fn inline(text: &str, lang: Lang) -> String {
    markdown::render(text, &options(lang))
}

/// A listing; the marks around what is wrong become `<mark>`.
fn sample(caption: &str, text: Option<&&str>) -> String {
    let Some(text) = text.filter(|text| text.len() < 2000) else {
        return String::new();
    };
    let mut code = String::new();
    markdown::escape(text, &mut code);
    let code = code.replace('⟦', "<mark>").replace('⟧', "</mark>");
    format!(
        "<figure class=\"code\"><figcaption>{caption}</figcaption><pre><code class=\"nohighlight\">{code}</code></pre></figure>\n"
    )
}
