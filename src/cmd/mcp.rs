//! `pinx mcp`: the same engine for agents, over the Model Context Protocol. What an agent spends comes out
//! of a purse that its user has filled; what it reads and writes stays in its own directories.

mod answer;
mod arguments;
mod ask;
mod desk;
mod http;
mod look;
mod make;
mod schema;
mod stdio;
mod tools;
mod wait;

use std::path::Path;
use std::sync::Arc;

pub(in crate::cmd) use self::desk::Caller;
use self::desk::Desk;
pub(in crate::cmd) use self::http::over_http;
use self::tools::Tools;
use super::service::{Folders, Service};
use super::{App, refresh};
use crate::engine::Level;
use crate::engine::session::Session;
use crate::error::{Error, Exit, Result};
use crate::settings::{Settings, env};

/// What `mcp` takes.
#[derive(Debug, Default, clap::Args)]
#[command(
    after_help = "An agent's program starts it and talks to it on stdin and stdout: there is nothing to type.\n\
                  Agents spend nothing until you say how much, with `mcp.max_cost_session`.\n\
                  `pinx help agents` has the lines for an agent's settings."
)]
pub struct Args {}

/// Answers an agent on stdin and stdout until it is gone or a signal comes.
///
/// # Errors
/// Its directories cannot be had, or nothing could be saved.
pub(crate) fn run(app: &mut App, _args: &Args) -> anyhow::Result<Exit> {
    if app.ui.stdin_is_terminal() {
        return Err(Error::usage("`pinx mcp` talks to a program, and stdin is a terminal")
            .hint("`pinx help agents` shows what to write into the settings of an agent")
            .into());
    }
    refresh::apply(app);
    let folders = here(&app.settings)?;
    let report = |remark| app.report(remark);
    let session = Session::of_server(&app.settings, &app.env, &app.log, &report)?;
    let drain = app.settings.serve_drain;
    let service = Arc::new(Service::new(app.of_server(), session.shared())?);
    let purse = app.settings.mcp_max_cost_session;
    app.ui.note(&format!(
        "agents save images below {}, and may spend {purse} (`mcp.max_cost_session`)",
        folders.shown()
    ));
    let tools = Tools::new(Desk::new(&service, folders, None));
    let talk = |level| match level {
        Level::Abort => app.ui.warn("what is awaited is abandoned; `pinx recover` collects it"),
        _ => app.ui.note("no new work; what was sent is awaited"),
    };
    let outcome = session.block_on_patiently(drain, served(tools, &service, drain), talk);
    drop(service);
    session.end()?;
    outcome?;
    Ok(Exit::OK)
}

/// Answers until the agent is gone; then what was sent is awaited.
async fn served(tools: Tools, service: &Arc<Service>, patience: std::time::Duration) -> Result<()> {
    let stdio = stdio::open()
        .map_err(|error| Error::usage(format!("stdin and stdout cannot be served: {error}")))?;
    tokio::select! {
        () = stdio::serve(tools, stdio) => service.wind_down(patience).await,
        () = service.stopped() => {}
    }
    Ok(())
}

/// The directories of an agent that is started here.
fn here(settings: &Settings) -> Result<Folders> {
    let here = env::current_dir()
        .map_err(|error| Error::usage(format!("the current directory cannot be read: {error}")))?;
    let own = settings.mcp_output.as_deref().map(|output| place(&here, output)).transpose()?;
    let roots: Vec<&Path> = own.as_deref().into_iter().chain([here.as_path()]).collect();
    let folders = Folders::new(&here, &roots, true)?;
    Ok(match own {
        Some(_) => folders,
        None => folders.saving_at(&settings.output),
    })
}

/// A directory of the settings, made where there is none.
fn place(here: &Path, name: &str) -> Result<std::path::PathBuf> {
    let path = here.join(name);
    crate::fs::create_dir(&path).map_err(|error| {
        Error::usage(format!("`mcp.output` is `{name}`, which cannot be made: {error}"))
            .hint("set it to a directory: `pinx config set mcp.output DIRECTORY`")
    })?;
    Ok(path)
}
