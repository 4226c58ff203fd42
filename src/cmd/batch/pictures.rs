//! The pictures that jobs are made from: each file is looked at once, however many jobs name it, and
//! before anything is paid.
//!
//! What a job names takes the place of what the command line names for all. A picture that is there no
//! more is known by what the log says of it, as far as nothing is to be made from it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::Item;
use crate::catalog::SentInput;
use crate::cmd::{App, inputs, log};
use crate::engine::RunSpec;
use crate::error::{Error, Result};
use crate::request::{Input, Role};
use crate::store::{InputStore, MaskOf, PictureSource, TakenInput};
use crate::text;

/// Bytes of pictures that are made ready and kept in memory where nothing is written down.
const HELD: u64 = 64 << 20;

/// A picture as it is named, and of what it is a mask.
type Name = (PathBuf, Option<MaskOf>);

/// The pictures of a batch.
pub(in crate::cmd) struct JobPictures<'a> {
    app: &'a App,
    store: InputStore,
    is_strict: bool,
    /// Whether they may be scaled where the job does not say.
    fit: bool,
    /// Where the files of the batch lie.
    directories: Vec<PathBuf>,
    /// Those of the command line: as they are written, and as they are sent.
    flags: &'a inputs::Pictures,
    of_flags: Arc<[SentInput]>,
    taken: HashMap<Name, TakenInput>,
    /// What is wrong with others, each under the name that it has in messages.
    failed: HashMap<(Name, String), Error>,
    /// Bytes of those that are kept in memory.
    held: u64,
    /// By their places, what the jobs of batches were made from last.
    logged: Option<HashMap<PathBuf, Input>>,
}

/// What is found of a picture.
enum JobPicture {
    /// It is there.
    Taken(TakenInput),
    /// It was there, as the log says; why it cannot be had now.
    Gone(Input, Error),
}

impl JobPicture {
    fn input(&self) -> &Input {
        match self {
            JobPicture::Taken(taken) => &taken.input,
            JobPicture::Gone(input, _) => input,
        }
    }
}

