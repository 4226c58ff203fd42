//! `--judge`: asks which is best, prompt by prompt, once the images are made.

use super::record::{Comparison, Round};
use super::verdict::{Choice, NONE, TIE, choice, record};
use super::{App, pages, report};
use crate::error::{Kind, Result};
use crate::settings::Preview;
use crate::text;
use crate::ui::{Column, Table, Typing};

/// Asks about each of these prompts that has at least two images; answers whether the user left before
/// the end.
///
/// # Errors
/// The terminal or the log fails.
pub(in crate::cmd) fn judge(
    app: &App,
    comparison: &mut Comparison,
    wanted: &[usize],
) -> Result<bool> {
    let (mut judged, mut left) = (0, false);
    let rounds = comparison.rounds.len();
    for &at in wanted {
        let round = &comparison.rounds[at];
        if round.judged().nth(1).is_none() {
            continue;
        }
        match ask(app, round, rounds) {
            Ok(choice) => drop(record(app, comparison, at, choice)?),
            Err(error) if error.kind == Kind::Interrupted => {
                left = true;
                break;
            }
            Err(error) => return Err(error),
        }
        judged += 1;
    }
    if judged > 0 {
        let held = Comparison::lock(app, &comparison.run)?;
        comparison.reread(app)?;
        pages::draw(app, comparison, false)?;
        drop(held);
        report::talk(app, comparison);
        let told = comparison.rounds.iter().enumerate().filter(|(at, round)| {
            round.contest.blind && (wanted.contains(at) || !round.can_be_judged())
        });
        told.map(|(_, round)| round)
            .filter(|round| !round.is_hidden())
            .for_each(|round| report::reveal(app, round));
    }
    if left {
        let run = &comparison.run;
        app.ui.note(&format!("not judged to the end; `pinx vote {run}` goes on"));
    } else if judged == 0 {
        app.ui.note("there are no two images to choose from");
    }
    Ok(left)
}

/// What is asked.
const QUESTION: &str = "Which is best? (arrows or a name, then Enter)";

/// Shows the images of a round and asks.
fn ask(app: &App, round: &Round, rounds: usize) -> Result<Choice> {
    if rounds > 1 {
        let prompt = text::clean(&round.prompt, 200);
        app.ui.note(&format!("\n{} of {rounds}: {prompt}", round.contest.number));
    }
    let mut rows = Table::new(vec![Column::new(""), Column::new("file").priority(1)]);
    let mut names: Vec<String> = Vec::new();
    let mut shown = Vec::new();
    for seat in round.judged() {
        let name = round.shown_name(seat).to_owned();
        let images: Vec<_> = seat.jobs.iter().filter_map(|shown| shown.image()).collect();
        shown.extend(images.iter().map(|image| (name.clone(), image.path.to_path_buf())));
        let files: Vec<String> = images.iter().map(|image| pages::shown(&image.path)).collect();
        rows.row(vec![name.clone(), files.join(", ")]);
        names.push(name);
    }
    for (word, meaning) in [(TIE, "all are equally good"), (NONE, "none is any good")] {
        rows.row(vec![word.to_owned(), meaning.to_owned()]);
        names.push(word.to_owned());
    }
    if app.settings.preview != Preview::Off {
        app.ui.beside(&shown);
    }
    let place = app.ui.pick(QUESTION, &names, &rows, 0, Typing::Seen)?;
    choice(app, round, &names[place])
}
