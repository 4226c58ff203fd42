//! What is judged: the best of the models of a round, or that they are equal, or that none is good.

use super::App;
use super::record::{Comparison, Round};
use crate::error::{Error, Result};
use crate::store::journal::{Caps, Judgement, Verdict};
use crate::store::{Entry, Journal, What};
use crate::text;

/// All are equally good.
pub(in crate::cmd) const TIE: &str = "tie";

/// None is any good.
pub(in crate::cmd) const NONE: &str = "none";

/// A choice among the models of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cmd) enum Choice {
    /// The seat of the best, counted from zero.
    Best(usize),
    /// All are equally good.
    Tie,
    /// None is any good.
    None,
}

/// What a word says: a model as it is named, its alias or bare name, the letter of a blind one,
/// `tie` or `none`.
///
/// # Errors
/// It is in no seat, or what is in the seat cannot be judged; with what could be meant.
pub(in crate::cmd) fn choice(app: &App, round: &Round, word: &str) -> Result<Choice> {
    let word = word.trim();
    let is_letter = |label: &str| round.contest.blind && label.eq_ignore_ascii_case(word);
    let meant = app.settings.catalog.model(word, &|_| true).ok().map(|model| model.full_id());
    let seat = round.seats.iter().position(|seat| {
        let bare = seat.model.split_once('/').map_or("", |(_, bare)| bare);
        is_letter(&seat.label)
            || seat.model == word
            || bare == word
            || meant.as_ref() == Some(&seat.model)
    });
    let lower = word.to_lowercase();
    let choice = match seat {
        Some(at) => Choice::Best(at),
        None if [TIE, "draw", "equal"].contains(&lower.as_str()) => Choice::Tie,
        None if lower == NONE => Choice::None,
        None => return Err(unknown(round, word)),
    };
    if let Choice::Best(at) = choice
        && !round.judged().any(|seat| seat.label == round.seats[at].label)
    {
        let name = round.shown_name(&round.seats[at]);
        return Err(Error::usage(format!("`{name}` has no image to be judged"))
            .code("no_image")
            .hint(among(round)));
    }
    if choice != Choice::None && round.judged().nth(1).is_none() {
        return Err(Error::usage("there are no two images to choose from")
            .code("nothing_to_judge")
            .hint(format!("`{NONE}` ends it without a winner")));
    }
    Ok(choice)
}

fn unknown(round: &Round, word: &str) -> Error {
    let names: Vec<&str> = round.seats.iter().map(|seat| round.shown_name(seat)).collect();
    let bare = names.iter().map(|name| name.split_once('/').map_or(*name, |(_, bare)| bare));
    let near = text::nearest(word, names.iter().copied().chain(bare).chain([TIE, NONE]));
    let shown = text::clean(word, 80);
    let error = Error::usage(format!("`{shown}` is not in this comparison")).code("not_compared");
    let error = match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    };
    error.hint(among(round))
}

fn among(round: &Round) -> String {
    let names: Vec<String> =
        round.judged().map(|seat| format!("`{}`", round.shown_name(seat))).collect();
    format!("choose from {}, `{TIE}` and `{NONE}`", names.join(", "))
}

/// Writes a verdict into the log, where it takes the place of an older one, which is the answer.
///
/// # Errors
/// The log cannot be written.
pub(in crate::cmd) fn record(
    app: &App,
    comparison: &mut Comparison,
    at: usize,
    choice: Choice,
) -> Result<Option<Verdict>> {
    let run = comparison.run.clone();
    let round = &mut comparison.rounds[at];
    let best = match choice {
        Choice::Best(seat) => Some(&round.seats[seat]),
        Choice::Tie | Choice::None => None,
    };
    let jobs = round.judged().filter(|seat| best.is_none_or(|best| best.label == seat.label));
    let verdict = Verdict {
        contest: round.contest.number,
        judgement: match choice {
            Choice::Best(_) => Judgement::Best,
            Choice::Tie => Judgement::Tie,
            Choice::None => Judgement::None,
        },
        best: best.map(|seat| seat.model.clone()),
        among: round.judged().map(|seat| seat.model.clone()).collect(),
        jobs: jobs.flat_map(|seat| seat.shown.iter().map(|job| job.id.clone())).collect(),
    };
    let entry = Entry {
        prompt: round.prompt.clone(),
        style: round.style.clone(),
        tags: round.tags.clone(),
        verdict: Some(Box::new(verdict.clone())),
        ..Entry::of_run(What::Verdict, &run)
    };
    let journal = Journal::open(&app.settings.places.log, Caps::default())?;
    journal.append(&entry);
    journal.finish()?;
    Ok(round.verdict.replace(verdict))
}

/// What the verdict says of a job, for tags and tables.
pub(in crate::cmd) fn marks(round: &Round, job: &str) -> Vec<String> {
    let of_job = round.verdict.as_ref().filter(|verdict| verdict.jobs.iter().any(|id| id == job));
    let of_job = of_job.filter(|verdict| verdict.judgement != Judgement::None);
    of_job.and_then(|verdict| verdict.judgement.word()).map(str::to_owned).into_iter().collect()
}
