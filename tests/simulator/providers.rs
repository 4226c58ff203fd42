//! An OpenAI and a fal that answer by the dice. Every image has a number of its own, so that each can be
//! told from all others.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgb, RgbImage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::dice::Dice;
use super::ledger::Micros;
use super::machine::{Seat, State};
use super::storage::{Storage, is_initiation};
use super::streams::{completed, failed};
use crate::error::{Error, Kind, Result};
use crate::net::script::Script;
use crate::net::{Body, HttpRequest, HttpResponse, Payload};

/// What an OpenAI image costs that costs what it should.
pub(super) const OPENAI_PRICE: Micros = 52_725;
/// What a fal image costs.
pub(super) const FAL_PRICE: Micros = 3_000;

/// What a provider makes of a paid request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Paid {
    /// An image.
    Image,
    /// One that costs three times what was reserved.
    Dear,
    /// 429, with the wait asked for in milliseconds.
    Busy(Option<u32>),
    Server,
    Account,
    Rejected,
    Missing,
    Content,
    /// An image is made, and the connection breaks before it is answered.
    Reset,
    Page,
    Nonsense,
    NotAnImage,
    NotSent,
    /// A queue that forgets the job.
    Vanishes,
    /// A queue that never finishes.
    Endless,
    JobFails,
    /// The answer is lost, but the queue's history has the job.
    Lost,
}

/// How providers answer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Mood {
    /// Images only.
    #[default]
    Good,
    /// Mostly images, some of them dear.
    Fair,
    /// Anything.
    Bad,
}

impl Mood {
    fn answer(self, dice: &mut Dice) -> Paid {
        const BUSY: [Option<u32>; 6] =
            [None, Some(0), Some(5), Some(1_500), Some(30_000), Some(90_000)];
        let waits = Paid::Busy(dice.of(&BUSY));
        let rare = dice.of(&[
            Paid::Account,
            Paid::Rejected,
            Paid::Missing,
            Paid::Content,
            Paid::Reset,
            Paid::Page,
            Paid::Nonsense,
            Paid::NotAnImage,
            Paid::Vanishes,
            Paid::Endless,
            Paid::JobFails,
        ]);
        match self {
            Mood::Good => Paid::Image,
            Mood::Fair => dice.weighted(&[
                (18, Paid::Image),
                (7, Paid::Dear),
                (3, Paid::Lost),
                (1, waits),
                (1, Paid::Server),
                (1, Paid::NotSent),
            ]),
            Mood::Bad => dice.weighted(&[
                (4, Paid::Image),
                (1, Paid::Dear),
                (1, Paid::Lost),
                (3, waits),
                (2, Paid::Server),
                (2, Paid::NotSent),
                (6, rare),
            ]),
        }
    }
}

/// An image that a provider has made and bills.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) is_queued: bool,
    pub(super) attempt: Option<String>,
    /// The process that has it whole.
    pub(super) handed_to: Option<usize>,
}

/// A request for a model that is missing.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) process: usize,
    pub(super) attempt: String,
    pub(super) key: String,
    pub(super) missing: &'static str,
}

#[derive(Debug)]
struct Job {
    paid: Paid,
    image: Option<u32>,
    polls: u64,
    needs: u64,
    endpoint: String,
    input: Value,
    sent_at: Timestamp,
}

