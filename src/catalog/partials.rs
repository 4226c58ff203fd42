//! Previews of a picture while it is made: what the catalog says of a model that shows them.

use serde::Deserialize;

use crate::request::Format;

/// Previews that may be asked for at most, whoever makes them.
pub const MOST_PARTIALS: u8 = 3;

/// The previews that a model shows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partials {
    /// How many at most.
    pub most: u8,
    /// Tokens of images made for each of them.
    pub tokens: u64,
    /// The formats of which there are some.
    pub formats: Vec<Format>,
    /// The day on which these facts were true.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
}
