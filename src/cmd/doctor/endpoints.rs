//! Providers asked something free, all at once: whether they answer, the key is good, the clock
//! right.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::super::{free_call, runtime, verdict};
use super::{App, Check};
use crate::catalog::{Auth, Provider};
use crate::dialect;
use crate::engine::{Route, route};
use crate::error::{Error, Kind, Result};
use crate::net::{Client, HttpResponse, Transport, is_loopback_host};
use crate::settings::{Origin, address, keys};
use crate::ui::Mark;

/// Longest wait for a free answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// A clock that is further off, in seconds, is told: limits, budgets and certificates go by it.
const SKEW: i64 = 60;

/// Who was asked, or why nobody was.
pub(super) enum Probes {
    Nobody(&'static str),
    All(Vec<ProbeResult>),
}

/// What one provider said.
pub(super) struct ProbeResult {
    provider: Provider,
    host: String,
    took: Duration,
    /// The status and what it says of the key, or how far the request got.
    outcome: Result<(u16, Result<String>)>,
    /// The server's clock and this machine's, at the same moment.
    clocks: Option<(Timestamp, Timestamp)>,
}

/// Asks every provider that can be asked.
pub(super) fn ask(app: &App, offline: bool) -> Probes {
    if offline {
        return Probes::Nobody("not asked: `--offline`");
    }
    if app.settings.broken.is_some() {
        return Probes::Nobody("not asked: the settings that say where keys may go cannot be read");
    }
    let providers = app.settings.catalog.providers.iter();
    let providers: Vec<&Provider> = providers
        .filter(|provider| !dialect::facts(provider).renders && app.is_usable(provider))
        .filter(|provider| free_call(provider).is_some())
        .collect();
    if providers.is_empty() {
        return Probes::Nobody("none is asked: there is no key");
    }
    let client = app.client();
    let mut asks = Vec::new();
    for provider in providers {
        match route::probes(&app.settings, &app.env, provider) {
            Ok(routes) => asks.extend(routes.into_iter().map(|route| (provider, Ok(route)))),
            Err(error) => asks.push((provider, Err(error))),
        }
    }
    match runtime() {
        Ok(runtime) => Probes::All(runtime.block_on(join_all(
            asks.into_iter().map(|(provider, route)| ask_one(app, &client, provider, route)),
        ))),
        Err(_) => Probes::Nobody("not asked: this machine gives no runtime"),
    }
}

async fn ask_one(
    app: &App,
    client: &Client,
    provider: &Provider,
    route: Result<Route>,
) -> ProbeResult {
    let begun = Instant::now();
    let mut result = ProbeResult {
        provider: provider.clone(),
        host: String::new(),
        took: Duration::ZERO,
        outcome: Err(Error::new(Kind::Internal, "not asked")),
        clocks: None,
    };
    let prepared = route.and_then(|route| {
        let (call, _) = free_call(provider)
            .ok_or_else(|| Error::new(Kind::Internal, "there is nothing to ask"))?;
        let mut request = route.authorize(&call, &app.settings)?;
        request.timeout = request.timeout.min(PATIENCE);
        Ok((route, request))
    });
    let (route, request): (Route, _) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return ProbeResult { outcome: Err(error), ..result },
    };
    result.host = host(&request.url);
    let answer = client.send(request, &|_| {}).await;
    result.took = begun.elapsed();
    result.clocks = answer.as_ref().ok().and_then(date).map(|theirs| (theirs, crate::clock::now()));
    result.outcome = answer.map(|answer| {
        let good = free_call(provider).map_or(200, |(_, good)| good);
        (answer.status, verdict(provider, good, &answer, route.name()))
    });
    result
}

fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn date(answer: &HttpResponse) -> Option<Timestamp> {
    let date = answer.header("date")?;
    Some(jiff::fmt::rfc2822::parse(date.trim()).ok()?.timestamp())
}

