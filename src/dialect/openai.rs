//! OpenAI's image API and everything that speaks its dialect: one POST, base64 or links back.
//!
//! Pure. Answers are read leniently: only an image counts, every other field may be missing.
//! Errors are classified in `failure`. Source: OpenAI's API reference and SDKs of November 2026.

mod stream;

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::body::{body, form, with_inputs};
use super::failure::Failure;
use super::provider_error::ProviderError;
use super::reply::pixels_of;
use super::{
    Call, Dialect, Facts, Links, ListedModel, MOST_IMAGES, Reply, Stage, Step, Target, Yield,
    stream_ended, unusable,
};
use crate::catalog::{EditForm, Order, SizeField, Usage};
use crate::error::{Error, Kind, Result, Topic};
use crate::json::{Bounded, large_tree};
use crate::money::Money;
use crate::text;

pub(super) struct OpenAi;

/// The path of the images API, unless the provider has another.
const IMAGES: &str = "/images/generations";

/// Whether a model of a list makes images, by the names that OpenAI gives them.
pub(super) fn is_image_model(wire: &str) -> bool {
    ["gpt-image-", "chatgpt-image-", "dall-e-"].iter().any(|start| wire.starts_with(start))
}

impl Dialect for OpenAi {
    fn facts(&self) -> &'static Facts {
        const {
            &Facts {
                version: Some("/v1"),
                inside: Some(
                    "where the provider can put the image into its answer, \
                     `-P response_format=b64_json` asks for it",
                ),
                streams: true,
                ..Facts::of("openai")
            }
        }
    }

    fn submit(&self, order: &Order, _: &Links) -> Result<Step<'static>> {
        let path = order.params.path.as_deref().unwrap_or(IMAGES);
        let target = Target::Role("api".to_owned(), path.to_owned());
        let mut body = body(order, Some("model"), SizeField::Size);
        stream::ask(&mut body, order.partials);
        Ok(Step::send(match &order.edit {
            None => Call::post(Stage::Submit, target, body),
            Some(fields) if fields.form == EditForm::Multipart => {
                Call::form(Stage::Submit, target, form(body, fields, &order.inputs))
            }
            Some(fields) => {
                Call::post(Stage::Submit, target, with_inputs(body, fields, &order.inputs))
            }
        }))
    }

    fn read<'r>(&self, order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
        if !reply.is_success() {
            return Err(failure(reply, order));
        }
        let answer: ImagesAnswer<'r> = match serde_json::from_slice(reply.body) {
            Ok(answer) => answer,
            Err(_) => return Err(not_the_answer(reply, order)),
        };
        if answer.data.is_empty()
            && let Some(error) = error_in_success(reply, order)
        {
            return Err(error);
        }
        if let Some(error) = answer.error.filter(|error| !error.0.is_null())
            && answer.data.is_empty()
        {
            // An error object under a 200: the request was taken, so money may be gone.
            let complaint = ProviderError::of(&json!({ "error": error.0 }));
            let error = Error::new(Kind::Unusable, complaint.words(reply.status));
            let code = complaint.name().unwrap_or(Kind::Unusable.code());
            return Err(error.code(code));
        }
        let mut gave = Yield {
            usage: answer.usage.as_ref().and_then(Tokens::usage),
            cost: answer.usage.as_ref().and_then(Tokens::cost),
            request_id: request_id(reply),
            ..Yield::default()
        };
        let mut refused = false;
        for item in answer.data {
            refused |= item.respected == Some(false) || item.safe == Some(false);
            gave.seed = gave.seed.or(item.seed);
            gave.revised_prompt =
                gave.revised_prompt.or(item.revised.map(|t| text::clean(&t, 4000)));
            match (item.base64, item.url) {
                (Some(text), _) if !text.0.is_empty() => {
                    gave.pixels.push(pixels_of(text.0, false));
                }
                (_, Some(url)) if !url.0.is_empty() => gave.pixels.push(pixels_of(url.0, true)),
                _ => {}
            }
        }
        if gave.pixels.is_empty() {
            return Err(if refused {
                Error::new(Kind::Content, "the provider refused the prompt after it had answered")
            } else {
                unusable("the answer holds no image")
            });
        }
        Ok(Step::done(gave))
    }

    fn event<'r>(
        &self,
        order: &Order,
        reply: &Reply<'r>,
        name: &str,
        shown: u64,
    ) -> Result<Step<'r>> {
        stream::read(order, reply, name, shown)
    }

    fn discover(&self) -> Option<Call> {
        Some(Call::get(Stage::List, Target::Role("api".to_owned(), "/models".to_owned())))
    }

    fn models(&self, reply: &Reply<'_>) -> Result<(Vec<ListedModel>, Option<Call>)> {
        if !reply.is_success() {
            return Err(failure(reply, &Order::default()));
        }
        let body = large_tree(reply.body).ok_or_else(|| unusable("the model list is not JSON"))?;
        let items = body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = items.iter().filter_map(|item| {
            let word =
                |key: &str| item.get(key).and_then(Value::as_str).map(|t| text::clean(t, 300));
            let wire = word("id")?;
            Some(ListedModel {
                wire,
                name: word("name"),
                shutdown: word("shutdown_date"),
                ..ListedModel::default()
            })
        });
        Ok((found.collect(), None))
    }
}

