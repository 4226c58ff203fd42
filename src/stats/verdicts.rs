//! Verdicts of a log, and the models ranked by them.
//!
//! Only lines that may hold a verdict are parsed, so a long log costs little more than its bytes.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;

use super::measured::Measures;
use crate::ranking::{Choice, Standing, rank};
use crate::store::log::{Scan, Verdict, VerdictKind};
use crate::store::{Entry, EntryKind, Log};

/// What was judged, as far as it is asked for: the newest verdict on each prompt of each run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdicts {
    newest: BTreeMap<(String, usize), (Timestamp, Verdict)>,
}

impl Verdicts {
    /// Those of a log that are wanted.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(crate) fn read(
        log: &Log,
        wanted: &(dyn Fn(&Entry) -> bool + Sync),
    ) -> io::Result<(Verdicts, Scan)> {
        let mut verdicts = Verdicts::default();
        let scan = log.read_holding(&["\"verdict\""], |entry| verdicts.add(entry, wanted))?;
        Ok((verdicts, scan))
    }

    fn add(&mut self, entry: Entry, wanted: &(dyn Fn(&Entry) -> bool + Sync)) {
        let Entry { e: EntryKind::Verdict, verdict: Some(verdict), .. } = &entry else { return };
        let place = (entry.run.clone(), verdict.contest);
        if wanted(&entry) {
            self.newest.insert(place, (entry.t, (**verdict).clone()));
        } else {
            // A newer verdict that does not count still takes the older one's place.
            self.newest.remove(&place);
        }
    }

    /// The models, ranked.
    pub(crate) fn ranking(&self) -> Ranking {
        let judged = || self.newest.values().map(|(_, verdict)| verdict);
        let counts = |verdict: &&Verdict| {
            matches!(verdict.judgement, VerdictKind::Best | VerdictKind::Tie)
                && verdict.among.len() > 1
        };
        let mut models: Vec<String> =
            judged().filter(counts).flat_map(|verdict| verdict.among.clone()).collect();
        models.sort();
        models.dedup();
        let place = |model: &String| models.binary_search(model).ok();
        let choice = |verdict: &Verdict| Choice {
            among: verdict.among.iter().filter_map(place).collect(),
            best: verdict.best.as_ref().and_then(place),
        };
        let choices: Vec<Choice> = judged().filter(counts).map(choice).collect();
        let within =
            judged().filter(|verdict| verdict.entrant.is_some() && !counts(verdict)).count();
        let none = judged().filter(|verdict| verdict.judgement == VerdictKind::None).count();
        let standings = rank(models.len(), &choices);
        let mut rows: Vec<(String, Standing)> = models.into_iter().zip(standings).collect();
        let points = |standing: &Standing| (standing.rating() * 1_000.0).round() as i64;
        rows.sort_by(|(one, a), (other, b)| points(b).cmp(&points(a)).then(one.cmp(other)));
        Ranking { rows, comparisons: choices.len(), none, within }
    }
}

/// Models by what was judged of their images.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranking {
    /// Models by their ids, the best first; equal ones by their names.
    pub rows: Vec<(String, Standing)>,
    /// Verdicts that it rests on.
    pub comparisons: usize,
    /// Verdicts that found none any good, and count for nobody.
    pub none: usize,
    /// Verdicts between styles, qualities or seeds of one model, which say nothing of models.
    pub within: usize,
}

impl Ranking {
    /// A model's place, from 0; none where nothing was judged of it.
    pub(crate) fn place(&self, model: &str) -> Option<usize> {
        self.rows.iter().position(|(ranked, _)| ranked == model)
    }
}

/// What a log says of the models; each part is read when it is first asked for.
#[derive(Debug)]
pub(crate) struct History<'l> {
    log: Option<&'l Log>,
    measures: OnceCell<Measures>,
    ranking: OnceCell<Ranking>,
}

impl<'l> History<'l> {
    /// Of a log; one that cannot be read says nothing, and neither does none.
    pub(crate) fn of_log(log: Option<&'l Log>) -> Self {
        History { log, measures: OnceCell::new(), ranking: OnceCell::new() }
    }

    /// What was measured, from the checkpoint.
    pub(crate) fn measures(&self) -> &Measures {
        self.measures.get_or_init(|| self.log.map(Measures::of_log).unwrap_or_default())
    }

    /// What was judged, by anybody and ever. The whole log is looked through.
    pub(crate) fn ranking(&self) -> &Ranking {
        self.ranking.get_or_init(|| {
            let read = self.log.map(|log| Verdicts::read(log, &|_| true));
            read.and_then(Result::ok).map(|(verdicts, _)| verdicts.ranking()).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: &str, best: Option<&str>, judgement: VerdictKind, tag: &str) -> Entry {
        let verdict = Verdict {
            contest: 1,
            judgement,
            best: best.map(str::to_owned),
            entrant: None,
            among: vec!["p/a".to_owned(), "p/b".to_owned()],
            jobs: Vec::new(),
        };
        Entry {
            verdict: Some(Box::new(verdict)),
            tags: vec![tag.to_owned()],
            ..Entry::of_run(EntryKind::Verdict, run)
        }
    }

    #[test]
    fn the_newest_verdict_on_a_prompt_counts() {
        let mut verdicts = Verdicts::default();
        let tagged = |entry: &Entry| entry.tags.iter().any(|tag| tag == "x");
        for (run, best, judgement, tag) in [
            ("r1", Some("p/a"), VerdictKind::Best, "x"),
            ("r1", Some("p/b"), VerdictKind::Best, "x"),
            ("r2", Some("p/b"), VerdictKind::Best, "x"),
            ("r3", None, VerdictKind::None, "x"),
            ("r4", None, VerdictKind::Tie, "y"),
            ("r5", Some("p/a"), VerdictKind::Best, "x"),
            ("r5", Some("p/a"), VerdictKind::Best, "y"),
        ] {
            verdicts.add(entry(run, best, judgement, tag), &tagged);
        }
        let ranking = verdicts.ranking();
        assert_eq!((ranking.rows.len(), ranking.comparisons, ranking.none), (2, 2, 1));
        let [(first, won), (_, lost)] = &ranking.rows[..] else { panic!("two models") };
        assert_eq!((first.as_str(), won.wins, lost.losses), ("p/b", 2, 2));
        assert_eq!((ranking.place("p/a"), ranking.place("p/c")), (Some(1), None));
    }
}
