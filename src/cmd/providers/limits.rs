//! The limits of each key as `pinx providers` shows them: what is set or learned, what is in use now.

use serde_json::{Value, json};

use super::Keys;
use crate::catalog::Provider;
use crate::cmd::App;
use crate::dialect;
use crate::engine::limit::{LimitOrigin, LimitView};
use crate::engine::{Limits, route};
use crate::settings::address::Endpoints;
use crate::settings::keys::Key;
use crate::text;

/// What is known of one key.
pub(super) struct Limit {
    source: Option<String>,
    fingerprint: Option<String>,
    /// Whether the figure comes from the user's settings.
    is_own: bool,
    view: LimitView,
}

/// The limits of each key of a provider. A key that a command would print stays unknown.
pub(super) fn of(app: &App, provider: &Provider, keys: &Keys, endpoints: &Endpoints) -> Vec<Limit> {
    let limits = Limits::new(Some(&app.settings.places.limits));
    let set = |key: &str| app.settings.value(&format!("providers.{}.{key}", provider.id)).is_some();
    let is_own = set("requests_per_minute") || set("images_per_minute");
    let limit = |key: Option<&Key>| Limit {
        source: key.map(|key| key.source.clone()),
        fingerprint: key.map(|key| key.fingerprint.clone()),
        is_own,
        view: limits.view(&route::origin(provider, key, endpoints)),
    };
    match keys {
        Keys::Found(found) => found.iter().map(|key| limit(Some(key))).collect(),
        Keys::Needless if !dialect::facts(provider).renders => vec![limit(None)],
        _ => Vec::new(),
    }
}

impl Limit {
    /// `6/min, 2 used, 1/4 busy, cooling 12 s`; a dash where nothing is known.
    pub(super) fn text(&self) -> String {
        let LimitView { rate, recent, most, in_flight, cooling } = &self.view;
        let mut parts = Vec::new();
        if let Some((rate, _)) = rate {
            parts.push(format!("{rate}/min"));
        }
        if let (Some(_), 1..) = (rate, recent) {
            parts.push(format!("{recent} used"));
        }
        match (most, in_flight) {
            (Some(most), busy) => parts.push(format!("{busy}/{most} busy")),
            (None, 0) => {}
            (None, busy) => parts.push(format!("{busy} busy")),
        }
        if let Some((left, _)) = cooling {
            parts.push(format!("cooling {}", text::duration(*left)));
        }
        if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
    }

    fn known(&self) -> Option<&'static str> {
        Some(match self.view.rate?.1 {
            LimitOrigin::Set if self.is_own => "configured",
            LimitOrigin::Set => "published",
            LimitOrigin::Learned => "learned",
        })
    }

    /// As `--json` shows it.
    pub(super) fn document(&self) -> Value {
        let LimitView { rate, recent, most, in_flight, cooling } = &self.view;
        json!({
            "keySource": self.source,
            "keyFingerprint": self.fingerprint,
            "perMinute": rate.map(|(rate, _)| rate),
            "perMinuteSource": self.known(),
            "sentLastMinute": recent,
            "inFlightLimit": most,
            "inFlight": in_flight,
            "coolingSeconds": cooling.as_ref().map(|(left, _)| left.as_secs_f64()),
            "coolingReason": cooling.as_ref().map(|(_, error)| &error.message),
        })
    }
}
