//! A result that exists is not paid for again: a batch over images that its log does not know takes
//! those that carry just what it asks for, and is refused before anything else is in its way.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::batch::{batch, images, world};
use crate::fake::openai::{OpenAi, error, with_image};
use crate::fake::{Kind, image};
use crate::pinx::{Output, Pinx};

/// As on a machine that has never seen these images: the log and all else of this home is gone.
pub fn with_a_new_home(pinx: &Pinx) -> &Pinx {
    fs::remove_dir_all(pinx.data()).unwrap();
    fs::create_dir(pinx.data()).unwrap();
    pinx
}

/// A batch of drawings: free, so that much can be tried.
pub fn draw(pinx: &Pinx, more: &[&str]) -> Output {
    pinx.run(&[&["batch"], more, &["-m", "pinx/sketch"]].concat())
}

const NAMES: [&str; 4] = [
    "001-fox-number-1.png",
    "002-fox-number-2.png",
    "003-fox-number-3.png",
    "004-fox-number-4.png",
];

#[test]
fn fault_79_what_another_home_made_is_adopted_and_paid_for_once() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 4);
    batch(&pinx, &["p.txt"]).exits(0).prints(&NAMES);
    let before = NAMES.map(|name| pinx.read(name));
    let planned = batch(with_a_new_home(&pinx), &["p.txt", "--dry-run"]).exits(0);
    let line = |name: &str| format!("{name}\topenai/gpt-image-2\t1024x1024\tadopted");
    planned.prints(&NAMES.map(line).each_ref().map(String::as_str));
    batch(&pinx, &["p.txt"])
        .exits(0)
        .prints(&NAMES)
        .says("nothing is to be made; 4 adopted")
        .says("it is not paid for again")
        .leaves(&[&NAMES[..], &["p.txt"]].concat());
    assert_eq!((fake.posts(), NAMES.map(|name| pinx.read(name))), (4, before));
    // The log knows them now: as what they are, and as nothing that was bought or made.
    batch(&pinx, &["p.txt"]).exits(0).prints(&NAMES).says("4 done before");
    let done = pinx.entries("done");
    assert_eq!((done.len(), pinx.entries("intent").len()), (4, 0));
    for entry in &done {
        assert_eq!(
            (&entry["code"], &entry["billed"]),
            (&"adopted".into(), &"no".into()),
            "{entry}"
        );
        assert_eq!(entry["cost"], 0);
    }
    let log = pinx.run(&["log", "--json"]).exits(0).json();
    let statuses: Vec<&Value> =
        log["entries"].as_array().unwrap().iter().map(|j| &j["status"]).collect();
    assert_eq!(statuses, ["adopted"; 4]);
    let sums = pinx.run(&["stats", "--json"]).exits(0).json();
    assert_eq!(
        (&sums["total"]["done"], &sums["total"]["cached"]),
        (&0.into(), &0.into()),
        "{sums}"
    );
    pinx.run(&["redo", NAMES[0], "--dry-run"]).exits(0);
    assert_eq!(fake.posts(), 4);
}

#[test]
fn fault_79_what_was_named_by_its_number_is_taken_for_the_job_that_has_a_name_now() {
    let fake = OpenAi::start();
    // As an earlier version named it, which did not know that an `id` is the name of a file.
    let pinx = Pinx::new().openai(&fake).file("jobs.jsonl", "{\"prompt\":\"a fox\"}\n\"an owl\"");
    batch(&pinx, &["jobs.jsonl", "-o", "out"]).exits(0);
    let named = "{\"prompt\":\"a fox\",\"id\":\"hero\"}\n{\"prompt\":\"an owl\",\"id\":\"owl\"}\n";
    let pinx = pinx.file("jobs.jsonl", named);
    let names = ["out/001-a-fox.png", "out/002-an-owl.png"];
    // By its log, whatever it is called by now.
    batch(&pinx, &["jobs.jsonl", "-o", "out"]).exits(0).prints(&names).says("2 done before");
    // By what is there, where the log is another.
    let output = batch(with_a_new_home(&pinx), &["jobs.jsonl", "-o", "out"]).exits(0);
    output.prints(&names).says("2 adopted");
    assert_eq!(fake.posts(), 2);
    // Another picture is not taken for it.
    let other = named.replace("an owl", "an eagle owl");
    let pinx = pinx.file("jobs.jsonl", &other);
    let output = batch(with_a_new_home(&pinx), &["jobs.jsonl", "-o", "out"]).exits(0);
    output.prints(&[names[0], "out/owl.png"]);
    assert_eq!(fake.posts(), 3);
}

