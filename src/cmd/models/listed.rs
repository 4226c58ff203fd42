//! A model as the list and the JSON document show it, and the short words for what it can do.

use std::time::Duration;

use serde_json::{Value, json};

use super::quote::{Quote, Wanted};
use crate::catalog::{Model, Sizes, State};
use crate::cmd::{App, refresh};
use crate::money::Money;
use crate::request::{Background, Format};
use crate::stats::{Measured, Measures};
use crate::text;

/// A model with everything that a row says.
pub(super) struct Listed {
    /// The model, with what its provider last said of it.
    pub(super) model: Model,
    /// Whether it is alive today.
    pub(super) state: State,
    /// Whether its provider can be asked.
    pub(super) has_key: bool,
    /// What the image asked for costs.
    pub(super) quote: Quote,
    /// What the log says of it, where enough was made with it.
    pub(super) measured: Option<Measured>,
}

/// The providers that can be asked.
pub(super) fn ready(app: &App) -> Vec<String> {
    let providers = app.settings.catalog.providers.iter();
    providers.filter(|known| app.is_usable(known)).map(|known| known.id.clone()).collect()
}

impl Listed {
    /// Looks at a model as it is today, when these providers are [`ready`].
    pub(super) fn of(
        app: &App,
        ready: &[String],
        model: Model,
        wanted: &Wanted,
        measures: &Measures,
    ) -> Listed {
        Listed {
            state: model.life.on(&app.today()),
            has_key: ready.contains(&model.provider),
            quote: wanted.quote(&model),
            measured: measures.of(&model.full_id()).copied(),
            model,
        }
    }

    /// Whether it can be used now.
    pub(super) fn is_available(&self) -> bool {
        self.has_key && self.state != State::Retired
    }

    /// What keeps it from being used, or will.
    pub(super) fn state_text(&self) -> String {
        match (self.state, &self.model.life.shutdown) {
            (State::Retired, Some(day)) => format!("retired {day}"),
            _ if !self.has_key => "no key".to_owned(),
            (State::Deprecated, Some(day)) => end_text(day),
            _ => String::new(),
        }
    }

    /// Seconds for one image, at best and at worst: half and 95 % of the runs of the log, else the
    /// vendor's claim.
    pub(super) fn seconds(&self) -> Option<[f64; 2]> {
        let seconds = |ms: u64| ms as f64 / 1000.0;
        let measured = self.measured.map(|m| [seconds(m.p50), seconds(m.p95)]);
        measured.or(self.model.seconds)
    }

    /// `8.2 s` where it was measured, `~6–12 s` where the vendor claims it.
    pub(super) fn time_text(&self) -> Option<String> {
        let measured = self.measured.map(|m| text::duration(Duration::from_millis(m.p50)));
        measured.or_else(|| self.model.seconds.map(time_text))
    }

    /// Where the time comes from.
    fn time_source(&self) -> Option<&'static str> {
        let claimed = self.model.seconds.map(|_| "vendor");
        self.measured.map(|_| "measured").or(claimed)
    }

    /// The object of `models --json`; its fields are never renamed.
    pub(super) fn document(&self) -> Value {
        let model = &self.model;
        json!({
            "id": model.full_id(),
            "name": model.name,
            "provider": model.provider,
            "description": model.description,
            "estimatedTime": self.time_text().unwrap_or_else(|| "unknown".to_owned()),
            "estimatedSeconds": self.seconds(),
            "timeSource": self.time_source(),
            "measured": self.measured.map(|m| json!({
                "runs": m.runs,
                "p50Seconds": m.p50 as f64 / 1000.0,
                "p95Seconds": m.p95 as f64 / 1000.0,
                "successRate": (m.success * 1e4).round() / 1e4,
                "costPerImage": m.cost.map(Money::as_json),
            })),
            "costPerImage": self.quote.estimate.expected.map(Money::as_json),
            "costCertainty": self.quote.estimate.certainty,
            "costFor": { "size": self.quote.size, "quality": self.quote.quality },
            "currency": "USD",
            "isAvailable": self.is_available(),
            "supportedSizes": model.sizes.words(),
            "qualities": model.qualities,
            "formats": model.formats,
            "abilities": abilities(model),
            "life": {
                "state": self.state,
                "shutdown": model.life.shutdown.as_ref().filter(|day| refresh::is_day(day)),
                "successor": model.life.successor,
            },
            "aliases": model.aliases,
            "wire": model.wire,
            "asOf": model.as_of,
            "source": model.source,
        })
    }
}

/// `~6–12 s`, the vendor's claim.
pub(super) fn time_text([low, high]: [f64; 2]) -> String {
    if (high - low).abs() < 1e-9 { format!("~{low} s") } else { format!("~{low}–{high} s") }
}

/// `until 2026-12-01`, or `deprecated` where no day is announced.
fn end_text(day: &str) -> String {
    if refresh::is_day(day) { format!("until {day}") } else { "deprecated".to_owned() }
}

/// `any ≤2048`, `3 sizes`, `10 ratios`.
pub(super) fn sizes_text(sizes: &Sizes) -> String {
    match sizes {
        Sizes::Aspect { ratios, .. } => format!("{} ratios", ratios.len()),
        other => other.to_string(),
    }
}

/// What a model can do besides making an image, in short words.
pub(super) fn abilities(model: &Model) -> Vec<&'static str> {
    let has = [
        ("seed", model.has_seed()),
        ("negative", model.params.negative.is_some()),
        ("alpha", model.backgrounds.contains(&Background::Transparent)),
        ("svg", model.formats.contains(&Format::Svg)),
        ("colors", model.params.colors.is_some()),
        ("style", model.params.styles.is_some() || model.is_drawn_here()),
    ];
    has.into_iter().filter(|(_, has)| *has).map(|(word, _)| word).collect()
}
