//! From the fields of OpenAI's API to those of a job. What is OpenAI's alone becomes what is meant by it,
//! or is left out and told; parameters of pictures that OpenAI does not have are taken by their own names.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::wanted::{Endpoint, ResponseFormat, Wanted};
use crate::catalog::{Adjustment, LEFT_OUT, Model};
use crate::cmd::serve::answer::Failure;
use crate::cmd::serve::field::{TAKEN, sent};
use crate::cmd::serve::generate::{bad, partials, switch};
use crate::cmd::service::Submission;
use crate::cmd::{App, generate};
use crate::error::Error;
use crate::request::Format;
use crate::settings::{Prefer, Typed as _};
use crate::store::Client;
use crate::text;

/// What a request is read with.
pub(super) struct Context<'c> {
    pub(super) app: &'c App,
    /// Where this server is found.
    pub(super) base: &'c str,
}

/// Fields of pictures.
const PICTURES: [&str; 3] = ["image", "images", "mask"];

/// What such a field says to models that have no such words.
const OWN_WORDS: [&str; 2] = ["output_compression", "moderation"];

/// Characters of a value that are told again at most.
const SHOWN: usize = 60;

/// The begin of a model's name, with what `auto` is to prefer behind it.
const AUTO: &str = "auto";

/// What is asked for as a submission, and how it is to be answered.
///
/// # Errors
/// Says what is wrong with which field.
pub(super) fn read(
    context: &Context<'_>,
    mut asked: Submission,
    endpoint: Endpoint,
) -> Result<(Submission, Wanted), Failure> {
    let mut fields = std::mem::take(&mut asked.fields);
    fields.retain(|_, value| !value.is_null());
    if let Some(most) = fields.remove("maxCost") {
        fields.insert("max_cost".to_owned(), most);
    }
    let stream = switch(&mut fields, "stream").map_err(|wrong| wrong.field("stream"))?;
    asked.partials =
        partials(&mut fields, stream).map_err(|wrong| wrong.field("partial_images"))?;
    let format = response_format(&mut fields)?;
    prompt(&fields)?;
    count(&mut fields, asked.most)?;
    let is_auto_size = size(&mut fields)?;
    let word = |name: &str| {
        let word = fields.get(name).and_then(Value::as_str).map(str::trim);
        word.filter(|word| !word.is_empty()).map(str::to_owned)
    };
    let mut wanted = Wanted {
        endpoint,
        format: format.unwrap_or_else(|| usual_format(word("model").as_deref())),
        stream,
        is_auto_size,
        quality: word("quality"),
        background: word("background"),
        told: Vec::new(),
        sent: sent(&fields, &asked),
    };
    asked.prefer = model(&mut fields)?;
    pictures(&mut fields, &asked, endpoint, context.base)?;
    leave_out(context.app, &mut fields, &mut wanted.told);
    own_words(context.app, asked.client.as_ref(), &mut fields, &mut wanted.told);
    asked.fields = fields;
    Ok((asked, wanted))
}

fn wrong(field: &'static str, message: impl Into<String>, hint: &str) -> Failure {
    bad(message, hint).field(field)
}

fn prompt(fields: &Map<String, Value>) -> Result<(), Failure> {
    match fields.get("prompt") {
        None => Err(Failure {
            code: "missing_required_parameter".to_owned(),
            ..wrong("prompt", "the request has no `prompt`", "say what is to be seen")
        }),
        Some(Value::String(_)) => Ok(()),
        Some(other) => {
            let what = format!("`prompt` must be text, not {}", shown(other));
            Err(wrong("prompt", what, "say what is to be seen"))
        }
    }
}

/// One image where nothing else is said, whatever the settings say.
fn count(fields: &mut Map<String, Value>, most: u32) -> Result<(), Failure> {
    let asked = match fields.get("n") {
        None => Some(1),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_u64(),
    };
    let Some(asked) = asked.filter(|count| (1..=u64::from(most)).contains(count)) else {
        let what = format!("`n` must be 1 to {most}, not {}", shown(&fields["n"]));
        return Err(wrong(
            "n",
            what,
            "ask several times, or raise `serve.max_images` where pinx serves",
        ));
    };
    fields.insert("n".to_owned(), asked.into());
    Ok(())
}

