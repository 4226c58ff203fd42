//! From an answer to files: links fetched, bytes checked and saved, what was paid for never lost.
//!
//! Fetching is free and patient. When the disk refuses, the bytes are kept under the data
//! directory and the journal says where.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;

use super::heavy::heavy;
use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, ParsedReply, Success, left_running};
use super::parse::{holds_secret, safe};
use super::{Event, Level, Route, Run};
use crate::catalog::{Adjustment, Order, gateway};
use crate::dialect::Call;
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::net::{self, Answer};
use crate::pool::run_blocking;
use crate::render;
use crate::request::{Background, Format};
use crate::store::log::Saved;
use crate::store::{self, Converted, Draft, Facts, Replace, Staged, stage};

/// The code of a link that is dead and was all that there is of its image.
pub const DEAD_LINK: &str = "dead_link";

/// A dead link, where the provider can be asked for another.
const FRESH: &str = "`pinx recover` asks for a fresh link; do not run the command again";
/// A dead link, where it is all that there is.
const SAME: &str = "`pinx recover` tries this link again, for it is all that there is of the image";

/// A reply and, for a queue, the call that asks for the result again.
type Source<'a> = Option<(&'a Arc<Answer>, Option<&'a Call>)>;

impl Run {
    /// Turns an answer into files.
    pub(super) async fn deliver(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        digest: ParsedReply,
        source: Source<'_>,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = attempt.route;
        let mut made = Success {
            cost: settle(route, &digest, source),
            seed: digest.seed,
            revised_prompt: digest.revised_prompt,
            request_id: digest.request_id,
            ..Success::default()
        };
        self.raise(attempt, &made, state).await;
        if digest.raws.iter().any(|raw| matches!(raw, ImageSource::Link(_))) {
            self.let_next(attempt, state);
        }
        let mut trouble: Option<Failure> = None;
        let of = digest.raws.len();
        for (at, raw) in digest.raws.into_iter().enumerate() {
            let outcome =
                self.deliver_one(attempt, order, raw, (at, of), source, state, &mut made).await;
            if let Err(failed) = outcome
                && !trouble.as_ref().is_some_and(|before| before.open || !failed.open)
            {
                // What is open outweighs what has failed for good.
                trouble = Some(failed);
            }
        }
        match trouble {
            // What is open stays open, although other images of the answer are on the disk.
            Some(failed) if made.saved.is_empty() || failed.open => Err(failed),
            Some(failed) => {
                // One image was asked for, and one at least is here.
                made.adjustments.push(Adjustment {
                    field: "images".to_owned(),
                    asked: format!("the {of} of the answer"),
                    got: made.saved.len().to_string(),
                    why: format!("the provider sent one that fails: {}", failed.error),
                });
                made.strict = made.strict.or(self.settings.strict.then_some(failed.error));
                Ok(made)
            }
            None => Ok(made),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one image of an answer, with all that surrounds it"
    )]
    async fn deliver_one(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        raw: ImageSource,
        (at, of): (usize, usize),
        source: Source<'_>,
        state: &mut JobState,
        made: &mut Success,
    ) -> Result<(), Failure> {
        let job = attempt.job.index;
        let kept = attempt.kept.iter().find(|kept| kept.at == at);
        let mut raw = match kept.map(|kept| kept.path.clone()) {
            Some(path) => {
                let read = run_blocking(move || std::fs::read(path).ok()).await;
                read.ok().flatten().map_or(raw, ImageSource::Bytes)
            }
            None => raw,
        };
        let link = if let ImageSource::Link(link) = &raw { Some(link.clone()) } else { None };
        let mut troubles = 0;
        loop {
            if let Some(link) = &link {
                raw = self.bring(attempt, order, link, at, source, state).await?;
            } else if let ImageSource::Recipe(recipe) = raw {
                let started = Instant::now();
                let drawn =
                    draw(*recipe, attempt.job.request.format).await.map_err(Failure::unsent)?;
                state.timing.generation_ms += started.elapsed().as_millis() as u64;
                raw = ImageSource::Bytes(drawn);
            }
            self.say(Event::Saving { job });
            let started = Instant::now();
            let draft = self.draft(attempt, at, made.seed);
            let (back, staged) = stage_raw(raw, draft).await;
            let outcome = match staged {
                Ok(staged) => {
                    self.halts.worked(attempt.route);
                    self.let_next(attempt, state);
                    publish(staged).await
                }
                Err(error) => Err(error),
            };
            state.timing.save_ms += started.elapsed().as_millis() as u64;
            let mut error = match outcome {
                Ok((saved, facts, converted)) => {
                    self.has_room(attempt);
                    self.let_next(attempt, state);
                    self.compare(attempt.route, order, &saved, &facts, &converted, made);
                    let path = PathBuf::from(attempt.job.shown(&saved.path));
                    self.say(Event::Saved { job, path });
                    made.saved.push(saved);
                    made.raw = attempt.route.cache_key.is_some().then_some(back);
                    return Ok(());
                }
                // What was no image is shown, and it may hold what the request carried.
                Err(error) => safe(attempt.route, error),
            };
            let Some((answer, _)) = source else { return Err(Failure::unsent(error)) };
            let open = error.kind == Kind::Local;
            if open {
                let is_kept = self.keep_image(attempt, (at, of), back, &mut error).await;
                self.has_no_room(attempt, &error, is_kept);
            } else if link.is_some() && troubles < 2 {
                // What came was no whole image, and to fetch it again costs nothing.
                self.patience(attempt, &error, &mut troubles).await?;
                raw = ImageSource::Bytes(Vec::new());
                continue;
            } else {
                self.keep_raw(attempt, answer, &mut error).await;
            }
            return Err(Failure { open, ..Failure::sent(error) });
        }
    }

