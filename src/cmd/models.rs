//! `pinx models`: what there is, what it costs for the size and quality asked for, how long it
//! takes and whether it can be used now.
//!
//! A provider without a key is left out unless it is asked for, and what is left out is told. Spends
//! nothing; only `--refresh` asks the providers.

mod listed;
mod quote;
mod show;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::{App, refresh};
use crate::catalog::{Model, State};
use crate::engine::report::ErrorReport;
use crate::error::{Error, Exit, Result};
use crate::money::Money;
use crate::stats::Measures;
use crate::store::Client;
use crate::text;
use crate::ui::{Column, Paging, Table, Ui};
use listed::{Ability, Listed, Now, abilities, abilities_text, made_from, sizes_text};
pub(crate) use show::block;

/// What `models` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Look at one model instead.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Show those whose id, name, description or alias holds this [default: all that are ready]
    pub query: Option<String>,
    /// Show also those without a key, retired ones and those that only a refresh found
    #[arg(long)]
    pub all: bool,
    /// Show those of one provider, with or without a key
    #[arg(long, value_name = "ID")]
    pub provider: Option<String>,
    /// Show those that can all of this: seed, negative, alpha, svg, colors, style, edit, mask or
    /// references
    #[arg(long, value_name = "ABILITY", value_delimiter = ',', hide_possible_values = true)]
    pub can: Vec<Ability>,
    /// Show those that cost nothing
    #[arg(long)]
    pub free: bool,
    /// Show aliases too
    #[arg(long)]
    pub wide: bool,
    /// Sort by cost, time or name [default: by provider]
    #[arg(long, value_name = "HOW", hide_possible_values = true)]
    pub sort: Option<Sort>,
    /// Ask the providers what they have now; costs nothing
    #[arg(long)]
    pub refresh: bool,
    /// What the cost is for.
    #[command(flatten)]
    pub image: PricedImage,
}

/// What stands behind the model that `auto` takes.
const MARK: &str = "←";

impl Args {
    fn is_listing(&self) -> bool {
        let PricedImage { size, quality } = &self.image;
        let texts = [&self.query, &self.provider, size, quality];
        let switches = [self.all, self.refresh, self.free, self.wide, self.sort.is_some()];
        switches.contains(&true) || !self.can.is_empty() || texts.iter().any(|text| text.is_some())
    }
}

/// The image that the cost is for.
#[derive(Debug, Default, clap::Args)]
pub struct PricedImage {
    /// Price an image of this size [default: 1024x1024, or your `size`]
    #[arg(short, long, value_name = "WxH")]
    pub size: Option<String>,
    /// Price an image of this quality [default: the model's own]
    #[arg(long, value_name = "WORD")]
    pub quality: Option<String>,
}

/// What there is besides the list.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print all that is known of one model
    Show(show::Args),
}

/// How the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sort {
    /// The cheapest first, unknown prices last
    Cost,
    /// The fastest first, unknown times last
    Time,
    /// By id
    Name,
}

/// Lists models, or shows one.
///
/// # Errors
/// An unknown provider or model, or a size or quality that cannot be read.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    if let Some(Command::Show(show)) = &args.command {
        if args.is_listing() {
            return Err(Error::usage("`show` prints one model, and the rest asks for a list")
                .hint(format!("pinx models show {}", text::clean(&show.id, 80)))
                .into());
        }
        return Ok(show::run(app, show)?);
    }
    run_for(app, args, None)
}

