//! Gateways: what stands between pinx and a provider, from `OPENAI_GATEWAY_URL` or `[gateways.NAME]`.
//!
//! A gateway is a field of how a provider is reached, not a kind of provider. What its kind wants and
//! says stands in the catalog.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use toml::Value;
use url::Url;

use super::base_url::{allows_http, base};
use super::keys;
use super::{Env, Origin, Settings};
use crate::catalog::{GatewayKind, Provider, gateway_kinds};
use crate::dialect;
use crate::error::{Error, Kind, Result};
use crate::pool::lock;
use crate::secret::{Secret, redact};
use crate::text;

/// A gateway's token: found when it is needed, since finding it may run a command.
#[derive(Debug, Clone)]
pub struct Token {
    source: TokenSource,
    found: Arc<CommandOutput>,
}

/// What a command has printed, if it has run.
#[derive(Debug, Default)]
struct CommandOutput {
    secret: OnceLock<Secret>,
    /// Held while the command runs.
    running: Mutex<()>,
}

/// What the gateways' commands have printed, by their settings: each runs once for as long as the settings
/// live, however many routes lead over the gateway.
#[derive(Debug, Clone, Default)]
pub(super) struct CommandOutputs(Arc<Mutex<HashMap<String, Arc<CommandOutput>>>>);

impl CommandOutputs {
    fn of(&self, setting: &str) -> Arc<CommandOutput> {
        Arc::clone(lock(&self.0).entry(setting.to_owned()).or_default())
    }
}

#[derive(Debug, Clone)]
enum TokenSource {
    /// A variable and its secret, or what is wrong with it.
    Variable(String, Result<Option<Secret>>),
    /// A command and the setting that names it.
    Command(Value, String),
}

impl Token {
    /// The token of a variable; `named` says that the user asked for that very one.
    fn of_variable(env: &Env, variable: &str, named: bool) -> Option<Token> {
        let secret = keys::of_variable(env, variable);
        let is_there = named || !matches!(secret, Ok(None));
        let source = TokenSource::Variable(variable.to_owned(), secret);
        is_there.then(|| Token { source, found: Arc::default() })
    }

    /// The token of the variable that a kind of gateway usually has, if it is set.
    fn usual(env: &Env, kind: &GatewayKind) -> Option<Token> {
        Token::of_variable(env, kind.token_env.as_ref()?, false)
    }

    /// Where it comes from: a variable, or `token_cmd`.
    pub fn source(&self) -> &str {
        match &self.source {
            TokenSource::Variable(variable, _) => variable,
            TokenSource::Command(..) => "token_cmd",
        }
    }

    /// The token, if it is known by now: no command is run.
    fn known(&self) -> Option<Secret> {
        match &self.source {
            TokenSource::Variable(_, secret) => secret.clone().ok().flatten(),
            TokenSource::Command(..) => self.found.secret.get().cloned(),
        }
    }

    /// The token; a command is run once, however often it is asked for.
    ///
    /// # Errors
    /// The variable is not set or unusable, or the command failed.
    pub fn get(&self) -> Result<Secret> {
        match &self.source {
            TokenSource::Variable(variable, secret) => secret.clone()?.ok_or_else(|| {
                // A token that was pasted in the place of its variable's name is not shown.
                let variable = redact(variable, []);
                Error::new(Kind::Key, format!("the gateway's token: `{variable}` is not set"))
                    .code("missing_key")
                    .hint(format!("set `{variable}`"))
            }),
            TokenSource::Command(argv, setting) => {
                let _running = lock(&self.found.running);
                if let Some(secret) = self.found.secret.get() {
                    return Ok(secret.clone());
                }
                let secret = keys::of_command(argv, setting)?;
                Ok(self.found.secret.get_or_init(|| secret).clone())
            }
        }
    }
}

/// A gateway and how it is reached.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// What it is.
    pub kind: &'static GatewayKind,
    /// Its base URL.
    url: Url,
    /// Its token, if it has one.
    pub token: Option<Token>,
    /// It may answer from its cache.
    pub(super) may_cache: bool,
}

