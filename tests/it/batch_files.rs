//! Batch files as they are written: other programs' files, quotes and newlines, and what is said of
//! files that are wrong.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use pinx::batch::{Base, Format, Item, Layout, Problems, read};
use pinx::catalog::Catalog;
use pinx::request::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::load(&toml::Table::new(), &[]).unwrap());

/// The items of a file and its problems, each with its hint.
fn read_all(text: &[u8], format: Format) -> (Vec<Item>, Vec<String>) {
    let vars = BTreeMap::new();
    let base = Base {
        request: Request::default(),
        count: 1,
        catalog: &CATALOG,
        vars: &vars,
        layout: Layout::default(),
    };
    let (mut problems, mut items) = (Problems::default(), Vec::new());
    let summary = read(&mut BufReader::new(text), format, &base, &mut problems, &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.items, items.len());
    let told = problems.list().iter().map(|problem| match &problem.hint {
        Some(hint) => format!("{problem} ({hint})"),
        None => problem.to_string(),
    });
    (items, told.collect())
}

#[track_caller]
fn good(text: &str, format: Format) -> Vec<Item> {
    let (items, problems) = read_all(text.as_bytes(), format);
    assert!(problems.is_empty(), "{problems:#?}");
    items
}

/// What a job asks for, without what it leaves open.
fn wish(item: &Item) -> Value {
    let request = &item.request;
    let mut wish = json!({
        "id": item.id, "prompt": request.prompt, "negative": request.negative,
        "size": request.size, "aspect": request.aspect, "quality": request.quality,
        "format": request.format, "seed": request.seed, "style": request.style,
        "background": request.background, "models": item.models, "fallback": item.fallback,
        "output": item.output, "max_cost": item.max_cost,
    });
    let wish = wish.as_object_mut().unwrap();
    wish.retain(|_, value| !value.is_null());
    let lists = [
        ("colors", json!(request.colors)),
        ("params", json!(request.params)),
        ("tags", json!(item.tags)),
    ];
    for (name, value) in lists {
        if value != json!([]) && value != json!({}) {
            wish.insert(name.to_owned(), value);
        }
    }
    if item.count > 1 {
        wish.insert("count".to_owned(), item.count.into());
    }
    Value::Object(std::mem::take(wish))
}

#[test]
fn files_of_openais_script_run_unchanged() {
    let items = good(include_str!("batch/fixtures/codex.jsonl"), Format::Lines);
    let wishes: Vec<Value> = items.iter().map(wish).collect();
    let expected = [
        json!({
            "prompt": "Use case: stylized-concept\nPrimary request: A cavern harbour with a small boat\n\
                       Composition/framing: wide, from below\nLighting/mood: shafts of light through mist\n\
                       Constraints: no logos; no watermark",
            "size": "1536x1024",
        }),
        json!({
            "prompt": "Primary request: A heron in profile\nSubject: one grey heron\n\
                       Style/medium: field guide plate\nColor palette: muted greens\n\
                       Text (verbatim): \"ARDEA\"\nAvoid: people",
            "quality": "high", "count": 2, "output": "heron.png", "format": "png",
        }),
        json!({
            "prompt": "A paper lantern", "style": "watercolor", "colors": ["#FF6B6B", "#4ECDC4"],
            "background": "transparent", "format": "webp", "output": "lantern.webp",
            "params": {"output_compression": 80, "moderation": "low"}, "models": ["gpt-image-1.5"],
        }),
        json!({
            "prompt": "A brass compass", "quality": "standard", "models": ["dall-e-3"],
            "size": "1024x1792", "count": 3,
        }),
        json!({"prompt": "A lighthouse at dusk, seen from the sea"}),
        json!({"prompt": "A line in quotes, with a \"quote\" inside"}),
        json!({"prompt": "[wide shot] a fox asleep on a stove"}),
    ];
    assert_eq!(wishes, expected);
    let lines: Vec<u64> = items.iter().map(|item| item.line).collect();
    assert_eq!(lines, [2, 3, 5, 6, 7, 8, 10]);
    let usable = |_: &str| true;
    for name in ["dall-e-3", "gpt-image-1.5"] {
        assert!(CATALOG.model(name, &|provider| provider == "openai").is_ok(), "{name}");
        let _ = CATALOG.model(name, &usable);
    }
}