    /// Fetches an image from its link; where that cannot be, what the answer said is kept.
    async fn bring(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        link: &[String],
        at: usize,
        source: Source<'_>,
        state: &mut JobState,
    ) -> Result<ImageSource, Failure> {
        let started = Instant::now();
        let refetch = source.and_then(|(_, refetch)| refetch);
        let fetched = self.fetch(attempt, order, link.to_vec(), at, refetch).await;
        state.timing.download_ms += started.elapsed().as_millis() as u64;
        let mut failed = match fetched {
            Ok(answer) => return Ok(ImageSource::Fetched(answer)),
            Err(failed) => failed,
        };
        // What can be asked for again need not be kept.
        if let Some((answer, refetch)) = source
            && (refetch.is_none() || !failed.open)
        {
            self.keep_raw(attempt, answer, &mut failed.error).await;
        }
        let inside = attempt.route.dialect.facts().inside.filter(|_| refetch.is_none());
        failed.error.hints.extend(inside.map(str::to_owned));
        Err(failed)
    }

    /// Everything about the n-th file of an attempt but its bytes.
    pub(super) fn draft(&self, attempt: &Attempt<'_>, at: usize, seed: Option<u64>) -> Draft {
        Draft {
            part: format!("{}.{}", attempt.id(), at + 1),
            wish: attempt.job.wish.clone(),
            index: attempt.job.offset + at,
            replace: match &attempt.job.replace {
                replace if at == 0 => replace.clone(),
                // Further images of one answer replace nothing.
                Replace::Anything(ours) => Replace::Remembering(ours.clone()),
                _ => Replace::Nothing,
            },
            format: attempt.job.request.format,
            bare: self.bare,
            // Where the intent cannot be read, nobody knows what made it.
            recipe: (self.writes_recipes() && !attempt.job.request.prompt.is_empty())
                .then(|| attempt.job.recipe(attempt.route, seed)),
            adopt: self.existing.clone(),
        }
    }

