//! Keys: where they are found, in which order, and that nobody ever sees one.

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind};
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
    let fal = crate::pinx::FAL_KEY;
    let odd = "AIzaSyD-0123456789_abcdefghijklmnopqrst";
    let pinx = pinx.secret(odd);
    for args in [
        &["keys", "set", "openai", OPENAI_KEY][..],
        &["keys", "set", OPENAI_KEY],
        &["keys", "set", OPENAI_KEY, "openai"],
        &["keys", "set", "openai", "--key", OPENAI_KEY],
        &["keys", "set", "openai", "--api-key", OPENAI_KEY, "--stdin"],
        &["keys", "set", "openai", "--token=sk-test-0123456789abcdef"],
        &["keys", "set", "OPENAI_API_KEY=sk-test-0123456789abcdef"],
        &["keys", "set", "openai", "Bearer", OPENAI_KEY],
        &["keys", "test", OPENAI_KEY],
        &["keys", "remove", OPENAI_KEY],
        &["keys", "set", "openai", OPENAI_KEY, "--json"],
    ] {
        let output = pinx.run(args).exits(2).says("a key is never an argument");
        let output = output.says("`pinx keys set openai` asks for it unseen");
        if args.contains(&"--json") {
            assert_eq!(output.json()["error"]["code"], "key_as_argument", "{output}");
        }
    }
    for args in [&["keys", "set", fal][..], &["keys", "set", odd], &["keys", "test", fal]] {
        pinx.run(args).exits(2).says("`pinx keys set PROVIDER` asks for it unseen");
    }
    pinx.run(&["keys", "set", "fal", fal]).exits(2).says("pinx keys set fal --stdin");
    // Where nobody looks for one it is not repeated either.
    pinx.run(&["keys", OPENAI_KEY]).exits(2).says("[redacted]");
    pinx.run(&["keys", "list", OPENAI_KEY, "--json"]).exits(2).says("[redacted]");
    pinx.run(&["keys", "set", "openia", "--stdin"]).exits(2).says("did you mean `openai`?");
    pinx.run(&["keys", "set", "gpt-image-2", "--stdin"]).exits(2).says("openai, fal, vercel");
    assert!(!pinx.data().join("credentials.toml").exists());
}

#[test]
fn without_a_terminal_it_must_be_said_whose_key_it_is() {
    let pinx = Pinx::new();
    let output = pinx.run(&["keys", "set"]).exits(2).says("whose key is it?");
    let output = output.says("`pinx keys set fal --stdin` (made at https://fal.ai/dashboard/keys)");
    output.says("`pinx keys set openai --stdin`");
    let piped = ["keys", "set", "--stdin", "--json"];
    let output = pinx.command(&piped).stdin(OPENAI_KEY).run().exits(2);
    assert_eq!(output.json()["error"]["code"], "no_provider", "{output}");
    pinx.run(&["keys", "set", "openai"]).exits(2).says("pinx keys set openai --stdin");
}

#[test]
fn a_key_is_checked_at_once_and_the_next_command_is_said() {
    let fake = OpenAi::start();
    let pinx = keyless(&fake);
    let set = ["keys", "set", "openai", "--stdin"];
    let output = pinx.command(&set).stdin(OPENAI_KEY).run().exits(0).says("OpenAI takes it");
    let output = output.says("next: `pinx \"a red fox\"` takes openai/gpt-image-2.6-flare (~$0.0");
    assert!(output.stdout.is_empty(), "{output}");
    let asked = fake.requests(Kind::Models);
    assert_eq!((asked.len(), fake.posts()), (1, 0));
    assert_eq!(asked[0].header("authorization"), Some(&*format!("Bearer {OPENAI_KEY}")));
    let json = [&set[..], &["--json"]].concat();
    let document = pinx.command(&json).stdin(OPENAI_KEY).run().exits(0).json();
    assert_eq!(document["check"]["status"], "good", "{document}");
    assert_eq!(document["next"]["model"], "openai/gpt-image-2.6-flare", "{document}");
    // What is asked about is the key that was typed, not one that comes before it.
    let other = "sk-from-the-environment-0";
    let pinx = pinx.secret(other).env("OPENAI_API_KEY", other);
    pinx.command(&set).stdin(OPENAI_KEY).run().exits(0).says("OPENAI_API_KEY comes first");
    let asked = fake.requests(Kind::Models).pop().unwrap();
    assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {OPENAI_KEY}")));
}

