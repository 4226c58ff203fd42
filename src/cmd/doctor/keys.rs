//! Settings that were read, and the keys that were found: where each comes from, never the key.

use std::collections::BTreeSet;

use super::{App, Check, named};
use crate::catalog::{Auth, Provider};
use crate::error::Error;
use crate::settings::{self, Origin, keys as stored};
use crate::ui::Mark;

/// The layers of settings, and what is wrong in them.
pub(super) fn settings(app: &App) -> Vec<Check> {
    let s = &app.settings;
    let mut checks = Vec::new();
    if let Some(error) = &s.broken {
        let mut check = Check::fail("settings", error);
        check.text += "; until that is repaired no picture can be made, so the rest is checked with \
                       the built-in settings and nobody is asked";
        checks.push(check);
    }
    let explained = s.explain();
    let set = |is: &dyn Fn(&Origin) -> bool| {
        let lines = explained.iter().filter(|line| is(&line.origin));
        lines.map(|line| (line.name.as_str(), &line.origin)).collect::<Vec<_>>()
    };
    let user = set(&|origin| matches!(origin, Origin::User(..)));
    let config = s.places.config.display();
    if s.broken.is_none() && s.places.config.exists() {
        checks.push(Check::ok(
            "yours",
            format!("{config} sets {}", named(user.iter().map(|(name, _)| *name))),
        ));
    } else if s.broken.is_none() {
        let text = format!("built-in; `pinx config init` writes {config} to change them");
        checks.push(Check::ok("yours", text));
    }
    let project = set(&|origin| matches!(origin, Origin::Project(..)));
    if let Some((_, Origin::Project(path, _))) = project.first() {
        checks.push(Check::ok(
            "project",
            format!("{} sets {}", path.display(), named(project.iter().map(|(name, _)| *name))),
        ));
    }
    let variables = set(&|origin| matches!(origin, Origin::Env(_)));
    if !variables.is_empty() {
        let variables: BTreeSet<String> =
            variables.iter().map(|(_, origin)| origin.to_string()).collect();
        let variables = variables.into_iter().collect::<Vec<_>>().join(", ");
        checks.push(Check::ok("variables", format!("{variables} set what their names say")));
    }
    // Files that others can read stand with the keys.
    let open: Vec<String> = s.open_files().into_iter().map(settings::open_file).collect();
    for warning in s.warnings.iter().filter(|warning| !open.contains(warning)) {
        checks.push(warned("settings", warning));
    }
    checks
}

/// A warning whose remedy stands behind a semicolon.
pub(super) fn warned(name: &str, warning: &str) -> Check {
    match warning.split_once("; ") {
        Some((text, remedy)) => Check::warn(name, text).remedy(remedy),
        None => {
            Check::warn(name, warning).remedy("`pinx config show` tells where each value is from")
        }
    }
}

/// The key of every provider that needs one, and the files that hold keys.
pub(super) fn keys(app: &App) -> Vec<Check> {
    let providers = app.settings.catalog.providers.iter().filter(|p| p.auth != Auth::None);
    let mut checks: Vec<Check> = providers.map(|provider| key(app, provider)).collect();
    checks.extend(files(app));
    checks
}

fn key(app: &App, provider: &Provider) -> Check {
    let id = provider.id.as_str();
    match stored::source_of(&app.settings, &app.env, provider) {
        // It might ask for a password; asking the provider runs it anyway.
        Some(source) if source == "key_cmd" => Check::ok(id, "key_cmd prints it when it is needed"),
        _ => match stored::find_all(&app.settings, &app.env, provider) {
            Ok(keys) if keys.is_empty() => without(app, provider),
            Ok(keys) => {
                let keys = keys.iter().map(|key| format!("{} #{}", key.source, key.fingerprint));
                let check = Check::ok(id, keys.collect::<Vec<_>>().join(", "));
                let api_key = app.settings.value(&format!("providers.{id}.api_key"));
                match api_key {
                    Some((_, Origin::User(path, line))) => check.state(Mark::Note).remedy(format!(
                        "`pinx keys set {id}` keeps it apart from settings that you may share; \
                         then delete line {line} of {}",
                        path.display()
                    )),
                    _ => check,
                }
            }
            // Said already, where the settings are.
            Err(error) if is_told(app, &error) => {
                Check::note(id, "not known: the stored keys cannot be read")
            }
            Err(error) => Check::fail(id, &error),
        },
    }
}

fn is_told(app: &App, error: &Error) -> bool {
    app.settings.broken.as_ref().is_some_and(|broken| broken.message == error.message)
}

/// No key: an offer, not a fault.
fn without(app: &App, provider: &Provider) -> Check {
    let id = provider.id.as_str();
    if app.is_usable(provider) {
        return Check::ok(id, "none is needed: its server or gateway asks for no key of yours");
    }
    let gives = match app.settings.catalog.of_provider(id).count() {
        0 => "its models".to_owned(),
        1 => "one model".to_owned(),
        count => format!("{count} models"),
    };
    let check = Check::note(id, format!("no key; one gives {gives}"));
    let set = match provider.key_env.first() {
        Some(variable) => format!("set {variable}, or `pinx keys set {id}`"),
        None => format!("`pinx keys set {id}`"),
    };
    match &provider.keys_page {
        Some(page) => check.remedy(format!("{set}; made at {page}")),
        None => check.remedy(set),
    }
}

/// The files that keys are stored in: nobody else may read them.
fn files(app: &App) -> Vec<Check> {
    let s = &app.settings;
    let open = s.open_files();
    let mut checks = Vec::new();
    let path = s.places.credentials.as_path();
    // That the file cannot be read is said where the settings are.
    if path.exists()
        && !open.contains(&path)
        && let Ok(held) = stored::list_stored(s)
    {
        let whose = if held.is_empty() { "no key".to_owned() } else { held.join(", ") };
        let text = format!("{} holds {whose}; only you can read it", path.display());
        checks.push(Check::ok("stored", text));
    }
    for path in open {
        let name = if path == s.places.credentials { "stored" } else { "config.toml" };
        checks.push(warned(name, &settings::open_file(path)));
    }
    checks
}
