//! A scripted provider on loopback: a small HTTP/1.1 server whose every answer, wait and fault is
//! chosen by the test.
//!
//! Hand-written on std, because a test must be able to cut a body in its middle, close before the
//! headers or never answer at all, which a real HTTP server is built not to do. Every request is
//! recorded before it is answered, so what was counted is what the provider would have billed.

pub mod bomb;
pub mod certificate;
pub mod fal;
pub mod form;
mod gate;
pub mod gateway;
pub mod image;
pub mod openai;
pub mod stream;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

pub use gate::Gate;

/// The longest that any test waits for an event.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a request asks for; scripts are per kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// OpenAI: one paid image. fal: none.
    Images,
    /// OpenAI's and fal's list of models.
    Models,
    /// fal: the paid submit.
    Submit,
    /// fal: how it is doing.
    Status,
    /// fal: the result.
    Result,
    /// fal: stop it.
    Cancel,
    /// fal: requests of the past.
    History,
    /// fal: unit prices.
    Pricing,
    /// fal: where an input may be put.
    Initiate,
    /// An input, on the server that must never see a key.
    Upload,
    /// A file, on the server that must never see a key.
    File,
    /// Anything else.
    Other,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub kind: Kind,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    /// The body; of a form its texts.
    pub json: Value,
    /// The fields of a form.
    pub form: Vec<form::Field>,
    /// The body as it came.
    pub bytes: Arc<[u8]>,
    pub at: Instant,
    /// Whose it is: the other end of its connection.
    pub from: SocketAddr,
}

impl Request {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// How the bytes of an answer leave.
#[derive(Debug, Clone, Copy)]
enum Way {
    Whole,
    /// Content-Length says more than what comes.
    CutAt(usize),
    /// A chunked body without its end.
    ChunkedCutAt(usize),
    /// Its pieces one after the other, in chunks; whether it then ends, or the connection breaks.
    Chunked(bool),
    /// A piece now and then.
    Drip(usize, Duration),
    /// So many bytes, then silence.
    StallAt(usize),
    /// Closed before the headers.
    Drop,
    /// Nothing until the server stops.
    Hang,
    /// A body that does not end.
    Endless,
    /// The body, then spaces up to this length, which Content-Length promises.
    Padded(u64),
    /// Content-Length says this, whatever comes.
    Claiming(u64),
    /// Whole, and then the connection is closed without a word.
    Closed,
}

/// One answer: what, when and how.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    pub body: Arc<[u8]>,
    /// Of a stream: what is sent together, and what comes before it.
    pieces: Arc<[(Vec<u8>, Option<stream::Before>)]>,
    wait: Duration,
    gate: Option<Gate>,
    way: Way,
}

impl Answer {
    /// Bytes of a media type.
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Arc<[u8]>>) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.into(),
            pieces: Arc::default(),
            wait: Duration::ZERO,
            gate: None,
            way: Way::Whole,
        }
    }

    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer::bytes(status, "application/json", body.to_string().into_bytes())
    }

    /// An intermediary's page.
    pub fn html(status: u16) -> Answer {
        let page = format!("<html><body><h1>{status}</h1>nginx says {status}</body></html>");
        Answer::bytes(status, "text/html", page.into_bytes())
    }

    /// Closes the connection before any header.
    pub fn dropped() -> Answer {
        Answer { way: Way::Drop, ..Answer::html(200) }
    }

    /// Never answers.
    pub fn hang() -> Answer {
        Answer { way: Way::Hang, ..Answer::html(200) }
    }

    /// A body without end.
    pub fn endless() -> Answer {
        Answer { way: Way::Endless, ..Answer::bytes(200, "application/json", Vec::new()) }
    }

    /// So many bytes in all: what there is, then spaces.
    pub fn padded(self, length: u64) -> Answer {
        Answer { way: Way::Padded(length), ..self }
    }

    /// Claims another length than it has.
    pub fn claiming(self, length: u64) -> Answer {
        Answer { way: Way::Claiming(length), ..self }
    }

    /// Whole, after which the server closes the connection that was to stay.
    pub fn closed(self) -> Answer {
        Answer { way: Way::Closed, ..self }
    }

    /// With one more header, also of a name that is there already.
    pub fn and_header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a header more.
    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.retain(|(key, _)| key != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before the headers.
    pub fn after(self, wait: Duration) -> Answer {
        Answer { wait, ..self }
    }

    /// Waits before the headers until the gate is opened.
    pub fn behind(self, gate: &Gate) -> Answer {
        Answer { gate: Some(gate.clone()), ..self }
    }

    /// Promises the whole length and sends half.
    pub fn cut(self) -> Answer {
        Answer { way: Way::CutAt(self.body.len() / 2), ..self }
    }

    /// Chunked, cut in its middle.
    pub fn chunked_cut(self) -> Answer {
        Answer { way: Way::ChunkedCutAt(self.body.len() / 2), ..self }
    }

    /// In about `pieces` pieces with a pause between them.
    pub fn drip(self, pieces: usize, pause: Duration) -> Answer {
        Answer { way: Way::Drip((self.body.len() / pieces).max(1), pause), ..self }
    }

    /// Half of the body, then silence.
    pub fn stalled(self) -> Answer {
        Answer { way: Way::StallAt(self.body.len() / 2), ..self }
    }
}

