//! The program: completion requests first, then the command line; the exit code is the answer.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(pinx::run(std::env::args_os().collect()).0)
}