/// Lists the models that a client of a server may ask for, or that anybody may.
///
/// # Errors
/// As of [`run`].
pub(crate) fn run_for(
    app: &mut App,
    args: &Args,
    client: Option<&Arc<Client>>,
) -> anyhow::Result<Exit> {
    if let Some(id) = &args.provider {
        provider_exists(app, id)?;
    }
    let wanted = quote::Wanted::of(&app.settings, &args.image)?.made_from(made_from(&args.can));
    let failed = if args.refresh { refresh::refresh(app, args.provider.as_deref()) } else { None };
    let mut models = std::mem::take(&mut Arc::make_mut(&mut app.settings).catalog.models);
    refresh::overlay(app, &mut models);
    // What `auto` takes it takes from what providers have said.
    Arc::make_mut(&mut app.settings).catalog.models.clone_from(&models);
    let measures = Measures::of_log(&app.log);
    let now = Now::of(app, client);
    let matching: Vec<Listed> = models
        .into_iter()
        .filter(|model| client.is_none_or(|client| client.allows(&model.full_id())))
        .filter(|model| args.provider.as_ref().is_none_or(|id| model.provider == *id))
        .filter(|model| args.query.as_ref().is_none_or(|query| matches(model, query)))
        .filter(|model| args.can.iter().all(|ability| abilities(model).contains(ability)))
        .map(|model| Listed::of(app, &now, model, &wanted, &measures))
        .filter(|listed| !args.free || listed.quote.estimate.expected == Some(Money::ZERO))
        .collect();
    let (mut shown, hidden): (Vec<_>, Vec<_>) =
        matching.into_iter().partition(|listed| is_shown(listed, args));
    // What is not shown is not to blame.
    wanted.check(shown.iter().map(|listed| &listed.quote))?;
    sort(
        &mut shown,
        args.sort,
        &app.settings.catalog.providers.iter().map(|p| &*p.id).collect::<Vec<_>>(),
    );
    if app.ui.options().json {
        let mut document = json!({
            "success": failed.is_none(),
            "models": shown.iter().map(Listed::document).collect::<Vec<_>>(),
            "auto": now.auto,
            "totalAvailable": shown.iter().filter(|listed| listed.is_available()).count(),
        });
        if let Some(error) = &failed {
            document["error"] = json!(ErrorReport::from(error));
        }
        app.ui.json(&document);
        report_hidden(app, &hidden);
    } else if shown.is_empty() {
        app.ui.note(&nothing(args));
        report_hidden(app, &hidden);
    } else {
        app.ui.paged(Paging::Auto, |_| list(app, args, &now, &wanted, &shown, &hidden));
    }
    Ok(failed.map_or(Exit::OK, |error| refresh::exit(&error)))
}

/// The table and what is said of it.
fn list(
    app: &App,
    args: &Args,
    now: &Now,
    wanted: &quote::Wanted,
    shown: &[Listed],
    hidden: &[Listed],
) {
    app.ui.table(table(shown, args));
    app.ui.note("");
    let is_measured = shown.iter().any(|listed| listed.measured.is_some());
    let times = match is_measured {
        true => "times with it as vendors claim, else half of your own runs took no longer",
        false => "times as vendors claim",
    };
    app.ui.note(&format!("one image {}; `~` is about, {times}", wanted.text()));
    if let Some(auto) = &now.auto {
        let mark = if shown.iter().any(|listed| listed.is_auto) { MARK } else { "" };
        app.ui.note(format!("{mark} `auto` takes {auto}").trim_start());
    }
    if !has_state(shown, args) {
        report_ends(&app.ui, shown);
    }
    report_hidden(app, hidden);
}

/// That there is nothing to show, and of what.
fn nothing(args: &Args) -> String {
    let query = args.query.as_ref();
    let query = query.map(|query| format!("matches `{}`", text::clean(query, 80)));
    let words: Vec<&str> = args.can.iter().map(|ability| ability.word()).collect();
    let can = (!words.is_empty()).then(|| format!("can {}", words.join(" and ")));
    let free = args.free.then(|| "is free".to_owned());
    let parts: Vec<String> = query.into_iter().chain(can).chain(free).collect();
    match parts.as_slice() {
        [] => "no model to show".to_owned(),
        parts => format!("no model {}", parts.join(" and ")),
    }
}

fn provider_exists(app: &App, id: &str) -> Result<()> {
    if app.settings.catalog.provider(id).is_some() {
        return Ok(());
    }
    let ids: Vec<&str> = app.settings.catalog.providers.iter().map(|p| p.id.as_str()).collect();
    let error = Error::usage(format!("unknown provider `{}`", text::clean(id, 80)));
    Err(error.code("unknown_provider").hint(match text::nearest(id, ids.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", ids.join(", ")),
    }))
}

/// Whether its id, name, description or an alias holds these characters.
fn matches(model: &Model, query: &str) -> bool {
    let query = query.to_lowercase();
    let texts = [&model.full_id(), &model.name, &model.description];
    texts.into_iter().chain(&model.aliases).any(|text| text.to_lowercase().contains(&query))
}

fn is_shown(listed: &Listed, args: &Args) -> bool {
    args.all
        || ((listed.has_key || args.provider.is_some())
            && (listed.state != State::Retired || args.query.is_some())
            && !refresh::is_unlisted(&listed.model))
}

