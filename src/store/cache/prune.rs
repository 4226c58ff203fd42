//! What the cache holds and how it is kept small: the least recently used goes first.
//!
//! How long ago an entry was used is the time stamp of its description.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{Cache, CacheKey, Description};
use crate::fs;

/// Half of an entry, or a temporary file, of this age is nobody's work in progress any more.
const STRAY: Duration = Duration::from_secs(3600);

/// One entry of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its key, 64 hex digits.
    pub key: String,
    /// When it was last used.
    pub used: SystemTime,
    /// Bytes on the disk.
    pub size: u64,
    /// What is known of the picture.
    pub about: Description,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Entries.
    pub entries: usize,
    /// Bytes, with what belonged to no entry.
    pub bytes: u64,
}

/// The files of one key, as far as they are there.
#[derive(Debug, Default)]
struct Slot {
    files: Vec<PathBuf>,
    size: u64,
    used: Option<SystemTime>,
    has_image: bool,
}

/// A temporary file: path, size, time stamp.
type Stray = (PathBuf, u64, SystemTime);

impl Slot {
    fn is_entry(&self) -> bool {
        self.used.is_some() && self.has_image
    }

    fn remove(&self, removed: &mut Removed) -> io::Result<()> {
        for path in &self.files {
            fs::remove(path)?;
        }
        removed.bytes += self.size;
        removed.entries += usize::from(self.is_entry());
        Ok(())
    }
}

