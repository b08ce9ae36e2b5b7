//! The search index: each part of each page with its text. mdBook's own search drops Korean words.

use serde::Serialize;

use crate::course::search::text_of_html;

#[derive(Serialize)]
struct Part {
    /// Page and anchor.
    u: String,
    /// The page's title.
    t: String,
    /// The part's heading; empty for the page's beginning.
    h: String,
    /// Its text.
    b: String,
}

/// A script that sets the index, so that it also works where a page is opened from a file.
/// Takes each page's name, title and Markdown as [`super::page::markdown`] writes it.
pub(super) fn index<'a>(pages: impl Iterator<Item = (String, &'a str, &'a str)>) -> String {
    let mut parts = Vec::new();
    for (page, title, markdown) in pages {
        let mut part = Part {
            u: page.clone(),
            t: title.to_owned(),
            h: String::new(),
            b: String::new(),
        };
        for line in markdown.lines() {
            let heading = line
                .strip_prefix("## ")
                .or_else(|| line.strip_prefix("### "))
                .and_then(|line| line.strip_suffix('}'))
                .and_then(|line| line.rsplit_once(" {#"));
            if let Some((text, id)) = heading {
                let next = Part {
                    u: format!("{page}#{id}"),
                    t: title.to_owned(),
                    h: text_of_html(text),
                    b: String::new(),
                };
                parts.push(std::mem::replace(&mut part, next));
            } else if !line.starts_with("# ") {
                let text = text_of_html(line);
                if !text.is_empty() {
                    part.b.push_str(&text);
                    part.b.push(' ');
                }
            }
        }
        parts.push(part);
    }
    parts.retain(|part| !part.b.trim().is_empty() || !part.h.is_empty());
    let json = serde_json::to_string(&parts).unwrap_or_else(|_| "[]".to_owned());
    format!("window.docktutorParts = {json};\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_under_their_heading() {
        let markdown = "# Title {#t}\n\n<div class=\"part\">\n<p>이미지를 <b>받아요</b></p>\n</div>\n\n## Run <code>it</code> {#run-it}\n\n<div>\n<pre>a &lt; b&#10;c</pre>\n</div>\n";
        let script = index([("one.html".to_owned(), "One", markdown)].into_iter());
        let json = script
            .strip_prefix("window.docktutorParts = ")
            .and_then(|rest| rest.strip_suffix(";\n"))
            .unwrap();
        let parts: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(parts.as_array().unwrap().len(), 2);
        assert_eq!(parts[0]["b"], "이미지를 받아요 ");
        assert_eq!(parts[1]["u"], "one.html#run-it");
        assert_eq!(parts[1]["h"], "Run it");
        assert_eq!(parts[1]["b"], "a < b c ");
    }
}