/// What a batch of these lines prints over the images of others, in a home that knows none of them:
/// all is there, and nothing is paid for.
#[track_caller]
fn moved(before: (&str, &str), after: (&str, &str), more: &[&str], names: &[&str]) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file(before.0, before.1);
    let run = |pinx: &Pinx, file: &str, more: &[&str]| {
        batch(pinx, &[&[file, "-o", "out/"], more].concat())
    };
    let made = run(&pinx, before.0, &[]).exits(0).stdout.lines().count();
    let pinx = pinx.file(after.0, after.1);
    let all = |output: Output| output.exits(0).prints(names).says(&format!("{made} adopted"));
    let planned = run(with_a_new_home(&pinx), after.0, &[more, &["--dry-run"]].concat()).exits(0);
    let first = |line: &str| line.split('\t').next().unwrap().to_owned();
    assert_eq!(planned.stdout.lines().map(first).collect::<Vec<_>>(), names, "{after:?}");
    all(run(&pinx, after.0, more));
    run(&pinx, after.0, more).exits(0).prints(names).says(&format!("{made} done before"));
    assert_eq!((fake.posts(), images_below(&pinx)), (made, made), "{before:?} {after:?}");
}

fn images_below(pinx: &Pinx) -> usize {
    fn count(directory: &std::path::Path) -> usize {
        let all = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        all.map(|path| match path.is_dir() {
            true => count(&path),
            false => path.extension().is_some_and(|extension| extension == "png").into(),
        })
        .sum()
    }
    count(&pinx.work())
}

/// Lines of JSON with these ids and prompts.
pub fn jobs(rows: &[(&str, &str)]) -> String {
    let row = |(id, prompt): &(&str, &str)| match *id {
        "" => format!("{{\"prompt\":\"{prompt}\"}}\n"),
        id => format!("{{\"id\":\"{id}\",\"prompt\":\"{prompt}\"}}\n"),
    };
    rows.iter().map(row).collect()
}

#[test]
fn fault_91_what_lies_there_under_another_name_is_paid_for_once() {
    let text = "a fox\nan owl\n";
    let numbered = ["out/001-a-fox.png", "out/002-an-owl.png"];
    let named = jobs(&[("f", "a fox"), ("o", "an owl")]);
    let by_id = ["out/f.png", "out/o.png"];
    let owl_first = [by_id[1], by_id[0]];
    for (before, after, names) in [
        (text, "an owl\na fox\n", [numbered[1], numbered[0]]),
        (text, "# new\n\na fox\nan owl\n", numbered),
        (text, "an owl\n# a fox\na fox\n", [numbered[1], numbered[0]]),
    ] {
        moved(("p.txt", before), ("p.txt", after), &[], &names);
    }
    for (before, after, names) in [
        // Ids that were added, in another order, removed, changed, swapped.
        (&jobs(&[("", "a fox"), ("", "an owl")]), &named, numbered),
        (&named, &jobs(&[("", "a fox"), ("", "an owl")]), by_id),
        (&named, &jobs(&[("", "an owl"), ("", "a fox")]), owl_first),
        (&named, &jobs(&[("fox", "a fox"), ("owl", "an owl")]), by_id),
        (&named, &jobs(&[("o", "a fox"), ("f", "an owl")]), by_id),
        (&named, &jobs(&[("F", "a fox"), ("O", "an owl")]), by_id),
        (&named, &jobs(&[("O", "an owl"), ("F", "a fox")]), owl_first),
    ] {
        moved(("j.jsonl", before), ("j.jsonl", after), &[], &names);
        moved(("j.jsonl", before), ("j.jsonl", after), &["--force"], &names);
    }
    moved(("p.txt", text), ("j.jsonl", &named), &[], &numbered);
    let reserved = jobs(&[("CON", "a fox"), ("nul", "an owl")]);
    let swapped = jobs(&[("NUL", "a fox"), ("con", "an owl")]);
    let names = ["out/image-CON.png", "out/image-nul.png"];
    moved(("j.jsonl", &reserved), ("j.jsonl", &swapped), &[], &names);
}

