//! Bodies that come too slowly are given up, so that half-sent requests do not keep others out.
//!
//! What counts is the time that is waited for a client, never the time that its bytes wait here; and what
//! came last, so that nobody stores up patience. An upload over a slow line takes as long as it takes.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// A body has brought its next bytes after so long, or its end.
pub(super) const SPAN: Duration = Duration::from_secs(10);

/// So many bytes at least come within each span: those of a line of 128 kbit a second.
const LEAST: usize = 160 << 10;

/// A body and how much patience is left with it.
pub(super) struct Paced<B> {
    body: B,
    left: Duration,
    /// Bytes that came since patience was whole.
    got: usize,
    /// Since when its client is waited for, and until when.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// That a body stood still, or nearly.
#[derive(Debug)]
struct Stalled;

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not come in time")
    }
}

impl Error for Stalled {}

/// Whether an error of reading a body says that it did not come in time.
pub(super) fn has_stalled(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(|error| error.is::<Stalled>())
}

impl<B> Paced<B> {
    pub(super) fn new(body: B) -> Paced<B> {
        Paced { body, left: SPAN, got: 0, waiting: None }
    }

    /// So many bytes came.
    fn came(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.got += bytes;
        if self.got >= LEAST {
            (self.got, self.left) = (0, SPAN);
        }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            let frame = frame.map(|frame| frame.map_err(axum::Error::new));
            let bytes = frame.iter().flatten().filter_map(Frame::data_ref).map(Bytes::len).sum();
            this.came(bytes);
            return Poll::Ready(frame);
        }
        let left = this.left;
        let (_, patience) =
            this.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(patience.as_mut().poll(context));
        Poll::Ready(Some(Err(axum::Error::new(Stalled))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::{StreamExt as _, stream};

    use super::*;

    /// A body of pieces, each of which comes after a pause.
    fn body(pieces: usize, bytes: usize, pause: Duration) -> Paced<Body> {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            sleep(pause).await;
            Ok::<_, std::io::Error>(vec![0; bytes])
        });
        Paced::new(Body::from_stream(pieces))
    }

    /// The bytes that came, whether they were given up, and after how many seconds.
    async fn read(body: Paced<Body>, rest: Duration) -> (usize, bool, u64) {
        let (begun, mut bytes) = (Instant::now(), 0);
        let mut pieces = Body::new(body).into_data_stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => bytes += piece.len(),
                Err(error) => return (bytes, has_stalled(&error), begun.elapsed().as_secs()),
            }
            sleep(rest).await;
        }
        (bytes, false, begun.elapsed().as_secs())
    }

    const NO_TIME: Duration = Duration::ZERO;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stands_still_or_drips_is_given_up() {
        let second = Duration::from_secs(1);
        assert_eq!(read(body(1, 1, 60 * second), NO_TIME).await, (0, true, 10));
        assert!(read(body(100, 1, second), NO_TIME).await.1);
        let (bytes, is_given_up, seconds) = read(body(100, 1_000, 3 * second), NO_TIME).await;
        assert_eq!((bytes, is_given_up, seconds), (3_000, true, 10));
        // What came quickly before buys no time.
        let quick = body(1_000, LEAST, NO_TIME);
        let chained = stream::once(async { Ok::<_, std::io::Error>(vec![0; 64 << 20]) });
        let stalls = Body::from_stream(chained.chain(stream::pending()));
        assert_eq!(read(Paced::new(stalls), NO_TIME).await, (64 << 20, true, 10));
        assert_eq!(read(quick, NO_TIME).await, (1_000 * LEAST, false, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_and_a_slow_disk_are_waited_for() {
        let (second, whole) = (Duration::from_secs(1), 64 << 20);
        let pieces = whole / (32 << 10);
        assert_eq!(read(body(pieces, 32 << 10, second), NO_TIME).await, (whole, false, 2_048));
        // What waits here is not the client's delay.
        assert!(!read(body(10, 1_000, second / 10), 30 * second).await.1);
    }
}
