//! Who asks: a client with a key, the page of this process, or any program of this machine.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::answer::Failure;
use super::is_loopback;
use crate::chance;
use crate::error::{Error, Kind, Result};
use crate::pool::lock;
use crate::store::clients::is_same;
use crate::store::log::ClientLimits;
use crate::store::{Client, Clients};
use crate::text;

/// The span in which requests of a client are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// A program of this machine, where nobody needs a key; or the page that this process has opened.
    Anyone,
    /// A client.
    Client(Arc<Client>),
}

impl Caller {
    /// Who was let in with a request of this head.
    pub(super) fn of(head: &Parts) -> Caller {
        head.extensions.get::<Caller>().cloned().unwrap_or(Caller::Anyone)
    }

    /// The client, if it is one.
    pub(super) fn client(&self) -> Option<Arc<Client>> {
        match self {
            Caller::Anyone => None,
            Caller::Client(client) => Some(Arc::clone(client)),
        }
    }

    /// Whether what was made for a client is shown to who asks: a client sees what is its own.
    pub(super) fn sees(&self, client: Option<&str>) -> bool {
        match self {
            Caller::Anyone => true,
            Caller::Client(own) => client == Some(own.name.as_str()),
        }
    }

    /// What may be spent for it; `unknown_allowed` says whether a request of unknown price may be sent
    /// although there is a limit.
    pub(super) fn limits(&self, unknown_allowed: bool) -> Option<Arc<ClientLimits>> {
        self.client().map(|client| Arc::new(client.limits(unknown_allowed)))
    }
}

/// Who is let in.
pub(super) struct Doorkeeper {
    path: PathBuf,
    /// Every request needs a key, also where there is no client yet.
    is_strict: bool,
    /// What the page of this process shows instead of a key.
    token: String,
    known: Mutex<ClientFile>,
    /// When the last requests of each client came.
    asked: Mutex<HashMap<String, VecDeque<Instant>>>,
}

/// The clients as the file was read last.
#[derive(Default)]
struct ClientFile {
    stamp: Option<(SystemTime, u64)>,
    clients: Arc<Clients>,
}

impl Doorkeeper {
    /// By the file of clients.
    ///
    /// # Errors
    /// It cannot be read, or the system has no random bytes.
    pub(super) fn new(path: PathBuf, is_strict: bool) -> Result<Doorkeeper> {
        let secret = chance::secret()
            .map_err(|error| Error::new(Kind::Local, format!("no token can be made: {error}")))?;
        let (known, asked) = (Mutex::default(), Mutex::default());
        let keeper = Doorkeeper { path, is_strict, token: text::hex(&secret), known, asked };
        keeper.clients()?;
        Ok(keeper)
    }

    /// What the page shows instead of a key.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Checks that an address that other machines reach is not open to all of them.
    ///
    /// # Errors
    /// It is: there is no client yet.
    pub(super) fn check(&self, address: SocketAddr) -> Result<()> {
        if is_loopback(address.ip()) || !self.clients()?.is_empty() {
            return Ok(());
        }
        let what = format!("{address} can be reached from other machines, and no client has a key");
        Err(Error::usage(what)
            .hint("`pinx serve keys add NAME` makes a key; from then on every request needs one"))
    }

    /// Whether nobody is let in without a key.
    ///
    /// # Errors
    /// The file of clients cannot be read.
    pub(super) fn needs_key(&self) -> Result<bool> {
        Ok(self.is_strict || !self.clients()?.is_empty())
    }

    /// The clients, read anew where their file has changed.
    fn clients(&self) -> Result<Arc<Clients>> {
        let stamp = std::fs::metadata(&self.path).ok();
        let stamp = stamp.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
        let mut known = lock(&self.known);
        if stamp != known.stamp || stamp.is_none() {
            *known = ClientFile { clients: Arc::new(Clients::load(&self.path)?), stamp };
        }
        Ok(Arc::clone(&known.clients))
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// It shows no key where one is needed, or another than there is; which of both is not said.
    pub(super) fn let_in(&self, heads: &HeaderMap) -> Result<Caller, Failure> {
        let is_needed = self.needs_key().map_err(|error| Failure::of_error(&error))?;
        if !is_needed {
            return Ok(Caller::Anyone);
        }
        let shown = heads.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.split_once(' '));
        let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let shown = shown.map(|(_, key)| key.trim()).unwrap_or_default();
        if is_same(shown.as_bytes(), self.token.as_bytes()) {
            return Ok(Caller::Anyone);
        }
        let clients = self.clients().map_err(|error| Failure::of_error(&error))?;
        match clients.find(shown) {
            Some(client) => Ok(Caller::Client(Arc::new(client.clone()))),
            None => Err(refused()),
        }
    }

    /// Counts a request that may make something.
    ///
    /// # Errors
    /// The client asks more often than it may.
    pub(super) fn count(&self, caller: &Caller) -> Result<(), Failure> {
        let Caller::Client(client) = caller else { return Ok(()) };
        let Some(most) = client.grant.rpm else { return Ok(()) };
        let (mut asked, now) = (lock(&self.asked), Instant::now());
        let times = asked.entry(client.name.clone()).or_default();
        while times.front().is_some_and(|time| now.duration_since(*time) >= MINUTE) {
            times.pop_front();
        }
        if times.len() >= most as usize {
            let first = times.front().copied().unwrap_or(now);
            let wait = MINUTE.saturating_sub(now.duration_since(first)).as_secs() as u16 + 1;
            let what = format!("this client may ask {most} times a minute; nothing was sent");
            let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", what);
            return Err(Failure { retry_after: Some(wait), ..failure });
        }
        times.push_back(now);
        Ok(())
    }
}

fn refused() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "this server lets in who shows a key of it",
    )
    .hint("send `Authorization: Bearer px-…`; `pinx serve keys add NAME` makes a key")
}
