//! One image through a scripted fal: the queue, the download, the key that must not travel.

use serde_json::json;

use crate::fake::Kind;
use crate::fake::fal::{Fal, completed};
use crate::pinx::{FAL_KEY, Pinx};

const MODEL: [&str; 2] = ["-m", "fal/flux-schnell"];

fn generate<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["generate", "a red fox"], &MODEL[..], args].concat()
}

#[test]
fn one_image_through_the_queue() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let output = pinx.run(&generate(&["--seed", "7"])).exits(0);
    assert_eq!(output.files.len(), 1, "{output}");
    let [submit] = fake.requests(Kind::Submit).try_into().unwrap();
    assert_eq!(
        (submit.method.as_str(), submit.path.as_str()),
        ("POST", "/queue/fal-ai/flux/schnell")
    );
    assert_eq!(submit.header("authorization"), Some(format!("Key {FAL_KEY}").as_str()));
    assert_eq!(submit.json["prompt"], "a red fox");
    assert_eq!(submit.json["seed"], 7);
    assert_eq!(submit.json["image_size"], json!({ "width": 1024, "height": 1024 }));
    assert_eq!(fake.count(Kind::Status), 3);
    assert!(fake.requests(Kind::Status)[0].path.starts_with("/queue/fal-ai/flux/requests/"));
    assert_eq!(fake.count(Kind::Result), 1);
    assert_eq!(pinx.entries("intent").len(), 1);
    assert_eq!(pinx.entries("submitted").len(), 1);
    assert_eq!(pinx.entries("done").len(), 1);
}

#[test]
fn the_key_goes_to_the_queue_and_never_to_the_files() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&generate(&["-n", "2"])).exits(0);
    let files = fake.cdn.all();
    assert_eq!(files.len(), 2);
    for request in files {
        assert_eq!(request.header("authorization"), None, "{request:?}");
        assert!(!format!("{request:?}").contains(FAL_KEY));
    }
    assert!(fake.all().iter().all(|request| request.header("authorization").is_some()));
}

#[test]
fn three_images_are_three_submits_with_seeds_in_a_row() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&generate(&["-n", "3", "--seed", "40"])).exits(0);
    let mut seeds: Vec<u64> = fake
        .requests(Kind::Submit)
        .iter()
        .map(|request| request.json["seed"].as_u64().unwrap())
        .collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [40, 41, 42]);
    assert_eq!(pinx.files().len(), 3);
}

#[test]
fn urls_of_the_official_host_follow_the_configured_one() {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |request, usual| {
        let text = String::from_utf8_lossy(&usual.body).into_owned();
        let host = format!("http://{}/queue", request.header("host").unwrap());
        let body = serde_json::from_str(&text.replace(&host, "https://queue.fal.run")).unwrap();
        crate::fake::Answer::json(200, &body)
    });
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&generate(&[])).exits(0);
    assert_eq!(fake.count(Kind::Result), 1);
}

#[test]
fn urls_of_a_strange_host_never_get_the_key() {
    let fake = Fal::start();
    let stranger = fake.cdn.url();
    fake.next_with(Kind::Submit, move |request, usual| {
        let text = String::from_utf8_lossy(&usual.body).into_owned();
        let host = format!("http://{}", request.header("host").unwrap());
        let body = serde_json::from_str(&text.replace(&host, &stranger)).unwrap();
        crate::fake::Answer::json(200, &body)
    });
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&generate(&[]));
    assert_eq!(fake.posts(), 1);
    assert!(fake.cdn.all().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_result_may_be_found_on_the_first_poll() {
    let fake = Fal::start();
    fake.always(Kind::Status, completed("x"));
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&generate(&[])).exits(0);
    assert_eq!(fake.count(Kind::Status), 1);
}

#[test]
fn the_cost_is_billable_units_times_the_unit_price() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let output = pinx.run(&generate(&["--json"])).exits(0);
    let cost = &output.json()["jobs"][0]["cost"];
    assert_eq!((&cost["estimated"], &cost["reported"]), (&json!(0.003), &json!(0.003)), "{output}");
    let totals = &output.json()["totals"];
    assert_eq!(totals["cost"], json!(0.003), "{output}");
}

#[test]
fn fast_sdxl_has_a_format_field_of_its_own() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&["generate", "a red fox", "-m", "fal/fast-sdxl", "-f", "png", "--negative", "dogs"])
        .exits(0);
    let [submit] = fake.requests(Kind::Submit).try_into().unwrap();
    assert_eq!(submit.json["format"], "png");
    assert_eq!(submit.json["negative_prompt"], "dogs");
    assert!(submit.json.get("output_format").is_none(), "{}", submit.json);
    assert!(pinx.read("a-red-fox.png").starts_with(b"\x89PNG"));
}

#[test]
fn recraft_takes_the_style_and_the_colours_as_fields() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let model = pinx.run(&["models", "recraft", "--all", "--json"]).exits(0).json();
    let ids = model["models"].as_array().unwrap();
    let id =
        ids.iter().filter_map(|model| model["id"].as_str()).find(|id| id.contains("v3")).unwrap();
    pinx.run(&["generate", "a red fox", "-m", id, "--style", "voxel-3d", "--colors", "#FF6B6B"])
        .exits(0);
    let [submit] = fake.requests(Kind::Submit).try_into().unwrap();
    assert_eq!(submit.json["style"], "digital_illustration/voxel");
    assert_eq!(submit.json["colors"], json!([{ "r": 255, "g": 107, "b": 107 }]));
    let done = &pinx.entries("done")[0];
    assert_eq!((&done["style_as"], &done["colors_as"]), (&json!("field"), &json!("field")));
    pinx.run(&["generate", "a fox", "-m", "fal/flux-dev", "--style", "noir", "--colors", "#123"])
        .exits(0);
    let done = &pinx.entries("done")[1];
    assert_eq!((&done["style_as"], &done["colors_as"]), (&json!("words"), &json!("words")));
}

#[test]
fn an_unlisted_model_works_by_its_wire_id_with_unknown_price() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let args = ["generate", "a red fox", "-m", "fal/fal-ai/brand-new/dev", "--json"];
    pinx.run(&args).exits(6);
    assert_eq!(fake.posts(), 0);
    let output = pinx.run(&[&args[..], &["-y"]].concat()).exits(0);
    assert_eq!(fake.requests(Kind::Submit)[0].path, "/queue/fal-ai/brand-new/dev");
    assert_eq!(output.json()["jobs"][0]["cost"]["estimated"], json!(null), "{output}");
}

#[test]
fn sizes_reach_models_that_take_ratios() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&["generate", "a red fox", "-m", "fal/nano-banana", "-a", "16:9"]).exits(0);
    assert_eq!(fake.requests(Kind::Submit)[0].json["aspect_ratio"], "16:9");
}
