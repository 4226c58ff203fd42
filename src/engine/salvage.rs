//! Salvage: what was paid for is not lost. An answer that its dialect cannot use is looked through once
//! more, and what cannot be finished now is kept below the data directory.
//!
//! Only answers within 2xx that are paid for, and others that tell so, are looked through, by the live path and by `recover` alike.
//! What verifies is saved and told; each find is checked like any other image, and the first failure
//! stands where nothing is found. The log tells `recover` where what is kept lies; no key is in it.

use std::path::PathBuf;
use std::sync::Arc;

use super::cpu_pool;
use super::explain::{answered, explained};
use super::image_source::ImageSource;
use super::outcome::{
    Attempt, Failure, JobState, ParsedReply, SalvagedImage, Success, longer, reply_path,
};
use super::parse::{harmless, safe};
use super::search::find;
use super::{Route, Run};
use crate::catalog::{Adjustment, Order};
use crate::dialect::{Call, Stage};
use crate::error::{Error, Kind, TOO_LARGE};
use crate::fs;
use crate::net::HttpResponse;
use crate::pool::{run_blocking, run_io};
use crate::secret::{Masked, redact};
use crate::store::{EntryKind, pieces};

/// The answer that is looked through.
pub(super) struct SalvageSource<'a> {
    /// What it answers.
    pub(super) call: &'a Call,
    pub(super) answer: &'a Arc<HttpResponse>,
    /// Links that were tried already.
    pub(super) tried: Vec<Vec<String>>,
}

impl Run {
    /// Looks an answer through once more for an image that is whole.
    ///
    /// # Errors
    /// The failure that was there before, where there is none, in better words if the answer has some;
    /// or that of an image which is there and cannot be saved or fetched now.
    pub(super) async fn salvage(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        source: SalvageSource<'_>,
        failure: Failure,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let SalvageSource { call, answer, tried } = source;
        let is_paid = matches!(call.stage, Stage::Submit | Stage::Fetch)
            && ((200..300).contains(&answer.status) || failure.error.kind == Kind::Unusable)
            // A refusal is one, whatever stands beside it.
            && failure.error.kind != Kind::Content
            && !failure.open;
        if !is_paid {
            return Err(failure);
        }
        let route = attempt.route;
        let (dialect, copy, seen) = (route.dialect, Arc::clone(order), Arc::clone(answer));
        let (stage, memo) = (call.stage, call.memo.clone());
        let asked = (stage, route.endpoint_kind(&call.target));
        let work = move || find(dialect, &copy, asked, &memo, &seen);
        let Ok(Some(found)) = cpu_pool::run(work).await else { return Err(failure) };
        let failure = match found.error {
            Some(error) => {
                let observed = Arc::new(answered(route, call, answer));
                let error = explained(route, call, &observed, safe(route, error));
                Failure { error, ..failure }
            }
            None => failure,
        };
        let refetch = (stage != Stage::Submit).then_some(call);
        let Ok(facts) = harmless(route, ParsedReply::of(found.gave)) else { return Err(failure) };
        for (raws, place) in found.groups {
            let mut parsed = ParsedReply { raws, ..facts.again() };
            self.resolve_links(route, call, &mut parsed);
            parsed
                .raws
                .retain(|raw| !matches!(raw, ImageSource::Link(link) if tried.contains(link)));
            if parsed.raws.is_empty() {
                continue;
            }
            let kept = match refetch {
                None if parsed.has_links() => self.salvage_links(attempt, answer).await,
                _ => None,
            };
            let source = Some((answer, refetch));
            match self.deliver(attempt, order, parsed, source, state).await {
                Ok(mut success) => {
                    success.adjustments.push(adjustment(route, found.frame, &place));
                    let kept = match kept {
                        Some(kept) => Some(kept),
                        None => self.salvaged_reply(attempt).await,
                    };
                    success.kept.extend(kept);
                    return Ok(success);
                }
                Err(failure) if failure.open => return Err(failure),
                Err(_) => {}
            }
        }
        Err(failure)
    }

    /// Looks for a whole image in an answer that broke off.
    ///
    /// # Errors
    /// That it broke off, where there is none: the outcome is unknown, and what came is of no use.
    pub(super) async fn rescue(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: &Call,
        answer: HttpResponse,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let broke = || Error::new(Kind::Ambiguous, "the answer broke off");
        let cut = answer.cut.clone().map_or_else(broke, |cut| *cut);
        let answer = Arc::new(answer);
        if self.is_streamed(attempt.route, call, &answer).await
            && let Some(outcome) = self.before_the_cut(attempt, order, call, &answer, state).await
        {
            return outcome;
        }
        let source = SalvageSource { call, answer: &answer, tried: Vec::new() };
        let failure = Failure::sent(cut.clone());
        match self.salvage(attempt, order, source, failure, state).await {
            // What came is all that there will ever be of it.
            Err(failure) if !failure.open && cut.code == TOO_LARGE => {
                let mut error = cut;
                self.salvage_answer(attempt, &answer, &mut error).await;
                error.hints.push(longer(self.settings.answer_limit));
                let failure = Failure::sent(error);
                Err(self.with_preview(attempt, order, call, &answer, failure).await)
            }
            Err(failure) if !failure.open => {
                // Its links led nowhere: `recover` would take it for the answer.
                if let Some(kept) = self.salvaged_reply(attempt).await {
                    let _ = run_blocking(move || fs::remove(&kept)).await;
                }
                let failure = Failure::sent(cut);
                Err(self.with_preview(attempt, order, call, &answer, failure).await)
            }
            outcome => outcome,
        }
    }

