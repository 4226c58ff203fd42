//! The text that the AUTOMATIC1111 web UI and its many kin write into an image: the prompt, the
//! negative prompt behind its label, and one line of settings (`Steps: 20, Sampler: Euler a, …`).
//!
//! Pure, and lenient: no text makes it panic, what is not understood is kept as it is.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::{Program, Provenance, Recipe};
use crate::request::Request;
use crate::request::parameter::PARAMETERS;

/// What the line of the negative prompt begins with.
const NEGATIVE: &str = "Negative prompt:";

/// A line is one of settings if it has so many; the web UI itself counts to three.
const LEAST: usize = 3;

/// Settings of one image that are read.
const MOST: usize = 200;

/// The most characters of a setting's name.
const NAME: usize = 60;

/// The recipe in such a text; none where no line of settings is found.
pub(super) fn parse(text: &str) -> Option<Provenance> {
    let text = text.trim_matches(['\0', '\u{feff}']).trim().replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let (at, settings) = settings(&lines)?;
    let mut found = prompts(&lines[..at]);
    let value = |name: &str| {
        settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    (found.program, found.version) = program(&value);
    for (name, value) in settings {
        if !take(&mut found, &name, &value) {
            found.extra.push((name, value));
        }
    }
    Some(found)
}

/// Who writes so, by what only it writes, and its version.
fn program<'s>(value: &impl Fn(&str) -> Option<&'s str>) -> (Program, Option<String>) {
    let version = value("Version").unwrap_or_default();
    let told = |name: &str, version: &str| {
        (Program::of(name), Some(version.to_owned()).filter(|version| !version.is_empty()))
    };
    if let Some(app) = value("App") {
        return told(app, version);
    }
    for name in ["Fooocus", "ComfyUI", "SwarmUI", "SD.Next", "InvokeAI"] {
        if let Some(own) = version.strip_prefix(name) {
            return told(name, own.trim_start_matches([' ', ':']));
        }
    }
    let mut letters = version.chars();
    match (letters.next(), letters.next().is_some_and(|c| c.is_ascii_digit())) {
        _ if version == "pinx" => (Program::Pinx, None),
        _ if version.starts_with("neo") => told("Forge Neo", version),
        (Some('v'), true) => told("AUTOMATIC1111", version),
        (Some('f'), true) => told("Forge", version),
        _ if value("Civitai resources").is_some() || value("Civitai metadata").is_some() => {
            told("Civitai", version)
        }
        _ if value("Fooocus V2 Expansion").is_some() => told("Fooocus", version),
        _ => told("AUTOMATIC1111 or its like", version),
    }
}

/// Whether it has what only a line of such settings has. A caption of a photo may look alike.
pub(super) fn is_sure(found: &Provenance) -> bool {
    const OWN: [&str; 6] =
        ["Steps", "Sampler", "CFG scale", "Guidance Scale", "Model hash", "Seed"];
    let is_own = |name: &str| found.extra.iter().any(|(known, _)| known == name);
    let own = OWN.iter().filter(|name| is_own(name)).count();
    own + usize::from(found.recipe.request.seed.is_some()) >= 2 || found.program == Program::Pinx
}

/// Takes out of the prompt what stands behind a dash on lines of its own: so Draw Things describes what
/// is not to be seen.
pub(super) fn dashed(found: &mut Provenance) {
    let request = Arc::make_mut(&mut found.recipe.request);
    let (negative, prompt): (Vec<&str>, Vec<&str>) =
        request.prompt.lines().partition(|line| line.starts_with('-'));
    let negative = negative.join("\n").trim_start_matches('-').trim().to_owned();
    let prompt = prompt.join("\n").trim().to_owned();
    request.prompt = prompt;
    if !negative.is_empty() {
        request.negative = Some(negative);
    }
}

