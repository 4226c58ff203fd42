//! Where the images of a job go: inside the output directory, whatever a file says.
//!
//! Pure.

use super::Item;
use super::fill;
use super::key::Field;
use super::node::{Broken, shown};
use super::value::{Check, Defaults, Entry, Layer};
use crate::request::Format;
use crate::store::FIELDS;
use crate::text;

/// The fields of a template that only a batch has: the number of the job (`001`), its prompt as a
/// name, and its `id`, or the number of one that has none.
pub const EXTRA_FIELDS: [&str; 3] = ["number", "title", "name"];

/// Fills output and format into an item.
pub(super) fn fill_in(
    entries: &[Entry<'_>],
    defaults: &Defaults,
    format: Option<Format>,
    item: &mut Item,
    check: &mut Check<'_>,
) {
    let entry = entries.iter().find(|entry| entry.field == Field::Output);
    let output = entry.and_then(|entry| Some((entry, path(entry, check)?)));
    if let Some((entry, mut path)) = output {
        let named = extension(&path);
        match (named, format) {
            (Some(named), Some(format)) if named != format => {
                if is_theirs(entry) {
                    // Other programs give such a file the bytes of its format, and so its name.
                    path.truncate(path.rfind('.').unwrap_or(path.len()));
                    path = format!("{path}.{}", format.extension());
                } else {
                    let message =
                        format!("`{}` is {named}, but the format is {format}", entry.name.text);
                    check.wrong(Broken::new(entry.node.at, message).hint("leave one of them out"));
                }
            }
            _ => {}
        }
        if entry.layer == Layer::Default && !path.contains('{') {
            path = inside(path, item, defaults, format);
        }
        item.request.format = extension(&path).or(item.request.format);
        item.output = (!path.is_empty()).then_some(path);
    }
    item.request.format = format.or(item.request.format);
}

/// A default is a directory for all jobs, each under its own name.
fn inside(path: String, item: &Item, defaults: &Defaults, format: Option<Format>) -> String {
    let directory = match path.trim_end_matches('/') {
        "" => String::new(),
        directory => format!("{directory}/"),
    };
    let name = item.id.as_deref().map(fill::part).unwrap_or_default();
    if name.is_empty() || !defaults.is_imgforge {
        return directory + &name;
    }
    format!("{directory}{name}.{}", format.unwrap_or(Format::Png).extension())
}

fn extension(path: &str) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').and_then(|(_, extension)| Format::of_extension(extension))
}

/// Whether it is a name as other programs write it, under whatever directory.
fn is_theirs(entry: &Entry<'_>) -> bool {
    entry.name.text != "output"
}

/// A path that stays inside the output directory.
fn path(entry: &Entry<'_>, check: &mut Check<'_>) -> Option<String> {
    let raw = entry.node.as_word();
    check.text(entry)?;
    let raw = raw.unwrap_or_default();
    let mut unknown = Vec::new();
    let path = fill::fill_path(raw.trim(), check.vars, &mut |name| unknown.push(name.to_owned()));
    let at = entry.node.at;
    let key = &entry.name.text;
    unknown.retain(|name| !FIELDS.iter().chain(&EXTRA_FIELDS).any(|field| field == name));
    for name in &unknown {
        let broken = Broken::new(at, format!("`{key}` asks for `{{{name}}}`, which has no value"));
        let known = check.vars.keys().map(String::as_str).chain(FIELDS);
        let near = text::nearest(name, known).map(|near| format!("did you mean `{{{near}}}`?"));
        check.wrong(broken.hint(near.unwrap_or_else(|| format!("add `{name}` to `vars`"))));
    }
    let parts = || path.split(['/', '\\']);
    if is_theirs(entry) {
        // It is a name under the output directory, whatever stands in front of it.
        let name = parts().next_back().unwrap_or_default().to_owned();
        if name.is_empty() || name.chars().all(|c| c == '.') || name == "-" {
            let message = format!("{} does not name a file", shown(&path));
            check.wrong(Broken::new(at, message).hint("such as `fox.png`"));
            return None;
        }
        return harmless(name, entry, check);
    }
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    let (why, hint) = if path.is_empty() {
        ("is empty", "leave it out")
    } else if path == "-" {
        ("cannot be stdout", "name a file: the paths of all images go to stdout")
    } else if path.starts_with(['/', '\\', '~']) || is_drive {
        ("must stay inside the output directory", "write it without the directory in front")
    } else if parts().any(|part| part == "..") {
        ("must stay inside the output directory", "write it without `..`")
    } else {
        return harmless(path, entry, check);
    };
    let message = format!("`{key}` {why}: {}", shown(&path));
    check.wrong(Broken::new(at, message).hint(hint));
    None
}

fn harmless(path: String, entry: &Entry<'_>, check: &mut Check<'_>) -> Option<String> {
    if path.chars().any(text::is_dangerous) {
        let message = format!("`{}` holds control characters: {}", entry.name.text, shown(&path));
        check.wrong(Broken::new(entry.node.at, message));
        return None;
    }
    // Only what changes nothing is left out; a `/` in front can thus not come about.
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    if parts.peek().is_none() {
        return Some(String::new());
    }
    let end = if path.ends_with('/') { "/" } else { "" };
    Some(parts.collect::<Vec<_>>().join("/") + end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::output;

    #[test]
    fn paths_stay_inside_and_keep_their_shape() {
        for (key, path, expected) in [
            ("output", "a/b.png", Some("a/b.png")),
            ("output", ".//x.png", Some("x.png")),
            ("output", "././/a/./b/", Some("a/b/")),
            ("output", "./", None),
            ("output", "{slug}/../x", None),
            ("output", "a\\\\..\\\\x", None),
            ("output", "C:x.png", None),
            ("output", "~/x.png", None),
            ("output", "\\u202ex.png", None),
            ("out", "/tmp/x.png", Some("x.png")),
            ("out", "..\\\\x.png", Some("x.png")),
            ("out", "a/..", None),
            ("out", "a/", None),
        ] {
            assert_eq!(output(key, path).as_deref(), expected, "{key} {path}");
        }
    }
}
