//! Keys: where each provider's is found, and the credentials file that holds stored ones.
//!
//! Order: environment, `key_cmd`, `credentials.toml`, `api_key` in the user's settings. The first of
//! them that has any gives all: a provider may have several keys, numbered from 2 to 9
//! (`OPENAI_API_KEY_2`, `openai_2` in the credentials). A key is never part of an error; its source
//! is. A key that is there but unusable is an error, not a reason to look further.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use toml::{Table, Value};
use toml_edit::{DocumentMut, TomlError};

use super::layer::{LARGEST, Lines};
use super::{Env, Origin, Settings, syntax, value};
use crate::catalog::{Auth, Provider};
use crate::error::{Error, Kind, Result};
use crate::secret::{Secret, redact};
use crate::{chance, fs, text};

/// A key and where it was found.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key itself.
    pub secret: Secret,
    /// `OPENAI_API_KEY`, `key_cmd`, `credentials.toml`, `openai_2 in credentials.toml` or
    /// `config.toml`.
    pub source: String,
    /// What gives another key in its place: a clause with a command or a variable.
    pub remedy: String,
    /// Six hex digits, salted for this installation.
    pub fingerprint: String,
    /// What stood around it and is not sent, in words.
    pub left_out: Option<String>,
}

impl Key {
    /// What is to be told of it before it is sent: it is not quite what stands there.
    pub fn notice(&self) -> Option<String> {
        let left_out = self.left_out.as_ref()?;
        Some(format!("the key in `{}`: {left_out}", self.source))
    }
}

/// The numbers that further keys of a provider may have; the first one has none.
pub(crate) const SLOTS: std::ops::RangeInclusive<u8> = 2..=9;

/// The name under which a key is stored: `openai`, `openai_2`.
pub(crate) fn stored_name(provider: &str, slot: Option<u8>) -> String {
    slot.map_or_else(|| provider.to_owned(), |slot| format!("{provider}_{slot}"))
}

/// The provider and the number of a stored name.
pub(super) fn slot_of(name: &str) -> (&str, Option<u8>) {
    let numbered = name.rsplit_once('_').and_then(|(provider, slot)| {
        let slot = slot.parse().ok().filter(|slot| SLOTS.contains(slot))?;
        Some((provider, Some(slot)))
    });
    numbered.unwrap_or((name, None))
}

/// A key as it stands somewhere, before it is read.
enum KeySource<'a> {
    /// Text and its variable.
    Variable(String, String),
    /// Text, the name of the file that it stands in, and its number there.
    File(String, String, Option<u8>),
    /// A command and the setting that names it.
    Command(&'a Value, String),
}

impl KeySource<'_> {
    /// Where it was found.
    fn source(&self, provider: &Provider) -> String {
        match self {
            KeySource::Variable(_, variable) => variable.clone(),
            KeySource::File(_, file, None) => file.clone(),
            KeySource::File(_, file, slot) => {
                format!("{} in {file}", stored_name(&provider.id, *slot))
            }
            KeySource::Command(..) => "key_cmd".to_owned(),
        }
    }

    /// What gives another key in its place.
    fn remedy(&self, provider: &Provider) -> String {
        match self {
            KeySource::Variable(_, variable) => format!("set another key in {variable}"),
            KeySource::File(.., Some(slot)) => {
                format!("`pinx keys set {} --slot {slot}` stores another key", provider.id)
            }
            _ => format!("`pinx keys set {}` stores another key", provider.id),
        }
    }

    fn read(self, provider: &Provider, salt: &[u8]) -> Result<Key> {
        let (source, remedy) = (self.source(provider), self.remedy(provider));
        let (secret, left_out) = match self {
            KeySource::Variable(text, _) => checked(&text, &source)?,
            KeySource::File(text, _, slot) => checked(&text, &source).map_err(|mut error| {
                let slot = slot.map(|slot| format!(" --slot {slot}")).unwrap_or_default();
                error.hints =
                    vec![format!("store it again: `pinx keys set {}{slot}`", provider.id)];
                error
            })?,
            KeySource::Command(argv, name) => (of_command(argv, &name)?, None),
        };
        let fingerprint = secret.fingerprint(salt);
        Ok(Key { secret, source, remedy, fingerprint, left_out })
    }
}

