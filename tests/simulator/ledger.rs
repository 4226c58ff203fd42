//! What the simulated processes have written into their log about money, read as it is written, beside
//! what the providers know. A budget is checked whenever an intent is written.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::Value;

use super::machine::Process;

/// Micro-dollars.
pub(super) type Micros = u64;

#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) process: usize,
    pub(super) reserve: Micros,
    /// For whom.
    client: Option<String>,
    is_sent: bool,
    /// What its answer said that it cost, once that has come.
    pub(super) told: Option<Micros>,
    /// What the log settled it for.
    pub(super) settled: Option<Micros>,
    /// What the log said that it costs, as soon as it was known to be dearer.
    pub(super) priced: Option<Micros>,
}

impl Attempt {
    /// What it may cost as far as the log has heard of it, before it is settled.
    pub(super) fn reserved(&self) -> Micros {
        self.priced.unwrap_or(self.reserve)
    }

    /// What counts against a budget.
    fn logged(&self) -> Micros {
        self.settled.unwrap_or(self.reserved())
    }

    /// What it may have cost, as far as anybody can know.
    fn amount(&self) -> Micros {
        match (self.settled, self.told) {
            (Some(settled), Some(told)) => settled.max(told),
            (settled, told) => settled.or(told).unwrap_or(self.reserved()),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) attempts: BTreeMap<String, Attempt>,
    /// Intents whose requests have not left yet, by process.
    waiting: HashMap<usize, VecDeque<String>>,
    /// What all processes may spend.
    pub(super) day: Option<Micros>,
    /// What may be spent for each client.
    pub(super) clients: HashMap<String, Micros>,
}

impl Ledger {
    /// A process writes lines into the log.
    pub(super) fn hear(
        &mut self,
        me: usize,
        processes: &[Process],
        bytes: &[u8],
        wrong: &mut Vec<String>,
    ) {
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(entry) = serde_json::from_slice::<Value>(line) else { continue };
            let word = |key: &str| entry[key].as_str().unwrap_or_default();
            let attempt = word("attempt");
            let reserve = entry["reserve"].as_u64();
            let client = entry["client"].as_str();
            let known = self.attempts.get(attempt);
            if known.is_some_and(|known| known.client.as_deref() != client) {
                wrong.push(format!("{attempt} changes its client: {entry}"));
            }
            match word("e") {
                "intent" => {
                    let reserve = reserve.unwrap_or_default();
                    self.check(me, processes[me].launch.limit, attempt, reserve, wrong);
                    self.check_client(client, attempt, reserve, wrong);
                    let expected = processes[me].launch.client.as_ref().map(|(name, _)| &**name);
                    if client != expected {
                        wrong.push(format!("{attempt} is for {expected:?}: {entry}"));
                    }
                    let new = Attempt {
                        process: me,
                        reserve,
                        client: client.map(str::to_owned),
                        is_sent: false,
                        told: None,
                        settled: None,
                        priced: None,
                    };
                    if self.attempts.insert(attempt.to_owned(), new).is_some() {
                        wrong.push(format!("{attempt} has two intents"));
                    }
                    self.waiting.entry(me).or_default().push_back(attempt.to_owned());
                }
                "priced" => {
                    if let (Some(known), Some(reserve)) = (self.attempts.get_mut(attempt), reserve)
                    {
                        known.priced = Some(reserve);
                    }
                }
                e @ ("done" | "failed" | "tried") => {
                    let Some(known) = self.attempts.get_mut(attempt) else { continue };
                    let cost = entry["cost"].as_u64().or(entry["estimate"].as_u64());
                    let settled = match (word("billed"), e) {
                        ("no", _) => 0,
                        ("yes", "done") => cost.unwrap_or(known.reserved()),
                        _ => known.reserved(),
                    };
                    // What failed may be read after all, and is then done for nothing more.
                    if e != "done" || known.settled.is_none() || word("billed") != "no" {
                        known.settled = Some(settled);
                    }
                    self.waiting.entry(me).or_default().retain(|waiting| waiting != attempt);
                }
                _ => {}
            }
        }
    }

    fn check(
        &self,
        me: usize,
        limit: Option<Micros>,
        attempt: &str,
        reserve: Micros,
        wrong: &mut Vec<String>,
    ) {
        let own = self.attempts.values().filter(|attempt| attempt.process == me);
        let own: Micros = own.map(Attempt::amount).sum();
        if let Some(limit) = limit.filter(|limit| own + reserve > *limit) {
            wrong.push(format!("{attempt}: {own} and {reserve} of the run's {limit}"));
        }
        let all: Micros = self.attempts.values().map(Attempt::logged).sum();
        if let Some(day) = self.day.filter(|day| all + reserve > *day) {
            wrong.push(format!("{attempt}: {all} and {reserve} of the day's {day}"));
        }
    }

    fn check_client(
        &self,
        client: Option<&str>,
        attempt: &str,
        reserve: Micros,
        wrong: &mut Vec<String>,
    ) {
        let Some((client, limit)) = client.and_then(|client| self.clients.get_key_value(client))
        else {
            return;
        };
        let own = self.attempts.values().filter(|known| known.client.as_ref() == Some(client));
        let own: Micros = own.map(Attempt::logged).sum();
        if own + reserve > *limit {
            wrong.push(format!("{attempt}: {own} and {reserve} of {client}'s {limit}"));
        }
    }

    /// The attempt whose request leaves.
    pub(super) fn sent(&mut self, me: usize) -> Option<String> {
        let attempt = self.waiting.get_mut(&me)?.pop_front()?;
        self.attempts.get_mut(&attempt)?.is_sent = true;
        Some(attempt)
    }

    /// The power has failed: intents that were not durable are gone, and nothing was sent for them. A
    /// dearer cost that was not durable is not known any more (seed 7502).
    pub(super) fn lose(&mut self, is_there: impl Fn(&str, Option<&str>) -> bool) {
        self.attempts.retain(|id, attempt| attempt.is_sent || is_there(id, None));
        for (id, attempt) in &mut self.attempts {
            attempt.priced = attempt.priced.filter(|_| is_there(id, Some("priced")));
        }
    }
}
