//! The only place that writes files: atomic writes, names taken without replacing, locks.
//!
//! A file has its name only when its bytes are on the disk. `publish` never replaces what is
//! there. Private files are 0600 and private directories 0700 where the system knows modes.

mod door;
mod handles;
mod input;
mod look;
mod own_lock;
mod whole;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::{Builder, NamedTempFile, TempPath};

#[cfg(test)]
pub(crate) use door::Change;
pub(crate) use door::{shorten, sync_data, write_all};
pub(crate) use handles::{are_handles_out, with_handle};
pub(crate) use input::{
    open_below, open_input, open_regular, read_input, read_input_text, read_regular, read_to,
    text_of, too_long,
};
pub(crate) use look::{free_space, is_replaceable, real};
pub(crate) use own_lock::OwnLock;
pub(crate) use whole::create_whole;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As the umask says; an existing file keeps what it has.
    Normal,
    /// Its owner only (0600).
    Private,
}

/// Bytes that are copied at once.
const BLOCK: usize = 64 * 1024;
/// How the names of unfinished files begin and end.
const TEMPORARY: (&str, &str) = (".pinx-", ".tmp");

/// Creates a directory and its parents; one that exists is fine.
///
/// # Errors
/// What the system says.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    if path.as_os_str().is_empty() { Ok(()) } else { door::make_dir_all(path, &builder) }
}

/// Creates a directory that nobody else has: `false` when the name is taken. Its parents may exist.
///
/// # Errors
/// What the system says.
pub(crate) fn claim_dir(path: &Path) -> io::Result<bool> {
    create_dir(dir_of(path))?;
    match door::make_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        other => other.map(|()| true),
    }
}

/// Removes a directory with nothing in it; one that is missing is fine.
///
/// # Errors
/// There is something in it, or what the system says.
pub(crate) fn remove_empty_dir(path: &Path) -> io::Result<()> {
    match door::remove_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Like [`create_dir`], but what it creates only the owner may enter (0700).
///
/// # Errors
/// What the system says.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    door::make_dir_all(path, &builder)
}

/// Writes a whole file: its readers see the old bytes or the new ones, also after a crash.
///
/// A symbolic link is followed, so a linked configuration stays linked.
///
/// # Errors
/// What the system says; the old file is then untouched.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    write_whole(path, mode, |file| write_all(file, bytes))
}

/// The same for bytes that are not in memory at once: `fill` writes them.
///
/// # Errors
/// What the system says, or `fill`; the old file is then untouched.
pub(crate) fn write_whole(
    path: &Path,
    mode: Mode,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut file = temporary(dir_of(&path), mode)?;
    if mode == Mode::Normal
        && let Ok(old) = fs::metadata(&path)
    {
        door::allow(file.as_file(), old.permissions())?;
    }
    fill(file.as_file_mut())?;
    door::sync(file.as_file())?;
    door::persist(file, &path)?;
    sync_dir(dir_of(&path));
    Ok(())
}

/// Gives a part file its name without ever replacing anything: `false` when the name is taken.
///
/// The part stays where it is unless the answer is `true`. Where the file system can neither
/// rename without replacing nor link (FAT, some network disks) the bytes are copied into a file
/// that is created anew; across devices they are copied beside the target first.
///
/// # Errors
/// What the system says.
pub(crate) fn publish(part: &Path, target: &Path) -> io::Result<bool> {
    publish_first(part, [target.to_owned()]).map(|named| named.is_some())
}

/// The same with the first of several names that is free.
///
/// # Errors
/// What the system says.
pub(crate) fn publish_first(
    part: &Path,
    targets: impl IntoIterator<Item = PathBuf>,
) -> io::Result<Option<PathBuf>> {
    sync_file(part)?;
    for target in targets {
        if give_name(part, &target)? {
            return Ok(Some(target));
        }
    }
    Ok(None)
}

fn give_name(part: &Path, target: &Path) -> io::Result<bool> {
    let mut path = TempPath::try_from_path(part)?;
    path.disable_cleanup(true);
    let named = match claim(path, target) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let copy = copy_beside(part, target)?;
            let (_held, copy) = copy.into_parts();
            let named = match claim(copy, target) {
                Err(error) if is_unable(&error) => copy_into_new(part, target),
                other => other,
            };
            drop_part(part, named)
        }
        Err(error) if is_unable(&error) => drop_part(part, copy_into_new(part, target)),
        other => other,
    };
    if let Ok(true) = named {
        sync_dir(dir_of(target));
    }
    named
}

