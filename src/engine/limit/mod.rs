//! Politeness towards each (address, key): rate limits, requests in flight, cooling down and dead
//! keys.
//!
//! Limits are shared between processes through small files; where those cannot be written, they hold
//! within this process. A request leaves only with a permit. One job's 429 makes all jobs of that key
//! wait, and then a single request tries out whether it is over. A server that fails again and again
//! is left alone for a while by jobs that can go elsewhere. A dead key or a locked account is not
//! asked again for some minutes.
//!
//! Blocking, since the state lies in files; but nothing waits here for a limit: who asks is told for how
//! long to.

mod bucket;
mod rules;
mod shared;
mod slot;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use bucket::HasFallback;
use bucket::{Bucket, Ended, Verdict, asked_for_a_pause};
pub(crate) use rules::{LimitOrigin, Rules};
use shared::{Files, LockedBucket};
use slot::{Slot, Taken};

use crate::error::{Error, Kind};
use crate::fs;
use crate::pool::lock;

/// How often it is looked whether a place or a trial request has become free.
const LOOK: Duration = Duration::from_millis(100);
/// Another process holds a bucket for microseconds only.
const BLINK: Duration = Duration::from_millis(2);
/// So many milliseconds a key that was refused is not asked again.
const DISABLED_FOR: u64 = 5 * 60 * 1000;
/// So often a state that somebody else has is tried before it is given up; it costs only politeness.
const TRIES: u32 = 100;

/// Who is asked, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Provider, key, and gateway or address where it is not the provider's own:
    /// `openai#1a2b3c@edge`.
    pub name: String,
    /// The provider's id.
    pub provider: String,
    /// What is set for it.
    pub rules: Rules,
}

/// What is known of the origins of a run.
pub struct Limits {
    /// The directory that processes share.
    shared: Option<PathBuf>,
    /// Milliseconds since 1970.
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Of this process alone: what takes the place of files that cannot be written.
    own: Mutex<HashMap<String, Own>>,
    /// Keys that were refused, and until when they are not asked for that.
    disabled: Mutex<HashMap<String, (u64, Error)>>,
    /// Held while a key is chosen, so that of two choices the second sees the first.
    choosing: Mutex<()>,
}

/// What one process knows of an origin where no files can be shared.
#[derive(Debug, Default, Clone)]
struct Own {
    bucket: Arc<Mutex<Bucket>>,
    in_flight: Arc<AtomicUsize>,
    /// Requests that will ask for leave soon.
    coming: Arc<AtomicUsize>,
    /// Its places where files are shared.
    places: Taken,
    half_open: Arc<AtomicUsize>,
    /// The shared state could be read but not written, so it is no longer looked at.
    is_alone: Arc<AtomicBool>,
}

impl Own {
    fn fall_back(&self, state: Bucket) {
        self.is_alone.store(true, Ordering::SeqCst);
        *lock(&self.bucket) = state;
    }
}

/// Leave to send one request, and its place among those in flight.
#[derive(Debug)]
pub struct Permit {
    sent: u64,
    _place: Slot,
    /// Held by the one request that tries out whether a cooldown is over.
    half_open: Option<Slot>,
}

/// A place among the requests that have chosen a key and not yet asked for leave.
#[derive(Debug)]
pub struct Coming(#[expect(dead_code, reason = "it is held for its count alone")] Slot);

/// The answer to who asks for a permit.
#[derive(Debug)]
pub enum Admission {
    /// Here it is.
    Go(Permit),
    /// Ask again after this time.
    Wait {
        /// At most so long.
        wait: Duration,
        /// For what, in a few words; none when it is over before anybody could read it.
        why: Option<String>,
        /// Whether the wait is known, or it is only looked again after it.
        is_known: bool,
    },
    /// The provider asked for a pause that lasts so long still, with this answer.
    Cooling(Duration, Error),
    /// It fails again and again, lastly so.
    Broken(Error),
}

/// How soon a request could leave, for choosing among keys: the least comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Load {
    wait: u64,
    in_flight: usize,
    recent: usize,
}

/// What `pinx providers` shows.
#[derive(Debug, Clone)]
pub struct LimitView {
    /// Requests a minute, and where that is known from.
    pub rate: Option<(u32, LimitOrigin)>,
    /// Requests within the last minute.
    pub recent: usize,
    /// Requests at once.
    pub most: Option<u32>,
    /// Requests in flight, of all processes.
    pub in_flight: usize,
    /// The pause that is not over yet, with what is left of it, and why.
    pub cooling: Option<(Duration, Error)>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new(None)
    }
}

impl Limits {
    /// Limits that are shared through a directory, or hold in this process only.
    pub fn new(shared: Option<&Path>) -> Limits {
        let clock = || u64::try_from(crate::clock::now().as_millisecond()).unwrap_or_default();
        Limits::with_clock(shared, clock)
    }

