//! Fitting a request to a model: what cannot be done as asked is adjusted and told, never silently.
//!
//! Pure. With `Strictness::Strict` the caller turns any adjustment into an error.

mod contradiction;
mod inputs;
mod partials;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use inputs::{TAKES_NO_MASK, TAKES_NONE, TOO_MANY};

use super::model::{Model, Sizes};
use super::order::{Order, SizeField};
use crate::error::{Error, Result};
use crate::request::{Fidelity, Format, Request, Size};
use crate::style::Style;
use crate::text;

/// One thing that is not exactly as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Which parameter: `size`, `quality`, `style`…
    pub field: String,
    /// What was asked for.
    pub asked: String,
    /// What is done instead.
    pub got: String,
    /// Why, in a few words.
    pub why: String,
}

/// What is done with what a model has no field for.
pub const LEFT_OUT: &str = "left out";

impl Adjustment {
    /// In words, for people. What was asked for is not repeated where it is left out: jobs that
    /// differ in their seeds alone say the same.
    pub fn message(&self) -> String {
        let Adjustment { field, asked, got, why } = self;
        if field == "prompt" {
            format!("{why}: {got}")
        } else if got == LEFT_OUT {
            format!("{field} is left out: {why}")
        } else {
            format!("{field} {asked} → {got}: {why}")
        }
    }
}

/// Defaults for what the request leaves open.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Pixels, when neither size nor aspect is asked for.
    pub size: Size,
    /// They are those of a picture that is given, so that the nearest is wanted.
    pub is_inputs: bool,
    /// The seed, for models that honour one.
    pub seed: u64,
}

struct Fitting<'a> {
    model: &'a Model,
    adjustments: Vec<Adjustment>,
}

impl Fitting<'_> {
    fn adjust(
        &mut self,
        field: &str,
        asked: impl ToString,
        got: impl ToString,
        why: impl Into<String>,
    ) {
        self.adjustments.push(Adjustment {
            field: field.to_owned(),
            asked: asked.to_string(),
            got: got.to_string(),
            why: why.into(),
        });
    }

    fn leave_out(&mut self, field: &str, asked: impl ToString, what: &str) {
        let why = format!("{} has no {what}", self.model.full_id());
        self.adjust(field, asked, LEFT_OUT, why);
    }
}

impl Model {
    /// Makes a request ready for this model.
    ///
    /// # Errors
    /// A prompt that the model cannot take at all, or a quality or background it does not know.
    pub fn fit(
        &self,
        request: &Request,
        style: Option<&Style>,
        defaults: &Defaults,
    ) -> Result<(Order, Vec<Adjustment>)> {
        let mut fitting = Fitting { model: self, adjustments: Vec::new() };
        let mut order = Order {
            model: self.full_id(),
            wire: self.wire.clone(),
            params: self.params.clone(),
            ..Order::default()
        };
        let mut made = Request {
            prompt: request.prompt.clone(),
            params: request.params.clone(),
            ..Request::default()
        };
        let renders = self.is_drawn_here();
        fit_style(&mut fitting, &mut made, style, self.own_styles(request));
        fit_colors(&mut fitting, &mut made, request);
        made.size = Some(match self.keeps_size(request) {
            true => self.keep_size(&mut fitting, request, defaults.size),
            false => self.fit_size(&mut fitting, &mut order, request, defaults),
        });
        made.quality = self.fit_quality(&mut fitting, request)?;
        made.format = self.fit_format(&mut fitting, request);
        match (&request.negative, &self.params.negative) {
            (Some(negative), Some(_)) => made.negative = Some(negative.clone()),
            (Some(negative), None) if renders => {
                fitting.leave_out("negative", negative, "way to leave things out")
            }
            (Some(negative), None) => {
                made.prompt = format!("{}. Avoid: {negative}", made.prompt.trim_end_matches('.'));
                fitting.adjust("negative", negative, "words in the prompt", "it has no such field");
            }
            (None, _) => {}
        }
        match (request.seed, self.has_seed()) {
            (asked, true) => made.seed = Some(asked.unwrap_or(defaults.seed)),
            (Some(seed), false) => fitting.leave_out("seed", seed, "seed"),
            (None, false) => {}
        }
        if let Some(background) = request.background {
            if self.backgrounds.contains(&background) {
                made.background = Some(background);
            } else {
                fitting.leave_out("background", background.name(), "such background");
            }
        }
        made.input_fidelity = self.fit_fidelity(&mut fitting, request);
        contradiction::check(self, &mut fitting, &mut made, request)?;
        if let Some(label) = &request.label {
            if renders {
                made.label = Some(label.clone());
            } else {
                fitting.leave_out("label", label, "labels: only pinx/sketch sets type");
            }
        }
        let length = made.prompt.chars().count();
        if let Some(max) = self.max_prompt.filter(|max| length > *max) {
            return Err(Error::usage(format!(
                "the prompt has {length} characters, but {} takes at most {max}",
                self.full_id()
            ))
            .hint("shorten the prompt, or choose another model with `-m`"));
        }
        order.request = Arc::new(made);
        Ok((order, fitting.adjustments))
    }

