//! The cache before a route: a picture that was made before costs nothing, and one that is being
//! made is waited for instead of being paid for twice.
//!
//! The key is what is really sent: provider, addresses, dialect, order without our own ids; never
//! an API key. The sketch is never cached. From the look to the store a job holds the claim on its
//! key; whoever waits for it and finds no picture afterwards makes its own.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::cpu_pool;
use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, ParsedReply, Success};
use super::planned::Job;
use super::{Event, Level, Route, Run};
use crate::catalog::SentInput;
use crate::error::{Error, Kind};
use crate::fs;
use crate::money::Money;
use crate::pool::{run_blocking, run_io};
use crate::settings::CacheMode;
use crate::store::EntryKind;
use crate::store::Source as _;
use crate::store::cache::{Cache, CacheKey, Claim, Description};
use crate::text;

/// How often somebody who waits looks whether the picture is there.
const LOOK: Duration = Duration::from_millis(100);
/// Characters of the prompt that an entry is listed with.
const PROMPT: usize = 200;

/// The keys of a run's routes, given out while it is planned.
#[derive(Debug)]
pub(super) struct Keys {
    mode: CacheMode,
    /// Whether the user gave a seed.
    seeded: bool,
    /// How often an order without a seed was seen.
    seen: HashMap<CacheKey, usize>,
}

impl Keys {
    pub(super) fn new(mode: CacheMode, seeded: bool) -> Keys {
        Keys { mode, seeded, seen: HashMap::new() }
    }

    /// Gives the routes of the run's next job their keys, where the cache is on.
    pub(super) fn mark(&mut self, routes: &mut [Route]) {
        for route in routes {
            let repeats = honours_seed(route);
            let on = match self.mode {
                CacheMode::Never => false,
                CacheMode::Auto => self.seeded && repeats,
                CacheMode::Always => true,
            };
            if !on || route.is_local() {
                continue;
            }
            let key = key_of(route, 0);
            // Equal orders with a seed are the same picture; without one each is a picture of its own.
            let before = if repeats { &mut 0 } else { self.seen.entry(key.clone()).or_default() };
            route.cache_key = Some(if *before == 0 { key } else { key_of(route, *before) });
            *before += 1;
        }
    }
}

/// Whether a seed is sent that the model honours, and that no raw parameter replaces.
fn honours_seed(route: &Route) -> bool {
    let field = route.order.params.seed.as_ref();
    route.order.request.seed.is_some()
        && field.is_none_or(|field| !route.order.request.params.contains_key(field))
}

/// The key of a route's order, the k-th of its like in a run.
fn key_of(route: &Route, k: usize) -> CacheKey {
    let mut order = (*route.order).clone();
    order.id.clear();
    // A picture is the same whether it was seen growing or not.
    order.partials = 0;
    // Pictures are the same wherever they were found.
    order.inputs = order.inputs.iter().map(SentInput::anywhere).collect();
    let roles = route.endpoints.roles.iter();
    let addresses: BTreeMap<_, _> = roles.map(|(role, at)| (role, at.url.as_str())).collect();
    let sent = json!({
        "v": 1,
        "provider": route.provider.id,
        "dialect": route.provider.dialect,
        "addresses": addresses,
        "order": order,
        "k": k,
    });
    CacheKey::of(sent.to_string().as_bytes())
}

/// What a look into the cache gave.
pub(super) enum CacheLookup {
    /// The picture, saved.
    Hit(Box<Success>),
    /// Nothing. The picture is to be made, under this claim where the cache is on.
    Miss(Option<Claim>),
}

impl Run {
    /// Looks for the picture of a route, and waits while somebody else is making it.
    pub(super) async fn cache_get(
        &self,
        job: &Job,
        route: &Route,
        deadline: Instant,
        state: &mut JobState,
    ) -> Result<CacheLookup, Failure> {
        let (Some(cache), Some(key)) = (&self.engine.cache, &route.cache_key) else {
            return Ok(CacheLookup::Miss(None));
        };
        let attempt = Attempt {
            job,
            route,
            number: state.attempts.len() as u32 + 1,
            deadline,
            salvaged: &[],
        };
        let mut waits_since = None;
        let claim = loop {
            if self.stop.level() > Level::Running {
                return Err(state.stopped());
            }
            if let Some(found) = find(cache, key).await {
                return self.take(&attempt, found, state).await;
            }
            match claim(cache, key).await {
                Ok(Some(claim)) => break claim,
                Ok(None) => self.wait_for_maker(&attempt, &mut waits_since, state).await?,
                // A moment without file handles must not pay for the same picture twice.
                Err(error) if fs::are_handles_out(&error) => self.pause(LOOK, state).await?,
                Err(error) => {
                    self.cannot_keep(cache, &error);
                    return Ok(CacheLookup::Miss(None));
                }
            }
        };
        // It may have been stored between the look and the claim.
        if let Some(found) = find(cache, key).await {
            release(Some(claim)).await;
            return self.take(&attempt, found, state).await;
        }
        let cache = cache.clone();
        let discarded = run_blocking(move || {
            cache.discard(&claim);
            claim
        });
        Ok(CacheLookup::Miss(discarded.await.ok()))
    }

