//! Batches whose jobs are made from pictures of their own: found beside the file that names them,
//! looked at before anything is paid, and part of what a job is known by.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::adoption::with_a_new_home;
use crate::batch::{MODEL, batch};
use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

/// A world with pictures in `shots/`, and others of the same names where it is run.
fn world(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake).file("shots/.keep", "");
    for (place, edge) in [("shots/", 64), ("", 80)] {
        for (name, size, format) in [
            ("mug.png", (edge, 96), "png"),
            ("cup, blue.jpg", (edge, 64), "jpeg"),
            ("pot.webp", (edge, 48), "webp"),
        ] {
            let path = pinx.work().join(place.to_owned() + name);
            fs::write(path, image::bytes(size.0, size.1, format)).unwrap();
        }
    }
    for (name, left) in [("left.png", true), ("right.png", false)] {
        let mask = mask(left);
        fs::write(pinx.work().join("shots").join(name), mask).unwrap();
    }
    pinx
}

/// A mask of `mug.png`: half of it is white.
fn mask(left: bool) -> Vec<u8> {
    let mut picture = ::image::GrayImage::new(64, 96);
    let is_in = |x: u32| (x < 32) == left;
    picture.enumerate_pixels_mut().for_each(|(x, _, p)| p.0 = [if is_in(x) { 255 } else { 0 }]);
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ::image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Prompts and files of all requests for pictures, by prompt: what was sent, as names of `shots/`.
fn sent(pinx: &Pinx, fake: &OpenAi) -> Vec<(String, Vec<String>)> {
    let names = ["mug.png", "cup, blue.jpg", "pot.webp"];
    let known: Vec<(String, Vec<u8>)> = ["shots/", ""]
        .into_iter()
        .flat_map(|place| names.map(|name| place.to_owned() + name))
        .map(|name| (name.clone(), pinx.read(&name)))
        .collect();
    let name = |bytes: &[u8]| {
        let found = known.iter().find(|(_, known)| known == bytes);
        found.map_or("another".to_owned(), |(name, _)| name.replace("shots/", ""))
    };
    let mut sent: Vec<_> = fake
        .requests(Kind::Images)
        .iter()
        .map(|request| {
            let files = request.form.iter().filter(|part| part.filename.is_some());
            let files = files.map(|part| match &*part.name {
                "mask" => "mask".to_owned(),
                _ => name(&part.bytes),
            });
            (request.json["prompt"].as_str().unwrap().to_owned(), files.collect())
        })
        .collect();
    sent.sort();
    sent
}

fn is_sent(pinx: &Pinx, fake: &OpenAi, expected: &[(&str, &[&str])]) {
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(prompt, files)| {
            ((*prompt).to_owned(), files.iter().map(|file| (*file).to_owned()).collect())
        })
        .collect();
    assert_eq!(sent(pinx, fake), expected);
}

