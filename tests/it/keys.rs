//! Keys: where they are found, in which order, and that nobody ever sees one.

use crate::fake::Kind;
use crate::fake::openai::OpenAi;
use crate::pinx::{OPENAI_KEY, Pinx};

const ARGS: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];

/// A world whose address is set and whose key is not.
fn keyless(fake: &OpenAi) -> Pinx {
    Pinx::new().env("PINX_PROVIDERS_OPENAI_BASE_URL", fake.base_url())
}

fn key_sent(fake: &OpenAi) -> String {
    let request = fake.requests(Kind::Images).pop().expect("nothing was sent");
    request.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned()
}

#[test]
fn a_key_is_stored_from_stdin_used_listed_and_removed() {
    let fake = OpenAi::start();
    let pinx = keyless(&fake);
    pinx.run(&ARGS).exits(3);
    let set = ["keys", "set", "openai", "--stdin"];
    pinx.command(&set).stdin(format!("{OPENAI_KEY}\n")).run().exits(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = pinx.data().join("credentials.toml");
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    }
    pinx.run(&ARGS).exits(0);
    assert_eq!(key_sent(&fake), OPENAI_KEY);
    let list = pinx.run(&["keys", "list"]).exits(0);
    assert!(list.stdout.contains("openai") && list.stdout.contains("credentials"), "{list}");
    pinx.run(&["keys", "remove", "openai"]).exits(0);
    pinx.run(&ARGS).exits(3);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_key_is_never_an_argument() {
    let pinx = Pinx::new();
    pinx.run(&["keys", "set", "openai", "not-a-real-key"]).exits(2);
    pinx.run(&["keys", "set", "openia", "--stdin"]).exits(2).says("openai");
}

#[test]
fn the_environment_comes_before_the_file() {
    let fake = OpenAi::start();
    let pinx = keyless(&fake)
        .secret("sk-from-the-file-000")
        .config("credentials.toml", "openai = \"sk-from-the-file-000\"\n");
    let stored = ["keys", "set", "openai", "--stdin"];
    pinx.command(&stored).stdin("sk-from-the-file-000").run().exits(0);
    pinx.run(&ARGS).exits(0);
    assert_eq!(key_sent(&fake), "sk-from-the-file-000");
    let pinx = pinx.env("OPENAI_API_KEY", OPENAI_KEY);
    pinx.run(&ARGS).exits(0);
    assert_eq!(key_sent(&fake), OPENAI_KEY);
}

#[test]
fn a_command_may_give_the_key() {
    let fake = OpenAi::start();
    let config = "[providers.openai]\nkey_cmd = [\"echo\", \"sk-from-a-command-111\"]\n";
    let pinx = keyless(&fake).config("config.toml", config);
    pinx.run(&ARGS).exits(0);
    assert_eq!(key_sent(&fake), "sk-from-a-command-111");
    let broken = "[providers.openai]\nkey_cmd = [\"false\"]\n";
    let pinx = keyless(&fake).config("config.toml", broken);
    pinx.run(&ARGS).exits(3).says("key_cmd");
}

#[test]
fn a_key_in_a_readable_config_is_warned_about() {
    let fake = OpenAi::start();
    let config = "[providers.openai]\napi_key = \"sk-in-the-config-222\"\n";
    let pinx = keyless(&fake).config("config.toml", config);
    pinx.run(&ARGS)
        .exits(0)
        .says("config.toml")
        .says("chmod 600")
        .never_says("sk-in-the-config-222");
    assert_eq!(key_sent(&fake), "sk-in-the-config-222");
}

#[test]
fn keys_are_tested_with_a_free_call() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&["keys", "test", "openai"]).exits(0);
    assert_eq!((fake.count(Kind::Models), fake.posts()), (1, 0));
    fake.always(Kind::Models, crate::fake::openai::error(401, "invalid_api_key", "no"));
    pinx.run(&["keys", "test", "openai"]).exits(3).says("OPENAI_API_KEY");
}

#[test]
fn a_key_goes_only_where_it_belongs() {
    let (fake, other) = (OpenAi::start(), OpenAi::start());
    let config = format!(
        "[providers.local]\ndialect = \"openai\"\nauth = \"none\"\nbase_url = \"{}\"\n",
        other.base_url()
    );
    let pinx = Pinx::new().openai(&fake).config("config.toml", &config);
    pinx.run(&["generate", "a fox", "-m", "local/any"]).exits(0);
    assert!(other.all().iter().all(|request| !format!("{request:?}").contains(OPENAI_KEY)));
    assert!(fake.all().is_empty());
}

#[test]
fn a_dry_run_and_the_settings_show_no_key() {
    // That no key is printed is checked after every run.
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&[&ARGS[..], &["--dry-run", "--json"]].concat()).exits(0);
    pinx.run(&[&ARGS[..], &["-v"]].concat()).exits(0);
    for args in [&["config", "show"][..], &["providers"], &["keys", "list"], &["models"], &["log"]]
    {
        pinx.run(args).exits(0);
    }
}

#[test]
fn user_information_in_an_address_is_redacted() {
    let pinx = Pinx::new()
        .secret("hunter2")
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("PINX_RETRIES", "0")
        .env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://me:hunter2@127.0.0.1:1/v1");
    pinx.run(&[&ARGS[..], &["--no-fallback"]].concat());
    pinx.run(&["providers"]).exits(0);
    pinx.run(&["config", "show"]).exits(0);
}

#[test]
fn settings_tell_where_they_come_from() {
    let pinx = Pinx::new()
        .config("config.toml", "quality = \"high\"\n")
        .file("pinx.toml", "style = \"voxel-3d\"\n")
        .env("PINX_SIZE", "64x64");
    let output = pinx.run(&["config", "show"]).exits(0);
    for text in ["high", "config.toml", "voxel-3d", "pinx.toml", "64x64", "PINX_SIZE"] {
        assert!(output.stdout.contains(text), "{text} is missing\n{output}");
    }
    pinx.run(&["config", "get", "quality"]).exits(0).prints(&["high"]);
    pinx.run(&["config", "set", "quality", "low"]).exits(0);
    pinx.run(&["config", "get", "quality"]).exits(0).prints(&["low"]);
    pinx.run(&["config", "get", "qualty"]).exits(2).says("quality");
    pinx.run(&["config", "set", "qualty", "low"]).exits(2).says("quality");
    let path = pinx.run(&["config", "path"]).exits(0);
    assert!(path.stdout.contains("config.toml"), "{path}");
}

#[test]
fn a_first_config_is_written_once_and_never_replaced() {
    let pinx = Pinx::new();
    pinx.run(&["config", "init"]).exits(0);
    let written = std::fs::read_to_string(pinx.data().join("config.toml")).unwrap();
    assert!(written.contains('#'), "{written}");
    pinx.run(&["generate", "a fox", "-s", "64x64"]).exits(0);
    std::fs::write(pinx.data().join("config.toml"), "quality = \"high\"\n").unwrap();
    pinx.run(&["config", "init"]).exits(2);
    assert_eq!(
        std::fs::read_to_string(pinx.data().join("config.toml")).unwrap(),
        "quality = \"high\"\n"
    );
}
