//! Where a planned image is to go, and whether it can.

use std::collections::HashSet;
use std::path::Path;

use super::planned::{Job, RunSpec};
use super::route::Route;
use crate::error::{Error, Result};
use crate::fs;
use crate::request::Format;
use crate::settings::Places;
use crate::store::{self, Fields, Output, OutputTarget, claim};
use crate::text;

/// The name that an image wishes for.
///
/// # Errors
/// What is wrong with the template.
pub(super) fn output_target(
    spec: &RunSpec,
    route: &Route,
    seed: u64,
    n: usize,
    id: &str,
) -> Result<OutputTarget> {
    is_writable(&spec.output)?;
    let format = expected(spec.request.format, &route.model.formats);
    let fields = Fields {
        prompt: &spec.request.prompt,
        now: crate::clock::now(),
        model: &route.model.id,
        provider: &route.provider.id,
        seed: route.order.request.seed.unwrap_or(seed),
        n: n + 1,
        id: spec.extra.get("id").map_or(id, String::as_str),
        run: id.rsplit_once('.').map_or(id, |(run, _)| run),
        style: spec.request.style.as_deref().unwrap_or("none"),
        ext: format.extension(),
        extra: spec.extra.clone(),
    };
    if spec.output == Output::Stdout {
        let (stem, extension) = (id.to_owned(), format.extension().to_owned());
        let directory = spec.kept.clone();
        return Ok(OutputTarget { directory, stem, extension, suffix_ok: true, within: None });
    }
    let target = store::plan(&spec.output, &fields, spec.count * spec.models.len().max(1))?;
    spec.within.as_deref().map_or(Ok(()), |root| stays_within(&target.directory, root))?;
    Ok(OutputTarget { within: spec.within.as_deref().map(fs::real), ..target })
}

/// A name with the extension of a format that nothing here writes would get a second one. Of a file it is
/// the format that is asked for, where there is such a one.
fn is_writable(output: &Output) -> Result<()> {
    const OTHERS: [&str; 16] = [
        "bmp", "gif", "tif", "tiff", "avif", "heic", "heif", "ico", "jxl", "psd", "pdf", "eps",
        "tga", "exr", "jp2", "mp4",
    ];
    let name = match output {
        Output::File(path) => path.clone(),
        Output::Template(text) => text.into(),
        Output::Directory(_) | Output::Stdout => return Ok(()),
    };
    let Some(extension) = name.extension().map(|extension| extension.to_string_lossy()) else {
        return Ok(());
    };
    let is_asked = matches!(output, Output::File(_)) && Format::of_extension(&extension).is_some();
    if !is_asked && OTHERS.contains(&extension.to_ascii_lowercase().as_str()) {
        let other = name.with_extension("png");
        return Err(Error::usage(format!(
            "`{extension}` is no format that an image can have here"
        ))
        .code("unknown_format")
        .hint(format!(
            "there are png, jpeg, webp and, of some models, svg: `-o {}`",
            text::shell_word(&other.to_string_lossy())
        )));
    }
    Ok(())
}

/// Whether a directory that a file named lies where it seems to: a repository or a batch may bring links.
fn stays_within(directory: &Path, root: &Path) -> Result<()> {
    if fs::real(directory).starts_with(fs::real(root)) {
        return Ok(());
    }
    let (directory, root) = (directory.display(), root.display());
    Err(Error::usage(format!("`{directory}` leads out of `{root}` through a link"))
        .code("leads_outside")
        .hint("name the place yourself with `-o`: what you name may be a link"))
}

/// Where pinx keeps its own: what it does not know there it takes for a leftover, or trips over it.
///
/// # Errors
/// The directory is such a place.
pub(super) fn is_no_place_of_ours(directory: &Path, places: &Places) -> Result<()> {
    let is_claims = directory.components().any(|part| part.as_os_str() == claim::OWN);
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    if !is_claims && !places.directories().iter().any(|place| absolute.starts_with(place)) {
        return Ok(());
    }
    let shown = directory.display();
    Err(Error::usage(format!("`{shown}` is where pinx keeps what it needs itself"))
        .code("own_place")
        .hint("choose another place with `-o`"))
}

/// The format that a file will have: the one asked for where the model makes it or it can be made from
/// what the model makes, else the model's own.
fn expected(asked: Option<Format>, made: &[Format]) -> Format {
    let own = made.first().copied().unwrap_or(Format::Png);
    match asked {
        Some(asked)
            if made.contains(&asked) || (asked.is_converted_to() && own.is_converted_to()) =>
        {
            asked
        }
        _ => own,
    }
}

/// What is said of a file that is there already: a name that is free, and how others stay free.
fn taken(path: &Path, target: &OutputTarget) -> Error {
    let numbered = OutputTarget { suffix_ok: true, ..target.clone() };
    let free =
        (1..1_000).map(|index| store::candidate(&numbered, index)).find(|path| !path.exists());
    let error = Error::usage(format!("`{}` exists already", path.display())).code("file_exists");
    let error = match free.map(|free| text::shell_word(&free.to_string_lossy())) {
        Some(free) => error.hint(format!("`-o {free}` is free; `--force` replaces the old one")),
        None => error.hint("choose another name, or `--force` replaces it"),
    };
    error.hint("a directory (`-o ./`) or a template (`-o '{slug}.{ext}'`) counts on by itself")
}

/// A device or a pipe is no place for a file: it would be replaced, or wait for a reader for ever.
fn is_for_files(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() && !meta.is_dir() => {
            let shown = path.display();
            Err(Error::usage(format!(
                "`{shown}` is a device or a pipe, and an image goes to a file"
            ))
            .code("not_a_file")
            .hint(format!("`-o - > {shown}` writes the image there")))
        }
        _ => Ok(()),
    }
}

/// Directories are made and tried, and existing files are found, before anything is paid.
///
/// # Errors
/// Nothing can be written there, or a named file exists.
pub fn check_places(output: &Output, force: bool, jobs: &[Job]) -> Result<()> {
    if let Output::File(path) = output {
        is_for_files(path)?;
    }
    let mut tried = HashSet::new();
    for job in jobs {
        let directory = &job.target.directory;
        if tried.insert(directory.clone()) {
            fs::probe_writable(directory).map_err(|error| {
                Error::usage(format!(
                    "nothing can be written in `{}`: {error}",
                    directory.display()
                ))
                .code("unwritable_directory")
                .hint("choose another place with `-o`")
            })?;
        }
        if matches!(output, Output::File(_)) && job.offset == 0 {
            let path = store::candidate(&job.target, 0);
            is_for_files(&path)?;
            if path.is_dir() {
                return Err(Error::usage(format!("`{}` is a directory", path.display()))
                    .code("file_exists")
                    .hint("choose another name, or end it in `/`"));
            }
            if path.exists() && !force {
                return Err(taken(&path, &job.target));
            }
        }
    }
    Ok(())
}
