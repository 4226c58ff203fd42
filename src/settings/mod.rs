//! Settings: built-in defaults < the user's file < the project's file < environment < flags, each
//! value with its origin, plus where keys, addresses and files are.
//!
//! What users write is read strictly: an unknown name or a value of the wrong kind is an error that
//! says where it stands and what was expected. Nothing here prints; `warnings` are for the caller.

pub mod address;
pub(crate) mod base_url;
pub mod edit;
pub(crate) mod env;
pub(crate) mod gateway;
pub(crate) mod keys;
mod layer;
mod meaning;
mod merge;
mod origin;
mod places;
pub(crate) mod remedy;
pub mod schema;
mod syntax;
mod usual;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use toml::Value;

pub use env::Env;
pub(crate) use merge::flag_with;
pub use origin::Origin;
pub use places::Places;
pub use value::{
    Balance, Bytes, CacheMode, FallbackOn, Metadata, Notify, Prefer, Preview, Roots, Typed,
};

use crate::catalog::{Catalog, MOST_PARTIALS, Provider};
use crate::dialect;
use crate::error::{Error, Result};
use crate::fs;
use crate::money::Money;
use crate::request::{Request, Size};
use crate::secret::{MASK, redact};
use crate::text;
use layer::{Entry, Whose};
use merge::Values;

/// Every setting, read and checked. The reason for each default stands in `default.toml`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `provider/model`, an alias, `auto`, or several with commas.
    pub model: String,
    /// How `auto` sorts; none keeps the order as written.
    pub prefer: Option<Prefer>,
    /// What `auto` tries, in order.
    pub auto_order: Vec<String>,
    /// Where to go when a provider cannot; none means the same model elsewhere.
    pub fallback: Option<Vec<String>>,
    /// Failures that go on to the fallback although they normally end a job.
    pub fallback_on: Vec<FallbackOn>,
    /// Which of equal routes comes first.
    pub balance: Balance,
    /// Images to make.
    pub count: u32,
    /// Pixels, when neither size nor aspect is asked for.
    pub size: Size,
    /// What is asked of each picture. It has a size only when one was asked for, and a ratio only when
    /// no nearer layer asks for a size.
    pub request: Request,
    /// File, directory, template or `-`.
    pub output: String,
    /// When the recipe is written into the image.
    pub metadata: Metadata,
    /// Jobs at once.
    pub concurrency: u32,
    /// Repeats over one route.
    pub retries: u32,
    /// Repeats of what may have been billed.
    pub retry_ambiguous: u32,
    /// Attempts of one job over all routes.
    pub max_attempts: u32,
    /// Answers of a route in a row that may come to nothing before it is not asked any more.
    pub stop_after_unusable: u32,
    /// The time of one attempt.
    pub timeout: Duration,
    /// The same for slow work.
    pub timeout_long: Duration,
    /// The time of making a connection.
    pub connect_timeout: Duration,
    /// The longest silence within an answer.
    pub idle_timeout: Duration,
    /// When a job starts no further attempt.
    pub deadline: Duration,
    /// The longest wait that a provider may ask for.
    pub wait_cap: Duration,
    /// What one command may cost without being asked.
    pub confirm_above: Money,
    /// What one command may cost at most.
    pub budget_run: Option<Money>,
    /// What all commands of a day may cost at most.
    pub budget_day: Option<Money>,
    /// What all commands of a month may cost at most.
    pub budget_month: Option<Money>,
    /// Whether an unknown price is acceptable under a budget.
    pub allow_unknown_cost: bool,
    /// Whether adjustments are errors.
    pub strict: bool,
    /// Whether an interrupt cancels queue jobs.
    pub cancel_on_interrupt: bool,
    /// When a picture is shown in the terminal.
    pub preview: Preview,
    /// Previews of a picture while it is made.
    pub partials: u8,
    /// How the end of a run is told to who does not look.
    pub notify: Notify,
    /// Bytes of memory for answers being received.
    pub body_memory: u64,
    /// Bytes of one answer, or of one image behind a link, at most.
    pub answer_limit: u64,
    /// Trusted certificate authorities.
    pub tls_roots: Roots,
    /// When a picture that was made before is used again.
    pub cache_mode: CacheMode,
    /// Bytes that the cache may hold.
    pub cache_max_size: u64,
    /// Where a server listens.
    pub serve_listen: String,
    /// Names of a server besides those of the loopback.
    pub serve_hosts: Vec<String>,
    /// Pages elsewhere that may ask a server.
    pub serve_origins: Vec<String>,
    /// Whether every request to a server needs a key, also before there is a client.
    pub serve_require_key: bool,
    /// Images of one request to a server at most, of each model.
    pub serve_max_images: u32,
    /// How long a server that ends awaits what was sent.
    pub serve_drain: Duration,
    /// What agents may spend in one session.
    pub mcp_max_cost_session: Money,
    /// Where agents save images.
    pub mcp_output: Option<String>,
    /// The first pause before another try, where the provider names none.
    pub backoff: Duration,
    /// The longest such pause.
    pub backoff_max: Duration,
    /// The first pause between two looks at a queued job.
    pub poll_first: Duration,
    /// The longest such pause.
    pub poll_max: Duration,
    /// What the caller should tell before it begins.
    pub warnings: Vec<String>,
    /// Why only the defaults hold, where the user's own settings could not be read.
    pub broken: Option<Error>,
    /// Where files are.
    pub places: Places,
    /// Models, providers and styles, the user's own laid over the embedded ones.
    pub catalog: Catalog,
    values: BTreeMap<String, (Value, Origin)>,
    usual: BTreeMap<String, (Value, Origin)>,
    stored: Result<keys::Stored>,
    command_outputs: gateway::CommandOutputs,
}

