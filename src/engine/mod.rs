//! The engine: plan, then every job along one visible line.
//!
//! plan → cache → reserve → wait → intent on the disk → attempt → verify → done | retry | next route |
//! stop → settle → result in the log. It says only `Event`s; nothing here prints.

mod admission;
mod attempt;
mod backoff;
mod balance;
mod budget;
mod cache;
mod causes;
mod chain;
mod claim;
pub(crate) mod consent;
mod converse;
mod cpu_pool;
mod deliver;
mod drawing;
pub(crate) mod event;
mod explain;
mod fetch_image;
mod halt;
mod heed;
mod ids;
mod image_source;
mod in_flight;
mod inputs;
mod job;
mod job_report;
mod job_slot;
mod key_finder;
pub(crate) mod limit;
mod lost;
mod missing_models;
mod outcome;
mod parse;
mod payload;
pub mod plan;
mod planned;
mod poll;
mod preflight;
mod preview;
mod record;
pub mod recover;
mod remedy;
pub mod report;
pub mod route;
mod run;
mod salvage;
mod search;
pub mod session;
mod sketched;
pub(crate) mod stop;
mod stream;
mod upload;

use std::collections::HashSet;
use std::sync::Arc;

pub use budget::{Overrun, RunBudget, excess};
pub use chain::KeyCommands;
pub use claim::CLAIMED;
pub use event::Event;
pub use fetch_image::{DEAD_LINK, UNREACHABLE_LINK};
pub use halt::Halts;
pub use ids::{run_id, seed};
pub use in_flight::InFlight;
pub use job_slot::Slots;
pub use key_finder::{KeyFinder, is_usable};
pub use limit::Limits;
pub use missing_models::{MissingModels, Sighting};
pub use planned::{Claiming, Job, Plan, RunSpec, merge_plans, sum_estimates};
pub use preflight::check_places;
pub use report::{Document, JobReport};
pub use route::Route;
pub use run::{Listener, Run};
pub use stop::{Level, Stop};

use crate::net::{self, Client, Transport};
use crate::settings::{Env, Roots, Settings, address};
use crate::store::log::SpendingLimits;
use crate::store::{Cache, Log};

/// What all runs of a process share.
pub struct Engine {
    /// The settings and the catalog as they were when the process began; a run may have its own.
    pub settings: Arc<Settings>,
    /// The environment, where keys are looked for.
    pub env: Env,
    /// The way to the network.
    pub transport: Arc<dyn Transport>,
    /// The memory; none means that nothing may be paid for.
    pub log: Option<Arc<Log>>,
    /// What is known of the providers.
    pub limits: Arc<Limits>,
    /// Pictures that were made before; none means that nothing is looked for and nothing kept.
    pub cache: Option<Cache>,
    /// The keys of the providers.
    pub keys: Arc<KeyFinder>,
    /// Models that their keys turned out not to have.
    pub missing: Arc<MissingModels>,
    /// Jobs at once of all runs together.
    pub slots: Slots,
}

impl Engine {
    /// An engine by these settings, with limits that hold in this process only and no cache.
    pub fn new(settings: &Arc<Settings>, env: &Env, log: Option<Arc<Log>>) -> Engine {
        Engine {
            settings: Arc::clone(settings),
            env: env.clone(),
            transport: Arc::new(client(settings, env)),
            log,
            limits: Arc::default(),
            cache: None,
            keys: Arc::default(),
            missing: Arc::default(),
            slots: Slots::new(usize::MAX),
        }
    }
}

/// The HTTP client; nothing is built before its first request.
pub fn client(settings: &Settings, env: &Env) -> Client {
    let mut trusted_hosts = HashSet::new();
    for provider in &settings.catalog.providers {
        let Ok(endpoints) = address::endpoints(settings, env, provider, None) else { continue };
        for address in endpoints.roles.values().filter(|address| !address.official) {
            trusted_hosts.extend(address.url.host_str().map(str::to_owned));
        }
    }
    let options = net::Options {
        // A connection that is never made must be told from an answer that never comes.
        connect: settings.connect_timeout.min(settings.timeout.mul_f64(0.75)),
        roots: match settings.tls_roots {
            Roots::Auto => net::Roots::Auto,
            Roots::System => net::Roots::System,
            Roots::Bundled => net::Roots::Bundled,
        },
        trusted_hosts,
    };
    let memory = usize::try_from(settings.body_memory).unwrap_or(usize::MAX);
    Client::new(options, net::Budget::new(memory, settings.places.kept.clone()))
}

/// What all commands together may spend.
pub fn spending_limits(settings: &Settings) -> SpendingLimits {
    SpendingLimits {
        day: settings.budget_day,
        month: settings.budget_month,
        unknown_allowed: settings.allow_unknown_cost,
    }
}
