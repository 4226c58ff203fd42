//! Other tools' syntax in the one prompt of a command.

use std::sync::Arc;

use super::App;
use super::generate::Common;
use crate::engine::RunSpec;
use crate::error::{Error, Result};
use crate::syntax::{self, Remarks};

/// Reads it out of the prompt and tells what it found, before anything is planned; flags count first.
///
/// # Errors
/// With `--strict`, something was left out or cannot be read.
pub(super) fn read(app: &App, flags: &Common, spec: &mut RunSpec) -> Result<()> {
    let Some(reading) = syntax::read(&spec.request.prompt) else { return Ok(()) };
    let request = Arc::make_mut(&mut spec.request);
    let marks = reading.fill(request, |name| flags.picture.has(name));
    let mut remarks = Remarks::default();
    remarks.marks(1, marks);
    for notice in remarks.notices() {
        let text = format!("in the prompt: {}", notice.text);
        if app.settings.strict && notice.is_loose {
            return Err(Error::usage(text)
                .code("foreign_syntax")
                .hint("take it out of the prompt, or leave `--strict` out"));
        }
        if notice.is_warning { app.ui.warn(&text) } else { app.ui.note(&text) }
    }
    Ok(())
}
