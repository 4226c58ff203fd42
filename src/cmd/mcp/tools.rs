//! Who answers: the tools by their names, over an engine that all calls share.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Extensions, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::arguments::Given;
use super::desk::{Call, Caller, Desk};
use super::{answer, ask, look, make, schema, wait};

/// What an agent reads of the whole.
const INSTRUCTIONS: &str = "pinx makes images and saves them to disk; answers name their paths. Images may cost \
    the user's money: look at list_models and estimate_cost first, and tell the price. What you may spend is set by \
    the user alone. A call that answers `running` goes on: call get_run with its run, never the same call again. \
    What may be paid for is collected by recover. Look at an image with show_image only where you must judge it.";

/// Who a request comes from.
type Who = Arc<dyn Fn(&Extensions) -> Caller + Send + Sync>;

/// The tools.
#[derive(Clone)]
pub(in crate::cmd) struct Tools {
    desk: Arc<Desk>,
    who: Who,
}

impl Tools {
    /// For the one client of a process.
    pub(super) fn new(desk: Arc<Desk>) -> Tools {
        Tools::of(desk, Arc::new(|_: &Extensions| Caller::default()))
    }

    /// For clients that are told apart.
    pub(super) fn of(desk: Arc<Desk>, who: Who) -> Tools {
        Tools { desk, who }
    }
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(own)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(schema::TOOLS.iter().map(schema::Shape::tool).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        schema::find(name).map(schema::Shape::tool)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = schema::find(&request.name) else {
            let name = crate::text::clean(&request.name, 60);
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`"), None));
        };
        let given = match Given::of(tool, request.arguments) {
            Ok(given) => given,
            Err(error) => return Ok(answer::failed(&error).into()),
        };
        let answered = request.input_responses.unwrap_or_default().remove(ask::NAME);
        let call = Call {
            desk: Arc::clone(&self.desk),
            caller: (self.who)(&context.extensions),
            tool: tool.name,
            answered: answered.zip(request.request_state),
            context,
        };
        Ok(match tool.name {
            "generate_image" | "edit_image" | "batch_images" => make::made(&call, given).await,
            "estimate_cost" => make::priced(&call, given).await.into(),
            "list_models" => look::models(&call, given).await.into(),
            "show_image" => look::image(&call, given).await.into(),
            "get_run" => wait::run(&call, given).await.into(),
            "recover" => look::recovered(&call, given).await.into(),
            _ => look::stats(&call, given).await.into(),
        })
    }
}