/// What everybody said.
pub(super) fn providers(app: &App, asked: &Probes) -> Vec<Check> {
    match asked {
        Probes::Nobody(why) => vec![Check::note("providers", *why)],
        Probes::All(all) => all.iter().map(|result| provider(app, result)).collect(),
    }
}

fn provider(app: &App, result: &ProbeResult) -> Check {
    let ProbeResult { provider, host, took, outcome, .. } = result;
    let id = provider.id.as_str();
    let ms = took.as_millis() as u64;
    let (status, verdict) = match outcome {
        Ok((status, verdict)) => (*status, verdict),
        Err(error) if host.is_empty() => return Check::fail(id, error),
        Err(error) => return unreachable(app, provider, error),
    };
    let check = match verdict {
        Ok(_) if provider.auth == Auth::None => Check::ok(id, format!("{host} answers in {ms} ms")),
        Ok(source) => {
            let key = match keys::sources_of(&app.settings, &app.env, provider).len() {
                0 | 1 => "the key is good".to_owned(),
                _ => format!("the key in {source} is good"),
            };
            Check::ok(id, format!("{host} answers in {ms} ms; {key}"))
        }
        Err(error) => refused(app, provider, status, error, host),
    };
    check.data("latencyMs", ms).data("status", status)
}

/// Something else than what a good key gets.
fn refused(app: &App, provider: &Provider, status: u16, error: &Error, host: &str) -> Check {
    let id = provider.id.as_str();
    let mut check = Check::fail(id, error);
    match status {
        // It may make images all the same.
        _ if error.kind == Kind::Permission => check.state(Mark::Warn),
        401 | 403 => {
            let page = provider.keys_page.as_ref();
            check.remedies.extend(page.map(|page| format!("keys are made at {page}")));
            check
        }
        429 => check.state(Mark::Warn).remedy("too many requests for now: wait a minute"),
        // A server of one's own may have no list of models, and still make images.
        404 | 405 if provider.check.is_none() => {
            Check::ok(id, format!("{host} answers (HTTP {status}: it lists no models)"))
        }
        300..=399 | 404 | 405 => {
            check.remedies.push(format!("is that the right place? {}", address_of(app, provider)));
            check
        }
        _ => {
            check.remedies.push(match &provider.dashboard {
                Some(page) => format!("the fault is on its side: try later, or look at {page}"),
                None => format!("the fault is on the side of {host}: look at its own log"),
            });
            check
        }
    }
}

/// Where the address comes from, and how to change it.
fn address_of(app: &App, provider: &Provider) -> String {
    let endpoints = address::endpoints(&app.settings, &app.env, provider, None).ok();
    let origin =
        endpoints.and_then(|endpoints| Some(endpoints.roles.values().next()?.origin.clone()));
    match origin.filter(|origin| *origin != Origin::Default) {
        None => "it is the provider's own address".to_owned(),
        Some(origin) => {
            let place = origin.place();
            format!("its address comes from {place}; `pinx config show` lists them all")
        }
    }
}

/// The request got nowhere: as far as the error tells, where it stopped.
fn unreachable(app: &App, provider: &Provider, error: &Error) -> Check {
    let mut check = Check::fail(&provider.id, error);
    let said = error.message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let proxy = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let proxy = proxy.iter().find(|name| app.env.get(name).is_some());
    let is_here =
        said.contains("127.0.0.1") || said.contains("localhost") || said.contains("[::1]");
    let (word, remedy) = if error.code == "bad_certificate" {
        let clock = has(&["expired", "notvalidyet", "not valid yet"]);
        ("TLS", if clock { "is this machine's clock right?" } else { "" }.to_owned())
    } else if has(&["lookup address", "dns", "resolve", "no public address"]) {
        let own = address_of(app, provider);
        ("DNS", format!("is this machine online? {own}"))
    } else if has(&["refused"]) && is_here {
        (
            "refused",
            format!("nothing listens there: start that server; {}", address_of(app, provider)),
        )
    } else if has(&["refused", "unreachable"]) {
        ("refused", format!("a firewall, or a wrong address: {}", address_of(app, provider)))
    } else if has(&["does not answer", "no answer from", "timed out"]) {
        let own = address_of(app, provider);
        ("timeout", format!("it is slow or cut off: try again, look at the network; {own}"))
    } else {
        let own = address_of(app, provider);
        ("broken", format!("try again; if it stays, look at firewall and network; {own}"))
    };
    check.remedies.extend(Some(remedy).filter(|remedy| !remedy.is_empty()));
    if let (Some(name), false) = (proxy, is_here) {
        check.remedies.push(format!("requests go through the proxy of {name}: is it right?"));
    }
    check.data("stopped", word)
}

