//! What the words of providers and gateways mean: one table of codes, one of sentences, for all
//! dialects.
//!
//! Pure. A code counts where a code stands; a sentence wherever a server says it, because gateways
//! wrap, rename and drop codes. What was sent may come back in an error, and decides nothing.
//! Sources: OpenAI's, fal's, Gemini's, OpenRouter's and Cloudflare's references, and answers of
//! LiteLLM, Portkey, one-api and new-api in public issues, all of 2026.

use super::provider_error::ProviderError;
use crate::catalog::Order;

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Content policy.
    Refused,
    /// The account has no money, no credit, or has reached its limit.
    Money,
    /// The quota of the day is used up.
    Day,
    /// The key is wrong.
    Key,
    /// The account is locked; neither another key nor a payment need help.
    Locked,
    /// The key or the account may not use this model.
    Permission,
    /// The model is not known there.
    Missing,
    /// Not now.
    Busy,
    /// The provider's servers say that they failed.
    Server,
    /// They say that they failed, and have tried again for themselves.
    NoRunner,
    /// Cancelled while it was being made.
    Cancelled,
    /// The request is wrong.
    Wrong,
}

use Sense::{
    Busy, Cancelled, Day, Key, Locked, Missing, Money, NoRunner, Permission, Refused, Server, Wrong,
};

/// Codes, types and reasons, compared without regard to case.
const CODES: &[(Sense, &[&str])] = &[
    (
        Refused,
        &[
            "moderation_blocked",
            "content_policy_violation",
            "image_content_policy_violation",
            "contentpolicyviolationerror",
            "responsibleaipolicyviolation",
            "content_filter",
            "contentfilter",
            "safety_violation",
            "no_media_generated",
            "face_detection_error",
            "content_moderation",
            "content_moderated",
            "inputtextsensitivecontentdetected",
            "inputimagesensitivecontentdetected",
            "outputimagesensitivecontentdetected",
            "datainspectionfailed",
            "prohibited_content",
            "image_safety",
            "image_prohibited_content",
            "hook_failed",
        ],
    ),
    (
        Money,
        &[
            "insufficient_quota",
            "billing_not_active",
            "billing_hard_limit_reached",
            "organization_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "project_spend_limit_exceeded",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "insufficient_credits",
            "insufficient_funds",
            "insufficient_balance",
            "budget_exceeded",
            "budget_exhausted",
            "exceededbudget",
            "payment_required",
            "accountoverdueerror",
            "arrearage",
            "top_up",
            "402",
        ],
    ),
    (Day, &["3036"]),
    (
        Key,
        &[
            "invalid_api_key",
            "invalidapikey",
            "api_key_invalid",
            "api_key_expired",
            "api_key_service_blocked",
            "incorrect_api_key",
            "authentication_error",
            "authenticationerror",
            "auth_error",
            "token_not_found_in_db",
            "expired_key",
            "unauthenticated",
            "unauthorized",
            "account_deactivated",
            "access_token_expired",
            "401",
        ],
    ),
    (
        Permission,
        &["no_providers_available", "unsupported_country_region_territory", "permission_denied"],
    ),
    (Missing, &["model_not_found", "deploymentnotfound", "model_not_available"]),
    (Busy, &["rate_limit_exceeded", "concurrent_requests_limit", "queue_full", "3040"]),
    (
        NoRunner,
        &[
            "request_timeout",
            "startup_timeout",
            "generation_timeout",
            "runner_incomplete_response",
            "runner_scheduling_failure",
            "runner_connection_error",
            "runner_connection_refused",
            "runner_connection_timeout",
            "runner_disconnected",
        ],
    ),
    (
        Server,
        &[
            "server_error",
            "api_error",
            "image_generation_server_error",
            "internal_server_error",
            "internal_error",
            "downstream_service_error",
            "downstream_service_unavailable",
            "runner_server_error",
            "overloaded",
            "overloaded_error",
            "engine_overloaded",
            "engine_overloaded_error",
            "service_unavailable",
        ],
    ),
    (Cancelled, &["client_cancelled", "client_disconnected", "cancelled", "canceled"]),
    (
        Wrong,
        &[
            "invalid_value",
            "unknown_parameter",
            "unsupported_parameter",
            "missing_required_parameter",
            "invalid_image",
            "invalid_image_format",
            "image_too_large",
            "empty_image_file",
            "invalid_base64_image",
        ],
    ),
];

