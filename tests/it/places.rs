//! Where images may go: never out of a project or a batch through a link, never into a device, and to
//! stdout only one.

use std::fs;
use std::os::unix::fs::symlink;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind, image};
use crate::pinx::Pinx;

const MODEL: [&str; 5] = ["generate", "a fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// A world with a directory outside the working directory, and links to it in there.
fn linked(names: &[&str]) -> (OpenAi, Pinx, tempfile::TempDir) {
    let (fake, outside) = (OpenAi::start(), tempfile::tempdir().unwrap());
    let pinx = Pinx::new().openai(&fake);
    for name in names {
        let link = pinx.work().join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(outside.path(), link).unwrap();
    }
    (fake, pinx, outside)
}

#[test]
fn fault_72_a_link_in_a_project_is_not_followed_by_its_template() {
    let links = ["gpt-image-2", "art/a-fox", "art/deep/gpt-image-2"];
    let (fake, pinx, outside) = linked(&links);
    for output in ["{model}/{slug}", "art/{slug}/", "art/deep/{model}/{n}/{slug}", "art/{slug}/x"] {
        let pinx = &pinx;
        fs::write(pinx.work().join("pinx.toml"), format!("output = '{output}'\n")).unwrap();
        pinx.run(&MODEL).exits(2).says("leads out of").says("`-o`");
        let dry = [&MODEL[..], &["--dry-run"]].concat();
        pinx.run(&dry).exits(2).says("leads out of");
        fs::write(pinx.work().join("b.txt"), "a fox\n").unwrap();
        pinx.run(&["batch", "b.txt", "-m", "openai/gpt-image-2"]).exits(2).says("leads out of");
    }
    assert_eq!((fake.posts(), fs::read_dir(outside.path()).unwrap().count()), (0, 0));
    // What the user names may be a link, and so may what does not leave the project.
    pinx.run(&[&MODEL[..], &["-o", "{model}/x.png"]].concat()).exits(0);
    assert!(outside.path().join("x.png").exists());
    symlink(pinx.work().join("art"), pinx.work().join("here")).unwrap();
    fs::write(pinx.work().join("pinx.toml"), "output = 'here/{model}-{slug}'\n").unwrap();
    pinx.run(&MODEL).exits(0);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn fault_72_a_link_in_a_batch_is_not_followed_by_its_outputs() {
    let (fake, pinx, outside) = linked(&["out/away", "out/gpt-image-2", "place"]);
    for output in ["away/x.png", "away/", "{model}/x.png", "away/deeper/x.png"] {
        let line = json!({ "prompt": "a fox", "output": output }).to_string();
        fs::write(pinx.work().join("b.jsonl"), line).unwrap();
        let args = ["batch", "b.jsonl", "-m", "openai/gpt-image-2", "-o", "out/"];
        pinx.run(&args).exits(2).says("leads out of").says("b.jsonl");
    }
    assert_eq!((fake.posts(), fs::read_dir(outside.path()).unwrap().count()), (0, 0));
    // The place itself the user names.
    fs::write(pinx.work().join("b.jsonl"), "{\"prompt\": \"a fox\", \"output\": \"x/y.png\"}")
        .unwrap();
    pinx.run(&["batch", "b.jsonl", "-m", "openai/gpt-image-2", "-o", "place/"]).exits(0);
    assert!(outside.path().join("x/y.png").exists());
}

#[test]
fn fault_74_stdout_takes_the_first_image_and_a_file_the_other() {
    let fake = OpenAi::start();
    let two =
        [64, 96].map(|edge| json!({ "b64_json": STANDARD.encode(image::bytes(edge, 64, "png")) }));
    fake.always(Kind::Images, Answer::json(200, &json!({ "data": two })));
    let pinx = Pinx::new().openai(&fake).env("PINX_METADATA", "never").file("a-fox.png", "taken");
    let args = [&MODEL[..], &["-o", "-"]].concat();
    let output = pinx.run(&args).exits(0);
    let output =
        output.says("a further image").says("`a-fox-2.png`").leaves(&["a-fox-2.png", "a-fox.png"]);
    assert_eq!(output.bytes, *image::bytes(64, 64, "png"), "{output}");
    assert_eq!(pinx.read("a-fox-2.png"), *image::bytes(96, 64, "png"), "{output}");
    assert!(pinx.kept().is_empty(), "{:?}", pinx.kept());
}

#[test]
fn fault_75_stdout_has_several_names_and_no_device_is_a_file() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_METADATA", "never");
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let output = pinx.run(&[&MODEL[..], &["-o", name]].concat()).exits(0).leaves(&[]);
        assert_eq!(output.bytes, *image::bytes(1024, 1024, "png"), "{output}");
        pinx.run(&["batch", "-", "-o", name]).exits(2);
    }
    let fifo = pinx.work().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    symlink("/dev/null", pinx.work().join("null.png")).unwrap();
    std::os::unix::net::UnixListener::bind(pinx.work().join("socket.png")).unwrap();
    let devices = ["/dev/null", "/dev/stderr", "/dev/fd/2", "/dev/zero"];
    // The last two are so only by the names that their images would get.
    let here = ["pipe", "null.png", "socket.png", "null", "socket"];
    for name in devices.into_iter().chain(here) {
        for force in [&[][..], &["--force"]] {
            let output = pinx.run(&[&MODEL[..], &["-o", name], force].concat()).exits(2);
            output.says("device or a pipe").says("-o - >");
        }
    }
    assert_eq!(fake.posts(), 3);
    // A pipe in the way of a default name is left alone.
    fs::rename(&fifo, pinx.work().join("a-fox.png")).unwrap();
    pinx.run(&[&MODEL[..], &["--force"]].concat()).exits(0).prints(&["a-fox-2.png"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_went_into_a_file_named_like_an_image_is_told() {
    let pinx = Pinx::new();
    let told = |line: &str| {
        let output = pinx.shell(&format!("pinx {line} -m pinx/sketch -s 64x64"));
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, talk) = told("generate 'a fox' > fox.png");
    assert!(code == Some(0) && talk.contains("went into `fox.png`, not the image"), "{talk}");
    assert!(talk.contains("`-o fox.png` saves it there"), "{talk}");
    assert_eq!(pinx.read("fox.png"), b"a-fox.png\n");
    for line in ["generate 'a fox' > paths.txt", "generate 'a fox' -o - > real.png"] {
        let (code, talk) = told(line);
        assert!(code == Some(0) && !talk.contains("went into"), "{line}: {talk}");
    }
    assert!(::image::load_from_memory(&pinx.read("real.png")).is_ok());
}

/// Without this the path of a paid image is on a disk that is full, and nowhere else.
#[cfg(target_os = "linux")]
#[test]
fn a_path_that_stdout_does_not_take_is_told_on_stderr() {
    let pinx = Pinx::new().file("zoo.txt", "a fox\nan owl\n");
    for (line, names) in [
        ("generate 'a fox' -s 64x64", &["a-fox.png"][..]),
        ("generate 'a fox' -s 64x64 -q", &["a-fox-2.png"]),
        ("generate 'a fox' -s 64x64 --json", &["a-fox-3.png"]),
        ("batch zoo.txt -s 64x64 -q", &["001-a-fox.png", "002-an-owl.png"]),
    ] {
        let output = pinx.shell(&format!("pinx {line} -m pinx/sketch > /dev/full"));
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(7), "{line}: {talk}");
        for name in names {
            let told = format!("saved, though stdout does not take it: {name}\n");
            assert!(talk.contains(&told), "{line}: {talk}");
            assert!(!pinx.read(name).is_empty());
        }
    }
}
