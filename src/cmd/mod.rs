//! The subcommands, one file each, and what they share.

pub(crate) mod batch;
pub(crate) mod cache;
mod claims;
pub(crate) mod compare;
pub(crate) mod completions;
mod conduct;
pub(crate) mod config;
mod days;
pub(crate) mod doctor;
pub(crate) mod edit;
mod foreign;
pub(crate) mod generate;
pub(crate) mod help;
pub(crate) mod info;
pub(crate) mod inputs;
pub(crate) mod interview;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod mcp;
pub(crate) mod models;
mod named;
pub(crate) mod open;
pub(crate) mod overview;
pub(crate) mod providers;
mod recipe;
pub(crate) mod recover;
pub(crate) mod redo;
pub(crate) mod refresh;
mod reminder;
pub(crate) mod serve;
mod service;
pub(crate) mod skill;
pub(crate) mod stats;
pub(crate) mod styles;
mod viewer;
pub(crate) mod vote;

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::catalog::Provider;
use crate::dialect::{Call, Stage, Target, dialect};
use crate::engine::plan::Planner;
use crate::engine::report::ErrorReport;
use crate::engine::session::{Remark, runtime};
use crate::engine::{self, Route};
use crate::error::{Error, Kind, Result};
use crate::net::{Client, HttpResponse};
use crate::settings::{self, Env, Settings};
use crate::store::log::SpendingLimits;
use crate::store::{Cache, Log};
use crate::ui::{Captured, Options, Ui};

/// What every subcommand gets.
pub(crate) struct App {
    /// The settings, each with its origin.
    pub settings: Arc<Settings>,
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
        App { settings: Arc::new(settings), env, ui, log }
    }

    /// The same for a server, whose requests come from many threads.
    fn of_server(&self) -> App {
        let ui = Ui::new(*self.ui.options());
        let (settings, log) = (Arc::clone(&self.settings), Arc::clone(&self.log));
        App { settings, env: self.env.clone(), ui, log }
    }

    /// The same for one request: its stdout is kept, its talk is not.
    fn captured(&self) -> (App, Captured) {
        let options = Options { json: true, quiet: true, progress: false, ..Options::default() };
        let (ui, captured) = Ui::captured(options);
        let (settings, log) = (Arc::clone(&self.settings), Arc::clone(&self.log));
        (App { settings, env: self.env.clone(), ui, log }, captured)
    }

    /// The same for work beside it, which writes the log as another process would.
    fn apart(&self) -> (App, Captured) {
        let (app, captured) = self.captured();
        (App { log: Arc::new(Log::at(&app.settings.places.log)), ..app }, captured)
    }

    /// Shows the user a remark of the engine.
    fn report(&self, remark: Remark) {
        match remark {
            Remark::Warning(text) => self.ui.warn(&text),
            Remark::Note(text) => self.ui.note(&text),
            Remark::StillOpen(open) => reminder::tell(self, &open),
        }
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

    /// Whether this provider can be asked: it has a key, or needs none.
    pub(crate) fn is_usable(&self, provider: &Provider) -> bool {
        engine::is_usable(&self.settings, &self.env, provider)
    }

    /// The day by which models are in use or retired and prices old: today in UTC, `YYYY-MM-DD`,
    /// unless `PINX_TODAY` is another.
    pub(crate) fn today(&self) -> String {
        self.env
            .today()
            .unwrap_or_else(|| crate::clock::now().to_zoned(TimeZone::UTC).date())
            .to_string()
    }

    /// The pictures that were made before.
    pub(crate) fn cache(&self) -> Cache {
        Cache::new(&self.settings.places.cache, self.settings.cache_max_size)
    }

    /// What plans the jobs of a run.
    pub(crate) fn planner<'a>(&'a self, run: &'a str) -> Planner<'a> {
        Planner::new(&self.settings, &self.env, &self.log, run)
    }

    /// The HTTP client; nothing is built before its first request.
    pub(crate) fn client(&self) -> Client {
        engine::client(&self.settings, &self.env)
    }

    /// What all commands together may spend.
    pub(crate) fn spending_limits(&self) -> SpendingLimits {
        engine::spending_limits(&self.settings)
    }

    /// Asks a provider something free that needs a good key, over a route of one of its keys; answers
    /// with the key's source.
    ///
    /// # Errors
    /// The key is refused, or nobody answers.
    pub(crate) fn check_key(&self, provider: &Provider, route: &Route) -> Result<String> {
        use crate::net::Transport as _;
        let what =
            || Error::usage(format!("{} has no free call to test a key with", provider.name));
        let (call, good) = free_call(provider).ok_or_else(what)?;
        let request = route.authorize(&call, &self.settings)?;
        let client = self.client();
        let answer = runtime()?.block_on(client.send(request, &|_| {}))?;
        match answer.status {
            404 | 405 if provider.check.is_none() => Err(what()),
            _ => verdict(provider, good, &answer, route.name()),
        }
    }
}