/// A provider that answers no two requests with the same image.
pub fn varied() -> OpenAi {
    let fake = OpenAi::start();
    let count = AtomicU32::new(1);
    fake.always_with(Kind::Images, move |_, _| {
        with_image(&image::numbered(1024, 1024, count.fetch_add(1, Ordering::Relaxed)))
    });
    fake
}

#[test]
fn fault_91_of_equal_jobs_each_has_an_image_of_its_own() {
    let fake = varied();
    let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\na mug\na fox\n");
    let with = |pinx: &Pinx, more: &[&str]| {
        batch(pinx, &[&["p.txt", "-o", "out/"], more].concat()).exits(0)
    };
    with(&pinx, &[]);
    // What stands under the name of its own job stays that job's, whichever job is looked at.
    fs::remove_file(pinx.work().join("out/001-a-fox.png")).unwrap();
    for more in [&["--only", "1"][..], &["--limit", "1"], &["--shard", "1/3"]] {
        let planned = with(with_a_new_home(&pinx), &[more, &["--dry-run"]].concat());
        assert!(planned.stdout.contains("out/001-a-fox.png\topenai"), "{planned}");
    }
    let pinx = pinx.file("p.txt", "an owl\na fox\na fox\na fox\na mug\n");
    let names = ["001-an-owl", "002-a-fox", "003-a-fox", "004-a-fox", "002-a-mug"];
    let names = names.map(|name| format!("out/{name}.png"));
    with(with_a_new_home(&pinx), &[])
        .prints(&names.each_ref().map(String::as_str))
        .says("3 images: 3 × openai/gpt-image-2")
        .says("2 adopted")
        .says("one has another name and keeps it: `out/002-a-mug.png`");
    with(&pinx, &[]).says("5 done before");
    assert_eq!(fake.posts(), 3 + 3);
    // An image is one job's, though it be all that another asks for.
    fs::remove_file(pinx.work().join("out/003-a-fox.png")).unwrap();
    let pinx = pinx.file("p.txt", "a fox\na fox\na fox\n");
    let output = with(with_a_new_home(&pinx), &[]).says("1 image").says("2 adopted");
    assert_eq!(fake.posts(), 7, "{output}");
}

/// Who takes what is settled over the whole file before anything is decided.
#[test]
fn fault_91_no_job_takes_or_replaces_what_another_asks_for() {
    let small = |pinx: &Pinx, file: &str, more: &[&str]| {
        draw(pinx, &[&[file, "-o", "out/", "-s", "64x64"], more].concat())
    };
    let ids = |rows: &[(&str, &str)]| -> String {
        rows.iter()
            .map(|(id, prompt)| format!("{{\"id\":\"{id}\",\"prompt\":\"{prompt}\"}}\n"))
            .collect()
    };
    // What one job takes, another does not replace, whichever comes first.
    let pinx = Pinx::new().file("j.jsonl", &ids(&[("1", "a fox")]));
    small(&pinx, "j.jsonl", &[]).exits(0);
    let fox = pinx.read("out/1.png");
    let pinx = pinx.file("j.jsonl", &ids(&[("1", "a cat"), ("2", "a fox")]));
    let forced = small(with_a_new_home(&pinx), "j.jsonl", &["--force"]).exits(0);
    forced.prints(&["out/1-2.png", "out/1.png"]).says("1 adopted");
    assert_eq!(pinx.read("out/1.png"), fox);
    let named =
        "{\"prompt\":\"a cat\",\"output\":\"1.png\"}\n".to_owned() + &ids(&[("2", "a fox")]);
    let pinx = pinx.file("j.jsonl", &named);
    small(with_a_new_home(&pinx), "j.jsonl", &["--force"])
        .exits(2)
        .says("`1.png` is the image of another job of this batch");
    assert_eq!(pinx.read("out/1.png"), fox);

    // An image of a seed is for the job that asks for the seed.
    let pinx = Pinx::new().file("p.txt", "a cow --seed 5\na cow\n");
    small(&pinx, "p.txt", &[]).exits(0).prints(&["out/001-a-cow.png", "out/002-a-cow.png"]);
    let pinx = pinx.file("p.txt", "a cow\na barn\na cow --seed 5\n");
    small(with_a_new_home(&pinx), "p.txt", &[])
        .exits(0)
        .prints(&["out/002-a-cow.png", "out/002-a-barn.png", "out/001-a-cow.png"])
        .says("2 adopted");

    // Shards of two homes settle the same.
    let pinx = Pinx::new().file("j.jsonl", &ids(&[("a", "a van"), ("b", "a van")]));
    small(&pinx, "j.jsonl", &[]).exits(0);
    let pinx = pinx.file("j.jsonl", &ids(&[("x", "a van"), ("y", "a van")]));
    for (shard, name) in [("1/2", "out/a.png"), ("2/2", "out/b.png")] {
        small(with_a_new_home(&pinx), "j.jsonl", &["--shard", shard]).exits(0).prints(&[name]);
    }
}

