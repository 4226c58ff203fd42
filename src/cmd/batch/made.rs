//! What the log says of a batch's earlier images, set aside on the disk until the gallery comes to
//! them: a few bytes of memory for each.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::before::Key;
use crate::fs;
use crate::store::Entry;

/// The newest entry of each job, in a file without a name.
pub(super) struct Made {
    file: BufWriter<File>,
    end: u64,
    /// Where in the file, and how long.
    places: HashMap<Key, (u64, u32)>,
}

impl Made {
    /// An empty one; the file ends with it.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn new(directory: &Path) -> io::Result<Made> {
        let file = BufWriter::new(fs::spill_file(directory)?);
        Ok(Made { file, end: 0, places: HashMap::new() })
    }

    /// Keeps what a gallery shows of an entry, in the place of an older one.
    pub(super) fn keep(&mut self, key: Key, entry: &Entry) {
        let shown = Entry {
            e: entry.e,
            model: entry.model.clone(),
            estimate: entry.estimate,
            cost: entry.cost,
            certainty: entry.certainty,
            billed: entry.billed.clone(),
            kind: entry.kind,
            total_ms: entry.total_ms,
            waited_ms: entry.waited_ms,
            images: entry.images.clone(),
            seed: entry.seed,
            adjustments: entry.adjustments.clone(),
            message: entry.message.clone(),
            ..Entry::default()
        };
        let Ok(bytes) = serde_json::to_vec(&shown) else { return };
        // What does not fit is shown without its details.
        if self.file.write_all(&bytes).is_ok() {
            self.places.insert(key, (self.end, bytes.len() as u32));
            self.end += bytes.len() as u64;
        }
    }

    /// What was kept of a job.
    pub(super) fn read(&mut self, key: Key) -> Option<Entry> {
        let (at, length) = *self.places.get(&key)?;
        self.file.flush().ok()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes).ok()?;
        file.seek(SeekFrom::Start(self.end)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_of_a_job_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let mut made = Made::new(home.path()).unwrap();
        let entry = |model: &str| Entry { model: model.to_owned(), ..Entry::default() };
        made.keep(1, &entry("a"));
        made.keep(2, &entry("b"));
        assert_eq!(made.read(1).unwrap().model, "a");
        made.keep(1, &entry("a longer name"));
        assert_eq!(made.read(2).unwrap().model, "b");
        assert_eq!(made.read(1).unwrap().model, "a longer name");
        assert_eq!(made.read(3), None);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "it has no name");
    }
}
