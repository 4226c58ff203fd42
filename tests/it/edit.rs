//! Pictures made from others: what is sent of them, what is refused before, and what becomes of a run
//! whose pictures change, go, or never get through.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::fake::bomb::chunk;
use crate::fake::openai::{OpenAi, error, rate_limited};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{Output, Pinx};

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

fn args<'a>(images: &[&'a str]) -> Vec<&'a str> {
    let images = images.iter().flat_map(|image| ["-i", image]);
    ["edit", "make it night"].into_iter().chain(images).chain(MODEL).collect()
}

/// A world with a few pictures in it.
fn world(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake);
    for (name, size, format) in
        [("mug.png", (64, 96), "png"), ("cup.jpg", (32, 32), "jpeg"), ("pot.png", (40, 40), "webp")]
    {
        std::fs::write(pinx.work().join(name), image::bytes(size.0, size.1, format)).unwrap();
    }
    pinx
}

/// What an edit made: the files that were there before are not looked at.
#[track_caller]
pub fn ends(output: Output, code: i32, made: usize) -> Output {
    let output = output.exits(code);
    let is_new = |name: &&String| name.starts_with("make-it-night");
    assert_eq!(output.files.iter().filter(is_new).count(), made, "{output}");
    output
}

#[test]
fn pictures_are_sent_as_they_are_and_nothing_else_of_them() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let all = ["mug.png", "cup.jpg", "pot.png"];
    for count in [1, 2, 16] {
        let names: Vec<&str> = all.into_iter().cycle().take(count).collect();
        ends(pinx.run(&args(&names)), 0, 1);
        std::fs::remove_file(pinx.work().join("make-it-night.png")).unwrap();
        let request = fake.requests(Kind::Images).pop().unwrap();
        assert_eq!(request.path, "/v1/images/edits");
        let texts = request.form.iter().take_while(|field| field.filename.is_none()).count();
        let (texts, files) = request.form.split_at(texts);
        let text = |name: &str| texts.iter().any(|field| field.name == name);
        assert!(["model", "prompt", "size", "quality", "n"].into_iter().all(text), "{texts:?}");
        assert_eq!(request.json["size"], "672x992", "near the first picture's 64x96");
        assert_eq!(files.len(), count);
        let field = if count == 1 { "image" } else { "image[]" };
        for ((file, name), number) in files.iter().zip(&names).zip(1..) {
            assert_eq!(file.bytes, pinx.read(name), "{name}");
            let (ending, kind) = match *name {
                "mug.png" => ("png", "image/png"),
                "cup.jpg" => ("jpg", "image/jpeg"),
                _ => ("webp", "image/webp"),
            };
            assert_eq!(file.filename, Some(format!("image-{number}.{ending}")));
            assert_eq!((&*file.name, file.media_type.as_deref()), (field, Some(kind)));
        }
    }
    let home = pinx.root().display().to_string();
    for request in fake.requests(Kind::Images) {
        let told = format!("{:?} {:?}", request.headers, request.json);
        assert!(!told.contains("mug") && !told.contains(&home), "{told}");
    }
}

#[test]
fn the_log_knows_the_pictures_and_the_recipe_no_names() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let names = ["mug.png"; 16];
    ends(pinx.run(&args(&names)), 0, 1);
    let intent = pinx.entries("intent").remove(0);
    assert!(intent.to_string().len() < 65_536);
    let input = &intent["order"]["inputs"][0];
    assert_eq!((&input["role"], &input["size"]), (&json!("image"), &json!("64x96")));
    assert!(input["path"].as_str().unwrap().ends_with("/mug.png"));
    let form = intent["call"]["body"]["$form"].as_array().unwrap();
    let named = form.iter().filter(|part| part["value"]["input"]["sha256"] == input["sha256"]);
    assert_eq!(named.count(), 16);
    let recipe = &intent["recipe"]["inputs"];
    assert_eq!(recipe[0], json!({ "role": "image", "sha256": input["sha256"], "size": "64x96" }));
    let made = pinx.read("make-it-night.png");
    let text = String::from_utf8_lossy(&made);
    assert!(text.contains(input["sha256"].as_str().unwrap()) && !text.contains("mug"));
    // Sixteen pictures of six patches, at eight dollars a million, and what they take in words.
    let cost = pinx.entries("done")[0]["cost"].as_u64().unwrap();
    let estimate = intent["estimate"].as_u64().unwrap();
    assert!((768..2_000).contains(&(estimate - cost + 768)), "{estimate} {cost}");
}

