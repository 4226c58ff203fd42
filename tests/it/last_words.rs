//! What a failure leaves to do: each class of error ends with its own hint and no other, and says as
//! much of money as the help page does.

use serde_json::json;

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, rate_limited, refused};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

fn hints(output: &Output) -> Vec<&str> {
    output.stderr.lines().filter_map(|line| line.strip_prefix("hint: ")).collect()
}

#[test]
fn fault_107_every_class_of_error_ends_with_one_hint_that_fits() {
    let page = |status| (Answer::html(status), 75, 1, "`pinx recover --forget ", "maybe billed");
    let own = |status: u16, message| error(status, "server_error", message);
    let model = "`pinx models show openai/gpt-image-2` says what it takes";
    let nothing = "nothing spent";
    let later = "the same command later makes it";
    for (answer, exit, posts, hint, closing) in [
        (error(400, "invalid_value", "Invalid value."), 1, 1, model, nothing),
        (error(413, "", "Request too large."), 1, 1, model, nothing),
        (error(422, "", "Unprocessable."), 1, 1, model, nothing),
        (error(403, "", "Country not supported."), 3, 1, "`-m auto` passes over", nothing),
        (
            error(404, "model_not_found", "The model `x` does not exist."),
            1,
            1,
            "`pinx models`",
            nothing,
        ),
        (rate_limited(), 1, 3, later, nothing),
        (rate_limited().header("retry-after", "0"), 1, 3, later, nothing),
        (rate_limited().header("retry-after", "300"), 1, 1, "asks to wait 5 min 0 s", nothing),
        (own(503, "Overloaded.").header("retry-after", "0"), 1, 3, later, nothing),
        (
            own(500, "Sorry about that!"),
            1,
            3,
            "each of the 3 requests that failed may have been billed (at most $0.1582 together)",
            "$0.1582 maybe billed",
        ),
        (own(504, "Gateway timeout."), 1, 3, "each of the 3 requests", "$0.1582 maybe billed"),
        (
            refused(),
            5,
            1,
            "change the prompt; a refusal is never passed on",
            "$0.0527 maybe billed",
        ),
        page(500),
        page(502),
        page(503),
        page(504),
        page(524),
        (Answer::dropped(), 75, 1, "`pinx recover --forget ", "$0.0527 maybe billed"),
        (Answer::html(200).cut(), 75, 1, "`pinx recover --forget ", "$0.0527 maybe billed"),
    ] {
        let fake = OpenAi::start();
        let pinx =
            Pinx::new().openai(&fake).env("PINX_BACKOFF", "1ms").env("PINX_BACKOFF_MAX", "1ms");
        fake.always(Kind::Images, answer);
        let output = pinx.run(&ARGS).exits(exit).says(closing);
        let [told] = hints(&output)[..] else { panic!("one hint\n{output}") };
        assert!(told.contains(hint), "{hint}\n{output}");
        assert_eq!(fake.posts(), posts, "{output}");
        let odd = ["!;", ".;", ". (", "!)"];
        assert!(odd.iter().all(|odd| !output.stderr.contains(odd)), "{output}");
        // What is hinted at to close it does.
        if let Some((_, command)) = told.split_once("`pinx recover --forget ") {
            let id = command.split('`').next().unwrap();
            pinx.run(&["recover", "--forget", id]).exits(0).says("is closed");
        }
        let document = pinx.run(&[&ARGS[..], &["--json"]].concat()).json();
        assert!(document["jobs"][0]["error"]["hint"].is_string(), "{document:#}");
    }
}

#[test]
fn what_failed_before_it_was_made_after_all_is_told_beside_its_cost() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BACKOFF", "1ms");
    fake.next(Kind::Images, error(500, "server_error", "Sorry about that!"));
    let output = pinx.run(&ARGS).exits(0).says("Sorry about that; trying again in ");
    let output = output.says(" · $0.0527 · $0.0527 maybe billed · ");
    assert!(hints(&output).is_empty(), "{output}");
    let shown = pinx.run(&["log", "show", "last"]).exits(0);
    assert!(shown.stdout.contains("and $0.0527 maybe billed for an attempt"), "{shown}");
    let shown = pinx.run(&["stats"]).exits(0);
    assert!(shown.stdout.contains("; $0.0527 maybe billed besides"), "{shown}");
}

#[test]
fn fault_108_a_link_that_leads_nowhere_is_left_to_recover_soon() {
    let whole = || Answer::bytes(200, "image/png", image::bytes(64, 64, "png"));
    let answer = |link: &str| Answer::json(200, &json!({ "data": [{ "url": link }] }));
    for (status, times) in [(404, 4), (410, 4), (403, 4)] {
        let (fake, other) = (OpenAi::start(), Fal::start());
        let pinx = Pinx::new().openai(&fake).env("PINX_POLL_MAX", "2ms");
        fake.always(Kind::Images, answer(&format!("{}/files/1.png", other.cdn.url())));
        other.cdn.always(Kind::File, Answer::html(status));
        let output = pinx.run(&ARGS).exits(75).leaves(&[]).says("the result link is dead");
        let output = output.says("tries this link again").says("1 still open");
        assert_eq!((fake.posts(), other.cdn.count(Kind::File)), (1, times), "{output}");
        pinx.run(&["recover"]).exits(75).says("no job is known").says("--forget");
        // The link comes back.
        other.cdn.always(Kind::File, whole());
        pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]);
        assert!(pinx.kept().is_empty());
        // Or it is late, and nobody need know.
        other.cdn.next(Kind::File, Answer::html(status));
        pinx.run(&ARGS).exits(0).leaves(&["a-red-fox-2.png", "a-red-fox.png"]);
        assert_eq!(fake.posts(), 2);
    }
    // Nobody listens there; the deadline is far away.
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_POLL_MAX", "2ms");
    fake.always(Kind::Images, answer("http://127.0.0.1:1/x.png"));
    let output = pinx.run(&ARGS).exits(75).leaves(&[]).says("the result link leads nowhere");
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1), "{output}");
    pinx.run(&["recover"]).exits(75).says("paid for, at most $0.0527").says("tries it again");
    // Of a batch that comes to nothing the route is stopped.
    let many = [&ARGS[..], &["-n", "8", "-j", "1"]].concat();
    let output = pinx.run(&many).exits(75).says("is not asked any more in this run");
    assert_eq!(fake.posts(), 1 + 3, "{output}");
}

#[test]
fn a_queue_whose_links_lead_nowhere_is_asked_for_others_and_then_left() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake).env("PINX_POLL_MAX", "2ms").env("PINX_POLL_FIRST", "1ms");
    let result = json!({ "images": [{ "url": "http://127.0.0.1:1/x.png" }], "seed": 7 });
    fake.always(Kind::Result, Answer::json(200, &result));
    let args = ["generate", "a red fox", "-m", "fal/flux-schnell", "--no-fallback"];
    let output = pinx.run(&args).exits(75).leaves(&[]).says("`pinx recover` asks for a fresh link");
    assert_eq!((fake.posts(), fake.count(Kind::Result)), (1, 1 + 6), "{output}");
    fake.always_with(Kind::Result, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}
