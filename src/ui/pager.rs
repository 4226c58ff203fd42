//! Text that is longer than the terminal is high goes through the user's pager, as with git.
//!
//! This process becomes the pager: what it shows waits in a file without a name, so nothing is left
//! to wait for, and Ctrl-C belongs to the pager alone.

use std::io;

use super::{Terminal, Ui};
use crate::pool::lock;

/// Whether what is longer than the terminal is shown page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// On a terminal, unless `PAGER` is `cat`.
    Auto,
    /// Never.
    Off,
}

impl Paging {
    /// Whether this text is to be paged on a terminal of so many rows.
    pub(super) fn pages(self, terminal: &Terminal, rows: usize, text: &str) -> bool {
        let is_wanted = self == Paging::Auto && terminal.pager.as_deref() != Some("cat");
        // A row stays free for the prompt of the shell.
        is_wanted && text.lines().count() >= rows
    }
}

impl Ui {
    /// Shows what is printed page by page, if it is longer than the terminal is high. This process may
    /// end here: it then becomes the pager.
    pub(crate) fn paged(&self, paging: Paging, print: impl FnOnce(&Ui)) {
        if self.options.json || !self.terminal.stdout || self.terminal.is_dumb() {
            return print(self);
        }
        *lock(&self.page) = Some(String::new());
        print(self);
        let text = lock(&self.page).take().unwrap_or_default();
        if paging.pages(&self.terminal, self.terminal.stdout_rows(), &text) {
            let error = become_pager(&self.terminal, &text);
            self.detail(&format!("the pager cannot be started: {error}"));
        }
        self.line(text.trim_end_matches('\n'));
    }

    /// Shows a manual page, if there is a program for that: this process then becomes it, and does not
    /// come back.
    pub(crate) fn manual(&self, roff: &str) {
        let error = become_manual(roff);
        self.detail(&format!("`man` cannot be started: {error}"));
    }
}

/// Becomes the pager. Comes back only when that is not possible.
#[cfg(unix)]
pub(super) fn become_pager(terminal: &Terminal, text: &str) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;
    let file = match crate::fs::unnamed(text.as_bytes()) {
        Ok(file) => file,
        Err(error) => return error,
    };
    let mut command = match &terminal.pager {
        Some(pager) => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(pager);
            shell
        }
        None => Command::new("less"),
    };
    if !terminal.has_less {
        // Ends where all fits, keeps colours, leaves the text on the screen.
        command.env("LESS", "FRX");
    }
    command.stdin(file).exec()
}

/// Becomes the program that shows manual pages. Comes back where there is none that reads a page from
/// stdin, as that of man-db does.
#[cfg(unix)]
pub(super) fn become_manual(roff: &str) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    let mut asked = Command::new("man");
    asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match asked.status() {
        Ok(status) if status.success() => {}
        Ok(_) => return io::ErrorKind::Unsupported.into(),
        Err(error) => return error,
    }
    match crate::fs::unnamed(roff.as_bytes()) {
        Ok(file) => Command::new("man").args(["-l", "-"]).stdin(file).exec(),
        Err(error) => error,
    }
}

/// There is no becoming another program here.
#[cfg(not(unix))]
pub(super) fn become_manual(_: &str) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// There is no becoming another program here.
#[cfg(not(unix))]
pub(super) fn become_pager(_: &Terminal, _: &str) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_paged() {
        let terminal = Terminal::of(|_| None);
        let text = "a\n".repeat(24);
        assert!(Paging::Auto.pages(&terminal, 24, &text));
        assert!(!Paging::Auto.pages(&terminal, 25, &text));
        assert!(!Paging::Off.pages(&terminal, 24, &text));
        let cat = Terminal::of(|name| (name == "PAGER").then(|| "cat".to_owned()));
        assert!(!Paging::Auto.pages(&cat, 24, &text));
    }
}
