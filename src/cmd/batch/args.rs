//! What `batch` takes.

use std::path::PathBuf;
use std::str::FromStr;

use crate::batch::Layout;
use crate::cmd::generate::Common;

/// What `batch` takes.
#[derive(Debug, clap::Args)]
#[command(mut_arg("output", |arg| arg.help(
    "Save into this directory (`out/`), or by a template of names (`out/{number}-{slug}.{ext}`) \
     [default: .]"
)))]
pub struct Args {
    /// Read jobs from these files (.txt .jsonl .csv .tsv .yaml .json .toml), or JSONL from stdin (`-`)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Make again what was refused or rejected before
    #[arg(long, help_heading = "Which jobs")]
    pub retry_failed: bool,
    /// Make again what was made before and whose file is gone
    #[arg(long, help_heading = "Which jobs")]
    pub redo_missing: bool,
    /// Take what is there under a job's name for its image, whatever it is
    #[arg(long, conflicts_with = "force", help_heading = "Which jobs")]
    pub adopt: bool,
    /// See only to this job: its name in the file, or its number; repeatable
    #[arg(long, value_name = "ID", help_heading = "Which jobs")]
    pub only: Vec<String>,
    /// Make so many images at most that are still to do
    #[arg(long, value_name = "N", help_heading = "Which jobs")]
    pub limit: Option<usize>,
    /// Claim each job in the output directory before it is paid for, so that other machines with a
    /// home of their own leave it alone; always so with `--shard`
    #[arg(long, help_heading = "Which jobs")]
    pub claim: bool,
    /// See only to the i-th of n equal parts, such as 1/3
    #[arg(long, value_name = "I/N", help_heading = "Which jobs")]
    pub shard: Option<Shard>,
    /// Begin nothing more after the first failure
    #[arg(long, help_heading = "Which jobs")]
    pub fail_fast: bool,
    /// With `--dry-run`: draw every picture with pinx/sketch, for nothing, under its own name
    #[arg(long, requires = "dry_run", help_heading = "Money")]
    pub sketch: bool,
    /// Print one JSON document a job on stdout, as each ends
    #[arg(long, conflicts_with = "json", help_heading = "Input and output")]
    pub jsonl: bool,
    /// Write a page of all images and failures of the batch, also of earlier runs (HTML)
    #[arg(long, value_name = "FILE", help_heading = "Input and output")]
    pub gallery: Option<PathBuf>,
    /// How files of other programs are read.
    #[command(flatten)]
    pub layout: LayoutArgs,
    /// What every command takes that makes images.
    #[command(flatten)]
    pub common: Common,
}

/// How files of other programs are read.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LayoutArgs {
    /// Take the prompts from this column or key; `meta.caption` is one inside another
    #[arg(long, value_name = "NAME", help_heading = "Files of other programs")]
    pub prompt_column: Option<String>,
    /// Put the prompt together from columns or keys: `{subject}, {place}`
    #[arg(long, value_name = "TEXT", help_heading = "Files of other programs")]
    pub prompt_template: Option<String>,
    /// Leave out columns and keys that pinx does not know
    #[arg(long, help_heading = "Files of other programs")]
    pub ignore_unknown: bool,
}

impl LayoutArgs {
    /// The same for the reader.
    pub(in crate::cmd) fn layout(&self) -> Layout {
        Layout {
            prompt_column: self.prompt_column.clone(),
            prompt_template: self.prompt_template.clone(),
            ignores_unknown: self.ignore_unknown,
        }
    }
}

/// One of so many equal parts of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from one.
    part: usize,
    of: usize,
}

impl Shard {
    /// Whether an item, counted from zero, is in this part.
    pub(super) fn takes(self, index: usize) -> bool {
        index % self.of == self.part - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is not a part, such as `1/3`");
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<usize>().ok();
        match (number(part), number(of)) {
            (Some(part), Some(of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
            _ => Err(wrong()),
        }
    }
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        self.common.settings()
    }
}