/// A fallback takes no image that another entrant names.
#[test]
fn fault_91_a_fallback_leaves_an_image_to_the_model_that_is_asked_for() {
    let fake = OpenAi::start();
    let file = |id: &str| format!("{{\"id\":\"{id}\",\"prompt\":\"a tea\"}}\n");
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &file("a"));
    let made = |pinx: &Pinx, models: &str, more: &[&str]| {
        let args =
            ["batch", "j.jsonl", "-o", "out/", "--fallback", "openai/gpt-image-2", "-m", models];
        pinx.run(&[&args[..], more].concat())
    };
    made(&pinx, "openai/gpt-image-2", &[]).exits(0).prints(&["out/a.png"]);
    let pinx = pinx.file("j.jsonl", &file("b"));
    let models = "openai/gpt-image-2.5-flare,openai/gpt-image-2";
    made(with_a_new_home(&pinx), models, &[]).exits(0).says("1 adopted");
    let paid = &pinx.entries("intent")[0];
    assert_eq!((fake.posts(), &paid["model"]), (2, &"openai/gpt-image-2.5-flare".into()));
}

#[test]
fn fault_91_seeds_directories_and_templates_are_minded() {
    let rows = |seeds: [u32; 2]| {
        seeds.map(|seed| format!("{{\"prompt\":\"a fox\",\"seed\":{seed}}}\n")).concat()
    };
    for (output, names) in [
        ("out/", ["out/002-a-fox.png", "out/001-a-fox.png"]),
        ("out/{number}/x.{ext}", ["out/002/x.png", "out/001/x.png"]),
    ] {
        let pinx = Pinx::new().file("j.jsonl", &rows([7, 8]));
        let args = ["j.jsonl", "-o", output, "-s", "64x64"];
        draw(&pinx, &args).exits(0);
        let pinx = pinx.file("j.jsonl", &rows([8, 7]));
        draw(with_a_new_home(&pinx), &args).exits(0).prints(&names).says("2 adopted");
        let pinx = pinx.file("j.jsonl", &rows([9, 7]));
        // What stands under its name is another job's: nothing is replaced.
        let other = draw(with_a_new_home(&pinx), &args).says("1 adopted");
        assert_eq!((other.code, images_below(&pinx)), (0, 3), "{other}");
    }
    // A file that is named is made where it is named, as it is in a home that knows the other one.
    let named = |name: &str| format!("{{\"prompt\":\"a fox\",\"output\":\"{name}.png\"}}\n");
    let pinx = Pinx::new().file("j.jsonl", &named("a"));
    draw(&pinx, &["j.jsonl"]).exits(0).prints(&["a.png"]);
    let pinx = pinx.file("j.jsonl", &named("b"));
    draw(with_a_new_home(&pinx), &["j.jsonl"]).exits(0).prints(&["b.png"]);
}

#[test]
fn fault_91_what_is_not_all_that_is_asked_for_is_taken_under_no_name() {
    let fake = OpenAi::start();
    let mut pinx = Pinx::new().openai(&fake);
    let args = ["j.jsonl", "-o", "out/"];
    pinx = pinx.file("j.jsonl", &jobs(&[("f", "a fox"), ("o", "an owl")]));
    batch(&pinx, &args).exits(0);
    // Its name is taken by another picture, in whatever case: nothing is paid for.
    for id in ["f", "F"] {
        pinx = pinx.file("j.jsonl", &jobs(&[(id, "a red fox"), ("o", "an owl")]));
        batch(with_a_new_home(&pinx), &args)
            .exits(2)
            .says("`f.png` exists already, and this job did not make it")
            .says("--adopt");
    }
    // Half an image, a link and what is hidden are nobody's.
    let out = pinx.work().join("out");
    let bytes = fs::read(out.join("f.png")).unwrap();
    fs::write(out.join("half.png"), &bytes[..bytes.len() - 20]).unwrap();
    fs::write(out.join(".hidden.png"), &bytes).unwrap();
    fs::rename(out.join("f.png"), pinx.work().join("f.png")).unwrap();
    std::os::unix::fs::symlink("../f.png", out.join("link.png")).unwrap();
    pinx = pinx.file("j.jsonl", &jobs(&[("g", "a fox"), ("o", "an owl")]));
    batch(with_a_new_home(&pinx), &args)
        .exits(0)
        .prints(&["out/g.png", "out/o.png"])
        .says("1 image: 1 × openai/gpt-image-2")
        .says("1 adopted");
    assert_eq!(fake.posts(), 3);
}

