//! Size: the binary, what it is built from, and how long that takes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::measure::{PINX, figure};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Prints the figures.
pub fn run(_: Option<usize>) {
    let bytes = std::fs::metadata(PINX).unwrap().len() as f64;
    let size = format!("{:.1} MB", bytes / 1e6);
    figure("binary (profile bench = dist)", &size, "must 12 MB, goal 8 MB");
    figure("crates it is built from", &crates(Path::new(ROOT)).to_string(), "");
}

/// Crates behind the package of a directory, itself not counted.
fn crates(directory: &Path) -> usize {
    let tree = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(env!("CARGO")).args(tree).current_dir(directory).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len() - 1
}

/// A clean release build beside that of a program that only sends a request with the same HTTP client.
pub fn build(_: Option<usize>) {
    let place = tempfile::tempdir().unwrap();
    let hello = place.path().join("hello");
    std::fs::create_dir_all(hello.join("src")).unwrap();
    let manifest = std::fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let wanted = ["reqwest", "rustls", "tokio"];
    let is_wanted = |line: &&str| wanted.iter().any(|name| line.starts_with(&format!("{name} = ")));
    let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
    let dependencies: Vec<&str> = dependencies.lines().filter(is_wanted).collect();
    let package = "[package]\nname = \"hello\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    let text = format!("{package}[dependencies]\n{}\n[workspace]\n", dependencies.join("\n"));
    std::fs::write(hello.join("Cargo.toml"), text).unwrap();
    std::fs::copy(Path::new(ROOT).join("Cargo.lock"), hello.join("Cargo.lock")).unwrap();
    std::fs::write(hello.join("src/main.rs"), HELLO).unwrap();
    let theirs = seconds(&hello, &place.path().join("theirs"));
    let ours = seconds(Path::new(ROOT), &place.path().join("ours"));
    println!("hello, world with reqwest: {theirs:.0} s, {} crates", crates(&hello));
    println!("pinx: {ours:.0} s, {} crates", crates(Path::new(ROOT)));
    figure("clean release build over hello, world", &format!("{:.2}x", ours / theirs), "");
}

/// The time of a clean release build of the binaries.
fn seconds(directory: &Path, target: &Path) -> f64 {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--bins"]).current_dir(directory);
    command.env("CARGO_TARGET_DIR", target).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    assert!(command.status().unwrap().success(), "{command:?} failed");
    started.elapsed().as_secs_f64()
}

const HELLO: &str = r#"
fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page = runtime.block_on(async { reqwest::get("http://127.0.0.1/").await?.text().await });
    println!("hello, {page:?}");
}
"#;