#[test]
fn each_form_names_pictures_that_lie_beside_it() {
    for (name, text) in [
        (
            "jobs.jsonl",
            "{\"prompt\":\"a\",\"image\":\"mug.png\"}\n\
             {\"prompt\":\"b\",\"images\":[\"pot.webp\",{\"image_url\":\"./cup, blue.jpg\"}]}\n\
             {\"prompt\":\"c\",\"image\":\"mug.png\",\"mask\":\"left.png\",\"mask_means\":\"white\"}\n\
             {\"prompt\":\"d\"}\n",
        ),
        (
            "jobs.csv",
            "prompt,image,images,mask,mask_means\na,mug.png,,,\n\
             b,,\"[\"\"pot.webp\"\", \"\"cup, blue.jpg\"\"]\",,\n\
             c,,mug.png,left.png,white\nd,,,,\n",
        ),
        (
            "jobs.yaml",
            "defaults: {images: [pot.webp, \"cup, blue.jpg\"]}\njobs:\n  - {prompt: a, image: mug.png}\n  \
             - prompt: b\n  - {prompt: c, image: \"{x}.png\", mask: left.png, matrix: {x: [mug]}}\n  \
             - {prompt: d, image: }\n",
        ),
        (
            "jobs.json",
            "{\"jobs\": [{\"prompt\":\"a\",\"images\":\" mug.png,\"},\n\
             {\"prompt\":\"b\",\"image\":[\"pot.webp\", \"../shots/cup, blue.jpg\"]},\n\
             {\"prompt\":\"c\",\"image\":\"mug.png\",\"mask\":\"left.png\"}, {\"prompt\":\"d\"}]}",
        ),
        (
            "jobs.toml",
            "[[jobs]]\nprompt = \"a\"\nimage = \"mug.png\"\n[[jobs]]\nprompt = \"b\"\n\
             images = [\"pot.webp\", \"cup, blue.jpg\"]\n[[jobs]]\nprompt = \"c\"\n\
             image = \"mug.png\"\nmask = \"left.png\"\n[[jobs]]\nprompt = \"d\"\n",
        ),
    ] {
        let fake = OpenAi::start();
        let pinx = world(&fake).file(&format!("shots/{name}"), text);
        let output = batch(&pinx, &[&format!("shots/{name}"), "-o", "out/"]);
        output.exits(0).says("; from 4 pictures (");
        is_sent(
            &pinx,
            &fake,
            &[
                ("a", &["mug.png"]),
                ("b", &["pot.webp", "cup, blue.jpg"]),
                ("c", &["mug.png", "mask"]),
                ("d", &[]),
            ],
        );
        let again = batch(&pinx, &[&format!("shots/{name}"), "-o", "out/"]);
        again.exits(0).says("nothing is to be made; 4 done before");
        assert_eq!(fake.posts(), 4, "{name}");
    }
}

#[test]
fn what_a_job_names_takes_the_place_of_what_the_command_line_names() {
    let fake = OpenAi::start();
    let pinx = world(&fake).file(
        "shots/p.jsonl",
        "{\"prompt\":\"a\",\"image\":\"mug.png\"}\n\"b\"\n{\"prompt\":\"c\",\"mask\":\"left.png\"}\n",
    );
    let flags = ["shots/p.jsonl", "-i", "shots/mug.png", "-i", "pot.webp", "-o", "out/"];
    batch(&pinx, &flags).exits(0).says("`-i` is for jobs that name none: 1 job names its own");
    let both = &["shots/mug.png", "pot.webp"].map(|name| name.trim_start_matches("shots/"));
    let masked: Vec<&str> = both.iter().copied().chain(["mask"]).collect();
    is_sent(&pinx, &fake, &[("a", &["mug.png"]), ("b", both), ("c", &masked)]);
    // A mask goes with the picture that it is of: that of the command line with those there.
    let flags = [&flags[..3], &["--mask", "shots/left.png", "-o", "masked/"]].concat();
    batch(&pinx, &flags).exits(0);
    let forms = fake.requests(Kind::Images).split_off(3);
    let masks = forms.iter().map(|request| request.form.iter().any(|part| part.name == "mask"));
    assert_eq!(masks.filter(|has| *has).count(), 2);
    let one = pinx.file("shots/q.jsonl", "{\"prompt\":\"a\",\"image\":\"mug.png\"}\n");
    let none = ["shots/q.jsonl", "-i", "pot.webp", "--dry-run"];
    batch(&one, &none).exits(0).says("`-i` has no effect: the file names the pictures of each job");
    // A mask alone is that of the picture of the command line.
    let one = one.file("shots/q.jsonl", "{\"prompt\":\"a\",\"mask\":\"left.png\"}\n");
    let of_flags = ["shots/q.jsonl", "-i", "shots/mug.png", "--dry-run"];
    batch(&one, &of_flags).exits(0).never_says("`-i`");
}

