//! The HTTP client: built at the first request, TLS roots only for https, no retries of its own.
//!
//! Its resolver lets private addresses through only for hosts the user configured. Proxies are
//! never used for loopback.

use std::collections::{HashMap, HashSet};
use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::payload::{Gauge, Payload};
use super::{
    Arrival, Body, BoxFuture, Budget, HttpRequest, HttpResponse, OnProgress, Transport, address,
};
use crate::error::{CUT_WHILE_SENDING, Error, Kind, Result, TOO_LARGE, UNREADABLE};
use crate::fs;
use crate::json::Framer;
use crate::pool::lock;
use crate::text;

/// Headers that an answer may have: what was paid for is not lost to a proxy that adds many. Their
/// bytes have a limit of their own, about 400 KB.
const HEADERS: usize = 4_096;
/// Bytes of an answer at most that is a refusal or a failure.
const REFUSAL: u64 = 64 << 20;
/// How long a stream may go on that has said that it is finished: some never close it.
const LINGER: Duration = Duration::from_millis(500);
/// How often a connection is tried while no file handle is left for it.
const BLINK: Duration = Duration::from_millis(50);

/// Which certificate authorities are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Roots {
    /// The system's; the bundled ones where the system has none.
    #[default]
    Auto,
    /// The system's or nothing.
    System,
    /// The bundled ones.
    Bundled,
}

/// What the client is built with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Longest wait for a connection, TLS included.
    pub connect: Duration,
    /// Which certificate authorities are believed.
    pub roots: Roots,
    /// Hosts that may resolve to private addresses: those that the user configured.
    pub trusted_hosts: HashSet<String>,
}

/// The client.
#[derive(Debug)]
pub struct Client {
    options: Options,
    budget: Budget,
    /// One client for each of (https, loopback), built when first needed.
    built: Mutex<HashMap<(bool, bool), reqwest::Client>>,
}

impl Client {
    /// A client that has not been built yet.
    pub fn new(options: Options, budget: Budget) -> Self {
        Client { options, budget, built: Mutex::new(HashMap::new()) }
    }

    fn client(&self, https: bool, loopback: bool) -> Result<reqwest::Client> {
        let mut built = lock(&self.built);
        if let Some(client) = built.get(&(https, loopback)) {
            return Ok(client.clone());
        }
        let client = self.build(https, loopback).map_err(|error| {
            Error::new(Kind::NoRunner, format!("the HTTP client cannot be built: {error}"))
                .hint("set `tls.roots = \"bundled\"` if this machine has no certificates")
        })?;
        built.insert((https, loopback), client.clone());
        Ok(client)
    }

