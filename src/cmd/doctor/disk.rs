//! Places: whether files can be made there, and whether there is room for them.

use std::path::Path;

use super::{App, Check};
use crate::store::Output;
use crate::text::size;
use crate::ui::Mark;
use crate::{fs, settings};

/// Less free space than this is told: a few dozen large images, and the log must never be stopped.
const ROOM: u64 = 500 * 1024 * 1024;

/// A directory, and how bad it is when nothing can be written there.
struct Directory<'p> {
    name: &'static str,
    path: &'p Path,
    state: Mark,
    remedy: &'static str,
}

/// The directories that pinx writes to.
pub(super) fn disk(app: &App) -> Vec<Check> {
    let places = &app.settings.places;
    let log = app.log.directory();
    let data = log.parent().unwrap_or(log);
    let here = settings::env::current_dir().unwrap_or_default();
    let output = match Output::parse(&app.settings.output, Path::is_dir) {
        Output::Directory(directory) if directory == Path::new(".") => here,
        Output::Directory(directory) => here.join(directory),
        // A template begins where the command runs.
        Output::Template(_) | Output::Stdout => here,
        Output::File(file) => here.join(file).parent().map(Path::to_owned).unwrap_or(here),
    };
    let places = [
        Directory {
            name: "data",
            path: data,
            state: Mark::Fail,
            remedy: "make it writable, or set PINX_HOME to another directory; without the log \
                     nothing is paid for",
        },
        Directory {
            name: "cache",
            path: &places.cache,
            state: Mark::Warn,
            remedy: "make it writable, or set PINX_HOME to another directory",
        },
        Directory {
            name: "images",
            path: &output,
            state: Mark::Warn,
            remedy: "go elsewhere, name a directory with `-o DIR/`, or set one: \
                     `pinx config set output DIR/`",
        },
    ];
    places.iter().map(check).collect()
}

fn check(directory: &Directory<'_>) -> Check {
    let shown = directory.path.display();
    // Nothing is created for a look: what does not exist is as writable as what it will be made in.
    let there = directory.path.ancestors().find(|path| path.exists()).unwrap_or(directory.path);
    if let Err(error) = fs::probe_writable(there) {
        let text = format!("{shown} cannot be written: {error}");
        return Check::new(directory.state, directory.name, text).remedy(directory.remedy);
    }
    let Some(free) = fs::free_space(there) else {
        return Check::ok(directory.name, shown.to_string());
    };
    let check = Check::ok(directory.name, format!("{shown}, {} free", size(free)));
    let check = check.data("freeBytes", free);
    if free >= ROOM {
        return check;
    }
    let room = size(ROOM);
    check
        .state(Mark::Warn)
        .remedy(format!("make room there: with less than {room} images may not fit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_creates_nothing() {
        let home = tempfile::tempdir().unwrap();
        let deep = home.path().join("not/there/yet");
        let directory =
            Directory { name: "data", path: &deep, state: Mark::Fail, remedy: "make it" };
        assert_eq!(check(&directory).state, Mark::Ok);
        assert!(std::fs::read_dir(home.path()).unwrap().next().is_none());
    }
}
