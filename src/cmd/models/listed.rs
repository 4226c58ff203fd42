//! A model as the list and the JSON document show it, and the short words for what it can do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::quote::{MadeFrom, Quote, Wanted};
use crate::catalog::{Model, Sizes, State};
use crate::cmd::{App, generate, refresh};
use crate::engine::{KeyCommands, Sighting};
use crate::money::Money;
use crate::request::{Background, Format};
use crate::stats::{Measured, Measures};
use crate::store::Client;
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
    /// What one costs that is made from a picture, where it takes pictures.
    pub(super) edit: Option<Quote>,
    /// What the log says of it, where enough was made with it.
    pub(super) measured: Option<Measured>,
    /// Whether `auto` takes it.
    pub(super) is_auto: bool,
    /// When its provider did not know it, or gave no access to it.
    pub(super) missing: Option<Sighting>,
}

/// What is so for all models at this moment.
pub(super) struct Now {
    /// The providers that can be asked.
    ready: Vec<String>,
    /// What `auto` takes.
    pub(super) auto: Option<String>,
    /// What the keys turned out not to have.
    missing: HashMap<String, Sighting>,
}

impl Now {
    /// Looks at keys, settings and what was seen within a day; runs no command for a key.
    pub(super) fn of(app: &App, client: Option<&Arc<Client>>) -> Now {
        let catalog = &app.settings.catalog;
        let providers = catalog.providers.iter().filter(|known| app.is_usable(known));
        let auto = generate::choice(app, "a red fox", client).ok();
        let planner = app.planner("");
        let sighting = |model: &Model| {
            let seen = planner.sighting(None, model, KeyCommands::Leave)?;
            Some((model.full_id(), seen))
        };
        Now {
            ready: providers.map(|known| known.id.clone()).collect(),
            auto: auto.map(|(model, _)| model.full_id()),
            missing: catalog.models.iter().filter_map(sighting).collect(),
        }
    }
}

impl Listed {
    /// Looks at a model as it is now.
    pub(super) fn of(
        app: &App,
        now: &Now,
        model: Model,
        wanted: &Wanted,
        measures: &Measures,
    ) -> Listed {
        Listed {
            state: model.life.on(&app.today()),
            has_key: now.ready.contains(&model.provider),
            quote: wanted.quote(&model),
            edit: model
                .edit
                .as_ref()
                .map(|_| wanted.clone().made_from(MadeFrom::Picture).quote(&model)),
            measured: measures.of(&model.full_id()).copied(),
            is_auto: now.auto.as_ref() == Some(&model.full_id()),
            missing: now.missing.get(&model.full_id()).cloned(),
            model,
        }
    }

    /// Whether it can be used now.
    pub(super) fn is_available(&self) -> bool {
        self.has_key && self.state != State::Retired
    }

    /// What keeps it from being used, or will.
    pub(super) fn state_text(&self) -> String {
        match (self.state, &self.model.life.shutdown, &self.missing) {
            (State::Retired, Some(day), _) => format!("retired {day}"),
            _ if !self.has_key => "no key".to_owned(),
            (_, _, Some(missing)) => missing.text(),
            (State::Deprecated, Some(day), _) => end_text(day),
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
            "costFor": {
                "size": self.quote.size,
                "quality": self.quote.quality,
                "from": self.quote.from,
                "mask": self.quote.is_masked,
            },
            "currency": "USD",
            "isAvailable": self.is_available(),
            "is_auto": self.is_auto,
            "no_access": self.missing.as_ref().map(|missing| json!({
                "seen": missing.at.to_string(),
                "kind": missing.kind.code(),
                "why": missing.why,
            })),
            "supportedSizes": model.sizes.words(),
            "qualities": model.qualities,
            "formats": model.formats,
            "pictures_in": model.edit.as_ref().map(|edit| json!({
                "most": edit.most,
                "formats": edit.formats,
                "max_bytes": edit.max_bytes,
                "mask": edit.mask.is_some(),
                "keeps_size": edit.keeps_size,
                "fidelity": edit.fidelity,
                "cost": self.edit.as_ref().and_then(|quote| {
                    quote.estimate.expected.map(Money::as_json)
                }),
            })),
            "abilities": abilities(model).iter().map(|it| it.word()).collect::<Vec<_>>(),
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

/// What a model can do besides making an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Ability {
    /// Repeats a picture by its seed
    Seed,
    /// Takes what should not be seen as a field
    Negative,
    /// Makes a transparent background
    Alpha,
    /// Makes vector pictures
    Svg,
    /// Takes colours as a field
    Colors,
    /// Has styles of its own
    Style,
    /// Makes a picture from another
    Edit,
    /// Changes only a part of it
    Mask,
    /// Makes a picture from several
    References,
}

impl Ability {
    fn is_of(self, model: &Model) -> bool {
        match self {
            Ability::Seed => model.has_seed(),
            Ability::Negative => model.params.negative.is_some(),
            Ability::Alpha => model.backgrounds.contains(&Background::Transparent),
            Ability::Svg => model.formats.contains(&Format::Svg),
            Ability::Colors => model.params.colors.is_some(),
            Ability::Style => model.params.styles.is_some() || model.is_drawn_here(),
            Ability::Edit => model.edit.is_some(),
            Ability::Mask => model.edit.as_ref().is_some_and(|edit| edit.mask.is_some()),
            Ability::References => model.edit.as_ref().is_some_and(|edit| edit.most > 1),
        }
    }

    /// Its short word, in tables, documents and for `--can`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Ability::Seed => "seed",
            Ability::Negative => "negative",
            Ability::Alpha => "alpha",
            Ability::Svg => "svg",
            Ability::Colors => "colors",
            Ability::Style => "style",
            Ability::Edit => "edit",
            Ability::Mask => "mask",
            Ability::References => "references",
        }
    }
}

/// What a model can do, in the order of the list.
pub(super) fn abilities(model: &Model) -> Vec<Ability> {
    Ability::value_variants().iter().copied().filter(|ability| ability.is_of(model)).collect()
}

/// The same in words but for those that are known, with this between them.
pub(super) fn abilities_text(model: &Model, between: &str, known: &[Ability]) -> String {
    let told = abilities(model).into_iter().filter(|ability| !known.contains(ability));
    told.map(Ability::word).collect::<Vec<_>>().join(between)
}

/// What the image is made from that these abilities are asked for.
pub(super) fn made_from(asked: &[Ability]) -> MadeFrom {
    let is_asked = |one: Ability| asked.contains(&one);
    match is_asked(Ability::Mask) {
        true => MadeFrom::PictureAndMask,
        false if is_asked(Ability::Edit) || is_asked(Ability::References) => MadeFrom::Picture,
        false => MadeFrom::Words,
    }
}
