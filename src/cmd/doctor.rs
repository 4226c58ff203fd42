//! `pinx doctor`: is everything as it should be, and what to do where it is not.
//!
//! Spends nothing: providers are asked what is free, and nothing is written but a probe that is
//! removed at once. It works although the settings are broken; then nobody is asked, since where a
//! key may go is not known.

mod catalog;
mod disk;
mod endpoints;
mod gateways;
mod journal;
mod keys;
mod local;
mod network;
mod server;
mod terminal;
mod trust;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{App, refresh, with_snake_names};
use crate::error::{Error, Exit};
use crate::secret::redact;
use crate::text::counted;
use crate::ui::{Finding, Mark};

/// What `doctor` takes.
#[derive(Debug, Default, clap::Args)]
#[command(
    after_help = "Exit codes: 0 what is configured works, 1 something that is configured does \
                        not (`FAIL`)."
)]
pub struct Args {
    /// Ask nobody, neither providers nor this machine's own servers
    #[arg(long)]
    pub offline: bool,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
struct Check {
    group: &'static str,
    name: String,
    state: Mark,
    text: String,
    remedies: Vec<String>,
    /// The figures in the text, for programs.
    #[serde(skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
}

impl Check {
    fn new(state: Mark, name: impl Into<String>, text: impl Into<String>) -> Check {
        Check {
            group: "",
            name: name.into(),
            state,
            text: text.into(),
            remedies: Vec::new(),
            data: Map::new(),
        }
    }

    fn ok(name: impl Into<String>, text: impl Into<String>) -> Check {
        Check::new(Mark::Ok, name, text)
    }

    fn note(name: impl Into<String>, text: impl Into<String>) -> Check {
        Check::new(Mark::Note, name, text)
    }

    fn warn(name: impl Into<String>, text: impl Into<String>) -> Check {
        Check::new(Mark::Warn, name, text)
    }

    /// What an error says, with its hints as remedies.
    fn fail(name: impl Into<String>, error: &Error) -> Check {
        let cause = error.source.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
        let text = redact(&format!("{}{cause}", error.message), []);
        let remedies = error.hints.clone();
        Check { remedies, ..Check::new(Mark::Fail, name, text) }
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Check {
        self.remedies.push(remedy.into());
        self
    }

    fn state(self, state: Mark) -> Check {
        Check { state, ..self }
    }

    fn data(mut self, key: &str, value: impl Into<Value>) -> Check {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

/// Looks at everything.
///
/// # Errors
/// None: what is wrong is in the answer.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    let app = &*app;
    let mut report = Report { app, checks: Vec::new() };
    report.group("settings", keys::settings(app));
    report.group("keys", keys::keys(app));
    report.group("models", catalog::models(app));
    report.group("disk", disk::disk(app));
    report.group("log", journal::journal(app));
    report.group("terminal", terminal::terminal(app));
    report.group("trust", trust::trust(app));
    report.group("server", server::server(app, args.offline));
    // What may take seconds comes last, so that the rest is read meanwhile.
    let asked = endpoints::ask(app, args.offline);
    let mut network = network::network(app);
    network.extend(gateways::gateways(app));
    network.extend(endpoints::providers(app, &asked));
    network.push(endpoints::clock(&asked));
    network.extend(local::servers(app, args.offline));
    report.group("network", network);
    Ok(report.end())
}

struct Report<'a> {
    app: &'a App,
    checks: Vec<Check>,
}

impl Report<'_> {
    /// Tells a group as soon as it is known.
    fn group(&mut self, title: &'static str, checks: Vec<Check>) {
        if !self.app.ui.options().json {
            let findings: Vec<Finding> = checks
                .iter()
                .map(|check| Finding {
                    mark: check.state,
                    name: &check.name,
                    text: &check.text,
                    remedies: &check.remedies,
                })
                .collect();
            self.app.ui.findings(title, &findings);
        }
        self.checks.extend(checks.into_iter().map(|check| Check { group: title, ..check }));
    }

    fn count(&self, state: Mark) -> u64 {
        self.checks.iter().filter(|check| check.state == state).count() as u64
    }

    /// The sum, and the exit code.
    fn end(self) -> Exit {
        let [failures, warnings] = [Mark::Fail, Mark::Warn].map(|state| self.count(state));
        if self.app.ui.options().json {
            self.app.ui.json(&with_snake_names(json!({
                "success": failures == 0,
                "version": env!("CARGO_PKG_VERSION"),
                "checks": self.checks,
                "totals": {
                    "ok": self.count(Mark::Ok),
                    "note": self.count(Mark::Note),
                    "warn": warnings,
                    "fail": failures,
                },
            })));
        } else {
            self.app.ui.note(&format!(
                "pinx {}: {}; nothing was spent",
                env!("CARGO_PKG_VERSION"),
                summary(&self.checks, failures, warnings)
            ));
        }
        if failures == 0 { Exit::OK } else { Exit::FAILED }
    }
}

/// `model, size and 3 more`.
fn named<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 5;
    let (count, shown) = (names.len(), names.take(SHOWN).collect::<Vec<_>>().join(", "));
    match count {
        0 => "nothing".to_owned(),
        count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
        _ => shown,
    }
}

/// What does not work by name, since it may have scrolled away.
fn summary(checks: &[Check], failures: u64, warnings: u64) -> String {
    let names = |state: Mark| {
        let of = checks.iter().filter(|check| check.state == state);
        of.map(|check| format!("{}/{}", check.group, check.name)).collect::<Vec<_>>().join(", ")
    };
    match (failures, warnings) {
        (0, 0) => "all is well".to_owned(),
        (0, _) => format!("{} ({})", counted(warnings, "warning"), names(Mark::Warn)),
        (_, 0) => format!("{} ({})", counted(failures, "failure"), names(Mark::Fail)),
        _ => format!(
            "{} ({}), {} ({})",
            counted(failures, "failure"),
            names(Mark::Fail),
            counted(warnings, "warning"),
            names(Mark::Warn)
        ),
    }
}
