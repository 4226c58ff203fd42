//! One connection: its requests, one after the other.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::request::Parts;
use http_body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::is_loopback;

/// Bytes of a request's head at most.
const HEAD: usize = 16 * 1024;

/// A head has come after so long, or the connection ends.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// A client that takes nothing of an answer for so long is gone.
const UNREAD_TIME: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Peer {
    /// Whether a request of this head comes from another machine, or nobody knows from where.
    pub(super) fn is_remote(head: &Parts) -> bool {
        head.extensions.get::<Peer>().is_none_or(|Peer(peer)| !is_loopback(peer.ip()))
    }
}

/// What a connection is at.
#[derive(Default)]
pub(super) struct Activity {
    /// Requests whose answers are not whole yet.
    requests: AtomicUsize,
    closing: Notify,
}

impl Activity {
    /// Whether a request is being answered.
    pub(super) fn is_busy(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }

    /// Ends it.
    pub(super) fn close(&self) {
        self.closing.notify_one();
    }

    fn begin(self: &Arc<Activity>) -> AtWork {
        self.requests.fetch_add(1, Ordering::Relaxed);
        AtWork(Arc::clone(self))
    }
}

/// A request that is being answered.
struct AtWork(Arc<Activity>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer's body, which is at work until it is whole or dropped.
struct Guarded {
    body: Body,
    _at_work: AtWork,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Answers the requests of a connection until either side closes it.
pub(super) async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    activity: Arc<Activity>,
) {
    let _ = stream.set_nodelay(true);
    limit_unread(&stream);
    let (router, at_work) = (TowerToHyperService::new(router), Arc::clone(&activity));
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (router, at_work) = (router.clone(), at_work.begin());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let Ok(response) = router.call(request).await;
            let guarded = |body| Guarded { body, _at_work: at_work };
            Ok::<_, Infallible>(response.map(guarded))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // What a client does wrong is its own affair.
        _ = connection => {}
        () = activity.closing.notified() => {}
    }
}

/// Has the system end a connection whose client takes nothing of an answer any more.
fn limit_unread(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    {
        let time = u32::try_from(UNREAD_TIME.as_millis()).unwrap_or(u32::MAX);
        // Where the system refuses it, one that takes nothing keeps its place among the connections.
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, time);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, UNREAD_TIME);
}
