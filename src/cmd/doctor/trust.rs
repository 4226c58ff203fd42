//! Trust: where keys may go, what a link may be, how much is taken from outside. Every figure is the
//! one in force, and rules that can be tried without a network are tried.

use std::net::IpAddr;
use std::path::{Component, Path};
use std::time::Duration;

use url::Url;

use super::{App, Check, named};
use crate::catalog::{Auth, Provider};
use crate::net::{HOPS, LinkPolicy, is_loopback_host, is_public};
use crate::secret::redact;
use crate::settings::address::{self, Endpoints};
use crate::settings::base_url;
use crate::settings::schema::PROJECT;
use crate::store::{self, DECODED_EDGE, DECODED_PIXELS, MAX_EDGE, MAX_PIXELS};
use crate::text::{self, size};
use crate::ui::Mark;

/// One line a rule.
pub(super) fn trust(app: &App) -> Vec<Check> {
    let s = &app.settings;
    let providers = s.catalog.providers.iter().filter(|provider| provider.auth != Auth::None);
    let reached: Vec<(&Provider, Endpoints)> = providers
        .filter_map(|one| Some((one, address::endpoints(s, &app.env, one, None).ok()?)))
        .collect();
    let in_use: Vec<&(&Provider, Endpoints)> =
        reached.iter().filter(|(provider, _)| app.is_usable(provider)).collect();
    let mut checks = vec![held(
        "keys",
        key_goes_to_no_look_alike(&reached),
        "one goes to its provider or gateway only, to no look-alike",
    )];
    for (provider, endpoints) in in_use {
        checks.extend(key_rule(provider, endpoints));
    }
    checks.extend([
        links(&reached),
        held("text", text_is_harmless(), "control characters and keys are taken out of answers"),
        held("names", names_stay_inside(), "files stay in their directory, whatever a prompt says"),
        Check::ok(
            "answers",
            format!(
                "{} at most; {} in memory, more in files",
                size(s.answer_limit),
                size(s.body_memory)
            ),
        ),
        Check::ok(
            "images",
            format!(
                "at most {MAX_EDGE} pixels an edge and {} megapixels; decoded up to {DECODED_EDGE} an \
                 edge and {} megapixels",
                MAX_PIXELS / 1_000_000,
                DECODED_PIXELS / 1_000_000
            ),
        ),
        Check::ok(
            "projects",
            format!("a pinx.toml may set {}; no key, no address", named(PROJECT.iter().copied())),
        ),
    ]);
    checks
}

/// Where one provider's key goes, and whether others can read it on the way.
fn key_rule(provider: &Provider, endpoints: &Endpoints) -> Vec<Check> {
    let id = provider.id.as_str();
    let hosts = endpoints.key_hosts.iter().map(|host| host.trim_start_matches("https://"));
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    let mut checks = Vec::new();
    let strange: Vec<String> = endpoints
        .roles
        .values()
        .filter(|address| !address.official)
        .map(|address| {
            format!("{} ({})", base_url::without_user(address.url.as_str()), address.origin)
        })
        .collect();
    let mut told = Vec::new();
    strange.into_iter().for_each(|one| {
        if !told.contains(&one) {
            told.push(one)
        }
    });
    checks.push(if told.is_empty() {
        Check::ok(id, format!("its key goes to {hosts} and nowhere else"))
    } else {
        Check::note(
            id,
            format!("its key goes to {hosts}, since its address is {}", told.join(", ")),
        )
        .remedy("if that is not your doing, take it out: `pinx config show` tells where it is set")
    });
    let open = endpoints
        .roles
        .values()
        .find(|address| address.url.scheme() == "http" && !base_url::is_loopback(&address.url));
    checks.extend(open.map(|address| {
        let text = format!("{} is plain http: others on the way can read the key", address.url);
        Check::warn(id, text)
            .remedy(format!("use https, and take `allow_http` out of providers.{id}"))
    }));
    checks
}

/// A rule that was tried just now.
fn held(name: &str, holds: bool, rule: &str) -> Check {
    if holds {
        return Check::ok(name, format!("{rule} (tried)"));
    }
    Check::new(Mark::Fail, name, format!("this rule does not hold: {rule}"))
        .remedy("this is a defect of pinx: use no key with this version, and report it")
}

fn key_goes_to_no_look_alike(reached: &[(&Provider, Endpoints)]) -> bool {
    let strange = |url: &Url| {
        let host = url.host_str()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let like = [
            format!("{}://{host}.look-alike.invalid{port}", url.scheme()),
            format!("{}://look-alike.invalid/{host}", url.scheme()),
            format!("{}://{host}@look-alike.invalid{port}", url.scheme()),
            format!("{}://{host}:1", url.scheme()),
        ];
        Some(like.into_iter().filter_map(|like| Url::parse(&like).ok()).collect::<Vec<_>>())
    };
    // An address in digits has no look-alikes.
    let named = |url: &Url| url.host_str().is_some_and(|host| host.parse::<IpAddr>().is_err());
    reached.iter().all(|(_, endpoints)| {
        let urls = endpoints.roles.values().map(|address| &address.url).filter(|url| named(url));
        urls.filter_map(strange).flatten().all(|like| !endpoints.may_carry_key(&like))
    })
}

/// What a link in an answer may be, tried with some that are refused.
fn links(reached: &[(&Provider, Endpoints)]) -> Check {
    let policy = LinkPolicy {
        what: "result link",
        loopback: false,
        timeout: Duration::from_secs(1),
        idle: Duration::from_secs(1),
        cap: 1,
    };
    let refused = [
        "http://example.com/a.png",
        "file:///etc/passwd",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://localhost/a.png",
    ];
    let holds = refused.iter().all(|link| policy.check(link).is_err())
        && policy.check("https://example.com/a.png").is_ok()
        && ["127.0.0.1", "192.168.1.1", "fe80::1"]
            .iter()
            .all(|ip| ip.parse().is_ok_and(|ip| !is_public(ip)));
    let here: Vec<&str> = reached
        .iter()
        .filter(|(_, endpoints)| {
            endpoints.roles.values().any(|a| a.url.host_str().is_some_and(is_loopback_host))
        })
        .map(|(provider, _)| provider.id.as_str())
        .collect();
    let also = if here.is_empty() {
        String::new()
    } else {
        format!("; those of {} may lead to this machine, where it is reached", here.join(", "))
    };
    held(
        "links",
        holds,
        &format!(
            "results come by https from public addresses, without a key, {HOPS} redirects at \
             most{also}"
        ),
    )
}

fn text_is_harmless() -> bool {
    let key = format!("sk-{}", "a1B2".repeat(8));
    let told = text::clean(&redact(&format!("\x1b[2J\u{202e}wrong key: {key}\x07"), []), 200);
    !told.contains(&key) && !told.chars().any(text::is_dangerous)
}

fn names_stay_inside() -> bool {
    let prompt = "../../etc/passwd /root\0 ~ .. C:\\x";
    let fields = store::Fields { prompt, ..store::Fields::default() };
    let outputs = ["here/", "here/{prompt}.{ext}", "here/{slug}.{ext}"];
    outputs.iter().all(|output| {
        let output = store::Output::parse(output, |_| false);
        let Ok(target) = store::plan(&output, &fields, 1) else { return true };
        let path = store::candidate(&target, 0);
        let is_plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        path.components().all(is_plain) && path.parent() == Some(Path::new("here"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_hold() {
        assert!(text_is_harmless());
        assert!(names_stay_inside());
    }
}
