//! `pinx keys`: store, list, remove and test keys.
//!
//! A key is typed unseen or read from stdin, never an argument, and never shown again: lists tell
//! its source and a fingerprint.

mod given;
mod set;

use std::sync::Arc;

use clap::Subcommand;
use serde_json::{Value, json};

use super::providers::with_hints;
use super::{App, with_snake_names};
use crate::catalog::{Auth, Provider};
use crate::engine::route;
use crate::error::{Error, Exit, Kind, Result};
use crate::settings::keys;
use crate::ui::{Column, Table};

/// Arguments of `pinx keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store a provider's key, typed unseen, and ask the provider whether it is good
    Set(set::Args),
    /// List where each provider's key is found (this is the default)
    List,
    /// Remove a stored key
    Remove {
        /// Whose key it is
        provider: String,
        /// Remove this further key instead of the first
        #[arg(long, value_name = "N", value_parser = slot)]
        slot: Option<u8>,
    },
    /// Ask providers something free that needs a good key
    Test {
        /// Whose key it is [default: all that have one]
        provider: Option<String>,
    },
}

/// Runs `pinx keys`.
///
/// # Errors
/// An unknown provider, a key that cannot be used, or a file that cannot be written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    match &args.action {
        None | Some(Action::List) => list(app),
        Some(Action::Set(args)) => return Ok(set::run(app, args)?),
        Some(Action::Remove { provider, slot }) => remove(app, provider, *slot)?,
        Some(Action::Test { provider: Some(provider) }) => {
            let provider = keyed(app, provider)?;
            let routes = route::probes(&app.settings, &app.env, &provider)?;
            if let [only] = routes.as_slice() {
                let from = app.check_key(&provider, only)?;
                let told = json!({ "provider": provider.id, "status": "good", "source": from });
                report(app, "keys", json!([told]), &[format!("{}: good ({from})", provider.id)]);
            } else {
                return Ok(test(app, &[&provider]));
            }
        }
        Some(Action::Test { provider: None }) => {
            let ready = |provider: &&Provider| {
                provider.auth != Auth::None
                    && keys::is_configured(&app.settings, &app.env, provider)
            };
            let providers = app.settings.catalog.providers.iter().filter(ready);
            return Ok(test(app, &providers.collect::<Vec<_>>()));
        }
    }
    Ok(Exit::OK)
}

/// The number of a further key.
fn slot(text: &str) -> std::result::Result<u8, String> {
    let slot = text.parse().ok().filter(|slot| keys::SLOTS.contains(slot));
    let (first, last) = (keys::SLOTS.start(), keys::SLOTS.end());
    slot.ok_or_else(|| format!("a number from {first} to {last}; the first key has none"))
}

fn remove(app: &mut App, provider: &str, slot: Option<u8>) -> Result<()> {
    // A provider that is no longer configured may still have a stored key.
    let stored = keys::list_stored(&app.settings)?;
    let name = keys::stored_name(provider, slot);
    if !stored.contains(&name.as_str()) {
        keyed(app, provider)?;
        return Err(Error::new(Kind::Key, format!("no key is stored for {name}")).hint(
            if stored.is_empty() {
                "none is stored at all; `pinx keys list` tells where keys come from".to_owned()
            } else {
                format!("stored are those for {}", stored.join(", "))
            },
        ));
    }
    keys::remove(Arc::make_mut(&mut app.settings), &name)?;
    app.ui.note(&format!("removed the stored key for {name}"));
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "provider": provider }));
    }
    Ok(())
}

