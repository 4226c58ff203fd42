//! What was made last has a word: `last` of `info`, `redo`, `log show` and `open`; and what `open`
//! opens.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::fake::openai::{OpenAi, error};
use crate::fake::{Kind, PATIENCE};
use crate::pinx::Pinx;

const TINY: [&str; 5] = ["-m", "pinx/sketch", "-s", "64x64", "--seed=7"];

/// With a display, and a viewer that writes down what it is to show.
pub fn with_viewer(pinx: Pinx) -> Pinx {
    let (directory, told) = (pinx.root().join("bin"), pinx.root().join("opened"));
    fs::create_dir(&directory).unwrap();
    for name in ["xdg-open", "open"] {
        let script = format!("#!/bin/sh\necho \"$1\" >> '{}'\n", told.display());
        let viewer = directory.join(name);
        fs::write(&viewer, script).unwrap();
        make_runnable(&viewer);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    pinx.env("PATH", format!("{}:{path}", directory.display())).env("DISPLAY", ":9")
}

#[cfg(unix)]
fn make_runnable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_runnable(_path: &Path) {}

/// What the viewer was given since the last time, once it was given so many; nobody waits for it.
fn opened(pinx: &Pinx, count: usize) -> Vec<String> {
    let told = pinx.root().join("opened");
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(&told).unwrap_or_default();
        if text.lines().count() >= count || begun.elapsed() > PATIENCE {
            let _ = fs::remove_file(&told);
            let name = |line: &str| Path::new(line).file_name().unwrap().display().to_string();
            return text.lines().map(name).collect();
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
fn last_is_the_newest_picture_or_the_newest_run() {
    let fake = OpenAi::start();
    let pinx = with_viewer(Pinx::new().openai(&fake));
    for command in [&["info", "last"][..], &["redo", "last"], &["open"], &["log", "show", "last"]] {
        pinx.run(command).exits(2).says("nothing has been made yet");
    }
    pinx.run(&[&["a grey owl"], &TINY[..]].concat()).exits(0);
    pinx.run(&[&["a red fox", "-n2"], &TINY[..]].concat()).exits(0);
    fake.always(Kind::Images, error(401, "invalid_api_key", "no"));
    pinx.run(&["a blue whale", "-m", "openai/gpt-image-2"]).exits(3);
    // The run that failed is the newest run; what it made before is the newest picture.
    let shown = pinx.run(&["log", "show", "last"]).exits(0).stdout;
    assert!(shown.contains("a blue whale") && !shown.contains("a red fox"), "{shown}");
    let info = pinx.run(&["info", "last", "--json"]).exits(0).json();
    let files: Vec<&Value> =
        info["images"].as_array().unwrap().iter().map(|image| &image["file"]).collect();
    assert_eq!(files, ["a-red-fox.png", "a-red-fox-2.png"]);
    pinx.run(&["redo", "last", "-j1"]).exits(0).prints(&["a-red-fox-3.png", "a-red-fox-4.png"]);
    let output = pinx.run(&["open", "--json"]).exits(0).json();
    let whole = |name: &str| json!(fs::canonicalize(pinx.work()).unwrap().join(name));
    let both = json!([whole("a-red-fox-3.png"), whole("a-red-fox-4.png")]);
    assert_eq!((&output["paths"], &output["opened"]), (&both, &both), "{output}");
    assert_eq!(opened(&pinx, 2).len(), 2);
    // What the id of a run or job means, `info` knows, too.
    let run = pinx.entries("done")[0]["run"].as_str().unwrap().to_owned();
    assert!(pinx.run(&["info", &run]).exits(0).stdout.contains("a grey owl"));
    pinx.run(&["info", "no-such.png"]).exits(2).says("`no-such.png` cannot be read");
    pinx.run(&["info", "nosuch"]).exits(2).says("`nosuch` cannot be read");
    let failed = pinx.entries("failed")[0]["job"].as_str().unwrap().to_owned();
    pinx.run(&["open", &failed]).exits(2).says("has made no image").says("pinx log show");
    pinx.run(&["info", &failed]).exits(2).says("has made no image");
}

#[test]
fn the_word_wins_over_a_file_of_its_name() {
    let pinx = with_viewer(Pinx::new());
    pinx.run(&[&["a grey owl", "-o", "last.png"], &TINY[..]].concat()).exits(0);
    fs::rename(pinx.work().join("last.png"), pinx.work().join("last")).unwrap();
    pinx.run(&[&["a red fox"], &TINY[..]].concat()).exits(0);
    for command in ["info", "redo", "open"] {
        let word = pinx.run(&[command, "last"]).exits(0).says("the file of this name is `./last`");
        assert!(!word.stdout.contains("owl"), "{word}");
        pinx.run(&[command, "./last"]).exits(0).never_says("is what was made last");
    }
    assert!(pinx.run(&["info", "./last"]).stdout.contains("a grey owl"));
}

#[test]
fn what_is_opened_is_an_image_or_a_page() {
    let pinx = with_viewer(Pinx::new());
    let pinx = pinx
        .file("notes.txt", "words")
        .file("page.html", "<!DOCTYPE html>\n<p>hello")
        .file("fake.png", "no image")
        .file("foreign/index.html", "<!doctype html><script>alert(1)</script>")
        .file("plain.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>")
        .file(
            "script.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        )
        .file("handler.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>")
        .file("link.svg", "<svg><image href=\"https://example.com/x.png\"/></svg>")
        .file("empty/notes.txt", "words")
        .file("three.txt", "a red fox\na grey owl\na blue whale\n")
        .file("twelve.jsonl", "{\"prompt\": \"a hen\", \"n\": 12, \"size\": \"64x64\"}\n");
    let batch = ["batch", "three.txt", "-m", "pinx/sketch", "-s", "64x64", "-o", "out", "-j", "1"];
    pinx.run(&[&batch[..], &["--gallery", "gallery.html"]].concat()).exits(0);
    fs::create_dir(pinx.work().join("album")).unwrap();
    fs::copy(pinx.work().join("gallery.html"), pinx.work().join("album/index.html")).unwrap();
    for (what, expected) in [
        (&["last"][..], &["gallery.html"][..]),
        (&["page.html", "out/001-a-red-fox.png"], &["page.html", "001-a-red-fox.png"]),
        (&["album"], &["index.html"]),
        (&["out"], &["out"]),
        (&["plain.svg"], &["plain.svg"]),
        (&["out/001-a-red-fox.png", "./out/001-a-red-fox.png"], &["001-a-red-fox.png"; 2]),
    ] {
        pinx.run(&[&["open"], what].concat()).exits(0);
        let mut names = opened(&pinx, expected.len());
        let mut expected = expected.to_vec();
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected, "{what:?}");
    }
    for (what, told) in [
        ("notes.txt", "`notes.txt` is neither an image nor a page"),
        ("fake.png", "`fake.png` is neither an image nor a page"),
        ("empty", "there is no page `index.html` in `empty`"),
        ("foreign", "`foreign/index.html` is no page of pinx, or was changed"),
        ("script.svg", "`script.svg` may run a script, or lead elsewhere"),
        ("handler.svg", "`handler.svg` may run a script"),
        ("link.svg", "`link.svg` may run a script"),
        ("nosuch.png", "nothing in the log has the id or the file `nosuch.png`"),
    ] {
        pinx.run(&["open", what]).exits(2).says(told);
    }
    // A picture whose content is one, under a name that systems would run.
    fs::copy(pinx.work().join("out/001-a-red-fox.png"), pinx.work().join("fox.exe")).unwrap();
    pinx.run(&["open", "fox.exe"]).exits(2).says("`fox.exe` is neither an image nor a page");
    // By its job's id it is the image alone; when the page is gone, all of the run.
    let job = pinx.entries("done")[1]["job"].as_str().unwrap().to_owned();
    pinx.run(&["open", &job]).exits(0);
    assert_eq!(opened(&pinx, 1).len(), 1);
    fs::remove_file(pinx.work().join("gallery.html")).unwrap();
    assert_eq!(pinx.run(&["open"]).exits(0).stdout.lines().count(), 3);
    assert_eq!(opened(&pinx, 3).len(), 3);
    fs::remove_dir_all(pinx.work().join("out")).unwrap();
    pinx.run(&["open"]).exits(2).says("is no longer there").says("pinx redo");
    // Nobody wants a dozen windows.
    pinx.run(&["batch", "twelve.jsonl", "-m", "pinx/sketch", "-o", "hens"]).exits(0);
    let many = pinx.run(&["open"]).exits(0).says("12 images: opened");
    assert_eq!(many.stdout.lines().count(), 12, "{many}");
    assert_eq!(opened(&pinx, 1), ["hens"]);
}

#[test]
fn without_a_display_or_a_viewer_the_path_is_printed() {
    let pinx = Pinx::new();
    pinx.run(&[&["a red fox", "--open"], &TINY[..]].concat())
        .exits(0)
        .prints(&["a-red-fox.png"])
        .says("is not opened: there is no display here");
    let path = fs::canonicalize(pinx.work()).unwrap().join("a-red-fox.png").display().to_string();
    pinx.run(&["open"]).exits(0).prints(&[&path]).says("no display").says("open the path yourself");
    let document = pinx.run(&["open", "--json"]).exits(0).json();
    assert_eq!(document["opened"], json!([]), "{document}");
    let pinx = pinx.env("DISPLAY", ":9").env("PATH", "/nonexistent");
    pinx.run(&["open"]).exits(0).prints(&[&path]).says("no program that opens files was found");
}

#[test]
fn a_name_that_looks_like_an_address_is_a_file() {
    let pinx = with_viewer(Pinx::new());
    for name in ["https:x.png", "mailto:a@b.png", "-x.png"] {
        pinx.run(&[&["a red fox", &format!("--output={name}")][..], &TINY[..]].concat()).exits(0);
        pinx.run(&["open", "--", name]).exits(0);
        let begun = Instant::now();
        let told = loop {
            let told = fs::read_to_string(pinx.root().join("opened")).unwrap_or_default();
            if told.ends_with('\n') || begun.elapsed() > PATIENCE {
                break told;
            }
        };
        fs::remove_file(pinx.root().join("opened")).unwrap();
        let whole = fs::canonicalize(pinx.work()).unwrap().join(name);
        assert_eq!(told.trim_end(), whole.display().to_string());
    }
}

#[test]
fn what_was_changed_since_it_was_saved_is_told_or_refused() {
    let pinx = with_viewer(Pinx::new());
    pinx.run(&[&["a red fox", "-o", "fox.png"], &TINY[..]].concat()).exits(0);
    pinx.run(&["open"]).exits(0).never_says("was changed");
    pinx.run(&[&["a grey owl", "-o", "owl.png"], &TINY[..]].concat()).exits(0);
    fs::copy(pinx.work().join("fox.png"), pinx.work().join("owl.png")).unwrap();
    pinx.run(&["open"]).exits(0).says("owl.png` was changed since it was saved");
    assert_eq!(opened(&pinx, 2).len(), 2);
    fs::write(pinx.work().join("owl.png"), "#!/bin/sh\n").unwrap();
    pinx.run(&["open", "last"]).exits(2).says("is neither an image nor a page");
}
