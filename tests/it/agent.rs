//! A client of `pinx mcp` as agents' programs are, written by hand: lines of JSON-RPC on pipes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::fake::PATIENCE;
use crate::pinx::Pinx;

/// The protocol that begins with a handshake.
pub const LEGACY: &str = "2025-11-25";

/// The one in which every request says who asks.
pub const STATELESS: &str = "2026-07-28";

/// A client; what it started is killed with it.
pub struct Agent {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    version: &'static str,
    /// What its user answers when asked.
    answers: Option<Value>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    last: u64,
    answered: HashMap<u64, Value>,
    /// What it was told and asked meanwhile.
    told: Vec<Value>,
}

impl Agent {
    /// One that has said who it is.
    pub fn start(pinx: &Pinx) -> Agent {
        Agent::of(pinx, LEGACY, None)
    }

    /// One of this protocol, whose user answers questions like this.
    pub fn of(pinx: &Pinx, version: &'static str, answers: Option<Value>) -> Agent {
        let mut command = pinx.command(&["mcp", "--quiet"]).plain();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(std::result::Result::ok) {
                let value = serde_json::from_str(&line);
                let value = value.unwrap_or_else(|_| json!({ "no protocol": line }));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let state = RefCell::default();
        let mut agent = Agent { child, stdin, lines, version, answers, state };
        if version == LEGACY {
            let hello = agent.request(
                "initialize",
                json!({
                    "protocolVersion": version,
                    "capabilities": agent.capabilities(),
                    "clientInfo": { "name": "test", "version": "1" },
                }),
            );
            assert_eq!(hello["result"]["protocolVersion"], version, "{hello}");
            assert_eq!(hello["result"]["serverInfo"]["name"], "pinx");
            agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        }
        agent
    }

    fn capabilities(&self) -> Value {
        match self.answers {
            Some(_) => json!({ "elicitation": { "form": {} } }),
            None => json!({}),
        }
    }

    /// Writes a line.
    pub fn send(&mut self, message: &Value) {
        let stdin = self.stdin.as_mut().unwrap();
        // It may be dead already.
        let _ = writeln!(stdin, "{message}").and_then(|()| stdin.flush());
    }

    /// Sends a request; answers with its number.
    pub fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        let id = {
            let mut state = self.state.borrow_mut();
            state.last += 1;
            state.last
        };
        if self.version == STATELESS {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": self.capabilities(),
            });
        }
        if method == "tools/call" {
            params["_meta"]["progressToken"] = id.into();
        }
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the answer to a request; none when the process has ended.
    pub fn wait_if_alive(&mut self, id: u64) -> Option<Value> {
        loop {
            if let Some(answer) = self.state.borrow_mut().answered.remove(&id) {
                return Some(answer);
            }
            let message = self.lines.recv_timeout(PATIENCE).ok()?;
            assert_eq!(message["jsonrpc"], "2.0", "stdout is protocol only: {message}");
            match (message["method"].as_str(), message["id"].as_u64()) {
                (None, Some(id)) => drop(self.state.borrow_mut().answered.insert(id, message)),
                (Some("elicitation/create"), _) => {
                    let answer = self.answers.clone().expect("it may be asked");
                    let reply = json!({ "jsonrpc": "2.0", "id": message["id"], "result": answer });
                    self.state.borrow_mut().told.push(message);
                    self.send(&reply);
                }
                _ => self.state.borrow_mut().told.push(message),
            }
        }
    }

    /// Waits for the answer to a request.
    pub fn wait(&mut self, id: u64) -> Value {
        self.wait_if_alive(id).expect("an answer")
    }

    /// Sends a request and waits.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.wait(id)
    }

    /// Begins to call a tool.
    pub fn begin_call(&mut self, tool: &str, arguments: &Value) -> u64 {
        self.begin("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Calls a tool.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Outcome {
        let id = self.begin_call(tool, arguments);
        self.result(id)
    }

    /// What a call has come to.
    pub fn result(&mut self, id: u64) -> Outcome {
        let answer = self.wait(id);
        assert!(answer["error"].is_null(), "{answer}");
        Outcome(answer["result"].clone())
    }

    /// What it was told and asked besides, by the name of the method.
    pub fn told(&self, method: &str) -> Vec<Value> {
        let state = self.state.borrow();
        state.told.iter().filter(|one| one["method"] == method).cloned().collect()
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Says no more.
    pub fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Waits for its end after it was hung up; answers with the exit code.
    pub fn finish(mut self) -> i32 {
        self.hang_up();
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status.code().unwrap_or(-1),
                None if std::time::Instant::now() > deadline => panic!("it does not end"),
                None => std::thread::sleep(std::time::Duration::from_millis(2)),
            }
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a call has come to.
#[derive(Debug, Clone)]
pub struct Outcome(pub Value);

impl Outcome {
    /// Whether it is an error that the agent should read.
    pub fn is_error(&self) -> bool {
        self.0["isError"] == true
    }

    /// Its line.
    pub fn text(&self) -> &str {
        self.0["content"][0]["text"].as_str().unwrap_or_default()
    }

    /// Its document.
    pub fn document(&self) -> &Value {
        &self.0["structuredContent"]
    }

    /// The code of its error.
    pub fn code(&self) -> &str {
        self.document()["error"]["code"].as_str().unwrap_or_default()
    }

    /// The addresses of its links.
    pub fn links(&self) -> Vec<String> {
        let parts = self.0["content"].as_array().unwrap();
        let links = parts.iter().filter(|part| part["type"] == "resource_link");
        links.map(|link| link["uri"].as_str().unwrap().to_owned()).collect()
    }

    /// It worked.
    pub fn good(self) -> Outcome {
        assert!(!self.is_error(), "{}", self.0);
        self
    }
}
