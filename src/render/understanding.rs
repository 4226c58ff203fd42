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
        ("a rat", "rat"),
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
        ("a bowl of fruit", "fruit bowl"),
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
fn an_animal_with_a_profession_is_one_and_clothes_are_worn_or_told() {
    all(&[
        ("a cartoon fox teacher", "fox, glasses wear fox"),
        ("a bear chef", "bear"),
        ("ein Fuchs Lehrer", "fox, glasses wear fox"),
        ("a fox and a teacher", "fox, teacher"),
        ("a cat on a laptop keyboard", "cat on computer, computer"),
        ("a birthday cake with 7 candles", "cake"),
        ("lit cabane", "bed"),
    ]);
    assert_eq!(unknown("a bear chef"), ["chef"]);
    assert_eq!(unknown("une petite fille avec des bottes jaunes"), ["bottes"]);
    assert_eq!(unknown("a dog in yellow boots"), ["boots"]);
    assert_eq!(unknown("a birthday cake with 7 candles"), ["7 candles"]);
}

#[test]
fn what_animals_do_and_no_drawing_shows_is_told() {
    assert_eq!(unknown("a cat sleeping on a sofa"), ["sleeping"]);
    assert_eq!(unknown("horses running"), ["running"]);
    assert_eq!(unknown("ein schlafender Hund"), ["schlafender"]);
    assert_eq!(unknown("un ours polaire qui fait du ski"), ["fait du ski"]);
    assert!(unknown("a woman running").is_empty());
    assert!(unknown("a bear riding a bicycle").is_empty());
}

#[test]
fn numbers_up_to_nine_are_counted_in_digits_and_in_words() {
    all(&[
        ("5 rubber ducks in a bathtub", "5 duck in bathtub, bathtub"),
        ("seven cats", "7 cat"),
        ("4 Sonnenblumen in einer blauen Vase", "4 sunflower in vase, vase*"),
        ("neuf chats", "9 cat"),
        ("a cat, 16:9", "cat"),
        ("f/1.8 cat", "cat"),
    ]);
}

#[test]
fn greys_a_plain_ground_and_little_of_all_are_asked_for_in_words() {
    for prompt in
        ["a cat, black and white photo", "eine Katze, schwarzweiß", "un gato, blanco y negro"]
    {
        assert!(Brief::read(prompt, 1).gray, "{prompt}");
    }
    assert!(!Brief::read("a black and white cat", 1).gray);
    for prompt in ["a fox on a black background", "tijeras doradas, fondo negro"] {
        assert!(Brief::read(prompt, 1).backdrop.is_some(), "{prompt}");
    }
    assert!(Brief::read("minimalist poster of a fox", 1).minimal);
    assert!(Brief::read("a mountain with a big red sun", 1).sun.is_some());
    all(&[("un pueblo blanco con naranjos", "3 orange tree")]);
}

#[test]
fn every_language_is_there_english_first() {
    let first = [lexicon::english()].into_iter();
    let ids: Vec<&str> = first.chain(lexicon::others()).map(|language| language.id).collect();
    assert_eq!(ids, ["en", "de", "es", "fr", "it", "ja", "nl", "pt", "zh"]);
}

#[test]
fn words_of_scripts_that_are_not_read_are_told_as_they_stand() {
    let foreign = [
        "사과",
        "고양이",
        "кот",
        "рыжий кот сидит на столе",
        "γάτα",
        "קט",
        "قطة على الطاولة",
        "कुत्ता और बिल्ली",
        "แมวกำลังนอนอยู่บนโซฟาสีแดงตัวใหญ่ในห้องนั่งเล่น",
        "կատու",
        "კატა",
    ];
    for prompt in foreign {
        let brief = Brief::read(prompt, 1);
        assert_eq!((brief.unknown, brief.is_abstract), (vec![prompt.to_owned()], true), "{prompt}");
    }
    assert_eq!(unknown("a cat and 고양이, кот"), ["고양이", "кот"]);
    assert_eq!(cast("a cat and 고양이"), "cat");
}

#[test]
fn nothing_is_drawn_for_nothing_without_a_word_about_it() {
    for prompt in ["hi", "吃", "ok", "xy zz", "12", "quickly"] {
        let brief = Brief::read(prompt, 1);
        assert!(brief.is_abstract && !brief.unknown.is_empty(), "{prompt}: {brief:?}");
    }
    let long = "a".repeat(70);
    assert_eq!(unknown(&long), std::slice::from_ref(&long));
    // A word that may be no thing is told only where there is nothing else.
    assert!(unknown("a cat ok").is_empty());
}

