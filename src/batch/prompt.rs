//! The words of a job: its prompt with the labelled lines of other programs, what to leave out, its
//! style and its colours.
//!
//! Pure.

use super::fill;
use super::key::{Field, PROMPT_FIELDS};
use super::node::{Broken, Data, Name, Node, shown};
use super::value::{Check, Defaults, Entry, Layer};
use super::{Base, Item};
use crate::request::{Request, keyless};
use crate::secret;
use crate::syntax::{self, Remark};
use crate::text;

/// Fills the words into the request of an item; the prompt alone is its title where labelled lines
/// were added to it.
pub(super) fn fill_in(
    base: &Base<'_>,
    defaults: &Defaults,
    entries: &[Entry<'_>],
    at: usize,
    item: &mut Item,
    check: &mut Check<'_>,
) {
    let request = &mut item.request;
    let mut lines: [Option<String>; PROMPT_FIELDS.len()] = Default::default();
    let has_fields = entries.iter().any(|entry| entry.field.is_prompt_field());
    let theirs = Theirs { has_fields, is_imgforge: defaults.is_imgforge };
    // What is written into the job itself counts before its `fields`, and both before defaults.
    for layer in [Layer::Default, Layer::Own] {
        let layered = || entries.iter().filter(move |entry| entry.layer == layer);
        for entry in layered().filter(|entry| entry.field == Field::Fields) {
            let Data::Map(map) = &entry.node.data else {
                let message = format!("`fields` must be a table, not {}", entry.node.shown());
                check.wrong(Broken::new(entry.node.at, message));
                continue;
            };
            for (name, node) in map {
                inner(name, node, layer, base, request, &mut lines, check);
            }
        }
        for entry in layered() {
            take(entry, theirs, base, request, &mut lines, check);
        }
    }
    let Some(entry) = entries.iter().find(|entry| entry.field == Field::Picture("prompt")) else {
        if !check.is_prompt_told {
            let broken = Broken::new(at, "the job has no `prompt`");
            let words = |entry: &&Entry<'_>| {
                entry.field.is_prompt_field() && entry.node.as_word().is_some()
            };
            check.wrong(match entries.iter().find(words) {
                Some(entry) => {
                    let name = crate::text::shell_word(&entry.name.text);
                    broken.hint(format!("`--prompt-column {name}` takes that key for it"))
                }
                None => broken,
            });
        }
        return;
    };
    let Data::Text(text) = &entry.node.data else {
        check.text(entry);
        return;
    };
    let mut unknown = Vec::new();
    let prompt = fill::fill(text.trim(), check.vars, &mut |name| unknown.push(name.to_owned()));
    for name in unknown {
        let message = format!("the prompt asks for `{{{name}}}`, which has no value");
        let broken = Broken::new(entry.node.at, message);
        check.wrong(match text::nearest(&name, check.vars.keys().map(String::as_str)) {
            Some(near) => broken.hint(format!("did you mean `{{{near}}}`?")),
            None => broken.hint(format!("add `{name}` to `vars`, or give `--var {name}=VALUE`")),
        });
    }
    let prompt = prompt.replace("\r\n", "\n");
    if prompt.trim().is_empty() {
        return check.wrong(Broken::new(entry.node.at, "the prompt is empty"));
    }
    if let Some(before) = secret::key_in(&prompt) {
        let error = keyless::refused("prompt", before);
        let broken = Broken::new(entry.node.at, error.message);
        return check.wrong(broken.hint(error.hints.join("; ")));
    }
    let filled = |text| fill::fill(text, check.vars, &mut |_| {});
    let mut before = check.as_written.map(|text| (request.clone(), filled(text)));
    request.prompt = prompt;
    if let Some(reading) = syntax::read(&request.prompt) {
        before.get_or_insert_with(|| (request.clone(), request.prompt.clone()));
        let own = |name: &str| {
            entries.iter().any(|entry| {
                let is_size = matches!(entry.field, Field::Width | Field::Height) && name == "size";
                entry.layer == Layer::Own
                    && (is_size || matches!(entry.field, Field::Picture(known) if known == name))
            })
        };
        let marks = reading.fill(request, own);
        check.problems.remarks.marks(check.source.line(entry.node.at), marks);
    }
    let prompt = std::mem::take(&mut request.prompt);
    request.prompt = labelled(&prompt, &lines);
    if let Some((mut before, as_written)) = before.filter(|(_, written)| *written != prompt) {
        before.prompt = labelled(&as_written, &lines);
        item.as_written = Some(Box::new(before));
    }
    let control = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    let words = [Some(&request.prompt), request.negative.as_ref()];
    let found = words.into_iter().flatten().flat_map(|text| text.chars()).find(control);
    if let Some(c) = found {
        let message = format!("the prompt holds the control character U+{:04X}", u32::from(c));
        // It goes nowhere, not even into a message.
        request.prompt = String::new();
        return check.wrong(Broken::new(entry.node.at, message).hint("take it out"));
    }
    item.title = (request.prompt != prompt).then_some(prompt);
}