/// Sentences, in lower case: whoever says one of them, in whatever envelope, means this.
const SENTENCES: &[(Sense, &[&str])] = &[
    (
        Refused,
        &[
            "rejected by the safety system",
            "rejected by our safety system",
            "rejected as a result of our safety system",
            "not allowed by our safety system",
            "rejected by our content",
            "content policy violation",
            "content_policy_violation",
            "contentpolicyviolationerror",
            "violates our content policy",
            "violates our content policies",
            "violates our usage policies",
            "violates our policies",
            "violate our content policy",
            "violation of our content policy",
            "content management policy",
            "responsibleaipolicyviolation",
            "safety_violations=",
            "moderation_blocked",
            "blocked by our moderation",
            "blocked by our content filter",
            "blocked by content filter",
            "input was flagged",
            "prompt was flagged",
            "request was flagged",
            "flagged as potentially violating",
            "request moderated",
            "content moderated",
            "may contain sensitive information",
            "contain inappropriate content",
            "nsfw content detected",
            "nsfw content was detected",
            "guardrail checks defined in the config failed",
            "violated guardrail policy",
            "violated our guardrail",
        ],
    ),
    (
        Money,
        &[
            "insufficient_quota",
            "exceeded your current quota",
            "check your plan and billing details",
            "billing hard limit has been reached",
            "billing_hard_limit_reached",
            "billing_not_active",
            "account is not active, please check your billing",
            "insufficient credit",
            "insufficient balance",
            "insufficient account balance",
            "insufficient funds",
            "insufficient_user_quota",
            "not enough credits",
            "not enough balance",
            "requires more credits",
            "never purchased credits",
            "out of credits",
            "run out of credits",
            "credit balance is too low",
            "credits are depleted",
            "exhausted balance",
            "top up your",
            "top_up",
            "exceeded budget",
            "budget has been exceeded",
            "exceededbudget",
            "spending limit reached",
            "spend limit reached",
            "spend_limit_exceeded",
            "monthly included credits",
            "pre-consume quota failed",
            "quota is not enough",
            "payment required",
            "account is overdue",
            "余额不足",
            "额度不足",
            "额度已用尽",
            "已欠费",
        ],
    ),
    (Day, &["daily free allocation", "daily quota exceeded", "daily limit reached"]),
    (
        Key,
        &[
            "incorrect api key",
            "invalid api key",
            "invalid api-key",
            "invalid_api_key",
            "api key not valid",
            "api_key_invalid",
            "api key is invalid",
            "api key has expired",
            "api key expired",
            "api key has been disabled",
            "api key was reported as leaked",
            "no api key provided",
            "no api key passed in",
            "didn't provide an api key",
            "missing api key",
            "invalid key credentials",
            "no auth credentials found",
            "no cookie auth credentials found",
            "authentication is required to access",
            "invalid proxy server token",
            "token_not_found_in_db",
            "invalid authentication",
            "authentication error",
            "authentication failed",
            "authenticationerror",
            "invalid access token",
            "无效的令牌",
            "令牌已过期",
        ],
    ),
    (Locked, &["user is locked", "account is locked", "account has been suspended"]),
    (
        Permission,
        &[
            "organization must be verified",
            "user location is not supported",
            "country, region, or territory not supported",
            "does not have access to model",
            "do not have access to this model",
        ],
    ),
    (
        Missing,
        &[
            "invalid model name passed in",
            "is not a valid model id",
            "no available channel for model",
            "no endpoints found for",
            "无可用渠道",
        ],
    ),
];

/// What a gateway says when the server behind it broke off: whether that one had begun is not known.
const BROKEN: &[&str] = &[
    "connection error",
    "connection reset",
    "connection aborted",
    "connection closed",
    "connection terminated",
    "connecterror",
    "remoteprotocolerror",
    "apiconnectionerror",
    "apitimeouterror",
    "upstream connect error",
    "upstream request timeout",
    "disconnect/reset",
    "server disconnected",
    "socket hang up",
    "econnreset",
    "fetch failed",
    "read timed out",
    "unexpected eof",
    "incomplete read",
    "peer closed connection",
    WRAPPERS[0],
    WRAPPERS[1],
    "something went wrong",
];

/// How LiteLLM hands on what another server says.
const WRAPPERS: [&str; 2] = ["exception -", "litellm."];

/// Providers by whose names a gateway begins what they said: `openai error: …`.
const BEHIND: &[&str] = &[
    "openai",
    "azure",
    "azure-openai",
    "google",
    "vertex-ai",
    "fal",
    "fal-ai",
    "replicate",
    "together-ai",
    "fireworks-ai",
    "stability-ai",
    "bedrock",
    "recraft",
    "x-ai",
];

/// Whether a sentence tells of a server behind the one that says it, which broke off.
pub(super) fn tells_of_another(complaint: &ProviderError) -> bool {
    let text = plain(&complaint.text);
    BROKEN.iter().any(|words| text.contains(words))
}

/// What is said of a request that was worked on, or may have been: what became of it is not known then,
/// whatever is said of the model besides.
const BEGUN: &[&str] = &[
    "generated",
    "generating",
    "generation",
    "filtered",
    "charged",
    "billed",
    "timed out",
    "timeout",
    "time-out",
    "expired",
    "blocked",
    "storage",
    "job ",
    "task ",
    "the result",
    "the output",
    "post-processing",
    "upload",
    "download",
];

/// Sentences that say of a request that it cost nothing.
const FREE: &[&str] = &[
    "not charged",
    "not be charged",
    "not been charged",
    "not billed",
    "not be billed",
    "not been billed",
    "not generated",
];

