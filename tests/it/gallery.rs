//! `batch --gallery`: a page of the whole batch, in the order of the file, whatever became of it.

use std::fs;

use crate::fake::openai::{OpenAi, error, refused};
use crate::fake::{Gate, Kind};
use crate::pinx::{Output, Pinx};

const SKETCH: [&str; 8] =
    ["batch", "zoo.txt", "-m", "pinx/sketch", "-s", "64x64", "--gallery", "web/zoo.html"];
const PAID: [&str; 8] =
    ["batch", "zoo.txt", "-m", "openai/gpt-image-2", "--gallery", "zoo.html", "--retries", "0"];

/// What a page shows of each job: its prompt, then the word of a failure or the link to its file.
fn cards(page: &str) -> Vec<(String, String)> {
    let between = |text: &str, from: &str, to: &str| -> Option<String> {
        Some(text.split_once(from)?.1.split_once(to)?.0.to_owned())
    };
    let one = |card: &str| {
        let came = between(card, "<strong>", "</strong>").or(between(card, "href=\"", "\""));
        (between(card, "<h2 dir=\"auto\">", "</h2>").unwrap(), came.unwrap_or_default())
    };
    page.split("<article").skip(1).map(one).collect()
}

fn page(pinx: &Pinx, name: &str) -> String {
    String::from_utf8(pinx.read(name)).unwrap()
}

/// The sums of a page, without its run and its time.
fn sums(page: &str) -> Vec<&str> {
    let line = page.split_once("class=\"totals\">").unwrap().1.split_once("</p>").unwrap().0;
    let parts = line.split("<span>").skip(1).map(|part| part.split_once("</span>").unwrap().0);
    let is_fixed =
        |part: &&str| !part.starts_with("run ") && !part.ends_with(" s") && !part.ends_with(" ms");
    parts.filter(is_fixed).collect()
}

fn pair(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

fn no_part_is_left(output: &Output) {
    assert!(!output.files.iter().any(|file| file.contains(".pinx-")), "{output}");
}

#[test]
fn the_whole_batch_is_shown_also_what_was_made_before() {
    let zoo = "a red fox\nan owl <script>\na bear\n";
    let pinx = Pinx::new().file("zoo.txt", zoo);
    let output = pinx.run(&[&SKETCH[..], &["-o", "out/", "--limit", "2"]].concat()).exits(0);
    let files = ["out/001-a-red-fox.png", "out/002-an-owl-script.png"];
    let output = output.prints(&files).says("gallery: web/zoo.html");
    no_part_is_left(&output);
    let first = page(&pinx, "web/zoo.html");
    let fox = pair("a red fox", "../out/001-a-red-fox.png");
    let owl = pair("an owl &lt;script&gt;", "../out/002-an-owl-script.png");
    assert_eq!(cards(&first), [fox.clone(), owl]);
    assert_eq!(sums(&first), ["2 images", "free"]);
    assert_eq!(first.matches("src=\"data:image/jpeg;base64,").count(), 2);

    fs::remove_file(pinx.work().join("out/002-an-owl-script.png")).unwrap();
    let again = [&SKETCH[..], &["-o", "out/", "--force"]].concat();
    pinx.run(&again).exits(0).prints(&["out/001-a-red-fox.png", "out/003-a-bear.png"]);
    let second = page(&pinx, "web/zoo.html");
    let gone = pair("an owl &lt;script&gt;", "File gone");
    assert_eq!(cards(&second), [fox, gone, pair("a bear", "../out/003-a-bear.png")]);
    let counted = ["2 images", "1 made before", "1 without an image", "free"];
    assert_eq!(sums(&second), counted);
}

#[test]
fn failures_stand_in_their_place_with_their_reason() {
    let fake = OpenAi::start();
    fake.always_with(Kind::Images, |request, usual| match request.json["prompt"].as_str() {
        Some("a bear") => refused(),
        Some("a wolf") => error(400, "bad_size", "no such <size>"),
        _ => usual,
    });
    let zoo = "{\"prompt\":\"a fox\",\"id\":\"hero\",\"tags\":[\"sea\"]}\n{\"prompt\":\"a bear\"}\n\
        {\"prompt\":\"a wolf\"}\n";
    let pinx = Pinx::new().openai(&fake).file("zoo.jsonl", zoo);
    let args = [&PAID[2..], &["-q"]].concat();
    let output = pinx.run(&[&["batch", "zoo.jsonl", "--json"], &args[..]].concat()).exits(4);
    let document = output.json();
    let place = pinx.work().canonicalize().unwrap().join("zoo.html");
    assert_eq!(document["gallery"], place.display().to_string());
    let text = page(&pinx, "zoo.html");
    let expected = [pair("a fox", "hero.png"), pair("a bear", "Refused"), pair("a wolf", "Failed")];
    assert_eq!(cards(&text), expected);
    assert!(text.contains("no such &lt;size&gt;") && !text.contains("<size>"), "{output}");
    assert!(text.contains("<li>hero</li><li>sea</li>"), "names and tags are shown");
    assert_eq!(document["totals"]["cost"], 0.05272);
    let counted = ["1 image", "1 refused", "1 failed", "$0.0527", "$0.0527 maybe billed"];
    assert_eq!(sums(&text), counted, "as the closing line says");
    // Refused before: still shown with the provider's words, and nothing is paid.
    pinx.run(&[&["batch", "zoo.jsonl", "--force"], &args[..]].concat()).exits(4);
    assert_eq!((cards(&page(&pinx, "zoo.html")), fake.posts()), (expected.to_vec(), 3));
    assert!(page(&pinx, "zoo.html").contains("no such &lt;size&gt;"));
}

#[test]
fn the_order_is_that_of_the_file() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Images, move |request, usual| match &request.json["prompt"] {
        prompt if prompt == "a fox" => usual.behind(&held),
        _ => usual,
    });
    let pinx = Pinx::new().openai(&fake).file("zoo.txt", "a fox\nan owl\na bear\n");
    let running = pinx.command(&[&PAID[..], &["-j", "2"]].concat()).spawn();
    fake.wait_for(Kind::Images, 3);
    gate.open();
    no_part_is_left(&running.finish().exits(0));
    let prompts: Vec<String> =
        cards(&page(&pinx, "zoo.html")).into_iter().map(|(prompt, _)| prompt).collect();
    assert_eq!(prompts, ["a fox", "an owl", "a bear"]);
}

