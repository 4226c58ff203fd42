//! The command line: flags, subcommands, dispatch, and the one place where an error becomes an
//! exit code. No logic.

mod alone;
mod argv;
mod edit_line;
mod foreign;
mod help;
mod misplaced;
mod mistakes;
mod parser;
mod reference;
mod values;

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::env::{Bash, Elvish, Fish, Powershell, Shells};
use clap_complete::{CompleteEnv, Shell};

pub use crate::cmd::help::{TOPICS, Topic};
use crate::cmd::{self, App, completions};
use crate::engine::Document;
use crate::error::{Error, Exit};
use crate::pool;
use crate::process;
use crate::settings;
use crate::ui::{self, Ui};
pub use help::examples;

/// Make images from text, with any provider or with none
///
/// With a key set its provider's model paints the prompt; without one the built-in renderer draws it,
/// offline and for nothing. What images cost is known before anything is paid, and every billed image
/// reaches the disk, exactly once.
#[derive(Debug, Parser)]
#[command(
    name = "pinx",
    version,
    override_usage = "pinx [OPTIONS] PROMPT... | COMMAND",
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "`pinx \"a red fox\"` is short for `pinx generate \"a red fox\"`;\n\
                  `pinx help COMMAND` explains a command, `pinx help TOPIC` the rest:\n\
                  batch-files templates json settings choosing money recover gateways\n\
                  pictures scripts agents comparing recipes numbers.\n\
                  Exit codes: 0 done, 1 failed, 2 usage, 3 key or account, 4 partly done,\n\
                  5 refused, 6 budget, 7 disk, 75 outcome open (run `pinx recover`),\n\
                  130 interrupted."
)]
pub struct Cli {
    /// What to do; nothing tells how to begin.
    #[command(subcommand)]
    pub command: Option<Command>,
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
    /// Make an image from others, and from words that say what is to change
    Edit edit Run,
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
    /// Tell agents how to use pinx: print the skill, or put it where they read it
    Skill skill Plain,
    /// Serve a page and APIs for programs at 127.0.0.1:7878
    Serve serve Plain,
    /// Let agents make images, over the Model Context Protocol on stdin and stdout
    Mcp mcp Plain,
    /// Print shell completions
    Completions completions Plain,
    /// Print the manual page
    Man man Plain,
    /// Explain a command or a topic
    Help help Plain,
}

/// The command line as a script for this shell is made from it.
pub fn scripted(shell: Shell) -> clap::Command {
    completions::taught_for_script(Cli::command(), shell)
}

/// The script for this shell, as it is committed.
pub fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut scripted(shell), "pinx", &mut bytes);
    let script = String::from_utf8_lossy(&bytes);
    match shell {
        Shell::Zsh => completions::beginning(&script),
        _ => script.into_owned(),
    }
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
    let shells = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &completions::Zsh]);
    let asked = CompleteEnv::with_factory(taught).shells(shells);
    let asked = asked.try_complete(argv, cwd.as_deref());
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
    // A topic is told by the command itself; as JSON a command of the same name is told with it.
    let is_told_here = |words: &[String]| match words {
        [word] if cmd::help::is_topic(word) => {
            wants_json(&argv) && described(&[word.as_str()]).is_some()
        }
        _ => true,
    };
    if let Some(words) = help::wanted(&argv, &Cli::command)
        && is_told_here(&words)
    {
        return show_help(&words, help::Length::Whole, &argv);
    }
    let as_typed = argv.clone();
    let argv = match argv::arranged(argv, &Cli::command, &described) {
        Ok(argv) => argv,
        Err(misread) => return refuse(&misread_error(&misread, &as_typed), &as_typed),
    };
    let cli = match Cli::try_parse_from(&argv) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, &argv),
    };
    if let Some(error) = misplaced(&cli, &as_typed) {
        return refuse(&error, &argv);
    }
    let ui = Ui::new(ui_options(&cli));
    let as_words = match &cli.command {
        Some(Command::Generate(args)) => {
            let model = args.model.as_deref().unwrap_or_default();
            Some((args.prompt.clone(), model.to_owned())).filter(|_| !model.is_empty())
        }
        _ => None,
    };
    let document = cli.command.as_ref().map_or(FailureDocument::Run, Command::failure_document);
    let outcome = dispatch(cli, ui);
    let (ui, exit) = match outcome {
        (ui, Ok(exit)) => (ui, exit),
        (ui, Err(error)) => {
            let mut error = cmd::typed(error);
            if let Some((words, model)) = as_words.filter(|_| error.code == "unknown_model") {
                error.hints.extend(misplaced::as_words(&as_typed, &words, &model));
            }
            if ui.options().json {
                document.print(&ui, &error);
            }
            ui.error(&error);
            (ui, error.exit())
        }
    };
    ended(&ui, exit)
}

