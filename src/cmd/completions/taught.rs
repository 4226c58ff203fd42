//! The command line as shells are taught it: each argument with what can stand there.
//!
//! One table says what is offered where. Commands are not described with it, since a start that
//! completes nothing has no use for it.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser, Resettable};
use clap::{Arg, Command, Id, ValueHint};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::closed;
use super::home::Home;
use super::offer::{Offer, bare, candidates, directories, files, outputs, paths};
use crate::catalog::Catalog;
use crate::cmd::help::TOPICS;

/// What a batch is read from.
const BATCHES: [&str; 8] = ["txt", "jsonl", "csv", "tsv", "yaml", "yml", "json", "toml"];
/// What an image is read from.
const IMAGES: [&str; 7] = ["png", "jpg", "jpeg", "webp", "gif", "avif", "svg"];
/// What a page is written to.
const PAGES: [&str; 2] = ["html", "htm"];
/// Ids that are offered beside files.
const BESIDE_FILES: usize = 12;
/// Ids that are offered alone.
const ALONE: usize = 40;

/// What can stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Completion {
    Models,
    Styles,
    Palettes,
    Providers,
    /// Providers that take a key.
    Keyed,
    Qualities,
    Sizes,
    Aspects,
    Formats,
    Days,
    /// The words of the setting of this name.
    Words(&'static str),
    Settings,
    /// What the setting in the word before takes.
    Values,
    /// `@` and a file.
    Prompt,
    Output,
    Paths,
    Directories,
    Batches,
    Pages,
    Jobs,
    Pictures,
    Comparisons,
    Choices,
    Open,
    Clients,
    Topics,
    /// Commands and topics.
    ManualPages,
}

/// The command (none means every one), the argument, and what can stand there.
const COMPLETIONS: &[(&str, &str, Completion)] = &[
    ("", "model", Completion::Models),
    ("", "fallback", Completion::Models),
    ("models show", "id", Completion::Models),
    ("", "style", Completion::Styles),
    ("styles show", "id", Completion::Styles),
    ("", "colors", Completion::Palettes),
    ("keys", "provider", Completion::Keyed),
    ("", "provider", Completion::Providers),
    ("", "quality", Completion::Qualities),
    ("", "size", Completion::Sizes),
    ("", "aspect", Completion::Aspects),
    ("", "format", Completion::Formats),
    ("", "since", Completion::Days),
    ("", "until", Completion::Days),
    ("", "background", Completion::Words("background")),
    ("", "input_fidelity", Completion::Words("input_fidelity")),
    ("", "mask_means", Completion::Words("mask_means")),
    ("", "prefer", Completion::Words("prefer")),
    ("", "balance", Completion::Words("balance")),
    ("", "preview", Completion::Words("preview")),
    ("config", "name", Completion::Settings),
    ("config", "names", Completion::Settings),
    ("config", "value", Completion::Values),
    ("redo", "prompt", Completion::Pictures),
    ("info", "images", Completion::Pictures),
    ("open", "what", Completion::Pictures),
    ("", "prompt", Completion::Prompt),
    ("", "prompt_file", Completion::Paths),
    ("compare", "output", Completion::Directories),
    ("man", "output", Completion::Directories),
    ("", "output", Completion::Output),
    ("", "image", Completion::Paths),
    ("", "images", Completion::Paths),
    ("", "mask", Completion::Paths),
    ("", "config", Completion::Paths),
    ("batch", "files", Completion::Batches),
    ("compare", "batch", Completion::Batches),
    ("", "gallery", Completion::Pages),
    ("", "html", Completion::Pages),
    ("log", "id", Completion::Jobs),
    ("log", "run", Completion::Jobs),
    ("log", "client", Completion::Clients),
    ("stats", "client", Completion::Clients),
    ("serve keys set", "client", Completion::Clients),
    ("serve keys remove", "client", Completion::Clients),
    ("serve keys", "models", Completion::Models),
    ("vote", "run", Completion::Comparisons),
    ("vote", "which", Completion::Choices),
    ("recover", "forget", Completion::Open),
    ("man", "command", Completion::ManualPages),
    ("help", "topic", Completion::Topics),
];

/// What is on the line as far as it is typed.
#[derive(Debug, Default)]
struct Line {
    words: Vec<String>,
    commands: Vec<Offer>,
    /// The catalog that a script is made from; none where a shell asks.
    script: Option<Catalog>,
    /// Whether hidden flags lose their names for a script.
    hides_flags: bool,
}

