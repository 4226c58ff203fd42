//! The subcommands, one file each, and what they share.

pub mod batch;
pub mod cache;
mod claims;
pub mod compare;
pub mod completions;
mod conduct;
pub mod config;
mod days;
pub mod doctor;
pub mod generate;
pub mod info;
pub mod interview;
pub mod keys;
pub mod log;
pub mod man;
pub mod models;
pub mod providers;
mod recipe;
pub mod recover;
pub mod redo;
pub mod refresh;
pub mod stats;
pub mod styles;
pub mod vote;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::catalog::Provider;
use crate::engine::report::ErrorReport;
use crate::engine::{Options, Route, route};
use crate::error::{Error, Kind, Result};
use crate::net::{self, Client};
use crate::process;
use crate::settings::{self, Env, FallbackOn, Metadata, Origin, Settings};
use crate::store::log::Caps;
use crate::store::{Cache, Log};
use crate::ui::Ui;

/// What every subcommand gets.
pub struct App {
    /// The settings, each with its origin.
    pub settings: Settings,
    /// The environment.
    pub env: Env,
    /// The user.
    pub ui: Ui,
    /// The log of this home; nothing is read or written before somebody asks.
    pub log: Arc<Log>,
}

impl App {
    fn of(settings: Settings, env: Env, ui: Ui) -> App {
        let log = Arc::new(Log::at(&settings.places.log));
        App { settings, env, ui, log }
    }

    /// Reads the settings; `repairs` says that broken ones must not stop the command.
    pub(crate) fn new(
        ui: Ui,
        config: Option<&Path>,
        flags: &[(String, toml::Value)],
        repairs: bool,
    ) -> std::result::Result<App, Box<(Ui, Error)>> {
        let env = Env::system();
        let cwd = match settings::env::current_dir() {
            Ok(cwd) => cwd,
            Err(error) => {
                let what = format!("the current directory cannot be read: {error}");
                return Err(Box::new((ui, Error::usage(what))));
            }
        };
        let settings = match Settings::load(&env, &cwd, config, flags) {
            Err(error) if repairs => Settings::built_in(&env, &cwd, config).map(|mut settings| {
                settings.broken = Some(error);
                settings
            }),
            loaded => loaded,
        };
        match settings {
            Ok(settings) => Ok(App::of(settings, env, ui)),
            Err(error) => Err(Box::new((ui, error))),
        }
    }

    /// Tells what was found while the settings were read.
    pub(crate) fn warn_of_settings(&self) {
        let broken = self.settings.broken.iter().map(ToString::to_string);
        broken.chain(self.settings.warnings.iter().cloned()).for_each(|told| self.ui.warn(&told));
    }

    /// Can this provider be asked: has it a key, or needs none?
    pub fn is_usable(&self, provider: &Provider) -> bool {
        route::is_usable(&self.settings, &self.env, provider)
    }

    /// Today in UTC, `YYYY-MM-DD`.
    pub fn today(&self) -> String {
        crate::clock::now().strftime("%Y-%m-%d").to_string()
    }

    /// The pictures that were made before.
    pub fn cache(&self) -> Cache {
        Cache::new(&self.settings.places.cache, self.settings.cache_max_size)
    }

    /// The HTTP client; nothing is built before its first request.
    pub fn client(&self) -> Client {
        let settings = &self.settings;
        let mut trusted_hosts = HashSet::new();
        for provider in &settings.catalog.providers {
            let Ok(reach) = settings::address::reach(settings, &self.env, provider, None) else {
                continue;
            };
            for address in reach.roles.values().filter(|address| !address.official) {
                trusted_hosts.extend(address.url.host_str().map(str::to_owned));
            }
        }
        let options = net::Options {
            // A connection that is never made must be told from an answer that never comes.
            connect: settings.connect_timeout.min(settings.timeout.mul_f64(0.75)),
            roots: match settings.tls_roots {
                settings::Roots::Auto => net::Roots::Auto,
                settings::Roots::System => net::Roots::System,
                settings::Roots::Bundled => net::Roots::Bundled,
            },
            trusted_hosts,
        };
        let memory = usize::try_from(settings.body_memory).unwrap_or(usize::MAX);
        Client::new(options, net::Budget::new(memory, settings.places.kept.clone()))
    }

    /// What all commands together may spend.
    pub fn caps(&self) -> Caps {
        let s = &self.settings;
        Caps { day: s.budget_day, month: s.budget_month, unknown_allowed: s.allow_unknown_cost }
    }

