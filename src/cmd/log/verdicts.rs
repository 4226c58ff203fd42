//! What was judged of comparisons: the newest verdict on each prompt of each run.
//!
//! Pure: entries in, verdicts out.

use std::collections::{BTreeMap, HashMap};

use crate::store::Entry;
use crate::store::log::Verdict;

/// Verdicts by run and number of the prompt, each with its prompt.
#[derive(Default)]
pub(crate) struct Verdicts(BTreeMap<(String, usize), (String, Verdict)>);

impl Verdicts {
    /// Takes an entry in that is newer than those before it; gives it back if it is no verdict.
    pub(crate) fn add(&mut self, entry: Entry) -> Option<Entry> {
        let Entry { verdict: Some(verdict), .. } = entry else { return Some(entry) };
        self.0.insert((entry.run, verdict.contest), (entry.prompt, *verdict));
        None
    }

    /// The same with one that is older than those before it.
    pub(crate) fn add_older(&mut self, entry: Entry) -> Option<Entry> {
        let Entry { verdict: Some(verdict), .. } = entry else { return Some(entry) };
        self.0.entry((entry.run, verdict.contest)).or_insert((entry.prompt, *verdict));
        None
    }

    /// By job, what was judged of it: `best`, `tie` or `none`.
    pub(crate) fn words(&self) -> HashMap<&str, &'static str> {
        let words = |(_, verdict): &'_ (String, Verdict)| verdict.judgement.word();
        let judged = self.0.values().filter_map(|found| Some((&found.1, words(found)?)));
        judged
            .flat_map(|(verdict, word)| verdict.jobs.iter().map(move |job| (&**job, word)))
            .collect()
    }

    /// Each with its prompt, by run and number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.0.values().map(|(prompt, verdict)| (prompt.as_str(), verdict))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EntryKind;
    use crate::store::log::VerdictKind;

    #[test]
    fn the_newest_verdict_on_a_prompt_takes_the_place_of_the_others() {
        let mut verdicts = Verdicts::default();
        let mut judged = |contest, judgement, jobs: &[&str]| {
            let jobs = jobs.iter().map(|&job| job.to_owned()).collect();
            let verdict =
                Some(Box::new(Verdict { contest, judgement, jobs, ..Verdict::default() }));
            let entry = Entry { verdict, ..Entry::of_run(EntryKind::Verdict, "r") };
            assert!(verdicts.add(entry).is_none());
        };
        judged(1, VerdictKind::Best, &["r.1"]);
        judged(2, VerdictKind::Tie, &["r.3", "r.4"]);
        judged(1, VerdictKind::Best, &["r.2"]);
        judged(3, VerdictKind::Unknown, &["r.5"]);
        let words = verdicts.words();
        assert_eq!(words, HashMap::from([("r.2", "best"), ("r.3", "tie"), ("r.4", "tie")]));
        assert!(verdicts.add(Entry::new(EntryKind::Done, "r", "r.1", "r.1.1")).is_some());
    }
}
