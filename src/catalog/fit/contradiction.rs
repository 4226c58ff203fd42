//! Parameters that contradict each other: refused before anything is sent, or one of them adjusted.
//!
//! Pure. OpenAI's guide: a transparent background needs PNG or WebP; `output_compression` is for JPEG
//! and WebP (SDK 7.59.0, November 2026). No JPEG of any model can be transparent.

use serde_json::Value;

use super::super::model::Model;
use super::Fitting;
use crate::error::{Error, Result};
use crate::request::{Background, Format, Request};

/// Looks at what would be sent as a whole.
///
/// # Errors
/// Two parameters contradict each other.
pub(super) fn check(
    model: &Model,
    fitting: &mut Fitting<'_>,
    made: &mut Request,
    request: &Request,
) -> Result<()> {
    let raw = |field: Option<&String>| made.params.get(field?).and_then(Value::as_str);
    let background = raw(model.params.background.as_ref()).map(str::to_owned);
    let format = raw(model.params.format.as_ref()).and_then(Format::of_extension);
    let is_transparent = request.background == Some(Background::Transparent)
        || background.is_some_and(|word| word == Background::Transparent.name());
    // What is sent raw comes last and wins.
    let wanted = format.or(request.format);
    if is_transparent && wanted == Some(Format::Jpeg) {
        return Err(Error::usage("a JPEG cannot be transparent")
            .code("impossible_pair")
            .hint("`-f png` or `-f webp`, or leave `--background transparent` out"));
    }
    let sent = format.or(made.format).or(model.formats.first().copied());
    if made.params.contains_key("output_compression")
        && sent.is_some_and(|format| !matches!(format, Format::Jpeg | Format::Webp))
    {
        let format = sent.unwrap_or(Format::Png);
        return Err(Error::usage(format!("`output_compression` does not go with {format}"))
            .code("impossible_pair")
            .hint("`-f jpeg` or `-f webp`, or leave it out"));
    }
    if made.background != Some(Background::Transparent) || model.is_drawn_here() {
        return Ok(());
    }
    let can_be = |format: &Format| matches!(format, Format::Png | Format::Webp);
    match sent {
        Some(format) if can_be(&format) => {}
        Some(format) if wanted == Some(format) => {
            let what = format!("{} makes no transparent {format}", model.full_id());
            let hint = "`-f png` or `-f webp`, or leave `--background transparent` out";
            return Err(Error::usage(what).code("impossible_pair").hint(hint));
        }
        // Its own format cannot be transparent; another of its formats may.
        _ => match model.formats.iter().find(|format| can_be(format)) {
            Some(format) if model.params.format.is_some() => made.format = Some(*format),
            _ => {
                made.background = None;
                let name = Background::Transparent.name();
                fitting.leave_out("background", name, "format that can be transparent");
            }
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Defaults;
    use super::*;
    use crate::catalog::Catalog;
    use crate::request::{Rgb, Size};

    /// Every value of a parameter, one after another, beside every other.
    fn requests() -> Vec<Request> {
        let formats = [None, Some(Format::Png), Some(Format::Jpeg), Some(Format::Webp)]
            .into_iter()
            .chain([Some(Format::Gif), Some(Format::Svg), Some(Format::Avif)]);
        let backgrounds =
            [None, Some(Background::Transparent), Some(Background::Opaque), Some(Background::Auto)];
        let mut all = Vec::new();
        for format in formats {
            for background in backgrounds {
                for quality in [None, Some("low"), Some("high"), Some("max"), Some("hd")] {
                    for size in ["64x64", "1024x1024", "4096x1024", "16384x16384"] {
                        all.push(Request {
                            prompt: "a fox".to_owned(),
                            format,
                            background,
                            quality: quality.map(str::to_owned),
                            size: Some(size.parse().unwrap()),
                            seed: Some(7),
                            negative: Some("rain".to_owned()),
                            colors: vec![Rgb([1, 2, 3])],
                            ..Request::default()
                        });
                    }
                }
            }
        }
        all
    }

    #[test]
    fn what_is_sent_never_contradicts_itself() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let defaults = Defaults { size: Size::new(1024, 1024), is_inputs: false, seed: 1 };
        for model in &catalog.models {
            for request in requests() {
                let told = format!("{} {request:?}", model.full_id());
                let is_jpeg = request.format == Some(Format::Jpeg);
                let is_clear = request.background == Some(Background::Transparent);
                let Ok((order, adjustments)) = model.fit(&request, None, &defaults) else {
                    // Only what cannot be is refused: this pair, and words for quality.
                    let is_odd =
                        request.format == Some(Format::Gif) || request.format == Some(Format::Svg);
                    assert!(is_clear && (is_jpeg || is_odd) || request.quality.is_some(), "{told}");
                    continue;
                };
                assert!(!(is_jpeg && is_clear), "{told}");
                let told = format!("{told}\n{order:?}");
                let order = &order.request;
                let adjusted = |field: &str| adjustments.iter().any(|one| one.field == field);
                assert!(
                    order.format.is_none_or(|format| model.formats.contains(&format)),
                    "{told}"
                );
                assert_eq!(
                    request.format != order.format && request.format.is_some(),
                    adjusted("format"),
                    "{told}"
                );
                let own = order.format.or(model.formats.first().copied());
                if order.background == Some(Background::Transparent) {
                    assert!(matches!(own, Some(Format::Png | Format::Webp)), "{told}");
                }
                assert_eq!(
                    request.background != order.background,
                    adjusted("background"),
                    "{told}"
                );
                assert!(
                    order.background.is_none_or(|one| model.backgrounds.contains(&one)),
                    "{told}"
                );
                assert!(
                    order.quality.as_ref().is_none_or(|word| model.qualities.contains(word)),
                    "{told}"
                );
                assert!(
                    order.quality == request.quality
                        || request.quality.is_none()
                        || adjusted("quality"),
                    "{told}"
                );
                assert!(order.size.is_some_and(|size| model.sizes.takes(size)), "{told}");
                assert_eq!(order.seed.is_some(), model.has_seed(), "{told}");
                assert_eq!(order.seed.is_none(), adjusted("seed"), "{told}");
                assert_eq!(order.negative.is_some(), model.params.negative.is_some(), "{told}");
                assert_eq!(order.negative.is_none(), adjusted("negative"), "{told}");
                assert_eq!(order.colors.is_empty(), adjusted("colors"), "{told}");
            }
        }
    }

    #[test]
    fn what_is_passed_raw_contradicts_nothing_either() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let model = catalog.model("openai/gpt-image-2.6-flare", &|_| true).unwrap();
        let defaults = Defaults { size: Size::new(1024, 1024), is_inputs: false, seed: 1 };
        for (raw, format, background, fits) in [
            ("output_format=jpeg", None, Some(Background::Transparent), false),
            ("output_format=webp", Some(Format::Jpeg), Some(Background::Transparent), true),
            ("background=transparent", Some(Format::Jpeg), None, false),
            ("background=transparent", Some(Format::Png), None, true),
            ("output_compression=50", Some(Format::Png), None, false),
            ("output_compression=50", None, None, false),
            ("output_compression=50", Some(Format::Webp), None, true),
        ] {
            let (key, value) = raw.split_once('=').unwrap();
            let request = Request {
                prompt: "a fox".to_owned(),
                format,
                background,
                params: [(key.to_owned(), json!(value))].into(),
                ..Request::default()
            };
            assert_eq!(model.fit(&request, None, &defaults).is_ok(), fits, "{raw} {format:?}");
        }
    }
}
