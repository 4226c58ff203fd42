//! Addresses that come from variables of other tools, `OPENAI_BASE_URL` and `OPENAI_GATEWAY_URL`, as
//! the settings that they stand for, so that `pinx config` shows what counts and who said so.
//!
//! They are no layer: a gateway comes before one of them, and nearer settings before both.

use std::collections::BTreeMap;

use toml::Value;

use super::{Env, Origin, Settings, address};

/// Settings whose value a variable of another tool decides.
pub(super) fn settings(env: &Env, settings: &Settings) -> BTreeMap<String, (Value, Origin)> {
    let is_nearer = |name: &str| matches!(settings.origin(name), Origin::Env(_) | Origin::Flag(_));
    let given = |variable: &str| {
        let url = address::without_user(env.get(variable)?);
        Some((Value::String(url), Origin::Env(variable.to_owned())))
    };
    let mut usual = BTreeMap::new();
    let mut add = |name: &str, found: Option<(Value, Origin)>| {
        if let Some(found) = found.filter(|_| !is_nearer(name)) {
            usual.insert(name.to_owned(), found);
        }
    };
    // An address of pinx's own variables keeps the gateway out, as one on the command line would.
    let gateway = given("OPENAI_GATEWAY_URL").filter(|_| !is_nearer("providers.openai.gateway"));
    add("providers.openai.base_url", gateway.clone().or_else(|| given("OPENAI_BASE_URL")));
    add("providers.openai.gateway", gateway);
    usual
}
