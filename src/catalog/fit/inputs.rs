//! Pictures that an order is made from: whether a model takes them as they are, and what that costs.
//!
//! Pure. More than a model reads is an error, for some drop the rest in silence.

use std::sync::Arc;

use crate::catalog::edit::{Edit, EditPrice};
use crate::catalog::model::{Model, Sizes};
use crate::catalog::order::{InputFields, Order, SentInput};
use crate::catalog::price::Estimate;
use crate::catalog::treatment::Treatment;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::request::{Format, Role, Size};
use crate::text;

/// The code of what a model cannot do because it takes no pictures.
pub const TAKES_NONE: &str = "no_edit";

/// The code of what it cannot do because it takes no mask.
pub const TAKES_NO_MASK: &str = "no_mask";

/// The code of more pictures than it reads.
pub const TOO_MANY: &str = "too_many_inputs";

impl Model {
    /// What one image of an order costs, with its previews and what it is made from.
    pub fn estimate(&self, order: &Order) -> Estimate {
        let rates = self.rates.as_ref();
        let made = self.price.estimate(rates, order);
        let made = made.plus(self.partials_cost(order.partials));
        if order.inputs.is_empty() {
            return made;
        }
        match &self.edit {
            Some(edit) if edit.endpoint(has_mask(&order.inputs)).price == EditPrice::Same => {
                made.plus(edit.inputs.estimate(rates, &order.inputs))
            }
            _ => Estimate::UNKNOWN,
        }
    }

    /// What reading the pictures of an order costs, beside the image that is made.
    pub fn estimate_of_inputs(&self, order: &Order) -> Estimate {
        let price = self.edit.as_ref().map(|edit| edit.inputs);
        price.map_or(Estimate::FREE, |price| price.estimate(self.rates.as_ref(), &order.inputs))
    }

    /// What one image of an order cost by the provider's count of billable units, where that is known.
    pub fn billed(&self, units: f64, order: &Order) -> Option<Money> {
        let is_same = self
            .edit
            .as_ref()
            .is_some_and(|edit| edit.endpoint(has_mask(&order.inputs)).price == EditPrice::Same);
        (is_same || order.inputs.is_empty()).then(|| self.price.of_units(units, order)).flatten()
    }

    /// Adds the pictures to an order that was fitted without them.
    ///
    /// # Errors
    /// The model cannot take them as they are.
    pub fn fit_inputs(&self, order: &mut Order, inputs: &[SentInput]) -> Result<()> {
        if inputs.is_empty() {
            return Ok(());
        }
        let edit = self.reads(inputs, true)?;
        let endpoint = edit.endpoint(has_mask(inputs));
        let fields = InputFields {
            image: endpoint.image.to_owned(),
            images: endpoint.images.map(str::to_owned),
            mask: edit.mask.as_ref().map(|mask| mask.field.clone()),
            keeps_size: edit.keeps_size,
            form: edit.form,
        };
        let InputFields { image, images, mask, .. } = &fields;
        let names = [Some(image), images.as_ref(), mask.as_ref()];
        let is_given = |name: &&String| order.request.params.contains_key(*name);
        if let Some(field) = names.into_iter().flatten().find(is_given) {
            let what = format!("`{field}` as a parameter is what `-i` fills");
            return Err(Error::usage(what).hint("leave one of them out"));
        }
        order.wire = endpoint.wire.map_or(std::mem::take(&mut order.wire), str::to_owned);
        order.params.path = edit.path.clone().or(order.params.path.take());
        if let (true, Some(first)) = (fields.keeps_size, inputs.first()) {
            Arc::make_mut(&mut order.request).size = Some(first.size);
        }
        order.inputs = inputs.to_vec();
        order.edit = Some(fields);
        Ok(())
    }

    /// Whether it can take these pictures, if any; `fit` says that they may be scaled down for it.
    pub fn takes(&self, inputs: &[SentInput], fit: bool) -> bool {
        inputs.is_empty() || self.reads(inputs, fit).is_ok()
    }

    /// What is done with each of these pictures before this model gets it.
    ///
    /// # Errors
    /// It cannot take them.
    pub fn treatments(&self, inputs: &[SentInput], fit: bool) -> Result<Vec<Treatment>> {
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let edit = self.reads(inputs, fit)?;
        let treatment = |input: &SentInput| {
            let mask = edit.mask.as_ref().filter(|_| input.role == Role::Mask);
            let is_read = mask.is_some() || edit.formats.contains(&input.format);
            Treatment {
                format: if is_read { input.format } else { Format::Png },
                size: if fit { edit.scaled(input.size) } else { input.size },
                most: (fit && mask.is_none()).then(|| edit.most_bytes(input.role)),
                mask: mask.map(|mask| mask.means),
                is_opaque: edit.is_opaque && input.role == Role::Image,
            }
        };
        Ok(inputs.iter().map(treatment).collect())
    }

