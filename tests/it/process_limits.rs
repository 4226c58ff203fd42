//! Limits that the system sets to the process: few handles, small files, little stack. None of them
//! costs what was paid for.

#![cfg(target_os = "linux")]

use std::time::Duration;

use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

/// So many prompts, each answered by a small image after a moment, so that many are under way.
fn world(prompts: usize) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    let small = with_image(&image::bytes(16, 16, "png"));
    fake.always(Kind::Images, small.after(Duration::from_millis(30)));
    let lines: Vec<String> = (0..prompts).map(|n| format!("fox {n}")).collect();
    let pinx = Pinx::new().openai(&fake).file("p.txt", &lines.join("\n"));
    (fake, pinx)
}

const BATCH: &str = "pinx batch p.txt -y -m openai/gpt-image-2 --no-fallback -o out/";

/// Runs a line of shell; answers with its exit code and what it said.
fn shell(pinx: &Pinx, line: &str) -> (Option<i32>, String) {
    let output = pinx.shell(line);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn fault_58_few_handles_lose_no_image() {
    for (handles, most) in [(64, 6), (256, 54)] {
        let (fake, pinx) = world(150);
        let (code, told) = shell(&pinx, &format!("ulimit -n {handles}; exec {BATCH} -j 200"));
        assert_eq!((code, fake.posts(), pinx.entries("done").len()), (Some(0), 150, 150), "{told}");
        assert!(told.contains(&format!("{most} jobs at once instead of 200")), "{told}");
    }
}

#[test]
fn fault_58_handles_that_are_used_up_are_waited_for() {
    let (fake, pinx) = world(40);
    // What the shell holds open is open in pinx, too, and leaves it hardly any.
    let held: String = (10..44).map(|n| format!("exec {n}</dev/null; ")).collect();
    let line = format!("bash -c 'ulimit -n 64; {held} exec {BATCH} -j 200'");
    let (code, told) = shell(&pinx, &line);
    assert_eq!((code, fake.posts(), pinx.entries("done").len()), (Some(0), 40, 40), "{told}");
}

#[test]
fn the_soft_limit_of_handles_is_raised() {
    let (fake, pinx) = world(60);
    let (code, told) = shell(&pinx, &format!("ulimit -S -n 64; exec {BATCH} -j 60"));
    assert_eq!((code, fake.posts()), (Some(0), 60), "{told}");
    assert!(!told.contains("jobs at once instead"), "{told}");
}

#[test]
fn fault_59_a_limit_of_file_sizes_loses_no_image() {
    let fake = OpenAi::start();
    let noise = image::noise(200, 100);
    fake.always(Kind::Images, with_image(&noise));
    let lines: Vec<String> = (0..12).map(|n| format!("fox {n}")).collect();
    let pinx = Pinx::new().openai(&fake).file("p.txt", &lines.join("\n"));
    // 64 blocks of 512 bytes; the image has 60 KB.
    let (code, told) = shell(&pinx, &format!("ulimit -f 64; exec {BATCH} -j 1 --no-metadata"));
    assert_eq!((code, fake.posts()), (Some(7), 1), "{told}");
    assert!(told.contains("pinx recover"), "{told}");
    let pieces = pinx.kept().len();
    assert!(pieces > 1 && pinx.files() == ["p.txt"], "{:?}", pinx.kept());
    pinx.run(&["recover"]).exits(0).leaves(&["out/001-fox-0.png", "p.txt"]);
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 0));
    // A limit that may be raised is.
    let (code, told) = shell(&pinx, &format!("ulimit -S -f 64; exec {BATCH} --limit 2"));
    assert_eq!((code, fake.posts(), pinx.files().len()), (Some(0), 3, 4), "{told}");
}

#[test]
fn an_answer_with_many_headers_is_read() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let many = (0..1_000).fold(with_image(&image::bytes(1024, 1024, "png")), |answer, n| {
        answer.and_header(&format!("x-proxy-{n}"), "was here")
    });
    fake.answers(many);
    pinx.run(&["generate", "a red fox", "-m", "openai/gpt-image-2"])
        .exits(0)
        .leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn little_stack_is_enough() {
    let (fake, pinx) = world(3);
    for line in ["pinx --version", "pinx batch --help", "pinx models", BATCH, "pinx log"] {
        let (code, told) = shell(&pinx, &format!("ulimit -s 64; exec {line}"));
        assert_eq!(code, Some(0), "{line}: {told}");
    }
    assert_eq!(fake.posts(), 3);
}