#[test]
fn everything_that_is_wrong_with_pictures_is_told_at_once() {
    let fake = OpenAi::start();
    let lines = [
        json!({ "prompt": "1", "image": "mgu.png" }),
        json!({ "prompt": "2", "image": "gone.png" }),
        json!({ "prompt": "3", "images": ["mug.png", "half.png"] }),
        json!({ "prompt": "4", "mask": "left.png" }),
        json!({ "prompt": "5", "image": "pot.webp", "mask": "left.png" }),
        json!({ "prompt": "6", "image": "-" }),
        json!({ "prompt": "7", "image": "@last" }),
        json!({ "prompt": "8", "image": "http://example.com/a.png" }),
        json!({ "prompt": "9", "image": "mug.png", "model": "fal/flux-schnell" }),
        json!({ "prompt": "10", "image": "gone.png" }),
        json!({ "prompt": "11", "image": "only-here.png" }),
        json!({ "prompt": "12", "image": "mug.png", "mask": "even.png" }),
    ];
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let pinx = world(&fake).file("shots/p.jsonl", &lines.join("\n"));
    let pinx = pinx.env("FAL_KEY", "fal-key-of-a-test");
    let png = pinx.read("mug.png");
    fs::write(pinx.work().join("shots/half.png"), &png[..png.len() / 2]).unwrap();
    fs::write(pinx.work().join("only-here.png"), &png).unwrap();
    fs::write(pinx.work().join("shots/even.png"), image::black(64, 96)).unwrap();
    let output = batch(&pinx, &["shots/p.jsonl"]).exits(2);
    for told in [
        "p.jsonl:1: image 1: there is no file `mgu.png`; did you mean `mug.png`?",
        "p.jsonl:2: image 1: there is no file `shots/gone.png` (also line 10)",
        "p.jsonl:3: image 2: `shots/half.png`",
        "p.jsonl:4: `mask` stands without the picture that it belongs to",
        "p.jsonl:5: the mask: `shots/left.png`",
        "`image`: a batch file names no stdin",
        "p.jsonl:7: `@last` is another image after each run",
        "p.jsonl:8: image 1: ",
        "p.jsonl:9: fal/flux-schnell takes no pictures",
        "p.jsonl:11: image 1: there is no file `shots/only-here.png`",
        "p.jsonl:12: the mask: `shots/even.png`",
        "the batch has 12 faults; nothing was sent",
    ] {
        assert!(output.stderr.contains(told), "{told}\n{output}");
    }
    assert!(fake.all().is_empty() && pinx.entries("intent").is_empty());
    let on_stdin = pinx.command(&["batch", "-", "-i", "-"]).stdin("\"a fox\"\n");
    on_stdin.run().exits(2).says("stdin is one picture, and nothing else");
}

#[test]
fn another_picture_is_another_job_and_one_that_is_gone_takes_nothing_away() {
    let fake = OpenAi::start();
    let text =
        "{\"prompt\":\"a\",\"image\":\"mug.png\"}\n{\"prompt\":\"b\",\"image\":\"pot.webp\"}\n";
    let pinx = world(&fake).file("shots/p.jsonl", text);
    let again = || batch(&pinx, &["shots/p.jsonl", "-o", "out/"]);
    again().exits(0);
    let hidden = pinx.work().join("hidden.png");
    fs::rename(pinx.work().join("shots/mug.png"), &hidden).unwrap();
    let told = "there is no file `shots/mug.png`: what was made from it stays";
    again().exits(0).says(told).prints(&["out/001-a.png", "out/002-b.png"]);
    fs::rename(&hidden, pinx.work().join("shots/mug.png")).unwrap();
    let mug = pinx.read("shots/mug.png");
    fs::write(pinx.work().join("shots/mug.png"), pinx.read("mug.png")).unwrap();
    again()
        .exits(0)
        .says("`mug.png` is another picture than before")
        .prints(&["out/001-a-2.png", "out/002-b.png"]);
    assert_eq!(fake.posts(), 3);
    // What it was before is done.
    fs::write(pinx.work().join("shots/mug.png"), &mug).unwrap();
    again().exits(0).says("nothing is to be made; 2 done before");
    fs::remove_file(pinx.work().join("shots/pot.webp")).unwrap();
    fs::remove_file(pinx.work().join("shots/mug.png")).unwrap();
    again().exits(0).says("2 done before");
    // But nothing can be made from it.
    let pinx = pinx.file("shots/p.jsonl", &(text.to_owned() + &text.replace("\"a\"", "\"c\"")));
    batch(&pinx, &["shots/p.jsonl", "-o", "out/"])
        .exits(2)
        .says("p.jsonl:3: image 1: there is no file `shots/mug.png`");
    let missing = ["shots/p.jsonl", "-o", "out/", "--only", "1", "--redo-missing"];
    for name in ["out/001-a.png", "out/001-a-2.png"] {
        fs::remove_file(pinx.work().join(name)).unwrap();
    }
    batch(&pinx, &missing).exits(2).says("p.jsonl:1: image 1: there is no file `shots/mug.png`");
    assert_eq!(fake.posts(), 3);
}

