//! The faults of the engine's list that a synchronous provider can have, by their numbers: how many
//! paid requests, which exit code, which files, what the journal says.
//!
//! All faults, and the modules whose `fault_NN_…` tests hold them; the tidy test reads this table.
//!
//! ```text
//!  1 the name is not known          unreachable
//!  2 refused                        faults fallback
//!  3 a black hole                   unreachable
//!  4 a bad certificate              unreachable
//!  5 429 with a wait                faults
//!  6 429 with a date                faults
//!  7 429 with milliseconds          faults
//!  8 429 with a long wait           faults fallback
//!  9 429 for ever                   faults
//! 10 an empty account               faults fallback
//! 11 500 once                       faults
//! 12 500 for ever, two routes       fallback
//! 13 an HTML 502                    faults fallback
//! 14 503 with a wait                faults
//! 15 504 in the provider's words    faults fal_faults
//! 16 524                            faults fallback
//! 17 401                            faults fallback
//! 18 an unverified organisation     faults fallback
//! 19 an unknown model               faults fallback
//! 20 400                            faults fallback
//! 21 a refusal                      fal_faults fallback
//! 22 malformed JSON                 faults
//! 23 a body cut short               faults
//! 24 a chunked body cut short       faults
//! 25 a reset before the headers     faults
//! 26 bad base64                     faults
//! 27 base64 of text                 faults
//! 28 half a PNG                     faults
//! 29 no image                       faults
//! 30 an error in a 200              faults
//! 31 HTML in a 200                  faults
//! 32 slow, and stalled              faults
//! 33 silence                        faults
//! 34 an endless body                faults
//! 35 a gzip bomb                    unreachable
//! 36 a JPEG said to be a PNG        faults
//! 37 a link that fails              fal_faults
//! 38 a link to a private place      fal_faults
//! 39 a submit without an answer     fal_faults recover lost
//! 40 killed after the submit        recover
//! 41 a status that fails            fal_faults
//! 42 a job that never ends          fal_faults
//! 43 completed, and failed          fal_faults
//! 44 a cancel that comes too late   signals
//! 45 Ctrl-C in every phase          signals troubles
//! 46 a disk that refuses            full_log refusing_disk troubles
//! 47 two processes, one budget      budget troubles
//! 48 two processes, one rate limit  limits
//! 49 the same job twice at once     cache
//! 50 a clock that is set back       limits
//! 51 a stale connection             unreachable
//! 52 a redirect                     faults
//! 53 a key echoed                   faults
//! 54 killed at any instant          crash
//! 55 escape sequences               faults
//! 56 no place for an image          stops
//! 57 a directory that refuses       stops
//! 58 few file handles               process_limits
//! 59 small files                    process_limits
//! 60 an image in another frame      salvage
//! 61 links that are not whole       salvage
//! 62 a wrapped refusal              behind
//! 63 a wrapped empty account        behind
//! 64 a gateway over a cut answer    behind
//! 65 nothing usable, ever again     stops
//! 66 a model that is missing        stops
//! 67 an answer that is dearer       budget
//! 68 an empty limit                 budget
//! 69 a damaged intent               damage
//! 70 a line without a kind          damage
//! 71 an image that is a bomb        image_bombs
//! 72 a link out of a project        places
//! 73 parameters without end         image_bombs
//! 74 stdout and two images          places
//! 75 a device as the output         places
//! 76 a key in another dress         echoes
//! 77 a history nobody can ask       recover
//! 78 a confirmed cancel             signals
//! 79 a new home over its images     adoption
//! 80 two homes, one directory       claims
//! 81 another account's history      recover
//! 82 an attempt left open           batch_traps
//! 83 a model that a key lacks       choosing
//! 84 a line read in another way     batch_foreign
//! 85 an image made again            batch_again
//! 86 a drawing over a paid image    batch_again
//! 87 an image of 64 MiB and more    large
//! 88 more than is ever taken        large
//! 89 a key among the words          slips
//! 90 a flag or command as a prompt  slips
//! 91 an image under another name    adoption
//! 92 a picture that changes         edit
//! 93 a picture that goes            edit
//! 94 a body that breaks off         edit
//! 95 a whole body without answer    edit
//! 96 an early refusal               edit
//! 97 an edit that is killed         edit
//! 98 an image that was replaced     batch_again claims
//! 99 a copy of an image             copies
//! 105 a dry run that fits           budget
//! 106 money maybe billed            budget
//! 107 a failure without a remedy    last_words
//! 108 a link that leads nowhere     last_words
//! 109 auto without a fallback       choosing
//! 110 an upload that fails          fal_edit
//! 111 an upload that is refused     fal_edit
//! 112 an upload led elsewhere       fal_edit
//! 113 a link that has ended         fal_edit
//! 114 killed before the submit      fal_edit
//! 115 an edit without an answer     fal_edit
//! 116 eight who need one picture    fal_edit
//! 117 a stream that ends early      previews
//! 118 a stream that is cut          previews
//! 119 an error in a stream          previews
//! 120 a stream that is killed       previews
//! 121 a JSON edit that breaks off   json_edit
//! 122 a picture changes under JSON  json_edit
//! ```

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::fake::openai::{OpenAi, error, rate_limited, with_image, with_text};
use crate::fake::{Answer, Kind, PATIENCE, image};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// One run against a fake that gives these answers and then works.
struct Case {
    fake: OpenAi,
    pinx: Pinx,
}

