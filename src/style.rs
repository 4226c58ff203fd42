//! A style: a prompt fragment for AI models, a look of the built-in renderer, or both.
//!
//! Styles and palettes are data (`catalog/data/styles.toml`); this is their shape.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::request::Rgb;

/// One style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// What `--style` takes.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// One line that says what it looks like.
    pub description: String,
    /// Added to the prompt of AI models; none means that only the renderer has it.
    pub fragment: Option<String>,
    /// The renderer's look; none means that only AI models have it.
    pub sketch: Option<String>,
    /// A model family's own field value, by the family name that models carry in `params.styles`.
    #[serde(default)]
    pub native: BTreeMap<String, String>,
}

/// A named list of colours for `--colors`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// What `--colors` takes.
    pub id: String,
    /// Two to eight colours, the strongest first.
    pub colors: Vec<Rgb>,
}
