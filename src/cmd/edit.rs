//! `pinx edit`: a picture made from others, through the very path of `generate`.

use super::{App, generate, refresh};
use crate::error::{Error, Exit};

/// What `edit` takes: what `generate` takes, and at least one picture.
#[derive(Debug, Clone, clap::Args)]
// `generate::Args` has a group of this name already.
#[group(skip)]
#[command(
    override_usage = "pinx edit [OPTIONS] <PROMPT>... -i <FILE>",
    mut_arg("images", |arg| arg.required(true)),
    mut_arg("prompt", |arg| arg
        .help("Say what is to change; `@FILE` reads a file, `-` stdin, `@@` is a plain `@`")),
    mut_arg("size", |arg| arg
        .help("Ask for a size: square, portrait, landscape, hd, 2k, 4k, or pixels [default: near \
               the first picture's]")),
    after_help = "Pictures are PNG, JPEG or WebP.\nWhat a file holds beside its picture (a place, a prompt) \
                  is not sent.\nfal reads pictures behind links that are public for 24 hours.\nExit codes are those of `generate`."
)]
pub struct Args {
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
    flags.pictures.leave_prompt(&flags.prompt, flags.prompt_file.as_deref())?;
    let prompt = generate::written(app, &flags.prompt, flags.prompt_file.as_deref(), &flags.vars)?;
    let prompt = prompt.ok_or_else(|| {
        Error::usage("nothing says what is to change")
            .hint("`pinx edit \"make it night\" -i mug.png`")
    })?;
    generate::make(app, flags, prompt, None)
}
