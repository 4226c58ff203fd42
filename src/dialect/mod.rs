//! Dialects: an `Order` becomes a `Call`, a `Reply` becomes the next `Step`.
//!
//! Pure: no async, network, clock, key or file, and no state. What a later step needs travels in
//! the call's `memo`. A `Call` is data, keyless and serialisable: after a crash the logged call
//! is the continuation of the job. Providers are data; a dialect is the only provider code.

mod body;
mod call_body;
mod failure;
mod fal;
mod openai;
mod provider_error;
mod reply;
mod salvage;
mod sketch;
mod words;
mod wrapped;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use call_body::{Body, JsonInput, Part, PartValue};
pub use reply::{Base64, decode_base64, request_id, retry_after, spoken_duration};
pub use salvage::{Find, Group, Salvage, salvage, salvage_events};

use crate::catalog::{Order, Provider, SentInput, Usage, gateway};
use crate::error::{Error, Kind, Reserved, Result};
use crate::money::Money;
use crate::render::Recipe;

/// What is true of all calls of a dialect.
#[derive(Debug)]
pub struct Facts {
    /// Its name in the catalog and in settings.
    pub name: &'static str,
    /// It sends nothing: pictures are drawn on this machine.
    pub renders: bool,
    /// What a base URL without a path is completed with.
    pub version: Option<&'static str>,
    /// Paths name models, so that a base URL with one is a model's.
    pub paths_are_models: bool,
    /// The roles of addresses that a gateway can stand before; none means all.
    pub gated: Option<&'static [&'static str]>,
    /// A role, and the header in which a gateway with a path for each provider is told the target.
    pub target_header: Option<(&'static str, &'static str)>,
    /// Its list of models holds models of images only.
    pub lists_images: bool,
    /// How an image is asked for that stands in the answer instead of behind a link, for people.
    pub inside: Option<&'static str>,
    /// Its answers may come as streams of events.
    pub streams: bool,
    /// How long inputs lie behind public links, where they are uploaded; none where requests hold them.
    pub uploads_for: Option<Duration>,
}

impl Facts {
    /// What is true of most: everything goes to one address, and nothing is peculiar.
    const fn of(name: &'static str) -> Facts {
        Facts {
            name,
            renders: false,
            version: None,
            paths_are_models: false,
            gated: None,
            target_header: None,
            lists_images: false,
            inside: None,
            streams: false,
            uploads_for: None,
        }
    }

    /// Whether a gateway can stand before a role.
    pub fn is_gated(&self, role: &str) -> bool {
        self.gated.is_none_or(|roles| roles.contains(&role))
    }
}

/// One family of wire protocols.
pub trait Dialect: Sync {
    /// What is true of all its calls.
    fn facts(&self) -> &'static Facts;

    /// The first step of an order: a paid call, or a picture drawn here. Inputs that were uploaded are
    /// called by their links.
    ///
    /// # Errors
    /// An order that this dialect cannot write.
    fn submit(&self, order: &Order, links: &Links) -> Result<Step<'static>>;

    /// Reads what came back for a call.
    ///
    /// # Errors
    /// The classified failure: its kind decides what the engine does next.
    fn read<'r>(&self, order: &Order, reply: &Reply<'r>) -> Result<Step<'r>>;

    /// Reads one event of an answer that comes as a stream: its data is the body of the reply, and so many
    /// previews were shown before it. `Then::More` says that the picture is still to come.
    ///
    /// # Errors
    /// The classified failure that it tells of.
    fn event<'r>(
        &self,
        order: &Order,
        reply: &Reply<'r>,
        name: &str,
        shown: u64,
    ) -> Result<Step<'r>> {
        let _ = (order, reply, name, shown);
        Ok(Step::more(None))
    }

    /// The call that asks where an input may be uploaded, where requests name inputs by their links; read
    /// by `uploaded`. It costs nothing.
    fn upload(&self, input: &SentInput) -> Option<Call> {
        let _ = input;
        None
    }

    /// Reads the answer to `upload`.
    ///
    /// # Errors
    /// It was refused, or names no place.
    fn uploaded(&self, reply: &Reply<'_>) -> Result<UploadPlace> {
        let _ = reply;
        Err(Error::new(Kind::Internal, "nothing is uploaded here"))
    }

    /// The call that lists the provider's models, where there is one.
    fn discover(&self) -> Option<Call> {
        None
    }

    /// Reads a page of that list; `Then::Send` asks for the next.
    ///
    /// # Errors
    /// The answer is no list.
    fn models(&self, reply: &Reply<'_>) -> Result<(Vec<ListedModel>, Option<Call>)> {
        let _ = reply;
        Ok((Vec::new(), None))
    }

    /// Whether a listed model makes images.
    fn lists(&self, found: &ListedModel) -> bool {
        self.facts().lists_images || openai::is_image_model(&found.wire)
    }

    /// The provider's id of the job that a call asks for.
    fn job_id<'c>(&self, pending: &'c Call) -> Option<&'c str> {
        let _ = pending;
        None
    }

    /// The call that cancels a pending job, where that is possible.
    fn cancel(&self, pending: &Call) -> Option<Call> {
        let _ = pending;
        None
    }

    /// The call that looks for a job whose submit was never answered; read by `found`.
    fn lost(&self, order: &Order, since: &str) -> Option<Call> {
        let _ = (order, since);
        None
    }

    /// Reads the answer to `lost`: the call that goes on with the job which `submitted` asked for, if
    /// it is there, or else the call for the next page. Request ids in `claimed` belong to other jobs.
    ///
    /// # Errors
    /// The history cannot be read; the outcome stays unknown.
    fn found(
        &self,
        submitted: &Call,
        order: &Order,
        reply: &Reply<'_>,
        claimed: &[String],
    ) -> Result<Option<Call>> {
        let _ = (submitted, order, reply, claimed);
        Ok(None)
    }
}

