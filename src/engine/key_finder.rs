//! The keys of the providers: found once and kept for a minute, since finding them may run a command.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::route::keys_for;
use crate::catalog::Provider;
use crate::error::Result;
use crate::pool::lock;
use crate::settings::address::Endpoints;
use crate::settings::keys::Key;
use crate::settings::{Env, Settings};

/// So long a key is not looked for again.
const KEPT: Duration = Duration::from_secs(60);

/// The keys that were found, and when.
#[derive(Debug, Default)]
pub struct KeyFinder(Mutex<HashMap<String, CachedKeys>>);

#[derive(Debug)]
struct CachedKeys {
    since: Instant,
    keys: Vec<Option<Key>>,
}

impl KeyFinder {
    /// The keys that a provider's calls may carry, the first one first; `None` alone where none is
    /// needed. Never empty. Blocking, where a command has to be run.
    ///
    /// # Errors
    /// There is no key, or it cannot be used. That is not kept.
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
            return Ok(known.keys.clone());
        }
        let keys = keys_for(settings, env, provider, endpoints)?;
        found.insert(name, CachedKeys { since: Instant::now(), keys: keys.clone() });
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::address;

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
