//! The tables people are put together from: `data/*.toml`, packed when pinx is built.
//!
//! Pure: no network, no clock, no files.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use crate::render::art::{Ink, rgb};
use crate::text;

/// The colour of a piece before it is known who wears it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Dye {
    /// The colour of the layer, darker or lighter by so much.
    Own(f32),
    Skin(f32),
    Hair(f32),
    Ink(Ink),
}

/// How much darker and lighter the second and third tone of a colour are.
const TONES: (f32, f32) = (-0.085, 0.075);

impl Dye {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "own" => Self::Own(0.0),
            "own-deep" => Self::Own(TONES.0),
            "own-soft" => Self::Own(TONES.1),
            "skin" => Self::Skin(0.0),
            "skin-deep" => Self::Skin(TONES.0),
            "hair" => Self::Hair(0.0),
            "hair-deep" => Self::Hair(TONES.0),
            _ => Self::Ink(Ink::of(word)?),
        })
    }
}

/// Pieces of a layer: each a dye and a path, by lines or semicolons.
#[derive(Debug, Default)]
pub(super) struct Drawing(pub(super) Vec<(Dye, String)>);

impl<'de> Deserialize<'de> for Drawing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let piece = |line: &str| {
            let (dye, path) = line.split_once(' ')?;
            Some((Dye::of(dye)?, path.to_owned()))
        };
        let lines = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty());
        let wrong = |line| serde::de::Error::custom(format!("no piece: {line}"));
        lines.map(|line| piece(line).ok_or_else(|| wrong(line))).collect::<Result<_, _>>().map(Self)
    }
}

/// A colour, 0xrrggbb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tint(pub(super) u32);

impl<'de> Deserialize<'de> for Tint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom(format!("`{text}` is not `#rrggbb`"));
        rgb(&text).map(Self).ok_or_else(wrong)
    }
}

/// The name of a layer, with a colour where it is not the layer's own: `cape #8f2438`.
#[derive(Debug)]
pub(super) struct Worn {
    pub(super) name: String,
    pub(super) color: Option<u32>,
}

impl<'de> Deserialize<'de> for Worn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (name, color) =
            text.split_once(' ').map_or((text.as_str(), None), |(n, c)| (n, Some(c)));
        let wrong = || serde::de::Error::custom(format!("no colour: {text}"));
        let color = color.map(|color| rgb(color).ok_or_else(wrong)).transpose()?;
        Ok(Self { name: name.to_owned(), color })
    }
}

/// A point of a drawing.
pub(super) type Point = (f32, f32);

/// Where neck, hips, legs and arms are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stance {
    pub(super) name: String,
    pub(super) neck: Point,
    pub(super) hip: Point,
    /// How far the face is turned aside and down.
    #[serde(default)]
    pub(super) look: Point,
    /// Degrees that the head leans; left out, half of what the trunk leans.
    pub(super) nod: Option<f32>,
    /// Hip, knee, ankle and the turn of the foot in degrees.
    pub(super) left: [f32; 7],
    pub(super) right: [f32; 7],
    pub(super) arms: [String; 2],
    #[serde(default)]
    pub(super) lower: Hang,
    /// What is sat on.
    pub(super) on: Option<String>,
    /// Drawn the other way round: animals that are ridden look to the left.
    #[serde(default)]
    pub(super) mirrored: bool,
}

