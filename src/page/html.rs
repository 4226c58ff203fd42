//! A self-contained page of images: a comparison side by side, or the gallery of a batch.
//!
//! Written entry by entry, so a gallery of any length needs no more memory than one image. Thumbnails
//! are inside; links lead to the files, relative to the page. Nothing is loaded from elsewhere, and
//! all of it can be read without the script, which only adds a filter, an order and a larger view.

mod card;
pub(crate) mod chart;
mod frame;
mod link;
mod row;

use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use self::frame::Whole;
pub(crate) use self::frame::page;
use super::seal::PageKind;
use super::{Entry, Head, Row, Totals, thumb};
use crate::text;

const SCRIPT: &str = include_str!("html/page.js");

/// Room for the sums, which stand at the top and are known at the end, in bytes.
const SUMS: usize = 1024;

/// Entries above which a page lays out only those that are near what is seen.
const MANY: usize = 200;

/// Entries up to which a page makes use of all its width.
const FEW: usize = 4;

/// What all thumbnails of a page may take together, in bytes of their files: browsers still open the
/// page quickly. Entries after that only link to their file.
const EMBEDDED: usize = 48 << 20;

/// The longer edge of thumbnails and their JPEG quality, by the number of entries up to which they
/// are made so.
const SIZES: [(usize, u32, u8); 4] =
    [(24, 960, 84), (400, 480, 80), (2_000, 320, 74), (usize::MAX, 200, 66)];

/// A page under way.
pub(crate) struct Page<W> {
    out: W,
    /// Where the page will be: links are relative to it.
    directory: PathBuf,
    head: Head,
    /// Where the room for the sums is.
    sums: u64,
    edge: u32,
    quality: u8,
    /// Bytes of thumbnails that may still be embedded.
    room: usize,
}

impl<W: Write + Seek> Page<W> {
    /// Begins a page that will stand in a directory. Wrap a file in a `BufWriter`.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn begin(mut out: W, directory: &Path, head: &Head) -> io::Result<Page<W>> {
        let is_shared = !head.prompt.is_empty();
        let named =
            if is_shared { format!("{}: {}", head.title, head.prompt) } else { head.title.clone() };
        let kind = if head.has_rows { PageKind::Comparison } else { PageKind::Gallery };
        let title = if is_shared { &head.prompt } else { &head.title };
        let top = html! {
            (frame::begin(kind, &named, "", Some(SCRIPT)))
            (PreEscaped("<header class=\"top\">\n"))
            @if is_shared { p.kind { (Whole(&head.title)) } }
            h1 dir="auto" { (text::clean(title, card::SHORT)) }
            @if is_shared { (card::whole_prompt("words-all", &head.prompt)) }
            (PreEscaped("<p class=\"totals\">"))
        };
        let many = if head.expected > MANY { " many" } else { "" };
        let cards = match is_shared {
            _ if head.has_rows => "rows",
            true => "cards side-by-side",
            false if head.expected <= FEW => "cards few",
            false => "cards",
        };
        let rest = html! {
            (PreEscaped("</p>\n"))
            @if !head.note.is_empty() { p.note { (card::with_commands(&head.note)) } }
            (tools(!head.has_rows))
            (PreEscaped("</header>\n")) (PreEscaped(format!("<main class=\"{cards}{many}\">\n")))
        };
        out.write_all(top.into_string().as_bytes())?;
        let sums = out.stream_position()?;
        out.write_all(&[b' '; SUMS])?;
        out.write_all(rest.into_string().as_bytes())?;
        let (_, edge, quality) =
            SIZES.into_iter().find(|(most, ..)| head.expected <= *most).unwrap_or(SIZES[3]);
        let directory = directory.to_owned();
        Ok(Page { out, directory, head: head.clone(), sums, edge, quality, room: EMBEDDED })
    }

    /// Adds an entry. An image that cannot be read is told in its place.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let shared = self.head.prompt.clone();
        self.card(entry, &shared, false)
    }

    /// Adds a row of entries with what they share above them, and how to judge them below.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn row(&mut self, row: &Row, entries: &[Entry]) -> io::Result<()> {
        self.out.write_all(row::begin(row).into_string().as_bytes())?;
        let is_below = row.number.is_some();
        entries.iter().try_for_each(|entry| self.card(entry, &row.prompt, is_below))?;
        self.out.write_all(row::end(row).into_string().as_bytes())
    }

    fn card(&mut self, entry: &Entry, shared: &str, is_below: bool) -> io::Result<()> {
        let thumb = match &entry.image {
            Some(image) if self.room > 0 => {
                let made = thumb::embedded(&image.path, self.edge, self.quality);
                // A file as it came may name its model.
                let safe =
                    made.and_then(|thumb| match entry.is_blind && thumb.media != thumb::JPEG {
                        true => Err("files of this format are not shown here".to_owned()),
                        false => Ok(thumb),
                    });
                Some(safe)
            }
            _ => None,
        };
        if let Some(Ok(thumb)) = &thumb {
            self.room = self.room.saturating_sub(thumb.bytes.len());
        }
        let link = entry.image.as_ref().filter(|_| !entry.is_blind);
        let link = link.and_then(|image| link::link(&self.directory, &image.path));
        let card = card::Card { entry, shared, thumb, link, is_below };
        self.out.write_all(card.markup().into_string().as_bytes())
    }

    /// Ends the page and writes the sums into its head; answers with the writer, flushed.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn finish(mut self, totals: &Totals) -> io::Result<W> {
        let rest = html! {
            (PreEscaped("</main>\n")) (view()) (frame::end(Some(SCRIPT)))
        };
        self.out.write_all(rest.into_string().as_bytes())?;
        let sums = html! {
            @for (at, part) in totals.parts().iter().enumerate() {
                @if at > 0 { " · " }
                span { (Whole(part)) }
            }
        };
        let sums = sums.into_string();
        if sums.len() <= SUMS {
            self.out.seek(SeekFrom::Start(self.sums))?;
            self.out.write_all(sums.as_bytes())?;
            self.out.seek(SeekFrom::End(0))?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Shown by the script.
fn tools(has_order: bool) -> Markup {
    html! {
        div.tools hidden {
            input type="search" placeholder="Filter" aria-label="Filter by prompt, model or tag";
            select aria-label="Order" hidden[!has_order] {
                option value="" { "as written" }
                option value="ms" { "fastest first" }
                option value="cost" { "cheapest first" }
            }
            output {}
        }
    }
}

/// The larger view, opened by the script.
fn view() -> Markup {
    html! {
        dialog aria-labelledby="shown" {
            figure {
                img alt="" decoding="sync";
                figcaption {
                    button type="button" data-step="-1" { "Previous" }
                    button type="button" data-step="1" { "Next" }
                    span id="shown" aria-live="polite" {}
                    a { "Open the file" }
                    button type="button" { "Close" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
