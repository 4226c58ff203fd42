//! From an answer to files: bytes checked, saved and compared with what was ordered; what was paid for
//! never lost. When the disk refuses, the bytes are salvaged.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;

use super::cpu_pool;
use super::fetch_image::Refetch;
use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, ParsedReply, Success};
use super::parse::safe;
use super::{Event, Route, Run};
use crate::catalog::{Adjustment, Order, gateway};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::pool::run_blocking;
use crate::request::{Background, Format};
use crate::store::log::Saved;
use crate::store::{
    self, Converted, Facts, KeptFile, Replace, SaveRequest, WrittenPart, write_part,
};

impl Run {
    /// Turns an answer into files.
    pub(super) async fn deliver(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        parsed: ParsedReply,
        source: Refetch<'_>,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = attempt.route;
        let has_links = parsed.has_links();
        let mut success = Success {
            cost: settle(route, &parsed, source),
            usage: parsed.usage,
            seed: parsed.seed,
            revised_prompt: parsed.revised_prompt,
            request_id: parsed.request_id,
            ..Success::default()
        };
        self.raise(attempt, &success, state).await;
        if has_links {
            self.let_next(attempt, state);
        }
        let mut trouble: Option<Failure> = None;
        let of = parsed.raws.len();
        for (at, raw) in parsed.raws.into_iter().enumerate() {
            let outcome =
                self.deliver_one(attempt, order, raw, (at, of), source, state, &mut success).await;
            if let Err(failure) = outcome
                && !trouble.as_ref().is_some_and(|before| before.open || !failure.open)
            {
                // What is open outweighs what has failed for good.
                trouble = Some(failure);
            }
        }
        match trouble {
            // What is open stays open, although other images of the answer are on the disk.
            Some(failure) if success.saved.is_empty() || failure.open => Err(failure),
            Some(failure) => {
                // One image was asked for, and one at least is here.
                success.adjustments.push(Adjustment {
                    field: "images".to_owned(),
                    asked: format!("the {of} of the answer"),
                    got: success.saved.len().to_string(),
                    why: format!("the provider sent one that fails: {}", failure.error),
                });
                success.strict = success.strict.or(self.settings.strict.then_some(failure.error));
                Ok(success)
            }
            None => Ok(success),
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
        source: Refetch<'_>,
        state: &mut JobState,
        success: &mut Success,
    ) -> Result<(), Failure> {
        let job = attempt.job.index;
        let kept = attempt.salvaged.iter().find(|kept| kept.at == at);
        let mut raw = match kept.map(|kept| kept.path.clone()) {
            Some(path) => {
                let there =
                    run_blocking(move || std::fs::File::open(&path).ok().map(|_| path)).await;
                let there = there.ok().flatten();
                there.map_or(raw, |path| ImageSource::Kept(KeptFile(path)))
            }
            None => raw,
        };
        let link = if let ImageSource::Link(link) = &raw { Some(link.clone()) } else { None };
        let mut retries = 0;
        loop {
            if let Some(link) = &link {
                raw = self.fetch_image(attempt, order, link, at, source, state).await?;
            } else if let ImageSource::Recipe(recipe) = raw {
                let started = Instant::now();
                let drawn = self.draw(*recipe, order, attempt.job.request.format).await;
                let drawn = drawn.map_err(Failure::unsent)?;
                state.timing.generation_ms += started.elapsed().as_millis() as u64;
                raw = ImageSource::Bytes(drawn);
            }
            self.say(Event::Saving { job });
            let started = Instant::now();
            let request = self.save_request(attempt, at, success.seed);
            let (mut back, written) = write_image_part(raw, request).await;
            let outcome = match written {
                Ok(written) => {
                    self.halts.worked(attempt.route);
                    self.let_next(attempt, state);
                    commit(written).await
                }
                Err(error) => Err(error),
            };
            state.timing.save_ms += started.elapsed().as_millis() as u64;
            let mut error = match outcome {
                Ok((saved, facts, converted)) => {
                    self.has_room(attempt);
                    self.let_next(attempt, state);
                    self.compare(attempt.route, order, &saved, &facts, &converted, success);
                    let path = PathBuf::from(attempt.job.shown(&saved.path));
                    self.say(Event::Saved { job, path });
                    success.saved.push(saved);
                    success.raw = attempt.route.cache_key.is_some().then_some(back);
                    return Ok(());
                }
                // What was no image is shown, and it may hold what the request carried.
                Err(error) => safe(attempt.route, error),
            };
            let Some((answer, _)) = source else { return Err(Failure::unsent(error)) };
            let open = error.kind == Kind::Local;
            if open && answer.cut.is_some() {
                // The disk spoke before it was seen whether the end of the image is missing.
                back = verified(back).await.map_err(Failure::sent)?;
            }
            if open {
                let is_kept = self.salvage_image(attempt, (at, of), back, &mut error).await;
                self.has_no_room(attempt, &error, is_kept);
            } else if link.is_some() && retries < 2 {
                // What came was no whole image, and to fetch it again costs nothing.
                self.wait_and_retry(attempt, &error, &mut retries).await?;
                raw = ImageSource::Bytes(Vec::new());
                continue;
            } else if answer.cut.is_none() {
                // `recover` would take what broke off for the answer.
                self.salvage_answer(attempt, answer, &mut error).await;
            }
            return Err(Failure { open, ..Failure::sent(error) });
        }
    }

    /// Everything about the n-th file of an attempt but its bytes.
    pub(super) fn save_request(
        &self,
        attempt: &Attempt<'_>,
        at: usize,
        seed: Option<u64>,
    ) -> SaveRequest {
        SaveRequest {
            part: format!("{}.{}", attempt.id(), at + 1),
            target: attempt.job.target.clone(),
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
            existing: self.existing.clone(),
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
        success: &mut Success,
    ) {
        let mut adjustments = Vec::new();
        let mut adjust = |field: &str, asked: String, got: String, why: &str| {
            adjustments.push(Adjustment {
                field: field.to_owned(),
                asked,
                got,
                why: why.to_owned(),
            });
        };
        let real = crate::request::Size::new(saved.width, saved.height);
        let is_ordered = !order.edit.as_ref().is_some_and(|edit| edit.keeps_size);
        if let Some(asked) = order.request.size.filter(|asked| *asked != real && is_ordered)
            && order.aspect.is_none()
            && facts.format != Format::Svg
        {
            adjust(
                "size",
                asked.to_string(),
                real.to_string(),
                "the image has another size than ordered",
            );
        }
        if order.request.background == Some(Background::Transparent) && !facts.alpha {
            adjust(
                "background",
                "transparent".to_owned(),
                "opaque".to_owned(),
                "the image has no alpha channel",
            );
        }
        match converted {
            Converted::No | Converted::Anew { .. } => {
                if let Some(asked) = order.request.format.filter(|asked| *asked != facts.format) {
                    adjust(
                        "format",
                        asked.to_string(),
                        facts.format.to_string(),
                        "the provider sent another format",
                    );
                }
            }
            Converted::From { format: came, .. } => {
                adjust(
                    "format",
                    saved.format.clone(),
                    format!("{}, converted here from {came}", saved.format),
                    "the provider sent another format",
                );
            }
            Converted::Impossible(came) => {
                adjust(
                    "format",
                    order.request.format.map_or("another".to_owned(), |asked| asked.to_string()),
                    came.to_string(),
                    "the provider sent another format, which cannot be converted here",
                );
            }
        }
        // Conversions that the plan foresaw were told there, and are no surprise.
        adjustments.retain(|one| {
            !route.adjustments.iter().any(|known| known.field == one.field && one.field == "format")
        });
        if self.settings.strict
            && let Some(first) = adjustments.first()
        {
            let what = format!("{}: asked for {}, got {}", first.field, first.asked, first.got);
            success.strict = Some(Error::new(Kind::Rejected, what).code("not_as_asked"));
        }
        success.adjustments.extend(adjustments);
        // No failure under `--strict`: it comes with what was asked for, or with what failed already.
        if let Converted::Anew { signed: true } | Converted::From { signed: true, .. } = converted {
            success.adjustments.push(Adjustment {
                field: "signature".to_owned(),
                asked: "content credentials".to_owned(),
                got: "left out".to_owned(),
                why: "the image came signed, and was written anew here".to_owned(),
            });
        }
    }
}

/// Unpacks and checks an image on the blocking pool, and writes it under its part name; hands it back
/// in any case.
async fn write_image_part(
    raw: ImageSource,
    request: SaveRequest,
) -> (ImageSource, Result<WrittenPart>) {
    let raw = Arc::new(raw);
    let copy = Arc::clone(&raw);
    let written = cpu_pool::run(move || write_part(&*copy, request)).await;
    let unusable = |_| Err(Error::new(Kind::Unusable, "the image could not be decoded"));
    let written = written.unwrap_or_else(unusable);
    (Arc::into_inner(raw).unwrap_or(ImageSource::Bytes(Vec::new())), written)
}

/// Checks an image on the blocking pool that no disk took, and hands it back where it is whole.
async fn verified(raw: ImageSource) -> Result<ImageSource> {
    let checked = cpu_pool::run(move || {
        if store::is_whole(&raw) {
            return Ok(raw);
        }
        Err(Error::new(Kind::Unusable, "the image is not whole"))
    });
    let unusable = |_| Err(Error::new(Kind::Unusable, "the image could not be decoded"));
    checked.await.unwrap_or_else(unusable)
}

/// Gives it its name.
async fn commit(written: WrittenPart) -> Result<(Saved, Facts, Converted)> {
    let named = run_blocking(move || written.commit()).await;
    let lost = |_| Err(Error::new(Kind::Local, "the image could not be given its name"));
    named.unwrap_or_else(lost)
}

/// What an answer cost, by the best source it offers.
fn settle(route: &Route, parsed: &ParsedReply, source: Refetch<'_>) -> Option<Money> {
    if route.is_local() {
        return Some(Money::ZERO);
    }
    let headers = source.map(|(answer, _)| answer.headers.as_slice()).unwrap_or_default();
    gateway::settle(headers, parsed.cost)
        .or_else(|| Some(route.model.rates.as_ref()?.cost(parsed.usage.as_ref()?)))
        .or_else(|| route.model.billed(parsed.units?, &route.order))
}
