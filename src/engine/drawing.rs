//! Pictures that are drawn here, on the pool for work on images: it costs nothing.

use super::payload::input_file;
use super::{Level, Run, cpu_pool};
use crate::catalog::Order;
use crate::error::{Error, Kind, Result};
use crate::render;
use crate::request::{Background, Format};
use crate::store::{self, Drawing, GivenFile};

impl Run {
    /// Draws a picture over those of its order, if any. It costs nothing, and so the first signal waits
    /// for it no longer.
    ///
    /// # Errors
    /// The run is stopped, or a picture that it is drawn over cannot be had.
    pub(super) async fn draw(
        &self,
        recipe: render::Recipe,
        order: &Order,
        format: Option<Format>,
    ) -> Result<Vec<u8>> {
        let inputs = &self.settings.places.inputs;
        let given = order.inputs.iter().map(|input| {
            let file = input_file(&input.sha256, order, inputs)?;
            let (name, path, sha256) = (file.name, file.path, file.sha256);
            Ok(GivenFile { role: input.role, name, path, sha256 })
        });
        let drawing = Drawing {
            recipe,
            pictures: given.collect::<Result<_>>()?,
            opaque: order.request.background == Some(Background::Opaque),
            format,
        };
        tokio::select! {
            biased;
            drawn = cpu_pool::run(move || store::draw(&drawing)) => drawn.unwrap_or_else(|_| {
                Err(Error::new(Kind::Internal, "the picture could not be drawn"))
            }),
            () = self.stop.at(Level::Draining) => {
                Err(Error::new(Kind::Interrupted, "stopped while it was being drawn"))
            }
        }
    }
}
