//! A model as data: what it can do, which sizes it takes, what it costs, how long it lives.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::edit::Edit;
use super::order::Params;
use super::partials::Partials;
use super::price::{Price, Rates};
use crate::request::{Background, Format, Size};

/// One model of one provider.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name behind the provider's: `gpt-image-2` of `openai/gpt-image-2`.
    pub id: String,
    /// Filled in by the catalog.
    #[serde(skip)]
    pub provider: String,
    /// Its name for people.
    pub name: String,
    /// The provider's own name for it.
    pub wire: String,
    /// One line: what it is good for.
    pub description: String,
    /// Other names it answers to, without the provider.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The same weights elsewhere, `provider/name`: an honest fallback.
    #[serde(default)]
    pub same_as: Vec<String>,
    /// Sizes it takes.
    pub sizes: Sizes,
    /// Quality words it takes; empty means that it has no such field.
    #[serde(default)]
    pub qualities: Vec<String>,
    /// The quality sent when none is asked for.
    pub quality: Option<String>,
    /// Formats it makes, its own first.
    pub formats: Vec<Format>,
    /// Backgrounds it can be asked for.
    #[serde(default)]
    pub backgrounds: Vec<Background>,
    /// Longest prompt in characters.
    pub max_prompt: Option<usize>,
    /// The vendor's claim of seconds for one image, lowest and highest.
    pub seconds: Option<[f64; 2]>,
    /// What it costs.
    pub price: Price,
    /// Token rates, for settling by usage.
    pub rates: Option<Rates>,
    /// Whether it is alive.
    #[serde(default)]
    pub life: Life,
    /// How its dialect writes a request.
    #[serde(default)]
    pub params: Params,
    /// What it makes of pictures; none where it takes none.
    pub edit: Option<Edit>,
    /// The previews that it shows while it works; none where it shows none.
    pub partials: Option<Partials>,
    /// The day on which these facts were true.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
}

/// The model that this program draws itself, for nothing.
pub const DRAWN_HERE: &str = "pinx/sketch";

/// Whether a provider, or a model by its full id, is this program itself.
pub fn is_drawn_here(id: &str) -> bool {
    DRAWN_HERE.split('/').next() == id.split('/').next()
}

impl Model {
    /// `provider/name`, what `--model` takes.
    pub fn full_id(&self) -> String {
        format!("{}/{}", self.provider, self.id)
    }

    /// Whether this program draws it itself.
    pub fn is_drawn_here(&self) -> bool {
        is_drawn_here(&self.provider)
    }

    /// Whether it honours a seed.
    pub fn has_seed(&self) -> bool {
        self.params.seed.is_some()
    }
}

/// Which sizes a model takes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Sizes {
    /// Any size within bounds, all in pixels.
    Free {
        /// Edges are multiples of it.
        multiple_of: u32,
        /// Shortest edge.
        min_edge: u32,
        /// Longest edge.
        max_edge: u32,
        /// Smallest area.
        #[serde(default)]
        min_pixels: u64,
        /// Largest area.
        max_pixels: u64,
        /// Longest edge over shortest.
        #[serde(default = "any_ratio")]
        max_ratio: f64,
    },
    /// These and no others.
    List {
        /// The sizes, the usual one first.
        values: Vec<Size>,
    },
    /// A ratio, at one or more resolutions.
    Aspect {
        /// The ratios, as the provider writes them.
        ratios: Vec<String>,
        /// The resolution tiers, the usual one first; empty means one fixed of a megapixel.
        #[serde(default)]
        tiers: Vec<Tier>,
    },
}

fn any_ratio() -> f64 {
    100.0
}

/// A resolution tier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The provider's word for it: `1K`.
    pub name: String,
    /// The edge of its square, in pixels.
    pub edge: u32,
}

/// Whether a model can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// The day on which it is shut down, `YYYY-MM-DD`; none means that none is announced.
    pub shutdown: Option<String>,
    /// What to use instead, `provider/name`.
    pub successor: Option<String>,
}

/// A model's state on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In use, no end announced.
    Active,
    /// An end is announced.
    Deprecated,
    /// The end has come.
    Retired,
}

impl Life {
    /// The state on a day (`YYYY-MM-DD`, UTC).
    pub fn on(&self, today: &str) -> State {
        match &self.shutdown {
            None => State::Active,
            Some(day) if day.as_str() <= today => State::Retired,
            Some(_) => State::Deprecated,
        }
    }
}

impl fmt::Display for Sizes {
    /// Short enough for a table: `free ≤3840`, `3 sizes`, `10 ratios`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sizes::Free { max_edge, .. } => write!(f, "any ≤{max_edge}"),
            Sizes::List { values } if values.len() == 1 => write!(f, "{}", values[0]),
            Sizes::List { values } => write!(f, "{} sizes", values.len()),
            Sizes::Aspect { ratios, tiers } if tiers.len() > 1 => {
                write!(f, "{} ratios, {}", ratios.len(), tiers.len())
            }
            Sizes::Aspect { ratios, .. } => write!(f, "{} ratios", ratios.len()),
        }
    }
}

impl Sizes {
    /// Sizes or ratios as a list of words, for `supportedSizes`.
    pub fn words(&self) -> Vec<String> {
        match self {
            Sizes::List { values } => values.iter().map(ToString::to_string).collect(),
            Sizes::Aspect { ratios, .. } => ratios.clone(),
            Sizes::Free { multiple_of, min_edge, max_edge, min_pixels, max_pixels, max_ratio } => {
                let common = ["1024x1024", "1536x1024", "1024x1536", "2048x2048", "512x512"];
                let fits = |size: &Size| {
                    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
                    long % multiple_of == 0
                        && short % multiple_of == 0
                        && short >= *min_edge
                        && long <= *max_edge
                        && (*min_pixels..=*max_pixels).contains(&size.pixels())
                        && f64::from(long) / f64::from(short) <= *max_ratio
                };
                let sizes = common.iter().filter_map(|text| text.parse().ok());
                sizes.filter(fits).map(|size: Size| size.to_string()).collect()
            }
        }
    }
}
