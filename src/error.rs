//! The crate's one error type, and the one table that says what each kind of failure means.
//!
//! `Kind` alone decides whether the same route is tried again, whether the next route is, what
//! becomes of the reserved money and which exit code the process ends with. The question behind
//! every row is whether money could have been spent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Exit codes, each documented in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exit(pub u8);

impl Exit {
    /// All done.
    pub const OK: Exit = Exit(0);
    /// No provider could do it.
    pub const FAILED: Exit = Exit(1);
    /// Usage or configuration is wrong; nothing was sent.
    pub const USAGE: Exit = Exit(2);
    /// A key is missing or refused, or the account cannot pay.
    pub const KEY: Exit = Exit(3);
    /// Some jobs are done, some are not.
    pub const PARTIAL: Exit = Exit(4);
    /// Refused by content policy.
    pub const REFUSED: Exit = Exit(5);
    /// Budget or consent: nothing more was sent.
    pub const BUDGET: Exit = Exit(6);
    /// The image could not be saved on this machine.
    pub const LOCAL: Exit = Exit(7);
    /// Accepted, or outcome unknown: run `pinx recover`, not the command again.
    pub const OPEN: Exit = Exit(75);
    /// Interrupted by a signal.
    pub const INTERRUPTED: Exit = Exit(130);

    /// The exit code of a run from those of its jobs: 130 > 75 > 7 > 6 > 4 > the one shared > 1.
    pub fn of_jobs(jobs: &[Exit]) -> Exit {
        for worst in [Exit::INTERRUPTED, Exit::OPEN, Exit::LOCAL, Exit::BUDGET] {
            if jobs.contains(&worst) {
                return worst;
            }
        }
        let Some(first) = jobs.first() else { return Exit::OK };
        if jobs.iter().all(|job| job == first) {
            *first
        } else if jobs.contains(&Exit::OK) {
            Exit::PARTIAL
        } else {
            Exit::FAILED
        }
    }
}

/// The code of a local failure to read back what this process has written itself.
pub const UNREADABLE: &str = "unreadable";

/// The code of an answer or an image of which more came than is taken.
pub const TOO_LARGE: &str = "answer_too_large";

/// The code of a request that broke off before its last byte was handed over.
pub const CUT_WHILE_SENDING: &str = "cut_while_sending";

/// What becomes of the money reserved for an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// Nothing can have been spent.
    Released,
    /// It may have been spent; it stays counted and is shown as uncertain.
    Uncertain,
    /// It was spent, for nothing.
    Spent,
}

impl Reserved {
    /// Whether it was billed.
    pub fn billed(self) -> Billed {
        match self {
            Reserved::Released => Billed::No,
            Reserved::Uncertain => Billed::Unknown,
            Reserved::Spent => Billed::Yes,
        }
    }
}

/// Whether a request was billed, in every document and log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Billed {
    /// Money was spent.
    Yes,
    /// None was.
    No,
    /// Nobody knows; also a word from a newer version.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Billed {
    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Billed::Yes => "yes",
            Billed::No => "no",
            Billed::Unknown => "unknown",
        }
    }
}

/// What failed. The letter is the class of the engine's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What the user wrote cannot be done: flags, settings, files.
    Usage,
    /// A key is missing or unusable; nothing was sent.
    Key,
    /// The budget or the consent does not cover it.
    Budget,
    /// The local disk: the image cannot be written.
    Local,
    /// Stopped by a signal.
    Interrupted,
    /// N: the connection was never made.
    NotSent,
    /// R: not now.
    Busy,
    /// S: the server says that it failed.
    Server,
    /// S without a repeat: the provider tried for itself, or was too slow to start.
    NoRunner,
    /// Q: the key or the account behind it; the provider is dead for this run.
    Account,
    /// Q for one model: the organisation or the key lacks the permission.
    Permission,
    /// B: our request is wrong.
    Rejected,
    /// B: the provider does not know the model (any more).
    MissingModel,
    /// C: content policy.
    Content,
    /// A: sent, then silence; it may have been billed.
    Ambiguous,
    /// U: answered, but not with a usable image.
    Unusable,
    /// Accepted by a queue and still running there, or its outcome could not be read.
    Detached,
    /// A defect of this program.
    Internal,
}

/// One row of the table.
struct Row {
    code: &'static str,
    again: bool,
    next: bool,
    reserved: Reserved,
    exit: Exit,
}

impl Kind {
    /// Whether the same request again is of no use: refused, rejected, or answered without an
    /// image.
    pub fn is_final(self) -> bool {
        matches!(self, Kind::Content | Kind::Rejected | Kind::Unusable | Kind::MissingModel)
    }

