//! `doctor`: everything told with its remedy, nothing spent, nobody asked who should not be.

use std::path::Path;

use serde_json::Value;

use crate::fake::fal::Fal;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Kind};
use crate::pinx::{Output, Pinx};

/// The checks of a run with `--json`, which must be one document.
fn checks(output: &Output) -> Vec<Value> {
    output.json()["checks"].as_array().unwrap().clone()
}

/// The one check of a name in a group.
#[track_caller]
fn check(output: &Output, group: &str, name: &str) -> Value {
    let all = checks(output);
    let found = all.iter().find(|check| check["group"] == group && check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {group}/{name}\n{output}")).clone()
}

/// Its state, and one of its remedies holds this text.
#[track_caller]
fn is(check: &Value, state: &str, remedy: &str) {
    assert_eq!(check["state"], state, "{check:#}");
    let remedies = check["remedies"].as_array().unwrap();
    let has = |one: &Value| one.as_str().unwrap().contains(remedy);
    assert!(remedy.is_empty() || remedies.iter().any(has), "`{remedy}` expected in {check:#}");
}

/// Text without its line breaks: it is wrapped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_configured_is_well_and_says_what_a_key_would_give() {
    let pinx = Pinx::new();
    let output = pinx.run(&["doctor"]).exits(0).leaves(&[]).says("nothing was spent");
    let text = flat(&output.stdout);
    for part in ["set OPENAI_API_KEY, or `pinx keys set openai`", "procedural, not AI, and free"] {
        assert!(text.contains(part), "{part}\n{output}");
    }
    assert!(!text.contains("FAIL") && !text.contains("warn"), "{output}");
    for line in output.stdout.lines() {
        assert!(line.chars().count() < 80, "{line}\n{output}");
    }
    assert!(!output.stdout.contains('\x1b'), "{output}");
    assert!(std::fs::read_dir(pinx.data()).unwrap().next().is_none(), "a look leaves nothing");
}

#[test]
fn the_document_has_every_group_and_keeps_its_shape() {
    let output = Pinx::new().run(&["doctor", "--json"]).exits(0);
    let document = output.json();
    assert_eq!(document["success"], true);
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    let checks = checks(&output);
    for group in ["settings", "keys", "models", "disk", "log", "terminal", "network", "trust"] {
        assert!(checks.iter().any(|check| check["group"] == group), "{group}\n{output}");
    }
    for check in &checks {
        let state = check["state"].as_str().unwrap();
        assert!(["ok", "note", "warn", "fail"].contains(&state), "{check:#}");
        assert!(!check["text"].as_str().unwrap().is_empty() && check["remedies"].is_array());
        // What is wrong says what to do.
        let must = ["warn", "fail"].contains(&state);
        assert!(!must || !check["remedies"].as_array().unwrap().is_empty(), "{check:#}");
    }
    let counted: u64 =
        document["totals"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(counted as usize, checks.len());
}

#[test]
fn a_good_key_is_told_with_its_source_and_nothing_is_posted() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let output = pinx.run(&["doctor", "--json"]).exits(0);
    let key = check(&output, "keys", "openai");
    assert!(key["text"].as_str().unwrap().starts_with("OPENAI_API_KEY #"), "{key}");
    for provider in ["openai", "fal"] {
        let answer = check(&output, "network", provider);
        is(&answer, "ok", "");
        assert!(answer["text"].as_str().unwrap().contains("the key is good"), "{answer}");
        assert!(answer["data"]["latencyMs"].is_u64(), "{answer}");
    }
    is(&check(&output, "trust", "openai"), "note", "pinx config show");
    assert_eq!((openai.all().len(), fal.all().len()), (1, 1), "one free question each");
    assert!(openai.all().iter().chain(&fal.all()).all(|request| request.method == "GET"));
}

#[test]
fn a_refused_key_fails_and_says_where_it_came_from() {
    let fake = OpenAi::start();
    fake.always(Kind::Models, openai::error(401, "invalid_api_key", "no"));
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&["doctor", "--json"]).exits(1);
    assert_eq!(output.json()["success"], false);
    let refused = check(&output, "network", "openai");
    is(&refused, "fail", "the key came from OPENAI_API_KEY");
    is(&refused, "fail", "pinx keys set openai");
    pinx.run(&["doctor"]).exits(1).says("1 failure (network/openai)");
}

