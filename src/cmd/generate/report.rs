//! What `generate` says at the end: paths, the JSON document or the image itself, then the talk.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Args;
use crate::catalog::{Adjustment, Estimate};
use crate::cmd::App;
use crate::cmd::viewer::view;
use crate::engine::Job;
use crate::engine::consent::Consent;
use crate::engine::report::{ImageReport, JobReport, JobStatus};
use crate::engine::{Document, Plan};
use crate::error::{Error, Exit, Kind, Result};
use crate::store::{self, Fields, Output, Replace, candidate};
use crate::ui::{Columns, Ui};
use crate::{fs, settings, ui};

/// That the run itself asks whether it may, and why.
pub(in crate::cmd) fn asks(estimate: &Estimate) -> String {
    let why = match estimate.reserve {
        Some(_) => "this is above `confirm_above`",
        None => "its price is unknown",
    };
    format!("the run itself asks first: {why} (`--yes` agrees)")
}

/// Prints the plan. Nothing is done and nothing is spent; what it would cost is in its jobs.
pub(in crate::cmd) fn dry_run(
    app: &App,
    force: bool,
    run: &str,
    plan: &Plan,
    consent: Result<Consent>,
) -> Exit {
    let to_stdout = Output::parse(&app.settings.output, |_| false) == Output::Stdout;
    let paths = paths(plan, force);
    let mut planned = plan.planned();
    for (report, path) in planned.iter_mut().zip(&paths) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        report.path = Some(path.display().to_string()).filter(|_| !to_stdout);
    }
    let mut document = Document::of_jobs(Some(run.to_owned()), planned, 0);
    document.totals.done = 0;
    document.totals.at_most = plan.estimate.reserve;
    let is_asked = matches!(consent, Ok(Consent::Ask));
    let refusal = consent.err();
    document.error = refusal.as_ref().map(Into::into);
    if app.ui.options().json {
        app.ui.json(&document);
    } else {
        let row = |(job, path): (&Job, &PathBuf)| {
            let path = if to_stdout { "-".to_owned() } else { job.shown(path) };
            let route = &job.routes[0];
            let size = route.order.request.size.map(|size| size.to_string()).unwrap_or_default();
            let cost = match plan.cached.contains(&job.index) {
                true => ui::FROM_CACHE.to_owned(),
                false => route.estimate.text(),
            };
            [path, route.model_id(), size, cost]
        };
        let rows: Vec<[String; 4]> = plan.jobs.iter().zip(&paths).map(row).collect();
        let mut columns = Columns::default();
        rows.iter().for_each(|row| columns.measure(row));
        for row in &rows {
            match app.ui.stdout_is_terminal() {
                true => app.ui.columns(&columns, row),
                false => app.ui.line(&row.join("\t")),
            }
        }
        let jobs = plan.jobs.len();
        let images = if jobs == 1 { "image" } else { "images" };
        app.ui.note(&format!("{jobs} {images} · {} · nothing was sent", plan.estimate.in_words()));
    }
    if is_asked {
        app.ui.note(&asks(&plan.estimate));
    }
    if let Some(error) = refusal {
        app.ui.error(&error);
        return error.exit();
    }
    Exit::OK
}

/// Gives each job the first name that is free now and that no earlier one has, so that numbers
/// follow the order of the jobs also beside files that are there. Where files are replaced, each has
/// its own name already.
pub(in crate::cmd) fn number(plan: &mut Plan) {
    let mut taken = HashSet::new();
    for job in &mut plan.jobs {
        if !job.target.suffix_ok || !matches!(job.replace, Replace::Nothing) {
            continue;
        }
        let mut is_free = |at: &usize| {
            let path = candidate(&job.target, *at);
            path.symlink_metadata().is_err() && taken.insert(path)
        };
        job.offset =
            (job.offset..).find(|at| is_free(at)).expect("there are more numbers than files");
    }
}

/// The paths that the images would get now: each the first that is free, or with `--force` its own.
fn paths(plan: &Plan, force: bool) -> Vec<PathBuf> {
    let mut taken = HashSet::new();
    let mut is_free =
        |path: &Path| path.symlink_metadata().is_err() && taken.insert(path.to_owned());
    let path = |job: &Job| {
        let mut candidates = (job.offset..).map(|index| candidate(&job.target, index));
        let free = if job.target.suffix_ok && !force {
            candidates.find(|path| is_free(path))
        } else {
            candidates.next()
        };
        free.expect("there are more suffixes than files")
    };
    plan.jobs.iter().map(path).collect()
}

