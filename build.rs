//! Puts the catalog's files, `src/catalog/data/*.toml`, together into JSON, which the program holds:
//! providers and models, read at every start (that takes a tenth of the time), and the looks, read
//! when a style or a palette is asked for. What is seldom read is packed (zlib): the font, the
//! completions, the manual pages, the drawings of `src/render/art/data/*.toml`, the people of
//! `src/render/figure/data`, the words of `src/render/data`.

#![expect(clippy::disallowed_methods, reason = "what is built goes where Cargo says")]

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};

/// The scripts of `completions/`.
const SCRIPTS: [&str; 5] = ["pinx.bash", "_pinx", "pinx.fish", "_pinx.ps1", "pinx.elv"];

/// Keys of a model that `like` never copies.
const OWN: [&str; 9] =
    ["id", "name", "wire", "description", "aliases", "same_as", "life", "seconds", "edit"];

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
    pack("heroes", &serde_json::to_vec(&heroes)?)?;
    pack("people", &serde_json::to_vec(&people)?)?;
    let english = read_toml(Path::new("src/render/data/words.toml"))?;
    pack("english", &serde_json::to_vec(&english)?)?;
    pack("words", &serde_json::to_vec(&words()?)?)?;
    let rooms = read_toml(Path::new("src/render/data/rooms.toml"))?;
    let emoji = read_toml(Path::new("src/render/data/emoji.toml"))?;
    pack("emoji", &serde_json::to_vec(&emoji["emoji"])?)?;
    pack("rooms", &serde_json::to_vec(&rooms["room"])?)?;
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

/// What words mean to the renderer, by language, without English.
fn words() -> Result<Map<String, Value>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/render/data");
    let mut languages = Map::new();
    for path in listing("src/render/data/lang")? {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        languages.insert(id, read_toml(&path)?.into());
    }
    Ok(languages)
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
            let edit = edit.ok_or(format!("{file}.toml: no edit of {like} stands before"))?;
            block.insert("edit".to_owned(), edit.clone());
        }
        done.push(block);
    }
    Ok(done.into_iter().map(Value::Object).collect())
}
