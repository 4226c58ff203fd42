//! What other programs leave in an image, in whichever place: one reader for all of them.
//!
//! Pure, and lenient: every field may be missing or of another type. What is not understood is told
//! as such; nothing is guessed.

mod comfy;
mod objects;
mod values;

use serde_json::{Map, Value};

use super::texts::{Container, Text};
use super::{Program, Provenance, infotext};
use crate::json::lenient_tree;
use values::{Reader, word};

/// Looks for one kind of recipe among the texts of an image.
type Form = fn(&[Text]) -> Option<Provenance>;

/// Every kind, the surer ones first.
const FORMS: [Form; 7] = [objects, lines, graph, novel, chunks, old_invoke, midjourney];

/// The recipe in the texts of an image: of several the first that tells a prompt, else the first. That
/// others say something else is told.
pub(super) fn find(texts: &[Text]) -> Option<Provenance> {
    let mut all: Vec<Provenance> = FORMS.iter().filter_map(|form| form(texts)).collect();
    let Some(at) = all.iter().position(|found| !found.recipe.request.prompt.is_empty()) else {
        let first = all.into_iter().next();
        return first.or_else(|| bare(texts)).or_else(|| unknown(texts));
    };
    let mut found = all.swap_remove(at);
    // What one program wrote in two forms is one recipe.
    all.retain(|other| other.program != found.program);
    all.extend(further_lines(texts));
    if let Some(other) = all.iter().find(|other| contradicts(&found, other))
        && let Program::Other(name) = &other.program
    {
        found.notes.push(format!("the file holds another recipe, of {name}, with another prompt"));
    }
    Some(found)
}

