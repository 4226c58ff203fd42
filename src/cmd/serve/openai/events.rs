//! The events of OpenAI's API: previews while an image is made, and each image once it is saved.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use super::error;
use super::pieces::Pieces;
use super::reply::{self, counted, facts, now, opened, ours, told};
use super::wanted::Wanted;
use crate::catalog::Usage;
use crate::cmd::serve::answer::{ADJUSTED, Failure, REQUEST_ID};
use crate::cmd::serve::generate::adjusted;
use crate::cmd::serve::stream::{COMMENT, PULSE, of_pieces, write};
use crate::cmd::service::{Follower, RunRecord};
use crate::engine::report::{ImageReport, JobReport};
use crate::pool::run_blocking;
use crate::store;

/// Who reads them.
struct Reader {
    follower: Follower,
    wanted: Wanted,
    base: String,
    since: u64,
    is_over: bool,
    /// Jobs that were heard of before the run's end, and those of them whose images are written.
    heard: usize,
    written: HashSet<usize>,
    pieces: Pieces,
    /// Something is sent before then.
    due: Instant,
}

/// The events of a run.
pub(super) fn answer(follower: Follower, wanted: Wanted, base: String) -> Response {
    // What the models make of it is told with the images.
    let told = adjusted(wanted.told.iter());
    let id = HeaderValue::from_str(follower.record().id());
    let (pieces, due) = (Pieces::default(), Instant::now());
    let (heard, written) = (0, HashSet::new());
    let mut reader =
        Reader { follower, wanted, base, since: 0, is_over: false, heard, written, pieces, due };
    reader.pieces.text(COMMENT);
    let pieces = stream::unfold(reader, async |mut reader| Some((reader.next().await?, reader)));
    let mut response = of_pieces(Body::from_stream(pieces));
    let heads = response.headers_mut();
    if let Some(told) = told {
        heads.insert(ADJUSTED, told);
    }
    if let Ok(id) = id {
        heads.insert(REQUEST_ID, id);
    }
    response
}

