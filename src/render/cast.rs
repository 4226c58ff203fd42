//! Who and what is in a picture, and by what each is placed.
//!
//! Pure: no network, no clock, no files.

use super::art::{self, Hero, Stance};
use super::color::Rgb;
use super::figure::{self, Word};
use super::place::Relation;

/// What an animal wears that is one of these.
const UNIFORMS: [(&str, &str); 11] = [
    ("teacher", "glasses"),
    ("professor", "glasses"),
    ("scientist", "glasses"),
    ("wizard", "wizard hat"),
    ("king", "crown"),
    ("queen", "crown"),
    ("cowboy", "cowboy hat"),
    ("santa", "santa hat"),
    ("waiter", "bow tie"),
    ("businessman", "bow tie"),
    ("doctor", "glasses"),
];

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
    /// As it is written.
    pub(crate) text: String,
}

impl Cast {
    /// One, as it is drawn.
    pub(crate) fn alone(hero: &'static Hero) -> Self {
        Self {
            hero,
            color: None,
            count: 1,
            traits: Vec::new(),
            link: None,
            aloft: false,
            seed: 0,
            text: String::new(),
        }
    }

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

/// Whether the second of a relation is what the first has.
fn is_owned(relation: Relation) -> bool {
    matches!(relation, Relation::With | Relation::Hold | Relation::Wear)
}

/// Whether it is a piece of clothing that is no guest of an anchor: boots, a dress.
fn is_clothing(hero: &Hero) -> bool {
    const CLOTHES: [&str; 10] = [
        "boot",
        "sneaker",
        "dress",
        "tshirt",
        "ring",
        "jeans",
        "sock",
        "glove",
        "sandal",
        "high heels",
    ];
    hero.worn.is_none() && CLOTHES.contains(&hero.name())
}

/// The cast in which people hold, wear and sit on what belongs to them; clothes that nobody in
/// it can put on are left out and told.
pub(crate) fn persons(mut cast: Vec<Cast>, seed: u64, unknown: &mut Vec<String>) -> Vec<Cast> {
    let mut gone = vec![false; cast.len()];
    // What is held by a dress is held by who is in it.
    let mut owners: Vec<usize> = (0..cast.len()).collect();
    for index in 0..cast.len() {
        let Some(link) = &mut cast[index].link else { continue };
        link.host = owners[link.host];
        let link = *link;
        let own = is_owned(link.relation);
        let (person, thing) = if own { (link.host, index) } else { (index, link.host) };
        if cast[person].hero.figure.is_none() {
            if own && has_by_itself(cast[person].hero, cast[thing].hero) {
                gone[thing] = true;
                continue;
            }
            // A cake has candles of its own.
            let is_cake = cast[person].hero.is_called("cake");
            if own && is_cake && cast[thing].hero.is_called("candle") {
                gone[thing] = true;
                if cast[thing].count > 3 {
                    unknown.push(format!("{} {}", cast[thing].count, cast[thing].text));
                }
            }
            if own && cast[person].hero.is_alive() && is_clothing(cast[thing].hero) {
                gone[thing] = true;
                unknown.push(cast[thing].text.clone());
            }
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
                owners[thing] = person;
                if !own {
                    // Where the bicycle is, there is who rides it.
                    cast[person].link = cast[thing].link.filter(|link| link.host != person);
                }
            }
            None if own && is_clothing(hero) => {
                gone[thing] = true;
                unknown.push(cast[thing].text.clone());
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

/// Whether the one is a basket, a bowl or the like that has room for the other.
pub(crate) fn holds(one: &Hero, other: &Hero) -> bool {
    let is_vessel = |hero: &Hero| {
        hero.mouth.is_some() && matches!(hero.stance, Stance::Table) || hero.name() == "bathtub"
    };
    let has_own = is_served(other);
    let is_small = other.tall.unwrap_or(1.0) < 1.3 * one.tall.unwrap_or(1.0).max(0.5);
    is_vessel(one) && !is_vessel(other) && !has_own && is_small && other.worn.is_none()
}

/// Whether it is drawn in a bowl or on a plate of its own.
pub(crate) fn is_served(hero: &Hero) -> bool {
    matches!(hero.group.as_str(), "food" | "pantry" | "drinks") && !comes_in_heaps(hero)
}

/// Whether there are several of it in a basket.
pub(crate) fn comes_in_heaps(hero: &Hero) -> bool {
    const FRUIT: [&str; 8] =
        ["apple", "strawberry", "lemon", "cherry", "egg", "mushroom", "cookie", "flower"];
    hero.group == "produce" || FRUIT.contains(&hero.name())
}

/// Whether the drawing of the one shows the other.
fn has_by_itself(one: &Hero, other: &Hero) -> bool {
    const OWN: [(&str, &[&str]); 4] = [
        ("noodle", &["egg", "fried egg"]),
        ("pizza", &["cheese", "tomato"]),
        ("burger", &["cheese", "tomato", "salad"]),
        ("snowman", &["carrot"]),
    ];
    OWN.iter().any(|(name, all)| one.name() == *name && all.contains(&other.name()))
}

/// What an animal wears that is such a one.
pub(crate) fn uniform(hero: &Hero) -> Option<&'static Hero> {
    let (_, worn) = UNIFORMS.iter().find(|(who, _)| hero.is_called(who))?;
    art::find(worn)
}

/// Whether the second of a relation belongs to the first, which places it.
pub(crate) fn is_possession(relation: Relation, object: &Hero) -> bool {
    matches!(relation, Relation::With | Relation::Hold | Relation::Wear)
        || relation == Relation::In && (object.worn.is_some() || object.group == "clothes")
}