#[test]
fn other_answers_are_told_apart() {
    for (status, state, remedy) in [
        (429, "warn", "wait a minute"),
        (
            404,
            "fail",
            "is that the right place? its address comes from $PINX_PROVIDERS_OPENAI_BASE_URL",
        ),
        (302, "fail", "is that the right place?"),
        (500, "fail", "try later"),
    ] {
        let fake = OpenAi::start();
        fake.always(Kind::Models, Answer::html(status));
        let output = Pinx::new().openai(&fake).run(&["doctor", "--json"]);
        let output = output.exits(i32::from(state == "fail"));
        is(&check(&output, "network", "openai"), state, remedy);
    }
}

#[test]
fn an_unreachable_address_says_how_far_it_got() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, word, remedy) in [
        (format!("http://{closed}/v1"), "refused", "start that server"),
        ("https://no-such-host.invalid/v1".to_owned(), "DNS", "is this machine online?"),
    ] {
        let pinx = Pinx::new()
            .env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY)
            .env("PINX_PROVIDERS_OPENAI_BASE_URL", &address);
        let output = pinx.run(&["doctor", "--json"]).exits(1);
        let stopped = check(&output, "network", "openai");
        is(&stopped, "fail", remedy);
        assert_eq!(stopped["data"]["stopped"], word, "{stopped:#}");
    }
}

#[test]
fn offline_asks_nobody() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal).env("PINX_NO_PROBE", "0");
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(0);
    assert_eq!((openai.all().len(), fal.all().len()), (0, 0));
    for (group, name) in [("network", "providers"), ("network", "clock"), ("network", "local")] {
        is(&check(&output, group, name), "note", "");
    }
}

#[test]
fn a_clock_that_is_off_is_told() {
    let fake = OpenAi::start();
    fake.always_with(Kind::Models, |_, usual| {
        usual.header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
    });
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&["doctor", "--json"]).exits(0);
    let clock = check(&output, "network", "clock");
    is(&clock, "warn", "set it:");
    assert!(clock["text"].as_str().unwrap().contains("days ahead of"), "{clock}");
    fake.always_with(Kind::Models, |_, usual| {
        let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        usual.header("date", &now)
    });
    is(&check(&pinx.run(&["doctor", "--json"]).exits(0), "network", "clock"), "ok", "");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn stored_keys_that_others_can_read_are_warned_about() {
    let pinx = Pinx::new().config("credentials.toml", "vercel = \"vck-abcdefghijkl\"\n");
    let path = pinx.data().join("credentials.toml");
    set_mode(&path, 0o644);
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(0);
    is(&check(&output, "keys", "stored"), "warn", "chmod 600");
    assert!(output.stderr.is_empty(), "told once\n{output}");
    set_mode(&path, 0o600);
    is(&check(&pinx.run(&["doctor", "--offline", "--json"]), "keys", "stored"), "ok", "");
}

#[test]
fn a_data_directory_that_cannot_be_written_fails() {
    let pinx = Pinx::new();
    // Nobody can make a directory there.
    let below = "/proc/pinx";
    let output = pinx.command(&["doctor", "--json"]).env("PINX_HOME", below).run().exits(1);
    is(&check(&output, "disk", "data"), "fail", "PINX_HOME");
    is(&check(&output, "disk", "cache"), "warn", "PINX_HOME");
    is(&check(&output, "disk", "images"), "ok", "");
}

#[test]
fn what_is_open_is_told_with_its_stake() {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&["generate", "a red fox", "-m", "fal/flux-schnell"]).spawn();
    fake.wait_for(Kind::Submit, 1);
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(0);
    is(&check(&output, "log", "open"), "ok", "");
    is(&check(&output, "log", "at work"), "ok", "");
    running.signal("KILL");
    running.finish();
    let asked = fake.all().len();
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(0);
    let open = check(&output, "log", "open");
    is(&open, "warn", "`pinx recover`");
    assert!(open["text"].as_str().unwrap().contains("may have cost up to $0.0"), "{open}");
    assert_eq!((open["data"]["attempts"].as_u64(), fake.all().len()), (Some(1), asked));
}

#[test]
fn broken_settings_come_first_and_the_rest_is_still_checked() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).config("config.toml", "modle = \"auto\"\n");
    let output = pinx.run(&["doctor"]).exits(1);
    let first = output.stdout.lines().nth(1).unwrap();
    assert!(first.trim_start().starts_with("FAIL") && first.contains("modle"), "{output}");
    assert!(flat(&output.stdout).contains("did you mean `model`?"), "{output}");
    assert_eq!(output.stderr.matches("modle").count(), 0, "told once\n{output}");
    let output = pinx.run(&["doctor", "--json"]).exits(1);
    is(&check(&output, "keys", "openai"), "ok", "");
    is(&check(&output, "disk", "data"), "ok", "");
    is(&check(&output, "network", "providers"), "note", "");
    assert!(fake.all().is_empty(), "where a key may go is not known");
}

