//! `pinx` alone: what to type first, which model would paint and what it costs, and where keys go.
//!
//! Nothing is sent, and no command is run that could ask for a password.

use serde_json::{Value, json};

use super::{App, generate};
use crate::catalog::Estimate;
use crate::error::Exit;
use crate::money::Money;
use crate::settings::keys;

/// What to type first, and what it does.
const FIRST: [(&str, &str); 5] = [
    ("pinx \"a red fox in snow\"", "make a picture"),
    ("pinx \"a red fox\" -n 4 -a 16:9 -o foxes/", "four wide ones, into a directory"),
    ("pinx batch prompts.txt", "one of each line of a file"),
    ("pinx models", "which models there are, and prices"),
    ("pinx open", "the newest picture in the viewer"),
];

/// What a command without flags would take.
struct Ordinary {
    model: String,
    estimate: Estimate,
    is_drawn_here: bool,
}

/// Tells how to begin.
pub(crate) fn run(app: &App) -> Exit {
    let ordinary = ordinary(app);
    if app.ui.options().json {
        app.ui.json(&document(app, ordinary.as_ref()));
        return Exit::OK;
    }
    app.ui.line("pinx makes images from text.\n");
    app.ui.commands(&FIRST);
    app.ui.line("");
    let usual = app.settings.catalog.usual_keys();
    match ordinary {
        Some(ordinary) if ordinary.is_drawn_here => {
            app.ui.page("No key is set: it draws a procedural sketch, not AI, for free.");
            app.ui.page(&format!("For real models: `pinx keys set`, or set {usual}."));
        }
        Some(Ordinary { model, estimate, .. }) => {
            let taken = match app.settings.model.as_str() {
                "auto" => "`auto` takes",
                _ => "Your settings take",
            };
            app.ui.page(&format!("{taken} {model}: {} an image.", estimate.text()));
            app.ui.page("More models: `pinx keys set` stores a key, `pinx providers` lists them.");
        }
        None => app.ui.page("`pinx keys set` stores a key, `pinx doctor` tells what is missing."),
    }
    app.ui.line("");
    app.ui.page("`pinx -h` shows the commands, `pinx --help` everything.");
    Exit::OK
}

/// The model of an ordinary command, where that can be known without running a command for a key.
fn ordinary(app: &App) -> Option<Ordinary> {
    let s = &app.settings;
    let source = |provider| keys::source_of(s, &app.env, provider);
    let runs_a_command =
        s.catalog.providers.iter().any(|p| source(p).is_some_and(|source| source == "key_cmd"));
    if s.broken.is_some() || runs_a_command {
        return None;
    }
    let plan = generate::ordinary(app).ok()?;
    let route = plan.jobs.first()?.routes.first()?;
    Some(Ordinary {
        model: route.model_id(),
        estimate: route.estimate,
        is_drawn_here: route.is_local(),
    })
}

fn document(app: &App, ordinary: Option<&Ordinary>) -> Value {
    let first: Vec<Value> =
        FIRST.iter().map(|(command, what)| json!({ "command": command, "what": what })).collect();
    json!({
        "success": true,
        "version": env!("CARGO_PKG_VERSION"),
        "model": ordinary.map(|ordinary| &ordinary.model),
        "cost_per_image": ordinary.and_then(|ordinary| ordinary.estimate.expected).map(Money::as_json),
        "keys": app.settings.catalog.usual_keys(),
        "first": first,
        "help": "pinx --help",
    })
}
