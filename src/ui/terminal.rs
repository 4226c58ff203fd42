//! What is known about the terminal, gathered once: which streams are one, and its variables.
//!
//! The only place that reads terminal variables. Nothing is ever asked of the terminal itself.

use std::io::{self, IsTerminal};

use dialoguer::console::Term;

use super::Color;
#[cfg(target_os = "linux")]
use crate::request::Format;

/// Rows and columns where the terminal does not tell.
const FALLBACK: (u16, u16) = (24, 80);

/// The terminal as its variables and streams describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Whether stdin is one.
    pub stdin: bool,
    /// Whether stdout is one.
    pub stdout: bool,
    /// Whether stderr is one.
    pub stderr: bool,
    /// `TERM`.
    pub term: String,
    /// `TERM_PROGRAM`, or `LC_TERMINAL`, which travels through ssh.
    pub program: String,
    /// `NO_COLOR` is set to anything.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set to anything but `0`.
    pub force_color: bool,
    /// `COLORTERM` promises 24-bit colours.
    pub truecolor: bool,
    /// The locale names a character set other than UTF-8.
    pub narrow: bool,
    /// Inside tmux or screen, which swallow graphics.
    pub multiplexer: bool,
    /// Kitty says so itself (`KITTY_WINDOW_ID`).
    pub kitty: bool,
    /// VTE's version as GNOME's terminals and their kin write it (`7200`), 0 elsewhere.
    pub vte: u32,
    /// Windows Terminal says so itself (`WT_SESSION`).
    pub windows: bool,
    /// The files here are not those of the machine that the terminal is on (`SSH_CONNECTION`).
    pub remote: bool,
    /// Konsole's version as it writes it (`220401`), 0 elsewhere.
    pub konsole: u32,
    /// `PAGER`: the command that shows long texts.
    pub pager: Option<String>,
    /// `LESS` is set: the user has options of their own for it.
    pub has_less: bool,
    /// `COLUMNS`, where it is exported: the width of what is not a terminal.
    pub columns: Option<usize>,
    /// Rows and columns, where they are not to be looked up.
    pub size: Option<(u16, u16)>,
}

/// How a picture can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Graphics {
    /// The kitty graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm,
    /// Half blocks in 24-bit colours.
    Blocks,
    /// Half blocks in 256 colours.
    Blocks256,
    /// Not at all.
    None,
}

impl Terminal {
    /// The terminal of this process.
    #[expect(clippy::disallowed_methods, reason = "the terminal's variables are read here alone")]
    pub(crate) fn detect() -> Terminal {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut terminal = Terminal::of(variable);
        terminal.stdin = io::stdin().is_terminal();
        terminal.stdout = io::stdout().is_terminal();
        terminal.stderr = io::stderr().is_terminal();
        terminal
    }

