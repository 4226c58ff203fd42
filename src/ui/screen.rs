//! The terminal as bars are drawn on it: the cursor rests where the echo of Ctrl-C does no harm.
//!
//! indicatif fills the last line to the edge. There the terminal's `^C` would begin a new line,
//! and the next drawing would leave a stale bar behind.

use std::io;

use indicatif::TermLike;

/// Columns kept free at the end of the last line: two times `^C`.
const ECHO: usize = 4;

/// A terminal with a harmless resting place for the cursor.
#[derive(Debug)]
pub(crate) struct Screen<T>(pub T);

impl<T: TermLike> TermLike for Screen<T> {
    fn width(&self) -> u16 {
        self.0.width()
    }

    fn height(&self) -> u16 {
        self.0.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.move_cursor_left(ECHO)?;
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

    use super::Screen;

    #[test]
    fn the_echo_of_ctrl_c_leaves_no_stale_line() {
        let term = InMemoryTerm::new(10, 30);
        let target = ProgressDrawTarget::term_like(Box::new(Screen(term.clone())));
        let style = ProgressStyle::with_template("one\ntwo\n{msg}").unwrap();
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        for message in ["a", "b", "c"] {
            bar.set_message(message);
            term.write_str("^C").unwrap();
        }
        bar.tick();
        let contents = term.contents();
        let lines: Vec<&str> = contents.lines().map(str::trim_end).collect();
        assert_eq!(lines, ["one", "two", "c"]);
        bar.finish_and_clear();
        assert_eq!(term.contents(), "");
    }
}