/// The classified error of an answer outside 2xx.
fn failure(reply: &Reply<'_>, order: &Order) -> Error {
    Failure::of(reply, order).error(reply)
}

/// What answers with success, but not with JSON.
fn not_the_answer(reply: &Reply<'_>, order: &Order) -> Error {
    if let Some(error) = error_in_success(reply, order) {
        return error;
    }
    let kind = reply.header("content-type").unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        return stream_ended();
    }
    let complaint = ProviderError::read(reply);
    if !complaint.is_page {
        return unusable("the answer is not the JSON that was promised")
            .hint("check the provider's base URL: `pinx providers`");
    }
    let title = Some(complaint.message).filter(|title| !title.is_empty());
    let title = title.map(|title| format!(": {title}")).unwrap_or_default();
    let mut error = unusable(format!("the answer is a web page, not JSON{title}"));
    error.topic = Some(Topic::Address);
    error
}

/// The error that stands in the place of images in an answer that claims success.
fn error_in_success(reply: &Reply<'_>, order: &Order) -> Option<Error> {
    let complaint = ProviderError::read(reply);
    Failure::in_success(complaint, reply, order).map(|failure| failure.error(reply))
}

/// The id that support asks for.
fn request_id(reply: &Reply<'_>) -> Option<String> {
    reply.header("x-request-id").map(|id| text::clean(id, 200))
}

/// The response, borrowed from the body: the base64 text is not copied.
#[derive(serde::Deserialize)]
struct ImagesAnswer<'r> {
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    data: Vec<Item<'r>>,
    #[serde(default)]
    usage: Option<Tokens>,
    #[serde(default)]
    error: Option<Bounded>,
}

#[derive(Default)]
struct Item<'r> {
    base64: Option<Text<'r>>,
    url: Option<Text<'r>>,
    revised: Option<String>,
    seed: Option<u64>,
    respected: Option<bool>,
    safe: Option<bool>,
}

/// What has another type than documented counts as missing: it must not take the rest with it.
macro_rules! others_are_missing {
    ($de:lifetime) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_seq<A: SeqAccess<$de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

/// Text that borrows where JSON has no escapes (a plain `Cow` field would copy).
#[derive(Default)]
struct Text<'r>(Cow<'r, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            others_are_missing!('de);
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Borrow)
    }
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Item<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
                let mut item = Item::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "b64_json" => item.base64 = Some(map.next_value()?),
                        "url" => item.url = Some(map.next_value()?),
                        "revised_prompt" => {
                            item.revised =
                                map.next_value::<Bounded>()?.0.as_str().map(str::to_owned)
                        }
                        "seed" => item.seed = map.next_value::<Bounded>()?.0.as_u64(),
                        "respect_moderation" => {
                            item.respected = map.next_value::<Bounded>()?.0.as_bool()
                        }
                        "is_image_safe" => item.safe = map.next_value::<Bounded>()?.0.as_bool(),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(item)
            }
            fn visit_str<E>(self, _: &str) -> Result<Item<'de>, E> {
                Ok(Item::default())
            }
            others_are_missing!('de);
        }
        deserializer.deserialize_any(Fields)
    }
}

impl Item<'_> {
    /// Whether it says anything that we read.
    fn is_empty(&self) -> bool {
        let Item { base64, url, revised, seed, respected, safe } = self;
        (base64.is_none() && url.is_none() && revised.is_none())
            && (seed.is_none() && respected.is_none() && safe.is_none())
    }
}