impl Line {
    /// Whether a new word begins: then no flags are offered where anything else can stand.
    fn is_at_new_word(&self) -> bool {
        self.words.last().is_some_and(String::is_empty)
    }

    /// The word before the one that is typed.
    fn before(&self) -> &str {
        self.words.len().checked_sub(2).map_or("", |at| &self.words[at])
    }
}

/// Teaches a whole command line; `argv` is how a shell asks, with the line behind `--`.
pub(crate) fn taught(mut command: Command, argv: &[OsString]) -> Command {
    command.build();
    let typed = argv.iter().skip_while(|word| *word != "--").skip(1);
    let words = typed.map(|word| word.to_string_lossy().into_owned()).collect();
    let line = Arc::new(Line { words, commands: commands(&command), ..Line::default() });
    let command = with_help(with_bare_form(command, |_| true));
    teach(command, "", &line)
}

/// The same for a script that does not ask: without the bare form where that would offer its flags at
/// every first word.
pub(crate) fn taught_for_script(mut command: Command, shell: Shell) -> Command {
    command.build();
    let script = Catalog::load(&toml::Table::new(), &[]).ok();
    let hides_flags = shell != Shell::Zsh;
    let commands = commands(&command);
    let line = Arc::new(Line { script, commands, hides_flags, ..Line::default() });
    // These offer flags only behind a dash.
    let has_bare_form = matches!(shell, Shell::Zsh | Shell::Fish);
    // A prompt beside the commands would hide from scripts what stands behind a command.
    let is_flag = |arg: &Arg| !arg.is_positional();
    let command = if has_bare_form { with_bare_form(command, is_flag) } else { command };
    teach(command, "", &line)
}

fn commands(command: &Command) -> Vec<Offer> {
    let about = |inner: &Command| {
        let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
        (inner.get_name().to_owned(), about)
    };
    command.get_subcommands().filter(|inner| !inner.is_hide_set()).map(about).collect()
}

fn topics() -> Vec<Offer> {
    TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.about().to_owned())).collect()
}

/// `pinx -m MODEL "a red fox"` takes what `generate` takes.
fn with_bare_form(command: Command, is_wanted: impl Fn(&Arg) -> bool) -> Command {
    let Some(generate) = command.find_subcommand("generate") else { return command };
    let is_new = |arg: &&Arg| command.get_arguments().all(|known| known.get_id() != arg.get_id());
    let wanted = generate.get_arguments().filter(is_new).filter(|arg| is_wanted(arg));
    // What a flag conflicts with may not be among them.
    let flags: Vec<Arg> =
        wanted.map(|arg| arg.clone().conflicts_with(Resettable::<Id>::Reset)).collect();
    command.args(flags)
}

/// `pinx help COMMAND`, also of those inside others; the topics are an argument.
fn with_help(command: Command) -> Command {
    let bare_copy = |inner: &Command, above: &str| {
        let (name, path) = (inner.get_name(), format!("{above} {}", inner.get_name()));
        let copy = Command::new(name.to_owned()).bin_name(path).disable_help_flag(true);
        let copy = copy.disable_help_subcommand(true);
        match inner.get_about() {
            Some(about) => copy.about(about.clone()),
            None => copy,
        }
    };
    let visible = |command: &Command| -> Vec<Command> {
        let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
        inner.filter(|inner| inner.get_name() != "help").cloned().collect()
    };
    let copies = visible(&command).into_iter().map(|inner| {
        let above = format!("pinx help {}", inner.get_name());
        let inside = visible(&inner).into_iter().map(|inside| bare_copy(&inside, &above));
        let mut copy = bare_copy(&inner, "pinx help").subcommands(inside);
        copy.build();
        copy
    });
    let copies: Vec<Command> = copies.collect();
    command.mut_subcommand("help", |help| help.subcommands(copies))
}

fn teach(command: Command, above: &str, line: &Arc<Line>) -> Command {
    let command = plain(command);
    let place = above.to_owned();
    let command = command.mut_args(|arg| teach_arg(arg, &place, line));
    command.mut_subcommands(|inner| {
        let name = inner.get_name();
        let path = if above.is_empty() { name.to_owned() } else { format!("{above} {name}") };
        teach(inner, &path, line)
    })
}

