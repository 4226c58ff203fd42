//! A request as an object of JSON: alone, or its parameters among other keys.
//!
//! Pure.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Request;
use super::parameter::{self, PARAMETERS, is_nothing};
use crate::text;

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(serializer, "prompt", self, [])
    }
}

impl<'de> Deserialize<'de> for Request {
    /// Strictly: a key that no parameter has is an error, with the nearest name.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        if let Some(key) = fields.keys().find(|key| parameter::find(key).is_none()) {
            let near = text::nearest(key, PARAMETERS.iter().map(|parameter| parameter.name));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(D::Error::custom(format!("a picture has no `{key}`{near}")));
        }
        request(fields)
    }
}

/// Writes an object of a request's parameters and keys of one's own in the order of `keys`;
/// parameters that are not named there follow. What asks for nothing is left out.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write<S: Serializer, const N: usize>(
    serializer: S,
    keys: &'static str,
    request: &Request,
    own: [(&'static str, Value); N],
) -> Result<S::Ok, S::Error> {
    let mut own = HashMap::from(own);
    let fields = parameter::names(keys).filter_map(|key| {
        let of_table = || Some(parameter::find(key)?.value(request));
        let value = own.remove(key).or_else(of_table)?;
        (!is_nothing(&value)).then_some((key, value))
    });
    serializer.collect_map(fields)
}

/// Takes a key of one's own out of an object; one that is not there has the default.
///
/// # Errors
/// It is of another type.
pub(crate) fn take<T: DeserializeOwned + Default, E: serde::de::Error>(
    fields: &mut Map<String, Value>,
    key: &str,
) -> Result<T, E> {
    let value = fields.remove(key).map(serde_json::from_value).transpose();
    value.map(Option::unwrap_or_default).map_err(|why| E::custom(format!("`{key}`: {why}")))
}

/// The request in an object, leniently: what a newer version adds is left out.
///
/// # Errors
/// A value that is none of its parameter.
pub(crate) fn request<E: serde::de::Error>(fields: Map<String, Value>) -> Result<Request, E> {
    let mut request = Request::default();
    for (key, value) in fields {
        if let Some(parameter) = parameter::find(&key) {
            let set = parameter.set(&mut request, value);
            set.map_err(|why| E::custom(format!("`{key}`: {why}")))?;
        }
    }
    Ok(request)
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
            (json!({ "sede": 7 }), "a picture has no `sede`; did you mean `seed`?"),
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
