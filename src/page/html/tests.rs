//! Pages are read back by a strict little parser: whatever was written stays text.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::money::Money;
use crate::page::{Cost, Image, Status, Vote};

/// An element: its name, its attributes, and the text right behind its opening tag.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

const VOID: [&str; 3] = ["meta", "img", "input"];
const ALL: [&str; 35] = [
    "h3",
    "bdi",
    "section",
    "code",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "p",
    "h1",
    "h2",
    "div",
    "input",
    "select",
    "option",
    "output",
    "main",
    "article",
    "a",
    "img",
    "strong",
    "ul",
    "li",
    "details",
    "summary",
    "dialog",
    "figure",
    "figcaption",
    "span",
    "button",
    "script",
    "table",
];

fn decoded(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The elements of a page in order; every tag is known, quoted and closed where it was opened.
fn parse(page: &str) -> Vec<Element> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a doctype");
    let (mut open, mut found): (Vec<String>, Vec<Element>) = (Vec::new(), Vec::new());
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').expect("a closed tag");
        let (tag, after) = (&rest[at + 1..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed where it was not opened");
            continue;
        }
        let mut parts = tag.splitn(2, ' ');
        let name = parts.next().unwrap().to_owned();
        assert!(ALL.contains(&name.as_str()), "unknown element `{name}`");
        let attributes = attributes(parts.next().unwrap_or_default());
        let text = rest[..rest.find('<').expect("a closing tag")].to_owned();
        if name == "style" || name == "script" {
            let close = format!("</{name}>");
            let end = rest.find(&close).expect("a closed element");
            rest = &rest[end + close.len()..];
        } else if !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        found.push(Element { name, attributes, text: decoded(&text) });
    }
    assert!(open.is_empty(), "left open: {open:?}");
    found
}

fn attributes(mut text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    while !text.is_empty() {
        let end = text.find([' ', '=']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "attribute `{name}`");
        let (value, rest) = match rest.strip_prefix("=\"") {
            Some(rest) => rest.split_once('"').expect("a closed attribute"),
            None => ("", rest),
        };
        found.insert(name.to_owned(), decoded(value));
        text = rest.strip_prefix(' ').unwrap_or(rest);
    }
    found
}

fn page(directory: &Path, head: &Head, totals: &Totals, entries: &[Entry]) -> String {
    let mut page = Page::begin(Cursor::new(Vec::new()), directory, head).unwrap();
    entries.iter().for_each(|entry| page.entry(entry).unwrap());
    String::from_utf8(page.finish(totals).unwrap().into_inner()).unwrap()
}

fn saved(directory: &Path, name: &str) -> Image {
    let path = directory.join(name);
    RgbImage::from_pixel(60, 40, Rgb([9, 90, 200])).save(&path).unwrap();
    Image { path, width: 60, height: 40 }
}

#[test]
fn a_gallery_shows_every_job_and_loads_nothing() {
    let home = tempfile::tempdir().unwrap();
    let done = Entry {
        label: "fal/flux-dev".to_owned(),
        prompt: "a fox & an owl".to_owned(),
        name: Some("hero".to_owned()),
        image: Some(saved(home.path(), "a fox.png")),
        seed: Some(7),
        cost: Cost::About(Money::micros(40_000)),
        ms: Some(2_100),
        tags: vec!["sea".to_owned()],
        adjustments: vec!["size 1024x1024 instead of 1000x1000".to_owned()],
        ..Entry::default()
    };
    let refused = Entry {
        label: "openai/gpt-image-2".to_owned(),
        prompt: "a <b>bear</b>".to_owned(),
        status: Status::Refused,
        reason: Some("the content policy refused it".to_owned()),
        ..Entry::default()
    };
    let head = Head { title: "zoo.txt".to_owned(), expected: 2, ..Head::default() };
    let mut totals = Totals { run: "261122-7f3k9q2m".to_owned(), ms: 2_300, ..Totals::default() };
    [&done, &refused].iter().for_each(|entry| totals.add(entry));
    let text = page(home.path(), &head, &totals, &[done, refused]);
    let elements = parse(&text);
    let texts = |name: &str| -> Vec<&str> {
        elements.iter().filter(|e| e.name == name).map(|e| e.text.trim()).collect()
    };
    assert_eq!(texts("h1"), ["zoo.txt"]);
    assert_eq!(texts("h2"), ["a fox & an owl", "a <b>bear</b>"]);
    assert_eq!(texts("strong"), ["Refused"]);
    let facts = ["2.1 s", "~$0.04", "60×40", "seed 7", "hero", "sea"];
    assert_eq!(texts("li")[..6], facts);
    assert_eq!(texts("li")[6], "size 1024x1024 instead of 1000x1000");
    let sums = ["1 image", "1 refused", "~$0.04", "2.3 s", "run 261122-7f3k9q2m"];
    assert_eq!(texts("span")[..5], sums);
    assert!(texts("p").contains(&"the content policy refused it"));
    let picture = elements.iter().find(|e| e.name == "img").unwrap();
    assert_eq!(picture.attributes["alt"], "a fox & an owl");
    // What stands in the page itself is there at once, not a moment after the rest.
    for picture in elements.iter().filter(|e| e.name == "img") {
        assert_eq!(picture.attributes["decoding"], "sync");
    }
    assert_eq!((&*picture.attributes["width"], &*picture.attributes["height"]), ("60", "40"));
    assert_eq!(picture.attributes["class"], "whole", "it is shown no larger than it is");
    for element in &elements {
        for (name, value) in &element.attributes {
            let is_local = match name.as_str() {
                "src" => value.starts_with("data:image/jpeg;base64,"),
                "href" => value == "a%20fox.png",
                _ => !name.starts_with("on") && name != "style",
            };
            assert!(is_local, "{name}={value}");
        }
    }
}

