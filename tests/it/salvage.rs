//! Paid answers that hold a whole image in another form than promised: one request, one image. And
//! those that hold none: unusable as ever, kept, and listed by `recover`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind, image};
use crate::pinx::{Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// The image that the person gets.
const RESULT: u32 = 7;

fn packed(number: u32) -> String {
    STANDARD.encode(image::marked(number))
}

/// An answer as it was promised.
fn promised() -> String {
    json!({ "created": 1, "data": [{ "b64_json": packed(RESULT), "revised_prompt": "a fox" }] })
        .to_string()
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// One paid request that gets this body, one image, exit 0; and it is told that it came otherwise.
#[track_caller]
fn salvaged(what: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Pinx {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.next(Kind::Images, Answer::bytes(200, media_type, body.into()));
    let output = pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(image::mark(&pinx.read("a-red-fox.png")).unwrap(), RESULT, "{what}\n{output}");
    assert_eq!(fake.posts(), 1, "{what}\n{output}");
    assert!(pinx.kept().is_empty(), "{what}\n{output}");
    let done = &pinx.entries("done")[0];
    let told = done["adjustments"].as_array().unwrap().iter().any(|a| a["field"] == "answer");
    assert!(told, "{what} was not told: {done}");
    pinx
}

/// One paid request that gets this body, and no image of it.
#[track_caller]
fn unusable(body: &Value) -> (Pinx, Output) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.next(Kind::Images, Answer::json(200, body));
    let output = pinx.run(&ARGS).exits(1).leaves(&[]);
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1), "{output}");
    assert_eq!(fake.all().len(), 1, "something was fetched for {body}: {:?}", fake.all());
    (pinx, output)
}

#[test]
fn fault_60_json_that_is_not_strict_loses_no_image() {
    let text = promised();
    for (what, body) in [
        ("half a surrogate", text.replace("a fox", "a \\ud83d fox")),
        ("a number that is none", text.replace("\"created\":1", "\"created\":NaN")),
        ("infinity", text.replace("\"created\":1", "\"created\":-Infinity")),
        ("a number too large", text.replace("\"a fox\"", "\"a fox\",\"seed\":1e400")),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("bytes behind it", format!("{text}}}trailing")),
        ("a NUL behind it", format!("{text}\0")),
        ("one byte short", text[..text.len() - 1].to_owned()),
        ("cut behind the image", text[..text.len() - 24].to_owned()),
        ("a comma too many", text.replace("}]}", "},],}")),
        ("a line break in a text", text.replace("a fox", "a\nfox")),
        ("comments in front", format!(": PROCESSING\n\n: PROCESSING\n\n{text}")),
    ] {
        salvaged(what, "application/json", body);
    }
    let mut bytes = text.replace("a fox", "a ? fox").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xff;
    salvaged("a letter that is none", "application/json", bytes);
}

#[test]
fn fault_60_the_image_itself_is_an_answer() {
    for media_type in ["image/png", "application/octet-stream", "application/json"] {
        salvaged(media_type, media_type, image::marked(RESULT));
    }
    let pinx = {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake);
        fake.next(Kind::Images, Answer::bytes(200, "image/webp", image::bytes(64, 64, "webp")));
        pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.webp"]);
        pinx
    };
    assert!(pinx.read("a-red-fox.webp").starts_with(b"RIFF"));
}

#[test]
fn fault_60_events_that_nobody_asked_for_are_read() {
    let whole = format!("data: {}\n\ndata: [DONE]\n\n", promised());
    salvaged("the JSON as one event", "text/event-stream", whole);
    let twice = json!({ "type": "response.completed", "response": { "output": [
        { "type": "image_generation_call", "result": packed(RESULT) }] } });
    let item = json!({ "type": "response.output_item.done",
        "item": { "type": "image_generation_call", "result": packed(RESULT) } });
    let stream = event("response.output_item.done", &item) + &event("response.completed", &twice);
    salvaged("the same image twice", "text/event-stream", stream);
}

#[test]
fn only_partial_images_are_no_result() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let partial = json!({ "type": "image_generation.partial_image", "b64_json": packed(1) });
    let stream = event("image_generation.partial_image", &partial);
    fake.next(Kind::Images, Answer::bytes(200, "text/event-stream", stream.into_bytes()));
    pinx.run(&ARGS).exits(1).leaves(&[]).says("kept");
    // The answer, and the preview.
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 2));
}

#[test]
fn a_refusal_in_a_stream_is_a_refusal() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let error = json!({ "error": { "code": "moderation_blocked", "message": "not this" } });
    fake.next(
        Kind::Images,
        Answer::bytes(200, "text/event-stream", event("error", &error).into_bytes()),
    );
    pinx.run(&ARGS).exits(5).leaves(&[]).says("not this");
}

