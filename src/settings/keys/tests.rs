//! Tests of keys: order, refusals that name the source and never the key, the credentials file.

use super::*;
use crate::fs::{Mode, is_private, write_atomic};

struct Lab {
    dir: tempfile::TempDir,
}

impl Lab {
    fn new() -> Lab {
        Lab { dir: tempfile::tempdir().unwrap() }
    }

    fn load(&self, text: &str, variables: &[(&str, &str)]) -> (Settings, Env) {
        write_atomic(&self.dir.path().join("config.toml"), text.as_bytes(), Mode::Private).unwrap();
        let home = self.dir.path().display().to_string();
        let env = Env::of(variables.iter().copied().chain([("PINX_HOME", home.as_str())]));
        (Settings::load(&env, self.dir.path(), None, &[]).unwrap(), env)
    }

    fn find(&self, provider: &str, text: &str, variables: &[(&str, &str)]) -> Result<Option<Key>> {
        let (settings, env) = self.load(text, variables);
        let provider = settings.catalog.provider(provider).unwrap();
        let found = find_all(&settings, &env, provider);
        if let Ok(found) = &found {
            assert_eq!(
                found.first().map(|key| key.source.clone()),
                source_of(&settings, &env, provider),
                "the source is known without reading the key"
            );
        }
        Ok(found?.into_iter().next())
    }

    /// All keys and their sources.
    fn all(&self, text: &str, variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let (settings, env) = self.load(text, variables);
        let provider = settings.catalog.provider("openai").unwrap();
        let keys = find_all(&settings, &env, provider).unwrap();
        keys.into_iter().map(|key| (key.secret.expose().to_owned(), key.source)).collect()
    }

    /// The key and its source.
    fn key(&self, text: &str, variables: &[(&str, &str)]) -> Option<(String, String)> {
        let key = self.find("openai", text, variables).unwrap()?;
        Some((key.secret.expose().to_owned(), key.source))
    }
}

fn pair(secret: &str, source: &str) -> Option<(String, String)> {
    Some((secret.to_owned(), source.to_owned()))
}

#[cfg(unix)]
#[test]
fn the_order_is_environment_command_credentials_settings() {
    let lab = Lab::new();
    assert_eq!(lab.key("", &[]), None);
    let file = "[providers.openai]\napi_key = \"of-config\"\n";
    assert_eq!(lab.key(file, &[]), pair("of-config", "config.toml"));
    let (mut settings, _) = lab.load("", &[]);
    store(&mut settings, "openai", &Secret::new("stored").unwrap()).unwrap();
    assert_eq!(lab.key(file, &[]), pair("stored", "credentials.toml"));
    let command = format!("{file}key_cmd = [\"printf\", \"commanded\\nmore\"]\n");
    assert_eq!(lab.key(&command, &[]), pair("commanded", "key_cmd"));
    assert_eq!(
        lab.key(&command, &[("OPENAI_API_KEY", " of-env \n")]),
        pair("of-env", "OPENAI_API_KEY")
    );
    assert_eq!(
        lab.key(&command, &[("OPENAI_API_KEY", "")]),
        pair("commanded", "key_cmd"),
        "an empty variable is not set"
    );
}

#[test]
fn fal_s_two_halves_are_joined_and_the_sketch_needs_none() {
    let lab = Lab::new();
    let halves = [("FAL_KEY_ID", "id"), ("FAL_KEY_SECRET", "secret")];
    let key = lab.find("fal", "", &halves).unwrap().unwrap();
    assert_eq!(key.secret.expose(), "id:secret");
    assert!(lab.find("fal", "", &halves[..1]).unwrap().is_none(), "half a key is none");
    let both = [halves[0], halves[1], ("FAL_KEY", "whole")];
    assert_eq!(lab.find("fal", "", &both).unwrap().unwrap().source, "FAL_KEY");
    let (settings, env) = lab.load("", &[]);
    let sketch = settings.catalog.provider("pinx").unwrap();
    assert!(find_all(&settings, &env, sketch).unwrap().is_empty());
    assert!(is_configured(&settings, &env, sketch));
    let openai = settings.catalog.provider("openai").unwrap();
    assert!(!is_configured(&settings, &env, openai));
    assert!(missing(openai).hints[0].contains("OPENAI_API_KEY"));
}

