//! A scripted fal: the queue (submit, status, result, cancel), the api role, the storage that says where
//! inputs are put, and a second server for the files, which must never see a key.
//!
//! Jobs are real: a submit makes one, each status poll brings it a step on, and history lists it,
//! whatever a script answers in place of the usual.

use std::collections::{BTreeMap, HashSet};
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Answer, Kind, Request, Server, image};

/// How many polls find a job unfinished unless the test says otherwise.
const POLLS: usize = 2;

struct Job {
    endpoint: String,
    input: Value,
    sent_at: String,
    polls: usize,
}

type Jobs = Arc<Mutex<BTreeMap<String, Job>>>;

/// The links behind which inputs are.
type Inputs = Arc<Mutex<HashSet<String>>>;

/// The fake; it derefs to the server of the queue and the api.
pub struct Fal {
    server: Server,
    /// Serves the files.
    pub cdn: Server,
}

impl Deref for Fal {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Fal {
    /// Starts both servers.
    pub fn start() -> Fal {
        let inputs = Inputs::default();
        let put = Arc::clone(&inputs);
        let kind = |method: &str, _: &str| if method == "PUT" { Kind::Upload } else { Kind::File };
        let cdn = Server::start(kind, move |request| match request.kind {
            Kind::Upload => take(request, &put),
            _ => file(&request.path),
        });
        let files = cdn.url();
        let jobs = Jobs::default();
        let server = Server::start(kind_of, move |request| usual(request, &files, &jobs, &inputs));
        Fal { server, cdn }
    }

    /// The base URL of a role; each has a path prefix of its own.
    pub fn role(&self, role: &str) -> String {
        format!("{}/{role}", self.url())
    }

    /// Paid requests so far.
    pub fn posts(&self) -> usize {
        self.count(Kind::Submit)
    }

    /// Inputs that were put where the storage said.
    pub fn uploads(&self) -> Vec<Request> {
        self.cdn.requests(Kind::Upload)
    }

    /// The next submit gets this.
    pub fn answers(&self, answer: Answer) -> &Fal {
        self.next(Kind::Submit, answer);
        self
    }

