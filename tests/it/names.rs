//! File names: safe whatever the prompt says, never the same twice.

use std::path::PathBuf;

use crate::fake::openai::OpenAi;
use crate::pinx::{Pinx, files_below};

/// Draws a small sketch of a prompt and gives the one new name.
fn name_of(prompt: &str) -> String {
    let pinx = Pinx::new();
    let output = pinx.command(&["generate", "-s", "64x64"]).stdin(prompt).run().exits(0);
    let [name] = output.files.as_slice() else { panic!("one file was expected\n{output}") };
    assert_eq!(output.stdout.trim_end_matches('\n'), name, "{output}");
    let outside = pinx.work().parent().map(files_below).unwrap();
    let allowed = [pinx.work(), pinx.data(), pinx.work().with_file_name("home")];
    let strays: Vec<&PathBuf> =
        outside.iter().filter(|path| !allowed.iter().any(|root| path.starts_with(root))).collect();
    assert!(strays.is_empty(), "files outside: {strays:?}");
    assert!(!name.contains('/') && !name.starts_with('.') && !name.starts_with('-'), "{name}");
    assert!(name.len() <= 120 && name.ends_with(".png"), "{name}");
    assert!(!name.chars().any(char::is_control), "{name:?}");
    name.clone()
}

#[test]
fn prompts_that_look_like_paths_stay_inside() {
    name_of("../../etc/x");
    name_of("/etc/passwd");
    name_of("..");
    name_of("C:\\Windows\\system32\\con");
    name_of("-rf /");
}

#[test]
fn a_prompt_of_30_000_characters_has_a_short_name() {
    name_of(&"a very long story about a fox ".repeat(1000));
    name_of(&"x".repeat(30_000));
}

#[test]
fn emoji_and_other_scripts_have_names() {
    name_of("🦊🦊🦊");
    name_of("un renard à l'aube, très flou");
    name_of("夕暮れの灯台");
}

#[test]
fn control_characters_never_reach_a_name_or_the_terminal() {
    name_of("a fox\u{1b}[31m\u{7} in\u{0}\nthe\tsnow");
    let pinx = Pinx::new();
    let output = pinx.run(&["generate", "a \u{1b}]0;owned\u{7} fox", "-s", "64x64"]).exits(0);
    assert!(
        !output.stderr.contains('\u{1b}') && !output.stdout.contains('\u{1b}'),
        "{output:?}",
        output = output.stderr
    );
}

#[test]
fn windows_device_names_are_avoided() {
    let name = name_of("con");
    assert_ne!(name.to_lowercase(), "con.png");
}

#[test]
fn a_template_cannot_leave_the_output_directory() {
    let pinx = Pinx::new();
    let output = pinx
        .run(&["generate", "../../../evil fox", "-s", "64x64", "-o", "out/{prompt}.png"])
        .exits(0);
    assert!(output.files.iter().all(|file| file.starts_with("out/")), "{output}");
    assert_eq!(output.files.len(), 1, "{output}");
}

#[test]
fn four_runs_of_one_prompt_at_once_make_four_files() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let args = ["generate", "a red fox", "-m", "openai/gpt-image-2"];
    let running: Vec<_> = (0..4).map(|_| pinx.command(&args).spawn()).collect();
    let mut printed: Vec<String> =
        running.into_iter().map(|run| run.finish().exits(0).stdout.trim_end().to_owned()).collect();
    printed.sort();
    let expected = ["a-red-fox-2.png", "a-red-fox-3.png", "a-red-fox-4.png", "a-red-fox.png"];
    assert_eq!(printed, expected);
    assert_eq!(pinx.files(), expected);
    assert_eq!(fake.posts(), 4);
    assert_eq!(pinx.entries("done").len(), 4);
    for name in expected {
        image::load_from_memory(&pinx.read(name)).unwrap();
    }
}

#[test]
fn a_name_taken_while_the_image_was_made_is_left_alone() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let work = pinx.work();
    fake.next_with(crate::fake::Kind::Images, move |_, usual| {
        std::fs::write(work.join("fox.png"), "precious").unwrap();
        usual
    });
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "-o", "fox.png"])
        .exits(0)
        .prints(&["fox-2.png"])
        .leaves(&["fox-2.png", "fox.png"]);
    assert_eq!(pinx.read("fox.png"), b"precious");
}
