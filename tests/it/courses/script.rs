//! A transport that answers paid requests in turn by a course, and free ones as a provider would.
//!
//! At every paid request it looks at the disk: the intent must be there, and the budget must hold.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinx::error::{Error, Kind, Result};
use pinx::money::Money;
use pinx::net::{Answer, Body, Dressed, Heard, Later, Transport};
use pinx::store::EntryKind;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{check, entries};

/// The first back-off without a hint.
pub const BACKOFF: Duration = Duration::from_secs(1);

/// What a provider makes of a paid request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paid {
    /// An image, after so many polls where there is a queue.
    Image(u8),
    /// 429, with the wait asked for in milliseconds.
    Busy(Option<u32>),
    /// 500.
    Server,
    /// 401.
    Account,
    /// A request that is wrong.
    Rejected,
    /// A model that is gone.
    Missing,
    /// Refused by content policy.
    Content,
    /// Sent, then silence.
    Reset,
    /// A page of an intermediary.
    Page,
    /// No JSON under a 200.
    Nonsense,
    /// Text where the image should be.
    NotAnImage,
    /// The connection was never made.
    NotSent,
    /// A queue that forgets the job.
    Vanishes,
    /// A queue that never finishes.
    Endless,
    /// A queued job that fails on the server.
    JobFails,
    /// The answer is lost, but the queue's history has the job.
    Lost,
}

/// What the engine's table says of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Done,
    /// Nothing was spent: the same route or the next.
    Again,
    /// The same with a wait.
    Busy(Option<Duration>),
    /// The next route only.
    Next,
    /// The end.
    Stop,
    /// The end, unless the user opted in.
    Uncertain(Kind),
}

pub fn paid() -> impl Strategy<Value = Paid> {
    prop_oneof![
        4 => (0_u8..4).prop_map(Paid::Image),
        4 => prop::option::of(prop::sample::select(vec![0, 5, 1_500, 30_000, 90_000]))
            .prop_map(Paid::Busy),
        3 => Just(Paid::Server),
        2 => Just(Paid::NotSent),
        6 => prop::sample::select(vec![
            Paid::Account, Paid::Rejected, Paid::Missing, Paid::Content, Paid::Reset, Paid::Page,
            Paid::Nonsense, Paid::NotAnImage, Paid::Vanishes, Paid::Endless, Paid::JobFails,
            Paid::Lost,
        ]),
    ]
}

impl Paid {
    /// By the table of classes, and written down apart from the code that is tested.
    pub fn class(self, provider: &str) -> Class {
        let queue = provider == "fal";
        match self {
            Paid::Image(_) => Class::Done,
            Paid::Lost if queue => Class::Done,
            Paid::Busy(wait) => Class::Busy(wait.map(|ms| Duration::from_millis(u64::from(ms)))),
            Paid::Server | Paid::NotSent | Paid::JobFails => Class::Again,
            Paid::Account | Paid::Missing => Class::Next,
            Paid::Rejected => Class::Stop,
            Paid::Content => Class::Uncertain(Kind::Content),
            Paid::NotAnImage => Class::Uncertain(Kind::Unusable),
            Paid::Nonsense if !queue => Class::Uncertain(Kind::Unusable),
            Paid::Endless if queue => Class::Uncertain(Kind::Detached),
            _ => Class::Uncertain(Kind::Ambiguous),
        }
    }
}

/// A paid request.
#[derive(Debug, Clone)]
pub struct Sent {
    pub at: Duration,
    pub provider: &'static str,
    pub answer: Paid,
}

pub struct Script {
    answers: Mutex<Vec<Paid>>,
    log: PathBuf,
    limit: Option<Money>,
    born: Mutex<Option<Instant>>,
    sent: Mutex<Vec<Sent>>,
    /// What becomes of the jobs of the queue, and how often each was asked for.
    jobs: Mutex<HashMap<String, (Paid, u32)>>,
    /// Jobs whose submit was never answered.
    lost: Mutex<Vec<(String, Value)>>,
    handed: Mutex<usize>,
}

impl Script {
    pub fn new(mut answers: Vec<Paid>, log: PathBuf, limit: Option<Money>) -> Script {
        answers.reverse();
        Script {
            answers: Mutex::new(answers),
            log,
            limit,
            born: Mutex::default(),
            sent: Mutex::default(),
            jobs: Mutex::default(),
            lost: Mutex::default(),
            handed: Mutex::default(),
        }
    }

    /// The clock starts here.
    pub fn begin(&self) {
        *self.born.lock().unwrap() = Some(Instant::now());
    }

    /// The paid requests, and how many images were handed out.
    pub fn told(&self) -> (Vec<Sent>, usize) {
        (std::mem::take(&mut *self.sent.lock().unwrap()), *self.handed.lock().unwrap())
    }

    /// A paid request: looked at, counted, and given the next answer of the course.
    fn paid(&self, provider: &'static str) -> Paid {
        let answer = self.answers.lock().unwrap().pop().unwrap_or(Paid::Image(1));
        let born = self.born.lock().unwrap().expect("the course has begun");
        self.sent.lock().unwrap().push(Sent { at: born.elapsed(), provider, answer });
        let entries = entries(&self.log);
        let intents = entries.iter().filter(|entry| entry.e == EntryKind::Intent).count();
        assert!(
            intents >= self.sent.lock().unwrap().len(),
            "bytes left before their intent was written"
        );
        if let Some(limit) = self.limit {
            let counted = check::counted(&entries);
            assert!(counted <= limit, "{counted} may be spent, and {limit} is allowed");
        }
        answer
    }

