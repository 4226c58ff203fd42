//! What is judged: the best of the models of a round, or that they are equal, or that none is good.

use super::App;
use super::record::{Comparison, Round, Seat};
use crate::error::{Error, Result};
use crate::store::log::{Verdict, VerdictKind};
use crate::store::{Entry, EntryKind};
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

/// Other words for [`TIE`], where no model is called so.
const TIES: [&str; 2] = ["draw", "equal"];

/// What a word says: the letter of a blind one, `tie` or `none`, then an entrant's name, or a model's
/// id, alias or bare name. While the models are hidden their names say nothing, right or wrong.
///
/// # Errors
/// It is in no seat or in several, or what is in the seat cannot be judged; with what could be meant.
pub(in crate::cmd) fn choice(app: &App, round: &Round, word: &str) -> Result<Choice> {
    let word = word.trim();
    let lower = word.to_lowercase();
    let is_letter = |seat: &Seat| round.contest.blind && seat.label.eq_ignore_ascii_case(word);
    let choice = match round.seats.iter().position(is_letter) {
        Some(at) => Choice::Best(at),
        None if lower == TIE => Choice::Tie,
        None if lower == NONE => Choice::None,
        None => match named(app, round, word).as_slice() {
            [at] => Choice::Best(*at),
            [] if TIES.contains(&lower.as_str()) => Choice::Tie,
            [] => return Err(unknown(round, word)),
            several => return Err(ambiguous(round, word, several)),
        },
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

/// The seats that a model's name may mean: one by its id, else all by alias or bare name.
fn named(app: &App, round: &Round, word: &str) -> Vec<usize> {
    if round.is_hidden() {
        return Vec::new();
    }
    if let Some(at) = round.seats.iter().position(|seat| seat.name == word) {
        return vec![at];
    }
    let same = |seat: &Seat| seat.name.eq_ignore_ascii_case(word);
    if let Some(at) = round.seats.iter().position(same) {
        return vec![at];
    }
    let catalog = &app.settings.catalog;
    let means = |name: &str, seat: &Seat| {
        catalog.model(name, &|_| true).is_ok_and(|model| model.full_id() == seat.model)
    };
    let is_meant = |seat: &Seat| {
        let (provider, bare) = seat.model.split_once('/').unwrap_or_default();
        bare == word || means(word, seat) || means(&format!("{provider}/{word}"), seat)
    };
    let seats = round.seats.iter().enumerate();
    seats.filter(|(_, seat)| is_meant(seat)).map(|(at, _)| at).collect()
}

fn ambiguous(round: &Round, word: &str, seats: &[usize]) -> Error {
    let models: Vec<String> =
        seats.iter().map(|at| format!("`{}`", round.seats[*at].name)).collect();
    let shown = text::clean(word, 80);
    Error::usage(format!("`{shown}` could be {}", models.join(" or ")))
        .code("ambiguous_model")
        .hint(if round.is_varied() { "write the whole name" } else { "write it with its provider" })
}

fn unknown(round: &Round, word: &str) -> Error {
    if round.is_hidden() {
        let shown = text::clean(word, 80);
        return Error::usage(format!("`{shown}` is no letter of this blind comparison"))
            .code("not_compared")
            .hint(among(round));
    }
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

/// What can be chosen, for a hint.
pub(in crate::cmd) fn among(round: &Round) -> String {
    let names: Vec<String> =
        round.judged().map(|seat| format!("`{}`", round.shown_name(seat))).collect();
    match names.len() {
        0 | 1 => format!("`{NONE}` ends it without a winner"),
        _ => format!("choose from {}, `{TIE}` and `{NONE}`", names.join(", ")),
    }
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
    let mut among: Vec<String> = Vec::new();
    for seat in round.judged() {
        if !among.contains(&seat.model) {
            among.push(seat.model.clone());
        }
    }
    let jobs = round.judged().filter(|seat| best.is_none_or(|best| best.label == seat.label));
    let verdict = Verdict {
        contest: round.contest.number,
        judgement: match choice {
            Choice::Best(_) => VerdictKind::Best,
            Choice::Tie => VerdictKind::Tie,
            Choice::None => VerdictKind::None,
        },
        best: best.map(|seat| seat.model.clone()),
        entrant: best.filter(|seat| seat.name != seat.model).map(|seat| seat.name.clone()),
        among,
        jobs: jobs.flat_map(|seat| seat.jobs.iter().map(|job| job.id.clone())).collect(),
    };
    let entry = Entry {
        prompt: round.prompt.clone(),
        style: round.style.clone(),
        tags: round.tags.clone(),
        verdict: Some(Box::new(verdict.clone())),
        ..Entry::of_run(EntryKind::Verdict, &run)
    };
    app.log.record(&[entry])?;
    let before = round.verdict.replace(verdict);
    comparison.settle();
    Ok(before)
}

/// What the verdict says of a job, for tags and tables.
pub(in crate::cmd) fn marks(round: &Round, job: &str) -> Vec<String> {
    let of_job = round.verdict.as_ref().filter(|verdict| verdict.jobs.iter().any(|id| id == job));
    let of_job = of_job.filter(|verdict| verdict.judgement != VerdictKind::None);
    of_job.and_then(|verdict| verdict.judgement.word()).map(str::to_owned).into_iter().collect()
}