/// The free call of a provider, and the status that a good key gets: its own, or its list of models.
pub(crate) fn free_call(provider: &Provider) -> Option<(Call, u16)> {
    match &provider.check {
        Some(check) => {
            let target = Target::Role(check.role.clone(), check.path.clone());
            Some((Call::get(Stage::List, target), check.good))
        }
        None => Some((dialect(&provider.dialect)?.discover()?, 200)),
    }
}

/// What the answer to a free call says about the key from `source`, which is given back.
///
/// # Errors
/// The key is refused (kind `Account`) or may not ask for that (`Permission`), or the provider does not
/// answer as it should.
pub(crate) fn verdict(
    provider: &Provider,
    good: u16,
    answer: &HttpResponse,
    source: String,
) -> Result<String> {
    let (name, status) = (&provider.name, answer.status);
    let refused = |kind: Kind, what: String| {
        let id = &provider.id;
        let hint = format!("the key came from {source}; `pinx keys set {id}` stores another");
        Error::new(kind, what).hint(hint)
    };
    match status {
        _ if status == good || (200..300).contains(&status) => Ok(source),
        401 | 403 if is_restricted(answer) => Err(refused(
            Kind::Permission,
            format!("{name} knows the key, but not every right is given to it (HTTP {status})"),
        )),
        401 | 403 => Err(refused(Kind::Account, format!("{name} refuses the key (HTTP {status})"))),
        _ => Err(Error::new(Kind::Server, format!("{name} answers HTTP {status}"))),
    }
}

/// Whether a refusal is about the rights of a good key: OpenAI's restricted keys get
/// "insufficient permissions … Missing scopes: api.model.read", with 401 or 403.
fn is_restricted(answer: &HttpResponse) -> bool {
    let said = answer.body.bytes().unwrap_or_default();
    let said = String::from_utf8_lossy(&said[..said.len().min(4_096)]).to_lowercase();
    ["missing scopes", "insufficient permissions"].iter().any(|words| said.contains(words))
}

/// A document in which each name in camel case, as 0.1.0 has them, stands in `snake_case` too, at every
/// depth.
pub(crate) fn with_snake_names(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(with_snake_names).collect(),
        Value::Object(fields) => {
            let mut both = serde_json::Map::new();
            for (name, value) in fields {
                let value = with_snake_names(value);
                let snake = snake(&name);
                if snake != name {
                    both.insert(snake, value.clone());
                }
                both.insert(name, value);
            }
            Value::Object(both)
        }
        other => other,
    }
}

/// `keysPage` as `keys_page`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// The JSON document of a command other than `generate` that failed.
pub(crate) fn failure_document(error: &Error) -> Value {
    json!({ "success": false, "error": ErrorReport::from(error) })
}

/// The typed error inside, or one made of the chain's words.
pub(crate) fn typed(error: anyhow::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(other) => Error::new(Kind::Internal, format!("{other:#}")),
    }
}
