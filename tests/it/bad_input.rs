//! What users write wrongly: the thing is named, the remedy is given, nothing is sent, nothing lost.

use crate::fake::openai::OpenAi;
use crate::pinx::{Output, Pinx};

/// Runs with a working OpenAI behind it and expects that nothing was sent.
#[track_caller]
fn wrong(args: &[&str], code: i32, names: &[&str]) -> Output {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let mut output = pinx.run(args).exits(code).prints(&[]).leaves(&[]);
    for name in names {
        output = output.says(name);
    }
    assert!(fake.all().is_empty(), "something was sent\n{output}");
    assert!(pinx.entries("intent").is_empty(), "{output}");
    output
}

#[test]
fn an_unknown_model() {
    wrong(
        &["generate", "a fox", "-m", "openai/gpt-imagge-2"],
        2,
        &["gpt-imagge-2", "did you mean", "gpt-image-2"],
    );
    wrong(&["generate", "a fox", "-m", "flux-schnel"], 2, &["did you mean", "flux-schnell"]);
    wrong(&["generate", "a fox", "-m", "nobody/nothing"], 2, &["nobody/nothing", "pinx models"]);
    wrong(&["generate", "a fox", "--fallback", "fal/flux-schnel"], 2, &["did you mean"]);
}

#[test]
fn an_unknown_style() {
    wrong(
        &["generate", "a fox", "--style", "voxel3d"],
        2,
        &["voxel3d", "did you mean", "voxel-3d"],
    );
}

#[test]
fn a_wrong_size_aspect_or_both() {
    for size in ["huge", "0x10", "-5x5", "1024", "99999x99999"] {
        wrong(&["generate", "a fox", &format!("--size={size}")], 2, &[size]);
    }
    wrong(&["generate", "a fox", "-a", "16to9"], 2, &["16to9"]);
    wrong(&["generate", "a fox", "-a", "16:9", "-s", "64x64"], 2, &["size"]);
}

#[test]
fn a_wrong_colour() {
    wrong(&["generate", "a fox", "--colors", "#GG0000"], 2, &["#GG0000"]);
    wrong(&["generate", "a fox", "--colors", "sunsett"], 2, &["sunsett"]);
}

#[test]
fn a_wrong_quality_format_background_or_number() {
    wrong(
        &["generate", "a fox", "-m", "openai/gpt-image-2", "--quality", "ultra", "--strict"],
        2,
        &["ultra"],
    );
    wrong(&["generate", "a fox", "-f", "bmp"], 2, &["bmp", "png"]);
    wrong(&["generate", "a fox", "--background", "blue"], 2, &["blue"]);
    wrong(&["generate", "a fox", "-n", "0"], 2, &["0"]);
    wrong(&["generate", "a fox", "--seed", "x"], 2, &["seed"]);
    wrong(&["generate", "a fox", "--timeout", "soon"], 2, &["soon"]);
    wrong(&["generate", "a fox", "--max-cost", "free"], 2, &["free"]);
}

#[test]
fn a_missing_prompt_file() {
    wrong(&["generate", "@nowhere.txt"], 2, &["nowhere.txt"]);
    wrong(&["generate", "--prompt-file", "nowhere.txt"], 2, &["nowhere.txt"]);
}

#[test]
fn an_empty_prompt() {
    wrong(&["generate", ""], 2, &["prompt"]);
    wrong(&["generate", "   "], 2, &["prompt"]);
}

#[test]
fn a_prompt_that_the_model_cannot_take() {
    let long = "x".repeat(40_000);
    wrong(&["generate", &long, "-m", "openai/gpt-image-2"], 2, &["32000"]);
}

#[test]
fn an_unfilled_or_unknown_variable() {
    wrong(&["generate", "a fox", "--var", "novalue"], 2, &["novalue"]);
}

