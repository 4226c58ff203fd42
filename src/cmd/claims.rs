//! Claims as commands see them: whose they are, what became of this home's own, and those of others.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::App;
use super::log::find::Id;
use crate::error::{Billed, Error, Kind, Result};
use crate::money::Money;
use crate::settings::keys;
use crate::store::claim::{Claim, Claims, State};
use crate::store::log::{OpenAttempts, Saved};
use crate::store::{Entry, EntryKind, Runs, template_root};
use crate::text::{self, hex};

/// The claims of an output directory, an absolute one.
pub(super) fn of(app: &App, root: &Path) -> Claims {
    // The salt is this home's own; of its hash nothing can be learned.
    let digest = Sha256::digest([b"home ", &keys::salt(&app.settings)[..]].concat());
    Claims::new(root, &hex(&digest[..8]), &machine(app))
}

/// The machine's own name.
fn machine(app: &App) -> String {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let told = files.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let named = || app.env.get("HOSTNAME").or(app.env.get("COMPUTERNAME")).map(str::to_owned);
    let name = told
        .or_else(named)
        .map(|name| text::clean(name.trim(), 60))
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "another machine".to_owned())
}

/// What the log says of a job that was claimed.
#[derive(Default)]
struct LoggedOutcome {
    open: OpenAttempts,
    done: Option<(Saved, Option<Money>, String)>,
    /// The code of a failure for good that was billed, or may have been.
    failed: Option<String>,
}

impl LoggedOutcome {
    fn observe(&mut self, entry: Entry) {
        if entry.e == EntryKind::Failed {
            let is_final = entry.kind.is_some_and(|kind| kind.is_final() && kind != Kind::Content);
            self.failed =
                (is_final && entry.billed != Some(Billed::No)).then(|| entry.code.clone());
        }
        self.open.observe(&entry, || ());
        if let (EntryKind::Done, Some(image)) = (entry.e, entry.images.into_iter().next()) {
            let paid = if entry.billed == Some(Billed::No) {
                Some(Money::ZERO)
            } else {
                entry.cost.or(entry.estimate)
            };
            self.done = Some((image, paid, entry.model));
        }
    }
}

/// Of these jobs, those of which the log still has an open attempt.
///
/// # Errors
/// The log cannot be read.
pub(super) fn open_jobs(app: &App) -> Result<HashSet<String>> {
    let open = app.log.open_attempts()?;
    Ok(open.into_iter().map(|pending| pending.intent.job).collect())
}

/// A claim that nothing has come of yet.
pub(super) struct Open {
    claims: Claims,
    key: String,
    pub(super) claim: Claim,
}

/// `, at most $0.05`, or `, free`.
pub(super) fn at_most(money: Money) -> String {
    if money == Money::ZERO { format!(", {}", money.cost()) } else { format!(", at most {money}") }
}

impl Open {
    /// In words: `r.1.1 openai/gpt-image-2: claimed by run r on host, may cost $0.05`.
    pub(super) fn line(&self) -> String {
        let Claim { attempt, model, machine, reserve, .. } = &self.claim;
        if attempt.is_empty() {
            let file = self.claims.file(&self.key);
            return format!(
                "`{}` is a claim that cannot be read: where nobody makes its image any more, remove it",
                file.display()
            );
        }
        let [attempt, model, machine] = [attempt, model, machine].map(|word| text::clean(word, 80));
        let stake = reserve.map(at_most).unwrap_or_default();
        format!(
            "{attempt} {model}: begun on {machine}{stake}; it is at work there, or `pinx recover` there \
             settles it; if that machine is gone, `pinx recover --forget {attempt}` frees it"
        )
    }

    /// For documents.
    pub(super) fn json(&self) -> Value {
        let Claim { attempt, model, machine, reserve, t, .. } = &self.claim;
        json!({
            "id": attempt,
            "model": model,
            "machine": machine,
            "since": t.to_string(),
            "at_stake": reserve.map(Money::as_dollars),
            "atStake": reserve.map(Money::as_dollars),
            "file": self.claims.file(&self.key),
        })
    }
}

/// Ends what is left of this home's own claims as its log says, in every place that it knows of, and
/// answers with those of others that nothing has come of.
pub(super) fn settle(app: &App) -> Vec<Open> {
    let (mut own, others): (Vec<Open>, Vec<Open>) =
        open(app).into_iter().partition(|open| open.claims.is_own(&open.claim));
    let runs = Runs(&app.settings.places.run);
    own.retain(|open| !runs.is_alive(&open.claim.run));
    if !own.is_empty()
        && let Err(error) = end(app, &own)
    {
        app.ui.warn(&format!("a claim of this home cannot be ended: {error}"));
    }
    others
}