#[test]
fn the_policy_names_what_is_inside() {
    let text = page(Path::new("."), &Head::default(), &Totals::default(), &[]);
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let inside = text.split_once(open).unwrap().1.split_once(close).unwrap().0;
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(inside);
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
        assert!(text.contains(&format!("'sha256-{hash}'")), "{open}");
    }
    assert!(text.contains("default-src 'none'") && !text.contains("unsafe"));
    assert!(!text.contains("http://") && !text.contains("https://"));
}

#[test]
fn a_blind_comparison_gives_no_name_away() {
    let home = tempfile::tempdir().unwrap();
    let image = saved(home.path(), "fox-flux-dev.png");
    let drawing = home.path().join("flux.svg");
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><!--flux--></svg>";
    crate::fs::write_atomic(&drawing, svg, crate::fs::Mode::Normal).unwrap();
    let entry = |image: Option<Image>, status| Entry {
        label: "fal/flux-dev".to_owned(),
        prompt: "a fox".to_owned(),
        name: Some("flux".to_owned()),
        status,
        image,
        reason: Some("flux refused".to_owned()),
        ..Entry::default()
    };
    let drawing = Image { path: drawing, ..Image::default() };
    let entries: Vec<Entry> = [
        entry(Some(image), Status::Done),
        entry(Some(drawing), Status::Done),
        entry(None, Status::Refused),
    ]
    .iter()
    .enumerate()
    .map(|(index, entry)| entry.blinded(index))
    .collect();
    let head = Head { title: "Comparison".into(), prompt: "a fox".into(), ..Head::default() };
    let text = page(home.path(), &head, &Totals::default(), &entries);
    assert!(!text.contains("flux") && !text.contains("svg"), "{text}");
    let letters: Vec<String> =
        parse(&text).into_iter().filter(|e| e.name == "h2").map(|e| e.text).collect();
    assert_eq!(letters, ["A", "B", "C"]);
}

#[test]
fn a_row_tells_its_images_apart_and_each_can_be_opened_by_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let family = "a family 👩\u{200d}👩\u{200d}👧";
    let entry = Entry {
        label: "pinx/sketch".to_owned(),
        prompt: family.to_owned(),
        image: Some(saved(home.path(), "fox.png")),
        adjustments: vec!["it knows no \"قطة\", \"صورة\": drew the rest".to_owned()],
        ..Entry::default()
    };
    let vote = Vote { label: "B".to_owned(), command: "pinx vote r B".to_owned() };
    let row =
        Row { number: Some(1), prompt: family.to_owned(), votes: vec![vote], ..Row::default() };
    let note = "Type `pinx vote r WHICH` to say <which>".to_owned();
    let head = Head { has_rows: true, note, ..Head::default() };
    let mut page = Page::begin(Cursor::new(Vec::new()), home.path(), &head).unwrap();
    page.row(&row, &[entry.clone(), entry.blinded(1)]).unwrap();
    let text = page.finish(&Totals::default()).unwrap().into_inner();
    let elements = parse(&String::from_utf8(text).unwrap());
    let of = |name: &'static str| elements.iter().filter(move |element| element.name == name);
    let code: Vec<&str> = of("code").map(|one| &*one.text).collect();
    assert_eq!(code, ["pinx vote r WHICH", "pinx vote r B"], "commands are told from words");
    // Without the script there is nothing that only it can do.
    let votes = |one: &&Element| one.attributes.get("class").is_some_and(|class| class == "votes");
    assert!(of("div").find(votes).unwrap().attributes.contains_key("hidden"));
    let alts: Vec<&str> = of("img").map(|img| &*img.attributes["alt"]).collect();
    assert_eq!(alts[..2], [format!("pinx/sketch: {family}"), format!("B: {family}")]);
    let pictures = elements
        .iter()
        .filter(|element| element.attributes.get("class").is_some_and(|class| class == "picture"));
    assert_eq!(pictures.map(|one| &*one.name).collect::<Vec<_>>(), ["a", "button"]);
    assert_eq!(of("h3").map(|one| &*one.text).collect::<Vec<_>>(), ["pinx/sketch", "B"]);
    assert_eq!(of("bdi").map(|one| &*one.text).collect::<Vec<_>>(), ["قطة", "صورة"]);
}

