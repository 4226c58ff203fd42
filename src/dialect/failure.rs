//! The class of a failed answer, and the words for it: the same table for all dialects.
//!
//! Pure. The question is always whether money could have been spent. A server error is the provider's
//! own word only with evidence: at its own address its envelope or its request id, and anywhere else
//! both its request id and one of its error types. A gateway that wraps a server which broke off has
//! nothing to say about what became of the request there.

use serde_json::Value;

use super::provider_error::ProviderError;
use super::words::{self, Sense};
use super::{EndpointKind, Reply, Stage};
use crate::catalog::Order;
use crate::error::{Error, Kind, Topic};
use crate::json::{large_tree, tree};

/// What helps after a refusal.
pub(super) const REFUSED: &str = "change the prompt; a refusal is never passed on to another provider \
                                  unless `fallback_on = [\"content\"]`";

/// The code of an answer that no provider's API has given.
const WRONG_ADDRESS: &str = "wrong_address";

/// A failed answer as far as it is understood.
pub(super) struct Failure {
    pub(super) kind: Kind,
    pub(super) topic: Option<Topic>,
    pub(super) complaint: ProviderError,
}

impl Failure {
    /// Reads an answer outside 2xx.
    pub(super) fn of(reply: &Reply<'_>, order: &Order) -> Failure {
        let complaint = ProviderError::read(reply);
        let sense = words::of(&complaint, reply.status, order);
        let kind = match reply.stage {
            Stage::Submit => submitted(reply, &complaint, sense, order),
            _ => free(reply.status, sense),
        };
        Failure { kind, topic: topic(kind, sense, reply, &complaint), complaint }
    }

    /// Reads an error inside an answer that claims success. The request was taken, so only what says
    /// that nothing was made of it counts: a refusal, an account, a key.
    pub(super) fn in_success(
        complaint: ProviderError,
        reply: &Reply<'_>,
        order: &Order,
    ) -> Option<Failure> {
        // An image that was paid for outweighs whatever is said beside it.
        if may_hold_image(reply.body) {
            return None;
        }
        let sense = words::of(&complaint, reply.status, order)?;
        // What was counted or taken was worked on, unless it was refused: it may have been billed.
        if sense == Sense::Permission || (sense != Sense::Refused && tells_of_work(reply)) {
            return None;
        }
        let kind = decisive(sense)?;
        Some(Failure { kind, topic: topic(kind, Some(sense), reply, &complaint), complaint })
    }

    /// Reads an error that a stream tells of. A refusal is one; but what was shown, counted or worked on
    /// may have been billed, and of all else only what says that nothing was made is believed.
    pub(super) fn in_stream(
        complaint: ProviderError,
        reply: &Reply<'_>,
        order: &Order,
        is_shown: bool,
    ) -> Failure {
        let sense = words::of(&complaint, reply.status, order);
        let is_begun = is_shown || tells_of_work(reply) || words::tells_of_work(&complaint);
        // That it is not now, a sentence may say of anything.
        let is_busy =
            || complaint.words.iter().any(|word| words::of_code(word) == Some(Sense::Busy));
        let kind = match sense {
            Some(Sense::Refused) => Kind::Content,
            _ if is_begun => Kind::Unusable,
            Some(Sense::Busy) if is_busy() => Kind::Busy,
            sense => sense.and_then(decisive).unwrap_or(Kind::Unusable),
        };
        Failure { kind, topic: topic(kind, sense, reply, &complaint), complaint }
    }

