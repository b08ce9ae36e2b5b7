//! Ids of headings and footnotes: readable in any script, and unique in their page.

use std::collections::{HashMap, HashSet};

/// Gives out ids.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    taken: HashSet<String>,
    /// The last number that each name was given, so that a thousand equal headings are not counted up each time.
    last: HashMap<String, usize>,
}

impl Slugs {
    /// An id for a heading: letters and digits of any script in lower case, `-` for what stands between words.
    pub(super) fn of(&mut self, text: &str) -> String {
        let mut slug = String::new();
        for c in text.chars() {
            if c.is_alphanumeric() {
                slug.extend(c.to_lowercase());
            } else if (c.is_whitespace() || matches!(c, '-' | '_' | '/')) && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug = slug.trim_matches('-');
        self.unique(if slug.is_empty() { "section" } else { slug })
    }

    /// The name itself, or with the first free number behind it.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let mut id = name.to_owned();
        if self.taken.insert(id.clone()) {
            return id;
        }
        let number = self.last.entry(id.clone()).or_default();
        while !self.taken.insert(id.clone()) {
            *number += 1;
            id = format!("{name}-{number}");
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::Slugs;

    #[test]
    fn ids_are_readable_and_unique() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.of("What `docker run` does"), "what-docker-run-does");
        assert_eq!(slugs.of("이미지와 컨테이너"), "이미지와-컨테이너");
        assert_eq!(slugs.of("이미지와 컨테이너!"), "이미지와-컨테이너-1");
        assert_eq!(slugs.of("?!"), "section");
        assert_eq!(slugs.of("Section 1"), "section-1");
        assert_eq!(slugs.of("…"), "section-2");
    }
}
