//! Numbers as people read them. Whole numbers only: writing floats costs the browser 15 kB.

use types::{Time, time::Civil};

/// `now`, `34 s`, `6 min`, `3 h`, `21 d`.
pub(crate) fn age(ms: u64) -> String {
    match ms / 1000 {
        0..10 => "now".to_owned(),
        s @ 10..60 => format!("{s} s"),
        s @ 60..3600 => format!("{} min", s / 60),
        s @ 3600..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86_400),
    }
}

/// `0.4 s`, `24.0 s`, `1 min 42 s`, `2 h 5 min`: of what is over.
pub(crate) fn duration(ms: u64) -> String {
    if ms < 60_000 { format!("{} s", tenths(ms, 1000)) } else { elapsed(ms) }
}

/// `38 s`, `1 min 42 s`, `2 h 5 min`: of what still runs, without tenths that flicker.
pub(crate) fn elapsed(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..60 => format!("{s} s"),
        60..3600 if s.is_multiple_of(60) => format!("{} min", s / 60),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ if (s / 60).is_multiple_of(60) => format!("{} h", s / 3600),
        _ => format!("{} h {} min", s / 3600, s / 60 % 60),
    }
}

/// `512 B`, `8.2 kB`, `38.1 MB`, `1.4 GB`: decimal, as registries count.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", tenths(bytes, 1000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(bytes, 1_000_000)),
        _ => format!("{} GB", tenths(bytes, 1_000_000_000)),
    }
}

/// `1,183`
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn tenths(value: u64, unit: u64) -> String {
    let tenths = value / (unit / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The clock alone on the same day, with the weekday within six days, with the date beyond.
pub(crate) fn moment(at: Time, now: Time, zone_min: i32) -> String {
    let Civil { year, month, day, weekday, hour, minute, .. } = at.civil(zone_min);
    let today = now.civil(zone_min);
    if (year, month, day) == (today.year, today.month, today.day) {
        return format!("{hour:02}:{minute:02}");
    }
    let apart = (at.as_millis() - now.as_millis()).unsigned_abs();
    if apart < 6 * 86_400_000 {
        return format!("{} {hour:02}:{minute:02}", crate::text::weekday(weekday));
    }
    format!("{} {hour:02}:{minute:02}", crate::text::date(day, month, (year != today.year).then_some(year)))
}

/// `2026-11-25 14:01:29`
pub(crate) fn exact(at: Time, zone_min: i32) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = at.civil(zone_min);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// `14:01:29.204`
pub(crate) fn stamp(at: Time, zone_min: i32) -> String {
    let Civil { hour, minute, second, milli, .. } = at.civil(zone_min);
    format!("{hour:02}:{minute:02}:{second:02}.{milli:03}")
}

/// An image's name in two: what may be cut first, and its end with the slash before it.
pub(crate) fn split_repository(repository: &str) -> (String, String) {
    match repository.rfind('/') {
        Some(slash) => (repository[..slash].to_owned(), repository[slash..].to_owned()),
        None => (String::new(), repository.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(9_999, "now")]
    #[case(59_999, "59 s")]
    #[case(60_000, "1 min")]
    #[case(172_799_000, "47 h")]
    #[case(172_800_000, "2 d")]
    fn ages(#[case] ms: u64, #[case] words: &str) {
        assert_eq!(age(ms), words);
    }

    #[rstest]
    #[case(0, "0.0 s")]
    #[case(24_049, "24.0 s")]
    #[case(102_000, "1 min 42 s")]
    #[case(120_000, "2 min")]
    #[case(7_500_000, "2 h 5 min")]
    #[case(7_200_000, "2 h")]
    fn durations(#[case] ms: u64, #[case] words: &str) {
        assert_eq!(duration(ms), words);
    }

    #[rstest]
    #[case(999, "999 B")]
    #[case(8_250, "8.2 kB")]
    #[case(38_100_000, "38.1 MB")]
    #[case(1_400_000_000, "1.4 GB")]
    fn sizes(#[case] bytes: u64, #[case] words: &str) {
        assert_eq!(size(bytes), words);
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1_000, "1,000")]
    #[case(1_234_567, "1,234,567")]
    fn counts(#[case] n: u64, #[case] words: &str) {
        assert_eq!(count(n), words);
    }

    #[rstest]
    #[case("2026-11-25T14:02:00Z", "14:02")]
    #[case("2026-11-23T18:00:00Z", "Mon 18:00")]
    #[case("2026-10-02T08:05:00Z", "2 Oct 08:05")]
    #[case("2025-10-02T08:05:00Z", "2 Oct 2025 08:05")]
    fn moments(#[case] at: &str, #[case] words: &str) {
        let time = |text| Time::parse(text).expect("a time");
        assert_eq!(moment(time(at), time("2026-11-25T15:00:00Z"), 0), words);
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(split_repository("host:5000/a/b"), ("host:5000/a".to_owned(), "/b".to_owned()));
        assert_eq!(split_repository("nginx"), (String::new(), "nginx".to_owned()));
    }
}
