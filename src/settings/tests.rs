//! Tests of the layers: which value wins, where it says it comes from, what is refused.

use std::path::{Path, PathBuf};

use super::*;
use crate::error::Kind;
use crate::fs::Mode;

/// A hermetic home and project.
struct Lab {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl Lab {
    fn new() -> Lab {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(&dir.path().join("home")).unwrap();
        fs::create_dir(&dir.path().join("repo/.git")).unwrap();
        let home = dir.path().join("home").display().to_string();
        Lab { dir, env: vec![("PINX_HOME".to_owned(), home)] }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn user(self, text: &str) -> Lab {
        fs::write_atomic(&self.path("home/config.toml"), text.as_bytes(), Mode::Private).unwrap();
        self
    }

    fn project(self, text: &str) -> Lab {
        fs::write_atomic(&self.path("repo/pinx.toml"), text.as_bytes(), Mode::Normal).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Lab {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn load(&self, flags: &[(&str, &str)]) -> Result<Settings> {
        let flags: Vec<(String, Value)> = flags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::String((*value).to_owned())))
            .collect();
        Settings::load(&Env::of(self.env.clone()), &self.path("repo"), None, &flags)
    }

    fn fails(&self, flags: &[(&str, &str)]) -> Error {
        let error = self.load(flags).unwrap_err();
        assert_eq!(error.kind, Kind::Usage, "{error}");
        error
    }
}

#[test]
fn the_defaults_are_what_the_decisions_say() {
    let settings = Lab::new().load(&[]).unwrap();
    assert_eq!(settings.model, "auto");
    assert_eq!(settings.auto_order.last().map(String::as_str), Some("pinx/sketch"));
    assert_eq!(settings.size, Size::new(1024, 1024));
    assert_eq!(settings.request.size, None);
    assert_eq!(settings.concurrency, 4);
    assert_eq!((settings.retries, settings.max_attempts), (2, 4));
    assert_eq!(settings.deadline, Duration::from_secs(900));
    assert_eq!(settings.confirm_above, Money::dollars(1.0));
    assert_eq!(settings.budget_run, None);
    assert_eq!(settings.fallback, None);
    assert_eq!(settings.body_memory, 32 << 20);
    assert_eq!(settings.poll_first, Duration::from_millis(250));
    assert!(settings.warnings.is_empty());
    for name in &settings.auto_order {
        assert!(settings.catalog.models.iter().any(|model| model.full_id() == *name), "{name}");
    }
}

#[test]
fn the_nearer_layer_wins_and_says_so() {
    let lab = Lab::new();
    let at = |settings: &Settings| settings.origin("quality").to_string();
    assert_eq!(at(&lab.load(&[]).unwrap()), "default");
    let lab = lab.user("\nquality = \"low\"\n");
    let settings = lab.load(&[]).unwrap();
    assert_eq!(
        (settings.request.quality.as_deref(), at(&settings).as_str()),
        (Some("low"), "config.toml:2")
    );
    let lab = lab.project("# taste\n\nquality = \"medium\"");
    let settings = lab.load(&[]).unwrap();
    assert_eq!(
        (settings.request.quality.as_deref(), at(&settings).as_str()),
        (Some("medium"), "pinx.toml:3")
    );
    let lab = lab.env("PINX_QUALITY", "high");
    let settings = lab.load(&[]).unwrap();
    assert_eq!(
        (settings.request.quality.as_deref(), at(&settings).as_str()),
        (Some("high"), "$PINX_QUALITY")
    );
    let settings = lab.load(&[("quality", "max")]).unwrap();
    assert_eq!(
        (settings.request.quality.as_deref(), at(&settings).as_str()),
        (Some("max"), "--quality")
    );
    let settings = lab.load(&[("quality", "")]).unwrap();
    assert_eq!(settings.request.quality, None, "an empty value takes it back");
}

#[test]
fn flags_and_variables_are_text_with_the_setting_s_type() {
    let lab = Lab::new()
        .env("PINX_BUDGET_RUN", "0.25")
        .env("PINX_STRICT", "yes")
        .env("PINX_FALLBACK", "fal/flux-schnell, pinx/sketch")
        .env("PINX_TLS_ROOTS", "bundled");
    let settings = lab.load(&[("count", "3"), ("no-such", "")]);
    assert!(settings.is_err(), "a flag without a setting is a defect");
    let settings = lab.load(&[("count", "3"), ("timeout", "5m"), ("fallback", "")]).unwrap();
    assert_eq!(settings.count, 3);
    assert_eq!(settings.timeout, Duration::from_secs(300));
    assert_eq!(settings.budget_run, Some(Money::dollars(0.25)));
    assert!(settings.strict);
    assert_eq!(settings.fallback, Some(vec![]));
    assert_eq!(settings.origin("fallback").to_string(), "--no-fallback");
    assert_eq!(settings.tls_roots, Roots::Bundled);
    let settings = lab.load(&[("max_cost", "1")]).unwrap();
    assert_eq!(settings.budget_run, Some(Money::dollars(1.0)));
    assert_eq!(settings.origin("budget.run").to_string(), "--max-cost");
    assert_eq!(settings.fallback.map(|list| list.len()), Some(2));
}

#[test]
fn wrong_values_name_setting_value_origin_and_expectation() {
    let lab = Lab::new().user("timeout = \"soon\"\n");
    let path = lab.path("home").join("config.toml");
    assert_eq!(
        lab.fails(&[]).message,
        format!(
            "`timeout` must be a duration, such as `90s` or `5m`, but {}:1 says `soon`",
            path.display()
        )
    );
    for (text, part) in [
        ("concurrency = \"4\"", "a whole number from 1 to 256"),
        ("concurrency = 0", "a whole number from 1 to 256"),
        ("answer_limit = 0", "at least `16MiB`"),
        ("answer_limit = 16777215", "at least `16MiB`"),
        ("answer_limit = \"1KiB\"", "at least `16MiB`"),
        ("strict = \"no\"", "true or false"),
        ("fallback = \"a/b\"", "a list"),
        ("fallback_on = [\"everything\"]", "a list"),
        ("model = 3", "text"),
        ("prefer = \"cheapest\"", "cheap, fast or best"),
        ("[providers.fal]\nallow_http = 1", "true or false"),
        ("[providers.fal]\nauth = \"magic\"", "one of bearer, key, none"),
        ("[providers.fal]\nkey_cmd = []", "a command and its arguments"),
        ("models = 3", "[[models]]"),
        ("colors = [\"#12\"]", "`#12` is not a colour"),
        ("[providers.fla]\nbase_url = \"https://x\"", "unknown provider `fla`"),
        ("[[models]]\nid = \"x\"", "no provider"),
    ] {
        let error = Lab::new().user(text).fails(&[]);
        assert!(error.message.contains(part), "{text}: {error}");
    }
    let error = Lab::new().env("PINX_SIZE", "big").fails(&[]);
    assert!(error.message.contains("`PINX_SIZE` must be a size"), "{error}");
    let error = Lab::new().fails(&[("size", "big")]);
    assert!(error.message.contains("`--size` must be a size"), "{error}");
}

#[test]
fn the_project_cannot_touch_addresses_and_user_errors_stop_everything() {
    let lab = Lab::new().project("[providers.openai]\nbase_url = \"https://evil.example\"");
    let error = lab.fails(&[]);
    assert!(error.message.contains("pinx.toml:2"), "{error}");
    assert!(error.message.contains("cloned repository"), "{error}");
    let lab = Lab::new().user("modle = \"x\"");
    assert_eq!(lab.fails(&[]).hints, ["did you mean `model`?"]);
    assert!(Settings::built_in(&Env::of(lab.env.clone()), Path::new("/"), None).is_ok());
}

#[test]
fn a_key_of_the_wrong_kind_is_never_shown() {
    for (name, text) in [
        ("api_key", "[\"sk-hunter2\"]"),
        ("api_key", "{ value = \"sk-hunter2\" }"),
        ("key_cmd", "\"sk-hunter2\""),
        ("key_env", "\"sk-hunter2\""),
        ("key_env", "[[\"sk-hunter2\"]]"),
    ] {
        let error = Lab::new().user(&format!("[providers.openai]\n{name} = {text}\n")).fails(&[]);
        assert!(error.message.contains(&format!("`providers.openai.{name}` must be")), "{error}");
        assert!(error.message.contains("config.toml:2 holds"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let settings = Lab::new()
        .user("[providers.openai]\nkey_cmd = [\"echo\", \"sk-hunter2hunter2\"]\n")
        .load(&[])
        .unwrap();
    assert!(!format!("{:?}", settings.explain()).contains("hunter2"));
}

#[test]
fn limits_are_told_and_what_was_typed_comes_back() {
    for (flag, typed, wants) in [
        ("size", "0x0", "from 1x1 to 16384x16384"),
        ("size", "100000x100000", "from 1x1 to 16384x16384"),
        ("seed", "99999999999999999999", "from 0 to 9223372036854775807"),
        ("seed", "1e3", "from 0 to 9223372036854775807"),
        ("count", "5000", "from 1 to 1000"),
    ] {
        let error = Lab::new().fails(&[(flag, typed)]);
        assert!(error.message.contains(wants), "{error}");
        assert!(error.message.starts_with(&format!("`--{flag}` must be")), "{error}");
        assert!(error.message.ends_with(&format!("not `{typed}`")), "{error}");
    }
}

#[test]
fn what_a_setting_names_is_checked_before_it_is_written() {
    let settings = Lab::new().load(&[]).unwrap();
    for (text, name, part) in [
        ("model = \"openai/gpt-imagge-2\"", "model", "`model`: unknown model"),
        ("model = \"auto, nobody/x\"", "model", "unknown model `nobody/x`"),
        ("fallback = [\"fal/flux-schnel\"]", "fallback", "unknown model"),
        ("auto_order = [\"fal/flux-schnel\"]", "auto_order", "unknown model"),
        ("style = \"voxel3d\"", "style", "unknown style `voxel3d`"),
        ("[providers.fal]\nqueue_url = \"x\"", "providers.fal.queue_url", "cannot be read"),
        (
            "[providers.openai]\nbase_url = \"http://host/v1\"",
            "providers.openai.base_url",
            "is plain http",
        ),
        ("[providers.openai]\ngateway = \"x\"", "providers.openai.gateway", "no gateway `x`"),
        ("[gateways.x]\nurl = \"ftp://x\"", "gateways.x.url", "must begin with"),
    ] {
        let error = settings.check_user_text(text).unwrap().check_meaning(name).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(error.message.contains(part), "{text}: {error}");
        assert!(settings.check_user_text(text).unwrap().check_meanings().is_err(), "{text}");
    }
    for (text, name) in [
        ("model = \"auto\"", "model"),
        ("model = \"openai/gpt-image-2,flux-schnell\"", "model"),
        ("model = \"fal/fal-ai/flux/dev\"", "model"),
        ("fallback = []", "fallback"),
        ("style = \"voxel-3d\"", "style"),
        ("[providers.fal]\nqueue_url = \"https://q.example/x\"", "providers.fal.queue_url"),
        ("[providers.openai]\ngateway = \"none\"", "providers.openai.gateway"),
    ] {
        let read = settings.check_user_text(text).unwrap();
        read.check_meaning(name).unwrap();
        read.check_meanings().unwrap();
    }
    settings.check_meanings().unwrap();
}

#[test]
fn a_value_that_is_not_written_yet_stands_in_no_file() {
    let settings = Lab::new().load(&[]).unwrap();
    let fails = |text: &str, name: &str| settings.check_change(text, name).unwrap_err().message;
    assert_eq!(
        fails("\nprefer = \"cheapest\"", "prefer"),
        "`prefer` must be cheap, fast or best, but the command line says `cheapest`"
    );
    let both = format!("aspect = \"16:9\"{}size = \"64x64\"", "\n".repeat(11));
    let message = fails(&both, "aspect");
    assert!(message.contains("`aspect` (the command line)"), "{message}");
    assert!(message.contains("config.toml:12)"), "{message}");
    settings.check_change("prefer = \"cheap\"", "prefer").unwrap();
}

#[test]
fn addresses_of_other_tools_variables_are_explained() {
    let (base, gate) = ("providers.openai.base_url", "providers.openai.gateway");
    let told = |lab: &Lab, name: &str| {
        let lines = lab.load(&[]).unwrap().explain();
        let line = lines.iter().find(|line| line.name == name)?;
        Some(format!("{} {}", line.text(), line.origin))
    };
    let lab = Lab::new().user("[providers.openai]\nbase_url = \"https://of.file/v1\"");
    assert_eq!(told(&lab, base).as_deref(), Some("https://of.file/v1 config.toml:2"));
    let lab = lab.env("OPENAI_BASE_URL", "https://me:pw@of.variable/v1");
    assert_eq!(told(&lab, base).as_deref(), Some("https://of.variable/v1 $OPENAI_BASE_URL"));
    assert_eq!(told(&lab, gate), None);
    let lab = lab.env("OPENAI_GATEWAY_URL", "https://of.gate/v1");
    assert_eq!(told(&lab, base).as_deref(), Some("https://of.gate/v1 $OPENAI_GATEWAY_URL"));
    assert_eq!(told(&lab, gate).as_deref(), Some("https://of.gate/v1 $OPENAI_GATEWAY_URL"));
    let lab = lab.env("PINX_PROVIDERS_OPENAI_BASE_URL", "https://own/v1");
    assert_eq!(told(&lab, base).as_deref(), Some("https://own/v1 $PINX_PROVIDERS_OPENAI_BASE_URL"));
    let lab = Lab::new().env("OPENAI_BASE_URL", "https://of.variable/v1");
    assert_eq!(told(&lab, base).as_deref(), Some("https://of.variable/v1 $OPENAI_BASE_URL"));
}

#[test]
fn size_and_aspect_do_not_contradict_each_other() {
    let settings = Lab::new().user("size = \"512x512\"").load(&[("aspect", "16:9")]).unwrap();
    assert_eq!((settings.request.size, settings.request.aspect.is_some()), (None, true));
    let settings = Lab::new().user("aspect = \"16:9\"").load(&[("size", "512x512")]).unwrap();
    assert_eq!((settings.request.size, settings.request.aspect), (Some(Size::new(512, 512)), None));
    let error = Lab::new().fails(&[("aspect", "16:9"), ("size", "512x512")]);
    assert!(error.message.contains("cannot both be set"), "{error}");
}

#[test]
fn a_provider_of_one_s_own_takes_a_few_lines() {
    let settings = Lab::new()
        .user("[providers.mine]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\nauth = \"none\"\n")
        .load(&[])
        .unwrap();
    let provider = settings.catalog.provider("mine").unwrap();
    assert_eq!(provider.auth, crate::catalog::Auth::None);
    assert_eq!(provider.roles["api"], "http://127.0.0.1:9");
    let settings = Lab::new()
        .user("[providers.openai]\nkey_env = [\"WORK_KEY\"]\nname = \"Work\"")
        .load(&[])
        .unwrap();
    let provider = settings.catalog.provider("openai").unwrap();
    assert_eq!(
        (provider.key_env.as_slice(), provider.name.as_str()),
        (&["WORK_KEY".to_owned()][..], "Work")
    );
    assert!(!provider.roles.is_empty());
}

#[test]
fn what_should_be_told_is_in_the_warnings() {
    let lab = Lab::new().env("PINX_MODLE", "x").env("PINX_PROVIDERS_FLA_BASE_URL", "https://x");
    let warnings = lab.load(&[]).unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("did you mean `PINX_MODEL`"), "{warnings:?}");
    assert!(warnings[1].contains("unknown provider `fla`; did you mean `fal`"), "{warnings:?}");
}

#[test]
fn a_key_stored_under_a_misspelt_name_is_told() {
    let lab = Lab::new();
    let text = b"opnai = \"k\"\nfal = \"k\"\nsomethingelse = \"k\"\n";
    fs::write_atomic(&lab.path("home/credentials.toml"), text, Mode::Private).unwrap();
    let warnings = lab.load(&[]).unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`opnai`") && warnings[0].contains("`openai`"), "{warnings:?}");
}

#[cfg(unix)]
#[test]
fn files_with_keys_that_others_can_read_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::new().user("[providers.openai]\napi_key = \"sk-x\"");
    assert!(lab.load(&[]).unwrap().warnings.is_empty());
    fs::write_atomic(&lab.path("home/credentials.toml"), b"", Mode::Private).unwrap();
    for (name, told) in [("config.toml", 1), ("credentials.toml", 2)] {
        let path = lab.path("home").join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let warnings = lab.load(&[]).unwrap().warnings;
        assert_eq!(warnings.len(), told, "{warnings:?}");
        let remedy = format!("run `chmod 600 {}`", path.display());
        assert!(warnings.iter().any(|warning| warning.contains(&remedy)), "{warnings:?}");
    }
}

#[test]
fn every_setting_is_explained_and_secrets_are_masked() {
    let settings = Lab::new()
        .user("[providers.openai]\napi_key = \"sk-secret\"\nbase_url = \"https://u:pw@host/v1\"")
        .load(&[])
        .unwrap();
    let explained = settings.explain();
    for known in schema::all() {
        assert!(explained.iter().any(|line| line.name == known.name && line.doc == known.doc));
    }
    let of = |name: &str| explained.iter().find(|line| line.name == name).unwrap();
    assert_eq!(of("providers.openai.api_key").text(), "[redacted]");
    assert_eq!(of("providers.openai.api_key").origin.to_string(), "config.toml:2");
    assert_eq!(of("providers.openai.base_url").text(), "https://host/v1");
    assert_eq!(of("quality").value, None);
    assert_eq!(of("timeout").text(), "300s");
}

#[test]
fn another_file_can_be_named_and_must_be_there() {
    let lab = Lab::new().user("count = 2");
    let env = Env::of(lab.env.clone());
    let other = lab.path("other.toml");
    let error = Settings::load(&env, &lab.path("repo"), Some(&other), &[]).unwrap_err();
    assert!(error.message.contains("there is no file"), "{error}");
    fs::write_atomic(&other, b"count = 5", Mode::Normal).unwrap();
    let settings = Settings::load(&env, &lab.path("repo"), Some(&other), &[]).unwrap();
    assert_eq!(settings.count, 5);
    assert_eq!(settings.origin("count").to_string(), "other.toml:1");
    assert!(settings.check_user_text("count = 0").is_err());
    assert!(settings.check_user_text("count = 7").is_ok());
}
