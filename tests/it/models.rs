//! `models`, `providers` and `styles`: tables in 80 columns, documents of a fixed shape, discovery.

use serde_json::Value;

use crate::fake::Kind;
use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::pinx::{FAL_KEY, OPENAI_KEY, Output, Pinx};

/// Whether a value may stand in a field.
type Fits = fn(&Value) -> bool;

/// The fields of a model in `models --json`, as the README documents them.
const FIELDS: [(&str, Fits); 10] = [
    ("id", |it| {
        it.as_str()
            .and_then(|id| id.split_once('/'))
            .is_some_and(|(of, name)| is_name(of) && !name.is_empty())
    }),
    ("name", |it| it.as_str().is_some_and(|name| !name.is_empty())),
    ("provider", |it| it.as_str().is_some_and(is_name)),
    ("description", Value::is_string),
    ("estimatedTime", |it| it.is_null() || it.is_string()),
    ("estimatedSeconds", |it| {
        it.is_null() || it.as_array().is_some_and(|it| it.len() == 2 && it.iter().all(is_amount))
    }),
    ("timeSource", |it| it.is_null() || it == "measured" || it == "vendor"),
    ("costPerImage", |it| it.is_null() || is_amount(it)),
    ("isAvailable", Value::is_boolean),
    ("supportedSizes", |it| it.as_array().is_some_and(|it| it.iter().all(Value::is_string))),
];

/// Whether it is a provider's: small letters and digits.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
}

fn is_amount(value: &Value) -> bool {
    value.as_f64().is_some_and(|amount| amount >= 0.0)
}

#[track_caller]
fn fits_80_columns(output: &Output) {
    for line in output.stdout.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}\n{output}", line.chars().count());
    }
}

#[track_caller]
fn documented(output: &Output) -> Vec<Value> {
    let document = output.json();
    assert_eq!(document["success"], output.code == 0, "{output}");
    assert!(document["totalAvailable"].is_u64(), "{output}");
    let models = document["models"].as_array().unwrap();
    for model in models {
        let wrong: Vec<&str> = FIELDS
            .iter()
            .filter(|(name, fits)| !model.get(name).is_some_and(fits))
            .map(|(name, _)| *name)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?} of {model:#}\n{output}");
    }
    models.clone()
}

fn providers(models: &[Value]) -> Vec<&str> {
    let mut providers: Vec<&str> =
        models.iter().filter_map(|model| model["provider"].as_str()).collect();
    providers.dedup();
    providers
}

fn ids(models: &[Value]) -> Vec<&str> {
    models.iter().filter_map(|model| model["id"].as_str()).collect()
}

#[test]
fn with_a_fal_key_only_fal_and_the_sketch_are_shown() {
    let pinx = Pinx::new().env("FAL_KEY", FAL_KEY);
    let output = pinx.run(&["models"]).exits(0);
    fits_80_columns(&output);
    assert!(
        output.stdout.contains("fal/flux-schnell") && output.stdout.contains("pinx/sketch"),
        "{output}"
    );
    assert!(!output.stdout.contains("openai/"), "{output}");
    assert!(
        output.stdout.contains("$0.003") && output.stdout.contains('~'),
        "cost and time\n{output}"
    );
    let models = documented(&pinx.run(&["models", "--json"]).exits(0));
    assert_eq!(providers(&models), ["fal", "pinx"]);
    assert!(models.iter().all(|model| model["isAvailable"] == true), "{models:#?}");
}

#[test]
fn without_a_key_there_is_the_sketch_and_all_shows_the_rest() {
    let pinx = Pinx::new();
    assert_eq!(ids(&documented(&pinx.run(&["models", "--json"]).exits(0))), ["pinx/sketch"]);
    let all = documented(&pinx.run(&["models", "--all", "--json"]).exits(0));
    let fal = all.iter().filter(|model| model["provider"] == "fal").count();
    assert!(fal >= 20, "{fal} fal models");
    for id in
        ["openai/gpt-image-2", "openai/gpt-image-2.6-flare", "openai/dall-e-3", "fal/fast-sdxl"]
    {
        assert!(ids(&all).contains(&id), "{id} is missing of {:?}", ids(&all));
    }
    assert_eq!(all.iter().find(|model| model["provider"] == "fal").unwrap()["id"], "fal/fast-sdxl");
    fits_80_columns(&pinx.run(&["models", "--all"]).exits(0));
}

#[test]
fn the_cost_is_that_of_the_size_and_quality_asked_for() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let cost = |args: &[&str]| {
        let models = documented(&pinx.run(&[&["models", "--json"], args].concat()).exits(0));
        let model = models.iter().find(|model| model["id"] == "openai/gpt-image-2").unwrap();
        model["costPerImage"].as_f64().unwrap()
    };
    let usual = cost(&[]);
    assert!((0.052..0.054).contains(&usual), "{usual}");
    let wide = cost(&["-s", "1536x1024"]);
    assert!((0.041..0.042).contains(&wide), "{wide}");
    let high = cost(&["--quality", "high"]);
    assert!((0.210..0.212).contains(&high), "{high}");
}

