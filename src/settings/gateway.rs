//! Gateways: what stands between pinx and a provider, from `OPENAI_GATEWAY_URL` or `[gateways.NAME]`.
//!
//! A gateway is a field of how a provider is reached, not a kind of provider.

use std::sync::{Arc, OnceLock};

use toml::Value;
use url::Url;

use super::address::{allows_http, base};
use super::keys;
use super::{Env, Origin, Settings};
use crate::catalog::Provider;
use crate::error::{Error, Kind, Result};
use crate::secret::{Secret, redact};
use crate::text;

/// Cloudflare's host: its OpenAI path has no `/v1`.
const CLOUDFLARE: &str = "gateway.ai.cloudflare.com";
/// Vercel's address in OpenAI's form.
const VERCEL: &str = "https://ai-gateway.vercel.sh/v1";

/// A gateway's token: found when it is needed, since finding it may run a command.
#[derive(Debug, Clone)]
pub struct Token {
    source: Source,
    found: Arc<OnceLock<Secret>>,
}

#[derive(Debug, Clone)]
enum Source {
    /// A variable and its secret, or what is wrong with it.
    Variable(String, Result<Option<Secret>>),
    /// A command and the setting that names it.
    Command(Value, String),
}

impl Token {
    fn new(source: Source) -> Token {
        Token { source, found: Arc::default() }
    }

    /// The token of a variable; `named` says that the user asked for that very one.
    fn of_variable(env: &Env, variable: &str, named: bool) -> Option<Token> {
        let secret = keys::of_variable(env, variable);
        let is_there = named || !matches!(secret, Ok(None));
        is_there.then(|| Token::new(Source::Variable(variable.to_owned(), secret)))
    }

    /// Where it comes from: a variable, or `token_cmd`.
    pub fn source(&self) -> &str {
        match &self.source {
            Source::Variable(variable, _) => variable,
            Source::Command(..) => "token_cmd",
        }
    }

    /// The token, if it is known by now: no command is run.
    fn known(&self) -> Option<Secret> {
        match &self.source {
            Source::Variable(_, secret) => secret.clone().ok().flatten(),
            Source::Command(..) => self.found.get().cloned(),
        }
    }

    /// The token; a command is run once, however often it is asked for.
    ///
    /// # Errors
    /// The variable is not set or unusable, or the command failed.
    pub fn get(&self) -> Result<Secret> {
        match &self.source {
            Source::Variable(variable, secret) => secret.clone()?.ok_or_else(|| {
                // A token that was pasted in the place of its variable's name is not shown.
                let variable = redact(variable, []);
                Error::new(Kind::Key, format!("the gateway's token: `{variable}` is not set"))
                    .code("missing_key")
                    .hint(format!("set `{variable}`"))
            }),
            Source::Command(argv, setting) => {
                if let Some(secret) = self.found.get() {
                    return Ok(secret.clone());
                }
                let secret = keys::of_command(argv, setting)?;
                Ok(self.found.get_or_init(|| secret).clone())
            }
        }
    }
}

/// A gateway and how it is reached.
#[derive(Debug, Clone)]
pub enum Gateway {
    /// Speaks OpenAI's API.
    Openai {
        /// Its base URL.
        url: Url,
        /// Takes the place of the provider's key, when there is one.
        token: Option<Token>,
    },
    /// Cloudflare AI Gateway, with a path for each provider.
    Cloudflare {
        /// `https://gateway.ai.cloudflare.com/v1/{account}/{gateway}`, or the user's own.
        base: Url,
        /// Sent as `cf-aig-authorization`, besides the provider's key.
        token: Option<Token>,
        /// May it answer from its cache?
        cache: bool,
    },
    /// Vercel AI Gateway in OpenAI's form.
    Vercel {
        /// Its base URL.
        url: Url,
        /// Takes the place of the provider's key.
        token: Option<Token>,
    },
}

impl Gateway {
    /// Its kind, as settings spell it.
    pub fn kind(&self) -> &'static str {
        match self {
            Gateway::Openai { .. } => "openai",
            Gateway::Cloudflare { .. } => "cloudflare",
            Gateway::Vercel { .. } => "vercel",
        }
    }

    /// Its token, if it has one.
    pub(super) fn token(&self) -> Option<&Token> {
        match self {
            Gateway::Openai { token, .. }
            | Gateway::Cloudflare { token, .. }
            | Gateway::Vercel { token, .. } => token.as_ref(),
        }
    }

    /// Its token, if it has one and has sent it: what no message and no log may show.
    pub fn secret(&self) -> Option<Secret> {
        self.token()?.known()
    }

    /// Does it stand before this role? fal's uploads and its platform API have no path through one.
    pub(super) fn serves(&self, role: &str, provider: &Provider) -> bool {
        provider.dialect != "fal" || matches!(role, "queue" | "run")
    }

    /// The base URL of a provider behind it.
    pub(super) fn address(&self, provider: &Provider) -> Url {
        match self {
            Gateway::Openai { url, .. } | Gateway::Vercel { url, .. } => url.clone(),
            Gateway::Cloudflare { base, .. } => {
                let mut url = base.clone();
                let slug = provider.cloudflare.as_deref().unwrap_or_default();
                url.set_path(&format!("{}/{slug}", base.path().trim_end_matches('/')));
                url
            }
        }
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
    let variable = env.get("OPENAI_GATEWAY_URL").filter(|_| provider.id == "openai");
    if let Some(url) = variable
        && !named.is_some_and(|(_, origin)| matches!(origin, Origin::Env(_)))
    {
        let origin = Origin::Env("OPENAI_GATEWAY_URL".to_owned());
        let url = base(url, allows_http(settings, provider), &origin)?;
        return Ok(Some(("OPENAI_GATEWAY_URL".to_owned(), of_url(url, env), origin)));
    }
    let Some((name, origin)) = named.filter(|(name, _)| *name != "none") else { return Ok(None) };
    let gateway = named_gateway(settings, env, provider, name, origin)?;
    Ok(Some((name.to_owned(), gateway, origin.clone())))
}

