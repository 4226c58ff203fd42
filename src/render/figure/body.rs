//! Draws a person: body, limbs, clothes and what is held, laid one over the other.
//!
//! The trunk carries what is worn on it, the head what is worn there, the hands what they hold, so a
//! drawing fits every stance. Pure: no network, no clock, no files.

use super::outfit::{Colored, Outfit, tint};
use super::tables::{Arm, Drawing, Dye, Layer, Legs, Prop, Sleeves, Slot};
use crate::render::art::Ink;
use crate::render::color::{Rgb, hex};
use crate::render::path::{Affine, Path};
use crate::render::pathdata;

/// The shape of a piece.
#[derive(Debug, Clone, Copy)]
enum Outline {
    /// In the letters of `pathdata`.
    Data(&'static str),
    /// From one point to another, thick at the first and thinner at the second.
    Limb {
        from: (f32, f32),
        to: (f32, f32),
        thick: (f32, f32),
    },
    Disc {
        at: (f32, f32),
        radius: f32,
    },
}

/// One piece of a drawn person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) ink: Ink,
    outline: Outline,
    map: Affine,
}

impl Piece {
    /// Its outline, where the hero's box is mapped to.
    pub(crate) fn path(&self, map: Affine) -> Path {
        let map = self.map.then(map);
        match self.outline {
            Outline::Data(data) => pathdata::parse(data, map),
            Outline::Limb { from, to, thick } => limb(from, to, thick).mapped(map),
            Outline::Disc { at, radius } => Path::circle(at.0, at.1, radius).mapped(map),
        }
    }

    /// Whether it is a line, which is never more than a detail.
    pub(crate) fn is_line(&self) -> bool {
        matches!(self.outline, Outline::Data(data) if data.trim_start_matches(['Y', ' ']).starts_with('K'))
    }

    /// The same piece elsewhere.
    pub(super) fn moved(mut self, map: Affine) -> Self {
        self.map = self.map.then(map);
        self
    }
}

/// A limb that tapers, with round ends.
fn limb(from: (f32, f32), to: (f32, f32), thick: (f32, f32)) -> Path {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let long = (dx * dx + dy * dy).sqrt().max(0.01);
    let (nx, ny) = (-dy / long, dx / long);
    let at = |point: (f32, f32), by: f32| (point.0 + nx * by, point.1 + ny * by);
    let sides = [at(from, thick.0), at(to, thick.1), at(to, -thick.1), at(from, -thick.0)];
    let mut path = Path::polygon(&sides);
    // The side of a limb turned with its ends keeps one outline.
    path.ellipse(from.0, from.1, thick.0, thick.0);
    path.ellipse(to.0, to.1, thick.1, thick.1);
    path
}

const EYES: &str = "Y O 46,18.4 1.25";
const CLOSED_EYES: &str = "K1 M44,18.4 C45,20 47,20 48,18.4 M52,18.4 C53,20 55,20 56,18.4";
const CHEEKS: &str = "Y E 44,21.8 2 1.4";
const SMILE: &str = "K1 M47.4,22.8 C48.8,24.4 51.2,24.4 52.6,22.8";
const SINGING: &str = "E 50,23.4 2 2.2";
const EARS: &str = "Y O 40.6,18.4 2";
const FACE: &str = "M40.4,16 C40.4,8.6 44,6 50,6 C56,6 59.6,8.6 59.6,16 C59.6,23.6 55.6,27.6 50,27.6 \
    C44.4,27.6 40.4,23.6 40.4,16 Z";
/// Hair seen from behind.
const NAPE: &str = "M39.4,19 C37.4,7 43.6,4.2 50,4.2 C56.4,4.2 62.6,7 60.6,19 C60.4,24 57,28 50,28.4 \
    C43,28 39.6,24 39.4,19 Z";
const NECK: &str = "R 46.6,22 6.8 14 3";
const WAISTBAND: &str = "M40,59.4 L60,59.4 L60.6,66 L39.4,66 Z";
const SHORTS: &str = "M40,58.4 L60,58.4 L60.6,67 L39.4,67 Z";
const SHOE: &str = "M-3.3,-2.4 C-4,1.6 -3.9,5 -3.3,5 L7.6,5 C8.2,2.4 5.2,0.8 3.1,-1.6 Z";
const DARK: u32 = 0x2b_2738;
const LIPS: u32 = 0x7a_2f38;

/// The person of an outfit, in the box of a hero.
pub(super) fn pieces(outfit: &Outfit) -> Vec<Piece> {
    let mut figure = Figure::new(outfit);
    figure.all();
    let mirror = Affine { a: -1.0, e: 100.0, ..Affine::IDENTITY };
    let turned = |piece: Piece| if outfit.stance.mirrored { piece.moved(mirror) } else { piece };
    figure.pieces.into_iter().map(turned).collect()
}