    /// Fetches a result link, wherever it may lead; a dead one is asked for anew, at most three times
    /// in thirty seconds.
    async fn fetch(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        links: Vec<String>,
        at: usize,
        refetch: Option<&Call>,
    ) -> Result<Answer, Failure> {
        let (job, route) = (attempt.job.index, attempt.route);
        let policy = route.link_policy(&self.settings);
        let (mut links, mut turn, mut troubles, mut dead) = (links, 0, 0, 0);
        loop {
            let Some(link) = links.get(turn % links.len().max(1)) else {
                return Err(Failure::sent(Error::new(Kind::Unusable, "the result link is empty")));
            };
            turn += 1;
            if holds_secret(route, link) {
                let error =
                    Error::new(Kind::Unusable, "the result link is refused: it holds the key");
                return Err(Failure::sent(error.code("link_refused")));
            }
            let heard = |bytes, total| self.say(Event::Downloading { job, bytes, total });
            let download = tokio::select! {
                biased;
                answer = net::download(&*self.engine.transport, link, policy, &heard) => answer,
                () = self.stop.at(Level::Abort) => {
                    let error = Error::new(Kind::Interrupted, "stopped while the image was fetched");
                    return Err(left_running(error));
                }
            };
            let is_last = turn >= links.len();
            // A refused link is shown, and it may hold what the request carried.
            let error = match download.map_err(|error| safe(route, error)) {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer)
                    if (400..500).contains(&answer.status)
                        && !matches!(answer.status, 408 | 429) =>
                {
                    dead += 1;
                    let gone = format!("the result link is dead (HTTP {})", answer.status);
                    if refetch.is_none() && is_last || dead > 3 {
                        let error = Error::new(Kind::Detached, gone);
                        let error = match refetch {
                            Some(_) => error.hint(FRESH),
                            None => error.code(DEAD_LINK).hint(SAME),
                        };
                        return Err(Failure {
                            status: Some(answer.status),
                            ..Failure::open(error)
                        });
                    }
                    Error::new(Kind::Server, gone)
                }
                Ok(answer) => Error::new(
                    Kind::Server,
                    format!("the result link answers HTTP {}", answer.status),
                ),
                Err(error) if error.kind == Kind::Unusable && is_last => {
                    return Err(Failure::sent(error));
                }
                Err(error) => error,
            };
            if !is_last {
                continue;
            }
            self.patience(attempt, &error, &mut troubles).await?;
            if dead > 0
                && let Some(call) = refetch
                && let Some(fresh) = self.fresh_link(route, order, call, at).await
            {
                (links, turn) = (fresh, 0);
            }
        }
    }

    async fn fresh_link(
        &self,
        route: &Route,
        order: &Arc<Order>,
        call: &Call,
        at: usize,
    ) -> Option<Vec<String>> {
        let answer = Arc::new(self.exchange(route, call).await.ok()?);
        let digest = self.digest(route, order, call, &answer).await.ok()?;
        match digest.raws.into_iter().nth(at)? {
            ImageSource::Link(link) => Some(link),
            _ => None,
        }
    }

    /// Tells what is not as ordered; under `--strict` it becomes the job's error.
    fn compare(
        &self,
        route: &Route,
        order: &Order,
        saved: &Saved,
        facts: &Facts,
        converted: &Converted,
        made: &mut Success,
    ) {
        let mut told = Vec::new();
        let mut tell = |field: &str, asked: String, got: String, why: &str| {
            told.push(Adjustment { field: field.to_owned(), asked, got, why: why.to_owned() });
        };
        let real = crate::request::Size::new(saved.width, saved.height);
        if let Some(asked) = order.request.size.filter(|asked| *asked != real)
            && order.aspect.is_none()
            && facts.format != Format::Svg
        {
            tell(
                "size",
                asked.to_string(),
                real.to_string(),
                "the image has another size than ordered",
            );
        }
        if order.request.background == Some(Background::Transparent) && !facts.alpha {
            tell(
                "background",
                "transparent".to_owned(),
                "opaque".to_owned(),
                "the image has no alpha channel",
            );
        }
        match converted {
            Converted::No => {
                if let Some(asked) = order.request.format.filter(|asked| *asked != facts.format) {
                    tell(
                        "format",
                        asked.to_string(),
                        facts.format.to_string(),
                        "the provider sent another format",
                    );
                }
            }
            Converted::From(came) => {
                tell(
                    "format",
                    saved.format.clone(),
                    format!("{}, converted here from {came}", saved.format),
                    "the provider sent another format",
                );
            }
            Converted::Impossible(came) => {
                tell(
                    "format",
                    order.request.format.map_or("another".to_owned(), |asked| asked.to_string()),
                    came.to_string(),
                    "the provider sent another format, which cannot be converted here",
                );
            }
        }
        // Conversions that the plan foresaw were told there, and are no surprise.
        told.retain(|told| {
            !route
                .adjustments
                .iter()
                .any(|known| known.field == told.field && told.field == "format")
        });
        if self.settings.strict
            && let Some(first) = told.first()
        {
            let what = format!("{}: asked for {}, got {}", first.field, first.asked, first.got);
            made.strict = Some(Error::new(Kind::Rejected, what).code("not_as_asked"));
        }
        made.adjustments.extend(told);
    }
}

/// Unpacks and checks an image on the blocking pool, and writes it under its part name; hands it back
/// in any case.
async fn stage_raw(raw: ImageSource, draft: Draft) -> (ImageSource, Result<Staged>) {
    let raw = Arc::new(raw);
    let copy = Arc::clone(&raw);
    let staged = heavy(move || stage(&*copy, draft)).await;
    let unusable = |_| Err(Error::new(Kind::Unusable, "the image could not be decoded"));
    let staged = staged.unwrap_or_else(unusable);
    (Arc::into_inner(raw).unwrap_or(ImageSource::Bytes(Vec::new())), staged)
}

/// Gives it its name.
async fn publish(staged: Staged) -> Result<(Saved, Facts, Converted)> {
    let named = run_blocking(move || staged.publish()).await;
    let lost = |_| Err(Error::new(Kind::Local, "the image could not be given its name"));
    named.unwrap_or_else(lost)
}

/// What an answer cost, by the best source it offers.
fn settle(route: &Route, digest: &ParsedReply, source: Source<'_>) -> Option<Money> {
    if route.is_local() {
        return Some(Money::ZERO);
    }
    let headers = source.map(|(answer, _)| answer.headers.as_slice()).unwrap_or_default();
    gateway::settle(headers, digest.cost)
        .or_else(|| Some(route.model.rates.as_ref()?.cost(digest.usage.as_ref()?)))
        .or_else(|| route.model.price.of_units(digest.units?, &route.order))
}

/// Draws a picture on the blocking pool.
async fn draw(recipe: render::Recipe, format: Option<Format>) -> Result<Vec<u8>> {
    heavy(move || store::draw(&recipe, format))
        .await
        .ok()
        .flatten()
        .ok_or_else(|| Error::new(Kind::Internal, "the picture could not be drawn"))
}