/// The keys of a provider, the first one first; empty when there is none, or none is needed. A key
/// that is there twice counts once.
///
/// Runs `key_cmd` where that is the source: call it once for a provider.
///
/// # Errors
/// A key that cannot be used (kind `Key`), naming its source; a command that failed.
pub(crate) fn find_all(settings: &Settings, env: &Env, provider: &Provider) -> Result<Vec<Key>> {
    let mut keys: Vec<Key> = Vec::new();
    let found = look(settings, env, provider)?;
    if found.is_empty() {
        return Ok(keys);
    }
    let salt = salt(settings);
    for found in found {
        let key = found.read(provider, &salt)?;
        if !keys.iter().any(|known| known.secret == key.secret) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Where [`find_all`] would take the keys from, without running a command or checking a key.
pub(crate) fn sources_of(settings: &Settings, env: &Env, provider: &Provider) -> Vec<String> {
    let found = look(settings, env, provider).unwrap_or_default();
    found.iter().map(|found| found.source(provider)).collect()
}

/// Where the first key would be taken from.
pub(crate) fn source_of(settings: &Settings, env: &Env, provider: &Provider) -> Option<String> {
    sources_of(settings, env, provider).into_iter().next()
}

/// Whether the first key of any provider comes from a command, which may ask for a password.
pub(crate) fn runs_a_command(settings: &Settings, env: &Env) -> bool {
    let source = |provider| source_of(settings, env, provider);
    settings.catalog.providers.iter().any(|it| source(it).is_some_and(|from| from == "key_cmd"))
}

/// Whether the provider can be used: there is a key, or none is needed.
pub(crate) fn is_configured(settings: &Settings, env: &Env, provider: &Provider) -> bool {
    provider.auth == Auth::None || !sources_of(settings, env, provider).is_empty()
}

/// The code of an error that is about a key or token which is nowhere.
pub(crate) const MISSING: &str = "missing_key";

/// What to say when a provider has no key.
pub(crate) fn missing(provider: &Provider) -> Error {
    let error = Error::new(Kind::Key, format!("no key for {}", provider.id)).code(MISSING);
    let error = match provider.key_env.first() {
        Some(variable) => {
            error.hint(format!("set `{variable}`, or store one: `pinx keys set {}`", provider.id))
        }
        None => error.hint(format!("store one: `pinx keys set {}`", provider.id)),
    };
    match &provider.keys_page {
        Some(page) => error.hint(format!("keys are made at {page}")),
        None => error,
    }
}

/// Every key of the nearest source that has one.
fn look<'a>(settings: &'a Settings, env: &Env, provider: &Provider) -> Result<Vec<KeySource<'a>>> {
    if provider.auth == Auth::None {
        return Ok(Vec::new());
    }
    let set = variables(settings, env, provider);
    if !set.is_empty() {
        return Ok(set);
    }
    let command = format!("providers.{}.key_cmd", provider.id);
    if let Some((argv, _)) = settings.value(&command) {
        return Ok(vec![KeySource::Command(argv, command)]);
    }
    let stored = settings.stored.as_ref().map_err(Error::clone)?;
    let slots = std::iter::once(None).chain(SLOTS.map(Some));
    let in_slot = |slot: Option<u8>| {
        let text = stored.0.get(&stored_name(&provider.id, slot))?;
        Some(KeySource::File(text.to_owned(), "credentials.toml".to_owned(), slot))
    };
    let kept: Vec<KeySource> = slots.filter_map(in_slot).collect();
    if !kept.is_empty() {
        return Ok(kept);
    }
    Ok(match settings.text(&format!("providers.{}.api_key", provider.id)) {
        Some((key, Origin::User(path, _))) => {
            let name =
                path.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
            vec![KeySource::File(key.to_owned(), name.into_owned(), None)]
        }
        _ => Vec::new(),
    })
}

