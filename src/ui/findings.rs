//! Findings in groups: what was looked at, how it is, and below it what to do about it.
//!
//! Pure: findings and a width in, text out. The mark is a word, so nothing needs colour. Text from
//! outside is made harmless here, as everywhere in `ui`.

use serde::Serialize;

use super::output::clean_line;
use super::paint::Paint;
use super::wrap::column;

/// How a thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mark {
    /// As it should be.
    Ok,
    /// Nothing is wrong, but something could be had or should be known.
    Note,
    /// It works, and will hurt.
    Warn,
    /// It does not work.
    Fail,
}

impl Mark {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Note => "note",
            Mark::Warn => "warn",
            Mark::Fail => "FAIL",
        }
    }
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding<'a> {
    /// How it is.
    pub mark: Mark,
    /// What was looked at, in a word.
    pub name: &'a str,
    /// How it is, in words.
    pub text: &'a str,
    /// What to do; lines after the first of one are for copying and keep their form.
    pub remedies: &'a [String],
}

/// Columns of the mark.
const MARK: usize = 4;
/// Columns of the name.
const NAME: usize = 11;
/// Columns before the text.
const INDENT: usize = 2 + MARK + 2 + NAME;
/// Where a line is narrower, the text stands below its name, under the name's beginning.
const NARROW: usize = 60;
/// Columns before the text there.
const BELOW: usize = 2 + MARK + 2;
/// Lines are no longer, however wide the terminal is: they are there to be read.
const WIDEST: usize = 100;

/// A group under its title.
pub(super) fn render(title: &str, findings: &[Finding<'_>], width: usize, paint: Paint) -> String {
    let width = width.min(WIDEST);
    let mut out = paint.bold(title) + "\n";
    for finding in findings {
        let mark = format!("{:MARK$}", finding.mark.word());
        let mark = match finding.mark {
            Mark::Ok => paint.good(&mark),
            Mark::Note => paint.hint(&mark),
            Mark::Warn => paint.warning(&mark),
            Mark::Fail => paint.bad(&mark),
        };
        // A name that is too long pushes the text away, but only on its own line.
        let head = format!("  {mark}  {:<width$} ", clean_line(finding.name), width = NAME - 1);
        let more = clean_line(finding.name).chars().count().saturating_sub(NAME - 1);
        let (indent, more) = if width < NARROW { (BELOW, 0) } else { (INDENT, more) };
        let room = width.saturating_sub(indent);
        let text = harmless(&format!("{}{}", " ".repeat(more), finding.text));
        let mut lines = column(&text, room).into_iter();
        if width < NARROW {
            out += &format!("{}\n", head.trim_end());
        } else {
            let first = lines.next().unwrap_or_default();
            out += &format!("{head}{}\n", first.trim_start());
        }
        lines.for_each(|line| out += &format!("{:indent$}{line}\n", ""));
        for remedy in finding.remedies {
            let lines = column(&harmless(remedy), room.saturating_sub(2));
            for (at, line) in lines.iter().enumerate() {
                let arrow = if at == 0 { "→ " } else { "  " };
                out += &format!("{:indent$}{}{line}\n", "", paint.dim(arrow));
            }
        }
    }
    out
}

fn harmless(text: &str) -> String {
    text.lines().map(clean_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "add this to config.toml:\n[providers.local]\n  auth = \"none\"";

    fn rendered(width: usize, paint: Paint) -> String {
        let remedies =
            ["set `FAL_KEY`, or store one: `pinx keys set fal`".to_owned(), BLOCK.to_owned()];
        let fal = Finding {
            mark: Mark::Note,
            name: "fal",
            text: "no key; one would give 20 models such as flux-schnell\x1b[2J and nothing else",
            remedies: &remedies,
        };
        let long = Finding { mark: Mark::Fail, name: "a-name-of-its-own", text: "broken", ..fal };
        render("keys", &[fal, Finding { remedies: &[], ..long }], width, paint)
    }

    #[test]
    fn a_finding_is_a_line_and_its_remedies_stand_below() {
        let expected = "\
keys
  note  fal        no key; one would give 20 models such as flux-schnell[2J
                   and nothing else
                   → set `FAL_KEY`, or store one: `pinx keys set fal`
                   → add this to config.toml:
                     [providers.local]
                       auth = \"none\"
  FAIL  a-name-of-its-own broken
";
        assert_eq!(rendered(75, Paint(false)), expected);
        let narrow = "\
keys
  note  fal
        no key; one would give 20
        models such as
        flux-schnell[2J and nothing
        else
        → set `FAL_KEY`, or store
          one: `pinx keys set fal`
        → add this to config.toml:
          [providers.local]
            auth = \"none\"
  FAIL  a-name-of-its-own
        broken
";
        assert_eq!(rendered(36, Paint(false)), narrow);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_colour_adds_no_fact() {
        for width in 36..120 {
            let text = rendered(width, Paint(false));
            assert!(text.lines().all(|line| line.chars().count() <= width.min(WIDEST)), "{text}");
        }
        let painted = rendered(80, Paint(true));
        assert_eq!(dialoguer::console::strip_ansi_codes(&painted), rendered(80, Paint(false)));
    }
}
