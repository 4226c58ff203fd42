//! A comparison as the log knows it: its rounds, what became of their jobs, what was judged, and which
//! pages were drawn. Whatever is shown of a comparison comes from here.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use jiff::Timestamp;

use super::App;
use crate::catalog::Order;
use crate::cmd::log::find::Id;
use crate::cmd::log::row::Row;
use crate::cmd::log::{self, Living};
use crate::engine::report::JobStatus;
use crate::error::{Error, Kind, Result};
use crate::fs::OwnLock;
use crate::request::{Role, Size};
use crate::store::log::{ComparedPrompt, Drawn, Saved, Verdict};
use crate::store::{Entry, EntryKind, InputStore, holds};
use crate::text;

/// A run that compares.
pub(in crate::cmd) struct Comparison {
    /// Its id.
    pub(in crate::cmd) run: String,
    /// One for each prompt, in order.
    pub(in crate::cmd) rounds: Vec<Round>,
    /// The pages as they were drawn last.
    pub(in crate::cmd) drawn: Vec<Drawn>,
    /// The hashes of all pages that were drawn or about to be: who was killed may have stopped
    /// between the log and the page.
    pub(super) hashes: HashSet<String>,
    /// When it was begun.
    pub(super) began: Option<Timestamp>,
    /// Nothing older in the log is about it.
    since: Timestamp,
    /// From the first to the last that was written about its jobs, in milliseconds.
    pub(super) ms: u64,
}

/// One prompt over all models.
pub(in crate::cmd) struct Round {
    /// Who is compared.
    pub(in crate::cmd) contest: ComparedPrompt,
    /// The prompt as asked.
    pub(in crate::cmd) prompt: String,
    /// The style asked for.
    pub(in crate::cmd) style: Option<String>,
    /// What the user calls it besides.
    pub(in crate::cmd) tags: Vec<String>,
    /// The newest verdict.
    pub(in crate::cmd) verdict: Option<Verdict>,
    /// The models, in the order of the contest.
    pub(in crate::cmd) seats: Vec<Seat>,
    /// The pictures that all of them are made from, those that are still here.
    pub(super) originals: Vec<Original>,
    /// Whether another round of the comparison is still to be judged blind.
    others_wait: bool,
}

/// A picture that a round is made from.
pub(super) struct Original {
    /// What it is called: `image 1`.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Upright.
    pub(super) size: Size,
}

impl Original {
    /// The pictures of an order, upright as they were sent, else as they were found.
    fn all(app: &App, order: &Order) -> Vec<Original> {
        let store = InputStore::new(&app.settings.places.inputs, true);
        let names = Role::names(order.inputs.iter().map(|input| input.role));
        let mut originals = Vec::new();
        for (input, name) in order.inputs.iter().zip(names) {
            let hash = input.source.as_ref().unwrap_or(&input.sha256);
            let found = || input.path.clone().filter(|path| holds(path, hash));
            let sent = Some(store.path_of(&input.sha256)).filter(|path| path.is_file());
            if let (Role::Image, Some(path)) = (input.role, sent.or_else(found)) {
                originals.push(Original { name, path, size: input.size });
            }
        }
        originals
    }
}

/// One entrant of a round.
pub(in crate::cmd) struct Seat {
    /// Its letter.
    pub(in crate::cmd) label: String,
    /// Its model's id.
    pub(in crate::cmd) model: String,
    /// What tells it from the others: the model, or what is varied of it.
    pub(in crate::cmd) name: String,
    /// Its jobs.
    pub(in crate::cmd) jobs: Vec<ComparedJob>,
}

/// One job.
pub(in crate::cmd) struct ComparedJob {
    /// Its id.
    pub(in crate::cmd) id: String,
    /// What became of it; nothing when it was never begun.
    pub(in crate::cmd) row: Option<(Row, JobStatus)>,
    /// What lies where its image was saved.
    file: Lies,
}

/// What lies where an image was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cmd) enum Lies {
    /// The image.
    There,
    /// Nothing.
    Gone,
    /// Other bytes than were saved.
    Replaced,
}

impl Round {
    /// Whether it is not to be told yet which model is which. With nothing to judge there is no
    /// verdict to wait for but those of other prompts: a single image whose model is told would
    /// tell its looks.
    pub(in crate::cmd) fn is_hidden(&self) -> bool {
        match self.can_be_judged() {
            true => self.waits_blind(),
            false => self.contest.blind && self.others_wait,
        }
    }

    /// Whether its own verdict has to come before names are told.
    fn waits_blind(&self) -> bool {
        self.contest.blind && self.verdict.is_none() && self.can_be_judged()
    }

    /// Whether two models have an image, or may still get one.
    pub(super) fn can_be_judged(&self) -> bool {
        let may_have = |job: &ComparedJob| job.made().is_some() || job.is_open();
        self.seats.iter().filter(|seat| seat.jobs.iter().any(may_have)).nth(1).is_some()
    }

