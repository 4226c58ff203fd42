//! Where a server saves: many images, therefore a directory.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::request::Format;
use crate::store::Output;

/// The setting `output` as a server takes it: a name that is none of a picture is a directory, whether it
/// is there already or not.
///
/// # Errors
/// It is one file.
pub(super) fn directory(output: &str) -> Result<String> {
    let Output::File(path) = Output::parse(output, Path::is_dir) else {
        return Ok(output.to_owned());
    };
    let ending = path.extension().and_then(|ending| ending.to_str());
    if path.exists() || ending.and_then(Format::of_extension).is_some() {
        let what = format!("a server saves many images, and `{output}` is one file");
        return Err(Error::usage(what).hint("name a directory: `--output images/`"));
    }
    Ok(format!("{output}/"))
}

/// The same with all directories above it.
pub(super) fn whole(output: &str) -> PathBuf {
    std::path::absolute(output).unwrap_or_else(|_| output.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_of_a_picture_is_a_directory() {
        for (asked, taken) in [
            ("images", "images/"),
            ("a/b.c", "a/b.c/"),
            ("images/", "images/"),
            (".", "."),
            ("{date}.png", "{date}.png"),
        ] {
            assert_eq!(directory(asked).unwrap(), taken, "{asked}");
        }
        for file in ["mug.png", "a/mug.JPEG", "Cargo.toml"] {
            assert!(directory(file).is_err(), "{file}");
        }
    }
}
