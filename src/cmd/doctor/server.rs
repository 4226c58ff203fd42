//! Who can reach a server of pinx: where it listens, whose keys it asks for, and whether one is there.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::super::{runtime, serve};
use super::{App, Check, named};
use crate::net::{HttpRequest, Transport};
use crate::store::Clients;
use crate::text::counted;

/// Longest wait for it.
const PATIENCE: Duration = Duration::from_millis(300);
/// Bytes of its answer at most.
const CAP: u64 = 4096;

/// What there is to know of it.
pub(super) fn server(app: &App, offline: bool) -> Vec<Check> {
    let clients = Clients::load(&app.settings.places.clients);
    let count = clients.as_ref().map_or(0, |clients| clients.iter().count());
    let address = serve::address(&app.settings.serve_listen);
    let mut checks = vec![match &address {
        Ok(address) => reach(app, *address, count),
        Err(error) => Check::fail("listen", error),
    }];
    checks.push(match &clients {
        Ok(clients) => keys(app, clients),
        Err(error) => Check::fail("keys", error),
    });
    checks.extend(names(app));
    if let (Ok(address), false) = (address, offline || app.env.is_on("PINX_NO_PROBE")) {
        checks.push(running(app, address));
    }
    checks
}

/// Who gets to its address.
fn reach(app: &App, address: SocketAddr, clients: usize) -> Check {
    let is_open = !serve::is_loopback(address.ip());
    let check = match (is_open, clients) {
        (false, _) => Check::ok("listen", format!("{address}: this machine alone gets there")),
        (true, 0) => Check::warn(
            "listen",
            format!("{address}: other machines get there, so `pinx serve` wants a client first"),
        )
        .remedy("`pinx serve keys add NAME`, or `pinx config set serve.listen 127.0.0.1:7878`"),
        (true, _) => Check::note(
            "listen",
            format!("{address}: other machines get there, and each request needs a key"),
        )
        .remedy("put a proxy with TLS before it: keys and pictures travel as they are"),
    };
    check.data("listen", app.settings.serve_listen.clone()).data("is_open", is_open)
}

/// Who is let in, and within which bounds.
fn keys(app: &App, clients: &Clients) -> Check {
    let count = clients.iter().count();
    let required = app.settings.serve_require_key || count > 0;
    let is_unbounded = app.spending_limits().is_empty();
    let free: Vec<&str> = clients
        .iter()
        .filter(|client| client.limits(true).limits.is_empty())
        .map(|client| client.name.as_str())
        .collect();
    let check = match (required, count) {
        (false, _) => Check::ok("keys", "none needed: any program of this machine may ask")
            .data("are_required", false),
        (true, 0) => Check::warn("keys", "every request needs a key, and no client has one")
            .remedy("`pinx serve keys add NAME`"),
        (true, _) if is_unbounded && !free.is_empty() => Check::warn(
            "keys",
            format!(
                "{} with a key; without any budget: {}",
                counted(count as u64, "client"),
                named(free.iter().copied())
            ),
        )
        .remedy(format!("`pinx serve keys set {} --budget-day 5`", free[0])),
        (true, _) => Check::ok("keys", format!("{} with a key", counted(count as u64, "client"))),
    };
    check.data("clients", count).data("are_required", required)
}

/// Under which further names, and from which pages, it may be asked.
fn names(app: &App) -> Vec<Check> {
    let settings = &app.settings;
    let lists = [
        ("hosts", &settings.serve_hosts, "names"),
        ("origins", &settings.serve_origins, "pages elsewhere"),
    ];
    let listed = lists.into_iter().filter(|(_, list, _)| !list.is_empty());
    let check = |(name, list, what): (&str, &Vec<String>, &str)| {
        let text = format!("{what} that may ask: {}", named(list.iter().map(String::as_str)));
        let check = Check::note(name, text).data(name, list.clone());
        match list.iter().any(|entry| entry == "*") {
            true => check.remedy(format!("`serve.{name}` has no `*`: it lists each one")),
            false => check,
        }
    };
    listed.map(check).collect()
}

/// Whether one answers there.
fn running(app: &App, address: SocketAddr) -> Check {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        ip => ip,
    };
    let at = SocketAddr::new(ip, address.port());
    let client = app.client();
    let status = runtime().ok().and_then(|runtime| runtime.block_on(health(&client, at)));
    match status {
        Some(true) => Check::ok("running", format!("one answers at http://{at}")),
        Some(false) => Check::note("running", format!("something else answers at {at}"))
            .remedy("`pinx serve -l 127.0.0.1:0` finds a free port"),
        None => Check::ok("running", format!("none answers at {at}; `pinx serve` starts one")),
    }
    .data("is_running", status == Some(true))
}

/// Whether what answers there is a server of pinx; none where nothing does.
async fn health(transport: &dyn Transport, at: SocketAddr) -> Option<bool> {
    let request = HttpRequest {
        method: "GET".to_owned(),
        url: Url::parse(&format!("http://{at}/healthz")).ok()?,
        headers: Vec::new(),
        secrets: Vec::new(),
        body: None,
        is_paid: false,
        timeout: PATIENCE,
        idle: PATIENCE,
        cap: CAP,
    };
    let answer = transport.send(request, &|_| {}).await.ok()?;
    let body = answer.body.bytes().ok();
    let body = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    Some(answer.status == 200 && body.is_some_and(|body| body["success"] == true))
}
