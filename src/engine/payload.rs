//! What a request carries, from what its call says: a form, or JSON, is put together around the files of
//! its order. No file is read here.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::catalog::{Order, SentInput};
use crate::dialect::{Body, JsonInput, Part, PartValue};
use crate::error::{Error, Kind, Result};
use crate::net::{InputFile, JSON, Payload, Piece};
use crate::request::Role;
use crate::text;

/// The bytes and files of a body; `inputs` is where pictures are kept that are not sent as they were
/// found.
///
/// # Errors
/// It names an input that its order does not have.
pub(super) fn payload_of(body: &Body, order: &Order, inputs: &Path) -> Result<Option<Payload>> {
    Ok(match body {
        Body::None => None,
        Body::Json(value) if order.inputs.is_empty() => Some(Payload::json(value)),
        Body::Json(value) => Some(json(value, order, inputs)?),
        Body::Form(parts) => Some(form(parts, order, inputs)?),
    })
}

/// A form (RFC 7578). Its boundary is the attempt's own, which nobody knew when the files were made.
fn form(parts: &[Part], order: &Order, inputs: &Path) -> Result<Payload> {
    let digest = Sha256::digest(format!("{} boundary", order.id));
    let boundary = format!("pinx{}", text::hex(&digest[..12]));
    let mut pieces = Vec::new();
    let mut head = String::new();
    for Part { name, value } in parts {
        head +=
            &format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(name));
        match value {
            PartValue::Text(text) => head += &format!("\r\n\r\n{text}\r\n"),
            PartValue::Input { sha256, filename, format } => {
                let (filename, media_type) = (quoted(filename), format.media_type());
                head += &format!("; filename=\"{filename}\"\r\ncontent-type: {media_type}\r\n\r\n");
                pieces.push(Piece::Bytes(std::mem::take(&mut head).into_bytes()));
                pieces.push(Piece::File(input_file(sha256, order, inputs)?));
                head += "\r\n";
            }
        }
    }
    head += &format!("--{boundary}--\r\n");
    pieces.push(Piece::Bytes(head.into_bytes()));
    Ok(Payload { media_type: format!("multipart/form-data; boundary={boundary}"), pieces })
}

/// JSON with data URLs (RFC 2397) in the places of inputs.
fn json(value: &Value, order: &Order, inputs: &Path) -> Result<Payload> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    write_json(value, &mut text, &mut |text, input: &JsonInput| {
        *text += &format!("\"data:{};base64,", input.format.media_type());
        pieces.push(Piece::Bytes(std::mem::take(text).into_bytes()));
        pieces.push(Piece::Base64(input_file(&input.sha256, order, inputs)?));
        text.push('"');
        Ok(())
    })?;
    pieces.push(Piece::Bytes(text.into_bytes()));
    Ok(Payload { media_type: JSON.to_owned(), pieces })
}

/// Writes JSON; what stands in the places of inputs is written by `put`.
fn write_json(
    value: &Value,
    text: &mut String,
    put: &mut impl FnMut(&mut String, &JsonInput) -> Result<()>,
) -> Result<()> {
    if let Some(input) = JsonInput::of(value) {
        return put(text, &input);
    }
    match value {
        Value::Object(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                text.push(if at == 0 { '{' } else { ',' });
                *text += &format!("{}:", Value::from(name.as_str()));
                write_json(value, text, put)?;
            }
            *text += if fields.is_empty() { "{}" } else { "}" };
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                text.push(if at == 0 { '[' } else { ',' });
                write_json(item, text, put)?;
            }
            *text += if items.is_empty() { "[]" } else { "]" };
        }
        other => *text += &other.to_string(),
    }
    Ok(())
}

