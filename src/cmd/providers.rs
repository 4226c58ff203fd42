//! `pinx providers`: who can be asked, with which keys, at which address, within which limits;
//! `--check` asks each one something free.

mod limits;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use limits::Limit;

use super::{App, with_snake_names};
use crate::catalog::{Auth, Provider};
use crate::engine::route;
use crate::error::{Error, Exit, Kind};
use crate::settings::address::{self, Address, Endpoints};
use crate::settings::keys::{self, Key};
use crate::store::Client;
use crate::ui::{Column, Table};

/// What `providers` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Ask each configured provider something free, to see whether its key is good
    #[arg(long)]
    pub check: bool,
}

/// Terminals at least this wide have room for the dashboards in the table.
const WIDE: usize = 120;

/// A provider's keys as far as they may be shown.
enum Keys {
    /// None is needed.
    Needless,
    /// There are some, at least one.
    Found(Vec<Key>),
    /// One comes from a command, which a listing does not run.
    Commanded(String),
    /// There is one that cannot be used.
    Unusable(Error),
    /// There is none.
    Missing,
}

/// What came of asking.
enum Check {
    Good,
    Refused(Error),
    Unreachable(Error),
    /// The provider has nothing free to ask for.
    None,
}

struct Listed<'a> {
    provider: &'a Provider,
    is_usable: bool,
    keys: Keys,
    endpoints: Option<Endpoints>,
    /// The limits of each key, in their order.
    limits: Vec<Limit>,
    models: usize,
    check: Option<Check>,
}

/// Lists the providers, those that can be used first.
///
/// # Errors
/// None of its own; a check that fails decides the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let mut told = BTreeSet::new();
    let providers = &app.settings.catalog.providers;
    let mut listed: Vec<Listed> =
        providers.iter().map(|provider| list(app, provider, &mut told)).collect();
    listed.sort_by_key(|one| !one.is_usable);
    if args.check {
        for one in listed.iter_mut().filter(|one| one.is_usable && one.provider.auth != Auth::None)
        {
            one.check = Some(check(app, one.provider));
        }
    }
    let exit = exit(&listed);
    if app.ui.options().json {
        let providers: Vec<Value> = listed.iter().map(document).collect();
        let document = json!({ "success": exit == Exit::OK, "providers": providers });
        app.ui.json(&with_snake_names(document));
    } else {
        let is_wide = app.ui.terminal().stdout_width() >= WIDE;
        app.ui.table(table(&listed, args.check, is_wide));
        report(app, &listed, is_wide, &mut told);
    }
    Ok(exit)
}

/// Shows a client of a server the providers of the models that it may ask for: no keys, addresses and
/// bills.
///
/// # Errors
/// None of its own.
pub(crate) fn run_for(app: &mut App, client: &Client) -> anyhow::Result<Exit> {
    let catalog = &app.settings.catalog;
    let row = |provider: &Provider| {
        let models = catalog.of_provider(&provider.id);
        let models = models.filter(|model| client.allows(&model.full_id())).count();
        let row = json!({
            "id": provider.id,
            "name": provider.name,
            "isConfigured": app.is_usable(provider),
            "models": models,
            "asOf": provider.as_of,
            "source": provider.source,
        });
        (models > 0).then_some(row)
    };
    let mut rows: Vec<Value> = catalog.providers.iter().filter_map(row).collect();
    rows.sort_by_key(|row| row["isConfigured"] != true);
    app.ui.json(&with_snake_names(json!({ "success": true, "providers": rows })));
    Ok(Exit::OK)
}

/// Warns of something once, however many providers it concerns.
fn warn(app: &App, told: &mut BTreeSet<String>, warning: &str) {
    if told.insert(warning.to_owned()) {
        app.ui.warn(warning);
    }
}

fn list<'a>(app: &App, provider: &'a Provider, told: &mut BTreeSet<String>) -> Listed<'a> {
    let endpoints = match address::endpoints(&app.settings, &app.env, provider, None) {
        Ok(endpoints) => {
            endpoints.warnings.iter().for_each(|warning| warn(app, told, warning));
            Some(endpoints)
        }
        Err(error) => {
            warn(app, told, &with_hints(&error));
            None
        }
    };
    let keys = keys(app, provider);
    let limits = endpoints.as_ref().map(|endpoints| limits::of(app, provider, &keys, endpoints));
    Listed {
        is_usable: app.is_usable(provider),
        limits: limits.unwrap_or_default(),
        keys,
        endpoints,
        models: app.settings.catalog.of_provider(&provider.id).count(),
        check: None,
        provider,
    }
}

