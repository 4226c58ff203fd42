//! Answers and images of more than 64 MiB: what was paid for reaches the disk, memory stays flat, and
//! what is beyond any limit is kept as far as it came.

use serde_json::json;

use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Answer, Kind, bomb};
use crate::pinx::{Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
/// KiB that a run may hold, whatever is sent: twice what is held for answers, and 8 MiB for the rest.
const FLAT: u64 = 72 * 1024;

/// A PNG of so many mebibytes and a little.
fn png_of(mebibytes: usize) -> Vec<u8> {
    bomb::png_with(b"noIs", &vec![7; mebibytes << 20], 1)
}

fn watched(pinx: &Pinx, args: &[&str]) -> Output {
    let (output, held) = pinx.command(args).spawn().finish_held();
    assert!(held < FLAT, "{held} KiB at its peak\n{output}");
    output
}

#[test]
fn fault_87_an_image_beyond_64_mib_reaches_the_disk() {
    let fake = OpenAi::start();
    let image = png_of(52);
    let inline = with_image(&image);
    assert!(inline.body.len() > 64 << 20);
    fake.answers(inline);
    let pinx = Pinx::new().openai(&fake);
    let output = watched(&pinx, &ARGS).exits(0).leaves(&["a-red-fox.png"]);
    assert!(pinx.read("a-red-fox.png").len() > image.len(), "{output}");
    let linked = png_of(70);
    fake.always(Kind::Other, Answer::bytes(200, "image/png", linked.clone()));
    fake.answers(Answer::json(200, &json!({ "data": [{ "url": "/files/x.png" }] })));
    let args = [&ARGS[..], &["-o", "linked.png"]].concat();
    let output = watched(&pinx, &args).exits(0).leaves(&["a-red-fox.png", "linked.png"]);
    assert!(pinx.read("linked.png").len() > linked.len(), "{output}");
    assert_eq!((fake.posts(), pinx.entries("done").len(), pinx.kept().len()), (2, 2, 0));
}

#[test]
fn fault_88_what_is_beyond_the_limit_is_kept_and_a_link_is_fetched_later() {
    let fake = OpenAi::start();
    fake.answers(Answer::endless());
    let pinx = Pinx::new().openai(&fake).env("PINX_ANSWER_LIMIT", "80MiB");
    let output = watched(&pinx, &ARGS).exits(1).leaves(&[]);
    let output = output.says("longer than 80.0 MiB").says("the raw answer is kept in");
    output.says("`pinx config set answer_limit 320MiB` lets longer ones in");
    assert_eq!(pinx.entries("failed")[0]["billed"], "yes");
    let kept = pinx.kept();
    let length = std::fs::metadata(&kept[0]).unwrap().len();
    assert!(kept.len() == 1 && length > 79 << 20 && length <= 80 << 20, "{length}");
    watched(&pinx, &["recover"]).exits(0).says("a paid answer that could not be used");
    assert_eq!(pinx.kept(), kept);

    let fake = OpenAi::start();
    fake.always(Kind::Other, Answer::bytes(200, "image/png", png_of(20)));
    fake.answers(Answer::json(200, &json!({ "data": [{ "url": "/files/x.png" }] })));
    let pinx = Pinx::new().openai(&fake).env("PINX_ANSWER_LIMIT", "16MiB");
    let output = pinx.run(&ARGS).exits(75).leaves(&[]);
    let output = output.says("`pinx config set answer_limit 64MiB` lets longer ones in");
    output.says("`pinx recover` fetches it").never_says("b64_json");
    assert_eq!(fake.count(Kind::Other), 1, "what is too long is not fetched again and again");
    pinx.run(&["recover"]).exits(75).leaves(&[]);
    let pinx = pinx.env("PINX_ANSWER_LIMIT", "64MiB");
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!((fake.posts(), pinx.entries("done").len(), pinx.kept().len()), (1, 1, 0));
}