    /// A while of waiting for whoever makes the same picture.
    async fn wait_for_maker(
        &self,
        attempt: &Attempt<'_>,
        since: &mut Option<Instant>,
        state: &mut JobState,
    ) -> Result<(), Failure> {
        let job = attempt.job.index;
        let now = Instant::now();
        if since.replace(since.unwrap_or(now)).is_none() {
            let why = "the same picture, which is being made already".to_owned();
            self.say(Event::Waiting { job, why, wait: None });
        }
        if now >= attempt.deadline {
            // It ends the job: over another route the picture would be paid for twice.
            let error =
                Error::new(Kind::Rejected, "the same picture is still being made elsewhere")
                    .code("still_being_made")
                    .hint("run the command again later: it then comes from the cache");
            return Err(Failure::unsent(error));
        }
        self.pause(LOOK, state).await
    }

    /// Saves a picture of the cache as this job's own.
    async fn take(
        &self,
        attempt: &Attempt<'_>,
        (bytes, about): (Vec<u8>, Description),
        state: &mut JobState,
    ) -> Result<CacheLookup, Failure> {
        if let (Some(log), Some(_)) = (&self.engine.log, &attempt.job.key) {
            // Another batch may have made this very image meanwhile: a copy would stand beside it.
            let entry = self.entry(EntryKind::Done, attempt);
            log.admit_free(&entry, &self.terms).await.map_err(Failure::unsent)?;
        }
        let parsed = ParsedReply {
            raws: vec![ImageSource::Bytes(bytes)],
            cost: Some(Money::ZERO),
            seed: about.seed,
            revised_prompt: about.revised_prompt,
            ..ParsedReply::default()
        };
        let mut success = self.deliver(attempt, &attempt.route.order, parsed, None, state).await?;
        success.cached = true;
        self.record_done(attempt, state, &success, &Value::Null, None).await;
        Ok(CacheLookup::Hit(Box::new(success)))
    }

    /// Stores what was made. Only one whole picture that is as asked is kept.
    pub(super) async fn cache_put(
        &self,
        job: &Job,
        route: &Route,
        claim: Option<Claim>,
        success: &mut Success,
    ) {
        let raw = success.raw.take();
        let is_whole = success.strict.is_none() && success.saved.len() == 1;
        let (Some(cache), Some(raw), true) = (&self.engine.cache, raw, is_whole) else {
            return release(claim).await;
        };
        let Some(claim) = claim else { return };
        let about = Description {
            model: route.model_id(),
            provider: route.provider.id.clone(),
            prompt: text::clean(&job.request.prompt, PROMPT),
            seed: success.seed.or(route.order.request.seed),
            revised_prompt: success.revised_prompt.clone(),
            created: crate::clock::now(),
            cost: success.cost.or(route.estimate.expected),
            ..Description::default()
        };
        let kept = cache.clone();
        let work = move || {
            let Ok(bytes) = raw.whole() else { return Ok(()) };
            let Ok(facts) = crate::store::verify(&bytes) else { return Ok(()) };
            let about = Description {
                width: facts.width,
                height: facts.height,
                format: facts.format.name().to_owned(),
                ..about
            };
            kept.store(&claim, &bytes, about)
        };
        if let Ok(Err(error)) = cpu_pool::run(work).await {
            self.cannot_keep(cache, &error);
        }
    }

    /// A cache that cannot be written never fails a job; it is told once.
    fn cannot_keep(&self, cache: &Cache, error: &std::io::Error) {
        let place = cache.directory().display();
        if self.halts.is_news(&format!("{place} keeps nothing")) {
            self.notice(None, format!("nothing can be kept in the cache `{place}`: {error}"));
        }
    }
}

/// Reads and checks a picture; a look that cannot find anything takes no place among those at work.
async fn find(cache: &Cache, key: &CacheKey) -> Option<(Vec<u8>, Description)> {
    let (looking, reading) = ((cache.clone(), key.clone()), (cache.clone(), key.clone()));
    if !run_blocking(move || looking.0.has(&looking.1)).await.unwrap_or(false) {
        return None;
    }
    cpu_pool::run(move || reading.0.find(&reading.1)).await.ok().flatten()
}

/// Claims a picture; `None` while somebody else is making it.
async fn claim(cache: &Cache, key: &CacheKey) -> std::io::Result<Option<Claim>> {
    let (cache, key) = (cache.clone(), key.clone());
    run_io(move || cache.claim(&key)).await
}

/// Gives up a claim, whose file is removed.
pub(super) async fn release(claim: Option<Claim>) {
    if let Some(claim) = claim {
        let _ = run_blocking(move || drop(claim)).await;
    }
}
