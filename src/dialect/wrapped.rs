//! An answer inside a sentence: gateways put what their provider said into a message, as JSON, as
//! JSON with escaped quotes, or as Python prints a dictionary.
//!
//! Pure.

use serde_json::{Map, Value};

use crate::json::Bounded;

/// Places in a sentence at which an answer is looked for.
const PLACES: usize = 8;
/// Members that an error has, one of which must be there.
const MEMBERS: [&str; 7] = ["error", "errors", "detail", "message", "msg", "code", "type"];

/// The answer of another server that stands in a sentence.
pub(super) fn inside(sentence: &str) -> Option<Value> {
    if !sentence.contains(['{', '\'']) {
        return None;
    }
    let plain = sentence.replace("\\\"", "\"").replace("\\\\", "\\");
    json(sentence).or_else(|| json(&plain)).or_else(|| printed(&plain))
}

/// The first JSON object that looks like an error, whatever follows it.
fn json(sentence: &str) -> Option<Value> {
    let places = sentence.match_indices('{').take(PLACES);
    places.map(|(at, _)| &sentence[at..]).find_map(|rest| {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Bounded>();
        let value = values.next()?.ok()?.0;
        MEMBERS.iter().any(|member| value.get(*member).is_some()).then_some(value)
    })
}

/// What Python's `repr` of a dictionary tells of an error: `{'error': {'code': 'x', …}}`.
fn printed(sentence: &str) -> Option<Value> {
    let dictionary = &sentence[sentence.find("{'")?..];
    let mut found = Map::new();
    for name in ["error", "code", "type", "status", "message", "msg", "detail", "param"] {
        if let Some(value) = member(dictionary, name) {
            found.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }
    (!found.is_empty()).then(|| Value::Object(found))
}

/// The text of `'name': 'text'`.
fn member<'t>(dictionary: &'t str, name: &str) -> Option<&'t str> {
    let rest = dictionary.split_once(&format!("'{name}':"))?.1.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let rest = &rest[1..];
    let mut is_escaped = false;
    let end = rest.find(|c| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_found_however_it_was_put_in() {
        let error = json!({ "error": { "code": "insufficient_quota", "message": "no \"money\"" } });
        let text = error.to_string();
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        for sentence in [
            format!("litellm.RateLimitError: OpenAIException - {text}"),
            format!("b'{text}' received"),
            format!("upstream said \"{escaped}\""),
        ] {
            assert_eq!(inside(&sentence), Some(error.clone()), "{sentence}");
        }
        let printed = "Error code: 429 - {'error': {'message': \"You've no money\", 'type': \
                       'insufficient_quota', 'param': None, 'code': 'it\\'s'}}";
        let read = inside(printed).unwrap();
        assert_eq!(read["type"], "insufficient_quota");
        assert_eq!(
            (&read["message"], &read["code"]),
            (&json!("You've no money"), &json!("it\\'s"))
        );
    }

    #[test]
    fn other_braces_are_no_answer() {
        for sentence in ["a {fox} in {\"x\": 1}", "{", "it's 'code': 'x'", "{'code':", "{'code': '"]
        {
            assert_eq!(inside(sentence), None, "{sentence}");
        }
    }
}