#[test]
fn after_an_interrupt_it_shows_what_is_there() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Images, move |request, usual| match &request.json["prompt"] {
        prompt if prompt == "an owl" => usual.behind(&held),
        _ => usual,
    });
    let pinx = Pinx::new().openai(&fake).file("zoo.txt", "a fox\nan owl\na bear\n");
    let running = pinx.command(&[&PAID[..], &["-j", "1"]].concat()).spawn();
    fake.wait_for(Kind::Images, 2);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    gate.open();
    let output = running.finish().exits(130).says("gallery: zoo.html");
    no_part_is_left(&output);
    let text = page(&pinx, "zoo.html");
    assert_eq!(cards(&text), [pair("a fox", "001-a-fox.png"), pair("an owl", "002-an-owl.png")]);
    assert!(sums(&text).contains(&"1 not begun"), "{:?}", sums(&text));
}

#[test]
fn what_cannot_be_a_gallery_is_refused_before_paying() {
    let fake = OpenAi::start();
    let pinx = Pinx::new()
        .openai(&fake)
        .file("zoo.txt", "a fox\n")
        .file("taken.html", "mine")
        .file("folder.html/x", "")
        .file("jobs.html", "");
    for (name, force, said) in [
        ("taken.html", false, "the gallery `taken.html` exists already"),
        ("zoo.txt", true, "the gallery `zoo.txt` is no name for a page"),
        ("folder.html", true, "the gallery `folder.html` is no name for a page"),
        ("zoo.png", false, "--gallery gallery.html"),
        ("taken.html/zoo.html", false, "the gallery cannot be written in `taken.html`"),
    ] {
        let mut args =
            vec!["batch", "zoo.txt", "-m", "openai/gpt-image-2", "-o", "out/", "--gallery", name];
        args.extend(force.then_some("--force"));
        pinx.run(&args).exits(2).says(said);
    }
    assert_eq!((fake.posts(), pinx.read("taken.html")), (0, b"mine".to_vec()));
    let args = [&PAID[..4], &["--gallery", "taken.html", "--force"]].concat();
    pinx.run(&args).exits(0);
    assert_eq!(cards(&page(&pinx, "taken.html")).len(), 1, "and replaced where that is asked for");
}

