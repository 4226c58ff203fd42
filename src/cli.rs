//! The command line: flags, subcommands, dispatch, and the one place where an error becomes an
//! exit code. No logic.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::{CompleteEnv, Shell};

use crate::cmd::{self, App, completions};
use crate::engine::Document;
use crate::error::{Error, Exit, Kind};
use crate::pool;
use crate::process;
use crate::secret::redact;
use crate::settings;
use crate::text;
use crate::ui::{self, Ui};

pub use crate::cmd::help::{TOPICS, Topic};

/// Make images from text, with any provider or with none.
#[derive(Debug, Parser)]
#[command(
    name = "pinx",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "`pinx \"a red fox\"` is short for `pinx generate \"a red fox\"`;\n\
                  `pinx help COMMAND` explains a command, `pinx help TOPIC` the rest:\n\
                  batch-files templates json settings choosing money recover gateways\n\
                  scripts comparing recipes numbers.\n\
                  Exit codes: 0 done, 1 failed, 2 usage, 3 key or account, 4 partly done,\n\
                  5 refused, 6 budget, 7 disk, 75 outcome open (run `pinx recover`),\n\
                  130 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What goes for every command.
    #[command(flatten)]
    pub global: Global,
}

/// Flags of every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Print one JSON document on stdout
    #[arg(long)]
    pub json: bool,
    /// Print nothing on stderr but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Tell more
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Draw no bars
    #[arg(long)]
    pub no_progress: bool,
    /// Colour the text [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub color: Option<String>,
    /// Read this settings file instead of the user's
    #[arg(long, value_name = "FILE")]
    pub config: Option<std::path::PathBuf>,
}

/// The arguments of a command. They are described only when it is this command that is asked for:
/// all of them together take longer than everything else that a start takes.
#[derive(Debug)]
pub struct Own<T>(Box<T>);

impl<T> std::ops::Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Describes them, and behind them those of every command, which may stand before it or after it.
/// What was said about the command itself stays.
fn describe<T: clap::Args>(command: clap::Command) -> clap::Command {
    let (about, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    let everywhere = <Global as clap::Args>::augment_args(clap::Command::default());
    let everywhere = everywhere.get_arguments().map(|argument| argument.clone().global(true));
    let command = T::augment_args(command).args(everywhere);
    command.about(Resettable::from(about)).long_about(Resettable::from(long))
}

impl<T: clap::Args> clap::Args for Own<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(describe::<T>)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        T::augment_args_for_update(command)
    }
}

impl<T: clap::Args> clap::FromArgMatches for Own<T> {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(|args| Own(Box::new(args)))
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// What a command prints as its JSON document where it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FailureDocument {
    /// The document of a run without jobs.
    Run,
    /// The error alone.
    Plain,
}

