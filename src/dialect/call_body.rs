//! What a call carries, as data: it is journalled with the intent, and the log of any version reads it.
//!
//! Pure.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a call carries. JSON is written as the bare value that it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// A JSON value.
    Json(Value),
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
            Body::None => None,
        }
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Body::None,
            value => Body::Json(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Call, Stage, Target};

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
}
