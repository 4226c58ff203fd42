//! Facts about one thing: names on the left, values on the right, broken between words.
//!
//! Pure: facts and a width in, text out. Text from outside is made harmless here.

use super::paint::Paint;
use super::wrap::column;
use crate::text;

/// Columns of the name and the blanks around it.
const NAME: usize = 13;
/// Lines are no longer, however wide the terminal is: they are there to be read.
const WIDEST: usize = 100;
/// Values are cut here, far beyond what a prompt may have.
const MOST: usize = 100_000;

/// The title and the facts under it; what is empty is left out.
pub(super) fn render(title: &str, facts: &[(&str, String)], width: usize, paint: Paint) -> String {
    let room = width.min(WIDEST).saturating_sub(NAME);
    let mut out = paint.bold(&text::clean(title, MOST)) + "\n";
    for (name, value) in facts {
        for (at, line) in column(&text::clean(value, MOST), room).iter().enumerate() {
            let name = if at == 0 { *name } else { "" };
            let name = format!("  {name:<width$}", width = NAME - 2);
            out += format!("{}{line}", paint.dim(&name)).trim_end();
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_broken_and_inert() {
        let facts = [
            ("prompt", "a red fox in the snow,\nat dawn \x1b[2J\u{202e}".to_owned()),
            ("style", String::new()),
            ("seed", "7".to_owned()),
        ];
        assert_eq!(
            render("fox\x07.png", &facts, 40, Paint(false)),
            "fox.png\n  prompt     a red fox in the snow, at\n             dawn [2J\n  seed       7\n"
        );
    }
}
