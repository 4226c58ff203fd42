//! File names from templates, always inside the output directory.
//!
//! Pure: no disk, no clock. What a field holds (a prompt, a model's name) is made one safe part of
//! a path on every platform: it never makes a directory, never leaves one, never hides a file. Only
//! what the user wrote out (`/`, `..`, a leading dot) has its meaning. Two names that differ in
//! case or in Unicode form alone are two names here; the disk decides, and the caller goes on to
//! the next candidate.

mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, is_separator};

pub use self::template::template_root;
use self::template::{cut, extended, literal, output_target, planned, safe};
use serde::{Deserialize, Serialize};

use super::sink::Sink;
use crate::error::{Error, Result};
use crate::text;

/// The fields that every template knows.
pub const FIELDS: [&str; 12] = [
    "slug", "prompt", "date", "time", "model", "provider", "seed", "n", "id", "run", "style", "ext",
];

/// The longest part of a path made from fields, in bytes; it leaves room for `-1000` and `.jpeg`
/// within the 255 that file systems take.
const PART: usize = 200;

/// The longest part of a path that file systems take, in bytes.
const LONGEST: usize = 255;

/// The longest stem of a default name, in bytes: about nine words.
pub const SLUG: usize = 60;

/// The template of default names.
const DEFAULT: &str = "{slug}.{ext}";

/// Where images go, as asked for with `--output`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Into this directory, by default names.
    Directory(PathBuf),
    /// To this file; several become `stem`, `stem-2`, …
    File(PathBuf),
    /// By a template that holds fields.
    Template(String),
    /// To standard output.
    Stdout,
}

impl Default for Output {
    fn default() -> Self {
        Output::Directory(PathBuf::from("."))
    }
}

impl Output {
    /// What a text asks for: `-` is standard output, by whatever name; an existing directory, or what ends in `/`, is
    /// a directory; what holds a `{field}` is a template; all else is a file. A template that ends
    /// in `/` gets default names inside. Any word in braces counts as a field, so that `plan` can
    /// tell one that there is not before anything is paid.
    pub fn parse(text: &str, is_dir: impl Fn(&Path) -> bool) -> Output {
        Output::parse_with(text, &[], is_dir)
    }

    /// The same where a template has further fields.
    pub fn parse_with(text: &str, extra: &[&str], is_dir: impl Fn(&Path) -> bool) -> Output {
        let known = || FIELDS.iter().chain(extra).copied();
        let unescaped = text.replace("{{", "");
        let meant = unescaped
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .any(|(name, _)| is_field_name(name) || text::nearest(name, known()).is_some());
        if ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(&text) {
            Output::Stdout
        } else if is_dir(Path::new(text)) {
            Output::Directory(PathBuf::from(text))
        } else if text.ends_with(is_separator) {
            if meant {
                Output::Template(format!("{text}{DEFAULT}"))
            } else {
                Output::Directory(PathBuf::from(text))
            }
        } else if meant {
            Output::Template(text.to_owned())
        } else {
            Output::File(PathBuf::from(text))
        }
    }
}

/// Whether a text between braces is written as fields are.
fn is_field_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// What the fields of a template stand for. An empty one reads `no-style`, `no-id`…
#[derive(Debug, Clone, Default)]
pub struct Fields<'a> {
    /// The prompt.
    pub prompt: &'a str,
    /// Now.
    pub now: jiff::Timestamp,
    /// The model, with or without its provider.
    pub model: &'a str,
    /// The provider's id.
    pub provider: &'a str,
    /// The seed in use.
    pub seed: u64,
    /// Which image of the run, counted from 1.
    pub n: usize,
    /// What the job is called: in its batch file, else by its run.
    pub id: &'a str,
    /// The run's id.
    pub run: &'a str,
    /// The style's id.
    pub style: &'a str,
    /// The real extension, without the dot.
    pub ext: &'a str,
    /// Keys of a batch file; the fields above come first.
    pub extra: BTreeMap<String, String>,
}

