//! Inputs that a provider reads behind links are uploaded before the attempt: this is free, and may be
//! repeated; of whatever fails here nothing was paid.
//!
//! One upload serves all jobs and processes of an account as long as its link lives. A link never stands
//! in an order; the intent holds the paid call with it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::backoff;
use super::explain::{answered, explained};
use super::outcome::{Failure, JobState};
use super::parse::safe;
use super::payload::input_file;
use super::planned::Job;
use super::{Event, Level, Route, Run};
use crate::catalog::SentInput;
use crate::dialect::{Call, Reply, UploadPlace};
use crate::error::{Error, Kind, Result};
use crate::fs::{self, OwnLock};
use crate::net::{HttpRequest, InputFile, LinkPolicy, Payload, Piece};
use crate::pool::{run_blocking, run_io};
use crate::store::{UploadKey, Uploads};
use crate::text;

/// How often an input is tried to be uploaded.
const TRIES: u32 = 3;
/// How often somebody who waits looks whether it is there.
const LOOK: Duration = Duration::from_millis(100);
/// How long an upload takes at most, beside its bytes at this pace.
const PATIENCE: Duration = Duration::from_secs(60);
const BYTES_A_SECOND: u64 = 50_000;

/// An input on its way to a provider.
struct Uploading<'a> {
    route: &'a Route,
    input: &'a SentInput,
    /// Asks where it may be put.
    call: Call,
    file: InputFile,
    /// How long its link lives.
    life: Duration,
}

impl Run {
    /// Has the inputs of a route's order where its provider reads them. Nothing is uploaded for a picture
    /// that cannot be paid for.
    pub(super) async fn upload_inputs(
        &self,
        job: &Job,
        route: &Route,
        state: &mut JobState,
    ) -> Result<(), Failure> {
        state.links.clear();
        let Some(life) = route.dialect.facts().uploads_for else { return Ok(()) };
        if route.order.inputs.is_empty() {
            return Ok(());
        }
        if let Some(failure) = self.disabled(route).or_else(|| self.halts.why(job)) {
            return Err(Failure::halted(failure));
        }
        let model = route.model_id();
        if let Some(most) = job.max_cost {
            super::budget::fits(most, &model, route.estimate.reserve, state.uncertain)
                .map_err(Failure::unsent)?;
        }
        self.budget.check(&model, &route.estimate).map_err(Failure::unsent)?;
        if let Some(slot) = &mut state.slot {
            slot.take().await;
        }
        for input in &route.order.inputs {
            if state.links.contains_key(&input.sha256) {
                continue;
            }
            let Some(call) = route.dialect.upload(input) else { continue };
            let file = input_file(&input.sha256, &route.order, &self.settings.places.inputs)
                .map_err(Failure::unsent)?;
            let uploading = Uploading { route, input, call, file, life };
            let link = self.link_of(job, &uploading, state).await?;
            state.links.insert(input.sha256.clone(), link);
        }
        Ok(())
    }

    /// Links that a provider may not have been able to read are not used again. What was refused before it
    /// was asked to read them says nothing of them.
    pub(super) async fn doubt_links(&self, route: &Route, state: &JobState, failure: &Failure) {
        if state.links.is_empty() || failure.unsent || failure.error.kind != Kind::Rejected {
            return;
        }
        let uploads = Uploads::new(&self.settings.places.inputs);
        let keys: BTreeSet<_> = state.links.keys().cloned().collect();
        let account = route.origin().name;
        let forgotten = run_blocking(move || {
            keys.iter().for_each(|sha256| uploads.forget(&UploadKey::of(&account, sha256)));
        });
        let _ = forgotten.await;
    }

