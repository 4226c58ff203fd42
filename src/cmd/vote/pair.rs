//! Which of two images of the log is better. Two that were compared are judged as `pinx vote` judges them;
//! of any other two that show the same prompt the verdict stands alone in the log, and counts the same.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::App;
use super::super::compare::record::{Comparison, Round};
use super::super::compare::verdict::{NONE, TIE};
use super::super::log;
use super::Args;
use crate::error::{Error, Result};
use crate::store::log::{Verdict, VerdictKind};
use crate::store::{Entry, EntryKind};
use jiff::Timestamp;

/// Two images, by the hashes of their files, and what is said of them.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct Pair {
    /// Their hashes.
    pub(in crate::cmd) images: [String; 2],
    /// The hash of the better one, `tie` or `none`.
    pub(in crate::cmd) best: String,
}

/// What was recorded.
#[derive(Debug)]
pub(in crate::cmd) enum Judged {
    /// The verdict on two images alone, and the one whose place it takes.
    Alone(Box<Value>),
    /// They were compared: that comparison is voted on.
    Compared(Args),
}

/// Records what is said of two images, or says which vote records it.
///
/// # Errors
/// The log does not know them, they show different prompts, or it cannot be written.
pub(in crate::cmd) fn judge(app: &App, pair: &Pair) -> Result<Judged> {
    let jobs = jobs(app, &pair.images)?;
    let best = pair.images.iter().position(|image| *image == pair.best);
    let judgement = match (best, pair.best.as_str()) {
        (Some(_), _) => VerdictKind::Best,
        (None, TIE) => VerdictKind::Tie,
        (None, NONE) => VerdictKind::None,
        _ => {
            return Err(wrong("`best` is neither of the two images")
                .hint(format!("give the hash of one of them, `{TIE}` or `{NONE}`")));
        }
    };
    if let Some(args) = compared(app, &jobs, best, judgement)? {
        return Ok(Judged::Compared(args));
    }
    let [one, other] = &jobs;
    if one.prompt.trim() != other.prompt.trim() {
        return Err(Error::usage("these two images show different prompts")
            .code("different_prompts")
            .hint("choose two of the same prompt: only these say which model is better at it"));
    }
    let run = pair_id(&jobs);
    let verdict = verdict(&jobs, best, judgement);
    let before = earlier(app, &run)?;
    let entry = Entry {
        prompt: one.prompt.clone(),
        style: one.style.clone().filter(|_| one.style == other.style),
        verdict: Some(Box::new(verdict.clone())),
        ..Entry::of_run(EntryKind::Verdict, &run)
    };
    app.log.record(&[entry])?;
    let document = json!({ "success": true, "run": run, "verdict": verdict, "replaced": before });
    Ok(Judged::Alone(Box::new(document)))
}

fn wrong(what: &str) -> Error {
    Error::usage(what).code("invalid_request")
}

/// The newest jobs that made these images.
fn jobs(app: &App, images: &[String; 2]) -> Result<[Entry; 2]> {
    if images[0] == images[1] {
        return Err(wrong("these are the same image").hint("choose two"));
    }
    let mut found = [None, None];
    for (image, found) in images.iter().zip(&mut found) {
        *found = log::find::maker(app, image)?;
    }
    match found {
        [Some(one), Some(other)] => Ok([one, other]),
        _ => Err(Error::usage("the log knows no such image")
            .code("unknown_id")
            .hint("name images by their SHA-256, as `GET /api/log` lists them")),
    }
}

