//! Which models a job may be made with: what `-m` names or `auto` finds, the same model elsewhere, and
//! what `--fallback` says.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::key_finder;
use super::missing_models::Sighting;
use super::plan::Planner;
use super::planned::{Chain, Others, RunSpec};
use super::route;
use crate::catalog::{Adjustment, DRAWN_HERE, Estimate, Model, State};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::request::Format;
use crate::settings::{Origin, Prefer, address, keys};
use crate::stats::{History, Measured, Ranking};
use crate::store::Client;
use crate::text;

impl Planner<'_> {
    pub(super) fn usable(&self, id: &str) -> bool {
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
        let (mut models, reason) = match auto {
            true => self.automatic(spec, KeyCommands::Run)?,
            false => (vec![self.resolve(name)?], self.without_effect(spec, name)),
        };
        let mut same: Vec<String> = models.iter().take(1).map(|model| model.full_id()).collect();
        let named = match (&spec.fallback, &models[..]) {
            (Some(named), _) => Some(named.clone()),
            (None, [first, ..]) => {
                let alive = |id: &String| {
                    let model = self.resolve(id).ok()?;
                    let can = self.usable(&model.provider) && model.takes(&spec.inputs, spec.fit);
                    can.then_some(model)
                };
                let elsewhere: Vec<Arc<Model>> = first.same_as.iter().filter_map(alive).collect();
                same.extend(elsewhere.iter().map(|model| model.full_id()));
                // `auto` may know one of them already, farther behind.
                models.splice(1..1, elsewhere);
                None
            }
            (None, []) => None,
        };
        // `auto` still chooses where no failure is to be passed on: a model that a key does not have is
        // none that it can take.
        let chooses = auto && named.as_ref().is_some_and(Vec::is_empty);
        if let Some(named) = named.filter(|_| !chooses) {
            models.truncate(1);
            for name in named {
                models.push(self.resolve(&name)?);
            }
        }
        let mut seen = HashSet::new();
        models.retain(|model| seen.insert(model.full_id()));
        keep_allowed(spec, auto, &mut models)?;
        // A paid failure falls back to the sketch only when it was named as a fallback.
        if (spec.fallback.is_none() || chooses)
            && models.first().is_some_and(|model| !model.is_drawn_here())
        {
            models.retain(|model| !model.is_drawn_here());
        }
        let successor = models.first().and_then(|model| model.life.successor.as_ref());
        let successor = successor.filter(|_| spec.fallback.is_none());
        let successor = successor.and_then(|id| self.resolve(id).ok());
        let successor = successor.filter(|next| spec.allows(next));
        let successor =
            successor.filter(|next| !models.iter().any(|m| m.full_id() == next.full_id()));
        let equal = models.iter().take_while(|model| same.contains(&model.full_id())).count();
        let others = match (&spec.fallback, chooses) {
            (_, true) => Others::Instead,
            (Some(_), false) => Others::Named,
            (None, _) => Others::Found,
        };
        Ok(Chain { models, equal, auto, others, reason, successor })
    }

    /// That `--prefer` was given beside a model, if so.
    fn without_effect(&self, spec: &RunSpec, name: &str) -> Option<String> {
        let wanted = spec.prefer?.word();
        matches!(self.settings.origin("prefer"), Origin::Flag(_)).then(|| {
            let name = text::clean(name, 100);
            format!("`--prefer {wanted}` has no effect: it is for `auto`, and {name} is named")
        })
    }

    /// The model that `auto` takes for what is asked, and why. No command is run for a key.
    ///
    /// # Errors
    /// There is none.
    pub fn auto(&self, spec: &RunSpec) -> Result<(Arc<Model>, Option<String>)> {
        let (models, reason) = self.automatic(spec, KeyCommands::Leave)?;
        let first = models.into_iter().next();
        first.map(|first| (first, reason)).ok_or_else(|| self.nothing_usable(spec))
    }

    /// `auto`: the usable models of `auto_order`, or those that `prefer` finds among all, and what it
    /// has to do with the first. Behind them is what the keys turned out not to have, and the sketch is last.
    fn automatic(
        &self,
        spec: &RunSpec,
        commands: KeyCommands,
    ) -> Result<(Vec<Arc<Model>>, Option<String>)> {
        let mut models = self.in_order(spec)?;
        let found = spec.prefer.map(|wanted| (wanted, self.preferred(spec, wanted, &models)));
        let reason;
        match found {
            Some((wanted, preferred)) if preferred.iter().any(|model| !last(model)) => {
                models = preferred;
                self.put_missing_behind(spec, &mut models, commands);
                reason = models.first().map(|model| self.reason(spec, wanted, model));
            }
            found => {
                self.put_missing_behind(spec, &mut models, commands);
                let is_ai = models.first().is_some_and(|model| !last(model));
                reason = found.filter(|_| is_ai).map(|(wanted, _)| {
                    let priced = if wanted == Prefer::Cheap { " of known price" } else { "" };
                    let who = self.who(wanted);
                    format!("{who} finds no model{priced} for this: `auto_order` decides")
                });
            }
        }
        if models.is_empty() { Err(self.nothing_usable(spec)) } else { Ok((models, reason)) }
    }

    fn nothing_usable(&self, spec: &RunSpec) -> Error {
        if let Some(client) = spec.client.as_ref().filter(|client| !client.grant.models.is_empty())
        {
            return not_allowed(client, "has no usable model for this that `auto` could take");
        }
        let keys = self.settings.catalog.usual_keys();
        Error::new(Kind::Key, "`auto` finds no usable model")
            .hint(format!("set {keys}, or put `{DRAWN_HERE}` into `auto_order`"))
    }

    /// The usable models of `auto_order`. A client that may ask for none of them gets others that it may
    /// ask for.
    fn in_order(&self, spec: &RunSpec) -> Result<Vec<Arc<Model>>> {
        let listed = self.in_whole_order(spec)?;
        let mut own = listed.clone();
        own.retain(|model| spec.allows(model));
        if own.len() < listed.len() && own.iter().all(|model| last(model)) {
            let mut others = self.among_all(spec, &listed);
            others.retain(|model| !last(model) && is_of_the_kind(spec, model));
            others.truncate(self.settings.max_attempts.max(1) as usize);
            own.splice(0..0, others);
        }
        Ok(own)
    }

    fn in_whole_order(&self, spec: &RunSpec) -> Result<Vec<Arc<Model>>> {
        let mut models = Vec::new();
        for id in &self.settings.auto_order {
            let model = self.resolve(id)?;
            let provider = self.settings.catalog.provider(&model.provider);
            let is_usable = provider
                .map(|provider| key_finder::usability(self.settings, self.env, provider))
                .transpose()?;
            let is_alive = model.life.on(&spec.today) != State::Retired;
            if is_usable == Some(true) && is_alive && model.takes(&spec.inputs, spec.fit) {
                models.push(model);
            }
        }
        Ok(models)
    }

    /// The usable models that do what is asked, the preferred first: as many as one job may try.
    fn preferred(&self, spec: &RunSpec, wanted: Prefer, order: &[Arc<Model>]) -> Vec<Arc<Model>> {
        let price = |model: &Model| self.price(spec, model);
        let mut fit = self.among_all(spec, order);
        fit.retain(|model| is_of_the_kind(spec, model));
        if wanted == Prefer::Cheap {
            // What nobody has priced is not cheap. The average of the log is mostly of what was made
            // from words, and says nothing of what is made from pictures.
            let measures = self.history.measures();
            let averaged = |it: &Model| cost(None, measures.of(&it.full_id()));
            let averaged = |it: &Model| averaged(it).filter(|_| spec.inputs.is_empty());
            fit.retain(|it| last(it) || price(it).or_else(|| averaged(it)).is_some());
        }
        prefer(&mut fit, wanted, &self.history, &price);
        let most = self.settings.max_attempts as usize;
        let (sketch, mut models): (Vec<_>, Vec<_>) = fit.into_iter().partition(|it| last(it));
        models.truncate(most.max(1));
        models.extend(sketch);
        models
    }

    /// The usable models that may be asked for, those of `order` first.
    fn among_all(&self, spec: &RunSpec, order: &[Arc<Model>]) -> Vec<Arc<Model>> {
        let all = self.all.get_or_init(|| {
            let known: HashSet<String> = order.iter().map(|model| model.full_id()).collect();
            let is_other = |model: &&Model| {
                self.usable(&model.provider)
                    && model.life.on(&spec.today) != State::Retired
                    && !known.contains(&model.full_id())
                    && !last(model)
            };
            let others = self.settings.catalog.models.iter().filter(is_other);
            order.iter().cloned().chain(others.cloned().map(Arc::new)).collect()
        });
        all.iter().filter(|model| spec.allows(model)).cloned().collect()
    }

    /// Puts what the keys turned out not to have behind the others, but before the sketch.
    fn put_missing_behind(&self, spec: &RunSpec, models: &mut [Arc<Model>], commands: KeyCommands) {
        let base_url = spec.base_url.as_deref();
        models.sort_by_cached_key(|model| {
            (last(model), self.sighting(base_url, model, commands).is_some())
        });
    }

    /// When a model was missing for every key of its provider, if so.
    pub fn sighting(
        &self,
        base_url: Option<&str>,
        model: &Model,
        commands: KeyCommands,
    ) -> Option<Sighting> {
        if !self.missing.knows(model) {
            return None;
        }
        let provider = self.provider(model).ok()?;
        let is_commanded = commands == KeyCommands::Leave
            && keys::source_of(self.settings, self.env, &provider)
                .is_some_and(|it| it == "key_cmd");
        if is_commanded {
            return None;
        }
        let endpoints = address::endpoints(self.settings, self.env, &provider, base_url).ok()?;
        let keys = self.keys_of(&provider, &endpoints, &mut Vec::new()).ok()?;
        let id = model.full_id();
        let seen = keys.iter().map(|key| {
            let origin = route::origin(&provider, key.as_ref(), &endpoints);
            self.missing.of_origin(&origin.name, &id)
        });
        // One key that may have it is enough.
        seen.collect::<Option<Vec<_>>>()?.pop()
    }

    /// What this very image is expected to cost.
    fn estimate(&self, spec: &RunSpec, model: &Model) -> Estimate {
        let order = model.fit(&spec.request, None, &spec.defaults(0)).and_then(|(mut order, _)| {
            model.fit_inputs(&mut order, &spec.inputs)?;
            Ok(order)
        });
        order.map_or(Estimate::UNKNOWN, |order| model.estimate(&order))
    }

    fn price(&self, spec: &RunSpec, model: &Model) -> Option<Money> {
        self.estimate(spec, model).expected
    }

    /// Who says what is preferred: `--prefer cheap`, or the setting.
    fn who(&self, wanted: Prefer) -> String {
        match self.settings.origin("prefer") {
            Origin::Flag(_) => format!("`--prefer {}`", wanted.word()),
            _ => format!("`prefer = \"{}\"`", wanted.word()),
        }
    }

    /// Why a model comes first: ``--prefer cheap` takes fal/fast-sdxl: ~$0.0025`.
    fn reason(&self, spec: &RunSpec, wanted: Prefer, model: &Model) -> String {
        let (id, measures) = (model.full_id(), self.history.measures());
        let measured = measures.of(&id);
        let speed = measured.map(|Measured { runs, p50, success, .. }| {
            let half = text::duration(Duration::from_millis(*p50));
            let done = success * 100.0;
            format!("of {runs} runs half took {half}, {done:.0} % got their image")
        });
        let words = match wanted {
            Prefer::Cheap => {
                let estimate = self.estimate(spec, model);
                let corrected = cost(estimate.expected, measured);
                match corrected.filter(|_| corrected != estimate.expected) {
                    Some(money) => format!("~{money} by what was billed before"),
                    None => estimate.text(),
                }
            }
            Prefer::Fast => match (speed, model.seconds) {
                (Some(speed), _) => speed,
                (None, Some([low, high])) => format!("~{low}–{high} s, as its vendor claims"),
                (None, None) => "no time is known of any".to_owned(),
            },
            Prefer::Best => judged(self.history.ranking(), &id).or(speed).unwrap_or_else(|| {
                "nothing was judged yet, so the first of `auto_order`".to_owned()
            }),
        };
        format!("{} takes {id}: {words}", self.who(wanted))
    }
}