struct Figure<'a> {
    outfit: &'a Outfit,
    pieces: Vec<Piece>,
    /// From the standing adult to the body that this one has.
    body: Affine,
    /// The same without what lifts it from the ground.
    ground: Affine,
    /// To the trunk as it leans.
    trunk: Affine,
    head: Affine,
    face: Affine,
    /// Thickness of limbs.
    thick: f32,
}

impl<'a> Figure<'a> {
    fn new(outfit: &'a Outfit) -> Self {
        let (build, stance) = (outfit.build, outfit.stance);
        let (tall, wide) = (build.scale, build.scale * build.wide);
        let lift = outfit.props.iter().map(|prop| prop.thing.lift).fold(0.0, f32::max);
        let ground = Affine::place(50.0 - 50.0 * wide, 100.0 - 100.0 * tall, wide, tall);
        let body = ground.then(Affine::place(0.0, -lift, 1.0, 1.0));
        // The standing trunk reaches from (50, 30) down to (50, 62).
        let (neck, hip) = (stance.neck, stance.hip);
        let (x, y) = ((hip.0 - neck.0) / 32.0, (hip.1 - neck.1) / 32.0);
        let long = (x * x + y * y).sqrt().max(0.01);
        let (ux, uy) = (x / long, y / long);
        let lean = Affine { a: uy, b: -ux, c: x, d: y, e: 0.0, f: 0.0 };
        let foot = lean.apply(50.0, 30.0);
        let trunk = lean.then(Affine::place(neck.0 - foot.0, neck.1 - foot.1, 1.0, 1.0)).then(body);
        let nod = match stance.nod {
            Some(degrees) => degrees * std::f32::consts::PI / 180.0,
            None => libm::atan2f(-ux, uy) * 0.5,
        };
        let at = trunk.apply(50.0, 30.0);
        let size = build.head;
        let head = Affine::place(at.0 - 50.0 * size, at.1 - 29.4 * size, size, size)
            .then(Affine::turn(at.0, at.1, nod));
        let props = outfit.props.iter().map(|prop| prop.thing.look);
        let look = props.fold(stance.look, |a, b| (a.0 + b.0, a.1 + b.1));
        let face = Affine::place(look.0, look.1, 1.0, 1.0).then(head);
        let puffy = outfit.body.thing.puffy.unwrap_or(1.0);
        let thick = build.limb * build.scale * puffy;
        Self { outfit, pieces: Vec::new(), body, ground, trunk, head, face, thick }
    }

    /// A layer's drawing in the colour of the layer.
    fn put(&mut self, drawing: &'static Drawing, map: Affine, own: Rgb) {
        for (dye, data) in &drawing.0 {
            let ink = match *dye {
                Dye::Own(by) => fixed(own.lighter(by)),
                Dye::Skin(by) => fixed(self.outfit.skin.lighter(by)),
                Dye::Hair(by) => fixed(self.outfit.hair.lighter(by)),
                Dye::Ink(ink) => ink,
            };
            self.pieces.push(Piece { ink, outline: Outline::Data(data), map });
        }
    }

    fn data(&mut self, color: Rgb, data: &'static str, map: Affine) {
        self.pieces.push(Piece { ink: fixed(color), outline: Outline::Data(data), map });
    }

    fn limb(&mut self, color: Rgb, from: (f32, f32), to: (f32, f32), thick: (f32, f32)) {
        let thick = (thick.0 * self.thick, thick.1 * self.thick);
        let outline = Outline::Limb { from, to, thick };
        self.pieces.push(Piece { ink: fixed(color), outline, map: Affine::IDENTITY });
    }

