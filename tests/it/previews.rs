//! Answers that come as streams: previews, and then the picture. What breaks behind a preview may have
//! been billed, is never sent again, and leaves its last preview as what it is.

use serde_json::{Value, json};

use crate::fake::openai::OpenAi;
use crate::fake::stream::Stream;
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::{Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// The picture that the person gets.
const RESULT: u32 = 7;

/// Two previews.
fn shown() -> Stream {
    Stream::new().partial(&image::marked(1)).partial(&image::marked(2))
}

fn whole() -> Stream {
    shown().completed(&image::marked(RESULT), (10, 0, 1_956))
}

/// One paid request that gets this answer.
fn asked(answer: Answer) -> (OpenAi, Pinx, Output) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.next(Kind::Images, answer);
    let output = pinx.run(&ARGS);
    assert_eq!(fake.posts(), 1, "{output}");
    (fake, pinx, output)
}

/// It is read as it was promised, and nothing is told of it.
#[track_caller]
fn is_read(answer: Answer) -> Pinx {
    let (_fake, pinx, output) = asked(answer);
    let output = output.exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(image::mark(&pinx.read("a-red-fox.png")).unwrap(), RESULT, "{output}");
    assert!(pinx.kept().is_empty(), "{output}");
    let told = &pinx.entries("done")[0]["adjustments"];
    assert!(told.as_array().is_none_or(|told| told.iter().all(|it| it["field"] != "answer")));
    pinx
}

/// It ends so, with the last preview kept as such beside so many other files, and named.
#[track_caller]
fn is_kept(answer: Answer, code: i32, others: usize) -> (OpenAi, Pinx, Output) {
    let (fake, pinx, output) = asked(answer);
    let output = output.exits(code).leaves(&[]).says("an unfinished preview of it is kept in");
    let kept = pinx.kept();
    assert_eq!(kept.len(), 1 + others, "{kept:?}\n{output}");
    let is_preview = |path: &&std::path::PathBuf| path.to_string_lossy().contains(".partial-");
    let preview = kept.iter().find(is_preview).unwrap();
    let name = preview.file_name().unwrap().to_string_lossy();
    assert!(name.ends_with(".1.1.partial-1.png"), "{name}");
    assert_eq!(image::mark(&std::fs::read(preview).unwrap()).unwrap(), 2, "the last one");
    assert!(output.stderr.contains(&*name), "{output}");
    // Neither is it an image of the log, nor does anything take it for the picture.
    assert!(pinx.entries("done").is_empty() && !pinx.data().join("cache").join("objects").exists());
    let recovered = pinx.run(&["recover"]).leaves(&[]);
    assert!(pinx.entries("done").is_empty(), "{recovered}");
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1 + others), "{recovered}");
    (fake, pinx, output)
}

fn billed(pinx: &Pinx) -> Value {
    pinx.entries("failed").remove(0)["billed"].clone()
}

#[test]
fn a_stream_is_read_wherever_its_lines_and_pieces_end() {
    let pinx = is_read(whole().ends());
    assert_eq!(pinx.entries("done")[0]["cost"], 58_730, "all output is image");
    is_read(whole().lines_end("\r\n").in_pieces(1_000).ends());
    is_read(whole().lines_end("\r").ends());
    let talk = Stream::new()
        .text("\u{feff}: it's \"open\n\nretry: 10\n\nevent: ping\ndata: {}\n\n: é\n")
        .partial(&image::marked(1))
        .text("id: 1\ndata: hm é\n\nevent: image_generation.partial_image\ndata: {\"b64_json\":\n")
        .text("data: null}\n\n")
        .completed(&image::marked(RESULT), (10, 0, 1_956))
        .text("data: [DONE]\n\n");
    is_read(talk.clone().in_pieces(1).ends());
    is_read(talk.ends());
    // Behind the picture nothing counts, and no blank line has to end it.
    is_read(
        whole().partial(&image::marked(3)).event("error", &json!({ "message": "late" })).ends(),
    );
    let text = whole().all();
    is_read(Stream::new().text(text.trim_end()).ends());
}

#[test]
fn what_an_answer_is_its_bytes_say() {
    let text = whole().all();
    is_read(Answer::bytes(200, "application/json", text.clone().into_bytes()));
    is_read(Answer::bytes(200, "text/plain", text.into_bytes()));
    let promised = crate::fake::openai::with_image(&image::marked(RESULT));
    is_read(promised.header("content-type", "text/event-stream"));
}

#[test]
fn a_stream_is_long_and_lies_on_the_disk_where_memory_is_short() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BODY_MEMORY", "100");
    let noise = image::noise(900, 700);
    let stream = Stream::new().text(": \"\n\n").partial(&noise).partial(&noise);
    fake.next(Kind::Images, stream.completed(&noise, (10, 0, 1_956)).ends());
    pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(image::size_of(&pinx.read("a-red-fox.png")), (900, 700));
    fake.next(Kind::Images, Stream::new().text(": \"\n\n").partial(&noise).breaks());
    pinx.run(&[&ARGS[..], &["-o", "out/"]].concat()).exits(75).says("partial-0.png");
    assert!(std::fs::read(&pinx.kept()[0]).unwrap() == noise);
}

#[test]
fn a_stream_may_be_silent_as_long_as_there_is_time() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_IDLE_TIMEOUT", "100ms");
    let gate = Gate::default();
    let stream = Stream::new().partial(&image::marked(1)).behind(&gate);
    fake.next(Kind::Images, stream.completed(&image::marked(RESULT), (10, 0, 1_956)).ends());
    let running = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Images, 1);
    // Longer than anything else may be silent.
    std::thread::sleep(std::time::Duration::from_millis(600));
    gate.open();
    running.finish().exits(0).leaves(&["a-red-fox.png"]);
}

