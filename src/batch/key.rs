//! The keys of a job, with all their names: pinx's own, and those of files written for other
//! programs.
//!
//! Pure.

use crate::text;

/// What a key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Prompt,
    Id,
    Output,
    Count,
    Model,
    Provider,
    Fallback,
    Size,
    Width,
    Height,
    Aspect,
    Quality,
    Background,
    Format,
    Seed,
    Negative,
    Style,
    Colors,
    Image,
    Vars,
    Params,
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
    /// Does it take a table?
    pub(super) fn is_table(self) -> bool {
        matches!(self, Field::Vars | Field::Params | Field::Matrix | Field::Fields)
    }

    /// Is it a part of a prompt that no other program has?
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

/// Every name of every key; messages name the first of each.
const KEYS: [(&str, Field); 48] = [
    ("prompt", Field::Prompt),
    ("id", Field::Id),
    ("name", Field::Id),
    ("output", Field::Output),
    ("out", Field::Output),
    ("count", Field::Count),
    ("n", Field::Count),
    ("model", Field::Model),
    ("provider", Field::Provider),
    ("fallback", Field::Fallback),
    ("size", Field::Size),
    ("width", Field::Width),
    ("height", Field::Height),
    ("aspect", Field::Aspect),
    ("aspect_ratio", Field::Aspect),
    ("ratio", Field::Aspect),
    ("quality", Field::Quality),
    ("background", Field::Background),
    ("format", Field::Format),
    ("output_format", Field::Format),
    ("seed", Field::Seed),
    ("negative", Field::Negative),
    ("negative_prompt", Field::Negative),
    ("style", Field::Style),
    ("preset", Field::Style),
    ("styleId", Field::Style),
    ("colors", Field::Colors),
    ("palette", Field::Colors),
    ("image", Field::Image),
    ("images", Field::Image),
    ("mask", Field::Image),
    ("vars", Field::Vars),
    ("params", Field::Params),
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
    ("style_id", Field::Style),
];

/// The names of pinx's own keys, for messages.
pub(super) const OWN: &str = "prompt, id, output, count, model, fallback, size, aspect, quality, \
                              background, format, seed, negative, style, colors, vars, params, \
                              max_cost, tags, matrix";

/// The parts of a prompt as OpenAI's `image_gen.py` takes them, in its order, with its labels
/// (<https://github.com/openai/skills>, `imagegen`). The prompt itself stands behind the first.
pub(super) const PROMPT_FIELDS: [(&str, Field, &str); 11] = [
    ("use_case", Field::UseCase, "Use case"),
    ("scene", Field::Scene, "Scene/background"),
    ("subject", Field::Subject, "Subject"),
    ("style", Field::Style, "Style/medium"),
    ("composition", Field::Composition, "Composition/framing"),
    ("lighting", Field::Lighting, "Lighting/mood"),
    ("palette", Field::Colors, "Color palette"),
    ("materials", Field::Materials, "Materials/textures"),
    ("text", Field::Text, "Text (verbatim)"),
    ("constraints", Field::Constraints, "Constraints"),
    ("negative", Field::Negative, "Avoid"),
];

/// The key of a name.
pub(super) fn find(name: &str) -> Option<Field> {
    KEYS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
}

/// The name that was probably meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    text::nearest(name, KEYS.iter().map(|(name, _)| *name))
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
        }
        for name in OWN.split(", ") {
            assert!(find(name).is_some(), "{name}");
        }
        for (name, field, _) in PROMPT_FIELDS {
            assert_eq!(find(name), Some(field));
        }
    }

    #[test]
    fn columns_may_be_written_for_people() {
        for (column, field) in [
            (" Prompt", Field::Prompt),
            ("Aspect Ratio", Field::Aspect),
            ("MAX-COST", Field::MaxCost),
            ("styleId", Field::Style),
        ] {
            assert_eq!(find(&plain(column)), Some(field), "{column}");
        }
        assert_eq!(nearest("promt"), Some("prompt"));
    }
}
