//! The merged layers before they are typed: reading single settings, and what tables that users name
//! mean for the catalog.
//!
//! Every error names the setting, its value, where it stands and what was expected.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::{Table, Value};

use super::layer::Entry;
use super::origin::Origin;
use super::remedy::remedy;
use super::value::{self, Bytes, Typed};
use super::{SET, masked, schema};
use crate::catalog::{Auth, Catalog, EDIT_WORDS, MASK_WORDS, gateway_kinds, pairs};
use crate::dialect;
use crate::error::{Error, Result};
use crate::request::parameter::PARAMETERS;
use crate::request::{Request, Rgb, Shape, Size, is_ratio};
use crate::secret::redact;
use crate::text;

/// The largest limit or weight of a provider: far above what one machine can use.
const MOST: u32 = 10_000;

/// The merged layers, before they are typed.
pub(super) struct Values(BTreeMap<String, (Value, Origin)>);

impl Values {
    /// The defaults with the entries over them. Entries come in the order of the layers, so the
    /// nearer one replaces the farther.
    pub(super) fn merged(entries: Vec<Entry>) -> Values {
        let mut values = BTreeMap::new();
        for known in schema::all() {
            if let Some(default) = &known.default {
                values.insert(known.name.clone(), (default.clone(), Origin::Default));
            }
        }
        for (name, value, origin) in entries {
            // A ratio where a size belongs is a ratio.
            let is_aspect = name == "size" && value.as_str().is_some_and(is_ratio);
            let name = if is_aspect { "aspect".to_owned() } else { name };
            values.insert(name, (value, origin));
        }
        Values(values)
    }

    /// Names with values and origins.
    pub(super) fn into_map(self) -> BTreeMap<String, (Value, Origin)> {
        self.0
    }

    /// Where a setting is written, by its full name.
    pub(super) fn place(&self, name: &str) -> String {
        self.0.get(name).map_or(&Origin::Default, |(_, origin)| origin).place()
    }

    /// A setting that may be unset; emptiness counts as that.
    pub(super) fn get<T: Typed>(&self, name: &str) -> Result<Option<T>> {
        match self.0.get(name) {
            // Emptiness lets a nearer layer take a setting back; a limit of money is never lost so.
            None => Ok(None),
            Some((Value::String(text), _)) if text.is_empty() && !schema::is_money(name) => {
                Ok(None)
            }
            Some((value, _)) => T::read(value).map(Some).ok_or_else(|| self.wrong(name, T::WANTS)),
        }
    }

