//! What came of a run, as OpenAI answers it, with an object of ours for what OpenAI does not tell.

use std::fs::File;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::error::{self, broken_off};
use super::pieces::Pieces;
use super::wanted::{ResponseFormat, Wanted};
use crate::catalog::{Adjustment, LEFT_OUT, Usage};
use crate::cmd::serve::answer::{ADJUSTED, Failure, REQUEST_ID};
use crate::cmd::serve::generate::adjusted;
use crate::cmd::service::RunRecord;
use crate::engine::Document;
use crate::engine::report::{ImageReport, JobReport, JobStatus};
use crate::error::Kind;
use crate::money::Money;
use crate::pool::run_io;

/// The name of the object with what OpenAI does not tell.
pub(super) const OURS: &str = "pinx";

/// The answer of a run that has ended.
///
/// # Errors
/// It made no image, or one that it made is gone.
pub(super) async fn answer(
    record: &RunRecord,
    wanted: &Wanted,
    base: &str,
) -> Result<Response, Failure> {
    let document = outcome(record)?;
    // A request that comes again may be answered by an earlier process's run.
    let run = document.run.as_deref().unwrap_or(record.id());
    if let Some(failure) = Failure::of_run(run, &document) {
        return Err(of_run(failure));
    }
    let made: Vec<_> = made(&document.jobs).collect();
    let mut pieces = Pieces::default();
    pieces.text(format!("{{\"created\":{},\"data\":[", now()));
    for (at, (job, image)) in made.iter().enumerate() {
        if at > 0 {
            pieces.text(",");
        }
        let mut fields = Map::new();
        if let Some(revised) = &job.revised_prompt {
            fields.insert("revised_prompt".to_owned(), revised.clone().into());
        }
        match wanted.format {
            ResponseFormat::Bytes => pieces.object(opened(image).await?, &fields),
            ResponseFormat::Address => {
                fields.insert("url".to_owned(), address(base, image).into());
                pieces.text(Value::Object(fields).to_string());
            }
        }
    }
    let told = told(wanted, &document.jobs);
    let rest = Value::Object(rest(&document, wanted, &made, base, (run, record.notices(), &told)))
        .to_string();
    pieces.text(format!("],{}", rest.strip_prefix('{').unwrap_or_default()));
    let mut response = sent(pieces);
    let heads = response.headers_mut();
    if let Some(told) = adjusted(told.iter()) {
        heads.insert(ADJUSTED, told);
    }
    if let Ok(run) = HeaderValue::from_str(run) {
        heads.insert(REQUEST_ID, run);
    }
    Ok(response)
}

/// What came of a run that has ended.
///
/// # Errors
/// It could not begin, or broke off.
pub(super) fn outcome(record: &RunRecord) -> Result<Arc<Document>, Failure> {
    let outcome = record.outcome().ok_or_else(broken_off)?;
    outcome.map_err(|error| Failure::of_error(&error))
}

