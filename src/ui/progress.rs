//! Progress of a run on stderr: bars on a terminal, else one line for what must be known.
//!
//! Events only change the board; indicatif's tick thread draws it ten times a second, so a flood
//! of events costs little. Bars are cleared at the end, also when the run is dropped.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::board::{Board, LONG_RUN};
use super::draw;
use super::output::{Output, clean_lines};
use super::paint::Paint;
use crate::engine::event::{End, Event};
use crate::pool::lock;
use crate::text;

/// How often the bars are drawn.
const TICK: Duration = Duration::from_millis(100);

/// Without bars, how often a long run says how far it is.
const REPORT: Duration = Duration::from_secs(10);

/// Consumes the events of one run.
pub(crate) struct Progress {
    output: Arc<Output>,
    board: Arc<Mutex<Board>>,
    bars: bool,
    talk: Talk,
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
        let told = Mutex::new(Instant::now());
        Progress { output, board, bars: false, talk, told, retries: Mutex::default() }
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
        let (jobs, free) = {
            let mut board = lock(&self.board);
            let free = matches!(event, Event::Ended { job, .. } if board.is_free(*job));
            board.on(event, Instant::now());
            (board.jobs, free)
        };
        if let Some(line) = self.line(event, jobs, free) {
            self.output.talk(&line);
        }
        if !self.bars && matches!(event, Event::Ended { .. }) {
            self.report(Instant::now());
        }
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
        Event::Stopping { in_flight } => (Normal, None, stopping(*in_flight)),
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
