//! What people without cargo install: the layout of the archive, and that nothing that the packages name
//! is missing.

use std::path::Path;
use std::process::Command;

use crate::pinx::Pinx;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
#[cfg(unix)]
fn the_archive_has_program_pages_and_completions() {
    let pinx = Pinx::new();
    let output = Command::new(format!("{ROOT}/.ci/archive"))
        .args(["--of", env!("CARGO_BIN_EXE_pinx"), "x86_64-unknown-linux-musl"])
        .env("ARCHIVES", pinx.work())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = format!("pinx-{}-x86_64-unknown-linux-musl", env!("CARGO_PKG_VERSION"));
    let files = pinx.files();
    assert!(files.contains(&format!("{name}.tar.gz.sha256")), "{files:?}");
    let line = format!("tar -xzf {name}.tar.gz && {name}/pinx --version");
    assert!(pinx.shell(&line).status.success(), "{line}");
    for file in [
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "man/man1/pinx.1",
        "man/man1/pinx-generate.1",
        "man/man5/pinx-batch-files.5",
        "man/man7/pinx-money.7",
        "completions/pinx.bash",
        "completions/_pinx",
        "completions/pinx.fish",
        "completions/dynamic/_pinx",
    ] {
        assert!(pinx.work().join(&name).join(file).is_file(), "the archive has no {file}");
    }
}

/// What packages install asks the program, so it knows its models after the bare form, too.
#[test]
#[cfg(unix)]
fn a_package_completes_what_only_the_program_knows() {
    let pinx = Pinx::new();
    let directory = Path::new(env!("CARGO_BIN_EXE_pinx")).parent().unwrap().display();
    let bash = format!(
        "PATH={directory}:$PATH; source {ROOT}/completions/dynamic/pinx.bash; \
         COMP_WORDS=(pinx -m pinx/sk) COMP_CWORD=2 COMP_TYPE=9; \
         _clap_complete_pinx pinx pinx/sk -m; echo \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["-c", &bash]).env("PINX_HOME", pinx.work()).output();
    let output = output.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "pinx/sketch\n", "{stderr}");
}

/// The sources of the Debian package's files, of which each must name something.
#[test]
fn the_debian_package_names_files_that_are_there() {
    let manifest = std::fs::read_to_string(format!("{ROOT}/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    assert!(assets.len() > 5);
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        let (directory, file) = source.rsplit_once('/').unwrap_or((".", source));
        let (before, after) = file.split_once('*').unwrap_or((file, ""));
        let fits = |name: &str| name.starts_with(before) && name.ends_with(after);
        let is_there = source.starts_with("target/")
            || std::fs::read_dir(Path::new(ROOT).join(directory))
                .unwrap()
                .any(|entry| fits(&entry.unwrap().file_name().to_string_lossy()));
        assert!(is_there, "{source}");
    }
}
