//! The flags of `generate`, and which of them are settings.

use std::path::PathBuf;

use super::super::inputs::Pictures;
use super::picture::Picture;
use crate::ui;

/// What `generate` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Describe the picture; `@FILE` reads a file, `-` stdin, `@@` is a plain `@`; without one pinx asks
    #[arg(value_name = "PROMPT")]
    pub prompt: Vec<String>,
    /// What every command takes that makes images.
    #[command(flatten)]
    pub common: Common,
    /// Read the prompt from a file
    #[arg(long, value_name = "FILE", conflicts_with = "prompt", help_heading = "Input and output")]
    pub prompt_file: Option<PathBuf>,
    /// Show the picture in the terminal: auto, on or off [default: auto]
    #[arg(long, value_name = "WHEN", help_heading = "Input and output")]
    pub preview: Option<String>,
    /// Show it growing in the terminal, so many times (0 to 3); each costs about $0.003 [default: 0]
    #[arg(
        long,
        value_name = "N",
        help_heading = "Input and output",
        allow_negative_numbers = true
    )]
    pub partials: Option<String>,
    /// Open the picture in the viewer
    #[arg(long, help_heading = "Input and output")]
    pub open: bool,
}

/// What every command takes that makes images. Long names are the settings' names.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Common {
    /// Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or
    /// to stdout (`-`) [default: .]
    #[arg(short, long, value_name = "WHERE")]
    pub output: Option<String>,
    /// Make so many images [default: 1]
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true)]
    pub count: Option<String>,
    /// What can be asked of the picture.
    #[command(flatten)]
    pub picture: Picture,
    /// What it is made from.
    #[command(flatten)]
    pub pictures: Pictures,
    /// Let `auto` choose the cheap, fast or best one
    #[arg(long, value_name = "HOW", help_heading = "Choosing")]
    pub prefer: Option<String>,
    /// Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]
    #[arg(long, value_name = "HOW", help_heading = "Choosing")]
    pub balance: Option<String>,
    /// Fall back to these models [default: the same model elsewhere]
    #[arg(long, value_name = "MODELS", help_heading = "Choosing")]
    pub fallback: Option<String>,
    /// Fall back to nothing; `auto` still passes over a model the key lacks
    #[arg(long, conflicts_with = "fallback", help_heading = "Choosing")]
    pub no_fallback: bool,
    /// Refuse to adjust what the model cannot do exactly
    #[arg(long, help_heading = "Choosing")]
    pub strict: bool,
    /// Pass a field to the provider as it is (JSON or text), repeatable
    #[arg(short = 'P', long = "param", value_name = "KEY=VALUE", help_heading = "Choosing")]
    pub params: Vec<String>,
    /// Send to this address instead of the provider's own
    #[arg(long, value_name = "URL", help_heading = "Choosing")]
    pub base_url: Option<String>,
    /// Refuse to spend more than so many dollars in this run
    #[arg(long, value_name = "USD", help_heading = "Money", allow_negative_numbers = true)]
    pub max_cost: Option<String>,
    /// Send requests of unknown price although there is a limit
    #[arg(long, help_heading = "Money")]
    pub allow_unknown_cost: bool,
    /// Agree to the estimate without being asked
    #[arg(short, long, help_heading = "Money")]
    pub yes: bool,
    /// Use the same picture again if it was made before [default: only with `--seed`]
    #[arg(long, conflicts_with = "no_cache", help_heading = "Money")]
    pub cache: bool,
    /// Make it anew even if it was made before, and keep no copy
    #[arg(long, help_heading = "Money")]
    pub no_cache: bool,
    /// Show the plan and its price, send nothing
    #[arg(long, help_heading = "Money")]
    pub dry_run: bool,
    /// Fill `{KEY}` in the prompt, repeatable
    #[arg(long = "var", value_name = "KEY=VALUE", help_heading = "Input and output")]
    pub vars: Vec<String>,
    /// Replace existing files
    #[arg(long, help_heading = "Input and output")]
    pub force: bool,
    /// Leave the recipe out of the image
    #[arg(long, help_heading = "Input and output")]
    pub no_metadata: bool,
    /// Run so many jobs at once [default: 4]
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        help_heading = "Patience",
        allow_negative_numbers = true
    )]
    pub concurrency: Option<String>,
    /// Give up on a request after this long [default: 5m, 10m for slow work]
    #[arg(long, value_name = "TIME", help_heading = "Patience", allow_negative_numbers = true)]
    pub timeout: Option<String>,
    /// Start no new attempt after this long [default: 15m]
    #[arg(long, value_name = "TIME", help_heading = "Patience", allow_negative_numbers = true)]
    pub deadline: Option<String>,
    /// Repeat a request that cost nothing so often [default: 2]
    #[arg(long, value_name = "N", help_heading = "Patience", allow_negative_numbers = true)]
    pub retries: Option<String>,
    /// Repeat a request of unknown outcome so often; each may be billed again [default: 0]
    #[arg(long, value_name = "N", help_heading = "Patience", allow_negative_numbers = true)]
    pub retry_ambiguous: Option<String>,
    /// Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`
    #[arg(long, help_heading = "Patience")]
    pub cancel_on_interrupt: bool,
}

impl std::ops::Deref for Args {
    type Target = Common;
    fn deref(&self) -> &Common {
        &self.common
    }
}

impl std::ops::DerefMut for Args {
    fn deref_mut(&mut self) -> &mut Common {
        &mut self.common
    }
}

impl Common {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let texts = [
            ("model", &self.model),
            ("output", &self.output),
            ("count", &self.count),
            ("prefer", &self.prefer),
            ("balance", &self.balance),
            ("fallback", &self.fallback),
            ("max_cost", &self.max_cost),
            ("concurrency", &self.concurrency),
            ("timeout", &self.timeout),
            ("deadline", &self.deadline),
            ("retries", &self.retries),
            ("retry_ambiguous", &self.retry_ambiguous),
        ];
        let switches = [
            ("strict", self.strict),
            ("allow_unknown_cost", self.allow_unknown_cost),
            ("cancel_on_interrupt", self.cancel_on_interrupt),
        ];
        let mut flags: Vec<(String, toml::Value)> = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), toml::Value::String(text.clone()?))))
            .collect();
        flags.extend(self.picture.settings());
        let on = switches.into_iter().filter(|(_, on)| *on);
        flags.extend(on.map(|(name, _)| (name.to_owned(), toml::Value::Boolean(true))));
        if self.no_fallback {
            flags.push(("fallback".to_owned(), toml::Value::Array(Vec::new())));
        }
        if self.no_metadata {
            flags.push(("metadata".to_owned(), toml::Value::String("never".to_owned())));
        }
        for (given, mode) in [(self.cache, "always"), (self.no_cache, "never")] {
            if given {
                flags.push(("cache.mode".to_owned(), toml::Value::String(mode.to_owned())));
            }
        }
        flags
    }
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let mut flags = self.common.settings();
        for (name, text) in [("preview", &self.preview), ("partials", &self.partials)] {
            let text = text.clone().map(toml::Value::String);
            flags.extend(text.map(|text| (name.to_owned(), text)));
        }
        flags
    }

    /// The preview that the flag asks for; the setting is not read yet when the terminal is set up.
    pub(crate) fn preview(&self) -> ui::Preview {
        match self.preview.as_deref() {
            Some("on") => ui::Preview::On,
            Some("off") => ui::Preview::Off,
            _ => ui::Preview::Auto,
        }
    }
}
