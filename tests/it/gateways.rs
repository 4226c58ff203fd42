//! Gateways and providers of the user's own: the paths, the headers on the way out, what is written
//! down of the way back.

use serde_json::json;

use crate::fake::fal::{completed, result};
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Answer, Kind, Server, image};
use crate::pinx::{FAL_KEY, OPENAI_KEY, Pinx};

const TOKEN: &str = "cf-token-0123456789";
const ARGS: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];

/// The settings of a Cloudflare gateway at this address, for this provider.
fn cloudflare(address: &str, provider: &str) -> String {
    format!(
        "[gateways.edge]\nkind = \"cloudflare\"\nurl = \"{address}/v1/acct/gw\"\n\
         token_env = \"MY_TOKEN\"\n\n[providers.{provider}]\ngateway = \"edge\"\n"
    )
}

#[test]
fn openai_through_cloudflare() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| {
        usual
            .header("cf-aig-log-id", "01JLOG")
            .header("cf-aig-cache-status", "MISS")
            .header("cf-aig-step", "0")
    });
    let pinx = Pinx::new()
        .secret(TOKEN)
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("MY_TOKEN", TOKEN)
        .config("config.toml", &cloudflare(&fake.url(), "openai"));
    let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(request.path, "/v1/acct/gw/openai/images/generations");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {OPENAI_KEY}").as_str()));
    assert_eq!(request.header("cf-aig-authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(
        request.header("cf-aig-max-attempts"),
        Some("1"),
        "one layer repeats, and it is pinx"
    );
    assert_eq!(request.header("cf-aig-skip-cache"), Some("true"), "variations must not be equal");
    assert!(request.header("cf-aig-metadata").is_some());
    let told = json!({ "log_id": "01JLOG", "cache_status": "MISS", "step": "0" });
    assert_eq!(output.json()["jobs"][0]["attempts"][0]["gateway"], told, "{output}");
    assert_eq!(pinx.entries("done")[0]["gateway"], told);
}

/// A world with a Cloudflare gateway whose token a script prints, and a file of three prompts.
fn commanded(fake: &OpenAi, script: &str) -> Pinx {
    let command = format!("token_cmd = [\"sh\", \"-c\", \"{script}\"]");
    let config = cloudflare(&fake.url(), "openai").replace("token_env = \"MY_TOKEN\"", &command);
    Pinx::new()
        .secret(TOKEN)
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .config("config.toml", &config)
        .file("prompts.txt", "a fox\na cat\na dog\n")
}

#[test]
fn a_gateways_command_runs_once_for_a_whole_batch() {
    let fake = OpenAi::start();
    // Put together by the shell: a setting that holds it would be the one place where it may stand.
    let pinx = commanded(&fake, "echo once >> asked; printf %s-%s cf token-0123456789");
    pinx.run(&["batch", "prompts.txt", "-m", "openai/gpt-image-2"]).exits(0);
    let requests = fake.requests(Kind::Images);
    assert_eq!(requests.len(), 3);
    let token = format!("Bearer {TOKEN}");
    assert!(requests.iter().all(|it| it.header("cf-aig-authorization") == Some(&token)));
    assert_eq!(pinx.read("asked"), b"once\n");
}

#[test]
fn a_gateways_command_that_fails_is_run_once_and_nothing_waits_for_it() {
    let fake = OpenAi::start();
    let pinx = commanded(&fake, "echo once >> asked; echo locked >&2; exit 1");
    pinx.run(&["batch", "prompts.txt", "-m", "openai/gpt-image-2"]).exits(3);
    assert_eq!((fake.posts(), pinx.read("asked")), (0, b"once\n".to_vec()));
}

#[test]
fn a_hit_in_the_gateways_cache_costs_nothing() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| usual.header("cf-aig-cache-status", "HIT"));
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("MY_TOKEN", TOKEN)
        .config("config.toml", &cloudflare(&fake.url(), "openai"));
    let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0);
    assert_eq!(output.json()["jobs"][0]["cost"]["reported"], json!(0.0), "{output}");
}

