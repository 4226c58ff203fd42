//! A scripted OpenAI: `/images/generations` and `/images/edits` below any prefix, and `/models`.

use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::form::Field;
use super::stream::Stream;
use super::{Answer, Kind, Request, Server, image};

/// The fake; it derefs to its server.
pub struct OpenAi(Server);

impl Deref for OpenAi {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

impl OpenAi {
    /// Starts it.
    pub fn start() -> OpenAi {
        OpenAi(Server::start(kind_of, usual))
    }

    /// The base URL, `…/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Paid requests so far.
    pub fn posts(&self) -> usize {
        self.count(Kind::Images)
    }

    /// The next image request gets this.
    pub fn answers(&self, answer: Answer) -> &OpenAi {
        self.next(Kind::Images, answer);
        self
    }

    /// Seconds between the first paid request and the second, the second and the third…
    pub fn gaps(&self) -> Vec<f64> {
        let times: Vec<_> = self.requests(Kind::Images).iter().map(|request| request.at).collect();
        times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
    }
}

/// OpenAI's error envelope, with OpenAI's request id: its own word, whatever stands in between.
pub fn error(status: u16, code: &str, message: &str) -> Answer {
    let kind = if status < 500 { "invalid_request_error" } else { "server_error" };
    let body = json!({ "error": {
        "message": message, "type": kind, "param": null, "code": code,
    }});
    Answer::json(status, &body).header("x-request-id", "req_error")
}

/// A 429 of the kind that heals.
pub fn rate_limited() -> Answer {
    error(429, "rate_limit_exceeded", "Rate limit reached for images per min: Limit 5, Used 5.")
}

/// A refusal.
pub fn refused() -> Answer {
    let body = json!({ "error": {
        "message": "Your request was rejected by the safety system. safety_violations=[violence].",
        "type": "image_generation_user_error", "param": null, "code": "moderation_blocked",
        "moderation_details": { "moderation_stage": "input", "categories": ["violence"] },
    }});
    Answer::json(400, &body).header("x-request-id", "req_refused")
}

/// A 200 with this as its one image, in base64.
pub fn with_image(bytes: &[u8]) -> Answer {
    with_text(&STANDARD.encode(bytes))
}

/// A 200 with this text where the base64 belongs.
pub fn with_text(base64: &str) -> Answer {
    Answer::json(200, &json!({ "created": 1_795_300_000, "data": [{ "b64_json": base64 }] }))
        .header("x-request-id", "req_odd")
}

fn kind_of(method: &str, path: &str) -> Kind {
    match method {
        "POST" if path.ends_with("/images/generations") || path.ends_with("/images/edits") => {
            Kind::Images
        }
        "GET" if path.ends_with("/models") || path.contains("/models/") => Kind::Models,
        _ => Kind::Other,
    }
}

fn usual(request: &Request) -> Answer {
    match request.kind {
        Kind::Images => match wrong_mask(request) {
            Some(why) => error(400, "invalid_image_file", why),
            None if is_streamed(request) => stream(request),
            None => images(&request.json, read_tokens(request)),
        },
        Kind::Models => models(),
        _ => error(404, "not_found", "no such path"),
    }
}

/// What is wrong with the mask of an edit, if there is one: as OpenAI's own document asks for it.
fn wrong_mask(request: &Request) -> Option<&'static str> {
    let mut files = request.form.iter().filter(|field| field.filename.is_some());
    let first = ::image::load_from_memory(&files.next()?.bytes).expect("a whole picture");
    let mask = &files.find(|field| field.name == "mask")?.bytes;
    let pixels = ::image::load_from_memory(mask).expect("a whole mask");
    let size = |picture: &::image::DynamicImage| (picture.width(), picture.height());
    match () {
        () if !mask.starts_with(b"\x89PNG") || mask.len() >= 4_000_000 => Some("no small PNG"),
        () if !pixels.color().has_alpha() => Some("no alpha channel"),
        () if size(&pixels) != size(&first) => Some("another size"),
        () => None,
    }
}

