//! The only place that prints, asks or knows the terminal.
//!
//! stdout is data, stderr is talk. Bars, prompts and previews live on stderr and only on a
//! terminal; every fact is readable without colour and at 80 columns by 24 rows.

mod ask;
mod bell;
mod board;
mod captured;
mod columns;
mod draw;
mod error;
mod facts;
mod findings;
mod json;
mod link;
mod markdown;
mod output;
mod pager;
mod paint;
mod preview;
mod progress;
mod screen;
mod table;
mod terminal;
pub(crate) mod wrap;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialoguer::console::{Term, measure_text_width, set_colors_enabled_stderr};
use indicatif::ProgressDrawTarget;
use serde::Serialize;
use serde_json::Value;

pub(crate) use ask::Typing;
pub(crate) use captured::Captured;
pub(crate) use columns::Columns;
pub(crate) use findings::{Finding, Mark};
pub(crate) use json::{FROM_CACHE, closing};
pub(crate) use pager::Paging;
pub(crate) use progress::Progress;
pub(crate) use table::{Column, Table};
pub(crate) use terminal::{Graphics, Terminal};

use crate::error::{Error, Kind, Result};
use crate::pool::lock;
use crate::settings::Notify;
use output::{Output, clean_lines};
use paint::Paint;
use progress::Talk;
use screen::Screen;

/// The columns of a label before its text.
const LABEL: usize = 9;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// By the word of the flag.
    pub(crate) fn of(word: Option<&str>) -> Color {
        match word {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => Color::Auto,
        }
    }
}

/// When to show saved pictures in the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Preview {
    /// On a terminal that is known to show them well.
    #[default]
    Auto,
    /// On any terminal, as well as it can.
    On,
    /// Never.
    Off,
}

/// What the flags say about printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Nothing on stderr but errors.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// stdout is one JSON document.
    pub json: bool,
    /// Bars are wanted.
    pub progress: bool,
    /// When to colour.
    pub color: Color,
    /// When to show pictures.
    pub preview: Preview,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            quiet: false,
            verbose: 0,
            json: false,
            progress: true,
            color: Color::Auto,
            preview: Preview::Auto,
        }
    }
}

/// Running text wider than this tires.
const EASY_WIDTH: usize = 88;

/// The user, as the program sees them. Built once.
pub(crate) struct Ui {
    options: Options,
    terminal: Terminal,
    output: Arc<Output>,
    stdout_paint: Paint,
    /// What is gathered to be paged.
    page: Mutex<Option<String>>,
}

impl Ui {
    /// The terminal of this process.
    pub(crate) fn new(options: Options) -> Ui {
        #[cfg(test)]
        if let Some(world) = crate::simulator::world::here() {
            let output = Output::to(world.stdout(), world.stderr(), Paint(false));
            return Ui::with(options, Terminal::default(), output);
        }
        let terminal = Terminal::detect();
        let paint = Paint(terminal.has_colors(options.color, terminal.stderr));
        set_colors_enabled_stderr(paint.0);
        let known = terminal.clone();
        let width = move || known.stderr.then(|| usize::from(known.stderr_size().1));
        Ui::with(options, terminal, Output::new(paint).wrapped(width))
    }

    /// One whose stdout is kept in memory, and whose talk goes nowhere: for who answers in other ways.
    pub(crate) fn captured(options: Options) -> (Ui, Captured) {
        let captured = Captured::default();
        let sink = Box::new(captured.clone());
        let output = Output::to(sink, Box::new(io::sink()), Paint(false));
        (Ui::with(options, Terminal::default(), output), captured)
    }

    fn with(options: Options, terminal: Terminal, output: Output) -> Ui {
        let stdout_paint = Paint(terminal.has_colors(options.color, terminal.stdout));
        Ui { options, terminal, output: Arc::new(output), stdout_paint, page: Mutex::default() }
    }

    /// What the flags say.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// What is known about the terminal.
    pub(crate) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Whether stdin is a terminal.
    pub(crate) fn stdin_is_terminal(&self) -> bool {
        self.terminal.stdin
    }