fn keys(app: &App, provider: &Provider) -> Keys {
    if provider.auth == Auth::None {
        return Keys::Needless;
    }
    match keys::source_of(&app.settings, &app.env, provider) {
        // A listing runs no command, which might ask for a password.
        Some(source) if source == "key_cmd" => Keys::Commanded(source),
        _ => match keys::find_all(&app.settings, &app.env, provider) {
            Ok(found) if found.is_empty() => Keys::Missing,
            Ok(found) => Keys::Found(found),
            Err(error) => Keys::Unusable(error),
        },
    }
}

fn check(app: &App, provider: &Provider) -> Check {
    if provider.check.is_none() {
        return Check::None;
    }
    let routes = match route::probes(&app.settings, &app.env, provider) {
        Ok(routes) => routes,
        Err(error) => return bad(error),
    };
    // All keys have to be good; the first that is not is told.
    let failed = routes.iter().find_map(|route| app.check_key(provider, route).err());
    failed.map_or(Check::Good, bad)
}

fn bad(error: Error) -> Check {
    match error.kind {
        Kind::Account | Kind::Permission | Kind::Key => Check::Refused(error),
        _ => Check::Unreachable(error),
    }
}

/// 0 when every key that was tried is good, 3 when one is refused, else 1.
fn exit(listed: &[Listed]) -> Exit {
    let checks = || listed.iter().filter_map(|one| one.check.as_ref());
    if checks().any(|check| matches!(check, Check::Refused(_))) {
        Exit::KEY
    } else if checks().any(|check| matches!(check, Check::Unreachable(_))) {
        Exit::FAILED
    } else {
        Exit::OK
    }
}

fn masked(key: &Key) -> String {
    format!("{} #{}", key.source, key.fingerprint)
}

impl Listed<'_> {
    /// The keys besides the first.
    fn further(&self) -> &[Key] {
        match &self.keys {
            Keys::Found(found) => &found[1..],
            _ => &[],
        }
    }

    fn key_text(&self) -> String {
        match &self.keys {
            Keys::Needless => "not needed".to_owned(),
            Keys::Found(found) => masked(&found[0]),
            Keys::Commanded(source) => source.clone(),
            Keys::Unusable(_) => "unusable".to_owned(),
            Keys::Missing => match self.provider.key_env.first() {
                Some(variable) => format!("— (set {variable})"),
                None => "—".to_owned(),
            },
        }
    }

    /// The address that images are asked at.
    fn main_address(&self) -> Option<&Address> {
        let roles = &self.endpoints.as_ref()?.roles;
        let role = self.provider.check.as_ref().map_or("api", |check| check.role.as_str());
        roles.get(role).or_else(|| roles.values().next())
    }

    fn gateway(&self) -> Option<&str> {
        self.endpoints.as_ref()?.gateway.as_ref().map(|(name, _)| name.as_str())
    }

    fn address_text(&self) -> String {
        let Some(address) = self.main_address() else {
            return if self.provider.auth == Auth::None { "this program" } else { "–" }.to_owned();
        };
        let host = address.url.host_str().unwrap_or_default();
        let host = match address.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        match self.gateway() {
            // A variable's name says that it is one.
            Some(name) if name.contains("GATEWAY") => format!("{host} via {name}"),
            Some(name) => format!("{host} via gateway {name}"),
            None => host,
        }
    }

    fn problem(&self) -> Option<&Error> {
        match (&self.check, &self.keys) {
            (Some(Check::Refused(error) | Check::Unreachable(error)), _)
            | (_, Keys::Unusable(error)) => Some(error),
            _ => None,
        }
    }

    fn check_text(&self) -> &'static str {
        match &self.check {
            Some(Check::Good) => "ok",
            Some(Check::Refused(_)) => "refused",
            Some(Check::Unreachable(_)) => "unreachable",
            Some(Check::None) | None => "–",
        }
    }
}

