//! A route: model × provider × key × gateway. It alone puts address and key on a call.
//!
//! A key goes only to the hosts of its provider's roles, or to the configured gateway; never to a
//! host that only a reply named.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use super::Engine;
use super::key_finder::KeyFinder;
use super::limit::{Origin, Rules};
use super::payload::payload_of;
use crate::catalog::{Adjustment, Auth, Estimate, Model, Order, Price, Provider};
use crate::dialect::{self, Call, Dialect, EndpointKind, Stage, Target};
use crate::error::{Error, Kind, Result};
use crate::net::{self, HttpRequest, LinkPolicy};
use crate::secret::Secret;
use crate::settings::address::{self, Address, Endpoints};
use crate::settings::base_url;
use crate::settings::keys::Key;
use crate::settings::{Env, Settings};
use crate::store::{CacheKey, Entry};

/// Bytes of a reply at most that holds no image.
const CAP: u64 = 64 * 1024 * 1024;
/// Free calls answer soon or are asked again.
const FREE_TIMEOUT: Duration = Duration::from_secs(30);

/// One way to make the image.
#[derive(Clone)]
pub struct Route {
    /// The model.
    pub model: Arc<Model>,
    /// Its provider.
    pub provider: Arc<Provider>,
    /// How it speaks.
    pub dialect: &'static dyn Dialect,
    /// The key, where one is needed.
    pub key: Option<Key>,
    /// The addresses.
    pub endpoints: Endpoints,
    /// What is ordered.
    pub order: Arc<Order>,
    /// What is not exactly as asked.
    pub adjustments: Vec<Adjustment>,
    /// What one image is expected to cost.
    pub estimate: Estimate,
    /// When it may be taken.
    pub turn: Turn,
    /// The model was missing for this key a while ago, which its next picture disproves.
    pub was_missing: bool,
    /// Why there is no key, where one is needed and nothing will be sent.
    pub no_key: Option<Arc<Error>>,
    /// What its picture is found by in the cache; none where the cache is off.
    pub cache_key: Option<CacheKey>,
    /// It may be the one that is taken first: the same model by another key, or elsewhere where
    /// routes are balanced.
    pub equal: bool,
}

/// When a route may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// In its order.
    InOrder,
    /// Only where the provider no longer knows the model before it: its successor.
    Successor,
    /// Where its provider lacks a model before it for this key; else behind all others, since what
    /// fails there otherwise would fail again. So it is with further models of one provider in `auto`.
    Alternate,
    /// Only where every model before it turned out to be missing for its key: what `auto` takes instead
    /// where nothing is to be tried after a failure.
    Instead,
}