#[test]
fn a_character_is_a_word_only_where_the_word_is_whole() {
    all(&[
        ("熊猫", "panda"),
        ("熊貓在竹林裡", "panda"),
        ("虎鲸", "orca"),
        ("猫", "cat"),
        ("龍", "dragon"),
        ("马桶刷", ""),
        ("马云", ""),
        ("牛皮", ""),
        ("狼狈", ""),
        ("花海", ""),
        ("猫と犬", "cat, dog"),
        ("手紙", "letter"),
        ("猿人", ""),
    ]);
    assert_eq!(unknown("牛皮"), ["牛皮"]);
    assert_eq!(unknown("马云"), ["马云"]);
    assert!(unknown("熊猫").is_empty());
}

#[test]
fn chinese_is_read_in_both_kinds_of_characters() {
    all(&[
        ("一只橘猫坐在桌子上", "ginger cat"),
        ("两只狗在雪地里玩", "2 dog"),
        ("桌子上的红苹果", "apple*"),
        ("樹下的貓", "tree, cat under tree"),
        ("猫在树下", "cat under tree, tree"),
        ("戴帽子的猫", "hat wear cat, cat"),
        ("猫戴着帽子", "cat, hat wear cat"),
        ("騎自行車的熊貓", "bicycle, panda ride bicycle"),
        ("日落时海边的灯塔", "lighthouse"),
        ("三只蓝色的小鸟", "3 bird*"),
    ]);
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    assert_eq!(setting("厨房里的猫"), Place::Kitchen);
    assert_eq!(setting("赛博朋克城市夜景"), Place::Street);
}

#[test]
fn women_and_men_are_who_the_words_say() {
    let told = |prompt: &str| {
        let brief = Brief::read(prompt, 1);
        let names = brief.cast[0].traits.iter().map(|(name, _)| *name);
        let sex: Vec<&str> = names.filter(|name| ["female", "male"].contains(name)).collect();
        format!("{} {}", brief.cast[0].hero.name(), sex.join(" "))
    };
    for (prompt, wanted) in [
        ("a female firefighter holding a kitten", "firefighter female"),
        ("a woman firefighter", "firefighter female"),
        ("a girl knight", "knight female"),
        ("a male nurse", "nurse male"),
        ("a viking warrior", "viking "),
        ("guerrera en un bosque", "warrior female"),
        ("un médico joven", "doctor male"),
        ("une chevalier", "knight female"),
        ("un chevalier", "knight "),
        ("eine Polizistin", "police officer female"),
        ("ein Polizist", "police officer male"),
        ("una pirata", "pirate female"),
        ("a doctor", "doctor "),
        ("ein Mädchen", "girl "),
        ("una maestra", "teacher female"),
    ] {
        assert_eq!(told(prompt), wanted, "{prompt}");
    }
    all(&[("a man and a woman", "man, woman"), ("a king, a queen", "king, queen")]);
}

