//! stub
use super::App;
use crate::error::Result;
use crate::request::Size;
pub(crate) struct Answers {
    pub(crate) prompt: String,
    pub(crate) model: String,
    pub(crate) size: Option<Size>,
    pub(crate) style: Option<String>,
}
pub(crate) fn interview(_: &App) -> Result<Option<Answers>> {
    Ok(None)
}
