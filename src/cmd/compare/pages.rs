//! The contact sheet and the page of a comparison, drawn from the log: when the images are made, and
//! again with every verdict.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::App;
use super::record::{ComparedJob, Comparison, Original, Round, Seat};
use super::verdict::{NONE, TIE, marks};
use crate::catalog::{Adjustment, Certainty};
use crate::cmd::log::row::Row;
use crate::engine::report::JobStatus;
use crate::error::{Billed, Error, Kind, Result};
use crate::fs;
use crate::money::Money;
use crate::page::html::Page;
use crate::page::{self, Cost, Head, Totals, seal};
use crate::store::log::Drawn;
use crate::store::{Entry, EntryKind, OutputTarget, candidate};
use crate::{text, zone};

/// Draws what belongs to a comparison and tells the log: a contact sheet for a single prompt, and the
/// page. A page that was drawn before is replaced while it still is what was drawn.
///
/// # Errors
/// Nothing can be drawn or written.
pub(in crate::cmd) fn draw(app: &App, comparison: &mut Comparison, force: bool) -> Result<()> {
    if comparison.rounds.iter().all(|round| round.judged().next().is_none()) {
        return Ok(());
    }
    let (head, rows, totals) = contents(comparison);
    let mut pages = Vec::new();
    if comparison.rounds.len() == 1 {
        match page::sheet::draw(&head, &totals, &rows[0].1) {
            Ok(bytes) => {
                let mut write = |file: &mut File| file.write_all(&bytes);
                pages.push(Unnamed::new(comparison, "sheet", "png", force, &mut write)?);
            }
            // The page takes any number of images.
            Err(error) => app.ui.warn(&error.to_string()),
        }
    }
    let directory = comparison.directory();
    let mut write = |file: &mut File| {
        let mut page = Page::begin(BufWriter::new(file), &directory, &head)?;
        rows.iter().try_for_each(|(row, entries)| page.row(row, entries))?;
        let file = page.finish(&totals)?.into_inner().map_err(|error| error.into_error())?;
        seal::seal(file).map(drop)
    };
    pages.push(Unnamed::new(comparison, "index", "html", force, &mut write)?);
    // The log knows a page before it is there: who is killed between them leaves nothing that looks
    // as if somebody else had written it.
    loop {
        comparison.drawn = pages.iter().map(|page| page.drawn.clone()).collect();
        let drawn = comparison.drawn.clone();
        app.log.record(&[Entry { drawn, ..Entry::of_run(EntryKind::Drawn, &comparison.run) }])?;
        let mut all_named = true;
        for page in pages.iter_mut().filter(|page| !page.is_named) {
            page.name()?;
            all_named &= page.is_named;
        }
        if all_named {
            return Ok(());
        }
    }
}

/// The page that was drawn, as the user would write it.
pub(in crate::cmd) fn shown(path: &Path) -> String {
    let base = std::path::absolute(".").unwrap_or_default();
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}

/// Everything that the pages show: each prompt with its entries.
fn contents(comparison: &Comparison) -> (Head, Vec<(page::Row, Vec<page::Entry>)>, Totals) {
    let mut totals = Totals { run: comparison.run.clone(), ms: comparison.ms, ..Totals::default() };
    let mut rows = Vec::with_capacity(comparison.rounds.len());
    for round in &comparison.rounds {
        let mut entries: Vec<page::Entry> =
            round.originals.iter().map(|original| given(round, original)).collect();
        for (at, seat) in round.seats.iter().enumerate() {
            for job in &seat.jobs {
                let open = entry(round, seat, job);
                totals.add(&open);
                totals.uncertain = totals.uncertain + uncertain(job);
                entries.push(if round.is_hidden() { blinded(&open, at) } else { open });
            }
        }
        rows.push((row(comparison, round), entries));
    }
    let single = match comparison.rounds.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let head = Head {
        title: title(comparison),
        prompt: single.map(|round| round.prompt.clone()).unwrap_or_default(),
        note: note(comparison, single),
        expected: rows.iter().map(|(_, entries)| entries.len()).sum(),
        has_rows: true,
    };
    (head, rows, totals)
}

/// What may have been spent on a job beside what is known.
fn uncertain(job: &ComparedJob) -> Money {
    job.row.as_ref().and_then(|(row, _)| row.uncertain()).unwrap_or_default()
}

/// What is compared and since when: `Comparison of 3 models, 2026-11-30`. A single model is named as
/// soon as it may be.
fn title(comparison: &Comparison) -> String {
    let seats = || comparison.rounds.iter().flat_map(|round| &round.seats);
    let models: BTreeSet<&str> = seats().map(|seat| seat.model.as_str()).collect();
    let is_hidden = comparison.rounds.iter().any(Round::is_hidden);
    let what = match models.first().filter(|_| models.len() == 1) {
        Some(_) if is_hidden => "Comparison with one model".to_owned(),
        Some(model) => format!("Comparison with {model}"),
        None => format!("Comparison of {} models", models.len()),
    };
    let day = |began: Timestamp| began.to_zoned(zone::local()).strftime("%F").to_string();
    std::iter::once(what).chain(comparison.began.map(day)).collect::<Vec<_>>().join(", ")
}

