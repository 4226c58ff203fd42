//! `pinx serve`: the same engine over HTTP, for pages, programs and agents. No second path to money.

mod answer;
mod api;
mod caller;
mod connection;
mod documents;
mod field;
mod generate;
mod guard;
mod images;
mod keys;
mod listen;
mod multipart;
mod openai;
mod pace;
mod page;
mod place;
mod samples;
mod stream;
mod unit;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;

use self::answer::Failure;
use self::caller::{Caller, Doorkeeper};
use self::guard::Policy;
use self::listen::Listening;
use super::service::{RunRecord, Service};
use super::{App, refresh};
use crate::engine::Level;
use crate::engine::session::Session;
use crate::error::{Error, Exit, Kind, Result};
use crate::settings::env;
use crate::store::log::ClientLimits;

/// What `serve` takes.
#[derive(Debug, Default, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    override_usage = "pinx serve [OPTIONS]\n       pinx serve keys <COMMAND>",
    after_help = "The address stands on stdout once it listens: open it in a browser, or ask it.\n\
                  Ctrl-C and SIGTERM end it: what was sent is awaited and saved first.\n\
                  `pinx help serve` tells how programs use it."
)]
pub struct Args {
    /// What else than serving is wanted.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Listen there [default: 127.0.0.1:7878]; port 0 takes any
    #[arg(short, long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Save images there
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<String>,
    /// Run so many jobs at once, of all clients together [default: 4]
    #[arg(short = 'j', long, value_name = "N", allow_negative_numbers = true)]
    pub concurrency: Option<String>,
    /// Show the page in the browser
    #[arg(long)]
    pub open: bool,
    /// Print a unit of systemd that serves so, and end
    #[arg(long, conflicts_with = "open")]
    pub unit: bool,
}

/// What `serve` can do besides serving.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Let clients in, each with a key, budgets and models of its own
    Keys(keys::Args),
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let texts = [
            ("serve.listen", &self.listen),
            ("output", &self.output),
            ("concurrency", &self.concurrency),
        ];
        let given = texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
        given.map(|(name, text)| (name.to_owned(), toml::Value::String(text))).collect()
    }
}

/// What every request gets.
#[derive(Clone)]
pub(in crate::cmd) struct Server(Arc<Inner>);

struct Inner {
    service: Arc<Service>,
    policy: Policy,
    doorkeeper: Doorkeeper,
    /// Where it is found, without a slash at its end.
    base: String,
}

impl Server {
    fn service(&self) -> &Arc<Service> {
        &self.0.service
    }

    fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Who asks, by what a request shows.
    fn let_in(&self, heads: &HeaderMap) -> Result<Caller, Failure> {
        self.0.doorkeeper.let_in(heads)
    }

    /// Counts a request of a client that may make something.
    fn count(&self, caller: &Caller) -> Result<(), Failure> {
        self.0.doorkeeper.count(caller)
    }

    /// A run of this process that is shown to who asks.
    fn find(&self, caller: &Caller, id: &str) -> Option<Arc<RunRecord>> {
        self.service().find(id).filter(|record| caller.sees(record.client()))
    }

    /// What may be spent for who asks.
    fn limits(&self, caller: &Caller) -> Option<Arc<ClientLimits>> {
        caller.limits(self.service().app().settings.allow_unknown_cost)
    }
}

/// Serves until a signal ends it.
///
/// # Errors
/// The address cannot be had, or nothing could be saved.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    if let Some(Command::Keys(args)) = &args.command {
        return Ok(keys::run(app, args)?);
    }
    let output = place::directory(&app.settings.output)?;
    Arc::make_mut(&mut app.settings).output = output;
    refresh::apply(app);
    let address = address(&app.settings.serve_listen)?;
    let strict = app.settings.serve_require_key;
    let doorkeeper = Doorkeeper::new(app.settings.places.clients.clone(), strict)?;
    doorkeeper.check(address)?;
    if args.unit {
        print_unit(app, args)?;
        return Ok(Exit::OK);
    }
    let report = |remark| app.report(remark);
    let session = Session::of_server(&app.settings, &app.env, &app.log, &report)?;
    let drain = app.settings.serve_drain;
    let shared = session.shared();
    let service = Arc::new(Service::new(app.of_server(), shared)?);
    let talk = |level| match level {
        Level::Abort => app.ui.warn("what is awaited is abandoned; `pinx recover` collects it"),
        _ => app.ui.note(&format!(
            "no new work; what was sent is awaited for at most {}",
            crate::text::duration(drain)
        )),
    };
    let work = serve(app, args, &service, (address, doorkeeper));
    let outcome = session.block_on_patiently(drain, work, talk);
    drop(service);
    session.end()?;
    outcome?;
    Ok(Exit::OK)
}

/// Prints the unit of systemd that serves as these settings say.
fn print_unit(app: &App, args: &Args) -> Result<()> {
    let program = env::program().map_err(|error| {
        Error::new(Kind::Local, format!("the place of this program is not known: {error}"))
    })?;
    let output = place::whole(&app.settings.output);
    let (listen, drain) = (&app.settings.serve_listen, app.settings.serve_drain);
    let jobs = args.concurrency.as_deref();
    app.ui.line(unit::unit(&program, listen, &output, jobs, drain).trim_end());
    Ok(())
}

/// Listens and serves.
async fn serve(
    app: &App,
    args: &Args,
    service: &Arc<Service>,
    (address, doorkeeper): (SocketAddr, Doorkeeper),
) -> Result<()> {
    let listening = Listening::at(address).await?;
    let base = format!("http://{}", listening.address());
    let policy = Policy::of(&app.settings, listening.address().ip());
    let service = Arc::clone(service);
    let page = match doorkeeper.needs_key()? {
        true => format!("{base}/#key={}", doorkeeper.token()),
        false => base.clone(),
    };
    let inner = Inner { service: Arc::clone(&service), policy, doorkeeper, base: base.clone() };
    app.ui.line(&base);
    app.ui.note("it is a page in a browser; `pinx help serve` tells how programs use it");
    let output = place::whole(&app.settings.output);
    app.ui.note(&format!("images go to {}; Ctrl-C ends it", output.display()));
    if args.open
        && let Some(reason) = super::viewer::view(&app.env, page.as_ref()).reason()
    {
        app.ui.warn(&format!("the page is not opened: {reason}"));
    }
    let recovery = tokio::spawn(Arc::clone(&service).recover_always());
    let router = api::router(Server(Arc::new(inner)))?;
    let connections = listening.connections();
    tokio::select! {
        () = listening.serve(router) => {}
        () = service.stopped() => connections.finished().await,
    }
    recovery.abort();
    Ok(())
}

/// The address to listen at.
///
/// # Errors
/// It is none.
pub(in crate::cmd) fn address(text: &str) -> Result<SocketAddr> {
    let wrong = || {
        Error::usage(format!("`serve.listen` is `{text}`, which is no address"))
            .hint("write an address and a port: `127.0.0.1:7878`, `[::1]:7878`")
    };
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    text.parse().map_err(|_| wrong())
}

/// Whether an address is of this machine alone.
pub(in crate::cmd) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_port() {
        for good in ["127.0.0.1:0", "localhost:7878", "[::1]:7878", "0.0.0.0:80"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in ["7878", "example.org:80", "127.0.0.1", ":7878", ""] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
