//! Which models a job may be made with: what `-m` names or `auto` finds, the same model elsewhere, and
//! what `--fallback` says.

use std::borrow::Borrow;
use std::sync::Arc;
use std::time::Duration;

use super::key_finder;
use super::plan::Planner;
use super::planned::{Chain, RunSpec};
use crate::catalog::{DRAWN_HERE, Model, State};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::settings::Prefer;
use crate::stats::{History, Measured, Ranking};
use crate::text;

impl Planner<'_> {
    fn usable(&self, id: &str) -> bool {
        if let Some(known) = self.usable.borrow().get(id) {
            return *known;
        }
        let provider = self.settings.catalog.provider(id);
        let is_usable = provider
            .is_some_and(|provider| key_finder::is_usable(self.settings, self.env, provider));
        self.usable.borrow_mut().insert(id.to_owned(), is_usable);
        is_usable
    }

    pub(super) fn resolve(&self, name: &str) -> Result<Arc<Model>> {
        if let Some(known) = self.models.borrow().get(name) {
            return Ok(Arc::clone(known));
        }
        let model = self.settings.catalog.model(name, &|provider| self.usable(provider))?;
        let model = Arc::new(model);
        self.models.borrow_mut().insert(name.to_owned(), Arc::clone(&model));
        Ok(model)
    }

    /// The models that a job may be made with.
    pub(super) fn chain(&self, spec: &RunSpec, name: &str) -> Result<Chain> {
        let auto = name == "auto";
        let mut models = if auto { self.automatic(spec)? } else { vec![self.resolve(name)?] };
        let mut same: Vec<String> = models.iter().take(1).map(|model| model.full_id()).collect();
        let named = match (&spec.fallback, &models[..]) {
            (Some(named), _) => Some(named.clone()),
            (None, [first, ..]) => {
                let alive = |id: &String| {
                    let model = self.resolve(id).ok()?;
                    self.usable(&model.provider).then_some(model)
                };
                let elsewhere: Vec<Arc<Model>> = first.same_as.iter().filter_map(alive).collect();
                same.extend(elsewhere.iter().map(|model| model.full_id()));
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
        if spec.fallback.is_none() && models.first().is_some_and(|model| !model.is_drawn_here()) {
            models.retain(|model| !model.is_drawn_here());
        }
        let successor = models.first().and_then(|model| model.life.successor.as_ref());
        let successor = successor.filter(|_| spec.fallback.is_none());
        let successor = successor.and_then(|id| self.resolve(id).ok());
        let successor =
            successor.filter(|next| !models.iter().any(|m| m.full_id() == next.full_id()));
        let equal = models.iter().take_while(|model| same.contains(&model.full_id())).count();
        let reason = models.first().filter(|_| auto).and_then(|model| self.reason(spec, model));
        Ok(Chain { models, equal, auto, reason, successor })
    }

    /// `auto`: the usable models of `auto_order`, sorted as `prefer` says; the sketch stays last.
    fn automatic(&self, spec: &RunSpec) -> Result<Vec<Arc<Model>>> {
        let mut models = Vec::new();
        for id in &self.settings.auto_order {
            let model = self.resolve(id)?;
            let provider = self.settings.catalog.provider(&model.provider);
            let is_usable = provider
                .map(|provider| key_finder::usability(self.settings, self.env, provider))
                .transpose()?;
            if is_usable == Some(true) && model.life.on(&spec.today) != State::Retired {
                models.push(model);
            }
        }
        if let Some(wanted) = spec.prefer {
            let price = |model: &Model| self.price(spec, model);
            prefer(&mut models, wanted, &self.history, &price);
        }
        if models.is_empty() {
            let keys = self.settings.catalog.usual_keys();
            return Err(Error::new(Kind::Key, "`auto` finds no usable model")
                .hint(format!("set {keys}, or put `{DRAWN_HERE}` into `auto_order`")));
        }
        Ok(models)
    }

    /// What this very image is expected to cost.
    fn price(&self, spec: &RunSpec, model: &Model) -> Option<Money> {
        let order = model.fit(&spec.request, None, &spec.defaults(0)).map(|(order, _)| order);
        let estimate = order.ok().map(|order| model.price.estimate(model.rates.as_ref(), &order));
        estimate.and_then(|estimate| estimate.expected)
    }

    /// What the log says of a model that `prefer` put first.
    fn reason(&self, spec: &RunSpec, model: &Model) -> Option<String> {
        let wanted = spec.prefer.filter(|_| !last(model))?;
        let (id, history) = (model.full_id(), &self.history);
        if wanted == Prefer::Best
            && let Some(judged) = judged(history.ranking(), &id)
        {
            return Some(format!("{id} is preferred: {judged}"));
        }
        let Measured { runs, p50, success, .. } = history.measures().of(&id)?;
        let half = text::duration(Duration::from_millis(*p50));
        let done = success * 100.0;
        Some(format!(
            "{id} is preferred: of {runs} runs half took {half}, {done:.0} % got their image"
        ))
    }
}

/// The sketch comes last, whatever is preferred.
fn last(model: &Model) -> bool {
    model.is_drawn_here()
}

/// How verdicts place a model that was chosen for them; `None` where they say nothing of it.
pub fn judged(ranking: &Ranking, model: &str) -> Option<String> {
    let verdicts = text::counted(ranking.comparisons as u64, "verdict");
    Some(match ranking.place(model)? {
        0 => format!("best by {verdicts}"),
        _ => format!("best of what can be used, by {verdicts}"),
    })
}

/// Sorts what `auto` may choose from: the cheapest first, the fastest, or the best by verdicts (which
/// may say something of few models, or of none). What was measured comes before what is claimed;
/// `price` says what the image asked for is expected to cost.
pub fn prefer<M: Borrow<Model>>(
    models: &mut [M],
    wanted: Prefer,
    history: &History,
    price: &dyn Fn(&Model) -> Option<Money>,
) {
    let measures = history.measures();
    match wanted {
        Prefer::Cheap => models.sort_by_cached_key(|model| {
            let model = model.borrow();
            let cost = cost(price(model), measures.of(&model.full_id()));
            (last(model), cost.is_none(), cost)
        }),
        Prefer::Fast => {
            let slow = |model: &Model| {
                let measured = measures.of(&model.full_id()).map(Measured::seconds);
                measured.or(model.seconds.map(|[_, high]| high)).unwrap_or(f64::MAX)
            };
            models.sort_by(|a, b| {
                let (a, b) = (a.borrow(), b.borrow());
                last(a).cmp(&last(b)).then(slow(a).total_cmp(&slow(b)))
            });
        }
        Prefer::Best => models.sort_by_cached_key(|model| {
            let model = model.borrow();
            let id = model.full_id();
            // As ranked, then as written; but first what succeeds more often than not.
            let fails = measures.of(&id).is_some_and(|measured| measured.success < 0.5);
            let place = history.ranking().place(&id);
            (last(model), fails, place.unwrap_or(usize::MAX))
        }),
    }
}

/// The price, corrected by how the provider's own figures used to differ from it; where there is
/// none, the average of the log.
fn cost(price: Option<Money>, measured: Option<&Measured>) -> Option<Money> {
    let corrected = |price: Money| match measured.and_then(|measured| measured.bias) {
        Some(bias) => Money::micros((price.as_micros() as f64 * bias).round() as u64),
        None => price,
    };
    price.map(corrected).or(measured.and_then(|measured| measured.cost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::store::log::{Verdict, VerdictKind};
    use crate::store::{Entry, EntryKind};

    #[test]
    fn a_price_is_corrected_by_what_was_billed() {
        let measured =
            |cost, bias| Measured { runs: 9, p50: 2_000, p95: 3_000, success: 0.5, cost, bias };
        let micros = |n| Some(Money::micros(n));
        assert_eq!(cost(micros(40), None), micros(40));
        assert_eq!(cost(micros(40), Some(&measured(micros(7), Some(1.5)))), micros(60));
        assert_eq!(cost(None, Some(&measured(micros(7), None))), micros(7));
        assert_eq!(cost(None, None), None);
        assert_eq!(measured(None, None).seconds(), 4.0, "every other one has to be made again");
    }

    #[test]
    fn verdicts_put_the_best_first_and_the_sketch_last() {
        let home = tempfile::tempdir().unwrap();
        let line = |run: &str, best: &str, other: &str| {
            let verdict = Verdict {
                contest: 1,
                judgement: VerdictKind::Best,
                best: Some(best.to_owned()),
                among: vec![best.to_owned(), other.to_owned()],
                jobs: Vec::new(),
            };
            let entry = Entry {
                verdict: Some(Box::new(verdict)),
                ..Entry::of_run(EntryKind::Verdict, run)
            };
            serde_json::to_string(&entry).unwrap() + "\n"
        };
        let lines = line("r1", "pinx/sketch", "fal/flux-dev")
            + &line("r2", "fal/flux-dev", "fal/flux-schnell");
        let segment = home.path().join("2026-11.jsonl");
        crate::fs::write_atomic(&segment, lines.as_bytes(), crate::fs::Mode::Normal).unwrap();
        let log = crate::store::Log::at(home.path());
        let history = History::of_log(Some(&log));
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let model = |id: &str| catalog.model(id, &|_| true).unwrap();
        let mut models = ["pinx/sketch", "openai/gpt-image-2", "fal/flux-dev"].map(model);
        prefer(&mut models, Prefer::Best, &history, &|_| None);
        let ids: Vec<String> = models.iter().map(Model::full_id).collect();
        assert_eq!(ids, ["fal/flux-dev", "openai/gpt-image-2", "pinx/sketch"]);
        let judged = |id: &str| judged(history.ranking(), id);
        assert_eq!(judged("pinx/sketch").unwrap(), "best by 2 verdicts");
        assert_eq!(judged("fal/flux-dev").unwrap(), "best of what can be used, by 2 verdicts");
        assert_eq!(judged("openai/gpt-image-2"), None);
    }
}
