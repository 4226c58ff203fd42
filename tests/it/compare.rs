//! `pinx compare`: every model in its place, failures too; nothing told of a blind one.

use std::path::Path;

use serde_json::{Value, json};

use crate::fake::fal::{self, Fal};
use crate::fake::openai::{OpenAi, error, refused, with_image};
use crate::fake::{Answer, Gate, Kind};
use crate::pinx::{Output, Pinx};

const THREE: &str = "openai/gpt-image-2,fal/flux-schnell,pinx/sketch";
const ARGS: [&str; 4] = ["compare", "a red fox", "-m", THREE];

/// What could tell one of the three in words.
const TELLING: [&str; 6] = ["gpt-image", "flux", "sketch", "openai", "fal/", "schnell"];

/// The same, long enough not to come about by chance in pixels.
const UNMISTAKABLE: [&str; 5] = ["gpt-image", "schnell", "pinx/sketch", "procedural", "openai/gpt"];

fn world() -> (OpenAi, Fal, Pinx) {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    (openai, fal, pinx)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.to_ascii_lowercase().windows(text.len()).any(|window| window == text.as_bytes())
}

/// Neither streams nor pages nor names hold anything that tells a model.
#[track_caller]
fn tells_nothing(pinx: &Pinx, output: &Output) {
    for word in TELLING {
        assert!(!holds(output.stdout.as_bytes(), word), "`{word}` on stdout\n{output}");
        assert!(!holds(output.stderr.as_bytes(), word), "`{word}` on stderr\n{output}");
        for file in &output.files {
            assert!(!file.contains(word), "`{word}` in the name {file}");
        }
    }
    for file in output.files.iter().filter(|file| file.starts_with("compare-")) {
        for word in UNMISTAKABLE {
            assert!(!holds(&pinx.read(file), word), "`{word}` in {file}");
        }
        assert!(file.ends_with(".png") || file.ends_with("index.html"), "{file} tells a format");
    }
}

fn run_of(pinx: &Pinx) -> String {
    let heads = pinx.entries("compared");
    heads.last().unwrap()["run"].as_str().unwrap().to_owned()
}

#[test]
fn a_model_that_fails_stands_in_its_place_and_none_replaces_it() {
    let (openai, fal, pinx) = world();
    openai.always(Kind::Images, error(500, "server_error", "Sorry about that!"));
    let output = pinx.run(&[&ARGS[..], &["-s", "512x512"]].concat()).exits(4);
    let output = output.prints(&[
        "compare-a-red-fox/fal-flux-schnell.jpg",
        "compare-a-red-fox/pinx-sketch.png",
        "compare-a-red-fox/sheet.png",
        "compare-a-red-fox/index.html",
    ]);
    let output = output.says("openai/gpt-image-2: ").says("outcome").says("run ");
    assert_eq!(fal.posts(), 1, "{output}");
    let models = pinx.entries("intent").into_iter().map(|intent| intent["model"].clone());
    let openai_only = |model: &Value| *model == "openai/gpt-image-2";
    assert_eq!(models.filter(|model| !openai_only(model)).count(), 1, "{output}");
    let row = output.stderr.lines().find(|line| line.starts_with("openai/gpt-image-2 ")).unwrap();
    assert!(row.ends_with("failed"), "{output}");
    assert!(output.stderr.lines().all(|line| line.chars().count() <= 80 || !line.contains("  ")));
    let page = String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    for model in THREE.split(',') {
        assert!(page.contains(model), "{model} is not on the page");
    }
    image::load_from_memory(&pinx.read("compare-a-red-fox/sheet.png")).unwrap();
}

#[test]
fn each_model_gets_its_own_size_and_it_is_told_whose() {
    let (openai, fal, pinx) = world();
    let output = pinx.run(&[&ARGS[..], &["-s", "100x3000"]].concat()).exits(0);
    let (image, submit) = (&openai.requests(Kind::Images)[0], &fal.requests(Kind::Submit)[0]);
    assert_ne!(image.json["size"], "100x3000", "{output}");
    assert!(!submit.json["image_size"].is_null(), "{output}");
    output.says("openai/gpt-image-2: size 100x3000");
}

