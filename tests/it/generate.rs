//! What a run prints and leaves: paths on stdout, talk on stderr, files where they were asked for.

use crate::fake::Kind;
use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;

const SMALL: [&str; 2] = ["-s", "64x64"];

fn sketch<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["generate"], args, &SMALL].concat()
}

#[test]
fn stdout_is_the_paths_as_they_were_asked_for() {
    let pinx = Pinx::new();
    pinx.run(&sketch(&["a red fox", "-o", "out/fox.png"])).exits(0).prints(&["out/fox.png"]);
    pinx.run(&sketch(&["a red fox", "-o", "out/"])).exits(0).prints(&["out/a-red-fox.png"]);
    pinx.run(&sketch(&["a red fox", "-o", "new/deep/"]))
        .exits(0)
        .prints(&["new/deep/a-red-fox.png"]);
    pinx.run(&sketch(&["a red hen", "-o", "out"])).exits(0).prints(&["out/a-red-hen.png"]);
    let full = pinx.work().join("full.png").display().to_string();
    pinx.run(&sketch(&["a red fox", "-o", &full])).exits(0).prints(&[&full]);
}

#[test]
fn templates_are_filled_in() {
    let pinx = Pinx::new();
    let template = "{provider}-{slug}-{seed}-{n}.{ext}";
    pinx.run(&sketch(&["a red fox", "--seed", "5", "-n", "2", "-o", template]))
        .exits(0)
        .prints(&["pinx-a-red-fox-5-1.png", "pinx-a-red-fox-6-2.png"]);
    pinx.run(&sketch(&["a fox", "-o", "{prompt}/{nonsense}.png"])).exits(2).says("nonsense");
}

#[test]
fn quiet_says_nothing() {
    let pinx = Pinx::new();
    let output = pinx.run(&sketch(&["a red fox", "-q"])).exits(0).prints(&["a-red-fox.png"]);
    assert_eq!(output.stderr, "");
}

#[test]
fn the_closing_line_tells_count_cost_and_time() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&["generate", "a red fox", "-m", "openai/gpt-image-2"]).exits(0);
    let last = output.stderr.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains("1 image") && last.contains('$') && last.ends_with('s'), "{output}");
}

#[test]
fn an_existing_file_is_never_overwritten_without_force() {
    let pinx = Pinx::new().file("fox.png", "precious");
    pinx.run(&sketch(&["a fox", "-o", "fox.png"]))
        .exits(2)
        .prints(&[])
        .says("fox.png")
        .says("--force");
    assert_eq!(pinx.read("fox.png"), b"precious");
    pinx.run(&sketch(&["a fox", "-o", "fox.png", "--force"])).exits(0).prints(&["fox.png"]);
    assert!(pinx.read("fox.png").starts_with(b"\x89PNG"));
}

#[test]
fn an_existing_target_is_refused_before_paying() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("fox.png", "precious");
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "-o", "fox.png"]).exits(2);
    assert_eq!(fake.posts(), 0);
    assert!(pinx.entries("intent").is_empty());
}

#[test]
fn a_dash_writes_the_bytes_to_stdout() {
    let pinx = Pinx::new();
    let output = pinx.run(&sketch(&["a fox", "-o", "-"])).exits(0).leaves(&[]);
    image::load_from_memory(&output.bytes).unwrap();
    pinx.run(&sketch(&["a fox", "-o", "-", "-n", "2"])).exits(2).prints(&[]);
    assert_eq!(pinx.run(&sketch(&["a fox", "-o", "-", "--json"])).code, 2);
}

#[test]
fn the_prompt_may_come_from_words_a_file_or_stdin() {
    let pinx = Pinx::new().file("prompt.txt", "a green frog\n");
    pinx.run(&sketch(&["a", "red", "fox"])).exits(0).prints(&["a-red-fox.png"]);
    pinx.run(&sketch(&["@prompt.txt"])).exits(0).prints(&["a-green-frog.png"]);
    pinx.run(&sketch(&["--prompt-file", "prompt.txt"])).exits(0).prints(&["a-green-frog-2.png"]);
    let call = sketch(&[]);
    pinx.command(&call).stdin("a blue whale\n").run().exits(0).prints(&["a-blue-whale.png"]);
    pinx.command(&sketch(&["a red hen"]))
        .stdin("ignored")
        .run()
        .exits(0)
        .prints(&["a-red-hen.png"]);
    pinx.run(&sketch(&["@@home sweet home"])).exits(0).prints(&["home-sweet-home.png"]);
}

#[test]
fn variables_are_filled_in() {
    let pinx = Pinx::new();
    pinx.run(&sketch(&["a {animal} in {place}", "--var", "animal=fox", "--var", "place=snow"]))
        .exits(0)
        .prints(&["a-fox-in-snow.png"]);
}

#[test]
fn no_prompt_and_no_terminal_is_an_error() {
    let pinx = Pinx::new();
    pinx.run(&["generate"]).exits(2).prints(&[]).says("prompt");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let pinx = Pinx::new();
    let output = pinx.shell("{ pinx generate 'a red fox' -s 512x512; echo $? > code; } | true");
    assert_eq!(pinx.files(), ["a-red-fox.png", "code"], "{output:?}");
    assert_eq!(pinx.read("code"), b"0\n", "{output:?}");
}

