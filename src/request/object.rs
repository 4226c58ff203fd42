//! A request as an object of JSON: alone, or its parameters among other keys.
//!
//! Pure.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Request;
use super::parameter::{self, PARAMETERS, Parameter, is_nothing};
use crate::text;

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(serializer, "prompt", self, [])
    }
}

impl<'de> Deserialize<'de> for Request {
    /// Strictly: a key that no parameter has is an error, with the nearest name.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, &mut Strict)
    }
}

/// No keys but those of parameters.
struct Strict;

impl<'de> OwnKeys<'de> for Strict {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, _: &mut A) -> Result<bool, A::Error> {
        if parameter::find(key).is_some() {
            return Ok(false);
        }
        let near = text::nearest(key, PARAMETERS.iter().map(|parameter| parameter.name));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(A::Error::custom(format!("a picture has no `{key}`{near}")))
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

/// The keys that stand beside those of a request.
pub(crate) trait OwnKeys<'de> {
    /// Reads the value of a key; `false` leaves it to the request.
    ///
    /// # Errors
    /// It is of another type.
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Reads an object of a request's parameters and keys of one's own, leniently: what a newer version
/// adds is left out. Nothing is gathered first, for every line of a log is read in this way.
///
/// # Errors
/// A value that is none of its parameter, or of another type.
pub(crate) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    own: &mut impl OwnKeys<'de>,
) -> Result<Request, D::Error> {
    deserializer.deserialize_map(Reader(own))
}

/// A key as it stands there, where nothing in it is escaped.
#[derive(Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

struct Reader<'o, O>(&'o mut O);

impl<'de, O: OwnKeys<'de>> Visitor<'de> for Reader<'_, O> {
    type Value = Request;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Request, A::Error> {
        let mut request = Request::default();
        while let Some(Key(key)) = map.next_key()? {
            if self.0.read(&key, &mut map)? {
                continue;
            }
            match parameter::find(&key) {
                Some(parameter) => set(parameter, &mut request, map.next_value()?)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(request)
    }
}

fn set<E: serde::de::Error>(
    parameter: &Parameter,
    request: &mut Request,
    value: Value,
) -> Result<(), E> {
    let set = parameter.set(request, value);
    set.map_err(|why| E::custom(format!("`{}`: {why}", parameter.name)))
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
