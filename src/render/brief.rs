//! The prompt understood: heroes, places, time of day, weather, mood and colour words.
//!
//! What the words leave open is decided here, by the seed. Pure: no network, no clock, no files.

use super::art::{Hero, Stance};
use super::color::Rgb;
use super::dice::Dice;
use super::figure::{self, Word};
use super::place::{Light, Mood, Place, Relation, Time, Weather};
use super::reading::Reading;
use super::sentence::Sentence;

/// One hero of the picture.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) hero: &'static Hero,
    pub(crate) color: Option<Rgb>,
    pub(crate) count: usize,
    /// How it is and what it does, wears and holds, by the names in the tables.
    pub(crate) traits: Vec<Word>,
    /// By what it is placed; without it, it has a place of its own.
    pub(crate) link: Option<Link>,
    /// Over the land, whatever it usually stands on.
    pub(crate) aloft: bool,
    /// Varies how people look.
    pub(crate) seed: u64,
}

impl Cast {
    /// One, as it is drawn.
    pub(crate) fn alone(hero: &'static Hero) -> Self {
        Self { hero, color: None, count: 1, traits: Vec::new(), link: None, aloft: false, seed: 0 }
    }
}

impl Cast {
    /// How often it is drawn; people of a group are one drawing.
    pub(crate) fn copies(&self) -> usize {
        let group = self.hero.figure.as_deref().and_then(figure::members);
        if group.is_some() { 1 } else { self.count }
    }

    /// Whether it is between several of another one.
    pub(crate) fn is_between(&self, host: usize) -> bool {
        self.link.is_some_and(|link| link.host == host && link.relation == Relation::Between)
    }
}

/// A hero placed by another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) relation: Relation,
    /// The place in the cast of the other.
    pub(crate) host: usize,
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

/// The cast in which people hold, wear and sit on what belongs to them.
fn persons(mut cast: Vec<Cast>, seed: u64) -> Vec<Cast> {
    let mut gone = vec![false; cast.len()];
    for index in 0..cast.len() {
        let Some(link) = cast[index].link else { continue };
        let own = matches!(link.relation, Relation::With | Relation::Hold | Relation::Wear);
        let (person, thing) = if own { (link.host, index) } else { (index, link.host) };
        if cast[person].hero.figure.is_none() {
            continue;
        }
        let (hero, color) = (cast[thing].hero, cast[thing].color);
        if matches!(link.relation, Relation::Under | Relation::Beside | Relation::Behind) {
            continue;
        }
        let sits = matches!(link.relation, Relation::Ride | Relation::On | Relation::In);
        let named = match link.relation {
            // "in a red dress", but also "in bed".
            Relation::In => figure::garment(&hero.words).or_else(|| figure::carrier(&hero.words)),
            _ if sits => figure::carrier(&hero.words),
            _ => figure::belonging(&hero.words),
        };
        match named {
            Some(name) => {
                cast[person].traits.insert(0, (name, color));
                gone[thing] = true;
                if !own {
                    cast[person].link = None;
                }
            }
            None if sits && hero.is_alive() => cast[person].traits.insert(0, ("ride", None)),
            None => {}
        }
    }
    let kept = |index: usize| gone[..index].iter().filter(|gone| !**gone).count();
    for one in &mut cast {
        one.seed = seed;
        one.link = one.link.filter(|link| !gone[link.host]);
        if let Some(link) = &mut one.link {
            link.host = kept(link.host);
        }
    }
    let mut stays = gone.iter().map(|gone| !gone);
    cast.retain(|_| stays.next().unwrap_or(true));
    cast
}