/// The links of inputs that were uploaded, by the hashes of what was.
pub type Links = BTreeMap<String, String>;

/// Where an input may be put, and where it is then read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadPlace {
    /// The address that takes its bytes, without a key.
    pub put: String,
    /// The link by which the paid request names it.
    pub link: String,
}

/// All dialects, in the order in which messages name them.
pub const ALL: [&dyn Dialect; 3] = [&openai::OpenAi, &fal::Fal, &sketch::Sketch];

/// The dialect of a name.
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    ALL.into_iter().find(|dialect| dialect.facts().name == name)
}

/// The provider's id of the job that a call asks for, whichever dialect wrote the call.
pub fn job_id(pending: &Call) -> Option<&str> {
    ALL.iter().find_map(|dialect| dialect.job_id(pending))
}

/// What is true of a provider's dialect; of one that is unknown, what is true of most.
pub fn facts(provider: &Provider) -> &'static Facts {
    const UNKNOWN: Facts = Facts::of("");
    dialect(&provider.dialect).map_or(&UNKNOWN, |dialect| dialect.facts())
}

/// What a call is for: it decides who pays, what may be repeated and how errors are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Asks for an image: the one stage that costs money.
    Submit,
    /// Asks how a queued job is doing.
    Poll,
    /// Asks for the result of a finished job.
    Fetch,
    /// Cancels a queued job.
    Cancel,
    /// Looks for a lost job.
    Lost,
    /// Lists models or prices.
    List,
    /// Asks where an input may be uploaded.
    Upload,
}

/// Where a call goes, before a route turns it into an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A base URL by its role, and a path behind it that starts with `/`.
    Role(String, String),
    /// An absolute URL that a provider named; it gets a key only if its host is the provider's.
    Url(String),
}

/// One HTTP request, without a key: it can be journalled, taped and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What it is for.
    pub stage: Stage,
    /// Wait this many milliseconds before sending.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_ms: u64,
    /// `GET`, `POST`, `PUT`.
    pub method: String,
    /// Where to.
    pub target: Target,
    /// Extra headers, never a key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// What it carries.
    #[serde(default, skip_serializing_if = "Body::is_none")]
    pub body: Body,
    /// The dialect's continuation, handed back in the `Reply`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub memo: Value,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Call {
    /// A GET without a body.
    pub fn get(stage: Stage, target: Target) -> Call {
        Call {
            stage,
            after_ms: 0,
            method: "GET".to_owned(),
            target,
            headers: Vec::new(),
            body: Body::None,
            memo: Value::Null,
        }
    }

    /// A POST of a JSON body.
    pub fn post(stage: Stage, target: Target, body: Value) -> Call {
        Call { method: "POST".to_owned(), body: Body::Json(body), ..Call::get(stage, target) }
    }

    /// A POST of a form.
    pub fn form(stage: Stage, target: Target, parts: Vec<Part>) -> Call {
        let body = Body::Form(parts);
        Call { method: "POST".to_owned(), body, ..Call::get(stage, target) }
    }

    /// The wait before it is sent.
    pub fn after(&self) -> Duration {
        Duration::from_millis(self.after_ms)
    }

    /// A string of the memo.
    pub fn memo_str(&self, key: &str) -> Option<&str> {
        self.memo.get(key).and_then(Value::as_str)
    }
}

