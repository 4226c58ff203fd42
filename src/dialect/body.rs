//! Request bodies: the fields of an order under the names that a model's catalog entry gives them.
//!
//! Pure. A field that the entry does not name is not sent: providers drop unknown fields silently,
//! so a wrong name would look like success.

use serde_json::{Map, Value, json};

use super::{JsonInput, Part, PartValue};
use crate::catalog::{ColorsField, EditForm, InputFields, Order, SentInput, SizeField};
use crate::request::{Role, parameter};

/// The body of one order; `model` says under which field the wire name goes, if it is in the body.
pub(super) fn body(order: &Order, model: Option<&str>, usual: SizeField) -> Value {
    let params = &order.params;
    let mut body = Map::new();
    if let Some(field) = model {
        body.insert(field.to_owned(), json!(order.wire));
    }
    body.insert("prompt".to_owned(), json!(order.request.prompt));
    if let Some(count) = &params.count {
        body.insert(count.clone(), json!(1));
    }
    if !order.edit.as_ref().is_some_and(|edit| edit.keeps_size) {
        insert_size(&mut body, order, params.size.unwrap_or(usual));
    }
    if let (Some(field), Some(tier)) = (&params.resolution, &order.resolution) {
        body.insert(field.clone(), json!(tier));
    }
    for (name, field) in params.fields() {
        if let Some(value) = parameter::find(name).and_then(|row| row.asked(&order.request)) {
            body.insert(field.to_owned(), value);
        }
    }
    if let Some(style) = &order.request.style {
        body.insert("style".to_owned(), json!(style));
    }
    insert_colors(&mut body, order);
    if let Some(fidelity) = order.request.input_fidelity {
        body.insert("input_fidelity".to_owned(), json!(fidelity));
    }
    for (field, value) in params.fixed.iter().chain(&order.request.params) {
        body.insert(field.clone(), value.clone());
    }
    Value::Object(body)
}

/// The same body as a form: texts first, then the images in their order, then the mask. A file is
/// called by its number, for names tell things.
pub(super) fn form(body: Value, fields: &InputFields, inputs: &[SentInput]) -> Vec<Part> {
    let texts = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    let text = |(name, value)| {
        let value = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Part { name, value: PartValue::Text(value) }
    };
    let part = |name: &str, stem: String, input: &SentInput| {
        let SentInput { sha256, format, .. } = input.clone();
        let filename = format!("{stem}.{}", format.extension());
        Part { name: name.to_owned(), value: PartValue::Input { sha256, filename, format } }
    };
    let images: Vec<_> = inputs.iter().filter(|input| input.role == Role::Image).collect();
    let name = fields.images.as_ref().filter(|_| images.len() > 1).unwrap_or(&fields.image);
    let images = images.into_iter().zip(1..);
    let images = images.map(|(input, number)| part(name, format!("image-{number}"), input));
    let masks = inputs.iter().filter(|input| input.role == Role::Mask);
    let masks = masks.zip(&fields.mask).map(|(mask, name)| part(name, "mask".to_owned(), mask));
    texts.into_iter().map(text).chain(images).chain(masks).collect()
}

/// The same body with the images and the mask in it, each as the place of a data URL.
pub(super) fn with_inputs(mut body: Value, fields: &InputFields, inputs: &[SentInput]) -> Value {
    let written = |input: &SentInput| {
        let (sha256, format) = (input.sha256.clone(), input.format);
        let url = JsonInput { sha256, format }.placeholder();
        match fields.form {
            EditForm::Multipart | EditForm::JsonImages => json!({ "image_url": url }),
            EditForm::JsonImage => json!({ "type": "image_url", "url": url }),
            EditForm::References => json!({ "type": "image_url", "image_url": { "url": url } }),
        }
    };
    let of = |role: Role| inputs.iter().filter(move |input| input.role == role).map(written);
    let mut images: Vec<Value> = of(Role::Image).collect();
    let is_bare = fields.form == EditForm::JsonImage && images.len() == 1;
    match (&fields.images, is_bare) {
        (Some(field), false) => body[field] = json!(images),
        (_, true) => body[&fields.image] = images.remove(0),
        (None, false) => body[&fields.image] = json!(images),
    }
    if let (Some(field), Some(mask)) = (&fields.mask, of(Role::Mask).next()) {
        body[field] = mask;
    }
    body
}