#[test]
fn a_window_of_a_house_is_seen_from_outside() {
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    for (prompt, place) in [
        ("a house with lit windows", Place::Meadow),
        ("modernes Badezimmer mit großem Fenster", Place::Bathroom),
        ("ein Haus mit blauen Fenstern am Strand", Place::Beach),
        ("a cat at the window", Place::Table),
        ("un gato junto a una ventana con lluvia", Place::Table),
        ("a village at night, lights in the windows", Place::Village),
    ] {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
    assert_ne!(setting("eine Berghütte im Winter, Licht in den Fenstern"), Place::Table);
}

#[test]
fn a_cafe_is_a_place_where_one_is_in_it_or_before_it() {
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    for (prompt, place) in [
        ("une voiture bleue devant un café", Place::Street),
        ("un chien dans un café", Place::Restaurant),
        ("un perro en un café", Place::Restaurant),
        ("a dog in front of a school", Place::Street),
        ("ein Hund vor einem Restaurant", Place::Street),
    ] {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
    all(&[("des croissants et un café sur une table", "3 croissant, mug")]);
}

#[test]
fn what_is_said_after_a_place_is_said_of_it_alone() {
    for prompt in ["une cuisine moderne blanche avec des plantes", "una cocina blanca con plantas"]
    {
        let brief = Brief::read(prompt, 1);
        assert!(brief.cast.iter().all(|one| one.color.is_none()), "{prompt}");
        assert!(brief.tint.is_some(), "{prompt}");
    }
}

#[test]
fn what_is_in_a_vessel_is_in_it_whichever_is_named_first() {
    all(&[
        ("a basket full of kittens", "basket, 3 cat in basket"),
        ("trois chatons dans un panier", "3 cat in basket, basket"),
        ("ein Korb voller Äpfel", "basket, 3 apple in basket"),
        ("a bowl of strawberries", "bowl, 3 strawberry in bowl"),
        ("a bowl of ramen", "noodle"),
        ("a bowl of ramen with an egg on top", "noodle"),
        ("un vase de roses rouges", "vase, 3 rose* in vase"),
        ("un vase rose", "vase*"),
        ("a girl with a basket", "girl"),
        ("a house and a basket", "house, basket"),
        ("ein Zauberer mit einer Eule auf der Schulter", "wizard, owl on wizard"),
        ("a pirate with a parrot on his shoulder", "pirate, parrot on pirate"),
        ("a cat with a hat on", "cat, hat with cat"),
    ]);
}

#[test]
fn who_stands_on_another_world_is_on_its_ground_and_boats_are_on_water() {
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    for (prompt, place) in [
        ("an astronaut riding a horse on the moon", Place::Moon),
        ("ein Astronaut auf dem Mars", Place::Mars),
        ("un chat sur la lune", Place::Moon),
        ("a galaxy", Place::Space),
        ("my grandfather fishing from a small boat", Place::Sea),
        ("a dog in a boat", Place::Sea),
        ("a wolf howling at the moon", Place::Forest),
    ] {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
    all(&[("my cat dressed as a wizard", "cat, wizard hat wear cat")]);
}

#[test]
fn what_flies_is_in_the_air() {
    all(&[
        ("a city with flying cars", "3 car aloft"),
        ("coches voladores", "3 car aloft"),
        ("ein fliegendes Auto", "car aloft"),
        ("une voiture volante", "car aloft"),
        ("a flying pig", "pig aloft"),
        ("中国龙在云中飞翔", "dragon aloft"),
        ("a boy flying a kite", "boy, kite hold boy"),
    ]);
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
        ("a cat on a laptop", Place::Table),
        ("cyberpunk city", Place::Street),
        ("a fox on a black background", Place::Studio),
        ("ein Fuchs, weißer Hintergrund", Place::Studio),
        ("un zorro, fondo blanco", Place::Studio),
        ("Logo für eine Bäckerei", Place::Studio),
        ("champ de lavande", Place::Lavender),
        ("a train crossing a stone bridge", Place::River),
    ] {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
}

#[test]
fn verbs_join_two_and_an_article_of_one_keeps_it_one() {
    all(&[
        ("a dog catching a frisbee", "dog, frisbee hold dog"),
        ("two cats sharing an umbrella", "2 cat under umbrella, umbrella"),
        ("ein Arzt untersucht einen Teddybären", "doctor"),
        ("ein Bäcker schiebt Brot in den Ofen", "chef in stove, stove"),
        ("a train going through a tunnel", "train in tunnel, tunnel"),
        ("um papagaio no ombro de um pirata", "parrot on pirate, pirate"),
        ("猫が本を読んでいる", "cat, book hold cat"),
        ("a lion and a mouse becoming friends", "lion, mouse"),
        ("a mechanic repairing a car", "mechanic, car hold mechanic"),
    ]);
    assert_eq!(unknown("a kangaroo boxing"), ["boxing"]);
}

#[test]
fn who_works_in_a_room_is_drawn_there_unless_something_is_outdoors() {
    let setting = |prompt: &str| Brief::read(prompt, 1).setting();
    let rows = [
        ("a nurse", Place::Hospital),
        ("a doctor with a cat", Place::Hospital),
        ("a doctor riding a horse", Place::Meadow),
        ("a nurse in the rain", Place::Street),
        ("a teacher on the beach", Place::Beach),
        ("goldfish in a bowl", Place::Table),
        ("a mermaid swimming with dolphins", Place::Underwater),
        ("a dolphin and a sailboat", Place::Underwater),
    ];
    for (prompt, place) in rows {
        assert_eq!(setting(prompt), place, "{prompt}");
    }
}

#[test]
fn emoji_are_words_and_several_are_counted() {
    all(&[
        ("🦊 in the snow", "fox"),
        ("🚀🚀🚀", "3 rocket"),
        ("👩🏽\u{200d}🚒 with a 🐱", "firefighter, cat with firefighter"),
        ("eine 🐈 auf dem 🛋", "cat on sofa, sofa"),
    ]);
    assert_eq!(unknown("a 🪬 on a table"), ["🪬"]);
}
