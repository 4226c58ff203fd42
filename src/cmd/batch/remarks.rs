//! What planning remarks of jobs, each with the lines that it is about: a remark that is true of all of
//! them needs none.

use std::collections::{HashMap, HashSet};

use super::sources::{FileRemark, Sources};
use crate::batch::Item;
use crate::syntax::{Notice, also};

/// Remarks that are kept: one for every job would hide them all.
const KEPT: usize = 20;

/// Lines that a remark names; the rest is counted.
const LINES: usize = 11;

/// What was remarked of jobs, in the order in which it was met.
#[derive(Default)]
pub(super) struct JobRemarks {
    all: Vec<JobRemark>,
    /// Where in the list a remark of a file stands.
    known: HashMap<(usize, String), usize>,
    /// The jobs of which anything could be remarked.
    jobs: usize,
}

/// A remark, and the jobs of one file that it is about.
struct JobRemark {
    text: String,
    file: usize,
    lines: Vec<u64>,
    jobs: usize,
    /// The line that was met last.
    last: u64,
    /// How many lines there are.
    count: u64,
}

impl JobRemarks {
    /// Takes in what was remarked of a job that is to be made; nothing is said as well.
    pub(super) fn add(&mut self, item: &Item, notices: Vec<String>) {
        self.jobs += 1;
        let mut told = HashSet::new();
        for text in notices {
            if !told.insert(text.clone()) {
                continue;
            }
            let key = (item.file, text);
            let at = match self.known.get(&key) {
                Some(at) => *at,
                None if self.all.len() >= KEPT => continue,
                None => {
                    let (file, text) = key.clone();
                    let (lines, jobs, last, count) = (Vec::new(), 0, 0, 0);
                    self.all.push(JobRemark { text, file, lines, jobs, last, count });
                    self.known.insert(key, self.all.len() - 1);
                    self.all.len() - 1
                }
            };
            let known = &mut self.all[at];
            known.jobs += 1;
            if known.last != item.line {
                known.last = item.line;
                known.count += 1;
                if known.lines.len() < LINES {
                    known.lines.push(item.line);
                }
            }
        }
    }

    /// What is true of all jobs, and what of some, with their lines.
    pub(super) fn told(self, sources: &Sources) -> (Vec<String>, Vec<FileRemark>) {
        let (mut of_all, mut of_some) = (Vec::new(), Vec::new());
        let mut jobs: HashMap<&str, usize> = HashMap::new();
        for remark in &self.all {
            *jobs.entry(&remark.text).or_default() += remark.jobs;
        }
        for JobRemark { text, file, lines, count, .. } in &self.all {
            if jobs[text.as_str()] == self.jobs {
                if !of_all.contains(text) {
                    of_all.push(text.clone());
                }
                continue;
            }
            let text = format!("{text}{}", also(&lines[1..], count - 1));
            let notice = Notice { line: lines[0], text, is_warning: false, is_loose: false };
            of_some.push(FileRemark::new(sources.name(*file), notice));
        }
        (of_all, of_some)
    }
}
