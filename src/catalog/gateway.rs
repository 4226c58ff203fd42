//! Kinds of gateways as data: what they speak, what they want in a request, and what their answers say.
//!
//! Pure. Headers of an answer are `(name in lower case, value)`; whose they are is told by their names
//! alone, since a base URL may lead to a gateway that nobody configured.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{MaskWord, Provider};
use crate::money::Money;

/// One kind of gateway.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayKind {
    /// Its name in settings.
    pub kind: String,
    /// The dialect that it speaks; none means that it has a path for each provider.
    pub dialect: Option<String>,
    /// Its base URL, where it is a service; `{account}` and `{gateway}` are the user's.
    pub url: Option<String>,
    /// The variable that usually holds its token.
    pub token_env: Option<String>,
    /// The header of a token that is sent besides the provider's key; none means in its place.
    pub token_header: Option<String>,
    /// Nothing can be asked without a token.
    #[serde(default)]
    pub needs_token: bool,
    /// `none` where it leaves masks out in silence.
    pub mask: Option<MaskWord>,
    /// Sent with every request.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Sent as well, unless it may answer from its cache.
    #[serde(default)]
    uncached: Vec<(String, String)>,
    /// The header that takes what its log is to say about a request, as JSON.
    about: Option<String>,
    /// The header, and its value, of an answer from its cache.
    hit: Option<(String, String)>,
    /// The header that tells what an answer cost, in dollars.
    cost: Option<String>,
    /// Headers that the log keeps, and their names there.
    #[serde(default)]
    notes: Vec<(String, String)>,
    /// Headers with its own id of a request.
    #[serde(default)]
    request_ids: Vec<String>,
    /// It hands streams of events on as they come.
    #[serde(default)]
    pub streams: bool,
    /// The day on which these facts were true.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
}

/// Every kind, in the order in which messages name them.
pub fn gateway_kinds() -> &'static [GatewayKind] {
    const DATA: &str = include_str!(concat!(env!("OUT_DIR"), "/gateways.json"));
    static KINDS: LazyLock<Vec<GatewayKind>> =
        LazyLock::new(|| serde_json::from_str(DATA).expect("the embedded gateways are sound"));
    &KINDS
}

/// Headers of an answer.
pub(crate) type Headers = [(String, String)];

/// A header's value by its lower-case name.
pub(crate) fn value<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

impl GatewayKind {
    /// The kind of that name.
    pub fn of(name: &str) -> Option<&'static GatewayKind> {
        gateway_kinds().iter().find(|kind| kind.kind == name)
    }

    /// Whether what a host is, or a gateway of this kind where one is known, leaves masks out in silence.
    pub fn drops_masks(known: Option<&GatewayKind>, host: Option<&str>) -> bool {
        let is_there = |kind: &&&GatewayKind| {
            let url = kind.url.as_deref().and_then(|url| url.strip_prefix("https://"));
            host.is_some() && url.and_then(|url| url.split('/').next()) == host
        };
        let kinds: Vec<&GatewayKind> = gateway_kinds().iter().collect();
        let kind = known.or_else(|| kinds.iter().find(is_there).copied());
        kind.is_some_and(|kind| kind.mask == Some(MaskWord::None))
    }

    /// The service that a URL's host belongs to.
    pub fn at(host: Option<&str>) -> Option<&'static GatewayKind> {
        gateway_kinds().iter().find(|kind| kind.host().is_some() && kind.host() == host)
    }

    /// The host of a service with a path for each provider, by which its URLs are known.
    pub fn host(&self) -> Option<&str> {
        let url = self.url.as_deref().filter(|_| self.dialect.is_none())?;
        url.strip_prefix("https://")?.split('/').next()
    }

    /// The headers that it wants in a request, which it may answer from its cache or not; `id` is the
    /// image's, for its log.
    pub fn headers(&self, may_cache: bool, id: &str) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.extend_from_slice(if may_cache { &[] } else { &self.uncached });
        let about =
            |name: &String| (name.clone(), serde_json::json!({ "pinx_id": id }).to_string());
        headers.extend(self.about.as_ref().map(about));
        headers
    }

    /// The name of a provider's model behind it.
    pub fn wire(&self, provider: &Provider, model: &str) -> String {
        match provider.behind.get(&self.kind).filter(|_| self.dialect.is_some()) {
            Some(prefix) => format!("{prefix}/{model}"),
            None => model.to_owned(),
        }
    }
}

/// What gateways say of an answer: the log's names, and the values.
pub(crate) fn notes(headers: &Headers) -> impl Iterator<Item = (&'static str, &str)> {
    let notes = gateway_kinds().iter().flat_map(|kind| &kind.notes);
    notes.filter_map(|(header, name)| Some((name.as_str(), value(headers, header)?)))
}

/// What an answer cost: nothing from a gateway's cache; else what the answer itself says, else what the
/// gateway does.
pub(crate) fn settle(headers: &Headers, said: Option<Money>) -> Option<Money> {
    let hits = gateway_kinds().iter().filter_map(|kind| kind.hit.as_ref());
    if hits.into_iter().any(|(header, hit)| value(headers, header) == Some(hit)) {
        return Some(Money::ZERO);
    }
    // `NaN` is no cost, and none is not zero.
    let is_cost = |dollars: &f64| dollars.is_finite() && *dollars >= 0.0;
    let told = gateway_kinds().iter().filter_map(|kind| kind.cost.as_ref()).find_map(|header| {
        value(headers, header)?.parse().ok().filter(is_cost).map(Money::dollars)
    });
    said.or(told)
}

/// A gateway's own id of a request.
pub(crate) fn request_id(headers: &Headers) -> Option<&str> {
    let names = gateway_kinds().iter().flat_map(|kind| &kind.request_ids);
    names.into_iter().find_map(|name| value(headers, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_answer_costs_what_its_best_source_says() {
        let cent = Some(Money::dollars(0.01));
        for (given, said, cost) in [
            (headers(&[]), None, None),
            (headers(&[]), cent, cent),
            (headers(&[("x-litellm-response-cost", "0.01")]), None, cent),
            (headers(&[("x-litellm-response-cost", "0.02")]), cent, cent),
            (headers(&[("x-litellm-response-cost", "NaN")]), None, None),
            (headers(&[("x-litellm-response-cost", "-1")]), None, None),
            (headers(&[("cf-aig-cache-status", "HIT")]), cent, Some(Money::ZERO)),
            (headers(&[("cf-aig-cache-status", "MISS")]), cent, cent),
        ] {
            assert_eq!(settle(&given, said), cost, "{given:?}");
        }
    }

    #[test]
    fn only_a_service_with_paths_is_known_by_its_host() {
        let hosts: Vec<&str> = gateway_kinds().iter().filter_map(GatewayKind::host).collect();
        assert_eq!(hosts, ["gateway.ai.cloudflare.com"]);
        let of = |name| GatewayKind::of(name).unwrap().headers(false, "x").len();
        assert_eq!((of("openai"), of("cloudflare"), of("vercel")), (0, 3, 0));
    }
}