/// Which shape hangs from the hips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Hang {
    #[default]
    Down,
    Wide,
    Seat,
    Lap,
    Astride,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arm {
    pub(super) name: String,
    pub(super) elbow: Point,
    pub(super) hand: Point,
    /// A left arm that reaches over to the right: no mirror image.
    #[serde(default)]
    pub(super) across: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Build {
    pub(super) name: String,
    pub(super) scale: f32,
    /// Width beside the height.
    pub(super) wide: f32,
    pub(super) head: f32,
    /// From the middle to the arm.
    pub(super) shoulder: f32,
    /// Thickness of the limbs.
    pub(super) limb: f32,
    pub(super) torso: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skin {
    pub(super) color: Tint,
    pub(super) hairs: Vec<Tint>,
}

/// What somebody of a sex and age wears.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fashion {
    pub(super) name: String,
    pub(super) bodies: Vec<String>,
    pub(super) colors: Vec<Tint>,
    pub(super) trousers: Vec<Tint>,
    pub(super) shoes: Vec<Tint>,
    pub(super) hairs: Vec<String>,
    pub(super) old_hairs: Vec<String>,
    pub(super) old_wears: Vec<Worn>,
}

/// What a layer covers; of most there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Slot {
    Body,
    Chest,
    Neck,
    Cape,
    Tail,
    Hair,
    Beard,
    Ears,
    Eyes,
    Hat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sleeves {
    #[default]
    Long,
    Wide,
    Short,
    None,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Legs {
    #[default]
    Trousers,
    Bare,
    Tights,
    None,
}

/// Clothes, hair and what else is laid on a figure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) slot: Slot,
    #[serde(default)]
    pub(super) words: Vec<String>,
    pub(super) color: Option<Tint>,
    #[serde(default)]
    pub(super) sleeves: Sleeves,
    #[serde(default)]
    pub(super) legs: Legs,
    /// Its trousers are of its own colour.
    #[serde(default)]
    pub(super) trousers: Option<Cloth>,
    pub(super) tights: Option<Tint>,
    pub(super) shoes: Option<Tint>,
    #[serde(default)]
    pub(super) boots: bool,
    /// The trunk is skin.
    #[serde(default)]
    pub(super) bare: bool,
    /// Thickness of the limbs in it.
    pub(super) puffy: Option<f32>,
    pub(super) torso: Option<String>,
    /// The colour of the trunk, where the layer's is that of what hangs from the hips.
    pub(super) upper: Option<Tint>,
    #[serde(default)]
    pub(super) chest: Drawing,
    #[serde(default)]
    pub(super) lower: Lower,
    /// Whether hair shows below it.
    pub(super) hair: Option<bool>,
    /// It lies below the face.
    #[serde(default)]
    pub(super) under_face: bool,
    #[serde(default)]
    pub(super) front: Drawing,
    #[serde(default)]
    pub(super) back: Drawing,
    #[serde(default)]
    pub(super) behind: Drawing,
}

/// A colour, or that of the layer itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Cloth {
    Tint(Tint),
    Own(Own),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Own {
    Own,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lower {
    down: Drawing,
    wide: Drawing,
    seat: Drawing,
    lap: Drawing,
    astride: Drawing,
}

impl Lower {
    /// The shape for a way of standing, or the nearest that there is.
    pub(super) fn hanging(&self, hang: Hang) -> &Drawing {
        let shape = match hang {
            Hang::Down => &self.down,
            Hang::Wide => &self.wide,
            Hang::Seat => &self.seat,
            Hang::Lap => &self.lap,
            Hang::Astride => &self.astride,
        };
        let shapes = [shape, &self.wide, &self.down];
        shapes.into_iter().find(|shape| !shape.0.is_empty()).unwrap_or(shape)
    }
}

/// Something held, ridden or stood beside.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prop {
    pub(super) name: String,
    #[serde(default)]
    pub(super) words: Vec<String>,
    pub(super) color: Option<Tint>,
    /// The arm that holds it, where one hand does.
    pub(super) grip: Option<String>,
    /// The arms that hold it, where both hands do.
    pub(super) arms: Option<[String; 2]>,
    pub(super) stance: Option<String>,
    /// What the other hand holds.
    pub(super) left: Option<String>,
    /// It lies over the hand.
    #[serde(default)]
    pub(super) over: bool,
    /// It stands on the ground.
    #[serde(default)]
    pub(super) on: bool,
    #[serde(default)]
    pub(super) open_mouth: bool,
    #[serde(default)]
    pub(super) look: Point,
    pub(super) gloves: Option<Tint>,
    /// How far it lifts the figure from the ground.
    #[serde(default)]
    pub(super) lift: f32,
    #[serde(default)]
    pub(super) front: Drawing,
    #[serde(default)]
    pub(super) after: Drawing,
    #[serde(default)]
    pub(super) ground: Drawing,
    #[serde(default)]
    pub(super) before: Drawing,
}

/// How somebody is, or what somebody does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trait {
    pub(super) name: String,
    pub(super) stance: Option<String>,
    pub(super) arms: Option<[String; 2]>,
    #[serde(default)]
    pub(super) holds: Vec<String>,
    #[serde(default)]
    pub(super) wears: Vec<Worn>,
    /// Its hands are only for want of something to hold.
    #[serde(default)]
    pub(super) weak: bool,
    #[serde(default)]
    pub(super) asleep: bool,
    /// Seen from behind.
    #[serde(default)]
    pub(super) back: bool,
    pub(super) age: Option<Age>,
    pub(super) sex: Option<String>,
    pub(super) hair: Option<Tint>,
    pub(super) skins: Option<Vec<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Age {
    Old,
}

/// The body somebody has; `any` is decided by the seed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    pub(super) name: String,
    #[serde(default)]
    pub(super) build: String,
    pub(super) sex: Option<String>,
    pub(super) age: Option<Age>,
    #[serde(default)]
    pub(super) wears: Vec<Worn>,
    #[serde(default)]
    pub(super) holds: Vec<String>,
    #[serde(default)]
    pub(super) hairs: Vec<String>,
    pub(super) hair: Option<Tint>,
    pub(super) skin: Option<Tint>,
    pub(super) skins: Option<Vec<usize>>,
    pub(super) trousers: Option<Tint>,
    pub(super) shorts: Option<Tint>,
    pub(super) shoes: Option<Tint>,
    #[serde(default)]
    pub(super) boots: bool,
    #[serde(default)]
    pub(super) barefoot: bool,
    pub(super) gloves: Option<Tint>,
    pub(super) legs: Option<Legs>,
    pub(super) stance: Option<String>,
    pub(super) arms: Option<[String; 2]>,
    #[serde(default)]
    pub(super) eyes: Drawing,
}

