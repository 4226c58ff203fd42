//! Files that are named as input: without end, pipes, devices. Nothing waits for ever, nothing fills the
//! memory or the disk, and what a shell hands over is read.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Instant;

use crate::fake::image;
use crate::fake::openai::OpenAi;
use crate::pinx::{Output, Pinx};

/// KiB that a command may take that reads next to nothing.
const LITTLE: u64 = 60 * 1024;

/// A pipe that nobody writes into, and links to what has no end.
fn traps() -> Pinx {
    let pinx = Pinx::new().file("prompts.txt", "a fox\n");
    let work = pinx.work();
    for name in ["pipe.png", "pipe.jsonl"] {
        let made = std::process::Command::new("mkfifo").arg(work.join(name)).status().unwrap();
        assert!(made.success());
    }
    for name in ["zero", "zero.png", "zero.txt", "zero.yaml", "zero.toml"] {
        symlink("/dev/zero", work.join(name)).unwrap();
    }
    pinx
}

fn refused(pinx: &Pinx, args: &[&str]) -> Output {
    let (output, peak) = pinx.command(args).spawn().finish_watched();
    assert!(peak < LITTLE, "{peak} KiB at its peak\n{output}");
    output.exits(2).prints(&[])
}

#[test]
fn what_has_no_end_is_no_input() {
    let pinx = traps();
    for args in [
        &["generate", "@zero"][..],
        &["generate", "--prompt-file", "/dev/zero"],
        &["batch", "zero.txt"],
        &["batch", "zero.yaml"],
        &["info", "zero.png"],
        &["--config", "zero.toml", "models"],
        &["redo", "/dev/zero"],
    ] {
        let output = refused(&pinx, args);
        assert!(output.stderr.contains("zero"), "which file is not told\n{output}");
    }
    for args in [&["open", "pipe.png"][..], &["open", "zero.png"]] {
        refused(&pinx, args).says("it is no regular file");
    }
    let long = "a fox ".repeat(1 << 20);
    pinx.command(&["generate"]).stdin(long.clone()).run().exits(2).says("larger than 4 MiB");
    fs::write(pinx.work().join("long.txt"), long).unwrap();
    pinx.run(&["generate", "@long.txt"]).exits(2).says("`long.txt`").says("larger than 4 MiB");
    assert!(pinx.kept().is_empty());
}

#[test]
fn a_pipe_is_waited_for_only_while_somebody_writes() {
    let pinx = traps();
    let begun = Instant::now();
    let lines = [
        "pinx info pipe.png",
        "pinx generate @pipe.png",
        "pinx batch pipe.jsonl",
        "pinx --config pipe.png models",
    ];
    std::thread::scope(|scope| {
        for line in lines {
            let pinx = &pinx;
            scope.spawn(move || {
                let ended = pinx.shell(line);
                let talk = String::from_utf8_lossy(&ended.stderr).into_owned();
                let is_told = talk.contains("it is a pipe, and nobody writes into it");
                assert!(ended.status.code() == Some(2) && is_told, "{line}\n{talk}");
            });
        }
    });
    assert!(begun.elapsed().as_secs() < 60);
}

#[test]
fn what_a_shell_hands_over_is_read() {
    let pinx = Pinx::new().file("prompts.txt", "a grey owl\n");
    fs::write(pinx.work().join("mark.png"), image::marked(7)).unwrap();
    let sketch = "-m pinx/sketch -s 64x64";
    for (line, made) in [
        (format!("pinx generate @<(echo a fox) {sketch}"), "a-fox.png"),
        (
            format!("pinx generate --prompt-file /dev/stdin {sketch} < prompts.txt"),
            "a-grey-owl.png",
        ),
        (format!("pinx generate --prompt-file <(echo a hen) {sketch}"), "a-hen.png"),
        (
            format!("echo '{{\"prompt\":\"a pig\"}}' | pinx batch - {sketch} -o a/"),
            "a/001-a-pig.png",
        ),
        (
            "mkfifo p.jsonl; (sleep 0.2; echo '\"a cow\"' > p.jsonl) & pinx batch p.jsonl \
          -m pinx/sketch -s 64x64 -o b/"
                .to_owned(),
            "b/001-a-cow.png",
        ),
        (
            format!("pinx --config <(echo 'format = \"jpeg\"') generate 'a cat' {sketch}"),
            "a-cat.jpg",
        ),
        (format!("pinx --config /dev/null generate 'a dog' {sketch}"), "a-dog.png"),
        ("pinx info <(cat mark.png) > told.txt && pinx info - < mark.png".to_owned(), "told.txt"),
    ] {
        let ended = pinx.shell(&format!("exec bash -c '{}'", line.replace('\'', r"'\''")));
        let talk = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && pinx.work().join(made).exists(), "{line}\n{talk}");
    }
}

#[test]
fn what_is_remembered_of_models_is_read_within_bounds() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let place = pinx.data().join("limits");
    fs::create_dir_all(&place).unwrap();
    let made = std::process::Command::new("mkfifo").arg(place.join("missing.json")).status();
    assert!(made.unwrap().success());
    pinx.run(&["a red fox"]).exits(0);
    fs::remove_file(place.join("missing.json")).unwrap();
    fs::write(place.join("missing.json"), "[".repeat(8 << 20)).unwrap();
    refused(&pinx, &["a red fox", "-s", "nonsense"]);
    pinx.run(&["a grey owl"]).exits(0);
}

#[test]
fn an_image_for_a_stdout_that_is_nowhere_is_not_paid() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    for line in ["pinx 'a red fox' -o - >&-", "pinx 'a red fox' -o - > /dev/null"] {
        let ended = pinx.shell(line);
        let talk = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.code() == Some(2) && talk.contains("stdout is closed"), "{talk}");
    }
    assert_eq!((fake.posts(), pinx.entries("intent").len()), (0, 0));
    // What a full stdout did not take is told, also to who wants to hear nothing.
    for quiet in ["", "-q"] {
        let ended = pinx.shell(&format!("pinx 'a red fox' {quiet} -o - > /dev/full"));
        let talk = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(7), "{talk}");
        let kept = pinx.kept();
        let told = kept.iter().find(|path| talk.contains(&path.display().to_string()));
        assert!(told.is_some_and(|path| path.exists()), "{talk}\n{kept:?}");
    }
}

#[test]
fn no_image_goes_where_pinx_keeps_its_own() {
    let fake = OpenAi::start();
    let pinx = Pinx::new()
        .openai(&fake)
        .file("own.jsonl", "{\"prompt\": \"a fox\", \"output\": \".pinx/claims/fox.png\"}\n");
    let data = pinx.data().display().to_string();
    for place in ["kept/", "log/fox.png", "run/", "limits/{slug}.{ext}", "cache/images/"] {
        let place = format!("{data}/{place}");
        pinx.run(&["a red fox", "-o", &place]).exits(2).says("is where pinx keeps");
    }
    pinx.run(&["a red fox", "-o", ".pinx/claims/"]).exits(2).says("choose another place");
    let batch = ["batch", "own.jsonl", "-o", "out/", "-y"];
    pinx.run(&batch).exits(2).says(".pinx/claims");
    assert_eq!(fake.posts(), 0);
    let beside = format!("{data}/pictures/");
    pinx.run(&["a red fox", "-o", &beside]).exits(0);
}