/// A name between quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The file of an input: the one that was found, or what was made of it.
///
/// # Errors
/// The order does not have it.
pub(super) fn input_file(sha256: &str, order: &Order, inputs: &Path) -> Result<InputFile> {
    let is_it = |input: &SentInput| input.sha256 == sha256;
    let found = order.inputs.iter().find(|input| is_it(input));
    let kept = found.filter(|input| input.source.is_some()).map(|_| inputs.join(sha256));
    let place = found.and_then(|input| input.path.clone());
    let (Some(input), Some(path)) = (found, kept.or_else(|| place.clone())) else {
        return Err(Error::new(Kind::Internal, "an input of a call is not in its order"));
    };
    let mut names =
        order.inputs.iter().zip(Role::names(order.inputs.iter().map(|input| input.role)));
    let what = names.find(|(input, _)| is_it(input)).map(|(_, name)| name).unwrap_or_default();
    let name = match place {
        Some(place) => format!("{what} `{}`", text::clean(&place.display().to_string(), 200)),
        None => what,
    };
    Ok(InputFile { name, path, len: input.len, sha256: sha256.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::catalog::{EditForm, InputFields, Params};
    use crate::dialect::{Links, Then, dialect};
    use crate::request::{Format, Request, Size};

    fn input(role: Role, name: &str) -> SentInput {
        SentInput {
            role,
            sha256: format!("{name:0>64}"),
            len: 3,
            format: Format::Png,
            size: Size::new(8, 8),
            source: None,
            path: Some(PathBuf::from(format!("/home/me/{name}.png"))),
            held: None,
        }
    }

    /// What is sent for an edit of these inputs, with a mark in the place of each file, and its type.
    fn sent(inputs: Vec<SentInput>, edit: InputFields) -> (String, String) {
        let request = Request {
            prompt: "a \"fox\"\r\nat night".to_owned(),
            params: [("odd\"name".to_owned(), true.into())].into(),
            ..Request::default()
        };
        let order = Order {
            id: "r.1.1".to_owned(),
            wire: "gpt-image-2".to_owned(),
            request: request.into(),
            params: Params { path: Some("/images/edits".to_owned()), ..Params::default() },
            inputs,
            edit: Some(edit),
            ..Order::default()
        };
        let step = dialect("openai").unwrap().submit(&order, &Links::new()).unwrap();
        let Then::Send(call) = step.then else { panic!("it is sent") };
        let line = serde_json::to_string(&call).unwrap();
        assert!(!line.contains("/home/me"), "{line}");
        assert_eq!(serde_json::from_str::<crate::dialect::Call>(&line).unwrap(), *call);
        let payload = payload_of(&call.body, &order, Path::new("/inputs")).unwrap().unwrap();
        let text = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            Piece::File(file) => format!("({} of {})", file.name, file.len),
            Piece::Base64(file) => format!("(base64 of {} of {})", file.name, file.len),
        };
        (payload.pieces.iter().map(text).collect(), payload.media_type)
    }

    /// The fields of a form.
    fn fields(form: EditForm) -> InputFields {
        InputFields {
            image: "image".to_owned(),
            images: Some("image[]".to_owned()),
            mask: Some("mask".to_owned()),
            form,
            ..InputFields::default()
        }
    }

    #[test]
    fn json_has_data_urls_where_its_inputs_stand() {
        let inputs = [(Role::Image, "a"), (Role::Image, "b"), (Role::Mask, "m")];
        let inputs = inputs.map(|(role, name)| input(role, name));
        let head = r#"{"model":"gpt-image-2","prompt":"a \"fox\"\r\nat night","odd\"name":true,"#;
        let url = |what: &str| format!(r#""data:image/png;base64,(base64 of {what} of 3)""#);
        let [a, b] = ["image 1 `/home/me/a.png`", "image 2 `/home/me/b.png`"].map(url);
        let m = url("the mask `/home/me/m.png`");
        for (form, one, all) in [
            (
                EditForm::JsonImages,
                format!(r#""image[]":[{{"image_url":{a}}}]}}"#),
                format!(
                    r#""image[]":[{{"image_url":{a}}},{{"image_url":{b}}}],"mask":{{"image_url":{m}}}}}"#
                ),
            ),
            (
                EditForm::JsonImage,
                format!(r#""image":{{"type":"image_url","url":{a}}}}}"#),
                format!(
                    r#""image[]":[{{"type":"image_url","url":{a}}},{{"type":"image_url","url":{b}}}],"mask":{{"type":"image_url","url":{m}}}}}"#
                ),
            ),
        ] {
            let (text, media_type) = sent(inputs[..1].to_vec(), fields(form));
            assert_eq!((text, &*media_type), (format!("{head}{one}"), JSON));
            assert_eq!(sent(inputs.to_vec(), fields(form)).0, format!("{head}{all}"));
        }
    }

    #[test]
    fn what_looks_like_a_place_and_is_none_is_sent_as_it_is() {
        let body = Body::Json(serde_json::json!({ "x": { "$input": "00" }, "y": [{}, [], null] }));
        let order = Order { inputs: vec![input(Role::Image, "a")], ..Order::default() };
        let payload = payload_of(&body, &order, Path::new("/inputs")).unwrap().unwrap();
        assert_eq!(payload.in_memory().unwrap(), br#"{"x":{"$input":"00"},"y":[{},[],null]}"#);
        // One of another order is never sent.
        let place = JsonInput { sha256: "00".to_owned(), format: Format::Png }.placeholder();
        let body = Body::Json(serde_json::json!({ "x": place }));
        assert!(payload_of(&body, &order, Path::new("/inputs")).is_err());
    }

    #[test]
    fn a_form_has_its_texts_first_and_calls_files_by_their_numbers() {
        let texts = "--X\ncontent-disposition: form-data; name=\"model\"\n\ngpt-image-2\n\
                     --X\ncontent-disposition: form-data; name=\"prompt\"\n\na \"fox\"\nat night\n\
                     --X\ncontent-disposition: form-data; name=\"odd%22name\"\n\ntrue\n";
        let file = |field: &str, name: &str, file: &str| {
            format!(
                "--X\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\n\
                 content-type: image/png\n\n({file} of 3)\n"
            )
        };
        let sent = |inputs: Vec<SentInput>| {
            let (all, media_type) = sent(inputs, fields(EditForm::Multipart));
            let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
            all.replace(boundary, "X").replace("\r\n", "\n")
        };
        let one = file("image", "image-1.png", "image 1 `/home/me/a.png`");
        assert_eq!(sent(vec![input(Role::Image, "a")]), format!("{texts}{one}--X--\n"));
        let several = [
            file("image[]", "image-1.png", "image 1 `/home/me/a.png`"),
            file("image[]", "image-2.png", "image 2 `/home/me/b.png`"),
            file("mask", "mask.png", "the mask `/home/me/m.png`"),
        ];
        let inputs = [(Role::Image, "a"), (Role::Image, "b"), (Role::Mask, "m")];
        let inputs = inputs.map(|(role, name)| input(role, name)).into();
        assert_eq!(sent(inputs), format!("{texts}{}--X--\n", several.concat()));
    }
}