    /// The family whose words for styles are known where a request goes.
    fn own_styles(&self, request: &Request) -> Option<&str> {
        let is_known = request.inputs.is_empty() || !self.edit.as_ref()?.is_unstyled;
        self.params.styles.as_deref().filter(|_| is_known)
    }

    /// Whether the first picture decides the size, since there is no field for it.
    fn keeps_size(&self, request: &Request) -> bool {
        !request.inputs.is_empty() && self.edit.as_ref().is_some_and(|edit| edit.keeps_size)
    }

    /// The size of the first picture, where none can be asked for.
    fn keep_size(&self, fitting: &mut Fitting, request: &Request, own: Size) -> Size {
        let asked = match (request.size, request.aspect) {
            (Some(size), _) => Some(size.to_string()).filter(|_| size != own),
            (None, Some(aspect)) => {
                let is_other = (aspect.size().ratio() / own.ratio()).ln().abs() > 0.005;
                Some(aspect.to_string()).filter(|_| is_other)
            }
            (None, None) => None,
        };
        if let Some(asked) = asked {
            let why = format!("{} has no field for it: image 1 decides it", self.full_id());
            fitting.adjust("size", asked, own, why);
        }
        own
    }

    fn fit_size(
        &self,
        fitting: &mut Fitting,
        order: &mut Order,
        request: &Request,
        defaults: &Defaults,
    ) -> Size {
        let usual = defaults.size;
        let asked = request.size.or_else(|| request.aspect.map(|aspect| aspect.size()));
        let wanted = asked.unwrap_or(match &self.sizes {
            Sizes::List { values } if !defaults.is_inputs && !values.contains(&usual) => {
                values.first().copied().unwrap_or(usual)
            }
            _ => usual,
        });
        let size = match &self.sizes {
            Sizes::Free { .. } | Sizes::List { .. } => self.sizes.nearest(wanted),
            Sizes::Aspect { ratios, tiers } => {
                let aspect = nearest_ratio(ratios, wanted.ratio());
                let square = (wanted.pixels() as f64).sqrt();
                let tier = tiers.iter().min_by(|a, b| {
                    let away = |edge: u32| (f64::from(edge) / square).ln().abs();
                    away(a.edge).total_cmp(&away(b.edge))
                });
                let edge = tier.map_or(1024.0, |tier| f64::from(tier.edge));
                let ratio = ratio_of(&aspect).unwrap_or(1.0);
                order.resolution = tier.map(|tier| tier.name.clone());
                order.aspect = Some(aspect);
                Size::new(
                    (edge * ratio.sqrt()).round() as u32,
                    (edge / ratio.sqrt()).round() as u32,
                )
            }
        };
        let Some(asked) = asked else { return size };
        if self.params.size == Some(SizeField::AspectRatio) {
            let got = order.aspect.clone().unwrap_or_default();
            let exact =
                ratio_of(&got).is_some_and(|ratio| (ratio / asked.ratio()).ln().abs() < 0.005);
            if request.size.is_some() || !exact {
                let tier =
                    order.resolution.as_ref().map(|t| format!(" at {t}")).unwrap_or_default();
                let wanted = request
                    .size
                    .map_or_else(|| request.aspect.map(|a| a.to_string()), |s| Some(s.to_string()));
                let why = "it takes an aspect ratio, not a size";
                fitting.adjust("size", wanted.unwrap_or_default(), format!("{got}{tier}"), why);
            }
        } else if size != asked {
            fitting.adjust(
                "size",
                asked,
                size,
                format!("the nearest that {} takes", self.full_id()),
            );
        }
        size
    }

