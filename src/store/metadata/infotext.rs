//! The text that the AUTOMATIC1111 web UI and its many kin write into an image: the prompt, the
//! negative prompt behind its label, and one line of settings (`Steps: 20, Sampler: Euler a, …`).
//!
//! Pure, and lenient: no text makes it panic, what is not understood is kept as it is.

use serde::de::IgnoredAny;

use super::{Found, Program, Recipe};
use crate::request::{Background, Rgb};

/// What the line of the negative prompt begins with.
const NEGATIVE: &str = "Negative prompt:";

/// A line is one of settings if it has so many; the web UI itself counts to three.
const LEAST: usize = 3;

/// Settings of one image that are read.
const MOST: usize = 200;

/// The most characters of a setting's name.
const NAME: usize = 60;

/// The recipe in such a text; none where no line of settings is found.
pub(super) fn parse(text: &str) -> Option<Found> {
    let lines: Vec<&str> = text.trim_matches(['\0', '\u{feff}']).trim().split('\n').collect();
    let (at, settings) = settings(&lines)?;
    let mut found = prompts(&lines[..at]);
    let version = settings.iter().find(|(name, _)| name == "Version").map(|(_, value)| value);
    found.program = match version.map(String::as_str) {
        Some("pinx") => Program::Pinx,
        Some(version) if version.starts_with('v') => Program::of("AUTOMATIC1111"),
        Some(version) if version.starts_with('f') => Program::of("Forge"),
        Some(version) if version.starts_with("ComfyUI") => Program::of("ComfyUI"),
        _ => Program::of("AUTOMATIC1111 or its like"),
    };
    for (name, value) in settings {
        if !take(&mut found, &name, &value) {
            found.extra.push((name, value));
        }
    }
    Some(found)
}

/// A text without settings, as a program leaves it that was told to write none.
pub(super) fn bare(text: &str) -> Option<Found> {
    let text = text.trim();
    let lines: Vec<&str> = text.split('\n').collect();
    let is_prompt = !text.is_empty() && !text.starts_with(['{', '[']);
    is_prompt
        .then(|| Found { program: Program::of("AUTOMATIC1111 or its like"), ..prompts(&lines) })
}

/// The prompt and the negative prompt.
fn prompts(lines: &[&str]) -> Found {
    let at = lines.iter().position(|line| line.trim_start().starts_with(NEGATIVE));
    let (before, behind) = lines.split_at(at.unwrap_or(lines.len()));
    let negative = behind.join("\n");
    let negative = negative.trim_start().strip_prefix(NEGATIVE).map(|text| text.trim().to_owned());
    let recipe = Recipe {
        prompt: before.join("\n").trim().to_owned(),
        negative: negative.filter(|text| !text.is_empty()),
        ..Recipe::default()
    };
    Found { recipe, ..Found::default() }
}

/// The line of settings, and what it holds: the last one, or where something follows it, the last
/// that begins as the web UI begins it.
fn settings(lines: &[&str]) -> Option<(usize, Vec<(String, String)>)> {
    let last = lines.len().checked_sub(1)?;
    let found = pairs(lines[last]);
    if found.len() >= LEAST {
        return Some((last, found));
    }
    let at = lines.iter().rposition(|line| line.trim_start().starts_with("Steps: "))?;
    Some((at, pairs(lines[at])))
}

/// The names and values of a line.
fn pairs(line: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && pairs.len() < MOST {
        let named = rest.split_once(':').filter(|(name, _)| is_name(name));
        let (name, text) = named.unwrap_or(("", rest));
        let (value, end) = value(text);
        if !name.is_empty() {
            pairs.push((name.trim().to_owned(), value));
        }
        rest = text[end..].trim_start_matches([',', ' ', '\t']);
    }
    pairs
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    let fits = |c: char| c.is_alphanumeric() || " _-/.()".contains(c);
    !name.is_empty() && name.chars().count() <= NAME && name.chars().all(fits)
}

