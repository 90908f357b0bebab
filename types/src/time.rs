//! Moments on the wire: RFC 3339, UTC, with milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire `2026-11-25T02:30:37.120Z`. Kept as an integer so that both databases store and
/// sort it alike and the browser needs no calendar to compare two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, example = "2026-11-25T02:30:37.120Z"))]
pub struct Time(i64);

impl Time {
    /// The moment `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339; any offset is taken, anything finer than a millisecond is cut.
    pub fn parse(text: &str) -> Option<Self> {
        parse_rfc3339(text).map(Self)
    }

    /// The calendar and clock that people `offset_min` minutes east of Greenwich see.
    pub fn civil(self, offset_min: i32) -> Civil {
        let local = self.0 + i64::from(offset_min) * MINUTE_MS;
        let (days, ms) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
        let (year, month, day) = date_of(days);
        let part = |unit: i64, limit: i64| (ms / unit % limit) as u32;
        Civil {
            year,
            month,
            day,
            weekday: (days + 3).rem_euclid(7) as u32,
            hour: part(3_600_000, 24),
            minute: part(MINUTE_MS, 60),
            second: part(1000, 60),
            milli: part(1, 1000),
        }
    }

    /// Milliseconds from `earlier` to this moment; zero when it lies after it.
    pub fn since_ms(self, earlier: Time) -> u64 {
        u64::try_from(self.0 - earlier.0).unwrap_or(0)
    }

    /// This moment, `ms` milliseconds later.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0 + ms)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, weekday: _, hour, minute, second, milli } = self.civil(0);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// A moment as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// From 1.
    pub month: u32,
    /// From 1.
    pub day: u32,
    /// From 0, a Monday.
    pub weekday: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub milli: u32,
}

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// Year, month and day of the day that lies `days` after 1970-01-01 in the Gregorian calendar.
///
/// Written out because the browser reads and writes every time on the wire, and a calendar crate
/// would cost it more than the rest of these types together. The year is taken to begin in March,
/// so that the leap day is its last.
fn date_of(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// The inverse of `date_of`.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Milliseconds since the epoch of an RFC 3339 text; `None` for anything else.
fn parse_rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    };
    let is = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte)).then_some(());
    for (at, expected) in [(4, &b"-"[..]), (7, b"-"), (10, b"Tt "), (13, b":"), (16, b":")] {
        is(at, expected)?;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = days_of(year, month, day);
    // A day that the month does not have comes back as another one.
    let real = (1..=12).contains(&month) && date_of(days) == (year, month as u32, day as u32);
    if !real || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let digits = match is(19, b".") {
        Some(()) => bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
        None => 0,
    };
    let (milli, zone) = match digits {
        0 if is(19, b".").is_some() => return None,
        0 => (0, 19),
        1 => (number(20, 21)? * 100, 21),
        2 => (number(20, 22)? * 10, 22),
        more => (number(20, 23)?, 20 + more),
    };
    Some(days * DAY_MS + (hour * 60 + minute) * MINUTE_MS + second * 1000 + milli - offset_ms(text.get(zone..)?)?)
}

/// `Z`, or `+hh:mm` and `-hh:mm`, in milliseconds east of Greenwich.
fn offset_ms(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes() {
        [b'Z' | b'z'] => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let two = |part: &str| (part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (two(zone.get(1..3)?)?, two(zone.get(4..6)?)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * MINUTE_MS)
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse(&text).ok_or_else(|| D::Error::custom("not a time of RFC 3339"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Civil, Time};
    use rstest::rstest;

    #[test]
    fn is_written_with_milliseconds_in_utc() {
        let time = Time::parse("2026-11-25T03:30:37.1204+01:00").expect("a time");
        assert_eq!(time.to_string(), "2026-11-25T02:30:37.120Z");
    }

    #[rstest]
    #[case("1970-01-01T00:00:00Z", 0)]
    #[case("1969-12-31T23:59:59.999Z", -1)]
    #[case("2000-02-29T12:00:00.5Z", 951_825_600_500)]
    #[case("2024-02-29t23:59:60.25-00:30", 1_709_253_000_250)]
    #[case("2100-03-01T00:00:00.123456789Z", 4_107_542_400_123)]
    fn is_read(#[case] text: &str, #[case] ms: i64) {
        assert_eq!(Time::parse(text).map(Time::as_millis), Some(ms));
    }

    #[rstest]
    #[case::no_zone("2026-11-25T02:30:37")]
    #[case::no_such_day("2026-02-29T00:00:00Z")]
    #[case::no_such_month("2026-13-01T00:00:00Z")]
    #[case::no_such_hour("2026-11-25T24:00:00Z")]
    #[case::empty_fraction("2026-11-25T02:30:37.Z")]
    #[case::letters("2026-11-25T0a:30:37Z")]
    #[case::beyond_ascii("2026-11-25T02:30:37.1é")]
    #[case::bad_zone("2026-11-25T02:30:37+0100")]
    #[case::nothing("")]
    fn is_refused(#[case] text: &str) {
        assert_eq!(Time::parse(text), None);
    }

    #[test]
    fn agrees_with_a_calendar_on_every_day_of_five_centuries() {
        for day in -100_000..100_000_i64 {
            let time = Time::from_millis(day * 86_400_000 + 45_296_789);
            let known = jiff::Timestamp::from_millisecond(time.as_millis()).expect("in range");
            assert_eq!(time.to_string(), format!("{known:.3}"));
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn shows_the_clock_of_a_place() {
        let Civil { day, weekday, hour, minute, .. } =
            Time::parse("2026-11-25T23:30:00Z").expect("a time").civil(9 * 60);
        assert_eq!((day, weekday, hour, minute), (26, 3, 8, 30));
    }
}
