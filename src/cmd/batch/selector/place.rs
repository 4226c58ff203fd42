//! Where the images of a batch go, as the user says it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::batch::EXTRA_FIELDS;
use crate::error::{Error, Result};
use crate::request::Format;
use crate::store::{Output, template_root};
use crate::text;

/// The output directory, and the template of names where the user gave one.
pub(super) fn place(output: &str) -> Result<(PathBuf, Option<String>)> {
    match Output::parse_with(output, &EXTRA_FIELDS, Path::is_dir) {
        Output::Stdout => Err(Error::usage("a batch does not fit into stdout")
            .hint("`-o out/` names a directory for the images")),
        Output::File(file) if is_image_name(&file) => {
            let stem = file.with_extension("").display().to_string();
            let what = format!("`{}` names one file, and a batch makes many", file.display());
            let (directory, each) = (format!("{stem}/"), format!("{stem}-{{number}}.{{ext}}"));
            let (directory, each) = (text::shell_word(&directory), text::shell_word(&each));
            Err(Error::usage(what).hint(format!(
                "`-o {directory}` is a directory for them, `-o {each}` gives each a name"
            )))
        }
        Output::Directory(directory) | Output::File(directory) => Ok((directory, None)),
        Output::Template(template) => Ok((template_root(&template), Some(template))),
    }
}

fn is_image_name(file: &Path) -> bool {
    let extension = file.extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| Format::of_extension(extension).is_some())
}
