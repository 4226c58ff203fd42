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
fn fault_85_what_took_its_place_before_the_log_had_it_is_found_there() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    batch(&pinx, &["p.txt"]).exits(0);
    let first = pinx.entries("done").remove(0)["run"].clone();
    fake.answers(with_image(&image::marked(7)));
    let again = ["p.txt", "--only", "1", "--force"];
    batch(&pinx, &again).exits(0);
    // As where the process is killed in between.
    pinx.forget_all(|entry| entry["e"] == "done" && entry["run"] != first);
    pinx.run(&["recover"]).exits(0).says("1 recovered, nothing is open any more");
    assert_eq!(image::mark(&pinx.read(NAMES[0])).ok(), Some(7));
    batch(&pinx, &["p.txt"]).exits(0).prints(&NAMES[..2]).says("2 done before");
    assert_eq!((fake.posts(), images(&pinx), pinx.entries("done").len()), (3, 2, 3));
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

#[test]
fn fault_86_a_rehearsal_draws_over_nothing_but_drawings() {
    let rehearsal = ["j.jsonl", "-o", "o/", "--dry-run", "--sketch", "--force"];
    let owl = "{\"prompt\":\"an owl\",\"id\":\"o\"}\n";
    let jobs = |prompt: &str| format!("{{\"prompt\":\"{prompt}\",\"id\":\"f\"}}\n{owl}");
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &jobs("a fox"));
    batch(&pinx, &["j.jsonl", "-o", "o/"]).exits(0);
    let names = ["o/f.png", "o/o.png"];
    let made = names.map(|name| pinx.read(name));
    // The same job, an edited one, and one whose place its file names; in this home and in another.
    let named = format!("{{\"prompt\":\"a cat\",\"output\":\"f.png\"}}\n{owl}");
    let elsewhere = pinx.root().join("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    let mut pinx = pinx;
    for text in [jobs("a fox"), jobs("a red fox"), named] {
        pinx = pinx.file("j.jsonl", &text);
        let args = [&["batch"], &rehearsal[..], &["-m", "openai/gpt-image-2"]].concat();
        let new = pinx.command(&args).env("PINX_HOME", elsewhere).run().exits(0);
        new.prints(&[]).says("2 images are there already and stay");
        batch(&pinx, &rehearsal).exits(0);
        assert!(names.map(|name| pinx.read(name)) == made, "{text}");
    }
    batch(&pinx, &rehearsal).says("1 image is there already and stays").says("1 done before");
    // What only has the name is nobody's drawing.
    let pinx = pinx.file("j.jsonl", &jobs("a fox")).file("p/f.png", "a letter");
    std::fs::write(pinx.work().join("p/o.png"), image::marked(9)).unwrap();
    let args = ["j.jsonl", "-o", "p/", "--dry-run", "--sketch", "--force"];
    batch(&pinx, &args).exits(0).prints(&[]).says("2 images are there already and stay");
    assert!(pinx.read("p/f.png") == b"a letter" && pinx.read("p/o.png") == image::marked(9));
    assert_eq!((fake.posts(), images(&pinx)), (2, 4));
}

#[test]
fn fault_86_a_drawing_makes_room_for_another_until_it_is_taken_for_the_image() {
    let fake = OpenAi::start();
    let jobs = |prompt: &str| format!("{{\"prompt\":\"{prompt}\",\"id\":\"f\"}}\n");
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &jobs("a fox"));
    let rehearsal = ["j.jsonl", "--dry-run", "--sketch", "--force"];
    batch(&pinx, &rehearsal).exits(0).prints(&["f.png"]);
    let first = pinx.read("f.png");
    let pinx = pinx.file("j.jsonl", &jobs("a sailing ship"));
    batch(&pinx, &rehearsal).exits(0).prints(&["f.png"]);
    let second = pinx.read("f.png");
    assert!(first != second);
    // Where the rehearsal is not known, it is taken by its name.
    let elsewhere = pinx.root().join("elsewhere").display().to_string();
    let pinx = pinx.env("PINX_HOME", elsewhere);
    batch(&pinx, &["j.jsonl", "--adopt"]).exits(0);
    let pinx = pinx.file("j.jsonl", &jobs("a red house"));
    batch(&pinx, &rehearsal).exits(0).prints(&[]).says("1 image is there already and stays");
    assert!(pinx.read("f.png") == second);
    assert_eq!((fake.posts(), images(&pinx)), (0, 1));
}

#[test]
fn what_a_changed_job_leaves_beside_it_is_told_before_and_after() {
    let fake = OpenAi::start();
    let rows = |words: &str| {
        format!(
            "{{\"id\":\"f\",\"prompt\":\"a {words}fox\"}}\n{{\"id\":\"o\",\"prompt\":\"an owl\"}}\n"
        )
    };
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &rows(""));
    let args = ["j.jsonl", "-o", "out/"];
    batch(&pinx, &args).exits(0).prints(&["out/f.png", "out/o.png"]);
    let pinx = pinx.file("j.jsonl", &rows("red "));
    let told = "its name is taken by an earlier image, which stays: `out/f-2.png` beside \
                `out/f.png`; `--force` replaces what is there";
    batch(&pinx, &[&args[..], &["--dry-run"]].concat()).exits(0).says(told);
    let document = batch(&pinx, &[&args[..], &["--dry-run", "--json"]].concat()).exits(0).json();
    assert!(document["notices"].to_string().contains("f-2.png"), "{document}");
    batch(&pinx, &args)
        .exits(0)
        .prints(&["out/f-2.png", "out/o.png"])
        .says(told)
        .says("the earlier images stay: `out/f-2.png` beside `out/f.png`");
    let pinx = pinx.file("j.jsonl", &rows("grey "));
    let before = pinx.read("out/f.png");
    batch(&pinx, &[&args[..], &["--force"]].concat())
        .exits(0)
        .prints(&["out/f.png", "out/o.png"])
        .never_says("earlier image");
    assert_ne!(pinx.read("out/f.png"), before);
    assert_eq!(fake.posts(), 4);
}

