//! Comparisons that are made from pictures: who cannot is named before anything is paid, and the
//! original stands beside what was made of it.

use std::fs;

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

const TWO: &str = "openai/gpt-image-2,openai/gpt-image-1.5";

fn world(openai: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(openai).file("shots/.keep", "");
    for (name, width) in [("mug.png", 64), ("shots/cup.png", 48), ("shots/pot.png", 80)] {
        fs::write(pinx.work().join(name), image::bytes(width, 64, "png")).unwrap();
    }
    pinx
}

fn page(pinx: &Pinx, name: &str) -> String {
    String::from_utf8(pinx.read(name)).unwrap()
}

#[test]
fn the_original_stands_beside_what_is_made_from_it() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let compare = ["compare", "at dusk", "-i", "mug.png", "-m", TWO, "-o", "dusk/"];
    let document = pinx.run(&[&compare[..], &["--json"]].concat()).exits(0).json();
    for job in document["jobs"].as_array().unwrap() {
        assert_eq!((&job["inputs"][0]["width"], &job["status"]), (&64.into(), &"done".into()));
    }
    let sheet = |name: &str| image::size_of(&pinx.read(name)).1;
    let index = page(&pinx, "dusk/index.html");
    assert_eq!(index.matches("<article").count(), 3, "an original and two images");
    let place = |told: &str| index.find(told).unwrap();
    assert!(place("the original") < place("openai/gpt-image-2"));
    // It counts for no image and for no choice.
    assert_eq!(document["totals"]["images"], 2);
    assert_eq!(index.matches("data-copy=\"pinx vote").count(), 4, "two models, a tie, none");
    let run = document["run"].as_str().unwrap();
    pinx.run(&["vote", run, "the original"]).exits(2);
    pinx.run(&["vote", run, "openai/gpt-image-1.5"]).exits(0);
    assert!(page(&pinx, "dusk/index.html").contains("the original"));
    // Without it the sheet is drawn as it always was.
    fs::remove_file(pinx.work().join("mug.png")).unwrap();
    pinx.run(&["vote", run, "openai/gpt-image-2"]).exits(0);
    let without = page(&pinx, "dusk/index.html");
    assert!(!without.contains("the original") && without.matches("<article").count() == 2);
    assert!(sheet("dusk/sheet.png") > 0);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn who_takes_no_pictures_is_named_before_anything_is_paid() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = world(&openai).fal(&fal);
    let models = "openai/gpt-image-2,fal/flux-schnell";
    pinx.run(&["compare", "at dusk", "-i", "mug.png", "-m", models])
        .exits(2)
        .says("fal/flux-schnell takes no pictures");
    let prompts = ["compare", "-i", "-", "-m", TWO];
    pinx.command(&prompts).stdin("a fox").run().exits(2).says("stdin is one picture");
    assert!(openai.all().is_empty() && fal.all().is_empty());
}

#[test]
fn each_prompt_of_a_file_has_pictures_of_its_own() {
    let fake = OpenAi::start();
    let lines = "{\"prompt\":\"at dusk\",\"image\":\"cup.png\"}\n\
                 {\"prompt\":\"at noon\",\"images\":[\"pot.png\",\"cup.png\"]}\n\"a fox\"\n";
    let pinx = world(&fake).file("shots/p.jsonl", lines);
    let compare = ["compare", "--batch", "shots/p.jsonl", "-m", TWO, "-o", "all/"];
    pinx.run(&compare).exits(0);
    let sent = fake.requests(Kind::Images).into_iter().map(|request| {
        let files = request.form.iter().filter(|part| part.filename.is_some());
        let widths = files.map(|part| image::size_of(&part.bytes).0).collect::<Vec<_>>();
        (request.json["prompt"].as_str().unwrap().to_owned(), widths)
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    let of = |prompt: &str, widths: &[u32]| (prompt.to_owned(), widths.to_vec());
    let [fox, dusk, noon] = [of("a fox", &[]), of("at dusk", &[48]), of("at noon", &[80, 48])];
    assert_eq!(sent, [&fox, &fox, &dusk, &dusk, &noon, &noon].map(Clone::clone));
    let index = page(&pinx, "all/index.html");
    assert_eq!(index.matches("<article").count(), 9);
    assert!(index.contains("the original, image 2"));
    let wrong = pinx.file("shots/p.jsonl", "\"a fox\"\n{\"prompt\":\"x\",\"image\":\"cap.png\"}\n");
    let output = wrong.run(&compare[..5]).exits(2);
    output.says("p.jsonl:2: image 1: there is no file `cap.png`; did you mean `cup.png`?");
    assert_eq!(fake.posts(), 6);
}
