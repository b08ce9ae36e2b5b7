//! Finds words in the lessons and exercises.
//!
//! The whole course is a few hundred kilobytes of text, so it is looked through as it is: a Korean word is found inside
//! a longer one, whatever particle follows it, and no dictionary has to know it.

use checker::Lang;

use super::{Course, CourseExercise, markdown};

/// The longest query that is looked for, in characters; the rest is left out.
const LONGEST: usize = 200;

/// The most results that are given.
const MOST: usize = 40;

/// Elements that stand inside a line.
const INLINE: [&str; 8] = ["a", "b", "code", "del", "em", "mark", "span", "strong"];

/// Characters shown before and after what was found.
const AROUND: usize = 70;

/// One section of a lesson, or one exercise.
#[derive(Debug)]
struct Part {
    /// Path and anchor on this site.
    href: String,
    lesson: String,
    heading: String,
    text: String,
    folded_lesson: String,
    folded_heading: String,
    folded_text: String,
}

/// Everything that can be found, in both languages.
#[derive(Debug)]
pub struct Index {
    ko: Vec<Part>,
    en: Vec<Part>,
}

/// A place where all words of the query stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Path and anchor on this site, such as `/en/lessons/05-layers-and-cache#the-cache`.
    pub href: &'a str,
    /// The lesson's title.
    pub lesson: &'a str,
    /// The section's or the exercise's title; empty for a lesson's beginning.
    pub heading: &'a str,
    /// The text around the first word, in three pieces: before it, the word, after it.
    pub excerpt: [String; 3],
}

impl Index {
    /// Reads the course's texts.
    #[must_use]
    pub fn new(course: &Course) -> Index {
        Index {
            ko: parts(course, Lang::Ko),
            en: parts(course, Lang::En),
        }
    }

    /// The best places first, 40 at most; none for an empty query.
    #[must_use]
    pub fn find(&self, lang: Lang, query: &str) -> Vec<Hit<'_>> {
        let query: String = query.chars().take(LONGEST).collect();
        let query = fold(query.trim());
        let words: Vec<&str> = query.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let parts = match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        };
        let mut found: Vec<(u32, &Part)> = parts
            .iter()
            .filter_map(|part| Some((part.score(&words, &query)?, part)))
            .collect();
        // Stable: what scores the same stays in the course's order.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.truncate(MOST);
        found
            .into_iter()
            .map(|(_, part)| Hit {
                href: &part.href,
                lesson: &part.lesson,
                heading: &part.heading,
                excerpt: part.excerpt(&words, &query),
            })
            .collect()
    }
}

impl Part {
    fn new(href: String, lesson: &str, heading: String, html: &str) -> Part {
        let text = text_of_html(html);
        Part {
            href,
            lesson: lesson.to_owned(),
            folded_lesson: fold(lesson),
            folded_heading: fold(&heading),
            folded_text: fold(&text),
            heading,
            text,
        }
    }

    /// None where a word is missing. A title counts more than the text under it, the words together more than apart.
    fn score(&self, words: &[&str], query: &str) -> Option<u32> {
        let mut score = 0;
        for word in words {
            let in_lesson = self.folded_lesson.contains(word);
            let in_heading = self.folded_heading.contains(word);
            let in_text = self.folded_text.contains(word);
            // The lesson's title stands over all of its sections and alone is no reason to show each of them.
            let counts = in_heading || in_text || (in_lesson && self.heading.is_empty());
            if !counts {
                return None;
            }
            score += 6 * u32::from(in_heading) + 2 * u32::from(in_lesson) + u32::from(in_text);
        }
        let together = self.folded_heading.contains(query) || self.folded_text.contains(query);
        Some(score + 3 * u32::from(words.len() > 1 && together))
    }

    fn excerpt(&self, words: &[&str], query: &str) -> [String; 3] {
        let place = std::iter::once(query)
            .chain(words.iter().copied())
            .find_map(|word| Some((self.folded_text.find(word)?, word.chars().count())));
        // Folding keeps the number of characters, not that of bytes.
        let (at, length) = place.map_or((0, 0), |(byte, length)| {
            (self.folded_text[..byte].chars().count(), length)
        });
        let chars: Vec<char> = self.text.chars().collect();
        let from = word_border(&chars, at.saturating_sub(AROUND), at);
        let until = (at + length + AROUND).min(chars.len());
        let mut before: String = chars[from..at].iter().collect();
        let mut after: String = chars[at + length..until].iter().collect();
        if from > 0 {
            before.insert(0, '…');
        }
        if until < chars.len() {
            after.push('…');
        }
        [before, chars[at..at + length].iter().collect(), after]
    }
}

/// The first place from `from` on, before `limit`, that begins a word.
fn word_border(chars: &[char], from: usize, limit: usize) -> usize {
    if from == 0 {
        return 0;
    }
    (from..limit)
        .find(|&at| chars[at - 1].is_whitespace())
        .unwrap_or(from)
}

fn parts(course: &Course, lang: Lang) -> Vec<Part> {
    let code = match lang {
        Lang::Ko => "ko",
        Lang::En => "en",
    };
    let mut parts = Vec::new();
    for lesson in course.lessons() {
        let title = lesson.title.get(lang);
        let page = format!("/{code}/lessons/{}", lesson.id);
        let mut heading = String::new();
        let mut href = page.clone();
        for (index, piece) in sections(&lesson.page(lang).html).into_iter().enumerate() {
            if index > 0 {
                let (id, inner, _) = split_heading(piece);
                href = format!("{page}#{id}");
                heading = text_of_html(inner);
            }
            let text = if index > 0 {
                split_heading(piece).2
            } else {
                piece
            };
            parts.push(Part::new(
                std::mem::take(&mut href),
                title,
                std::mem::take(&mut heading),
                text,
            ));
        }
        let exercises = lesson.exercises.iter().filter_map(|id| course.exercise(id));
        for exercise in exercises {
            let href = format!("{page}#{}", anchor(&exercise.spec.id));
            let heading = exercise.spec.title.get(lang).to_owned();
            parts.push(Part::new(href, title, heading, &text(exercise, lang)));
        }
    }
    parts
}

