//! Requests whose answer was lost, and the history that they are looked for in.

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::{Answer, Kind};
use crate::pinx::Pinx;

const FAL: [&str; 4] = ["generate", "a red fox", "-m", "fal/flux-schnell"];

#[test]
fn fault_39_what_was_lost_is_looked_for_as_it_was_sent() {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    let pinx = Pinx::new().fal(&fake).damaged();
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Submit, 1);
    running.signal("KILL");
    running.finish();
    // What was sent says more than its order, as a link to an input does.
    let link = |name: &str| json!(format!("https://v3.fal.media/files/{name}.png"));
    let log = pinx.segments().pop().unwrap();
    let mut lines = pinx.journal();
    for entry in &mut lines {
        entry.as_object_mut().unwrap().remove("sum");
        entry["call"]["body"]["image_url"] = link("ours");
    }
    let lines: String = lines.iter().map(|entry| format!("{entry}\n")).collect();
    std::fs::write(log, lines).unwrap();
    fake.always_with(Kind::History, move |_, usual| {
        let mut page: Value = serde_json::from_slice(&usual.body).unwrap();
        page["items"][0]["json_input"]["image_url"] = link("ours");
        let mut other = page["items"][0].clone();
        other["request_id"] = json!("00000000-other");
        other["json_input"]["image_url"] = link("others");
        page["items"].as_array_mut().unwrap().insert(0, other);
        Answer::json(200, &page)
    });
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}