/// Other names of a command still complete what stands behind them, but are not offered beside it.
fn plain(command: Command) -> Command {
    let aliases: Vec<String> = command.get_all_aliases().map(str::to_owned).collect();
    command.visible_alias(None::<&str>).aliases(aliases)
}

/// The words that an argument takes and no others; none where it takes anything, or what only a home
/// knows. `place` are the names of its command.
pub(crate) fn closed_values(place: &str, id: &str) -> Option<Vec<String>> {
    let words = match completion(place, id)? {
        Completion::Words(setting) => closed::values(setting)?,
        Completion::Formats => closed::formats(),
        _ => return None,
    };
    Some(words.into_iter().map(|(word, _)| word).collect())
}

/// The same of a setting.
pub(crate) fn setting_values(name: &str) -> Option<Vec<String>> {
    // Of these only the usual ones are offered.
    let words = closed::values(name).filter(|_| !["size", "aspect"].contains(&name))?;
    Some(words.into_iter().map(|(word, _)| word).collect())
}

/// What can stand at an argument of a command.
fn completion(place: &str, id: &str) -> Option<Completion> {
    let is_of = |command: &str| command.is_empty() || place == command || is_inside(place, command);
    let row = COMPLETIONS.iter().find(|(command, known, _)| is_of(command) && *known == id);
    row.map(|(_, _, completion)| *completion)
}

fn teach_arg(arg: Arg, place: &str, line: &Arc<Line>) -> Arg {
    let is_flag = arg.get_long().is_some() || arg.get_short().is_some();
    let arg = match (is_flag && line.is_at_new_word(), arg.is_hide_set()) {
        // A script offers what is hidden, too; zsh takes a flag without a name for a word.
        (_, true) if is_flag && line.hides_flags => arg.long(None::<&str>).short(None::<char>),
        (true, true) => arg.long(None::<&str>).short(None::<char>),
        (true, false) => arg.hide(true),
        _ => arg,
    };
    let completion = completion(place, arg.get_id().as_str());
    let Some(completion) =
        completion.filter(|_| arg.get_value_parser().possible_values().is_none())
    else {
        return arg;
    };
    let (hint, line) = (hint(completion), Arc::clone(line));
    let words = line.script.as_ref().and_then(|catalog| scripted(completion, catalog, &line));
    let arg = match words {
        Some(words) => arg.value_parser(PossibleValuesParser::new(words.into_iter().map(value))),
        None => arg.value_hint(hint),
    };
    arg.add(ArgValueCompleter::new(move |current: &OsStr| offered(completion, current, &line)))
}

fn is_inside(place: &str, command: &str) -> bool {
    place.strip_prefix(command).is_some_and(|rest| rest.starts_with(' '))
}

fn value((name, about): Offer) -> PossibleValue {
    let value = PossibleValue::new(name);
    if about.is_empty() { value } else { value.help(about) }
}

/// Where a script asks the shell itself.
fn hint(completion: Completion) -> ValueHint {
    match completion {
        Completion::Paths | Completion::Output | Completion::Pictures | Completion::Prompt => {
            ValueHint::AnyPath
        }
        Completion::Batches | Completion::Pages => ValueHint::FilePath,
        Completion::Directories => ValueHint::DirPath,
        _ => ValueHint::Other,
    }
}

/// What a script holds, which does not ask: what is the same in every home.
fn scripted(completion: Completion, catalog: &Catalog, line: &Line) -> Option<Vec<Offer>> {
    let names = |offers: Vec<Offer>| bare(offers.into_iter().map(|(name, _)| name));
    match completion {
        Completion::Models => {
            let lasting = catalog.models.iter().filter(|model| model.life.shutdown.is_none());
            let names = lasting.map(crate::catalog::Model::full_id);
            Some(bare(std::iter::once("auto".to_owned()).chain(names)))
        }
        Completion::ManualPages | Completion::Topics => {
            Some(names([line.commands.clone(), topics()].concat()))
        }
        Completion::Settings => Some(names(closed::settings(catalog, ""))),
        completion => fixed(completion, catalog).map(names),
    }
}

