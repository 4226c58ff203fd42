//! Where a provider is reached: its addresses by role, the gateway in between, and which hosts may
//! see its key.
//!
//! Precedence: `--base-url` > `PINX_PROVIDERS_…` > gateway > `OPENAI_BASE_URL` > files > catalog. A
//! clash is told. A key goes to the address in use and to nothing that merely resembles it: scheme,
//! host and port are compared.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::base_url::{allows_http, base, right, without_user};
use super::gateway;
pub use super::gateway::{Gateway, Token};
use super::keys::{self, Key};
use super::{Env, Origin, Settings};
use crate::catalog::{FROM_VARIABLE, GatewayKind, Provider};
use crate::dialect::{self, Facts};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// One base URL in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where calls go, without a trailing slash in its path.
    pub url: Url,
    /// The same without a gateway.
    pub direct: Url,
    /// The provider's own, which URLs in its replies name whatever the settings say.
    pub own: Option<Url>,
    /// Who said so.
    pub origin: Origin,
    /// Whether it is the provider's own address.
    pub official: bool,
    /// Whether it goes through the gateway.
    pub gated: bool,
}

/// How one provider is reached.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// The provider's id.
    pub provider: String,
    /// Its addresses by role.
    pub roles: BTreeMap<String, Address>,
    /// The gateway in use and its name.
    pub gateway: Option<(String, Gateway)>,
    /// Origins that may see the key (the provider's, or the gateway's in its place), such as `https://api.openai.com`; a host may begin
    /// with `*.`, which stands for one label.
    pub key_hosts: Vec<String>,
    /// Clashes between addresses, for the caller to tell.
    pub warnings: Vec<String>,
    /// What to do about a variable in which other programs look for the address: it is set, and not
    /// read here.
    pub unread: Option<String>,
    /// The provider's own headers, for calls that may carry its key.
    pub headers: Vec<(String, String)>,
    /// The same where a variable holds the value, which is not shown.
    pub secret_headers: Vec<(String, Secret)>,
    target_header: Option<(&'static str, &'static str)>,
}

/// Where one call goes and what the gateway wants with it.
#[derive(Debug, Clone)]
pub struct ResolvedUrl {
    /// The address.
    pub url: Url,
    /// Headers of the gateway.
    pub headers: Vec<(String, String)>,
    /// Headers of the gateway that hold a token (whole values, `Bearer …`).
    pub secrets: Vec<(String, Secret)>,
}