    fn layers(&mut self, slot: Slot, map: Affine, part: fn(&'static Layer) -> &'static Drawing) {
        let worn: Vec<Colored<Layer>> = self.outfit.worn(slot).copied().collect();
        for one in worn {
            self.put(part(one.thing), map, one.color);
        }
    }

    fn all(&mut self) {
        let outfit = self.outfit;
        for prop in &outfit.props {
            self.put(&prop.thing.ground, self.ground, prop.color);
        }
        if !outfit.back {
            self.layers(Slot::Cape, self.trunk, |layer| &layer.back);
            if self.shows_hair() {
                self.layers(Slot::Hair, self.head, |layer| &layer.back);
            }
            self.layers(Slot::Hat, self.head, |layer| &layer.back);
        }
        self.legs();
        self.trunk();
        self.head();
        for prop in &outfit.props {
            self.put(&prop.thing.front, self.trunk, prop.color);
        }
        self.arm(0);
        self.arm(1);
        for prop in &outfit.props {
            self.put(&prop.thing.after, self.trunk, prop.color);
            self.put(&prop.thing.before, self.ground, prop.color);
        }
    }

    fn shows_hair(&self) -> bool {
        !self.outfit.worn(Slot::Hat).any(|hat| hat.thing.hair == Some(false))
    }

    fn legs(&mut self) {
        let outfit = self.outfit;
        if outfit.legs != Legs::None {
            self.leg(&outfit.stance.left, -0.035);
            self.leg(&outfit.stance.right, 0.0);
        }
    }

    fn leg(&mut self, joints: &[f32; 7], shade: f32) {
        let outfit = self.outfit;
        let kind = outfit.kind;
        let (hip, knee, ankle) = (
            self.body.apply(joints[0], joints[1]),
            self.body.apply(joints[2], joints[3]),
            self.body.apply(joints[4], joints[5]),
        );
        let shorts = kind.shorts.filter(|_| outfit.legs == Legs::Trousers);
        let color = match outfit.legs {
            Legs::Tights => outfit.body.thing.tights.map_or(hex(0xf3_d3c8), tint),
            Legs::Trousers if shorts.is_none() => outfit.trousers,
            _ => outfit.skin,
        };
        let color = color.lighter(shade);
        let w = if outfit.legs == Legs::Trousers && shorts.is_none() { 1.0 } else { 0.78 };
        self.limb(color, hip, knee, (5.1 * w, 3.9 * w));
        self.limb(color, knee, ankle, (3.9 * w, 3.0 * w));
        if let Some(shorts) = shorts {
            self.limb(tint(shorts).lighter(shade), hip, between(hip, knee, 0.72), (5.6, 5.0));
        }
        let shoe = if kind.barefoot { outfit.skin } else { outfit.shoes }.lighter(shade);
        if kind.boots || outfit.body.thing.boots {
            self.limb(shoe, between(knee, ankle, 0.42), ankle, (4.3, 3.7));
        }
        let turn = joints[6];
        let (turn, side) = if turn < 90.0 { (turn, 1.0) } else { (180.0 - turn, -1.0) };
        let angle = turn * std::f32::consts::PI / 180.0;
        let (sin, cos) = (libm::sinf(angle) * self.thick, libm::cosf(angle) * self.thick);
        let map = Affine { a: side * cos, b: sin, c: -side * sin, d: cos, e: ankle.0, f: ankle.1 };
        self.data(shoe, SHOE, map);
    }

    fn trunk(&mut self) {
        let outfit = self.outfit;
        let (body, map) = (outfit.body, self.trunk);
        self.data(outfit.skin.darker(0.035), NECK, map);
        let torso = body.thing.torso.as_ref().unwrap_or(&outfit.build.torso);
        self.data(self.upper(), torso, map);
        let plain = body.thing.lower.hanging(outfit.stance.lower).0.is_empty();
        match outfit.kind.shorts {
            _ if outfit.legs != Legs::Trousers || !plain => {}
            Some(shorts) => self.data(tint(shorts), SHORTS, map),
            None => self.data(outfit.trousers, WAISTBAND, map),
        }
        for tail in outfit.worn(Slot::Tail) {
            let hanging = tail.thing.lower.hanging(outfit.stance.lower);
            let own = if hanging.0.is_empty() { &tail.thing.front } else { hanging };
            self.put(own, map, tail.color);
        }
        self.put(body.thing.lower.hanging(outfit.stance.lower), map, body.color);
        if outfit.back {
            self.layers(Slot::Cape, map, |layer| &layer.behind);
            return;
        }
        self.put(&body.thing.chest, map, body.color);
        self.layers(Slot::Chest, map, |layer| &layer.front);
        self.layers(Slot::Cape, map, |layer| &layer.front);
        self.layers(Slot::Neck, map, |layer| &layer.front);
    }

    /// The colour of the trunk.
    fn upper(&self) -> Rgb {
        let body = self.outfit.body;
        let own = body.thing.upper.map_or(body.color, tint);
        if body.thing.bare { self.outfit.skin } else { own }
    }

    fn head(&mut self) {
        let outfit = self.outfit;
        let map = self.head;
        self.data(outfit.skin, EARS, map);
        self.data(outfit.skin, FACE, map);
        if outfit.back {
            self.back_of_head();
            return;
        }
        self.layers(Slot::Ears, map, |layer| &layer.front);
        let (over, under): (Vec<_>, Vec<_>) =
            outfit.worn(Slot::Hat).copied().partition(|hat| !hat.thing.under_face);
        for hat in under {
            self.put(&hat.thing.front, map, hat.color);
        }
        self.face();
        if self.shows_hair() {
            self.layers(Slot::Hair, map, |layer| &layer.front);
        }
        self.layers(Slot::Eyes, self.face, |layer| &layer.front);
        for hat in over {
            self.put(&hat.thing.front, map, hat.color);
        }
    }

    fn face(&mut self) {
        let (outfit, map) = (self.outfit, self.face);
        self.data(outfit.skin.mix(hex(0xf0_6a62), 0.36), CHEEKS, map);
        self.layers(Slot::Beard, map, |layer| &layer.front);
        match (outfit.kind.eyes.0.is_empty(), outfit.asleep) {
            (_, true) => self.data(hex(DARK), CLOSED_EYES, map),
            (true, false) => self.data(hex(DARK), EYES, map),
            (false, false) => self.put(&outfit.kind.eyes, map, hex(DARK)),
        }
        let sings = outfit.props.iter().any(|prop| prop.thing.open_mouth);
        self.data(hex(LIPS), if sings { SINGING } else { SMILE }, map);
    }

    fn back_of_head(&mut self) {
        let (outfit, map) = (self.outfit, self.head);
        for hair in outfit.worn(Slot::Hair).copied().collect::<Vec<_>>() {
            // Who has no hair on top has none behind.
            if !hair.thing.front.0.iter().any(|(dye, _)| *dye == Dye::Ink(Ink::Shine)) {
                self.data(outfit.hair, NAPE, map);
            }
            self.put(&hair.thing.back, map, hair.color);
        }
        for hat in outfit.worn(Slot::Hat).copied().collect::<Vec<_>>() {
            self.put(&hat.thing.back, map, hat.color);
            self.put(&hat.thing.front, map, hat.color);
        }
    }

    /// Shoulder, elbow and hand.
    fn joints(&self, arm: &Arm, side: usize) -> [(f32, f32); 3] {
        let shoulder = self.outfit.build.shoulder;
        let mirror = |x: f32| if side == 0 && !arm.across { 100.0 - x } else { x };
        let first = if side == 0 { 50.0 - shoulder } else { 50.0 + shoulder };
        let points =
            [(first, 37.2), (mirror(arm.elbow.0), arm.elbow.1), (mirror(arm.hand.0), arm.hand.1)];
        points.map(|(x, y)| self.trunk.apply(x, y))
    }

    fn arm(&mut self, side: usize) {
        let outfit = self.outfit;
        let [shoulder, elbow, hand] = self.joints(outfit.arms[side], side);
        let body = outfit.body.thing;
        let sleeve = self.upper().darker(0.035);
        let skin = outfit.skin.darker(0.02);
        match body.sleeves {
            _ if body.bare => self.bare_arm(skin, [shoulder, elbow, hand]),
            Sleeves::Long | Sleeves::Wide => {
                let wide = body.sleeves == Sleeves::Wide;
                let w = if wide { [4.0, 3.7, 4.8] } else { [3.6, 3.05, 2.5] };
                self.limb(sleeve, shoulder, elbow, (w[0], w[1]));
                self.limb(sleeve, elbow, between(elbow, hand, 0.86), (w[1], w[2]));
            }
            Sleeves::Short | Sleeves::None => {
                self.bare_arm(skin, [shoulder, elbow, hand]);
                if body.sleeves == Sleeves::Short {
                    self.limb(sleeve, shoulder, between(shoulder, elbow, 0.6), (3.8, 3.7));
                }
            }
        }
        let gloves = outfit.props.iter().find_map(|prop| prop.thing.gloves);
        let boxes = gloves.is_some();
        let color = gloves.or(outfit.kind.gloves).map_or(skin, tint);
        let puffy = body.puffy.unwrap_or(1.0).sqrt();
        let radius = if boxes { 5.0 } else { 3.1 / puffy } * self.thick;
        let fist = Piece {
            ink: fixed(color),
            outline: Outline::Disc { at: hand, radius },
            map: Affine::IDENTITY,
        };
        match outfit.hands[side] {
            Some(prop) if prop.thing.over => {
                self.pieces.push(fist);
                self.held(prop, hand, side);
            }
            Some(prop) => {
                self.held(prop, hand, side);
                self.pieces.push(fist);
            }
            None => self.pieces.push(fist),
        }
    }

    fn bare_arm(&mut self, skin: Rgb, [shoulder, elbow, hand]: [(f32, f32); 3]) {
        self.limb(skin, shoulder, elbow, (3.05, 2.6));
        self.limb(skin, elbow, hand, (2.6, 2.1));
    }

    fn held(&mut self, prop: Colored<Prop>, hand: (f32, f32), side: usize) {
        let build = self.outfit.build;
        let size = if self.outfit.grown { build.scale.max(0.8) } else { build.scale * 1.25 };
        let turned = if side == 0 { -size } else { size };
        let map = Affine::place(hand.0 - 50.0 * turned, hand.1 - 50.0 * size, turned, size);
        self.put(&prop.thing.front, map, prop.color);
    }
}

fn between(from: (f32, f32), to: (f32, f32), share: f32) -> (f32, f32) {
    (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
}

fn fixed(color: Rgb) -> Ink {
    let [r, g, b] = color.bytes();
    Ink::Fixed(u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b))
}