/// One line of `pinx config show`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The setting's name.
    pub name: String,
    /// Its value, secrets masked; none means that it is not set.
    pub value: Option<Value>,
    /// Where the value comes from.
    pub origin: Origin,
    /// What it is for.
    pub doc: String,
}

impl Explained {
    /// The value for people; empty when it is not set.
    pub fn text(&self) -> String {
        self.value.as_ref().map(value::shown).unwrap_or_default()
    }
}

impl Settings {
    /// The time of one attempt at slow work. A timeout of the user's own is meant for every request.
    pub fn slow_timeout(&self) -> Duration {
        match self.origin("timeout") {
            Origin::Default => self.timeout_long,
            _ => self.timeout,
        }
    }

    /// All layers: files of the places that `env` says (or `--config`), the project's file seen from
    /// `cwd`, `PINX_*` variables, and flags by setting name, [`SET`] before it where that said it.
    ///
    /// # Errors
    /// What is wrong, where it stands and what was expected.
    pub fn load(
        env: &Env,
        cwd: &Path,
        config_override: Option<&Path>,
        flags: &[(String, Value)],
    ) -> Result<Settings> {
        let places = places(env, cwd, config_override)?;
        let mut entries = match layer::text_of(&places.config)? {
            Some(text) => layer::read(&places.config, &text, Whose::User)?,
            None if config_override.is_some() => {
                return Err(Error::usage(format!("there is no file {}", places.config.display()))
                    .hint("`pinx config init` writes one to start from"));
            }
            None => Vec::new(),
        };
        if let Some(path) = layer::find_project(cwd).filter(|path| *path != places.config)
            && let Some(text) = layer::text_of(&path)?
        {
            entries.extend(layer::read(&path, &text, Whose::Project)?);
        }
        let (variables, warnings) = env.layer();
        entries.extend(variables);
        for (name, value) in flags {
            entries.push(flag(name, value)?);
        }
        let stored = keys::Stored::read(&places.credentials)?;
        let mut settings = Settings::from_entries(entries, places, warnings)?;
        settings.stored = Ok(stored);
        settings.warn_of_stray_keys();
        settings.usual = usual::settings(env, &settings);
        settings.warn_of_open_files();
        Ok(settings)
    }

    /// The defaults alone, for commands that must work when the user's file cannot be read:
    /// `pinx config edit`, `path`, `init`.
    ///
    /// # Errors
    /// When there is no place for files.
    pub fn built_in(env: &Env, cwd: &Path, config_override: Option<&Path>) -> Result<Settings> {
        let places = places(env, cwd, config_override)?;
        let mut settings = Settings::from_entries(Vec::new(), places, Vec::new())?;
        settings.stored = keys::Stored::read(&settings.places.credentials);
        Ok(settings)
    }

    /// What a text that is to become the user's file would set, alone over the defaults.
    ///
    /// # Errors
    /// As [`Settings::load`] would fail with it.
    pub fn check_user_text(&self, text: &str) -> Result<Settings> {
        let entries = layer::read(&self.places.config, text, Whose::User)?;
        Settings::from_entries(entries, self.places.clone(), Vec::new())
    }

