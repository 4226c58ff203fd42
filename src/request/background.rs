//! What is behind the subject.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is behind the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// As the model likes.
    Auto,
    /// Nothing: an alpha channel.
    Transparent,
    /// Something.
    Opaque,
}

impl Background {
    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Background::Auto => "auto",
            Background::Transparent => "transparent",
            Background::Opaque => "opaque",
        }
    }
}

impl FromStr for Background {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Background::Auto, Background::Transparent, Background::Opaque]
            .into_iter()
            .find(|background| background.name() == text)
            .ok_or_else(|| format!("`{text}` is not a background: transparent, opaque or auto"))
    }
}