    fn image(&self) -> Vec<u8> {
        *self.handed.lock().unwrap() += 1;
        crate::fake::image::bytes(8, 8, "png").to_vec()
    }

    fn openai(&self) -> Result<Answer> {
        let code = |status, code: &str| json_answer(status, &json!({ "error": { "code": code } }));
        Ok(match self.paid("openai") {
            Paid::Image(_) => {
                let text = STANDARD.encode(self.image());
                let usage = json!({ "input_tokens": 9, "output_tokens": 100 });
                json_answer(200, &json!({ "data": [{ "b64_json": text }], "usage": usage }))
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
            Paid::Reset | Paid::Vanishes | Paid::Endless | Paid::Lost => return Err(reset()),
        })
    }

    fn submit(&self, input: Option<Vec<u8>>) -> Result<Answer> {
        let paid = self.paid("fal");
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
                let id = format!("job-{}", self.jobs.lock().unwrap().len());
                self.jobs.lock().unwrap().insert(id.clone(), (paid, 0));
                if paid == Paid::Lost {
                    let input = serde_json::from_slice(&input.unwrap_or_default()).unwrap();
                    self.lost.lock().unwrap().push((id, input));
                    return Err(reset());
                }
                json_answer(200, &json!({ "request_id": id }))
            }
        })
    }

    fn status(&self, id: &str) -> Answer {
        let mut jobs = self.jobs.lock().unwrap();
        let (paid, polls) = jobs.get_mut(id).expect("a known job");
        *polls += 1;
        let needs = if let Paid::Image(needs) = paid { u32::from(*needs) } else { 1 };
        match paid {
            Paid::Vanishes => json_answer(404, &json!({ "detail": "no such request" })),
            Paid::Endless => json_answer(200, &json!({ "status": "IN_PROGRESS" })),
            // Free calls fail too, and are repeated.
            _ if *polls <= needs && *polls % 2 == 1 => answer(502, b"<html>".to_vec()),
            _ if *polls <= needs => json_answer(200, &json!({ "status": "IN_QUEUE" })),
            Paid::JobFails => json_answer(
                200,
                &json!({ "status": "COMPLETED", "error": "boom", "error_type": "internal_error" }),
            ),
            _ => json_answer(200, &json!({ "status": "COMPLETED" })),
        }
    }

    fn result(&self, id: &str) -> Answer {
        let paid = self.jobs.lock().unwrap()[id].0;
        let url = match paid {
            Paid::Content => {
                let item = json!({ "msg": "no", "type": "content_policy_violation" });
                return json_answer(422, &json!({ "detail": [item] }));
            }
            Paid::NotAnImage => {
                format!("data:image/png;base64,{}", STANDARD.encode("no image"))
            }
            Paid::Image(polls) if polls % 2 == 0 => {
                format!("data:image/png;base64,{}", STANDARD.encode(self.image()))
            }
            _ => "https://v3.fal.media/files/fox.png".to_owned(),
        };
        let mut answer = json_answer(200, &json!({ "images": [{ "url": url }] }));
        answer.headers.push(("x-fal-billable-units".to_owned(), "1".to_owned()));
        answer
    }

    fn history(&self) -> Answer {
        let lost = self.lost.lock().unwrap();
        let items: Vec<Value> = lost
            .iter()
            .map(|(id, input)| json!({ "request_id": id, "json_input": input }))
            .collect();
        json_answer(200, &json!({ "items": items }))
    }

    fn reply(&self, request: Dressed) -> Result<Answer> {
        let path = request.url.path().to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.url.host_str().unwrap_or_default(), request.method.as_str(), &parts[..]) {
            ("api.openai.com", "POST", _) => self.openai(),
            ("queue.fal.run", "POST", _) => self.submit(request.body),
            ("queue.fal.run", "GET", [.., "requests", id, "status"]) => Ok(self.status(id)),
            ("queue.fal.run", "GET", [.., "requests", id]) => Ok(self.result(id)),
            ("api.fal.ai", "GET", [.., "by-endpoint"]) => Ok(self.history()),
            ("v3.fal.media", "GET", _) => {
                assert!(request.secrets.is_empty(), "a key to where only a reply led");
                Ok(answer(200, self.image()))
            }
            _ => panic!("{} {}", request.method, request.url),
        }
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: Dressed, _: Heard<'a>) -> Later<'a, Result<Answer>> {
        Box::pin(async move {
            let outcome = self.reply(request);
            tokio::time::sleep(Duration::from_millis(40)).await;
            outcome
        })
    }
}

fn reset() -> Error {
    Error::new(Kind::Ambiguous, "the connection was reset")
}

fn answer(status: u16, body: Vec<u8>) -> Answer {
    Answer { status, headers: Vec::new(), body: Body::of(body), cut: None }
}

fn json_answer(status: u16, body: &Value) -> Answer {
    answer(status, body.to_string().into_bytes())
}

fn waiting(mut answer: Answer, wait: Option<u32>) -> Answer {
    answer.headers.extend(wait.map(|ms| ("retry-after-ms".to_owned(), ms.to_string())));
    answer
}
