//! Answers of `pinx serve` held against JSON Schemas: those of OpenAI's own document for its API, and those
//! of the two answers that the project began with.
//!
//! Source: `ImagesResponse`, `Model`, `ListModelsResponse`, `ErrorResponse` and the four stream events of
//! the reference, November 2026. Two of its lists are shorter than what its own requests take and its own
//! SDK knows: `size` is any `WIDTHxHEIGHT` here, as the request's is.

use serde_json::{Value, json};

use crate::fake::image;
use crate::fake::openai::OpenAi;
use crate::openai_api::with_preview;
use crate::pinx::Pinx;
use crate::served::{Reply, Served};

const GENERATIONS: &str = "/v1/images/generations";
const EDITS: &str = "/v1/images/edits";

/// What a document must look like, by its name.
fn schema(name: &str) -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer" });
    let money = || json!({ "type": ["number", "null"] });
    let details = || {
        json!({
            "type": "object", "required": ["text_tokens", "image_tokens"],
            "properties": { "text_tokens": number(), "image_tokens": number() },
        })
    };
    let usage = json!({
        "type": "object",
        "required": ["input_tokens", "total_tokens", "output_tokens", "input_tokens_details"],
        "properties": {
            "input_tokens": number(), "total_tokens": number(), "output_tokens": number(),
            "input_tokens_details": details(), "output_tokens_details": details(),
        },
    });
    let words = |words: &[&str]| json!({ "type": "string", "enum": words });
    match name {
        "images" => json!({
            "type": "object", "required": ["created"],
            "properties": {
                "created": number(),
                "data": { "type": "array", "items": { "type": "object", "properties": {
                    "b64_json": text(), "url": { "type": "string", "format": "uri" },
                    "revised_prompt": text(),
                }}},
                "background": words(&["transparent", "opaque"]),
                "output_format": words(&["png", "webp", "jpeg"]),
                "size": { "type": "string", "format": "size" },
                "quality": words(&["low", "medium", "high"]),
                "usage": usage,
            },
        }),
        "models" => json!({
            "type": "object", "required": ["object", "data"],
            "properties": {
                "object": words(&["list"]),
                "data": { "type": "array", "items": schema("model") },
            },
        }),
        "model" => json!({
            "type": "object", "required": ["id", "object", "created", "owned_by"],
            "properties": {
                "id": text(), "object": words(&["model"]), "created": number(),
                "owned_by": text(), "shutdown_date": { "type": ["string", "null"] },
            },
        }),
        "error" => json!({
            "type": "object", "required": ["error"],
            "properties": { "error": {
                "type": "object", "required": ["type", "message", "param", "code"],
                "properties": {
                    "type": text(), "message": text(),
                    "param": { "type": ["string", "null"] }, "code": { "type": ["string", "null"] },
                },
            }},
        }),
        "our models" => json!({
            "type": "object", "required": ["success", "models", "totalAvailable"],
            "properties": {
                "success": { "type": "boolean", "enum": [true] },
                "totalAvailable": number(),
                "models": { "type": "array", "items": {
                    "type": "object",
                    "required": ["id", "name", "provider", "description", "estimatedTime",
                        "costPerImage", "isAvailable", "supportedSizes"],
                    "properties": {
                        "id": text(), "name": text(), "provider": text(), "description": text(),
                        "estimatedTime": text(), "costPerImage": money(),
                        "isAvailable": { "type": "boolean" },
                        "supportedSizes": { "type": "array", "items": text() },
                    },
                }},
            },
        }),
        "our images" => json!({
            "type": "object", "required": ["success", "run", "status", "jobs", "totals"],
            "properties": {
                "success": { "type": "boolean", "enum": [true] }, "run": text(), "status": text(),
                "totals": { "type": "object" },
                "jobs": { "type": "array", "items": {
                    "type": "object", "required": ["id", "status", "model", "images", "cost"],
                    "properties": {
                        "id": text(), "status": text(), "model": text(),
                        "images": { "type": "array", "items": {
                            "type": "object",
                            "required": ["url", "sha256", "width", "height", "format"],
                            "properties": {
                                "url": { "type": "string", "format": "uri" }, "sha256": text(),
                                "width": number(), "height": number(), "format": text(),
                            },
                        }},
                    },
                }},
            },
        }),
        event => {
            let own =
                if event.ends_with("partial_image") { "partial_image_index" } else { "usage" };
            json!({
                "type": "object",
                "required": ["type", "b64_json", "created_at", "size", "quality", "background",
                    "output_format", own],
                "properties": {
                    "type": words(&[event]), "b64_json": text(), "created_at": number(),
                    "size": { "type": "string", "format": "size" },
                    "quality": words(&["low", "medium", "high", "auto"]),
                    "background": words(&["transparent", "opaque", "auto"]),
                    "output_format": words(&["png", "webp", "jpeg"]),
                    "partial_image_index": number(), "usage": usage,
                },
            })
        }
    }
}

/// What of a document is not as its schema has it.
fn faults(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let is_of = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let types = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => vec![name.as_str().unwrap()],
    };
    if !types.into_iter().any(is_of) {
        return vec![format!("{at} is {value}, not {}", schema["type"])];
    }
    let text = value.as_str().unwrap_or_default();
    let edges = || text.split('x').filter_map(|edge| edge.parse::<u32>().ok()).count();
    let fits = match schema["format"].as_str() {
        Some("uri") => text.starts_with("http://"),
        Some("size") => text == "auto" || edges() == 2,
        _ => true,
    };
    let is_listed = schema["enum"].as_array().is_none_or(|words| words.contains(value));
    if !fits || !is_listed {
        found.push(format!("{at} is {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at} has no {name}"));
        }
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            found.extend(faults(schema, value, &format!("{at}.{name}")));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(faults(&schema["items"], item, &format!("{at}[{index}]")));
    }
    found
}

