//! Recipes inside images: the same request gives the same file, byte for byte, and what an old
//! version wrote into one is read.

use std::fs;

use super::frozen::place;
use super::{PROMPT, World};
use crate::fake::image;
use crate::fake::openai::with_image;

const FORMATS: [&str; 3] = ["png", "jpeg", "webp"];

/// What the provider sent, as it was then: encoders may change, this must not.
fn came(format: &str) -> Vec<u8> {
    let path = place(&format!("came.{format}"));
    if !path.exists() && std::env::var_os("FREEZE_OLD").is_some() {
        fs::write(&path, image::bytes(8, 8, format)).unwrap();
    }
    fs::read(path).unwrap()
}

#[test]
fn an_image_gets_the_old_bytes_and_tells_the_old_recipe() {
    for format in FORMATS {
        let world = World::new();
        world.openai.answers(with_image(&came(format)));
        let args = [
            "generate",
            PROMPT,
            "-m",
            "openai/gpt-image-2",
            "-s",
            "1024x1024",
            "--quality",
            "low",
            "--style",
            "noir",
            "--colors",
            "#FF6B6B,#4ECDC4",
            "--negative",
            "text",
            "-P",
            "user=me",
            "--background",
            "opaque",
            "-f",
            format,
            "-o",
            "made",
        ];
        let output = world.pinx.run(&args).exits(0);
        let made = world.pinx.read(&output.files[0]);
        let path = place(&format!("made.{format}"));
        if !path.exists() && std::env::var_os("FREEZE_OLD").is_some() {
            fs::write(&path, &made).unwrap();
        }
        assert!(made == fs::read(&path).unwrap(), "{format}: the image has other bytes");
        // In a world that knows nothing of it, the image alone tells.
        let world = World::new();
        fs::copy(&path, world.pinx.work().join("old.img")).unwrap();
        let told = world.pinx.run(&["info", "--json", "old.img"]).exits(0).json();
        let recipe = &told["images"][0]["recipe"];
        assert_eq!(recipe["prompt"], PROMPT, "{format}: {told}");
        assert_eq!(recipe["params"]["user"], "me", "{format}: {told}");
        for (key, value) in [
            ("model", "openai/gpt-image-2"),
            ("size", "1024x1024"),
            ("quality", "low"),
            ("style", "noir"),
            ("negative", "text"),
            ("background", "opaque"),
        ] {
            assert_eq!(recipe[key], value, "{format}, {key}: {told}");
        }
    }
}
