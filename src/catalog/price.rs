//! What an image costs: estimated before the call by published rules, settled after it.
//!
//! Pure arithmetic on catalog data. An unknown price is `None`, never zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::order::Order;
use crate::money::Money;
use crate::request::Size;

/// How a model is priced.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Price {
    /// Costs nothing, known.
    Free,
    /// Nobody wrote it down.
    Unknown,
    /// A list of prices for one image; the first row whose conditions all hold counts.
    Image {
        /// The rows, the most special first.
        rows: Vec<Row>,
    },
    /// By area: 1 megapixel is 1,048,576 pixels, rounded up to whole ones.
    Megapixel {
        /// Dollars for the first megapixel.
        first: f64,
        /// Dollars for each further one.
        further: f64,
    },
    /// By output tokens of OpenAI's published formula, plus the prompt's tokens.
    Tokens {
        /// The long edge of the token grid by quality word.
        grid: BTreeMap<String, u32>,
        /// True where no grid is published and these are another model's figures.
        #[serde(default)]
        approximate: bool,
        /// The reservation is this many times the estimate, by quality word; absent means 1.
        #[serde(default)]
        reserve: BTreeMap<String, u64>,
    },
    /// By the second of compute.
    Second {
        /// Dollars a second.
        usd: f64,
        /// The seconds that one image typically takes.
        typical: f64,
    },
}

/// A price under conditions; a condition left out always holds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Dollars for one image.
    pub usd: f64,
    /// The quality word.
    pub quality: Option<String>,
    /// The exact size.
    pub size: Option<Size>,
    /// The resolution tier (`1K`, `2K`…).
    pub resolution: Option<String>,
}

/// Dollars for one million tokens, as the provider publishes them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Text read.
    pub text_in: f64,
    /// Images read.
    pub image_in: f64,
    /// Images made.
    pub image_out: f64,
    /// Text made, where the model makes some.
    #[serde(default)]
    pub text_out: f64,
}

/// How sure a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The published rule gives exactly this.
    Exact,
    /// Near, for the reason the catalog gives; shown with `~`.
    About,
    /// No price is known.
    Unknown,
}

/// What one image is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The figure shown.
    pub expected: Option<Money>,
    /// The upper end, which a budget reserves.
    pub reserve: Option<Money>,
    /// How sure it is.
    pub certainty: Certainty,
}

impl Estimate {
    /// Known to cost nothing.
    pub const FREE: Estimate = Estimate {
        expected: Some(Money::ZERO),
        reserve: Some(Money::ZERO),
        certainty: Certainty::Exact,
    };
    /// No price is known.
    pub const UNKNOWN: Estimate =
        Estimate { expected: None, reserve: None, certainty: Certainty::Unknown };

    fn of(money: Money, certainty: Certainty) -> Self {
        Estimate { expected: Some(money), reserve: Some(money), certainty }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Estimate) -> Estimate {
        let sum = |one: Option<Money>, other: Option<Money>| Some(one? + other?);
        let certainty = match (self.certainty, other.certainty) {
            (Certainty::Unknown, _) | (_, Certainty::Unknown) => Certainty::Unknown,
            (Certainty::About, _) | (_, Certainty::About) => Certainty::About,
            _ => Certainty::Exact,
        };
        Estimate {
            expected: sum(self.expected, other.expected),
            reserve: sum(self.reserve, other.reserve),
            certainty,
        }
    }

    /// The upper end, where it is above what is expected; rounded up to what is shown.
    pub fn at_most(&self) -> Option<Money> {
        self.reserve
            .filter(|most| self.expected.is_some_and(|it| *most > it))
            .map(Money::rounded_up)
    }

    /// `$0.0132`, `free` or `unknown`; with an upper end `about $0.0132, at most $0.0528`.
    pub fn in_words(&self) -> String {
        match (self.expected, self.at_most()) {
            (Some(expected), Some(most)) => format!("about {expected}, at most {most}"),
            _ => self.text(),
        }
    }

    /// `$0.0132`, `~$0.0025`, `free` or `unknown`.
    pub fn text(&self) -> String {
        match (self.expected, self.certainty) {
            (None, _) => "unknown".to_owned(),
            (Some(money), Certainty::About) => money.cost_about(),
            (Some(money), _) => money.cost(),
        }
    }
}

/// Tokens that a response says were used; anything it leaves out is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Text tokens read.
    pub text_in: u64,
    /// Image tokens read.
    pub image_in: u64,
    /// Image tokens made.
    pub image_out: u64,
    /// Text tokens made.
    pub text_out: u64,
}

/// The quality that `auto` reserves for: 7,024 output tokens, the most that 1024x1024 can take.
const AUTO_TOKENS: u64 = 7_024;

