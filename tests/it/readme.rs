//! Every example of the README and of `pinx help TOPIC` runs as it stands, each page in a world of its
//! own, from top to bottom.
//!
//! Examples are the lines with `pinx` (or `make`) in ```sh blocks; a ```make block is the Makefile. A line that ends in `# needs a key` runs where
//! keys are set and scripted providers answer, one that ends in `# needs a terminal` is left alone.

use std::path::Path;

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::pinx::{FAL_KEY, OPENAI_KEY, Pinx};

/// What a line needs that a new home has not.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Need {
    Nothing,
    Key,
    Terminal,
}

/// One command of a page.
#[derive(Debug, PartialEq)]
struct Example {
    line: usize,
    command: String,
    need: Need,
}

fn examples(page: &str) -> Vec<Example> {
    let mut inside = false;
    let mut examples = Vec::new();
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```sh";
            continue;
        }
        let (command, comment) = line.split_once(" #").unwrap_or((line, ""));
        let command = command.trim().trim_start_matches("$ ").replace("cargo run -- ", "pinx ");
        let is_ours = |word: &str| word == "pinx" || word == "make";
        let runs = command.split([' ', '|', '(']).any(is_ours) || command.starts_with("printf ");
        let is_other = ["#", "cargo ", "export "].iter().any(|start| command.starts_with(start));
        if inside && runs && !is_other {
            let need = match comment.trim() {
                text if text.ends_with("needs a key") => Need::Key,
                text if text.ends_with("needs a terminal") => Need::Terminal,
                _ => Need::Nothing,
            };
            examples.push(Example { line: number + 1, command, need });
        }
    }
    examples
}

#[test]
fn examples_are_found() {
    let text = "```sh\npinx \"a fox\"   # a comment\n$ echo x | pinx generate # needs a key\ncargo x pinx\ncargo run -- g \"x\"\n```\n\
                ```\npinx no\n```\npinx no\n";
    let example = |line, command: &str, need| Example { line, command: command.to_owned(), need };
    assert_eq!(
        examples(text),
        [
            example(2, "pinx \"a fox\"", Need::Nothing),
            example(3, "echo x | pinx generate", Need::Key),
            example(5, "pinx g \"x\"", Need::Nothing),
        ]
    );
}

/// Whether a program that an example needs is not here, as on a machine that has only the toolchain.
pub fn lacks(command: &str) -> bool {
    let is_here = |name: &&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
    };
    ["jq", "make"].iter().any(|name| command.contains(&format!("{name} ")) && !is_here(name))
}

/// Runs the examples of a page in their order; how many there are, and what failed.
fn run(path: &Path) -> (usize, Vec<String>) {
    let page = std::fs::read_to_string(path).unwrap();
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let makefile = page.split_once("```make\n").and_then(|(_, rest)| rest.split_once("```"));
    let makefile = makefile.map_or("", |(block, _)| block);
    let prepared = || Pinx::new().file("prompt.txt", "a red fox\n").file("Makefile", makefile);
    let bare = prepared();
    let keyed = prepared()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("FAL_KEY", FAL_KEY)
        .openai(&openai)
        .fal(&fal);
    let examples = examples(&page);
    let mut failures = Vec::new();
    for example in &examples {
        if example.need == Need::Terminal || lacks(&example.command) {
            continue;
        }
        // What stands before holds in both worlds.
        let is_key = example.need == Need::Key;
        let worlds = [(&bare, !is_key), (&keyed, is_key || example.command.starts_with("printf"))];
        for (world, _) in worlds.iter().filter(|(_, runs)| *runs) {
            let output = world.shell(&example.command);
            if !output.status.success() {
                failures.push(format!(
                    "{}:{}: `{}` ends with {}\n{}",
                    path.display(),
                    example.line,
                    example.command,
                    output.status,
                    String::from_utf8_lossy(&output.stderr)
                ));
            }
        }
    }
    (examples.len(), failures)
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The blocks of code of a page in this language, in their order.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let code = page.split("```").skip(1).step_by(2);
    let of_it = code.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    of_it.map(str::to_owned).collect()
}

#[test]
fn every_example_of_the_readme_runs() {
    let readme = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let (examples, failures) = run(readme);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(examples >= 10, "ten everyday examples, not {examples}");
    let text = std::fs::read_to_string(readme).unwrap();
    let words = prose(&text).split_whitespace().count();
    assert!(words <= 1_010, "{words} words besides the examples");
    for topic in &pinx::cli::TOPICS {
        let row = format!("| `{}` | {} |", topic.name, topic.about());
        assert!(text.contains(&row), "README.md has no `{row}`");
    }
}

#[test]
fn every_example_of_the_topics_runs() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cmd/help");
    let mut all = Vec::new();
    for topic in &pinx::cli::TOPICS {
        let (examples, failures) = run(&Path::new(directory).join(format!("{}.md", topic.name)));
        assert!(examples > 0, "`pinx help {}` has no example", topic.name);
        all.extend(failures);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