/// Makes an answer of the request and of the answer that would be given without a script.
type Step = Arc<dyn Fn(&Request, Answer) -> Answer + Send + Sync>;

#[derive(Default)]
struct State {
    queued: HashMap<Kind, VecDeque<Step>>,
    always: HashMap<Kind, Step>,
    requests: Vec<Request>,
    streams: Vec<TcpStream>,
    /// The other ends of all connections so far, and how many of them are still served.
    accepted: HashSet<SocketAddr>,
    served: usize,
    stopped: bool,
}

type Usual = dyn Fn(&Request) -> Answer + Send + Sync;

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    kind_of: fn(&str, &str) -> Kind,
    usual: Box<Usual>,
}

/// A server on a port of its own; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts; `kind_of` sorts requests by method and path, `usual` answers those that no script
    /// answers (and is asked first in any case, so that its state stays true).
    pub fn start(
        kind_of: fn(&str, &str) -> Kind,
        usual: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            kind_of,
            usual: Box::new(usual),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut state = accepting.state.lock().unwrap();
                if state.stopped {
                    return;
                }
                state.streams.extend(stream.try_clone());
                state.accepted.extend(stream.peer_addr());
                state.served += 1;
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || {
                    drop(shared.serve(stream));
                    shared.state.lock().unwrap().served -= 1;
                    shared.changed.notify_all();
                });
            }
        });
        Server { address, shared }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request of this kind gets this answer.
    pub fn next(&self, kind: Kind, answer: Answer) -> &Server {
        self.next_with(kind, move |_, _| answer.clone())
    }

    /// The next request of this kind gets what is made of it and of its usual answer.
    pub fn next_with(
        &self,
        kind: Kind,
        step: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static,
    ) -> &Server {
        self.state().queued.entry(kind).or_default().push_back(Arc::new(step));
        self
    }

    /// Every request of this kind for which nothing is queued gets this answer.
    pub fn always(&self, kind: Kind, answer: Answer) -> &Server {
        self.always_with(kind, move |_, _| answer.clone())
    }

    /// As `next_with`, for every request for which nothing is queued.
    pub fn always_with(
        &self,
        kind: Kind,
        step: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static,
    ) -> &Server {
        self.state().always.insert(kind, Arc::new(step));
        self
    }

    /// The requests of a kind so far.
    pub fn requests(&self, kind: Kind) -> Vec<Request> {
        self.state().requests.iter().filter(|request| request.kind == kind).cloned().collect()
    }

    /// All requests so far.
    pub fn all(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// How many requests of a kind came so far.
    pub fn count(&self, kind: Kind) -> usize {
        self.requests(kind).len()
    }

    /// Waits until so many requests of a kind have come.
    pub fn wait_for(&self, kind: Kind, count: usize) {
        let few = |state: &mut State| {
            state.requests.iter().filter(|request| request.kind == kind).count() < count
        };
        let (state, late) =
            self.shared.changed.wait_timeout_while(self.state(), PATIENCE, few).unwrap();
        assert!(!late.timed_out(), "{count} {kind:?} requests never came: {:#?}", state.requests);
    }

    /// How many connections came so far.
    pub fn connections(&self) -> usize {
        self.state().accepted.len()
    }

    /// Waits until everything has been heard that dead processes had handed to the system.
    pub fn quiet(&self) {
        // Connections are accepted in the order in which they were made.
        let last = TcpStream::connect(self.address).unwrap();
        let own = last.local_addr().unwrap();
        drop(last);
        let busy = |state: &mut State| state.served > 0 || !state.accepted.contains(&own);
        let (mut state, late) =
            self.shared.changed.wait_timeout_while(self.state(), PATIENCE, busy).unwrap();
        assert!(!late.timed_out(), "a connection stays open: {:#?}", state.requests);
        state.accepted.remove(&own);
    }

    /// Also once a wait has failed while it held the lock: the test fails, and not the process of all.
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut state = self.state();
        state.stopped = true;
        for stream in state.streams.drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
        drop(state);
        self.shared.changed.notify_all();
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let from = stream.peer_addr()?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = self.read(&mut reader, from)? {
            let usual = (self.usual)(&request);
            let mut state = self.state.lock().unwrap();
            let queued = state.queued.get_mut(&request.kind).and_then(VecDeque::pop_front);
            let step = queued.or_else(|| state.always.get(&request.kind).cloned());
            state.requests.push(request.clone());
            drop(state);
            self.changed.notify_all();
            let answer = match step {
                Some(step) => step(&request, usual),
                None => usual,
            };
            if !self.write(&mut writer, &answer)? {
                return writer.shutdown(Shutdown::Both);
            }
        }
        Ok(())
    }

    /// The next request of a connection; none at its end.
    fn read(
        &self,
        reader: &mut BufReader<TcpStream>,
        from: SocketAddr,
    ) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let kind_of_body = headers.iter().find(|(name, _)| name == "content-type");
        let form = form::read(kind_of_body.map(|(_, value)| value.as_str()), &body);
        let texts = form.iter().filter(|field| field.filename.is_none());
        let texts = texts.map(|field| {
            (field.name.clone(), String::from_utf8(field.bytes.clone()).unwrap().into())
        });
        let json = match form.is_empty() {
            true => serde_json::from_slice(&body).unwrap_or(Value::Null),
            false => Value::Object(texts.collect()),
        };
        let kind = (self.kind_of)(&method, &path);
        let at = Instant::now();
        let bytes = body.into();
        Ok(Some(Request { kind, method, path, query, headers, json, form, bytes, at, from }))
    }

    /// Sleeps, but not beyond the server's end.
    fn pause(&self, wait: Duration) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_timeout_while(state, wait, |state| !state.stopped).unwrap());
    }

    /// Sends an answer; false when the connection must not be used again.
    fn write(&self, writer: &mut TcpStream, answer: &Answer) -> io::Result<bool> {
        self.pause(answer.wait);
        if let Some(gate) = &answer.gate {
            gate.wait();
        }
        let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match answer.way {
            Way::Drop => return Ok(false),
            Way::Hang => {
                self.pause(PATIENCE);
                return Ok(false);
            }
            Way::Padded(length) | Way::Claiming(length) => {
                head.push_str(&format!("content-length: {length}\r\n"));
            }
            Way::ChunkedCutAt(_) | Way::Chunked(_) | Way::Endless => {
                head.push_str("transfer-encoding: chunked\r\n")
            }
            _ => head.push_str(&format!("content-length: {}\r\n", answer.body.len())),
        }
        head.push_str("\r\n");
        writer.write_all(head.as_bytes())?;
        let body = &answer.body;
        match answer.way {
            Way::CutAt(at) => writer.write_all(&body[..at]).map(|()| false),
            Way::ChunkedCutAt(at) => {
                writer.write_all(format!("{at:x}\r\n").as_bytes())?;
                writer.write_all(&body[..at])?;
                writer.write_all(b"\r\n").map(|()| false)
            }
            Way::Chunked(ends) => {
                for (piece, before) in answer.pieces.iter() {
                    match before {
                        Some(stream::Before::Gate(gate)) => gate.wait(),
                        Some(stream::Before::Pause(pause)) => self.pause(*pause),
                        None => {}
                    }
                    if !piece.is_empty() {
                        let head = format!("{:x}\r\n", piece.len());
                        writer.write_all(&[head.as_bytes(), piece, b"\r\n"].concat())?;
                    }
                }
                writer.write_all(if ends { b"0\r\n\r\n" } else { b"" }).map(|()| ends)
            }
            Way::StallAt(at) => {
                writer.write_all(&body[..at])?;
                self.pause(PATIENCE);
                Ok(false)
            }
            Way::Drip(piece, every) => {
                for piece in body.chunks(piece) {
                    writer.write_all(piece)?;
                    self.pause(every);
                }
                Ok(true)
            }
            Way::Endless => {
                let piece = format!("10000\r\n{}\r\n", "A".repeat(0x10000));
                writer.write_all(b"1d\r\n{\"data\":[{\"b64_json\":\"AAAAAAA\r\n")?;
                loop {
                    writer.write_all(piece.as_bytes())?;
                }
            }
            Way::Padded(length) => {
                writer.write_all(body)?;
                let spaces = [b' '; 0x10000];
                let mut left = length.saturating_sub(body.len() as u64);
                while left > 0 {
                    let piece = left.min(spaces.len() as u64);
                    writer.write_all(&spaces[..piece as usize])?;
                    left -= piece;
                }
                Ok(true)
            }
            Way::Claiming(_) | Way::Closed => writer.write_all(body).map(|()| false),
            _ => writer.write_all(body).map(|()| true),
        }
    }
}