/// The commands, each once: what help says of it, its name, the module of the same name with its
/// `Args` and its `run`, and its document where it fails.
macro_rules! commands {
    ($($(#[$meta:meta])* $name:ident $module:ident $document:ident,)*) => {
        /// What pinx does.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$meta])* $name(Own<cmd::$module::Args>),)*
        }

        impl Command {
            fn run(self, app: &mut App) -> anyhow::Result<Exit> {
                match self {
                    $(Command::$name(args) => cmd::$module::run(app, &args),)*
                }
            }

            fn failure_document(&self) -> FailureDocument {
                match self {
                    $(Command::$name(_) => FailureDocument::$document,)*
                }
            }
        }

        /// The same by name, where the arguments cannot be read.
        const FAILURE_DOCUMENTS: &[(&str, FailureDocument)] =
            &[$((stringify!($module), FailureDocument::$document)),*];
    };
}

commands! {
    /// Make images from a prompt
    #[command(visible_aliases = ["gen", "g"])]
    Generate generate Run,
    /// Make images from prompt files, resumable
    Batch batch Run,
    /// Make one prompt with several models, side by side
    Compare compare Run,
    /// Say which model of a comparison is best
    Vote vote Plain,
    /// Tell what images are and how they were made
    Info info Plain,
    /// Make images again, with changes if wanted
    Redo redo Run,
    /// Show images, or the page of a comparison, in the system's viewer
    Open open Plain,
    /// Finish what was interrupted: collect paid jobs, save kept bytes
    #[command(visible_alias = "resume")]
    Recover recover Plain,
    /// List models with price, time and sizes
    Models models Plain,
    /// List providers, their keys and addresses
    Providers providers Plain,
    /// Store, list, remove or test API keys
    Keys keys Plain,
    /// Show or change settings
    Config config Plain,
    /// List styles and palettes
    Styles styles Plain,
    /// List what was made
    Log log Plain,
    /// Tell what was spent, on what, how fast and how well it went; rank models by verdicts
    Stats stats Plain,
    /// Check keys, providers, disk, log and terminal; spends nothing
    Doctor doctor Plain,
    /// List or empty the cache of pictures made before
    Cache cache Plain,
    /// Print shell completions
    Completions completions Plain,
    /// Print the manual page
    Man man Plain,
    /// Explain a command or a topic
    Help help Plain,
}

/// The command line as a script for this shell is made from it.
pub fn scripted(shell: Shell) -> clap::Command {
    // These offer flags only behind a dash.
    let has_bare_form = matches!(shell, Shell::Zsh | Shell::Fish);
    completions::taught_for_script(Cli::command(), has_bare_form)
}

/// Runs the program on its arguments, the first being its own name, where there is enough stack.
pub fn run(argv: Vec<OsString>) -> Exit {
    process::with_stack(|| start(argv))
}

/// Answers a shell that asks what can be typed next; none where this is no such question. A tab key
/// finds nothing rather than failing.
fn complete(argv: &[OsString]) -> Option<Exit> {
    let taught = || completions::taught(Cli::command(), argv);
    let cwd = settings::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(taught).try_complete(argv, cwd.as_deref());
    match asked {
        Ok(is_question) => is_question.then_some(Exit::OK),
        Err(_) if argv.iter().any(|word| word == "--") => Some(Exit::OK),
        Err(error) => {
            let _ = error.print();
            Some(Exit::USAGE)
        }
    }
}

fn start(argv: Vec<OsString>) -> Exit {
    if let Some(exit) = complete(&argv) {
        return exit;
    }
    let argv = shorthand(argv);
    let cli = match Cli::try_parse_from(&argv) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, &argv),
    };
    let ui = Ui::new(ui_options(&cli));
    let document = cli.command.failure_document();
    let outcome = dispatch(cli, ui);
    let (ui, exit) = match outcome {
        (ui, Ok(exit)) => (ui, exit),
        (ui, Err(error)) => {
            let error = typed(error);
            if ui.options().json {
                document.print(&ui, &error);
            }
            ui.error(&error);
            (ui, error.exit())
        }
    };
    match ui.flush() {
        Err(error) if exit == Exit::OK => {
            ui.error(&error);
            error.exit()
        }
        _ => exit,
    }
}

fn dispatch(cli: Cli, ui: Ui) -> (Ui, anyhow::Result<Exit>) {
    let flags = match &cli.command {
        Command::Generate(args) => args.settings(),
        Command::Batch(args) => args.settings(),
        Command::Redo(args) => args.settings(),
        Command::Compare(args) => args.settings(),
        Command::Recover(args) => args.settings(),
        _ => Vec::new(),
    };
    let mut app = match App::new(ui, cli.global.config.as_deref(), &flags, cli.command.repairs()) {
        Ok(app) => app,
        Err(failed) => {
            let (ui, error) = *failed;
            return (ui, Err(error.into()));
        }
    };
    // `doctor` tells all of it itself.
    if !matches!(cli.command, Command::Doctor(_)) {
        app.warn_of_settings();
    }
    let outcome = cli.command.run(&mut app);
    // The process ends: the system takes it back at once, piece by piece it takes time.
    if !pool::is_inline() {
        std::mem::forget(app.settings);
    }
    (app.ui, outcome)
}

impl FailureDocument {
    fn print(self, ui: &Ui, error: &Error) {
        match self {
            FailureDocument::Run => ui.json(&Document::of_error(None, error)),
            FailureDocument::Plain => ui.json(&cmd::failure_document(error)),
        }
    }
}

impl Command {
    /// Whether it must work although the settings are broken: it repairs or needs none of them.
    fn repairs(&self) -> bool {
        match self {
            Command::Config(args) => args.repairs(),
            Command::Completions(_) | Command::Man(_) | Command::Help(_) | Command::Doctor(_) => {
                true
            }
            _ => false,
        }
    }
}

