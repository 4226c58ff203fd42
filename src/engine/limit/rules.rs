//! What a provider allows: what the settings or the catalog say, else what it said itself.
//!
//! Pure. A provider may count requests, images or both; one paid request asks for one image, so the
//! smaller figure counts.

use serde::{Deserialize, Serialize};

use crate::catalog::{Provider, gateway};
use crate::dialect::spoken_duration;

/// What was learned is believed for an hour, so that a raised tier is noticed.
const BELIEVED: u64 = 3_600_000;
/// It is written down anew when it is older than this, in milliseconds.
const REFRESH: u64 = 300_000;
/// A limit that comes back after more than a minute is not one of a minute.
const MINUTE: u64 = 60_000;

/// What a provider counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Requests.
    Requests,
    /// Images.
    Images,
}

/// What is set for a provider. Zero says that there is no such limit, whatever the provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Requests a minute.
    pub requests: Option<u32>,
    /// Images a minute.
    pub images: Option<u32>,
    /// Requests at once, over all processes.
    pub in_flight: Option<u32>,
}

/// Where a limit is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitOrigin {
    /// The settings, or the catalog.
    Set,
    /// The provider's own answers.
    Learned,
}

impl Rules {
    /// Those of a provider, its settings already laid over the catalog.
    pub fn of(provider: &Provider) -> Rules {
        Rules {
            requests: provider.requests_per_minute,
            images: provider.images_per_minute,
            in_flight: provider.in_flight.filter(|limit| *limit > 0),
        }
    }

    /// Requests a minute, by whatever is known: what is set goes before what was learned.
    pub fn rate(&self, learned: &Learned) -> Option<(u32, LimitOrigin)> {
        let one = |set: Option<u32>, learned: &Option<LearnedLimit>| {
            let learned = learned.map(|heard| (heard.limit, LimitOrigin::Learned));
            set.map(|limit| (limit, LimitOrigin::Set)).or(learned).filter(|(limit, _)| *limit > 0)
        };
        let both = [one(self.requests, &learned.requests), one(self.images, &learned.images)];
        both.into_iter().flatten().min_by_key(|(limit, _)| *limit)
    }
}

/// A figure, and when it was last heard, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LearnedLimit {
    limit: u32,
    at: u64,
}

/// What a provider said that it allows a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    requests: Option<LearnedLimit>,
    images: Option<LearnedLimit>,
}

impl Learned {
    /// Forgets what is too old.
    pub fn settle(&mut self, now: u64) {
        for heard in [&mut self.requests, &mut self.images] {
            if let Some(known) = heard {
                known.at = known.at.min(now);
            }
            *heard = heard.filter(|known| now - known.at < BELIEVED);
        }
    }

    /// Takes a figure in. Models of one key may have different limits, so a smaller one replaces a
    /// larger one at once, and a larger one has to wait until the smaller is no longer believed.
    pub fn learn(&mut self, now: u64, what: Counted, limit: u32) {
        let known = match what {
            Counted::Requests => &mut self.requests,
            Counted::Images => &mut self.images,
        };
        let is_news = known.is_none_or(|old| {
            limit < old.limit || (limit == old.limit && now.saturating_sub(old.at) > REFRESH)
        });
        if limit > 0 && is_news {
            *known = Some(LearnedLimit { limit, at: now });
        }
    }
}

/// What the headers of an answer say: limits a minute, and for how many milliseconds none is left.
pub(crate) fn of_headers(headers: &[(String, String)]) -> (Vec<(Counted, u32)>, Option<u64>) {
    let header = |name: String| gateway::value(headers, &name).map(str::trim);
    let (mut limits, mut dry) = (Vec::new(), None);
    for (what, word) in [(Counted::Requests, "requests"), (Counted::Images, "images")] {
        let reset = header(format!("x-ratelimit-reset-{word}")).and_then(milliseconds);
        if reset.is_some_and(|reset| reset > MINUTE) {
            continue;
        }
        let limit = header(format!("x-ratelimit-limit-{word}")).and_then(|text| text.parse().ok());
        limits.extend(limit.filter(|limit| *limit > 0).map(|limit: u32| (what, limit)));
        if header(format!("x-ratelimit-remaining-{word}")) == Some("0") {
            dry = dry.max(reset);
        }
    }
    (limits, dry.filter(|wait| *wait > 0))
}

/// `12s`, `467ms`, or bare seconds.
fn milliseconds(text: &str) -> Option<u64> {
    let bare =
        text.parse().ok().and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
    spoken_duration(text).or(bare).map(|wait| wait.as_millis() as u64)
}

