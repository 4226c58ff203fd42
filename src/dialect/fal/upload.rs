//! fal's storage: an input is uploaded before the request that names it by its link. Links are public, and
//! end after a day.
//!
//! Pure. Source: `@fal-ai/client` 1.10.1, `storage.js`; fal.ai/docs, "Media expiration".

use std::time::Duration;

use serde_json::{Value, json};

use super::super::failure::Failure;
use super::super::{Call, Links, Reply, Stage, Target, UploadPlace, unusable};
use crate::catalog::{Order, SentInput};
use crate::error::{Error, Kind, Result};
use crate::json::lenient_tree;
use crate::request::Role;

/// How long an input stays there.
pub(super) const LIFE: Duration = Duration::from_secs(24 * 3600);

/// The call that asks where an input may be put. It is called by its hash there: names tell things.
pub(super) fn initiate(input: &SentInput) -> Call {
    let name: String = input.sha256.chars().take(12).collect();
    let body = json!({
        "content_type": input.format.media_type(),
        "file_name": format!("{name}.{}", input.format.extension()),
    });
    let path = "/storage/upload/initiate?storage_type=fal-cdn-v3";
    let target = Target::Role("rest".to_owned(), path.to_owned());
    let mut call = Call::post(Stage::Upload, target, body);
    let life = json!({ "expiration_duration_seconds": LIFE.as_secs() });
    call.headers.push(("x-fal-object-lifecycle".to_owned(), life.to_string()));
    call
}

/// Where an input may be put.
pub(super) fn place(reply: &Reply<'_>) -> Result<UploadPlace> {
    if !reply.is_success() {
        // No job of a queue is lost sight of here: it is refused as a submit is.
        let refused = Reply { stage: Stage::Submit, ..*reply };
        return Err(Failure::of(&refused, &Order::default()).error(&refused));
    }
    let answer = lenient_tree(reply.body).unwrap_or_default();
    let word = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
    match (word("upload_url"), word("file_url")) {
        (Some(put), Some(link)) => Ok(UploadPlace { put, link }),
        _ => Err(unusable("the storage's answer names no place")),
    }
}

/// Writes the links of an order's inputs into its body: a field of several takes a list, also of one.
pub(super) fn insert_links(body: &mut Value, order: &Order, links: &Links) -> Result<()> {
    let Some(fields) = &order.edit else { return Ok(()) };
    let of = |role: Role| {
        let inputs = order.inputs.iter().filter(move |input| input.role == role);
        let link = |input: &SentInput| {
            let link = links.get(&input.sha256).map(|link| json!(link));
            link.ok_or_else(|| Error::new(Kind::Internal, "an input was not uploaded"))
        };
        inputs.map(link).collect::<Result<Vec<Value>>>()
    };
    let mut images = of(Role::Image)?;
    match &fields.images {
        Some(field) => body[field] = json!(images),
        None if images.len() == 1 => body[&fields.image] = images.remove(0),
        None => return Err(Error::new(Kind::Internal, "a single image was to be named")),
    }
    if let (Some(field), Some(mask)) = (&fields.mask, of(Role::Mask)?.pop()) {
        body[field] = mask;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::InputFields;
    use crate::request::{Format, Size};

    fn input(role: Role, letter: &str) -> SentInput {
        SentInput {
            role,
            sha256: letter.repeat(64),
            len: 9,
            format: Format::Jpeg,
            size: Size::new(8, 8),
            source: None,
            path: Some("/home/me/secret.jpg".into()),
            held: None,
        }
    }

    #[test]
    fn an_input_is_announced_without_its_name_and_read_for_a_day() {
        let call = initiate(&input(Role::Image, "a"));
        let told = serde_json::to_string(&call).unwrap();
        assert!(told.contains("aaaaaaaaaaaa.jpg") && told.contains("image/jpeg"), "{told}");
        assert!(told.contains("86400") && !told.contains("secret"), "{told}");
        let reply = |status, body: &'static str| Reply {
            stage: Stage::Upload,
            ..Reply::to_submit(status, body)
        };
        let good = r#"{"upload_url":"https://a.example/p?s=1","file_url":"https://b.example/f"}"#;
        let found = place(&reply(200, good)).unwrap();
        assert_eq!((&*found.put, &*found.link), ("https://a.example/p?s=1", "https://b.example/f"));
        for (status, body, kind) in [
            (200, "{}", Kind::Unusable),
            (200, "<html>", Kind::Unusable),
            (200, r#"{"upload_url":"https://a.example"}"#, Kind::Unusable),
            (401, r#"{"detail":"no such key"}"#, Kind::Account),
            (422, r#"{"detail":"no such type"}"#, Kind::Rejected),
            (503, "{}", Kind::Ambiguous),
        ] {
            assert_eq!(place(&reply(status, body)).unwrap_err().kind, kind, "{status} {body}");
        }
    }

    #[test]
    fn links_stand_in_the_fields_of_the_model_in_their_order() {
        let links: Links = ["a", "b", "m"]
            .map(|name| (name.repeat(64), format!("https://f.example/{name}")))
            .into();
        let [a, b] = ["a", "b"].map(|name| input(Role::Image, name));
        let mask = input(Role::Mask, "m");
        let written = |images: Option<&str>, inputs: Vec<SentInput>, links: &Links| {
            let edit = InputFields {
                image: "image_url".to_owned(),
                images: images.map(str::to_owned),
                mask: Some("mask_url".to_owned()),
                ..InputFields::default()
            };
            let order = Order { inputs, edit: Some(edit), ..Order::default() };
            let mut body = json!({ "prompt": "x" });
            insert_links(&mut body, &order, links).map(|()| body)
        };
        let [to_a, to_b, to_m] = ["a", "b", "m"].map(|name| format!("https://f.example/{name}"));
        let list = Some("image_urls");
        for (images, inputs, expected) in [
            (None, vec![a.clone()], json!({ "prompt": "x", "image_url": to_a })),
            (list, vec![a.clone()], json!({ "prompt": "x", "image_urls": [to_a] })),
            (
                list,
                vec![b.clone(), a.clone(), b.clone()],
                json!({ "prompt": "x", "image_urls": [to_b, to_a, to_b] }),
            ),
            (
                None,
                vec![a.clone(), mask],
                json!({ "prompt": "x", "image_url": to_a, "mask_url": to_m }),
            ),
        ] {
            assert_eq!(written(images, inputs, &links).unwrap(), expected);
        }
        assert!(written(None, vec![a.clone(), b], &links).is_err());
        assert!(written(None, vec![a], &Links::new()).is_err(), "nothing is sent without it");
    }
}
