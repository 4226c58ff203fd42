//! Jobs as the request files of batch interfaces hold them: `{"custom_id", "method", "url", "body"}`.
//!
//! Pure. Shape as of <https://platform.openai.com/docs/guides/batch> (2026-11).

use std::borrow::Cow;

use super::key::{self, Field};
use super::node::{Broken, Data, Name, Node, shown};
use super::value::Check;
use crate::syntax::Remark;

/// Where images are asked for.
const IMAGES: &str = "/images/generations";

/// Where they are made from others.
const EDITS: &str = "/images/edits";

/// What such a request says of its answer alone.
const OF_THE_ANSWER: [&str; 3] = ["response_format", "stream", "partial_images"];

/// What a body holds that is passed through, since pinx has the word for something else.
const PASSED: [&str; 2] = ["user", "style"];

type Keys<'n> = Cow<'n, [(Name, Node)]>;

/// The keys of a job, out of a request if it is one.
pub(super) fn own_keys<'n>(own: Keys<'n>, check: &mut Check<'_>) -> Keys<'n> {
    let find = |wanted: &str| own.iter().find(|(name, _)| name.text == wanted);
    let Some((name, body)) = find("body") else { return own };
    let (Some((id_name, id)), Data::Map(body)) = (find("custom_id"), &body.data) else {
        return own;
    };
    if let Some((_, method)) = find("method")
        && !method.as_word().is_some_and(|method| method.eq_ignore_ascii_case("POST"))
    {
        let message = format!("the method is {}, not `POST`", method.shown());
        check.wrong(Broken::new(method.at, message));
    }
    if let Some((_, url)) = find("url") {
        let ends =
            |path: &str| url.as_word().is_some_and(|url| url.trim_end_matches('/').ends_with(path));
        let is_picture = |(name, node): &(Name, Node)| {
            !node.is_null() && key::find(&name.text) == Some(Field::Images)
        };
        if ends(EDITS) && !body.iter().any(is_picture) {
            let message = format!("{} is asked for without `images`", url.shown());
            check.wrong(Broken::new(url.at, message).hint("name what it is made from"));
        } else if !ends(EDITS) && !ends(IMAGES) {
            let message = format!("{} makes no images", url.shown());
            check.wrong(
                Broken::new(url.at, message).hint(
                    "only requests to `/v1/images/generations` and `/v1/images/edits` are read",
                ),
            );
        }
    }
    let known = ["custom_id", "method", "url", "body"];
    for (name, _) in own.iter().filter(|(name, _)| !known.contains(&name.text.as_str())) {
        check.wrong(Broken::new(name.at, format!("unknown key {}", shown(&name.text))));
    }
    let mut keys = vec![(Name { at: id_name.at, text: "id".to_owned() }, id.clone())];
    let mut passed: Vec<(Name, Node)> = Vec::new();
    for (name, node) in body {
        let entry = (name.clone(), node.clone());
        match name.text.as_str() {
            text if OF_THE_ANSWER.contains(&text) => check.remark(name.at, Remark::Ignored, text),
            text if PASSED.contains(&text) => passed.push(entry),
            "params" => passed.extend(match &node.data {
                Data::Map(inner) => inner.clone(),
                _ => Vec::new(),
            }),
            _ => keys.push(entry),
        }
    }
    if !passed.is_empty() {
        let node = Node { at: name.at, data: Data::Map(passed) };
        keys.push((Name { at: name.at, text: "params".to_owned() }, node));
    }
    Cow::Owned(keys)
}
