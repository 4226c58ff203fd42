//! What one image of a model costs for the size and quality asked for. Pure arithmetic.

use super::PricedImage;
use crate::catalog::{Defaults, Estimate, Model};
use crate::error::{Error, Result};
use crate::request::{Aspect, Request, Size, is_ratio};
use crate::settings::Settings;
use crate::text;

/// The image that is priced.
pub(super) struct Wanted {
    size: Option<Size>,
    aspect: Option<Aspect>,
    usual: Size,
    quality: Option<String>,
    /// Whether the user asked for that quality on this command line.
    is_asked: bool,
}

/// A price, and the image that it is for.
#[derive(Debug)]
pub(super) struct Quote {
    /// The figures.
    pub(super) estimate: Estimate,
    /// The size that would be made.
    pub(super) size: Option<Size>,
    /// The quality that would be sent.
    pub(super) quality: Option<String>,
    /// Why such an image cannot be ordered.
    pub(super) error: Option<Error>,
}

impl Quote {
    /// `$0.0132`, `~$0.0025`, `free`, `unknown`, or `–` where no such image can be ordered.
    pub(super) fn text(&self) -> String {
        if self.error.is_some() { "–".to_owned() } else { self.estimate.text() }
    }
}

impl Wanted {
    /// The flags, else the settings.
    ///
    /// # Errors
    /// A size that cannot be read.
    pub(super) fn of(settings: &Settings, image: &PricedImage) -> Result<Wanted> {
        let read = |text: &String| match is_ratio(text) {
            true => text.parse().map(Aspect::size),
            false => text.parse(),
        };
        let size = image.size.as_ref().map(|text| read(text).map_err(Error::usage)).transpose()?;
        Ok(Wanted {
            size: size.or(settings.request.size),
            aspect: settings.request.aspect.filter(|_| size.is_none()),
            usual: settings.size,
            quality: image.quality.clone().or_else(|| settings.request.quality.clone()),
            is_asked: image.quality.is_some(),
        })
    }

    /// Prices one image of a model.
    pub(super) fn quote(&self, model: &Model) -> Quote {
        let request = Request {
            size: self.size,
            aspect: self.aspect,
            quality: self.quality.clone(),
            ..Request::default()
        };
        match model.fit(&request, None, &Defaults { size: self.usual, is_inputs: false, seed: 0 }) {
            Ok((order, _)) => Quote {
                estimate: model.estimate(&order),
                size: order.request.size,
                quality: order.request.quality.clone(),
                error: None,
            },
            Err(error) => {
                Quote { estimate: Estimate::UNKNOWN, size: None, quality: None, error: Some(error) }
            }
        }
    }

    /// A quality asked for that no model with such a setting knows is a mistake.
    ///
    /// # Errors
    /// Names it.
    pub(super) fn check<'a>(&self, quotes: impl Iterator<Item = &'a Quote>) -> Result<()> {
        let mut wrong = None;
        for quote in quotes.filter(|_| self.is_asked) {
            match &quote.error {
                Some(error) => wrong = wrong.or_else(|| Some(error.clone())),
                None if quote.quality.is_some() => return Ok(()),
                None => {}
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// `at 1024x1024, quality high`.
    pub(super) fn text(&self) -> String {
        let shape = match (self.size, self.aspect) {
            (Some(size), _) => format!("of {size}"),
            (None, Some(aspect)) => format!("of {aspect}"),
            (None, None) => format!("of {}", self.usual),
        };
        match &self.quality {
            Some(quality) => format!("{shape}, quality {}", text::clean(quality, 40)),
            None => shape,
        }
    }
}
