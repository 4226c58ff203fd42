//! A base URL as somebody has written it: what is accepted, and how it is shown.

use std::net::IpAddr;

use url::{Host, Url};

use super::{Origin, Settings};
use crate::catalog::Provider;
use crate::error::{Error, Result};
use crate::text;

/// A checked base URL without trailing slashes.
///
/// # Errors
/// Not http(s), no host, plain http beyond this machine, or user-info, query or fragment in it.
pub(super) fn base(text: &str, allow_http: bool, origin: &Origin) -> Result<Url> {
    let wrong = |why: &str| {
        let shown = without_user(text);
        Error::usage(format!("the address `{shown}` ({}) {why}", origin.place()))
    };
    let mut url =
        Url::parse(text.trim()).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("must begin with `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            wrong("holds a user name or password").hint("store the key with `pinx keys set`")
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("holds a `?` or a `#`").hint("give the base address only"));
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
        return Err(wrong("is plain http, where others could read the key")
            .hint("use https, or set `allow_http = true` on that provider"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    let endpoint = ENDPOINTS.iter().find_map(|endpoint| path.strip_suffix(endpoint));
    if let Some(before) = endpoint {
        url.set_path(before);
        return Err(wrong("is an endpoint, not a base URL").hint(right(&url)));
    }
    Ok(url)
}

/// Paths that are put behind a base URL, here and by other programs.
const ENDPOINTS: [&str; 7] = [
    "/images/generations",
    "/images/edits",
    "/images/variations",
    "/chat/completions",
    "/completions",
    "/responses",
    "/embeddings",
];

/// The base URL that was meant.
pub(super) fn right(url: &Url) -> String {
    format!("the base URL is `{}`", url.as_str().trim_end_matches('/'))
}

/// Whether it is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

/// Whether plain http is accepted for this provider beyond this machine.
pub(super) fn allows_http(settings: &Settings, provider: &Provider) -> bool {
    let value = settings.value(&format!("providers.{}.allow_http", provider.id));
    value.is_some_and(|(value, _)| value.as_bool() == Some(true))
}

/// An address for people: without user-info, query and fragment, harmless for a terminal.
pub(crate) fn without_user(text: &str) -> String {
    let Ok(mut url) = Url::parse(text.trim()) else {
        let rest = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
        return text::clean(rest, 120);
    };
    // Both fail only where there is no host, and then there is no user-info either.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    text::clean(url.as_str(), 120)
}