#[test]
fn a_full_page_goes_on_with_links() {
    let home = tempfile::tempdir().unwrap();
    let image = Some(saved(home.path(), "fox.png"));
    let entry = Entry { label: "p/m".to_owned(), image, ..Entry::default() };
    let mut page = Page::begin(Cursor::new(Vec::new()), home.path(), &Head::default()).unwrap();
    page.entry(&entry).unwrap();
    page.room = 1;
    page.entry(&entry).unwrap();
    page.entry(&entry).unwrap();
    let text = page.finish(&Totals::default()).unwrap().into_inner();
    let text = String::from_utf8(text).unwrap();
    let elements = parse(&text);
    let embedded = elements.iter().filter(|e| e.attributes.contains_key("src")).count();
    assert_eq!(embedded, 2, "the second took the last of the room");
    let links =
        elements.iter().filter(|e| e.attributes.get("href").is_some_and(|to| to == "fox.png"));
    assert_eq!(links.count(), 3);
}

#[test]
fn thumbnails_shrink_as_pages_grow() {
    let of = |expected| {
        let head = Head { expected, ..Head::default() };
        Page::begin(Cursor::new(Vec::new()), Path::new("."), &head).unwrap().edge
    };
    assert_eq!([1, 24, 25, 400, 401, 2_000, 100_000].map(of), [960, 960, 480, 480, 320, 320, 200]);
}

proptest! {
    #[test]
    fn any_words_yield_a_sound_page(
        words in prop::collection::vec(
            prop_oneof![any::<String>(), "[<>&\"'/=a-z \\n-]{0,300}", Just("</article><script>".to_owned())],
            8,
        ),
        is_shared in any::<bool>(),
        has_rows in any::<bool>(),
    ) {
        let entry = Entry {
            label: words[0].clone(),
            prompt: words[1].clone(),
            name: Some(words[2].clone()),
            status: Status::Failed,
            tags: vec![words[3].clone()],
            adjustments: vec![words[4].clone()],
            reason: Some(words[5].clone()),
            ..Entry::default()
        };
        let prompt = if is_shared { words[1].clone() } else { String::new() };
        let head = Head { title: words[6].clone(), prompt, note: words[7].clone(), expected: 1, has_rows };
        let totals = Totals { run: words[0].clone(), ..Totals::default() };
        let text = if has_rows {
            let vote = Vote { label: words[2].clone(), command: words[4].clone() };
            let row = Row { number: Some(3), prompt: words[1].clone(), note: words[5].clone(), votes: vec![vote] };
            let mut page = Page::begin(Cursor::new(Vec::new()), Path::new("."), &head).unwrap();
            page.row(&row, &[entry]).unwrap();
            String::from_utf8(page.finish(&totals).unwrap().into_inner()).unwrap()
        } else {
            page(Path::new("."), &head, &totals, &[entry])
        };
        let elements = parse(&text);
        prop_assert_eq!(elements.iter().filter(|e| e.name == "article").count(), 1);
        prop_assert_eq!(elements.iter().filter(|e| e.name == "script").count(), 1);
        let dangerous = text.chars().filter(|c| !"\u{200c}\u{200d}\n\t".contains(*c));
        prop_assert!(!dangerous.clone().any(crate::text::is_dangerous));
    }
}

#[test]
fn choices_wrap_on_a_narrow_screen() {
    let style = include_str!("style.css");
    let rules: Vec<&str> = style.lines().filter(|line| line.contains(".choices {")).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| !rule.contains("nowrap")), "{rules:?}");
}
