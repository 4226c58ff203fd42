//! Keeping: what was paid for and cannot be finished now goes to the data directory.
//!
//! The journal tells `recover` where. No key is in what is kept.

use std::path::{Path, PathBuf};

use super::Engine;
use super::attempt::Attempt;
use crate::error::Error;
use crate::fs;
use crate::net::Answer;
use crate::secret::blot;
use crate::store::What;

impl Engine<'_> {
    /// The links of a synchronous answer are all that there is of the image: kept until it is here.
    pub(super) async fn keep_links(
        &self,
        attempt: &Attempt<'_>,
        answer: &Answer,
    ) -> Option<PathBuf> {
        let path = self.options.kept.join(format!("{}.reply", attempt.id()));
        self.write_raw(attempt, answer, &path).ok()?;
        let mut entry = self.entry(What::Kept, attempt);
        entry.kept = Some(path.clone());
        // A precaution: where it fails, the image is fetched all the same.
        self.journal?.commit(&entry).await.ok()?;
        Some(path)
    }

    fn write_raw(
        &self,
        attempt: &Attempt<'_>,
        answer: &Answer,
        path: &Path,
    ) -> std::io::Result<()> {
        let mut bytes = answer.body.bytes()?.into_owned();
        blot(&mut bytes, &attempt.route.secrets());
        fs::create_private_dir(&self.options.kept)?;
        fs::write_atomic(path, &bytes, fs::Mode::Private)
    }

    /// Keeps the raw reply of a paid call that could not be used, without the key in it.
    pub(super) fn keep_raw(&self, attempt: &Attempt<'_>, answer: &Answer, error: &mut Error) {
        let path = self.options.kept.join(format!("{}.reply", attempt.id()));
        match self.write_raw(attempt, answer, &path) {
            Ok(()) => error.hints.push(format!("the raw answer is kept in {}", path.display())),
            Err(why) => error.hints.push(format!("the raw answer could not be kept: {why}")),
        }
    }

    /// The disk refused the image's place: its bytes go to the data directory, and the journal
    /// tells `recover` where.
    pub(super) fn keep_image(
        &self,
        attempt: &Attempt<'_>,
        at: usize,
        bytes: &[u8],
        error: &mut Error,
    ) {
        let path = self.options.kept.join(format!("{}.{}.image", attempt.id(), at + 1));
        let kept = fs::create_private_dir(&self.options.kept)
            .and_then(|()| fs::write_atomic(&path, bytes, fs::Mode::Private));
        match kept {
            Ok(()) => {
                error.hints.push(format!(
                    "its bytes are kept in {}; `pinx recover` saves them",
                    path.display()
                ));
                if let Some(journal) = self.journal {
                    let mut entry = self.entry(What::Kept, attempt);
                    entry.kept = Some(path);
                    entry.wish = Some(attempt.job.absolute_wish());
                    journal.append(&entry);
                }
            }
            Err(again) => error.hints.push(format!("its bytes could not be kept either: {again}")),
        }
    }
}
