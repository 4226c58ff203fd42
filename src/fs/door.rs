//! Every change of the disk, one function each: here alone the system is asked for it.
//!
//! A change is announced before it happens and told after, so that a simulated disk of the unit tests
//! can refuse it, stop the world before it, and knows what a power cut would take. In the program
//! nobody listens, and nothing of that is compiled.

#![expect(
    clippy::disallowed_methods,
    reason = "these are the functions that all others go through"
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::{Builder, NamedTempFile, TempPath};

/// What changes on the disk.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(all(test, target_os = "linux")),
    expect(dead_code, reason = "only a simulated disk looks into it")
)]
pub(crate) enum Change<'a> {
    /// A directory, with its parents.
    MakeDir(&'a Path),
    /// A directory goes.
    RemoveDir(&'a Path),
    /// A file is opened for writing, and made where there is none; it may be emptied.
    Open {
        /// Its name.
        path: &'a Path,
        /// Whether its bytes go.
        emptied: bool,
    },
    /// A file with a name that nobody knows yet, or without one, in a directory.
    Temporary(&'a Path),
    /// Bytes are written into a file.
    Write(&'a File, &'a [u8]),
    /// A file gets shorter.
    Shorten(&'a File),
    /// The bytes of a file become durable.
    Sync(&'a File),
    /// The names in a directory become durable.
    SyncDir(&'a Path),
    /// A file gets another name.
    Name {
        /// What it is called.
        from: &'a Path,
        /// What it is to be called.
        to: &'a Path,
        /// Whether what has that name goes.
        replaces: bool,
    },
    /// A file goes.
    Remove(&'a Path),
    /// A lock is waited for.
    Lock(&'a Path),
}

/// Lets a change happen.
fn change<T>(
    #[cfg_attr(not(test), expect(unused_variables, reason = "nobody listens"))] change: Change<'_>,
    work: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        world.before(&change)?;
        let done = work()?;
        world.after(&change);
        return Ok(done);
    }
    work()
}

pub(super) fn make_dir_all(path: &Path, builder: &fs::DirBuilder) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    change(Change::MakeDir(path), || builder.create(path))
}

pub(super) fn make_dir(path: &Path) -> io::Result<()> {
    change(Change::MakeDir(path), || fs::create_dir(path))
}

pub(super) fn remove_dir(path: &Path) -> io::Result<()> {
    change(Change::RemoveDir(path), || fs::remove_dir(path))
}

/// Opens a file for writing.
pub(super) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    change(Change::Open { path, emptied: false }, || options.open(path))
}

/// The same for one that is emptied, or made.
pub(super) fn open_emptied(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().write(true).create(true).truncate(true).open(path);
    change(Change::Open { path, emptied: true }, open)
}

pub(super) fn temporary(builder: &Builder<'_, '_>, dir: &Path) -> io::Result<NamedTempFile> {
    change(Change::Temporary(dir), || builder.tempfile_in(dir))
}

pub(super) fn unnamed_in(dir: &Path) -> io::Result<File> {
    change(Change::Temporary(dir), || tempfile::tempfile_in(dir))
}

/// Writes all of it.
///
/// # Errors
/// What the system says; a part of it may be there.
pub(crate) fn write_all(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let mut writing = &*file;
    change(Change::Write(file, bytes), || writing.write_all(bytes))
}

/// Cuts a file, as one does after a part was written.
///
/// # Errors
/// What the system says.
pub(crate) fn shorten(file: &File, length: u64) -> io::Result<()> {
    change(Change::Shorten(file), || file.set_len(length))
}

/// Opens a file for nothing but a sync.
pub(super) fn open_to_sync(path: &Path) -> io::Result<File> {
    // Windows flushes only what is open for writing.
    if cfg!(windows) { OpenOptions::new().write(true).open(path) } else { File::open(path) }
}

/// Makes the bytes of a file survive a crash.
///
/// # Errors
/// What the system says: they may not be there then.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    change(Change::Sync(file), || file.sync_all())
}

/// The same without what can be done without, such as the time of the change.
///
/// # Errors
/// As `sync`.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    change(Change::Sync(file), || file.sync_data())
}

/// Makes the names in a directory survive a crash.
pub(super) fn sync_names(dir: &Path) -> io::Result<()> {
    change(Change::SyncDir(dir), || super::with_handle(|| File::open(dir))?.sync_all())
}

/// Renames, in the place of whatever is there.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    change(Change::Name { from, to, replaces: true }, || fs::rename(from, to))
}

/// Renames or links without replacing; the path that was the file's goes or stays.
pub(super) fn rename_new(from: TempPath, to: &Path) -> io::Result<()> {
    let name = from.to_path_buf();
    let work = || from.persist_noclobber(to).map_err(|failed| failed.error);
    change(Change::Name { from: &name, to, replaces: false }, work)
}

/// Gives a temporary file a name that may be taken.
pub(super) fn persist(file: NamedTempFile, to: &Path) -> io::Result<()> {
    let name: PathBuf = file.path().to_owned();
    let work = || file.persist(to).map(drop).map_err(|failed| failed.error);
    change(Change::Name { from: &name, to, replaces: true }, work)
}

pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    change(Change::Remove(path), || fs::remove_file(path))
}

pub(super) fn allow(file: &File, permissions: fs::Permissions) -> io::Result<()> {
    file.set_permissions(permissions)
}

pub(super) fn set_time(path: &Path, time: SystemTime) -> io::Result<()> {
    let file = open(OpenOptions::new().write(true), path)?;
    file.set_modified(time)
}

/// Waits for the lock of a file.
pub(super) fn lock(file: &File, path: &Path) -> io::Result<()> {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        world.before(&Change::Lock(path))?;
        while !try_lock(file)? {
            world.pause(std::time::Duration::from_millis(1));
        }
        return Ok(());
    }
    let _ = path;
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Locks a file unless another has its lock.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
