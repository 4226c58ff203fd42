//! Where a comparison goes: into a directory of its own.

use std::path::{Path, PathBuf};

use super::{App, Args};
use crate::cmd::batch::fixed;
use crate::error::{Error, Result};
use crate::request::Format;
use crate::store::Output;

/// The directory, as the user would write it: the one that `-o` names, else a new one with this name
/// where images go.
///
/// # Errors
/// `-o` names something else.
pub(super) fn directory(app: &App, args: &Args, name: &str) -> Result<PathBuf> {
    let is_flag = args.common.output.is_some();
    let base = match Output::parse(&app.settings.output, Path::is_dir) {
        Output::Directory(directory) if is_flag => return Ok(directory),
        Output::File(path) if is_flag => {
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.exists() || ending.and_then(Format::of_extension).is_some() {
                return Err(no_directory(&app.settings.output));
            }
            return Ok(path);
        }
        Output::Stdout => return Err(no_directory("-")),
        Output::Template(template) if is_flag => return Err(no_directory(&template)),
        Output::Directory(directory) => directory,
        Output::Template(template) => fixed(&template),
        Output::File(_) => PathBuf::from("."),
    };
    let named = |tail: String| match base.as_path() {
        base if base == Path::new(".") => PathBuf::from(format!("compare-{name}{tail}")),
        base => base.join(format!("compare-{name}{tail}")),
    };
    let first = named(String::new());
    if args.common.force {
        return Ok(first);
    }
    let others = (2_u32..).map(|number| named(format!("-{number}")));
    let is_empty = |path: &PathBuf| match std::fs::read_dir(path) {
        Ok(mut listing) => listing.next().is_none(),
        Err(_) => path.symlink_metadata().is_err(),
    };
    let free = std::iter::once(first).chain(others).find(is_empty);
    Ok(free.expect("there are more suffixes than directories"))
}

fn no_directory(output: &str) -> Error {
    Error::usage(format!("a comparison goes into a directory, and `{output}` is none"))
        .hint("`-o out/` names one; without `-o` it is `compare-SLUG/`")
}