    /// What is to be known of an order with pictures: that more may change than its mask says, and where
    /// no size was asked for that its first image decides it, or that what is made of it is smaller.
    pub fn told_of_inputs(&self, order: &Order, is_size_open: bool) -> Vec<String> {
        let Some(edit) = self.edit.as_ref().filter(|_| !order.inputs.is_empty()) else {
            return Vec::new();
        };
        let mask = edit.mask.as_ref().filter(|_| has_mask(&order.inputs));
        let id = self.full_id();
        let hint = mask
            .is_some_and(|mask| mask.is_hint)
            .then(|| format!("{id} takes the mask as a hint: it may change more than that"));
        let keeps_size = order.edit.as_ref().is_some_and(|edit| edit.keeps_size) && is_size_open;
        let first = order.inputs.first().filter(|_| keeps_size);
        let size = first.map(|first| {
            format!("{id} has no field for the size: image 1 decides it, {}", first.size)
        });
        let is_other = is_size_open && !keeps_size;
        let other = || self.told_of_smaller(order).or_else(|| self.told_of_other(order));
        hint.into_iter().chain(size).chain(is_other.then(other).flatten()).collect()
    }

    /// That what is made has another ratio than its first image, or is larger by far.
    fn told_of_other(&self, order: &Order) -> Option<String> {
        /// By so much a ratio differs that is only rounded, and a picture that is hardly larger.
        const ROUNDED: (f64, f64) = (0.03, 2.0);
        let (first, made) = (order.inputs.first()?.size, order.request.size?);
        let ratio = |size: Size| f64::from(size.width) / f64::from(size.height);
        let is_reshaped = (ratio(made) / ratio(first)).ln().abs() > ROUNDED.0;
        let is_larger = made.pixels() as f64 > first.pixels() as f64 * ROUNDED.1;
        let told = format!("{} makes {made} of {first}", self.full_id());
        match is_reshaped {
            true => Some(format!("{told}, in another ratio")),
            false => is_larger.then_some(told),
        }
    }

    /// That what is made is smaller than its first image, and which tier would not be, at what price. The
    /// tier is the nearest, which is the smaller one of about half of all images: nobody pays for a
    /// larger one that was not asked for.
    fn told_of_smaller(&self, order: &Order) -> Option<String> {
        let Sizes::Aspect { tiers, .. } = &self.sizes else { return None };
        let (first, made) = (order.inputs.first()?.size, order.request.size?);
        let taken = tiers.iter().find(|tier| Some(&tier.name) == order.resolution.as_ref())?;
        // What only the ratio costs is not meant.
        if made.pixels() as f64 > first.pixels() as f64 * 0.9 {
            return None;
        }
        let larger = tiers.iter().filter(|tier| tier.edge > taken.edge);
        let larger = larger.min_by_key(|tier| tier.edge)?;
        let size = made.scaled(f64::from(larger.edge) / f64::from(taken.edge));
        let mut other = order.clone();
        other.resolution = Some(larger.name.clone());
        Arc::make_mut(&mut other.request).size = Some(size);
        let cost = self.estimate(&other).text();
        let id = self.full_id();
        Some(format!("{id} makes {made} of {first}; `-s {size}` makes more of it: {cost} an image"))
    }

    /// Checks a picture as it would be sent; `what` is what it is called.
    ///
    /// # Errors
    /// It has more bytes than the model takes.
    pub fn check_bytes(&self, input: &SentInput, what: &str) -> Result<()> {
        let most = self.edit.as_ref().map_or(u64::MAX, |edit| edit.most_bytes(input.role));
        if input.len <= most {
            return Ok(());
        }
        let (len, most) = (text::size(input.len), text::size(most));
        Err(too_large(format!("{what} has {len}, and {} takes {most} at most", self.full_id())))
    }

