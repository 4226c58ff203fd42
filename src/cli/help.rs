//! Help: `-h` is one screen of daily flags, `--help` and `pinx help COMMAND` are all of it by groups, both with
//! examples.
//!
//! Which flags are daily and what the examples are is data, in `help.toml`; a test runs every
//! example. Pure.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::Command;
use clap::builder::StyledStr;
use serde::Deserialize;

use super::argv::{self, Part};
use crate::cmd::help::TOPICS;
use crate::error::Error;
use crate::text;
use crate::ui::wrap;

const PAGES: &str = include_str!("help.toml");

/// What the program is called.
pub(super) const PROGRAM: &str = env!("CARGO_PKG_NAME");
/// No line of help is longer, however wide the terminal is.
const WIDEST: usize = 100;
/// What most terminals have, and help is written for.
const USUAL: usize = 80;
/// So many examples are on the screen of `-h`, and at least so many.
const SHOWN: usize = 4;
const LEAST: usize = 2;
/// Lines of a screen, below which the shell asks for the next command.
const ROWS: usize = 23;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// What is needed every day.
    Screen,
    /// Everything.
    Whole,
}

/// What the file says of one command.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The flags, or at the top the commands, that are on the screen, in few words; all where it
    /// names none.
    #[serde(default)]
    daily: Vec<(String, String)>,
    examples: Vec<Example>,
}

/// An example of a command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it does.
    pub what: String,
    /// The line of shell.
    pub run: String,
}

fn of(names: &[&str]) -> Page {
    let mut pages: BTreeMap<String, Page> = toml::from_str(PAGES).expect("a test reads it");
    pages
        .remove(&[PROGRAM].iter().chain(names).copied().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

/// The examples of a command: its names, such as `["keys", "set"]`, and none for pinx itself.
pub fn examples(names: &[&str]) -> Vec<Example> {
    of(names).examples
}

/// The words behind `help`, where that is the command: `pinx help keys set`.
pub(super) fn wanted(argv: &[OsString], top: &dyn Fn() -> Command) -> Option<Vec<String>> {
    if !argv.iter().any(|argument| argument == "help") {
        return None;
    }
    let top = top();
    let parts = argv::parts(argv, 1, &top);
    let words = parts.iter().filter(|place| place.part == Part::Word);
    let mut words = words.map(|place| argv[place.at].to_string_lossy().into_owned());
    let is_help = words.next().is_some_and(|first| first == "help");
    // `pinx help --help` is about itself.
    let is_flag_too = argv.iter().any(|argument| argument == "-h" || argument == "--help");
    let rest: Vec<String> = words.collect();
    (is_help && !(is_flag_too && rest.is_empty())).then_some(rest)
}

/// There is no such command, and no such topic.
pub(super) fn unknown(names: &[&str], top: &Command) -> Error {
    let name = names.join(" ");
    let error = Error::usage(format!("there is no help for `{}`", text::clean(&name, 80)))
        .code("unknown_command");
    let commands = top.get_subcommands().map(Command::get_name);
    let known = commands.chain(TOPICS.iter().map(|topic| topic.name));
    match text::nearest(names.first().copied().unwrap_or_default(), known) {
        Some(near) => error.hint(format!("did you mean `pinx help {near}`?")),
        None => error.hint("`pinx help` lists commands and topics"),
    }
}

/// The page of a command, for a terminal of this width.
pub(super) fn page(command: Command, names: &[&str], length: Length, width: usize) -> StyledStr {
    let page = of(names);
    let before = command.get_after_help().map(ToString::to_string);
    // `help` is behind every command that has others inside, and says so on every page.
    let command = command.mut_subcommands(|inner| {
        let is_help = inner.get_name() == "help" && !names.is_empty();
        inner.hide(is_help)
    });
    let command = match length {
        Length::Whole => command,
        Length::Screen => screen(command, &page.daily),
    };
    // Where it is narrow, lines are broken here and nowhere else: their last column stays free.
    let width = if width < USUAL { width.saturating_sub(1) } else { width.min(WIDEST) };
    let mut command = command.term_width(width);
    match length {
        Length::Whole => command.after_help(whole_foot(&page, before, width)).render_help(),
        Length::Screen => {
            // As many examples as leave it a screen.
            let fewer = (LEAST..=SHOWN).rev();
            let mut pages = fewer.map(|count| {
                command = command.clone().after_help(screen_foot(&page, names, count, width));
                command.render_help()
            });
            let fits = |page: &StyledStr| page.to_string().trim_end().lines().count() <= ROWS;
            let mut last = pages.next().unwrap_or_default();
            while !fits(&last)
                && let Some(page) = pages.next()
            {
                last = page;
            }
            last
        }
    }
}

/// The command with its daily flags alone, in one group, each in few words.
fn screen(mut command: Command, daily: &[(String, String)]) -> Command {
    let words =
        |id: &str| daily.iter().find(|(name, _)| name == id).map(|(_, words)| words.clone());
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let is_top = command.get_name() == PROGRAM;
    let everywhere = Some("Everywhere");
    let command = command.override_usage(usage).mut_args(|arg| {
        let words = words(arg.get_id().as_str()).filter(|_| !is_top);
        let is_left_out = match daily {
            [] => arg.get_help_heading() == everywhere || arg.get_id() == "help",
            _ => words.is_none(),
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = words.unwrap_or_else(|| without_default(&help).to_owned());
        let is_hidden = is_left_out || arg.is_hide_set();
        let arg = arg.hide(is_hidden).hide_possible_values(true).help(help);
        if arg.is_positional() { arg } else { arg.help_heading(None) }
    });
    if !is_top {
        return command;
    }
    let command = command.disable_help_flag(true).disable_version_flag(true);
    command.mut_subcommands(|inner| match words(inner.get_name()) {
        Some(words) => inner.about(words),
        None => inner.hide(true),
    })
}

/// The help of a flag without what is in brackets at its end.
fn without_default(help: &str) -> &str {
    help.split_once(" [default").map_or(help, |(help, _)| help)
}

/// An example so that it can be pasted, indented by so many blanks.
fn pasteable(run: &str, indent: usize, width: usize) -> String {
    let line = format!("{:indent$}{run}", "");
    let lines = if width < USUAL { wrap::command(&line, width) } else { vec![line] };
    lines.join("\n")
}

fn screen_foot(page: &Page, names: &[&str], count: usize, width: usize) -> String {
    let name = [PROGRAM].iter().chain(names).copied().collect::<Vec<_>>().join(" ");
    let examples = page.examples.iter().take(count);
    let lines: String = examples.map(|one| pasteable(&one.run, 2, width) + "\n").collect();
    let more = format!("`{name} --help` tells everything.");
    if lines.is_empty() { more } else { format!("Examples:\n{lines}\n{more}") }
}

fn whole_foot(page: &Page, before: Option<String>, width: usize) -> String {
    let example = |one: &Example| format!("  {}:\n{}\n", one.what, pasteable(&one.run, 4, width));
    let examples: String = page.examples.iter().map(example).collect();
    let examples = Some(examples).filter(|lines| !lines.is_empty());
    let examples = examples.map(|lines| format!("Examples:\n{lines}"));
    [examples, before].into_iter().flatten().collect::<Vec<_>>().join("\n")
}