/// A text without settings, as a program leaves it that was told to write none.
pub(super) fn bare(text: &str) -> Option<Provenance> {
    let text = text.trim();
    let lines: Vec<&str> = text.split('\n').collect();
    let is_prompt = !text.is_empty() && !text.starts_with(['{', '[']);
    is_prompt.then(|| Provenance {
        program: Program::of("AUTOMATIC1111 or its like"),
        ..prompts(&lines)
    })
}

/// The prompt and the negative prompt.
fn prompts(lines: &[&str]) -> Provenance {
    let at = lines.iter().position(|line| line.trim_start().starts_with(NEGATIVE));
    let (before, behind) = lines.split_at(at.unwrap_or(lines.len()));
    let negative = behind.join("\n");
    let negative = negative.trim_start().strip_prefix(NEGATIVE).map(|text| text.trim().to_owned());
    let request = Arc::new(Request {
        prompt: before.join("\n").trim().to_owned(),
        negative: negative.filter(|text| !text.is_empty()),
        ..Request::default()
    });
    Provenance { recipe: Recipe { request, ..Recipe::default() }, ..Provenance::default() }
}

/// The line of settings, and what it holds: the last that begins as the web UI begins it, for others
/// may follow, or else the last one of all.
fn settings(lines: &[&str]) -> Option<(usize, Vec<(String, String)>)> {
    if let Some(at) = lines.iter().rposition(|line| line.trim_start().starts_with("Steps: ")) {
        return Some((at, pairs(lines[at])));
    }
    let last = lines.len().checked_sub(1)?;
    let found = pairs(lines[last]);
    (found.len() >= LEAST).then_some((last, found))
}

/// The names and values of a line.
fn pairs(line: &str) -> Vec<(String, String)> {
    Reader::of(line).pairs()
}

/// A line of settings on its way. The time it takes grows with the line's length and no faster,
/// whatever stands in it: texts come from anywhere, and have no longest line.
struct Reader<'t> {
    rest: &'t str,
    /// Characters that may still be read as JSON in vain: what looks like a list may be none, and hold
    /// more of the like.
    vain: usize,
    /// Characters that were looked at, some of them more than once.
    looked: usize,
}

impl<'t> Reader<'t> {
    fn of(line: &'t str) -> Reader<'t> {
        let rest = line.trim();
        Reader { rest, vain: 4 * rest.len(), looked: rest.len() }
    }

    fn pairs(&mut self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        while !self.rest.is_empty() && pairs.len() < MOST {
            let name = self.name();
            let value = self.value();
            pairs.extend(name.map(|name| (name, value)));
            self.rest = self.rest.trim_start_matches([',', ' ', '\t']);
        }
        pairs
    }

    /// The name in front, up to its colon.
    fn name(&mut self) -> Option<String> {
        let fits = |c: char| c.is_alphanumeric() || " _-/.()".contains(c);
        // White space around a name does not count, but there is never much of it.
        let mut head = self.rest.char_indices().take(2 * NAME);
        let found = head.find(|(_, c)| !fits(*c));
        self.looked += found.map_or(2 * NAME, |(at, _)| at);
        let (at, _) = found.filter(|(_, c)| *c == ':')?;
        let name = self.rest[..at].trim();
        if name.is_empty() || name.chars().count() > NAME {
            return None;
        }
        self.rest = &self.rest[at + 1..];
        Some(name.to_owned())
    }

    /// The value in front: quoted as JSON, a list or an object of JSON, or whatever stands before the
    /// next comma.
    fn value(&mut self) -> String {
        let inner = self.rest.trim_start();
        if inner.starts_with(['"', '[', '{'])
            && let Some((value, end)) = self.json(inner)
        {
            self.rest = &inner[end..];
            return value;
        }
        let end = self.rest.find(',').unwrap_or(self.rest.len());
        self.looked += end;
        let value = self.rest[..end].trim().to_owned();
        self.rest = &self.rest[end..];
        value
    }

    /// The JSON in front of a text and where it ends, if it is whole and nothing else follows it before
    /// the next comma.
    fn json(&mut self, text: &str) -> Option<(String, usize)> {
        // How far it was read is not told where it is none: at most to the end.
        let left = self.vain.checked_sub(text.len())?;
        let read = if text.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(text).into_iter::<String>();
            stream.next().and_then(|value| Some((value.ok()?, stream.byte_offset())))
        } else {
            let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
            let is_whole = stream.next().is_some_and(|value| value.is_ok());
            let end = stream.byte_offset();
            is_whole.then(|| (text[..end].to_owned(), end))
        };
        let Some((value, end)) = read else {
            self.looked += text.len();
            self.vain = left;
            return None;
        };
        self.looked += end;
        let after = text[end..].trim_start();
        if after.is_empty() || after.starts_with(',') {
            return Some((value, end));
        }
        self.vain -= end;
        None
    }
}

