//! Links and pictures; what may not be one becomes plain text, and is reported.

use super::Writer;
use crate::course::markdown::escape;
use crate::course::markdown::link::{self, Target};

impl Writer<'_> {
    pub(super) fn link(&mut self, url: &str, title: &str, at: usize) {
        self.links += 1;
        let target = link::judge(url);
        if target == Target::Refused {
            self.refuse(at, format!("a link to `{url}` is not allowed"));
        }
        if target == Target::Refused || self.links > 1 || self.pictures > 0 {
            self.open(
                if self.pictures > 0 { "" } else { "<span>" },
                if self.pictures > 0 { "" } else { "</span>" },
            );
            return;
        }
        self.out.push_str("<a href=\"");
        escape(url, &mut self.out);
        self.out.push('"');
        self.title(title);
        if target == Target::Outside {
            self.out
                .push_str(" rel=\"noopener noreferrer\" target=\"_blank\"");
        }
        self.open(">", "</a>");
    }

    /// A picture beside its text is shown; any other one becomes a link with its description.
    pub(super) fn picture(&mut self, url: &str, title: &str, at: usize) {
        self.pictures += 1;
        if self.pictures > 1 {
            return;
        }
        if link::is_local_picture(url) {
            self.out.push_str("<img src=\"");
            escape(self.options.image_base, &mut self.out);
            escape(url, &mut self.out);
            self.out.push('"');
            self.title(title);
            self.open(" loading=\"lazy\" alt=\"", "\">");
            return;
        }
        self.refuse(
            at,
            format!("the picture `{url}` does not lie beside this file"),
        );
        if link::judge(url) == Target::Outside && self.links == 0 {
            self.out.push_str("<a href=\"");
            escape(url, &mut self.out);
            self.open("\" rel=\"noopener noreferrer\" target=\"_blank\">", "</a>");
        } else {
            self.open("<span>", "</span>");
        }
    }

    fn title(&mut self, title: &str) {
        if !title.is_empty() {
            self.out.push_str(" title=\"");
            escape(title, &mut self.out);
            self.out.push('"');
        }
    }

    pub(super) fn refuse(&mut self, at: usize, what: String) {
        let line = self.line(at);
        self.page.refused.push((line, what));
    }
}
