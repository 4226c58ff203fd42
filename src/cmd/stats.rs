//! `pinx stats`: what the log adds up to; with `--ab` what was judged.

mod ab;

use super::App;
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
    /// Which verdicts count.
    #[command(flatten)]
    pub verdicts: ab::Verdicts,
}

/// Adds up.
///
/// # Errors
/// A day that is none, or a log that cannot be read.
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    ab::run(app, args.since.as_deref(), args.until.as_deref(), &args.verdicts)?;
    Ok(Exit::OK)
}
