//! A rendered page as mdBook takes it: its headings in Markdown, everything between them as blocks of HTML.
//!
//! mdBook makes its table of contents and its anchors from Markdown headings. A block of HTML ends at the first blank
//! line, so blank lines are taken out of it; those inside `<pre>` are written as character references.

/// The page as Markdown.
pub(super) fn markdown(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 256);
    let mut block = String::new();
    let mut rest = html;
    while let Some((before, level, id, title, after)) = next_heading(rest) {
        block.push_str(before);
        push_block(&block, &mut out);
        block.clear();
        let marks = "#".repeat(level);
        out.push_str(&format!("{marks} {} {{#{id}}}\n\n", title.trim()));
        rest = after;
    }
    block.push_str(rest);
    push_block(&block, &mut out);
    out
}

/// The next heading that stands at the beginning of a line: what is before it, its level, id and content, and the rest.
/// Headings inside other elements are indented or follow a tag, and stay where they are.
fn next_heading(html: &str) -> Option<(&str, usize, &str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + html[from..].find("<h")?;
        let starts_line = at == 0 || html.as_bytes()[at - 1] == b'\n';
        let heading = starts_line.then(|| heading_at(&html[at..])).flatten();
        if let Some((level, id, title, length)) = heading {
            return Some((&html[..at], level, id, title, &html[at + length..]));
        }
        from = at + 2;
    }
}

/// `<h2 id="x">title</h2>`: its level, id, title and length.
fn heading_at(html: &str) -> Option<(usize, &str, &str, usize)> {
    let level = html
        .as_bytes()
        .get(2)
        .filter(|c| (b'1'..=b'6').contains(c))?;
    let open = html[3..].strip_prefix(" id=\"")?;
    let (id, rest) = open.split_once("\">")?;
    let close = format!("</h{}>", char::from(*level));
    let (title, after) = rest.split_once(&close)?;
    let plain = !id.contains(['"', '>', '\n']) && !title.contains('\n');
    plain.then(|| {
        (
            usize::from(level - b'0'),
            id,
            title,
            html.len() - after.len(),
        )
    })
}

fn push_block(html: &str, out: &mut String) {
    let html = html.trim();
    if html.is_empty() {
        return;
    }
    out.push_str("<div class=\"part\">\n");
    let mut rest = html;
    while let Some(at) = rest.find("<pre") {
        without_blank_lines(&rest[..at], out);
        let end = rest[at..].find("</pre>").map_or(rest.len(), |end| at + end);
        // The first newline after `<pre>` would be dropped by a browser, and `&#10;` is one as well: both are written so.
        out.push_str(&rest[at..end].replace('\n', "&#10;"));
        rest = &rest[end..];
    }
    without_blank_lines(rest, out);
    out.push_str("\n</div>\n\n");
}

fn without_blank_lines(html: &str, out: &mut String) {
    let mut lines = html.split('\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if line.trim().is_empty() && !last {
            continue;
        }
        out.push_str(line);
        if !last {
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_markdown_and_the_rest_stays_one_block() {
        let html = "<h1 id=\"t\">Title</h1>\n<p>a</p>\n\n<pre><code>x\n\ny\n</code></pre>\n<h2 id=\"run-it\">Run <code>it</code></h2>\n<p>b</p>\n<details><summary>s</summary>\n  <h3 id=\"in\">in</h3></details>\n";
        assert_eq!(
            markdown(html),
            "# Title {#t}\n\n<div class=\"part\">\n<p>a</p>\n<pre><code>x&#10;&#10;y&#10;</code></pre>\n</div>\n\n\
             ## Run <code>it</code> {#run-it}\n\n<div class=\"part\">\n<p>b</p>\n<details><summary>s</summary>\n  <h3 id=\"in\">in</h3></details>\n</div>\n\n"
        );
    }

    #[test]
    fn no_block_holds_a_blank_line() {
        let html = "<p>a</p>\n\n\n<p>b</p>\n<pre>\n\n</pre>\n\n<p>c</p>";
        let text = markdown(html);
        let block = text.trim_end();
        assert!(!block.contains("\n\n"), "{text}");
    }
}