/// One prompt: its number and verdict where the page has several, and how to vote.
fn row(comparison: &Comparison, round: &Round) -> page::Row {
    let is_one_of_many = comparison.rounds.len() > 1;
    let number = is_one_of_many.then_some(round.contest.number);
    let command = |which: &str| {
        let prompt = number.map(|number| format!(" --prompt {number}")).unwrap_or_default();
        format!("pinx vote {} {}{prompt}", comparison.run, text::shell_word(which))
    };
    let names = round.judged().map(|seat| round.shown_name(seat));
    let vote = |which: &str| page::Vote { label: which.to_owned(), command: command(which) };
    let votes = match round.judged().nth(1) {
        Some(_) => names.chain([TIE, NONE]).map(vote).collect(),
        None => Vec::new(),
    };
    let verdict = round.verdict.as_ref().filter(|_| is_one_of_many);
    let note = match verdict {
        Some(verdict) => format!("Verdict: {}", verdict.text()),
        None if is_one_of_many && !round.can_be_judged() => NO_TWO.to_owned(),
        None => String::new(),
    };
    page::Row { number, prompt: round.prompt.clone(), note, votes }
}

/// The same under a letter. Why there is no image is a thing to wait for, too.
fn blinded(open: &page::Entry, at: usize) -> page::Entry {
    let blinded = open.blinded(at);
    match open.status {
        page::Status::Failed | page::Status::Refused => {
            page::Entry { reason: Some("told after the verdict".to_owned()), ..blinded }
        }
        page::Status::Gone => page::Entry { reason: open.reason.clone(), ..blinded },
        _ => blinded,
    }
}

/// Where nothing can be judged.
const NO_TWO: &str = "There are no two images to choose from";

/// What the reader can do, or what was judged.
fn note(comparison: &Comparison, single: Option<&Round>) -> String {
    let run = &comparison.run;
    match single {
        Some(Round { verdict: Some(verdict), .. }) => format!("Verdict: {}", verdict.text()),
        Some(round) if round.judged().nth(1).is_none() => NO_TWO.to_owned(),
        Some(round) if round.contest.blind => format!(
            "The names are hidden until you have chosen. Look, then type in a terminal: \
             `pinx vote {run} LETTER`"
        ),
        Some(round) => {
            let what = if round.is_varied() { "NAME" } else { "MODEL" };
            format!("Which is best? Type in a terminal: `pinx vote {run} {what}`")
        }
        None => {
            let asked: Vec<&Round> =
                comparison.rounds.iter().filter(|round| round.can_be_judged()).collect();
            if asked.is_empty() {
                return NO_TWO.to_owned();
            }
            let judged = asked.iter().filter(|round| round.verdict.is_some()).count();
            let how = match judged == asked.len() {
                true => String::new(),
                false => format!(". Type in a terminal: `pinx vote {run} WHICH --prompt N`"),
            };
            let hidden = match comparison.rounds.iter().any(Round::is_hidden) {
                true => {
                    "The names are hidden until you have chosen, and the letters change with each \
                         prompt. "
                }
                false => "",
            };
            format!("{hidden}{judged} of {} prompts are judged{how}", asked.len())
        }
    }
}

/// A picture that the images of a prompt are made from. It stands in front of them, and counts for none.
fn given(round: &Round, original: &Original) -> page::Entry {
    let label = match round.originals.len() {
        1 => "the original".to_owned(),
        _ => format!("the original, {}", original.name),
    };
    page::Entry {
        label,
        prompt: round.prompt.clone(),
        image: Some(page::Image {
            path: original.path.clone(),
            width: original.size.width,
            height: original.size.height,
        }),
        ..page::Entry::default()
    }
}