/// The keys in the environment: the first of the provider's variables that is set, and the numbered
/// ones of all of them.
fn variables<'a>(settings: &Settings, env: &Env, provider: &Provider) -> Vec<KeySource<'a>> {
    let set = |variable: String| {
        let text = env.get(&variable)?.to_owned();
        Some(KeySource::Variable(text, variable))
    };
    let halves = || {
        let [one, other] = provider.key_halves.as_ref()?;
        let (id, secret) = env.get(one).zip(env.get(other))?;
        let bare = |half: &str| half.trim().trim_matches(['"', '\'']).trim().to_owned();
        let text = format!("{}:{}", bare(id), bare(secret));
        Some(KeySource::Variable(text, format!("{one} and {other}")))
    };
    let api_key = || match settings.text(&format!("providers.{}.api_key", provider.id)) {
        Some((key, Origin::Env(variable))) => {
            Some(KeySource::Variable(key.to_owned(), variable.clone()))
        }
        _ => None,
    };
    let plain = provider.key_env.iter().find_map(|variable| set(variable.clone()));
    let further =
        provider.key_env.iter().flat_map(|name| SLOTS.map(move |n| format!("{name}_{n}")));
    let first = plain.or_else(halves).or_else(api_key);
    first.into_iter().chain(further.filter_map(set)).collect()
}

fn checked(text: &str, source: &str) -> Result<(Secret, Option<String>)> {
    Secret::pasted(text).map_err(|why| {
        Error::new(Kind::Key, format!("the key in `{source}` {why}"))
            .hint(format!("set `{source}` again, to the key alone and on one line"))
    })
}

/// A secret in a variable, if it is set.
pub(super) fn of_variable(env: &Env, variable: &str) -> Result<Option<Secret>> {
    env.get(variable).map(|text| checked(text, variable).map(|(secret, _)| secret)).transpose()
}

/// The secret that a command prints on its first line. No shell; nothing on its stdin.
///
/// # Errors
/// Names the setting, the command and how it ended.
pub(super) fn of_command(argv: &Value, setting: &str) -> Result<Secret> {
    let words = argv.as_array().into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<&str> = words.collect();
    let fails = |what: String| {
        Error::new(Kind::Key, format!("`{setting}` {what}"))
            .hint("run the command by hand; it must print the key on its first line")
            .hint(format!("`pinx config unset {setting}` takes the command out of your settings"))
    };
    let Some((program, rest)) = words.split_first() else {
        return Err(fails("names no command".to_owned()));
    };
    let shown = text::clean(program, 80);
    let output = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fails(format!("could not run `{shown}`")).because(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = text::clean(&redact(said.lines().last().unwrap_or_default(), []), 160);
        let said = if said.is_empty() { said } else { format!(": {said}") };
        return Err(fails(format!("failed: `{shown}` ended with {}{said}", output.status)));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    Secret::pasted(printed.lines().next().unwrap_or_default())
        .map(|(secret, _)| secret)
        .map_err(|why| fails(format!("gave no usable key: the first line of `{shown}` {why}")))
}

/// The keys of the credentials file by the names they are stored under, as they stand there.
#[derive(Clone, Default)]
pub(super) struct Stored(BTreeMap<String, String>);

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Stored {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// What is wrong there must not look like no key at all. Names file and line, never what stands
    /// there.
    pub(super) fn read(path: &Path) -> Result<Stored> {
        let text = match fs::read_input_text(path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Stored::default());
            }
            Err(error) => return Err(unreadable(path).because(error)),
        };
        let table: Table = toml::from_str(&text)
            .map_err(|error| malformed(path, &text, error.message(), error.span()))?;
        let key = |(name, value): (String, Value)| match value {
            Value::String(key) => Ok((name, key)),
            other => Err(no_key(path, &text, &name, &other)),
        };
        Ok(Stored(table.into_iter().map(key).collect::<Result<_>>()?))
    }
}

