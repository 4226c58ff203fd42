//! Tests of addresses: precedence, joining, what is refused, and where keys may go.

use super::*;
use crate::fs::{Mode, write_atomic};

fn settings(text: &str, variables: &[(&str, &str)]) -> (Settings, Env, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    write_atomic(&dir.path().join("config.toml"), text.as_bytes(), Mode::Private).unwrap();
    let home = dir.path().display().to_string();
    let env = variables.iter().copied().chain([("PINX_HOME", home.as_str())]);
    let env = Env::of(env);
    (Settings::load(&env, dir.path(), None, &[]).unwrap(), env, dir)
}

fn endpoints_of(
    provider: &str,
    text: &str,
    variables: &[(&str, &str)],
    flag: Option<&str>,
) -> Result<Endpoints> {
    let (settings, env, _dir) = settings(text, variables);
    endpoints(&settings, &env, settings.catalog.provider(provider).unwrap(), flag)
}

fn openai(text: &str, variables: &[(&str, &str)], flag: Option<&str>) -> Endpoints {
    endpoints_of("openai", text, variables, flag).unwrap()
}

#[test]
fn the_catalog_s_own_addresses_are_official() {
    let endpoints = openai("", &[], None);
    let api = &endpoints.roles["api"];
    assert_eq!(api.url.as_str(), "https://api.openai.com/v1");
    assert!(api.official && endpoints.is_official() && endpoints.gateway.is_none());
    assert_eq!(api.origin, Origin::Default);
    assert_eq!(endpoints.key_hosts, ["https://api.openai.com"]);
    let resolved = endpoints.resolve("api", "/images/generations", "x").unwrap();
    assert_eq!(resolved.url.as_str(), "https://api.openai.com/v1/images/generations");
    assert!(resolved.headers.is_empty() && resolved.secrets.is_empty());
    assert!(endpoints_of("pinx", "", &[], None).unwrap().roles.is_empty());
}

#[test]
fn the_nearest_address_counts_and_clashes_are_told() {
    let file = "[providers.openai]\nbase_url = \"https://file\"\n";
    let base = ("OPENAI_BASE_URL", "https://base");
    let gate = ("OPENAI_GATEWAY_URL", "https://gate");
    let pinx = ("PINX_PROVIDERS_OPENAI_BASE_URL", "https://pinx");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>, &'a str, &'a str, usize);
    let cases: [Case<'_>; 9] = [
        (file, &[], None, "https://file/v1", "config.toml:2", 0),
        ("", &[base], None, "https://base/v1", "$OPENAI_BASE_URL", 0),
        (file, &[base], None, "https://base/v1", "$OPENAI_BASE_URL", 1),
        ("", &[gate], None, "https://gate/v1", "$OPENAI_GATEWAY_URL", 0),
        (file, &[base, gate], None, "https://gate/v1", "$OPENAI_GATEWAY_URL", 1),
        ("", &[base, gate, pinx], None, "https://pinx/v1", "$PINX_PROVIDERS_OPENAI_BASE_URL", 1),
        (file, &[base, gate, pinx], Some("https://flag"), "https://flag/v1", "--base-url", 1),
        (
            "",
            &[
                ("OPENAI_BASE_URL", "https://same/"),
                ("PINX_PROVIDERS_OPENAI_BASE_URL", "https://same/v1"),
            ],
            None,
            "https://same/v1",
            "$PINX_PROVIDERS_OPENAI_BASE_URL",
            0,
        ),
        ("", &[], Some("https://flag/x/"), "https://flag/x", "--base-url", 0),
    ];
    for (text, variables, flag, url, origin, told) in cases {
        let endpoints = openai(text, variables, flag);
        let api = &endpoints.roles["api"];
        assert_eq!((api.url.as_str(), api.origin.to_string().as_str()), (url, origin));
        assert_eq!(endpoints.warnings.len(), told, "{:?}", endpoints.warnings);
        assert!(!api.official);
        assert_eq!(endpoints.gateway.is_some(), origin == "$OPENAI_GATEWAY_URL");
        assert_eq!(endpoints.key_hosts.len(), 1, "only the address in use may see the key");
        assert!(endpoints.may_carry_key(&api.url));
    }
    let told = openai(file, &[base], None).warnings;
    assert_eq!(
        told,
        ["openai: the address of $OPENAI_BASE_URL is used, not that of config.toml:2"]
    );
}

