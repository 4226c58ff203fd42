//! The tools that make images, and the one that prices them: arguments become a run as a request does.

use std::sync::Arc;

use rmcp::model::{CallToolResponse, CallToolResult};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::arguments::Given;
use super::ask::{self, Agreement};
use super::desk::Call;
use super::{answer, wait};
use crate::cmd::service::{
    Agent, CONSENT_NEEDED, Follower, LONGEST_KEY, Refusal, Repeatable, Submission, of_run,
};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::pool::run_blocking;

/// Prompts of one call at most.
const MOST: usize = 20;

/// What a call asks for, beside the picture.
struct ImageCall {
    /// The fields of each prompt.
    fields: Vec<Map<String, Value>>,
    /// A prompt file instead.
    file: Option<String>,
    max_cost: Option<Money>,
    output: Option<String>,
    /// The client's own name for it.
    request_id: Option<String>,
    /// By what it is known when its user has answered.
    fingerprint: String,
    is_preview: bool,
    wait: Option<u64>,
}

/// Makes images.
pub(super) async fn made(call: &Call, given: Given) -> CallToolResponse {
    match begun(call, given).await {
        Ok(response) => response,
        Err(refusal) => answer::not_begun(&refusal).into(),
    }
}

async fn begun(call: &Call, given: Given) -> Result<CallToolResponse, Refusal> {
    let asked = ImageCall::of(call, given)?;
    if asked.is_preview {
        return Ok(preview(call, &asked, &call.agent(&asked, None)).await?.into());
    }
    if let Some(count) = &call.caller.count {
        count()?;
    }
    let mut agreed = ask::answered(call, &asked.fingerprint);
    let begun = loop {
        let agent = call.agent(&asked, agreed);
        let submissions = asked.submissions(call, &agent).await?;
        match in_time(call, submissions).await {
            Err(Refusal::Error(error)) if error.code == CONSENT_NEEDED && agreed.is_none() => {
                let submissions = asked.submissions(call, &agent).await?;
                let quote = call.desk.service.quote(submissions).await?;
                match ask::agree(call, &quote, &asked.fingerprint).await {
                    Agreement::Yes(amount) => agreed = Some(amount),
                    Agreement::Asked(question) => return Ok(question.into()),
                    Agreement::No => return Err(declined(&quote.words).into()),
                    Agreement::Nobody => return Err(error.into()),
                }
            }
            other => break other?,
        }
    };
    let patience = asked.wait.map_or(wait::LONGEST, std::time::Duration::from_secs);
    Ok(wait::awaited(call, begun, patience).await.into())
}

/// Begins it; what another process is still at work on is not waited for without end.
async fn in_time(call: &Call, asked: Vec<Submission>) -> Result<Follower, Refusal> {
    let begun = call.desk.service.begin_all(asked, call.caller.limits.clone());
    tokio::time::timeout(wait::LONGEST, begun).await.unwrap_or_else(|_| {
        Err(Error::new(crate::error::Kind::Busy, "the run of this `request_id` is still at work")
            .code("at_work")
            .hint("make the same call with the same `request_id` again: it is not made twice")
            .into())
    })
}

fn declined(price: &str) -> Error {
    Error::new(crate::error::Kind::Budget, format!("the user did not agree to {price}"))
        .code("declined")
        .hint("ask them what they want; nothing was sent")
}

/// Prices what the tools that make images would make.
pub(super) async fn priced(call: &Call, given: Given) -> CallToolResult {
    let priced = async {
        let asked = ImageCall::of(call, given)?;
        preview(call, &asked, &call.agent(&asked, None)).await
    };
    priced.await.unwrap_or_else(|error: Error| answer::failed(&error))
}

/// What it would be.
async fn preview(call: &Call, asked: &ImageCall, agent: &Agent) -> Result<CallToolResult> {
    let submissions = asked.submissions(call, agent).await?;
    let quote = call.desk.service.quote(submissions).await?;
    let document = of_run(&quote.document, &[], None, !call.caller.is_remote);
    let count = crate::text::counted(quote.document.jobs.len() as u64, "image");
    let at_most = match quote.at_most {
        Some(Money::ZERO) => String::new(),
        Some(most) => format!(", at most {}", most.rounded_up()),
        None => ", and nobody knows how much at most".to_owned(),
    };
    let price = match quote.at_most {
        Some(Money::ZERO) => "nothing".to_owned(),
        _ => quote.words,
    };
    let line = format!("{count} would cost {price}{at_most}; nothing was sent");
    let mut document = document;
    document["success"] = true.into();
    Ok(answer::told(line, document))
}

impl Call {
    /// What it may do.
    fn agent(&self, asked: &ImageCall, agreed: Option<Money>) -> Agent {
        Agent {
            purse: self.desk.purse(&self.caller),
            folders: Arc::clone(&self.desk.folders),
            output: asked.output.clone(),
            agreed,
        }
    }
}