impl Case {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Case {
        let fake = OpenAi::start();
        for answer in answers {
            fake.answers(answer);
        }
        let pinx = Pinx::new().openai(&fake);
        Case { fake, pinx }
    }

    #[track_caller]
    fn run(&self, args: &[&str], posts: usize, code: i32) -> Output {
        let output = self.pinx.run(&[&ARGS[..], args].concat()).exits(code);
        assert_eq!(self.fake.posts(), posts, "paid requests\n{output}");
        assert_eq!(self.pinx.entries("intent").len(), posts, "one intent for each\n{output}");
        self.ends_with(match code {
            0 => "done",
            75 => "open",
            _ => "failed",
        });
        assert_eq!(self.pinx.entries("tried").len(), posts - 1, "the others are closed\n{output}");
        let files: &[&str] = if code == 0 { &["a-red-fox.png"] } else { &[] };
        output.leaves(files)
    }

    /// Every attempt that began was closed, or left open where the outcome is unknown.
    #[track_caller]
    fn ends_with(&self, event: &str) {
        let last = self.pinx.journal().pop().unwrap();
        assert_eq!(last["e"], event, "{last}");
        assert_eq!(last["attempt"], self.pinx.entries("intent").pop().unwrap()["attempt"]);
    }
}

/// Paid for and unusable: one request, exit 1, nothing saved, the raw reply kept.
#[track_caller]
fn unusable(answer: Answer) -> Output {
    let case = Case::of([answer]);
    let output = case.run(&["--json"], 1, 1);
    let job = &output.json()["jobs"][0];
    assert!(job["billed"] == "yes" || job["billed"] == "unknown", "{output}");
    assert!(!case.pinx.kept().is_empty(), "the raw reply was not kept\n{output}");
    assert_eq!(case.pinx.entries("failed")[0]["billed"], job["billed"], "{output}");
    output
}

/// Sent, and then no whole answer: one request, exit 75.
#[track_caller]
fn ambiguous(answer: Answer, args: &[&str]) -> Output {
    let case = Case::of([answer]);
    let output = case.run(args, 1, 75).says("pinx recover");
    assert_eq!(case.pinx.entries("open")[0]["billed"], "unknown", "{output}");
    output
}

fn well() -> Answer {
    with_image(&image::bytes(1024, 1024, "png"))
}