/// What the sentence of a refusal says: `… on images per min (IPM): Limit 5, Used 5, Requested 1 …`.
pub(crate) fn of_sentence(text: &str) -> Option<(Counted, u32)> {
    let text = text.to_ascii_lowercase();
    let (before, after) = text.split_once("per min")?;
    let word = before.split_whitespace().last()?;
    let what = if word.ends_with("images") {
        Counted::Images
    } else if word.ends_with("requests") {
        Counted::Requests
    } else {
        return None;
    };
    let (_, figure) = after.split_once("limit")?;
    let figure = figure.trim_start_matches([':', ' ']);
    let digits = figure.find(|c: char| !c.is_ascii_digit()).unwrap_or(figure.len());
    let limit = figure[..digits].parse().ok().filter(|limit| *limit > 0)?;
    Some((what, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_understood_where_they_speak_of_images_or_requests_a_minute() {
        for (text, expected) in [
            (
                "Rate limit reached for gpt-image-2 in organization org-x on images per min: Limit \
                 5, Used 5, Requested 1. Please try again in 12s.",
                Some((Counted::Images, 5)),
            ),
            ("… on input-images per min: Limit 20, Used 20", Some((Counted::Images, 20))),
            ("on requests per min (RPM): Limit: 3, Used 3", Some((Counted::Requests, 3))),
            ("on tokens per min (TPM): Limit 100000, Used 99000", None),
            ("on requests per day (RPD): Limit 200, Used 200", None),
            ("images per min: Limit 0, Used 0", None),
            ("images per min: Limit 99999999999999999999", None),
            ("Too many requests", None),
            ("per min", None),
        ] {
            assert_eq!(of_sentence(text), expected, "{text}");
        }
    }

    #[test]
    fn headers_tell_the_limits_of_a_minute_and_no_others() {
        let heard = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> =
                pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            of_headers(&pairs)
        };
        let limit = ("x-ratelimit-limit-requests", "50");
        assert_eq!(heard(&[limit]), (vec![(Counted::Requests, 50)], None));
        let used = [limit, ("x-ratelimit-remaining-requests", "0")];
        let soon = [&used[..], &[("x-ratelimit-reset-requests", "1.2s")]].concat();
        assert_eq!(heard(&soon), (vec![(Counted::Requests, 50)], Some(1_200)));
        let daily = [&used[..], &[("x-ratelimit-reset-requests", "6m0s")]].concat();
        assert_eq!(heard(&daily), (vec![], None), "a limit of the day is no limit of the minute");
        assert_eq!(heard(&[("x-ratelimit-limit-images", "5")]), (vec![(Counted::Images, 5)], None));
        let nonsense = [("x-ratelimit-limit-images", "-1"), ("x-ratelimit-limit-requests", "0")];
        assert_eq!(heard(&nonsense), (vec![], None));
    }

    #[test]
    fn the_smaller_figure_counts_and_what_is_set_goes_before_what_was_learned() {
        let mut learned = Learned::default();
        assert_eq!(Rules::default().rate(&learned), None);
        learned.learn(0, Counted::Images, 5);
        learned.learn(0, Counted::Requests, 500);
        assert_eq!(Rules::default().rate(&learned), Some((5, LimitOrigin::Learned)));
        let set = Rules { images: Some(20), ..Rules::default() };
        assert_eq!(set.rate(&learned), Some((20, LimitOrigin::Set)));
        let none = Rules { images: Some(0), requests: Some(0), ..Rules::default() };
        assert_eq!(none.rate(&learned), None, "zero switches a limit off");
    }

    #[test]
    fn a_raised_tier_is_noticed_after_an_hour() {
        let mut learned = Learned::default();
        let rate = |learned: &Learned| Rules::default().rate(learned).map(|(rate, _)| rate);
        learned.learn(1_000, Counted::Requests, 5);
        learned.learn(2_000, Counted::Requests, 50);
        assert_eq!(rate(&learned), Some(5), "the smaller one is still believed");
        learned.settle(1_000 + BELIEVED);
        learned.learn(1_000 + BELIEVED, Counted::Requests, 50);
        assert_eq!(rate(&learned), Some(50));
        learned.settle(0);
        assert_eq!(rate(&learned), Some(50), "a clock set back forgets nothing");
        learned.settle(BELIEVED);
        assert_eq!(rate(&learned), None, "nor does it keep anything for ever");
    }
}
