//! CSV and TSV: a row of names, then a row a job, each cell a value.
//!
//! Flat: one record is held at a time. Quotes are read strictly, because one that is left open would
//! make a single prompt of the rest of the file, and it would be paid for; a comma inside a prompt
//! without quotes is seen by the number of cells.

use std::io;

use super::input::{Input, LONGEST, Line};
use super::json;
use super::key::{self, Field};
use super::layout;
use super::lines;
use super::node::{Broken, Budget, Data, Name, Node, SourceText, shown};
use super::{Reader, Stop};
use crate::syntax::Remark;
use crate::text;

/// What divides the cells of a row in files of this name, whatever it says.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Reads all rows.
pub(super) fn read(
    input: &mut Input<'_>,
    usual: char,
    reader: &mut Reader<'_, '_>,
) -> io::Result<Stop> {
    let separator = separator(input, usual, reader)?;
    let Some(head) = head(input, separator, reader)? else { return Ok(Stop::Ended) };
    let mut record = Record::new(separator);
    while record.read(input, reader)? {
        let source = SourceText::new(&record.text, record.line);
        if let Some(broken) = &record.broken {
            reader.problem(&source, broken.clone());
            if record.is_lost {
                return Ok(Stop::Ended);
            }
            continue;
        }
        let Some(node) = row(&head, &record, &source, reader) else { continue };
        if reader.job(&source, &node).is_break() {
            return Ok(Stop::Asked);
        }
    }
    Ok(Stop::Ended)
}

/// What divides the cells: what a line `sep=;` in front says, which Excel writes and reads, else what
/// makes names that are known of the first row, else what is usual.
fn separator(input: &mut Input<'_>, usual: char, reader: &Reader<'_, '_>) -> io::Result<char> {
    let mut line = Vec::new();
    loop {
        let state = input.next(&mut line)?;
        let text = std::str::from_utf8(&line).unwrap_or_default().trim();
        let named = text.get(..4).filter(|head| head.eq_ignore_ascii_case("sep="));
        let named = named.and_then(|_| text[4..].chars().next().or(Some('\t')));
        match named {
            // What is behind it may be a tab, which was trimmed.
            Some(named) if state == Line::Whole && text.chars().count() <= 5 => return Ok(named),
            _ if state == Line::Whole && text.is_empty() => continue,
            _ => {}
        }
        let has_prompt = |separator: &char| {
            let mut record = Record::new(*separator);
            record.scan(text, State::Start, &mut 0);
            let mut cells = record.cells.iter().map(|(_, cell)| cell.trim());
            cells.any(|cell| key::plain(cell) == "prompt" || reader.is_wanted(cell))
        };
        let mut others = SEPARATORS.into_iter().filter(|other| text.contains(*other));
        let found = match has_prompt(&usual) {
            true => None,
            false => others.clone().find(has_prompt).or_else(|| {
                let is_undivided = !text.contains(usual);
                others.next().filter(|_| is_undivided)
            }),
        };
        input.hold(line, state);
        return Ok(found.unwrap_or(usual));
    }
}

