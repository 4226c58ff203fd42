//! Replies of both dialects: never a panic, never a second submit, never text that is not inert,
//! never a class that repeats what may have been billed.
//!
//! A sample is text: `stage status`, header lines, `memo` and JSON, an empty line, the body.

use pinx::catalog::{Order, Params};
use pinx::dialect::{Call, Dialect, EndpointKind, Links, Pixels, Reply, Stage, Target, Then};
use pinx::dialect::{Step, decode_base64, dialect, retry_after};
use pinx::error::{Error, Kind, Result};
use pinx::request::Request;
use serde_json::Value;

use super::inert;

/// A reply of OpenAI's dialect.
pub fn openai_reply(data: &[u8]) {
    check("openai", data);
}

/// A reply of fal's dialect.
pub fn fal_reply(data: &[u8]) {
    check("fal", data);
}

struct Sample<'a> {
    stage: Stage,
    status: u16,
    headers: Vec<(String, String)>,
    memo: Value,
    body: &'a [u8],
}

fn sample(data: &[u8]) -> Option<Sample<'_>> {
    let at = data.windows(2).position(|pair| pair == b"\n\n")?;
    let head = String::from_utf8_lossy(&data[..at]);
    let mut lines = head.lines();
    let (stage, status) = lines.next()?.split_once(' ')?;
    let stage = match stage {
        "submit" => Stage::Submit,
        "poll" => Stage::Poll,
        "fetch" => Stage::Fetch,
        "lost" => Stage::Lost,
        "list" => Stage::List,
        _ => return None,
    };
    let status = status.trim().parse().ok().filter(|status| (100..1000).contains(status))?;
    let (mut headers, mut memo) = (Vec::new(), Value::Null);
    for line in lines {
        if let Some(json) = line.strip_prefix("memo ") {
            memo = own(serde_json::from_str(json).unwrap_or_default());
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Some(Sample { stage, status, headers, memo, body: &data[at + 2..] })
}

/// A memo is ours: what stands in it became a part of a path only after it was checked.
fn own(mut memo: Value) -> Value {
    for key in ["app", "id"] {
        let Some(part) = memo.get_mut(key) else { continue };
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if part.as_str().is_some_and(|text| !plain(text)) {
            *part = "fal-ai".into();
        }
    }
    memo
}

fn check(name: &str, data: &[u8]) {
    let Some(sample) = sample(data) else { return };
    let speaks = dialect(name).expect("the dialect is known");
    let request = Request { prompt: "a red fox".to_owned(), seed: Some(7), ..Request::default() };
    let order = Order {
        id: "r.1.1".to_owned(),
        wire: "fal-ai/flux/schnell".to_owned(),
        request: request.into(),
        params: Params { seed: Some("seed".to_owned()), ..Params::default() },
        ..Order::default()
    };
    let reply = Reply {
        stage: sample.stage,
        endpoint: EndpointKind::Other,
        status: sample.status,
        headers: &sample.headers,
        body: sample.body,
        memo: &sample.memo,
    };
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    if let Some(wait) = retry_after(&reply, now) {
        assert!(wait.as_secs() <= 30 * 86_400, "{wait:?}");
    }
    match sample.stage {
        Stage::Lost => lost(speaks, &order, &reply),
        Stage::List => listed(speaks, &reply),
        _ => {
            if reply.stage == Stage::Submit && reply.is_success() {
                event(speaks, &order, &reply);
            }
            read(&reply, speaks.read(&order, &reply));
        }
    }
}

/// The same bytes as one event of a stream, before and behind a preview.
fn event(speaks: &dyn Dialect, order: &Order, reply: &Reply<'_>) {
    for (name, shown) in [("", 0), ("", 1), ("error", 0), ("error", 1)] {
        match speaks.event(order, reply, name, shown) {
            Ok(step) => match step.then {
                Then::Done => {
                    let gave = step.gave.expect("done means that there is something");
                    assert!(!gave.pixels.is_empty(), "done without an image");
                }
                Then::More => {}
                Then::Send(call) => panic!("nothing is sent within a stream: {call:?}"),
            },
            Err(error) => {
                told(&error);
                let kind = error.kind;
                let is_before = shown == 0 && matches!(kind, Kind::Account | Kind::Busy);
                let goes_on = kind.tries_again() || kind.takes_next_route();
                assert!(!goes_on || is_before, "{name} {shown} {error:?}");
            }
        }
    }
}

fn read(reply: &Reply<'_>, outcome: Result<Step<'_>>) {
    let step = match outcome {
        Ok(step) => step,
        Err(error) => {
            told(&error);
            // Taken and answered: it may have been billed, so nothing may repeat it.
            if reply.stage == Stage::Submit && reply.is_success() {
                assert!(!error.kind.tries_again(), "{error:?}");
                // What the account or the key kept from being made is no image lost.
                let is_account = matches!(error.kind, Kind::Account | Kind::Permission);
                assert!(is_account || !error.kind.takes_next_route(), "{error:?}");
            }
            return;
        }
    };
    assert!(reply.stage != Stage::Submit || reply.is_success(), "an image from a failed answer");
    match step.then {
        Then::Send(call) => follows(&call),
        Then::More => panic!("an answer that is here as a whole does not go on"),
        Then::Done => {
            let gave = step.gave.expect("done means that there is something");
            assert!(!gave.pixels.is_empty(), "done without an image");
            for text in [&gave.revised_prompt, &gave.request_id].into_iter().flatten() {
                inert(text);
                assert!(text.chars().count() <= 4001);
            }
            for pixels in gave.pixels {
                if let Pixels::Base64(text) = pixels {
                    let _ = decode_base64(&text, |_| Ok(()));
                }
            }
        }
    }
}

/// A call that a reply led to: free, to a plain path, and journalled without loss.
fn follows(call: &Call) {
    assert!(!matches!(call.stage, Stage::Submit | Stage::Cancel), "{call:?}");
    assert_eq!(call.method, "GET");
    assert!(call.after_ms <= 5_000, "{call:?}");
    let Target::Role(_, path) = &call.target else { panic!("an address from a reply: {call:?}") };
    assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
    let plain = path.split(['?', '#']).next().unwrap_or_default();
    assert!(!plain.split('/').any(|part| part == ".." || part == "."), "{path}");
    assert!(!path.contains(['\\', '#']), "{path}");
    inert(path);
    let line = serde_json::to_string(call).expect("a call serialises");
    let back: Call = serde_json::from_str(&line).expect("a call reads back");
    assert_eq!(back.target, call.target);
}

fn lost(speaks: &dyn Dialect, order: &Order, reply: &Reply<'_>) {
    let claimed = ["taken".to_owned()];
    let submitted = match speaks.submit(order, &Links::new()).map(|step| step.then) {
        Ok(Then::Send(call)) => *call,
        _ => panic!("an order is sent"),
    };
    match speaks.found(&submitted, order, reply, &claimed) {
        Ok(Some(call)) => {
            follows(&call);
            assert_ne!(call.memo_str("id"), Some("taken"));
        }
        Ok(None) => {}
        Err(error) => told(&error),
    }
}

fn listed(speaks: &dyn Dialect, reply: &Reply<'_>) {
    match speaks.models(reply) {
        Ok((found, next)) => {
            for model in &found {
                let texts = [Some(&model.wire), model.name.as_ref(), model.description.as_ref()];
                texts.into_iter().flatten().for_each(|text| inert(text));
            }
            if let Some(next) = next {
                assert_eq!((next.stage, next.method.as_str()), (Stage::List, "GET"));
            }
        }
        Err(error) => told(&error),
    }
}

/// An error that may be printed: inert and short.
fn told(error: &Error) {
    for text in [&error.message, &error.code].into_iter().chain(&error.hints) {
        inert(text);
        assert!(text.chars().count() <= 3_000, "{} characters", text.chars().count());
    }
}
