//! Answers: a line of text for who reads, links to the files, and our document for who computes. Never a
//! picture.

use rmcp::model::{CallToolResult, ContentBlock, Resource};
use serde_json::{Value, json};
use url::Url;

use crate::cmd::service::{Refusal, is_doubtful};
use crate::engine::Document;
use crate::engine::report::{ErrorReport, JobReport};
use crate::error::Error;
use crate::money::Money;
use crate::text;

/// A line and a document.
pub(super) fn told(line: String, document: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(line)]);
    result.structured_content = Some(document);
    result
}

/// That it did not work, why, and what helps.
pub(super) fn failed(error: &Error) -> CallToolResult {
    let report = ErrorReport::from(error);
    let line = sentence(&report);
    refused(line, json!({ "success": false, "error": report }))
}

fn refused(line: String, document: Value) -> CallToolResult {
    let mut result = CallToolResult::error(vec![ContentBlock::text(line)]);
    result.structured_content = Some(document);
    result
}

fn sentence(report: &ErrorReport) -> String {
    match &report.hint {
        Some(hint) => format!("{}. Hint: {hint}", report.message),
        None => report.message.clone(),
    }
}

/// Why a run did not begin; nothing was sent.
pub(super) fn not_begun(refusal: &Refusal) -> CallToolResult {
    let later = |what: &str| {
        let error = Error::new(crate::error::Kind::Interrupted, what.to_owned()).code("not_begun");
        failed(&error.hint("nothing was sent: the same call may be made later"))
    };
    match refusal {
        Refusal::Full => later("too many requests wait already"),
        Refusal::Stopping => later("pinx is about to end and takes no new work"),
        Refusal::KeyReused => failed(
            &Error::usage("this `request_id` was given before, with other arguments")
                .code("request_id")
                .hint("a new request takes a new `request_id`"),
        ),
        Refusal::Error(error) => failed(error),
    }
}

/// That a run is still at work.
pub(super) fn running(run: &str, is_attached: bool) -> CallToolResult {
    let line = format!(
        "{}run {run} is still running; call get_run with it; do not call generate again",
        attached(is_attached)
    );
    told(line, json!({ "success": true, "run": run, "status": "running", "attached": is_attached }))
}

fn attached(is_attached: bool) -> &'static str {
    if is_attached { "this request was made before, and is not made twice: " } else { "" }
}

/// What came of a run: its document, as its client is told.
pub(super) fn ended(run: &Document, mut document: Value, is_attached: bool) -> CallToolResult {
    if is_attached {
        document["attached"] = true.into();
    }
    let images: Vec<&Value> = document["jobs"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|job| job["images"].as_array().into_iter().flatten())
        .collect();
    let has_none = images.is_empty();
    let links: Vec<ContentBlock> = images.iter().filter_map(|image| link(image)).collect();
    let mut parts = Vec::new();
    if !images.is_empty() {
        let named: Vec<String> = images.iter().map(|image| named(image)).collect();
        let count = text::counted(images.len() as u64, "image");
        parts.push(format!("{count} ({}): {}", spent(run), named.join(", ")));
    }
    let adjusted = run.jobs.iter().flat_map(|job| &job.adjustments);
    let mut changes: Vec<String> = Vec::new();
    for line in adjusted.map(|one| format!("{} {} became {}", one.field, one.asked, one.got)) {
        if !changes.contains(&line) {
            changes.push(line);
        }
    }
    if !changes.is_empty() {
        parts.push(format!("adjusted: {}", changes.join(", ")));
    }
    let bad: Vec<&JobReport> = run.jobs.iter().filter(|job| !job.status.is_done()).collect();
    for job in bad.iter().take(3) {
        parts.push(match &job.error {
            Some(report) => sentence(report),
            None => format!("{} was not made: {}", job.id, job.status.name()),
        });
    }
    if bad.iter().any(|job| is_doubtful(job)) {
        let id = run.run.as_deref().unwrap_or_default();
        parts.push(format!(
            "it may be paid for: do not call generate again; `recover` collects it, and get_run `{id}` \
             tells what is known"
        ));
    }
    let line = format!("{}{}", attached(is_attached), parts.join("; "));
    if has_none && !bad.is_empty() {
        if document["error"].is_null() {
            document["error"] = json!(bad.iter().find_map(|job| job.error.as_ref()));
        }
        return refused(line, document);
    }
    let mut result = told(line, document);
    result.content.extend(links);
    result
}

/// What a run cost, in words.
fn spent(run: &Document) -> String {
    match run.totals.cost {
        Some(Money::ZERO) => "free".to_owned(),
        Some(cost) => cost.to_string(),
        None => "cost unknown".to_owned(),
    }
}

/// An image in a sentence: where it is, and its size.
fn named(image: &Value) -> String {
    let place = image["path"].as_str().or_else(|| image["url"].as_str()).unwrap_or_default();
    format!("{place} ({}x{})", image["width"], image["height"])
}

/// A link to an image: its address, else its file.
fn link(image: &Value) -> Option<ContentBlock> {
    let path = image["path"].as_str();
    let uri = match image["url"].as_str() {
        Some(url) => url.to_owned(),
        None => Url::from_file_path(path?).ok()?.to_string(),
    };
    let sha256 = image["sha256"].as_str().unwrap_or_default();
    let name = path.and_then(|path| std::path::Path::new(path).file_name());
    let name = name.map_or(sha256.to_owned(), |name| name.to_string_lossy().into_owned());
    let format = image["format"].as_str().unwrap_or_default();
    let media = crate::request::Format::of_extension(format).map(|format| format.media_type());
    let mut link = Resource::new(uri, name);
    if let Some(media) = media {
        link = link.with_mime_type(media);
    }
    if let Some(bytes) = image["bytes"].as_u64() {
        link = link.with_size(bytes);
    }
    Some(ContentBlock::resource_link(link))
}