    /// Where they are read; `fit` says that they may be scaled down for it.
    fn reads(&self, inputs: &[SentInput], fit: bool) -> Result<&Edit> {
        let id = self.full_id();
        let Some(edit) = &self.edit else {
            return Err(Error::usage(format!("{id} takes no pictures")).code(TAKES_NONE));
        };
        let images = || inputs.iter().filter(|input| input.role == Role::Image);
        let count = images().count();
        if has_mask(inputs) && edit.mask.is_none() {
            return Err(Error::usage(format!("{id} takes no mask")).code(TAKES_NO_MASK));
        }
        let most = edit.endpoint(has_mask(inputs)).most;
        if count > most {
            let with = if most < edit.most { " with a mask" } else { "" };
            let most = text::counted(most as u64, "image");
            return Err(Error::usage(format!("{id} reads {most}{with}, and {count} are given"))
                .code(TOO_MANY));
        }
        for (image, number) in images().zip(1..) {
            let (size, what) = (image.size, format!("image {number} has {} pixels", image.size));
            if let Some(least) = edit.min_edge.filter(|least| size.width.min(size.height) < *least)
            {
                let what = format!("{what}, and {id} takes none of less than {least} on a side");
                return Err(Error::usage(what)
                    .code("input_too_small")
                    .hint("make it larger first"));
            }
            let scaled = edit.scaled(size);
            if !fit && scaled != size {
                return Err(too_large(format!("{what}, and {id} takes {scaled} of it at most")));
            }
            // What is converted has other bytes.
            if !fit && edit.formats.contains(&image.format) {
                self.check_bytes(image, &format!("image {number}"))?;
            }
        }
        Ok(edit)
    }
}

/// Whether a mask is among pictures.
fn has_mask(inputs: &[SentInput]) -> bool {
    inputs.iter().any(|input| input.role == Role::Mask)
}

