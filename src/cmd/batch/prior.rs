//! How an image stands before this run begins it, and why it is not made now.

use crate::error::Exit;

/// How an image stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Prior {
    /// It was made before.
    Done,
    /// It is there already, and was taken as it is.
    Adopted,
    /// It was made before, but drawn by pinx because there was no key then.
    Sketched,
    /// It was made before, and its file is gone.
    Gone,
    /// It was refused (5), rejected or unusable (1) before: the same again is of no use, unless the user
    /// says so.
    Failed(Exit),
    /// It is accepted, or of unknown outcome: `recover` is for that.
    Open,
    /// Another home has claimed it.
    Elsewhere,
    /// `--limit` was reached.
    Later,
    /// A rehearsal leaves what stands at its place: it is no drawing.
    Stays,
    /// A drawing that stands for it is there.
    Rehearsed,
    /// Nothing stands in the way.
    New,
}

impl Prior {
    /// In words, for tables and documents.
    pub(super) fn word(self) -> &'static str {
        match self {
            Prior::Done => "done before",
            Prior::Adopted => "adopted",
            Prior::Sketched => "sketched before",
            Prior::Gone => "file gone",
            Prior::Failed(Exit::REFUSED) => "refused before",
            Prior::Failed(_) => "failed before",
            Prior::Open => "open",
            Prior::Elsewhere => "at work elsewhere",
            Prior::Later => "left for later",
            Prior::Stays => "there already",
            Prior::Rehearsed => "rehearsed",
            Prior::New => "new",
        }
    }

    /// So many of them, in a sentence.
    pub(super) fn counted(self, count: usize) -> String {
        match (self, count) {
            (Prior::Gone, 1) => "1 whose file is gone".to_owned(),
            (Prior::Gone, count) => format!("{count} whose files are gone"),
            (prior, count) => format!("{count} {}", prior.word()),
        }
    }

    /// Whether its image is where it was saved.
    pub(super) fn has_image(self) -> bool {
        matches!(self, Prior::Done | Prior::Adopted | Prior::Sketched)
    }

    /// What it means for the exit code of the batch; `None` where the user wanted it so.
    pub(super) fn exit(self) -> Option<Exit> {
        match self {
            Prior::Done | Prior::Adopted | Prior::Sketched => Some(Exit::OK),
            Prior::Stays | Prior::Rehearsed => Some(Exit::OK),
            Prior::Failed(exit) => Some(exit),
            Prior::Open | Prior::Elsewhere => Some(Exit::OPEN),
            Prior::Gone | Prior::Later | Prior::New => None,
        }
    }
}
