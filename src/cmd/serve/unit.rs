//! The unit of systemd with which a server runs while its user is logged in, or always.

use std::path::Path;
use std::time::Duration;

use crate::text;

/// Between the end of the patience of a server and that of systemd.
const MARGIN: Duration = Duration::from_secs(15);

/// A user's unit for this program (<https://www.freedesktop.org/software/systemd/man/systemd.service.html>).
pub(super) fn unit(
    program: &Path,
    listen: &str,
    output: &Path,
    jobs: Option<&str>,
    drain: Duration,
) -> String {
    let (program, output) = (quoted(&program.display().to_string()), output.display().to_string());
    let output = quoted(&if output.ends_with('/') { output } else { format!("{output}/") });
    let jobs = jobs.map(|jobs| format!(" --concurrency {}", quoted(jobs))).unwrap_or_default();
    let patience = (drain + MARGIN).as_secs();
    format!(
        "# pinx serve --unit > ~/.config/systemd/user/pinx.service\n\
         # systemctl --user enable --now pinx; loginctl enable-linger keeps it without a login\n\
         # Keys are those of `pinx keys set`; variables of a shell are not seen here.\n\
         [Unit]\n\
         Description=pinx: images from text over HTTP\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         ExecStart={program} serve --listen {listen} --output {output}{jobs}\n\
         Restart=on-failure\n\
         RestartSec=2\n\
         # What was sent is paid for: it is awaited and saved before the process ends.\n\
         KillSignal=SIGTERM\n\
         TimeoutStopSec={patience}\n\
         NoNewPrivileges=yes\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    )
}

/// A word of a command line of systemd.
fn quoted(word: &str) -> String {
    let escaped =
        word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if text::shell_word(word) == word && escaped == word {
        escaped
    } else {
        format!("\"{escaped}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_quoted_as_systemd_reads_them() {
        let unit = unit(
            Path::new("/usr/bin/pinx"),
            "127.0.0.1:7878",
            Path::new("/home/ann/my 100% $art"),
            Some("8"),
            Duration::from_secs(30),
        );
        let line = "ExecStart=/usr/bin/pinx serve --listen 127.0.0.1:7878 \
                    --output \"/home/ann/my 100%% $$art/\" --concurrency 8\n";
        assert!(unit.contains(line) && unit.contains("TimeoutStopSec=45\n"), "{unit}");
    }
}
