//! A scripted provider in a process of its own: it answers every paid request after a given time with
//! one and the same image. Blocking threads, one a connection: a request costs it two wake-ups and
//! one write, so that it is not what is measured.
//!
//! It ends when its standard input does, so that nothing is left when a benchmark is stopped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wait4::Wait4 as _;

/// What the provider sends.
#[derive(Debug, Clone, Copy)]
pub enum Picture {
    /// 1024x1024 of one colour: some kilobytes.
    Plain,
    /// Noise in so many rows of 1024 pixels: nothing of it can be packed.
    Noise(u32),
}

/// A reply of two megabytes: an image of 1.5 in base64.
pub const TWO_MB: Picture = Picture::Noise(488);
/// A reply of 27 megabytes: a 4K image.
pub const FOUR_K: Picture = Picture::Noise(6590);

/// A provider that runs.
pub struct Provider {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Provider {
    /// Starts one that answers after so many milliseconds.
    pub fn start(wait: u64, picture: Picture) -> Provider {
        let rows = if let Picture::Noise(rows) = picture { rows } else { 0 };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--provider", &wait.to_string(), &rows.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Provider { child, address: address.trim().to_owned() }
    }

    /// Requests since it was asked last, and when the first of them came, in milliseconds since 1970.
    pub fn seen(&self) -> (u64, u64) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"GET /seen HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let numbers = answer.split_once("\r\n\r\n").unwrap().1.split_once(' ').unwrap();
        (numbers.0.parse().unwrap(), numbers.1.parse().unwrap())
    }

    /// Ends it; answers with the CPU time that it took, in milliseconds.
    pub fn end(mut self) -> f64 {
        drop(self.child.stdin.take());
        let used = self.child.wait4().unwrap().rusage;
        (used.utime + used.stime).as_secs_f64() * 1e3
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// What was asked for.
#[derive(Default)]
struct Seen {
    count: AtomicU64,
    first: AtomicU64,
}

/// The provider's side: the arguments are its wait in milliseconds and the rows of noise.
pub fn serve(arguments: &[String]) {
    let wait = Duration::from_millis(arguments[0].parse().unwrap());
    let reply = Arc::new(reply(arguments[1].parse().unwrap()));
    let seen = Arc::new(Seen::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (reply, seen) = (Arc::clone(&reply), Arc::clone(&seen));
            std::thread::spawn(move || converse(&stream.unwrap(), wait, &reply, &seen));
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// One connection, until the other side has enough.
fn converse(mut stream: &TcpStream, wait: Duration, reply: &[u8], seen: &Seen) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(line) = request(&mut reader) {
        if line.starts_with("GET") {
            let (count, first) =
                (seen.count.swap(0, Ordering::SeqCst), seen.first.swap(0, Ordering::SeqCst));
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{count} {first}");
            return;
        }
        if seen.count.fetch_add(1, Ordering::SeqCst) == 0 {
            seen.first.store(now(), Ordering::SeqCst);
        }
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        if stream.write_all(reply).is_err() {
            return;
        }
    }
}

/// Reads a request with its body, and answers with its first line.
fn request(reader: &mut impl BufRead) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        if line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(first)
}

/// The whole reply: head and body.
fn reply(rows: u32) -> Vec<u8> {
    let mut picture = image::RgbImage::new(1024, if rows == 0 { 1024 } else { rows });
    let mut state = 1u32;
    for byte in picture.iter_mut().take(1024 * 3 * rows as usize) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let text = STANDARD.encode(png.into_inner());
    let body = format!("{{\"created\":1,\"data\":[{{\"b64_json\":\"{text}\"}}]}}");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
    format!("{head} {}\r\n\r\n{body}", body.len()).into_bytes()
}
