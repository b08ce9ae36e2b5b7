//! Code figures: shell snippets that can be run, listings, diagrams.

use checker::Lang;

use super::{Options, escape};

/// An info string, taken apart: ```` ```dockerfile title="Dockerfile" ````.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Info<'a> {
    /// The first word, in lower case.
    pub(super) lang: String,
    /// What `title=` says.
    pub(super) title: Option<&'a str>,
}

impl<'a> Info<'a> {
    pub(super) fn parse(info: &'a str) -> Self {
        let info = info.trim();
        let (lang, rest) = info.split_once([' ', '\t', ',']).unwrap_or((info, ""));
        let title = rest.split_once("title=").map(|(_, value)| {
            value
                .strip_prefix('"')
                .and_then(|value| value.split_once('"').map(|(title, _)| title))
                .unwrap_or_else(|| value.split_whitespace().next().unwrap_or_default())
        });
        Info {
            lang: lang.to_lowercase(),
            title: title.filter(|title| !title.is_empty()),
        }
    }

    /// A shell snippet that the page can type into the terminal.
    pub(super) fn runs(&self) -> bool {
        runs(&self.lang)
    }
}

/// Whether a fence of this language has a run button.
pub(crate) fn runs(lang: &str) -> bool {
    matches!(lang, "sh" | "bash" | "shell")
}

/// Writes a listing.
pub(super) fn write(info: &Info<'_>, code: &str, options: &Options<'_>, out: &mut String) {
    if info.lang == "mermaid" {
        out.push_str("<figure class=\"diagram\"><pre class=\"mermaid\">");
        escape(code, out);
        out.push_str("</pre></figure>\n");
        return;
    }
    let lang = if info.lang.is_empty() {
        "text"
    } else {
        &info.lang
    };
    out.push_str("<figure class=\"code\" data-lang=\"");
    escape(lang, out);
    out.push('"');
    if info.runs() {
        out.push_str(" data-run");
    }
    out.push_str("><figcaption>");
    escape(
        info.title.unwrap_or_else(|| caption(lang, options.lang)),
        out,
    );
    out.push_str("</figcaption><pre><code class=\"language-");
    escape(lang, out);
    out.push_str("\">");
    escape(code, out);
    out.push_str("</code></pre></figure>\n");
}

/// What a listing is called where it has no title.
fn caption(lang: &str, reader: Lang) -> &str {
    let (ko, en) = match lang {
        "sh" | "bash" | "shell" | "cmd" => ("셸", "shell"),
        "console" | "output" => ("출력", "output"),
        "text" | "txt" => ("글", "text"),
        "dockerfile" | "docker" => ("Dockerfile", "Dockerfile"),
        "python" | "py" => ("Python", "Python"),
        "yaml" | "yml" => ("YAML", "YAML"),
        "json" => ("JSON", "JSON"),
        "javascript" | "js" => ("JavaScript", "JavaScript"),
        other => (other, other),
    };
    match reader {
        Lang::Ko => ko,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::markdown::render;

    #[test]
    fn a_shell_snippet_can_be_run_and_a_listing_cannot() {
        let options = Options::default();
        assert_eq!(
            render("```sh\necho \"<hi>\"\n```", &options),
            "<figure class=\"code\" data-lang=\"sh\" data-run><figcaption>shell</figcaption><pre><code class=\"language-sh\">echo &quot;&lt;hi&gt;&quot;\n</code></pre></figure>\n"
        );
        assert!(
            render("```console\n$ ls\n```", &options)
                .starts_with("<figure class=\"code\" data-lang=\"console\"><figcaption>output")
        );
        assert!(
            render("    indented", &options)
                .starts_with("<figure class=\"code\" data-lang=\"text\">")
        );
    }

    #[test]
    fn a_diagram_keeps_its_source() {
        assert_eq!(
            render("```mermaid\ngraph LR\n a --> b\n```", &Options::default()),
            "<figure class=\"diagram\"><pre class=\"mermaid\">graph LR\n a --&gt; b\n</pre></figure>\n"
        );
    }

    #[test]
    fn an_info_string_may_have_a_title() {
        assert_eq!(
            Info::parse("Dockerfile title=\"web/Dockerfile\"").title,
            Some("web/Dockerfile")
        );
        assert_eq!(Info::parse("python title=main.py").title, Some("main.py"));
        assert_eq!(Info::parse("python title=").title, None);
        assert_eq!(Info::parse("").lang, "");
    }
}