/// The exit code, once it is sure that everything got to stdout.
fn ended(ui: &Ui, exit: Exit) -> Exit {
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
        Some(Command::Generate(args)) => args.settings(),
        Some(Command::Edit(args)) => args.generate.settings(),
        Some(Command::Batch(args)) => args.settings(),
        Some(Command::Redo(args)) => args.settings(),
        Some(Command::Compare(args)) => args.settings(),
        Some(Command::Recover(args)) => args.settings(),
        Some(Command::Serve(args)) => args.settings(),
        _ => Vec::new(),
    };
    let repairs = cli.command.as_ref().is_none_or(Command::repairs);
    let mut app = match App::new(ui, cli.global.config.as_deref(), &flags, repairs) {
        Ok(app) => app,
        Err(failed) => {
            let (ui, error) = *failed;
            return (ui, Err(error.into()));
        }
    };
    // `doctor` tells all of it itself.
    if !matches!(cli.command, Some(Command::Doctor(_))) {
        app.warn_of_settings();
    }
    let outcome = match cli.command {
        Some(command) => command.run(&mut app),
        None => match cmd::generate::piped(&mut app) {
            Some(outcome) => outcome,
            None => Ok(cmd::overview::run(&app)),
        },
    };
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
            Command::Completions(_)
            | Command::Man(_)
            | Command::Help(_)
            | Command::Skill(_)
            | Command::Doctor(_) => true,
            _ => false,
        }
    }
}

/// A command by its names, described in full, with what goes for every command.
fn described(names: &[&str]) -> Option<clap::Command> {
    let mut command = Cli::command();
    let mut path = String::from("pinx");
    for name in names {
        command = command.find_subcommand(name)?.clone();
        path = format!("{path} {}", command.get_name());
        command = command.bin_name(&path);
        command.build();
    }
    Some(command)
}

/// The command that the arguments name, as far as they name one, with those inside it.
fn named(argv: &[OsString]) -> Vec<String> {
    let (mut command, mut names) = (Cli::command(), Vec::new());
    command.build();
    let words = argv::parts(argv, 1, &command).into_iter();
    let words = words.filter(|place| place.part == argv::Part::Word);
    for at in words.map(|word| word.at).collect::<Vec<_>>() {
        let name = argv[at].to_string_lossy();
        let Some(inner) = command.find_subcommand(name.as_ref()) else { break };
        names.push(inner.get_name().to_owned());
        let inner = inner.clone();
        command = inner;
    }
    names
}

/// `pinx help WORDS` and `--help`.
fn show_help(words: &[String], length: help::Length, argv: &[OsString]) -> Exit {
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = match names.as_slice() {
        [] => Some(Cli::command()),
        names => described(names),
    };
    let Some(command) = command else {
        return refuse(&help::unknown(&names, &Cli::command()), argv);
    };
    let path = command.get_bin_name().unwrap_or_default().to_owned();
    let names: Vec<&str> = path.split(' ').skip(1).collect();
    let ui = Ui::new(options_typed(argv));
    if ui.options().json {
        ui.json(&match names.is_empty() {
            true => reference::whole(command),
            false => reference::alone(command),
        });
    } else {
        let page = help::page(command, &names, length, ui.terminal().stdout_width());
        ui.paged(ui::Paging::Auto, |ui| match ui.paints_stdout() {
            true => ui.page(page.ansi().to_string().trim_end()),
            false => ui.page(page.to_string().trim_end()),
        });
    }
    ended(&ui, Exit::OK)
}

/// What the flags of every command say, where they cannot all be read.
fn options_typed(argv: &[OsString]) -> ui::Options {
    let text = |at: usize| argv.get(at).and_then(|argument| argument.to_str());
    let color = (1..argv.len()).find_map(|at| match text(at)? {
        "--color" => text(at + 1),
        flag => flag.strip_prefix("--color="),
    });
    ui::Options { json: wants_json(argv), color: ui::Color::of(color), ..ui::Options::default() }
}

/// Whether `--json` was given, even beside arguments that cannot be read.
fn wants_json(argv: &[OsString]) -> bool {
    argv.iter().skip(1).take_while(|arg| *arg != "--").any(|arg| arg == "--json")
}

/// Argument errors: ours where more can be said, else the parser's own words.
fn explain(error: &clap::Error, argv: &[OsString]) -> Exit {
    if error.kind() == ErrorKind::DisplayHelp {
        let is_long = argv.iter().any(|argument| argument == "--help");
        let length = if is_long { help::Length::Whole } else { help::Length::Screen };
        return show_help(&named(argv), length, argv);
    }
    if !error.use_stderr() {
        return if error.print().is_ok() { Exit::OK } else { Exit::FAILED };
    }
    let names = named(argv);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ours = match error.kind() {
        ErrorKind::InvalidSubcommand => not_a_command(argv).or_else(|| {
            let command = described(&names)?;
            parser::no_inner_command(error, &names, &command, &mistakes::strings(argv))
        }),
        ErrorKind::UnknownArgument => {
            described(&names).and_then(|command| mistakes::unknown_flag(argv, &command))
        }
        _ => None,
    };
    refuse(&ours.unwrap_or_else(|| parser::error(error, &names, &mistakes::strings(argv))), argv)
}