/// What stands under a name is no key.
fn no_key(path: &Path, text: &str, name: &str, value: &Value) -> Error {
    let (line, name) = (Lines::of(text).of_name(name), text::clean(&redact(name, []), 60));
    let (place, what) = (format!("{}:{line}", path.display()), value::kind(value));
    Error::usage(format!("`{name}` in {place} must be a key, but it is {what}")).hint(REMEDY)
}

/// What helps when the file of stored keys cannot be read.
const REMEDY: &str = "its lines look like `openai = \"…\"`; repair it, or delete the file and store \
                      the keys again with `pinx keys set`";

fn malformed(path: &Path, text: &str, message: &str, span: Option<Range<usize>>) -> Error {
    syntax::malformed(path.display(), text, message, span).hint(REMEDY)
}

fn unreadable(path: &Path) -> Error {
    Error::usage(format!("the stored keys in {} cannot be read", path.display())).hint(REMEDY)
}

/// The names that keys are stored under: `openai`, `openai_2`.
///
/// # Errors
/// When the file is there but cannot be read.
pub(crate) fn list_stored(settings: &Settings) -> Result<Vec<&str>> {
    let stored = settings.stored.as_ref().map_err(Error::clone)?;
    Ok(stored.0.keys().map(String::as_str).collect())
}

/// Stores a key under a [`stored_name`], replacing the one that is there.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn store(settings: &mut Settings, name: &str, secret: &Secret) -> Result<()> {
    edit(&settings.places.credentials, |keys| {
        keys[name] = toml_edit::value(secret.expose());
        true
    })?;
    settings.stored = Stored::read(&settings.places.credentials);
    Ok(())
}

/// Removes a stored key; false when there was none.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn remove(settings: &mut Settings, name: &str) -> Result<bool> {
    let is_removed = edit(&settings.places.credentials, |keys| keys.remove(name).is_some())?;
    settings.stored = Stored::read(&settings.places.credentials);
    Ok(is_removed)
}

/// Changes the credentials file under a lock, so that two commands at once lose nothing.
fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut) -> bool) -> Result<bool> {
    let unwritable = |error| {
        Error::new(Kind::Local, format!("the keys cannot be stored in {}", path.display()))
            .because(error)
    };
    let _held = fs::lock_file(&path.with_extension("lock")).map_err(unwritable)?;
    let text = match fs::read_input_text(path, LARGEST) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.map_err(|error| unreadable(path).because(error))?,
    };
    let mut keys: DocumentMut = text
        .parse()
        .map_err(|error: TomlError| malformed(path, &text, error.message(), error.span()))?;
    if !change(&mut keys) {
        return Ok(false);
    }
    fs::write_atomic(path, keys.to_string().as_bytes(), fs::Mode::Private).map_err(unwritable)?;
    Ok(true)
}

/// What fingerprints are salted with: random, made once for this installation. Where it cannot be
/// kept, fixed bytes still tell keys apart.
pub(crate) fn salt(settings: &Settings) -> Vec<u8> {
    let path = &settings.places.salt;
    let read = || std::fs::read(path).ok().filter(|salt| salt.len() >= 16);
    read()
        .or_else(|| make_salt(path).ok().and_then(|()| read()))
        .unwrap_or(b"pinx fingerprint".to_vec())
}

fn make_salt(path: &Path) -> std::io::Result<()> {
    let random = || chance::bits().to_le_bytes();
    let salt = [random(), random()].concat();
    fs::create_private_dir(path.parent().unwrap_or(Path::new(".")))?;
    // Written apart and published, so that two first commands at once agree on one salt.
    let apart = path.with_extension(format!("{}", u64::from_le_bytes(random())));
    fs::write_atomic(&apart, &salt, fs::Mode::Private)?;
    let named = fs::publish(&apart, path);
    fs::remove(&apart)?;
    named.map(drop)
}

#[cfg(test)]
mod tests;
