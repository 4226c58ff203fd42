//! The journal: the only memory. Append-only JSON lines in monthly segments, shared by processes.
//!
//! One writer thread per process takes what has queued, locks the segment, ends a torn tail with a
//! newline, appends the batch in one write, unlocks, syncs once and then answers (group commit).
//! The intent of a paid request is on the disk before its bytes leave. Nothing is ever rewritten.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::catalog::{Adjustment, Certainty, Order};
use crate::dialect::Call;
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::money::Money;

/// The version of the entries written here; older ones stay readable.
pub const VERSION: u32 = 1;

/// The code of a `done` whose image came from the cache and cost nothing.
pub const CACHED: &str = "cached";

/// What an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A paid request is about to leave; `reserve` is counted until the attempt is closed.
    #[default]
    Intent,
    /// A queue has taken it; `call` goes on with it.
    Submitted,
    /// Answered and paid for, but not saved: the raw reply is in `kept`.
    Kept,
    /// Left open for `pinx recover`: still running, or the outcome is unknown.
    Open,
    /// Closed: this attempt failed, its job goes on; a `failed` may follow when it could not.
    Tried,
    /// Closed: the job failed with this attempt.
    Failed,
    /// Closed: the images have their names.
    Done,
    /// Closed by the user or by `recover` without an image.
    Settled,
    /// A kind of entry from a newer version.
    #[serde(other)]
    Unknown,
}

impl What {
    /// Does it end its attempt?
    pub fn closes(self) -> bool {
        matches!(self, What::Tried | What::Failed | What::Done | What::Settled)
    }
}

/// One line. The keys that statistics need come first, in this fixed order; absent ones are left
/// out. Money is in micro-dollars, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The version of the shape.
    pub v: u32,
    /// When, in UTC.
    pub t: jiff::Timestamp,
    /// What it tells.
    pub e: What,
    /// The run's id.
    pub run: String,
    /// The job's id: `<run>.<n>`.
    pub job: String,
    /// The attempt's id: `<job>.<n>`.
    pub attempt: String,
    /// The provider.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The model, `provider/name`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The key's source and fingerprint, and the gateway.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// Expected cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Money>,
    /// Counted against budgets while the attempt is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Money>,
    /// Cost as the response told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// How sure the estimate is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
    /// `yes`, `no` or `unknown`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub billed: String,
    /// `done`, `cached`, or the code of the failure: the provider's own word where it gave one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The class of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// From the job's start to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<u64>,
    /// Waiting for permits, limits and back-off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// In the provider's queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_ms: Option<u64>,
    /// Being made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation_ms: Option<u64>,
    /// Fetching.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_ms: Option<u64>,
    /// Decoding, checking, writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_ms: Option<u64>,
    /// The HTTP status of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Saved>,
    /// The prompt as asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// The style asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// How the model was told the style: as a `field` of its own, or in `words`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub style_as: String,
    /// How the model was told the colours: as a `field` of its own, or in `words`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub colors_as: String,
    /// The seed used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What is not exactly as asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// The prompt as the provider changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The provider's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the gateway said: `log_id`, `cache_status`, `step`.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub gateway: Value,
    /// The failure in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The order, with an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The keyless call: what is sent (intent) or what goes on with the job (submitted, open).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// Which of the jobs that share the name it is, counted from zero.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: usize,
    /// Where the image is to go, with an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wish: Option<super::Wish>,
    /// The raw reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A file as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Its absolute path.
    pub path: PathBuf,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// From the bytes.
    pub format: String,
    /// Its length.
    pub bytes: u64,
    /// Of the file as saved.
    pub sha256: String,
    /// Of the provider's bytes, where the file was converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_sha256: Option<String>,
}

impl Entry {
    /// An entry with its head filled in.
    pub fn new(e: What, run: &str, job: &str, attempt: &str) -> Entry {
        Entry {
            v: VERSION,
            t: jiff::Timestamp::now(),
            e,
            run: run.to_owned(),
            job: job.to_owned(),
            attempt: attempt.to_owned(),
            ..Entry::default()
        }
    }
}

struct Queued {
    line: Vec<u8>,
    /// Answered after the sync; none when nobody waits.
    told: Option<oneshot::Sender<std::result::Result<(), String>>>,
}

/// The writing end. Cheap to clone a sender of; dropping the last one ends the thread after it has
/// written everything.
#[derive(Debug)]
pub struct Journal {
    queue: Option<mpsc::Sender<Queued>>,
    writer: Option<JoinHandle<()>>,
    directory: PathBuf,
    /// Held while a lost request is looked up and claimed, so that no two jobs claim the same.
    pub(crate) claiming: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.line.len())
    }
}

