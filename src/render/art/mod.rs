//! The heroes: drawings as data, in a box of 100 × 100 standing on y = 100, centred on x = 50.
//!
//! Each hero names the words that call it, its colours, its size and where it lives, so a new one
//! is one block in `data/*.toml`: its pieces are lines of an ink and a path in the letters of
//! `pathdata`. The groups are packed when pinx is built; one is read when a hero of it is asked for.
//! Pure: no network, no clock, no files.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer};

use super::place::Place;
use super::spelling::{beginning, first_word};
use crate::text;

/// The colour of a piece, resolved against the hero, the light and the palette.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ink {
    /// The hero's own colour, replaced by a colour word.
    Main,
    Deep,
    Soft,
    /// The hero's second colour.
    Second,
    SecondDeep,
    /// A fixed colour, 0xrrggbb, in the light of the scene.
    Fixed(u32),
    /// A window or lamp: warm light after dark, glass by day.
    Lit,
    /// Light of its own, never darkened.
    Bright(u32),
    Shadow,
    Shine,
}

impl Ink {
    /// Reads `main`, `#6a4a38`, `bright#ffffff`.
    pub(crate) fn of(word: &str) -> Option<Ink> {
        Some(match word {
            "main" => Ink::Main,
            "deep" => Ink::Deep,
            "soft" => Ink::Soft,
            "second" => Ink::Second,
            "second-deep" => Ink::SecondDeep,
            "lit" => Ink::Lit,
            "shadow" => Ink::Shadow,
            "shine" => Ink::Shine,
            _ => match word.strip_prefix("bright") {
                Some(color) => Ink::Bright(rgb(color)?),
                None => Ink::Fixed(rgb(word)?),
            },
        })
    }
}

/// Reads `#rrggbb`.
pub(crate) fn rgb(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    u32::from_str_radix(digits, 16).ok()
}

/// What a hero stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stance {
    Ground,
    Afloat,
    Air,
    Under,
    Table,
    Space,
}

/// One drawing and all that is known about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hero {
    /// Words and phrases of English, the first one its name; `data/lang` has the others.
    pub(crate) words: Vec<String>,
    /// The file that it stands in: `animals`, `buildings`.
    pub(crate) group: String,
    #[serde(deserialize_with = "color")]
    pub(crate) main: u32,
    #[serde(deserialize_with = "color")]
    pub(crate) second: u32,
    /// Height as a share of the shorter side of the picture.
    pub(crate) size: f32,
    pub(crate) stance: Stance,
    pub(crate) home: Place,
    /// Metres from head to foot in life, beside others; left out, it is as its group is.
    pub(crate) tall: Option<f32>,
    /// Where it is worn by who has it.
    pub(crate) worn: Option<Worn>,
    /// Turned on a lathe, where a picture has depth.
    #[serde(default)]
    pub(crate) round: bool,
    /// What can sit on it: the foot, and the height as a share of its own.
    pub(crate) seat: Option<Anchor>,
    /// What can be in it stands behind its front: the foot, and the height.
    pub(crate) mouth: Option<Anchor>,
    /// Pieces, from the end, that are before what is in it; without them all are.
    pub(crate) front: Option<usize>,
    /// The middle of its eyes, and how wide glasses are.
    pub(crate) eyes: Option<Anchor>,
    /// The middle of its neck, and how wide a scarf is.
    pub(crate) neck: Option<Anchor>,
    /// Where a hat sits: the foot of the hat, and the height.
    pub(crate) head: Option<Anchor>,
    /// Where it holds things: the middle of the thing, and the height.
    pub(crate) hand: Option<Anchor>,
    /// The person in `figure` that it is drawn as; then it has no pieces of its own.
    pub(crate) figure: Option<String>,
    #[serde(default, deserialize_with = "pieces")]
    pub(crate) pieces: Vec<(Ink, String)>,
}

/// Where something is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Worn {
    Head,
    Eyes,
    Neck,
}

/// A point of a drawing, in its own units, and how tall a guest is there as a share of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Anchor(pub(crate) f32, pub(crate) f32, pub(crate) f32);

impl Hero {
    /// The word that other files know it by.
    pub(crate) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Whether it is a vehicle.
    pub(crate) fn is_vehicle(&self) -> bool {
        matches!(self.group.as_str(), "traffic" | "vehicles" | "wheels")
    }

    /// Whether it is an animal or a person: nobody wants another one in its place.
    pub(crate) fn is_alive(&self) -> bool {
        const LIVING: [&str; 16] = [
            "animals",
            "beasts",
            "birds",
            "exotic",
            "farm",
            "fowl",
            "insects",
            "ocean",
            "people",
            "rare",
            "reptiles",
            "sea",
            "shore",
            "songbirds",
            "wild",
            "woods",
        ];
        LIVING.contains(&self.group.as_str())
    }

