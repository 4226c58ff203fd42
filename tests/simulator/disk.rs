//! What of a disk survives a power cut: synced bytes and synced names, and of the rest whatever the
//! dice leave. The files are real; this only keeps account of what is not durable yet.
//!
//! Names become durable in the order in which they were changed, as on every file system that keeps a
//! journal, and when any directory is synced; the sync of a file makes its bytes durable, and no name. A
//! directory is durable when it is made.

#![expect(clippy::disallowed_methods, reason = "it takes back what the program has done")]

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::dice::Dice;
use super::world::Change;

/// Every file below a directory, with its bytes.
pub(super) type Files = BTreeMap<PathBuf, Vec<u8>>;

#[derive(Debug, Default)]
pub(super) struct Disk {
    /// The durable bytes of files that have others now, by inode.
    unsynced: HashMap<u64, Vec<u8>>,
    /// Changes of names that are not durable, oldest first.
    names: Vec<Undo>,
    /// What the change that is under way will leave to be undone.
    under_way: Option<Undo>,
}

#[derive(Debug)]
enum Undo {
    Made(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, old: Option<Vec<u8>> },
    Removed(PathBuf, Vec<u8>),
}

impl Disk {
    pub(super) fn before(&mut self, change: &Change<'_>) {
        self.under_way = None;
        match change {
            Change::Write(file, _) | Change::Shorten(file) => {
                let bytes = || fs::read(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap();
                self.unsynced.entry(inode(file)).or_insert_with(bytes);
            }
            Change::Open { path, emptied } => match fs::metadata(path) {
                Err(_) => self.under_way = Some(Undo::Made(path.to_path_buf())),
                Ok(meta) if *emptied => {
                    self.unsynced.entry(meta.ino()).or_insert_with(|| fs::read(path).unwrap());
                }
                Ok(_) => {}
            },
            Change::Name { from, to, replaces } => {
                let old = if *replaces { fs::read(to).ok() } else { None };
                let (from, to) = (from.to_path_buf(), to.to_path_buf());
                self.under_way = Some(Undo::Renamed { from, to, old });
            }
            Change::Remove(path) => {
                let old = fs::read(path).ok();
                self.under_way = old.map(|old| Undo::Removed(path.to_path_buf(), old));
            }
            _ => {}
        }
    }

    /// Takes note of a change that was made now; recovery and sweeping go by how old a file is.
    pub(super) fn after(&mut self, change: &Change<'_>, now: Timestamp) {
        let is_new =
            |path: &Path| matches!(&self.under_way, Some(Undo::Made(made)) if made == path);
        match change {
            Change::Write(file, _) | Change::Shorten(file) => touch(file, now),
            Change::Open { path, emptied } if *emptied || is_new(path) => {
                touch(&File::open(path).unwrap(), now);
            }
            _ => {}
        }
        match change {
            Change::Sync(file) => drop(self.unsynced.remove(&inode(file))),
            Change::SyncDir(_) => self.names.clear(),
            _ => self.names.extend(self.under_way.take()),
        }
    }

    /// The bytes of a file that a power cut would leave, whatever the dice say; none where it could
    /// lose its name.
    pub(super) fn durable(&self, path: &Path) -> Option<Vec<u8>> {
        let is_new = |undo: &Undo| match undo {
            Undo::Made(made) => made == path,
            Undo::Renamed { to, .. } => to == path,
            Undo::Removed(..) => false,
        };
        if self.names.iter().any(is_new) {
            return None;
        }
        let inode = fs::metadata(path).ok()?.ino();
        self.unsynced.get(&inode).cloned().or_else(|| fs::read(path).ok())
    }

    /// What a power cut leaves.
    pub(super) fn cut(&mut self, root: &Path, dice: &mut Dice) -> Files {
        let mut files = files(root);
        for (path, bytes) in &mut files {
            let Some(durable) =
                fs::metadata(path).ok().and_then(|meta| self.unsynced.get(&meta.ino()))
            else {
                continue;
            };
            let is_longer = bytes.starts_with(durable);
            match dice.below(3) {
                0 => bytes.clone_from(durable),
                1 if is_longer => {
                    let more = dice.below((bytes.len() - durable.len()) as u64 + 1) as usize;
                    bytes.truncate(durable.len() + more);
                }
                _ => {}
            }
        }
        let lost = dice.below(self.names.len() as u64 + 1) as usize;
        for undo in self.names.iter().rev().take(lost) {
            match undo {
                Undo::Made(path) => drop(files.remove(path)),
                Undo::Renamed { from, to, old } => {
                    if let Some(bytes) = files.remove(to) {
                        files.insert(from.clone(), bytes);
                    }
                    files.extend(old.clone().map(|old| (to.clone(), old)));
                }
                Undo::Removed(path, bytes) => {
                    files.entry(path.clone()).or_insert_with(|| bytes.clone());
                }
            }
        }
        *self = Disk::default();
        files
    }
}

fn inode(file: &File) -> u64 {
    file.metadata().unwrap().ino()
}

/// Reads every file below a directory.
pub(super) fn files(root: &Path) -> Files {
    let mut files = Files::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                dirs.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                files.insert(path, bytes);
            }
        }
    }
    files
}

fn touch(file: &File, now: Timestamp) {
    file.set_modified(now.into()).unwrap();
}

/// Makes the files below a directory exactly these, at this time.
pub(super) fn restore(root: &Path, wanted: &Files, now: Timestamp) {
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        touch(&File::open(path).unwrap(), now);
    };
    for (path, bytes) in &files(root) {
        match wanted.get(path) {
            None => fs::remove_file(path).unwrap(),
            Some(other) if other != bytes => write(path, other),
            Some(_) => {}
        }
    }
    for (path, bytes) in wanted.iter().filter(|(path, _)| !path.exists()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(path, bytes);
    }
}