#[test]
fn what_another_home_made_from_just_these_pictures_is_adopted() {
    let fake = OpenAi::start();
    let text = "{\"prompt\":\"a\",\"image\":\"mug.png\",\"seed\":7}\n\
                {\"prompt\":\"a\",\"image\":\"pot.webp\",\"seed\":7}\n";
    let pinx = world(&fake).file("shots/p.jsonl", text);
    let run = |more: &[&str]| batch(&pinx, &[&["shots/p.jsonl", "-o", "out/"], more].concat());
    run(&[]).exits(0);
    with_a_new_home(&pinx);
    run(&[]).exits(0).says("2 adopted");
    run(&[]).exits(0).says("2 done before");
    with_a_new_home(&pinx);
    fs::copy(pinx.work().join("mug.png"), pinx.work().join("shots/mug.png")).unwrap();
    run(&[]).exits(2).says("`001-a.png` exists already, and this job did not make it");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn documents_and_pages_tell_what_jobs_are_made_from() {
    let fake = OpenAi::start();
    let pinx = world(&fake).file(
        "shots/p.jsonl",
        "{\"prompt\":\"a\",\"image\":\"lying.png\",\"mask\":\"left.png\"}\n\"b\"\n",
    );
    fs::write(pinx.work().join("shots/lying.png"), image::located(96, 64, 6)).unwrap();
    let run = |more: &[&str]| batch(&pinx, &[&["shots/p.jsonl", "-o", "out/"], more].concat());
    let planned = run(&["--dry-run", "--json"]).exits(0).json();
    assert!(!pinx.data().join("inputs").exists(), "a dry run keeps nothing");
    let made = run(&["--json"]).exits(0).json();
    assert_eq!(planned["jobs"][0]["inputs"], made["jobs"][0]["inputs"]);
    let inputs = &made["jobs"][0]["inputs"];
    let intents = pinx.entries("intent");
    let order = &intents.iter().find(|it| it["prompt"] == "a").unwrap()["order"]["inputs"];
    for (at, role, name) in [(0, "image", "lying.png"), (1, "mask", "left.png")] {
        let input = &inputs[at];
        assert_eq!((&input["role"], &input["is_changed"]), (&json!(role), &json!(true)));
        assert_eq!(input["sha256"], order[at]["sha256"]);
        assert_eq!(
            (&input["source_sha256"], &input["bytes"]),
            (&order[at]["source"], &order[at]["len"])
        );
        assert_eq!((&input["width"], &input["height"]), (&json!(64), &json!(96)));
        assert_eq!(input["media_type"], "image/png");
        let path = Path::new(input["path"].as_str().unwrap());
        assert!(path.is_absolute() && path.ends_with(Path::new("shots").join(name)));
    }
    assert!(made["jobs"][1].get("inputs").is_none());
    let again = run(&["--json"]).exits(0).json();
    let input = &again["jobs"][0]["inputs"][0];
    assert_eq!((&input["source_sha256"], &input["sha256"]), (&order[0]["source"], &json!(null)));
    // What failed of it is tried again as it was.
    let refused = pinx.file("shots/q.jsonl", "{\"prompt\":\"c\",\"image\":\"mug.png\"}\n");
    fake.answers(crate::fake::openai::refused());
    batch(&refused, &["shots/q.jsonl"]).exits(5);
    batch(&refused, &["shots/q.jsonl"]).exits(5).says("nothing is to be made");
    batch(&refused, &["shots/q.jsonl", "--retry-failed"]).exits(0);
    assert_eq!(fake.posts(), 4);
}

#[test]
fn images_of_the_log_are_named_by_id_and_hash() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    pinx.run(&["edit", "x", "-i", "mug.png", MODEL[0], MODEL[1], MODEL[2], "-o", "x.png"]).exits(0);
    let done = pinx.entries("done").remove(0);
    let job = done["job"].as_str().unwrap();
    let hash = &done["images"][0]["sha256"].as_str().unwrap()[..16];
    let pinx = pinx.file(
        "shots/p.jsonl",
        &format!(
            "{{\"prompt\":\"a\",\"image\":\"@{job}\"}}\n{{\"prompt\":\"b\",\"image\":\"{hash}\"}}\n"
        ),
    );
    pinx.shell("pinx batch shots/p.jsonl -m openai/gpt-image-2 -o out/");
    let inputs: Vec<_> =
        pinx.entries("intent").iter().skip(1).map(|it| it["order"]["inputs"].clone()).collect();
    assert!(inputs.len() == 2 && inputs[0] == inputs[1], "{inputs:?}");
    assert_eq!(inputs[0][0]["source"], done["images"][0]["sha256"]);
}

