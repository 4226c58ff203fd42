//! `pinx serve keys`: the clients of a server, each with a key of its own and what it may do.
//!
//! A key is shown once, when it is made; nothing here ever shows one again, nor what is kept of it.

use std::num::NonZeroU32;
use std::str::FromStr;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde_json::{Value, json};

use super::App;
use crate::error::{Error, Exit, Result};
use crate::money::Money;
use crate::store::log::{Day, Period, Projection};
use crate::store::{Client, Clients, Figures, Grant, fits};
use crate::text;
use crate::ui::{Column, Table};

/// Arguments of `pinx serve keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let a client in: its key is printed, this once
    Add {
        /// Call it so: letters, digits, `-`, `_` and `.`
        #[arg(value_name = "NAME")]
        new: String,
        #[command(flatten)]
        may: May,
    },
    /// Change what a client may do; its key stays
    Set {
        /// Which client
        #[arg(value_name = "NAME")]
        client: String,
        #[command(flatten)]
        may: May,
    },
    /// List the clients, what they may do and what they have spent (this is the default)
    List,
    /// End a client's key
    Remove {
        /// Which client
        #[arg(value_name = "NAME")]
        client: String,
    },
}

/// What a client may do.
#[derive(Debug, clap::Args)]
struct May {
    /// Let it spend so many dollars a day, `none` for as many as all together may
    #[arg(long, value_name = "USD")]
    budget_day: Option<Most<Money>>,
    /// Let it spend so many dollars a month
    #[arg(long, value_name = "USD")]
    budget_month: Option<Most<Money>>,
    /// Let it send so many requests a minute, `none` for any number
    #[arg(long, value_name = "N")]
    rpm: Option<Most<NonZeroU32>>,
    /// Let it ask for these models: ids, in which `*` stands for anything, such as `openai/*,pinx/*`
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    models: Option<Vec<String>>,
    /// Show it figures at `/metrics`: its own, or for a program that watches those of all clients
    #[arg(
        long,
        value_name = "WHOSE",
        value_parser = PossibleValuesParser::new(Figures::ALL.map(Figures::word)).map(whose)
    )]
    figures: Option<Figures>,
}

/// Whose figures a word means.
fn whose(word: String) -> Figures {
    if word == Figures::All.word() { Figures::All } else { Figures::Own }
}

/// A limit, or that there is none.
#[derive(Debug, Clone, Copy)]
struct Most<T>(Option<T>);

impl<T: FromStr<Err: ToString>> FromStr for Most<T> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Most(None)),
            text => {
                text.parse().map(|most| Most(Some(most))).map_err(|why: T::Err| why.to_string())
            }
        }
    }
}

impl May {
    /// Whether nothing is said.
    fn is_empty(&self) -> bool {
        let May { budget_day, budget_month, rpm, models, figures } = self;
        let has_budget = budget_day.is_some() || budget_month.is_some();
        !has_budget && rpm.is_none() && models.is_none() && figures.is_none()
    }

    /// Changes what is said, and leaves the rest.
    fn change(&self, grant: &mut Grant) {
        if let Some(Most(most)) = self.budget_day {
            grant.budget_day = most;
        }
        if let Some(Most(most)) = self.budget_month {
            grant.budget_month = most;
        }
        if let Some(Most(most)) = self.rpm {
            grant.rpm = most.map(NonZeroU32::get);
        }
        grant.figures = self.figures.unwrap_or(grant.figures);
        if let Some(models) = &self.models {
            grant.models = models.iter().map(|pattern| pattern.trim().to_owned()).collect();
        }
    }
}

/// Runs `pinx serve keys`.
///
/// # Errors
/// A name that is none, is taken or unknown, or a file that cannot be read or written.
pub(super) fn run(app: &App, args: &Args) -> Result<Exit> {
    match &args.action {
        None | Some(Action::List) => list(app)?,
        Some(Action::Add { new, may }) => add(app, new, may)?,
        Some(Action::Set { client, may }) => set(app, client, may)?,
        Some(Action::Remove { client }) => {
            Clients::remove(&app.settings.places.clients, client)?;
            app.ui.note(&format!("the key of `{client}` is good for nothing any more"));
            if app.ui.options().json {
                app.ui.json(&json!({ "success": true, "name": client }));
            }
        }
    }
    Ok(Exit::OK)
}

fn add(app: &App, name: &str, may: &May) -> Result<()> {
    let mut grant = Grant::default();
    may.change(&mut grant);
    let key = Clients::add(&app.settings.places.clients, name, grant.clone())?;
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "name": name, "key": key.expose() }));
    } else {
        app.ui.line(key.expose());
    }
    app.ui.note(&format!("the key of `{name}`, shown this once and kept nowhere"));
    warn_of_patterns(app, &grant);
    Ok(())
}