impl<'a> JobPictures<'a> {
    /// None are known yet; `spec` is what the command line asks for.
    pub(in crate::cmd) fn new(
        app: &'a App,
        spec: &RunSpec,
        flags: &'a inputs::Pictures,
        directories: Vec<PathBuf>,
    ) -> JobPictures<'a> {
        JobPictures {
            app,
            store: inputs::store(app, spec),
            is_strict: spec.strict,
            fit: spec.fit,
            directories,
            flags,
            of_flags: Arc::clone(&spec.inputs),
            taken: HashMap::new(),
            failed: HashMap::new(),
            held: 0,
            logged: None,
        }
    }

    /// Has a job made from the pictures that it names; answers with why nothing can be made of it,
    /// although it is known what it was made from.
    ///
    /// # Errors
    /// One of them cannot be had, or cannot be sent.
    pub(in crate::cmd) fn give(&mut self, item: &mut Item) -> Result<Option<Error>> {
        let is_anew = self.reads_mask_anew(item)?;
        if item.pictures.is_empty() && !is_anew {
            item.sent = (!self.of_flags.is_empty()).then(|| Arc::clone(&self.of_flags));
            return Ok(None);
        }
        let found = self.all(item)?;
        let inputs: Vec<Input> = found.iter().map(|found| found.input().clone()).collect();
        if let Some(written) = &mut item.as_written {
            written.inputs.clone_from(&inputs);
        }
        item.request.inputs = inputs;
        let mut taken = Vec::with_capacity(found.len());
        for found in found {
            match found {
                JobPicture::Taken(one) => taken.push(one),
                JobPicture::Gone(_, why) => return Ok(Some(why)),
            }
        }
        item.notices = inputs::notices(&taken, self.is_strict)?;
        item.sent = Some(taken.into_iter().map(|taken| taken.sent).collect());
        Ok(None)
    }

    /// Whether a job that names no picture says of the mask of the command line what it means.
    ///
    /// # Errors
    /// It says so, and there is no mask.
    fn reads_mask_anew(&self, item: &Item) -> Result<bool> {
        let own = &item.pictures;
        let of_flags = self.flags.mask.is_some() && own.images.is_empty();
        if own.is_means_own && own.mask.is_none() && !of_flags {
            return Err(Error::usage("`mask_means` stands without a mask")
                .code("input")
                .hint("name the mask as `mask`, or leave `mask_means` out"));
        }
        let is_anew = own.mask_means.is_some() && own.mask.is_none() && of_flags;
        let mut words = self.flags.images.iter().chain(&self.flags.mask);
        if is_anew && words.any(|word| word == Path::new("-")) {
            let what = "`mask_means` belongs to a mask that is read again, not to what is on stdin";
            return Err(Error::usage(what).code("input").hint("say it as `--mask-means`"));
        }
        Ok(is_anew)
    }

    fn all(&mut self, item: &Item) -> Result<Vec<JobPicture>> {
        let own = &item.pictures;
        let fit = own.fit.unwrap_or(self.fit);
        let place = self.directories.get(item.file).cloned().unwrap_or_default();
        let (directory, words) = match own.images.is_empty() {
            false => (place.as_path(), own.images.iter().map(PathBuf::from).collect()),
            true => (Path::new(""), self.of_command_line()?),
        };
        let mut found = Vec::new();
        for (word, number) in words.iter().zip(1..) {
            found.push(self.one((directory, word), &format!("image {number}"), None)?);
        }
        let mask = match (&own.mask, &self.flags.mask) {
            (Some(own), _) => Some((place.as_path(), Path::new(own))),
            (None, Some(mask)) if own.images.is_empty() => Some((Path::new(""), mask.as_path())),
            _ => None,
        };
        if let (Some(word), Some(first)) = (mask, found.first()) {
            let mask = match first {
                JobPicture::Taken(first) => {
                    let of = inputs::mask_of(first, own.mask_means, fit);
                    self.one(word, "the mask", Some(of))?
                }
                // Nothing is read by it: its bytes are enough.
                JobPicture::Gone(_, why) => {
                    let why = why.clone();
                    let mask = self.one(word, "the mask", None)?.input().clone();
                    JobPicture::Gone(Input { role: Role::Mask, means: own.mask_means, ..mask }, why)
                }
            };
            found.push(mask);
        }
        Ok(found)
    }

    /// The pictures of the command line, for a mask that the file names.
    fn of_command_line(&self) -> Result<Vec<PathBuf>> {
        let words = &self.flags.images;
        let lonely = |what: &str| Error::usage(what).code("input").hint("name it as `image`");
        if words.is_empty() {
            return Err(lonely("`mask` stands without the picture that it belongs to"));
        }
        if words.iter().any(|word| word == Path::new("-")) {
            return Err(lonely("`mask` belongs to a picture of the file, not to that on stdin"));
        }
        Ok(words.clone())
    }

    fn one(
        &mut self,
        (directory, word): (&Path, &Path),
        what: &str,
        mask: Option<MaskOf>,
    ) -> Result<JobPicture> {
        let name = (directory.join(word), mask);
        if let Some(taken) = self.taken.get(&name) {
            return Ok(JobPicture::Taken(taken.clone()));
        }
        let key = (name, what.to_owned());
        let failed = self.failed.get(&key).cloned();
        let taken = match failed {
            Some(error) => Err(error),
            None => self.take(directory, word, &key),
        };
        let (name, _) = &key;
        match taken {
            Ok(taken) => Ok(JobPicture::Taken(taken)),
            Err(error) => {
                let gone = (!name.0.exists()).then(|| self.logged(&name.0)).flatten();
                let gone = gone.map(|input| JobPicture::Gone(input, error.clone()));
                self.failed.insert(key, error.clone());
                gone.ok_or(error)
            }
        }
    }

    /// Looks at a picture, and keeps what is to be known of it.
    fn take(
        &mut self,
        directory: &Path,
        word: &Path,
        (name, what): &(Name, String),
    ) -> Result<TakenInput> {
        if word == Path::new("@last") {
            let what = "`@last` is another image after each run, and the job another one each time";
            return Err(Error::usage(what)
                .code("input")
                .hint("name the file, or an id of `pinx log`"));
        }
        let found = inputs::find(self.app, directory, word, (what, "`"))?;
        let is_file = matches!(&found, PictureSource::File(_));
        let taken = match &name.1 {
            None => self.store.take(found, what)?,
            Some(of) => self.store.take_mask(found, of).map_err(in_file)?,
        };
        // Where nothing is written down, what was made of it is in memory: not of too many at once.
        let held = taken.sent.held.as_ref().map_or(0, |held| held.len() as u64);
        if held == 0 || self.held + held <= HELD || !is_file {
            self.held += held;
            self.taken.insert(name.clone(), taken.clone());
        }
        Ok(taken)
    }

    /// What the log says of a picture that was at a place when a batch was made from it.
    fn logged(&mut self, place: &Path) -> Option<Input> {
        let app = self.app;
        let logged = self.logged.get_or_insert_with(|| {
            // What cannot be read there is told where the log is asked about the jobs.
            log::find::inputs_of_batches(app).unwrap_or_default()
        });
        logged.get(&std::path::absolute(place).ok()?).cloned()
    }

    /// The pictures of a job that were others when a batch was made from them last.
    pub(super) fn changed(&mut self, item: &Item) -> Vec<String> {
        let sent = item.sent.iter().flat_map(|sent| sent.iter());
        let files: Vec<(PathBuf, String)> = sent
            .filter_map(|sent| {
                let hash = sent.source.as_ref().unwrap_or(&sent.sha256);
                Some((sent.path.clone()?, hash.clone()))
            })
            .collect();
        let mut told = Vec::new();
        for (path, hash) in files {
            if self.logged(&path).is_some_and(|before| before.sha256 != hash) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name = text::clean(&name, 80);
                told.push(format!(
                    "`{name}` is another picture than before: what is made from it is new"
                ));
            }
        }
        told
    }
}

/// What is wrong with a mask, whose remedies are keys here and no flags.
fn in_file(error: Error) -> Error {
    let hints = error.hints.iter().map(|hint| hint.replace("`--mask-means ", "`mask_means: "));
    Error { hints: hints.collect(), ..error }
}