fn list(app: &App) {
    let mut table = Table::new(vec![
        Column::new("provider"),
        Column::new("key"),
        Column::new("from").width(20, 60),
    ]);
    let (mut lines, mut warnings) = (Vec::new(), Vec::new());
    for provider in app.settings.catalog.providers.iter().filter(|p| p.auth != Auth::None) {
        let sources = keys::sources_of(&app.settings, &app.env, provider);
        // Listing must not start commands that may ask for a password.
        let found = match sources.first().map(String::as_str) {
            None | Some("key_cmd") => Ok(Vec::new()),
            Some(_) => keys::find_all(&app.settings, &app.env, provider),
        };
        let (found, wrong) = match found {
            Ok(found) => (found, None),
            Err(error) => {
                warnings.push(with_hints(&error));
                (Vec::new(), Some(error.message))
            }
        };
        let mut line = |key: Option<&str>, source: Option<&str>| {
            let shown = match (key, source) {
                (Some(fingerprint), _) => format!("#{fingerprint}"),
                (None, Some(_)) if wrong.is_some() => "unusable".to_owned(),
                (None, Some(_)) => "?".to_owned(),
                (None, None) => "none".to_owned(),
            };
            let from = match (source, provider.key_env.first()) {
                (Some(source), _) => source.to_owned(),
                (None, Some(name)) => format!("set {name}"),
                (None, None) => format!("`pinx keys set {}`", provider.id),
            };
            table.row(vec![provider.id.clone(), shown, from]);
            lines.push(json!({
                "provider": provider.id,
                "configured": source.is_some(),
                "source": source,
                "fingerprint": key,
                "variables": provider.key_env,
                "keysPage": provider.keys_page,
                "error": wrong,
            }));
        };
        for key in &found {
            line(Some(&key.fingerprint), Some(&key.source));
        }
        if found.is_empty() {
            line(None, sources.first().map(String::as_str));
        }
    }
    if app.ui.options().json {
        app.ui.json(&with_snake_names(json!({ "success": true, "keys": lines })));
    } else {
        app.ui.table(table);
        if let Some(first) = lines.iter().find(|line| line["configured"] == false) {
            let id = first["provider"].as_str().unwrap_or_default();
            app.ui.note(&format!("`pinx keys set {id}` stores a key, typed unseen"));
        }
    }
    warnings.iter().for_each(|warning| app.ui.warn(warning));
}

/// Tests every key of these providers; one that fails does not stop the others.
fn test(app: &App, providers: &[&Provider]) -> Exit {
    let (mut told, mut lines, mut exits) = (Vec::new(), Vec::new(), Vec::new());
    for provider in providers {
        let outcomes = match route::probes(&app.settings, &app.env, provider) {
            Ok(routes) => routes.iter().map(|route| app.check_key(provider, route)).collect(),
            Err(error) => vec![Err(error)],
        };
        for outcome in outcomes {
            match outcome {
                Ok(from) => {
                    lines.push(format!("{}: good ({from})", provider.id));
                    told.push(json!({ "provider": provider.id, "status": "good", "source": from }));
                    exits.push(Exit::OK);
                }
                Err(error) => {
                    lines.push(format!("{}: {error}", provider.id));
                    let message = error.message.clone();
                    told.push(json!({
                        "provider": provider.id, "status": error.code, "message": message,
                    }));
                    exits.push(error.exit());
                }
            }
        }
    }
    if told.is_empty() {
        app.ui.note("no key is set; `pinx keys list` tells how to set one");
    }
    report(app, "keys", Value::Array(told), &lines);
    Exit::of_jobs(&exits)
}

fn report(app: &App, name: &str, value: Value, lines: &[String]) {
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, name: value }));
    } else {
        for line in lines {
            app.ui.line(line);
        }
    }
}

/// The provider of an id that can have a key.
fn keyed(app: &App, id: &str) -> Result<Provider> {
    let catalog = &app.settings.catalog;
    let Some(provider) = catalog.provider(&id.to_ascii_lowercase()) else {
        return Err(match given::is_no_name(id) {
            true => given::refused(given::owner(catalog, id)),
            false => given::unknown(catalog, id),
        });
    };
    if provider.auth == Auth::None {
        return Err(Error::usage(format!("{} needs no key", provider.id)));
    }
    Ok(provider.clone())
}