fn set(app: &App, name: &str, may: &May) -> Result<()> {
    if may.is_empty() {
        return Err(Error::usage(format!("nothing is said that `{name}` may do"))
            .hint(format!("`pinx serve keys set {name} --budget-day 5`, or another flag of `pinx serve keys set -h`")));
    }
    let grant = Clients::set(&app.settings.places.clients, name, |grant| may.change(grant))?;
    app.ui.note(&format!("`{name}` may {}", in_words(&grant)));
    if app.ui.options().json {
        let mut document = json!({ "success": true });
        extend(&mut document, in_json(name, &grant));
        app.ui.json(&document);
    }
    warn_of_patterns(app, &grant);
    Ok(())
}

/// A pattern that no model fits is likely a slip.
fn warn_of_patterns(app: &App, grant: &Grant) {
    let models: Vec<String> =
        app.settings.catalog.models.iter().map(|model| model.full_id()).collect();
    for pattern in &grant.models {
        if !models.iter().any(|model| fits(pattern, model)) {
            app.ui.warn(&format!("no model that is known fits `{pattern}`"));
        }
    }
}

/// `spend $5.00 today and $50.00 this month, send 30 requests a minute, ask for openai/*`.
fn in_words(grant: &Grant) -> String {
    let mut parts = Vec::new();
    let spent = [(grant.budget_day, "a day"), (grant.budget_month, "a month")];
    let spent = spent.into_iter().filter_map(|(most, period)| Some(format!("{} {period}", most?)));
    let spent: Vec<String> = spent.collect();
    parts.push(match spent.is_empty() {
        true => "spend what all together may".to_owned(),
        false => format!("spend {}", spent.join(" and ")),
    });
    parts.extend(
        grant.rpm.map(|rpm| format!("send {} a minute", text::counted(u64::from(rpm), "request"))),
    );
    parts.push(match grant.models.is_empty() {
        true => "ask for any model".to_owned(),
        false => format!("ask for {}", grant.models.join(", ")),
    });
    if grant.sees_all_figures() {
        parts.push("read the figures of all clients".to_owned());
    }
    parts.join(", ")
}

fn list(app: &App) -> Result<()> {
    let clients = Clients::load(&app.settings.places.clients)?;
    let log = match clients.is_empty() {
        true => None,
        false => Some(app.log.state().map_err(|error| app.log.unreadable(&error))?),
    };
    let spent = |client: &Client, period| log.as_ref().map(|log| taken(log, client, period));
    let spent = |client: &Client, period| spent(client, period).unwrap_or_default();
    if app.ui.options().json {
        let row = |client: &Client| {
            let mut row = in_json(&client.name, &client.grant);
            for (name, period) in [("day", Period::Day), ("month", Period::Month)] {
                let Day { spent, reserved, uncertain } = spent(client, period);
                row[name] = json!({
                    "spent": spent.as_json(),
                    "reserved": reserved.as_json(),
                    "uncertain": uncertain.as_json(),
                });
            }
            row["created"] = json!(client.created);
            row
        };
        let clients: Vec<Value> = clients.iter().map(row).collect();
        app.ui.json(&json!({ "success": true, "clients": clients }));
        return Ok(());
    }
    if clients.is_empty() {
        app.ui.note("no client has a key; `pinx serve keys add NAME` makes one");
        return Ok(());
    }
    let mut table = Table::new(vec![
        Column::new("client").width(10, 64),
        Column::new("today").right(),
        Column::new("this month").right(),
        Column::new("a minute").right().priority(2),
        Column::new("models").width(12, 60).priority(1),
        Column::new("added").priority(3),
    ]);
    let now = crate::zone::now();
    for client in clients.iter() {
        let Grant { budget_day, budget_month, rpm, models, .. } = &client.grant;
        let of = |period, most: &Option<Money>| {
            let taken = spent(client, period).taken();
            most.map_or_else(|| taken.to_string(), |most| format!("{taken} of {most}"))
        };
        table.row(vec![
            client.name.clone(),
            of(Period::Day, budget_day),
            of(Period::Month, budget_month),
            rpm.map_or_else(|| "–".to_owned(), |rpm| rpm.to_string()),
            if models.is_empty() { "all".to_owned() } else { models.join(", ") },
            crate::cmd::days::short(client.created, &now),
        ]);
    }
    app.ui.table(table);
    Ok(())
}

/// What counts against a client's budget.
fn taken(log: &Projection, client: &Client, period: Period) -> Day {
    log.state().taken_by(Some(&client.name), period, crate::clock::now(), log.zone())
}

/// What a client may do, as documents tell it; money is in dollars, and what has no limit is null.
fn in_json(name: &str, grant: &Grant) -> Value {
    json!({
        "name": name,
        "budget_day": grant.budget_day.map(Money::as_json),
        "budget_month": grant.budget_month.map(Money::as_json),
        "rpm": grant.rpm,
        "models": grant.models,
        "figures": grant.figures.word(),
    })
}

fn extend(document: &mut Value, with: Value) {
    if let (Value::Object(document), Value::Object(with)) = (document, with) {
        document.extend(with);
    }
}