impl Price {
    /// What one image of this order costs, before it is asked for.
    pub fn estimate(&self, rates: Option<&Rates>, order: &Order) -> Estimate {
        match self {
            Price::Free => Estimate::FREE,
            _ if order.is_repriced() => Estimate::UNKNOWN,
            Price::Unknown => Estimate::UNKNOWN,
            Price::Image { rows } => {
                rows.iter().find(|row| row.holds(order)).map_or(Estimate::UNKNOWN, |row| {
                    Estimate::of(Money::dollars(row.usd), Certainty::Exact)
                })
            }
            Price::Megapixel { first, further } => {
                let Some(size) = order.request.size else { return Estimate::UNKNOWN };
                let megapixels = size.pixels().div_ceil(1_048_576).max(1);
                let dollars = first + further * (megapixels - 1) as f64;
                Estimate::of(Money::dollars(dollars), Certainty::Exact)
            }
            Price::Second { usd, typical } => {
                let money = Money::dollars(usd * typical);
                Estimate { reserve: Some(money * 4), ..Estimate::of(money, Certainty::About) }
            }
            Price::Tokens { grid, approximate, reserve } => {
                let (Some(rates), Some(size)) = (rates, order.request.size) else {
                    return Estimate::UNKNOWN;
                };
                let quality = order.request.quality.as_deref().unwrap_or("auto");
                let input = prompt_tokens(&order.request.prompt) as f64 * rates.text_in / 1e6;
                let cost =
                    |tokens: u64| Money::dollars(tokens as f64 * rates.image_out / 1e6 + input);
                let Some(edge) = grid.get(quality) else {
                    // `auto`, or a word newer than the catalog: the model picks, so the figure is
                    // the middle of the grid and the reservation its top.
                    let mut edges: Vec<u32> = grid.values().copied().collect();
                    edges.sort_unstable();
                    let middle = edges.get(edges.len() / 2).copied().unwrap_or(48);
                    let top = edges.last().copied().unwrap_or(96);
                    return Estimate {
                        expected: Some(cost(output_tokens(middle, size))),
                        reserve: Some(cost(output_tokens(top, size).max(AUTO_TOKENS))),
                        certainty: Certainty::About,
                    };
                };
                let tokens = output_tokens(*edge, size);
                let times = reserve.get(quality).copied().unwrap_or(1);
                Estimate {
                    expected: Some(cost(tokens)),
                    reserve: Some(cost(tokens * times)),
                    certainty: if *approximate { Certainty::About } else { Certainty::Exact },
                }
            }
        }
    }

    /// What one image cost by the provider's count of billable units, where units mean money.
    pub fn of_units(&self, units: f64, order: &Order) -> Option<Money> {
        match self {
            Price::Free => Some(Money::ZERO),
            Price::Megapixel { first, further } => {
                Some(Money::dollars(first + further * (units - 1.0).max(0.0)))
            }
            Price::Second { usd, .. } => Some(Money::dollars(usd * units)),
            Price::Image { rows } => {
                rows.iter().find(|row| row.holds(order)).map(|row| Money::dollars(row.usd * units))
            }
            Price::Tokens { .. } | Price::Unknown => None,
        }
    }
}

impl Row {
    fn holds(&self, order: &Order) -> bool {
        self.quality.as_ref().is_none_or(|quality| order.request.quality.as_ref() == Some(quality))
            && self.size.is_none_or(|size| order.request.size == Some(size))
            && self.resolution.as_ref().is_none_or(|tier| order.resolution.as_ref() == Some(tier))
    }
}

impl Rates {
    /// What a response's usage costs.
    pub fn cost(&self, usage: &Usage) -> Money {
        let sum = usage.text_in as f64 * self.text_in
            + usage.image_in as f64 * self.image_in
            + usage.image_out as f64 * self.image_out
            + usage.text_out as f64 * self.text_out;
        Money::dollars(sum / 1e6)
    }
}

/// The estimate of a prompt's tokens: a token is about four bytes, and six frame it.
fn prompt_tokens(prompt: &str) -> u64 {
    prompt.len().div_ceil(4) as u64 + 6
}

/// Output tokens of one image by OpenAI's calculator: `grid` is the long edge in tokens.
///
/// Source: third-party re-implementations of OpenAI's pricing calculator, checked against
/// published price tables of gpt-image-2 and 2.5 (November 2026).
pub fn output_tokens(grid: u32, size: Size) -> u64 {
    let (long, short) =
        (u64::from(size.width.max(size.height)), u64::from(size.width.min(size.height)));
    let grid = u64::from(grid);
    let (whole, rest) = (grid * short / long, grid * short % long);
    let up = 2 * rest > long || (2 * rest == long && whole % 2 == 1);
    let side = whole + u64::from(up);
    (grid * side * (2_000_000 + long * short)).div_ceil(4_000_000)
}

#[cfg(test)]
mod tests {
    use super::{Certainty, Estimate, output_tokens};
    use crate::money::Money;
    use crate::request::Size;

    #[test]
    fn both_ends_of_a_price_are_told_and_the_upper_one_is_enough() {
        let estimate = |expected, reserve| Estimate {
            expected: Some(Money::micros(expected)),
            reserve: Some(Money::micros(reserve)),
            certainty: Certainty::About,
        };
        for (expected, reserve, words) in [
            (13_200, 13_200, "~$0.0132"),
            (13_200, 52_744, "about $0.0132, at most $0.0528"),
            (900, 3_601, "about $0.0009, at most $0.0037"),
            (1_318_000, 5_270_001, "about $1.32, at most $5.28"),
            (0, 0, "free"),
        ] {
            let estimate = estimate(expected, reserve);
            assert_eq!(estimate.in_words(), words);
            let most = estimate.at_most().unwrap_or_default();
            assert!(most == Money::ZERO || most >= Money::micros(reserve), "{words}");
            let shown: Money = most.to_string().parse().unwrap();
            assert_eq!(shown, most, "what is shown is what it is");
        }
        assert_eq!(Estimate::UNKNOWN.in_words(), "unknown");
    }

    #[test]
    fn the_published_token_table_is_met_exactly() {
        let sizes = [
            Size::new(1024, 1024),
            Size::new(1536, 1024),
            Size::new(2048, 2048),
            Size::new(3840, 2160),
        ];
        for (grid, expected) in [
            (16, [196, 158, 397, 371]),
            (24, [439, 343, 892, 865]),
            (48, [1756, 1372, 3568, 3336]),
            (64, [3122, 2459, 6343, 5930]),
            (96, [7024, 5488, 14272, 13342]),
        ] {
            assert_eq!(sizes.map(|size| output_tokens(grid, size)), expected, "grid {grid}");
        }
    }
}