/// A server of one picture, at any path, for so many requests.
fn serving(picture: Vec<u8>, requests: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(requests) {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4_096]);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", picture.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&picture));
        }
    });
    format!("http://{address}/a/mug.png?key=secret")
}

#[test]
fn a_picture_is_a_file_stdin_an_address_or_an_image_of_the_log() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let mug = pinx.read("mug.png");
    pinx.run(&["generate", "a fox", "-m", "pinx/sketch", "-o", "fox.png"]).exits(0);
    let done = pinx.entries("done").remove(0);
    let (job, hash) =
        (done["job"].as_str().unwrap(), done["images"][0]["sha256"].as_str().unwrap());
    std::fs::write(pinx.work().join("upright.png"), image::located(64, 32, 1)).unwrap();
    let url = serving(mug.clone(), 1);
    let sent = |command: &[&str], word: &str| {
        let all = [command, &["night", "-i", word, "-o", "out/"], &MODEL].concat();
        ends(pinx.command(&all).stdin(mug.clone()).run(), 0, 0);
        let request = fake.requests(Kind::Images).pop().unwrap();
        request.form.iter().find(|part| part.filename.is_some()).unwrap().bytes.clone()
    };
    // Without its recipe, and each time the same.
    let fox = sent(&["generate"], "@last");
    for (command, word) in [("edit", "mug.png"), ("edit", "-"), ("generate", &*url)] {
        assert!(sent(&[command], word) == mug, "{word}");
    }
    assert!(memchr::memmem::find(&fox, b"a fox").is_none());
    for word in ["fox.png", job, hash, &format!("@{job}")] {
        assert!(sent(&["edit"], word) == fox, "{word}");
    }
    // The beginning of a hash, which changes with the drawing and so stands in no transcript.
    let line = format!("pinx edit night -i {} --dry-run {}", &hash[..12], MODEL.join(" "));
    assert!(pinx.shell(&line).status.success(), "{line}");
    assert!(!pinx.shell(&line.replace(&hash[..12], "0123456789ab")).status.success());
    let posts = fake.posts();
    let bare = ["edit", "-i", "-", "-m", "openai/gpt-image-2"];
    for (word, told) in [
        ("https://169.254.169.254/latest", "leads to a private address"),
        ("http://example.com/a.png", "only https is fetched"),
        ("gone.png", "there is no file `gone.png`"),
        ("@20200101-000000-aaaaa", "nothing in the log has the id"),
        ("nothing", "there is no file `nothing`"),
    ] {
        let all = [&["edit", "night", "-i", word][..], &MODEL].concat();
        let output = pinx.run(&all).exits(2).says(told);
        assert!(!output.to_string().contains("key=secret"));
    }
    pinx.command(&bare).stdin(mug.clone()).run().exits(2).says("stdin is one picture");
    assert_eq!(fake.posts(), posts);
    // What is nowhere else is kept as it came.
    let inputs = &pinx.entries("intent").pop().unwrap()["order"]["inputs"];
    assert!(inputs[0]["source"].is_string() && inputs[0]["path"].as_str().unwrap().contains("fox"));
}

