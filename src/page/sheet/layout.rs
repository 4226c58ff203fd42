//! Where everything stands on a contact sheet: a header, rows of equal cells, lines of type.
//!
//! Pure geometry in pixels. Every line is measured and cut here, so nothing is painted over anything.

use super::super::thumb::fit;
use super::super::{Entry, Head, Totals};
use crate::render::{Face, Letters};
use crate::text;

/// The width of every sheet.
const WIDTH: f32 = 1600.0;
/// Around the whole.
pub(super) const MARGIN: f32 = 64.0;
/// Between columns.
pub(super) const GUTTER: f32 = 32.0;
/// Between rows.
const GAP: f32 = 48.0;
/// The tallest picture.
const TALLEST: f32 = 1000.0;
/// The least height of a picture, and where one is missing and its reason takes its place.
const SHORTEST: (f32, f32) = (160.0, 360.0);
/// A line's height in ems.
const LEADING: f32 = 1.28;

// Nothing is smaller than 22 pixels, which are 11 on a sheet seen at half its size.
const PROMPT: Face = Face { size: 40.0, weight: 0.022 };
const TOTALS: Face = Face { size: 24.0, weight: 0.018 };
const LABEL: Face = Face { size: 27.0, weight: 0.044 };
const FACTS: Face = Face { size: 24.0, weight: 0.018 };
const DETAILS: Face = Face { size: 22.0, weight: 0.014 };
const ALARM: Face = Face { size: 30.0, weight: 0.044 };

/// Which colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Paper,
    /// Behind an image.
    Mat,
    Rule,
    Text,
    Soft,
    Alarm,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Area {
    fn bottom(self) -> f32 {
        self.y + self.height
    }

    fn inset(self, by: f32) -> Area {
        Area {
            x: self.x + by,
            y: self.y + by,
            width: self.width - 2.0 * by,
            height: self.height - 2.0 * by,
        }
    }
}

/// A line of type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x: f32,
    pub(super) baseline: f32,
    pub(super) face: Face,
    pub(super) ink: Ink,
}

/// A sheet before it is painted.
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) lines: Vec<Line>,
    /// Filled rectangles, back to front.
    pub(super) areas: Vec<(Area, Ink)>,
    /// Where images go, one for each entry, in whole pixels.
    pub(super) pictures: Vec<Area>,
    /// Everything of an entry.
    cells: Vec<Area>,
    letters: Letters,
}

/// Columns for so many images: rows as equal as can be, and images as large as can be.
fn columns(count: usize) -> usize {
    match count {
        0 | 1 => 1,
        2 | 4 => 2,
        3 | 5 | 6 | 9 => 3,
        7..=12 => 4,
        13..=25 => 5,
        _ => 6,
    }
}

/// How many stand in each row; rows differ by one at most, the longer ones come first.
fn rows(count: usize) -> Vec<usize> {
    let rows = count.div_ceil(columns(count)).max(1);
    (0..rows).map(|row| count / rows + usize::from(row < count % rows)).collect()
}

/// The ratio of all picture boxes: the middle one of the images', within bounds.
fn ratio(entries: &[Entry]) -> f32 {
    let images = entries.iter().filter_map(|entry| entry.image.as_ref());
    let known = images.filter(|image| image.width > 0 && image.height > 0);
    let mut ratios: Vec<f32> =
        known.map(|image| image.width as f32 / image.height as f32).collect();
    ratios.sort_by(f32::total_cmp);
    ratios.get(ratios.len() / 2).map_or(1.0, |middle| middle.clamp(0.66, 2.0))
}

/// The height of all picture boxes of a width: no more than the tallest image fills.
fn height(entries: &[Entry], width: f32) -> f32 {
    let most = (width / ratio(entries)).min(TALLEST).floor();
    let images = entries.iter().filter_map(|entry| entry.image.as_ref());
    let known: Vec<_> = images.filter(|image| image.width > 0 && image.height > 0).collect();
    if known.is_empty() {
        return most;
    }
    let room = (width as u32, most as u32);
    let fitted = known.iter().map(|image| fit((image.width, image.height), room).1);
    let tallest = fitted.max().unwrap_or_default() as f32;
    let is_missing = entries.iter().any(|entry| entry.image.is_none());
    tallest.max(if is_missing { SHORTEST.1 } else { SHORTEST.0 }).min(most)
}