#[test]
fn fault_117_a_stream_that_ends_early_is_unusable() {
    for stream in
        [shown(), shown().text("data: [DONE]\n\n"), shown().text("data: {\"type\":\"image")]
    {
        let (_, pinx, output) = is_kept(stream.ends(), 1, 1);
        let output = output.says("the stream ended without a finished image");
        assert_eq!(billed(&pinx), "unknown", "{output}");
        assert_eq!(pinx.entries("failed")[0]["code"], "stream_ended");
    }
    let (_, pinx, output) = asked(Stream::new().text(": hello\n\ndata: [DONE]\n\n").ends());
    output.exits(1).leaves(&[]).says("the stream ended without a finished image");
    assert_eq!((billed(&pinx), pinx.kept().len()), (json!("unknown"), 1));
}

#[test]
fn fault_117_a_finished_picture_that_is_none_is_unusable() {
    let png = image::marked(RESULT);
    for wrong in [&png[..png.len() / 2], b"no image at all"] {
        let (_, _, output) = is_kept(shown().completed(wrong, (10, 0, 1_956)).ends(), 1, 1);
        assert!(!output.stderr.contains("a-red-fox.png"), "{output}");
    }
    let empty = json!({ "type": "image_generation.completed", "b64_json": "" });
    let stream = shown().event("image_generation.completed", &empty);
    is_kept(stream.ends(), 1, 1).2.says("the finished event of the stream holds no image");
}

#[test]
fn fault_118_a_stream_that_is_cut_has_an_unknown_outcome() {
    let (_, pinx, _) = is_kept(shown().breaks(), 75, 0);
    let open = pinx.run(&["recover", "--list", "--json"]).json();
    assert_eq!(open["attempts"][0]["fate"], "unknown", "{open}");
    is_kept(shown().text("event: image_generation.completed\ndata: {\"b64_").breaks(), 75, 0);
    // A preview that is torn is none, whatever its event is called.
    let torn = Stream::new().partial(&image::marked(3)).all().replace("event: ", "x: ");
    let torn = &torn[..torn.find(",\"created_at").unwrap()];
    is_kept(shown().text(torn).breaks(), 75, 0);
    // What was finished before is the picture.
    is_read(whole().breaks());
    is_read(whole().text("data: {\"type\":").breaks());
}

#[test]
fn fault_118_a_stream_that_falls_silent_has_an_unknown_outcome() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.next(Kind::Images, shown().behind(&Gate::default()).ends());
    let output = pinx.run(&[&ARGS[..], &["--timeout", "1s"]].concat()).exits(75).leaves(&[]);
    output.says("an unfinished preview of it is kept in");
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1));
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message, "type": "x" } })
}

#[test]
fn fault_119_an_error_behind_a_preview_is_never_sent_again() {
    for (data, code, told) in [
        (error("server_error", "it broke"), 1, "it broke"),
        (error("rate_limit_exceeded", "too many"), 1, "too many"),
        (error("insufficient_quota", "no money"), 1, "no money"),
        (error("moderation_blocked", "not this"), 5, "not this"),
        (
            json!({ "type": "error", "code": "server_error", "message": "at the top" }),
            1,
            "at the top",
        ),
        (json!({ "type": "error", "code": "moderation_blocked", "message": "top" }), 5, "top"),
    ] {
        let others = usize::from(code == 1);
        let (_, pinx, output) = is_kept(shown().event("error", &data).ends(), code, others);
        let output = output.says(told);
        assert_eq!(billed(&pinx), "unknown", "{output}");
    }
    // Also where no name says so, and where the words are no JSON.
    is_kept(shown().text(&format!("data: {}\n\n", error("x", "nameless"))).ends(), 1, 1);
    is_kept(shown().text("event: error\ndata: it broke\n\n").ends(), 1, 1).2.says("it broke");
}

#[test]
fn fault_119_an_error_before_any_preview_has_its_own_class() {
    let first = |data: &Value| Stream::new().text(": hi\n\n").event("error", data);
    for (data, code, state) in [
        (error("server_error", "it broke"), 1, "unknown"),
        (json!({ "type": "error", "message": "it broke" }), 1, "unknown"),
        (error("insufficient_quota", "no money"), 3, "no"),
        (error("moderation_blocked", "not this"), 5, "unknown"),
    ] {
        let (_, pinx, output) = asked(first(&data).ends());
        output.exits(code).leaves(&[]);
        assert_eq!(billed(&pinx), state);
    }
    // Nothing was made yet, and it says when to come again.
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let busy = first(&error("rate_limit_exceeded", "too many")).ends();
    fake.next(Kind::Images, busy.header("retry-after-ms", "10"));
    pinx.run(&ARGS).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn fault_120_a_stream_that_is_killed_leaves_its_intent() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let gate = Gate::default();
    let stream = Stream::new().partial(&image::marked(1)).behind(&gate);
    fake.next(Kind::Images, stream.completed(&image::marked(RESULT), (10, 0, 1_956)).ends());
    let running = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish().leaves(&[]);
    gate.open();
    fake.quiet();
    pinx.run(&["recover"]).exits(75).leaves(&[]).says("unknown");
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 0));
    assert_eq!((pinx.entries("intent").len(), pinx.entries("done").len()), (1, 0));
}
