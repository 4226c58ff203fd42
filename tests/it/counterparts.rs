//! The libraries that people use, as clients of `pinx serve`: what they do by their defaults works, what is
//! wrong is raised as their own exceptions, and no fault of a provider makes them pay twice.
//!
//! `.ci/run` installs them beside the checkout. Where one is missing, its tests say so and do nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Kind, image};
use crate::pinx::Pinx;
use crate::readme::blocks;
use crate::served::Served;

/// A library that runs as a script and is asked in lines of JSON.
pub struct Counterpart {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Pictures that it may send.
    picture: PathBuf,
}

/// Where `.ci/run` puts the libraries.
pub fn place() -> Option<PathBuf> {
    let given = std::env::var_os("PINX_COUNTERPARTS").map(PathBuf::from);
    given
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/pinx-counterparts")))
}

/// The program that runs a script, where it and the packages are there.
fn command(script: &str) -> Option<Command> {
    let (place, script) = (place()?, format!("tests/counterparts/{script}"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    if script.extension()? == "py" {
        let python = place.join("venv/bin/python");
        let library = if script.ends_with("mcp_python.py") { "mcp" } else { "openai" };
        let mut probe = Command::new(&python);
        // Found, and not imported: that takes as long as a test.
        let find =
            format!("import importlib.util as u, sys; sys.exit(not u.find_spec('{library}'))");
        probe.args(["-c", &find]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = Command::new(python);
        command.arg(script);
        return probe.status().is_ok_and(|status| status.success()).then_some(command);
    }
    let mut command = Command::new("node");
    command.arg(&script).current_dir(place.join("node"));
    let has_node = Command::new("node").arg("--version").output().is_ok();
    let packages: &[&str] = match script.ends_with("mcp_node.mjs") {
        true => &["@modelcontextprotocol/sdk"],
        false => &["openai", "ai", "@ai-sdk/openai-compatible"],
    };
    let is_there = |name: &&str| place.join("node/node_modules").join(name).is_dir();
    (has_node && packages.iter().all(is_there)).then_some(command)
}

/// Says that something is not tested here.
pub fn is_left_out(what: &str) {
    let told = format!("{what} is left out: its packages are missing\n");
    std::io::stderr().write_all(told.as_bytes()).unwrap();
}

impl Counterpart {
    /// Starts one; none where it is not installed, which is said whether or not the test shows its talk.
    pub fn start(script: &str, pinx: &Pinx) -> Option<Counterpart> {
        let Some(mut command) = command(script) else {
            is_left_out(&format!("tests/counterparts/{script}"));
            return None;
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in
            ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        {
            command.env_remove(name);
        }
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let picture = pinx.work().join("picture.png");
        std::fs::write(&picture, image::bytes(640, 480, "png")).unwrap();
        Some(Counterpart { child, stdin, stdout: BufReader::new(stdout), picture })
    }

    /// Does something at a server.
    fn does(&mut self, what: &str, served: &Served<'_>) -> Value {
        let base = format!("http://{}", served.address);
        self.answers(&json!({ "do": what, "base": base, "picture": self.picture }))
    }

    /// What it answers.
    pub fn answers(&mut self, asked: &Value) -> Value {
        writeln!(self.stdin, "{asked}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{asked} failed; it says why above"))
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it does by its defaults, and what it raises where something is wrong: the classes of its errors, for a
/// model, a size, a number, a missing key, a budget and a body that is too large.
fn works(script: &str, classes: [&str; 6]) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let Some(mut library) = Counterpart::start(script, &pinx) else { return };
    let served = Served::start(&pinx, &[]);
    library.does("usual", &served);
    let posts = fake.posts();
    let raised = library.does("errors", &served);
    let statuses = [404, 400, 400, 403, 402, 413];
    for ((raised, class), status) in raised.as_array().unwrap().iter().zip(classes).zip(statuses) {
        assert_eq!(
            (&raised["error"], &raised["status"]),
            (&json!(class), &json!(status)),
            "{raised}"
        );
    }
    assert_eq!(raised.as_array().unwrap().len(), 6);
    assert_eq!(raised[0]["code"], "model_not_found");
    assert_eq!((&raised[1]["param"], &raised[2]["param"]), (&json!("size"), &json!("n")));
    assert_eq!(raised[4]["code"], "budget_exceeded");
    assert_eq!(fake.posts(), posts, "nothing of that was sent");
    served.stop();
}

/// Answers that are faults.
fn faults() -> Vec<(&'static str, Answer)> {
    let usual = openai::with_image(&image::bytes(1024, 1024, "png"));
    vec![
        ("refused", openai::refused()),
        ("dropped", Answer::dropped()),
        ("cut", usual.cut()),
        ("no image", openai::with_text("AAAA")),
        ("500", openai::error(500, "server_error", "no")),
        ("503", openai::error(503, "overloaded", "no")),
        ("429", openai::rate_limited()),
        ("400", openai::error(400, "invalid_value", "no")),
        ("401", openai::error(401, "invalid_api_key", "no")),
    ]
}

/// A provider that gives this answer again and again.
fn faulty(answer: &Answer) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer.clone());
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "1");
    (fake, pinx)
}

/// However often a library repeats by its defaults, the provider gets as many requests as from a command.
fn pays_once(script: &str, actions: &[&str]) {
    let pinx = Pinx::new();
    let Some(mut library) = Counterpart::start(script, &pinx) else { return };
    for (name, answer) in faults() {
        let (fake, pinx) = faulty(&answer);
        let args = ["generate", "x", "-m", "openai/gpt-image-2", "--no-fallback", "--yes"];
        pinx.command(&args).plain().stdin(Stdio::null()).output().unwrap();
        let posts = fake.posts();
        assert!(posts > 0, "{name}");
        for action in actions {
            let (fake, pinx) = faulty(&answer);
            let served = Served::start(&pinx, &[]);
            let raised = library.does(action, &served);
            assert!(raised["error"].is_string(), "{name}: {raised}");
            assert_eq!(fake.posts(), posts, "{action} at {name}: {raised}");
            served.stop();
        }
    }
}

/// Runs what README and `pinx help serve` show for a library, as it stands but for the address.
fn shown(script: &str, is_of_it: impl Fn(&str) -> bool) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    if Counterpart::start(script, &pinx).is_none() {
        return;
    }
    let served = Served::start(&pinx, &[]);
    std::fs::write(pinx.work().join("fox.png"), image::bytes(640, 480, "png")).unwrap();
    let language = if script.ends_with(".py") { "python" } else { "js" };
    for page in ["README.md", "src/cmd/help/serve.md"] {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let page = std::fs::read_to_string(page).unwrap();
        let blocks = blocks(&page, language);
        let block = blocks.iter().find(|block| is_of_it(block)).unwrap();
        let code = block.replace("127.0.0.1:7878", &served.address.to_string());
        let mut command = match language {
            "python" => Command::new(place().unwrap().join("venv/bin/python")),
            _ => Command::new("node"),
        };
        match language {
            "python" => command.arg("-c").current_dir(pinx.work()),
            // Packages are found from where it runs.
            _ => command
                .args(["--input-type=module", "-e"])
                .current_dir(place().unwrap().join("node")),
        };
        let output = command.arg(&code).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}{said}");
    }
    assert!(fake.posts() > 1);
    served.stop();
}

