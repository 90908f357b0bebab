//! Durations as in `10m` and sizes as in `1GiB`.

use std::time::Duration;

const DURATION_UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Reads `90d`, `12h`, `10m`, `30s`, `500ms`, and sums as in `1h30m`; the error says what would be right.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const WRONG: &str = "must be a duration such as 30s, 10m, 12h or 90d";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(WRONG.to_owned());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (count, after) = number(rest).ok_or(WRONG)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let factor = unit(&DURATION_UNITS, after[..end].trim()).ok_or(WRONG)?;
        total = count.checked_mul(factor).and_then(|part| total.checked_add(part)).ok_or("is too long")?;
        rest = &after[end..];
    }
    Ok(Duration::from_millis(total))
}

/// Reads `1GiB`, `500MB` or plain bytes; the error says what would be right.
pub fn parse_size(text: &str) -> Result<u64, String> {
    const WRONG: &str = "must be a size such as 500MB or 1GiB";
    let (count, after) = number(text.trim()).ok_or(WRONG)?;
    let factor = match after.trim() {
        "" => 1,
        word => unit(&SIZE_UNITS, word).ok_or(WRONG)?,
    };
    count.checked_mul(factor).ok_or_else(|| "is too large".to_owned())
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn unit(units: &[(&str, u64)], word: &str) -> Option<u64> {
    units.iter().find(|(name, _)| *name == word).map(|(_, factor)| *factor)
}

#[cfg(test)]
mod tests {
    use super::{parse_duration, parse_size};
    use rstest::rstest;

    #[rstest]
    #[case("10m", Some(600_000))]
    #[case("90d", Some(7_776_000_000))]
    #[case("1h30m", Some(5_400_000))]
    #[case("500ms", Some(500))]
    #[case("0s", Some(0))]
    #[case("10", None)]
    #[case("", None)]
    #[case("m", None)]
    #[case("-5m", None)]
    #[case("10 minutes", None)]
    #[case("99999999999999999999d", None)]
    #[case("18446744073709551615d", None)]
    fn durations(#[case] text: &str, #[case] ms: Option<u128>) {
        assert_eq!(parse_duration(text).ok().map(|it| it.as_millis()), ms);
    }

    #[rstest]
    #[case("1GiB", Some(1 << 30))]
    #[case("500MB", Some(500_000_000))]
    #[case("17", Some(17))]
    #[case("17 B", Some(17))]
    #[case("1gib", None)]
    #[case("", None)]
    #[case("99999999TiB", None)]
    fn sizes(#[case] text: &str, #[case] bytes: Option<u64>) {
        assert_eq!(parse_size(text).ok(), bytes);
    }
}