/// This machine's clock beside those of the providers that answered.
pub(super) fn clock(asked: &Probes) -> Check {
    let all = match asked {
        Probes::Nobody(_) => &[][..],
        Probes::All(all) => all,
    };
    // A server on this machine shares the clock, and one wrong server proves nothing.
    let is_local =
        |result: &ProbeResult| is_loopback_host(result.host.split(':').next().unwrap_or_default());
    let nearest = all
        .iter()
        .filter_map(|result| {
            let (theirs, ours) = result.clocks?;
            Some((is_local(result), ours.duration_since(theirs).as_secs(), result))
        })
        .min_by_key(|(is_local, skew, _)| (*is_local, skew.abs()));
    match nearest {
        None => Check::note("clock", "not compared: no provider told its time"),
        Some((_, skew, result)) => skewed(skew, &result.host),
    }
}

fn skewed(skew: i64, host: &str) -> Check {
    let seconds = skew.abs();
    let check = match skew {
        _ if seconds <= SKEW => Check::ok("clock", format!("agrees with that of {host}")),
        _ => {
            let way = if skew > 0 { "ahead of" } else { "behind" };
            let off = match seconds {
                0..=7_199 => format!("{seconds} s"),
                7_200..=172_799 => format!("{} hours", seconds / 3_600),
                _ => format!("{} days", seconds / 86_400),
            };
            Check::warn(
                "clock",
                format!("{off} {way} that of {host}; limits, budgets and certificates go by it"),
            )
            .remedy(if cfg!(target_os = "macos") {
                "set it: `sudo sntp -sS time.apple.com`"
            } else if cfg!(windows) {
                "set it: `w32tm /resync`"
            } else {
                "set it: `sudo timedatectl set-ntp true`"
            })
        }
    };
    check.data("aheadSeconds", skew)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_far_off_is_told_in_words() {
        for (skew, state, text) in [
            (0, Mark::Ok, "agrees"),
            (-60, Mark::Ok, "agrees"),
            (61, Mark::Warn, "61 s ahead of"),
            (-7_200, Mark::Warn, "2 hours behind"),
            (864_000, Mark::Warn, "10 days ahead"),
        ] {
            let check = skewed(skew, "api.example.com");
            assert_eq!(check.state, state, "{skew}");
            assert!(check.text.contains(text), "{skew}: {}", check.text);
            assert_eq!(check.remedies.len(), usize::from(state == Mark::Warn));
        }
    }

    #[test]
    fn a_clock_is_compared_with_the_world_before_this_machine() {
        let now = crate::clock::now();
        let result = |host: &str, behind: i64| ProbeResult {
            provider: crate::catalog::Catalog::load(&toml::Table::new(), &[]).unwrap().providers[0]
                .clone(),
            host: host.to_owned(),
            took: Duration::ZERO,
            outcome: Ok((200, Ok(String::new()))),
            clocks: Some((now - jiff::SignedDuration::from_secs(behind), now)),
        };
        let asked = Probes::All(vec![
            result("127.0.0.1:8080", 0),
            result("a.example", 300),
            result("b.example", 120),
        ]);
        let check = clock(&asked);
        assert_eq!(
            (check.state, check.text.contains("120 s ahead of that of b.example")),
            (Mark::Warn, true)
        );
    }
}
