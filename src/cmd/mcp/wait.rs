//! Waiting for a run: what happens in it is told as progress, and before a client gives up it gets an
//! answer with which it can go on.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{CallToolResult, ProgressNotificationParam};
use tokio::time::Instant;

use super::answer;
use super::arguments::Given;
use super::desk::Call;
use crate::cmd::service::{Follower, RunRecord, of_run};
use crate::engine::Document;
use crate::error::Error;
use crate::pool::run_blocking;

/// For so long a call waits at most: clients give up after a minute.
pub(super) const LONGEST: Duration = Duration::from_secs(45);

/// So often a client hears that something is still at work.
const PULSE: Duration = Duration::from_secs(10);

/// Waits for what was begun. A client that goes away meanwhile, or takes its call back, wants nothing
/// more sent; one that got its answer has the run go on.
pub(super) async fn awaited(call: &Call, follower: Follower, patience: Duration) -> CallToolResult {
    let record = Arc::clone(follower.record());
    let is_over = tokio::select! {
        is_over = until(call, &record, patience) => is_over,
        () = call.context.ct.cancelled() => false,
    };
    let is_attached = follower.has_joined();
    if is_over {
        return of_record(call, &record, is_attached);
    }
    if !call.context.ct.is_cancelled() {
        tokio::spawn(async move { follower.record().ended().await });
    }
    answer::running(record.id(), is_attached)
}

/// Whether it has ended within so long; tells what happens.
async fn until(call: &Call, record: &RunRecord, patience: Duration) -> bool {
    let deadline = Instant::now() + patience.min(LONGEST);
    let (mut seen, mut told) = (0, 0);
    loop {
        if record.has_ended() {
            return true;
        }
        let said = tokio::select! {
            () = record.beyond(seen) => {
                let Some(event) = record.events_since(seen).pop() else { continue };
                seen = event.id;
                in_words(event.kind, &event.data)
            }
            () = tokio::time::sleep(PULSE) => Some("still at work".to_owned()),
            () = tokio::time::sleep_until(deadline) => return record.has_ended(),
        };
        let token = call.context.meta.get_progress_token();
        if let (Some(token), Some(said)) = (token, said) {
            told += 1;
            let progress = ProgressNotificationParam::new(token, f64::from(told));
            let _ = call.context.peer.notify_progress(progress.with_message(said)).await;
        }
    }
}

/// An event in words; none of what is only of use to pages.
fn in_words(kind: &str, data: &serde_json::Value) -> Option<String> {
    let job = data["job"].as_u64().map(|job| format!("image {}: ", job + 1)).unwrap_or_default();
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    Some(match kind {
        "started" => format!("{job}{}", text("model")),
        "waiting" | "retrying" => format!("{job}waits: {}", text("why")),
        "progress" => format!("{job}{}", text("state")),
        "fell_back" => format!("{job}falls back to {}", text("to")),
        "downloading" => format!("{job}arrives"),
        "notice" => format!("{job}{}", text("text")),
        "ended" => format!("{job}{}", text("status")),
        "sent" | "saving" | "saved" => format!("{job}{kind}"),
        _ => return None,
    })
}

/// What came of a run that has ended.
fn of_record(call: &Call, record: &RunRecord, is_attached: bool) -> CallToolResult {
    match record.outcome() {
        Some(Ok(run)) => ended(call, &run, &record.notices(), is_attached),
        Some(Err(error)) => answer::failed(&error),
        None => answer::running(record.id(), is_attached),
    }
}

/// What came of a run by its id: of this process, or of the log.
pub(super) async fn run(call: &Call, mut given: Given) -> CallToolResult {
    let id = given.text("run").unwrap_or_default();
    let patience = given.whole("wait").map_or(LONGEST, Duration::from_secs);
    let known = call.desk.service.find(&id).filter(|record| call.caller.sees(record.client()));
    let Some(record) = known else { return logged(call, id).await };
    // Who only looks on keeps nothing at work.
    let is_over = until(call, &record, patience).await;
    match is_over {
        true => of_record(call, &record, false),
        false => answer::running(record.id(), false),
    }
}

/// An older run, as the log has it.
async fn logged(call: &Call, id: String) -> CallToolResult {
    let is_id =
        id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_id {
        let error = Error::usage("`run` is no id of a run").code("unknown_id");
        return answer::failed(&error.hint("take it from the answer that said `running`"));
    }
    let (service, asked) = (Arc::clone(&call.desk.service), id);
    let unknown = || {
        Error::usage("there is no run of this id")
            .code("unknown_id")
            .hint("take it from the answer that said `running`")
    };
    match run_blocking(move || service.logged(&asked)).await {
        Ok(Ok(Some((run, client)))) if call.caller.sees(client.as_deref()) => {
            ended(call, &run, &[], false)
        }
        Ok(Ok(_)) | Err(_) => answer::failed(&unknown()),
        Ok(Err(error)) => answer::failed(&error),
    }
}

/// The answer of a run that has ended.
fn ended(call: &Call, run: &Document, notices: &[String], is_attached: bool) -> CallToolResult {
    let base = call.desk.base.as_deref();
    let document = of_run(run, notices, base, !call.caller.is_remote);
    answer::ended(run, document, is_attached)
}
