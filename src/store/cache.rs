//! The cache: pictures that were paid for once and can be had again for nothing.
//!
//! An entry is two files named by its key: the provider's verified bytes, and a description that is
//! written last, so that an entry is there whole or not at all. A read checks the hash and the whole
//! structure again. Only who holds the claim on a key writes it or throws it away; the claim is a
//! lock that ends with its process, so equal jobs wait for one another, inside a process and across.

mod prune;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use prune::{Listed, Removed};

use super::verify;
use crate::fs::{self, OwnLock};
use crate::money::Money;
use crate::text::hex;

/// The version of the descriptions written here; others are not read.
const VERSION: u32 = 1;

/// What an entry is found by: the SHA-256 of everything that decides the picture, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(String);

impl CacheKey {
    /// The key of what is really sent.
    pub fn of(sent: &[u8]) -> CacheKey {
        CacheKey(hex(&Sha256::digest(sent)))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is known of a picture besides its bytes. Money is in micro-dollars.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Description {
    /// The version of the shape.
    pub v: u32,
    /// The model, `provider/name`.
    pub model: String,
    /// The provider.
    pub provider: String,
    /// The beginning of the prompt as asked.
    pub prompt: String,
    /// The seed used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The prompt as the provider changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// From the bytes.
    pub format: String,
    /// The length of the picture.
    pub bytes: u64,
    /// Of the picture.
    pub sha256: String,
    /// When it was made, in UTC.
    pub created: jiff::Timestamp,
    /// What it cost when it was made, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
}

/// The cache of this user.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
    /// Bytes on the disk at most.
    max_size: u64,
}

/// The right to make, store or throw away the picture of one key. It ends when dropped, and with
/// its process however that ends.
#[derive(Debug)]
pub struct Claim {
    key: CacheKey,
    _lock: OwnLock,
}

impl Cache {
    /// The cache in a directory, which is made when something is stored.
    pub fn new(place: &Path, max_size: u64) -> Cache {
        Cache { directory: place.join("images"), max_size }
    }

    /// Where the entries are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether there is an entry. It may still turn out to be damaged.
    pub fn has(&self, key: &CacheKey) -> bool {
        self.path(key, "json").is_file() && self.path(key, "image").is_file()
    }

    /// A picture that is whole, and what is known of it. It then counts as just used.
    pub fn find(&self, key: &CacheKey) -> Option<(Vec<u8>, Description)> {
        let description = self.path(key, "json");
        let known: Description = serde_json::from_slice(&std::fs::read(&description).ok()?).ok()?;
        let bytes = std::fs::read(self.path(key, "image")).ok()?;
        let is_whole = known.v == VERSION
            && hex(&Sha256::digest(&bytes)) == known.sha256
            && verify(&bytes).is_ok();
        if !is_whole {
            return None;
        }
        // Where nothing can be written, it is merely older than it should be.
        let _ = fs::touch(&description, crate::clock::now().into());
        Some((bytes, known))
    }

    /// Claims a key; `None` while somebody else has it.
    ///
    /// # Errors
    /// Nothing can be written in the cache.
    pub fn claim(&self, key: &CacheKey) -> io::Result<Option<Claim>> {
        let lock = OwnLock::take(&self.path(key, "lock"))?;
        Ok(lock.map(|lock| Claim { key: key.clone(), _lock: lock }))
    }

    /// Throws away what is left of a claimed key: an entry that was damaged, or half of one.
    pub fn discard(&self, claim: &Claim) {
        for extension in ["json", "image"] {
            let _ = fs::remove(&self.path(&claim.key, extension));
        }
    }

    /// Stores the picture of a claimed key, then makes room. What is larger than the whole cache may
    /// be is left out.
    ///
    /// # Errors
    /// It cannot be written; there is no entry then.
    pub fn store(&self, claim: &Claim, bytes: &[u8], about: Description) -> io::Result<()> {
        if bytes.len() as u64 > self.max_size {
            return Ok(());
        }
        let about = Description {
            v: VERSION,
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
            ..about
        };
        fs::create_private_dir(&self.directory)?;
        fs::write_atomic(&self.path(&claim.key, "image"), bytes, fs::Mode::Private)?;
        let text = serde_json::to_vec(&about)?;
        fs::write_atomic(&self.path(&claim.key, "json"), &text, fs::Mode::Private)?;
        // It is there, even if something else cannot be removed.
        let _ = self.make_room(self.max_size, None);
        Ok(())
    }

