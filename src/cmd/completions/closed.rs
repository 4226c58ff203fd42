//! Words that are known without looking anywhere: what closed flags and settings take.

use super::offer::{Offer, bare};
use crate::catalog::{Catalog, Provider, gateway_kinds};
use crate::dialect;
use crate::request::{Aspect, Format, Shape, Size};
use crate::settings::{self, schema};
use crate::style::{Palette, Style};

/// Ratios that people ask for.
const ASPECTS: [&str; 9] = ["1:1", "16:9", "9:16", "3:2", "2:3", "4:3", "3:4", "21:9", "4:5"];
/// Sizes that most models have, and words for them.
const SIZES: [&str; 9] = [
    "1024x1024",
    "1536x1024",
    "1024x1536",
    "512x512",
    "square",
    "portrait",
    "landscape",
    "hd",
    "4k",
];
/// What `--since` and `--until` take besides dates.
const DAYS: [&str; 6] = ["today", "yesterday", "7d", "30d", "month", "12h"];

/// Ratios.
pub(super) fn aspects() -> Vec<Offer> {
    bare(ASPECTS.iter().filter(|text| text.parse::<Aspect>().is_ok()))
}

/// Sizes.
pub(super) fn sizes() -> Vec<Offer> {
    bare(SIZES.iter().filter(|text| text.parse::<Size>().is_ok()))
}

/// Formats.
pub(super) fn formats() -> Vec<Offer> {
    bare(Format::ALL.map(Format::name))
}

/// Days.
pub(super) fn days() -> Vec<Offer> {
    bare(DAYS)
}

/// Every quality word of a model.
pub(super) fn qualities(catalog: &Catalog) -> Vec<Offer> {
    let mut words: Vec<&str> = Vec::new();
    for word in catalog.models.iter().flat_map(|model| &model.qualities) {
        if !words.contains(&word.as_str()) {
            words.push(word);
        }
    }
    bare(words)
}

/// Styles.
pub(super) fn styles(catalog: &Catalog) -> Vec<Offer> {
    let about = |style: &Style| (style.id.clone(), style.description.clone());
    catalog.styles().iter().map(about).collect()
}

/// Palettes with their colours.
pub(super) fn palettes(catalog: &Catalog) -> Vec<Offer> {
    let colors = |palette: &Palette| {
        palette.colors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    catalog.palettes().iter().map(|palette| (palette.id.clone(), colors(palette))).collect()
}

/// Providers.
pub(super) fn providers(catalog: &Catalog, is_wanted: impl Fn(&Provider) -> bool) -> Vec<Offer> {
    let about = |provider: &Provider| (provider.id.clone(), provider.name.clone());
    catalog.providers.iter().filter(|provider| is_wanted(provider)).map(about).collect()
}

/// Settings; those of providers only where they are being typed, since there are hundreds.
pub(super) fn settings(catalog: &Catalog, typed: &str) -> Vec<Offer> {
    let first = |doc: &str| doc.split(['.', ':']).next().unwrap_or_default().to_owned();
    let fixed = schema::all().iter().map(|known| (known.name.clone(), first(&known.doc)));
    let mut all: Vec<Offer> = fixed.collect();
    if typed.starts_with("prov") {
        let keys = |provider: &Provider| {
            let of = |(key, _, doc): &(&str, Shape, &str)| {
                (format!("providers.{}.{key}", provider.id), (*doc).to_owned())
            };
            schema::PROVIDER.iter().map(of).collect::<Vec<_>>()
        };
        all.extend(catalog.providers.iter().flat_map(keys));
    }
    all
}

/// The words that a setting takes; none where it takes anything.
pub(super) fn values(setting: &str) -> Option<Vec<Offer>> {
    use settings::{Balance, CacheMode, FallbackOn, Metadata, Notify, Prefer, Preview, Roots};
    let name = schema::canonical(setting);
    let words: &[&str] = match name.as_str() {
        "prefer" => Prefer::WORDS,
        "balance" => Balance::WORDS,
        "metadata" => Metadata::WORDS,
        "cache.mode" => CacheMode::WORDS,
        "preview" => Preview::WORDS,
        "notify" => Notify::WORDS,
        "tls.roots" => Roots::WORDS,
        "fallback_on" => FallbackOn::WORDS,
        "background" => &["transparent", "opaque", "auto"],
        "input_fidelity" => &["high", "low"],
        "mask_means" => &["white", "transparent"],
        "size" => return Some(sizes()),
        "aspect" => return Some(aspects()),
        "format" => return Some(formats()),
        name => match schema::find(name)?.shape {
            Shape::Switch => &["true", "false"],
            Shape::Auth => &["bearer", "key", "none"],
            _ if name.ends_with(".dialect") => {
                return Some(bare(dialect::ALL.map(|dialect| dialect.facts().name)));
            }
            _ if name.starts_with("gateways.") && name.ends_with(".kind") => {
                return Some(bare(gateway_kinds().iter().map(|kind| &kind.kind)));
            }
            _ => return None,
        },
    };
    Some(bare(words))
}