#[test]
fn files_of_imgforge_run_unchanged() {
    let items = good(include_str!("batch/fixtures/imgforge.yaml"), Format::Yaml);
    let wishes: Vec<Value> = items.iter().map(wish).collect();
    let expected = [
        json!({
            "id": "hero", "prompt": "Morning fog over a harbour", "style": "cinematic",
            "aspect": {"width": 16, "height": 9}, "quality": "standard", "format": "png",
            "models": ["openai/gpt-image-1"], "output": "assets/hero.png",
        }),
        json!({
            "id": "icon", "prompt": "Primary request: A compass rose\nStyle/medium: logo",
            "negative": "text", "aspect": {"width": 1, "height": 1}, "quality": "standard",
            "format": "png", "models": ["openai/gpt-image-1"], "output": "assets/icon.png", "count": 2,
        }),
        json!({
            "id": "card", "prompt": "Tea leaves: close up", "size": "512x512",
            "quality": "standard", "format": "png", "models": ["fal/fal-ai/flux/dev"],
            "output": "cards/tea.png",
        }),
        json!({
            "id": "story", "prompt": "A paper boat", "size": "1080x1920", "quality": "standard",
            "format": "png", "models": ["openai/dall-e-3"], "output": "assets/story.png",
        }),
    ];
    let aspect = |value: &mut Value| {
        if let Some(aspect) = value.get_mut("aspect")
            && let Some(text) =
                aspect.as_object().map(|a| format!("{}:{}", a["width"], a["height"]))
        {
            *aspect = text.into();
        }
    };
    let mut expected = expected;
    expected.iter_mut().for_each(aspect);
    assert_eq!(wishes, expected);
    // Every preset that imgforge has is a style or becomes words, never a slip of a style's name.
    for preset in [
        "photorealistic",
        "anime",
        "flat-design",
        "watercolor",
        "3d-render",
        "pixel-art",
        "logo",
        "icon",
        "cinematic",
        "oil-painting",
        "comic",
        "sketch",
        "neon",
        "isometric",
        "vintage",
        "app-icon-clean",
        "hero-image",
        "social-proof-banner",
        "store-screenshot-bg",
        "app-icon-science",
        "professional",
        "playful",
        "luxurious",
        "minimalist",
        "christmas",
        "lunar-new-year",
        "summer",
        "instagram-post",
        "twitter-header",
        "youtube-thumb",
    ] {
        good(&format!("images: [{{prompt: x, preset: {preset}}}]"), Format::Yaml);
    }
}

#[test]
fn cells_hold_commas_quotes_and_newlines() {
    let items = good(include_str!("batch/fixtures/quoted.csv"), Format::Csv);
    let wishes: Vec<Value> = items.iter().map(wish).collect();
    let expected = [
        json!({
            "prompt": "a fox, a lantern and a \"map\"", "output": "one.png", "format": "png",
            "aspect": "16:9", "count": 2, "tags": ["sea", "night"],
        }),
        json!({"prompt": "first line\nsecond line, with a comma"}),
        json!({"prompt": "an owl", "output": "two/", "aspect": "1:1", "tags": ["plain"]}),
    ];
    assert_eq!(wishes, expected);
    assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [2, 3, 5]);
    let tabs = good("prompt\tseed\r\n\"a\tb\"\t7\r\n", Format::Tsv);
    assert_eq!(wish(&tabs[0]), json!({"prompt": "a\tb", "seed": 7}));
}

