//! Pictures made from others over fal: inputs are uploaded once and named by their links, of whatever
//! fails before the submit nothing was paid, and what was paid for is found by its links.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::edit::ends;
use crate::fake::fal::{Fal, error, located};
use crate::fake::{Answer, Gate, Kind, Request, image};
use crate::pinx::{FAL_KEY, Pinx, files_below};

const MODEL: [&str; 3] = ["-m", "fal/nano-banana", "--no-fallback"];

fn args<'a>(images: &[&'a str]) -> Vec<&'a str> {
    let images = images.iter().flat_map(|image| ["-i", image]);
    ["edit", "make it night"].into_iter().chain(images).chain(MODEL).collect()
}

/// A world with a few pictures in it.
fn world(fake: &Fal) -> Pinx {
    let pinx = Pinx::new().fal(fake);
    for (name, size, format) in [
        ("mug.png", (640, 960), "png"),
        ("cup.jpg", (320, 320), "jpeg"),
        ("pot.webp", (400, 400), "webp"),
    ] {
        std::fs::write(pinx.work().join(name), image::bytes(size.0, size.1, format)).unwrap();
    }
    pinx
}

fn registry(pinx: &Pinx) -> Vec<PathBuf> {
    files_below(&pinx.data().join("inputs").join("uploads"))
}

#[test]
fn an_input_is_uploaded_without_a_key_and_named_by_its_link() {
    let fake = Fal::start();
    let pinx = world(&fake);
    let output = ends(pinx.run(&args(&["mug.png", "cup.jpg", "mug.png"])), 0, 1);
    let made = output.files.iter().find(|name| name.starts_with("make-it")).unwrap().clone();
    output
        .says("pictures are uploaded to fal: whoever knows their links can see them for 24 hours");
    let uploads = fake.uploads();
    assert_eq!((fake.count(Kind::Initiate), uploads.len(), fake.posts()), (2, 2, 1));
    for (upload, name) in uploads.iter().zip(["mug.png", "cup.jpg"]) {
        assert_eq!(&*upload.bytes, pinx.read(name), "{name}");
        let kind = if name == "mug.png" { "image/png" } else { "image/jpeg" };
        assert_eq!(upload.header("content-type"), Some(kind));
        assert_eq!(upload.header("authorization"), None);
        let told = format!("{} {} {:?}", upload.path, upload.query, upload.headers);
        assert!(!told.contains("mug") && !told.contains("cup") && !told.contains(FAL_KEY));
    }
    let submit = fake.requests(Kind::Submit).remove(0);
    assert_eq!(submit.path, "/queue/fal-ai/nano-banana/edit");
    let link = |upload: &Request| {
        json!(format!("{}{}", fake.cdn.url(), upload.path.replace("/put/", "/inputs/")))
    };
    let [mug, cup] = [link(&uploads[0]), link(&uploads[1])];
    assert_eq!(submit.json["image_urls"], json!([mug, cup, mug]));
    assert_eq!(submit.json["aspect_ratio"], "2:3", "that of the first picture");
    assert!(fake.requests(Kind::Status)[0].path.starts_with("/queue/fal-ai/nano-banana/requests/"));
    // The intent holds the paid call with its links; an order and a recipe know none.
    let intent = pinx.entries("intent").remove(0);
    assert_eq!(intent["call"]["body"]["image_urls"], json!([mug, cup, mug]));
    for part in ["order", "recipe"] {
        assert!(!intent[part].to_string().contains("/inputs/"), "{intent}");
    }
    let made = pinx.read(&made);
    assert!(!String::from_utf8_lossy(&made).contains("/inputs/"));
    // One that takes a single picture has a field of its own; more than are read are refused.
    let one = ["edit", "make it day", "-i", "mug.png", "-m", "fal/fast-sdxl", "--no-fallback"];
    pinx.run(&one).exits(0);
    let submit = fake.requests(Kind::Submit).remove(1);
    assert_eq!(submit.path, "/queue/fal-ai/fast-sdxl/image-to-image");
    assert_eq!((&submit.json["image_url"], submit.json.get("image_urls")), (&mug, None));
    assert_eq!(submit.json["image_size"], json!({ "width": 640, "height": 960 }));
    pinx.run(&[&one[..], &["-i", "cup.jpg"]].concat()).exits(2).says("reads 1 image, and 2");
    // Nothing is uploaded for what is not made, and nothing is hidden of what would be.
    let dry = pinx.run(&[&args(&["pot.webp"])[..], &["--dry-run", "--json"]].concat()).exits(0);
    let told = dry.json()["jobs"][0]["call"]["body"]["image_urls"].to_string();
    assert!(told.contains("the link of image 1, which is uploaded first"), "{told}");
    let poor = ["--max-cost", "0.04", "-m", "fal/flux-2-pro"];
    let poor = [&["edit", "make it night", "-i", "pot.webp", "--no-fallback"][..], &poor].concat();
    pinx.run(&poor).exits(6);
    assert_eq!((fake.uploads().len(), fake.posts()), (2, 2));
}

