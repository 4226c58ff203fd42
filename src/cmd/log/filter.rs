//! Which rows are wanted, by the flags of `pinx log`.

use jiff::{Timestamp, Zoned};

use super::List;
use super::row::Row;
use super::status::Status;
use crate::cmd::days;
use crate::error::Result;

/// The filters, ready to be asked often.
pub struct Filter {
    text: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    model: Option<String>,
    provider: Option<String>,
    status: Option<Status>,
}

impl Filter {
    /// # Errors
    /// A day that is none.
    pub fn of(list: &List, now: &Zoned) -> Result<Filter> {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        Ok(Filter {
            text: lower(&list.query).or(lower(&list.text)),
            since: list.since.as_deref().map(|day| days::begin("--since", day, now)).transpose()?,
            until: list.until.as_deref().map(|day| days::end("--until", day, now)).transpose()?,
            model: lower(&list.model),
            provider: lower(&list.provider),
            status: list.status,
        })
    }

    /// Is this row wanted?
    pub fn takes(&self, row: &Row, status: Status) -> bool {
        let entry = &row.entry;
        let named = |text: &String| {
            let has = |place: &str| place.to_lowercase().contains(text);
            let files = || entry.images.iter().filter_map(|image| image.path.file_name()?.to_str());
            has(&entry.prompt)
                || entry.job.starts_with(text)
                || entry.style.as_deref().is_some_and(has)
                || files().any(has)
        };
        // `openai/gpt-image-2` is that model, `flux` is all of its kind.
        let model = |wanted: &String| {
            if wanted.contains('/') { entry.model == *wanted } else { entry.model.contains(wanted) }
        };
        self.status.is_none_or(|wanted| wanted == status)
            && self.since.is_none_or(|since| row.began >= since)
            && self.until.is_none_or(|until| row.began < until)
            && self.provider.as_ref().is_none_or(|provider| entry.provider == *provider)
            && self.model.as_ref().is_none_or(model)
            && self.text.as_ref().is_none_or(named)
    }
}