    fn build(&self, https: bool, loopback: bool) -> reqwest::Result<reqwest::Client> {
        // A second installation is refused; the first one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard { trusted: Arc::new(self.options.trusted_hosts.clone()) };
        let builder = || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("pinx/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(self.options.connect)
                .pool_idle_timeout(Duration::from_secs(10))
                .http1_max_headers(HEADERS)
                .dns_resolver(guard.clone());
            if loopback { builder.no_proxy() } else { builder }
        };
        let bundled = || {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
            roots.iter().filter_map(|root| reqwest::Certificate::from_der(root).ok())
        };
        match (https, self.options.roots) {
            // No roots are read for plain http.
            (false, _) => builder().tls_certs_only([]).build(),
            (true, Roots::Bundled) => builder().tls_certs_only(bundled()).build(),
            (true, Roots::System) => builder().build(),
            (true, Roots::Auto) => {
                builder().build().or_else(|_| builder().tls_certs_only(bundled()).build())
            }
        }
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        on_progress: OnProgress<'_>,
    ) -> Result<HttpResponse> {
        let name = request.url.host_str().unwrap_or_default();
        let loopback = address::is_loopback_host(name);
        let host = match request.url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let client = self.client(request.url.scheme() == "https", loopback)?;
        let deadline = Instant::now() + request.timeout;
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::new(Kind::Internal, "a call has no valid method"))?;
        let mut builder = client.request(method, request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        for (name, before, secret) in &request.secrets {
            let mut value =
                reqwest::header::HeaderValue::from_str(&format!("{before}{}", secret.expose()))
                    .map_err(|_| Error::new(Kind::Key, "the key cannot be put into a header"))?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        let is_paid = request.is_paid;
        let mut files = None;
        if let Some(body) = request.body {
            match body.in_memory() {
                Some(bytes) => {
                    builder = builder.header("content-type", &body.media_type).body(bytes);
                }
                None => files = Some(body),
            }
        }
        let sent = match files {
            Some(body) => {
                self.send_files(builder, body, (request.idle, request.timeout), &host).await?
            }
            None => {
                let sending = tokio::time::timeout_at(deadline, send(builder, request.timeout / 4));
                match sending.await {
                    Ok(Ok(response)) => Sent { response, is_whole: true, deadline },
                    Ok(Err(error)) => return Err(failure(&error, &host)),
                    Err(_) => return Err(silence(&host, request.timeout)),
                }
            }
        };
        let Sent { mut response, is_whole, deadline } = sent;
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        let status = response.status().as_u16();
        let total = response.content_length();
        let is_success = (200..300).contains(&status);
        let cap = if is_success { request.cap } else { request.cap.min(REFUSAL) };
        let mut framer = (is_success && is_event_stream(&headers)).then(Framer::default);
        let idle = if framer.is_some() { request.timeout } else { request.idle };
        let mut body = Body::expecting(&self.budget, total).await;
        let (mut cut, mut is_finished) = (None, false);
        loop {
            let patience = if is_finished { idle.min(LINGER) } else { idle };
            let limit = deadline.min(Instant::now() + patience);
            let piece = match tokio::time::timeout_at(limit, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => break,
                Err(_) if is_finished => break,
                broken => {
                    let error = match broken {
                        Ok(Err(error)) => failure(&error, &host),
                        _ => silence(&host, idle.min(request.timeout)),
                    };
                    // A refusal of half a request says enough by its status.
                    if !is_whole && !is_success {
                        break;
                    }
                    // What has come may hold all that was paid for.
                    if !is_paid || body.is_empty() {
                        return Err(error);
                    }
                    cut = Some(Box::new(error));
                    break;
                }
            };
            if let Err(error) = take(&mut body, &piece, cap, &host) {
                if !is_paid {
                    return Err(error);
                }
                cut = Some(Box::new(error));
                break;
            }
            on_progress(Arrival::Bytes(body.len(), total));
            if let Some(framer) = &mut framer {
                framer.push(&piece, &mut |event| {
                    is_finished |= event.name.ends_with(".completed") || event.name == "error";
                    on_progress(Arrival::Event(&body, &event));
                });
            }
        }
        Ok(HttpResponse { status, headers, body, cut })
    }

    /// Sends a body with files in it. As long as it is not whole, the other side may be silent so long
    /// between two pieces; what ended before its last byte was never sent.
    async fn send_files(
        &self,
        builder: reqwest::RequestBuilder,
        payload: Payload,
        (idle, timeout): (Duration, Duration),
        host: &str,
    ) -> Result<Sent> {
        let builder = builder
            .header("content-type", &payload.media_type)
            .header("content-length", payload.len());
        let until = Instant::now() + timeout / 4;
        loop {
            let gauge = Arc::new(Gauge::new(Instant::now() + self.options.connect));
            let body = reqwest::Body::wrap_stream(payload.stream(Arc::clone(&gauge)));
            let copy = builder.try_clone();
            let copy = copy.ok_or_else(|| Error::new(Kind::Internal, "a request has no copy"))?;
            let mut sending = pin!(copy.body(body).send());
            let sent = loop {
                let deadline = gauge.deadline(idle, timeout);
                match tokio::time::timeout_at(deadline, &mut sending).await {
                    Ok(sent) => break sent,
                    Err(_) if gauge.deadline(idle, timeout) > deadline => {}
                    Err(_) if gauge.is_whole() => return Err(silence(host, timeout)),
                    Err(_) => {
                        let waited = text::duration(idle);
                        return Err(unsent(format!(
                            "{host} took no more of the request for {waited}"
                        )));
                    }
                }
            };
            let error = match sent {
                Ok(response) => {
                    let is_whole = gauge.is_whole();
                    let deadline = match is_whole {
                        true => gauge.deadline(idle, timeout),
                        false => Instant::now() + timeout,
                    };
                    return Ok(Sent { response, is_whole, deadline });
                }
                Err(error) => error,
            };
            if let Some(broken) = gauge.broken() {
                return Err(broken);
            }
            if error.is_connect() && lacks_handles(&error) && Instant::now() < until {
                tokio::time::sleep(BLINK).await;
                continue;
            }
            let failed = failure(&error, host);
            return Err(match failed.kind {
                Kind::Ambiguous if !gauge.is_whole() => {
                    let why = cause(&error);
                    unsent(format!("the connection to {host} broke within the request: {why}"))
                }
                _ => failed,
            });
        }
    }
}

/// Whether an answer says that it is a stream of events.
fn is_event_stream(headers: &[(String, String)]) -> bool {
    let kind = headers.iter().find(|(name, _)| name == "content-type");
    kind.is_some_and(|(_, kind)| {
        kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
    })
}

/// A request that was answered.
struct Sent {
    response: reqwest::Response,
    /// Everything of it was handed over before.
    is_whole: bool,
    /// When its answer is to be here.
    deadline: Instant,
}

/// The error of a request that broke off before its last byte.
fn unsent(why: String) -> Error {
    Error::new(Kind::NotSent, why).code(CUT_WHILE_SENDING)
}

/// Adds a piece of an answer, as long as there is room for it.
fn take(body: &mut Body, piece: &[u8], cap: u64, host: &str) -> Result<()> {
    if body.len() + piece.len() as u64 > cap {
        let what = format!("the answer of {host} is longer than {}", text::size(cap));
        return Err(Error::new(Kind::Unusable, what).code(TOO_LARGE));
    }
    body.push(piece).map_err(|error| {
        Error::new(Kind::Local, format!("the answer cannot be kept on the disk: {error}"))
            .code(UNREADABLE)
    })
}

impl Transport for Client {
    fn send<'a>(
        &'a self,
        request: HttpRequest,
        on_progress: OnProgress<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        #[cfg(test)]
        if super::script::here().is_some() {
            return Box::pin(super::script::ask(request));
        }
        Box::pin(self.exchange(request, on_progress))
    }
}

