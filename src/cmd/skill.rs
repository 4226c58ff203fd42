//! `pinx skill`: what an agent has to know to use pinx, printed, or put where agents read it.
//!
//! The skill is `skill/SKILL.md`; tests run all of its commands. Its last line bears the hash of the
//! rest, by which a file of pinx's own is told from one that the user has changed: only the first is
//! replaced or removed unasked.

mod agents;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::agents::{Agent, agents};
use super::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;
use crate::settings;
use crate::text::hex;

const BODY: &str = include_str!("skill/SKILL.md");
/// How its last line begins and ends; between them is the hash of all that stands before.
const MARK: (&str, &str) = ("<!-- from `pinx skill`, sha256 ", " -->\n");

/// What `skill` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the skill (this is the default)
    Show,
    /// Put it where agents read skills, or bring it up to date there
    Install(Whereto),
    /// Remove it from where agents read skills
    Remove(Whereto),
}

/// Whose skill it is.
#[derive(Debug, clap::Args)]
struct Whereto {
    /// Choose agents, with commas [default: those whose directory is in your home]
    #[arg(long = "agent", value_name = "AGENT", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(agents().iter().map(|agent| agent.id.as_str())))]
    agents: Vec<String>,
    /// Take the current directory, a project's, instead of the home directory
    #[arg(long)]
    project: bool,
    /// Also where the file was changed or is another's
    #[arg(long)]
    force: bool,
}

/// A place of the skill, with the agents that read it there.
struct Target {
    path: PathBuf,
    agents: Vec<&'static Agent>,
    state: State,
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    /// The skill as this program prints it.
    Current,
    /// As another version printed it.
    Outdated,
    /// Printed by this program or another version, then changed.
    Changed,
    /// Nothing of ours.
    Foreign,
}

/// The skill with its last line.
fn skill() -> String {
    format!("{BODY}{}{}{}", MARK.0, hex(&Sha256::digest(BODY.as_bytes())), MARK.1)
}

/// What a file is, by its text.
fn state_of(text: &[u8]) -> State {
    if text == skill().as_bytes() {
        return State::Current;
    }
    let text = String::from_utf8_lossy(text);
    let Some((body, mark)) = text.rsplit_once(MARK.0) else { return State::Foreign };
    match mark.trim_end() == format!("{}{}", hex(&Sha256::digest(body)), MARK.1).trim_end() {
        true => State::Outdated,
        false => State::Changed,
    }
}

/// Prints, installs or removes the skill.
///
/// # Errors
/// No agent is there, a file is not ours, or it cannot be read or written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    match &args.action {
        None | Some(Action::Show) => show(app),
        Some(Action::Install(to)) => install(app, &targets(app, to, "install")?)?,
        Some(Action::Remove(from)) => remove(app, &targets(app, from, "remove")?)?,
    }
    Ok(Exit::OK)
}

fn show(app: &App) {
    let text = skill();
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "skill": text, "agents": agents() }));
    } else {
        app.ui.line(text.trim_end());
    }
}

/// The places that are meant, all looked at before anything is changed.
fn targets(app: &App, whereto: &Whereto, verb: &str) -> Result<Vec<Target>> {
    let project = match whereto.project {
        true => Some(settings::env::current_dir().map_err(|error| {
            Error::usage(format!("the current directory cannot be read: {error}"))
        })?),
        false => None,
    };
    let is_meant = |agent: &&'static Agent| match whereto.agents.as_slice() {
        [] => agent.is_here(&app.env),
        named => named.contains(&agent.id),
    };
    let skills = |agent: &Agent| match &project {
        Some(project) => Ok(project.join(&agent.skills)),
        None => agent.own_skills(&app.env).ok_or_else(|| {
            Error::usage("no home directory, where agents have their skills")
                .hint("set `HOME`, or take the current directory: `--project`")
        }),
    };
    let mut targets: Vec<Target> = Vec::new();
    for agent in agents().iter().filter(is_meant) {
        let path = skills(agent)?.join(env!("CARGO_PKG_NAME")).join("SKILL.md");
        match targets.iter_mut().find(|target| target.path == path) {
            Some(target) => target.agents.push(agent),
            None => targets.push(Target { state: look(&path)?, path, agents: vec![agent] }),
        }
    }
    if targets.is_empty() {
        return Err(nobody(verb));
    }
    let refused = |target: &&Target| matches!(target.state, State::Changed | State::Foreign);
    match targets.iter().find(refused).filter(|_| !whereto.force) {
        Some(target) => Err(not_ours(target, verb)),
        None => Ok(targets),
    }
}