#[test]
fn fault_91_a_line_that_is_read_in_another_way_by_now_is_known_as_it_was_made() {
    let fake = OpenAi::start();
    let line = "a fox --ar 1:1";
    let pinx = Pinx::new().openai(&fake).file("p.txt", &format!("{line}\n"));
    // As versions made it that sent the whole line.
    let name = "out/001-a-fox-ar-1-1.png";
    let alike = line.replace("--", "xx");
    pinx.run(&["generate", "-m", "openai/gpt-image-2", "-o", name, &alike]).exits(0);
    let bytes = pinx.read(name);
    let mut recipe = ::pinx::store::read(&bytes).unwrap();
    std::sync::Arc::make_mut(&mut recipe.request).prompt = line.to_owned();
    let bare = image::bytes(1024, 1024, "png");
    let facts = ::pinx::store::verify(&bare).unwrap();
    fs::write(pinx.work().join(name), ::pinx::store::embed(&bare, &facts, &recipe)).unwrap();
    batch(with_a_new_home(&pinx), &["p.txt", "-o", "out/"])
        .exits(0)
        .prints(&[name])
        .says("1 adopted");
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0).says("1 done before");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn fault_79_a_foreign_file_among_the_targets_stops_the_batch_before_it_pays() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 4);
    batch(&pinx, &["p.txt", "--limit", "2"]).exits(0);
    let foreign: [&[u8]; 3] = [b"a text", &image::marked(7), b""];
    for bytes in foreign {
        with_a_new_home(&pinx);
        fs::write(pinx.work().join(NAMES[1]), bytes).unwrap();
        for more in [&[][..], &["--dry-run"]] {
            batch(&pinx, &[&["p.txt"], more].concat())
                .exits(2)
                .prints(&[])
                .says("p.txt:2: `002-fox-number-2.png` exists already")
                .says("--adopt")
                .says("--force")
                .says("-o");
        }
        assert_eq!((fake.posts(), pinx.read(NAMES[1])), (2, bytes.to_vec()));
    }
    // An empty file is nothing that can be taken.
    batch(&pinx, &["p.txt", "--adopt"]).exits(2).says("is no whole image");
    fs::write(pinx.work().join(NAMES[1]), image::marked(7)).unwrap();
    batch(&pinx, &["p.txt", "--adopt", "--limit", "1"])
        .exits(0)
        .prints(&NAMES[..3])
        .says("2 adopted, 1 left for later");
    assert_eq!((fake.posts(), pinx.read(NAMES[1])), (3, image::marked(7)));
    // Only what is not the job's own is made again.
    let output = batch(with_a_new_home(&pinx), &["p.txt", "--force"]).exits(0).prints(&NAMES);
    assert_eq!(fake.posts(), 5, "{output}");
    assert_ne!(pinx.read(NAMES[1]), image::marked(7));
}

