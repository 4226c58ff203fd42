//! The one place that writes to stdout and stderr, around the bars when they are up.
//!
//! A reader that closed the pipe is remembered and not written to again. Text for stderr never
//! fails a run: whoever closed stderr does not want to read it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Mutex;

use indicatif::ProgressBar;

use super::paint::Paint;
use super::wrap::wrap;
use crate::pool::lock;
use crate::secret::redact;
use crate::text;

/// Longer lines from outside are cut: 4,000 characters are fifty full lines.
const LONGEST: usize = 4_000;

type Sink = Box<dyn Write + Send>;
type Width = Box<dyn Fn() -> Option<usize> + Send + Sync>;

/// Both streams.
pub(crate) struct Output {
    stdout: Mutex<Stdout>,
    stderr: Mutex<Sink>,
    bars: Mutex<Option<ProgressBar>>,
    /// Where the jobs that are at work stand in a file, as the user reads it.
    places: Mutex<HashMap<usize, String>>,
    /// How stderr is painted.
    pub paint: Paint,
    /// The columns that talk is wrapped to, now; none where stderr is no terminal.
    width: Width,
}

struct Stdout {
    sink: Sink,
    closed: bool,
    failed: Option<io::ErrorKind>,
}

/// Lines from outside made harmless one by one; empty lines at the end go.
pub(crate) fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean_line).collect();
    lines.join("\n").trim_end_matches('\n').to_owned()
}

/// A line from outside made harmless; unlike `text::clean` it keeps the blanks that align it.
pub(crate) fn clean_line(line: &str) -> String {
    line.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !text::is_dangerous(*c))
        .take(LONGEST)
        .collect()
}

impl Output {
    /// The streams of this process.
    pub(crate) fn new(paint: Paint) -> Output {
        // `Always` because painting was decided before; on old Windows consoles it translates.
        let stderr = anstream::AutoStream::new(io::stderr(), anstream::ColorChoice::Always);
        Output::to(Box::new(io::stdout()), Box::new(stderr), paint)
    }

    /// Any two streams.
    pub(crate) fn to(stdout: Sink, stderr: Sink, paint: Paint) -> Output {
        Output {
            stdout: Mutex::new(Stdout { sink: stdout, closed: false, failed: None }),
            stderr: Mutex::new(stderr),
            bars: Mutex::new(None),
            places: Mutex::default(),
            paint,
            width: Box::new(|| None),
        }
    }

    /// Wraps talk to as many columns as this tells at the time.
    #[must_use]
    pub(crate) fn wrapped(
        self,
        width: impl Fn() -> Option<usize> + Send + Sync + 'static,
    ) -> Output {
        Output { width: Box::new(width), ..self }
    }

