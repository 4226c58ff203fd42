//! One entry of a page: its picture or why there is none, and what is known about it.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::escape;
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
}

impl Card<'_> {
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let entry = self.entry;
        out.write_all(b"<article class=\"card\"")?;
        if let Some(ms) = entry.ms {
            write!(out, " data-ms=\"{ms}\"")?;
        }
        if let Cost::About(money) | Cost::Exact(money) = entry.cost {
            write!(out, " data-cost=\"{}\"", money.as_micros())?;
        }
        out.write_all(b">\n")?;
        match (&entry.image, &self.thumb) {
            (Some(_), Some(Ok(thumb))) => self.picture(out, thumb)?,
            (Some(_), Some(Err(why))) => self.missing(out, "Cannot be shown", why)?,
            (Some(_), None) => self.missing(out, "", "no thumbnail: the page is full")?,
            (None, _) => {
                let reason = entry.reason.as_deref().unwrap_or_default();
                self.missing(out, &entry.status.title(), reason)?;
            }
        }
        self.about(out)?;
        out.write_all(b"</article>\n")
    }

    fn picture(&self, out: &mut impl Write, thumb: &Thumb) -> io::Result<()> {
        let tag = self.open(out, "picture")?;
        let said =
            if self.entry.prompt.is_empty() { &self.entry.label } else { &self.entry.prompt };
        write!(out, "<img alt=\"{}\"", escape(&text::clean(said, SHORT)))?;
        if thumb.size.0 > 0 {
            write!(out, " width=\"{}\" height=\"{}\"", thumb.size.0, thumb.size.1)?;
        }
        write!(out, " loading=\"lazy\" decoding=\"async\" src=\"data:{};base64,", thumb.media)?;
        out.write_all(STANDARD.encode(&thumb.bytes).as_bytes())?;
        writeln!(out, "\"></{tag}>")
    }

    fn missing(&self, out: &mut impl Write, title: &str, why: &str) -> io::Result<()> {
        out.write_all(b"<div class=\"picture missing\">")?;
        if !title.is_empty() {
            write!(out, "<strong>{title}</strong>")?;
        }
        if !why.is_empty() {
            write!(out, "<p dir=\"auto\">{}</p>", escape(&text::clean(why, 1_000)))?;
        }
        if let Some(link) = &self.link {
            write!(out, "<a href=\"{link}\">Open the file</a>")?;
        }
        out.write_all(b"</div>\n")
    }

    /// Opens a link to the file, where there is one; answers with the tag to close.
    fn open(&self, out: &mut impl Write, class: &str) -> io::Result<&'static str> {
        match &self.link {
            Some(link) => write!(out, "<a class=\"{class}\" href=\"{link}\">").map(|()| "a"),
            None => write!(out, "<div class=\"{class}\">").map(|()| "div"),
        }
    }

    fn about(&self, out: &mut impl Write) -> io::Result<()> {
        let entry = self.entry;
        out.write_all(b"<div class=\"about\">\n")?;
        let label = escape(&text::clean(&entry.label, 160));
        if entry.prompt == self.shared || entry.prompt.is_empty() {
            writeln!(out, "<h2 class=\"label\">{label}</h2>")?;
        } else {
            let prompt = escape(&text::clean(&entry.prompt, SHORT));
            writeln!(out, "<h2 dir=\"auto\">{prompt}</h2>")?;
            whole_prompt(out, "prompt", &entry.prompt)?;
            writeln!(out, "<p class=\"model label\">{label}</p>")?;
        }
        let mut facts = entry.facts();
        facts.extend(entry.details());
        if entry.status.has_image() && entry.status != Status::Done {
            facts.push(entry.status.word().to_owned());
        }
        list(out, "facts", &facts)?;
        let name = entry.name.iter();
        let tags: Vec<String> = name.chain(&entry.tags).map(|tag| text::clean(tag, 60)).collect();
        list(out, "tags", &tags)?;
        let adjusted = entry.adjustments.iter().map(|text| text::clean(text, 400));
        list(out, "adjusted", &adjusted.collect::<Vec<_>>())?;
        out.write_all(b"</div>\n")
    }
}

/// A prompt that is shown cut elsewhere, to be unfolded.
pub(super) fn whole_prompt(out: &mut impl Write, class: &str, prompt: &str) -> io::Result<()> {
    if prompt.chars().count() <= SHORT {
        return Ok(());
    }
    let prompt = escape(prompt);
    writeln!(
        out,
        "<details class=\"{class}\"><summary>Whole prompt</summary><p dir=\"auto\">{prompt}</p></details>"
    )
}

fn list(out: &mut impl Write, class: &str, items: &[String]) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    write!(out, "<ul class=\"{class}\">")?;
    for item in items {
        write!(out, "<li>{}</li>", escape(item))?;
    }
    out.write_all(b"</ul>\n")
}
