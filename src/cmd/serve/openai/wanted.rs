//! How a client of OpenAI's API wants its answer.

use crate::catalog::Adjustment;

/// What it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Images from words.
    Generations,
    /// Images from pictures.
    Edits,
}

impl Endpoint {
    /// The first word of its events.
    pub(super) fn event(self) -> &'static str {
        match self {
            Endpoint::Generations => "image_generation",
            Endpoint::Edits => "image_edit",
        }
    }
}

/// In what form images are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseFormat {
    /// Their bytes, in base64.
    Bytes,
    /// Their addresses at this server.
    Address,
}

/// How a client wants its answer.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) endpoint: Endpoint,
    pub(super) format: ResponseFormat,
    pub(super) stream: bool,
    /// The size was left to the model.
    pub(super) is_auto_size: bool,
    /// The quality asked for.
    pub(super) quality: Option<String>,
    /// The background asked for.
    pub(super) background: Option<String>,
    /// What is not as asked before any model has seen it.
    pub(super) told: Vec<Adjustment>,
    /// The texts and numbers of the request by their fields, to find which one an error means.
    pub(super) sent: Vec<(&'static str, String)>,
}
