//! "Did you mean": the nearest known name.

/// The number of insertions, deletions, replacements and swaps of neighbours that make `a` into `b`, letter case aside.
/// `None` where it is more than `limit`. Long input is never compared, so that the cost is bounded.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).take(64).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).take(64).collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&cost| cost <= limit)
}

/// The known name that is nearest to `word`, where one is near enough to be meant.
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .filter_map(|name| {
            Some((
                distance(word, name, limit.min(name.chars().count() / 2))?,
                name,
            ))
        })
        .min_by_key(|&(cost, _)| cost)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["EXPOSE", "ENV", "RUN", "COPY"];
        assert_eq!(suggest("EXPOSER", known), Some("EXPOSE"));
        assert_eq!(suggest("rnu", known), Some("RUN"));
        assert_eq!(suggest("CPOY", known), Some("COPY"));
        assert_eq!(suggest("banana", known), None);
        assert_eq!(suggest("", known), None);
        assert_eq!(distance("TAGETARCH", "TARGETARCH", 2), Some(1));
        assert_eq!(distance("Dokcerfile", "Dockerfile", 2), Some(1));
    }
}
