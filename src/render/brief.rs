//! The prompt understood: heroes, places, time of day, weather, mood and colour words.
//!
//! What the words leave open is decided here, by the seed. Pure: no network, no clock, no files.

use super::art::Stance;
use super::cast::{Cast, persons};
use super::color::Rgb;
use super::dice::Dice;
use super::place::{Light, Mood, Place, Relation, Time, Weather};
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
    /// Drawn in greys.
    pub(crate) gray: bool,
    /// Few things: no flowers, birds and clouds that nobody asked for.
    pub(crate) minimal: bool,
    /// Signs of neon light in the street.
    pub(crate) neon: bool,
    /// The colour of the plain ground behind all.
    pub(crate) backdrop: Option<Rgb>,
    /// The colour of the sun, where it is said.
    pub(crate) sun: Option<Rgb>,
    /// Nothing to depict: an abstract.
    pub(crate) is_abstract: bool,
    /// Keeps the left half calm, for a title.
    pub(crate) hero_right: bool,
    pub(crate) seed: u64,
}

impl Brief {
    pub(crate) fn read(prompt: &str, seed: u64) -> Self {
        Self::of(&Sentence::read(prompt), seed)
    }

    pub(crate) fn of(sentence: &Sentence, seed: u64) -> Self {
        let mut dice = Dice::named(seed, "brief");
        let mut reading = Reading::of(sentence);
        let cast = std::mem::take(&mut reading.cast);
        reading.places = without_windows(reading.places, &cast);
        let is_abstract = cast.is_empty() && reading.places.is_empty() && reading.lights.is_empty();
        if is_abstract && reading.unknown.is_empty() {
            reading.unknown = std::mem::take(&mut reading.unclear);
        }
        let cast = persons(cast, seed, &mut reading.unknown);
        let mut brief = Self {
            is_abstract,
            cast,
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
            gray: reading.gray,
            minimal: reading.minimal,
            neon: reading.neon,
            backdrop: reading.backdrop,
            sun: reading.sun,
            hero_right: false,
            seed,
        };
        if brief.backdrop.is_some() && brief.places.is_empty() && !brief.is_abstract {
            brief.places.push(Place::Studio);
        }
        if brief.neon {
            brief.places.retain(|place| *place != Place::City);
            if brief.places.is_empty() {
                brief.places.push(Place::Street);
            }
            brief.is_abstract = false;
        }
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
        let is_dark =
            |l: &Light| matches!(l, Light::Moon | Light::Stars | Light::Aurora | Light::Fireworks);
        if self.neon || self.lights.iter().any(is_dark) {
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

    /// A cat on a laptop is on the table, a duck in a bathtub is not on a lake.
    fn place_of_host(&self) -> Option<Place> {
        let link = self.star()?.link?;
        let home = self.cast[link.host].hero.home;
        let is_there = match link.relation {
            Relation::On => home == Place::Table,
            Relation::In => matches!(home, Place::Studio | Place::Table),
            _ => false,
        };
        is_there.then_some(home)
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
        const ORDER: [Place; 26] = [
            Place::Moon,
            Place::Mars,
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
            Place::Lavender,
            Place::Field,
            Place::Jungle,
            Place::Snow,
            Place::Forest,
            Place::Mountain,
        ];
        // A bridge spans water, wherever it is.
        const DRY: [Place; 6] = [
            Place::Meadow,
            Place::Hills,
            Place::Mountain,
            Place::Forest,
            Place::Field,
            Place::Village,
        ];
        let is_bridge = |cast: &Cast| cast.hero.words.iter().any(|word| word.contains("bridge"));
        let is_dry = self.places.iter().all(|place| DRY.contains(place));
        if is_dry && self.cast.iter().any(is_bridge) {
            return Place::River;
        }
        let mut order = [Place::Studio, Place::Table].iter().chain(&Place::ROOMS).chain(&ORDER);
        if let Some(place) = order.find(|place| self.has(**place)) {
            return *place;
        }
        if let Some(place) = self.places.iter().find(|place| **place != Place::Sky) {
            return *place;
        }
        if let Some(place) = self.place_of_host().filter(|_| self.places.is_empty()) {
            return place;
        }
        // Who swims with dolphins is in the water, but for those in boats.
        let has = |stance: Stance| self.cast.iter().any(|cast| cast.hero.stance == stance);
        if self.places.is_empty() && has(Stance::Under) && !has(Stance::Afloat) {
            let is_below = |cast: &Cast| cast.hero.home == Place::Underwater;
            if self.cast.iter().any(is_below) && self.is_in_water() {
                return Place::Underwater;
            }
        }
        // A boat is on the water, whoever fishes from it.
        let is_dry = |place: Place| {
            matches!(place, Place::Meadow | Place::Hills | Place::Garden | Place::Studio)
        };
        if self.places.is_empty() && self.star().is_some_and(|star| is_dry(star.hero.home)) {
            let mut boats = self.cast.iter().filter(|cast| cast.hero.stance == Stance::Afloat);
            if let Some(boat) = boats.find(|cast| cast.link.is_none() && !cast.aloft) {
                return boat.hero.home;
            }
        }
        // A cat on a sofa is where the sofa is.
        let things = self.cast.iter().filter(|cast| cast.hero.figure.is_none());
        let room = things.map(|cast| cast.hero.home).find(|home| home.is_room());
        match (self.star(), self.places.first()) {
            (Some(cast), None) => room.unwrap_or_else(|| self.place_of_star(cast)),
            (Some(cast), Some(place)) if cast.hero.stance != Stance::Air => {
                if cast.hero.home == Place::Studio { *place } else { cast.hero.home }
            }
            (_, Some(place)) => *place,
            (None, None) => Place::Hills,
        }
    }

    /// Whether the star is at home by the water.
    fn is_in_water(&self) -> bool {
        const WATERS: [Place; 4] = [Place::Beach, Place::Sea, Place::Coast, Place::Underwater];
        self.star().is_some_and(|star| WATERS.contains(&star.hero.home))
    }

    /// A doctor is in a hospital, but not on a horse, before a house or in the rain.
    fn place_of_star(&self, star: &Cast) -> Place {
        let home = star.hero.home;
        if !home.is_room() {
            return home;
        }
        if let Some(other) = self.cast.iter().find(|cast| is_large(cast)) {
            return other.hero.home;
        }
        let is_open = !matches!(self.weather, Weather::Clear | Weather::Cloudy);
        if is_open || !self.lights.is_empty() { Place::Street } else { home }
    }
}

/// Whether it is no person and stands under the open sky: a house, a horse.
fn is_large(cast: &Cast) -> bool {
    let hero = cast.hero;
    let is_tall = hero.figure.is_none() && hero.tall.unwrap_or(1.0) > 1.3;
    is_tall && !matches!(hero.home, Place::Studio | Place::Table) && !hero.home.is_room()
}

/// A window of a house or of a town is seen from outside, a room has its own; by any other one is
/// indoors.
fn without_windows(mut places: Vec<Place>, cast: &[Cast]) -> Vec<Place> {
    let count = places.len();
    places.retain(|place| *place != Place::Window);
    let is_house = cast.iter().any(is_large) || cast.is_empty() && !places.is_empty();
    let is_room = places.iter().any(|place| place.is_room() || *place == Place::Studio);
    let is_indoors = places.len() < count && !is_house && !is_room;
    if is_indoors && !places.contains(&Place::Table) {
        places.push(Place::Table);
    }
    places
}