/// The names in the first row; nothing when there is no use in reading on.
fn head(
    input: &mut Input<'_>,
    separator: char,
    reader: &mut Reader<'_, '_>,
) -> io::Result<Option<Head>> {
    let mut record = Record::new(separator);
    if !record.read(input, reader)? {
        return Ok(None);
    }
    let source = SourceText::new(&record.text, record.line);
    if let Some(broken) = record.broken {
        reader.problem(&source, broken);
        return Ok(None);
    }
    let names: Vec<String> = record
        .cells
        .iter()
        .map(|(_, name)| {
            let name = name.trim();
            let dotted = name.split_once('.').filter(|(map, _)| ["vars", "params"].contains(map));
            if dotted.is_some() { name.to_owned() } else { key::plain(name) }
        })
        .collect();
    let layout = reader.base.layout.clone();
    let likely: Vec<&String> = names.iter().filter(|name| layout::is_like_prompt(name)).collect();
    let has_prompt = match &layout.prompt_column {
        Some(_) => names.iter().any(|name| layout.is_prompt(name)),
        None => {
            layout.prompt_template.is_some()
                || likely.len() == 1
                || names.iter().any(|name| name == "prompt")
        }
    };
    if let (Some(column), false) = (&layout.prompt_column, has_prompt) {
        let broken = Broken::new(0, format!("there is no column {}", shown(column)));
        let hint = match text::nearest(column, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the columns are {}", written(&record)),
        };
        reader.problem(&source, broken.hint(lines::one_line(&hint)));
        return Ok(None);
    }
    if !has_prompt {
        let columns = text::clean(&written(&record), 80);
        let broken = Broken::new(0, "the first row has no cell `prompt`").hint(format!(
            "the first row names the columns; `--prompt-column NAME` says which of {columns} holds the \
             prompts"
        ));
        reader.problem(&source, broken);
        return Ok(None);
    }
    let is_taken = layout.prompt_column.is_none() && layout.prompt_template.is_none();
    let mut left_out: Vec<bool> = names.iter().map(|name| is_left_out(name, reader)).collect();
    for (at, name) in names.iter().enumerate() {
        let place = record.cells[at].0;
        if name.is_empty() || name.contains('.') {
            continue;
        }
        let broken = if names[..at].contains(name) {
            Broken::new(place, format!("the column {} is there twice", shown(name)))
        } else if layout.is_prompt(name)
            || layout.takes(name)
            || layout.prompt_column.is_none() && *likely == [name]
        {
            if is_taken && likely.contains(&name) {
                reader.remark(record.line, Remark::Column, &text::clean(&record.cells[at].1, 40));
            }
            continue;
        } else if key::is_unused(name) {
            reader.remark(
                record.line,
                Remark::Dropped,
                &text::clean(record.cells[at].1.trim(), 40),
            );
            continue;
        } else if layout.ignores_unknown && key::known(name, true).is_none() {
            reader.remark(
                record.line,
                Remark::Ignored,
                &text::clean(record.cells[at].1.trim(), 40),
            );
            continue;
        } else if key::find(name).is_none() {
            let variable = text::clean(record.cells[at].1.trim(), 40);
            let hint = key::nearest(name).map_or_else(
                || {
                    format!(
                        "`--ignore-unknown` leaves such columns out; `vars.{variable}` makes a variable of one"
                    )
                },
                |near| format!("did you mean `{near}`? `--ignore-unknown` leaves the column out"),
            );
            Broken::new(place, format!("unknown column {}", shown(&record.cells[at].1)))
                .hint(lines::one_line(&hint))
        } else {
            continue;
        };
        // What is wrong with a column is no reason not to look at the rows without it.
        left_out[at] = true;
        reader.problem(&source, broken);
    }
    let like = likely.first().filter(|_| is_taken && likely.len() == 1).copied().cloned();
    let mut names = names;
    if !names.iter().any(|name| name == "prompt")
        && let Some(name) = names.iter_mut().find(|name| like.as_ref() == Some(*name))
    {
        // It is said once, and not of each row.
        *name = "prompt".to_owned();
    }
    Ok(Some(Head { is_styles: is_styles(&names), left_out, names }))
}

/// The names in the first row as they are written.
fn written(record: &Record) -> String {
    let names: Vec<&str> = record.cells.iter().map(|(_, name)| name.trim()).collect();
    names.join(", ")
}

