//! What a run says at its end: the JSON document, or the closing line made from it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::catalog::Certainty;
use crate::engine::report::{Document, JobReport, JobStatus};
use crate::error::Billed;
use crate::money::Money;
use crate::text;

/// What a picture of the cache costs, in words.
pub(crate) const FROM_CACHE: &str = "from cache, free";

/// A value as a pretty JSON document with a line break at its end.
pub(crate) fn document<T: Serialize>(value: &T) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|text| escaped(text) + "\n")
}

/// A document whose list `jobs` is empty as yet, in two parts: between them the jobs belong.
pub(crate) fn around_jobs(document: &Value) -> serde_json::Result<(String, String)> {
    let text = self::document(document)?;
    let (before, behind) = text.split_once("\n  \"jobs\": []").unwrap_or((&text, ""));
    Ok((format!("{before}\n  \"jobs\": ["), format!("]{behind}")))
}

/// A job inside such a document; `first` has no comma before it.
pub(crate) fn job(value: &Value, first: bool) -> serde_json::Result<String> {
    let text = escaped(serde_json::to_string_pretty(value)?).replace('\n', "\n    ");
    Ok(format!("{}\n    {text}", if first { "" } else { "," }))
}

/// A value as JSON on one line, without its break.
pub(crate) fn row<T: Serialize>(value: &T) -> serde_json::Result<String> {
    serde_json::to_string(value).map(escaped)
}

