//! Links of pictures that were uploaded: an upload serves every process until its link is about to end.
//!
//! An entry is a small private file, named by who uploaded what where. Losing it costs an upload and no
//! money. Only who holds the claim on a key uploads, so that many who need one picture upload it once.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fs::{self, OwnLock};
use crate::text;

/// A link is not used any more when this is left of its life: a job may wait long in a queue.
const RESERVE: Duration = Duration::from_secs(3600);

/// No link lives longer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What an entry is found by: who has uploaded, where, and what, as one hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadKey(String);

impl UploadKey {
    /// That of the picture with this hash, for an account.
    pub(crate) fn of(account: &str, sha256: &str) -> UploadKey {
        UploadKey(text::hex(&Sha256::digest(format!("{account}\n{sha256}"))))
    }
}

#[derive(Serialize, Deserialize)]
struct Uploaded {
    url: String,
    expires: Timestamp,
}

/// The uploads of this user.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    directory: PathBuf,
}

impl Uploads {
    /// Beside the pictures that are kept in a directory.
    pub(crate) fn new(inputs: &Path) -> Uploads {
        Uploads { directory: inputs.join("uploads") }
    }

    /// Where they are noted.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The link of an upload that is there for a while yet.
    pub(crate) fn find(&self, key: &UploadKey) -> Option<String> {
        let known = read(&self.path(key, "json"))?;
        is_fresh(&known).then_some(known.url)
    }

    /// Claims a key; `None` while somebody else has it.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub(crate) fn claim(&self, key: &UploadKey) -> io::Result<Option<OwnLock>> {
        fs::create_private_dir(&self.directory)?;
        OwnLock::take(&self.path(key, "lock"))
    }

    /// Notes what was uploaded under a key, whose claim the caller holds.
    ///
    /// # Errors
    /// It cannot be written; the next one uploads it anew.
    pub(crate) fn store(&self, key: &UploadKey, url: &str, life: Duration) -> io::Result<()> {
        let expires = crate::clock::now() + life;
        let text = serde_json::to_vec(&Uploaded { url: url.to_owned(), expires })?;
        fs::write_atomic(&self.path(key, "json"), &text, fs::Mode::Private)
    }

    /// Forgets an upload, of which somebody says that it cannot be read.
    pub(crate) fn forget(&self, key: &UploadKey) {
        let _ = fs::remove(&self.path(key, "json"));
    }

    /// Removes what has ended, by its age alone, and the locks of processes that were killed. What cannot
    /// go now goes another time.
    pub(crate) fn prune(&self) {
        let oldest = SystemTime::from(crate::clock::now()).checked_sub(LONGEST);
        let listing = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let old = listing.filter(|entry| {
            let written = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            written.zip(oldest).is_some_and(|(written, oldest)| written < oldest)
        });
        for path in old.map(|entry| entry.path()) {
            match path.extension().and_then(|name| name.to_str()) {
                Some("json") => drop(fs::remove(&path)),
                // One that somebody holds stays.
                Some("lock") => drop(OwnLock::take(&path)),
                _ => {}
            }
        }
    }

    fn path(&self, key: &UploadKey, extension: &str) -> PathBuf {
        self.directory.join(format!("{}.{extension}", key.0))
    }
}

/// What an entry says; nothing where it is damaged.
fn read(path: &Path) -> Option<Uploaded> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn is_fresh(known: &Uploaded) -> bool {
    known.expires >= crate::clock::now() + RESERVE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_serves_until_the_last_hour_of_its_link() {
        let home = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(home.path());
        let key = UploadKey::of("fal#1a2b3c", "00ff");
        assert_ne!(key, UploadKey::of("fal#ffffff", "00ff"), "another account's is not ours");
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        uploads.prune();
        assert_eq!(uploads.find(&key), None);
        let claim = uploads.claim(&key).unwrap().unwrap();
        assert!(uploads.claim(&key).unwrap().is_none(), "one at a time");
        let link = "https://f.example/a.png";
        uploads.store(&key, link, hours(24)).unwrap();
        drop(claim);
        uploads.prune();
        assert_eq!(uploads.find(&key).as_deref(), Some(link));
        assert!(cfg!(not(unix)) || fs::is_private(&uploads.path(&key, "json")));
        // The last hour has begun.
        uploads.store(&key, link, hours(1) - Duration::from_secs(1)).unwrap();
        assert_eq!(uploads.find(&key), None);
        for (extension, hours_ago, is_there) in
            [("json", 23, true), ("json", 25, false), ("lock", 23, true), ("lock", 25, false)]
        {
            let path = uploads.path(&key, extension);
            drop(fs::lock_file(&path).unwrap());
            let written = SystemTime::from(crate::clock::now()) - hours(hours_ago);
            fs::touch(&path, written).unwrap();
            uploads.prune();
            assert_eq!(path.exists(), is_there, "{extension} of {hours_ago} hours ago");
        }
        for damaged in ["", "{}", "{\"url\":7}", "[]"] {
            let path = uploads.path(&key, "json");
            fs::write_atomic(&path, damaged.as_bytes(), fs::Mode::Private).unwrap();
            assert_eq!(uploads.find(&key), None, "{damaged}");
        }
        uploads.store(&key, link, hours(24)).unwrap();
        uploads.forget(&key);
        assert_eq!(uploads.find(&key), None);
        assert!(uploads.claim(&key).unwrap().is_some());
    }
}
