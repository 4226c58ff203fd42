//! What a command left, and what a test expects of it besides its transcript.

use std::time::Duration;

use serde_json::Value;

/// Characters that no terminal should get from outside.
const INVISIBLE: [char; 6] =
    ['\u{202e}', '\u{202d}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{e0041}'];

/// What a command left.
pub struct Output {
    pub(super) command: String,
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// stdout as text.
    pub stdout: String,
    /// stdout as bytes.
    pub bytes: Vec<u8>,
    /// stderr as text.
    pub stderr: String,
    /// The files in the working directory afterwards.
    pub files: Vec<String>,
    /// From its start to its end.
    pub took: Duration,
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Output { command, code, stdout, stderr, files, .. } = self;
        let stdout: String = stdout.chars().take(6000).collect();
        write!(
            f,
            "$ {command}\nexit {code}\nstdout:\n{stdout}\nstderr:\n{stderr}\nfiles: {files:?}"
        )
    }
}

impl Output {
    /// It ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Output {
        assert!(self.code == code, "exit code {code} was expected\n{self}");
        self
    }

    /// stdout is exactly these lines.
    #[track_caller]
    pub fn prints(self, lines: &[&str]) -> Output {
        assert!(
            self.stdout.lines().eq(lines.iter().copied()),
            "stdout: {lines:?} expected\n{self}"
        );
        self
    }

    /// The working directory holds exactly these files.
    #[track_caller]
    pub fn leaves(self, files: &[&str]) -> Output {
        assert!(self.files.iter().eq(files.iter()), "files: {files:?} expected\n{self}");
        self
    }

    /// stderr holds this text, whatever the case.
    #[track_caller]
    pub fn says(self, text: &str) -> Output {
        let found = squeezed(&self.stderr).contains(&squeezed(text));
        assert!(found, "stderr should say `{text}`\n{self}");
        self
    }

    /// stderr does not hold this text.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Output {
        let found = squeezed(&self.stderr).contains(&squeezed(text));
        assert!(!found, "stderr should not say `{text}`\n{self}");
        self
    }

    /// Neither stdout nor stderr can harm a terminal: no control character but the newline, and
    /// none of the invisible ones that reorder or hide text.
    #[track_caller]
    pub fn stays_inert(self) -> Output {
        let bad = |c: &char| (c.is_control() && *c != '\n') || INVISIBLE.contains(c);
        let found = self.stdout.chars().chain(self.stderr.chars()).find(bad);
        assert!(
            found.is_none(),
            "{found:?} reaches the terminal: {:?}{:?}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// stdout, which must be exactly one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not one JSON document: {error}\n{self}"))
    }
}

/// Lower case, runs of white space as one space: messages may be wrapped.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