/// The place of the first argument that is neither a flag nor the value of one that goes for every
/// command.
fn first_word(argv: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        match argv.get(at)?.to_str() {
            Some("--") => return argv.get(at + 1).map(|_| at + 1),
            Some("--color" | "--config") => at += 2,
            Some(flag) if flag.len() > 1 && flag.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
}

/// `pinx "a red fox"` means `pinx generate "a red fox"`, also behind flags of every command: the
/// first argument holds white space. `pinx help models` means `pinx models --help`; what is no
/// command is a topic.
fn shorthand(mut argv: Vec<OsString>) -> Vec<OsString> {
    let Some(at) = first_word(&argv) else { return argv };
    let word = argv[at].to_str().unwrap_or_default();
    if word.trim().contains(char::is_whitespace) {
        argv.insert(1, "generate".into());
    } else if word == "help" && argv[at - 1] != "--" && !names_a_topic(&argv[at + 1..]) {
        argv.remove(at);
        argv.push("--help".into());
    }
    argv
}

/// Whether what follows `help` is a topic, or nothing that is known.
fn names_a_topic(words: &[OsString]) -> bool {
    let Some(word) = words.first().map(|word| word.to_string_lossy()) else { return false };
    let is_flag = word.starts_with('-');
    cmd::help::is_topic(&word) || !is_flag && Cli::command().find_subcommand(&*word).is_none()
}

/// A first word that is no command: it may be one with a slip, or a prompt of one word, which is
/// never sent unasked.
fn not_a_command(argv: &[OsString]) -> Option<Error> {
    let at = first_word(argv)?;
    let word = argv[at].to_string_lossy();
    let command = Cli::command();
    if command.find_subcommand(word.as_ref()).is_some() {
        return None;
    }
    let names = command.get_subcommands().map(clap::Command::get_name);
    let near = text::nearest(&word, names);
    let mut words = argv[at..].iter().map(|arg| arg.to_string_lossy());
    let is_plain = |c: char| c.is_alphanumeric() || "-_.,/".contains(c);
    let prompt = if words.clone().all(|arg| !arg.starts_with('-') && arg.chars().all(is_plain)) {
        words.collect::<Vec<_>>().join(" ")
    } else {
        format!("\"{}\"", words.next().unwrap_or_default().replace(['"', '`', '$', '\\'], ""))
    };
    let error = Error::usage(format!("there is no command `{}`", text::clean(&word, 80)))
        .code("unknown_command");
    let error = match near {
        Some(near) => error.hint(format!("did you mean `pinx {near}`?")),
        None => error,
    };
    Some(error.hint(format!("`pinx generate {}` makes a picture of it", text::clean(&prompt, 200))))
}

/// Whether `--json` was given, even beside arguments that cannot be read.
fn wants_json(argv: &[OsString]) -> bool {
    argv.iter().skip(1).take_while(|arg| *arg != "--").any(|arg| arg == "--json")
}

/// What other programs take as an image is not an unknown flag, it is something pinx cannot do yet.
fn takes_no_image(error: &clap::Error) -> Option<Error> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_image = ["-i", "--image", "--mask"].contains(&flag.as_str());
    is_image.then(|| {
        Error::usage(format!("`{flag}`: pinx takes no images yet"))
            .code("unsupported")
            .hint("describe the picture in words; `pinx generate --help` lists the flags")
    })
}

/// Argument errors: clap's own words, or the JSON document.
fn explain(error: &clap::Error, argv: &[OsString]) -> Exit {
    if !error.use_stderr() {
        return if error.print().is_ok() { Exit::OK } else { Exit::FAILED };
    }
    let ours = match error.kind() {
        ErrorKind::InvalidSubcommand => not_a_command(argv),
        ErrorKind::UnknownArgument => takes_no_image(error),
        _ => None,
    };
    if let Some(error) = ours {
        let ui = Ui::new(ui::Options { json: wants_json(argv), ..ui::Options::default() });
        if ui.options().json {
            ui.json(&Document::of_error(None, &error));
        }
        ui.error(&error);
        return Exit::USAGE;
    }
    if wants_json(argv) {
        let text = error.render().to_string();
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let first = lines.collect::<Vec<_>>().join(" ");
        let first = redact(first.trim_start_matches("error: "), []);
        let ui = Ui::new(ui::Options { json: true, ..ui::Options::default() });
        let error = Error::usage(first).hint("`pinx --help` lists the flags");
        document_of(argv).print(&ui, &error);
    }
    let text = error.render().to_string();
    let shown = redact(&text, []);
    if shown == text {
        let _ = error.print();
    } else {
        // A key on the command line is in enough places.
        Ui::new(ui::Options::default()).note(shown.trim_end());
    }
    Exit::USAGE
}

