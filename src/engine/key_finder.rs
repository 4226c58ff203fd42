//! The keys of the providers: found once and kept for a minute, since finding them may run a command.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::route::keys_for;
use crate::catalog::Provider;
use crate::error::Result;
use crate::settings::address::Reach;
use crate::settings::keys::Key;
use crate::settings::{Env, Settings};

/// So long a key is not looked for again.
const KEPT: Duration = Duration::from_secs(60);

/// The keys that were found, and when.
#[derive(Debug, Default)]
pub struct KeyFinder(Mutex<HashMap<String, (Instant, Vec<Option<Key>>)>>);

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
        reach: &Reach,
    ) -> Result<Vec<Option<Key>>> {
        let gateway = reach.gateway.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
        let name = format!("{}@{gateway}", provider.id);
        // Held meanwhile: who wants the same key waits for it instead of asking for it twice.
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, keys)) = found.get(&name)
            && since.elapsed() < KEPT
        {
            return Ok(keys.clone());
        }
        let keys = keys_for(settings, env, provider, reach)?;
        found.insert(name, (Instant::now(), keys.clone()));
        Ok(keys)
    }
}