#[test]
fn fal_through_cloudflare_goes_by_its_target_header() {
    let cdn = Server::start(
        |_, _| Kind::File,
        |_| Answer::bytes(200, "image/jpeg", image::bytes(64, 64, "jpeg")),
    );
    let link = format!("{}/files/fox.jpeg", cdn.url());
    let kind = |method: &str, _: &str| if method == "POST" { Kind::Submit } else { Kind::Status };
    let gateway = Server::start(kind, move |request| {
        let target = request.header("x-fal-target-url").unwrap_or_default();
        let job = "https://queue.fal.run/fal-ai/flux/requests/7b1c";
        match request.method.as_str() {
            "POST" => Answer::json(
                200,
                &json!({
                    "status": "IN_QUEUE", "request_id": "7b1c", "queue_position": 0, "response_url": job,
                    "status_url": format!("{job}/status"), "cancel_url": format!("{job}/cancel"),
                }),
            ),
            _ if target.ends_with("/status") => completed("7b1c"),
            _ => result(&link, 64, 64),
        }
    });
    let pinx = Pinx::new()
        .secret(TOKEN)
        .env("FAL_KEY", FAL_KEY)
        .env("MY_TOKEN", TOKEN)
        .env("PINX_POLL_FIRST", "10ms")
        .config("config.toml", &cloudflare(&gateway.url(), "fal"));
    let output = pinx.run(&["generate", "a red fox", "-m", "fal/flux-schnell"]).exits(0);
    assert_eq!(output.files.len(), 1, "{output}");
    let targets: Vec<_> = gateway
        .all()
        .iter()
        .map(|request| {
            assert_eq!(request.path, "/v1/acct/gw/fal");
            assert_eq!(request.header("authorization"), Some(format!("Key {FAL_KEY}").as_str()));
            assert_eq!(
                request.header("cf-aig-authorization"),
                Some(format!("Bearer {TOKEN}").as_str())
            );
            request.header("x-fal-target-url").unwrap_or_default().to_owned()
        })
        .collect();
    let job = "https://queue.fal.run/fal-ai/flux/requests/7b1c";
    let expected = ["https://queue.fal.run/fal-ai/flux/schnell", &format!("{job}/status"), job];
    assert_eq!(targets, expected);
    let file = cdn.all().pop().unwrap();
    assert!(
        file.header("authorization").is_none() && file.header("cf-aig-authorization").is_none()
    );
}

#[test]
fn vercel_has_models_and_a_key_of_its_own() {
    let fake = OpenAi::start();
    let key = "vck_0123456789abcdef";
    let pinx = Pinx::new()
        .secret(key)
        .env("AI_GATEWAY_API_KEY", key)
        .env("PINX_PROVIDERS_VERCEL_BASE_URL", fake.base_url());
    pinx.run(&["generate", "a red fox", "-m", "vercel/gpt-image-2"])
        .exits(0)
        .leaves(&["a-red-fox.png"]);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(request.path, "/v1/images/generations");
    assert_eq!(request.json["model"], "openai/gpt-image-2");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {key}").as_str()));
}

#[test]
fn an_address_of_pinx_itself_comes_before_a_gateway_and_the_clash_is_told() {
    let (fake, gateway) = (OpenAi::start(), OpenAi::start());
    let pinx = Pinx::new().openai(&fake).env("OPENAI_GATEWAY_URL", gateway.url());
    pinx.run(&ARGS).exits(0).says("OPENAI_GATEWAY_URL");
    assert_eq!((fake.posts(), gateway.posts()), (1, 0));
    let flag = OpenAi::start();
    pinx.run(&[&ARGS[..], &["--base-url", &flag.base_url()]].concat()).exits(0);
    assert_eq!((fake.posts(), flag.posts()), (1, 1));
}

