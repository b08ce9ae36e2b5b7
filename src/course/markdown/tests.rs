//! Properties of every rendered text, and the constructs that study notes use.

use proptest::prelude::*;

use super::*;

fn html(text: &str) -> String {
    render(text, &Options::default())
}

/// Reads the tags of our own output: every `<` in it must begin one, and each opening one must be closed.
fn assert_balanced(html: &str) {
    const VOID: [&str; 4] = ["br", "hr", "img", "input"];
    let mut open = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "in {html}");
        } else {
            let name = tag.split(' ').next().expect("a tag has a name");
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric()),
                "`<{name}` in {html}"
            );
            assert_eq!(tag.matches('"').count() % 2, 0, "quotes of `<{tag}>`");
            if !VOID.contains(&name) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?} left open in {html}");
}

fn assert_safe(html: &str) {
    assert_balanced(html);
    let lower = html.to_lowercase();
    for tag in ["<script", "<iframe", "<object", "<style", "<svg", "<base"] {
        assert!(!lower.contains(tag), "{tag} in {html}");
    }
    for part in html.split('<').skip(1) {
        let tag = part.split('>').next().unwrap_or_default().to_lowercase();
        assert!(!tag.contains(" on"), "an event handler in <{tag}>");
        for attribute in ["href=\"", "src=\""] {
            if let Some((_, value)) = tag.split_once(attribute) {
                let value = value.split('"').next().unwrap_or_default();
                assert_ne!(link::judge(value), link::Target::Refused, "{value}");
            }
        }
    }
}

/// Markdown that is likely to go wrong: pieces of syntax in any order.
fn markdown_soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "> ",
        ">",
        "\n",
        "\n\n",
        "    ",
        "- ",
        "1. ",
        "[!info]",
        "[!faq]-",
        "[!tip]+ ",
        "==",
        "=",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "```sh\n",
        "```predict\n",
        "```exercise\n",
        "```mermaid\n",
        "question: a\n",
        "options:\n",
        "# ",
        "## ",
        "|",
        "|-|-|\n",
        "a | b\n",
        "[^1]",
        "[^1]: ",
        "[a](b)",
        "[a](javascript:x)",
        "![a](b.png)",
        "![a](http://x/y.png)",
        "![",
        "](",
        ")",
        "[",
        "]",
        "<b>",
        "<script>",
        "</div>",
        "<!--",
        "-->",
        "<a@b.c>",
        "<http://x>",
        "&amp;",
        "&#60;",
        "\\",
        "\\=",
        "한글 ",
        "word ",
        "---\n",
        "===\n",
        "- [ ] ",
        "- [x] ",
        "\t",
        "\r\n",
        "\u{0}",
        "\u{202e}",
        "e\u{301}",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_soup_renders_balanced_and_safe(text in markdown_soup()) {
        assert_safe(&html(&text));
    }

    #[test]
    fn any_text_renders_balanced_and_safe(text in "\\PC{0,200}") {
        assert_safe(&html(&text));
    }

    #[test]
    fn a_word_is_never_lost(before in markdown_soup(), after in markdown_soup()) {
        let page = html(&format!("{before}\n\nkeepsake\n\n{after}"));
        assert!(page.contains("keepsake"), "{page}");
    }
}

#[test]
fn deep_nesting_does_not_overflow() {
    for piece in ["> ", "- ", "> [!info] a\n> ", "*", "[", "![", "**a _b "] {
        assert_safe(&html(&piece.repeat(20_000)));
    }
}