#[test]
fn a_bad_key_is_refused_by_source_and_never_shown() {
    let lab = Lab::new();
    for bad in ["sk-hunter2\nsk-other", "sk-hunter2é", "sk-\u{1b}hunter2"] {
        let error = lab.find("openai", "", &[("OPENAI_API_KEY", bad)]).unwrap_err();
        assert_eq!(error.kind, Kind::Key);
        assert!(error.message.contains("`OPENAI_API_KEY`"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn stored_keys_that_cannot_be_read_stop_everything_and_are_not_shown() {
    let lab = Lab::new();
    let path = lab.dir.path().join("credentials.toml");
    let (mut settings, env) = lab.load("", &[]);
    for (text, place) in [
        ("\nopenai = sk-hunter2", ":2:10 is not valid TOML"),
        ("openai = \"sk-hunter2\n", ":1:"),
        ("openai \"sk-hunter2\"", ":1:"),
        ("fal = \"x\"\nopenai = [\"sk-hunter2\"]", ":2 must be a key, but it is a list"),
        ("[openai]\napi_key = \"sk-hunter2\"", ":1 must be a key, but it is a table"),
    ] {
        write_atomic(&path, text.as_bytes(), Mode::Private).unwrap();
        let error = Settings::load(&env, lab.dir.path(), None, &[]).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(error.message.contains(&format!("credentials.toml{place}")), "{error}");
        assert!(error.hints[0].contains("pinx keys set"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    write_atomic(&path, b"openai = sk-hunter2", Mode::Private).unwrap();
    let error = store(&mut settings, "fal", &Secret::new("k").unwrap()).unwrap_err();
    assert!(error.message.contains("credentials.toml:1:10"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"openai = sk-hunter2", "nothing is thrown away");
}

#[test]
fn an_unusable_key_names_its_source_and_the_remedy() {
    let lab = Lab::new();
    let error = lab.find("openai", "", &[("OPENAI_API_KEY", "a\u{7}b")]).unwrap_err();
    assert_eq!(error.hints, ["set `OPENAI_API_KEY` again, to the key alone and on one line"]);
    let config = "[providers.openai]\napi_key = \"a\\u0007b\"\n";
    let error = lab.find("openai", config, &[]).unwrap_err();
    assert!(error.message.contains("`config.toml`"), "{error}");
    assert_eq!(error.hints, ["store it again: `pinx keys set openai`"]);
    let error =
        lab.find("openai", "[providers.openai]\nkey_cmd = [\"/no/such\"]", &[]).unwrap_err();
    assert!(error.hints[1].contains("`pinx config unset providers.openai.key_cmd`"), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_is_named_with_its_end() {
    let lab = Lab::new();
    for (command, parts) in [
        (r#"["sh", "-c", "echo no such entry >&2; exit 3"]"#, &["`sh`", "3", "no such entry"][..]),
        (r#"["/no/such/program"]"#, &["could not run `/no/such/program`"]),
        (r#"["true"]"#, &["`true` is empty"]),
        (r#"["sh", "-c", "echo sk-hunter2aaaaaaaaaa >&2; exit 1"]"#, &["redacted"]),
    ] {
        let text = format!("[providers.openai]\nkey_cmd = {command}\n");
        let error = lab.find("openai", &text, &[]).unwrap_err();
        assert_eq!(error.kind, Kind::Key);
        assert!(error.message.contains("`providers.openai.key_cmd`"), "{error}");
        for part in parts {
            assert!(error.message.contains(part), "{error}");
        }
        assert!(!error.message.contains("hunter2"), "{error}");
    }
}

#[test]
fn stored_keys_are_private_and_keep_their_neighbours() {
    let lab = Lab::new();
    let path = &lab.dir.path().join("credentials.toml");
    write_atomic(path, b"# mine\nfal = \"f\" # work\n", Mode::Normal).unwrap();
    let (mut settings, _) = lab.load("", &[]);
    store(&mut settings, "openai", &Secret::new("k").unwrap()).unwrap();
    assert!(is_private(path));
    assert_eq!(list_stored(&settings).unwrap(), ["fal", "openai"]);
    assert!(remove(&mut settings, "openai").unwrap());
    assert!(!remove(&mut settings, "openai").unwrap());
    assert_eq!(std::fs::read_to_string(path).unwrap(), "# mine\nfal = \"f\" # work\n");
}

#[test]
fn fingerprints_are_salted_once_for_an_installation() {
    let (one, other) = (Lab::new(), Lab::new());
    let print = |lab: &Lab| {
        lab.find("openai", "", &[("OPENAI_API_KEY", "same")]).unwrap().unwrap().fingerprint
    };
    assert_eq!(print(&one), print(&one));
    assert_ne!(print(&one), print(&other));
    let (settings, _) = one.load("", &[]);
    assert!(is_private(&settings.places.salt));
    let fresh = Lab::new();
    let (settings, _) = fresh.load("", &[]);
    let settings = &settings;
    let salts: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(move || salt(settings))).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert!(salts.iter().all(|salt| *salt == salts[0]), "two first commands agree");
}

#[test]
fn several_keys_are_those_of_the_nearest_source() {
    let lab = Lab::new();
    let (mut settings, _) = lab.load("", &[]);
    let mut put =
        |name: &str, key: &str| store(&mut settings, name, &Secret::new(key).unwrap()).unwrap();
    put("openai_3", "three");
    put(&stored_name("openai", None), "one");
    put(&stored_name("openai", Some(2)), "two");
    put("openai_10", "ten");
    let of = |keys: &[(&str, &str)]| {
        keys.iter().map(|(k, s)| ((*k).to_owned(), (*s).to_owned())).collect::<Vec<_>>()
    };
    let stored = of(&[
        ("one", "credentials.toml"),
        ("two", "openai_2 in credentials.toml"),
        ("three", "openai_3 in credentials.toml"),
    ]);
    assert_eq!(lab.all("", &[]), stored);
    let set = [("OPENAI_API_KEY", "a"), ("OPENAI_API_KEY_9", "c"), ("OPENAI_API_KEY_2", "b")];
    let expected =
        of(&[("a", "OPENAI_API_KEY"), ("b", "OPENAI_API_KEY_2"), ("c", "OPENAI_API_KEY_9")]);
    assert_eq!(lab.all("", &set), expected);
    assert_eq!(lab.all("", &set[1..2]), of(&[("c", "OPENAI_API_KEY_9")]), "one is enough");
    let twice = [("OPENAI_API_KEY", "a"), ("OPENAI_API_KEY_2", " a ")];
    assert_eq!(lab.all("", &twice), of(&[("a", "OPENAI_API_KEY")]), "the same key counts once");
}

#[test]
fn a_numbered_key_that_is_unusable_is_named_with_its_remedy() {
    let lab = Lab::new();
    let set = [("OPENAI_API_KEY", "good"), ("OPENAI_API_KEY_2", "sk-\u{1b}hunter2")];
    let error = lab.find("openai", "", &set).unwrap_err();
    assert!(error.message.contains("`OPENAI_API_KEY_2`"), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[test]
fn a_misspelt_stored_name_is_told_and_a_numbered_one_is_not() {
    let lab = Lab::new();
    let path = lab.dir.path().join("credentials.toml");
    write_atomic(&path, b"openai_2 = \"a\"\nopenai_22 = \"b\"\n", Mode::Private).unwrap();
    let (settings, _) = lab.load("", &[]);
    let warnings = settings.warnings.join("\n");
    assert!(warnings.contains("`openai_22`") && !warnings.contains("`openai_2` "), "{warnings}");
}
