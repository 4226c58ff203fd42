//! Progress of a run on stderr: bars on a terminal, else one line for what must be known.
//!
//! Events only change the board; indicatif's tick thread draws it ten times a second, so a flood
//! of events costs little. Bars are cleared at the end, also when the run is dropped.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::board::{Board, Growing, LONG_RUN, Phase};
use super::draw;
use super::output::{Output, clean_lines};
use super::paint::Paint;
use super::preview;
use super::terminal::Terminal;
use crate::engine::event::{End, Event, PreviewBytes};
use crate::pool::lock;
use crate::text;

/// How often the bars are drawn.
const TICK: Duration = Duration::from_millis(100);

/// Without bars, how often a long run says how far it is.
const REPORT: Duration = Duration::from_secs(10);

/// Without bars, how often it is looked whether anybody waits.
const LOOK: Duration = Duration::from_secs(1);

/// Consumes the events of one run.
pub(crate) struct Progress {
    output: Arc<Output>,
    board: Arc<Mutex<Board>>,
    bars: bool,
    /// The terminal on which a picture is shown while it grows.
    terminal: Option<Terminal>,
    talk: Talk,
    patience: Arc<Mutex<Patience>>,
    /// Ends the thread that says what is waited for.
    watched: Option<mpsc::Sender<()>>,
    /// When a long run last said how far it is.
    told: Mutex<Instant>,
    /// Why images of many were tried again, and how often that was not told.
    retries: Mutex<BTreeMap<String, u64>>,
}

/// How much is said in lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Talk {
    /// Nothing.
    Quiet,
    /// What must be known.
    Normal,
    /// Every step.
    Verbose,
}

impl Progress {
    /// Lines only.
    pub(crate) fn lines(output: Arc<Output>, jobs: usize, talk: Talk) -> Progress {
        let board = Arc::new(Mutex::new(Board::new(jobs, Instant::now())));
        let now = Instant::now();
        Progress {
            output,
            board,
            bars: false,
            terminal: None,
            talk,
            patience: Arc::new(Mutex::new(Patience::new(now))),
            watched: None,
            told: Mutex::new(now),
            retries: Mutex::default(),
        }
    }

