//! A single word where a command could stand: whether it can be nothing but a prompt, and which file it
//! may be.
//!
//! Pure.

use clap::Command;

use crate::batch;
use crate::request::Format;
use crate::text::{self, is_dangerous};

/// The letters of Russian keyboards, and the Latin ones on the same keys: commands are typed so where
/// nobody has switched.
const KEYS: (&str, &str) = ("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm");

/// Whether it has letters or pictures that no command has, and is neither nearly a command, nor one that
/// was typed on another keyboard, nor the name of a file.
pub(super) fn is_prompt(word: &str, top: &dyn Fn() -> Command) -> bool {
    // Arrows, symbols and all that comes behind them; dashes and quotes come before.
    let is_picture = |c: char| c >= '\u{2190}' && !is_dangerous(c);
    let is_foreign = |c: char| !c.is_ascii() && (c.is_alphanumeric() || is_picture(c));
    if !word.contains(is_foreign) || of_file(word).is_some() {
        return false;
    }
    let top = top();
    let names: Vec<&str> = top.get_subcommands().map(Command::get_name).chain(["help"]).collect();
    let typed = on_latin_keys(word);
    !names.contains(&typed.as_str()) && text::nearest(word, names).is_none()
}

/// The word that the same keys write on a Latin keyboard.
pub(super) fn on_latin_keys(word: &str) -> String {
    let latin = |c: char| {
        let at = KEYS.0.chars().position(|key| key == c)?;
        KEYS.1.chars().nth(at)
    };
    word.to_lowercase().chars().map(|c| latin(c).unwrap_or(c)).collect()
}

/// The commands that take the file of this name.
pub(super) fn of_file(word: &str) -> Option<&'static [&'static str]> {
    let (_, extension) = word.rsplit_once('.')?;
    let is_it = |(known, _): &(&str, batch::Format)| known.eq_ignore_ascii_case(extension);
    if batch::Format::EXTENSIONS.iter().any(is_it) {
        return Some(&["batch"]);
    }
    Format::of_extension(extension).map(|_| &["info", "open"][..])
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn what_can_be_no_command_is_a_prompt() {
        for (word, is_one) in [
            ("雪の山と桜の木", true),
            ("แมวสีแดง", true),
            ("лиса", true),
            ("여우", true),
            ("لومړی", true),
            ("αλεπού", true),
            ("müde", true),
            ("Größe", true),
            ("café", true),
            ("mèo", true),
            ("🦊", true),
            ("狐,雪", true),
            ("★", true),
            // Nearly commands, on whatever keyboard.
            ("modèls", false),
            ("öpen", false),
            ("“models”", false),
            ("ьщвуды", false),
            ("Дщп", false),
            // Files, and what only looks odd.
            ("写真.png", false),
            ("プロンプト.txt", false),
            ("\u{200b}models", false),
            ("—", false),
            ("“fox”", false),
            ("fox", false),
            ("", false),
        ] {
            assert_eq!(is_prompt(word, &Cli::command), is_one, "{word}");
        }
        let letters = |keys: &str| keys.chars().count();
        assert_eq!(letters(KEYS.0), letters(KEYS.1));
    }
}