/// Why the arguments cannot be read, with what was probably meant.
fn misread_error(misread: &argv::Misread, argv: &[OsString]) -> Error {
    match misread {
        argv::Misread::NoCommand(at) => no_command(argv, *at),
        argv::Misread::NearlyAFlag(text, names) => mistakes::nearly_a_flag(text, names),
    }
}

/// Flags or a command among the words of a prompt.
fn misplaced(cli: &Cli, typed: &[OsString]) -> Option<Error> {
    let (name, words) = match &cli.command {
        Some(Command::Generate(args)) => ("generate", &args.prompt),
        Some(Command::Edit(args)) => ("edit", &args.generate.prompt),
        Some(Command::Compare(args)) => ("compare", &args.prompt),
        Some(Command::Redo(args)) => ("redo", &args.generate.prompt),
        _ => return None,
    };
    let top = Cli::command();
    if !misplaced::is_suspicious(words, &top) {
        return None;
    }
    let has_inner = |command: &str, word: &str| {
        described(&[command]).is_some_and(|known| known.find_subcommand(word).is_some())
    };
    let is_file = |word: &str| std::path::Path::new(word).is_file();
    if name == "redo" {
        return misplaced::assigned(typed, words, &described(&[name])?, &is_file);
    }
    let as_command = || misplaced::command_as_prompt(typed, words, &top, &has_inner, &is_file);
    let command = described(&[name])?;
    misplaced::flags_in_prompt(typed, words, &command)
        .or_else(|| misplaced::assigned(typed, words, &command, &is_file))
        .or_else(|| as_command().filter(|_| name == "generate"))
}

/// The first word, where it is no command.
fn not_a_command(argv: &[OsString]) -> Option<Error> {
    let mut top = Cli::command();
    top.build();
    let parts = argv::parts(argv, 1, &top);
    let word = parts.iter().find(|place| place.part == argv::Part::Word)?;
    let is_command = top.find_subcommand(&argv[word.at]).is_some();
    (!is_command).then(|| no_command(argv, word.at))
}

/// What is said of a word that is no command.
fn no_command(argv: &[OsString], at: usize) -> Error {
    let mut top = Cli::command();
    top.build();
    let generate = described(&["generate"]).expect("it is a command");
    let reads = |words: &[String]| {
        let line =
            std::iter::once(mistakes::PROGRAM.into()).chain(words.iter().map(OsString::from));
        let line: Vec<OsString> = line.collect();
        let Ok(arranged) = argv::arranged(line.clone(), &Cli::command, &described) else {
            return false;
        };
        match Cli::try_parse_from(arranged) {
            Ok(cli) => misplaced(&cli, &line).is_none(),
            Err(told) => !told.use_stderr(),
        }
    };
    let reading = mistakes::Reading { top: &top, generate: &generate, reads: &reads };
    mistakes::no_command(argv, at, &reading)
}

/// Nothing is done: the arguments are wrong.
fn refuse(error: &Error, argv: &[OsString]) -> Exit {
    let ui = Ui::new(options_typed(argv));
    if ui.options().json {
        document_of(argv).print(&ui, error);
    }
    ui.error(error);
    Exit::USAGE
}

/// The document of the command that is asked for; of a run where none is.
fn document_of(argv: &[OsString]) -> FailureDocument {
    let names = named(argv);
    let row =
        FAILURE_DOCUMENTS.iter().find(|(known, _)| names.first().is_some_and(|name| name == known));
    row.map_or(FailureDocument::Run, |(_, document)| *document)
}

fn ui_options(cli: &Cli) -> ui::Options {
    let preview = match &cli.command {
        Some(Command::Generate(args)) => args.preview(),
        Some(Command::Edit(args)) => args.generate.preview(),
        Some(Command::Redo(args)) => args.generate.preview(),
        Some(Command::Compare(args)) if args.judge => ui::Preview::Auto,
        Some(Command::Vote(args)) if args.which.is_none() => ui::Preview::Auto,
        Some(Command::Open(_)) | None => ui::Preview::Auto,
        _ => ui::Preview::Off,
    };
    ui::Options {
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        json: cli.global.json,
        progress: !cli.global.no_progress,
        color: ui::Color::of(cli.global.color.as_deref()),
        preview,
    }
}

#[cfg(test)]
mod tests;
