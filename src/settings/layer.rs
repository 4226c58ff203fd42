//! Reading a settings file as one layer: names, values and their lines, checked strictly.
//!
//! An unknown key is an error that names file, line and the nearest name. A project's file is held
//! to taste: it comes with whatever was cloned.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::origin::Origin;
use super::schema::{self, PROJECT};
use super::{syntax, value};
use crate::error::{Error, Result};
use crate::request::Shape;
use crate::secret::redact;
use crate::{fs, text};

/// One value of a layer: the setting's name, its value, where it stands.
pub(super) type Entry = (String, Value, Origin);

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The user's own: may set everything.
    User,
    /// A project's: may set taste.
    Project,
}

/// Bytes that a file of settings or keys may have.
pub(super) const LARGEST: u64 = 4 << 20;

/// The text of a settings file; `None` when there is none.
///
/// # Errors
/// When it is there but cannot be read.
pub(super) fn text_of(path: &Path) -> Result<Option<String>> {
    match fs::read_input_text(path, LARGEST) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Error::usage(format!("the settings in {} cannot be read", path.display()))
                .because(error))
        }
    }
}

/// The settings in a file's text.
///
/// # Errors
/// Names file, line and what is wrong there.
pub(super) fn read(path: &Path, text: &str, whose: Whose) -> Result<Vec<Entry>> {
    let broken = |error: toml::de::Error| {
        syntax::malformed(path.display(), text, error.message(), error.span()).hint(match whose {
            Whose::User => "`pinx config edit` opens it".to_owned(),
            Whose::Project => format!("edit {}", path.display()),
        })
    };
    let table: Table = toml::from_str(text).map_err(broken)?;
    let lines = Lines::of(text);
    let mut reading = Reading { path, whose, lines, entries: Vec::new() };
    reading.walk("", &table)?;
    Ok(reading.entries)
}

struct Reading<'a> {
    path: &'a Path,
    whose: Whose,
    lines: Lines,
    entries: Vec<Entry>,
}

impl Reading<'_> {
    fn walk(&mut self, prefix: &str, table: &Table) -> Result<()> {
        for (key, value) in table {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            // Only names that the schema knows may hold a dot, so a quoted one never passes.
            let name = if key.contains('.') { path.clone() } else { schema::canonical(&path) };
            match (schema::find(&name), value) {
                (Some(_), value) if !key.contains('.') => self.take(&path, name, value)?,
                (_, Value::Table(inner)) if has_tables(&path) => self.walk(&path, inner)?,
                _ => return Err(self.unknown(&path, value)),
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &str, name: String, value: &Value) -> Result<()> {
        let line = self.lines.of_name(path);
        match self.whose {
            Whose::User => {
                self.entries.push((name, value.clone(), Origin::User(self.path.to_owned(), line)));
            }
            Whose::Project => {
                if !PROJECT.contains(&name.as_str()) {
                    return Err(self.forbidden(&name, line));
                }
                if name == "output" {
                    self.inside(value, line)?;
                }
                self.entries.push((
                    name,
                    value.clone(),
                    Origin::Project(self.path.to_owned(), line),
                ));
            }
        }
        Ok(())
    }

    fn unknown(&self, path: &str, value: &Value) -> Error {
        let place = format!("{}:{}", self.path.display(), self.lines.of_name(path));
        // A key that was pasted where a name belongs is still a key.
        let shown = redact(&text::clean(path, 80), []);
        if has_tables(path) {
            // Its value is not shown: a key that landed here is still a key.
            let what = value::kind(value);
            return Error::usage(format!("`{shown}` in {place} must be a table, but it is {what}"))
                .hint(match path {
                    "budget" | "providers" | "gateways" | "tls" | "cache" | "serve" | "mcp" => {
                        format!("write `[{path}]` above its keys")
                    }
                    _ => format!("write `[{shown}]` above its keys"),
                });
        }
        let error = Error::usage(format!("unknown setting `{shown}` in {place}"));
        match schema::nearest(path) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`pinx config show` lists every setting"),
        }
    }

    fn forbidden(&self, name: &str, line: usize) -> Error {
        Error::usage(format!(
            "`{name}` cannot be set in {}:{line}: a project's file comes with the repository, and a \
             cloned repository must not be able to send a key elsewhere or to spend more",
            self.path.display()
        ))
        .hint(match schema::find(name).map(|known| known.shape) {
            Some(Shape::Tables) | None => "move it to your own file: `pinx config edit`".to_owned(),
            Some(_) => format!("set it for yourself: `pinx config set {name} …`"),
        })
        .hint(format!("a project may set {}", PROJECT.join(", ")))
    }

    /// A project may not point outside itself, nor through a link that leads out.
    fn inside(&self, value: &Value, line: usize) -> Result<()> {
        let Some(output) = value.as_str() else { return Ok(()) };
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        let mut good = output != "-"
            && !output.starts_with(['~', '/', '\\'])
            && !output.contains(':')
            && !output.split(['/', '\\']).any(|part| part == "..")
            && Path::new(output).components().all(plain);
        let root = self.path.parent().and_then(|root| root.canonicalize().ok());
        if let (true, Some(root)) = (good, root) {
            let target = root.join(output);
            let there = target.ancestors().find_map(|part| part.canonicalize().ok());
            good = there.is_none_or(|there| there.starts_with(&root));
        }
        if good {
            return Ok(());
        }
        Err(Error::usage(format!(
            "`output` in {}:{line} must be a path inside the project, but it is `{}`",
            self.path.display(),
            text::clean(output, 80)
        ))
        .hint("write a relative path without `..`, or give `-o` yourself"))
    }
}

