//! Previews on their way to who listens: events of a stream are handed over while it still comes, decoded
//! on other threads, and told. What the answer means is read once it is here.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::Notify;

use super::event::PreviewBytes;
use super::image_source::ImageSource;
use super::outcome::Attempt;
use super::{Event, Run, cpu_pool};
use crate::catalog::Order;
use crate::dialect::{Call, Dialect, EndpointKind, Reply, Stage, Then};
use crate::error::Result;
use crate::json::StreamEvent;
use crate::net::{Arrival, Body, HttpResponse};
use crate::pool::lock;
use crate::store::Source as _;

/// Events that wait to be looked at; of more, the last ones.
const WAITING: usize = 4;

/// Events that have come and were not looked at yet.
#[derive(Default)]
struct Arrived {
    events: Mutex<VecDeque<(String, Body)>>,
    told: Notify,
}

impl Arrived {
    fn add(&self, body: &Body, event: &StreamEvent) {
        // The picture itself is read with the whole answer.
        if event.name.ends_with(".completed") {
            return;
        }
        let Ok(data) = body.copy_of(event) else { return };
        let mut events = lock(&self.events);
        if events.len() == WAITING {
            events.pop_front();
        }
        events.push_back((event.name.clone(), data));
        self.told.notify_one();
    }

    async fn next(&self) -> (String, Body) {
        loop {
            let next = lock(&self.events).pop_front();
            match next {
                Some(next) => return next,
                None => self.told.notified().await,
            }
        }
    }
}

/// The picture of an event that is a preview. Blocking.
fn picture(
    dialect: &dyn Dialect,
    order: &Order,
    endpoint: EndpointKind,
    name: &str,
    answer: &Arc<HttpResponse>,
) -> Option<PreviewBytes> {
    let data = answer.body.outline().ok()?;
    let reply = Reply {
        stage: Stage::Submit,
        endpoint,
        status: answer.status,
        headers: &answer.headers,
        body: &data,
        memo: &Value::Null,
    };
    let step = dialect.event(order, &reply, name, 0).ok()?;
    let gave = step.gave.filter(|_| matches!(step.then, Then::More))?;
    let raw = ImageSource::of(gave.pixels.into_iter().next()?, answer).ok()?;
    Some(PreviewBytes(raw.whole().ok()?.into()))
}

impl Run {
    /// Sends a paid call, and tells of the previews that come before its answer is here.
    pub(super) async fn exchange_shown(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: &Call,
    ) -> Result<HttpResponse> {
        if order.partials == 0 || call.stage != Stage::Submit {
            return self.exchange(attempt.route, call).await;
        }
        let arrived = Arrived::default();
        let heard = |arrival: Arrival<'_>| {
            if let Arrival::Event(body, event) = arrival {
                arrived.add(body, event);
            }
        };
        tokio::select! {
            biased;
            answer = self.exchange_heard(attempt.route, call, &heard) => answer,
            never = self.show(attempt, order, call, &arrived) => match never {},
        }
    }

    async fn show(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: &Call,
        arrived: &Arrived,
    ) -> Infallible {
        let (job, dialect) = (attempt.job.index, attempt.route.dialect);
        let endpoint = attempt.route.endpoint_kind(&call.target);
        let mut index = 0;
        loop {
            let (name, body) = arrived.next().await;
            let answer = HttpResponse { status: 200, headers: Vec::new(), body, cut: None };
            let order = Arc::clone(order);
            let of = usize::from(order.partials);
            let look = move || picture(dialect, &order, endpoint, &name, &Arc::new(answer));
            if let Ok(Some(picture)) = cpu_pool::run(look).await {
                self.say(Event::Partial { job, index, of, picture });
                index += 1;
            }
        }
    }
}