impl Reader {
    async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.pieces.next().await {
                self.due = Instant::now() + PULSE;
                return Some(piece);
            }
            if self.is_over {
                return None;
            }
            self.look().await;
        }
    }

    /// Writes what is new, or waits for it.
    async fn look(&mut self) {
        let record = Arc::clone(self.follower.record());
        let has_ended = record.has_ended();
        let (mut is_news, known) = (has_ended, self.since);
        for event in record.events_since(known) {
            self.since = event.id;
            if event.kind == "partial" {
                self.preview(&event.data).await;
                is_news = true;
            }
        }
        if has_ended {
            self.is_over = true;
            return self.end(&record).await;
        }
        for job in record.made_since(self.heard) {
            self.heard += 1;
            is_news = true;
            // What cannot be read now is told at the end, when it was tried again.
            let _ = self.job(record.id(), &job).await;
        }
        let news = record.beyond_made(self.since, self.heard);
        if !is_news && timeout_at(self.due, news).await.is_err() {
            self.pieces.text(COMMENT);
        }
    }

    /// Writes a preview.
    async fn preview(&mut self, event: &Arc<Value>) {
        let held = Arc::clone(event);
        let looked = run_blocking(move || {
            let bytes = STANDARD.decode(held["b64_json"].as_str()?).ok()?;
            store::verify(&bytes).ok()
        });
        let found = looked.await.ok().flatten();
        let size = found.map(|found| format!("{}x{}", found.width, found.height));
        let format = found.map(|found| found.format.to_string());
        let mut fields = self.begun("partial_image");
        fields.insert("b64_json".to_owned(), event["b64_json"].clone());
        fields.insert("partial_image_index".to_owned(), event["index"].clone());
        fields.insert("size".to_owned(), size.unwrap_or_else(|| "auto".to_owned()).into());
        fields
            .insert("output_format".to_owned(), format.unwrap_or_else(|| "png".to_owned()).into());
        for (name, word) in
            [("quality", &self.wanted.quality), ("background", &self.wanted.background)]
        {
            let word = match word.as_deref() {
                // Words for older models.
                Some("hd") => "high",
                Some("standard") | None => "auto",
                Some(word) => word,
            };
            fields.insert(name.to_owned(), word.into());
        }
        fields.insert("image_index".to_owned(), event["job"].clone());
        let kind = fields["type"].as_str().unwrap_or_default().to_owned();
        let mut text = Vec::new();
        write(&mut text, None, Some(&kind), &Value::Object(fields));
        self.pieces.text(text);
    }

    /// What every event begins with.
    fn begun(&self, what: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        let kind = format!("{}.{what}", self.wanted.endpoint.event());
        fields.insert("type".to_owned(), kind.into());
        fields.insert("created_at".to_owned(), now().into());
        fields
    }

    /// Writes the images that were not written before, and what failed.
    async fn end(&mut self, record: &RunRecord) {
        let document = match reply::outcome(record) {
            Ok(document) => document,
            Err(failure) => return self.failed(&failure),
        };
        let run = document.run.as_deref().unwrap_or(record.id());
        for job in &document.jobs {
            if let Err(failure) = self.job(run, job).await {
                return self.failed(&failure);
            }
        }
        if let Some(failure) = Failure::of_jobs(run, &document) {
            self.failed(&reply::of_run(failure));
        }
    }

    /// Writes the images of a job, once.
    async fn job(&mut self, run: &str, job: &JobReport) -> Result<(), Failure> {
        if self.written.contains(&job.index) {
            return Ok(());
        }
        let mut files = Vec::new();
        for image in &job.images {
            files.push(opened(image).await?);
        }
        self.written.insert(job.index);
        for (image, file) in job.images.iter().zip(files) {
            self.completed(run, job, image, file);
        }
        Ok(())
    }

    fn completed(&mut self, run: &str, job: &JobReport, image: &ImageReport, file: (File, u64)) {
        let mut fields = self.begun("completed");
        for name in ["quality", "background"] {
            fields.insert(name.to_owned(), "auto".into());
        }
        fields.extend(facts(job, image, &self.wanted));
        // It belongs to the event, whether or not the model counts.
        let usage = reply::usage([job]);
        let mut own = ours(run, job.cost.best(), &[(job, image)], &self.base);
        let adjustments = told(&self.wanted, std::slice::from_ref(job));
        own.insert("adjustments".to_owned(), json!(adjustments));
        own.insert("usage_is_known".to_owned(), usage.is_some().into());
        fields.insert("usage".to_owned(), usage.unwrap_or_else(|| counted(&Usage::default())));
        fields.insert("image_index".to_owned(), job.index.into());
        if let Some(revised) = &job.revised_prompt {
            fields.insert("revised_prompt".to_owned(), revised.clone().into());
        }
        fields.insert(reply::OURS.to_owned(), Value::Object(own));
        self.pieces.text(format!("event: {}.completed\ndata: ", self.wanted.endpoint.event()));
        self.pieces.object(file, &fields);
        self.pieces.text("\n\n");
    }

    /// Writes an error, as libraries read it behind the head of an answer.
    fn failed(&mut self, failure: &Failure) {
        let mut text = Vec::new();
        let value = json!({ "type": "error", "error": error::value(failure) });
        write(&mut text, None, Some("error"), &value);
        self.pieces.text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd::serve::openai::wanted::{Endpoint, ResponseFormat};
    use crate::cmd::serve::stream::tests::read;

    #[tokio::test(start_paused = true)]
    async fn a_comment_comes_at_once_and_every_ten_seconds_of_which_nothing_is_told() {
        let wanted = Wanted {
            endpoint: Endpoint::Generations,
            format: ResponseFormat::Bytes,
            stream: true,
            is_auto_size: false,
            quality: None,
            background: None,
            told: Vec::new(),
            sent: Vec::new(),
        };
        let record = RunRecord::of_nobody();
        let read = read(&record, answer(record.follow(), wanted, String::new())).await;
        let comments = [0, 10, 20, 30].map(|second| (second, ":\n\n".to_owned()));
        assert_eq!(read[..4], comments, "what is being saved is no event of OpenAI's");
    }
}
