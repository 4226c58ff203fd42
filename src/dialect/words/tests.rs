//! Literal bodies of providers and gateways, and what each of them means.

use serde_json::{Value, json};

use super::*;
use crate::dialect::Reply;
use crate::request::Request;

fn sense(prompt: &str, status: u16, body: &str) -> Option<Sense> {
    let request = Request { prompt: prompt.to_owned(), ..Request::default() };
    let order = Order { request: request.into(), ..Order::default() };
    let reply = Reply::to_submit(status, body);
    of(&ProviderError::read(&reply), status, &order)
}

/// A whole answer of OpenAI's as LiteLLM hands it on.
fn litellm(error: &str, behind: &Value) -> String {
    let message = format!("litellm.{error}: OpenAIException - {behind}");
    json!({ "error": { "message": message, "type": null, "param": null, "code": "400" } })
        .to_string()
}

#[test]
fn refusals_are_known_in_every_envelope() {
    let openai = json!({ "error": {
        "message": "Your request was rejected by the safety system. safety_violations=[violence].",
        "type": "image_generation_user_error", "param": null, "code": "moderation_blocked",
    }});
    let said = "Your request was rejected as a result of our safety system.";
    for (status, body) in [
        (400, openai.to_string()),
        (400, litellm("BadRequestError", &openai)),
        (500, litellm("ContentPolicyViolationError", &openai)),
        (400, format!(r#"{{"error":{{"message":"litellm.BadRequestError: OpenAIException - {said}","code":"400"}}}}"#)),
        (400, format!(r#"{{"error":{{"message":"openai error: {said}","type":null}},"provider":"openai"}}"#)),
        (400, json!({ "error": { "message": "x", "code": "content_filter", "inner_error": { "code": "ResponsibleAIPolicyViolation" } } }).to_string()),
        (400, format!(r#"{{"success":false,"errors":[{{"code":7003,"message":"{said}"}}]}}"#)),
        (200, format!(r#"{{"code":400,"msg":"{said}"}}"#)),
        (422, r#"{"detail":[{"loc":["body","prompt"],"msg":"flagged","type":"content_policy_violation"}]}"#.to_owned()),
        (403, r#"{"error":{"code":403,"message":"x requires moderation. Your input was flagged for \"violence\"."}}"#.to_owned()),
        (446, r#"{"error":{"message":"The guardrail checks defined in the config failed.","type":"hooks_failed"}}"#.to_owned()),
        (400, said.to_owned()),
        (500, format!("Error code: 400 - {{'error': {{'message': '{said}', 'code': 'x'}}}}")),
        (400, r#"{"error":{"code":"InputTextSensitiveContentDetected","message":"no"}}"#.to_owned()),
    ] {
        assert_eq!(sense("a fox", status, &body), Some(Refused), "{status} {body}");
    }
}

#[test]
fn empty_accounts_and_dead_keys_are_known_in_every_envelope() {
    let quota = json!({ "error": {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota", "param": null, "code": "insufficient_quota",
    }});
    let dead = json!({ "error": { "message": "Incorrect API key provided: sk-***.", "code": "invalid_api_key" } });
    let gemini = |status: &str, reason: &str| {
        json!([{ "error": { "code": 400, "status": status, "message": "no", "details": [{ "reason": reason }] } }])
            .to_string()
    };
    for (status, body, expected) in [
        (429, quota.to_string(), Money),
        (429, litellm("RateLimitError", &quota), Money),
        (500, litellm("APIError", &quota), Money),
        (429, "You exceeded your current quota, please check your plan and billing details.".to_owned(), Money),
        (402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#.to_owned(), Money),
        (200, r#"{"error":{"code":402,"message":"no"}}"#.to_owned(), Money),
        (200, r#"{"code":1113,"msg":"余额不足"}"#.to_owned(), Money),
        (403, r#"{"error":{"message":"用户额度不足","type":"new_api_error","code":"insufficient_user_quota"}}"#.to_owned(), Money),
        (403, r#"{"detail":"User is locked. Reason: Exhausted balance. Top up your balance at fal.ai"}"#.to_owned(), Money),
        (402, r#"{"title":"Insufficient credit","detail":"You have insufficient credit to run this model.","status":402}"#.to_owned(), Money),
        (400, r#"{"error":{"message":"Billing hard limit has been reached.","code":null}}"#.to_owned(), Money),
        (400, r#"{"error":{"message":"Budget has been exceeded! Current cost: 1.2, Max budget: 1.0","type":"budget_exceeded","code":"400"}}"#.to_owned(), Money),
        (429, r#"{"success":false,"errors":[{"code":3036,"message":"x"}]}"#.to_owned(), Day),
        (401, dead.to_string(), Key),
        (500, litellm("AuthenticationError", &dead), Key),
        (400, gemini("INVALID_ARGUMENT", "API_KEY_INVALID"), Key),
        (400, r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]"#.to_owned(), Key),
        (200, r#"{"code":401,"msg":"无效的令牌"}"#.to_owned(), Key),
        (401, r#"{"detail":"invalid key credentials"}"#.to_owned(), Key),
        (403, r#"{"detail":"User is locked. Reason: Admin lock."}"#.to_owned(), Locked),
        (403, r#"{"error":{"message":"Your organization must be verified to use the model."}}"#.to_owned(), Permission),
    ] {
        assert_eq!(sense("a fox", status, &body), Some(expected), "{status} {body}");
    }
}

#[test]
fn geminis_one_sentence_has_three_meanings() {
    let said = "You exceeded your current quota, please check your plan and billing details.";
    let body = |id: &str, value: &str| {
        json!([{ "error": { "code": 429, "message": said, "status": "RESOURCE_EXHAUSTED", "details": [
            { "violations": [{ "quotaId": id, "quotaValue": value }] }, { "retryDelay": "36s" },
        ]}}])
    };
    let minute = body("GenerateRequestsPerMinutePerProjectPerModel", "10");
    let day = body("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "100");
    let none = body("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0");
    let bare = json!({ "error": { "code": 429, "message": said, "status": "RESOURCE_EXHAUSTED" } });
    let words = format!("{said} * Quota exceeded for metric: x/requests, limit: 0, model: y");
    let some = format!("{said} * Quota exceeded for metric: x/requests, limit: 05, model: y");
    for (status, body, expected) in [
        (429, minute.to_string(), Busy),
        (429, day.to_string(), Day),
        (429, none.to_string(), Money),
        (429, bare.to_string(), Busy),
        (402, bare.to_string(), Money),
        (429, litellm("RateLimitError", &day), Day),
        (429, litellm("RateLimitError", &minute), Busy),
        (429, words, Money),
        (429, some, Busy),
        (429, said.to_owned(), Money),
    ] {
        assert_eq!(sense("a fox", status, &body), Some(expected), "{body}");
    }
}

#[test]
fn a_prompt_that_comes_back_decides_nothing() {
    let prompt = "a neon sign: insufficient_quota, rejected by the safety system, invalid api key";
    let start = &prompt[..50];
    let nested = r#"a screen with {"error":{"code":"insufficient_quota"}} on it"#;
    for (prompt, body) in [
        (prompt, json!({ "error": { "message": format!("Invalid prompt: '{prompt}'") } }).to_string()),
        (prompt, json!({ "error": { "message": format!("Invalid prompt: '{start}…'") } }).to_string()),
        (prompt, json!({ "error": { "message": format!("INVALID: {}", prompt.to_uppercase()) } }).to_string()),
        (prompt, format!("bad request: {prompt}")),
        (prompt, format!("bad request: {prompt} and again {prompt}")),
        (prompt, json!({ "detail": [{ "loc": ["body", "prompt"], "msg": format!("no: {prompt}"), "type": "x" }] }).to_string()),
        (nested, json!({ "error": { "message": format!("Invalid prompt: {nested}") } }).to_string()),
        (nested, json!({ "error": { "message": format!("Invalid prompt: {}", &nested[..52]) } }).to_string()),
    ] {
        assert_eq!(sense(prompt, 400, &body), None, "{body}");
    }
    // However deep it is wrapped and escaped, and whatever stands inside of it.
    let told = r#"a "neon" sign: {"error":{"message":"insufficient credits"}}"#;
    let quota = "a board: quota exceeded for metric: x, limit: 0, resource_exhausted";
    let quoted = "a \"neon\" sign: insufficient credits";
    for prompt in [told, quota, quoted] {
        let plain = json!({ "error": { "message": format!("Invalid prompt: {prompt}") } });
        let wrapped = litellm("APIError", &plain);
        let twice = json!({ "error": { "message": format!("openai error: {wrapped}") } });
        for body in [plain.to_string(), wrapped, twice.to_string()] {
            for status in [200, 429, 500] {
                assert_eq!(sense(prompt, status, &body), None, "{body}");
            }
        }
    }
    // What the server says besides still counts, and so does a code where codes stand.
    let both = format!("Your request was rejected by the safety system: '{prompt}'");
    assert_eq!(sense(prompt, 400, &json!({ "error": both }).to_string()), Some(Refused));
    let coded = json!({ "error": { "message": prompt, "code": "moderation_blocked" } }).to_string();
    assert_eq!(sense(prompt, 400, &coded), Some(Refused));
    let negative = Some("nsfw content detected".to_owned());
    let request = Request { negative, ..Request::default() };
    let order = Order { request: request.into(), ..Order::default() };
    let told = ProviderError::of(&json!({ "error": "unknown field: nsfw content detected" }));
    assert_eq!(of(&told, 400, &order), None);
}

#[test]
fn what_is_none_of_them_is_left_to_the_status() {
    for (status, body) in [
        (400, r#"{"error":{"message":"Unknown parameter: 'billing'.","param":"billing"}}"#),
        (
            400,
            r#"[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"moderation\": Cannot find field.","status":"INVALID_ARGUMENT"}}]"#,
        ),
        (400, r#"{"error":"prompt required"}"#),
        (404, r#"{"error":{"message":"content policy violation"}}"#),
        (429, r#"{"detail":"Request was throttled. Your rate limit resets in ~30s."}"#),
        (502, "<html><title>insufficient_quota</title>"),
        (
            500,
            r#"{"error":{"message":"litellm.InternalServerError: OpenAIException - Connection error.","code":"500"}}"#,
        ),
    ] {
        assert_eq!(sense("a fox", status, body), None, "{body}");
    }
}

#[test]
fn the_tables_are_in_lower_case_and_without_doubles() {
    let codes: Vec<&str> = CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let sentences = SENTENCES.iter().flat_map(|(_, sentences)| sentences.iter().copied());
    let sentences: Vec<&str> = sentences.collect();
    for list in [&codes, &sentences] {
        for word in list.iter() {
            assert_eq!(plain(word), *word);
            assert_eq!(list.iter().filter(|other| *other == word).count(), 1, "{word}");
        }
    }
}
