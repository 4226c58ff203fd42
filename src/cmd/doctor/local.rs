//! Servers on this machine that make images, or look like it: well-known ports on loopback, asked
//! something free, all at once.
//!
//! Only what speaks OpenAI's image API can be used today, and that is said of each.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use url::Url;

use super::super::runtime;
use super::{App, Check};
use crate::net::{HttpRequest, Transport};
use crate::settings::{address, base_url};
use crate::text;

/// Longest wait for a server on this machine.
const PATIENCE: Duration = Duration::from_millis(300);
/// Bytes of an answer at most: a list of models, not an image.
const CAP: u64 = 1024 * 1024;

/// What is asked, and what its answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// AUTOMATIC1111, Forge and others: their list of checkpoints.
    Checkpoints,
    /// ComfyUI: what it runs on.
    System,
    /// OpenAI's list of models, which many servers have.
    Models,
}

/// Where such servers listen unless told otherwise.
const PORTS: [(u16, Question); 5] = [
    (1234, Question::Models), // stable-diffusion.cpp's sd-server, and LM Studio
    (7860, Question::Checkpoints), // AUTOMATIC1111, Forge
    (8080, Question::Models), // LocalAI
    (8188, Question::System), // ComfyUI
    (11434, Question::Models), // Ollama
];

/// A server that answered as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LocalServer {
    port: u16,
    question: Question,
    /// Its models, as it names them.
    models: Vec<String>,
    /// Who owns its models, in OpenAI's form.
    owner: String,
}

/// The servers found.
pub(super) fn servers(app: &App, offline: bool) -> Vec<Check> {
    if offline || app.env.is_on("PINX_NO_PROBE") {
        let why = if offline { "`--offline`" } else { "PINX_NO_PROBE is set" };
        return vec![Check::note(
            "local",
            format!("servers on this machine not looked for: {why}"),
        )];
    }
    let client = app.client();
    let Ok(runtime) = runtime() else { return Vec::new() };
    let found = runtime.block_on(look(&client, &PORTS, PATIENCE));
    if found.is_empty() {
        let ports: Vec<String> = PORTS.iter().map(|(port, _)| port.to_string()).collect();
        let text = format!("no image server on this machine (ports {})", ports.join(", "));
        return vec![Check::ok("local", text)];
    }
    let mut names = Vec::new();
    found.iter().map(|found| describe(app, found, &mut names)).collect()
}

async fn look(
    transport: &dyn Transport,
    ports: &[(u16, Question)],
    patience: Duration,
) -> Vec<LocalServer> {
    let all = ports.iter().map(|(port, question)| ask(transport, *port, *question, patience));
    join_all(all).await.into_iter().flatten().collect()
}

async fn ask(
    transport: &dyn Transport,
    port: u16,
    question: Question,
    patience: Duration,
) -> Option<LocalServer> {
    let path = match question {
        Question::Checkpoints => "/sdapi/v1/sd-models",
        Question::System => "/system_stats",
        Question::Models => "/v1/models",
    };
    let request = HttpRequest {
        method: "GET".to_owned(),
        url: Url::parse(&format!("http://127.0.0.1:{port}{path}")).ok()?,
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        secrets: Vec::new(),
        body: None,
        is_paid: false,
        timeout: patience,
        idle: patience,
        cap: CAP,
    };
    let answer = transport.send(request, &|_| {}).await.ok()?;
    let body: Value = serde_json::from_slice(&answer.body.bytes().ok()?).ok()?;
    let names = |list: &[Value], key: &str| {
        let names = list.iter().filter_map(|item| item.get(key).and_then(Value::as_str));
        names.map(|name| text::clean(name, 60)).collect::<Vec<_>>()
    };
    let (models, owner) = match question {
        _ if answer.status != 200 => return None,
        Question::Checkpoints => (names(body.as_array()?, "title"), String::new()),
        Question::System => {
            body.get("system")?;
            (Vec::new(), String::new())
        }
        Question::Models => {
            let list = body.get("data").and_then(Value::as_array)?;
            let owner = names(list, "owned_by").into_iter().next().unwrap_or_default();
            (names(list, "id"), owner)
        }
    };
    Some(LocalServer { port, question, models, owner })
}

/// What one is, and what to do with it; `names` are those suggested for others.
fn describe(app: &App, found: &LocalServer, names: &mut Vec<String>) -> Check {
    let LocalServer { port, question, .. } = found;
    let at = format!("127.0.0.1:{port}");
    let check = |name: &str, what: String| Check::note(name, what).data("port", *port);
    if let Some(provider) = provider_at(app, *port) {
        return Check::ok(&provider, format!("{at} is your provider {provider}"))
            .data("port", *port);
    }
    match question {
        Question::Checkpoints => check(
            "local",
            format!(
                "{at} speaks AUTOMATIC1111's API ({}), which pinx cannot use yet",
                counted(&found.models)
            ),
        )
        .remedy("sd-server of stable-diffusion.cpp runs such models behind OpenAI's image API"),
        Question::System => {
            check("local", format!("{at} speaks ComfyUI's API, which pinx cannot use yet"))
        }
        Question::Models if *port == 11434 || found.owner == "library" => check(
            "local",
            format!("{at} lists {}, but Ollama makes no images", counted(&found.models)),
        ),
        Question::Models => usable(app, found, &at, names),
    }
}

