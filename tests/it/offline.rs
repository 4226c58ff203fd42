//! Nothing configured: no key, no network, first command, a picture.

use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;

const NAME: &str = "a-lighthouse-at-dusk.png";

#[test]
fn the_first_command_draws_a_picture_with_its_recipe() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a lighthouse at dusk"])
        .exits(0)
        .prints(&[NAME])
        .leaves(&[NAME])
        .says("procedural sketch")
        .says("`pinx keys set`");
    let bytes = pinx.read(NAME);
    let picture = image::load_from_memory(&bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (1024, 1024));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("iTXt") && text.contains("a lighthouse at dusk"), "no recipe inside");
    assert!(text.contains("parameters"), "no A1111-style parameters inside");
    let log = pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    assert!(log.stdout.contains("a lighthouse at"));
}

#[test]
fn the_bare_form_needs_white_space() {
    let pinx = Pinx::new();
    pinx.run(&["a lighthouse at dusk"]).exits(0).prints(&[NAME]);
    pinx.run(&["generat"]).exits(2).prints(&[]).says("generate").leaves(&[NAME]);
    pinx.run(&["lighthouse"]).exits(2).prints(&[]).leaves(&[NAME]);
}

#[test]
fn one_request_and_seed_give_equal_bytes() {
    let pinx = Pinx::new();
    for name in ["a.png", "b.png"] {
        pinx.run(&["generate", "a red fox", "--seed", "7", "-s", "256x256", "-o", name]).exits(0);
    }
    assert_eq!(pinx.read("a.png"), pinx.read("b.png"));
    pinx.run(&["generate", "a red fox", "--seed", "8", "-s", "256x256", "-o", "c.png"]).exits(0);
    assert_ne!(pinx.read("a.png"), pinx.read("c.png"));
}

#[test]
fn several_sketches_differ_and_take_the_next_names() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-n", "3", "-s", "128x128"])
        .exits(0)
        .prints(&["a-red-fox.png", "a-red-fox-2.png", "a-red-fox-3.png"])
        .leaves(&["a-red-fox-2.png", "a-red-fox-3.png", "a-red-fox.png"]);
    assert_ne!(pinx.read("a-red-fox.png"), pinx.read("a-red-fox-2.png"));
}

#[test]
fn the_sketch_obeys_size_aspect_format_style_and_colours() {
    let pinx = Pinx::new();
    let of = |name: &str| image::load_from_memory(&pinx.read(name)).unwrap();
    pinx.run(&["g", "a boat", "-s", "320x200", "-o", "size.png"]).exits(0);
    assert_eq!((of("size.png").width(), of("size.png").height()), (320, 200));
    pinx.run(&["g", "a boat", "-a", "16:9", "-o", "wide.png"]).exits(0);
    assert_eq!((of("wide.png").width(), of("wide.png").height()), (1280, 720));
    pinx.run(&["g", "a boat", "-s", "200x200", "-f", "jpeg"]).exits(0).prints(&["a-boat.jpg"]);
    assert!(pinx.read("a-boat.jpg").starts_with(b"\xff\xd8\xff"));
    pinx.run(&["g", "a boat", "-s", "200x200", "-f", "webp"]).exits(0).prints(&["a-boat.webp"]);
    assert!(pinx.read("a-boat.webp").starts_with(b"RIFF"));
    pinx.run(&["g", "a boat", "-s", "200x200", "--seed", "1", "-o", "plain.png"]).exits(0);
    let red = [
        "g",
        "a boat",
        "-s",
        "200x200",
        "--seed",
        "1",
        "--colors",
        "#FF0000,#00FF00",
        "-o",
        "red.png",
    ];
    pinx.run(&red).exits(0);
    assert_ne!(pinx.read("plain.png"), pinx.read("red.png"));
}

#[test]
fn a_named_model_without_its_key_is_never_replaced_by_the_sketch() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"])
        .exits(3)
        .prints(&[])
        .leaves(&[])
        .says("OPENAI_API_KEY");
    pinx.run(&["generate", "a fox", "-m", "fal/flux-schnell"]).exits(3).says("FAL_KEY").leaves(&[]);
}

#[test]
fn a_paid_failure_becomes_a_sketch_only_when_asked() {
    let fake = OpenAi::start();
    fake.always(
        crate::fake::Kind::Images,
        crate::fake::openai::error(401, "invalid_api_key", "no"),
    );
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&["generate", "a red fox"]).exits(3).leaves(&[]);
    pinx.run(&["generate", "a red fox", "--fallback", "pinx/sketch"])
        .exits(0)
        .leaves(&["a-red-fox.png"])
        .says("pinx/sketch");
}

#[test]
fn a_dry_run_draws_nothing() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "--dry-run"]).exits(0).leaves(&[]);
    assert!(pinx.entries("intent").is_empty());
}

#[test]
fn without_metadata_there_is_no_recipe() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "64x64", "--no-metadata"]).exits(0);
    assert!(!String::from_utf8_lossy(&pinx.read("a-red-fox.png")).contains("a red fox"));
}
