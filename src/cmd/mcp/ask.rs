//! What costs more than `confirm_above` is asked of the user, by the client: in a request of its own, or,
//! since 2026-07-28, in an answer that the client repeats its call with.

use std::collections::BTreeMap;
use std::time::Duration;

use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitationAction, ElicitationSchema, InputRequest,
    InputRequiredResult, ProtocolVersion,
};
use serde_json::Value;

use super::desk::{Call, Question};
use crate::chance;
use crate::cmd::service::Quote;
use crate::money::Money;
use crate::pool::lock;
use crate::text;

/// For so long somebody may think about it.
const THINKING: Duration = Duration::from_secs(600);

/// What the question is called.
pub(super) const NAME: &str = "agree";

/// Questions that may be open.
const OPEN: usize = 1_000;

/// What came of asking.
pub(super) enum Agreement {
    /// The user agrees to so much.
    Yes(Money),
    /// The user does not.
    No,
    /// The client asks, and calls again.
    Asked(InputRequiredResult),
    /// There is nobody to be asked.
    Nobody,
}

/// Whose question it is, and of which call: nobody else's answer is one to it.
fn whose(call: &Call, fingerprint: &str) -> String {
    format!("{} {fingerprint}", call.caller.name())
}

/// What the user has agreed to in this call, if it is the repeated one. Each question is answered once.
pub(super) fn answered(call: &Call, fingerprint: &str) -> Option<Money> {
    let (answer, state) = call.answered.as_ref()?;
    let question = lock(&call.desk.asked).remove(state)?;
    let is_its = question.of == whose(call, fingerprint);
    (is_its && is_yes(&answer["action"], Some(&answer["content"]))).then_some(question.amount)
}

/// Whether an answer agrees.
fn is_yes(action: &Value, content: Option<&Value>) -> bool {
    action == "accept" && content.is_none_or(|content| content[NAME] != false)
}

/// Asks.
pub(super) async fn agree(call: &Call, quote: &Quote, fingerprint: &str) -> Agreement {
    let Some(amount) = quote.at_most.filter(|_| can_ask(call)) else { return Agreement::Nobody };
    if call.answered.is_some() {
        // It was asked and is not agreed to.
        return Agreement::No;
    }
    let message = format!("pinx would spend {} of your money. Do you agree?", quote.words);
    let schema = ElicitationSchema::builder()
        .required_bool_property(NAME, |agree| agree.title("Spend it").with_default(true))
        .build();
    let Ok(requested_schema) = schema else { return Agreement::Nobody };
    let params =
        ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema };
    let is_stateless = call
        .context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    if is_stateless {
        // A name that nobody guesses.
        let Ok(secret) = chance::secret() else { return Agreement::Nobody };
        let name = text::hex(&secret);
        let mut asked = lock(&call.desk.asked);
        if asked.len() >= OPEN {
            asked.clear();
        }
        asked.insert(name.clone(), Question { of: whose(call, fingerprint), amount });
        drop(asked);
        let question = InputRequest::Elicitation(ElicitRequest::new(params));
        let questions = BTreeMap::from([(NAME.to_owned(), question)]);
        return Agreement::Asked(InputRequiredResult::new(Some(questions), Some(name)));
    }
    let peer = &call.context.peer;
    match peer.create_elicitation_with_timeout(params, Some(THINKING)).await {
        Ok(answer) if answer.action == ElicitationAction::Accept => {
            match answer.content.is_none_or(|content| content[NAME] != false) {
                true => Agreement::Yes(amount),
                false => Agreement::No,
            }
        }
        Ok(_) => Agreement::No,
        Err(_) => Agreement::Nobody,
    }
}

/// Whether the client can ask its user with a form.
fn can_ask(call: &Call) -> bool {
    let can = call.context.client_capabilities().and_then(|can| can.elicitation);
    can.is_some_and(|can| can.form.is_some() || can.url.is_none())
}