    /// What the events of a stream say that were whole before it broke off: the finished picture, or a
    /// refusal.
    async fn before_the_cut(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: &Call,
        answer: &Arc<HttpResponse>,
        state: &mut JobState,
    ) -> Option<Result<Success, Failure>> {
        let route = attempt.route;
        match self.parse(route, order, call, answer).await {
            Ok(parsed) if !parsed.raws.is_empty() => {
                let source = Some((answer, None));
                match self.deliver(attempt, order, parsed, source, state).await {
                    Err(failure) if !failure.open => None,
                    outcome => Some(outcome),
                }
            }
            Err(error) if matches!(error.kind, Kind::Content | Kind::Account) => {
                let observed = Arc::new(answered(route, call, answer));
                Some(Err(Failure::sent(explained(route, call, &observed, error))))
            }
            _ => None,
        }
    }

    /// The links of a synchronous answer are all that there is of the image: kept until it is here.
    pub(super) async fn salvage_links(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<HttpResponse>,
    ) -> Option<PathBuf> {
        let path = self.write_raw(attempt, answer).await.ok()?;
        let mut entry = self.entry(EntryKind::Kept, attempt);
        entry.kept = Some(path.clone());
        // A precaution: where it fails, the image is fetched all the same.
        self.engine.log.as_ref()?.commit(&entry).await.ok()?;
        Some(path)
    }

    /// The raw reply of an attempt, if it was kept.
    pub(super) async fn salvaged_reply(&self, attempt: &Attempt<'_>) -> Option<PathBuf> {
        let path = reply_path(&self.settings.places.kept, &attempt.id());
        run_blocking(move || path.exists().then_some(path)).await.ok().flatten()
    }

    async fn write_raw(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<HttpResponse>,
    ) -> std::io::Result<PathBuf> {
        let (kept, secrets) = (self.settings.places.kept.clone(), attempt.route.secrets());
        let path = reply_path(&kept, &attempt.id());
        let answer = Arc::clone(answer);
        let write = move || {
            fs::create_private_dir(&kept)?;
            fs::write_whole(&path, fs::Mode::Private, |file| {
                let mut masked = Masked::of(&secrets);
                let mut write = |piece: &[u8]| fs::write_all(file, piece);
                answer.body.pieces(0..answer.body.len(), |piece| masked.push(piece, &mut write))?;
                masked.finish(write)
            })?;
            Ok(path)
        };
        run_io(write).await
    }

    /// Keeps the raw reply of a paid call that could not be used, without the key in it.
    pub(super) async fn salvage_answer(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<HttpResponse>,
        error: &mut Error,
    ) {
        match self.write_raw(attempt, answer).await {
            Ok(path) => error.hints.push(format!("the raw answer is kept in {}", path.display())),
            Err(why) => error.hints.push(format!("the raw answer could not be kept: {why}")),
        }
    }

    /// The disk refused the image's place: its bytes go to the data directory, or where that is full
    /// too, to the system's directory for temporary files; the journal tells `recover` where.
    /// False when nothing takes them.
    pub(super) async fn salvage_image(
        &self,
        attempt: &Attempt<'_>,
        (at, of): (usize, usize),
        raw: ImageSource,
        error: &mut Error,
    ) -> bool {
        let places = [self.settings.places.kept.clone(), self.fallback_directory.clone()];
        let id = attempt.id();
        let write = move || {
            let mut refused = std::io::Error::other("there is no place for it");
            for place in places {
                let SalvagedImage { path, .. } = SalvagedImage::new(&place, &id, at, of);
                let written =
                    fs::create_private_dir(&place).and_then(|()| pieces::write(&path, &raw));
                match written {
                    Ok(()) => return Ok(path),
                    Err(error) => refused = error,
                }
            }
            Err(refused)
        };
        match run_io(write).await {
            Ok(path) => {
                error.hints.push(format!(
                    "its bytes are kept in {}; `pinx recover` saves them",
                    path.display()
                ));
                if let Some(log) = &self.engine.log {
                    let mut entry = self.entry(EntryKind::Kept, attempt);
                    entry.kept = Some(path);
                    entry.wish = Some(attempt.job.absolute_target());
                    log.append(&entry);
                }
                true
            }
            Err(again) => {
                error.hints.push(format!("its bytes could not be kept either: {again}"));
                false
            }
        }
    }
}

/// What is said of an image that was not where it belongs.
fn adjustment(route: &Route, frame: &str, place: &str) -> Adjustment {
    let place = redact(place, &route.secrets());
    let place = if place.is_empty() { String::new() } else { format!(", in `{place}`") };
    Adjustment {
        field: "answer".to_owned(),
        asked: "its documented form".to_owned(),
        got: format!("{frame}{place}"),
        why: "the image was looked for in what came, and is whole".to_owned(),
    }
}
