//! What to type next, as a command that works when it is pasted: the one that was typed, with a flag
//! more where that is the remedy.

use std::path::Path;

use super::args::Args;
use crate::settings::env;

/// The command as it was typed; nothing where that is of no use to paste.
pub(super) struct Next(Option<String>);

impl Next {
    /// What was typed. Jobs from a pipe are gone, and what may hold a password is not repeated.
    pub(super) fn of(args: &Args) -> Next {
        let is_piped = args.files.iter().any(|file| file == Path::new("-"));
        let words = env::arguments().filter(|_| !is_piped).unwrap_or_default();
        let is_secret = |word: &String| word.contains("://") && word.contains('@');
        if !words.iter().any(|word| word == "batch") || words.iter().any(is_secret) {
            return Next(None);
        }
        let words = words.iter().map(|word| quoted(word));
        Next(Some(format!("pinx {}", words.collect::<Vec<_>>().join(" "))))
    }

    /// The same command, to stand at the end of a sentence.
    pub(super) fn same(&self) -> String {
        self.0.as_ref().map(|command| format!(": `{command}`")).unwrap_or_default()
    }

    /// The same with a flag.
    pub(super) fn with(&self, flag: &str) -> String {
        self.0.as_ref().map(|command| format!(": `{command} {flag}`")).unwrap_or_default()
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./,:@%+=".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them() {
        for (word, expected) in [
            ("out/{number}.png", "'out/{number}.png'"),
            ("--only", "--only"),
            ("*", "'*'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("夜.txt", "夜.txt"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
