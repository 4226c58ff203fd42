//! Days as `--since` and `--until` read them, and times as the table shows them; all local.
//!
//! Pure: the time of day and the zone are given.

use jiff::civil::Date;
use jiff::{Span, Timestamp, Zoned};

use crate::error::{Error, Result};

/// The moment at which a day begins: `2026-11-22`, `today`, `yesterday`, `7d` (so many days ago),
/// `2w`, `month` (this one's first), `2026-11`, or so many hours ago as `12h`. The local midnight, or
/// with hours the exact moment.
///
/// # Errors
/// Names the flag and says what it takes.
pub(crate) fn begin(flag: &str, text: &str, now: &Zoned) -> Result<Timestamp> {
    moment(text, now, false).ok_or_else(|| wrong(flag, text))
}

/// The moment at which a day or a month ends; everything before it counts.
///
/// # Errors
/// Names the flag and says what it takes.
pub(crate) fn end(flag: &str, text: &str, now: &Zoned) -> Result<Timestamp> {
    moment(text, now, true).ok_or_else(|| wrong(flag, text))
}

/// The moments between which something lies, each where it is asked for.
///
/// # Errors
/// Names the flag that cannot be read; or the second is before the first.
pub(crate) fn span(
    since: Option<&str>,
    until: Option<&str>,
    now: &Zoned,
) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let begun = since.map(|day| begin("--since", day, now)).transpose()?;
    let ended = until.map(|day| end("--until", day, now)).transpose()?;
    if begun.zip(ended).is_some_and(|(since, until)| since >= until) {
        return Err(Error::usage("`--until` is before `--since`").code("bad_date"));
    }
    Ok((begun, ended))
}

fn wrong(flag: &str, text: &str) -> Error {
    Error::usage(format!("`{flag} {text}` is not a day"))
        .code("bad_date")
        .hint("write `2026-11-22`, `2026-11`, `today`, `yesterday`, `month`, `7d` or `12h`")
}

fn moment(text: &str, now: &Zoned, is_end: bool) -> Option<Timestamp> {
    let text = text.trim().to_lowercase();
    if let Some(hours) = text.strip_suffix('h').and_then(count) {
        return now
            .checked_sub(Span::new().try_hours(hours).ok()?)
            .ok()
            .map(|then| then.timestamp());
    }
    let ago = |days: i64| now.date().checked_sub(Span::new().try_days(days).ok()?).ok();
    let month = match text.as_str() {
        "month" => Some(now.date().first_of_month()),
        other if other.len() == 7 => format!("{other}-01").parse::<Date>().ok(),
        _ => None,
    };
    let (day, span) = match (month, text.as_str()) {
        (Some(month), _) => (month, Span::new().months(1)),
        (_, "today") => (now.date(), Span::new().days(1)),
        (_, "yesterday") => (ago(1)?, Span::new().days(1)),
        (_, other) => {
            let count_before = |unit: char| other.strip_suffix(unit).and_then(count);
            let day = match (count_before('d'), count_before('w')) {
                (Some(days), _) => ago(days)?,
                (_, Some(weeks)) => ago(weeks * 7)?,
                _ => other.parse::<Date>().ok()?,
            };
            (day, Span::new().days(1))
        }
    };
    let day = if is_end { day.checked_add(span).ok()? } else { day };
    day.to_zoned(now.time_zone().clone()).ok().map(|midnight| midnight.timestamp())
}

/// A whole number that no calendar can be broken with.
fn count(text: &str) -> Option<i64> {
    text.parse::<u16>().ok().map(i64::from)
}

/// `00:41` for a moment of today, `11-22 00:41` for one of this year, else with the year.
pub(crate) fn short(moment: Timestamp, now: &Zoned) -> String {
    let local = moment.to_zoned(now.time_zone().clone());
    let form = match () {
        () if local.date() == now.date() => "%H:%M",
        () if local.year() == now.year() => "%m-%d %H:%M",
        () => "%Y-%m-%d",
    };
    local.strftime(form).to_string()
}

/// `2026-11-22 00:41:07`.
pub(crate) fn long(moment: Timestamp, now: &Zoned) -> String {
    moment.to_zoned(now.time_zone().clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-23T01:30:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn days_are_local() {
        let of = |text: &str| begin("--since", text, &now()).map(|moment| moment.to_string());
        assert_eq!(of("today").unwrap(), "2026-11-22T23:00:00Z");
        assert_eq!(of("yesterday").unwrap(), "2026-11-21T23:00:00Z");
        assert_eq!(of("7d").unwrap(), "2026-11-15T23:00:00Z");
        assert_eq!(of("2026-07-01").unwrap(), "2026-06-30T22:00:00Z", "in summer time");
        assert_eq!(of("12h").unwrap(), "2026-11-22T12:30:00Z");
        assert_eq!(of("month").unwrap(), "2026-10-31T23:00:00Z");
        assert_eq!(of("2026-02").unwrap(), "2026-01-31T23:00:00Z");
        let month = end("--until", "2026-02", &now()).unwrap().to_string();
        assert_eq!(month, "2026-02-28T23:00:00Z");
        assert_eq!(
            end("--until", "yesterday", &now()).unwrap().to_string(),
            "2026-11-22T23:00:00Z"
        );
    }

    #[test]
    fn what_is_no_day_is_named() {
        for bad in
            ["", "d", "-1d", "22.11.2026", "2026-13-01", "99999999999d", "last week", "6553w"]
        {
            match begin("--since", bad, &now()) {
                Err(error) => assert!(error.message.contains("--since"), "{error}"),
                Ok(moment) => assert_eq!(bad, "6553w", "{moment}"),
            }
        }
    }

    #[test]
    fn times_are_as_short_as_they_can_be() {
        let of = |text: &str| short(text.parse().unwrap(), &now());
        assert_eq!(of("2026-11-22T23:41:00Z"), "00:41");
        assert_eq!(of("2026-11-22T22:41:00Z"), "11-22 23:41");
        assert_eq!(of("2025-11-22T22:41:00Z"), "2025-11-22");
        assert_eq!(long("2026-11-22T23:41:07Z".parse().unwrap(), &now()), "2026-11-23 00:41:07");
    }
}