/// Whether the size is left to the model.
fn size(fields: &mut Map<String, Value>) -> Result<bool, Failure> {
    match fields.get("size") {
        None => Ok(false),
        Some(Value::String(text)) => Ok(text.trim() == AUTO),
        Some(other) => {
            let what = format!("`size` must be text, not {}", shown(other));
            Err(wrong("size", what, "write it as `1024x1024`, or `auto`"))
        }
    }
}

fn response_format(fields: &mut Map<String, Value>) -> Result<Option<ResponseFormat>, Failure> {
    match fields.remove("response_format") {
        None => Ok(None),
        Some(Value::String(word)) if word == "b64_json" => Ok(Some(ResponseFormat::Bytes)),
        Some(Value::String(word)) if word == "url" => Ok(Some(ResponseFormat::Address)),
        Some(other) => {
            let what =
                format!("`response_format` must be `b64_json` or `url`, not {}", shown(&other));
            Err(wrong("response_format", what, "leave it out"))
        }
    }
}

/// What OpenAI answers where nothing is said: bytes by GPT image models, addresses by older ones.
fn usual_format(model: Option<&str>) -> ResponseFormat {
    let model = model.unwrap_or(AUTO);
    let name = model.rsplit('/').next().unwrap_or_default();
    match name.contains("gpt-image") || name.split(':').next() == Some(AUTO) {
        true => ResponseFormat::Bytes,
        false => ResponseFormat::Address,
    }
}

/// Takes what `auto` is to prefer out of the model's name: `auto:cheap`.
fn model(fields: &mut Map<String, Value>) -> Result<Option<Prefer>, Failure> {
    let name = match fields.get("model") {
        None => return Ok(None),
        Some(Value::String(name)) => name.trim().to_owned(),
        Some(other) => {
            let what = format!("`model` must be text, not {}", shown(other));
            return Err(wrong("model", what, "`GET /v1/models` lists them"));
        }
    };
    let unknown = |hint: String| {
        let what = format!("unknown model `{}`", text::clean(&name, SHOWN));
        Failure::new(StatusCode::NOT_FOUND, "unknown_model", what).hint(hint).field("model")
    };
    if name.is_empty() {
        fields.remove("model");
    } else if name.contains(',') {
        return Err(unknown("name one; `fallback` lists those for when it fails".to_owned()));
    } else if let Some(word) = name.strip_prefix(AUTO).and_then(|rest| rest.strip_prefix(':')) {
        let Some(prefer) = Prefer::read(&toml::Value::String(word.to_owned())) else {
            let near = text::nearest(word, Prefer::WORDS.iter().copied());
            return Err(unknown(match near {
                Some(near) => format!("did you mean `{AUTO}:{near}`?"),
                None => {
                    format!("there are `{AUTO}` and `{AUTO}:` with {}", Prefer::WORDS.join(", "))
                }
            }));
        };
        fields.insert("model".to_owned(), AUTO.into());
        return Ok(Some(prefer));
    }
    Ok(None)
}

/// Looks at the pictures: edits have some, and images from words have none.
fn pictures(
    fields: &mut Map<String, Value>,
    asked: &Submission,
    endpoint: Endpoint,
    base: &str,
) -> Result<(), Failure> {
    let named = PICTURES.into_iter().find(|name| fields.contains_key(*name));
    match endpoint {
        Endpoint::Generations if named.is_some() || !asked.pictures.is_empty() => {
            let field = named.unwrap_or("image");
            let what = format!("`{field}`: images are made from words here");
            return Err(wrong(field, what, "send it to /v1/images/edits"));
        }
        Endpoint::Edits if named.is_none() && asked.pictures.is_empty() => {
            let failure = wrong("image", "the request has no `image`", "send a file, or `images`");
            return Err(Failure { code: "missing_required_parameter".to_owned(), ..failure });
        }
        _ => {}
    }
    for name in PICTURES {
        if let Some(value) = fields.get_mut(name) {
            made_here(value, base).map_err(|failure| failure.field(name))?;
        }
    }
    Ok(())
}

