//! What is wrong in a batch file: where, what, and what to do about it; and a list of it that a
//! hostile file cannot make large.
//!
//! Pure.

use std::fmt;

use crate::secret::redact;
use crate::syntax::Remarks;

/// Problems that are kept; the rest is counted.
const KEPT: usize = 200;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: u64,
    /// The column in characters, counted from 1, where it is known.
    pub column: Option<u64>,
    /// Lower case, no full stop, the value in backticks; safe to print.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    /// `3:14: unknown key `promt``, to stand behind the name of the file and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        if let Some(column) = self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// Everything that is wrong in a file, in the order in which it was met.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    /// What is worth a word in it, and no fault.
    pub remarks: Remarks,
    list: Vec<Problem>,
    more: u64,
}

impl Problems {
    /// The first of them, at most two hundred.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there are.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Sorts all by their places.
    pub fn in_order(&mut self) {
        self.sort(0);
    }

    /// Sorts those behind the first `from` by their places.
    pub(super) fn sort(&mut self, from: usize) {
        self.list[from..].sort_by_key(|problem| (problem.line, problem.column));
    }

    /// Adds one. What was said of the same place before (a default stands under every job) is not
    /// said again, and what looks like a key is said nowhere.
    pub fn push(&mut self, mut problem: Problem) {
        problem.message = redact(&problem.message, []);
        problem.hint = problem.hint.map(|hint| redact(&hint, []));
        if self.list.contains(&problem) {
            return;
        }
        if self.list.len() < KEPT {
            self.list.push(problem);
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_bounded_and_says_nothing_twice() {
        let problem = |line| Problem { line, column: None, message: "x".to_owned(), hint: None };
        let mut problems = Problems::default();
        assert!(problems.is_empty());
        for line in (1..=1_000).chain(1..=10) {
            problems.push(problem(line));
        }
        assert_eq!((problems.list().len(), problems.more()), (KEPT, 800));
        assert_eq!(problem(3).to_string(), "3: x");
        assert_eq!(Problem { column: Some(7), ..problem(3) }.to_string(), "3:7: x");
    }
}