/// How a provider is reached under today's settings.
///
/// # Errors
/// An address or a gateway that cannot be used, and where it was set.
pub fn endpoints(
    settings: &Settings,
    env: &Env,
    provider: &Provider,
    base_url_flag: Option<&str>,
) -> Result<Endpoints> {
    let facts = dialect::facts(provider);
    let resolver = Resolver { settings, env, provider, facts, flag: base_url_flag };
    let gateway = gateway::of(settings, env, provider)?;
    let (mut roles, mut warnings, mut used) = (BTreeMap::new(), BTreeSet::new(), false);
    for role in resolver.roles() {
        let own = provider.roles.get(&role);
        let own = own.map(|own| resolver.plain(own, &Origin::Default)).transpose()?;
        let (near, mut far) = resolver.candidates(&role)?;
        // A provider of the user's own is defined by that very setting.
        far.retain(|(url, _)| own.as_ref() != Some(url));
        let before = gateway.as_ref().filter(|_| resolver.facts.is_gated(&role));
        warnings.extend(clash(provider, &near, before.map(|(.., origin)| origin), &far));
        let gated = before.filter(|_| near.is_empty());
        // The address of a provider of the user's own is where they wrote it.
        let set = settings.text(&format!("providers.{}.base_url", provider.id));
        let set = set.filter(|_| provider.is_yours()).map(|(_, origin)| origin.clone());
        let own = own.map(|own| (own, set.unwrap_or(Origin::Default)));
        // A gateway stands before the provider's own address, whatever farther layers say.
        let direct = match gated {
            Some(_) => own.clone().or_else(|| far.into_iter().next()),
            None => near.into_iter().chain(far).next().or_else(|| own.clone()),
        };
        let Some((direct, origin)) = direct else { continue };
        let own = own.map(|(own, _)| own);
        let official = gated.is_none() && own.as_ref() == Some(&direct);
        let (url, origin) = match gated {
            Some((_, gateway, origin)) => (gateway.address(provider), origin.clone()),
            None => (direct.clone(), origin),
        };
        used |= gated.is_some();
        roles.insert(role, Address { url, direct, own, origin, official, gated: gated.is_some() });
    }
    let gateway = gateway.filter(|_| used).map(|(name, gateway, _)| (name, gateway));
    let named = settings.text(&format!("providers.{}.gateway", provider.id));
    if let (Some((name, _)), Some((using, _))) = (named, &gateway)
        && name != using.as_str()
    {
        warnings.insert(format!("{}: the gateway of ${using} is used, not `{name}`", provider.id));
    }
    let variables = provider.unread_env.as_ref().zip(provider.base_env.as_ref());
    let unread = variables.filter(|(unread, _)| env.get(unread).is_some()).map(|(unread, read)| {
        format!("`{unread}` is set, but not read here: the base URL goes into `{read}`")
    });
    let is_own = roles.values().all(|address: &Address| address.official);
    // Whoever has set it believes that the key goes there.
    warnings.extend(unread.clone().filter(|_| is_own));
    let (mut headers, mut secret_headers) = (Vec::new(), Vec::new());
    for (name, value) in &provider.headers {
        match value.strip_prefix(FROM_VARIABLE) {
            None => headers.push((name.clone(), value.clone())),
            Some(variable) => secret_headers
                .extend(keys::of_variable(env, variable)?.map(|secret| (name.clone(), secret))),
        }
    }
    Ok(Endpoints {
        provider: provider.id.clone(),
        key_hosts: key_hosts(&roles, provider),
        roles,
        gateway,
        warnings: warnings.into_iter().collect(),
        unread,
        headers,
        secret_headers,
        target_header: facts.target_header,
    })
}

impl Address {
    /// The URL of a path behind it, without a gateway.
    pub fn direct_of(&self, path: &str) -> Option<Url> {
        join(&self.direct, path).ok()
    }
}

impl Endpoints {
    /// Where the gateway's token comes from, if it has one.
    pub fn gateway_token(&self) -> Option<&str> {
        let (_, gateway) = self.gateway.as_ref()?;
        gateway.token.as_ref().map(Token::source)
    }

    /// Where a call to a role goes; `path` begins with `/` and may hold a query, and `id` is the image's,
    /// for the gateway's log.
    ///
    /// # Errors
    /// An unknown role, or a gateway without its token.
    pub fn resolve(&self, role: &str, path: &str, id: &str) -> Result<ResolvedUrl> {
        let Some(address) = self.roles.get(role) else {
            let what = format!("{} has no address for `{role}`", self.provider);
            let name = if role == "api" { "base_url".to_owned() } else { format!("{role}_url") };
            return Err(Error::usage(what).hint(format!(
                "set it: `pinx config set providers.{}.{name} URL`",
                self.provider
            )));
        };
        let mut resolved = ResolvedUrl {
            url: join(&address.url, path)?,
            headers: Vec::new(),
            secrets: Vec::new(),
        };
        let Some((name, gateway)) = self.gateway.as_ref().filter(|_| address.gated) else {
            return Ok(resolved);
        };
        let kind = gateway.kind;
        if let Some((_, header)) = self.target_header.filter(|(told, _)| *told == role)
            && kind.dialect.is_none()
        {
            resolved.url = address.url.clone();
            resolved.headers.push((header.to_owned(), join(&address.direct, path)?.into()));
        }
        resolved.headers.extend(kind.headers(gateway.may_cache, id));
        let header = kind.token_header.as_deref().unwrap_or("authorization");
        match &gateway.token {
            Some(token) => resolved.secrets.push((header.to_owned(), bearer(&token.get()?)?)),
            None if kind.needs_token => return Err(needs_key(name, kind)),
            None => {}
        }
        Ok(resolved)
    }