#[test]
fn images_are_found_in_the_shapes_of_other_interfaces() {
    let image = packed(RESULT);
    let url = format!("data:image/png;base64,{image}");
    let text = format!("Here it is:\n\n![a fox]({url})\n\nAnything else?");
    let draft =
        json!({ "thought": true, "inlineData": { "mimeType": "image/png", "data": packed(1) } });
    let part = json!({ "inlineData": { "mimeType": "image/png", "data": image } });
    for (number, body) in [
        json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] }),
        json!({ "choices": [{ "message": { "content": "", "images": [
            { "type": "image_url", "image_url": { "url": url } }] } }] }),
        json!({ "candidates": [{ "content": { "parts": [{ "text": "so" }, draft, part] } }] }),
        json!({ "output": url }),
        json!({ "output": [[url]] }),
        json!({ "images": [{ "image_base64": image, "seed": 7 }] }),
        json!({ "images": [image], "parameters": {}, "info": "{\"seed\":7}" }),
        json!({ "result": { "image": image }, "success": true, "errors": [], "messages": [] }),
        json!({ "data": { "b64_json": image } }),
        json!([{ "b64_json": image }]),
        json!({ "body": json!({ "data": [{ "b64_json": image }] }).to_string() }),
        json!({ "data": [{ "b64_json": "no image at all" }], "artifacts": [{ "base64": image }] }),
        json!({ "error": { "message": "a warning only" }, "image": image }),
        json!({ "input": { "image": packed(1) }, "init_image": packed(2),
            "user": { "avatar": packed(3) }, "output": { "image": image } }),
    ]
    .into_iter()
    .enumerate()
    {
        salvaged(&format!("shape {number}"), "application/json", body.to_string());
    }
    salvaged("a bare data URL", "text/plain", url);
    salvaged("bare base64", "text/plain", image);
}

#[test]
fn what_was_sent_along_or_decorates_is_no_result() {
    let image = packed(1);
    let link = "https://docs.example.com/errors/image.png";
    for body in [
        json!({ "input": { "image": image }, "data": [] }),
        json!({ "data": [], "request": { "image": [image] }, "mask": image }),
        json!({ "data": [], "user": { "avatar_url": link }, "logo": image }),
        json!({ "error": { "message": "no", "url": link, "image": image } }),
        json!({ "detail": [{ "msg": "no", "url": link }], "data": null }),
        json!({ "data": [], "status_url": link, "links": { "docs": link } }),
        json!({ "data": [{ "output_format": "png", "size": "1024x1024" }] }),
    ] {
        unusable(&body);
    }
}

#[test]
fn a_torn_image_is_not_completed() {
    let text = promised();
    for cut in [text.len() / 2, text.find("\",\"revised").unwrap() - 8] {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake);
        let body = text.as_bytes()[..cut].to_vec();
        fake.next(Kind::Images, Answer::bytes(200, "application/json", body));
        let output = pinx.run(&ARGS).exits(1).leaves(&[]);
        assert_eq!((fake.posts(), pinx.kept().len()), (1, 1), "{output}");
    }
}

#[test]
fn an_answer_that_breaks_off_behind_its_image_loses_none() {
    let text = promised();
    for short in [1, 20] {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake);
        let body = text.as_bytes()[..text.len() - short].to_vec();
        let answer = Answer::bytes(200, "application/json", body).claiming(text.len() as u64);
        fake.next(Kind::Images, answer);
        pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.png"]);
        assert_eq!(image::mark(&pinx.read("a-red-fox.png")).unwrap(), RESULT);
        assert_eq!((fake.posts(), pinx.kept().len()), (1, 0));
    }
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let body = text.as_bytes()[..text.find("\",\"revised").unwrap() - 8].to_vec();
    let answer = Answer::bytes(200, "application/json", body).claiming(text.len() as u64);
    fake.next(Kind::Images, answer);
    pinx.run(&ARGS).exits(75).leaves(&[]).says("pinx recover");
    assert!(pinx.kept().is_empty());
    // Not for a moment: a process that is killed then leaves what `recover` takes for the answer.
    assert!(!pinx.data().join("kept").exists());
    pinx.run(&["recover"]).exits(75).leaves(&[]).says("maybe billed");
}

