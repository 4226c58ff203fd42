//! Closing what nobody can find out any more: attempts by their ids, all whose outcome stays unknown,
//! and damaged lines of the log.
//!
//! An id is the user's own word. What a word stands for is shown and agreed to first.

use std::collections::BTreeMap;
use std::fs::File;

use serde_json::json;

use super::attempt::client_of;
use super::{App, Args, Pending, Recovered, claims, damage, take};
use crate::cmd::log::find::Id;
use crate::engine::recover::RecoveryOutcome;
use crate::engine::recover::remove_stale_locks;
use crate::error::{Billed, Error, Exit, Kind, Result};
use crate::money::Money;
use crate::store::log::Finding;
use crate::store::{Entry, EntryKind, Runs};
use crate::text::{self, counted};

/// Stands for every attempt whose outcome stays unknown.
const ALL: &str = "all-unknown";
/// Stands for the damaged lines of the log.
const DAMAGED: &str = "damaged";

/// Closes what was named.
///
/// # Errors
/// An id that is none or not unique, a run that is still at work, nobody there to agree, or a journal
/// that cannot be written.
pub(super) fn run(app: &App, open: Vec<Pending>, args: &Args) -> Result<Exit> {
    let (mut all, mut lines, mut closing) = (false, Vec::new(), BTreeMap::new());
    let mut elsewhere = Vec::new();
    for id in &args.forget {
        match id.as_str() {
            ALL => all = true,
            DAMAGED => lines = damage::look(app, true)?.lines,
            id if open.iter().any(|pending| Id::of(id).names(&pending.intent)) => {
                let pending = find(&open, id)?;
                closing.insert(pending.intent.attempt.clone(), pending.clone());
            }
            id => elsewhere.push(id.to_owned()),
        }
    }
    // What another home has claimed is not in this one's log.
    let freed = claims::forget(app, &elsewhere, |id| find(&open, id).map(drop))?;
    let mut left = 0;
    if all {
        let runs = Runs(&app.settings.places.run);
        for pending in open.into_iter().filter(|pending| !runs.is_alive(&pending.intent.run)) {
            let attempt = Recovered::foreseen(app, pending);
            if attempt.outcome == RecoveryOutcome::Unknown {
                closing.insert(attempt.pending.intent.attempt.clone(), attempt.pending);
            } else {
                left += 1;
            }
        }
    }
    let mut closing: Vec<Pending> = closing.into_values().collect();
    closing.sort_by_key(|pending| pending.intent.t);
    let by_word = all || args.forget.iter().any(|id| id == DAMAGED);
    if by_word && !(closing.is_empty() && lines.is_empty()) {
        agree(app, &closing, &lines, args.yes)?;
    }
    let locks = locked(app, &closing)?;
    let settled: Vec<Entry> = closing.iter().map(|pending| settled(&pending.intent)).collect();
    app.log.record(&settled)?;
    if !lines.is_empty() {
        damage::dismiss(app, &lines, "forgotten")?;
    }
    drop(locks);
    remove_stale_locks(&app.log, &app.settings.places)?;
    claims::settle(app);
    report(app, args, &closing, &lines, &freed);
    if left > 0 {
        app.ui.note(&format!(
            "{} still open, of which more can be found out: `pinx recover`",
            counted(left, "attempt")
        ));
    }
    Ok(Exit::OK)
}

/// The open attempt that a start of an id means.
fn find<'o>(open: &'o [Pending], id: &str) -> Result<&'o Pending> {
    let hits: Vec<&Pending> =
        open.iter().filter(|pending| Id::of(id).names(&pending.intent)).collect();
    let what = match hits.as_slice() {
        [pending] => return Ok(pending),
        [] => "nothing open begins",
        _ => "several open entries begin",
    };
    let id = text::clean(id, 80);
    Err(Error::usage(format!("{what} with `{id}`")).hint("`pinx recover --list` shows them"))
}

/// Shows what a word stands for, and asks.
fn agree(app: &App, closing: &[Pending], lines: &[Finding], is_agreed: bool) -> Result<()> {
    if is_agreed {
        return Ok(());
    }
    for pending in closing {
        app.ui.note(&described(pending));
    }
    for found in lines {
        app.ui.note(&damage::name(found));
    }
    let question = format!("Close {}?", named(closing, lines));
    if !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
        let what = "nothing is closed, since nobody is there to agree";
        return Err(Error::usage(what).code("consent_needed").hint("agree with `--yes`"));
    }
    if app.ui.confirm(&question, false)? {
        return Ok(());
    }
    Err(Error::new(Kind::Interrupted, "nothing is closed"))
}