#[cfg(test)]
impl<'r> Reply<'r> {
    /// The answer to a submit of a server that is not the provider's own.
    fn to_submit(status: u16, body: &'r str) -> Reply<'r> {
        Reply {
            stage: Stage::Submit,
            endpoint: EndpointKind::Other,
            status,
            headers: &[],
            body: body.as_bytes(),
            memo: &Value::Null,
        }
    }
}

/// Who has answered: it decides how far a failure is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndpointKind {
    /// The provider, at its own official address.
    Official,
    /// Anything else: a gateway, a relay, a server of one's own, whatever a base URL leads to.
    #[default]
    Other,
}

/// A response, whole, with the memo of the call it answers.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'r> {
    /// What the call was for.
    pub stage: Stage,
    /// Who has answered.
    pub endpoint: EndpointKind,
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and their values.
    pub headers: &'r [(String, String)],
    /// The body.
    pub body: &'r [u8],
    /// The call's continuation.
    pub memo: &'r Value,
}

impl<'r> Reply<'r> {
    /// A header's value by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&'r str> {
        gateway::value(self.headers, name)
    }

    /// Whether the status is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What a reply gave and what comes next.
#[derive(Debug)]
pub struct Step<'r> {
    /// Images, if there are any.
    pub gave: Option<Yield<'r>>,
    /// What comes next.
    pub then: Then,
    /// How a queued job is doing.
    pub progress: Option<Progress>,
}

impl<'r> Step<'r> {
    /// Another call is needed.
    pub fn send(call: Call) -> Step<'r> {
        Step { gave: None, then: Then::Send(Box::new(call)), progress: None }
    }

    /// The answer goes on; a preview, if there is one.
    pub fn more(gave: Option<Yield<'r>>) -> Step<'r> {
        Step { gave, then: Then::More, progress: None }
    }

    /// It is done.
    pub fn done(gave: Yield<'r>) -> Step<'r> {
        Step { gave: Some(gave), then: Then::Done, progress: None }
    }
}

/// What comes after a step.
#[derive(Debug)]
pub enum Then {
    /// Send this call.
    Send(Box<Call>),
    /// The answer goes on: what it gave so far is a preview, and no result.
    More,
    /// Nothing.
    Done,
}

/// How a queued job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Waiting; so many requests are in front.
    Queued(Option<u64>),
    /// Being made.
    Running,
}

/// The images of a reply and what they cost.
#[derive(Debug, Default)]
pub struct Yield<'r> {
    /// The images.
    pub pixels: Vec<Pixels<'r>>,
    /// Tokens used.
    pub usage: Option<Usage>,
    /// Units billed, in the provider's unit.
    pub units: Option<f64>,
    /// What it cost, where the provider says so itself.
    pub cost: Option<Money>,
    /// The seed that was used.
    pub seed: Option<u64>,
    /// The prompt as the provider changed it.
    pub revised_prompt: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// One image, in whatever form it came.
#[derive(Debug)]
pub enum Pixels<'r> {
    /// Base64 text inside the body; a data URL's prefix is already gone.
    Base64(Cow<'r, str>),
    /// A link, fetched without a key.
    Link(String),
    /// To be drawn here, on a blocking thread.
    Rendered(Box<Recipe>),
}

/// A model as a provider's list describes it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedModel {
    /// The provider's own name for it.
    pub wire: String,
    /// Its name for people.
    pub name: Option<String>,
    /// One line.
    pub description: Option<String>,
    /// The day on which it is shut down.
    pub shutdown: Option<String>,
    /// Whether it is marked as no longer in use.
    pub deprecated: bool,
    /// Dollars for one unit.
    pub unit_price: Option<f64>,
    /// The unit: `images`, `megapixels`, `seconds`…
    pub unit: Option<String>,
}

/// Images of one answer that are read: one is asked for, and providers make ten at most. Each costs a
/// fetch and a file, so a list without end is no answer.
const MOST_IMAGES: usize = 100;

/// The error of an answer that claims success but is not what was documented.
pub fn unusable(what: impl Into<String>) -> Error {
    Error::new(Kind::Unusable, what)
}

/// That a stream ended well and held no finished picture: what it cost, nobody says.
pub fn stream_ended() -> Error {
    let error = Error::new(Kind::Unusable, "the stream ended without a finished image");
    Error { reserved: Some(Reserved::Uncertain), ..error.code("stream_ended") }
}
