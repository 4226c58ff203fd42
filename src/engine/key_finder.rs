//! The keys of the providers: found once and kept for a minute, since finding them may run a command.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::catalog::{Auth, Provider};
use crate::error::Result;
use crate::pool::lock;
use crate::settings::address::{self, Endpoints};
use crate::settings::keys::{self, Key};
use crate::settings::{Env, Settings};

/// So long a key is not looked for again.
const KEPT: Duration = Duration::from_secs(60);

/// The keys that were found, and when.
#[derive(Debug, Default)]
pub struct KeyFinder(Mutex<HashMap<String, CachedKeys>>);

#[derive(Debug)]
struct CachedKeys {
    since: Instant,
    keys: Result<Vec<Option<Key>>>,
}

impl KeyFinder {
    /// The keys that a provider's calls may carry, the first one first; `None` alone where none is
    /// needed. Never empty. Blocking, where a command has to be run.
    ///
    /// # Errors
    /// There is no key, or it cannot be used; or the gateway's token beside it. That is kept only where a
    /// command failed: it would fail for every job.
    pub(super) fn find(
        &self,
        settings: &Settings,
        env: &Env,
        provider: &Provider,
        endpoints: &Endpoints,
    ) -> Result<Vec<Option<Key>>> {
        let gateway = endpoints.gateway.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
        let name = format!("{}@{gateway}", provider.id);
        // Held meanwhile: who wants the same key waits for it instead of asking for it twice.
        let mut found = lock(&self.0);
        if let Some(known) = found.get(&name).filter(|known| known.since.elapsed() < KEPT) {
            return known.keys.clone();
        }
        let token = endpoints.gateway.as_ref().and_then(|(_, gateway)| gateway.token.as_ref());
        let keys = keys_for(settings, env, provider, endpoints);
        let keys =
            keys.and_then(|keys| token.map_or(Ok(()), |it| it.get().map(drop)).map(|()| keys));
        let is_commanded = token.is_some_and(|token| token.source() == "token_cmd")
            || keys::source_of(settings, env, provider).is_some_and(|source| source == "key_cmd");
        if keys.is_ok() || is_commanded {
            found.insert(name, CachedKeys { since: Instant::now(), keys: keys.clone() });
        }
        keys
    }
}

/// The keys that a provider's calls may carry, the first one first; `None` alone where none is
/// needed. Never empty.
fn keys_for(
    settings: &Settings,
    env: &Env,
    provider: &Provider,
    endpoints: &Endpoints,
) -> Result<Vec<Option<Key>>> {
    if provider.auth == Auth::None {
        return Ok(vec![None]);
    }
    if endpoints.has_own_token() {
        return Ok(vec![endpoints.gateway_key(settings)?]);
    }
    let found = keys::find_all(settings, env, provider)?;
    if !found.is_empty() {
        return Ok(found.into_iter().map(Some).collect());
    }
    if needs_no_key(provider, endpoints) { Ok(vec![None]) } else { Err(keys::missing(provider)) }
}

/// A gateway may hold the provider's key itself; a server of one's own on this machine may need none.
fn needs_no_key(provider: &Provider, endpoints: &Endpoints) -> bool {
    let held = endpoints.gateway.as_ref().is_some_and(|(_, gateway)| gateway.holds_key());
    held || provider.is_own_loopback()
}

/// Whether a provider can be asked: there is a key, or none is needed. No `key_cmd` is run for it.
///
/// # Errors
/// It has a key, but an address that cannot be used: `auto` must not pass over that in silence.
pub(super) fn usability(settings: &Settings, env: &Env, provider: &Provider) -> Result<bool> {
    if provider.auth == Auth::None {
        return Ok(true);
    }
    let has_key = keys::is_configured(settings, env, provider);
    let endpoints = match address::endpoints(settings, env, provider, None) {
        Ok(endpoints) => endpoints,
        Err(error) if has_key => return Err(error),
        Err(_) => return Ok(false),
    };
    if endpoints.has_own_token() {
        return Ok(matches!(endpoints.gateway_key(settings), Ok(Some(_))));
    }
    Ok(has_key || needs_no_key(provider, &endpoints))
}

/// The same, where the reason does not matter.
pub fn is_usable(settings: &Settings, env: &Env, provider: &Provider) -> bool {
    usability(settings, env, provider).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_looked_for_again_after_a_minute_and_a_missing_one_at_once() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().to_str().unwrap();
        let with = |key: &str| Env::of([("PINX_HOME", place), ("OPENAI_API_KEY", key)]);
        let (none, first) = (with(""), with("sk-first-0123456789abcdef"));
        let second = with("sk-second-0123456789abcdef");
        let settings = Settings::load(&first, home.path(), None, &[]).unwrap();
        let provider = settings.catalog.provider("openai").unwrap();
        let endpoints = address::endpoints(&settings, &first, provider, None).unwrap();
        let finder = KeyFinder::default();
        let find = |env: &Env| {
            let keys = finder.find(&settings, env, provider, &endpoints);
            keys.ok().map(|keys| keys[0].as_ref().unwrap().fingerprint.clone())
        };
        assert_eq!(find(&none), None);
        let print = find(&first).expect("it was set meanwhile");
        tokio::time::advance(KEPT - Duration::from_secs(1)).await;
        assert_eq!(find(&second).as_ref(), Some(&print));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(find(&second).is_some_and(|now| now != print), "it was changed meanwhile");
    }
}