/// Whether a complaint tells that its request was worked on, or may have been.
pub(super) fn tells_of_work(complaint: &ProviderError) -> bool {
    let mut text = plain(&complaint.text);
    for words in FREE {
        text = text.replace(words, "");
    }
    let broke = BROKEN.iter().filter(|words| !WRAPPERS.contains(words));
    BEGUN.iter().chain(broke).any(|words| text.contains(words))
}

/// Whether a gateway has put another server's refusal into its own words.
pub(super) fn is_handed_on(complaint: &ProviderError) -> bool {
    let text = plain(&complaint.text);
    complaint.inner > 0
        || WRAPPERS.iter().any(|words| text.contains(words))
        || BEHIND.iter().any(|provider| {
            text.strip_prefix(provider).is_some_and(|rest| rest.starts_with(" error:"))
        })
}

/// The meaning of a code.
pub(super) fn of_code(code: &str) -> Option<Sense> {
    let code = code.to_ascii_lowercase();
    let row = CODES.iter().find(|(_, codes)| codes.contains(&code.as_str()));
    let runner = || code.starts_with("runner_").then_some(NoRunner);
    row.map(|(sense, _)| *sense).or_else(runner)
}

/// What a complaint means, by its words alone.
pub(super) fn of(complaint: &ProviderError, status: u16, order: &Order) -> Option<Sense> {
    let sent = Sent::of(order);
    // An answer inside of another says the same once more, in other letters.
    let said: Vec<String> = complaint.text.lines().map(plain).collect();
    let says = |words: &str| said.iter().any(|sentence| sent.leaves(sentence, words));
    let inner = complaint.words.iter().take(complaint.inner);
    let inner = inner.filter(|code| says(&plain(code)));
    let own = complaint.words.iter().skip(complaint.inner);
    let codes: Vec<String> = inner.clone().chain(own.clone()).map(|word| plain(word)).collect();
    if let Some(sense) = quota(&codes, status, &said, &says) {
        return Some(sense);
    }
    // A status inside the answer means something only where that of the answer says nothing.
    let is_status = |code: &str| matches!(code, "401" | "402");
    let counts = |code: &&String| !is_status(code) || !matches!(status, 401..=499);
    if let Some(sense) = inner.chain(own).filter(counts).find_map(|code| of_code(code)) {
        return Some(sense);
    }
    let fits = |sense: &Sense| match sense {
        Refused => !matches!(status, 401 | 402 | 404 | 408 | 429),
        Missing => matches!(status, 400..=499),
        _ => true,
    };
    SENTENCES
        .iter()
        .filter(|(sense, _)| fits(sense))
        .find_map(|(sense, sentences)| sentences.iter().any(|words| says(words)).then_some(*sense))
}

/// Gemini's quotas, which share one word and one sentence with an empty account: nothing allowed at
/// all, nothing left for this day, or not in this minute.
fn quota(
    codes: &[String],
    status: u16,
    said: &[String],
    says: &dyn Fn(&str) -> bool,
) -> Option<Sense> {
    let has = |part: &str| codes.iter().any(|word| word.contains(part)) || says(part);
    let is_quota = codes.iter().any(|word| word == "resource_exhausted")
        || says("resource_exhausted")
        || says("quota exceeded for metric");
    if !is_quota || !(status == 429 || status == 402 || status == 200 || status >= 500) {
        return None;
    }
    let is_none = |text: &String| {
        text.match_indices("limit: 0").any(|(at, found)| {
            !text[at + found.len()..].starts_with(|c: char| c.is_ascii_digit() || c == '.')
        })
    };
    let none = || {
        codes.iter().any(|word| word == "quota 0") || (says("limit: 0") && said.iter().any(is_none))
    };
    Some(match () {
        () if status == 402 || has("credits are depleted") || none() => Money,
        () if has("perday") || has("per_day") || has("per day") => Day,
        () => Busy,
    })
}

/// Text in lower case with single spaces, as sentences are compared.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    plain.replace(['’', '‘'], "'")
}

/// What we sent as text: an error that repeats it says nothing by that.
struct Sent(Vec<String>);

impl Sent {
    fn of(order: &Order) -> Sent {
        let asked = &order.request;
        let extra = asked.params.values().filter_map(|value| value.as_str());
        let texts = [Some(&asked.prompt), asked.negative.as_ref(), asked.label.as_ref()];
        let texts = texts.into_iter().flatten().map(String::as_str).chain(extra);
        Sent(texts.map(plain).filter(|text| !text.is_empty()).collect())
    }

    /// Whether these words stand in an answer although what was sent is taken out of it.
    fn leaves(&self, answer: &str, words: &str) -> bool {
        let there = answer.matches(words).count();
        if there == 0 {
            return false;
        }
        let mut echoed = 0;
        for text in &self.0 {
            let own = text.matches(words).count();
            if own == 0 {
                continue;
            }
            match answer.matches(text.as_str()).count() {
                // It may be repeated in part.
                0 => return false,
                times => echoed += own * times,
            }
        }
        there > echoed
    }
}

#[cfg(test)]
mod tests;