/// The document of the command that is asked for; of a run where none is.
fn document_of(argv: &[OsString]) -> FailureDocument {
    let word = first_word(argv).map(|at| argv[at].to_string_lossy()).unwrap_or_default();
    let command = Cli::command();
    let name = command.find_subcommand(word.as_ref()).map_or("", clap::Command::get_name);
    let row = FAILURE_DOCUMENTS.iter().find(|(known, _)| *known == name);
    row.map_or(FailureDocument::Run, |(_, document)| *document)
}

fn ui_options(cli: &Cli) -> ui::Options {
    let preview = match &cli.command {
        Command::Generate(args) => args.preview(),
        Command::Redo(args) => args.generate.preview(),
        Command::Compare(args) if args.judge => ui::Preview::Auto,
        Command::Open(_) => ui::Preview::Auto,
        _ => ui::Preview::Off,
    };
    ui::Options {
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        json: cli.global.json,
        progress: !cli.global.no_progress,
        color: match cli.global.color.as_deref() {
            Some("always") => ui::Color::Always,
            Some("never") => ui::Color::Never,
            _ => ui::Color::Auto,
        },
        preview,
    }
}

/// The typed error inside, or one made of the chain's words.
fn typed(error: anyhow::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(other) => Error::new(Kind::Internal, format!("{other:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cli, CommandFactory, OsString, not_a_command, shorthand};

    fn argv(words: &[&str]) -> Vec<OsString> {
        ["pinx"].iter().chain(words).map(OsString::from).collect()
    }

    #[test]
    fn a_prompt_needs_no_command_and_help_is_a_flag() {
        for (given, meant) in [
            (&["a fox"][..], &["generate", "a fox"][..]),
            (&["--json", "a fox", "-n2"], &["generate", "--json", "a fox", "-n2"]),
            (&["--color", "never", "a fox"], &["generate", "--color", "never", "a fox"]),
            (&["-q", "--", "a fox"], &["generate", "-q", "--", "a fox"]),
            (&["--config", "my file.toml", "log"], &["--config", "my file.toml", "log"]),
            (&["--json", "models", "a fox"], &["--json", "models", "a fox"]),
            (&["fox"], &["fox"]),
            (&["- a list"], &["- a list"]),
            (&["help"], &["--help"]),
            (&["help", "keys", "set"], &["keys", "set", "--help"]),
            (&["help", "money"], &["help", "money"]),
            (&["help", "recover"], &["help", "recover"]),
            (&["help", "nothing-known"], &["help", "nothing-known"]),
            (&["generate", "help"], &["generate", "help"]),
            (&[], &[]),
        ] {
            assert_eq!(shorthand(argv(given)), argv(meant), "{given:?}");
        }
    }

    #[test]
    fn the_flags_with_values_are_those_that_first_word_knows() {
        let valued: Vec<String> = Cli::command()
            .get_arguments()
            .filter(|arg| arg.get_action().takes_values())
            .filter_map(|arg| arg.get_long().map(str::to_owned))
            .collect();
        assert_eq!(valued, ["color", "config"]);
    }

    #[test]
    fn a_word_that_is_no_command_is_told_with_a_remedy() {
        let hints = |words: &[&str]| not_a_command(&argv(words)).map(|error| error.hints);
        let fox = "`pinx generate foxx` makes a picture of it".to_owned();
        assert_eq!(hints(&["foxx"]), Some(vec![fox]));
        let models = hints(&["-q", "modles"]).unwrap();
        assert_eq!(models[0], "did you mean `pinx models`?");
        let big = "`pinx generate big fox` makes a picture of it".to_owned();
        assert_eq!(hints(&["big", "fox"]), Some(vec![big]));
        let odd = "`pinx generate \"fox$;\"` makes a picture of it".replace('$', "");
        assert_eq!(hints(&["fox$;", "-n", "2"]), Some(vec![odd]));
        assert_eq!(hints(&["keys", "foo"]), None);
    }
}