    fn fit_quality(&self, fitting: &mut Fitting, request: &Request) -> Result<Option<String>> {
        let Some(asked) = &request.quality else { return Ok(self.quality.clone()) };
        if self.qualities.is_empty() {
            fitting.leave_out("quality", asked, "quality setting");
            return Ok(None);
        }
        if self.qualities.contains(asked) {
            return Ok(Some(asked.clone()));
        }
        // The words of other models, so that a shared setting or a fallback keeps its meaning.
        let same = match asked.as_str() {
            "auto" if self.qualities.iter().any(|word| word == "BALANCED") => ["BALANCED", ""],
            "auto" => ["medium", "standard"],
            "standard" => ["medium", "BALANCED"],
            "hd" => ["high", "QUALITY"],
            "low" => ["standard", "TURBO"],
            "medium" => ["standard", "BALANCED"],
            "high" | "xhigh" | "max" => ["hd", "QUALITY"],
            _ => ["", ""],
        };
        let known = same.into_iter().find(|word| self.qualities.iter().any(|known| known == word));
        let known = known.or_else(|| {
            (matches!(asked.as_str(), "xhigh" | "max")
                && self.qualities.iter().any(|q| q == "high"))
            .then_some("high")
        });
        if let Some(word) = known {
            fitting.adjust("quality", asked, word, format!("{}'s word for it", self.full_id()));
            return Ok(Some(word.to_owned()));
        }
        let near = text::nearest(asked, self.qualities.iter().map(String::as_str));
        let error = Error::usage(format!("unknown quality `{asked}` for {}", self.full_id()));
        Err(error.hint(near.map_or_else(
            || format!("it takes {}", self.qualities.join(", ")),
            |near| format!("did you mean `{near}`? It takes {}", self.qualities.join(", ")),
        )))
    }

    fn fit_fidelity(&self, fitting: &mut Fitting, request: &Request) -> Option<Fidelity> {
        const NAME: &str = "input_fidelity";
        let asked = request.input_fidelity?;
        if request.inputs.is_empty() {
            fitting.adjust(NAME, asked.name(), LEFT_OUT, "it is made from no picture");
            return None;
        }
        let known = self.edit.as_ref().map_or(&[][..], |edit| &edit.fidelity);
        if known.is_empty() {
            fitting.leave_out(NAME, asked.name(), "such setting");
        } else if !known.contains(&asked) {
            fitting.leave_out(NAME, asked.name(), &format!("{} one", asked.name()));
        }
        Some(asked).filter(|asked| known.contains(asked))
    }

    fn fit_format(&self, fitting: &mut Fitting, request: &Request) -> Option<Format> {
        let asked = request.format?;
        if self.formats.contains(&asked) {
            return Some(asked);
        }
        let own = self.formats.first().copied().unwrap_or(Format::Png);
        if !asked.is_converted_to() {
            let why = "the model does not make it, and it cannot be made from another";
            fitting.adjust("format", asked, own, why);
            return None;
        }
        // The store converts after saving what came; png loses nothing on the way.
        let made = self.formats.contains(&Format::Png).then_some(Format::Png);
        let got = format!("{asked}, converted here from {}", made.unwrap_or(own));
        fitting.adjust("format", asked, got, "the model does not make it");
        made
    }
}

impl Sizes {
    /// The size that a model takes nearest to the one asked for: ratio first, then area.
    pub fn nearest(&self, asked: Size) -> Size {
        match self {
            Sizes::List { values } => {
                let far = |size: &Size| {
                    let ratio = (size.ratio() / asked.ratio()).ln().abs();
                    let area = (size.pixels() as f64 / asked.pixels() as f64).ln().abs();
                    ratio * 4.0 + area
                };
                values.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(asked)
            }
            Sizes::Free { multiple_of, min_edge, max_edge, min_pixels, max_pixels, max_ratio } => {
                let ratio = asked.ratio().clamp(1.0 / max_ratio, *max_ratio);
                let step = f64::from((*multiple_of).max(1));
                let bounds = (*min_pixels as f64, *max_pixels as f64);
                // Starts at the size asked for and leaves it only as far as the bounds demand.
                let mut width = f64::from(asked.width);
                let mut height = width / ratio;
                if (asked.ratio() - ratio).abs() < 1e-9 {
                    height = f64::from(asked.height);
                }
                let longest = f64::from(*max_edge) / width.max(height);
                let shortest = f64::from(*min_edge) / width.min(height);
                let area = width * height;
                let mut scale = 1.0_f64.max(shortest).max((bounds.0 / area).sqrt());
                scale = scale.min(longest).min((bounds.1 / area).sqrt());
                (width, height) = (width * scale, height * scale);
                let mut best: Option<(f64, Size)> = None;
                for across in [(width / step).floor(), (width / step).ceil()] {
                    for down in [(height / step).floor(), (height / step).ceil()] {
                        let size = Size::new((across * step) as u32, (down * step) as u32);
                        if !self.takes(size) {
                            continue;
                        }
                        let off = (f64::from(size.width) / width).ln().abs()
                            + (f64::from(size.height) / height).ln().abs();
                        if best.is_none_or(|(least, _)| off < least) {
                            best = Some((off, size));
                        }
                    }
                }
                best.map_or_else(|| self.nearest_square(step as u32, bounds), |(_, size)| size)
            }
            Sizes::Aspect { .. } => asked,
        }
    }

