//! Which models a job may be made with: what `-m` names or `auto` finds, the same model elsewhere, and
//! what `--fallback` says.

use super::plan::Planner;
use super::route;
use crate::catalog::{Defaults, Model, State};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::settings::Prefer;

/// The models of a job in order, and whether the first one was named by the user.
pub(super) struct Chain {
    pub(super) models: Vec<Model>,
    /// So many of them, from the first, are the same model and thus equal.
    pub(super) equal: usize,
    pub(super) auto: bool,
    pub(super) successor: Option<Model>,
}

impl Planner<'_> {
    fn usable(&self, provider: &str) -> bool {
        let provider = self.settings.catalog.provider(provider);
        provider.is_some_and(|provider| route::is_usable(self.settings, self.env, provider))
    }

    pub(super) fn resolve(&self, name: &str) -> Result<Model> {
        self.settings.catalog.model(name, &|provider| self.usable(provider))
    }

    /// The models that a job may be made with.
    pub(super) fn chain(&self, name: &str) -> Result<Chain> {
        let auto = name == "auto";
        let mut models = if auto { self.automatic()? } else { vec![self.resolve(name)?] };
        let mut same: Vec<String> = models.iter().take(1).map(Model::full_id).collect();
        let named = match (&self.ask.fallback, &models[..]) {
            (Some(named), _) => Some(named.clone()),
            (None, [first, ..]) => {
                let alive = |id: &String| {
                    let model = self.resolve(id).ok()?;
                    self.usable(&model.provider).then_some(model)
                };
                let elsewhere: Vec<Model> = first.same_as.iter().filter_map(alive).collect();
                same.extend(elsewhere.iter().map(Model::full_id));
                // `auto` may know one of them already, farther behind.
                models.splice(1..1, elsewhere);
                None
            }
            (None, []) => None,
        };
        if let Some(named) = named {
            models.truncate(1);
            for name in named {
                models.push(self.resolve(&name)?);
            }
        }
        let mut seen = std::collections::HashSet::new();
        models.retain(|model| seen.insert(model.full_id()));
        // A paid failure falls back to the sketch only when it was named as a fallback.
        if self.ask.fallback.is_none()
            && models.first().is_some_and(|model| model.provider != "pinx")
        {
            models.retain(|model| model.provider != "pinx");
        }
        let successor = models.first().and_then(|model| model.life.successor.as_ref());
        let successor = successor.filter(|_| self.ask.fallback.is_none());
        let successor = successor.and_then(|id| self.resolve(id).ok());
        let successor =
            successor.filter(|next| !models.iter().any(|m| m.full_id() == next.full_id()));
        let equal = models.iter().take_while(|model| same.contains(&model.full_id())).count();
        Ok(Chain { models, equal, auto, successor })
    }

    /// `auto`: the usable models of `auto_order`, sorted as `prefer` says; the sketch stays last.
    fn automatic(&self) -> Result<Vec<Model>> {
        let mut models = Vec::new();
        for id in &self.settings.auto_order {
            let model = self.resolve(id)?;
            let provider = self.settings.catalog.provider(&model.provider);
            let is_usable = provider
                .map(|provider| route::usability(self.settings, self.env, provider))
                .transpose()?;
            if is_usable == Some(true) && model.life.on(&self.ask.today) != State::Retired {
                models.push(model);
            }
        }
        let last = |model: &Model| model.provider == "pinx";
        match self.ask.prefer {
            Some(Prefer::Cheap) => {
                let price = |model: &Model| {
                    let order = model
                        .fit(&self.ask.request, None, &self.defaults(0))
                        .map(|(order, _)| order);
                    let estimate =
                        order.ok().map(|order| model.price.estimate(model.rates.as_ref(), &order));
                    estimate
                        .and_then(|estimate| estimate.expected)
                        .map_or(u64::MAX, Money::as_micros)
                };
                models.sort_by_cached_key(|model| (last(model), price(model)));
            }
            Some(Prefer::Fast) => {
                let slow = |model: &Model| model.seconds.map_or(f64::MAX, |[_, high]| high);
                models.sort_by(|a, b| last(a).cmp(&last(b)).then(slow(a).total_cmp(&slow(b))));
            }
            Some(Prefer::Best) | None => {}
        }
        if models.is_empty() {
            return Err(Error::new(Kind::Key, "`auto` finds no usable model")
                .hint("set OPENAI_API_KEY or FAL_KEY, or put `pinx/sketch` into `auto_order`"));
        }
        Ok(models)
    }

    pub(super) fn defaults(&self, seed: u64) -> Defaults {
        Defaults { size: self.ask.size, seed }
    }
}
