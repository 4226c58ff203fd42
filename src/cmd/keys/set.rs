//! `pinx keys set`: whose key it is, the key itself, whether the provider takes it, and what to type
//! next.
//!
//! A key that is refused is not stored. One that nobody could be asked about is, and that is said.

use std::io::Read;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{App, generate};
use super::{given, keyed};
use crate::catalog::Provider;
use crate::engine::route;
use crate::error::{Error, Exit, Kind, Result};
use crate::secret::Secret;
use crate::settings::address;
use crate::settings::keys::{self, Key};
use crate::ui::{Column, Table, Typing};

/// The longest input that is looked at for a key, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Arguments of `pinx keys set`.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {
    /// Whose key it is [default: asks]
    provider: Option<String>,
    /// A key that does not belong here.
    #[arg(hide = true)]
    key: Vec<String>,
    /// The same behind a flag that other programs have.
    #[arg(long = "key", aliases = ["api-key", "token", "value"], hide = true, value_name = "KEY")]
    flag: Option<String>,
    /// Read the key from stdin
    #[arg(long)]
    stdin: bool,
    /// Store a further key beside the first, 2 to 9; they share the load
    #[arg(long, value_name = "N", value_parser = super::slot)]
    slot: Option<u8>,
    /// Store it without asking the provider whether it is good
    #[arg(long)]
    no_check: bool,
}

/// What the provider said of a key.
enum Check {
    Good,
    /// It knows the key, but does not let it ask for what is free.
    Restricted(Error),
    /// Nobody could be asked, and why.
    Unasked(String),
}

/// Stores a key.
///
/// # Errors
/// A key as an argument, an unknown provider, a key that cannot be used or is refused, or a file that
/// cannot be written.
pub(super) fn run(app: &mut App, args: &Args) -> Result<Exit> {
    let provider = whose(app, args)?;
    let secret = read(app, &provider, args.stdin)?;
    if let Some(owner) = given::other_owner(&app.settings.catalog, &provider, secret.expose()) {
        let error = given::of_another(&provider, owner, args.stdin);
        match args.no_check {
            true => app.ui.warn(&error.message),
            false => return Err(error),
        }
    }
    warn_of_address(app, &provider);
    let check = match args.no_check {
        true => Check::Unasked("`--no-check`".to_owned()),
        false => ask(app, &provider, &secret)?,
    };
    let name = keys::stored_name(&provider.id, args.slot);
    keys::store(Arc::make_mut(&mut app.settings), &name, &secret)?;
    report(app, &provider, &name, &check);
    Ok(Exit::OK)
}

/// Whose key is to be stored.
fn whose(app: &App, args: &Args) -> Result<Provider> {
    let catalog = &app.settings.catalog;
    let named = args.provider.as_deref().filter(|word| !given::is_no_name(word));
    let known = named.and_then(|word| catalog.provider(&word.to_ascii_lowercase()));
    let words = args.provider.iter().filter(|_| named.is_none());
    if let Some(key) = words.chain(&args.flag).chain(&args.key).next() {
        return Err(given::refused(known.or_else(|| given::owner(catalog, key))));
    }
    match named {
        Some(word) => keyed(app, word),
        None if args.stdin || !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) => {
            Err(given::nobody_named(catalog, true))
        }
        None => choose(app),
    }
}

/// Asks whose key it is.
fn choose(app: &App) -> Result<Provider> {
    let mut rows = Table::new(vec![
        Column::new(""),
        Column::new("").priority(2),
        Column::new("").width(12, 80).priority(1),
    ]);
    let all: Vec<&Provider> = given::keyed(&app.settings.catalog).collect();
    for provider in &all {
        let has_one = keys::source_of(&app.settings, &app.env, provider);
        let made = provider.keys_page.as_ref().map(|page| format!("made at {page}"));
        let words = has_one.map(|source| format!("there is one: {source}")).or(made);
        rows.row(vec![provider.id.clone(), provider.name.clone(), words.unwrap_or_default()]);
    }
    let names: Vec<String> = all.iter().map(|provider| provider.id.clone()).collect();
    let place = app.ui.pick("Whose key is it?", &names, &rows, 0, Typing::Unseen)?;
    Ok(all[place].clone())
}

/// The key, from stdin or typed unseen.
fn read(app: &App, provider: &Provider, stdin: bool) -> Result<Secret> {
    let typed = if stdin {
        let mut typed = String::new();
        std::io::stdin()
            .take(LONGEST)
            .read_to_string(&mut typed)
            .map_err(|error| Error::usage("the key cannot be read from stdin").because(error))?;
        typed
    } else {
        if !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
            let what =
                format!("the key of {} cannot be asked for without a terminal", provider.name);
            let id = &provider.id;
            return Err(Error::usage(what)
                .hint(format!("pipe it in: `printf %s \"$KEY\" | pinx keys set {id} --stdin`")));
        }
        if let Some(page) = &provider.keys_page {
            app.ui.note(&format!("a key is made at {page}"));
        }
        app.ui.secret_prompt(&format!("Key for {} (it is not shown)", provider.name))?
    };
    let (secret, left_out) = Secret::pasted(&typed).map_err(|why| {
        Error::new(Kind::Key, format!("the key {why}")).hint("give the key alone, on one line")
    })?;
    if let Some(shape) = given::no_key(secret.expose()) {
        let id = &provider.id;
        return Err(Error::new(Kind::Key, format!("that is {shape}, not a key alone"))
            .hint("give the key alone, on one line")
            .hint(format!("out of JSON: `jq -r .key FILE | pinx keys set {id} --stdin`")));
    }
    // What others put into a variable may hold some, a key that is typed here does not.
    if secret.expose().contains(char::is_whitespace) {
        return Err(Error::new(Kind::Key, "the key holds white space")
            .hint("give the key alone, on one line"));
    }
    if let Some(left_out) = left_out {
        app.ui.note(&format!("the key: {left_out}"));
    }
    Ok(secret)
}