#[test]
fn a_page_is_put_in_the_place_of_its_own_kind_alone() {
    let pinx = Pinx::new().file("zoo.txt", "a fox\n");
    let tiny = ["-m", "pinx/sketch", "-s", "64x64"];
    let gallery = |page: &str, force: &[&str]| {
        let args = ["batch", "zoo.txt", "-o", "out/", "--gallery", page];
        pinx.run(&[&args[..], &tiny, force].concat())
    };
    gallery("zoo.html", &[]).exits(0);
    pinx.run(&["stats", "--html", "figures.html"]).exits(0);
    let styles = ["compare", "a fox", "--style", "voxel-3d,blueprint", "-o", "styles/"];
    pinx.run(&[&styles[..], &tiny].concat()).exits(0);
    for (page, kind) in
        [("figures.html", "is a page of statistics"), ("styles/index.html", "is a comparison")]
    {
        gallery(page, &[]).exits(2).says(&format!("`{page}` exists already and {kind}"));
    }
    for (page, kind) in [("zoo.html", "is a gallery"), ("styles/index.html", "is a comparison")] {
        let told = format!("`{page}` exists and {kind}");
        pinx.run(&["stats", "--html", page]).exits(2).says(&told).says("`--force` replaces it");
    }
    gallery("zoo.html", &[]).exits(0);
    gallery("figures.html", &["--force"]).exits(0);
    pinx.run(&["stats", "--html", "zoo.html", "--force"]).exits(0);
}

#[test]
fn a_rehearsal_has_a_gallery_and_a_mere_plan_has_none() {
    let pinx = Pinx::new().openai(&OpenAi::start()).file("zoo.txt", "a fox\nan owl\n");
    let plan = [&PAID[..6], &["--dry-run"]].concat();
    pinx.run(&plan).exits(0).leaves(&["zoo.txt"]);
    pinx.run(&[&plan[..], &["--sketch", "-s", "64x64"]].concat()).exits(0);
    let text = page(&pinx, "zoo.html");
    assert_eq!(cards(&text), [pair("a fox", "001-a-fox.png"), pair("an owl", "002-an-owl.png")]);
    assert_eq!(text.matches("<li>sketch</li>").count(), 2, "they are told from real images");
}

#[test]
fn a_gallery_that_cannot_be_written_is_told_and_the_images_are_there() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.next_with(Kind::Images, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().openai(&fake).file("zoo.txt", "a fox\n").file("web/x", "");
    let args = [&PAID[..4], &["--gallery", "web/zoo.html", "-o", "out/"]].concat();
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Images, 1);
    fs::remove_dir_all(pinx.work().join("web")).unwrap();
    gate.open();
    let output = running.finish().exits(7).says("the gallery `web/zoo.html` cannot be written");
    assert_eq!(output.files, ["out/001-a-fox.png", "zoo.txt"]);
}

#[test]
fn a_name_taken_meanwhile_is_left_alone() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.next_with(Kind::Images, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().openai(&fake).file("zoo.txt", "a fox\n");
    let running = pinx.command(&PAID).spawn();
    fake.wait_for(Kind::Images, 1);
    fs::write(pinx.work().join("zoo.html"), "mine").unwrap();
    gate.open();
    running.finish().exits(0).says("gallery: zoo-2.html");
    assert_eq!(
        (pinx.read("zoo.html"), cards(&page(&pinx, "zoo-2.html")).len()),
        (b"mine".to_vec(), 1)
    );
}

#[test]
fn the_same_command_again_makes_its_own_page_anew_and_no_other() {
    let pinx = Pinx::new().file("p.txt", "a fox\n");
    let args = ["batch", "p.txt", "-m", "pinx/sketch", "--gallery", "g.html"];
    pinx.run(&args).exits(0);
    let pinx = pinx.file("p.txt", "a fox\nan owl\n");
    pinx.run(&args).exits(0);
    let text = page(&pinx, "g.html");
    assert_eq!(cards(&text).len(), 2);
    // A page that somebody has written into is theirs.
    let changed = text.replacen("an owl", "our owl", 1);
    let pinx = pinx.file("g.html", &changed);
    pinx.run(&args).exits(2).says("exists already");
    assert_eq!(page(&pinx, "g.html"), changed);
}