#[test]
fn an_edit_is_made_again_from_the_same_pictures_wherever_they_are() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    std::fs::write(pinx.work().join("lying.png"), image::located(64, 32, 6)).unwrap();
    ends(pinx.run(&args(&["mug.png", "lying.png"])), 0, 1);
    let files = || {
        let request = fake.requests(Kind::Images).pop().unwrap();
        let files = request.form.into_iter().filter(|part| part.filename.is_some());
        files.map(|part| part.bytes).collect::<Vec<_>>()
    };
    let first = files();
    let redo = ["redo", "make-it-night.png", "-o", "again/"];
    let again = |moved: (&str, &str)| {
        std::fs::rename(pinx.work().join(moved.0), pinx.work().join(moved.1)).unwrap();
        pinx.run(&redo).exits(0);
        assert!(files() == first, "{moved:?}");
    };
    again(("cup.jpg", "other.jpg"));
    again(("mug.png", "renamed.png"));
    // Another picture, or none.
    let posts = fake.posts();
    pinx.run(&[&redo[..], &["-i", "other.jpg"]].concat()).exits(0);
    assert_eq!((fake.posts(), files().len()), (posts + 1, 1));
    std::fs::remove_file(pinx.work().join("renamed.png")).unwrap();
    pinx.run(&redo).exits(2).says("image 1 (").says("64x96 pixels) is not here any more");
    assert_eq!(fake.posts(), posts + 1);
}

#[test]
fn a_recipe_from_elsewhere_may_name_anything_as_its_pictures() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let png = pinx.read("mug.png");
    for sha256 in [&*("a".to_owned() + &"é".repeat(20)), "aé", "", "../../../work/mug.png"] {
        let input = json!({ "role": "image", "sha256": sha256, "size": "8x8" });
        let recipe =
            json!({ "v": 1, "model": "openai/gpt-image-2", "prompt": "a mug", "inputs": [input] });
        let text = [&b"pinx\0\0\0\0\0"[..], recipe.to_string().as_bytes()].concat();
        let odd = [&png[..33], &chunk(b"iTXt", &text), &png[33..]].concat();
        std::fs::write(pinx.work().join("odd.png"), odd).unwrap();
        pinx.run(&["redo", "odd.png"]).exits(2).says("image 1 (").says("is not here any more");
    }
    assert_eq!(fake.posts(), 0);
}

#[test]
fn all_of_a_batch_and_of_a_comparison_are_made_from_a_picture() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    std::fs::write(pinx.work().join("p.txt"), "at night\nin the snow\n").unwrap();
    let batch = ["batch", "p.txt", "-i", "mug.png", "-m", "openai/gpt-image-2"];
    pinx.run(&batch).exits(0);
    pinx.run(&batch).exits(0);
    assert_eq!(fake.posts(), 2, "what is there is there");
    let forms = fake.requests(Kind::Images);
    assert!(forms.iter().all(|request| request.path.ends_with("/edits")));
    std::fs::write(pinx.work().join("mug.png"), pinx.read("pot.png")).unwrap();
    pinx.run(&batch).exits(0);
    assert_eq!(fake.posts(), 4, "from another picture they are other images");
    let models = "openai/gpt-image-2,openai/gpt-image-1.5";
    let compare = ["compare", "at dusk", "-i", "cup.jpg", "-m", models, "-o", "both/"];
    pinx.run(&compare).exits(0);
    assert_eq!(fake.posts(), 6);
    let cup = pinx.read("cup.jpg");
    for request in fake.requests(Kind::Images).iter().rev().take(2) {
        assert!(request.form.iter().any(|part| part.bytes == cup));
    }
}

