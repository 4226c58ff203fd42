//! Where a setting's value comes from.

use std::fmt;
use std::path::{Path, PathBuf};

/// The layer, and the place in it, that a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The user's configuration file and the line in it.
    User(PathBuf, usize),
    /// The project's `pinx.toml` and the line in it.
    Project(PathBuf, usize),
    /// An environment variable.
    Env(String),
    /// A flag, with its dashes.
    Flag(String),
}

impl Origin {
    /// How near to the command it is: a nearer layer wins.
    pub fn rank(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::User(..) => 1,
            Origin::Project(..) => 2,
            Origin::Env(_) => 3,
            Origin::Flag(_) => 4,
        }
    }

    /// Like its text, but a file with its whole path: for error messages.
    pub fn place(&self) -> String {
        match self {
            Origin::User(path, line) | Origin::Project(path, line) => {
                format!("{}:{line}", path.display())
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    /// `default`, `config.toml:12`, `pinx.toml:3`, `$PINX_MODEL`, `--model`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.pad("default"),
            Origin::User(path, line) | Origin::Project(path, line) => {
                let name = path.file_name().map_or(path.as_path(), Path::new);
                f.pad(&format!("{}:{line}", name.display()))
            }
            Origin::Env(name) => f.pad(&format!("${name}")),
            Origin::Flag(name) => f.pad(name),
        }
    }
}
