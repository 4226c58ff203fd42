//! Which agents read skills, and where: data, `agents.toml`, each with the page that says so.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::settings::env::Env;

/// An agent that reads skills.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agent {
    /// What `--agent` calls it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The directory below the home directory by which it is known to be there.
    pub home: String,
    /// The variable that names another directory in the place of that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// Where it reads skills, below the home directory and below a project.
    pub skills: String,
    /// The day on which its page was read.
    as_of: String,
    /// The page that says so.
    source: String,
}

impl Agent {
    /// A place below its user's home directory. What lies in its own directory moves with that; none
    /// where there is no home directory to be below.
    fn place(&self, env: &Env, below: &str) -> Option<PathBuf> {
        let moved = self.moved.as_deref().and_then(|variable| env.get(variable));
        match (moved, Path::new(below).strip_prefix(&self.home)) {
            (Some(moved), Ok(rest)) => Some(Path::new(moved).join(rest)),
            _ => Some(env.home()?.join(below)),
        }
    }

    /// Whether its directory is there.
    pub(super) fn is_here(&self, env: &Env) -> bool {
        self.place(env, &self.home).is_some_and(|place| place.is_dir())
    }

    /// Where it reads its user's skills, if there is a home directory or it is told another place.
    pub(super) fn own_skills(&self, env: &Env) -> Option<PathBuf> {
        self.place(env, &self.skills)
    }
}

#[derive(Deserialize)]
struct File {
    agent: Vec<Agent>,
}

static ALL: LazyLock<Vec<Agent>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("agents.toml")).expect("a test reads it");
    file.agent
});

/// All of them, in the order in which they are listed.
pub(super) fn agents() -> &'static [Agent] {
    &ALL
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::settings::env::VARIABLES;

    #[test]
    fn every_agent_has_its_page_and_the_day_on_which_it_was_read() {
        assert!(agents().len() >= 2);
        for agent in agents() {
            assert!(agent.source.starts_with("https://"), "{agent:?}");
            assert!(agent.as_of.parse::<Date>().is_ok(), "{agent:?}");
            assert!(agent.skills.ends_with("/skills"), "{agent:?}");
            let is_known = |name: &String| VARIABLES.iter().any(|(known, _)| known == name);
            assert!(agent.moved.iter().all(is_known), "{agent:?}");
            for path in [&agent.home, &agent.skills] {
                assert!(path.starts_with('.') && !path.contains(".."), "{agent:?}");
            }
        }
    }
}