/// Gives a part file its name, in the place of whatever is there (`--force`).
///
/// # Errors
/// What the system says; the part then stays.
pub(crate) fn replace(part: &Path, target: &Path) -> io::Result<()> {
    sync_file(part)?;
    match door::rename(part, target) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let copy = copy_beside(part, target)?;
            door::persist(copy, target)?;
            remove(part)?;
        }
        other => other?,
    }
    sync_dir(dir_of(target));
    Ok(())
}

/// Creates a file that must not exist yet, open for writing.
///
/// # Errors
/// `AlreadyExists`, or what the system says.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    door::open(OpenOptions::new().write(true).create_new(true), path)
}

/// Removes a file; one that is missing is fine.
///
/// # Errors
/// What the system says.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let is_missing = |error: &io::Error| error.kind() == ErrorKind::NotFound;
    match door::remove_file(path) {
        // Hardly anybody who removes can do anything about a failure, so it is tried once more.
        Err(error) if !is_missing(&error) => door::remove_file(path),
        other => other,
    }
    .or_else(|error| if is_missing(&error) { Ok(()) } else { Err(error) })
}

/// Removes the unfinished files of atomic writes in a directory that killed processes left: those
/// that nobody holds locked.
pub(crate) fn remove_temporary(dir: &Path) {
    let Ok(listing) = fs::read_dir(dir) else { return };
    for path in listing.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(TEMPORARY.0)
            && name.ends_with(TEMPORARY.1)
            && let Ok(Some(_lock)) = try_lock(&path)
        {
            let _ = remove(&path);
        }
    }
}

/// Finds out whether files can be made in a directory; in one that is not there yet, whether it can
/// be made. Asked before anything is paid; it leaves nothing behind.
///
/// # Errors
/// What the system says.
pub(crate) fn probe_writable(dir: &Path) -> io::Result<()> {
    let mut there = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    while let Err(error) = std::fs::metadata(there) {
        // A link that leads nowhere is in the way.
        let is_there = there.symlink_metadata().is_ok();
        let too_long = there.file_name().is_some_and(|name| name.len() > 255);
        match there.parent() {
            Some(parent) if error.kind() == io::ErrorKind::NotFound && !too_long && !is_there => {
                there = parent;
            }
            _ => return Err(error),
        }
        if there.as_os_str().is_empty() {
            there = Path::new(".");
        }
    }
    // Without a name where the system can do that: a killed process leaves nothing behind.
    door::unnamed_in(there).map(drop)
}

/// A part file: created, or emptied when an earlier attempt left one.
///
/// # Errors
/// It cannot be opened for writing.
pub(crate) fn create_or_truncate(path: &Path) -> io::Result<File> {
    with_handle(|| door::open_emptied(path))
}

/// A new file without a name, for bytes that do not fit into memory: it ends with its handle, also
/// when the process is killed.
///
/// # Errors
/// The directory or the file cannot be made.
pub(crate) fn spill_file(dir: &Path) -> io::Result<File> {
    create_private_dir(dir)?;
    door::unnamed_in(dir)
}

/// A part file beside where a file is to be, for [`publish`] or [`replace`]: it ends with its handle.
/// What killed processes left there of their own goes.
///
/// # Errors
/// The directory or the file cannot be made.
pub(crate) fn part_beside(target: &Path) -> io::Result<NamedTempFile> {
    let dir = dir_of(target);
    create_dir(dir)?;
    remove_temporary(dir);
    temporary(dir, Mode::Normal)
}

/// A file without a name that holds these bytes, to be read from its beginning.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub(crate) fn unnamed(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    write_all(&mut file, bytes)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// Opens a file to append to it, readable too; it is created (0600) if need be.
///
/// # Errors
/// What the system says.
pub(crate) fn open_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    private(options.read(true).append(true).create(true));
    with_handle(|| door::open(&options, path))
}

/// Opens a lock file, creating it and its directory if need be, and waits for its lock.
///
/// The lock ends with the returned file, also when the process is killed.
///
/// # Errors
/// What the system says.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    let file = with_handle(|| open_lock(path))?;
    door::lock(&file, path).map(|()| file)
}

