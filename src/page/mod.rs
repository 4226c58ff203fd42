//! Images side by side: a contact sheet as one PNG, and a self-contained HTML page.
//!
//! Both are made from entries, one an image or a failure in its place, with what is worth knowing
//! about each. Images are read one at a time. What an entry does not hold cannot be shown: a blind
//! comparison is made of blinded entries.

pub(crate) mod html;
pub(crate) mod seal;
pub(crate) mod sheet;
mod thumb;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::money::Money;
use crate::text;

/// How the image of an entry came about, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Status {
    /// Made now.
    #[default]
    Done,
    /// From the cache.
    Cached,
    /// Made by an earlier run.
    Before,
    /// A drawing that only stands for the image.
    Rehearsed,
    /// Refused by content policy.
    Refused,
    /// It failed otherwise.
    Failed,
    /// It may yet come, or nobody knows.
    Open,
    /// Its file is no longer where it was saved.
    Gone,
    /// A signal ended it.
    Interrupted,
}

impl Status {
    /// In words, for a heading: `Refused`.
    fn title(self) -> String {
        let mut word = self.word().to_owned();
        word[..1].make_ascii_uppercase();
        word
    }

    /// In words.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Cached => "from cache",
            Status::Before => "made before",
            Status::Rehearsed => "sketch",
            Status::Refused => "refused",
            Status::Failed => "failed",
            Status::Open => "open",
            Status::Gone => "file gone",
            Status::Interrupted => "interrupted",
        }
    }

    /// Whether an image comes with it.
    pub(crate) fn has_image(self) -> bool {
        matches!(self, Status::Done | Status::Cached | Status::Before | Status::Rehearsed)
    }
}

/// What an entry cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Cost {
    /// Nothing that is worth a word: not billed, or told with another entry.
    #[default]
    Untold,
    /// So much may be gone, or nothing.
    Uncertain(Money),
    /// It was billed, and nobody knows how much.
    Unknown,
    /// About so much.
    About(Money),
    /// So much.
    Exact(Money),
}

impl Cost {
    /// For people; `None` where there is nothing to tell.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Cost::Untold => None,
            Cost::Uncertain(money) => Some(format!("{money} maybe billed")),
            Cost::Unknown => Some("cost unknown".to_owned()),
            Cost::Exact(money) => Some(money.cost()),
            Cost::About(money) => Some(money.cost_about()),
        }
    }
}

/// An image on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Image {
    /// Its absolute path.
    pub path: PathBuf,
    /// Pixels; zero when unknown.
    pub width: u32,
    /// Pixels; zero when unknown.
    pub height: u32,
}

/// One image with what is worth knowing about it, or the failure that stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    /// The model, `provider/name`; in a blind comparison a letter.
    pub label: String,
    /// The prompt as asked.
    pub prompt: String,
    /// What the user calls the job.
    pub name: Option<String>,
    /// How it went.
    pub status: Status,
    /// The file, if there is one.
    pub image: Option<Image>,
    /// The seed used.
    pub seed: Option<u64>,
    /// What it cost.
    pub cost: Cost,
    /// From the job's start to its end, in milliseconds.
    pub ms: Option<u64>,
    /// What the user calls it besides.
    pub tags: Vec<String>,
    /// What is not exactly as asked, a sentence each.
    pub adjustments: Vec<String>,
    /// Why there is no image, in words.
    pub reason: Option<String>,
    /// Its names are hidden: nothing may lead to them, not even the name of its file.
    pub is_blind: bool,
}

impl Entry {
    /// The same under a letter (`A` for 0, `B` for 1, …), without whatever could give its model away:
    /// no cost, time, seed, adjustments, tags, or words of the provider, and no link to its file.
    pub(crate) fn blinded(&self, index: usize) -> Entry {
        let reason = (!self.status.has_image()).then(|| match self.status {
            Status::Refused => "the content policy refused it".to_owned(),
            other => other.word().to_owned(),
        });
        Entry {
            label: letter(index),
            prompt: self.prompt.clone(),
            status: self.status,
            image: self.image.clone(),
            reason,
            is_blind: true,
            ..Entry::default()
        }
    }