#[test]
fn what_cannot_be_taken_is_told_before_anything_is_sent() {
    let fake = OpenAi::start();
    let pinx = world(&fake).env("FAL_KEY", "fal-key-of-a-test");
    let png = pinx.read("mug.png");
    std::fs::write(pinx.work().join("half.png"), &png[..png.len() / 2]).unwrap();
    std::fs::write(pinx.work().join("lying.png"), image::located(64, 32, 6)).unwrap();
    let no_pictures = ["edit", "make it night", "-m", "openai/gpt-image-2"];
    let many = [&["edit", "x"][..], &["-i", "mug.png"].repeat(5)].concat();
    for (args, told) in [
        ([&args(&["lying.png"])[..], &["--strict"]].concat(), "image 1 would be changed"),
        (args(&["mug.png", "half.png"]), "image 2: `half.png`"),
        (args(&["gone.png"]), "image 1: there is no file `gone.png`"),
        (args(&["mug.png"; 17]), "17 pictures are given; at most 16"),
        (no_pictures.to_vec(), "no picture is given to change"),
        (vec!["edit", "-i", "mug.png", "x", "-m", "fal/flux-schnell"], "takes no pictures"),
        (vec!["edit", "-i", "mug.png", "x", "-m", "fal/flux-schnell"], "hint: `-m fal/"),
        (vec!["edit", "-i", "mug.png", "x", "-m", "vercel/flux-2-pro"], "hint: `-m openai/"),
        ([&many[..], &["-m", "fal/flux-2"]].concat(), "reads 4 images, and 5 are given"),
        ([&many[..], &["-m", "fal/flux-2"]].concat(), "hint: `-m fal/flux-2-pro`"),
        ([&many[..], &["-m", "fal/flux-2"]].concat(), "reads them all"),
        ([&args(&["mug.png"])[..], &["-P", "image=x"]].concat(), "is what `-i` fills"),
    ] {
        let output = pinx.run(&args).exits(2).says(told);
        assert!(pinx.entries("intent").is_empty() && fake.all().is_empty(), "{output}");
    }
    // `auto` and what it falls back to take pictures.
    let plan = pinx.run(&["edit", "x", "-i", "mug.png", "--dry-run", "--json"]).exits(0).json();
    let call = &plan["jobs"][0]["call"];
    assert_eq!(call["target"]["role"][1], "/images/edits", "{plan}");
}

#[test]
fn a_picture_is_sent_upright_and_without_what_else_its_file_tells() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    for (name, turn) in [("upright.png", 1), ("lying.png", 6)] {
        std::fs::write(pinx.work().join(name), image::located(64, 32, turn)).unwrap();
    }
    let all = args(&["upright.png", "mug.png", "lying.png"]);
    pinx.run(&[&all[..], &["--dry-run"]].concat()).exits(0);
    let kept = pinx.data().join("inputs");
    assert!(!kept.exists(), "a dry run keeps nothing");
    ends(pinx.run(&all), 0, 1)
        .says("image 3: turned upright")
        .says("images 1, 3: without the places where they were taken");
    let request = fake.requests(Kind::Images).pop().unwrap();
    let sent: Vec<_> = request.form.iter().filter(|part| part.filename.is_some()).collect();
    let sizes = sent.iter().map(|part| image::size_of(&part.bytes));
    assert_eq!(sizes.collect::<Vec<_>>(), [(64, 32), (64, 96), (32, 64)]);
    assert!(sent[0].bytes == *image::bytes(64, 32, "png") && sent[1].bytes == pinx.read("mug.png"));
    for part in &sent {
        assert!(memchr::memmem::find(&part.bytes, image::PLACE).is_none());
    }
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 2);
    // The recipe names what was found, whatever was sent.
    let order = &pinx.entries("intent")[0]["order"]["inputs"][2];
    let recipe = &pinx.entries("intent")[0]["recipe"]["inputs"][2];
    assert_eq!((&order["source"], &order["size"]), (&recipe["sha256"], &recipe["size"]));
    assert_ne!(order["sha256"], order["source"]);
    // What is kept goes once nobody has needed it for a week.
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(8 * 24 * 3600);
    for file in std::fs::read_dir(&kept).unwrap() {
        let file = std::fs::File::options().append(true).open(file.unwrap().path()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    pinx.run(&["generate", "a fox", "-m", "pinx/sketch"]).exits(0);
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 0);
}

#[test]
fn an_equal_picture_elsewhere_is_the_same_and_another_is_not() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    std::fs::copy(pinx.work().join("mug.png"), pinx.work().join("copy.png")).unwrap();
    for (name, posts) in [("mug.png", 1), ("copy.png", 1), ("cup.jpg", 2)] {
        pinx.run(&[&args(&[name])[..], &["--cache"]].concat()).exits(0);
        assert_eq!(fake.posts(), posts, "{name}");
    }
}

/// The same with these variables.
fn with(pinx: Pinx, words: &[(&str, &str)]) -> Pinx {
    words.iter().fold(pinx, |pinx, (name, value)| pinx.env(name, *value))
}

