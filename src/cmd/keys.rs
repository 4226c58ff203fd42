//! `pinx keys`: store, list, remove and test keys.
//!
//! A key is typed unseen or read from stdin, never an argument, and never shown again: lists tell
//! its source and a fingerprint.

use std::io::Read;

use clap::Subcommand;
use serde_json::{Value, json};

use super::App;
use super::providers::with_hints;
use crate::catalog::{Auth, Provider};
use crate::error::{Error, Exit, Kind, Result};
use crate::secret::Secret;
use crate::settings::keys;
use crate::text;
use crate::ui::{Column, Table};

/// The longest input that is looked at for a key, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Arguments of `pinx keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store a provider's key, typed unseen
    Set {
        /// Whose key it is
        provider: String,
        /// Read the key from stdin
        #[arg(long)]
        stdin: bool,
    },
    /// List where each provider's key is found (this is the default)
    List,
    /// Remove a stored key
    Remove {
        /// Whose key it is
        provider: String,
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
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    match &args.action {
        None | Some(Action::List) => list(app),
        Some(Action::Set { provider, stdin }) => set(app, provider, *stdin)?,
        Some(Action::Remove { provider }) => remove(app, provider)?,
        Some(Action::Test { provider: Some(provider) }) => {
            let provider = keyed(app, provider)?;
            let from = app.check_provider(&provider)?;
            let told = json!({ "provider": provider.id, "status": "good", "source": from });
            tell(app, "keys", json!([told]), &[format!("{}: good ({from})", provider.id)]);
        }
        Some(Action::Test { provider: None }) => return Ok(test_all(app)),
    }
    Ok(Exit::OK)
}

fn set(app: &App, provider: &str, stdin: bool) -> Result<()> {
    let provider = keyed(app, provider)?;
    let typed = if stdin {
        let mut typed = String::new();
        std::io::stdin()
            .take(LONGEST)
            .read_to_string(&mut typed)
            .map_err(|error| Error::usage("the key cannot be read from stdin").because(error))?;
        typed
    } else {
        app.ui.secret_prompt(&format!("Key for {}", provider.name))?
    };
    let secret = Secret::new(&typed).map_err(|why| {
        Error::new(Kind::Key, format!("the key {why}")).hint("give the key alone, on one line")
    })?;
    keys::store(&app.settings, &provider.id, &secret)?;
    let path = app.settings.places.credentials.display().to_string();
    app.ui.note(&format!("stored the key for {} in {path}", provider.id));
    let first = keys::source_of(&app.settings, &app.env, &provider);
    if let Some(first) = first.filter(|first| first != "credentials.toml") {
        app.ui.note(&format!("but {first} comes first and will be used"));
    }
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "provider": provider.id, "path": path }));
    }
    Ok(())
}

fn remove(app: &App, provider: &str) -> Result<()> {
    // A provider that is no longer configured may still have a stored key.
    let stored = keys::list_stored(&app.settings)?;
    if !stored.iter().any(|known| known == provider) {
        keyed(app, provider)?;
        return Err(Error::new(Kind::Key, format!("no key is stored for {provider}")).hint(
            if stored.is_empty() {
                "none is stored at all; `pinx keys list` tells where keys come from".to_owned()
            } else {
                format!("stored are those for {}", stored.join(", "))
            },
        ));
    }
    keys::remove(&app.settings, provider)?;
    app.ui.note(&format!("removed the stored key for {provider}"));
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
        let source = keys::source_of(&app.settings, &app.env, provider);
        // Listing must not start commands that may ask for a password.
        let found = match source.as_deref() {
            None | Some("key_cmd") => Ok(None),
            Some(_) => keys::find(&app.settings, &app.env, provider),
        };
        let (key, wrong) = match found {
            Ok(key) => (key.map(|key| key.fingerprint), None),
            Err(error) => {
                warnings.push(with_hints(&error));
                (None, Some(error.message))
            }
        };
        let from = match &source {
            Some(source) => source.clone(),
            None => match provider.key_env.first() {
                Some(variable) => format!("set {variable}, or `pinx keys set {}`", provider.id),
                None => format!("`pinx keys set {}`", provider.id),
            },
        };
        let shown = match (&key, &source) {
            (Some(fingerprint), _) => format!("#{fingerprint}"),
            (None, Some(_)) if wrong.is_some() => "unusable".to_owned(),
            (None, Some(_)) => "?".to_owned(),
            (None, None) => "none".to_owned(),
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
    }
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "keys": lines }));
    } else {
        app.ui.table(table);
    }
    warnings.iter().for_each(|warning| app.ui.warn(warning));
}

/// Tests every key there is; one that fails does not stop the others.
fn test_all(app: &App) -> Exit {
    let (mut told, mut lines, mut exits) = (Vec::new(), Vec::new(), Vec::new());
    let ready = |provider: &&Provider| {
        provider.auth != Auth::None && keys::is_configured(&app.settings, &app.env, provider)
    };
    for provider in app.settings.catalog.providers.iter().filter(ready) {
        match app.check_provider(provider) {
            Ok(from) => {
                lines.push(format!("{}: good ({from})", provider.id));
                told.push(json!({ "provider": provider.id, "status": "good", "source": from }));
                exits.push(Exit::OK);
            }
            Err(error) => {
                lines.push(format!("{}: {error}", provider.id));
                let message = error.message.clone();
                told.push(
                    json!({ "provider": provider.id, "status": error.code, "message": message }),
                );
                exits.push(error.exit());
            }
        }
    }
    if told.is_empty() {
        app.ui.note("no key is set; `pinx keys list` tells how to set one");
    }
    tell(app, "keys", Value::Array(told), &lines);
    Exit::of_jobs(&exits)
}

fn tell(app: &App, name: &str, value: Value, lines: &[String]) {
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
    let Some(provider) = catalog.provider(id) else {
        let ids = catalog.providers.iter().map(|known| known.id.as_str());
        let error = Error::usage(format!("unknown provider `{}`", text::clean(id, 60)));
        return Err(match text::nearest(id, ids) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`pinx providers` lists them"),
        });
    };
    if provider.auth == Auth::None {
        return Err(Error::usage(format!("{} needs no key", provider.id)));
    }
    Ok(provider.clone())
}