/// The tokens of the pictures of an edit: patches of 32 pixels.
fn read_tokens(request: &Request) -> u64 {
    let is_image = |field: &&Field| field.filename.is_some() && field.name != "mask";
    let files = request.form.iter().filter(is_image);
    let tokens = |bytes: &[u8]| {
        let picture = ::image::load_from_memory(bytes).expect("a whole picture");
        u64::from(picture.width().div_ceil(32)) * u64::from(picture.height().div_ceil(32))
    };
    files.map(|field| tokens(&field.bytes).min(1_536)).sum()
}

/// Whether a request asks for a stream, in JSON or in a form.
fn is_streamed(request: &Request) -> bool {
    let asked = &request.json["stream"];
    *asked == json!(true) || *asked == json!("true")
}

/// The previews that are asked for, and the picture.
fn stream(request: &Request) -> Answer {
    let body = &request.json;
    let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let count = body["partial_images"].as_u64().or_else(|| word("partial_images").parse().ok());
    let count = count.unwrap_or(0);
    let (width, height) = image::size(&word("size"));
    let shown = (1..=count).fold(Stream::to(request), |stream, number| {
        stream.partial(&image::numbered(width, height, number as u32))
    });
    let read = word("prompt").len().div_ceil(4) as u64 + 6;
    let made = tokens(&word("model"), &word("quality"), width, height) + 100 * count;
    let picture = image::bytes(width, height, "png");
    shown.completed(&picture, (read, read_tokens(request), made)).ends()
}

fn images(body: &Value, read: u64) -> Answer {
    let word = |key: &str, usual: &'static str| {
        body.get(key).and_then(Value::as_str).unwrap_or(usual).to_owned()
    };
    let (width, height) = image::size(&word("size", "1024x1024"));
    let format = word("output_format", "png");
    let count = body.get("n").and_then(Value::as_u64).unwrap_or(1);
    let encoded = STANDARD.encode(image::bytes(width, height, &format));
    let data: Vec<Value> = (0..count).map(|_| json!({ "b64_json": encoded })).collect();
    let input = word("prompt", "").len().div_ceil(4) + 6;
    let output = tokens(&word("model", ""), &word("quality", "medium"), width, height) * count;
    let answer = json!({
        "created": 1_795_300_000, "background": "opaque", "output_format": format,
        "quality": word("quality", "medium"), "size": format!("{width}x{height}"), "data": data,
        "usage": {
            "input_tokens": input as u64 + read, "output_tokens": output,
            "total_tokens": input as u64 + read + output,
            "input_tokens_details": { "text_tokens": input, "image_tokens": read },
            "output_tokens_details": { "image_tokens": output, "text_tokens": 0 },
        },
    });
    Answer::json(200, &answer)
        .header("x-request-id", "req_7f3a")
        .header("openai-processing-ms", "42")
}

/// The published formula of gpt-image-2 and 2.5.
fn tokens(model: &str, quality: &str, width: u32, height: u32) -> u64 {
    let grids: [f64; 5] = if model == "gpt-image-2" {
        [16.0, 48.0, 96.0, 96.0, 96.0]
    } else {
        [16.0, 24.0, 48.0, 64.0, 96.0]
    };
    let words = ["low", "medium", "high", "xhigh", "max"];
    let grid = grids[words.iter().position(|word| *word == quality).unwrap_or(1)];
    let (long, short) = (f64::from(width.max(height)), f64::from(width.min(height)));
    let rows = (grid * short / long).round_ties_even();
    (grid * rows * (2e6 + f64::from(width) * f64::from(height)) / 4e6).ceil() as u64
}

fn models() -> Answer {
    let model = |id: &str, shutdown: Value| json!({ "id": id, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": shutdown });
    let data = [
        model("gpt-image-2", Value::Null),
        model("gpt-image-2.6-flare", Value::Null),
        model("gpt-image-1.5", json!("2026-12-01")),
        model("gpt-image-9-nova", Value::Null),
        model("gpt-5.5-mini", Value::Null),
    ];
    Answer::json(200, &json!({ "object": "list", "data": data }))
}