impl Layout {
    pub(super) fn new(head: &Head, totals: &Totals, entries: &[Entry]) -> Layout {
        let mut layout = Layout {
            width: WIDTH as u32,
            height: 0,
            lines: Vec::new(),
            areas: Vec::new(),
            pictures: Vec::new(),
            cells: Vec::new(),
            letters: Letters::new(),
        };
        let mut y = layout.header(head, totals);
        let columns = columns(entries.len());
        let width = (WIDTH - 2.0 * MARGIN - GUTTER * (columns - 1) as f32) / columns as f32;
        let height = height(entries, width);
        let mut rest = entries;
        for count in rows(entries.len()) {
            let (row, after) = rest.split_at(count);
            rest = after;
            let mut bottom = y;
            for (column, entry) in row.iter().enumerate() {
                let x = MARGIN + column as f32 * (width + GUTTER);
                // Images are pasted at whole pixels.
                let left = x.floor();
                let picture = Area { x: left, y, width: (x + width).floor() - left, height };
                bottom = bottom.max(layout.cell(entry, picture));
            }
            y = bottom + GAP;
        }
        layout.height = (y - GAP + MARGIN).ceil() as u32;
        layout
    }

    /// Sets lines from a top edge down; answers with their lower edge.
    fn set(&mut self, lines: Vec<String>, x: f32, top: f32, face: Face, ink: Ink) -> f32 {
        let mut y = top;
        for text in lines {
            let baseline = (y + face.size * 0.98).round();
            self.lines.push(Line { text, x, baseline, face, ink });
            y += (face.size * LEADING).round();
        }
        y
    }

    /// The prompt, the sums and a rule; answers with where the first row begins.
    fn header(&mut self, head: &Head, totals: &Totals) -> f32 {
        let room = WIDTH - 2.0 * MARGIN;
        let what = self.shown(&head.title);
        let prompt = self.shown(&head.prompt);
        // What cannot be written here stands on the page.
        let is_unread = !head.prompt.is_empty() && !prompt.contains(char::is_alphanumeric);
        let (title, what) = match prompt.as_str() {
            "" => (what, String::new()),
            _ if is_unread => (what, "the prompt stands on the page".to_owned()),
            _ => (prompt, what),
        };
        let prompt = self.letters.lines(&title, PROMPT.size, room, 3);
        let mut y = self.set(prompt, MARGIN, MARGIN - 8.0, PROMPT, Ink::Text) + 10.0;
        let sums = totals.parts().join(" · ");
        let what = [what, sums].into_iter().filter(|text| !text.is_empty());
        for text in [what.collect::<Vec<_>>().join(" · "), self.shown(&head.note)] {
            let lines = self.letters.lines(&text, TOTALS.size, room, 2);
            y = self.set(lines, MARGIN, y, TOTALS, Ink::Soft);
        }
        y = (y + 20.0).round();
        self.areas.push((Area { x: MARGIN, y, width: room, height: 2.0 }, Ink::Rule));
        y + 36.0
    }

    /// Text from outside as it is set: one line, and nothing that only changes how others look. For
    /// what the font has no letters of stands `…`, never a box.
    fn shown(&self, text: &str) -> String {
        let mut set = String::new();
        for letter in text::clean(text, 2_000).chars() {
            let is_mark = matches!(letter, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}');
            if letter == ' ' || self.letters.has(letter) {
                set.push(letter);
            } else if !is_mark && !set.trim_end().ends_with('…') {
                set.push('…');
            }
        }
        set
    }