    fn row(self) -> Row {
        use Reserved::{Released, Spent, Uncertain};
        let (code, again, next, reserved, exit) = match self {
            Kind::Usage => ("usage", false, false, Released, Exit::USAGE),
            Kind::Key => ("key", false, true, Released, Exit::KEY),
            Kind::Budget => ("budget", false, false, Released, Exit::BUDGET),
            Kind::Local => ("disk", false, false, Spent, Exit::LOCAL),
            Kind::Interrupted => ("interrupted", false, false, Released, Exit::INTERRUPTED),
            Kind::NotSent => ("not_sent", true, true, Released, Exit::FAILED),
            Kind::Busy => ("busy", true, true, Released, Exit::FAILED),
            Kind::Server => ("server_error", true, true, Uncertain, Exit::FAILED),
            Kind::NoRunner => ("no_runner", false, true, Released, Exit::FAILED),
            Kind::Account => ("account", false, true, Released, Exit::KEY),
            Kind::Permission => ("permission", false, true, Released, Exit::KEY),
            Kind::Rejected => ("bad_request", false, false, Released, Exit::FAILED),
            Kind::MissingModel => ("model_not_found", false, true, Released, Exit::FAILED),
            Kind::Content => ("content_policy", false, false, Uncertain, Exit::REFUSED),
            Kind::Ambiguous => ("outcome_unknown", false, false, Uncertain, Exit::OPEN),
            Kind::Unusable => ("unusable_answer", false, false, Spent, Exit::FAILED),
            Kind::Detached => ("still_running", false, false, Uncertain, Exit::OPEN),
            Kind::Internal => ("internal", false, false, Released, Exit::FAILED),
        };
        Row { code, again, next, reserved, exit }
    }

    /// The word for it in JSON documents and in the log, unless the provider gave a better one.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// Whether the same call may be sent again over the same route, without asking.
    pub fn tries_again(self) -> bool {
        self.row().again
    }

    /// Whether the job may go on over the next route, without asking.
    pub fn takes_next_route(self) -> bool {
        self.row().next
    }

    /// What becomes of the reserved money.
    pub fn reserved(self) -> Reserved {
        self.row().reserved
    }

    /// The exit code of a job that ended with it.
    pub fn exit(self) -> Exit {
        self.row().exit
    }
}

/// What a failure is about, where its kind alone does not say which remedy helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The key that was sent is refused.
    Key,
    /// A key that the answering server itself uses is refused by the one behind it.
    KeyBehind,
    /// There is no money or no credit on the account.
    Money,
    /// The quota of the day is used up.
    Day,
    /// A gateway refuses what it wants for itself.
    Gateway,
    /// The address leads to something else than the provider's API.
    Address,
}

/// Who answered, and by which name the answer is known there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The host, with its port where it has one.
    pub host: String,
    /// The id of the request there: the provider's, else the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// An error: what, where, the value in backticks, and what to do about it.
#[derive(Debug, Clone)]
pub struct Error {
    /// Decides everything that happens next.
    pub kind: Kind,
    /// The provider's own code where it gave one, else `kind.code()`.
    pub code: String,
    /// Lower case, no full stop. Safe to print: untrusted text was cleaned before it came here.
    pub message: String,
    /// Remedies, each an exact command or variable.
    pub hints: Vec<String>,
    /// How long the provider asked to wait.
    pub retry_after: Option<Duration>,
    /// What becomes of the reserved money, where the provider documents better than the table.
    pub reserved: Option<Reserved>,
    /// What it is about.
    pub topic: Option<Topic>,
    /// The answer that said so, if there was one.
    pub answered: Option<Arc<Answered>>,
    /// The cause below.
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a kind, in words.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            code: kind.code().to_owned(),
            message: message.into(),
            hints: Vec::new(),
            retry_after: None,
            reserved: None,
            topic: None,
            answered: None,
            source: None,
        }
    }

    /// Shorthand for what the user wrote wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// Adds a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Replaces the code by the provider's own word.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// Adds the wait that the provider asked for.
    #[must_use]
    pub fn wait(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What becomes of the reserved money.
    pub fn reserved(&self) -> Reserved {
        self.reserved.unwrap_or_else(|| self.kind.reserved())
    }

    /// Says who answered so.
    #[must_use]
    pub fn answered(mut self, answered: Option<Answered>) -> Self {
        self.answered = answered.map(Arc::new);
        self
    }

    /// Says that the provider documents this failure as not billed.
    #[must_use]
    pub fn unbilled(mut self) -> Self {
        self.reserved = Some(Reserved::Released);
        self
    }

    /// The exit code of a run that ended with it.
    pub fn exit(&self) -> Exit {
        self.kind.exit()
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {} of {}", self.status, self.host)?;
        match &self.request_id {
            Some(id) => write!(f, ", request {id}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Kind, Reserved};

    #[test]
    fn nothing_that_may_be_billed_is_ever_repeated() {
        for kind in [Kind::Ambiguous, Kind::Unusable, Kind::Detached, Kind::Local, Kind::Content] {
            assert!(!kind.tries_again(), "{kind:?}");
            assert!(!kind.takes_next_route(), "{kind:?}");
            assert_ne!(kind.reserved(), Reserved::Released, "{kind:?}");
        }
    }

    #[test]
    fn mixed_runs_report_the_gravest_fact() {
        let of =
            |codes: &[u8]| Exit::of_jobs(&codes.iter().map(|c| Exit(*c)).collect::<Vec<_>>()).0;
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[0, 0]), 0);
        assert_eq!(of(&[5, 5]), 5);
        assert_eq!(of(&[0, 5]), 4);
        assert_eq!(of(&[3, 5]), 1);
        assert_eq!(of(&[0, 6, 5]), 6);
        assert_eq!(of(&[7, 6]), 7);
        assert_eq!(of(&[0, 75, 7]), 75);
        assert_eq!(of(&[130, 75]), 130);
    }
}
