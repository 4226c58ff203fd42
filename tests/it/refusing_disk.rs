//! A disk that refuses an image after it was paid for: its bytes are kept where there is room, and
//! `recover` saves them.

use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind};
use crate::pinx::Pinx;

const ARGS: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];

fn world() -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    (fake, pinx)
}

#[test]
fn fault_46_a_directory_lost_after_paying_keeps_the_bytes() {
    let (fake, pinx) = world();
    let out = pinx.work().join("out");
    fake.next_with(Kind::Images, move |_, usual| {
        let _ = std::fs::remove_dir_all(&out);
        std::fs::write(&out, "in the way").unwrap();
        usual
    });
    let output = pinx.run(&[&ARGS[..], &["-o", "out/"]].concat()).exits(7).says("kept");
    assert_eq!(fake.posts(), 1);
    let kept = pinx.kept();
    assert!(!kept.is_empty(), "{output}");
    assert_eq!((pinx.entries("kept").len(), pinx.entries("open").len()), (1, 1));
    std::fs::remove_file(pinx.work().join("out")).unwrap();
    pinx.run(&["recover"]).exits(0);
    assert_eq!(fake.posts(), 1, "recover must not pay again");
    assert_eq!(pinx.files().len(), 1, "{:?}", pinx.files());
    assert!(pinx.files()[0].ends_with(".png"));
    assert_eq!((pinx.entries("done").len(), pinx.kept().len()), (1, 0));
}

#[test]
fn fault_46_what_a_cut_answer_holds_is_kept_only_where_it_is_whole() {
    for is_whole in [true, false] {
        let (fake, pinx) = world();
        let out = pinx.work().join("out");
        fake.next_with(Kind::Images, move |_, usual| {
            let _ = std::fs::remove_dir_all(&out);
            std::fs::write(&out, "in the way").unwrap();
            let length = usual.body.len();
            let there = if is_whole { length - 1 } else { length / 2 };
            Answer::bytes(200, "application/json", &usual.body[..there]).claiming(length as u64)
        });
        let args = [&ARGS[..], &["--no-fallback", "-o", "out/"]].concat();
        let output = pinx.run(&args).exits(if is_whole { 7 } else { 75 });
        assert_eq!((fake.posts(), pinx.kept().len()), (1, usize::from(is_whole)), "{output}");
        std::fs::remove_file(pinx.work().join("out")).unwrap();
        if is_whole {
            pinx.run(&["recover"]).exits(0);
            assert_eq!((pinx.files().len(), pinx.kept().len()), (1, 0));
        } else {
            pinx.run(&["recover"]).exits(75).leaves(&[]).says("maybe billed");
            assert_eq!(pinx.entries("open")[0]["billed"], "unknown");
            assert!(pinx.entries("failed").is_empty());
        }
        assert_eq!(fake.posts(), 1);
    }
}

#[test]
fn fault_46_when_the_data_directory_refuses_too_the_bytes_go_to_the_systems() {
    let spare = tempfile::tempdir().unwrap();
    let (fake, pinx) = world();
    let pinx = pinx.env("TMPDIR", spare.path().display().to_string());
    let (out, kept) = (pinx.work().join("out"), pinx.data().join("kept"));
    let (blocked, also) = (out.clone(), kept.clone());
    fake.next_with(Kind::Images, move |_, usual| {
        for place in [&blocked, &also] {
            let _ = std::fs::remove_dir_all(place);
            std::fs::write(place, "in the way").unwrap();
        }
        usual
    });
    let args = [&ARGS[..], &["-o", "out/"]].concat();
    pinx.run(&args).exits(7).says(&spare.path().display().to_string());
    for place in [&out, &kept] {
        std::fs::remove_file(place).unwrap();
    }
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1), "{:?}", pinx.files());
    assert_eq!(std::fs::read_dir(spare.path()).unwrap().count(), 0);
}