/// The id of an exercise's place in its lesson's page.
#[must_use]
pub fn anchor(exercise: &str) -> String {
    let name = exercise.rsplit('/').next().unwrap_or(exercise);
    format!("exercise-{name}")
}

/// An exercise's text and the titles of its checks, which are a quiz's questions.
fn text(exercise: &CourseExercise, lang: Lang) -> String {
    let mut html = exercise.text_html(lang).to_owned();
    for check in &exercise.spec.checks {
        html.push(' ');
        html.push_str(&markdown::escape_with_code(check.title.get(lang)));
    }
    html
}

/// A page's HTML, cut before each heading of the second and third level.
fn sections(html: &str) -> Vec<&str> {
    let mut cuts: Vec<usize> = ["<h2 id=\"", "<h3 id=\""]
        .iter()
        .flat_map(|tag| html.match_indices(tag).map(|(at, _)| at))
        .collect();
    cuts.sort_unstable();
    let mut pieces = Vec::with_capacity(cuts.len() + 1);
    let mut from = 0;
    for cut in cuts {
        pieces.push(&html[from..cut]);
        from = cut;
    }
    pieces.push(&html[from..]);
    pieces
}

/// Id, inner HTML and what follows, of a piece that begins with a heading.
fn split_heading(piece: &str) -> (&str, &str, &str) {
    let rest = piece.split_once("id=\"").map_or("", |(_, rest)| rest);
    let (id, rest) = rest.split_once("\">").unwrap_or((rest, ""));
    let end = rest.find("</h").unwrap_or(rest.len());
    let after = rest[end..].split_once('>').map_or("", |(_, after)| after);
    (id, &rest[..end], after)
}

/// The text of a piece of our own HTML, its white space folded.
#[must_use]
pub fn text_of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tagged)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = tagged.split_once('>').unwrap_or((tagged, ""));
        let name = tag.trim_start_matches('/');
        let name = &name[..name.find([' ', '/']).unwrap_or(name.len())];
        // A Korean particle follows its word without a space, also behind `code` and bold text.
        if !INLINE.contains(&name) {
            text.push(' ');
        }
        rest = after;
        // A diagram's source is no text to read.
        if tag.starts_with("pre class=\"mermaid\"") {
            rest = after.split_once("</pre>").map_or("", |(_, after)| after);
        }
    }
    text.push_str(rest);
    let text = text
        .replace("&#10;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lower case, and one spelling where Korean has two; as many characters as before.
fn fold(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '쉘' => '셸',
            c => c.to_lowercase().next().unwrap_or(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index::new(&Course::embedded().unwrap())
    }

    #[test]
    fn a_section_is_found_by_its_words_in_any_case() {
        let index = index();
        let hits = index.find(Lang::En, "writable LAYER");
        let first = hits.first().expect("a hit");
        assert!(first.href.starts_with("/en/lessons/"), "{first:?}");
        assert!(hits.iter().any(|hit| hit.href.contains('#')));
        assert_eq!(first.excerpt[1].to_lowercase(), "writable layer");
    }

    #[test]
    fn a_korean_word_is_found_before_any_particle_and_in_both_spellings() {
        let index = index();
        assert!(!index.find(Lang::Ko, "컨테이너").is_empty());
        assert_eq!(index.find(Lang::Ko, "쉘"), index.find(Lang::Ko, "셸"));
    }

    #[test]
    fn exercises_are_found_at_their_place() {
        let hits = index();
        let hits = hits.find(Lang::En, "Two from one image");
        let href = hits.first().map(|hit| hit.href);
        assert_eq!(
            href,
            Some("/en/lessons/01-one-image-many-containers#exercise-two-from-one")
        );
    }

    #[test]
    fn all_words_must_be_there() {
        let index = index();
        assert!(index.find(Lang::En, "container zzzz").is_empty());
        assert!(index.find(Lang::En, "  ").is_empty());
        assert!(index.find(Lang::En, &"ŉ".repeat(5000)).is_empty());
    }

    #[test]
    fn an_excerpt_marks_the_place_in_the_text_as_written() {
        let part = Part::new(
            String::new(),
            "",
            String::new(),
            "<p>İ A &lt;b&gt; Volume here</p>",
        );
        assert_eq!(
            part.excerpt(&["volume"], "volume"),
            [
                "İ A <b> ".to_owned(),
                "Volume".to_owned(),
                " here".to_owned()
            ]
        );
        let long = format!("{} volume {}", "a ".repeat(90), "b ".repeat(90));
        let [before, word, after] =
            Part::new(String::new(), "", String::new(), &long).excerpt(&["volume"], "volume");
        assert!(
            before.starts_with("…a ") && after.ends_with('…'),
            "{before}|{after}"
        );
        assert_eq!(word, "volume");
    }

    #[test]
    fn html_becomes_words() {
        assert_eq!(
            text_of_html("<p>a<br>b</p>\n<code class=\"x\">x &lt; y</code>를"),
            "a b x < y를"
        );
        assert_eq!(
            text_of_html("a<figure><pre class=\"mermaid\">graph</pre></figure>b"),
            "a b"
        );
    }
}
