//! How an error looks: what happened, its causes and who answered so below, an empty line, the
//! remedies.

use std::error::Error as _;

use super::output::clean_lines;
use super::paint::Paint;
use crate::error::Error;

/// The error as text without a line break at its end.
pub(crate) fn render(error: &Error, paint: Paint) -> String {
    let mut text = format!("{} {}", paint.bad("error:"), clean_lines(&error.message));
    let mut said = error.message.clone();
    let mut cause = error.source();
    while let Some(below) = cause {
        let words = clean_lines(&below.to_string());
        // Many libraries repeat the cause in their own words; twice tells nothing more.
        if !words.is_empty() && !said.contains(&words) {
            text.push_str(&format!("\n  {} {words}", paint.dim("caused by:")));
            said = words;
        }
        cause = below.source();
    }
    if let Some(answered) = &error.answered {
        let said = clean_lines(&answered.to_string());
        text.push_str(&format!("\n  {} {said}", paint.dim("answered:")));
    }
    if !error.hints.is_empty() {
        text.push('\n');
    }
    for hint in &error.hints {
        text.push_str(&format!("\n{} {}", paint.hint("hint:"), clean_lines(hint)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::error::{Error, Kind};
    use crate::ui::paint::Paint;

    #[test]
    fn message_causes_and_hints_in_order() {
        let below = Error::new(Kind::NotSent, "connection refused");
        let middle = Error::new(Kind::NotSent, "connect: connection refused").because(below);
        let error = Error::new(Kind::NotSent, "cannot reach `api.openai.com`\x1b[2J")
            .because(middle)
            .hint("check the network with `pinx doctor`")
            .hint("or use `--fallback pinx/sketch`");
        assert_eq!(
            render(&error, Paint(false)),
            "error: cannot reach `api.openai.com`[2J\n  caused by: connect: connection refused\n\n\
             hint: check the network with `pinx doctor`\nhint: or use `--fallback pinx/sketch`"
        );
    }

    #[test]
    fn a_bare_error_is_one_line() {
        assert_eq!(render(&Error::usage("no prompt"), Paint(false)), "error: no prompt");
        assert!(
            render(&Error::usage("no"), Paint(true)).starts_with("\x1b[1m\x1b[31merror:\x1b[0m no")
        );
    }
}