fn look(path: &Path) -> Result<State> {
    match std::fs::read(path) {
        Ok(text) => Ok(state_of(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(State::Missing),
        Err(error) => {
            let what = format!("{} cannot be read: {error}", path.display());
            Err(Error::new(Kind::Local, what).hint("see what is there, and move it away"))
        }
    }
}

fn nobody(verb: &str) -> Error {
    let names: Vec<&str> = agents().iter().map(|agent| agent.id.as_str()).collect();
    Error::usage("the home directory has no directory of an agent that is known here")
        .code("no_agent")
        .hint(format!("name one: `pinx skill {verb} --agent {}`", names[0]))
        .hint(format!("there are: {}", names.join(", ")))
}

fn not_ours(target: &Target, verb: &str) -> Error {
    let path = target.path.display();
    let what = match target.state {
        State::Changed => format!("{path} was changed since pinx wrote it"),
        _ => format!("{path} is not from pinx"),
    };
    let does = if verb == "remove" { "removes" } else { "replaces" };
    Error::usage(what).code("not_ours").hint(format!("`--force` {does} it all the same"))
}

fn install(app: &App, targets: &[Target]) -> Result<()> {
    for target in targets.iter().filter(|target| target.state != State::Current) {
        let directory = target.path.parent().unwrap_or(&target.path);
        fs::create_dir(directory)
            .and_then(|()| fs::write_atomic(&target.path, skill().as_bytes(), fs::Mode::Normal))
            .map_err(|error| failed(target, "written", &error))?;
    }
    let word = |state| match state {
        State::Missing => "written",
        State::Current => "unchanged",
        _ => "replaced",
    };
    tell(app, targets, word);
    Ok(())
}

fn remove(app: &App, targets: &[Target]) -> Result<()> {
    for target in targets.iter().filter(|target| target.state != State::Missing) {
        fs::remove(&target.path).map_err(|error| failed(target, "removed", &error))?;
        // The user may have put more beside it.
        let _ = fs::remove_empty_dir(target.path.parent().unwrap_or(&target.path));
    }
    tell(app, targets, |state| if state == State::Missing { "missing" } else { "removed" });
    Ok(())
}

fn failed(target: &Target, verb: &str, error: &std::io::Error) -> Error {
    Error::new(Kind::Local, format!("{} cannot be {verb}: {error}", target.path.display()))
        .hint("choose the agent with `--agent`, or a project's directory with `--project`")
}

/// What became of each place, in a word.
fn tell(app: &App, targets: &[Target], word: impl Fn(State) -> &'static str) {
    if app.ui.options().json {
        let row = |target: &Target| -> Value {
            let agents: Vec<&str> = target.agents.iter().map(|agent| agent.id.as_str()).collect();
            json!({ "path": target.path, "agents": agents, "status": word(target.state) })
        };
        let rows: Vec<Value> = targets.iter().map(row).collect();
        app.ui.json(&json!({ "success": true, "skills": rows }));
        return;
    }
    for target in targets {
        let names: Vec<&str> = target.agents.iter().map(|agent| agent.name.as_str()).collect();
        app.ui.line(&target.path.display().to_string());
        app.ui.note(&format!("{}, for {}", word(target.state), names.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_ours_until_a_byte_of_it_is_changed() {
        let ours = skill();
        assert_eq!(state_of(ours.as_bytes()), State::Current);
        let older = "---\nname: pinx\n---\nolder\n";
        let older = format!("{older}{}{}{}", MARK.0, hex(&Sha256::digest(older)), MARK.1);
        assert_eq!(state_of(older.as_bytes()), State::Outdated);
        assert_eq!(state_of(older.trim_end().as_bytes()), State::Outdated);
        assert_eq!(state_of(older.replace("older", "mine").as_bytes()), State::Changed);
        assert_eq!(state_of(format!("{older}more\n").as_bytes()), State::Changed);
        assert_eq!(state_of(BODY.as_bytes()), State::Foreign);
        assert_eq!(state_of(b""), State::Foreign);
    }
}
