//! What a call carries, as data: it is journalled with the intent, and the log of any version reads it.
//!
//! Pure.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::request::Format;

/// The one key of a form where it is journalled; a body of JSON always has others.
const FORM: &str = "$form";

/// The keys of an input in JSON, where its bytes are to stand as a data URL.
const INPUT: &str = "$input";
const AS: (&str, &str) = ("$as", "data-url");
const FORMAT: &str = "format";

/// What a call carries. JSON is written as the bare value that it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// A JSON value.
    Json(Value),
    /// The fields of a form, in their order.
    Form(Vec<Part>),
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: PartValue,
}

/// The value of a form's field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartValue {
    /// Text.
    Text(String),
    /// An input of the order.
    Input {
        /// Of the bytes that are sent, in hex.
        sha256: String,
        /// What the file is called there; never what it is called here.
        filename: String,
        /// Its format.
        format: Format,
    },
}

/// An input of the order in JSON. It is journalled as this, and sent as a data URL.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonInput {
    /// Of the bytes that are sent, in hex.
    pub sha256: String,
    /// Its format.
    pub format: Format,
}

impl JsonInput {
    /// What stands in its place.
    pub fn placeholder(&self) -> Value {
        json!({ INPUT: self.sha256, AS.0: AS.1, FORMAT: self.format })
    }

    /// The input whose place this is, if it is one.
    pub fn of(value: &Value) -> Option<JsonInput> {
        let fields = value.as_object().filter(|fields| fields.len() == 3)?;
        let is_one = fields.get(AS.0).and_then(Value::as_str) == Some(AS.1);
        let sha256 = fields.get(INPUT).and_then(Value::as_str).filter(|_| is_one)?;
        let format = serde_json::from_value(fields.get(FORMAT)?.clone()).ok()?;
        Some(JsonInput { sha256: sha256.to_owned(), format })
    }
}

impl Body {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Body::None
    }

    /// The JSON that it is.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Body::Json(value) => Some(value),
            Body::None | Body::Form(_) => None,
        }
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Body::None => serializer.serialize_none(),
            Body::Json(value) => value.serialize(serializer),
            Body::Form(parts) => json!({ FORM: parts }).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Body::None,
            value => match form_of(&value) {
                Some(parts) => Body::Form(parts),
                None => Body::Json(value),
            },
        })
    }
}

/// The fields of a journalled form. One that a newer version wrote stays what it is in JSON: the job
/// must be seen, and its body is never sent again.
fn form_of(value: &Value) -> Option<Vec<Part>> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    serde_json::from_value(fields.get(FORM)?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Call, Stage, Target};
    use super::*;

    #[test]
    fn json_is_journalled_as_before() {
        let target = || Target::Role("api".to_owned(), "/x".to_owned());
        let get = Call::get(Stage::Poll, target());
        let post = Call::post(Stage::Submit, target(), json!({ "prompt": "a fox" }));
        for (call, line) in [
            (get, r#"{"stage":"poll","method":"GET","target":{"role":["api","/x"]}}"#),
            (
                post,
                r#"{"stage":"submit","method":"POST","target":{"role":["api","/x"]},"body":{"prompt":"a fox"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&call).unwrap(), line);
            assert_eq!(serde_json::from_str::<Call>(line).unwrap(), call);
        }
    }
    #[test]
    fn a_form_is_read_back_and_one_of_a_newer_version_hides_no_job() {
        let input = PartValue::Input {
            sha256: "00ff".to_owned(),
            filename: "image-1.png".to_owned(),
            format: Format::Png,
        };
        let text = PartValue::Text("a fox".to_owned());
        let parts = [("prompt", text), ("image", input)];
        let part = |(name, value): (&str, PartValue)| Part { name: name.to_owned(), value };
        let form = Body::Form(parts.into_iter().map(part).collect());
        let line = json!({ "$form": [
            { "name": "prompt", "value": { "text": "a fox" } },
            { "name": "image", "value": { "input": {
                "sha256": "00ff", "filename": "image-1.png", "format": "png",
            } } },
        ] });
        assert_eq!(serde_json::to_value(&form).unwrap(), line);
        assert_eq!(serde_json::from_value::<Body>(line).unwrap(), form);
        for other in [
            json!({ "$form": [{ "name": "x", "value": { "video": "00ff" } }] }),
            json!({ "$form": [], "prompt": "a fox" }),
        ] {
            assert_eq!(serde_json::from_value::<Body>(other.clone()).unwrap(), Body::Json(other));
        }
    }
}
