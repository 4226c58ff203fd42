//! Addresses that come from variables of other tools, `OPENAI_BASE_URL` and `OPENAI_GATEWAY_URL`, as
//! the settings that they stand for, so that `pinx config` shows what counts and who said so.
//!
//! They are no layer: a gateway comes before one of them, and nearer settings before both.

use std::collections::BTreeMap;

use toml::Value;

use super::{Env, Origin, Settings, base_url};

/// Settings whose value a variable of another tool decides.
pub(super) fn settings(env: &Env, settings: &Settings) -> BTreeMap<String, (Value, Origin)> {
    let is_nearer = |name: &str| matches!(settings.origin(name), Origin::Env(_) | Origin::Flag(_));
    let given = |variable: &str| {
        let url = base_url::without_user(env.get(variable)?);
        Some((Value::String(url), Origin::Env(variable.to_owned())))
    };
    let mut usual = BTreeMap::new();
    let mut add = |name: &str, found: Option<(Value, Origin)>| {
        if let Some(found) = found.filter(|_| !is_nearer(name)) {
            usual.insert(name.to_owned(), found);
        }
    };
    for provider in &settings.catalog.providers {
        let setting = |key: &str| format!("providers.{}.{key}", provider.id);
        let given = |variable: &Option<String>| given(variable.as_deref()?);
        // An address of pinx's own variables keeps the gateway out, as one on the command line would.
        let gateway = given(&provider.gateway_env).filter(|_| !is_nearer(&setting("gateway")));
        add(&setting("base_url"), gateway.clone().or_else(|| given(&provider.base_env)));
        add(&setting("gateway"), gateway);
    }
    usual
}
