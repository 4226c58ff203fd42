//! Images that are somewhere else: fetched from their links, patiently, because that costs nothing; a
//! queue is asked for a fresh link where one is dead.

use std::sync::Arc;

use tokio::time::Instant;

use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, beyond_limit, left_running};
use super::parse::{holds_secret, safe};
use super::{Event, Level, Route, Run};
use crate::catalog::Order;
use crate::dialect::Call;
use crate::error::{CUT_WHILE_SENDING, Error, Kind, TOO_LARGE};
use crate::net::{self, Arrival, HttpResponse};

/// The code of a link that is dead and was all that there is of its image.
pub const DEAD_LINK: &str = "dead_link";

/// The code of a link whose host cannot be reached, where it is all that there is of its image.
pub const UNREACHABLE_LINK: &str = "unreachable_link";

/// How often a link that says that it is dead is tried again, within a few seconds: a file may come
/// later than its link.
const DEAD_RETRIES: u32 = 3;
/// How often one is whose host cannot be reached, within half a minute.
const UNREACHABLE_RETRIES: u32 = 6;

/// A dead link, where the provider can be asked for another.
const FRESH: &str = "`pinx recover` asks for a fresh link; do not run the command again";
/// A dead link, where it is all that there is.
const SAME: &str = "`pinx recover` tries this link again, for it is all that there is of the image";

/// A reply and, for a queue, the call that asks for the result again.
pub(super) type Refetch<'a> = Option<(&'a Arc<HttpResponse>, Option<&'a Call>)>;

impl Run {
    /// Fetches an image from its link; where that cannot be, what the answer said is kept.
    pub(super) async fn fetch_image(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        link: &[String],
        at: usize,
        source: Refetch<'_>,
        state: &mut JobState,
    ) -> Result<ImageSource, Failure> {
        let started = Instant::now();
        let refetch = source.and_then(|(_, refetch)| refetch);
        let fetched = self.download(attempt, order, link.to_vec(), at, refetch).await;
        state.timing.download_ms += started.elapsed().as_millis() as u64;
        let mut failure = match fetched {
            Ok(answer) => return Ok(ImageSource::Fetched(answer)),
            Err(failure) => failure,
        };
        // What can be asked for again need not be kept.
        if let Some((answer, refetch)) = source
            && (refetch.is_none() || !failure.open)
        {
            self.salvage_answer(attempt, answer, &mut failure.error).await;
        }
        let is_there = failure.error.code == TOO_LARGE;
        let inside = attempt.route.dialect.facts().inside;
        let inside = inside.filter(|_| refetch.is_none() && !is_there);
        failure.error.hints.extend(inside.map(str::to_owned));
        Err(failure)
    }

    /// Fetches a result link, wherever it may lead, patiently; one that leads nowhere a few times only,
    /// and anew where the provider can be asked. It is left to `recover` then.
    async fn download(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        links: Vec<String>,
        at: usize,
        refetch: Option<&Call>,
    ) -> Result<HttpResponse, Failure> {
        let (job, route) = (attempt.job.index, attempt.route);
        let policy = route.link_policy(&self.settings);
        let (mut links, mut turn, mut retries) = (links, 0, 0);
        let (mut dead, mut unreachable) = (0, 0);
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
            let heard = |arrival: Arrival<'_>| {
                if let Arrival::Bytes(bytes, total) = arrival {
                    self.say(Event::Downloading { job, bytes, total });
                }
            };
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
                    if is_last && dead > DEAD_RETRIES {
                        let failure = leads_nowhere(gone, DEAD_LINK, refetch);
                        return Err(Failure { status: Some(answer.status), ..failure });
                    }
                    Error::new(Kind::Server, gone)
                }
                Ok(answer) => Error::new(
                    Kind::Server,
                    format!("the result link answers HTTP {}", answer.status),
                ),
                Err(error) if error.code == TOO_LARGE => {
                    return Err(beyond_limit(error, self.settings.answer_limit));
                }
                Err(error) if error.kind == Kind::Unusable && is_last => {
                    return Err(Failure::sent(error));
                }
                Err(error) if error.kind == Kind::NotSent && error.code != CUT_WHILE_SENDING => {
                    unreachable += 1;
                    if is_last && unreachable > UNREACHABLE_RETRIES {
                        let nowhere = format!("the result link leads nowhere: {}", error.message);
                        return Err(leads_nowhere(nowhere, UNREACHABLE_LINK, refetch));
                    }
                    error
                }
                Err(error) => error,
            };
            if !is_last {
                continue;
            }
            self.wait_and_retry(attempt, &error, &mut retries).await?;
            if dead + unreachable > 0
                && let Some(call) = refetch
                && let Some(fresh) = self.fresh_link(route, order, call, at).await
            {
                (links, turn) = (fresh, 0);
            }
        }
    }

    /// A link that leads to the image, from who made it.
    async fn fresh_link(
        &self,
        route: &Route,
        order: &Arc<Order>,
        call: &Call,
        at: usize,
    ) -> Option<Vec<String>> {
        let answer = Arc::new(self.exchange(route, call).await.ok()?);
        let parsed = self.parse(route, order, call, &answer).await.ok()?;
        match parsed.raws.into_iter().nth(at)? {
            ImageSource::Link(link) => Some(link),
            _ => None,
        }
    }
}

/// The failure of a link that was tried often enough; what it may still lead to is left to `recover`.
fn leads_nowhere(why: String, code: &str, refetch: Option<&Call>) -> Failure {
    let error = Error::new(Kind::Detached, why);
    Failure::open(match refetch {
        Some(_) => error.hint(FRESH),
        None => error.code(code).hint(SAME),
    })
}
