//! What is done with a picture before it is sent to one model.
//!
//! Pure.

use serde::Deserialize;

use super::order::SentInput;
use crate::request::{Format, Size};

/// How a mask says what is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskForm {
    /// What is transparent is changed.
    Alpha,
    /// What is white is changed.
    White,
    /// What is black is changed.
    Black,
}

/// What is done with one picture before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Treatment {
    /// The format that it gets.
    pub format: Format,
    /// The size that it gets.
    pub size: Size,
    /// Bytes to which it is scaled down, where that is wanted.
    pub most: Option<u64>,
    /// How it says what is to be changed, where it is a mask.
    pub mask: Option<MaskForm>,
    /// What is transparent becomes white.
    pub is_opaque: bool,
}

impl Treatment {
    /// Whether a picture needs none of it.
    pub fn is_done(&self, input: &SentInput) -> bool {
        self.format == input.format
            && self.size == input.size
            && self.most.is_none_or(|most| input.len <= most)
            && self.mask.is_none_or(|form| form == MaskForm::White)
            && !self.is_opaque
    }

    /// What makes a picture opaque, where that is wanted, and what is done with it then.
    pub fn in_turn(self, input: &SentInput) -> (Option<Treatment>, Treatment) {
        let (format, size) = (input.format, input.size);
        let flat = Treatment { format, size, most: None, mask: None, is_opaque: true };
        // A JPEG has no transparency.
        let is_wanted = self.is_opaque && format != Format::Jpeg;
        (is_wanted.then_some(flat), Treatment { is_opaque: false, ..self })
    }
}