#[test]
fn an_unwritable_directory_is_found_before_paying() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("out", "a file where a directory should be");
    let output = pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "-o", "out/fox.png"]);
    output.exits(2).prints(&[]).says("out");
    assert!(fake.all().is_empty());
}

#[test]
fn an_unwritable_log_means_no_paid_request_but_the_sketch_draws() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    std::fs::write(pinx.data().join("log"), "in the way").unwrap();
    let output =
        pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"]).prints(&[]).says("log");
    assert!([2, 7].contains(&output.code), "{output}");
    assert!(fake.all().is_empty());
    pinx.run(&["generate", "a fox", "-m", "pinx/sketch", "-s", "64x64"])
        .exits(0)
        .prints(&["a-fox.png"]);
}

#[test]
fn a_malformed_config_names_file_and_line() {
    let pinx = Pinx::new().config("config.toml", "model = \"openai/gpt-image-2\"\nsize = = 3\n");
    pinx.run(&["generate", "a fox"]).exits(2).prints(&[]).leaves(&[]).says("config.toml").says("2");
}

#[test]
fn an_unknown_setting_names_file_line_and_the_nearest() {
    let pinx = Pinx::new().config("config.toml", "\n\nqualty = \"high\"\n");
    pinx.run(&["generate", "a fox"]).exits(2).says("qualty").says("quality").says("config.toml:3");
    let pinx = Pinx::new().config("config.toml", "size = \"huge\"\n");
    pinx.run(&["generate", "a fox"]).exits(2).says("huge").says("config.toml");
}

#[test]
fn a_project_file_cannot_set_addresses_gateways_or_keys() {
    for text in [
        "[providers.openai]\nbase_url = \"https://evil.example\"\n",
        "[gateways.x]\nkind = \"cloudflare\"\n",
        "confirm_above = 1000\n",
        "key_cmd = [\"cat\"]\n",
        "output = \"/etc\"\n",
        "output = \"../outside\"\n",
    ] {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake).file("pinx.toml", text);
        pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"]).exits(2).says("pinx.toml");
        assert!(fake.all().is_empty(), "{text}");
    }
    let pinx = Pinx::new().file("pinx.toml", "size = \"64x64\"\nseed = 3\n");
    pinx.run(&["generate", "a fox"]).exits(2).says("seed");
    let pinx = Pinx::new().file("pinx.toml", "size = \"64x64\"\noutput = \"pictures/\"\n");
    pinx.run(&["generate", "a fox"]).exits(0).prints(&["pictures/a-fox.png"]);
}

#[test]
fn a_key_with_a_newline_inside() {
    let fake = OpenAi::start();
    let pinx =
        Pinx::new().openai(&fake).secret("sk-broken").env("OPENAI_API_KEY", "sk-broken\nX-Evil: 1");
    let output = pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"]);
    output.exits(3).says("OPENAI_API_KEY").leaves(&[]);
    assert!(fake.all().is_empty());
}

#[test]
fn white_space_around_a_key_is_harmless() {
    let fake = OpenAi::start();
    let key = format!("  {}\n", crate::pinx::OPENAI_KEY);
    let pinx = Pinx::new().openai(&fake).env("OPENAI_API_KEY", key);
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"]).exits(0);
}

#[test]
fn plain_http_elsewhere_needs_a_word_of_consent() {
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY)
        .env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://images.example/v1");
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2"])
        .exits(2)
        .says("allow_http")
        .leaves(&[]);
}

#[test]
fn an_unknown_variable_of_ours_is_a_warning() {
    let pinx = Pinx::new().env("PINX_QUALTY", "high");
    pinx.run(&["generate", "a fox", "-s", "64x64"]).exits(0).says("PINX_QUALTY");
}

#[test]
fn flags_that_come_later_do_not_exist_yet() {
    for flag in ["--sref", "--video"] {
        wrong(&["generate", "a fox", flag, "x"], 2, &[flag]);
    }
    wrong(&["train"], 2, &["train"]);
}