#[test]
fn fault_02_a_refused_connection_is_never_paid() {
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
        .env("PINX_RETRIES", "0");
    pinx.run(&ARGS).exits(1).leaves(&[]).says("127.0.0.1");
    let [failed] = pinx.entries("failed").try_into().unwrap();
    assert_eq!((&failed["billed"], pinx.entries("intent").len()), (&"no".into(), 1));
}

#[test]
fn fault_05_a_429_is_waited_for_as_asked() {
    let case = Case::of([rate_limited().header("retry-after", "2")]);
    case.run(&[], 2, 0);
    assert!(case.fake.gaps()[0] >= 2.0, "{:?}", case.fake.gaps());
}

#[test]
fn fault_06_the_wait_may_be_a_date() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, _| {
        let date = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
        let date =
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        rate_limited().header("retry-after", &date)
    });
    let case = Case { pinx: Pinx::new().openai(&fake), fake };
    case.run(&[], 2, 0);
    let fake = case.fake;
    // The date has whole seconds, so up to one of the three is cut off.
    assert!(fake.gaps()[0] >= 1.9, "{:?}", fake.gaps());
}

#[test]
fn fault_07_milliseconds_come_first() {
    let case =
        Case::of([rate_limited().header("retry-after", "50").header("retry-after-ms", "300")]);
    case.run(&[], 2, 0);
    assert!((0.3..30.0).contains(&case.fake.gaps()[0]), "{:?}", case.fake.gaps());
}

#[test]
fn fault_08_a_long_wait_alone_ends_at_once_and_names_it() {
    let case = Case::of([rate_limited().header("retry-after", "120")]);
    let output = case.run(&[], 1, 1).says("120 s");
    assert!(output.took < PATIENCE, "it waited\n{output}");
}

#[test]
fn fault_09_a_429_for_ever_is_tried_three_times() {
    let case = Case::of([]);
    case.fake.always(Kind::Images, rate_limited());
    case.run(&[], 3, 1);
    // Four and eight times the first pause of 50 ms; at most half of each is left to chance.
    let gaps = case.fake.gaps();
    assert!(gaps[0] >= 0.1 && gaps[1] >= 0.2, "{gaps:?}");
}

#[test]
fn fault_10_an_empty_account_is_never_waited_for() {
    let case = Case::of([error(429, "insufficient_quota", "You exceeded your current quota.")]);
    case.run(&[], 1, 3).says("quota");
    assert_eq!(case.pinx.entries("failed")[0]["billed"], "no");
}

#[test]
fn fault_11_a_500_is_tried_again() {
    let case = Case::of([error(500, "server_error", "Sorry about that!")]);
    case.run(&[], 2, 0);
}

#[test]
fn fault_13_an_html_502_may_have_been_billed() {
    ambiguous(Answer::html(502), &[]).never_says("<html");
}

#[test]
fn fault_14_a_503_with_a_wait_is_tried_again() {
    let case = Case::of([Answer::html(503).header("retry-after", "1")]);
    case.run(&[], 2, 0);
    assert!(case.fake.gaps()[0] >= 1.0, "{:?}", case.fake.gaps());
}

#[test]
fn fault_15_a_504_in_the_providers_own_words_is_tried_again() {
    let case = Case::of([error(504, "server_error", "timed out upstream")]);
    case.run(&[], 2, 0);
}

#[test]
fn a_repeat_can_be_forbidden_by_the_provider() {
    let never = error(503, "server_error", "overloaded").header("x-should-retry", "false");
    Case::of([never]).run(&[], 1, 1);
}

#[test]
fn fault_16_a_524_may_have_been_billed() {
    ambiguous(Answer::html(524), &[]);
}

#[test]
fn fault_17_a_refused_key_stops_the_provider_for_the_run() {
    let case = Case::of([]);
    case.fake
        .always(Kind::Images, error(401, "invalid_api_key", "Incorrect API key provided: sk-***."));
    case.run(&["-n", "3", "-j", "1"], 1, 3).says("OPENAI_API_KEY");
}

