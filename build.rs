//! Puts the catalog's files, `src/catalog/data/*.toml`, together into JSON, which the program holds:
//! providers and models, read at every start (that takes a tenth of the time), and the looks, read
//! when a style or a palette is asked for. What is seldom read is packed (zlib): the font, the
//! completions, the manual pages, the drawings of `src/render/art/data/*.toml` by group, the people
//! of `src/render/figure/data`, the languages of `src/render/data/lang`, the rooms and models of
//! `src/render/data`. What every sketch looks words up in is text sorted by words, which is searched
//! as it stands.

#![expect(clippy::disallowed_methods, reason = "what is built goes where Cargo says")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};
use spelling::{first_word, fold, parts};

#[expect(dead_code, reason = "the renderer reads prompts with the rest")]
#[path = "src/render/spelling.rs"]
mod spelling;

/// The scripts of `completions/`.
const SCRIPTS: [&str; 5] = ["pinx.bash", "_pinx", "pinx.fish", "_pinx.ps1", "pinx.elv"];

/// Keys of a model that `like` never copies.
const OWN: [&str; 9] =
    ["id", "name", "wire", "description", "aliases", "same_as", "life", "seconds", "edit"];

/// The tables of a language beside its heroes and its grammar; what stands before is meant first.
const KINDS: [&str; 12] = [
    "place", "time", "weather", "mood", "light", "color", "shade", "number", "trait", "relation",
    "style", "link",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/catalog/data");
    let mut listings = Vec::new();
    for (name, mut file) in listed()? {
        let models = match file.remove("model") {
            Some(Value::Array(blocks)) => inherit(&name, blocks)?,
            _ => Vec::new(),
        };
        let provider = file.remove("provider").ok_or("no [provider]")?;
        listings.push(json!({ "provider": provider, "models": models }));
    }
    let mut styles = read("styles")?;
    let mut part = |key: &str| styles.remove(key).ok_or(format!("styles.toml has no {key}"));
    let looks = json!({ "styles": part("style")?, "palettes": part("palette")? });
    put("catalog.json", &serde_json::to_vec(&json!({ "providers": listings }))?)?;
    put("gateways.json", &serde_json::to_vec(&read("gateways")?["gateway"])?)?;
    put("looks.json", &serde_json::to_vec(&looks)?)?;
    let mut people = people()?;
    let mut heroes = heroes()?;
    heroes.extend(heroes_of(&mut people));
    put_heroes(&heroes)?;
    put_languages(&heroes, &mut people)?;
    pack("people", &serde_json::to_vec(&people)?)?;
    let rooms = read_toml(Path::new("src/render/data/rooms.toml"))?;
    let emoji = read_toml(Path::new("src/render/data/emoji.toml"))?;
    pack("emoji", &serde_json::to_vec(&emoji["emoji"])?)?;
    pack("rooms", &serde_json::to_vec(&rooms["room"])?)?;
    for name in ["voxels", "dioramas", "motifs"] {
        let models = read_toml(Path::new(&format!("src/render/data/{name}.toml")))?;
        pack(name, &serde_json::to_vec(&models)?)?;
    }
    pack("font", epaint_default_fonts::UBUNTU_LIGHT)?;
    pack("manual", &serde_json::to_vec(&manual()?)?)?;
    println!("cargo::rerun-if-changed=completions");
    for script in SCRIPTS {
        let path = format!("completions/{script}");
        let text = fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        pack(script, &text)?;
    }
    Ok(())
}

fn put(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let directory = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    Ok(fs::write(Path::new(&directory).join(name), bytes)?)
}

fn pack(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    put(&format!("{name}.z"), &packer.finish()?)
}

/// A file's table and its name.
type Named = (String, Map<String, Value>);

