//! Start-up, one image and the renderer, each beside its reference measured in the same run.
//!
//! `cargo bench --bench startup [-- ROUNDS]`. Commands are run in interleaved rounds, so that a
//! busy moment of the machine hits all of them; medians count, and the spread is the middle half.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark talks to its terminal and may fail loudly"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use wait4::Wait4 as _;

const PINX: &str = env!("CARGO_BIN_EXE_pinx");

/// One command under measurement.
struct Bench {
    name: &'static str,
    /// Rows of one group are compared with the first of it.
    group: &'static str,
    make: Box<dyn Fn(usize) -> Command>,
    times: Vec<f64>,
}

impl Bench {
    fn new(
        name: &'static str,
        group: &'static str,
        make: impl Fn(usize) -> Command + 'static,
    ) -> Bench {
        Bench { name, group, make: Box::new(make), times: Vec::new() }
    }

    fn run(&mut self, round: usize) {
        let mut command = (self.make)(round);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status().unwrap();
        self.times.push(started.elapsed().as_secs_f64() * 1e3);
        assert!(status.success(), "{} failed", self.name);
    }

    /// Peak memory in bytes. A child's figure begins with that of the process that starts it, so a
    /// small copy of this program starts it.
    fn peak(&self) -> u64 {
        let command = (self.make)(usize::MAX);
        let mut probe = Command::new(std::env::current_exe().unwrap());
        probe.arg("--peak").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            probe.env(name, value.unwrap());
        }
        if let Some(directory) = command.get_current_dir() {
            probe.current_dir(directory);
        }
        let output = probe.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().last().unwrap().parse().unwrap()
    }

    /// The median and the quarters around it, in milliseconds.
    fn quarters(&self) -> [f64; 3] {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| times[(times.len() - 1) * quarter / 4])
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--peak") {
        let mut command = Command::new(&arguments[at + 1]);
        let used = command.args(&arguments[at + 2..]).stdout(Stdio::null()).spawn().unwrap();
        println!("{}", { used }.wait4().unwrap().rusage.maxrss);
        return;
    }
    // `cargo test --benches` and clippy build this; only `cargo bench` runs it.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let rounds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(60);
    let place = tempfile::tempdir().unwrap();
    let (home, work) = (place.path().join("home"), place.path().join("work"));
    std::fs::create_dir_all(&work).unwrap();
    let address = serve();
    let body = r#"{"model":"gpt-image-2","prompt":"a mug","size":"1024x1024"}"#;
    let pinx = |args: &'static [&'static str]| {
        let (home, work, base) = (home.clone(), work.clone(), format!("http://{address}/v1"));
        move |_: usize| {
            let mut command = Command::new(PINX);
            command.args(args).current_dir(&work).env("PINX_HOME", &home).env("PINX_NO_PROBE", "1");
            command.env("OPENAI_API_KEY", "sk-bench-0123456789").env("OPENAI_BASE_URL", &base);
            command
        }
    };
    let mut benches = vec![
        Bench::new("true", "start", |_| Command::new("true")),
        Bench::new("pinx --version", "start", pinx(&["--version"])),
        Bench::new("pinx --help", "start", pinx(&["--help"])),
        Bench::new("pinx models", "start", pinx(&["models"])),
    ];
    if has("rg") {
        benches.insert(
            1,
            Bench::new("rg --version", "start", |_| {
                let mut command = Command::new("rg");
                command.arg("--version");
                command
            }),
        );
    }
    if ["curl", "jq", "base64"].into_iter().all(has) {
        let (work, url) = (work.clone(), format!("http://{address}/v1/images/generations"));
        benches.push(Bench::new("curl | jq -r | base64 -d", "image", move |round| {
            let line = format!(
                "curl -s -H 'content-type: application/json' -d '{body}' {url} \
                 | jq -r '.data[0].b64_json' | base64 -d > pipe-{round}.png"
            );
            let mut command = Command::new("sh");
            command.args(["-c", &line]).current_dir(&work);
            command
        }));
    }
    benches.push(Bench::new(
        "pinx generate (saved, logged)",
        "image",
        pinx(&["generate", "a mug", "-m", "openai/gpt-image-2", "-y", "-q"]),
    ));
    benches.push(Bench::new(
        "pinx generate, sketch",
        "sketch",
        pinx(&["generate", "a mug", "-m", "pinx/sketch", "-q"]),
    ));
    for round in 0..rounds {
        for bench in &mut benches {
            bench.run(round);
        }
    }
    println!("{rounds} interleaved rounds; medians in ms\n");
    println!("{:<32}{:>9}{:>9}{:>19}{:>12}", "", "median", "ratio", "middle half", "peak RSS");
    for bench in &benches {
        let [low, middle, high] = bench.quarters();
        let base = benches.iter().find(|first| first.group == bench.group).unwrap().quarters()[1];
        let peak = bench.peak() as f64 / 1024.0 / 1024.0;
        println!(
            "{:<32}{middle:>9.2}{:>8.2}x{:>19}{peak:>8.1} MiB",
            bench.name,
            middle / base,
            format!("{low:.2}–{high:.2}"),
        );
    }
    render();
    let size = std::fs::metadata(PINX).unwrap().len() as f64 / 1024.0 / 1024.0;
    println!("\nbinary (profile bench = dist): {size:.1} MiB");
}

fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Megapixels a second of the renderer, all cores, in this process.
fn render() {
    println!();
    for style in ["none", "watercolor", "line-art", "pixel-art", "voxel-3d"] {
        let recipe = pinx::render::Recipe {
            prompt: "a lighthouse at dusk".to_owned(),
            style: style.to_owned(),
            colors: Vec::new(),
            width: 1024,
            height: 1024,
            seed: 7,
            label: None,
            transparent: false,
        };
        let mut times: Vec<Duration> = (0..9)
            .map(|_| {
                let started = Instant::now();
                std::hint::black_box(pinx::render::draw(&recipe));
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        let middle = times[times.len() / 2].as_secs_f64();
        println!(
            "{:<32}{:>9.1} ms{:>9.1} MP/s",
            format!("draw 1024x1024 {style}"),
            middle * 1e3,
            1.048_576 / middle
        );
    }
}

/// A provider that answers at once with a picture of two megabytes in base64.
fn serve() -> std::net::SocketAddr {
    let mut noise = image::RgbImage::new(1024, 640);
    let mut state = 1u32;
    for byte in noise.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    let mut png = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(png.into_inner());
    let body = format!("{{\"created\":1,\"data\":[{{\"b64_json\":\"{text}\"}}]}}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut seen = Vec::new();
            let mut piece = [0; 4096];
            while !complete(&seen) {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(length) => seen.extend_from_slice(&piece[..length]),
                }
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ =
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    assert!(Path::new(PINX).exists());
    address
}

/// Has the whole request come?
fn complete(seen: &[u8]) -> bool {
    let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
    let length = head
        .split("content-length:")
        .nth(1)
        .and_then(|rest| rest.lines().next()?.trim().parse().ok());
    seen.len() >= end + 4 + length.unwrap_or(0)
}
