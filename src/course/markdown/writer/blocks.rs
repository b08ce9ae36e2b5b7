//! Blocks that are more than a pair of tags: cells, callouts, fences.

use pulldown_cmark::Alignment;

use super::Writer;
use crate::course::markdown::callout::{Callout, Fold};
use crate::course::markdown::code::Info;
use crate::course::markdown::{Fence, code, escape, predict};

impl Writer<'_> {
    pub(super) fn cell(&mut self) {
        let class = match self.columns.get(self.cell) {
            Some(Alignment::Left) => " class=\"left\"",
            Some(Alignment::Center) => " class=\"center\"",
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::None) | None => "",
        };
        self.cell += 1;
        if self.in_head {
            self.open(&format!("<th scope=\"col\"{class}>"), "</th>");
        } else {
            self.open(&format!("<td{class}>"), "</td>");
        }
    }

    pub(super) fn callout(&mut self, callout: &Callout) {
        let kind = callout.kind();
        let mut class = format!("callout callout-{kind}");
        if callout.name != kind {
            class.push_str(" callout-");
            class.push_str(&callout.name);
        }
        let (tag, closing, open) = match callout.fold {
            Fold::Never => ("aside", "</aside>\n", ""),
            Fold::Open => ("details", "</details>\n", " open"),
            Fold::Closed => ("details", "</details>\n", ""),
        };
        self.open(&format!("<{tag} class=\"{class}\"{open}>"), closing);
        if callout.fold == Fold::Never {
            self.open("<p class=\"callout-title\">", "</p>\n");
        } else {
            self.open("<summary class=\"callout-title\">", "</summary>\n");
        }
        if callout.untitled {
            escape(&callout.default_title(self.options.lang), &mut self.out);
        }
    }

    pub(super) fn end_block(&mut self) {
        let Some((info, text, line)) = self.block.take() else {
            return;
        };
        let info = Info::parse(&info);
        let mut fence = Fence {
            lang: info.lang.clone(),
            text,
            line,
            predict: None,
            problem: None,
        };
        match info.lang.as_str() {
            "exercise" if self.own_fences => {
                self.out
                    .push_str("<section class=\"exercise\" data-exercise=\"");
                escape(fence.text.trim(), &mut self.out);
                self.out.push_str("\"></section>\n");
            }
            "predict" if self.own_fences => match predict::parse(&fence.text) {
                Ok(question) => {
                    self.predicts += 1;
                    self.page.words +=
                        predict::write(&question, self.predicts, self.options, &mut self.out);
                    fence.predict = Some(question);
                }
                Err(problem) => {
                    code::write(&info, &fence.text, self.options, &mut self.out);
                    fence.problem = Some(problem);
                }
            },
            _ => code::write(&info, &fence.text, self.options, &mut self.out),
        }
        self.page.fences.push(fence);
    }
}