impl Turn {
    /// Whether such a route may follow a failure of this kind, or come first; `in_vain` says that the
    /// model before it turned out to be missing for its key.
    pub(super) fn follows(self, failure: Option<Kind>, in_vain: bool) -> bool {
        match self {
            Turn::InOrder | Turn::Alternate => true,
            Turn::Successor => failure == Some(Kind::MissingModel),
            Turn::Instead => in_vain,
        }
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Route {
    /// Whether it goes by the key of a route of an earlier run, as the log names it.
    pub fn has_key_of(&self, before: &str) -> bool {
        let is_it = |word: &str, print: &str| word.strip_prefix('#') == Some(print);
        let key = self.key.as_ref();
        key.is_some_and(|key| before.split(' ').any(|word| is_it(word, &key.fingerprint)))
    }

    /// Whether the log names another key for it: what that one's account knows, this one's may not.
    pub fn is_by_another_key(&self, before: &str) -> bool {
        before.contains('#') && !self.has_key_of(before)
    }

    /// `openai/gpt-image-2`.
    pub fn model_id(&self) -> String {
        self.model.full_id()
    }

    /// Who is asked and who pays: provider, key, gateway and address. Limits and dead keys go by it.
    pub fn origin(&self) -> Origin {
        origin(&self.provider, self.key.as_ref(), &self.endpoints)
    }

    /// The model; with the source of the key where that alone tells two routes apart.
    pub fn name_beside(&self, other: &Route) -> String {
        match &self.key {
            Some(key) if self.model_id() == other.model_id() => {
                format!("{} with {}", self.model_id(), key.source)
            }
            _ => self.model_id(),
        }
    }

    /// Whether it is the same model by another key of the same provider.
    pub fn is_sibling(&self, other: &Route) -> bool {
        self.model_id() == other.model_id() && self.turn == other.turn
    }

    /// The middle of the seconds that the provider claims for one image.
    pub fn claimed_seconds(&self) -> Option<f64> {
        self.model.seconds.map(|[low, high]| (low + high) / 2.0)
    }

    /// For people and the log: where the key came from, its fingerprint, the gateway.
    pub fn name(&self) -> String {
        if self.is_local() {
            return "procedural sketch, not AI".to_owned();
        }
        let key = match &self.key {
            Some(key) => format!("{} #{}", key.source, key.fingerprint),
            None => "no key".to_owned(),
        };
        match &self.endpoints.gateway {
            Some((name, _)) => format!("{key} via {name}"),
            None => key,
        }
    }

    /// Everything secret that its requests carry: the key, and the gateway's token.
    pub fn secrets(&self) -> Vec<Secret> {
        let key = self.key.iter().map(|key| key.secret.clone());
        let token = self.endpoints.gateway.iter().filter_map(|(_, gateway)| gateway.secret());
        let headers = self.endpoints.secret_headers.iter().map(|(_, secret)| secret.clone());
        key.chain(token).chain(headers).collect()
    }

    /// Whether the picture is drawn on this machine: no paid request leaves it over this route.
    pub fn is_local(&self) -> bool {
        self.dialect.facts().renders
    }

    /// The address that a call goes to.
    pub fn address(&self, target: &Target) -> Option<&Address> {
        let role = match target {
            Target::Role(role, _) => role.as_str(),
            Target::Url(url) => self.endpoints.role_of(&Url::parse(url).ok()?)?.0,
        };
        self.endpoints.roles.get(role)
    }

    /// Who answers there: the provider at an address that the catalog itself names, or another.
    pub fn endpoint_kind(&self, target: &Target) -> EndpointKind {
        match self.address(target) {
            Some(address) if address.official && !self.provider.is_yours() => {
                EndpointKind::Official
            }
            _ => EndpointKind::Other,
        }
    }

    /// Whether an image costs nothing over it, whatever becomes of it. So it is with a server of
    /// the user's own on this machine that wants no key and has no price.
    pub fn is_free(&self) -> bool {
        let mut addresses = self.endpoints.roles.values();
        self.provider.auth == Auth::None
            && self.provider.is_own_loopback()
            && self.model.price == Price::Free
            && addresses.all(|address| base_url::is_loopback(&address.url))
    }

    /// A call with its address, its key and its limits.
    ///
    /// # Errors
    /// The call leads to a host that must not get the key.
    pub fn authorize(&self, call: &Call, settings: &Settings) -> Result<HttpRequest> {
        let (role, path) = match &call.target {
            Target::Role(role, path) => (role.as_str(), path.clone()),
            Target::Url(url) => Url::parse(url)
                .ok()
                .and_then(|url| self.endpoints.role_of(&url))
                .ok_or_else(|| {
                Error::new(Kind::Unusable, "the provider names a host that is not its own")
                    .code("foreign_host")
            })?,
        };
        let resolved = self.endpoints.resolve(role, &path, &self.order.id)?;
        let mut headers = call.headers.clone();
        let paid = call.stage == Stage::Submit;
        let accepted = match paid && self.order.partials > 0 {
            true => "text/event-stream, application/json",
            false => "application/json",
        };
        headers.push(("accept".to_owned(), accepted.to_owned()));
        headers.extend(resolved.headers);
        let whole = |(name, secret)| (name, String::new(), secret);
        let mut secrets: Vec<(String, String, Secret)> =
            resolved.secrets.into_iter().map(whole).collect();
        // A gateway with a credential of its own gets nothing that is the provider's.
        if !self.endpoints.has_own_token() {
            let is_own = self.endpoints.may_carry_key(&resolved.url);
            if self.key.is_some() && !is_own {
                return Err(Error::new(
                    Kind::Internal,
                    "a call leads to a host that must not get the key",
                ));
            }
            if is_own {
                headers.extend_from_slice(&self.endpoints.headers);
                secrets.extend(self.endpoints.secret_headers.iter().cloned().map(whole));
            }
            if let Some((key, (name, before))) = self.key.as_ref().zip(self.provider.auth.header())
            {
                secrets.push((name.to_owned(), before.to_owned(), key.secret.clone()));
            }
        }
        Ok(HttpRequest {
            method: call.method.clone(),
            url: resolved.url,
            headers,
            secrets,
            body: payload_of(&call.body, &self.order, &settings.places.inputs)?,
            is_paid: paid,
            timeout: if paid { self.timeout(settings) } else { FREE_TIMEOUT.min(settings.timeout) },
            idle: settings.idle_timeout,
            cap: match call.stage {
                Stage::Submit | Stage::Fetch => settings.answer_limit,
                Stage::Poll | Stage::Cancel | Stage::Lost | Stage::List | Stage::Upload => CAP,
            },
        })
    }

    fn timeout(&self, settings: &Settings) -> Duration {
        let slow = matches!(
            self.order.request.quality.as_deref(),
            Some("high" | "xhigh" | "max" | "hd" | "QUALITY")
        ) || !self.order.inputs.is_empty()
            || self.order.request.size.is_some_and(|size| size.pixels() > 3_686_400)
            || matches!(self.order.resolution.as_deref(), Some("4K"));
        if slow { settings.slow_timeout() } else { settings.timeout }
    }

    /// What this provider's result links may be.
    pub fn link_policy(&self, settings: &Settings) -> LinkPolicy {
        let loopback = leads_here(&self.endpoints);
        let (timeout, idle) = (settings.timeout, settings.idle_timeout);
        LinkPolicy { what: "result link", loopback, timeout, idle, cap: settings.answer_limit }
    }
}

/// Who is asked, where, and who pays: what one address or one key asks for says nothing of others.
pub fn origin(provider: &Provider, key: Option<&Key>, endpoints: &Endpoints) -> Origin {
    let key = key.map_or("none", |key| key.fingerprint.as_str());
    let mut name = format!("{}#{key}", provider.id);
    if let Some((gateway, _)) = &endpoints.gateway {
        name += &format!("@{gateway}");
    }
    // The provider's own address goes without saying.
    let others = endpoints.roles.iter().filter(|(_, address)| !address.official);
    let others: Vec<(&String, &Url)> = others.map(|(role, at)| (role, &at.url)).collect();
    if let Some((_, url)) = others.first() {
        let host: String = url.host_str().unwrap_or_default().chars().take(40).collect();
        let mut digest = Sha256::new();
        others.iter().for_each(|(role, url)| digest.update(format!("{role} {url}\n")));
        let [a, b, c, ..] = digest.finalize()[..] else { unreachable!("a digest has 32 bytes") };
        name += &format!("@{host}~{a:02x}{b:02x}{c:02x}");
    }
    Origin { name, provider: provider.id.clone(), rules: Rules::of(provider) }
}

/// Routes to a provider with no image in sight, one for each key: for key checks and model lists.
///
/// # Errors
/// There is no key, or no address.
pub fn probes(settings: &Settings, env: &Env, provider: &Provider) -> Result<Vec<Route>> {
    let model = settings.catalog.unlisted(&provider.id, "");
    over_keys(settings, env, &KeyFinder::default(), model, Order::default())
}

/// The first of them.
///
/// # Errors
/// There is no key, or no address.
pub fn probe(settings: &Settings, env: &Env, provider: &Provider) -> Result<Route> {
    Ok(probes(settings, env, provider)?.swap_remove(0))
}

/// The same by a key that is not stored yet.
///
/// # Errors
/// There is no address.
pub fn probe_by(settings: &Settings, env: &Env, provider: &Provider, key: Key) -> Result<Route> {
    let model = settings.catalog.unlisted(&provider.id, "");
    let route = keyless(settings, env, provider, model, Order::default())?;
    Ok(Route { key: Some(key), ..route })
}

impl Engine {
    /// The route on which an attempt of an earlier run goes on, by the settings of today. The same key
    /// is taken where it is still there, since a queue knows a job only by the account that it belongs
    /// to. Blocking, where a command has to be run for the key.
    ///
    /// # Errors
    /// There is no key, no address, or no such provider any more.
    pub fn resume(&self, settings: &Settings, intent: &Entry) -> Result<Route> {
        let order = intent.order.clone().unwrap_or_default();
        let model = settings.catalog.model(&intent.model, &|_| true)?;
        let mut routes = over_keys(settings, &self.env, &self.keys, model, order)?;
        let at = routes.iter().position(|route| route.has_key_of(&intent.route)).unwrap_or(0);
        Ok(routes.swap_remove(at))
    }
}

/// Whether any provider is a server on this machine: then pictures may be, too.
pub(crate) fn has_loopback(settings: &Settings, env: &Env) -> bool {
    settings.catalog.providers.iter().any(|provider| {
        let endpoints = address::endpoints(settings, env, provider, None);
        endpoints.is_ok_and(|endpoints| leads_here(&endpoints))
    })
}

/// Whether any of these addresses is on this machine.
fn leads_here(endpoints: &Endpoints) -> bool {
    let mut hosts = endpoints.roles.values().filter_map(|address| address.url.host_str());
    hosts.any(net::is_loopback_host)
}

/// A route for each key; never empty.
fn over_keys(
    settings: &Settings,
    env: &Env,
    keys: &KeyFinder,
    model: Model,
    order: Order,
) -> Result<Vec<Route>> {
    let provider = settings.catalog.provider(&model.provider).ok_or_else(|| {
        Error::usage(format!("the provider `{}` is not configured any more", model.provider))
    })?;
    let route = keyless(settings, env, provider, model, order)?;
    let keys = keys.find(settings, env, provider, &route.endpoints)?;
    Ok(keys.into_iter().map(|key| Route { key, ..route.clone() }).collect())
}

/// A route without a key.
fn keyless(
    settings: &Settings,
    env: &Env,
    provider: &Provider,
    model: Model,
    order: Order,
) -> Result<Route> {
    Ok(Route {
        dialect: dialect_of(provider)?,
        key: None,
        estimate: model.estimate(&order),
        endpoints: address::endpoints(settings, env, provider, None)?,
        provider: Arc::new(provider.clone()),
        order: Arc::new(order),
        adjustments: Vec::new(),
        model: Arc::new(model),
        turn: Turn::InOrder,
        was_missing: false,
        no_key: None,
        cache_key: None,
        equal: false,
    })
}

/// The dialect that a provider speaks.
pub(super) fn dialect_of(provider: &Provider) -> Result<&'static dyn Dialect> {
    dialect::dialect(&provider.dialect).ok_or_else(|| {
        let (id, word) = (&provider.id, &provider.dialect);
        let known: Vec<&str> = dialect::ALL.iter().map(|dialect| dialect.facts().name).collect();
        Error::usage(format!("the provider `{id}` speaks an unknown dialect `{word}`"))
            .hint(format!("known dialects: {}", known.join(", ")))
    })
}