/// A row as a job.
fn row(
    head: &Head,
    record: &Record,
    source: &SourceText<'_>,
    reader: &mut Reader<'_, '_>,
) -> Option<Node> {
    let Head { names: head, left_out, is_styles } = head;
    let cells = &record.cells;
    let filled = cells.iter().rposition(|(_, cell)| !cell.trim().is_empty()).map_or(0, |at| at + 1);
    if filled == 0 {
        return None;
    }
    if cells.len() < head.len() || filled > head.len() {
        let count = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
        let at = cells.get(head.len()).map_or(0, |(at, _)| *at);
        let message = format!("the row has {}, the first row {}", count(cells.len()), head.len());
        let what = match record.separator {
            '\t' => "tab",
            ';' => "semicolon",
            '|' => "bar",
            _ => "comma",
        };
        let hint = if cells.len() < head.len() {
            format!("a cell may be empty, but its {what} stays")
        } else {
            let example = record.separator;
            format!("a prompt that holds a {what} stands in quotes: `\"a fox{example} red\"`")
        };
        reader.problem(source, Broken::new(at, message).hint(hint));
        return None;
    }
    let mut map: Vec<(Name, Node)> = Vec::new();
    let mut inner: Vec<(&str, Vec<(Name, Node)>)> = Vec::new();
    for ((name, is_left_out), (at, cell)) in head.iter().zip(left_out).zip(cells) {
        if *is_styles && name == "prompt" {
            match style_prompt(cell, reader.base.vars.contains_key("prompt")) {
                Ok(text) => map.push((Name { at: *at, text: name.clone() }, Node::text(*at, text))),
                Err(message) => {
                    let hint =
                        "`--var prompt=\"a red fox\"` makes one image in each style of the file";
                    reader.problem(source, Broken::new(*at, message).hint(hint));
                    return None;
                }
            }
            continue;
        }
        if cell.trim().is_empty() {
            if let Some(variable) = name.strip_prefix("vars.")
                && cells.iter().any(|(_, cell)| cell.contains(&format!("{{{variable}}}")))
            {
                let message = format!("the row asks for `{{{variable}}}`, and that cell is empty");
                reader.problem(source, Broken::new(*at, message).hint("fill it in"));
                return None;
            }
            continue;
        }
        if name.is_empty() {
            let message = format!("{} stands in a column without a name", shown(cell.trim()));
            reader.problem(source, Broken::new(*at, message).hint("name it in the first row"));
            return None;
        }
        if *is_left_out {
            continue;
        }
        let node = match key::find(name) {
            Some(field) if is_json(field, cell) => {
                match json::parse(cell, &mut Budget::default()) {
                    Ok(node) => placed(node, *at),
                    Err(broken) => {
                        reader.problem(source, Broken { at: *at, ..broken });
                        return None;
                    }
                }
            }
            _ => Node::text(*at, cell.clone()),
        };
        match name.split_once('.') {
            Some((table, key)) => {
                let entry = (Name { at: *at, text: key.to_owned() }, node);
                match inner.iter_mut().find(|(known, _)| *known == table) {
                    Some((_, entries)) => entries.push(entry),
                    None => inner.push((table, vec![entry])),
                }
            }
            None => map.push((Name { at: *at, text: name.clone() }, node)),
        }
    }
    for (table, entries) in inner {
        let at = entries[0].0.at;
        map.push((Name { at, text: table.to_owned() }, Node { at, data: Data::Map(entries) }));
    }
    Some(Node { at: cells[0].0, data: Data::Map(map) })
}

/// Whether a cell holds a table or a list, as JSON.
fn is_json(field: Field, cell: &str) -> bool {
    let cell = cell.trim();
    cell.starts_with('{') && (field.is_table() || field.is_list())
        || field.is_list() && cell.starts_with('[') && cell.ends_with(']')
}

/// The names in the first row, and what they tell of the file.
struct Head {
    names: Vec<String>,
    /// Which columns say nothing here.
    left_out: Vec<bool>,
    /// The file holds styles of A1111, each for a prompt of the user's own.
    is_styles: bool,
}

/// Whether a column says nothing here.
fn is_left_out(name: &str, reader: &Reader<'_, '_>) -> bool {
    let ignores = reader.base.layout.ignores_unknown;
    let is_unknown = ignores && !name.contains('.') && key::known(name, true).is_none();
    (is_unknown || key::is_unused(name)) && !reader.is_wanted(name)
}

fn is_styles(names: &[String]) -> bool {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names == ["name", "negative_prompt", "prompt"]
}

/// The prompt of a style, as A1111 puts it together with that of the user: in the place that it
/// names, else in front. A style that names none may be a job of its own.
fn style_prompt(cell: &str, has_prompt: bool) -> Result<String, &'static str> {
    let text = cell.trim();
    let names = text.contains("{prompt}");
    match has_prompt {
        true if text.is_empty() => Ok("{prompt}".to_owned()),
        true if !names => Ok(format!("{{prompt}}, {text}")),
        false if text.is_empty() => Err("the style has no prompt of its own"),
        false if names => Err("the style is for a prompt of your own: `{prompt}`"),
        _ => Ok(text.to_owned()),
    }
}

/// A value out of a cell: all of it stands where the cell does.
fn placed(node: Node, at: usize) -> Node {
    let data = match node.data {
        Data::List(list) => Data::List(list.into_iter().map(|node| placed(node, at)).collect()),
        Data::Map(map) => Data::Map(
            map.into_iter().map(|(name, node)| (Name { at, ..name }, placed(node, at))).collect(),
        ),
        data => data,
    };
    Node { at, data }
}

