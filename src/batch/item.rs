//! From the keys of a job to an `Item`.
//!
//! Pure. Models are only named here; planning knows which there are and what they can do.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::fill;
use super::key::Field;
use super::node::{Broken, Data, shown};
use super::output;
use super::picture;
use super::prompt;
use super::value::{Check, Defaults, Entry, Layer};
use super::{Base, Item};
use crate::request::{Aspect, Request, Size, is_ratio, keyless, parameter};
use crate::text;

/// The most images of one job, as the setting `count` has it.
const COUNT: u64 = 1_000;

/// The longest `id`, in characters.
const ID: usize = 100;

/// Fields that would ask for several images in one paid request.
const COUNTS: [&str; 4] = ["n", "num_images", "max_images", "num_outputs"];

/// Parameters that are read together with others.
const TOGETHER: [&str; 7] = ["prompt", "negative", "style", "colors", "size", "aspect", "params"];

/// What other programs call a ratio (imgforge), in pixels.
const NAMED: [(&str, u32, u32); 11] = [
    ("phone", 1170, 2532),
    ("desktop", 1920, 1080),
    ("og-image", 1200, 630),
    ("twitter", 1200, 675),
    ("instagram", 1080, 1080),
    ("story", 1080, 1920),
    ("favicon", 512, 512),
    ("banner", 1792, 1024),
    ("portrait", 1024, 1792),
    ("landscape", 1792, 1024),
    ("square", 1024, 1024),
];

/// The item of a job; everything that is wrong is told. What is wrong with one of its values is no
/// reason not to look at the rest: there is none only where nobody knows the prompt, the models or the
/// place.
pub(super) fn item(
    base: &Base<'_>,
    defaults: &Defaults,
    entries: &[Entry<'_>],
    at: usize,
    check: &mut Check<'_>,
) -> Option<Item> {
    let mut item = Item {
        index: 0,
        file: 0,
        line: check.source.line(at),
        id: None,
        request: Request { prompt: String::new(), ..base.request.clone() },
        models: None,
        fallback: None,
        count: base.count,
        output: None,
        max_cost: None,
        tags: Vec::new(),
        title: None,
        as_written: None,
        pictures: picture::pictures(entries, check),
        sent: None,
        notices: Vec::new(),
    };
    let mut format = None;
    for entry in entries {
        let request = &mut item.request;
        match entry.field {
            Field::Id => item.id = id(entry, check),
            Field::Count => {
                item.count = check.whole(entry, 1, COUNT).map_or(1, |count| count as u32)
            }
            Field::Fallback => item.fallback = Some(fallback(entry, check)),
            Field::Picture(name) if !TOGETHER.contains(&name) => match parameter::find(name) {
                Some(parameter) if name == "format" => {
                    format = check.parsed(entry, parameter.wants);
                }
                Some(parameter) => check.parameter(entry, parameter, request),
                None => {}
            },
            Field::MaxCost => item.max_cost = check.money(entry),
            Field::Tags => item.tags = check.list(entry).unwrap_or_default(),
            Field::Compression => {
                if let Some(percent) = check.whole(entry, 0, 100) {
                    request.params.insert("output_compression".to_owned(), percent.into());
                }
            }
            Field::Moderation => {
                if let Some(word) = check.text(entry) {
                    request.params.insert("moderation".to_owned(), Value::String(word));
                }
            }
            _ => {}
        }
    }
    size(entries, &mut item.request, check);
    params(entries, &mut item.request.params, check);
    prompt::fill_in(base, defaults, entries, at, &mut item, check);
    let is_bad = std::mem::take(&mut check.is_bad);
    item.models = models(base, entries, check);
    output::fill_in(entries, defaults, format, &mut item, check);
    keyless_names(&item, at, check);
    let is_nowhere = check.is_bad;
    check.is_bad |= is_bad;
    if let Some(as_written) = &mut item.as_written {
        as_written.format = item.request.format;
    }
    (!is_nowhere && !item.request.prompt.is_empty()).then_some(item)
}

/// Finds keys in what is kept of a job beside its request.
fn keyless_names(item: &Item, at: usize, check: &mut Check<'_>) {
    let names = [("id", &item.id), ("output", &item.output), ("title", &item.title)];
    let names = names.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)));
    for (field, text) in names.chain(item.tags.iter().map(|tag| ("tags", tag))) {
        if let Err(error) = keyless::check_kept(field, text) {
            check.wrong(Broken::new(at, error.message).hint(error.hints.join("; ")));
        }
    }
}

fn id(entry: &Entry<'_>, check: &mut Check<'_>) -> Option<String> {
    let id = check.word(entry)?;
    let why = if id.is_empty() {
        "is empty"
    } else if id.chars().any(text::is_dangerous) {
        "holds control characters"
    } else if id.chars().count() > ID {
        "is longer than 100 characters"
    } else {
        return Some(id);
    };
    check.wrong(Broken::new(entry.node.at, format!("`{}` {why}", entry.name.text)));
    None
}

fn fallback(entry: &Entry<'_>, check: &mut Check<'_>) -> Vec<String> {
    if entry.node.data == Data::Bool(false) {
        return Vec::new();
    }
    let mut names = check.list(entry).unwrap_or_default();
    if names == ["none"] {
        names.clear();
    }
    names
}