impl Fields<'_> {
    /// The time here. Asked for only when a name holds it: finding the time zone takes longer than all
    /// else before a request.
    fn local(&self, format: &str) -> String {
        self.now.to_zoned(crate::zone::local()).strftime(format).to_string()
    }

    /// The text of a field, not yet safe; nothing when there is no such field.
    fn get(&self, name: &str) -> Option<String> {
        let text = match name {
            "prompt" => self.prompt.to_owned(),
            "slug" => text::slug(self.prompt, SLUG),
            "date" => self.local("%Y-%m-%d"),
            "time" => self.local("%H-%M-%S"),
            "model" => self.model.to_owned(),
            "provider" => self.provider.to_owned(),
            "seed" => self.seed.to_string(),
            "n" => self.n.to_string(),
            "id" => self.id.to_owned(),
            "run" => self.run.to_owned(),
            "style" => self.style.to_owned(),
            "ext" => self.extension(),
            _ => self.extra.get(name)?.clone(),
        };
        let value = safe(&text);
        Some(if value.is_empty() { safe(&format!("no-{name}")) } else { value })
    }

    /// The real extension, certain to be one.
    fn extension(&self) -> String {
        self.ext.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
    }
}

/// Where an image wants to be. It is journalled, so that `pinx recover` finds the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputTarget {
    /// The directory; `.` for the current one.
    pub directory: PathBuf,
    /// The file name without suffix and extension, never empty.
    pub stem: String,
    /// The extension without the dot; empty means none.
    pub extension: String,
    /// Whether a taken name moves on to the next candidate. Not for a single named file, whose
    /// existence is an error before anything is paid.
    pub suffix_ok: bool,
    /// The real directory that it may not leave, through no link either, whatever becomes of the links
    /// meanwhile; none where its user named the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<PathBuf>,
}

/// Plans the name of one image of `count`. Standard output gets the default name, for messages and
/// for bytes that have to be kept.
///
/// # Errors
/// Usage: an unknown field, a brace that is not closed, `..` after a field, no file name.
pub fn plan(output: &Output, fields: &Fields<'_>, count: usize) -> Result<OutputTarget> {
    match output {
        Output::Directory(directory) => output_target(directory.clone(), DEFAULT, DEFAULT, fields),
        Output::Stdout => output_target(PathBuf::from("."), DEFAULT, DEFAULT, fields),
        Output::Template(template) => planned(template, fields),
        Output::File(file) => named(file, fields, count),
    }
}

impl OutputTarget {
    /// Where it goes.
    pub fn sink(&self) -> Sink<'_> {
        Sink { directory: &self.directory, within: self.within.as_deref() }
    }

    /// The name of a candidate: `stem.ext`, `stem-2.ext`, `stem-3.ext`… for 0, 1, 2…
    pub(super) fn name(&self, index: usize) -> String {
        let mut tail = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        if !self.extension.is_empty() {
            tail.push('.');
            tail.push_str(&self.extension);
        }
        cut(&self.stem, LONGEST.saturating_sub(tail.len())).to_owned() + &tail
    }
}

/// The path of a candidate.
pub fn candidate(target: &OutputTarget, index: usize) -> PathBuf {
    target.sink().path(&target.name(index))
}

/// So many free names in a row say that there is nothing behind them.
const GAP: usize = 64;

/// The candidates from a number on that are taken. A file was given the first free name, so it is
/// among these even where some before it have been removed since.
pub fn taken(target: &OutputTarget, from: usize) -> impl Iterator<Item = PathBuf> {
    let mut free = 0;
    let near = move |(is_there, _): &(bool, PathBuf)| {
        free = if *is_there { 0 } else { free + 1 };
        free <= GAP
    };
    let all = (from..).map(|index| candidate(target, index)).map(|path| (path.exists(), path));
    all.take_while(near).filter_map(|(is_there, path)| is_there.then_some(path))
}

