//! What one image of a model costs for the size and quality asked for. Pure arithmetic.

use super::PricedImage;
use crate::catalog::{Defaults, Estimate, Model, SentInput};
use crate::error::{Error, Result};
use crate::request::{Aspect, Format, Request, Role, Size, is_ratio};
use crate::settings::Settings;
use crate::text;

/// What the image that is priced is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MadeFrom {
    /// Words alone.
    Words,
    /// A picture of the same size.
    Picture,
    /// Such a picture and a mask.
    PictureAndMask,
}

/// The image that is priced.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    size: Option<Size>,
    aspect: Option<Aspect>,
    usual: Size,
    quality: Option<String>,
    /// Whether the user asked for that quality on this command line.
    is_asked: bool,
    from: MadeFrom,
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
    /// The size of the picture that it would be made from, where it is made from one.
    pub(super) from: Option<Size>,
    /// Whether that has a mask.
    pub(super) is_masked: bool,
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
            from: MadeFrom::Words,
        })
    }

    /// The same image made from this.
    #[must_use]
    pub(super) fn made_from(self, from: MadeFrom) -> Wanted {
        Wanted { from, ..self }
    }

    /// The pictures that it is made from. What is priced are their sizes, so that they have no bytes.
    fn inputs(&self) -> Vec<SentInput> {
        let roles: &[Role] = match self.from {
            MadeFrom::Words => &[],
            MadeFrom::Picture => &[Role::Image],
            MadeFrom::PictureAndMask => &[Role::Image, Role::Mask],
        };
        let input = |role: &Role| SentInput {
            role: *role,
            sha256: String::new(),
            len: 0,
            format: Format::Png,
            size: self.size.unwrap_or(self.usual),
            source: None,
            path: None,
            held: None,
        };
        roles.iter().map(input).collect()
    }

    /// Prices one image of a model.
    pub(super) fn quote(&self, model: &Model) -> Quote {
        let request = Request {
            size: self.size,
            aspect: self.aspect,
            quality: self.quality.clone(),
            ..Request::default()
        };
        let inputs = self.inputs();
        let (from, is_masked) = (inputs.first().map(|input| input.size), inputs.len() > 1);
        let size = from.unwrap_or(self.usual);
        let defaults = Defaults { size, is_inputs: from.is_some(), seed: 0 };
        let order = model.fit(&request, None, &defaults).and_then(|(mut order, _)| {
            model.fit_inputs(&mut order, &inputs)?;
            Ok(order)
        });
        let (estimate, size, quality, error) = match order {
            Ok(order) => {
                let estimate = model.estimate(&order);
                (estimate, order.request.size, order.request.quality.clone(), None)
            }
            Err(error) => (Estimate::UNKNOWN, None, None, Some(error)),
        };
        Quote { estimate, size, quality, from, is_masked, error }
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

    /// `of 1024x1024, quality high`, and what it is made from.
    pub(super) fn text(&self) -> String {
        let shape = match (self.size, self.aspect) {
            (Some(size), _) => format!("of {size}"),
            (None, Some(aspect)) => format!("of {aspect}"),
            (None, None) => format!("of {}", self.usual),
        };
        let shape = match &self.quality {
            Some(quality) => format!("{shape}, quality {}", text::clean(quality, 40)),
            None => shape,
        };
        let size = self.size.unwrap_or(self.usual);
        match self.from {
            MadeFrom::Words => shape,
            MadeFrom::Picture => format!("{shape} from one of {size}"),
            MadeFrom::PictureAndMask => format!("{shape} from one of {size} and a mask"),
        }
    }
}
