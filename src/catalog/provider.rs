//! A provider as data: its dialect, its addresses, how a key is put on a call and where it may go.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One provider.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Lower-case letters and digits.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Which dialect it speaks.
    pub dialect: String,
    /// How the key is put on a call.
    #[serde(default)]
    pub auth: Auth,
    /// Environment variables that hold its key, the first one that is set counts.
    #[serde(default)]
    pub key_env: Vec<String>,
    /// Base URLs by role (`api`; fal: `queue`, `run`, `rest`, `api`), without a trailing slash.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Hosts that may get the key besides those of the roles; a leading `*.` label is allowed.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Where its owner sees usage and bills.
    pub dashboard: Option<String>,
    /// Where a key is made.
    pub keys_page: Option<String>,
    /// The Cloudflare AI Gateway's name for it.
    pub cloudflare: Option<String>,
    /// Vercel AI Gateway's prefix of its model names.
    pub vercel: Option<String>,
    /// A free call that needs a good key: role and path, for `providers --check`.
    pub check: Option<Check>,
    /// Does it document that failures of its own servers are not charged?
    #[serde(default)]
    pub failures_are_free: bool,
    /// Requests a minute that it takes from every account; most have tiers, and then none stands here.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Images a minute, likewise, where it counts so.
    #[serde(default)]
    pub images_per_minute: Option<u32>,
    /// Requests at once, likewise.
    #[serde(default)]
    pub in_flight: Option<u32>,
    /// Its share when equal routes are balanced by weight.
    #[serde(default = "one")]
    pub weight: u32,
    /// The day on which these facts were true.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
}

fn one() -> u32 {
    1
}

/// The source of facts that a user wrote into their settings.
pub const YOURS: &str = "your configuration";

impl Provider {
    /// Is it one that the user has described themselves?
    pub fn is_yours(&self) -> bool {
        self.source == YOURS
    }

    /// Is it a server of the user's own on this machine? Such a one is free unless they price it.
    pub fn is_own_loopback(&self) -> bool {
        let host = |base: &String| url::Url::parse(base).ok()?.host_str().map(str::to_owned);
        self.is_yours()
            && self.roles.values().all(|base| {
                host(base).is_some_and(|host| {
                    let bare = host.trim_start_matches('[').trim_end_matches(']');
                    host == "localhost"
                        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
                })
            })
    }
}

/// How a key is put on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// No key at all.
    None,
    /// `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// `Authorization: Key …`.
    Key,
}

/// A free call that tells whether a key is good.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The role whose base URL it goes to.
    pub role: String,
    /// The path behind the base URL.
    pub path: String,
    /// The status that a good key gets.
    pub good: u16,
}
