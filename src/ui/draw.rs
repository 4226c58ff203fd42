//! The bars as text: one line a job in flight, then the total. No line is wider than the terminal.
//!
//! Pure: the board, an instant and a size in, lines out. `~` marks what is guessed from the usual
//! time; only bytes and counts are shown as facts.

use std::time::{Duration, Instant};

use dialoguer::console::{Alignment, measure_text_width, pad_str};

use super::board::{Board, Growing, Phase, Running};
use super::paint::Paint;
use super::table::cut;
use crate::money::Money;

/// Lines kept free of bars: the total, the rest, and two of the user's own.
const FREE_ROWS: usize = 4;
/// Longer lines are hard to follow with the eye.
const WIDEST: usize = 100;
/// The phase's own column, wide enough for `position 1234 in queue`.
const PHASE: usize = 24;
/// `~57 %` and `0:42`, right-aligned.
const NUMBER: usize = 5;
/// A guess never says that it is done.
const GUESS: f64 = 0.95;

/// All lines, joined by line breaks; empty when there is nothing to say.
pub(crate) fn draw(
    board: &Board,
    now: Instant,
    (rows, columns): (u16, u16),
    paint: Paint,
) -> String {
    // The last column stays free: some terminals wrap when it is written.
    let width = usize::from(columns).saturating_sub(1).min(WIDEST);
    let room = usize::from(rows).saturating_sub(FREE_ROWS).max(1);
    let layout = Layout::of(board, width);
    let mut lines: Vec<String> = board
        .running
        .iter()
        .take(room)
        .map(|(job, running)| layout.job(*job, &board.name(*job, running), running, now, paint))
        .collect();
    let rest: Vec<&Running> = board.running.values().skip(room).collect();
    if !rest.is_empty() {
        lines.push(paint.dim(&cut(&more(&rest), width)));
    }
    lines.push(total(board, now, width, paint));
    if let Some(growing) = &board.growing {
        let picture = picture(growing, board.jobs, width, paint);
        // It goes where it does not fit as a whole: half of it says nothing.
        let fits = picture.len() + lines.len() < usize::from(rows)
            && picture.iter().all(|line| measure_text_width(line) <= width);
        if fits {
            lines.splice(..0, picture);
        }
    }
    lines.join("\n")
}

/// A preview, and below it that it is one.
fn picture(growing: &Growing, jobs: usize, width: usize, paint: Paint) -> Vec<String> {
    let Growing { job, index, of, lines } = growing;
    let of_job = if jobs > 1 { format!(" of image {}", job + 1) } else { String::new() };
    let number = if *of > 1 { format!(" {}/{of}", index + 1) } else { String::new() };
    let label = paint.dim(&cut(&format!("unfinished preview{number}{of_job}"), width));
    lines.iter().cloned().chain([label]).collect()
}

/// The widths that all job lines share.
struct Layout {
    width: usize,
    number: usize,
    model: usize,
    bar: usize,
}

impl Layout {
    fn of(board: &Board, width: usize) -> Layout {
        let number = if board.jobs > 1 { board.jobs.to_string().len() + 1 } else { 0 };
        let names = board.running.iter().map(|(job, running)| board.name(*job, running));
        let longest = names.map(|name| name.chars().count()).max();
        let model = longest.unwrap_or(0).min(width / 3);
        let rest = width.saturating_sub(number + model + 2 + 2 + NUMBER);
        // The bar takes what phase and percentage leave; a stub of a bar says nothing.
        let bar = rest.saturating_sub(PHASE + 1 + 1 + NUMBER).min(30);
        Layout { width, number, model, bar: if bar < 5 { 0 } else { bar } }
    }