impl Gateway {
    /// Its token, if it has one and has sent it: what no message and no log may show.
    pub fn secret(&self) -> Option<Secret> {
        self.token.as_ref()?.known()
    }

    /// Whether it wants a credential of its own in the place of the provider's key.
    pub fn replaces_key(&self) -> bool {
        self.kind.token_header.is_none() && (self.token.is_some() || self.kind.needs_token)
    }

    /// Whether it can hold the provider's key itself.
    pub fn holds_key(&self) -> bool {
        self.kind.token_header.is_some() && self.token.is_some()
    }

    /// The base URL of a provider behind it.
    pub(super) fn address(&self, provider: &Provider) -> Url {
        let mut url = self.url.clone();
        if self.kind.dialect.is_none() {
            let name = name_behind(self.kind, provider);
            url.set_path(&format!("{}/{name}", self.url.path().trim_end_matches('/')));
        }
        url
    }
}

/// The gateway that settings put before a provider: its name, itself, and who said so.
///
/// # Errors
/// A gateway that does not exist, lacks something, or cannot serve this provider.
pub(super) fn of(
    settings: &Settings,
    env: &Env,
    provider: &Provider,
) -> Result<Option<(String, Gateway, Origin)>> {
    let named = settings.text(&format!("providers.{}.gateway", provider.id));
    if let Some(variable) = &provider.gateway_env
        && let Some(url) = env.get(variable)
        && !named.is_some_and(|(_, origin)| matches!(origin, Origin::Env(_)))
    {
        let origin = Origin::Env(variable.clone());
        let url = base(url, allows_http(settings, provider), &origin)?;
        return Ok(of_url(url, env, provider).map(|gateway| (variable.clone(), gateway, origin)));
    }
    let Some((name, origin)) = named.filter(|(name, _)| *name != "none") else { return Ok(None) };
    let gateway = named_gateway(settings, env, provider, name, origin)?;
    Ok(Some((name.to_owned(), gateway, origin.clone())))
}

/// A gateway known by its URL alone: that of a service, or of any server that speaks the dialect.
fn of_url(url: Url, env: &Env, provider: &Provider) -> Option<Gateway> {
    if let Some(kind) = GatewayKind::at(url.host_str()) {
        let url = without_last(url, name_behind(kind, provider));
        return Some(Gateway { kind, url, token: Token::usual(env, kind), may_cache: false });
    }
    let speaks = &provider.dialect;
    let kind = gateway_kinds().iter().find(|kind| kind.dialect.as_ref() == Some(speaks))?;
    Some(Gateway { kind, url: with_version(url, speaks), token: None, may_cache: false })
}

/// A provider's name in the paths of a service; empty where none is known.
fn name_behind<'p>(kind: &GatewayKind, provider: &'p Provider) -> &'p str {
    provider.behind.get(&kind.kind).map_or("", String::as_str)
}

