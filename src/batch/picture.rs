//! The pictures that a job is made from, as its file words them: a name, an address, a list of them, or
//! a table as request bodies of providers have it.
//!
//! Pure: what a word stands for is found out where the jobs are planned.

use super::fill;
use super::key::Field;
use super::node::{Broken, Data, Node};
use super::value::{Check, Entry, Layer};
use crate::request::MaskMeans;
use crate::text;

/// Pictures of one job at most; no model reads more.
const MOST: usize = 16;

/// The longest word for a picture, in bytes: no path and no address is longer.
const LONGEST: usize = 8_192;

/// Keys of a table in which request bodies name a picture.
const ADDRESSES: [&str; 3] = ["image_url", "url", "path"];

/// What a job says of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures {
    /// The pictures in order: files, addresses, or images of the log.
    pub images: Vec<String>,
    /// The mask of the first.
    pub mask: Option<String>,
    /// Which part of it is to be changed.
    pub mask_means: Option<MaskMeans>,
    /// That stands in the job itself, and not in the defaults of the file.
    pub is_means_own: bool,
    /// Whether they are scaled down where a model takes no larger ones.
    pub fit: Option<bool>,
}

impl Pictures {
    /// Whether the job names any of its own.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty() && self.mask.is_none()
    }
}

/// Reads what a job says of pictures.
pub(super) fn pictures(entries: &[Entry<'_>], check: &mut Check<'_>) -> Pictures {
    let mut pictures = Pictures::default();
    for entry in entries {
        match entry.field {
            Field::Images => images(entry, &mut pictures.images, check),
            Field::Mask => pictures.mask = one(entry, entry.node, check),
            Field::MaskMeans => {
                pictures.mask_means = means(entry, check);
                pictures.is_means_own = entry.layer == Layer::Own;
            }
            Field::Fit => pictures.fit = switch(entry, check),
            _ => {}
        }
    }
    pictures
}

/// What names nothing would be made from words alone, and paid for.
fn names_none(entry: &Entry<'_>, at: usize, check: &mut Check<'_>) {
    let key = &entry.name.text;
    let broken = Broken::new(at, format!("`{key}` names no picture"));
    check.wrong(broken.hint(format!("name one, or leave `{key}` out; `null` is none")));
}

fn images(entry: &Entry<'_>, images: &mut Vec<String>, check: &mut Check<'_>) {
    let is_plural = entry.name.text.ends_with('s');
    match &entry.node.data {
        Data::List(list) if list.iter().all(Node::is_null) => {
            names_none(entry, entry.node.at, check);
        }
        Data::List(list) => {
            images.extend(list.iter().filter_map(|node| one(entry, node, check)));
        }
        Data::Text(words) if is_plural => {
            // A cell holds a list as text; a name with a comma in it goes into `image`.
            let named = words.split([',', ';']).filter(|word| !word.trim().is_empty());
            if named.clone().next().is_none() {
                names_none(entry, entry.node.at, check);
            }
            for word in named {
                images.extend(one(entry, &Node::text(entry.node.at, word), check));
            }
        }
        _ => images.extend(one(entry, entry.node, check)),
    }
    if images.len() > MOST {
        let message = format!("{} pictures are named; at most {MOST}", images.len());
        let hint = format!("leave {} of them out", images.len() - MOST);
        check.wrong(Broken::new(entry.node.at, message).hint(hint));
        images.truncate(MOST);
    }
}

/// The word for one picture; none where nothing is named.
fn one(entry: &Entry<'_>, node: &Node, check: &mut Check<'_>) -> Option<String> {
    let key = &entry.name.text;
    let word = match &node.data {
        Data::Map(_) => address(entry, node, check)?,
        Data::Text(word) => word.as_str(),
        Data::Null => return None,
        _ => {
            check.must(entry, "the name of a picture, or a list of them", node);
            return None;
        }
    };
    let mut unknown = Vec::new();
    let word = fill::fill(word.trim(), check.vars, &mut |name| unknown.push(name.to_owned()));
    for name in unknown {
        let broken =
            Broken::new(node.at, format!("`{key}` asks for `{{{name}}}`, which has no value"));
        let near = text::nearest(&name, check.vars.keys().map(String::as_str));
        check.wrong(broken.hint(match near {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None => format!("add `{name}` to `vars`, or give `--var {name}=VALUE`"),
        }));
    }
    let (why, hint) = if word.is_empty() {
        names_none(entry, node.at, check);
        return None;
    } else if word == "-" {
        ("a batch file names no stdin", "`-i -` on the command line is a picture for all jobs")
    } else if word.starts_with("data:") {
        ("a picture inside the file is not read", "save it as a file, and name that")
    } else if word.len() > LONGEST || word.contains('\0') {
        ("this is no name of a picture", "name a file, or an https address")
    } else {
        return Some(word);
    };
    check.wrong(Broken::new(node.at, format!("`{key}`: {why}")).hint(hint));
    None
}

/// What a table names, as request bodies write it: `{"image_url": "https://…"}`, also one level deeper.
fn address<'n>(entry: &Entry<'_>, node: &'n Node, check: &mut Check<'_>) -> Option<&'n str> {
    let mut node = node;
    for _ in 0..2 {
        let Data::Map(map) = &node.data else { break };
        let named = |key: &&str| map.iter().find(|(name, _)| name.text == *key);
        let Some((_, inner)) = ADDRESSES.iter().find_map(named) else { break };
        node = inner;
    }
    if let Data::Text(word) = &node.data {
        return Some(word);
    }
    let is_file =
        matches!(&node.data, Data::Map(map) if map.iter().any(|(name, _)| name.text == "file_id"));
    let (what, hint) = match is_file {
        true => ("a `file_id` names a file at the provider", "name the file on this machine"),
        false => ("this table names no picture", "`{\"image_url\": \"https://…\"}` does"),
    };
    check.wrong(Broken::new(node.at, format!("`{}`: {what}", entry.name.text)).hint(hint));
    None
}

