//! How far a body with a file in it came, and what its end means.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

use super::*;
use crate::net::{InputFile, Piece};

/// More than the system takes in advance.
const LONG: usize = 24 << 20;

/// What a server does once it has read so many bytes of a body.
#[derive(Clone, Copy)]
enum Then {
    Closes,
    Answers(u16),
    Stalls,
}

/// A server for one request, and the bytes of the body that it got.
fn serve(reads: usize, then: Then) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let work = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut got, mut piece) = (Vec::new(), vec![0; 1 << 16]);
        let start = loop {
            let read = stream.read(&mut piece).unwrap_or(0);
            got.extend_from_slice(&piece[..read]);
            let end = got.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            // A body that ends at once may take its head with it.
            if read == 0 {
                return Vec::new();
            }
        };
        let head = String::from_utf8_lossy(&got[..start]).to_ascii_lowercase();
        assert!(head.contains("content-length:") && !head.contains("chunked"), "{head}");
        let mut body = got.split_off(start);
        while body.len() < reads {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return body,
                Ok(read) => body.extend_from_slice(&piece[..read]),
            }
        }
        match then {
            Then::Closes => {}
            Then::Answers(status) => {
                let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 2\r\n\r\nno");
                stream.write_all(head.as_bytes()).unwrap();
                let _ = stream.shutdown(Shutdown::Write);
                while stream.read(&mut piece).is_ok_and(|read| read > 0) {}
            }
            Then::Stalls => std::thread::sleep(Duration::from_secs(2)),
        }
        body
    };
    (port, std::thread::spawn(work))
}

/// The bytes of the body that a server got.
///
/// It may wait for the client to hang up, which takes the thread that a test runs on.
async fn received(server: JoinHandle<Vec<u8>>) -> Vec<u8> {
    tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap()
}

/// Sends a body around a file that once had these bytes.
async fn send_file(path: &Path, bytes: &[u8], port: u16) -> Result<HttpResponse> {
    let options = Options {
        connect: Duration::from_secs(1),
        roots: Roots::Bundled,
        trusted_hosts: HashSet::new(),
    };
    let client = Client::new(options, Budget::new(1 << 20, path.with_extension("spill")));
    let file = InputFile {
        name: "image 1".to_owned(),
        path: path.to_owned(),
        len: bytes.len() as u64,
        sha256: text::hex(&Sha256::digest(bytes)),
    };
    let around = |text: &str| Piece::Bytes(text.as_bytes().to_vec());
    let pieces = vec![around("<"), Piece::File(file), around(">")];
    let request = HttpRequest {
        method: "POST".to_owned(),
        url: format!("http://127.0.0.1:{port}/").parse().unwrap(),
        headers: Vec::new(),
        secrets: Vec::new(),
        body: Some(Payload { media_type: "x/y".to_owned(), pieces }),
        is_paid: true,
        timeout: Duration::from_secs(20),
        idle: Duration::from_millis(300),
        cap: 1 << 20,
    };
    client.send(request, &|_| {}).await
}

#[tokio::test]
async fn a_body_was_sent_once_its_last_byte_was_handed_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.png");
    let (short, long) = (vec![7; 100_000], vec![7; LONG]);
    let whole = short.len() + 2;
    for (bytes, reads, then, class) in [
        (&short, whole, Then::Answers(200), Ok(200)),
        (&short, whole, Then::Closes, Err((Kind::Ambiguous, "outcome_unknown"))),
        (&long, 1_000, Then::Closes, Err((Kind::NotSent, CUT_WHILE_SENDING))),
        (&long, 1_000, Then::Stalls, Err((Kind::NotSent, CUT_WHILE_SENDING))),
        (&long, 1_000, Then::Answers(413), Ok(413)),
        (&long, 1_000, Then::Answers(401), Ok(401)),
    ] {
        fs::write_atomic(&path, bytes, fs::Mode::Normal).unwrap();
        let (port, server) = serve(reads, then);
        let sent = send_file(&path, bytes, port).await;
        let got = sent.map(|answer| answer.status).map_err(|error| (error.kind, error.code));
        let class = class.map_err(|(kind, code)| (kind, code.to_owned()));
        assert_eq!(got, class, "after {reads} bytes");
        let body = received(server).await;
        assert!(reads < whole || body == [b"<", &bytes[..], b">"].concat());
    }
}

#[tokio::test]
async fn a_file_that_changed_never_arrives_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.png");
    let bytes = vec![7; 100_000];
    for (now, code) in [
        (Some(vec![8; 100_000]), "input_changed"),
        (Some(vec![7; 99_999]), "input_changed"),
        (Some(vec![7; 100_001]), "input_changed"),
        (None, "input_gone"),
    ] {
        let _ = fs::remove(&path);
        if let Some(now) = now {
            fs::write_atomic(&path, &now, fs::Mode::Normal).unwrap();
        }
        let (port, server) = serve(usize::MAX, Then::Closes);
        let error = send_file(&path, &bytes, port).await.unwrap_err();
        assert_eq!((error.kind, &*error.code), (Kind::Usage, code));
        assert!(received(server).await.len() < bytes.len() + 2);
    }
}
