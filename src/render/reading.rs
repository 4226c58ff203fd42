//! Reads the words of a prompt in order: what belongs to what, what is left out, what is not known.
//!
//! Colours and numbers go to their nouns, relations to the two that they join; what is said not to
//! be there is not drawn. Pure: no network, no clock, no files.

mod joining;
mod persons;
mod telling;

use super::art::Hero;
use super::cast::{self, Cast, is_possession};
use super::color::{self, Rgb, hex};
use super::figure::{self, Word};
use super::lexicon::{FEMALE, Language, MALE, Meaning};
use super::place::{Light, Mood, Place, Relation, Time, Weather};
use super::sentence::{self, Item, Sentence};

/// Words between a vessel and what is in it.
const OF: [&str; 8] = ["of", "de", "d", "di", "da", "von", "van", "met"];

/// Heroes of a picture; more would be a crowd of stamps.
const CAST: usize = 4;

/// As many of one are drawn, and no more.
const MOST: usize = 9;

/// What a prompt says.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) cast: Vec<Cast>,
    pub(crate) places: Vec<Place>,
    pub(crate) lights: Vec<Light>,
    pub(crate) time: Option<Time>,
    pub(crate) weather: Option<Weather>,
    pub(crate) mood: Option<Mood>,
    /// A colour that belongs to nothing in the picture.
    pub(crate) tint: Option<Rgb>,
    /// The style of ours that the words ask for.
    pub(crate) style: Option<&'static str>,
    /// Asked for in black and white.
    pub(crate) gray: bool,
    /// Asked for with little in it.
    pub(crate) minimal: bool,
    /// Asked for with neon signs.
    pub(crate) neon: bool,
    /// The colour of the plain ground behind all.
    pub(crate) backdrop: Option<Rgb>,
    /// The colour of the sun.
    pub(crate) sun: Option<Rgb>,
    pub(crate) no_clouds: bool,
    pub(crate) no_birds: bool,
    pub(crate) understood: Vec<String>,
    /// Words of things that are not known.
    pub(crate) unknown: Vec<String>,
    /// Words that are not known and may be no things: told where nothing else is.
    pub(crate) unclear: Vec<String>,
}

/// What has been read and waits for its noun.
#[derive(Debug, Default)]
struct Pending {
    color: Option<Rgb>,
    shade: f32,
    count: Option<usize>,
    /// An article of one stands before it.
    is_one: bool,
    /// The trait of women or men, where the article says it.
    sex: Option<&'static str>,
    aloft: bool,
    traits: Vec<Word>,
    relation: Option<(Relation, Vec<usize>)>,
    /// The relation stands before what is held or worn, in a language where others do not.
    is_verb: bool,
}

/// What the last noun belongs to: "a hat" of "a cat with a hat and a scarf".
type Belonging = Option<(Relation, Vec<usize>)>;

struct Reader<'a> {
    items: &'a [Item],
    reading: Reading,
    pending: Pending,
    /// The nouns that `and` joins, to which a relation after them belongs.
    group: Vec<usize>,
    /// The last noun of the picture, if the word before was one, or an adjective after one.
    noun: Option<usize>,
    belonging: Belonging,
    /// What is worn, held or ridden by who is named next: the hat of 戴帽子的猫.
    carried: Option<(Relation, usize)>,
    /// What is said after a noun is said of a place.
    of_place: bool,
    negated: bool,
    /// After `by`: the name of an artist.
    named: bool,
    /// A colour is awaited that the plain ground has.
    colors_backdrop: bool,
    language: &'static Language,
    adjectives_after: bool,
    /// What is said of a thing stands before it.
    reversed: bool,
    /// Whether it speaks of people, who alone wear and hold things.
    peopled: bool,
}

impl Reading {
    pub(crate) fn of(sentence: &Sentence) -> Self {
        let mut reader = Reader {
            items: &sentence.items,
            reading: Reading::default(),
            pending: Pending::default(),
            group: Vec::new(),
            noun: None,
            belonging: None,
            carried: None,
            of_place: false,
            negated: false,
            named: false,
            colors_backdrop: false,
            language: sentence.language,
            adjectives_after: sentence.language.adjectives_after,
            reversed: sentence.language.unspaced,
            peopled: sentence.items.iter().any(|item| item.is(Meaning::is_person)),
        };
        for at in 0..sentence.items.len() {
            reader.item(at);
        }
        reader.finish()
    }
}

