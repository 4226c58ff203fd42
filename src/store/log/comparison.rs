//! What a comparison leaves in the log: who was in it, where its pages lie, and what was judged.
//!
//! Pure. A comparison is told before its first request leaves, so that it can be judged and drawn
//! anew whatever became of its process. Nothing here is about money.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One prompt and the models that make it, with an entry `compared`. The prompt, its style and its
/// tags stand in the entry itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedPrompt {
    /// Which prompt of the run it is, from 1.
    pub number: usize,
    /// What a prompt file calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the models are hidden until somebody has judged.
    pub blind: bool,
    /// Where images and pages go, absolute.
    pub directory: PathBuf,
    /// The models, in the order in which they are shown.
    pub entrants: Vec<ComparedModel>,
}

/// One entrant of a comparison: a model, or one style, quality or seed of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedModel {
    /// The letter under which a hidden one is shown.
    pub label: String,
    /// The model, `provider/name`.
    pub model: String,
    /// What it is called where more than the model differs: `noir`, `seed-2`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The ids of its jobs.
    pub jobs: Vec<String>,
}

/// What was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictKind {
    /// One model is the best.
    Best,
    /// All are equally good.
    Tie,
    /// None is any good: no model wins, and none loses.
    None,
    /// A word from a newer version.
    #[default]
    #[serde(other)]
    Unknown,
}

impl VerdictKind {
    /// What it says of the jobs it is about; nothing when that is not known here.
    pub fn word(self) -> Option<&'static str> {
        match self {
            VerdictKind::Best => Some("best"),
            VerdictKind::Tie => Some("tie"),
            VerdictKind::None => Some("none"),
            VerdictKind::Unknown => None,
        }
    }
}

/// A verdict, with an entry of its name. A newer one about the same prompt takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// The number of the prompt in its run, from 1.
    pub contest: usize,
    /// What was judged.
    pub judgement: VerdictKind,
    /// The best model, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<String>,
    /// What the best is called where more than the model differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrant: Option<String>,
    /// The models that had an image to be judged, each once: of one model in several styles there is
    /// nothing to say between models.
    pub among: Vec<String>,
    /// The jobs of the best model; all that were judged where there is none.
    pub jobs: Vec<String>,
}

impl Verdict {
    /// In a word or by the name of the best.
    pub fn text(&self) -> &str {
        self.entrant
            .as_deref()
            .or(self.best.as_deref())
            .or(self.judgement.word())
            .unwrap_or("unknown")
    }
}

/// A page or contact sheet as it was drawn, with an entry `drawn`: replaced only while it is this.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Drawn {
    /// Its absolute path.
    pub path: PathBuf,
    /// Of its bytes.
    pub sha256: String,
}