    /// The next result links to this.
    pub fn links_to(&self, url: &str) -> &Fal {
        let url = url.to_owned();
        self.next_with(Kind::Result, move |_, _| result(&url, 1024, 1024));
        self
    }
}

/// fal's plain error.
pub fn error(status: u16, detail: &str) -> Answer {
    Answer::json(status, &json!({ "detail": detail }))
}

/// fal's own word for a failure of its servers, whatever stands in between.
pub fn server_error(status: u16, kind: &str) -> Answer {
    Answer::json(status, &json!({ "detail": "the fal runner is down", "error_type": kind }))
        .header("x-fal-request-id", "7b1c0000-7b1c-4000-8000-7b1c00000000")
}

/// fal's located error.
pub fn located(status: u16, kind: &str, field: &str, message: &str) -> Answer {
    let item = json!({ "loc": ["body", field], "msg": message, "type": kind });
    Answer::json(status, &json!({ "detail": [item] }))
}

/// A result with one image behind a link.
pub fn result(url: &str, width: u32, height: u32) -> Answer {
    with_seed(url, width, height, &json!(7))
}

fn with_seed(url: &str, width: u32, height: u32, seed: &Value) -> Answer {
    let image =
        json!({ "url": url, "width": width, "height": height, "content_type": "image/jpeg" });
    let body = json!({
        "images": [image], "seed": seed, "has_nsfw_concepts": [false], "timings": { "inference": 0.61 },
    });
    Answer::json(200, &body).header("x-fal-billable-units", "1")
}

fn kind_of(method: &str, path: &str) -> Kind {
    if path.starts_with("/api/v1/models") {
        return match path {
            "/api/v1/models/pricing" => Kind::Pricing,
            "/api/v1/models/requests/by-endpoint" => Kind::History,
            _ => Kind::Models,
        };
    }
    match (method, path) {
        ("POST", "/rest/storage/upload/initiate") => Kind::Initiate,
        ("POST", _) if path.starts_with("/queue/") => Kind::Submit,
        ("PUT", _) if path.ends_with("/cancel") => Kind::Cancel,
        ("GET", _) if path.ends_with("/status") => Kind::Status,
        ("GET", _) if path.contains("/requests/") => Kind::Result,
        _ => Kind::Other,
    }
}

fn usual(request: &Request, files: &str, jobs: &Jobs, inputs: &Inputs) -> Answer {
    let mut jobs = jobs.lock().unwrap();
    let id = request.path.split("/requests/").nth(1).and_then(|rest| rest.split('/').next());
    match request.kind {
        Kind::Submit => match unread(&request.json, &inputs.lock().unwrap()) {
            Some(field) => {
                located(422, "file_download_error", field, "Failed to download the file")
            }
            None => submit(request, &mut jobs),
        },
        Kind::Initiate => initiate(request, files),
        Kind::Models => models(),
        Kind::Pricing => prices(&request.query),
        Kind::History => history(&request.query, &jobs),
        _ => match id.and_then(|id| jobs.get_mut(id).map(|job| (id, job))) {
            Some((id, job)) => answer(request, files, id, job),
            None => error(404, "NOT_FOUND"),
        },
    }
}

fn submit(request: &Request, jobs: &mut BTreeMap<String, Job>) -> Answer {
    let number = jobs.len() + 1;
    let id = format!("{number:08x}-7b1c-4000-8000-{number:012x}");
    let endpoint = request.path.trim_start_matches("/queue/").to_owned();
    let app = endpoint.split('/').take(2).collect::<Vec<_>>().join("/");
    let host = request.header("host").unwrap_or_default();
    let url = format!("http://{host}/queue/{app}/requests/{id}");
    let body = json!({
        "status": "IN_QUEUE", "request_id": id, "queue_position": 2, "gateway_request_id": id,
        "response_url": url, "status_url": format!("{url}/status"), "cancel_url": format!("{url}/cancel"),
    });
    let sent_at = jiff::Timestamp::now().to_string();
    jobs.insert(id, Job { endpoint, input: request.json.clone(), sent_at, polls: 0 });
    Answer::json(200, &body)
}

fn answer(request: &Request, files: &str, id: &str, job: &mut Job) -> Answer {
    match request.kind {
        Kind::Status => {
            job.polls += 1;
            if job.polls > POLLS {
                return completed(id);
            }
            let body = if job.polls == 1 {
                json!({ "status": "IN_QUEUE", "request_id": id, "queue_position": 1, "logs": null, "metrics": {} })
            } else {
                json!({ "status": "IN_PROGRESS", "request_id": id, "logs": [] })
            };
            Answer::json(202, &body)
        }
        Kind::Result => {
            let (width, height) = size(&job.input);
            let format = ["output_format", "format"].into_iter().find_map(|key| job.input.get(key));
            let format = format.and_then(Value::as_str).unwrap_or("jpeg");
            let url = format!("{files}/files/{width}x{height}/{id}.{format}");
            let seed = job.input.get("seed").cloned().unwrap_or(json!(7));
            with_seed(&url, width, height, &seed).header("x-fal-request-id", id)
        }
        Kind::Cancel => Answer::json(202, &json!({ "status": "CANCELLATION_REQUESTED" })),
        _ => error(404, "NOT_FOUND"),
    }
}

/// The status of a job that is done.
pub fn completed(id: &str) -> Answer {
    let body =
        json!({ "status": "COMPLETED", "request_id": id, "metrics": { "inference_time": 0.61 } });
    Answer::json(200, &body)
}

fn size(input: &Value) -> (u32, u32) {
    let edge = |size: &Value, key: &str| {
        size.get(key).and_then(Value::as_u64).and_then(|edge| u32::try_from(edge).ok())
    };
    let size = input.get("image_size").unwrap_or(&Value::Null);
    match (edge(size, "width"), edge(size, "height"), size.as_str()) {
        (Some(width), Some(height), _) => (width, height),
        (_, _, Some("square")) => (512, 512),
        (_, _, Some(text)) => image::size(text),
        _ => (1024, 1024),
    }
}

/// Where an input is put, and where it is read then.
fn initiate(request: &Request, files: &str) -> Answer {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let life = request.header("x-fal-object-lifecycle");
    if life != Some(r#"{"expiration_duration_seconds":86400}"#) {
        return error(422, "a life is to be named");
    }
    if request.query != "storage_type=fal-cdn-v3" || request.header("authorization").is_none() {
        return error(401, "no key, or no storage");
    }
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("{number}/{}", request.json["file_name"].as_str().unwrap());
    let body = json!({
        "upload_url": format!("{files}/put/{name}?signature=abc"),
        "file_url": format!("{files}/inputs/{name}"),
    });
    Answer::json(200, &body)
}

/// An input that is put somewhere.
fn take(request: &Request, inputs: &Inputs) -> Answer {
    let place = request.path.strip_prefix("/put/");
    let (Some(name), None) = (place, request.header("authorization")) else {
        return error(400, "no such place, or a key");
    };
    let link = format!("http://{}/inputs/{name}", request.header("host").unwrap());
    inputs.lock().unwrap().insert(link);
    Answer::bytes(200, "text/plain", Vec::new())
}

/// The field of a request that names what is behind no link.
fn unread(body: &Value, inputs: &HashSet<String>) -> Option<&'static str> {
    ["image_url", "image_urls", "mask_url", "mask_image_url"].into_iter().find(|field| {
        let links = match body.get(field) {
            Some(Value::Array(links)) => links.clone(),
            Some(link) => vec![link.clone()],
            None => Vec::new(),
        };
        links.iter().any(|link| !link.as_str().is_some_and(|link| inputs.contains(link)))
    })
}

