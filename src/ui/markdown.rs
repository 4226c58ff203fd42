//! Markdown as a terminal shows it: headings in bold, paragraphs and lists wrapped, code indented as it
//! stands, a table of two columns as terms and what they mean.
//!
//! Pure: text and a width in, text out.

use dialoguer::console::measure_text_width;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::paint::Paint;
use super::wrap;

/// Blanks before what belongs to a heading's list, code or term.
const INDENT: usize = 2;
/// Terms wider than this stand on a line of their own.
const WIDEST_TERM: usize = 24;
/// Below so many columns every term does.
const NARROW: usize = 60;

/// The text of a page, no line wider than `width` terminal columns, unless it is code or one word.
pub(crate) fn render(markdown: &str, width: usize, paint: Paint) -> String {
    let mut page = Page { width, paint, ..Page::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.take(event);
    }
    page.out.trim_end().to_owned() + "\n"
}

/// A page while it is laid out.
#[derive(Default)]
struct Page {
    width: usize,
    paint: Paint,
    out: String,
    /// The words of the block that is being read.
    text: String,
    /// For each open list the number of its next item, if they are numbered.
    lists: Vec<Option<u64>>,
    /// What stands before the first line of the item that is being read.
    bullet: String,
    cells: Vec<String>,
    rows: Vec<[String; 2]>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(text) => self.text.push_str(&format!("`{text}`")),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Start(tag) => self.open(&tag),
            Event::End(tag) => self.close(tag),
            _ => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.end_block();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.bullet = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::Paragraph => self.end_block(),
            TagEnd::Item => {
                self.end_block();
                self.bullet.clear();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.out.push('\n');
            }
            TagEnd::CodeBlock => self.code(),
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.text)),
            // The head only names the columns.
            TagEnd::TableHead => self.cells.clear(),
            TagEnd::TableRow => {
                let mut cells = std::mem::take(&mut self.cells).into_iter();
                let term = cells.next().unwrap_or_default();
                self.rows.push([term, cells.collect::<Vec<_>>().join("; ")]);
            }
            TagEnd::Table => self.table(),
            _ => {}
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let text = std::mem::take(&mut self.text);
        let text = if level == HeadingLevel::H1 { text } else { text.to_uppercase() };
        for line in wrap::column(&text, self.width) {
            self.out.push_str(&self.paint.bold(&line));
            self.out.push('\n');
        }
        if level == HeadingLevel::H1 {
            self.out.push('\n');
        }
    }

    /// A paragraph, or what a tight list's item holds.
    fn end_block(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        let before = " ".repeat(INDENT * self.lists.len().saturating_sub(1));
        let first = format!("{before}{}", self.bullet);
        let more = " ".repeat(measure_text_width(&first));
        self.bullet = " ".repeat(self.bullet.len());
        for (at, line) in
            wrap::column(&text, self.width.saturating_sub(more.len())).iter().enumerate()
        {
            self.out.push_str(if at == 0 { &first } else { &more });
            self.out.push_str(line);
            self.out.push('\n');
        }
        if self.lists.is_empty() {
            self.out.push('\n');
        }
    }

    fn code(&mut self) {
        for line in std::mem::take(&mut self.text).lines() {
            let blanks = " ".repeat(if line.is_empty() { 0 } else { 2 * INDENT });
            let lines = match self.width < NARROW && line.trim_start().starts_with("pinx ") {
                true => wrap::command(line, self.width.saturating_sub(blanks.len())),
                false => vec![line.to_owned()],
            };
            for line in lines {
                self.out.push_str(&blanks);
                self.out.push_str(&self.code_line(&line));
                self.out.push('\n');
            }
        }
        self.out.push('\n');
    }

    /// A line of code, its comment in the background.
    fn code_line(&self, line: &str) -> String {
        match line.find("# ") {
            Some(at) if at == 0 || line[..at].ends_with(' ') => {
                format!("{}{}", &line[..at], self.paint.dim(&line[at..]))
            }
            _ => line.to_owned(),
        }
    }

    fn table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let wide = |row: &[String; 2]| measure_text_width(&row[0]);
        let widest = rows.iter().map(wide).filter(|wide| *wide <= WIDEST_TERM).max();
        let beside = widest.filter(|_| self.width >= NARROW).unwrap_or(0);
        for row in &rows {
            let term = self.paint.bold(&row[0]);
            let fits = beside > 0 && wide(row) <= beside;
            let column = if beside > 0 { INDENT + beside + 2 } else { 2 * INDENT };
            let first = if fits {
                format!("{}{term}{}", " ".repeat(INDENT), " ".repeat(beside + 2 - wide(row)))
            } else {
                for line in wrap::column(&term, self.width.saturating_sub(INDENT)) {
                    self.out.push_str(&format!("{}{line}\n", " ".repeat(INDENT)));
                }
                " ".repeat(column)
            };
            let lines = wrap::column(&row[1], self.width.saturating_sub(column));
            for (at, line) in lines.iter().enumerate() {
                let before = if at == 0 { first.clone() } else { " ".repeat(column) };
                self.out.push_str(&format!("{before}{line}\n"));
            }
        }
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# money: what it costs\n\nBefore a run pinx knows `what it will cost`, and \
        so do you.\nAfterwards it is told.\n\n## Limits\n\n- `budget.day` holds over all commands, \
        also at once\n- another\n\n1. first\n2. second\n\n```sh\npinx a   # dear\n\n  pinx b\n```\n\n\
        | code | meaning |\n|---|---|\n| 0 | all is done and nothing at all is left to be done |\n\
        | `a-word-that-is-far-wider` | odd |\n";

    #[test]
    fn a_page_is_laid_out() {
        let text = render(PAGE, 60, Paint(false));
        assert_eq!(
            text,
            "money: what it costs\n\n\
             Before a run pinx knows `what it will cost`, and so do you.\nAfterwards it is told.\n\n\
             LIMITS\n\
             - `budget.day` holds over all commands, also at once\n- another\n\n\
             1. first\n2. second\n\n    pinx a   # dear\n\n      pinx b\n\n  \
             0  all is done and nothing at all is left to be done\n  \
             `a-word-that-is-far-wider`\n     odd\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for width in [24, 30, 40, 60, 79] {
            let text = render(PAGE, width, Paint(true));
            let is_wide = |line: &&str| measure_text_width(line) > width.max(30);
            assert_eq!(text.lines().find(is_wide), None, "{width}");
        }
        assert!(render(PAGE, 79, Paint(true)).contains("\x1b[1mLIMITS\x1b[0m"));
    }
}
