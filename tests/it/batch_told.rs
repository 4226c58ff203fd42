//! What a batch says of its lines: all that is wrong at once and in their order, what is read in another
//! way with the lines that it is about, and images that keep other names than their jobs have now.

use serde_json::{Value, json};

use crate::batch::batch;
use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::pinx::{Output, Pinx};

/// The places and the starts of what is wrong, as the document lists it.
fn problems(output: &Output) -> Vec<(u64, String)> {
    let document = output.json();
    let all = document["problems"].as_array().unwrap().clone();
    let one = |problem: &Value| {
        let message = problem["message"].as_str().unwrap();
        let words = message.split(' ').take(3).collect::<Vec<_>>().join(" ");
        (problem["line"].as_u64().unwrap(), words)
    };
    all.iter().map(one).collect()
}

#[test]
fn what_nobody_knows_the_price_of_is_never_free() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake).file("p.txt", "a fox\nan owl\n");
    let output =
        pinx.run(&["batch", "p.txt", "-m", "fal/fal-ai/brand-new/dev", "--yes", "-o", "out/"]);
    output.exits(0).says("2 images · cost unknown · ").never_says("free");
    let mixed =
        "{\"prompt\":\"a hen\",\"model\":\"fal/fal-ai/brand-new/dev\"}\n{\"prompt\":\"a cat\"}\n";
    let pinx = pinx.file("j.jsonl", mixed);
    let output = pinx.run(&["batch", "j.jsonl", "-m", "fal/flux-schnell", "--yes", "-o", "out/"]);
    output.exits(0).says("2 images · $0.003 · 1 of unknown cost · ");
}

#[test]
fn a_fault_of_the_first_row_or_of_a_key_hides_no_other() {
    let fake = OpenAi::start();
    let rows = "id,prompt,size,model,foo,prompt\na,a fox,,,x,\nb,,banana,,y,\nc,a cat,,nosuch,z,\n\
                d,a mug\na,\"a, b\",64x64,,,\n";
    let lines = "{\"id\":\"a\",\"prompt\":\"a fox\",\"foo\":1}\n\
                 {\"id\":\"b\",\"size\":\"banana\"}\n\
                 {\"id\":\"c\",\"prompt\":\"a cat\",\"model\":\"nosuch\",\"size\":\"banana\"}\n\
                 {\"id\":\"a\",\"prompt\":\"a mug\",\"foo\":2}\n";
    let pinx = Pinx::new().openai(&fake).file("t.csv", rows).file("j.jsonl", lines);
    let text = |found: &[(u64, &str)]| -> Vec<(u64, String)> {
        found.iter().map(|(line, words)| (*line, (*words).to_owned())).collect()
    };
    let told = problems(&batch(&pinx, &["t.csv", "--json"]).exits(2));
    let expected = [
        (1, "unknown column `foo`"),
        (1, "the column `prompt`"),
        (3, "the job has"),
        (3, "`banana` is not"),
        (4, "unknown model `nosuch`"),
        (5, "the row has"),
        (6, "the `id` `a`"),
    ];
    assert_eq!(told, text(&expected));
    let told = problems(&batch(&pinx, &["j.jsonl", "--json"]).exits(2));
    let expected = [
        (1, "unknown key `foo`"),
        (2, "the job has"),
        (2, "`banana` is not"),
        (3, "unknown model `nosuch`"),
        (3, "`banana` is not"),
        (4, "the `id` `a`"),
        (4, "unknown key `foo`"),
    ];
    assert_eq!(told, text(&expected));
    assert_eq!(fake.posts(), 0);
    batch(&pinx, &["t.csv"]).exits(2).says("t.csv:6: the `id` `a` is that of line 2 already");
}

