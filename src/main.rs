//! The program: completion requests first, then the command line; the exit code is the answer.

use std::process::ExitCode;

fn main() -> ExitCode {
    let run = || pinx::run(std::env::args_os().collect()).0;
    ExitCode::from(pinx::process::with_stack(run))
}