    fn job(&self, job: usize, name: &str, running: &Running, now: Instant, paint: Paint) -> String {
        let mut line = String::new();
        if self.number > 0 {
            let number = format!("{:>1$} ", job + 1, self.number - 1);
            line.push_str(&paint.dim(&number));
        }
        line.push_str(&pad(name, self.model));
        line.push_str("  ");
        let clock = format!("{:>NUMBER$}", clock(now.saturating_duration_since(running.begun)));
        let rest = self.width.saturating_sub(self.number + self.model + 2 + 2 + NUMBER);
        let bar = if self.bar > 0 { self.bar(running, now, paint) } else { None };
        let phase = phase(running, now);
        match bar {
            Some(bar) => {
                let bar_width = self.bar + 1 + NUMBER;
                line.push_str(&pad(&phase, rest.saturating_sub(bar_width + 1)));
                line.push(' ');
                line.push_str(&bar);
            }
            None => line.push_str(&pad(&phase, rest)),
        }
        line.push_str("  ");
        line.push_str(&paint.dim(&clock));
        // A model name or a phase on a very narrow terminal still ends inside it.
        cut(&line, self.width)
    }

    /// The bar and its percentage, where the phase has one.
    fn bar(&self, running: &Running, now: Instant, paint: Paint) -> Option<String> {
        let spent = now.saturating_duration_since(running.since);
        let (from, to, words) = match (&running.phase, running.expected) {
            (Phase::Generating | Phase::Drawing, Some(expected)) if !expected.is_zero() => {
                let share = (spent.as_secs_f64() / expected.as_secs_f64()).min(GUESS);
                (0, self.cells(share), format!("~{} %", (share * 100.0) as u64))
            }
            (Phase::Downloading(bytes, Some(total)), _) if *total > 0 => {
                let share = (*bytes as f64 / *total as f64).min(1.0);
                (0, self.cells(share), format!("{} %", (share * 100.0) as u64))
            }
            (Phase::Saving, _) => (0, self.bar, String::new()),
            (Phase::Generating | Phase::Drawing | Phase::Downloading(..), _) => {
                // Nobody knows how long: something moves, and no share is claimed.
                let length = (self.bar / 4).max(2);
                let path = self.bar - length;
                let step = (spent.as_millis() / 100) as usize % (2 * path).max(1);
                let from = if step <= path { step } else { 2 * path - step };
                (from, from + length, String::new())
            }
            (_, _) => return None,
        };
        let (before, filled, after) =
            ("─".repeat(from), "━".repeat(to - from), "─".repeat(self.bar - to));
        Some(format!(
            "{}{}{} {words:>NUMBER$}",
            paint.dim(&before),
            paint.good(&filled),
            paint.dim(&after)
        ))
    }

    fn cells(&self, share: f64) -> usize {
        ((share * self.bar as f64) as usize).min(self.bar)
    }
}

/// The phase in words.
fn phase(running: &Running, now: Instant) -> String {
    match &running.phase {
        Phase::Starting => "starting".to_owned(),
        Phase::Waiting(why, None) => format!("waiting for {why}"),
        Phase::Waiting(why, Some(until)) => format!("waiting {} for {why}", left(*until, now)),
        Phase::Retrying(why, None) => format!("retry: {why}"),
        Phase::Retrying(why, Some(until)) => format!("retry in {}: {why}", left(*until, now)),
        Phase::Queued(None) => "queued".to_owned(),
        Phase::Queued(Some(before)) => format!("position {} in queue", before.saturating_add(1)),
        Phase::Generating => usual("generating", running, now),
        Phase::Drawing => usual("drawing", running, now),
        Phase::Downloading(bytes, _) => format!("downloading {}", megabytes(*bytes)),
        Phase::Saving => "saving".to_owned(),
    }
}

/// A phase with the time that it usually takes, as long as that has not passed.
fn usual(phase: &str, running: &Running, now: Instant) -> String {
    let spent = now.saturating_duration_since(running.since);
    match running.expected.filter(|expected| !expected.is_zero()) {
        None => phase.to_owned(),
        Some(expected) if spent > expected => "longer than usual".to_owned(),
        Some(expected) => format!("{phase} ~{} s", expected.as_secs_f64().ceil() as u64),
    }
}

/// The time left in whole seconds, never too short.
fn left(until: Instant, now: Instant) -> String {
    let seconds = until.saturating_duration_since(now).as_secs_f64().ceil() as u64;
    if seconds < 100 { format!("{seconds} s") } else { clock(Duration::from_secs(seconds)) }
}

