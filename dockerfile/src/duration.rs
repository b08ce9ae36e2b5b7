//! Durations as Go reads them: `30s`, `1m30s`, `1.5h`.

/// Nanoseconds; `None` where it is no duration.
pub(crate) fn nanoseconds(text: &str) -> Option<f64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, factor) = [
            ("ns", 1.0),
            ("us", 1e3),
            ("µs", 1e3),
            ("μs", 1e3),
            ("ms", 1e6),
            ("s", 1e9),
            ("m", 6e10),
            ("h", 3.6e12),
        ]
        .into_iter()
        .find(|(unit, _)| rest.starts_with(unit))?;
        total += number * factor;
        rest = &rest[unit.len()..];
    }
    Some(if negative { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn reads_what_go_reads() {
        assert_eq!(nanoseconds("1m30s"), Some(9e10));
        assert_eq!(nanoseconds("1.5s"), Some(1.5e9));
        assert_eq!(nanoseconds("100ms"), Some(1e8));
        assert_eq!(nanoseconds("0"), Some(0.0));
        for text in ["", "30", "s", "3 s", "1.2.3s", "5d"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