fn insert_size(body: &mut Map<String, Value>, order: &Order, field: SizeField) {
    if field == SizeField::AspectRatio {
        if let Some(aspect) = &order.aspect {
            body.insert("aspect_ratio".to_owned(), json!(aspect));
        }
        return;
    }
    let Some(size) = order.request.size else { return };
    let pair = json!({ "width": size.width, "height": size.height });
    match field {
        SizeField::Size => body.insert("size".to_owned(), json!(size.to_string())),
        SizeField::ImageSize => body.insert("image_size".to_owned(), pair),
        SizeField::ImageSizeText => body.insert("image_size".to_owned(), json!(size.to_string())),
        SizeField::AspectRatio | SizeField::WidthHeight => {
            body.insert("width".to_owned(), json!(size.width));
            body.insert("height".to_owned(), json!(size.height))
        }
    };
}

fn insert_colors(body: &mut Map<String, Value>, order: &Order) {
    let (Some(form), false) = (order.params.colors, order.request.colors.is_empty()) else {
        return;
    };
    let rgb = |[r, g, b]: [u8; 3]| json!({ "r": r, "g": g, "b": b });
    let colors = order.request.colors.iter().map(|color| color.0);
    let (field, value) = match form {
        ColorsField::Rgb => ("colors", json!(colors.map(rgb).collect::<Vec<_>>())),
        ColorsField::Palette => {
            let weight = 1.0 / order.request.colors.len() as f64;
            let members = colors
                .map(|color| json!({ "rgb": rgb(color), "color_weight": weight }))
                .collect::<Vec<_>>();
            ("color_palette", json!({ "members": members }))
        }
        ColorsField::Controls => {
            let colors = colors.map(|color| json!({ "rgb": color })).collect::<Vec<_>>();
            ("controls", json!({ "colors": colors }))
        }
    };
    body.insert(field.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::Params;
    use crate::request::{Format, Request, Rgb, Size};

    #[test]
    fn only_named_fields_are_sent_and_the_users_own_win() {
        let request = Request {
            prompt: "a mug".to_owned(),
            size: Some(Size::new(1536, 1024)),
            quality: Some("low".to_owned()),
            format: Some(Format::Webp),
            seed: Some(7),
            params: [("moderation".to_owned(), json!("low")), ("n".to_owned(), json!(1))].into(),
            ..Request::default()
        };
        let order = Order {
            wire: "gpt-image-2".to_owned(),
            request: request.into(),
            params: Params {
                quality: Some("quality".to_owned()),
                format: Some("output_format".to_owned()),
                count: Some("n".to_owned()),
                ..Params::default()
            },
            ..Order::default()
        };
        let expected = json!({
            "model": "gpt-image-2", "prompt": "a mug", "n": 1, "size": "1536x1024",
            "quality": "low", "output_format": "webp", "moderation": "low",
        });
        assert_eq!(body(&order, Some("model"), SizeField::Size), expected);
    }

    #[test]
    fn colours_take_the_form_of_the_model() {
        let request = Request { colors: vec![Rgb([255, 107, 107])], ..Request::default() };
        let mut order = Order { request: request.into(), ..Order::default() };
        for (form, expected) in [
            (
                ColorsField::Rgb,
                json!({ "prompt": "", "colors": [{ "r": 255, "g": 107, "b": 107 }] }),
            ),
            (
                ColorsField::Controls,
                json!({ "prompt": "", "controls": { "colors": [{ "rgb": [255, 107, 107] }] } }),
            ),
            (
                ColorsField::Palette,
                json!({ "prompt": "", "color_palette": { "members": [
                    { "rgb": { "r": 255, "g": 107, "b": 107 }, "color_weight": 1.0 }] } }),
            ),
        ] {
            order.params.colors = Some(form);
            assert_eq!(body(&order, None, SizeField::ImageSize), expected);
        }
    }
}
