//! A request holds no key: what looks like one is never sent to a provider, nor kept in the log.
//!
//! Pure. The error does not repeat it.

use super::Request;
use crate::error::{Error, Result};
use crate::secret;

/// The code of the error.
const CODE: &str = "key_in_prompt";
/// Where keys belong.
const STORED: &str =
    "`pinx keys set` stores a key unseen; one that others may have seen should be made anew";
/// How to mean it as it is.
const MEANT: &str = "if it is none: with a space in its midst it is sent as it is";

/// Checks everything in a request that is text.
///
/// # Errors
/// Something in it looks like a key.
pub(crate) fn check(request: &Request) -> Result<()> {
    let texts = [("prompt", Some(&request.prompt)), ("negative prompt", request.negative.as_ref())];
    let texts = texts.into_iter().chain([("label", request.label.as_ref())]);
    for (place, text) in texts.filter_map(|(place, text)| Some((place, text?))) {
        if let Some(before) = secret::key_in(text) {
            return Err(refused(place, before));
        }
    }
    for (name, value) in &request.params {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if is_name_of_key(name) || secret::key_in(&format!("{name} {value}")).is_some() {
            return Err(in_parameter(name));
        }
    }
    Ok(())
}

/// Checks the name of a model, which goes out in an address.
///
/// # Errors
/// It looks like a key.
pub(crate) fn check_model(name: &str) -> Result<()> {
    match secret::key_in(name) {
        Some(_) => Err(Error::usage("the name of the model looks like a key")
            .code(CODE)
            .hint("`pinx models` lists names of models")
            .hint(STORED)),
        None => Ok(()),
    }
}

/// Checks what is not sent and is kept: a name, a tag, where files go.
///
/// # Errors
/// It looks like a key.
pub(crate) fn check_kept(place: &str, text: &str) -> Result<()> {
    let what = || format!("`{place}` holds what looks like a key: it would be kept in the log");
    match secret::key_in(text) {
        Some(_) => Err(Error::usage(what()).code(CODE).hint(STORED)),
        None => Ok(()),
    }
}

/// What is said of a key in a text; `before` is the text before it.
pub(crate) fn refused(place: &str, before: &str) -> Error {
    let what = format!(
        "the {place} holds what looks like a key: it would be sent to the provider and kept in the log"
    );
    let error = Error::usage(what).code(CODE);
    let variable = before.strip_suffix('=').and_then(|name| name.split_whitespace().next_back());
    let is_variable = |name: &&str| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let error = match variable.filter(is_variable) {
        Some(name) => {
            error.hint(format!("a variable stands before the command: `{name}=… pinx …`"))
        }
        None => error,
    };
    error.hint(STORED).hint(MEANT)
}

fn in_parameter(name: &str) -> Error {
    let name = secret::redact(name, []);
    Error::usage(format!("`{name}` as a parameter would put a key into the request and the log"))
        .code(CODE)
        .hint(STORED)
}

/// Whether a provider's field of this name would be a key.
fn is_name_of_key(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace(['-', '_', '.'], "");
    const WHOLE: [&str; 6] = ["authorization", "bearer", "password", "secret", "token", "key"];
    const ENDS: [&str; 5] = ["apikey", "apitoken", "accesstoken", "authtoken", "secretkey"];
    WHOLE.contains(&plain.as_str()) || ENDS.iter().any(|end| plain.ends_with(end))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "sk-proj-AbCd0123EfGh4567IjKl";

    fn error(request: &Request) -> Option<Error> {
        let error = check(request).err()?;
        assert!(!format!("{error:?}").contains("AbCd0123"), "{error:?}");
        Some(error)
    }

    fn with_parameter(name: &str, value: Value) -> Request {
        Request { params: [(name.to_owned(), value)].into(), ..Request::default() }
    }

    #[test]
    fn no_text_of_a_request_may_hold_a_key() {
        let prompt = |text: &str| Request { prompt: text.to_owned(), ..Request::default() };
        for request in [
            prompt(KEY),
            prompt(&format!("a red fox\nOPENAI_API_KEY={KEY}")),
            Request { negative: Some(KEY.to_owned()), ..prompt("a fox") },
            Request { label: Some(KEY.to_owned()), ..prompt("a fox") },
            with_parameter("api_key", json!("anything")),
            with_parameter("X-Api-Key", json!("anything")),
            with_parameter("user", json!({ "inner": [KEY] })),
            with_parameter(KEY, json!(1)),
        ] {
            assert!(error(&request).is_some(), "{request:?}");
        }
        for request in [
            prompt("a key on a token of love"),
            with_parameter("num_inference_steps", json!(4)),
            with_parameter("keyframes", json!("a")),
            with_parameter("tokenizer", json!("t5")),
        ] {
            assert!(error(&request).is_none(), "{request:?}");
        }
        assert!(check_model(&format!("openai/{KEY}")).is_err() && check_model("openai/x").is_ok());
    }

    #[test]
    fn a_variable_is_put_where_it_belongs() {
        let prompt = format!("a red fox OPENAI_API_KEY={KEY}");
        let error = error(&Request { prompt, ..Request::default() }).unwrap();
        assert!(error.hints[0].contains("`OPENAI_API_KEY=… pinx …`"), "{error:?}");
    }
}
