//! Where a link or a picture may lead.

/// A link's target, judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Within this site.
    Inside,
    /// Another site, or a mail.
    Outside,
    /// A scheme that could run something, or that nobody knows.
    Refused,
}

/// Judges a link's target as a browser reads it: control characters in it do not hide a scheme.
pub(super) fn judge(url: &str) -> Target {
    let url: String = url
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim_start()
        .to_ascii_lowercase();
    let slashes = |c: char| c == '/' || c == '\\';
    if url.starts_with(slashes) && url[1..].starts_with(slashes) {
        return Target::Outside;
    }
    match url.find([':', '/', '?', '#', '\\']) {
        Some(at) if url[at..].starts_with(':') => match &url[..at] {
            "http" | "https" | "mailto" => Target::Outside,
            _ => Target::Refused,
        },
        _ => Target::Inside,
    }
}

/// Whether a picture lies beside its text.
pub(super) fn is_local_picture(url: &str) -> bool {
    judge(url) == Target::Inside
        && !url.is_empty()
        && !url.starts_with(['/', '\\', '#', '?'])
        && !url.split(['/', '\\']).any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_that_could_run_something_are_refused() {
        for url in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<b>",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
        ] {
            assert_eq!(judge(url), Target::Refused, "{url:?}");
        }
    }

    #[test]
    fn other_sites_are_outside() {
        for url in [
            "https://docs.docker.com/",
            "HTTP://a",
            "//a/b",
            "/\\a",
            "mailto:a@b.c",
        ] {
            assert_eq!(judge(url), Target::Outside, "{url:?}");
        }
        for url in [
            "#part",
            "../02-life/",
            "a/b:c",
            "?q=a:b",
            "",
            "/ko/lessons/x",
        ] {
            assert_eq!(judge(url), Target::Inside, "{url:?}");
        }
    }

    #[test]
    fn pictures_lie_beside_their_text() {
        assert!(is_local_picture("stack.svg"));
        assert!(is_local_picture("pictures/stack.svg"));
        for url in [
            "https://a/b.png",
            "//a/b.png",
            "/etc/x.png",
            "../x.png",
            "a/../../x.png",
            "data:x",
            "",
        ] {
            assert!(!is_local_picture(url), "{url}");
        }
    }
}