/// A run whose first request is answered with "not now", before `meanwhile` happens to its picture.
pub fn changed(
    words: &[(&str, &str)],
    meanwhile: impl Fn(&Path) + Send + Sync + 'static,
    code: &str,
) {
    let fake = OpenAi::start();
    let pinx = with(world(&fake), words);
    let path = pinx.work().join("mug.png");
    fake.next_with(Kind::Images, move |_, _| {
        meanwhile(&path);
        rate_limited().header("retry-after-ms", "10")
    });
    let output = ends(pinx.run(&args(&["mug.png"])), 2, 0).says("nothing was paid");
    assert_eq!(fake.posts(), 1, "nothing whole came a second time\n{output}");
    // Nothing that was written down as sent may stay open.
    let failed = pinx.entries("failed").remove(0);
    assert_eq!((&failed["code"], &failed["billed"]), (&json!(code), &json!("no")));
    assert_eq!((pinx.entries("intent").len(), pinx.entries("tried").len()), (2, 1));
    pinx.run(&["recover"]).exits(0);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn fault_92_a_picture_that_changes_before_it_is_sent_costs_nothing() {
    let other = image::bytes(64, 97, "png");
    changed(&[], move |path| std::fs::write(path, &other).unwrap(), "input_changed");
}

#[test]
fn fault_93_a_picture_that_goes_or_cannot_be_read_costs_nothing() {
    changed(&[], |path| std::fs::remove_file(path).unwrap(), "input_gone");
    let unreadable = |path: &Path| {
        std::fs::remove_file(path).unwrap();
        std::fs::create_dir(path).unwrap();
    };
    changed(&[], unreadable, "input_unreadable");
}

/// What stands before a fake: so many bytes of the first request, then this answer, or none; all
/// further connections lead to the fake.
fn before(fake: &OpenAi, bytes: usize, answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let behind = fake.url().trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        let mut taken = vec![0; bytes];
        first.read_exact(&mut taken).unwrap();
        if let Some(answer) = answer {
            first.write_all(answer.as_bytes()).unwrap();
            first.shutdown(Shutdown::Write).unwrap();
            while first.read(&mut taken).is_ok_and(|read| read > 0) {}
        }
        drop(first);
        for stream in listener.incoming() {
            let (Ok(from), Ok(to)) = (stream, TcpStream::connect(&behind)) else { return };
            for (mut from, mut to) in [(from.try_clone(), to.try_clone()), (Ok(to), Ok(from))]
                .map(|(from, to)| (from.unwrap(), to.unwrap()))
            {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    format!("http://{address}/v1")
}

/// A world with a picture that no system takes in one gulp, behind such an address.
fn with_large(fake: &OpenAi, bytes: usize, answer: Option<&'static str>) -> Pinx {
    let pinx = world(fake).env("PINX_PROVIDERS_OPENAI_BASE_URL", before(fake, bytes, answer));
    let large: Arc<[u8]> = image::noise(2_500, 2_000).into();
    std::fs::write(pinx.work().join("large.png"), &large).unwrap();
    pinx
}

#[test]
fn fault_94_a_body_that_breaks_off_was_not_sent() {
    broken_off(&[]);
}

/// A body that breaks off is sent again, and whatever becomes of it, nothing was paid for the first one;
/// one that was whole may have been.
pub fn broken_off(words: &[(&str, &str)]) {
    let fake = OpenAi::start();
    let pinx = with(with_large(&fake, 100_000, None), words);
    ends(pinx.run(&args(&["large.png"])), 0, 1);
    assert_eq!(fake.posts(), 1, "once whole");
    let tried = pinx.entries("tried").remove(0);
    assert_eq!((&tried["code"], &tried["billed"]), (&json!("cut_while_sending"), &json!("no")));
    let pinx = with(with_large(&fake, 100_000, None), words);
    ends(pinx.run(&[&args(&["large.png"])[..], &["--retries", "0"]].concat()), 1, 0);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.entries("failed").len()), (1, 1));
    fake.answers(Answer::dropped());
    let pinx = with(world(&fake), words);
    ends(pinx.run(&args(&["mug.png", "cup.jpg"])), 75, 0);
    assert_eq!((fake.posts(), pinx.entries("open").len()), (2, 1));
}

#[test]
fn fault_95_a_body_that_was_whole_may_have_been_paid() {
    let fake = OpenAi::start();
    fake.answers(Answer::dropped());
    let pinx = world(&fake);
    ends(pinx.run(&args(&["mug.png", "cup.jpg"])), 75, 0);
    assert_eq!((fake.posts(), pinx.entries("open").len()), (1, 1));
    pinx.run(&["recover"]).exits(75);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn fault_96_an_early_refusal_of_half_a_body_is_read() {
    let fake = OpenAi::start();
    for (status, code) in [("413 x", 1), ("401 x", 3)] {
        let answer: &'static str =
            format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nno").leak();
        let pinx = with_large(&fake, 100_000, Some(answer));
        ends(pinx.run(&args(&["large.png"])), code, 0);
        assert_eq!(pinx.entries("failed")[0]["status"], status[..3].parse::<u64>().unwrap());
    }
    assert_eq!(fake.posts(), 0);
}

#[test]
fn fault_97_a_killed_edit_is_never_sent_again() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, _| Answer::hang());
    let pinx = world(&fake);
    let all = args(&["mug.png"]);
    let running = pinx.command(&all).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish();
    std::fs::remove_file(pinx.work().join("mug.png")).unwrap();
    pinx.run(&["recover"]).exits(75);
    assert_eq!(fake.posts(), 1);
    let open: Vec<Value> = pinx.entries("intent");
    assert_eq!(open.len(), 1);
    // A refusal of what was sent says so, and ends it.
    fake.answers(error(400, "invalid_image_file", "Invalid image file"));
    let pinx = world(&fake);
    ends(pinx.run(&all), 1, 0).says("Invalid image file");
}

