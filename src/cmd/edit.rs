//! `pinx edit`: a picture made from others, through the very path of `generate`.

use std::path::PathBuf;

use super::{App, generate, refresh};
use crate::error::{Error, Exit, Result};
use crate::request::Role;
use crate::store::{InputStore, LeftOut, TakenInput};

/// Pictures of one command at most.
const MOST: usize = 16;

/// What `edit` takes: pictures, and what `generate` takes.
#[derive(Debug, Clone, clap::Args)]
// `generate::Args` has a group of this name already.
#[group(skip)]
#[command(
    override_usage = "pinx edit [OPTIONS] <PROMPT>... -i <FILE>",
    mut_arg("prompt", |arg| arg
        .help("Say what is to change; `@FILE` reads a file, `-` stdin, `@@` is a plain `@`")),
    mut_arg("size", |arg| arg
        .help("Ask for a size: square, portrait, landscape, hd, 2k, 4k, or pixels [default: near \
               the first picture's]")),
    after_help = "Pictures are PNG, JPEG or WebP.\nWhat a file holds beside its picture (a place, a prompt) \
                  is not sent.\nExit codes are those of `generate`."
)]
pub struct Args {
    /// Make it from this picture, repeatable; the model sees them in this order
    #[arg(
        short = 'i',
        long = "image",
        value_name = "FILE",
        required = true,
        help_heading = "Pictures in",
        value_hint = clap::ValueHint::FilePath
    )]
    pub images: Vec<PathBuf>,
    /// What `generate` takes.
    #[command(flatten)]
    pub generate: generate::Args,
}

/// Makes the image.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    generate::where_to(app)?;
    let flags = &args.generate;
    let store = InputStore::new(&app.settings.places.inputs, flags.dry_run);
    let inputs = inputs(&store, &args.images)?;
    let notices = notices(&inputs, app.settings.strict)?;
    let prompt = generate::written(app, &flags.prompt, flags.prompt_file.as_deref(), &flags.vars)?;
    let prompt = prompt.ok_or_else(|| {
        Error::usage("nothing says what is to change")
            .hint("`pinx edit \"make it night\" -i mug.png`")
    })?;
    generate::make_from(app, flags, prompt, inputs, notices)
}

/// The pictures, each looked at.
fn inputs(store: &InputStore, images: &[PathBuf]) -> Result<Vec<TakenInput>> {
    if images.len() > MOST {
        let what = format!("{} pictures are given; at most {MOST}", images.len());
        return Err(Error::usage(what).code("too_many_inputs"));
    }
    let take = |(path, number)| store.take(path, Role::Image, &format!("image {number}"));
    images.iter().map(PathBuf::as_path).zip(1..).map(take).collect()
}

/// What is to be known of the pictures as they are sent.
///
/// # Errors
/// With `--strict` nothing of what a picture shows is changed.
fn notices(inputs: &[TakenInput], strict: bool) -> Result<Vec<String>> {
    let mut notices = Vec::new();
    let numbered = || inputs.iter().zip(1..);
    for (input, number) in numbered() {
        let Some(changes) = &input.changes else { continue };
        if strict {
            return Err(Error::usage(format!("image {number} would be sent changed: {changes}"))
                .code("not_as_asked")
                .hint("without `--strict` it is, and that is told"));
        }
        notices.push(format!("image {number} is sent {changes}"));
    }
    for (left_out, what) in
        [(LeftOut::Place, "the place where it was taken"), (LeftOut::Metadata, "its metadata")]
    {
        let of_them = numbered().filter(|(input, _)| input.left_out == left_out);
        let numbers: Vec<String> = of_them.map(|(_, number)| number.to_string()).collect();
        if !numbers.is_empty() {
            let (images, are) = match numbers.len() {
                1 => ("image", "is"),
                _ => ("images", "are"),
            };
            let numbers = numbers.join(", ");
            notices.push(format!("{images} {numbers} {are} sent without {what}"));
        }
    }
    Ok(notices)
}
