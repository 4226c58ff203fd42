//! What a server has done, for Prometheus and whoever reads its format.
//!
//! Figures of this process since it began; what was spent by all of them is in the log. The histogram is
//! that of OpenTelemetry's conventions for generative AI, `gen_ai.client.operation.duration`
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>, 2026-11), in seconds.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::engine::report::JobReport;
use crate::engine::{Document, Event};
use crate::error::{Billed, Error, Kind, Result};
use crate::pool::lock;

/// Names and values.
type Labels = Vec<(&'static str, String)>;

/// Upper ends of the histogram's buckets in seconds, as the convention advises.
const BUCKETS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// All figures, and those of each client.
pub(super) struct Metrics {
    all: Figures,
    of_clients: Mutex<HashMap<String, Arc<Figures>>>,
    in_flight: Gauge,
    queue: Gauge,
    at_work: Mutex<HashMap<String, Jobs>>,
}

/// The figures that one reader sees.
struct Figures {
    registry: Registry,
    images: Family<Labels, Counter>,
    cost: Family<Labels, Counter<f64, AtomicU64>>,
    attempts: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    budgets: Family<Labels, Gauge<f64, AtomicU64>>,
}

/// The jobs of a run that is at work.
#[derive(Default)]
struct Jobs {
    planned: usize,
    sent: HashSet<usize>,
    ended: HashSet<usize>,
}

/// A budget and what of it is used, from 0 to 1.
pub(super) struct UsedBudget {
    pub(super) period: &'static str,
    pub(super) client: Option<String>,
    pub(super) used: f64,
}

impl Figures {
    /// None yet, beside what is told of the whole process.
    fn new(in_flight: &Gauge, queue: &Gauge) -> Figures {
        let mut figures = Figures {
            registry: Registry::default(),
            images: Family::default(),
            cost: Family::default(),
            attempts: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            budgets: Family::default(),
        };
        let registry = &mut figures.registry;
        registry.register("pinx_images", "Images on the disk", figures.images.clone());
        registry.register("pinx_cost_usd", "Dollars that images cost", figures.cost.clone());
        registry.register(
            "pinx_attempts",
            "Paid requests, by how they ended",
            figures.attempts.clone(),
        );
        registry.register("pinx_in_flight", "Paid requests that are awaited", in_flight.clone());
        registry.register("pinx_queue", "Images that wait to be sent", queue.clone());
        registry.register(
            "pinx_budget_used_ratio",
            "The part of a budget that is used, over all processes",
            figures.budgets.clone(),
        );
        registry.register(
            "gen_ai_client_operation_duration_seconds",
            "Seconds from the start of an image to its end",
            figures.durations.clone(),
        );
        figures
    }
}

impl Metrics {
    /// None yet.
    pub(super) fn new() -> Metrics {
        let (in_flight, queue) = (Gauge::default(), Gauge::default());
        let all = Figures::new(&in_flight, &queue);
        Metrics { all, of_clients: Mutex::default(), in_flight, queue, at_work: Mutex::default() }
    }

    /// The figures of a client.
    fn of(&self, client: &str) -> Arc<Figures> {
        let mut of_clients = lock(&self.of_clients);
        let made = || Arc::new(Figures::new(&self.in_flight, &self.queue));
        Arc::clone(of_clients.entry(client.to_owned()).or_insert_with(made))
    }

    /// Something has happened in a run.
    pub(super) fn hear(&self, run: &str, event: &Event) {
        let mut at_work = lock(&self.at_work);
        let jobs = match at_work.get_mut(run) {
            Some(jobs) => jobs,
            None => at_work.entry(run.to_owned()).or_default(),
        };
        match event {
            Event::Planned { jobs: planned, .. } => jobs.planned = *planned,
            Event::Sent { job } => drop(jobs.sent.insert(*job)),
            Event::Retrying { job, .. } => drop(jobs.sent.remove(job)),
            Event::Ended { job, .. } => {
                jobs.sent.remove(job);
                jobs.ended.insert(*job);
            }
            _ => {}
        }
    }

    /// A run has ended.
    pub(super) fn end(&self, run: &str, client: Option<&str>, document: Option<&Document>) {
        lock(&self.at_work).remove(run);
        let own = client.map(|client| self.of(client));
        for job in document.iter().flat_map(|document| &document.jobs) {
            self.all.count(client, job);
            own.iter().for_each(|own| own.count(client, job));
        }
    }

    /// All of them, or those of a client, as text.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn text(&self, client: Option<&str>, budgets: &[UsedBudget]) -> Result<String> {
        let (mut in_flight, mut queue) = (0, 0);
        for jobs in lock(&self.at_work).values() {
            in_flight += jobs.sent.len();
            queue += jobs.planned.saturating_sub(jobs.sent.len() + jobs.ended.len());
        }
        self.in_flight.set(in_flight as i64);
        self.queue.set(queue as i64);
        match client {
            None => self.all.text(budgets),
            Some(client) => self.of(client).text(budgets),
        }
    }
}

