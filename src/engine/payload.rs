//! What a request carries, from what its call says: a form is put together around the files of its
//! order. No file is read here.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::catalog::{Order, SentInput};
use crate::dialect::{Body, Part, PartValue};
use crate::error::{Error, Kind, Result};
use crate::net::{InputFile, Payload, Piece};
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
        Body::Json(value) => Some(Payload::json(value)),
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
    use crate::catalog::{InputFields, Params};
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

    /// The body of an edit of these inputs, with a mark in the place of each file.
    fn sent(inputs: Vec<SentInput>) -> String {
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
            edit: Some(InputFields {
                image: "image".to_owned(),
                images: Some("image[]".to_owned()),
                mask: Some("mask".to_owned()),
                ..InputFields::default()
            }),
            ..Order::default()
        };
        let step = dialect("openai").unwrap().submit(&order, &Links::new()).unwrap();
        let Then::Send(call) = step.then else { panic!("it is sent") };
        let line = serde_json::to_string(&call).unwrap();
        assert!(!line.contains("/home/me"), "{line}");
        assert_eq!(serde_json::from_str::<crate::dialect::Call>(&line).unwrap(), *call);
        let payload = payload_of(&call.body, &order, Path::new("/inputs")).unwrap().unwrap();
        let boundary = payload.media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let text = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            Piece::File(file) => format!("({} of {})", file.name, file.len),
        };
        let all: String = payload.pieces.iter().map(text).collect();
        all.replace(boundary, "X").replace("\r\n", "\n")
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
