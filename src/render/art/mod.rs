//! The heroes: drawings as data, in a box of 100 × 100 standing on y = 100, centred on x = 50.
//!
//! Each hero names the words that call it, its colours, its size and where it lives, so a new one
//! is one entry in one file. Pure: no network, no clock, no files.

mod animals;
mod beasts;

mod birds;
mod buildings;
mod people;
mod plants;
mod sea;
mod sky;
mod things;
mod tools;
mod vehicles;

use super::brief::Place;

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

/// What a hero stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    Ground,
    Afloat,
    Air,
    Under,
    Table,
    Space,
}

/// One drawing and all that is known about it.
#[derive(Debug)]
pub(crate) struct Hero {
    pub(crate) words: &'static [&'static str],
    pub(crate) main: u32,
    pub(crate) second: u32,
    /// Height as a share of the shorter side of the picture.
    pub(crate) size: f32,
    pub(crate) stance: Stance,
    pub(crate) home: Place,
    pub(crate) pieces: &'static [(Ink, &'static str)],
}

const FAMILIES: [&[Hero]; 11] = [
    animals::HEROES,
    beasts::HEROES,
    birds::HEROES,
    buildings::HEROES,
    people::HEROES,
    plants::HEROES,
    sea::HEROES,
    sky::HEROES,
    things::HEROES,
    tools::HEROES,
    vehicles::HEROES,
];

/// The hero a word stands for.
pub(crate) fn find(word: &str) -> Option<&'static Hero> {
    FAMILIES.iter().flat_map(|family| family.iter()).find(|hero| hero.words.contains(&word))
}
