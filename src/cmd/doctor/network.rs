//! Proxies and certificate authorities, as variables and settings say.

use std::path::Path;

use super::{App, Check};
use crate::settings::base_url::without_user;
use crate::settings::{Env, Roots};
use crate::ui::Mark;

/// Variables that the HTTP client reads for itself, in both spellings.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/// What stands between this machine and the providers.
pub(super) fn network(app: &App) -> Vec<Check> {
    vec![proxy(&app.env), roots(app)]
}

fn proxy(env: &Env) -> Check {
    let set = |name: &str| {
        let small = name.to_ascii_lowercase();
        let value = env.get(&small).map(|value| (small.clone(), value));
        value.or_else(|| env.get(name).map(|value| (name.to_owned(), value)))
    };
    let found: Vec<String> = PROXIES
        .iter()
        .filter_map(|name| set(name))
        .map(|(name, value)| format!("{name} is {}", without_user(value)))
        .collect();
    if found.is_empty() {
        return Check::ok("proxy", "none is set");
    }
    let except = match set("NO_PROXY") {
        Some((name, value)) => format!(", nor for {name}: {}", crate::text::clean(value, 60)),
        None => String::new(),
    };
    Check::ok("proxy", format!("{}; not used for this machine{except}", found.join(", ")))
}

fn roots(app: &App) -> Check {
    let files = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
    let set: Vec<(&str, &str)> =
        files.into_iter().filter_map(|name| Some((name, app.env.get(name)?))).collect();
    if let Some((name, path)) = set.iter().find(|(_, path)| !Path::new(path).exists()) {
        let text = format!("{name} is `{path}`, which is not there");
        return Check::new(Mark::Fail, "TLS roots", text)
            .remedy(format!("unset {name}, or let it name a file of certificates"));
    }
    let named: Vec<String> = set.iter().map(|(name, path)| format!("{name} is {path}")).collect();
    let named = if named.is_empty() { String::new() } else { format!("; {}", named.join(", ")) };
    match app.settings.tls_roots {
        Roots::Bundled if !set.is_empty() => {
            Check::warn("TLS roots", format!("the bundled ones; {} is not read", set[0].0))
                .remedy("`pinx config set tls.roots auto` reads it")
        }
        Roots::Bundled => Check::ok("TLS roots", "the bundled ones"),
        Roots::System => Check::ok("TLS roots", format!("the system's{named}")),
        Roots::Auto => {
            Check::ok("TLS roots", format!("the system's, else the bundled ones{named}"))
        }
    }
}