/// Leaves out what a client may not ask for.
///
/// # Errors
/// It names such a model itself.
fn keep_allowed(spec: &RunSpec, auto: bool, models: &mut Vec<Arc<Model>>) -> Result<()> {
    let Some(client) = &spec.client else { return Ok(()) };
    if let Some(first) = models.first().filter(|first| !auto && !spec.allows(first)) {
        return Err(not_allowed(client, &format!("may not ask for {}", first.full_id())));
    }
    models.retain(|model| spec.allows(model));
    Ok(())
}

/// That a client may not have what it asks for.
fn not_allowed(client: &Client, what: &str) -> Error {
    Error::new(Kind::Permission, format!("the client {} {what}", client.name))
        .code("model_not_allowed")
        .hint(format!("it may ask for {}", client.grant.models.join(", ")))
}

/// Whether commands may be run that print keys: a listing asks for no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCommands {
    /// They may.
    Run,
    /// Their keys stay unknown.
    Leave,
}

/// Whether a model makes what is asked for: this format, background and quality; the seed, where one was
/// given; and a vector picture only for who wants one.
fn is_of_the_kind(spec: &RunSpec, model: &Model) -> bool {
    let Ok((order, adjustments)) = model.fit(&spec.request, None, &spec.defaults(0)) else {
        return false;
    };
    let is_vector = order.request.format.or(model.formats.first().copied()) == Some(Format::Svg);
    let wants_vector = spec.request.format == Some(Format::Svg);
    // One of the usual formats is made from another here.
    let is_usual = matches!(spec.request.format, Some(Format::Png | Format::Jpeg | Format::Webp));
    let is_other = |adjusted: &Adjustment| match adjusted.field.as_str() {
        "format" => !is_usual,
        "background" | "quality" | "seed" => true,
        _ => false,
    };
    model.takes(&spec.inputs, spec.fit)
        && is_vector == wants_vector
        && !adjustments.iter().any(is_other)
}

/// The sketch comes last, whatever is preferred.
fn last(model: &Model) -> bool {
    model.is_drawn_here()
}

/// How verdicts place a model that was chosen for them; `None` where they say nothing of it.
pub(super) fn judged(ranking: &Ranking, model: &str) -> Option<String> {
    let verdicts = text::counted(ranking.comparisons as u64, "verdict");
    Some(match ranking.place(model)? {
        0 => format!("best by {verdicts}"),
        _ => format!("best of what can be used, by {verdicts}"),
    })
}

/// Sorts what `auto` may choose from: the cheapest first, the fastest, or the best by verdicts (which
/// may say something of few models, or of none). What was measured comes before what is claimed;
/// `price` says what the image asked for is expected to cost.
pub(super) fn prefer<M: Borrow<Model>>(
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
                entrant: None,
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