#[derive(Debug)]
struct UnderWay {
    attempt: Option<String>,
    key: String,
    image: Option<u32>,
    told: Option<Micros>,
    busy: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Providers {
    pub(super) mood: Mood,
    /// What no key has: parts of the paths of their requests, and whether that is said as a refusal.
    pub(super) missing: Vec<(&'static str, bool)>,
    /// Who was told so.
    pub(super) refusals: Vec<Refusal>,
    /// What was said to be missing once although it is there: the paths of these requests.
    pub(super) denied: Vec<String>,
    pub(super) images: BTreeMap<u32, Made>,
    pub(super) storage: Storage,
    jobs: BTreeMap<String, Job>,
    under_way: HashMap<u64, UnderWay>,
    sent: u64,
    /// Until when a key of a process is to wait.
    busy: HashMap<(usize, String), Timestamp>,
    /// Whether a key was put off without a word how long: it waits as long as it thinks right.
    is_put_off: bool,
}

impl Providers {
    /// Whether a key was ever asked to wait.
    pub(super) fn is_busy(&self) -> bool {
        self.is_put_off || !self.busy.is_empty()
    }
}

/// The network of a process.
pub(super) struct Wire(pub(super) Rc<Seat>);

fn is_paid(request: &HttpRequest) -> bool {
    request.method == "POST" && !is_initiation(request)
}

impl Script for Wire {
    fn leaves(&self, request: &HttpRequest) -> (u64, Duration) {
        let (seat, is_paid) = (&self.0, is_paid(request));
        let mut state = seat.step(&format!("sends {} {}", request.method, request.url.path()));
        let key = request.secrets.first().map(|(_, _, key)| key.expose().to_owned());
        let key = key.unwrap_or_default();
        let mut attempt = None;
        if is_paid {
            attempt = state.ledger.sent(seat.me());
            let what = attempt.clone().unwrap_or("a request".to_owned());
            let log = seat.machine().log();
            if !attempt.as_ref().is_some_and(|attempt| state.is_durable(&log, attempt)) {
                state.wrong.push(format!("{what} leaves before its intent is durable"));
            }
            let now = state.time();
            let process = &state.processes[seat.me()];
            if process.launch.args[0] == "recover" {
                state.wrong.push(format!("recover pays for {what}"));
            } else if !process.was_refused
                && let Some(until) = state.providers.busy.get(&(seat.me(), key.clone()))
                && now + SignedDuration::from_millis(2) < *until
            {
                let told = format!("{what} leaves at {now}, and {until} was asked for");
                state.wrong.push(told);
            }
        }
        state.providers.sent += 1;
        let number = state.providers.sent;
        let new = UnderWay { attempt, key, image: None, told: None, busy: None };
        state.providers.under_way.insert(number, new);
        let way = state.dice.below(30);
        (number, Duration::from_millis(way))
    }

    fn hears(&self, number: u64, request: HttpRequest) -> (Result<HttpResponse>, Duration) {
        let seat = &self.0;
        let mut state = seat.step(&format!("hears {number}"));
        let answer = match state.lacks(seat.me(), number, &request) {
            Some(answer) => Ok(answer),
            None => state.answer(number, request),
        };
        let told = answer.as_ref().map(|answer| answer.status).map_err(|error| error.kind);
        state.trace.note(&format!("answers {told:?}"));
        let wait = state.dice.of(&[1, 20, 40, 900, 5_000]);
        (answer, Duration::from_millis(wait))
    }

    fn comes(&self, number: u64) {
        let seat = &self.0;
        let mut state = seat.step(&format!("hears of {number}"));
        let now = state.time();
        let State { providers, ledger, .. } = &mut *state;
        let Some(done) = providers.under_way.remove(&number) else { return };
        if let Some(made) = done.image.and_then(|image| providers.images.get_mut(&image)) {
            made.handed_to = Some(seat.me());
        }
        if let Some(known) = done.attempt.and_then(|attempt| ledger.attempts.get_mut(&attempt)) {
            known.told = known.told.max(done.told);
        }
        if let Some(ms) = done.busy {
            let until = now + SignedDuration::from_millis(i64::from(ms));
            providers.busy.insert((seat.me(), done.key), until);
        }
    }
}

impl State {
    /// What is said to a request for a model that no key has.
    fn lacks(&mut self, me: usize, number: u64, request: &HttpRequest) -> Option<HttpResponse> {
        let path = request.url.path();
        let mut missing = self.providers.missing.iter();
        let (missing, is_refusal) =
            *missing.find(|(missing, _)| is_paid(request) && path.ends_with(missing))?;
        let under_way = self.providers.under_way.get_mut(&number).unwrap();
        under_way.told = Some(0);
        let attempt = under_way.attempt.clone().unwrap_or_default();
        let key = under_way.key.clone();
        self.providers.refusals.push(Refusal { process: me, attempt, key, missing });
        let no_access = "your organization must be verified to use the model";
        Some(match (request.url.host_str() == Some("api.openai.com"), is_refusal) {
            (true, false) => json_answer(404, &json!({ "error": { "code": "model_not_found" } })),
            (true, true) => json_answer(403, &json!({ "error": { "message": no_access } })),
            (false, false) => json_answer(404, &json!({ "detail": "no such model" })),
            (false, true) => json_answer(403, &json!({ "detail": no_access })),
        })
    }

    fn answer(&mut self, number: u64, request: HttpRequest) -> Result<HttpResponse> {
        let path = request.url.path().to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let host = request.url.host_str().unwrap_or_default().to_owned();
        if let Some(error) = self.breaks_off(&request) {
            self.providers.under_way.get_mut(&number).unwrap().told = Some(0);
            return Err(error);
        }
        match (host.as_str(), request.method.as_str(), &parts[..]) {
            ("rest.fal.ai", "POST", _) => self.place(),
            ("v3.fal.media", "PUT", _) => self.put(&request),
            ("api.openai.com", "POST", _) => self.openai(number, &path),
            ("queue.fal.run", "POST", _) => self.submit(number, &path, &request),
            ("queue.fal.run", "GET", [.., "requests", id, "status"]) => Ok(self.status(id)),
            ("queue.fal.run", "GET", [.., "requests", id]) => Ok(self.result(number, id)),
            ("queue.fal.run", "PUT", _) => {
                Ok(json_answer(400, &json!({ "status": "ALREADY_COMPLETED" })))
            }
            ("api.fal.ai", "GET", [.., "by-endpoint"]) => {
                let asked = request.url.query_pairs().find(|(name, _)| name == "endpoint_id");
                let asked = asked.map(|(_, value)| value.into_owned()).unwrap_or_default();
                Ok(self.history(&asked))
            }
            ("v3.fal.media", "GET", [.., name]) => {
                let image: u32 = name.trim_end_matches(".png").parse().unwrap();
                self.providers.under_way.get_mut(&number).unwrap().image = Some(image);
                Ok(answer(200, png(image)))
            }
            _ => panic!("{} {}", request.method, request.url),
        }
    }

    /// What becomes of a paid request.
    fn paid(&mut self, number: u64, path: &str) -> Paid {
        let paid = self.providers.mood.answer(&mut self.dice);
        let under_way = self.providers.under_way.get_mut(&number).unwrap();
        match paid {
            Paid::Busy(wait) => {
                under_way.told = Some(0);
                under_way.busy = wait;
                self.providers.is_put_off |= wait.is_none();
            }
            Paid::Server
            | Paid::Account
            | Paid::Rejected
            | Paid::Missing
            | Paid::Content
            | Paid::NotSent => under_way.told = Some(0),
            _ => {}
        }
        if paid == Paid::Missing {
            self.providers.denied.push(path.to_owned());
        }
        self.trace.note(&format!("{paid:?}"));
        paid
    }

    fn make(&mut self, number: u64, is_queued: bool) -> u32 {
        let image = self.providers.images.len() as u32 + 1;
        let attempt = self.providers.under_way[&number].attempt.clone();
        let made = Made { is_queued, attempt, handed_to: None };
        self.providers.images.insert(image, made);
        image
    }

    fn openai(&mut self, number: u64, path: &str) -> Result<HttpResponse> {
        let code = |status, code: &str| json_answer(status, &json!({ "error": { "code": code } }));
        let paid = self.paid(number, path);
        Ok(match paid {
            Paid::Image | Paid::Dear => {
                let tokens = if paid == Paid::Dear { 5_000 } else { 1_756 };
                let cost = 45 + tokens * 30;
                let image = self.make(number, false);
                let is_streamed = paid == Paid::Image && self.dice.one_in(3);
                let under_way = self.providers.under_way.get_mut(&number).unwrap();
                under_way.told = Some(cost);
                if is_streamed {
                    under_way.image = Some(image);
                    return Ok(self.stream(Some(&completed(&png(image), tokens)), false));
                }
                // A dear one is behind a link, so that much happens before it is saved.
                let data = if paid == Paid::Dear || self.dice.one_in(3) {
                    json!({ "url": link(image) })
                } else {
                    under_way.image = Some(image);
                    json!({ "b64_json": STANDARD.encode(png(image)) })
                };
                let usage = json!({ "input_tokens": 9, "output_tokens": tokens });
                json_answer(200, &json!({ "data": [data], "usage": usage }))
            }
            Paid::Content | Paid::Page | Paid::Nonsense | Paid::NotAnImage | Paid::Reset
                if self.dice.one_in(2) =>
            {
                self.broken_stream(paid)
            }
            Paid::Busy(wait) => waiting(code(429, "rate_limit_exceeded"), wait),
            Paid::Server | Paid::JobFails => code(500, "server_error"),
            Paid::Account => code(401, "invalid_api_key"),
            Paid::Rejected => code(400, "invalid_value"),
            Paid::Missing => code(404, "model_not_found"),
            Paid::Content => code(400, "moderation_blocked"),
            Paid::Page => answer(502, b"<html>502</html>".to_vec()),
            Paid::Nonsense => answer(200, b"{nonsense".to_vec()),
            Paid::NotAnImage => {
                json_answer(200, &json!({ "data": [{ "b64_json": STANDARD.encode("no image") }] }))
            }
            Paid::NotSent => return Err(Error::new(Kind::NotSent, "connection refused")),
            Paid::Reset | Paid::Lost | Paid::Vanishes | Paid::Endless => return Err(reset()),
        })
    }

    /// What goes wrong otherwise, behind a preview.
    fn broken_stream(&mut self, paid: Paid) -> HttpResponse {
        let is_bare = self.dice.one_in(2);
        match paid {
            Paid::Content => self.stream(Some(&failed("moderation_blocked", is_bare)), false),
            Paid::Page => self.stream(Some(&failed("server_error", is_bare)), false),
            Paid::NotAnImage => self.stream(Some(&completed(b"no image", 9)), false),
            Paid::Reset => self.stream(None, true),
            _ => self.stream(None, false),
        }
    }

    fn submit(&mut self, number: u64, path: &str, request: &HttpRequest) -> Result<HttpResponse> {
        let body = request.body.as_ref().and_then(Payload::in_memory).unwrap_or_default();
        let paid = self.paid(number, path);
        let input: Value = serde_json::from_slice(&body).unwrap();
        self.names_its_pictures(path, &input, paid == Paid::Rejected);
        let detail = |status| json_answer(status, &json!({ "detail": "no" }));
        Ok(match paid {
            Paid::Busy(wait) => waiting(detail(429), wait),
            Paid::Server => detail(500),
            Paid::Account => detail(401),
            Paid::Rejected => detail(422),
            Paid::Missing => detail(404),
            Paid::Page => answer(502, b"<html>502</html>".to_vec()),
            Paid::Nonsense => answer(200, b"{nonsense".to_vec()),
            Paid::NotSent => return Err(Error::new(Kind::NotSent, "connection refused")),
            Paid::Reset => return Err(reset()),
            _ => {
                let is_image = matches!(paid, Paid::Image | Paid::Dear | Paid::Lost);
                let image = is_image.then(|| self.make(number, true));
                let jobs = &mut self.providers.jobs;
                let id = format!("{:08x}-7b1c-4000-8000-7b1c00000000", jobs.len() + 1);
                let job = Job {
                    paid,
                    image,
                    polls: 0,
                    needs: self.dice.below(4),
                    endpoint: path.trim_start_matches('/').to_owned(),
                    input,
                    sent_at: self.time(),
                };
                self.providers.jobs.insert(id.clone(), job);
                if paid == Paid::Lost {
                    return Err(reset());
                }
                json_answer(200, &json!({ "request_id": id }))
            }
        })
    }

    fn status(&mut self, id: &str) -> HttpResponse {
        let job = self.providers.jobs.get_mut(id).expect("a known job");
        job.polls += 1;
        match job.paid {
            Paid::Vanishes => json_answer(404, &json!({ "detail": "no such request" })),
            Paid::Endless => json_answer(200, &json!({ "status": "IN_PROGRESS" })),
            // Free calls fail too, and are repeated.
            _ if job.polls <= job.needs && job.polls % 2 == 1 => answer(502, b"<html>".to_vec()),
            _ if job.polls <= job.needs => json_answer(200, &json!({ "status": "IN_QUEUE" })),
            Paid::JobFails => json_answer(
                200,
                &json!({ "status": "COMPLETED", "error": "boom", "error_type": "internal_error" }),
            ),
            _ => json_answer(200, &json!({ "status": "COMPLETED" })),
        }
    }

    fn result(&mut self, number: u64, id: &str) -> HttpResponse {
        let job = &self.providers.jobs[id];
        let url = match (job.paid, job.image) {
            (Paid::Content, _) => {
                let item = json!({ "msg": "no", "type": "content_policy_violation" });
                return json_answer(422, &json!({ "detail": [item] }));
            }
            (_, Some(image)) if job.needs.is_multiple_of(2) => {
                self.providers.under_way.get_mut(&number).unwrap().image = Some(image);
                format!("data:image/png;base64,{}", STANDARD.encode(png(image)))
            }
            (_, Some(image)) => link(image),
            _ => format!("data:image/png;base64,{}", STANDARD.encode("no image")),
        };
        let mut answer = json_answer(200, &json!({ "images": [{ "url": url }] }));
        answer.headers.push(("x-fal-billable-units".to_owned(), "1".to_owned()));
        answer
    }

    fn history(&self, endpoint: &str) -> HttpResponse {
        let jobs = self.providers.jobs.iter().filter(|(_, job)| job.endpoint == endpoint);
        let items: Vec<Value> = jobs
            .map(|(id, job)| {
                json!({
                    "request_id": id, "endpoint_id": job.endpoint, "json_input": job.input,
                    "sent_at": job.sent_at.to_string(),
                })
            })
            .collect();
        json_answer(200, &json!({ "items": items, "next_cursor": null, "has_more": false }))
    }
}

fn link(image: u32) -> String {
    format!("https://v3.fal.media/files/{image}.png")
}

/// A small picture that carries a number.
pub(super) fn png(number: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture(number).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn picture(number: u32) -> RgbImage {
    let [_, high, middle, low] = number.to_be_bytes();
    RgbImage::from_fn(8, 8, |x, y| match (x, y) {
        (0, 0) => Rgb([high, middle, low]),
        _ => Rgb([(x * 31) as u8, (y * 29) as u8, (x * y * number) as u8]),
    })
}

/// The number of a picture that is whole.
pub(super) fn number_of(bytes: &[u8]) -> Option<u32> {
    let picture_there = image::load_from_memory(bytes).ok()?.to_rgb8();
    let Rgb([high, middle, low]) = *picture_there.get_pixel(0, 0);
    let number = u32::from_be_bytes([0, high, middle, low]);
    (picture(number) == picture_there).then_some(number)
}

pub(super) fn reset() -> Error {
    Error::new(Kind::Ambiguous, "the connection was reset")
}

pub(super) fn answer(status: u16, body: Vec<u8>) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body: Body::of(body), cut: None }
}

pub(super) fn json_answer(status: u16, body: &Value) -> HttpResponse {
    answer(status, body.to_string().into_bytes())
}

pub(super) fn waiting(mut answer: HttpResponse, wait: Option<u32>) -> HttpResponse {
    answer.headers.extend(wait.map(|ms| ("retry-after-ms".to_owned(), ms.to_string())));
    answer
}
