//! Reading what a user names: never more than a limit, no device, and no pipe that nobody writes into.
//!
//! What is open already (`/dev/stdin`, `<(…)` of a shell) is read as it is.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::with_handle;

/// How long a pipe is waited for into which nobody writes yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a file, or a pipe once somebody writes into it.
///
/// # Errors
/// It is a device, a pipe that nobody writes into, or what the system says.
pub(crate) fn open_input(path: &Path) -> io::Result<File> {
    let meta = std::fs::metadata(path)?;
    let is_empty = || path.canonicalize().is_ok_and(|real| real == Path::new("/dev/null"));
    if meta.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if meta.is_file() || is_open_already(path) || is_empty() {
        with_handle(|| File::open(path))
    } else if is_pipe(&meta) {
        open_pipe(path.to_owned())
    } else {
        Err(io::Error::other("it is a device and no file"))
    }
}

/// All of what a user names.
///
/// # Errors
/// As [`open_input`], or there is more of it than `most` bytes.
pub(crate) fn read_input(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_to(open_input(path)?, most)
}

/// The same as text.
///
/// # Errors
/// As [`read_input`], or it is no UTF-8.
pub(crate) fn read_input_text(path: &Path, most: u64) -> io::Result<String> {
    text_of(read_input(path, most)?)
}

/// Bytes as text: UTF-8, or UTF-16 where a mark at its beginning says so. The mark is no part of it.
///
/// # Errors
/// They are neither.
pub(crate) fn text_of(mut bytes: Vec<u8>) -> io::Result<String> {
    let no_text = |what: &str| io::Error::new(ErrorKind::InvalidData, what.to_owned());
    let wide = |read: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> =
            bytes.chunks(2).map(|pair| read([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
        let is_even = bytes.len().is_multiple_of(2);
        let text = String::from_utf16(&units).ok().filter(|_| is_even);
        text.ok_or_else(|| no_text("it is cut or broken UTF-16 text"))
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => return wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => return wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, ..] => drop(bytes.drain(..3)),
        // Letters of a Latin script in UTF-16 have a zero each.
        [0, second, 0, fourth, ..] | [second, 0, fourth, 0, ..] if *second != 0 && *fourth != 0 => {
            return Err(no_text(
                "it is UTF-16 text without a mark at its beginning: save it as UTF-8",
            ));
        }
        _ => {}
    }
    String::from_utf8(bytes).map_err(|_| no_text("it is no UTF-8 text"))
}

/// All that comes, as long as it is not too much.
///
/// # Errors
/// There is more of it than `most` bytes, or what the system says.
pub(crate) fn read_to(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(most)) } else { Ok(bytes) }
}

/// What is said of what is longer than anybody means.
pub(crate) fn too_long(most: u64) -> io::Error {
    io::Error::other(format!("it is larger than {} MiB", most >> 20))
}

/// Opens a file that nothing else than a file can be: nobody is waited for.
///
/// # Errors
/// It is none, or what the system says.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    with_handle(|| File::open(path))
}

/// Opens a file by its real path, which leads through no links: where one of its directories, or itself,
/// has become one meanwhile, it is not followed. `root` is above it, and is opened as it is.
///
/// # Errors
/// It is not below, is no regular file, there is a link, or what the system says.
pub(crate) fn open_below(root: &Path, path: &Path) -> io::Result<File> {
    let outside = || io::Error::new(ErrorKind::PermissionDenied, "it lies outside");
    let names = path.strip_prefix(root).map_err(|_| outside())?;
    if !names.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(outside());
    }
    let file = with_handle(|| through(root, names))?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    Ok(file)
}

/// Step by step, each from the directory before it.
#[cfg(unix)]
fn through(root: &Path, names: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let read = OFlags::RDONLY | OFlags::CLOEXEC;
    let mut at = open(root, read | OFlags::DIRECTORY, Mode::empty())?;
    for name in names {
        // A pipe that came in its place is not waited for.
        at = openat(&at, name, read | OFlags::NOFOLLOW | OFlags::NONBLOCK, Mode::empty())?;
    }
    Ok(File::from(at))
}

#[cfg(not(unix))]
fn through(root: &Path, names: &Path) -> io::Result<File> {
    let path = root.join(names);
    let file = File::open(&path)?;
    match super::lies_below(&file, &path, &root.canonicalize()?) {
        true => Ok(file),
        false => Err(ErrorKind::PermissionDenied.into()),
    }
}

/// All of such a file.
///
/// # Errors
/// As [`open_regular`], or there is more of it than `most` bytes.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_to(open_regular(path)?, most)
}

/// Whether a path is a name of something that this process has open.
fn is_open_already(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|open| path.starts_with(open))
}

#[cfg(unix)]
fn is_pipe(meta: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&meta.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Opening a pipe waits for a writer; this process does not for ever.
fn open_pipe(path: PathBuf) -> io::Result<File> {
    let (opened, file) = mpsc::channel();
    std::thread::Builder::new().spawn(move || opened.send(File::open(path)))?;
    let nobody = || {
        let what = format!("it is a pipe, and nobody writes into it for {} s", PATIENCE.as_secs());
        io::Error::new(ErrorKind::TimedOut, what)
    };
    file.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(nobody()))
}