/// The value in front of a text, and where it ends: quoted as JSON, a list or an object of JSON, or
/// whatever stands before the next comma.
fn value(text: &str) -> (String, usize) {
    let inner = text.trim_start();
    let before = text.len() - inner.len();
    let ends = |at: usize| {
        let rest = inner[at..].trim_start();
        rest.is_empty() || rest.starts_with(',')
    };
    if inner.starts_with('"') {
        let mut stream = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        if let (Some(Ok(value)), at) = (stream.next(), stream.byte_offset())
            && ends(at)
        {
            return (value, before + at);
        }
    } else if inner.starts_with(['[', '{']) {
        let mut stream = serde_json::Deserializer::from_str(inner).into_iter::<IgnoredAny>();
        if let (Some(Ok(_)), at) = (stream.next(), stream.byte_offset())
            && ends(at)
        {
            return (inner[..at].to_owned(), before + at);
        }
    }
    let end = text.find(',').unwrap_or(text.len());
    (text[..end].trim().to_owned(), end)
}

/// Puts a setting where a recipe has a place for it; false where it has none.
fn take(found: &mut Found, name: &str, value: &str) -> bool {
    let recipe = &mut found.recipe;
    let text = || Some(value.to_owned());
    match name {
        "Seed" => recipe.seed = value.parse().ok(),
        "Size" => recipe.size = value.parse().ok(),
        "Model" => value.clone_into(&mut recipe.model),
        // Only pinx means by these what a recipe does.
        _ if found.program != Program::Pinx => return false,
        "Version" => return true,
        "Quality" => recipe.quality = text(),
        "Style" => recipe.style = text(),
        "Colors" => {
            let colors = value.split_whitespace().map(str::parse::<Rgb>);
            recipe.colors = colors.collect::<Result<_, _>>().unwrap_or_default();
            return !recipe.colors.is_empty();
        }
        "Background" => recipe.background = value.parse::<Background>().ok(),
        "Label" => recipe.label = text(),
        "Look" => recipe.look = text(),
        "Note" => recipe.note = text(),
        _ => return false,
    }
    match name {
        "Seed" => recipe.seed.is_some(),
        "Size" => recipe.size.is_some(),
        "Background" => recipe.background.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::{Format, Size};
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
        assert_eq!(found.recipe.prompt, "a (red:1.2) fox, snow\nin the <lora:fur:0.8> style");
        assert_eq!(found.recipe.negative.as_deref(), Some("blurry,\nbad hands"));
        assert_eq!(found.recipe.seed, Some(965_400_086));
        assert_eq!(found.recipe.size, Some(Size::new(512, 768)));
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
        assert_eq!((only.recipe.prompt.as_str(), only.recipe.seed), ("", None));
        assert_eq!(only.extra.len(), 4);
        assert_eq!(only.extra[1], ("Seed".to_owned(), "-1".to_owned()));
        assert_eq!(only.extra[3].1, "\"no end");
        let followed = parse("a fox\nSteps: 4, Seed: 2\nTemplate: a {animal}").unwrap();
        assert_eq!((followed.recipe.prompt.as_str(), followed.recipe.seed), ("a fox", Some(2)));
        let many = "k: v, ".repeat(10_000);
        assert_eq!(parse(&many).unwrap().extra.len(), MOST);
        assert!(parse(&format!("a: {}, b: 1, c: 2", "[".repeat(100_000))).is_some());
        let nobody = bare("a fox\nNegative prompt: rain").unwrap();
        assert_eq!(nobody.recipe.negative.as_deref(), Some("rain"));
        assert_eq!(bare("{\"a\": 1}"), None);
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
            let recipe = Recipe {
                prompt,
                negative: filled(negative),
                model: "fal/fast-sdxl".to_owned(),
                size: Some(Size::new(640, 480)),
                seed,
                style,
                colors: colors.into_iter().map(Rgb).collect(),
                label: filled(label),
                background: Some(Background::Transparent),
                note: Some("procedural sketch, not AI".to_owned()),
                ..Recipe::default()
            };
            prop_assume!(!recipe.prompt.contains(NEGATIVE));
            let found = parse(&recipe.parameters(&FACTS)).unwrap();
            prop_assert_eq!(&found.program, &Program::Pinx);
            prop_assert_eq!(&found.extra, &[]);
            let read = found.recipe;
            let label = recipe.label.as_deref().map(tidy);
            let label = label.map(|text| text.chars().take(500).collect::<String>());
            let expected = Recipe {
                prompt: tidy(&recipe.prompt),
                negative: recipe.negative.as_deref().map(tidy),
                label: label.map(|text| text.trim().to_owned()),
                ..recipe
            };
            let read = Recipe { label: read.label.map(|text| text.trim().to_owned()), ..read };
            prop_assert_eq!(read, expected);
        }
    }
}