impl Journal {
    /// Opens the journal for writing; its directory is created and tried.
    ///
    /// # Errors
    /// The directory cannot be written: nothing may be paid for then.
    pub fn open(directory: &Path) -> Result<Journal> {
        let unwritable = |error: std::io::Error| {
            Error::usage(format!(
                "the journal in `{}` cannot be written: {error}",
                directory.display()
            ))
            .code("journal_unwritable")
            .hint("paid requests need it; make the directory writable or set PINX_HOME to another")
        };
        fs::create_private_dir(directory).map_err(unwritable)?;
        fs::probe_writable(directory).map_err(unwritable)?;
        let (queue, jobs) = mpsc::channel::<Queued>();
        let place = directory.to_owned();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(&place, &jobs))
            .map_err(unwritable)?;
        Ok(Journal {
            queue: Some(queue),
            writer: Some(writer),
            directory: directory.to_owned(),
            claiming: tokio::sync::Mutex::default(),
        })
    }

    /// Where the segments are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Appends and waits until it is on the disk.
    ///
    /// # Errors
    /// It is not: a paid request must not follow.
    pub async fn commit(&self, entry: &Entry) -> Result<()> {
        let (told, answer) = oneshot::channel();
        self.send(entry, Some(told));
        let outcome =
            answer.await.unwrap_or_else(|_| Err("the journal's writer has ended".to_owned()));
        outcome
            .map_err(|why| Error::new(Kind::Local, format!("the journal cannot be written: {why}")))
    }

    /// Appends without waiting; it is on the disk at the latest when the journal is dropped.
    pub fn append(&self, entry: &Entry) {
        self.send(entry, None);
    }

    fn send(&self, entry: &Entry, told: Option<oneshot::Sender<std::result::Result<(), String>>>) {
        let Ok(mut line) = serde_json::to_vec(entry) else { return };
        line.push(b'\n');
        if let Some(queue) = &self.queue {
            // A closed channel drops `told`, which the waiting side reads as a failure.
            let _ = queue.send(Queued { line, told });
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write_all(directory: &Path, jobs: &mpsc::Receiver<Queued>) {
    while let Ok(first) = jobs.recv() {
        let batch: Vec<Queued> = std::iter::once(first).chain(jobs.try_iter()).collect();
        let bytes: Vec<u8> = batch.iter().flat_map(|write| write.line.iter().copied()).collect();
        let outcome = append(directory, &bytes).map_err(|error| error.to_string());
        for write in batch {
            if let Some(told) = write.told {
                let _ = told.send(outcome.clone());
            }
        }
    }
}

fn append(directory: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let month = jiff::Timestamp::now().strftime("%Y-%m").to_string();
    let path = directory.join(format!("{month}.jsonl"));
    let mut file = fs::open_append(&path)?;
    file.lock()?;
    let end = file.seek(SeekFrom::End(0))?;
    let mut torn = false;
    if end > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        torn = last[0] != b'\n';
    }
    let written =
        if torn { file.write_all(&[b"\n", bytes].concat()) } else { file.write_all(bytes) };
    file.unlock()?;
    written?;
    file.sync_data()?;
    if end == 0 {
        fs::sync_dir(directory);
    }
    Ok(())
}

/// What was read besides the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Entries read.
    pub entries: u64,
    /// Lines that are no entry: torn by a crash, or written by something else.
    pub torn: u64,
}

/// Reads every entry of every segment, oldest first. An unfinished last line is left unread.
///
/// # Errors
/// A segment cannot be read.
pub fn read(directory: &Path, mut each: impl FnMut(Entry)) -> std::io::Result<Scan> {
    let mut scan = Scan::default();
    for path in segments(directory)? {
        let mut lines = BufReader::with_capacity(256 * 1024, File::open(&path)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 || line.last() != Some(&b'\n') {
                break;
            }
            if line.len() == 1 {
                continue;
            }
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) if entry.v > 0 => {
                    scan.entries += 1;
                    each(entry);
                }
                _ => scan.torn += 1,
            }
        }
    }
    Ok(scan)
}

/// The segments, oldest first; none when nothing was ever written.
///
/// # Errors
/// The directory cannot be listed.
pub fn segments(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let listing = match std::fs::read_dir(directory) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: usize) -> Entry {
        Entry::new(What::Intent, "r", &format!("r.{n}"), &format!("r.{n}.1"))
    }

    fn all(directory: &Path) -> (Vec<Entry>, Scan) {
        let mut entries = Vec::new();
        let scan = read(directory, |entry| entries.push(entry)).unwrap();
        (entries, scan)
    }

    #[test]
    fn entries_read_back_in_order_and_torn_lines_are_counted() {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::open(home.path()).unwrap();
        journal.append(&entry(1));
        drop(journal);
        let segment = segments(home.path()).unwrap().remove(0);
        let mut file = fs::open_append(&segment).unwrap();
        file.write_all(b"{\"v\":1,\"t\":\"2026-").unwrap();
        assert_eq!(all(home.path()).1, Scan { entries: 1, torn: 0 }, "an unfinished line is left");
        let journal = Journal::open(home.path()).unwrap();
        journal.append(&entry(2));
        drop(journal);
        let (entries, scan) = all(home.path());
        assert_eq!(entries.iter().map(|e| e.job.as_str()).collect::<Vec<_>>(), ["r.1", "r.2"]);
        assert_eq!(scan.torn, 1, "the torn tail got its newline");
    }

    #[test]
    fn a_commit_is_on_the_disk_when_it_answers() {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::open(home.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let entries: Vec<Entry> = (0..50).map(entry).collect();
            let commits = entries.iter().map(|entry| journal.commit(entry));
            for outcome in futures_util::future::join_all(commits).await {
                outcome.unwrap();
            }
        });
        assert_eq!(all(home.path()).1.entries, 50);
    }

    #[test]
    fn old_and_newer_entries_are_read() {
        let home = tempfile::tempdir().unwrap();
        let lines = concat!(
            r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"done","run":"a","job":"a.1","attempt":"a.1.1"}"#,
            "\n",
            r#"{"v":9,"t":"2026-11-22T10:00:00Z","e":"transmogrified","run":"b","new":1}"#,
            "\n",
        );
        fs::write_atomic(&home.path().join("2026-11.jsonl"), lines.as_bytes(), fs::Mode::Normal)
            .unwrap();
        let (entries, scan) = all(home.path());
        assert_eq!(scan, Scan { entries: 2, torn: 0 });
        assert_eq!(entries[1].e, What::Unknown);
    }
}