#[test]
fn what_is_shown_for_openai_of_pypi_runs() {
    shown("openai_python.py", |block| block.contains("from openai"));
}

#[test]
fn what_is_shown_for_openai_of_npm_runs() {
    shown("openai_node.mjs", |block| block.contains("from 'openai'"));
}

#[test]
fn what_is_shown_for_the_ai_sdk_runs() {
    shown("ai_sdk.mjs", |block| block.contains("from 'ai'"));
}

/// The lines of curl in README, but for the one that starts the server.
#[test]
fn what_is_shown_for_curl_runs() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    std::fs::write(pinx.work().join("fox.png"), image::bytes(640, 480, "png")).unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = blocks(&page, "text").into_iter().find(|block| block.contains("curl")).unwrap();
    let lines = block.split_once('\n').unwrap().1;
    let lines = lines.replace("localhost:7878", &served.address.to_string());
    let lines = lines.replace("curl -s", "curl -sf --noproxy '*' -o /dev/null");
    let output = Command::new("sh").args(["-ec", &lines]).current_dir(pinx.work()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fake.posts(), 3);
    served.stop();
}

#[test]
fn openai_of_pypi_works() {
    works(
        "openai_python.py",
        [
            "NotFoundError",
            "BadRequestError",
            "BadRequestError",
            "PermissionDeniedError",
            "APIStatusError",
            "APIStatusError",
        ],
    );
}

#[test]
fn openai_of_npm_works() {
    works(
        "openai_node.mjs",
        [
            "NotFoundError",
            "BadRequestError",
            "BadRequestError",
            "PermissionDeniedError",
            "APIError",
            "APIError",
        ],
    );
}

#[test]
fn the_ai_sdk_works() {
    works("ai_sdk.mjs", ["AI_APICallError"; 6]);
}

#[test]
fn openai_of_pypi_pays_as_often_as_a_command() {
    pays_once("openai_python.py", &["fault", "stream_fault"]);
}

#[test]
fn openai_of_npm_pays_as_often_as_a_command() {
    pays_once("openai_node.mjs", &["fault", "stream_fault"]);
}

#[test]
fn the_ai_sdk_pays_as_often_as_a_command() {
    pays_once("ai_sdk.mjs", &["fault"]);
}
