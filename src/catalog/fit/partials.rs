//! Previews of a picture while it is made: whether an order can have some, and what they cost.
//!
//! Pure. They are asked for only where the provider's data says that it streams: a gateway that does not
//! know the word may take the answer for a failure and pay again.

use crate::catalog::model::Model;
use crate::catalog::order::Order;
use crate::catalog::partials::{MOST_PARTIALS, Partials};
use crate::catalog::price::{Certainty, Estimate, Price};
use crate::catalog::provider::Provider;
use crate::money::Money;

impl Model {
    /// How many of so many previews an order of it can have, where its server streams.
    ///
    /// # Errors
    /// Why it can have none.
    pub fn partials_of(&self, provider: &Provider, order: &Order, asked: u8) -> Result<u8, String> {
        let id = self.full_id();
        let own = ["stream", "partial_images"];
        if let Some(field) = own.into_iter().find(|field| order.request.params.contains_key(*field))
        {
            return Err(format!("`{field}` is given as a parameter"));
        }
        let format = order.request.format.or(self.formats.first().copied());
        match &self.partials {
            Some(Partials { most, formats, .. }) => match format {
                Some(format) if !formats.contains(&format) => {
                    Err(format!("{id} shows none of a {format}"))
                }
                _ => Ok(asked.min(*most)),
            },
            // Who describes a server of their own knows what it does.
            None if provider.is_yours() => Ok(asked.min(MOST_PARTIALS)),
            None => Err(format!("{id} shows none")),
        }
    }

    /// What so many previews cost beside the image. Nobody but third parties says how many tokens they
    /// take, and fewer may come than are asked for.
    pub fn partials_cost(&self, count: u8) -> Estimate {
        if count == 0 || self.price == Price::Free {
            return Estimate::FREE;
        }
        let (Some(partials), Some(rates)) = (&self.partials, &self.rates) else {
            return Estimate::UNKNOWN;
        };
        let tokens = u64::from(count) * partials.tokens;
        let cost = Some(Money::dollars(tokens as f64 * rates.image_out / 1e6));
        Estimate { expected: cost, reserve: cost, certainty: Certainty::About }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Defaults};
    use crate::request::{Format, Request, Size};

    #[test]
    fn only_models_that_stream_show_any_and_they_are_paid_for() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let model = |id: &str| catalog.model(id, &|_| true).unwrap();
        let defaults = Defaults { size: Size::new(1024, 1024), is_inputs: false, seed: 1 };
        let of = |id: &str, format, asked| {
            let model = model(id);
            let request = Request { prompt: "a fox".to_owned(), format, ..Request::default() };
            let (mut order, _) = model.fit(&request, None, &defaults).unwrap();
            let provider = catalog.provider(&model.provider).unwrap();
            let count = model.partials_of(provider, &order, asked);
            let before = model.estimate(&order).reserve.unwrap_or_default();
            order.partials = *count.as_ref().unwrap_or(&0);
            let after = model.estimate(&order).reserve.unwrap_or_default();
            (count, Money::micros(after.as_micros() - before.as_micros()))
        };
        for id in ["gpt-image-2.6-flare", "gpt-image-2.5-sunburst", "gpt-image-2"] {
            let id = format!("openai/{id}");
            assert_eq!(of(&id, None, 3), (Ok(3), Money::micros(9_000)), "{id}");
            assert_eq!(of(&id, Some(Format::Jpeg), 1), (Ok(1), Money::micros(3_000)), "{id}");
        }
        assert!(of("openai/gpt-image-2.6-flare", Some(Format::Gif), 3).0.is_err());
        for id in ["fal/flux-schnell", "fal/gpt-image-2", "vercel/gpt-image-2", "pinx/sketch"] {
            assert_eq!(of(id, None, 3).1, Money::ZERO, "{id}");
            assert!(of(id, None, 3).0.is_err(), "{id}");
        }
    }
}
