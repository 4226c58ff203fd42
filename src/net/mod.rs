//! The only door to the network: requests go out with their keys, replies come back whole and raw.
//!
//! No redirect is followed here and nothing is repeated: the engine decides. A request says how far
//! it got, because that decides whether money may have been spent.

mod address;
mod body;
mod client;
mod download;
mod link;
mod outline;
mod payload;
#[cfg(test)]
pub(crate) mod script;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use url::Url;

pub use address::{is_loopback_host, is_public};
pub use body::{Body, Budget};
pub use client::{Client, Options, Roots};
pub use download::{HOPS, LinkPolicy, download};
pub use link::meant;
pub use payload::{InputFile, JSON, Payload, Piece};

use crate::error::{Error, Result};
use crate::json::StreamEvent;
use crate::secret::Secret;

/// A request with its address and, where it may have one, its key.
#[derive(Debug)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PUT`.
    pub method: String,
    /// The whole address.
    pub url: Url,
    /// Headers in the clear.
    pub headers: Vec<(String, String)>,
    /// Headers that carry keys: name, text before the key, the key.
    pub secrets: Vec<(String, String, Secret)>,
    /// What it carries.
    pub body: Option<Payload>,
    /// Its answer may have been paid for: whatever comes of it is handed on.
    pub is_paid: bool,
    /// From sending to the last byte. The time that files take to be sent is not counted.
    pub timeout: Duration,
    /// Longest silence after the first byte, and between the pieces of a file that is sent. A stream of
    /// events may be silent as long as there is time: what it tells of takes minutes.
    pub idle: Duration,
    /// Most bytes that a reply may have.
    pub cap: u64,
}

/// A reply: its body in memory, or in a raw file when memory was short.
#[derive(Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// Why the body ends before its end; only of a request that may have been paid for.
    pub cut: Option<Box<Error>>,
}

impl HttpResponse {
    /// A header's value by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A future without a name.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What has come of an answer.
#[derive(Debug, Clone, Copy)]
pub enum Arrival<'a> {
    /// So many bytes, and how many there will be if that is known.
    Bytes(u64, Option<u64>),
    /// An event of a stream, which is whole in the body as far as that is here.
    Event(&'a Body, &'a StreamEvent),
}

/// Told what has come.
pub type OnProgress<'a> = &'a (dyn Fn(Arrival<'_>) + Send + Sync);

/// What carries requests: the HTTP client, or a script in tests.
pub trait Transport: Send + Sync {
    /// Sends a request and gathers the reply.
    ///
    /// The error's kind says how far it got: `NotSent`, `NoRunner` (never sent, no use to repeat)
    /// or `Ambiguous`; `Unusable` when the reply was longer than its cap and had not been paid for.
    fn send<'a>(
        &'a self,
        request: HttpRequest,
        on_progress: OnProgress<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>>;
}