#[test]
fn a_refused_key_is_not_stored_and_one_that_nobody_was_asked_about_is() {
    let fake = OpenAi::start();
    let bad = "sk-bad-0123456789abcdef";
    let pinx = keyless(&fake).secret(bad);
    let set = ["keys", "set", "openai", "--stdin"];
    pinx.command(&set).stdin(OPENAI_KEY).run().exits(0);
    let stored = || std::fs::read_to_string(pinx.data().join("credentials.toml")).unwrap();
    let before = stored();
    fake.always(Kind::Models, crate::fake::openai::error(401, "invalid_api_key", "no"));
    let output = pinx.command(&set).stdin(bad).run().exits(3).says("it is not stored");
    output.says("https://platform.openai.com/api-keys").says("--no-check");
    assert_eq!(stored(), before, "the one before stays");
    let asked = fake.count(Kind::Models);
    let unchecked = [&set[..], &["--no-check"]].concat();
    pinx.command(&unchecked).stdin(bad).run().exits(0).says("not checked: `--no-check`");
    assert_eq!(fake.count(Kind::Models), asked);
    assert!(stored().contains(bad));
    // A key with few rights may make images all the same.
    let words =
        "You have insufficient permissions for this operation. Missing scopes: api.model.read.";
    for status in [401, 403] {
        fake.always(Kind::Models, crate::fake::openai::error(status, "", words));
        let output = pinx.command(&set).stdin(OPENAI_KEY).run().exits(0);
        output.says("which making images may not need");
    }
    for answer in [Answer::html(500), Answer::dropped(), Answer::html(429)] {
        fake.always(Kind::Models, answer);
        let output = pinx.command(&set).stdin(bad).run().exits(0).says("not checked:");
        output.says("`pinx keys test openai` checks it");
    }
    assert!(stored().contains(bad));
}

#[test]
fn a_key_of_another_provider_is_told_by_its_beginning() {
    let fake = Fal::start();
    fake.always(Kind::Status, crate::fake::fal::error(401, "no"));
    let pinx = Pinx::new().fal(&fake).env("FAL_KEY", "");
    let set = ["keys", "set", "fal", "--stdin"];
    let output = pinx.command(&set).stdin(OPENAI_KEY).run().exits(3);
    output.says("begins as those of OpenAI do").says("`pinx keys set openai --stdin`");
    assert!(fake.requests(Kind::Status).is_empty(), "it is not sent to another");
}

#[test]
fn what_was_copied_with_a_key_is_left_out_and_told() {
    let fake = OpenAi::start();
    let pinx = keyless(&fake);
    let set = ["keys", "set", "openai", "--stdin"];
    for (text, told) in [
        (format!("export OPENAI_API_KEY=\"{OPENAI_KEY}\"\n"), "the name before it and its quotes"),
        (format!("Authorization: Bearer {OPENAI_KEY}"), "the `Bearer` before it"),
        (format!("  {OPENAI_KEY}  \r\n"), "the white space around it"),
    ] {
        pinx.command(&set).stdin(text).run().exits(0).says(told);
        let asked = fake.requests(Kind::Models).pop().unwrap();
        assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {OPENAI_KEY}")));
    }
    for bad in ["", "\n", "a b\n", "sk-1\nsk-2\n"] {
        pinx.command(&set).stdin(bad).run().exits(3).says("give the key alone, on one line");
    }
}

#[test]
fn an_address_that_nobody_reads_is_told_beside_the_key() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().env("OPENAI_API_BASE", fake.base_url());
    let set = ["keys", "set", "openai", "--stdin", "--no-check"];
    pinx.command(&set)
        .stdin(OPENAI_KEY)
        .run()
        .exits(0)
        .says("`OPENAI_API_BASE` is set, but not read");
    assert!(fake.all().is_empty());
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
fn a_command_is_run_once_for_all_that_is_open() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&["generate", "a red fox", "-m", "fal/flux-schnell", "-n", "3"]);
    fake.always_with(Kind::Status, |_, _| Answer::hang());
    let running = running.spawn();
    fake.wait_for(Kind::Status, 3);
    running.signal("KILL");
    running.finish();
    fake.always_with(Kind::Status, |_, usual| usual);
    let key = "0a1b2c3d-1111-4222-8333-444455556666:89abcdef0123456789abcdef01234567";
    let script = format!("echo once >> asked; echo {key}");
    let config = format!("[providers.fal]\nkey_cmd = [\"sh\", \"-c\", \"{script}\"]\n");
    let pinx = pinx.config("config.toml", &config).env("FAL_KEY", "");
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.entries("done").len()), (3, 3));
    assert_eq!(pinx.read("asked"), b"once\n");
}

#[test]
fn a_command_that_fails_is_run_once_for_all_that_is_open() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    fake.always_with(Kind::Status, |_, _| Answer::hang());
    let running = pinx.command(&["generate", "a red fox", "-m", "fal/flux-schnell", "-n", "3"]);
    let running = running.spawn();
    fake.wait_for(Kind::Status, 3);
    running.signal("KILL");
    running.finish();
    let script = "echo once >> asked; echo locked >&2; exit 1";
    let config = format!("[providers.fal]\nkey_cmd = [\"sh\", \"-c\", \"{script}\"]\n");
    let pinx = pinx.config("config.toml", &config).env("FAL_KEY", "");
    pinx.run(&["recover"]).exits(75).says("locked");
    assert_eq!((fake.posts(), pinx.read("asked")), (3, b"once\n".to_vec()));
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
    let pinx = Pinx::new().openai(&fake).env("COLUMNS", "120");
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