#[test]
fn a_hundred_thousand_lines_come_one_by_one_in_order() {
    const LINES: usize = 100_000;
    /// Makes its lines while they are read, so that nobody can have kept them.
    struct Endless(usize, Vec<u8>);
    impl std::io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.1.is_empty() && self.0 < LINES {
                self.1 = format!("{{\"prompt\": \"picture {}\", \"seed\": {}}}\n", self.0, self.0)
                    .into();
                self.0 += 1;
            }
            let count = into.len().min(self.1.len());
            into[..count].copy_from_slice(&self.1[..count]);
            self.1.drain(..count);
            Ok(count)
        }
    }
    let vars = BTreeMap::new();
    let base = Base {
        request: Request::default(),
        count: 1,
        catalog: &CATALOG,
        vars: &vars,
        layout: Layout::default(),
    };
    let mut next = 0;
    let mut problems = Problems::default();
    let mut input = BufReader::new(Endless(0, Vec::new()));
    let summary = read(&mut input, Format::Lines, &base, &mut problems, &mut |item| {
        assert_eq!((item.index, item.line), (next, next as u64 + 1));
        assert_eq!(item.request.prompt, format!("picture {next}"));
        next += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((summary.items, next, problems.is_empty()), (LINES, LINES, true));
    // It stops where it is told to, having read no more than a buffer beyond.
    let mut input = BufReader::new(Endless(0, Vec::new()));
    let mut count = 0;
    read(&mut input, Format::Lines, &base, &mut problems, &mut |_| {
        count += 1;
        if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert!(count == 3 && input.get_ref().0 < 1_000, "{count} {}", input.get_ref().0);
}

/// A job in the words of a file.
fn any_job() -> impl Strategy<Value = Value> {
    let text = "[ -~äé🦊]{0,12}[!-z|}~äé🦊][ -~\\n\"',;#:]{0,12}[a-zé]";
    let word = "[a-z][a-z0-9]{0,8}";
    (
        (text, proptest::option::of(word), proptest::option::of(1..50_u64)),
        proptest::option::of((1..2000_u32, 1..2000_u32)),
        proptest::option::of(0..i64::MAX),
        proptest::option::of(text),
        proptest::option::of(proptest::collection::vec(word, 1..4)),
        proptest::option::of((word, -5..5_i64)),
    )
        .prop_map(|((prompt, id, count), size, seed, negative, tags, param)| {
            let mut job = json!({"prompt": prompt});
            let mut set = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    job[name] = value;
                }
            };
            set("id", id.map(Value::from));
            set("count", count.map(Value::from));
            set("size", size.map(|(w, h)| format!("{w}x{h}").into()));
            set("seed", seed.map(Value::from));
            set("negative", negative.map(Value::from));
            set("tags", tags.map(Value::from));
            set("params", param.map(|(name, value)| json!({format!("x{name}"): value})));
            job
        })
}

/// The jobs as a CSV file, written by the csv crate.
fn csv_of(jobs: &[Value]) -> String {
    let columns = ["prompt", "id", "count", "size", "seed", "negative", "tags", "params"];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for job in jobs {
        let cells = columns.map(|name| match &job[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(list) => {
                list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        });
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The jobs as YAML in blocks, every text quoted as JSON is, which is YAML too.
fn yaml_of(jobs: &[Value]) -> String {
    let mut out = "jobs:\n".to_owned();
    for job in jobs {
        for (at, (name, value)) in job.as_object().unwrap().iter().enumerate() {
            out += &format!("  {} {name}: {value}\n", if at == 0 { "-" } else { " " });
        }
    }
    out
}

/// What files are made of.
const PIECES: [&str; 64] = [
    "\n",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    ",",
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\"",
    "'",
    "=",
    "\\",
    "\\u0007",
    "#",
    "|",
    ">",
    "&a ",
    "*a",
    "<<",
    "!!str ",
    "---\n",
    "\u{feff}",
    "\u{202e}",
    "\u{7}",
    "{\"prompt\": \"a fox\"}",
    "\"prompt\"",
    "prompt",
    "prompt,output,n\n",
    "output",
    "out",
    "../x",
    "/x.png",
    "x.png",
    "matrix",
    "vars",
    "{animal: [fox, owl]}",
    "{animal}",
    "animal",
    "fields",
    "style",
    "palette",
    "negative",
    "text",
    "defaults",
    "jobs",
    "images",
    "[[jobs]]\n",
    "prompt = \"x\"\n",
    "params",
    "7",
    "-1",
    "1e999",
    "null",
    "true",
    "8x8",
    "16:9",
    "ä🦊",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pieces of every format, in any order: the check of the fuzz target holds.
    #[test]
    fn any_pieces_are_jobs_or_problems(
        format in 0..Format::EXTENSIONS.len(),
        pieces in proptest::collection::vec(0..PIECES.len(), 0..40),
        any in proptest::option::of("\\PC{0,6}"),
    ) {
        let mut text = format!("{}\n", Format::EXTENSIONS[format].0);
        pieces.iter().for_each(|piece| text += PIECES[*piece]);
        text += &any.unwrap_or_default();
        crate::checks::batch_file(text.as_bytes());
    }

    #[test]
    fn jobs_are_the_same_in_every_format(jobs in proptest::collection::vec(any_job(), 1..6)) {
        let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
        let whole = json!({"jobs": jobs});
        let wishes = |text: &str, format| -> Vec<Value> {
            good(text, format).iter().map(wish).collect()
        };
        let expected = wishes(&lines, Format::Lines);
        for (job, wish) in jobs.iter().zip(&expected) {
            prop_assert_eq!(wish["prompt"].as_str(), job["prompt"].as_str().map(str::trim));
        }
        prop_assert_eq!(jobs.len(), expected.len());
        prop_assert_eq!(&wishes(&whole.to_string(), Format::Json), &expected);
        prop_assert_eq!(&wishes(&yaml_of(&jobs), Format::Yaml), &expected);
        prop_assert_eq!(&wishes(&toml::to_string(&whole).unwrap(), Format::Toml), &expected);
        prop_assert_eq!(&wishes(&csv_of(&jobs), Format::Csv), &expected);
    }
}