/// A failure of a run, with the field that is to blame.
pub(super) fn of_run(failure: Failure) -> Failure {
    match failure.kind {
        Some(Kind::MissingModel) => failure.field("model"),
        _ => failure,
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    crate::clock::now().as_second()
}

/// The images of these jobs.
fn made(jobs: &[JobReport]) -> impl Iterator<Item = (&JobReport, &ImageReport)> {
    jobs.iter().flat_map(|job| job.images.iter().map(move |image| (job, image)))
}

/// The file of an image and its length.
///
/// # Errors
/// It is not there any more.
pub(super) async fn opened(image: &ImageReport) -> Result<(File, u64), Failure> {
    let (path, length) = (image.path.clone(), image.bytes);
    let open = move || -> io::Result<File> {
        let file = File::open(path)?;
        match file.metadata()?.len() == length {
            true => Ok(file),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    };
    let file = run_io(open).await.map_err(|_| {
        let what = "the image was made and saved, but its file is not there any more";
        Failure::new(StatusCode::FAILED_DEPENDENCY, "image_gone", what)
            .hint("do not ask again: look for it where pinx serves")
    })?;
    Ok((file, length))
}

/// Where an image is found.
pub(super) fn address(base: &str, image: &ImageReport) -> String {
    format!("{base}/api/images/{}", image.sha256)
}

fn sent(pieces: Pieces) -> Response {
    let length = pieces.len();
    let body = stream::unfold(pieces, async |mut pieces| Some((pieces.next().await?, pieces)));
    let mut response = Response::new(Body::from_stream(body));
    let heads = response.headers_mut();
    heads.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    heads.insert(header::CONTENT_LENGTH, length.into());
    response
}

/// What stands behind the images.
fn rest(
    document: &Document,
    wanted: &Wanted,
    made: &[(&JobReport, &ImageReport)],
    base: &str,
    (run, notices, told): (&str, Vec<String>, &[Adjustment]),
) -> Map<String, Value> {
    let mut rest = Map::new();
    let facts = made.iter().map(|(job, image)| facts(job, image, wanted));
    // What is not the same of all of them is said by none.
    let same = facts.reduce(|all, one| {
        all.into_iter().filter(|(name, value)| one.get(name) == Some(value)).collect()
    });
    rest.extend(same.unwrap_or_default());
    if let Some(usage) = usage(&document.jobs) {
        rest.insert("usage".to_owned(), usage);
    }
    let mut own = ours(run, document.totals.cost, made, base);
    own.insert("adjustments".to_owned(), json!(told));
    own.insert("notices".to_owned(), json!(notices));
    if let Some(failure) = Failure::of_jobs(run, document) {
        own.insert("error".to_owned(), error::value(&failure));
    }
    rest.insert(OURS.to_owned(), Value::Object(own));
    rest
}

/// What is known of an image beside its bytes, in OpenAI's fields.
pub(super) fn facts(job: &JobReport, image: &ImageReport, wanted: &Wanted) -> Map<String, Value> {
    let changed = |name: &str| job.adjustments.iter().rfind(|it| it.field == name);
    let word = |name: &str, asked: &Option<String>| match changed(name) {
        Some(adjustment) if adjustment.got == LEFT_OUT => None,
        Some(adjustment) => Some(adjustment.got.clone()),
        // What it was left to the model to choose, nobody has told.
        None => asked.clone().filter(|word| word != "auto"),
    };
    let size = format!("{}x{}", image.width, image.height);
    let facts = [
        ("size", Some(size)),
        ("output_format", Some(image.format.clone())),
        ("quality", word("quality", &wanted.quality)),
        ("background", word("background", &wanted.background)),
    ];
    let known = facts.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?.into())));
    known.collect()
}

/// What OpenAI does not tell: the run, its cost, the models, the images by their hashes.
pub(super) fn ours(
    run: &str,
    cost: Option<Money>,
    made: &[(&JobReport, &ImageReport)],
    base: &str,
) -> Map<String, Value> {
    let images = made.iter().map(|(job, image)| {
        json!({
            "model": job.model,
            "sha256": image.sha256,
            "url": address(base, image),
            "width": image.width,
            "height": image.height,
            "seed": job.seed,
        })
    });
    let images: Vec<Value> = images.collect();
    let mut own = Map::new();
    own.insert("run".to_owned(), run.into());
    own.insert("model".to_owned(), made.first().map(|(job, _)| job.model.clone()).into());
    own.insert("cost".to_owned(), cost.map(Money::as_json).into());
    own.insert("images".to_owned(), images.into());
    own
}

/// What is not as asked, each once.
pub(super) fn told(wanted: &Wanted, jobs: &[JobReport]) -> Vec<Adjustment> {
    let mut told = wanted.told.clone();
    if let Some((job, image)) = made(jobs).next().filter(|_| wanted.is_auto_size) {
        told.push(Adjustment {
            field: "size".to_owned(),
            asked: "auto".to_owned(),
            got: format!("{}x{}", image.width, image.height),
            why: format!("what {} is asked for where nothing is said", job.model),
        });
    }
    for adjustment in jobs.iter().flat_map(|job| &job.adjustments) {
        if !told.contains(adjustment) {
            told.push(adjustment.clone());
        }
    }
    told
}

/// The tokens of these jobs, where all that were made told them; what came from the cache took none.
pub(super) fn usage<'j>(jobs: impl IntoIterator<Item = &'j JobReport>) -> Option<Value> {
    let mut sum = Usage::default();
    for job in jobs.into_iter().filter(|job| job.status.is_done()) {
        let usage = match job.status {
            JobStatus::Cached => Usage::default(),
            _ => job.usage?,
        };
        sum.text_in += usage.text_in;
        sum.image_in += usage.image_in;
        sum.image_out += usage.image_out;
        sum.text_out += usage.text_out;
    }
    Some(counted(&sum))
}

/// Tokens as OpenAI writes them.
pub(super) fn counted(usage: &Usage) -> Value {
    let (read, made) = (usage.text_in + usage.image_in, usage.image_out + usage.text_out);
    json!({
        "total_tokens": read + made,
        "input_tokens": read,
        "output_tokens": made,
        "input_tokens_details": { "text_tokens": usage.text_in, "image_tokens": usage.image_in },
        "output_tokens_details": { "text_tokens": usage.text_out, "image_tokens": usage.image_out },
    })
}
