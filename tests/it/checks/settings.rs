//! Settings: any text is settings or an error that says where, and no error shows a key.
//!
//! A sample is TOML; lines behind `#env` are `PINX_` variables (`NAME=value`).

use std::path::Path;
use std::sync::OnceLock;

use pinx::error::Result;
use pinx::settings::{Env, Settings, address, edit, schema};

/// A key without the shape of one, so that only its place can protect it.
const KEY: &str = "hunter2hunter2";

/// Any text as the user's file and as variables.
pub fn settings_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if text.to_lowercase().contains("hunter") {
        // The fuzzer reads what it is compared with.
        return;
    }
    let (toml, variables) = text.split_once("#env\n").unwrap_or((&text, ""));
    let nowhere = Path::new("/nonexistent/pinx");
    let env = Env::of([("PINX_HOME", "/nonexistent/pinx/home"), ("OPENAI_API_KEY", KEY)]);
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let settings = SETTINGS
        .get_or_init(|| Settings::built_in(&env, nowhere, None).expect("the defaults are good"));
    // Each is slow enough that one of them a time finds more.
    let turn = data.iter().fold(data.len(), |sum, byte| sum + usize::from(*byte));
    // A key in its place is shown nowhere, whatever stands around it.
    let keyed = match turn % 4 {
        0 => toml.to_owned(),
        1 => format!("{toml}\n[providers.openai]\napi_key = \"{KEY}\"\n"),
        2 => format!("providers.fal.api_key = \"{KEY}\"\n{toml}"),
        _ => format!("{toml}\n[providers.openai]\napi_key = {KEY}\n"),
    };
    use_them(settings.check_user_text(&keyed), &env);
    let name = ["model", "budget.run", "providers.openai.base_url"][turn % 3];
    let known = edit::known(name).expect("a setting");
    let value = schema::value_of(known.shape, "1");
    match edit::set(toml, &known, Some(&value)) {
        Ok(changed) => {
            let table: toml::Table = changed.parse().expect("what was written is TOML");
            assert!(!table.is_empty());
        }
        Err(error) => hidden(&format!("{error:?}")),
    }
    if variables.is_empty() {
        return;
    }
    let named = variables.lines().filter_map(|line| line.split_once('='));
    let named = named.map(|(name, value)| (format!("PINX_{name}"), value.to_owned()));
    let home = ("PINX_HOME".to_owned(), "/nonexistent/pinx/home".to_owned());
    let key = ("PINX_PROVIDERS_OPENAI_API_KEY".to_owned(), KEY.to_owned());
    let env = Env::of(named.filter(|(name, _)| name != "PINX_HOME").chain([home, key]));
    use_them(Settings::load(&env, nowhere, None, &[]), &env);
}

/// What is shown of settings, and addresses made of them.
fn use_them(settings: Result<Settings>, env: &Env) {
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return hidden(&format!("{error:?}")),
    };
    hidden(&settings.warnings.join("\n"));
    for line in settings.explain() {
        hidden(&line.text());
    }
    for provider in &settings.catalog.providers {
        match address::endpoints(&settings, env, provider, None) {
            Ok(endpoints) => endpoints.warnings.iter().for_each(|warning| hidden(warning)),
            Err(error) => hidden(&format!("{error:?}")),
        }
    }
}

#[track_caller]
fn hidden(told: &str) {
    assert!(!told.contains("hunter2"), "a key is shown: {told}");
}
