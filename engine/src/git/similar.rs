//! The name that was probably meant.

/// The nearest name, if one is near: other letters in one of three places at most.
pub(super) fn did_you_mean<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).max(2);
    let wanted = name.to_lowercase();
    let near = |other: &'a str| (distance(&wanted, &other.to_lowercase()), other);
    among
        .into_iter()
        .map(near)
        .filter(|(far, other)| *far <= most && *far < other.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be added, removed or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n + 1);
        for (m, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[m + 1];
            row[m + 1] = changed.min(row[m] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;
    use rstest::rstest;

    #[rstest]
    #[case("mian", Some("main"))]
    #[case("Main", Some("main"))]
    #[case("v1.2.2", Some("v1.2.3"))]
    #[case("relase/1.0", Some("release/1.0"))]
    #[case("nothing-like-it", None)]
    #[case("xy", None)]
    fn suggests(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(did_you_mean(name, ["main", "release/1.0", "v1.2.3", "a"]), expected);
    }
}