/// JSON with the characters escaped that harm a terminal and that serde lets through: those beyond
/// ASCII, which stand in strings only, and DEL.
fn escaped(text: String) -> String {
    let harms = |c: char| c != '\n' && text::is_dangerous(c);
    if !text.contains(harms) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harms(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out += &format!("\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The closing line: `3 images · openai/gpt-image-2 · $0.039 · 8.2 s`.
pub(crate) fn closing(document: &Document) -> String {
    let totals = &document.totals;
    let count = |status| document.jobs.iter().filter(|job| job.status == status).count();
    if totals.jobs > 0 && count(JobStatus::Planned) == totals.jobs {
        return planned(document);
    }
    let mut parts = vec![if totals.done == totals.jobs {
        images(totals.images)
    } else {
        format!("{} of {}", totals.done, images(totals.jobs))
    }];
    parts.extend(models(document));
    let time = text::duration(Duration::from_millis(totals.ms));
    match count(JobStatus::Cached) {
        0 => {}
        // Nothing else to count and nothing else that cost: one phrase says both.
        jobs if jobs == totals.jobs && totals.uncertain == Some(Money::ZERO) => {
            parts.extend([FROM_CACHE.to_owned(), time]);
            return parts.join(" · ");
        }
        jobs => parts.push(format!("{jobs} {FROM_CACHE}")),
    }
    for (status, words) in [
        (JobStatus::Refused, "refused"),
        (JobStatus::Failed, "failed"),
        (JobStatus::Unknown, "with unknown outcome"),
        (JobStatus::Pending, "still open"),
        (JobStatus::Interrupted, "interrupted"),
        (JobStatus::Skipped, "not begun"),
        (JobStatus::Unbegun, "not begun"),
    ] {
        match count(status) {
            0 => {}
            jobs => parts.push(format!("{jobs} {words}")),
        }
    }
    let is_zero = totals.cost == Some(Money::ZERO) && totals.done == 0;
    let uncertain = match totals.uncertain {
        Some(Money::ZERO) if !document.jobs.iter().any(is_unpriced) => None,
        None | Some(Money::ZERO) => {
            Some(if is_zero { "maybe billed" } else { "more maybe billed" }.to_owned())
        }
        Some(money) => Some(format!("{money} maybe billed")),
    };
    match totals.cost {
        None => parts.push("cost unknown".to_owned()),
        Some(_) if is_zero => {
            parts.extend(uncertain.is_none().then(|| "nothing spent".to_owned()));
        }
        // Nothing is free while it may have cost.
        Some(Money::ZERO) if totals.uncertain.is_some_and(|money| money > Money::ZERO) => {}
        Some(money) => parts.push(figure(money, document.jobs.iter().any(is_about))),
    }
    parts.extend(uncertain);
    parts.push(time);
    parts.join(" · ")
}

/// Who made the images: the one model, or how many; nothing where none was made. That of an image
/// which failed counts too, so that a blind comparison does not give away which it was.
fn models(document: &Document) -> Option<String> {
    let models: BTreeSet<&str> = document.jobs.iter().map(|job| job.model.as_str()).collect();
    let only = models.first().filter(|_| document.totals.done > 0)?;
    Some(match models.len() {
        1 => text::clean(only, 100),
        count => format!("{count} models"),
    })
}

/// The closing line of a dry run: what it would cost.
fn planned(document: &Document) -> String {
    let cost: Option<Money> = document.jobs.iter().map(|job| job.cost.estimated).sum();
    let about = document.jobs.iter().any(|job| job.cost.certainty == Certainty::About);
    let cost = cost.map_or_else(|| "cost unknown".to_owned(), |money| figure(money, about));
    format!("{} planned · {cost} · nothing sent", images(document.jobs.len()))
}

/// Whether it may have been billed, and nobody knows how much.
fn is_unpriced(job: &JobReport) -> bool {
    job.billed == Billed::Unknown && job.uncertain == Money::ZERO && job.cost.estimated.is_none()
}

/// Whether its figure is an estimate that may be off.
fn is_about(job: &JobReport) -> bool {
    job.billed == Billed::Yes
        && job.cost.reported.is_none()
        && job.cost.certainty != Certainty::Exact
}

/// `$0.039`, `~$0.039` or `free`.
fn figure(money: Money, about: bool) -> String {
    if about { money.cost_about() } else { money.cost() }
}

fn images(count: usize) -> String {
    if count == 1 { "1 image".to_owned() } else { format!("{count} images") }
}

#[cfg(test)]
mod tests {
    use super::{closing, document, row};
    use crate::catalog::Certainty;
    use crate::engine::report::{Cost, Document, ImageReport, JobReport, JobStatus, Timing};
    use crate::error::{Billed, Exit};
    use crate::money::Money;

    #[test]
    fn what_harms_a_terminal_is_escaped_and_reads_back() {
        let text = "a\u{9b}31m \u{202e}\u{7f}\u{e0041} é 🦊";
        for json in [document(&[text]).unwrap(), row(&[text]).unwrap()] {
            assert!(json.contains("\\u009b31m \\u202e\\u007f\\udb40\\udc41 é 🦊"), "{json}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
        }
    }

    fn job(
        status: JobStatus,
        billed: Billed,
        micros: Option<u64>,
        certainty: Certainty,
    ) -> JobReport {
        let image = ImageReport {
            path: "/a.png".to_owned(),
            width: 1,
            height: 1,
            format: "png".to_owned(),
            bytes: 1,
            sha256: String::new(),
            shown: "a.png".to_owned(),
        };
        let has_image = matches!(status, JobStatus::Done | JobStatus::Cached);
        JobReport {
            index: 0,
            id: String::new(),
            status,
            prompt: String::new(),
            model: "openai/gpt-image-2".to_owned(),
            provider: String::new(),
            route: String::new(),
            attempts: Vec::new(),
            images: if has_image { vec![image] } else { Vec::new() },
            inputs: Vec::new(),
            seed: None,
            cost: Cost {
                estimated: micros.map(Money::micros),
                at_most: None,
                reported: None,
                currency: "USD",
                certainty,
            },
            billed,
            uncertain: Money::micros(
                micros.filter(|_| billed == Billed::Unknown).unwrap_or_default(),
            ),
            left_open: false,
            is_final: false,
            timing: Timing::default(),
            adjustments: Vec::new(),
            revised_prompt: None,
            usage: None,
            path: None,
            call: None,
            missing_key: None,
            error: None,
            exit: Exit::OK,
            kind: None,
        }
    }

    fn line(jobs: Vec<JobReport>, ms: u64) -> String {
        closing(&Document::of_jobs(None, jobs, ms))
    }

    #[test]
    fn success_is_count_model_money_time() {
        let done = || job(JobStatus::Done, Billed::Yes, Some(13_000), Certainty::Exact);
        assert_eq!(
            line(vec![done(), done(), done()], 8_200),
            "3 images · openai/gpt-image-2 · $0.039 · 8.2 s"
        );
        let about = job(JobStatus::Done, Billed::Yes, Some(13_000), Certainty::About);
        assert_eq!(line(vec![about], 900), "1 image · openai/gpt-image-2 · ~$0.013 · 900 ms");
        for certainty in [Certainty::Exact, Certainty::About] {
            let free = job(JobStatus::Done, Billed::Yes, Some(0), certainty);
            assert_eq!(line(vec![free], 90), "1 image · openai/gpt-image-2 · free · 90 ms");
        }
        let unknown = job(JobStatus::Done, Billed::Yes, None, Certainty::Unknown);
        assert_eq!(
            line(vec![unknown, done()], 90),
            "2 images · openai/gpt-image-2 · cost unknown · 90 ms"
        );
        let cached = job(JobStatus::Cached, Billed::No, Some(13_000), Certainty::Exact);
        assert_eq!(
            line(vec![cached.clone(), done()], 90),
            "2 images · openai/gpt-image-2 · 1 from cache, free · $0.013 · 90 ms"
        );
        assert_eq!(
            line(vec![cached.clone(), cached], 9),
            "2 images · openai/gpt-image-2 · from cache, free · 9 ms"
        );
    }

    #[test]
    fn several_models_are_counted_with_those_that_failed() {
        let made = || job(JobStatus::Done, Billed::Yes, Some(13_000), Certainty::Exact);
        let other = |job: JobReport| JobReport { model: "fal/flux-schnell".to_owned(), ..job };
        assert_eq!(line(vec![made(), other(made())], 90), "2 images · 2 models · $0.026 · 90 ms");
        let failed = other(job(JobStatus::Failed, Billed::No, None, Certainty::Exact));
        assert_eq!(
            line(vec![made(), failed], 90),
            "1 of 2 images · 2 models · 1 failed · $0.013 · 90 ms"
        );
    }

    #[test]
    fn failure_is_told_by_kind() {
        let done = || job(JobStatus::Done, Billed::Yes, Some(13_000), Certainty::Exact);
        let refused = || job(JobStatus::Refused, Billed::No, Some(13_000), Certainty::Exact);
        assert_eq!(
            line(vec![done(), done(), refused()], 9_100),
            "2 of 3 images · openai/gpt-image-2 · 1 refused · $0.026 · 9.1 s"
        );
        assert_eq!(
            line(vec![refused()], 9_100),
            "0 of 1 image · 1 refused · nothing spent · 9.1 s"
        );
        let open = || job(JobStatus::Unknown, Billed::Unknown, Some(50_000), Certainty::About);
        assert_eq!(
            line(vec![done(), open()], 9_100),
            "1 of 2 images · openai/gpt-image-2 · 1 with unknown outcome · $0.013 \
             · $0.05 maybe billed · 9.1 s"
        );
        assert_eq!(
            line(vec![open()], 9_100),
            "0 of 1 image · 1 with unknown outcome · $0.05 maybe billed · 9.1 s"
        );
        let lost = job(JobStatus::Pending, Billed::Unknown, None, Certainty::Unknown);
        assert_eq!(
            line(vec![lost.clone()], 9_100),
            "0 of 1 image · 1 still open · maybe billed · 9.1 s"
        );
        assert_eq!(
            line(vec![done(), lost], 9_100),
            "1 of 2 images · openai/gpt-image-2 · 1 still open · $0.013 · more maybe billed · 9.1 s"
        );
    }

    #[test]
    fn a_dry_run_says_what_it_would_cost() {
        let plan = || job(JobStatus::Planned, Billed::No, Some(13_000), Certainty::About);
        assert_eq!(line(vec![plan(), plan()], 3), "2 images planned · ~$0.026 · nothing sent");
    }
}