#[test]
fn fault_18_an_unverified_organisation_is_told_with_the_remedy() {
    let answer =
        error(403, "", "Your organization must be verified to use the model `gpt-image-2`.");
    Case::of([answer]).run(&[], 1, 3).says("verif").says("hint:");
}

#[test]
fn fault_19_an_unknown_model_gives_its_successor_loudly() {
    let gone = "The model `gpt-image-1.5` has been deprecated.";
    let case = Case::of([error(404, "model_not_found", gone)]);
    let output = case.pinx.run(&["generate", "a red fox", "-m", "openai/gpt-image-1.5"]).exits(0);
    let models: Vec<_> = case
        .fake
        .requests(Kind::Images)
        .iter()
        .map(|request| request.json["model"].clone())
        .collect();
    assert_eq!(models[0], "gpt-image-1.5");
    assert!(models.len() == 2 && models[1] != models[0], "{models:?}\n{output}");
    assert_eq!((case.pinx.entries("tried").len(), case.pinx.entries("done").len()), (1, 1));
    output.says("gpt-image-1.5").says(models[1].as_str().unwrap()).leaves(&["a-red-fox.png"]);
}

#[test]
fn fault_20_a_rejected_size_names_the_parameter() {
    let body = json!({ "error": {
        "message": "Invalid size '1024x1024'.", "type": "image_generation_user_error",
        "param": "size", "code": "invalid_value",
    }});
    Case::of([Answer::json(400, &body)]).run(&[], 1, 1).says("`size`");
}

#[test]
fn fault_22_malformed_json_is_kept() {
    unusable(Answer::bytes(200, "application/json", *b"{\"data\": [{\"b64_json\": \"iVBO"));
}

#[test]
fn fault_23_a_body_shorter_than_promised_is_open() {
    ambiguous(well().cut(), &[]);
}

#[test]
fn fault_24_a_chunked_body_without_end_is_open() {
    ambiguous(well().chunked_cut(), &[]);
}

#[test]
fn fault_25_a_reset_before_the_headers_is_open() {
    ambiguous(Answer::dropped(), &[]);
}

#[test]
fn fault_26_bad_base64_is_kept() {
    unusable(with_text("iVBORw0KGgo=*!not base64!*"));
}

#[test]
fn fault_27_base64_of_text_is_kept() {
    unusable(with_text(&STANDARD.encode("This is not an image, dear friend. ".repeat(20))));
}

#[test]
fn fault_28_a_truncated_png_is_kept() {
    let bytes = image::bytes(1024, 1024, "png");
    unusable(with_image(&bytes[..bytes.len() * 2 / 3]));
}

#[test]
fn fault_29_no_image_in_the_answer() {
    for body in [
        json!({ "created": 1, "data": [] }),
        json!({ "created": 1 }),
        json!({ "created": 1, "data": null }),
        json!({ "created": 1, "data": [{ "b64_json": null, "url": null }] }),
        json!({ "created": null, "data": [null], "usage": null }),
        json!({}),
        json!([]),
    ] {
        unusable(Answer::json(200, &body));
    }
}

#[test]
fn fault_30_an_error_inside_a_200() {
    let body =
        json!({ "error": { "message": "something broke", "type": "server_error", "code": null } });
    let case = Case::of([Answer::json(200, &body)]);
    case.run(&[], 1, 1).says("something broke");
}

#[test]
fn fault_31_html_in_a_200() {
    let output = unusable(Answer::html(200));
    assert!(!output.stdout.contains("<h1>"), "{output}");
}

#[test]
fn fault_32_a_slow_answer_is_awaited_and_a_stalled_one_is_open() {
    Case::of([well().after(Duration::from_millis(300)).drip(8, Duration::from_millis(60))]).run(
        &[],
        1,
        0,
    );
    let case = Case::of([well().stalled()]);
    let args = [&ARGS[..], &["--timeout", "30"]].concat();
    let output = case.pinx.command(&args).env("PINX_IDLE_TIMEOUT", "500ms").run();
    output.exits(75).says("pinx recover").leaves(&[]);
    assert_eq!(case.fake.posts(), 1);
    case.ends_with("open");
}