    /// The engine's patience, from the settings.
    pub fn engine_options(&self) -> Options {
        let s = &self.settings;
        let asked = !matches!(s.origin("timeout"), Origin::Default);
        Options {
            retries: s.retries,
            retry_ambiguous: s.retry_ambiguous,
            max_attempts: s.max_attempts.max(1),
            stop_after_unusable: s.stop_after_unusable,
            timeout: s.timeout,
            // A timeout of the user's own is meant for every request.
            timeout_long: if asked { s.timeout } else { s.timeout_long },
            idle: s.idle_timeout,
            deadline: s.deadline,
            wait_cap: s.wait_cap,
            backoff: s.backoff,
            backoff_max: s.backoff_max,
            poll_first: s.poll_first,
            poll_max: s.poll_max,
            concurrency: s.concurrency.max(1) as usize,
            fallback_on: s
                .fallback_on
                .iter()
                .map(|on| match on {
                    FallbackOn::Content => Kind::Content,
                    FallbackOn::Ambiguous => Kind::Ambiguous,
                    FallbackOn::Unusable => Kind::Unusable,
                })
                .collect(),
            strict: s.strict,
            cancel_on_interrupt: s.cancel_on_interrupt,
            metadata: s.metadata != Metadata::Never,
            bare: false,
            kept: s.places.kept.clone(),
            spare: settings::env::temporary_dir(),
            adopt: None,
        }
    }

    /// Asks a provider something free that needs a good key, with its first key.
    ///
    /// # Errors
    /// There is no key, it is refused, or nobody answers.
    pub fn check_provider(&self, provider: &Provider) -> Result<String> {
        self.check_key(provider, &route::probe(&self.settings, &self.env, provider)?)
    }

    /// The same over a route of one of its keys.
    ///
    /// # Errors
    /// The key is refused, or nobody answers.
    pub fn check_key(&self, provider: &Provider, route: &Route) -> Result<String> {
        use crate::dialect::{Call, Stage, Target};
        use crate::net::Transport as _;
        let Some(check) = &provider.check else {
            return Err(Error::usage(format!(
                "{} has no free call to test a key with",
                provider.name
            )));
        };
        let target = Target::Role(check.role.clone(), check.path.clone());
        let call = Call::get(Stage::List, target);
        let dressed = route.dress(&call, &self.engine_options())?;
        let client = self.client();
        let answer = runtime()?.block_on(client.send(dressed, &|_, _| {}))?;
        verdict(provider, check.good, answer.status, route.name())
    }
}

/// What the status of a free call says about the key from `source`, which is given back.
///
/// # Errors
/// The key is refused, or the provider does not answer as it should.
pub(crate) fn verdict(
    provider: &Provider,
    good: u16,
    status: u16,
    source: String,
) -> Result<String> {
    let name = &provider.name;
    match status {
        _ if status == good || (200..300).contains(&status) => Ok(source),
        401 | 403 => {
            Err(Error::new(Kind::Account, format!("{name} refuses the key (HTTP {status})")).hint(
                format!(
                    "the key came from {source}; `pinx keys set {}` stores another",
                    provider.id
                ),
            ))
        }
        _ => Err(Error::new(Kind::Server, format!("{name} answers HTTP {status}"))),
    }
}

/// The runtime of commands that need one: one thread, and a pool for files. Its size is what a disk
/// gains from being waited for at once; how many images are decoded at once, the engine says.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    #[cfg(test)]
    if crate::pool::is_inline() {
        // Time stands still while nobody waits.
        return Ok(builder.enable_time().start_paused(true).build().expect("it needs nothing"));
    }
    let runtime = builder.enable_all().max_blocking_threads(16).build().map_err(|error| {
        Error::new(Kind::Internal, format!("the runtime cannot be built: {error}"))
    })?;
    process::file_size();
    hear_of_large_files(&runtime);
    Ok(runtime)
}

/// A file that becomes larger than it may is an error of who writes it, not the end of the process:
/// the signal is heard, and nothing follows from it.
fn hear_of_large_files(runtime: &tokio::runtime::Runtime) {
    #[cfg(unix)]
    if let Some(number) = process::file_size_signal() {
        let _inside = runtime.enter();
        // It stays heard when nobody listens any more.
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(number)));
    }
    #[cfg(not(unix))]
    let _ = runtime;
}

/// The JSON document of a command other than `generate` that failed.
pub(crate) fn failure_document(error: &Error) -> Value {
    json!({ "success": false, "error": ErrorReport::from(error) })
}