/// The vote on the comparison that both are the only images of.
fn compared(
    app: &App,
    jobs: &[Entry; 2],
    best: Option<usize>,
    judgement: VerdictKind,
) -> Result<Option<Args>> {
    let [one, other] = jobs;
    if one.run != other.run || !log::find::compares(app, &one.run)? {
        return Ok(None);
    }
    let comparison = Comparison::of(app, &one.run, Timestamp::MIN)?;
    let seat = |round: &Round, job: &str| {
        round.seats.iter().position(|seat| seat.jobs.iter().any(|own| own.id == job))
    };
    let round = comparison.rounds.iter().find_map(|round| {
        let seats = [seat(round, &one.job)?, seat(round, &other.job)?];
        (seats[0] != seats[1] && round.judged().count() == 2).then_some((round, seats))
    });
    Ok(round.map(|(round, seats)| {
        let named = |at: usize| {
            let seat = &round.seats[seats[at]];
            if round.contest.blind { seat.label.clone() } else { seat.name.clone() }
        };
        let word = match judgement {
            VerdictKind::Tie => TIE.to_owned(),
            _ => best.map_or(NONE.to_owned(), named),
        };
        Args {
            run: Some(one.run.clone()),
            which: Some(word),
            prompt: Some(round.contest.number.to_string()),
        }
    }))
}

fn verdict(jobs: &[Entry; 2], best: Option<usize>, judgement: VerdictKind) -> Verdict {
    let mut among: Vec<String> = jobs.iter().map(|job| job.model.clone()).collect();
    among.dedup();
    let winner = best.map(|at| &jobs[at]);
    // Of one model, what tells its images apart is the style, else no more than which of them it is.
    let own = |job: &Entry| job.style.clone().unwrap_or_else(|| job.job.clone());
    let judged = jobs.iter().filter(|job| winner.is_none_or(|winner| winner.job == job.job));
    Verdict {
        contest: 1,
        judgement,
        best: winner.map(|job| job.model.clone()),
        entrant: winner.filter(|_| among.len() == 1).map(own),
        jobs: judged.map(|job| job.job.clone()).collect(),
        among,
    }
}

/// What the log knows two images by: the same whatever their order, so that a newer verdict takes the
/// older one's place.
fn pair_id(jobs: &[Entry; 2]) -> String {
    let mut ids: Vec<&str> = jobs.iter().map(|job| job.job.as_str()).collect();
    ids.sort_unstable();
    let newest = jobs.iter().map(|job| job.run.as_str()).max().unwrap_or_default();
    let day = newest.split_once('-').map_or("000000", |(day, _)| day);
    let digest = Sha256::digest(ids.join("\n"));
    let letters = digest
        .iter()
        .take(8)
        .map(|byte| char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from(byte % 32)]));
    format!("{day}-{}", letters.collect::<String>())
}

/// What was said of them before.
fn earlier(app: &App, run: &str) -> Result<Option<Verdict>> {
    let mut found = None;
    log::read(app, |entry| {
        if entry.e == EntryKind::Verdict && entry.run == run {
            found = entry.verdict.map(|verdict| *verdict);
        }
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, model: &str, style: Option<&str>) -> Entry {
        let run = id.split_once('.').unwrap().0;
        let mut entry = Entry::new(EntryKind::Done, run, id, &format!("{id}.1"));
        entry.model = model.to_owned();
        entry.style = style.map(str::to_owned);
        entry
    }

    #[test]
    fn a_pair_is_known_in_either_order() {
        let (one, other) = (job("261130-aa.1", "p/a", None), job("261129-bb.2", "p/b", None));
        let id = pair_id(&[one.clone(), other.clone()]);
        assert_eq!(id, pair_id(&[other, one]));
        assert!(id.starts_with("261130-") && id.len() == 15, "{id}");
    }

    #[test]
    fn between_models_the_model_wins_and_within_one_its_style() {
        let models = [job("r.1", "p/a", None), job("s.1", "p/b", Some("noir"))];
        let found = verdict(&models, Some(1), VerdictKind::Best);
        assert_eq!((found.text(), found.jobs.as_slice()), ("p/b", &["s.1".to_owned()][..]));
        let styles = [job("r.1", "p/a", Some("flat")), job("s.1", "p/a", Some("noir"))];
        let found = verdict(&styles, Some(0), VerdictKind::Best);
        assert_eq!((found.text(), found.among.len()), ("flat", 1));
        let tie = verdict(&styles, None, VerdictKind::Tie);
        assert_eq!((tie.best, tie.jobs.len()), (None, 2));
    }
}