#[test]
fn fault_33_silence_is_open_after_the_timeout() {
    ambiguous(Answer::hang(), &["--timeout", "3"]);
}

#[test]
fn fault_34_an_endless_body_is_cut_and_memory_stays_flat() {
    let mut case = Case::of([Answer::endless()]);
    case.pinx = case.pinx.env("PINX_ANSWER_LIMIT", "40MiB");
    let (output, peak) = case.pinx.command(&ARGS).spawn().finish_watched();
    assert_eq!((case.fake.posts(), case.pinx.entries("intent").len()), (1, 1));
    assert!(peak < 100 * 1024, "{peak} KiB at its peak\n{output}");
    case.ends_with("failed");
    assert_eq!(case.pinx.entries("failed")[0]["billed"], "yes");
    output.exits(1).leaves(&[]);
}

#[test]
fn fault_36_a_jpeg_said_to_be_a_png_gets_its_true_name() {
    let jpeg = with_image(&image::bytes(1024, 1024, "jpeg"));
    let case = Case::of([jpeg.clone(), jpeg]);
    let output =
        case.pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0).leaves(&["a-red-fox.jpg"]);
    assert_eq!(output.json()["jobs"][0]["images"][0]["format"], "jpeg", "{output}");
    let named = [&ARGS[..], &["-o", "fox.png", "--json"]].concat();
    let output = case.pinx.run(&named).exits(0).leaves(&["a-red-fox.jpg", "fox.png"]);
    assert!(case.pinx.read("fox.png").starts_with(b"\x89PNG"), "not converted\n{output}");
    assert!(!output.json()["jobs"][0]["adjustments"].as_array().unwrap().is_empty(), "{output}");
    assert_eq!((case.fake.posts(), case.pinx.entries("done").len()), (2, 2));
}

#[test]
fn pixels_that_are_not_those_asked_for_are_told() {
    let small = with_image(&image::bytes(64, 64, "png"));
    let case = Case::of([small.clone(), small]);
    let output = case.run(&["--json"], 1, 0);
    assert_eq!(output.json()["jobs"][0]["images"][0]["width"], 64);
    assert!(output.stdout.contains("64x64"), "not told in the adjustments\n{output}");
}

#[test]
fn fault_52_a_redirect_is_not_followed() {
    let other = OpenAi::start();
    for status in [301, 302, 307, 308] {
        let to = format!("{}/images/generations", other.base_url());
        let case = Case::of([Answer::html(status).header("location", &to)]);
        case.run(&[], 1, 1).says("base url");
    }
    assert!(other.all().is_empty(), "{:?}", other.all());
}

#[test]
fn fault_53_a_key_echoed_in_an_error_is_redacted() {
    // That no key is seen anywhere is checked after every run.
    let message = format!("Incorrect API key provided: {OPENAI_KEY}. Bearer {OPENAI_KEY}");
    let case =
        Case::of([error(401, "invalid_api_key", &message), error(400, OPENAI_KEY, &message)]);
    case.run(&[], 1, 3);
    // A dead key is one, whatever the status.
    case.pinx.run(&[&ARGS[..], &["--json", "-v"]].concat()).exits(3).leaves(&[]);
    assert_eq!((case.fake.posts(), case.pinx.entries("failed").len()), (2, 2));
}

#[test]
fn fault_55_escape_sequences_of_a_provider_are_inert() {
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}evil\r\n\u{8}\u{0}";
    let case = Case::of([error(400, hostile, hostile)]);
    let output = case.run(&[], 1, 1);
    let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!output.stderr.contains(bad), "{:?}", output.stderr);
}
