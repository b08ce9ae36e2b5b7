//! Footnotes: numbered as they are referred to, and written at the end.

use std::collections::HashMap;

use checker::Lang;

use super::Writer;

/// What is known of the footnotes so far.
#[derive(Default)]
pub(super) struct Footnotes {
    /// Names in the order in which they are first referred to, and how often.
    numbers: HashMap<String, (usize, usize)>,
    /// Text around the definitions that are open.
    pub(super) outer: Vec<(String, String)>,
    pub(super) defined: Vec<(String, String)>,
}

impl Writer<'_> {
    pub(super) fn refer(&mut self, name: &str) {
        let next = self.notes.numbers.len() + 1;
        let (number, times) = self
            .notes
            .numbers
            .entry(name.to_owned())
            .or_insert((next, 0));
        *times += 1;
        let (number, times) = (*number, *times);
        if self.pictures > 0 || self.links > 0 || self.heading.is_some() {
            // A description, a link and a heading take plain text only.
            self.text(&format!("[{number}]"));
            return;
        }
        let id = if times == 1 {
            format!(" id=\"footnote-ref-{number}\"")
        } else {
            String::new()
        };
        self.out.push_str(&format!(
            "<sup><a class=\"footnote\"{id} href=\"#footnote-{number}\">{number}</a></sup>"
        ));
    }

    pub(super) fn footnotes(&mut self) {
        if self.notes.defined.is_empty() {
            return;
        }
        // Notes that nobody refers to come last; no text is lost.
        for (name, _) in &self.notes.defined {
            let next = self.notes.numbers.len() + 1;
            self.notes.numbers.entry(name.clone()).or_insert((next, 0));
        }
        let mut defined = std::mem::take(&mut self.notes.defined);
        defined.sort_by_key(|(name, _)| self.notes.numbers.get(name).copied());
        let back = match self.options.lang {
            Lang::Ko => "본문으로 돌아가기",
            Lang::En => "Back to the text",
        };
        self.out.push_str("<section class=\"footnotes\"><ol>\n");
        let mut last = 0;
        for (name, html) in defined {
            let (number, times) = self.notes.numbers.get(&name).copied().unwrap_or_default();
            // A second definition of the same name has no place to be referred from.
            let id = if number == last {
                String::new()
            } else {
                format!(" id=\"footnote-{number}\"")
            };
            self.out.push_str(&format!("<li{id}>{html}"));
            if times > 0 && number != last {
                self.out.push_str(&format!(
                    "<a class=\"footnote-back\" href=\"#footnote-ref-{number}\" aria-label=\"{back}\">↩</a>"
                ));
            }
            self.out.push_str("</li>\n");
            last = number;
        }
        self.out.push_str("</ol></section>\n");
    }
}