#[test]
fn malformed_files_never_show_a_key() {
    const SECRET: &str = "SECRETSECRET123";
    for bad in [
        "api_key = sk-SECRETSECRET123",
        "api_key = \"sk-SECRETSECRET123",
        "api_key = [\"sk-SECRETSECRET123\"]",
    ] {
        let pinx = Pinx::new();
        let path = pinx.data().join("config.toml");
        let text = format!("[providers.openai]\n{bad}\n");
        for args in [
            &["generate", "a fox"][..],
            &["generate", "a fox", "--json"],
            &["providers", "--json"],
            &["config", "set", "quality", "low"],
            &["config", "show", "-v"],
        ] {
            // No `.secret()` here: that looks into the settings too, where this one must stand.
            std::fs::write(&path, &text).unwrap();
            let output = pinx.run(args).exits(2).says("config.toml:2");
            for shown in [&output.stdout, &output.stderr] {
                assert!(!shown.contains(SECRET), "{output}");
            }
        }
    }
}

#[test]
fn malformed_stored_keys_stop_every_command_once() {
    let pinx = Pinx::new()
        .secret("SECRETSECRET123")
        .config("credentials.toml", "# mine\nopenai = sk-SECRETSECRET123\n");
    for args in [
        &["generate", "a fox", "-s", "64x64"][..],
        &["generate", "a fox", "--json"],
        &["providers"],
        &["keys", "list"],
        &["keys", "remove", "openai"],
    ] {
        let output = pinx.run(args).exits(2).leaves(&[]).says("pinx keys set");
        assert_eq!(output.stderr.matches("credentials.toml:2:10").count(), 1, "{output}");
    }
    let set = ["keys", "set", "fal", "--stdin", "--no-check"];
    pinx.command(&set).stdin("x").run().exits(2).says(":2:10");
    let text = std::fs::read_to_string(pinx.data().join("credentials.toml")).unwrap();
    assert!(text.contains("SECRETSECRET123"), "nothing is thrown away");
}

#[test]
fn an_unusable_key_is_told_once_with_its_remedy() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", "sk-a\u{7}b");
    let output = pinx.run(&["providers"]).exits(0).says("set `OPENAI_API_KEY` again");
    assert_eq!(output.stderr.matches("control character").count(), 1, "{output}");
    let list = pinx.run(&["keys", "list"]).exits(0).says("set `OPENAI_API_KEY` again");
    assert!(list.stdout.contains("unusable"), "{list}");
}

#[test]
fn a_key_is_no_setting_of_the_command_line() {
    let pinx = Pinx::new().secret("SECRETSECRET123");
    let set = ["config", "set", "providers.openai.api_key", "sk-SECRETSECRET123"];
    pinx.run(&set).exits(2).says("pinx keys set openai");
    assert!(!pinx.data().join("config.toml").exists());
    pinx.run(&set[..3]).exits(2).says("pinx keys set openai");
    pinx.run(&["config", "unset", set[2]]).exits(0);
}

#[test]
fn a_setting_that_names_nothing_is_not_written() {
    let pinx = Pinx::new();
    for (name, value, part) in [
        ("model", "openai/gpt-imagge-2", "did you mean"),
        ("fallback", "fal/flux-schnel", "did you mean"),
        ("style", "voxel3d", "voxel-3d"),
        ("prefer", "cheapest", "cheap, fast or best"),
        ("providers.fal.queue_url", "nowhere", "nowhere"),
    ] {
        pinx.run(&["config", "set", name, value]).exits(2).says(part);
    }
    assert!(!pinx.data().join("config.toml").exists());
    pinx.run(&["config", "set", "model", "openai/gpt-image-2"]).exits(0);
    pinx.run(&["config", "get", "model"]).exits(0).prints(&["openai/gpt-image-2"]);
}

#[test]
fn addresses_of_variables_are_shown_with_their_origin() {
    let pinx = Pinx::new().env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    let get = ["config", "get", "providers.openai.base_url"];
    pinx.run(&get).exits(0).prints(&["http://127.0.0.1:9/v1"]);
    let output = pinx.run(&["config", "show"]).exits(0);
    assert!(output.stdout.contains("$OPENAI_BASE_URL"), "{output}");
    let pinx = pinx.env("OPENAI_GATEWAY_URL", "http://127.0.0.1:7/v1");
    pinx.run(&get).exits(0).prints(&["http://127.0.0.1:7/v1"]);
    pinx.run(&["config", "get", "providers.openai.gateway"])
        .exits(0)
        .prints(&["http://127.0.0.1:7/v1"]);
}

#[test]
fn tables_of_keys_and_settings_look_like_the_others() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let list = pinx.run(&["keys", "list"]).exits(0);
    assert!(list.stdout.starts_with("provider"), "{list}");
    let line = list.stdout.lines().find(|line| line.starts_with("openai")).unwrap();
    let key = line.split_whitespace().nth(1).unwrap();
    assert!(key.len() == 7 && key.starts_with('#'), "{list}");
    assert!(pinx.run(&["config", "show"]).exits(0).stdout.starts_with("setting"));
    pinx.run(&["keys", "remove", "nope"]).exits(2).says("`pinx providers` lists them");
}
