//! One entry of a page: its picture or why there is none, and what is known about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

use super::frame::Whole;
use crate::page::thumb::Thumb;
use crate::page::{Cost, Entry, Status};
use crate::text;

/// Characters of a prompt that are always shown, and read out for its image; the rest unfolds.
pub(super) const SHORT: usize = 200;

/// An entry and what was found out for it.
pub(super) struct Card<'a> {
    pub(super) entry: &'a Entry,
    /// The prompt that stands above all entries, or empty.
    pub(super) shared: &'a str,
    /// The thumbnail, or why there is none; `None` when the page holds no more.
    pub(super) thumb: Option<Result<Thumb, String>>,
    /// Where the file is, from the page.
    pub(super) link: Option<String>,
    /// Whether a heading of its row stands above it.
    pub(super) is_below: bool,
}

impl Card<'_> {
    pub(super) fn markup(&self) -> Markup {
        let entry = self.entry;
        let cost = match entry.cost {
            Cost::About(money) | Cost::Exact(money) => Some(money.as_micros()),
            Cost::Untold | Cost::Uncertain(_) | Cost::Unknown => None,
        };
        html! {
            article.card data-ms=[entry.ms] data-cost=[cost] {
                @match (&entry.image, &self.thumb) {
                    (Some(_), Some(Ok(thumb))) => (self.picture(thumb)),
                    (Some(_), Some(Err(why))) => (self.missing("Cannot be shown", why)),
                    (Some(_), None) => (self.missing("", "no thumbnail: the page is full")),
                    (None, _) => {
                        (self.missing(&entry.status.title(), entry.reason.as_deref().unwrap_or_default()))
                    }
                }
                (self.about())
            }
            "\n"
        }
    }

    fn picture(&self, thumb: &Thumb) -> Markup {
        let Entry { label, prompt, .. } = self.entry;
        let said = match prompt {
            none if none.is_empty() => label.clone(),
            // Images that share a prompt are told from one another by what made them.
            shared if shared == self.shared => format!("{label}: {shared}"),
            own => own.clone(),
        };
        let size = |edge: u32| (thumb.size.0 > 0).then_some(edge);
        let class = thumb.is_whole.then_some("whole");
        let image = html! {
            img class=[class] alt=(text::clean(&said, SHORT)) width=[size(thumb.size.0)] height=[size(thumb.size.1)]
                decoding="sync"
                src={ "data:" (thumb.media) ";base64," (PreEscaped(STANDARD.encode(&thumb.bytes))) };
        };
        html! {
            @if let Some(link) = &self.link { a.picture href=(link) { (image) } }
            @else { button.picture type="button" { (image) } }
        }
    }

    fn missing(&self, title: &str, why: &str) -> Markup {
        html! {
            div.picture.missing {
                @if !title.is_empty() { strong { (title) } }
                @if !why.is_empty() { p dir="auto" { (text::clean(why, 1_000)) } }
                @if let Some(link) = &self.link { a href=(link) { "Open the file" } }
            }
        }
    }

    fn about(&self) -> Markup {
        let entry = self.entry;
        let label = text::clean(&entry.label, 160);
        let mut facts = entry.facts();
        facts.extend(entry.details());
        if entry.status.has_image() && entry.status != Status::Done {
            facts.push(entry.status.word().to_owned());
        }
        let tags = entry.name.iter().chain(&entry.tags).map(|tag| text::clean(tag, 60));
        let adjusted: Vec<Markup> =
            entry.adjustments.iter().map(|text| isolated(&text::clean(text, 400))).collect();
        html! {
            div.about {
                @if entry.prompt == self.shared || entry.prompt.is_empty() {
                    @if self.is_below { h3.label { (label) } } @else { h2.label { (label) } }
                } @else {
                    h2 dir="auto" { (text::clean(&entry.prompt, SHORT)) }
                    (whole_prompt("prompt", &entry.prompt))
                    p.model.label { (label) }
                }
                (list("facts", facts))
                (list("tags", tags.collect()))
                @if !adjusted.is_empty() {
                    ul.adjusted { @for line in adjusted { li { (line) } } }
                }
            }
        }
    }
}

/// A prompt that is shown cut elsewhere, to be unfolded.
pub(super) fn whole_prompt(class: &str, prompt: &str) -> Markup {
    html! {
        @if prompt.chars().count() > SHORT {
            details class=(class) { summary { "Whole prompt" } p dir="auto" { (Whole(prompt)) } }
        }
    }
}

/// A sentence whose runs in backticks are commands.
pub(super) fn with_commands(sentence: &str) -> Markup {
    html! {
        @for (at, run) in sentence.split('`').enumerate() {
            @if at % 2 == 1 { code { (Whole(run)) } } @else { (Whole(run)) }
        }
    }
}

/// A sentence whose quoted runs keep their direction to themselves.
fn isolated(sentence: &str) -> Markup {
    html! {
        @for (at, run) in sentence.split('"').enumerate() {
            @if at > 0 { "\"" }
            @if at % 2 == 1 { bdi { (run) } } @else { (run) }
        }
    }
}

fn list(class: &str, items: Vec<String>) -> Markup {
    html! {
        @if !items.is_empty() { ul class=(class) { @for item in items { li { (item) } } } }
    }
}
