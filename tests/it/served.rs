//! A server of pinx in a world of its own, and requests to it as bytes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fake::PATIENCE;
use crate::pinx::{Output, Pinx};

/// A server that runs until it is dropped.
pub struct Served<'p> {
    pinx: &'p Pinx,
    child: Option<Child>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub heads: BTreeMap<String, String>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    /// The code of its error.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl<'p> Served<'p> {
    /// Starts one on any free port, with further arguments.
    pub fn start(pinx: &'p Pinx, args: &[&str]) -> Served<'p> {
        let place: &[&str] = if args.contains(&"-o") { &[] } else { &["-o", "out/"] };
        let all = [&["serve", "--quiet", "--listen", "127.0.0.1:0"], place, args].concat();
        let mut command = pinx.command(&all).plain();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let talk = child.wait_with_output().unwrap().stderr;
            panic!("it does not listen: {line}{}", String::from_utf8_lossy(&talk));
        };
        Served { pinx, child: Some(child), address }
    }

    /// The memory that it holds now besides its files, in KiB.
    #[cfg(target_os = "linux")]
    pub fn held_memory(&self) -> u64 {
        let pid = self.child.as_ref().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Output {
        let child = self.child.take().unwrap();
        let (pid, deadline) = (child.id(), Instant::now() + PATIENCE);
        let waiting = std::thread::spawn(move || child.wait_with_output().unwrap());
        while !waiting.is_finished() {
            if Instant::now() > deadline {
                let _ =
                    std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
                panic!("the server did not end");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = waiting.join().unwrap();
        let code = output.status.code().unwrap_or(-1);
        self.pinx.output(&["serve".to_owned()], code, (output.stdout, output.stderr))
    }

    /// Ends it, and sees that it ends well.
    pub fn stop(self) -> Output {
        self.signal("TERM");
        let output = self.finish();
        assert_eq!(output.code, 0, "{output}");
        output
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a request with these headers; `Host` and `Content-Length` are added.
    pub fn send(&self, line: &str, heads: &[(&str, &str)], body: &[u8]) -> Reply {
        read(self.begin(line, heads, body))
    }

    /// Sends it, and leaves the answer to be read, or not.
    pub fn begin(&self, line: &str, heads: &[(&str, &str)], body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(&self.request(line, heads, body)).unwrap();
        stream
    }

    /// The bytes of a request.
    pub fn request(&self, line: &str, heads: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut head = format!("{line} HTTP/1.1\r\nconnection: close\r\n");
        if !heads.iter().any(|(name, _)| *name == "host") {
            head += &format!("host: {}\r\n", self.address);
        }
        for (name, value) in heads {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    /// Gets a document.
    pub fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path}"), &[], b"")
    }

    /// Posts a document.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        let json = [("content-type", "application/json")];
        self.send(&format!("POST {path}"), &json, body.to_string().as_bytes())
    }

    /// Posts a form: fields, and files with their names.
    pub fn form(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, text) in fields {
            let part =
                format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let part = format!(
                "--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\
                 content-type: image/png\r\n\r\n"
            );
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        let heads =
            [("content-type", "multipart/form-data; boundary=x"), ("authorization", "Bearer none")];
        self.send(&format!("POST {path}"), &heads, &body)
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Reads an answer to its end.
pub fn read(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    parsed(&bytes)
}

/// Reads of an answer until these bytes have come.
pub fn read_until(stream: &mut TcpStream, wanted: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while memchr::memmem::find(&bytes, wanted).is_none() {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..read]);
    }
    bytes
}

/// An answer from its bytes.
pub fn parsed(bytes: &[u8]) -> Reply {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or("0");
    let heads: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = bytes.get(end + 4..).unwrap_or_default();
    let is_chunked = heads.get("transfer-encoding").is_some_and(|how| how == "chunked");
    let body = if is_chunked { unchunked(body) } else { body.to_vec() };
    Reply { status: status.parse().unwrap(), heads, body }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(at) = memchr::memmem::find(rest, b"\r\n") {
        let size = usize::from_str_radix(&String::from_utf8_lossy(&rest[..at]), 16).unwrap();
        rest = &rest[at + 2..];
        if size == 0 || rest.len() < size {
            break;
        }
        whole.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
    whole
}
