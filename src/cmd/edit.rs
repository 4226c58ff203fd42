//! `pinx edit`: a picture made from others, through the very path of `generate`.

use std::path::PathBuf;

use super::{App, generate, refresh};
use crate::catalog::SentInput;
use crate::error::{Error, Exit, Result};
use crate::request::Role;
use crate::store::input_at;

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
    after_help = "Pictures are PNG, JPEG or WebP. One that holds more than its picture (a place, a prompt) is \
                  refused,\nfor all of its file would be sent. Exit codes are those of `generate`."
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
    let inputs = inputs(&args.images)?;
    let flags = &args.generate;
    let prompt = generate::written(app, &flags.prompt, flags.prompt_file.as_deref(), &flags.vars)?;
    let prompt = prompt.ok_or_else(|| {
        Error::usage("nothing says what is to change")
            .hint("`pinx edit \"make it night\" -i mug.png`")
    })?;
    generate::make_from(app, flags, prompt, inputs)
}

/// The pictures, each looked at.
fn inputs(images: &[PathBuf]) -> Result<Vec<SentInput>> {
    if images.len() > MOST {
        let what = format!("{} pictures are given; at most {MOST}", images.len());
        return Err(Error::usage(what).code("too_many_inputs"));
    }
    let look = |(path, number)| input_at(path, Role::Image, &format!("image {number}"));
    images.iter().map(PathBuf::as_path).zip(1..).map(look).collect()
}
