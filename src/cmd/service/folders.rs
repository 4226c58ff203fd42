//! The directories of an agent: it reads pictures from nowhere else, and saves none elsewhere. Links
//! that lead out of them are not followed, nor are those that come after it was looked.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::fs;
use crate::store::Output;
use crate::text;

/// Directories, by their real names.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct Folders {
    /// What relative paths are below.
    base: PathBuf,
    /// All that may be used, the first being where images go.
    roots: Vec<PathBuf>,
    /// Where images go when nobody says more.
    place: Output,
    /// Whether files are read by their names.
    reads: bool,
}

/// A file that an agent has named: open, so that it stays what it was when it was looked at.
#[derive(Debug)]
pub(in crate::cmd) struct NamedFile {
    /// Its real path.
    pub(in crate::cmd) path: PathBuf,
    /// To be read from its beginning.
    pub(in crate::cmd) file: File,
}

impl Folders {
    /// These; images go below the first, and relative paths begin at `base`.
    ///
    /// # Errors
    /// One is no directory.
    pub(in crate::cmd) fn new(base: &Path, roots: &[&Path], reads: bool) -> Result<Folders> {
        let real = |path: &&Path| {
            path.canonicalize().map_err(|error| {
                Error::usage(format!("`{}` is no directory: {error}", path.display()))
                    .hint("make it, or set `mcp.output` to one that is there")
            })
        };
        let roots: Vec<PathBuf> = roots.iter().map(real).collect::<Result<_>>()?;
        let place = Output::Directory(roots[0].clone());
        Ok(Folders { base: real(&base)?, roots, place, reads })
    }

    /// The same, saving at a place inside when nobody says more.
    pub(in crate::cmd) fn saving_at(self, asked: &str) -> Folders {
        match self.output(asked) {
            Ok(place) => Folders { place, ..self },
            Err(_) => self,
        }
    }

    /// The place that an agent names, or where images go when it names none; and the directory of these
    /// that they must still be in when they are written.
    ///
    /// # Errors
    /// It is not inside.
    pub(super) fn place(&self, asked: Option<&str>) -> Result<(Output, PathBuf)> {
        let place = asked.map_or_else(|| Ok(self.place.clone()), |asked| self.output(asked))?;
        let within = match &place {
            Output::Directory(path) | Output::File(path) => self.root_of(path).cloned(),
            _ => None,
        };
        Ok((place, within.unwrap_or_else(|| self.roots[0].clone())))
    }

    /// The place that an agent names.
    ///
    /// # Errors
    /// It is not inside.
    fn output(&self, asked: &str) -> Result<Output> {
        let is_plain = !asked.trim().is_empty()
            && asked != "-"
            && !asked.contains(['{', '}'])
            && !asked.chars().any(char::is_control);
        let wrong = |why: &str| {
            Error::usage(format!("`output`: `{}` {why}", text::clean(asked, 200)))
                .code("output")
                .hint(format!("name a file or a directory (`art/`) below {}", self.shown()))
        };
        if !is_plain {
            return Err(wrong("is no name of a file or a directory"));
        }
        let path = self.roots[0].join(asked);
        if self.root_of(&path).is_none() {
            return Err(wrong("lies outside"));
        }
        let mut whole = path.display().to_string();
        if path.to_str().is_none() {
            return Err(wrong("is no text"));
        }
        if asked.ends_with('/') && !whole.ends_with('/') {
            whole.push('/');
        }
        Ok(Output::parse(&whole, Path::is_dir))
    }

    /// The file that an agent names; none where it is no name of one.
    ///
    /// # Errors
    /// It is not inside, or no file that can be read.
    pub(in crate::cmd) fn open(&self, word: &str) -> Result<Option<NamedFile>> {
        let Some(path) = self.input(word)? else { return Ok(None) };
        let root = self.root_of(&path).unwrap_or(&self.roots[0]);
        match fs::open_below(root, &path) {
            Ok(file) => Ok(Some(NamedFile { path, file })),
            Err(error) => {
                let what = format!("`{}` cannot be read: {error}", text::clean(word, 200));
                Err(Error::usage(what).code("input").hint("name a file, by no link"))
            }
        }
    }