    /// Says what happened, in the server's words, and what to do.
    pub(super) fn error(&self, reply: &Reply<'_>) -> Error {
        let Failure { kind, complaint, .. } = self;
        let (kind, words) = (*kind, complaint.words(reply.status));
        let is_redirect = (300..400).contains(&reply.status);
        let mut error = match kind {
            Kind::Content => Error::new(kind, format!("refused by content policy: {words}"))
                .hint(REFUSED),
            _ if self.topic == Some(Topic::Address) && !is_redirect => {
                let what = if complaint.is_page { "a web page" } else { "no image API" };
                Error::new(kind, format!("{what} answers at this address: {words}"))
                    .code(WRONG_ADDRESS)
            }
            Kind::Rejected if is_redirect => {
                let what = format!("the provider answers with a redirect (HTTP {})", reply.status);
                Error::new(kind, what).hint(
                    "check its base URL with `pinx providers`; redirects are not followed because \
                     they could carry the key elsewhere",
                )
            }
            Kind::Rejected if !complaint.param.is_empty() => {
                Error::new(kind, format!("the provider rejects `{}`: {words}", complaint.param))
            }
            Kind::Permission if words.contains("verified") => Error::new(kind, words).hint(
                "verify the organisation at https://platform.openai.com/settings/organization/general",
            ),
            Kind::MissingModel => {
                Error::new(kind, words).hint("`pinx models` lists what can be used")
            }
            _ => Error::new(kind, words),
        };
        if let Some(code) = complaint.name().filter(|_| error.code != WRONG_ADDRESS) {
            code.clone_into(&mut error.code);
        }
        error.topic = self.topic;
        error
    }
}

/// Bytes of an answer that only tells of an error, at most.
const LONGEST_ERROR: usize = 16 * 1024;