#[test]
fn raw_html_is_shown_as_text() {
    let got =
        html("<script>alert(1)</script>\n\na <b onclick=\"x\">b</b>\n\n<img src=x onerror=y>");
    assert!(got.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(got.contains("a &lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt;"));
    assert_safe(&got);
}

#[test]
fn links_are_judged() {
    assert_eq!(
        html("[a](https://example.org \"t\")"),
        "<p><a href=\"https://example.org\" title=\"t\" rel=\"noopener noreferrer\" target=\"_blank\">a</a></p>\n"
    );
    assert_eq!(html("[a](#b)"), "<p><a href=\"#b\">a</a></p>\n");
    let page = render_page("x\n\n[a](javascript:alert(1))", &Options::default());
    assert_eq!(page.html, "<p>x</p>\n<p><span>a</span></p>\n");
    assert_eq!(page.refused[0].0, 3);
    assert_eq!(
        html("<a@b.org>"),
        "<p><a href=\"mailto:a@b.org\" rel=\"noopener noreferrer\" target=\"_blank\">a@b.org</a></p>\n"
    );
}

#[test]
fn pictures_come_from_beside_the_text_only() {
    let options = Options {
        image_base: "/assets/lessons/01/",
        ..Options::default()
    };
    assert_eq!(
        render("![a *stack* of `layers`](stack.svg)", &options),
        "<p><img src=\"/assets/lessons/01/stack.svg\" loading=\"lazy\" alt=\"a stack of layers\"></p>\n"
    );
    let far = render("![a picture](https://example.org/a.png)", &options);
    assert!(!far.contains("<img") && far.contains(">a picture</a>"));
}

#[test]
fn highlights() {
    assert_eq!(
        html("one ==two== three"),
        "<p>one <mark>two</mark> three</p>\n"
    );
    assert_eq!(
        html("==a **b** `c`=="),
        "<p><mark>a <strong>b</strong> <code>c</code></mark></p>\n"
    );
    assert_eq!(
        html("이것은==강조==예요"),
        "<p>이것은<mark>강조</mark>예요</p>\n"
    );
    for plain in [
        "a == b == c",
        "uvicorn==0.17.6 click==8",
        "`==a==`",
        "==open",
        "a === b",
        "\\==a==",
    ] {
        assert!(!html(plain).contains("<mark>"), "{plain}");
    }
    assert!(!html("```text\n==a==\n```").contains("<mark>"));
    assert_eq!(html("*==a* b=="), "<p><em>==a</em> b==</p>\n");
    assert_eq!(html("| ==a== |\n|-|\n| ==b |").matches("<mark>").count(), 1);
}

#[test]
fn tables_tasks_strikes_and_footnotes() {
    let table = html("| a | b |\n|:-|-:|\n| 1 | 2 |");
    assert!(
        table.contains("<th scope=\"col\" class=\"left\">a</th>")
            && table.contains("<td class=\"right\">2</td>")
    );
    assert!(
        html("- [x] done\n- [ ] open")
            .contains("<li><input type=\"checkbox\" disabled checked> done</li>")
    );
    assert!(html("~~old~~").contains("<del>old</del>"));
    let notes = html("one[^a] two[^b] again[^a] none[^c]\n\n[^b]: B\n[^a]: A\n[^z]: Z");
    assert!(
        notes.contains("<a class=\"footnote\" id=\"footnote-ref-1\" href=\"#footnote-1\">1</a>")
    );
    assert!(notes.contains("none[^c]"));
    let order: Vec<_> = ["<p>A", "<p>B", "<p>Z"]
        .iter()
        .map(|text| notes.find(text))
        .collect();
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "{notes}"
    );
}

#[test]
fn headings_have_ids() {
    let page = render_page(
        "# 이미지와 `컨테이너`\n\n## Same\n\n## Same\n\n> # In a quote",
        &Options::default(),
    );
    assert!(
        page.html
            .starts_with("<h1 id=\"이미지와-컨테이너\">이미지와 <code>컨테이너</code></h1>")
    );
    let ids: Vec<_> = page.headings.iter().map(|h| h.id.as_str()).collect();
    assert_eq!(ids, ["이미지와-컨테이너", "same", "same-1", "in-a-quote"]);
}

#[test]
fn an_exercise_has_its_place() {
    assert_eq!(
        html("```exercise\nimages/first\"\n```"),
        "<section class=\"exercise\" data-exercise=\"images/first&quot;\"></section>\n"
    );
}

#[test]
fn front_matter_is_kept_as_a_listing() {
    let got = html("---\ntags: [docker]\n---\n\n# A\n\n---\n\nb: c\n\n---\n");
    assert!(
        got.starts_with("<figure class=\"code\" data-lang=\"yaml\">"),
        "{got}"
    );
    assert_eq!(got.matches("<hr>").count(), 2, "{got}");
}

/// The same constructs as in a study group's notes: callouts in callouts around lists, diagrams and code, a title and
/// a heading in one callout, quotes without a marker, angle brackets, HTML, and code without a language.
const NOTE: &str = include_str!("tests/note.md");

#[test]
fn a_note_is_rendered_without_loss() {
    let page = render_page(NOTE, &Options::default());
    assert_safe(&page.html);
    let mut shown = String::new();
    for part in page.html.split('<') {
        shown.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        shown = shown.replace(entity, c);
    }
    let only_letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let shown = only_letters(&shown);
    for line in NOTE.lines() {
        let line = line.trim_start_matches(['>', ' ', '-', '\t']);
        if line.starts_with("```") {
            continue;
        }
        let line = line
            .strip_prefix("[!")
            .and_then(|rest| rest.split_once(']'))
            .map_or(line, |(_, title)| title);
        assert!(
            shown.contains(&only_letters(line)),
            "`{line}` is lost in {}",
            page.html
        );
    }
    assert_eq!(page.html.matches("<pre class=\"mermaid\">").count(), 2);
    assert_eq!(page.html.matches("<mark>").count(), 2);
    assert_eq!(page.html.matches("<aside class=\"callout").count(), 5);
    assert_eq!(page.html.matches("<details class=\"callout").count(), 1);
}

#[test]
fn stars_that_make_nothing_bold_are_reported() {
    let refused = |text: &str| render_page(text, &Options::default()).refused;
    assert_eq!(refused("a\n\n**이미지(image)**는")[0].0, 3);
    assert_eq!(
        refused("**이미지**(image)는 `**` ok\n\n```text\n**\n```"),
        []
    );
}