#[test]
fn an_image_is_a_jobs_only_if_it_is_all_that_is_asked_for() {
    let usual = ["p.txt", "-s", "64x64"];
    for (made, asked, is_adopted) in [
        (&[][..], &[][..], true),
        (&["--seed", "7"], &[], true),
        (&["--seed", "7"], &["--seed", "7"], true),
        (&["--seed", "7"], &["--seed", "8"], false),
        (&["--style", "noir"], &["--style", "noir"], true),
        (&["--style", "noir"], &[], false),
        (&[], &["--style", "noir"], false),
        (&["--colors", "#FF6B6B"], &["--colors", "#4ECDC4"], false),
        (&["--background", "transparent"], &[], false),
        (&[], &["-s", "96x64"], false),
        (&["-P", "mood=calm"], &["-P", "mood=wild"], false),
        (&["-P", "mood=calm"], &["-P", "mood=calm"], true),
        (&["-f", "jpeg"], &["-f", "jpeg"], true),
        (&["-f", "jpeg"], &[], true),
        (&["-f", "webp"], &["-f", "webp"], true),
    ] {
        let pinx = Pinx::new().file("p.txt", "a fox\n");
        let size = if asked.contains(&"-s") { &usual[..1] } else { &usual[..] };
        let first = draw(&pinx, &[&usual[..], made].concat()).exits(0);
        let names = first.stdout.lines().collect::<Vec<_>>();
        let again = draw(with_a_new_home(&pinx), &[size, asked].concat());
        match is_adopted {
            true => drop(again.exits(0).prints(&names).says("1 adopted")),
            false => drop(again.exits(2).says("exists already")),
        }
        assert_eq!(
            images(&pinx) + usize::from(names[0].ends_with("webp")),
            1,
            "{made:?} {asked:?}"
        );
    }
}

#[test]
fn another_format_beside_the_name_is_no_matter() {
    let pinx = Pinx::new().file("p.txt", "a fox\n");
    draw(&pinx, &["p.txt", "-f", "jpeg"]).exits(0).prints(&["001-a-fox.jpg"]);
    draw(with_a_new_home(&pinx), &["p.txt", "-f", "png"]).exits(0).prints(&["001-a-fox.png"]);
    // A model that makes nothing else is planned with what it makes.
    let planned = draw(&pinx, &["p.txt", "-f", "svg", "-o", "out/", "--dry-run", "--json"]);
    let path = planned.exits(0).json()["jobs"][0]["path"].as_str().unwrap().to_owned();
    let made = draw(&pinx, &["p.txt", "-f", "svg", "-o", "out/"]).exits(0);
    assert!(path.ends_with(made.stdout.trim()), "{path} was planned\n{made}");
}

#[test]
fn the_real_format_is_found_under_the_planned_name() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, with_image(&image::bytes(1024, 1024, "jpeg")));
    let pinx = world(&fake, 2);
    let names = ["001-fox-number-1.jpg", "002-fox-number-2.jpg"];
    batch(&pinx, &["p.txt"]).exits(0).prints(&names);
    batch(with_a_new_home(&pinx), &["p.txt"]).exits(0).prints(&names).says("2 adopted");
    // A foreign one is in the way in any format that the image may have.
    fs::write(pinx.work().join(names[0]), image::bytes(64, 64, "jpeg")).unwrap();
    batch(with_a_new_home(&pinx), &["p.txt"])
        .exits(2)
        .says("`001-fox-number-1.jpg` exists already");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn an_image_of_any_of_the_routes_is_the_jobs() {
    let fake = OpenAi::start();
    fake.answers(error(500, "server_error", "no"));
    let pinx = world(&fake, 1);
    let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "--fallback", "openai/gpt-image-1.5"];
    pinx.run(&[&args[..], &["--retries", "0"]].concat()).exits(0).prints(&NAMES[..1]);
    pinx.run(&["info", NAMES[0]]).exits(0).says("");
    pinx.run(&["batch", "p.txt", "--dry-run", "-m", "openai/gpt-image-2"]).exits(0);
    let again = with_a_new_home(&pinx).run(&args).exits(0).prints(&NAMES[..1]);
    again.says("1 adopted");
    assert_eq!(pinx.entries("done")[0]["model"], "openai/gpt-image-1.5");
    batch(with_a_new_home(&pinx), &["p.txt"]).exits(2);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn bare_images_are_taken_only_by_name() {
    let pinx = Pinx::new().file("p.txt", "a fox\nan owl\n");
    draw(&pinx, &["p.txt", "--no-metadata"]).exits(0);
    draw(with_a_new_home(&pinx), &["p.txt"]).exits(2).says("p.txt:2: `002-an-owl.png` exists");
    draw(&pinx, &["p.txt", "--adopt", "--force"]).exits(2);
    let names = ["001-a-fox.png", "002-an-owl.png"];
    draw(&pinx, &["p.txt", "--adopt"]).exits(0).prints(&names).says("2 adopted");
    draw(&pinx, &["p.txt"]).exits(0).prints(&names).says("2 done before");
    pinx.run(&["redo", names[0], "--dry-run"]).exits(0);
}

