//! `pinx stats`: what was spent, on what, how fast and how well it went, from the log; with `--ab`
//! what was judged.
//!
//! Spends nothing and asks nobody. The figures are those of `stats`; here they are only shown.

mod ab;
pub(super) mod budget;
mod chart;
mod document;
mod page;
mod screen;

use std::path::PathBuf;

use clap::builder::PossibleValue;
use jiff::Zoned;
use serde_json::json;

use super::log::unreadable;
use super::{App, days};
use crate::error::{Error, Exit, Kind, Result};
use crate::stats::{self, By, Figures, Query};
use crate::store::Existing;
use crate::text;

/// What `stats` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Group by provider, model, route, gateway, key, day, week, month, tag, style or client
    #[arg(long, value_name = "WHAT", default_value = "model", hide_possible_values = true)]
    pub by: By,
    /// Count what ended on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Count what ended on this day or earlier
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Count one provider
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<String>,
    /// Count one model: its id, or a part of its name
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Count what has this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Count what was done for one client of a server
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Rank models by the verdicts of `pinx compare` and `pinx vote`
    #[arg(long, conflicts_with_all = ["by", "csv", "html", "provider", "model", "client"])]
    pub ab: bool,
    /// With `--ab`: count comparisons in this style
    #[arg(long, value_name = "ID", requires = "ab")]
    pub style: Option<String>,
    /// Print the groups as CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Write them with charts into a page of its own, `-` for stdout
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    pub html: Option<PathBuf>,
    /// Replace a file that is no page of pinx, or was changed
    #[arg(long, requires = "html")]
    pub force: bool,
}

impl clap::ValueEnum for By {
    fn value_variants<'a>() -> &'a [By] {
        &By::EACH
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// Shows the figures.
///
/// # Errors
/// A day that is none, or a log that cannot be read.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let now = crate::zone::now();
    if args.ab {
        let (since, until) = days::span(args.since.as_deref(), args.until.as_deref(), &now)?;
        ab::run(
            app,
            &ab::Wanted { since, until, style: args.style.clone(), tag: args.tag.clone() },
        )?;
        return Ok(Exit::OK);
    }
    let query = query(args, &now)?;
    let answer = ask(app, &query)?;
    let budgets = budget::budgets(app, &now, query.client.as_deref())?;
    if let Some(path) = &args.html {
        let existing = if args.force { Existing::Replaced } else { Existing::Kept };
        let is_stdout = path.as_os_str() == "-";
        if is_stdout && app.ui.options().json {
            return Err(Error::usage("`--json` and the page cannot share stdout")
                .hint("name a file with `--html stats.html`")
                .into());
        }
        page::write(app, path, existing, &page::body(app, &query, &answer, &budgets))?;
        if is_stdout {
            return Ok(Exit::OK);
        }
        if app.ui.options().json {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            app.ui.json(&json!({ "success": true, "page": path }));
        } else {
            app.ui.line(&path.display().to_string());
        }
        return Ok(Exit::OK);
    }
    if app.ui.options().json {
        app.ui.json(&document::document(app, &query, &answer, &budgets));
        return Ok(Exit::OK);
    }
    if args.csv {
        document::csv(&app.ui, &query, &answer);
        return Ok(Exit::OK);
    }
    screen::show(app, &query, &answer, &budgets);
    Ok(Exit::OK)
}

/// Shows a client of a server its own figures as a document: no keys, and nothing of others.
///
/// # Errors
/// As of [`run`]; it asks for what is not its own.
pub(crate) fn run_for(app: &mut App, args: &Args, client: &str) -> anyhow::Result<Exit> {
    let is_own = args.client.as_ref().is_none_or(|name| name == client);
    if !is_own || matches!(args.by, By::Route | By::Gateway | By::Key) {
        let what = "a client does not get to see statistics of others, nor keys and gateways";
        return Err(Error::new(Kind::Permission, what)
            .code("not_a_clients")
            .hint("its own are there by model, provider, day, week, month, tag and style")
            .into());
    }
    let now = crate::zone::now();
    let query = Query { client: Some(client.to_owned()), ..query(args, &now)? };
    let answer = ask(app, &query)?;
    let budgets = budget::budgets(app, &now, Some(client))?;
    let mut document = document::document(app, &query, &answer, &budgets);
    if let Some(document) = document.as_object_mut() {
        // Of the whole log, and of the accounts at providers.
        document.retain(|name, _| !["entries", "torn", "dashboards"].contains(&&**name));
    }
    app.ui.json(&document);
    Ok(Exit::OK)
}

fn query(args: &Args, now: &Zoned) -> Result<Query> {
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
    let (since, until) = days::span(args.since.as_deref(), args.until.as_deref(), now)?;
    Ok(Query {
        since,
        until,
        provider: lower(&args.provider),
        model: lower(&args.model),
        tag: args.tag.clone(),
        client: args.client.clone(),
        by: args.by,
    })
}

fn ask(app: &App, query: &Query) -> Result<Figures> {
    let answer = stats::query(&app.log, query).map_err(|error| unreadable(app, &error))?;
    if answer.torn > 0 {
        let lines = text::counted(answer.torn, "line");
        app.ui.note(&format!("{lines} of the log cannot be read; left out"));
    }
    Ok(answer)
}