    /// The same by another clock, which tells milliseconds since 1970.
    pub fn with_clock(
        shared: Option<&Path>,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Limits {
        Limits {
            shared: shared.map(Path::to_owned),
            clock: Box::new(clock),
            own: Mutex::default(),
            disabled: Mutex::default(),
            choosing: Mutex::default(),
        }
    }

    fn files(&self, origin: &Origin) -> Option<Files> {
        self.shared.as_ref().map(|directory| Files::new(directory, &origin.name))
    }

    fn own(&self, origin: &Origin) -> Own {
        lock(&self.own).entry(origin.name.clone()).or_default().clone()
    }

    /// Works on the state of an origin; `None` while somebody else has it.
    fn with<T>(&self, origin: &Origin, work: impl FnOnce(&mut Bucket, u64) -> T) -> Option<T> {
        // Where files cannot be written, this process is polite on its own.
        let own = self.own(origin);
        if let Some(files) = self.files(origin).filter(|_| !own.is_alone.load(Ordering::SeqCst)) {
            match LockedBucket::open(&files.bucket()) {
                Ok(None) => return None,
                Ok(Some(mut held)) => {
                    // While it is held: what another process wrote meanwhile must not lie ahead.
                    let now = (self.clock)();
                    held.bucket.settle(now);
                    let answer = work(&mut held.bucket, now);
                    if let Err(state) = held.close() {
                        own.fall_back(*state);
                    }
                    return Some(answer);
                }
                Err(_) => {}
            }
        }
        let mut bucket = lock(&own.bucket);
        let now = (self.clock)();
        bucket.settle(now);
        Some(work(&mut bucket, now))
    }

    /// The same for what must not be passed over: who else has the state, another job or process, is
    /// waited for.
    fn wait_with<T>(
        &self,
        origin: &Origin,
        mut work: impl FnMut(&mut Bucket, u64) -> T,
    ) -> Option<T> {
        (0..TRIES).find_map(|_| {
            let done = self.with(origin, &mut work);
            if done.is_none() {
                crate::clock::pause(BLINK);
            }
            done
        })
    }

    /// Asks for leave to send a request.
    pub fn ask(&self, origin: &Origin, way: HasFallback) -> Admission {
        let asked = self.with(origin, |bucket, now| self.decide(origin, bucket, now, way));
        asked.unwrap_or(Admission::Wait { wait: BLINK, why: None, is_known: true })
    }

    fn decide(
        &self,
        origin: &Origin,
        bucket: &mut Bucket,
        now: u64,
        way: HasFallback,
    ) -> Admission {
        let Origin { provider, rules, .. } = origin;
        let look_again =
            |why: String| Admission::Wait { wait: LOOK, why: Some(why), is_known: false };
        let mut half_open = None;
        match bucket.look(now, rules, way) {
            Verdict::Go => {}
            Verdict::HalfOpen => {
                half_open = self.half_open(origin);
                let reason = reason(bucket, now);
                if half_open.is_none() && !bucket.is_let_in(now) {
                    return if reason.kind == Kind::Busy || way == HasFallback::No {
                        look_again(format!("another image, which tries out {provider}"))
                    } else {
                        Admission::Broken(reason)
                    };
                }
            }
            Verdict::Full { wait, rate } => {
                let rate = rate.map(|rate| format!(" ({rate} a minute)")).unwrap_or_default();
                let why = Some(format!("the rate limit of {provider}{rate}"));
                return Admission::Wait { wait: Duration::from_millis(wait), why, is_known: true };
            }
            Verdict::Cooling(left) => {
                return Admission::Cooling(Duration::from_millis(left), reason(bucket, now));
            }
            Verdict::Broken => return Admission::Broken(reason(bucket, now)),
        }
        let Some(place) = self.place(origin) else {
            let most = rules.in_flight.unwrap_or_default();
            return look_again(format!("a free place at {provider} ({most} at once)"));
        };
        bucket.send(now, rules);
        if half_open.is_some() {
            bucket.try_out(now);
        }
        Admission::Go(Permit { sent: now, _place: place, half_open })
    }

    fn place(&self, origin: &Origin) -> Option<Slot> {
        let (limit, own) = (origin.rules.in_flight, self.own(origin));
        match self.files(origin).map(|files| Slot::take(&files, limit, &own.places)) {
            Some(Ok(place)) => place,
            _ => Slot::own(&own.in_flight, limit),
        }
    }

    fn half_open(&self, origin: &Origin) -> Option<Slot> {
        match self.files(origin).map(|files| fs::try_lock(&files.probe())) {
            Some(Ok(lock)) => lock.map(|lock| Slot::File(lock, None)),
            _ => Slot::own(&self.own(origin).half_open, Some(1)),
        }
    }

    /// A request that had a permit has ended, with this failure if it failed; `wait` is how long
    /// everybody has to wait after a 429. The permit is given back.
    pub fn ended(&self, origin: &Origin, permit: Permit, failed: Option<&FailedRequest>) {
        let ended = failed.map_or(Ended::Well, FailedRequest::ended);
        let error = failed.map(|failed| &failed.error);
        let taught = error.filter(|error| error.kind == Kind::Busy);
        let taught = taught.and_then(|error| rules::of_sentence(&error.message));
        if ended != Ended::Unknown || taught.is_some() {
            self.wait_with(origin, |bucket, now| {
                bucket.ended(now, permit.sent, permit.half_open.is_some(), ended, error);
                if let Some((what, limit)) = taught {
                    bucket.learn(now, what, limit);
                }
            });
        }
        drop(permit);
    }

    /// Learns from the headers of an answer.
    pub fn learn(&self, origin: &Origin, headers: &[(String, String)]) {
        let (limits, dry) = rules::of_headers(headers);
        if limits.is_empty() && dry.is_none() {
            return;
        }
        self.wait_with(origin, |bucket, now| {
            limits.iter().for_each(|(what, limit)| bucket.learn(now, *what, *limit));
            if let Some(wait) = dry {
                bucket.run_dry(now, wait);
            }
        });
    }

    /// The one of some origins that is asked at all and has least to do, by its number, and a place among
    /// the requests that are coming to it; the flag says that an origin is not asked.
    pub fn choose(&self, origins: &[(bool, Origin)]) -> Option<(usize, Coming)> {
        let _choosing = lock(&self.choosing);
        let load = |origin: &(bool, Origin)| (origin.0, self.load(&origin.1));
        let (at, (_, origin)) =
            origins.iter().enumerate().min_by_key(|(_, origin)| load(origin))?;
        Some((at, Coming(Slot::own(&self.own(origin).coming, None)?)))
    }

    /// How soon a request could leave, and how many are at it.
    fn load(&self, origin: &Origin) -> Load {
        let seen = self.wait_with(origin, |bucket, now| {
            let wait = match bucket.look(now, &origin.rules, HasFallback::Yes) {
                Verdict::Go | Verdict::HalfOpen => 0,
                Verdict::Full { wait, .. } | Verdict::Cooling(wait) => wait,
                Verdict::Broken => bucket.cooldown(now).map_or(0, |(left, _)| left),
            };
            (wait, bucket.recent())
        });
        let (wait, recent) = seen.unwrap_or_default();
        Load { wait, in_flight: self.in_flight(origin) + self.coming(origin), recent }
    }

    fn coming(&self, origin: &Origin) -> usize {
        self.own(origin).coming.load(Ordering::SeqCst)
    }

    fn in_flight(&self, origin: &Origin) -> usize {
        let shared = self.files(origin).map_or(0, |files| slot::in_flight(&files));
        shared + self.own(origin).in_flight.load(Ordering::SeqCst)
    }

    /// What is known of an origin, for showing. Makes no file.
    pub fn view(&self, origin: &Origin) -> LimitView {
        let is_known = self.files(origin).is_some_and(|files| files.bucket().exists());
        let seen = |bucket: &mut Bucket, now| {
            let cooldown = bucket.cooldown(now).filter(|(left, _)| *left > 0);
            let cooling =
                cooldown.map(|(left, cooldown)| (Duration::from_millis(left), cooldown.error()));
            (origin.rules.rate(bucket.learned()), bucket.recent(), cooling)
        };
        let state = if is_known { self.wait_with(origin, seen) } else { None };
        let (rate, recent, cooling) = state.unwrap_or_else(|| seen(&mut Bucket::default(), 0));
        let most = origin.rules.in_flight;
        LimitView { rate, recent, most, in_flight: self.in_flight(origin), cooling }
    }

    /// Asks by a key no more for a while, in no run.
    pub fn disable_key(&self, origin: &Origin, error: &Error) {
        let until = (self.clock)().saturating_add(DISABLED_FOR);
        lock(&self.disabled).insert(origin.name.clone(), (until, error.clone()));
    }

    /// Why a key is not asked now. Another key has another origin, so one that was changed is asked at
    /// once.
    pub fn disabled(&self, origin: &Origin) -> Option<Error> {
        let mut disabled = lock(&self.disabled);
        let (until, error) = disabled.get(&origin.name)?;
        if (self.clock)() < *until {
            return Some(error.clone());
        }
        disabled.remove(&origin.name);
        None
    }
}

/// A failure, as far as limits are concerned.
#[derive(Debug, Clone)]
pub struct FailedRequest {
    /// What failed.
    pub error: Error,
    /// Whether nothing left at all.
    pub unsent: bool,
    /// How long everybody has to wait, if it says so.
    pub wait: Duration,
}

impl FailedRequest {
    fn ended(&self) -> Ended {
        match self.error.kind {
            _ if self.unsent => Ended::Unsent,
            // Nothing whole has come there, so the provider has counted nothing: the connection was never
            // made or broke off, or an input was not what was promised.
            Kind::NotSent | Kind::Usage => Ended::Unsent,
            Kind::Busy => Ended::Busy(self.wait.as_millis() as u64),
            Kind::Server | Kind::NoRunner => Ended::Failed,
            Kind::Ambiguous | Kind::Detached | Kind::Interrupted | Kind::Internal => Ended::Unknown,
            _ => Ended::Well,
        }
    }
}

/// The answer that a cooldown began with.
fn reason(bucket: &Bucket, now: u64) -> Error {
    match bucket.cooldown(now) {
        Some((_, cooldown)) => cooldown.error(),
        None => asked_for_a_pause(),
    }
}
