//! The prompt understood: heroes, places, time of day, weather, mood and colour words.
//!
//! What the words leave open is decided here, by the seed. Pure: no network, no clock, no files.

use super::art::Stance;
use super::cast::{Cast, persons};
use super::color::Rgb;
use super::dice::Dice;
use super::place::{Light, Mood, Place, Time, Weather};
use super::reading::Reading;
use super::sentence::Sentence;

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
    pub(crate) no_clouds: bool,
    pub(crate) no_birds: bool,
    /// The style of ours that the words ask for.
    pub(crate) style: Option<&'static str>,
    pub(crate) understood: Vec<String>,
    /// Words of things that are not known.
    pub(crate) unknown: Vec<String>,
    /// Nothing to depict: an abstract.
    pub(crate) is_abstract: bool,
    /// Keeps the left half calm, for a title.
    pub(crate) hero_right: bool,
    pub(crate) seed: u64,
}

impl Brief {
    pub(crate) fn read(prompt: &str, seed: u64) -> Self {
        let mut dice = Dice::named(seed, "brief");
        let reading = Reading::of(&Sentence::read(prompt));
        let mut brief = Self {
            is_abstract: reading.cast.is_empty()
                && reading.places.is_empty()
                && reading.lights.is_empty(),
            cast: persons(reading.cast, seed),
            places: reading.places,
            lights: reading.lights,
            time: Time::Day,
            weather: reading.weather.unwrap_or(Weather::Clear),
            mood: reading.mood.unwrap_or(Mood::Plain),
            tint: reading.tint,
            no_clouds: reading.no_clouds,
            no_birds: reading.no_birds,
            style: reading.style,
            understood: reading.understood,
            unknown: reading.unknown,
            hero_right: false,
            seed,
        };
        if brief.is_abstract && (reading.time.is_some() || reading.weather.is_some()) {
            // "a rainy evening" is a landscape; a colour or a mood alone is an abstract.
            brief.places.push(*dice.pick(&[Place::Hills, Place::Mountain, Place::Lake]));
            brief.is_abstract = false;
        }
        brief.time = reading.time.unwrap_or_else(|| brief.usual_time(&mut dice));
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
        const ORDER: [Place; 29] = [
            Place::Studio,
            Place::Table,
            Place::Kitchen,
            Place::Bedroom,
            Place::Library,
            Place::LivingRoom,
            Place::Space,
            Place::Underwater,
            Place::Volcano,
            Place::Waterfall,
            Place::Beach,
            Place::Island,
            Place::Harbour,
            Place::Coast,
            Place::Lake,
            Place::River,
            Place::Sea,
            Place::Street,
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
        // A cat on a sofa is where the sofa is.
        let room = self.cast.iter().map(|cast| cast.hero.home).find(|home| home.is_room());
        match (self.star(), self.places.first()) {
            (Some(cast), None) => room.unwrap_or(cast.hero.home),
            (Some(cast), Some(place)) if cast.hero.stance != Stance::Air => {
                if cast.hero.home == Place::Studio { *place } else { cast.hero.home }
            }
            (_, Some(place)) => *place,
            (None, None) => Place::Hills,
        }
    }
}