/// `+44 more: 12 generating, 30 queued, 2 waiting`.
fn more(rest: &[&Running]) -> String {
    let kind = |phase: &Phase| match phase {
        Phase::Starting => "starting",
        Phase::Waiting(..) | Phase::Retrying(..) => "waiting",
        Phase::Queued(_) => "queued",
        Phase::Generating => "generating",
        Phase::Drawing => "drawing",
        Phase::Downloading(..) => "downloading",
        Phase::Saving => "saving",
    };
    let counts: Vec<String> =
        ["saving", "downloading", "generating", "drawing", "queued", "waiting", "starting"]
            .into_iter()
            .map(|word| (rest.iter().filter(|running| kind(&running.phase) == word).count(), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    format!("+{} more: {}", rest.len(), counts.join(", "))
}

/// `3/8 images · 1 failed · $0.039 spent of ~$0.12 · 0:12`; where that is too long without the
/// words that can be guessed.
fn total(board: &Board, now: Instant, width: usize, paint: Paint) -> String {
    // What fits: everything, then without words, then without the pace.
    let lines = [(false, true), (true, true), (true, false)]
        .map(|(short, pace)| totals(board, now, short, pace, paint).join(" · "));
    let fits = lines.iter().find(|line| measure_text_width(line) <= width);
    fits.cloned().unwrap_or_else(|| cut(&lines[2], width))
}

/// The sums in their parts: counts, money, clock and pace.
pub(crate) fn totals(
    board: &Board,
    now: Instant,
    is_short: bool,
    with_pace: bool,
    paint: Paint,
) -> Vec<String> {
    let noun = match board.jobs {
        _ if is_short => "",
        1 => " image",
        _ => " images",
    };
    let mut parts = vec![paint.bold(&format!("{}/{}{noun}", board.done, board.jobs))];
    if board.refused > 0 {
        parts.push(paint.warning(&format!("{} refused", board.refused)));
    }
    if board.failed > 0 {
        parts.push(paint.bad(&format!("{} failed", board.failed)));
    }
    parts.push(money(board, if is_short { "" } else { " spent" }));
    if board.stopping {
        parts.push(paint.warning("stopping"));
    }
    parts.push(clock(now.saturating_duration_since(board.begun)));
    if let Some((rate, left)) = board.pace(now).filter(|_| with_pace && !board.stopping) {
        let rate = if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") };
        parts.push(format!("{rate}/min"));
        parts.push(format!("{} left", clock(left)));
    }
    parts
}

fn money(board: &Board, spent: &str) -> String {
    let expected = board.estimate.and_then(|estimate| estimate.expected);
    if expected == Some(Money::ZERO) && board.spent == Money::ZERO && board.unpriced == 0 {
        return "free".to_owned();
    }
    let mut text = format!("{}{spent}", board.spent);
    if board.unpriced > 0 {
        text.push_str(&format!(" + {} unpriced", board.unpriced));
    }
    match board.estimate {
        Some(estimate) if expected.is_some() => text.push_str(&format!(" of {}", estimate.text())),
        Some(_) => text.push_str(", price unknown"),
        None => {}
    }
    text
}

/// `0:12`, `12:05`, `1:02:03`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

/// `640 kB`, `1.4 MB`.
fn megabytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}

fn pad(text: &str, width: usize) -> String {
    pad_str(&cut(text, width), width, Alignment::Left, None).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Certainty, Estimate};
    use crate::engine::event::End;
    use crate::engine::event::Event;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A board of eight jobs, each in another phase, at second 12.
    fn board(start: Instant) -> Board {
        use crate::dialect::Progress::{Queued, Running};
        let mut board = Board::new(8, start);
        let estimate = Estimate {
            expected: Some(Money::micros(120_000)),
            reserve: None,
            certainty: Certainty::About,
        };
        board.on(&Event::Planned { jobs: 8, estimate }, start);
        for job in 0..8 {
            let model =
                if job % 2 == 0 { "openai/gpt-image-2" } else { "fal/flux-schnell" }.to_owned();
            let expected = (job != 4).then(|| seconds(20));
            board.on(&Event::Started { job, model, expected }, start);
        }
        let why = "the rate limit".to_owned();
        board.on(&Event::Waiting { job: 0, why, wait: Some(seconds(19)) }, start + seconds(1));
        let why = "the server is overloaded and said so at considerable length".to_owned();
        board.on(&Event::Retrying { job: 1, why, wait: seconds(30) }, start + seconds(1));
        board.on(&Event::Progress { job: 2, progress: Queued(Some(2)) }, start);
        board.on(&Event::Sent { job: 3 }, start + seconds(2));
        board.on(&Event::Progress { job: 4, progress: Running }, start);
        board.on(&Event::Downloading { job: 5, bytes: 1_200_000, total: Some(4_000_000) }, start);
        board.on(&Event::Saving { job: 6 }, start);
        board
            .on(&Event::Ended { job: 7, end: End::Done, cost: Some(Money::micros(39_000)) }, start);
        board
    }

    #[test]
    fn it_looks_like_this() {
        let start = Instant::now();
        let text = draw(&board(start), start + seconds(12), (24, 80), Paint(false));
        assert_eq!(
            text,
            "\
1 openai/gpt-image-2  waiting 8 s for the rate limit                       0:12
2 fal/flux-schnell    retry in 19 s: the server is overloaded and said…    0:12
3 openai/gpt-image-2  position 3 in queue                                  0:12
4 fal/flux-schnell    generating ~20 s         ━━━━━━━━━────────── ~50 %   0:12
5 openai/gpt-image-2  generating               ━━━━───────────────         0:12
6 fal/flux-schnell    downloading 1.2 MB       ━━━━━──────────────  30 %   0:12
7 openai/gpt-image-2  saving                   ━━━━━━━━━━━━━━━━━━━         0:12
1/8 images · $0.039 spent of ~$0.12 · 0:12"
        );
    }

    #[test]
    fn jobs_of_one_model_are_told_apart() {
        let start = Instant::now();
        let mut board = board(start);
        board.names = vec!["noir".to_owned(), "watercolor".to_owned(), String::new()];
        let text = draw(&board, start + seconds(12), (24, 80), Paint(false));
        let names: Vec<&str> = text.lines().take(3).map(|line| &line[..27]).collect();
        let told = [
            "1 noir openai/gpt-image-2  ",
            "2 watercolor fal/flux-schne",
            "3 openai/gpt-image-2       ",
        ];
        assert_eq!(names, told);
    }

    #[test]
    fn a_picture_grows_above_the_bars_where_it_fits() {
        let start = Instant::now();
        let grown =
            |job, index| Growing { job, index, of: 2, lines: vec!["▀▀▀▀".to_owned(); 9] };
        let mut board = board(start);
        board.grow(grown(3, 0));
        let text = |board: &Board, size| draw(board, start + seconds(12), size, Paint(false));
        let tall = text(&board, (24, 80));
        let lines: Vec<&str> = tall.lines().collect();
        assert_eq!(
            (lines.len(), lines[8], lines[9]),
            (18, "▀▀▀▀", "unfinished preview 1/2 of image 4")
        );
        assert_eq!(lines[10..].join("\n"), text(&self::board(start), (24, 80)));
        // Half of it says nothing.
        for small in [(18, 80), (24, 4)] {
            assert!(!text(&board, small).contains('▀'), "{small:?}");
        }
        // The first one stays until it is through, and no older preview replaces a newer one.
        board.grow(grown(4, 1));
        board.grow(grown(3, 1));
        board.grow(grown(3, 0));
        assert!(text(&board, (24, 80)).contains("preview 2/2 of image 4"));
        board.on(&Event::Ended { job: 3, end: End::Done, cost: None }, start);
        assert!(!text(&board, (24, 80)).contains("preview"));
        board.grow(grown(3, 1));
        assert!(!text(&board, (24, 80)).contains("preview"), "it is through");
        board.grow(grown(4, 0));
        assert!(text(&board, (24, 80)).contains("preview 1/2 of image 5"));
        let why = "busy".to_owned();
        board.on(&Event::Retrying { job: 4, why, wait: seconds(1) }, start);
        assert!(!text(&board, (24, 80)).contains("preview"), "it begins anew");
    }

    #[test]
    fn what_takes_longer_than_usual_says_so() {
        let start = Instant::now();
        let text = draw(&board(start), start + seconds(23), (24, 80), Paint(false));
        let line = text.lines().nth(3).unwrap();
        assert!(line.contains("  longer than usual  ") && line.contains("~95 %"), "{line}");
        assert!(text.lines().nth(4).unwrap().contains("  generating  "), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let start = Instant::now();
        for columns in 1..160 {
            for paint in [Paint(false), Paint(true)] {
                let text = draw(&board(start), start + seconds(12), (24, columns), paint);
                assert_eq!(text.lines().count(), 8);
                for line in text.lines() {
                    assert!(
                        measure_text_width(line) < usize::from(columns).max(2),
                        "{columns}: {line}"
                    );
                }
            }
        }
    }

    #[test]
    fn at_most_the_height_less_four() {
        let start = Instant::now();
        let mut board = Board::new(64, start);
        for job in 0..64 {
            board.on(&Event::Sent { job }, start);
        }
        let text = draw(&board, start, (24, 80), Paint(false));
        assert_eq!(text.lines().count(), 22);
        assert_eq!(text.lines().nth(20), Some("+44 more: 44 generating"));
        assert_eq!(draw(&board, start, (3, 80), Paint(false)).lines().count(), 3);
    }

    #[test]
    fn a_guess_stops_at_ninety_five() {
        let start = Instant::now();
        let text = draw(&board(start), start + seconds(500), (24, 80), Paint(false));
        assert!(text.lines().nth(3).unwrap().contains("─ ~95 %"), "{text}");
        assert!(!text.contains("100"), "{text}");
    }

    #[test]
    fn totals_tell_the_money() {
        let start = Instant::now();
        let line = |board: &Board| total(board, start + seconds(3725), 79, Paint(false));
        let mut board = Board::new(1, start);
        board.on(&Event::Planned { jobs: 1, estimate: Estimate::FREE }, start);
        assert_eq!(line(&board), "0/1 image · free · 1:02:05");
        board.on(&Event::Planned { jobs: 3, estimate: Estimate::UNKNOWN }, start);
        board.on(&Event::Ended { job: 0, end: End::Done, cost: None }, start);
        board.on(&Event::Ended { job: 1, end: End::Failed, cost: None }, start);
        board.on(&Event::Stopping { in_flight: 1 }, start);
        assert_eq!(
            line(&board),
            "1/3 images · 1 failed · $0 spent + 1 unpriced, price unknown · stopping · 1:02:05"
                .replace(" images", "")
                .replace(" spent", "")
        );
    }

    #[test]
    fn a_long_run_says_how_fast_it_goes_where_there_is_room() {
        let start = Instant::now();
        let mut board = Board::new(200, start);
        board.on(&Event::Planned { jobs: 200, estimate: Estimate::FREE }, start);
        for job in 0..50 {
            let end = if job == 3 { End::Refused } else { End::Done };
            board.on(&Event::Ended { job, end, cost: Some(Money::ZERO) }, start);
        }
        let line = |width| total(&board, start + seconds(60), width, Paint(false));
        assert_eq!(line(79), "49/200 images · 1 refused · free · 1:00 · 50/min · 3:00 left");
        assert_eq!(line(40), "49/200 · 1 refused · free · 1:00");
    }

    #[test]
    fn bytes_and_clocks_are_short() {
        assert_eq!(megabytes(0), "0 kB");
        assert_eq!(megabytes(999_001), "1000 kB");
        assert_eq!(megabytes(1_440_000), "1.4 MB");
        assert_eq!(clock(seconds(12)), "0:12");
        assert_eq!(clock(seconds(725)), "12:05");
    }
}