/// Holds a document against its schema.
fn holds(name: &str, value: &Value) {
    let found = faults(&schema(name), value, name);
    assert!(found.is_empty(), "{found:?}");
}

fn answered(name: &str, reply: &Reply) -> Value {
    assert!(name == "error" || reply.status == 200, "{} {}", reply.status, reply.json());
    holds(name, &reply.json());
    reply.json()
}

/// Holds the events of an answer against their schemas; how many there are.
fn told(reply: &Reply) -> usize {
    let text = String::from_utf8(reply.body.clone()).unwrap();
    let blocks: Vec<&str> =
        text.split("\n\n").filter(|block| block.starts_with("event: ")).collect();
    for block in &blocks {
        let (name, data) = block["event: ".len()..].split_once("\ndata: ").unwrap();
        holds(name, &serde_json::from_str(data).unwrap());
    }
    blocks.len()
}

#[test]
fn a_schema_finds_what_is_missing_or_of_another_type() {
    let whole = json!({ "id": "a", "object": "model", "created": 1, "owned_by": "b" });
    assert_eq!(faults(&schema("model"), &whole, "it"), Vec::<String>::new());
    for name in ["id", "object", "created", "owned_by"] {
        let mut broken = whole.clone();
        broken[name] = json!([]);
        assert_eq!(faults(&schema("model"), &broken, "it").len(), 1, "{name}");
        broken.as_object_mut().unwrap().remove(name);
        assert_eq!(faults(&schema("model"), &broken, "it"), [format!("it has no {name}")]);
    }
    let list = json!({ "object": "list", "data": [whole, { "id": 5 }] });
    assert_eq!(faults(&schema("models"), &list, "it").len(), 4);
    let images =
        json!({ "created": 1, "background": "auto", "size": "large", "data": [{ "url": "x" }] });
    assert_eq!(faults(&schema("images"), &images, "it").len(), 3);
}

#[test]
fn the_first_two_answers_fit_their_schemas() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    for path in ["/api/models", "/api/models?all=1", "/api/models?size=2k&all=1"] {
        answered("our models", &served.get(path));
    }
    let asked = json!({
        "prompt": "A futuristic city at sunset", "styleId": "voxel-3d", "model": "dall-e-3",
        "colors": ["#FF6B6B", "#4ECDC4"],
    });
    let sketched = json!({ "prompt": "a fox", "model": "pinx/sketch", "size": "64x64", "n": 2 });
    for asked in [asked, sketched] {
        let made = answered("our images", &served.post("/api/generate", &asked));
        assert!(!made["jobs"][0]["images"].as_array().unwrap().is_empty());
    }
    served.stop();
}

#[test]
fn answers_hold_what_openais_document_has() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let served = Served::start(&pinx, &[]);
    answered("models", &served.get("/v1/models"));
    for id in ["gpt-image-2", "openai/gpt-image-2", "pinx/sketch", "auto"] {
        answered("model", &served.get(&format!("/v1/models/{id}")));
    }
    let bodies = [
        json!({ "model": "gpt-image-2", "prompt": "an owl" }),
        json!({ "model": "gpt-image-2", "prompt": "an owl", "response_format": "url", "n": 2 }),
        json!({ "prompt": "an owl", "background": "auto", "quality": "auto", "size": "auto" }),
        json!({ "model": "gpt-image-2", "prompt": "an owl", "background": "opaque", "quality": "hd" }),
        json!({ "model": "gpt-image-2", "prompt": "an owl", "quality": "standard", "style": "vivid" }),
        json!({ "model": "gpt-image-2", "prompt": "an owl", "output_format": "webp" }),
        json!({ "model": "dall-e-3", "prompt": "an owl", "size": "1792x1024" }),
        json!({ "model": "pinx/sketch", "prompt": "an owl", "size": "64x64", "quality": "low" }),
    ];
    for body in bodies {
        answered("images", &served.post(GENERATIONS, &body));
        let mut stream = body.clone();
        stream["stream"] = true.into();
        stream.as_object_mut().unwrap().remove("response_format");
        assert!(told(&served.post(GENERATIONS, &stream)) > 0, "{body}");
    }
    let png = image::bytes(640, 480, "png");
    let fields = [("prompt", "make it night"), ("model", "gpt-image-2"), ("background", "auto")];
    answered("images", &served.form(EDITS, &fields, &[("image", &png)]));
    let stream = [&fields[..], &[("stream", "true"), ("quality", "standard")]].concat();
    assert_eq!(told(&served.form(EDITS, &stream, &[("image", &png)])), 1);
    for (path, body) in [
        (GENERATIONS, json!({ "prompt": 5 })),
        (GENERATIONS, json!({ "prompt": "x", "model": "gpt-imaje-2" })),
        (GENERATIONS, json!({ "prompt": "x", "model": "gpt-image-2", "max_cost": 0.0001 })),
        (EDITS, json!({ "prompt": "x" })),
        ("/v1/nothing", json!({})),
    ] {
        answered("error", &served.post(path, &body));
    }
    served.stop();
}

#[test]
fn previews_hold_what_openais_document_has() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let served = Served::start(&pinx, &[]);
    for quality in ["hd", "standard", "auto", "low"] {
        let told = with_preview(&fake, &served, quality);
        assert_eq!(told.len(), 2, "{quality}");
        told.iter().for_each(|(name, event)| holds(name, event));
    }
    served.stop();
}
