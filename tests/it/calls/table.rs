//! The calls to the system that name or touch a file: where their paths are, and how they may fail.

use nix::libc;

/// Where a call says which file it means; arguments are counted from zero.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// A path.
    Path(usize),
    /// A directory's handle and a path below it; an empty path is the handle's own file.
    At(usize, usize),
    /// A handle.
    Handle(usize),
}

/// One call.
pub struct Row {
    pub number: libc::c_long,
    pub name: &'static str,
    pub place: Place,
    /// The errors that a disk answers it with.
    pub errors: &'static [i32],
}

const FULL: &[i32] = &[libc::ENOSPC, libc::EIO];
const OPEN: &[i32] = &[libc::EMFILE, libc::EIO];
const MAKE: &[i32] = &[libc::EMFILE, libc::ENOSPC, libc::EACCES];
const BROKEN: &[i32] = &[libc::EIO];
const LOCK: &[i32] = &[libc::ENOLCK];

const fn row(
    number: libc::c_long,
    name: &'static str,
    place: Place,
    errors: &'static [i32],
) -> Row {
    Row { number, name, place, errors }
}

static TABLE: [Row; 44] = [
    row(libc::SYS_read, "read", Place::Handle(0), BROKEN),
    row(libc::SYS_pread64, "pread", Place::Handle(0), BROKEN),
    row(libc::SYS_readv, "readv", Place::Handle(0), BROKEN),
    row(libc::SYS_write, "write", Place::Handle(0), FULL),
    row(libc::SYS_pwrite64, "pwrite", Place::Handle(0), FULL),
    row(libc::SYS_writev, "writev", Place::Handle(0), FULL),
    row(libc::SYS_lseek, "lseek", Place::Handle(0), BROKEN),
    row(libc::SYS_fsync, "fsync", Place::Handle(0), BROKEN),
    row(libc::SYS_fdatasync, "fdatasync", Place::Handle(0), BROKEN),
    row(libc::SYS_ftruncate, "ftruncate", Place::Handle(0), BROKEN),
    row(libc::SYS_truncate, "truncate", Place::Path(0), BROKEN),
    row(libc::SYS_fallocate, "fallocate", Place::Handle(0), FULL),
    row(libc::SYS_flock, "flock", Place::Handle(0), LOCK),
    row(libc::SYS_copy_file_range, "copy_file_range", Place::Handle(2), FULL),
    row(libc::SYS_sendfile, "sendfile", Place::Handle(0), FULL),
    row(libc::SYS_getdents64, "getdents", Place::Handle(0), BROKEN),
    row(libc::SYS_fstat, "fstat", Place::Handle(0), BROKEN),
    row(libc::SYS_fstatfs, "fstatfs", Place::Handle(0), BROKEN),
    row(libc::SYS_fchmod, "fchmod", Place::Handle(0), BROKEN),
    row(libc::SYS_open, "open", Place::Path(0), OPEN),
    row(libc::SYS_openat, "open", Place::At(0, 1), OPEN),
    row(libc::SYS_openat2, "open", Place::At(0, 1), OPEN),
    row(libc::SYS_creat, "make", Place::Path(0), MAKE),
    row(libc::SYS_mkdir, "mkdir", Place::Path(0), FULL),
    row(libc::SYS_mkdirat, "mkdir", Place::At(0, 1), FULL),
    row(libc::SYS_rmdir, "rmdir", Place::Path(0), BROKEN),
    row(libc::SYS_unlink, "unlink", Place::Path(0), BROKEN),
    row(libc::SYS_unlinkat, "unlink", Place::At(0, 1), BROKEN),
    row(libc::SYS_rename, "rename", Place::Path(0), FULL),
    row(libc::SYS_renameat, "rename", Place::At(0, 1), FULL),
    row(libc::SYS_renameat2, "rename", Place::At(0, 1), FULL),
    row(libc::SYS_link, "link", Place::Path(0), FULL),
    row(libc::SYS_linkat, "link", Place::At(0, 1), FULL),
    row(libc::SYS_symlink, "symlink", Place::Path(1), FULL),
    row(libc::SYS_symlinkat, "symlink", Place::At(1, 2), FULL),
    row(libc::SYS_stat, "stat", Place::Path(0), BROKEN),
    row(libc::SYS_lstat, "stat", Place::Path(0), BROKEN),
    row(libc::SYS_newfstatat, "stat", Place::At(0, 1), BROKEN),
    row(libc::SYS_statx, "stat", Place::At(0, 1), BROKEN),
    row(libc::SYS_statfs, "statfs", Place::Path(0), BROKEN),
    row(libc::SYS_chmod, "chmod", Place::Path(0), BROKEN),
    row(libc::SYS_fchmodat, "chmod", Place::At(0, 1), BROKEN),
    row(libc::SYS_utimensat, "utimensat", Place::At(0, 1), BROKEN),
    row(libc::SYS_readlinkat, "readlink", Place::At(0, 1), BROKEN),
];

/// The row of a call, and its errors: an open that makes its file fails otherwise, and so does a
/// `fcntl` that locks. None where it touches no file.
pub fn of(number: u64, arguments: &[u64; 6]) -> Option<(&'static str, Place, &'static [i32])> {
    let number = libc::c_long::try_from(number).ok()?;
    if number == libc::SYS_fcntl {
        let locks = [libc::F_SETLK, libc::F_SETLKW, libc::F_OFD_SETLK, libc::F_OFD_SETLKW];
        let is_lock = locks.iter().any(|lock| u64::try_from(*lock) == Ok(arguments[1]));
        return is_lock.then_some(("lock", Place::Handle(0), LOCK));
    }
    let row = TABLE.iter().find(|row| row.number == number)?;
    let flags = match row.number {
        libc::SYS_open => arguments[1],
        libc::SYS_openat => arguments[2],
        _ => 0,
    };
    let makes = flags & (libc::O_CREAT | (libc::O_TMPFILE & !libc::O_DIRECTORY)) as u64 != 0;
    Some(if makes { ("make", row.place, MAKE) } else { (row.name, row.place, row.errors) })
}
