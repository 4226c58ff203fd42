//! Names: whatever a prompt or another field holds, a template's path keeps its shape.
//!
//! A sample is four lines: template, prompt, style, a batch key's value; the rest is the prompt's.

use std::collections::BTreeMap;
use std::path::Path;

use pinx::store::{Fields, Output, OutputTarget, candidate, plan};

/// A template with harmless fields and with hostile ones: the paths differ in values only.
pub fn name_template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let template = lines.next().unwrap_or_default();
    let (style, key) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let prompt = lines.next().unwrap_or_default();
    let tame = fields("x", "x", "x");
    let wild = fields(prompt, style, key);
    for output in [Output::Template(template.to_owned()), Output::parse(template, |_| false)] {
        let (tame, wild) = match (plan(&output, &tame, 2), plan(&output, &wild, 2)) {
            (Ok(tame), Ok(wild)) => (tame, wild),
            (Err(tame), Err(wild)) => {
                assert_eq!(tame.message, wild.message, "the template is at fault, not the prompt");
                continue;
            }
            (tame, wild) => panic!("{tame:?} but {wild:?}"),
        };
        for index in [0, 1, 1_000] {
            shape(template, &path(&tame, index), &path(&wild, index));
        }
    }
    for output in [Output::Directory("base".into()), Output::Stdout] {
        let (tame, wild) = (plan(&output, &tame, 1), plan(&output, &wild, 1));
        let (tame, wild) = (tame.expect("a default name"), wild.expect("a default name"));
        shape("", &path(&tame, 0), &path(&wild, 0));
    }
}

fn fields<'a>(prompt: &'a str, style: &'a str, key: &str) -> Fields<'a> {
    Fields {
        prompt,
        style,
        now: jiff::Timestamp::UNIX_EPOCH,
        model: "openai/gpt-image-2",
        provider: "openai",
        seed: 7,
        n: 3,
        id: "261122-7f3k9q2m.1",
        run: "261122-7f3k9q2m",
        ext: "png",
        extra: BTreeMap::from([("key".to_owned(), key.to_owned())]),
    }
}

fn path(target: &OutputTarget, index: usize) -> String {
    assert!(!target.stem.is_empty());
    let path = candidate(target, index);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    assert!(name.len() <= 255 && !name.is_empty(), "{path:?}");
    assert!(Path::new(name) == Path::new(&name.replace(['/'], "")), "{path:?}");
    path.to_str().expect("text makes text").to_owned()
}

/// Parts that a field changed are safe on every platform; all others are the user's own words.
fn shape(template: &str, tame: &str, wild: &str) {
    let (tame, wild): (Vec<&str>, Vec<&str>) =
        (tame.split('/').collect(), wild.split('/').collect());
    assert_eq!(tame.len(), wild.len(), "{tame:?} {wild:?}");
    for (tame, wild) in tame.into_iter().zip(wild) {
        if tame == wild {
            continue;
        }
        assert!(wild.len() <= 255, "{wild}");
        assert!(!wild.is_empty() && wild != "." && wild != "..", "{wild:?}");
        let foreign = |c: &char| {
            pinx::text::is_dangerous(*c)
                || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        };
        let found = wild.chars().filter(foreign).find(|c| !template.contains(*c));
        assert_eq!(found, None, "{wild:?} of {template:?}");
        assert!(!wild.ends_with(['.', ' ']), "{wild:?} of {template:?}");
        assert!(!reserved(wild), "{wild:?} of {template:?}");
    }
}

/// Names that Windows keeps for devices, whatever the extension (Win32 "Naming Files").
fn reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().find_map(|port| stem.strip_prefix(port));
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || numbered.is_some_and(|n| {
            n.chars().count() == 1
                && n.starts_with(|c: char| c.is_ascii_digit() || "¹²³".contains(c))
        })
}
