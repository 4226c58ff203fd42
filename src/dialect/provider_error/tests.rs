//! Literal bodies: which sentence, which code, which words that may be codes.

use super::*;

fn read(body: &str) -> ProviderError {
    ProviderError::read(&Reply::to_submit(400, body))
}

#[test]
fn complaints_of_every_shape_are_read() {
    for (body, code, message) in [
        (r#"{"error":{"message":"a","code":"c","type":"t"}}"#, "c", "a"),
        (r#"{"error":{"message":"a","code":402}}"#, "402", "a"),
        (r#"{"code":"x","error":"a"}"#, "x", "a"),
        (r#"{"detail":"a"}"#, "", "a"),
        (
            r#"{"detail":[{"loc":["body","prompt"],"msg":"bad","type":"missing"}]}"#,
            "missing",
            "prompt: bad",
        ),
        (r#"{"detail":{"error":"a"}}"#, "", "a"),
        (r#"{"message":"a\u001b[2J"}"#, "", "a[2J"),
        (r#"[{"error":{"code":400,"message":"a","status":"INVALID_ARGUMENT"}}]"#, "400", "a"),
        (
            r#"{"success":false,"errors":[{"code":10000,"message":"a"}],"result":null}"#,
            "10000",
            "a",
        ),
        (r#"{"success":false,"error":[{"code":2009,"message":"a"}]}"#, "2009", "a"),
        (r#"{"code":"c","msg":"a"}"#, "c", "a"),
        (r#"{"status":"failure","message":"a"}"#, "", "a"),
        (
            r#"{"error":{"message":"provider error: a","type":null},"provider":"openai"}"#,
            "",
            "provider error: a",
        ),
        (r#"{"title":"t","detail":"a","status":402}"#, "", "a"),
        (r#"{"error":true,"message":"a"}"#, "", "a"),
        (r#"{"error":{"error":{"message":"a","code":"c"}}}"#, "c", "a"),
        ("data: not here", "", "data: not here"),
        ("<html><head><title>\n 502 Bad\n Gateway</title>", "", "502 Bad Gateway"),
        ("<!doctype html><body><h1 class=x>Sign in</h1>", "", "Sign in"),
        ("<svg/>", "", ""),
        ("", "", ""),
        ("[]", "", ""),
        ("7", "", ""),
    ] {
        let read = read(body);
        assert_eq!((read.code.as_str(), read.message.as_str()), (code, message), "{body}");
    }
    let long = read(&"word".repeat(100));
    assert_eq!(long.message.chars().count(), SHOWN + 1, "cut, and said to be");
}

#[test]
fn an_envelope_is_an_error_and_not_a_message() {
    for (body, enveloped, page) in [
        (r#"{"error":{"message":"a"}}"#, true, false),
        (r#"[{"error":{"message":"a"}}]"#, true, false),
        (r#"{"detail":"a"}"#, true, false),
        (r#"{"error_type":"request_timeout"}"#, true, false),
        (r#"{"message":"Endpoint request timed out"}"#, false, false),
        (r#"{"error":null,"detail":""}"#, false, false),
        ("{}", false, false),
        ("upstream {\"error\":{\"message\":\"a\"}}", false, false),
        ("<html>502</html>", false, true),
    ] {
        let read = read(body);
        assert_eq!((read.enveloped, read.is_page), (enveloped, page), "{body}");
    }
    assert!(read(r#"{"success":false,"errors":[{"code":1,"message":"a"}]}"#).is_gateways);
    assert!(read(r#"{"status":"failure","message":"a"}"#).is_gateways);
    assert!(!read(r#"{"success":false,"error":{"message":"a"}}"#).is_gateways);
}

#[test]
fn what_a_gateway_has_wrapped_comes_first() {
    let inner = r#"{\"error\": {\"message\": \"Billing hard limit\", \"code\": \"billing_hard_limit_reached\", \"param\": \"size\"}}"#;
    let body = format!(
        r#"{{"error":{{"message":"litellm.BadRequestError: OpenAIException - {inner}","type":null,"param":"None","code":"400"}}}}"#
    );
    let told = read(&body);
    assert_eq!(told.words, ["billing_hard_limit_reached", "400"]);
    assert_eq!((told.inner, told.message.as_str()), (1, "Billing hard limit"));
    assert_eq!((told.name(), told.param.as_str()), (Some("billing_hard_limit_reached"), "size"));
    assert!(told.text.contains("litellm.BadRequestError"), "{told:?}");
    let python = r#"{"detail":"Error code: 429 - {'error': {'message': 'No money', 'code': 'insufficient_quota'}}"}"#;
    assert_eq!(read(python).words, ["insufficient_quota"]);
    let raw = r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"code\":\"moderation_blocked\"}}"}}}"#;
    assert_eq!(read(raw).words, ["moderation_blocked", "502"]);
}

#[test]
fn geminis_reasons_and_quotas_are_words() {
    let body = r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"x/ErrorInfo","reason":"RATE_LIMIT"},
        {"violations":[{"quotaId":"GenerateRequestsPerDay-FreeTier","quotaValue":"0"}]}]}}]"#;
    let words = read(body).words;
    for word in ["RESOURCE_EXHAUSTED", "RATE_LIMIT", "GenerateRequestsPerDay-FreeTier", "quota 0"] {
        assert!(words.iter().any(|known| known == word), "{word}: {words:?}");
    }
}

#[test]
fn answers_inside_answers_end() {
    let mut body = r#"{"error":"x"}"#.to_owned();
    for _ in 0..12 {
        body = serde_json::json!({ "error": { "message": body } }).to_string();
    }
    assert!(read(&body).message.chars().count() <= SHOWN + 1);
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(read(&deep), ProviderError::default());
}
