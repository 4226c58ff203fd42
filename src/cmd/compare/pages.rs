//! The contact sheet and the page of a comparison, drawn from the log: when the images are made, and
//! again with every verdict.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::App;
use super::record::{Comparison, Round, Seat, Shown};
use super::verdict::marks;
use crate::catalog::Certainty;
use crate::cmd::log::row::Row;
use crate::cmd::log::status::Status;
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::money::Money;
use crate::page::html::Page;
use crate::page::sheet::Theme;
use crate::page::{self, Cost, Head, Totals};
use crate::store::journal::{Caps, Drawn};
use crate::store::{Entry, Journal, What, Wish, candidate};

/// Draws what belongs to a comparison and tells the log: a contact sheet for a single prompt, and the
/// page. A page that was drawn before is replaced while it still is what was drawn.
///
/// # Errors
/// Nothing can be drawn or written.
pub(in crate::cmd) fn draw(app: &App, comparison: &mut Comparison, force: bool) -> Result<()> {
    if comparison.rounds.iter().all(|round| round.judged().next().is_none()) {
        return Ok(());
    }
    let (head, entries, totals) = contents(comparison);
    let mut drawn = Vec::new();
    if comparison.rounds.len() == 1 {
        match page::sheet::draw(&head, &totals, &entries, Theme::Light) {
            Ok(bytes) => {
                let mut write = |file: &mut File| file.write_all(&bytes);
                drawn.push(put(comparison, "sheet", "png", force, &mut write)?);
            }
            // The page takes any number of images.
            Err(error) => app.ui.warn(&error.to_string()),
        }
    }
    let directory = comparison.directory();
    let mut write = |file: &mut File| {
        let mut page = Page::begin(BufWriter::new(file), &directory, &head)?;
        entries.iter().try_for_each(|entry| page.entry(entry))?;
        page.finish(&totals).map(drop)
    };
    drawn.push(put(comparison, "index", "html", force, &mut write)?);
    comparison.drawn.clone_from(&drawn);
    let journal = Journal::open(&app.settings.places.log, Caps::default())?;
    journal.append(&Entry { drawn, ..Entry::of_run(What::Drawn, &comparison.run) });
    journal.finish()
}

/// The page that was drawn, as the user would write it.
pub(in crate::cmd) fn shown(path: &Path) -> String {
    let base = std::path::absolute(".").unwrap_or_default();
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}

/// Everything that the pages show.
fn contents(comparison: &Comparison) -> (Head, Vec<page::Entry>, Totals) {
    let mut totals = Totals { run: comparison.run.clone(), ms: comparison.ms, ..Totals::default() };
    let mut entries = Vec::new();
    for round in &comparison.rounds {
        for (at, seat) in round.seats.iter().enumerate() {
            for shown in &seat.shown {
                let open = entry(round, seat, shown);
                totals.add(&open);
                entries.push(if round.is_hidden() { open.blinded(at) } else { open });
            }
        }
    }
    let single = match comparison.rounds.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let head = Head {
        title: "Comparison".to_owned(),
        prompt: single.map(|round| round.prompt.clone()).unwrap_or_default(),
        note: note(comparison, single),
        expected: entries.len(),
    };
    (head, entries, totals)
}

/// What the reader can do, or what was judged.
fn note(comparison: &Comparison, single: Option<&Round>) -> String {
    let run = &comparison.run;
    let judged = comparison.rounds.iter().filter(|round| round.verdict.is_some()).count();
    match single {
        Some(Round { verdict: Some(verdict), .. }) => format!("Verdict: {}", verdict.text()),
        Some(round) => {
            let what = if round.contest.blind { "LETTER" } else { "MODEL" };
            format!("Which is best? pinx vote {run} {what}")
        }
        None => {
            let rounds = comparison.rounds.len();
            format!("{judged} of {rounds} prompts are judged: pinx vote {run} WHICH --prompt N")
        }
    }
}

/// One image, or what stands in its place.
fn entry(round: &Round, seat: &Seat, shown: &Shown) -> page::Entry {
    let mut tags = marks(round, &shown.id);
    tags.extend(round.tags.iter().cloned());
    let entry = page::Entry {
        label: seat.model.clone(),
        prompt: round.prompt.clone(),
        name: round.contest.name.clone(),
        tags,
        ..page::Entry::default()
    };
    let Some((row, status)) = &shown.row else {
        let reason = Some("not begun".to_owned());
        return page::Entry { status: page::Status::Interrupted, reason, ..entry };
    };
    let image = shown.image();
    let status = match status {
        Status::Done | Status::Cached if image.is_none() => page::Status::Gone,
        Status::Done => page::Status::Done,
        Status::Cached => page::Status::Cached,
        Status::Refused => page::Status::Refused,
        Status::Failed => page::Status::Failed,
        Status::Unknown | Status::Pending => page::Status::Open,
    };
    page::Entry {
        status,
        image: image.map(|image| page::Image {
            path: image.path.clone(),
            width: image.width,
            height: image.height,
        }),
        seed: row.entry.seed,
        cost: cost(row, status),
        ms: row.entry.total_ms,
        adjustments: row.entry.adjustments.iter().map(|told| told.told()).collect(),
        reason: (!status.has_image()).then(|| reason(row, status)),
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
        _ if row.entry.billed != "yes" && !status.has_image() => Cost::Untold,
        (Some(money), _) => Cost::Exact(money),
        (None, Some(money)) if cost.certainty == Certainty::Exact => Cost::Exact(money),
        (None, Some(money)) => Cost::About(money),
        (None, None) => Cost::Unknown,
    }
}

/// Writes a page beside the images: in the place of the one that was drawn before, else by the first
/// free name.
fn put(
    comparison: &Comparison,
    stem: &str,
    extension: &str,
    force: bool,
    write: &mut dyn FnMut(&mut File) -> io::Result<()>,
) -> Result<Drawn> {
    let directory = comparison.directory();
    let is_same_kind = |drawn: &&Drawn| drawn.path.extension().is_some_and(|e| e == extension);
    let before = comparison.drawn.iter().find(is_same_kind);
    let part = directory.join(format!(".pinx-{}.{stem}.part", comparison.run));
    let mut attempt = || -> io::Result<Drawn> {
        fs::create_dir(&directory)?;
        let mut file = fs::create_or_truncate(&part)?;
        write(&mut file)?;
        drop(file);
        let sha256 = hash(&part)?;
        if let Some(before) = before
            && hash(&before.path).is_ok_and(|found| found == before.sha256)
        {
            fs::replace(&part, &before.path)?;
            return Ok(Drawn { path: before.path.clone(), sha256 });
        }
        let wish = Wish {
            directory: directory.clone(),
            stem: stem.to_owned(),
            extension: extension.to_owned(),
            suffix_ok: true,
        };
        let path = name(&part, &wish, force)?;
        Ok(Drawn { path, sha256 })
    };
    attempt().map_err(|error| {
        let _ = fs::remove(&part);
        let place = directory.join(format!("{stem}.{extension}"));
        let what = format!("`{}` cannot be written: {error}", place.display());
        Error::new(Kind::Local, what).hint("the images are saved; `pinx vote` draws it again")
    })
}

/// Gives a part file its first free name, or with `force` the name itself.
fn name(part: &Path, wish: &Wish, force: bool) -> io::Result<PathBuf> {
    if force {
        let path = candidate(wish, 0);
        return fs::replace(part, &path).map(|()| path);
    }
    for index in 0.. {
        let path = candidate(wish, index);
        if fs::publish(part, &path)? {
            return Ok(path);
        }
    }
    unreachable!("there are more suffixes than files")
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