impl Cache {
    /// Every entry, the most recently used first.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let (slots, _) = self.scan()?;
        let read = |key: &str| -> Option<Description> {
            let path = self.path(&CacheKey(key.to_owned()), "json");
            serde_json::from_slice(&std::fs::read(path).ok()?).ok()
        };
        let mut listed: Vec<Listed> = slots
            .into_iter()
            .filter(|(_, slot)| slot.is_entry())
            .filter_map(|(key, slot)| {
                let about = read(&key)?;
                Some(Listed { used: slot.used?, size: slot.size, about, key })
            })
            .collect();
        listed.sort_by(|a, b| b.used.cmp(&a.used).then(a.key.cmp(&b.key)));
        Ok(listed)
    }

    /// Removes what was not used since then, and the least recently used beyond so many bytes; and
    /// what killed processes left.
    ///
    /// # Errors
    /// Something cannot be listed or removed.
    pub fn prune(&self, max_size: u64, since: Option<SystemTime>) -> io::Result<Removed> {
        let removed = self.make_room(max_size, since)?;
        self.sweep();
        Ok(removed)
    }

    pub(super) fn make_room(
        &self,
        max_size: u64,
        since: Option<SystemTime>,
    ) -> io::Result<Removed> {
        let (slots, strays) = self.scan()?;
        let mut removed = Removed::default();
        let fresh = SystemTime::from(crate::clock::now()).checked_sub(STRAY);
        for (path, size, modified) in strays {
            if fresh.is_some_and(|fresh| modified < fresh) {
                fs::remove(&path)?;
                removed.bytes += size;
            }
        }
        let (mut entries, halves): (Vec<Slot>, Vec<Slot>) =
            slots.into_values().partition(Slot::is_entry);
        for half in halves {
            let modified =
                half.files.iter().filter_map(|path| path.metadata().ok()?.modified().ok());
            if fresh.is_some_and(|fresh| modified.max().is_some_and(|newest| newest < fresh)) {
                half.remove(&mut removed)?;
            }
        }
        entries.sort_by_key(|slot| slot.used);
        let mut size: u64 = entries.iter().map(|slot| slot.size).sum();
        for slot in entries {
            if size > max_size || slot.used < since {
                slot.remove(&mut removed)?;
                size -= slot.size;
            }
        }
        Ok(removed)
    }

    /// Removes everything but the claims of those at work.
    ///
    /// # Errors
    /// Something cannot be listed or removed.
    pub fn clear(&self) -> io::Result<Removed> {
        let (slots, strays) = self.scan()?;
        let mut removed = Removed::default();
        for (path, size, _) in strays {
            fs::remove(&path)?;
            removed.bytes += size;
        }
        for slot in slots.values() {
            slot.remove(&mut removed)?;
        }
        self.sweep();
        Ok(removed)
    }

    /// Removes the lock files that killed processes left: a claim that can be had is nobody's.
    fn sweep(&self) {
        for name in self.names().unwrap_or_default() {
            if let Some(key) = name.strip_suffix(".lock").filter(|key| is_key(key)) {
                drop(self.claim(&CacheKey(key.to_owned())));
            }
        }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let listing = match std::fs::read_dir(&self.directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing?,
        };
        let name = |entry: io::Result<std::fs::DirEntry>| -> io::Result<Option<String>> {
            Ok(entry?.file_name().into_string().ok())
        };
        listing.filter_map(|entry| name(entry).transpose()).collect()
    }

    /// The files by key, and temporary ones. Anything else is not ours.
    fn scan(&self) -> io::Result<(BTreeMap<String, Slot>, Vec<Stray>)> {
        let (mut slots, mut strays) = (BTreeMap::<String, Slot>::new(), Vec::new());
        for name in self.names()? {
            let path = self.directory.join(&name);
            // What has gone meanwhile is not there.
            let Ok(meta) = path.metadata() else { continue };
            let Ok(modified) = meta.modified() else { continue };
            match name.rsplit_once('.') {
                Some((key, extension @ ("json" | "image"))) if is_key(key) => {
                    let slot = slots.entry(key.to_owned()).or_default();
                    slot.files.push(path);
                    slot.size += meta.len();
                    if extension == "json" {
                        slot.used = Some(modified);
                    } else {
                        slot.has_image = true;
                    }
                }
                Some((stem, "tmp")) if stem.starts_with(".pinx-") => {
                    strays.push((path, meta.len(), modified));
                }
                _ => {}
            }
        }
        Ok((slots, strays))
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{png, put};
    use super::*;

    fn ago(seconds: u64) -> SystemTime {
        SystemTime::from(crate::clock::now()) - Duration::from_secs(seconds)
    }

    fn used(cache: &Cache, key: &CacheKey, seconds: u64) {
        fs::touch(&cache.path(key, "json"), ago(seconds)).unwrap();
    }

    fn prompts(cache: &Cache) -> Vec<String> {
        cache.list().unwrap().into_iter().map(|listed| listed.about.prompt).collect()
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let keys: Vec<CacheKey> = ["a", "b", "c"].iter().map(|name| put(&cache, name)).collect();
        for (key, seconds) in keys.iter().zip([300, 200, 100]) {
            used(&cache, key, seconds);
        }
        assert_eq!(prompts(&cache), ["c", "b", "a"]);
        cache.find(&keys[0]).unwrap();
        assert_eq!(prompts(&cache), ["a", "c", "b"], "a hit is a use");
        let sizes: Vec<u64> = cache.list().unwrap().iter().map(|listed| listed.size).collect();
        let removed = cache.prune(sizes[0] + sizes[1], None).unwrap();
        assert_eq!((removed.entries, removed.bytes), (1, sizes[2]));
        assert_eq!(prompts(&cache), ["a", "c"]);
        assert_eq!(cache.prune(u64::MAX, Some(ago(50))).unwrap().entries, 1);
        assert_eq!(prompts(&cache), ["a"]);
    }

    #[test]
    fn a_store_keeps_to_the_cap() {
        let home = tempfile::tempdir().unwrap();
        let wide = Cache::new(home.path(), 1 << 20);
        let first = put(&wide, "first");
        used(&wide, &first, 60);
        let size = wide.list().unwrap()[0].size;
        put(&Cache::new(home.path(), size + 10), "other");
        assert_eq!(prompts(&wide), ["other"]);
        put(&Cache::new(home.path(), png(1).len() as u64 - 1), "far too large");
        assert_eq!(prompts(&wide), ["other"], "what never fits drives nothing out");
    }

    #[test]
    #[cfg(unix)] // Elsewhere the files of locks stay.
    fn halves_locks_and_temporary_files_go_when_nobody_can_be_at_work_on_them() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let key = put(&cache, "half");
        fs::remove(&cache.path(&key, "json")).unwrap();
        let temporary = cache.directory().join(".pinx-x1.tmp");
        fs::write_atomic(&temporary, b"torn", fs::Mode::Private).unwrap();
        drop(fs::lock_file(&cache.path(&CacheKey::of(b"killed"), "lock")).unwrap());
        let stranger = cache.directory().join("notes.json");
        fs::write_atomic(&stranger, b"mine", fs::Mode::Private).unwrap();
        let held = cache.claim(&CacheKey::of(b"held")).unwrap();
        assert_eq!(cache.prune(u64::MAX, None).unwrap(), Removed::default());
        assert_eq!(cache.names().unwrap().len(), 4, "only the dead lock went");
        for path in [&temporary, &cache.path(&key, "image")] {
            fs::touch(path, ago(7200)).unwrap();
        }
        let removed = cache.prune(u64::MAX, None).unwrap();
        assert_eq!((removed.entries, removed.bytes), (0, 4 + png(4).len() as u64));
        put(&cache, "whole");
        assert_eq!(cache.clear().unwrap().entries, 1);
        assert_eq!(cache.names().unwrap().len(), 2, "a claim at work and a stranger stay");
        drop(held);
        assert_eq!(cache.names().unwrap(), ["notes.json"]);
    }
}