    /// Whether a word calls it.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }
}

fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    rgb(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not `#rrggbb`")))
}

fn pieces<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Ink, String)>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let piece = |line: &str| {
        let (ink, path) = line.split_once(' ')?;
        Some((Ink::of(ink)?, path.to_owned()))
    };
    let read =
        |line| piece(line).ok_or_else(|| serde::de::Error::custom(format!("no piece: {line}")));
    text.lines().filter(|line| !line.is_empty()).map(read).collect()
}

/// The words of all heroes, sorted, each with the group that its hero is in.
const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/heroes.txt"));

/// The groups by their names, packed.
const PACKED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/heroes.rs"));

/// The groups that have been asked for, each at its place in [`PACKED`].
static GROUPS: [OnceLock<Vec<Hero>>; PACKED.len()] = [const { OnceLock::new() }; PACKED.len()];

fn group(index: usize) -> &'static [Hero] {
    GROUPS[index].get_or_init(|| text::read_packed(PACKED[index].1))
}

/// All of them.
#[cfg(test)]
pub(crate) fn heroes() -> impl Iterator<Item = &'static Hero> {
    (0..PACKED.len()).flat_map(group)
}

/// The hero that an English word stands for.
pub(crate) fn find(word: &str) -> Option<&'static Hero> {
    let lines = beginning(WORDS, first_word(word));
    let (_, name) = lines.filter_map(|line| line.split_once('\t')).find(|(own, _)| *own == word)?;
    let index = PACKED.iter().position(|(group, _)| *group == name)?;
    group(index).iter().find(|hero| hero.is_called(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::path::Affine;
    use crate::render::pathdata;

    #[test]
    fn every_hero_can_be_read_and_drawn() {
        assert!(heroes().count() >= 500);
        for hero in heroes() {
            assert!(!hero.words.is_empty(), "{hero:?}");
            assert!(hero.pieces.is_empty() == hero.figure.is_some(), "{hero:?}");
            for (_, path) in &hero.pieces {
                assert!(pathdata::parse(path, Affine::IDENTITY).bounds().is_some(), "{path}");
                let letter = |c: char| "MLHVCQZOERKY0123456789.,- ".contains(c);
                assert!(path.chars().all(letter), "{path}");
            }
        }
        assert_eq!(find("vixen").map(|hero| hero.main), Some(0xe8_7a35));
        assert!(find("nothing").is_none());
    }

    /// The words that are looked up are those of the heroes, each in its own group.
    #[test]
    fn every_word_calls_the_one_hero_that_has_it() {
        let mut count = 0;
        for (index, (name, _)) in PACKED.iter().enumerate() {
            for hero in group(index) {
                assert_eq!(hero.group, *name);
                for word in &hero.words {
                    assert_eq!(*word, word.to_lowercase());
                    let called = find(word).map(Hero::name);
                    assert_eq!(called, Some(hero.name()), "`{word}` of `{name}`");
                    count += 1;
                }
            }
        }
        assert_eq!(WORDS.lines().count(), count);
    }

    #[test]
    fn an_animal_is_not_drawn_as_another() {
        let kinds = [
            "horse zebra donkey unicorn",
            "cow pig bison",
            "sheep goat llama",
            "bird crow robin hummingbird eagle chicken rooster parrot toucan",
            "duck goose swan",
            "deer moose",
            "dragon dinosaur tyrannosaurus crocodile lizard snake",
            "dolphin shark whale orca seal",
            "octopus jellyfish crab lobster",
            "mouse hamster squirrel beaver hedgehog",
            "bear panda koala tiger lion wolf fox",
        ];
        for kind in kinds {
            let mut drawn: Vec<&Hero> = Vec::new();
            for word in kind.split(' ') {
                let hero = find(word).expect(word);
                assert!(!drawn.iter().any(|other| std::ptr::eq(*other, hero)), "{word}");
                drawn.push(hero);
            }
        }
        for undrawn in ["anteater", "opossum", "swallow", "slug", "wasp"] {
            assert!(find(undrawn).is_none(), "{undrawn}");
        }
    }

    #[test]
    fn inks_are_read_strictly() {
        assert_eq!(Ink::of("bright#ffffff"), Some(Ink::Bright(0xff_ffff)));
        assert_eq!(Ink::of("#6a4a38"), Some(Ink::Fixed(0x6a_4a38)));
        for wrong in ["", "mian", "#6a4a3", "6a4a38", "bright", "#6a4a38ff"] {
            assert_eq!(Ink::of(wrong), None, "{wrong}");
        }
    }
}