#[test]
fn fault_61_links_are_read_against_the_address_that_answered() {
    let fake = OpenAi::start();
    let port = fake.url().rsplit(':').next().unwrap().to_owned();
    fake.always_with(Kind::Other, |request, _| {
        assert!(request.header("authorization").is_none(), "{request:?}");
        match request.path.ends_with("/files/image.png") {
            true => Answer::bytes(200, "image/png", image::marked(RESULT)),
            false => Answer::html(404),
        }
    });
    let links = [
        "/files/image.png".to_owned(),
        "files/image.png".to_owned(),
        format!("//127.0.0.1:{port}/files/image.png"),
        format!("http://0.0.0.0:{port}/files/image.png"),
        format!("http://localhost:{port}/files/image.png"),
        "http://0.0.0.0:1/files/image.png".to_owned(),
    ];
    for (number, link) in links.iter().enumerate() {
        let pinx = Pinx::new().openai(&fake);
        let shape = match number % 2 {
            0 => json!({ "created": 1, "data": [{ "url": link, "b64_json": null }] }),
            _ => json!({ "output": { "image_url": link } }),
        };
        fake.next(Kind::Images, Answer::json(200, &shape));
        let output = pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.png"]);
        assert_eq!(image::mark(&pinx.read("a-red-fox.png")).unwrap(), RESULT, "{output}");
        assert_eq!(fake.posts(), number + 1, "{link}\n{output}");
        assert!(pinx.kept().is_empty(), "{output}");
    }
}

#[test]
fn a_dead_link_of_a_synchronous_answer_says_what_can_be_done() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.always(Kind::Images, Answer::json(200, &json!({ "data": [{ "url": "/gone/x.png" }] })));
    let output = pinx.run(&ARGS).exits(75).leaves(&[]).says("-P response_format=b64_json");
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1), "{output}");
    output.never_says("fresh link");
    fake.always(Kind::Other, Answer::bytes(200, "image/png", image::marked(RESULT)));
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 0));
}

#[test]
fn a_queue_that_answers_with_the_image_is_believed() {
    for body in [
        json!({ "images": [{ "url": format!("data:image/png;base64,{}", packed(RESULT)) }], "seed": 7 }),
        json!({ "image": { "url": format!("data:image/png;base64,{}", packed(RESULT)) } }),
        json!({ "output": [packed(RESULT)] }),
    ] {
        let fake = Fal::start();
        let pinx = Pinx::new().fal(&fake);
        fake.answers(Answer::json(200, &body).header("x-fal-billable-units", "1"));
        let output = pinx.run(&["generate", "a red fox", "-m", "fal/flux-schnell"]).exits(0);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
        assert_eq!(image::mark(&pinx.read(&output.files[0])).unwrap(), RESULT, "{output}");
        assert_eq!(pinx.entries("submitted").len(), 0);
    }
}

#[test]
fn a_queues_word_that_it_has_the_job_is_no_image_that_was_found() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    fake.answers(Answer::json(200, &json!({ "images": [] })));
    pinx.run(&["generate", "a red fox", "-m", "fal/flux-schnell", "--no-fallback"]).exits(1);
    let [path] = pinx.kept().try_into().unwrap();
    let place = "https://queue.fal.run/fal-ai/flux/requests/r-1";
    let word = json!({ "request_id": "r-1", "status": "IN_QUEUE", "response_url": place,
        "status_url": format!("{place}/status"), "cancel_url": format!("{place}/cancel") });
    std::fs::write(&path, word.to_string()).unwrap();
    pinx.run(&["recover"]).exits(0).says(path.to_str().unwrap()).leaves(&[]);
    assert_eq!((pinx.entries("done").len(), pinx.kept().len()), (0, 1));
}

#[test]
fn a_queues_answers_may_stand_in_another_frame() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    for kind in [Kind::Submit, Kind::Status, Kind::Result] {
        fake.always_with(kind, |_, mut usual| {
            usual.body = [b"\xef\xbb\xbf: wait\n\n".as_slice(), &usual.body].concat().into();
            usual
        });
    }
    let output = pinx.run(&["generate", "a red fox", "-m", "fal/flux-schnell"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    assert_eq!(fake.count(Kind::History), 0);
}

#[test]
fn what_an_older_version_could_not_read_is_found_by_recover() {
    let (pinx, _) = unusable(&json!({ "data": [] }));
    let again = pinx.run(&["recover"]).exits(0).leaves(&[]).never_says("nothing is open");
    let [path] = pinx.kept().try_into().unwrap();
    let shown = again.says(path.to_str().unwrap()).says("old").says("remove the files");
    let listed = pinx.run(&["recover", "--list"]).exits(0).says(path.to_str().unwrap());
    listed.says("of 1 kept answer no image could be made").never_says("recovered");
    assert_eq!(pinx.entries("failed").len(), 1, "nothing is written of it again\n{shown}");
    let document = pinx.run(&["recover", "--json"]).exits(0).json();
    assert_eq!(document["kept"][0]["path"], path.to_str().unwrap(), "{document}");
    assert_eq!(document["kept"][0]["since"], pinx.entries("intent")[0]["t"], "{document}");
    // As if this version were the first that can read it.
    std::fs::write(&path, format!("data: {}\n\n", promised())).unwrap();
    let output = pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(image::mark(&pinx.read("a-red-fox.png")).unwrap(), RESULT, "{output}");
    let done = &pinx.entries("done")[0];
    assert_eq!((&done["billed"], pinx.kept().len()), (&json!("no"), 0), "{done}");
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]).says("nothing is open");
}