#[test]
fn equal_ids_are_told_where_they_name_files() {
    let rows = |second: &str| {
        format!("{{\"id\":\"a\",\"prompt\":\"a fox\"}}\n{second}\n").replace('\'', "\"")
    };
    let pinx = Pinx::new();
    let draw = |pinx: &Pinx, more: &[&str]| {
        pinx.run(&[&["batch", "j.jsonl", "-m", "pinx/sketch", "-s", "64x64"], more].concat())
    };
    let pinx = pinx.file("j.jsonl", &rows("{'id':'a','prompt':'an owl'}"));
    for more in [&["-o", "out/"][..], &["-o", "out/{name}-x.{ext}"]] {
        draw(&pinx, more).exits(2).says("j.jsonl:2: the `id` `a` is that of line 1 already");
    }
    // Where another name is given to each, it names no file; nor do several images of one line share it.
    draw(&pinx, &["-o", "out/{number}.{ext}"]).exits(0).prints(&["out/001.png", "out/002.png"]);
    let pinx = pinx.file("j.jsonl", &rows("{'id':'a','prompt':'an owl','output':'b.png'}"));
    draw(&pinx, &["-o", "two/"]).exits(0).prints(&["two/a.png", "two/b.png"]);
    let pinx =
        pinx.file("j.jsonl", &rows("{'id':'A','prompt':'a {x}','matrix':{'x':['cup','hat']}}"));
    draw(&pinx, &["-o", "three/"]).exits(0);
    // What is done has its name already.
    let pinx = pinx.file("j.jsonl", &rows("{'id':'b','prompt':'an owl'}"));
    draw(&pinx, &["-o", "four/"]).exits(0).prints(&["four/a.png", "four/b.png"]);
    let pinx = pinx.file("j.jsonl", &rows("{'id':'a','prompt':'an owl'}"));
    draw(&pinx, &["-o", "four/"]).exits(0).prints(&["four/a.png", "four/b.png"]);
}

#[test]
fn what_is_read_in_another_way_is_told_with_its_lines() {
    let fake = OpenAi::start();
    let row = |n: usize| match n % 3 {
        0 => "{\"prompt\":\"a fox\",\"size\":\"1000x1001\"}\n".to_owned(),
        1 => format!("\"an owl {n}\"\n"),
        _ => format!("{{\"prompt\":\"a cat\",\"seed\":{n}}}\n"),
    };
    let text: String = (0..60).map(row).collect();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &text).file("p.txt", "a fox\nan owl\n");
    let plan = batch(&pinx, &["j.jsonl", "--dry-run", "--yes"]).exits(0);
    let size = "j.jsonl:1: size 1000x1001 → 1008x1008: the nearest that openai/gpt-image-2 takes";
    let plan = plan
        .says(&format!("{size} (also lines 4, 7, 10, 13, 16, 19, 22, 25, 28, 31 and 9 more)"))
        .says("j.jsonl:3: seed is left out: openai/gpt-image-2 has no seed (also lines 6, 9,");
    assert_eq!(plan.stderr.lines().count(), 4, "{plan}");
    let document = batch(&pinx, &["j.jsonl", "--dry-run", "--yes", "--json"]).exits(0).json();
    let places: Vec<&Value> =
        document["notices"].as_array().unwrap().iter().map(|notice| &notice["line"]).collect();
    assert_eq!(places, [&json!(1), &json!(3)]);
    // What is so for all of them stands without a line.
    let plan = batch(&pinx, &["p.txt", "--dry-run", "--seed", "5"]).exits(0);
    assert!(
        plan.stderr.starts_with("seed is left out: openai/gpt-image-2 has no seed\n"),
        "{plan}"
    );
}

#[test]
fn what_is_done_keeps_its_name_and_that_is_told() {
    let pinx = Pinx::new().file("t.csv", "subject,place\nfox,snow\nowl,barn\n");
    let run = |template: &str, output: &str| {
        let layout = ["batch", "t.csv", "--prompt-template", template, "-o", output];
        pinx.run(&[&layout[..], &["-m", "pinx/sketch", "-s", "64x64"]].concat())
    };
    let names = ["o/001-a-fox-in-snow.png", "o/002-a-owl-in-barn.png"];
    run("a {subject} in {place}", "o/").exits(0).prints(&names);
    run("a {subject} in {place}", "o/").exits(0).prints(&names).never_says("keeps its name");
    // Other prompts are other images.
    run("an old {subject}, {place}", "o/").exits(0).says("2 images");
    // Another name alone makes none anew.
    let told = run("a {subject} in {place}", "o/{slug}.{ext}").exits(0).prints(&names);
    told.says("2 done before").says(
        "what is done keeps its name: `o/001-a-fox-in-snow.png` (not `o/a-fox-in-snow.png`), ",
    );
    run("a {subject} in {place}", "o/{number}-{title}.{ext}").exits(0).never_says("keeps its");
    run("a {subject} in {place}", "o/{time}-{seed}.{ext}").exits(0).never_says("keeps its");
}