#[test]
fn base_urls_keep_their_path() {
    for (given, made) in [
        ("https://host", "https://host/v1/models"),
        ("https://host/", "https://host/v1/models"),
        ("https://host/v1/", "https://host/v1/models"),
        ("https://host/prefix/openai", "https://host/prefix/openai/models"),
        ("http://localhost:8080", "http://localhost:8080/v1/models"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/models"),
    ] {
        let endpoints = openai("", &[("OPENAI_BASE_URL", given)], None);
        assert_eq!(endpoints.resolve("api", "/models", "x").unwrap().url.as_str(), made, "{given}");
    }
}

#[test]
fn unsafe_addresses_are_refused_without_showing_secrets() {
    for (bad, why) in [
        ("http://example.com/v1", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("https://user:hunter2@host/v1", "user name or password"),
        ("https://host/v1?key=hunter2", "holds a `?`"),
        ("https://host/#hunter2", "holds a `?`"),
        ("ftp://host", "must begin with `https://`"),
        ("host/v1", "cannot be read"),
        ("hunter2@[", "cannot be read"),
    ] {
        let error = endpoints_of("openai", "", &[("OPENAI_BASE_URL", bad)], None).unwrap_err();
        assert!(error.message.contains(why), "{bad}: {error}");
        assert!(error.message.contains("($OPENAI_BASE_URL)"), "{error}");
        assert!(!error.message.contains("hunter2"), "{error}");
    }
    let endpoints = openai("[providers.openai]\nallow_http = true", &[], Some("http://box.lan/v1"));
    assert_eq!(endpoints.key_hosts, ["http://box.lan"]);
}

#[test]
fn fal_s_roles_are_set_one_by_one_or_together() {
    let queue = [("PINX_PROVIDERS_FAL_QUEUE_URL", "http://127.0.0.1:1/q/")];
    let endpoints = endpoints_of("fal", "", &queue, None).unwrap();
    assert_eq!(
        endpoints.resolve("queue", "/fal-ai/x", "x").unwrap().url.as_str(),
        "http://127.0.0.1:1/q/fal-ai/x"
    );
    assert!(endpoints.roles["rest"].official && !endpoints.is_official());
    let endpoints = endpoints_of("fal", "", &queue, Some("http://127.0.0.1:2")).unwrap();
    assert!(endpoints.roles.values().all(|address| address.url.port() == Some(2)));
    assert_eq!(
        endpoints.resolve("queue", "fal-ai/x?a=b", "x").unwrap().url.as_str(),
        "http://127.0.0.1:2/fal-ai/x?a=b"
    );
    let both =
        "[providers.fal]\nbase_url = \"http://127.0.0.1:3\"\nqueue_url = \"http://127.0.0.1:4\"";
    let endpoints = endpoints_of("fal", both, &[], None).unwrap();
    assert_eq!(endpoints.roles["queue"].url.port(), Some(4));
    assert_eq!(endpoints.roles["run"].url.port(), Some(3));
    assert!(endpoints.warnings.is_empty(), "{:?}", endpoints.warnings);
}

const CLOUDFLARE: &str = "[providers.openai]\ngateway = \"cf\"\n[providers.fal]\ngateway = \"cf\"\n\
    [gateways.cf]\nkind = \"cloudflare\"\naccount = \"acct\"\ngateway = \"gw\"\ntoken_env = \"CF\"\n";

#[test]
fn cloudflare_has_a_path_and_headers_for_each_provider() {
    let endpoints = openai(CLOUDFLARE, &[("CF", "cf-token")], None);
    let resolved = endpoints.resolve("api", "/images/generations", "x").unwrap();
    assert_eq!(
        resolved.url.as_str(),
        "https://gateway.ai.cloudflare.com/v1/acct/gw/openai/images/generations"
    );
    assert!(resolved.headers.contains(&("cf-aig-max-attempts".to_owned(), "1".to_owned())));
    assert!(resolved.headers.contains(&("cf-aig-skip-cache".to_owned(), "true".to_owned())));
    assert_eq!(resolved.secrets[0].0, "cf-aig-authorization");
    assert_eq!(resolved.secrets[0].1.expose(), "Bearer cf-token");
    assert!(!endpoints.is_official());
    assert_eq!(endpoints.key_hosts, ["https://gateway.ai.cloudflare.com"]);

    let endpoints = endpoints_of("fal", CLOUDFLARE, &[("CF", "cf-token")], None).unwrap();
    let resolved = endpoints.resolve("queue", "/fal-ai/flux/schnell", "x").unwrap();
    assert_eq!(resolved.url.as_str(), "https://gateway.ai.cloudflare.com/v1/acct/gw/fal");
    let target =
        ("x-fal-target-url".to_owned(), "https://queue.fal.run/fal-ai/flux/schnell".to_owned());
    assert!(resolved.headers.contains(&target), "{:?}", resolved.headers);
    let resolved = endpoints.resolve("rest", "/storage", "x").unwrap();
    assert!(
        resolved.secrets.is_empty() && resolved.headers.is_empty(),
        "the token stays at the gateway"
    );
    assert_eq!(resolved.url.host_str(), Some("rest.fal.ai"));

    let error = openai(CLOUDFLARE, &[], None).resolve("api", "/x", "x").unwrap_err();
    assert!(error.kind == Kind::Key && error.message.contains("`CF`"), "{error}");
    let cached = format!("{CLOUDFLARE}cache = true\n");
    let resolved = openai(&cached, &[("CF", "t")], None).resolve("api", "/x", "x").unwrap();
    assert!(!resolved.headers.iter().any(|(name, _)| *name == "cf-aig-skip-cache"));
}

#[test]
fn a_cloudflare_url_in_the_variable_is_recognised() {
    for url in [
        "https://gateway.ai.cloudflare.com/v1/acct/gw/openai",
        "https://gateway.ai.cloudflare.com/v1/acct/gw/openai/",
    ] {
        let endpoints = openai("", &[("OPENAI_GATEWAY_URL", url), ("CF_AIG_TOKEN", "t")], None);
        let resolved = endpoints.resolve("api", "/images/generations", "x").unwrap();
        assert_eq!(
            resolved.url.as_str(),
            "https://gateway.ai.cloudflare.com/v1/acct/gw/openai/images/generations"
        );
        assert_eq!((resolved.headers.len(), resolved.secrets.len()), (3, 1));
    }
}

#[test]
fn a_gateway_s_own_token_takes_the_place_of_the_key() {
    let text = "[providers.openai]\ngateway = \"v\"\n[gateways.v]\nkind = \"vercel\"\n";
    let (settings, env, _dir) = settings(text, &[("AI_GATEWAY_API_KEY", "vck")]);
    let provider = settings.catalog.provider("openai").unwrap();
    let vercel = endpoints(&settings, &env, provider, None).unwrap();
    let resolved = vercel.resolve("api", "/images/generations", "x").unwrap();
    assert_eq!(resolved.url.as_str(), "https://ai-gateway.vercel.sh/v1/images/generations");
    assert_eq!(
        (resolved.secrets[0].0.as_str(), resolved.secrets[0].1.expose()),
        ("authorization", "Bearer vck")
    );
    assert!(vercel.has_own_token());
    let key = vercel.gateway_key(&settings).unwrap().unwrap();
    assert_eq!((key.secret.expose(), key.source.as_str()), ("vck", "AI_GATEWAY_API_KEY"));
    let bare = openai(text, &[("OPENAI_API_KEY", "sk")], None);
    assert!(bare.has_own_token(), "OpenAI's key is not for Vercel");
    assert_eq!(bare.gateway_key(&settings).unwrap_err().kind, Kind::Key);
    assert_eq!(bare.resolve("api", "/x", "x").unwrap_err().kind, Kind::Key);
    assert!(openai("", &[], None).gateway_key(&settings).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn a_token_s_command_runs_once_and_only_when_it_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let ran = dir.path().join("ran");
    let text = format!(
        "[providers.openai]\ngateway = \"g\"\n[gateways.g]\nkind = \"openai\"\nurl = \"https://g\"\n\
         token_cmd = [\"sh\", \"-c\", \"echo x >> {}; echo tok\"]\n",
        ran.display()
    );
    let (settings, env, _home) = settings(&text, &[]);
    let found =
        endpoints(&settings, &env, settings.catalog.provider("openai").unwrap(), None).unwrap();
    assert!(!ran.exists());
    for _ in 0..2 {
        let key = found.clone().gateway_key(&settings).unwrap().unwrap();
        assert_eq!((key.secret.expose(), key.source.as_str()), ("tok", "token_cmd"));
    }
    assert_eq!(std::fs::read_to_string(&ran).unwrap(), "x\n");
}

#[test]
fn absolute_urls_become_roles_again() {
    let endpoints =
        endpoints_of("fal", "", &[("PINX_PROVIDERS_FAL_QUEUE_URL", "http://127.0.0.1:1/q")], None)
            .unwrap();
    for (url, role) in [
        (
            "https://queue.fal.run/fal-ai/x/requests/1?logs=1",
            Some(("queue", "/fal-ai/x/requests/1?logs=1")),
        ),
        ("http://127.0.0.1:1/q/fal-ai/x", Some(("queue", "/fal-ai/x"))),
        ("http://127.0.0.1:1/quit", None),
        ("https://api.fal.ai/v1/models", Some(("api", "/models"))),
        ("https://queue.fal.run.evil.example/x", None),
        ("http://queue.fal.run/x", None),
    ] {
        let found = endpoints.role_of(&Url::parse(url).unwrap());
        assert_eq!(found.as_ref().map(|(role, path)| (*role, path.as_str())), role, "{url}");
    }
}

#[test]
fn gateways_that_cannot_work_are_explained() {
    let named = "[providers.openai]\ngateway = \"worK\"\n[gateways.work]\nkind = \"openai\"\nurl = \"https://w\"\n";
    let error = endpoints_of("openai", named, &[], None).unwrap_err();
    assert_eq!(error.hints, ["did you mean `work`?"]);
    let fal = "[providers.fal]\ngateway = \"work\"\n[gateways.work]\nkind = \"openai\"\nurl = \"https://w\"\n";
    let error = endpoints_of("fal", fal, &[], None).unwrap_err();
    assert!(error.message.contains("speaks OpenAI's API"), "{error}");
    let bare = "[providers.openai]\ngateway = \"cf\"\n[gateways.cf]\nkind = \"cloudflare\"\n";
    let error = endpoints_of("openai", bare, &[], None).unwrap_err();
    assert!(error.message.contains("`account` and `gateway`"), "{error}");
    let off = [("PINX_PROVIDERS_OPENAI_GATEWAY", "none"), ("OPENAI_GATEWAY_URL", "https://g")];
    assert!(openai("", &off, None).gateway.is_none());
}

#[test]
fn only_the_very_origin_may_carry_the_key() {
    let mut endpoints = openai("", &[], None);
    endpoints.key_hosts.push("https://*.bfl.ai".to_owned());
    for (url, may) in [
        ("https://api.openai.com/v2/anything", true),
        ("https://api.openai.com:443/", true),
        ("http://api.openai.com/", false),
        ("https://api.openai.com:8443/", false),
        ("https://api.openai.com.evil.example/", false),
        ("https://evil.example/api.openai.com", false),
        ("https://api.openai.com@evil.example/", false),
        ("https://eu.bfl.ai/", true),
        ("https://a.eu.bfl.ai/", false),
        ("https://bfl.ai/", false),
        ("https://evilbfl.ai/", false),
        ("http://eu.bfl.ai/", false),
    ] {
        assert_eq!(endpoints.may_carry_key(&Url::parse(url).unwrap()), may, "{url}");
    }
}