    /// A setting that always has a value.
    pub(super) fn some<T: Typed>(&self, name: &str) -> Result<T> {
        self.get(name)?.ok_or_else(|| self.wrong(name, T::WANTS))
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, name: &str, least: u32, most: u32) -> Result<u32> {
        let range = u64::from(least)..=u64::from(most);
        let number = self.get::<u64>(name).ok().flatten().filter(|number| range.contains(number));
        number
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| self.wrong(name, &format!("a whole number from {least} to {most}")))
    }

    /// A duration that is not zero.
    pub(super) fn time(&self, name: &str) -> Result<Duration> {
        let time: Duration = self.some(name)?;
        if time.is_zero() { Err(self.wrong(name, "longer than nothing")) } else { Ok(time) }
    }

    /// The longest answer that is taken: never less than an answer may need, since each is paid for.
    pub(super) fn answer_limit(&self) -> Result<u64> {
        const LEAST: u64 = 16 << 20;
        let limit = self.some::<Bytes>("answer_limit")?.0;
        let wants = "at least `16MiB`, since an answer that is longer is paid for and lost";
        if limit < LEAST { Err(self.wrong("answer_limit", wants)) } else { Ok(limit) }
    }

    /// What is asked of each picture, and the size where nothing else is asked for.
    pub(super) fn request(&self, catalog: &Catalog) -> Result<(Request, Size)> {
        let mut request = Request::default();
        for parameter in &PARAMETERS {
            match self.0.get(parameter.name) {
                None => {}
                // Emptiness lets a nearer layer take a setting back; a size there always is.
                Some((Value::String(text), _)) if text.is_empty() && parameter.name != "size" => {}
                Some(_) if parameter.name == "colors" => {
                    request.colors = self.colors(catalog, parameter.wants)?;
                }
                Some((value, _)) => {
                    let value = serde_json::to_value(value).unwrap_or_default();
                    let read = parameter.set(&mut request, value);
                    read.map_err(|_| self.wrong(parameter.name, parameter.wants))?;
                }
            }
        }
        let size = request.size.expect("it has a default, and was read");
        request.aspect = request.aspect.filter(|_| !self.is_nearer("size", "aspect"));
        let is_default = self.0.get("size").is_none_or(|(_, origin)| *origin == Origin::Default);
        request.size = Some(size).filter(|_| !is_default && request.aspect.is_none());
        Ok((request, size))
    }

    /// The palette, whose colours may stand there by its name.
    fn colors(&self, catalog: &Catalog, wants: &str) -> Result<Vec<Rgb>> {
        let Some((value, origin)) = self.0.get("colors") else { return Ok(Vec::new()) };
        let text = match value {
            Value::String(text) => text.clone(),
            value => {
                Vec::<String>::read(value).ok_or_else(|| self.wrong("colors", wants))?.join(",")
            }
        };
        catalog.colors(&text).map_err(|mut error| {
            error.message = format!("`colors` ({}): {}", origin.place(), error.message);
            error
        })
    }

    /// Whether one setting comes from a nearer layer than another.
    fn is_nearer(&self, one: &str, other: &str) -> bool {
        let rank = |name| self.0.get(name).map(|(_, origin)| origin.rank());
        rank(one) > rank(other)
    }

    fn wrong(&self, name: &str, wants: &str) -> Error {
        let Some((value, origin)) = self.0.get(name) else {
            return Error::usage(format!("`{name}` must be {wants}, but it is not set"));
        };
        let place = origin.place();
        if schema::may_hold_secret(name) {
            let what = value::kind(value);
            return Error::usage(format!("`{name}` must be {wants}, but {place} holds {what}"));
        }
        let remedy = match value {
            Value::String(text) => remedy(name, text),
            Value::Integer(_) | Value::Float(_) => remedy(name, &value.to_string()),
            _ => None,
        };
        let value = redact(&value::shown(&masked(name, value)), []);
        // What was typed is named, not the setting behind it.
        let error = Error::usage(match origin {
            Origin::Flag(flag) => format!("`{flag}` must be {wants}, not `{value}`"),
            Origin::Env(name) => format!("`{name}` must be {wants}, not `{value}`"),
            _ => format!("`{name}` must be {wants}, but {place} says `{value}`"),
        });
        let with = |value: &str| match origin {
            Origin::Flag(flag) => flag_with(flag, value),
            Origin::Env(variable) => format!("{variable}={value}"),
            _ => format!("{name} = \"{value}\""),
        };
        match remedy {
            Some(remedy) => error.hint(remedy.hint(&with)),
            None => error,
        }
    }

    /// The tables that users name are typed here, since no field holds them.
    pub(super) fn check_tables(&self) -> Result<()> {
        for name in self.0.keys().filter(|name| name.contains('.') || *name == "models") {
            match schema::find(name).map(|known| known.shape) {
                Some(Shape::Switch) => self.get::<bool>(name).map(drop)?,
                Some(Shape::Tables) => {
                    let tables = self.0[name].0.as_array();
                    if !tables.is_some_and(|tables| tables.iter().all(Value::is_table)) {
                        return Err(self.wrong(name, "blocks that begin with `[[models]]`"));
                    }
                }
                Some(Shape::List) => {
                    let words = self.get::<Vec<String>>(name)?;
                    if name.ends_with("_cmd") && words.is_some_and(|words| words.is_empty()) {
                        return Err(self.wrong(name, "a command and its arguments"));
                    }
                }
                Some(Shape::Pairs) => {
                    let pairs = self.0[name].0.as_table();
                    if !pairs.is_some_and(|pairs| pairs.values().all(Value::is_str)) {
                        return Err(self.wrong(name, "names and texts: `{ \"X-Team\" = \"art\" }`"));
                    }
                }
                Some(Shape::Auth) => {
                    let auth = &self.0[name].0;
                    // Emptiness takes it back.
                    if auth.as_str() != Some("") && Auth::read(auth).is_none() {
                        return Err(self.wrong(name, schema::AUTH));
                    }
                }
                Some(Shape::Text) => self.get::<String>(name).map(drop)?,
                // `budget.run` is money, and typed with its field.
                Some(Shape::Number) if name.starts_with("providers.") => {
                    self.whole(name, 0, MOST).map(drop)?;
                }
                Some(Shape::Number) | None => {}
            }
            let words: Vec<&str> = match name.rsplit('.').next() {
                Some("dialect") => {
                    let sending = dialect::ALL.iter().map(|dialect| dialect.facts());
                    sending.filter(|facts| !facts.renders).map(|facts| facts.name).collect()
                }
                Some("kind") => gateway_kinds().iter().map(|kind| kind.kind.as_str()).collect(),
                Some("edit") => EDIT_WORDS.to_vec(),
                Some("mask") => MASK_WORDS.to_vec(),
                Some("images_path" | "edits_path") => {
                    if self.get::<String>(name)?.is_some_and(|path| !path.starts_with('/')) {
                        return Err(self.wrong(name, "a path that begins with `/`"));
                    }
                    continue;
                }
                _ => continue,
            };
            if self.get::<String>(name)?.is_some_and(|word| !words.contains(&word.as_str())) {
                return Err(self.wrong(name, &format!("one of {}", words.join(", "))));
            }
        }
        Ok(())
    }

    /// Variables that hold the tokens of gateways.
    pub(super) fn token_variables(&self) -> Vec<&str> {
        let tokens = self.0.iter().filter(|(name, _)| name.ends_with(".token_env"));
        tokens.filter_map(|(_, (variable, _))| variable.as_str()).collect()
    }

    /// The embedded catalog with the user's tables over it.
    pub(super) fn catalog(&self) -> Result<Catalog> {
        let mut providers = Table::new();
        for (name, (value, _)) in &self.0 {
            let Some((id, key)) = provider_key(name).filter(|(_, key)| *key != "api_key") else {
                continue;
            };
            let table = providers.entry(id).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(table) = table {
                table.insert(key.to_owned(), value.clone());
            }
        }
        let models = self.0.get("models").and_then(|(models, _)| models.as_array());
        Catalog::load(&providers, models.map_or(&[], Vec::as_slice))
    }

    /// Facts about a known provider that need no dialect.
    pub(super) fn lay_over(&self, catalog: &mut Catalog) {
        for provider in &mut catalog.providers {
            let text = |key: &str| {
                self.get::<String>(&format!("providers.{}.{key}", provider.id)).ok().flatten()
            };
            let value = |key: &str| self.0.get(&format!("providers.{}.{key}", provider.id));
            let (name, dashboard) = (text("name"), text("dashboard"));
            let auth = value("auth").and_then(|(auth, _)| Auth::read(auth));
            let behind: Vec<(String, String)> = gateway_kinds()
                .iter()
                .filter_map(|kind| Some((kind.kind.clone(), text(&kind.kind)?)))
                .collect();
            let variables = self
                .get::<Vec<String>>(&format!("providers.{}.key_env", provider.id))
                .ok()
                .flatten();
            let number =
                |key: &str| self.whole(&format!("providers.{}.{key}", provider.id), 0, MOST).ok();
            provider.requests_per_minute =
                number("requests_per_minute").or(provider.requests_per_minute);
            provider.images_per_minute = number("images_per_minute").or(provider.images_per_minute);
            provider.in_flight = number("in_flight").or(provider.in_flight);
            let streams = format!("providers.{}.streams", provider.id);
            provider.streams_said = self.get::<bool>(&streams).ok().flatten();
            provider.weight = number("weight").unwrap_or(provider.weight);
            provider.name = name.unwrap_or_else(|| provider.name.clone());
            provider.dashboard = dashboard.or_else(|| provider.dashboard.take());
            provider.behind.extend(behind);
            provider.images_path = text("images_path").or_else(|| provider.images_path.take());
            provider.edits_path = text("edits_path").or_else(|| provider.edits_path.take());
            provider.image_field = text("image_field").or_else(|| provider.image_field.take());
            provider.max_images =
                number("max_images").map(|most: u32| most as usize).or(provider.max_images);
            provider.edit = word(value("edit")).or(provider.edit);
            provider.mask = word(value("mask")).or(provider.mask);
            provider.key_env = variables.unwrap_or_else(|| std::mem::take(&mut provider.key_env));
            provider.auth = auth.unwrap_or_else(|| std::mem::take(&mut provider.auth));
            if let Some((headers, _)) = value("headers") {
                provider.headers = pairs(Some(headers));
            }
        }
    }

    /// Settings of a provider that nobody knows: a warning for a variable, else an error.
    pub(super) fn known_providers(
        &mut self,
        catalog: &Catalog,
        warnings: &mut Vec<String>,
    ) -> Result<()> {
        let mut dropped = Vec::new();
        for (name, (_, origin)) in &self.0 {
            let Some((id, _)) = provider_key(name) else { continue };
            if catalog.provider(id).is_some() {
                continue;
            }
            let near = text::nearest(id, catalog.providers.iter().map(|known| known.id.as_str()));
            if let Origin::Env(variable) = origin {
                let remedy =
                    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                warnings.push(format!("`{variable}` names an unknown provider `{id}`{remedy}"));
                dropped.push(name.clone());
                continue;
            }
            let place = origin.place();
            return Err(Error::usage(format!("unknown provider `{id}` in `{name}` ({place})"))
                .hint(near.map_or_else(
                    || "a provider of your own also needs `dialect` and `base_url`".to_owned(),
                    |near| format!("did you mean `providers.{near}`?"),
                )));
        }
        self.0.retain(|name, _| !dropped.contains(name));
        Ok(())
    }
}

/// A flag as it is written with a value: `--size 512x512`, `--set size=512x512`.
pub(crate) fn flag_with(flag: &str, value: &str) -> String {
    let between = if flag.starts_with(SET) { "=" } else { " " };
    format!("{flag}{between}{}", text::shell_word(value))
}

/// A value that is one of a few words.
fn word<T: serde::de::DeserializeOwned>(value: Option<&(Value, Origin)>) -> Option<T> {
    value.and_then(|(word, _)| word.clone().try_into().ok())
}

/// The id and the key of `providers.ID.KEY`.
fn provider_key(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("providers.")?.split_once('.')
}