/// The files with a provider, in the order in which tables show them: that of their `order`.
fn listed() -> Result<Vec<Named>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir("src/catalog/data")? {
        let path = entry?.path();
        let mut file = read_toml(&path)?;
        if file.contains_key("provider") {
            let order = file.remove("order").and_then(|order| order.as_u64());
            let order = order.ok_or(format!("{}: no order", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push((order, name, file));
        }
    }
    files.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    Ok(files.into_iter().map(|(_, name, file)| (name, file)).collect())
}

fn read(name: &str) -> Result<Map<String, Value>, Box<dyn Error>> {
    read_toml(Path::new(&format!("src/catalog/data/{name}.toml")))
}

fn read_toml(path: &Path) -> Result<Map<String, Value>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The files of a directory by name.
fn listing(directory: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

/// The drawings of all files, in the order of the files' names.
fn heroes() -> Result<Vec<Value>, Box<dyn Error>> {
    let directory = "src/render/art/data";
    println!("cargo::rerun-if-changed={directory}");
    let mut heroes = Vec::new();
    for path in listing(directory)? {
        let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut file = read_toml(&path)?;
        let Some(Value::Array(blocks)) = file.remove("hero") else {
            return Err(format!("{}: no [[hero]]", path.display()).into());
        };
        for mut block in blocks {
            block["group"] = json!(group);
            if let (Some(tall), None) = (file.get("tall"), block.get("tall")) {
                block["tall"] = tall.clone();
            }
            heroes.push(block);
        }
    }
    alike(heroes)
}

/// The drawings, where what one is `like` gives it all that it does not have; its own `pieces` are
/// laid over the other's.
fn alike(mut heroes: Vec<Value>) -> Result<Vec<Value>, Box<dyn Error>> {
    for index in 0..heroes.len() {
        let Some(own) = heroes[index].as_object_mut() else { continue };
        let Some(like) = own.remove("like") else { continue };
        let own = own.clone();
        let base = heroes.iter().find(|hero| hero["words"][0] == like && hero["like"].is_null());
        let Some(Value::Object(base)) = base.cloned() else {
            return Err(format!("no drawing to be like: {like}").into());
        };
        let mut both = base;
        for (key, value) in own {
            let more = value.as_str().filter(|_| key == "pieces");
            match (more, both.get("pieces").and_then(Value::as_str)) {
                (Some(more), Some(first)) => both[&key] = format!("{first}{more}").into(),
                _ => drop(both.insert(key, value)),
            }
        }
        heroes[index] = both.into();
    }
    Ok(heroes)
}

/// The manual pages by the names of their files.
fn manual() -> Result<Map<String, Value>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed=man");
    let mut pages = Map::new();
    for entry in fs::read_dir("man")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pages.insert(name, fs::read_to_string(&path)?.into());
    }
    Ok(pages)
}

