//! Scripted gateways in front of a scripted OpenAI, which behave as LiteLLM and Portkey do: they
//! repeat by themselves, put what they were told into words of their own and add ids of their own.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Deref;

use serde_json::{Value, json};

use super::openai::OpenAi;
use super::{Answer, Kind, Request, Server};

/// How often a gateway repeats by itself.
pub const REPEATS: usize = 2;

/// Whose habits it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Habit {
    LiteLlm,
    Portkey,
}

/// A gateway; it derefs to its own server.
pub struct Gateway(Server);

impl Deref for Gateway {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

impl Gateway {
    /// Starts one in front of this provider.
    pub fn start(habit: Habit, before: &OpenAi) -> Gateway {
        let upstream = before.url();
        let kind_of = |method: &str, _: &str| match method {
            "POST" => Kind::Images,
            _ => Kind::Other,
        };
        Gateway(Server::start(kind_of, move |request| hand_on(habit, &upstream, request)))
    }

    /// The base URL, `…/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Paid requests so far, as it saw them.
    pub fn posts(&self) -> usize {
        self.count(Kind::Images)
    }
}

/// What the provider has answered.
struct Upstream {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn hand_on(habit: Habit, upstream: &str, request: &Request) -> Answer {
    let mut repeats = 0;
    let told = loop {
        let told = ask(upstream, request);
        let is_failure = told.as_ref().map_or(true, |told| told.status >= 500);
        if !is_failure || repeats == REPEATS {
            break told;
        }
        repeats += 1;
    };
    match habit {
        Habit::LiteLlm => litellm(told, repeats),
        Habit::Portkey => portkey(told, repeats),
    }
}

/// One request of the provider; an error when its answer breaks off.
fn ask(upstream: &str, request: &Request) -> io::Result<Upstream> {
    let mut stream = TcpStream::connect(upstream.trim_start_matches("http://"))?;
    let body = request.json.to_string();
    let key = request.header("authorization").unwrap_or_default();
    write!(
        stream,
        "POST /v1/images/generations HTTP/1.1\r\nhost: upstream\r\nauthorization: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no answer"))?;
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
    Ok(Upstream { status, headers, body })
}

/// LiteLLM: every failure is an exception of its own, with the provider's answer in its message.
fn litellm(told: io::Result<Upstream>, repeats: usize) -> Answer {
    let wrapped = |status: u16, words: String| {
        let code = status.to_string();
        let body =
            json!({ "error": { "message": words, "type": null, "param": null, "code": code } });
        Answer::json(status, &body)
    };
    let answer = match told {
        Ok(told) if told.status < 300 => Answer::bytes(told.status, "application/json", told.body),
        Ok(told) => {
            let said = String::from_utf8_lossy(&told.body).into_owned();
            let name = match told.status {
                400 => "BadRequestError",
                401 => "AuthenticationError",
                403 => "PermissionDeniedError",
                404 => "NotFoundError",
                429 => "RateLimitError",
                503 => "ServiceUnavailableError",
                _ => "InternalServerError",
            };
            wrapped(told.status, format!("litellm.{name}: {name}: OpenAIException - {said}"))
        }
        Err(_) => wrapped(
            500,
            "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.. \
             Received Model Group=gpt-image-2"
                .to_owned(),
        ),
    };
    answer
        .header("x-litellm-call-id", "c0ffee00-litellm")
        .header("x-litellm-attempted-retries", &repeats.to_string())
}

/// Portkey: the provider's answer with a word before its message, and the provider's headers.
fn portkey(told: io::Result<Upstream>, repeats: usize) -> Answer {
    let answer = match told {
        Ok(told) => {
            let mut body: Value = serde_json::from_slice(&told.body).unwrap_or_default();
            if let Some(message) = body.pointer_mut("/error/message") {
                *message = json!(format!("openai error: {}", message.as_str().unwrap_or_default()));
                body["provider"] = json!("openai");
            }
            let mut answer = Answer::json(told.status, &body);
            for (name, value) in told.headers {
                if name.starts_with("x-") || name == "retry-after" {
                    answer = answer.header(&name, &value);
                }
            }
            answer
        }
        Err(_) => {
            let body = json!({ "status": "failure", "message": "Something went wrong" });
            Answer::json(500, &body).header("x-portkey-gateway-exception", "true")
        }
    };
    answer
        .header("x-portkey-trace-id", "c0ffee00-portkey")
        .header("x-portkey-retry-attempt-count", &repeats.to_string())
}
