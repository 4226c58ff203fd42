//! What a prompt wants taken out of a picture: words that are read apart from the rest, so that
//! nothing of what is not to be seen is drawn.
//!
//! Pure: no network, no clock, no files.

use super::words::{ADD, ASKING, REMOVE, SWAP};
use crate::render::lexicon::Meaning;
use crate::render::place::{Light, Relation, Time};
use crate::render::sentence::{Item, Sentence};

/// What is wanted away.
#[derive(Debug, Clone, Default)]
pub(crate) struct Away {
    /// Words of what stays in the picture all the same, as they are written.
    pub(crate) stays: Vec<String>,
    /// Words of stars and the like.
    shining: Vec<String>,
    /// What the renderer puts into a sky of its own, and now does not.
    pub(crate) lights: Vec<Light>,
}

impl Away {
    /// Takes the words of what is wanted away out of a sentence; `None` where there are none.
    pub(super) fn cut(sentence: &mut Sentence) -> Option<Self> {
        // Languages that say it after the noun are read as they are.
        let is_after = sentence.language.unspaced && !sentence.language.verbs_before;
        let opens = |item: &Item| {
            REMOVE.contains(&item.text.as_str())
                || !is_after && item.is(|m| matches!(m, Meaning::Not))
        };
        let mut open: Option<String> = None;
        let mut named: Vec<Item> = Vec::new();
        let mut verbs: Vec<String> = Vec::new();
        let items = std::mem::take(&mut sentence.items);
        for (at, item) in items.iter().enumerate() {
            if open.as_deref().is_some_and(|verb| closes(verb, &items, at)) {
                open = None;
            }
            if opens(item) {
                open = Some(item.text.clone());
                verbs.push(item.text.clone());
            } else if open.is_some() {
                named.push(item.clone());
            } else {
                sentence.items.push(item.clone());
            }
        }
        if verbs.is_empty() {
            return None;
        }
        let light = |item: &Item| {
            item.meanings.iter().find_map(|meaning| match meaning {
                Meaning::Light(light) => Some(*light),
                _ => None,
            })
        };
        let is_thing = |item: &&Item| {
            let is_named = item.is(|m| m.is_content() && !matches!(m, Meaning::Color(_)));
            is_named || item.meanings.is_empty() && !ASKING.contains(&item.text.as_str())
        };
        let things: Vec<&Item> = named.iter().filter(is_thing).collect();
        let mut stays: Vec<String> = things.iter().map(|item| item.text.clone()).collect();
        if stays.is_empty() {
            stays = verbs;
        }
        stays.dedup();
        let lit = named.iter().filter_map(|item| Some((item.text.clone(), light(item)?)));
        let (shining, lights) = lit.unzip();
        Some(Self { stays, shining, lights })
    }

    /// Forgets what is away by itself in the sky of this time.
    pub(super) fn obey(&mut self, time: Option<Time>) {
        let is_new = |light| matches!(light, Light::Stars | Light::Moon) && time.is_some();
        let gone = self.shining.iter().zip(&self.lights).filter(|(_, light)| is_new(**light));
        let gone: Vec<&String> = gone.map(|(word, _)| word).collect();
        self.stays.retain(|word| !gone.contains(&word));
    }
}

/// Whether what is said there is no more of what is taken away.
fn closes(verb: &str, items: &[Item], at: usize) -> bool {
    let item = &items[at];
    let text = item.text.as_str();
    if item.breaks || ADD.contains(&text) || ["make", "turn", "let", "keep"].contains(&text) {
        return true;
    }
    let is_exchange = SWAP.contains(&verb);
    let is_with = item.is(|m| matches!(m, Meaning::Relation(Relation::With)));
    // "without stars and a moon": one more thing, but "remove the sun and the moon".
    let is_article = |next: &Item| matches!(next.text.as_str(), "a" | "an" | "ein" | "eine" | "un");
    let is_and = item.is(|m| matches!(m, Meaning::And));
    is_with && !is_exchange || is_and && items.get(at + 1).is_some_and(is_article)
}