    /// Whether a model takes exactly this size.
    pub fn takes(&self, size: Size) -> bool {
        match self {
            Sizes::List { values } => values.contains(&size),
            Sizes::Aspect { .. } => true,
            Sizes::Free { multiple_of, min_edge, max_edge, min_pixels, max_pixels, max_ratio } => {
                let (long, short) = (size.width.max(size.height), size.width.min(size.height));
                let step = (*multiple_of).max(1);
                short > 0
                    && long % step == 0
                    && short % step == 0
                    && (*min_edge..=*max_edge).contains(&short)
                    && long <= *max_edge
                    && (*min_pixels..=*max_pixels).contains(&size.pixels())
                    && f64::from(long) <= f64::from(short) * max_ratio * (1.0 + 1e-9)
            }
        }
    }

    fn nearest_square(&self, step: u32, (least, most): (f64, f64)) -> Size {
        let edge = (least * most).sqrt().sqrt().min(1024.0) as u32 / step.max(1) * step.max(1);
        let edges = (1..=4096).map(|times| times * step.max(1)).map(|edge| Size::new(edge, edge));
        let square = Size::new(edge, edge);
        if self.takes(square) {
            square
        } else {
            edges.into_iter().find(|size| self.takes(*size)).unwrap_or(Size::new(1024, 1024))
        }
    }
}

fn fit_style(
    fitting: &mut Fitting,
    made: &mut Request,
    style: Option<&Style>,
    family: Option<&str>,
) {
    let Some(style) = style else { return };
    if fitting.model.is_drawn_here() {
        match &style.sketch {
            Some(look) => made.style = Some(look.clone()),
            None => fitting.leave_out("style", &style.id, "such look; it is drawn plain"),
        }
        return;
    }
    if let Some(native) = family.and_then(|family| style.native.get(family)) {
        made.style = Some(native.clone());
        return;
    }
    match &style.fragment {
        Some(fragment) => {
            made.prompt = format!("{}, {fragment}", made.prompt.trim_end_matches(['.', ',', ' ']));
        }
        None => {
            fitting.leave_out("style", &style.id, "words for this look: only pinx/sketch has it")
        }
    }
}

fn fit_colors(fitting: &mut Fitting, made: &mut Request, request: &Request) {
    if request.colors.is_empty() {
        return;
    }
    if fitting.model.params.colors.is_some() {
        made.colors.clone_from(&request.colors);
        return;
    }
    let list: Vec<String> = request.colors.iter().map(ToString::to_string).collect();
    let list = list.join(", ");
    made.prompt =
        format!("{}. Use the colour palette {list}", made.prompt.trim_end_matches(['.', ',', ' ']));
    fitting.adjust("colors", list, "words in the prompt", "it has no field for colours");
}

/// `16:9`, `16x9` or `auto` as a number.
fn ratio_of(text: &str) -> Option<f64> {
    let (width, height) = text.split_once([':', 'x'])?;
    let (width, height): (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
    (width > 0.0 && height > 0.0).then(|| width / height)
}

fn nearest_ratio(ratios: &[String], wanted: f64) -> String {
    let far = |text: &String| ratio_of(text).map_or(f64::MAX, |ratio| (ratio / wanted).ln().abs());
    ratios
        .iter()
        .min_by(|a, b| far(a).total_cmp(&far(b)))
        .cloned()
        .unwrap_or_else(|| "1:1".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn free() -> Sizes {
        Sizes::Free {
            multiple_of: 16,
            min_edge: 16,
            max_edge: 3840,
            min_pixels: 655_360,
            max_pixels: 8_294_400,
            max_ratio: 3.0,
        }
    }

    #[test]
    fn sizes_snap_to_the_nearest_that_is_taken() {
        for (asked, got) in [
            ("1024x1024", "1024x1024"),
            ("1000x1000", "1008x1008"),
            ("3840x2160", "3840x2160"),
            ("1920x1080", "1920x1088"),
            ("256x256", "816x816"),
        ] {
            let size: Size = asked.parse().unwrap();
            assert_eq!(free().nearest(size).to_string(), got, "{asked}");
        }
        let list =
            Sizes::List { values: ["1024x1024", "1536x1024"].map(|s| s.parse().unwrap()).into() };
        assert_eq!(list.nearest(Size::new(1280, 720)).to_string(), "1536x1024");
    }

    proptest! {
        #[test]
        fn what_a_model_is_given_it_takes(width in 1u32..16_384, height in 1u32..16_384) {
            let size = free().nearest(Size::new(width, height));
            prop_assert!(free().takes(size), "{width}x{height} became {size}");
        }

        #[test]
        fn what_a_model_takes_is_left_alone(width in 16u32..240, height in 16u32..240) {
            let size = Size::new(width * 16, height * 16);
            prop_assume!(free().takes(size));
            prop_assert_eq!(free().nearest(size), size);
        }
    }
}