/// Sorts; unless an order is asked for, usable providers come first, in the catalog's order.
fn sort(models: &mut [Listed], by: Option<Sort>, providers: &[&str]) {
    let id = |listed: &Listed| listed.model.full_id();
    match by {
        Some(Sort::Cost) => models.sort_by_cached_key(|listed| {
            let cost = listed.quote.estimate.expected;
            (cost.is_none(), cost, id(listed))
        }),
        Some(Sort::Time) => {
            let time =
                |listed: &Listed| listed.seconds().map_or([f64::MAX; 2], |[low, high]| [high, low]);
            models.sort_by(|a, b| {
                let (one, other) = (time(a), time(b));
                one.partial_cmp(&other).unwrap_or(Ordering::Equal).then_with(|| id(a).cmp(&id(b)))
            });
        }
        Some(Sort::Name) => models.sort_by_cached_key(id),
        None => models.sort_by_cached_key(|listed| {
            let place = providers.iter().position(|id| *id == listed.model.provider);
            (!listed.has_key, place, refresh::is_unlisted(&listed.model))
        }),
    }
}

/// Whether there is something about these models that needs a column.
fn has_state(models: &[Listed], args: &Args) -> bool {
    models.iter().any(|listed| {
        !listed.is_available()
            || listed.missing.is_some()
            || (args.all && listed.state != State::Active)
    })
}

/// What is known of every model that can all of this, so that the list need not say it.
fn known(asked: &[Ability]) -> Vec<Ability> {
    let implied = (made_from(asked) != quote::MadeFrom::Words).then_some(Ability::Edit);
    asked.iter().copied().chain(implied).collect()
}

fn table(models: &[Listed], args: &Args) -> Table {
    let has_state = has_state(models, args);
    let known = known(&args.can);
    let sizes = if args.image.size.is_some() { "size" } else { "sizes" };
    let mut columns = vec![
        // An id is there to be copied, so it is whole.
        Column::new("model").width(44, 60),
        Column::new("cost").right(),
        Column::new("time").right().priority(2),
        Column::new(sizes).priority(4),
        Column::new("abilities").width(12, 40).priority(5),
        Column::new("description").width(36, 80).priority(6),
    ];
    if has_state {
        columns.insert(3, Column::new("state").priority(3));
    }
    let has_mark = models.iter().any(|listed| listed.is_auto);
    if has_mark {
        columns.insert(1, Column::new("").priority(1));
    }
    if args.wide {
        columns.push(Column::new("aliases").width(32, 60).priority(1));
    }
    let mut table = Table::new(columns);
    for listed in models {
        let model = &listed.model;
        let mut row = vec![
            model.full_id(),
            listed.quote.text(),
            listed.time_text().unwrap_or_else(|| "–".to_owned()),
            match listed.quote.size.filter(|_| args.image.size.is_some()) {
                Some(size) => size.to_string(),
                None => sizes_text(&model.sizes),
            },
            abilities_text(model, " ", &known),
            model.description.clone(),
        ];
        if has_state {
            row.insert(3, listed.state_text());
        }
        if has_mark {
            row.insert(1, if listed.is_auto { MARK } else { "" }.to_owned());
        }
        if args.wide {
            row.push(model.aliases.join(", "));
        }
        table.row(row);
    }
    table
}

/// Which of the models shown will go, where the table does not say it.
fn report_ends(ui: &Ui, shown: &[Listed]) {
    let ends = shown.iter().filter(|listed| listed.state == State::Deprecated);
    let words: BTreeSet<String> = ends.clone().map(Listed::state_text).collect();
    for words in words {
        let ending = ends.clone().filter(|listed| listed.state_text() == words);
        let ids: Vec<String> = ending.map(|listed| listed.model.full_id()).collect();
        ui.note(&format!("{words}: {}", ids.join(", ")));
    }
}

/// How many are left out, why, and what would show them.
fn report_hidden(app: &App, hidden: &[Listed]) {
    let mut parts = Vec::new();
    let count = |counts: &dyn Fn(&&Listed) -> bool| hidden.iter().filter(counts).count();
    let keyless = count(&|listed| !listed.has_key);
    if keyless > 0 {
        let without = |id: &str| hidden.iter().any(|l| !l.has_key && l.model.provider == id);
        let providers = app.settings.catalog.providers.iter().filter(|p| without(&p.id));
        let keys: Vec<&str> =
            providers.filter_map(|p| p.key_env.first()).map(String::as_str).collect();
        parts.push(format!("{keyless} without a key (set {})", keys.join(" or ")));
    }
    let unlisted = count(&|listed| listed.has_key && refresh::is_unlisted(&listed.model));
    let retired = hidden.len() - keyless - unlisted;
    if retired > 0 {
        parts.push(format!("{retired} retired"));
    }
    if unlisted > 0 {
        parts.push(format!("{unlisted} not in the catalog"));
    }
    if !parts.is_empty() {
        app.ui.note(&format!("hidden: {}; `--all` shows them", parts.join(", ")));
    }
}

#[cfg(test)]
mod tests;
