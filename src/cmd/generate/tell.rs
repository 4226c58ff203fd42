//! What `generate` says at the end: paths, the JSON document or the image itself, then the talk.

use std::path::Path;

use super::Args;
use crate::cmd::App;
use crate::engine::consent::Consent;
use crate::engine::report::{JobReport, JobStatus};
use crate::engine::{Document, Plan};
use crate::error::{Error, Exit, Kind, Result};
use crate::store::Output;
use crate::{fs, settings, ui};

pub(super) fn dry_run(app: &App, run: &str, plan: &Plan, consent: Result<Consent>) -> Exit {
    let mut document = Document::of_jobs(Some(run.to_owned()), plan.planned(), 0);
    document.totals.cost = plan.estimate.expected;
    let refusal = consent.err();
    document.error = refusal.as_ref().map(Into::into);
    if app.ui.options().json {
        app.ui.json(&document);
    } else {
        for job in &plan.jobs {
            let route = &job.routes[0];
            let size = route.order.size.map(|size| size.to_string()).unwrap_or_default();
            let path = job.shown(&crate::store::candidate(&job.wish, job.offset));
            let cost = route.estimate.text();
            app.ui.line(&format!("{path}\t{}\t{size}\t{cost}", route.model_id()));
        }
        let jobs = plan.jobs.len();
        let images = if jobs == 1 { "image" } else { "images" };
        app.ui.note(&format!("{jobs} {images} · {} · nothing was sent", plan.estimate.text()));
    }
    if let Some(error) = refusal {
        app.ui.error(&error);
        return error.exit();
    }
    Exit::OK
}

/// Prints what came of it and answers with the exit code.
pub(super) fn tell(app: &App, args: &Args, output: &Output, document: &Document) -> Exit {
    let ui = &app.ui;
    let images = || document.jobs.iter().flat_map(|job| &job.images);
    let mut exit = document.exit();
    if ui.options().json {
        ui.json(document);
    } else if *output == Output::Stdout {
        for image in images() {
            let path = Path::new(&image.path);
            let written = std::fs::read(path).and_then(|bytes| ui.bytes(&bytes));
            match written {
                Ok(()) => drop(fs::remove(path)),
                Err(error) => {
                    ui.warn(&format!(
                        "the image could not be written to stdout ({error}); it is kept in {}",
                        path.display()
                    ));
                    if error.kind() != std::io::ErrorKind::BrokenPipe {
                        exit = Exit::LOCAL;
                    }
                }
            }
        }
    } else {
        images().for_each(|image| ui.line(&image.shown));
    }
    let mut told: Vec<(&str, &str)> = Vec::new();
    for job in &document.jobs {
        for adjustment in job
            .adjustments
            .iter()
            .filter(|a| a.why.starts_with("the image") || a.why.starts_with("the provider"))
        {
            ui.note(&format!(
                "{} {} → {}: {}",
                adjustment.field, adjustment.asked, adjustment.got, adjustment.why
            ));
        }
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
    exit
}

fn as_error(job: &JobReport) -> Error {
    let failure = job.error.clone().unwrap_or_else(|| unreachable!("only failed jobs are told"));
    let kind = match job.status {
        JobStatus::Interrupted => Kind::Interrupted,
        _ => Kind::Internal,
    };
    let mut error = Error::new(kind, failure.message).code(failure.code);
    error.hints = failure
        .hint
        .into_iter()
        .flat_map(|hint| hint.split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    error
}

fn show(app: &App, args: &Args, document: &Document) {
    for image in document.jobs.iter().flat_map(|job| &job.images) {
        if app.settings.preview != settings::Preview::Off
            && let Ok(bytes) = std::fs::read(&image.path)
        {
            app.ui.preview(&bytes);
        }
        if args.open
            && let Err(error) = open::that_detached(&image.path)
        {
            app.ui.warn(&format!("no viewer could be started: {error}"));
        }
    }
}