/// A gateway known by its URL alone: Cloudflare's is recognised.
fn of_url(url: Url, env: &Env) -> Gateway {
    if url.host_str() != Some(CLOUDFLARE) {
        return Gateway::Openai { url: with_version(url), token: None };
    }
    let token = Token::of_variable(env, "CF_AIG_TOKEN", false);
    Gateway::Cloudflare { base: without_last(url, "openai"), token, cache: false }
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
    let Some(kind) = text_of("kind") else { return Err(unknown(settings, name, origin)) };
    let cannot =
        |what: String| Error::usage(format!("the gateway `{name}` ({}) {what}", origin.place()));
    let url = settings
        .text(&key("url"))
        .map(|(url, origin)| base(url, allows_http(settings, provider), origin))
        .transpose()?;
    let token = |usual: Option<&str>| {
        if let Some((argv, _)) = settings.value(&key("token_cmd")) {
            return Some(Token::new(Source::Command(argv.clone(), key("token_cmd"))));
        }
        match (text_of("token_env"), usual) {
            (Some(variable), _) => Token::of_variable(env, variable, true),
            (None, Some(variable)) => Token::of_variable(env, variable, false),
            (None, None) => None,
        }
    };
    if kind != "cloudflare" && provider.dialect != "openai" {
        return Err(cannot(format!("speaks OpenAI's API, which {} does not", provider.id))
            .hint("give it a gateway of kind `cloudflare`, or none"));
    }
    match kind {
        "openai" => match url {
            Some(url) => Ok(Gateway::Openai { url: with_version(url), token: token(None) }),
            None => Err(cannot("needs a `url`".to_owned())),
        },
        "cloudflare" => {
            let Some(slug) = provider.cloudflare.as_deref() else {
                let hint = format!("set `providers.{}.cloudflare` to its name there", provider.id);
                return Err(cannot(format!("has no path for {} that is known here", provider.id))
                    .hint(hint));
            };
            let base = match (url, text_of("account"), text_of("gateway")) {
                (Some(url), ..) => without_last(url, slug),
                (None, Some(account), Some(gateway)) => {
                    let made = format!("https://{CLOUDFLARE}/v1/{account}/{gateway}");
                    base(&made, false, origin)?
                }
                _ => return Err(cannot("needs `account` and `gateway`, or a `url`".to_owned())),
            };
            let cache =
                settings.value(&key("cache")).is_some_and(|(on, _)| on.as_bool() == Some(true));
            Ok(Gateway::Cloudflare { base, token: token(Some("CF_AIG_TOKEN")), cache })
        }
        _ => {
            let official = Url::parse(VERCEL).expect("Vercel's address is a URL");
            let url = url.map_or(official, with_version);
            Ok(Gateway::Vercel { url, token: token(Some("AI_GATEWAY_API_KEY")) })
        }
    }
}

fn unknown(settings: &Settings, name: &str, origin: &Origin) -> Error {
    let explained = settings.explain();
    let names = explained.iter().filter_map(|line| line.name.strip_prefix("gateways."));
    let names: Vec<&str> = names.filter_map(|name| Some(name.split_once('.')?.0)).collect();
    if names.contains(&name) {
        return Error::usage(format!("the gateway `{name}` has no `kind`")).hint(format!(
            "add `kind = \"openai\"` (or cloudflare, vercel) to `[gateways.{name}]`"
        ));
    }
    let shown = text::clean(name, 60);
    let error = Error::usage(format!("there is no gateway `{shown}` ({})", origin.place()));
    match text::nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("describe it in `[gateways.{shown}]`: `pinx config edit`")),
    }
}

/// A gateway's URL with the version that OpenAI's paths begin with, unless it has one or is a
/// provider path such as Cloudflare's `…/openai`, which replaces it.
fn with_version(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.len() < 9);
    if url.host_str() != Some(CLOUDFLARE) && last != "openai" && !is_version {
        url.set_path(&format!("{path}/v1"));
    }
    url
}

/// A Cloudflare URL up to the gateway's name, whether or not a provider's path was pasted with it.
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
            assert_eq!(with_version(url).as_str(), made, "{given}");
        }
    }
}
