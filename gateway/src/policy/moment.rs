//! Points in time as clients write them in filters: seconds, a duration that has passed, or a date.

/// The second, counted from 1970, that a text means at the second `now`.
pub(crate) fn parse(text: &str, now: i64) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.split('.').next()?.parse().ok();
    }
    match duration(text) {
        Some(passed) => now.checked_sub(passed),
        None => date(text),
    }
}

/// Seconds of `1h30m`, as Go writes durations.
fn duration(text: &str) -> Option<i64> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        seconds += number
            * match &rest[..end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[end..];
    }
    (!text.is_empty() && seconds < 1e15).then_some(seconds as i64)
}

/// `2006-01-02`, with a time and a zone behind it or not; without a zone it is UTC.
fn date(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let numbers: Vec<i64> = day
        .split('-')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day] = numbers[..] else {
        return None;
    };
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time, 0),
    };
    let mut seconds = 0;
    for (part, (unit, most)) in
        time.split(':')
            .filter(|part| !part.is_empty())
            .zip([(3600, 23), (60, 59), (1, 60)])
    {
        let number: i64 = part.split('.').next()?.parse().ok()?;
        if !(0..=most).contains(&number) {
            return None;
        }
        seconds += number * unit;
    }
    Some(days(year, month, day) * 86400 + seconds - zone)
}

/// Seconds of `Z`, `+09:00`, `-0130`.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' => return (text == "Z").then_some(0),
        b'-' => -1,
        _ => 1,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Days from 1970-01-01; a year begins in March here, so that the leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_that_the_engine_reads_are_read() {
        let now = 1_000_000;
        for (text, second) in [
            ("1136073845", 1_136_073_845),
            ("1136073845.000000001", 1_136_073_845),
            ("10m", now - 600),
            ("1h30m", now - 5400),
            ("1.5s", now - 1),
            ("300ms", now),
            ("1970-01-01", 0),
            ("2006-01-02", 1_136_160_000),
            ("2006-01-02T15:04", 1_136_214_240),
            ("2006-01-02T15:04:05Z", 1_136_214_245),
            ("2006-01-02T15:04:05.999999999+09:00", 1_136_181_845),
            ("2006-01-02T15:04:05.9-0130", 1_136_219_645),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
        ] {
            assert_eq!(parse(text, now), Some(second), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "nonsense",
            "10",
            "h",
            "1d",
            "2006-13-01",
            "2006-01",
            "-5m",
            "2006-01-02T25:00",
        ] {
            let is_number = text == "10";
            assert_eq!(parse(text, 0).is_some(), is_number, "{text}");
        }
    }
}
