//! The prompt understood: heroes, places, time of day, weather, mood and colour words.
//!
//! Words are folded to lower case and tried as they are, then without common endings, against the
//! tables of the lexicon and the heroes. Pure: no network, no clock, no files.

use super::art::{self, Hero, Stance};
use super::color::{Rgb, hex};
use super::dice::Dice;
use super::lexicon::{self, Meaning};
use super::place::{Light, Mood, Place, Time, Weather};

/// One hero of the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) hero: &'static Hero,
    pub(crate) color: Option<Rgb>,
    pub(crate) count: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Brief {
    pub(crate) cast: Vec<Cast>,
    pub(crate) places: Vec<Place>,
    pub(crate) lights: Vec<Light>,
    pub(crate) time: Time,
    pub(crate) weather: Weather,
    pub(crate) mood: Mood,
    /// A colour word that belongs to no hero.
    pub(crate) tint: Option<Rgb>,
    pub(crate) understood: Vec<String>,
    /// Nothing to depict: an abstract.
    pub(crate) is_abstract: bool,
    /// Keeps the left half calm, for a title.
    pub(crate) hero_right: bool,
    pub(crate) seed: u64,
}

/// Words of a prompt looked at; the rest only feed the seed.
const WORDS: usize = 400;

impl Brief {
    pub(crate) fn read(prompt: &str, seed: u64) -> Self {
        let mut dice = Dice::named(seed, "brief");
        let mut brief = Self {
            cast: Vec::new(),
            places: Vec::new(),
            lights: Vec::new(),
            time: Time::Day,
            weather: Weather::Clear,
            mood: Mood::Plain,
            tint: None,
            understood: Vec::new(),
            is_abstract: false,
            hero_right: false,
            seed,
        };
        let (mut time, mut weather, mut count, mut shade) = (None, None, 1, 1.0);
        let mut color: Option<Rgb> = None;
        for word in words(prompt).take(WORDS) {
            let mut known = true;
            if let Some(hero) = stems(&word).find_map(|stem| art::find(&stem)) {
                let plural = word.ends_with('s') && !hero.is_called(&word);
                let several = if plural && count == 1 { 3 } else { count };
                count = 1;
                if brief.cast.len() < 3 && !brief.cast.iter().any(|c| std::ptr::eq(c.hero, hero)) {
                    let color = color.take().map(|color| fitting(color, hex(hero.main)));
                    brief.cast.push(Cast { hero, color, count: several });
                }
            } else if let Some(meaning) = stems(&word).find_map(|stem| lexicon::find(&stem)) {
                match meaning {
                    Meaning::Place(place) => {
                        if !brief.places.contains(&place) {
                            brief.places.push(place);
                        }
                    }
                    Meaning::Time(value) => time = Some(value),
                    Meaning::Weather(value) => {
                        weather = Some(value);
                    }
                    Meaning::Mood(value) => brief.mood = value,
                    Meaning::Light(value) => brief.lights.push(value),
                    Meaning::Color(value) => {
                        let plain = hex(value);
                        color = Some(if shade == 1.0 { plain } else { plain.lighter(shade) });
                        brief.tint = brief.tint.or(color);
                    }
                    Meaning::Shade(by) => shade = by,
                    Meaning::Count(value) => count = value,
                }
                if matches!(meaning, Meaning::Shade(_)) {
                    continue;
                }
            } else {
                known = false;
            }
            shade = 1.0;
            if known && !brief.understood.contains(&word) {
                brief.understood.push(word);
            }
        }
        if brief.cast.iter().any(|cast| cast.color.is_some()) {
            brief.tint = None;
        }
        brief.is_abstract =
            brief.cast.is_empty() && brief.places.is_empty() && brief.lights.is_empty();
        if brief.is_abstract && (time.is_some() || weather.is_some()) {
            // "a rainy evening" is a landscape; a colour or a mood alone is an abstract.
            brief.places.push(*dice.pick(&[Place::Hills, Place::Mountain, Place::Lake]));
            brief.is_abstract = false;
        }
        brief.weather = weather.unwrap_or(Weather::Clear);
        brief.time = time.unwrap_or_else(|| brief.usual_time(&mut dice));
        if brief.places.contains(&Place::Snow)
            && brief.weather == Weather::Clear
            && dice.chance(0.5)
        {
            brief.weather = Weather::Snow;
        }
        brief
    }