#[test]
fn an_unknown_or_incomplete_gateway_is_named() {
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .config("config.toml", "[providers.openai]\ngateway = \"edgy\"\n");
    pinx.run(&ARGS).exits(2).says("edgy").leaves(&[]);
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("OPENAI_GATEWAY_URL", "http://gateway.example/v1");
    pinx.run(&ARGS).exits(2).says("OPENAI_GATEWAY_URL").leaves(&[]);
}

#[test]
fn a_provider_says_its_header_and_its_path_as_data() {
    let fake = Server::start(|_, _| Kind::Images, |_| with_image(&image::bytes(64, 64, "png")));
    let (key, org) = ("acme-key-0123456789", "org-of-ours");
    let config = format!(
        "[providers.acme]\ndialect = \"openai\"\nbase_url = \"{}/v3\"\nimages_path = \"/draw\"\n\
         auth = {{ header = \"X-Acme-Key\", prefix = \"Token \" }}\n\
         headers = {{ \"X-Team\" = \"art\", \"X-Org\" = \"env:ACME_ORG\", \"X-None\" = \"env:NOBODY\" }}\n",
        fake.url()
    );
    let pinx = Pinx::new()
        .secret(key)
        .secret(org)
        .env("ACME_API_KEY", key)
        .env("ACME_ORG", org)
        .config("config.toml", &config);
    pinx.run(&["generate", "a red fox", "-m", "acme/painter"]).exits(0).leaves(&["a-red-fox.png"]);
    let [request] = fake.all().try_into().unwrap();
    assert_eq!(request.path, "/v3/draw");
    assert_eq!(request.json["model"], "painter");
    assert_eq!(request.header("x-acme-key"), Some(format!("Token {key}").as_str()));
    assert_eq!(request.header("x-team"), Some("art"));
    assert_eq!(request.header("x-org"), Some(org));
    assert_eq!((request.header("authorization"), request.header("x-none")), (None, None));
}

#[test]
fn a_header_never_carries_what_belongs_to_another() {
    for (variable, owner) in [
        ("OPENAI_API_KEY", "the key of `openai`"),
        ("OPENAI_API_KEY_2", "the key of `openai`"),
        ("FAL_KEY_SECRET", "the key of `fal`"),
        ("PINX_PROVIDERS_FAL_API_KEY", "the key of `fal`"),
        ("CF_AIG_TOKEN", "the token of a gateway"),
        ("EDGE", "the token of a gateway"),
    ] {
        let config = format!(
            "[gateways.edge]\nkind = \"openai\"\nurl = \"http://127.0.0.1:9\"\ntoken_env = \"EDGE\"\n\
             [providers.acme]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\n\
             headers = {{ X-Org = \"env:{variable}\" }}\n"
        );
        let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).config("config.toml", &config);
        let what = format!(
            "the header `X-Org` of the provider `acme` would carry `{variable}`, {owner}\n"
        );
        pinx.run(&["generate", "a fox", "-m", "acme/painter"]).exits(2).says(&what).leaves(&[]);
    }
    for (line, what) in [
        ("headers = { Authorization = \"x\" }", "cannot be set: pinx writes it itself"),
        ("headers = { \"X Y\" = \"x\" }", "cannot be sent"),
        ("headers = { X-Y = \"a\\nb\" }", "cannot be sent"),
        ("headers = { X-Y = 7 }", "must be names and texts"),
        ("auth = { header = \"X:Y\" }", "cannot be sent"),
        ("auth = { heder = \"X-Y\" }", "must be one of bearer, key, none"),
        ("auth = \"basic\"", "must be one of bearer, key, none"),
        ("images_path = \"draw\"", "must be a path that begins with `/`"),
    ] {
        let config = format!(
            "[providers.acme]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\n{line}\n"
        );
        let pinx = Pinx::new().config("config.toml", &config);
        pinx.run(&["generate", "a fox", "-m", "acme/painter"]).exits(2).says(what);
    }
}
