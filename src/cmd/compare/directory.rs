//! Where a comparison goes: into a directory of its own.

use std::path::{Path, PathBuf};

use super::{App, Args};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::request::Format;
use crate::store::{Output, template_root};

/// Where a comparison goes.
#[derive(Debug, Clone)]
pub(super) struct OutputDirectory {
    /// The directory, as the user would write it.
    pub(super) directory: PathBuf,
    /// Where it is to be one of its own, the first of its names; the others have a number.
    first: Option<PathBuf>,
}

impl OutputDirectory {
    /// Makes a directory of its own, by the first name that nobody has. Another comparison of the same
    /// name may have begun since this one was planned.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn claim(&mut self) -> Result<()> {
        let Some(first) = &self.first else { return Ok(()) };
        for directory in names(first) {
            let claimed = fs::claim_dir(&directory).map_err(|error| {
                let shown = directory.display();
                Error::new(Kind::Local, format!("`{shown}` cannot be made: {error}"))
                    .hint("`-o DIR` puts the comparison elsewhere")
            })?;
            self.directory = directory;
            if claimed {
                break;
            }
            // What one that was killed left there while it drew.
            fs::remove_temporary(&self.directory);
        }
        Ok(())
    }

    /// Gives up a directory of its own in which nothing was made.
    pub(super) fn leave(&self) {
        if self.first.is_some() {
            let _ = fs::remove_empty_dir(&self.directory);
        }
    }
}

/// A name, then the same with a number.
fn names(first: &Path) -> impl Iterator<Item = PathBuf> {
    let numbered = (2_u32..).map(move |number| {
        let mut name = first.to_owned().into_os_string();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    });
    std::iter::once(first.to_owned()).chain(numbered)
}

/// The directory: the one that `-o` names, else a new one with this name where images go.
///
/// # Errors
/// `-o` names something else.
pub(super) fn output_directory(app: &App, args: &Args, name: &str) -> Result<OutputDirectory> {
    let named = |directory| Ok(OutputDirectory { directory, first: None });
    let is_flag = args.common.output.is_some();
    let base = match Output::parse(&app.settings.output, Path::is_dir) {
        Output::Directory(directory) if is_flag => return named(directory),
        Output::File(path) if is_flag => {
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.exists() || ending.and_then(Format::of_extension).is_some() {
                return Err(no_directory(&app.settings.output));
            }
            return named(path);
        }
        Output::Stdout => return Err(no_directory("-")),
        Output::Template(template) if is_flag => return Err(no_directory(&template)),
        Output::Directory(directory) => directory,
        Output::Template(template) => template_root(&template),
        Output::File(_) => PathBuf::from("."),
    };
    let own = match base.as_path() {
        base if base == Path::new(".") => PathBuf::from(format!("compare-{name}")),
        base => base.join(format!("compare-{name}")),
    };
    if args.common.force {
        return named(own);
    }
    let free = names(&own).find(|path| path.symlink_metadata().is_err());
    let directory = free.expect("there are more suffixes than directories");
    Ok(OutputDirectory { directory, first: Some(own) })
}

fn no_directory(output: &str) -> Error {
    Error::usage(format!("a comparison goes into a directory, and `{output}` is none"))
        .hint("`-o out/` names one; without `-o` it is `compare-SLUG/`")
}