fn table(listed: &[Listed], checked: bool, is_wide: bool) -> Table {
    let mut columns = vec![Column::new("provider"), Column::new("key").width(22, 60)];
    if checked {
        columns.push(Column::new("check"));
    }
    let has_limits = listed.iter().flat_map(|one| &one.limits).any(|limit| limit.text() != "–");
    if has_limits {
        columns.push(Column::new("limits").width(22, 48).priority(2));
    }
    columns.push(Column::new("address").width(16, 60).priority(1));
    columns.push(Column::new("models").right().priority(2));
    if is_wide {
        columns.push(Column::new("usage and bills").width(30, 80).priority(3));
    }
    let mut table = Table::new(columns);
    for one in listed {
        let mut row = vec![one.provider.id.clone(), one.key_text()];
        if checked {
            row.push(one.check_text().to_owned());
        }
        if has_limits {
            row.push(one.limits.first().map(Limit::text).unwrap_or_default());
        }
        row.extend([one.address_text(), one.models.to_string()]);
        row.push(one.provider.dashboard.clone().unwrap_or_default());
        let width = row.len();
        table.row(row);
        // Further keys stand below the first, each with its own limits.
        for (at, key) in one.further().iter().enumerate() {
            let mut row = vec![String::new(), masked(key)];
            if checked {
                row.push(String::new());
            }
            if has_limits {
                row.push(one.limits.get(at + 1).map(Limit::text).unwrap_or_default());
            }
            row.resize(width, String::new());
            table.row(row);
        }
    }
    table
}

/// What the table has no room for: why something fails, and where to look at the bills.
fn report(app: &App, listed: &[Listed], is_wide: bool, told: &mut BTreeSet<String>) {
    for error in listed.iter().filter_map(Listed::problem) {
        warn(app, told, &with_hints(error));
    }
    let bills = listed.iter().filter(|one| one.is_usable && !is_wide);
    for (one, page) in bills.filter_map(|one| Some((one, one.provider.dashboard.as_ref()?))) {
        app.ui.note(&format!("usage and bills of {}: {page}", one.provider.name));
    }
    let missing = listed.iter().find(|one| matches!(one.keys, Keys::Missing));
    let is_set =
        |one: &Listed| matches!(one.keys, Keys::Found(_) | Keys::Commanded(_) | Keys::Unusable(_));
    if let (Some(one), false) = (missing, listed.iter().any(is_set)) {
        let page = one.provider.keys_page.as_ref();
        let page = page.map(|page| format!("; a key is made at {page}")).unwrap_or_default();
        app.ui.note(&format!("`pinx keys set {}` stores a key{page}", one.provider.id));
    }
}

/// An error and its remedies on one line.
pub(super) fn with_hints(error: &Error) -> String {
    let hints = error.hints.iter().map(|hint| format!("; {hint}"));
    std::iter::once(error.message.clone()).chain(hints).collect()
}

fn document(one: &Listed) -> Value {
    let provider = one.provider;
    let (source, fingerprint) = match &one.keys {
        Keys::Found(found) => (Some(&found[0].source), Some(&found[0].fingerprint)),
        Keys::Commanded(source) => (Some(source), None),
        _ => (None, None),
    };
    let roles = one.endpoints.iter().flat_map(|endpoints| &endpoints.roles);
    let addresses: serde_json::Map<String, Value> = roles
        .map(|(role, address)| (role.clone(), json!(address.url.as_str().trim_end_matches('/'))))
        .collect();
    json!({
        "id": provider.id,
        "name": provider.name,
        "isConfigured": one.is_usable,
        "needsKey": provider.auth != Auth::None,
        "keySource": source,
        "keyFingerprint": fingerprint,
        "keyVariables": provider.key_env,
        "limits": one.limits.iter().map(Limit::document).collect::<Vec<_>>(),
        "addresses": addresses,
        "gateway": one.gateway(),
        "models": one.models,
        "dashboard": provider.dashboard,
        "keysPage": provider.keys_page,
        "check": one.check.as_ref().map(|_| one.check_text()),
        "problem": one.problem().map(|error| &error.message),
        "asOf": provider.as_of,
        "source": provider.source,
    })
}