/// The locks of the runs. What is still at work may be paid for a moment later, and then has to count.
fn locked(app: &App, closing: &[Pending]) -> Result<Vec<File>> {
    let mut runs: Vec<(&str, &str)> = closing
        .iter()
        .map(|pending| (pending.intent.run.as_str(), pending.intent.attempt.as_str()))
        .collect();
    runs.dedup_by_key(|(run, _)| *run);
    let lock = |(run, attempt): (&str, &str)| match take(app, run)? {
        Some(lock) => Ok(lock),
        None => {
            let what = format!("{attempt} belongs to a run that is still at work");
            Err(Error::usage(what).code("at_work").hint(
                "let the run end, or end it with Ctrl-C; `pinx recover --list` shows what is left",
            ))
        }
    };
    runs.into_iter().map(lock).collect()
}

fn settled(intent: &Entry) -> Entry {
    let mut entry = Entry::new(EntryKind::Settled, &intent.run, &intent.job, &intent.attempt);
    entry.provider.clone_from(&intent.provider);
    entry.model.clone_from(&intent.model);
    entry.key.clone_from(&intent.key);
    entry.client.clone_from(&intent.client);
    entry.billed = Some(Billed::Unknown);
    entry.code = "forgotten".to_owned();
    entry
}

fn report(app: &App, args: &Args, closing: &[Pending], lines: &[Finding], freed: &[String]) {
    if app.ui.options().json {
        let ids: Vec<&str> =
            closing.iter().map(|pending| pending.intent.attempt.as_str()).collect();
        let mut document = json!({
            "success": true,
            "closed": ids,
            "lines": lines.len(),
            "at_stake": stake(closing).as_dollars(),
            "atStake": stake(closing).as_dollars(),
        });
        if !freed.is_empty() {
            document["freed"] = json!(freed);
        }
        app.ui.json(&document);
        return;
    }
    freed.iter().for_each(|attempt| app.ui.note(&format!("{attempt} is free")));
    if closing.is_empty() && lines.is_empty() && freed.is_empty() {
        let has = |word: &str| args.forget.iter().any(|id| id == word);
        let what = match (has(ALL), has(DAMAGED)) {
            (_, false) => "no outcome is unknown",
            (false, true) => "no line of the log is damaged",
            (true, true) => "no outcome is unknown, and no line of the log is damaged",
        };
        app.ui.note(&format!("nothing is closed: {what}"));
        return;
    }
    closing.iter().for_each(|pending| app.ui.note(&format!("{}, is closed", described(pending))));
    lines.iter().for_each(|found| app.ui.note(&format!("{} is closed", damage::name(found))));
    if closing.len() + lines.len() > 1 {
        app.ui.note(&format!("closed: {}", named(closing, lines)));
    }
}

/// `261122-7f3k9q2m.1.1 openai/gpt-image-2, maybe billed, at most $0.05`; the oldest come first.
fn described(pending: &Pending) -> String {
    let stake = match pending.at_stake() {
        Some(money) => claims::at_most(money),
        None => ", at an unknown price".to_owned(),
    };
    let Entry { attempt, model, .. } = &pending.intent;
    format!("{attempt} {model}{}, maybe billed{stake}", client_of(&pending.intent))
}

/// `3 attempts, maybe billed, at most $0.15, and 1 damaged line`.
fn named(closing: &[Pending], lines: &[Finding]) -> String {
    let mut parts = Vec::new();
    if !closing.is_empty() {
        let unknown = closing.iter().filter(|pending| pending.at_stake().is_none()).count();
        let also = if unknown > 0 { " and what has no known price" } else { "" };
        let attempts = counted(closing.len() as u64, "attempt");
        parts.push(format!("{attempts}, maybe billed, at most {}{also}", stake(closing)));
    }
    if !lines.is_empty() {
        let lines = counted(lines.len() as u64, "damaged line");
        parts.push(format!("{lines} of unknown cost"));
    }
    parts.join(", and ")
}

fn stake(closing: &[Pending]) -> Money {
    closing.iter().filter_map(Pending::at_stake).sum()
}
