//! From what is asked to a plan, of one prompt or of several.

use std::sync::Arc;

use super::submission::{Read, Submission};
use super::{Service, panicked};
use crate::cmd::{App, generate};
use crate::engine::plan::{Planner, plan};
use crate::engine::{Document, Plan, merge_plans, run_id};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::pool::run_blocking;

/// What a request would be.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct Quote {
    /// As a dry run tells it.
    pub(in crate::cmd) document: Document,
    /// The most that it may cost, where that is known.
    pub(in crate::cmd) at_most: Option<Money>,
    /// What it costs, in words.
    pub(in crate::cmd) words: String,
}

impl Service {
    /// What is asked as a plan, and what it may cost. It blocks.
    pub(super) fn plan(&self, asked: Vec<Submission>, id: &str) -> Result<(Plan, Option<Money>)> {
        let (app, _) = self.app.captured();
        let planner = Planner::of_engine(self.shared.engine(), id);
        let is_one = asked.len() == 1;
        let (mut parts, mut limit, mut first) = (Vec::new(), None, 0);
        for (asked, number) in asked.into_iter().zip(1..) {
            let part = self.part(&app, &planner, asked, first);
            let (part, most) =
                part.map_err(|error| if is_one { error } else { of_prompt(number, error) })?;
            first += part.jobs.len();
            limit = [limit, most].into_iter().flatten().min();
            parts.push(part);
        }
        let mut plan = if is_one { parts.remove(0) } else { merge_plans(parts) };
        generate::number(&mut plan);
        Ok((plan, limit))
    }

    /// A part of a plan whose first job has this number.
    fn part(
        &self,
        app: &App,
        planner: &Planner<'_>,
        asked: Submission,
        first: usize,
    ) -> Result<(Plan, Option<Money>)> {
        let Read { mut spec, tags, each, limit } = asked.read(app, &self.output)?;
        generate::each_once(app, &mut spec);
        let mut plan = plan(planner, &spec, first)?;
        generate::can_be_made(app, &generate::Common::default(), &spec, &plan)?;
        for job in &mut plan.jobs {
            job.tags.clone_from(&tags);
            job.max_cost = each;
        }
        Ok((plan, limit))
    }

    /// What it would be and cost; nothing is sent, and no key is needed.
    ///
    /// # Errors
    /// It cannot be planned.
    pub(in crate::cmd) async fn quote(
        self: &Arc<Service>,
        asked: Vec<Submission>,
    ) -> Result<Quote> {
        let service = Arc::clone(self);
        let work = run_blocking(move || {
            let rehearsed = |asked| Submission { rehearsed: true, ..asked };
            let asked = asked.into_iter().map(rehearsed).collect();
            let (plan, _) = service.plan(asked, &run_id())?;
            let mut document = Document::of_jobs(None, plan.planned(), 0);
            document.totals.done = 0;
            document.totals.at_most = plan.estimate.reserve;
            let price = plan.price();
            Ok(Quote { document, at_most: price.estimate.reserve, words: price.in_words() })
        });
        work.await.unwrap_or_else(|_| Err(panicked()))
    }
}

/// What is wrong with one of several prompts.
fn of_prompt(number: usize, error: Error) -> Error {
    Error { message: format!("prompt {number}: {}", error.message), ..error }
}
