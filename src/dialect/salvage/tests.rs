//! What is found in answers of any form, and what is not.

use super::*;
use crate::dialect::dialect;
use crate::request::Request;

const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUg==";

fn look(body: &str) -> Salvage {
    asked("a red fox", body)
}

/// What is found in the answer to a prompt.
fn asked(prompt: &str, body: &str) -> Salvage {
    let request = Request { prompt: prompt.to_owned(), ..Request::default() };
    let order = Order { request: request.into(), ..Order::default() };
    let reply = Reply::to_submit(200, body);
    salvage(dialect("openai").unwrap(), &order, &reply)
}

/// What is tried first, and where it stood.
fn first(body: &str) -> (String, String) {
    let Some(group) = look(body).groups.into_iter().next() else { return Default::default() };
    (group.place, format!("{:?}", group.finds))
}

#[test]
fn base64_comes_before_links_and_links_are_only_those_to_images() {
    let body = format!(r#"{{"url":"https://a.example/x","out":{{"image":"{IMAGE}"}}}}"#);
    assert_eq!(first(&body), ("out.image".to_owned(), format!("[Base64({IMAGE:?})]")));
    for (body, link) in [
        (r#"{"output":["https://a.example/x"]}"#, "https://a.example/x"),
        (r#"{"imageUrl":"/files/x"}"#, "/files/x"),
        (r#"{"file":"x.webp?t=1"}"#, "x.webp?t=1"),
        (
            r#"{"text":"see ![a](https://a.example/x) and [b](https://b.example)"}"#,
            "https://a.example/x",
        ),
        (r#"{"text":"<p><img alt=x src='https://a.example/x'>"}"#, "https://a.example/x"),
        ("https://a.example/x", "https://a.example/x"),
    ] {
        assert_eq!(first(body).1, format!("[Link({link:?})]"), "{body}");
    }
    for body in [
        r#"{"status_url":"https://a.example/x","response_url":"https://a.example/y"}"#,
        r#"{"error":{"url":"https://a.example/x.png"},"url":"no link","image":"png"}"#,
        r#"{"url":"ftp://a.example/x.png","file":"../x.png","text":"https://a.example/x"}"#,
        r#"<html><img src="https://a.example/x.png"></html>"#,
        r#"{"data":[{"url":"https://a.example/x.p"#,
    ] {
        assert!(look(body).groups.is_empty(), "{body}: {:?}", look(body).groups);
    }
}

#[test]
fn what_was_sent_is_no_result_wherever_it_comes_back() {
    let link = "https://a.example/x.png";
    let packed = "QUJD".repeat(40);
    let text = format!("![this]({link}) <svg><g/></svg> data:image/png;base64,{packed}");
    for sent in [link, IMAGE, "<svg><g/></svg>", &format!("![this]({link})"), &text] {
        for body in [
            serde_json::json!({ "message": sent, "data": [] }),
            serde_json::json!({ "output": [{ "url": sent, "text": format!("I drew: {sent}") }] }),
            serde_json::json!({ "id": "x", "answer": serde_json::json!({ "url": sent }).to_string() }),
        ] {
            let found = asked(sent, &body.to_string()).groups;
            let finds = found.iter().flat_map(|group| &group.finds);
            let mut finds = finds.filter(|find| match find {
                Find::Within(text) => text.contains(&packed),
                _ => true,
            });
            assert_eq!(finds.next(), None, "{body}");
        }
    }
    // What comes besides is one, whatever letters the prompt has.
    let other = "https://a.example/y.png";
    for sent in ["a", "https://", &format!("![this]({link})")] {
        let body = serde_json::json!({ "text": format!("of {sent}: ![it]({other})") });
        let found = asked(sent, &body.to_string()).groups;
        assert_eq!(found[0].finds, [Find::Link(other.to_owned())], "{sent}");
        let found = asked(sent, &format!(r#"{{"image":"{IMAGE}"}}"#)).groups;
        assert_eq!(found[0].finds, [Find::Base64(IMAGE.to_owned())], "{sent}");
    }
    for body in [
        format!(r#"{{"params":{{"image":"{IMAGE}"}},"parameters":{{"image":"{IMAGE}"}}}}"#),
        format!(r#"{{"prompt":"![x]({link})","arguments":["{link}"]}}"#),
        format!(r#"{{"status":"failed","message":"see ![x]({link})"}}"#),
        format!(r#"{{"data":[{{"state":"ERROR","url":"{link}"}}]}}"#),
    ] {
        assert!(look(&body).groups.is_empty(), "{body}");
    }
}

#[test]
fn what_stands_beside_settles_the_cost() {
    let body = format!(
        r#"data: {{"type":"image_generation.completed","b64_json":"{IMAGE}","seed":7,
           "usage":{{"output_tokens":9,"cost":0.04}},"revised_prompt":"a fox"}}"#
    );
    let found = look(&body.replace("\n", ""));
    let gave = found.gave;
    assert_eq!((gave.seed, gave.revised_prompt.as_deref()), (Some(7), Some("a fox")));
    assert_eq!(gave.usage.map(|usage| usage.image_out), Some(9));
    assert_eq!(gave.cost.map(|cost| cost.as_micros()), Some(40_000));
}

#[test]
fn keys_have_words() {
    let words = |key| words(key).collect::<Vec<_>>().join(" ");
    assert_eq!(words("inputImageURL"), "input image url");
    assert_eq!(words("init_images"), "init images");
    assert_eq!(words("partialImage-b64"), "partial image b64");
    assert_eq!(words("reference"), "reference");
}

#[test]
fn a_text_of_brackets_costs_no_more_than_its_length() {
    for part in ["![", "<img ", "](", "{\"a\":", "[[", "\\\\", "data:", "event:\n"] {
        let body = format!("{{\"text\":\"{}\"}}", part.replace('"', "").repeat(300_000));
        look(&body);
        look(&part.repeat(300_000));
    }
}
