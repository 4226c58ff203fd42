//! `pinx stats`: what the log adds up to; with `--ab` what was judged.

mod ab;

use clap_complete::engine::ArgValueCompleter;
use jiff::Zoned;

use super::log::days;
use super::{App, completions};
use crate::error::Exit;

/// What `stats` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rank models by the verdicts of `pinx compare` and `pinx vote`
    #[arg(long)]
    pub ab: bool,
    /// Count what was judged on this day or later: 2026-11-22, today, yesterday, 7d, 12h
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Count what was judged on this day or earlier
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// With --ab: count comparisons in this style
    #[arg(long, value_name = "ID", requires = "ab", add = ArgValueCompleter::new(completions::styles))]
    pub style: Option<String>,
    /// With --ab: count comparisons with this tag
    #[arg(long, value_name = "TAG", requires = "ab")]
    pub tag: Option<String>,
}

/// Adds up.
///
/// # Errors
/// A day that is none, or a log that cannot be read.
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let now = Zoned::now();
    let wanted = ab::Wanted {
        since: args.since.as_deref().map(|day| days::begin("--since", day, &now)).transpose()?,
        until: args.until.as_deref().map(|day| days::end("--until", day, &now)).transpose()?,
        style: args.style.clone(),
        tag: args.tag.clone(),
    };
    ab::run(app, &wanted)?;
    Ok(Exit::OK)
}