    /// The link of an input: of an earlier upload, of one that somebody else is making, or of its own.
    async fn link_of(
        &self,
        job: &Job,
        uploading: &Uploading<'_>,
        state: &mut JobState,
    ) -> Result<String, Failure> {
        let uploads = Uploads::new(&self.settings.places.inputs);
        let key = UploadKey::of(&uploading.route.origin().name, &uploading.input.sha256);
        let deadline = self.deadline(state);
        let mut is_told = false;
        let claim = loop {
            if self.stop.level() > Level::Running {
                return Err(state.stopped());
            }
            if let Some(link) = find(&uploads, &key).await {
                return Ok(link);
            }
            match claim(&uploads, &key).await {
                Ok(Some(claim)) => break Some(claim),
                Ok(None) if Instant::now() >= deadline => {
                    let what = format!("{} is still being uploaded elsewhere", uploading.file.name);
                    let error = Error::new(Kind::NotSent, what).code("upload_failed");
                    return Err(Failure::unsent(error));
                }
                Ok(None) => {
                    if !std::mem::replace(&mut is_told, true) {
                        let why = format!("{}, which is uploaded elsewhere", uploading.file.name);
                        self.say(Event::Waiting { job: job.index, why, wait: None });
                    }
                    self.pause(LOOK, state).await?;
                }
                // A moment without file handles must not upload the same picture twice.
                Err(error) if fs::are_handles_out(&error) => self.pause(LOOK, state).await?,
                // Where nothing can be kept, it is uploaded for this job alone.
                Err(_) => break None,
            }
        };
        // It may have come there between the look and the claim.
        if let Some(link) = find(&uploads, &key).await {
            release(claim).await;
            return Ok(link);
        }
        self.tell_of_links(uploading);
        let why = format!("{} to be uploaded", uploading.file.name);
        self.say(Event::Waiting { job: job.index, why, wait: None });
        let outcome = self.upload(job, uploading, state).await;
        if let Ok(link) = &outcome {
            let (link, life) = (link.clone(), uploading.life);
            // What cannot be noted is uploaded anew.
            let _ = run_io(move || uploads.store(&key, &link, life)).await;
        }
        release(claim).await;
        outcome
    }

    /// Tells once who can see what is uploaded; nothing where a link of before serves.
    fn tell_of_links(&self, uploading: &Uploading<'_>) {
        let text = format!(
            "pictures are uploaded to {}: whoever knows their links can see them for {} hours",
            uploading.route.provider.name,
            uploading.life.as_secs() / 3600
        );
        if self.halts.is_news(&text) {
            self.notice(None, text);
        }
    }