#[test]
fn queries_providers_and_sorting() {
    let pinx = Pinx::new();
    let found = |args: &[&str]| {
        let output = pinx.run(&[&["models", "--all", "--json"], args].concat()).exits(0);
        documented(&output)
    };
    let flux = found(&["flux"]);
    assert!(
        !flux.is_empty()
            && flux.iter().all(|model| model.to_string().to_lowercase().contains("flux"))
    );
    assert_eq!(providers(&found(&["--provider", "openai"])), ["openai"]);
    let costs: Vec<f64> = found(&["--sort", "cost"])
        .iter()
        .filter_map(|model| model["costPerImage"].as_f64())
        .collect();
    assert!(costs.is_sorted(), "{costs:?}");
    pinx.run(&["models", "--provider", "openia"]).exits(2).says("openai");
}

#[test]
fn one_model_in_full() {
    let pinx = Pinx::new();
    let output = pinx.run(&["models", "show", "fal/flux-schnell"]).exits(0);
    assert!(
        output.stdout.contains("fal-ai/flux/schnell") && output.stdout.contains("source"),
        "{output}"
    );
    let output = pinx.run(&["models", "show", "openai/dall-e-3"]).exits(0);
    assert!(output.stdout.contains("2026-05-12"), "{output}");
    pinx.run(&["models", "show", "flux-schnel"]).exits(2).says("flux-schnell");
    let sketch = pinx.run(&["models", "show", "pinx/sketch"]).exits(0);
    assert!(sketch.stdout.contains("--negative   left out"), "{sketch}");
}

#[test]
fn of_a_model_that_the_catalog_does_not_have_nothing_is_claimed() {
    let output = Pinx::new().run(&["models", "show", "fal/fal-ai/foo/bar"]).exits(0);
    for fact in ["time", "sizes", "formats", "abilities", "state"] {
        let line = output.stdout.lines().find(|line| line.starts_with(fact));
        assert!(line.is_some_and(|line| line.contains("unknown")), "{fact}\n{output}");
    }
}

#[test]
fn a_model_that_is_not_shown_is_not_blamed() {
    let pinx = Pinx::new();
    let output = pinx.run(&["models", "--quality", "ultra"]).exits(0);
    assert!(!output.stderr.contains("gpt-image"), "{output}");
    pinx.env("OPENAI_API_KEY", OPENAI_KEY)
        .run(&["models", "--quality", "ultra"])
        .exits(2)
        .says("ultra");
}

#[test]
fn discovery_brings_new_models_and_is_remembered() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let models = documented(&pinx.run(&["models", "--refresh", "--all", "--json"]).exits(0));
    let all = ids(&models).join(" ");
    assert!(all.contains("gpt-image-9-nova") && all.contains("brand-new"), "{all}");
    assert!(!all.contains("gpt-5.5-mini"), "a model that makes no images\n{all}");
    assert!(fal.count(Kind::Pricing) >= 1);
    let asked = openai.all().len() + fal.all().len();
    let models = documented(&pinx.run(&["models", "--all", "--json"]).exits(0));
    assert!(ids(&models).join(" ").contains("gpt-image-9-nova"));
    assert_eq!(openai.all().len() + fal.all().len(), asked, "without --refresh nothing is asked");
    assert_eq!(openai.posts() + fal.posts(), 0);
}

#[test]
fn discovery_that_fails_leaves_the_catalog() {
    let openai = OpenAi::start();
    openai.always(Kind::Models, crate::fake::Answer::html(502));
    let pinx = Pinx::new().openai(&openai);
    let output = pinx.run(&["models", "--refresh", "--json"]);
    assert!(ids(&documented(&output)).contains(&"openai/gpt-image-2"), "{output}");
    assert!(!output.stderr.is_empty(), "the failure is told\n{output}");
}

#[test]
fn providers_show_where_the_key_comes_from_and_never_the_key() {
    let pinx = Pinx::new().env("FAL_KEY", FAL_KEY);
    let output = pinx.run(&["providers"]).exits(0);
    fits_80_columns(&output);
    assert!(output.stdout.contains("FAL_KEY"), "{output}");
    let output = output.says("https://fal.ai");
    assert!(!output.stdout.contains(&FAL_KEY[..8]), "{output}");
    pinx.run(&["providers", "--json"]).exits(0).json();
}