#[test]
fn stored_keys_that_cannot_be_read_are_told_once() {
    let pinx = Pinx::new()
        .secret("SECRETSECRET123")
        .config("credentials.toml", "openai = sk-SECRETSECRET123\n");
    let output = pinx.run(&["doctor", "--json"]).exits(1);
    is(&check(&output, "settings", "settings"), "fail", "pinx keys set");
    is(&check(&output, "keys", "openai"), "note", "");
    assert_eq!(output.stdout.matches("credentials.toml:1").count(), 1, "{output}");
}

#[test]
fn a_project_that_sets_what_it_must_not_is_told() {
    let pinx =
        Pinx::new().file("pinx.toml", "[providers.openai]\nbase_url = \"https://x.example\"\n");
    let output = pinx.run(&["doctor", "--json"]).exits(1);
    is(&check(&output, "settings", "settings"), "fail", "a project may set model");
}

#[test]
fn gateways_are_told_and_a_missing_token_fails() {
    let fake = OpenAi::start();
    let config = "[gateways.edge]\nkind = \"openai\"\nurl = \"URL\"\ntoken_env = \"EDGE_TOKEN\"\n\
                  [providers.openai]\ngateway = \"edge\"\n"
        .replace("URL", &fake.base_url());
    let pinx = Pinx::new().config("config.toml", &config);
    let output = pinx.run(&["doctor", "--json"]).exits(1);
    is(&check(&output, "network", "gateway"), "fail", "EDGE_TOKEN");
    assert!(fake.all().is_empty());
    let pinx = pinx.env("EDGE_TOKEN", "edge-token-0123456789").secret("edge-token-0123456789");
    let output = pinx.run(&["doctor", "--json"]).exits(0);
    let gateway = check(&output, "network", "gateway");
    is(&gateway, "ok", "");
    assert!(gateway["text"].as_str().unwrap().contains("token comes from EDGE_TOKEN"), "{gateway}");
    assert_eq!(fake.all().len(), 1);
}

#[test]
fn models_that_are_gone_and_settings_that_name_nothing_are_told() {
    let config = "model = \"openai/dall-e-3\"\n[tls]\nroots = \"system\"\n";
    let pinx = Pinx::new()
        .config("config.toml", config)
        .env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY)
        .env("PINX_MODLE", "x")
        .env("SSL_CERT_FILE", "/no/such/file")
        .env("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128")
        .secret("hunter2");
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(1);
    is(&check(&output, "models", "model"), "warn", "instead");
    is(&check(&output, "settings", "settings"), "warn", "did you mean `PINX_MODEL`?");
    is(&check(&output, "network", "TLS roots"), "fail", "unset SSL_CERT_FILE");
    let proxy = check(&output, "network", "proxy");
    assert!(proxy["text"].as_str().unwrap().contains("http://proxy.example:3128"), "{proxy}");
}

#[test]
fn the_rules_of_trust_are_tried_and_hold() {
    let output = Pinx::new().run(&["doctor", "--json"]).exits(0);
    for name in ["keys", "links", "text", "names"] {
        let rule = check(&output, "trust", name);
        is(&rule, "ok", "");
        assert!(rule["text"].as_str().unwrap().contains("(tried)"), "{rule}");
    }
}

#[test]
fn an_address_of_ones_own_is_named_with_its_origin() {
    let config = "[providers.openai]\nbase_url = \"http://example.com/v1\"\nallow_http = true\n";
    let pinx =
        Pinx::new().config("config.toml", config).env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY);
    let output = pinx.run(&["doctor", "--offline", "--json"]).exits(0);
    is(&check(&output, "trust", "keys"), "ok", "");
    let all = checks(&output);
    let of = |state: &str| {
        let mut own = all.iter().filter(|one| one["group"] == "trust" && one["name"] == "openai");
        own.find(|one| one["state"] == state).unwrap_or_else(|| panic!("{state}\n{output}"))
    };
    assert!(of("note")["text"].as_str().unwrap().contains("config.toml:2"), "{output}");
    is(of("warn"), "warn", "allow_http");
}

