//! Questions to the user, on stderr, answered on a terminal only.
//!
//! Ctrl-C at a question ends it with `Kind::Interrupted` (or the process, when nobody handles the
//! signal) and leaves the terminal as it was: echo on, cursor shown.

use std::io::{self, BufRead};

use dialoguer::console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{FuzzySelect, Input, Select};

use super::Ui;
use super::output::clean_line;
use super::paint::Paint;
use super::table::Table;
use crate::error::{Error, Kind, Result};
use crate::text;

/// The lines of a table above its rows: the titles and the rule.
const HEADER: usize = 2;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: u8 = 8;
const CTRL_U: u8 = 21;
const DELETE: u8 = 127;

/// Whether what is typed at a question shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typing {
    /// It narrows the list.
    Seen,
    /// It may be a key: nothing of it shows.
    Unseen,
}

impl Ui {
    /// Yes or no; Enter alone means the default.
    ///
    /// # Errors
    /// There is no terminal to ask, or the question was interrupted.
    pub(crate) fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        self.needs_terminal(question)?;
        let choice = if default { "[Y/n]" } else { "[y/N]" };
        let question = self.paint().bold(&text::clean(question, 1_000));
        let prompt = self.output.fitted(&format!("{question} {choice}")) + " ";
        // A cooked line instead of a raw key: Ctrl-C then needs no clean-up at all.
        self.output.around_bars(|| {
            loop {
                self.prompt(&prompt)?;
                let mut line = String::new();
                if io::stdin().lock().read_line(&mut line).map_err(cannot_ask)? == 0 {
                    self.prompt("\n")?;
                    return Err(interrupted());
                }
                if let Some(answer) = yes_or_no(&line, default) {
                    return Ok(answer);
                }
            }
        })
    }

    /// A line of text, not empty unless there is a default.
    ///
    /// # Errors
    /// There is no terminal to ask, or the question was interrupted.
    pub(crate) fn text_prompt(&self, prompt: &str, default: Option<&str>) -> Result<String> {
        self.needs_terminal(prompt)?;
        let theme = self.theme();
        let mut input = Input::<String>::with_theme(theme.as_ref()).with_prompt(prompt);
        if let Some(default) = default {
            input = input.default(default.to_owned());
        }
        self.output.around_bars(|| input.interact_text_on(&Term::stderr())).map_err(failed)
    }

    /// A line that is not shown while it is typed; trimmed.
    ///
    /// # Errors
    /// There is no terminal to ask, the question was interrupted, or nothing was typed.
    pub(crate) fn secret_prompt(&self, prompt: &str) -> Result<String> {
        self.needs_terminal(prompt)?;
        let prompt = format!("{}: ", self.paint().bold(&text::clean(prompt, 1_000)));
        let secret = self.output.around_bars(|| {
            self.prompt(&prompt)?;
            let secret = hidden_line();
            self.prompt("\n")?;
            secret
        })?;
        let secret = secret.trim().to_owned();
        if secret.is_empty() { Err(Error::usage("nothing was typed")) } else { Ok(secret) }
    }

    /// One of several, found by typing a part of its row, or, where what is typed must not be seen, by the
    /// arrows alone; its place in the list. The line that stays behind holds its name alone.
    ///
    /// # Errors
    /// There is no terminal to ask, the list is empty, or the question was interrupted.
    pub(crate) fn pick(
        &self,
        prompt: &str,
        names: &[String],
        rows: &Table,
        default: usize,
        typing: Typing,
    ) -> Result<usize> {
        self.needs_terminal(prompt)?;
        if names.is_empty() {
            return Err(Error::usage(format!("nothing to choose for `{prompt}`")));
        }
        let (height, columns) = self.terminal.stderr_size();
        // The marker before the row takes two columns, and the last one stays free.
        let width = usize::from(columns).saturating_sub(3).max(8);
        let text = rows.render(width, Paint(false));
        let items = text.lines().skip(HEADER).take(names.len()).map(str::to_owned);
        let theme = self.theme();
        let most = usize::from(height).saturating_sub(4).max(3);
        let ask = || match typing {
            Typing::Seen => FuzzySelect::with_theme(theme.as_ref())
                .with_prompt(prompt)
                .items(items)
                .default(default)
                .report(false)
                .max_length(most)
                .interact_on_opt(&steady::term()),
            Typing::Unseen => Select::with_theme(theme.as_ref())
                .with_prompt(prompt)
                .items(items)
                .default(default)
                .report(false)
                .max_length(most)
                .interact_on_opt(&steady::term()),
        };
        let place = self.output.around_bars(ask).map_err(failed)?.ok_or_else(interrupted)?;
        let mut answer = String::new();
        let name = names.get(place).map(|name| clean_line(name)).unwrap_or_default();
        if theme.format_select_prompt_selection(&mut answer, prompt, &name).is_ok() {
            self.output.talk(&answer);
        }
        Ok(place)
    }

    fn needs_terminal(&self, question: &str) -> Result<()> {
        if self.stdin_is_terminal() && self.stderr_is_terminal() {
            discard_typed();
            return Ok(());
        }
        let question = text::clean(question, 200);
        Err(Error::usage(format!("cannot ask `{question}` without a terminal")))
    }

    fn prompt(&self, text: &str) -> Result<()> {
        Term::stderr().write_str(text).map_err(cannot_ask)
    }

    fn theme(&self) -> Box<dyn Theme> {
        if self.paint().0 { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
    }
}