impl Reader<'_> {
    fn item(&mut self, at: usize) {
        let item = &self.items[at];
        if item.breaks {
            self.settle();
            self.negated = false;
            self.named = false;
            self.noun = None;
            self.carried = None;
            self.of_place = false;
            self.colors_backdrop = false;
        }
        if let Some(also) = item.also {
            self.meaning(also, at);
        }
        match self.meant(at) {
            None => self.unknown(item, at),
            Some(meaning) => {
                if !matches!(meaning, Meaning::Filler | Meaning::And) {
                    self.named = false;
                }
                if let (Meaning::Relation(_), Some(done)) = (meaning, self.done(item)) {
                    self.meaning(done, at);
                }
                self.meaning(meaning, at);
                if meaning.is_content()
                    && !self.negated
                    && !self.reading.understood.contains(&item.text)
                {
                    self.reading.understood.push(item.text.clone());
                }
            }
        }
    }

    /// What somebody does who is in a relation: `sitting on`, `playing`.
    fn done(&self, item: &Item) -> Option<Meaning> {
        let is_done = |meaning: &Meaning| match meaning {
            Meaning::Trait(_) => self.peopled,
            Meaning::Action => !self.peopled,
            _ => false,
        };
        let own = item.meanings.iter().copied().find(is_done);
        let first = item.text.split(' ').next().map(str::to_owned);
        let found = || self.language.find(&[first?])?.meanings.into_iter().find(is_done);
        own.or_else(found)
    }

    /// Which of its meanings a word has here.
    fn meant(&self, at: usize) -> Option<Meaning> {
        let item = &self.items[at];
        if item.meanings.is_empty() {
            return self.digits(at).map(Meaning::Count);
        }
        let pick = |question: fn(Meaning) -> bool| {
            let here = |meaning: &Meaning| self.peopled || !matches!(meaning, Meaning::Trait(_));
            item.meanings.iter().copied().filter(here).find(|meaning| question(*meaning))
        };
        let relation = pick(|m| matches!(m, Meaning::Relation(_)));
        if relation.is_some() && pick(|m| matches!(m, Meaning::Trait(_))).is_some() {
            return relation;
        }
        let hero = pick(|m| matches!(m, Meaning::Hero(_)));
        // "a baby elephant" is one, young.
        let filler = pick(|m| matches!(m, Meaning::Filler));
        if hero.is_some() && filler.is_some() && self.is_before_hero(at) {
            return filler;
        }
        // "un chat paresseux": what follows a noun at once says how it is.
        let is_after = self.adjectives_after && self.noun.is_some() && at > 0;
        if is_after && hero.is_some() && self.items[at - 1].is(|m| matches!(m, Meaning::Hero(_))) {
            let color = pick(|m| matches!(m, Meaning::Color(_)));
            return color.or(Some(Meaning::Filler));
        }
        let place = pick(|m| matches!(m, Meaning::Place(_)));
        let color = pick(|m| matches!(m, Meaning::Color(_)));
        if let (Some(hero), Some(color)) = (hero, color) {
            let is_of = at > 0 && OF.contains(&self.items[at - 1].text.as_str());
            let is_color = if self.adjectives_after {
                self.noun.is_some() && !is_of
            } else {
                sentence::begins_with_noun(&self.items[at + 1..])
            };
            return Some(if is_color { color } else { hero });
        }
        if let (Some(hero), Some(place)) = (hero, place) {
            let relation = self.pending.relation.as_ref().map(|(relation, _)| *relation);
            let on = matches!(relation, Some(Relation::On | Relation::In));
            let is_plant = matches!(hero, Meaning::Hero(hero) if hero.group == "plants");
            // "dans un café" is where it is, "avec un café" what is drunk.
            let outside = matches!(relation, Some(Relation::Front));
            if matches!(place, Meaning::Place(place) if place.is_room()) {
                return Some(if on || outside { place } else { hero });
            }
            let is_place = match is_plant {
                // "trees" are a wood, "two trees" and "behind trees" are trees.
                true => self.pending.count.is_none() && (relation.is_none() || on),
                false => on && !self.reading.cast.is_empty(),
            };
            return Some(if is_place { place } else { hero });
        }
        let artist = pick(|m| matches!(m, Meaning::Style("artist")));
        if artist.is_some() && self.items.get(at + 1).is_some_and(|next| next.meanings.is_empty()) {
            return artist;
        }
        let shade = pick(|m| matches!(m, Meaning::Shade(_)));
        if shade.is_some()
            && self
                .items
                .get(at + 1)
                .is_some_and(|next| next.is(|m| matches!(m, Meaning::Color(_))))
        {
            return shade;
        }
        let rest = |question: fn(Meaning) -> bool| pick(question);
        hero.or(place)
            .or(color)
            .or_else(|| rest(|m| m.is_content() && !matches!(m, Meaning::Shade(_))))
            .or_else(|| rest(|m| !matches!(m, Meaning::Filler | Meaning::Shade(_))))
            .or_else(|| rest(|m| matches!(m, Meaning::Filler)))
            .or(shade.map(|_| Meaning::Filler))
            .or_else(|| self.of_nobody(at))
    }

    /// A number in digits, of what is named after it.
    fn digits(&self, at: usize) -> Option<usize> {
        let is_part = at > 0 && self.items[at].breaks && ends_in_digit(&self.items[at - 1].text);
        let count = self.items[at].text.parse().ok()?;
        ((1..=MOST).contains(&count)
            && !is_part
            && sentence::begins_with_noun(&self.items[at + 1..]))
        .then_some(count)
    }

    /// Whether a hero is named by the very next word.
    fn is_before_hero(&self, at: usize) -> bool {
        let next = self.items.get(at + 1).filter(|next| !next.breaks);
        next.is_some_and(|next| next.is(|m| matches!(m, Meaning::Hero(_))))
    }

    fn meaning(&mut self, meaning: Meaning, at: usize) {
        let after = matches!(
            meaning,
            Meaning::Color(_)
                | Meaning::Filler
                | Meaning::Action
                | Meaning::Aloft
                | Meaning::Mood(_)
                | Meaning::Trait(_)
                | Meaning::Shade(_)
        );
        self.of_place &= after;
        if !after && !matches!(meaning, Meaning::Hero(_) | Meaning::Count(_)) {
            // "la nuit, des pirates": the article was the night's.
            self.pending.sex = None;
        }
        match meaning {
            Meaning::Hero(hero) => return self.hero(hero, at),
            Meaning::Place(place) => self.place(place),
            Meaning::Color(value) => return self.color(value),
            _ if self.negated && meaning.is_content() => self.avoid(meaning),
            Meaning::Time(time) => self.reading.time = Some(time),
            Meaning::Weather(weather) => self.reading.weather = Some(weather),
            Meaning::Mood(mood) => self.reading.mood = Some(mood),
            Meaning::Light(light) => self.light(light),
            Meaning::Shade(by) => self.pending.shade = by,
            Meaning::Count(count) => self.pending.count = Some(count),
            Meaning::Trait(name) => self.said_of(name, at),
            Meaning::Relation(relation) => self.relation(relation),
            Meaning::Aloft => self.aloft(at),
            Meaning::Not if self.reversed && !self.language.verbs_before => {
                if let Some(last) = self.reading.cast.pop() {
                    self.avoid(Meaning::Hero(last.hero));
                }
            }
            Meaning::Not => {
                self.negated = true;
                self.pending.relation = None;
            }
            Meaning::Style("artist") => self.named = true,
            Meaning::Style("other") => {}
            Meaning::Style("gray") => self.reading.gray |= !self.is_of_a_hero(at),
            Meaning::Style("minimal") => self.reading.minimal = true,
            Meaning::Style("neon") => self.reading.neon = true,
            Meaning::Style(id) => self.reading.style = self.reading.style.or(Some(id)),
            Meaning::Unknown => {
                self.told(&self.items[at].text.clone());
                self.pending = Pending::default();
            }
            // "without snow and a fox", but "without snow and people".
            Meaning::Action => {
                let text = &self.items[at].text;
                let is_relation = self.items[at].is(|m| matches!(m, Meaning::Relation(_)));
                let first = text.split(' ').next().filter(|_| is_relation);
                let text = first.unwrap_or(text).to_owned();
                self.tell(&text);
            }
            Meaning::Backdrop => self.backdrop(),
            Meaning::And => self.negated &= !self.has_article_next(at),
            Meaning::Filler => {
                let text = &self.items[at].text;
                self.pending.is_one |= self.language.is_singular(text);
                self.pending.sex = self.language.sex_of_article(text).or(self.pending.sex);
            }
        }
        if !after {
            self.noun = None;
        }
    }

    /// Whether black and white are said of what stands beside: "a black and white cat".
    fn is_of_a_hero(&self, at: usize) -> bool {
        let is_hero = |item: &Item| item.is(|m| matches!(m, Meaning::Hero(_)));
        match self.adjectives_after {
            true => self.noun.is_some() && at > 0 && is_hero(&self.items[at - 1]),
            false => self.is_before_hero(at),
        }
    }

    /// A sun that a colour is said of has it; no other thing does.
    fn light(&mut self, light: Light) {
        if light == Light::Sun && self.pending.color.is_some() {
            self.reading.sun = self.pending.color.take();
            self.reading.tint = None;
        }
        self.reading.lights.push(light);
    }

    /// The plain ground has the colour that is said of it.
    fn backdrop(&mut self) {
        self.pending.relation = None;
        if let Some(color) = self.pending.color.take() {
            self.reading.backdrop = Some(color);
            self.reading.tint = None;
        }
        self.colors_backdrop = self.adjectives_after && self.reading.backdrop.is_none();
    }

    /// Of what is named next, or of the last one named.
    fn aloft(&mut self, at: usize) {
        let is_before = sentence::begins_with_noun(&self.items[at + 1..]);
        let last = self.reading.cast.len().checked_sub(1);
        match self.noun.or(last).filter(|_| !is_before) {
            Some(noun) => self.reading.cast[noun].aloft = true,
            None => self.pending.aloft = true,
        }
    }

    fn has_article_next(&self, at: usize) -> bool {
        self.items.get(at + 1).is_some_and(|next| self.language.is_function(&next.text))
    }

    fn hero(&mut self, hero: &'static Hero, at: usize) {
        if !self.negated && self.is_profession(hero, at) {
            return self.profession(hero, at);
        }
        if !self.negated && self.is_same_person(hero, at) {
            return self.same_person(hero);
        }
        let waiting = std::mem::take(&mut self.pending);
        if self.negated {
            return self.avoid(Meaning::Hero(hero));
        }
        self.leave_bowl(hero, at);
        if self.is_said_of_animals(hero) {
            return;
        }
        let color = waiting.color.map(|color| color::fitting(color, hex(hero.main)));
        let is_plural = self.items[at].plural && !waiting.is_one;
        // Nobody speaks of a basket of one apple.
        let is_heap = cast::comes_in_heaps(hero) && self.is_content_of_last(hero, at);
        let count = waiting.count.unwrap_or(if is_plural || is_heap { 3 } else { 1 });
        let cast = &mut self.reading.cast;
        let same = cast.iter().position(|c| std::ptr::eq(c.hero, hero));
        let index = match same.filter(|&same| color.is_none() || cast[same].color == color) {
            Some(same) => same,
            None if cast.len() < CAST => {
                let text = self.items[at].text.clone();
                let mut traits = waiting.traits;
                if hero.figure.is_some() {
                    let is_female = self.language.is_female(&super::spelling::fold(&text));
                    let sex = if is_female { Some(FEMALE) } else { waiting.sex };
                    let is_told = traits.iter().any(|(name, _)| [FEMALE, MALE].contains(name));
                    let is_open = hero.figure.as_deref().is_some_and(figure::is_of_any_sex);
                    let is_group =
                        hero.figure.as_deref().is_some_and(|name| figure::members(name).is_some());
                    let is_known = is_open || sex == Some(FEMALE) && !is_group;
                    let sex = sex.filter(|_| !is_told && is_known);
                    traits.extend(sex.map(|sex| (sex, None)));
                }
                let aloft = waiting.aloft;
                cast.push(Cast { color, count, traits, text, aloft, ..Cast::alone(hero) });
                cast.len() - 1
            }
            None => return,
        };
        let is_another = at > 0 && self.follows_and(at);
        // "a skateboarding dog" is on one.
        let is_done = self.items[at].text.ends_with("ing") && self.language.is_english();
        let riders = self.group.iter().copied().filter(|&rider| rider != index);
        let riders: Vec<usize> =
            riders.filter(|&one| self.reading.cast[one].hero.is_alive()).collect();
        let relation = match waiting.relation {
            None if is_done && !riders.is_empty() => Some((Relation::Ride, riders)),
            None if is_another => self.belonging.clone(),
            None if self.is_content_of_last(hero, at) => {
                self.noun.map(|vessel| (Relation::In, vec![vessel]))
            }
            told => told,
        };
        self.belonging = None;
        if let Some((relation, others)) = relation {
            if is_possession(relation, hero) {
                self.belonging = Some((relation, others.clone()));
            }
            let is_costume = relation == Relation::Wear && hero.figure.is_some();
            if let (true, [host]) = (is_costume, others.as_slice())
                && self.reading.cast[*host].hero.figure.is_none()
            {
                self.reading.cast.pop();
                self.noun = Some(*host);
                return self.profession(hero, at);
            }
            if self.reversed && !waiting.is_verb {
                others.iter().for_each(|&other| self.join(relation, &[index], other));
            } else {
                self.join(relation, &others, index);
            }
            // What is under a tree is who reads the book, not the book.
            let is_owned = !self.reversed && is_possession(relation, hero);
            self.group = if is_owned { others.clone() } else { vec![index] };
            if waiting.is_verb && others.is_empty() {
                self.carried = Some((relation, index));
            }
        } else if let Some((relation, thing)) = self.carried.take() {
            self.join(relation, &[index], thing);
            self.group = vec![index];
        } else {
            // "a baker puts bread in the oven": the bread alone is in it.
            let is_list = is_another || self.reversed || self.items[at].breaks;
            if !is_list && self.has_verb_before(at) {
                self.group.clear();
            }
            self.group.push(index);
        }
        self.noun = Some(index);
    }

    /// Whether a word that is no noun and of no kind known stands between this noun and the last.
    fn has_verb_before(&self, at: usize) -> bool {
        let before = self.items[..at].iter().rev();
        let mut between = before.take_while(|item| !item.is(|m| matches!(m, Meaning::Hero(_))));
        between.any(|item| item.meanings.is_empty() || item.is(|m| matches!(m, Meaning::Action)))
    }

    /// Whether only `and`, articles and adjectives stand between this noun and the one before.
    fn follows_and(&self, at: usize) -> bool {
        let mut before = self.items[..at].iter().rev();
        let word = before.find(|item| {
            !item.is(|m| {
                matches!(
                    m,
                    Meaning::Filler | Meaning::Color(_) | Meaning::Count(_) | Meaning::Trait(_)
                )
            })
        });
        word.is_some_and(|item| item.is(|m| matches!(m, Meaning::And)))
    }

    fn place(&mut self, place: Place) {
        if self.negated {
            return self.avoid(Meaning::Place(place));
        }
        let waiting = std::mem::take(&mut self.pending);
        // Before a school is outside of it.
        let is_outside = matches!(waiting.relation, Some((Relation::Front | Relation::Behind, _)));
        let place = if is_outside && place.is_room() { Place::Street } else { place };
        self.of_place = true;
        if let (Some((Relation::Above, subjects)), true) = (&waiting.relation, place != Place::Sky)
        {
            for &subject in subjects {
                self.reading.cast[subject].aloft = true;
            }
        }
        if !self.reading.places.contains(&place) {
            self.reading.places.push(place);
        }
    }

    fn color(&mut self, value: u32) {
        let plain = hex(value);
        let shade = std::mem::take(&mut self.pending.shade);
        let color = if shade == 0.0 { plain } else { plain.lighter(shade) };
        if self.negated {
            return;
        }
        if std::mem::take(&mut self.colors_backdrop) {
            self.reading.backdrop = Some(color);
            return;
        }
        if let Some(noun) = self.noun.filter(|_| self.adjectives_after) {
            let cast = &mut self.reading.cast[noun];
            cast.color = cast.color.or_else(|| Some(color::fitting(color, hex(cast.hero.main))));
            return;
        }
        // "un pueblo blanco con naranjos": of the place, not of what comes next.
        if !(self.adjectives_after && self.of_place) {
            self.pending.color = self.pending.color.or(Some(color));
        }
        self.reading.tint = self.reading.tint.or(Some(color));
    }

    fn finish(mut self) -> Reading {
        self.settle();
        let mut reading = self.reading;
        if reading.cast.iter().any(|cast| cast.color.is_some()) {
            reading.tint = None;
        }
        reading
    }
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}