/// The models of a job, each with the provider that stands beside it.
fn models(base: &Base<'_>, entries: &[Entry<'_>], check: &mut Check<'_>) -> Option<Vec<String>> {
    let find = |field| entries.iter().find(|entry| entry.field == field);
    let names = match find(Field::Model) {
        Some(entry) => once(base, entry, check.list(entry)?, check),
        None => Vec::new(),
    };
    let Some(entry) = find(Field::Provider) else { return (!names.is_empty()).then_some(names) };
    let provider = check.text(entry)?;
    if base.catalog.provider(&provider).is_none() {
        let ids: Vec<&str> = base.catalog.providers.iter().map(|known| &*known.id).collect();
        let broken = Broken::new(entry.node.at, format!("unknown provider {}", shown(&provider)));
        check.wrong(match text::nearest(&provider, ids.iter().copied()) {
            Some(near) => broken.hint(format!("did you mean `{near}`?")),
            None => broken.hint(format!("the providers are {}", ids.join(", "))),
        });
        return None;
    }
    if names.is_empty() {
        // Its first model is the one that it is known for.
        return base.catalog.of_provider(&provider).next().map(|model| vec![model.full_id()]);
    }
    let is_full = |name: &String| {
        name.split_once('/').is_some_and(|(first, _)| base.catalog.provider(first).is_some())
    };
    let full = |name: String| if is_full(&name) { name } else { format!("{provider}/{name}") };
    Some(names.into_iter().map(full).collect())
}

/// Models that are each named once: a second one would be paid for.
fn once(
    base: &Base<'_>,
    entry: &Entry<'_>,
    names: Vec<String>,
    check: &mut Check<'_>,
) -> Vec<String> {
    let id = |name: &String| base.catalog.id_of(name);
    for (at, name) in names.iter().enumerate().skip(1) {
        if names[..at].iter().any(|other| id(other) == id(name)) {
            let message = format!("the model {} is named twice", shown(name));
            check.wrong(Broken::new(entry.node.at, message).hint("`n` is how many are made"));
            break;
        }
    }
    names
}

/// A size or a ratio, which take each other's place.
fn size(entries: &[Entry<'_>], request: &mut Request, check: &mut Check<'_>) {
    let find = |field| entries.iter().find(|entry| entry.field == field);
    let (size, aspect) = (find(Field::Picture("size")), find(Field::Picture("aspect")));
    if let (Some(size), Some(aspect)) = (size, aspect) {
        let message = format!("`{}` and `{}` exclude each other", size.name.text, aspect.name.text);
        check.wrong(Broken::new(aspect.name.at, message).hint("leave one of them out"));
        return;
    }
    let edges = (find(Field::Width), find(Field::Height));
    let asked: (Option<Size>, Option<Aspect>) = if let Some(entry) = size {
        match entry.node.as_word().as_deref().map(str::trim) {
            // It is what pinx does when nothing is said.
            Some("auto") => (None, None),
            Some(word) if is_ratio(word) => (None, check.parsed(entry, "a ratio, such as `16:9`")),
            _ => (check.parsed(entry, "a size, such as `1024x1024`"), None),
        }
    } else if let Some(entry) = aspect {
        let word = entry.node.as_word().unwrap_or_default().trim().to_lowercase();
        match NAMED.iter().find(|(name, ..)| *name == word) {
            Some((_, width, height)) => (Some(Size::new(*width, *height)), None),
            None => (None, check.parsed(entry, "a ratio, such as `16:9`")),
        }
    } else if let (Some(width), Some(height)) = edges {
        let most = u64::from(crate::request::MAX_EDGE);
        let edges = (check.whole(width, 1, most), check.whole(height, 1, most));
        let (Some(width), Some(height)) = edges else { return };
        (Some(Size::new(width as u32, height as u32)), None)
    } else {
        if let Some(lonely) = edges.0.or(edges.1) {
            let other = if edges.0.is_some() { "height" } else { "width" };
            let message = format!("`{}` stands without `{other}`", lonely.name.text);
            check.wrong(Broken::new(lonely.name.at, message).hint("write `size: 1024x1024`"));
        }
        return;
    };
    (request.size, request.aspect) = asked;
}

/// Fields that are passed through, the job's over those of the defaults over the flags'.
fn params(entries: &[Entry<'_>], params: &mut BTreeMap<String, Value>, check: &mut Check<'_>) {
    for entry in entries.iter().rev().filter(|entry| entry.field == Field::Picture("params")) {
        let Data::Map(map) = &entry.node.data else {
            let message = format!("`params` must be a table, not {}", entry.node.shown());
            check.wrong(Broken::new(entry.node.at, message));
            continue;
        };
        let mut seen = HashSet::new();
        for (name, node) in map {
            check.once(&mut seen, name);
            if COUNTS.contains(&name.text.as_str()) {
                let what =
                    format!("`{}` would ask for several images in one paid request", name.text);
                check.wrong(
                    Broken::new(name.at, what).hint("`count` makes that many, one a request"),
                );
                continue;
            }
            let value = match &node.data {
                Data::Text(text) => {
                    let text = fill::fill(text, check.vars, &mut |_| {});
                    // Cells hold text only, and flags are read in the same way.
                    match entry.layer {
                        Layer::Own if name.at == node.at => {
                            serde_json::from_str(&text).unwrap_or(Value::String(text))
                        }
                        _ => Value::String(text),
                    }
                }
                _ => node.to_json(),
            };
            params.insert(name.text.clone(), value);
        }
    }
}