/// One image, or what stands in its place.
fn entry(round: &Round, seat: &Seat, job: &ComparedJob) -> page::Entry {
    let mut tags = marks(round, &job.id);
    tags.extend(round.tags.iter().cloned());
    let entry = page::Entry {
        label: seat.name.clone(),
        prompt: round.prompt.clone(),
        name: round.contest.name.clone(),
        tags,
        ..page::Entry::default()
    };
    let Some((row, status)) = &job.row else {
        let reason = Some("not begun".to_owned());
        return page::Entry { status: page::Status::Interrupted, reason, ..entry };
    };
    let image = job.image();
    let status = match status {
        _ if job.missing().is_some() => page::Status::Gone,
        JobStatus::Done | JobStatus::Adopted => page::Status::Done,
        JobStatus::Cached => page::Status::Cached,
        JobStatus::Refused => page::Status::Refused,
        JobStatus::Failed => page::Status::Failed,
        JobStatus::Unknown | JobStatus::Pending => page::Status::Open,
        JobStatus::Skipped | JobStatus::Unbegun | JobStatus::Interrupted | JobStatus::Planned => {
            page::Status::Interrupted
        }
    };
    page::Entry {
        status,
        image: image.map(|image| page::Image {
            path: image.path.to_path_buf(),
            width: image.width,
            height: image.height,
        }),
        seed: row.entry.seed,
        cost: cost(row, status),
        ms: row.entry.total_ms,
        adjustments: row.entry.adjustments.iter().map(Adjustment::message).collect(),
        reason: match job.missing() {
            Some((_, sentence)) => Some(sentence.to_owned()),
            None => (!status.has_image()).then(|| reason(row, status)),
        },
        ..entry
    }
}

fn reason(row: &Row, status: page::Status) -> String {
    match row.entry.message.as_str() {
        "" => status.word().to_owned(),
        message => message.to_owned(),
    }
}

fn cost(row: &Row, status: page::Status) -> Cost {
    let cost = row.cost();
    match (cost.reported, cost.estimated) {
        _ if status == page::Status::Cached => Cost::Exact(Money::ZERO),
        _ if row.entry.billed != Some(Billed::Yes) && !status.has_image() => {
            row.uncertain().map_or(Cost::Untold, Cost::Uncertain)
        }
        (Some(money), _) => Cost::Exact(money),
        (None, Some(money)) if cost.certainty == Certainty::Exact => Cost::Exact(money),
        (None, Some(money)) => Cost::About(money),
        (None, None) => Cost::Unknown,
    }
}

/// A page without its name. Its file ends with this, and where the process is killed, with the next
/// page that is drawn there.
struct Unnamed {
    part: NamedTempFile,
    target: OutputTarget,
    /// Its hash, and the name that it is to have.
    drawn: Drawn,
    /// Whether it takes the place of what has the name.
    replaces: bool,
    is_named: bool,
}

impl Unnamed {
    /// Writes a page beside the images. It is to take the place of the one that was drawn before, if
    /// that is still as it was drawn, else the first free name.
    fn new(
        comparison: &Comparison,
        stem: &str,
        extension: &str,
        force: bool,
        write: &mut dyn FnMut(&mut File) -> io::Result<()>,
    ) -> Result<Unnamed> {
        let directory = comparison.directory();
        let is_same_kind = |drawn: &&Drawn| drawn.path.extension().is_some_and(|e| e == extension);
        let before = comparison.drawn.iter().find(is_same_kind).filter(|before| {
            hash(&before.path).is_ok_and(|found| comparison.hashes.contains(&found))
        });
        let target = OutputTarget {
            directory: directory.clone(),
            stem: stem.to_owned(),
            extension: extension.to_owned(),
            suffix_ok: true,
            within: None,
        };
        let path = match before {
            Some(before) => before.path.clone(),
            None if force => candidate(&target, 0),
            None => free(&target),
        };
        let written = fs::part_beside(&path).and_then(|mut part| {
            write(part.as_file_mut())?;
            let sha256 = hash(part.path())?;
            Ok((part, sha256))
        });
        let (part, sha256) = written.map_err(|error| refused(&path, &error))?;
        let replaces = before.is_some() || force;
        Ok(Unnamed { part, target, drawn: Drawn { path, sha256 }, replaces, is_named: false })
    }

    /// Gives it its name, or looks for another where somebody has taken it meanwhile.
    fn name(&mut self) -> Result<()> {
        let named = match self.replaces {
            true => fs::replace(self.part.path(), &self.drawn.path).map(|()| true),
            false => fs::publish(self.part.path(), &self.drawn.path),
        };
        self.is_named = named.map_err(|error| refused(&self.drawn.path, &error))?;
        if !self.is_named {
            self.drawn.path = free(&self.target);
        }
        Ok(())
    }
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Local, format!("`{}` cannot be written: {error}", path.display()))
        .hint("the images are saved; `pinx vote` draws it again")
}

/// The first name that nothing has.
fn free(target: &OutputTarget) -> PathBuf {
    let is_free = |path: &PathBuf| path.symlink_metadata().is_err();
    let found = (0..).map(|index| candidate(target, index)).find(is_free);
    found.expect("there are more suffixes than files")
}

fn hash(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path)?;
    let mut bytes = vec![0; 64 * 1024];
    loop {
        match io::Read::read(&mut file, &mut bytes)? {
            0 => break,
            count => digest.update(&bytes[..count]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
