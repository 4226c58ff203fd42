//! Decides what a person looks like: the words first, then the kind, then the seed.
//!
//! Pure: no network, no clock, no files.

use super::tables::{
    Age, Arm, Build, Cloth, Fashion, Kind, Layer, Legs, Own, Prop, Skin, Slot, Stance, Tables,
    Tint, Trait, Worn, tables,
};
use crate::render::color::{Rgb, hex};
use crate::render::dice::Dice;

/// What is told of a person: the name of a trait, a layer or a prop, and the colour word with it.
pub(crate) type Word = (&'static str, Option<Rgb>);

/// Something worn or held, in its colour.
#[derive(Debug)]
pub(super) struct Colored<T: 'static> {
    pub(super) thing: &'static T,
    pub(super) color: Rgb,
}

impl<T> Clone for Colored<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Colored<T> {}

/// All that decides the drawing of a person.
#[derive(Debug)]
pub(super) struct Outfit {
    pub(super) kind: &'static Kind,
    pub(super) build: &'static Build,
    pub(super) grown: bool,
    pub(super) stance: &'static Stance,
    pub(super) arms: [&'static Arm; 2],
    pub(super) hands: [Option<Colored<Prop>>; 2],
    /// What both hands hold, or what stands beside.
    pub(super) props: Vec<Colored<Prop>>,
    pub(super) layers: Vec<Colored<Layer>>,
    pub(super) body: Colored<Layer>,
    pub(super) skin: Rgb,
    pub(super) hair: Rgb,
    pub(super) trousers: Rgb,
    pub(super) shoes: Rgb,
    pub(super) legs: Legs,
    pub(super) asleep: bool,
    pub(super) back: bool,
}

const GRAY_HAIRS: [u32; 3] = [0xc9_c6c4, 0xe4_e2df, 0xb4_b0ae];

impl Outfit {
    pub(super) fn new(
        kind: &'static Kind,
        told: &[Word],
        color: Option<Rgb>,
        dice: &mut Dice,
    ) -> Self {
        let tables = tables();
        let traits: Vec<&Trait> =
            told.iter().filter_map(|word| tables.named_trait(word.0)).collect();
        let told_sex = traits.iter().find_map(|one| one.sex.as_deref());
        let sex = told_sex.or(kind.sex.as_deref());
        let drawn = *dice.pick(&["man", "woman"]);
        let build = match (kind.build.as_str(), told_sex) {
            ("any", _) => tables.build(sex.unwrap_or(drawn)),
            ("man" | "woman", Some(told)) => tables.build(told),
            (name, _) => tables.build(name),
        };
        let sex = match build.name.as_str() {
            "man" | "stout" => "man",
            "woman" => "woman",
            _ => sex.unwrap_or(drawn),
        };
        let grown = !matches!(build.name.as_str(), "child" | "toddler");
        let fashion = tables.fashion(match (grown, sex) {
            (true, sex) => sex,
            (false, "man") => "boy",
            (false, _) => "girl",
        });
        let is_old = kind.age.is_some() || traits.iter().any(|one| one.age == Some(Age::Old));
        let is_old = is_old && grown;

        let mut dressing = Dressing { tables, layers: Vec::new() };
        dressing.told(told, &traits);
        dressing.kind(kind, color, sex == "woman" && told_sex.is_some());
        let is_own = kind.build == "any" || told_sex.is_none_or(|told| told == kind.build);
        let hairs = if is_own { kind.hairs.as_slice() } else { &[] };
        let skins = traits.iter().find_map(|one| one.skins.as_ref()).or(kind.skins.as_ref());
        let skin = tables.skin_of(skins, dice);
        dressing.usual(hairs, fashion, is_old, color, dice);

        let own_hair = if is_old && kind.build != "stout" {
            hex(*dice.pick(&GRAY_HAIRS))
        } else {
            tint(*dice.pick(&skin.hairs))
        };
        let hair = traits.iter().find_map(|one| one.hair).or(kind.hair).map_or(own_hair, tint);
        let body = dressing.body();
        let over = dressing.layers.iter().find(|worn| {
            worn.thing.slot == Slot::Chest && worn.thing.trousers == Some(Cloth::Own(Own::Own))
        });
        let usual = tint(*dice.pick(&fashion.trousers));
        let trousers = match (over, kind.trousers, body.thing.trousers) {
            (Some(over), ..) => over.color,
            (_, Some(own), _) | (_, None, Some(Cloth::Tint(own))) => tint(own),
            _ => usual,
        };
        let usual = tint(*dice.pick(&fashion.shoes));
        let mut outfit = Self {
            kind,
            build,
            grown,
            stance: tables.stance("stand"),
            arms: [tables.arm("down"), tables.arm("down")],
            hands: [None, None],
            props: Vec::new(),
            body,
            layers: dressing.layers,
            skin: kind.skin.map_or(tint(skin.color), tint),
            hair,
            trousers,
            shoes: kind.shoes.or(body.thing.shoes).map_or(usual, tint),
            legs: kind.legs.unwrap_or(body.thing.legs),
            asleep: traits.iter().any(|one| one.asleep),
            back: traits.iter().any(|one| one.back),
        };
        outfit.pose(told, &traits, is_old);
        outfit
    }