#[test]
fn how_closely_pictures_are_kept_is_said_where_a_model_knows_it() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    for (model, level, told) in [
        ("openai/gpt-image-1.5", "high", ""),
        ("openai/gpt-image-1-mini", "low", ""),
        ("openai/gpt-image-1-mini", "high", "openai/gpt-image-1-mini has no high one"),
        ("openai/gpt-image-2", "high", "openai/gpt-image-2 has no such setting"),
    ] {
        let all = ["edit", "night", "-i", "mug.png", "-m", model, "--input-fidelity", level];
        let all = [&all[..], &["--no-fallback", "-o", "out/"]].concat();
        pinx.run(&all).exits(0).says(told);
        let sent = fake.requests(Kind::Images).pop().unwrap().json;
        let is_sent = told.is_empty().then(|| json!(level));
        assert_eq!(sent.get("input_fidelity"), is_sent.as_ref(), "{model} {level}");
        let strict = pinx.run(&[&all[..], &["--strict", "--dry-run"]].concat());
        strict.exits(if told.is_empty() { 0 } else { 2 });
    }
    let alone = ["generate", "a fox", "-m", "openai/gpt-image-1.5", "--input-fidelity", "high"];
    pinx.run(&alone).exits(0).says("it is made from no picture");
    let wrong = ["edit", "night", "-i", "mug.png", "--input-fidelity", "highest"];
    pinx.run(&wrong).exits(2).says("`--input-fidelity` must be high or low, not `highest`");
    for (ability, there, not) in [
        ("edit", "openai/gpt-image-2", "fal/recraft-v4"),
        ("mask", "openai/gpt-image-2", "vercel/gpt-image-2"),
        ("references", "openai/gpt-image-2", "fal/fast-sdxl"),
    ] {
        let output = pinx.run(&["models", "--all", "--can", ability, "--json"]).exits(0).json();
        let ids: Vec<_> = output["models"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
        assert!(ids.contains(&&json!(there)) && !ids.contains(&&json!(not)), "{ability}: {ids:?}");
    }
    let show = pinx.run(&["models", "show", "openai/gpt-image-1.5"]).exits(0);
    let words = [
        "pictures in",
        "up to 16 (png, jpeg, webp; 50 MB each)",
        "mask as a hint; fidelity high or low",
    ];
    let shown = show.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.iter().all(|word| shown.contains(word)), "{show}");
}