/// Packs the drawings by group, with the words that call them: `vixen`, a tab, `animals`.
fn put_heroes(heroes: &[Value]) -> Result<(), Box<dyn Error>> {
    let mut groups: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut lines = Vec::new();
    for hero in heroes {
        let group = hero["group"].as_str().unwrap_or_default();
        groups.entry(group).or_default().push(hero);
        lines.extend(strings(&hero["words"]).map(|word| format!("{word}\t{group}")));
    }
    put("heroes.txt", sorted(lines).as_bytes())?;
    let mut packed = String::new();
    for (group, heroes) in groups {
        pack(&format!("heroes-{group}"), &serde_json::to_vec(&heroes)?)?;
        let path = format!(r#"concat!(env!("OUT_DIR"), "/heroes-{group}.z")"#);
        packed.push_str(&format!("(\"{group}\", include_bytes!({path})),\n"));
    }
    put("heroes.rs", format!("&[\n{packed}]").as_bytes())
}

/// The strings of a list.
fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Lines in the order of their first words, and those that share one as they are.
fn sorted(mut lines: Vec<String>) -> String {
    lines.sort_by(|a, b| first_word(a).cmp(first_word(b)));
    lines.join("\n")
}

/// What words mean to the renderer: English, which every sketch needs, and the others, packed.
fn put_languages(heroes: &[Value], people: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/render/data");
    println!("cargo::rerun-if-changed=src/render/spelling.rs");
    let tables = read_toml(Path::new("src/render/data/words.toml"))?;
    let mut english = Language { lines: Vec::new(), english: &tables };
    for hero in heroes {
        let name = hero["words"][0].as_str().unwrap_or_default();
        strings(&hero["words"]).for_each(|word| english.add(word, "hero", name));
    }
    let mut own = tables.clone();
    own.retain(|table, _| !matches!(table.as_str(), "rgb" | "lightness"));
    put("english.txt", english.into_text(heroes, own, &words_of(people))?.as_bytes())?;
    let mut others = Map::new();
    for path in listing("src/render/data/lang")? {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let language = Language { lines: Vec::new(), english: &tables };
        let text = language.into_text(heroes, read_toml(&path)?, &[]);
        others.insert(id, text.map_err(|error| format!("{}: {error}", path.display()))?.into());
    }
    pack("languages", &serde_json::to_vec(&others)?)
}

/// The English words of what people do, wear and hold; those of what they do go out of the tables.
fn words_of(people: &mut Map<String, Value>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for key in ["trait", "layer", "prop"] {
        for block in people.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            let name = block["name"].as_str().unwrap_or_default().to_owned();
            let words = strings(&block["words"]).collect::<Vec<_>>().join(",");
            all.push((name, words));
            if let (Value::Object(block), "trait") = (block, key) {
                block.remove("words");
            }
        }
    }
    all
}

/// A language on its way to a text: a line of JSON that is its grammar, then one for each phrase
/// with the kind and the name of what it means, tabs between them.
struct Language<'a> {
    lines: Vec<String>,
    /// The tables that say what the names of colours and shades stand for.
    english: &'a Map<String, Value>,
}

impl Language<'_> {
    fn into_text(
        mut self,
        heroes: &[Value],
        mut tables: Map<String, Value>,
        traits: &[(String, String)],
    ) -> Result<String, Box<dyn Error>> {
        let mut take = |kind: &str| match tables.remove(kind) {
            Some(Value::Object(table)) => table,
            _ => Map::new(),
        };
        let mut called = take("hero");
        for hero in heroes {
            let name = hero["words"][0].as_str().unwrap_or_default();
            let words = called.remove(name);
            self.add(words.as_ref().and_then(Value::as_str).unwrap_or_default(), "hero", name);
        }
        if let Some((name, _)) = called.iter().next() {
            return Err(format!("no drawing `{name}`").into());
        }
        for kind in KINDS {
            for (name, words) in take(kind) {
                let words = words.as_str().ok_or(format!("{kind}.{name} is no text"))?;
                let value = match kind {
                    "color" => self.english["rgb"][&name].as_str().unwrap_or_default().to_owned(),
                    "shade" => self.english["lightness"][&name].to_string(),
                    _ => name,
                };
                self.add(words, kind, &value);
            }
            for (name, words) in traits.iter().filter(|_| kind == "trait") {
                self.add(words, kind, name);
            }
        }
        let grammar = self.grammar(take("grammar"));
        if let Some((name, _)) = tables.iter().next() {
            return Err(format!("no table `{name}` is known").into());
        }
        Ok(format!("{}\n{}", serde_json::to_string(&grammar)?, sorted(self.lines)))
    }

    /// The grammar with lists for its texts, but for those whose words are phrases.
    fn grammar(&mut self, mut grammar: Map<String, Value>) -> Map<String, Value> {
        for kind in ["filler", "unknown", "action", "backdrop"] {
            let words = grammar.remove(kind);
            self.add(words.as_ref().and_then(Value::as_str).unwrap_or_default(), kind, "");
        }
        for (_, value) in grammar.iter_mut() {
            if let Some(text) = value.as_str() {
                let words = text.split(',').map(|word| fold(word.trim()));
                *value = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().into();
            }
        }
        for word in grammar.get("function").into_iter().flat_map(strings) {
            if !self.lines.iter().any(|line| line.split('\t').next() == Some(word)) {
                self.add(word, "filler", "");
            }
        }
        let longest = self.lines.iter().map(|line| first_word(line).chars().count()).max();
        grammar.insert("longest".to_owned(), longest.into());
        grammar
    }

    fn add(&mut self, words: &str, kind: &str, name: &str) {
        let phrases = words.split(',').map(|phrase| parts(phrase).join(" "));
        let phrases = phrases.filter(|phrase| !phrase.is_empty());
        self.lines.extend(phrases.map(|phrase| format!("{phrase}\t{kind}\t{name}")));
    }
}

