//! Whether what a setting names is there: models, styles, addresses, gateways. Commands that write
//! settings ask; reading them does not, since a model or a style is resolved when it is used.

use super::layer::Lines;
use super::{Env, Origin, Settings, base_url, gateway};
use crate::error::{Error, Result};
use crate::text::shell_word;

impl Settings {
    /// Checks one setting.
    ///
    /// # Errors
    /// What it names is unknown or cannot be an address, with the nearest name.
    pub fn check_meaning(&self, name: &str) -> Result<()> {
        match name {
            "model" => self.models(name, self.model.split(',')),
            "auto_order" => self.models(name, self.auto_order.iter().map(String::as_str)),
            "fallback" => {
                let models = self.fallback.iter().flatten();
                self.models(name, models.map(String::as_str))
            }
            "style" => {
                let style = self.request.style.as_deref().map(|id| self.catalog.style(id));
                style.transpose().map(drop).map_err(|error| with_setting(name, error))
            }
            _ => self.check_address(name),
        }
    }

    /// Checks a text that is to become the user's file because one setting was given a new value.
    ///
    /// # Errors
    /// As [`Settings::check_user_text`] and [`Settings::check_meaning`] fail; the new value stands in
    /// no file yet, so its place is called the command line.
    pub fn check_change(&self, text: &str, name: &str) -> Result<()> {
        let line = Lines::of(text).of_name(name);
        let place = Origin::User(self.places.config.clone(), line).place();
        let checked = self.check_user_text(text).and_then(|new| new.check_meaning(name));
        checked.map_err(|mut error| {
            error.message = replaced(&error.message, &place, "the command line");
            for hint in &mut error.hints {
                let value = hint
                    .strip_prefix(&format!("did you mean `{name} = \""))
                    .and_then(|rest| rest.strip_suffix("\"`?"));
                if let Some(value) = value {
                    *hint = format!("did you mean `pinx config set {name} {}`?", shell_word(value));
                }
            }
            error
        })
    }

    /// Checks every setting that some layer sets.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn check_meanings(&self) -> Result<()> {
        self.values.keys().try_for_each(|name| self.check_meaning(name))
    }

    fn models<'a>(&self, setting: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
        let names = names.map(str::trim).filter(|name| !name.is_empty() && *name != "auto");
        for name in names {
            match self.catalog.model(name, &|_| true) {
                // Which provider is meant is decided by the keys there are when it is used.
                Err(error) if error.code == "ambiguous_model" => {}
                found => found.map(drop).map_err(|error| with_setting(setting, error))?,
            }
        }
        Ok(())
    }

    fn check_address(&self, name: &str) -> Result<()> {
        let mut parts = name.splitn(3, '.');
        let (Some(table), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Ok(());
        };
        let Some((text, origin)) = self.text(name) else { return Ok(()) };
        let provider = self.catalog.provider(id).filter(|_| table == "providers");
        match (provider, key) {
            (Some(provider), "gateway") => gateway::of(self, &Env::default(), provider).map(drop),
            (Some(provider), key) if key.ends_with("_url") => {
                base_url::base(text, base_url::allows_http(self, provider), origin).map(drop)
            }
            // Which providers go through it, and whether they accept plain http, is not known here.
            (None, "url") if table == "gateways" => base_url::base(text, true, origin).map(drop),
            _ => Ok(()),
        }
    }
}

/// Replaces a place, but not another that it is the beginning of: line 1 is not line 12.
fn replaced(message: &str, place: &str, by: &str) -> String {
    let mut parts = message.split(place);
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_longer = part.starts_with(|next: char| next.is_ascii_digit());
        made.push_str(if is_longer { place } else { by });
        made.push_str(part);
    }
    made
}

fn with_setting(setting: &str, mut error: Error) -> Error {
    error.message = format!("`{setting}`: {}", error.message);
    error
}