/// Puts a setting where a recipe has a place for it; false where it has none.
fn take(found: &mut Provenance, name: &str, value: &str) -> bool {
    let recipe = &mut found.recipe;
    // Only pinx means by the others what a recipe does.
    let is_known = found.program == Program::Pinx || ["Seed", "Size"].contains(&name);
    let row = PARAMETERS.iter().find(|parameter| parameter.infotext == name);
    match (name, row) {
        ("Model", _) => value.clone_into(&mut recipe.model),
        _ if !is_known => return false,
        ("Version", _) => {}
        ("Look", _) => recipe.look = Some(value.to_owned()),
        ("Note", _) => recipe.note = Some(value.to_owned()),
        (_, Some(row)) => return row.parse(Arc::make_mut(&mut recipe.request), value).is_ok(),
        (_, None) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::{Background, Format, Rgb, Size};
    use crate::store::Facts;

    const FACTS: Facts =
        Facts { format: Format::Png, width: 640, height: 480, alpha: false, signed: false };

    const TEXT: &str = "a (red:1.2) fox, snow\nin the <lora:fur:0.8> style\n\
        Negative prompt: blurry,\nbad hands\n\
        Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, \
        Model hash: 6ce0161689, Model: v1-5-pruned, Lora hashes: \"fur: 1a2b, coat: 3c4d\", \
        ADetailer prompt: \"say \\\"hi\\\", ok\", Civitai resources: [{\"type\":\"lora\",\"weight\":1}], \
        Denoising strength: 0.7, Version: v1.10.1";

    #[test]
    fn the_text_of_the_web_ui_is_read() {
        let found = parse(TEXT).unwrap();
        assert_eq!(found.program, Program::of("AUTOMATIC1111"));
        assert_eq!(
            found.recipe.request.prompt,
            "a (red:1.2) fox, snow\nin the <lora:fur:0.8> style"
        );
        assert_eq!(found.recipe.request.negative.as_deref(), Some("blurry,\nbad hands"));
        assert_eq!(found.recipe.request.seed, Some(965_400_086));
        assert_eq!(found.recipe.request.size, Some(Size::new(512, 768)));
        assert_eq!(found.recipe.model, "v1-5-pruned");
        let extra: Vec<(&str, &str)> =
            found.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            extra,
            [
                ("Steps", "20"),
                ("Sampler", "DPM++ 2M Karras"),
                ("CFG scale", "7"),
                ("Model hash", "6ce0161689"),
                ("Lora hashes", "fur: 1a2b, coat: 3c4d"),
                ("ADetailer prompt", "say \"hi\", ok"),
                ("Civitai resources", "[{\"type\":\"lora\",\"weight\":1}]"),
                ("Denoising strength", "0.7"),
                ("Version", "v1.10.1"),
            ]
        );
    }

    #[test]
    fn odd_texts_are_read_as_far_as_they_go() {
        for text in ["", "my holiday", "a fox\nSeed: 1", "Negative prompt: x", "a: b, c"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let only = parse("Steps: 1, Seed: -1, Size: huge, Broken: \"no end").unwrap();
        assert_eq!((only.recipe.request.prompt.as_str(), only.recipe.request.seed), ("", None));
        assert_eq!(only.extra.len(), 4);
        assert_eq!(only.extra[1], ("Seed".to_owned(), "-1".to_owned()));
        assert_eq!(only.extra[3].1, "\"no end");
        let followed = parse("a fox\nSteps: 4, Seed: 2\nTemplate: a {animal}").unwrap();
        assert_eq!(
            (followed.recipe.request.prompt.as_str(), followed.recipe.request.seed),
            ("a fox", Some(2))
        );
        let many = "k: v, ".repeat(10_000);
        assert_eq!(parse(&many).unwrap().extra.len(), MOST);
        assert!(parse(&format!("a: {}, b: 1, c: 2", "[".repeat(100_000))).is_some());
        let nobody = bare("a fox\nNegative prompt: rain").unwrap();
        assert_eq!(nobody.recipe.request.negative.as_deref(), Some("rain"));
        assert_eq!(bare("{\"a\": 1}"), None);
    }

    #[test]
    fn a_line_is_read_in_proportion_to_its_length() {
        for piece in [
            "x, ",
            "x",
            "x x ",
            ": ",
            ", ",
            "\"x, ",
            "\"\\\"x, ",
            "[1, ",
            "[1], ",
            "[[1], ",
            "{\"a\": [1, ",
            "a: [1, ",
            "[\"a\", 1]x, ",
            "    : ",
            "é",
            "[ , ",
        ] {
            let looked = |length: usize| {
                let line = piece.repeat(length / piece.len());
                let mut reader = Reader::of(&line);
                reader.pairs();
                reader.looked as f64 / line.len() as f64
            };
            let (short, long) = (looked(9_000), looked(180_000));
            assert!(long < 130.0 && long < short * 1.5, "{piece}: {short} and {long} times");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in any::<String>(),
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "Steps: ", "\n", ",", ":", "\"", "\\", "[", "{", "}", "]", "a", "é", " ",
                    "Seed: 1", "Negative prompt:", "Version: pinx", "Size: 1x1",
                ]),
                0..60,
            ),
        ) {
            let _ = (parse(&text), bare(&text), parse(&words.concat()), bare(&words.concat()));
        }

        #[test]
        fn our_own_text_reads_back(
            prompt in any::<String>(),
            negative in any::<Option<String>>(),
            label in any::<Option<String>>(),
            style in prop::option::of("[a-z-]{1,12}"),
            colors in prop::collection::vec(any::<[u8; 3]>(), 0..4),
            seed in any::<Option<u64>>(),
        ) {
            let tidy = |text: &str| super::super::printable(text).trim().to_owned();
            let filled = |text: Option<String>| text.filter(|text| !tidy(text).is_empty());
            let request = Request {
                prompt,
                negative: filled(negative),
                size: Some(Size::new(640, 480)),
                seed,
                style,
                colors: colors.into_iter().map(Rgb).collect(),
                label: filled(label),
                background: Some(Background::Transparent),
                ..Request::default()
            };
            prop_assume!(!request.prompt.contains(NEGATIVE));
            let recipe = Recipe {
                request: Arc::new(request.clone()),
                model: "fal/fast-sdxl".to_owned(),
                note: Some("procedural sketch, not AI".to_owned()),
                ..Recipe::default()
            };
            let found = parse(&recipe.parameters(&FACTS)).unwrap();
            prop_assert_eq!(&found.program, &Program::Pinx);
            prop_assert_eq!(&found.extra, &[]);
            let mut read = found.recipe;
            let trimmed = |label: Option<&str>| label.map(|text| text.trim().to_owned());
            let label = request.label.as_deref().map(tidy);
            let label = label.map(|text| text.chars().take(500).collect::<String>());
            let expected = Request {
                prompt: tidy(&request.prompt),
                negative: request.negative.as_deref().map(tidy),
                label: trimmed(label.as_deref()),
                ..request
            };
            let expected = Recipe { request: Arc::new(expected), ..recipe };
            let read_label = trimmed(read.request.label.as_deref());
            Arc::make_mut(&mut read.request).label = read_label;
            prop_assert_eq!(read, expected);
        }
    }
}