/// It lists models in OpenAI's form; whether it makes images too only a request would tell.
fn usable(app: &App, found: &LocalServer, at: &str, names: &mut Vec<String>) -> Check {
    let is_sure = found.models.iter().any(|model| model.contains("sd-cpp"));
    let sure = if is_sure {
        "is sd-server and makes images"
    } else {
        "speaks OpenAI's API; if it makes images too (LocalAI does, LM Studio does not), pinx can use it"
    };
    // It takes pictures, as far as its own words go.
    let words = if is_sure { "edit = \"multipart\"\nmask = \"white\"\n" } else { "" };
    let model = found.models.iter().find(|model| !model.contains(char::is_whitespace));
    let model = model.map_or("MODEL", String::as_str);
    let is_free =
        |name: &String| app.settings.catalog.provider(name).is_none() && !names.contains(name);
    let all = std::iter::once("local".to_owned()).chain((2..100).map(|n| format!("local{n}")));
    let name = all.into_iter().find(is_free).unwrap_or_else(|| "local".to_owned());
    names.push(name.clone());
    Check::note("local", format!("{at} {sure} ({})", counted(&found.models)))
        .data("port", found.port)
        .remedy(format!(
            "`pinx config edit`, and put there:\n[providers.{name}]\ndialect = \"openai\"\n\
             base_url = \"http://{at}/v1\"\nauth = \"none\"\n{words}then: `pinx \"a red fox\" -m {name}/{model}`"
        ))
}

fn counted(models: &[String]) -> String {
    match models {
        [] => "no models".to_owned(),
        [one] => format!("one model: {one}"),
        [first, ..] => format!("{} models, {first} the first", models.len()),
    }
}

/// The provider that is already reached at a port of this machine.
fn provider_at(app: &App, port: u16) -> Option<String> {
    let reached = |provider: &&crate::catalog::Provider| {
        let endpoints = address::endpoints(&app.settings, &app.env, provider, None);
        endpoints.is_ok_and(|endpoints| {
            endpoints.roles.values().any(|address| {
                base_url::is_loopback(&address.url)
                    && address.url.port_or_known_default() == Some(port)
            })
        })
    };
    app.settings.catalog.providers.iter().find(reached).map(|provider| provider.id.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::path::PathBuf;

    use super::*;
    use crate::net;
    use crate::settings::{Env, Settings};
    use crate::ui::{self, Mark, Ui};

    /// Answers one request with this status and body; the port.
    fn server(status: u16, body: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            assert!(head.starts_with(b"GET /"), "only free questions are asked");
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    fn looked(ports: &[(u16, Question)]) -> Vec<LocalServer> {
        let options = net::Options {
            connect: Duration::from_secs(10),
            roots: net::Roots::Bundled,
            trusted_hosts: HashSet::new(),
        };
        let client = net::Client::new(options, net::Budget::new(1 << 20, PathBuf::new()));
        let runtime = runtime().unwrap();
        runtime.block_on(look(&client, ports, Duration::from_secs(10)))
    }

    #[test]
    fn servers_are_known_by_what_they_answer() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let models = r#"{"data":[{"id":"sd-cpp-local","owned_by":"local\u001b[2J"},{"id":"b"}]}"#;
        let ports = [
            (closed, Question::Models),
            (server(200, r#"[{"title":"dream.safetensors [a1]"}]"#), Question::Checkpoints),
            (server(200, r#"{"system":{"os":"posix"},"devices":[]}"#), Question::System),
            (server(200, models), Question::Models),
            (server(404, models), Question::Models),
            (server(200, "<html>a web server of something else</html>"), Question::Checkpoints),
            (server(200, r#"{"hello":"world"}"#), Question::System),
        ];
        let found = looked(&ports);
        let ports: Vec<u16> = ports.iter().map(|(port, _)| *port).collect();
        let found_at: Vec<u16> = found.iter().map(|found| found.port).collect();
        assert_eq!(found_at, ports[1..4]);
        assert_eq!(found[0].models, ["dream.safetensors [a1]"]);
        assert_eq!((found[2].models.len(), found[2].owner.as_str()), (2, "local[2J"));
    }

    #[test]
    fn each_is_told_with_what_pinx_can_do_with_it() {
        let home = tempfile::tempdir().unwrap();
        let env = Env::of([
            ("PINX_HOME", home.path().to_str().unwrap()),
            ("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:4321/v1"),
        ]);
        let settings = Settings::load(&env, home.path(), None, &[]).unwrap();
        let app = App::of(settings, env, Ui::new(ui::Options::default()));
        let found = |port, question, models: &[&str]| LocalServer {
            port,
            question,
            models: models.iter().map(|&model| model.to_owned()).collect(),
            owner: String::new(),
        };
        for (found, state, text) in [
            (found(4321, Question::Models, &["x"]), Mark::Ok, "is your provider openai"),
            (found(7860, Question::Checkpoints, &["x"]), Mark::Note, "pinx cannot use yet"),
            (found(8188, Question::System, &[]), Mark::Note, "pinx cannot use yet"),
            (found(11434, Question::Models, &["x"]), Mark::Note, "makes no images"),
            (found(8080, Question::Models, &["x", "y"]), Mark::Note, "LocalAI does"),
        ] {
            let check = describe(&app, &found, &mut Vec::new());
            assert!(check.state == state && check.text.contains(text), "{}", check.text);
        }
        let mut names = Vec::new();
        let check = describe(&app, &found(1234, Question::Models, &["sd-cpp-local"]), &mut names);
        assert!(check.text.contains("makes images"), "{}", check.text);
        // What is to be put into the settings is understood by them.
        let lines: Vec<&str> = check.remedies[0].lines().collect();
        let (last, block) = lines[1..].split_last().unwrap();
        let text = block.join("\n");
        let read = app.settings.check_user_text(&text).unwrap();
        assert!(read.catalog.provider("local").is_some_and(|local| local.is_own_loopback()));
        assert!(last.contains("-m local/sd-cpp-local"), "{last}");
        let check = describe(&app, &found(8080, Question::Models, &["x"]), &mut names);
        assert!(check.remedies[0].contains("[providers.local2]"), "both can be put there");
    }
}
