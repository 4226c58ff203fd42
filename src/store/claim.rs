//! Claims: who makes an image, told in the directory where it goes, so that any number of machines can
//! work there, each with a home of its own.
//!
//! A claim is a file of the job's name, made only where there is none, before anything is paid for.
//! Whoever made it works on the image; who finds it leaves the job alone. What came of it replaces it,
//! or it is removed where nothing was paid. A claim that says neither is at work or of unknown outcome:
//! no age ends it, only the home that made it or the user.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs;
use crate::money::Money;

/// The directory in an output directory that is pinx's own.
pub(crate) const OWN: &str = ".pinx";

/// The version of the claims written here.
const VERSION: u32 = 1;

/// Who makes an image, and what came of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// The version of the shape.
    pub v: u32,
    /// When it was made, in UTC.
    pub t: jiff::Timestamp,
    /// How the image stands.
    pub state: State,
    /// The run that made the claim.
    pub run: String,
    /// Its job.
    pub job: String,
    /// The first attempt of that job.
    pub attempt: String,
    /// The machine, by its own name.
    pub machine: String,
    /// The home (`PINX_HOME`) in whose log the attempt is, by a hash.
    pub home: String,
    /// The model asked first.
    pub model: String,
    /// What the first attempt may cost, in micro-dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Money>,
    /// Where the image is, within the output directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Of the image.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// What it cost, in micro-dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Of a failure that was billed: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// How a claimed image stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is there.
    Done,
    /// It failed, and was billed.
    Failed,
    /// It is being made, or nobody knows.
    #[default]
    #[serde(other)]
    Working,
}

/// The claims of one output directory, as one home sees them.
#[derive(Debug, Clone)]
pub struct Claims {
    /// The output directory.
    root: PathBuf,
    home: String,
    machine: String,
}

impl Claims {
    /// Those of a directory; `home` and `machine` tell who looks.
    pub fn new(root: &Path, home: &str, machine: &str) -> Claims {
        let (root, home, machine) = (root.to_owned(), home.to_owned(), machine.to_owned());
        Claims { root, home, machine }
    }

    /// The output directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes their directory and tries it.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn prepare(&self) -> io::Result<()> {
        let directory = self.directory();
        fs::create_dir(&directory)?;
        fs::probe_writable(&directory)?;
        // What killed processes had not finished.
        fs::remove_temporary(&directory);
        Ok(())
    }

    /// Whether anybody has ever made a claim in this output directory.
    pub fn are_at(root: &Path) -> bool {
        directory(root).is_dir()
    }

    /// The file of a job's claim.
    pub fn file(&self, key: &str) -> PathBuf {
        self.directory().join(format!("{key}.json"))
    }

    /// Claims a job: `None` when that is done, else who has it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn take(&self, key: &str, claim: &Claim) -> io::Result<Option<Claim>> {
        let path = self.file(key);
        let bytes = self.bytes(claim)?;
        loop {
            if fs::create_whole(&path, &bytes)? {
                return Ok(None);
            }
            // One that was released meanwhile is free.
            if let Some(other) = self.read(key)? {
                return Ok(Some(other));
            }
        }
    }

    /// Claims a job in the place of a claim that was found to be void; `None` when that is done, else
    /// who has it by now.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn take_over(&self, key: &str, void: &Claim, claim: &Claim) -> io::Result<Option<Claim>> {
        // Of two that found the same claim void, the second finds the first's.
        let _lock = fs::lock_file(&self.directory().join("lock"))?;
        match self.read(key)? {
            Some(other) if other != *void => Ok(Some(other)),
            Some(_) => fs::write_atomic(&self.file(key), &self.bytes(claim)?, fs::Mode::Normal)
                .map(|()| None),
            None => self.take(key, claim),
        }
    }

    /// Replaces a claim with what came of it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(&self, key: &str, claim: &Claim) -> io::Result<()> {
        fs::write_atomic(&self.file(key), &self.bytes(claim)?, fs::Mode::Normal)
    }

    /// Takes a claim back, if it is still this one's job.
    ///
    /// # Errors
    /// It cannot be read or removed.
    pub fn release(&self, key: &str, job: &str) -> io::Result<()> {
        match self.read(key)? {
            Some(claim) if claim.job == job && claim.state == State::Working => {
                fs::remove(&self.file(key))
            }
            _ => Ok(()),
        }
    }

    /// The claim on a job. One that cannot be understood is somebody's.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, key: &str) -> io::Result<Option<Claim>> {
        match std::fs::read(self.file(key)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or_default())),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// All claims, each with its key.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn all(&self) -> io::Result<Vec<(String, Claim)>> {
        let mut claims = Vec::new();
        for entry in std::fs::read_dir(self.directory())? {
            let path = entry?.path();
            let is_claim = path.extension().is_some_and(|extension| extension == "json");
            let key = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_claim);
            if let Some(key) = key
                && let Some(claim) = self.read(key)?
            {
                claims.push((key.to_owned(), claim));
            }
        }
        Ok(claims)
    }

    /// A claim of this home on a job, of which nothing has come yet.
    pub fn begin(&self, run: &str, job: &str) -> Claim {
        Claim {
            v: VERSION,
            t: crate::clock::now(),
            run: run.to_owned(),
            job: job.to_owned(),
            attempt: format!("{job}.1"),
            machine: self.machine.clone(),
            home: self.home.clone(),
            ..Claim::default()
        }
    }

    /// Whether a claim was made by this home.
    pub fn is_own(&self, claim: &Claim) -> bool {
        !claim.home.is_empty() && claim.home == self.home
    }

    /// Where the image of a claim is.
    pub fn image(&self, claim: &Claim) -> Option<PathBuf> {
        // What others wrote leads nowhere but into the output directory.
        let path = claim.path.as_ref().filter(|_| claim.state == State::Done)?;
        let is_inside =
            path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        is_inside.then(|| self.root.join(path))
    }

    /// How an image is named within the output directory; one that lies elsewhere has no such name.
    pub fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(&self.root).ok().map(Path::to_owned)
    }

    fn directory(&self) -> PathBuf {
        directory(&self.root)
    }

    fn bytes(&self, claim: &Claim) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(claim)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Where the claims of an output directory are.
