//! The same tools over streamable HTTP, behind the guard of the server that they belong to.

use std::path::Path;
use std::sync::Arc;

use rmcp::model::Extensions;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use super::desk::{Caller, Desk};
use super::tools::Tools;
use crate::cmd::service::{Folders, Service};
use crate::error::Result;
use crate::settings::{Settings, env};
use crate::store::Output;

/// Bytes of a request.
const BODY: usize = 1 << 20;

/// The tools for the clients of a server, who are told apart by the head of their requests (`P`). Which
/// hosts and pages may ask was looked at before.
///
/// # Errors
/// Its directory cannot be had.
pub(in crate::cmd) fn over_http<P: Send + Sync + 'static>(
    service: &Arc<Service>,
    base: &str,
    who: impl Fn(&P) -> Caller + Send + Sync + 'static,
) -> Result<StreamableHttpService<Tools, LocalSessionManager>> {
    let folders = folders(&service.app().settings)?;
    let desk = Desk::new(service, folders, Some(base.to_owned()));
    let who = move |extensions: &Extensions| {
        let stranger = || Caller { is_remote: true, ..Caller::default() };
        extensions.get::<P>().map_or_else(stranger, &who)
    };
    let tools = Tools::of(desk, Arc::new(who));
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_max_request_body_bytes(BODY);
    let (end, service) = (config.cancellation_token.clone(), Arc::clone(service));
    // Connections that wait for news would hold up the end of the process.
    tokio::spawn(async move {
        service.stopped().await;
        end.cancel();
    });
    let sessions = Arc::new(LocalSessionManager::default());
    Ok(StreamableHttpService::new(move || Ok(tools.clone()), sessions, config))
}

/// The directory of agents that ask a server: that of the settings, or where the server saves. They are
/// not in a directory of their own, and name no files in it as pictures.
fn folders(settings: &Settings) -> Result<Folders> {
    let here = env::current_dir().map_err(|error| {
        crate::error::Error::usage(format!("the current directory cannot be read: {error}"))
    })?;
    let place = match &settings.mcp_output {
        Some(output) => super::place(&here, output)?,
        None => match Output::parse(&settings.output, Path::is_dir) {
            Output::Directory(path) => super::place(&here, &path.display().to_string())?,
            _ => here.clone(),
        },
    };
    Folders::new(&here, &[&place], false)
}