/// Where a scan of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In front of a cell, or in spaces there.
    Start,
    /// In a cell without quotes.
    Bare,
    /// Behind an opening quote.
    Quoted,
    /// Behind a quote that may close the cell or be half of a quote inside it.
    Quote,
}

/// A row with its line breaks, which may stand in quotes.
struct Record {
    separator: char,
    text: String,
    line: u64,
    cells: Vec<(usize, String)>,
    broken: Option<Broken>,
    /// Nothing behind it can be read.
    is_lost: bool,
    bytes: Vec<u8>,
}

impl Record {
    fn new(separator: char) -> Record {
        let (text, cells, bytes) = (String::new(), Vec::new(), Vec::new());
        Record { separator, text, line: 0, cells, broken: None, is_lost: false, bytes }
    }

    /// Reads the next row that is not blank; false when there is none.
    fn read(&mut self, input: &mut Input<'_>, reader: &mut Reader<'_, '_>) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.bytes);
        // A row that is no text was told; the next one is looked at.
        while !self.read_one(&mut bytes, input, reader)? {}
        self.bytes = bytes;
        Ok(!self.cells.is_empty())
    }

    /// Reads a row, or the end; false when it is no text.
    fn read_one(
        &mut self,
        bytes: &mut Vec<u8>,
        input: &mut Input<'_>,
        reader: &mut Reader<'_, '_>,
    ) -> io::Result<bool> {
        self.text.clear();
        self.cells.clear();
        self.broken = None;
        let (mut state, mut opened, mut good) = (State::Start, 0, true);
        loop {
            let line = input.next(bytes)?;
            if line == Line::End {
                break;
            }
            let text = lines::utf8(bytes, line, input.line, reader);
            good &= text.is_some();
            let text = text.unwrap_or_default();
            if state == State::Quoted {
                self.text.push('\n');
                self.last().push('\n');
            } else if text.trim().is_empty() && good {
                continue;
            } else {
                self.line = input.line;
            }
            if self.text.len() + text.len() > LONGEST {
                self.broken = Some(unclosed(opened, "is not closed within a megabyte"));
                self.is_lost = true;
                return Ok(true);
            }
            state = self.scan(text, state, &mut opened);
            if state != State::Quoted {
                break;
            }
        }
        if state == State::Quoted {
            self.broken = Some(unclosed(opened, "is never closed"));
        }
        Ok(good)
    }

    fn last(&mut self) -> &mut String {
        if self.cells.is_empty() {
            self.cells.push((0, String::new()));
        }
        &mut self.cells.last_mut().expect("one was put there").1
    }

    /// Takes a line apart; what is open at its end stays open.
    fn scan(&mut self, line: &str, mut state: State, opened: &mut usize) -> State {
        let base = self.text.len();
        self.text.push_str(line);
        if state == State::Start {
            self.cells.push((base, String::new()));
        }
        for (at, c) in line.char_indices() {
            let at = base + at;
            state = match (state, c) {
                (State::Start | State::Bare | State::Quote, c) if c == self.separator => {
                    self.cells.push((at + c.len_utf8(), String::new()));
                    State::Start
                }
                (State::Start, '"') => {
                    *opened = at;
                    self.last().clear();
                    State::Quoted
                }
                (State::Start, ' ') => {
                    self.last().push(' ');
                    State::Start
                }
                (State::Quoted, '"') => State::Quote,
                (State::Quote, '"') => {
                    self.last().push('"');
                    State::Quoted
                }
                (State::Quote, ' ') => State::Quote,
                (State::Quote, _) => {
                    if self.broken.is_none() {
                        let message = "text stands behind the quote that closes the cell";
                        let broken = Broken::new(at, message);
                        self.broken =
                            Some(broken.hint("a quote inside quotes is written twice: `\"\"`"));
                    }
                    State::Bare
                }
                (State::Start | State::Bare, c) => {
                    self.last().push(c);
                    State::Bare
                }
                (State::Quoted, c) => {
                    self.last().push(c);
                    State::Quoted
                }
            };
        }
        state
    }
}

fn unclosed(at: usize, how: &str) -> Broken {
    Broken::new(at, format!("the quote that opens here {how}"))
        .hint("a quote inside quotes is written twice: `\"\"`")
}
