//! Tests of what prompts mean: who is in the picture, where, and what is not known.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::lexicon;
use super::place::Place;

/// The cast of a prompt in words: `2 cat`, `fox in sailboat`, a `*` for a colour of its own.
fn cast(prompt: &str) -> String {
    let brief = Brief::read(prompt, 1);
    let one = |cast: &super::cast::Cast| {
        let count = if cast.count > 1 { format!("{} ", cast.count) } else { String::new() };
        let color = if cast.color.is_some() { "*" } else { "" };
        let link = cast.link.map_or(String::new(), |link| {
            let relation = format!("{:?}", link.relation).to_lowercase();
            format!(" {relation} {}", brief.cast[link.host].hero.name())
        });
        let aloft = if cast.aloft { " aloft" } else { "" };
        format!("{count}{}{color}{link}{aloft}", cast.hero.name())
    };
    brief.cast.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn unknown(prompt: &str) -> Vec<String> {
    Brief::read(prompt, 1).unknown
}

fn all(pairs: &[(&str, &str)]) {
    let wrong: Vec<String> = pairs
        .iter()
        .filter(|(prompt, wanted)| cast(prompt) != *wanted)
        .map(|(prompt, wanted)| format!("{prompt}: {} instead of {wanted}", cast(prompt)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_picture_is_made_as_is_no_subject() {
    all(&[
        ("a photo of a cat", "cat"),
        ("35mm film photograph of a dog, Kodak Portra, shot on a Leica camera", "dog, camera"),
        ("portrait of an owl, oil painting, trending on artstation, 8k", "owl"),
        ("logo of a fox, vector, flat design", "fox"),
        ("macro shot of a bee, bokeh, unreal engine render", "bee"),
        ("a horse in the style of Van Gogh", "horse"),
        ("Aquarell von einem Fuchs", "fox"),
        ("photographie d'un chat", "cat"),
        ("猫の写真", "cat"),
    ]);
    assert!(unknown("a lighthouse by Greg Rutkowski, digital art").is_empty());
    assert_eq!(Brief::read("pixel art of a cat", 1).style, Some("pixel-art"));
    assert_eq!(Brief::read("Aquarell einer Katze", 1).style, Some("watercolor"));
    assert_eq!(Brief::read("an oil painting of a cat", 1).style, None);
}

#[test]
fn no_other_animal_stands_in_for_what_is_not_known() {
    all(&[
        ("a bear market", ""),
        ("a catfish", ""),
        ("a dogwood", ""),
        ("a tiger lily", ""),
        ("a computer mouse", ""),
        ("a seal of wax", ""),
        ("a hot dog with mustard", "hotdog"),
        ("a guinea pig", ""),
        ("dragon fruit", ""),
        ("a fox terrier", "dog"),
        ("crab nebula", ""),
        ("un gato perezoso", "cat"),
        ("ein Strauß roter Rosen", "bouquet, 3 rose*"),
        ("een hond bij een huis", "dog beside house, house"),
        ("un cane di razza", "dog"),
        ("caballito de mar", "seahorse"),
        ("日本庭園", ""),
        ("a dandelion and a horse chestnut", ""),
        ("eine Meerkatze", ""),
        ("ein Ameisenlöwe", ""),
        ("a chat about pain", ""),
    ]);
    assert_eq!(unknown("a bear market"), ["bear market"]);
}

#[test]
fn the_language_of_the_prompt_decides_what_a_word_means() {
    all(&[
        ("gift", "gift"),
        ("a wooden hut", "cabin"),
        ("ein Kind mit Hut", cast("ein Kind mit einem Hut").as_str()),
        ("un chat noir", "cat*"),
        ("chat", ""),
        ("a rat", "mouse"),
        ("der Rat der Stadt", ""),
        ("ein roter Fuchs im Schnee", "fox*"),
        ("zwei weiße Katzen unter einem Baum", "2 cat* under tree, tree"),
        ("dos perros negros en la playa", "2 dog*"),
        ("un gatto nero su una barca", "cat* on sailboat, sailboat"),
        ("três pássaros azuis", "3 bird*"),
        ("twee honden naast een molen", "2 dog beside windmill, windmill"),
        ("木の下の猫", "tree, cat under tree"),
        ("赤い傘を持つ女性", "woman"),
        ("ein Leuchtturm auf einer Insel", "lighthouse"),
    ]);
}

#[test]
fn relations_join_two_and_colours_and_numbers_go_to_their_nouns() {
    all(&[
        ("a red fox and a blue bird", "fox*, bird*"),
        ("a fox in a red scarf", "fox, scarf* wear fox"),
        ("a cat in a hat and a scarf", "cat, hat wear cat, scarf wear cat"),
        ("a red fox in a small boat on a lake", "fox* in sailboat, sailboat"),
        ("three cats", "3 cat"),
        ("a cat and a dog under a tree", "cat under tree, dog under tree, tree"),
        ("a rabbit between two trees", "rabbit between tree, 2 tree"),
        ("a dragon flying over a village", "dragon aloft"),
        ("a bowl of fruit", "apple"),
        ("a bear riding a bicycle", "bear ride bicycle, bicycle"),
        ("a penguin with an umbrella", "penguin, umbrella with penguin"),
        ("a fox with a red violin", "fox, violin* with fox"),
        ("a fox with a red zither", "fox"),
    ]);
}

#[test]
fn what_is_said_not_to_be_there_is_not_drawn() {
    all(&[
        ("a street without cars", ""),
        ("a castle, no people, no birds", "castle"),
        ("ein Strand ohne Menschen", ""),
        ("une plage sans bateaux", ""),
        ("a forest with no snow and an owl", "owl"),
    ]);
    let brief = Brief::read("a castle without clouds", 1);
    assert!(brief.no_clouds && brief.places.is_empty());
    assert!(unknown("a castle, no watermark").is_empty());
}

#[test]
fn what_is_not_known_is_told_once_and_only_things_are() {
    assert_eq!(unknown("a quickly rusting zither and a zither"), ["zither"]);
    assert!(unknown("a beautiful highly detailed cat, 8k, f/1.8").is_empty());
    assert_eq!(unknown("eine Katze mit einer Zither"), ["zither"]);
}

#[test]
fn every_language_is_there_english_first() {
    let ids: Vec<&str> = lexicon::languages().iter().map(|language| language.id).collect();
    assert_eq!(ids, ["en", "de", "es", "fr", "it", "ja", "nl", "pt"]);
}

#[test]
fn rooms_and_streets_are_places_of_their_own() {
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    for (prompt, place) in [
        ("a cat in the kitchen", Place::Kitchen),
        ("a dog in a living room", Place::LivingRoom),
        ("a teddy bear in the bedroom", Place::Bedroom),
        ("an owl in an old library", Place::Library),
        ("a bicycle in a narrow street", Place::Street),
        ("a sailboat in the harbour", Place::Harbour),
        ("eine Katze in der Küche", Place::Kitchen),
        ("un chien dans la rue", Place::Street),
        ("un gato en el puerto", Place::Harbour),
        ("台所の猫", Place::Kitchen),
        ("a cat on a sofa", Place::LivingRoom),
        ("a cat on a sofa in the garden", Place::Garden),
        ("a cat on the kitchen table", Place::Table),
    ] {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
}