#[test]
fn providers_are_checked_with_free_calls() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    pinx.run(&["providers", "--check"]).exits(0);
    assert!(openai.count(Kind::Models) == 1 && !fal.all().is_empty());
    assert_eq!((openai.posts(), fal.posts()), (0, 0));
    openai.always(Kind::Models, crate::fake::openai::error(401, "invalid_api_key", "no"));
    let output = pinx.run(&["providers", "--check"]);
    assert!(output.code == 3 || output.stdout.to_lowercase().contains("refused"), "{output}");
}

#[test]
fn styles_and_palettes() {
    let pinx = Pinx::new();
    let output = pinx.run(&["styles"]).exits(0);
    fits_80_columns(&output);
    assert!(output.stdout.contains("voxel-3d") && output.stdout.lines().count() >= 15, "{output}");
    pinx.run(&["styles", "--json"]).exits(0).json();
    assert!(pinx.run(&["styles", "show", "voxel-3d"]).exits(0).stdout.contains("voxel"));
    pinx.run(&["styles", "show", "voxel3d"]).exits(2).says("voxel-3d");
}

#[test]
fn models_of_the_user_are_models() {
    let config = "[[models]]\nid = \"openai/mine\"\nwire = \"my-model\"\nprice = { kind = \"image\", usd = 0.5 }\n";
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).config("config.toml", config);
    let output = pinx.run(&["models", "mine", "--json"]);
    if output.code == 2 {
        // The form of a price is the catalog's business; without one the model must load.
        let pinx = Pinx::new()
            .env("OPENAI_API_KEY", OPENAI_KEY)
            .config("config.toml", "[[models]]\nid = \"openai/mine\"\nwire = \"my-model\"\n");
        assert_eq!(
            ids(&documented(&pinx.run(&["models", "mine", "--json"]).exits(0))),
            ["openai/mine"]
        );
    } else {
        assert_eq!(ids(&documented(&output)), ["openai/mine"]);
    }
}

#[test]
fn models_are_filtered_by_what_they_can_and_shown_with_aliases() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("FAL_KEY", FAL_KEY);
    let found = |args: &[&str]| {
        let output = pinx.run(&[&["models", "--json"], args].concat()).exits(0);
        documented(&output)
    };
    for ability in ["seed", "negative", "alpha", "svg", "colors", "style", "edit", "mask"] {
        let models = found(&["--can", ability]);
        let all_can =
            models.iter().all(|it| it["abilities"].as_array().unwrap().contains(&ability.into()));
        assert!(!models.is_empty() && all_can, "{ability}: {models:#?}");
    }
    let both = found(&["--can", "seed,negative"]);
    assert!(both.len() < found(&["--can", "seed"]).len() && !both.is_empty());
    assert_eq!(ids(&found(&["--free"])), ["pinx/sketch"]);
    pinx.run(&["models", "--free", "--can", "svg"]).exits(0).says("no model can svg and is free");
    pinx.run(&["models", "--can", "sead"]).exits(2).says("seed");
    pinx.run(&["models", "--can", "fly"]).exits(2).says("negative");
    let taken = |args: &[&str]| {
        let models = found(args);
        let auto: Vec<_> = models.into_iter().filter(|it| it["is_auto"] == true).collect();
        ids(&auto).join(" ")
    };
    assert_eq!(taken(&[]), "openai/gpt-image-2.6-flare");
    assert_eq!(pinx.run(&["models", "--json"]).json()["auto"], "openai/gpt-image-2.6-flare");
    pinx.run(&["models"]).exits(0).says("← `auto` takes openai/gpt-image-2.6-flare");
    let wide = pinx.run(&["models", "--wide"]).exits(0);
    assert!(wide.stdout.contains("flare") && wide.stdout.contains("aliases"), "{wide}");
    for alias in ["flare", "openai/flare", "schnell", "fal/schnell"] {
        let shown = pinx.run(&["models", "show", alias]).exits(0);
        assert!(shown.stdout.contains("aliases"), "{shown}");
    }
}

#[test]
fn no_table_is_wider_than_the_terminal() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("FAL_KEY", FAL_KEY);
    for columns in [80, 60, 40] {
        let width = columns.to_string();
        for args in [
            &["models"][..],
            &["models", "--all"],
            &["models", "--wide"],
            &["models", "show", "flare"],
            &["providers"],
            &["keys"],
            &["doctor", "--offline"],
        ] {
            let output = pinx.command(args).env("COLUMNS", &width).run().exits(0);
            for line in output.stdout.lines() {
                // A word that is wider than the room, such as an address, stays whole to be copied.
                let last = line.split_whitespace().last().unwrap_or_default();
                let is_one_word = last.chars().count() > columns - 21;
                assert!(
                    line.chars().count() <= columns || is_one_word,
                    "{} columns of {columns}: {line}\n{output}",
                    line.chars().count()
                );
            }
        }
    }
}