/// The tables that people are put together from, of all files.
fn people() -> Result<Map<String, Value>, Box<dyn Error>> {
    let directory = "src/render/figure/data";
    println!("cargo::rerun-if-changed={directory}");
    let mut tables: Map<String, Value> = Map::new();
    for path in listing(directory)? {
        for (key, blocks) in read_toml(&path)? {
            let (Value::Array(more), Value::Array(all)) =
                (blocks, tables.entry(key).or_insert_with(|| json!([])))
            else {
                return Err(format!("{}: no table of blocks", path.display()).into());
            };
            all.extend(more);
        }
    }
    Ok(tables)
}

/// The heroes that people are; what only a hero has goes out of the tables.
fn heroes_of(people: &mut Map<String, Value>) -> Vec<Value> {
    let mut heroes = Vec::new();
    for key in ["kind", "group"] {
        for block in people.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            let Value::Object(block) = block else { continue };
            let mut own = |key: &str, usual: Value| block.remove(key).unwrap_or(usual);
            let mut hero = json!({
                "words": own("words", json!([])),
                "size": own("size", json!(0.52)),
                "home": own("home", json!("meadow")),
                "stance": own("standing", json!("ground")),
                "group": "people",
                "tall": 1.75,
                "main": "#c85a5a",
                "second": "#364668",
            });
            // Where a grown person has head, eyes, neck and a hand.
            hero["head"] = json!([50, 8, 0.26]);
            hero["eyes"] = json!([50, 18.5, 0.2]);
            hero["neck"] = json!([50, 31, 0.22]);
            hero["hand"] = json!([70, 50, 0.3]);
            // Who sits on a person does so on a shoulder.
            hero["seat"] = json!([64, 34, 0.3]);
            hero["figure"] = block["name"].clone();
            heroes.push(hero);
        }
    }
    heroes
}

/// Fills in what each block takes over from the one before that it is `like`.
fn inherit(file: &str, blocks: Vec<Value>) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut done: Vec<Map<String, Value>> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let Value::Object(mut block) = block else {
            return Err(format!("{file}.toml: a [[model]] is no table").into());
        };
        if let Some(like) = block.remove("like") {
            let base = done.iter().find(|base| base.get("id") == Some(&like));
            let base = base.ok_or(format!("{file}.toml: no model {like} stands before"))?;
            for (key, value) in base {
                if !OWN.contains(&key.as_str()) {
                    block.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        // Where pictures go is said of each model: a forgotten one would send them elsewhere.
        if let Some(like) = block.get("edit").and_then(|edit| edit.get("like")) {
            let base = done.iter().find(|base| base.get("id") == Some(like));
            let edit = base.and_then(|base| base.get("edit"));
            let edit = edit.and_then(Value::as_object);
            let edit = edit.ok_or(format!("{file}.toml: no edit of {like} stands before"))?;
            let own = block.get("edit").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut edit = edit.clone();
            edit.extend(own.into_iter().filter(|(key, _)| key != "like"));
            block.insert("edit".to_owned(), Value::Object(edit));
        }
        done.push(block);
    }
    Ok(done.into_iter().map(Value::Object).collect())
}
