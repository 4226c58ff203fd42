//! The topics of `pinx help` as manual pages: Markdown as roff.

use pinx::cli::Topic;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::golden::{escape, literal};

/// The page of a topic.
pub fn topic(topic: &Topic) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let name = escape(&format!("pinx-{}", topic.name));
    // No date: the page changes with its text only. No hyphenation: names are copied.
    let head = format!(
        ".TH {} {} \"\" \"pinx {version}\" \"pinx manual\"\n.nh\n.SH NAME\n{name} \\- {}\n\
         .SH DESCRIPTION\n",
        name.to_uppercase(),
        topic.section,
        escape(topic.about())
    );
    let mut page = Page { out: head, ..Page::default() };
    let body = topic.markdown.split_once('\n').map_or("", |(_, body)| body);
    for event in Parser::new_ext(body, Options::ENABLE_TABLES) {
        page.take(event);
    }
    page.out + ".SH \"SEE ALSO\"\n\\fBpinx\\fR(1)\n"
}

#[derive(Default)]
struct Page {
    out: String,
    text: String,
    is_code: bool,
    numbers: Vec<Option<u64>>,
    cells: Vec<String>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.is_code = true,
            Event::Text(text) if self.is_code => self.text += &literal(&text),
            Event::Text(text) => self.text += &escape(&text),
            Event::Code(text) => self.text += &format!("\\fB{}\\fR", literal(&text)),
            Event::SoftBreak | Event::HardBreak => self.text.push('\n'),
            Event::Start(Tag::List(first)) => self.numbers.push(first),
            Event::Start(Tag::Item) => {
                let mark = match self.numbers.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}.", *number - 1)
                    }
                    _ => "\\(bu".to_owned(),
                };
                self.out += &format!(".IP {mark} 3\n");
            }
            Event::End(tag) => self.close(tag),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                let text = if level < HeadingLevel::H3 { text.to_uppercase() } else { text };
                self.out += &format!(".SH \"{text}\"\n");
            }
            TagEnd::Paragraph if self.numbers.is_empty() => self.block(".PP\n"),
            TagEnd::Paragraph | TagEnd::Item => self.block(""),
            TagEnd::List(_) => {
                self.numbers.pop();
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                let text = std::mem::take(&mut self.text);
                self.out += &format!(".PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", text.trim_end());
            }
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead => self.cells.clear(),
            TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.cells);
                let term = match cells[0].contains("\\fB") {
                    true => cells[0].clone(),
                    false => format!("\\fB{}\\fR", cells[0]),
                };
                self.out += &format!(".TP\n{term}\n{}\n", cells[1..].join("; "));
            }
            _ => {}
        }
    }

    fn block(&mut self, before: &str) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            // Behind a heading a paragraph begins by itself.
            let is_first = self.out.lines().last().is_some_and(|line| line.starts_with(".SH"));
            let before = if is_first { "" } else { before };
            self.out += &format!("{before}{text}\n");
        }
    }
}