    /// Whether the provider's key may be sent there. Scheme, host and port decide, never a prefix.
    pub fn may_carry_key(&self, url: &Url) -> bool {
        let origin = url.origin().ascii_serialization();
        self.key_hosts.iter().any(|known| match known.split_once("*.") {
            None => *known == origin,
            Some((scheme, domain)) => origin
                .strip_prefix(scheme)
                .and_then(|host| host.split_once('.'))
                .is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
        })
    }

    /// Whether all its addresses are the provider's own.
    pub fn is_official(&self) -> bool {
        self.roles.values().all(|address| address.official)
    }

    /// Whether the gateway wants a credential of its own instead of the provider's key. Then
    /// `resolve` brings it, and the provider's must not be sent.
    pub fn has_own_token(&self) -> bool {
        self.gateway.as_ref().is_some_and(|(_, gateway)| gateway.replaces_key())
    }

    /// That credential, for showing where it comes from and for failing before anything is sent.
    ///
    /// # Errors
    /// The gateway wants one, and there is none.
    pub fn gateway_key(&self, settings: &Settings) -> Result<Option<Key>> {
        let gateway = self.gateway.as_ref().filter(|(_, gateway)| gateway.replaces_key());
        let Some((name, gateway)) = gateway else { return Ok(None) };
        let token = gateway.token.as_ref().ok_or_else(|| needs_key(name, gateway.kind))?;
        let secret = token.get()?;
        let fingerprint = secret.fingerprint(&keys::salt(settings));
        let source = token.source().to_owned();
        let remedy = format!("the gateway's token comes from {source}");
        Ok(Some(Key { secret, source, remedy, fingerprint, left_out: None }))
    }

    /// The role and path of an absolute URL that the provider named, if it is below an address of
    /// this provider: its own, a configured one or the gateway's. Polls then follow today's settings.
    pub fn role_of(&self, url: &Url) -> Option<(&str, String)> {
        let mut best: Option<(usize, &str, String)> = None;
        for (role, address) in &self.roles {
            let bases = [Some(&address.direct), address.own.as_ref(), Some(&address.url)];
            for base in bases.into_iter().flatten().filter(|base| base.origin() == url.origin()) {
                let prefix = base.path().trim_end_matches('/');
                let Some(path) = url.path().strip_prefix(prefix) else { continue };
                let is_nearer = best.as_ref().is_none_or(|(length, ..)| prefix.len() > *length);
                if is_nearer && (path.is_empty() || path.starts_with('/')) {
                    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                    best = Some((prefix.len(), role, format!("{path}{query}")));
                }
            }
        }
        best.map(|(_, role, path)| (role, path))
    }
}

struct Resolver<'a> {
    settings: &'a Settings,
    env: &'a Env,
    provider: &'a Provider,
    facts: &'static Facts,
    flag: Option<&'a str>,
}