    /// Time and cost, for people: `2.1 s`, `$0.04`.
    fn facts(&self) -> Vec<String> {
        let time = self.ms.map(|ms| text::duration(Duration::from_millis(ms)));
        time.into_iter().chain(self.cost.text()).collect()
    }

    /// Size and seed: `1024×1024`, `seed 7`.
    fn details(&self) -> Vec<String> {
        let size = self.image.as_ref().filter(|image| image.width > 0);
        let size = size.map(|image| format!("{}×{}", image.width, image.height));
        size.into_iter().chain(self.seed.map(|seed| format!("seed {seed}"))).collect()
    }
}

/// `A`, `B`, … `Z`, `AA`, `AB`, … for 0, 1, ….
pub(crate) fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

/// An image made small, its longer edge at most `edge` pixels: its media type and its bytes. It blocks.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(crate) fn small_image(
    path: &Path,
    edge: u32,
    quality: u8,
) -> Result<(&'static str, Vec<u8>), String> {
    small_image_of(image_bytes(path)?, edge, quality)
}

/// The same of an image that was read.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(crate) fn small_image_of(
    bytes: Vec<u8>,
    edge: u32,
    quality: u8,
) -> Result<(&'static str, Vec<u8>), String> {
    thumb::shown(bytes, edge, quality).map(|thumb| (thumb.media, thumb.bytes))
}

/// The bytes of an image file, as long as it may be shown. It blocks.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(crate) fn image_bytes(path: &Path) -> Result<Vec<u8>, String> {
    thumb::read(path)
}

/// What stands above the entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// What it is: `Comparison`, or the name of a batch.
    pub title: String,
    /// The prompt that all entries share; empty when each has its own.
    pub prompt: String,
    /// A sentence for the reader, such as how to vote; empty for none.
    pub note: String,
    /// How many entries there will be, about; the size of the thumbnails follows it.
    pub expected: usize,
    /// Whether the entries come in rows.
    pub has_rows: bool,
}

/// Entries that stand beside one another: one prompt of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    /// Which prompt it is, from 1; none where the page has only one.
    pub number: Option<usize>,
    /// The prompt as asked.
    pub prompt: String,
    /// A sentence for the reader, such as what was judged; empty for none.
    pub note: String,
    /// What can be judged, each with the command that does.
    pub votes: Vec<Vote>,
}

/// One way to judge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Vote {
    /// What is chosen: a letter, a name, `tie` or `none`.
    pub label: String,
    /// What to type.
    pub command: String,
}

/// Sums over the entries, those of a blind comparison before they are blinded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// Images that are shown.
    pub images: usize,
    /// Of these, made by an earlier run.
    pub before: usize,
    /// Refused by content policy.
    pub refused: usize,
    /// Failed otherwise.
    pub failed: usize,
    /// Whatever else has no image: open, gone, interrupted.
    pub open: usize,
    /// Spent in this run.
    pub spent: Money,
    /// Whether `spent` is partly an estimate.
    pub is_about: bool,
    /// Images of this run that were billed and whose price nobody told.
    pub unpriced: usize,
    /// What may have been spent beside that.
    pub uncertain: Money,
    /// Jobs that were to be made and were not begun.
    pub unbegun: usize,
    /// From start to end, in milliseconds.
    pub ms: u64,
    /// The run's id; empty for none.
    pub run: String,
}

impl Totals {
    /// Adds an entry; what was made before or came from the cache was not paid in this run.
    pub(crate) fn add(&mut self, entry: &Entry) {
        match entry.status {
            Status::Refused => self.refused += 1,
            Status::Failed => self.failed += 1,
            Status::Open | Status::Gone | Status::Interrupted => self.open += 1,
            Status::Before => {
                self.images += 1;
                self.before += 1;
            }
            Status::Done | Status::Cached | Status::Rehearsed => self.images += 1,
        }
        if entry.status == Status::Before || entry.status == Status::Gone {
            return;
        }
        match entry.cost {
            // It is a sum of its own, over all attempts.
            Cost::Untold | Cost::Uncertain(_) => {}
            Cost::Unknown => self.unpriced += 1,
            Cost::Exact(money) => self.spent = self.spent + money,
            Cost::About(money) => {
                self.spent = self.spent + money;
                self.is_about = true;
            }
        }
    }

