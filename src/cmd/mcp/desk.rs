//! What the calls of agents share, and what belongs to one of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::cmd::service::{Folders, Service};
use crate::engine::RunBudget;
use crate::error::Result;
use crate::money::Money;
use crate::pool::lock;
use crate::store::Client;
use crate::store::log::ClientLimits;

/// Who calls.
#[derive(Clone, Default)]
pub(in crate::cmd) struct Caller {
    /// The client, where it has a key.
    pub(in crate::cmd) client: Option<Arc<Client>>,
    /// Its budgets.
    pub(in crate::cmd) limits: Option<Arc<ClientLimits>>,
    /// Whether it is on another machine, and gets no path of this one.
    pub(in crate::cmd) is_remote: bool,
    /// Counts a call that may make something; fails where it calls too often.
    pub(in crate::cmd) count: Option<Count>,
}

/// Counts a call.
pub(in crate::cmd) type Count = Arc<dyn Fn() -> Result<()> + Send + Sync>;

impl Caller {
    /// Its name; empty where it has none.
    pub(super) fn name(&self) -> &str {
        self.client.as_ref().map(|client| client.name.as_str()).unwrap_or_default()
    }

    /// Whether what was made for a client is shown to it: a client sees what is its own.
    pub(super) fn sees(&self, client: Option<&str>) -> bool {
        self.client.as_ref().is_none_or(|own| client == Some(own.name.as_str()))
    }
}

/// What was asked of a user in an answer.
pub(super) struct Question {
    /// Whose it was, and of which call.
    pub(super) of: String,
    pub(super) amount: Money,
}

/// What all calls share.
pub(super) struct Desk {
    pub(super) service: Arc<Service>,
    pub(super) folders: Arc<Folders>,
    /// Where images are found over HTTP, without a slash at its end.
    pub(super) base: Option<String>,
    /// What users were asked to agree to, by the name of each question.
    pub(super) asked: Mutex<HashMap<String, Question>>,
    purses: Mutex<HashMap<String, Arc<RunBudget>>>,
}

impl Desk {
    pub(super) fn new(service: &Arc<Service>, folders: Folders, base: Option<String>) -> Arc<Desk> {
        Arc::new(Desk {
            service: Arc::clone(service),
            folders: Arc::new(folders),
            base,
            asked: Mutex::default(),
            purses: Mutex::default(),
        })
    }

    /// The purse of a client: one for as long as this process lives.
    pub(super) fn purse(&self, caller: &Caller) -> Arc<RunBudget> {
        let limit = self.service.app().settings.mcp_max_cost_session;
        let made = || Arc::new(RunBudget::purse(limit, "mcp.max_cost_session"));
        Arc::clone(lock(&self.purses).entry(caller.name().to_owned()).or_insert_with(made))
    }
}

/// A call of a tool.
pub(super) struct Call {
    pub(super) desk: Arc<Desk>,
    pub(super) caller: Caller,
    pub(super) tool: &'static str,
    pub(super) context: RequestContext<RoleServer>,
    /// What its user has answered, and to what.
    pub(super) answered: Option<(serde_json::Value, String)>,
}
