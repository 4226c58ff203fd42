//! People: put together from a stance, a body, layers of clothes and things in the hands.
//!
//! Nothing here is drawn in code: `data/*.toml` has the joints and the layers; words choose among
//! them and the seed decides the rest. Pure: no network, no clock, no files.

mod body;
mod outfit;
mod tables;

pub(crate) use body::Piece;
pub(crate) use outfit::Word;

use outfit::Outfit;
use tables::{Group, Kind, tables};

use super::color::Rgb;
use super::dice::Dice;
use super::path::Affine;

/// Draws the person or the people of a name in the box of a hero; nothing where there is no such.
///
/// `told` are names of traits, layers and props with the colours that go with them, `color` is
/// that of what is worn on the body. `copy` makes one of several differ from the others; of a group
/// it is how many they are.
pub(crate) fn draw(
    name: &str,
    told: &[Word],
    color: Option<Rgb>,
    seed: u64,
    copy: usize,
) -> Vec<Piece> {
    let tables = tables();
    if let Some(group) = group(name) {
        return together(group, told, seed, copy);
    }
    let kind = tables.kind.iter().find(|kind| kind.name == name);
    kind.map_or_else(Vec::new, |kind| alone(kind, told, color, &mut dice(seed, name, copy)))
}

/// How many people of a group there are unless it is told, and nothing for one who is alone.
pub(crate) fn members(name: &str) -> Option<usize> {
    group(name).map(|group| group.members.len())
}

fn group(name: &str) -> Option<&'static Group> {
    tables().group.iter().find(|group| group.name == name)
}

fn dice(seed: u64, name: &str, copy: usize) -> Dice {
    Dice::named(seed.wrapping_add(copy as u64 * 7_919), name)
}

fn alone(kind: &'static Kind, told: &[Word], color: Option<Rgb>, dice: &mut Dice) -> Vec<Piece> {
    body::pieces(&Outfit::new(kind, told, color, dice))
}

/// `count` of a group stand in a row; all of them, where they stand in the table.
fn together(group: &'static Group, told: &[Word], seed: u64, count: usize) -> Vec<Piece> {
    let mut all = Vec::new();
    let row = (count > 1 && count != group.members.len()).then_some(count);
    let members = group.members.iter().cycle().take(row.unwrap_or(group.members.len()));
    for (index, member) in members.enumerate() {
        let aside =
            row.map_or(member.aside, |count| (index as f32 - (count - 1) as f32 / 2.0) * 27.0);
        let Some(kind) = tables().kind.iter().find(|kind| kind.name == member.kind) else {
            continue;
        };
        let mut dice = dice(seed, &member.kind, index);
        let size = if member.back { 0.92 } else { 1.0 };
        let map = Affine::place(50.0 - 50.0 * size, 94.0 - 94.0 * size, size, size)
            .then(Affine::place(aside, 0.0, 1.0, 1.0));
        all.extend(alone(kind, told, None, &mut dice).into_iter().map(|piece| piece.moved(map)));
    }
    all
}

/// The names of all traits, and of the layers and props that have words.
#[cfg(test)]
pub(crate) fn told() -> impl Iterator<Item = &'static str> {
    let tables = tables();
    let layers = tables.layer.iter().filter(|one| !one.words.is_empty());
    let props = tables.prop.iter().filter(|one| !one.words.is_empty());
    let things = layers.map(|one| one.name.as_str()).chain(props.map(|one| one.name.as_str()));
    tables.traits.iter().map(|one| one.name.as_str()).chain(things)
}

/// Whether a name is that of something worn or held, which has a colour of its own.
pub(crate) fn is_thing(name: &str) -> bool {
    tables().layer(name).is_some() || tables().prop(name).is_some()
}

/// Whether the seed decides if it is a woman or a man.
pub(crate) fn is_of_any_sex(name: &str) -> bool {
    tables().kind.iter().any(|kind| kind.name == name && kind.build == "any" && kind.sex.is_none())
}

/// What is known of somebody of whom no more is known than that it is a woman or a man, a girl or a
/// boy.
pub(crate) fn plain_sex(name: &str) -> Option<&'static str> {
    const PLAIN: [(&str, &str); 4] =
        [("woman", "woman"), ("girl", "woman"), ("man", "man"), ("boy", "man")];
    PLAIN.iter().find(|(kind, _)| *kind == name).map(|(_, sex)| *sex)
}

/// Whether a name is that of what somebody does.
pub(crate) fn is_deed(name: &str) -> bool {
    let mut named = tables().traits.iter().filter(|one| one.name == name);
    named.any(|one| one.stance.is_some() || one.arms.is_some() || !one.holds.is_empty())
}

