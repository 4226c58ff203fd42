//! How closely the pictures are kept that an image is made from.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How closely the pictures are kept that an image is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Faces and details stay as they are.
    High,
    /// They may change.
    Low,
}

impl Fidelity {
    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Fidelity::High => "high",
            Fidelity::Low => "low",
        }
    }
}

impl FromStr for Fidelity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Fidelity::High, Fidelity::Low]
            .into_iter()
            .find(|fidelity| fidelity.name() == text)
            .ok_or_else(|| format!("`{text}` is no fidelity: high or low"))
    }
}