/// Whether it is the name of a table that holds settings.
fn has_tables(path: &str) -> bool {
    let parts = path.split('.').count();
    let inner = format!("{path}.");
    matches!((path.split('.').next(), parts), (Some("providers" | "gateways"), 1 | 2))
        || schema::all().iter().any(|known| known.name.starts_with(&inner))
}

/// The line of every key in a TOML text.
pub(super) struct Lines(HashMap<String, usize>);

impl Lines {
    /// Of a text; none when it is malformed.
    pub(super) fn of(text: &str) -> Lines {
        let mut lines = HashMap::new();
        if let Ok(table) = DeTable::parse(text) {
            // Counted once: a cloned repository's file may have a hundred thousand keys.
            let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
            collect(&breaks, "", table.get_ref(), &mut lines);
        }
        Lines(lines)
    }

    /// The line of a key by its dotted name.
    pub(super) fn of_name(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(1)
    }
}

/// Enters the keys of a table; `breaks` are the places of the text's line breaks.
fn collect(
    breaks: &[usize],
    prefix: &str,
    table: &DeTable<'_>,
    lines: &mut HashMap<String, usize>,
) {
    for (key, value) in table {
        let name = match prefix {
            "" => key.get_ref().to_string(),
            _ => format!("{prefix}.{}", key.get_ref()),
        };
        let line = breaks.partition_point(|at| *at < key.span().start) + 1;
        if let DeValue::Table(inner) = value.get_ref() {
            collect(breaks, &name, inner, lines);
        }
        lines.insert(name, line);
    }
}