#[test]
fn fault_116_one_upload_serves_all_who_need_it() {
    let fake = Fal::start();
    let pinx = world(&fake);
    let mug = args(&["mug.png"]);
    let three = [&mug[..], &["-n", "3"]].concat();
    let gate = Gate::default();
    let behind = gate.clone();
    fake.next_with(Kind::Initiate, move |_, usual| usual.behind(&behind));
    // Who names its images first is no matter.
    let start = |_| {
        let mut command = pinx.command(&three).plain();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = (0..8).map(start).collect();
    fake.wait_for(Kind::Initiate, 1);
    gate.open();
    // Who uploads it says so, once; the others have its link.
    let mut uploading = 0;
    for running in running {
        let output = running.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        uploading += told.matches("pictures are uploaded").count();
    }
    assert_eq!(uploading, 1);
    assert_eq!((fake.uploads().len(), fake.posts()), (1, 24));
    // Also later, from another copy of the same picture; not with another account.
    std::fs::copy(pinx.work().join("mug.png"), pinx.work().join("copy.png")).unwrap();
    // What the eight have called their images says nothing of what is called otherwise.
    let later = |pinx: &Pinx, image: &str| {
        pinx.run(&[&args(&[image])[..], &["-o", "later/"]].concat()).exits(0)
    };
    later(&pinx, "copy.png").never_says("uploaded");
    assert_eq!(fake.uploads().len(), 1);
    const OTHER: &str = "5f1f3b1e-1111-4222-8333-444455556666:1123456789abcdef";
    let pinx = pinx.secret(OTHER).env("FAL_KEY", OTHER);
    later(&pinx, "mug.png");
    assert_eq!((fake.uploads().len(), registry(&pinx).len()), (2, 2));
    // A damaged entry is none.
    for entry in registry(&pinx) {
        std::fs::write(entry, "{\"url\":").unwrap();
    }
    later(&pinx, "mug.png");
    assert_eq!(fake.uploads().len(), 3);
}

#[test]
fn fault_110_an_upload_that_fails_is_made_again_and_costs_nothing() {
    let fake = Fal::start();
    for (at, is_put, answer) in [
        ("a 500", false, error(500, "boom")),
        ("a 429", false, error(429, "slow down").header("retry-after", "0")),
        ("a dropped one", false, Answer::dropped()),
        ("HTML", false, Answer::html(200)),
        ("a 503 of the place", true, error(503, "boom")),
        ("a place that has ended", true, error(403, "expired")),
        ("a dropped one of the place", true, Answer::dropped()),
        ("a redirect", true, error(307, "there").header("location", "http://127.0.0.1:9/x")),
    ] {
        let (before, posts) = (fake.count(Kind::Initiate), fake.posts());
        let (server, kind) =
            if is_put { (&fake.cdn, Kind::Upload) } else { (&*fake, Kind::Initiate) };
        server.next(kind, answer.clone());
        let pinx = world(&fake);
        ends(pinx.run(&args(&["mug.png"])), 0, 1);
        assert_eq!((fake.count(Kind::Initiate), fake.posts()), (before + 2, posts + 1), "{at}");
        server.always(kind, answer);
        let pinx = world(&fake);
        ends(pinx.run(&args(&["mug.png"])), 1, 0).says("in 3 tries").says("nothing was paid");
        assert_eq!((fake.count(Kind::Initiate), fake.posts()), (before + 5, posts + 1), "{at}");
        assert!(pinx.entries("intent").is_empty() && registry(&pinx).is_empty(), "{at}");
        server.always_with(kind, |_, usual| usual);
    }
    assert!(fake.cdn.all().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn fault_111_an_upload_that_is_refused_is_not_made_again() {
    let fake = Fal::start();
    for (is_put, answer, code, told) in [
        (false, error(401, "Cannot access application"), 3, "key"),
        (false, error(422, "no such type"), 1, "refuses image 1 `"),
        (true, error(413, "too large"), 1, "answers with 413; nothing was paid"),
    ] {
        let before = fake.count(Kind::Initiate);
        let (server, kind) =
            if is_put { (&fake.cdn, Kind::Upload) } else { (&*fake, Kind::Initiate) };
        server.next(kind, answer);
        let pinx = world(&fake);
        ends(pinx.run(&args(&["mug.png"])), code, 0).says(told);
        assert_eq!((fake.count(Kind::Initiate), fake.posts()), (before + 1, 0), "{told}");
        assert!(pinx.entries("intent").is_empty());
    }
    // One that is refused says nothing of another that was taken.
    let pinx = world(&fake);
    let before = fake.count(Kind::Initiate);
    fake.next_with(Kind::Initiate, |_, usual| usual);
    fake.next(Kind::Initiate, error(422, "no such type"));
    let both = args(&["mug.png", "cup.jpg"]);
    ends(pinx.run(&both), 1, 0).says("refuses image 2 `");
    assert_eq!((fake.count(Kind::Initiate), registry(&pinx).len()), (before + 2, 1));
    pinx.run(&both).exits(0);
    assert_eq!((fake.count(Kind::Initiate), fake.posts()), (before + 3, 1));
    let fake = Fal::start();
    // A picture that is another one by then, or none.
    for (code, change) in
        [("input_changed", Some(image::bytes(640, 961, "png"))), ("input_gone", None)]
    {
        let gate = Gate::default();
        let behind = gate.clone();
        fake.next_with(Kind::Initiate, move |_, usual| usual.behind(&behind));
        let pinx = world(&fake);
        let before = fake.count(Kind::Initiate);
        let running = pinx.command(&[&args(&["mug.png"])[..], &["--json"]].concat()).spawn();
        fake.wait_for(Kind::Initiate, before + 1);
        let mug = pinx.work().join("mug.png");
        match change {
            Some(bytes) => std::fs::write(mug, bytes).unwrap(),
            None => std::fs::remove_file(mug).unwrap(),
        }
        gate.open();
        let output = ends(running.finish(), 2, 0);
        assert_eq!(output.json()["jobs"][0]["error"]["code"], code, "{output}");
        assert_eq!(fake.posts(), 0);
    }
}

#[test]
fn fault_112_an_upload_is_led_nowhere_else() {
    let fake = Fal::start();
    for place in [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/put",
        "http://example.com/put",
        "file:///etc/passwd",
        "https://user:word@example.com/put",
        "no address",
    ] {
        for key in ["upload_url", "file_url"] {
            fake.always_with(Kind::Initiate, move |_, usual| {
                let mut body: Value = serde_json::from_slice(&usual.body).unwrap();
                body[key] = json!(place);
                Answer::json(200, &body)
            });
            let pinx = world(&fake).env("PINX_BACKOFF", "1ms");
            ends(pinx.run(&args(&["mug.png"])), 1, 0).says("is refused");
            assert!(pinx.entries("intent").is_empty());
        }
    }
    assert_eq!((fake.uploads().len(), fake.posts()), (0, 0));
}

#[test]
fn fault_113_a_link_that_has_ended_is_made_anew() {
    let fake = Fal::start();
    let pinx = world(&fake);
    let mug = args(&["mug.png"]);
    pinx.run(&mug).exits(0);
    let entry = registry(&pinx).remove(0);
    let mut known: Value = serde_json::from_slice(&std::fs::read(&entry).unwrap()).unwrap();
    // Its last hour.
    known["expires"] = json!((jiff::Timestamp::now() + jiff::Span::new().minutes(59)).to_string());
    std::fs::write(&entry, known.to_string()).unwrap();
    pinx.run(&mug).exits(0);
    assert_eq!((fake.uploads().len(), fake.posts()), (2, 2));
    // One of which fal says that it cannot be read, although it should be.
    let gone = located(422, "file_download_error", "image_urls", "Failed to download the file");
    fake.answers(gone);
    pinx.run(&mug).exits(1).says("Failed to download the file");
    assert_eq!((fake.uploads().len(), fake.posts(), registry(&pinx).len()), (2, 3, 0));
    pinx.run(&mug).exits(0);
    assert_eq!((fake.uploads().len(), fake.posts()), (3, 4));
}

#[test]
fn fault_114_killed_before_the_submit_nothing_is_open() {
    let fake = Fal::start();
    let pinx = world(&fake);
    let both = args(&["mug.png", "cup.jpg"]);
    // The first is there, and the second is asked for, or on its way.
    for is_put in [false, true] {
        let (server, kind) =
            if is_put { (&fake.cdn, Kind::Upload) } else { (&*fake, Kind::Initiate) };
        let before = server.count(kind);
        if before == 0 {
            server.next_with(kind, |_, usual| usual);
        }
        server.next(kind, Answer::hang());
        let running = pinx.command(&both).spawn();
        server.wait_for(kind, before + if before == 0 { 2 } else { 1 });
        running.signal("KILL");
        running.finish();
        assert!(pinx.entries("intent").is_empty());
        pinx.run(&["recover"]).exits(0);
    }
    ends(pinx.run(&both), 0, 1);
    let whole = |name: &str| {
        let bytes = pinx.read(name);
        fake.uploads().iter().filter(|upload| *upload.bytes == *bytes).count()
    };
    // What came to its end before the kill serves on.
    assert_eq!((whole("mug.png"), fake.posts(), pinx.entries("intent").len()), (1, 1, 1));
}

#[test]
fn fault_115_an_edit_without_an_answer_is_found_by_its_links() {
    let fake = Fal::start();
    let pinx = world(&fake);
    let seeded = |image| [&args(&[image])[..], &["--seed", "7"]].concat();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    let running = pinx.command(&seeded("mug.png")).spawn();
    fake.wait_for(Kind::Submit, 1);
    running.signal("KILL");
    running.finish();
    // The history knows the same words with another picture, which is another job.
    let hidden = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_hidden = std::sync::Arc::clone(&hidden);
    fake.always_with(Kind::History, move |_, usual| {
        if !is_hidden.load(std::sync::atomic::Ordering::SeqCst) {
            return usual;
        }
        let mut body: Value = serde_json::from_slice(&usual.body).unwrap();
        for item in body["items"].as_array_mut().unwrap() {
            item["json_input"]["image_urls"] = json!(["https://v3.fal.media/files/another.png"]);
        }
        Answer::json(200, &body)
    });
    std::fs::remove_file(pinx.work().join("mug.png")).unwrap();
    pinx.run(&["recover"]).exits(75).says("does not know it");
    hidden.store(false, std::sync::atomic::Ordering::SeqCst);
    ends(pinx.run(&["recover"]), 0, 1);
    assert_eq!((fake.uploads().len(), fake.posts()), (1, 1));
    // In the same run, too.
    fake.next_with(Kind::Submit, |_, _| Answer::dropped());
    ends(pinx.run(&seeded("cup.jpg")), 0, 2);
    assert_eq!((fake.uploads().len(), fake.posts()), (2, 2));
}