    fn path(&self, key: &CacheKey, extension: &str) -> PathBuf {
        self.directory.join(format!("{}.{extension}", key.0))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn png(shade: u8) -> Vec<u8> {
        let picture = image::RgbImage::from_pixel(4, 4, image::Rgb([shade, 0, 0]));
        crate::store::pixels::encode(&picture.into(), crate::request::Format::Png).unwrap()
    }

    /// Stores a picture under a name.
    pub(crate) fn put(cache: &Cache, name: &str) -> CacheKey {
        let key = CacheKey::of(name.as_bytes());
        let claim = cache.claim(&key).unwrap().unwrap();
        let about = Description { prompt: name.to_owned(), ..Description::default() };
        cache.store(&claim, &png(name.len() as u8), about).unwrap();
        key
    }

    #[test]
    #[cfg(unix)]
    fn what_is_stored_is_found_and_private() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let key = CacheKey::of(b"a");
        assert!(!cache.has(&key) && cache.find(&key).is_none());
        put(&cache, "a");
        let (bytes, about) = cache.find(&key).unwrap();
        assert_eq!((bytes, about.prompt.as_str()), (png(1), "a"));
        assert!(cache.has(&key) && cache.find(&CacheKey::of(b"b")).is_none());
        for extension in ["json", "image"] {
            assert!(fs::is_private(&cache.path(&key, extension)));
        }
        assert_eq!(std::fs::read_dir(cache.directory()).unwrap().count(), 2, "no lock is left");
    }

    #[test]
    fn a_damaged_entry_is_none_and_is_thrown_away_by_its_claim() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let other = png(9);
        for (extension, bytes) in [
            ("image", &b"torn"[..]),
            ("image", &other),
            ("json", b"{\"v\":1"),
            ("json", b"{\"v\":9}"),
            // The hash is right, but these bytes are no picture.
            ("image", b""),
        ] {
            let key = put(&cache, "a");
            fs::write_atomic(&cache.path(&key, extension), bytes, fs::Mode::Private).unwrap();
            if bytes.is_empty() {
                let about = Description {
                    v: VERSION,
                    sha256: hex(&Sha256::digest(b"")),
                    ..Description::default()
                };
                let text = serde_json::to_vec(&about).unwrap();
                fs::write_atomic(&cache.path(&key, "json"), &text, fs::Mode::Private).unwrap();
            }
            assert!(cache.find(&key).is_none(), "{extension} {bytes:?}");
            let claim = cache.claim(&key).unwrap().unwrap();
            cache.discard(&claim);
            assert!(!cache.has(&key));
        }
    }

    #[test]
    fn a_key_is_claimed_once_and_its_lock_goes_with_the_claim() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let key = CacheKey::of(b"a");
        let claim = cache.claim(&key).unwrap().unwrap();
        assert!(cache.claim(&key).unwrap().is_none(), "also inside one process");
        assert!(cache.claim(&CacheKey::of(b"b")).unwrap().is_some(), "another key is free");
        drop(claim);
        assert!(cache.claim(&key).unwrap().is_some());
        // What a killed process leaves is a file that nobody holds.
        drop(fs::lock_file(&cache.path(&key, "lock")).unwrap());
        assert!(cache.claim(&key).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn of_many_who_wait_one_at_a_time_has_the_claim() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::new(home.path(), 1 << 20);
        let (inside, had) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut turns = 0;
                    while turns < 50 {
                        let Some(claim) = cache.claim(&CacheKey::of(b"a")).unwrap() else {
                            continue;
                        };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                        turns += 1;
                        std::thread::sleep(std::time::Duration::from_micros(100));
                        had.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(claim);
                    }
                });
            }
        });
        assert_eq!(had.load(Ordering::SeqCst), 400);
        assert_eq!(std::fs::read_dir(cache.directory()).unwrap().count(), 0);
    }
}