    fn usual_time(&self, dice: &mut Dice) -> Time {
        if self.lights.iter().any(|l| matches!(l, Light::Moon | Light::Stars | Light::Aurora)) {
            return Time::Night;
        }
        if self.lights.contains(&Light::Rainbow) {
            return Time::Day;
        }
        match self.mood {
            Mood::Dark => return *dice.pick(&[Time::Night, Time::Dusk]),
            Mood::Warm => return Time::Dusk,
            Mood::Dreamy => return *dice.pick(&[Time::Dawn, Time::Dusk]),
            Mood::Bright | Mood::Spring => return Time::Day,
            _ => {}
        }
        if self.places.contains(&Place::City) || self.place_of_hero(Place::Coast) {
            return *dice.pick(&[Time::Dusk, Time::Dusk, Time::Night, Time::Dawn]);
        }
        *dice.pick(&[Time::Day, Time::Day, Time::Day, Time::Dusk, Time::Dawn])
    }

    fn place_of_hero(&self, place: Place) -> bool {
        self.cast.iter().any(|cast| cast.hero.home == place)
    }

    pub(crate) fn has(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    /// Whether snow lies on everything.
    pub(crate) fn is_white(&self) -> bool {
        self.weather == Weather::Snow || self.has(Place::Snow) || self.setting() == Place::Snow
    }

    /// The main hero, if any.
    pub(crate) fn star(&self) -> Option<&Cast> {
        self.cast.first()
    }

    /// Where the picture is: named places first, then the hero's home.
    pub(crate) fn setting(&self) -> Place {
        // "a mountain lake" is a lake before mountains: the rarer ground decides.
        const ORDER: [Place; 23] = [
            Place::Studio,
            Place::Table,
            Place::Space,
            Place::Underwater,
            Place::Volcano,
            Place::Waterfall,
            Place::Beach,
            Place::Island,
            Place::Coast,
            Place::Lake,
            Place::River,
            Place::Sea,
            Place::City,
            Place::Canyon,
            Place::Desert,
            Place::Village,
            Place::Road,
            Place::Garden,
            Place::Field,
            Place::Jungle,
            Place::Snow,
            Place::Forest,
            Place::Mountain,
        ];
        if let Some(place) = ORDER.iter().find(|place| self.has(**place)) {
            return *place;
        }
        if let Some(place) = self.places.iter().find(|place| **place != Place::Sky) {
            return *place;
        }
        match (self.star(), self.places.first()) {
            (Some(cast), None) => cast.hero.home,
            (Some(cast), Some(place)) if cast.hero.stance != Stance::Air => {
                if cast.hero.home == Place::Studio { *place } else { cast.hero.home }
            }
            (_, Some(place)) => *place,
            (None, None) => Place::Hills,
        }
    }
}

fn words(prompt: &str) -> impl Iterator<Item = String> {
    prompt
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() < 40)
        .map(str::to_lowercase)
}

/// The word, then the word without common endings.
fn stems(word: &str) -> impl Iterator<Item = String> {
    let cut = |ending: &str, replacement: &str| {
        word.strip_suffix(ending)
            .filter(|stem| stem.len() > 1)
            .map(|stem| format!("{stem}{replacement}"))
    };
    [
        Some(word.to_string()),
        cut("s", ""),
        cut("es", ""),
        cut("ies", "y"),
        cut("ves", "f"),
        cut("y", ""),
        cut("ny", ""),
        cut("ing", ""),
        cut("ed", ""),
    ]
    .into_iter()
    .flatten()
}

/// A colour word near the hero's own colour bends it; a foreign one replaces it.
fn fitting(word: Rgb, own: Rgb) -> Rgb {
    let (a, b) = (word.lab(), own.lab());
    let near = a.chroma() > 0.06 && b.chroma() > 0.06 && a.distance(b) < 0.2;
    if near { own.mix(word, 0.38) } else { word }
}