    /// What is done: what the words say is held, then what the kind holds, as far as there are hands.
    fn pose(&mut self, told: &[Word], traits: &[&'static Trait], is_old: bool) {
        let tables = tables();
        let kind = self.kind;
        let named = told.iter().filter_map(|word| Some((tables.prop(word.0)?, word.1)));
        let mut wanted: Vec<(&'static Prop, Option<Rgb>)> = named.collect();
        let is_busy = !wanted.is_empty();
        for one in traits.iter().filter(|one| !(one.weak && is_busy)) {
            for prop in one.holds.iter().filter_map(|name| tables.prop(name)) {
                if !wanted.iter().any(|(own, _)| std::ptr::eq(*own, prop)) {
                    wanted.push((prop, None));
                }
            }
        }
        let busy = traits.iter().any(|one| one.arms.is_some()) || !wanted.is_empty();
        if !busy {
            wanted.extend(kind.holds.iter().filter_map(|name| Some((tables.prop(name)?, None))));
            let cane =
                is_old && kind.holds.is_empty() && traits.iter().all(|one| one.stance.is_none());
            wanted.extend(tables.prop("cane").filter(|_| cane).map(|prop| (prop, None)));
        }
        let stance = traits.iter().find_map(|one| one.stance.as_deref());
        let stance = stance.or(wanted.iter().find_map(|(prop, _)| prop.stance.as_deref()));
        self.stance = tables.stance(stance.or(kind.stance.as_deref()).unwrap_or("stand"));
        let own = kind.arms.as_ref().filter(|_| stance.is_none() && !busy);
        let arms =
            traits.iter().filter(|one| !(one.weak && is_busy)).find_map(|one| one.arms.as_ref());
        let arms = arms.or(own).unwrap_or(&self.stance.arms);
        self.arms = [tables.arm(&arms[0]), tables.arm(&arms[1])];
        if let Some(arms) = wanted.iter().find_map(|(prop, _)| prop.arms.as_ref()) {
            self.arms = [tables.arm(&arms[0]), tables.arm(&arms[1])];
        }
        let mut free =
            if wanted.iter().any(|(prop, _)| prop.arms.is_some()) { vec![] } else { vec![0, 1] };
        for (prop, color) in wanted {
            let color = color.or(prop.color.map(tint)).unwrap_or(hex(0x88_8888));
            let colored = Colored { thing: prop, color };
            if let Some(grip) = &prop.grip {
                if let Some(hand) = free.pop() {
                    self.hold(hand, grip, colored);
                }
                continue;
            }
            self.props.push(colored);
            if let Some(other) = prop.left.as_deref().and_then(|name| tables.prop(name)) {
                let grip = other.grip.as_deref().unwrap_or("low");
                self.hold(0, grip, Colored { thing: other, color });
            }
        }
        if let Some(seat) = self.stance.on.as_deref().and_then(|name| tables.prop(name)) {
            let sat_on = ["stool", "chair", "bench", "rock"];
            if !self.props.iter().any(|prop| sat_on.contains(&prop.thing.name.as_str())) {
                self.props.insert(0, Colored { thing: seat, color: hex(0x88_8888) });
            }
        }
    }

    fn hold(&mut self, hand: usize, grip: &str, prop: Colored<Prop>) {
        self.hands[hand] = Some(prop);
        self.arms[hand] = tables().arm(grip);
    }

    pub(super) fn worn(&self, slot: Slot) -> impl Iterator<Item = &Colored<Layer>> {
        self.layers.iter().filter(move |worn| worn.thing.slot == slot)
    }
}

pub(super) fn tint(tint: Tint) -> Rgb {
    hex(tint.0)
}

/// Layers as they are put on: the first of a slot stays.
struct Dressing {
    tables: &'static Tables,
    layers: Vec<Colored<Layer>>,
}

impl Dressing {
    fn put(&mut self, layer: &'static Layer, color: Option<Rgb>) {
        let one = !matches!(layer.slot, Slot::Chest | Slot::Ears);
        if !one || !self.has(layer.slot) {
            let color = color.or(layer.color.map(tint)).unwrap_or(hex(0x88_8888));
            self.layers.push(Colored { thing: layer, color });
        }
    }

    fn has(&self, slot: Slot) -> bool {
        self.layers.iter().any(|worn| worn.thing.slot == slot)
    }

    fn wear(&mut self, worn: &Worn, color: Option<Rgb>) {
        if let Some(layer) = self.tables.layer(&worn.name) {
            self.put(layer, color.or(worn.color.map(hex)));
        }
    }

    fn told(&mut self, told: &[Word], traits: &[&'static Trait]) {
        for (name, color) in told {
            if let Some(layer) = self.tables.layer(name) {
                self.put(layer, *color);
            }
        }
        for worn in traits.iter().flat_map(|one| &one.wears) {
            self.wear(worn, None);
        }
    }

    /// The kind's own; a colour word is for its body. A woman has no beard.
    fn kind(&mut self, kind: &'static Kind, color: Option<Rgb>, shaven: bool) {
        let dressed = self.has(Slot::Body);
        for worn in &kind.wears {
            let layer = self.tables.layer(&worn.name);
            let body = layer.is_some_and(|layer| layer.slot == Slot::Body);
            if shaven && layer.is_some_and(|layer| layer.slot == Slot::Beard) {
                continue;
            }
            // Over another coat there is no apron.
            if dressed && layer.is_some_and(|layer| layer.slot == Slot::Chest) {
                continue;
            }
            self.wear(worn, color.filter(|_| body));
        }
    }

    fn usual(
        &mut self,
        hairs: &'static [String],
        fashion: &'static Fashion,
        is_old: bool,
        color: Option<Rgb>,
        dice: &mut Dice,
    ) {
        let hairs = match (hairs.is_empty(), is_old) {
            (false, _) => hairs,
            (true, true) => &fashion.old_hairs,
            (true, false) => &fashion.hairs,
        };
        if let Some(layer) = self.tables.layer(dice.pick::<String>(hairs)) {
            self.put(layer, None);
        }
        if is_old {
            let more = (!fashion.old_wears.is_empty()).then(|| dice.pick(&fashion.old_wears));
            more.into_iter().for_each(|worn| self.wear(worn, None));
            self.tables.layer("glasses").into_iter().for_each(|layer| self.put(layer, None));
        }
        let (body, cloth) = (dice.pick(&fashion.bodies), tint(*dice.pick(&fashion.colors)));
        if let Some(layer) = self.tables.layer(body) {
            self.put(layer, color.or(Some(cloth)));
        }
    }

    fn body(&self) -> Colored<Layer> {
        let own = self.layers.iter().find(|worn| worn.thing.slot == Slot::Body);
        let bare = Colored { thing: &self.tables.layer[0], color: hex(0x88_8888) };
        own.copied().unwrap_or(bare)
    }
}

impl Tables {
    fn named_trait(&self, name: &str) -> Option<&Trait> {
        self.traits.iter().find(|one| one.name == name)
    }

    fn skin_of(&'static self, among: Option<&Vec<usize>>, dice: &mut Dice) -> &'static Skin {
        let all: Vec<usize> = (0..self.skin.len()).collect();
        let index = *dice.pick(among.unwrap_or(&all));
        &self.skin[index.min(self.skin.len() - 1)]
    }
}
