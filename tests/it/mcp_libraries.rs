//! The libraries that agents' programs are built with, as clients of `pinx mcp` and of `/mcp`: they list the
//! tools, make images, hear of progress and errors, are asked before money is spent, and take calls back.
//!
//! `.ci/run` installs them beside the checkout. Where one is missing, its test says so and does nothing.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::agent::{LEGACY, STATELESS};
use crate::counterparts::Counterpart;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Kind, image};
use crate::pinx::Pinx;
use crate::served::Served;

/// How a library starts `pinx mcp`.
fn program(pinx: &Pinx) -> Value {
    let command = pinx.command(&["mcp", "--quiet"]).plain();
    let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
    let env: Map<String, Value> = command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?).into())))
        .collect();
    let args: Vec<String> = command.get_args().map(text).collect();
    json!({ "command": text(command.get_program()), "args": args, "env": env, "cwd": pinx.work() })
}

/// What a library does over both transports, in each of its eras: their names, and what it calls them.
fn works(script: &str, eras: &[(&str, &str)]) {
    let fake = OpenAi::start();
    let usual = openai::with_image(&image::bytes(1024, 1024, "png"));
    fake.always(Kind::Images, usual.after(Duration::from_millis(100)));
    let pinx = Pinx::new().openai(&fake);
    let pinx = pinx.env("PINX_MCP_MAX_COST_SESSION", "1").env("PINX_CONFIRM_ABOVE", "0.01");
    let Some(mut library) = Counterpart::start(script, &pinx) else { return };
    let served = Served::start(&pinx, &[]);
    let (http, stdio) = (json!(format!("http://{}/mcp", served.address)), program(&pinx));
    let mut made = 0;
    for (over, begins) in [(&http, "http://"), (&stdio, "file://")] {
        for (mode, version) in eras {
            let mut does =
                |what: &str| library.answers(&json!({ "do": what, "over": over, "mode": mode }));
            let usual = does("usual");
            assert_eq!(usual["tools"].as_array().unwrap().len(), 9, "{usual}");
            // That of npm does not tell it.
            assert!([&json!(version), &Value::Null].contains(&&usual["version"]), "{usual}");
            assert!(usual["link"].as_str().unwrap().starts_with(begins), "{usual}");
            assert!(usual["progress"].as_u64().unwrap() > 1, "{usual}");
            assert_eq!(usual["asked"], 1, "its user is asked before money is spent: {usual}");
            assert_eq!(usual["wrong"], "invalid_request");
            assert_eq!(usual["unknown"], -32602);
            assert_eq!(does("refused"), json!(["declined", "declined", "consent_needed"]));
            made += 1;
            assert_eq!(fake.posts(), made, "{over} {mode}");
            assert_eq!(does("cancelled"), 9, "it still answers");
            made += 1;
            assert_eq!(fake.posts(), made, "{over} {mode}");
        }
    }
    served.stop();
    assert_eq!(
        pinx.entries("done").iter().filter(|one| one["model"] != "pinx/sketch").count(),
        made
    );
}

#[test]
fn mcp_of_pypi_works() {
    works("mcp_python.py", &[("legacy", LEGACY), (STATELESS, STATELESS)]);
}

#[test]
fn the_sdk_of_npm_works() {
    works("mcp_node.mjs", &[("legacy", LEGACY)]);
}
