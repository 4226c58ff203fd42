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
                    write(
                        &mut piece,
                        Some(self.since.saturating_add(1)),
                        Some("document"),
                        &document,
                    );
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

#[cfg(test)]
pub(super) mod tests {
    use futures_util::StreamExt as _;
    use tokio::time::{Duration, Instant, sleep};

    use super::*;
    use crate::engine::{Document, Event};

    /// Reads an answer about a run while the clock of the runtime goes by itself, and a job of the run is
    /// saved when 27 seconds are gone: what came, each piece with the second in which it came.
    pub(in crate::cmd::serve) async fn read(
        record: &Arc<RunRecord>,
        answer: Response,
    ) -> Vec<(u64, String)> {
        let begun = Instant::now();
        let happens = Arc::clone(record);
        tokio::spawn(async move {
            sleep(Duration::from_secs(27)).await;
            happens.hear(&Event::Saving { job: 0 });
            sleep(Duration::from_secs(12)).await;
            happens.end(Ok(Document::of_jobs(None, Vec::new(), 0)));
        });
        let mut pieces = answer.into_body().into_data_stream();
        let mut read = Vec::new();
        while let Some(piece) = pieces.next().await {
            let text = String::from_utf8(piece.unwrap().to_vec()).unwrap();
            read.push((begun.elapsed().as_secs(), text));
        }
        read
    }

    #[tokio::test]
    async fn who_has_read_more_than_there_is_gets_the_document() {
        let record = RunRecord::of_nobody();
        record.end(Ok(Document::of_jobs(None, Vec::new(), 0)));
        let answer = events_of(record, u64::MAX, |_| Some(Value::Null));
        let pieces: Vec<_> = answer.into_body().into_data_stream().collect().await;
        assert!(pieces[1].as_ref().unwrap().ends_with(b"event: document\ndata: null\n\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_comment_comes_at_once_and_whenever_nothing_came_for_ten_seconds() {
        let record = RunRecord::of_nobody();
        let read = read(&record, events(record.follow(), 0, |_| Some(Value::Null))).await;
        let comment = |second| (second, ":\n\n".to_owned());
        let saving = "id: 1\nevent: saving\ndata: {\"job\":0}\n\n".to_owned();
        let last = "id: 2\nevent: document\ndata: null\n\n".to_owned();
        let all = [comment(0), comment(10), comment(20), (27, saving), comment(37), (39, last)];
        assert_eq!(read, all);
    }
}
