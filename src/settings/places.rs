//! Where pinx keeps its files: the platform's directories, or all below `PINX_HOME`.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::env::Env;
use crate::error::{Error, Result};
use crate::text;

/// Paths of everything pinx keeps. Nothing is created by naming it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's settings, a file.
    pub config: PathBuf,
    /// Stored keys, a file (0600).
    pub credentials: PathBuf,
    /// The clients of a server, a file (0600).
    pub clients: PathBuf,
    /// The journal, a directory.
    pub log: PathBuf,
    /// Bytes that were paid for but have no name yet, a directory.
    pub kept: PathBuf,
    /// A lock for each run in progress, a directory.
    pub run: PathBuf,
    /// Permits and rate buckets shared between processes, a directory.
    pub limits: PathBuf,
    /// Pictures as they are sent, where they are not the files that were given, a directory.
    pub inputs: PathBuf,
    /// What can be made again, a directory.
    pub cache: PathBuf,
    /// What fingerprints of keys are salted with, a file (0600).
    pub salt: PathBuf,
}

impl Places {
    /// All of them below one directory.
    pub fn below(home: &Path) -> Places {
        Places::of(home, home, home.join("cache"))
    }

    /// The directories of which every file is pinx's own.
    pub fn directories(&self) -> [&Path; 6] {
        [&self.log, &self.kept, &self.run, &self.limits, &self.inputs, &self.cache]
    }

    /// By `PINX_HOME` (relative ones start at `cwd`), else as the platform does it.
    ///
    /// # Errors
    /// When there is neither `PINX_HOME` nor a home directory, or a file is in its place.
    pub fn find(env: &Env, cwd: &Path) -> Result<Places> {
        if let Some(home) = env.get("PINX_HOME") {
            let directory = cwd.join(home);
            // Also what it is to be made in may be a file.
            let there = directory.ancestors().find(|place| place.exists());
            if let Some(file) = there.filter(|place| !place.is_dir()) {
                let home = text::clean(home, 200);
                let what = match file == directory {
                    true => "which is a file".to_owned(),
                    false => format!("and `{}` is a file", file.display()),
                };
                return Err(Error::usage(format!("`PINX_HOME` is `{home}`, {what}"))
                    .hint("set it to a directory: settings, keys and the log are kept there"));
            }
            return Ok(Places::below(&directory));
        }
        let dirs = ProjectDirs::from("", "", "pinx").ok_or_else(|| {
            Error::usage("no home directory to keep settings and the log in")
                .hint("set `PINX_HOME` to a directory")
        })?;
        Ok(Places::of(dirs.config_dir(), dirs.data_dir(), dirs.cache_dir().to_owned()))
    }

    fn of(config: &Path, data: &Path, cache: PathBuf) -> Places {
        Places {
            config: config.join("config.toml"),
            credentials: config.join("credentials.toml"),
            clients: config.join("clients.json"),
            log: data.join("log"),
            kept: data.join("kept"),
            run: data.join("run"),
            limits: data.join("limits"),
            inputs: data.join("inputs"),
            salt: data.join("salt"),
            cache,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinx_home_moves_everything() {
        let env = Env::of([("PINX_HOME", "here")]);
        let places = Places::find(&env, Path::new("/w")).unwrap();
        let home = Path::new("/w/here");
        assert_eq!(places.config, home.join("config.toml"));
        assert_eq!(places.credentials, home.join("credentials.toml"));
        assert_eq!(places.clients, home.join("clients.json"));
        assert_eq!(places.cache, home.join("cache"));
        for place in [&places.log, &places.kept, &places.run, &places.limits, &places.salt] {
            assert_eq!(place.parent(), Some(home));
        }
    }
}
