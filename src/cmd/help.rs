//! `pinx help TOPIC`: what no command's flags say. The same texts are manual pages, of section 5 where
//! they describe a file, else 7.

use serde_json::json;

use super::App;
use crate::error::{Error, Exit, Result};
use crate::text;
use crate::ui::Paging;

/// One page of the manual that belongs to no command.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// What `pinx help` knows it by.
    pub name: &'static str,
    /// The section of the manual.
    pub section: u8,
    /// Its text, Markdown: the first line is `# NAME: what it is about`.
    pub markdown: &'static str,
}

impl Topic {
    /// What it is about, in a few words.
    pub fn about(&self) -> &'static str {
        let first = self.markdown.lines().next().unwrap_or_default();
        first.split_once(": ").map_or(first, |(_, about)| about)
    }
}

const fn topic(name: &'static str, section: u8, markdown: &'static str) -> Topic {
    Topic { name, section, markdown }
}

/// All of them, in the order in which they are listed.
pub const TOPICS: [Topic; 15] = [
    topic("choosing", 7, include_str!("help/choosing.md")),
    topic("money", 7, include_str!("help/money.md")),
    topic("recover", 7, include_str!("help/recover.md")),
    topic("batch-files", 5, include_str!("help/batch-files.md")),
    topic("templates", 5, include_str!("help/templates.md")),
    topic("pictures", 7, include_str!("help/pictures.md")),
    topic("comparing", 7, include_str!("help/comparing.md")),
    topic("recipes", 7, include_str!("help/recipes.md")),
    topic("numbers", 7, include_str!("help/numbers.md")),
    topic("scripts", 7, include_str!("help/scripts.md")),
    topic("agents", 7, include_str!("help/agents.md")),
    topic("serve", 7, include_str!("help/serve.md")),
    topic("json", 5, include_str!("help/json.md")),
    topic("settings", 5, include_str!("help/settings.md")),
    topic("gateways", 7, include_str!("help/gateways.md")),
];

/// What `help` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Explain this command or topic [default: list them]
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
}

/// Whether there is a topic of this name.
pub(crate) fn is_topic(name: &str) -> bool {
    TOPICS.iter().any(|topic| topic.name == name)
}

/// Every exit code with its meaning, as the topic about scripts tells them.
pub(crate) fn exit_codes() -> Vec<(u8, &'static str)> {
    let scripts = TOPICS.iter().find(|topic| topic.name == "scripts");
    let lines = scripts.map_or("", |topic| topic.markdown).lines();
    let table = lines.skip_while(|line| *line != "## Exit codes").skip(1);
    let rows = table.take_while(|line| !line.starts_with('#'));
    let cells = rows.filter_map(|row| {
        let (code, meaning) = row.trim_matches(['|', ' ']).split_once(" | ")?;
        Some((code.parse().ok()?, meaning))
    });
    cells.collect()
}

/// Prints a topic, or the list of them.
///
/// # Errors
/// There is no such topic.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let Some(name) = &args.topic else {
        list(app);
        return Ok(Exit::OK);
    };
    let topic = find(name)?;
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "topic": topic.name,
            "about": topic.about(),
            "markdown": topic.markdown,
        }));
    } else {
        app.ui.paged(Paging::Auto, |ui| ui.markdown(topic.markdown));
    }
    Ok(Exit::OK)
}

fn find(name: &str) -> Result<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name).ok_or_else(|| {
        let error = Error::usage(format!("there is no topic `{}`", text::clean(name, 80)));
        match text::nearest(name, TOPICS.iter().map(|topic| topic.name)) {
            Some(near) => error.hint(format!("did you mean `pinx help {near}`?")),
            None => error.hint("`pinx help` lists commands and topics"),
        }
    })
}

fn list(app: &App) {
    if app.ui.options().json {
        let topics =
            TOPICS.iter().map(|topic| json!({ "name": topic.name, "about": topic.about() }));
        app.ui.json(&json!({ "success": true, "topics": topics.collect::<Vec<_>>() }));
        return;
    }
    let rows = TOPICS.iter().map(|topic| format!("| {} | {} |\n", topic.name, topic.about()));
    let rows: String = rows.collect();
    app.ui.markdown(&format!("# Topics\n\n| | |\n|---|---|\n{rows}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_named_by_their_first_line() {
        for topic in &TOPICS {
            let first = topic.markdown.lines().next().unwrap();
            assert_eq!(first, format!("# {}: {}", topic.name, topic.about()));
            assert!(topic.markdown.contains("```sh"), "{} has no example", topic.name);
        }
    }

    #[test]
    fn every_exit_code_has_its_meaning() {
        let known = [
            Exit::OK,
            Exit::FAILED,
            Exit::USAGE,
            Exit::KEY,
            Exit::PARTIAL,
            Exit::REFUSED,
            Exit::BUDGET,
            Exit::LOCAL,
            Exit::OPEN,
            Exit::INTERRUPTED,
        ];
        let codes = exit_codes();
        assert!(codes.iter().map(|(code, _)| *code).eq(known.map(|exit| exit.0)), "{codes:?}");
        assert!(codes.contains(&(5, "refused by content policy")), "{codes:?}");
    }

    #[test]
    fn a_slip_is_told() {
        assert_eq!(find("mony").unwrap_err().hints, ["did you mean `pinx help money`?"]);
        assert_eq!(find("xyzzy").unwrap_err().hints, ["`pinx help` lists commands and topics"]);
        assert!(!is_topic("generate"));
    }
}
