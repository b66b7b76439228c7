//! "Did you mean".

/// The known word nearest to `given`, if one is near enough to be a slip of the keyboard.
#[must_use]
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = given.chars().count().div_ceil(3).saturating_sub(usize::from(given.len() == 1));
    known
        .into_iter()
        .map(|word| (distance(&given.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The same as a hint.
pub(crate) fn meant<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    did_you_mean(given, known).map(|near| format!("did you mean `{near}`?"))
}

/// The nearest known word as a hint, or all of them.
pub(crate) fn meant_or_all(given: &str, known: &[&str]) -> String {
    meant(given, known.iter().copied()).unwrap_or_else(|| format!("one of {}", known.join(", ")))
}

/// Edits between two words, a swap of neighbours counting as one (Damerau–Levenshtein, optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["nodes", "network", "images"];
        assert_eq!(did_you_mean("ndoes", known), Some("nodes"));
        assert_eq!(did_you_mean("Networks", known), Some("network"));
        assert_eq!(did_you_mean("kube", known), None);
    }
}