/// `/files/WIDTHxHEIGHT/name.ext`.
fn file(path: &str) -> Answer {
    let mut parts = path.split('/').skip(2);
    let (width, height) = image::size(parts.next().unwrap_or_default());
    let extension = path.rsplit('.').next().unwrap_or("jpeg");
    Answer::bytes(200, &format!("image/{extension}"), image::bytes(width, height, extension))
}

fn models() -> Answer {
    let model = |id: &str, name: &str, status: &str| {
        json!({ "endpoint_id": id, "metadata": {
            "display_name": name, "category": "text-to-image", "description": "a model", "status": status,
        }})
    };
    let models = [
        model("fal-ai/flux/schnell", "FLUX.1 [schnell]", "active"),
        model("fal-ai/brand-new", "Brand New", "active"),
        model("fal-ai/long-gone", "Long Gone", "deprecated"),
    ];
    Answer::json(200, &json!({ "models": models, "next_cursor": null, "has_more": false }))
}

fn prices(query: &str) -> Answer {
    let ids = query.split('&').filter_map(|pair| pair.strip_prefix("endpoint_id="));
    let prices: Vec<Value> = ids
        .map(|id| id.replace("%2F", "/"))
        .map(|id| json!({ "endpoint_id": id, "unit_price": 0.025, "unit": "megapixels", "currency": "USD" }))
        .collect();
    Answer::json(200, &json!({ "prices": prices, "next_cursor": null, "has_more": false }))
}

fn history(query: &str, jobs: &BTreeMap<String, Job>) -> Answer {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("endpoint_id="));
    let asked = asked.unwrap_or_default().replace("%2F", "/");
    let items: Vec<Value> = jobs
        .iter()
        .filter(|(_, job)| job.endpoint == asked)
        .map(|(id, job)| {
            json!({
                "request_id": id, "endpoint_id": job.endpoint, "sent_at": job.sent_at,
                "started_at": job.sent_at, "ended_at": null, "status_code": null, "duration": 1.0,
                "json_input": job.input, "json_output": null,
            })
        })
        .collect();
    Answer::json(200, &json!({ "items": items, "next_cursor": null, "has_more": false }))
}
