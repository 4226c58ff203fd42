//! Gateways and addresses: who stands between pinx and a provider, and whether its token is there.

use std::collections::BTreeSet;

use super::keys::warned;
use super::{App, Check};
use crate::error::Result;
use crate::settings::address::{self, Endpoints, Gateway};

/// Every gateway in use, and every address that cannot be used.
pub(super) fn gateways(app: &App) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut told = BTreeSet::new();
    for provider in &app.settings.catalog.providers {
        let endpoints = match address::endpoints(&app.settings, &app.env, provider, None) {
            Ok(endpoints) => endpoints,
            // One wrong address may be that of several providers.
            Err(error) if told.insert(error.message.clone()) => {
                checks.push(Check::fail("address", &error));
                continue;
            }
            Err(_) => continue,
        };
        checks.extend(endpoints.warnings.iter().map(|warning| {
            warned("address", warning).remedy("set one of them only: `pinx config show`")
        }));
        checks.extend(gateway(app, &provider.id, &endpoints));
    }
    if checks.is_empty() {
        checks.push(Check::ok("gateway", "none: requests go straight to the providers"));
    }
    checks
}

fn gateway(app: &App, provider: &str, endpoints: &Endpoints) -> Option<Check> {
    let (name, gateway) = endpoints.gateway.as_ref()?;
    let host = endpoints.roles.values().find(|address| address.gated)?.url.host_str()?.to_owned();
    let text = format!("{provider} goes through {name} ({}) at {host}", gateway.kind.kind);
    Some(match token(app, endpoints, gateway) {
        Ok(Some(source)) => Check::ok("gateway", format!("{text}; its token comes from {source}")),
        Ok(None) => Check::ok("gateway", format!("{text}; it has no token of its own")),
        Err(error) => Check::fail("gateway", &error),
    })
}

/// Where the token comes from. A command is not run: it might ask for a password.
fn token<'g>(app: &App, endpoints: &Endpoints, gateway: &'g Gateway) -> Result<Option<&'g str>> {
    let Some(token) = &gateway.token else {
        // One that wants a token says so itself.
        return endpoints.gateway_key(&app.settings).map(|_| None);
    };
    if token.source() != "token_cmd" {
        token.get()?;
    }
    Ok(Some(token.source()))
}