    fn from_entries(
        entries: Vec<Entry>,
        places: Places,
        mut warnings: Vec<String>,
    ) -> Result<Settings> {
        let mut values = Values::merged(entries);
        values.check_tables()?;
        let mut catalog = values.catalog()?;
        values.known_providers(&catalog, &mut warnings)?;
        values.lay_over(&mut catalog);
        // Where requests name pictures by their links, each model has fields of its own.
        let takes_words = |provider: &Provider| dialect::facts(provider).uploads_for.is_none();
        catalog.finish(&values.token_variables(), takes_words, |name| values.place(name))?;
        let (request, size) = values.request(&catalog)?;
        let settings = Settings {
            model: values.some("model")?,
            prefer: values.get("prefer")?,
            auto_order: values.some("auto_order")?,
            fallback: values.get("fallback")?,
            fallback_on: values.some("fallback_on")?,
            balance: values.some("balance")?,
            count: values.whole("count", 1, 1_000)?,
            size,
            request,
            output: values.some("output")?,
            metadata: values.some("metadata")?,
            concurrency: values.whole("concurrency", 1, 256)?,
            retries: values.whole("retries", 0, 20)?,
            retry_ambiguous: values.whole("retry_ambiguous", 0, 20)?,
            max_attempts: values.whole("max_attempts", 1, 50)?,
            stop_after_unusable: values.whole("stop_after_unusable", 0, 10_000)?,
            timeout: values.time("timeout")?,
            timeout_long: values.time("timeout_long")?,
            connect_timeout: values.time("connect_timeout")?,
            idle_timeout: values.time("idle_timeout")?,
            deadline: values.time("deadline")?,
            wait_cap: values.some("wait_cap")?,
            confirm_above: values.some("confirm_above")?,
            budget_run: values.get("budget.run")?,
            budget_day: values.get("budget.day")?,
            budget_month: values.get("budget.month")?,
            allow_unknown_cost: values.some("allow_unknown_cost")?,
            strict: values.some("strict")?,
            cancel_on_interrupt: values.some("cancel_on_interrupt")?,
            preview: values.some("preview")?,
            partials: values.whole("partials", 0, MOST_PARTIALS.into())? as u8,
            notify: values.some("notify")?,
            body_memory: values.some::<Bytes>("body_memory")?.0,
            answer_limit: values.answer_limit()?,
            tls_roots: values.some("tls.roots")?,
            cache_mode: values.some("cache.mode")?,
            cache_max_size: values.some::<Bytes>("cache.max_size")?.0,
            serve_listen: values.some("serve.listen")?,
            serve_hosts: values.some("serve.hosts")?,
            serve_origins: values.some("serve.origins")?,
            serve_require_key: values.some("serve.require_key")?,
            serve_max_images: values.whole("serve.max_images", 1, 1_000)?,
            serve_drain: values.time("serve.drain")?,
            mcp_max_cost_session: values.some("mcp.max_cost_session")?,
            mcp_output: values.get("mcp.output")?,
            backoff: values.time("backoff")?,
            backoff_max: values.time("backoff_max")?,
            poll_first: values.time("poll_first")?,
            poll_max: values.time("poll_max")?,
            warnings,
            broken: None,
            places,
            catalog,
            values: values.into_map(),
            usual: BTreeMap::new(),
            stored: Ok(keys::Stored::default()),
            command_outputs: gateway::CommandOutputs::default(),
        };
        settings.check_size()?;
        Ok(settings)
    }