fn directory(root: &Path) -> PathBuf {
    root.join(OWN).join("claims")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(root: &Path, home: &str) -> Claims {
        let claims = Claims::new(root, home, "host");
        claims.prepare().unwrap();
        claims
    }

    #[test]
    fn a_job_is_claimed_once_until_it_is_released() {
        let root = tempfile::tempdir().unwrap();
        let [one, other] = ["a", "b"].map(|home| claims(root.path(), home));
        let (mine, theirs) = (one.begin("r", "r.1"), other.begin("s", "s.1"));
        assert_eq!(one.take("k", &mine).unwrap(), None);
        let found = other.take("k", &theirs).unwrap().unwrap();
        assert_eq!((&found, one.is_own(&found), other.is_own(&found)), (&mine, true, false));
        other.release("k", "s.1").unwrap();
        assert!(other.take("k", &theirs).unwrap().is_some(), "it was not theirs to release");
        one.release("k", "r.1").unwrap();
        assert_eq!(other.take("k", &theirs).unwrap(), None);
        assert_eq!(one.all().unwrap(), [("k".to_owned(), theirs)]);
    }

    #[test]
    fn of_many_at_once_one_wins_also_over_a_void_claim() {
        let root = tempfile::tempdir().unwrap();
        let (first, root) = (claims(root.path(), "a"), root.path());
        let void = first.begin("r", "r.1");
        let race = |take: &(dyn Fn(&Claims, &Claim) -> Option<Claim> + Sync)| {
            std::thread::scope(|scope| {
                let worker = |n: usize| {
                    scope.spawn(move || {
                        let claims = claims(root, &n.to_string());
                        take(&claims, &claims.begin("x", &format!("x.{n}"))).is_none()
                    })
                };
                let all: Vec<_> = (0..8).map(worker).collect();
                all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
            })
        };
        assert_eq!(race(&|claims, claim| claims.take("k", claim).unwrap()), 1);
        first.end("k", &void).unwrap();
        assert_eq!(race(&|claims, claim| claims.take_over("k", &void, claim).unwrap()), 1);
    }

    #[test]
    fn a_claim_leads_only_into_its_directory_and_torn_ones_are_somebodys() {
        let root = tempfile::tempdir().unwrap();
        let claims = claims(root.path(), "a");
        let done =
            |path: &str| Claim { state: State::Done, path: Some(path.into()), ..Claim::default() };
        assert_eq!(claims.image(&done("x/fox.png")), Some(root.path().join("x/fox.png")));
        for path in ["/etc/passwd", "../fox.png", "x/../../fox.png"] {
            assert_eq!(claims.image(&done(path)), None, "{path}");
        }
        fs::write_atomic(&claims.file("k"), b"{\"v\":1,\"run", fs::Mode::Normal).unwrap();
        let torn = claims.read("k").unwrap().unwrap();
        assert!(!claims.is_own(&torn) && torn.state == State::Working);
        let newer = br#"{"v":2,"state":"moonstruck","home":"a"}"#;
        fs::write_atomic(&claims.file("k"), newer, fs::Mode::Normal).unwrap();
        assert_eq!(claims.read("k").unwrap().unwrap().state, State::Working);
    }
}
