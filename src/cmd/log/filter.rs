//! Which rows are wanted, by the flags of `pinx log` and `pinx log export`.

use jiff::{Timestamp, Zoned};

use super::find::Id;
use super::row::Row;
use crate::cmd::days;
use crate::engine::report::JobStatus;
use crate::error::{Error, Result};
use crate::money::Money;

/// Which rows are wanted.
#[derive(Debug, Default, clap::Args)]
pub struct Which {
    /// Find this text in prompts, file names, styles and ids
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Keep what began on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Keep what began on this day or earlier
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Keep one model: its id, or a part of its name
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Keep one provider
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<String>,
    /// Keep one status
    #[arg(long, value_name = "STATUS", value_enum)]
    pub status: Option<JobStatus>,
    /// Keep what has this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Keep what was done for one client of a server
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Keep one run, or one job of it, by the start of its id
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Keep what cost so many dollars or more
    #[arg(long, value_name = "USD")]
    pub min_cost: Option<Money>,
    /// Keep what cost so many dollars or less
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<Money>,
}

impl Which {
    /// Whether anything is asked for.
    pub fn is_filtered(&self) -> bool {
        let texts = [
            &self.text,
            &self.since,
            &self.until,
            &self.model,
            &self.provider,
            &self.tag,
            &self.client,
            &self.run,
        ];
        texts.into_iter().any(Option::is_some)
            || self.status.is_some()
            || self.min_cost.is_some()
            || self.max_cost.is_some()
    }
}

/// The filters, ready to be asked often.
pub(crate) struct Filter {
    text: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    model: Option<String>,
    provider: Option<String>,
    status: Option<JobStatus>,
    tag: Option<String>,
    client: Option<String>,
    run: Option<String>,
    cost: (Option<Money>, Option<Money>),
}

impl Filter {
    /// # Errors
    /// A day that is none, or a span without anything in it.
    pub(crate) fn of(which: &Which, now: &Zoned) -> Result<Filter> {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let (since, until) = days::span(which.since.as_deref(), which.until.as_deref(), now)?;
        if let (Some(least), Some(most)) = (which.min_cost, which.max_cost)
            && least > most
        {
            return Err(Error::usage("`--max-cost` is less than `--min-cost`"));
        }
        Ok(Filter {
            text: lower(&which.text),
            since,
            until,
            model: lower(&which.model),
            provider: lower(&which.provider),
            status: which.status,
            tag: which.tag.clone(),
            client: which.client.clone(),
            run: which.run.clone(),
            cost: (which.min_cost, which.max_cost),
        })
    }

    /// Asks for a text besides what the flags ask for.
    pub(crate) fn find(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.text = Some(text.to_lowercase());
        }
    }

    /// Nothing that ended before this time can be wanted.
    pub(crate) fn since(&self) -> Timestamp {
        self.since.unwrap_or(Timestamp::MIN)
    }

    /// Whether this row is wanted.
    pub(crate) fn takes(&self, row: &Row, status: JobStatus) -> bool {
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
        // What has no known cost is neither above nor below a figure.
        let (least, most) = self.cost;
        let cost = || row.spent(status);
        self.status.is_none_or(|wanted| wanted == status)
            && self.since.is_none_or(|since| row.began >= since)
            && self.until.is_none_or(|until| row.began < until)
            && self.provider.as_ref().is_none_or(|provider| entry.provider == *provider)
            && self.model.as_ref().is_none_or(model)
            && self.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
            && self.client.as_ref().is_none_or(|wanted| entry.client.as_ref() == Some(wanted))
            && self.run.as_ref().is_none_or(|run| Id::of(run).begins(entry))
            && least.is_none_or(|least| cost().is_some_and(|cost| cost >= least))
            && most.is_none_or(|most| cost().is_some_and(|cost| cost <= most))
            && self.text.as_ref().is_none_or(named)
    }
}