#[test]
fn what_differs_in_its_picture_alone_is_no_copy_of_the_other() {
    let fake = Fal::start();
    let line = |picture: &str| format!("{{\"prompt\":\"a\",\"image\":\"{picture}\",\"seed\":7}}\n");
    let pinx = Pinx::new().fal(&fake).file("p.jsonl", &(line("mug.png") + &line("cup.png")));
    for (name, edge) in [("mug.png", 320), ("cup.png", 384)] {
        fs::write(pinx.work().join(name), image::bytes(edge, edge, "png")).unwrap();
    }
    let batch = ["batch", "p.jsonl", "-m", "fal/fast-sdxl", "--no-fallback", "-o", "out/"];
    pinx.run(&batch).exits(0);
    with_a_new_home(&pinx);
    pinx.run(&batch).exits(0).says("2 adopted");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn what_a_mask_means_is_said_of_a_mask() {
    let fake = OpenAi::start();
    let line = |more: &str| format!("{{\"prompt\":\"a\"{more},\"mask_means\":\"white\"}}\n");
    let pinx = world(&fake);
    for more in ["", ",\"image\":\"mug.png\""] {
        fs::write(pinx.work().join("shots/p.jsonl"), line(more)).unwrap();
        batch(&pinx, &["shots/p.jsonl"])
            .exits(2)
            .says("p.jsonl:1: `mask_means` stands without a mask")
            .says("name the mask as `mask`, or leave `mask_means` out");
    }
    // That of the defaults is for the jobs that have one, and that of the flags is read as the job says.
    let defaults = "defaults: {mask_means: white}\njobs: [{prompt: a, image: mug.png}]\n";
    let pinx = pinx.file("shots/p.yaml", defaults).file("shots/p.jsonl", &line(""));
    batch(&pinx, &["shots/p.yaml", "--dry-run"]).exits(0);
    let flags = ["-i", "shots/mug.png", "--mask", "shots/left.png", "-o", "out/"];
    batch(&pinx, &[&["shots/p.jsonl"], &flags[..]].concat()).exits(0);
    let intents = pinx.entries("intent");
    let inputs = &intents[0]["order"]["inputs"];
    assert_eq!((inputs.as_array().unwrap().len(), fake.posts()), (2, 1), "{inputs}");
    let planned = [&["shots/p.jsonl"], &flags[..4], &["--dry-run", "--json"]].concat();
    let document = batch(&pinx, &planned).exits(0).json();
    assert_eq!(document["jobs"][0]["inputs"][1]["role"], "mask");
}