/// People together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
}

/// A kind and how far it stands from the middle: `man -26`, or in the second row: `man 13 back`.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) kind: String,
    pub(super) aside: f32,
    pub(super) back: bool,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut words = text.split(' ');
        let kind = words.next().unwrap_or_default().to_owned();
        let aside = words.next().and_then(|word| word.parse().ok());
        let wrong = || serde::de::Error::custom(format!("no member: {text}"));
        Ok(Self { kind, aside: aside.ok_or_else(wrong)?, back: words.next() == Some("back") })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    pub(super) stance: Vec<Stance>,
    pub(super) arm: Vec<Arm>,
    pub(super) build: Vec<Build>,
    pub(super) skin: Vec<Skin>,
    pub(super) fashion: Vec<Fashion>,
    pub(super) layer: Vec<Layer>,
    pub(super) prop: Vec<Prop>,
    #[serde(rename = "trait")]
    pub(super) traits: Vec<Trait>,
    pub(super) kind: Vec<Kind>,
    pub(super) group: Vec<Group>,
}

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/people.z"))));

pub(super) fn tables() -> &'static Tables {
    &TABLES
}

impl Tables {
    pub(super) fn layer(&self, name: &str) -> Option<&Layer> {
        self.layer.iter().find(|layer| layer.name == name)
    }

    pub(super) fn prop(&self, name: &str) -> Option<&Prop> {
        self.prop.iter().find(|prop| prop.name == name)
    }

    pub(super) fn stance(&self, name: &str) -> &Stance {
        self.stance.iter().find(|stance| stance.name == name).unwrap_or(&self.stance[0])
    }

    pub(super) fn arm(&self, name: &str) -> &Arm {
        self.arm.iter().find(|arm| arm.name == name).unwrap_or(&self.arm[0])
    }

    pub(super) fn build(&self, name: &str) -> &Build {
        self.build.iter().find(|build| build.name == name).unwrap_or(&self.build[0])
    }

    pub(super) fn fashion(&self, name: &str) -> &Fashion {
        self.fashion.iter().find(|fashion| fashion.name == name).unwrap_or(&self.fashion[0])
    }
}