    /// Data for stdout, flushed.
    ///
    /// # Errors
    /// What the stream says; after a closed pipe always `BrokenPipe`, without writing.
    pub(crate) fn data(&self, bytes: &[u8]) -> io::Result<()> {
        self.around_bars(|| {
            let mut stdout = lock(&self.stdout);
            if stdout.closed {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let written = stdout.sink.write_all(bytes).and_then(|()| stdout.sink.flush());
            if let Err(error) = &written {
                match error.kind() {
                    io::ErrorKind::BrokenPipe => stdout.closed = true,
                    kind => stdout.failed = stdout.failed.or(Some(kind)),
                }
            }
            written
        })
    }

    /// Why stdout could not be written, unless its reader simply left.
    pub(crate) fn stdout_failure(&self) -> Option<io::ErrorKind> {
        lock(&self.stdout).failed
    }

    /// A line or several of talk on stderr, cleaned by the caller.
    pub(crate) fn talk(&self, text: &str) {
        self.raw((self.fitted(text) + "\n").as_bytes());
    }

    /// Talk with its lines broken between words where stderr is a terminal. What looks like a key is
    /// never repeated, whoever wrote it.
    pub(crate) fn fitted(&self, text: &str) -> String {
        let text = redact(text, []);
        match (self.width)() {
            // The last column stays free: some terminals wrap when it is written.
            Some(columns) => wrap(&text, columns.saturating_sub(1)),
            None => text,
        }
    }

    /// Bytes for stderr as they are. A closed stderr is nobody's error.
    pub(crate) fn raw(&self, bytes: &[u8]) {
        self.around_bars(|| {
            let mut stderr = lock(&self.stderr);
            let _unread = stderr.write_all(bytes).and_then(|()| stderr.flush());
        });
    }

    /// Does something on the terminal while the bars are out of the way.
    pub(crate) fn around_bars<T>(&self, work: impl FnOnce() -> T) -> T {
        let bars = lock(&self.bars).clone();
        match bars {
            Some(bars) => bars.suspend(work),
            None => work(),
        }
    }

    /// Where a job stands in a file, while it is at work; `None` when it is done with.
    pub(crate) fn set_place(&self, job: usize, place: Option<String>) {
        match place {
            Some(place) => lock(&self.places).insert(job, place),
            None => lock(&self.places).remove(&job),
        };
    }

    /// Where a job stands in a file, if it does.
    pub(crate) fn place(&self, job: usize) -> Option<String> {
        lock(&self.places).get(&job).cloned()
    }

    /// These bars are up now, or none are.
    pub(crate) fn set_bars(&self, bars: Option<ProgressBar>) {
        *lock(&self.bars) = bars;
    }

    /// Takes the bars off the screen; they do not come back.
    pub(crate) fn clear_bars(&self) {
        let bars = lock(&self.bars).take();
        if let Some(bars) = bars {
            bars.finish_and_clear();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::{Output, clean_lines};
    use crate::ui::paint::Paint;

    /// A stream that tests read back.
    #[derive(Clone, Default)]
    pub(crate) struct Kept(pub Arc<Mutex<Vec<u8>>>);

    impl Kept {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A stream that takes some bytes and then fails.
    struct Failing(usize, io::ErrorKind, Kept);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                self.2.write_all(b"!")?;
                return Err(self.1.into());
            }
            self.0 -= 1;
            self.2.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_tried_once_and_is_no_failure() {
        let kept = Kept::default();
        let sink = Failing(1, io::ErrorKind::BrokenPipe, kept.clone());
        let output = Output::to(Box::new(sink), Box::new(io::sink()), Paint(false));
        assert!(output.data(b"a\n").is_ok());
        for _ in 0..3 {
            assert_eq!(output.data(b"b\n").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        }
        assert_eq!(kept.text(), "a\n!", "one attempt after the reader left");
        assert_eq!(output.stdout_failure(), None);
    }

    #[test]
    fn a_full_disk_behind_stdout_is_remembered() {
        let sink = Failing(0, io::ErrorKind::StorageFull, Kept::default());
        let output = Output::to(Box::new(sink), Box::new(io::sink()), Paint(false));
        assert!(output.data(b"a\n").is_err());
        assert_eq!(output.stdout_failure(), Some(io::ErrorKind::StorageFull));
    }

    #[test]
    fn talk_survives_a_closed_stderr() {
        let sink = Failing(0, io::ErrorKind::BrokenPipe, Kept::default());
        let output = Output::to(Box::new(io::sink()), Box::new(sink), Paint(false));
        output.talk("nobody reads this");
    }

    #[test]
    fn talk_is_wrapped_on_a_terminal_only() {
        let text = "one two three four five six seven";
        for (columns, expected) in
            [(None, text), (Some(21), "one two three four\n  five six seven")]
        {
            let kept = Kept::default();
            let output = Output::to(Box::new(io::sink()), Box::new(kept.clone()), Paint(false));
            output.wrapped(move || columns).talk(text);
            assert_eq!(kept.text(), format!("{expected}\n"));
        }
    }

    #[test]
    fn lines_stay_lines_and_become_inert() {
        assert_eq!(clean_lines("a\x1b[2J\n  b\tc   d\r\n\n"), "a[2J\n  b c   d");
    }
}
