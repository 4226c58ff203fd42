//! Keeping: what was paid for and cannot be finished now goes to the data directory.
//!
//! The journal tells `recover` where. No key is in what is kept.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use super::Run;
use super::image_source::ImageSource;
use super::outcome::{Attempt, SalvagedImage};
use crate::error::Error;
use crate::fs;
use crate::net::Answer;
use crate::pool::run_blocking;
use crate::secret::blot;
use crate::store::{Source as _, What, pieces};

impl Run {
    /// The links of a synchronous answer are all that there is of the image: kept until it is here.
    pub(super) async fn keep_links(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<Answer>,
    ) -> Option<PathBuf> {
        let path = self.write_raw(attempt, answer).await.ok()?;
        let mut entry = self.entry(What::Kept, attempt);
        entry.kept = Some(path.clone());
        // A precaution: where it fails, the image is fetched all the same.
        self.engine.log.as_ref()?.commit(&entry).await.ok()?;
        Some(path)
    }

    /// The raw reply of an attempt, if it was kept.
    pub(super) async fn kept_reply(&self, attempt: &Attempt<'_>) -> Option<PathBuf> {
        let path = self.settings.places.kept.join(format!("{}.reply", attempt.id()));
        run_blocking(move || path.exists().then_some(path)).await.ok().flatten()
    }

    async fn write_raw(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<Answer>,
    ) -> std::io::Result<PathBuf> {
        let (kept, secrets) = (self.settings.places.kept.clone(), attempt.route.secrets());
        let path = kept.join(format!("{}.reply", attempt.id()));
        let answer = Arc::clone(answer);
        let write = move || {
            let mut bytes = answer.body.bytes()?.into_owned();
            blot(&mut bytes, &secrets);
            fs::create_private_dir(&kept)?;
            fs::write_atomic(&path, &bytes, fs::Mode::Private)?;
            Ok(path)
        };
        run_blocking(write).await.unwrap_or_else(|_| Err(ErrorKind::Other.into()))
    }

    /// Keeps the raw reply of a paid call that could not be used, without the key in it.
    pub(super) async fn keep_raw(
        &self,
        attempt: &Attempt<'_>,
        answer: &Arc<Answer>,
        error: &mut Error,
    ) {
        match self.write_raw(attempt, answer).await {
            Ok(path) => error.hints.push(format!("the raw answer is kept in {}", path.display())),
            Err(why) => error.hints.push(format!("the raw answer could not be kept: {why}")),
        }
    }

    /// The disk refused the image's place: its bytes go to the data directory, or where that is full
    /// too, to the system's directory for temporary files; the journal tells `recover` where.
    /// False when nothing takes them.
    pub(super) async fn keep_image(
        &self,
        attempt: &Attempt<'_>,
        (at, of): (usize, usize),
        raw: ImageSource,
        error: &mut Error,
    ) -> bool {
        let places = [self.settings.places.kept.clone(), self.fallback_directory.clone()];
        let id = attempt.id();
        let write = move || {
            let bytes = raw.whole().map_err(std::io::Error::other)?;
            let mut refused = std::io::Error::other("there is no place for it");
            for place in places {
                let SalvagedImage { path, .. } = SalvagedImage::new(&place, &id, at, of);
                let written =
                    fs::create_private_dir(&place).and_then(|()| pieces::write(&path, &bytes));
                match written {
                    Ok(()) => return Ok(path),
                    Err(error) => refused = error,
                }
            }
            Err(refused)
        };
        let kept = run_blocking(write).await;
        match kept.unwrap_or_else(|_| Err(ErrorKind::Other.into())) {
            Ok(path) => {
                error.hints.push(format!(
                    "its bytes are kept in {}; `pinx recover` saves them",
                    path.display()
                ));
                if let Some(log) = &self.engine.log {
                    let mut entry = self.entry(What::Kept, attempt);
                    entry.kept = Some(path);
                    entry.wish = Some(attempt.job.absolute_wish());
                    log.append(&entry);
                }
                true
            }
            Err(again) => {
                error.hints.push(format!("its bytes could not be kept either: {again}"));
                false
            }
        }
    }
}