/// Writes images of this server by their hashes.
fn made_here(value: &mut Value, base: &str) -> Result<(), Failure> {
    let is_hash =
        |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match value {
        Value::Array(list) => list.iter_mut().try_for_each(|one| made_here(one, base)),
        Value::Object(fields) => {
            match fields.get("file_id").map(|id| id.as_str().unwrap_or_default()) {
                Some(id) if is_hash(id) => {
                    *value = id.into();
                    Ok(())
                }
                Some(_) => Err(bad(
                    "this server keeps no files under a `file_id`",
                    "send the picture itself, a `data:` or https address as `image_url`, or the SHA-256 \
                 of an image that was made here",
                )),
                None => fields.values_mut().try_for_each(|one| made_here(one, base)),
            }
        }
        Value::String(text) => {
            let own = text.strip_prefix(base).and_then(|rest| rest.strip_prefix("/api/images/"));
            let own = own.filter(|hash| is_hash(hash)).map(str::to_ascii_lowercase);
            *text = own.unwrap_or_else(|| std::mem::take(text));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Takes out what no job has, and tells it.
fn leave_out(app: &App, fields: &mut Map<String, Value>, told: &mut Vec<Adjustment>) {
    // A style of pinx may stand where OpenAI has `vivid` and `natural`.
    let is_style = |word: &str| app.settings.catalog.style(word).is_ok();
    let names: Vec<String> =
        fields.keys().filter(|name| !TAKEN.contains(&name.as_str())).cloned().collect();
    for name in names {
        let Some(value) = fields.remove(&name) else { continue };
        let why = match (name.as_str(), &value) {
            ("style", Value::String(word)) if is_style(word) => {
                fields.insert(name, value);
                continue;
            }
            ("style", _) => "no model here has it: say it in the prompt",
            ("user" | "safety_identifier", _) => "it is not passed on",
            _ => "there is no such field here",
        };
        told.push(left_out(&name, &value, why));
    }
}

fn left_out(name: &str, value: &Value, why: &str) -> Adjustment {
    Adjustment {
        field: text::clean(name, SHOWN),
        asked: shown(value),
        got: LEFT_OUT.to_owned(),
        why: why.to_owned(),
    }
}

/// Keeps the words of OpenAI's own models from others, and the compression from formats that have none.
fn own_words(
    app: &App,
    client: Option<&Arc<Client>>,
    fields: &mut Map<String, Value>,
    told: &mut Vec<Adjustment>,
) {
    if !OWN_WORDS.iter().any(|name| fields.contains_key(*name)) {
        return;
    }
    let model = meant(app, client, fields).ok();
    let model = model.filter(|model| app.settings.catalog.takes_compression(model));
    let format = fields.get("output_format").and_then(Value::as_str);
    let is_compressed =
        matches!(format.and_then(|word| word.parse().ok()), Some(Format::Jpeg | Format::Webp));
    for name in OWN_WORDS {
        let why = match &model {
            None => "the model has no such field",
            Some(_) if name == OWN_WORDS[0] && !is_compressed => {
                "only jpeg and webp are compressed"
            }
            Some(_) => continue,
        };
        if let Some(value) = fields.remove(name) {
            told.push(left_out(name, &value, why));
        }
    }
}

/// The model that is most likely to make it.
fn meant(
    app: &App,
    client: Option<&Arc<Client>>,
    fields: &Map<String, Value>,
) -> Result<Model, Error> {
    let catalog = &app.settings.catalog;
    let usable = |id: &str| catalog.provider(id).is_some_and(|provider| app.is_usable(provider));
    match fields.get("model").and_then(Value::as_str).unwrap_or(&app.settings.model) {
        AUTO => generate::choice(app, "a red fox", client).map(|(model, _)| Model::clone(&model)),
        name => catalog.model(name, &usable),
    }
}

/// A value in a message.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text::clean(&text, SHOWN)
}
