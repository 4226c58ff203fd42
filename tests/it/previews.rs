//! Answers that come as streams: previews, and then the picture. What breaks behind a preview may have
//! been billed, is never sent again, and leaves its last preview as what it is.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use pinx::engine::plan::Planner;
use pinx::engine::{Event, Run, RunSpec};
use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::stream::Stream;
use crate::fake::{Answer, Gate, Kind, image};
use crate::many_runs::{engine, settings, spec};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

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
fn a_stream_that_is_finished_and_not_closed_is_not_waited_for() {
    let gate = Gate::default();
    is_read(whole().behind(&gate).ends());
    gate.open();
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

/// What runs on a terminal of 80 columns by 24 rows that draws half blocks.
struct OnTerminal {
    child: Child,
    read: String,
}

impl OnTerminal {
    fn start(pinx: &Pinx, args: &str) -> OnTerminal {
        let line = format!("stty cols 80 rows 24; pinx {args}");
        let mut command = pinx.shell_command(&format!("exec script -qec '{line}' /dev/null"));
        let command = command.env("COLORTERM", "truecolor").env("TERM", "xterm-256color");
        let command = command.env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        OnTerminal { child, read: String::new() }
    }

    /// Reads on until it says this.
    #[track_caller]
    fn until(&mut self, text: &str) {
        let stdout = self.child.stdout.as_mut().unwrap();
        let mut piece = [0; 65_536];
        while !self.read.contains(text) {
            let length = stdout.read(&mut piece).unwrap();
            assert!(length > 0, "`{text}` never came: {}", self.read);
            self.read.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    }

    /// All that it wrote, and its exit code.
    fn end(mut self) -> (String, i32) {
        let mut rest = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        self.read.push_str(&String::from_utf8_lossy(&rest));
        (self.read, self.child.wait().unwrap().code().unwrap())
    }
}

/// A run on such a terminal to its end.
#[track_caller]
fn on_terminal(pinx: &Pinx, args: &str, code: i32) -> String {
    let (text, ended) = OnTerminal::start(pinx, args).end();
    assert_eq!(ended, code, "{text}");
    text
}

const ASKED: &str = "\"a red fox\" -m openai/gpt-image-2 --no-fallback --partials";

#[test]
#[cfg(target_os = "linux")]
fn a_picture_is_seen_growing_on_a_terminal() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let (first, second) = (Gate::default(), Gate::default());
    let stream = Stream::new().partial(&image::marked(1)).behind(&first).partial(&image::marked(2));
    let picture = image::bytes(1024, 1024, "png");
    let stream = stream.behind(&second).completed(&picture, (10, 0, 1_956));
    fake.next(Kind::Images, stream.ends());
    let mut run = OnTerminal::start(&pinx, &format!("{ASKED} 2 --cache"));
    run.until("unfinished preview 1/2");
    assert!(run.read.contains('▀') && pinx.files().is_empty(), "{}", run.read);
    first.open();
    run.until("unfinished preview 2/2");
    assert!(pinx.files().is_empty() && pinx.kept().is_empty());
    second.open();
    let (text, code) = run.end();
    assert_eq!((code, pinx.files()), (0, vec!["a-red-fox.png".to_owned()]), "{text}");
    let told = text.find("2 previews of each image: ~$0.006").expect("what they cost is told");
    assert!(told < text.find("unfinished").unwrap());
    // In the end it stands there, and no preview of it.
    let last = text.rfind("unfinished preview").unwrap();
    assert!(text[last..].contains('▀') && text[last..].contains("a-red-fox.png"), "{text}");
    let request = fake.requests(Kind::Images).remove(0);
    assert_eq!(
        (&request.json["stream"], &request.json["partial_images"]),
        (&json!(true), &json!(2))
    );
    assert!(request.header("accept").unwrap().starts_with("text/event-stream"));
    let intent = pinx.entries("intent").remove(0);
    assert_eq!(intent["call"]["body"]["partial_images"], 2);
    let done = pinx.entries("done").remove(0);
    assert_eq!((&done["cost"], &intent["estimate"]), (&json!(58_730), &json!(58_725)));
    assert!(!intent["recipe"].to_string().contains("partial"));
    // They are no part of the picture: without them it is the same one.
    let again = pinx.run(&[&ARGS[..], &["--cache", "-o", "again/"]].concat()).exits(0);
    assert_eq!(fake.posts(), 1, "{again}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_picture_that_was_seen_growing_is_whole_where_memory_is_short() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BODY_MEMORY", "100");
    let (first, second) = (Gate::default(), Gate::default());
    let large = |more: u32| image::bytes(1024 + more, 1024, "png");
    let stream = Stream::new().partial(&large(1)).behind(&first).partial(&large(2));
    let stream = stream.behind(&second).completed(&large(0), (10, 0, 1_956));
    fake.next(Kind::Images, stream.in_pieces(1_000).ends());
    let mut run = OnTerminal::start(&pinx, &format!("{ASKED} 2"));
    run.until("unfinished preview 1/2");
    first.open();
    run.until("unfinished preview 2/2");
    second.open();
    let (text, code) = run.end();
    assert_eq!((code, pinx.files()), (0, vec!["a-red-fox.png".to_owned()]), "{text}");
    assert_eq!(pinx.read("a-red-fox.png").len(), pinx.entries("done")[0]["images"][0]["bytes"]);
    assert!(pinx.kept().is_empty() && !text.contains("looked for"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn edits_and_several_pictures_are_streams_of_their_own() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    std::fs::write(pinx.work().join("mug.png"), image::bytes(64, 96, "png")).unwrap();
    let words =
        "edit night -i mug.png -m openai/gpt-image-2 --no-fallback -n 3 --partials 3 -o out/";
    on_terminal(&pinx, words, 0);
    assert_eq!((fake.posts(), pinx.entries("done").len()), (3, 3));
    for request in fake.requests(Kind::Images) {
        assert_eq!(request.path, "/v1/images/edits");
        let text = |name: &str| request.json[name].clone();
        assert_eq!(
            (text("stream"), text("partial_images"), text("n")),
            ("true".into(), "3".into(), "1".into())
        );
    }
    for done in pinx.entries("done") {
        // What it read is an estimate; what it made is known.
        let (cost, estimate) = (done["cost"].as_u64().unwrap(), done["estimate"].as_u64().unwrap());
        assert!(cost.abs_diff(estimate) < 100, "{done}");
    }
    let redone = on_terminal(&pinx, "redo out/*.png --partials 1 -o again/", 0);
    assert_eq!(fake.requests(Kind::Images)[5].json["partial_images"], "1", "{redone}");
}

#[test]
fn nobody_looks_and_nothing_is_paid_for_it() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let with =
        |more: &[&str]| pinx.run(&[&ARGS[..], &["-o", "out/", "--partials", "3"], more].concat());
    let told = "no previews are asked for, and none are paid";
    with(&[]).exits(0).says(&format!("{told}: stderr is no terminal that draws pictures"));
    with(&["--json"]).exits(0).says(&format!("{told}: not with `--json`"));
    with(&["--preview", "off"]).exits(0).says(&format!("{told}: `preview` is off"));
    with(&["--dry-run"]).exits(0).says(told).says("$0.0527");
    pinx.run(&[&ARGS[..], &["--partials", "3", "-o", "-"]].concat())
        .exits(0)
        .says("not with `-o -`");
    // A setting that has nothing to apply to is no news.
    let output = pinx.command(&ARGS).env("PINX_PARTIALS", "2").run().exits(0);
    assert!(!output.stderr.contains("preview"), "{output}");
    for request in fake.requests(Kind::Images) {
        assert!(
            request.json.get("stream").is_none() && request.json.get("partial_images").is_none()
        );
        assert_eq!(request.header("accept"), Some("application/json"));
    }
    for done in pinx.entries("done") {
        assert_eq!(done["cost"], 52_725);
    }
}

#[test]
fn only_a_few_previews_and_only_where_one_picture_is_looked_at() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("a.txt", "a fox\n");
    for count in ["4", "-1", "many"] {
        let output = pinx.run(&[&ARGS[..], &["--partials", count]].concat()).exits(2);
        output.says("`--partials` must be a whole number from 0 to 3");
    }
    pinx.run(&["batch", "a.txt", "--partials", "1"]).exits(2).says("--partials");
    pinx.run(&["compare", "a fox", "--partials", "1"]).exits(2).says("--partials");
    let batch = pinx.command(&["batch", "a.txt", "-m", "openai/gpt-image-2"]);
    batch.env("PINX_PARTIALS", "2").run().exits(0);
    assert!(fake.requests(Kind::Images)[0].json.get("stream").is_none());
}

#[test]
#[cfg(target_os = "linux")]
fn what_does_not_stream_is_told_and_asked_as_ever() {
    let (fake, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&fake).fal(&fal);
    let text = on_terminal(&pinx, "\"a red fox\" -m fal/flux-schnell --partials 3", 0);
    assert!(text.contains("partials is left out: fal/flux-schnell shows none"), "{text}");
    let strict = on_terminal(&pinx, "\"a fox\" -m fal/flux-schnell --partials 3 --strict", 2);
    assert!(strict.contains("partials 3 is not possible with fal/flux-schnell"), "{strict}");
    let gif = on_terminal(&pinx, "\"a red fox\" -m flare -f gif --dry-run --partials 1", 0);
    assert!(
        gif.contains("partials is left out: openai/gpt-image-2.6-flare shows none of a gif"),
        "{gif}"
    );
    let own = on_terminal(&pinx, &format!("{ASKED} 1 --dry-run -P stream=true"), 0);
    assert!(own.contains("partials is left out: `stream` is given as a parameter"), "{own}");
    // Who is behind another address may not know the word, and would be paid again and again.
    let gateway = "[gateways.work]\nkind = \"openai\"\nurl = \"http://127.0.0.1:9/v1\"\n";
    let behind = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("PINX_PROVIDERS_OPENAI_GATEWAY", "work")
        .config("config.toml", gateway);
    let behind = on_terminal(&behind, &format!("{ASKED} 1 --dry-run"), 0);
    assert!(
        behind.contains("partials is left out: its address is not known to stream"),
        "{behind}"
    );
    assert_eq!((fake.posts(), fal.posts()), (0, 1));
}

#[test]
fn who_listens_hears_of_every_preview_as_it_comes() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let gates: [Gate; 3] = std::array::from_fn(|_| Gate::default());
    let stream = gates.iter().zip(1..).fold(Stream::new(), |stream, (gate, number)| {
        // None comes before the one before it was heard of.
        stream.text(": hi\n\n").partial(&image::marked(number)).behind(gate)
    });
    fake.next(Kind::Images, stream.completed(&image::marked(RESULT), (10, 0, 1_956)).ends());
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (list, opened) = (Arc::clone(&heard), gates.clone());
    let listener = move |event| match event {
        Event::Partial { job, index, of, picture } => {
            list.lock().unwrap().push((job, index, of, image::mark(&picture.0).unwrap()));
            opened[index].open();
        }
        Event::Saved { .. } => list.lock().unwrap().push((0, 9, 9, RESULT)),
        _ => {}
    };
    let run = "261122-00000001";
    let spec = RunSpec { partials: 3, ..spec(run, "openai/gpt-image-2", 1, &pinx.work()) };
    let plan = Planner::of_engine(&engine, run).plan(&spec, 0).unwrap();
    std::fs::create_dir_all(pinx.work().join(run)).unwrap();
    let run = Run { listener: Arc::new(listener), ..Run::new(&engine, run) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let document = runtime.block_on(run.run(&plan));
    assert_eq!(document.jobs[0].images.len(), 1, "{document:?}");
    let expected = [(0, 0, 3, 1), (0, 1, 3, 2), (0, 2, 3, 3), (0, 9, 9, RESULT)];
    assert_eq!(*heard.lock().unwrap(), expected);
    assert_eq!(fake.posts(), 1);
}