    /// Uploads an input; answers with its link.
    async fn upload(
        &self,
        job: &Job,
        uploading: &Uploading<'_>,
        state: &mut JobState,
    ) -> Result<String, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let tried = tokio::select! {
                biased;
                tried = self.upload_once(uploading) => tried,
                // Nothing is lost: it is stopped within its bytes.
                () = self.stop.at(Level::Draining) => return Err(state.stopped()),
            };
            let error = match tried {
                Ok(link) => return Ok(link),
                Err(error) => error,
            };
            let wait = error.retry_after.unwrap_or_else(|| {
                backoff(self.settings.backoff, self.settings.backoff_max, tries - 1)
            });
            if !is_passing(error.kind) || tries == TRIES || wait > self.settings.wait_cap {
                let failure = Failure::unsent(uploading.failed(error, tries));
                self.learn_from_upload(job, uploading.route, &failure);
                return Err(failure);
            }
            let why = text::clause(&error.message);
            let why = format!("{} could not be uploaded: {why}", uploading.file.name);
            self.say(Event::Retrying { job: job.index, why, wait });
            self.pause(wait, state).await?;
        }
    }

    /// A key that is dead is so for what is paid as well; and who cannot be reached is not asked for ever.
    fn learn_from_upload(&self, job: &Job, route: &Route, failure: &Failure) {
        match failure.error.kind {
            Kind::Account => self.learn(job, route, Some(&Failure::sent(failure.error.clone()))),
            Kind::NotSent => self.learn_connection(route, Some(&failure.error), true),
            _ => {}
        }
    }

    /// Asks for a place and puts the input there.
    async fn upload_once(&self, uploading: &Uploading<'_>) -> Result<String> {
        let Uploading { route, input, call, file, .. } = uploading;
        let answer = self.exchange(route, call).await?;
        let observed = Arc::new(answered(route, call, &answer));
        let (status, headers, body) = (answer.status, answer.headers, answer.body);
        let body = run_io(move || body.bytes().map(Cow::into_owned)).await.map_err(|error| {
            Error::new(Kind::Local, format!("the answer cannot be read: {error}"))
        })?;
        let reply = Reply {
            stage: call.stage,
            endpoint: route.endpoint_kind(&call.target),
            status,
            headers: &headers,
            body: &body,
            memo: &call.memo,
        };
        let place = route.dialect.uploaded(&reply);
        let place = place.map_err(|error| explained(route, call, &observed, safe(route, error)))?;
        let UploadPlace { put, link } = place;
        // Both come from a reply: neither leads inside, and neither gets a key.
        let policy = LinkPolicy { what: "upload address", ..route.link_policy(&self.settings) };
        let url = policy.check(&put)?;
        policy.check(&link)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = HttpRequest {
            method: "PUT".to_owned(),
            url,
            headers: Vec::new(),
            secrets: Vec::new(),
            body: Some(Payload {
                media_type: input.format.media_type().to_owned(),
                pieces: vec![Piece::File(file.clone())],
            }),
            is_paid: false,
            timeout: PATIENCE.min(self.settings.timeout),
            idle: self.settings.idle_timeout,
            cap: 1 << 20,
        };
        let whole = PATIENCE + Duration::from_secs(input.len / BYTES_A_SECOND);
        let sending = self.engine.transport.send(request, &|_| {});
        let answer = tokio::time::timeout(whole, sending).await.unwrap_or_else(|_| {
            let what = format!("{host} took longer than {}", text::duration(whole));
            Err(Error::new(Kind::NotSent, what))
        })?;
        match answer.status {
            200..=299 => Ok(link),
            status => {
                // What it says of the bytes is final; of the address, or of itself, it is not.
                let is_refused = matches!(status, 400 | 413 | 415 | 422);
                let kind = if is_refused { Kind::Rejected } else { Kind::Server };
                Err(Error::new(kind, format!("{host} answers with {status}")))
            }
        }
    }
}

impl Uploading<'_> {
    /// A failure in the words of who waits for it.
    fn failed(&self, error: Error, tries: u32) -> Error {
        let (provider, name) = (&self.route.provider.name, &self.file.name);
        let why = text::clause(&error.message);
        let (kind, code, what) = match error.kind {
            Kind::Rejected | Kind::Content => {
                (Kind::Rejected, "upload_refused", format!("{provider} refuses {name}: {why}"))
            }
            kind if is_passing(kind) => {
                let tries = if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") };
                let what = format!("{name} cannot be uploaded to {provider} in {tries}: {why}");
                (Kind::NotSent, "upload_failed", what)
            }
            _ => return error,
        };
        let error =
            Error { kind, message: format!("{what}; nothing was paid"), ..error }.code(code);
        if kind == Kind::NotSent {
            return error
                .hint("run the same command again: what is uploaded already is not sent anew");
        }
        error
    }
}

/// Whether it may go better another time. A key, an account and a picture that has changed speak for
/// themselves.
fn is_passing(kind: Kind) -> bool {
    let is_final = matches!(kind, Kind::Rejected | Kind::Content);
    let is_known = matches!(
        kind,
        Kind::Usage | Kind::Key | Kind::Account | Kind::Permission | Kind::Local | Kind::Internal
    );
    !is_final && !is_known
}

async fn find(uploads: &Uploads, key: &UploadKey) -> Option<String> {
    let (uploads, key) = (uploads.clone(), key.clone());
    run_blocking(move || uploads.find(&key)).await.ok().flatten()
}

async fn claim(uploads: &Uploads, key: &UploadKey) -> std::io::Result<Option<OwnLock>> {
    let (uploads, key) = (uploads.clone(), key.clone());
    run_io(move || uploads.claim(&key)).await
}

/// Gives up a claim, whose file is removed.
async fn release(claim: Option<OwnLock>) {
    if let Some(claim) = claim {
        let _ = run_blocking(move || drop(claim)).await;
    }
}
