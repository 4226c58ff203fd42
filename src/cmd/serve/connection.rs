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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::is_loopback;
use super::pace::Paced;

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
    converse(stream, peer, router, activity).await;
}

/// The same over anything that is read and written.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    router: Router,
    activity: Arc<Activity>,
) {
    let (router, at_work) = (TowerToHyperService::new(router), Arc::clone(&activity));
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (router, at_work) = (router.clone(), at_work.begin());
        async move {
            let mut request = request.map(|body| Body::new(Paced::new(body)));
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

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::{IntoResponse as _, Response};
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::cmd::serve::{generate, multipart};

    /// A client of a server that reads bodies and does nothing else, and what the server counts of it.
    fn connected() -> (DuplexStream, Arc<Activity>) {
        let json = async |request| match generate::body(request).await {
            Ok(_) => StatusCode::OK.into_response(),
            Err(failure) => failure.into_response(),
        };
        let form = async |request| -> Response {
            let room = tempfile::tempdir().unwrap();
            match multipart::asked(request, room.path()).await {
                Ok(_) => StatusCode::OK.into_response(),
                Err(failure) => failure.into_response(),
            }
        };
        let router = Router::new().route("/json", post(json)).route("/form", post(form));
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let (client, server) = tokio::io::duplex(1 << 20);
        let activity = Arc::new(Activity::default());
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        tokio::spawn(converse(server, peer, router, Arc::clone(&activity)));
        (client, activity)
    }

    fn head(path: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: multipart/form-data; boundary=b\r\ncontent-length: 16000000\r\n\r\n"
        )
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_body_holds_its_place_for_ten_seconds() {
        for path in ["/json", "/form"] {
            let ((mut client, activity), begun) = (connected(), Instant::now());
            let half =
                format!("{}--b\r\ncontent-disposition: form-data; name=x\r\n\r\na", head(path));
            client.write_all(half.as_bytes()).await.unwrap();
            let mut told = String::new();
            client.read_to_string(&mut told).await.unwrap();
            assert!(told.starts_with("HTTP/1.1 400 ") && told.contains("too_slow"), "{told}");
            assert_eq!((begun.elapsed().as_secs(), activity.is_busy()), (10, false), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_over_a_slow_line_takes_its_minutes() {
        let (mut client, _) = connected();
        let open = "--b\r\ncontent-disposition: form-data; name=image; filename=a\r\n\r\n";
        let (close, piece) = ("\r\n--b--\r\n", vec![0; 200_000]);
        client.write_all(head("/form").as_bytes()).await.unwrap();
        client.write_all(open.as_bytes()).await.unwrap();
        let mut left = 16_000_000 - open.len() - close.len();
        while left > 0 {
            let now = left.min(piece.len());
            client.write_all(&piece[..now]).await.unwrap();
            left -= now;
            sleep(Duration::from_secs(5)).await;
        }
        client.write_all(close.as_bytes()).await.unwrap();
        let mut told = String::new();
        client.read_to_string(&mut told).await.unwrap();
        assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    }
}