    /// Whether more than the models differs.
    pub(super) fn is_varied(&self) -> bool {
        self.seats.iter().any(|seat| seat.name != seat.model)
    }

    /// Whether a job is one of its own.
    pub(super) fn has(&self, job: &str) -> bool {
        self.seats.iter().any(|seat| seat.jobs.iter().any(|own| own.id == job))
    }

    /// The name of a seat, or its letter while that is all that may be told.
    pub(in crate::cmd) fn shown_name<'s>(&self, seat: &'s Seat) -> &'s str {
        if self.is_hidden() { &seat.label } else { &seat.name }
    }

    /// Those that have an image to be judged, wherever it lies by now.
    pub(in crate::cmd) fn judged(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(|seat| seat.jobs.iter().any(|job| job.made().is_some()))
    }
}

impl ComparedJob {
    fn new(id: String, row: Option<(Row, JobStatus)>) -> ComparedJob {
        let mut job = ComparedJob { id, row, file: Lies::There };
        if let Some(image) = job.made() {
            job.file = match image.path.exists() {
                false => Lies::Gone,
                true if holds(&image.path, &image.sha256) => Lies::There,
                true => Lies::Replaced,
            };
        }
        job
    }

    /// The image that was made of it.
    fn made(&self) -> Option<&Saved> {
        let (row, status) = self.row.as_ref()?;
        row.entry.images.first().filter(|_| matches!(status, JobStatus::Done | JobStatus::Cached))
    }

    /// Its image, if it still lies where it was saved.
    pub(in crate::cmd) fn image(&self) -> Option<&Saved> {
        self.made().filter(|_| self.file == Lies::There)
    }

    /// What became of the file of an image that was made, if it is not there: for a table, and in a
    /// sentence.
    pub(in crate::cmd) fn missing(&self) -> Option<(&'static str, &'static str)> {
        self.made().and(match self.file {
            Lies::There => None,
            Lies::Gone => Some(("file gone", "the file is gone")),
            Lies::Replaced => Some(("replaced since", "the file was replaced since")),
        })
    }

    /// Whether an image may still come of it.
    fn is_open(&self) -> bool {
        matches!(self.row, Some((_, JobStatus::Pending | JobStatus::Unknown)))
    }
}

impl Comparison {
    /// Where its images and pages are, absolute; a comparison has at least one round.
    pub(super) fn directory(&self) -> PathBuf {
        self.rounds[0].contest.directory.clone()
    }

    /// Has each round know whether others are still to be judged blind; to be called after every
    /// verdict.
    pub(super) fn settle(&mut self) {
        let others_wait = self.rounds.iter().any(Round::waits_blind);
        self.rounds.iter_mut().for_each(|round| round.others_wait = others_wait);
    }

    /// A run of which the log says nothing older than this.
    ///
    /// # Errors
    /// The log cannot be read, or the run compares nothing.
    pub(in crate::cmd) fn of(app: &App, run: &str, since: Timestamp) -> Result<Comparison> {
        let mut gathered = Gathered::default();
        let mut add = |entry: Entry| {
            if entry.run == run {
                gathered.add(entry);
            }
        };
        app.log.read_since(since, &mut add).map_err(|error| {
            let log = app.log.directory().display();
            let what = format!("the log in `{log}` cannot be read: {error}");
            Error::new(Kind::Local, what)
        })?;
        gathered.finish(app, run, since)
    }

    /// The same as the log tells it now.
    ///
    /// # Errors
    /// As [`Comparison::of`].
    pub(super) fn reread(&mut self, app: &App) -> Result<()> {
        *self = Comparison::of(app, &self.run, self.since)?;
        Ok(())
    }