#[test]
fn a_comparison_of_one_is_none() {
    let pinx = Pinx::new();
    for models in ["pinx/sketch", "auto", ""] {
        pinx.run(&["compare", "a fox", "-m", models]).exits(2).leaves(&[]);
    }
    pinx.run(&["compare", "a fox"]).exits(2).says("at least two models").leaves(&[]);
    let twice = pinx.run(&["compare", "a fox", "-m", "pinx/sketch,sketch"]);
    twice.exits(2).says("named twice").leaves(&[]);
    assert!(pinx.journal().is_empty());
}

const VARIED: [&str; 6] = ["compare", "a red fox", "-m", "pinx/sketch", "-s", "64x64"];

/// The names of the entrants of the only prompt.
fn names(document: &Value) -> Vec<String> {
    let entrants = document["comparison"]["prompts"][0]["entrants"].as_array().unwrap();
    entrants.iter().map(|entrant| entrant["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_model_is_compared_over_styles_and_seeds() {
    let pinx = Pinx::new();
    let styles = ["--style", "noir,watercolor"];
    let output = pinx.run(&[&VARIED[..], &styles].concat()).exits(0).prints(&[
        "compare-a-red-fox/noir.png",
        "compare-a-red-fox/watercolor.png",
        "compare-a-red-fox/sheet.png",
        "compare-a-red-fox/index.html",
    ]);
    let output = output.says("WHICH` says which is best: noir, watercolor, tie or none");
    let done = pinx.entries("done");
    assert_eq!(done[0]["seed"], done[1]["seed"], "they differ in nothing else: {output}");
    assert_ne!(
        pinx.read("compare-a-red-fox/noir.png"),
        pinx.read("compare-a-red-fox/watercolor.png")
    );
    let run = run_of(&pinx);
    pinx.run(&["vote", &run, "sepia"]).exits(2).says("`noir`, `watercolor`");
    pinx.run(&["vote", &run, "pinx/sketch"]).exits(2).says("could be `noir` or `watercolor`");
    pinx.run(&["vote", &run, "Noir"]).exits(0).says("verdict: noir");
    let page = pinx.read("compare-a-red-fox/index.html");
    assert!(holds(&page, "<p class=\"kind\">comparison with pinx/sketch, 20"), "whose they are");
    let verdict = &pinx.entries("verdict")[0]["verdict"];
    assert_eq!(
        (&verdict["best"], &verdict["entrant"], &verdict["among"]),
        (&json!("pinx/sketch"), &json!("noir"), &json!(["pinx/sketch"]))
    );
    // It says nothing between models.
    let ranks = pinx.run(&["stats", "--ab", "--json"]).exits(0).json();
    assert_eq!((&ranks["comparisons"], &ranks["models"]), (&json!(0), &json!([])));
    pinx.run(&["stats", "--ab"]).exits(0).says("1 verdict is between entrants of one model");
    for (args, wanted) in [
        (&["--seed", "1,2,3"][..], &["seed-1", "seed-2", "seed-3"][..]),
        (
            &["--seed", "1,2", "--style", "noir, watercolor"],
            &["noir+seed-1", "noir+seed-2", "watercolor+seed-1", "watercolor+seed-2"],
        ),
        (&["--seed", "1,2", "--style", "noir"], &["seed-1", "seed-2"]),
    ] {
        let document = pinx.run(&[&VARIED[..], args, &["--json"]].concat()).exits(0).json();
        assert_eq!(names(&document), wanted, "{document:#}");
    }
    let mut seeds: Vec<u64> =
        pinx.entries("done")[2..5].iter().map(|done| done["seed"].as_u64().unwrap()).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [1, 2, 3]);
    let before = pinx.files();
    for (args, words) in [
        (&["--style", "noir"][..], "at least two models, styles, qualities or seeds"),
        (&["--style", "noir,nior"], "did you mean `noir`"),
        (&["--style", "noir,noir"], "names `noir` twice"),
        (&["--style", "noir,"], "has an empty place"),
        (&["--seed", "1,x"], "--seed"),
        (
            &["--seed", "1,2,3,4,5,6", "--style", "noir,watercolor,pixel-art,low-poly,flat"],
            "at most 26",
        ),
    ] {
        pinx.run(&[&VARIED[..], args].concat()).exits(2).says(words);
        assert_eq!(pinx.files(), before, "{args:?}");
    }
}

#[test]
fn consent_covers_every_quality_and_models_are_called_with_it() {
    let (openai, fal, pinx) = world();
    let varied = ["compare", "a red fox", "-m", "openai/gpt-image-2", "--quality", "low,high"];
    let dry = pinx.run(&[&varied[..], &["--dry-run", "--json"]].concat()).exits(0).json();
    let total: f64 = dry["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["cost"]["estimated"].as_f64().unwrap())
        .sum();
    let short = format!("{:.4}", total - 0.001);
    pinx.run(&[&varied[..], &["--max-cost", &short]].concat()).exits(6).leaves(&[]);
    assert_eq!(openai.posts(), 0);
    let document = pinx.run(&[&varied[..], &["-y", "--json"]].concat()).exits(0).json();
    assert_eq!(names(&document), ["low", "high"]);
    let sent: Vec<Value> = openai
        .requests(Kind::Images)
        .iter()
        .map(|request| request.json["quality"].clone())
        .collect();
    assert!(sent.contains(&json!("low")) && sent.contains(&json!("high")), "{sent:?}");
    let models =
        ["compare", "a fox", "-m", "fal/flux-schnell,pinx/sketch", "--seed", "1,2", "-y", "--json"];
    let document = pinx.run(&models).exits(0).json();
    let wanted = [
        "fal/flux-schnell+seed-1",
        "fal/flux-schnell+seed-2",
        "pinx/sketch+seed-1",
        "pinx/sketch+seed-2",
    ];
    assert_eq!(names(&document), wanted);
    assert_eq!(fal.posts(), 2);
    // The model is best, whichever seed it had: this is one between models.
    let run = document["run"].as_str().unwrap().to_owned();
    pinx.run(&["vote", &run, "pinx/sketch+seed-2"]).exits(0);
    let ranks = pinx.run(&["stats", "--ab", "--json"]).exits(0).json();
    assert_eq!(
        (&ranks["comparisons"], &ranks["models"][0]["model"]),
        (&json!(1), &json!("pinx/sketch"))
    );
}

#[test]
fn nothing_tells_which_style_is_which_until_the_verdict() {
    let pinx = Pinx::new();
    let blind = ["--style", "noir,watercolor", "--blind"];
    let output = pinx.run(&[&VARIED[..], &blind].concat()).exits(0);
    let tells = |text: &[u8]| ["noir", "watercolor"].iter().any(|word| holds(text, word));
    assert!(!tells(output.stdout.as_bytes()) && !tells(output.stderr.as_bytes()), "{output}");
    let output = output.says("content credentials are left out");
    for file in ["a.png", "b.png", "sheet.png", "index.html"] {
        assert!(output.files.contains(&format!("compare-a-red-fox/{file}")), "{output}");
    }
    let page = pinx.read("compare-a-red-fox/index.html");
    assert!(!tells(&page), "the page tells");
    assert!(holds(&page, "comparison with one model, 20") && !holds(&page, "pinx/sketch"));
    let run = run_of(&pinx);
    assert!(holds(&page, &format!("data-copy=\"pinx vote {run} a\"")));
    let json = pinx.run(&[&VARIED[..], &blind, &["--json", "-o", "two/"]].concat()).exits(0);
    assert!(!tells(json.stdout.as_bytes()), "{json}");
    let told = pinx.run(&["vote", &run, "a"]).exits(0);
    assert!(told.stderr.contains("noir") && told.stderr.contains("watercolor"), "{told}");
}

#[test]
fn what_is_wrong_is_told_before_anything_is_sent() {
    let (openai, fal, pinx) = world();
    for (args, words) in [
        (&["compare", "a fox", "-m", "openai/gpt-image-2,fal/fluxx-schnell"][..], "flux-schnell"),
        (&["compare", "a fox", "-m", THREE, "--fallback", "fal/flux-dev"], "replaces no model"),
        (&["compare", "a fox", "-m", THREE, "--judge"], "pinx vote"),
        (&["compare", "a fox", "-m", THREE, "-o", "-"], "directory"),
        (&["compare", "a fox", "-m", THREE, "-o", "fox.png"], "directory"),
        (&["compare", "a fox", "-m", THREE, "-o", "{slug}/"], "directory"),
        (&["compare", "a fox", "-m", THREE, "--style", "nior"], "noir"),
    ] {
        pinx.run(args).exits(2).says(words).leaves(&[]);
    }
    let nobody = Pinx::new();
    nobody.run(&["compare", "a fox", "-m", THREE]).exits(3).says("OPENAI_API_KEY").leaves(&[]);
    let document = pinx.run(&["compare", "a fox", "-m", "x,y", "--json"]).exits(2).json();
    assert_eq!(document["error"]["code"], "unknown_model");
    assert!(openai.all().is_empty() && fal.posts() == 0);
    let mut directories = std::fs::read_dir(pinx.work()).unwrap();
    assert!(directories.next().is_none(), "a directory is left");
}

#[test]
fn consent_and_budgets_hold_over_all_models() {
    let (openai, fal, pinx) = world();
    let dear = [&ARGS[..], &["-n", "40"]].concat();
    pinx.run(&dear).exits(6).says("120 images cost").says("--yes").leaves(&[]);
    pinx.run(&[&ARGS[..], &["--max-cost", "0.01"]].concat()).exits(6).says("--max-cost");
    pinx.command(&ARGS).env("PINX_BUDGET_DAY", "0.01").run().exits(6).says("budget.day");
    let dry = pinx.run(&[&ARGS[..], &["--dry-run"]].concat()).exits(0);
    assert!(
        dry.stdout.contains("compare-a-red-fox/fal-flux-schnell.jpg\tfal/flux-schnell"),
        "{dry}"
    );
    assert_eq!((openai.posts(), fal.posts()), (0, 0));
    assert!(pinx.entries("compared").is_empty());
    assert!(!pinx.work().join("compare-a-red-fox").exists(), "nothing was made");
    pinx.run(&[&ARGS[..], &["-n", "2"]].concat()).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (2, 2));
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let pinx = Pinx::new().file("out/sheet.png", "mine").file("out/index.html", "mine");
    let args = ["compare", "a fox", "-m", "pinx/sketch,openai/gpt-image-2", "-s", "64x64"];
    let openai = OpenAi::start();
    let pinx = pinx.openai(&openai);
    let first = pinx.run(&args).exits(0);
    assert!(first.stdout.contains("compare-a-fox/sheet.png\n"), "{first}");
    let second = pinx.run(&args).exits(0);
    assert!(second.stdout.contains("compare-a-fox-2/pinx-sketch.png\n"), "{second}");
    let named = pinx.run(&[&args[..], &["-o", "out/"]].concat()).exits(0);
    assert!(named.stdout.ends_with("out/sheet-2.png\nout/index-2.html\n"), "{named}");
    assert_eq!(
        (pinx.read("out/sheet.png"), pinx.read("out/index.html")),
        (b"mine".into(), b"mine".into())
    );
    let forced = pinx.run(&[&args[..], &["-o", "out/", "--force"]].concat()).exits(0);
    assert!(forced.stdout.ends_with("out/sheet.png\nout/index.html\n"), "{forced}");
    assert_ne!(pinx.read("out/sheet.png"), b"mine");
}

#[test]
fn the_document_is_that_of_generate_and_more() {
    let (openai, _fal, pinx) = world();
    openai.always(Kind::Images, refused());
    let output = pinx.run(&[&ARGS[..], &["--json", "--tag", "pets"]].concat()).exits(4);
    let document = output.json();
    assert_eq!((&document["v"], &document["status"]), (&json!(1), &json!("partial")));
    let jobs = document["jobs"].as_array().unwrap();
    let statuses: Vec<&Value> = jobs.iter().map(|job| &job["status"]).collect();
    assert_eq!(statuses, ["refused", "done", "done"]);
    assert_eq!(jobs[1]["model"], "fal/flux-schnell");
    let comparison = &document["comparison"];
    for page in ["sheet", "page"] {
        assert!(Path::new(comparison[page].as_str().unwrap()).is_file(), "{output}");
    }
    let prompt = &comparison["prompts"][0];
    assert_eq!((&prompt["prompt"], &prompt["tags"]), (&json!("a red fox"), &json!(["pets"])));
    assert_eq!(prompt["entrants"][1]["model"], "fal/flux-schnell");
    assert_eq!(prompt["entrants"][0]["images"], json!([]));
    assert!(prompt["verdict"].is_null());
}

#[test]
fn a_blind_one_tells_nothing_and_then_everything() {
    for args in [&["-v"][..], &["--json"], &["-n", "2"]] {
        let (openai, _fal, pinx) = world();
        openai.next(Kind::Images, error(500, "server_error", "OpenAI is sorry"));
        let args = [&ARGS[..], &["--blind", "-s", "500x500"], args].concat();
        let output = pinx.run(&args).exits(0);
        tells_nothing(&pinx, &output);
        let run = run_of(&pinx);
        let vote = pinx.run(&["vote", &run, "b"]).exits(0);
        for model in THREE.split(',') {
            assert!(vote.stderr.contains(model), "{model}\n{vote}");
        }
        let head = &pinx.entries("compared")[0]["contest"];
        let best = head["entrants"][1]["model"].as_str().unwrap();
        let page = String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
        assert!(THREE.split(',').all(|model| page.contains(model)), "the page is drawn anew");
        let vote = vote.says(&format!("verdict: {best}"));
        assert!(!vote.files.iter().any(|file| file.contains("index-2")), "{vote}");
    }
}

#[test]
fn a_blind_prompt_with_one_image_waits_for_the_verdicts_of_the_others() {
    let (openai, _fal, pinx) = world();
    let pinx = pinx.file("p.txt", "a red fox\nan owl\n");
    openai.next(Kind::Images, refused());
    let models = "openai/gpt-image-2,pinx/sketch";
    let compared =
        ["compare", "--batch", "p.txt", "-m", models, "--blind", "-j", "1", "-s", "512x512"];
    let output = pinx.run(&[&compared[..], &["-o", "compare-a-red-fox"]].concat()).exits(4);
    let output = output.says("1 of 1 prompts are not judged").says("why is told after");
    tells_nothing(&pinx, &output);
    let page = || String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    assert!(page().contains("0 of 1 prompts are judged. Type"), "{output}");
    assert!(page().contains("There are no two images to choose from"), "{output}");
    assert!(page().contains("Comparison of 2 models, 20"), "{output}");
    assert!(!page().contains("href="), "no link tells a file");
    let run = run_of(&pinx);
    // Its own end without a winner tells nothing either.
    let none = pinx.run(&["vote", &run, "none", "--prompt", "1"]).exits(0);
    tells_nothing(&pinx, &none);
    let told = pinx.run(&["vote", &run, "tie", "--prompt", "2"]).exits(0);
    let told = told.says("openai/gpt-image-2: refused by content policy");
    assert!(page().contains("1 of 1 prompts are judged<"), "{told}");
    assert!(page().matches("pinx/sketch").count() > 1, "{told}");
}

#[test]
fn a_blind_failure_has_no_words_before_the_verdict() {
    let (openai, _fal, pinx) = world();
    openai.always(Kind::Images, refused());
    let args = [&ARGS[..], &["--blind", "-s", "100x3000"]].concat();
    let output = pinx.run(&args).exits(4).says("after the verdict");
    tells_nothing(&pinx, &output);
    let page = || String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    assert!(page().contains("told after the verdict"), "{output}");
    let told = pinx.run(&["vote", &run_of(&pinx), "tie"]).exits(0).says("verdict: tie");
    let told = told.says("openai/gpt-image-2: refused by content policy");
    let told = told.says("fal/flux-schnell: size 100x3000");
    assert!(page().contains("refused by content policy"), "{told}");
    // What a refusal may have cost stands beside it and in the sum.
    assert!(
        page().contains("maybe billed</span>") && page().contains("maybe billed</li>"),
        "{told}"
    );
}

#[test]
fn where_there_is_nothing_to_judge_all_is_told_at_once() {
    let (openai, fal, pinx) = world();
    openai.always(Kind::Images, refused());
    fal.always(Kind::Submit, fal::server_error(500, "internal_server_error"));
    let output = pinx.run(&[&ARGS[..], &["--blind"]].concat()).exits(4);
    let output = output.says("fal/flux-schnell: the fal runner is down").says("pinx/sketch");
    let output = output.says("openai/gpt-image-2: refused").never_says("why is told");
    let page = String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    assert!(page.contains("the fal runner is down") && !page.contains("pinx vote"), "{output}");
    let run = run_of(&pinx);
    pinx.run(&["vote", &run, "tie"]).exits(2).says("no two images");
    pinx.run(&["vote", &run, "none"]).exits(0).says("verdict: none");
}

#[test]
fn where_nothing_was_made_nothing_stays() {
    let (openai, fal, pinx) = world();
    openai.always(Kind::Images, refused());
    fal.always(Kind::Submit, fal::server_error(500, "internal_server_error"));
    let models = "openai/gpt-image-2,fal/flux-schnell";
    let output = pinx.run(&["compare", "a red fox", "-m", models, "-j", "1"]);
    assert!(!pinx.work().join("compare-a-red-fox").exists(), "{output}");
    let run = run_of(&pinx);
    let vote = pinx.run(&["vote", &run, "flux-schnell"]).exits(2).says("no image to be judged");
    let vote = vote.says("`none` ends it").never_says("from ,");
    drop(vote);
    pinx.run(&["vote", &run, "none"]).exits(0);
    let show = pinx.run(&["log", "show", &run]).exits(0);
    assert!(show.stdout.ends_with("verdict   none\n"), "{show}");
}

#[test]
fn a_blind_image_is_its_pixels_and_nothing_else() {
    let (openai, _fal, pinx) = world();
    // A picture with words of its maker inside.
    pinx.run(&["gpt-image by OpenAI", "-m", "pinx/sketch", "-s", "64x64", "-o", "a.png"]).exits(0);
    openai.always(Kind::Images, with_image(&pinx.read("a.png")));
    let open = pinx.run(&[&ARGS[..], &["-s", "64x64", "-o", "open"]].concat()).exits(0);
    assert!(holds(&pinx.read("open/openai-gpt-image-2.png"), "gpt-image"), "{open}");
    let output = pinx.run(&[&ARGS[..], &["--blind", "-s", "64x64"]].concat()).exits(0);
    let mut images = output.files.iter().filter(|file| file.starts_with("compare-"));
    assert!(images.all(|file| !holds(&pinx.read(file), "gpt-image")), "{output}");
    let done = pinx.entries("done");
    let of_openai = |entry: &&Value| entry["model"] == "openai/gpt-image-2";
    let image = &done.iter().rfind(of_openai).unwrap()["images"][0];
    assert!(image["original_sha256"].is_string(), "{image}");
}

#[test]
fn comparisons_at_once_have_a_directory_each() {
    let pinx = Pinx::new();
    let openai = OpenAi::start();
    let pinx = pinx.openai(&openai);
    let args = ["compare", "a fox", "-m", "pinx/sketch,openai/gpt-image-2", "-s", "64x64"];
    let running: Vec<_> = (0..4).map(|_| pinx.command(&args).spawn()).collect();
    running.into_iter().for_each(|compare| drop(compare.finish().exits(0)));
    for directory in ["compare-a-fox", "compare-a-fox-2", "compare-a-fox-3", "compare-a-fox-4"] {
        let listing = std::fs::read_dir(pinx.work().join(directory)).unwrap();
        assert_eq!(listing.count(), 4, "{directory}");
    }
}

#[test]
fn the_letters_say_nothing_about_the_order_of_the_models() {
    let pinx = Pinx::new();
    let openai = OpenAi::start();
    let pinx = pinx.openai(&openai);
    let mut first = std::collections::HashSet::new();
    for _ in 0..24 {
        let models = "pinx/sketch,openai/gpt-image-2";
        pinx.run(&["compare", "a fox", "-m", models, "--blind", "-s", "64x64"]).exits(0);
        let head = &pinx.entries("compared").pop().unwrap()["contest"]["entrants"][0];
        assert_eq!(head["label"], "A");
        first.insert(head["model"].to_string());
        if first.len() == 2 {
            return;
        }
    }
    panic!("A was {first:?} 24 times");
}

#[test]
fn an_interrupted_one_shows_what_there_is() {
    let (openai, _fal, pinx) = world();
    let gate = Gate::default();
    let held = gate.clone();
    openai.next_with(Kind::Images, move |_, usual| usual.behind(&held));
    let running = pinx.command(&[&ARGS[..], &["-j", "1"]].concat()).spawn();
    openai.wait_for(Kind::Images, 1);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    gate.open();
    let output = running.finish().exits(130).says("not begun");
    let output = output.prints(&[
        "compare-a-red-fox/openai-gpt-image-2.png",
        "compare-a-red-fox/sheet.png",
        "compare-a-red-fox/index.html",
    ]);
    let page = String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    assert!(page.contains("not begun"), "{output}");
}

#[test]
fn what_a_killed_one_paid_for_is_recovered_and_judged() {
    let (_openai, fal, pinx) = world();
    fal.next(Kind::Result, Answer::hang());
    let running = pinx.command(&ARGS).spawn();
    fal.wait_for(Kind::Result, 1);
    while pinx.entries("done").len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    running.signal("KILL");
    running.finish();
    let run = run_of(&pinx);
    let page = || String::from_utf8(pinx.read("compare-a-red-fox/index.html")).unwrap();
    pinx.run(&["vote", &run, "flux-schnell"]).exits(2).says("no image to be judged");
    let vote = pinx.run(&["vote", &run, "sketch"]).exits(0).says("pending");
    assert!(page().contains("Verdict: pinx/sketch"), "{vote}");
    let recovered = pinx.run(&["recover"]).exits(0);
    assert!(recovered.stdout.ends_with("compare-a-red-fox/fal-flux-schnell.jpg\n"), "{recovered}");
    let vote = pinx.run(&["vote", &run, "flux-schnell"]).exits(0);
    assert_eq!(fal.posts(), 1, "{vote}");
    assert!(page().contains("Verdict: fal/flux-schnell"), "{vote}");
}

const PROMPTS: &str = "{\"id\":\"fox\",\"prompt\":\"a red fox\",\"tags\":[\"pets\"]}\n\
                       {\"prompt\":\"an owl\",\"model\":\"fal/flux-dev\"}\n";

#[test]
fn every_prompt_of_a_file_with_every_model() {
    let (openai, fal, pinx) = world();
    let pinx = pinx.file("p.jsonl", PROMPTS);
    openai.next(Kind::Images, refused());
    let args = ["compare", "--batch", "p.jsonl", "-m", THREE, "-s", "512x512", "-j", "1"];
    let output = pinx.run(&args).exits(4).says("models, fallbacks and file names of the file");
    let output = output.prints(&[
        "compare-p/001-fal-flux-schnell.jpg",
        "compare-p/001-pinx-sketch.png",
        "compare-p/002-openai-gpt-image-2.png",
        "compare-p/002-fal-flux-schnell.jpg",
        "compare-p/002-pinx-sketch.png",
        "compare-p/index.html",
    ]);
    assert_eq!((openai.posts(), fal.posts()), (2, 2), "{output}");
    let row = output.stderr.lines().find(|line| line.starts_with("openai/gpt-image-2 ")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[1..3], ["1", "1"], "{output}");
    let run = run_of(&pinx);
    pinx.run(&["vote", &run, "flux-schnell"]).exits(2).says("--prompt");
    pinx.run(&["vote", &run, "flux-schnell", "--prompt", "fix"]).exits(2).says("fox");
    pinx.run(&["vote", &run, "flux-schnell", "--prompt", "fox"]).exits(0);
    let vote = pinx.run(&["vote", &run, "tie", "--prompt", "2", "--json"]).exits(0);
    assert_eq!(vote.json()["verdict"]["judgement"], "tie");
    let page = String::from_utf8(pinx.read("compare-p/index.html")).unwrap();
    assert!(page.contains("2 of 2 prompts are judged") && page.contains("an owl"), "{vote}");
    // A row a prompt, with its number, what was judged, and what judges it anew.
    for row in
        ["id=\"prompt-1\"", "<span class=\"number\">2</span> an owl", "Verdict: fal/flux-schnell"]
    {
        assert!(page.contains(row), "{row}");
    }
    let votes: Vec<&str> =
        page.split("data-copy=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(votes[0], format!("pinx vote {run} fal/flux-schnell --prompt 1"), "{votes:?}");
    assert_eq!(votes.last().unwrap(), &format!("pinx vote {run} none --prompt 2"));
    assert_eq!(votes.len(), 4 + 5, "a model without an image is nobody's choice");
}

#[test]
fn a_file_is_checked_whole_before_anything_is_paid() {
    let (openai, fal, pinx) = world();
    let pinx = pinx.file(
        "p.jsonl",
        "{\"prompt\":\"a fox\"}\n{\"prompt\":\"\"}\n{\"prompt\":\"x\",\"max_cost\":0.001}\n",
    );
    let args = ["compare", "--batch", "p.jsonl", "-m", THREE, "--json"];
    let output = pinx.run(&args).exits(2).leaves(&["p.jsonl"]).says("2 faults");
    let problems = output.json()["problems"].clone();
    assert_eq!((&problems[0]["line"], &problems[1]["line"]), (&json!(2), &json!(3)), "{output}");
    assert_eq!((openai.posts(), fal.posts()), (0, 0));
}

#[test]
fn a_blind_file_is_told_prompt_by_prompt() {
    let (_openai, _fal, pinx) = world();
    let pinx = pinx.file("p.txt", "a red fox\nan owl\n");
    let args = ["compare", "--batch", "p.txt", "-m", THREE, "--blind", "-o", "compare-a-red-fox"];
    let output = pinx.run(&args).exits(0).says("2 of 2 prompts are not judged");
    tells_nothing(&pinx, &output);
    let run = run_of(&pinx);
    let first = pinx.run(&["vote", &run, "A", "--prompt", "1"]).exits(0).says("1 of 2 prompts");
    let last = pinx.run(&["vote", &run, "C", "--prompt", "2"]).exits(0).says("p50 time");
    assert!(first.stderr.contains("verdict: ") && last.stderr.contains("best"), "{last}");
}