    /// A terminal by its variables alone; the lookup gives no empty values.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Terminal {
        let term = variable("TERM").unwrap_or_default();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name));
        let multiplexed = ["tmux", "screen"].iter().any(|name| term.starts_with(name));
        Terminal {
            program: variable("TERM_PROGRAM")
                .filter(|program| program != "tmux")
                .or_else(|| variable("LC_TERMINAL"))
                .unwrap_or_default(),
            no_color: variable("NO_COLOR").is_some(),
            force_color: variable("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            truecolor: variable("COLORTERM")
                .is_some_and(|value| value == "truecolor" || value == "24bit"),
            narrow: locale.is_some_and(|locale| {
                let set = locale.split_once('.').map(|(_, set)| set.to_lowercase());
                set.is_some_and(|set| !set.starts_with("utf-8") && !set.starts_with("utf8"))
            }),
            multiplexer: multiplexed || variable("TMUX").is_some() || variable("STY").is_some(),
            kitty: variable("KITTY_WINDOW_ID").is_some(),
            vte: variable("VTE_VERSION").and_then(|value| value.parse().ok()).unwrap_or(0),
            windows: variable("WT_SESSION").is_some(),
            remote: variable("SSH_CONNECTION").is_some() || variable("SSH_TTY").is_some(),
            konsole: variable("KONSOLE_VERSION").and_then(|value| value.parse().ok()).unwrap_or(0),
            columns: variable("COLUMNS").and_then(|value| value.parse().ok()).filter(|n| *n > 0),
            pager: variable("PAGER"),
            has_less: variable("LESS").is_some(),
            term,
            ..Terminal::default()
        }
    }

    /// A terminal that can only print lines.
    pub(crate) fn is_dumb(&self) -> bool {
        self.term == "dumb"
    }

    /// Whether it can show block elements.
    pub(crate) fn has_blocks(&self) -> bool {
        !self.narrow && !self.is_dumb()
    }

    /// Whether colours are wanted on a stream that is, or is not, a terminal.
    pub(crate) fn has_colors(&self, wanted: Color, is_terminal: bool) -> bool {
        match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if self.no_color => false,
            Color::Auto => self.force_color || (is_terminal && !self.is_dumb()),
        }
    }

    /// Whether it makes links of paths (OSC 8): only where that is known, since others may print the
    /// address; not where the file is not its machine's, or colours are not wanted either.
    pub(crate) fn has_links(&self, wanted: Color) -> bool {
        let programs =
            ["iTerm.app", "iTerm2", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"];
        let terms = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "contour"];
        let is_known = self.kitty
            || self.windows
            || self.vte >= 5_000
            || self.konsole >= 201_200
            || programs.contains(&self.program.as_str())
            || terms.contains(&self.term.as_str());
        is_known && !self.multiplexer && !self.remote && self.has_colors(wanted, true)
    }

    /// Whether it takes notifications as urxvt does (OSC 777), where others take OSC 9.
    pub(crate) fn takes_urxvt_notifications(&self) -> bool {
        self.vte > 0 || self.term.starts_with("rxvt") || self.term.starts_with("foot")
    }

    /// The name of the file that stdout goes into, where that looks like an image's.
    #[cfg(target_os = "linux")]
    pub(crate) fn stdout_image(&self) -> Option<String> {
        let path = std::fs::read_link("/proc/self/fd/1").ok()?;
        let ending = path.extension()?.to_str()?;
        let is_image = Format::of_extension(&ending.to_ascii_lowercase()).is_some();
        (is_image && path.is_file()).then(|| path.file_name()?.to_str().map(str::to_owned))?
    }

    /// Elsewhere nobody says.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn stdout_image(&self) -> Option<String> {
        None
    }

    /// The file that stdin comes from, as one would write it here.
    #[cfg(target_os = "linux")]
    pub(crate) fn stdin_file(&self) -> Option<String> {
        let path = std::fs::read_link("/proc/self/fd/0").ok().filter(|path| path.is_file())?;
        let here = std::fs::read_link("/proc/self/cwd").ok();
        let shown =
            here.and_then(|here| path.strip_prefix(here).ok().map(std::path::Path::to_owned));
        shown.unwrap_or(path).to_str().map(str::to_owned)
    }

    /// Elsewhere nobody says.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn stdin_file(&self) -> Option<String> {
        None
    }

    /// Columns for a table on stdout: the terminal's, else `COLUMNS`, else 80.
    pub(crate) fn stdout_width(&self) -> usize {
        let real = if self.stdout { Term::stdout().size_checked() } else { None };
        self.size
            .or(real)
            .map(|(_, columns)| usize::from(columns))
            .or(self.columns)
            .unwrap_or(usize::from(FALLBACK.1))
    }

    /// Rows of the terminal behind stdout, now.
    pub(crate) fn stdout_rows(&self) -> usize {
        let real = if self.stdout { Term::stdout().size_checked() } else { None };
        usize::from(self.size.or(real).unwrap_or(FALLBACK).0)
    }

    /// Rows and columns of the terminal behind stderr, now.
    pub(crate) fn stderr_size(&self) -> (u16, u16) {
        let real = if self.stderr { Term::stderr().size_checked() } else { None };
        self.size.or(real).unwrap_or(FALLBACK)
    }

    /// The best way to show a picture, and whether it is sure to work.
    pub(crate) fn graphics(&self) -> (Graphics, bool) {
        if !self.stderr || self.is_dumb() {
            return (Graphics::None, true);
        }
        let blocks = if self.truecolor { Graphics::Blocks } else { Graphics::Blocks256 };
        if self.multiplexer {
            return (blocks, true);
        }
        let kitty = self.kitty
            || self.konsole >= 220_400
            || matches!(self.term.as_str(), "xterm-kitty" | "xterm-ghostty")
            || self.program.eq_ignore_ascii_case("ghostty");
        if kitty {
            (Graphics::Kitty, true)
        } else if matches!(self.program.as_str(), "iTerm.app" | "iTerm2" | "WezTerm" | "mintty") {
            (Graphics::Iterm, true)
        } else {
            (blocks, self.truecolor)
        }
    }
}

