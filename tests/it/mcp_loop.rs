//! An agent that goes on: its `pinx mcp` is killed at any instant, started again, and the call that had no
//! answer is made again by its name. `PINX_ROUNDS=100 cargo test --test it mcp_loop::` is a thousand calls.

use serde_json::json;

use crate::agent::{Agent, Outcome};
use crate::held::{self, Dice, Provider};

/// Calls of a seed, an image each.
const CALLS: usize = 10;

#[test]
fn an_agent_that_is_killed_again_and_again_pays_for_each_of_its_calls_once() {
    held::seeds("LOOP", "mcp_loop::", 1, |seed| {
        let dice = Dice::new(seed);
        let provider = match dice.below(2) {
            0 => Provider::queue(&dice, 30),
            _ => Provider::sync(&dice, 60, 3),
        };
        // Images that a session may pay for.
        let most = 1 + dice.below(4) as usize;
        let limit = format!("{:.6}", (provider.price() * most as u64) as f64 / 1e6);
        let pinx = provider.world().env("PINX_MCP_MAX_COST_SESSION", limit);
        let begin = || (Agent::start(&pinx), provider.billed());
        let (mut agent, mut before) = begin();
        let (mut begun, mut answered) = (0, 0);
        while answered < CALLS {
            let asked = json!({
                "prompt": "a red fox", "tags": [answered.to_string()], "model": provider.model(),
                "request_id": format!("call {answered}"),
            });
            let call = agent.begin_call("generate_image", &asked);
            begun += 1;
            assert!(begun < 100 * CALLS, "it gets nowhere");
            if dice.one_in(2) {
                std::thread::sleep(dice.millis(250));
                agent.kill();
            }
            let answer = agent.wait_if_alive(call);
            let outcome = answer.map(|answer| {
                assert!(answer["error"].is_null(), "{answer}");
                Outcome(answer["result"].clone())
            });
            match &outcome {
                Some(outcome) if outcome.code() == "at_work" => {}
                Some(outcome) if outcome.code() != "over_purse" => answered += 1,
                // Killed, or its purse is empty: another session makes the same call again.
                _ => {
                    agent.kill();
                    provider.settle();
                    let paid = provider.billed() - before;
                    assert!(paid <= most, "{paid} paid by a session that may pay for {most}");
                    (agent, before) = begin();
                }
            }
        }
        agent.kill();
        provider.settle();
        assert!(provider.billed() <= CALLS, "{} paid for {CALLS} calls", provider.billed());
        held::check(&pinx, &provider, usize::MAX);
    });
}
