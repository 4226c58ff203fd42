//! What is made again although it is there: only what the user names, once, and in its place.

use serde_json::Value;

use crate::batch::{batch, images, world};
use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, refused, with_image};
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::Pinx;

const NAMES: [&str; 3] = ["001-fox-number-1.png", "002-fox-number-2.png", "003-fox-number-3.png"];

#[test]
fn fault_85_force_alone_pays_for_nothing_twice_and_says_how() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 3);
    batch(&pinx, &["p.txt"]).exits(0).prints(&NAMES);
    for _ in 0..2 {
        batch(&pinx, &["p.txt", "--force"])
            .exits(0)
            .prints(&NAMES)
            .says("3 done before")
            .says("`--only ID --force` makes one again, `--only '*' --force` all of them");
    }
    assert_eq!(fake.posts(), 3);
}

#[test]
fn fault_85_what_is_named_is_made_again_in_its_place_and_once() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 3);
    batch(&pinx, &["p.txt"]).exits(0);
    let before = NAMES.map(|name| pinx.read(name));
    let again = ["p.txt", "--only", "2", "--force"];
    batch(&pinx, &[&again[..], &["--dry-run"]].concat())
        .exits(0)
        .prints(&["002-fox-number-2.png\topenai/gpt-image-2\t1024x1024\t$0.0527"])
        .says("1 made before, and made again");
    fake.answers(with_image(&image::marked(7)));
    batch(&pinx, &again).exits(0).prints(&NAMES[1..2]);
    let now = NAMES.map(|name| pinx.read(name));
    let changed: Vec<bool> = now.iter().zip(&before).map(|(now, before)| now != before).collect();
    assert_eq!((changed, fake.posts()), (vec![false, true, false], 4));
    // Then all of it is done, and all of it can be made again.
    batch(&pinx, &["p.txt"]).exits(0).prints(&NAMES).says("3 done before");
    batch(&pinx, &["p.txt", "--only", "*", "--force"]).exits(0).prints(&NAMES);
    assert_eq!((fake.posts(), images(&pinx)), (7, 3));
    // A refusal leaves what is there.
    let made = pinx.read(NAMES[0]);
    fake.answers(refused());
    batch(&pinx, &["p.txt", "--only", "1", "--force"]).exits(5);
    assert!(pinx.read(NAMES[0]) == made);
    batch(&pinx, &["p.txt"]).exits(0).says("3 done before");
    assert_eq!(fake.posts(), 8);
}

#[test]
fn fault_85_what_was_named_by_an_earlier_version_keeps_its_place() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", "{\"prompt\":\"a fox\"}");
    batch(&pinx, &["j.jsonl"]).exits(0).prints(&["001-a-fox.png"]);
    let pinx = pinx.file("j.jsonl", "{\"prompt\":\"a fox\",\"id\":\"hero\"}");
    batch(&pinx, &["j.jsonl", "--only", "hero", "--force"]).exits(0).prints(&["001-a-fox.png"]);
    assert_eq!((fake.posts(), images(&pinx)), (2, 1));
    std::fs::remove_file(pinx.work().join("001-a-fox.png")).unwrap();
    batch(&pinx, &["j.jsonl", "--only", "hero", "--force"]).exits(0).prints(&["hero.png"]);
    assert_eq!((fake.posts(), images(&pinx)), (3, 1));
}

#[test]
fn fault_85_while_an_attempt_to_make_it_again_is_open_none_is_begun() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    batch(&pinx, &["p.txt"]).exits(0);
    fake.answers(Answer::dropped());
    let again = ["p.txt", "--only", "1", "--force", "--retries", "0"];
    batch(&pinx, &again).exits(75);
    assert_eq!(fake.posts(), 3);
    batch(&pinx, &again).exits(75).says("1 open").says("pinx recover");
    // The batch itself has all its images.
    batch(&pinx, &["p.txt"]).exits(0).says("2 done before");
    assert_eq!(fake.posts(), 3);
    pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0);
    batch(&pinx, &again).exits(0).prints(&NAMES[..1]);
    assert_eq!((fake.posts(), images(&pinx)), (4, 2));
}

#[test]
fn fault_85_what_was_paid_for_and_is_in_a_queue_is_collected_instead() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake).file("p.txt", "a fox\nan owl\n");
    let args = ["batch", "p.txt", "-m", "fal/flux-schnell", "--no-fallback"];
    pinx.run(&args).exits(0);
    let asked = fake.requests(Kind::Status).len();
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let again = [&args[..], &["--only", "1", "--force"]].concat();
    let running = pinx.command(&again).spawn();
    fake.wait_for(Kind::Status, asked + 1);
    running.signal("KILL");
    running.finish().exits(-1);
    gate.open();
    let output = pinx.run(&again).exits(0).says("1 of an earlier run recovered");
    assert_eq!(fake.posts(), 3, "{output}");
    let done = pinx.entries("done");
    let first: Vec<&Value> = done.iter().filter(|entry| entry["prompt"] == "a fox").collect();
    assert_eq!(first.len(), 2, "{done:#?}");
    pinx.run(&args).exits(0).says("2 done before");
    assert_eq!(fake.posts(), 3);
}
