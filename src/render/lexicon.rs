//! Words that are no heroes: places, times, weathers, moods, lights, colours and numbers.
//!
//! One table, word by word; the first entry that matches wins. Pure data.

use super::place::{Light, Mood, Place, Time, Weather};

/// What a word means to the renderer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Place(Place),
    Time(Time),
    Weather(Weather),
    Mood(Mood),
    Light(Light),
    /// 0xrrggbb.
    Color(u32),
    /// Lightness added to the colour word that follows.
    Shade(f32),
    Count(usize),
}

use Meaning::{Color, Count, Shade};

const fn place(place: Place) -> Meaning {
    Meaning::Place(place)
}
const fn time(time: Time) -> Meaning {
    Meaning::Time(time)
}
const fn weather(weather: Weather) -> Meaning {
    Meaning::Weather(weather)
}
const fn mood(mood: Mood) -> Meaning {
    Meaning::Mood(mood)
}
const fn light(light: Light) -> Meaning {
    Meaning::Light(light)
}

#[rustfmt::skip]
const TABLE: &[(Meaning, &str)] = &[
    (place(Place::Mountain), "mountain mount peak alps summit ridge alpine himalaya everest range matterhorn fuji cliff"),
    (place(Place::Forest), "forest wood woods woodland woodlands trees pines grove taiga"),
    (place(Place::Jungle), "jungle rainforest tropical"),
    (place(Place::Hills), "hill hillside landscape valley countryside highland nature"),
    (place(Place::Meadow), "meadow grass pasture lawn park prairie savanna"),
    (place(Place::Sea), "sea ocean water marine waves wave bay atlantic pacific"),
    (place(Place::Coast), "coast shore seaside coastline harbor harbour port cape"),
    (place(Place::Beach), "beach sand"),
    (place(Place::Lake), "lake pond lagoon fjord"),
    (place(Place::River), "river stream creek brook"),
    (place(Place::Waterfall), "waterfall cascade"),
    (place(Place::Desert), "desert dune dunes sahara oasis"),
    (place(Place::Canyon), "canyon mesa gorge badlands"),
    (place(Place::Snow), "arctic antarctica ice glacier polar tundra iceberg"),
    (place(Place::Volcano), "volcano lava eruption"),
    (place(Place::Island), "island isle archipelago"),
    (place(Place::City), "city skyline downtown town skyscraper metropolis urban tokyo manhattan york london cityscape buildings cyberpunk"),
    (place(Place::Village), "village hamlet"),
    (place(Place::Field), "field wheat farmland crop lavender"),
    (place(Place::Garden), "garden blossom bloom"),
    (place(Place::Road), "road street path highway trail route"),
    (place(Place::Space), "space galaxy cosmos universe nebula cosmic orbit interstellar outer"),
    (place(Place::Underwater), "underwater reef coral aquarium seabed undersea"),
    (place(Place::Sky), "sky cloud clouds heaven air"),
    (place(Place::Table), "table desk indoors kitchen room interior shelf"),
    (place(Place::Studio), "studio icon logo isolated product sticker"),
    (time(Time::Dawn), "dawn sunrise morning daybreak early"),
    (time(Time::Day), "day noon midday daytime afternoon daylight"),
    (time(Time::Dusk), "dusk sunset evening twilight sundown golden"),
    (time(Time::Night), "night midnight nighttime nocturnal tonight moonlit"),
    (weather(Weather::Rain), "rain rainy drizzle shower monsoon"),
    (weather(Weather::Snow), "snow snowy winter blizzard snowfall frost frozen christmas"),
    (weather(Weather::Fog), "fog foggy mist misty haze hazy smoky"),
    (weather(Weather::Storm), "storm stormy thunder lightning tempest hurricane thunderstorm"),
    (weather(Weather::Cloudy), "cloudy overcast"),
    (weather(Weather::Clear), "clear sunny"),
    (weather(Weather::Wind), "wind windy breeze"),
    (mood(Mood::Calm), "calm peaceful serene quiet tranquil zen still gentle minimal minimalist"),
    (mood(Mood::Warm), "warm cozy cosy summer autumnal hot"),
    (mood(Mood::Cold), "cold cool icy chilly"),
    (mood(Mood::Dark), "dark moody gothic spooky scary haunted mysterious eerie gloomy sad lonely melancholy"),
    (mood(Mood::Bright), "bright happy cheerful joyful fun playful vibrant colorful colourful cute"),
    (mood(Mood::Dreamy), "dreamy magical magic fantasy enchanted surreal ethereal pastel soft fairy"),
    (mood(Mood::Wild), "wild epic dramatic energetic chaos chaotic dynamic bold electric neon"),
    (mood(Mood::Autumn), "autumn fall october harvest"),
    (mood(Mood::Spring), "spring fresh april may"),
    (light(Light::Sun), "sun sunshine sunlight sunlit"),
    (light(Light::Moon), "moon moonlight lunar crescent"),
    (light(Light::Stars), "star stars starry starlight constellation milky"),
    (light(Light::Aurora), "aurora borealis northern"),
    (light(Light::Rainbow), "rainbow"),
    (Color(0xd9_3a3a), "red crimson scarlet ruby"),
    (Color(0xee_7a2c), "orange tangerine amber"),
    (Color(0xf4_c430), "yellow lemon"),
    (Color(0xe3_ac3b), "gold"),
    (Color(0x4c_a35a), "green emerald"),
    (Color(0x8f_9a4e), "olive"),
    (Color(0x2f_a39a), "teal turquoise aqua"),
    (Color(0x3d_c0d8), "cyan"),
    (Color(0x36_74c8), "blue cobalt azure sapphire"),
    (Color(0x24_3a6e), "navy"),
    (Color(0x5a_4ab0), "indigo"),
    (Color(0x8a_50b5), "purple violet"),
    (Color(0xb8_9ad8), "lilac mauve"),
    (Color(0xd0_3f9a), "magenta"),
    (Color(0xee_82a6), "pink rose"),
    (Color(0xf2_7f6b), "salmon peach"),
    (Color(0x8a_5a38), "brown chocolate"),
    (Color(0xd8_c09a), "beige tan cream ivory"),
    (Color(0xf5_f2ec), "white"),
    (Color(0x35_323c), "black"),
    (Color(0x8d_9098), "gray grey silver"),
    (Shade(-0.14), "deep"),
    (Shade(0.12), "light pale"),
    (Count(2), "two pair couple both"),
    (Count(3), "three few some several"),
    (Count(4), "four"),
    (Count(5), "five many flock herd group lots"),
];

/// The meaning of a folded word.
pub(crate) fn find(word: &str) -> Option<Meaning> {
    TABLE
        .iter()
        .find(|(_, words)| words.split(' ').any(|known| known == word))
        .map(|(meaning, _)| *meaning)
}