#[test]
fn a_dry_run_names_what_the_run_would_take() {
    let pinx = Pinx::new().file("a-fox.png", "precious").file("a-fox-3.png", "precious");
    let dry = |args: &[&str]| {
        let output = pinx.run(&[&sketch(args)[..], &["--dry-run"]].concat()).exits(0);
        let names = output.stdout.lines().filter_map(|line| line.split('\t').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(dry(&["a fox", "-n", "3"]), ["a-fox-2.png", "a-fox-4.png", "a-fox-5.png"]);
    assert_eq!(dry(&["a fox", "-o", "-"]), ["-"]);
    assert_eq!(dry(&["a fox", "-o", "a-fox.png", "--force"]), ["a-fox.png"]);
    pinx.run(&sketch(&["a fox", "-n", "3", "-j", "1"])).exits(0).prints(&[
        "a-fox-2.png",
        "a-fox-4.png",
        "a-fox-5.png",
    ]);
}

#[test]
fn what_turned_out_different_alike_is_told_once() {
    let fake = OpenAi::start();
    let small = crate::fake::openai::with_image(&crate::fake::image::bytes(64, 64, "png"));
    fake.always(Kind::Images, small);
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "-n", "3"]).exits(0);
    let told: Vec<&str> = output.stderr.lines().filter(|line| line.contains("64x64")).collect();
    assert!(told.len() == 1 && told[0].ends_with("(3 images)"), "{output}");
}

#[test]
fn what_the_sketch_does_not_know_and_a_style_it_finds_are_told_and_logged() {
    let pinx = Pinx::new();
    let told = |prompt: &str| pinx.run(&sketch(&[prompt, "-o", "x/", "--json"])).exits(0);
    let output = told("pixel art of a fox with a zither")
        .says("it knows no \"zither\": drew the rest")
        .says("style none → pixel-art: the prompt asks for it");
    let adjustments = output.json()["jobs"][0]["adjustments"].clone();
    assert_eq!(adjustments[0]["got"], "pixel-art", "{output}");
    assert_eq!(adjustments[1]["field"], "prompt", "{output}");
    assert_eq!(adjustments[1]["asked"], "zither", "{output}");
    told("a zither, a sackbut, a theorbo and a shawm")
        .says("it knows no \"zither\", \"sackbut\", \"theorbo\" and more: drew an abstract");
    // A style that was asked for stays, and strictness has nothing to refuse.
    let args = ["pixel art of a fox", "--style", "flat", "--strict", "-o", "y/"];
    let output = pinx.run(&sketch(&args)).exits(0);
    assert!(!output.stderr.contains("pixel-art"), "{output}");
    pinx.run(&sketch(&["a zither", "--strict", "-o", "y/"])).exits(0).says("it knows no");
}

#[test]
fn a_negative_number_is_told_in_our_own_words() {
    let pinx = Pinx::new();
    for flag in ["-n", "--seed", "--retries", "-j", "--max-cost", "--timeout"] {
        let output = pinx.run(&sketch(&["a fox", flag, "-1"])).exits(2).says("-1");
        assert!(!output.stderr.contains("unexpected argument"), "{output}");
    }
}

#[test]
fn a_prompt_without_a_command_may_follow_flags_and_a_word_is_never_sent() {
    let pinx = Pinx::new();
    let document = pinx.run(&["--json", "a red fox", "-s", "64x64"]).exits(0).json();
    assert_eq!(document["status"], "done");
    pinx.run(&["foxx"]).exits(2).prints(&[]).says("pinx generate foxx");
    pinx.run(&["modles"]).exits(2).prints(&[]).says("did you mean `pinx models`?");
    let document = pinx.run(&["foxx", "--json"]).exits(2).json();
    assert_eq!(document["error"]["code"], "unknown_command");
    let help = |args: &[&str]| pinx.run(args).exits(0).stdout;
    assert_eq!(help(&["help"]), help(&["--help"]));
    assert_eq!(help(&["help", "keys", "set"]), help(&["keys", "set", "--help"]));
}

#[test]
fn several_models_make_one_image_each() {
    let pinx = Pinx::new();
    let fake = OpenAi::start();
    let pinx = pinx.openai(&fake);
    let args =
        ["generate", "a red fox", "-m", "openai/gpt-image-2,pinx/sketch", "-o", "{provider}.{ext}"];
    pinx.run(&args).exits(0).prints(&["openai.png", "pinx.png"]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn above_the_consent_nothing_is_sent() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let dear = ["generate", "a fox", "-m", "openai/gpt-image-2", "--quality", "high", "-n", "6"];
    pinx.run(&dear).exits(6).prints(&[]).says("-y").leaves(&[]);
    let capped = ["generate", "a fox", "-m", "openai/gpt-image-2", "--max-cost", "0.01"];
    pinx.run(&capped).exits(6).says("0.01").leaves(&[]);
    assert_eq!(fake.posts(), 0);
    assert!(pinx.entries("intent").is_empty());
    pinx.run(&[&dear[..], &["-y", "-q"]].concat()).exits(0);
    assert_eq!(fake.posts(), 6);
    let covered = ["generate", "a hen", "-m", "openai/gpt-image-2", "--max-cost", "0.10"];
    pinx.run(&covered).exits(0);
}