impl ImageCall {
    /// What these arguments ask for.
    fn of(call: &Call, mut given: Given) -> Result<ImageCall> {
        let request_id = given.text("request_id");
        if request_id.as_ref().is_some_and(|id| id.trim().is_empty() || id.len() > LONGEST_KEY) {
            return Err(Error::usage("`request_id` must have 1 to 255 bytes")
                .code("invalid_request")
                .hint("any name of your own will do"));
        }
        let wait = given.whole("wait");
        let is_preview = given.switch("preview");
        let fingerprint = fingerprint(call.tool, &given.0);
        let max_cost = given.money("max_cost")?;
        let output = given.text("output");
        let file = given.text("file");
        let prompts = given.0.remove("prompts");
        let fields = prompts_of(given.0, prompts, file.is_some())?;
        Ok(ImageCall { fields, file, max_cost, output, request_id, fingerprint, is_preview, wait })
    }

    /// As the service takes it.
    async fn submissions(&self, call: &Call, agent: &Agent) -> Result<Vec<Submission>> {
        let key = self.request_id.as_ref().map(|id| format!("mcp:{id}"));
        let repeatable = Repeatable { joins_running: key.is_none(), key, is_repeat: false };
        let one = || Submission {
            repeatable: repeatable.clone(),
            client: call.caller.client.clone(),
            most: MOST as u32,
            most_money: self.max_cost,
            agent: Some(agent.clone()),
            ..Submission::default()
        };
        let Some(file) = &self.file else {
            let fields = self.fields.iter().cloned();
            return Ok(fields.map(|fields| Submission { fields, ..one() }).collect());
        };
        let (service, folders) = (Arc::clone(&call.desk.service), Arc::clone(&call.desk.folders));
        let name = file.clone();
        let read = run_blocking(move || {
            let missing = || {
                Error::usage(format!("there is no file `{}`", crate::text::clean(&name, 200)))
                    .code("input")
                    .hint(format!("name one below {}, or give `prompts`", folders.shown()))
            };
            service.jobs_of(folders.open(&name)?.ok_or_else(missing)?, MOST)
        });
        let jobs = read.await.unwrap_or_else(|_| Err(Error::usage("the file cannot be read")))?;
        Ok(jobs.into_iter().map(|job| Submission { job: Some(job), ..one() }).collect())
    }
}

/// The fields of each prompt: its own, and those that hold for all.
fn prompts_of(
    common: Map<String, Value>,
    prompts: Option<Value>,
    has_file: bool,
) -> Result<Vec<Map<String, Value>>> {
    let wrong = |what: &str, hint: &str| {
        Err(Error::usage(what).code("invalid_request").hint(hint.to_owned()))
    };
    match (prompts, has_file, common.contains_key("prompt")) {
        (Some(_), true, _) => wrong("`prompts` and `file` are both given", "leave one of them out"),
        (None, true, _) if !common.is_empty() => {
            wrong("a `file` says itself what its images are", "leave the other arguments out")
        }
        (None, true, _) => Ok(Vec::new()),
        (Some(_), _, true) => {
            wrong("`prompt` and `prompts` are both given", "leave one of them out")
        }
        (None, false, true) => Ok(vec![common]),
        (None, false, false) => wrong(
            "`prompts` is missing",
            "give `prompts`, a list of texts, or the name of a `file`",
        ),
        (Some(prompts), false, false) => {
            let list = prompts.as_array().cloned().unwrap_or_default();
            let one = |prompt: Value| {
                let mut fields = common.clone();
                match prompt {
                    Value::Object(own) => fields.extend(own),
                    text => drop(fields.insert("prompt".to_owned(), text)),
                }
                fields
            };
            Ok(list.into_iter().map(one).collect())
        }
    }
}

/// By what a call is known when it is repeated with an answer.
fn fingerprint(tool: &str, fields: &Map<String, Value>) -> String {
    let mut names: Vec<(&String, &Value)> = fields.iter().collect();
    names.sort_by_key(|(name, _)| *name);
    let written = serde_json::to_string(&(tool, names)).unwrap_or_default();
    Sha256::digest(written).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn equal_calls_are_equal_in_whatever_order_their_arguments_stand() {
        let one = map(json!({ "prompt": "a fox", "model": "m" }));
        let other = map(json!({ "model": "m", "prompt": "a fox" }));
        assert_eq!(fingerprint("generate_image", &one), fingerprint("generate_image", &other));
        assert_ne!(fingerprint("generate_image", &one), fingerprint("edit_image", &one));
        let more = map(json!({ "model": "m", "prompt": "a fox", "seed": 1 }));
        assert_ne!(fingerprint("generate_image", &one), fingerprint("generate_image", &more));
    }

    #[test]
    fn a_prompt_says_more_than_what_holds_for_all() {
        let common = map(json!({ "model": "m", "size": "2k" }));
        let prompts = json!(["a fox", { "prompt": "an owl", "size": "hd" }]);
        let all = prompts_of(common.clone(), Some(prompts), false).unwrap();
        assert_eq!(
            Value::Object(all[0].clone()),
            json!({ "model": "m", "size": "2k", "prompt": "a fox" })
        );
        assert_eq!(
            Value::Object(all[1].clone()),
            json!({ "model": "m", "size": "hd", "prompt": "an owl" })
        );
        assert!(prompts_of(common.clone(), None, false).is_err());
        assert!(prompts_of(common, None, true).is_err());
        assert_eq!(prompts_of(Map::new(), None, true).unwrap().len(), 0);
    }
}