/// A file named by the user: its own words, with the real extension.
fn named(file: &Path, fields: &Fields<'_>, count: usize) -> Result<OutputTarget> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    literal(name)?;
    if name.is_empty() {
        let output = file.display();
        return Err(Error::usage(format!("`{output}` does not name a file"))
            .hint("end it in `/` to name a directory"));
    }
    let directory = match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let (stem, extension) = extended(name, fields);
    Ok(OutputTarget {
        directory,
        stem: stem.to_owned(),
        extension,
        suffix_ok: count > 1,
        within: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    fn fields<'a>(prompt: &'a str) -> Fields<'a> {
        Fields { prompt, model: "openai/gpt-image-2", n: 3, ext: "png", ..Fields::default() }
    }

    fn parse(text: &str) -> Output {
        Output::parse(text, |path| path == Path::new("pictures"))
    }

    fn path(output: &str, prompt: &str) -> String {
        let target = plan(&parse(output), &fields(prompt), 1).unwrap();
        candidate(&target, 0).to_str().unwrap().replace(std::path::MAIN_SEPARATOR, "/")
    }

    #[test]
    fn outputs_are_told_apart() {
        assert_eq!(parse("-"), Output::Stdout);
        assert_eq!(parse("/dev/stdout"), Output::Stdout);
        assert_eq!(parse("out/"), Output::Directory("out/".into()));
        assert_eq!(parse("pictures"), Output::Directory("pictures".into()));
        assert_eq!(parse("fox.png"), Output::File("fox.png".into()));
        assert_eq!(parse("{other}.png"), Output::Template("{other}.png".into()));
        assert_eq!(parse("{a b}.png"), Output::File("{a b}.png".into()));
        assert_eq!(parse("{{slug}}.png"), Output::File("{{slug}}.png".into()));
        assert_eq!(parse("{slug}.png"), Output::Template("{slug}.png".into()));
        assert_eq!(parse("{sulg}.png"), Output::Template("{sulg}.png".into()));
        assert_eq!(parse("{model}/"), Output::Template("{model}/{slug}.{ext}".into()));
    }

    #[test]
    fn names_follow_the_output() {
        for (output, name) in [
            ("-", "a-red-fox.png"),
            ("pictures", "pictures/a-red-fox.png"),
            ("out/", "out/a-red-fox.png"),
            ("../x/fox.png", "../x/fox.png"),
            ("fox.PNG", "fox.PNG"),
            ("fox.jpg", "fox.png"),
            ("fox", "fox.png"),
            ("fox.v2", "fox.v2.png"),
            ("{slug}", "a-red-fox.png"),
            ("{slug}.{ext}", "a-red-fox.png"),
            ("{slug}.jpeg", "a-red-fox.png"),
            ("a/{slug}-{n}.v2", "a/a-red-fox-3.v2.png"),
            ("/t//{model}/{prompt}", "/t/openai-gpt-image-2/A red fox!.png"),
            ("{{{n}}}{style}", "{3}no-style.png"),
            ("../{n}/", "../3/a-red-fox.png"),
            ("{ext}/.{ext}", "png/image.png"),
            ("{slug}/..", "a-red-fox/image.png"),
        ] {
            assert_eq!(path(output, "A red fox!"), name, "{output}");
        }
    }

    #[test]
    fn prompts_are_harmless() {
        for (prompt, name) in [
            ("../../etc/x", "t/etc-x/etc-x.png"),
            ("-rf .", "t/rf/rf.png"),
            ("..", "t/no-prompt/image.png"),
            ("nul", "t/image-nul/nul-image.png"),
            ("COM1.txt. ", "t/image-COM1.txt/com1-txt.png"),
            ("C:\\a\u{7}\u{202e}b\r\nc", "t/C-ab c/c-a-b-c.png"),
            ("🦊", "t/🦊/image.png"),
            ("{n} {{", "t/{n} {{/n.png"),
        ] {
            assert_eq!(path("t/{prompt}/{slug}.{ext}", prompt), name, "{prompt:?}");
        }
        let long = path("{prompt}/{prompt}-{id}", &"ä ".repeat(30_000));
        assert!(long.split('/').all(|part| part.len() <= 204), "{long}");
    }

    #[test]
    fn candidates_count_on() {
        let target = plan(&Output::default(), &fields("fox"), 4).unwrap();
        assert_eq!(target.directory, Path::new("."));
        let names: Vec<_> = (0..3).map(|index| candidate(&target, index)).collect();
        assert_eq!(names, ["fox.png", "fox-2.png", "fox-3.png"].map(PathBuf::from));
        assert!(target.suffix_ok);
        assert!(!plan(&parse("fox.png"), &fields(""), 1).unwrap().suffix_ok);
        assert!(plan(&parse("fox.png"), &fields(""), 2).unwrap().suffix_ok);
        let target = OutputTarget { stem: "x".repeat(255), ..target };
        assert_eq!(candidate(&target, 9).to_str().unwrap().len(), LONGEST);
    }

    #[test]
    fn taken_names_are_found_behind_gaps() {
        let home = tempfile::tempdir().unwrap();
        let target = OutputTarget {
            directory: home.path().to_owned(),
            ..plan(&parse("x"), &fields(""), 2).unwrap()
        };
        let touch = |index| {
            let path = candidate(&target, index);
            crate::fs::create_new(&path).unwrap();
            path
        };
        let paths = [2, 3, 3 + GAP, 5 + 2 * GAP].map(touch);
        assert_eq!(taken(&target, 0).collect::<Vec<_>>(), paths[..3]);
        assert_eq!(taken(&target, 3).collect::<Vec<_>>(), paths[1..3]);
    }

    #[test]
    fn mistakes_are_named_with_a_remedy() {
        for (output, message, hint) in [
            (
                "a/{slug}-{sed}.png",
                "unknown field `{sed}` in the output `a/{slug}-{sed}.png`",
                "did you mean `{seed}`?",
            ),
            (
                "{slug}/{zebra}/x",
                "unknown field `{zebra}` in the output `{slug}/{zebra}/x`",
                "the fields are {slug} {prompt} {date} {time} {model} {provider} {seed} {n} {id} \
                 {run} {style} {ext}",
            ),
            (
                "{slug}{",
                "a `{` stands alone in the output `{slug}{`",
                "write `{{` for the character itself",
            ),
            (
                "{slug}/../x",
                "the output `{slug}/../x` has a `..` after a field",
                "write the directory without `..`",
            ),
            ("..", "`..` does not name a file", "end it in `/` to name a directory"),
        ] {
            let error = plan(&parse(output), &fields("fox"), 1).unwrap_err();
            assert_eq!(error.message, message);
            assert_eq!(error.hints, [hint], "{output}");
        }
    }

    #[test]
    fn batch_keys_are_fields_too() {
        let extra = BTreeMap::from([("animal".to_owned(), "a/b".to_owned())]);
        let fields = Fields { extra, ..fields("fox") };
        let target = plan(&Output::Template("{animal}-{n}".into()), &fields, 1).unwrap();
        assert_eq!(target.stem, "a-b-3");
    }

    proptest! {
        #[test]
        fn no_field_leaves_the_directory(
            prompt in any::<String>(), style in any::<String>(), key in any::<String>(),
            template in "(x|\\.\\.|-|/|\\.|\\{prompt\\}|\\{style\\}|\\{slug\\}|\\{key\\}){1,12}",
            index in 0_usize..2000,
        ) {
            let extra = BTreeMap::from([("key".to_owned(), key)]);
            let fields = Fields { style: &style, extra, ..fields(&prompt) };
            let template = format!("base/{{prompt}}{template}");
            if let Ok(target) = plan(&Output::Template(template.clone()), &fields, 1) {
                prop_assert!(!target.stem.trim_matches('.').is_empty());
                let path = candidate(&target, index);
                let mut parts = path.components();
                prop_assert_eq!(parts.next(), Some(Component::Normal("base".as_ref())));
                let depth = template.split('/').filter(|part| !part.is_empty() && *part != ".").count();
                prop_assert!(path.components().count() <= depth + 1);
                for part in parts {
                    let Component::Normal(part) = part else { panic!("{part:?} in {path:?}") };
                    let part = part.to_str().unwrap();
                    prop_assert!(part.len() <= LONGEST && !part.contains(char::is_control));
                }
            } else {
                prop_assert!(template.contains(".."), "{}", template);
            }
        }

        #[test]
        fn no_template_makes_it_panic(template in any::<String>(), prompt in any::<String>()) {
            for output in [parse(&template), Output::Template(template)] {
                if let Ok(target) = plan(&output, &fields(&prompt), 2) {
                    let name = candidate(&target, 1);
                    let name = name.file_name().unwrap().to_str().unwrap();
                    prop_assert!(name.len() <= LONGEST && !name.contains(char::is_control));
                    prop_assert!(!target.stem.is_empty());
                }
            }
        }
    }
}