fn yes_or_no(line: &str, default: bool) -> Option<bool> {
    match line.trim().to_lowercase().as_str() {
        "" => Some(default),
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted at a question")
}

fn cannot_ask(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::Interrupted {
        return interrupted();
    }
    Error::usage("the terminal cannot be read").because(error)
}

fn failed(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    cannot_ask(error)
}

/// A line typed in raw mode. Turning only the echo off would leave it off when Ctrl-C ends the
/// process; in raw mode Ctrl-C is a key, read and answered here.
fn hidden_line() -> Result<String> {
    crossterm::terminal::enable_raw_mode().map_err(cannot_ask)?;
    let line = read_hidden(io::stdin().lock());
    crossterm::terminal::disable_raw_mode().map_err(cannot_ask)?;
    line
}

/// Reads keys as a raw terminal sends them: Enter ends, Backspace and Ctrl-U take back.
fn read_hidden(input: impl BufRead) -> Result<String> {
    let mut line: Vec<u8> = Vec::new();
    let mut escape = false;
    for byte in input.bytes() {
        let byte = byte.map_err(cannot_ask)?;
        match byte {
            // An arrow key sends `ESC [ A`: all of it goes, up to the letter.
            b'[' | b'O' | b'0'..=b'9' | b';' if escape => {}
            b'\x1b' => escape = true,
            _ if escape => escape = false,
            b'\r' | b'\n' => return Ok(String::from_utf8_lossy(&line).into_owned()),
            CTRL_C => return Err(interrupted()),
            CTRL_D if line.is_empty() => return Err(interrupted()),
            CTRL_U => line.clear(),
            BACKSPACE | DELETE => while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            0..=31 => {}
            _ => line.push(byte),
        }
    }
    Err(interrupted())
}

/// A terminal on which the cursor is never hidden, so that nothing has to show it again when
/// Ctrl-C ends the process in the middle of a list.
#[cfg(unix)]
mod steady {
    use std::io::{self, Write};
    use std::os::fd::{AsRawFd, RawFd};

    use dialoguer::console::Term;

    const HIDE: &[u8] = b"\x1b[?25l";

    #[derive(Debug)]
    struct Steady(io::Stderr);

    impl Write for Steady {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes == HIDE { Ok(bytes.len()) } else { self.0.write(bytes) }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    impl AsRawFd for Steady {
        fn as_raw_fd(&self) -> RawFd {
            self.0.as_raw_fd()
        }
    }

    pub(crate) fn term() -> Term {
        Term::read_write_pair(io::stdin(), Steady(io::stderr()))
    }
}

#[cfg(not(unix))]
mod steady {
    pub(super) fn term() -> dialoguer::console::Term {
        dialoguer::console::Term::stderr()
    }
}

/// Forgets what was typed before the question could be seen: it is no answer.
fn discard_typed() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_to_choose_from_are_those_below_the_header() {
        use crate::ui::Column;
        let mut rows = Table::new(vec![
            Column::new("").width(60, 60),
            Column::new("").priority(2),
            Column::new("").width(28, 80).priority(1),
        ]);
        rows.row(
            ["auto → openai/gpt-image", "~6–12 s", "Photos and text in one"]
                .map(str::to_owned)
                .to_vec(),
        );
        rows.row(["fal/x", "", "Fast, and cheap at that"].map(str::to_owned).to_vec());
        let lines = |width| {
            let text = rows.render(width, Paint(false));
            text.lines().skip(HEADER).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(70),
            [
                "auto → openai/gpt-image  ~6–12 s  Photos and text in one",
                "fal/x                             Fast, and cheap at that"
            ]
        );
        assert_eq!(lines(50)[0], "auto → openai/gpt-image  Photos and text in one");
        assert_eq!(lines(40)[0], "auto → openai/gpt-image");
    }

    #[test]
    fn answers_are_read_leniently() {
        for (line, answer) in
            [("\n", Some(true)), ("Y\n", Some(true)), (" no \r\n", Some(false)), ("what\n", None)]
        {
            assert_eq!(yes_or_no(line, true), answer, "{line:?}");
        }
    }

    #[test]
    fn hidden_lines_are_edited_like_lines() {
        for (keys, line) in [
            ("sk-1\r", Some("sk-1")),
            ("sk\u{7f}\u{7f}ab\n", Some("ab")),
            ("wrong\u{15}right\r", Some("right")),
            ("a\x1b[Ab\x1b[1;5Cc\r", Some("abc")),
            ("é\u{8}\r", Some("")),
            ("\u{4}a\u{4}b\r", None),
            ("a\u{4}b\r", Some("ab")),
            ("secret\u{3}\r", None),
            ("no end", None),
        ] {
            let read = read_hidden(keys.as_bytes());
            assert_eq!(read.as_deref().ok(), line, "{keys:?}");
            assert!(read.is_ok() || read.is_err_and(|error| error.kind == Kind::Interrupted));
        }
    }
}