/// Sends a request. Where no file handle is left for a connection, nothing has been sent: that is
/// waited out for so long.
async fn send(
    request: reqwest::RequestBuilder,
    patience: Duration,
) -> reqwest::Result<reqwest::Response> {
    let until = Instant::now() + patience;
    while let Some(copy) = request.try_clone() {
        match copy.send().await {
            Err(error) if error.is_connect() && lacks_handles(&error) && Instant::now() < until => {
                tokio::time::sleep(BLINK).await;
            }
            other => return other,
        }
    }
    request.send().await
}

fn lacks_handles(error: &reqwest::Error) -> bool {
    let mut below = error.source();
    while let Some(cause) = below {
        if cause.downcast_ref::<io::Error>().is_some_and(fs::are_handles_out) {
            return true;
        }
        below = cause.source();
    }
    false
}

/// What lies under the client's error, from above.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = String> {
    let mut below = error.source();
    std::iter::from_fn(move || {
        let cause = below?;
        below = cause.source();
        Some(cause.to_string())
    })
}

/// The last of it.
fn cause(error: &reqwest::Error) -> String {
    text::clean(&causes(error).last().unwrap_or_else(|| error.to_string()), 200)
}

/// How far a request got, from the client's error.
fn failure(error: &reqwest::Error, host: &str) -> Error {
    let cause = cause(error);
    if error.is_connect() {
        let certificate =
            |cause: String| cause.contains("certificate") || cause.contains("UnknownIssuer");
        if causes(error).any(certificate) {
            return Error::new(Kind::NoRunner, format!("{host} has no valid certificate: {cause}"))
                .code("bad_certificate")
                .hint("a company proxy may need `tls.roots = \"system\"` or SSL_CERT_FILE");
        }
        // Which of two clocks ran out first is chance, and their words say no more.
        if error.is_timeout() {
            return Error::new(Kind::NotSent, format!("{host} does not answer"));
        }
        return Error::new(Kind::NotSent, format!("{host} cannot be reached: {cause}"));
    }
    if error.is_builder() {
        return Error::new(Kind::Internal, format!("a request cannot be built: {cause}"));
    }
    Error::new(
        Kind::Ambiguous,
        format!("the connection to {host} broke after the request: {cause}"),
    )
}

fn silence(host: &str, waited: Duration) -> Error {
    let waited = text::duration(waited);
    Error::new(Kind::Ambiguous, format!("no answer from {host} within {waited}")).code("timeout")
}

/// Resolves names, and drops private addresses of hosts that nobody configured.
#[derive(Debug, Clone)]
struct Guard {
    trusted: Arc<HashSet<String>>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let trusted =
            self.trusted.contains(name.as_str()) || address::is_loopback_host(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<SocketAddr> =
                found.filter(|address| trusted || address::is_public(address.ip())).collect();
            if kept.is_empty() {
                let what = format!("{} leads to no public address", name.as_str());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, what).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