fn means(entry: &Entry<'_>, check: &mut Check<'_>) -> Option<MaskMeans> {
    let word = check.word(entry)?.to_lowercase();
    let means = MaskMeans::ALL.into_iter().find(|means| means.word() == word);
    if means.is_none() {
        check.must(entry, "white or transparent", entry.node);
    }
    means
}

fn switch(entry: &Entry<'_>, check: &mut Check<'_>) -> Option<bool> {
    let word = entry.node.as_word().map(|word| word.trim().to_lowercase());
    match word.as_deref() {
        Some("true" | "yes" | "1") => Some(true),
        Some("false" | "no" | "0") => Some(false),
        _ => {
            let broken =
                format!("`{}` must be true or false, not {}", entry.name.text, entry.node.shown());
            check.wrong(Broken::new(entry.node.at, broken));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{good, told};
    use super::*;

    /// What a job of these keys says of pictures.
    fn read(keys: &str) -> Pictures {
        let line = format!("{{\"prompt\": \"p\", {keys}}}");
        good(&line, Format::Lines, &[]).remove(0).pictures
    }

    #[test]
    fn pictures_are_named_as_anybody_names_them() {
        for (keys, images) in [
            (r#""image": "a, b;c.png""#, &["a, b;c.png"][..]),
            (r#""images": "a.png, b/c.png""#, &["a.png", "b/c.png"]),
            (r#""image": ["a.png", "@run.1"]"#, &["a.png", "@run.1"]),
            (
                r#""images": [{"image_url": "https://x/y,z.png"}, {"path": "a"}]"#,
                &["https://x/y,z.png", "a"],
            ),
            (r#""image": {"type": "image_url", "url": "https://x/y"}"#, &["https://x/y"]),
            (
                r#""input_references": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]"#,
                &["https://x/y"],
            ),
            (r#""image": null, "mask": null"#, &[]),
            (r#""images": ["a.png", null], "mask": null"#, &["a.png"]),
        ] {
            assert_eq!(read(keys).images, images, "{keys}");
            assert_eq!(read(keys).is_empty(), images.is_empty(), "{keys}");
        }
        let all = read(
            r#""image_url": "a", "mask": {"image_url": "m"}, "mask_means": "White", "fit": "yes""#,
        );
        assert_eq!((all.mask.as_deref(), all.mask_means), (Some("m"), Some(MaskMeans::White)));
        assert_eq!((all.fit, read(r#""fit": false"#).fit), (Some(true), Some(false)));
        let cells = "prompt,images,mask\nx,\"[\"\"a,b\"\", {\"\"url\"\": \"\"c\"\"}]\",m\ny,\"a,b\",\nz,[x].png,\n";
        let items = good(cells, Format::Csv, &[]);
        let images = items.iter().map(|item| item.pictures.images.join("|"));
        assert_eq!(images.collect::<Vec<_>>(), ["a,b|c", "a|b", "[x].png"]);
    }

    #[test]
    fn a_matrix_and_defaults_name_pictures_and_a_job_goes_before_them() {
        let yaml = "defaults: {image: \"in/{a}.png\", mask: m.png}\njobs:\n  - {prompt: \"{a}\", matrix: {a: [fox, owl]}}\n  - {prompt: x, images: [y.png]}\n";
        let items = good(yaml, Format::Yaml, &[("a", "hen")]);
        let named =
            items.iter().map(|item| (item.pictures.images.join(" "), item.pictures.mask.clone()));
        let named: Vec<_> = named.map(|(images, mask)| images + " " + &mask.unwrap()).collect();
        assert_eq!(named, ["in/fox.png m.png", "in/owl.png m.png", "y.png m.png"]);
    }

    #[test]
    fn what_names_no_picture_is_told() {
        for (keys, expected) in [
            (
                r#""image": 7"#,
                "1:26: `image` must be the name of a picture, or a list of them, not `7`",
            ),
            (
                r#""image": "x", "images": ["y"]"#,
                "1:31: `image` and `images` say the same | leave one of them out",
            ),
            (
                r#""images": [{"file_id": "f"}]"#,
                "1:28: `images`: a `file_id` names a file at the provider | name the file on this machine",
            ),
            (
                r#""mask": {"x": 1}"#,
                "1:25: `mask`: this table names no picture | `{\"image_url\": \"https://…\"}` does",
            ),
            (
                r#""image": "data:image/png;base64,AA""#,
                "1:26: `image`: a picture inside the file is not read | save it as a file, and name that",
            ),
            (
                r#""image": "{anmal}.png", "vars": {"animal": "fox"}"#,
                "1:26: `image` asks for `{anmal}`, which has no value | did you mean `{animal}`?",
            ),
            (
                r#""mask_means": "black""#,
                "1:31: `mask_means` must be white or transparent, not `black`",
            ),
            (r#""fit": "tight""#, "1:24: `fit` must be true or false, not `tight`"),
            (r#""imgae": "x""#, "1:17: unknown key `imgae` | did you mean `image`?"),
        ] {
            let line = format!("{{\"prompt\": \"p\", {keys}}}");
            assert_eq!(told(line.as_bytes(), Format::Lines), [expected], "{keys}");
        }
        let many = format!("{{\"prompt\": \"p\", \"images\": {:?}}}", ["x"; 17]);
        assert_eq!(
            told(many.as_bytes(), Format::Lines),
            ["1:27: 17 pictures are named; at most 16 | leave 1 of them out"]
        );
    }

    #[test]
    fn an_empty_name_is_no_way_to_name_none() {
        let none = |place: &str, key: &str| {
            format!(
                "{place}: `{key}` names no picture | name one, or leave `{key}` out; `null` is none"
            )
        };
        for (value, key, at) in [
            ("\"\"", "image", 26),
            ("\"  \"", "image", 26),
            ("[]", "images", 27),
            ("[null]", "images", 27),
            ("[\"\"]", "images", 28),
            ("[\"a.png\", \"\"]", "images", 37),
            ("\" ; ,\"", "images", 27),
            ("{\"image_url\": \"\"}", "image", 26),
            ("\"\"", "mask", 25),
            ("\"{x}\", \"vars\": {\"x\": \"\"}", "image", 26),
        ] {
            let line = format!("{{\"prompt\": \"p\", \"{key}\": {value}}}");
            let place = format!("1:{at}");
            assert_eq!(told(line.as_bytes(), Format::Lines), [none(&place, key)], "{line}");
        }
        for (text, format, place, key) in [
            ("jobs:\n  - {prompt: p, image: ''}\n", Format::Yaml, "2:24", "image"),
            ("[[jobs]]\nprompt = \"p\"\nimages = []\n", Format::Toml, "3:10", "images"),
            (
                "defaults: {image: m.png}\njobs: [{prompt: p, images: []}]\n",
                Format::Yaml,
                "2:28",
                "images",
            ),
            ("defaults: {image: ''}\njobs: [{prompt: p}]\n", Format::Yaml, "1:19", "image"),
            ("prompt,image\np,[]\n", Format::Csv, "2:3", "image"),
        ] {
            assert_eq!(told(text.as_bytes(), format), [none(place, key)], "{text}");
        }
        let cells = good("prompt,image,mask\np,,\nq,  ,\n", Format::Csv, &[]);
        assert!(cells.iter().all(|item| item.pictures.is_empty()));
        let yaml = "defaults: {image: m.png, mask: k.png}\njobs:\n  - {prompt: p}\n  - {prompt: q, image: null}\n  - {prompt: r, mask: }\n";
        let named = good(yaml, Format::Yaml, &[]).into_iter().map(|item| item.pictures);
        let named: Vec<_> = named.map(|it| (it.images.len(), it.mask.is_some())).collect();
        assert_eq!(named, [(1, true), (0, false), (1, false)]);
    }

    #[test]
    fn a_matrix_of_pictures_is_written_into_their_key() {
        for key in ["image", "mask"] {
            let job = |more: &str| {
                format!("- {{prompt: p, image: m.png{more}, matrix: {{{key}: [a.png, b.png]}}}}\n")
            };
            let hint = format!("write `{key}: \"{{{key}}}\"` into the job, beside `matrix`");
            let message = format!("nothing in the job uses `{{{key}}}` of the matrix");
            let expected = format!("1:38: {message} | {hint}");
            assert_eq!(told(job("").as_bytes(), Format::Yaml), [expected]);
            // As it says, it is two edits of the same words.
            let text = job(&format!(", {key}: \"{{{key}}}\""));
            let text = if key == "image" { text.replace("image: m.png, ", "") } else { text };
            let items = good(&text, Format::Yaml, &[]);
            let named = items.iter().map(|it| match key {
                "image" => it.pictures.images.join(" "),
                _ => it.pictures.mask.clone().unwrap(),
            });
            assert_eq!(named.collect::<Vec<_>>(), ["a.png", "b.png"]);
            assert!(items.iter().all(|item| item.request.prompt == "p"));
        }
    }

    #[test]
    fn a_request_for_an_edit_is_a_job() {
        let line = |url: &str, more: &str| {
            format!(
                r#"{{"custom_id": "x", "method": "POST", "url": "{url}", "body": {{"prompt": "p"{more}}}}}"#
            )
        };
        let images = r#", "images": [{"image_url": "https://x/y"}], "input_fidelity": "low""#;
        let item = good(&line("/v1/images/edits", images), Format::Lines, &[]).remove(0);
        assert_eq!(item.pictures.images, ["https://x/y"]);
        assert!(item.request.input_fidelity.is_some());
        for none in ["", r#", "images": null"#] {
            assert_eq!(
                told(line("/v1/images/edits", none).as_bytes(), Format::Lines),
                [
                    "1:45: `/v1/images/edits` is asked for without `images` | name what it is made from"
                ]
            );
        }
    }
}
