//! Pictures that an order is made from: whether a model takes them as they are, and what that costs.
//!
//! Pure. More than a model reads is an error, for some drop the rest in silence.

use crate::catalog::edit::{Edit, EditPrice};
use crate::catalog::model::Model;
use crate::catalog::order::{InputFields, Order, SentInput};
use crate::catalog::price::Estimate;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::request::Role;
use crate::text;

/// The code of what a model cannot do because it takes no pictures.
pub const TAKES_NONE: &str = "no_edit";

impl Model {
    /// What one image of an order costs, with what it is made from.
    pub fn estimate(&self, order: &Order) -> Estimate {
        let rates = self.rates.as_ref();
        let made = self.price.estimate(rates, order);
        if order.inputs.is_empty() {
            return made;
        }
        match &self.edit {
            Some(Edit { price: EditPrice::Same, inputs, .. }) => {
                made.plus(inputs.estimate(rates, &order.inputs))
            }
            _ => Estimate::UNKNOWN,
        }
    }

    /// What one image of an order cost by the provider's count of billable units, where that is known.
    pub fn billed(&self, units: f64, order: &Order) -> Option<Money> {
        let is_same = self.edit.as_ref().is_some_and(|edit| edit.price == EditPrice::Same);
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
        let edit = self.reads(inputs)?;
        let mask = edit.mask.as_ref().map(|mask| mask.field.clone());
        let fields = InputFields { image: edit.image.clone(), images: edit.images.clone(), mask };
        let InputFields { image, images, mask } = &fields;
        let names = [Some(image), images.as_ref(), mask.as_ref()];
        let is_given = |name: &&String| order.request.params.contains_key(*name);
        if let Some(field) = names.into_iter().flatten().find(is_given) {
            let what = format!("`{field}` as a parameter is what `-i` fills");
            return Err(Error::usage(what).hint("leave one of them out"));
        }
        order.wire = edit.wire.clone().unwrap_or(std::mem::take(&mut order.wire));
        order.params.path = edit.path.clone().or(order.params.path.take());
        order.inputs = inputs.to_vec();
        order.edit = Some(fields);
        Ok(())
    }

    /// Whether it can take these pictures, if any, as they are.
    pub fn takes(&self, inputs: &[SentInput]) -> bool {
        inputs.is_empty() || self.reads(inputs).is_ok()
    }

    /// Where they are read.
    fn reads(&self, inputs: &[SentInput]) -> Result<&Edit> {
        let id = self.full_id();
        let Some(edit) = &self.edit else {
            return Err(Error::usage(format!("{id} takes no pictures")).code(TAKES_NONE));
        };
        let images = || inputs.iter().filter(|input| input.role == Role::Image);
        let count = images().count();
        if count > edit.most {
            let most = text::counted(edit.most as u64, "image");
            return Err(Error::usage(format!("{id} reads {most}, and {count} are given"))
                .code("too_many_inputs"));
        }
        if count < inputs.len() && edit.mask.is_none() {
            return Err(Error::usage(format!("{id} takes no mask")).code("no_mask"));
        }
        for (image, number) in images().zip(1..) {
            if !edit.formats.contains(&image.format) {
                let formats: Vec<&str> = edit.formats.iter().map(|format| format.name()).collect();
                let (format, formats) = (image.format, formats.join(", "));
                let what = format!("image {number} is {format}, and {id} reads {formats}");
                return Err(Error::usage(what).code("input_format"));
            }
            if image.len > edit.max_bytes {
                let (len, most) = (text::size(image.len), text::size(edit.max_bytes));
                let what = format!("image {number} has {len}, and {id} takes {most} at most");
                return Err(Error::usage(what).code("input_too_large"));
            }
        }
        Ok(edit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Certainty, Defaults};
    use crate::request::{Format, Request, Size};

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
        let (mut gif, mut large) = (image(), image());
        (gif.format, large.len) = (Format::Gif, 50_000_001);
        for (id, inputs, code) in [
            ("fal/recraft-v4", vec![image()], TAKES_NONE),
            ("openai/gpt-image-2", many, "too_many_inputs"),
            ("vercel/gpt-image-2", vec![image(), mask], "no_mask"),
            ("openai/gpt-image-2", vec![image(), gif], "input_format"),
            ("openai/gpt-image-2", vec![large], "input_too_large"),
        ] {
            let model = model(id);
            assert!(!model.takes(&inputs), "{id}");
            assert_eq!(order(&model, &inputs).unwrap_err().code, code, "{id}");
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