/// Whether stdout leads to `/dev/null`, to which the system's library opens it where it was closed.
#[cfg(unix)]
pub(super) fn stdout_goes_nowhere() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
    let stdout = io::stdout().as_fd().try_clone_to_owned();
    let stdout = stdout.and_then(|stdout| std::fs::File::from(stdout).metadata());
    matches!((null, stdout), (Ok(null), Ok(stdout)) if stdout.rdev() == null)
}

/// Elsewhere nobody says.
#[cfg(not(unix))]
pub(super) fn stdout_goes_nowhere() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::{Graphics, Terminal};
    use crate::ui::Color;

    fn with(variables: &[(&str, &str)]) -> Terminal {
        let look = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Terminal { stdin: true, stdout: true, stderr: true, ..Terminal::of(look) }
    }

    #[test]
    fn terminals_are_known_by_their_variables() {
        for (variables, expected) in [
            (&[("KITTY_WINDOW_ID", "1")][..], (Graphics::Kitty, true)),
            (&[("TERM", "xterm-ghostty")], (Graphics::Kitty, true)),
            (&[("KONSOLE_VERSION", "240802")], (Graphics::Kitty, true)),
            (&[("TERM_PROGRAM", "iTerm.app")], (Graphics::Iterm, true)),
            (&[("TERM_PROGRAM", "WezTerm")], (Graphics::Iterm, true)),
            (&[("LC_TERMINAL", "iTerm2")], (Graphics::Iterm, true)),
            (&[("COLORTERM", "truecolor")], (Graphics::Blocks, true)),
            (&[("TERM", "xterm-256color")], (Graphics::Blocks256, false)),
            (&[("TMUX", "/tmp/x"), ("KITTY_WINDOW_ID", "1")], (Graphics::Blocks256, true)),
            (&[("TERM", "screen"), ("COLORTERM", "24bit")], (Graphics::Blocks, true)),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], (Graphics::None, true)),
        ] {
            assert_eq!(with(variables).graphics(), expected, "{variables:?}");
        }
        let piped = Terminal { stderr: false, ..with(&[("KITTY_WINDOW_ID", "1")]) };
        assert_eq!(piped.graphics(), (Graphics::None, true));
    }

    #[test]
    fn paths_are_links_where_that_is_known_to_work() {
        for (variables, expected) in [
            (&[("TERM", "xterm-256color")][..], false),
            (&[("TERM_PROGRAM", "vscode"), ("TERM", "xterm-256color")], true),
            (&[("TERM_PROGRAM", "Apple_Terminal"), ("TERM", "xterm-256color")], false),
            (&[("VTE_VERSION", "7200"), ("TERM", "xterm-256color")], true),
            (&[("VTE_VERSION", "4205"), ("TERM", "xterm-256color")], false),
            (&[("KITTY_WINDOW_ID", "1"), ("TERM", "xterm-kitty")], true),
            (&[("WT_SESSION", "x"), ("TERM", "xterm-256color")], true),
            (&[("KONSOLE_VERSION", "240802")], true),
            (&[("TERM", "foot")], true),
            (&[("TERM", "foot"), ("NO_COLOR", "1")], false),
            (&[("TERM", "foot"), ("SSH_CONNECTION", "a b c d")], false),
            (&[("TERM", "tmux-256color"), ("VTE_VERSION", "7200")], false),
            (&[("TERM", "dumb"), ("VTE_VERSION", "7200")], false),
        ] {
            assert_eq!(with(variables).has_links(Color::Auto), expected, "{variables:?}");
        }
        assert!(!with(&[("TERM", "foot")]).has_links(Color::Never));
    }

    #[test]
    fn colours_follow_the_flag_then_the_variables_then_the_stream() {
        let plain = with(&[("TERM", "xterm")]);
        assert!(plain.has_colors(Color::Auto, true));
        assert!(!plain.has_colors(Color::Auto, false));
        assert!(!plain.has_colors(Color::Never, true));
        let quiet = with(&[("NO_COLOR", "1")]);
        assert!(!quiet.has_colors(Color::Auto, true));
        assert!(quiet.has_colors(Color::Always, false));
        assert!(with(&[("CLICOLOR_FORCE", "1")]).has_colors(Color::Auto, false));
        assert!(!with(&[("TERM", "dumb")]).has_colors(Color::Auto, true));
    }
}