fn end(app: &App, own: &[Open]) -> std::io::Result<()> {
    let mut known: HashMap<&str, LoggedOutcome> =
        own.iter().map(|open| (open.claim.job.as_str(), LoggedOutcome::default())).collect();
    let jobs: Vec<&str> = known.keys().copied().collect();
    app.log.read_holding(&jobs, |entry| {
        if let Some(known) = known.get_mut(entry.job.as_str()) {
            known.observe(entry);
        }
    })?;
    for Open { claims, key, claim } in own {
        let known = &known[claim.job.as_str()];
        match &known.done {
            Some((image, cost, model)) => claims.end(
                key,
                &Claim {
                    state: State::Done,
                    path: claims.inside(&image.path),
                    sha256: image.sha256.clone(),
                    cost: *cost,
                    model: model.clone(),
                    ..claim.clone()
                },
            )?,
            None if !known.open.is_empty() => {}
            None => match &known.failed {
                Some(code) => {
                    let code = code.clone();
                    claims.end(key, &Claim { state: State::Failed, code, ..claim.clone() })?;
                }
                None => claims.release(key, &claim.job)?,
            },
        }
    }
    Ok(())
}

/// Frees claims of other homes by the starts of their ids, all or none; answers with the attempts that
/// were freed. `or_else` says what is wrong with an id that is none's.
///
/// # Errors
/// An id is none's or that of several, or a claim cannot be removed.
pub(super) fn forget(
    app: &App,
    ids: &[String],
    or_else: impl Fn(&str) -> Result<()>,
) -> Result<Vec<String>> {
    let others = open(app);
    let others: Vec<&Open> =
        others.iter().filter(|open| !open.claims.is_own(&open.claim)).collect();
    let mut found: Vec<&Open> = Vec::new();
    for id in ids {
        let hits: Vec<&&Open> = others.iter().filter(|open| is_named(open, id)).collect();
        match hits.as_slice() {
            [] => or_else(id)?,
            [one] if found.iter().any(|known| known.claim.attempt == one.claim.attempt) => {}
            [one] => found.push(one),
            _ => {
                let what = format!("several claims begin with `{}`", text::clean(id, 80));
                return Err(Error::usage(what).hint("`pinx recover --list` shows them"));
            }
        }
    }
    for one in &found {
        one.claims.release(&one.key, &one.claim.job).map_err(|error| {
            let file = one.claims.file(&one.key);
            Error::usage(format!("`{}` cannot be removed: {error}", file.display()))
        })?;
    }
    Ok(found.into_iter().map(|one| one.claim.attempt.clone()).collect())
}

/// Whether an id names the attempt of a claim.
fn is_named(Open { claim, .. }: &Open, id: &str) -> bool {
    Id::of(id).names_attempt(&claim.run, &claim.job, &claim.attempt)
}

/// The claims that nothing has come of, in the places that this home knows of.
fn open(app: &App) -> Vec<Open> {
    let mut all = Vec::new();
    for place in places(app) {
        let claims = of(app, &place);
        let here = claims.all().unwrap_or_default().into_iter();
        let working = here.filter(|(_, claim)| claim.state == State::Working);
        all.extend(working.map(|(key, claim)| Open { claims: claims.clone(), key, claim }));
    }
    all.sort_by(|one, other| one.claim.attempt.cmp(&other.claim.attempt));
    all
}

/// Output directories: where this home has claimed by its log, the usual one, and where we stand.
fn places(app: &App) -> BTreeSet<PathBuf> {
    let mut places = BTreeSet::new();
    // What of the log cannot be read is told by who asked.
    let _ = app.log.read_holding(&["\"claim\":"], |entry| {
        let root = entry.claim.as_deref().and_then(|claim| claim.ancestors().nth(3));
        places.extend(root.map(Path::to_owned));
    });
    for place in [PathBuf::from("."), template_root(&format!("{}/", app.settings.output))] {
        places.extend(std::path::absolute(place).ok());
    }
    let mut seen = HashSet::new();
    places.retain(|place| {
        let real = place.canonicalize().unwrap_or_else(|_| place.clone());
        place.join(".pinx").is_dir() && seen.insert(real)
    });
    places
}