    /// Its real path, if it is the name of something.
    fn input(&self, word: &str) -> Result<Option<PathBuf>> {
        if !self.reads || word.is_empty() {
            return Ok(None);
        }
        let path = self.base.join(word.strip_prefix("file://").unwrap_or(word));
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        match path.canonicalize() {
            Ok(real) if self.root_of(&real).is_some() => Ok(Some(real)),
            _ => Err(Error::usage(format!("`{}` lies outside", text::clean(word, 200)))
                .code("input")
                .hint(format!("copy it below {}", self.shown()))),
        }
    }

    /// The directories in a sentence.
    pub(in crate::cmd) fn shown(&self) -> String {
        let names: Vec<String> =
            self.roots.iter().map(|root| format!("`{}`", root.display())).collect();
        names.join(" or ")
    }

    /// The one that a path, which need not exist, is inside of, through whatever links.
    fn root_of(&self, path: &Path) -> Option<&PathBuf> {
        let is_plain = |part| !matches!(part, Component::ParentDir);
        if !path.components().all(is_plain) {
            return None;
        }
        // A link that leads nowhere yet is not followed either.
        let there = path.ancestors().find(|part| part.symlink_metadata().is_ok());
        let real = there.and_then(|part| part.canonicalize().ok())?;
        self.roots.iter().find(|root| real.starts_with(root))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[cfg(unix)]
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test makes its files itself")]
    fn nothing_leads_out_of_them() {
        let room = tempfile::tempdir().unwrap();
        let (inside, outside) = (room.path().join("in"), room.path().join("out"));
        std::fs::create_dir_all(inside.join("art")).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        std::fs::write(outside.join("x.png"), "x").unwrap();
        std::fs::write(inside.join("y.png"), "y").unwrap();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, inside.join(name));
        link(&outside, "away").unwrap();
        link(&outside.join("none"), "nowhere").unwrap();
        link(&outside.join("x.png"), "x.png").unwrap();
        link(&inside.join("art"), "here").unwrap();
        let folders = Folders::new(&inside, &[&inside], true).unwrap();
        let real = inside.canonicalize().unwrap();
        for (asked, path) in [("a.png", "a.png"), ("new/b.png", "new/b.png")] {
            assert_eq!(folders.output(asked).unwrap(), Output::File(real.join(path)), "{asked}");
        }
        for asked in ["art", "art/", "new/", "here", "here/new/"] {
            assert!(matches!(folders.output(asked), Ok(Output::Directory(_))), "{asked}");
        }
        for asked in [
            "",
            " ",
            "-",
            "..",
            "../x.png",
            "art/../../x.png",
            "/etc/x.png",
            "away/x.png",
            "away",
            "nowhere",
            "nowhere/x.png",
            "{prompt}.png",
            "a\nb.png",
        ] {
            assert_eq!(folders.output(asked).unwrap_err().code, "output", "{asked}");
        }
        assert_eq!(folders.input("y.png").unwrap(), Some(real.join("y.png")));
        assert_eq!(folders.input("art/../y.png").unwrap(), Some(real.join("y.png")));
        assert_eq!(folders.input("none.png").unwrap(), None);
        for word in ["x.png", "away/x.png", "../out/x.png", "nowhere"] {
            assert!(folders.input(word).is_err(), "{word}");
        }
        for word in ["art", "nowhere"] {
            assert!(folders.open(word).is_err(), "{word}");
        }
        let two = Folders::new(&inside, &[&outside, &inside], true).unwrap();
        assert!(two.input("x.png").is_ok() && two.output("z.png").is_ok());
        let blind = Folders::new(&inside, &[&inside], false).unwrap();
        assert_eq!(blind.input("y.png").unwrap(), None);
        // What became a link after it was looked at is not followed, wherever it stands.
        let read = |path: &str| fs::open_below(&real, &real.join(path));
        let mut text = String::new();
        read("y.png").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "y");
        for path in ["x.png", "away/x.png", "here", "art", "../out/x.png"] {
            assert!(read(path).is_err(), "{path}");
        }
    }
}
