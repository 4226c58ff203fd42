//! A row of a page: a prompt with its number, its entries beside one another, and how to judge them.
//!
//! A button copies the command that votes; the command itself is shown, too, for whoever has no script
//! or no clipboard.

use maud::{Markup, PreEscaped, html};

use super::card::{SHORT, whole_prompt};
use crate::page::Row;
use crate::text;

/// What stands above the entries.
pub(super) fn begin(row: &Row) -> Markup {
    let id = row.number.map(|number| format!("prompt-{number}"));
    let id = id.map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
    html! {
        (PreEscaped(format!("<section class=\"row\"{id}>\n")))
        @if let Some(number) = row.number {
            h2 dir="auto" { span.number { (number) } " " (text::clean(&row.prompt, SHORT)) }
            (whole_prompt("prompt", &row.prompt))
        }
        @if !row.note.is_empty() { p.note { (text::clean(&row.note, 400)) } }
        (PreEscaped("<div class=\"cards side-by-side\">\n"))
    }
}

/// What stands below them.
pub(super) fn end(row: &Row) -> Markup {
    html! {
        (PreEscaped("</div>\n"))
        @if !row.votes.is_empty() {
            div.votes hidden {
                div.choices {
                    span {
                        @if let Some(number) = row.number { span.number { (number) } " " }
                        "Which is best?"
                    }
                    @for vote in &row.votes {
                        button type="button" title="copies the command that says so" data-copy=(text::clean(&vote.command, 400)) {
                            (text::clean(&vote.label, 80))
                        }
                    }
                }
                output {}
            }
            details.commands {
                summary { "Commands that say which is best" }
                ul {
                    @for vote in &row.votes { li { code { (text::clean(&vote.command, 400)) } } }
                }
            }
        }
        (PreEscaped("</section>\n"))
    }
}