/// `data` may be missing, null or a list, of which what says nothing is left out.
fn lenient_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Item<'de>>, D::Error> {
    struct List;
    impl<'de> Visitor<'de> for List {
        type Value = Vec<Item<'de>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of images")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element::<Item<'de>>()? {
                if list.len() == MOST_IMAGES {
                    return Err(de::Error::custom("too many images"));
                }
                if !item.is_empty() {
                    list.push(item);
                }
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(List)
}

/// What `usage` says, in any of its shapes: tokens, and the cost where it stands there.
pub(super) fn usage_of(usage: Value) -> (Option<Usage>, Option<Money>) {
    let tokens = Tokens(Bounded(usage));
    (tokens.usage(), tokens.cost())
}

/// `usage`, in any of its shapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Tokens(Bounded);

impl Tokens {
    fn usage(&self) -> Option<Usage> {
        let number = |value: Option<&Value>| value.and_then(Value::as_u64);
        let input = self.0.0.get("input_tokens_details");
        let output = self.0.0.get("output_tokens_details");
        let all_in = number(self.0.0.get("input_tokens"));
        let all_out = number(self.0.0.get("output_tokens"));
        let image_in = number(input.and_then(|d| d.get("image_tokens"))).unwrap_or(0);
        let text_out = number(output.and_then(|d| d.get("text_tokens"))).unwrap_or(0);
        let usage = Usage {
            text_in: number(input.and_then(|d| d.get("text_tokens")))
                .or(all_in.map(|all| all.saturating_sub(image_in)))
                .unwrap_or(0),
            image_in,
            image_out: number(output.and_then(|d| d.get("image_tokens")))
                .or(all_out.map(|all| all.saturating_sub(text_out)))
                .unwrap_or(0),
            text_out,
        };
        // LocalAI reports zeros; that is no usage.
        (usage != Usage::default()).then_some(usage)
    }

    /// OpenRouter's `cost` (dollars) and xAI's ticks (1e-10 dollars).
    fn cost(&self) -> Option<Money> {
        let number =
            |key: &str| self.0.0.get(key).and_then(Value::as_f64).filter(|number| *number >= 0.0);
        number("cost").or(number("cost_in_usd_ticks").map(|ticks| ticks / 1e10)).map(Money::dollars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{EndpointKind, Then};

    fn read(body: &str) -> Result<usize, Kind> {
        let reply = Reply { endpoint: EndpointKind::Official, ..Reply::to_submit(200, body) };
        let step = OpenAi.read(&Order::default(), &reply).map_err(|error| error.kind)?;
        assert!(matches!(step.then, Then::Done));
        Ok(step.gave.map_or(0, |gave| gave.pixels.len()))
    }

    #[test]
    fn an_image_is_taken_whatever_stands_beside_it() {
        let odd = r#"null,7,-1,2.5,true,"x",[[1]],{"b64_json":7,"url":{"a":[1]},"seed":"x"}"#;
        let image = r#"{"url":null,"b64_json":"QUJD","revised_prompt":[1],"seed":-1}"#;
        let body = format!(r#"{{"data":[{odd},{image}],"usage":[1],"error":"warning","x":{{}}}}"#);
        assert_eq!(read(&body), Ok(1));
        for data in ["null", "[]", "[{}]"] {
            assert_eq!(read(&format!(r#"{{"data":{data}}}"#)), Err(Kind::Unusable), "{data}");
        }
    }

    #[test]
    fn links_and_base64_may_have_changed_places() {
        let pixels = |body: &str| {
            let reply = Reply::to_submit(200, body);
            let step = OpenAi.read(&Order::default(), &reply).unwrap();
            format!("{:?}", step.gave.unwrap().pixels)
        };
        let base64 = "iVBORw0KGgoAAAANSUhEUg==";
        let packed = format!("[Base64(\"{base64}\")]");
        assert_eq!(pixels(&format!(r#"{{"data":[{{"url":"{base64}"}}]}}"#)), packed);
        let data = format!(r#"{{"data":[{{"b64_json":"data:image/png;base64,{base64}"}}]}}"#);
        assert_eq!(pixels(&data), packed);
        let link = pixels(r#"{"data":[{"b64_json":"https://a.example/x.png"}]}"#);
        assert_eq!(link, "[Link(\"https://a.example/x.png\")]");
        assert_eq!(pixels(r#"{"data":[{"url":"/x.png"}]}"#), "[Link(\"/x.png\")]");
    }

    #[test]
    fn lists_without_end_are_no_answer() {
        let list = |item: &str, count: usize| {
            format!(r#"{{"data":[{}{item}]}}"#, format!("{item},").repeat(count - 1))
        };
        assert_eq!(read(&list(r#"{"url":"u"}"#, MOST_IMAGES)), Ok(MOST_IMAGES));
        assert_eq!(read(&list(r#"{"url":"u"}"#, MOST_IMAGES + 1)), Err(Kind::Unusable));
        assert_eq!(read(&list("null", 1 << 20)), Err(Kind::Unusable), "and cost no memory");
        let deep = format!(r#"{{"x":{}"#, "[".repeat(1 << 20));
        assert_eq!(read(&deep), Err(Kind::Unusable));
        let usage = format!(r#"{{"data":[{{"url":"u"}}],"usage":[{}0]}}"#, "0,".repeat(200_000));
        assert_eq!(read(&usage), Err(Kind::Unusable));
    }
}
