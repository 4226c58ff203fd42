//! Chromium without a window, driven over a pipe by its own protocol. It is not installed everywhere: then a
//! test says so and is left out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A page answers within so long, also on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// Names under which it is installed.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page, until it is dropped.
pub struct Chromium {
    child: Child,
    input: ChildStdin,
    heard: Receiver<Value>,
    number: u64,
    session: Option<String>,
    /// All that it told by itself.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Chromium {
    /// Starts one; none where none is installed, which is said.
    pub fn start() -> Option<Chromium> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let is_there =
            |name: &&&str| std::env::split_paths(&path).any(|one| one.join(**name).is_file());
        let Some(name) = NAMES.iter().find(is_there) else {
            // Past what the harness catches, so that it is seen.
            let said = "skipped: no browser is installed (`apt-get install chromium`)\n";
            let _ = std::io::stderr().write_all(said.as_bytes());
            return None;
        };
        let profile = tempfile::Builder::new().prefix("pinx-browser-").tempdir().unwrap();
        let flags = "--headless --no-sandbox --disable-gpu --disable-background-networking \
            --disable-component-update --no-first-run --hide-scrollbars --remote-debugging-pipe";
        // It listens at its fourth file and talks into its fifth.
        let line = format!(
            "exec {name} {flags} --user-data-dir=\"$0\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"
        );
        let mut command = Command::new("sh");
        command.arg("-c").arg(line).arg(profile.path()).env("HOME", profile.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (said, heard) = channel();
        std::thread::spawn(move || {
            let messages = BufReader::new(output).split(0).map_while(Result::ok);
            for message in messages.filter_map(|bytes| serde_json::from_slice(&bytes).ok()) {
                if said.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Chromium {
            child,
            input,
            heard,
            number: 0,
            session: None,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Calls a method of its protocol.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let said =
                self.heard.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{method}: no answer"));
            if said["id"] == self.number {
                assert!(said["error"].is_null(), "{method}: {said}");
                return said["result"].clone();
            }
            self.events.push(said);
        }
    }

    /// Opens an address.
    pub fn open(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address }));
    }

    /// Runs a script in the page; its value.
    pub fn run(&mut self, script: &str) -> Value {
        let call = json!({
            "expression": format!("(async () => {{ {script} }})()"),
            "awaitPromise": true,
            "returnByValue": true,
            "userGesture": true,
        });
        let done = self.call("Runtime.evaluate", call);
        assert!(done["exceptionDetails"].is_null(), "{script}: {done}");
        done["result"]["value"].clone()
    }

    /// Waits until an expression holds in the page.
    pub fn until(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.run(&format!("return Boolean({expression});")) != true {
            if Instant::now() > deadline {
                panic!("never: {expression}\n{}", self.run("return document.body.innerText;"));
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// The text of an element.
    pub fn text(&mut self, selector: &str) -> String {
        let script =
            format!("return document.querySelector({})?.innerText ?? '';", json!(selector));
        self.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Clicks an element.
    pub fn click(&mut self, selector: &str) {
        self.run(&format!("document.querySelector({}).click();", json!(selector)));
    }

    /// Types into a field of the form, as if by hand.
    pub fn fill(&mut self, selector: &str, text: &str) {
        let script = "const field = document.querySelector(SELECTOR); field.focus(); field.value = TEXT; \
            for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));";
        let script = script.replace("SELECTOR", &json!(selector).to_string());
        self.run(&script.replace("TEXT", &json!(text).to_string()));
    }

    /// Presses a key, with the control key or without.
    pub fn press(&mut self, key: &str, control: bool) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "ArrowRight" => (39, ""),
            _ => panic!("{key}"),
        };
        let modifiers = if control { 2 } else { 0 };
        let mut event = json!({
            "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers,
        });
        if !text.is_empty() {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Types text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Makes its window so wide, in pixels, light or dark.
    pub fn resize(&mut self, width: u32, is_dark: bool) {
        let metrics =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// A picture of what is seen, for those who look: written where `PINX_SHOTS` says.
    pub fn shoot(&mut self, name: &str) {
        let Some(directory) = std::env::var_os("PINX_SHOTS") else { return };
        let shot = self.call("Page.captureScreenshot", json!({}));
        let bytes = STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(std::path::Path::new(&directory).join(format!("{name}.png")), bytes)
            .unwrap();
    }

    /// What its console says, defects and broken rules of the page's policy among it.
    pub fn complaints(&mut self) -> Vec<String> {
        self.run("");
        let kinds = ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"];
        let is_one = |event: &&Value| kinds.contains(&event["method"].as_str().unwrap_or_default());
        self.events.iter().filter(is_one).map(|event| event["params"].to_string()).collect()
    }

    /// The addresses that the page asked.
    pub fn asked(&self) -> Vec<String> {
        let events =
            self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let url = |event: &Value| {
            event["params"]["request"]["url"].as_str().unwrap_or_default().to_owned()
        };
        events.map(url).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.session = None;
        let _ = self.input.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
