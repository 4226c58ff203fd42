//! The log: whether it can be read, and whether anything is open that was or may have been paid
//! for.

use std::path::Path;

use super::{App, Check};
use crate::money::Money;
use crate::store::Runs;
use crate::store::log::{Pending, Period, Projection, Survey};
use crate::text::counted;
use crate::text::size;
use crate::ui::Mark;

/// So many damaged lines are shown one by one.
const SHOWN: usize = 5;

/// What the journal and the directories beside it hold.
pub(super) fn journal(app: &App) -> Vec<Check> {
    let places = &app.settings.places;
    let mut checks = Vec::new();
    let directory = app.log.directory().display();
    let survey = app.log.survey().map_err(|error| error.to_string());
    let survey = survey.and_then(|survey| match survey.unreadable() {
        Some(why) => Err(why.to_owned()),
        None => Ok(survey),
    });
    match survey {
        Err(why) => {
            let check =
                Check::new(Mark::Fail, "entries", format!("{directory} cannot be read: {why}"));
            return vec![check.remedy(format!("`ls -l {directory}` tells whose it is"))];
        }
        Ok(survey) if survey.is_empty => checks.push(Check::ok("entries", "none yet")),
        Ok(survey) => {
            let (entries, bytes) = (survey.entries, app.log.bytes());
            let text = format!("{entries} in {directory}, {}", size(bytes));
            let check = Check::ok("entries", text).data("entries", entries).data("bytes", bytes);
            checks.push(check);
            checks.extend(damage(&survey));
        }
    }
    let runs = Runs(&places.run);
    let (state, is_whole) = match app.log.readable_state() {
        Ok((state, is_whole)) => (Some(state), is_whole),
        Err(_) => (None, false),
    };
    let open = state.iter().flat_map(|state| state.state().open());
    let (at_work, open): (Vec<_>, Vec<_>) =
        open.partition(|pending| runs.is_alive(&pending.intent.run));
    if !at_work.is_empty() {
        let text =
            format!("{} of runs that are still at work", counted(at_work.len() as u64, "attempt"));
        checks.push(Check::ok("at work", text));
    }
    checks.push(match open.as_slice() {
        [] => Check::ok("open", "nothing: all that was paid for is saved, or has failed"),
        open => Check::warn(
            "open",
            format!("{} not finished, {}", counted(open.len() as u64, "attempt"), stake(open)),
        )
        .remedy("`pinx recover` collects what can be had; `pinx recover --list` shows it")
        .data("attempts", open.len()),
    });
    if let Some(state) = state.as_ref().filter(|_| is_whole) {
        checks.extend([Period::Day, Period::Month].map(|period| money(app, state, period)));
    }
    checks.extend(kept(&places.kept, open.is_empty() && at_work.is_empty()));
    checks
}

/// Lines that are not what was written, files that cannot be read, and lines of newer versions.
fn damage(survey: &Survey) -> Vec<Check> {
    let mut checks = Vec::new();
    for found in survey.findings.iter().take(SHOWN) {
        let place = format!("{} line {} is damaged", found.path.display(), found.line);
        checks.push(if found.is_accounted_for {
            let text = format!("{place}; other lines tell what it was about");
            Check::note("damage", text).remedy("`pinx recover` puts it in order")
        } else {
            let text = format!("{place}, and may be the only trace of something paid for");
            let remedy = "look at it; `pinx recover --forget damaged` closes it";
            Check::warn("damage", text).remedy(remedy)
        });
    }
    if let Some(more) = survey.findings.len().checked_sub(SHOWN + 1) {
        let text = format!("{} more", counted(more as u64 + 1, "damaged line"));
        checks.push(Check::warn("damage", text).remedy("`pinx recover --list` shows all"));
    }
    for (path, why) in &survey.unread {
        let text = format!("{} cannot be read: {why}", path.display());
        checks.push(Check::warn("unread", text).remedy("make it readable, or move it away"));
    }
    for (version, lines) in &survey.newer {
        let text = format!("{} of version {version}", counted(*lines, "line"));
        let check = Check::note("newer", text).data("lines", *lines);
        checks.push(check.remedy("a newer pinx wrote them; they are read as far as known here"));
    }
    checks
}

/// What a day or a month has cost, what of it nobody knows for certain, and what it may cost.
fn money(app: &App, projection: &Projection, period: Period) -> Check {
    let day = projection.state().taken(period, crate::clock::now(), projection.zone());
    let doubt = day.reserved + day.uncertain;
    let spent = if day.spent == Money::ZERO { "nothing".to_owned() } else { day.spent.to_string() };
    let mut text = format!("{spent} spent");
    if day.uncertain > Money::ZERO {
        text += &format!(", {} maybe billed", day.uncertain);
    }
    if day.reserved > Money::ZERO {
        text += &format!(", {} still open", day.reserved);
    }
    let limit =
        app.spending_limits().limits().find(|(known, _)| *known == period).map(|(_, limit)| limit);
    let setting = period.setting();
    let check = match limit {
        None => Check::ok(period.to_string(), format!("{text}; no limit (`{setting}` sets one)")),
        Some(limit) if day.taken() >= limit => {
            let text = format!("{text}: the limit of {limit} is reached, nothing paid is sent");
            let check = Check::warn(period.to_string(), text);
            let check = check.remedy(format!("`pinx config set {setting} AMOUNT` raises it"));
            if day.reserved > Money::ZERO {
                check.remedy("`pinx recover` settles what is still open")
            } else {
                check
            }
        }
        Some(limit) => Check::ok(period.to_string(), format!("{text} of {limit} (`{setting}`)")),
    };
    check.data("spent", day.spent.as_dollars()).data("uncertain", doubt.as_dollars())
}

/// What open attempts may have cost.
fn stake(open: &[&Pending]) -> String {
    let known: Money = open.iter().filter_map(|pending| pending.at_stake()).sum();
    let unknown = open.iter().filter(|pending| pending.at_stake().is_none()).count();
    match (unknown, known) {
        (0, known) => format!("which may have cost up to {known}"),
        (_, Money::ZERO) => "at unknown cost".to_owned(),
        (_, known) => format!("which may have cost {known} and {unknown} unknown amounts"),
    }
}

/// Raw answers and images that were paid for but have no name yet.
fn kept(place: &Path, is_done: bool) -> Option<Check> {
    let files = std::fs::read_dir(place).ok()?.filter_map(|entry| entry.ok()?.metadata().ok());
    let sizes: Vec<u64> = files.filter(|meta| meta.is_file()).map(|meta| meta.len()).collect();
    if sizes.is_empty() {
        return None;
    }
    let bytes: u64 = sizes.iter().sum();
    let files = counted(sizes.len() as u64, "file");
    let text =
        format!("{files} in {}, {}: answers that could not be saved", place.display(), size(bytes));
    let check = Check::note("kept", text).data("files", sizes.len()).data("bytes", bytes);
    Some(check.remedy(if is_done {
        format!("nothing open needs them; look at them and delete them: `ls {}`", place.display())
    } else {
        "`pinx recover` saves what is an image".to_owned()
    }))
}
