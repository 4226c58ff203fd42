//! What the words of a provider make of pictures: for models that the catalog does not describe, and over
//! what it says of the others.
//!
//! Pure.

use super::edit::{Edit, EditPrice, InputPrice, MaskField};
use super::edit_words::{EditWord, MaskWord};
use super::model::Model;
use super::order::EditForm;
use super::provider::{Provider, YOURS};
use super::treatment::MaskForm;
use crate::error::{Error, Result};
use crate::request::Format;

/// The paths of OpenAI's image API.
const EDITS: &str = "/images/edits";
const GENERATIONS: &str = "generations";

/// Bytes of a file of a form at most: OpenAI takes no more.
const FILE_BYTES: u64 = 50_000_000;

/// Bytes of a picture in a data URL at most: OpenAI takes 20,971,520 characters, with `data:image/webp;base64,`.
const DATA_URL_BYTES: u64 = (20_971_520 - 23) / 4 * 3;

impl EditForm {
    /// The fields of one image and of each of several.
    fn fields(self) -> (&'static str, &'static str) {
        match self {
            EditForm::Multipart => ("image", "image[]"),
            EditForm::JsonImages => ("images", "images"),
            EditForm::JsonImage => ("image", "images"),
            EditForm::References => ("input_references", "input_references"),
        }
    }

    fn has_mask(self) -> bool {
        matches!(self, EditForm::Multipart | EditForm::JsonImages)
    }

    fn most_bytes(self) -> u64 {
        if self == EditForm::Multipart { FILE_BYTES } else { DATA_URL_BYTES }
    }
}

impl Provider {
    /// Checks that its words on pictures go together; `place` says where a setting is written.
    ///
    /// # Errors
    /// Names the one that means nothing, where it is, and what helps.
    pub(super) fn check_edit(
        &self,
        takes_words: bool,
        place: impl Fn(&str) -> String,
    ) -> Result<()> {
        let wrong = |key: &str, why: &str, or: &str| {
            let name = format!("providers.{}.{key}", self.id);
            let place = place(&name);
            let error = Error::usage(format!("`{name}` means nothing: {why} ({place})"));
            Err(error.hint(format!("take `{key}` out there{or}: `pinx config edit`")))
        };
        let set = [
            ("edit", self.edit.is_some()),
            ("mask", self.mask.is_some()),
            ("max_images", self.max_images.is_some()),
            ("image_field", self.image_field.is_some()),
            ("edits_path", self.edits_path.is_some()),
        ];
        if let Some((key, _)) = set.iter().find(|(_, is_set)| *is_set && !takes_words) {
            return wrong(key, "its catalog says where each model takes pictures", "");
        }
        let has_mask = self.mask.is_some_and(|mask| mask != MaskWord::None);
        match self.edit.and_then(EditWord::form) {
            Some(form) if has_mask && !form.has_mask() => {
                let or = ", or set `edit` to `multipart` or `json-images`, which have one";
                wrong("mask", "this form of `edit` has no mask", or)
            }
            _ => Ok(()),
        }
    }

    /// What a model of it makes of pictures, of which nothing else is known; nothing where it takes none.
    pub(super) fn edit_of_unlisted(&self) -> Option<Edit> {
        let form = self.edit.and_then(EditWord::form)?;
        let (image, images) = form.fields();
        let is_free = self.is_own_loopback();
        let edit = Edit {
            wire: None,
            path: None,
            form,
            image: image.to_owned(),
            images: Some(images.to_owned()),
            most: 1,
            mask: None,
            keeps_size: false,
            is_opaque: false,
            is_unstyled: false,
            fidelity: Vec::new(),
            formats: vec![Format::Png, Format::Jpeg, Format::Webp],
            max_bytes: form.most_bytes(),
            min_edge: None,
            max_edge: None,
            max_pixels: None,
            price: if is_free { EditPrice::Same } else { EditPrice::Unknown },
            inputs: if is_free { InputPrice::Included } else { InputPrice::Unknown },
        };
        Some(Edit { path: self.edits_path(form), ..self.changed(edit) })
    }

    /// Lays its words over what is known of a model.
    pub(super) fn lay_edit(&self, model: &mut Model) {
        if self.edit == Some(EditWord::None) {
            model.edit = None;
        } else if let Some(edit) = model.edit.take() {
            model.edit = Some(self.changed(self.formed(edit)));
        } else if model.source == YOURS {
            model.edit = self.edit_of_unlisted();
        }
    }

    /// The same in the form and at the path that its words say.
    fn formed(&self, edit: Edit) -> Edit {
        let form = self.edit.and_then(EditWord::form).unwrap_or(edit.form);
        let is_moved = self.edits_path.is_some() || self.images_path.is_some();
        let path = match form == edit.form && !is_moved {
            true => edit.path,
            false => self.edits_path(form),
        };
        if form == edit.form {
            return Edit { path, ..edit };
        }
        let (image, images) = form.fields();
        Edit {
            path,
            form,
            image: image.to_owned(),
            images: Some(images.to_owned()),
            mask: edit.mask.filter(|_| form.has_mask()),
            max_bytes: edit.max_bytes.min(form.most_bytes()),
            ..edit
        }
    }

    /// The same with the number, the field and the mask that its words say.
    fn changed(&self, mut edit: Edit) -> Edit {
        edit.most = self.max_images.unwrap_or(edit.most);
        if let Some(field) = &self.image_field {
            (edit.image, edit.images) = (field.clone(), Some(field.clone()));
        }
        match (self.mask.map(MaskWord::form), &mut edit.mask) {
            (None, _) => {}
            (Some(None), mask) => *mask = None,
            (Some(Some(means)), Some(mask)) => mask.means = means,
            (Some(Some(means)), mask) => {
                *mask = Some(MaskField {
                    field: "mask".to_owned(),
                    means,
                    max_bytes: None,
                    // This is the convention of models that redraw the whole picture.
                    is_hint: means == MaskForm::Alpha,
                    endpoint: None,
                });
            }
        }
        edit
    }

    /// Where requests with pictures go: to the place of all others, where they are only referred to.
    fn edits_path(&self, form: EditForm) -> Option<String> {
        let beside = self.images_path.as_ref().and_then(|path| path.strip_suffix(GENERATIONS));
        let beside = beside.map_or_else(|| EDITS.to_owned(), |start| format!("{start}edits"));
        let own = self.edits_path.clone();
        own.or_else(|| (form != EditForm::References).then_some(beside))
    }
}
