//! When two texts are the same answer.

/// Whether a text is the accepted one.
pub(super) fn same(accepted: &str, given: &str, ignore_case: bool, number: bool) -> bool {
    let (accepted, given) = (plain(accepted), plain(given));
    if number {
        return match (parse(&accepted), parse(&given)) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
            _ => false,
        };
    }
    if ignore_case {
        accepted.to_lowercase() == given.to_lowercase()
    } else {
        accepted == given
    }
}

pub(super) fn is_number(text: &str) -> bool {
    parse(&plain(text)).is_some()
}

fn parse(text: &str) -> Option<f64> {
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let begins = digits.trim_start_matches(['+', '-']);
    // `inf` and `nan` are no answers.
    if !begins.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    digits
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

/// Without what no reader sees: white space at the ends and in rows, full-width letters, and Hangul that a keyboard has
/// left in its parts.
fn plain(text: &str) -> String {
    let narrow: String = text
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            c => c,
        })
        .collect();
    let words: Vec<&str> = narrow.split_whitespace().collect();
    composed(&words.join(" "))
}

/// Hangul letters joined to syllables, by the arithmetic of Unicode's chapter 3.12.
fn composed(text: &str) -> String {
    let (lead, vowel, tail, syllables) = (0x1100, 0x1161, 0x11a7, 0xac00);
    let mut out: Vec<char> = Vec::new();
    for c in text.chars() {
        let now = u32::from(c);
        let joined = out.last().and_then(|&last| {
            let last = u32::from(last);
            if (lead..lead + 19).contains(&last) && (vowel..vowel + 21).contains(&now) {
                char::from_u32(syllables + ((last - lead) * 21 + (now - vowel)) * 28)
            } else if (syllables..syllables + 11_172).contains(&last)
                && (last - syllables) % 28 == 0
                && (tail + 1..tail + 28).contains(&now)
            {
                char::from_u32(last + (now - tail))
            } else {
                None
            }
        });
        match (joined, out.last_mut()) {
            (Some(joined), Some(last)) => *last = joined,
            _ => out.push(c),
        }
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_reader_sees_makes_no_difference() {
        for (accepted, given) in [
            ("docker ps -a", "  docker  ps -a\n"),
            ("8080:80", "８０８０：８０"),
            ("값", "\u{1100}\u{1161}\u{11b9}"),
            ("이미지", "\u{110b}\u{1175}\u{1106}\u{1175}\u{110c}\u{1175}"),
        ] {
            assert!(same(accepted, given, false, false), "{given}");
        }
        assert!(!same("Docker", "docker", false, false));
        assert!(same("Docker", "docker", true, false));
        assert!(!same("80", "8080", false, false));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for given in ["1000", "1,000", "1e3", "1000.0", "+1_000", "１０００"] {
            assert!(same("1000", given, false, true), "{given}");
        }
        for given in ["", "inf", "NaN", "1001", "1000 MB", "1000.001"] {
            assert!(!same("1000", given, false, true), "{given}");
        }
    }
}