    /// Says now and then what is waited for, where nothing else would.
    pub(crate) fn watched(mut self) -> Progress {
        if self.talk < Talk::Normal || self.bars {
            return self;
        }
        let (ended, waiting) = mpsc::channel::<()>();
        let (output, board) = (Arc::clone(&self.output), Arc::clone(&self.board));
        let patience = Arc::clone(&self.patience);
        let watch = move || {
            while waiting.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let line = lock(&patience).line(&lock(&board), Instant::now());
                line.into_iter().for_each(|line| output.talk(&line));
            }
        };
        // Without it the run is only silent.
        if std::thread::Builder::new().name("waiting".to_owned()).spawn(watch).is_ok() {
            self.watched = Some(ended);
        }
        self
    }

    /// Says of each job what tells it from others of its model.
    pub(crate) fn called(self, names: Vec<String>) -> Progress {
        lock(&self.board).names = names;
        self
    }

    /// Shows pictures over the bars while they grow.
    pub(crate) fn growing_on(mut self, terminal: Terminal) -> Progress {
        self.terminal = Some(terminal);
        self
    }

    /// Bars on a target whose rows and columns `size` tells.
    pub(crate) fn bars(
        output: Arc<Output>,
        jobs: usize,
        talk: Talk,
        target: ProgressDrawTarget,
        size: impl Fn() -> (u16, u16) + Clone + Send + Sync + 'static,
    ) -> Progress {
        let mut progress = Progress::lines(output, jobs, talk);
        progress.bars = true;
        let (board, paint) = (Arc::clone(&progress.board), progress.output.paint);
        // One bar of many lines: the whole board changes at once and is never half drawn.
        let lines = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&draw::draw(&lock(&board), Instant::now(), size(), paint));
        };
        let style = ProgressStyle::with_template("{board}")
            .expect("a constant template is well-formed")
            .with_key("board", lines);
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.enable_steady_tick(TICK);
        progress.output.set_bars(Some(bar));
        progress
    }

    /// Takes in what happened.
    pub(crate) fn on(&self, event: &Event) {
        if let Event::Partial { job, index, of, picture } = event {
            self.grow((*job, *index, *of), picture);
        }
        let (jobs, free) = {
            let mut board = lock(&self.board);
            let free = match event {
                Event::Ended { job, .. } => board.is_free(*job),
                Event::Stopping { .. } => board.is_all_free(),
                _ => false,
            };
            board.on(event, Instant::now());
            (board.jobs, free)
        };
        let line = self.line(event, jobs, free);
        if line.is_some() || matches!(event, Event::Ended { .. }) {
            *lock(&self.patience) = Patience::new(Instant::now());
        }
        if let Some(line) = line {
            self.output.talk(&line);
        }
        if !self.bars && matches!(event, Event::Ended { .. }) {
            self.report(Instant::now());
        }
    }

    /// Draws a preview over the bars, on a thread of its own.
    fn grow(&self, (job, index, of): (usize, usize, usize), picture: &PreviewBytes) {
        let Some(terminal) = self.terminal.clone() else { return };
        let (board, picture) = (Arc::clone(&self.board), picture.clone());
        let draw = move || {
            if let Some(lines) = preview::growing(&terminal, &picture.0) {
                lock(&board).grow(Growing { job, index, of, lines });
            }
        };
        // Without it the picture is shown once it is there.
        let _ = std::thread::Builder::new().name("preview".to_owned()).spawn(draw);
    }

    /// Says in a line how far a long run is, where there are no bars, and not often.
    fn report(&self, now: Instant) {
        let board = lock(&self.board);
        let mut told = lock(&self.told);
        let is_due = now.saturating_duration_since(*told) >= REPORT;
        if self.talk >= Talk::Normal && board.jobs >= LONG_RUN && is_due {
            *told = now;
            self.output.talk(&draw::totals(&board, now, false, true, Paint(false)).join(" · "));
        }
    }

    /// Takes the bars off the screen, and counts the retries that were not told. What is printed after
    /// it stands alone.
    pub(crate) fn finish(&self) {
        // Nothing is said of waiting any more.
        lock(&self.board).running.clear();
        if self.bars {
            self.output.clear_bars();
        }
        for (why, count) in std::mem::take(&mut *lock(&self.retries)) {
            if count > 0 {
                let times = text::counted(count, "more time");
                self.output
                    .talk(&clean_lines(&format!("{}; tried again {times}", text::clause(&why))));
            }
        }
    }

    /// Whether a retry is a line of its own: of many images each reason is, once.
    fn is_news(&self, event: &Event, jobs: usize) -> bool {
        let Event::Retrying { why, .. } = event else { return true };
        if jobs == 1 || self.talk != Talk::Normal {
            return true;
        }
        let mut retries = lock(&self.retries);
        let untold = retries.get_mut(why).map(|untold| *untold += 1);
        untold.is_none() && retries.insert(why.clone(), 0).is_none()
    }

    /// What is said in a line of its own, if anything.
    fn line(&self, event: &Event, jobs: usize, free: bool) -> Option<String> {
        let (least, job, words) = spoken(event, free)?;
        // A bar shows a retry while it lasts; a line for each would push the rest off the screen.
        let in_bar = self.bars && matches!(event, Event::Retrying { .. });
        let least = if in_bar { Talk::Verbose } else { least };
        if self.talk < least || !self.is_news(event, jobs) {
            return None;
        }
        let words = clean_lines(&words);
        if let Some(place) = job.and_then(|job| self.output.place(job)) {
            return Some(format!("{place}: {words}"));
        }
        Some(match job {
            Some(job) if jobs > 1 => format!("image {}: {words}", job + 1),
            _ => words,
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// When it is said next that something is waited for.
#[derive(Debug)]
struct Patience {
    next: Instant,
}

impl Patience {
    /// After so much silence the first line comes.
    const FIRST: Duration = Duration::from_secs(10);
    /// And so much later each further one.
    const LATER: Duration = Duration::from_secs(60);

    /// Something was said or has ended just now.
    fn new(now: Instant) -> Patience {
        Patience { next: now + Patience::FIRST }
    }

    /// What is waited for, where it is time to say so: `still waiting for fal/flux-schnell, 10 s so far`.
    fn line(&mut self, board: &Board, now: Instant) -> Option<String> {
        if now < self.next {
            return None;
        }
        let oldest = board.running.values().min_by_key(|running| running.begun)?;
        self.next = now + Patience::LATER;
        let so_far = match now.saturating_duration_since(oldest.begun).as_secs() {
            seconds @ ..300 => format!("{seconds} s"),
            seconds => text::duration(Duration::from_secs(seconds)),
        };
        let what = match board.running.len() {
            1 => clean_lines(&oldest.model),
            many => text::counted(many as u64, "image"),
        };
        let phase = match &oldest.phase {
            _ if board.running.len() > 1 => String::new(),
            Phase::Queued(Some(before)) => format!(", {before} before it in the queue"),
            Phase::Queued(None) => ", in the queue".to_owned(),
            Phase::Waiting(why, _) => format!(", held back by {}", clean_lines(why)),
            Phase::Downloading(bytes, _) => format!(", {} came", text::size(*bytes)),
            _ => String::new(),
        };
        let doing = if board.is_all_free() { "drawing" } else { "waiting for" };
        Some(format!("still {doing} {what}, {so_far} so far{phase}"))
    }
}

/// An event in words, with the job it is about and how talkative one must be to say it.
fn spoken(event: &Event, free: bool) -> Option<(Talk, Option<usize>, String)> {
    use Talk::{Normal, Verbose};
    Some(match event {
        Event::Retrying { job, why, wait } => {
            let (why, wait) = (text::clause(why), text::duration(*wait));
            (Normal, Some(*job), format!("{why}; trying again in {wait}"))
        }
        Event::FellBack { job, from, to, why } => {
            (Normal, Some(*job), format!("{from} failed: {}; taking {to}", text::clause(why)))
        }
        Event::Notice { job, text } => (Normal, *job, text.clone()),
        // What costs nothing is not awaited, and says itself that it was stopped.
        Event::Stopping { in_flight } => {
            (if free { Verbose } else { Normal }, None, stopping(*in_flight))
        }
        Event::Started { job, model, .. } => (Verbose, Some(*job), format!("asking {model}")),
        Event::Waiting { job, why, wait } => {
            let wait = wait.map(|wait| format!(" {}", text::duration(wait))).unwrap_or_default();
            (Verbose, Some(*job), format!("waiting{wait} for {why}"))
        }
        Event::Ended { job, end, cost } => {
            let cost = match cost {
                Some(cost) => cost.cost(),
                None if free => "free".to_owned(),
                None => "cost unknown".to_owned(),
            };
            let end = match end {
                End::Done => "done",
                End::Refused => "refused",
                End::Failed => "failed",
            };
            (Verbose, Some(*job), format!("{end}, {cost}"))
        }
        Event::Planned { .. }
        | Event::Partial { .. }
        | Event::Sent { .. }
        | Event::Progress { .. }
        | Event::Downloading { .. }
        | Event::Saving { .. }
        | Event::Saved { .. } => return None,
    })
}

fn stopping(in_flight: usize) -> String {
    match in_flight {
        0 => "stopping: nothing more is sent".to_owned(),
        1 => "stopping: 1 image already paid for is awaited; again to abandon it".to_owned(),
        more => {
            format!("stopping: {more} images already paid for are awaited; again to abandon them")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use indicatif::InMemoryTerm;

    use super::*;
    use crate::money::Money;
    use crate::ui::output::tests::Kept;
    use crate::ui::paint::Paint;

    fn output() -> (Arc<Output>, Kept) {
        let kept = Kept::default();
        (Arc::new(Output::to(Box::new(io::sink()), Box::new(kept.clone()), Paint(false))), kept)
    }

    fn retrying(job: usize) -> Event {
        Event::Retrying { job, why: "too many requests".to_owned(), wait: Duration::from_secs(4) }
    }

    #[test]
    fn without_bars_only_what_must_be_known_is_said() {
        let (output, kept) = output();
        let progress = Progress::lines(output, 3, Talk::Normal);
        for bytes in 0..50 {
            progress.on(&Event::Downloading { job: 0, bytes, total: None });
        }
        progress.on(&Event::Started { job: 0, model: "a/b".to_owned(), expected: None });
        (1..3).cycle().take(5).for_each(|job| progress.on(&retrying(job)));
        let (from, to, why) =
            ("a/b".to_owned(), "c/d".to_owned(), "quota\x1b[1m used up".to_owned());
        progress.on(&Event::FellBack { job: 2, from, to, why });
        progress.on(&Event::Notice { job: None, text: "a sketch,\nnot AI".to_owned() });
        progress.on(&Event::Stopping { in_flight: 2 });
        progress.finish();
        assert_eq!(
            kept.text(),
            "image 2: too many requests; trying again in 4.0 s\n\
             image 3: a/b failed: quota[1m used up; taking c/d\n\
             a sketch,\nnot AI\n\
             stopping: 2 images already paid for are awaited; again to abandon them\n\
             too many requests; tried again 4 more times\n"
        );
        drop(progress);
        assert_eq!(kept.text().matches("more times").count(), 1);
    }

    #[test]
    fn one_job_needs_no_number_and_quiet_says_nothing() {
        let (output, kept) = output();
        Progress::lines(Arc::clone(&output), 1, Talk::Normal).on(&retrying(0));
        assert_eq!(kept.text(), "too many requests; trying again in 4.0 s\n");
        Progress::lines(output, 1, Talk::Quiet).on(&retrying(0));
        assert_eq!(kept.text().lines().count(), 1);
    }

    #[test]
    fn who_waits_is_told_for_what_and_not_often() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut board = Board::new(2, start);
        let mut patience = Patience::new(start);
        let mut say = |board: &Board, seconds| patience.line(board, at(seconds));
        assert_eq!(say(&board, 11), None, "nobody waits");
        let model = "fal/flux-schnell".to_owned();
        board.on(&Event::Started { job: 0, model, expected: None }, at(1));
        assert_eq!(
            say(&board, 11).as_deref(),
            Some("still waiting for fal/flux-schnell, 10 s so far")
        );
        assert_eq!((say(&board, 12), say(&board, 70)), (None, None));
        let queued = crate::dialect::Progress::Queued(Some(3));
        board.on(&Event::Progress { job: 0, progress: queued }, at(70));
        assert_eq!(
            say(&board, 71).as_deref(),
            Some("still waiting for fal/flux-schnell, 70 s so far, 3 before it in the queue")
        );
        board.on(&Event::Sent { job: 1 }, at(80));
        assert_eq!(say(&board, 131).as_deref(), Some("still waiting for 2 images, 130 s so far"));
        let mut drawn = Board::new(1, start);
        let model = "pinx/sketch".to_owned();
        drawn.on(&Event::Started { job: 0, model, expected: None }, start);
        let line = Patience::new(start).line(&drawn, at(10));
        assert_eq!(line.as_deref(), Some("still drawing pinx/sketch, 10 s so far"));
        assert!(Patience::new(at(5)).line(&drawn, at(14)).is_none(), "something was said");
    }

    #[test]
    fn what_costs_nothing_is_stopped_without_a_word_of_sending() {
        let (output, kept) = output();
        let progress = Progress::lines(output, 2, Talk::Normal);
        let start = |job, model: &str| {
            progress.on(&Event::Started { job, model: model.to_owned(), expected: None });
        };
        start(0, "pinx/sketch");
        progress.on(&Event::Stopping { in_flight: 0 });
        assert_eq!(kept.text(), "");
        start(1, "fal/flux-schnell");
        progress.on(&Event::Stopping { in_flight: 1 });
        assert!(kept.text().starts_with("stopping: 1 image already paid for"), "{}", kept.text());
    }

    #[test]
    fn a_failure_that_cost_nothing_says_so() {
        let (output, kept) = output();
        let progress = Progress::lines(output, 1, Talk::Verbose);
        for cost in [Some(Money::ZERO), None, Some(Money::micros(3_000))] {
            progress.on(&Event::Ended { job: 0, end: End::Failed, cost });
        }
        assert_eq!(kept.text(), "failed, free\nfailed, cost unknown\nfailed, $0.003\n");
    }

    #[test]
    fn bars_come_and_go_on_a_terminal() {
        let (output, kept) = output();
        let term = InMemoryTerm::new(24, 80);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let progress = Progress::bars(Arc::clone(&output), 2, Talk::Normal, target, || (24, 80));
        for job in 0..2 {
            let model = "fal/flux-schnell".to_owned();
            progress.on(&Event::Started { job, model, expected: None });
        }
        progress.on(&Event::Saving { job: 1 });
        progress.on(&retrying(0));
        assert_eq!(kept.text(), "", "the bar tells a retry");
        progress.on(&Event::Notice { job: None, text: "read this".to_owned() });
        assert_eq!(kept.text(), "read this\n");
        let screen = term.contents();
        let lines: Vec<&str> = screen.lines().collect();
        assert_eq!(lines.len(), 3, "{screen}");
        assert!(lines[0].starts_with("1 fal/flux-schnell  retry in "), "{screen}");
        assert!(lines[1].starts_with("2 fal/flux-schnell  saving  "), "{screen}");
        assert!(lines[2].starts_with("0/2 images · $0 spent · 0:"), "{screen}");
        for job in 0..2 {
            progress.on(&Event::Ended { job, end: End::Done, cost: Some(Money::micros(3_000)) });
        }
        progress.finish();
        assert_eq!(term.contents(), "");
        output.talk("2 images");
        assert_eq!(term.contents(), "", "the bars do not come back");
    }

    #[test]
    fn a_dropped_run_leaves_a_clean_screen() {
        let term = InMemoryTerm::new(24, 80);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let progress = Progress::bars(output().0, 1, Talk::Normal, target, || (24, 80));
        progress.on(&Event::Sent { job: 0 });
        progress.output.around_bars(|| ());
        assert!(term.contents().contains("0/1 image"), "{}", term.contents());
        drop(progress);
        assert_eq!(term.contents(), "");
    }
}
