//! Local days of the log's times, without asking the calendar for each of a million lines.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days since 1970-01-01. Earlier ones count as the first, later ones than 2149 as the last.
pub(crate) type DayNumber = u16;

const DAY: i64 = 86_400;
const EPOCH: Date = Date::constant(1970, 1, 1);

/// The days of one time zone.
#[derive(Debug, Clone)]
pub(crate) struct Days {
    zone: TimeZone,
    /// Between these seconds since 1970 the zone's offset does not change.
    span: (i64, i64),
    /// Seconds to add to UTC.
    offset: i64,
}

impl Days {
    /// Days of a zone.
    pub(crate) fn new(zone: TimeZone) -> Days {
        Days { zone, span: (0, 0), offset: 0 }
    }

    /// The local day of a second since 1970.
    pub(crate) fn of(&mut self, second: i64) -> DayNumber {
        if second < self.span.0 || second >= self.span.1 {
            self.look_up(second);
        }
        (second + self.offset).div_euclid(DAY).clamp(0, i64::from(DayNumber::MAX)) as DayNumber
    }

    fn look_up(&mut self, second: i64) {
        let time = Timestamp::from_second(second).unwrap_or_default();
        self.offset = i64::from(self.zone.to_offset(time).seconds());
        // A transition that happens now counts already.
        let before = self.zone.preceding(time + jiff::SignedDuration::from_secs(1)).next();
        let next = self.zone.following(time).next();
        self.span = (
            before.map_or(i64::MIN, |transition| transition.timestamp().as_second()),
            next.map_or(i64::MAX, |transition| transition.timestamp().as_second()),
        );
    }
}

/// The date of a day.
pub(crate) fn date(day: DayNumber) -> Date {
    EPOCH.checked_add(jiff::Span::new().days(i64::from(day))).unwrap_or(EPOCH)
}

/// The day of a date.
pub(crate) fn number(date: Date) -> DayNumber {
    let days = EPOCH.until(date).map_or(0, |span| span.get_days());
    days.clamp(0, i32::from(DayNumber::MAX)) as DayNumber
}

/// Seconds since 1970 of a time as the journal writes it (`2026-11-22T10:00:00.123Z`); none for
/// another form.
pub(crate) fn second(text: &[u8]) -> Option<i64> {
    let [b'2', _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _, rest @ ..] =
        text
    else {
        return None;
    };
    let fraction = match rest {
        [b'Z'] => &[][..],
        [b'.', digits @ .., b'Z'] if !digits.is_empty() && digits.len() < 10 => digits,
        _ => return None,
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0i64, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    number(fraction)?;
    let (year, month, day) = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?);
    let (hour, minute, second) =
        (number(&text[11..13])?, number(&text[14..16])?, number(&text[17..19])?);
    if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, 28 + i64::from(is_leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months = &lengths[..month as usize];
    if day > months[months.len() - 1] {
        return None;
    }
    let past: i64 = months[..months.len() - 1].iter().sum();
    let years = year - 1970;
    let leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
    let days = years * 365 + leaps + past + day - 1;
    Some(days * DAY + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn seconds_and_days_are_those_of_the_calendar(
            seconds in 946_684_800i64..5_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
        ) {
            let time = Timestamp::from_second(seconds).unwrap();
            prop_assert_eq!(second(time.to_string().as_bytes()), Some(seconds));
            let zone = TimeZone::get(zone).unwrap();
            let local = time.to_zoned(zone.clone()).date();
            let mut days = Days::new(zone);
            prop_assert_eq!(date(days.of(seconds)), local);
            for near in [-7_200, -1, 0, 1, 7_200, 86_400] {
                let time = Timestamp::from_second(seconds + near).unwrap();
                let local = time.to_zoned(days.zone.clone()).date();
                prop_assert_eq!(date(days.of(seconds + near)), local);
            }
            prop_assert_eq!(date(number(local)), local);
        }
    }

    #[test]
    fn another_form_of_time_is_not_guessed_at() {
        for odd in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00+01:00",
            "2026-11-22T10:00:00.Z",
            "2026-11-22t10:00:00Z",
        ] {
            assert_eq!(second(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(second(b"2028-02-29T00:00:00Z"), Some(1_835_395_200));
    }
}
