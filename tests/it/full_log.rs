//! A disk that is full where the log is: nothing is sent without its intent, and what the log could
//! not take is told and put in order.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Kind, PATIENCE, Server};
use crate::pinx::{Output, Pinx, Running};

const ARGS: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];

/// The segment of the log that is written now.
fn segment(pinx: &Pinx) -> PathBuf {
    pinx.segments().pop().unwrap()
}

/// Makes the log's disk full from the next paid request on, and does whatever else happens meanwhile.
fn full_while_it_is_made(
    fake: &Server,
    kind: Kind,
    pinx: &Pinx,
    also: impl Fn() + Send + Sync + 'static,
) -> PathBuf {
    pinx.run(&["generate", "a hen", "-m", "pinx/sketch", "-s", "64x64"]).exits(0);
    std::fs::remove_file(pinx.work().join("a-hen.png")).unwrap();
    let segment = segment(pinx);
    let full = segment.clone();
    fake.next_with(kind, move |_, usual| {
        std::fs::rename(&full, full.with_extension("aside")).unwrap();
        std::os::unix::fs::symlink("/dev/full", &full).unwrap();
        also();
        usual
    });
    segment
}

/// Waits for the end of a run, then gives the log back.
fn finish(mut running: Running<'_>, segment: &Path) -> Output {
    let deadline = Instant::now() + 2 * PATIENCE;
    while running.is_running() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::remove_file(segment).unwrap();
    std::fs::rename(segment.with_extension("aside"), segment).unwrap();
    running.finish()
}

#[test]
fn fault_46_what_a_full_log_did_not_take_is_told_and_put_in_order() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let segment = full_while_it_is_made(&fake, Kind::Images, &pinx, || {});
    let output = finish(pinx.command(&ARGS).spawn(), &segment).exits(0);
    let output = output.says("the journal cannot be written").says("pinx recover");
    let output = output.leaves(&["a-red-fox.png"]);
    assert_eq!(pinx.entries("done").len(), 1, "the hen's alone\n{output}");
    pinx.run(&["generate", "a hen", "-m", "pinx/sketch", "-s", "64x64"]).says("pinx recover");
    pinx.run(&["recover"]).exits(0).leaves(&["a-hen.png", "a-red-fox.png"]);
    assert_eq!((fake.posts(), pinx.entries("done").len()), (1, 3));
}

#[test]
fn fault_46_a_queues_job_that_the_log_did_not_take_is_collected_all_the_same() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let segment = full_while_it_is_made(&fake, Kind::Submit, &pinx, || {});
    let args = ["generate", "a red fox", "-m", "fal/flux-schnell"];
    let output = finish(pinx.command(&args).spawn(), &segment).exits(0);
    let output = output.says("its request id is 00000001-").says("pinx recover");
    let output = output.leaves(&["a-red-fox.jpg"]);
    assert_eq!(pinx.entries("submitted").len(), 0, "{output}");
    // The provider's history knows it, and the file that is there is taken for it.
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.jpg"]);
    assert_eq!((fake.posts(), pinx.entries("done").len()), (1, 2));
}

#[test]
fn fault_46_when_the_log_is_full_too_the_kept_bytes_are_found_by_their_name() {
    let fake = OpenAi::start();
    let spare = tempfile::tempdir().unwrap();
    let pinx = Pinx::new().openai(&fake).env("TMPDIR", spare.path().display().to_string());
    let places = [pinx.work().join("out"), pinx.data().join("kept")];
    let blocked = places.clone();
    let segment = full_while_it_is_made(&fake, Kind::Images, &pinx, move || {
        for place in &blocked {
            let _ = std::fs::remove_dir_all(place);
            std::fs::write(place, "in the way").unwrap();
        }
    });
    let running = pinx.command(&[&ARGS[..], &["-o", "out/"]].concat()).spawn();
    finish(running, &segment).exits(7).says(&spare.path().display().to_string());
    assert_eq!(pinx.entries("kept").len(), 0);
    places.iter().for_each(|place| std::fs::remove_file(place).unwrap());
    pinx.run(&["recover"]).exits(0).leaves(&["out/a-red-fox.png"]);
    assert_eq!(fake.posts(), 1);
    assert_eq!(std::fs::read_dir(spare.path()).unwrap().count(), 0);
}

#[test]
fn fault_46_a_disk_that_fills_up_within_an_intent_leaves_nothing_of_it() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let long = "a fox ".repeat(500);
    let line = format!("ulimit -f 1; exec pinx generate '{long}' -m openai/gpt-image-2");
    let output = pinx.shell(&line);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), fake.posts()), (Some(7), 0), "{told}");
    assert_eq!(std::fs::metadata(segment(&pinx)).unwrap().len(), 0, "{told}");
}
