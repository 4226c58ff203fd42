//! What is set aside on the disk, so that memory does not grow with a batch: what the log says of
//! earlier images, until a gallery or a document comes to them, and the jobs of a document.

use std::collections::HashMap;
use std::fs::File;
use std::io::{
    self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _,
};
use std::path::Path;

use serde_json::Value;

use super::key::Key;
use crate::cmd::App;
use crate::error::{Error, Result};
use crate::fs;
use crate::settings::env;
use crate::store::Entry;

/// The newest entry of each job, in a file without a name.
pub(super) struct PriorResults {
    file: BufWriter<File>,
    end: u64,
    /// Where in the file, and how long.
    places: HashMap<Key, (u64, u32)>,
}

impl PriorResults {
    /// An empty one; the file ends with it.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn new(directory: &Path) -> io::Result<PriorResults> {
        let file = BufWriter::new(fs::spill_file(directory)?);
        Ok(PriorResults { file, end: 0, places: HashMap::new() })
    }

    /// Keeps what a gallery shows of an entry, in the place of an older one.
    pub(super) fn keep(&mut self, key: Key, entry: &Entry) {
        let shown = Entry {
            e: entry.e,
            model: entry.model.clone(),
            provider: entry.provider.clone(),
            route: entry.route.clone(),
            estimate: entry.estimate,
            cost: entry.cost,
            certainty: entry.certainty,
            billed: entry.billed,
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

/// Makes something that needs a file for the time of the run, in the first place that has room.
///
/// # Errors
/// There is none.
pub(super) fn spooled<T>(app: &App, make: impl Fn(&Path) -> io::Result<T>) -> Result<T> {
    let place = &app.settings.places.kept;
    make(place).or_else(|error| make(&env::temporary_dir()).map_err(|_| error)).map_err(|error| {
        Error::usage(format!("nothing can be written in `{}`: {error}", place.display()))
            .hint("set PINX_HOME to a writable directory")
    })
}

/// The jobs of a document in their order, set aside on the disk until its end.
pub(super) struct Documents(BufWriter<File>);

impl Documents {
    /// An empty one where a document is to be printed; its file ends with it.
    ///
    /// # Errors
    /// There is no place for the file.
    pub(super) fn wanted(app: &App) -> Result<Option<Documents>> {
        let is_wanted = app.ui.options().json;
        let file = is_wanted.then(|| spooled(app, fs::spill_file)).transpose()?;
        Ok(file.map(|file| Documents(BufWriter::new(file))))
    }

    /// Adds a job.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn add(&mut self, job: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, job)?;
        self.0.write_all(b"\n")
    }

    /// All jobs from the first on.
    ///
    /// # Errors
    /// The file cannot be read back.
    pub(super) fn read(self) -> io::Result<impl Iterator<Item = Value>> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let lines = BufReader::new(file).lines();
        Ok(lines.map_while(|line| serde_json::from_str(&line.ok()?).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_of_a_job_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let mut results = PriorResults::new(home.path()).unwrap();
        let entry = |model: &str| Entry { model: model.to_owned(), ..Entry::default() };
        results.keep(1, &entry("a"));
        results.keep(2, &entry("b"));
        assert_eq!(results.read(1).unwrap().model, "a");
        results.keep(1, &entry("a longer name"));
        assert_eq!(results.read(2).unwrap().model, "b");
        assert_eq!(results.read(1).unwrap().model, "a longer name");
        assert_eq!(results.read(3), None);
        #[cfg(unix)]
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "it has no name");
    }
}