impl Figures {
    fn count(&self, client: Option<&str>, job: &JobReport) {
        let labels = || -> Labels {
            vec![
                ("model", job.model.clone()),
                ("provider", job.provider.clone()),
                ("client", client.unwrap_or_default().to_owned()),
            ]
        };
        if !job.images.is_empty() {
            self.images.get_or_create(&labels()).inc_by(job.images.len() as u64);
        }
        if let (Billed::Yes, Some(cost)) = (job.billed, job.cost.best()) {
            let certainty = serde_json::to_value(job.cost.certainty).unwrap_or_default();
            let certainty = certainty.as_str().unwrap_or_default().to_owned();
            let labels = [labels(), vec![("certainty", certainty)]].concat();
            self.cost.get_or_create(&labels).inc_by(cost.as_dollars());
        }
        for (at, _) in job.attempts.iter().enumerate() {
            let is_last = at + 1 == job.attempts.len();
            // The words of providers are too many for a label.
            let class = match (is_last, job.kind) {
                (true, None) => "done",
                (true, Some(kind)) => kind.code(),
                (false, _) => "tried_again",
            };
            let labels = [labels(), vec![("class", class.to_owned())]].concat();
            self.attempts.get_or_create(&labels).inc();
        }
        let error = job.kind.map(|kind| ("error_type", kind.code().to_owned()));
        let mut labels: Labels = vec![
            ("gen_ai_operation_name", "generate_content".to_owned()),
            ("gen_ai_provider_name", job.provider.clone()),
            ("gen_ai_request_model", job.model.clone()),
        ];
        labels.extend(error);
        self.durations.get_or_create(&labels).observe(job.timing.total_ms as f64 / 1000.0);
    }

    fn text(&self, budgets: &[UsedBudget]) -> Result<String> {
        for UsedBudget { period, client, used } in budgets {
            let client = client.clone().unwrap_or_default();
            let labels = vec![("period", (*period).to_owned()), ("client", client)];
            self.budgets.get_or_create(&labels).set(*used);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)
            .map_err(|_| Error::new(Kind::Internal, "the figures cannot be written"))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_and_what_is_awaited_is_counted_by_events() {
        let metrics = Metrics::new();
        let estimate = crate::catalog::Estimate::FREE;
        metrics.hear("r", &Event::Planned { jobs: 3, estimate });
        metrics.hear("r", &Event::Sent { job: 0 });
        metrics.hear("r", &Event::Sent { job: 1 });
        let figure = |name: &str| {
            let text = metrics.text(None, &[]).unwrap();
            let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
            line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap() as u64
        };
        assert_eq!((figure("pinx_in_flight"), figure("pinx_queue")), (2, 1));
        metrics.end("r", None, None);
        assert_eq!((figure("pinx_in_flight"), figure("pinx_queue")), (0, 0));
    }

    #[test]
    fn a_label_holds_anything() {
        let metrics = Metrics::new();
        let client = Some("a\"b\\\n".to_owned());
        let text = metrics.text(None, &[UsedBudget { period: "day", client, used: 0.5 }]).unwrap();
        assert!(
            text.contains(r#"pinx_budget_used_ratio{period="day",client="a\"b\\\n"} 0.5"#),
            "{text}"
        );
    }
}
