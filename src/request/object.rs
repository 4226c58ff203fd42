//! A request as an object of JSON: alone, or its parameters among other keys.
//!
//! Pure.

use serde::de::Error as _;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::Request;
use super::parameter::{self, PARAMETERS};
use crate::text;

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for parameter in &PARAMETERS {
            write(&mut map, parameter.name, self)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Request {
    /// Strictly: a key that no parameter has is an error, with the nearest name.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut request = Request::default();
        read(deserializer, |key, value| match parameter::find(key) {
            Some(parameter) => parameter.set(&mut request, value),
            None => {
                let near = text::nearest(key, PARAMETERS.iter().map(|parameter| parameter.name));
                let near = near.map(|near| format!("; did you mean `{near}`?"));
                Err(format!("a picture has no `{key}`{}", near.unwrap_or_default()))
            }
        })?;
        Ok(request)
    }
}

/// Writes a parameter where it is asked for; the prompt always.
///
/// # Errors
/// Those of the writer.
pub fn write<M: SerializeMap>(map: &mut M, name: &str, request: &Request) -> Result<(), M::Error> {
    if name == "prompt" {
        return map.serialize_entry(name, &request.prompt);
    }
    match parameter::find(name).and_then(|parameter| parameter.asked(request)) {
        Some(value) => map.serialize_entry(name, &value),
        None => Ok(()),
    }
}

/// Writes a key where there is a value.
///
/// # Errors
/// Those of the writer.
pub fn write_some<M: SerializeMap>(
    map: &mut M,
    key: &str,
    value: &Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.as_ref().map_or(Ok(()), |value| map.serialize_entry(key, value))
}

/// Reads an object key by key.
///
/// # Errors
/// What `take` says is wrong with a value, with its key.
pub fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    mut take: impl FnMut(&str, Value) -> Result<(), String>,
) -> Result<(), D::Error> {
    for (key, value) in Map::deserialize(deserializer)? {
        take(&key, value).map_err(|why| D::Error::custom(format!("`{key}`: {why}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_its_parameters_that_are_asked_for() {
        let request = json!({
            "prompt": "a fox", "negative": "rain", "size": "64x32", "quality": "low",
            "format": "jpeg", "seed": 7, "style": "noir", "colors": ["#FF6B6B"],
            "background": "transparent", "label": "FOX", "params": { "steps": 4 },
        });
        let read: Request = serde_json::from_value(request.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), request);
        let bare: Request = serde_json::from_value(json!({ "prompt": "a fox" })).unwrap();
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"prompt":"a fox"}"#);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_key() {
        for (wrong, told) in [
            (json!({ "sede": 7 }), "`sede`: a picture has no `sede`; did you mean `seed`?"),
            (
                json!({ "background": "blue" }),
                "`background`: `blue` is not a background: transparent, opaque or auto",
            ),
            (json!({ "size": 7 }), "`size`: `7` is not text"),
        ] {
            let error = serde_json::from_value::<Request>(wrong).unwrap_err();
            assert_eq!(error.to_string(), told);
        }
    }
}
