//! Which agents read skills, and where: data, `agents.toml`, each with the page that says so.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

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
    /// Where it reads skills, below the home directory and below a project.
    pub skills: String,
    /// The day on which its page was read.
    as_of: String,
    /// The page that says so.
    source: String,
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

    #[test]
    fn every_agent_has_its_page_and_the_day_on_which_it_was_read() {
        assert!(agents().len() >= 2);
        for agent in agents() {
            assert!(agent.source.starts_with("https://"), "{agent:?}");
            assert!(agent.as_of.parse::<Date>().is_ok(), "{agent:?}");
            assert!(agent.skills.ends_with("/skills"), "{agent:?}");
            for path in [&agent.home, &agent.skills] {
                assert!(path.starts_with('.') && !path.contains(".."), "{agent:?}");
            }
        }
    }
}
