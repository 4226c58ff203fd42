//! What to type next, as a command that works when it is pasted: the one that was typed, with a flag
//! more where that is the remedy.

use std::path::Path;

use super::args::Args;
use crate::settings::env;
use crate::text::shell_line;

/// The command as it was typed; nothing where that is of no use to paste.
pub(super) struct Next(Option<Vec<String>>);

impl Next {
    /// What was typed. Jobs from a pipe are gone, and what may hold a password is not repeated.
    pub(super) fn of(args: &Args) -> Next {
        let is_piped = args.files.iter().any(|file| file == Path::new("-"));
        let words = env::arguments().filter(|_| !is_piped).unwrap_or_default();
        let is_secret = |word: &String| word.contains("://") && word.contains('@');
        if !words.iter().any(|word| word == "batch") || words.iter().any(is_secret) {
            return Next(None);
        }
        Next(Some(words))
    }

    /// The same command for all that is left, to stand at the end of a sentence.
    pub(super) fn unlimited(&self) -> String {
        shown(self.0.as_deref().map(unlimited))
    }

    /// The same with a flag, which is not said twice.
    pub(super) fn with(&self, flag: &str) -> String {
        let flag = [flag.to_owned()];
        shown(self.0.as_ref().map(|words| {
            let is_new = !words.contains(&flag[0]);
            words.iter().chain(flag.iter().filter(move |_| is_new))
        }))
    }
}

/// Words without `--limit` and its value.
fn unlimited(words: &[String]) -> impl Iterator<Item = &String> {
    let is_limit = |word: &str| word == "--limit";
    let is_value = move |at: usize| at > 0 && is_limit(&words[at - 1]);
    let is_kept = move |(at, word): &(usize, &String)| {
        !is_limit(word) && !word.starts_with("--limit=") && !is_value(*at)
    };
    words.iter().enumerate().filter(is_kept).map(|(_, word)| word)
}

/// ``: `pinx batch p.txt` ``, or nothing.
fn shown<'w>(words: Option<impl Iterator<Item = &'w String>>) -> String {
    let command = |words| format!(": `pinx {}`", shell_line(words));
    words.map(|words| command(words.map(String::as_str).collect::<Vec<_>>())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::unlimited;

    #[test]
    fn what_is_left_is_made_without_a_limit() {
        for limit in ["--limit 5", "--limit=5"] {
            let typed = format!("batch p.txt {limit} -o o/ -n 5");
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            let left: Vec<&str> = unlimited(&words).map(String::as_str).collect();
            assert_eq!(left, ["batch", "p.txt", "-o", "o/", "-n", "5"]);
        }
    }
}
