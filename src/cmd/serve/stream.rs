//! Server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;

use super::answer::REQUEST_ID;
use crate::cmd::service::{Follower, RunRecord};

/// So often something is sent, so that nothing between takes the connection for dead.
pub(super) const PULSE: Duration = Duration::from_secs(10);

/// A comment, which readers pass over.
pub(super) const COMMENT: &[u8] = b":\n\n";

/// A reader of events.
struct Reader<L> {
    record: Arc<RunRecord>,
    /// Keeps the run at work.
    _follower: Option<Follower>,
    since: u64,
    last: L,
    state: Phase,
}

#[derive(PartialEq)]
enum Phase {
    First,
    Running,
    Over,
}

/// The events of a run behind one, the document as the last; the run goes on as long as they are read.
pub(super) fn events(
    follower: Follower,
    since: u64,
    last: impl FnMut(&RunRecord) -> Option<Value> + Send + 'static,
) -> Response {
    let record = Arc::clone(follower.record());
    answer(Reader { record, _follower: Some(follower), since, last, state: Phase::First })
}

/// The same for who only looks on.
pub(super) fn events_of(
    record: Arc<RunRecord>,
    since: u64,
    last: impl FnMut(&RunRecord) -> Option<Value> + Send + 'static,
) -> Response {
    answer(Reader { record, _follower: None, since, last, state: Phase::First })
}

fn answer<L>(reader: Reader<L>) -> Response
where
    L: FnMut(&RunRecord) -> Option<Value> + Send + 'static,
{
    let id = HeaderValue::from_str(reader.record.id());
    let pieces = stream::unfold(reader, async |mut reader| {
        let piece = reader.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(piece)), reader))
    });
    let mut response = of_pieces(Body::from_stream(pieces));
    if let Ok(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// An answer of events.
pub(super) fn of_pieces(body: Body) -> Response {
    let mut response = Response::new(body);
    let heads = response.headers_mut();
    heads.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    heads.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Nginx would hold the events back.
    heads.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl<L: FnMut(&RunRecord) -> Option<Value>> Reader<L> {
    async fn next(&mut self) -> Option<Vec<u8>> {
        match self.state {
            Phase::Over => return None,
            Phase::First => {
                self.state = Phase::Running;
                return Some(COMMENT.to_vec());
            }
            Phase::Running => {}
        }
        let mut piece = Vec::new();
        loop {
            let has_ended = self.record.has_ended();
            for event in self.record.events_since(self.since) {
                self.since = event.id;
                write(&mut piece, Some(event.id), Some(event.kind), &event.data);
            }
            if has_ended {
                self.state = Phase::Over;
                if let Some(document) = (self.last)(&self.record) {
                    write(&mut piece, Some(self.since + 1), Some("document"), &document);
                }
                return Some(piece);
            }
            if !piece.is_empty() {
                return Some(piece);
            }
            if tokio::time::timeout(PULSE, self.record.beyond(self.since)).await.is_err() {
                return Some(COMMENT.to_vec());
            }
        }
    }
}

/// Writes an event.
pub(super) fn write(piece: &mut Vec<u8>, id: Option<u64>, kind: Option<&str>, data: &Value) {
    if let Some(id) = id {
        piece.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    if let Some(kind) = kind {
        piece.extend_from_slice(format!("event: {kind}\n").as_bytes());
    }
    // JSON of one line.
    piece.extend_from_slice(format!("data: {data}\n\n").as_bytes());
}