    /// What it cost; nothing where nothing was made for it either.
    fn cost(&self) -> Option<String> {
        let is_free = self.images > 0 && self.unpriced == 0 && self.uncertain == Money::ZERO;
        let is_told = self.spent > Money::ZERO || is_free;
        is_told.then(|| if self.is_about { self.spent.cost_about() } else { self.spent.cost() })
    }

    /// In words: `12 images`, `4 made before`, `1 refused`, `$0.12`, `18.0 s`, `run 261122-7f3k9q2m`.
    pub(crate) fn parts(&self) -> Vec<String> {
        let images = match self.images {
            1 => "1 image".to_owned(),
            many => format!("{many} images"),
        };
        let counted = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
        [
            Some(images),
            counted(self.before, "made before"),
            counted(self.refused, "refused"),
            counted(self.failed, "failed"),
            counted(self.open, "without an image"),
            counted(self.unbegun, "not begun"),
            self.cost(),
            counted(self.unpriced, "of unknown cost"),
            (self.uncertain > Money::ZERO).then(|| format!("{} maybe billed", self.uncertain)),
            (self.ms > 0).then(|| text::duration(Duration::from_millis(self.ms))),
            (!self.run.is_empty()).then(|| format!("run {}", self.run)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            label: "fal/flux-dev".to_owned(),
            prompt: "a fox".to_owned(),
            name: Some("flux".to_owned()),
            status: Status::Failed,
            image: Some(Image { path: "/x/flux-dev.png".into(), width: 3, height: 2 }),
            seed: Some(7),
            cost: Cost::About(Money::micros(40_000)),
            ms: Some(2_100),
            tags: vec!["flux".to_owned()],
            adjustments: vec!["flux takes no seed".to_owned()],
            reason: Some("flux-dev is down".to_owned()),
            is_blind: false,
        }
    }

    #[test]
    fn a_blinded_entry_holds_no_name() {
        let blinded = entry().blinded(1);
        assert_eq!(blinded.label, "B");
        let held = Entry { image: None, ..blinded.clone() };
        assert!(!format!("{held:?}").contains("flux"), "{held:?}");
        assert_eq!(blinded.image, entry().image, "the pixels are still to be read");
        assert_eq!(blinded.facts(), Vec::<String>::new());
        assert_eq!(blinded.details(), ["3×2"]);
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27, 52, 702].map(letter), ["A", "Z", "AA", "AB", "BA", "AAA"]);
    }

    #[test]
    fn facts_are_short() {
        assert_eq!(entry().facts(), ["2.1 s", "~$0.04"]);
        assert_eq!(entry().details(), ["3×2", "seed 7"]);
        assert_eq!(Cost::Exact(Money::ZERO).text().as_deref(), Some("free"));
        assert_eq!(Cost::Unknown.text().as_deref(), Some("cost unknown"));
    }

    #[test]
    fn totals_count_only_what_this_run_paid() {
        let mut totals = Totals { ms: 18_000, run: "r".to_owned(), ..Totals::default() };
        let cents = |n: u64| Cost::Exact(Money::micros(n * 10_000));
        for (status, cost) in [
            (Status::Done, cents(3)),
            (Status::Before, cents(50)),
            (Status::Cached, Cost::Exact(Money::ZERO)),
            (Status::Refused, Cost::Untold),
            (Status::Failed, cents(2)),
            (Status::Done, Cost::Unknown),
            (Status::Open, Cost::Untold),
        ] {
            totals.add(&Entry { status, cost, ..Entry::default() });
        }
        let parts = totals.parts().join(" · ");
        let expected = "4 images · 1 made before · 1 refused · 1 failed · 1 without an image · $0.05 \
            · 1 of unknown cost · 18.0 s · run r";
        assert_eq!(parts, expected);
        let may_cost = Totals { images: 1, uncertain: Money::micros(50_000), ..Totals::default() };
        assert_eq!(may_cost.parts(), ["1 image", "$0.05 maybe billed"], "not free as well");
    }
}
