//! The keys of a job, with all their names: pinx's own, and those of files written for other
//! programs.
//!
//! Pure.

use crate::request::orders;
use crate::request::parameter::{self, PARAMETERS};
use crate::syntax;
use crate::text;

/// What a key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// A parameter of the picture, by its name.
    Picture(&'static str),
    Id,
    Output,
    Count,
    Model,
    Provider,
    Fallback,
    Width,
    Height,
    /// Pictures that it is made from.
    Images,
    Mask,
    MaskMeans,
    Fit,
    Vars,
    MaxCost,
    Tags,
    Matrix,
    Compression,
    Moderation,
    /// A table of `PROMPT_FIELDS`.
    Fields,
    UseCase,
    Scene,
    Subject,
    Composition,
    Lighting,
    Materials,
    Text,
    Constraints,
}

impl Field {
    /// Whether it takes a table.
    pub(super) fn is_table(self) -> bool {
        matches!(self, Field::Vars | Field::Picture("params") | Field::Matrix | Field::Fields)
    }

    /// Whether a cell of it may hold a list.
    pub(super) fn is_list(self) -> bool {
        self == Field::Images
    }

    /// Whether it is a part of a prompt that only other programs have.
    pub(super) fn is_prompt_field(self) -> bool {
        use Field::{
            Composition, Constraints, Fields, Lighting, Materials, Scene, Subject, Text, UseCase,
        };
        matches!(
            self,
            UseCase
                | Scene
                | Subject
                | Composition
                | Lighting
                | Materials
                | Text
                | Constraints
                | Fields
        )
    }
}

/// Every name of every key that is not a parameter of the picture; messages name the first of each.
const KEYS: [(&str, Field); 44] = [
    ("id", Field::Id),
    ("name", Field::Id),
    ("output", Field::Output),
    ("out", Field::Output),
    ("filename", Field::Output),
    ("file_name", Field::Output),
    ("image_name", Field::Output),
    ("count", Field::Count),
    ("n", Field::Count),
    ("model", Field::Model),
    ("provider", Field::Provider),
    ("fallback", Field::Fallback),
    ("width", Field::Width),
    ("height", Field::Height),
    ("image", Field::Images),
    ("images", Field::Images),
    ("image_url", Field::Images),
    ("image_urls", Field::Images),
    ("input_image", Field::Images),
    ("input_images", Field::Images),
    ("input_references", Field::Images),
    ("reference_images", Field::Images),
    ("init_image", Field::Images),
    ("init_images", Field::Images),
    ("mask", Field::Mask),
    ("mask_url", Field::Mask),
    ("mask_image_url", Field::Mask),
    ("mask_means", Field::MaskMeans),
    ("fit", Field::Fit),
    ("vars", Field::Vars),
    ("max_cost", Field::MaxCost),
    ("tags", Field::Tags),
    ("matrix", Field::Matrix),
    ("output_compression", Field::Compression),
    ("moderation", Field::Moderation),
    ("fields", Field::Fields),
    ("use_case", Field::UseCase),
    ("scene", Field::Scene),
    ("subject", Field::Subject),
    ("composition", Field::Composition),
    ("lighting", Field::Lighting),
    ("materials", Field::Materials),
    ("text", Field::Text),
    ("constraints", Field::Constraints),
];

/// Names of files and pictures as data sets have them. They were no keys once, and `--ignore-unknown`
/// left them out: it does so still, since a job is known by where it goes and what it is made from.
const LEFT_OUT: [&str; 15] = [
    "filename",
    "file_name",
    "image_name",
    "image_url",
    "image_urls",
    "input_image",
    "input_images",
    "input_references",
    "reference_images",
    "init_image",
    "init_images",
    "mask_url",
    "mask_image_url",
    "mask_means",
    "fit",
];

/// Keys of pictures, for messages.
const PICTURES: [&str; 4] = ["image", "mask", "mask_means", "fit"];

/// What a key means here, if anything.
pub(super) fn known(name: &str, ignores_unknown: bool) -> Option<Field> {
    let is_left_out = ignores_unknown && LEFT_OUT.contains(&name);
    find(name).filter(|_| !is_left_out)
}

/// Whether it is a setting of other programs that no model here has: it is left out, and told.
pub(super) fn is_unused(name: &str) -> bool {
    syntax::is_unused_option(name) && find(name).is_none()
}

/// pinx's own keys, for messages.
pub(super) fn own() -> String {
    let known = parameter::names(orders::KEYS).filter(|name| find(name).is_some());
    known.chain(PICTURES).collect::<Vec<_>>().join(", ")
}

/// The parts of a prompt as OpenAI's `image_gen.py` takes them, in its order, with its labels
/// (<https://github.com/openai/skills>, `imagegen`). The prompt itself stands behind the first.
pub(super) const PROMPT_FIELDS: [(&str, Field, &str); 11] = [
    ("use_case", Field::UseCase, "Use case"),
    ("scene", Field::Scene, "Scene/background"),
    ("subject", Field::Subject, "Subject"),
    ("style", Field::Picture("style"), "Style/medium"),
    ("composition", Field::Composition, "Composition/framing"),
    ("lighting", Field::Lighting, "Lighting/mood"),
    ("palette", Field::Picture("colors"), "Color palette"),
    ("materials", Field::Materials, "Materials/textures"),
    ("text", Field::Text, "Text (verbatim)"),
    ("constraints", Field::Constraints, "Constraints"),
    ("negative", Field::Picture("negative"), "Avoid"),
];

/// The key of a name.
pub(super) fn find(name: &str) -> Option<Field> {
    let own = KEYS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
    own.or_else(|| {
        let parameter = PARAMETERS.iter().find(|parameter| parameter.keys.contains(&name));
        parameter.map(|parameter| Field::Picture(parameter.name))
    })
}

/// The name that was probably meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let parameters = PARAMETERS.iter().flat_map(|parameter| parameter.keys.iter().copied());
    text::nearest(name, parameters.chain(KEYS.iter().map(|(name, _)| *name)))
}

/// The name of a column as a key: `Max Cost` is `max_cost`.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase().replace([' ', '-'], "_");
    if name == "styleid" { "style_id".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        for (at, (name, _)) in KEYS.iter().enumerate() {
            assert!(KEYS[..at].iter().all(|(known, _)| known != name), "{name}");
            assert!(PARAMETERS.iter().all(|parameter| !parameter.keys.contains(name)), "{name}");
        }
        for name in orders::KEYS.split(' ') {
            assert!(find(name).is_some(), "{name}");
        }
        for (name, field, _) in PROMPT_FIELDS {
            assert_eq!(find(name), Some(field));
        }
    }

    #[test]
    fn columns_may_be_written_for_people() {
        for (column, field) in [
            (" Prompt", Field::Picture("prompt")),
            ("Aspect Ratio", Field::Picture("aspect")),
            ("MAX-COST", Field::MaxCost),
            ("styleId", Field::Picture("style")),
        ] {
            assert_eq!(find(&plain(column)), Some(field), "{column}");
        }
        assert_eq!(nearest("promt"), Some("prompt"));
    }
}