#[test]
fn a_dry_run_names_what_the_run_makes() {
    let lines = "{\"prompt\":\"a fox\"}\n{\"prompt\":\"a fox\",\"count\":3}\n\
                 {\"prompt\":\"an owl\",\"count\":2}\n{\"prompt\":\"a fox\",\"output\":\"x/fox\"}\n";
    let pinx = Pinx::new().file("j.jsonl", lines);
    let names = |output: Output| -> Vec<String> {
        let first = |line: &str| line.split('\t').next().unwrap().to_owned();
        output.exits(0).stdout.lines().map(first).collect()
    };
    let args = ["j.jsonl", "-o", "o/{slug}.{ext}", "-s", "64x64", "-j", "8"];
    let with = |more: &[&str]| names(draw(&pinx, &[&args[..], more].concat()));
    let planned = with(&["--dry-run"]);
    let foxes = ["o/a-fox.png", "o/a-fox-2.png", "o/a-fox-3.png", "o/a-fox-4.png"];
    let rest = ["o/an-owl.png", "o/an-owl-2.png", "o/x/fox.png"];
    assert_eq!(planned, [&foxes[..], &rest].concat());
    assert_eq!(with(&["--limit", "2"]), planned[..2], "the first two");
    assert_eq!(with(&["--dry-run"]), planned, "half of it is there");
    assert_eq!(with(&[]), planned);
    // Each image is one job's, also where the log knows none.
    with_a_new_home(&pinx);
    fs::remove_file(pinx.work().join(foxes[2])).unwrap();
    assert_eq!(with(&["--dry-run"]), planned);
    let document = draw(&pinx, &[&args[..], &["--dry-run", "--json"]].concat()).exits(0).json();
    let path = |job: &Value| match job["status"].as_str() {
        Some("planned") => job["path"].as_str().unwrap().to_owned(),
        _ => job["images"][0]["path"].as_str().unwrap().to_owned(),
    };
    let paths: Vec<String> = document["jobs"].as_array().unwrap().iter().map(path).collect();
    let work = pinx.work();
    let absolute = |name: &String| work.join(name).display().to_string();
    assert_eq!(paths, planned.iter().map(absolute).collect::<Vec<_>>());
    assert_eq!(with(&[]), planned);
    assert_eq!((images(&pinx), pinx.entries("done").len()), (7, 7));
}

#[test]
fn a_log_that_knows_the_file_as_anothers_lets_the_batch_go_on_beside_it() {
    let pinx = Pinx::new().file("p.txt", "a fox\n");
    pinx.run(&["generate", "an owl", "-m", "pinx/sketch", "-o", "001-a-fox.png"]).exits(0);
    draw(&pinx, &["p.txt", "--dry-run"]).exits(0).says("1 image");
    draw(&pinx, &["p.txt"]).exits(0).prints(&["001-a-fox-2.png"]);
    draw(&pinx, &["p.txt"]).exits(0).prints(&["001-a-fox-2.png"]).says("1 done before");
    // Without that log the first is foreign, and the second is the job's all the same.
    draw(with_a_new_home(&pinx), &["p.txt", "--dry-run"]).exits(0).says("1 adopted");
    fs::remove_file(pinx.work().join("001-a-fox-2.png")).unwrap();
    draw(with_a_new_home(&pinx), &["p.txt"]).exits(2).says("`001-a-fox.png` exists already");
}

#[test]
fn generate_makes_another_image_as_ever() {
    let pinx = Pinx::new();
    let args = ["generate", "a fox", "-m", "pinx/sketch", "-s", "64x64"];
    pinx.run(&args).exits(0).prints(&["a-fox.png"]);
    with_a_new_home(&pinx).run(&args).exits(0).prints(&["a-fox-2.png"]);
}

#[test]
fn the_document_of_adopted_images_names_them() {
    let pinx = Pinx::new().file("p.txt", "a fox\n");
    draw(&pinx, &["p.txt"]).exits(0);
    let document = draw(with_a_new_home(&pinx), &["p.txt", "--json"]).exits(0).json();
    let job = &document["jobs"][0];
    assert_eq!((&job["status"], &job["reason"]), (&"skipped".into(), &"adopted".into()));
    assert_eq!(job["images"][0]["path"], pinx.work().join("001-a-fox.png").display().to_string());
    assert_eq!(job["billed"], "no");
    assert_eq!((&document["status"], &document["totals"]["skipped"]), (&"done".into(), &1.into()));
}