fn named_gateway(
    settings: &Settings,
    env: &Env,
    provider: &Provider,
    name: &str,
    origin: &Origin,
) -> Result<Gateway> {
    let key = |key: &str| format!("gateways.{name}.{key}");
    let text_of = |which: &str| settings.text(&key(which)).map(|(text, _)| text);
    let Some(kind) = text_of("kind").and_then(GatewayKind::of) else {
        return Err(unknown(settings, name, origin));
    };
    let cannot =
        |what: String| Error::usage(format!("the gateway `{name}` ({}) {what}", origin.place()));
    let given = settings
        .text(&key("url"))
        .map(|(url, origin)| base(url, allows_http(settings, provider), origin))
        .transpose()?;
    let token = if let Some((argv, _)) = settings.value(&key("token_cmd")) {
        let found = settings.command_outputs.of(&key("token_cmd"));
        Some(Token { source: TokenSource::Command(argv.clone(), key("token_cmd")), found })
    } else if let Some(variable) = text_of("token_env") {
        Token::of_variable(env, variable, true)
    } else {
        Token::usual(env, kind)
    };
    let url = match &kind.dialect {
        Some(dialect) if *dialect != provider.dialect => {
            let others = gateway_kinds().iter().filter(|kind| kind.dialect.is_none());
            let others: Vec<String> = others.map(|kind| format!("`{}`", kind.kind)).collect();
            return Err(cannot(format!("speaks OpenAI's API, which {} does not", provider.id))
                .hint(format!("give it a gateway of kind {}, or none", others.join(" or "))));
        }
        Some(dialect) => match (given, &kind.url) {
            (Some(url), _) => with_version(url, dialect),
            (None, Some(own)) => Url::parse(own).expect("the catalog's addresses are URLs"),
            (None, None) => return Err(cannot("needs a `url`".to_owned())),
        },
        None => {
            let Some(slug) = provider.behind.get(&kind.kind) else {
                let (id, kind) = (&provider.id, &kind.kind);
                let hint = format!("set `providers.{id}.{kind}` to its name there");
                return Err(cannot(format!("has no path for {id} that is known here")).hint(hint));
            };
            let own = kind.url.as_deref().unwrap_or_default();
            match (given, text_of("account"), text_of("gateway")) {
                (Some(url), ..) => without_last(url, slug),
                (None, Some(account), Some(gateway)) => {
                    let made = own.replace("{account}", account).replace("{gateway}", gateway);
                    base(&made, false, origin)?
                }
                _ => return Err(cannot("needs `account` and `gateway`, or a `url`".to_owned())),
            }
        }
    };
    let may_cache = settings.value(&key("cache")).is_some_and(|(on, _)| on.as_bool() == Some(true));
    Ok(Gateway { kind, url, token, may_cache })
}

fn unknown(settings: &Settings, name: &str, origin: &Origin) -> Error {
    let explained = settings.explain();
    let names = explained.iter().filter_map(|line| line.name.strip_prefix("gateways."));
    let names: Vec<&str> = names.filter_map(|name| Some(name.split_once('.')?.0)).collect();
    if names.contains(&name) {
        let kinds: Vec<&str> = gateway_kinds().iter().map(|kind| kind.kind.as_str()).collect();
        let (first, others) = kinds.split_first().expect("there are kinds of gateways");
        let others = others.join(", ");
        return Error::usage(format!("the gateway `{name}` has no `kind`"))
            .hint(format!("add `kind = \"{first}\"` (or {others}) to `[gateways.{name}]`"));
    }
    let shown = text::clean(name, 60);
    let error = Error::usage(format!("there is no gateway `{shown}` ({})", origin.place()));
    match text::nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("describe it in `[gateways.{shown}]`: `pinx config edit`")),
    }
}

/// A gateway's URL with the version that the paths of its dialect begin with, unless it has one or is
/// the path of a provider, such as `…/openai`, which replaces it.
fn with_version(mut url: Url, speaks: &str) -> Url {
    let version = dialect::dialect(speaks).and_then(|dialect| dialect.facts().version);
    let path = url.path().trim_end_matches('/').to_owned();
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.len() < 9);
    let is_service = GatewayKind::at(url.host_str()).is_some();
    if !is_service && last != speaks && !is_version {
        url.set_path(&format!("{path}{}", version.unwrap_or_default()));
    }
    url
}

/// A service's URL up to the gateway's name, whether or not a provider's path was pasted with it.
fn without_last(mut url: Url, slug: &str) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    let path = path.strip_suffix(&format!("/{slug}")).unwrap_or(&path).to_owned();
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_added_once_and_only_where_it_belongs() {
        for (given, made) in [
            ("https://host", "https://host/v1"),
            ("https://host/", "https://host/v1"),
            ("https://host/v1", "https://host/v1"),
            ("https://host/v1/", "https://host/v1"),
            ("https://host/v1beta", "https://host/v1beta"),
            ("https://host/prefix", "https://host/prefix/v1"),
            ("https://host/prefix/openai/", "https://host/prefix/openai"),
            ("https://host:8443/a/v2", "https://host:8443/a/v2"),
            (
                "https://gateway.ai.cloudflare.com/v1/acct/gw/openai/",
                "https://gateway.ai.cloudflare.com/v1/acct/gw/openai",
            ),
        ] {
            let url = base(given, false, &Origin::Default).unwrap();
            assert_eq!(with_version(url, "openai").as_str(), made, "{given}");
        }
    }
}