/// Prints what came of it and answers with the exit code.
pub(super) fn report(app: &App, args: &Args, output: &Output, document: &Document) -> Exit {
    let ui = &app.ui;
    let images = || document.jobs.iter().flat_map(|job| &job.images);
    let mut exit = document.exit();
    if ui.options().json {
        ui.json(document);
        if ui.flush().is_err() {
            images().for_each(|image| ui.tell_saved(&image.shown));
        }
    } else if *output == Output::Stdout {
        let further = images().skip(1);
        for image in images().take(1) {
            let path = Path::new(&image.path);
            let written = std::fs::read(path).and_then(|bytes| ui.bytes(&bytes));
            match written {
                Ok(()) => drop(fs::remove(path)),
                Err(error) => {
                    ui.insist(&format!(
                        "the image could not be written to stdout ({error}); it is kept in {}",
                        path.display()
                    ));
                    if error.kind() != std::io::ErrorKind::BrokenPipe {
                        exit = Exit::LOCAL;
                    }
                }
            }
        }
        further.for_each(|image| beside(ui, &document.jobs[0].prompt, image));
    } else {
        images().for_each(|image| ui.saved(&image.shown));
        if images().next().is_some() {
            ui.tell_of_redirection();
        }
    }
    for line in adjusted(document) {
        ui.note(&line);
    }
    let mut told: Vec<(&str, &str)> = Vec::new();
    let has_cause = document.jobs.iter().any(|job| job.error.is_some() && !is_unbegun(job));
    for job in document.jobs.iter().filter(|job| !(has_cause && is_unbegun(job))) {
        if let Some(failure) = &job.error
            && !told.contains(&(failure.code.as_str(), failure.message.as_str()))
        {
            told.push((&failure.code, &failure.message));
            ui.error(&as_error(job));
        }
    }
    if *output != Output::Stdout {
        show(app, args, document);
    }
    ui.note(&ui::closing(document));
    if let Some(overrun) = &document.overrun {
        ui.warn(&overrun.text());
    }
    exit
}

/// A further image of an answer, of which stdout has the first: into the current directory by its
/// default name.
fn beside(ui: &Ui, prompt: &str, image: &ImageReport) {
    let path = Path::new(&image.path);
    let ext = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let fields = Fields { prompt, ext, ..Fields::default() };
    let named = store::plan(&Output::default(), &fields, 1).ok().and_then(|target| {
        fs::publish_first(path, (0..).map(|index| candidate(&target, index))).ok().flatten()
    });
    let place = named.as_deref().unwrap_or(path).display();
    ui.insist(&format!("the answer held a further image: it is saved as `{place}`"));
}

fn is_unbegun(job: &JobReport) -> bool {
    job.status == JobStatus::Unbegun
}

/// What turned out different from what was asked, each line once: `… (3 images)`. What was known
/// before has been told before.
fn adjusted(document: &Document) -> Vec<String> {
    let is_late = |told: &&Adjustment| {
        told.why.starts_with("the image") || told.why.starts_with("the provider")
    };
    let mut lines: Vec<(String, usize)> = Vec::new();
    for told in document.jobs.iter().flat_map(|job| &job.adjustments).filter(is_late) {
        let line = told.message();
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => lines.push((line, 1)),
        }
    }
    let counted = |(line, count)| match count {
        1 => line,
        count => format!("{line} ({count} images)"),
    };
    lines.into_iter().map(counted).collect()
}

fn as_error(job: &JobReport) -> Error {
    let failure = job.error.clone().unwrap_or_else(|| unreachable!("only failed jobs are told"));
    let kind = match job.status {
        JobStatus::Interrupted => Kind::Interrupted,
        _ => Kind::Internal,
    };
    let error = Error::new(kind, failure.message).code(failure.code);
    Error { hints: failure.hints, ..error.answered(failure.answered) }
}

fn show(app: &App, args: &Args, document: &Document) {
    let images: Vec<_> = document.jobs.iter().flat_map(|job| &job.images).collect();
    // Unasked, one picture is shown; many would push their names off the screen.
    let wanted = match app.settings.preview {
        settings::Preview::On => true,
        settings::Preview::Auto => images.len() == 1,
        settings::Preview::Off => false,
    };
    let mut opens = args.open;
    for image in images {
        if wanted {
            app.ui.preview(image.path.as_ref());
        }
        if opens && let Some(reason) = view(&app.env, image.path.as_ref()).reason() {
            // Where one cannot be opened, no other can.
            opens = false;
            app.ui.warn(&format!("`{}` is not opened: {reason}", image.shown));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_is_not_above_anything() {
        assert!(asks(&Estimate::UNKNOWN).contains("its price is unknown (`--yes` agrees)"));
        assert!(asks(&Estimate::FREE).contains("this is above `confirm_above`"));
    }
}
