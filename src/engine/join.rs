//! Parts of a run that were planned for themselves, made one plan; what several images cost together.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::plan::Plan;
use crate::catalog::{Certainty, Estimate};
use crate::store::{Known, Replace};

/// Several parts as one run. Jobs that wish for one name get suffixes in their order.
pub fn join(parts: Vec<Plan>) -> Plan {
    let mut whole = Plan {
        estimate: sum(parts.iter().map(|part| part.estimate)),
        jobs: Vec::new(),
        cached: HashSet::new(),
        notices: Vec::new(),
    };
    let saved = Known::default();
    let mut shared: HashMap<(PathBuf, String), usize> = HashMap::new();
    for part in parts {
        whole.cached.extend(part.cached);
        for notice in part.notices {
            if !whole.notices.contains(&notice) {
                whole.notices.push(notice);
            }
        }
        for mut job in part.jobs {
            let name = (job.wish.directory.clone(), job.wish.stem.clone());
            let before = shared.entry(name).or_default();
            job.offset = *before;
            *before += 1;
            if let Replace::Anything(ours) = &mut job.replace {
                *ours = saved.clone();
            }
            whole.jobs.push(job);
        }
    }
    whole
}

/// What several images are expected to cost together.
pub fn sum(estimates: impl Iterator<Item = Estimate> + Clone) -> Estimate {
    let certainty = estimates.clone().map(|estimate| estimate.certainty);
    Estimate {
        expected: estimates.clone().map(|estimate| estimate.expected).sum(),
        reserve: estimates.clone().map(|estimate| estimate.reserve).sum(),
        certainty: certainty.fold(Certainty::Exact, |worst, next| match (worst, next) {
            (Certainty::Unknown, _) | (_, Certainty::Unknown) => Certainty::Unknown,
            (Certainty::About, _) | (_, Certainty::About) => Certainty::About,
            _ => Certainty::Exact,
        }),
    }
}