#[test]
fn the_models_of_a_file_go_before_the_command_lines_and_that_is_told() {
    let fake = OpenAi::start();
    let lines =
        "{\"prompt\":\"a fox\",\"model\":\"openai/gpt-image-1.5\"}\n{\"prompt\":\"an owl\"}\n";
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", lines);
    batch(&pinx, &["j.jsonl", "--dry-run"]).exits(0).says(
        "`-m openai/gpt-image-2` is for jobs that name no model: 1 job names its own in the file",
    );
    batch(&pinx, &["j.jsonl", "--dry-run", "--only", "1"]).exits(0).says("has no effect");
    batch(&pinx, &["j.jsonl", "--dry-run", "--only", "2"]).exits(0).never_says("no model");
    pinx.run(&["batch", "j.jsonl", "--dry-run"]).exits(0).never_says("no model");
}

#[test]
fn a_name_of_one_image_is_no_place_for_many_and_what_is_gone_is_told() {
    let pinx = Pinx::new().file("p.txt", "a fox\nan owl\n");
    let draw = |more: &[&str]| {
        pinx.run(&[&["batch", "p.txt", "-m", "pinx/sketch", "-s", "64x64"], more].concat())
    };
    draw(&["-o", "all.png"])
        .exits(2)
        .says("`all.png` names one file, and a batch makes many")
        .says("`-o all/` is a directory for them, `-o \"all-{number}.{ext}\"` gives each a name")
        .leaves(&["p.txt"]);
    draw(&["-o", "out/"]).exits(0).says("2  done     free");
    std::fs::remove_file(pinx.work().join("out/001-a-fox.png")).unwrap();
    let document = draw(&["-o", "out/", "--json"]).exits(0).says("1 whose file is gone").json();
    assert_eq!(document["status"], "partial");
    std::fs::remove_file(pinx.work().join("out/002-an-owl.png")).unwrap();
    draw(&["-o", "out/"]).exits(0).says("2 whose files are gone");
    // A directory of such a name is one.
    std::fs::create_dir(pinx.work().join("all.png")).unwrap();
    draw(&["-o", "all.png"]).exits(0);
}

/// What another image was saved over is no job's any more, whichever command did it.
#[test]
fn fault_98_an_image_that_another_one_replaced_is_not_said_to_be_done() {
    let fake = OpenAi::start();
    let line = |prompt: &str| format!("{{\"id\":\"1\",\"prompt\":\"{prompt}\"}}\n");
    let batched = |pinx: &Pinx, file: &str, more: &[&str]| {
        batch(pinx, &[&[file, "-o", "out/"], more].concat())
    };
    let generate = ["generate", "an owl", "-m", "openai/gpt-image-2", "-o", "out/1.png", "--force"];
    let replace: [&dyn Fn(&Pinx); 4] = [
        &|pinx| drop(batched(pinx, "b.jsonl", &["--force"]).exits(0)),
        &|pinx| drop(batched(pinx, "b.jsonl", &["--force", "--only", "1"]).exits(0)),
        &|pinx| drop(pinx.run(&generate).exits(0).prints(&["out/1.png"])),
        &|pinx| {
            drop(batched(pinx, "b.jsonl", &["--force"]).exits(0));
            drop(batched(pinx, "b.jsonl", &["--force", "--only", "1"]).exits(0));
        },
    ];
    for (number, replace) in replace.into_iter().enumerate() {
        let pinx = Pinx::new().openai(&fake).file("a.jsonl", &line("a fox"));
        let pinx = pinx.file("b.jsonl", &line("a cat"));
        batched(&pinx, "a.jsonl", &[]).exits(0).prints(&["out/1.png"]);
        batched(&pinx, "a.jsonl", &[]).exits(0).says("1 done before");
        fake.answers(with_image(&image::marked(7)));
        replace(&pinx);
        let (posts, now) = (fake.posts(), pinx.read("out/1.png"));
        let told = batched(&pinx, "a.jsonl", &[]).exits(0).prints(&[]);
        told.says("1 whose file is gone")
            .says("its place holds another image now: `out/1.png`")
            .says("--redo-missing");
        assert_eq!(fake.posts(), posts, "{number}");
        // It goes beside what is there now, and both are done.
        batched(&pinx, "a.jsonl", &["--redo-missing"]).exits(0).prints(&["out/1-2.png"]);
        batched(&pinx, "a.jsonl", &[]).exits(0).prints(&["out/1-2.png"]).says("1 done before");
        assert_eq!((fake.posts(), pinx.read("out/1.png")), (posts + 1, now), "{number}");
    }
}

#[test]
fn fault_98_what_is_taken_by_its_name_replaces_nothing() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\n");
    let run = |model: &str, more: &[&str]| {
        let args = ["batch", "p.txt", "--no-fallback", "-o", "out/", "-m", model];
        pinx.run(&[&args[..], more].concat())
    };
    let names = ["out/001-a-fox.png"];
    run("openai/gpt-image-2", &[]).exits(0).prints(&names);
    // The same model by another name is another job, and takes the same file.
    run("gpt-image-2", &["--adopt"]).exits(0).prints(&names).says("1 adopted");
    for model in ["openai/gpt-image-2", "gpt-image-2"] {
        run(model, &[]).exits(0).prints(&names).says("1 done before");
    }
    assert_eq!(fake.posts(), 1);
}