#[test]
fn figures_have_names_with_underscores_beside_the_older_ones() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let answer = check(&pinx.run(&["doctor", "--json"]).exits(0), "network", "openai");
    assert_eq!(answer["data"]["latency_ms"], answer["data"]["latencyMs"], "{answer}");
    assert!(answer["data"]["latency_ms"].is_u64(), "{answer}");
    let providers = pinx.run(&["providers", "--json"]).exits(0).json();
    let keys = pinx.run(&["keys", "list", "--json"]).exits(0).json();
    for (new, old, of) in [
        ("is_configured", "isConfigured", &providers["providers"][0]),
        ("key_source", "keySource", &providers["providers"][0]),
        ("per_minute", "perMinute", &providers["providers"][0]["limits"][0]),
        ("keys_page", "keysPage", &keys["keys"][0]),
    ] {
        assert!(of.get(new).is_some() && of.get(new) == of.get(old), "{new} of {of:#}");
    }
}

#[test]
fn a_dead_address_of_ones_own_is_told_with_where_it_was_set() {
    let own = "[providers.mine]\ndialect = \"openai\"\nauth = \"none\"\n\
               base_url = \"http://127.0.0.1:1/v1\"\n";
    let pinx = Pinx::new().config("config.toml", own).env("PINX_RETRIES", "0");
    let fox = ["generate", "a fox", "-m", "mine/any"];
    let output = pinx.run(&fox).exits(1).says("the base URL `http://127.0.0.1:1/v1` comes from");
    output.says("config.toml:4");
    is(
        &check(&pinx.run(&["doctor", "--json"]).exits(1), "network", "mine"),
        "fail",
        "config.toml:4",
    );
    let pinx = pinx.env("PINX_PROVIDERS_MINE_BASE_URL", "http://127.0.0.1:2/v1");
    pinx.run(&fox).exits(1).says("comes from $PINX_PROVIDERS_MINE_BASE_URL");
    let fox = ["generate", "a fox", "-m", "openai/gpt-image-2"];
    for (variable, url) in [
        ("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:1/v1"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"),
    ] {
        let pinx = Pinx::new().env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY);
        let pinx = pinx.env("PINX_RETRIES", "0").env(variable, url);
        pinx.run(&fox).exits(1).says(&format!("comes from ${variable}: is that the right place?"));
    }
}

/// Who can reach a server, and what to do where it is open.
#[test]
fn who_can_reach_a_server_is_told() {
    let pinx = Pinx::new();
    let doctor = |pinx: &Pinx, name: &str, state: &str, word: &str| {
        let output = pinx.command(&["doctor", "--offline", "--json"]).plain().output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap();
        let found = checks.iter().find(|one| one["group"] == "server" && one["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{name}: {document:#}"));
        is(found, state, "");
        assert!(found.to_string().contains(word), "{word}: {found:#}");
    };
    doctor(&pinx, "listen", "ok", "this machine alone");
    doctor(&pinx, "keys", "ok", "none needed");
    let pinx = pinx
        .env("PINX_SERVE_LISTEN", "0.0.0.0:7878")
        .env("PINX_SERVE_HOSTS", "art.example.org")
        .env("PINX_SERVE_REQUIRE_KEY", "true");
    doctor(&pinx, "listen", "warn", "pinx serve keys add NAME");
    doctor(&pinx, "keys", "warn", "no client has one");
    doctor(&pinx, "hosts", "note", "art.example.org");
    let add = ["serve", "keys", "add", "shop"];
    assert!(pinx.command(&add).plain().output().unwrap().status.success());
    doctor(&pinx, "listen", "note", "TLS");
    doctor(&pinx, "keys", "warn", "pinx serve keys set shop --budget-day 5");
    let set = ["serve", "keys", "set", "shop", "--budget-day", "5"];
    assert!(pinx.command(&set).plain().output().unwrap().status.success());
    doctor(&pinx, "keys", "ok", "1 client with a key");
    let pinx = pinx.env("PINX_SERVE_LISTEN", "here");
    doctor(&pinx, "listen", "fail", "127.0.0.1:7878");
    std::fs::write(pinx.data().join("clients.json"), "{").unwrap();
    doctor(&pinx, "keys", "fail", "clients.json");
}

/// A server that runs is found where the settings say that it listens.
#[test]
fn a_server_that_runs_is_found() {
    let pinx = Pinx::new();
    let served = crate::served::Served::start(&pinx, &[]);
    let found = |address: &str| {
        let mut command = pinx.command(&["doctor", "--json"]).plain();
        command.env("PINX_SERVE_LISTEN", address).env("PINX_NO_PROBE", "0");
        let output = command.output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|one| one["name"] == "running").unwrap()
    };
    let address = served.address.to_string();
    assert_eq!(found(&address)["data"]["is_running"], true);
    served.stop();
    assert_eq!(found(&address)["data"]["is_running"], false);
}