/// Whether two recipes cannot both be that of one picture. One may hold more words than the other: some
/// programs write down what they were given, others what became of it.
fn contradicts(one: &Provenance, other: &Provenance) -> bool {
    let words = |found: &Provenance| -> Vec<String> {
        let prompt = found.recipe.request.prompt.to_lowercase();
        let words = prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let (one, other) = (words(one), words(other));
    let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let many: std::collections::HashSet<String> = many.into_iter().collect();
    !few.iter().all(|word| many.contains(word))
}

/// The recipes in the web UI's form behind the first.
fn further_lines(texts: &[Text]) -> impl Iterator<Item = Provenance> {
    let own = texts.iter().filter(|text| text.key == "parameters").skip(1);
    own.filter_map(|text| infotext::parse(&text.value))
}

/// Texts that look like JSON, as trees; Python's `NaN` and `Infinity` are nothing.
fn trees(texts: &[Text]) -> impl Iterator<Item = (&Text, Value)> {
    texts.iter().filter_map(|text| Some((text, tree(&text.value)?)))
}

fn tree(text: &str) -> Option<Value> {
    let text = text.trim_start_matches(['\0', '\u{feff}']).trim();
    let text = text.strip_prefix("parameters:").map_or(text, str::trim_start);
    text.starts_with('{').then(|| lenient_tree(text.as_bytes())).flatten()
}

/// One object of a program that is known by its keys.
fn objects(texts: &[Text]) -> Option<Provenance> {
    let trees = trees(texts).filter(|(text, _)| !is_graph(text));
    let mut found = trees.into_iter().find_map(|(_, tree)| objects::read(&tree))?;
    if found.program == Program::of("NovelAI")
        && let Some(source) = texts.iter().find(|text| text.key == "Source")
    {
        source.value.trim().clone_into(&mut found.recipe.model);
    }
    Some(found)
}

/// Keys of texts that hold graphs, which are large and read only as such.
fn is_graph(text: &Text) -> bool {
    ["prompt", "workflow", "invokeai_workflow", "invokeai_graph"].contains(&text.key.as_str())
        && text.place == Container::Chunk
}

/// The lines of AUTOMATIC1111 and its kin.
fn lines(texts: &[Text]) -> Option<Provenance> {
    let is_of = |name: &str| {
        texts.iter().any(|text| text.key == "xmp:CreatorTool" && text.value.contains(name))
    };
    texts.iter().filter(|text| !text.value.trim_start().starts_with('{')).find_map(|text| {
        let value = text.value.trim_start_matches(['\0', '\u{feff}']);
        let value = value.strip_prefix("parameters:").unwrap_or(value);
        let mut found = infotext::parse(value)?;
        if is_of("Draw Things") {
            found.program = Program::of("Draw Things");
            infotext::dashed(&mut found);
        }
        // Under its own keyword it is believed; a caption of a photo may look alike.
        (text.key == "parameters" || infotext::is_sure(&found)).then_some(found)
    })
}

/// A graph of ComfyUI: as it was run, as it is drawn, or both.
fn graph(texts: &[Text]) -> Option<Provenance> {
    let labelled = |label: &str| {
        texts.iter().find_map(|text| {
            let value = match text.place {
                Container::Chunk => Some(text.value.as_str()).filter(|_| text.key == label),
                _ => text.value.strip_prefix(label)?.trim_start().strip_prefix(':'),
            };
            value.map(str::trim_start).filter(|value| value.starts_with('{'))
        })
    };
    let (run, drawn) = (labelled("prompt"), labelled("workflow"));
    // Some writers leave the label out, or put both into one object.
    let other = || {
        trees(texts).find_map(|(_, tree)| {
            let field = |key: &str| match tree.get(key)? {
                Value::String(text) => lenient_tree(text.as_bytes()),
                other => Some(other.clone()),
            };
            if comfy::is_run(&tree) {
                return Some((Some(tree), None));
            }
            if comfy::is_drawn(&tree) {
                return Some((None, Some(tree)));
            }
            let run = field("prompt").filter(comfy::is_run);
            let drawn = field("workflow").filter(comfy::is_drawn);
            (run.is_some() || drawn.is_some()).then_some((run, drawn))
        })
    };
    if run.is_none() && drawn.is_none() {
        let (run, drawn) = other()?;
        return Some(comfy::read(run, drawn));
    }
    let tree = |text: Option<&str>| text.and_then(|text| lenient_tree(text.as_bytes()));
    Some(comfy::read(tree(run), tree(drawn)))
}

/// NovelAI's older pictures: the prompt is the description, the settings are the comment.
fn novel(texts: &[Text]) -> Option<Provenance> {
    let text = |key: &str| texts.iter().find(|text| text.key == key).map(|text| &text.value);
    text("Software").filter(|name| name.trim() == "NovelAI")?;
    let none = Map::new();
    let comment = text("Comment").and_then(|text| tree(text));
    let mut read =
        Reader::of("NovelAI", comment.as_ref().and_then(Value::as_object).unwrap_or(&none));
    let description = text("Description").map(|text| text.trim().to_owned());
    read.prompt(read.text(&["prompt"]).or(description));
    read.negative(read.text(&["uc"]));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    read.settings(&[("Steps", &["steps"]), ("Sampler", &["sampler"]), ("CFG scale", &["scale"])]);
    Some(read.done())
}

/// Easy Diffusion's pictures in PNG: each setting is a chunk.
fn chunks(texts: &[Text]) -> Option<Provenance> {
    let fields = texts.iter().filter(|text| text.place == Container::Chunk);
    let fields = fields.map(|text| (text.key.clone(), Value::String(text.value.clone())));
    objects::easy_diffusion(&fields.collect())
}

/// InvokeAI's first pictures: the command that made them, `"a fox" -s 50 -S 42 -W 512 -H 768`.
fn old_invoke(texts: &[Text]) -> Option<Provenance> {
    let dream = texts.iter().find(|text| text.key.eq_ignore_ascii_case("dream"))?.value.trim();
    let (prompt, options) = match dream.strip_prefix('"') {
        Some(quoted) => quoted.rsplit_once('"')?,
        None => dream
            .split_once(" -")
            .map_or((dream, ""), |(prompt, _)| (prompt, &dream[prompt.len()..])),
    };
    let mut words = options.split_whitespace();
    let mut fields = Map::new();
    while let Some(word) = words.next() {
        let Some(letter) = word.strip_prefix('-').and_then(|word| word.chars().next()) else {
            continue;
        };
        let value = &word[1 + letter.len_utf8()..];
        let value = if value.is_empty() { words.next().unwrap_or_default() } else { value };
        fields.insert(letter.to_string(), Value::String(value.to_owned()));
    }
    let (prompt, negative) = objects::bracketed(prompt);
    let mut read = Reader::of("InvokeAI", &fields);
    read.prompt(Some(prompt));
    read.negative(Some(negative));
    read.seed(&["S"]);
    read.edges(&["W"], &["H"]);
    read.settings(&[("Steps", &["s"]), ("Sampler", &["A"]), ("CFG scale", &["C"])]);
    Some(read.done())
}

/// Midjourney's description: the prompt with its flags, and the job.
fn midjourney(texts: &[Text]) -> Option<Provenance> {
    let keys = ["Description", "ImageDescription", "dc:description"];
    let mut told = texts.iter().filter(|text| keys.contains(&text.key.as_str()));
    let (words, job) = told.find_map(|text| text.value.split_once("Job ID:"))?;
    let mut flags = words.split(" --");
    let mut fields = Map::new();
    let prompt = flags.next().unwrap_or_default().trim().to_owned();
    for flag in flags {
        let (name, value) = flag.trim().split_once(' ').unwrap_or((flag.trim(), ""));
        fields.insert(name.to_owned(), Value::String(value.trim().to_owned()));
    }
    let mut read = Reader::of("Midjourney", &fields);
    read.prompt(Some(prompt));
    read.negative(read.text(&["no"]));
    read.seed(&["seed"]);
    read.version(read.text(&["v", "version", "niji"]));
    for (name, value) in
        fields.iter().filter(|(name, _)| !["no", "seed", "v"].contains(&name.as_str()))
    {
        read.setting(&format!("--{name}"), word(value).or_else(|| Some("yes".to_owned())));
    }
    read.setting("Job ID", job.split_whitespace().next().map(str::to_owned));
    Some(read.done())
}

/// A text under the keyword of the web UI without a line of settings.
fn bare(texts: &[Text]) -> Option<Provenance> {
    infotext::bare(&texts.iter().find(|text| text.key == "parameters")?.value)
}

/// JSON where a program leaves its settings, in a form that nobody here knows.
fn unknown(texts: &[Text]) -> Option<Provenance> {
    let places = ["parameters", "UserComment", "exif:UserComment"];
    let text =
        trees(texts).map(|(text, _)| text).find(|text| places.contains(&text.key.as_str()))?;
    Some(Provenance {
        program: Program::of("another program"),
        notes: vec![format!("its `{}` holds JSON of a kind that pinx does not know", text.key)],
        ..Provenance::default()
    })
}

#[cfg(test)]
mod tests;