    /// Whether stdout is a terminal.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.terminal.stdout
    }

    /// Whether what is written to stdout is nowhere afterwards.
    pub(crate) fn stdout_goes_nowhere(&self) -> bool {
        terminal::stdout_goes_nowhere()
    }

    /// Whether stdout is painted.
    pub(crate) fn paints_stdout(&self) -> bool {
        self.stdout_paint.0
    }

    /// Whether stderr is a terminal.
    pub(crate) fn stderr_is_terminal(&self) -> bool {
        self.terminal.stderr
    }

    /// A line of data on stdout. A closed pipe ends all further ones and is no error; any other
    /// failure is kept for `flush`.
    pub(crate) fn line(&self, text: &str) {
        if let Some(page) = &mut *lock(&self.page) {
            page.push_str(text);
            page.push('\n');
            return;
        }
        let _kept = self.output.data(format!("{text}\n").as_bytes());
    }

    /// The path of something that was saved, as a line of data: a link where the terminal knows them.
    /// Where stdout does not take it, stderr tells it, also with `--quiet`: what was paid for has to be
    /// found. A reader that left wants to know no more.
    pub(crate) fn saved(&self, shown: &str) {
        let is_link = self.terminal.stdout && self.terminal.has_links(self.options.color);
        let line = if is_link { link::link(Path::new(shown), shown) } else { shown.to_owned() };
        let written = self.output.data(format!("{line}\n").as_bytes());
        if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            self.tell_saved(shown);
        }
    }

    /// Says on stderr what was saved and stdout did not take.
    pub(crate) fn tell_saved(&self, shown: &str) {
        let path = self.linked(Path::new(shown));
        self.output.talk(&format!("saved, though stdout does not take it: {path}"));
    }

    /// Tells where something was written; not with `--quiet`.
    pub(crate) fn note_place(&self, what: &str, path: &Path) {
        if !self.options.quiet {
            self.output.talk(&format!("{what}: {}", self.linked(path)));
        }
    }

    /// A path as talk shows it: a link where the terminal knows them, as on stdout.
    fn linked(&self, path: &Path) -> String {
        let shown = clean_lines(&path.display().to_string());
        let is_link = self.terminal.stderr && self.terminal.has_links(self.options.color);
        if is_link { link::link(path, &shown) } else { shown }
    }

    /// Tells where a path went into a file that looks like the image itself.
    pub(crate) fn tell_of_redirection(&self) {
        let Some(name) = self.terminal.stdout_image() else { return };
        let name = clean_lines(&name);
        self.warn(&format!(
            "the path of the image went into `{name}`, not the image: `-o {name}` saves it there, and \
             `-o -` writes the image to stdout"
        ));
    }

    /// A run of this length has ended.
    pub(crate) fn ring(&self, notify: Notify, took: Duration) {
        if !self.options.quiet
            && let Some(sequence) = bell::sequence(&self.terminal, notify, took)
        {
            self.output.raw(sequence.as_bytes());
        }
    }

    /// A line of data behind a label. On a terminal it is broken between words where it is too long;
    /// elsewhere it stays one line.
    pub(crate) fn labelled(&self, label: &str, text: &str) {
        // The last column stays free: some terminals wrap when it is written.
        let room = self.terminal.stdout_width().saturating_sub(LABEL + 2);
        let lines =
            if self.terminal.stdout { wrap::column(text, room) } else { vec![text.to_owned()] };
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(format!("{label:<LABEL$} {line}").trim_end());
        }
    }

    /// Bytes on stdout, as they are.
    ///
    /// # Errors
    /// What the stream says; `BrokenPipe` when the reader is gone.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.output.data(bytes)
    }

    /// One pretty JSON document on stdout.
    pub(crate) fn json<T: Serialize>(&self, value: &T) {
        match json::document(value) {
            Ok(text) => self.line(text.trim_end()),
            Err(error) => {
                self.error(
                    &Error::new(Kind::Internal, "cannot write the JSON document").because(error),
                );
            }
        }
    }

    /// One pretty JSON document on stdout whose `jobs` come one after the other.
    ///
    /// # Errors
    /// What the stream says; `BrokenPipe` when the reader is gone.
    pub(crate) fn json_of_jobs(
        &self,
        document: &Value,
        jobs: impl Iterator<Item = Value>,
    ) -> io::Result<()> {
        let (before, behind) = json::around_jobs(document)?;
        self.output.data(before.as_bytes())?;
        let mut any = false;
        for job in jobs {
            self.output.data(json::job(&job, !any)?.as_bytes())?;
            any = true;
        }
        let close = if any { "\n  " } else { "" };
        self.output.data(format!("{close}{behind}").as_bytes())
    }

    /// One compact JSON document on a line of stdout: a row of JSONL.
    pub(crate) fn json_line<T: Serialize>(&self, value: &T) {
        match json::row(value) {
            Ok(text) => self.line(&text),
            Err(error) => {
                self.error(
                    &Error::new(Kind::Internal, "cannot write the JSON line").because(error),
                );
            }
        }
    }

    /// A table on stdout, as wide as the terminal, or 80 columns where there is none.
    pub(crate) fn table(&self, table: Table) {
        let text = table.render(self.terminal.stdout_width(), self.stdout_paint);
        self.line(text.trim_end_matches('\n'));
    }

    /// A row of data on stdout, in columns as wide as the terminal.
    pub(crate) fn columns(&self, columns: &Columns, row: &[String]) {
        // The last column stays free: some terminals wrap when it is written.
        self.line(&columns.line(row, self.terminal.stdout_width().saturating_sub(1)));
    }

    /// A table on stderr: talk, not data.
    pub(crate) fn talk_table(&self, table: &Table) {
        if !table.is_empty() && !self.options.quiet {
            let (_, columns) = self.terminal.stderr_size();
            // As wide as talk is: the last column stays free.
            let text = table.render(usize::from(columns).saturating_sub(1), self.paint());
            self.output.talk(text.trim_end_matches('\n'));
        }
    }

    /// Commands on stdout, each with what it does where there is room for that.
    pub(crate) fn commands(&self, commands: &[(&str, &str)]) {
        let widest =
            |pick: fn(&(&str, &str)) -> usize| commands.iter().map(pick).max().unwrap_or(0);
        let width = widest(|(command, _)| measure_text_width(command));
        let is_wide = width + widest(|(_, what)| measure_text_width(what)) + 5
            <= self.terminal.stdout_width();
        for (command, what) in commands {
            let blanks = " ".repeat(width - measure_text_width(command));
            let bold = self.stdout_paint.bold(command);
            match is_wide {
                true => self.line(&format!("  {bold}{blanks}  {}", self.stdout_paint.dim(what))),
                false => self.page(&format!("  {command}")),
            }
        }
    }

    /// Lines on stdout, as wide as its terminal: what is wider breaks between words, and a command so
    /// that it can be pasted. In a pipe they stay as they are.
    pub(crate) fn page(&self, text: &str) {
        // The last column stays free: some terminals wrap when it is written.
        let width = self.terminal.stdout_width().saturating_sub(1);
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("pinx ");
            if !self.terminal.stdout {
                self.line(line);
            } else if is_command {
                wrap::command(line, width).iter().for_each(|line| self.line(line));
            } else {
                self.line(&wrap::wrap(line, width));
            }
        }
    }

    /// A group of findings on stdout, and an empty line.
    pub(crate) fn findings(&self, title: &str, findings: &[Finding<'_>]) {
        // The last column stays free: some terminals wrap when it is written.
        let width = self.terminal.stdout_width().saturating_sub(1);
        self.line(&findings::render(title, findings, width, self.stdout_paint));
    }

    /// Facts about one thing on stdout.
    pub(crate) fn facts(&self, title: &str, facts: &[(&str, String)]) {
        // The last column stays free: some terminals wrap when it is written.
        let width = self.terminal.stdout_width().saturating_sub(1);
        self.line(facts::render(title, facts, width, self.stdout_paint).trim_end());
    }

    /// A page of Markdown on stdout, as wide as the terminal but never wider than is easily read.
    pub(crate) fn markdown(&self, text: &str) {
        let width = self.terminal.stdout_width().saturating_sub(1).min(EASY_WIDTH);
        self.line(markdown::render(text, width, self.stdout_paint).trim_end());
    }

    /// Whether everything for stdout got there.
    ///
    /// # Errors
    /// It did not, and not because the reader left: a full disk, most likely.
    pub(crate) fn flush(&self) -> Result<()> {
        match self.output.stdout_failure() {
            None => Ok(()),
            Some(kind) => {
                Err(Error::new(Kind::Local, "cannot write to stdout")
                    .because(io::Error::from(kind)))
            }
        }
    }

    /// Talk on stderr; not with `--quiet`. Below what is shown page by page it is part of it: what comes
    /// behind the pager nobody sees.
    pub(crate) fn note(&self, text: &str) {
        if self.options.quiet {
            return;
        }
        let text = clean_lines(text);
        match &mut *lock(&self.page) {
            Some(page) if self.terminal.stderr => {
                page.push_str(&self.output.fitted(&text));
                page.push('\n');
            }
            _ => self.output.talk(&text),
        }
    }

    /// Talk on stderr with `-v` only.
    pub(crate) fn detail(&self, text: &str) {
        if self.options.verbose > 0 {
            self.note(text);
        }
    }

    /// A warning on stderr; not with `--quiet`.
    pub(crate) fn warn(&self, text: &str) {
        if !self.options.quiet {
            self.insist(text);
        }
    }

    /// A warning that has to be seen, also with `--quiet`.
    pub(crate) fn insist(&self, text: &str) {
        self.output.talk(&format!("{} {}", self.paint().warning("warning:"), clean_lines(text)));
    }

    /// An error on stderr with its causes and hints, always.
    pub(crate) fn error(&self, error: &Error) {
        self.output.talk(&error::render(error, self.paint()));
    }

    /// Says where a job that is at work stands in a file, for what is told of it; `None` when it is done
    /// with.
    pub(crate) fn set_place(&self, job: usize, place: Option<String>) {
        self.output.set_place(job, place);
    }

    /// What consumes the events of a run: bars on a terminal, else few lines.
    pub(crate) fn progress(&self, jobs: usize) -> Progress {
        let talk = match self.options {
            Options { quiet: true, .. } => Talk::Quiet,
            Options { verbose: 0, .. } => Talk::Normal,
            _ => Talk::Verbose,
        };
        let output = Arc::clone(&self.output);
        if self.options.quiet
            || !self.options.progress
            || !self.terminal.stderr
            || self.terminal.is_dumb()
        {
            return Progress::lines(output, jobs, talk).watched();
        }
        let target = ProgressDrawTarget::term_like(Box::new(Screen(Term::buffered_stderr())));
        let terminal = self.terminal.clone();
        let progress = Progress::bars(output, jobs, talk, target, move || terminal.stderr_size());
        match self.shows_partials() {
            true => progress.growing_on(self.terminal.clone()),
            false => progress,
        }
    }

    fn paint(&self) -> Paint {
        self.output.paint
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::output::tests::Kept;
    use super::*;

    fn ui(options: Options) -> (Ui, Kept, Kept) {
        let (out, err) = (Kept::default(), Kept::default());
        let output = Output::to(Box::new(out.clone()), Box::new(err.clone()), Paint(false));
        (Ui::with(options, Terminal::default(), output), out, err)
    }

    #[test]
    fn data_and_talk_go_their_own_ways() {
        let (ui, out, err) = ui(Options::default());
        ui.line("a.png");
        ui.json(&json!({"v": 1}));
        ui.json_line(&json!({"v": 1}));
        ui.note("3 images\x1b[2J");
        ui.detail("only with -v");
        ui.warn("old");
        ui.error(&Error::usage("no").hint("yes"));
        assert_eq!(out.text(), "a.png\n{\n  \"v\": 1\n}\n{\"v\":1}\n");
        assert_eq!(err.text(), "3 images[2J\nwarning: old\nerror: no\n\nhint: yes\n");
        assert!(ui.flush().is_ok());
    }

    #[test]
    fn a_path_is_a_link_on_a_terminal_that_knows_them() {
        let shown = |stdout: bool, color| {
            let (out, err) = (Kept::default(), Kept::default());
            let output = Output::to(Box::new(out.clone()), Box::new(err.clone()), Paint(false));
            let known = Terminal { stdout, term: "foot".to_owned(), ..Terminal::default() };
            Ui::with(Options { color, ..Options::default() }, known, output).saved("a.png");
            out.text()
        };
        assert_eq!(shown(false, Color::Always), "a.png\n");
        assert_eq!(shown(true, Color::Never), "a.png\n");
        let link = shown(true, Color::Auto);
        assert!(link.starts_with("\x1b]8;;file:///") && link.contains("a.png\x1b]8;;"), "{link:?}");
    }

    #[test]
    fn a_labelled_text_is_broken_on_a_terminal_only() {
        for (stdout, expected) in [
            (false, "took      318 ms (generating 311 ms, saving 4 ms)\n"),
            (true, "took      318 ms (generating 311 ms,\n          saving 4 ms)\n"),
        ] {
            let out = Kept::default();
            let output = Output::to(Box::new(out.clone()), Box::new(io::sink()), Paint(false));
            let known = Terminal { stdout, size: Some((24, 40)), ..Terminal::default() };
            Ui::with(Options::default(), known, output)
                .labelled("took", "318 ms (generating 311 ms, saving 4 ms)");
            assert_eq!(out.text(), expected);
        }
    }

    #[test]
    fn quiet_still_tells_errors() {
        let (ui, out, err) = ui(Options { quiet: true, ..Options::default() });
        ui.note("a");
        ui.warn("b");
        ui.line("c");
        ui.error(&Error::usage("d"));
        assert_eq!((out.text().as_str(), err.text().as_str()), ("c\n", "error: d\n"));
    }

    #[test]
    fn a_table_without_a_terminal_is_eighty_columns() {
        let (ui, out, _) = ui(Options::default());
        let mut table =
            Table::new(vec![Column::new("a").width(200, 200), Column::new("b").right()]);
        table.row(vec!["x".repeat(300), "1".to_owned()]);
        ui.table(table);
        assert!(out.text().lines().all(|line| line.chars().count() == 80), "{}", out.text());
    }

    #[test]
    fn nobody_is_asked_without_a_terminal() {
        let (ui, _, _) = ui(Options::default());
        let error = ui.confirm("spend $3?", false).unwrap_err();
        assert_eq!(error.message, "cannot ask `spend $3?` without a terminal");
        assert!(ui.text_prompt("a", None).is_err());
        assert!(ui.secret_prompt("a").is_err());
        assert!(
            ui.pick("a", &["b".to_owned()], &Table::new(vec![Column::new("b")]), 0, Typing::Seen)
                .is_err()
        );
    }
}