/// The project's file: `pinx.toml` in the current directory or above it, up to the root of the git
/// checkout. Outside a checkout only the current directory counts, since directories above it (such
/// as `/tmp`) may belong to others.
pub(super) fn find_project(cwd: &Path) -> Option<PathBuf> {
    let root = cwd.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(cwd);
    cwd.ancestors()
        .take_while(|dir| dir.starts_with(root))
        .map(|dir| dir.join("pinx.toml"))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::fs;

    fn fails(text: &str, whose: Whose) -> Error {
        let error = read(Path::new("/p/x.toml"), text, whose).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        error
    }

    #[test]
    fn unknown_keys_are_named_with_line_and_nearest() {
        for (text, message, hint) in [
            ("\n\nmodle = 'x'", "unknown setting `modle` in /p/x.toml:3", "did you mean `model`?"),
            (
                "[providers.openai]\nbase_uri = 'x'",
                "unknown setting `providers.openai.base_uri` in /p/x.toml:2",
                "did you mean `providers.openai.base_url`?",
            ),
            (
                "[budget]\ndays = 5",
                "unknown setting `budget.days` in /p/x.toml:2",
                "did you mean `budget.day`?",
            ),
            (
                "[batch]\nonly = 5",
                "unknown setting `batch` in /p/x.toml:1",
                "`pinx config show` lists every setting",
            ),
            (
                "\"budget.run\" = 5",
                "unknown setting `budget.run` in /p/x.toml:1",
                "did you mean `budget.run`?",
            ),
        ] {
            let error = fails(text, Whose::User);
            assert_eq!(error.message, message);
            assert_eq!(error.hints, [hint]);
        }
    }

    #[test]
    fn malformed_toml_names_the_place_and_never_shows_it() {
        let error = fails("model = 'a'\nsize = = 1\n", Whose::User);
        assert!(error.message.starts_with("/p/x.toml:2:8 is not valid TOML: "), "{error}");
        assert!(!error.message.contains("size"), "{error}");
        for bad in ["api_key = sk-hunter2", "api_key = \"sk-hunter2", "api_key = sk-hunter2\""] {
            let error = fails(&format!("[providers.openai]\n{bad}\n"), Whose::User);
            assert!(error.message.starts_with("/p/x.toml:2:"), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        for text in ["providers = 'sk-hunter2'", "[providers]\nopenai = ['sk-hunter2']"] {
            let error = fails(text, Whose::User);
            assert!(error.message.contains("must be a table, but it is"), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn names_values_and_lines_are_read() {
        let text = "size = '512x512'\nmax_cost = 1\n\n[providers.fal]\n# why\nqueue_url = 'http://127.0.0.1'\n[[models]]\nid = 'a/b'\n";
        let entries = read(Path::new("/p/x.toml"), text, Whose::User).unwrap();
        let found: Vec<(String, usize)> = entries
            .into_iter()
            .map(|(name, _, origin)| match origin {
                Origin::User(_, line) => (name, line),
                other => panic!("{other:?}"),
            })
            .collect();
        for (name, line) in
            [("size", 1), ("budget.run", 2), ("providers.fal.queue_url", 6), ("models", 7)]
        {
            assert!(found.contains(&(name.to_owned(), line)), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_project_sets_taste_only() {
        for text in [
            "[providers.openai]\nbase_url = 'https://evil.example'",
            "[gateways.x]\nurl = 'https://evil.example'",
            "[providers.openai]\nkey_env = ['X']",
            "[[models]]\nid = 'openai/x'",
            "confirm_above = 100",
            "max_cost = 100",
            "concurrency = 9",
        ] {
            let error = fails(text, Whose::Project);
            assert!(error.message.contains("cloned repository"), "{error}");
            assert!(error.hints[0].contains("pinx config"), "{error:?}");
        }
        let good = "model = 'auto'\nstyle = 'x'\ncolors = ['#fff']\noutput = 'art/{slug}'";
        assert_eq!(read(Path::new("/p/pinx.toml"), good, Whose::Project).unwrap().len(), 4);
    }

    #[test]
    fn a_project_s_output_stays_inside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("repo/pinx.toml");
        fs::create_dir(&dir.path().join("repo/art")).unwrap();
        for bad in ["/etc", "../x", "a/../../x", "~/x", "-", "C:\\x", "a\\..\\..\\x"] {
            let error = read(&path, &format!("output = '{bad}'"), Whose::Project).unwrap_err();
            assert!(error.message.contains("inside the project"), "{bad}: {error}");
        }
        for good in ["art", "art/new/deeper", "./art/", "art/{date}-{slug}"] {
            assert!(read(&path, &format!("output = '{good}'"), Whose::Project).is_ok(), "{good}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path(), dir.path().join("repo/out")).unwrap();
            assert!(read(&path, "output = 'out/x'", Whose::Project).is_err(), "a link leads out");
        }
    }

    #[test]
    fn the_project_s_file_is_sought_up_to_the_checkout() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("repo/a/b");
        fs::create_dir(&deep).unwrap();
        fs::write_atomic(&dir.path().join("pinx.toml"), b"", fs::Mode::Normal).unwrap();
        fs::write_atomic(&dir.path().join("repo/pinx.toml"), b"", fs::Mode::Normal).unwrap();
        assert_eq!(find_project(&deep), None, "no checkout, so only the directory itself");
        assert!(find_project(&dir.path().join("repo")).is_some());
        fs::create_dir(&dir.path().join("repo/.git")).unwrap();
        assert_eq!(find_project(&deep), Some(dir.path().join("repo/pinx.toml")));
        assert_eq!(find_project(dir.path()), Some(dir.path().join("pinx.toml")));
    }
}