    /// One entry; answers with its lower edge.
    fn cell(&mut self, entry: &Entry, picture: Area) -> f32 {
        self.areas.push((picture.inset(-1.0), Ink::Rule));
        self.areas.push((picture, Ink::Mat));
        if entry.image.is_none() {
            self.failure(entry, picture);
        }
        let Area { x, width, .. } = picture;
        let label = self.letters.lines(&self.shown(&entry.label), LABEL.size, width, 2);
        let mut y = self.set(label, x, picture.bottom() + 16.0, LABEL, Ink::Text) + 2.0;
        for (parts, face) in [(entry.facts(), FACTS), (entry.details(), DETAILS)] {
            let lines = self.letters.lines(&parts.join(" · "), face.size, width, 2);
            y = self.set(lines, x, y, face, Ink::Soft);
        }
        self.pictures.push(picture);
        self.cells.push(Area { height: y - picture.y, ..picture });
        y
    }

    /// Why there is no image, in its place.
    fn failure(&mut self, entry: &Entry, picture: Area) {
        let room = picture.inset((picture.width * 0.08).round());
        let word = match entry.status {
            status if status.has_image() => "Cannot be shown".to_owned(),
            status => status.title(),
        };
        let title = self.letters.lines(&word, ALARM.size, room.width, 1);
        let line = (FACTS.size * LEADING).round();
        let above = ALARM.size * LEADING + 8.0;
        let most = ((room.height - above) / line).max(0.0) as usize;
        let reason = self.shown(entry.reason.as_deref().unwrap_or_default());
        let reason = self.letters.lines(&reason, FACTS.size, room.width, most.min(9));
        let height = above + line * reason.len() as f32;
        let top = (room.y + (room.height - height) / 2.0).max(room.y);
        let y = self.set(title, room.x, top, ALARM, Ink::Alarm);
        self.set(reason, room.x, y + 8.0, FACTS, Ink::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::page::{Cost, Image, Status};

    fn entries(count: usize) -> Vec<Entry> {
        let one = |index: usize| {
            let failed = index % 4 == 3;
            let sizes = [(1024, 1024), (1536, 1024), (4000, 200), (200, 4000)];
            let (width, height) = sizes[index % 4];
            let image = Image { path: "x".into(), width, height };
            Entry {
                label: format!("openrouter/black-forest-labs/flux-{}-pro-ultra", "x".repeat(index)),
                status: if failed { Status::Refused } else { Status::Done },
                image: (!failed).then_some(image),
                seed: Some(u64::MAX),
                cost: Cost::About(Money::micros(1_234)),
                ms: Some(61_000),
                reason: failed.then(|| "the content policy refused it ".repeat(1 + index * 3)),
                ..Entry::default()
            }
        };
        (0..count).map(one).collect()
    }

    fn layout(count: usize) -> Layout {
        let prompt = "a lighthouse 灯台 at dusk, ".repeat(30);
        let head = Head { prompt, note: "names are hidden".to_owned(), ..Head::default() };
        let totals = Totals { run: "261122-7f3k9q2m".to_owned(), ..Totals::default() };
        Layout::new(&head, &totals, &entries(count))
    }

    /// The box that a line fills, from its ascenders to its descenders.
    fn extent(layout: &Layout, line: &Line) -> Area {
        let width = layout.letters.width(&line.text, line.face.size);
        let (y, height) = (line.baseline - line.face.size * 0.78, line.face.size);
        Area { x: line.x, y, width, height }
    }

    fn overlap(one: Area, other: Area) -> bool {
        one.x < other.x + other.width
            && other.x < one.x + one.width
            && one.y < other.bottom()
            && other.y < one.bottom()
    }

    fn holds(outer: Area, inner: Area) -> bool {
        inner.x >= outer.x - 0.01
            && inner.y >= outer.y - 0.01
            && inner.x + inner.width <= outer.x + outer.width + 0.01
            && inner.bottom() <= outer.bottom() + 0.01
    }

    #[test]
    fn rows_are_balanced() {
        for count in 1..=40 {
            let rows = rows(count);
            assert_eq!(rows.iter().sum::<usize>(), count);
            let (most, least) = (rows.iter().max().unwrap(), rows.iter().min().unwrap());
            assert!(most - least <= 1 && *most <= columns(count), "{count}: {rows:?}");
            assert!(count < 4 || *least > 1, "{count}: no image stands alone in {rows:?}");
        }
        assert_eq!([4, 5, 7, 10, 12].map(rows).map(|rows| rows.len()), [2, 2, 2, 3, 3]);
    }

    #[test]
    fn nothing_overlaps_and_every_line_is_inside_its_place() {
        for count in 1..=12 {
            let layout = layout(count);
            let sheet = Area { x: 0.0, y: 0.0, width: WIDTH, height: layout.height as f32 };
            let page = sheet.inset(MARGIN - 12.0);
            assert_eq!(layout.cells.len(), count);
            for (index, cell) in layout.cells.iter().enumerate() {
                assert!(holds(page, *cell), "{count}: cell {index} leaves the margins");
                for other in &layout.cells[index + 1..] {
                    assert!(!overlap(*cell, *other), "{count}: cells overlap");
                }
            }
            let lines: Vec<Area> = layout.lines.iter().map(|line| extent(&layout, line)).collect();
            let top = layout.cells[0].y;
            for (index, line) in lines.iter().enumerate() {
                let inside = layout.cells.iter().any(|cell| holds(*cell, *line));
                let text = &layout.lines[index].text;
                let in_header = line.bottom() < top && holds(page, *line);
                assert!(inside || in_header, "{count}: `{text}` leaves its place");
                for other in &lines[index + 1..] {
                    assert!(!overlap(*line, *other), "{count}: `{text}` is written over");
                }
            }
        }
    }

    #[test]
    fn small_images_make_low_boxes() {
        let entry = |size: u32| {
            let image = Image { path: "x".into(), width: size, height: size };
            Entry { image: Some(image), ..Entry::default() }
        };
        for (entries, high) in [
            (&[entry(2048), entry(2048)][..], 720.0),
            (&[entry(256), entry(200)], 256.0),
            (&[entry(16), entry(16)], 160.0),
            (&[entry(256), Entry::default()], 360.0),
            (&[Entry::default()], 720.0),
        ] {
            assert_eq!(height(entries, 720.0), high, "{entries:?}");
        }
    }

    #[test]
    fn no_letter_is_a_box() {
        let said = |prompt: &str| {
            let head = Head {
                title: "Comparison".to_owned(),
                prompt: prompt.to_owned(),
                ..Head::default()
            };
            let label = format!("{prompt} 1");
            let layout =
                Layout::new(&head, &Totals::default(), &[Entry { label, ..Entry::default() }]);
            let letters = layout.lines.iter().flat_map(|line| line.text.chars());
            assert!(letters.clone().all(|c| c == ' ' || layout.letters.has(c)), "{prompt}");
            layout.lines[..2].iter().map(|line| line.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(said("a cafe\u{301} 灯台 at dusk 🦊\u{fe0f}")[0], "a cafe … at dusk …");
        for prompt in ["夕暮れの東京タワー", "صورة قطة", "🦊🌲", "कुत्ता"]
        {
            let told = ["Comparison", "the prompt stands on the page · 0 images · free"];
            assert_eq!(said(prompt)[0], told[0]);
            assert!(said(prompt)[1].starts_with("the prompt stands on the page"), "{prompt}");
        }
    }

    #[test]
    fn every_failure_says_why() {
        let layout = layout(8);
        let said = |text: &str| layout.lines.iter().filter(|line| line.text == text).count();
        assert_eq!(said("Refused"), 2);
        let inside = layout.pictures[3];
        let reason = layout.lines.iter().filter(|line| holds(inside, extent(&layout, line)));
        assert!(reason.count() > 2);
    }

    #[test]
    fn boxes_follow_the_images() {
        let of = |width, height| {
            let image = Some(Image { path: "x".into(), width, height });
            ratio(&[Entry { image, ..Entry::default() }])
        };
        assert_eq!(of(1536, 1024), 1.5);
        assert_eq!(of(8000, 10), 2.0);
        assert_eq!(of(10, 8000), 0.66);
        assert_eq!(of(0, 0), 1.0);
    }
}