/// Whether there may be an image in an answer, or a link to one, in whatever form.
fn may_hold_image(body: &[u8]) -> bool {
    // Beginnings of PNG, JPEG, GIF and WebP, raw and in base64, and of links to them.
    const SIGNS: [&[u8]; 8] = [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"RIFF",
        b"iVBORw0KGgo",
        b"/9j/",
        b"R0lGOD",
        b"UklGR",
        b"data:image/",
    ];
    let has = |sign: &[u8]| body.windows(sign.len()).any(|part| part == sign);
    // A member that is there with text in it; `"b64_json": null` is not.
    let has_text = |name: &str| {
        let text = String::from_utf8_lossy(body);
        text.match_indices(name).any(|(at, _)| {
            let rest = text[at + name.len()..].trim_start_matches([':', ' ', '\t', '\r', '\n']);
            rest.starts_with('"') && !rest.starts_with("\"\"")
        })
    };
    // A text that is nothing but the link to an image.
    let is_link = |text: &str| {
        let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        text.starts_with("http")
            && [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"]
                .iter()
                .any(|end| path.ends_with(end))
    };
    let links = || String::from_utf8_lossy(body).replace("\\/", "/").split('"').any(is_link);
    body.len() > LONGEST_ERROR
        || links()
        || SIGNS.into_iter().any(has)
        || ["\"b64_json\"", "\"url\""].into_iter().any(has_text)
}

/// Whether an answer that failed holds what is billed for: the count of what was made, or an image
/// where the images of an answer stand. What an error repeats of the request stands elsewhere.
fn tells_of_work(reply: &Reply<'_>) -> bool {
    const IMAGES: [&[u8]; 3] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8"];
    if IMAGES.iter().any(|start| reply.body.starts_with(start)) || reply.body.starts_with(b"RIFF") {
        return true;
    }
    let Some(body) = large_tree(reply.body) else {
        return !reply.body.trim_ascii_start().starts_with(b"<")
            && reply.body.windows(12).any(|part| part == b"\"b64_json\":\"");
    };
    let is_counted = |usage: &Value| {
        usage.as_object().is_some_and(|counts| {
            counts.iter().any(|(name, count)| {
                let name = name.to_ascii_lowercase();
                (name.contains("token") || name.starts_with("cost"))
                    && count.as_f64().is_some_and(|count| count > 0.0)
            })
        })
    };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let is_image =
        |item: &Value| ["b64_json", "url"].iter().any(|name| item.get(*name).is_some_and(is_text));
    let holds = |value: &Value| match value {
        Value::Array(items) => items.iter().any(is_image),
        item => is_image(item),
    };
    ["usage", "usageMetadata"].iter().filter_map(|name| body.get(*name)).any(is_counted)
        || ["data", "images", "image"].iter().filter_map(|name| body.get(*name)).any(holds)
}

/// The class of a word that decides whatever the status is, and however it is wrapped.
fn decisive(sense: Sense) -> Option<Kind> {
    match sense {
        Sense::Refused => Some(Kind::Content),
        Sense::Money | Sense::Day | Sense::Key | Sense::Locked => Some(Kind::Account),
        _ => None,
    }
}

/// The class of an answer that closes a model to a key before anything was made: an error in JSON, of a
/// status that says so, in words about the model or about who may use it. It alone lets another model
/// take its place, and is remembered.
fn dead_end(
    reply: &Reply<'_>,
    complaint: &ProviderError,
    sense: Option<Sense>,
    order: &Order,
) -> Option<Kind> {
    let kind = match (reply.status, sense) {
        // Gateways say so of a model that none of their servers has.
        (400..=407 | 410..=424 | 451 | 503, Some(Sense::Missing)) => Kind::MissingModel,
        (400..=407 | 410..=424 | 451, Some(Sense::Permission)) => Kind::Permission,
        (403 | 404, Some(sense)) if !matches!(sense, Sense::Server | Sense::NoRunner) => {
            return None;
        }
        (403, _) if tree(reply.body).is_some() && !complaint.is_empty() => Kind::Permission,
        (404, _) if !is_no_api(reply, complaint, order) => Kind::MissingModel,
        _ => return None,
    };
    let is_begun = words::tells_of_work(complaint);
    Some(if is_begun { Kind::Ambiguous } else { kind }).filter(|_| !complaint.is_page)
}

/// The class of a free call that failed.
fn free(status: u16, sense: Option<Sense>) -> Kind {
    match status {
        429 | 500..=599 => Kind::Server,
        401 | 403 | 404 | 410 => Kind::Detached,
        _ => match sense {
            Some(Sense::Key) => Kind::Detached,
            _ => Kind::Rejected,
        },
    }
}

/// The class of a paid call that was answered, but not with success.
fn submitted(
    reply: &Reply<'_>,
    complaint: &ProviderError,
    sense: Option<Sense>,
    order: &Order,
) -> Kind {
    // A refusal is one, whatever stands beside it; of all else, what was counted or made is paid for.
    if sense != Some(Sense::Refused) && tells_of_work(reply) {
        return Kind::Unusable;
    }
    let decided = sense.and_then(decisive);
    if let Some(kind) = decided.or_else(|| dead_end(reply, complaint, sense, order)) {
        return kind;
    }
    match (reply.status, sense) {
        (500.., _) => server_error(reply, complaint, sense),
        (408 | 499, _) | (_, Some(Sense::Cancelled)) => Kind::Ambiguous,
        (409 | 425 | 429, _) | (_, Some(Sense::Busy)) => Kind::Busy,
        (401 | 402, _) => Kind::Account,
        (_, Some(Sense::Wrong)) => Kind::Rejected,
        (300..=499, _) => Kind::Rejected,
        _ => Kind::Ambiguous,
    }
}

/// Whether a 404 is about the address, not about the model. Then no provider's API has answered, or
/// one that does not know the path.
fn is_no_api(reply: &Reply<'_>, complaint: &ProviderError, order: &Order) -> bool {
    let said = complaint.message.to_lowercase();
    let wire = order.wire.to_lowercase();
    if !complaint.enveloped || said.contains("invalid url") || said.contains("unknown request url")
    {
        return true;
    }
    let names = ["model", "deployment", "application", "endpoint"];
    let is_about_model =
        names.iter().any(|name| said.contains(name)) || (!wire.is_empty() && said.contains(&wire));
    !is_about_model && reply.endpoint == EndpointKind::Other
}

/// A 5xx after the bytes have left.
fn server_error(reply: &Reply<'_>, complaint: &ProviderError, sense: Option<Sense>) -> Kind {
    let status = reply.status;
    let is_pause = matches!(status, 503 | 529) && reply.header("retry-after").is_some();
    let evidence = match reply.endpoint {
        EndpointKind::Official => complaint.enveloped || request_id_of_provider(reply),
        EndpointKind::Other => is_providers_own(reply, complaint),
    };
    let believed = match reply.endpoint {
        EndpointKind::Official => evidence || matches!(status, 500 | 529) || is_pause,
        EndpointKind::Other => evidence || (is_pause && !is_wrapped(reply, complaint)),
    };
    match status {
        _ if !believed => Kind::Ambiguous,
        520..=527 | 600.. => Kind::Ambiguous,
        _ if sense == Some(Sense::NoRunner) => Kind::NoRunner,
        503 | 529 => Kind::Busy,
        _ => Kind::Server,
    }
}

/// Whether an answer of another address carries the provider's request id and an error type of the
/// provider's, and it was asked once only.
fn is_providers_own(reply: &Reply<'_>, complaint: &ProviderError) -> bool {
    let own = complaint.words.iter().skip(complaint.inner);
    let header = reply.header("x-fal-error-type").map(str::to_owned);
    let is_its_type = own.chain(&header).any(|word| {
        matches!(words::of_code(word), Some(Sense::Server | Sense::NoRunner | Sense::Busy))
    });
    is_its_type && request_id_of_provider(reply) && !is_wrapped(reply, complaint)
}

/// Whether there is a request id that a provider has given, not one that a proxy makes for its log.
/// OpenAI's begin with `req_`; fal's has a header of its own.
fn request_id_of_provider(reply: &Reply<'_>) -> bool {
    let id = reply.header("x-request-id").unwrap_or_default();
    match reply.endpoint {
        EndpointKind::Official => !id.is_empty() || reply.header("x-fal-request-id").is_some(),
        EndpointKind::Other => id.starts_with("req_") || reply.header("x-fal-request-id").is_some(),
    }
}

/// Whether a gateway speaks of a server behind it, or has asked that one several times.
fn is_wrapped(reply: &Reply<'_>, complaint: &ProviderError) -> bool {
    let repeats = ["x-litellm-attempted-retries", "x-portkey-retry-attempt-count"];
    let has_repeated = repeats
        .iter()
        .filter_map(|name| reply.header(name))
        .any(|count| !matches!(count.trim(), "" | "0"));
    has_repeated
        || reply.header("x-portkey-gateway-exception").is_some()
        || words::tells_of_another(complaint)
}

/// What a failure is about, where that decides which remedy helps.
fn topic(
    kind: Kind,
    sense: Option<Sense>,
    reply: &Reply<'_>,
    complaint: &ProviderError,
) -> Option<Topic> {
    match (kind, sense) {
        (Kind::Account, Some(Sense::Money)) => Some(Topic::Money),
        (Kind::Account, Some(Sense::Day)) => Some(Topic::Day),
        (Kind::Account, Some(Sense::Locked)) => None,
        (Kind::Account, None) if reply.status == 402 => Some(Topic::Money),
        (Kind::Account, _) if complaint.is_gateways && reply.endpoint == EndpointKind::Other => {
            Some(Topic::Gateway)
        }
        (Kind::Account, _) if words::is_handed_on(complaint) => Some(Topic::KeyBehind),
        (Kind::Account, _) => Some(Topic::Key),
        (Kind::Content | Kind::Ambiguous | Kind::MissingModel | Kind::Unusable, _) => None,
        _ if complaint.is_page && reply.status < 500 => Some(Topic::Address),
        (Kind::Rejected, _) if matches!(reply.status, 300..=399 | 404 | 405) => {
            Some(Topic::Address)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Failure, may_hold_image};
    use crate::catalog::Order;
    use crate::dialect::Reply;
    use crate::error::Kind;

    fn kind(status: u16, body: &str) -> Kind {
        let reply = Reply::to_submit(status, body);
        Failure::of(&reply, &Order::default()).kind
    }

    fn said(message: &str, code: &str) -> Value {
        json!({ "error": { "message": message, "code": code } })
    }

    #[test]
    fn only_words_about_the_model_before_anything_was_made_close_it() {
        let missing = "The model `x` does not exist or you do not have access to it.";
        let unverified = "Your organization must be verified to use the model `x`.";
        for (status, message, code, expected) in [
            (400, missing, "model_not_found", Kind::MissingModel),
            (404, missing, "model_not_found", Kind::MissingModel),
            (410, "model retired", "model_not_found", Kind::MissingModel),
            (503, "No available channel for model x", "model_not_found", Kind::MissingModel),
            (403, unverified, "", Kind::Permission),
            (403, "Project `p` does not have access to model `x`", "", Kind::Permission),
            (403, "no access to this model; you were not charged", "", Kind::Permission),
            (403, "The generated image was filtered", "", Kind::Ambiguous),
            (403, "the model made it, and you were charged", "permission_denied", Kind::Ambiguous),
            (403, "upstream timeout while the model was at work", "", Kind::Ambiguous),
            (404, "the picture of model x not found in storage", "not_found", Kind::Ambiguous),
            (404, "job not found: model x, result expired", "not_found", Kind::Ambiguous),
            (404, "The result: is not a valid model id", "", Kind::Ambiguous),
            (400, "it was billed, but 'x' is not a valid model id", "", Kind::Ambiguous),
            (
                400,
                "model_not_found after 1 attempt: read timed out",
                "model_not_found",
                Kind::Ambiguous,
            ),
            (400, "blocked", "permission_denied", Kind::Ambiguous),
            (403, "upstream timeout while generating", "server_error", Kind::Ambiguous),
        ] {
            assert_eq!(
                kind(status, &said(message, code).to_string()),
                expected,
                "{status} {message}"
            );
        }
        for status in [500, 502, 504, 524, 600, 999] {
            for code in ["model_not_found", "model_not_available", "permission_denied"] {
                assert_eq!(
                    kind(status, &said(missing, code).to_string()),
                    Kind::Ambiguous,
                    "{status}"
                );
            }
        }
        for body in ["", "<html><title>Blocked</title>the model</html>", "error code: 1020", "{}"] {
            assert_eq!(kind(403, body), Kind::Rejected, "{body}");
        }
        assert_eq!(kind(429, &said("no model", "model_not_found").to_string()), Kind::Busy);
    }

    #[test]
    fn what_was_counted_or_made_is_paid_for_whatever_the_status() {
        let paid = [
            json!({ "usage": { "output_tokens": 4000 } }),
            json!({ "usage": { "cost": 0.04 } }),
            json!({ "data": [{ "b64_json": "QUJD" }] }),
            json!({ "images": [{ "url": "https://a.example/x" }] }),
        ];
        let free = [
            json!({ "usage": { "output_tokens": 0 }, "data": [{ "b64_json": null }] }),
            json!({ "help": { "url": "https://a.example/x.png" }, "usage": null }),
        ];
        for status in [400, 401, 403, 404, 410, 429, 500, 503] {
            for code in ["permission_denied", "model_not_found", "insufficient_quota"] {
                let kind = |beside: &Value| {
                    let mut body = said("model trouble", code);
                    let fields = beside.as_object().unwrap().clone();
                    body.as_object_mut().unwrap().extend(fields);
                    kind(status, &body.to_string())
                };
                for beside in &paid {
                    assert_eq!(kind(beside), Kind::Unusable, "{status} {code} {beside}");
                }
                for beside in &free {
                    assert_ne!(kind(beside), Kind::Unusable, "{status} {code} {beside}");
                }
            }
        }
        let refused = r#"{"error":{"code":"moderation_blocked"},"usage":{"input_tokens":9}}"#;
        assert_eq!(kind(400, refused), Kind::Content);
        // An input that an error repeats is no result.
        let echoed = r#"{"detail":[{"loc":["body"],"msg":"no","input":{"data":[{"url":"u"}]}}]}"#;
        assert_eq!(kind(422, echoed), Kind::Rejected);
    }

    #[test]
    fn an_image_beside_an_error_is_seen_in_any_form() {
        for body in [
            r#"{"data":[{"b64_json":"QUJD"}],"error":"insufficient credits"}"#,
            r#"{"data":[{"url" : "https://a.example/x"}],"msg":"insufficient credits"}"#,
            r#"{"image":"iVBORw0KGgoAAAA","msg":"insufficient credits"}"#,
            r#"{"out":["data:image/png;base64,QUJD"]"#,
            "{\"data\":[{\"b64_json\":\"QUJD",
            r#"{"output":["https:\/\/a.example\/x.PNG?t=1"],"message":"one prompt was flagged"}"#,
        ] {
            assert!(may_hold_image(body.as_bytes()), "{body}");
        }
        for body in [
            r#"{"data":[{"b64_json":null,"url":""}],"error":"insufficient credits"}"#,
            r#"{"error":{"message":"see the url of your account"}}"#,
            r#"{"error":{"message":"flagged, see https://a.example/why.png"},"help":"https://a.example"}"#,
            "insufficient credits",
        ] {
            assert!(!may_hold_image(body.as_bytes()), "{body}");
        }
        assert!(may_hold_image(&[b' '; 20_000]), "no error is as long as that");
    }
}