    /// The right to judge and to draw the comparison of a run: waits until nobody else does. What the log
    /// says of it is read afterwards.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub(in crate::cmd) fn lock(app: &App, run: &str) -> Result<OwnLock> {
        // The name comes from the log, and leads nowhere else. It is no run's lock.
        let plain = run.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
        let path = app.settings.places.run.join(format!("{plain}.pages"));
        OwnLock::wait(&path).map_err(|error| {
            Error::new(Kind::Local, format!("`{}` cannot be locked: {error}", path.display()))
                .hint("the images are saved; `pinx vote` draws their pages")
        })
    }

    /// The run that compared last.
    ///
    /// # Errors
    /// None has, or the log cannot be read.
    pub(in crate::cmd) fn newest(app: &App) -> Result<String> {
        let mut newest = None;
        let read = app.log.read_backward(Timestamp::MIN, |entry| {
            if entry.e != EntryKind::Compared {
                return ControlFlow::Continue(());
            }
            newest = Some(entry.run);
            ControlFlow::Break(())
        });
        read.map_err(|error| log::unreadable(app, &error))?;
        newest.ok_or_else(|| {
            Error::usage("nothing has been compared yet")
                .code("unknown_id")
                .hint("pinx compare \"a red fox\" --style noir,watercolor")
        })
    }

    /// The run that an id or the start of one means.
    ///
    /// # Errors
    /// There is none, there are several, or it compares nothing.
    pub(in crate::cmd) fn find(app: &App, id: &str) -> Result<String> {
        // A job's id names its run, too.
        let wanted = Id::of(id);
        let (mut found, mut others, mut newest) = (BTreeSet::new(), BTreeSet::new(), None);
        log::read(app, |entry| {
            let compares = entry.e == EntryKind::Compared;
            if wanted.names_run(&entry.run) {
                let runs = if compares { &mut found } else { &mut others };
                runs.insert(entry.run.clone());
            }
            if compares {
                newest = Some(entry.run);
            }
        })?;
        let shown = text::clean(id, 80);
        let mut names = found.iter();
        match (names.next(), names.next(), others.first()) {
            (Some(run), None, _) => Ok(run.clone()),
            (Some(_), Some(_), _) => {
                let runs: Vec<String> =
                    found.iter().take(5).map(|run| format!("`{run}`")).collect();
                Err(Error::usage(format!("`{shown}` could be {}", runs.join(", ")))
                    .code("ambiguous_id")
                    .hint("write more of it"))
            }
            (None, _, Some(run)) => Err(Error::usage(format!("run `{run}` compares nothing"))
                .code("no_comparison")
                .hint("`pinx compare` makes comparisons")),
            (None, _, None) => {
                let error = Error::usage(format!("no run of the log has the id `{shown}`"))
                    .code("unknown_id");
                Err(match newest {
                    Some(run) => error.hint(format!("the newest comparison is `{run}`")),
                    None => error.hint("nothing has been compared yet; `pinx compare` does"),
                })
            }
        }
    }
}

/// The entries of a run, as they come.
#[derive(Default)]
struct Gathered {
    heads: Vec<Entry>,
    rows: HashMap<String, Row>,
    /// The first order of each job that is made from pictures.
    orders: HashMap<String, Order>,
    verdicts: HashMap<usize, Verdict>,
    drawn: Vec<Drawn>,
    hashes: HashSet<String>,
    last: Option<Timestamp>,
}

impl Gathered {
    fn add(&mut self, entry: Entry) {
        match entry.e {
            EntryKind::Compared => self.heads.push(entry),
            EntryKind::Drawn => {
                self.hashes.extend(entry.drawn.iter().map(|page| page.sha256.clone()));
                self.drawn = entry.drawn;
            }
            EntryKind::Verdict => {
                if let Some(verdict) = entry.verdict {
                    self.verdicts.insert(verdict.contest, *verdict);
                }
            }
            EntryKind::Unknown => {}
            _ if entry.job.is_empty() => {}
            _ => {
                self.last = self.last.max(Some(entry.t));
                if let Some(order) = entry.order.as_ref().filter(|order| !order.inputs.is_empty()) {
                    self.orders.entry(entry.job.clone()).or_insert_with(|| order.clone());
                }
                self.rows.entry(entry.job.clone()).or_default().add(entry);
            }
        }
    }

    fn finish(mut self, app: &App, run: &str, since: Timestamp) -> Result<Comparison> {
        let alive = Living::new(&app.settings.places.run);
        let began = self.heads.first().map(|head| head.t);
        let mut rounds = Vec::with_capacity(self.heads.len());
        for head in self.heads {
            let Some(contest) = head.contest else { continue };
            let seats = contest.entrants.iter().map(|entrant| Seat {
                label: entrant.label.clone(),
                model: entrant.model.clone(),
                name: match entrant.name.as_str() {
                    "" => entrant.model.clone(),
                    name => name.to_owned(),
                },
                jobs: entrant
                    .jobs
                    .iter()
                    .map(|job| {
                        let row = self.rows.remove(job).map(|row| {
                            let status = row.status(|run| alive.is(run));
                            (row, status)
                        });
                        ComparedJob::new(job.clone(), row)
                    })
                    .collect(),
            });
            let mut jobs = contest.entrants.iter().flat_map(|entrant| &entrant.jobs);
            let order = jobs.find_map(|job| self.orders.remove(job));
            rounds.push(Round {
                originals: order.map_or_else(Vec::new, |order| Original::all(app, &order)),
                seats: seats.collect(),
                verdict: self.verdicts.remove(&contest.number),
                contest: *contest,
                prompt: head.prompt,
                style: head.style,
                tags: head.tags,
                others_wait: false,
            });
        }
        if rounds.is_empty() {
            let what = format!("the log knows nothing of the comparison `{run}`");
            return Err(Error::new(Kind::Local, what).hint("`pinx log path` says where it is"));
        }
        let took = self.last.zip(began).map(|(last, began)| last.duration_since(began).as_millis());
        let ms = took.and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default();
        let Gathered { drawn, hashes, .. } = self;
        let run = run.to_owned();
        let mut comparison = Comparison { run, rounds, drawn, hashes, began, since, ms };
        comparison.settle();
        Ok(comparison)
    }
}
