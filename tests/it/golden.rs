//! The committed completions and manual pages are what the command line says today.
//!
//! They are made here and compared; with `UPDATE_GOLDEN=1` they are written.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::manual;

/// What rewrites them, named by every failure.
const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test --test it golden";

/// The lines of every page that clap_mangen opens with: they make apostrophes straight.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// What only the page of pinx itself has.
const SECTIONS: &str = r#".SH "EXIT STATUS"
.TP
\fB0\fR
All done. A reader that closed the pipe is not an error.
.TP
\fB1\fR
Failed: no provider could do it.
.TP
\fB2\fR
The command line, the settings or a file is wrong; nothing was sent.
.TP
\fB3\fR
A key is missing or refused, or the account cannot pay.
.TP
\fB4\fR
Some images are made, some are not.
.TP
\fB5\fR
Refused by content policy.
.TP
\fB6\fR
Budget or consent: nothing more was sent.
.TP
\fB7\fR
The image could not be saved; the message says where its bytes were kept.
.TP
\fB75\fR
Accepted, or outcome unknown: do not run the command again, run \fBpinx recover\fR.
.TP
\fB130\fR
Interrupted.
.SH ENVIRONMENT
.TP
\fBOPENAI_API_KEY\fR, \fBFAL_KEY\fR, \fBAI_GATEWAY_API_KEY\fR
The keys of the providers; \fBpinx providers\fR lists them all. Further keys end in _2 to _9.
.TP
\fBOPENAI_BASE_URL\fR, \fBOPENAI_GATEWAY_URL\fR
Another address for OpenAI's API, and a gateway before it.
.TP
\fBPINX_HOME\fR
Keeps settings, keys, log and everything else in this directory.
.TP
\fBPINX_\fISETTING\fR
Any setting of \fBpinx config show\fR: PINX_MODEL, PINX_CONFIRM_ABOVE, PINX_PROVIDERS_OPENAI_BASE_URL.
.TP
\fBNO_COLOR\fR
No colours.
.SH FILES
Without PINX_HOME they lie where the platform keeps such files; on Linux:
.TP
\fI~/.config/pinx/config.toml\fR
Settings.
.TP
\fI~/.config/pinx/credentials.toml\fR
Keys stored with \fBpinx keys set\fR, readable by their owner only.
.TP
\fI~/.local/share/pinx/log/\fR
The log, a JSON object a line.
.TP
\fIpinx.toml\fR
A project's settings, looked for from the current directory up to the root of the repository.
"#;

#[test]
fn the_completions_are_those_of_the_command_line() {
    let files = [
        ("pinx.bash", Shell::Bash),
        ("_pinx", Shell::Zsh),
        ("pinx.fish", Shell::Fish),
        ("_pinx.ps1", Shell::PowerShell),
        ("pinx.elv", Shell::Elvish),
    ];
    let script = |(name, shell): (&str, Shell)| (name.to_owned(), pinx::cli::script(shell));
    check("completions", &files.map(script));
}

#[test]
fn the_manual_pages_are_those_of_the_command_line() {
    let mut cli = pinx::cli::Cli::command();
    cli.build();
    let mut pages = vec![("pinx.1".to_owned(), page(&cli))];
    for command in cli.get_subcommands().filter(|command| !command.is_hide_set()) {
        pages.push((format!("pinx-{}.1", command.get_name()), page(command)));
    }
    for topic in &pinx::cli::TOPICS {
        pages.push((format!("pinx-{}.{}", topic.name, topic.section), manual::topic(topic)));
    }
    check("man", &pages);
}

#[test]
fn every_command_and_alias_prints_its_page() {
    if is_updating() {
        return; // The binary has still the old pages inside.
    }
    let world = crate::pinx::Pinx::new();
    for command in
        pinx::cli::Cli::command().get_subcommands().filter(|command| !command.is_hide_set())
    {
        let path = format!("{}/man/pinx-{}.1", env!("CARGO_MANIFEST_DIR"), command.get_name());
        let text = fs::read_to_string(path).unwrap();
        for name in std::iter::once(command.get_name()).chain(command.get_all_aliases()) {
            let output = world.run(&["man", name]).exits(0);
            assert_eq!(output.stdout, text, "`pinx man {name}`; is it in src/cmd/man.rs?");
        }
    }
}

