//! The words in which a provider says what it takes of pictures: in its data, and in a user's settings.
//!
//! Pure.

use serde::Deserialize;

use super::order::EditForm;
use super::treatment::MaskForm;

/// Whether pictures are taken, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditWord {
    /// As files of a form.
    Multipart,
    /// As a list of data URLs, each `{image_url}`, with a mask beside it.
    JsonImages,
    /// As one data URL, `{type, url}`, or a list of such.
    JsonImage,
    /// As a list of references in a request for an image: `{type, image_url: {url}}`.
    References,
    /// Not at all.
    None,
}

/// Whether a mask is taken, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaskWord {
    /// What is transparent is changed.
    Alpha,
    /// What is white is changed.
    White,
    /// What is black is changed.
    Black,
    /// Not at all.
    None,
}

/// The words for `edit` and for `mask`, as they are written.
pub const EDIT_WORDS: [&str; 5] = ["multipart", "json-images", "json-image", "references", "none"];
/// See [`EDIT_WORDS`].
pub const MASK_WORDS: [&str; 4] = ["alpha", "white", "black", "none"];

impl EditWord {
    /// The form that it names.
    pub(super) fn form(self) -> Option<EditForm> {
        match self {
            EditWord::Multipart => Some(EditForm::Multipart),
            EditWord::JsonImages => Some(EditForm::JsonImages),
            EditWord::JsonImage => Some(EditForm::JsonImage),
            EditWord::References => Some(EditForm::References),
            EditWord::None => None,
        }
    }
}

impl MaskWord {
    /// The meaning that it names.
    pub(super) fn form(self) -> Option<MaskForm> {
        match self {
            MaskWord::Alpha => Some(MaskForm::Alpha),
            MaskWord::White => Some(MaskForm::White),
            MaskWord::Black => Some(MaskForm::Black),
            MaskWord::None => None,
        }
    }
}
