//! Every example of the README runs as it stands, offline, in a world of its own.
//!
//! Examples are the lines with `pinx` in ```sh blocks. A line that ends in `# needs a key` is run
//! as a dry run where it generates, and left alone otherwise.

use crate::pinx::{FAL_KEY, OPENAI_KEY, Pinx};

/// One command of the README.
#[derive(Debug, PartialEq)]
struct Example {
    line: usize,
    command: String,
    needs_key: bool,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut inside = false;
    let mut examples = Vec::new();
    for (number, line) in readme.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```sh";
            continue;
        }
        let (command, comment) = line.split_once(" #").unwrap_or((line, ""));
        let command = command.trim().trim_start_matches("$ ").to_owned();
        let command = command.replace("cargo run -- ", "pinx ");
        let runs =
            command.split([' ', '|']).any(|word| word == "pinx") && !command.starts_with('#');
        if inside && runs && !command.starts_with("cargo ") && !command.starts_with("export ") {
            let needs_key = comment.contains("needs a key");
            examples.push(Example { line: number + 1, command, needs_key });
        }
    }
    examples
}

fn generates(command: &str) -> bool {
    ["pinx generate ", "pinx gen ", "pinx g ", "pinx \"", "pinx '"]
        .iter()
        .any(|start| command.contains(start))
}

#[test]
fn examples_are_found() {
    let text = "```sh\npinx \"a fox\"   # a comment\n$ echo x | pinx generate # needs a key\ncargo x pinx\ncargo run -- g \"x\"\n```\n\
                ```\npinx no\n```\npinx no\n";
    let example =
        |line, command: &str, needs_key| Example { line, command: command.to_owned(), needs_key };
    assert_eq!(
        examples(text),
        [
            example(2, "pinx \"a fox\"", false),
            example(3, "echo x | pinx generate", true),
            example(5, "pinx g \"x\"", false),
        ]
    );
}

#[test]
fn every_example_of_the_readme_runs() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() >= 10, "ten everyday examples, not {}", examples.len());
    let pinx = Pinx::new().file("prompt.txt", "a red fox\n");
    let keyed = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("FAL_KEY", FAL_KEY);
    for example in examples {
        let mut line = example.command.clone();
        if example.needs_key {
            if !generates(&line) {
                continue;
            }
            line.push_str(" --dry-run");
        }
        let world = if example.needs_key { &keyed } else { &pinx };
        let output = world.shell(&line);
        assert!(
            output.status.success(),
            "README.md:{}: `{line}` ends with {}\n{}",
            example.line,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