/// Tells what is odd about the address that the key will go to.
fn warn_of_address(app: &App, provider: &Provider) {
    if let Ok(endpoints) = address::endpoints(&app.settings, &app.env, provider, None) {
        endpoints.warnings.iter().for_each(|warning| app.ui.warn(warning));
    }
}

/// Asks the provider something free by this key.
///
/// # Errors
/// It is refused.
fn ask(app: &App, provider: &Provider, secret: &Secret) -> Result<Check> {
    let source = "what was typed".to_owned();
    let fingerprint = secret.fingerprint(&keys::salt(&app.settings));
    let key =
        Key { secret: secret.clone(), source, remedy: String::new(), fingerprint, left_out: None };
    let route = match route::probe_by(&app.settings, &app.env, provider, key) {
        Ok(route) => route,
        Err(error) => return Ok(Check::Unasked(super::with_hints(&error))),
    };
    if let Some((gateway, _)) =
        route.endpoints.gateway.as_ref().filter(|_| route.endpoints.has_own_token())
    {
        return Ok(Check::Unasked(format!(
            "the gateway {gateway} sends a token of its own instead"
        )));
    }
    match app.check_key(provider, &route) {
        Ok(_) => Ok(Check::Good),
        Err(error) if error.kind == Kind::Account => Err(refused(app, provider, secret, error)),
        Err(error) if error.kind == Kind::Permission => Ok(Check::Restricted(error)),
        Err(error) => Ok(Check::Unasked(error.message)),
    }
}

/// A key that the provider does not take, and what may be wrong with it.
fn refused(app: &App, provider: &Provider, secret: &Secret, error: Error) -> Error {
    let id = &provider.id;
    let mut refused = Error::new(Kind::Key, format!("{}; it is not stored", error.message))
        .code("key_refused")
        .answered(error.answered.as_deref().cloned());
    let owner = given::owner(&app.settings.catalog, secret.expose());
    if let Some(owner) = owner.filter(|owner| owner.id != *id) {
        refused = refused
            .hint(format!("it begins as keys of {} do: `pinx keys set {}`", owner.name, owner.id));
    }
    let made = provider.keys_page.as_ref().map(|page| format!(", and that it is still at {page}"));
    refused
        .hint(format!("see that all of it was copied{}", made.unwrap_or_default()))
        .hint(format!("`pinx keys set {id} --no-check` stores it all the same"))
}

/// Says what came of it, and what to type next.
fn report(app: &App, provider: &Provider, name: &str, check: &Check) {
    let path = app.settings.places.credentials.display().to_string();
    let who = &provider.name;
    let checked = match check {
        Check::Good => format!("{who} takes it"),
        Check::Restricted(error) => format!("{}, which making images may not need", error.message),
        Check::Unasked(why) => format!("not checked: {why}"),
    };
    app.ui.note(&format!("stored the key for {name} in {path}; {checked}"));
    if let Check::Unasked(_) = check {
        app.ui.note(&format!("`pinx keys test {}` checks it", provider.id));
    }
    let first = keys::source_of(&app.settings, &app.env, provider);
    if let Some(first) = first.filter(|first| !first.ends_with("credentials.toml")) {
        app.ui.note(&format!("but {first} comes first and will be used"));
    }
    let next = next(app, provider);
    if let Some(Next { words, .. }) = &next {
        app.ui.note(words);
    }
    if app.ui.options().json {
        let (status, message) = match check {
            Check::Good => ("good", None),
            Check::Restricted(error) => ("restricted", Some(error.message.as_str())),
            Check::Unasked(why) => ("unchecked", Some(why.as_str())),
        };
        app.ui.json(&json!({
            "success": true,
            "provider": provider.id,
            "path": path,
            "check": { "status": status, "message": message },
            "next": next.map(|next| next.document),
        }));
    }
}

/// The command to type next.
struct Next {
    words: String,
    document: Value,
}

/// An ordinary command, with the model that `auto` takes and its price; and one that takes this
/// provider where `auto` takes another. Nothing where planning would run a command for a key.
fn next(app: &App, provider: &Provider) -> Option<Next> {
    const COMMAND: &str = "pinx \"a red fox\"";
    if keys::runs_a_command(&app.settings, &app.env) {
        return None;
    }
    let plan = generate::ordinary(app).ok()?;
    let route = plan.jobs.first()?.routes.first()?;
    let (model, price) = (route.model_id(), route.estimate);
    let mut words = format!("next: `{COMMAND}` takes {model} ({})", price.text());
    if route.provider.id != provider.id {
        let own =
            app.settings.auto_order.iter().find(|id| id.split('/').next() == Some(&provider.id));
        let own = own.cloned().or_else(|| {
            app.settings.catalog.of_provider(&provider.id).next().map(|model| model.full_id())
        })?;
        words += &format!("; with this key: `{COMMAND} -m {own}`");
    }
    let cost = price.expected.map(crate::money::Money::as_json);
    Some(Next { words, document: json!({ "command": COMMAND, "model": model, "cost": cost }) })
}