/// Whether goldens are written rather than compared.
pub fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares the files of a directory, or writes them.
fn check(directory: &str, wanted: &[(String, String)]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let known = |path: &PathBuf| wanted.iter().any(|(name, _)| path.ends_with(name));
    let strays: Vec<_> =
        crate::pinx::files_below(&directory).into_iter().filter(|path| !known(path)).collect();
    if is_updating() {
        fs::create_dir_all(&directory).unwrap();
        strays.iter().for_each(|stray| fs::remove_file(stray).unwrap());
        wanted.iter().for_each(|(name, text)| fs::write(directory.join(name), text).unwrap());
        return;
    }
    assert!(strays.is_empty(), "{strays:?} are no longer made; `{UPDATE}` removes them");
    for (name, text) in wanted {
        let path = directory.join(name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        let place = text.lines().zip(found.lines()).position(|(new, old)| new != old);
        let line = place.unwrap_or_else(|| text.lines().count().min(found.lines().count())) + 1;
        assert!(
            *text == found,
            "{}:{line} is not what it is made from; `{UPDATE}` rewrites it",
            path.display()
        );
    }
}

/// The page of a command, with its subcommands' flags, but not with pages of their own.
fn page(command: &Command) -> String {
    let is_top = command.get_name() == "pinx";
    let man = || Man::new(command.clone());
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let version = env!("CARGO_PKG_VERSION");
    // No date: the page changes with the command line only. No hyphenation: names are copied.
    let mut page = format!(
        "{PREAMBLE}.TH {} 1 \"\" \"pinx {version}\" \"pinx manual\"\n.nh\n",
        name.to_uppercase()
    );
    page += &section(|out| man().render_name_section(out));
    page += ".SH SYNOPSIS\n";
    page += &usage(command);
    page += &section(|out| man().render_description_section(out));
    page += &section(|out| man().render_options_section(out));
    page += &examples(command);
    if is_top {
        page += &section(|out| man().render_subcommands_section(out))
            .replace("SUBCOMMANDS", "COMMANDS");
        page += SECTIONS;
        page += ".SH \"SEE ALSO\"\n";
        let names = pinx::cli::TOPICS
            .map(|topic| format!("\\fBpinx\\-{}\\fR({})", escape(topic.name), topic.section));
        page += &(names.join(",\n") + "\n");
    } else {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            page += &inner_section(inner);
        }
        if let Some(text) = command.get_after_help() {
            page += &format!(".SH NOTES\n.nf\n{}\n.fi\n", literal(&text.to_string()));
        }
        page += ".SH \"SEE ALSO\"\n\\fBpinx\\fR(1)\n";
    }
    page
}

/// The examples of `pinx COMMAND --help`.
fn examples(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let names: Vec<&str> = name.split(' ').skip(1).collect();
    let mut text = String::from(".SH EXAMPLES\n");
    for example in pinx::cli::examples(&names) {
        text += &format!(".TP\n{}:\n\\fB{}\\fR\n", escape(&example.what), escape(&example.run));
    }
    text
}

/// `pinx keys set` within the page of `pinx keys`.
fn inner_section(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let about = command.get_about().map(|about| escape(&about.to_string())).unwrap_or_default();
    let mut text = format!(".SH \"{}\"\n{}.PP\n{about}\n", name.to_uppercase(), usage(command));
    let own = command.clone().mut_args(|arg| {
        let everywhere = arg.is_global_set() || arg.get_id() == "help";
        arg.hide(everywhere)
    });
    if own.get_arguments().any(|arg| !arg.is_hide_set()) {
        let options = section(|out| Man::new(own.clone()).render_options_section(out));
        text += options.trim_start_matches(".SH OPTIONS\n");
    }
    text
}

/// `pinx generate [OPTIONS] [PROMPT]...`, the name in bold.
fn usage(command: &Command) -> String {
    let text = command.clone().render_usage().to_string();
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let lines =
        text.trim_start_matches("Usage:").lines().map(str::trim).filter(|line| !line.is_empty());
    let bold = |line: &str| match line.strip_prefix(name) {
        Some(rest) => format!("\\fB{}\\fR{}\n", escape(name), escape(rest)),
        None => escape(line) + "\n",
    };
    lines.map(bold).collect::<Vec<_>>().join(".br\n")
}

/// One section of clap_mangen's, without the lines that open a page.
fn section(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    render(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap().replace(PREAMBLE, "")
}

/// Text as roff: no line of it is a command, and hyphens can be copied.
pub fn escape(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Text that is there to be copied: quotes, tildes and carets stay what they are.
pub fn literal(text: &str) -> String {
    let text = escape(text).replace("\\&'", "'");
    text.replace('\'', "\\(aq").replace('`', "\\(ga").replace('~', "\\(ti").replace('^', "\\(ha")
}