/// What is the same wherever it is asked.
fn fixed(completion: Completion, catalog: &Catalog) -> Option<Vec<Offer>> {
    Some(match completion {
        Completion::Styles => closed::styles(catalog),
        Completion::Palettes => closed::palettes(catalog),
        Completion::Providers => closed::providers(catalog, |_| true),
        Completion::Keyed => {
            closed::providers(catalog, |provider| provider.auth != crate::catalog::Auth::None)
        }
        Completion::Qualities => closed::qualities(catalog),
        Completion::Sizes => closed::sizes(),
        Completion::Aspects => closed::aspects(),
        Completion::Formats => closed::formats(),
        Completion::Topics => topics(),
        Completion::Days => closed::days(),
        Completion::Words(setting) => closed::values(setting)?,
        _ => return None,
    })
}

fn offered(completion: Completion, current: &OsStr, line: &Line) -> Vec<CompletionCandidate> {
    let typed = current.to_str().unwrap_or_default();
    let home = Home::of_user();
    let Some(catalog) = home.catalog() else { return Vec::new() };
    // `last` stands for something as soon as there is anything.
    let with_last = |ids: Vec<Offer>| {
        let has_any = !ids.is_empty() || !home.jobs("", 1, false).is_empty();
        let last = has_any.then(|| ("last".to_owned(), "what was made last".to_owned()));
        last.into_iter().chain(ids).collect::<Vec<_>>()
    };
    match completion {
        Completion::Models => models(&home, current),
        Completion::Settings => candidates(current, &closed::settings(&catalog, typed)),
        Completion::Values => values(&home, &catalog, current, line.before()),
        Completion::Prompt => prompt(current, line),
        Completion::Output => outputs(current),
        Completion::Paths => paths(current),
        Completion::Directories => directories(current),
        Completion::Batches => files(current, &BATCHES),
        Completion::Pages => files(current, &PAGES),
        Completion::Jobs => candidates(current, &with_last(home.jobs(typed, ALONE, false))),
        Completion::Pictures => {
            let ids = with_last(home.jobs(typed, BESIDE_FILES, true));
            let mut all = candidates(current, &ids);
            let behind = all.len();
            let beside = files(current, &IMAGES).into_iter();
            all.extend(beside.map(|file| file.display_order(Some(behind))));
            all
        }
        Completion::Comparisons => {
            let mut all = home.comparisons(typed);
            // Without a comparison a choice is of the newest.
            if let Some((run, _)) = home.comparisons("").first() {
                all.extend(home.choices(run));
            }
            candidates(current, &all)
        }
        Completion::Choices => candidates(current, &home.choices(line.before())),
        Completion::Open => {
            let mut all = home.open(typed);
            all.push(("all-unknown".to_owned(), "all whose outcome stays unknown".to_owned()));
            all.push(("damaged".to_owned(), "the damaged lines of the log".to_owned()));
            candidates(current, &all)
        }
        Completion::Clients => candidates(current, &home.clients()),
        Completion::ManualPages => candidates(current, &[line.commands.clone(), topics()].concat()),
        completion => candidates(current, &fixed(completion, &catalog).unwrap_or_default()),
    }
}

fn models(home: &Home, current: &OsStr) -> Vec<CompletionCandidate> {
    let typed = current.to_str().unwrap_or_default();
    candidates(current, &home.models(typed.rsplit(',').next().unwrap_or_default()))
}

/// What a setting takes.
fn values(
    home: &Home,
    catalog: &Catalog,
    current: &OsStr,
    setting: &str,
) -> Vec<CompletionCandidate> {
    match setting {
        "model" | "auto_order" | "fallback" => models(home, current),
        "style" => candidates(current, &closed::styles(catalog)),
        "colors" => candidates(current, &closed::palettes(catalog)),
        "quality" => candidates(current, &closed::qualities(catalog)),
        "output" => outputs(current),
        setting => candidates(current, &closed::values(setting).unwrap_or_default()),
    }
}

/// A prompt is the user's own word, but `@` and a file reads it.
fn prompt(current: &OsStr, line: &Line) -> Vec<CompletionCandidate> {
    // bash takes `@` for a word of its own.
    if line.before() == "@" {
        return paths(current);
    }
    let file = current.to_str().and_then(|typed| typed.strip_prefix('@'));
    let file = file.filter(|rest| !rest.starts_with('@'));
    let found = file.map(|rest| paths(OsStr::new(rest))).unwrap_or_default();
    found.into_iter().map(|candidate| candidate.add_prefix("@")).collect()
}
