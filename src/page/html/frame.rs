//! What every page begins and ends with: one style sheet, and a policy that lets nothing else in.
//!
//! Pages load nothing from anywhere; style and script are named in the policy by their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, Render, html};
use sha2::{Digest, Sha256};

use crate::page::seal::PageKind;
use crate::text;

/// The style sheet of all pages: light and dark, from a phone's width up. Beside what galleries use
/// it knows tables (`td.number` is set to the right), `header.top`, `p.totals` and `p.note`.
const STYLE: &str = include_str!("style.css");

/// Everything up to the opened `body`; `more` is a style sheet that follows the one of all pages, and
/// [`end`] gets the same script.
pub(super) fn begin(kind: PageKind, title: &str, more: &str, script: Option<&str>) -> Markup {
    let style = format!("{STYLE}{more}");
    let script = script.map_or("'none'".to_owned(), hash);
    html! {
        (PreEscaped("<!doctype html>\n<html lang=\"en\">\n"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta http-equiv="Content-Security-Policy" content={
                "default-src 'none'; img-src data: 'self'; style-src " (hash(&style))
                "; script-src " (script) "; base-uri 'none'; form-action 'none'"
            };
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="generator" content=(kind.generator());
            title { (text::clean(title, 120)) }
            style { (PreEscaped(style)) }
        }
        (PreEscaped("\n<body>\n"))
    }
}

/// The script, if there is one, and the end of the page.
pub(super) fn end(script: Option<&str>) -> Markup {
    html! {
        @if let Some(script) = script { script { (PreEscaped(script)) } }
        (PreEscaped("\n</body>\n</html>\n"))
    }
}

/// A whole page without a script.
pub(crate) fn page(kind: PageKind, title: &str, more: &str, body: &Markup) -> String {
    html! { (begin(kind, title, more, None)) (body) (end(None)) }.into_string()
}

/// How a policy names an inline style or script.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Text from outside in its whole length. Control characters and those that turn the direction of
/// others go; line breaks and the joiners that scripts are written with stay.
pub(super) struct Whole<'t>(pub(super) &'t str);

impl Render for Whole<'_> {
    fn render_to(&self, out: &mut String) {
        let stays = |c: &char| "\n\t\u{200c}\u{200d}".contains(*c) || !text::is_dangerous(*c);
        self.0.chars().filter(stays).collect::<String>().render_to(out);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        html! { (Whole(text)) }.into_string()
    }

    #[test]
    fn markup_and_control_characters_become_text() {
        let hostile = "</p><script>alert(\"1\")</script>\0\x1b[31m\u{202e}'&'";
        let expected = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;[31m'&amp;'";
        assert_eq!(shown(hostile), expected);
        assert_eq!(shown("a\nb\u{200d}c"), "a\nb\u{200d}c");
    }

    proptest! {
        #[test]
        fn nothing_escapes(text in any::<String>()) {
            let out = shown(&text);
            let raw = ['<', '>', '"', '\0', '\u{202e}'];
            prop_assert!(!out.contains(raw));
            let entities = out.matches('&').count();
            let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
            prop_assert_eq!(entities, known.iter().map(|one| out.matches(one).count()).sum::<usize>());
        }
    }
}
