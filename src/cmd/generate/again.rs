//! The command that repeats what an interview has asked for.
//!
//! Pure.

use super::Args;
use crate::cmd::interview::Answers;
use crate::text::shell_line;

/// The answers and the flags that were given, as one command for a shell.
pub(super) fn command(args: &Args, answers: &Answers) -> String {
    let mut words: Vec<String> =
        [env!("CARGO_PKG_NAME"), "generate", "-m", &answers.model].map(str::to_owned).into();
    if let Some(size) = answers.size {
        words.extend(["-s".to_owned(), size.to_string()]);
    }
    if let Some(style) = &answers.style {
        words.extend(["--style".to_owned(), style.clone()]);
    }
    let is_answered = |name: &str| match name {
        "model" => true,
        "size" => answers.size.is_some(),
        "style" => answers.style.is_some(),
        _ => false,
    };
    let given = args.settings().into_iter().filter(|(name, _)| !is_answered(name));
    words.extend(given.map(|(name, value)| flag(&name, &value)));
    words.extend(args.params.iter().map(|param| format!("-P{param}")));
    words.extend(args.force.then(|| "--force".to_owned()));
    let prompt = &answers.prompt;
    if prompt.starts_with('-') {
        words.push("--".to_owned());
    }
    words.push(if prompt.starts_with('@') { format!("@{prompt}") } else { prompt.clone() });
    shell_line(words.iter().map(String::as_str))
}

/// A setting as the flag that says it.
fn flag(name: &str, value: &toml::Value) -> String {
    match (name, value.as_str()) {
        ("fallback", None) => "--no-fallback".to_owned(),
        ("metadata", Some("never")) => "--no-metadata".to_owned(),
        ("cache.mode", Some("never")) => "--no-cache".to_owned(),
        ("cache.mode", _) => "--cache".to_owned(),
        (name, None) => format!("--{}", name.replace('_', "-")),
        (name, Some(text)) => format!("--{}={text}", name.replace('_', "-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_answers_and_flags() {
        let mut args = Args::default();
        let mut answers = Answers {
            prompt: "it's a fox".to_owned(),
            model: "auto".to_owned(),
            size: "512x512".parse().ok(),
            style: Some("noir".to_owned()),
        };
        assert_eq!(
            command(&args, &answers),
            "pinx generate -m auto -s 512x512 --style noir \"it's a fox\""
        );
        args.count = Some("2".to_owned());
        args.max_cost = Some("0.5".to_owned());
        args.params = vec!["steps=4".to_owned()];
        (args.strict, args.no_fallback, args.no_metadata) = (true, true, true);
        (answers.size, answers.style, answers.prompt) = (None, None, "@home".to_owned());
        assert_eq!(
            command(&args, &answers),
            "pinx generate -m auto --count=2 --max-cost=0.5 --strict --no-fallback --no-metadata \
             -Psteps=4 @@home"
        );
    }
}
