//! Links that come between an agent's call and what is written for it lead nowhere.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::agent::Agent;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Gate, Kind, image};
use crate::pinx::{Pinx, files_below};

#[test]
fn a_place_that_becomes_a_link_while_an_image_is_made_is_not_followed() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = Pinx::new().openai(&fake).env("PINX_MCP_MAX_COST_SESSION", "1");
    let (art, outside) = (pinx.work().join("art"), pinx.root().join("outside"));
    fs::create_dir(&art).unwrap();
    fs::create_dir(&outside).unwrap();
    let mut agent = Agent::start(&pinx);
    let asked = json!({ "prompt": "a red fox", "model": "openai/gpt-image-2", "output": "art/" });
    let call = agent.begin_call("generate_image", &asked);
    fake.wait_for(Kind::Images, 1);
    fs::rename(&art, pinx.work().join("before")).unwrap();
    symlink(&outside, &art).unwrap();
    gate.open();
    let result = agent.result(call);
    assert!(result.is_error() && result.text().contains("through a link"), "{}", result.0);
    assert_eq!(agent.finish(), 0);
    // What is paid for is kept, and waits for a place that is one.
    pinx.run(&["recover"]).exits(75);
    assert_eq!(files_below(&outside), Vec::<std::path::PathBuf>::new());
    fs::remove_file(&art).unwrap();
    pinx.run(&["recover"]).exits(0);
    assert_eq!((files_below(&art).len(), fake.posts()), (1, 1));
}