/// What a person holds or wears that is called by one of these words, the first before the others.
pub(crate) fn belonging(words: &[String]) -> Option<&'static str> {
    let tables = tables();
    words.iter().find_map(|word| {
        let props = tables.prop.iter().map(|prop| (prop.name.as_str(), &prop.words));
        let mut own = props.chain(tables.layer.iter().map(|one| (one.name.as_str(), &one.words)));
        own.find(|(_, words)| words.contains(word)).map(|(name, _)| name)
    })
}

/// What a person wears that is called by one of these words.
pub(crate) fn garment(words: &[String]) -> Option<&'static str> {
    let called = |own: &[String]| own.iter().any(|own| words.contains(own));
    let layer = tables().layer.iter().find(|layer| called(&layer.words));
    layer.map(|layer| layer.name.as_str())
}

/// What carries a person and is called by one of these words: a chair, a bicycle.
pub(crate) fn carrier(words: &[String]) -> Option<&'static str> {
    let called = |own: &[String]| own.iter().any(|own| words.contains(own));
    let mut props = tables().prop.iter().filter(|prop| prop.on && prop.stance.is_some());
    props.find(|prop| called(&prop.words)).map(|prop| prop.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::path::Affine;

    /// Every name that a table uses is one of another table, and every drawing can be read.
    #[test]
    fn every_name_of_the_tables_is_known_and_everybody_is_drawn() {
        let tables = tables();
        let layer = |name: &str| assert!(tables.layer(name).is_some(), "layer {name}");
        let prop = |name: &str| assert!(tables.prop(name).is_some(), "prop {name}");
        let arm = |name: &str| assert!(tables.arm.iter().any(|one| one.name == name), "arm {name}");
        let stance = |name: &String| {
            assert!(tables.stance.iter().any(|one| one.name == *name), "stance {name}");
        };
        for one in &tables.stance {
            one.arms.iter().for_each(|name| arm(name));
            one.on.iter().for_each(|name| prop(name));
        }
        for one in &tables.prop {
            one.grip.iter().for_each(|name| arm(name));
            one.arms.iter().flatten().for_each(|name| arm(name));
            one.stance.iter().for_each(stance);
            one.left.iter().for_each(|name| prop(name));
        }
        for one in &tables.traits {
            one.arms.iter().flatten().for_each(|name| arm(name));
            one.stance.iter().for_each(stance);
            one.holds.iter().for_each(|name| prop(name));
            one.wears.iter().for_each(|worn| layer(&worn.name));
            assert!(one.skins.iter().flatten().all(|index| *index < tables.skin.len()));
        }
        for one in &tables.kind {
            one.arms.iter().flatten().for_each(|name| arm(name));
            one.stance.iter().for_each(stance);
            one.holds.iter().for_each(|name| prop(name));
            one.hairs.iter().for_each(|name| layer(name));
            one.wears.iter().for_each(|worn| layer(&worn.name));
            let is_build = tables.build.iter().any(|build| build.name == one.build);
            assert!(is_build || one.build == "any", "{}: {}", one.name, one.build);
            let is_drawn = |piece: &Piece| piece.path(Affine::IDENTITY).bounds().is_some();
            for seed in 0..4 {
                let pieces = draw(&one.name, &[], None, seed, 0);
                assert!(pieces.len() > 12 && pieces.iter().all(is_drawn), "{}", one.name);
            }
        }
        for one in &tables.fashion {
            one.hairs.iter().chain(&one.old_hairs).chain(&one.bodies).for_each(|name| layer(name));
            one.old_wears.iter().for_each(|worn| layer(&worn.name));
        }
        for one in &tables.group {
            let is_kind = |name: &String| tables.kind.iter().any(|kind| kind.name == *name);
            assert!(one.members.iter().all(|member| is_kind(&member.kind)), "{}", one.name);
        }
        let mut names: Vec<&str> = told().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a trait, a layer and a prop share a name");
    }

    /// Each trait, layer and prop changes what is drawn of somebody.
    #[test]
    fn every_word_about_a_person_is_seen() {
        let shape = |told: &[Word], name: &str| {
            draw(name, told, None, 7, 0)
                .iter()
                .map(|piece| format!("{piece:?}"))
                .collect::<String>()
        };
        let plain = ["man", "woman", "student"].map(|name| shape(&[], name));
        for name in told().filter(|name| !["young", "stand"].contains(name)) {
            let told = ["man", "woman", "student"].map(|kind| shape(&[(name, None)], kind));
            assert!(plain.iter().zip(&told).any(|(plain, told)| plain != told), "{name}");
        }
    }

    #[test]
    fn the_seed_and_the_place_among_several_vary_a_person() {
        let looks = |seed, copy| format!("{:?}", draw("man", &[], None, seed, copy));
        assert_eq!(looks(3, 0), looks(3, 0));
        assert_ne!(looks(3, 0), looks(4, 0));
        assert_ne!(looks(3, 0), looks(3, 1));
        assert!(draw("nobody", &[], None, 1, 0).is_empty());
    }
}