/// What is said of a picture that could be scaled down.
fn too_large(why: String) -> Error {
    Error::usage(why).code("input_too_large").hint("`--fit` scales it down")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Certainty, Defaults};
    use crate::request::{Format, Request};

    fn model(id: &str) -> Model {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        catalog.model(id, &|_| true).unwrap()
    }

    fn input(role: Role, size: Size) -> SentInput {
        SentInput {
            role,
            sha256: "0".repeat(64),
            len: 1_000,
            format: Format::Png,
            size,
            source: None,
            path: None,
            held: None,
        }
    }

    fn order(model: &Model, inputs: &[SentInput]) -> Result<Order> {
        let request = Request { prompt: "at night".to_owned(), ..Request::default() };
        let size = inputs.first().map_or(Size::new(1024, 1024), |input| input.size);
        let defaults = Defaults { size, is_inputs: true, seed: 1 };
        let (mut order, _) = model.fit(&request, None, &defaults)?;
        model.fit_inputs(&mut order, inputs)?;
        Ok(order)
    }

    #[test]
    fn pictures_go_where_the_catalog_says() {
        let square = input(Role::Image, Size::new(1024, 1024));
        for id in ["openai/gpt-image-2.6-flare", "openai/gpt-image-2", "vercel/gpt-image-2"] {
            let model = model(id);
            let made = order(&model, std::slice::from_ref(&square)).unwrap();
            assert_eq!(made.params.path.as_deref(), Some("/images/edits"), "{id}");
            assert!(made.edit.is_some() && made.inputs.len() == 1, "{id}");
            let alone = order(&model, &[]).unwrap();
            assert!(alone.edit.is_none() && alone.params.path.is_none(), "{id}");
            let [one, two] = [&alone, &made].map(|order| model.estimate(order));
            // 32 x 32 patches, at eight dollars a million.
            let added = two.expected.unwrap().as_micros() - one.expected.unwrap().as_micros();
            assert!((8_192..8_300).contains(&added), "{id}: {added}");
            let added = two.reserve.unwrap().as_micros() - one.reserve.unwrap().as_micros();
            assert!((16_384..16_600).contains(&added), "{id}: {added}");
            assert_eq!(two.certainty, Certainty::About);
        }
    }

    #[test]
    fn a_large_image_has_a_most_of_tokens_and_a_mask_is_only_reserved() {
        let model = model("openai/gpt-image-2");
        let photo = input(Role::Image, Size::new(3024, 4032));
        let mask = input(Role::Mask, Size::new(3024, 4032));
        let inputs = model.edit.as_ref().unwrap().inputs;
        let estimate = |them: &[SentInput]| inputs.estimate(model.rates.as_ref(), them);
        let both = [photo, mask];
        let [one, two] = [estimate(&both[..1]), estimate(&both)];
        assert_eq!(one.expected.unwrap().as_micros(), 12_338);
        assert_eq!((one.expected, two.expected), (two.expected, one.expected));
        assert_eq!(one.reserve.unwrap().as_micros(), 24_676);
        assert_eq!(two.reserve.unwrap().as_micros(), 37_014);
    }

    #[test]
    fn what_a_model_cannot_take_is_refused() {
        let image = || input(Role::Image, Size::new(1024, 1024));
        let (mask, many) = (input(Role::Mask, Size::new(1024, 1024)), vec![image(); 17]);
        let large = SentInput { len: 50_000_001, ..image() };
        for (id, inputs, code) in [
            ("fal/recraft-v4", vec![image()], TAKES_NONE),
            ("openai/gpt-image-2", many, "too_many_inputs"),
            ("vercel/gpt-image-2", vec![image(), mask], TAKES_NO_MASK),
            ("openai/gpt-image-2", vec![large], "input_too_large"),
        ] {
            let model = model(id);
            assert!(!model.takes(&inputs, false), "{id}");
            assert_eq!(model.treatments(&inputs, false).unwrap_err().code, code, "{id}");
            assert_eq!(model.takes(&inputs, true), code == "input_too_large", "{id}");
        }
        let model = model("openai/gpt-image-2");
        let (mut order, _) = model
            .fit(
                &Request {
                    params: [("image[]".to_owned(), "x".into())].into(),
                    ..Request::default()
                },
                None,
                &Defaults { size: Size::new(1024, 1024), is_inputs: false, seed: 1 },
            )
            .unwrap();
        assert!(model.fit_inputs(&mut order, &[image()]).is_err());
    }

    #[test]
    fn what_is_too_large_is_scaled_and_what_is_not_read_becomes_png() {
        let mut model = model("openai/gpt-image-2");
        let edit = model.edit.as_mut().unwrap();
        (edit.min_edge, edit.max_edge, edit.max_pixels) = (Some(64), Some(4_096), Some(4_000_000));
        edit.formats = vec![Format::Png, Format::Jpeg];
        let of =
            |size: &str, format| SentInput { format, ..input(Role::Image, size.parse().unwrap()) };
        for (size, scaled) in [
            ("2000x2000", "2000x2000"),
            ("4000x1000", "4000x1000"),
            ("4000x4000", "2000x2000"),
            ("8192x100", "4096x50"),
            ("3000x2000", "2449x1632"),
        ] {
            let is_same = size == scaled;
            let (given, mask) = (of(size, Format::Webp), of(size, Format::Png));
            let inputs = [given, SentInput { role: Role::Mask, ..mask }];
            assert_eq!(model.treatments(&inputs, false).is_ok(), is_same, "{size}");
            let treated = model.treatments(&inputs, true).unwrap();
            let all = treated.iter().map(|treated| (treated.size.to_string(), treated.format));
            assert_eq!(all.collect::<Vec<_>>(), vec![(scaled.to_owned(), Format::Png); 2]);
            assert!(treated.iter().zip(&inputs).all(|(treated, input)| !treated.is_done(input)));
            let jpeg = of(size, Format::Jpeg);
            let treated = &model.treatments(std::slice::from_ref(&jpeg), true).unwrap()[0];
            assert_eq!(treated.is_done(&jpeg), is_same, "{size}");
        }
        let small = of("63x900", Format::Png);
        assert_eq!(model.treatments(&[small], true).unwrap_err().code, "input_too_small");
    }

    #[test]
    fn what_becomes_smaller_is_told_with_the_next_tiers_price() {
        let told = |id: &str, size: Size, is_open: bool| {
            let model = model(id);
            let made = order(&model, &[input(Role::Image, size)]).unwrap();
            model.told_of_inputs(&made, is_open)
        };
        let banana = "fal/nano-banana-2";
        assert_eq!(
            told(banana, Size::new(700, 700), true),
            [
                "fal/nano-banana-2 makes 512x512 of 700x700; `-s 1024x1024` makes more of it: $0.08 an image"
            ]
        );
        for (size, is_open) in [
            (Size::new(700, 700), false),
            (Size::new(512, 512), true),
            (Size::new(800, 800), true),
            (Size::new(1040, 1040), true),
            (Size::new(6000, 6000), true),
        ] {
            assert!(told(banana, size, is_open).is_empty(), "{size}");
        }
        assert!(told("openai/gpt-image-1.5", Size::new(4000, 4000), true).is_empty());
        let flare = "openai/gpt-image-2.6-flare";
        for (size, is_open, expected) in [
            (Size::new(5000, 300), true, &["3840x1280 of 5000x300, in another ratio"][..]),
            (Size::new(256, 192), true, &["944x704 of 256x192"]),
            (Size::new(5000, 300), false, &[]),
            (Size::new(1023, 777), true, &[]),
        ] {
            let expected: Vec<String> =
                expected.iter().map(|what| format!("{flare} makes {what}")).collect();
            assert_eq!(told(flare, size, is_open), expected, "{size}");
        }
    }

    #[test]
    fn the_size_is_that_of_the_first_image_as_near_as_can_be() {
        for (id, size, near) in [
            ("openai/gpt-image-2", Size::new(1200, 1600), "1200x1600"),
            ("openai/gpt-image-2", Size::new(300, 400), "704x944"),
            ("openai/gpt-image-1.5", Size::new(600, 900), "1024x1536"),
        ] {
            let made = order(&model(id), &[input(Role::Image, size)]).unwrap();
            assert_eq!(made.request.size.unwrap().to_string(), near, "{id} {size}");
        }
    }
}
