//! The built-in renderer as a dialect: an order becomes a recipe, drawn here, for nothing.
//!
//! Pure. The drawing itself happens on a blocking thread, in the store.

use super::{Dialect, Facts, Links, Pixels, Reply, Step, Yield};
use crate::catalog::Order;
use crate::error::{Error, Kind, Result};
use crate::render::Recipe;
use crate::request::{Background, Size};

pub(super) struct Sketch;

impl Dialect for Sketch {
    fn facts(&self) -> &'static Facts {
        const { &Facts { renders: true, ..Facts::of("sketch") } }
    }

    fn submit(&self, order: &Order, _: &Links) -> Result<Step<'static>> {
        let request = &order.request;
        let size = request.size.unwrap_or(Size::new(1024, 1024));
        let recipe = Recipe {
            prompt: request.prompt.clone(),
            style: request.style.clone().unwrap_or_default(),
            colors: request.colors.iter().map(|color| color.0).collect(),
            width: size.width,
            height: size.height,
            seed: request.seed.unwrap_or(0),
            label: request.label.clone(),
            transparent: request.background == Some(Background::Transparent),
        };
        let pixels = vec![Pixels::Rendered(Box::new(recipe))];
        Ok(Step::done(Yield { pixels, seed: request.seed, ..Yield::default() }))
    }

    fn read<'r>(&self, _order: &Order, _reply: &Reply<'r>) -> Result<Step<'r>> {
        Err(Error::new(Kind::Internal, "the renderer sends no call that could be answered"))
    }
}
