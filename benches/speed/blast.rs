//! The bare client: what loopback, base64 and the disk allow. It keeps no journal, checks nothing,
//! syncs nothing and forgets everything when it is killed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::PAD;

/// What becomes of the replies.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// Each is decoded and written to a file.
    Save,
    /// None is even gathered.
    Discard,
}

/// The command that makes so many images, so many at once.
pub fn command(address: &str, count: usize, at_once: usize, fate: Fate, into: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--blast", address, &count.to_string(), &at_once.to_string()]);
    if matches!(fate, Fate::Save) {
        command.arg(into);
    }
    command
}

/// Its side.
pub fn run(arguments: &[String]) {
    let url = format!("http://{}/v1/images/generations", arguments[0]);
    let count: usize = arguments[1].parse().unwrap();
    let at_once: usize = arguments[2].parse().unwrap();
    let into: Option<Arc<PathBuf>> = arguments.get(3).map(|path| Arc::new(PathBuf::from(path)));
    if let Some(into) = &into {
        std::fs::create_dir_all(into.as_path()).unwrap();
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..at_once.min(count) {
            let (client, url) = (client.clone(), url.clone());
            let (next, into) = (Arc::clone(&next), into.clone());
            workers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    one(&client, &url, number, into.clone()).await;
                }
            });
        }
        while let Some(ended) = workers.join_next().await {
            ended.unwrap();
        }
    });
}

async fn one(client: &reqwest::Client, url: &str, number: usize, into: Option<Arc<PathBuf>>) {
    let order = format!(
        r#"{{"model":"gpt-image-2","prompt":"a mug with the number {number}","size":"1024x1024"}}"#
    );
    let request = client.post(url).header("content-type", "application/json").body(order);
    let mut response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    let mut body = Vec::new();
    if into.is_some() {
        body.reserve(response.content_length().unwrap() as usize);
    }
    while let Some(piece) = response.chunk().await.unwrap() {
        if into.is_some() {
            body.extend_from_slice(&piece);
        }
    }
    let Some(into) = into else { return };
    let save = move || {
        const KEY: &[u8] = b"\"b64_json\":\"";
        let start = body.windows(KEY.len()).position(|window| window == KEY).unwrap() + KEY.len();
        let length = memchr::memchr(b'"', &body[start..]).unwrap();
        let image =
            base64::engine::Simd::standard(PAD).decode(&body[start..start + length]).unwrap();
        std::fs::write(into.join(format!("{number}.png")), image).unwrap();
    };
    tokio::task::spawn_blocking(save).await.unwrap();
}
