//! Where and when a picture plays: the surroundings, the lights in the sky, time, weather and mood.
//!
//! Pure data.

use serde::Deserialize;

/// Landscapes and other surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    Meadow,
    Hills,
    Mountain,
    Forest,
    Jungle,
    Sea,
    Coast,
    Beach,
    Lake,
    River,
    Waterfall,
    Desert,
    Canyon,
    Snow,
    Volcano,
    Island,
    City,
    Village,
    Field,
    Lavender,
    Garden,
    Road,
    Space,
    /// On the ground of another world.
    Moon,
    Mars,
    Underwater,
    Sky,
    Table,
    /// Indoors by one, or a part of a house.
    Window,
    Studio,
    Kitchen,
    LivingRoom,
    Bedroom,
    Library,
    Office,
    Classroom,
    Hospital,
    Laboratory,
    Gym,
    Shop,
    Restaurant,
    Stage,
    Cinema,
    Bathroom,
    Workshop,
    Museum,
    Airport,
    Station,
    Stadium,
    Hall,
    Street,
    Harbour,
}

impl Place {
    /// Rooms with furniture, the rarer ones first.
    pub(crate) const ROOMS: [Self; 20] = [
        Self::Kitchen,
        Self::Bedroom,
        Self::Library,
        Self::Office,
        Self::Classroom,
        Self::Hospital,
        Self::Laboratory,
        Self::Gym,
        Self::Shop,
        Self::Restaurant,
        Self::Stage,
        Self::Cinema,
        Self::Bathroom,
        Self::Workshop,
        Self::Museum,
        Self::Airport,
        Self::Station,
        Self::Stadium,
        Self::Hall,
        Self::LivingRoom,
    ];

    /// Whether it has a floor and walls, and furniture.
    pub(crate) fn is_room(self) -> bool {
        Self::ROOMS.contains(&self)
    }

    /// The plainer place that stands for it where a picture is built of blocks.
    pub(crate) fn plain(self) -> Self {
        match self {
            Self::Street => Self::City,
            Self::Harbour => Self::Coast,
            Self::Moon | Self::Mars => Self::Space,
            Self::Lavender => Self::Field,
            room if room.is_room() => Self::Table,
            other => other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Time {
    Dawn,
    Day,
    Dusk,
    Night,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Weather {
    Clear,
    Cloudy,
    Rain,
    Snow,
    Fog,
    Storm,
    Wind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mood {
    Plain,
    Calm,
    Warm,
    Cold,
    Dark,
    Bright,
    Dreamy,
    Wild,
    Autumn,
    Spring,
}

/// Lights in the sky asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Light {
    Sun,
    Moon,
    Stars,
    Aurora,
    Rainbow,
    Fireworks,
}

/// Where one thing is to another, or what it does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Relation {
    On,
    In,
    Under,
    Beside,
    Front,
    Behind,
    Above,
    Between,
    /// The second belongs to the first: an umbrella, a hat.
    With,
    Ride,
    Hold,
    Wear,
}
