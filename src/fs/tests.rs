//! What files must survive: races for a name, crashes, strange places.

#![expect(clippy::disallowed_methods, reason = "what others do to files")]

use std::path::PathBuf;

use super::*;

fn part_name(dir: &Path, stem: &str) -> PathBuf {
    dir.join(format!(".pinx-{stem}.part"))
}

#[test]
fn a_name_is_taken_once_however_many_race_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let wins: usize = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|racer| {
                scope.spawn(move || {
                    let mut wins = 0;
                    for name in 0..50 {
                        let part = part_name(dir, &format!("{racer}.{name}"));
                        fs::write(&part, racer.to_string()).unwrap();
                        let won = publish(&part, &dir.join(name.to_string())).unwrap();
                        assert_eq!(part.exists(), !won, "the part stays unless it won");
                        wins += usize::from(won);
                    }
                    wins
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).sum()
    });
    assert_eq!(wins, 50, "exactly one winner a name");
}

#[test]
fn publishing_never_replaces_and_replacing_does() {
    let dir = tempfile::tempdir().unwrap();
    let (part, target) = (part_name(dir.path(), "a"), dir.path().join("x.png"));
    fs::write(&target, "old").unwrap();
    fs::write(&part, "new").unwrap();
    assert!(!publish(&part, &target).unwrap());
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
    assert!(!copy_into_new(&part, &target).unwrap(), "nor does the fallback");
    replace(&part, &target).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    assert!(!part.exists());
    assert!(publish(&part, &target).is_err(), "a missing part is an error");
}

#[test]
fn the_fallbacks_copy_the_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let (part, target) = (part_name(dir.path(), "a"), dir.path().join("x.png"));
    fs::write(&part, "bytes").unwrap();
    assert!(drop_part(&part, copy_into_new(&part, &target)).unwrap());
    assert_eq!(fs::read_to_string(&target).unwrap(), "bytes");
    assert!(!part.exists());
    let beside = copy_beside(&target, &dir.path().join("y.png")).unwrap();
    assert_eq!(fs::read_to_string(beside.path()).unwrap(), "bytes");
}

#[test]
fn a_write_is_whole_and_keeps_links() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    write_atomic(&path, b"a", Mode::Normal).unwrap();
    write_atomic(&path, b"b", Mode::Normal).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "b");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    #[cfg(unix)]
    {
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write_atomic(&link, b"c", Mode::Normal).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "c");
        assert!(link.is_symlink());
    }
}

#[cfg(unix)]
#[test]
fn private_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    create_private_dir(&inner).unwrap();
    assert!(is_private(&inner));
    let path = inner.join("credentials.toml");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(!is_private(&path));
    write_atomic(&path, b"k", Mode::Private).unwrap();
    assert!(is_private(&path));
    write_atomic(&path, b"l", Mode::Normal).unwrap();
    assert!(is_private(&path), "an ordinary write never opens what was private");
    drop(open_append(&inner.join("log")).unwrap());
    assert!(is_private(&inner.join("log")));
}

#[test]
fn locks_exclude_and_end_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run/a.lock");
    let held = lock_file(&path).unwrap();
    assert!(try_lock(&path).unwrap().is_none());
    drop(held);
    assert!(try_lock(&path).unwrap().is_some());
}

#[test]
fn what_a_killed_write_left_is_removed_and_what_is_being_written_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let being_written = temporary(dir.path(), Mode::Private).unwrap();
    fs::write(dir.path().join(".pinx-x1y2z3.tmp"), "half").unwrap();
    fs::write(dir.path().join("mine.tmp"), "").unwrap();
    remove_temporary(dir.path());
    assert!(being_written.path().exists() && dir.path().join("mine.tmp").exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn unwritable_places_are_found_before_paying() {
    let dir = tempfile::tempdir().unwrap();
    probe_writable(&dir.path().join("new/deep")).unwrap();
    assert!(!dir.path().join("new").exists(), "a look leaves nothing behind");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("link")).unwrap();
        assert!(probe_writable(&dir.path().join("link")).is_err());
        assert!(probe_writable(&dir.path().join("link/below")).is_err());
    }
    assert!(probe_writable(&dir.path().join("x".repeat(256)).join("deep")).is_err());
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(probe_writable(&file).is_err());
    assert!(probe_writable(&file.join("below")).is_err());
    remove(&file).unwrap();
    remove(&file).unwrap();
}

#[test]
fn what_is_being_written_is_never_removed_as_left_by_somebody_else() {
    let home = tempfile::tempdir().unwrap();
    let (dir, is_over) = (home.path(), std::sync::atomic::AtomicBool::new(false));
    let order = std::sync::atomic::Ordering::Relaxed;
    let failed = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(order) {
                    remove_temporary(dir);
                }
            });
        }
        let write = |n: usize| {
            let made = create_whole(&dir.join(n.to_string()), b"whole");
            let file = temporary(dir, Mode::Normal).unwrap();
            std::thread::yield_now();
            made.is_err() || file.persist(dir.join(format!("{}", n % 4))).is_err()
        };
        let failed = (0..400).filter(|n| write(*n)).count();
        is_over.store(true, order);
        failed
    });
    assert_eq!(failed, 0, "a file that is written has lost its name");
}
