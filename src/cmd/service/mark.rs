//! What a request is known by, should it come again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::text;

/// The longest key, in bytes.
pub(in crate::cmd) const LONGEST_KEY: usize = 255;

/// Digits of a digest that are kept: 128 bits.
const DIGITS: usize = 32;

/// How a request may come again.
#[derive(Debug, Clone, Default)]
pub(in crate::cmd) struct Repeatable {
    /// The key that it bears.
    pub(in crate::cmd) key: Option<String>,
    /// A library says that it repeats it.
    pub(in crate::cmd) is_repeat: bool,
    /// It means a run that is still at work for the same.
    pub(in crate::cmd) joins_running: bool,
}

/// What a request is known by.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    client: Option<String>,
    /// The digest of its key and its client.
    key: Option<String>,
    /// The digest of what it asks for.
    body: String,
    came: Instant,
}

impl Mark {
    /// Of a request of a client with this digest.
    pub(super) fn new(client: Option<&str>, key: Option<&str>, body: String) -> Mark {
        let name = client.unwrap_or_default();
        let key = key.map(|key| digest([name.as_bytes(), b"\n", key.as_bytes()]));
        Mark { client: client.map(str::to_owned), key, body, came: Instant::now() }
    }

    /// Whose it is.
    pub(super) fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// The digest of its key and its client.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The digest of what it asks for.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// How long ago it came.
    pub(super) fn age(&self) -> Duration {
        self.came.elapsed()
    }

    /// As the log has it.
    pub(super) fn logged(&self) -> Option<Arc<str>> {
        self.key.as_ref().map(|key| format!("{key}.{}", self.body).into())
    }
}

/// The digest of several pieces as one.
pub(super) fn digest<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    let mut hex = text::hex(&hash.finalize());
    hex.truncate(DIGITS);
    hex
}
