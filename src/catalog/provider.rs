//! A provider as data: its dialect, its addresses, how a key is put on a call and where it may go.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::edit_words::{EditWord, MaskWord};
use super::order::Params;
use crate::error::{Error, Result};

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
    /// Headers of every call that may carry the key: a value, or `env:NAME` for what a variable holds.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The path of its images API behind the base URL, where it is not the dialect's.
    pub images_path: Option<String>,
    /// In which form its models take pictures, where that is true of all.
    pub edit: Option<EditWord>,
    /// What a mask means to them.
    pub mask: Option<MaskWord>,
    /// How many images they read.
    pub max_images: Option<usize>,
    /// The field of an image, where it is not that of the form.
    pub image_field: Option<String>,
    /// The path that takes them, where it is not beside that of the images API.
    pub edits_path: Option<String>,
    /// How its keys begin, where they all do.
    #[serde(default)]
    pub key_starts: Vec<String>,
    /// Two variables with the halves of its key, which a `:` joins.
    pub key_halves: Option<[String; 2]>,
    /// The variable in which its own tools look for its base URL.
    pub base_env: Option<String>,
    /// The variable of a gateway before it.
    pub gateway_env: Option<String>,
    /// A variable in which other programs look for its base URL, and pinx does not.
    pub unread_env: Option<String>,
    /// How a model that the catalog does not list is written.
    #[serde(default)]
    pub unlisted: Params,
    /// Hosts that may get the key besides those of the roles; a leading `*.` label is allowed.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Where its owner sees usage and bills.
    pub dashboard: Option<String>,
    /// Where a key is made.
    pub keys_page: Option<String>,
    /// Its name behind gateways, by their kind: a part of the path, or a prefix of its models.
    #[serde(default)]
    pub behind: BTreeMap<String, String>,
    /// A free call that needs a good key: role and path, for `providers --check`.
    pub check: Option<Check>,
    /// Whether it documents that failures of its own servers are not charged.
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
    /// Its own addresses take requests for streams of events.
    #[serde(default)]
    pub streams: bool,
    /// What the user says of that, wherever its address leads.
    #[serde(skip)]
    pub streams_said: Option<bool>,
    /// The day on which these facts were true.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
}

fn one() -> u32 {
    1
}

/// The source of facts that a user wrote into their settings.
pub(crate) const YOURS: &str = "your configuration";

impl Provider {
    /// Whether a variable may hold its key: one of its own, a numbered one, a half.
    fn holds_key(&self, variable: &str) -> bool {
        let setting = format!("PINX_PROVIDERS_{}_API_KEY", self.id.to_ascii_uppercase());
        let halves = self.key_halves.iter().flatten();
        let mut names = self.key_env.iter().chain(halves).chain([&setting]);
        names.any(|name| {
            let start = variable.get(..name.len());
            let is_numbered = |rest: &str| {
                rest.strip_prefix('_').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
            };
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
                && (variable.len() == name.len() || is_numbered(&variable[name.len()..]))
        })
    }

    /// Whether it is one that the user has described themselves.
    pub fn is_yours(&self) -> bool {
        self.source == YOURS
    }

    /// Whether it is a server of the user's own on this machine. Such a one is free unless they
    /// price it.
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// No key at all.
    None,
    /// `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// `Authorization: Key …`.
    Key,
    /// A header of the provider's own.
    #[serde(untagged)]
    Header(KeyHeader),
}

/// A header that carries a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyHeader {
    /// Its name.
    pub header: String,
    /// What stands before the key, with its space.
    #[serde(default)]
    pub prefix: String,
}

/// The header in which keys usually stand.
const AUTHORIZATION: &str = "authorization";

impl Auth {
    /// Reads it as settings spell it.
    pub fn read(value: &toml::Value) -> Option<Auth> {
        value.clone().try_into().ok()
    }

    /// The header that carries the key and what stands before it there; none where there is no key.
    pub fn header(&self) -> Option<(&str, &str)> {
        match self {
            Auth::None => None,
            Auth::Bearer => Some((AUTHORIZATION, "Bearer ")),
            Auth::Key => Some((AUTHORIZATION, "Key ")),
            Auth::Header(KeyHeader { header, prefix }) => Some((header, prefix)),
        }
    }
}

/// Headers that say how a request is carried, or hold the credentials of others.
const RESERVED: [&str; 10] = [
    "accept",
    AUTHORIZATION,
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];

/// A value that a variable holds begins so.
pub const FROM_VARIABLE: &str = "env:";

/// Checks that headers can be sent, and that none carries a key of another provider.
///
/// `tokens` are variables that hold the tokens of gateways.
///
/// # Errors
/// Names the provider and the header.
pub(super) fn check_headers(providers: &[Provider], tokens: &[&str]) -> Result<()> {
    for provider in providers {
        let wrong = |name: &str, what: String| {
            Error::usage(format!("the header `{name}` of the provider `{}` {what}", provider.id))
        };
        if let Auth::Header(KeyHeader { header, prefix }) = &provider.auth
            && !(is_name(header) && is_value(prefix))
        {
            return Err(wrong(header, "cannot be sent".to_owned()));
        }
        for (name, value) in &provider.headers {
            let lower = name.to_ascii_lowercase();
            let carries_key =
                provider.auth.header().is_some_and(|(header, _)| header.eq_ignore_ascii_case(name));
            if carries_key || RESERVED.contains(&lower.as_str()) {
                return Err(wrong(name, "cannot be set: pinx writes it itself".to_owned()));
            }
            if !(is_name(name) && is_value(value)) {
                return Err(wrong(name, "cannot be sent".to_owned()));
            }
            let Some(variable) = value.strip_prefix(FROM_VARIABLE) else { continue };
            let mut others = providers.iter().filter(|other| other.id != provider.id);
            let owner = match others.find(|other| other.holds_key(variable)) {
                Some(other) => format!("the key of `{}`", other.id),
                None if provider.holds_key(variable) => continue,
                None if tokens.iter().any(|token| token.eq_ignore_ascii_case(variable)) => {
                    "the token of a gateway".to_owned()
                }
                None => continue,
            };
            return Err(wrong(name, format!("would carry `{variable}`, {owner}"))
                .hint("no provider gets what belongs to another: name a variable of its own"));
        }
    }
    Ok(())
}

/// Pairs of text as settings hold them.
pub(crate) fn pairs(value: Option<&toml::Value>) -> BTreeMap<String, String> {
    let table = value.and_then(toml::Value::as_table).into_iter().flatten();
    let pairs = table.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    pairs.collect()
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_value(value: &str) -> bool {
    value.len() <= 1024 && value.bytes().all(|b| (b' '..=b'~').contains(&b))
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
