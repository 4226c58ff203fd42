//! Files that somebody knows, each remembered by a hash of its one true name.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

/// A set of files: eight bytes for each, whatever its name.
#[derive(Default)]
pub(super) struct Files {
    hasher: RandomState,
    /// Directories, each with its own name behind all links.
    directories: HashMap<PathBuf, PathBuf>,
    known: HashSet<u64>,
}

impl Files {
    /// Adds a file, by its absolute path.
    pub(super) fn add(&mut self, path: &Path) {
        let hash = self.hash(path);
        self.known.insert(hash);
    }

    /// Takes a file out.
    pub(super) fn remove(&mut self, path: &Path) {
        let hash = self.hash(path);
        self.known.remove(&hash);
    }

    /// Takes out the file of a hash.
    pub(super) fn forget(&mut self, hash: u64) {
        self.known.remove(&hash);
    }

    /// Whether it is one of them.
    pub(super) fn has(&mut self, path: &Path) -> bool {
        let hash = self.hash(path);
        self.known.contains(&hash)
    }

    /// The hash of a file's one true name, equal for all who ask here.
    pub(super) fn hash(&mut self, path: &Path) -> u64 {
        let directory = path.parent().unwrap_or(Path::new(""));
        if !self.directories.contains_key(directory) {
            let real = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
            self.directories.insert(directory.to_owned(), real);
        }
        self.hasher.hash_one((&self.directories[directory], path.file_name()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_whatever_links_lead_to_it() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        crate::fs::create_dir(&at("out")).unwrap();
        std::os::unix::fs::symlink("out", at("link")).unwrap();
        let mut files = Files::default();
        files.add(&at("out/fox.png"));
        assert!(files.has(&at("link/fox.png")) && files.has(&at("out/fox.png")));
        assert!(!files.has(&at("fox.png")) && !files.has(&at("link/owl.png")));
    }
}