    /// Where a setting's value comes from.
    pub fn origin(&self, name: &str) -> Origin {
        self.values.get(name).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// A setting's value as it was written, by its full name (`providers.fal.queue_url`).
    pub fn value(&self, name: &str) -> Option<(&Value, &Origin)> {
        self.values.get(name).map(|(value, origin)| (value, origin))
    }

    /// The same, when it is text that is not empty.
    pub fn text(&self, name: &str) -> Option<(&str, &Origin)> {
        let (value, origin) = self.value(name)?;
        Some((value.as_str().filter(|text| !text.is_empty())?, origin))
    }

    /// Every setting with its value and origin: those of `default.toml` in its order, then the tables.
    /// Addresses from variables of other tools stand where they count.
    pub fn explain(&self) -> Vec<Explained> {
        let fixed = schema::all().iter().map(|known| known.name.as_str());
        let rest: BTreeSet<&str> =
            self.values.keys().chain(self.usual.keys()).map(String::as_str).collect();
        let tables =
            rest.into_iter().filter(|name| !schema::all().iter().any(|known| known.name == *name));
        fixed
            .chain(tables)
            .map(|name| {
                let found = self.usual.get(name).or_else(|| self.values.get(name));
                Explained {
                    name: name.to_owned(),
                    value: found.map(|(value, _)| masked(name, value)),
                    origin: found.map_or(Origin::Default, |(_, origin)| origin.clone()),
                    doc: schema::find(name).map(|known| known.doc).unwrap_or_default(),
                }
            })
            .collect()
    }

    /// A size and an aspect ratio asked for in the same breath contradict each other.
    fn check_size(&self) -> Result<()> {
        let (size, aspect) = (self.origin("size"), self.origin("aspect"));
        if self.request.aspect.is_none() || size.rank() != aspect.rank() {
            return Ok(());
        }
        let (size, aspect) = (size.place(), aspect.place());
        Err(Error::usage(format!("`size` ({size}) and `aspect` ({aspect}) cannot both be set"))
            .hint("leave one of them out"))
    }

    /// A key that is stored under a misspelt name would look like no key at all. Other unknown names
    /// are left alone: a provider that is no longer configured may still have its key.
    fn warn_of_stray_keys(&mut self) {
        let ids = || self.catalog.providers.iter().map(|provider| provider.id.as_str());
        let stored = keys::list_stored(self).into_iter().flatten();
        let stray = stored.filter(|name| ids().all(|id| id != keys::slot_of(name).0));
        let told = stray.filter_map(|name| {
            let near = text::nearest(name, ids())?;
            let (path, name) = (self.places.credentials.display(), text::clean(name, 60));
            Some(format!("`{name}` in {path} is no provider; did you mean `{near}`?"))
        });
        let told: Vec<String> = told.collect();
        self.warnings.extend(told);
    }

    /// Files that hold keys and that others than their owner can read.
    pub fn open_files(&self) -> Vec<&Path> {
        let mut open = Vec::new();
        if !fs::is_private(&self.places.credentials) {
            open.push(self.places.credentials.as_path());
        }
        let keys = |(name, (_, origin)): (&String, &(Value, Origin))| {
            name.ends_with(".api_key") && matches!(origin, Origin::User(..))
        };
        if self.values.iter().any(keys) && !fs::is_private(&self.places.config) {
            open.push(self.places.config.as_path());
        }
        open
    }

    fn warn_of_open_files(&mut self) {
        let told: Vec<String> = self.open_files().into_iter().map(open_file).collect();
        self.warnings.extend(told);
    }
}

/// The warning about a file of [`Settings::open_files`].
pub fn open_file(path: &Path) -> String {
    let path = path.display();
    format!("others can read the keys in {path}; run `chmod 600 {path}`")
}

fn places(env: &Env, cwd: &Path, config_override: Option<&Path>) -> Result<Places> {
    let mut places = Places::find(env, cwd)?;
    if let Some(path) = config_override {
        places.config = cwd.join(path);
    }
    Ok(places)
}

/// Stands before the name of a setting that a flag of another name sets: `--set size`.
pub const SET: &str = "--set ";

/// A flag's value as an entry; text is understood as a variable's would be.
fn flag(name: &str, value: &Value) -> Result<Entry> {
    let (before, name) = match name.strip_prefix(SET) {
        Some(name) => (SET, name),
        None => ("--", name),
    };
    let name = schema::canonical(name);
    let Some(known) = schema::find(&name) else {
        return Err(Error::new(crate::error::Kind::Internal, format!("no setting `{name}`")));
    };
    let typed = match value {
        Value::String(text) => schema::value_of(known.shape, text),
        other => other.clone(),
    };
    let shown = match (name.as_str(), &typed) {
        ("budget.run", _) => "--max-cost".to_owned(),
        ("fallback", Value::Array(none)) if none.is_empty() => "--no-fallback".to_owned(),
        ("metadata", Value::String(never)) if never == "never" => "--no-metadata".to_owned(),
        ("cache.mode", Value::String(never)) if never == "never" => "--no-cache".to_owned(),
        ("cache.mode", _) => "--cache".to_owned(),
        _ => format!("{before}{}", name.replace('_', "-")),
    };
    Ok((name, typed, Origin::Flag(shown)))
}

/// A value as it may be shown: keys are masked, and so is user-info in addresses. In a command, or
/// where a variable's name belongs, whatever looks like a key is.
fn masked(name: &str, value: &Value) -> Value {
    match value {
        _ if name.ends_with(".api_key") => Value::String(MASK.to_owned()),
        Value::String(url) if name.ends_with("url") => Value::String(base_url::without_user(url)),
        Value::String(text) if schema::may_hold_secret(name) => Value::String(redact(text, [])),
        Value::Array(words) if schema::may_hold_secret(name) => {
            Value::Array(words.iter().map(|word| masked(name, word)).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