/// Locks a file of this process's own and makes sure that the path still names it: another process
/// that looked at it for a moment may have taken it for a dead one's and removed it.
///
/// # Errors
/// It cannot be made or locked.
pub(crate) fn lock_own(path: &Path) -> io::Result<File> {
    loop {
        let file = lock_file(path)?;
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Whether a file that is open has its name below a real directory, through whatever links: what is open
/// stays what it is, also where a link is exchanged meanwhile.
pub(crate) fn lies_below(file: &File, path: &Path, root: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with(root) && is_at(file, &real))
}

/// Like [`lock_file`], but does not wait: `None` when another process holds it.
///
/// # Errors
/// What the system says.
pub(crate) fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_lock(path)?;
    Ok(door::try_lock(&file)?.then_some(file))
}

/// Like [`lock_own`], but does not wait: `None` when it is held elsewhere, in this process too. It
/// may be removed by who holds it: the next one then finds that it has locked a file without name.
///
/// # Errors
/// What the system says.
pub(crate) fn try_lock_own(path: &Path) -> io::Result<Option<File>> {
    loop {
        match try_lock(path)? {
            Some(file) if !is_at(&file, path) => {}
            other => return Ok(other),
        }
    }
}

/// Sets the time at which a file counts as changed.
///
/// # Errors
/// What the system says.
pub(crate) fn touch(path: &Path, time: SystemTime) -> io::Result<()> {
    door::set_time(path, time)
}

/// Whether only its owner can read it. True where the system has no such modes, and for what is
/// missing.
pub(crate) fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).map_or(true, |meta| meta.permissions().mode() & 0o077 == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    private(options.read(true).write(true).create(true).truncate(false));
    let open = || door::open(&options, path);
    match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create_private_dir(dir_of(path))?;
            open()
        }
        other => other,
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The directory that a file is in, never empty.
fn dir_of(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary(dir: &Path, mode: Mode) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    #[cfg(unix)]
    if mode == Mode::Normal {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = mode;
    loop {
        let file = with_handle(|| door::temporary(&builder, dir))?;
        // Locked while it is written, so that nobody takes it for a killed process's: whoever has the
        // lock already does, and is about to remove it. A file system without locks has nobody who
        // looks.
        let locked = file.as_file().try_lock_shared();
        let is_taken = matches!(locked, Err(fs::TryLockError::WouldBlock));
        if !is_taken && is_at(file.as_file(), file.path()) {
            return Ok(file);
        }
    }
}

/// Renames or links without replacing.
fn claim(path: TempPath, target: &Path) -> io::Result<bool> {
    match door::rename_new(path, target) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// The errors of file systems that have neither links nor a rename that refuses to replace.
fn is_unable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::InvalidInput | ErrorKind::PermissionDenied
    )
}

fn copy_beside(part: &Path, target: &Path) -> io::Result<NamedTempFile> {
    let mut copy = temporary(dir_of(target), Mode::Normal)?;
    copy_bytes(part, copy.as_file_mut())?;
    door::sync(copy.as_file())?;
    Ok(copy)
}

fn copy_bytes(from: &Path, to: &mut File) -> io::Result<()> {
    let mut from = with_handle(|| File::open(from))?;
    let mut block = vec![0; BLOCK];
    loop {
        match from.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(length) => write_all(to, &block[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn copy_into_new(part: &Path, target: &Path) -> io::Result<bool> {
    let mut to = match with_handle(|| create_new(target)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        other => other?,
    };
    match copy_bytes(part, &mut to).and_then(|()| door::sync(&to)) {
        Ok(()) => Ok(true),
        Err(error) => {
            // The name was free before this call, so what stands there is only our torn copy.
            remove(target)?;
            Err(error)
        }
    }
}

/// After a copy the part has done its work; if it cannot be removed, the picture is still saved.
fn drop_part(part: &Path, named: io::Result<bool>) -> io::Result<bool> {
    if let Ok(true) = named {
        let _ = remove(part);
    }
    named
}

fn sync_file(path: &Path) -> io::Result<()> {
    door::sync(&with_handle(|| door::open_to_sync(path))?)
}

/// Makes a new name survive a crash. Some file systems refuse it; the name is there all the same.
pub(crate) fn sync_dir(dir: &Path) {
    if cfg!(unix) {
        let _ = door::sync_names(dir);
    }
}

#[cfg(test)]
mod tests;