impl Resolver<'_> {
    fn roles(&self) -> Vec<String> {
        let mut roles: Vec<String> = self.provider.roles.keys().cloned().collect();
        if roles.is_empty() && !self.facts.renders {
            roles.push("api".to_owned());
        }
        roles
    }

    /// The addresses that the user gave for a role, the one that counts first: those nearer than a
    /// gateway, and those farther.
    fn candidates(&self, role: &str) -> Result<(Vec<Given>, Vec<Given>)> {
        let setting =
            |key: &str| self.settings.text(&format!("providers.{}.{key}", self.provider.id));
        let is_near = |origin: &Origin| matches!(origin, Origin::Env(_) | Origin::Flag(_));
        // A role's own address beats the general one of the same layer.
        let set = [setting(&format!("{role}_url")), setting("base_url")].into_iter().flatten();
        let near_set = set.clone().find(|(_, origin)| is_near(origin));
        let far_set = set.clone().find(|(_, origin)| !is_near(origin));
        let flag = self.flag.map(|flag| (flag, Origin::Flag("--base-url".to_owned())));
        let variable =
            self.provider.base_env.as_ref().and_then(|variable| {
                Some((self.env.get(variable)?, Origin::Env(variable.clone())))
            });
        let owned = |(url, origin): (_, &Origin)| (url, origin.clone());
        let read = |(url, origin): (&str, Origin)| Ok((self.plain(url, &origin)?, origin));
        let near = flag.into_iter().chain(near_set.map(owned)).map(read).collect::<Result<_>>()?;
        let far =
            variable.into_iter().chain(far_set.map(owned)).map(read).collect::<Result<_>>()?;
        Ok((near, far))
    }

    /// A base URL as it was written, except that a bare host gets the dialect's version.
    fn plain(&self, text: &str, origin: &Origin) -> Result<Url> {
        let mut url = base(text, allows_http(self.settings, self.provider), origin)?;
        if let Some(version) = self.facts.version.filter(|_| url.path() == "/") {
            url.set_path(version);
        }
        if let Some(own) = self.model_behind(&url) {
            let shown = without_user(text);
            let what = format!("the address `{shown}` ({})", origin.place());
            return Err(
                Error::usage(format!("{what} is a model's, not a base URL")).hint(right(&own))
            );
        }
        Ok(url)
    }

    /// The provider's own base URL, where an address is that of a model behind it.
    fn model_behind(&self, url: &Url) -> Option<Url> {
        let owns = self.provider.roles.values().filter_map(|own| Url::parse(own).ok());
        let mut owns = owns.filter(|own| own.origin() == url.origin() && own.path() == "/");
        let has_model = self.facts.paths_are_models && url.path().len() > 1;
        owns.next().filter(|_| has_model)
    }
}

/// An address and who gave it.
type Given = (Url, Origin);

/// Says whose address counts when several were given that differ.
fn clash(
    provider: &Provider,
    near: &[Given],
    gateway: Option<&Origin>,
    far: &[Given],
) -> Option<String> {
    let name = |(_, origin): &Given| origin.to_string();
    let gate = gateway.map(|origin| format!("the gateway ({origin})"));
    let all: Vec<String> =
        near.iter().map(name).chain(gate.clone()).chain(far.iter().map(name)).collect();
    let mut urls = near.iter().chain(far).map(|(url, _)| url);
    let first = urls.next();
    if all.len() < 2 || (gate.is_none() && urls.all(|url| Some(url) == first)) {
        return None;
    }
    let rest = all[1..].join(" nor ");
    Some(format!("{}: the address of {} is used, not that of {rest}", provider.id, all[0]))
}

fn needs_key(gateway: &str, kind: &GatewayKind) -> Error {
    let usual = kind.token_env.as_ref().map(|variable| format!("`{variable}`, or "));
    Error::new(Kind::Key, format!("the gateway `{gateway}` needs a key of its own"))
        .code(keys::MISSING)
        .hint(format!("set {}its `token_env` or `token_cmd`", usual.unwrap_or_default()))
}

fn bearer(token: &Secret) -> Result<Secret> {
    Secret::new(&format!("Bearer {}", token.expose()))
        .map_err(|why| Error::new(Kind::Key, format!("the gateway's token {why}")))
}

fn key_hosts(roles: &BTreeMap<String, Address>, provider: &Provider) -> Vec<String> {
    let used = roles.values().map(|address| address.url.origin().ascii_serialization());
    let mut hosts: BTreeSet<String> = used.collect();
    if roles.values().any(|address| address.official) {
        hosts.extend(provider.hosts.iter().map(|host| format!("https://{host}")));
    }
    hosts.into_iter().collect()
}

/// A base URL and a path behind it.
fn join(base: &Url, path: &str) -> Result<Url> {
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    let whole = format!("{}{slash}{path}", base.as_str().trim_end_matches('/'));
    Url::parse(&whole).map_err(|error| {
        Error::new(Kind::Internal, format!("no address can be made of `{path}`")).because(error)
    })
}

#[cfg(test)]
mod tests;