/// One of `fields`.
fn inner(
    name: &Name,
    node: &Node,
    layer: Layer,
    base: &Base<'_>,
    request: &mut Request,
    lines: &mut [Option<String>; PROMPT_FIELDS.len()],
    check: &mut Check<'_>,
) {
    let known = PROMPT_FIELDS.iter().find(|(known, ..)| *known == name.text);
    let Some((_, field, _)) = known else {
        let broken = Broken::new(name.at, format!("unknown key {} in `fields`", shown(&name.text)));
        let names = PROMPT_FIELDS.map(|(known, ..)| known);
        check.wrong(match text::nearest(&name.text, names) {
            Some(near) => broken.hint(format!("did you mean `{near}`?")),
            None => broken.hint(format!("they are {}", names.join(", "))),
        });
        return;
    };
    if !node.is_null() {
        let theirs = Theirs { has_fields: true, is_imgforge: false };
        take(&Entry { field: *field, name, node, layer }, theirs, base, request, lines, check);
    }
}

/// Takes an entry that is a part of the prompt.
fn take(
    entry: &Entry<'_>,
    theirs: Theirs,
    base: &Base<'_>,
    request: &mut Request,
    lines: &mut [Option<String>; PROMPT_FIELDS.len()],
    check: &mut Check<'_>,
) {
    let line = PROMPT_FIELDS.iter().position(|(_, field, _)| *field == entry.field);
    let Some(line) = line else { return };
    match entry.field {
        Field::Picture("style") => {
            let Some(text) = check.text(entry) else { return };
            let found = base.catalog.style(&text);
            let is_free = entry.name.text != "styleId" && entry.name.text != "style_id";
            request.style = None;
            lines[line] = None;
            match found {
                Ok(style) => request.style = Some(style.id.clone()),
                Err(error) => {
                    let ids = base.catalog.styles().iter().map(|style| style.id.as_str());
                    if is_free && theirs.are_words(&text, ids) {
                        check.remark(entry.node.at, Remark::Words, &text::clean(&text, 40));
                        lines[line] = Some(text);
                    } else {
                        check.failed(entry.node.at, &error);
                    }
                }
            }
        }
        Field::Picture("colors") => {
            let Some(words) = check.list(entry) else { return };
            let text = words.join(",");
            request.colors.clear();
            lines[line] = None;
            match base.catalog.colors(&text) {
                Ok(colors) => request.colors = colors,
                Err(error) => {
                    let ids = base.catalog.palettes().iter().map(|palette| palette.id.as_str());
                    if entry.name.text == "palette" && theirs.are_words(&text, ids) {
                        lines[line] = Some(words.join(", "));
                    } else {
                        check.failed(entry.node.at, &error);
                    }
                }
            }
        }
        Field::Picture("negative") => {
            let Some(text) = check.text(entry).filter(|text| !text.is_empty()) else { return };
            request.negative = None;
            if theirs.has_fields && entry.name.text == "negative" {
                lines[line] = Some(text);
            } else {
                lines[line] = None;
                request.negative = Some(text);
            }
        }
        _ => {
            lines[line] = check.text(entry).filter(|text| !text.is_empty());
        }
    }
}

/// How much a job is another program's.
#[derive(Debug, Clone, Copy)]
struct Theirs {
    /// It has parts of a prompt that only those have.
    has_fields: bool,
    /// Its file is one of imgforge, which has styles of its own.
    is_imgforge: bool,
}

impl Theirs {
    /// Whether these words are for the prompt, rather than a slip in an id: no id has a space in it.
    fn are_words<'a>(self, text: &str, ids: impl Iterator<Item = &'a str>) -> bool {
        self.has_fields
            || text.contains(char::is_whitespace)
            || self.is_imgforge && !text.starts_with('#') && text::nearest(text, ids).is_none()
    }
}

/// A prompt with its parts, one a line; without parts it stays as it is.
fn labelled(prompt: &str, lines: &[Option<String>; PROMPT_FIELDS.len()]) -> String {
    if lines.iter().all(Option::is_none) {
        return prompt.to_owned();
    }
    let mut out = Vec::new();
    for ((_, field, label), line) in PROMPT_FIELDS.iter().zip(lines) {
        match line {
            Some(text) if *field == Field::Text => out.push(format!("{label}: \"{text}\"")),
            Some(text) => out.push(format!("{label}: {text}")),
            None => {}
        }
        if *field == Field::UseCase {
            out.push(format!("Primary request: {prompt}"));
        }
    }
    out.join("\n")
}
